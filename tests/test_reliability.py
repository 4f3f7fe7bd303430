"""The page on what was done to break it says what the trials counted, all of them, and nothing failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TRIALS = Path(__file__).parent / "trials"
sys.path.insert(0, str(TRIALS))

import reliability  # noqa: E402


def test_the_page_is_made_from_the_counts():
    assert reliability.PAGE.read_text(encoding="utf-8").split("\n") == reliability.page().split("\n"), (
        "run .venv/bin/python tests/trials/reliability.py"
    )


def test_every_trial_that_left_counts_stands_on_the_page():
    assert {trial.name for trial in reliability.TRIALS} == {file.stem for file in (TRIALS / "results").glob("*.json")}
    for trial in reliability.TRIALS:
        assert (TRIALS / f"{trial.name}.py").is_file()


@pytest.mark.parametrize("trial", reliability.TRIALS, ids=lambda trial: trial.name)
def test_a_trial_was_whole_and_everything_held(trial):
    counts = trial.counts
    assert sum(reliability._all(counts, "failed")) == 0 and sum(reliability._all(counts, "checked")) > 0


@pytest.mark.parametrize(
    ("name", "place", "least"),
    [
        ("killed", ("kills",), 200), ("mutated", ("reading", "checked"), 1000), ("hostile", ("texts",), 300),
        ("mutated", ("whole reports", "checked"), 30), ("same_bytes", ("runs",), 10),
        ("replayed", ("small notebooks", "months published"), 30),
    ],
)  # fmt: skip
def test_as_often_as_was_promised(name, place, least):
    trial = next(trial for trial in reliability.TRIALS if trial.name == name)
    assert reliability._at(trial.counts, place) >= least
