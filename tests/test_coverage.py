"""The promise of the intervals, held against simulated worlds; the textbook estimator must keep failing."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import coverage

BOUNDS = (0.92, 0.99)
SETS = ["us_gap", "au_gap", "ratio"]


def hold(table, repetitions, slack):
    """Check the bounds, widened by ``slack`` Monte Carlo standard errors."""
    print(f"\n{repetitions} replicates a world\n{table.round(3).to_string(index=False)}")
    low, high = (bound + sign * slack * np.sqrt(bound * (1 - bound) / repetitions)
                 for bound, sign in zip(BOUNDS, (-1, 1), strict=True))  # fmt: skip
    assert table[SETS].to_numpy().min() >= low, table
    assert table[SETS].to_numpy().max() <= min(high, 1.0), table
    assert table["placebo_rejected"].max() <= 0.08 + slack * np.sqrt(0.08 * 0.92 / repetitions), table
    correlated = table[table["world"] != "independent noise"]
    assert correlated["textbook"].max() < 0.85, table


def test_intervals_cover_the_truth_and_the_textbook_dummy_does_not():
    hold(coverage.coverage_table(200), 200, slack=2)


@pytest.mark.slow
def test_intervals_cover_the_truth_in_the_long_run():
    hold(coverage.coverage_table(2000), 2000, slack=0)


def test_the_study_is_the_same_twice():
    first, second = (coverage.coverage_of(coverage.WORLDS[3], 20) for _ in range(2))
    assert first == second
