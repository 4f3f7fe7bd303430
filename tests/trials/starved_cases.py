"""What a machine may lack in a night, one case each. The machinery that spends the nights is in ``starved_house``."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from checkout import FIRST
from local_offices import Asked, Reply
from starved_house import Case, House, Machine, Night, Tally, answer

MIB = 1 << 20
SHORT = ("--step-limit", "6")  # seconds
NIGHT = Machine().words


def cell(code: str, *more: str) -> Callable[[House], None]:
    """Return what lets the first notebook do something harmful in a cell."""
    return lambda house: house.book("01_first", FIRST, code, *more)


def mend(house: House) -> None:
    """Give the first notebook its harmless cells back."""
    house.book("01_first", FIRST)


# --- memory -----------------------------------------------------------------------------------------------------------


def group(kind: str) -> Path:
    """Return a control group of the trial's own, of either version of the kernel's interface."""
    top = Path("/sys/fs/cgroup")
    return (top / kind if (top / kind).is_dir() else top) / "export-diversion-trial"


def in_group(kind: str, most: int) -> Callable[[House], None]:
    """Return what makes a group that may have so much of something."""
    names = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max",)}[kind]

    def before(house: House) -> None:
        group(kind).mkdir(exist_ok=True)
        next(file for name in names if (file := group(kind) / name).exists()).write_text(str(most))

    return before


def out_of(kind: str) -> Callable[[House], None]:
    """Return what takes a group away."""

    def heals(house: House) -> None:
        mend(house)
        house.end_strays()
        with contextlib.suppress(OSError):
            group(kind).rmdir()

    return heals


def much_memory(house: House) -> None:
    """Let the first notebook take more memory than the group of its process may have."""
    in_group("memory", 900 * MIB)(house)
    cell("x = [b'x' * (1 << 20) for _ in range(4000)]")(house)


MEMORY = [
    Case("a cell that wants more than there is", "memory", (1,), "MemoryError", Machine(limits={"AS": 4096 * MIB}),
         cell("x = bytearray(1 << 40)"), heals=mend),
    Case("a cell that takes more and more", "memory", (1,), "MemoryError|too little memory",
         Machine(limits={"AS": 3072 * MIB}), cell("x = [bytearray(1 << 24) for _ in range(1000)]"), heals=mend),
    Case("a kernel that is killed as the kernel of Linux does", "memory", (1,), "too little memory",
         before=cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), heals=mend),
    Case("a runner that is killed", "memory", (1,), "too little memory",
         before=cell("import os, signal; os.kill(os.getppid(), signal.SIGKILL)"), heals=mend),
    Case("the process above the runners is killed", "memory", (1,), "too little memory", before=cell(
        "import os, pathlib, signal\n"
        "above = pathlib.Path(f'/proc/{os.getppid()}/stat').read_text().rpartition(')')[2].split()[1]\n"
        "os.kill(int(above), signal.SIGKILL); import time; time.sleep(60)"), heals=mend),
    Case("out of memory in a control group", "memory", (1,), "too little memory", Machine(cgroup=str(group("memory"))),
         much_memory, heals=out_of("memory"), root=True),
    *(Case(f"{size} MiB of address space", "memory", (0, 1, 4, 6), "memory|allocate|import|died", note=size >= 400,
           machine=Machine(limits={"AS": size * MIB}), page="either") for size in (200, 400, 800)),
]  # fmt: skip

# --- hung -------------------------------------------------------------------------------------------------------------

LIMITED = Machine(words=(*NIGHT, *SHORT))
ABOVE = "int(pathlib.Path(f'/proc/{os.getppid()}/stat').read_text().rpartition(')')[2].split()[1])"
STUCK = {
    "a cell that never ends": ["while True:\n    pass"],
    "a cell that hears no signal": [
        "import signal, time\nfor number in (2, 15):\n    signal.signal(number, signal.SIG_IGN)\nwhile True:\n"
        "    try:\n        time.sleep(1)\n    except BaseException:\n        pass"
    ],
    "a kernel that stands still": ["import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"],
    "a runner that stands still": ["import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(99)"],
    "the process above the runners stands still": [
        f"import os, pathlib, signal, time\nos.kill({ABOVE}, signal.SIGSTOP); time.sleep(99)"
    ],
    "many cells that take their time": ["import time; time.sleep(2)"] * 9,
}
HUNG = [
    Case(name, "hung", (1,), "longer than", LIMITED, cell(*cells), heals=mend) for name, cells in STUCK.items()
]  # fmt: skip

# --- disk -------------------------------------------------------------------------------------------------------------

FULL = r"no space|disk is full|disk quota|too large|that large"


def beyond(place: str, more: int) -> Callable[[House], None]:
    """Return what leaves a folder so many KiB."""

    def before(house: House) -> None:
        house.mount(house.folder / place, "size=64m")
        target = house.folder / place
        state = os.statvfs(target)
        held = (state.f_blocks - state.f_bfree) * state.f_frsize // 1024
        subprocess.run(["mount", "-o", f"remount,size={held + more}k", str(target)], check=True)

    return before


def no_names(place: str, more: int) -> Callable[[House], None]:
    """Return what leaves a folder room for so many more files."""

    def before(house: House) -> None:
        target = house.folder / place
        held = sum(1 for _ in target.rglob("*")) + 1
        house.mount(target, f"size=64m,nr_inodes={held + more + 1}")

    return before


DISK = [
    *(Case(f"{more} KiB left for {place}", "disk", (0, 1, 4, 6, 7), FULL, before=beyond(place, more), page="either",
           note=False, root=True) 
      for place, sizes in (("reports", (0, 100, 200, 400, 600)), ("data", (0, 16, 40))) for more in sizes),
    *(Case(f"room for {more} more files in {place}", "disk", (0, 1, 4, 6, 7), FULL, before=no_names(place, more),
           page="either", note=False, root=True) for place, more in (("reports", 0), ("reports", 20), ("data", 3))),
    *(Case(f"no file above {size} KiB", "disk", (0, 1, 4, 6, 7), FULL, Machine(limits={"FSIZE": size * 1024}),
           page="either", note=False)
      for size in (0, 4, 100)),
    Case("a full folder for temporary files", "disk", (0,), page="new", root=True,
         before=lambda house: house.mount(house.side / "tmp", "size=4k")),
]  # fmt: skip

# --- folders ----------------------------------------------------------------------------------------------------------

UNWRITABLE = r"read-only|permission denied|cannot be written"


def read_only(*places: str) -> Callable[[House], None]:
    """Return what lets folders be read only."""

    def before(house: House) -> None:
        for place in places:
            house.mount(house.folder / place, "read-only")

    return before


def only_reports_and_data(house: House) -> None:
    """Let the checkout be read only, but for what a run writes."""
    house.mount(house.folder, "read-only")
    for place in ("reports", "data"):
        held = house.side / f"real-{place}"
        shutil.copytree(house.folder / place, held)
        subprocess.run(["mount", "--bind", str(held), str(house.folder / place)], check=True)
        house.mounted.append(house.folder / place)


def with_modes(*modes: tuple[str, int]) -> Callable[[House], None]:
    """Return what gives folders other modes, for a machine that obeys them."""

    def before(house: House) -> None:
        for place, mode in modes:
            (house.folder / place).chmod(mode)

    return before


def writable(house: House) -> None:
    """Give every folder its modes back."""
    for path in (house.folder, *house.folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


FOLDERS = [
    Case("reports read only", "read only", (4,), UNWRITABLE, before=read_only("reports"), note=False, root=True),
    Case("ledger read only", "read only", (4,), UNWRITABLE, before=read_only("data/raw"), root=True),
    Case("answers read only", "read only", (4,), UNWRITABLE, before=read_only("data/answers"), root=True),
    Case("tables read only", "read only", (4,), UNWRITABLE, before=read_only("data/processed"), root=True),
    Case("all read only", "read only", (4,), UNWRITABLE, before=read_only(""), note=False, root=True),
    Case("all read only but reports and data", "read only", (0,), page="new", before=only_reports_and_data, root=True),
    *(Case(f"no right to write in {place}", "read only", (4,), UNWRITABLE, Machine(obeys_modes=True),
           with_modes((place, 0o555)), note=place not in ("reports", "reports/.failed"), heals=writable, root=True)
      for place in ("reports", "data/raw/abs")),
    Case("no right to write in the folder of the month", "read only", (4,), UNWRITABLE, Machine(obeys_modes=True),
         before=with_modes(("reports/2026-05", 0o555)), heals=writable, root=True),
]  # fmt: skip

# --- taken away -------------------------------------------------------------------------------------------------------

FAILED_WORDS = r"gone|no such file|not found|died|missing"


def takes_away(what: str) -> Callable[[House], None]:
    """Return what lets a cell take a folder away while it runs."""
    return cell(f"import shutil, pathlib, glob\nfor place in glob.glob({what!r}):\n    shutil.rmtree(place)")


def when_asked(what: str) -> tuple[Callable[[House], None], Callable[[Asked], Reply]]:
    """Return a case's beginning and an office at whose answer a folder goes away."""
    known: list[Path] = []

    def before(house: House) -> None:
        known[:] = [house.folder / what]

    def gone(asked: Asked) -> Reply:
        if known and known[0].exists():
            shutil.rmtree(known[0])
        return answer(asked)

    return before, gone


