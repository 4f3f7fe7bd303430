"""Ten minutes of a search guided by coverage find nothing but acceptance and refusal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import missing

PROGRAM = Path(__file__).parent / "fuzz_sources.py"
SECONDS = os.environ.get("DIVERSION_FUZZ_SECONDS", "600")


def run_of(seconds: str, folder: Path) -> subprocess.CompletedProcess:
    try:
        import atheris  # noqa: F401
    except ImportError:
        missing("atheris", "pip install -e .[dev]")
    return subprocess.run(
        [sys.executable, str(PROGRAM), seconds], env={**os.environ, "DIVERSION_FUZZ_FOLDER": str(folder)},
        capture_output=True, text=True, errors="replace",
    )  # fmt: skip


@pytest.mark.slow
def test_a_guided_search_finds_nothing_but_acceptance_and_refusal(tmp_path):
    run = run_of(SECONDS, tmp_path)
    left = [file.name for file in tmp_path.iterdir() if file.name not in ("corpus", "words")]
    assert run.returncode == 0 and not left, f"{left}\n{run.stdout[-3000:]}\n{run.stderr[-6000:]}"
    tried = re.search(r"stat::number_of_executed_units:\s*([0-9]+)", run.stderr)
    assert int(tried[1]) > 1000
