"""Two houses in which nights are replayed: the real notebooks in a copy of the checkout, and a small one of a second.

Both begin with what was out on the day before the first night and spend nights given as time and address of a server.
"""

from __future__ import annotations

import abc
import csv
import datetime as dt
import io
import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import invented
import pandas as pd
import replayed_offices

from helpers import customs, finished, night, paths, pipeline, provenance
from helpers.fetch import run as fetching
from helpers.fetch.transport import Patience, Transport
from helpers.progress import Progress

ROOT = paths.ROOT
BEGINNING = "2026-01-20"  # the day on which the ledger of the replay was read
IMPATIENT = {"tries": 2, "connect": 2.0, "silence": 0.5, "whole": 10.0, "first_wait": 0.0}
HOOK = (
    "import json, os, sys; open(sys.argv[1], 'a').write("
    "json.dumps([json.load(sys.stdin), os.environ['DIVERSION_SENTENCE']]) + '\\n')"
)


@dataclass(frozen=True)
class Ended:
    """How a night ended, and what was told: log lines, what the hook heard each time it was called."""

    exit_code: int
    told: list[dict[str, Any]]
    hooked: list[Any]

    @property
    def last(self) -> dict[str, Any]:
        """The line with which it ended."""
        return self.told[-1]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [row for row in self.told if row["event"] == event]


class House(abc.ABC):
    """A place with ledger and reports."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.reports, self.raw = folder, folder / "reports", folder / "data" / "raw"
        self.hooked = folder / "hooked"

    @property
    def hook(self) -> str:
        """The command that writes down what it is told."""
        return f'{sys.executable} -c "{HOOK}" {self.hooked}'

    def calls(self) -> list[Any]:
        """Return what the hook was told since the last time, and forget it."""
        if not self.hooked.exists():
            return []
        lines = self.hooked.read_text(encoding="utf-8").splitlines()
        self.hooked.unlink()
        return [json.loads(line) for line in lines]

    @abc.abstractmethod
    def night(self, now: dt.datetime, address: str, accept: str = "") -> Ended:
        """Spend a night."""

    @abc.abstractmethod
    def look_back(self, month: str, day: str, place: Path) -> Path:
        """Make the report of a month as it could be made on a day; return its tables."""


# --- the real one -----------------------------------------------------------------------------------------------------

NIGHT = """
    import datetime as dt, json, sys
    from helpers import night, stops
    from helpers.fetch import run
    from helpers.fetch.transport import Patience, Transport
    from helpers.progress import Progress
    now, accept, hook, patience = json.loads(sys.argv[1])
    run.Transport = lambda _: Transport(Patience(**patience))
    stops.obey_once()
    ended = night.run([], now=dt.datetime.fromisoformat(now), progress=Progress(), accept=accept, command=hook)
    sys.exit(ended.exit_code)
