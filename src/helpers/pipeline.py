"""Make a report: plan, run what is stale, draw the page, and publish it if every step succeeded.

The run happens in a working folder under ``reports/``. A step that fails stops the steps that need it and no others;
it leaves its notebook, as far as it ran, under ``reports/.failed/`` and everything published before as it was. What
finished is kept, so that the next run goes on from there.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import importlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import months, paths, publish, runner, shortcut, steps, store
from helpers.forge import Forge
from helpers.planner import Plan
from helpers.progress import Progress
from helpers.refusals import Refusal
from helpers.runner import Job
from helpers.steps import Step

FINDING_TABLE = "summary_sentences"
UNTOUCHED = "the last good report is untouched"


class StepFailed(Refusal):
    """Notebooks that did not run to their end: which, where, why, and where to look."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        Exception.__init__(self, message)


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the page and its finding in one sentence."""

    page: Path
    finding: str


@dataclass(frozen=True)
class Failure:
    """A step that failed: the story of it, its exit code and the partial notebook, if there is one."""

    story: str
    exit_code: int
    kept: Path | None


def plan_of(
    assignments: list[str], *, fresh: bool = False, meanwhile: Callable[[], Any] = lambda: None
) -> tuple[Plan, list[dict[str, Any]]]:
    """Return the plan of a request and what is known of the raw files; wrong input is refused, nothing runs.

    ``meanwhile`` is called before a request that was not seen before is checked, which takes a second.
    """
    listed = steps.read_steps()
    cells = {step.notebook: steps.cells_of(step.path) for step in listed}
    forms = {notebook: steps.declared(content) for notebook, content in cells.items()}
    state = shortcut.state_of(assignments, prose=False, forms=forms)
    known = shortcut.prepared(state)
    if not known:
        meanwhile()
        from helpers.prepare import prepare

        known = prepare(assignments, forms)
        shortcut.remember_prepared(state, known)
    return Plan(listed, known["values"], fresh=fresh, cells=cells), known["data"]


def run(assignments: list[str], *, fresh: bool = False, progress: Progress | None = None) -> Outcome:
    """Make the report.

    Parameters
    ----------
    assignments
        Parameters as given, such as ``["month=2026-05", "window=33"]``.
    fresh
        Run every step, whatever is kept.

    Raises
    ------
    Refusal
        If a parameter or a raw file is wrong; nothing was run.
    StepFailed
        If a notebook failed; the last good report is untouched.
    """
    progress = progress or Progress()
    if not fresh and (known := shortcut.unchanged(assignments)):
        progress.tell("unchanged", "nothing has changed since the last report")
        return Outcome(paths.REPORTS / known["page"], known["finding"])
    state = shortcut.state_of(assignments, prose=True)
    publish.clean_up()
    with _working_folder() as folder:
        started, before = _now(), time.perf_counter()
        with contextlib.closing(_Workshop(folder)) as workshop:
            plan, data = plan_of(assignments, fresh=fresh, meanwhile=workshop.forge)
            ran = _run_steps(plan, folder, workshop, progress)
        outcome = _draw(plan, data, folder, ran, started, before, progress)
    shortcut.remember_report(assignments, state, outcome.page, outcome.finding)
    return outcome


class _Workshop:
    """The forge of a run, started when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._forge = folder, None

    def forge(self) -> Forge:
        self._forge = self._forge or Forge(self._folder)
        return self._forge

    def close(self) -> None:
        if self._forge:
            self._forge.close()


def _run_steps(plan: Plan, folder: Path, workshop: _Workshop, progress: Progress) -> list[str]:
    """Run what is stale, up to as many steps at a time as there are processors; return what ran.

    While steps run, kernels are made ready for the steps that wait for them alone.
    """
    waiting, running, failed = list(plan.steps), {}, {}
    ran, prepared, places = [], {}, len(os.sched_getaffinity(0))
    try:
        while True:
            for step in [step for step in waiting if plan.is_ready(step)]:
                if plan.find(step):
                    waiting.remove(step)
                    if step.notebook in prepared:
                        workshop.forge().drop(prepared[step.notebook])
                elif len(running) < places:
                    waiting.remove(step)
                    job = prepared.get(step.notebook) or _job(plan, step, folder)
                    _lay_out(plan, step, job)
                    last = store.latest(step.notebook)
                    progress.start(step.notebook, last.seconds if last else None, plan.why(step))
                    workshop.forge().submit(job)
                    importlib.import_module("helpers.render")  # while there is nothing else to do here
                    running[job.folder] = step, time.perf_counter()
            if not running and not any(plan.is_ready(step) for step in waiting):
                break  # what is left needs what failed
            for step in waiting:
                if step.notebook not in prepared and _is_next(plan, step, [step for step, _ in running.values()]):
                    prepared[step.notebook] = _job(plan, step, folder)
                    workshop.forge().prepare(prepared[step.notebook])
            if running and (ended := workshop.forge().ended(0.2)):
                step, start = running.pop(ended["folder"])
                _settle(plan, step, {**ended, "seconds": time.perf_counter() - start}, failed, ran, progress)
            progress.tick()
    except EOFError:
        for place, (step, start) in running.items():
            gone = {"folder": place, "exit": "unknown", "seconds": time.perf_counter() - start}
            _settle(plan, step, gone, failed, ran, progress)
    finally:
        progress.stop()
    if failed:
        raise _summary(plan, failed, waiting)
    return ran


