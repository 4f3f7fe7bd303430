"""Run the steps of a plan: each as soon as its tables are there, about as many at a time as there are processors.

A step starts when the tables it needs have been written, even if the notebook that writes them goes on. If that
notebook fails, or writes a table again with other content, what was made from it is taken back. A step that fails
stops the steps that need it and no others. While steps run, kernels are made ready for those that come next.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import paths, publish, runner, stops, store, systems
from helpers.forge import Forge
from helpers.planner import Plan
from helpers.progress import Progress
from helpers.refusals import Refusal
from helpers.runner import Job
from helpers.steps import Step

UNTOUCHED = "the last good report is untouched"
LOOK_EVERY = 0.03  # seconds between looks for tables that somebody waits for
GRACE = 5.0  # seconds over its time in which a step may end itself, and keep its notebook
PLACES = systems.processors() + 1  # one more than processors: runner and kernel take turns in waiting


class StepFailed(Refusal):
    """Notebooks that did not run to their end: which, where, why, and where to look."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        Exception.__init__(self, message)


@dataclass(frozen=True)
class Going:
    """A step at work: its job, what it was given, and since when."""

    step: Step
    job: Job
    given: dict[str, Any]
    start: float


@dataclass(frozen=True)
class Failure:
    """A step that failed: the story of it, its exit code and the partial notebook, if there is one."""

    story: str
    exit_code: int
    kept: Path | None


