"""One flow on two books: exact decompositions, printed figures again, and worlds in which one cause is at work.

The counts of the invented worlds are made in this file.
"""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import accounting, claims, spans
from helpers.mirror import candidates as mirror_candidates
from helpers.mirror import losses as mirror_losses
from helpers.mirror import sides as mirror
from helpers.mirror import steps as mirror_steps
from helpers.refusals import Refusal

WHEN = {"train_end": "2024-10", "month": "2026-05"}
MONTHS = pd.period_range("2014-01", "2026-08", freq="M")


@pytest.fixture(scope="module")
def exporter():
    return {code: mirror.exporter_months(ledger.cells(), ledger.preferred_growth(), code) for code in ("US", "AU")}


@pytest.fixture(scope="module")
def importer():
    return {code: mirror.importer_months(ledger.cells(), ledger.control_table(), code) for code in ("US", "AU")}


@pytest.fixture(scope="module")
def gaps(exporter, importer):
    return mirror.gaps(exporter, importer, ledger.cells(), ledger.quarters(), month="2026-05")


@pytest.fixture(scope="module")
def changes(exporter, importer, gaps):
    return mirror.changes(exporter, importer, gaps, **WHEN)


@pytest.fixture(scope="module")
def losses(exporter, importer):
    return mirror_losses.losses(exporter, importer, ledger.cells(), **WHEN)


@pytest.fixture(scope="module")
def events():
    return claims.read_compiled("tariff_events_2018-2026")


@pytest.fixture(scope="module")
def duties():
    return claims.measured_duties()


def line(frame, **key):
    for column, value in key.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


# -- the ledger


def test_the_ratios_that_the_first_page_quotes_are_found_again(gaps, changes):
    year = line(gaps, reporter_code="US", period_kind="year", period="2024-12")
    assert year["ratio"] == pytest.approx(0.84, abs=5e-3)
    november = line(gaps, reporter_code="US", period_kind="month", period="2025-11")
    assert november["ratio"] == pytest.approx(0.61, abs=5e-3)
    window = line(changes, reporter_code="US", span="W1", against="a year before", arrivals="same month")
    assert np.exp(window["log_gap_pct"] / 100) == pytest.approx(0.68, abs=5e-3)
    assert (round(window["importer_change_bn"]), round(window["exporter_change_bn"])) == (-120, -95)


def test_both_sides_agree_with_the_accounting_table(changes):
    sides = accounting.two_sides(
        ledger.cells(), ledger.control_table(), "US", spans.sides("2026-05"), ledger.preferred_growth()
    )  # fmt: skip
    for window in ("W1", "W2", "W3"):
        theirs = line(sides, span=window)
        ours = line(changes, reporter_code="US", span=window, against="a year before", arrivals="same month")
        for column in ("exporter_change_bn", "importer_change_bn"):
            assert ours[column] == pytest.approx(theirs[column.replace("_bn", "_usd_bn")], rel=1e-4)
        assert np.exp(ours["log_gap_pct"] / 100) == pytest.approx(theirs["ratio"])


def test_the_difference_of_the_changes_is_taken_apart_without_remainder(changes):
    known = changes[changes["difference_bn"].notna()]
    parts = known["unchanged_gap_bn"] + known["gap_change_bn"]
    np.testing.assert_allclose(parts, known["difference_bn"], atol=1e-9)
    np.testing.assert_allclose(known["importer_change_bn"] - known["exporter_change_bn"], known["difference_bn"])
    assert len(known) > 40 and set(known["reporter_code"]) == {"US", "AU"}


