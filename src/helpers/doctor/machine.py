"""The machine itself: Python, room on the disk, memory, folders that can be written to, text as UTF-8."""

from __future__ import annotations

import codecs
import locale
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from helpers import paths, systems
from helpers.doctor.finding import Finding, can_be_written, named, nearest

OLDEST = (3, 11)
MEGABYTE = 2**20
ROOM, NAMES = 200 * MEGABYTE, 2_000  # free bytes and free names (inodes) that a run with its kept steps may need
FILES = 256  # open at the same time in the process that runs the notebooks
MEMORY = 400 * MEGABYTE  # of a notebook at work


def python() -> Iterator[Finding]:
    """Look at the version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        yield Finding("Python", "wrong", f"{version}, 3.11 or newer is needed",
                      "put a newer python3 first on the PATH; Debian 12 has 3.11: apt-get install python3 python3-venv"
                      )  # fmt: skip
    else:
        yield Finding("Python", "well", version)


def disk() -> Iterator[Finding]:
    """Look at the room under the folders that a run writes to, once for each disk."""
    seen: set[int] = set()
    for place in (paths.REPORTS, paths.PROCESSED, temporary()):
        folder = nearest(place)
        if (number := folder.stat().st_dev) in seen:
            continue
        seen.add(number)
        found, name = os.statvfs(folder), named(place)
        free = found.f_bavail * found.f_frsize
        what, told = "disk space", f"{free // MEGABYTE:,} MB free under {name}"
        if free < ROOM:
            elsewhere = ", or choose another disk: export DIVERSION_REPORTS=FOLDER" if place == paths.REPORTS else ""
            yield Finding(what, "wrong", f"{told}, {ROOM // MEGABYTE} MB may be needed", f"free some there{elsewhere}")
        else:
            yield Finding(what, "well", told)
        if not found.f_files:  # this kind of disk does not count them
            continue
        if found.f_favail < NAMES:
            yield Finding("inodes", "wrong", f"{found.f_favail:,} free under {name}, {NAMES:,} may be needed",
                          f"take away small files on the disk of {name}; df -i shows how it stands")  # fmt: skip
        else:
            yield Finding("inodes", "well", f"{found.f_favail:,} free under {name}")


def folders() -> Iterator[Finding]:
    """Look whether the folders can be written to."""
    for place, use in ((paths.REPORTS, "report"), (paths.PROCESSED, "report"), (temporary(), "report"),
                       (paths.RAW, "fetch")):  # fmt: skip
        name, folder = named(place), nearest(place)
        what = f"folder {name}"
        if place.exists() and not place.is_dir():
            yield Finding(what, "wrong", "a file has its name", f"move {name} away")
        elif can_be_written(folder):
            yield Finding(what, "well", "can be written to" if folder == place else "is made by the next run")
        else:
            only_read = os.statvfs(folder).f_flag & os.ST_RDONLY
            yield Finding(what, "wrong" if use == "report" else "note",
                          f"cannot be written to{', its disk is mounted for reading only' if only_read else ''}"
                          f"{'' if use == 'report' else ': nothing can be fetched'}",
                          f"mount -o remount,rw $(findmnt -no TARGET -T {named(folder)})" if only_read
                          else f"chown -R $(id -un) {named(folder)}")  # fmt: skip


def temporary() -> Path:
    """Return the folder for temporary files; ``tempfile`` would write into it to find out."""
    named = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    known = [Path(name) for name in (*named, "/tmp", "/var/tmp") if name]
    return next((place for place in known if place.is_dir() and can_be_written(place)), known[0])


def open_files() -> Iterator[Finding]:
    """Look at how many files may be open at the same time."""
    import resource  # not there on Windows

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = "as many as wanted" if soft == resource.RLIM_INFINITY else f"{soft:,} at a time"
    if soft != resource.RLIM_INFINITY and soft < FILES:
        yield Finding("open files", "wrong", f"{told}, {FILES} may be needed", f"ulimit -n {4 * FILES}")
    else:
        yield Finding("open files", "well", told)


def memory() -> Iterator[Finding]:
    """Look at the memory that is free, of the machine and of the group this process is confined to."""
    free = _free_memory()
    if free is None:
        yield Finding("memory", "note", "how much is free is not told here", "look at it yourself: top")
        return
    told = f"{free // MEGABYTE:,} MB free"
    at_work = systems.processors() + 1
    if free < MEMORY:
        yield Finding("memory", "wrong", f"{told}, a notebook may need {MEMORY // MEGABYTE} MB",
                      "end other programs, or give the container more memory")  # fmt: skip
    elif free < at_work * MEMORY:
        yield Finding("memory", "note", f"{told}, {at_work} notebooks at a time may need more",
                      f"run on fewer processors: taskset -c 0 make report, or free {at_work * MEMORY // MEGABYTE:,} MB"
                      )  # fmt: skip
    else:
        yield Finding("memory", "well", told)


def _free_memory(meminfo: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Return the bytes that can still be had; None where the system does not say."""
    found = []
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):
        pass
    for most, used in (("memory.max", "memory.current"),
                       ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")):  # fmt: skip
        try:
            found.append(int((group / most).read_text()) - int((group / used).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return max(0, min(found)) if found else None


def text() -> Iterator[Finding]:
    """Look whether text goes in and out as UTF-8."""
    ways = {
        "the terminal": getattr(sys.stdout, "encoding", None) or "none", "file names": sys.getfilesystemencoding(),
        "files": locale.getpreferredencoding(False),
    }  # fmt: skip
    wrong = {way: name for way, name in ways.items() if not _is_utf8(name)}
    if wrong:
        told = ", ".join(f"{way}: {name}" for way, name in wrong.items())
        yield Finding("UTF-8", "wrong", f"not everywhere ({told})", "export LC_ALL=C.UTF-8; unset PYTHONIOENCODING")
    else:
        yield Finding("UTF-8", "well", "everywhere")


def _is_utf8(name: str) -> bool:
    try:
        return codecs.lookup(name).name == "utf-8"
    except LookupError:
        return False


def home() -> Iterator[Finding]:
    """Look at the home folder, where Matplotlib and IPython keep what they remember."""
    named = os.environ.get("HOME", "")
    cure = "export HOME=$(mktemp -d), or a folder of your own"
    if not named:
        yield Finding("HOME", "note", "is not set", cure)
    elif not Path(named).is_dir():
        yield Finding("HOME", "note", "names a folder that is not there", cure)
    elif not can_be_written(Path(named)):
        yield Finding("HOME", "note", "cannot be written to: every run begins without what the last one remembered",
                      cure)  # fmt: skip
    else:
        yield Finding("HOME", "well", "can be written to")
