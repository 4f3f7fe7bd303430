"""Through third countries: how much of what they sold more to the US could be goods that China sold more to them.

A bound, not an estimate: the smaller of two rises. It bounds the rise of what the country sold the US, not the level of
what goes through it, and only if its own sales there did not fall; where all it sold the US fell, nothing is bounded.
It is the larger, the coarser the goods are told apart: for Vietnam one study found 16 % of its exports to the US by
product and 2 % by firm in 2021 (Iyoha and others, 2024).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import customs
from helpers.refusals import Refusal

# The concept by which US customs report an origin without a break in 2024 and 2025.
US_CONCEPTS = {"VN": "imports_general", "TH": "imports_for_consumption", "MY": "imports_for_consumption",
               "ID": "imports_for_consumption", "SG": "imports_for_consumption"}  # fmt: skip


def upper_bound(first_leg: np.ndarray, second_leg: np.ndarray) -> float:
    """Return the most that can have gone through, added up over products: the smaller rise of each, none below zero.

    Parameters
    ----------
    first_leg
        Rise of China's exports to the third country, by product.
    second_leg
        Rise of the third country's sales to the US, same products and money.
    """
    return float(np.clip(np.minimum(first_leg, second_leg), 0, None).sum())


def by_country(cells: pd.DataFrame, quarters: pd.DataFrame, *, last: str) -> pd.DataFrame:
    """Bound the rerouting through each country whose two legs the ledger holds, all goods as one.

    Parameters
    ----------
    cells, quarters
        ``customs_monthly`` and ``customs_quarterly``.
    last
        Last month; the half-year that ends with the last whole quarter up to it is compared with a year before.

    Returns
    -------
    pandas.DataFrame
        Table ``rerouting_bounds``: ``partner_code``, ``first_month``, ``last_month``, ``first_leg_usd_bn`` (rise of
        China's exports to it, FOB), ``second_leg_usd_bn`` (rise of US imports from it, customs value),
        ``upper_usd_bn`` (missing, with the ``reason``, where a leg is not held or the second one fell),
        ``share_of_second_pct``.
    """
    held = quarters[quarters["partner_code"].isin(US_CONCEPTS) & (quarters["period"] <= last)]
    if held.empty:
        return pd.DataFrame(
            [{"partner_code": code, "reason": "China's exports to it are not held by quarter"} for code in US_CONCEPTS]
        )
    end = pd.Period(held["period"].max(), "M")
    months = pd.period_range(end - 5, end, freq="M")
    rows = []
    for code, concept in US_CONCEPTS.items():
        row = {"partner_code": code, "first_month": str(months[0]), "last_month": str(end), "reason": ""}
        own = held[held["partner_code"] == code].set_index("period")["value_mn"]
        ends = [str(end - 3), str(end)]
        earlier = [str(pd.Period(month, "M") - 12) for month in ends]
        try:
            arrivals = customs.series(cells, "US", code, concept=concept)
        except Refusal:
            arrivals = pd.Series(dtype=float)
        legs = (own.reindex([*ends, *earlier]), arrivals.reindex([*months, *(months - 12)]))
        if legs[0].isna().any() or legs[1].isna().any():
            rows.append(row | {"reason": "one of its two legs is not held for both half-years"})
            continue
        first = (legs[0].iloc[:2].sum() - legs[0].iloc[2:].sum()) / 1e3
        second = (legs[1].iloc[:6].sum() - legs[1].iloc[6:].sum()) / 1e3
        row |= {"first_leg_usd_bn": first, "second_leg_usd_bn": second}
        if second <= 0:
            rows.append(row | {"reason": "it sold the US less: no rise to bound"})
            continue
        bound = upper_bound(np.array([first]), np.array([second]))
        rows.append(row | {"upper_usd_bn": bound, "share_of_second_pct": 100 * bound / second})
    columns = ["partner_code", "first_month", "last_month", "first_leg_usd_bn", "second_leg_usd_bn", "upper_usd_bn",
               "share_of_second_pct", "reason"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
