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
    title = views.of_past(pd.DataFrame([past(power=60.0), past(power=54.0), past("AU", power=7.0)]))
    assert title == "The pre-test could hardly have failed: power 7 % (Australia), 54 to 60 % (United States)"
    assert views.of_past(pd.DataFrame([past(power=85.0), past("AU", power=50.0)])) == (
        "No flow had left its forecast a year before; the test would have seen it in 50 to 85 % of cases"
    )


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


@pytest.mark.parametrize(
    ("straying", "words"),
    [
        ([0.09, 0.17], "0.09 to 0.17 of the largest jump of the past year"),
        ([0.09, 0.17], "so this is little"),
        ([0.3, 0.8], "does not clearly stand by it"),
        ([1.0, 1.4], "the gap stands by that yardstick"),
        ([0.0, 0.0], "zero is inside the interval without any straying"),
    ],
)
def test_the_straying_is_told_in_words_and_against_the_usual_yardstick(straying, words):
    rows = [bound("US", value) | {"form": str(n)} for n, value in enumerate(straying)]
    assert words in views.straying_sentence(pd.DataFrame(rows))


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


def mix(low, high, fragile=False, outside=20.0):
    return {"destination_code": "US", "window_id": "W1", "gap_bn": -50.0, "low_bn": low, "high_bn": high, "rank": 1.0,
            "units": 7.0, "without_one_low_bn": -80.0, "without_one_high_bn": -20.0, "without_gainers_bn": -30.0,
            "is_fragile": fragile, "outside_pct": outside, "placebo_mean_bn": -22.0, "fit_pct": 14.5,
            "least_p": 1 / 7}  # fmt: skip


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


def test_a_flow_outside_its_donors_is_called_not_usable_and_nothing_else():
    row = mix(-90.0, -10.0, fragile=True, outside=55.0)
    words = "not usable: outside its suppliers in 55 % of the training"
    both = pd.DataFrame([row, mix(-90.0, 10.0) | {"destination_code": "AU"}])
    assert views.mix_rows(both)["told"].tolist() == [words, "within normal variation"]
    assert views.of_mix(both) == (
        f"Against a mix of other origins: United States {words}; Australia −50.0 billion, within normal variation"
    )
    assert views.of_mix_table(both).endswith("; not usable: United States")
    assert views.of_mix_table(both.iloc[1:]).endswith("on single suppliers")
    assert views.of_mix_checks(both).endswith("can follow: Australia; cannot: United States")
    assert views.of_mix_checks(both.iloc[:1]).endswith("can follow: none; cannot: United States")
    assert views.of_mix_checks(both.iloc[1:]).endswith("can follow: Australia")


def test_the_gap_is_given_less_the_mean_of_its_placebo_errors():
    assert views.mix_rows(pd.DataFrame([mix(-90.0, -10.0)]))["less_mean"].tolist() == ["−28.0"]


@pytest.mark.parametrize(("least", "words"), [(1 / 7, "0.14 among 7: decides nothing"), (0.05, "0.05 among 7")])
def test_the_diagnostics_name_the_weights_and_the_limit_of_the_rank(least, words):
    donors = pd.DataFrame(
        [("CN", NAN), ("VN", 0.46), ("CA", 0.54), ("MX", 0.0), ("TW", 0.0)], columns=["unit_code", "weight"]
    ).assign(destination_code="US", window_id="W1")
    row = views.mix_check_rows(pd.DataFrame([mix(-90.0, -10.0) | {"least_p": least}]), donors).iloc[0]
    assert row["weights"] == "Canada 0.54, Vietnam 0.46; none on 2 others" and row["rank_limit"] == words
    assert (row["fit_error_pct"], row["mean_error_bn"], row["outside_pct"]) == (14.5, -22.0, 20.0)


def test_no_mix_is_said():
    none = pd.DataFrame([mix(-9.0, 9.0) | {"gap_bn": NAN}])
    assert views.of_mix_checks(none) == "No mix of other origins can be made"
    assert views.of_mix(pd.DataFrame([mix(-9.0, 9.0) | {"gap_bn": NAN}])) == "No mix of other origins can be made"


