"""Two-stage least squares with one loss, one instrument and section effects, and its inference, in numpy.

All that the estimate needs of the data are cross-products by section, so that it works on any number of rows once they
are added up. ``delta`` is what a destination takes in addition per dollar that the US takes less.

Shapes: n products, D destinations, G sections, B draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.counterfactual import CONFIDENCE, POWER
from helpers.exposure.design import Design, capped

WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
WEAK_F = 10.0  # below it the set of Anderson and Rubin is printed instead of the interval
DRAWS = 9_999


@dataclass(frozen=True)
class Products:
    """Cross-products by section of [instrument, share, loss, changes], demeaned within section, weighted: (G, K, K)."""

    by_section: np.ndarray
    rows: int
    has_share: bool

    @property
    def whole(self) -> np.ndarray:
        """Their sum, shape (K, K)."""
        return self.by_section.sum(axis=0)


@dataclass(frozen=True)
class Estimate:
    """Excess sales per dollar lost, by destination: shape (D,) each; the first stage as scalars.

    ``se`` is the section-clustered jackknife (CRV3), ``se_crv1`` the usual sandwich, ``low`` and ``high`` the 95 %
    interval by ``se`` with G - 1 degrees of freedom, ``mde80`` what would have been seen four times in five.
    """

    delta: np.ndarray
    se: np.ndarray
    se_crv1: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mde80: np.ndarray
    first_stage: float
    first_se: float
    effective_f: float
    sections: int
    rows: int


def cross_products(design: Design, weights: np.ndarray, *, with_share: bool = True) -> Products:
    """Add up the cross-products of a design by section.

    Parameters
    ----------
    weights
        Shape (n,), above zero.
    with_share
        Whether the US share is among the controls. Without it the estimate is biased: the loss and what others take
        are both parts of one whole.
    """
    columns = np.column_stack([design.instrument, design.share, design.loss, design.change])
    count = int(design.cluster.max()) + 1
    total = np.bincount(design.cluster, weights, count)
    means = np.stack([np.bincount(design.cluster, weights * column, count) / total for column in columns.T], axis=1)
    centred = (columns - means[design.cluster]) * np.sqrt(weights)[:, None]
    order = np.argsort(design.cluster, kind="stable")
    starts = np.searchsorted(design.cluster[order], np.arange(count))
    parts = np.split(centred[order], starts[1:])
    return Products(np.stack([part.T @ part for part in parts]), len(weights), with_share)


def _partialled(cross: np.ndarray, has_share: bool) -> np.ndarray:
    """Take the share out of cross-products: (..., K, K) to (..., K - 1, K - 1), instrument first."""
    rest = np.delete(np.arange(cross.shape[-1]), 1)
    kept = cross[..., rest[:, None], rest]
    if not has_share:
        return kept
    own = cross[..., 1, rest]
    return kept - own[..., :, None] * own[..., None, :] / cross[..., 1, 1][..., None, None]


def _delta(cross: np.ndarray, has_share: bool) -> np.ndarray:
    left = _partialled(cross, has_share)
    return left[..., 0, 2:] / left[..., 0, 1][..., None]


def estimate(products: Products) -> Estimate:
    """Estimate what each destination takes in addition per dollar lost.

    Notes
    -----
    2SLS of change on loss, instrumented by exposure, with section effects and, usually, the US share. It is linear in
    the change, so the destinations of a full partition add up exactly to the total.
    """
    whole, groups = products.whole, len(products.by_section)
    delta = _delta(whole, products.has_share)
    left = _delta(whole - products.by_section, products.has_share)
    se = np.sqrt((groups - 1) / groups * ((left - delta) ** 2).sum(axis=0))
    scores = _scores(products, delta)
    inside = _partialled(whole, products.has_share)
    small = groups / (groups - 1) * (products.rows - 1) / (products.rows - 2 - products.has_share)
    se_crv1 = np.sqrt(small * (scores**2).sum(axis=0)) / abs(inside[0, 1])
    first = inside[0, 1] / inside[0, 0]
    first_scores = _first_scores(products, first)
    first_se = float(np.sqrt(small * (first_scores**2).sum()) / inside[0, 0])
    wide, power = (stats.t.ppf(q, groups - 1) for q in ((1 + CONFIDENCE) / 2, POWER))
    return Estimate(
        delta, se, se_crv1, delta - wide * se, delta + wide * se, (wide + power) * se, float(first), first_se,
        float((first / first_se) ** 2), groups, products.rows,
    )  # fmt: skip


def _controls(products: Products) -> tuple[np.ndarray, np.ndarray]:
    """Return every variable's coefficient on the share, (K,), and the instrument left of it times each, (G, K)."""
    whole = products.whole
    on_share = whole[1] / whole[1, 1] if products.has_share else np.zeros(len(whole))
    with_instrument = products.by_section[:, 0] - on_share[0] * products.by_section[:, 1]
    return on_share, with_instrument


