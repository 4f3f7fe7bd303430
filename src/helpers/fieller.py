"""Ratios of two uncertain gaps: Fieller's set in closed form, so that sets without an end and in two parts are seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers.counterfactual import CONFIDENCE


def confidence_set(gap: float, loss: float, omega: np.ndarray, nu: int) -> tuple[str, float, float]:
    """Confidence set of the ratio ``-gap / loss`` in closed form (Fieller).

    Parameters
    ----------
    gap, loss
        Gap of a destination and of the US (negative when the US lost).
    omega
        Uncentred second moments of the placebo errors of (gap, loss), shape (2, 2).
    nu
        Degrees of freedom.

    Returns
    -------
    tuple
        Shape of the set and its ends: ``bounded`` [low, high]; ``disjoint`` everything outside (low, high);
        ``unbounded`` the whole line, ends infinite. It is never empty: the ratio estimate itself is always inside.
    """
    critical = stats.t.ppf((1 + CONFIDENCE) / 2, nu) ** 2
    a = loss**2 - critical * omega[1, 1]
    b = 2 * (gap * loss - critical * omega[0, 1])
    c = gap**2 - critical * omega[0, 0]
    root = b * b - 4 * a * c
    if a <= 0 and root <= 0:
        return "unbounded", -np.inf, np.inf
    low, high = sorted((-b + sign * np.sqrt(max(root, 0.0))) / (2 * a) for sign in (-1, 1))
    return "bounded" if a > 0 else "disjoint", low, high


def second_moments(errors: pd.DataFrame) -> np.ndarray:
    """Uncentred second moments of placebo errors, columns of series, rows of coinciding origins."""
    return errors.to_numpy().T @ errors.to_numpy() / len(errors)
