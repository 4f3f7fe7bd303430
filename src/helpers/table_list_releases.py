"""The tables of partial releases: what a row is, every column's kind, unit and meaning."""

from __future__ import annotations

from helpers.columns import Table, flag, integer, number, text
from helpers.table_list_accounts import GRADE, INPUTS, PARTNER, PERIOD

_MONEY = "USD billion"
_PIECE = (
    text("piece", "the printed cell and what is printed of it"),
    text("kind", "level, yoy, mom or quarter"),
    PERIOD,
    text("period_kind", "month, jan_feb, ytd, quarter or year"),
    text("currency", "ISO code"),
    number("printed", "the figure as printed", "as the column unit says"),
    number("half_unit", "half the last printed digit", "as the column unit says"),
    text("unit", "unit of the printed figure"),
    text("vintage", "first_print, interim, bulletin or revised"),
    GRADE,
    text("source_id", "raw file and source key"),
    integer("line", "line in the raw file (header is 1); empty for a sum of lines", optional=True),
    text("used_as", "used, loosened (its cell has prints that differ, and all are kept) or left out"),
    number("allowed_low", "the least that pieces of other cells allow", "USD billion, or percent of growth in dollars",
           optional=True),
    number("allowed_high", "the most that pieces of other cells allow", "USD billion, or percent of growth in dollars",
           optional=True),
)  # fmt: skip

RELEASES: tuple[Table, ...] = (
    Table(
        "release_pieces", "one printed piece of China's exports to one partner", "01_clean_customs",
        ("partner_code", "piece"),
        (
            PARTNER,
            *_PIECE,
            integer("places", "places that print it", "count"),
            integer("strength", "order of the evidence, 1 the strongest", "rank"),
            number("low", "least value that rounds to it", "USD billion, or a factor for a rate"),
            number("high", "largest value that rounds to it", "USD billion, or a factor for a rate"),
            number("used_low", "least value used", "USD billion, or a factor for a rate", optional=True),
            number("used_high", "largest value used", "USD billion, or a factor for a rate", optional=True),
        ),
    ),
    Table(
        "release_conflicts", "one piece of a smallest set of pieces that cannot all be true", "01_clean_customs",
        ("partner_code", "conflict", "piece"),
        (PARTNER, integer("conflict", "number of the set, the latest first", "rank"), *_PIECE),
    ),
    Table(
        "exports_path", "bounds of one month of China's exports to one partner", "01_clean_customs",
        ("partner_code", "period"),
        (
            PARTNER,
            PERIOD,
            number("low_usd_bn", "least value that all printed pieces allow", _MONEY),
            number("high_usd_bn", "largest value that all printed pieces allow", _MONEY),
            number("low_assumed_usd_bn", "the same with the assumed share of a month in its quarter", _MONEY),
            number("high_assumed_usd_bn", "the same with the assumed share of a month in its quarter", _MONEY),
            number("half_width_pct", "half the distance of the bounds with the share, over their middle", "percent"),
            number("path_usd_bn", "smoothest path inside the bounds, for accounts only; missing where open", _MONEY,
                   optional=True),
            flag("is_open", "open by more than 10 % either way even with the share"),
            flag("is_assumed", "open as printed, closed by the assumed share"),
            flag("is_reconstructed", "no level of this very month is printed"),
            integer("pieces", "printed pieces that prove the bounds", "count"),
            text("inputs", "those pieces", optional=True),
        ),
    ),
    Table(
        "release_changes", "the change of one span as all pieces together bound it", "02_account_for_change",
        ("partner_code", "span"),
        (
            PARTNER,
            text("span", "name of the span"),
            text("first_month", "first month"),
            text("last_month", "last month"),
            number("change_low_usd_bn", "least change on the same months a year before", _MONEY),
            number("change_high_usd_bn", "largest change", _MONEY),
            number("growth_low_pct", "least growth", "percent", optional=True),
            number("growth_high_pct", "largest growth; missing where the year before may be nothing", "percent",
                   optional=True),
            integer("months_open", "months of the span that are open as printed", "count"),
            text("open_months", "which", optional=True),
            text("open_before", "months open as printed a year before", optional=True),
            number("open_low_usd_bn", "least sum of the open months", _MONEY, optional=True),
            number("open_high_usd_bn", "largest sum of the open months", _MONEY, optional=True),
            INPUTS,
        ),
    ),
)  # fmt: skip
