"""Finished steps, kept under ``reports/.steps`` with everything they were made from, so that none runs twice.

What a step was made from is known from two sides: what the run gave it (code cells, parameters, tables, versions), and
what it was seen to read of the checkout while it ran (``tracing.py``). A step is kept as long as all of it is the same,
byte by byte; dates are never looked at. An entry whose own files differ from their fingerprints is not used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import digests, paths, tracing

ENTRIES = 4  # kept of each step: as many settings can be switched between without running anything
NOTEBOOK = "notebook.ipynb"
LATER = "changed while the step ran"


def sha256(content: bytes) -> str:
    """Return a fingerprint in hex."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(content: Any) -> str:
    """Return the fingerprint of anything that JSON can write."""
    return sha256(json.dumps(content, sort_keys=True).encode())


class Snapshot:
    """Fingerprints of files of the checkout as they were when the run began."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Take the fingerprints of the files and folders that are expected to be read."""
        self._taken = time.time_ns()
        self._known = {name: self._now(name) for name in names}

    def of(self, name: str) -> str:
        """Return the fingerprint of a file, or of the list of names in a folder (``name`` ends in a slash).

        A file that nobody expected and that was written after the run began has none.
        """
        if name not in self._known:
            with contextlib.suppress(OSError):
                if tracing.path_of(name).stat().st_mtime_ns >= self._taken:
                    return LATER
            self._known[name] = self._now(name)
        return self._known[name]

    def known(self) -> dict[str, str]:
        """Return the fingerprints taken so far, by name."""
        return dict(self._known)

    def still(self, name: str) -> bool:
        """Tell whether a file is now as it was when first asked for."""
        return self.of(name) == self._now(name)

    @staticmethod
    def _now(name: str) -> str:
        path = tracing.path_of(name)
        try:
            if name.endswith("/"):
                return fingerprint(sorted(entry.name for entry in path.iterdir()))
            return digests.known_sha256_of(path)
        except OSError:
            return "missing"


@dataclass(frozen=True)
class Entry:
    """A finished step: its folder and what is known about it."""

    folder: Path
    given: dict[str, Any]
    read: dict[str, str]
    files: dict[str, str]
    seconds: float
    peak_mib: int = 0

    def table(self, name: str) -> str:
        """Return the fingerprint of a table it made."""
        return self.files[f"tables/{name}.parquet"]

    def is_whole(self) -> bool:
        """Tell whether its files are what they were when it was kept."""
        try:
            return all(sha256((self.folder / name).read_bytes()) == known for name, known in self.files.items())
        except OSError:
            return False


def _entries(step: str) -> list[Entry]:
    """Return what is kept of a step, the one used last first."""
    found = []
    for record in (paths.REPORTS / ".steps" / step).glob("*/record.json"):
        with contextlib.suppress(OSError, ValueError, TypeError):
            found.append((record.stat().st_mtime_ns, Entry(record.parent, **json.loads(record.read_text("utf-8")))))
    return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]


def latest(step: str) -> Entry | None:
    """Return the entry of a step that was used last, whatever it was made from."""
    return next(iter(_entries(step)), None)


def find(step: str, given: dict[str, Any], snapshot: Snapshot) -> Entry | None:
    """Return the finished step that was made from ``given`` and from files that have not changed since."""
    for entry in _entries(step):
        same = entry.given == given and all(snapshot.of(name) == known != LATER for name, known in entry.read.items())
        if same and entry.is_whole():
            with contextlib.suppress(OSError):
                os.utime(entry.folder / "record.json")
            return entry
    return None


def keep(step: str, folder: Path, makes: tuple[str, ...], given: dict[str, Any], snapshot: Snapshot,
         seconds: float) -> Entry:  # fmt: skip
    """Move a finished step's files into the store.

    A file that changed while the step ran leaves it unclear which of the two was read: such an entry serves this run
    and is found by none after it.
    """
    read = {name: snapshot.of(name) for name in json.loads((folder / "notes.json").read_text(encoding="utf-8"))}
    read |= {name: LATER for name in read if not snapshot.still(name)}
    names = [NOTEBOOK, *(f"tables/{name}.parquet" for name in makes), *(f"data/{name}.csv" for name in makes)]
    files = {name: sha256((folder / name).read_bytes()) for name in names}
    peak = folder / tracing.PEAK
    record = {
        "given": given, "read": read, "files": files, "seconds": seconds,
        "peak_mib": int(peak.read_text(encoding="ascii")) if peak.exists() else 0,
    }  # fmt: skip
    shelf, whole = paths.REPORTS / ".steps" / step, folder / "whole"
    for name in names:
        (whole / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder / name, whole / name)
    (whole / "record.json").write_text(json.dumps(record), encoding="utf-8")
    for old in _entries(step)[ENTRIES - 1 :]:
        shutil.rmtree(old.folder, ignore_errors=True)
    place = shelf / fingerprint([given, read])[:16]
    shutil.rmtree(place, ignore_errors=True)
    shelf.mkdir(parents=True, exist_ok=True)
    whole.rename(place)
    return Entry(place, **record)


def link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
