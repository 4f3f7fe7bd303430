"""Who bought the rise: ranges that the printed pieces allow, a rest that adds up, and titles that say so."""

from __future__ import annotations

import functools

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import customs, destination_views, ranges, where_to
from helpers.months import month_number
from helpers.ranges import Bounds

SPANS = {"W1": ("2025-04", "2025-11"), "year so far": ("2026-01", "2026-06")}


@functools.cache
def rises():
    found = ranges.bounds_of(
        ledger.cells(), ledger.preferred_growth(), ledger.quarters(), codes=where_to.DESTINATIONS, last="2026-06"
    )
    return where_to.rise_by_destination(found, SPANS)


def row(code, span="W1"):
    return rises().set_index(["span", "partner_code"]).loc[(span, code)]


def invented(low, high, before=100.0):
    """Return bounds of two years of months: 100 each before, then between ``low`` and ``high``. Invented."""
    now, then = ([month_number(f"{year}-{month:02}") for month in range(1, 13)] for year in (2025, 2024))
    lows = {(ranges.MONTH, at): before * 1e3 for at in then} | {(ranges.MONTH, at): low * 1e3 for at in now}
    highs = {(ranges.MONTH, at): before * 1e3 for at in then} | {(ranges.MONTH, at): high * 1e3 for at in now}
    for held in (lows, highs):
        for year in (then, now):
            for number, at in enumerate(year, start=1):
                held[ranges.SO_FAR, at] = sum(held[ranges.MONTH, month] for month in year[:number])
    return Bounds(lows, highs)


def test_the_destinations_and_the_rest_add_up_to_the_rise_elsewhere():
    for span in SPANS:
        held = rises()[rises()["span"] == span].set_index("partner_code")
        parts = held.drop(["US", "NON_US"])
        total = held.loc["NON_US"]
        assert parts["change_usd_bn"].sum() == pytest.approx(total["change_usd_bn"], abs=0.5)
        assert parts["before_usd_bn"].sum() == pytest.approx(total["before_usd_bn"], abs=1e-6)
        named = parts.drop("OTHERS")
        assert held.loc["OTHERS", "change_low_usd_bn"] == pytest.approx(
            total["change_low_usd_bn"] - named["change_high_usd_bn"].sum()
        )


def test_a_change_lies_in_its_range_and_a_rate_in_its_own():
    named = rises()[rises()["partner_code"] != "OTHERS"]
    assert (named["change_low_usd_bn"] <= named["change_usd_bn"]).all()
    assert (named["change_usd_bn"] <= named["change_high_usd_bn"]).all()
    assert (named["growth_high_pct"] - named["growth_low_pct"] <= ranges.WIDEST_PP).all()
    assert np.isnan(row("OTHERS")["growth_pct"])


def test_the_ledgers_figures_while_the_door_was_shut():
    """US from the monthly levels; ASEAN and the EU between what rates, levels and cumulative figures allow."""
    levels = customs.series(ledger.cells(), "CN", "US") / 1e3
    change = levels.loc["2025-04":"2025-11"].sum() - levels.loc["2024-04":"2024-11"].sum()
    assert row("US")["change_usd_bn"] == pytest.approx(change, abs=0.01)
    assert 59 < row("ASEAN")["change_low_usd_bn"] < row("ASEAN")["change_high_usd_bn"] < 64
    assert 32 < row("EU")["change_low_usd_bn"] < row("EU")["change_high_usd_bn"] < 36
    assert 115 < row("OTHERS")["change_low_usd_bn"] < row("OTHERS")["change_high_usd_bn"] < 130


def test_hong_kong_is_named_where_it_is_printed_and_else_part_of_the_rest():
    assert row("HK", "year so far")["change_usd_bn"] == pytest.approx(72.0, abs=0.1)
    assert ("W1", "HK") not in rises().set_index(["span", "partner_code"]).index


