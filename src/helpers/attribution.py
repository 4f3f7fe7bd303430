"""A move between two reports in two parts: what the code moved, and what figures, month and parameters moved.

Where both differ, the records alone cannot tell which it was. So a third report is made that stands between the two:
from the inputs of the one, by the code of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers import comparison_causes, reexecution
from helpers.comparison import Comparison
from helpers.comparison_cells import Cell, as_text
from helpers.published import Report
from helpers.reexecution import Bench
from helpers.refusals import Refusal

CODE, INPUTS = "code", "inputs"
WAY_OUT = (
    "make the first report's month again from today's figures and parameters, beside a copy of the first: what the two "
    "copies of one month differ by is not the month (docs/how-to/find-why-a-number-changed.md)"
)


@dataclass(frozen=True)
class Split:
    """The parts of every move.

    Attributes
    ----------
    causes
        What the code stands for (``code``, ``code or packages``), and what the inputs stand for.
    made
        What was made to tell them apart, in words.
    values
        What the report between holds, by table, key and column; None where it has no such cell.
    first
        What moved on the way from the first report to the one between: :data:`CODE` or :data:`INPUTS`.
    """

    causes: tuple[str, str]
    made: str
    values: dict[tuple[str, str, str], Any]
    first: str

    def between(self, cell: Cell) -> Any:
        """Return what the report between holds of a cell."""
        return self.values.get((cell.table, as_text(cell.key), cell.column.name))

    def parts(self, cell: Cell) -> tuple[float | None, float | None]:
        """Return what the code and what the inputs moved a cell by; None where that is no number."""
        if cell.change is None or not isinstance(middle := self.between(cell), (int, float)):
            return None, None
        steps = middle - cell.before, cell.after - middle
        return steps if self.first == CODE else (steps[1], steps[0])


def split(found: Comparison) -> Split:
    """Tell the two parts of every move apart.

    Raises
    ------
    Refusal
        If there is nothing to tell apart (exit code 2), or neither way can be gone here (exit code 4).
    """
    causes = found.causes.named()
    by_code = [name for name in (comparison_causes.CODE, comparison_causes.PACKAGES) if name in causes]
    by_inputs = [name for name in causes if name not in by_code]
    if not by_code or not by_inputs:
        raise Refusal(
            f"only {' and '.join(by_code or by_inputs) or 'nothing'} differs between the two",
            expected="reports that differ in code and in what they were made from",
            remedy=WAY_OUT if len(by_inputs) > 1 else "leave --attribute out: the cause is known", exit_code=2,
        )  # fmt: skip
    reasons = []
    for inputs, code, first in ((found.before, found.after, CODE), (found.after, found.before, INPUTS)):
        with reexecution.bench() as bench:
            try:
                middle = _made(bench, inputs, code)
            except _NoWay as reason:
                reasons.append(f"inputs of {_name(inputs)} with the code of {_name(code)}: {reason}")
                continue
            made = f"the inputs of {_name(inputs)} with the code of {_name(code)}"
            return Split((" or ".join(by_code), " or ".join(by_inputs)), made, _values(middle, found.cells), first)
    raise Refusal(
        "the move cannot be split here\n  " + "\n  ".join(reasons), expected="the code of one report, in this checkout "
        "or as a commit without further changes, and every raw file of the other",
        remedy="bring back what is missing, or compare without --attribute", exit_code=4,
    )  # fmt: skip


class _NoWay(Exception):
    """What is missing for one of the two ways."""


def _made(bench: Bench, inputs: Report, code: Report) -> Report:
    """Make the report between; nothing runs if something is missing for it."""
    about = _lay_code(bench, code)
    figures = reexecution.take_figures(bench, inputs.record)
    if lost := [*figures.missing, *figures.changed]:
        raise _NoWay(f"raw files are missing or changed: {', '.join(lost)}")
    return reexecution.run(bench, inputs.record["parameters"], about["usual"])


def _lay_code(bench: Bench, report: Report) -> dict[str, Any]:
    """Put the code of a report onto the bench: that of this checkout if it is the same, else its commit."""
    reexecution.take_code(bench)
    if (about := reexecution.about(bench))["lock"] != report.record["lock"]:
        raise _NoWay("its lock is not that of this environment")
    if about["code"] == report.record["code"]:
        return about
    name, _, changes = str(report.record.get("commit") or "").partition("+")
    if not name or changes:
        raise _NoWay("its code is not that of this checkout, and no commit holds it")
    reexecution.clear(bench)
    try:
        reexecution.take_commit(bench, name)
    except Refusal as refusal:
        raise _NoWay(str(refusal).splitlines()[0]) from refusal
    if (about := reexecution.about(bench))["code"] != report.record["code"]:
        raise _NoWay(f"commit {name[:12]} is not the code it was made with")
    return about


def _values(middle: Report, cells: list[Cell]) -> dict[tuple[str, str, str], Any]:
    """Return what the report between holds of the cells that moved."""
    found: dict[tuple[str, str, str], Any] = {}
    for table in {cell.table for cell in cells} & set(middle.names):
        held = middle.table(table)
        rows = {as_text({part: row[part] for part in held.key}): row for row in held.frame.to_dict("records")}
        for cell in (cell for cell in cells if cell.table == table):
            value = rows.get(key := as_text(cell.key), {}).get(cell.column.name)
            found[table, key, cell.column.name] = None if value != value else value
    return found


def _name(report: Report) -> str:
    return f"{report.month} ({report.record['stamp']})"
