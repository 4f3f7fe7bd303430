"""OLS and IV from sums of products: the last, small step after the engine or the blocks took the effects out.

Shapes: p columns (outcome, endogenous, exogenous, instruments), K regressors, J instruments with the exogenous among
them, G clusters.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.exposure import at_scale_errors as errors
from helpers.exposure.at_scale_blocks import Block, Crew, remainders, solved, weighted
from helpers.exposure.at_scale_cells import Cells, Products
from helpers.exposure.at_scale_fit import Estimator, Fit, of_cells
from helpers.exposure.at_scale_table import Margin, Question


def _coefficients(whole: np.ndarray, spread: np.ndarray, question: Question, sizes: tuple[int, int]
                  ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Return coefficients (K,), what makes fitted regressors of instruments (J, K), the inverse of their products."""
    endogenous, exogenous = sizes
    count = endogenous + exogenous
    names, told = question.values[1:], slice(1 + endogenous, None)
    errors.check_told_apart(whole[1 : 1 + count, 1 : 1 + count], spread[1 : 1 + count], names[:count])
    if endogenous:
        errors.check_told_apart(whole[told, told], spread[told], names[endogenous:])
    fitted = errors.two_stages(whole, endogenous, exogenous, names) if endogenous else np.eye(count)
    bread = np.linalg.inv(fitted.T @ whole[told, told] @ fitted)
    return bread @ (fitted.T @ whole[told, 0]), fitted, bread


def from_products(estimator: Estimator, made: Products, question: Question, sizes: tuple[int, int],
                   effects: list[Margin], inside: list[bool]) -> Fit:  # fmt: skip
    """Return OLS or IV from what the engine summed; ``sizes``: endogenous, exogenous regressors."""
    if question.cluster:
        errors.check_clusters(len(made.by_cluster), question.cluster)
    whole, count = made.by_cluster.sum(axis=0), sum(sizes)
    at, fitted, bread = _coefficients(whole, made.spread, question, sizes)
    used = int((effects[0].rows > 1).sum()) if made.singletons else len(effects[0].rows)
    size = errors.parameters(count, [used, *(len(one.rows) for one in effects[1:])], inside)
    against = np.concatenate([[1.0], -at])
    if question.cluster:
        told = slice(1 + sizes[0], None)
        left = np.einsum("gjk,k,jl->gl", made.by_cluster[:, told, : 1 + count], against, fitted)
        factor = errors.small_sample(made.rows, size, len(left))
        spread = errors.covariance(bread, left, factor)
    else:
        squares = against @ whole[: 1 + count, : 1 + count] @ against
        spread = bread * squares / (made.rows - 1) * errors.small_sample(made.rows, size, 0)
    clusters = len(made.by_cluster) if question.cluster else 0
    return Fit(
        estimator, question.values[1 : 1 + count], at, np.sqrt(spread.diagonal()), spread, made.rows,
        made.rows, clusters, 0, made.singletons, "products in the engine",
        clusters - 1 if clusters else made.rows - size,
    )  # fmt: skip


def from_blocks(estimator: Estimator, crew: Crew, made: Cells, question: Question, sizes: tuple[int, int],
                inside: list[bool]) -> Fit:  # fmt: skip
    """Return OLS or IV from cells; ``sizes``: endogenous, exogenous regressors; ``inside``: effects within clusters."""

    def columns(block: Block) -> list[np.ndarray]:
        return [block.total / block.weight, *block.columns]

    def weights(block: Block) -> np.ndarray:
        return block.weight * np.ones(len(block.total))

    raw, sums, met = crew.total(lambda block: weighted(block, weights(block), columns(block)))
    small = solved(met, sums)
    whole, count = raw - sums.T @ small, sum(sizes)
    at, fitted, bread = _coefficients(whole, squares_around_mean(crew, made), question, sizes)
    size = errors.parameters(count, [int(one.max()) + 1 for one in made.effects], inside)

    def scores(block: Block) -> np.ndarray:
        weight = weights(block)
        left = [remainders(block, weight, column, small[:, j]) for j, column in enumerate(columns(block))]
        error = weight * (left[0] - sum(value * left[1 + k] for k, value in enumerate(at)))
        told = left[1 + sizes[0] :]
        return np.stack([error * sum(fitted[j, k] * one for j, one in enumerate(told)) for k in range(count)], axis=1)

    if question.cluster:
        factor = errors.small_sample(made.rows, size, made.clusters)
        spread = errors.covariance(bread, by_cluster(crew, made, scores, count), factor)
    else:
        against = np.concatenate([[1.0], -at])
        squares = against @ whole[: 1 + count, : 1 + count] @ against + made.within
        spread = bread * squares / (made.rows - 1) * errors.small_sample(made.rows, size, 0)
    return of_cells(estimator, question.values[1 : 1 + count], at, spread, made, size)


def squares_around_mean(crew: Crew, made: Cells) -> np.ndarray:
    """Return the sum of squares of each column around its mean, the outcome first, shape (p,)."""

    def sums(block: Block) -> list[np.ndarray]:
        columns = [block.total / block.weight, *block.columns]
        return [np.array([(block.weight * column).sum() for column in columns])]

    mean = crew.total(sums)[0] / made.rows

    def squares(block: Block) -> list[np.ndarray]:
        columns = [block.total / block.weight, *block.columns]
        return [np.array([(block.weight * (column - at) ** 2).sum() for column, at in zip(columns, mean, strict=True)])]

    return crew.total(squares)[0]


def by_cluster(crew: Crew, made: Cells, scores: Callable[[Block], np.ndarray], count: int) -> np.ndarray:
    """Return the sums of scores by cluster, shape (G, K); without clusters, one row."""
    clusters = 1 if made.cluster is None else int(made.cluster.max()) + 1
    summed = np.zeros((clusters, count))
    for block, found in zip(crew.blocks, crew.pool.map(scores, crew.blocks), strict=True):
        if block.cluster is None:
            summed += found.sum(axis=0)
        else:
            least, most = int(block.cluster.min()), int(block.cluster.max()) + 1
            for k in range(count):
                summed[least:most, k] += np.bincount(block.cluster - least, found[:, k], most - least)
    return summed