def taken_at_fetch(what: str, codes: tuple[int, ...], page: str) -> Case:
    """Return the case of a folder that goes away while an office is asked."""
    before, gone = when_asked(what)
    return Case(f"{what} taken away during the fetch", "taken away", codes, FAILED_WORDS, before=before, answer=gone,
                page=page, note=False)  # fmt: skip


TAKEN = [
    Case("reports taken away while a step runs", "taken away", (1, 4), FAILED_WORDS, before=takes_away("../reports"),
         heals=mend, page="gone", note=False),
    Case("the working folder taken away while a step runs", "taken away", (1, 4), FAILED_WORDS,
         before=takes_away("../reports/.building-*"), heals=mend),
    Case("the kept steps taken away while a step runs", "taken away", (0, 1, 4), FAILED_WORDS,
         before=takes_away("../reports/.steps"), heals=mend, page="either"),
    Case("the helpers taken away while a step runs", "taken away", (1, 4), FAILED_WORDS,
         before=lambda house: (shutil.copytree(house.folder / "src", house.side / "src"),
                               takes_away("../src/helpers/templates")(house))[-1],
         heals=lambda house: (mend(house), shutil.copytree(house.side / "src", house.folder / "src", dirs_exist_ok=True)
                              )[0]),
    taken_at_fetch("reports", (0,), "gone"),
    taken_at_fetch("data/processed", (0,), "new"),
    taken_at_fetch("data/answers", (0, 4, 7), "either"),
]  # fmt: skip

