"""Mutations of the raw ledger through the whole report, by the real command and with the real notebooks.

One copy of the checkout stands there with a good report. Each mutation is put into its ledger, the report is made, and
the ledger is as it was again. Steps are kept from run to run as they always are, so that a step that was kept although
its figures changed would be found too.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mutated_kinds
import whole
from mutated_reading import BROKE, HUNG, MADE, REFUSED, STOPPED, Told, fingerprint_of

SECONDS = 900  # a whole report on a busy machine
KINDS = (  # and whether the fingerprint is renewed; those that reading cannot refuse, before all
    ("digit changed", False), ("row deleted", False), ("digit changed", True), ("decimal point moved", True),
    ("sign flipped", True), ("value emptied", True), ("1e9", True), ("beyond all numbers", True),
    ("times 1000", True), ("column times 1000", True), ("row doubled", True), ("row deleted", True),
    ("rows in reverse", True), ("month shifted", True), ("all months shifted", True), ("month that is none", True),
    ("partner changed", True), ("source of another row", True), ("series of another row", True),
    ("series nobody knows", True), ("unit of another row", True), ("CRLF", True),
    ("cut at the end of a row", True), ("record: read in the future", True), ("record: another valuation", True),
    ("record: another vintage", True), ("record: another title", True), ("file and record removed", True),
    ("file and record renamed", True), ("a folder in its place", True),
)  # fmt: skip
LIST_OF_FILES = "ledger_files.csv"  # holds fingerprints and titles of raw files, and no figure
ERROR = re.compile(r"^  (\w+): .*\n  the end of the traceback:", re.MULTILINE)
STORY = re.compile(r"^ *(\S.*)\n +(expected: .*)\n +(what to do: .*)$", re.MULTILINE)
TOLD_AS_ERROR = "the end of the traceback:"


class Copy:
    """A copy of the checkout with a good report of the ledger as it is."""

    def __init__(self, folder: Path) -> None:
        """Make it in an empty folder, and the report."""
        self.folder = whole.copied(folder / "checkout")
        self.raw, self.reports = self.folder / "data" / "raw", self.folder / "reports"
        self._ledger, self._good = folder / "ledger", folder / "good"
        shutil.copytree(self.raw, self._ledger)
        self.baseline = self.report()
        if self.baseline.end == MADE:
            shutil.copytree(self._published()[0], self._good)

    def tried(self, kind: str, seed: str, *, renewed: bool) -> tuple[Told, bool]:
        """Make a report after a mutation; return what came of it, and whether readers find what they should.

        That is the last good report, to the byte, unless a new one was made.
        """
        before = contents(self._published())
        spot = mutated_kinds.mutate(kind, self.raw, seed, renewed=renewed)
        told = self.report()
        told.touched, told.bytes_changed = sorted(spot.touched), spot.bytes_changed
        told.line, told.column = spot.line, spot.column
        stands = told.end == MADE or contents(self._published()) == before
        shutil.rmtree(self.raw)
        shutil.copytree(self._ledger, self.raw)
        for folder in self._published():
            shutil.rmtree(folder)
        shutil.copytree(self._good, self.reports / self.baseline.month)
        return told, stands

    def _published(self) -> list[Path]:
        return sorted(self.reports.glob("20*"))

    def report(self) -> Told:
        """Make a report and tell how that ended."""
        before = {folder: (folder / "run.json").stat().st_mtime_ns for folder in self._published()}
        process = subprocess.Popen(
            [sys.executable, "-m", "helpers.cli", "report"], cwd=self.folder, text=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(self.folder / "src")},
        )  # fmt: skip
        try:
            said = process.communicate(timeout=SECONDS)[1]
        except subprocess.TimeoutExpired:
            process.terminate()  # it tidies up by itself
            process.communicate()
            return Told(HUNG, exit_code=-1)
        if process.returncode:
            return failed(said, process.returncode)
        made = [f for f in self._published() if before.get(f) != (f / "run.json").stat().st_mtime_ns]
        folder = (made or self._published())[-1]
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return Told(
            MADE, stamp=record["stamp"], files={entry["file"]: fingerprint_of(entry) for entry in record["data"]},
            tables={
                f.name: hashlib.sha256(f.read_bytes()).hexdigest()
                for f in sorted(folder.glob("data/*.csv")) if f.name != LIST_OF_FILES
            },
            gates=sorted({row["gate"] for row in record.get("gates", [])}), month=folder.name,
        )  # fmt: skip


def failed(said: str, code: int) -> Told:
    """Return how a report failed, by what the command said and its exit code.

    A refusal is told in three lines, wherever it was raised; a check of a notebook is an error with its own words. Any
    other error is none that somebody thought of.
    """
    errors = ERROR.findall(said)
    stories = ["{}\n  {}\n  {}".format(*parts) for parts in STORY.findall(said.partition("diversion: ")[2])]
    unforeseen = [name for name in errors if name != "AssertionError"]
    if unforeseen or "Traceback (most recent" in said.partition(TOLD_AS_ERROR)[0] or code not in (1, 3):
        return Told(BROKE, said[-1500:], code)
    if code == 1 and errors:
        return Told(STOPPED, said[-1500:], code)
    return Told(REFUSED, stories[0], code) if stories else Told(BROKE, said[-1500:], code)


def contents(folders: list[Path]) -> dict[str, str]:
    """Return the fingerprints of everything in some folders."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()
    }  # fmt: skip
