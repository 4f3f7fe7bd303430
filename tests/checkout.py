"""A copy of the checkout whose notebooks are invented and small, for runs of the real command from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
from conftest import ROOT
from invented import FINDING, notebook

# What git does not hold, where the whole checkout is copied.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "__pycache__", "*_cache", ".building-*", ".steps", ".state", "20??-??", "*.parquet", "answers",
    "products", "dist",
)  # fmt: skip
# What a record says of the run, not of the report: it differs from run to run.
TIMED = ("started", "finished", "seconds", "memory_mib", "total_seconds", "ran")
MARK = "DIVERSION_TEST_MARK"  # in the environment of every process of a run, so that strays can be found
FIRST = (
    "import os, pathlib, shutil\n"
    'target = pathlib.Path(os.environ["DIVERSION_PROCESSED"], "first.parquet")\n'
    '_ = shutil.copy("first.prepared", target)  # shown, it would tell where the copy lies'
)
OTHER = FIRST.replace('"first.parquet"', '"other.parquet"')
SECOND = FIRST.replace('"first.parquet"', '"summary_sentences.parquet"')


def checkout(folder: Path) -> Path:
    """Copy what a report needs, with small invented notebooks."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "runner.lock", folder / "requirements")
    shutil.copy(ROOT / "parameters.yml", folder)
    (folder / "notebooks").mkdir()
    invented_steps(folder)
    return folder


def invented_steps(folder: Path) -> None:
    """Write three invented steps: first, other beside it, and 00 from both."""
    pd.DataFrame({"text": [FINDING]}).to_parquet(folder / "notebooks" / "first.prepared")
    notebook(folder / "notebooks" / "01_first.ipynb", FIRST)
    notebook(folder / "notebooks" / "02_other.ipynb", OTHER)
    notebook(folder / "notebooks" / "00_second.ipynb", SECOND)
    (folder / "notebooks" / "pipeline.yml").write_text(
        "- {notebook: 01_first, makes: [first]}\n- {notebook: 02_other, makes: [other]}\n"
        "- {notebook: 00_second, needs: [first, other], makes: [summary_sentences]}\n"
    )


def start(folder: Path, *words: str) -> subprocess.Popen:
    """Start ``diversion`` in the copy."""
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), MARK: str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def command(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Run ``diversion`` in the copy to its end."""
    process = start(folder, *words)
    out, error = process.communicate(timeout=120)
    return subprocess.CompletedProcess(words, process.returncode, out, error)


def processes(folder: Path) -> dict[int, str]:
    """Return the living processes of runs in the copy, with their command lines."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            surroundings = (entry / "environ").read_bytes()
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if os.fsencode(f"{MARK}={folder}\0") in surroundings and line:
            found[int(entry.name)] = line
    return found


def parent_of(pid: int) -> int:
    """Return the parent of a process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_until(condition, seconds: float = 60) -> None:
    """Wait for a condition; fail loudly if it does not come."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def sockets() -> set[str]:
    """Return the names of the sockets that kernels use."""
    return {line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines() if "@diversion-" in line}
