"""A table of two reports cell by cell: the same when a page would print the same, whatever stands behind the point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import published
from helpers.columns import Column
from helpers.comparison_words import shown
from helpers.numbers import NOTHING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Difference:
    """A cell that a page would print otherwise: where it stands, and what stands there in either report.

    ``row`` is the key of the row; for a table without one its ``line``, as an editor counts them, and its first cell.
    """

    table: str
    row: dict[str, Any]
    column: str
    published: str
    again: str

    @property
    def place(self) -> str:
        """Table, row and column in words."""
        row = " ".join(f"{name}={value}" for name, value in self.row.items())
        return ", ".join(part for part in (self.table, row, self.column) if part)


def differences(name: str, old: Path, new: Path) -> Iterator[Difference]:
    """Give what differs in a table between two reports, row by row.

    Parameters
    ----------
    name
        The table.
    old, new
        Its files.

    Raises
    ------
    Refusal
        If a file is not a table.
    """
    was, now = published.as_text(old), published.as_text(new)
    if list(was.columns) != list(now.columns):
        yield Difference(name, {}, "", f"columns {', '.join(was.columns)}", f"columns {', '.join(now.columns)}")
        return
    key = _key(name, was, now)
    if not key and len(was) != len(now):
        yield Difference(name, {}, "", f"{len(was)} rows", f"{len(now)} rows")
        return
    columns = [published.column_of(name, column, was[column]) for column in was.columns]
    rows, others = _rows(was, key), _rows(now, key)
    for place in dict.fromkeys([*rows, *others]):
        told = dict(zip(key, place, strict=True)) if key else _line(was, place[0])
        if place not in rows or place not in others:
            yield Difference(name, told, "", *(("the row", NOTHING) if place in rows else (NOTHING, "the row")))
            continue
        for column, before, after in zip(columns, rows[place], others[place], strict=True):
            if before != after and (pair := _printed(before, after, column)):
                yield Difference(name, told, column.name, *pair)


def _key(name: str, *frames: pd.DataFrame) -> list[str]:
    """Return the columns that tell the rows of both apart; none where nothing does."""
    key = list(published.DESCRIBED[name].key) if name in published.DESCRIBED else []
    held = all(set(key) <= set(frame.columns) and not frame.duplicated(key).any() for frame in frames if key)
    return key if held else []


def _rows(frame: pd.DataFrame, key: list[str]) -> dict[tuple[Any, ...], tuple[str, ...]]:
    places = frame[key].itertuples(index=False, name=None) if key else ((number,) for number in range(len(frame)))
    return dict(zip(places, frame.itertuples(index=False, name=None), strict=True))


def _line(frame: pd.DataFrame, number: int) -> dict[str, Any]:
    first = frame.columns[0]
    return {"line": number + 2, first: frame[first].iloc[number]}


def _printed(before: str, after: str, column: Column) -> tuple[str, str] | None:
    """Return both cells as a page prints them; None if it prints the same. A cell that is no number is as it stands."""
    try:
        numbers = [float(cell) if cell else None for cell in (before, after)]
    except ValueError:
        return before or NOTHING, after or NOTHING
    if column.kind not in ("number", "integer"):
        return before or NOTHING, after or NOTHING
    was, now = (shown(value, column, "") for value in numbers)
    return None if was == now else (was, now)
