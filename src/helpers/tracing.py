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
PEAK = "peak"  # beside the notes: the most memory that the notebook took, in MiB
LEDGER, PRODUCTS = "data/raw/", "data/products/"
OURS = (".venv", ".git/", "reports/", "data/processed/")  # what is made, or belongs to the lock


def name_of(file: str) -> str | None:
    """Return how a file of the checkout, the ledger or the products is named in notes; None for every other file.

    Ledger and products may lie elsewhere (``DIVERSION_RAW``); their files are named by their place all the same. Links
    are not followed: a name is a name. A folder ends in a slash.
    """
    for folder, prefix in ((f"{paths.RAW}/", LEDGER), (f"{paths.PRODUCTS}/", PRODUCTS), (f"{paths.ROOT}/", "")):
        if file.startswith(folder):
            return prefix + file.removeprefix(folder)
    return None


def path_of(name: str) -> Path:
    """Return the file or folder that :func:`name_of` named."""
    for folder, prefix in ((paths.RAW, LEDGER), (paths.PRODUCTS, PRODUCTS)):
        if name.startswith(prefix):
            return folder / name.removeprefix(prefix)
    return paths.ROOT / name


class Notes:
    """Files opened, folders listed, modules imported; the audit hook fills it. Called often: nothing here is slow."""

    def __init__(self) -> None:
        self._heard: set[str] = set()
        self._names: set[str] = set()
        self._modules: set[str] = set()

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Take one event of the interpreter; nothing here may open a file."""
        if event == "open":
            if isinstance(given[0], (str, Path)) and (given[2] or 0) & os.O_ACCMODE == os.O_RDONLY:
                self._heard.add(os.path.abspath(given[0]))  # noqa: PTH100, a string for a string
        elif event in ("os.listdir", "os.scandir") and isinstance(given[0], (str, Path)):
            self._heard.add(f"{os.path.abspath(given[0])}/")  # noqa: PTH100

    def news(self) -> list[str] | None:
        """Return the sorted names of everything read so far, if there is something new among them; else None."""
        modules = sys.modules.keys() - self._modules
        files = {getattr(sys.modules[name], "__file__", None) or "" for name in modules} | self._heard
        self._modules |= modules
        self._heard = set()
        found = {name for file in files if not file.endswith(".pyc") and (name := name_of(file))}
        found = {
            n for n in found if not n.startswith(OURS) and (not n.endswith("/") or n.startswith((LEDGER, PRODUCTS)))
        }
        if found <= self._names:
            return None
        self._names |= found
        return sorted(self._names)


def peak_mib() -> int:
    """Return the most memory that this process has taken so far, in MiB."""
    import resource  # not on Windows, where no notebook is run

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**10 if sys.platform.startswith("linux") else 2**20)


def load_ipython_extension(shell: Any) -> None:
    """Wait at the gate, then start to note, if the run asked for it, and write the notes after every cell."""
    if NOTE_FILE not in os.environ:
        return
    while GATE in os.environ and not Path(os.environ[GATE]).exists():
        time.sleep(0.003)
    target, notes = Path(os.environ[NOTE_FILE]), Notes()
    sys.addaudithook(notes.hear)

    def write(_: Any) -> None:
        target.with_name(PEAK).write_text(str(peak_mib()), encoding="ascii")
        if names := notes.news():
            target.write_text(json.dumps(names), encoding="utf-8")

    shell.events.register("post_run_cell", write)
