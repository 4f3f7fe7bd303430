"""Pre-trends and breaks at an unknown date: against statsmodels, the estimates themselves and invented worlds."""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from helpers import breaks, counterfactual, coverage, spans
from helpers.counterfactual import PERIODS_PER_YEAR, Form
from helpers.destinations import Flow
from helpers.refusals import Refusal

MONTH, TRAIN_END = "2026-05", "2024-10"
NAIVE = Form("seasonal_naive", 22)


@pytest.fixture(scope="module")
def flows():
    return ledger.flows()


@pytest.fixture(scope="module")
def table(flows):
    return breaks.breaks(flows)


def drawn(world, repetitions, seed, change=None):
    """Invented calendars to March 2025; ``change`` gives logs to add by period."""
    rows = coverage.calendar(last="2025-03")
    logs = coverage.draw(world, 0.05, rows, repetitions, np.random.default_rng([seed, coverage.WORLDS.index(world)]))
    if change is not None:
        logs = logs + change(rows.index.astype(str).to_numpy())[:, None]
    return [rows.assign(value=np.exp(path)) for path in logs.T]


def found_in(calendars, draws=99):
    rows = [breaks.find_break(one, np.random.default_rng(n), draws=draws) for n, one in enumerate(calendars)]
    return pd.DataFrame(rows)


def test_the_largest_f_is_the_largest_of_ordinary_f_tests(flows):
    calendar = counterfactual.calendar_of(flows["AU"].value).loc[:"2025-03"]
    months = calendar.index.astype(str).to_numpy()
    base = np.eye(11)[calendar["season"]]
    columns = [np.arange(len(months)), calendar["spill_days"], *(months == month for month in breaks.PULSES)]
    base = np.column_stack([base, *columns]).astype(float)
    values = {}
    for row in np.flatnonzero((months >= "2022-02") & (months <= "2024-12")):
        after = np.arange(len(months)) >= row
        wide = np.column_stack([base, after, after * (np.arange(len(months)) - row)])
        fitted = sm.OLS(np.log(calendar["value"]).to_numpy(), wide).fit()
        values[months[row]] = fitted.f_test(np.eye(wide.shape[1])[-2:]).fvalue, fitted.params[-2:]
    best = max(values, key=lambda month: values[month][0])
    found = breaks.find_break(calendar, np.random.default_rng(1), draws=19)
    assert found["break_month"] == best and found["f_value"] == pytest.approx(values[best][0], rel=1e-9)
    level, slope = values[best][1]
    assert found["level_change_pct"] == pytest.approx(100 * np.expm1(level), rel=1e-8)
    assert found["slope_change_pct_year"] == pytest.approx(100 * np.expm1(11 * slope), rel=1e-8)


def test_a_known_break_is_found_and_its_set_holds_it():
    def jump(months):
        return 0.2 * (months >= "2023-06")

    found = found_in(drawn(coverage.WORLDS[1], 30, seed=2, change=jump))
    assert (found["p_value"] <= 0.10).mean() >= 0.9
    inside = (found["set_first"] <= "2023-06") & ("2023-06" <= found["set_last"])
    assert inside.mean() >= 0.90 - 2 * np.sqrt(0.09 / 30)
    assert (found["break_month"] == "2023-06").mean() > 0.6 and found["set_share_pct"].median() < 40
    assert found["level_change_pct"].median() == pytest.approx(100 * np.expm1(0.2), abs=4)


def test_a_world_without_a_break_is_rejected_at_about_the_nominal_rate():
    found = found_in(drawn(coverage.WORLDS[1], 200, seed=3))
    assert 0.02 <= (found["p_value"] <= 0.10).mean() <= 0.10 + 2 * np.sqrt(0.09 / 200)
    assert found["set_share_pct"].mean() > 70  # no break, no date


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_worlds_in_which_shocks_fade_are_rejected_at_the_nominal_rate(number):
    found = found_in(drawn(coverage.WORLDS[number], 600, seed=4), draws=199)
    assert 0.05 <= (found["p_value"] <= 0.10).mean() <= 0.10 + 2 * np.sqrt(0.09 / 600)


def as_flow(calendar):
    value = calendar["value"]
    january = value[value.index.month == 2]
    value = pd.concat([value, january.set_axis(january.index - 1)]).sort_index()
    return Flow("AU", "invented", value, {}, "USD", "A", "")


