"""Trials at earlier dates: the fast engine against the headline's own estimator, and what no trial may see."""

from __future__ import annotations

import itertools
from dataclasses import replace

import ledger
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import counterfactual, coverage, trials
from helpers.counterfactual import REGRESSIONS, Form
from helpers.refusals import Refusal
from helpers.stacks import Stack, pairs_of, stacks

NAIVE, LINEAR = Form("seasonal_naive", 22), Form("linear", 44)
END, MONTH = "2024-10", "2026-05"
WINDOWS = [("2025-04", "2025-11"), ("2026-03", "2026-05")]


def united_states(until=None) -> Stack:
    (stack,) = stacks({("US", "plain"): (ledger.flows()["US"].value.loc[:until], None)})
    return stack


def invented(last: str) -> Stack:
    rows = coverage.calendar(last=last)
    return Stack.on(rows, np.exp(coverage.draw(coverage.WORLDS[1], 0.05, rows, 2, np.random.default_rng(3))))


@pytest.mark.parametrize("trend", ["seasonal_naive", "seasonal_drift", *REGRESSIONS])
def test_the_engine_forecasts_as_the_counterfactual_does(trend):
    (stack,) = stacks(pairs_of({"US": ledger.flows()["US"]}, MONTH))
    end = stack.row("2025-03")
    for column, (_, name) in enumerate(stack.names):
        calendar = counterfactual.calendar_of(ledger.flows()["US"].value, ledger.flows()["US"].others.get(name)).loc[
            :MONTH
        ]
        logs = np.log(calendar["value"] / calendar["other"]).to_numpy()[:, None]
        for form in (Form(trend, window) for window in (22, 44, 55)):
            errors = trials.log_errors(stack, form, end, 9)[:, :, column]
            theirs = counterfactual.placebo_errors(calendar, logs, form, end + 9, 1, 9)[:, :, 0]
            np.testing.assert_allclose(errors[: len(theirs)], theirs, atol=1e-10, rtol=0)


def test_forecasts_go_on_where_a_series_has_ended_and_stop_with_the_calendar():
    stack = invented("2025-11")
    stack.value[-3:, 1] = np.nan
    size = len(stack.months)
    for form in (NAIVE, LINEAR):
        said = trials.log_forecasts(stack, form, size - 1, 5)
        errors = trials.log_errors(stack, form, size - 1, 5)
        origins = np.arange(form.needed - 1, size)[:, None]
        beyond = origins + np.arange(1, 6) >= size
        assert np.isnan(said[beyond]).all() and np.isfinite(said[..., 0][~beyond]).all()
        assert np.isfinite(said[size - 4 - origins[0, 0], :3, 1]).all()
        np.testing.assert_array_equal(np.isnan(errors[..., 0]), beyond)
        ended = beyond | (origins + np.arange(1, 6) >= size - 3)
        np.testing.assert_array_equal(np.isnan(errors[..., 1]), ended)


@pytest.mark.parametrize("form", [NAIVE, LINEAR], ids=str)
@pytest.mark.parametrize("window", WINDOWS)
def test_a_trial_gives_the_gap_and_the_placebo_errors_of_the_estimate(form, window):
    series = {
        ("US", "plain"): (ledger.flows()["US"].value, None),
        ("AU", "share"): (ledger.flows()["AU"].value, ledger.flows()["AU"].others["share"]),
    }
    (stack,) = stacks(series)
    held = trials.trials(stack, form, END)
    rows = held.rows(*window)
    for column, name in enumerate(stack.names):
        theirs = counterfactual.estimate_gap(*series[name], form, END, *window)
        gap, expected, placebo = held.gap_of(rows, column)
        nu = held.degrees(rows, trials.donut_of(END))
        assert (gap, expected) == pytest.approx((theirs.gap, theirs.counterfactual), abs=1e-8)
        assert nu == theirs.degrees_of_freedom
        assert list(held.origins[: len(placebo)]) == list(theirs.placebo.index)
        np.testing.assert_allclose(placebo, theirs.placebo, atol=1e-8)
        found = trials.judged(gap, placebo, nu, "bn")
        assert [found["low_bn"], found["high_bn"], found["mde80_bn"]] == pytest.approx(
            [theirs.low, theirs.high, theirs.mde80]
        )
        assert [found["t_value"], found["p_value"]] == pytest.approx([theirs.t_value, theirs.p_value])
        assert [found["placebo_error_bn"], found["origins"]] == pytest.approx([theirs.placebo_error, theirs.origins])
        assert found["reason"] == theirs.reason


def test_a_window_or_a_training_that_is_not_held_gives_nothing():
    stack = united_states("2019-09")
    assert not len(trials.trials(stack, NAIVE, "2018-06").rows("2019-01", "2019-10"))
    assert len(trials.trials(stack, NAIVE, "2018-06").rows("2018-07", "2018-12"))
    assert not trials.holds(stack, Form("linear", 88), "2018-06") and trials.holds(stack, NAIVE, "2018-06")
    assert not trials.holds(stack, NAIVE, "2019-09")
    held = trials.trials(united_states(), NAIVE, END)
    assert list(held.months[held.rows("2025-12", "2026-01")]) == ["2025-12"]


@pytest.mark.parametrize("end", ["2025-01", "2012-06", "2026-12"])
def test_an_end_of_training_that_the_series_does_not_hold_is_refused(end):
    with pytest.raises(Refusal, match="the series runs from 2012-02 to 2026-05"):
        trials.trials(united_states(MONTH), NAIVE, end)