def test_a_month_nobody_printed_follows_from_the_level_and_rate_a_year_later(exporter):
    us = exporter["US"]
    made, later = us.loc[pd.Period("2023-11")], us.loc[pd.Period("2024-11")]
    assert made["basis"] == mirror.DERIVED and made["value_bn"] == pytest.approx(later["value_bn"] / 1.08)
    printed = us.loc[pd.Period("2023-05")]
    assert printed["basis"] == mirror.LEVEL
    # What was printed then agrees with what would follow from the next year: the way back is a sound one.
    assert us.loc[pd.Period("2024-05"), "value_bn"] / 1.0362 == pytest.approx(printed["value_bn"], rel=1e-3)
    assert us["value_bn"].loc["2023-01":"2026-06"].notna().all() and len(us.loc["2023-01":"2026-06"]) == 42
    assert made["error_bn"] > later["error_bn"]


def test_each_kind_of_period_adds_up_its_own_months(gaps, importer):
    quarter = line(gaps, reporter_code="AU", period_kind="quarter", period="2025-06")
    by_hand = importer["AU"].loc["2025-04":"2025-06"].sum(), importer["AU"].loc["2025-05":"2025-07"].sum()
    assert (quarter["importer_bn"], quarter["importer_later_bn"]) == pytest.approx(by_hand)
    pair = line(gaps, reporter_code="US", period_kind="jan_feb", period="2026-02")
    months = gaps[(gaps["reporter_code"] == "US") & (gaps["period_kind"] == "month")].set_index("period")
    assert pair["exporter_bn"] == pytest.approx(months.loc[["2026-01", "2026-02"], "exporter_bn"].sum())
    printed = line(gaps, reporter_code="US", period_kind="jan_feb", period="2025-02")
    assert printed["basis"] == "printed"
    year = line(gaps, reporter_code="AU", period_kind="year", period="2024-12")
    assert year["basis"] == "quarters added" and year["evidence_grade"] == "D"
    assert not gaps.duplicated(["reporter_code", "period_kind", "period"]).any()


def test_nothing_after_the_month_of_the_report_is_shown(exporter, importer, gaps):
    cut = mirror.gaps(exporter, importer, ledger.cells(), ledger.quarters(), month="2025-11")
    assert cut["period"].max() == "2025-11" and gaps["period"].max() == "2026-05"
    pd.testing.assert_frame_equal(cut, gaps[gaps["period"] <= "2025-11"].reset_index(drop=True))


def test_a_window_with_unprinted_months_says_how_many_and_has_no_figure(changes):
    rows = changes[(changes["reporter_code"] == "AU") & changes["span"].isin(["W1", "W2", "W3"])]
    assert rows[["log_gap_pct", "difference_bn", "gap_change_bn"]].isna().all().all()
    assert rows["reason"].str.contains("China's count lacks").all()
    assert (changes.loc[changes["log_gap_pct"].notna(), "reason"] == "").all()


def test_losses_and_ratios_are_those_of_the_ceiling(losses):
    months = {"W1": ("2025-04", "2025-11", "months")}
    facts = accounting.accounting_change(ledger.cells(), ledger.preferred_growth(), months)
    sides = accounting.two_sides(
        ledger.cells(), ledger.control_table(), "US", spans.sides("2025-11"), ledger.preferred_growth()
    )  # fmt: skip
    top = accounting.ceiling(facts, sides).set_index("side")["ceiling_pct"]
    china, theirs, later = (
        line(losses, window_id="W1", against="a year before", count=count)
        for count in ("China", "importer", "importer, a month later")
    )
    assert china["loss_over_rise_pct"] == pytest.approx(top["exporter"], rel=1e-3)
    assert later["loss_over_rise_pct"] == pytest.approx(top["most favourable"], rel=1e-3)
    assert later["loss_over_rise_mixed_pct"] == pytest.approx(top["mixed, a month later"], rel=1e-3)
    assert theirs["loss_over_rise_mixed_pct"] == pytest.approx(top["mixed"], rel=1e-3)


