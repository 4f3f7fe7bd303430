"""What a regression at scale gives back: coefficients, errors, and an account of every row.

Shapes: N rows, K regressors, G clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from helpers.exposure.at_scale_cells import Cells

Estimator = Literal["OLS", "IV", "PPML"]
Way = Literal["products in the engine", "blocks", "pyfixest"]


@dataclass(frozen=True)
class Fit:
    """Coefficients with their errors, and what became of every row.

    Parameters
    ----------
    estimator
        ``OLS``, ``IV`` or ``PPML``.
    names
        Of the K regressors.
    coefficients, se
        Shape (K,); errors are clustered if ``clusters`` is above zero.
    covariance
        Shape (K, K).
    rows
        Rows that were used: those given, without ``separated`` and ``singletons``.
    cells
        Sets of rows that share everything but the outcome; as many as rows where none do.
    clusters
        G, or 0 for errors of independent rows.
    separated
        Rows left out of PPML because the outcome is zero in every row of one of their effects.
    singletons
        Rows left out because they are alone in an effect: they say nothing of the coefficients.
    way
        What took the effects out: see :mod:`helpers.exposure.at_scale`.
    freedom
        Degrees of freedom of the t distribution: clusters less one, or rows less parameters.
    steps
        Newton steps of PPML; 0 otherwise.
    """

    estimator: Estimator
    names: tuple[str, ...]
    coefficients: np.ndarray
    se: np.ndarray
    covariance: np.ndarray
    rows: int
    cells: int
    clusters: int
    separated: int
    singletons: int
    way: Way
    freedom: int
    steps: int = 0

    def told(self) -> str:
        """Return what a note under a table has to say: rows, cells, clusters, and everything left out."""
        parts = [f"{self.estimator} on {self.rows:,} rows"]
        if self.cells < self.rows:
            parts.append(f"taken together as {self.cells:,} cells")
        parts.append(f"errors clustered in {self.clusters:,} groups" if self.clusters else "errors of independent rows")
        for count, one, many in (
            (self.separated, "its outcome is zero throughout an effect", "their outcome is zero throughout an effect"),
            (self.singletons, "it is alone in an effect", "they are alone in an effect"),
        ):
            if count:
                parts.append(
                    f"{count:,} {'row' if count == 1 else 'rows'} left out because {one if count == 1 else many}"
                )
        return "; ".join(parts) + "."

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """Return a row a regressor: ``name``, ``coefficient``, ``se``, ``low``, ``high``, ``p_value`` (t, G - 1)."""
        wide = stdtrit(self.freedom, (1 + confidence) / 2) * self.se
        return pd.DataFrame(
            {"name": self.names, "coefficient": self.coefficients, "se": self.se, "low": self.coefficients - wide,
             "high": self.coefficients + wide,
             "p_value": 2 * stdtr(self.freedom, -np.abs(self.coefficients / self.se))}
        )  # fmt: skip


def of_cells(estimator: Estimator, names: tuple[str, ...], at: np.ndarray, spread: np.ndarray,
         made: Cells, size: int, steps: int = 0, way: Way = "blocks") -> Fit:  # fmt: skip
    """Return the result of a regression that was solved on cells."""
    clusters = made.clusters
    return Fit(
        estimator, names, at, np.sqrt(spread.diagonal()), spread, made.rows, len(made.total), clusters, made.separated,
        made.singletons, way, clusters - 1 if clusters else made.rows - size, steps,
    )  # fmt: skip