def test_a_series_is_cut_at_its_own_end_and_refused_where_it_ends_with_training():
    value, other = ledger.flows()["AU"].value, ledger.flows()["AU"].others["share"]

    def held(last):
        pairs = {("AU", "plain"): (value, None), ("AU", "share"): (value, other.loc[:last])}
        return trials.by_name(stacks(pairs), NAIVE, END)

    found = held("2025-06")
    assert (found["AU", "plain"].months[-1], found["AU", "share"].months[-1]) == (str(value.index[-1]), "2025-06")
    assert not len(found["AU", "share"].rows("2025-04", "2025-11"))
    (alone,) = stacks({("AU", "share"): (value, other.loc[:"2025-06"])})
    alone = trials.trials(alone, NAIVE, END)
    rows = alone.rows("2025-04", "2025-06")
    for ours, theirs in zip(found["AU", "share"].gap(rows), alone.gap(rows), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(Refusal, match="ends before 2024-11"):
        held(END)


@pytest.mark.parametrize("form", [NAIVE, LINEAR], ids=str)
def test_no_trial_sees_a_month_after_the_end_of_training(form):
    """Whatever comes later: every admissible error of every sum is the same to the last digit."""
    stack = united_states()
    later = np.where(stack.months > END, 3.0, 1.0)[:, None]
    changed = replace(stack, value=stack.value * later)
    one, other = (trials.trials(held, form, END) for held in (stack, changed))
    for first, last in itertools.combinations_with_replacement(range(len(one.months)), 2):
        rows = np.arange(first, last + 1)
        errors = one.admissible(rows)
        assert len(errors) == len(one.origins) - last and np.isfinite(errors).all()
        np.testing.assert_array_equal(errors, other.admissible(rows))


def test_one_set_of_errors_serves_every_end_of_training():
    stack = invented("2025-11")
    ends = ("2024-10", "2025-03")
    shared = trials.log_errors(stack, LINEAR, stack.row(ends[1]), len(stack.months) - 1 - stack.row(ends[0]))
    for end in ends:
        one, other = trials.Trials.at(stack, LINEAR, stack.row(end), shared), trials.trials(stack, LINEAR, end)
        rows = one.rows("2025-04", "2025-11")
        for ours, theirs in zip(one.gap(rows), other.gap(rows), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_verdict_is_the_t_distribution_and_below_five_degrees_there_is_none():
    gap, error, nu = np.array([3.0, -1.0, 2.0]), np.array([1.0, 2.0, 0.5]), np.array([11, 5, 4])
    found = trials.verdict(gap, error, nu)
    limit = stats.t.ppf(0.975, nu[:2])
    np.testing.assert_allclose(found["low"][:2], gap[:2] - limit * error[:2])
    np.testing.assert_allclose(found["high"][:2], gap[:2] + limit * error[:2])
    np.testing.assert_allclose(found["p_value"][:2], 2 * stats.t.sf(np.abs(gap / error)[:2], nu[:2]))
    np.testing.assert_allclose(found["mde80"][:2], (limit + stats.t.ppf(0.8, nu[:2])) * error[:2])
    assert all(np.isnan(one[2]) for one in found.values())


def test_columns_are_named_by_the_unit_and_a_reason_stands_where_there_is_no_interval():
    placebo = np.array([1.0, -1.0, 1.0])
    found = trials.judged(2.0, placebo, 3, "pp")
    assert (found["gap_pp"], found["placebo_error_pp"], found["origins"]) == (2.0, 1.0, 3)
    assert found["reason"] == "interval not calibratable: 3 origins, 3 that do not overlap"
    assert np.isnan([found[key] for key in ("low_pp", "high_pp", "mde80_pp", "t_value", "p_value")]).all()
    row, none = trials.estimated(2.0, 10.0, placebo, 3), trials.nothing("why")
    assert (row["actual_bn"], row["gap_pct"], row["status"]) == (12.0, 20.0, "not calibratable")
    assert list(row) == list(none) and none["reason"] == "why"
    assert np.isnan(trials.judged(2.0, np.empty(0), 0, "bn")["placebo_error_bn"])


@pytest.mark.parametrize("window", WINDOWS)
def test_dates_that_do_not_overlap_are_the_degrees_of_freedom(window):
    held = trials.trials(united_states(), NAIVE, END)
    rows = held.rows(*window)
    count = len(held.admissible(rows))
    assert trials.not_overlapping(count, *window) == held.degrees(rows, trials.donut_of(END))


@pytest.mark.parametrize(
    ("month", "end", "base"),
    [("2025-10", "2024-10", "2024-10"), ("2025-11", "2024-10", "2023-11"), ("2026-03", "2024-10", "2024-03"),
     ("2024-10", "2024-10", "2024-10"), ("2026-12", "2024-10", "2023-12"), ("2025-02", "2024-12", "2024-02")],
)  # fmt: skip
def test_the_base_of_a_month_is_the_same_month_of_the_last_year_of_training(month, end, base):
    assert str(trials.base_months(pd.PeriodIndex([month], freq="M"), end)[0]) == base


def test_the_donut_lies_between_the_end_of_training_and_the_first_window():
    assert trials.donut_of("2024-10") == 4 and trials.donut_of("2025-03") == 0
    assert trials.donut_of("2018-06", "2018-07") == 0 and trials.donut_of("2018-12", "2019-04") == 2
