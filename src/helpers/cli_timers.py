"""The part of the command that timers need: ``report --if-new``, ``calendar``, ``schedule``, ``prune``.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from helpers.refusals import Refusal
from helpers.stops import STEP_SECONDS


def add_report_options(command: argparse.ArgumentParser) -> None:
    """Give ``report`` the options of a run that nobody watches."""
    add = command.add_argument
    add("--accept", metavar="REASON", help="publish though a gate is closed; the page says why")
    add("--if-new", action="store_true", help="for timers: fetch, stop if nothing is new, publish if gates are open")
    add("--source", action="append", default=[], metavar="NAME", help="with --if-new: an office; may be repeated")
    add("--step-limit", type=_seconds, default=STEP_SECONDS, metavar="SECONDS",
        help=f"how long one notebook may take before it is ended (default: {STEP_SECONDS})")  # fmt: skip
    add("--hook", metavar="COMMAND", help="with --if-new: run this, without a shell, after success or failure "
        "(default: DIVERSION_HOOK)")  # fmt: skip


def _seconds(text: str) -> int:
    """Read a number of seconds; what is none is refused by the parser."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) == int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above zero")
    return int(text)


def add_commands(commands: Any) -> None:
    """Add the commands to the parser's list."""
    command = commands.add_parser("calendar", help="say which offices' figures are due or overdue", allow_abbrev=False)
    command.add_argument("--day", metavar="YYYY-MM-DD", help="default: today")
    command.add_argument("--json", action="store_true", help="as JSON, with the rules")
    command.set_defaults(run=calendar)

    command = commands.add_parser("schedule", help="print or set a timer for every month", allow_abbrev=False)
    command.add_argument("kind", choices=("systemd", "cron", "github"))
    command.add_argument("--install", action="store_true", help="set it for this user instead of printing it")
    command.add_argument("--system", action="store_true", help="for the whole machine instead of this user")
    command.set_defaults(run=schedule)

    command = commands.add_parser("prune", help="take old reports away, never the last good or a corrected one",
                                  allow_abbrev=False)  # fmt: skip
    command.add_argument("--keep", type=int, required=True, metavar="N", help="how many of the newest months stay")
    command.add_argument("--dry-run", action="store_true", help="print which would go; nothing is taken away")
    command.set_defaults(run=prune)


def check_options(given: argparse.Namespace) -> None:
    """Refuse options of ``report`` that do not go together, and a reason that is none."""
    foreign = (
        {"--watch": given.watch, "--fresh": given.fresh, "--notebooks": given.notebooks} if given.if_new else
        {"--hook": given.hook is not None, "--source": given.source}
    )  # fmt: skip
    for name in (name for name, is_given in foreign.items() if is_given):
        raise Refusal(
            f"{name} does not go {'with' if given.if_new else 'without'} --if-new",
            expected="`diversion report --help`", exit_code=2,
            remedy="take one of the two away" if given.if_new else "add --if-new",
        )  # fmt: skip
    if given.accept is None:
        given.accept = ""
        return
    from helpers import parameters

    given.accept = parameters.check(accepted=given.accept).accepted
    if not given.accept:
        raise Refusal("--accept without a reason", expected="a reason that readers understand", exit_code=2,
                      remedy="--accept 'the office confirmed the figure'")  # fmt: skip


def if_new(given: argparse.Namespace, assignments: list[str]) -> int:
    """Make a report if a source has something new."""
    import datetime as dt

    from helpers import hook, night, paths, stops
    from helpers.progress import Progress, say

    stops.obey_once()
    command = given.hook if given.hook is not None else os.environ.get(hook.VARIABLE, "")
    ended = night.run(
        assignments, now=dt.datetime.now(dt.UTC), progress=Progress(), sources=tuple(given.source),
        accept=given.accept, command=command, limit=given.step_limit,
    )  # fmt: skip
    if ended.page and ended.outcome == "published":
        say(paths.shown(ended.page.page))
        say(ended.page.finding)
    return ended.exit_code


def calendar(given: argparse.Namespace) -> int:
    """Print which offices' figures are due or overdue on a day, against the ledger."""
    import dataclasses
    import datetime as dt
    import json

    from helpers import calendar_of_releases

    day = given.day or calendar_of_releases.begun_everywhere(dt.datetime.now(dt.UTC)).isoformat()
    found = calendar_of_releases.standings(day)
    if given.json:
        rows = [
            {"office": one.release.office, "release": one.release.release, "state": one.state, "held": one.held,
             "missing": list(one.missing), "due_by": one.by, "rule": dataclasses.asdict(one.release)} for one in found
        ]  # fmt: skip
        print(json.dumps({"day": day, "releases": rows}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(calendar_of_releases.as_text(found)))
    return 0


def schedule(given: argparse.Namespace) -> int:
    """Print a timer for this checkout, or set it."""
    from helpers import schedule

    kind = schedule.KINDS[given.kind]
    told = "\n".join(kind.install(system=given.system)) if given.install else kind.text(system=given.system)
    print(told.rstrip("\n"))
    return 0


def prune(given: argparse.Namespace) -> int:
    """Take old reports away; print their months."""
    from helpers import publish, stops

    stops.obey_once()
    print("\n".join(publish.prune(given.keep, only_tell=given.dry_run)) or "there is none to take away")
    return 0
