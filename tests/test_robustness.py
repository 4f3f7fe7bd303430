"""The specification curve, its joint test, several series at once, and power: against plain loops and known answers."""

from __future__ import annotations

import itertools

import ledger
import numpy as np
import pandas as pd
import pytest
import robustness_reference as reference
from scipy import stats

from helpers import coverage, excess, robustness, spans, tables, trials
from helpers.counterfactual import REGRESSIONS, Form
from helpers.destinations import Flow

MONTH, TRAIN_END = "2026-05", "2024-10"
NUMBERS = ["gap_bn", "counterfactual_bn", "placebo_error_bn", "t_value", "p_value"]


@pytest.fixture(scope="module")
def flows():
    return ledger.flows()


@pytest.fixture(scope="module")
def headline(flows):
    table = excess.candidates(flows, TRAIN_END)
    return excess.form_of(table, "chosen", 0), excess.near_best(table)


@pytest.fixture(scope="module")
def results(flows, headline):
    return excess.estimate_all(flows, ledger.quarters(), *headline, train_end=TRAIN_END, month=MONTH)


@pytest.fixture(scope="module")
def curve(flows, headline):
    return curve_of(flows, headline[0])


def curve_of(flows, form=None, month=MONTH, **choices):
    form = form or Form("seasonal_naive", 22)
    return robustness.specification_curve(
        flows, ledger.control_table(), form, train_end=TRAIN_END, month=month, **choices
    )


def named(table):
    names = ["form", "currency", "trend", "training", "train_end", "covid"]
    return table.set_index(["destination_code", "window_id", *names])


def name_of(window, key):
    code, form, _, currency, trend, training, covid, _, end = key
    if trend.startswith("seasonal"):
        training, covid = "last years", False
    if (trend, training) == ("level", "22"):
        trend = "linear"  # two years leave no residual for the level to follow
    return code, window, form, currency, trend, training, end, "dummies" if covid else "as is"


def agree(curve, window, key, numbers):
    row = named(curve.table).loc[name_of(window, key)]
    assert row[["origins", "degrees_of_freedom"]].tolist() == [numbers["origins"], numbers["degrees_of_freedom"]], key
    for name in NUMBERS:
        assert row[name] == pytest.approx(numbers[name], rel=1e-10, nan_ok=True), (key, name)
    dates = curve.placebo[key[0], window].loc[row["spec_id"]].drop("now")
    plain = pd.Series(numbers["placebo"]).reindex(dates.index) * 100 / numbers["counterfactual_bn"]
    np.testing.assert_allclose(dates, plain, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("window", ["W1", "W2", "W3"])
def test_a_sample_of_the_curve_equals_the_plain_loop(curve, flows, window):
    random = np.random.default_rng(20251209)
    picked = {code: flows[code] for code in ("US", "AU", "EU", "NON_US")}
    seen = list(
        reference.feasible(picked, ledger.control_table(), MONTH, *spans.windows(MONTH)[window],
                           choose=lambda key: random.random() < 0.007)
    )  # fmt: skip
    assert len(seen) >= 10
    for key, numbers in seen:
        if np.isfinite(numbers["t_value"]) and key[0] not in excess.CALIBRATED:
            numbers = numbers | {"t_value": np.nan, "p_value": np.nan}
        agree(curve, window, key, numbers)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["US", "AU"])
def test_the_whole_curve_equals_the_plain_loop(curve, flows, code):
    found, distinct = reference.plain_loop({code: flows[code]}, ledger.control_table(), MONTH, *spans.WINDOWS["W1"])
    counts = curve.counts.set_index(["destination_code", "window_id"]).loc[code, "W1"]
    assert (counts["feasible"], counts["distinct"]) == (len(found), len(distinct))
    for key, numbers in distinct:
        agree(curve, "W1", key, numbers)


