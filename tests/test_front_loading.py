"""Front-loading: sums with their own errors, the same figures as the headline, and a world in which nothing was lost.

The flows of the invented worlds are made in this file.
"""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import counterfactual, coverage, destinations, excess, front_loading, study, trials
from helpers.counterfactual import Form
from helpers.mirror import sides as mirror
from helpers.stacks import Stack, stacks

NAIVE, LINEAR = Form("seasonal_naive", 22), Form("linear", 44)
WHEN = {"train_end": "2024-10", "month": "2026-05"}


@pytest.fixture(scope="module")
def flows():
    lumps = excess.all_lumps(ledger.cells())
    return destinations.flows(ledger.cells(), ledger.control_table(), "USD", lumps)


@pytest.fixture(scope="module")
def exporter():
    return {
        code: mirror.exporter_months(ledger.cells(), ledger.preferred_growth(), code)
        for code in front_loading.DESTINATIONS
    }


@pytest.fixture(scope="module")
def held(flows):
    return front_loading.all_trials(flows, NAIVE, "2024-10")


@pytest.fixture(scope="module")
def table(held, flows, exporter):
    return front_loading.estimates(held, flows, exporter, NAIVE, **WHEN)


def row(table, code, form, span, count="importer"):
    key = (table["destination_code"] == code) & (table["form"] == form) & (table["span"] == span)
    return table[key & (table["count"] == count)].iloc[0]


@pytest.mark.parametrize("form", [NAIVE, LINEAR], ids=str)
@pytest.mark.parametrize("window", ["W1", "W2", "W3"])
@pytest.mark.parametrize(("code", "name"), [("US", "plain"), ("US", "share of six origins"), ("AU", "share")])
def test_each_window_is_the_headline_estimate_again(flows, exporter, form, window, code, name):
    held = front_loading.all_trials(flows, form, "2024-10")
    found = row(front_loading.estimates(held, flows, exporter, form, **WHEN), code, name, window)
    other = flows[code].others.get(name)
    first, last = found["first_month"], found["last_month"]
    headline = counterfactual.estimate_gap(flows[code].value, other, form, "2024-10", first, last)
    assert found["gap_bn"] == pytest.approx(headline.gap, rel=1e-7)
    assert found["placebo_error_bn"] == pytest.approx(headline.placebo_error, rel=1e-9)
    assert (found["origins"], found["degrees_of_freedom"]) == (headline.origins, headline.degrees_of_freedom)
    assert (found["low_bn"], found["high_bn"]) == pytest.approx((headline.low, headline.high), rel=1e-7)
    assert found["p_value"] == pytest.approx(headline.p_value, rel=1e-6)
    assert found["mde80_bn"] == pytest.approx(headline.mde80, rel=1e-7)


def test_net_is_front_plus_windows_and_its_error_is_not_put_together_from_theirs(table):
    for code, name in (("US", "plain"), ("AU", "plain"), ("AU", "share")):
        added = 0.0
        for span in ("front", "W1", "W2", "W3"):
            added += row(table, code, name, span)["gap_bn"]
            if span != "front":
                net = row(table, code, name, f"front to {span}")
                assert net["gap_bn"] == pytest.approx(added, abs=1e-9)
                assert net["is_net"] and net["placebo_error_bn"] > net["error_if_independent_bn"]
    assert row(table, "US", "plain", "front to W3")["degrees_of_freedom"] == (103 + 16) // 17


def test_errors_of_a_drift_add_up_instead_of_cancelling():
    """Growing by the same tenth every year, the naive forecast errs alike everywhere: the sum's error is their sum."""
    months = pd.period_range("2012-01", "2025-11", freq="M")
    value = pd.Series(1.1 ** ((months.year - 2012) + 0.0 * months.month), index=months)
    held = trials.trials(stacks({("AU", "plain"): (value, None)})[0], NAIVE, "2024-10")
    spans = [held.rows("2024-11", "2025-03"), held.rows("2025-04", "2025-09")]
    roots = [np.sqrt(np.mean(held.gap(rows)[2] ** 2)) for rows in (*spans, np.concatenate(spans))]
    assert roots[2] == pytest.approx(roots[0] + roots[1], rel=0.02)
    assert roots[2] > 1.3 * np.hypot(roots[0], roots[1])


def test_goods_only_brought_forward_are_no_loss_net_and_look_like_one_gross():
    """T11, as the study runs it: goods bought early and not bought later, on top of a true loss; 400 flows."""
    found = study.judged(study._front_loading(400, 11))
    assert found["passes"].all(), found.to_string()
    gross = found.iloc[1]
    assert gross["value"] == pytest.approx(-1.0, abs=3 * gross["standard_error"])


