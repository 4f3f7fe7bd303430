"""The specification curve as a plain loop of statsmodels fits: slow, obvious, and written without the fast one.

One specification, one origin, one column after the other. Its numbers are what ``robustness.py`` must give.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from helpers import controls as money
from helpers import periods

TRENDS = ("seasonal_naive", "seasonal_drift", "linear", "level", "quadratic")
TRAININGS = ("22", "33", "44", "55", "all")
ENDS = ("2024-10", "2024-12", "2025-03")
EARLY_2020 = ("2020-02", "2020-03", "2020-04")
DOOR_SHUT = "2025-04"


def in_currency(series, controls, source, target):
    return None if series is None else money.convert(series, controls, source, target)


def periods_of(value, other):
    """Table of periods: log flow, what it is multiplied with, weight, season, spill-over."""
    table = periods.eleven_periods(value)
    table["scale"] = 1.0 if other is None else periods.eleven_periods(other)["value"].reindex(table.index)
    table = table.dropna()
    table["log"] = np.log(table["value"] / table["scale"])
    table["month"] = table.index.astype(str)
    return table.reset_index(drop=True)


def regressors(table, rows, trend, covid, trained_on):
    season, spill, month = (table[name].to_numpy() for name in ("season", "spill_days", "month"))
    columns = [(season[rows] == number).astype(float) for number in range(11)]
    time = (rows - trained_on[-1]) / 11
    columns.append(time)
    if trend == "quadratic":
        columns.append(time**2)
    if spill[trained_on].any():
        columns.append(spill[rows].astype(float))
    if covid:
        columns += [(month[rows] == early).astype(float) for early in EARLY_2020 if early in month[trained_on]]
    return np.column_stack(columns)


def expect(table, trend, training, covid, origin, future):
    """Forecast the logs from one origin."""
    logs = table["log"].to_numpy()
    if trend in ("seasonal_naive", "seasonal_drift"):
        found = []
        for row in future:
            years = 1
            while row - 11 * years > origin:
                years += 1
            drift = logs[origin - 10 : origin + 1].mean() - logs[origin - 21 : origin - 10].mean()
            found.append(logs[row - 11 * years] + (years * drift if trend == "seasonal_drift" else 0.0))
        return np.array(found)
    length = origin + 1 if training == "all" else int(training)
    trained_on = np.arange(origin + 1 - length, origin + 1)
    fitted = sm.OLS(logs[trained_on], regressors(table, trained_on, trend, covid, trained_on)).fit()
    predicted = fitted.predict(regressors(table, np.asarray(future), trend, covid, trained_on))
    predicted = predicted + np.log(np.exp(fitted.resid).mean())
    return predicted + (fitted.resid[-11:].mean() if trend == "level" else 0.0)


def needed(trend, training):
    if trend in ("seasonal_naive", "seasonal_drift"):
        return 22
    return 44 if training == "all" else int(training)


def one(table, trend, training, covid, train_end, first, last):
    """One specification: gap, counterfactual, placebo error, origins, t; None where it is not feasible."""
    months = list(table["month"])
    if train_end not in months or last not in months:
        return None
    end = months.index(train_end)
    if end + 1 < needed(trend, training):
        return None
    window = np.array([row for row, month in enumerate(months) if first <= month <= last])
    lead, length = window[0] - end, len(window)
    weight, value = table["weight"].to_numpy(), table["value"].to_numpy()
    expected = np.exp(expect(table, trend, training, covid, end, window)) * table["scale"].to_numpy()[window]
    size = weight[window] * expected
    gap = (weight[window] * value[window]).sum() - size.sum()
    placebo = {}
    for origin in range(needed(trend, training) - 1, end + 1):
        future = np.arange(origin + lead, origin + lead + length)
        if future[-1] > end:
            break
        error = table["log"].to_numpy()[future] - expect(table, trend, training, covid, origin, future)
        placebo[months[future[0]]] = float((size * np.expm1(error)).sum())
    numbers = np.array(list(placebo.values()))
    error = np.sqrt((numbers**2).mean()) if len(numbers) else np.nan
    start = periods.period_number(pd.Period(DOOR_SHUT, "M"))
    span = max(length, periods.period_number(pd.Period(last, "M")) - start + 1)
    nu = (len(numbers) + span - 1) // span
    t = gap / error if nu >= 5 else np.nan
    return {
        "gap_bn": gap, "counterfactual_bn": size.sum(), "placebo_error_bn": error, "origins": len(numbers),
        "degrees_of_freedom": nu, "t_value": t, "p_value": 2 * stats.t.sf(abs(t), nu), "placebo": placebo,
    }  # fmt: skip


def feasible(flows, controls, month, first, last, choose=lambda specification: True):
    """Walk the grid and yield every feasible specification with its numbers."""
    for code, flow in flows.items():
        for form in ("plain", *flow.others):
            for asked in ("USD", "CNY", "partner"):
                target = money.OWN_CURRENCY.get(code, flow.currency) if asked == "partner" else asked
                pair = [in_currency(one_of, controls, flow.currency, target)
                        for one_of in (flow.value, flow.others.get(form))]  # fmt: skip
                table = periods_of(*(None if series is None else series.loc[:month] for series in pair))
                for trend in TRENDS:
                    for training in TRAININGS:
                        for covid in (False, True):
                            for donut in (True, False):
                                for end in ENDS:
                                    if donut and end > "2024-10":
                                        continue  # training would lie in the months that are barred
                                    key = (code, form, asked, target, trend, training, covid, donut, end)
                                    if not choose(key):
                                        continue
                                    found = one(table, trend, training, covid, end, first, last)
                                    if found is not None:
                                        yield key, found


def plain_loop(flows, controls, month, first, last):
    """Every feasible specification, and the distinct ones: equal in gap, counterfactual and placebo error to 1e-9."""
    found = list(feasible(flows, controls, month, first, last))
    distinct = []
    for key, numbers in found:
        mine = np.array([numbers[name] for name in ("gap_bn", "counterfactual_bn", "placebo_error_bn")])
        for other, known in distinct:
            if other[:2] == key[:2] and other[3] == key[3]:
                theirs = np.array([known[name] for name in ("gap_bn", "counterfactual_bn", "placebo_error_bn")])
                if np.allclose(mine, theirs, rtol=1e-9, atol=0, equal_nan=True):
                    break
        else:
            distinct.append((key, numbers))
    return found, distinct