def test_distinct_specifications_are_as_many_as_an_enumeration_of_the_choices(curve):
    """Naive forms have no training or dummies to choose, level over two years is linear, the donut only bars ends."""
    forms = {"US": ("plain", "share", "share of six origins"), "AU": ("plain", "share")}
    currencies = {"US": ("USD", "CNY", "USD"), "AU": ("USD", "CNY", "AUD")}
    for code in forms:
        feasible, distinct = 0, set()
        for choice in itertools.product(
            forms[code], currencies[code], reference.TRENDS, reference.TRAININGS, (False, True), (0, 4), reference.ENDS
        ):
            form, currency, trend, training, covid, donut, end = choice
            if donut and end > "2024-10":
                continue
            feasible += 1
            distinct.add(name_of("W1", (code, form, "", currency, trend, training, covid, donut, end)))
        counts = curve.counts.set_index(["destination_code", "window_id"]).loc[code, "W1"]
        assert (counts["feasible"], counts["distinct"]) == (feasible, len(distinct))
        held = named(curve.table.query("destination_code == @code and window_id == 'W1'"))
        assert set(held.index) == distinct


def test_equal_rows_are_found_as_by_comparing_every_pair():
    random = np.random.default_rng(3)
    numbers = random.choice([1.0, 2.0, -3.0, np.nan], size=(60, 3)) * (1 + 1e-11 * random.normal(size=(60, 3)))
    kept = [
        not any(np.allclose(row, before, rtol=1e-9, atol=0, equal_nan=True) for before in numbers[:place])
        for place, row in enumerate(numbers)
    ]
    assert robustness.first_of_equals(numbers).tolist() == kept
    apart = np.array([[1.0], [1.0 + 1e-7]])
    assert robustness.first_of_equals(apart).all()


def test_the_headline_stands_in_the_curve_with_its_own_numbers(curve, results):
    marked = curve.table[curve.table["is_headline"]].set_index(["destination_code", "form", "window_id"])
    printed = results.excess[results.excess["status"] == "interval"]
    printed = printed.set_index(["destination_code", "form", "window_id"])
    assert set(printed.index) <= set(marked.index)
    for name in ["gap_bn", "counterfactual_bn", "placebo_error_bn", "t_value", "p_value", "gap_pct"]:
        np.testing.assert_allclose(marked.loc[printed.index, name], printed[name].astype(float), rtol=1e-9)
    assert (marked.loc[printed.index, "excludes_zero"] == (printed["low_bn"] * printed["high_bn"] > 0)).all()


def test_a_choice_keeps_its_name_when_the_report_moves_on(curve, flows):
    earlier = curve_of({"AU": flows["AU"]}, month="2025-11").table
    ids = [named(table.query("destination_code == 'AU' and window_id == 'W1'"))["spec_id"]
           for table in (earlier, curve.table)]  # fmt: skip
    pd.testing.assert_series_equal(*ids)
    assert not curve.table.duplicated(["destination_code", "window_id", "spec_id"]).any()


def test_money_of_several_currencies_meets_only_at_the_rate_of_the_window(curve):
    au = curve.table.query("destination_code == 'AU' and window_id == 'W2' and currency == 'AUD'").iloc[0]
    rate = ledger.control_table().query("series == 'usd_aud' and '2025-12' <= period <= '2026-02'")["value"].mean()
    assert au["gap_usd_bn"] == pytest.approx(au["gap_bn"] / rate, rel=1e-12)
    assert au["gap_pct"] == pytest.approx(100 * au["gap_bn"] / au["counterfactual_bn"], rel=1e-12)


def test_a_rate_that_never_moves_changes_no_percentage(flows):
    still = ledger.control_table().copy()
    still.loc[still["series"] == "usd_cny", "value"] = 7.0
    found = robustness.specification_curve(
        {"US": flows["US"]}, still, Form("linear", 44), train_end=TRAIN_END, month="2025-11", currencies=("USD", "CNY")
    )
    by_currency = found.table.pivot(
        index=["form", "trend", "training", "train_end", "covid"], columns="currency", values=["gap_pct", "gap_usd_bn"]
    )
    for name in ("gap_pct", "gap_usd_bn"):
        np.testing.assert_allclose(by_currency[name]["USD"], by_currency[name]["CNY"], rtol=1e-9)


