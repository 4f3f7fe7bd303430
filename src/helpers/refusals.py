"""One kind of error for bad input: which file, row and column, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
import errno
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

GATE_CLOSED, AT_WORK = 10, 11
EXIT_CODES = {
    0: "done; after a fetch: there are new figures; report --if-new: a new report is out",
    1: "a step of the report failed; the last good report is untouched",
    2: "a parameter or option is wrong; nothing was run",
    3: "a raw file or its record is wrong; nothing was run or replaced",
    4: "something needed to run is missing on this machine: a package, room on the disk, memory, a right to write",
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


# What a machine can lack, by the number of the error: what is so, what should be, what to do.
_LACKS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), ("the disk is full", "room for a report, some 50 MB", "make room; "
                    "`diversion prune --keep N` takes old reports away")),
    errno.EFBIG: ("a file may not become that large", "no limit on the size of files", "raise it (ulimit -f)"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), ("it cannot be written or read", "that whoever runs this "
                    "may write to data/ and reports/", "give the right, or run it as the owner of the checkout")),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), ("too many open files", "256 at a time or more",
                    "raise the limit (ulimit -n, LimitNOFILE=)")),
    errno.ENOMEM: ("too little memory", "about 2 GB", "free some, or raise the limit (ulimit -v, MemoryMax=)"),
    errno.EAGAIN: ("no more processes can be started", "64 or more", "raise the limit (ulimit -u, TasksMax=)"),
    errno.EIO: ("the disk cannot be read or written", "a disk without errors", "look at what the kernel says (dmesg)"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.ESTALE), ("it is gone, or was never there", "that nobody moves "
                    "or deletes files of the checkout meanwhile", "bring it back (git status shows what is missing)")),
}  # fmt: skip


_SCARCE = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO}


def of_machine(error: BaseException, shown: Callable[[Path], str]) -> Refusal | None:
    """Return what the machine lacks, if an error says so: disk, memory, rights, files, a package.

    What is scarce counts wherever it stands among the errors that led to this one; a file that is not there only where
    it is the cause itself, since programs look for files in vain as a matter of course. ``shown`` names a file as
    messages do.
    """
    seen, is_cause = error, True
    while seen is not None:
        number = errno.ENOMEM if isinstance(seen, MemoryError) else getattr(seen, "errno", None)
        if isinstance(seen, OSError | MemoryError) and number in (_LACKS if is_cause else _SCARCE):
            named = getattr(seen, "filename2", None) or getattr(seen, "filename", None)
            return _lack(_LACKS[number], shown(Path(os.fsdecode(named))) if isinstance(named, str | bytes) else "")
        if isinstance(seen, ImportError) and is_cause:
            found = f"a package cannot be loaded ({str(seen)[:200]})"
            return _lack((found, "every package of the lock, and about 2 GB of memory",
                          "tools/set_up.sh runner; `diversion doctor` says what is missing"), "")  # fmt: skip
        is_cause = is_cause and seen.__cause__ is not None
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return _lack(_LACKS[errno.EAGAIN], "")
    if isinstance(error, OSError):  # of a library, which gives no number
        return _lack((f"a file cannot be read or written ({str(error)[:200]})", "every file of the checkout",
                      "bring it back (git status shows what is missing)"), "")  # fmt: skip
    return None


def _lack(words: tuple[str, str, str], file: str) -> Refusal:
    found, expected, remedy = words
    return Refusal(found, expected=expected, remedy=remedy, file=file, exit_code=4)


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
