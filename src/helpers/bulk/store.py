"""What was ingested, and what is half done: a manifest beside the Parquet of each part, a folder for work in progress.

``data/products/<dataset>/vintage=<day>/<part>.json`` is written last: a part without it is not there. Work in progress
lies under ``data/products/.ingest``, by fingerprint, and is taken up again by whoever gives the same file.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers import memory, paths
from helpers.refusals import Refusal

MADE_BY = ("shapes.py", "checks.py", "chunks.py", "assembly.py", "store.py")


def part_of(file: Path) -> str:
    """Return the name of a part: that of its file without endings and without the day of its release in brackets."""
    stem = re.sub(r"\[[^\]]*\]", "", file.name).split(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]", "_", stem) or "part"


def rules() -> str:
    """Return the fingerprint of the code that checks and writes; work begun by other code is done anew."""
    return memory.made_by(*(Path(__file__).with_name(name) for name in MADE_BY), package="duckdb")


@dataclass
class Work:
    """One file being ingested: its fingerprint, the day it was begun on, and the folder with what is done."""

    sha256: str
    vintage: str
    folder: Path
    resumed: bool = False

    def marks(self, name: str) -> dict[str, Any] | None:
        """Return what a finished piece of work said of itself; nothing where it is not finished."""
        file = self.folder / f"{name}.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None

    def mark(self, name: str, content: dict[str, Any]) -> None:
        """Say that a piece of work is finished."""
        paths.put(self.folder / f"{name}.json", json.dumps(content).encode())

    def forget(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def take_up(sha256: str, day: str) -> Work:
    """Return the work on a file: as it was left, if the same code left it, or new."""
    folder, made_by = paths.PRODUCTS / ".ingest" / sha256[:16], rules()
    work = Work(sha256, day, folder)
    begun = work.marks("begun")
    if begun and (begun["sha256"], begun["rules"]) == (sha256, made_by):
        return Work(sha256, begun["vintage"], folder, resumed=True)
    work.forget()
    folder.mkdir(parents=True)
    work.mark("begun", {"sha256": sha256, "rules": made_by, "vintage": day})
    return work


@dataclass(frozen=True)
class Manifest:
    """What is held of one file that was ingested.

    ``months`` are kind, period and reporter; ``counts`` what was seen, kept and refused.
    """

    dataset: str
    part: str
    vintage: str
    file: str
    sha256: str
    parquet: dict[str, str]
    months: list[list[str]]
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where its vintage lies."""
        return paths.PRODUCTS / self.dataset / f"vintage={self.vintage}"

    def is_whole(self) -> bool:
        """Tell whether every Parquet file of it is there."""
        return all((self.folder / name).is_file() for name in self.parquet)

    def save(self) -> Path:
        """Write it beside the figures."""
        file = self.folder / f"{self.part}.json"
        paths.put(file, json.dumps(self.__dict__, ensure_ascii=False, indent=1).encode())
        return file


def manifests(dataset: str = "*") -> list[Manifest]:
    """Return all that was ingested, oldest vintage first."""
    return [_read(file) for file in sorted(paths.PRODUCTS.glob(f"{dataset}/vintage=*/*.json"))]


def _read(file: Path) -> Manifest:
    try:
        return Manifest(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise Refusal(
            f"is no manifest of a part ({str(error)[:80]})", expected="what ingest wrote", file=paths.shown(file),
            remedy="take it away, and ingest its file again",
        ) from error  # fmt: skip


def held(sha256: str) -> Manifest | None:
    """Return what is held of a file with this fingerprint."""
    return next((one for one in manifests() if one.sha256 == sha256 and one.is_whole()), None)


def check_months(dataset: str, part: str, months: list[list[str]], file: str) -> None:
    """Refuse a month that another part holds: it would count twice; and a part's name that stands for other months.

    Raises
    ------
    Refusal
        Naming the month, its reporter and the other part.
    """
    mine = {tuple(month) for month in months}
    for other in manifests(dataset):
        theirs = {tuple(month) for month in other.months}
        if other.part == part:
            if not theirs <= mine and other.is_whole():
                kind, period, reporter = min(theirs - mine)
                raise Refusal(
                    f'the part "{part}" already holds {period} of {reporter} ({kind}), which is not in this file',
                    expected="a newer release of the same months under this name", file=file,
                    remedy="give the file the name that the office gave it",
                )  # fmt: skip
        elif both := mine & theirs:
            kind, period, reporter = min(both)
            raise Refusal(
                f'{period} of {reporter} ({kind}) stands twice: also in the part "{other.part}"',
                expected="each month of a reporter in one part", file=file,
                remedy=f"take {paths.shown(other.folder)}/*/{other.part}.parquet and {other.part}.json away, or leave "
                "this file out",
            )  # fmt: skip
