"""The counterfactual on the real ledger: reference figures, twins, adding up, the eleven periods, missing data."""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import counterfactual, destinations, excess, fieller, periods, rounding
from helpers.counterfactual import CANDIDATES, REGRESSIONS, Form
from helpers.refusals import Refusal

REFERENCE = Form("linear", 44)
W1 = ("2024-10", "2025-04", "2025-11")


def flow(reporter, form):
    """Return a flow and its denominator, all other origins, in USD billion."""
    value = ledger.monthly_usd(reporter, "CN")
    return value, None if form == "plain" else (ledger.monthly_usd(reporter, "WORLD") - value).dropna()


@pytest.mark.parametrize(
    ("reporter", "form", "gap", "error"),
    [("US", "plain", -90.1, 52), ("US", "share", -80, 32), ("AU", "plain", 6.23, 6.5), ("AU", "share", 8.1, 6.7)],
)
def test_the_reference_specification_gives_its_figures_within_three_percent(reporter, form, gap, error):
    found = counterfactual.estimate_gap(*flow(reporter, form), REFERENCE, *W1)
    assert found.gap == pytest.approx(gap, rel=0.03)
    assert found.placebo_error == pytest.approx(error, rel=0.03)
    assert (found.origins, found.degrees_of_freedom, found.donut) == (86, 11, 4)


def test_the_reference_share_form_of_the_us_has_the_reference_t():
    found = counterfactual.estimate_gap(*flow("US", "share"), REFERENCE, *W1)
    assert found.t_value == pytest.approx(-2.5, abs=0.05)
    assert found.mde80 == pytest.approx(98, rel=0.03)


@pytest.mark.parametrize("form", [form for form in CANDIDATES if form.trend in REGRESSIONS], ids=str)
def test_numpy_and_statsmodels_agree_at_every_origin(form):
    calendar = counterfactual.calendar_of(*flow("US", "share"))
    logs = np.log(calendar["value"] / calendar["other"]).to_numpy()[:, None]
    for origin in range(form.window - 1, len(calendar) - 13):
        future = np.arange(origin + 5, origin + 13)
        ours = counterfactual.forecast(calendar, logs, form, origin, future)[:, 0]
        theirs, _ = counterfactual.fit_with_statsmodels(calendar, form, origin, future)
        np.testing.assert_allclose(ours, theirs, atol=1e-8, rtol=0)


def test_a_wandering_holiday_changes_no_gap():
    """A tenth of January's trade moved into February, as the holiday does, leaves every gap where it was."""
    value, _ = flow("US", "plain")
    moved = value.copy()
    for period in value.index[value.index.month == 1]:
        if period + 1 in moved.index:
            moved[period] -= 0.1 * value[period]
            moved[period + 1] += 0.1 * value[period]
    before = counterfactual.estimate_gap(value, None, REFERENCE, *W1).gap
    after = counterfactual.estimate_gap(moved, None, REFERENCE, *W1).gap
    assert after == pytest.approx(before, rel=0.005)


@pytest.mark.parametrize("form", CANDIDATES, ids=lambda form: f"{form.trend} {form.window}")
def test_rounding_to_a_tenth_of_a_billion_stays_inside_its_band(form):
    value, _ = flow("AU", "plain")
    exact = counterfactual.estimate_gap(value, None, form, *W1)
    rounded = counterfactual.estimate_gap(value.round(1), None, form, *W1)
    band = rounding.rounding_band(counterfactual.calendar_of(value.round(1)), form, *W1, 0.05)
    assert 0 < abs(rounded.gap - exact.gap) < band
    assert band > 0.05 * exact.path.loc["2025-04":"2025-11", "weight"].sum()


def test_the_band_of_repeating_a_year_is_half_a_unit_for_both_of_its_years():
    value, _ = flow("AU", "plain")
    band = rounding.rounding_band(counterfactual.calendar_of(value), Form("seasonal_naive", 22), *W1, 0.05)
    assert band == pytest.approx(0.05 * 8 * 2)