def test_a_loss_has_an_error_only_where_earlier_trials_give_one(losses):
    tried = losses[losses["placebo_error_bn"].notna()]
    assert set(tried["count"]) == {"importer", "importer, a month later"}
    assert set(tried["against"]) == {"year to 2024-10"}
    assert (losses.loc[losses["placebo_error_bn"].isna(), "reason"].str.len() > 10).all()
    w1 = line(losses, window_id="W1", against="year to 2024-10", count="importer")
    assert (w1["low_bn"], w1["high_bn"]) == pytest.approx((29.11, 206.47), abs=0.01)
    assert w1["low_bn"] < w1["loss_bn"] < w1["high_bn"]


def test_no_ratio_where_nothing_was_lost(losses):
    rose = losses[losses["loss_bn"] <= 0]
    assert len(rose) and rose[["loss_over_rise_pct", "loss_over_rise_mixed_pct", "australia_cents"]].isna().all().all()
    assert rose["reason"].str.startswith("no loss, so no ratio").all()


def test_the_same_input_gives_the_same_bytes(exporter, importer, gaps, changes, events, duties):
    found = [
        mirror_candidates.candidates(
            mirror_steps.sides(exporter["US"], importer["US"], train_end="2024-10"), exporter, changes, ledger.cells(),
            duties, events, month="2026-05",
        ).to_json()
        for _ in range(2)
    ]  # fmt: skip
    assert found[0] == found[1]
    assert mirror.changes(exporter, importer, gaps, **WHEN).to_json() == changes.to_json()


def test_every_candidate_of_the_real_gap_is_read_in_allowed_words(exporter, importer, changes, events, duties):
    found = mirror_candidates.candidates(
        mirror_steps.sides(exporter["US"], importer["US"], train_end="2024-10"), exporter, changes, ledger.cells(),
        duties, events, month="2026-05",
    )  # fmt: skip
    words = {mirror_candidates.FITS, mirror_candidates.AGAINST, mirror_candidates.SMALL, mirror_candidates.UNKNOWN}
    assert set(found["reading"]) <= words and not found.duplicated(["candidate", "statistic"]).any()
    assert (found.loc[found["value"].isna(), "reading"] == mirror_candidates.UNKNOWN).all()
    tested = found[found["p_value"].notna()]
    assert len(tested) and (tested["p_value"] >= tested["least_p"] - 1e-12).all()


def test_the_step_splits_the_deviations_where_the_squares_left_are_least(exporter, importer, events):
    found = mirror_steps.sides(exporter["US"], importer["US"], train_end="2024-10")
    table = mirror_steps.steps(found, events, month="2026-05")
    for arrivals, step in table.set_index("arrivals").iterrows():
        held = found.deviation[arrivals].dropna().loc[:"2026-05"]
        before = held.index < pd.Period(step["first_period"], "M")
        assert step["step_pct"] == pytest.approx(held[~before].mean() - held[before].mean())
        left = [((held - np.where(np.arange(len(held)) < k, held[:k].mean(), held[k:].mean())) ** 2).sum()
                for k in range(3, len(held) - 2)]  # fmt: skip
        assert np.argmin(left) + 3 == step["periods_before"] == before.sum()
        assert step["highest_after_pct"] == held[~before].max() and step["lowest_before_pct"] == held[before].min()


# -- invented counts


