"""What the engine is asked of tens of millions of rows: counts, sums by effect, cells, products of what is demeaned.

Only Ibis expressions, so that DuckDB and Spark answer alike. Every sum is one of whole numbers: a value is put on a
grid of 2^-59 of the largest one of its column (finer than a double holds that one), so that neither the order of the
rows nor the number of threads moves a digit.

Shapes: N rows, p columns (the outcome first), L levels of an effect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helpers.refusals import Refusal, nearest

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Column, Table

WHOLE = "decimal(18, 0)"
BITS = 59  # of a grid: 2^59 < 10^18
WORD, WORDS = 32, 10  # levels a word of bits can mark, and words
EVERYWHERE = ("everywhere",)  # the one level of a regression without effects: its intercept


@dataclass(frozen=True)
class Question:
    """The columns of a regression.

    Parameters
    ----------
    values
        Names of p numeric columns, the outcome first.
    effects
        Fixed effects: each is the set of columns that tell its levels apart.
    cluster
        Columns that tell clusters apart, or none.
    """

    values: tuple[str, ...]
    effects: tuple[tuple[str, ...], ...]
    cluster: tuple[str, ...] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every column of an effect or of the clusters, once."""
        return tuple(dict.fromkeys(name for one in (*self.effects, self.cluster or ()) for name in one))


@dataclass(frozen=True)
class Facts:
    """Number of rows; mean-free bounds of each column: lowest, highest, largest in size. Shapes (p,)."""

    rows: int
    low: np.ndarray
    high: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """The largest absolute value of each column."""
        return np.maximum(np.abs(self.low), np.abs(self.high))


@dataclass
class Margin:
    """The levels of one effect, in order: rows, sums, lowest and highest value of each column.

    Parameters
    ----------
    names
        Columns that tell the levels apart.
    levels
        Those columns, L rows.
    rows
        Rows of each level, shape (L,).
    sums, low, high
        Shape (p, L), or those of the outcome alone and no sums.
    met
        Shape (L,): as large as ``rows`` if no level of the marked effect is met twice, smaller otherwise; None if no
        effect was marked.
    """

    names: tuple[str, ...]
    levels: pa.Table
    rows: np.ndarray
    sums: np.ndarray
    low: np.ndarray
    high: np.ndarray
    met: np.ndarray | None = None

    def table(self, kept: np.ndarray | None = None, **columns: np.ndarray) -> Table:
        """Return the levels with columns beside them as a table that an engine can join."""
        import ibis
        import pyarrow as pa

        made = self.levels
        for name, column in columns.items():
            made = made.append_column(name, pa.array(column))
        return ibis.memtable(made if kept is None else made.filter(pa.array(kept)))


def numbers(count: int) -> np.ndarray:
    """Return 0 to ``count`` - 1 in the smallest type: engines sort it faster."""
    return np.arange(count, dtype=np.int16 if count < 2**15 else np.int32 if count < 2**31 else np.int64)


def grid(bound: float) -> float:
    """Return the power of two that puts values up to ``bound`` in size on whole numbers below 2^59."""
    return 2.0 ** min(BITS - math.ceil(math.log2(bound)), 1_000) if bound > 0 else 1.0


def whole_sum(column: Column, bound: float) -> Column:
    """Return the sum of a column as one of whole numbers, rounded once at the end."""
    step = grid(bound)
    return (column * step).cast(WHOLE).sum().cast("float64") / step


def rows_of(table: Table, question: Question) -> Table:
    """Return the columns of a question and no others: ``v0``... as doubles, keys as they are.

    Raises
    ------
    Refusal
        If no regressor is named, or a column is not there.
    """
    import ibis

    if len(question.values) < 2:
        raise Refusal("no regressor is named", expected="one or more", remedy="name one", exit_code=2)
    for name in (*question.values, *question.keys):
        if name not in table.columns and (name,) != EVERYWHERE:
            raise Refusal(f"no column {name}", expected=nearest(name, table.columns), remedy="check the name")
    keys = {name: table[name] for name in question.keys if (name,) != EVERYWHERE}
    if EVERYWHERE in question.effects:
        keys[EVERYWHERE[0]] = ibis.literal(0)
    return table.select(**keys, **{f"v{j}": table[name].cast("float64") for j, name in enumerate(question.values)})