# --- clock ------------------------------------------------------------------------------------------------------------


CLOCK = """
import time
begun, real, real_ns = time.monotonic(), time.time, time.time_ns
def back():
    return {back} if time.monotonic() - begun >= {after} else 0
time.time = lambda: real() - back()
time.time_ns = lambda: real_ns() - back() * 10**9
"""


def clock(back: int, after: float = 0.0) -> Callable[[House], None]:
    """Return what sets the clock of every process back by some seconds, some time after it was started."""

    def before(house: House) -> None:
        (house.folder / "src" / "sitecustomize.py").write_text(CLOCK.format(back=back, after=after))

    return before


def right_clock(house: House) -> None:
    """Set the clock right."""
    (house.folder / "src" / "sitecustomize.py").unlink()


def written_later(house: House) -> None:
    """Let everything have been written a year from now, as it looks after a clock was set back."""
    later = time.time() + 365 * 86400
    for path in (house.folder, *house.folder.rglob("*")):
        os.utime(path, (later, later), follow_symlinks=False)


CLOCKS = [
    Case("everything was written a year from now", "clock", (0,), page="new", before=written_later),
    Case("the clock a month back", "clock", (0,), page="new", machine=Machine(now="2025-12-20T18:00:00+00:00"),
         before=clock(31 * 86400), heals=right_clock),
    Case("the clock set back by a day while it runs", "clock", (0,), page="new", before=clock(86400, 1.0),
         heals=right_clock),
]  # fmt: skip


# --- surroundings -----------------------------------------------------------------------------------------------------


def env(**changes: str | None) -> Machine:
    """Return a machine with other variables."""
    return Machine(environment=dict(changes))


def modes_of(house: House, night: Night, tally: Tally) -> None:
    """Check that a web server under another user can read every published file, and nobody else can write one."""
    shown = [path for path in house.reports.rglob("*") if not any(part.startswith(".") for part in
                                                                  path.relative_to(house.reports).parts)]  # fmt: skip
    tally.hold(len(shown) > 10, "umask: too few published files to look at")
    for path in (house.reports, *shown):
        mode = stat.S_IMODE(path.stat().st_mode)
        need = 0o555 if path.is_dir() else 0o444
        tally.hold(mode & need == need, f"umask {night.code}: {path.name} is {mode:o}: others cannot read it")
        tally.hold(not mode & 0o002, f"umask: {path.name} is {mode:o}: everybody may write it")


LANGUAGES = [
    Case(f"language {name}", "language", (0,), page="new", machine=env(LANG=None, **changes))
    for name, changes in {
        "unset": {}, "C": {"LC_ALL": "C"}, "POSIX": {"LC_ALL": "POSIX"},
        "C without UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        "that does not exist": {"LC_ALL": "xx_XX.UTF-8"},
    }.items()
]  # fmt: skip

