"""What moved between two published reports: their inputs, their sentences, and every number by how much.

What the summary quotes comes first, then the tables it is drawn from, then, if asked for, every other table. Numbers
count as moved when they differ by more than half the last digit that a page shows.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import comparison_cells as cells
from helpers import published
from helpers.comparison_causes import Causes
from helpers.comparison_cells import ANEW, NEXT, ONLY_AFTER, OTHERWISE, READINGS, Cell
from helpers.comparison_words import ends_of, months_of, quantity, shown, shown_range, span_words
from helpers.published import Report

HEADLINES = (
    "accounting_change", "ceiling", "two_sides", "excess", "excess_ratios", "claims_checked", "headline_survival",
    "rise_by_destination", "growth_by_window",
)  # fmt: skip
SENTENCES, FIRST_SCREEN = "summary_sentences", "short: "  # how the rules of the first screen begin
TOLD_ELSEWHERE = {SENTENCES, cells.FACTS}  # as sentences, and by the cells they quote
COLUMNS = ("table", "key", "column", "unit", "kind", "span_before", "span_after", "before", "after", "change",
           "quoted", "quantity", "why")  # fmt: skip
MOST, MOST_ANEW, MOST_READINGS = 8, 5, 2
# What a reader of the next month looks for: table, key, column; W? is the newest window.
NEWS = (
    ("accounting_change", {"span": "latest month", "partner_code": "US"}, "growth_pct"),
    ("accounting_change", {"span": "latest month", "partner_code": "NON_US"}, "growth_pct"),
    ("accounting_change", {"span": "year so far", "partner_code": "US"}, "change_usd_bn"),
    ("accounting_change", {"span": "year so far", "partner_code": "NON_US"}, "change_usd_bn"),
    ("two_sides", {"reporter_code": "US", "span": "W3"}, "importer_change_usd_bn"),
    ("ceiling", {"span": "W3", "side": "most favourable"}, "ceiling_pct"),
    ("excess", {"destination_code": "US", "form": "plain", "window_id": "W3"}, "gap_bn"),
    ("excess", {"destination_code": "AU", "form": "plain", "window_id": "W3"}, "gap_bn"),
    ("growth_by_window", {"destination_code": "ASEAN", "window_id": "W3"}, "growth_pct"),
    ("growth_by_window", {"destination_code": "EU", "window_id": "W3"}, "growth_pct"),
)


@dataclass(frozen=True)
class Comparison:
    """Two reports side by side.

    Attributes
    ----------
    before, after
        The reports.
    causes
        What they were made from, where that differs.
    sentences
        What the summary no longer says and what it says now: ``position`` of the statement and its ``place`` in
        words, ``before``, ``after``.
    cells
        The cells that moved, the most important first.
    quoted
        The cells that a sentence of either summary quotes, in their order, with what is printed before and after.
    not_compared
        Tables whose rows cannot be told apart in one of the reports.
    """

    before: Report
    after: Report
    causes: Causes
    sentences: list[dict[str, Any]]
    cells: list[Cell]
    quoted: dict[tuple[str, str, str], tuple[str, str]]
    not_compared: list[str]

    def is_quoted(self, cell: Cell) -> bool:
        """Tell whether a sentence of either summary quotes the cell."""
        return _name(cell) in self.quoted

    def is_read_anew(self, cell: Cell) -> bool:
        """Tell whether a sentence prints another number for the same quantity."""
        before, after = self.quoted.get(_name(cell), ("", ""))
        numbers = cell.column.kind != "text" and None not in (cell.before, cell.after)
        return cell.kind in (ANEW, OTHERWISE) and numbers and before != after

    def why(self, cell: Cell) -> str:
        """Return what can have moved a cell."""
        if cell.kind == OTHERWISE:
            return ": ".join(told for told in (OTHERWISE, self.causes.of_new_month()) if told)
        return self.causes.of(*cell.inputs) if cell.kind == ANEW else self.causes.of_new_month()

    def rows(self) -> list[dict[str, Any]]:
        """Return one row of :data:`COLUMNS` for each cell that moved."""
        return [
            dict(zip(COLUMNS, (
                cell.table, cell.key, cell.column.name, cell.units[1], cell.kind, cell.span_before, cell.span_after,
                cell.before, cell.after, cell.change, self.is_quoted(cell),
                quantity(cell.table, cell.column, cell.row), self.why(cell),
            ), strict=True))
            for cell in self.cells
        ]  # fmt: skip

    @property
    def moved(self) -> pd.DataFrame:
        """The cells that moved as a frame whose columns are :data:`COLUMNS`."""
        rows = self.rows()
        return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype="object") for name in COLUMNS})


def compare(before: Path, after: Path, *, every: bool = False, stamp: dict[str, Any] | None = None) -> Comparison:
    """Compare two reports.

    Parameters
    ----------
    before, after
        Folders of reports.
    every
        Whether every table is compared, not only what the summary rests on.
    stamp
        Stands in for the record of ``after`` where that has not been written yet.

    Raises
    ------
    Refusal
        If a folder holds no report, or one that cannot be read.
    """
    old, new = published.read(before), published.read(after, stamp)
    was, now = cells.facts_of(old), cells.facts_of(new)
    quoted = {name: (was.get(name, ""), now.get(name, "")) for name in {**now, **was}}
    places = {name: place for place, name in enumerate(quoted)}
    both = [name for name in new.names if name in old.names and name not in TOLD_ELSEWHERE]
    wanted = {*HEADLINES, *(table for table, *_ in quoted)}
    order = [*(name for name in HEADLINES if name in both), *(name for name in both if name not in HEADLINES)]
    found, not_compared = [], []
    for name in order:
        if not every and name not in wanted:
            continue
        if (told := cells.moved(name, old, new)) is None:
            not_compared.append(name)
            continue
        found += [cell for cell in told if every or name in HEADLINES or _name(cell) in quoted]
    found.sort(key=lambda cell: (places.get(_name(cell), len(places)), order.index(cell.table), cell.kind != ANEW))
    return Comparison(old, new, Causes(old, new), _sentences(old, new), found, quoted, not_compared)


def since_last(
    folder_of_previous: Path, folder_of_this: Path, stamp: dict[str, Any] | None = None
) -> list[dict[str, str]]:
    """Return what changed since the last report, for a short section of the page.

    Parameters
    ----------
    folder_of_previous, folder_of_this
        Folders of the two reports.
    stamp
        Stands in for ``run.json`` of this report while that has not been written.

    Returns
    -------
    list of dict
        At most eight rows, the most important first: ``quantity`` in words, ``before`` and ``after`` as readers see
        them, and ``why`` (data, code, packages, parameters, new month,
        measured otherwise; several are joined by *or*).
    """
    found = compare(folder_of_previous, folder_of_this, stamp=stamp)
    read_anew = _once([cell for cell in found.cells if found.is_read_anew(cell)])
    readings = [cell for cell in found.cells if cell.kind == ANEW and cell.column.name in READINGS]
    by_name = {_name(cell): cell for cell in found.cells if cell.kind in (NEXT, ONLY_AFTER)}
    news = [by_name[name] for table, key, column in NEWS if (name := (table, cells.as_text(key), column)) in by_name]
    chosen = [*read_anew[:MOST_ANEW], *readings[:MOST_READINGS], *news, *read_anew[MOST_ANEW:]]
    return [_told(found, cell) for cell in _once(chosen)[:MOST]]


def _once(chosen: list[Cell]) -> list[Cell]:
    """Return cells whose quantities differ in words and months; what two tables count alike is told once."""
    first: dict[tuple[str, str], Cell] = {}
    for cell in chosen:
        first.setdefault((quantity(cell.table, cell.column, cell.row), cell.span_after), cell)
    return list(first.values())


def _told(found: Comparison, cell: Cell) -> dict[str, str]:
    """Return a cell as readers are told of it; where its months went on, each value names its own."""
    moves = cell.kind not in (ANEW, OTHERWISE)
    span = span_words(cell.row, cell.span_after or cell.span_before, moves=moves)
    what = quantity(cell.table, cell.column, cell.row)
    ends = ends_of(cell.table, cell.column)
    before, after = (
        (shown_range(row, ends, cell.column, unit) if ends else shown(value, cell.column, unit))
        + (f" ({months_of(months)})" if moves and months else "")
        for row, value, unit, months in zip(
            cell.rows, (cell.before, cell.after), cell.units, (cell.span_before, cell.span_after), strict=True
        )
    )
    words = f"{what}, {span}" if span else what
    return {"quantity": words[:1].upper() + words[1:], "before": before, "after": after, "why": found.why(cell)}


def _name(cell: Cell) -> tuple[str, str, str]:
    return cell.table, cells.as_text(cell.key), cell.column.name


def _sentences(old: Report, new: Report) -> list[dict[str, Any]]:
    """Return the sentences that the two summaries do not share, wherever they stand, in the order of the newer one."""
    was, now = _statements(old), _statements(new)
    before, after = ([text for *_, text in told] for told in (was, now))
    found = []
    for step, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone = [text for text in before[a:b] if text not in after]
        come = [text for text in after[c:d] if text not in before]
        if step != "equal" and (gone or come):
            position, place, _ = now[c] if come else was[a]
            found.append({"position": position, "place": place, "before": gone, "after": come})
    return found


def _statements(report: Report) -> list[tuple[int, str, str]]:
    """Return the sentences of a summary, each with the number of its statement and where readers find it."""
    frame = report.table(SENTENCES).frame if SENTENCES in report.names else pd.DataFrame()
    if not {"position", "text"} <= set(frame.columns):  # an older form of the table
        return []
    rules = frame["rule"] if "rule" in frame.columns else pd.Series("", frame.index)
    short = rules.fillna("").str.startswith(FIRST_SCREEN)
    first = frame["position"].where(short).min()
    places = [f"first screen, sentence {int(n - first) + 1}" if is_short else f"statement {n}"
              for n, is_short in zip(frame["position"], short, strict=True)]  # fmt: skip
    texts = zip(frame["position"], places, frame["text"], strict=True)
    return [(int(n), place, part) for n, place, text in texts for part in re.split(r"(?<=[.!?]) (?=[A-Z0-9])", text)]
