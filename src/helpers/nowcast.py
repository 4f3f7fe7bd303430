"""The next month of a flow, forecast one step ahead, with a score made in hindsight: figures of flows, no excess.

Three forecasts, weighted by their past errors; the interval comes from the errors the combination made before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers import periods, spans, stacks
from helpers.counterfactual import PERIODS_PER_YEAR, Form
from helpers.destinations import Flow
from helpers.stacks import Stack
from helpers.trials import log_forecasts

REGRESSION = Form("linear", 44)
NAMES = ("seasonal naive with drift", "regression", "SARIMA(0,1,1)(0,1,1)_11")
GRID = np.array([(theta, seasonal) for theta in np.arange(10) / 10 for seasonal in np.arange(10) / 10])
# Errors behind a weight (two years) and the fewest before a weight or an interval is formed; periods that are scored.
REMEMBERED, FEWEST, SCORED = 22, 11, 22
HINDSIGHT = "scored in hindsight with today's vintage"
NO_RECORD = "none yet: no nowcast has been published before this report"
LEVELS = (80, 95)
# Parts of the scored months: all, and before and from the first month of the shut door.
ALL, BEFORE, SINCE = "all", "before the tariffs", "since the tariffs"
TOO_RARE = 0.05  # a rate of hits this improbable under the promise is called too low


def _next(period: pd.Period) -> pd.Period:
    """Period after one of the eleven; January is never alone, so February (JF) follows December."""
    return period + (2 if period.month == 12 else 1)


def _with_next(stack: Stack) -> Stack:
    """Return the stack with one empty period more."""
    after = _next(pd.Period(stack.months[-1], "M"))
    fixed = {
        "months": str(after), "season": after.month - 2, "spill": periods.spill_days(after),
        "weight": 2 if after.month == 2 else 1,
    }  # fmt: skip
    longer = {name: np.append(getattr(stack, name), value) for name, value in fixed.items()}
    empty = np.full((1, len(stack.names)), np.nan)
    return Stack(stack.names, **longer, value=np.vstack([stack.value, empty]), scale=np.vstack([stack.scale, empty]))


def one_step(stack: Stack, regression: Form = REGRESSION) -> np.ndarray:
    """Forecast every period of every series from all before it, by every candidate.

    The seasonal ARIMA is the airline model (Box and Jenkins) by conditional sums of squares: its errors follow a
    recursion, its two moving-average parameters are those of a grid with the least squared errors so far. It does not
    know the days of March that the New Year reaches; the regression does.

    Returns
    -------
    numpy.ndarray
        Logs, shape (candidates, T + 1, R); the last row is the period after the calendar's last. NaN where a candidate
        has too little past, or a series has ended more than a period before.
    """
    logs = np.log(stack.value / stack.scale)
    rows, wide = logs.shape
    year = PERIODS_PER_YEAR
    out = np.full((3, rows + 1, wide), np.nan)
    change = logs[year:] - logs[:-year]
    sums = np.vstack([np.zeros((1, wide)), np.cumsum(change, axis=0)])
    out[0, 2 * year :] = logs[year : rows + 1 - year] + (sums[year:] - sums[:-year]) / year
    if rows >= regression.window:
        out[1, regression.window :] = log_forecasts(_with_next(stack), regression, rows - 1, 1)[:, 0]
    theta, seasonal = GRID[:, :1], GRID[:, 1:]
    errors, squares = np.zeros((rows, len(GRID), wide)), np.zeros((len(GRID), wide))
    for row in range(year + 1, rows + 1):
        expected = logs[row - 1] + logs[row - year] - logs[row - year - 1] - theta * errors[row - 1]
        expected = expected - seasonal * errors[row - year] + theta * seasonal * errors[row - year - 1]
        if row >= 3 * year:
            out[2, row] = np.take_along_axis(expected, squares.argmin(0)[None], 0)[0]
        if row < rows:
            errors[row] = logs[row] - expected
            squares += np.nan_to_num(errors[row] ** 2)
    return out


def _combined(logs: np.ndarray, tried: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Combine the candidates of one series by the inverse of their root mean square errors so far.

    Returns
    -------
    tuple
        Forecast (T + 1,), weights (candidates, T + 1) and the error to expect (T + 1,): root mean square and number of
        the combination's own past errors, stacked (2, T + 1).
    """
    errors = logs[None] - tried[:, :-1]
    steps = tried.shape[1]
    said, weights, spread = np.full(steps, np.nan), np.full(tried.shape, np.nan), np.full((2, steps), np.nan)
    for step in range(steps):
        past = errors[:, max(0, step - REMEMBERED) : step]
        if step < FEWEST or (np.isfinite(past).sum(1) < FEWEST).any():
            continue
        inverse = 1 / np.sqrt(np.nanmean(past**2, axis=1))
        weights[:, step] = inverse / inverse.sum()
        said[step] = weights[:, step] @ tried[:, step]
        own = (logs[:step] - said[:step])[np.isfinite(said[:step])]
        if len(own) >= FEWEST:
            spread[:, step] = np.sqrt(np.mean(own**2)), len(own)
    return said, weights, spread


