"""Goods brought forward: the gap before the tariffs, the gap after, and their sum with an error for the sum itself.

Importers who expect a tariff buy early and less afterwards. The gap after it alone (gross) then counts the pay-back as
a loss; the sum of both (net) does not, whatever was moved inside it. The sum's error cannot be put together from those
of its parts, which share origins and drift: every placebo origin forecasts the whole distance at once, and its errors
are summed as the gaps are (:mod:`helpers.trials`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import fieller, spans
from helpers.counterfactual import PERIODS_PER_YEAR, Form
from helpers.destinations import Flow
from helpers.stacks import pairs_of, stacks
from helpers.trials import NAIVE, Trials, base_months, by_name, donut_of, estimated, judged, nothing

FRONT = "front"
DESTINATIONS = ("US", "AU")


def spans_of(train_end: str, month: str) -> dict[str, tuple[str, str, bool]]:
    """Name the spans: before the tariffs (``front``), each window (gross), and the sums from ``front`` on (net).

    Returns
    -------
    dict
        Name to (first month, last month, whether it is a sum); sums are named ``front to W1`` and so on.
    """
    begin = str(pd.Period(train_end, "M") + 1)
    before = str(pd.Period(spans.WINDOWS["W1"][0], "M") - 1)
    windows = {name: (*window, False) for name, window in spans.windows(month).items()}
    if not begin <= before <= month:
        return windows
    sums = {f"{FRONT} to {name}": (begin, last, True) for name, (_, last, _) in windows.items()}
    return {FRONT: (begin, before, False)} | windows | sums


def all_trials(flows: dict[str, Flow], form: Form, train_end: str) -> dict[tuple[str, str], Trials]:
    """Return :class:`Trials` of the United States and Australia, plain and share, by (destination, form)."""
    return by_name(stacks(pairs_of({code: flows[code] for code in DESTINATIONS})), form, train_end)


def estimates(held: dict[tuple[str, str], Trials], flows: dict[str, Flow], exporter: dict[str, pd.DataFrame],
              form: Form, *, train_end: str, month: str) -> pd.DataFrame:  # fmt: skip
    """Estimate front-loading, the windows and their sums, for both importers and by China's count where it reaches.

    Parameters
    ----------
    held, flows
        From :func:`all_trials` and :func:`helpers.destinations.flows`, billions.
    exporter
        Destination to :func:`helpers.mirror.exporter_months`, billions of dollars. Too short for placebo origins, so
        these rows are point gaps against the same months of the last year of training, whatever the form.
    form, train_end, month
        Form of the headline, end of training, month of the report.

    Returns
    -------
    pandas.DataFrame
        Table ``front_loading``, key ``destination_code``, ``count`` (importer, exporter), ``form`` (plain, share ..),
        ``span`` (``front``, ``W1`` .., ``front to W1`` ..). ``view``, ``first_month``, ``last_month``, ``is_net``,
        ``currency``, ``trend``, ``training_periods``; the columns of :func:`helpers.trials.estimated`;
        ``error_if_independent_bn``, the root of the summed squares of the parts' errors (sums only, optional);
        ``inputs``.
    """
    rows, donut, ahead = [], donut_of(train_end), spans_of(train_end, month)
    for (code, name), found in held.items():
        common = {"destination_code": code, "count": "importer", "view": flows[code].view, "form": name,
                  "currency": flows[code].currency, "trend": form.trend, "training_periods": form.needed,
                  "inputs": flows[code].inputs}  # fmt: skip
        squares = 0.0
        parts = {}
        for span, (first, last, is_net) in ahead.items():
            row = common | {"span": span, "first_month": first, "last_month": last, "is_net": is_net}
            where = found.rows(first, last)
            if not len(where):
                rows.append(row | nothing(f"the flow or its denominator ends in {found.months[-1]}"))
                continue
            row |= estimated(*found.gap_of(where), found.degrees(where, donut))
            if is_net:
                row["error_if_independent_bn"] = float(np.sqrt(parts[span.removeprefix(f"{FRONT} to ")]))
            else:
                squares += row["placebo_error_bn"] ** 2
                parts[span] = squares
            rows.append(row)
    for code in DESTINATIONS:
        rows += _exporter_rows(code, exporter[code], ahead, train_end)
    return pd.DataFrame(rows)


def _exporter_rows(code: str, months: pd.DataFrame, ahead: dict, train_end: str) -> list[dict]:
    """Point gaps by China's count: the same months of the last year of training, no placebo origin."""
    rows = []
    for span, (first, last, is_net) in ahead.items():
        now = pd.period_range(first, last, freq="M")
        base = base_months(now, train_end)
        row = {
            "destination_code": code, "count": "exporter", "view": "exporter: China's customs", "form": "plain",
            "currency": "USD", "trend": NAIVE, "training_periods": PERIODS_PER_YEAR, "span": span,
            "first_month": first, "last_month": last, "is_net": is_net,
            "inputs": f"CN/{code}/exports/month/{first}..{last};CN/{code}/exports/month/{base.min()}..{base.max()}",
        }  # fmt: skip
        actual, expected = (float(months["value_bn"].reindex(at).sum(skipna=False)) for at in (now, base))
        if np.isnan(actual - expected):
            missing = int(months["value_bn"].reindex(now.union(base.unique())).isna().sum())
            rows.append(row | nothing(f"{missing} of the months that this count needs are not printed"))
            continue
        derived = int((months["basis"].reindex(base.unique()) != "level").sum())
        reason = f"interval not calibratable: China's count leaves no placebo origin before {train_end}"
        reason += f"; {derived} months of the base follow from printed growth" if derived else ""
        rows.append(row | estimated(actual - expected, expected, np.empty(0), 0) | {"reason": reason})
    return rows


