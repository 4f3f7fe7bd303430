"""A checkout with small invented notebooks and an invented office, brought into the same state before every kill.

A situation is what is published and what is new. Before anything is killed, each is played to its end once: what was
published before and what is afterwards are the only two things that a reader may ever find. All figures are INVENTED.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import shapes
from checkout import FIRST, MARK, TIMED, checkout, command, processes, sockets
from fetched import MONTHS, TODAY, Trial, abs_values, good
from fetched import contents as files_of
from invented import notebook
from killed_run import AFTER, BEFORE
from local_offices import Asked, LocalOffices, Reply, offices

from helpers import contents, finished, paths
from helpers.night import STEPS

HERE = Path(__file__).parent
PHASES = (*STEPS, AFTER)
STEADY = {".lock", ".night.lock", ".state", ".steps", ".failed"}  # hidden, and meant to stay under reports
UNDONE = re.compile(r"\.(part|tmp|ready)$")
AGAIN, WITH_A_STEP, NEXT_MONTH, FIRST_EVER = SITUATIONS = (
    "figures were revised", "figures were revised and a step has to run", "the page of another month comes beside it",
    "the first page of all",
)  # fmt: skip
MONTH = MONTHS[-1]  # the latest that the ledger holds of both the US and Australia
Files = dict[str, Any]


@dataclass
class Played:
    """A situation and how it goes when nobody is killed: what is there before and after, calls and seconds by step.

    ``saved`` holds the state before, and under ``finished`` the report that comes of it.
    """

    name: str
    saved: Path
    before: Files = field(default_factory=dict)
    after: Files = field(default_factory=dict)
    figures: Files = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class House:
    """The checkout, its office, and its situations."""

    def __init__(self, folder: Path, server: LocalOffices, situations: tuple[str, ...] = SITUATIONS) -> None:
        self.root, self.temporary, self._server = folder / "copy", folder / "temporary", server
        self.temporary.mkdir()
        self.reports = self.root / "reports"
        self.level = 0
        server.reply = self._answer
        checkout(self.root)
        shutil.rmtree(self.root / "data" / "raw")
        for name, content in ledger().items():
            (file := self.root / "data" / "raw" / name).parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        self.reports.mkdir()
        saved = {name: folder / f"saved {number}" for number, name in enumerate(SITUATIONS)}
        self._save(saved[FIRST_EVER])
        if NEXT_MONTH in situations:
            made = command(self.root, "report", "-p", f"month={MONTHS[-2]}")
            assert made.returncode == 0, made.stderr
            self._save(saved[NEXT_MONTH])
        if {AGAIN, WITH_A_STEP} & {*situations}:
            code, told = ended(self.start())
            assert code == 0, told
            self._save(saved[AGAIN])
            shutil.copytree(saved[AGAIN], saved[WITH_A_STEP])
        self.played = {name: self._play(Played(name, saved[name])) for name in SITUATIONS if name in situations}

    def _answer(self, asked: Asked) -> Reply:
        """Answer as the office of Australia would; every level is another figure."""
        first, last = asked.query["startPeriod"], asked.query["endPeriod"]
        months = [month for month in MONTHS if first <= month <= last]
        rows = [(*row[:3], int(str(row[3])) + self.level * (row[0] == "USA")) for row in abs_values(months)]
        return Reply(shapes.abs_(rows)) if months else Reply(status=204)

    def forget_answers(self) -> None:
        """Take away the kept answers, as if the hour had passed in which an office is not asked again."""
        shutil.rmtree(self.root / "data" / "answers", ignore_errors=True)

    def _save(self, place: Path) -> None:
        self.forget_answers()
        for name in ("reports", "data"):
            shutil.copytree(self.root / name, place / name)

    def _play(self, situation: Played) -> Played:
        self.bring(situation)
        situation.before, calls = self.published(), self.temporary.with_name("calls.json")
        run, moments = self.start(KILLED_CALLS=str(calls)), {BEFORE: time.monotonic()}
        for line in run.stderr:
            told = json.loads(line)
            if told["event"] == "step":
                moments[told["step"]] = time.monotonic()
        assert run.wait(60) == 0 and [*moments] == [BEFORE, *STEPS], [*moments]
        moments[AFTER] = time.monotonic()
        order = [*moments]
        situation.seconds = {step: moments[step] - moments[order[order.index(step) - 1]] for step in order[1:]}
        situation.after, situation.figures = self.published(), self.figures()
        situation.calls = {step: len(names) for step, names in json.loads(calls.read_text(encoding="utf-8")).items()}
        assert situation.after != situation.before
        shutil.copytree(self.reports / MONTH, situation.saved / "finished" / MONTH)
        return situation

    def bring(self, situation: Played) -> None:
        """Bring the checkout into a situation."""
        for name in ("reports", "data"):
            shutil.rmtree(self.root / name)
            shutil.copytree(situation.saved / name, self.root / name)
        more = ["1 + 1"] if situation.name == WITH_A_STEP else []
        notebook(self.root / "notebooks" / "01_first.ipynb", FIRST, *more)
        self.level = 1000

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start a run that may be told to kill itself; a night, or what ``words`` say."""
        return subprocess.Popen(
            [sys.executable, str(HERE / "killed_run.py"), *(words or ("night",))], cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src"), MARK: str(self.root), "TMPDIR":
                 str(self.temporary), "DIVERSION_OFFICES": self._server.address, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    @contextmanager
    def read(self, pause: float = 0.005) -> Iterator[dict[str, Any]]:
        """Let a reader read meanwhile; what it found is there afterwards."""
        found: dict[str, Any] = {}
        reader = subprocess.Popen(
            [sys.executable, "-I", str(HERE / "killed_reader.py"), str(self.reports), str(pause)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert reader.stdout and reader.stdout.readline() == "reading\n"
            yield found
            told, _ = reader.communicate("over\n", timeout=60)
            found.update(json.loads(told))
        finally:
            reader.kill()
            reader.wait()

    def published(self) -> Files:
        """Return everything that readers can reach, by name, without what differs from run to run."""
        files = [file for file in sorted(self.reports.rglob("*")) if file.is_file()]
        names = [(file.relative_to(self.reports), file) for file in files]
        return {name.as_posix(): _without_times(file) for name, file in names if not name.parts[0].startswith(".")}

    def figures(self) -> Files:
        """Return the ledger and the tables, as they are."""
        found = [*(self.root / "data" / "raw").rglob("*"), *(self.root / "data" / "processed").rglob("*")]
        return {file.relative_to(self.root).as_posix(): file.read_bytes() for file in sorted(found) if file.is_file()}

    def not_whole(self, situation: Played) -> list[str]:
        """Say what of the published is neither what was before nor what comes after, or is not whole in itself."""
        now, faults = self.published(), []
        old, new = situation.before, situation.after
        parts = {name.partition("/")[0] for name in {**old, **new, **now}}
        for part in sorted(parts):
            is_now, was, comes = (_part(files, part) for files in (now, old, new))
            if is_now not in (was, comes):
                faults.append(f"{part} is neither the old nor the new one: {_difference(is_now, was, comes)}")
        for folder in sorted(self.reports.glob("2*-*")):
            record = _record(folder)
            faults += [f"{folder.name}: {fault}" for fault in finished.faults(folder, record["stamp"])]
            faults += [f"{folder.name}: altered: {name}" for name in contents.altered(folder, record["files"])]
        if "latest.html" in now:
            leads = re.findall(r'url=([^"]+)"', now["latest.html"].decode())
            if len(leads) != 1 or leads[0] not in now:
                faults.append(f"latest.html leads to {leads}")
        elif old:
            faults.append("latest.html is missing")
        return faults

    def left_over(self) -> list[str]:
        """Name what a run that is over should not leave: processes, sockets, folders, unfinished files."""
        hidden = [path.name for path in self.reports.iterdir() if path.name.startswith(".") and path.name not in STEADY]
        undone = [path.relative_to(self.root).as_posix() for name in ("reports", "data", "notebooks")
                  for path in (self.root / name).rglob("*") if UNDONE.search(path.name)]  # fmt: skip
        notes = [path.name for path in (self.reports / ".failed").glob("*")]
        temporary = [path.name for path in self.temporary.iterdir()]
        dead = [name for name in sockets() if not Path("/proc", name.split("-")[1]).exists()]
        return [*processes(self.root).values(), *hidden, *undone, *notes, *temporary, *dead]


def ledger() -> Files:
    """Return a ledger of what two offices gave the day before."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        trial = Trial(Path(folder), monkeypatch)
        trial.fetch(good, "census", "abs", since=MONTHS[0], today=TODAY - dt.timedelta(days=1))
        return files_of(paths.RAW)


@contextmanager
def house(folder: Path, situations: tuple[str, ...] = SITUATIONS) -> Iterator[House]:
    """Build a house, with its office on this machine."""
    with offices(lambda asked: Reply(status=503)) as server:
        yield House(folder, server, situations)


def ended(run: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end of a run; return its exit code and what it said."""
    _, told = run.communicate(timeout=600)
    return run.returncode, told


def _record(folder: Path) -> dict[str, Any]:
    """Return the record of a report; one that fits nothing if it cannot be read."""
    try:
        return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {"stamp": "none", "files": {}}


def _part(files: Files, part: str) -> Files:
    return {name: content for name, content in files.items() if name.partition("/")[0] == part}


def _difference(now: Files, *others: Files) -> str:
    """Name the files in which a part differs from others."""
    told = [sorted(name for name in {**now, **other} if now.get(name) != other.get(name)) for other in others]
    return "; ".join(", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") for names in told)


def _without_times(file: Path) -> Any:
    """Return the content of a file without what differs from run to run."""
    content = file.read_bytes()
    try:
        if file.suffix == ".ipynb":
            return contents.notebook_of(file)
        if file.name == "run.json":
            return {name: value for name, value in json.loads(content).items() if name not in TIMED}
    except ValueError:
        pass
    return content