@pytest.mark.parametrize("seed", range(20))
def test_money_is_split_exactly_and_fairly(seed):
    """Without remainder; an unchanged gap or an unchanged flow gives nothing; backwards in time only signs turn."""
    ours, theirs, ours_before, theirs_before = np.random.default_rng(seed).uniform(1, 500, size=4)
    found = mirror._decomposed(ours, theirs, ours_before, theirs_before, "")
    assert found["unchanged_gap_bn"] + found["gap_change_bn"] == pytest.approx(found["difference_bn"], abs=1e-9)
    back = mirror._decomposed(ours_before, theirs_before, ours, theirs, "")
    assert back["gap_change_bn"] == pytest.approx(-found["gap_change_bn"])
    same_gap = mirror._decomposed(ours, 0.8 * ours, ours_before, 0.8 * ours_before, "")
    assert same_gap["gap_change_bn"] == pytest.approx(0, abs=1e-9)
    same_flow = mirror._decomposed(ours, theirs, ours, theirs_before, "")
    assert same_flow["unchanged_gap_bn"] == pytest.approx(0, abs=1e-9)
    assert same_flow["gap_change_bn"] == pytest.approx(theirs - theirs_before)
    ends = sorted((found["gap_change_new_bn"], found["gap_change_old_bn"]))
    assert ends[0] - 1e-9 <= found["gap_change_bn"] <= ends[1] + 1e-9
    # At the new volume: what the importer counts beyond China's count at the old ratio.
    assert found["gap_change_new_bn"] == pytest.approx(theirs - ours * theirs_before / ours_before)
    assert back["gap_change_old_bn"] == pytest.approx(-found["gap_change_new_bn"])


def world(*, arrivals=None, hidden=None, ours=None):
    """Invent both counts: China's exports, arrivals a month later at nine tenths, less what is hidden (log points)."""
    random = np.random.default_rng(8)
    trade = pd.Series(40 * np.exp(random.normal(scale=0.05, size=len(MONTHS))), MONTHS)
    trade[MONTHS >= "2025-04"] *= 0.7
    value = trade * (ours if ours is not None else 1.0)
    exporter = pd.DataFrame({"value_bn": value, "error_bn": 0.0, "basis": mirror.LEVEL, "evidence_grade": "A"})
    arrived = 0.9 * (trade.shift(1) if arrivals is None else trade).fillna(40)
    cut = pd.Series(0.0, MONTHS) if hidden is None else hidden
    return {"US": exporter, "AU": exporter}, {"US": arrived * np.exp(cut / 100), "AU": arrived}


def judged(counts, duties, events, month="2026-05"):
    exporter, importer = counts
    empty = ledger.quarters().iloc[:0]
    gaps = mirror.gaps(exporter, importer, ledger.cells().iloc[:0], empty, month=month)
    changes = mirror.changes(exporter, importer, gaps, train_end="2024-10", month=month)
    found = mirror_steps.sides(exporter["US"], importer["US"], train_end="2024-10")
    table = mirror_candidates.candidates(found, exporter, changes, ledger.cells(), duties, events, month=month)
    return found, changes, table


def test_goods_that_only_travel_leave_a_constant_gap_when_dated_by_departure(duties, events):
    found, changes, table = judged(world(), duties, events)
    late = found.gap["dated by departure"].dropna()
    np.testing.assert_allclose(late, 100 * np.log(0.9), atol=1e-9)
    assert found.gap["same month"].std() > 3
    rows = table[(table["candidate"] == "transit time") & table["statistic"].str.contains("left when arrivals")]
    assert (rows["reading"] == mirror_candidates.FITS).all()
    alone = table[(table["candidate"] == "transit time") & table["statistic"].str.contains("a month later and nothing")]
    np.testing.assert_allclose(alone["value"], alone["observed_pct"], atol=1e-9)
    assert (alone["reading"] == mirror_candidates.FITS).all()


def test_a_step_is_found_where_it_was_put_and_not_explained_by_ships_or_australia(duties, events):
    hidden = pd.Series(np.where(MONTHS >= "2025-07", -30.0, 0.0), MONTHS)
    found, changes, table = judged(world(hidden=hidden), duties, events)
    step = line(mirror_steps.steps(found, events, month="2026-05"), arrivals="dated by departure")
    # What arrives in July left in June.
    assert step["first_period"] == "2025-06" and step["step_pct"] == pytest.approx(-30, abs=1e-6)
    assert step["explained_pct"] == pytest.approx(100) and step["lowest_before_pct"] > step["highest_after_pct"]
    assert "no test" in step["reason"] and step["tariff_month"] == "2025-04"
    ships = table[(table["candidate"] == "transit time") & table["statistic"].str.contains("W3 that is left")]
    assert mirror_candidates.FITS not in ships["reading"].tolist()
    ended = table[(table["candidate"] == "end of duty-free parcels") & table["statistic"].str.contains("mean devi")]
    assert ended["reading"].tolist() == [mirror_candidates.AGAINST]