def test_a_destination_that_is_open_is_part_of_the_rest():
    bounds = {"US": invented(80, 80), "NON_US": invented(300, 300, 250), "EU": invented(100, 130)}
    found = where_to.rise_by_destination(bounds, {"year": ("2025-01", "2025-12")})
    assert set(found["partner_code"]) == {"US", "OTHERS", "NON_US"}
    assert found.set_index("partner_code").loc["OTHERS", "change_usd_bn"] == pytest.approx(600)
    closed = where_to.rise_by_destination(bounds | {"EU": invented(110, 112)}, {"year": ("2025-01", "2025-12")})
    closed = closed.set_index("partner_code")
    assert closed.loc["EU", "change_low_usd_bn"] == pytest.approx(120)
    assert closed.loc["EU", "change_high_usd_bn"] == pytest.approx(144)
    assert closed.loc["OTHERS", "change_high_usd_bn"] == pytest.approx(480)


def test_a_printed_rate_without_a_level_bounds_no_change():
    """An office may print by how much the year so far grew and not from what: the months before are anything."""
    open_ = invented(110, 112)
    last = month_number("2025-12")
    for key in open_.high:
        open_.high[key] = np.inf
    open_.rates[ranges.SO_FAR, last] = 1.0495, 1.0505
    bounds = {"US": invented(80, 80), "NON_US": invented(300, 300, 250), "AU": open_}
    assert open_.known_growth("2025-01", "2025-12") is not None
    found = where_to.rise_by_destination(bounds, {"year": ("2025-01", "2025-12")})
    assert set(found["partner_code"]) == {"US", "OTHERS", "NON_US"}
    assert np.isfinite(found["change_usd_bn"]).all()


def test_without_the_total_nothing_is_said():
    assert where_to.rise_by_destination({"EU": invented(110, 112)}, {"year": ("2025-01", "2025-12")}).empty


def test_the_inputs_name_cells_that_exist():
    for inputs in rises()["inputs"]:
        for part in inputs.split(";"):
            reporter, _, flow, kind, span = part.split("/")
            assert (reporter, flow) == ("CN", "exports") and kind in {"month", "jan_feb", "ytd", "year", "quarter"}
            first, _, last = span.removesuffix("@yoy").partition("..")
            assert first <= last


def test_bars_are_sorted_and_the_rest_stands_last():
    bars = destination_views.rise_rows(rises(), "year so far")
    assert bars["partner_code"].iloc[-1] == "OTHERS"
    assert bars["change_usd_bn"].iloc[:-1].is_monotonic_decreasing
    assert "NON_US" not in set(bars["partner_code"])
    labels = destination_views.rise_rows(rises(), "W1").set_index("partner_code")["label"]
    assert labels["US"] == "United States" and labels["ASEAN"].startswith("ASEAN (60\u00a0to\u00a063)")


def test_the_title_names_the_two_largest_and_what_is_not_printed():
    title = destination_views.of_rise(rises(), "year so far")
    assert title.startswith("January to June 2026: of +317 billion outside the US, ASEAN 74, Hong Kong 72, ")
    assert title.endswith("not held by destination")
    assert destination_views.of_rise(rises(), "nothing").startswith("Who bought more is not held")


def test_the_alternative_text_holds_every_value():
    bars = destination_views.rise_rows(rises(), "W1")
    text = destination_views.alt_of_rise(bars)
    assert "ASEAN +60\u00a0to\u00a0+63" in text and "United States −95" in text
    assert all(destination_views.named(code) in text for code in bars["partner_code"])


@pytest.mark.parametrize(("low", "high", "words"), [(71.9, 72.1, "72"), (59.8, 63.4, "60\u00a0to\u00a063")])
def test_an_amount_is_a_range_where_the_pieces_leave_one(low, high, words):
    assert destination_views.amount(low, high) == words


def test_a_range_is_closed_by_whatever_is_narrower():
    """Levels open by 30 %, a printed rate to a tenth of a point: the change is known through the rate. Invented."""
    wide = invented(100, 130)
    keys = [(ranges.SO_FAR, month_number("2025-12"))]
    rated = Bounds(wide.low, wide.high, {keys[0]: (1.199, 1.201)})
    found = where_to.rise_by_destination({"NON_US": rated}, {"year": ("2025-01", "2025-12")}).set_index("partner_code")
    assert found.loc["NON_US", "growth_pct"] == pytest.approx(20.0)
    assert 190 < found.loc["NON_US", "change_low_usd_bn"] <= found.loc["NON_US", "change_high_usd_bn"] < 262
    assert pd.isna(found.loc["OTHERS", "growth_pct"])
