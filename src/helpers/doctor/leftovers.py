"""What runs that were cut short left behind: working folders, reports without their name, locks, processes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from helpers import paths, systems
from helpers.doctor.finding import Finding, named
from helpers.publish import ASIDE, BUILDING, PRUNED, half_written

PROC = Path("/proc")
TIDY = ".venv/bin/diversion correct tidies up and computes nothing; the next report does it too"
_OWNER = re.compile(re.escape(BUILDING) + r"([0-9]+)")


def folders() -> Iterator[Finding]:
    """Look for working folders of runs that are over, and for reports that lost their name between two renames."""
    found = []
    for place in sorted(paths.REPORTS.glob(f"{ASIDE}*")):
        month = place.name.removeprefix(ASIDE)
        lost = not (paths.REPORTS / month).exists()
        told = f"the report for {month} is hidden as {place.name}" if lost else f"{place.name}, which was replaced"
        found.append(Finding("leftovers", "wrong" if lost else "note", told, TIDY))
    for place in sorted(paths.REPORTS.glob(f"{PRUNED}*")):
        found.append(Finding("leftovers", "note", f"{place.name}, half taken away", TIDY))
    for place in sorted(paths.REPORTS.glob(f"{BUILDING}*")):
        pid = place.name.removeprefix(BUILDING)
        if not pid.isdigit():
            found.append(Finding("leftovers", "wrong", f"{place.name} was made by no run", f"rm -r {named(place)}"))
        elif systems.is_running(int(pid)):
            found.append(Finding("leftovers", "note", f"a run is at work, process {pid}", "wait until it has ended"))
        else:
            found.append(Finding("leftovers", "wrong", f"{place.name}, the working folder of a run that is over", TIDY))
    if over := [file for file, pid in half_written() if not systems.is_running(pid)]:
        names = ", ".join(paths.shown(file) for file in over)
        found.append(Finding("leftovers", "note", f"half-written files of runs that are over: {names}", TIDY))
    if failed := sorted(paths.REPORTS.glob(".failed/*.ipynb")):
        found.append(Finding("failed steps", "note", f"{len(failed)} notebooks of failed steps are kept under .failed",
                             f"read them, then: rm -r {named(paths.REPORTS / '.failed')}"))  # fmt: skip
    yield from found or [Finding("leftovers", "well", "none")]


def notes() -> Iterator[Finding]:
    """Look at what runs keep for the next ones: damaged, it is found or made again, and only costs time."""
    damaged = [file for file in sorted(paths.REPORTS.glob(".state/*.json")) if not _is_json(file)]
    for record in sorted(paths.REPORTS.glob(".steps/*/*/record.json")):
        if not _is_json(record):
            damaged.append(record)
    for place in sorted(paths.REPORTS.glob(".steps/*/*")):
        if not (place / "record.json").is_file():
            damaged.append(place)
    if damaged:
        names = " ".join(named(place) for place in damaged)
        yield Finding("notes of runs", "note", f"{len(damaged)} damaged", f"rm -r {names}; they are made again")
    else:
        yield Finding("notes of runs", "well", "all can be read")


def _is_json(file: Path) -> bool:
    try:
        return isinstance(json.loads(file.read_bytes()), dict)
    except (OSError, ValueError):
        return False


def locks(proc: Path = PROC) -> Iterator[Finding]:
    """Look who holds the locks of report, fetch and set-up, in what the system tells: none is taken for it."""
    names = {
        paths.REPORTS / ".lock": "report", paths.REPORTS / ".night.lock": "run by timer",
        paths.ANSWERS / ".lock": "fetch", paths.ROOT / "tools" / "set_up.sh": "set-up",
    }  # fmt: skip
    if not proc.is_dir():
        yield _untold("locks")
        return
    wanted = {file.stat().st_ino: (file, what) for file, what in names.items() if file.is_file()}
    found = []
    for number, owner in _held(proc):
        if number not in wanted:
            continue
        file, what = wanted[number]
        holders = _who_opened(file, proc)  # a lock goes on in processes that the one which took it has started
        if owner in holders:
            found.append(Finding("locks", "note", f"{what} is at work, process {owner}", "wait until it has ended"))
        elif holders:
            ended = " ".join(map(str, holders))
            found.append(Finding("locks", "wrong", f"the lock of {what} outlived process {owner}", f"kill {ended}"))
    yield from found or [Finding("locks", "well", "none is held")]


def _untold(what: str) -> Finding:
    """Say that this system does not tell it: macOS has no ``/proc``."""
    return Finding(what, "note", "not told here", "look at it yourself: ps -ax | grep diversion")


def _held(proc: Path) -> Iterator[tuple[int, int]]:
    """Give the number of each file that is locked, and the process that locked it."""
    for line in (proc / "locks").read_text(encoding="ascii").splitlines():
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK":
            yield int(words[5].rpartition(":")[2]), int(words[4])


def _who_opened(file: Path, proc: Path) -> list[int]:
    """Return the processes that have a file open, as far as this user may see."""
    whole, found = str(file.resolve()), set()
    for entry in proc.glob("[0-9]*/fd/*"):
        try:
            if str(entry.readlink()) == whole:
                found.add(int(entry.parts[-3]))
        except OSError:
            continue
    return sorted(found)


def processes(proc: Path = PROC) -> Iterator[Finding]:
    """Look for processes that work in the folder of a run that is over."""
    if not proc.is_dir():
        yield _untold("processes")
        return
    strays, mark = [], os.fsencode(paths.REPORTS / BUILDING)
    for entry in proc.glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
            place = os.fsencode((entry / "cwd").readlink())
        except OSError:
            continue
        for told in (line, place):
            at = told.find(mark)
            owner = _OWNER.match(os.fsdecode(told[at + len(mark) - len(BUILDING) :])) if at >= 0 else None
            if owner and not (proc / owner[1]).exists():
                strays.append(entry.name)
                break
    if strays:
        yield Finding("processes", "wrong", f"of runs that are over: {', '.join(strays)}", f"kill {' '.join(strays)}")
    else:
        yield Finding("processes", "well", "none of a run that is over")