@dataclass(frozen=True)
class Nowcasts:
    """Tables of :func:`nowcasts`."""

    table: pd.DataFrame
    candidates: pd.DataFrame
    scored: pd.DataFrame
    scorecard: pd.DataFrame


def nowcasts(flows: dict[str, Flow], *, until: str | None = None, regression: Form = REGRESSION) -> Nowcasts:
    """Forecast the period after each flow's last published one, and score the same procedure on the past.

    Parameters
    ----------
    flows
        From :func:`helpers.destinations.flows`, billions; plain forms are used.
    until
        Last month that may be used; everything when None.

    Returns
    -------
    Nowcasts
        ``table`` (key ``destination_code``): ``view``, ``currency``, ``last_published``, ``first_month``,
        ``last_month`` of the period forecast, ``what`` (month, or average of January and February), average per month
        in billions ``nowcast_bn``, ``low80_bn``, ``high80_bn``, ``low95_bn``, ``high95_bn``, ``year_before_bn``,
        ``growth_pct``, ``errors`` behind the interval, ``reason``, ``inputs``. ``candidates`` (key
        ``destination_code``, ``candidate``): ``forecast_bn``, ``weight``, ``recent_rmse_pct``. ``scored`` (key
        ``destination_code``, ``period``): ``said_bn``, the four ends, ``came_bn``, ``naive_bn``, ``error_pct``,
        ``is_inside80``, ``is_inside95``. ``scorecard`` (key ``destination_code``): ``scored``, ``first_period``,
        ``last_period``, ``hits80``, ``hits95`` (counts), ``hit80_pct`` and ``hit95_pct`` with exact binomial 95 % ends
        ``hit80_low_pct`` .. ``hit95_high_pct``, ``rmse_pct``, ``naive_rmse_pct``, ``ratio_to_naive``, ``vintage``,
        ``record`` (the real one), ``reason``.
    """
    series = {(code, "plain"): (flow.value.loc[:until], None) for code, flow in flows.items()}
    tables: dict[str, list] = {"table": [], "candidates": [], "scored": [], "scorecard": []}
    for stack in stacks.stacks(series):
        tried, index = one_step(stack, regression), pd.PeriodIndex(stack.months, freq="M")
        for column, (code, _) in enumerate(stack.names):
            held = int(np.isfinite(stack.value[:, column]).sum())
            _one(flows[code], series[code, "plain"][0], index[:held], stack.value[:held, column],
                 tried[:, : held + 1, column], tables)  # fmt: skip
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return Nowcasts(**frames)


def split(scored: pd.DataFrame) -> pd.DataFrame:
    """Score the same nowcasts for all months, and before and from April 2025 apart.

    A score over months with and without the tariffs mixes two tasks: repeating the year fails by itself when the door
    shuts.

    Parameters
    ----------
    scored
        Of :class:`Nowcasts`.

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``part`` (:data:`ALL`, :data:`BEFORE`, :data:`SINCE`): ``scored``, ``first_period``,
        ``last_period``, ``hits80``, ``hits95`` (counts), their exact 95 % ends ``hit80_low_pct`` .. ``hit95_high_pct``,
        ``so_few95_p``, the probability of that many hits or fewer if the 95 % intervals were right, flag
        ``is_too_narrow`` (below :data:`TOO_RARE`), ``rmse_pct``, ``naive_rmse_pct``, ``ratio_to_naive``.
    """
    rows, begin = [], spans.WINDOWS["W1"][0]
    for code, held in scored.groupby("destination_code", sort=False):
        for part, mine in ((ALL, held), (BEFORE, held[held["period"] < begin]), (SINCE, held[held["period"] >= begin])):
            if mine.empty:
                continue
            row = {"destination_code": code, "part": part, "scored": len(mine), "first_period": mine["period"].min(),
                   "last_period": mine["period"].max()}  # fmt: skip
            for level in LEVELS:
                hits = int(mine[f"is_inside{level}"].sum())
                exact = stats.binomtest(hits, len(mine)).proportion_ci(0.95, "exact")
                row |= {f"hits{level}": hits, f"hit{level}_low_pct": 100 * exact.low,
                        f"hit{level}_high_pct": 100 * exact.high}  # fmt: skip
            few = float(stats.binom.cdf(row["hits95"], len(mine), 0.95))
            own, naive = (
                100 * float(np.sqrt(np.mean(np.log(mine["came_bn"] / mine[name]) ** 2)))
                for name in ("said_bn", "naive_bn")
            )
            rows.append(row | {"so_few95_p": few, "is_too_narrow": few < TOO_RARE, "rmse_pct": own,
                               "naive_rmse_pct": naive, "ratio_to_naive": own / naive})  # fmt: skip
    return pd.DataFrame(rows)


