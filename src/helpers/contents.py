"""What a published report consists of, by fingerprint, as its record names it: page, tables, list of packages.

A notice of correction is set into a page that stands and taken out again; the page is the same without it. So the
record names the page as it is without a notice, and stays true.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from helpers import notice, store
from helpers.refusals import Refusal

PAGE, PACKAGES = "index.html", "sbom.cdx.json"
TIMES = ("duration", "end_time", "start_time")


def fingerprints(folder: Path) -> dict[str, str]:
    """Return the fingerprints of the page, of every table and of the list of packages of a report, by file."""
    files = [*sorted((folder / "data").glob("*.csv")), folder / PACKAGES]
    held = {file.relative_to(folder).as_posix(): store.sha256(file.read_bytes()) for file in files if file.is_file()}
    return ({PAGE: store.sha256(page_of(folder))} if (folder / PAGE).is_file() else {}) | held


def page_of(folder: Path) -> bytes:
    """Return the page of a report as it is without a notice; as it stands, where somebody broke it."""
    content = (folder / PAGE).read_bytes()
    try:
        page = content.decode("utf-8")
        return notice.with_notice(page, None).encode() if notice.is_shown(page) else content
    except (Refusal, ValueError, LookupError, TypeError, zlib.error):
        return content


def altered(folder: Path, files: dict[str, str]) -> list[str]:
    """Return the files that are not those of the record (``files``): changed, missing or added."""
    found = fingerprints(folder)
    return [name for name in sorted({*found, *files}) if found.get(name) != files.get(name)]


def notebook_of(file: Path) -> object:
    """Return an executed notebook without what differs from run to run: times, and the id of the cell with parameters.

    What is left of a notebook that cannot be read is its bytes.
    """
    try:
        content = json.loads(file.read_bytes())
        for name in TIMES:
            content["metadata"].get("papermill", {}).pop(name, None)
        for cell in content["cells"]:
            cell["metadata"].pop("papermill", None)
            cell["metadata"].pop("execution", None)
            if "injected-parameters" in cell["metadata"].get("tags", []):
                cell.pop("id", None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return file.read_bytes()
    return content
