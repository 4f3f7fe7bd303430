"""The excess of every destination: one form for all, three windows, intervals where the past allows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import counterfactual, destination_list, destinations, fieller, rounding, spans
from helpers.counterfactual import CANDIDATES, REGRESSIONS, Form, Gap
from helpers.destinations import Flow
from helpers.numbers import plain
from helpers.periods import has_gaps
from helpers.refusals import Refusal
from helpers.tables import described

CALIBRATED = destination_list.codes("calibrated")
# Estimated like those once the ledger holds a long past of theirs; until then ranges, or nothing.
SHORT = destination_list.codes("long past")
MIXED = destination_list.codes("mixed")
SELECTION_WINDOW = spans.WINDOWS["W1"]
# Forms whose mean placebo error is within a tenth of the best would have been as good a choice.
NEAR_BEST = 1.10
# Forms this close to each other cannot be told apart by their placebo errors.
TIE = 1.01


@dataclass(frozen=True)
class Results:
    """Tables of chapter 3 and the placebo errors behind them."""

    excess: pd.DataFrame
    paths: pd.DataFrame
    placebo: pd.DataFrame


def all_lumps(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the one-off lumps of both importers' other origins: table ``lumps``."""
    return pd.concat([destinations.lumps(cells, code) for code in CALIBRATED], ignore_index=True)


def candidates(flows: dict[str, Flow], train_end: str) -> pd.DataFrame:
    """Compare the candidate forms on the series that can be calibrated, and show what each would find.

    The choice uses placebo errors only: ``gap_bn`` and ``t_value`` of the first window stand beside it for readers
    who want to know whether another choice would have told another story.

    Returns
    -------
    pandas.DataFrame
        Table ``form_candidates``.
    """
    calendars = {
        (code, form): counterfactual.calendar_of(flows[code].value, other)
        for code in CALIBRATED
        for form, other in (("plain", None), ("share", flows[code].others["share"]))
    }
    fits = {name: {} for name in calendars}
    table = counterfactual.compare_forms(calendars, train_end, *SELECTION_WINDOW, fits)
    gaps = [
        counterfactual.gap_of(
            calendars[row.series], Form(row.trend, row.window), train_end, *SELECTION_WINDOW, fits[row.series]
        )
        for row in table.itertuples(index=False)
    ]
    table["destination_code"] = [code for code, _ in table["series"]]
    table["form"] = [form for _, form in table["series"]]
    table["gap_bn"] = [gap.gap for gap in gaps]
    table["t_value"] = [gap.t_value for gap in gaps]
    table = table.rename(columns={"window": "training_periods", "placebo_error": "placebo_error_bn"})
    return table.drop(columns="series")


def form_of(table: pd.DataFrame, trend: str, window: int) -> Form:
    """Return the form of the headline: the lowest mean placebo error among the forms that the parameters leave.

    Assumption A16.

    Parameters
    ----------
    table
        From :func:`candidates`.
    trend
        A trend, or ``"chosen"``.
    window
        Periods of training, or 0.

    Raises
    ------
    Refusal
        If no candidate has this trend and window.
    """
    left = table[["trend", "training_periods", "mean_ratio"]].drop_duplicates()
    if trend != "chosen":
        left = left[left["trend"] == trend]
    if window:
        left = left[left["training_periods"] == window]
        if trend == "chosen":
            left = left[left["trend"].isin(REGRESSIONS)]
    if left.empty:
        raise Refusal(
            f"no form has trend={trend} and window={window}",
            expected=", ".join(f"{form.trend} {form.window}" for form in CANDIDATES),
            remedy="leave one of the two to the default; the naive forms always look at two years", exit_code=2,
        )  # fmt: skip
    best = left.loc[left["mean_ratio"].idxmin()]
    return Form(str(best["trend"]), int(best["training_periods"]))


def months_needed(form: Form) -> int:
    """Months that training, donut and one window need."""
    return round(12 / 11 * (form.needed + 4 + 8))


