"""The same gap in dollars, yuan and the importer's money: how much of it is an exchange rate nobody forecast.

The flow is converted month by month and the whole procedure repeated, placebo origins included: the error of a gap in
yuan holds the errors of the yuan. In percent of the counterfactual the currencies compare; between two of them the gaps
differ by the move of the rate since the year that the forecast rests on, and by nothing else.
"""

from __future__ import annotations

import pandas as pd

from helpers import controls as money
from helpers import spans
from helpers.counterfactual import Form
from helpers.destinations import Flow
from helpers.front_loading import DESTINATIONS
from helpers.refusals import Refusal
from helpers.stacks import pairs_of, rates_of, stacks
from helpers.trials import Trials, by_name, donut_of, estimated, nothing

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
    for code in DESTINATIONS:
        if flows[code].currency != BASE:
            raise Refusal(
                f"the flow of {code} is in {flows[code].currency}", expected=f"billions of {BASE}",
                remedy=f'make the flows with currency "{BASE}"; the other currencies are made here', exit_code=2,
            )  # fmt: skip
    chosen, rows = {code: flows[code] for code in DESTINATIONS}, []
    held = by_name(stacks(pairs_of(chosen), rates_of(chosen, controls, (BASE, "CNY", "partner"))), form, train_end)
    for code, flow in chosen.items():
        named = dict.fromkeys([BASE, "CNY", money.OWN_CURRENCY[code]])
        for name in ("plain", *flow.others):
            rows += _rows(flow, name, {currency: held[code, name, currency] for currency in named}, train_end, month)
    return pd.DataFrame(rows)


def _rows(flow: Flow, name: str, held: dict[str, Trials], train_end: str, month: str) -> list[dict]:
    """Rows of one form of a flow by window and currency, dollars first."""
    rows = []
    for window, (first, last) in spans.windows(month).items():
        base = {"destination_code": flow.code, "form": name, "window_id": window, "first_month": first,
                "last_month": last, "inputs": flow.inputs}  # fmt: skip
        percent = {}
        for currency, found in held.items():
            row = base | {"currency": currency, "is_own": currency == money.OWN_CURRENCY[flow.code]}
            places = found.rows(first, last)
            if not len(places):
                rows.append(row | nothing(f"the flow or its denominator ends in {found.months[-1]}"))
                continue
            row |= estimated(*found.gap_of(places), found.degrees(places, donut_of(train_end)))
            share = 100 / row["counterfactual_bn"]
            row |= {f"{key}_pct": row[f"{key}_bn"] * share for key in ("placebo_error", "low", "high", "mde80")}
            percent[currency] = row["gap_pct"]
            row["rate_part_pp"] = row["gap_pct"] - percent[BASE]
            row["rate_factor_pct"] = 100 * ((100 + row["gap_pct"]) / (100 + percent[BASE]) - 1)
            rows.append(row)
    return rows
