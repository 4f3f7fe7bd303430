"""The command ``diversion``: make a report, list the parameters, fetch figures, keep the ledger.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers import cli_timers, progress, systems
from helpers.refusals import EXIT_CODES, Refusal, of_machine, visible


def report(given: argparse.Namespace) -> int:
    """Make a report; the last two lines on stdout are the page and its finding."""
    cli_timers.check_options(given)
    if given.if_new:
        return cli_timers.if_new(given, _assignments(given))
    if given.watch:
        from helpers import watch

        return watch.watch(lambda: _start(_words(given)), _tell_changes)
    from helpers import paths, pipeline, stops
    from helpers.guard import Gatekeeper

    stops.obey_once()
    heard = progress.Progress()
    guard = Gatekeeper(heard, accept=given.accept)
    outcome = pipeline.run(_assignments(given), fresh=given.fresh, progress=heard, guard=guard, limit=given.step_limit)
    guard.remind()
    progress.say(paths.shown(outcome.page))
    progress.say(outcome.finding)
    return 0


def _work_in(folder: Path) -> None:
    """Let the notebooks of a folder take the place of the project's, and their tables and reports lie beside them.

    Raises
    ------
    Refusal
        If these are no notebooks in an order; exit code 2.
    """
    if not (folder / "pipeline.yml").is_file():
        raise Refusal("holds no pipeline.yml", expected="a copy of notebooks/", remedy="cp -r notebooks mine",
                      file=str(folder), exit_code=2)  # fmt: skip
    folder = folder.resolve()
    places = {"NOTEBOOKS": folder, "REPORTS": folder / "reports", "PROCESSED": folder / "processed"}
    os.environ.update({f"DIVERSION_{name}": str(place) for name, place in places.items()})


def _words(given: argparse.Namespace) -> list[str]:
    """Return the command line of the report that is watched."""
    words = ["report", *(["--month", given.month] if given.month is not None else [])]
    for assignment in given.parameter:
        words += ["--parameter", assignment]
    return words


def _start(words: list[str]) -> Any:
    """Start a command with the helpers as their files are now: in a fork of this process, where forks are safe."""
    import subprocess

    from helpers import kernels

    if not systems.LINUX:
        return subprocess.Popen([sys.executable, "-P", "-m", "helpers.cli", *words])
    return kernels.Child(lambda: os._exit(_in_a_fork(words)))


def _in_a_fork(words: list[str]) -> int:
    """Run a command with the helpers as their files are now."""
    from helpers import kernels

    kernels.forget_helpers()
    from helpers import cli

    code = cli.main(words)
    sys.stderr.flush()
    return code


def _tell_changes(names: list[str]) -> None:
    print(f"changed: {', '.join(names)}", file=sys.stderr, flush=True)


def plan(given: argparse.Namespace) -> int:
    """Print what a report would run, and why; nothing runs."""
    import json

    from helpers import pipeline, planner

    rows = planner.look_ahead(pipeline.plan_of(_assignments(given))[0])
    if given.json:
        print(json.dumps([dict(zip(("step", "what", "why"), row, strict=True)) for row in rows], ensure_ascii=False))
    else:
        width = max(len(step) for step, _, _ in rows)
        print("\n".join(f"{step:<{width}}  {what:<6}  {why}" for step, what, why in rows))
    return 0


def _assignments(given: argparse.Namespace) -> list[str]:
    return [*([f"month={given.month}"] if given.month is not None else []), *given.parameter]


def list_parameters(given: argparse.Namespace) -> int:
    """Print every parameter with its meaning, default and allowed values."""
    from helpers import parameters

    print(parameters.describe())
    return 0


def fetch(given: argparse.Namespace) -> int:
    """Bring new figures from the offices into the ledger, or print what would be asked."""
    import datetime as dt
    import json

    from helpers.fetch import account, products, run, saved
    from helpers.progress import Progress

    today = dt.datetime.now(dt.UTC).date()
    request = run.Request(tuple(given.source), given.since or "", tuple(given.destination))
    if given.page:
        if given.dry_run:
            for file in given.page:
                ask, _, accepted = saved.read(file)
                print(visible(saved.told(ask, accepted)))
            return 0
        lines, accounts = saved.take(given.page, today)
        print(visible("\n".join(lines)), file=sys.stderr)
    elif given.products:
        print(products.plan(request, today))
        if given.dry_run or not given.yes:
            print("nothing was asked; with --yes it is done, part by part, and can be continued any day")
            return 0
        accounts = products.fetch(request, today, Progress())
    elif given.dry_run:
        print(run.dry_run(request, today))
        return 0
    else:
        accounts = run.fetch(request, today, Progress())
    print(json.dumps(account.as_json(accounts, today.isoformat()), ensure_ascii=False, indent=1) if given.json else
          visible(account.as_text(accounts)))  # fmt: skip
    return account.exit_code(accounts)


def ingest(given: argparse.Namespace) -> int:
    """Put bulk files of an office among the figures by product; print what was kept and what was refused."""
    import datetime as dt
    import json

    from helpers import stops
    from helpers.bulk import ingest as bulk

    stops.obey_once()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    done = bulk.ingest(given.file, given.memory, today, progress.Progress())
    print(json.dumps([one.as_json() for one in done], ensure_ascii=False, indent=1) if given.json else
          visible("\n".join(one.as_text() for one in done)))  # fmt: skip
    return 0


def check_ledger(given: argparse.Namespace) -> int:
    """Hold every raw file against its record."""
    from helpers import provenance

    records = provenance.check_all()
    print(f"{len(records)} raw files equal their records")
    return 0


def record_file(given: argparse.Namespace) -> int:
    """Write fingerprint and row count of a changed raw file into its record."""
    from helpers import paths, provenance

    file = given.file.resolve()
    if not file.is_file():
        raise Refusal(
            "there is no such file", expected="a raw file under data/raw/<producer>/", remedy="check the path",
            file=str(given.file), exit_code=2,
        )  # fmt: skip
    record = provenance.record(file)
    print(f"{paths.shown(file)}: {record.rows} rows, sha256 {record.sha256[:12]}…, written to its record")
    return 0


def correct(given: argparse.Namespace) -> int:
    """Mark published reports that were wrong, as ``corrections.yml`` says; print what was written."""
    from helpers import paths, publish, stops, superseded

    stops.obey_once()
    for told in superseded.unmatched():
        print(told, file=sys.stderr)
    print("\n".join(paths.shown(file) for file in publish.correct()) or "every page says so already")
    return 0


def list_untranslated(given: argparse.Namespace) -> int:
    """Print what the last report says in English only."""
    from helpers import untranslated

    rows = untranslated.missing(given.chapter)
    print("\n".join(f"{chapter}\t{kind}\t{text}" for chapter, kind, text in rows) or "every text has its translation")
    return 1 if rows else 0


def export_tables(given: argparse.Namespace) -> int:
    """Write all tables of a report for other programs; the last line on stdout is where they stand."""
    from helpers import export, paths

    done = export.export(given.month, given.format, given.out)
    if done.not_whole:
        print(f"as the page shows them, not whole: {', '.join(done.not_whole)}", file=sys.stderr)
    print(f"{done.tables} tables")
    print(paths.shown(done.place) if given.out is None else done.place)
    return 0


def compare(given: argparse.Namespace) -> int:
    """Print what moved between two reports."""
    from helpers import comparison, comparison_text, published

    if given.attribute:
        systems.refuse_windows()
    before, after = (published.find(place).folder for place in (given.before, given.after))
    found, split = comparison.compare(before, after, every=given.all), None
    if given.attribute:
        from helpers import attribution, stops

        stops.obey_once()
        split = attribution.split(found)
        print(f"to tell the parts of a move apart was made: {split.made}", file=sys.stderr)
    print(comparison_text.as_json(found, split) if given.json else comparison_text.as_text(found, split))
    return 0


def look_around(given: argparse.Namespace) -> int:
    """Print what is missing or odd on this machine, and what cures it."""
    from helpers import doctor

    sys.stdout.reconfigure(errors="backslashreplace")  # where text is not UTF-8, this is one of the findings
    found = doctor.examine()
    print(doctor.as_json(found) if given.json else doctor.as_text(found))
    return doctor.exit_code(found)


def verify(given: argparse.Namespace) -> int:
    """Make a published report again and print whether the same comes out."""
    from helpers import published, stops, verification, verification_text

    stops.obey_once()
    if given.json:
        verdict = verification.verify(given.report, given.code)
        print(verification_text.as_json(verdict))
        return verdict.exit_code
    print(verification_text.title(published.find(given.report)))
    verdict = verification.verify(
        given.report, given.code, lambda held: print(verification_text.line(held), flush=True)
    )
    print(verification_text.as_text(verdict))
    return verdict.exit_code


def write_documents(given: argparse.Namespace) -> int:
    """Write every generated document and print which changed."""
    from helpers import paths
    from helpers.documents import simulations, written

    changed = written.write_all(given.study)
    print("\n".join(paths.shown(file) for file in changed) or "every document reads as it should already")
    if told := simulations.stale_study():
        print(told, file=sys.stderr)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    codes = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
    parser = argparse.ArgumentParser(
        prog="diversion",
        description="Where China's exports went when the United States shut the door: figures in, one page out.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_making, _fetching, _reading, _checking, cli_timers.add_commands, _keeping):
        add(commands)
    return parser


def _making(commands: argparse._SubParsersAction) -> None:
    """Add what makes a report: ``report``, ``plan``, ``parameters``."""
    request = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    request.add_argument("--month", metavar="YYYY-MM", help="last month of the report (default: the latest possible)")
    request.add_argument(
        "-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help="set a parameter; may be repeated"
    )
    private = "a private variant: other notebooks, and a page of their own under FOLDER/reports"
    request.add_argument("--notebooks", metavar="FOLDER", help=private)
    what = "run the notebooks that have to run and publish the page"
    command = commands.add_parser("report", parents=[request], help=what, allow_abbrev=False)
    command.add_argument("--fresh", action="store_true", help="run every step, also those whose result is kept")
    command.add_argument("--watch", action="store_true", help="make it again whenever something is saved")
    cli_timers.add_report_options(command)
    command.set_defaults(run=report)

    command = commands.add_parser(
        "plan", parents=[request], help="print what a report would run, and why", allow_abbrev=False
    )
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=plan)

    command = commands.add_parser("parameters", help="list the parameters: meaning, default, allowed values")
    command.set_defaults(run=list_parameters)


def _fetching(commands: argparse._SubParsersAction) -> None:
    """Add what brings figures: ``fetch``, ``ingest``."""
    command = commands.add_parser(
        "fetch", help="bring new figures from the statistical offices into the ledger", allow_abbrev=False
    )
    add = command.add_argument
    add("--source", action="append", default=[], metavar="NAME", help="gacc, imf, eurostat, census, abs or comtrade")
    add("--since", metavar="YYYY-MM", help="first month (default: 2012-01 the first time, then 18 months back)")
    add("--destination", action="append", default=[], metavar="CODE", help="US, EU, ASEAN, AU; may be repeated")
    add("--page", action="append", default=[], type=Path, metavar="FILE",
        help="read a page of China's customs saved by hand instead of asking; may be repeated")  # fmt: skip
    add("--products", action="store_true", help="figures by product instead: prints size, calls and days first")
    add("--yes", action="store_true", help="with --products: do what the plan says")
    add("--dry-run", action="store_true", help="print what would be asked; nothing is asked")
    add("--json", action="store_true", help="the account as JSON")
    command.set_defaults(run=fetch)

    command = commands.add_parser(
        "ingest", help="put bulk files of Eurostat or UN Comtrade among the figures by product", allow_abbrev=False
    )
    command.add_argument("file", nargs="+", type=Path, metavar="FILE", help=".7z, .zip, .gz or plain; as published")
    command.add_argument("--memory", type=float, default=2, metavar="GIB", help="most memory to take (default: 2)")
    command.add_argument("--json", action="store_true", help="the account as JSON")
    command.set_defaults(run=ingest)


def _reading(commands: argparse._SubParsersAction) -> None:
    """Add what reads finished reports: ``export``, ``compare``."""
    command = commands.add_parser("export", help="write all tables of a report for other programs", allow_abbrev=False)
    command.add_argument("month", metavar="MONTH", help="month of a report, such as 2026-05")
    command.add_argument("--format", choices=("xlsx", "stata", "parquet"), default="xlsx", help="default: xlsx")
    command.add_argument("--out", type=Path, metavar="FOLDER", help="default: export/ in the folder of the report")
    command.set_defaults(run=export_tables)

    command = commands.add_parser("compare", help="print what moved between two reports", allow_abbrev=False)
    command.add_argument("before", metavar="BEFORE", help="month or folder of a report")
    command.add_argument("after", metavar="AFTER", help="month or folder of another")
    command.add_argument("--all", action="store_true", help="every table, not only what the summary rests on")
    command.add_argument("--attribute", action="store_true", help="split each move into what the code moved and what "
                         "figures, month and parameters did: runs a report")  # fmt: skip
    command.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")
    command.set_defaults(run=compare)


def _checking(commands: argparse._SubParsersAction) -> None:
    """Add what looks after machine, reports and documents: ``doctor``, ``verify``, ``docs``, ``correct``."""
    command = commands.add_parser("doctor", help="say what is missing or odd on this machine, and what cures it")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=look_around)

    command = commands.add_parser("verify", help="make a published report again; say whether it is the same",
                                  allow_abbrev=False)  # fmt: skip
    command.add_argument("report", metavar="REPORT", help="month or folder of a report")
    command.add_argument("--code", default="", metavar="COMMIT", help="with the code of a git commit, not that of now")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=verify)

    command = commands.add_parser("docs", help="write the generated documents: registers, methods, map, finding")
    command.add_argument("--study", action="store_true", help="also run the simulation study anew (ten minutes)")
    command.set_defaults(run=write_documents)

    command = commands.add_parser("correct", help="mark published reports that were wrong, as corrections.yml says")
    command.set_defaults(run=correct)


def _keeping(commands: argparse._SubParsersAction) -> None:
    """Add what keeps translation and ledger: ``untranslated``, ``ledger``."""
    command = commands.add_parser("untranslated", help="list what the last report says in English only")
    command.add_argument("--chapter", type=int, metavar="N", help="one chapter, 0 for the summary")
    command.set_defaults(run=list_untranslated)

    ledger = commands.add_parser("ledger", help="check the raw files, or record one you appended figures to")
    actions = ledger.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser("check", help="hold every raw file against its record")
    command.set_defaults(run=check_ledger)
    command = actions.add_parser("record", help="write the fingerprint and row count of a changed file to its record")
    command.add_argument("file", type=Path, metavar="FILE", help="for example data/raw/abs/….csv")
    command.set_defaults(run=record_file)


NOT_ON_WINDOWS = (report, fetch, ingest, verify, correct, look_around, cli_timers.prune, cli_timers.schedule)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; bad input is told in one message, without a traceback."""
    progress.open_streams()
    systems.write_utf8()
    given = build_parser().parse_args(arguments)
    try:
        if given.run in NOT_ON_WINDOWS:
            systems.refuse_windows()
        if getattr(given, "notebooks", None) is not None:
            _work_in(Path(given.notebooks))
        code = given.run(given)
        sys.stdout.flush()
        return code
    except Refusal as refusal:
        return _told(refusal)
    except BrokenPipeError:  # the reader of a long list closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        progress.say("diversion: interrupted; the last good report is untouched", sys.stderr)
        return 130
    except Exception as error:
        from helpers import paths

        if refusal := of_machine(error, paths.shown):
            return _told(refusal)
        raise


def _told(refusal: Refusal) -> int:
    progress.say(f"diversion: {visible(str(refusal))}", sys.stderr)
    return refusal.exit_code


if __name__ == "__main__":
    sys.exit(main())
