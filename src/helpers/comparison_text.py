"""A comparison of two reports as a terminal and a program see it."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Protocol

from helpers.comparison import Comparison
from helpers.comparison_cells import ANEW, MEASURES, NEXT, ONLY_AFTER, ONLY_BEFORE, OTHERWISE, Cell
from helpers.comparison_cells import as_text as as_text_of
from helpers.comparison_words import months_of, shown
from helpers.months import month_name, short_span
from helpers.numbers import MINUS
from helpers.published import Report

GROUPS = (
    (ANEW, "The same quantity, seen anew"),
    (OTHERWISE, "The same quantity, measured otherwise (another basis or currency)"),
    (NEXT, "A new month's quantity, beside that of the first report"),
    (ONLY_AFTER, "Only in the second report"),
    (ONLY_BEFORE, "Only in the first report"),
)
HEAD = ("table", "row", "column", "before", "after", "change", "why")
LEFT = 3  # columns that stand left; numbers stand right
WIDEST, MOST_FIGURES = 48, 12


class Parted(Protocol):
    """Moves in two parts, and what stands behind either (``attribution.py``)."""

    causes: tuple[str, str]

    def parts(self, cell: Cell) -> tuple[float | None, float | None]:
        """Return both parts of a cell's move."""


def as_text(found: Comparison, split: Parted | None = None) -> str:
    """Return a comparison in lines: inputs, sentences, numbers, each with the parts of its move if they are known."""
    parts = [f"{_title(found.before)}\n{_title(found.after)}", "\n".join(_inputs(found)), "\n".join(_sentences(found))]
    for kind, title in GROUPS:
        if chosen := [cell for cell in found.cells if cell.kind == kind]:
            if kind == OTHERWISE:  # what it is measured by now stands before its numbers
                first = {(cell.table, as_text_of(cell.key)): place for place, cell in reversed([*enumerate(chosen)])}
                chosen.sort(
                    key=lambda cell: (first[cell.table, as_text_of(cell.key)], cell.column.name not in MEASURES)
                )
            parts.append("\n".join([f"{title} ({len(chosen)})", *_table(found, chosen, split)]))
    if any(found.is_quoted(cell) for cell in found.cells):
        parts.append("* a sentence of the summary quotes it")
    if not found.cells:
        parts.append("No number moved beyond rounding")
    if found.not_compared:
        parts.append(f"Not compared, their rows cannot be told apart in both: {', '.join(found.not_compared)}")
    return "\n\n".join(part for part in parts if part)


def as_json(found: Comparison, split: Parted | None = None) -> str:
    """Return a comparison as JSON: the same content, numbers unrounded; parts of a move as ``by``."""
    causes = found.causes
    content = {
        **{name: {"month": report.month, "stamp": report.record["stamp"]}
           for name, report in (("before", found.before), ("after", found.after))},
        "inputs": {
            "code": causes.code, "lock": causes.lock, "packages": causes.packages, "parameters": causes.parameters,
            "files": causes.files,
        },
        "sentences": found.sentences,
        "moved": [
            {name: _plain(value) for name, value in row.items()}
            | ({"by": dict(zip(split.causes, split.parts(cell), strict=True))} if split else {})
            for row, cell in zip(found.rows(), found.cells, strict=True)
        ],
        "not_compared": found.not_compared,
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    """Return a value that JSON can say; an infinite number it cannot."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _title(report: Report) -> str:
    return f"{month_name(report.month)}, stamp {report.record['stamp']}"


def _inputs(found: Comparison) -> list[str]:
    """Say what the two were made from, as far as it differs."""
    causes = found.causes
    if not causes.named() and not causes.parameters:
        return ["Inputs: the same"]
    lines = ["Inputs that differ"]
    if causes.months[0] != causes.months[1]:
        lines.append(f"  month: {causes.months[0]} → {causes.months[1]}")
    lines += [f"  parameter {name}: {_said(was)} → {_said(now)}" for name, (was, now) in causes.parameters.items()]
    lines += [f"  code: {report}" for report in [_codes(found)] if causes.code]
    lines += [f"  package {name}: {_said(was)} → {_said(now)}" for name, (was, now) in causes.packages.items()]
    if causes.lock and not causes.packages:
        lines.append("  packages: the lock differs, none of those named in run.json")
    for file in causes.files:
        days = dict.fromkeys(day for day in (file["read_before"], file["read_after"]) if day)
        same = ", the same day" if file["what"] == "changed" and len(days) == 1 else ""
        lines.append(f"  raw file {file['what']}: {file['file']} ({file['producer']}, read {' → '.join(days)}{same})")
    return lines + _figures(causes.figures())


def _figures(figures: list[tuple[str, float, float]]) -> list[str]:
    """Say which customs figures stand otherwise in the second report."""
    told = [f"  figure {what}: {was:,.10g} → {now:,.10g}" for what, was, now in figures[:MOST_FIGURES]]
    left = len(figures) - len(told)
    return told + ([f"  and {left} figures more: --all lists them under customs_monthly and its like"] if left else [])


def _codes(found: Comparison) -> str:
    return " → ".join(report.record["code"][:12] for report in (found.before, found.after))


def _said(value: Any) -> str:
    return "not there" if value is None else str(value) or "empty"


def _sentences(found: Comparison) -> list[str]:
    """Say which sentences of the summary went and came."""
    if not found.sentences:
        return ["The summary says the same"]
    lines = ["Sentences that changed"]
    for statement in found.sentences:
        lines.append(f"  {statement['place']}")
        lines += [f"  - {text}" for text in statement["before"]]
        lines += [f"  + {text}" for text in statement["after"]]
    return lines


def _table(found: Comparison, chosen: list[Cell], split: Parted | None) -> list[str]:
    """Set cells in columns; a star marks what the summary quotes."""
    rows = [HEAD, *(_row(found, cell) for cell in chosen)]
    if split:
        parts = [(f"by {cause}" for cause in split.causes), *(map(_moved_by, split.parts(cell)) for cell in chosen)]
        rows = [(*row[:-1], *both) for row, both in zip(rows, parts, strict=True)]
    last = None if split else len(HEAD) - 1  # of words, not numbers
    widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(len(rows[0]))]
    return [
        "  " + "  ".join(
            text.ljust(width) if place < LEFT or place == last else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]  # fmt: skip


def _row(found: Comparison, cell: Cell) -> tuple[str, ...]:
    moves = cell.span_before != cell.span_after
    key = " ".join(str(value) for value in cell.key.values())
    if cell.kind in (ANEW, OTHERWISE) and cell.span_after and cell.span_after not in key:
        key += f" ({months_of(cell.span_after)})"
    values = [
        _cut(shown(value, cell.column, "") + (f" ({_short(months)})" if moves and months else ""))
        for value, months in ((cell.before, cell.span_before), (cell.after, cell.span_after))
    ]
    change = _moved_by(cell.change)
    mark = "*" if found.is_quoted(cell) else ""
    return cell.table, _cut(key), f"{cell.column.name}{mark}", *values, change, found.why(cell)


def _moved_by(change: float | None) -> str:
    text = "" if change is None else f"{change:+,.2f}"
    return (text if re.search("[1-9]", text) else text.lstrip("+-")).replace("-", MINUS)


def _short(span: str) -> str:
    """Return the months of a quantity with little room."""
    first, _, last = span.partition("..")
    return short_span(first, last) if last else span


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
