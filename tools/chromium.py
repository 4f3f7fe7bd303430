"""Run the machine's Chromium once, without a profile of its own and without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import paths

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip


def program() -> str | None:
    """Return the machine's Chromium, None without one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def report_folder(month: str) -> Path:
    """Return the folder of a month's report, of the latest if no month is given; ends the program without one."""
    there = paths.months_there()
    if not there or month and month not in there:
        print(f"there is no report for {month or 'any month'}; run `make report`", file=sys.stderr)
        sys.exit(2)
    return paths.REPORTS / (month or there[-1])


def run(page: Path, made: Path, *words: str) -> None:
    """Open a page and let Chromium make the file ``made`` of it; ends the program where it cannot."""
    chromium = program()
    if chromium is None:
        print("chromium is missing on this machine: apt-get install chromium", file=sys.stderr)
        sys.exit(4)
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, *FLAGS, *words, f"--user-data-dir={profile}", page.resolve().as_uri()]
        told = subprocess.run(command, capture_output=True, text=True)
    if told.returncode or not made.exists():
        print("chromium made nothing:", *told.stderr.strip().splitlines()[-1:], file=sys.stderr)
        sys.exit(1)
