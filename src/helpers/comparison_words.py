"""Numbers that moved from one report to the next, in words: what they are of, and how readers see them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helpers import partners, spans
from helpers.columns import Column
from helpers.headings import HEADINGS
from helpers.months import span_name
from helpers.numbers import MINUS, NOTHING
from helpers.tables import DESCRIBED

WHO = ("partner_code", "destination_code", "reporter_code")
READERS = {"NON_US": "everybody else", "OTHERS": "destinations that are not held", "WORLD": "the world",
           "US": "the United States", "EU": "the EU"}  # fmt: skip
YEAR = "on a year before"
QUANTITIES = {
    ("accounting_change", "value_usd_bn"): "China's exports to {who}",
    ("accounting_change", "change_usd_bn"): f"China's exports to {{who}} {YEAR}",
    ("accounting_change", "growth_pct"): "growth of China's exports to {who}",
    ("ceiling", "us_change_usd_bn"): f"exports to the US {YEAR}, count: {{side}}",
    ("ceiling", "non_us_change_usd_bn"): f"exports elsewhere {YEAR}, count: {{side}}",
    ("ceiling", "ceiling_pct"): "US loss over the rise elsewhere, count: {side}",
    ("ceiling", "above_pct"): "US loss over the rise elsewhere above that of the year before",
    ("two_sides", "exporter_change_usd_bn"): f"China's exports to {{who}} {YEAR}",
    ("two_sides", "importer_change_usd_bn"): f"imports of {{who}} from China {YEAR}",
    ("two_sides", "importer_later_change_usd_bn"): f"imports of {{who}} from China {YEAR}, a month later",
    ("excess", "gap_bn"): "excess of {who} ({form})",
    ("excess_ratios", "ratio"): "excess of {who} per dollar lost in the US ({form})",
    ("claims_checked", "verdict"): "verdict on claim {claim_id}: {claim}",
    ("excess", "low_bn"): "excess of {who} ({form}), 95 % interval",
    ("excess", "gap_low_bn"): "excess of {who} ({form}), forms as good",
    ("rise_by_destination", "change_low_usd_bn"): "rise of exports to {who}",
    ("growth_by_window", "growth_pct"): "growth to {who}",
}
# Two ends that are told as one quantity, under the name of the lower.
ENDS = (("change_low_usd_bn", "change_high_usd_bn"), ("gap_low_bn", "gap_high_bn"), ("low_bn", "high_bn"))
# What two tables count alike has one name, whichever is asked.
_SAME = {
    ("ceiling", "us_change_usd_bn"): ("accounting_change", "change_usd_bn", "US"),
    ("ceiling", "non_us_change_usd_bn"): ("accounting_change", "change_usd_bn", "NON_US"),
}
UNIT_DIGITS = (  # digits after the point by the first that begins the unit, where no page shows the column
    ("percent per percent", 2), ("percent", 1), ("billion", 1), ("usd", 1), ("million", 0), ("count", 0),
    ("probability", 3), ("share", 3), ("cents", 1), ("log points", 0),
)  # fmt: skip
USUAL_DIGITS = 2


def digits(column: Column) -> int:
    """Return how many digits after the point a page shows of a column."""
    if column.kind == "integer":
        return 0
    spec = HEADINGS.get(column.name, ("", ""))[1]
    if found := re.search(r"\.(\d)f$", spec):
        return int(found[1])
    unit = column.unit.lower()
    return next((count for start, count in UNIT_DIGITS if unit.startswith(start)), USUAL_DIGITS)


def unit_of(column: Column, row: Mapping[str, Any]) -> str:
    """Return a column's unit, with the currency of the row where the unit leaves it open."""
    return column.unit.replace("of currency", str(row.get("currency") or "of currency"))


def shown(value: Any, column: Column, unit: str) -> str:
    """Return a value as readers see it, with its unit; a change carries its sign."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)):
        return str(value) or NOTHING
    sign = "+" if HEADINGS.get(column.name, ("", ""))[1].startswith("+") else ""
    text = f"{value:{sign},.{digits(column)}f}"
    text = text if re.search("[1-9]", text) else text.lstrip("+-")
    unit = {"percent": "%", "ratio": "", "count": ""}.get(unit, unit)
    return f"{text.replace('-', MINUS)} {unit}".rstrip()


def ends_of(table: str, column: Column) -> tuple[str, str] | None:
    """Return the columns of the two ends of a range, if the column is one and the table has words for it."""
    return next((ends for ends in ENDS if column.name in ends and (table, ends[0]) in QUANTITIES), None)


def shown_range(row: Mapping[str, Any] | None, ends: tuple[str, str], column: Column, unit: str) -> str:
    """Return both ends of a range as readers see them."""
    low, high = (row.get(end) if row else None for end in ends)
    if low is None or high is None:
        return NOTHING
    return f"{shown(low, column, '')} to {shown(high, column, unit)}"


def quantity(table: str, column: Column, row: Mapping[str, Any]) -> str:
    """Return what a cell is of, in words, without its span."""
    ends = ends_of(table, column)
    named, who = (table, ends[0] if ends else column.name), next((str(row[name]) for name in WHO if row.get(name)), "")
    if named in _SAME and row.get("side") == "exporter":
        *named, who = _SAME[named]
    if template := QUANTITIES.get(tuple(named)):
        return template.format(**{**row, "who": name_of(who)})
    key = [f"{row[name]}" for name in DESCRIBED[table].key if name in row and name not in (*WHO, "span", "window_id")]
    return f"{', '.join([table.replace('_', ' '), *([name_of(who)] if who else []), *key])}: {column.meaning}"


def name_of(code: str) -> str:
    """Return a partner's name inside a sentence; a code nobody knows stays as it is."""
    try:
        return READERS.get(code) or partners.name_of(code)
    except KeyError:
        return code


def months_of(span: str) -> str:
    """Return ``"2025-04..2025-11"`` as ``"April to November 2025"``; other spans stay as they are."""
    found = re.fullmatch(r"(\d{4}-\d\d)(?:\.\.(\d{4}-\d\d))?", span)
    return span_name(found[1], found[2] or found[1]) if found else span


def span_words(row: Mapping[str, Any], span: str, *, moves: bool) -> str:
    """Return the span of a quantity: its months, or the name that stays when its months ``moves`` on."""
    name = str(row.get("span") or row.get("window_id") or "")
    if not moves:
        return months_of(span)
    return f"{spans.WINDOW_NAMES[name]} ({name})" if name in spans.WINDOW_NAMES else name
