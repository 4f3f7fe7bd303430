"""How the cost of the estimates grows with months, destinations and specifications: processor seconds on log axes.

Invented flows go through the bundle of all forecasts, which is where a report spends its time. Prints JSON: for each of
the three the sizes, the seconds (median), and the slope of one logarithm on the other. A slope of 1 is cost in
proportion; below 1, what is shared by all is still most of it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scale_aggregates import slope

from helpers import periods, robustness
from helpers.controls import read_controls
from helpers.counterfactual import Form
from helpers.destinations import Flow

MONTH, TRAIN_END, FORM = "2026-05", "2024-10", Form("linear", 33)
MONTHS, DESTINATIONS, TRAININGS = (150, 300, 600, 1_200), (2, 4, 8, 16, 32), (4, 8, 16, 32)


def flows(count: int, months: int, seed: int = 20251209) -> dict[str, Flow]:
    """Return invented flows that end in the month of the report."""
    draw = np.random.default_rng(seed)
    index = pd.period_range(end=MONTH, periods=months, freq="M", name="period")
    season = 1 + 0.1 * np.sin(2 * np.pi * index.month.to_numpy() / 12)

    def series() -> pd.Series:
        return pd.Series(40 * season * np.exp(np.cumsum(draw.normal(0, 0.03, months)) * 0.3), index)

    return {
        code: Flow(code, "invented", series(), {"share": series()}, "USD", "A", "invented")
        for code in (f"D{number}" for number in range(count))
    }


def seconds_of(held: dict[str, Flow], controls: pd.DataFrame, times: int) -> tuple[float, int]:
    """Return the median of processor seconds of the bundle, and how many specifications it has."""
    found, rows = [], 0
    for _ in range(times):
        start = time.process_time()
        curve = robustness.specification_curve(
            held, controls, FORM, train_end=TRAIN_END, month=MONTH, currencies=("USD",), calibrated=tuple(held)
        )
        found.append(time.process_time() - start)
        rows = len(curve.table)
    return statistics.median(found), rows


def grown(sizes: tuple[int, ...], case: Callable[[int], tuple[float, int]]) -> dict[str, object]:
    """Run a case at every size."""
    seconds = {size: case(size) for size in sizes}
    return {
        "seconds": {size: round(value, 4) for size, (value, _) in seconds.items()},
        "specifications": {size: rows for size, (_, rows) in seconds.items()},
        "slope": round(slope({size: value for size, (value, _) in seconds.items()}), 2),
    }


def by_specifications(held: dict[str, object]) -> dict[str, object]:
    """Return what was measured at other lengths of training by the number of specifications that they make."""
    numbers = dict(zip(held["specifications"].values(), held["seconds"].values(), strict=True))
    return {"seconds": numbers, "slope": round(slope(numbers), 2)}


def main(times: int = 3) -> dict[str, object]:
    """Measure all three."""
    controls, usual = read_controls(), robustness.TRAININGS
    for year in range(1900, 2030):  # the table of New Years begins with the ledger
        periods.CHINESE_NEW_YEAR.setdefault(year, f"{year}-02-05")
    seconds_of(flows(2, 150), controls, 1)  # imports and caches are nobody's growth

    def trainings(count: int) -> tuple[float, int]:
        robustness.TRAININGS = tuple(range(22, 22 + count))
        try:
            return seconds_of(flows(2, 300), controls, times)
        finally:
            robustness.TRAININGS = usual

    return {
        "months": grown(MONTHS, lambda size: seconds_of(flows(2, size), controls, times)),
        "destinations": grown(DESTINATIONS, lambda size: seconds_of(flows(size, 150), controls, times)),
        "specifications": by_specifications(grown(TRAININGS, trainings)),
    }


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:2])), indent=1))
