"""A small checkout with a good page, one night on a machine that lacks something, and what must be so afterwards.

Figures, offices and notebooks are invented. The page that was good before the night is compared byte for byte.
"""

from __future__ import annotations

import compileall
import contextlib
import ctypes
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fetched
import shapes
from checkout import MARK, OTHER, checkout, command, processes
from invented import notebook
from local_offices import Asked, Reply, offices

from helpers import contents, finished
from helpers.refusals import EXIT_CODES

HERE = Path(__file__).parent
MONTH, NOW = "2026-05", "2026-01-20T18:00:00+00:00"
LATER = "2026-01-21T18:00:00+00:00"
KEPT = {".lock", ".night.lock", ".state", ".steps", ".failed"}
PRINTED = ("2025-10", "2025-11", "2025-12")  # months of which the invented office has something
DRAWS = (
    "import io\nimport matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\n"
    "_ = axes.set_title('Überschuss −1'), figure.savefig(io.BytesIO(), format='svg')\nplt.close(figure)"
)
LONGEST = 150.0  # seconds after which a night is called endless, in every trial


def answer(asked: Asked) -> Reply:
    """Give what an office has of the months that it is asked for."""
    first, last = asked.query["startPeriod"], asked.query["endPeriod"]
    months = [month for month in PRINTED if first <= month <= last]
    return Reply(shapes.abs_(fetched.abs_values(months))) if months else Reply(b"", 404)


@dataclass(frozen=True)
class Machine:
    """What a machine lacks: the differences from a healthy one.

    ``environment`` by name, None takes one away; ``limits`` as RLIMIT names; ``streams`` by number: closed, full or
    broken; ``obeys_modes``: root without the right to write what modes forbid; ``cgroup`` a folder to be put into.
    """

    environment: dict[str, str | None] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    streams: dict[int, str] = field(default_factory=dict)
    umask: int = 0o022
    obeys_modes: bool = False
    cgroup: str = ""
    now: str = NOW
    words: tuple[str, ...] = ("report", "--if-new", "--source", "abs")


HEALTHY = Machine(now=LATER)


@dataclass
class Night:
    """How one night went: exit code, what it said, the last event, and the page for whoever is called."""

    code: int | None
    out: str
    error: str
    note: str

    @functools.cached_property
    def events(self) -> list[dict[str, Any]]:
        """Return what was told as one JSON object a line."""
        found = []
        for line in self.error.splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return [event for event in found if isinstance(event, dict)]

    @property
    def ended(self) -> dict[str, Any]:
        """The last event, if the night came so far."""
        return next((event for event in reversed(self.events) if event.get("event") == "ended"), {})

    @property
    def told(self) -> str:
        """Everything a person can read of how it ended."""
        rest = [line for line in self.error.splitlines() if not line.startswith("{")]
        return "\n".join([self.ended.get("sentence", ""), self.ended.get("details", ""), self.note, *rest])


@dataclass
class Tally:
    """How many things were checked, what did not hold, and how the night ended: exit code and step."""

    checked: int = 0
    ended: str = ""
    failures: list[str] = field(default_factory=list)

    def hold(self, is_so: object, what: str) -> None:
        """Note one thing that should be so."""
        self.checked += 1
        if not is_so:
            self.failures.append(what[:1500])


def template(folder: Path) -> Path:
    """Make a checkout with a report that is published; every case gets a copy of it."""
    place = checkout(folder)
    for name in ("answers", "processed"):
        (place / "data" / name).mkdir(exist_ok=True)
    compileall.compile_dir(place / "src", quiet=2)  # else every process of every night does it anew
    made = command(place, "report")
    assert made.returncode == 0, made.stderr
    return place