def _one(flow: Flow, monthly: pd.Series, index: pd.PeriodIndex, value: np.ndarray, tried: np.ndarray,
         tables: dict[str, list]) -> None:  # fmt: skip
    """Write one flow's rows into every table."""
    said, weights, (error, count) = _combined(np.log(value), tried)
    ends = {
        f"{end}{level}_bn": np.exp(said + sign * stats.t.ppf((1 + level / 100) / 2, count) * error)
        for level in LEVELS for end, sign in (("low", -1), ("high", 1))
    }  # fmt: skip
    after, held = _next(index[-1]), len(value)
    row = {
        "destination_code": flow.code, "view": flow.view, "currency": flow.currency,
        "last_published": str(monthly.index[-1]), "first_month": str(after - 1 if after.month == 2 else after),
        "last_month": str(after), "what": "average of January and February" if after.month == 2 else "month",
        "inputs": flow.inputs, "errors": 0, "reason": f"{held} periods are too few for weights and an interval",
    }  # fmt: skip
    card = {
        "destination_code": flow.code, "scored": 0, "hits80": 0, "hits95": 0, "vintage": HINDSIGHT,
        "record": NO_RECORD, "reason": row["reason"],
    }  # fmt: skip
    if np.isfinite(error[-1]):
        before = float(value[held - PERIODS_PER_YEAR])
        row |= {key: float(end[-1]) for key, end in ends.items()} | {
            "nowcast_bn": float(np.exp(said[-1])), "year_before_bn": before,
            "growth_pct": 100 * (float(np.exp(said[-1])) / before - 1), "errors": int(count[-1]), "reason": "",
        }  # fmt: skip
        recent = np.log(value)[None] - tried[:, :-1]
        for number, name in enumerate(NAMES):
            tables["candidates"].append(
                {
                    "destination_code": flow.code, "candidate": name, "forecast_bn": float(np.exp(tried[number, -1])),
                    "weight": float(weights[number, -1]),
                    "recent_rmse_pct": 100 * float(np.sqrt(np.nanmean(recent[number, -REMEMBERED:] ** 2))),
                }
            )  # fmt: skip
    tables["table"].append(row)
    rows = [at for at in range(max(PERIODS_PER_YEAR, held - SCORED), held) if np.isfinite(error[at])]
    if len(rows) >= FEWEST:
        card |= _score(flow.code, index, value, said, ends, rows, tables["scored"])
    tables["scorecard"].append(card)


def _score(code: str, index: pd.PeriodIndex, value: np.ndarray, said: np.ndarray, ends: dict[str, np.ndarray],
           rows: list[int], scored: list[dict]) -> dict:  # fmt: skip
    naive = value[np.array(rows) - PERIODS_PER_YEAR]
    came, logs = value[rows], np.log(value[rows])
    card: dict = {"scored": len(rows), "first_period": str(index[rows[0]]), "last_period": str(index[rows[-1]])}
    inside = {}
    for level in LEVELS:
        inside[level] = (came >= ends[f"low{level}_bn"][rows]) & (came <= ends[f"high{level}_bn"][rows])
        hits = int(inside[level].sum())
        exact = stats.binomtest(hits, len(rows)).proportion_ci(0.95, "exact")
        card |= {
            f"hits{level}": hits, f"hit{level}_pct": 100 * hits / len(rows), f"hit{level}_low_pct": 100 * exact.low,
            f"hit{level}_high_pct": 100 * exact.high,
        }  # fmt: skip
    errors = logs - said[rows]
    card["rmse_pct"] = 100 * float(np.sqrt(np.mean(errors**2)))
    card["naive_rmse_pct"] = 100 * float(np.sqrt(np.mean((logs - np.log(naive)) ** 2)))
    card |= {"ratio_to_naive": card["rmse_pct"] / card["naive_rmse_pct"], "reason": ""}
    for place, at in enumerate(rows):
        scored.append(
            {"destination_code": code, "period": str(index[at]), "said_bn": float(np.exp(said[at]))}
            | {key: float(end[at]) for key, end in ends.items()}
            | {
                "came_bn": float(came[place]), "naive_bn": float(naive[place]),
                "error_pct": 100 * float(np.expm1(errors[place])),
                "is_inside80": bool(inside[80][place]), "is_inside95": bool(inside[95][place]),
            }
        )  # fmt: skip
    return card
