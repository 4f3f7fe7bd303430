"""The simulation repeats what the report does; its promises are held in ``test_study.py``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import counterfactual, coverage, fieller
from helpers.counterfactual import Form
from helpers.spans import WINDOWS


def test_the_study_is_the_same_twice():
    first, second = (coverage.coverage_of(coverage.WORLDS[3], 20) for _ in range(2))
    assert first == second


def as_months(logs, rows):
    """Spread the periods over months: January and February get the same amount."""
    value = pd.Series(np.exp(logs), index=rows.index)
    january = {period - 1: amount for period, amount in value.items() if period.month == 2}
    return pd.concat([value, pd.Series(january)]).sort_index()


@pytest.mark.parametrize("number", range(len(coverage.WORLDS)))
def test_the_study_repeats_what_the_report_does(number):
    """One replicate goes through the functions of the report: same form, same verdict on both gaps and the ratio."""
    world, rows = coverage.WORLDS[number], coverage.calendar()
    random = np.random.default_rng([number, number])
    flat = [coverage.draw(world, sd, rows, 1, random)[:, 0] for sd in coverage.NOISE_SD]
    after = rows.index >= pd.Period(WINDOWS["W1"][0], "M")
    hit = [as_months(logs + effect * after, rows) for logs, effect in zip(flat, coverage.EFFECT, strict=True)]
    truth = [(with_effect - as_months(logs, rows)).sum() for with_effect, logs in zip(hit, flat, strict=True)]
    span = (coverage.TRAIN_END, *WINDOWS["W1"])
    table = counterfactual.compare_forms({i: counterfactual.calendar_of(flow) for i, flow in enumerate(hit)}, *span)
    best = table[table["is_chosen"]].iloc[0]
    us, au = (counterfactual.estimate_gap(flow, None, Form(best["trend"], int(best["window"])), *span) for flow in hit)
    moments = fieller.second_moments(pd.DataFrame({"AU": au.placebo, "US": us.placebo}))
    shape, low, high = fieller.confidence_set(au.gap, us.gap, moments, us.degrees_of_freedom)
    between = low <= -truth[1] / truth[0] <= high
    found = coverage.coverage_of(world, 1, number)
    assert found["us_gap"] == float(us.low <= truth[0] <= us.high)
    assert found["au_gap"] == float(au.low <= truth[1] <= au.high)
    assert found["ratio"] == float(between if shape != "disjoint" else not between)