class House:
    """One copy of the checkout, and the nights spent in it."""

    def __init__(self, copied: Path, folder: Path) -> None:
        self.folder, self.side = folder, folder.parent / f"{folder.name}.side"
        shutil.copytree(copied, folder, symlinks=True)
        for name in ("tmp", "home"):
            (self.side / name).mkdir(parents=True)
        self.reports = folder / "reports"
        self.before = self.published()
        self.book("02_other", OTHER, DRAWS)  # so that something has to run
        self.mounted: list[Path] = []

    def book(self, name: str, *code: str) -> None:
        """Give a notebook other cells."""
        notebook(self.folder / "notebooks" / f"{name}.ipynb", *code)

    def published(self) -> dict[str, bytes]:
        """Return every byte that readers of the month get."""
        return fetched.contents(self.reports / MONTH)

    def night(self, machine: Machine, address: str) -> Night:
        """Spend a night; one that does not end has no exit code."""
        kept = ("PATH", "LANG", "SYSTEMROOT")
        environment: dict[str, str | None] = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {
            "PYTHONPATH": str(self.folder / "src"), "DIVERSION_OFFICES": address, MARK: str(self.folder),
            "HOME": str(self.side / "home"), "TMPDIR": str(self.side / "tmp"), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        environment |= machine.environment
        settings = {
            "folder": str(self.folder), "umask": machine.umask, "limits": machine.limits, "cgroup": machine.cgroup,
            "obeys_modes": machine.obeys_modes, "streams": machine.streams, "now": machine.now, "words": machine.words,
            "environment": {name: value for name, value in environment.items() if value is not None},
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, str(HERE / "starved_launch.py"), json.dumps(settings)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
        try:
            out, error = process.communicate(timeout=LONGEST)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            code = None
            process.kill()
            self.end_strays()
            out, error = process.communicate()
        note = self.reports / ".failed" / "summary.md"
        return Night(code, out, error, note.read_text(encoding="utf-8") if note.exists() else "")

    def left_over(self, *, wait: float = 5.0) -> list[str]:
        """Return the processes, working folders and half-written files of a night that has ended."""
        until = time.monotonic() + wait
        while (strays := list(processes(self.folder).values())) and time.monotonic() < until:
            time.sleep(0.05)
        names = [path.name for path in self.reports.glob(".*") if path.name not in KEPT]
        halves = [path for place in (self.reports, self.folder / "data") for path in place.rglob("*.part")]
        inside = [path.name for path in (self.side / "tmp").glob("*")] if (self.side / "tmp").is_dir() else []
        return [*strays, *names, *(path.relative_to(self.folder).as_posix() for path in halves), *inside]

    def end_strays(self) -> None:
        """End what still runs in this copy, so that the next case has the machine for itself."""
        for pid in processes(self.folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def is_whole(self) -> str:
        """Return what is wrong with the page that stands, empty if nothing is."""
        place = self.reports / MONTH
        try:
            record = json.loads((place / "run.json").read_text(encoding="utf-8"))
            wrong = [*finished.faults(place, record["stamp"]), *contents.altered(place, record["files"])]
            if f"{MONTH}/index.html" not in (self.reports / "latest.html").read_text(encoding="utf-8"):
                wrong.append("latest.html leads elsewhere")
            for name in ("index.html", "feed.xml"):
                if MONTH not in (self.reports / name).read_text(encoding="utf-8"):
                    wrong.append(f"{name} does not know the month")
        except (OSError, ValueError, KeyError) as error:
            wrong = [repr(error)]
        return "; ".join(wrong)

    def mount(self, place: Path, kind: str, *, keep: bool = True) -> None:
        """Mount over a folder: ``read-only`` (itself), or a small disk (``size=2m``) with what the folder holds."""
        if kind == "read-only":
            _mount("--bind", str(place), str(place))
            self.mounted.append(place)
            _mount("-o", "remount,bind,ro", str(place))
            return
        held = self.side / f"held-{place.name}"
        if keep:
            shutil.copytree(place, held, symlinks=True)
        _mount("-t", "tmpfs", "-o", f"{kind},mode=755", "none", str(place))
        self.mounted.append(place)
        if keep:
            shutil.copytree(held, place, symlinks=True, dirs_exist_ok=True)

    def heal(self) -> None:
        """Make the machine whole again: disks grow, and what was read only can be written."""
        for place in self.mounted:
            kind = subprocess.run(["stat", "-f", "-c", "%T", str(place)], capture_output=True, text=True).stdout
            what = "remount,rw,size=200m,nr_inodes=100k" if kind.startswith("tmpfs") else "remount,bind,rw"
            _mount("-o", what, str(place))

    def leave(self) -> None:
        """Take everything away."""
        self.end_strays()
        with contextlib.suppress(OSError):
            (self.side / "home").chmod(0o755)
        for place in reversed(self.mounted):
            subprocess.run(["umount", "-l", str(place)], capture_output=True)
        for place in (self.folder, self.side):
            shutil.rmtree(place, ignore_errors=True)


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def own_mounts() -> bool:
    """Give this process mounts of its own, which end with it; tell whether that was allowed."""
    new_mounts, private = 0x20000, 1 << 18 | 1 << 14
    library = ctypes.CDLL(None, use_errno=True)
    return library.unshare(new_mounts) == 0 and library.mount(None, b"/", None, private, None) == 0


@dataclass(frozen=True)
class Case:
    """One thing that a machine may lack, and how a night on it may end.

    Parameters
    ----------
    name
        What is told of it.
    kind
        The family under which it is counted.
    codes
        Exit codes that are documented for it.
    says
        What somebody must be able to read (a regular expression), empty if all goes well.
    machine
        What the machine lacks.
    before
        Done to the house first.
    after
        What must be so besides; it notes it on the tally.
    page
        What readers may find afterwards: ``old``, ``new`` or ``either``; ``gone`` if the case takes the page away.
    heals
        Done before the healthy night.
    note
        Whether the page for whoever is called can be expected.
    root
        Whether it needs root: to mount, to make a control group, or to give rights away.
    answer
        What the office gives in that night.
    place
        Where the checkout lies.
    quick
        Whether it belongs to the quick form.
    """

    name: str
    kind: str
    codes: tuple[int, ...]
    says: str = ""
    machine: Machine = field(default_factory=Machine)
    before: Callable[[House], object] = lambda house: None
    after: Callable[[House, Night, Tally], None] = lambda house, night, tally: None
    page: str = "old"
    heals: Callable[[House], object] = lambda house: None
    note: bool = True
    root: bool = False
    answer: Callable[[Asked], Reply] = answer
    place: str = "copy"
    quick: bool = False


@contextlib.contextmanager
def at_home(case: Case, copied: Path, folder: Path) -> Iterator[House]:
    """Build a house for a case, and take it away."""
    house = House(copied, folder / case.place)
    try:
        yield house
    finally:
        house.leave()


def try_case(case: Case, copied: Path, folder: Path) -> Tally:
    """Spend the starved night and a healthy one, and check what must be so after each."""
    tally = Tally()

    def hold(is_so: object, what: str) -> None:
        tally.hold(is_so, f"{case.name}: {what}")

    with at_home(case, copied, folder) as house, offices(case.answer) as server:
        case.before(house)
        night = house.night(case.machine, server.address)
        tally.ended = f"{night.code} at {night.ended.get('step')}" if night.ended else str(night.code)
        hold(
            night.code in case.codes and night.code in EXIT_CODES,
            f"ended with {night.code}: {(night.error or night.note)[-1200:]}",
        )
        check_words(case, night, hold)
        now = house.published()
        is_new = now != house.before
        if case.page != "gone":
            hold(now == house.before or not (wrong := house.is_whole()), f"the page is neither old nor whole: {wrong}"
                 if now != house.before else "")  # fmt: skip
        if case.page in ("old", "new"):
            hold(is_new == (case.page == "new"), f"readers do not see the {case.page} page")
        said_new = night.ended.get("outcome") == "published" if night.ended else night.code in (0, 6)
        if case.page in ("either", "new", "old"):
            hold(is_new == said_new, f"exit {night.code}, but the page is {'new' if is_new else 'old'}")
        hold(not (left := house.left_over()), f"left over: {left}")
        case.after(house, night, tally)
        house.heal()
        case.heals(house)
        house.end_strays()
        server.reply = answer
        well = house.night(HEALTHY, server.address)
        hold(well.code in (0, 5), f"the next night ended with {well.code}: {well.error[-900:]}")
        hold(not house.is_whole(), f"after the next night: {house.is_whole()}")
        hold(not well.note, f"after the next night the page of the failure is still there: {well.note[:300]}")
        hold(not (left := house.left_over()), f"after the next night left over: {left}")
        case_ended = well.ended.get("outcome")
        hold(case_ended in ("published", "nothing new"), f"the next night ended as {case_ended}")
        hold(is_new or case_ended == "published", "the next night made nothing of the figures that had come")
    return tally


def check_words(case: Case, night: Night, hold: Callable[[object, str], None]) -> None:
    """Check that one clear error was told: which thing, and what to do."""
    if 2 not in case.machine.streams:
        told = re.search(r"(^|\n)Traceback.*", night.told, re.DOTALL)
        hold(not told, f"a traceback was told: {told and told[0][-700:]}")
    failed = night.code not in (0, 5)
    if failed and case.says:
        hold(re.search(case.says, night.told, re.I), f"nothing said of {case.says!r}: {night.told[-900:]}")
        hold("what to do" in night.told, f"nobody is told what to do: {night.told[-600:]}")
    if case.note:
        hold(bool(night.note) == (night.code not in (0, 5)), f"exit {night.code} and page of the failure: "
             f"{night.note[:200]!r}")  # fmt: skip
        if night.note:
            hold(f"exit code {night.code}" in night.note, f"the page of the failure names another code: {night.note}")