"""


class RealHouse(House):
    """A copy of the checkout with its notebooks; each night is a process of its own, as under a timer."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for name in ("src", "notebooks", "requirements", "docs"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("parameters.yml", "corrections.yml"):
            shutil.copy(ROOT / name, folder)
        cut_ledger(self.raw)
        for name in ("answers", "processed"):
            (folder / "data" / name).mkdir()

    def _environment(self, **more: str) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("DIVERSION_")}
        return {**mine, "PYTHONPATH": str(self.folder / "src"), "CENSUS_API_KEY": "no-key-at-all", **more}

    def night(self, now: dt.datetime, address: str, accept: str = "") -> Ended:
        given = json.dumps([now.isoformat(), accept, self.hook, IMPATIENT])
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(NIGHT), given], cwd=self.folder, capture_output=True, text=True,
            env=self._environment(DIVERSION_OFFICES=address), timeout=600, check=False,
        )  # fmt: skip
        told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        if not told or told[-1]["event"] != "ended":
            raise RuntimeError(done.stderr[-3000:])
        return Ended(done.returncode, told, self.calls())

    def look_back(self, month: str, day: str, place: Path) -> Path:
        words = ["report", "-p", f"month={month}", "-p", f"as_of_vintage={day}"]
        done = subprocess.run(
            [sys.executable, "-m", "helpers.cli", *words], cwd=self.folder, capture_output=True, text=True,
            env=self._environment(DIVERSION_REPORTS=str(place / "reports"), DIVERSION_PROCESSED=str(place / "tables")),
            timeout=600, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return place / "reports" / month / "data"


def cut_ledger(raw: Path) -> None:
    """Write the embedded ledger as it could have stood on the day of the beginning: nothing in it is about later.

    Exchange rates and other controls end there too, for no office that is asked prints them and nobody adds them.
    """
    ends = {"CN": "gacc", "US": "census", "AU": "abs"}
    for record in provenance.all_records():
        end = replayed_offices.LEDGER_ENDS[ends.get(record.reporter, "eurostat")]
        end = end if record.table_schema == "customs" else BEGINNING[:7]
        rows = list(csv.reader(io.StringIO(record.path.read_text(encoding="utf-8"))))
        dated = rows[0].index("period") if record.table_schema in DATED else None
        kept = [row for row in rows[1:] if dated is None or row[dated] <= end]
        put(raw, record.model_copy(update={"date_accessed": BEGINNING}), [rows[0], *kept])


DATED = ("customs", "controls", "quantities", "product_groups", "tariff_measured")


def put(raw: Path, record: provenance.Record, rows: list[list[str]]) -> None:
    """Write a raw file and its record."""
    file = raw / record.file
    file.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8")
    record = record.model_copy(update={"rows": len(rows) - 1, "sha256": provenance.sha256_of(file)})
    file.with_name(f"{file.name}.source.yml").write_text(provenance.as_yaml(record), encoding="utf-8")


# --- the small one ----------------------------------------------------------------------------------------------------

FORM = 'month: str = ""  # last month\nas_of_vintage: str = ""  # day'
SMALL_PAST = ("2023-06", "2025-11")  # first and last month of its INVENTED past


class LedgerForge(invented.InstantForge):
    """In place of the process that runs notebooks: cleans the customs figures of the ledger, and counts its jobs."""

    def submit(self, job) -> None:
        if job.makes == ["customs_monthly"]:
            cells = customs.clean(customs.read_rows(job.parameters["as_of_vintage"]))
            cells.to_parquet(Path(job.notebook).with_name("customs_monthly.prepared"))
        super().submit(job)
        read = [f"{place.relative_to(paths.RAW).as_posix()}{'/' * place.is_dir()}" for place in paths.RAW.rglob("*")]
        Path(job.folder, "notes.json").write_text(json.dumps([f"data/raw/{name}" for name in sorted(read)]))


class SmallHouse(House):
    """The small house of the tests, its kernels replaced, with an empty ledger; nights are spent in this process."""

    def __init__(self, folder: Path, monkeypatch) -> None:
        super().__init__(folder)
        whole, common = provenance.check_all, customs.latest_common_month
        invented.house(folder, monkeypatch)
        patches = [
            (provenance, "check_all", whole), (customs, "latest_common_month", common),
            (pipeline, "Forge", LedgerForge),
            (finished, "check", lambda *_: None), (fetching, "FIRST_MONTH", SMALL_PAST[0]), (paths, "RAW", self.raw),
            (paths, "ANSWERS", folder / "data" / "answers"), (LedgerForge, "jobs", []),
            (fetching, "Transport", lambda _: Transport(Patience(**IMPATIENT))),
        ]  # fmt: skip
        for place, name, value in patches:
            monkeypatch.setattr(place, name, value)
        monkeypatch.setenv("CENSUS_API_KEY", "no-key-at-all")
        self._monkeypatch = monkeypatch
        invented.notebook(folder / "notebooks/01_first.ipynb", "cells = 1", form=FORM)
        invented.notebook(folder / "notebooks/00_second.ipynb", "print(month)", form=FORM)
        (folder / "notebooks/pipeline.yml").write_text(
            "- {notebook: 01_first, makes: [customs_monthly]}\n"
            "- {notebook: 00_second, needs: [customs_monthly], makes: [summary_sentences]}\n"
        )

    def night(self, now: dt.datetime, address: str, accept: str = "") -> Ended:
        self._monkeypatch.setenv("DIVERSION_OFFICES", address)
        jobs, stream = len(LedgerForge.jobs), io.StringIO()
        ended = night.run([], now=now, progress=Progress(stream), accept=accept, command=self.hook)
        told = [json.loads(line) for line in stream.getvalue().splitlines()]
        told[:0] = [{"event": "started", "what": job.step} for job in LedgerForge.jobs[jobs:]]
        return Ended(ended.exit_code, told, self.calls())

    def look_back(self, month: str, day: str, place: Path) -> Path:
        with self._monkeypatch.context() as patch:
            patch.setattr(paths, "REPORTS", place / "reports")
            patch.setattr(paths, "PROCESSED", place / "tables")
            pipeline.run([f"month={month}", f"as_of_vintage={day}"], progress=Progress(io.StringIO()))
        return place / "reports" / month / "data"


def table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of a report, all text."""
    return pd.read_csv(folder / "data" / f"{name}.csv", dtype="str", keep_default_na=False)
