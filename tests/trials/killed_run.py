"""A run that counts its calls to the system and dies at one of them: killed_run.py night, killed_run.py swap FOLDER.

``night`` is ``diversion report --if-new`` on an invented day. ``swap`` puts the finished reports in ``FOLDER`` in
place, one after the other and again from the first, ``KILLED_TIMES`` times. ``KILLED_STEP`` names the step in which
the run dies, ``KILLED_AT`` the call, none where that is empty; ``KILLED_WHO`` whom it takes along; ``KILLED_CALLS``
the file into which the calls of all steps are written at the end. What counts are openings of files of the checkout,
writes, renames, removals and locks, in the process in front.

A call counts before it is made, and a write once more after it: what was written then may not have reached the file
yet, as when a machine takes the process away.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

DAY = dt.datetime(2026, 1, 20, 18, tzinfo=dt.UTC)
BEFORE, AFTER = "start", "end"  # what lies around the steps of a night
FRONT, GROUP, EVERYBODY = WHO = ("the front", "its group", "everybody")
MARK = "DIVERSION_TEST_MARK"  # as in checkout.py, which would import pandas
CALLS = {"rename", "replace", "remove", "unlink", "rmdir", "mkdir", "link", "symlink", "utime", "truncate",
         "ftruncate", "chmod", "sendfile", "copy_file_range", "write", "flock"}  # fmt: skip
WRITES = {"sendfile", "copy_file_range", "write"}
OF_THE_SYSTEM = {"posix", "io", "_io", "fcntl"}


class Counted:
    """Hears of every call, counts those that matter by step, and ends the run at the one that was told."""

    def __init__(self) -> None:
        self.calls: dict[str, list[str]] = defaultdict(list)
        self.step, self._listens = BEFORE, False
        self._fatal = (os.environ.get("KILLED_STEP", ""), int(os.environ.get("KILLED_AT") or -1))
        self._everything = bool(os.environ.get("KILLED_CALLS"))

        self._places = tuple(str(Path.cwd() / name) for name in ("reports", "data"))
        sys.addaudithook(self.hear)

    def enter(self, step: str) -> None:
        """Note that another step has begun; the calls of steps that nobody asked for are not listened to."""
        self.step = step
        self._listens = self._everything or step == self._fatal[0]
        sys.setprofile(self if self._listens else None)

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Hear of the opening of a file, as an audit hook is told it; those of Python and its packages do not count."""
        if event == "open" and self._listens and isinstance(given[0], str | bytes | os.PathLike):
            path = os.fsdecode(given[0])
            if not path.startswith("/") or path.startswith(self._places):
                self._count(event)

    def __call__(self, frame: FrameType, event: str, called: Any) -> None:
        """Hear of a call, as ``sys.setprofile`` tells it."""
        if event not in ("c_call", "c_return") or called.__name__ not in CALLS or not _is_of_the_system(called):
            return
        if event == "c_return" and called.__name__ not in WRITES:
            return
        self._count(called.__name__)

    def _count(self, name: str) -> None:
        self.calls[self.step].append(name)
        if (self.step, len(self.calls[self.step])) == self._fatal:
            die()


def _is_of_the_system(called: Any) -> bool:
    """Tell calls to the system, and writes into files, from what only has such a name."""
    owner = getattr(called, "__self__", None)
    if isinstance(owner, io.IOBase | io.TextIOBase):
        return getattr(owner, "name", None) is not None and owner is not sys.stderr  # in memory nothing has a name
    return getattr(called, "__module__", None) in OF_THE_SYSTEM


def die() -> None:
    """End by SIGKILL those that were told; this process is one of them."""
    who = os.environ["KILLED_WHO"]
    if who == GROUP:
        os.killpg(0, signal.SIGKILL)
    if who == EVERYBODY:
        mark = f"{MARK}={os.environ[MARK]}\0".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if entry.name != str(os.getpid()) and mark in (entry / "environ").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                continue
    os.kill(os.getpid(), signal.SIGKILL)


def night(counted: Counted) -> int:
    """Make the report, as a timer has it made."""
    from helpers import cli
    from helpers import night as nights

    passed, run = nights.Watched.passed, nights.run

    def heard(guard: nights.Watched, step: str, outcome: str = "done", **facts: Any) -> None:
        passed(guard, step, outcome, **facts)
        counted.enter((*nights.STEPS, AFTER)[nights.STEPS.index(step) + 1])

    nights.Watched.passed = heard  # type: ignore[method-assign]
    nights.run = lambda *given, **told: run(*given, **told | {"now": DAY})
    return cli.main(["report", "--if-new", "--source", "abs"])


def swap(counted: Counted) -> int:
    """Put finished reports in place, as the last step of a night does."""
    from helpers import paths, publish

    reports = sorted(Path(sys.argv[2]).iterdir())
    publish.clean_up()
    for number in range(int(os.environ.get("KILLED_TIMES", 1))):
        folder, report = paths.REPORTS / f"{publish.BUILDING}{os.getpid()}", reports[number % len(reports)]
        shutil.copytree(report, folder / "report")
        shutil.copytree(paths.PROCESSED, folder / "tables")
        month = json.loads((report / "run.json").read_text(encoding="utf-8"))["parameters"]["month"]
        counted.enter("publish")
        publish.put_in_place(folder / "report", folder / "tables", month)
        counted.enter(AFTER)
        shutil.rmtree(folder)
    return 0


def main(work: Callable[[Counted], int]) -> int:
    """Work, and tell the calls."""
    counted = Counted()
    counted.enter(BEFORE)
    code = work(counted)
    sys.setprofile(None)
    if place := os.environ.get("KILLED_CALLS"):
        Path(place).write_text(json.dumps(counted.calls), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main({"night": night, "swap": swap}[sys.argv[1]]))