def _scores(products: Products, delta: np.ndarray) -> np.ndarray:
    """Sums by section of instrument times residual, both left of the share: (G, D)."""
    on_share, row = _controls(products)
    clear = row - on_share[None] * row[:, [1]]
    return clear[:, 3:] - delta[None] * clear[:, [2]]


def _first_scores(products: Products, first: float) -> np.ndarray:
    on_share, row = _controls(products)
    clear = row - on_share[None] * row[:, [1]]
    own = clear[:, 0]
    return clear[:, 2] - first * own


def anderson_rubin(products: Products, tried: np.ndarray, *, seed: int, draws: int = DRAWS) -> np.ndarray:
    """Return p-values of hypothetical ratios by the wild cluster bootstrap of the Anderson-Rubin statistic.

    Parameters
    ----------
    tried
        Hypothetical ``delta``, shape (M,).
    seed, draws
        Of the Webb weights, one for each section and draw.

    Returns
    -------
    numpy.ndarray
        Shape (M, D). It holds however weak the instrument is.
    """
    random = np.random.default_rng(seed)
    flips = WEBB[random.integers(0, 6, (draws, len(products.by_section)))]
    on_share, row = _controls(products)
    whole = products.whole
    own = row[:, 0] - on_share[0] * row[:, 1]  # instrument with instrument, by section
    with_share = row[:, 1] if products.has_share else np.zeros(len(own))
    size, share_size = own.sum(), whole[1, 1]
    out = np.empty((len(tried), whole.shape[0] - 3))
    for place, ratio in enumerate(tried):
        left = row[:, 3:] - ratio * row[:, [2]]
        gamma = (whole[1, 3:] - ratio * whole[1, 2]) / share_size if products.has_share else np.zeros(left.shape[1])
        residual = left - with_share[:, None] * gamma  # instrument with the restricted residual, by section
        share_part = products.by_section[:, 1, 3:] - ratio * products.by_section[:, 1, [2]]
        share_part = share_part - products.by_section[:, 1, 1][:, None] * gamma
        found = _t_values(residual[None], np.zeros((1, left.shape[1])), own, with_share, size)
        drawn = flips[:, :, None] * residual[None]
        moved = (
            np.einsum("bg,gd->bd", flips, share_part) / share_size
            if products.has_share else np.zeros((draws, left.shape[1]))
        )  # fmt: skip
        chance = _t_values(drawn, moved, own, with_share, size)
        out[place] = (np.abs(chance) >= np.abs(found) * (1 - 1e-12)).mean(axis=0)
    return out


def _t_values(
    scores: np.ndarray, gamma: np.ndarray, own: np.ndarray, with_share: np.ndarray, size: float
) -> np.ndarray:
    """Coefficient on the instrument over its clustered error, from scores by section: (B, G, D) to (B, D)."""
    slope = scores.sum(axis=1) / size
    left = scores - slope[:, None] * own[None, :, None] - gamma[:, None] * with_share[None, :, None]
    return slope / np.sqrt((left**2).sum(axis=1)) * size


