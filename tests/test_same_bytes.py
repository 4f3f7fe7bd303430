"""The same inputs give the same page and the same data, in any folder, time zone and locale."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import whole
from conftest import missing

PLACES = {
    "first": {"TZ": "Asia/Shanghai", "LC_ALL": "C"},
    "another place with spaces": {"TZ": "America/New_York", "LC_ALL": "de_AT.UTF-8"},
}


def has_locale(name: str) -> bool:
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.lower()
    return name.lower().replace("utf-8", "utf8") in listed.replace("utf-8", "utf8")


def report_in(folder, environment):
    """Copy the checkout into ``folder``, make the report there and return every published file but the run's record."""
    whole.copied(folder)
    run = subprocess.run(
        [sys.executable, "-m", "helpers.cli", "report"], cwd=folder, capture_output=True, text=True,
        env={**os.environ, **environment, "PYTHONPATH": str(folder / "src")},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return whole.published(folder)


def test_two_folders_two_zones_two_locales_one_page(tmp_path):
    if not has_locale("de_AT.UTF-8"):
        missing("the locale de_AT.UTF-8", "apt-get install locales && localedef -i de_AT -f UTF-8 de_AT.UTF-8")
    folders = [tmp_path / name for name in PLACES]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(report_in, folders, PLACES.values())
    assert first.keys() == second.keys()
    assert len([name for name in first if name.endswith(".csv")]) >= 30
    assert [name for name in first if first[name] != second[name]] == []
