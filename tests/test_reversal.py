"""The reopened door: the change of the gap against its own past, growth by window, the comparison across partners."""

from __future__ import annotations

import functools

import ledger
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import (
    accounting,
    counterfactual,
    coverage,
    ranges,
    reopening,
    reopening_views,
    reversal,
)
from helpers.counterfactual import Form
from helpers.destinations import Flow
from helpers.stacks import Stack

NAIVE, LEVEL = Form("seasonal_naive", 22), Form("level", 55)
END, MONTH, UNTIL = "2024-10", "2026-05", "2026-06"
PAIR = [("2025-04", "2025-11"), ("2026-03", MONTH)]


@functools.cache
def side_by_side():
    return reversal.side_by_side_of(ledger.flows())


@functools.cache
def bounds():
    codes = reopening.ACROSS + reopening.ACCOUNTED
    return ranges.bounds_of(ledger.cells(), ledger.preferred_growth(), ledger.quarters(), codes=codes)


@functools.cache
def gaps():
    return reversal.window_gaps(ledger.flows(), side_by_side(), NAIVE, train_end=END, month=MONTH)


@functools.cache
def eased():
    return reversal.easing(ledger.flows(), side_by_side(), NAIVE, [LEVEL, NAIVE], train_end=END, month=MONTH)


@functools.cache
def windows():
    return reopening.accounting_windows(bounds(), month=MONTH, until=UNTIL)


def one(frame: pd.DataFrame, **key: str) -> pd.Series:
    for column, value in key.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.mark.parametrize(("window", "first", "last", "months"), [
    ("W1", "2025-04", "2025-11", 8), ("W2", "2025-12", "2026-02", 3), ("W3", "2026-03", "2026-05", 3),
])  # fmt: skip
@pytest.mark.parametrize("code", ["US", "AU"])
def test_the_gap_a_month_is_the_gap_of_the_estimate_over_its_months(code, window, first, last, months):
    row = one(gaps(), destination_code=code, form="plain", window_id=window)
    gap = counterfactual.estimate_gap(ledger.flows()[code].value, None, NAIVE, END, first, last)
    assert row["months"] == months
    assert row["gap_bn_month"] * months == pytest.approx(gap.gap)
    assert row["low_bn_month"] * months == pytest.approx(gap.low)
    assert row["gap_pct"] == pytest.approx(100 * gap.gap / gap.counterfactual)
    assert row["high_pct"] == pytest.approx(100 * gap.high / gap.counterfactual)
    assert row["mde80_pct"] == pytest.approx(100 * gap.mde80 / gap.counterfactual)
    assert (row["origins"], row["degrees_of_freedom"]) == (gap.origins, gap.degrees_of_freedom)


def test_every_row_has_an_interval_or_a_reason_and_its_key_is_unique():
    for frame, ends in ((gaps(), ["low_pct", "high_pct"]), (eased().table, ["low_pp", "high_pp", "p_eased"])):
        assert (frame["reason"].str.len() > 10).eq(frame[ends].isna().all(axis=1)).all()
    assert not gaps().duplicated(["destination_code", "form", "window_id"]).any()
    assert not eased().table.duplicated(["basis", "destination_code", "form"]).any()


