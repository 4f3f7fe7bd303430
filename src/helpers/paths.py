"""Where things stand in a checkout: every folder is named here once; and how a file comes to stand there."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RAW = Path(os.environ.get("DIVERSION_RAW", ROOT / "data" / "raw"))
PROCESSED = Path(os.environ.get("DIVERSION_PROCESSED", ROOT / "data" / "processed"))
ANSWERS = Path(os.environ.get("DIVERSION_ANSWERS", ROOT / "data" / "answers"))
PRODUCTS = Path(os.environ.get("DIVERSION_PRODUCTS", ROOT / "data" / "products"))
REPORTS = Path(os.environ.get("DIVERSION_REPORTS", ROOT / "reports"))
EXPORT = "export"  # in the folder of a report: its tables for other programs
NOTEBOOKS = Path(os.environ.get("DIVERSION_NOTEBOOKS", ROOT / "notebooks"))
FONTS = Path(__file__).with_name("fonts")
PARAMETERS_FILE = ROOT / "parameters.yml"
CORRECTIONS_FILE = ROOT / "corrections.yml"


def is_variant() -> bool:
    """Tell whether the notebooks are other ones than the project's."""
    return NOTEBOOKS.resolve() != (ROOT / "notebooks").resolve()


def put(file: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file, whole or not at all; where there is no room for it nothing of it is left.

    ``mode`` gives its rights, whatever the umask.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        if mode is not None:
            beside.chmod(mode)
        os.replace(beside, file)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def shown(path: Path) -> str:
    """Return ``path`` relative to the checkout when it lies inside, so that messages are the same on every machine."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return path.name


def months_there() -> list[str]:
    """Return the months that have a report, in their order."""
    there = (file.parent.name for file in REPORTS.glob("[0-9]*-[0-9]*/run.json"))
    return sorted(name for name in there if re.fullmatch(r"(19|20)\d{2}-(0[1-9]|1[0-2])", name))
