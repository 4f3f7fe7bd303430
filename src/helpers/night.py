"""The run that nobody watches: fetch, check, run, gate, render, verify, publish; then say what happened, once.

Every step tells its outcome as one line. A source that fails stops nothing: what the others gave goes on, and a page
whose figures are overdue says so at its top. Nothing new ends the night before anything runs. Whatever fails, readers
keep the last good page and the operator finds one page with the reason.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import traceback
from dataclasses import dataclass, field
from typing import Any

from helpers import (
    calendar_of_releases,
    failure_note,
    hook,
    latest,
    parameters,
    paths,
    pipeline,
    steps,
    superseded,
    systems,
)
from helpers.fetch import account
from helpers.fetch.run import Request, fetch
from helpers.guard import GateClosed, Gatekeeper
from helpers.months import month_name
from helpers.prepare import requested
from helpers.progress import Progress
from helpers.refusals import AT_WORK, EXIT_CODES, Refusal, of_machine
from helpers.sources import OFFICES
from helpers.stops import STEP_SECONDS

STEPS = ("parameters", "fetch", "check", "run", "gate", "render", "verify", "publish")
PUBLISHED, NOTHING_NEW = "published", "nothing new"
CLOSED, FAILED, INTERRUPTED = STOPPED = ("gate closed", "failed", "interrupted")
FETCHED = {account.NEW: "new", account.NOTHING_NEW: "nothing new", account.PART_FAILED: "part failed",
           account.ALL_FAILED: "failed"}  # fmt: skip
REMEDIES = {
    1: "read what was said below; the notebook as far as it ran lies beside this page",
    2: "mend parameters.yml or the command of the timer; `diversion parameters` lists what is allowed",
    3: "mend the raw file or its record; `diversion ledger check` says whether it is right again",
    4: "see what is said below; `diversion doctor` lists what else this machine lacks",
    6: "nothing, if it is better tomorrow; else `diversion fetch --source NAME` says why, docs/sources.md what then",
    7: "look at the network of this machine first; then `diversion fetch --dry-run` shows what is asked",
    10: "look at the figures named below; if they are right, `diversion report --if-new --accept 'why'`",
    130: "nothing, if somebody stopped it; if it was the time limit, the next run goes on where this one ended",
}


@dataclass
class Ended:
    """How a night ended: in one word, as an exit code, in one sentence, and everything that was said."""

    outcome: str
    exit_code: int
    sentence: str
    step: str = ""
    details: str = ""
    page: pipeline.Outcome | None = None
    failed: list[str] = field(default_factory=list)


class Watched(Gatekeeper):
    """The gatekeeper of a night; knows how far it has come."""

    reached = -1

    def passed(self, step: str, outcome: str = "done", **facts: Any) -> None:
        """Note the step and tell it."""
        self.reached = STEPS.index(step)
        super().passed(step, outcome, **facts)

    @property
    def at_work(self) -> str:
        """The step that has not ended yet."""
        return STEPS[min(self.reached + 1, len(STEPS) - 1)]


def run(assignments: list[str], *, now: dt.datetime, progress: Progress, sources: tuple[str, ...] = (),
        accept: str = "", command: str = "", limit: int = STEP_SECONDS) -> Ended:  # fmt: skip
    """Make a report if there is something new, and say how it went.

    Parameters
    ----------
    assignments
        Parameters as given on the command line.
    now
        What time it is; the report does not know.
    progress
        Hears of every step.
    sources
        The offices to ask; all when none is named.
    accept
        A reason to publish although a gate is closed.
    command
        The hook; empty for none.
    limit
        Seconds that one notebook may take.

    Raises
    ------
    Refusal
        If another night is at work, or the hook is no command; nothing was done.
    """
    words = hook.words(command)
    guard = Watched(progress, closes=True, accept=accept)
    with contextlib.ExitStack() as until_told:
        try:
            until_told.enter_context(alone())
            ended = _work(assignments, sources, now, progress, guard, limit)
        except GateClosed as closed:
            first, more = closed.findings[0].told, len(closed.findings) - 1
            ended = Ended(CLOSED, closed.exit_code, f"Not published: {first}{f'; and {more} more' * (more > 0)}",
                          "gate", str(closed))  # fmt: skip
        except Refusal as refusal:
            if refusal.exit_code == AT_WORK:
                raise
            ended = _stopped(guard, refusal.exit_code, str(refusal))
        except KeyboardInterrupt:
            ended = _stopped(guard, 130, "interrupted")
        except Exception as error:
            lack = of_machine(error, paths.shown)
            ended = _stopped(guard, lack.exit_code, str(lack)) if lack else _stopped(guard, 1, traceback.format_exc())
        if ended.outcome in STOPPED:
            progress.tell("step", f"{ended.step}: {ended.outcome}", step=ended.step, outcome=ended.outcome)
        return _tell(ended, now, progress, words)


def _work(assignments: list[str], sources: tuple[str, ...], now: dt.datetime, progress: Progress, guard: Watched,
          limit: int) -> Ended:  # fmt: skip
    """Do the steps; what goes wrong is raised."""
    values = requested(assignments, steps.forms())
    guard.passed("parameters")
    accounts = fetch(Request(sources), now.astimezone(dt.UTC).date(), progress)
    code, failed = account.exit_code(accounts), [one.office for one in accounts if one.failures]
    guard.passed(
        "fetch", FETCHED[code], offices={one.office: one.status for one in accounts},
        new=sum(one.counts["new"] for one in accounts), revised=sum(one.counts["revised"] for one in accounts),
        failures=[f"{one.office}: {failure.reason}" for one in accounts for failure in one.failures[:1]],
    )  # fmt: skip
    details = account.as_text(accounts)
    request = [*assignments, *_checked_on(values, now, progress)]
    lacks = f"{_listed(failed)} could not be read" if failed else "every source answered"
    if standing := pipeline.standing(request):
        code = account.NOTHING_NEW if code == account.NEW else code
        return Ended(NOTHING_NEW, code, f"Nothing new; {lacks}", "fetch", details, standing, failed)
    made = pipeline.run(request, progress=progress, guard=guard, limit=limit)
    code = code if failed else 0
    sentence = f"The report for {month_name(made.page.parent.name)} is out; {lacks}"
    return Ended(PUBLISHED, code, sentence, "fetch" if failed else "publish", details, made, failed)


def _checked_on(values: parameters.Parameters, now: dt.datetime, progress: Progress) -> list[str]:
    """Return the parameter that lets the page say what is overdue, unless somebody set it."""
    day = values.checked_on or calendar_of_releases.begun_everywhere(now).isoformat()
    found = calendar_of_releases.standings(day, values.as_of_vintage)
    late = calendar_of_releases.awaited(found)
    for standing in late:
        progress.tell(
            "overdue", f"  overdue: {standing.release.name}, {', '.join(standing.missing)}",
            office=standing.release.office, held=standing.held, missing=list(standing.missing), due_by=standing.by,
        )  # fmt: skip
    if values.checked_on or not late:
        return []
    return [f"checked_on={calendar_of_releases.checked_on(found)}"]


def _stopped(guard: Watched, code: int, said: str) -> Ended:
    """Return the end of a night that was stopped in the middle of a step."""
    outcome = INTERRUPTED if code == 130 else FAILED
    last = [line for line in said.splitlines() if line.strip()]
    why = "" if code == 130 else f": {last[-1] if said.startswith('Traceback') else last[0]}"
    return Ended(outcome, code, f"No new report; step {guard.at_work} {outcome}{why}"[:400], guard.at_work, said)


def _tell(ended: Ended, now: dt.datetime, progress: Progress, command: list[str]) -> Ended:
    """Write or take away the page of the failure, run the hook, and end with one line."""
    month = latest.month()
    told: dict[str, Any] = {
        "outcome": ended.outcome, "exit_code": ended.exit_code, "meaning": EXIT_CODES[ended.exit_code],
        "step": ended.step, "month": month, "stamp": superseded.stamp_of(paths.REPORTS / month) if month else "",
        "failed_sources": ended.failed,
    }  # fmt: skip
    stands = f"; the report for {month_name(month)} stands" if month and ended.outcome != PUBLISHED else ""
    told["sentence"] = ended.sentence = f"{ended.sentence}{stands}."
    told["page"] = str(ended.page.page) if ended.page else ""
    told["summary"], told["since"] = "", ""
    if ended.exit_code in (0, account.NOTHING_NEW):
        failure_note.clear()
    else:
        remedy = REMEDIES.get(ended.exit_code, "read what was said below")
        with contextlib.suppress(OSError):  # a full disk keeps nobody from being called
            told["since"] = failure_note.write(
                told, details=ended.details, remedy=remedy, now=now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
            )
            told["summary"] = str(failure_note.place())
    if command and ended.exit_code != account.NOTHING_NEW:
        keys = {office.key_variable for office in OFFICES.values()}
        how = hook.run(command, told, without=keys)
        progress.tell("hook", f"hook: {how}", outcome="done" if how == "done" else "failed", told=how)
    facts = {**told, "page": paths.shown(ended.page.page) if ended.page else ""}
    facts["summary"] = paths.shown(failure_note.place()) if told["summary"] else ""
    details = "" if ended.exit_code in (0, account.NOTHING_NEW) else ended.details
    progress.tell("ended", "\n".join([*([details] if details else []), ended.sentence]), **facts, details=details)
    return ended


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]


def alone() -> contextlib.AbstractContextManager[None]:
    """Keep a second night out; the lock goes with the process that holds it, however that ends.

    Raises
    ------
    Refusal
        If another one is at work.
    """
    paths.REPORTS.mkdir(parents=True, exist_ok=True)
    taken = Refusal(
        "another run is at work", expected="one at a time", remedy="wait until it has ended",
        file=paths.shown(paths.REPORTS), exit_code=AT_WORK,
    )  # fmt: skip
    return systems.locked(paths.REPORTS / ".night.lock", taken)
