"""Forecasts tried at every earlier date: the errors of many series at once, and what they say of any sum of periods.

What the pages that doubt the headline have in common: spans of different length and distance, judged by the same
placebo origins (the yardstick of :mod:`helpers.counterfactual`; Andrews 2003).

Shapes: T periods, O origins, S steps ahead, N placebo origins, H periods after the end of training, R series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from helpers import counterfactual, periods, spans, stacks
from helpers.counterfactual import CONFIDENCE, LEAST_DEGREES, PERIODS_PER_YEAR, POWER, REGRESSIONS, Form
from helpers.refusals import Refusal
from helpers.stacks import Stack

NAIVE = "seasonal_naive"
ALL_LEAST = 44  # a regression on everything before the origin has four years behind it at least
PULSES = ("2020-02", "2020-03", "2020-04")  # January-February, March, April 2020
GAP_COLUMNS = ["actual_bn", "counterfactual_bn", "gap_bn", "gap_pct", "placebo_error_bn", "t_value", "p_value",
               "low_bn", "high_bn", "mde80_bn"]  # fmt: skip


def needed_of(form: Form) -> int:
    """Periods of training before the first placebo origin; window 0 trains on everything before the origin."""
    return form.needed or ALL_LEAST


def log_forecasts(stack: Stack, form: Form, last: int, steps: int, *, covid: bool = False) -> np.ndarray:
    """Forecast logs from every origin at once, all series side by side.

    Regressors, smearing and level correction are those of :func:`helpers.counterfactual.forecast`. With ``covid``,
    early 2020 gets three dummies where the training holds it.

    Returns
    -------
    numpy.ndarray
        Logs of value over scale, shape (O, S, R), origins from row ``needed_of(form) - 1`` to ``last``; NaN where the
        calendar ends before, and where a series has not the training.
    """
    logs, year = np.log(stack.value / stack.scale), PERIODS_PER_YEAR
    origins = np.arange(needed_of(form) - 1, last + 1)[:, None]
    future = origins + np.arange(1, steps + 1)
    if form.trend in REGRESSIONS:
        expected = _regressed(stack, logs, form, origins, future, covid)
    else:
        ahead = (np.arange(steps) // year + 1)[None, :]
        expected = logs[future - year * ahead]
        if form.trend == "seasonal_drift":
            block = origins + np.arange(1 - year, 1)
            expected = expected + ahead[:, :, None] * (logs[block].mean(1) - logs[block - year].mean(1))[:, None, :]
    expected[future >= len(logs)] = np.nan
    return expected


def _regressed(stack: Stack, logs: np.ndarray, form: Form, origins: np.ndarray, future: np.ndarray,
               covid: bool) -> np.ndarray:  # fmt: skip
    """Regression forecasts by one Gram matrix per origin: origins (O, 1), future rows (O, S), forecasts (O, S, R).

    Time is centred inside each training, which changes no forecast and keeps the matrices well conditioned.
    """
    year, size = PERIODS_PER_YEAR, len(logs)
    rows = origins + np.arange(1 - (form.window or int(origins[-1, 0]) + 1), 1)
    inside = (rows >= 0)[:, :, None]
    count = inside.sum(1)
    seasons = np.eye(int(stack.season.max()) + 1)
    pulses = np.flatnonzero(np.isin(stack.months, PULSES)) if covid else []

    def design(at: np.ndarray) -> np.ndarray:
        time = ((at - origins) / year + (count - 1) / (2 * year))[:, :, None]
        at = np.clip(at, 0, size - 1)
        parts = [seasons[stack.season[at]], time, *([time**2] if form.trend == "quadratic" else [])]
        return np.concatenate([*parts, stack.spill[at][:, :, None], *((at == p)[:, :, None] for p in pulses)], axis=2)

    train, target = design(rows) * inside, logs[np.maximum(rows, 0)] * inside
    gram = train.transpose(0, 2, 1) @ train
    # What a training never saw (spill-over, a month of 2020) has no effect that it could know.
    diagonal = np.arange(gram.shape[1])
    gram[:, diagonal, diagonal] += gram[:, diagonal, diagonal] == 0
    coefficients = np.linalg.solve(gram, train.transpose(0, 2, 1) @ target)
    residuals = target - train @ coefficients
    expected = design(future) @ coefficients + np.log((np.exp(residuals) * inside).sum(1) / count)[:, None, :]
    if form.trend == "level":
        expected += residuals[:, -year:].mean(1)[:, None, :]
    return expected


def log_errors(stack: Stack, form: Form, last: int, steps: int, *, covid: bool = False) -> np.ndarray:
    """What came less the logs of :func:`log_forecasts`, shape (O, S, R); NaN where nothing came yet."""
    expected = log_forecasts(stack, form, last, steps, covid=covid)
    future = np.arange(needed_of(form), last + 2)[:, None] + np.arange(steps)
    return np.log(stack.value / stack.scale)[np.minimum(future, len(stack.months) - 1)] - expected


@dataclass(frozen=True)
class Trials:
    """Forecasts of R series from the end of training, and the errors of the same forecasts made earlier.

    ``end``, row of the last training period; ``origins`` (N,), the periods before it from which the forecast is
    repeated, in a row up to ``end``, and ``months`` (H,), the periods after it, as text; ``expected`` (H, R) money per
    month, ``value`` (H, R) what came, ``weight`` (H, 1) months in a period; ``errors`` (N, H, R) in logs, of which
    :meth:`admissible` are those that do not look beyond ``end``.
    """

    end: int
    origins: np.ndarray
    months: np.ndarray
    expected: np.ndarray
    value: np.ndarray
    weight: np.ndarray
    errors: np.ndarray

    @classmethod
    def at(cls, stack: Stack, form: Form, end: int, errors: np.ndarray) -> Trials:
        """Take the trials of one end of training (row) out of :func:`log_errors`, which may hold later ones as well."""
        first, after = needed_of(form) - 1, end + 1
        value = stack.value[after:]
        expected = value * np.exp(-errors[end - first, : len(value)])
        return cls(end, stack.months[first:end], stack.months[after:], expected, value, stack.weight[after:, None],
                   errors[: end - first, : len(value)])  # fmt: skip

    def only(self, column: int) -> Trials:
        """Return the trials of one series, cut at its own end; refused where nothing of it is held after training."""
        held = int(np.isfinite(self.value[:, column]).sum())
        if not held:
            raise Refusal(
                f"the series, or its denominator, ends before {self.months[0]}",
                expected="periods after the end of training", remedy="choose another end of training",
            )  # fmt: skip
        return Trials(
            self.end, self.origins, self.months[:held], self.expected[:held, [column]], self.value[:held, [column]],
            self.weight[:held], self.errors[:, :held, [column]],
        )  # fmt: skip

    def rows(self, first: str, last: str) -> np.ndarray:
        """Places 0..H-1 of a window; none when it is not held whole, by :func:`helpers.stacks.window`."""
        return stacks.window(self.months, first, last)

    def admissible(self, rows: np.ndarray) -> np.ndarray:
        """Log errors over ``rows`` (in a row) at the origins that do not look beyond ``end``, shape (N, rows, R)."""
        return self.errors[: max(0, len(self.origins) - int(rows[-1])), rows[0] : rows[-1] + 1]

    def gap(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gap (R,), counterfactual (R,) and placebo errors (N, R) of the sum over ``rows``, which lie in a row."""
        size = self.weight[rows] * self.expected[rows]
        placebo = (size * np.expm1(self.admissible(rows))).sum(1)
        return (self.weight[rows] * self.value[rows]).sum(0) - size.sum(0), size.sum(0), placebo

    def gap_of(self, rows: np.ndarray, column: int = 0) -> tuple[float, float, np.ndarray]:
        """Return :meth:`gap` of one series: two numbers and its placebo errors (N,)."""
        gap, expected, placebo = self.gap(rows)
        return float(gap[column]), float(expected[column]), placebo[:, column]

    def degrees(self, rows: np.ndarray, donut: int) -> int:
        """Placebo errors that do not overlap, from the end of the donut or, where earlier, the begin of the span."""
        return counterfactual.degrees_of_freedom(len(self.admissible(rows)), len(rows), int(rows[0]) + 1, donut)


