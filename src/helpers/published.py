"""A published report as other programs find it: its folder, its record and its tables, typed as they are described.

A report keeps a table under the name of its CSV. Where a figure or table of the page has the same name, the report
keeps what the page shows, which may lack rows and columns: such a table is read as it stands and said not to be whole.
So is a table of an older report whose description has changed since.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import paths
from helpers.columns import Column, Kind
from helpers.headings import HEADINGS
from helpers.months import check_month
from helpers.refusals import Refusal
from helpers.table_list import DESCRIBED

if TYPE_CHECKING:  # the record is read without it
    import pandas as pd

FLAGS = {"True": True, "False": False}
# Before text that a spreadsheet would obey: csv_text.py puts it there.
_GUARD = re.compile(r"^'(?='*[=+\-@\t\r\n＝＋－＠])")
_RETURN = "\ue00d"  # stands in for a bare carriage return, which ends no line of a report's CSV


@dataclass(frozen=True)
class Held:
    """A table as a report holds it: its rows, what its columns mean, and whether it is as it is described."""

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    whole: bool

    @property
    def row(self) -> str:
        """What a row is, in words."""
        return DESCRIBED[self.name].row

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row; empty where the report does not hold them all, or they repeat."""
        key = DESCRIBED[self.name].key
        has_all = set(key) <= set(self.frame.columns)
        return key if has_all and not self.frame.duplicated(list(key)).any() else ()


@dataclass(frozen=True)
class Report:
    """A report: its folder and what its record says it was made from."""

    folder: Path
    record: dict[str, Any]

    @property
    def month(self) -> str:
        """Last month of the report."""
        return self.record["parameters"]["month"]

    @property
    def names(self) -> list[str]:
        """The described tables it holds, in the order of the data dictionary."""
        return [name for name in DESCRIBED if (self.folder / "data" / f"{name}.csv").is_file()]

    def table(self, name: str) -> Held:
        """Return a table, typed."""
        return _typed(name, as_text(self.folder / "data" / f"{name}.csv"))


def find(place: str) -> Report:
    """Return the report of a month, or in a folder.

    Parameters
    ----------
    place
        A month such as ``"2026-05"``, or the path of a report's folder.

    Raises
    ------
    Refusal
        If there is no report; names the months that have one.
    """
    is_month = os.sep not in place and not _is_there(Path(place).is_dir)
    folder = paths.REPORTS / check_month(place) if is_month else Path(place)
    if not _is_there((folder / "run.json").is_file):
        there = paths.months_there()
        raise Refusal(
            f"there is no report {'for' if is_month else 'in'} {place}",
            expected=f"a month that has one: {', '.join(there) or 'none has so far'}",
            remedy="name one of these, or make another: diversion report --month YYYY-MM",
            exit_code=2,
        )
    return read(folder)


def _is_there(asked: Callable[[], bool]) -> bool:
    """Ask a path whether it is there; one that no disk could hold is not."""
    try:
        return asked()
    except (OSError, ValueError):
        return False


def read(folder: Path, stamp: dict[str, Any] | None = None) -> Report:
    """Return the report in ``folder``; ``stamp`` stands in for a record that has not been written yet.

    Raises
    ------
    Refusal
        If the record cannot be read, or does not say what the report was made from.
    """
    file = folder / "run.json"
    try:
        record = stamp or json.loads(file.read_text(encoding="utf-8"))
        check_month(record["parameters"]["month"])
        for entry in record["data"]:
            _ = [entry[part] for part in ("producer", "title", "file", "sha256")]
            dt.date.fromisoformat(entry["date_accessed"])
        _ = record["stamp"], record["code"], record["lock"]
    except (OSError, ValueError, KeyError, TypeError, Refusal) as error:
        raise Refusal(
            f"the record cannot be used ({type(error).__name__}: {str(error).splitlines()[0]})",
            expected="what `diversion report` wrote there: stamp, code, lock, parameters, data",
            remedy="make the report again", file=paths.shown(file),
        ) from error  # fmt: skip
    return Report(folder, record)


def as_text(file: Path) -> pd.DataFrame:
    """Read a CSV file as text, cell by cell; a damaged one is refused with its line."""
    import pandas as pd

    csv.field_size_limit(2**31 - 1)
    try:
        text = file.read_bytes().decode("utf-8").replace("\r", _RETURN)
        head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (OSError, ValueError, csv.Error) as error:
        raise _damaged(file, f"cannot be read ({error})", None) from error
    for line, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise _damaged(file, f"{len(row)} cells in row {line - 1} of {len(head)} columns", line)
    return pd.DataFrame(rows, columns=head, dtype="str").map(_as_it_was)


def _as_it_was(cell: str) -> str:
    """Return a cell without what the CSV carries for spreadsheets, with the returns it had."""
    return _GUARD.sub("", cell.replace(_RETURN, "\r"))


def _damaged(file: Path, found: str, line: int | None) -> Refusal:
    return Refusal(
        found, expected="the table as `diversion report` wrote it", remedy="make the report again",
        file=f"{file.parent.parent.name}/data/{file.name}", row=line,
    )  # fmt: skip


def _typed(name: str, cells: pd.DataFrame) -> Held:
    """Type a table as it is described, or as it stands where the description does not fit."""
    import pandas as pd

    table = DESCRIBED[name]
    required = {column.name for column in table.columns if not column.optional}
    fits = required <= set(cells.columns)
    whole = fits and set(cells.columns) <= set(table.names)
    names = [column for column in table.names if column in cells.columns] if fits else list(cells.columns)
    frame, columns = {}, []
    for column in names:
        meant = column_of(name, column, cells[column])
        try:
            frame[column] = _as(cells[column], meant.kind)
        except (KeyError, TypeError, ValueError):  # another kind than today's
            meant, whole = Column(column, "text", meant.meaning, meant.unit, True), False
            frame[column] = cells[column]
        columns.append(meant)
    return Held(name, pd.DataFrame(frame, index=cells.index), tuple(columns), whole)


def column_of(table: str, name: str, cells: pd.Series) -> Column:
    """Return what a column of a table is; one that nobody described is as it looks."""
    described = DESCRIBED[table].columns if table in DESCRIBED else ()
    found = next((column for column in described if column.name == name), None)
    return found or Column(name, _kind_of(cells), HEADINGS.get(name, (name,))[0])


def _kind_of(cells: pd.Series) -> Kind:
    """Tell what kind a column is that nobody described; codes with leading zeros are text."""
    number = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?", flags=re.IGNORECASE)
    filled = cells[cells != ""]
    return "number" if len(filled) and all(number.fullmatch(cell) for cell in filled) else "text"


def _as(cells: pd.Series, kind: Kind) -> pd.Series:
    """Turn cells of text into a kind, exactly; an empty cell is a missing value, or empty text."""
    import pandas as pd

    if kind == "text":
        return cells
    if kind == "flag":
        return pd.Series([FLAGS[cell] if cell else None for cell in cells], cells.index, dtype="boolean")
    values = pd.Series([float(cell) if cell else float("nan") for cell in cells], cells.index, dtype="float64")
    return values if kind == "number" else values.astype("Int64")
