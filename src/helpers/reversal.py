"""The door reopened: did the excess elsewhere ease? Here because it is excess and accounting, window by window.

The gap against a forecast, with a placebo distribution of the *change* of the gap. Growth as counted and the comparison
across partners are in ``reopening.py``; the three are never mixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers import spans
from helpers.counterfactual import Form
from helpers.destinations import Flow
from helpers.reopening import ONE_SIDED, REOPENED, SHUT, months_of
from helpers.stacks import Stack, pairs_of, stacks
from helpers.tables import described
from helpers.trials import donut_of, holds, judged, trials

ESTIMATE = "gap against a forecast"
JUDGED = ("gap_pct", "low_pct", "high_pct", "placebo_error_pct", "mde80_pct", "t_value", "origins",
          "degrees_of_freedom", "reason")  # fmt: skip


def side_by_side_of(flows: dict[str, Flow]) -> list[Stack]:
    """Put every flow side by side in its plain and share forms, named (destination, form)."""
    return stacks(pairs_of(flows))


def _missing(stack: Stack, column: int, train_end: str, form: Form) -> str:
    held = np.isfinite(stack.value[:, column])
    before = int((held & (stack.months <= train_end)).sum())
    if before < form.needed:
        return f"{before} periods before the tariffs, {form.needed} needed"
    return f"the series, or its denominator, ends in {stack.months[held][-1]}"


def window_gaps(flows: dict[str, Flow], side_by_side: list[Stack], form: Form, *, train_end: str,
                month: str) -> pd.DataFrame:  # fmt: skip
    """Gap per month in each window, in money and in percent of the counterfactual, with one machinery for all.

    Parameters
    ----------
    flows, side_by_side
        From :func:`helpers.destinations.flows`, billions, and the same through :func:`side_by_side_of`.
    form, train_end, month
        Form of the headline, end of training, month of the report.

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``form``, ``window_id``. ``view``, ``currency``, ``first_month``, ``last_month``,
        ``months``; per month, billions of ``currency``: ``gap_bn_month``, ``low_bn_month``, ``high_bn_month``; percent
        of the counterfactual: ``gap_pct``, ``low_pct``, ``high_pct`` (95 %), ``placebo_error_pct``, ``mde80_pct``;
        ``t_value``, ``origins``, ``degrees_of_freedom``, ``reason`` (empty where there is an interval), ``inputs``.
    """
    rows = []
    for stack in side_by_side:
        for window, (first, last) in spans.windows(month).items():
            tried = _percent(stack, form, train_end, [(first, last)])
            for column, (code, name) in enumerate(stack.names):
                row = _common(flows[code], code, name) | {
                    "window_id": window, "first_month": first, "last_month": last, "origins": 0,
                    "degrees_of_freedom": 0, "reason": _missing(stack, column, train_end, form),
                }  # fmt: skip
                if tried and np.isfinite(tried.gaps[0, column]):
                    found = judged(tried.gaps[0, column], tried.placebo[:, 0, column], tried.nu, "pct")
                    money = tried.expected[0, column] / 100 / tried.months[0]
                    row |= {"months": tried.months[0]} | {key: found[key] for key in JUDGED}
                    row |= {f"{key}_bn_month": found[f"{key}_pct"] * money for key in ("gap", "low", "high")}
                rows.append(row)
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Percent:
    """Gaps of W windows in percent of the counterfactual, with their placebo errors at the origins that hold them all.

    ``gaps`` and ``expected`` (billions), shape (W, R); ``placebo`` (N, W, R) at ``origins`` (N,); ``months`` of each
    window, (W,); ``nu``, the placebo errors that do not overlap from the first window to the last.
    """

    gaps: np.ndarray
    expected: np.ndarray
    placebo: np.ndarray
    origins: np.ndarray
    months: np.ndarray
    nu: int


def _percent(stack: Stack, form: Form, train_end: str, windows: list[tuple[str, str]]) -> Percent | None:
    """Return the gaps of windows, in order; None where training or one of the windows is not held."""
    if not holds(stack, form, train_end):
        return None
    held = trials(stack, form, train_end)
    places = [held.rows(*window) for window in windows]
    if not all(len(rows) for rows in places):
        return None
    whole = np.arange(places[0][0], places[-1][-1] + 1)
    origins = held.origins[: len(held.admissible(whole))]
    gaps, sums, placebo = zip(*(held.gap(rows) for rows in places), strict=True)
    expected = np.array(sums)
    errors = np.stack([one[: len(origins)] for one in placebo], axis=1)
    months = np.array([int(held.weight[rows].sum()) for rows in places])
    return Percent(100 * np.array(gaps) / expected, expected, 100 * errors / expected, origins, months,
                   held.degrees(whole, donut_of(train_end)))  # fmt: skip


def _common(flow: Flow, code: str, form: str) -> dict:
    return {"destination_code": code, "form": form, "view": flow.view, "currency": flow.currency, "inputs": flow.inputs}


@dataclass(frozen=True)
class Easing:
    """Tables of :func:`easing`: one row per series, and the placebo changes behind them."""

    table: pd.DataFrame
    placebo: pd.DataFrame


def easing(flows: dict[str, Flow], side_by_side: list[Stack], form: Form, others: list[Form], *,
           train_end: str, month: str) -> Easing:  # fmt: skip
    """Test whether the gap in percent of the counterfactual eased from the shut to the reopened door.

    The change is held against the same change at every earlier origin with the same leads, so that what forecasts lose
    between the two distances is inside its error (Andrews 2003, end-of-sample). Degrees of freedom count the span.
    Eased means a smaller loss in the US, a smaller excess elsewhere; the reading is one-sided at 5 %, and has to hold
    with and without the mean of the placebo changes, because a forecast without a trend falls behind by itself.
    In the six worlds of ``coverage.py`` (1,000 replicates each), an excess of 15 % that stays is read as eased in .002
    to .010 and as not eased in .021 to .075 by seasonal-naive; one that goes wholly is seen in .20 to .33 (level over
    55 periods: .46 to .92). A null of the naive form therefore says little.

    Parameters
    ----------
    flows, side_by_side
        As in :func:`window_gaps`.
    form, others, train_end, month
        As in :func:`helpers.excess.estimate_all`.

    Returns
    -------
    Easing
        ``table``, key ``basis``, ``destination_code``, ``form``: ``view``, ``trend``, ``training_periods``,
        ``shut_first``, ``shut_last``, ``reopened_first``, ``reopened_last`` (months), ``shut_pct``, ``reopened_pct``,
        ``change_pp``, ``range_low_pp`` to ``range_high_pp`` (forms as good a choice, ``forms_tried`` of them,
        ``forms_same`` with the same reading), ``placebo_error_pp`` (root mean square), ``placebo_mean_pp`` (its bias),
        ``origins``, ``degrees_of_freedom``, ``t_value``, ``low_pp``, ``high_pp`` (95 %), ``p_eased`` (one-sided),
        ``mde80_pp``, ``reading`` (eased, did not ease, cannot be told), ``reason``, ``inputs``. ``placebo``, key
        ``destination_code``, ``form``, ``origin``: ``change_pp``.
    """
    windows = spans.windows(month)
    rows, placebo = [], []
    for stack in side_by_side:
        pair = [windows[SHUT], windows[REOPENED]] if REOPENED in windows else []
        tried = {one: _percent(stack, one, train_end, pair) if pair else None for one in dict.fromkeys((form, *others))}
        for column, (code, name) in enumerate(stack.names):
            row = _common(flows[code], code, name) | {
                "basis": ESTIMATE, "trend": form.trend, "training_periods": form.needed, "origins": 0,
                "degrees_of_freedom": 0, "forms_tried": 0, "forms_same": 0, "reading": "cannot be told",
                "reason": _missing(stack, column, train_end, form) if pair else f"the door is still shut in {month}",
            }  # fmt: skip
            changes = {one: _change(held, column, code) for one, held in tried.items() if held}
            own = changes.get(form)
            if own and np.isfinite(own["change_pp"]):
                points = [one["change_pp"] for one in changes.values()]
                row |= own | {
                    "range_low_pp": min(points), "range_high_pp": max(points), "forms_tried": len(points),
                    "forms_same": sum(one["reading"] == own["reading"] for one in changes.values()),
                }  # fmt: skip
                row |= months_of(pair)
                difference = np.diff(tried[form].placebo[:, :, column], axis=1)[:, 0]
                placebo.append(
                    pd.DataFrame({"destination_code": code, "form": name, "origin": tried[form].origins,
                                  "change_pp": difference})
                )  # fmt: skip
            rows.append(row)
    none = pd.DataFrame(columns=["destination_code", "form", "origin", "change_pp"])
    return Easing(pd.DataFrame(rows), pd.concat(placebo, ignore_index=True) if placebo else none)


def _change(held: Percent, column: int, code: str) -> dict:
    """Change of one gap, its error, and the reading."""
    shut, reopened = held.gaps[:, column]
    change, placebo, nu = reopened - shut, np.diff(held.placebo[:, :, column], axis=1)[:, 0], held.nu
    found, mean = judged(change, placebo, nu, "pp"), float(placebo.mean()) if len(placebo) else np.nan
    sides = np.array([change, change - mean]) / found["placebo_error_pp"] * (1 if code == "US" else -1)
    critical, reading = stats.t.ppf(ONE_SIDED, max(nu, 1)), "cannot be told"
    if not found["reason"] and (sides.min() > critical or sides.max() < -critical):
        reading = "eased" if sides.min() > critical else "did not ease"
    return {
        "shut_pct": shut, "reopened_pct": reopened, "change_pp": change, "reading": reading,
        "p_eased": float(stats.t.sf(sides.min(), nu)) if not found["reason"] else np.nan,
        "placebo_error_pp": found["placebo_error_pp"], "placebo_mean_pp": mean, "low_pp": found["low_pp"],
        "high_pp": found["high_pp"], "mde80_pp": found["mde80_pp"],
    } | {key: found[key] for key in ("origins", "degrees_of_freedom", "t_value", "reason")}  # fmt: skip


def both_readings(estimated: pd.DataFrame, accounted: pd.DataFrame) -> pd.DataFrame:
    """Return both kinds of reading as one table, ``reversal_easing``; columns that neither holds are empty."""
    both = pd.concat([estimated, accounted], ignore_index=True)
    return both.reindex(columns=described("reversal_easing").names)
