"""All tables of a report as one workbook (XLSX): a sheet that says what it is, then a sheet for each table.

Each table has one row of heads, so that other programs read it as it is; units and meanings stand on the first sheet.
Text is written as text and never as a formula: what begins like one carries the mark that keeps it text when edited.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from helpers.columns import Column
from helpers.csv_text import OBEYED
from helpers.export_about import COLUMN_HEAD, SOURCE_HEAD, About, what_rows_are
from helpers.published import Held
from helpers.refusals import Refusal
from helpers.xml_text import for_xml

ABOUT = "about"
LONGEST_NAME, LONGEST_TEXT, MOST_ROWS = 31, 32_767, 1_048_576
TAKEN = {ABOUT, "history"}  # the second is Excel's own
NEVER = re.compile("[\ufffe\uffff]")  # in a workbook; other signs of control it can spell
NUMBER_FORMATS = (  # the first that begins the unit
    ("percent per percent", "0.00"), ("percent", "0.0"), ("million", "#,##0.0"), ("usd", "#,##0.00"),
    ("billion", "#,##0.00"), ("probability", "0.0000"), ("ratio", "0.000"), ("share", "0.000"), ("cents", "0.00"),
    ("dollars", "0.000"), ("log points", "0.0"),
)  # fmt: skip
WIDTHS = {"text": 18, "number": 14, "integer": 10, "flag": 9}


def sheet_names(tables: Iterable[str]) -> dict[str, str]:
    """Return table to sheet name: no longer than Excel takes, and told apart whatever the case of the letters."""
    used, names = set(TAKEN), {}
    for table in tables:
        name, count = table[:LONGEST_NAME], 1
        while name.lower() in used:
            count += 1
            name = f"{table[: LONGEST_NAME - len(str(count)) - 1]}~{count}"
        used.add(name.lower())
        names[table] = name
    return names


def number_format(column: Column) -> str:
    """Return how a spreadsheet shows the numbers of a column: by its unit, whole numbers as they are."""
    if column.kind == "integer":
        return "#,##0" if column.unit == "count" else "0"
    unit = column.unit.lower()
    return next((shown for start, shown in NUMBER_FORMATS if unit.startswith(start)), "General")


class Book:
    """A workbook in memory, with the few formats it needs."""

    def __init__(self, about: About) -> None:
        """Begin it, dated by its data."""
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, {"in_memory": True})
        self._book.set_properties({
            "title": for_xml(about.title), "subject": f"stamp {for_xml(about.stamp)}", "author": "export-diversion",
            "comments": for_xml(about.citation()), "created": about.day,
        })  # fmt: skip
        self._head = self._book.add_format({"bold": True, "bottom": 1})
        self._guarded = self._book.add_format({"quote_prefix": True})
        self._formats: dict[str, Format] = {}
        self._about, self._names = about, sheet_names(held.name for held in about.tables)

    def content(self) -> bytes:
        """Write every sheet and return the file."""
        self._write_about()
        for held in self._about.tables:
            self._write_table(held)
        self._book.close()
        return self._bytes.getvalue()

    def _write_about(self) -> None:
        sheet, row = self._book.add_worksheet(ABOUT), 0
        for column, width in enumerate((26, 30, 12, 30, 12, 60)):
            sheet.set_column(column, column, width)
        for name, text in self._about.lines():
            sheet.write_string(row, 0, name, self._head)
            self._text(sheet, row, 1, text)
            row += 1
        tables = [(held.name, self._names[held.name], str(len(held.frame)), what_rows_are(held))
                  for held in self._about.tables]  # fmt: skip
        lists = (
            (("table", "sheet", "rows", "what a row is"), tables),
            (SOURCE_HEAD, self._about.sources()),
            (COLUMN_HEAD, self._about.columns()),
        )
        for head, rows in lists:
            row = self._write_list(sheet, row + 1, head, rows)
        for place, (_, name, *_) in enumerate(tables, start=len(self._about.lines()) + 2):
            sheet.write_url(place, 1, f"internal:'{name}'!A1", string=name)

    def _write_list(self, sheet: Worksheet, row: int, head: Iterable[str], rows: Iterable[Iterable[str]]) -> int:
        """Write a list with its head from ``row`` on; return the row after it."""
        for place, text in enumerate(head):
            sheet.write_string(row, place, text, self._head)
        for texts in rows:
            row += 1
            for place, text in enumerate(texts):
                self._text(sheet, row, place, text)
        return row + 1

    def _write_table(self, held: Held) -> None:
        if len(held.frame) >= MOST_ROWS:
            raise Refusal(
                f'table "{held.name}" has {len(held.frame):,} rows', expected=f"fewer than {MOST_ROWS:,}: a sheet's",
                remedy="take --format parquet or stata", exit_code=2,
            )  # fmt: skip
        sheet = self._book.add_worksheet(self._names[held.name])
        for place, column in enumerate(held.columns):
            sheet.set_column(place, place, max(WIDTHS[column.kind], len(column.name) + 2))
            sheet.write_string(0, place, column.name, self._head)
            self._write_column(sheet, place, column, held)
        sheet.freeze_panes(1, 0)
        if len(held.frame):
            sheet.autofilter(0, 0, len(held.frame), len(held.columns) - 1)

    def _write_column(self, sheet: Worksheet, place: int, column: Column, held: Held) -> None:
        shown = self._format(number_format(column))
        for row, value in enumerate(held.frame[column.name].astype("object"), start=1):
            if column.kind == "text":
                self._text(sheet, row, place, value)
            elif pd.isna(value):
                continue  # nothing is known: the cell stays empty
            elif column.kind == "flag":
                sheet.write_boolean(row, place, bool(value))
            elif math.isinf(value):
                sheet.write_string(row, place, str(value))
            else:
                sheet.write_number(row, place, value, shown)

    def _text(self, sheet: Worksheet, row: int, place: int, text: str) -> None:
        """Write text as text, cut to what a cell takes; what begins like a formula stays text when edited."""
        text = NEVER.sub("\ufffd", text)
        if not text:
            return
        if len(text) > LONGEST_TEXT:
            text = text[: LONGEST_TEXT - 1] + "…"
        sheet.write_string(row, place, text, *([self._guarded] if text.startswith(OBEYED) else []))

    def _format(self, shown: str) -> Format:
        if shown not in self._formats:
            self._formats[shown] = self._book.add_format({"num_format": shown})
        return self._formats[shown]


def workbook(about: About) -> bytes:
    """Return the workbook as bytes, the same for the same report."""
    return Book(about).content()