def test_the_worst_rounding_comes_near_the_band_and_a_coarser_print_widens_it():
    """The band is no more than what all months off in the direction that hurts would do."""
    value, _ = flow("AU", "plain")
    calendar, wide = counterfactual.calendar_of(value), 0.05
    band = rounding.rounding_band(calendar, REFERENCE, *W1, wide)
    base, worst = counterfactual.estimate_gap(value, None, REFERENCE, *W1).gap, value.copy()
    for month in value.index[value.index <= "2025-11"]:
        moved = value.copy()
        moved[month] += wide
        worst[month] += wide * np.sign(counterfactual.estimate_gap(moved, None, REFERENCE, *W1).gap - base)
    shift = counterfactual.estimate_gap(worst, None, REFERENCE, *W1).gap - base
    assert shift == pytest.approx(band, rel=0.02)
    assert rounding.rounding_band(calendar, REFERENCE, *W1, 0.5) > 9 * band


def test_the_same_input_gives_the_same_bytes():
    results = [estimated("USD")[0].excess.to_json() for _ in range(2)]
    assert results[0] == results[1]


def test_a_missing_month_is_refused_and_never_interpolated():
    value, _ = flow("US", "plain")
    with pytest.raises(Refusal, match="skips a period after 2023-06"):
        counterfactual.estimate_gap(value.drop(pd.Period("2023-07", "M")), None, REFERENCE, *W1)


def test_a_window_that_the_data_do_not_reach_is_refused_and_not_cut():
    value, other = flow("US", "share")
    with pytest.raises(Refusal, match="whole window 2025-04 to 2025-11"):
        counterfactual.estimate_gap(value.loc[:"2025-08"], None, REFERENCE, *W1)
    with pytest.raises(Refusal, match="whole window 2025-12 to 2026-02"):
        counterfactual.estimate_gap(value, other.loc[:"2025-12"], REFERENCE, "2024-10", "2025-12", "2026-02")


def test_a_window_cut_at_january_ends_with_december():
    value, _ = flow("US", "plain")
    cut, whole = (
        counterfactual.estimate_gap(value.loc[:last], None, REFERENCE, "2024-10", "2025-12", last)
        for last in ("2026-01", "2025-12")
    )
    assert cut.gap == whole.gap


@pytest.mark.parametrize(("train_end", "first"), [("2025-01", "2025-04"), ("2024-10", "2024-06")])
def test_an_end_of_training_that_is_no_period_or_lies_in_the_window_is_refused(train_end, first):
    value, _ = flow("US", "plain")
    calendar = counterfactual.calendar_of(value)
    with pytest.raises(Refusal, match="runs from"):
        counterfactual.estimate_gap(value, None, REFERENCE, train_end, first, "2025-11")
    with pytest.raises(Refusal, match="runs from"):
        counterfactual.compare_forms({"US": calendar}, train_end, first, "2025-11")
    with pytest.raises(Refusal, match="runs from"):
        counterfactual.point_gaps(calendar, train_end, first, "2025-11")


def test_a_month_without_trade_is_refused_because_it_has_no_logarithm():
    value, _ = flow("US", "plain")
    value = value.copy()
    value[pd.Period("2019-06", "M")] = 0.0
    with pytest.raises(Refusal, match="1 periods are not above zero, first 2019-06"):
        counterfactual.estimate_gap(value, None, REFERENCE, *W1)


def test_half_of_january_and_february_is_not_a_period():
    value, _ = flow("US", "plain")
    calendar = periods.eleven_periods(value.loc[:"2026-01"])
    assert str(calendar.index[-1]) == "2025-12"


def test_a_series_that_is_too_short_says_so():
    value, _ = flow("US", "plain")
    with pytest.raises(Refusal, match="runs from"):
        counterfactual.estimate_gap(value.loc["2022-01":], None, REFERENCE, *W1)


def test_below_five_degrees_of_freedom_there_is_no_interval():
    value, _ = flow("US", "plain")
    found = counterfactual.estimate_gap(value.loc["2017-01":], None, REFERENCE, *W1)
    assert (found.origins, found.degrees_of_freedom, found.calibrated) == (31, 4, False)
    assert np.isnan([found.low, found.high, found.t_value, found.p_value, found.mde80]).all()
    assert "not calibratable: 31 origins" in found.reason


