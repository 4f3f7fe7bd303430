"""The same gap in dollars, yuan and the importer's money: how much of it is an exchange rate nobody forecast.

The flow is converted month by month and the whole procedure repeated, placebo origins included: the error of a gap in
yuan holds the errors of the yuan. In percent of the counterfactual the currencies compare; between two of them the gaps
differ by the move of the rate since the year that the forecast rests on, and by nothing else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import counterfactual, spans
from helpers.counterfactual import Form
from helpers.destinations import Flow
from helpers.front_loading import DESTINATIONS
from helpers.refusals import Refusal
from helpers.trials import donut_of, judged, nothing, trials

BASE = "USD"


def gaps(flows: dict[str, Flow], controls: pd.DataFrame, form: Form, *, train_end: str, month: str) -> pd.DataFrame:
    """Estimate the gap of each importer in dollars, yuan and its own currency, in every window.

    Parameters
    ----------
    flows
        From :func:`helpers.destinations.flows`, billions of dollars.
    controls
        ``controls_monthly``: exchange rates, units of a currency per dollar.
    form, train_end, month
        Form of the headline, end of training, month of the report.

    Returns
    -------
    pandas.DataFrame
        Table ``currency_gaps``, key ``destination_code``, ``form``, ``window_id``, ``currency``. ``is_own`` (the
        importer's money), ``first_month``, ``last_month``; billions of ``currency``: ``actual_bn``,
        ``counterfactual_bn``, ``gap_bn``, ``placebo_error_bn``, ``low_bn``, ``high_bn``, ``mde80_bn``; percent of the
        counterfactual: ``gap_pct``, ``placebo_error_pct``, ``low_pct``, ``high_pct``, ``mde80_pct``; ``t_value``,
        ``p_value``, ``origins``, ``degrees_of_freedom``; ``rate_part_pp``, the gap in percent less that in dollars;
        ``rate_factor_pct``, what the currency alone multiplies actual over counterfactual by; ``status``, ``reason``,
        ``inputs``.

    Raises
    ------
    Refusal
        If the flows are not in dollars.
    """
    rows = []
    for code in DESTINATIONS:
        flow, own = flows[code], money.OWN_CURRENCY[code]
        if flow.currency != BASE:
            raise Refusal(
                f"the flow of {code} is in {flow.currency}", expected=f"billions of {BASE}",
                remedy=f'make the flows with currency "{BASE}"; the other currencies are made here', exit_code=2,
            )  # fmt: skip
        named = list(dict.fromkeys([BASE, "CNY", own]))
        rates = pd.DataFrame({name: money.convert(flow.value * 0 + 1, controls, BASE, name) for name in named}).dropna()
        for name, other in {"plain": None, **flow.others}.items():
            rows += _rows(flow, name, other, rates, own, form, train_end, month)
    return pd.DataFrame(rows)


def _converted(monthly: pd.Series, rates: pd.DataFrame, index: pd.PeriodIndex) -> np.ndarray:
    """Convert months, then merge January and February: shape (T, currencies), average per month."""
    here = rates.reindex(index).mul(monthly.reindex(index), axis=0).to_numpy()
    before = rates.reindex(index - 1).mul(monthly.reindex(index - 1), axis=0).to_numpy()
    return np.where((index.month == 2)[:, None], (here + before) / 2, here)


def _rows(flow: Flow, name: str, other: pd.Series | None, rates: pd.DataFrame, own: str, form: Form, train_end: str,
          month: str) -> list[dict]:  # fmt: skip
    value = flow.value.reindex(rates.index).dropna()
    calendar = counterfactual.calendar_of(value, other)
    columns = _converted(value, rates, calendar.index)
    scale = np.ones(columns.shape) if other is None else _converted(other, rates, calendar.index)
    held = trials(calendar, columns, scale, form, train_end)
    rows = []
    for window, (first, last) in spans.windows(month).items():
        places = held.rows(first, last)
        base = {"destination_code": flow.code, "form": name, "window_id": window, "first_month": first,
                "last_month": last, "inputs": flow.inputs}  # fmt: skip
        for column, currency in enumerate(rates):
            row = base | {"currency": currency, "is_own": currency == own}
            if not len(places):
                rows.append(row | nothing(f"the flow or its denominator ends in {calendar.index[-1]}"))
                continue
            gap, expected, placebo = held.gap(places)
            degrees = held.degrees(places, donut_of(train_end))
            row |= judged(float(gap[column]), float(expected[column]), placebo[:, column], degrees)
            share = 100 / row["counterfactual_bn"]
            row |= {f"{key}_pct": row[f"{key}_bn"] * share for key in ("placebo_error", "low", "high", "mde80")}
            dollars = 100 * float(gap[0]) / float(expected[0])
            row["rate_part_pp"] = row["gap_pct"] - dollars
            row["rate_factor_pct"] = 100 * ((100 + row["gap_pct"]) / (100 + dollars) - 1)
            rows.append(row)
    return rows