def test_a_destination_without_enough_origins_gets_points_and_a_reason(curve):
    rest = curve.table[~curve.table["destination_code"].isin(excess.CALIBRATED)]
    assert rest[["t_value", "p_value", "low_pct", "high_pct"]].isna().all().all()
    assert rest["gap_pct"].notna().all() and rest["reason"].str.len().gt(10).all() and not rest["excludes_zero"].any()
    table = robustness.summary(curve).set_index(["destination_code", "window_id", "form"])
    assert table.loc[("EU", "W2", "all"), "specifications"] == 0
    assert "whole window" in table.loc[("EU", "W2", "all"), "reason"]


def test_the_summary_counts_what_stands_in_the_curve(curve):
    table = robustness.summary(curve).set_index(["destination_code", "window_id", "form"])
    held = curve.table.query("destination_code == 'US' and window_id == 'W1'")
    row = table.loc[("US", "W1", "all")]
    assert row["median_gap_pct"] == pytest.approx(held["gap_pct"].median())
    assert row["p5_gap_pct"] == pytest.approx(np.quantile(held["gap_pct"], 0.05))
    assert row["same_sign_pct"] == pytest.approx(100 * (held["gap_pct"] < 0).mean())
    assert row["clear_pct"] == pytest.approx(100 * (held["high_pct"] < 0).mean())
    straight = held[held["trend"] != "quadratic"]
    assert row["straight"] == len(straight) < len(held)
    assert row["clear_straight_pct"] == pytest.approx(100 * (straight["high_pct"] < 0).mean())
    assert table["reason"].notna().all() and row["reason"] == ""
    by_axis = robustness.axes(curve).query("destination_code == 'US' and window_id == 'W1'")
    trained = held[held["trend"].isin(REGRESSIONS)].groupby("training")["gap_pct"].median()
    spread = by_axis.loc[by_axis["axis"] == "training", "range_pp"]
    np.testing.assert_allclose(spread, trained.max() - trained.min())
    assert by_axis.set_index("axis")["range_pp"].idxmax() == row["widest_axis"]


def test_rounding_to_a_tenth_of_a_billion_moves_no_specification_beyond_its_band(flows):
    """Eight months, each rounded by 0.05 at most: 0.4 billion, the past included."""
    au = Flow("AU", "", flows["AU"].value, {}, "USD", "A", "")
    rounded = Flow("AU", "", flows["AU"].value.round(1), {}, "USD", "A", "")
    gaps = [
        named(curve_of({"AU": flow}, month="2025-11", currencies=("USD",)).table)["gap_bn"] for flow in (au, rounded)
    ]
    assert (gaps[0] - gaps[1]).abs().max() < 0.05 * 8


def test_the_same_input_gives_the_same_bytes(flows, results):
    def everything():
        found = curve_of({code: flows[code] for code in ("US", "EU")})
        tests, dates = robustness.joint_test(found, month=MONTH)
        tables = [found.table, found.counts, robustness.summary(found), robustness.axes(found), tests, dates]
        tables += [robustness.family(results), *robustness.detectable(results.excess)]
        return [table.to_json(double_precision=15) for table in tables]

    assert everything() == everything()


def months_of(logs, rows):
    """Spread periods over months: January and February get the same amount; one column per replicate."""
    value = pd.DataFrame(np.exp(logs), index=rows.index)
    january = value[value.index.month == 2]
    return pd.concat([value, january.set_axis(january.index - 1)]).sort_index()


def invented(world, repetitions, seed, effect=0.0):
    """Draw invented flows as long as the ledger's, one destination per replicate."""
    rows = coverage.calendar()
    logs = coverage.draw(world, 0.05, rows, repetitions, np.random.default_rng([seed, coverage.WORLDS.index(world)]))
    logs = logs + np.log1p(effect) * (rows.index >= pd.Period("2025-04", "M"))[:, None]
    value = months_of(logs, rows)
    return {f"D{n:03}": Flow(f"D{n:03}", "invented", value[n], {}, "USD", "A", "") for n in range(repetitions)}


