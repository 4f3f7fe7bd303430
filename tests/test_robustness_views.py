"""Titles of the page on the forecaster's choices: one test for each outcome; the rows are invented."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import robustness_views as views
from helpers import study


def summed(code="US", window="W1", **changes):
    return {
        "destination_code": code, "window_id": window, "form": "all", "specifications": 100, "with_interval": 100,
        "headline_gap_pct": -30.0, "median_gap_pct": -28.0, "p5_gap_pct": -40.0, "p95_gap_pct": -10.0,
        "same_sign_pct": 100.0, "lower_pct": 40.0, "clear_pct": 70.0, "clear_straight_pct": 90.0,
    } | changes  # fmt: skip


def test_the_title_of_the_curve_says_loss_or_excess_and_how_many_are_clear():
    rows = pd.DataFrame([summed(), summed("AU", headline_gap_pct=12.0, clear_pct=3.0)])
    title = views.of_curve(rows)
    assert title == (
        "United States: 70 % of 100 forecasts find a loss clear of zero, 90 % without quadratic trends; "
        "Australia: 3 % of 100 forecasts find an excess clear of zero, 90 % without quadratic trends"
    )


def test_a_curve_without_intervals_says_so():
    assert "point gaps only" in views.of_curve(pd.DataFrame([summed(clear_pct=float("nan"))]))


def test_a_curve_that_is_empty_says_so():
    assert views.of_curve(pd.DataFrame([summed(specifications=0)])).startswith("No specification")


@pytest.mark.parametrize(
    ("gap", "lower", "place"),
    [(12.0, 90.0, "large end"), (12.0, 50.0, "inside its curve"), (12.0, 5.0, "small end"),
     (-12.0, 5.0, "large end"), (-12.0, 90.0, "small end")],
)  # fmt: skip
def test_a_headline_at_the_edge_of_its_curve_is_named(gap, lower, place):
    assert place in views.edge_sentence(pd.DataFrame([summed(headline_gap_pct=gap, lower_pct=lower)]))


def date(code="US", p_value=0.02, resolution=0.02):
    return {
        "destination_code": code, "window_id": "W1", "statistic": "median gap", "p_value": p_value,
        "resolution": resolution, "dates": 49, "dates_not_overlapping": 9, "observed": -30.0, "placebo_p5": -9.0,
        "placebo_p95": 8.0, "p_value_t": 0.01,
    }  # fmt: skip


def test_the_title_of_the_dates_counts_those_as_large():
    title = views.of_dates(pd.DataFrame([date(), date("AU", p_value=0.10)]))
    assert title.endswith("United States: none of 49 earlier dates, Australia: 4 of 49 earlier dates")
    assert views.of_dates(pd.DataFrame([date()]).iloc[:0]) == "No date to compare"
    assert views.dates_rows(pd.DataFrame([date()]))["rank_p"].iloc[0] == "at most 0.020"


def adjusted(code, window, p):
    return {"destination_code": code, "form": "plain", "window_id": window, "p_westfall_young": p, "p_value": 0.01,
            "p_holm": 0.02, "resolution": 0.009}  # fmt: skip


def test_the_title_of_the_family_names_what_stands_out():
    none = pd.DataFrame([adjusted("US", "W1", 0.2)])
    one = pd.DataFrame([adjusted("US", "W1", 0.009), adjusted("AU", "W1", 0.3)])
    two = pd.DataFrame([adjusted("US", "W1", 0.009), adjusted("AU", "W1", 0.03)])
    assert views.of_family(none).endswith("none stands out")
    assert views.of_family(one).endswith("United States in W1 alone stands out")
    assert views.of_family(two).endswith("these stand out: United States in W1, Australia in W1")
    assert views.family_rows(two)["told"].tolist() == ["stands out", "stands out"]


def test_the_choice_that_moves_the_median_most_comes_first():
    axes = pd.DataFrame(
        [("US", "W1", "trend", "a", -30.0), ("US", "W1", "trend", "b", -32.0), ("US", "W1", "training", "22", -30.0),
         ("US", "W1", "training", "44", -45.0), ("AU", "W1", "trend", "a", 1.0), ("AU", "W1", "trend", "b", 2.0)],
        columns=["destination_code", "window_id", "axis", "choice", "median_gap_pct"],
    )  # fmt: skip
    rows = views.choice_rows(axes)
    assert views.of_choices(rows).endswith("periods of training")
    assert len(rows) == len(views.AXIS_NAMES)


def simulated(test, quantity, low, high, promised=True, holds=True):
    return {"test": test, "what": "w", "quantity": quantity, "promised": promised, "holds": holds,
            "nightly": f"{low} to {high}", "nightly_low": low, "nightly_high": high, "bounds": "at most 1"}  # fmt: skip


def drawn(rows, error=0.005):
    return pd.DataFrame([{"test": r["test"], "quantity": r["quantity"], "standard_error": error} for r in rows])


@pytest.mark.parametrize(
    ("row", "kind", "told"),
    [
        (simulated("T1", "us_gap", 0.945, 0.951), "promise", "holds"),
        (simulated("T1", "us_gap", 0.923, 0.951), "promise", "holds; not the nominal level everywhere"),
        (simulated("T1", "us_gap", 0.90, 0.951, holds=False), "promise", "falls short"),
        (simulated("T7", "false alarm", 0.04, 0.058), "promise", "holds"),
        (simulated("T7", "false alarm", 0.04, 0.077), "promise", "holds; not the nominal level everywhere"),
        (simulated("T2", "textbook", 0.6, 0.8), "check of the code", "holds"),
        (simulated("T14", "two runs equal", 1, 1), "check of the code", "holds"),
        (simulated("T8", "draws that are said to be diversion", 0, 0), "check of the code", "holds"),
        (simulated("T8", "excess found", 0.2, 0.7, promised=False), "shown", "shown"),
    ],
)
def test_a_simulation_is_a_promise_a_check_or_shown_and_is_held_against_its_nominal_level(row, kind, told):
    shown = views.study_rows(pd.DataFrame([row]), drawn([row])).iloc[0]
    assert (shown["kind"], shown["told"]) == (kind, told)
    assert shown["simulation_error"] == "0.005" and "_" not in shown["quantity"]
    assert shown["nominal_level"] == {"T1": "0.95", "T2": "0.95", "T7": "0.05"}.get(row["test"], "–")


def test_the_title_of_the_simulations_counts_statistical_promises_only():
    good, check = simulated("T1", "ratio", 0.946, 0.95), simulated("T14", "two runs equal", 1, 1)

    def title(*rows, fits=True):
        return views.of_study(views.study_rows(pd.DataFrame(rows), drawn(rows)), fits)

    assert title(good, check) == "All 1 statistical promises of the method hold on invented flows"
    assert title(good, check | {"holds": False}).endswith("; 1 of 1 checks of the code fails")
    assert title(simulated("T1", "ratio", 0.92, 0.95), check).endswith(
        ", 1 of them not at the nominal level everywhere"
    )
    assert title(good | {"holds": False}, check).startswith("1 of 1 statistical promises of the method fall short")
    assert title(good, check, fits=False).startswith("Simulated with earlier code: all 1")


def test_every_stored_quantity_has_its_kind_and_words():
    kept, _ = study.stored()
    rows = views.study_rows(study.summed(kept), kept["nightly"])
    counts = rows["kind"].value_counts()
    assert counts[views.PROMISE] == 8 and counts[views.CHECK] == 6
    assert not rows["quantity"].str.contains("exposure|_").any()
    stored = study.summed(kept)
    assert {test + name for test, name in views.PROMISES if name} <= set(stored["test"] + stored["quantity"])
