"""Forecasts of every period after the end of training at once, with the errors of any sum of them.

What front-loading, the currencies and the two sides of a flow have in common: spans of different length and distance,
judged by the same placebo origins (the yardstick of :mod:`helpers.counterfactual`; Andrews 2003).

Shapes: T periods, N placebo origins, H periods from the end of training to the last one held, R series.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from helpers import counterfactual, periods, spans
from helpers.counterfactual import CONFIDENCE, LEAST_DEGREES, PERIODS_PER_YEAR, POWER, Form
from helpers.refusals import Refusal

NAIVE = "seasonal_naive"
GAP_COLUMNS = ["actual_bn", "counterfactual_bn", "gap_bn", "gap_pct", "placebo_error_bn", "t_value", "p_value",
               "low_bn", "high_bn", "mde80_bn"]  # fmt: skip


@dataclass(frozen=True)
class Trials:
    """Forecasts of R series from the end of training, and the errors of the same forecasts made earlier.

    ``calendar`` (T rows), ``end`` (row), ``expected`` (H, R) money per month, ``value`` (H, R) what came, ``weight``
    (H, 1) months in a period, ``errors`` (N, H, R) in logs, NaN where an origin would look beyond ``end``; ``first``
    is the row of the first origin.
    """

    calendar: pd.DataFrame
    end: int
    first: int
    expected: np.ndarray
    value: np.ndarray
    weight: np.ndarray
    errors: np.ndarray

    @cached_property
    def months(self) -> np.ndarray:
        """Periods after the end of training, as text, shape (H,)."""
        return self.calendar.index[self.end + 1 :].astype(str).to_numpy()

    def rows(self, first: str, last: str) -> np.ndarray:
        """Places 0..H-1 of a window; none when it is not held whole. One cut at January ends with December."""
        found = np.flatnonzero((self.months >= first) & (self.months <= last))
        whole = str(pd.Period(last, "M") - 1) if last.endswith("-01") else last
        return found if len(found) and self.months[found[-1]] == whole else found[:0]

    def gap(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gap (R,), counterfactual (R,) and placebo errors (N, R) of the sum over ``rows``; admissible origins only."""
        size = self.weight[rows] * self.expected[rows]
        admissible = self.errors[: max(0, self.end - int(rows[-1]) - self.first)]
        placebo = (size * np.expm1(admissible[:, rows])).sum(1)
        return (self.weight[rows] * self.value[rows]).sum(0) - size.sum(0), size.sum(0), placebo

    def degrees(self, rows: np.ndarray, donut: int) -> int:
        """Placebo errors that do not overlap, from the end of the donut or, where earlier, the begin of the span."""
        origins = max(0, self.end - int(rows[-1]) - self.first)
        return counterfactual.degrees_of_freedom(origins, len(rows), int(rows[0]) + 1, donut)


def trials(calendar: pd.DataFrame, value: np.ndarray, scale: np.ndarray, form: Form, train_end: str) -> Trials:
    """Forecast every period after the end of training, and repeat it at every earlier origin.

    Parameters
    ----------
    calendar
        From :func:`helpers.counterfactual.calendar_of`, T rows.
    value, scale
        Money per month and the denominator of the share form (1 in the plain form), shape (T, R).
    form, train_end
        Form of the counterfactual; last period of training, a month that is a period.

    Raises
    ------
    Refusal
        If training or what follows it is not held.
    """
    months = calendar.index.astype(str)
    end = int(np.flatnonzero(months == train_end)[0]) if train_end in set(months) else -1
    needed = PERIODS_PER_YEAR if form.trend == NAIVE else form.needed
    if end + 1 < needed or end + 1 >= len(calendar):
        raise Refusal(
            f"the series runs from {months[0]} to {months[-1]}",
            expected=f"{needed} periods up to {train_end} (not a January), and periods after it",
            remedy="choose a shorter window or another end of training, or report the destination as accounting only",
        )
    logs, ahead = np.log(value / scale), np.arange(end + 1, len(calendar))
    expected = np.exp(counterfactual.forecast(calendar, logs, form, end, ahead)) * scale[ahead]
    first = form.needed - 1
    errors = np.full((max(0, end - first), len(ahead), logs.shape[1]), np.nan)
    for number, origin in enumerate(range(first, end)):
        future = np.arange(origin + 1, min(origin + len(ahead), end) + 1)
        errors[number, : len(future)] = logs[future] - counterfactual.forecast(calendar, logs, form, origin, future)
    weight = calendar["weight"].to_numpy()[ahead, None]
    return Trials(calendar, end, first, expected, value[ahead], weight, errors)


def judged(gap: float, expected: float, placebo: np.ndarray, nu: int) -> dict:
    """Hold a gap against its placebo errors: the columns of an estimate, or the reason why there is no interval.

    Parameters
    ----------
    gap, expected
        Gap and counterfactual, billions.
    placebo
        Placebo errors of the same sum, shape (N,), billions.
    nu
        Placebo errors that do not overlap.

    Returns
    -------
    dict
        :data:`GAP_COLUMNS`, ``origins``, ``degrees_of_freedom``, ``status`` (``interval`` or ``not calibratable``) and
        ``reason`` (empty for an interval).
    """
    error = float(np.sqrt(np.mean(placebo**2))) if len(placebo) else np.nan
    known = nu >= LEAST_DEGREES
    critical = float(special.stdtrit(nu, (1 + CONFIDENCE) / 2)) if known else np.nan
    t_value = gap / error if known else np.nan
    return {
        "actual_bn": expected + gap, "counterfactual_bn": expected, "gap_bn": gap, "gap_pct": 100 * gap / expected,
        "placebo_error_bn": error, "t_value": t_value,
        "p_value": float(2 * special.stdtr(nu, -abs(t_value))) if known else np.nan, "low_bn": gap - critical * error,
        "high_bn": gap + critical * error,
        "mde80_bn": (critical + float(special.stdtrit(nu, POWER))) * error if known else np.nan,
        "origins": len(placebo), "degrees_of_freedom": nu, "status": "interval" if known else "not calibratable",
        "reason": "" if known else f"interval not calibratable: {len(placebo)} origins, {nu} that do not overlap",
    }  # fmt: skip


def nothing(reason: str) -> dict:
    """Return the columns of :func:`judged` for a span that cannot be estimated, with the reason."""
    return dict.fromkeys(GAP_COLUMNS, np.nan) | {
        "origins": 0, "degrees_of_freedom": 0, "status": "accounting only", "reason": reason,
    }  # fmt: skip


def donut_of(train_end: str) -> int:
    """Count the periods between the end of training and the first window."""
    first = periods.period_number(pd.Period(spans.WINDOWS["W1"][0], "M"))
    return first - periods.period_number(pd.Period(train_end, "M")) - 1


def base_months(months: pd.PeriodIndex, train_end: str) -> pd.PeriodIndex:
    """Return for each month the latest same month that is not after ``train_end``."""
    late = [(period - pd.Period(train_end, "M")).n for period in months]
    return pd.PeriodIndex([m - 12 * max(0, -(-k // 12)) for m, k in zip(months, late, strict=True)], freq="M")