def run_on(flows):
    found = curve_of(flows, month="2025-11", currencies=("USD",), calibrated=tuple(flows))
    return found, robustness.joint_test(found, month="2025-11", calibrated=tuple(flows))[0]


def hold_placebo_worlds(world, repetitions):
    """Without tariffs at most 8 % of joint tests and of pairs of series reject, within two Monte Carlo errors."""
    found, tests = run_on(invented(world, repetitions, seed=7))
    limit = 0.08 + 2 * np.sqrt(0.08 * 0.92 / repetitions)
    for statistic in ("median gap", "median t"):
        rows = tests[tests["statistic"] == statistic]
        assert len(rows) == repetitions and (rows["p_value"] <= 0.05).mean() <= limit, (world.name, statistic)
    assert (tests.loc[tests["statistic"] == "median gap", "p_value_t"] <= 0.05).mean() <= limit, world.name
    marked = found.table[found.table["is_headline"]].set_index("destination_code")["spec_id"]
    matrix = np.array([found.placebo[code, "W1"].loc[name] for code, name in marked.items()])
    pairs = [
        robustness.westfall_young(pair[:, -1], pair[:, :-1].T)[1] for pair in matrix.reshape(-1, 2, matrix.shape[1])
    ]
    assert (np.min(pairs, axis=1) <= 0.05).mean() <= 0.08 + 2 * np.sqrt(0.08 * 0.92 / len(pairs)), world.name


def test_placebo_data_without_tariffs_are_seldom_rejected():
    hold_placebo_worlds(coverage.WORLDS[2], 200)


@pytest.mark.slow
@pytest.mark.parametrize("world", coverage.WORLDS, ids=lambda world: world.name)
def test_placebo_data_without_tariffs_are_seldom_rejected_in_any_world(world):
    hold_placebo_worlds(world, 400)


def test_a_known_loss_is_found_by_the_whole_curve():
    found, tests = run_on(invented(coverage.WORLDS[0], 5, seed=1, effect=-0.3))
    table = robustness.summary(found)
    assert table.loc[table["form"] == "all", "median_gap_pct"].to_numpy() == pytest.approx([-30] * 5, abs=5)
    medians = tests[tests["statistic"].str.startswith("median")]
    np.testing.assert_allclose(medians["p_value"], medians["resolution"])


def test_the_rank_of_a_single_specification_is_the_rank_of_its_gap():
    gaps = pd.DataFrame([[1.0, -5.0, 2.0, 3.0, -1.0, *np.linspace(-0.9, 0.9, 60), 4.0]])
    gaps.columns = [*range(65), "now"]
    found = robustness.Curve(pd.DataFrame(), pd.DataFrame(), {("AU", "W1"): gaps})
    tests, dates = robustness.joint_test(found, month="2025-11")
    row = tests.set_index("statistic").loc["median gap"]
    assert row["p_value"] == pytest.approx(2 / 66)  # only -5 is as far from zero as 4
    assert row["dates_not_overlapping"] == (65 + 7) // 8
    assert tests.set_index("statistic").loc["median t", "p_value"] == pytest.approx(2 / 66)
    now = dates.set_index("first_month").loc["now"]
    assert now["median_t"] == pytest.approx(4 / np.sqrt(np.square(gaps.iloc[0, :-1]).mean()))


def test_dates_that_do_not_overlap_follow_the_rule_of_the_estimates(results):
    for row in results.excess[results.excess["status"] == "interval"].itertuples():
        assert trials.not_overlapping(row.origins, row.first_month, row.last_month) == row.degrees_of_freedom


def test_westfall_young_by_hand():
    """Over the root mean square of the others: first series 2.27 against .48, 1.08, .23; second .76, .76, .35, 2.31."""
    placebo = np.array([[1.0, -1.0], [-2.0, 0.5], [0.5, 2.0]])
    alone, adjusted = robustness.westfall_young(np.array([3.0, 1.0]), placebo)
    assert alone.tolist() == [1 / 4, 3 / 4]
    assert adjusted.tolist() == [2 / 4, 3 / 4]


