"""Invented reports in a temporary folder: a record and a few tables, written as a run does. No number is real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import tables
from helpers.csv_text import to_csv

STAMP = "0123456789ab"
FILES = [
    {"producer": "Invented office", "title": "Invented exports", "file": "gacc/invented.csv",
     "date_accessed": "2026-02-03", "sha256": "a" * 64},
    {"producer": "Another invented office", "title": "Invented imports", "file": "abs/invented.csv",
     "date_accessed": "2026-01-02", "sha256": "b" * 64},
]  # fmt: skip
LICENCES = pd.DataFrame({"file": ["gacc/invented.csv"], "licence": ["Invented licence"]})
USUAL = {"text": "invented", "number": 1.0, "integer": 1, "flag": True}


def row(table: str, /, **cells: Any) -> dict[str, Any]:
    """Return a row of a described table: the cells given, invented ones where something must stand, else nothing."""
    columns = tables.described(table).columns
    unknown = set(cells) - {column.name for column in columns}
    assert not unknown, unknown
    return {c.name: cells.get(c.name, None if c.optional else USUAL[c.kind]) for c in columns}


def frame(table: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Return rows as the table a notebook would write."""
    return tables.check(pd.DataFrame([row(table, **cells) for cells in rows]), table)


def record(month: str, **parts: Any) -> dict[str, Any]:
    """Return the content of ``run.json``."""
    return {
        "title": f"Invented report {month}", "finding": "Nothing was diverted.", "stamp": STAMP, "sha256": STAMP * 5,
        "code": "c1", "lock": "l1", "python": "3.11", "packages": {"pandas": "3"}, "data": FILES,
        "parameters": {"month": month, "currency": "USD"}, **parts,
    }  # fmt: skip


def make(folder: Path, month: str, held: dict[str, pd.DataFrame], **parts: Any) -> Path:
    """Write a report and return its folder."""
    (folder / "data").mkdir(parents=True)
    for name, content in held.items():
        (folder / "data" / f"{name}.csv").write_text(to_csv(content), encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(record(month, **parts)), encoding="utf-8")
    return folder
