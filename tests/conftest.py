"""Shared by the tests: the report is made once, from the real ledger, by the command that readers use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import chromium
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).parent))


def missing(what: str, remedy: str) -> None:
    """Say loudly that this machine lacks something: CI fails, elsewhere the test is skipped with the line to type."""
    told = f"{what} is missing on this machine; install it: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)


def make_report(folder: Path, *words: str, **environment: str) -> Path:
    """Make the report into ``folder`` with its own processed tables, by the command and ``words``; return the page."""
    surroundings = {
        **os.environ, "DIVERSION_REPORTS": str(folder / "reports"), "DIVERSION_PROCESSED": str(folder / "processed"),
        **environment,
    }  # fmt: skip
    command = [sys.executable, "-m", "helpers.cli", "report", *words]
    run = subprocess.run(command, env=surroundings, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return next((folder / "reports").glob("20*/index.html"))


@pytest.fixture(scope="session")
def report_page(tmp_path_factory) -> Path:
    """The page of the default report."""
    return make_report(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; without one its tests are skipped, and say so."""
    installed = chromium.program()
    if installed is None:
        missing("chromium", "apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=installed, args=list(chromium.FLAGS))
        yield opened
        opened.close()
