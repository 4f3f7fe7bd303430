"""One kind of error for bad input: which file, row and column, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

EXIT_CODES = {
    0: "done; after a fetch: there are new figures",
    1: "a step of the report failed; the last good report is untouched",
    2: "a parameter or option is wrong; nothing was run",
    3: "a raw file or its record is wrong; nothing was run or replaced",
    4: "something needed to run is missing on this machine",
    5: "fetch: nothing new; every source answered",
    6: "fetch: part of the sources failed; what the others gave is in the ledger",
    7: "fetch: every source failed; the ledger is untouched",
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


def nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Return the known words nearest to ``word``, quoted and comma-separated, or all of them when none is near."""
    known = sorted(set(known))
    near = difflib.get_close_matches(word, known, n=count, cutoff=0.5)
    if not near:
        lower = {name.lower(): name for name in known}
        near = [lower[hit] for hit in difflib.get_close_matches(word.lower(), list(lower), n=count, cutoff=0.4)]
    return ", ".join(f'"{name}"' for name in (near or known[:12]))