class Workshop:
    """The steps of one run: which wait, which are at work, which failed."""

    def __init__(self, folder: Path, progress: Progress, new_forge: Any = Forge, *,
                 limit: int = stops.STEP_SECONDS) -> None:  # fmt: skip
        """Work in ``folder``; the process that runs notebooks is started when it is first wanted.

        A notebook that is at work for longer than ``limit`` seconds is ended.
        """
        self._folder, self._progress, self._new_forge = folder, progress, new_forge
        self._forge: Forge | None = None
        self._limit = limit
        self._waiting: list[Step] = []
        self._running: dict[str, Going] = {}
        self._prepared: dict[str, Job] = {}
        self._failed: dict[str, Failure] = {}
        self._jobs = 0
        self._is_ready_to_draw = False
        self.ran: list[str] = []

    def forge(self) -> Forge:
        """Return the process that runs notebooks; it is started when it is first wanted."""
        self._forge = self._forge or self._new_forge(self._folder)
        return self._forge

    def dismiss(self) -> None:
        """Let the process that runs notebooks end while the page is drawn; :meth:`close` waits for it."""
        if self._forge:
            self._forge.dismiss()

    def close(self) -> None:
        """End everything that runs."""
        if self._forge:
            self._forge.close()

    def run(self, plan: Plan) -> None:
        """Settle every step of the plan, running those that are stale.

        Raises
        ------
        StepFailed
            If a notebook failed; the others that could run have run and are kept.
        """
        self._waiting = list(plan.steps)
        try:
            while True:
                hungry = self._look_for_tables(plan)
                self._start(plan)
                if not self._running and not any(plan.is_ready(step) for step in self._waiting):
                    break  # what is left needs what failed
                self._prepare(plan)
                if self.ran and not self._is_ready_to_draw:  # there is time now, and none later
                    from helpers import preview, render  # here, because a run that fails at once needs neither

                    render.get_ready()
                    preview.get_ready()
                    publish.surroundings()
                    self._is_ready_to_draw = True
                if self._running and (ended := self.forge().ended(LOOK_EVERY if hungry else 0.2)):
                    self._settle(plan, ended)
                self._end_what_is_stuck(plan)
                self._progress.tick()
        except EOFError:
            for folder in list(self._running):
                self._settle(plan, {"folder": folder, "exit": "unknown"})
        finally:
            self._progress.stop()
        if self._failed:
            raise self._summary(plan)

    def _end_what_is_stuck(self, plan: Plan) -> None:
        """End the steps that are over their time and did not end themselves (``runner.py``)."""
        now = time.perf_counter()
        for going in [going for going in self._running.values() if now - going.start > self._limit + GRACE]:
            outcome = {"story": runner.too_long(going.step.notebook, self._limit), "exit_code": 1}
            Path(going.job.folder, "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
            self.forge().drop(going.job)
            self._settle(plan, {"folder": going.job.folder, "exit": "ended"})

    def _look_for_tables(self, plan: Plan) -> bool:
        """Take note of tables that running steps have written; tell whether others are waited for."""
        wanted = {table for step in self._waiting for table in step.needs}
        hungry = False
        for going in self._running.values():
            for table in wanted & set(going.step.makes) - set(plan.early):
                path = Path(going.job.folder, "tables", f"{table}.parquet")
                if path.exists():
                    plan.early[table] = store.sha256(path.read_bytes()), path
                else:
                    hungry = True
        return hungry

    def _start(self, plan: Plan) -> None:
        """Settle or start the steps that are ready."""
        for step in [step for step in self._waiting if plan.is_ready(step)]:
            if plan.find(step):
                self._waiting.remove(step)
                if job := self._prepared.pop(step.notebook, None):
                    self.forge().drop(job)
            elif len(self._running) < PLACES:
                self._waiting.remove(step)
                job = self._prepared.pop(step.notebook, None) or self._job(plan, step)
                for table in step.needs:  # and no others
                    store.link(plan.table_file(table), Path(job.folder) / "tables" / f"{table}.parquet")
                last = store.latest(step.notebook)
                self._progress.start(step.notebook, last.seconds if last else None, plan.why(step))
                self._running[job.folder] = Going(step, job, plan.given(step), time.perf_counter())
                self.forge().submit(job)

    def _prepare(self, plan: Plan) -> None:
        """Have kernels made ready for the steps that wait for nothing but tables of running steps."""
        running = [going.step for going in self._running.values()]
        for step in self._waiting:
            missing = [table for table in step.needs if not plan.available(table)]
            soon = missing and all(any(table in maker.makes for maker in running) for table in missing)
            if soon and step.notebook not in self._prepared:
                self._prepared[step.notebook] = self._job(plan, step)
                self.forge().prepare(self._prepared[step.notebook])

    def _job(self, plan: Plan, step: Step) -> Job:
        """Return a job for a step, in a folder of its own."""
        self._jobs += 1
        place = self._folder / "steps" / f"{self._jobs}-{step.notebook}"
        (place / "tables").mkdir(parents=True)
        environment = {"DIVERSION_RAW": str(paths.RAW)}
        return Job(step.notebook, str(step.path), str(place), plan.parameters(step), list(step.makes), environment,
                   self._limit)  # fmt: skip

    def _settle(self, plan: Plan, ended: dict[str, Any]) -> None:
        """Keep what a step made, or how it failed."""
        going = self._running.pop(ended["folder"], None)
        if going is None:
            return  # it was taken back
        step, place, seconds = going.step, Path(ended["folder"]), round(time.perf_counter() - going.start, 2)
        try:
            outcome = json.loads((place / "outcome.json").read_text(encoding="utf-8"))
        except OSError:
            outcome = {
                "story": f"notebooks/{step.path.name}: {_how_it_broke_off(place, ended['exit'])}",
                "exit_code": 1,
            }
        early = {table: plan.early.pop(table)[0] for table in step.makes if table in plan.early}
        if outcome["story"]:
            self._failed[step.notebook] = Failure(outcome["story"], outcome["exit_code"], _keep_failed(step, place))
            self._progress.end(step.notebook, "failed", seconds)
            self._take_back(plan, set(early))
            return
        entry = store.keep(step.notebook, place, step.makes, going.given, plan.snapshot, seconds)
        plan.settled[step.notebook] = entry
        self.ran.append(step.notebook)
        self._progress.end(step.notebook, "done", seconds, peak_mib=entry.peak_mib)
        self._take_back(plan, {table for table, known in early.items() if entry.table(table) != known})

    def _take_back(self, plan: Plan, withdrawn: set[str]) -> None:
        """Let every step wait again that was given one of these tables, and so on with the tables it made."""
        for step in plan.steps:
            if not withdrawn & set(step.needs) or step in self._waiting:
                continue
            for going in [going for going in self._running.values() if going.step == step]:
                self.forge().drop(going.job)
                del self._running[going.job.folder]
                self._progress.end(step.notebook, "taken back", round(time.perf_counter() - going.start, 2))
            withdrawn = withdrawn | set(step.makes)
            for table in step.makes:
                plan.early.pop(table, None)
            plan.settled.pop(step.notebook, None)
            self._failed.pop(step.notebook, None)
            self.ran = [name for name in self.ran if name != step.notebook]
            self._waiting.append(step)

    def _summary(self, plan: Plan) -> StepFailed:
        """Tell everything that failed in one message."""
        lines = []
        for failure in self._failed.values():
            lines += [failure.story]
            if failure.kept:
                lines += [f"  the notebook as far as it ran: {paths.shown(failure.kept)}"]
        if self._waiting:
            left = ", ".join(step.notebook for step in self._waiting)
            lines += [f"  not run, because they need what failed: {left}"]
        if plan.settled:
            lines += [f"  finished, and kept for the next run: {', '.join(sorted(plan.settled))}"]
        codes = {failure.exit_code for failure in self._failed.values()}
        return StepFailed("\n".join([*lines, f"  {UNTOUCHED}"]), codes.pop() if len(codes) == 1 else 1)


def _how_it_broke_off(place: Path, code: int | str) -> str:
    """Say why a step ended without an outcome, as far as that can be seen."""
    if not place.exists():
        return "its working folder is gone\n  what to do: see to it that nothing deletes files of reports/ meanwhile"
    how = "its runner failed" if code == 1 else runner.died(f"exit {code}")
    return how + runner.last_words(place)


def _keep_failed(step: Step, place: Path) -> Path | None:
    partial = place / store.NOTEBOOK
    if not partial.exists():
        return None
    kept = paths.REPORTS / ".failed" / step.path.name
    kept.parent.mkdir(exist_ok=True)
    os.replace(partial, kept)
    return kept