def test_a_copy_of_a_series_costs_nothing_and_another_series_does():
    random = np.random.default_rng(5)
    placebo, gap = random.normal(size=(99, 1)), np.array([2.2])
    alone, same = robustness.westfall_young(gap, placebo)
    assert alone == same
    assert robustness.westfall_young(np.repeat(gap, 3), np.repeat(placebo, 3, axis=1))[1].tolist() == [*same] * 3
    noise = random.normal(size=(99, 8))
    wider = robustness.westfall_young(np.append(gap, np.zeros(8)), np.hstack([placebo, noise]))[1]
    assert wider[0] > same[0]


def test_the_family_holds_every_interval_and_adjusts_upwards(results):
    table = robustness.family(results)
    inside = (results.excess["status"] == "interval").sum()
    assert table["p_westfall_young"].notna().sum() == inside == table["p_holm"].notna().sum()
    assert (table["p_westfall_young"] >= table["p_rank"])[table["p_rank"].notna()].all()
    assert (table["p_holm"] >= table["p_value"] - 1e-15)[table["p_holm"].notna()].all()
    assert table.loc[table["p_rank"].isna(), "reason"].str.len().gt(10).all()
    w1 = results.excess.query("window_id == 'W1' and status == 'interval'")
    from statsmodels.stats.multitest import multipletests

    holm = multipletests(w1["p_value"].astype(float), method="holm")[1]
    np.testing.assert_allclose(table.query("window_id == 'W1'")["p_holm"].dropna(), holm)


def test_a_series_whose_placebo_errors_are_not_kept_is_not_adjusted(results):
    bare = excess.Results(results.excess, results.paths, results.placebo.query("destination_code == 'US'"))
    table = robustness.family(bare).query("destination_code == 'AU'")
    assert table["p_westfall_young"].isna().all() and table["reason"].str.startswith("not adjusted").all()


def test_tables_read_back_give_the_same(results):
    read = excess.Results(
        tables.check(results.excess, "excess"), results.paths, tables.check(results.placebo, "placebo_errors")
    )
    key = ["destination_code", "form", "window_id"]
    for one, other in (
        (robustness.family(results), robustness.family(read)),
        *zip(robustness.detectable(results.excess), robustness.detectable(read.excess), strict=True),
    ):
        by = key + (["effect_pct"] if "effect_pct" in one else [])
        numbers = [frame.set_index(by).sort_index().select_dtypes("number").astype(float) for frame in (one, other)]
        np.testing.assert_allclose(numbers[0], numbers[1][numbers[0].columns], rtol=1e-12)


def test_the_power_curve_passes_eighty_at_the_detectable_effect(results):
    effects, _ = robustness.detectable(results.excess)
    held = effects[effects["mde80_pct"].notna()]
    assert len(held) == (results.excess["status"] == "interval").sum()
    for row in held.itertuples():
        _, at = robustness.detectable(results.excess, grid=(row.mde80_exact_pct,))
        mine = at.set_index(["destination_code", "form", "window_id"]).loc[
            (row.destination_code, row.form, row.window_id)
        ]
        assert mine["power_pct"] == pytest.approx(80, abs=1e-6)
        assert mine["effect_bn"] == pytest.approx(row.mde80_exact_bn)
        assert robustness.power_of(row.mde80_pct / row.placebo_error_pct, row.degrees_of_freedom) == pytest.approx(
            0.8, abs=0.01
        )


def test_power_is_what_simulated_intervals_have():
    random = np.random.default_rng(11)
    t = (2.5 + random.normal(size=200_000)) / np.sqrt(random.chisquare(11, size=200_000) / 11)
    assert robustness.power_of(2.5, 11) == pytest.approx((np.abs(t) > stats.t.ppf(0.975, 11)).mean(), abs=0.005)
    assert robustness.power_of(0.0, 11) == pytest.approx(0.05)
