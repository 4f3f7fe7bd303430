"""From rows to what a regression needs of them: sorted cells, or products of demeaned columns summed by cluster.

Rows that share regressors, effects and cluster are one cell: its number of rows, the sum of the outcome and that of its
square say all that a regression can learn from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helpers.exposure.at_scale_table import Facts, Margin, Question, numbers, once, whole_sum
from helpers.refusals import Refusal

if TYPE_CHECKING:
    from ibis.expr.types import Table


@dataclass
class Cells:
    """Cells in the order of the largest effect, then of the others. Shapes: n cells, p columns, G clusters.

    Parameters
    ----------
    effects
        Number of each cell's level, one array (n,) for each effect, the largest first; every level is met.
    cluster
        Number of each cell's cluster, shape (n,), or None without clusters.
    columns
        p - 1 arrays (n,): regressors and instruments.
    total
        Sum of the outcome over the rows of a cell, shape (n,).
    weight
        Rows of a cell, shape (n,), or None where each is one row.
    within
        Sum of squares of the outcome around the means of cells, over all of them.
    """

    effects: list[np.ndarray]
    cluster: np.ndarray | None
    columns: list[np.ndarray]
    total: np.ndarray
    weight: np.ndarray | None
    within: float
    separated: int = 0
    singletons: int = 0

    @property
    def rows(self) -> int:
        """Rows of the table that the cells hold."""
        return len(self.total) if self.weight is None else int(self.weight.sum())

    @property
    def clusters(self) -> int:
        """Clusters that are met."""
        return 0 if self.cluster is None else int((np.bincount(self.cluster) > 0).sum())

    def only(self, kept: np.ndarray) -> Cells:
        """Return some of the cells, their levels numbered anew; sums of squares within cells are kept whole."""
        return Cells(
            [_renumbered(one[kept]) for one in self.effects], None if self.cluster is None else self.cluster[kept],
            [one[kept] for one in self.columns], self.total[kept], None if self.weight is None else self.weight[kept],
            self.within, self.separated, self.singletons,
        )  # fmt: skip


def _renumbered(levels: np.ndarray) -> np.ndarray:
    met = np.bincount(levels) > 0
    return levels if met.all() else (np.cumsum(met) - 1)[levels]


def cells(rows: Table, question: Question, held: Facts, effects: list[Margin], *, positive: bool) -> Cells:
    """Collapse rows to cells in the engine, sort them there, and leave out what holds no information.

    Parameters
    ----------
    effects
        The largest first.
    positive
        For a Poisson regression: leave out levels whose outcome is zero throughout (their effect is minus infinity).

    Raises
    ------
    Refusal
        If nothing is left.
    """
    keys = [f"e{i}" for i in range(len(effects))]
    for key, effect in zip(keys, effects, strict=True):
        kept = effect.high[0] > 0 if positive else None
        rows = rows.join(effect.table(kept, **{key: numbers(len(effect.rows))}), list(effect.names))
    names = [one.names for one in effects]
    if question.cluster and question.cluster not in names:
        keys.append("cluster")
        levels = rows.select(*question.cluster).distinct().to_pyarrow()
        levels = levels.sort_by([(name, "ascending") for name in question.cluster])
        rows = rows.join(_numbered(levels), list(question.cluster))
    columns = [f"v{j}" for j in range(1, len(question.values))]
    if once(effects[0]):
        asked = rows.select(*keys, *columns, total=rows["v0"]).order_by(keys)
    else:
        value, size = rows["v0"], held.size[0]
        asked = rows.group_by([*keys, *columns]).aggregate(
            total=whole_sum(value, size), weight=rows.count(), squares=whole_sum(value * value, size**2)
        ).order_by([*keys, *columns])  # fmt: skip
    answer = asked.to_pyarrow()
    found = {name: answer[name].to_numpy() for name in answer.column_names}
    del answer
    weight = found["weight"].astype(float) if "weight" in found else None
    within = float((found["squares"] - found["total"] ** 2 / weight).clip(0).sum()) if weight is not None else 0.0
    cluster = found.get("cluster")
    if cluster is None and question.cluster:
        cluster = found[f"e{names.index(question.cluster)}"]
    made = Cells([found[f"e{i}"] for i in range(len(effects))], cluster, [found[name] for name in columns],
                 found["total"], weight, within)  # fmt: skip
    made.separated = held.rows - made.rows
    made = _informative(made, positive=positive)
    if not len(made.total):
        why = "its outcome is zero in every row of an effect" if made.separated else "every row is alone in its effect"
        raise Refusal(f"none of {held.rows:,} rows is left: {why}", expected="rows that differ within the effects",
                      remedy="take coarser effects, or another outcome")  # fmt: skip
    return made


def _numbered(levels: object) -> Table:
    import ibis
    import pyarrow as pa

    return ibis.memtable(levels.append_column("cluster", pa.array(numbers(levels.num_rows))))


def _informative(made: Cells, *, positive: bool) -> Cells:
    """Leave out rows that are alone in an effect and levels that are zero throughout, until none is left."""
    made.effects = [_renumbered(one) for one in made.effects]
    while len(made.total):
        alone, zero = np.zeros(len(made.total), bool), np.zeros(len(made.total), bool)
        for effect in made.effects:
            alone |= (np.bincount(effect, made.weight) == 1)[effect]
            if positive:
                zero |= (np.bincount(effect, made.total > 0) == 0)[effect]
        if not (alone | zero).any():
            return made
        weight = np.ones(len(made.total)) if made.weight is None else made.weight
        made.separated += int(weight[zero].sum())
        made.singletons += int(weight[alone & ~zero].sum())
        made = made.only(~(alone | zero))
    return made


@dataclass(frozen=True)
class Products:
    """Sums of products of demeaned columns, by cluster: all that a linear regression needs.

    Parameters
    ----------
    by_cluster
        Shape (G, p, p); G is 1 without clusters.
    spread
        Sum of squares of each column around its mean before the effects are taken out, shape (p,).
    rows, singletons
        Rows used, and rows left out because they are alone in their effect.
    """

    by_cluster: np.ndarray
    spread: np.ndarray
    rows: int
    singletons: int = 0


def products(rows: Table, question: Question, held: Facts, effects: list[Margin]) -> Products:
    """Take the effects out and sum the products by cluster, all in the engine: two passes over the rows.

    Exact for one effect, whatever its sizes, and for two whose levels meet exactly once each
    (:func:`helpers.exposure.at_scale_table.complete`): only then is the mean of a level of one effect free of the
    other's, so that one pass of ``value - mean by unit - mean by month + mean`` ends where turns without end would.

    Parameters
    ----------
    effects
        One, or two with the larger first.
    """
    p, unit = len(question.values), effects[0]
    kept = unit.rows > 1 if len(effects) == 1 and len(unit.rows) > 1 else np.ones(len(unit.rows), bool)
    count = int(unit.rows[kept].sum())
    if not count:
        raise Refusal(f"none of {held.rows:,} rows is left: every row is alone in its effect", remedy="take coarser "
                      "effects", expected="rows that differ within the effects")  # fmt: skip
    mean = unit.sums[:, kept].sum(axis=1) / count
    rows = rows.join(unit.table(kept, **{f"m0_{j}": unit.sums[j] / unit.rows for j in range(p)}), list(unit.names))
    reach = (unit.high - unit.low)[:, kept].max(axis=1, initial=0.0)  # no value is further from its unit's mean
    between = [(unit.rows * (unit.sums / unit.rows - mean[:, None]) ** 2)[:, kept].sum(axis=1)]
    for i, other in enumerate(effects[1:], start=1):
        moved = other.sums / other.rows - mean[:, None]
        rows = rows.join(other.table(**{f"m{i}_{j}": moved[j] for j in range(p)}), list(other.names))
        reach = reach + np.abs(moved).max(axis=1)
        between.append((other.rows * moved**2).sum(axis=1))
    left = {j: rows[f"v{j}"] - sum((rows[f"m{i}_{j}"] for i in range(1, len(effects))), rows[f"m0_{j}"])
            for j in range(p)}  # fmt: skip
    asked = rows.select(*(question.cluster or ()), **{f"d{j}": column for j, column in left.items()})
    pairs = [(j, k) for j in range(p) for k in range(j, p)]
    bound = reach * (1 + 2.0**-20)  # of rounding in the differences
    sums = {f"s{j}_{k}": whole_sum(asked[f"d{j}"] * asked[f"d{k}"], bound[j] * bound[k]) for j, k in pairs}
    by = list(question.cluster or ())
    if by:
        answer = asked.group_by(by).aggregate(**sums).to_pyarrow().sort_by([(name, "ascending") for name in by])
    else:
        answer = asked.aggregate(**sums).to_pyarrow()
    made = np.zeros((answer.num_rows, p, p))
    for j, k in pairs:
        made[:, j, k] = made[:, k, j] = answer[f"s{j}_{k}"].to_numpy()
    inside = made.sum(axis=0).diagonal()
    return Products(made, inside + sum(between), count, held.rows - count)
