"""The command ``diversion``: make a report, list the parameters, keep the ledger.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from helpers.refusals import EXIT_CODES, Refusal


def report(given: argparse.Namespace) -> int:
    """Make a report; the last two lines on stdout are the page and its finding."""
    from helpers import parameters, paths, pipeline

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler that stops us is tidied up after, too
    month = [f"month={given.month}"] if given.month is not None else []
    outcome = pipeline.run(parameters.merged(parameters.from_text([*month, *given.parameter])))
    print(paths.shown(outcome.page))
    print(outcome.finding)
    return 0


def list_parameters(given: argparse.Namespace) -> int:
    """Print every parameter with its meaning, default and allowed values."""
    from helpers import parameters

    print(parameters.describe())
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


def write_documents(given: argparse.Namespace) -> int:
    """Write the generated parts of the documentation and the ledger's descriptor."""
    from helpers import documents, paths

    for path in documents.write_all(given.coverage):
        print(paths.shown(path))
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

    command = commands.add_parser("report", help="run the notebooks and publish the page", allow_abbrev=False)
    command.add_argument("--month", metavar="YYYY-MM", help="last month of the report (default: the latest possible)")
    command.add_argument(
        "-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help="set a parameter; may be repeated"
    )
    command.set_defaults(run=report)

    command = commands.add_parser("parameters", help="list the parameters: meaning, default, allowed values")
    command.set_defaults(run=list_parameters)

    command = commands.add_parser("docs", help="write what is generated: descriptor, dictionary, finding, coverage")
    command.add_argument(
        "--coverage",
        type=int,
        default=0,
        metavar="N",
        help="also run the coverage study with N replicates (2000: a minute)",
    )
    command.set_defaults(run=write_documents)

    ledger = commands.add_parser("ledger", help="check the raw files, or record one you appended figures to")
    actions = ledger.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser("check", help="hold every raw file against its record")
    command.set_defaults(run=check_ledger)
    command = actions.add_parser("record", help="write the fingerprint and row count of a changed file to its record")
    command.add_argument("file", type=Path, metavar="FILE", help="for example data/raw/abs/….csv")
    command.set_defaults(run=record_file)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; bad input is told in one message, without a traceback."""
    given = build_parser().parse_args(arguments)
    try:
        code = given.run(given)
        sys.stdout.flush()
        return code
    except Refusal as refusal:
        print(f"diversion: {refusal}", file=sys.stderr)
        return refusal.exit_code
    except BrokenPipeError:  # the reader of a long list closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("diversion: interrupted; the last good report is untouched", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