def test_the_change_is_the_difference_of_the_two_gaps_and_its_error_that_of_the_same_change_before():
    """Written out origin by origin for the flow of the United States."""
    row = one(eased().table, destination_code="US", form="plain")
    pair = [one(gaps(), destination_code="US", form="plain", window_id=window) for window in ("W1", "W3")]
    assert row["change_pp"] == pytest.approx(pair[1]["gap_pct"] - pair[0]["gap_pct"])
    calendar = counterfactual.calendar_of(ledger.flows()["US"].value)
    value, weight = calendar["value"].to_numpy(), calendar["weight"].to_numpy()
    months = calendar.index.astype(str)
    end = int(np.flatnonzero(months == END)[0])

    def naive(origin, row):  # the same season of the last year before the origin
        while row > origin:
            row -= 11
        return value[row]

    shut, reopened = (np.flatnonzero((months >= first) & (months <= last))
                      for first, last in (("2025-04", "2025-11"), ("2026-03", "2026-05")))  # fmt: skip
    changes = []
    for origin in range(21, end - (reopened[-1] - end) + 1):
        found = []
        for rows in (shut, reopened):
            size = np.array([weight[at] * naive(end, at) for at in rows])
            ratio = np.array([value[at - end + origin] / naive(origin, at - end + origin) for at in rows])
            found.append(100 * (size * (ratio - 1)).sum() / size.sum())
        changes.append(found[1] - found[0])
    assert len(changes) == row["origins"] == 103
    assert row["degrees_of_freedom"] == (103 + 12) // 13
    assert row["placebo_error_pp"] == pytest.approx(np.sqrt(np.mean(np.square(changes))))
    assert row["placebo_mean_pp"] == pytest.approx(np.mean(changes))
    reach = stats.t.ppf(0.975, 8) * row["placebo_error_pp"]
    assert (row["low_pp"], row["high_pp"]) == pytest.approx((row["change_pp"] - reach, row["change_pp"] + reach))
    kept = eased().placebo.query("destination_code == 'US' and form == 'plain'")["change_pp"]
    np.testing.assert_allclose(kept, changes)


def invented(code: str, shut: float, reopened: float, *, first="2012-01", sd=0.01) -> dict[str, Flow]:
    """Return an invented flow: seasons, growth, little noise, known effects while the door is shut and after."""
    index = pd.period_range(first, MONTH, freq="M")
    logs = 0.03 * np.arange(len(index)) / 12 + 0.1 * np.cos(index.month * np.pi / 6)
    logs = logs + np.random.default_rng(4).normal(0, sd, len(index))
    months = index.astype(str)
    logs = logs + np.select([months >= "2026-03", months >= "2025-04"], np.log1p([reopened, shut]), 0.0)
    return {code: Flow(code, "invented", pd.Series(10 * np.exp(logs), index=index), {}, "USD", "A", "invented")}


@pytest.mark.parametrize(("code", "shut", "reopened", "reading"), [
    ("AU", 0.3, 0.0, "eased"), ("AU", 0.1, 0.5, "did not ease"), ("AU", 0.3, 0.3, "cannot be told"),
    ("US", -0.4, 0.0, "eased"), ("US", -0.1, -0.5, "did not ease"), ("US", -0.4, -0.4, "cannot be told"),
])  # fmt: skip
def test_an_invented_return_is_read_as_it_was_made(code, shut, reopened, reading):
    made = invented(code, shut, reopened)
    found = reversal.easing(made, reversal.side_by_side_of(made), LEVEL, [LEVEL], train_end=END, month=MONTH).table
    assert found["reading"].tolist() == [reading]
    assert found["change_pp"].iloc[0] == pytest.approx(100 * (reopened - shut), abs=6)
    assert (found["p_eased"].iloc[0] < 0.05) == (reading == "eased")


@pytest.mark.parametrize(("code", "drift", "reading"), [("AU", 0.0, "did not ease"), ("AU", 4.0, "cannot be told")])
def test_what_a_forecast_loses_by_itself_is_not_read_as_a_change(code, drift, reading):
    """A rise of twelve points against invented changes of the past that already rise by the drift on average."""
    past = drift + np.tile([-4.0, 4.0], 30)
    held = reversal.Percent(
        gaps=np.array([[5.0], [17.0]]), expected=np.full((2, 1), 100.0), nu=12, origins=np.empty(60),
        months=np.array([8, 3]), placebo=np.stack([np.zeros(60), past], axis=1)[:, :, None],
    )  # fmt: skip
    found = reversal._change(held, 0, code)
    error = np.sqrt(np.mean(past**2))
    assert found["reading"] == reading
    assert found["p_eased"] == pytest.approx(stats.t.sf(-12 / error, 12))
    assert (found["placebo_mean_pp"], found["placebo_error_pp"]) == pytest.approx((drift, error))


def test_too_few_earlier_origins_give_no_reading_however_large_the_change():
    made = invented("AU", 0.5, 0.0, first="2020-01")
    row = reversal.easing(made, reversal.side_by_side_of(made), NAIVE, [], train_end=END, month=MONTH).table.iloc[0]
    assert row["reading"] == "cannot be told" and "not calibratable" in row["reason"]
    assert row[["low_pp", "high_pp", "mde80_pp", "p_eased", "t_value"]].isna().all()