HOMES = [
    Case("no HOME", "home", (0,), page="new", machine=env(HOME=None)),
    Case("a HOME that is not there", "home", (0,), page="new", machine=env(HOME="/nonexistent/home")),
    Case("a HOME that cannot be written", "home", (0,), page="new", machine=Machine(obeys_modes=True), root=True,
         before=lambda house: (house.side / "home").chmod(0o555)),
    Case("no fonts", "home", (0,), page="new", root=True,
         machine=env(HOME=None, MPLCONFIGDIR="/nonexistent/mpl", FONTCONFIG_FILE="/dev/null"),
         before=lambda house: [house.mount(place, "size=4k", keep=False) for place in map(Path, (
             "/usr/share/fonts", "/etc/fonts")) if place.is_dir()] and None),
]  # fmt: skip

MODES = [
    Case(f"umask {umask:03o}", "modes", (0,), page="new", machine=Machine(umask=umask), after=modes_of)
    for umask in (0o077, 0o000)
]  # fmt: skip

STREAMS = [
    *(Case(f"{', '.join(f'{name} {how}' for name, how in streams.items())}", "streams", (0,), page="new",
           machine=Machine(streams={("stdin", "stdout", "stderr").index(name): how for name, how in streams.items()}))
      for streams in (
          {"stdout": "closed"}, {"stderr": "closed"}, {"stdin": "closed", "stdout": "closed", "stderr": "closed"},
          {"stdout": "full", "stderr": "full"}, {"stdout": "broken", "stderr": "broken"},
      )),
]  # fmt: skip

SMALL = [
    *(Case(f"{count} open files", "limits", (0, 1, 4, 6, 7), r"too many open files", Machine(limits={"NOFILE": count}),
           page="either", note=count > 10) for count in (10, 30, 50)),
    *(Case(f"{count} processes and threads", "limits", (0, 1, 4), "process|thread|died", 
           Machine(cgroup=str(group("pids"))), in_group("pids", count), page="either", heals=out_of("pids"), root=True)
      for count in (1, 6)),
    Case("empty PATH", "limits", (0,), page="new", machine=env(PATH="")),
    Case("a folder for temporary files that is not there", "limits", (0,), page="new",
         machine=env(TMPDIR="/nonexistent")),
    Case("no shared memory", "limits", (0,), page="new", root=True,
         before=lambda house: house.mount(Path("/dev/shm"), "size=4k,nr_inodes=1", keep=False)),
]  # fmt: skip

PLACES = [
    Case("a very long path", "places", (0,), page="new", place="/".join(["very-long-" * 20] * 14)),
    Case("spaces, quotes and umlauts", "places", (0,), page="new", place="Ä ö'ü \"ß\" $(id) {x} %d;&#\\n é"),
]  # fmt: skip

# --- network ----------------------------------------------------------------------------------------------------------


def silent(asked: Asked) -> Reply:
    """Say nothing for as long as anybody may wait."""
    time.sleep(60)
    return Reply(b"", 404)


def closed_port() -> str:
    """Return an address on this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


# Every source fails, but a notebook was changed: a new page comes out, and the exit code says what failed.
NETWORK = [
    Case("an office that accepts and is silent", "network", (7,), "in time|no answer", answer=silent, page="new"),
    Case("an office that sends a byte a second", "network", (7,), "seconds|in time|broke off", page="new",
         answer=lambda asked: Reply(b"x" * 10000, drip=0.5)),
    Case("nobody listens", "network", (7,), "connection", machine=env(DIVERSION_OFFICES=closed_port()), page="new"),
]  # fmt: skip

MUCH = Machine(
    environment={"HOME": None, "PATH": "", "LANG": None, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
                 "TMPDIR": "/nonexistent", "MPLCONFIGDIR": "/nonexistent"},
    streams={0: "closed", 1: "closed", 2: "full"}, umask=0o077,
)  # fmt: skip
TOGETHER = [Case("no home, language, path, streams or rights", "together", (0,), page="new", machine=MUCH,
                 after=modes_of, quick=True)]  # fmt: skip
CASES = [
    *MEMORY, *HUNG, *DISK, *FOLDERS, *TAKEN, *CLOCKS, *LANGUAGES, *HOMES, *MODES, *STREAMS, *SMALL, *PLACES, *NETWORK,
    *TOGETHER,
]  # fmt: skip