def judged(month, sign=1.0):
    calendar = drawn(coverage.WORLDS[0], 1, seed=5, change=lambda months: sign * 0.3 * (months >= month))[0]
    return breaks.breaks({"AU": as_flow(calendar)}, draws=99).query("break_number == 1").iloc[0]


def test_only_an_upward_break_dated_before_november_2024_predates_the_tariffs():
    early, late, down = judged("2023-06"), judged("2024-12"), judged("2023-06", sign=-1.0)
    assert early["predates_tariffs"] and early["is_upward"]
    assert late["is_upward"] and late["p_value"] < 0.05 and not late["predates_tariffs"]
    assert not down["is_upward"] and not down["predates_tariffs"]


def test_the_second_break_is_found_once_the_first_is_in_the_path():
    def two(months):
        return -0.5 * (months >= "2022-05") + 0.25 * (months >= "2024-03")

    calendar = drawn(coverage.WORLDS[0], 1, seed=6, change=two)[0]
    found = breaks.breaks({"AU": as_flow(calendar)}, draws=99)
    assert found["break_month"].tolist() == ["2022-05", "2024-03"]
    assert found["is_upward"].tolist() == [False, True]


def test_every_flag_of_the_ledger_follows_from_its_row(table):
    tested = table[table["reason"] == ""]
    assert set(tested["destination_code"]) == {"US", "AU", "WORLD", "NON_US"}
    upward = (tested["shift_mean_pct"] > 0) & (tested["shift_end_pct"] > 0)
    predates = upward & (tested["p_value"] < 0.10) & (tested["set_last"] < "2024-11")
    assert (tested["is_upward"] == upward).all() and (tested["predates_tariffs"] == predates).all()
    assert ((tested["set_first"] <= tested["break_month"]) & (tested["break_month"] <= tested["set_last"])).all()
    rest = table[table["reason"] != ""]
    assert rest["destination_code"].tolist() == ["EU"] and rest["p_value"].isna().all()


def test_the_same_seed_gives_the_same_bytes_whoever_stands_beside(flows, table):
    again = breaks.breaks({code: flows[code] for code in ("AU", "US")})
    mine = table[table["destination_code"].isin(["US", "AU"])]
    key = ["destination_code", "form", "break_number"]
    texts = [one.set_index(key).sort_index().to_json(double_precision=15) for one in (mine, again[table.columns])]
    assert texts[0] == texts[1]
    other = breaks.breaks({"AU": flows["AU"]}, seed=1)
    assert not np.allclose(other["p_value"], again.loc[again["destination_code"] == "AU", "p_value"])


def test_nothing_after_march_2025_moves_a_break(flows, table):
    value = flows["AU"].value.copy()
    value.loc["2025-04":] *= 2
    changed = breaks.breaks({"AU": Flow("AU", "", value, {}, "USD", "A", "")})
    held = table.query("destination_code == 'AU' and form == 'plain'")
    assert changed["p_value"].tolist() == held["p_value"].tolist()


def test_the_bias_of_detrending_is_taken_off():
    """Persistence 0.8 under season and trend: the corrected coefficients lie nearer to it than least squares do."""
    rows = coverage.calendar(last="2025-03")
    base = np.linalg.qr(np.column_stack([np.eye(11)[rows["season"]], np.arange(len(rows))]))[0]
    random = np.random.default_rng(8)
    plain, corrected = [], []
    for one in drawn(coverage.WORLDS[2], 40, seed=7):
        errors = breaks.cleaned(np.log(one["value"].to_numpy()), base)
        plain.append(errors[1:] @ errors[:-1] / (errors[:-1] @ errors[:-1]))
        corrected.append(breaks.sieve_of(errors, base, random).lags.sum())
    assert abs(np.mean(corrected) - 0.8) < abs(np.mean(plain) - 0.8)


