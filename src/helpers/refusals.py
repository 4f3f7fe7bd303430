"""One kind of error for bad input: which file, row and column, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

GATE_CLOSED, AT_WORK = 10, 11
EXIT_CODES = {
    0: "done; after a fetch: there are new figures; report --if-new: a new report is out",
    1: "a step of the report failed; the last good report is untouched",
    2: "a parameter or option is wrong; nothing was run",
    3: "a raw file or its record is wrong; nothing was run or replaced",
    4: "something needed to run is missing on this machine",
    5: "fetch, report --if-new: nothing new; every source answered",
    6: "fetch, report --if-new: part of the sources failed; what the others gave is in the ledger, and in the report",
    7: "fetch, report --if-new: every source failed; the ledger is untouched",
    8: "verify: equal to the digits that the page prints, not to the byte",
    9: "verify: differs from what was published; the first table, row and number are named",
    10: "report --if-new: a gate is closed; the report is made and not published, the last good one stands",
    11: "report --if-new: another run is at work; nothing was done",
    130: "interrupted; the last good report is untouched",
}


class Refusal(Exception):
    """Bad input, told in one message.

    Parameters
    ----------
    found
        What stands there.
    expected
        What should stand there.
    remedy
        What the reader of the message can do.
    file, row, column
        Where. ``row`` counts lines as an editor does: the header is line 1.
    exit_code
        One of :data:`EXIT_CODES`.
    """

    def __init__(
        self,
        found: str,
        *,
        expected: str,
        remedy: str,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        exit_code: int = 3,
    ) -> None:
        where = [
            text for text in (file, f"line {row}" if row else None, f"column {column}" if column else None) if text
        ]
        self.exit_code = exit_code
        super().__init__(
            f"{', '.join(where) + ': ' if where else ''}{found}\n  expected: {expected}\n  what to do: {remedy}"
        )


def as_value_error(check: Callable[[str], str], value: str) -> str:
    """Return a checked value; a refusal becomes the error that pydantic expects, with its first line."""
    try:
        return check(value)
    except Refusal as refusal:
        raise ValueError(str(refusal).splitlines()[0]) from refusal


# What moves a cursor, colours a terminal, turns the direction of writing, or is half of a character.
UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def visible(text: str) -> str:
    """Return a text for a terminal: what it would obey instead of showing is spelled by its number."""
    return UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Return the known words nearest to ``word``, quoted and comma-separated, or all of them when none is near."""
    known = sorted(set(known))
    near = difflib.get_close_matches(word, known, n=count, cutoff=0.5)
    if not near:
        lower = {name.lower(): name for name in known}
        near = [lower[hit] for hit in difflib.get_close_matches(word.lower(), list(lower), n=count, cutoff=0.4)]
    return ", ".join(f'"{name}"' for name in (near or known[:12]))
