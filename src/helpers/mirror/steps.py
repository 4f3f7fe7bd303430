"""When the two counts of one flow came apart: both on the eleven-period calendar, and the step that fits them best.

The gap is ``100 ln(importer's count / China's count)`` in log points; ``dated by departure`` means that arrivals are
counted in the month before. A deviation is the gap less its mean in the same periods of the two years to the end of
training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import periods
from helpers.mirror.sides import later
from helpers.refusals import Refusal

PARCELS = "de minimis"  # how the ledger names the event
# A step needs this many periods on each side.
LEAST_PERIODS = 3
SAME, DEPARTURE = "same month", "dated by departure"


@dataclass(frozen=True)
class Sides:
    """Both counts of one flow on the eleven-period calendar, average per month.

    ``gap`` has the columns ``same month`` and ``dated by departure`` (log points), ``deviation`` the same two less
    their mean in the same periods of the two years to ``train_end``.
    """

    gap: pd.DataFrame
    deviation: pd.DataFrame
    train_end: str


def sides(exporter: pd.DataFrame, importer: pd.Series, *, train_end: str) -> Sides:
    """Put both counts on the eleven-period calendar, from the two years before the end of training.

    Parameters
    ----------
    exporter, importer
        From :func:`helpers.mirror.exporter_months` and :func:`helpers.mirror.importer_months`, for one importer.
    train_end
        End of training, a month.
    """
    first = str(pd.Period(train_end, "M") - 23)
    ours = eleven(exporter["value_bn"].loc[f"{first[:4]}-01" :])
    theirs = importer.loc[f"{first[:4]}-01" :]
    counts = {SAME: eleven(theirs), DEPARTURE: eleven(later(theirs))}
    gap = pd.DataFrame({name: 100 * np.log(count.reindex(ours.index) / ours) for name, count in counts.items()})
    before = gap[(gap.index.astype(str) >= first) & (gap.index.astype(str) <= train_end)]
    usual = before.groupby(before.index.month).mean()
    return Sides(gap, gap - usual.reindex(gap.index.month).to_numpy(), train_end)


def eleven(monthly: pd.Series) -> pd.Series:
    """Return the eleven periods of a monthly flow, average per month."""
    return periods.eleven_periods(monthly)["value"]


def parcels_end(events: pd.DataFrame) -> str:
    """Return the month in which duty-free entry of parcels ended, from the events; a missing event is refused."""
    dates = events.loc[events["event"].str.contains(PARCELS, regex=False), "date"]
    if dates.empty:
        raise Refusal(
            f'no event names "{PARCELS}"', expected="its date in data/raw/compiled/tariff_events_2018-2026.csv",
            remedy="put the row back", exit_code=1,
        )  # fmt: skip
    return str(dates.min())[:7]


def steps(found: Sides, events: pd.DataFrame, *, month: str) -> pd.DataFrame:
    """Find the period from which one lower level fits the deviations best (least squares, Bai 1997).

    There are too few periods before for a test: the extremes on both sides are given instead.

    Parameters
    ----------
    found
        From :func:`sides`.
    events
        ``compiled/tariff_events``.
    month
        Month of the report.

    Returns
    -------
    pandas.DataFrame
        Table ``mirror_steps``, key ``arrivals``: ``first_period`` of the new level, ``second_best``, ``step_pct`` (log
        points), ``explained_pct`` of the variance, ``periods_before``, ``periods_after``, ``lowest_before_pct``,
        ``highest_after_pct``, ``spread_before_pct`` (root mean square deviation before), ``tariff_month`` (of the
        largest modelled rise in the events), ``parcels_month``, ``reason`` why there is no test.
    """
    modelled = events[(events["kind_of_measure"] == "modelled") & (events["date"] <= f"{month}-31")]
    modelled = modelled.assign(rise=pd.to_numeric(modelled["after_pct"]) - pd.to_numeric(modelled["before_pct"]))
    rises = modelled.groupby(modelled["date"].str[:7])["rise"].sum()
    rows = []
    for arrivals in (SAME, DEPARTURE):
        held = found.deviation[arrivals].dropna().loc[:month]
        value = held.to_numpy()
        if len(value) < 2 * LEAST_PERIODS:
            rows.append({"arrivals": arrivals, "reason": f"{len(value)} periods held by both counts: no step"})
            continue
        tries = range(LEAST_PERIODS, len(value) - LEAST_PERIODS + 1)
        left = np.array([value[:k].var() * k + value[k:].var() * (len(value) - k) for k in tries])
        best, second = (int(k) + LEAST_PERIODS for k in np.argsort(left, kind="stable")[:2])
        rows.append(
            {
                "arrivals": arrivals, "first_period": str(held.index[best]), "second_best": str(held.index[second]),
                "step_pct": value[best:].mean() - value[:best].mean(),
                "explained_pct": 100 * (1 - left.min() / (value.var() * len(value))), "periods_before": best,
                "periods_after": len(value) - best, "lowest_before_pct": value[:best].min(),
                "highest_after_pct": value[best:].max(), "spread_before_pct": np.sqrt(np.mean(value[:best] ** 2)),
                "tariff_month": rises.idxmax(), "parcels_month": parcels_end(events),
                "reason": f"no test: {best} periods before, of which two years make the base",
            }
        )  # fmt: skip
    columns = ["arrivals", "first_period", "second_best", "step_pct", "explained_pct", "periods_before",
               "periods_after", "lowest_before_pct", "highest_after_pct", "spread_before_pct", "tariff_month",
               "parcels_month", "reason"]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=columns)