def test_later_windows_do_not_get_more_degrees_of_freedom_than_their_distance_allows():
    first = counterfactual.degrees_of_freedom(86, 8, 5, 4)
    third = counterfactual.degrees_of_freedom(81, 3, 15, 4)
    assert (first, third) == (11, 7)


def test_no_placebo_sees_a_month_after_the_end_of_training():
    value, _ = flow("US", "plain")
    after = value.index > pd.Period("2024-10", "M")
    found = counterfactual.estimate_gap(value, None, REFERENCE, *W1)
    other = counterfactual.estimate_gap(value.where(~after, value * 3), None, REFERENCE, *W1)
    np.testing.assert_allclose(found.placebo, other.placebo)


def test_the_choice_of_the_form_sees_nothing_after_the_end_of_training():
    calendar = counterfactual.calendar_of(*flow("US", "plain"))
    changed = calendar.copy()
    changed.loc[changed.index > pd.Period("2024-10", "M"), "value"] *= 3
    tables = [counterfactual.compare_forms({"US": c}, *W1) for c in (calendar, changed)]
    pd.testing.assert_frame_equal(*tables)


def test_candidates_are_compared_on_the_same_origins_with_the_naive_among_them():
    table = counterfactual.compare_forms({"US": counterfactual.calendar_of(*flow("US", "plain"))}, *W1)
    assert table["origins"].nunique() == 1
    assert table.loc[table["trend"] == "seasonal_naive", "ratio_to_naive"].tolist() == [1.0]
    assert table["is_chosen"].sum() == 1


@pytest.mark.parametrize(
    ("gap", "loss", "omega", "shape"),
    [
        (30.0, -96.0, [[196.0, 0.0], [0.0, 81.0]], "bounded"),
        (20.0, -5.0, [[196.0, 0.0], [0.0, 81.0]], "unbounded"),
        (90.0, -5.0, [[196.0, 0.0], [0.0, 81.0]], "disjoint"),
    ],
)
def test_the_ratio_set_in_closed_form_equals_the_set_found_by_trying(gap, loss, omega, shape):
    found, low, high = fieller.confidence_set(gap, loss, np.array(omega), 11)
    assert found == shape
    tries = np.linspace(-60, 60, 240001)
    omega = np.array(omega)
    spread = np.sqrt(omega[0, 0] + 2 * tries * omega[0, 1] + tries**2 * omega[1, 1])
    inside = np.abs(gap + tries * loss) <= counterfactual.stats.t.ppf(0.975, 11) * spread
    if shape == "bounded":
        assert (tries[inside].min(), tries[inside].max()) == pytest.approx((low, high), abs=1e-3)
    elif shape == "unbounded":
        assert inside.all()
    else:
        assert (tries[~inside].min(), tries[~inside].max()) == pytest.approx((low, high), abs=1e-3)


def test_the_ratio_estimate_is_inside_its_set_whatever_the_errors():
    random = np.random.default_rng(20251209)
    shapes = set()
    for _ in range(300):
        gap, loss = random.normal(scale=[30, 60])
        root = random.normal(scale=15, size=(2, 2)) * random.choice([0.0, 1.0, 3.0])
        shape, low, high = fieller.confidence_set(gap, loss, root @ root.T, 7)
        shapes.add(shape)
        point, slack = -gap / loss, 1e-9 * (1 + abs(gap / loss))
        inside = low - slack <= point <= high + slack
        assert inside if shape != "disjoint" else not low < point < high
    assert shapes == {"bounded", "unbounded", "disjoint"}


@pytest.mark.parametrize(("first", "last"), [("2025-04", "2025-11"), ("2025-12", "2026-02")])
def test_ratios_on_a_full_partition_add_up_to_the_total(first, last):
    """China and the other origins make up Australia's imports, in windows with and without a two-month period."""
    parts = {"CN": ledger.monthly_usd("AU", "CN"), "REST": flow("AU", "share")[1]}
    found = {
        name: counterfactual.estimate_gap(value, None, REFERENCE, "2024-10", first, last)
        for name, value in parts.items()
    }
    loss = counterfactual.estimate_gap(ledger.monthly_usd("US", "CN"), None, REFERENCE, "2024-10", first, last).gap
    imports = ledger.monthly_usd("AU", "WORLD").loc[first:last].sum()
    total = imports - sum(part.counterfactual for part in found.values())
    shares = [-part.gap / loss for part in found.values()]
    assert sum(shares) == pytest.approx(-total / loss, abs=1e-9)


