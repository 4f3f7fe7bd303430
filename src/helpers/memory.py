"""Answers that take longer to find than to remember, kept under ``reports/.state`` from one run to the next.

What is lost or damaged is found again; a memory that cannot be written is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers import paths

MOST = 20_000  # answers of one memory


def made_by(*files: str | Path, package: str) -> str:
    """Return the fingerprint of the code that finds an answer: files of ours, and the version of a package."""
    parts = [Path(file).read_bytes() for file in files]
    return hashlib.sha256(b"\0".join([metadata.version(package).encode(), *parts])).hexdigest()


class Memory:
    """Remembers what was asked for in earlier runs; when that is more than :data:`MOST`, in the last one.

    Parameters
    ----------
    name
        Its file.
    state
        What the answers depend on besides the question: another state forgets them all.
    """

    def __init__(self, name: str, state: str) -> None:
        self._file, self._state = paths.REPORTS / ".state" / f"{name}.json", state
        self._held: dict[str, Any] = {}
        self._asked: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["state"] == state:
                self._held = dict(kept["answers"])

    def recall(self, question: str, find: Callable[[str], Any]) -> Any:
        """Return the answer to a question; ``find`` gives it where it is not known."""
        if question not in self._asked:
            known = question in self._held
            self._asked[question] = self._held[question] if known else find(question)
        return self._asked[question]

    def save(self) -> None:
        """Keep what is known, if anything was found anew."""
        if self._asked.keys() <= self._held.keys():
            return
        together = {**self._held, **self._asked}
        self._held = together if len(together) <= MOST else dict(self._asked)
        with contextlib.suppress(OSError):
            paths.put(self._file, json.dumps({"state": self._state, "answers": self._held}).encode())
