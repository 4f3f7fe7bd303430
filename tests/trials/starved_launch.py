"""Take from a process what a starved machine lacks, then become the command: starved_launch.py SETTINGS (JSON).

Limits, umask, user and streams are set here, in a process of its own, since they cannot be given back.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys

# The command of a timer on a fixed day, patient with offices for as long as a trial can wait.
NIGHT = """
import datetime as dt, functools, sys
from helpers import cli, cli_timers
if_new = cli_timers.if_new
def on_a_day(*given):
    from helpers import night
    from helpers.fetch import transport
    now, run = dt.datetime.fromisoformat(sys.argv[1]), night.run
    night.run = lambda *given, **more: run(*given, **{**more, "now": now})
    waits = {"connect": 1.0, "silence": 1.0, "first_wait": 0.1, "longest_wait": 1.0, "whole": 5.0}
    transport.Patience = functools.partial(transport.Patience, **waits)
    return if_new(*given)
cli_timers.if_new = on_a_day
sys.exit(cli.main(sys.argv[2:]))
"""


def main(text: str) -> None:
    """Become the command."""
    settings = json.loads(text)
    os.chdir(settings["folder"])
    os.umask(settings["umask"])
    for name, most in settings["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    if settings["cgroup"]:
        with open(f"{settings['cgroup']}/cgroup.procs", "w") as file:  # noqa: PTH123
            file.write(str(os.getpid()))
    if settings["obeys_modes"]:  # root without the rights to read and write what modes forbid
        library = ctypes.CDLL(None)
        for capability in (1, 2):
            assert library.prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP
    for number, how in sorted(settings["streams"].items(), key=lambda pair: pair[1] == "closed"):  # those come last
        if how == "closed":
            os.close(int(number))
            continue
        reader, writer = os.pipe() if how == "broken" else (None, os.open("/dev/full", os.O_RDWR))
        os.dup2(writer, int(number))
        os.close(writer)
        if reader is not None:
            os.close(reader)
    words = [sys.executable, "-c", NIGHT, settings["now"], *settings["words"]]
    os.execve(sys.executable, words, settings["environment"])


if __name__ == "__main__":
    main(sys.argv[1])
