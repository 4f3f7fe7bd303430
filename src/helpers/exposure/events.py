"""The event study by product: when products that the tariffs hit harder began to part from the others.

Each quarter is compared with the same months of the base year, product by product: the difference of logs takes out
what belongs to a product and its season, the section effects what a section has in common in that quarter. On a
balanced panel this is the regression with product-by-month-of-year and section-by-quarter effects, solved quarter by
quarter; ``tests/test_exposure.py`` holds it against pyfixest.

Shapes: n products, Q quarters, G sections.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.counterfactual import CONFIDENCE, POWER


@dataclass(frozen=True)
class Events:
    """Slopes on exposure by quarter with their joint covariance (CRV3), and what part of the value is balanced.

    ``slope`` in log points per unit of exposure, shape (Q,); ``leads`` marks quarters before the base year.
    """

    quarters: list[str]
    slope: np.ndarray
    covariance: np.ndarray
    leads: np.ndarray
    sections: int
    products: int
    balanced_share: float

    @property
    def table(self) -> pd.DataFrame:
        """A row a quarter: ``quarter``, ``slope``, ``low``, ``high``, ``is_lead``."""
        error = np.sqrt(np.diag(self.covariance))
        wide = stats.t.ppf((1 + CONFIDENCE) / 2, self.sections - 1) * error
        return pd.DataFrame(
            {"quarter": self.quarters, "slope": self.slope, "low": self.slope - wide, "high": self.slope + wide,
             "is_lead": self.leads}
        )  # fmt: skip


def quarter_of(month: str) -> str:
    """Return the quarter of a month: ``"2025-05"`` gives ``"2025 Q2"``."""
    return f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"


def event_study(values: np.ndarray, months: list[str], exposure: np.ndarray, cluster: np.ndarray, *,
                base: tuple[str, str]) -> Events:  # fmt: skip
    """Estimate the slope on exposure in every whole quarter outside the base year.

    Parameters
    ----------
    values
        Exports to one destination, shape (n, months); products with a zero or a gap anywhere are left out.
    months
        Of the columns.
    exposure, cluster
        Shape (n,): exposure, and the section from 0.
    base
        First and last month of the twelve months compared with.
    """
    whole = (np.nan_to_num(values) > 0).all(axis=1)
    logs, exposure = np.log(values[whole]), exposure[whole]
    _, cluster = np.unique(cluster[whole], return_inverse=True)
    of_month = {month[5:]: place for place, month in enumerate(months) if base[0] <= month <= base[1]}
    outside = [place for place, month in enumerate(months) if not base[0] <= month <= base[1]]
    names = [quarter_of(months[place]) for place in outside]
    quarters = [name for name in dict.fromkeys(names) if names.count(name) == 3]
    gaps = np.stack(
        [
            np.mean([logs[:, place] - logs[:, of_month[months[place][5:]]]
                     for place, own in zip(outside, names, strict=True) if own == name], axis=0)
            for name in quarters
        ],
        axis=1,
    )  # fmt: skip
    slope, covariance, groups = slopes(gaps, exposure, cluster)
    first = quarter_of(base[0])
    return Events(quarters, slope, covariance, np.array([name < first for name in quarters]), groups, len(logs),
                  float(np.nansum(values[whole]) / np.nansum(values)))  # fmt: skip


def slopes(gaps: np.ndarray, exposure: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Regress columns on exposure with section effects: slopes (Q,), their CRV3 covariance (Q, Q), sections."""
    groups = int(cluster.max()) + 1
    count = np.bincount(cluster, minlength=groups).astype(float)
    centred = exposure - (np.bincount(cluster, exposure, groups) / count)[cluster]
    own = np.bincount(cluster, centred**2, groups)
    cross = np.stack([np.bincount(cluster, centred * column, groups) for column in gaps.T], axis=1)
    slope = cross.sum(axis=0) / own.sum()
    left = (cross.sum(axis=0) - cross) / (own.sum() - own)[:, None]
    apart = left - slope
    return slope, (groups - 1) / groups * apart.T @ apart, groups


def pre_trend(events: Events) -> dict[str, float]:
    """Test the quarters before the base year together, and say what such a test could see.

    Returns
    -------
    dict
        ``f_value``, ``p_value`` (Hotelling's F with G - 1 degrees), ``drift`` (slope of a straight line through the
        leads, a quarter), ``detectable`` (the drift a quarter that had an 80 % chance of being told from none).
    """
    at = np.flatnonzero(events.leads)
    if len(at) == 0 or events.sections <= len(at) + 1:
        return {"f_value": np.nan, "p_value": np.nan, "drift": np.nan, "detectable": np.nan}
    slope, covariance = events.slope[at], events.covariance[np.ix_(at, at)]
    degrees = events.sections - 1
    size = float(slope @ np.linalg.pinv(covariance) @ slope) * (degrees - len(at) + 1) / (degrees * len(at))
    time = np.arange(-len(at), 0, dtype=float)
    weights = time / (time @ time)
    error = float(np.sqrt(weights @ covariance @ weights))
    wide = stats.t.ppf((1 + CONFIDENCE) / 2, degrees) + stats.t.ppf(POWER, degrees)
    return {
        "f_value": size, "p_value": float(stats.f.sf(size, len(at), degrees - len(at) + 1)),
        "drift": float(weights @ slope), "detectable": wide * error,
    }  # fmt: skip


def poisson_twin(before: np.ndarray, after: np.ndarray, exposure: np.ndarray, cluster: np.ndarray) -> float:
    """Return the slope of the Poisson regression with product effects: zeros stay in.

    With two periods it is a logit of the later part of what a product sold in both, weighted by that sum; section
    effects by dummies. Solved by Newton's method.

    Parameters
    ----------
    before, after
        Exports in the base period and after it, same months, shape (n,).
    """
    total = before + after
    kept = total > 0
    groups = np.unique(cluster[kept], return_inverse=True)[1]
    design = np.column_stack([exposure[kept], np.eye(groups.max() + 1)[groups]])
    part, weight = after[kept] / total[kept], total[kept] / total[kept].mean()
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        fitted = 1 / (1 + np.exp(-design @ beta))
        curve = weight * fitted * (1 - fitted)
        step = np.linalg.lstsq(design.T @ (design * curve[:, None]), design.T @ (weight * (part - fitted)), rcond=None)[
            0
        ]
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    return float(beta[0])
