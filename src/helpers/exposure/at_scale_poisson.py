"""Poisson regression (PPML) for outcomes with zeros: the largest effect has a closed form, the rest is Newton's method.

Given the others, the effect of a unit makes its fitted outcomes add up to the observed ones. With it put in, the
likelihood is concave in the coefficients and the small effects, and each step is one pass over the cells.

Shapes: n cells, K regressors, S levels of the smaller effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.exposure.at_scale_blocks import SUM, Block, Crew, remainders, solved
from helpers.refusals import Refusal

STEPS, HALVINGS = 60, 30
STILL, SPENT = 1e-8, 1e-15  # a step of coefficients, in standard deviations; what a step gains, a unit of outcome


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is highest: coefficients (K,), products of the regressors with effects out (K, K)."""

    coefficients: np.ndarray
    small: np.ndarray
    products: np.ndarray
    absorbed: np.ndarray
    steps: int


def fitted(block: Block, coefficients: np.ndarray, small: np.ndarray) -> tuple[np.ndarray, float]:
    """Return fitted outcomes of a block, shape (n,), and its part of the log likelihood."""
    index = block.of_small(small) if block.small else np.zeros(len(block.total))
    for value, column in zip(coefficients, block.columns, strict=True):
        index = index + value * column
    raw = block.weight * np.exp(index)
    observed, summed = block.sums(block.total), block.sums(raw)
    likelihood = np.einsum(SUM, block.total, index) - np.einsum(SUM, observed, np.log(summed))
    return raw * block.spread(observed / summed), float(likelihood)


def slopes(block: Block, coefficients: np.ndarray, small: np.ndarray) -> list[np.ndarray]:
    """Return the log likelihood of a block, its slopes in coefficients and small effects, and its curvature."""
    mean, likelihood = fitted(block, coefficients, small)
    observed = block.sums(block.total)
    error = block.total - mean
    left = [column - block.spread(block.sums(mean * column) / observed) for column in block.columns]
    heavy = [mean * column for column in left]
    products = np.array([[np.einsum(SUM, one, other) for other in left] for one in heavy])
    upward = np.array([np.einsum(SUM, column, error) for column in left])
    if not block.small:
        return [np.array(likelihood), upward, products, np.zeros(0), np.zeros((0, len(left))), np.zeros((0, 0))]
    sums = np.stack([block.by_small(one) for one in heavy], axis=1)
    return [np.array(likelihood), upward, products, block.by_small(error), sums, block.met(mean, observed)]


def start(crew: Crew) -> np.ndarray:
    """Return small effects from the mean outcome of each level: with a balanced panel and no regressors, the answer."""
    if not crew.blocks[0].small:
        return np.zeros(0)
    total, count = crew.total(
        lambda block: [block.by_small(block.total), block.by_small(block.weight * np.ones(len(block.total)))]
    )
    return np.log(total / count)


def maximum(crew: Crew, spread: np.ndarray, names: Sequence[str]) -> Maximum:
    """Climb the likelihood to its top.

    Parameters
    ----------
    spread
        Standard deviation of each regressor, shape (K,): the measure of a step.

    Raises
    ------
    Refusal
        If there is no top: a regressor tells zeros from other outcomes without fail, so that its coefficient runs away.
    """
    at, small, move = np.zeros(len(spread)), start(crew), np.zeros(len(spread))
    found = crew.total(lambda block: slopes(block, at, small))
    for count in range(1, STEPS + 1):
        likelihood, upward, products, error, sums, met = found
        absorbed = solved(met, np.column_stack([sums, error]))
        absorbed, own = absorbed[:, :-1], absorbed[:, -1]
        inner = products - sums.T @ absorbed
        size = np.sqrt(np.maximum(inner.diagonal(), np.finfo(float).tiny))
        try:
            move = np.linalg.solve(inner / size / size[:, None], (upward - sums.T @ own) / size) / size
        except np.linalg.LinAlgError:
            break
        move_small = own - absorbed @ move
        gain = float(move @ upward + move_small @ error)
        step, at, small, found = _upward(crew, at, small, move, move_small, found)
        whole = sum(float(block.total.sum()) for block in crew.blocks)
        if np.abs(step * move * spread).max(initial=0.0) < STILL and gain < SPENT * whole + 1e-300:
            return _at(found, at, small, count)
        if step == 0:
            break
    raise Refusal(
        f"separation: no maximum after {count} steps, this coefficient runs away or cannot be told from another",
        expected="no regressor that tells zeros from other outcomes without fail",
        remedy="leave it out, or the rows where it alone decides",
        column=names[int(np.abs(move * spread).argmax())],
    )  # fmt: skip


def _upward(crew: Crew, at: np.ndarray, small: np.ndarray, move: np.ndarray, move_small: np.ndarray,
            found: list[np.ndarray]) -> tuple[float, np.ndarray, np.ndarray, list[np.ndarray]]:  # fmt: skip
    """Go the whole step, or half of it, or half of that: until the likelihood does not fall."""
    step = 1.0
    for _ in range(HALVINGS):
        new, new_small = at + step * move, small + step * move_small
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            tried = crew.total(lambda block, here=new, there=new_small: slopes(block, here, there))
        if np.isfinite(tried[0]) and tried[0] >= found[0] - 1e-12 * abs(found[0]):
            return step, new, new_small, tried
        step /= 2
    return 0.0, at, small, found


def _at(found: list[np.ndarray], at: np.ndarray, small: np.ndarray, steps: int) -> Maximum:
    _, _, products, _, sums, met = found
    absorbed = solved(met, sums)
    return Maximum(at, small, products - sums.T @ absorbed, absorbed, steps)


def scores(block: Block, top: Maximum) -> np.ndarray:
    """Return regressor, effects taken out, times error for each cell of a block, shape (n, K)."""
    mean, _ = fitted(block, top.coefficients, top.small)
    error = block.total - mean
    left = [remainders(block, mean, column, top.absorbed[:, k]) for k, column in enumerate(block.columns)]
    return np.stack([column * error for column in left], axis=1) if left else np.zeros((len(mean), 0))