@pytest.mark.parametrize("month", ["2025-11", "2026-02"])
def test_before_the_door_reopens_there_is_nothing_to_read(month):
    found = reversal.easing(ledger.flows(), side_by_side(), NAIVE, [LEVEL], train_end=END, month=month)
    assert found.table["reason"].str.contains("still shut").all() and found.placebo.empty
    early = reopening.accounting_windows(bounds(), month=month, until=month)
    assert (reopening.accounting_easing(early)["reading"] == "cannot be told").all()
    assert set(early["window_id"]) == {"2025-11": {"W1"}, "2026-02": {"W1", "W2"}}[month]


def test_growth_by_window_is_the_accounting_change_where_all_levels_are_printed():
    spans = {"W1": ("2025-04", "2025-11", "months"), "W3": ("2026-03", "2026-06", "months")}
    changes = accounting.accounting_change(ledger.cells(), ledger.preferred_growth(), spans)
    for code in ("US", "WORLD", "NON_US"):
        for window in spans:
            row = one(windows(), destination_code=code, window_id=window)
            assert row["growth_pct"] == pytest.approx(
                one(changes, partner_code=code, span=window)["growth_pct"], abs=0.06
            )
            assert row["is_whole"]


def test_two_years_are_two_steps_of_one():
    for code in ("US", "WORLD", "NON_US"):
        row = one(windows(), destination_code=code, window_id="W3")
        before = sum(bounds()[code].growth("2025-03", "2025-06")) / 2
        chained = (1 + row["growth_pct"] / 100) * (1 + before / 100)
        assert row["two_years_pct"] == pytest.approx(100 * (chained - 1), abs=0.1)


def test_a_window_that_is_known_in_part_is_marked_and_one_that_is_open_has_no_number():
    part = one(windows(), destination_code="AU", window_id="W1")
    assert (part["last_month"], part["is_whole"]) == ("2025-06", False)
    empty = one(windows(), destination_code="AU", window_id="W2")
    assert np.isnan(empty["growth_pct"]) and "open" in empty["reason"]
    known = windows()[windows()["reason"] == ""]
    assert (known["growth_high_pct"] - known["growth_low_pct"] <= ranges.WIDEST_PP).all()


def test_the_accounting_has_no_interval_and_its_reading_follows_its_range():
    table = reopening.accounting_easing(windows())
    assert table["basis"].eq(reopening.ACCOUNTING).all() and table["reason"].str.len().gt(0).all()
    assert not {"low_pp", "high_pp", "t_value", "p_eased", "mde80_pp"} & set(table.columns)
    wanted = np.select([table["range_low_pp"] > 0, table["range_high_pp"] < 0], ["grew faster", "grew slower"],
                       "cannot be told")  # fmt: skip
    assert table["reading"].tolist() == wanted.tolist()
    row = one(table, destination_code="US")
    shut, reopened = (one(windows(), destination_code="US", window_id=window) for window in ("W1", "W3"))
    assert row["change_pp"] == pytest.approx(reopened["growth_pct"] - shut["growth_pct"], abs=1e-6)


def sharpened():
    return reopening.sharpened(bounds(), ledger.flows(), ledger.control_table(), until=UNTIL)


@pytest.mark.parametrize("code", ["EU", "ASEAN", "AU"])
def test_the_half_year_is_held_against_the_rates_as_printed(code):
    row = one(sharpened()[sharpened()["basis"].str.startswith("China")], destination_code=code, against="article month")
    printed = [
        accounting.printed_growth(ledger.preferred_growth(), code, period, kind)["yoy_pct"]
        for period, kind in (("2026-06", "ytd"), ("2025-11", "month"))
    ]
    assert [row["next_pct"], row["then_pct"]] == pytest.approx(printed, abs=0.01)
    apart = printed[0] - printed[1]
    assert row["verdict"] == ("sharpened" if apart > 0.1 else "eased" if apart < -0.1 else "held")


def test_growth_in_euro_is_dollar_growth_times_the_change_of_the_rate():
    row = one(sharpened(), destination_code="EU", against="article month")
    table = ledger.control_table()
    rate = table[table["series"] == "usd_eur"].set_index("period")["value"]
    assert row["then_own_pct"] == pytest.approx(
        100 * ((1 + row["then_pct"] / 100) * rate["2025-11"] / rate["2024-11"] - 1)
    )
    assert row["then_own_pct"] < row["then_pct"]


