"""The calendar of customs statistics: months, and the year of eleven periods with January and February together.

China's customs publish January and February of most years as one figure, because the Chinese New Year falls into
one or the other. The estimates therefore use eleven periods a year: JF (stored at February, weight 2 months), then
March to December (weight 1). A period is named by its last month, ``"2025-02"`` for January-February 2025.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

PERIODS_PER_YEAR = 11

# First day of the Chinese New Year, Gregorian calendar.
CHINESE_NEW_YEAR = {
    2012: "2012-01-23", 2013: "2013-02-10", 2014: "2014-01-31", 2015: "2015-02-19", 2016: "2016-02-08",
    2017: "2017-01-28", 2018: "2018-02-16", 2019: "2019-02-05", 2020: "2020-01-25", 2021: "2021-02-12",
    2022: "2022-02-01", 2023: "2023-01-22", 2024: "2024-02-10", 2025: "2025-01-29", 2026: "2026-02-17",
    2027: "2027-02-06", 2028: "2028-01-26", 2029: "2029-02-13", 2030: "2030-02-03",
}  # fmt: skip


def month_range(first: str, last: str) -> list[str]:
    """Return the months from ``first`` to ``last``, both included, as text."""
    return [str(p) for p in pd.period_range(first, last, freq="M")]


def spill_days(period: pd.Period) -> int:
    """Days of March that lie within 15 days after the first day of the Chinese New Year; 0 in other months.

    Assumption A11.

    With January and February merged, March is the only month that the moving holiday still reaches.
    """
    if period.month != 3:
        return 0
    end = dt.date.fromisoformat(CHINESE_NEW_YEAR[period.year]) + dt.timedelta(days=15)
    return max(0, (end - dt.date(period.year, 3, 1)).days)


def eleven_periods(monthly: pd.Series) -> pd.DataFrame:
    """Merge January and February of a monthly series. Assumption A10.

    Parameters
    ----------
    monthly
        Values by month, index ``PeriodIndex`` of frequency M, any money unit. Missing months stay missing.

    Returns
    -------
    pandas.DataFrame
        Index: last month of each period. Columns ``value`` (average per month, so that JF compares with other
        periods), ``weight`` (months in the period: 2 or 1), ``season`` (0 = JF, 1 = March .. 10 = December) and
        ``spill_days``. A January or February without its other half is left out: half of JF is not JF.
    """
    monthly = monthly.dropna().sort_index()
    index, values = monthly.index, monthly.to_numpy(dtype=float)
    number, before = index.month.to_numpy(), np.concatenate([[np.nan], values])[:-1]
    follows = np.concatenate([[False], np.diff(index.asi8) == 1])[: len(values)]
    kept = (number > 2) | ((number == 2) & follows)
    merged = np.where(number == 2, (values + before) / 2, values)
    spill = [spill_days(period) if period.month == 3 else 0 for period in index[kept]]
    return pd.DataFrame(
        {
            "value": merged[kept], "weight": np.where(number == 2, 2, 1)[kept], "season": number[kept] - 2,
            "spill_days": np.array(spill, dtype=int),
        },
        index=pd.PeriodIndex(index[kept], freq="M", name="period"),
    )  # fmt: skip


def period_number(period: pd.Period) -> int:
    """Count eleven-period positions from a fixed origin, so that differences are numbers of periods."""
    return period.year * PERIODS_PER_YEAR + max(period.month - 2, 0)


def has_gaps(index: pd.PeriodIndex) -> bool:
    """Tell whether an eleven-period index skips a period."""
    numbers = index.year.to_numpy() * PERIODS_PER_YEAR + np.maximum(index.month.to_numpy() - 2, 0)
    return bool((np.diff(numbers) != 1).any())
