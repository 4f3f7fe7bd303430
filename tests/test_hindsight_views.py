"""What the pages on 2018, the next month and the partners say: one test for each outcome; the rows are invented."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import hindsight_views, nowcast, reopening_views
from helpers.backtest import SAME_OBJECT, TARIFFED

NAN = float("nan")


def found(what=SAME_OBJECT, text="-16.47", ours=-7.0, unit="%", money=False, low=NAN, high=NAN):
    return {"study": "Theirs", "quantity": "q", "published_text": text, "unit": unit, "object": what,
            "is_money": money, "ours_value": ours, "ours_low": low, "ours_high": high, "ours_first": "2018-07",
            "ours_last": "2019-05"}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "theirs", "ours", "same"),
    [
        (found(), "−16.47\u00a0%", "−7.0\u00a0%, July 2018 to May 2019; no interval", "the same object"),
        (found(TARIFFED, "-25", unit="% (more than)"), "−25\u00a0% (more than)", "−7.0", "all goods fall by less"),
        (found(TARIFFED, "35", 39.6, "USD bn", True), "a loss of 35\u00a0USD bn", "a loss of 39.6\u00a0USD bn",
         "all goods hold their loss and whatever the others did"),
        (found(TARIFFED, "35", -2.0, "USD bn", True), "a loss of 35", "a gain of 2.0", "another object"),
        (found(low=-9.0, high=-1.0), "−16.47", "(−9.0\u00a0to\u00a0−1.0)", "the same object"),
        (found(TARIFFED, "35", 5.0, "USD bn", True, 1.0, 9.0), "35", "(−9.0\u00a0to\u00a0−1.0)", "another object"),
    ],
)  # fmt: skip
def test_what_was_found_later_has_units_and_says_whether_it_is_the_same_object(row, theirs, ours, same):
    shown = hindsight_views.later_rows(pd.DataFrame([row])).iloc[0]
    assert shown["found"].startswith(theirs) or theirs in shown["found"]
    assert ours in shown["ours"] and same in shown["same_object"]


def tariffs(kind, low=NAN, high=NAN, gap=-72.0, spread=(-90.0, -56.0), early="null"):
    common = {"destination_code": "US", "form": "plain", "degrees_of_freedom": 2.0, "mde80_bn": 61.0}
    return pd.DataFrame([
        common | {"window_id": "B1", "first_month": "2018-07", "last_month": "2018-12", "kind": early},
        common | {"window_id": "B2", "first_month": "2019-01", "last_month": "2019-09", "kind": kind, "gap_bn": gap,
                  "gap_low_bn": spread[0], "gap_high_bn": spread[1], "low_bn": low, "high_bn": high},
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("episode", "words"),
    [
        (tariffs("not_calibratable"), "between 56 and 90 billion US dollars less"),
        (tariffs("not_calibratable"), "it had no interval: even such a gap could not have been told"),
        (tariffs("not_calibratable", gap=9.0, spread=(-3.0, 12.0)), "3 billion US dollars less and 12 billion more"),
        (tariffs("not_calibratable", gap=9.0, spread=(8.0, 12.0)), "between 8 and 12 billion US dollars more"),
        (tariffs("null", -150.0, 6.0), "72 billion US dollars less"),
        (tariffs("null", -150.0, 6.0), "only one above 61 billion was likely to be"),
        (tariffs("interval_excludes_zero", -140.0, -4.0), "and it could be told from normal variation"),
        (tariffs("null", -150.0, 6.0), "July to December 2018 had an interval, but only a gap above 61 billion"),
    ],
)
def test_the_lesson_of_2019_follows_from_what_the_page_could_have_said(episode, words):
    told = hindsight_views.lesson_sentence(episode, pd.DataFrame([found()]))
    assert words in told and "here −7.0\u00a0% for July 2018 to May 2019" in told
    assert "diver" not in told


def test_the_lesson_compares_with_nothing_where_no_study_has_the_same_object():
    told = hindsight_views.lesson_sentence(
        tariffs("not_calibratable", early="not_calibratable"), pd.DataFrame([found(TARIFFED)])
    )
    assert "nothing of the same object" in told and "had an interval, but" not in told


def scored(hits, months=22, code="US", naive=1.4):
    periods = pd.period_range("2024-09", periods=months, freq="M").astype(str)
    return pd.DataFrame({"destination_code": code, "period": periods, "came_bn": 1.0, "said_bn": 1.1,
                         "naive_bn": naive, "is_inside80": [n < hits for n in range(months)],
                         "is_inside95": [n < hits for n in range(months)]})  # fmt: skip


def test_intervals_that_held_too_rarely_are_called_too_narrow_by_their_binomial_probability():
    few = nowcast.split(scored(18))
    whole = few.set_index("part").loc[nowcast.ALL]
    assert whole["so_few95_p"] == pytest.approx(0.0222, abs=1e-4) and whole["is_too_narrow"]
    title = hindsight_views.of_scores(few)
    assert title.startswith("95 % intervals too narrow for United States (18 of 22 held)")
    assert "0.022" in hindsight_views.score_rows(few)["told"].iloc[0]
    good = nowcast.split(scored(21))
    assert hindsight_views.of_scores(good).startswith("No 95 % interval is shown to be too narrow")
    assert hindsight_views.score_rows(good)["told"].iloc[0] == "not shown to be too narrow"


def test_the_score_is_split_at_april_2025_and_its_parts_add_up():
    parts = nowcast.split(scored(18)).set_index("part")
    assert parts.loc[nowcast.BEFORE, "last_period"] == "2025-03"
    assert parts.loc[nowcast.SINCE, "first_period"] == "2025-04"
    assert parts.loc[[nowcast.BEFORE, nowcast.SINCE], "scored"].sum() == parts.loc[nowcast.ALL, "scored"] == 22
    assert hindsight_views.score_rows(parts.reset_index())["part"].iloc[1] == "September 2024 to March 2025"


def test_the_split_says_whether_the_tariffs_alone_made_the_year_fail():
    told = hindsight_views.parts_sentence(nowcast.split(scored(20)))
    assert "lost before the tariffs as well" in told and "0.28 to 0.28" in told
    assert "not beaten everywhere" in hindsight_views.parts_sentence(nowcast.split(scored(20, naive=1.05)))
    assert hindsight_views.parts_sentence(nowcast.split(scored(5, months=5))) == ""


def test_a_destination_without_a_nowcast_is_named_with_its_reason():
    held = pd.DataFrame([{"destination_code": "EU", "nowcast_bn": NAN, "last_published": "2025-11", "reason": "few"}])
    told = hindsight_views.without_sentence(held)
    assert "ends in November 2025, few" in told and "ASEAN: the ledger holds no monthly flow" in told
    assert hindsight_views.without_sentence(held.assign(nowcast_bn=1.0), ("EU",)) == ""


def test_the_title_of_the_candidates_names_the_heaviest():
    rows = [("US", "a", 0.2), ("US", "b", 0.8), ("AU", "a", 0.6), ("AU", "b", 0.4)]
    held = pd.DataFrame(rows, columns=["destination_code", "candidate", "weight"])
    assert hindsight_views.of_weights(held).endswith("b (United States); a (Australia)")
    assert hindsight_views.weight_rows(held)["destination"].tolist()[2] == "Australia"


def point(code, shut, reopened, wide=0.2):
    rates = {"shut": shut, "reopened": reopened}
    ends = {"_pct": 0.0, "_low_pct": -wide, "_high_pct": wide}
    return {"destination_code": code} | {name + end: rate + by for name, rate in rates.items()
                                         for end, by in ends.items()}  # fmt: skip


def test_the_partners_are_named_with_both_rates_and_the_title_counts_those_that_slowed():
    held = pd.DataFrame([point("EU", 9.0, 13.0), point("SG", 12.0, 9.0), point("AU", 5.0, 21.0, wide=1.0)])
    rows = reopening_views.partner_rows(held)
    assert rows["destination"].tolist() == ["Singapore", "EU", "Australia"]
    assert rows["quarter_shut"].tolist()[1:] == ["+9.0\u00a0%", "+4.0 to +6.0\u00a0%"]
    assert reopening_views.of_partners(held).startswith("1 of 3 partners grew more slowly")
    assert reopening_views.of_partners(held.iloc[:1]).startswith("None of 1 partners")
    none = held.iloc[:0]
    assert (
        reopening_views.partner_rows(none).empty
        and reopening_views.of_partners(none) == "No partner is known in both quarters"
    )


def test_the_comparison_across_partners_says_what_it_could_have_seen():
    row = {"measure": "rank", "partners": 11, "correlation": 0.06, "p_value": 0.57, "least": -0.59, "power_pct": 37.0,
           "likely_seen": -0.75, "reading": "cannot be told", "earlier_mean": -0.07, "reason": ""}  # fmt: skip
    told = reopening_views.across_sentence(pd.DataFrame([row]))
    assert "a true correlation of −0.5 had a chance of 37\u00a0%" in told and "as low as −0.75 a chance" in told
    assert "The reading: cannot be told." in told
    none = reopening_views.across_sentence(pd.DataFrame([row | {"correlation": NAN, "reason": "few"}]))
    assert none == "Across partners no comparison is made: few."


def gaps(**changes):
    rows = [
        {"destination_code": code, "form": form, "window_id": window, "first_month": "2025-04", "last_month": "2025-11",
         "gap_pct": gap, "low_pct": gap - 20, "high_pct": gap + 20, "mde80_pct": 30.0, "reason": ""}
        for window in ("W1", "W2") for code, gap in (("AU", 14.0), ("US", -39.0), ("WORLD", 6.0))
        for form in ("plain", "share")
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**changes)


def test_gaps_by_window_are_those_that_are_calibrated_destination_by_destination():
    rows = reopening_views.gap_rows(gaps())
    assert list(zip(rows["destination_code"], rows["window_id"], strict=True)) == [
        ("US", "W1"), ("US", "W2"), ("AU", "W1"), ("AU", "W2"),
    ]  # fmt: skip
    assert rows["gap_pct"].tolist() == [-39.0, -39.0, 14.0, 14.0]
    assert (
        reopening_views.of_gaps(rows) == "Gap to the forecast in W1, W2: United States −39, −39 %; Australia +14, +14 %"
    )
    assert "United States, April to November 2025 (W1): gap −39.0" in reopening_views.alt_of_gaps(rows)


def test_no_interval_no_gap():
    assert reopening_views.of_gaps(reopening_views.gap_rows(gaps(reason="too few"))) == "No window has an interval yet"


def test_growth_against_two_years_is_named_where_its_base_is_known():
    figure = pd.DataFrame([
        {"destination_code": "US", "window_id": "W3", "window": "reopening", "first_month": "2026-03",
         "last_month": "2026-06", "growth_pct": 6.2, "two_years_pct": -11.5},
        {"destination_code": "EU", "window_id": "W3", "window": "reopening", "first_month": "2026-03",
         "last_month": "2026-06", "growth_pct": 12.1, "two_years_pct": NAN},
    ])  # fmt: skip
    assert reopening_views.of_windows(figure) == (
        "Since the reopening, against two years before: United States −11.5\u00a0%"
    )
    assert reopening_views.window_rows(figure)["window"].iloc[0] == "March to June 2026 (reopening)"
    assert reopening_views.of_windows(figure.iloc[1:]) == "Growth by window"


@pytest.mark.parametrize(
    ("points", "title"),
    [
        ([(10, 11, 5, 6), (5, 6, 10, 11), (5, 8, 7, 9)],
         "1 of 3 partners grew more slowly from April to June 2026 than a year before, 1 faster, of 1 "
         "it cannot be told"),
        ([(5, 6, 10, 11)], "None of 1 partners grew more slowly from April to June 2026 than a year before, 1 faster"),
    ],
)  # fmt: skip
def test_a_partner_whose_ranges_overlap_cannot_be_told(points, title):
    names = ("shut_low_pct", "shut_high_pct", "reopened_low_pct", "reopened_high_pct")
    assert reopening_views.of_partners(pd.DataFrame(points, columns=names)) == title


def test_the_next_months_title_says_how_often_such_an_interval_held():
    row = {"destination_code": "US", "first_month": "2026-09", "last_month": "2026-09", "low80_bn": 20.9,
           "high80_bn": 29.5, "low95_bn": 19.0, "high95_bn": 32.0, "nowcast_bn": 24.8, "reason": "",
           "what": "month"}  # fmt: skip
    scores = pd.DataFrame([{"destination_code": "US", "part": nowcast.SINCE, "scored": 16, "hits80": 9}])
    title = hindsight_views.of_nowcasts(pd.DataFrame([row]), scores)
    assert title.endswith("by its own reckoning four times in five; since April 2025 it held 9 of 16")
    assert hindsight_views.of_nowcasts(pd.DataFrame([row]), scores.iloc[:0]).endswith("four times in five")
