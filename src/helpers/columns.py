"""What a table and a column are: a name, a kind, a meaning, a unit, a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "integer", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, meaning, unit and whether it may be empty."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns and the columns that identify a row."""

    name: str
    row: str
    written_by: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in their order."""
        return [column.name for column in self.columns]


def text(name: str, meaning: str, *, optional: bool = False) -> Column:
    """Describe a column of text."""
    return Column(name, "text", meaning, "", optional)


def number(name: str, meaning: str, unit: str, *, optional: bool = False) -> Column:
    """Describe a column of numbers with their unit."""
    return Column(name, "number", meaning, unit, optional)


def integer(name: str, meaning: str, unit: str = "", *, optional: bool = False) -> Column:
    """Describe a column of whole numbers."""
    return Column(name, "integer", meaning, unit, optional)


def flag(name: str, meaning: str) -> Column:
    """Describe a column of yes and no."""
    return Column(name, "flag", meaning)