def _is_next(plan: Plan, step: Step, running: list[Step]) -> bool:
    """Tell whether a step waits for nothing but steps that are running."""
    left = [maker for maker in step.after(plan.steps) if maker.notebook not in plan.settled]
    return bool(left) and all(maker in running for maker in left)


def _job(plan: Plan, step: Step, folder: Path) -> Job:
    """Return a step's job, in a folder of its own."""
    place = folder / "steps" / step.notebook
    (place / "tables").mkdir(parents=True)
    environment = {"DIVERSION_RAW": str(paths.RAW)}
    return Job(step.notebook, str(step.path), str(place), plan.parameters(step), list(step.makes), environment)


def _lay_out(plan: Plan, step: Step, job: Job) -> None:
    """Give a job the tables its step needs, and no others."""
    for table in step.needs:
        store.link(plan.table_file(table), Path(job.folder) / "tables" / f"{table}.parquet")


def _settle(plan: Plan, step: Step, ended: dict[str, Any], failed: dict[str, Failure], ran: list[str],
            progress: Progress) -> None:  # fmt: skip
    """Keep what a step made, or how it failed."""
    place, seconds = Path(ended["folder"]), round(ended["seconds"], 2)
    try:
        outcome = json.loads((place / "outcome.json").read_text(encoding="utf-8"))
    except OSError:
        said = place / "said.txt"
        lines = said.read_text(encoding="utf-8", errors="replace").splitlines() if said.exists() else []
        last = lines[-runner.LAST_LINES :]
        how = runner.died(f"exit {ended['exit']}")
        story = "\n".join([f"notebooks/{step.path.name}: {how}", *(f"  : {line}" for line in last)])
        outcome = {"story": story, "exit_code": 1}
    if outcome["story"]:
        failed[step.notebook] = Failure(outcome["story"], outcome["exit_code"], _keep_failed(step, place))
        progress.end(step.notebook, "failed", seconds)
        return
    entry = store.keep(step.notebook, place, step.makes, plan.given(step), plan.snapshot, seconds)
    plan.settled[step.notebook] = entry
    ran.append(step.notebook)
    progress.end(step.notebook, "done", seconds)


def _keep_failed(step: Step, place: Path) -> Path | None:
    partial = place / store.NOTEBOOK
    if not partial.exists():
        return None
    kept = paths.REPORTS / ".failed" / step.path.name
    kept.parent.mkdir(exist_ok=True)
    os.replace(partial, kept)
    return kept


def _summary(plan: Plan, failed: dict[str, Failure], left: list[Step]) -> StepFailed:
    """Tell everything that failed in one message."""
    lines = []
    for failure in failed.values():
        lines += [failure.story]
        if failure.kept:
            lines += [f"  the notebook as far as it ran: {paths.shown(failure.kept)}"]
    if left:
        lines += [f"  not run, because they need what failed: {', '.join(step.notebook for step in left)}"]
    if plan.settled:
        lines += [f"  finished, and kept for the next run: {', '.join(sorted(plan.settled))}"]
    codes = {failure.exit_code for failure in failed.values()}
    return StepFailed("\n".join([*lines, f"  {UNTOUCHED}"]), codes.pop() if len(codes) == 1 else 1)


def _draw(plan: Plan, data: list[dict[str, Any]], folder: Path, ran: list[str], started: str, before: float,
          progress: Progress) -> Outcome:  # fmt: skip
    """Put the finished steps together, draw the page from them and move all of it to where readers look."""
    from helpers import render

    start, month = time.perf_counter(), plan.values["month"]
    stamp = publish.stamp_of(plan.values, data)
    title = f"Where did China's exports go? {months.month_name(month)}"
    report, tables = folder / "report", folder / "tables"
    for place in (report / "steps", report / "data", tables):
        place.mkdir(parents=True)
    executed = [_assemble(plan, step, report, tables) for step in plan.steps]
    render.render(sorted(executed), stamp=stamp, title=title, out=report / "index.html", data_dir=report / "data")
    finding = _finding(report / "data")
    progress.end("drawing the page", "done", round(time.perf_counter() - start, 2))
    seconds = {step.notebook: plan.settled[step.notebook].seconds for step in plan.steps}
    record = publish.run_record(
        stamp, title=title, finding=finding, started=started, finished=_now(), seconds=seconds, ran=ran,
        total=round(time.perf_counter() - before, 2),
    )  # fmt: skip
    publish.write_json(record, report / "run.json")
    return Outcome(publish.put_in_place(report, tables, month), finding)


def _assemble(plan: Plan, step: Step, report: Path, tables: Path) -> Path:
    """Copy what a finished step made, with today's prose; return its notebook."""
    kept = plan.settled[step.notebook].folder
    for table in step.makes:
        shutil.copyfile(kept / "data" / f"{table}.csv", report / "data" / f"{table}.csv")
        shutil.copyfile(kept / "tables" / f"{table}.parquet", tables / f"{table}.parquet")
    executed = json.loads((kept / store.NOTEBOOK).read_text(encoding="utf-8"))
    content = steps.with_prose_of(plan.cells[step.notebook], executed)
    target = report / "steps" / step.path.name
    target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def _finding(data: Path) -> str:
    """Return the finding in one sentence: the first row of the table of summary sentences."""
    with (data / f"{FINDING_TABLE}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))["text"]


@contextlib.contextmanager
def _working_folder() -> Iterator[Path]:
    folder = paths.REPORTS / f"{publish.BUILDING}{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
