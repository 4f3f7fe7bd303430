"""What cannot be estimated at scale is refused in one message that names it (all figures invented)."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from at_scale_panels import REGRESSORS, alike, balanced, table

from helpers.exposure import at_scale
from helpers.refusals import Refusal

EFFECTS = ["pair", "month"]


def estimates(rows, **changed):
    """Run OLS and PPML where nothing else is asked for."""
    asked = {"regressors": REGRESSORS, "effects": EFFECTS, "cluster": "pair"} | changed
    for estimate, outcome in ((at_scale.ols, "ln_value"), (at_scale.ppml, "value")):
        yield lambda estimate=estimate, outcome=outcome: estimate(table(rows), outcome, **asked)


def refused(rows, words: str, **changed) -> None:
    for estimate in estimates(rows, **changed):
        with pytest.raises(Refusal, match=words) as caught:
            estimate()
        assert "what to do" in str(caught.value)


MAKERS = pytest.mark.parametrize("make", [alike, balanced])


@MAKERS
def test_a_regressor_that_the_effects_absorb(make):
    rows = make()
    for absorbed in (rows["month"] ** 2.0 + rows["pair"], rows["pair"] * 0.0 + 1e6):
        refused(rows.assign(demand=absorbed), "demand: absorbed by the fixed effects")
    refused(rows.assign(demand=1.5), "demand: absorbed", effects=[])


@MAKERS
def test_a_regressor_that_others_add_up_to(make):
    rows = make()
    both = rows.assign(sum=rows["tariff"] + 2 * rows["demand"] + rows["pair"])
    refused(both, "sum: perfectly collinear", regressors=[*REGRESSORS, "sum"])


@MAKERS
def test_fewer_than_two_clusters(make):
    refused(make().assign(sector=1), "sector: 1 cluster", cluster="sector")


@MAKERS
@pytest.mark.parametrize("bad", [np.nan, -np.inf])
@pytest.mark.parametrize("column", ["tariff", "outcome"])
def test_a_value_that_is_missing_or_infinite(make, bad, column):
    rows = make()
    for name in ("ln_value", "value") if column == "outcome" else (column,):
        rows.loc[5, name] = bad
    refused(rows, "1 of .* rows are missing, infinite or not a number")


def test_a_row_without_a_pair():
    rows = alike().astype({"pair": "Int64"})
    rows.loc[[3, 4], "pair"] = None
    refused(rows, "pair: 2 of 1,500 rows are without a value")


def test_no_rows_and_no_regressors():
    refused(alike().iloc[:0], "no rows")
    refused(alike(), "no regressor is named", regressors=[])


def test_a_column_that_is_not_there_and_the_nearest():
    refused(alike(), 'no column tarif\n  expected: "tariff"', regressors=["tarif"])


def test_an_outcome_that_is_zero_throughout():
    rows = alike().assign(value=0.0)
    with pytest.raises(Refusal, match="none of 1,500 rows is left: its outcome is zero in every row"):
        at_scale.ppml(table(rows), "value", REGRESSORS, EFFECTS, "pair")


def test_a_negative_outcome():
    with pytest.raises(Refusal, match="value: the lowest value is -1"):
        at_scale.ppml(table(alike().assign(value=-1.0)), "value", REGRESSORS, EFFECTS, "pair")


def test_a_regressor_that_tells_zeros_without_fail():
    rows = alike()
    told = rows.assign(demand=(rows["value"] == 0) * 1.0)
    with pytest.raises(Refusal, match="demand: separation"):
        at_scale.ppml(table(told), "value", REGRESSORS, EFFECTS, "pair")


@pytest.mark.parametrize("effects", [["row"], ["row", "month"]])
def test_rows_that_are_all_alone(effects):
    refused(alike().assign(row=range(1_500)), "none of 1,500 rows is left", effects=effects, cluster="sector")


def test_more_parameters_than_rows():
    rows = balanced(2, 3).assign(third=np.arange(6.0) ** 2, fourth=np.arange(6.0) ** 3)
    with pytest.raises(Refusal, match="6 rows for|collinear|absorbed"):
        at_scale.ols(table(rows), "ln_value", [*REGRESSORS, "third", "fourth"], EFFECTS, "pair")


@MAKERS
def test_instruments_that_are_too_few_or_idle(make):
    rows = make()
    with pytest.raises(Refusal, match="0 instruments for 1 regressors"):
        at_scale.iv(table(rows), "ln_value", ["tariff"], [], ["demand"], EFFECTS, "pair")
    with pytest.raises(Refusal, match="threat: absorbed"):
        at_scale.iv(table(rows.assign(threat=rows["pair"])), "ln_value", ["tariff"], ["threat"], ["demand"], EFFECTS)
    with pytest.raises(Refusal, match="threat: perfectly collinear"):
        at_scale.iv(table(rows.assign(threat=rows["demand"])), "ln_value", ["tariff"], ["threat"], ["demand"], EFFECTS)


def test_a_path_that_leads_nowhere(tmp_path):
    with pytest.raises(Refusal, match="there is no such file"):
        at_scale.ols(tmp_path / "no.parquet", "ln_value", REGRESSORS)


def test_two_large_effects_without_pyfixest(monkeypatch):
    monkeypatch.setattr(at_scale, "SMALL", 0)
    monkeypatch.setitem(sys.modules, "pyfixest", None)
    refused(alike(), "30 and 12 levels: pyfixest is not installed\n  expected: the packages of the extra scale")


def test_what_pyfixest_would_drop_in_silence(monkeypatch):
    monkeypatch.setattr(at_scale, "SMALL", 0)
    refused(alike().assign(demand=lambda rows: rows["pair"] * 2.0), "demand: absorbed", effects=EFFECTS)
