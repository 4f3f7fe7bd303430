"""Regressions at scale are those of all rows: nothing that was taken together, sorted or shared out moves a digit."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import at_scale_panels as panels
import numpy as np
import pandas as pd
import pytest
from at_scale_panels import REGRESSORS, TRUTH, alike, balanced, factor, plain, table
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS
from linearmodels.panel import PanelOLS
from test_engine import spark_is_here

from helpers import engine, product_panel
from helpers.exposure import at_scale, at_scale_blocks
from helpers.exposure.at_scale_table import grid

AGREE = 1e-8
EFFECTS = {"none": [], "one": ["pair"], "two": ["pair", "month"], "three": ["pair", "month", "buyer"]}
pytestmark = pytest.mark.filterwarnings("ignore")  # of the other packages


def close(found: np.ndarray, expected: np.ndarray, within: float = AGREE) -> None:
    np.testing.assert_allclose(found, expected, rtol=within, atol=0)


@pytest.fixture
def in_blocks(monkeypatch):
    """Make the solver work on cells in many small blocks, even where the engine could do without."""
    monkeypatch.setattr(at_scale, "in_products", lambda effects: False)
    monkeypatch.setattr(at_scale_blocks, "CELLS", 128)


# Exactness: against all rows with a dummy for each level.


@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
@pytest.mark.parametrize("cluster", ["sector", "month"])
def test_ols_on_cells_is_ols_on_all_rows_with_its_clustered_errors(effects, cluster, in_blocks):
    rows = alike()
    fit = at_scale.ols(table(rows), "ln_value", REGRESSORS, effects, cluster)
    assert fit.way == "blocks" and fit.cells < fit.rows == len(rows)
    coefficients, errors = plain(rows, effects, cluster)
    groups = rows[cluster].nunique()
    size = {"sector": {0: 3, 1: 3, 2: 14, 3: 28}, "month": {0: 3, 1: 32, 2: 32, 3: 46}}[cluster][len(effects)]
    close(fit.coefficients, coefficients)
    close(fit.se, errors * factor(len(rows), size, groups))


@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
@pytest.mark.parametrize("cluster", ["sector", None])
def test_ppml_on_cells_is_ppml_on_all_rows_with_its_errors(effects, cluster, in_blocks):
    rows = alike()
    fit = at_scale.ppml(table(rows), "value", REGRESSORS, effects, cluster)
    assert fit.cells < fit.rows == len(rows)
    coefficients, errors = plain(rows, effects, cluster, poisson=True)
    close(fit.coefficients, coefficients)
    levels = [rows[effect].nunique() for effect in effects] or [1]
    if cluster:
        size = {0: 3, 1: 3, 2: 14, 3: 28}[len(effects)]
        close(fit.se, errors * factor(len(rows), size, 11))
    else:
        close(fit.se, errors * np.sqrt((len(rows) - 1) / (len(rows) - 2 - sum(levels) + len(levels) - 1)))


@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
def test_iv_on_cells_is_iv_on_all_rows(effects, in_blocks):
    rows = alike()
    fit = at_scale.iv(table(rows), "ln_value", ["tariff"], ["threat"], ["demand"], effects, "sector")
    exogenous = panels.dummies(rows, effects, ["demand"])
    plainly = IV2SLS(rows["ln_value"], exogenous, rows[["tariff"]], rows[["threat"]]).fit(
        cov_type="clustered", clusters=rows["sector"], debiased=False
    )
    close(fit.coefficients, plainly.params[["tariff", "exog.0"]])
    size = {0: 3, 1: 3, 2: 14, 3: 28}[len(effects)]
    close(fit.se, plainly.std_errors[["tariff", "exog.0"]] * factor(len(rows), size, 11))


@pytest.mark.parametrize("effects", [[], ["pair", "month"]])
def test_errors_of_independent_rows_get_back_what_cells_hide(effects, in_blocks):
    rows = alike()
    fit = at_scale.ols(table(rows), "ln_value", REGRESSORS, effects)
    assert fit.cells < fit.rows and fit.clusters == 0
    close(fit.se, plain(rows, effects, None)[1])


# Exactness: what the engine demeans.


def test_a_balanced_panel_is_demeaned_by_the_engine_as_linearmodels_does():
    rows = balanced()
    fit = at_scale.ols(table(rows), "ln_value", REGRESSORS, ["pair", "month"], "pair")
    assert fit.way == "products in the engine"
    indexed = rows.set_index(["pair", "month"])
    theirs = PanelOLS(indexed["ln_value"], indexed[REGRESSORS], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True
    )
    close(fit.coefficients, theirs.params)
    # Of the effects, linearmodels counts all; we, as fixest does, those that do not lie within clusters.
    n = len(rows)
    close(fit.se, theirs.std_errors * np.sqrt((n - 2 - 30 - 10 + 1) / (n - 2 - 10)))
    close(fit.se, plain(rows, ["pair", "month"], "pair")[1] * factor(n, 2 + 10, 30))


@pytest.mark.parametrize("estimate", ["ols", "iv"])
@pytest.mark.parametrize("cluster", ["pair", "sector", None])
@pytest.mark.parametrize("effects", [["pair"], ["pair", "month"]])
def test_products_in_the_engine_and_blocks_agree(estimate, cluster, effects, monkeypatch):
    rows = balanced() if len(effects) == 2 else alike(600)
    found = []
    for way in ("products in the engine", "blocks"):
        if way == "blocks":
            monkeypatch.setattr(at_scale, "in_products", lambda effects: False)
        if estimate == "ols":
            found.append(at_scale.ols(table(rows), "ln_value", REGRESSORS, effects, cluster))
        else:
            found.append(at_scale.iv(table(rows), "ln_value", ["tariff"], ["threat"], ["demand"], effects, cluster))
        assert found[-1].way == way
    close(found[0].coefficients, found[1].coefficients, 1e-10)
    close(found[0].se, found[1].se, 1e-10)


def test_a_panel_that_lacks_one_row_or_holds_one_twice_is_not_taken_for_balanced():
    rows = balanced()
    for changed in (rows.drop(index=7), pd.concat([rows, rows.iloc[[7]]]),
                    pd.concat([rows.drop(index=8), rows.iloc[[7]]])):  # fmt: skip
        fit = at_scale.ols(table(changed), "ln_value", REGRESSORS, ["pair", "month"], "pair")
        assert fit.way == "blocks"
        close(fit.coefficients, plain(changed, ["pair", "month"], "pair")[0])


@pytest.mark.parametrize("shift", [0, 1e6])
def test_a_level_far_from_zero_costs_no_digits(shift):
    rows = balanced()
    moved = rows.assign(demand=rows["demand"] + shift, ln_value=rows["ln_value"] + shift)
    fit = at_scale.ols(table(moved), "ln_value", REGRESSORS, ["pair", "month"], "pair")
    close(fit.coefficients, plain(rows, ["pair", "month"], "pair")[0], 1e-8)


# Two large effects: pyfixest, on the cells.


@pytest.mark.parametrize("cluster", ["sector", None])
def test_two_large_effects_are_taken_out_by_pyfixest_with_the_same_result(cluster, monkeypatch):
    rows, found = table(alike()), []
    for small in (300, 0):
        monkeypatch.setattr(at_scale, "SMALL", small)
        found.append(
            [
                at_scale.ols(rows, "ln_value", REGRESSORS, ["pair", "month"], cluster),
                at_scale.iv(rows, "ln_value", ["tariff"], ["threat"], ["demand"], ["pair", "month"], cluster),
                at_scale.ppml(rows, "value", REGRESSORS, ["pair", "month"], cluster),
            ]
        )
    for own, theirs in zip(*found, strict=True):
        assert (own.way, theirs.way) == ("blocks", "pyfixest") and own.cells == theirs.cells < own.rows
        close(own.coefficients, theirs.coefficients)
        close(own.se, theirs.se)


# Neither the order of rows nor the number of threads moves a digit.


@pytest.mark.parametrize("make", [alike, balanced])
def test_neither_order_nor_threads_move_a_digit(make, tmp_path, monkeypatch):
    monkeypatch.setattr(at_scale_blocks, "CELLS", 128)
    rows = make()
    rows["value"] *= np.exp(np.random.default_rng(0).normal(0, 4, len(rows)))  # sums of such are order's prey
    seen = set()
    for place, (seed, threads) in enumerate([(None, 1), (1, 2), (2, 1)]):
        file = tmp_path / f"{place}.parquet"
        (rows if seed is None else rows.sample(frac=1, random_state=seed)).to_parquet(file, row_group_size=256)
        for cluster in ("pair", "sector"):
            found = [
                at_scale.ols(file, "ln_value", REGRESSORS, ["pair", "month"], cluster, threads=threads),
                at_scale.iv(file, "ln_value", ["tariff"], ["threat"], ["demand"], ["pair"], cluster, threads=threads),
                at_scale.ppml(file, "value", REGRESSORS, ["pair", "month"], cluster, threads=threads),
            ]
            seen |= {(cluster, one.estimator, one.coefficients.tobytes(), one.se.tobytes()) for one in found}
    assert len(seen) == 6


@given(
    st.lists(st.floats(-1e12, 1e12).filter(lambda value: not 0 < abs(value) < 1e-200), min_size=1, max_size=40),
    st.randoms(),
)
def test_sums_on_the_grid_are_the_same_in_any_order_and_as_close_as_doubles(values, random):
    step = grid(max(abs(value) for value in values))
    whole = [round(value * step) for value in values]
    assert max(map(abs, whole)) <= 2**59 < 10**18
    random.shuffle(whole)
    bound = max(abs(value) for value in values)
    exact = sum(map(Fraction, values))
    assert abs(Fraction(sum(whole) / step) - exact) <= len(values) * bound * 2.0**-59 + abs(exact) / 2**53


# A known effect is found again.


def test_ppml_finds_a_known_effect_among_many_zeros():
    found, errors = [], []
    for seed in range(10):
        rows = balanced(150, 12, seed=seed, level=0.25)
        assert (rows["value"] == 0).mean() > 0.5
        fit = at_scale.ppml(table(rows), "value", REGRESSORS, ["pair", "month"], "pair")
        found.append(fit.coefficients)
        errors.append(fit.se)
    spread = np.std(found, axis=0, ddof=1)
    assert (np.abs(np.mean(found, axis=0) - TRUTH) < 3 * spread / np.sqrt(10)).all()
    assert (np.abs(np.mean(errors, axis=0) / spread - 1) < 0.6).all()
    covered = np.abs(np.array(found) - TRUTH) < 1.96 * np.array(errors)
    assert covered.mean() >= 0.8


def test_iv_finds_the_effect_that_ols_misses():
    rows = balanced(300, 14, seed=5)
    hidden = np.random.default_rng(6).normal(0, 0.4, len(rows))
    rows = rows.assign(tariff=rows["tariff"] + hidden, ln_value=rows["ln_value"] + TRUTH[0] * hidden + 2 * hidden)
    fits = [
        at_scale.ols(table(rows), "ln_value", REGRESSORS, ["pair", "month"], "pair"),
        at_scale.iv(table(rows), "ln_value", ["tariff"], ["threat"], ["demand"], ["pair", "month"], "pair"),
    ]
    away = [abs(fit.coefficients[0] - TRUTH[0]) / fit.se[0] for fit in fits]
    assert away[0] > 10 and away[1] < 3


# Every row is accounted for.


def test_what_is_left_out_is_counted_and_told_and_changes_nothing():
    rows = balanced(level=5)
    rows.loc[rows["pair"] < 3, "value"] = 0.0
    alone = rows.iloc[[100]].assign(pair=999, value=5.0)
    fit = at_scale.ppml(table(pd.concat([rows, alone])), "value", REGRESSORS, ["pair", "month"], "pair")
    assert (fit.separated, fit.singletons, fit.rows, fit.clusters) == (3 * 10, 1, 27 * 10, 27)
    assert fit.told() == (
        "PPML on 270 rows; errors clustered in 27 groups; 30 rows left out because their outcome is zero throughout "
        "an effect; 1 row left out because it is alone in an effect."
    )
    close(fit.coefficients, plain(rows[rows["pair"] >= 3], ["pair", "month"], None, poisson=True)[0])
    for effects in (["pair"], ["pair", "month"]):
        both = [at_scale.ols(table(one), "ln_value", REGRESSORS, effects, "pair")
                for one in (rows, pd.concat([rows, alone]))]  # fmt: skip
        assert both[1].singletons == 1 and both[0].rows == both[1].rows
        close(both[0].coefficients, both[1].coefficients, 1e-10)
        close(both[0].se, both[1].se, 1e-10)


def test_effects_may_be_sets_of_columns_and_texts_and_days():
    rows = alike().assign(period=lambda frame: pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["month"], unit="D"))
    rows = rows.assign(seller=rows["pair"].map("s{:02d}".format))
    plainly = at_scale.ppml(table(rows.assign(both=rows["seller"] + rows["buyer"])), "value", REGRESSORS,
                            ["both", "month"], "both")  # fmt: skip
    fit = at_scale.ppml(table(rows), "value", REGRESSORS, [("seller", "buyer"), "period"], ("seller", "buyer"))
    close(fit.coefficients, plainly.coefficients, 1e-12)
    close(fit.se, plainly.se, 1e-12)


def test_the_table_gives_intervals_of_the_t_distribution():
    fit = at_scale.ols(table(alike()), "ln_value", REGRESSORS, ["pair"], "sector")
    told = fit.table().set_index("name")
    assert fit.freedom == 10
    close((told["high"] - told["low"]) / told["se"], np.full(2, 2 * 2.2281388519), 1e-8)
    assert (told["p_value"] < 0.01).all()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(120, 400), st.sampled_from(list(EFFECTS.values())))
def test_any_small_panel_gives_what_dummies_give(seed, rows, effects):
    drawn = alike(rows, seed)
    drawn = drawn[drawn.groupby("pair")["value"].transform("sum") > 0]
    ols = at_scale.ols(table(drawn), "ln_value", REGRESSORS, effects, "pair")
    solved = np.linalg.lstsq(panels.dummies(drawn, effects), drawn["ln_value"], rcond=None)[0][:2]
    np.testing.assert_allclose(ols.coefficients, solved, rtol=1e-8, atol=1e-9)
    assert ols.rows + ols.singletons == len(drawn)


def test_the_page_on_scale_shows_a_call_that_works_and_every_column_of_a_panel(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")
    (tmp_path / "panel").mkdir()
    alike().to_parquet(tmp_path / "panel" / "rows.parquet")
    monkeypatch.chdir(tmp_path)
    exec(page.split("```python\n")[1].split("```")[0], {})
    assert capsys.readouterr().out.count("demand") == 1
    assert [name for name in product_panel.COLUMNS if f"`{name}`" not in page] == []


# The engine of others, and the benchmark in its quick form.


@pytest.mark.slow
def test_spark_gives_the_same_as_duckdb(tmp_path):
    spark_is_here()
    for rows in (alike(600), balanced(30, 10)):
        file = tmp_path / "rows.parquet"
        rows.to_parquet(file)
        found = []
        for name in ("duckdb", "spark"):
            with engine.connect(name) as backend:
                held = engine.parquet(backend, [file])
                found.append(
                    [
                        at_scale.ols(held, "ln_value", REGRESSORS, ["pair", "month"], "sector"),
                        at_scale.iv(held, "ln_value", ["tariff"], ["threat"], ["demand"], ["pair"], "pair"),
                        at_scale.ppml(held, "value", REGRESSORS, ["pair", "month"], "pair"),
                    ]
                )
        for one, other in zip(*found, strict=True):
            close(one.coefficients, other.coefficients, 1e-12)
            close(one.se, other.se, 1e-12)
            assert one.told() == other.told()


BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_fifty_thousand_rows_of_the_benchmark_agree_with_the_others(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delitem(sys.modules, "scale_fits", raising=False)
    import scale_fits

    file = tmp_path / "panel.parquet"
    assert scale_fits.generate(file, 50_000) == 50_016
    for kind in ("ols", "iv", "ppml"):
        coefficients, errors, rows, told = scale_fits.ours(kind, file)
        theirs = scale_fits.pyfixest(kind, file)
        close(coefficients, theirs[0])
        assert rows == theirs[2] and (kind != "ppml" or "zero throughout an effect" in told)
    close(scale_fits.ours("ols", file)[0], scale_fits.linearmodels("ols", file, absorbing=False)[0])
