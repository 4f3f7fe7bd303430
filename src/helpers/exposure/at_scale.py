"""Regressions on tens of millions of customs rows: OLS, IV and PPML with fixed effects and clustered errors.

The engine (DuckDB, or Spark behind Ibis) reads the rows, refuses what cannot be used, takes together what is alike and
sorts it; numpy solves. What is exact when:

- *Cells.* Rows that share regressors, instruments, effects and cluster are one cell. Weighted least squares on the
  means of cells gives the coefficients of the rows, and, since clusters are unions of cells, their scores and clustered
  errors; for errors of independent rows the sum of squares within cells is added back. Poisson regression sees a cell
  only through its sum and its number of rows, so coefficients, scores and curvature are those of the rows.
- *Products in the engine.* One effect of any shape, or two in a balanced panel, are taken out by the engine itself and
  nothing but products by cluster leaves it; OLS and IV need no more.
- *Blocks.* With two or more effects in any panel, balanced or not, the largest is taken out in closed form and the
  others, at most 300 levels in all (months, say), are solved for as dummies: exact, without turns.
- *Otherwise* (two large effects, such as product by month and partner by month) pyfixest does it on the cells.

But for pyfixest's share, neither the order of rows nor any number of threads moves a bit of a result. Products take
little memory whatever the number of rows; cells are held, sorted, some 60 bytes each with two regressors.

Shapes: N rows, K regressors, G clusters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from helpers import engine, systems
from helpers.exposure import at_scale_errors as errors
from helpers.exposure import at_scale_poisson as poisson
from helpers.exposure.at_scale_blocks import SMALL, Crew, solved, weighted
from helpers.exposure.at_scale_cells import Cells, cells, products
from helpers.exposure.at_scale_fit import Fit, of_cells
from helpers.exposure.at_scale_linear import by_cluster, from_blocks, from_products, squares_around_mean
from helpers.exposure.at_scale_table import (
    EVERYWHERE,
    Margin,
    Question,
    complete,
    facts,
    margins,
    nested,
    rows_of,
)  # fmt: skip
from helpers.refusals import Refusal

if TYPE_CHECKING:
    from ibis.expr.types import Table

Names = Sequence[str | tuple[str, ...]]


def ols(rows: Table | Path | str, outcome: str, regressors: Sequence[str], effects: Names = (),
        cluster: str | tuple[str, ...] | None = None, *, threads: int | None = None) -> Fit:  # fmt: skip
    """Regress an outcome on regressors with fixed effects, by least squares.

    Parameters
    ----------
    rows
        An Ibis table, or Parquet files (a path, or a pattern such as ``folder/*.parquet``) that DuckDB will read.
    outcome, regressors
        Columns of numbers.
    effects
        Each a column, or a tuple of columns that make a level together: ``[("product", "partner"), "month"]``. Without
        any there is an intercept.
    cluster
        A column or a tuple of columns; without one, errors are those of independent rows with one variance.
    threads
        Of DuckDB, if it is opened here, and of the solver; all processors if not given. Moves no digit.

    Returns
    -------
    Fit

    Raises
    ------
    Refusal
        No rows, a missing or infinite value, a regressor that is absorbed or collinear, fewer than two clusters, no
        row left, more parameters than rows; pyfixest needed and not there (exit code 4).
    """
    return _linear("OLS", rows, outcome, (), tuple(regressors), (), effects, cluster, threads)


def iv(rows: Table | Path | str, outcome: str, endogenous: Sequence[str], instruments: Sequence[str],
       exogenous: Sequence[str] = (), effects: Names = (), cluster: str | tuple[str, ...] | None = None, *,
       threads: int | None = None) -> Fit:  # fmt: skip
    """Regress an outcome on instrumented regressors with fixed effects, by two-stage least squares.

    Parameters and refusals are those of :func:`ols`; refused besides: fewer instruments than endogenous regressors, or
    instruments that do not move them. Weak instruments are not refused: see :mod:`helpers.exposure.instruments`.

    Returns
    -------
    Fit
        The endogenous regressors first.
    """
    if len(instruments) < len(endogenous):
        raise Refusal(f"{len(instruments)} instruments for {len(endogenous)} regressors", exit_code=2,
                      expected="at least as many instruments", remedy="name more instruments")  # fmt: skip
    return _linear("IV", rows, outcome, tuple(endogenous), tuple(exogenous), tuple(instruments), effects, cluster,
                   threads)  # fmt: skip


def ppml(rows: Table | Path | str, outcome: str, regressors: Sequence[str], effects: Names = (),
         cluster: str | tuple[str, ...] | None = None, *, threads: int | None = None) -> Fit:  # fmt: skip
    """Regress an outcome that may be zero on regressors with fixed effects, by Poisson pseudo maximum likelihood.

    Parameters and refusals are those of :func:`ols`; refused besides: a negative outcome, and a regressor that tells
    zeros from other outcomes without fail. Rows whose outcome is zero throughout an effect are left out and counted.
    Without ``cluster`` errors are those of a true Poisson variable: for customs values, cluster.
    """
    question = Question((outcome, *regressors), _effects(effects), _key(cluster))
    with _opened(rows, threads) as (table, crew_size):
        rows = rows_of(table, question)
        held = facts(rows, question)
        if held.low[0] < 0:
            raise Refusal(f"the lowest value is {held.low[0]:g}", column=outcome, expected="an outcome of zero or more",
                          remedy="take OLS, or another outcome")  # fmt: skip
        found = _ordered(margins(rows, question, held, summed=False))
        made = cells(rows, question, held, found, positive=True)
        inside = _nested(rows, found, question)
    _check_cells(made, question)
    if _small_levels(made) > SMALL:
        from helpers.exposure import at_scale_pyfixest

        return at_scale_pyfixest.solve("PPML", made, question, (0, len(regressors)), inside)
    with Crew(made, crew_size) as crew:
        deviation = _deviations(crew, made, tuple(regressors))
        top = poisson.maximum(crew, deviation, regressors)
        scores = by_cluster(crew, made, lambda block: poisson.scores(block, top), len(regressors))
    count = errors.parameters(len(regressors), [int(one.max()) + 1 for one in made.effects], inside)
    bread = np.linalg.inv(top.products)
    factor = errors.small_sample(made.rows, count, made.clusters)
    spread = errors.covariance(bread, scores, factor) if question.cluster else bread * factor
    return of_cells("PPML", tuple(regressors), top.coefficients, spread, made, count, top.steps)


def _linear(estimator: Literal["OLS", "IV"], given: Table | Path | str, outcome: str, endogenous: tuple[str, ...],
            exogenous: tuple[str, ...], instruments: tuple[str, ...], effects: Names,
            cluster: str | tuple[str, ...] | None, threads: int | None) -> Fit:  # fmt: skip
    question = Question((outcome, *endogenous, *exogenous, *instruments), _effects(effects), _key(cluster))
    sizes = len(endogenous), len(exogenous)
    with _opened(given, threads) as (table, crew_size):
        rows = rows_of(table, question)
        held = facts(rows, question)
        found = _ordered(margins(rows, question, held, summed=True))
        inside = _nested(rows, found, question)
        if in_products(found):
            made = products(rows, question, held, found)
            return from_products(estimator, made, question, sizes, found, inside)
        held_cells = cells(rows, question, held, found, positive=False)
    _check_cells(held_cells, question)
    if _small_levels(held_cells) > SMALL:
        from helpers.exposure import at_scale_pyfixest

        return at_scale_pyfixest.solve(estimator, held_cells, question, sizes, inside)
    with Crew(held_cells, crew_size) as crew:
        return from_blocks(estimator, crew, held_cells, question, sizes, inside)


@contextmanager
def _opened(given: Table | Path | str, threads: int | None) -> Iterator[tuple[Table, int]]:
    """Give the table of a path or the table itself, and the number of threads for the solver."""
    crew = threads or systems.processors()
    if not isinstance(given, str | Path):
        yield given, crew
        return
    files = [Path(given)] if Path(given).is_file() else sorted(Path(given).parent.glob(Path(given).name))
    if not files:
        raise Refusal("there is no such file", file=str(given), expected="Parquet files", remedy="check the path")
    with engine.connect() as backend:
        if threads:
            backend.raw_sql(f"set threads to {int(threads)}")
        yield engine.parquet(backend, files), crew


def in_products(effects: list[Margin]) -> bool:
    """Say whether the engine can take the effects out of OLS and IV exactly: one effect, or two in a balanced panel."""
    return len(effects) == 1 or complete(effects[0], effects)


def _key(names: str | tuple[str, ...] | None) -> tuple[str, ...] | None:
    return (names,) if isinstance(names, str) else tuple(names) if names else None


def _effects(effects: Names) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(_key(one) for one in effects)) or (EVERYWHERE,)


def _ordered(effects: list[Margin]) -> list[Margin]:
    """Put the largest effect first."""
    return sorted(effects, key=lambda one: -len(one.rows))


def _nested(rows: Table, effects: list[Margin], question: Question) -> list[bool]:
    return [bool(question.cluster) and nested(rows, one, question.cluster, effects) for one in effects]


def _small_levels(made: Cells) -> int:
    return sum(int(one.max()) + 1 for one in made.effects[1:])


def _check_cells(made: Cells, question: Question) -> None:
    if question.cluster:
        errors.check_clusters(made.clusters, question.cluster)


def _deviations(crew: Crew, made: Cells, names: tuple[str, ...]) -> np.ndarray:
    """Return the standard deviation of each regressor, shape (K,), once all are known to be told apart."""
    raw, sums, met = crew.total(lambda block: weighted(block, block.weight * np.ones(len(block.total)), block.columns))
    squares = squares_around_mean(crew, made)[1:]
    errors.check_told_apart(raw - sums.T @ solved(met, sums), squares, names)
    return np.sqrt(squares / made.rows)