def front(form, low, high, early=5.0):
    common = {"destination_code": "US", "form": form, "count": "importer"}
    ends = {"front": (early - 10.0, early + 10.0), "W1": (-90.0, -10.0), "front to W1": (low, high)}
    return [common | {"span": span, "gap_bn": sum(pair) / 2, "low_bn": pair[0], "high_bn": pair[1]}
            for span, pair in ends.items()]  # fmt: skip


def test_the_title_of_front_loading_counts_the_readings_that_survive():
    both = pd.DataFrame(front("plain", -90.0, -10.0) + front("share", -90.0, 10.0))
    assert views.of_front(both).endswith("in 1 of 2 readings")
    none = pd.DataFrame(front("plain", -90.0, 10.0))
    assert views.of_front(none).endswith("is within normal variation in the one reading that can tell")
    two = pd.DataFrame(front("plain", -90.0, 10.0) + front("share", -90.0, 10.0))
    assert views.of_front(two).endswith("in none of 2 readings")
    assert views.of_front(pd.DataFrame(front("plain", NAN, NAN)).fillna({"gap_bn": -50.0})).endswith("has no interval")
    assert views.of_front(none.iloc[:0]) == "What was rushed in before the tariffs cannot be estimated"
    assert views.front_rows(both)["net"].tolist()[0] == "−50 (−90\u00a0to\u00a0−10)"


def test_a_reading_into_which_nothing_was_rushed_confirms_nothing():
    mixed = pd.DataFrame(front("plain", -90.0, 10.0) + front("share", -90.0, -10.0, early=-14.0))
    assert views.front_rows(mixed)["net_told"].tolist() == ["within normal variation", "nothing was rushed in to net"]
    assert views.of_front(mixed).endswith(
        "within normal variation in the one reading that can tell; in 1 other nothing was rushed in to net"
    )
    assert views.of_front(pd.DataFrame(front("share", -90.0, -10.0, early=-14.0))).startswith("Nothing was rushed in")


def test_whether_anything_was_rushed_in_is_said_with_what_could_have_been_seen():
    rows = pd.DataFrame(front("plain", -90.0, 10.0)).assign(mde80_bn=70.0)
    told = views.rushed_sentence(rows)
    assert "within normal variation in all 1 readings; for the US only one above 70 billion" in told
    assert "United States, plain" in views.rushed_sentence(
        pd.DataFrame(front("plain", -90.0, 10.0, early=15.0)).assign(mde80_bn=9.0)
    )
    assert views.rushed_sentence(rows.assign(low_bn=NAN)) == ""


def net_ratio(form, net, value, early_reading="excess, from whatever cause"):
    ends = (NAN, NAN) if pd.isna(value) else (-0.03, 0.57)
    return {"form": form, "span": "front to W1" if net else "W1", "is_net": net, "us_gap_bn": -118.0, "au_gap_bn": 7.0,
            "ratio": value, "low": ends[0], "high": ends[1], "reading": early_reading}  # fmt: skip


def test_the_ratio_is_shown_gross_and_net_and_none_counts_that_nets_nothing():
    estimates = pd.DataFrame(front("plain", -90.0, 10.0) + front("share", -90.0, -10.0, early=-14.0))
    held = pd.DataFrame([net_ratio("plain", False, 0.058), net_ratio("plain", True, NAN, "no ratio"),
                         net_ratio("share", False, 0.039), net_ratio("share", True, 0.037)])  # fmt: skip
    rows = views.net_ratio_rows(held, estimates)
    assert rows["counted"].tolist() == ["gross", "net", "gross", "net"]
    assert rows["set"].tolist()[:2] == ["−0.03\u00a0to\u00a0+0.57", "–"]
    assert rows["told"].tolist()[1] == "no ratio" and rows["told"].tolist()[3].startswith("nothing was rushed in")
    assert views.of_net_ratios(rows) == (
        "Australia's excess per dollar of the US loss: +0.04 to +0.06 gross, no ratio net of a payback"
    )
    held.loc[1, "ratio"] = 0.06
    assert views.of_net_ratios(views.net_ratio_rows(held, estimates)).endswith("+0.06 net of a payback")


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