def holds(stack: Stack, form: Form, train_end: str) -> bool:
    """Tell whether a stack holds the training up to ``train_end``, and something after it."""
    end = stack.row(train_end)
    return needed_of(form) <= end + 1 < len(stack.months)


def trials(stack: Stack, form: Form, train_end: str) -> Trials:
    """Forecast every period after the end of training, and repeat it at every earlier origin.

    Parameters
    ----------
    stack
        Series side by side, from :mod:`helpers.stacks`.
    form, train_end
        Form of the counterfactual; last period of training, a month that is a period.

    Raises
    ------
    Refusal
        If training or what follows it is not held.
    """
    if not holds(stack, form, train_end):
        raise Refusal(
            f"the series runs from {stack.months[0]} to {stack.months[-1]}",
            expected=f"{needed_of(form)} periods up to {train_end} (not a January), and periods after it",
            remedy="choose a shorter window or another end of training, or report the destination as accounting only",
        )
    end = stack.row(train_end)
    return Trials.at(stack, form, end, log_errors(stack, form, end, len(stack.months) - 1 - end))


def by_name(side_by_side: list[Stack], form: Form, train_end: str) -> dict[tuple[str, ...], Trials]:
    """Return the :func:`trials` of each series, cut at its own end, by its name."""
    found = {}
    for stack in side_by_side:
        held = trials(stack, form, train_end)
        found |= {name: held.only(column) for column, name in enumerate(stack.names)}
    return found