def test_intervals_of_the_sum_cover_what_they_promise():
    """Nominal 95 % intervals of front plus W1 in three invented worlds, naive and linear; 300 flows each."""
    rows = coverage.calendar()
    for number, world in enumerate(coverage.WORLDS[1:4]):
        value = np.exp(coverage.draw(world, 0.06, rows, 300, np.random.default_rng([7, number])))
        for form in (NAIVE, LINEAR):
            held = trials.trials(Stack.on(rows, value), form, "2024-10")
            places = held.rows("2024-11", "2025-11")
            gap, _, placebo = held.gap(places)
            nu = held.degrees(places, 4)
            limit = counterfactual.stats.t.ppf(0.975, nu) * np.sqrt((placebo**2).mean(0))
            assert 0.90 <= (np.abs(gap) <= limit).mean() <= 0.995


def test_chinas_own_count_has_a_point_and_says_why_it_has_no_interval(table, exporter):
    found = row(table, "US", "plain", "W1", "exporter")
    months = exporter["US"]["value_bn"]
    before = pd.PeriodIndex([*pd.period_range("2024-04", "2024-10", freq="M"), pd.Period("2023-11", "M")])
    by_hand = months.reindex(pd.period_range("2025-04", "2025-11", freq="M")).sum() - months.reindex(before).sum()
    assert found["gap_bn"] == pytest.approx(by_hand)
    assert np.isnan([found["low_bn"], found["high_bn"], found["mde80_bn"], found["placebo_error_bn"]]).all()
    assert "no placebo origin" in found["reason"] and "1 months of the base follow" in found["reason"]
    assert (table.loc[(table["count"] == "exporter") & (table["destination_code"] == "AU"), "status"]
            == "accounting only").all()  # fmt: skip


def test_every_row_without_an_interval_says_why_and_no_key_repeats(table):
    without = table["status"] != "interval"
    assert (table.loc[without, "reason"].str.len() > 10).all()
    assert table.loc[without, ["low_bn", "high_bn", "p_value", "mde80_bn"]].isna().all().all()
    assert not table.duplicated(["destination_code", "count", "form", "span"]).any()


def test_a_share_whose_denominator_ends_early_is_not_cut_to_what_is_left(table):
    found = row(table, "US", "share", "W2")
    assert (found["status"], found["reason"]) == ("accounting only", "the flow or its denominator ends in 2025-12")
    assert row(table, "US", "share", "front to W1")["status"] == "interval"


def test_below_five_degrees_of_freedom_there_is_no_interval(flows, exporter):
    flows = {code: flows[code] for code in front_loading.DESTINATIONS}
    short = {code: destinations.Flow(**{**vars(flow), "value": flow.value.loc["2018-01":], "others": {}})
             for code, flow in flows.items()}  # fmt: skip
    held = front_loading.all_trials(short, NAIVE, "2024-10")
    found = row(front_loading.estimates(held, short, exporter, NAIVE, **WHEN), "US", "plain", "front to W3")
    assert found["degrees_of_freedom"] == 3 and np.isnan(found["low_bn"])
    assert found["reason"] == "interval not calibratable: 37 origins, 3 that do not overlap"


def test_gross_ratios_are_those_of_the_headline_and_no_ratio_stands_on_a_loss_within_variation(held, flows, table):
    found = front_loading.ratios(held, **WHEN).set_index(["form", "span"])
    results = excess.estimate_all(flows, ledger.quarters(), NAIVE, [NAIVE], **WHEN)
    headline = excess.ratios(results).set_index(["form", "window_id"])
    for form in ("plain", "share"):
        ours, theirs = found.loc[form, "W1"], headline.loc[form, "W1"]
        assert (ours["ratio"], ours["low"], ours["high"]) == pytest.approx(
            (theirs["ratio"], theirs["low"], theirs["high"])
        )
    for (form, span), line in found.iterrows():
        us = row(table, "US", form, span)
        if not us["high_bn"] < 0:
            assert np.isnan(line["ratio"]) and line["reading"].startswith("no ratio")


def test_without_months_between_training_and_tariffs_there_is_nothing_to_add():
    assert list(front_loading.spans_of("2025-03", "2026-05")) == ["W1", "W2", "W3"]
    assert list(front_loading.spans_of("2024-12", "2025-11")) == ["front", "W1", "front to W1"]


def test_the_same_input_gives_the_same_bytes(flows, exporter, table):
    held = front_loading.all_trials(flows, NAIVE, "2024-10")
    assert front_loading.estimates(held, flows, exporter, NAIVE, **WHEN).to_json() == table.to_json()
