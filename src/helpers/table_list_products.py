"""The tables of the pages on products: what a row is, every column's kind, unit and meaning."""

from __future__ import annotations

from helpers.columns import Table, integer, number, text

_REASON = text("reason", "why a figure is missing; empty when none is", optional=True)

PRODUCTS: tuple[Table, ...] = (
    Table(
        "solar_prices", "value, price and quantity of China's solar exports to one destination against a year before",
        "04_compare_products", ("destination_code", "span", "goods", "unit"),
        (
            text("destination_code", "country, bloc, region or member; src/helpers/quantities.py says which overlap"),
            text("span", "a window cut where the figures end, or year 2024 as a yardstick"),
            text("first_month", "first month compared"), text("last_month", "last month compared"),
            text("goods", "all: panels, cells and wafers matched by code; or panels"),
            text("unit", "kg or items: what a unit value is taken of"),
            number("value_usd", "exports, FOB, matched or not", "USD"),
            number("value_before_usd", "the same in the same months a year before", "USD"),
            number("all_value_log_pct", "change of that value", "log points", optional=True),
            integer("products", "codes that are matched", "count"),
            integer("dropped", "codes left out because their unit value moved by more than a factor of three", "count"),
            number("matched_share_pct", "share of the value that is matched, the lower of the two years", "percent"),
            number("value_log_pct", "change of the matched value", "log points", optional=True),
            number("price_log_pct", "of it price: Törnqvist index", "log points", optional=True),
            number("quantity_log_pct", "of it quantity: what the price leaves", "log points", optional=True),
            number("fisher_price_log_pct", "Fisher price index", "log points", optional=True),
            number("fisher_quantity_log_pct", "Fisher quantity index", "log points", optional=True),
            number("common_log_pct", "of the price: change of the same codes in the other destinations outside the US",
                   "log points", optional=True),
            number("specific_log_pct", "of the price: what is the destination's own", "log points", optional=True),
            number("specific_low_log_pct", "lowest own part with any one of the others left out", "log points",
                   optional=True),
            number("specific_high_log_pct", "highest own part with any one of the others left out", "log points",
                   optional=True),
            number("common_share_pct", "share of the others' value that has an index", "percent"),
            number("earlier_p95_log_pct", "size that 95 of 100 earlier own parts of all destinations stayed within",
                   "log points", optional=True),
            number("earlier_since_break_p95_log_pct", "the same from the years since the codes changed", "log points",
                   optional=True),
            integer("earlier_windows", "earlier spans of as many months", "count"),
            integer("windows_apart", "of these, spans without a common month", "count"),
            integer("own_windows", "earlier spans in which the destination has an own part", "count"),
            integer("own_as_large", "of these, with an own part at least as large", "count", optional=True),
            text("reading", "within earlier changes, beyond most, depends on the years taken, no index, the whole"),
            _REASON,
        ),
    ),
)  # fmt: skip
