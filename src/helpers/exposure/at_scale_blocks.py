"""Cells in blocks that fit a processor's cache: the largest effect is taken out exactly, the small ones are solved for.

A block holds whole levels of the largest effect. What blocks find is added up in their order, whichever processor was
first: the number of threads moves no digit.

Shapes: n cells of a block in g levels of the largest effect; S levels of all smaller effects together; K columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from helpers.exposure.at_scale_cells import Cells

CELLS = 1 << 15  # of a block
SMALL = 300  # levels of all effects but the largest, at most: their system is solved whole
NOTHING = 1e-10  # what is smaller than this share of itself before counts as zero
SUM = "i,i->"  # by numpy itself, not by BLAS, whose sums depend on its threads


@dataclass
class Block:
    """Cells of whole levels of the largest effect.

    Parameters
    ----------
    cells
        Where they stand among all.
    starts, counts
        First cell and number of cells of each level, shape (g,).
    small
        Number of the level of each smaller effect, counted through all of them, one array (n,) each.
    levels
        S.
    columns, total, weight, cluster
        As in :class:`helpers.exposure.at_scale_cells.Cells`; ``weight`` is 1.0 where each cell is one row.
    """

    cells: slice
    starts: np.ndarray
    counts: np.ndarray
    small: list[np.ndarray]
    levels: int
    columns: list[np.ndarray]
    total: np.ndarray
    weight: np.ndarray | float
    cluster: np.ndarray | None

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of each level of the largest effect, shape (g,)."""
        return np.add.reduceat(values, self.starts)

    def spread(self, levels: np.ndarray) -> np.ndarray:
        """Return a figure of each level for each of its cells, shape (n,)."""
        return np.repeat(levels, self.counts)

    def by_small(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of each level of the smaller effects, shape (S,)."""
        found = np.zeros(self.levels)
        for one in self.small:
            found += np.bincount(one, values, self.levels)
        return found

    def of_small(self, levels: np.ndarray) -> np.ndarray:
        """Return the figures of the levels of the smaller effects added up for each cell, shape (n,)."""
        found = levels[self.small[0]]
        for one in self.small[1:]:
            found = found + levels[one]
        return found

    @cached_property
    def places(self) -> list[np.ndarray]:
        """Where each cell stands in a table of levels, shape (g, S), one array (n,) for each smaller effect."""
        row = self.spread(np.arange(len(self.starts)) * self.levels)
        return [row + one for one in self.small]

    def met(self, weights: np.ndarray, of_level: np.ndarray) -> np.ndarray:
        """Return the products of the dummies of the smaller effects, the largest effect taken out, shape (S, S)."""
        table = sum(np.bincount(place, weights, len(self.starts) * self.levels) for place in self.places)
        table = table.reshape(len(self.starts), self.levels)
        made = -np.einsum("gs,gt->st", table / of_level[:, None], table)
        for one in self.small:
            for other in self.small:
                if one is other:
                    made[np.arange(self.levels), np.arange(self.levels)] += np.bincount(one, weights, self.levels)
                else:
                    made += np.bincount(one * self.levels + other, weights, self.levels**2).reshape(made.shape)
        return made


def blocks(cells: Cells) -> Iterator[Block]:
    """Cut cells into blocks."""
    largest = cells.effects[0]
    starts = np.flatnonzero(np.diff(largest, prepend=-1))
    counts = np.diff(starts, append=len(largest))
    ends = starts + counts
    small, levels = [], 0
    for one in cells.effects[1:]:
        small.append(one.astype(np.intp) + levels)
        levels += int(one.max()) + 1
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + CELLS, "right")))
        here = slice(int(starts[first]), int(ends[last - 1]))
        yield Block(
            here, starts[first:last] - starts[first], counts[first:last], [one[here] for one in small], levels,
            [one[here] for one in cells.columns], cells.total[here],
            1.0 if cells.weight is None else cells.weight[here],
            None if cells.cluster is None else cells.cluster[here],
        )  # fmt: skip
        first = last


class Crew:
    """Threads that work on blocks, and add up what they find in the order of the blocks."""

    def __init__(self, cells: Cells, threads: int) -> None:
        self.blocks = list(blocks(cells))
        self.pool = ThreadPoolExecutor(threads)

    def total(self, work: Callable[[Block], list[np.ndarray]]) -> list[np.ndarray]:
        """Return the sums of what the work on every block gives."""
        found: list[np.ndarray] | None = None
        for parts in self.pool.map(work, self.blocks):
            if found is None:
                found = [np.array(part, dtype=float) for part in parts]
            else:
                for whole, part in zip(found, parts, strict=True):
                    whole += part
        return found or []

    def __enter__(self) -> Crew:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Send the threads home."""
        self.pool.shutdown()


def weighted(block: Block, weights: np.ndarray, columns: list[np.ndarray]) -> list[np.ndarray]:
    """Return what a regression on columns needs of one block, the largest effect taken out.

    Returns
    -------
    list of numpy.ndarray
        Products of the columns (K, K); their sums by level of the smaller effects (S, K); products of the dummies
        (S, S).
    """
    of_level = block.sums(weights)
    left = [column - block.spread(block.sums(weights * column) / of_level) for column in columns]
    heavy = [weights * column for column in left]
    products = np.array([[np.einsum(SUM, one, other) for other in left] for one in heavy]).reshape(len(left), len(left))
    if not block.small:
        return [products, np.zeros((0, len(left))), np.zeros((0, 0))]
    return [products, np.stack([block.by_small(one) for one in heavy], axis=1), block.met(weights, of_level)]


def solved(met: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Solve for the smaller effects by elimination; a level that others span gets zero.

    Plain elimination and no routine of LAPACK: the last digits of those depend on their threads.

    Parameters
    ----------
    met
        Products of their dummies, shape (S, S), singular by nature.
    sums
        Shape (S, K).
    """
    count = len(met)
    left = np.concatenate([met, sums], axis=1)
    free = []
    for k in range(count):
        pivot = left[k, k]
        if pivot <= NOTHING * met[k, k]:
            free.append(k)
            continue
        left[k] /= pivot
        taken = left[:, k].copy()
        taken[k] = 0
        left -= np.multiply.outer(taken, left[k])
    left[free] = 0
    return left[:, count:]


def remainders(block: Block, weights: np.ndarray, column: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Return a column with all effects taken out, shape (n,); ``small`` is the column's part of :func:`solved`."""
    left = column - block.of_small(small) if block.small else column
    return left - block.spread(block.sums(weights * left) / block.sums(weights))
