"""Refuse to publish a report that holds a key of this machine or says where on it the project lies.

A key may come into a report by a cell that prints its surroundings, by an address in an error message, by a table made
from either. What is looked for is a value of a variable of the environment whose name says that it is one, and the
folders of the checkout and of its user; what is told is the name and the file, never the value. Every file of the
report is read as bytes. The page carries its data and its other language packed: they are unpacked before.
"""

from __future__ import annotations

import base64
import html
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote, quote_plus

from markupsafe import escape

from helpers import paths
from helpers.refusals import Refusal

ENDINGS = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
SHORTEST = 8  # letters: what is shorter stands in any text by chance
PICTURES = {".png"}  # drawn from numbers; nothing is written into them but what run.json says as well
_PACKED = re.compile(rb'<script type="text/plain" id="packed">([A-Za-z0-9+/=]+)<')
_BEFORE, _AFTER = re.compile(rb"[\w.~-]"), re.compile(rb"[\w~-]|\.\w")  # what makes a folder part of a longer name
_ARCHIVE = re.compile(rb'href="data:application/zip;base64,([A-Za-z0-9+/=]+)"')


def check(report: Path, surroundings: Mapping[str, str] | None = None) -> None:
    """Read every file of a finished report.

    Parameters
    ----------
    report
        Folder of the report, before readers see it.
    surroundings
        The variables of the environment; those of this process, if not given.

    Raises
    ------
    Refusal
        If a file holds the value of a key, or a folder of this machine; exit code 1.
    """
    surroundings = os.environ if surroundings is None else surroundings
    keys, places = secrets_of(surroundings), places_of(surroundings)
    for file in sorted(file for file in report.rglob("*") if file.is_file() and file.suffix not in PICTURES):
        name = file.relative_to(report).as_posix()
        for content in _contents(file):
            for variable, spellings in keys.items():
                if any(spelling in content for spelling in spellings):
                    raise _refuse(name, f"the value of {variable}", variable)
            for what, spellings in places.items():
                if any(_stands_alone(spelling, content) for spelling in spellings):
                    raise _refuse(name, f"the place of {what} on this machine", "")


def secrets_of(surroundings: Mapping[str, str]) -> dict[str, set[bytes]]:
    """Return the spellings of every value that is a secret by the name of its variable."""
    found = {}
    for variable, value in sorted(surroundings.items()):
        if variable.upper().endswith(ENDINGS) and len(value.strip()) >= SHORTEST:
            found[variable] = _spellings(value.strip())
    return found


def _spellings(value: str) -> set[bytes]:
    """Return a value as the files of a report may write it: as it is, in JSON, HTML, an address, CSV, set in type."""
    from helpers.typesetting import fine, inline

    texts = {value, *(written[1:-1] for written in (json.dumps(value), json.dumps(value, ensure_ascii=False),
                                                    repr(value)))}  # fmt: skip
    texts |= {str(drawn(text)) for text in texts for drawn in (escape, html.escape, partial(html.escape, quote=False))}
    texts |= {quote(value, safe=""), quote_plus(value), value.replace('"', '""'), fine(value), str(inline(value))}
    found = {text.encode("utf-8", "surrogateescape") for text in texts}  # as reports are written, in any language
    return {text for text in found if not any(other in text for other in found - {text})}


def places_of(surroundings: Mapping[str, str]) -> dict[str, set[bytes]]:
    """Return the spellings of the folders that should be named nowhere: the checkout's and the user's own.

    The top of the disk is none: where one of them is that, every path names it.
    """
    home = surroundings.get("HOME") or os.path.expanduser("~")  # noqa: PTH111, which fails where there is none
    named = {"the checkout": {str(paths.ROOT)}, "the home folder": {home.rstrip("/"), os.path.realpath(home)}}
    return {
        what: {spelling for place in places if place.strip("/") for spelling in _spellings(place)}
        for what, places in named.items()
    }


def _stands_alone(place: bytes, content: bytes) -> bool:
    """Tell whether a folder is named, and not a longer name that begins or ends like it."""
    at = content.find(place)
    while at >= 0:
        end = at + len(place)
        if not _BEFORE.match(content[max(0, at - 1) : at]) and not _AFTER.match(content[end : end + 2]):
            return True
        at = content.find(place, end)
    return False


def _contents(file: Path) -> Iterator[bytes]:
    """Give what a file holds, and what is packed inside a page."""
    content = file.read_bytes()
    yield content
    if file.suffix != ".html":
        return
    for packed in _PACKED.findall(content):
        yield zlib.decompress(base64.b64decode(packed), -15)
    for archive in _ARCHIVE.findall(content):
        yield from _unzipped(base64.b64decode(archive), file.parent / "data")


def _unzipped(archive: bytes, data: Path) -> Iterator[bytes]:
    """Give what an archive holds and does not lie beside the page as well, by its checksum."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for member in opened.infolist():
            beside = data / member.filename
            if not beside.is_file() or zlib.crc32(beside.read_bytes()) != member.CRC:
                yield opened.read(member)


def _refuse(file: str, found: str, variable: str) -> Refusal:
    unset = f"; if {variable} is no secret, run with env -u {variable}" if variable else ""
    return Refusal(
        f"holds {found}; it is not published",
        expected="a report that can be given to anybody",
        remedy=f"find the cell that printed it, take it out and run again{unset}",
        file=file,
        exit_code=1,
    )
