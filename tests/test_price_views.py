"""Titles and sentences on prices by destination: one test for each outcome; rows invented, but for the ledger's."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import charts_prices, figures, prices, quantities, tables
from helpers import price_views as views
from helpers.headings import HEADINGS

NAN = float("nan")
WHEN = {"month": "2026-05", "train_end": "2024-10"}


def row(code="AU", price=-19.0, quantity=5.0, own=4.0, reading=prices.WITHIN, span="W1", **other):
    return {
        "destination_code": code, "span": span, "goods": "all", "unit": "kg", "first_month": "2025-04",
        "last_month": "2025-09", "value_usd": 1e9, "value_before_usd": 1e9, "matched_share_pct": 100.0,
        "value_log_pct": price + quantity, "price_log_pct": price, "quantity_log_pct": quantity,
        "common_log_pct": price - own, "specific_log_pct": own, "specific_low_log_pct": own - 1,
        "specific_high_log_pct": own + 1, "earlier_p95_log_pct": 32.0, "earlier_since_break_p95_log_pct": 21.0,
        "earlier_windows": 60, "windows_apart": 11, "own_windows": 60, "own_as_large": 6, "reading": reading,
    } | other  # fmt: skip


def frame(*rows):
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("rows", "end"),
    [((row("AU"), row("EU")), "in 2 of 2 destinations; a change of its own stands out in none"),
     ((row("AU"), row("EU", price=-0.4)), "in 1 of 2 destinations; a change of its own stands out in none"),
     ((row("AU"), row("EU", reading=prices.DEPENDS)), "stands out clearly in none"),
     ((row("AU", reading=prices.BEYOND), row("EU", reading=prices.DEPENDS)), "stands out in 1"),
     ((row("AU", price=NAN, reading=prices.NO_INDEX),), "enough matched value for a price index")],
)  # fmt: skip
def test_the_title_counts_falls_and_what_stands_out(rows, end):
    assert views.of_prices(frame(*rows)).endswith(end)


def test_members_and_the_us_region_are_not_counted_among_the_destinations():
    rows = frame(row("AU"), row("DE"), row(quantities.US_REGION, price=3.0), row("WORLD"))
    assert "in 1 of 1 destinations" in views.of_prices(rows)
    shown = views.price_rows(rows)
    assert shown["destination"].tolist() == ["Australia", "US and Canada", "All destinations"]


def test_nothing_is_printed_as_less_than_nothing():
    shown = views.price_rows(frame(row("AU", price=-0.3, own=-0.2)))
    assert str(shown["price_lp"].iloc[0]) == "0.0" and str(shown["own_lp"].iloc[0]) == "0.0"


def test_the_sentence_names_what_stands_out_and_the_year_before():
    plain = views.unusual_sentence(frame(row("AU")))
    assert plain.endswith("None is larger.") and "32 log points; counting only the years since" in plain
    year = row("MIDDLE_EAST", own=23.0, span="year 2024")
    told = views.unusual_sentence(frame(row("MIDDLE_EAST", own=-28.0, reading=prices.DEPENDS), year))
    assert "Middle East: −28, stands out by the later years only" in told
    assert told.endswith("6 of 60 were as large, and in 2024 it had been +23.")
    alone = views.unusual_sentence(frame(row("AU", own=-40.0, reading=prices.BEYOND)))
    assert "Australia: −40, stands out; of its own" in alone and alone.endswith("were as large.")
    few = frame(row("AU", earlier_p95_log_pct=NAN, earlier_since_break_p95_log_pct=NAN))
    assert views.unusual_sentence(few) == "There are too few earlier spans to say what is unusual."
    assert views.of_own(views.own_rows(few)) == "No own price change can be held against earlier ones"


def test_price_led_needs_a_change_of_its_own_and_never_enters_the_summary():
    rows = (row("AU"), row("EU", quantity=-5.0), row("BR", price=6.0), row("WORLD", price=-19.0))
    told = views.led_sentence(frame(*rows))
    assert (
        "found in 1 of 3 destinations, but the price fell in 2." in told and "with a larger quantity: nowhere." in told
    )
    assert "changed by −17\u00a0%" in told and "The summary does not speak of it" in told
    beyond = views.led_sentence(frame(row("AU", own=-40.0, reading=prices.BEYOND), row("EU")))
    assert "with a larger quantity: Australia." in beyond and "no basis" in beyond
    dearer = views.led_sentence(frame(row("AU", price=9.0, own=-40.0, reading=prices.BEYOND)))
    assert "with a larger quantity: nowhere." in dearer


def test_the_share_of_the_us_is_taken_from_the_year_before_the_tariffs():
    year = {"span": "year 2024"}
    rows = frame(row(quantities.US_REGION, value_usd=0.2e9, **year), row("WORLD", value_usd=40e9, **year), row("AU"))
    assert "0.20 of 40.0 billion dollars of what China sold of these goods, 0.5 %" in views.us_sentence(rows)
    assert views.us_sentence(frame(row("AU"))) == ""


def test_the_window_is_said_to_be_cut_only_where_it_is():
    assert "the figures end in September 2025" in views.until_sentence(frame(row("AU")))
    assert "end" not in views.until_sentence(frame(row("AU", last_month="2025-11")))


def test_the_title_of_the_unit_values_compares_the_same_months():
    rows = [("2022-01", 5.0), ("2022-12", 50.0), ("2025-01", 2.0)]
    held = pd.DataFrame([{"period": period, "destination_code": code, "product_code": prices.PANELS[-1],
                          "value_usd": 100.0 * price, "quantity_kg": 100.0}
                         for code in ("EU", "AU") for period, price in rows])  # fmt: skip
    path = views.path_rows(held, "2026-05")
    assert views.of_path(path) == "A kilogram of panels was 60 % cheaper in 2025 than in 2022 on every line"
    assert path["cents_per_kg"].tolist()[:2] == [500.0, 5000.0] and path["name"].iloc[0] == "EU"
    path["value_usd"] = path["quantity_kg"]
    assert views.of_path(path) == "Dollars per kilogram of panels, 2022 to 2025"


@pytest.mark.parametrize("when", [WHEN, WHEN | {"month": "2025-11"}, WHEN | {"train_end": "2021-12"}], ids=str)
def test_every_row_of_the_ledger_has_its_words(when):
    solar = quantities.monthly()
    table = tables.check(prices.by_destination(solar, **when), "solar_prices")
    shown, own = views.price_rows(table), views.own_rows(table)
    assert len(shown) == 13 and set(views.PRICE_COLUMNS) <= set(shown.columns) & set(HEADINGS)
    assert len(own) == 11 and set(views.OWN_COLUMNS) <= set(own.columns) & set(HEADINGS)
    assert set(shown["told"]) - {"–"} <= set(views.BADGES)
    path, past = views.path_rows(solar, when["month"]), views.earlier_rows(solar, table, train_end=when["train_end"])
    titles = [views.of_prices(table), views.of_own(own), views.of_bases(own), views.of_path(path)]
    sentences = [
        views.us_sentence(table),
        views.unusual_sentence(table),
        views.led_sentence(table),
        views.until_sentence(table),
        views.alt_of_own(own, views.mark_of(table)),
        views.alt_of_path(path),
    ]
    assert max(map(len, titles)) <= 110
    assert not any("nan" in text or "dumping" in text.lower() for text in titles + sentences)
    figures.use_house_style()
    drawing = charts_prices.plot_own_changes(own, past, views.mark_of(table))
    assert figures.svg_of(drawing, "x") == figures.svg_of(
        charts_prices.plot_own_changes(own, past, views.mark_of(table)), "x"
    )