def near_best(table: pd.DataFrame) -> list[Form]:
    """Return the forms whose mean placebo error is within a tenth of the lowest: as good a choice as the chosen one.

    Assumption A16.
    """
    left = table[["trend", "training_periods", "mean_ratio"]].drop_duplicates()
    left = left[left["mean_ratio"] <= NEAR_BEST * left["mean_ratio"].min()]
    return [Form(str(row.trend), int(row.training_periods)) for row in left.itertuples(index=False)]


def estimate_all(flows: dict[str, Flow], quarters: pd.DataFrame, form: Form, others: list[Form], *, train_end: str,
                 month: str) -> Results:  # fmt: skip
    """Estimate every destination in every window that has begun. Assumption A15.

    Parameters
    ----------
    flows
        From :func:`helpers.destinations.flows`.
    quarters
        ``customs_quarterly``.
    form, others
        The form of the headline, and the forms that were as good a choice: their point gaps make the range
        ``gap_low_bn`` to ``gap_high_bn``.
    train_end, month
        End of training, and the month of the report.

    Returns
    -------
    Results
        Tables ``excess``, ``excess_paths`` and ``placebo_errors``.
    """
    windows = spans.windows(month)
    rows, paths, placebo = [], [], []
    for code in (*CALIBRATED, *(code for code in SHORT if is_long(flows.get(code), form, train_end))):
        for name, other in {"plain": None, **flows[code].others}.items():
            covered = [window for window, (_, last) in windows.items() if _covers(flows[code].value, other, last)]
            calendar = counterfactual.calendar_of(flows[code].value, other) if covered else None
            latest, fits = None, {}
            for window, (first, last) in windows.items():
                common = _common(flows[code], name, window, first, last, form, train_end)
                if window not in covered:
                    why = "other origins are not reported by the same concept to its end"
                    rows.append(common | _nothing(why if name != "plain" else _ends(flows[code])))
                    continue
                latest, *near = (
                    counterfactual.gap_of(calendar, tried, train_end, first, last, fits)
                    for tried in (form, *(near for near in others if near != form))
                    if tried == form or code in CALIBRATED or is_long(flows[code], tried, train_end)
                )
                band = _band(flows[code], calendar, latest, first, last) if name == "plain" else {}
                rows.append(common | _row(latest) | _spread(latest, [latest, *near]) | band)
                placebo.append(_placebo_rows(code, name, window, latest, first, last))
            if latest:
                paths.append(_path_rows(code, name, latest, windows))
    for code in (code for code in SHORT if not is_long(flows.get(code), form, train_end)):
        if "quarters" in destination_list.BY_CODE[code].views and len(quarters):
            rows += _by_quarter(destinations.by_quarter(quarters, code), train_end, windows)
        elif code in flows:
            rows += _ranges(flows[code], windows, train_end, form)
    for code in MIXED:
        covered = [window for window, (_, last) in windows.items() if _covers(flows[code].value, None, last)]
        calendar = counterfactual.calendar_of(flows[code].value) if covered else None
        for window, (first, last) in windows.items():
            common = _common(flows[code], "plain", window, first, last, form, train_end)
            if window not in covered:
                rows.append(common | _nothing(_ends(flows[code])))
                continue
            gap = counterfactual.gap_of(calendar, form, train_end, first, last)
            rows.append(common | _mixed(gap, flows[code], first, last) | _band(flows[code], calendar, gap, first, last))
    return Results(
        _with_all(pd.DataFrame(rows), "excess"),
        _with_all(pd.concat(paths, ignore_index=True), "excess_paths"),
        _with_all(pd.concat(placebo, ignore_index=True), "placebo_errors"),
    )


