"""What a notebook reads of the checkout, noted while it runs: the planner keeps a step as long as none of it changes.

An IPython extension, loaded by the kernels of a report. It notes every file below the checkout or the ledger that
Python opens for reading, every listed folder of the ledger, and every module that was imported from the checkout.
Tables are not among them: they are named in ``pipeline.yml``, and a step finds no others.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from helpers import paths

NOTE_FILE = "DIVERSION_NOTES"  # the variable that names the file to write
GATE = "DIVERSION_GATE"  # the variable that names the file to wait for: a kernel may be ready before its tables are
LEDGER = "data/raw/"
OURS = (".venv", ".git/", "reports/", "data/processed/")  # what is made, or belongs to the lock


def name_of(file: str) -> str | None:
    """Return how a file of the checkout or the ledger is named in notes; None for every other file.

    The ledger may lie elsewhere (``DIVERSION_RAW``); its files are named by their place in it all the same.
    """
    end = "/" if file.endswith("/.") else ""  # a folder
    file = os.path.normpath(Path.cwd() / file) + end  # links are not followed: a name is a name
    for folder, prefix in ((f"{paths.RAW}/", LEDGER), (f"{paths.ROOT}/", "")):
        if file.startswith(folder):
            return prefix + file.removeprefix(folder)
    return None


def path_of(name: str) -> Path:
    """Return the file or folder that :func:`name_of` named."""
    return paths.RAW / name.removeprefix(LEDGER) if name.startswith(LEDGER) else paths.ROOT / name


class Notes:
    """Files opened, folders listed; the audit hook fills it, and :meth:`names` sorts it out."""

    def __init__(self) -> None:
        self.opened: set[str] = set()
        self.listed: set[str] = set()

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Take one event of the interpreter; nothing here may open a file."""
        if event == "open":
            if isinstance(given[0], (str, Path)) and (given[2] or 0) & os.O_ACCMODE == os.O_RDONLY:
                self.opened.add(os.fspath(given[0]))
        elif event in ("os.listdir", "os.scandir") and isinstance(given[0], (str, Path)):
            self.listed.add(os.fspath(given[0]))

    def names(self) -> list[str]:
        """Return the sorted names of everything read; a listed folder of the ledger ends in a slash."""
        files = self.opened | {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
        found = {name_of(file) for file in files if not file.endswith(".pyc")}
        listed = {name_of(f"{folder}/.") for folder in self.listed}
        return sorted(
            {name for name in found if name and not name.startswith(OURS)}
            | {name for name in listed if name and name.startswith(LEDGER)}
        )


def load_ipython_extension(shell: Any) -> None:
    """Wait at the gate, then start to note, if the run asked for it, and write the notes after every cell."""
    if NOTE_FILE not in os.environ:
        return
    while GATE in os.environ and not Path(os.environ[GATE]).exists():
        time.sleep(0.003)
    target, notes = Path(os.environ[NOTE_FILE]), Notes()
    sys.addaudithook(notes.hear)

    def write(_: Any) -> None:
        target.write_text(json.dumps(notes.names()), encoding="utf-8")

    shell.events.register("post_run_cell", write)