def facts(rows: Table, question: Question) -> Facts:
    """Count the rows and look at every value.

    Raises
    ------
    Refusal
        If there is no row, a key is missing, or a value is missing, infinite or not a number.
    """
    p = len(question.values)
    asked = {"rows": rows.count()} | {f"k{i}": rows[name].isnull().sum() for i, name in enumerate(question.keys)}
    for j in range(p):
        value = rows[f"v{j}"]
        asked |= {f"b{j}": (value.isnull() | value.isnan() | value.isinf()).sum(), f"l{j}": value.min(),
                  f"h{j}": value.max()}  # fmt: skip
    found = rows.aggregate(**asked).to_pyarrow().to_pylist()[0]
    if not found["rows"]:
        raise Refusal("the table has no rows", expected="rows to estimate from", remedy="check what was selected")
    for place, names in (("k", question.keys), ("b", question.values)):
        for i, name in enumerate(names):
            if found[f"{place}{i}"]:
                what = "without a value" if place == "k" else "missing, infinite or not a number"
                raise Refusal(f"{found[f'{place}{i}']:,} of {found['rows']:,} rows are {what}", column=name,
                              expected="a value in every row", remedy="leave those rows out, knowingly")  # fmt: skip
    return Facts(found["rows"], *(np.array([found[f"{side}{j}"] for j in range(p)], dtype=float) for side in "lh"))


def margins(rows: Table, question: Question, held: Facts, *, summed: bool) -> list[Margin]:
    """Return every effect's levels, and which are met by a small one among them: see :func:`once`."""
    found: dict[int, Margin] = {}
    small = None
    for place in reversed(range(len(question.effects))):
        found[place] = margin(rows, question.effects[place], held, small, summed=summed)
        if small is None and len(found[place].rows) <= WORD * WORDS:
            small = found[place]
    largest = max(found, key=lambda place: (len(found[place].rows), place))
    if len(found) > 1 and small is not None and found[largest].met is None and found[largest] is not small:
        found[largest] = margin(rows, question.effects[largest], held, small, summed=summed)
    return [found[place] for place in range(len(found))]


def margin(rows: Table, names: tuple[str, ...], held: Facts, marked: Margin | None, *, summed: bool) -> Margin:
    """Return the levels of one effect with the sums of every column.

    Parameters
    ----------
    marked
        An effect of at most 320 levels. Each of its levels is a power of two, and a level here adds up those it meets:
        the sum has as many bits as terms if, and only if, none is met twice.
    summed
        Whether every column is looked at, or only the outcome, and not summed.
    """
    words = 0
    if marked is not None:
        count = np.arange(len(marked.rows))
        words = int(count[-1]) // WORD + 1
        bits = {f"w{i}": np.where(count // WORD == i, np.left_shift(1, count % WORD), 0) for i in range(words)}
        rows = rows.join(marked.table(**bits), list(marked.names))
    p = len(held.low) if summed else 1
    asked = {"rows": rows.count()} | {f"w{i}": rows[f"w{i}"].sum().cast("int64") for i in range(words)}
    for j in range(p):
        value = rows[f"v{j}"]
        asked |= {f"l{j}": value.min(), f"h{j}": value.max()}
        if summed:
            asked[f"s{j}"] = whole_sum(value, held.size[j])
    answer = rows.group_by(list(names)).aggregate(**asked).to_pyarrow()
    answer = answer.sort_by([(name, "ascending") for name in names]).combine_chunks()
    low, high = (np.stack([answer[f"{side}{j}"].to_numpy() for j in range(p)]) for side in "lh")
    sums = np.stack([answer[f"s{j}"].to_numpy() for j in range(p)]) if summed else np.zeros((0, len(low[0])))
    met = sum(np.bitwise_count(answer[f"w{i}"].to_numpy()).astype(int) for i in range(words)) if words else None
    return Margin(names, answer.select(list(names)), answer["rows"].to_numpy(), sums, low, high, met)


def once(largest: Margin) -> bool:
    """Say whether no level of the largest effect meets a level of the marked one twice: every row is then a cell."""
    return largest.met is not None and bool((largest.met == largest.rows).all())


def complete(largest: Margin, effects: Sequence[Margin]) -> bool:
    """Say whether two effects meet exactly once each: a balanced panel."""
    other = next((one for one in effects if one is not largest), None)
    return len(effects) == 2 and once(largest) and bool((largest.rows == len(other.rows)).all())


def nested(rows: Table, effect: Margin, cluster: tuple[str, ...], effects: Sequence[Margin]) -> bool:
    """Say whether every level of an effect lies within one cluster; asked of the rows only where counts leave it open.

    Parameters
    ----------
    effects
        All of them: where the clusters are the levels of one, their number is known.
    """
    if set(cluster) <= set(effect.names):
        return True
    if any(set(one.names) == set(cluster) and len(one.rows) > len(effect.rows) for one in effects):
        return False
    both = list(dict.fromkeys((*effect.names, *cluster)))
    return rows.select(*both).distinct().count().to_pyarrow().as_py() == len(effect.rows)
