"""Make a report: plan, run what is stale, draw the page, and publish it if every step succeeded.

The run happens in a working folder under ``reports/``. A step that fails leaves its notebook, as far as it ran, under
``reports/.failed/`` and everything published before as it was. What finished is kept, so that the next run goes on.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import months, paths, publish, shortcut, signing, steps, stops, store
from helpers.forge import Forge
from helpers.guard import Guard
from helpers.planner import Plan
from helpers.progress import Progress
from helpers.steps import Step
from helpers.workshop import Workshop

FINDING_TABLE = "summary_sentences"


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the page and its finding in one sentence."""

    page: Path
    finding: str


def plan_of(
    assignments: list[str], *, fresh: bool = False, meanwhile: Callable[[], Any] = lambda: None
) -> tuple[Plan, dict[str, Any]]:
    """Return the plan of a request and what it came to (:func:`helpers.prepare.prepare`); wrong input is refused.

    ``meanwhile`` is called before a request that was not seen before is checked, which takes a second.
    """
    listed = steps.read_steps()
    cells = {step.notebook: steps.cells_of(step.path) for step in listed}
    forms = {notebook: steps.declared(notebook, content) for notebook, content in cells.items()}
    state = shortcut.state_of(assignments, prose=False, forms=forms)
    known = shortcut.prepared(state)
    if not known:
        meanwhile()
        from helpers.prepare import prepare

        known = prepare(assignments, forms)
        shortcut.remember_prepared(state, known)
    return Plan(listed, known["values"], fresh=fresh, cells=cells), known


def standing(assignments: list[str]) -> Outcome | None:
    """Return the published report, if it answers this request and nothing it was made from has changed."""
    known = shortcut.unchanged(assignments)
    if not known or signing.is_due((paths.REPORTS / known["page"]).parent):
        return None
    return Outcome(paths.REPORTS / known["page"], known["finding"])


def run(assignments: list[str], *, fresh: bool = False, progress: Progress | None = None, guard: Guard | None = None,
        limit: int = stops.STEP_SECONDS) -> Outcome:  # fmt: skip
    """Make the report.

    Parameters
    ----------
    assignments
        Parameters as given, such as ``["month=2026-05", "window=33"]``.
    fresh
        Run every step, whatever is kept.
    guard
        Looks at the report before it is published.
    limit
        Seconds that one notebook may take.

    Raises
    ------
    Refusal
        If a parameter or a raw file is wrong; nothing was run.
    StepFailed
        If a notebook failed; the last good report is untouched.
    GateClosed
        If the guard keeps the report back; the last good report is untouched.
    """
    progress, guard = progress or Progress(), guard or Guard()
    if not fresh and (known := standing(assignments)):
        progress.tell("unchanged", "nothing has changed since the last report")
        return known
    signing.get_ready()
    state = shortcut.state_of(assignments, prose=True)
    publish.clean_up()
    with _working_folder() as folder:
        started, before = _now(), time.perf_counter()
        with contextlib.closing(Workshop(folder, progress, Forge, limit=limit)) as workshop:
            plan, known = plan_of(assignments, fresh=fresh, meanwhile=workshop.forge)
            for name, notebook in known["edited"].items():
                progress.tell("edited", f"  {name}={plan.values[name]}, as the parameters cell of {notebook} says",
                              parameter=name, value=plan.values[name], notebook=notebook)  # fmt: skip
            corrected = _corrections(plan.values["month"])
            guard.passed("check", month=plan.values["month"], files=len(known["data"]))
            workshop.run(plan)
            workshop.dismiss()
            guard.passed("run", ran=workshop.ran)
            outcome = _draw(plan, known["data"], corrected, folder, workshop.ran, started, before, progress, guard)
    shortcut.remember_report(assignments, state, outcome.page, outcome.finding)
    return outcome


def _corrections(month: str) -> tuple[Any, ...]:
    """Return what was said of this month's earlier pages; a wrong entry of any month is refused before a step runs."""
    from helpers import corrections

    return corrections.of(corrections.read(), month)


def _draw(plan: Plan, data: list[dict[str, Any]], corrected: tuple[Any, ...], folder: Path, ran: list[str],
          started: str, before: float, progress: Progress, guard: Guard) -> Outcome:  # fmt: skip
    """Put the finished steps together, draw the page from them and move all of it to where readers look."""
    from helpers import banners, contents, notice, preview, render, sbom, secrets_scan, since, superseded

    start, month = time.perf_counter(), plan.values["month"]
    earlier = since.previous(month)
    title = f"Where did China's exports go? {months.month_name(month)}"
    report, tables = folder / "report", folder / "tables"
    for place in (report / "steps", report / "data", tables):
        place.mkdir(parents=True)
    *executed, summary = [_assemble(plan, step, report, tables) for step in plan.steps]  # run last, read first
    values = plan.values | {"accepted": guard.judge(report, plan.values)}
    guard.passed("gate")
    stamp = publish.stamp_of(values, data, earlier)
    finding = _finding(report / "data")
    superseded.carry(paths.REPORTS / month, report, corrected, stamp["stamp"])
    told = notice.words(corrected, stamp["stamp"], superseded.kept_in(report))
    render.render(
        [summary, *executed], stamp=stamp, title=title, finding=finding, out=report / "index.html",
        data_dir=report / "data", since=since.since(earlier, report, stamp), notice=told,
        banners=banners.words(values),
    )  # fmt: skip
    sbom.write(report)
    (report / preview.NAME).write_bytes(preview.of(report / "data", stamp | {"finding": finding}, corrected))
    progress.end("drawing the page", "done", round(time.perf_counter() - start, 2))
    seconds = {step.notebook: plan.settled[step.notebook].seconds for step in plan.steps}
    memory = {step.notebook: plan.settled[step.notebook].peak_mib for step in plan.steps}
    record = publish.run_record(
        stamp, title=title, finding=finding, started=started, finished=_now(), seconds=seconds,
        memory_mib=memory, ran=ran,
        total=round(time.perf_counter() - before, 2), files=contents.fingerprints(report),
    )  # fmt: skip
    publish.write_json(record | guard.record(), report / "run.json")
    guard.passed("render")
    guard.inspect(report, stamp["stamp"])
    secrets_scan.check(report)
    guard.passed("verify")
    signing.sign(report / "run.json", f"report {month} stamp {stamp['stamp']}")
    page = publish.put_in_place(report, tables, month)
    guard.passed("publish", page=paths.shown(page), stamp=stamp["stamp"])
    return Outcome(page, finding)


def _assemble(plan: Plan, step: Step, report: Path, tables: Path) -> Path:
    """Copy what a finished step made, with today's prose; return its notebook."""
    kept = plan.settled[step.notebook].folder
    for table in step.makes:
        shutil.copyfile(kept / "data" / f"{table}.csv", report / "data" / f"{table}.csv")
        shutil.copyfile(kept / "tables" / f"{table}.parquet", tables / f"{table}.parquet")
    target = report / "steps" / step.path.name
    executed = json.loads((kept / store.NOTEBOOK).read_text(encoding="utf-8"))
    content = steps.with_prose_of(plan.cells[step.notebook], executed)
    if content is executed:
        shutil.copyfile(kept / store.NOTEBOOK, target)
        return target
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
        with stops.undisturbed():
            shutil.rmtree(folder, ignore_errors=True)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
