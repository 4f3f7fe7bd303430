"""The tables of vintages: what a row is, every column's kind, unit and meaning."""

from __future__ import annotations

from helpers.columns import Table, flag, integer, number, text

_MONEY = "USD billion"


def vintage_tables(cell: tuple, cell_key: tuple[str, ...]) -> tuple[Table, ...]:
    """Return the tables, given the columns that identify a customs cell."""
    return (
        Table(
            "customs_revisions", "one print of a cell that was printed more than once", "01_clean_customs",
            (*cell_key, "vintage", "vintage_day"),
            (
                *cell,
                text("vintage", "first_print, interim, bulletin or revised"),
                text("vintage_day", "day on which it was read"),
                integer("print_number", "1 for the earliest print in the ledger"),
                number("value_mn", "value", "million of currency"),
                number("abs_error_mn", "half the last printed digit", "million of currency"),
                number("revision_pct", "against the print before", "percent", optional=True),
                flag("is_beyond_rounding", "differs from the print before by more than both roundings"),
                text("source_id", "raw file and source key"),
            ),
        ),
        Table(
            "headline_survival", "one headline number on the figures of two vintages", "08_look_back_and_ahead",
            ("what", "destination_code", "form", "window_id"),
            (
                text("what", "change on a year before, or excess"),
                text("destination_code", "destination; src/helpers/partners.py names it"),
                text("form", "as counted, plain or share"),
                text("window_id", "W1 door shut, W2 truce, W3 reopening"),
                number("then_bn", "on the figures of the vintage before", _MONEY, optional=True),
                number("then_low_bn", "its 95 % interval, lower end", _MONEY, optional=True),
                number("then_high_bn", "its 95 % interval, upper end", _MONEY, optional=True),
                number("now_bn", "on the figures of today, for the same month", _MONEY, optional=True),
                number("now_low_bn", "its 95 % interval, lower end", _MONEY, optional=True),
                number("now_high_bn", "its 95 % interval, upper end", _MONEY, optional=True),
                number("moved_bn", "the one less the other", _MONEY, optional=True),
                text("verdict", "stands, or what changed"),
            ),
        ),
    )  # fmt: skip
