"""Titles of the page on other yardsticks: one test for each outcome; the rows are invented."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import yardstick_views as views

NAN = float("nan")


def past(code="US", p=0.5, power=30.0):
    return {"destination_code": code, "form": "plain", "span": "year before", "first_month": "2023-11",
            "last_month": "2024-10", "gap_pct": 1.0, "low_pct": -9.0, "high_pct": 11.0, "p_value": p,
            "power_pct": power}  # fmt: skip


def bound(code, mbar):
    return {"destination_code": code, "form": "plain", "window_id": "W1", "breakdown_mbar": mbar, "low_pct": -9.0,
            "high_pct": -1.0}  # fmt: skip


def test_a_passed_pretest_is_told_with_its_power():
    title = views.of_past(pd.DataFrame([past(), past("AU", power=7.0)]))
    assert title.endswith("would have seen it in 7 to 30 % of cases only")


def test_a_failed_pretest_names_the_flow():
    title = views.of_past(pd.DataFrame([past(), past("AU", p=0.01)]))
    assert title == "Australia had left the forecast in the year before the tariffs"
    assert views.of_past(pd.DataFrame([past(p=NAN)])) == "The year before the tariffs cannot be tested"


def test_the_straying_that_undoes_the_gap_is_told_apart_from_a_gap_that_holds_zero():
    rows = views.past_rows(
        pd.DataFrame([past(), past("AU")]), pd.DataFrame([bound("US", 0.09), bound("AU", 0.0)])
    ).set_index("destination_code")
    assert rows.loc["US", "breakdown"] == "0.09"
    assert rows.loc["AU", "breakdown"] == "zero is inside already"


def broken(code="AU", predates=False, mean=5.0, end=6.0):
    return {"destination_code": code, "form": "plain", "break_number": 1, "break_month": "2023-05",
            "set_first": "2023-02", "set_last": "2023-08", "p_value": 0.04, "shift_mean_pct": mean,
            "shift_end_pct": end, "predates_tariffs": predates}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (broken(predates=True), "acceleration predates the tariffs"),
        (broken(), "no acceleration shown"),
        (broken(mean=-5.0, end=-6.0), "a fall"),
        (broken(mean=5.0, end=-6.0), "no acceleration shown"),
    ],
)
def test_a_break_is_called_what_the_rule_allows(row, told):
    assert views.break_rows(pd.DataFrame([row]))["told"].tolist() == [told]


def test_the_title_of_the_breaks_follows_the_rule():
    assert "is not shown for any flow" in views.of_breaks(pd.DataFrame([broken()]))
    assert views.of_breaks(pd.DataFrame([broken(predates=True)])) == "The acceleration predates the tariffs: Australia"


def mix(low, high, fragile=False):
    return {"destination_code": "US", "window_id": "W1", "gap_bn": -50.0, "low_bn": low, "high_bn": high, "rank": 1.0,
            "units": 7.0, "without_one_low_bn": -80.0, "without_one_high_bn": -20.0, "without_gainers_bn": -30.0,
            "is_fragile": fragile}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (mix(-90.0, -10.0), "beyond normal variation"),
        (mix(-90.0, -10.0, fragile=True), "beyond normal variation, but fragile"),
        (mix(-90.0, 10.0), "within normal variation"),
        (mix(NAN, NAN), "no interval"),
    ],
)
def test_the_mix_is_told_with_its_fragility(row, told):
    assert views.of_mix(pd.DataFrame([row])) == f"Against a mix of other origins: United States −50.0 billion, {told}"


def test_no_mix_is_said():
    assert views.of_mix(pd.DataFrame([mix(-9.0, 9.0) | {"gap_bn": NAN}])) == "No mix of other origins can be made"


def front(form, low, high):
    common = {"destination_code": "US", "form": form, "count": "importer"}
    ends = {"front": (-5.0, 15.0), "W1": (-90.0, -10.0), "front to W1": (low, high)}
    return [common | {"span": span, "gap_bn": sum(pair) / 2, "low_bn": pair[0], "high_bn": pair[1]}
            for span, pair in ends.items()]  # fmt: skip


def test_the_title_of_front_loading_counts_the_readings_that_survive():
    both = pd.DataFrame(front("plain", -90.0, -10.0) + front("share", -90.0, 10.0))
    assert views.of_front(both).endswith("in 1 of 2 readings")
    none = pd.DataFrame(front("plain", -90.0, 10.0))
    assert views.of_front(none).endswith("in none of 1 readings")
    assert views.of_front(none.iloc[:0]) == "What was rushed in before the tariffs cannot be estimated"
    assert views.front_rows(both)["net"].tolist()[0] == "−50 (−90\u00a0to\u00a0−10)"


def money(currency, low, high, own=False):
    return {"destination_code": "AU", "form": "plain", "window_id": "W1", "currency": currency, "is_own": own,
            "gap_pct": (low + high) / 2, "low_pct": low, "high_pct": high}  # fmt: skip


def test_the_title_of_the_currencies_names_where_the_money_decides():
    agree = pd.DataFrame([money("USD", -5.0, 9.0), money("CNY", -4.0, 9.0), money("AUD", -6.0, 9.0, own=True)])
    differ = pd.DataFrame([money("USD", -5.0, 9.0), money("CNY", 1.0, 9.0)])
    assert views.of_money(agree).endswith("does not depend on the currency")
    assert views.of_money(differ).endswith("depends on the currency: Australia in W1")
    row = views.money_rows(agree).iloc[0]
    assert row["own_gap"].startswith("+2") and views.money_rows(differ)["own_gap"].iloc[0] == "–"