def estimated(currency, month="2026-05"):
    """Estimate everything with the form that the ledger chooses."""
    lumps = excess.all_lumps(ledger.cells())
    flows = destinations.flows(ledger.cells(), ledger.control_table(), currency, lumps)
    table = excess.candidates(destinations.flows(ledger.cells(), ledger.control_table(), "USD", lumps), "2024-10")
    form = excess.form_of(table, "chosen", 0)
    results = excess.estimate_all(
        flows, ledger.quarters(), form, excess.near_best(table), train_end="2024-10", month=month
    )
    return results, table, form


@pytest.fixture(scope="module")
def dollars():
    return estimated("USD")


def test_who_gets_an_interval_and_who_does_not(dollars):
    results, _, _ = dollars
    w1 = results.excess[results.excess["window_id"] == "W1"].set_index(["destination_code", "form"])["status"]
    assert w1.to_dict() == {
        ("US", "plain"): "interval", ("US", "share"): "interval", ("US", "share of six origins"): "interval",
        ("AU", "plain"): "interval", ("AU", "share"): "interval", ("EU", "range"): "range",
        ("ASEAN", "range"): "range", ("NON_US", "plain"): "not informative", ("WORLD", "plain"): "not informative",
    }  # fmt: skip


def test_every_row_without_an_interval_says_why(dollars):
    rows = dollars[0].excess
    assert (rows.loc[rows["status"] != "interval", "reason"].str.len() > 10).all()
    assert rows.loc[rows["status"] != "interval", ["low_bn", "high_bn", "mde80_bn"]].isna().all().all()
    assert rows.loc[rows["status"] == "interval", "mde80_bn"].gt(0).all()


def test_a_window_the_user_sets_leaves_only_trends_of_that_window(dollars):
    _, table, _ = dollars
    assert excess.form_of(table, "chosen", 33).window == 33
    assert excess.form_of(table, "linear", 44) == REFERENCE
    with pytest.raises(Refusal, match="no form has"):
        excess.form_of(table, "seasonal_naive", 44)


def test_yuan_change_the_amounts_and_not_the_form(dollars):
    yuan, _, form = estimated("CNY", month="2025-11")
    assert form == dollars[2]
    us = yuan.excess.query("destination_code == 'US' and form == 'plain'").iloc[0]
    assert us["currency"] == "CNY" and us["gap_bn"] < -500


def test_the_lumps_named_by_the_offices_are_found_by_rule():
    found = excess.all_lumps(ledger.cells())
    keys = set(found[["reporter_code", "partner_code", "period"]].itertuples(index=False, name=None))
    assert {("AU", "KR", "2017-07"), ("AU", "PH", "2025-02"), ("AU", "TW", "2026-03")} <= keys
    assert all(code != "CN" for _, code, _ in keys)


def test_no_ratio_is_asked_where_the_us_loss_does_not_stand_out(dollars):
    ratios = excess.ratios(dollars[0])
    rows = dollars[0].excess.set_index(["destination_code", "form", "window_id"])
    for row in ratios.itertuples(index=False):
        us = rows.loc[("US", row.form, row.window_id)]
        if not (us["status"] == "interval" and us["high_bn"] < 0):
            assert row.shape == "none" and np.isnan(row.ratio)


def test_march_waits_for_january_and_february_and_no_estimate_is_refused_meanwhile():
    """China's customs print the two as one figure; the months come weeks after March."""
    cells = ledger.cells()
    mine = (cells["reporter_code"] == "CN") & (cells["partner_code"] == "WORLD") & (cells["period_kind"] == "month")
    for missing, last in ((["2026-01", "2026-02"], "2025-12"), (["2026-02"], "2026-01")):
        held = cells[~(mine & cells["period"].isin(missing))]
        flows = destinations.flows(held, ledger.control_table(), "USD", excess.all_lumps(held))
        for code in ("WORLD", "NON_US"):
            assert str(flows[code].value.index[-1]) == last
            assert not counterfactual.calendar_of(flows[code].value).empty
        assert str(flows["US"].value.index[-1]) > "2026-03"
