"""A finished report held against what it promises, before anybody sees it: whole, sealed, under its own stamp."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from helpers.refusals import Refusal
from helpers.render import PACKED, unpacked

PNG = b"\x89PNG\r\n\x1a\n"
_PART = {name: re.compile(rf"<{name}>(.*?)</{name}>", re.DOTALL) for name in ("style", "script")}


def check(report: Path, stamp: str) -> None:
    """Refuse a report that is not whole.

    Parameters
    ----------
    report
        Its folder, before it is moved to where readers look.
    stamp
        The stamp it was made under.

    Raises
    ------
    Refusal
        If a part is missing, empty, cut short or of another run; exit code 1.
    """
    if wrong := "; ".join(faults(report, stamp)):
        raise Refusal(
            f"the finished report is not whole: {wrong}", expected="page, tables, record and executed notebooks of one "
            "run", remedy="run `diversion report --fresh`; if that is refused too, the drawing of the page is at fault",
            exit_code=1,
        )  # fmt: skip


def faults(report: Path, stamp: str) -> Iterator[str]:
    """Say what is wrong with a finished report, one fault after the other."""
    yield from _faults_of_page(report / "index.html", stamp)
    for file in sorted((report / "data").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            try:
                widths = {len(row) for row in csv.reader(opened, strict=True)}
            except (csv.Error, UnicodeDecodeError) as error:
                widths = set()
                yield f"data/{file.name} cannot be read ({error})"
            if len(widths) > 1:
                yield f"data/{file.name} has rows of {min(widths)} and of {max(widths)} cells"
    if not any((report / "data").glob("*.csv")):
        yield "there is no table"
    try:
        if json.loads((report / "run.json").read_text(encoding="utf-8"))["stamp"] != stamp:
            yield "run.json names another stamp"
    except (OSError, ValueError, KeyError):
        yield "run.json cannot be read"
    if not any((report / "steps").glob("*.ipynb")):
        yield "there is no executed notebook"
    if not (report / "preview.png").is_file() or not (report / "preview.png").read_bytes().startswith(PNG):
        yield "preview.png is no picture"


def _faults_of_page(file: Path, stamp: str) -> Iterator[str]:
    try:
        page = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield f"index.html cannot be read ({type(error).__name__})"
        return
    if not page.rstrip().endswith("</html>"):
        yield "index.html ends before its end"
    if stamp not in page:
        yield "index.html does not carry its stamp"
    for name, pattern in _PART.items():
        found = pattern.search(page)
        if not found or _seal(found[1]) not in page:
            yield f"the {name} of index.html is not the one that its policy allows"
    try:
        if not (packed := PACKED.search(page)) or "texts" not in unpacked(packed[0]):
            yield "index.html lacks its second language"
    except Exception as error:  # whatever stands in the place of the packed content
        yield f"the second language of index.html cannot be unpacked ({type(error).__name__})"


def _seal(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
