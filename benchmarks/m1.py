"""The grid of forms with all their placebo origins: the report's engine against a plain loop of statsmodels fits.

Prints JSON: the median seconds of both, their ratio, and the largest difference between their placebo errors.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import numpy as np
import statsmodels.api as sm

from helpers import counterfactual, customs, destinations, excess, growth, spans
from helpers.controls import read_controls
from helpers.counterfactual import CANDIDATES, PERIODS_PER_YEAR, REGRESSIONS

TRAIN_END = "2024-10"


def design(calendar, train: np.ndarray, rows: np.ndarray, trend: str) -> np.ndarray:
    """Return season dummies, trend and the days of the New Year that spill into March."""
    spill = calendar["spill_days"].to_numpy(dtype=float)
    years = (rows - train[-1]) / PERIODS_PER_YEAR
    columns = [np.eye(PERIODS_PER_YEAR)[calendar["season"].to_numpy()[rows]], years[:, None]]
    if trend == "quadratic":
        columns.append(years[:, None] ** 2)
    if spill[train].any():
        columns.append(spill[rows][:, None])
    return np.hstack(columns)


def plain(calendars: dict) -> dict[tuple, float]:
    """Return the placebo error of every form and series, one statsmodels fit for every origin."""
    found = {}
    for series, calendar in calendars.items():
        logs = np.log(calendar["value"] / calendar["other"]).to_numpy()
        months = calendar.index.astype(str).tolist()
        end, first, last = (months.index(month) for month in (TRAIN_END, *spans.WINDOWS["W1"]))
        lead, horizon = first - end, last - first + 1
        longest = max(form.needed for form in CANDIDATES)
        back = PERIODS_PER_YEAR * ((np.arange(first, last + 1) - end - 1) // PERIODS_PER_YEAR + 1)
        post = np.arange(first, last + 1)
        size = calendar["weight"].to_numpy()[post] * calendar["value"].to_numpy()[post - back]
        for form in CANDIDATES:
            errors = []
            for origin in range(longest - 1, end - lead - horizon + 2):
                future = np.arange(origin + lead, origin + lead + horizon)
                if form.trend in REGRESSIONS:
                    train = np.arange(origin + 1 - form.window, origin + 1)

                    fitted = sm.OLS(logs[train], design(calendar, train, train, form.trend)).fit()
                    forecast = fitted.predict(design(calendar, train, future, form.trend)) + np.log(
                        np.exp(fitted.resid).mean()
                    )
                    if form.trend == "level":
                        forecast = forecast + fitted.resid[-PERIODS_PER_YEAR:].mean()
                else:
                    ahead = (future - origin - 1) // PERIODS_PER_YEAR + 1
                    forecast = logs[future - PERIODS_PER_YEAR * ahead]
                    if form.trend == "seasonal_drift":
                        year = logs[origin + 1 - PERIODS_PER_YEAR : origin + 1].mean()
                        before = logs[origin + 1 - 2 * PERIODS_PER_YEAR : origin + 1 - PERIODS_PER_YEAR].mean()
                        forecast = forecast + ahead * (year - before)
                errors.append((size * np.expm1(logs[future] - forecast)).sum())
            found[series, form.trend, form.window] = float(np.sqrt(np.mean(np.square(errors))))
    return found


def batched(calendars: dict) -> dict[tuple, float]:
    """Return the same from the report's engine."""
    table = counterfactual.compare_forms(calendars, TRAIN_END, *spans.WINDOWS["W1"])
    return {(row.series, row.trend, row.window): row.placebo_error for row in table.itertuples(index=False)}


def main() -> None:
    rows = customs.read_rows()
    cells = customs.clean(rows)
    growth.check_growth(rows, cells)
    flows = destinations.flows(cells, read_controls(), "USD", excess.all_lumps(cells))
    calendars = {}
    for code in excess.CALIBRATED:
        calendars[code, "plain"] = counterfactual.calendar_of(flows[code].value)
        calendars[code, "share"] = counterfactual.calendar_of(flows[code].value, flows[code].others["share"])
    seconds: dict[str, list[float]] = {"engine": [], "loop": []}
    for _ in range(int(sys.argv[1])):
        for name, case in (("engine", batched), ("loop", plain)):
            start = time.perf_counter()
            found = case(calendars)
            seconds[name].append(time.perf_counter() - start)
            if name == "engine":
                ours = found
    worst = max(abs(ours[key] / value - 1) for key, value in found.items())
    engine, loop = (statistics.median(seconds[name]) for name in ("engine", "loop"))
    print(json.dumps({"engine": engine, "loop": loop, "ratio": loop / engine, "worst": worst, "cells": len(found)}))


if __name__ == "__main__":
    main()