def ratios(held: dict[tuple[str, str], Trials], *, train_end: str, month: str) -> pd.DataFrame:
    """Excess of Australia per dollar lost in the US, gross and net of pay-back (Fieller's set).

    Returns
    -------
    pandas.DataFrame
        Table ``front_loading_ratios``, key ``form``, ``span``: ``is_net``, ``us_gap_bn``, ``au_gap_bn``, ``ratio``,
        ``low``, ``high`` (empty where unbounded or not asked for), ``shape``, ``degrees_of_freedom``, ``reading``.
    """
    rows = []
    for name in ("plain", "share"):
        us, au = held["US", name], held["AU", name]
        for span, (first, last, is_net) in spans_of(train_end, month).items():
            places = us.rows(first, last)
            if span == FRONT or not len(places) or not len(au.rows(first, last)):
                continue
            (loss, _, errors), (gain, _, also) = us.gap_of(places), au.gap_of(places)
            nu = us.degrees(places, donut_of(train_end))
            row = {"form": name, "span": span, "is_net": is_net, "us_gap_bn": loss, "shape": "none",
                   "au_gap_bn": gain, "ratio": np.nan, "low": np.nan, "high": np.nan,
                   "degrees_of_freedom": nu}  # fmt: skip
            lost = judged(loss, errors, nu, "bn")
            same = np.array_equal(us.origins[: len(errors)], au.origins[: len(also)])
            if lost["reason"] or not same:
                rows.append(row | {"reading": lost["reason"] or "placebo origins of the two do not coincide"})
            elif not lost["high_bn"] < 0:
                rows.append(row | {"reading": "no ratio: the US loss does not stand out from normal variation"})
            else:
                moments = fieller.second_moments(pd.DataFrame({"AU": also, "US": errors}))
                shape, low, high = fieller.confidence_set(gain, loss, moments, nu)
                words = "excess, from whatever cause" + ("; contains zero" if low <= 0 <= high else "")
                low, high = (end if np.isfinite(end) else np.nan for end in (low, high))
                rows.append(row | {"ratio": -gain / loss, "low": low, "high": high, "shape": shape,
                                   "reading": words if shape == "bounded" else "not informative"})  # fmt: skip
    return pd.DataFrame(rows)
