"""The counterfactual of one flow and how wrong such counterfactuals used to be (docs/methodology.md, section 4).

A flow is forecast from its own past, in logs: seasons, a trend and the days of March that the Chinese New Year still
reaches. The gap is what came less what was forecast. Its uncertainty is not taken from the regression's residuals:
the same forecast, with the same distance and length, is made at every admissible date before the tariffs (placebo
origins), and its errors are the yardstick. A gap over the root mean square placebo error is held against a t
distribution whose degrees of freedom count the placebo errors that do not overlap (Andrews 2003, end-of-sample test).

Shapes: T periods, N placebo origins, H evaluated periods, W training periods, R series side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers import periods
from helpers.periods import PERIODS_PER_YEAR
from helpers.refusals import Refusal
from helpers.spans import WINDOWS

REGRESSIONS = ("linear", "level", "quadratic")
WINDOW_CHOICES = (22, 33, 44, 55)
LEAST_DEGREES = 5
CONFIDENCE, POWER = 0.95, 0.80


@dataclass(frozen=True)
class Form:
    """The form of a counterfactual: its trend and the periods it is trained on (naive forms need 22)."""

    trend: str
    window: int

    @property
    def needed(self) -> int:
        """Periods of training that the form looks at."""
        return self.window if self.trend in REGRESSIONS else 2 * PERIODS_PER_YEAR


CANDIDATES = (
    *(Form(trend, window) for trend in REGRESSIONS for window in WINDOW_CHOICES if (trend, window) != ("level", 22)),
    Form("seasonal_naive", 22),
    Form("seasonal_drift", 22),
)


@dataclass(frozen=True)
class Gap:
    """One estimate; money in the unit of the series, one row of table ``excess``."""

    form: Form
    train_first: str
    train_end: str
    donut: int
    actual: float
    counterfactual: float
    gap: float
    placebo_error: float
    placebo_mean: float
    origins: int
    degrees_of_freedom: int
    t_value: float
    p_value: float
    low: float
    high: float
    mde80: float
    reason: str
    path: pd.DataFrame
    placebo: pd.Series

    @property
    def calibrated(self) -> bool:
        """Whether there are enough placebo origins for an interval."""
        return self.reason == ""


def calendar_of(series: pd.Series, other: pd.Series | None = None) -> pd.DataFrame:
    """Return the eleven-period calendar of a monthly flow, with the denominator of its share form.

    Parameters
    ----------
    series
        Monthly money, PeriodIndex M.
    other
        Imports from other origins, same unit; months that only one of the two holds drop out.

    Returns
    -------
    pandas.DataFrame
        T rows: ``value``, ``other`` (1 in the plain form), ``weight``, ``season``, ``spill_days``.

    Raises
    ------
    Refusal
        If a period is missing inside: nothing is interpolated. If a value is not above zero: it has no logarithm.
    """
    calendar = periods.eleven_periods(series)
    calendar["other"] = 1.0 if other is None else periods.eleven_periods(other)["value"].reindex(calendar.index)
    calendar = calendar.dropna()
    if periods.has_gaps(calendar.index):
        steps = np.diff([periods.period_number(period) for period in calendar.index])
        raise Refusal(
            f"the series skips a period after {calendar.index[int(np.argmax(steps != 1))]}",
            expected="every period between the first and the last", remedy="a missing month stays missing: "
            "start the sample after it, or report the destination as accounting only",
        )  # fmt: skip
    empty = calendar[(calendar[["value", "other"]] <= 0).any(axis=1)]
    if len(empty):
        raise Refusal(
            f"{len(empty)} periods are not above zero, first {empty.index[0]}",
            expected="trade in every period", remedy="mark what was not reported as missing, not as zero",
        )  # fmt: skip
    return calendar


def quarters_of(series: pd.Series) -> pd.DataFrame:
    """Return the four-season calendar of a quarterly flow, same columns as :func:`calendar_of`."""
    frame = pd.DataFrame({"value": series, "other": 1.0, "weight": 1, "spill_days": 0})
    frame["season"] = [(period.month - 1) // 3 for period in series.index]
    return frame


def _design(calendar: pd.DataFrame, rows: np.ndarray, end: np.ndarray, trend: str, with_spill: bool) -> np.ndarray:
    """Regressors of rows (..., W): season dummies, trend from the end of training (and its square), days of spill-over.

    A training that saw no spill-over into March cannot know its effect; the column is then left out.
    """
    season, spill = calendar["season"].to_numpy(), calendar["spill_days"].to_numpy(dtype=float)
    time = ((rows - end) / PERIODS_PER_YEAR)[..., None]
    parts = [np.eye(season.max() + 1)[season[rows]], time]
    if trend == "quadratic":
        parts.append(time**2)
    if with_spill:
        parts.append(spill[rows][..., None])
    return np.concatenate(parts, axis=-1)


def forecast(calendar: pd.DataFrame, logs: np.ndarray, form: Form, origin: int, future: np.ndarray) -> np.ndarray:
    """Forecast logs from one origin, for any number of series side by side (numpy).

    Parameters
    ----------
    calendar
        From :func:`calendar_of`.
    logs
        Log flows, shape (T, R).
    form
        Trend and window.
    origin, future
        Row of the last training period; rows to forecast, shape (H,).

    Returns
    -------
    numpy.ndarray
        Logs of the expected level (Duan's smearing for the regressions), shape (H, R).
    """
    return _forecasts(calendar, logs, form, np.array([origin]), future[None], {})[0]


def _forecasts(calendar: pd.DataFrame, logs: np.ndarray, form: Form, origins: np.ndarray, future: np.ndarray,
               fits: dict) -> np.ndarray:  # fmt: skip
    """Forecast from many origins: origins (N,), future rows (N, H), forecasts (N, H, R).

    A regression that ``fits`` holds is not fitted again; new ones are added. Linear and level trends share theirs.
    """
    year = calendar["season"].to_numpy().max() + 1
    if form.trend not in REGRESSIONS:
        ahead = (future - origins[:, None] - 1) // year + 1
        drift = 0.0
        if form.trend == "seasonal_drift":
            last = origins[:, None] + np.arange(1 - year, 1)
            drift = ahead[..., None] * (logs[last].mean(1) - logs[last - year].mean(1))[:, None]
        return logs[future - year * ahead] + drift
    train = origins[:, None] + np.arange(1 - form.window, 1)
    saw_spill = calendar["spill_days"].to_numpy()[train].any(axis=1)
    keys = [(form.trend == "quadratic", form.window, origin) for origin in origins.tolist()]
    forecasts = np.empty((*future.shape, logs.shape[1]))
    for with_spill in np.unique(saw_spill):
        mine = np.flatnonzero(saw_spill == with_spill)
        new = [row for row in mine if keys[row] not in fits]
        design, known = _design(calendar, train[new], origins[new, None], form.trend, with_spill), logs[train[new]]
        beta = np.empty((len(new), design.shape[2], logs.shape[1]))
        for number in range(len(new)):  # one by one: solved together, the last digits would differ
            beta[number] = np.linalg.lstsq(design[number], known[number], rcond=None)[0]
        residuals = known - design @ beta
        fitted = zip(beta, np.log(np.exp(residuals).mean(1)), residuals[:, -year:].mean(1), strict=True)
        fits.update(zip([keys[row] for row in new], fitted, strict=True))
        beta, smear, level = (np.array(part) for part in zip(*(fits[keys[row]] for row in mine), strict=True))
        ahead = _design(calendar, future[mine], origins[mine, None], form.trend, with_spill)
        forecasts[mine] = ahead @ beta + smear[:, None] + (level[:, None] if form.trend == "level" else 0.0)
    return forecasts


def fit_with_statsmodels(calendar: pd.DataFrame, form: Form, origin: int, future: np.ndarray):
    """Fit the reported regression with statsmodels.

    Returns
    -------
    tuple
        Forecast of the logs, shape (H,), and the fitted ``statsmodels`` results, to be read and tested by others.
    """
    from statsmodels.regression.linear_model import OLS

    logs = np.log(calendar["value"].to_numpy() / calendar["other"].to_numpy())
    train = np.arange(origin + 1 - form.window, origin + 1)
    with_spill = calendar["spill_days"].to_numpy()[train].any()
    design, ahead = (_design(calendar, rows, train[-1], form.trend, with_spill) for rows in (train, future))
    fitted = OLS(logs[train], design).fit()
    smear = np.log(np.exp(fitted.resid).mean())
    level = fitted.resid[-(int(calendar["season"].max()) + 1) :].mean() if form.trend == "level" else 0.0
    return fitted.predict(ahead) + smear + level, fitted


def placebo_errors(calendar: pd.DataFrame, logs: np.ndarray, form: Form, last: int, lead: int, horizon: int, *,
                   needed: int | None = None, fits: dict | None = None) -> np.ndarray:  # fmt: skip
    """Log forecast errors at every admissible placebo origin.

    An origin is admissible when its training fits into the sample and its last evaluated period is not after the end
    of training: nothing of the tariffs enters.

    Parameters
    ----------
    last
        Row of the last training period of the estimate itself.
    lead
        Rows from an origin to its first evaluated row (5 where a donut of 4 lies between).
    horizon
        Evaluated rows, H.
    needed
        Training periods that decide which origins count; more than the form's own to share origins with others.
    fits
        Regressions fitted on these logs so far, to be shared by several windows and forms; starts as an empty dict.

    Returns
    -------
    numpy.ndarray
        Shape (N, H, R); N may be 0.
    """
    origins = np.arange((needed or form.needed) - 1, last - lead - horizon + 2)
    future = origins[:, None] + np.arange(lead, lead + horizon)
    return logs[future] - _forecasts(calendar, logs, form, origins, future, {} if fits is None else fits)


def degrees_of_freedom(origins: int, horizon: int, lead: int, donut: int) -> int:
    """Count the placebo errors that do not overlap: floor((N + S - 1) / S).

    S is the span from the first period after the donut to the last evaluated one. In W1 that is H. Later windows look
    further ahead: their errors share the same drift over the whole distance, and counting only H would promise
    degrees of freedom that are not there. In the six worlds of ``coverage.py``, 2,000 replicates and two flows each,
    nominal 95 % intervals of W3 (March to May 2026) cover .946 to .979 with this rule and .914 to .954 with S = H.
    """
    span = max(horizon, lead - donut + horizon - 1)
    return (origins + span - 1) // span


def estimate_gap(series: pd.Series, other: pd.Series | None, form: Form, train_end: str, first: str, last: str) -> Gap:
    """Estimate the gap between a monthly flow and its counterfactual over a window. Assumptions A12 and A13.

    Parameters
    ----------
    series
        Monthly money, PeriodIndex M.
    other
        None for the plain form; imports from other origins for the share form.
    form
        Trend and window.
    train_end, first, last
        Months: end of training, first and last of the window. Months between train_end and the window are left out.

    Returns
    -------
    Gap
        With ``reason`` empty when an interval is printed; else one sentence that says why there is none.

    Raises
    ------
    Refusal
        If the series skips a period, or does not hold the training and the whole window.
    """
    return gap_of(calendar_of(series, other), form, train_end, first, last)


def gap_of(calendar: pd.DataFrame, form: Form, train_end: str, first: str, last: str, fits: dict | None = None) -> Gap:
    """Estimate as :func:`estimate_gap` does; the calendar and its ``fits`` can serve several estimates."""
    end, post = _window_rows(calendar, train_end, first, last, form.needed)
    lead, horizon = int(post[0]) - end, len(post)
    donut = periods.period_number(pd.Period(WINDOWS["W1"][0], "M")) - periods.period_number(calendar.index[end]) - 1
    value, scale = calendar["value"].to_numpy(), calendar["other"].to_numpy()
    weight = calendar["weight"].to_numpy()
    logs = np.log(value / scale)[:, None]
    ahead = np.arange(end + 1, int(post[-1]) + 1)
    if form.trend in REGRESSIONS:
        predicted = fit_with_statsmodels(calendar, form, end, ahead)[0]
    else:
        predicted = forecast(calendar, logs, form, end, ahead)[:, 0]
    expected = np.exp(predicted) * scale[ahead]
    size = weight[post] * expected[lead - 1 :]
    actual = float((weight[post] * value[post]).sum())
    errors = placebo_errors(calendar, logs, form, end, lead, horizon, fits=fits)[:, :, 0]
    placebo = (size * np.expm1(errors)).sum(1)
    phase = np.where(np.arange(len(value)) <= end, "training", "between")
    path = pd.DataFrame({"weight": weight, "actual": value, "counterfactual": np.nan, "phase": phase}, calendar.index)
    path.iloc[ahead, 2] = expected
    origin_months = calendar.index[form.needed - 1 : form.needed - 1 + len(placebo)].astype(str)
    return _judge(
        actual - float(size.sum()), actual, placebo, degrees_of_freedom(len(placebo), horizon, lead, donut),
        form=form, train_first=str(calendar.index[end + 1 - form.needed]), train_end=train_end, donut=lead - 1,
        path=path.iloc[: int(post[-1]) + 1], placebo=pd.Series(placebo, index=origin_months),
    )  # fmt: skip


def _judge(gap: float, actual: float, errors: np.ndarray, nu: int, **known: object) -> Gap:
    error, mean = (float(np.sqrt(np.mean(errors**2))), float(np.mean(errors))) if len(errors) else (np.nan, np.nan)
    calibrated = nu >= LEAST_DEGREES
    critical = stats.t.ppf((1 + CONFIDENCE) / 2, nu) if calibrated else np.nan
    t_value = gap / error if calibrated else np.nan
    return Gap(
        **known, actual=actual, counterfactual=actual - gap, gap=gap, placebo_error=error, placebo_mean=mean,
        origins=len(errors),
        degrees_of_freedom=nu, t_value=t_value, low=gap - critical * error, high=gap + critical * error,
        p_value=float(2 * stats.t.sf(abs(t_value), nu)) if calibrated else np.nan,
        mde80=(critical + stats.t.ppf(POWER, nu)) * error if calibrated else np.nan,
        reason="" if calibrated else f"interval not calibratable: {len(errors)} origins, {nu} that do not overlap",
    )  # fmt: skip


def point_gaps(calendar: pd.DataFrame, train_end: str, first: str, last: str) -> pd.DataFrame:
    """Point gaps of every form that a short series can bear, with the placebo origins each would have.

    Returns
    -------
    pandas.DataFrame
        ``trend``, ``window`` (periods), ``gap``, ``counterfactual``, ``origins``; money in the unit of the series.
    """
    year = int(calendar["season"].max()) + 1
    end, post = _window_rows(calendar, train_end, first, last, 2 * year)
    value, weight = calendar["value"].to_numpy(), calendar["weight"].to_numpy()
    logs = np.log(value)[:, None]
    rows = []
    for trend in ("linear", "level", "seasonal_naive", "seasonal_drift"):
        windows = [year * years for years in (2, 3, 4, 5)] if trend in REGRESSIONS else [2 * year]
        for window in windows:
            if (trend, window) == ("level", 2 * year) or window > end + 1 or window <= year + 2:
                continue
            form = Form(trend, window)
            expected = np.exp(forecast(calendar, logs, form, end, post)[:, 0])
            lead = int(post[0]) - end
            origins = max(0, end - lead - len(post) + 2 - (window - 1))
            counterfactual = float((weight[post] * expected).sum())
            gap = float((weight[post] * value[post]).sum()) - counterfactual
            rows.append((trend, window, gap, counterfactual, origins))
    return pd.DataFrame(rows, columns=["trend", "window", "gap", "counterfactual", "origins"])


def compare_forms(calendars: dict[str, pd.DataFrame], train_end: str, first: str, last: str,
                  fits: dict[str, dict] | None = None) -> pd.DataFrame:  # fmt: skip
    """Compare all candidate forms by placebo error on the origins that they share. Assumption A16.

    Errors count at the size of trade before the tariffs (the same season in the last year of training), so that
    nothing after ``train_end`` enters the choice.

    Parameters
    ----------
    calendars
        Name to calendar, from :func:`calendar_of`.
    fits
        Name to the ``fits`` of :func:`placebo_errors`.

    Returns
    -------
    pandas.DataFrame
        Per series and candidate: ``series``, ``trend``, ``window``, ``origins``, ``placebo_error`` (money),
        ``ratio_to_naive``, ``mean_ratio`` over the series and ``is_chosen`` (the lowest).
    """
    rows = []
    for name, calendar in calendars.items():
        longest = max(form.needed for form in CANDIDATES)
        end, post = _window_rows(calendar, train_end, first, last, longest)
        logs = np.log(calendar["value"].to_numpy() / calendar["other"].to_numpy())[:, None]
        back = PERIODS_PER_YEAR * ((post - end - 1) // PERIODS_PER_YEAR + 1)
        size = (calendar["value"] * calendar["weight"]).to_numpy()[post - back]
        lead, own = int(post[0]) - end, {} if fits is None else fits[name]
        for form in CANDIDATES:
            errors = placebo_errors(calendar, logs, form, end, lead, len(post), needed=longest, fits=own)[:, :, 0]
            money = (size * np.expm1(errors)).sum(1)
            rows.append((name, form.trend, form.window, len(money), float(np.sqrt(np.mean(money**2)))))
    table = pd.DataFrame(rows, columns=["series", "trend", "window", "origins", "placebo_error"])
    naive = table[table["trend"] == "seasonal_naive"].set_index("series")["placebo_error"]
    table["ratio_to_naive"] = table["placebo_error"] / table["series"].map(naive)
    table["mean_ratio"] = table.groupby(["trend", "window"])["ratio_to_naive"].transform("mean")
    table["is_chosen"] = table["mean_ratio"] == table["mean_ratio"].min()
    return table


def _window_rows(calendar: pd.DataFrame, train_end: str, first: str, last: str, needed: int) -> tuple[int, np.ndarray]:
    """Row of the end of training and rows of the window; a window that is not held to its end is refused, not cut."""
    position = {month: row for row, month in enumerate(calendar.index.astype(str))}
    post = np.array([row for month, row in position.items() if first <= month <= last])
    # A window cut at January ends with December: January waits for February.
    whole = str(pd.Period(last, "M") - 1) if last.endswith("-01") else last
    end = position.get(train_end, -1)
    if end + 1 < needed or not len(post) or post[0] <= end or str(calendar.index[post[-1]]) != whole:
        raise Refusal(
            f"the series runs from {calendar.index[0]} to {calendar.index[-1]}",
            expected=f"{needed} periods up to {train_end} (not a January), then the whole window {first} to {last}",
            remedy="choose a shorter window or another end of training, or report the destination as accounting only",
        )
    return end, post