@pytest.mark.parametrize("form", [NAIVE, Form("linear", 55)], ids=str)
def test_the_pre_test_is_the_estimate_of_an_earlier_window(flows, form):
    tests, _ = breaks.pre_trends(flows, form, train_end=TRAIN_END, month=MONTH)
    assert set(tests["span"]) == {"year before", "between"} and len(tests) == 10
    for row in tests.itertuples():
        start = "2023-10" if row.span == "year before" else TRAIN_END
        pair = flows[row.destination_code].value, flows[row.destination_code].others.get(row.form)
        gap = counterfactual.estimate_gap(*pair, form, start, row.first_month, row.last_month)
        assert row.gap_bn == pytest.approx(gap.gap, rel=1e-8)
        assert row.placebo_error_pct == pytest.approx(100 * gap.placebo_error / gap.counterfactual, rel=1e-8)
        assert (row.origins, row.degrees_of_freedom) == (gap.origins, (gap.origins + 10) // 11)
        assert row.p_value == pytest.approx(2 * stats.t.sf(abs(row.t_value), row.degrees_of_freedom))


@pytest.mark.parametrize("form", [NAIVE, Form("linear", 44), Form("level", 55)], ids=str)
def test_a_path_that_goes_astray_is_recognised(form):
    """Nothing but seasons, trend and 2 % a period from November 2023 on: drift and gap of the year before say so."""
    rows = coverage.calendar(last=MONTH)
    months = rows.index.astype(str).to_numpy()
    growth = 0.0 if form == NAIVE else 0.004
    start = np.flatnonzero(months == "2023-10")[0]
    logs = growth * np.arange(len(rows)) + np.log1p(0.02) * np.maximum(0, np.arange(len(rows)) - start)
    # A little noise in the distant past, so that the placebo errors are not zero.
    logs[:30] += 0.05 * np.random.default_rng(9).normal(size=30)
    flow = as_flow(rows.assign(value=np.exp(logs)))
    found, _ = breaks.pre_trends({"US": flow, "AU": flow}, form, train_end=TRAIN_END, month=MONTH)
    before = found.set_index(["destination_code", "span"]).loc["AU", "year before"]
    # Duan's factor, which the drift leaves out, is below half a percent here.
    assert before["drift_pct_period"] == pytest.approx(2.0, abs=0.1)
    assert before["drift_gap_pct"] == pytest.approx(before["gap_pct"], abs=0.8)


def test_power_of_the_pre_test_is_that_of_its_drift(flows):
    tests, _ = breaks.pre_trends(flows, NAIVE, train_end=TRAIN_END, month=MONTH)
    for row in tests.itertuples():
        ratio = abs(row.drift_gap_pct) / row.placebo_error_pct
        limit = stats.t.ppf(0.975, row.degrees_of_freedom)
        chance = (
            1
            - stats.nct.cdf(limit, row.degrees_of_freedom, ratio)
            + stats.nct.cdf(-limit, row.degrees_of_freedom, ratio)
        )
        assert row.power_pct == pytest.approx(100 * chance, abs=1e-6)


def test_bounds_begin_with_the_interval_and_widen_by_the_largest_step(flows):
    _, bounds = breaks.pre_trends(flows, NAIVE, train_end=TRAIN_END, month=MONTH)
    held = bounds.set_index(["destination_code", "form", "window_id", "mbar"]).sort_index().loc["US", "share", "W1"]
    gap = counterfactual.estimate_gap(
        flows["US"].value, flows["US"].others["share"], NAIVE, TRAIN_END, *spans.WINDOWS["W1"]
    )
    scale = 100 / gap.counterfactual
    assert held.loc[0.0, ["low_pct", "high_pct"]].tolist() == pytest.approx([gap.low * scale, gap.high * scale])
    before = counterfactual.estimate_gap(
        flows["US"].value, flows["US"].others["share"], NAIVE, "2023-10", "2023-11", TRAIN_END
    )
    path = np.log(before.path["actual"] / before.path["counterfactual"]).dropna().to_numpy()[-PERIODS_PER_YEAR:]
    step = np.abs(np.diff(path)).max()
    size = gap.path["counterfactual"].to_numpy()[-8:]
    wide = scale * step * (size * np.arange(5, 13)).sum()
    assert held["high_pct"].to_numpy() == pytest.approx(gap.high * scale + np.array([0, 0.5, 1, 2]) * wide)
    assert held["breakdown_mbar"].to_numpy() == pytest.approx(np.repeat(-gap.high * scale / wide, 4))
    assert held["excludes_zero"].tolist() == [True, False, False, False]
    assert (bounds["low_pct"] >= -100).all()


def test_training_that_the_year_before_does_not_leave_is_refused(flows):
    with pytest.raises(Refusal, match="55 periods up to a year before 2017-06"):
        breaks.pre_trends(flows, Form("linear", 55), train_end="2017-06", month=MONTH)
    with pytest.raises(Refusal, match="not a January"):
        breaks.pre_trends(flows, NAIVE, train_end="2024-01", month=MONTH)