def test_values_that_follow_the_duty_are_read_as_such_and_come_back(duties, events):
    rate = pd.Series(duties["applied_rate_pct"].to_numpy(), pd.PeriodIndex(duties["period"], freq="M")).reindex(MONTHS)
    back = rate.where(MONTHS <= pd.Period("2025-11", "M"), 11.0).bfill()
    _, _, table = judged(world(hidden=-0.9 * (back - 11)), duties, events)
    rows = table[table["candidate"] == "values declared lower under tariffs"].set_index("statistic")
    correlation = rows.loc["correlation of the year's change of the gap with that of the duty paid"]
    assert correlation["value"] < -0.99
    assert correlation["p_value"] == pytest.approx(correlation["least_p"])
    assert (rows["reading"] == mirror_candidates.FITS).all()
    _, _, at_once = judged(world(hidden=-0.9 * (back - 11), arrivals="at once"), duties, events)
    slope = line(at_once, statistic="slope of the yearly gap on the duty paid, from 2017")["value"]
    assert slope == pytest.approx(-0.9, abs=0.1)


def test_a_miscount_of_chinas_own_is_seen_in_australia_too(duties, events):
    _, _, table = judged(world(ours=np.where(MONTHS >= "2020-01", 1.3, 1.0)), duties, events)
    row = line(table, candidate="China's count of all destinations", statistic="change of Australia's gap from 2017 to "
               "2024")  # fmt: skip
    assert row["value"] == pytest.approx(-100 * np.log(1.3), abs=1) and row["reading"] == mirror_candidates.FITS


def test_parcels_that_end_bring_the_counts_nearer(duties, events):
    hidden = pd.Series(np.where(MONTHS < "2025-05", np.where(MONTHS >= "2024-12", -20.0, 0.0), 0.0), MONTHS)
    _, _, table = judged(world(hidden=hidden), duties, events)
    rows = table[(table["candidate"] == "end of duty-free parcels") & table["statistic"].str.contains("mean deviation")]
    assert rows["value"].iloc[0] == pytest.approx(20, abs=1e-6)
    assert rows["reading"].tolist() == [mirror_candidates.FITS]


def test_the_p_value_counts_circular_shifts():
    random = np.random.default_rng(6)
    months = pd.period_range("2023-03", periods=24, freq="M")
    a, b = (pd.Series(np.cumsum(random.normal(size=24)), months) for _ in range(2))
    r, p, number = mirror_candidates._correlation(a, b, "2026-05")
    assert r == pytest.approx(np.corrcoef(a, b)[0, 1]) and number == 24
    turns = [abs(np.corrcoef(a, np.concatenate([b[k:], b[:k]]))[0, 1]) for k in range(24)]
    assert p == pytest.approx(np.mean(np.array(turns) >= abs(r) - 1e-12))
    assert mirror_candidates._correlation(a, a, "2026-05")[1] == pytest.approx(1 / 24)


def test_before_any_window_there_is_nothing_to_hold_a_candidate_against(exporter, importer, duties, events):
    changes = mirror.changes(exporter, importer, pd.DataFrame({"reporter_code": [], "period_kind": [], "period": [],
                             "exporter_bn": [], "importer_bn": [], "importer_later_bn": []}), train_end="2024-10",
                             month="2025-04")  # fmt: skip
    found = mirror_steps.sides(exporter["US"], importer["US"], train_end="2024-10")
    with pytest.raises(Refusal, match="no window has begun by 2025-03"):
        mirror_candidates.candidates(found, exporter, changes[changes["against"] == ""], ledger.cells(), duties, events,
                                     month="2025-03")  # fmt: skip
