"""Where a timer finds this checkout, and what it may write there."""

from __future__ import annotations

import os
from pathlib import Path

from helpers import paths

FOLDERS = {"DIVERSION_RAW": "RAW", "DIVERSION_PROCESSED": "PROCESSED", "DIVERSION_ANSWERS": "ANSWERS",
           "DIVERSION_PRODUCTS": "PRODUCTS", "DIVERSION_REPORTS": "REPORTS"}  # fmt: skip
KEYS = "export-diversion.env"


def command() -> Path:
    """Return the command as it is set up in this checkout."""
    return paths.ROOT / ".venv" / "bin" / "diversion"


def written() -> list[Path]:
    """Return the folders that a run writes to: the ledger, what was answered, tables, reports."""
    return [paths.RAW, paths.ANSWERS, paths.PROCESSED, paths.REPORTS]


def make_folders() -> None:
    """Make the folders that a run writes to: a unit cannot make them, because all around them is read only."""
    for folder in written():
        folder.mkdir(parents=True, exist_ok=True)


def settings() -> dict[str, str]:
    """Return the folders that were named by the environment, which a timer has to be told."""
    return {name: str(getattr(paths, place)) for name, place in FOLDERS.items() if name in os.environ}
