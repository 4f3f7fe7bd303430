"""From products of demeaned columns to coefficients, their errors, and the words for regressors that cannot be told.

Shapes: K regressors, J instruments (regressors that are not instrumented among them), G clusters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.refusals import Refusal

NOTHING = 1e-10  # what is smaller than this share of itself before counts as zero


def check_told_apart(products: np.ndarray, spread: np.ndarray, names: Sequence[str]) -> None:
    """Refuse regressors that the effects absorb, or that others span.

    Parameters
    ----------
    products
        Of the regressors with the effects taken out, shape (K, K).
    spread
        Their sums of squares around the mean before, shape (K,).

    Raises
    ------
    Refusal
        Names the regressor.
    """
    for k, name in enumerate(names):
        if products[k, k] <= NOTHING * spread[k] or spread[k] <= 0:
            raise Refusal("absorbed by the fixed effects: nothing of it is left within them", column=name,
                          expected="a regressor that moves within the effects", remedy="leave it out, or take coarser "
                          "effects")  # fmt: skip
    size = np.sqrt(products.diagonal())
    left = products / size / size[:, None]
    for k, name in enumerate(names):
        if left[k, k] < NOTHING:
            raise Refusal("perfectly collinear with the regressors before it", column=name,
                          expected="regressors that do not add up to each other", remedy="leave one out")  # fmt: skip
        left = left - np.outer(left[:, k], left[k]) / left[k, k]


def check_clusters(count: int, names: Sequence[str]) -> None:
    """Refuse fewer than two clusters."""
    if count < 2:
        raise Refusal(f"{count} cluster", column=", ".join(names), expected="two or more; dozens to be trusted",
                      remedy="cluster by something finer")  # fmt: skip


def two_stages(products: np.ndarray, endogenous: int, exogenous: int, names: Sequence[str]) -> np.ndarray:
    """Return what turns instruments into fitted regressors, shape (J, K).

    Parameters
    ----------
    products
        Of all columns, in this order: outcome, endogenous, exogenous, instruments left out of the second stage.

    Raises
    ------
    Refusal
        If the instruments are fewer than the endogenous regressors, or do not move them.
    """
    told = slice(1 + endogenous, None)
    first = np.linalg.solve(products[told, told], products[told, 1 : 1 + endogenous])
    fitted = np.concatenate([first, np.eye(len(first), exogenous)], axis=1)
    made = fitted.T @ products[told, told] @ fitted
    before = products[1 : 1 + endogenous + exogenous, 1 : 1 + endogenous + exogenous]
    size = np.sqrt(before.diagonal())
    if np.linalg.eigvalsh(made / size / size[:, None])[0] < NOTHING:
        raise Refusal("not moved by the instruments", column=", ".join(names[:endogenous]),
                      expected="at least one instrument of its own for each", remedy="take others")  # fmt: skip
    return fitted


def covariance(bread: np.ndarray, scores: np.ndarray, factor: float) -> np.ndarray:
    """Return the covariance of coefficients clustered by the rows of ``scores``.

    Parameters
    ----------
    bread
        Inverse of the products, shape (K, K).
    scores
        Sums of regressor times error by cluster, shape (G, K).
    factor
        For small samples.
    """
    return factor * bread @ np.einsum("gk,gl->kl", scores, scores) @ bread


def small_sample(rows: int, parameters: int, clusters: int) -> float:
    """Return the factor for small samples: G / (G - 1) times (N - 1) / (N - parameters); without G, the latter alone.

    Source
    ------
    As R's fixest and pyfixest, whose default this is: of the effects, those within clusters do not count.
    """
    if rows <= parameters:
        raise Refusal(f"{rows:,} rows for {parameters:,} parameters", expected="more rows than parameters",
                      remedy="take coarser effects")  # fmt: skip
    return (rows - 1) / (rows - parameters) * (clusters / (clusters - 1) if clusters else 1.0)


def parameters(regressors: int, levels: Sequence[int], nested: Sequence[bool]) -> int:
    """Return how many parameters the factor for small samples counts.

    Parameters
    ----------
    regressors
        K.
    levels
        Levels of each effect.
    nested
        Whether each lies within the clusters.
    """
    outside = sum(count for count, inside in zip(levels, nested, strict=True) if not inside)
    return regressors + outside - (len(levels) - 1) + sum(nested)