def test_a_span_that_is_not_known_gets_no_verdict():
    table = sharpened()
    open_ = table["then_pct"].isna()
    assert open_.any() and table.loc[open_, "verdict"].eq("not known").all()
    assert table.loc[open_, "reason"].str.len().gt(0).all()
    early = reopening.sharpened(bounds(), ledger.flows(), ledger.control_table(), until="2025-12")
    assert early["verdict"].eq("not known").all()
    assert reopening_views.sharpened_rows(early)["now"].eq("not known").all()


def across(**choice):
    return reopening.across_partners(bounds(), ledger.quarters(), until=choice.pop("until", UNTIL), **choice)


def test_the_correlations_are_those_of_scipy_and_the_earlier_pairs_are_counted():
    table, points = across()
    shut, reopened = (np.log1p(points[column] / 100) for column in ("shut_pct", "reopened_pct"))
    table = table.set_index("measure")
    assert table.loc["rank", "correlation"] == pytest.approx(stats.spearmanr(shut, reopened)[0])
    assert table.loc["linear", "correlation"] == pytest.approx(stats.pearsonr(shut, reopened)[0])
    quarters = sorted(period for period in ledger.quarters()["period"].unique() if period < "2025-04")
    assert set(table["earlier_pairs"]) == {len(quarters) - 8}
    assert set(table["partners"]) == {len(points)} and len(points) >= reopening.LEAST_PARTNERS
    assert (table["p_value"] >= table["p_resolution"]).all()


def ranged(shut: list[float], reopened: list[float]) -> dict[str, ranges.Bounds]:
    """Return invented partners whose two quarters grew by known rates."""
    out = {}
    for code, first, second in zip(reopening.ACROSS, shut, reopened, strict=False):
        levels = {}
        for year, value in ((2024, 100.0), (2025, 100 * (1 + first / 100)),
                            (2026, (100 + first) * (1 + second / 100))):  # fmt: skip
            for month in range(6):
                levels[0, 12 * year + month] = value
                levels[1, 12 * year + month] = value * (month + 1)
        out[code] = ranges.Bounds(dict(levels), dict(levels))
    return out


def test_a_perfect_return_is_found_and_its_p_value_is_the_exact_one():
    shut = [1.0, 4, 9, 12, 15, 22, 30]
    made = ranged(shut, [30.0, 22, 15, 12, 9, 4, 1])
    table, _ = reopening.across_partners(made, ledger.quarters(), until=UNTIL)
    row = one(table, measure="rank")
    assert row["correlation"] == pytest.approx(-1.0)
    # One of 5,040 pairings is as low.
    assert row["p_value"] == pytest.approx(1 / 5040, abs=6e-4)
    assert row["reading"] == "as diversion and return would have it"


def test_a_null_says_something_only_where_a_link_would_likely_have_been_seen():
    assert reopening._reading(False, 0.8) == "no sign of it"
    assert reopening._reading(False, 0.79) == "cannot be told"
    assert reopening._reading(True, 0.1) == "as diversion and return would have it"


@pytest.mark.parametrize("measure", ["rank", "linear"])
def test_the_chance_to_see_a_correlation_is_the_one_of_drawn_pairs(measure):
    random, partners, least = np.random.default_rng(5), 30, -0.3
    x = random.normal(size=(4000, partners))
    y = reopening.SUPPOSED * x + np.sqrt(1 - reopening.SUPPOSED**2) * random.normal(size=x.shape)
    if measure == "rank":  # the formula speaks of the rank correlation itself
        x, y = stats.rankdata(x, axis=1), stats.rankdata(y, axis=1)
    r = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(x, y, strict=True)]
    power, seen = reopening.chance_to_see(least, partners, measure)
    assert power == pytest.approx(np.mean(np.array(r) < least), abs=0.03)
    error = np.sqrt((1.06 if measure == "rank" else 1) / (partners - 3))
    assert stats.norm.cdf((np.arctanh(least) - np.arctanh(seen)) / error) == pytest.approx(reopening.LIKELY)
    assert seen < least


