"""Make the report again whenever a notebook, a helper or a raw file is saved.

This process imports the libraries once and does nothing else; every report is made by a fork of it, which reads the
helpers anew, or by a new Python where forks are not safe. Dates and sizes of files only say when to look; what has to
run is decided by content, as always.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable

from helpers import forge, kernels, shortcut, systems

LOOK_EVERY = 0.3  # seconds
SETTLE = 0.2  # an editor writes a file in more than one step
DRAWING = ("jinja2", "markdown_it", "pygments.lexers", "pygments.formatters", "latex2mathml.converter")


def warm_up() -> None:
    """Import what reports need; the surroundings that must stand before that are set by starting Python anew."""
    if any(os.environ.get(name) != value for name, value in forge.STEADY.items()):
        os.execve(
            sys.executable, [sys.executable, "-P", "-m", "helpers.cli", *sys.argv[1:]], {**os.environ, **forge.STEADY}
        )
    for name in (*kernels.LIBRARIES, *kernels.LATER, *DRAWING):
        importlib.import_module(name)


def seen() -> dict[str, tuple[int, int]]:
    """Return date and size of every file that a report is made from."""
    found = {}
    for name, file in shortcut.inputs(prose=True):
        try:
            state = file.stat()
        except OSError:
            continue
        found[name] = (state.st_mtime_ns, state.st_size)
    return found


def watch(start: Callable[[], kernels.Child | subprocess.Popen[bytes]], told: Callable[[list[str]], None]) -> int:
    """Make the report now and after every change, until interrupted.

    Parameters
    ----------
    start
        Starts the making of it, with the helpers as their files are then.
    told
        Called with the names of the files that changed.
    """
    if systems.LINUX:
        warm_up()
    try:
        while True:
            before = seen()
            child = start()
            try:
                child.wait()
            except KeyboardInterrupt:
                child.terminate()
                child.wait()
                raise
            while (now := seen()) == before:
                time.sleep(LOOK_EVERY)
            time.sleep(SETTLE)
            told(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))
    except KeyboardInterrupt:
        return 0
