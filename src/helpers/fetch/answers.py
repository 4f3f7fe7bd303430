"""The bytes of answers: accepted ones kept so that a fetch can go on where it stopped, refused ones set aside, halves.

Everything lies under ``data/answers``, outside of git: much of it may not be passed on.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from helpers import paths
from helpers.sources.contract import Ask, RefusedAnswer

FRESH_SECONDS = 3600  # a fetch that stopped goes on with these answers; an office may publish any hour


def _place(kind: str, ask: Ask, day: str) -> Path:
    return paths.ANSWERS / kind / ask.office / day / f"{ask.name}.{ask.expects}"


def mend() -> None:
    """Take away what fetches that were cut short left half-written; one fetch at a time is at work."""
    for kind in ("accepted", "refused", "halves"):
        for part in (paths.ANSWERS / kind).rglob(".*.part"):
            part.unlink()


def kept(ask: Ask, day: str) -> bytes | None:
    """Return the answer that this request got within the last hour; ``b""`` where the office had nothing."""
    file = _place("accepted", ask, day).with_suffix(f".{ask.expects}.gz")
    try:
        if abs(time.time() - file.stat().st_mtime) > FRESH_SECONDS:  # also what a clock set back calls future
            return None
        return gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error):
        return None


def keep(ask: Ask, day: str, body: bytes) -> None:
    """Keep an accepted answer, or ``b""`` for none; the last of a day stays as the proof of what was read."""
    paths.put(_place("accepted", ask, day).with_suffix(f".{ask.expects}.gz"), gzip.compress(body, 6, mtime=0))


def set_aside(ask: Ask, day: str, body: bytes, refusal: RefusedAnswer) -> Path:
    """Keep the bytes of a refused answer beside the reason."""
    file = _place("refused", ask, day)
    paths.put(file, body)
    told = {"ask": ask.name, "path": ask.path, "reason": refusal.reason, "message": str(refusal)}
    paths.put(file.with_name(f"{file.name}.reason.json"), (json.dumps(told, indent=1) + "\n").encode())
    return file


@dataclass
class Half:
    """The beginning of an answer that broke off, and the mark by which the server knows the version it belongs to."""

    ask: Ask
    body: bytearray = field(default_factory=bytearray)
    mark: str = ""

    @property
    def file(self) -> Path:
        """Where it lies."""
        return paths.ANSWERS / "halves" / self.ask.office / f"{self.ask.name}.part"

    @property
    def headers(self) -> dict[str, str]:
        """What asks the server for the rest, if the answer is still the same."""
        return {"Range": f"bytes={len(self.body)}-", "If-Range": self.mark} if self.body and self.mark else {}

    def keep(self, headers: dict[str, str]) -> None:
        """Keep it for the next try if the server says that it can continue."""
        mark = headers.get("ETag", "") or headers.get("Last-Modified", "")
        if mark and not mark.startswith("W/") and headers.get("Accept-Ranges", "") == "bytes":
            paths.put(self.file, mark.encode() + b"\n" + bytes(self.body))

    def forget(self) -> None:
        """Take it away."""
        self.file.unlink(missing_ok=True)


def half(ask: Ask) -> Half:
    """Return what is there of an answer."""
    beginning = Half(ask)
    try:
        mark, _, body = beginning.file.read_bytes().partition(b"\n")
    except OSError:
        return beginning
    return Half(ask, bytearray(body), mark.decode("ascii", "replace"))
