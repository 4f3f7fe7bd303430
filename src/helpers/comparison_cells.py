"""Two reports, number by number: which cells of which tables moved by more than their rounding on a page.

A row is the same quantity in both when its key and its months are the same. A row whose months went on (*latest month*,
a window that is still open) is another month's quantity, and so is a row that only one report holds. A row of the same
months in another currency, or on another basis, is measured otherwise: there is no change to tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpers import spans
from helpers.columns import Column
from helpers.comparison_words import digits, unit_of
from helpers.published import Held, Report

ANEW, NEXT, OTHERWISE = "seen anew", "new month", "measured otherwise"
ONLY_BEFORE, ONLY_AFTER = "only before", "only after"
MONTHS = ("first_month", "last_month", "period")
MEASURES = ("currency", "basis", "view", "unit")  # where one differs, a number stands for something else
ASIDE = {*MONTHS, "inputs", "source", "source_id", "spec_id", "currency"}  # say where from, not how much
READINGS = {"verdict", "status", "shape"}
WINDOW_OF = {"reversal_easing": "W3"}  # tables that speak of one window without naming it
FACTS = "summary_facts"
FACT_COLUMNS = {"position", "slot", "table", "row", "column", "printed"}


@dataclass(frozen=True)
class Cell:
    """One cell that differs: where it stands, what stood there before and after, and what kind of change it is."""

    table: str
    key: dict[str, Any]
    column: Column
    kind: str
    span_before: str
    span_after: str
    before: Any
    after: Any
    rows: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]

    @property
    def row(self) -> Mapping[str, Any]:
        """The row of the later report, or of the earlier one where only that holds it."""
        return self.rows[1] or self.rows[0] or {}

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the rows say they rest on."""
        return tuple(str(row["inputs"]) for row in self.rows if row and row.get("inputs"))

    @property
    def units(self) -> tuple[str, str]:
        """The unit before and after, with the currency of each row."""
        before, after = (unit_of(self.column, row or self.row) for row in self.rows)
        return before, after

    @property
    def change(self) -> float | None:
        """After less before, for numbers of one measure; None for all else."""
        numbers = all(isinstance(value, (int, float)) for value in (self.before, self.after))
        flags = any(isinstance(value, bool) for value in (self.before, self.after))
        return self.after - self.before if numbers and not flags and self.kind != OTHERWISE else None


def facts_of(report: Report) -> dict[tuple[str, str, str], str]:
    """Return the cells that sentences of the summary quote, in their order, with what is printed of them."""
    if FACTS not in report.names or not FACT_COLUMNS <= set(report.table(FACTS).frame.columns):
        return {}
    facts = report.table(FACTS).frame.sort_values(["position", "slot"], kind="stable")
    found: dict[tuple[str, str, str], str] = {}
    for fact in facts.to_dict("records"):
        found.setdefault((fact["table"], as_text(json.loads(fact["row"])), fact["column"]), fact["printed"])
    return found


def as_text(key: Mapping[str, Any]) -> str:
    """Return a row's key as text, the same whatever the order of its columns."""
    return json.dumps({name: str(value) for name, value in key.items()}, sort_keys=True, ensure_ascii=False)


def moved(name: str, before: Report, after: Report) -> Iterator[Cell] | None:
    """Give the cells of a table that moved; None when its rows cannot be told apart in one of the reports."""
    old, new = before.table(name), after.table(name)
    if not old.key or old.key != new.key:
        return None
    return _moved(name, new.key, (old, new), (before.month, after.month))


def _moved(name: str, keys: tuple[str, ...], held: tuple[Held, Held], reports: tuple[str, str]) -> Iterator[Cell]:
    old, new = held
    rows_before, rows_after = _rows(old, keys), _rows(new, keys)
    described = {column.name: column for column in (*old.columns, *new.columns)}
    shared = [column for column in described.values() if column.name not in {*keys, *ASIDE}
              and column.name in old.frame and column.name in new.frame]  # fmt: skip
    for key in dict.fromkeys([*rows_after, *rows_before]):
        was, now = rows_before.get(key), rows_after.get(key)
        row = now or was
        told = {part: row[part] for part in keys}
        months = (_months(name, was, reports[0]), _months(name, now, reports[1]))
        if was and now:
            kind = _kind(was, now, months)
            for column in shared:
                pair = was[column.name], now[column.name]
                if _differs(*pair, column) and (kind != NEXT or column.name in READINGS or column.kind == "number"):
                    yield Cell(name, told, column, kind, *months, *pair, (was, now))
        elif old.whole and new.whole and (lead := _lead(row, shared)):
            pair = (None, now[lead.name]) if now else (was[lead.name], None)
            kind = ONLY_AFTER if now else ONLY_BEFORE
            yield Cell(name, told, lead, kind, *months, *pair, (was, now))


def _rows(held: Held, keys: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return rows by key, with None for what is missing."""
    frame = held.frame.astype("object").where(held.frame.notna(), None)
    records = frame.to_dict("records")
    return {tuple(row[part] for part in keys): row for row in records}


def _months(name: str, row: Mapping[str, Any] | None, month: str) -> str:
    """Return the months of a row's quantity in a report, as ``first..last``; empty when it has none."""
    if row is None:
        return ""
    if ends := [row[end] for end in ("first_month", "last_month") if row.get(end)]:
        return f"{ends[0]}..{ends[-1]}"
    window = row.get("window_id") or WINDOW_OF.get(name)
    if window in spans.WINDOWS and (span := spans.windows(month).get(window)):
        return "..".join(span)
    return str(row.get("period") or "")


def _kind(was: Mapping[str, Any], now: Mapping[str, Any], months: tuple[str, str]) -> str:
    if months[0] != months[1]:
        return NEXT
    return ANEW if all(was.get(name) == now.get(name) for name in MEASURES) else OTHERWISE


def _differs(was: Any, now: Any, column: Column) -> bool:
    """Tell whether two values differ; numbers, by more than half the last digit that a page shows."""
    if column.kind == "number" and was is not None and now is not None:
        return abs(now - was) > 0.5 * 10 ** -digits(column)
    return (was or None) != (now or None) if column.kind == "text" else was != now


def _lead(row: Mapping[str, Any], columns: list[Column]) -> Column | None:
    """Return the column that stands for a row only one report holds: its change, else its first number, else text."""
    filled = [column for column in columns if row[column.name] not in (None, "")]
    ranks = (
        lambda column: column.kind == "number" and ("change" in column.name or column.name.startswith("gap")),
        lambda column: column.name in READINGS,
        lambda column: column.kind == "number",
    )
    for rank in ranks:
        if found := next((column for column in filled if rank(column)), None):
            return found
    return next(iter(filled), None)