def verdict(gap: np.ndarray | float, error: np.ndarray | float, nu: np.ndarray | int) -> dict[str, np.ndarray]:
    """Hold gaps against root mean square placebo errors: ends of the 95 % interval, t, p-value, detectable effect.

    All in the unit of the gap, arrays of one shape; NaN below five degrees of freedom.
    """
    known = np.where(np.asarray(nu) >= LEAST_DEGREES, nu, np.nan)
    critical = special.stdtrit(known, (1 + CONFIDENCE) / 2)
    t_value = np.where(np.isnan(known), np.nan, gap / error)
    return {
        "low": gap - critical * error, "high": gap + critical * error, "t_value": t_value,
        "p_value": 2 * special.stdtr(known, -np.abs(t_value)),
        "mde80": (critical + special.stdtrit(known, POWER)) * error,
    }  # fmt: skip


def too_few(origins: int, nu: int) -> str:
    """Say why there is no interval; empty where there is one."""
    return "" if nu >= LEAST_DEGREES else f"interval not calibratable: {origins} origins, {nu} that do not overlap"


def judged(gap: float, placebo: np.ndarray, nu: int, unit: str) -> dict:
    """Hold a gap against its placebo errors, or say why there is no interval.

    Parameters
    ----------
    gap, placebo
        Gap, and the placebo errors of the same sum, shape (N,); both in ``unit``.
    nu
        Placebo errors that do not overlap.
    unit
        What the columns are named by: ``bn`` makes ``gap_bn``.

    Returns
    -------
    dict
        ``gap_``, ``placebo_error_`` (root mean square), ``low_``, ``high_`` (95 %) and ``mde80_`` with the unit;
        ``origins``, ``degrees_of_freedom``, ``t_value``, ``p_value``, ``reason`` (empty for an interval).
    """
    error = float(np.sqrt(np.mean(placebo**2))) if len(placebo) else np.nan
    found = {key: float(value) for key, value in verdict(gap, error, nu).items()}
    return {
        f"gap_{unit}": gap, f"placebo_error_{unit}": error, "origins": len(placebo), "degrees_of_freedom": nu,
        f"low_{unit}": found["low"], f"high_{unit}": found["high"], "t_value": found["t_value"],
        "p_value": found["p_value"], f"mde80_{unit}": found["mde80"], "reason": too_few(len(placebo), nu),
    }  # fmt: skip


def estimated(gap: float, expected: float, placebo: np.ndarray, nu: int) -> dict:
    """Return the columns of an estimate in billions, or the reason why there is no interval.

    Parameters
    ----------
    gap, expected, placebo
        Gap, counterfactual and placebo errors (N,) of the same sum, billions.
    nu
        Placebo errors that do not overlap.

    Returns
    -------
    dict
        :data:`GAP_COLUMNS`, ``origins``, ``degrees_of_freedom``, ``status`` (``interval`` or ``not calibratable``) and
        ``reason`` (empty for an interval).
    """
    row = judged(gap, placebo, nu, "bn")
    row |= {"actual_bn": expected + gap, "counterfactual_bn": expected, "gap_pct": 100 * gap / expected}
    row["status"] = "not calibratable" if row["reason"] else "interval"
    return {name: row[name] for name in (*GAP_COLUMNS, "origins", "degrees_of_freedom", "status", "reason")}


def nothing(reason: str) -> dict:
    """Return the columns of :func:`estimated` for a span that cannot be estimated, with the reason."""
    return dict.fromkeys(GAP_COLUMNS, np.nan) | {
        "origins": 0, "degrees_of_freedom": 0, "status": "accounting only", "reason": reason,
    }  # fmt: skip


def donut_of(train_end: str, start: str = spans.WINDOWS["W1"][0]) -> int:
    """Count the periods between the end of training and the first window, which begins with month ``start``."""
    first, end = (periods.period_number(pd.Period(month, "M")) for month in (start, train_end))
    return first - end - 1


def not_overlapping(count: int, first: str, last: str) -> int:
    """Count the placebo dates of a window that do not overlap, as :meth:`Trials.degrees` does, from its months."""
    ends = (spans.WINDOWS["W1"][0], first, str(pd.Period(last, "M") - int(last.endswith("-01"))))
    start, begin, stop = (periods.period_number(pd.Period(end, "M")) for end in ends)
    return counterfactual.degrees_of_freedom(count, stop - begin + 1, begin - start + 1, 0)


def base_months(months: pd.PeriodIndex, train_end: str) -> pd.PeriodIndex:
    """Return for each month the latest same month that is not after ``train_end``."""
    late = [(period - pd.Period(train_end, "M")).n for period in months]
    return pd.PeriodIndex([m - 12 * max(0, -(-k // 12)) for m, k in zip(months, late, strict=True)], freq="M")
