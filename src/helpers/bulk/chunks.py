"""A stream of bytes cut into files of whole lines: what is worked on at a time never depends on how large a file is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.refusals import Refusal

SIZE = 64 * 2**20  # bytes of a chunk, without the header
LONGEST_LINE = 2**20


@dataclass(frozen=True)
class Chunk:
    """Some lines of a file: number, place, the line before the first, and how many are not empty."""

    number: int
    file: Path
    before: int
    lines: int


class Cutter:
    """Takes blocks of bytes and hands on chunks.

    Parameters
    ----------
    place
        The file that holds a chunk at work, with 0 or 1 behind its name: the next one may be written meanwhile, the
        one after that takes its place.
    begin
        Called once, with the header.
    work
        Called with each chunk.
    wants
        Tells whether a chunk of this number is worked on: what an earlier run finished is not written again.
    name
        As messages name the file.
    size
        Of a chunk.
    """

    def __init__(self, place: Path, begin: Callable[[str], None], work: Callable[[Chunk], None],
                 wants: Callable[[int], bool], name: str, size: int) -> None:  # fmt: skip
        self._places = tuple(place.with_name(f"{place.name}{number}") for number in (0, 1))
        self._begin, self._work, self._wants, self._name = begin, work, wants, name
        self._size = size
        self._begun = False
        self._held: list[bytes] = []
        self._length, self._number, self._before = 0, 0, 1

    def take(self, block: bytes) -> None:
        """Take the next bytes of the file."""
        for start in range(0, len(block), self._size):
            self._take(block[start : start + self._size])

    def _take(self, block: bytes) -> None:
        self._held.append(block)
        self._length += len(block)
        if not self._begun:
            self._find_header()
        if self._length >= self._size and self._begun:
            whole = b"".join(self._held)
            end = whole.rfind(b"\n") + 1
            self._check_line(len(whole) - end)
            self._held, self._length = [whole[end:]], len(whole) - end
            self._hand_on(whole[:end])

    def _find_header(self) -> None:
        whole = b"".join(self._held)
        first, found, rest = whole.partition(b"\n")
        self._check_line(len(first))
        if found:
            self._start(first, rest)

    def _start(self, first: bytes, rest: bytes) -> None:
        try:
            self._begin(first.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise Refusal(
                f"bytes that are no text ({first[error.start : error.start + 4]!r})", file=self._name, row=1,
                expected="a header in UTF-8", remedy="check that this is a bulk file of figures",
            ) from None  # fmt: skip
        self._begun, self._held, self._length = True, [rest], len(rest)

    def _check_line(self, length: int) -> None:
        if length > LONGEST_LINE:
            raise Refusal(
                f"a line of more than {LONGEST_LINE:,} bytes", expected="lines of some hundred", file=self._name,
                row=None if self._begun else 1, remedy="check that this is a bulk file of figures",
            )  # fmt: skip

    def finish(self) -> int:
        """Hand on what is left; return how many chunks there were."""
        if not self._begun and self._length:
            self._start(b"".join(self._held), b"")
        if not self._begun:
            raise Refusal("the file is empty", expected="a header and figures", remedy="fetch it anew", file=self._name)
        self._hand_on(b"".join(self._held))
        self._held, self._length = [], 0
        return self._number

    def _hand_on(self, lines: bytes) -> None:
        if not lines:
            return
        count = lines.count(b"\n") + (not lines.endswith(b"\n"))
        if self._wants(self._number):
            lines = lines.replace(b"\r\n", b"\n")
            place = self._places[self._number % 2]
            place.write_bytes(lines)
            empty = lines.count(b"\n\n") + lines.startswith(b"\n")
            self._work(Chunk(self._number, place, self._before, count - empty))
        self._number += 1
        self._before += count

    def clear(self) -> None:
        """Take the chunks at work away."""
        for place in self._places:
            place.unlink(missing_ok=True)
