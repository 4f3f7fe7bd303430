"""What Linux, macOS and Windows differ in: locks, processors, living processes; and the refusal where one cannot run.

Linux is where reports are made every month. On macOS the same happens without what only Linux has: every notebook gets
a new Python instead of a fork. On Windows reports are made inside WSL 2, which is Linux; commands that only read work
without it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from helpers.refusals import Refusal

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

LINUX = sys.platform.startswith("linux")


def refuse_windows() -> None:
    """Refuse what needs locks, signals and processes as Linux and macOS have them.

    Raises
    ------
    Refusal
        On Windows; exit code 4.
    """
    if fcntl is None:
        raise Refusal(
            "this command does not run on Windows itself", expected="Linux, macOS, or Windows with WSL 2",
            remedy="wsl --install -d Debian, then the same command in a checkout inside WSL (README, Other systems)",
            exit_code=4,
        )  # fmt: skip


def write_utf8() -> None:
    """Let Windows write text as the other systems do, into files and pipes as well."""
    if fcntl is None:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8")


@contextlib.contextmanager
def locked(file: Path, taken: Refusal | None = None) -> Iterator[None]:
    """Hold a lock that ends with the process that holds it, however that ends.

    Parameters
    ----------
    file
        The file that is locked; it is made, its folder must exist.
    taken
        What to raise if somebody else holds it; None waits instead.

    Raises
    ------
    Refusal
        ``taken``, or on Windows one with exit code 4.
    """
    refuse_windows()
    with file.open("w") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | (fcntl.LOCK_NB if taken else 0))
        except OSError as error:
            raise taken or error from None
        yield


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if LINUX else os.cpu_count() or 1


def is_running(pid: int) -> bool:
    """Tell whether a process is alive."""
    refuse_windows()  # there, asking would end it
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
