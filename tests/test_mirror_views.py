"""Titles of the page on both sides: one test for each outcome; the rows are invented."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import mirror_views as views

NAN = float("nan")


def year(period, gap, code="US"):
    return {"reporter_code": code, "period_kind": "year", "period": period, "log_gap_pct": gap}


@pytest.mark.parametrize(("now", "verb"), [(-31.0, "widened"), (-5.0, "narrowed")])
def test_the_title_of_the_path_says_widened_or_narrowed(now, verb):
    rows = views.year_rows(pd.DataFrame([year("2025", now), year("2024", -17.0), year("2024", 3.0, "AU")]))
    assert rows["period"].tolist() == ["2024", "2025", "2024"]
    assert f"{verb} from −17 log points in 2024" in views.of_years(rows)
    assert views.of_years(rows.iloc[:1]) == "The two sides of one flow, by year"


def part(change):
    return {"reporter_code": "US", "span": "W1", "against": "year to 2024-10", "arrivals": "same month",
            "log_gap_before_pct": -18.0, "log_gap_pct": -38.0, "difference_bn": change + 20.0,
            "unchanged_gap_bn": 20.0, "gap_change_bn": change}  # fmt: skip


def test_the_title_of_the_parts_says_what_the_widening_makes():
    assert "alone makes 48 billion" in views.of_parts(pd.DataFrame([part(-48.0)]))
    assert views.of_parts(pd.DataFrame([part(3.0)])) == "The US gap did not widen in W1"
    assert views.of_parts(pd.DataFrame([part(NAN)])) == "The two counts of the US, window by window"


def loss(size, low=NAN, high=NAN, share=40.0):
    return {"window_id": "W1", "against": "a year before", "count": "importer", "first_month": "2025-04",
            "last_month": "2025-11", "loss_bn": size, "low_bn": low, "high_bn": high, "loss_over_rise_pct": share,
            "australia_cents": NAN if size < 0 else 6.0}  # fmt: skip


def test_a_loss_is_shown_as_a_fall_and_a_gain_as_a_rise():
    rows = views.loss_rows(pd.DataFrame([loss(95.0, 20.0, 170.0), loss(-3.0)]))
    assert rows["loss"].tolist() == ["−95.0 (−170\u00a0to\u00a0−20)", "+3.0"]
    assert rows["cents"].tolist() == ["6", "–"]


def test_the_title_of_the_losses_is_their_range():
    title = views.of_losses(pd.DataFrame([loss(95.0), loss(131.0, share=59.0)]))
    assert title == "The US loss in W1 is 95 to 131 billion by who counts, 40 to 59 % of the rise elsewhere"
    assert views.of_losses(pd.DataFrame([loss(NAN)])) == "Every US loss on every count"


@pytest.mark.parametrize(("first", "when"), [("2025-03", ", before the end"), ("2025-06", ", not before the end")])
def test_the_title_of_the_steps_dates_the_change_against_the_parcels(first, when):
    row = {"arrivals": "dated by departure", "first_period": first, "parcels_month": "2025-05"}
    assert when in views.of_steps(pd.DataFrame([row]))
    assert views.of_steps(pd.DataFrame([row | {"first_period": None}])).endswith("cannot be told")


def candidate(name, reading):
    return {"candidate": name, "statistic": "a", "value": 1.0, "unit": "log points", "reading": reading, "why": ""}


def test_the_title_of_the_candidates_never_names_a_cause_that_something_speaks_against():
    fits, against = candidate("values", "fits"), candidate("values", "speaks against it")
    assert views.of_candidates(pd.DataFrame([against])) == "No candidate for the widening fits these figures"
    assert views.of_candidates(pd.DataFrame([fits])).endswith("nothing against it: values")
    assert views.of_candidates(pd.DataFrame([fits, against])).startswith("No candidate explains the widening: values")
