"""What goes with exported tables: title, month, stamp, sources with their licences, how to cite, what columns mean.

Everything comes from the report itself and from ``CITATION.cff``; no day, place or machine enters.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from helpers import paths
from helpers.columns import Column
from helpers.months import day_name, month_name
from helpers.published import Held, Report

LEDGER = "ledger_files"
SOURCE_HEAD = ("producer", "file", "read", "licence", "sha256", "title")
COLUMN_HEAD = ("table", "column", "kind", "unit", "may be empty", "meaning")
NOT_WHOLE = "as the page shows it: the report keeps only these rows and columns under this name"
LICENCE = (
    "Code and texts: MIT licence. The data are not ours: each source below names its licence; where none is stated, "
    "single facts are quoted with their source. data/raw in the checkout holds a record beside each file."
)
EPOCH = dt.datetime(1980, 1, 1)


@dataclass(frozen=True)
class About:
    """What a reader of exported tables should know."""

    report: Report
    tables: Sequence[Held]

    @property
    def title(self) -> str:
        """The report's title, which names its month."""
        return self.report.record.get("title") or f"Report for {month_name(self.report.month)}"

    @property
    def stamp(self) -> str:
        """The fingerprint of what the report was made from, as the page shows it."""
        return self.report.record["stamp"]

    @property
    def day(self) -> dt.datetime:
        """The last day on which a figure was read: the date of every exported file, whenever it is made."""
        days = [entry["date_accessed"] for entry in self.report.record["data"]]
        return dt.datetime.fromisoformat(max(days)) if days else EPOCH

    def citation(self) -> str:
        """Return how to cite."""
        known = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        names = ", ".join(author["name"] for author in known["authors"])
        return (
            f"{names}: {known['title']}, version {known['version']}. {self.title}, stamp {self.stamp}. "
            "Cite the producers of the data as well."
        )

    def lines(self) -> list[tuple[str, str]]:
        """Return what to say first, as name and text."""
        settings = self.report.record["parameters"]
        return [
            ("title", self.title),
            ("month", self.report.month),
            ("stamp", self.stamp),
            ("finding", self.report.record.get("finding", "")),
            ("parameters", ", ".join(f"{name}={settings[name]}" for name in sorted(settings))),
            ("figures read until", day_name(self.day.date().isoformat()) if self.day != EPOCH else "not known"),
            ("licence", LICENCE),
            ("how to cite", self.citation()),
        ]

    def sources(self) -> list[tuple[str, ...]]:
        """Return one row of :data:`SOURCE_HEAD` for each raw file."""
        licences = self._licences()
        return [
            (
                entry["producer"], entry["file"], entry["date_accessed"],
                licences.get(entry["file"], "see its record in data/raw"), entry["sha256"], entry["title"],
            )
            for entry in self.report.record["data"]
        ]  # fmt: skip

    def columns(self) -> list[tuple[str, ...]]:
        """Return one row of :data:`COLUMN_HEAD` for each column of each table."""
        return [
            (held.name, item.name, item.kind, item.unit, "yes" if item.optional else "", item.meaning)
            for held in self.tables
            for item in held.columns
        ]

    def as_text(self) -> str:
        """Return all but the columns as plain text, for a file beside the tables."""
        parts = ["\n".join(f"{name}: {text}" for name, text in self.lines())]
        parts.append("tables\n" + "\n".join(f"  {held.name}: {what_rows_are(held)}" for held in self.tables))
        parts.append("sources\n" + "\n".join("  " + " | ".join(row) for row in self.sources()))
        return "\n\n".join(parts) + "\n"

    def columns_as_csv(self) -> str:
        """Return the columns as CSV, for a file beside the tables."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([COLUMN_HEAD, *self.columns()])
        return text.getvalue()

    def _licences(self) -> dict[str, str]:
        """Return file to licence, from the list of files that the page shows."""
        file = self.report.folder / "data" / f"{LEDGER}.csv"
        if not file.is_file():
            return {}
        with file.open(encoding="utf-8", newline="") as opened:
            return {row.get("file", ""): row.get("licence", "") for row in csv.DictReader(opened)}


def what_rows_are(held: Held) -> str:
    """Say what a row of a table is, and whether the report holds all of it."""
    return held.row if held.whole else f"{held.row} ({NOT_WHOLE})"


def label(column: Column) -> str:
    """Return what a column means, with its unit."""
    return f"{column.meaning} ({column.unit})" if column.unit else column.meaning
