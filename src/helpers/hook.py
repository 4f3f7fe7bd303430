"""The command that somebody wants run after a night: what it is told, and that it can do no harm.

It is run without a shell: the words of the command are split once, and nothing that an office or a report said becomes
a word of it. What happened comes as data: one JSON object on its standard input, and the same in its environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Collection
from typing import Any

from helpers.refusals import Refusal

VARIABLE = "DIVERSION_HOOK"
SECONDS = 60.0
LONGEST = 2000  # characters of a value in the environment


def words(command: str) -> list[str]:
    """Split a command into its words as a shell would, without one.

    Raises
    ------
    Refusal
        If a quotation mark is not closed; exit code 2.
    """
    try:
        return shlex.split(command)
    except ValueError as error:
        raise Refusal(
            f"the hook cannot be read as a command ({error})", expected="a program and its words, quoted as in a shell",
            remedy=f"mend --hook or {VARIABLE}", exit_code=2,
        ) from error  # fmt: skip


def run(command: list[str], told: dict[str, Any], *, without: Collection[str] = (), seconds: float = SECONDS) -> str:
    """Run the hook and return how it went: ``done``, or what went wrong in a few words.

    Parameters
    ----------
    command
        Its words.
    told
        What happened, as JSON can write it.
    without
        Names of environment variables that are not for it.
    seconds
        How long it and everything it starts may take.
    """
    try:
        return _run(command, told, without, seconds)
    except OSError as error:  # no room for a temporary file, no process left
        return f"could not be run ({error})"


def _run(command: list[str], told: dict[str, Any], without: Collection[str], seconds: float) -> str:
    values = {f"DIVERSION_{name.upper()}": str(value) for name, value in told.items()}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    environment |= {name: value.replace("\0", "")[:LONGEST] for name, value in values.items()}
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
                start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            return f"could not be started ({error})"
        try:
            # half a character, as a command line may hold, is written as JSON spells it
            told_whole = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
            process.communicate(told_whole + b"\n", timeout=seconds)
        except subprocess.TimeoutExpired:
            return f"was ended after {seconds:.0f} seconds"
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.returncode == 0:
            return "done"
        said.seek(0)
        last = said.read()[-300:].decode("utf-8", errors="replace").split()
        return f"failed with exit code {process.returncode}" + (f": {' '.join(last)}" if last else "")