def _with_all(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    return frame.reindex(columns=described(table).names)


def _covers(value: pd.Series, other: pd.Series | None, last: str) -> bool:
    """Whether a flow and its denominator both reach the window's end; a lone January waits for February."""
    end = pd.Period(last, "M") - (1 if last.endswith("-01") else 0)
    return end in value.index and (other is None or end in other.index)


def _common(flow: Flow, form_name: str, window: str, first: str, last: str, form: Form, train_end: str) -> dict:
    spec = f"{flow.code}|{flow.view}|{form_name}|{form.trend}|{form.window}|{train_end}|{window}|{last}|{flow.currency}"
    return {
        "destination_code": flow.code, "view": flow.view, "form": form_name, "window_id": window,
        "first_month": first, "last_month": last, "train_end": train_end, "trend": form.trend,
        "training_periods": form.needed, "currency": flow.currency, "evidence_grade": flow.evidence_grade,
        "inputs": flow.inputs, "origins": 0, "spec_id": hashlib.sha256(spec.encode()).hexdigest()[:10],
    }  # fmt: skip


def _row(gap: Gap) -> dict:
    return {
        "train_first": gap.train_first, "donut_periods": gap.donut, "actual_bn": gap.actual,
        "counterfactual_bn": gap.counterfactual, "gap_bn": gap.gap, "gap_pct": 100 * gap.gap / gap.counterfactual,
        "placebo_error_bn": gap.placebo_error, "placebo_mean_bn": gap.placebo_mean,
        "origins": gap.origins, "degrees_of_freedom": gap.degrees_of_freedom,
        "t_value": gap.t_value, "p_value": gap.p_value, "low_bn": gap.low, "high_bn": gap.high, "mde80_bn": gap.mde80,
        "status": "interval" if gap.calibrated else "not calibratable", "reason": gap.reason,
    }  # fmt: skip


def _spread(gap: Gap, tried: list[Gap]) -> dict:
    """Range of the point gaps of the forms that were as good a choice, and in how many the gap stands out."""
    clear = [near for near in tried if near.calibrated and (near.high < 0 if gap.gap < 0 else near.low > 0)]
    return {
        "gap_low_bn": min(near.gap for near in tried), "gap_high_bn": max(near.gap for near in tried),
        "forms_tried": len(tried), "forms_clear": len(clear),
    }  # fmt: skip


def _band(flow: Flow, calendar: pd.DataFrame, gap: Gap, first: str, last: str) -> dict:
    """How far the roundings of the printed figures can move a plain gap."""
    args = (calendar, gap.form, gap.train_end, first, last, flow.half_unit)
    return {"rounding_bn": rounding.rounding_band(*args)}


def is_long(flow: Flow | None, form: Form, train_end: str) -> bool:
    """Tell whether a flow's past bears an interval for the first window: enough trials that do not overlap."""
    if flow is None:
        return False
    first, last = SELECTION_WINDOW
    calendar = counterfactual.calendar_of(flow.value)
    known = calendar.loc[:train_end]
    horizon = len(pd.period_range(first, last, freq="M"))
    ahead = len(pd.period_range(train_end, last, freq="M")) - 1
    origins = len(known) - form.needed - ahead + 1
    alone = counterfactual.degrees_of_freedom(origins, horizon, 1, 0) if origins > 0 else 0
    return alone >= counterfactual.LEAST_DEGREES and not has_gaps(calendar.index)


def _ends(flow: Flow) -> str:
    return f"the series ends in {flow.value.index[-1]}"


def _nothing(reason: str) -> dict:
    return {"status": "accounting only", "reason": reason}


def _mixed(gap: Gap, flow: Flow, first: str, last: str) -> dict:
    """Judge World and non-US: an error as large as the whole rise against a year before says nothing."""
    now = pd.period_range(first, last, freq="M")
    rise = float(flow.value.reindex(now).sum() - flow.value.reindex(now - 12).sum())
    row = _row(gap)
    if gap.calibrated and gap.placebo_error < abs(rise):
        return row
    error = plain(gap.placebo_error, 0) if np.isfinite(gap.placebo_error) else "not known"
    reason = f"not informative: placebo error {error}, rise against a year before {plain(rise, 0)}"
    if not gap.calibrated:
        reason += f"; {gap.origins} origins, {gap.degrees_of_freedom} that do not overlap"
    return row | {
        "status": "not informative", "reason": reason, "t_value": np.nan, "p_value": np.nan, "low_bn": np.nan,
        "high_bn": np.nan, "mde80_bn": np.nan,
    }  # fmt: skip


def _ranges(flow: Flow, windows: dict[str, tuple[str, str]], train_end: str, form: Form) -> list[dict]:
    """Return the range of point gaps of a series too short for an interval."""
    calendar = counterfactual.calendar_of(flow.value)
    held = str(calendar.index[-1])
    rows = []
    for window, (first, last) in windows.items():
        common = _common(flow, "range", window, first, last, form, train_end)
        if held < last:
            rows.append(common | _nothing(f"the series ends in {held}"))
            continue
        gaps = counterfactual.point_gaps(calendar, train_end, first, last)
        most = int(gaps["origins"].max())
        horizon = int(((calendar.index >= first) & (calendar.index <= last)).sum())
        alone = counterfactual.degrees_of_freedom(most, horizon, 1, 0)
        rows.append(common | _range_row(gaps, flow.value, first, last, f"{alone} that do not overlap"))
    return rows


def _range_row(gaps: pd.DataFrame, value: pd.Series, first: str, last: str, why: str) -> dict:
    most = int(gaps["origins"].max())
    return {
        "actual_bn": float(value.loc[first:last].sum()), "gap_low_bn": gaps["gap"].min(),
        "gap_high_bn": gaps["gap"].max(), "origins": most, "trend": f"{len(gaps)} forms", "training_periods": None,
        "status": "range",
        "reason": f"interval not calibratable: {most} origins at most, {why}; {len(gaps)} forms tried",
    }  # fmt: skip


def _by_quarter(flow: Flow, train_end: str, windows: dict[str, tuple[str, str]]) -> list[dict]:
    """Return ranges of quarters: a window is judged by those that lie inside it and are known."""
    value = flow.value
    if not (value.index <= train_end).any():
        return []
    end = max(str(period) for period in value.index if str(period) <= train_end)
    rows = []
    for window, (first, last) in windows.items():
        known = [str(period) for period in value.index if first <= str(period - 2) and str(period) <= last]
        common = _common(flow, "range", window, first, known[-1] if known else last, Form("linear", 8), end)
        if not known:
            rows.append(common | _nothing(f"the quarters end in {value.index[-1]}"))
            continue
        gaps = counterfactual.point_gaps(counterfactual.quarters_of(value), end, known[0], known[-1])
        why = "with the first print of 2022 inside their errors"
        rows.append(common | _range_row(gaps, value, known[0], known[-1], why))
    return rows


def _placebo_rows(code: str, form: str, window: str, gap: Gap, first: str, last: str) -> pd.DataFrame:
    distance = pd.Period(first, "M") - pd.Period(gap.train_end, "M")
    length = pd.Period(last, "M") - pd.Period(first, "M")
    origins = pd.PeriodIndex(gap.placebo.index, freq="M")
    begin, end = origins + distance.n, origins + distance.n + length.n
    touched = ((begin <= "2019-12") & (end >= "2018-07")) | ((begin <= "2022-12") & (end >= "2020-02"))
    return pd.DataFrame(
        {
            "destination_code": code, "form": form, "window_id": window, "origin": gap.placebo.index,
            "error_bn": gap.placebo.to_numpy(), "touches_2018_19_or_2020_22": touched,
        }
    )  # fmt: skip


def _path_rows(code: str, form: str, gap: Gap, windows: dict[str, tuple[str, str]]) -> pd.DataFrame:
    path = gap.path.rename(columns={"actual": "actual_bn", "counterfactual": "counterfactual_bn"})
    path = path.assign(destination_code=code, form=form, period=path.index.astype(str)).reset_index(drop=True)
    for window, (first, last) in windows.items():
        path.loc[(path["period"] >= first) & (path["period"] <= last), "phase"] = window
    path.loc[path["phase"] == "between", "phase"] = "donut"
    return path


def ratios(results: Results) -> pd.DataFrame:
    """Excess per unit lost in the US, where the loss itself stands out and the placebo origins of the pair coincide.

    Returns
    -------
    pandas.DataFrame
        Table ``excess_ratios``; a ratio that is not asked for carries the reason.
    """
    rows = []
    for window in results.excess["window_id"].unique():
        for code, form in (("AU", "plain"), ("AU", "share"), *((code, "plain") for code in SHORT)):
            us, other = (_one(results.excess, name, form, window) for name in ("US", code))
            if us is None or other is None or "interval" not in (us["status"], other["status"]):
                continue
            row = {"destination_code": code, "form": form, "window_id": window, "shape": "none",
                   "inputs": f"excess/US/{form}/{window};excess/{code}/{form}/{window}"}  # fmt: skip
            if us["status"] != "interval" or other["status"] != "interval":
                rows.append(row | {"reading": "no ratio: one of the two has no interval"})
            elif not (us["high_bn"] < 0):
                rows.append(row | {"reading": "no ratio: the US loss does not stand out from normal variation"})
            else:
                rows.append(row | _fieller_row(results.placebo, us, other, code, form, window))
    return pd.DataFrame(rows)


def _one(excess: pd.DataFrame, code: str, form: str, window: str) -> pd.Series | None:
    found = excess[
        (excess["destination_code"] == code) & (excess["form"] == form) & (excess["window_id"] == window)
    ]  # fmt: skip
    return None if found.empty else found.iloc[0]


def _fieller_row(placebo: pd.DataFrame, us: pd.Series, other: pd.Series, code: str, form: str, window: str) -> dict:
    same = placebo[(placebo["form"] == form) & (placebo["window_id"] == window)]
    errors = same.pivot(index="origin", columns="destination_code", values="error_bn")[[code, "US"]]
    if errors.isna().any().any():
        return {"reading": "no ratio: the placebo origins of the two do not coincide"}
    nu = int(min(us["degrees_of_freedom"], other["degrees_of_freedom"]))
    shape, low, high = fieller.confidence_set(
        other["gap_bn"], us["gap_bn"], fieller.second_moments(errors), nu
    )  # fmt: skip
    point = -other["gap_bn"] / us["gap_bn"]
    readings = {
        "bounded": "excess, from whatever cause; contains zero" if low <= 0 <= high else "excess, from whatever cause",
        "unbounded": "not informative",
        "disjoint": "not informative: the set is everything outside the two ends",
    }
    return {
        "ratio": point, "low": low if np.isfinite(low) else np.nan, "high": high if np.isfinite(high) else np.nan,
        "shape": shape, "reading": readings[shape],
    }  # fmt: skip


def choice_sentence(table: pd.DataFrame, form: Form) -> str:
    """Say which form is used and how close the others came."""
    means = table.drop_duplicates(["trend", "training_periods"]).set_index(["trend", "training_periods"])["mean_ratio"]
    own = means[form.trend, form.window]
    near = [f"{trend.replace('_', '-')} {window}" for trend, window in means[means <= NEAR_BEST * means.min()].index
            if (trend, window) != (form.trend, form.window)]  # fmt: skip
    text = f"The form of the headline is {form.trend.replace('_', '-')}"
    text += f" with {form.window} periods of training" if form.trend in REGRESSIONS else " (what the last year was)"
    text += f"; its placebo error is {own:.2f} of the naive forecast's on average."
    tied = means[(means <= TIE * own) & (means.index != (form.trend, form.window))]
    if len(tied):
        also = ", ".join(f"{trend.replace('_', '-')} {window} ({ratio:.3f})" for (trend, window), ratio in tied.items())
        text += f" That is a tie: {also} would do as well on this evidence."
    if near:
        text += f" Within a tenth of the best, and so as good a choice: {', '.join(near)}. Their gaps make the range."
    if form.trend == "seasonal_naive":
        text += (
            " Because it repeats a year, its gap is nearly the yearly change; what is added is how far such a repeat "
        )
        text += "used to be off."
    return text