def test_partners_without_any_link_are_not_called_a_return():
    table, _ = reopening.across_partners(
        ranged([1, 4, 9, 12, 15, 22, 30], [9, 30, 1, 22, 12, 4, 15]), ledger.quarters(), until=UNTIL
    )
    assert table["reading"].eq("cannot be told").all() and (table["power_pct"] < 80).all()
    assert (table["least"] <= table["detectable"]).all() and (table["least"] <= table["earlier_low"]).all()
    assert (table["detectable"] < -0.5).all()


def test_few_partners_and_unfinished_quarters_are_told_and_not_correlated():
    few, points = reopening.across_partners(ranged([1, 4, 9], [9, 4, 1]), ledger.quarters(), until=UNTIL)
    assert len(points) == 3 and few["reason"].str.contains("3 partners known").all()
    assert few["correlation"].isna().all()
    assert reopening_views.across_sentence(few).startswith("Across partners no comparison is made: 3 partners known")
    early, _ = across(until="2026-05")
    assert early["reason"].str.contains("0 partners").all()


def test_the_seed_alone_decides_the_permutations():
    assert across()[0].to_json() == across()[0].to_json()
    other = across(seed=1)[0]
    assert other["correlation"].tolist() == across()[0]["correlation"].tolist()
    assert other["p_value"].tolist() != across()[0]["p_value"].tolist()


def test_each_of_the_four_destinations_has_three_numbers_of_one_kind():
    table = reopening.for_a_minister(windows(), ledger.flows(), month=MONTH)
    assert table.groupby("destination_code", sort=False).size().to_dict() == dict.fromkeys(reopening.SHOWN, 3)
    assert (table.groupby("destination_code")["basis"].nunique() == 1).all()
    assert table["growth_pct"].notna().all()
    australia = one(table, destination_code="AU", window_id="W1")
    value = ledger.flows()["AU"].value
    by_hand = value.loc["2025-04":"2025-11"].sum() / value.loc["2024-04":"2024-11"].sum()
    assert australia["growth_pct"] == pytest.approx(100 * (by_hand - 1))
    assert "arrivals" in australia["basis"]


def test_a_destination_that_nobody_counts_whole_is_left_empty_with_a_reason():
    table = reopening.for_a_minister(windows(), {}, month=MONTH)
    rows = table[table["destination_code"] == "AU"]
    assert rows["growth_pct"].isna().all() and rows["reason"].str.len().gt(0).all()


def test_placebo_origins_never_see_a_month_after_training():
    rows = coverage.calendar(last=MONTH)
    logs = coverage.draw(coverage.WORLDS[1], 0.05, rows, 2, np.random.default_rng(3))
    later = (rows.index.astype(str).to_numpy() > END)[:, None]
    kept, moved = (
        reversal._percent(Stack.on(rows, np.exp(logs + shift * later)), Form("linear", 44), END, PAIR).placebo
        for shift in (0.0, 1.0)
    )
    np.testing.assert_allclose(moved, kept, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("form", [NAIVE, LEVEL], ids=str)
@pytest.mark.parametrize("world", coverage.WORLDS, ids=lambda world: world.name)
def test_an_excess_that_stays_is_rarely_read_as_eased_and_one_that_goes_is_seen_as_often_as_stated(form, world):
    rows, repetitions = coverage.calendar(last=MONTH), 1000
    months = rows.index.astype(str).to_numpy()
    readings = {}
    for name, reopened in (("stays", 0.0), ("goes", -np.log(1.15))):
        logs = coverage.draw(world, 0.06, rows, repetitions, np.random.default_rng([1, coverage.WORLDS.index(world)]))
        logs[months >= "2025-04"] += np.log(1.15)
        logs[months >= "2026-03"] += reopened
        held = reversal._percent(Stack.on(rows, np.exp(logs)), form, END, PAIR)
        found = [reversal._change(held, column, "AU")["reading"] for column in range(repetitions)]
        readings[name] = {word: found.count(word) / repetitions for word in set(found)}
    assert readings["stays"].get("eased", 0) <= 0.065
    assert readings["stays"].get("did not ease", 0) <= 0.085
    seen = readings["goes"].get("eased", 0)
    assert (0.15 < seen < 0.40) if form == NAIVE else (seen > 0.40)
