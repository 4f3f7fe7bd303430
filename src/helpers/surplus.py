"""China's goods balance, from one place and one vintage at a time, and when it passed a mark.

Here because a balance mixes two flows: each has its own vintages, and a difference of two vintages is no balance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners, periods

MARK_BN = 1000.0


def monthly(rows: pd.DataFrame) -> pd.DataFrame:
    """China's goods balance by month, cumulative and over twelve months, each from one source and one vintage.

    Parameters
    ----------
    rows
        From :func:`helpers.customs.read_rows`: a balance needs exports and imports as one place printed them at one
        time, so it starts from the printed rows, not from the resolved cells.

    Returns
    -------
    pandas.DataFrame
        ``source_id``, ``vintage``, ``period``, ``exports_usd_bn``, ``imports_usd_bn``, ``surplus_usd_bn``,
        ``ytd_usd_bn`` (January to the month; also where a place prints only the cumulative figures),
        ``rolling12_usd_bn``, ``inputs``. NaN where a month is missing.
    """
    world = rows[
        (rows["reporter_code"] == "CN") & (rows["partner_code"] == partners.WORLD) & (rows["currency"] == "USD")
        & rows["value_mn"].notna() & rows["period_kind"].isin(["month", "ytd"])
    ]  # fmt: skip
    place, days = ["source_id", "vintage"], world.groupby("source_id")["vintage_day"].max()
    wide = world.pivot(index=[*place, "period", "period_kind"], columns="flow", values="value_mn")
    both = wide.reindex(columns=["exports", "imports"]).dropna() / 1e3
    both["surplus"] = both["exports"] - both["imports"]
    out = []
    for (source, vintage), group in both.reset_index([*place, "period_kind"]).groupby(place):
        flows = group[["exports", "imports", "surplus"]]
        months, printed = flows[group["period_kind"] == "month"], flows[group["period_kind"] == "ytd"]
        known = sorted({*months.index, *printed.index})
        calendar = periods.month_range(f"{int(known[0][:4]) - 1}-01", known[-1])
        exports, imports, balance = (months[column].reindex(calendar).to_numpy() for column in months)
        for period in known:
            at = calendar.index(period)
            cumulative = balance[at + 1 - int(period[5:]) : at + 1].sum()
            if np.isnan(cumulative) and period in printed.index:
                cumulative = printed.loc[period, "surplus"]
            out.append(
                {
                    "source_id": source, "vintage": vintage, "period": period, "exports_usd_bn": exports[at],
                    "imports_usd_bn": imports[at], "surplus_usd_bn": balance[at], "ytd_usd_bn": cumulative,
                    "rolling12_usd_bn": balance[at - 11 : at + 1].sum(),
                    "inputs": f"{source}/CN/WORLD/{period[:4]}-01..{period}",
                }
            )  # fmt: skip
    return _without_superseded(pd.DataFrame(out), days)


def _without_superseded(balance: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    """Leave out what another place of the same vintage says as fully, read on a later day."""
    if balance.empty:
        return balance
    numbers = ["surplus_usd_bn", "ytd_usd_bn", "rolling12_usd_bn"]
    ordered = balance.assign(day=balance["source_id"].map(days)).sort_values(
        ["day", "source_id"], ascending=[False, True]
    )
    known = ordered[numbers].notna()
    cells = [ordered["vintage"], ordered["period"]]
    # A number that a better place has already said adds nothing.
    said = known.astype(int).groupby(cells).cumsum() - known > 0
    superseded = (~known | said).all(axis=1)
    return balance.loc[ordered.index[~superseded].sort_values()].reset_index(drop=True)


def marks(balance: pd.DataFrame, mark_bn: float = MARK_BN) -> pd.DataFrame:
    """When the surplus passed the mark: in each calendar year, and over twelve months for the first time.

    Parameters
    ----------
    balance
        From :func:`monthly`; one vintage must reach back before the first passing.

    Returns
    -------
    pandas.DataFrame
        ``measure`` (calendar year, twelve months), ``vintage``, ``source_id``, ``period`` of the passing,
        ``value_usd_bn``, ``mark_usd_bn``, ``inputs``.
    """
    rows = []
    passed = balance[(balance["ytd_usd_bn"] > mark_bn) | (balance["rolling12_usd_bn"] > mark_bn)]
    for (source, vintage), group in passed.sort_values("period").groupby(["source_id", "vintage"]):
        for measure, column in (("calendar year", "ytd_usd_bn"), ("twelve months", "rolling12_usd_bn")):
            above = group[group[column] > mark_bn]
            if measure == "calendar year":
                above = above.groupby(above["period"].str[:4]).head(1)
            else:
                above = above.head(1)
            for row in above.itertuples(index=False):
                rows.append(
                    {
                        "measure": measure, "vintage": vintage, "source_id": source, "period": row.period,
                        "value_usd_bn": getattr(row, column), "mark_usd_bn": mark_bn, "inputs": row.inputs,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)