def anderson_rubin_set(products: Products, found: Estimate, *, seed: int, draws: int = 1_999, reach: float = 8.0,
                       points: int = 97) -> list[tuple[float, float, bool]]:  # fmt: skip
    """Return, for each destination, the ends of the 95 % Anderson-Rubin set and whether it is bounded and in one piece.

    The set is looked for on a grid around the estimate, ``reach`` errors to both sides; one that touches an end of the
    grid is called unbounded.
    """
    out = []
    for place, (middle, error) in enumerate(zip(found.delta, found.se, strict=True)):
        grid = middle + error * np.linspace(-reach, reach, points)
        kept = anderson_rubin(products, grid, seed=seed, draws=draws)[:, place] > 1 - CONFIDENCE
        places = np.flatnonzero(kept)
        whole = len(places) > 0 and not kept[0] and not kept[-1] and len(places) == places[-1] - places[0] + 1
        ends = (float(grid[places[0]]), float(grid[places[-1]])) if len(places) else (np.nan, np.nan)
        out.append((*ends, bool(whole)))
    return out


def randomised(design: Design, weights: np.ndarray, *, seed: int, draws: int = 999) -> np.ndarray:
    """Return p-values of no dependence on exposure: duty changes dealt out anew within section and tercile of share.

    Returns
    -------
    numpy.ndarray
        Shape (D,): how often a dealt-out instrument has as large a reduced-form t.
    """
    random = np.random.default_rng(seed)
    thirds = np.searchsorted(np.quantile(design.share, [1 / 3, 2 / 3]), design.share)
    _, cell = np.unique(design.cluster * 3 + thirds, return_inverse=True)
    order = np.argsort(cell, kind="stable")
    reduced = _Reduced(design, weights)
    found = np.abs(reduced.t_values(design.shock))
    as_large = np.zeros_like(found)
    shock = np.empty_like(design.shock)
    for _ in range(draws):
        shock[order] = design.shock[np.lexsort((random.random(len(cell)), cell))]
        as_large += np.abs(reduced.t_values(shock)) >= found - 1e-12
    return (1 + as_large) / (1 + draws)


class _Reduced:
    """The reduced form of one design, ready for many instruments: only what depends on the duty is computed anew."""

    def __init__(self, design: Design, weights: np.ndarray) -> None:
        order = np.argsort(design.cluster, kind="stable")
        self._order, self._share, self._weights = order, design.share[order], weights[order]
        cluster = design.cluster[order]
        self._starts = np.searchsorted(cluster, np.arange(cluster.max() + 1))
        self._totals = np.add.reduceat(self._weights, self._starts)
        left = np.column_stack([self._share, design.change[order]])
        means = np.add.reduceat(self._weights[:, None] * left, self._starts) / self._totals[:, None]
        left = left - means[cluster]
        share = left[:, 0]
        self._share_size = float(self._weights @ share**2)
        slope = (self._weights * share) @ left[:, 1:] / self._share_size
        self._weighted = self._weights[:, None] * np.column_stack([share, left[:, 1:] - share[:, None] * slope])
        self._share_with = np.add.reduceat(self._weighted * share[:, None], self._starts)

    def t_values(self, shock: np.ndarray) -> np.ndarray:
        """Return the section-clustered t of each destination on an instrument made of this change of the duty."""
        instrument = self._share * shock[self._order]
        cross = np.add.reduceat(self._weighted * instrument[:, None], self._starts)
        own = np.add.reduceat(self._weights * instrument**2, self._starts)
        own = own - np.add.reduceat(self._weights * instrument, self._starts) ** 2 / self._totals
        on_share = cross[:, 0].sum() / self._share_size
        own = own - 2 * on_share * cross[:, 0] + on_share**2 * self._share_with[:, 0]
        cross = cross[:, 1:] - on_share * self._share_with[:, 1:]
        size = own.sum()
        slope = cross.sum(axis=0) / size
        return slope * size / np.sqrt(((cross - slope * own[:, None]) ** 2).sum(axis=0))


def headline(design: Design, *, with_share: bool = True) -> tuple[Products, Estimate]:
    """Return the estimate with capped weights, and the cross-products behind it."""
    products = cross_products(design, capped(design.world), with_share=with_share)
    return products, estimate(products)


def induced_loss(design: Design, found: Estimate) -> float:
    """Return the loss in the US that the first stage ascribes to the tariffs, USD million over the post period.

    Relative to no change of the duty: what all products lost in common is not in it.
    """
    return float((found.first_stage * design.instrument * design.world).sum())
