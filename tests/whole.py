"""A copy of the whole checkout, with the real notebooks and figures, and what a report made there publishes."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import ROOT

PARTS = ("src", "notebooks", "data", "requirements", "parameters.yml")


def copied(folder: Path) -> Path:
    """Copy what a report is made from into an empty folder."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.parquet"))
        else:
            shutil.copy(source, folder / part)
    return folder


def published(folder: Path) -> dict[str, bytes]:
    """Return every published file, by name, but the record of the run."""
    month = next((folder / "reports").glob("20*"))
    archive = [folder / "reports" / name for name in ("index.html", "feed.xml", "latest.html")]
    files = [month / "index.html", month / "preview.png", *sorted((month / "data").glob("*.csv")), *archive]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
