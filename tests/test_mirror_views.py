"""Titles of the page on both sides: one test for each outcome; the rows are invented, but for those of the ledger."""

from __future__ import annotations

import ledger
import pandas as pd
import pytest

from helpers import claims
from helpers import mirror_views as views
from helpers.headings import HEADINGS
from helpers.mirror import candidates as mirror_candidates
from helpers.mirror import losses as mirror_losses
from helpers.mirror import sides as mirror
from helpers.mirror import steps as mirror_steps

NAN = float("nan")


def year(period, gap, code="US"):
    return {"reporter_code": code, "period_kind": "year", "period": period, "log_gap_pct": gap}


@pytest.mark.parametrize(
    ("before", "now", "verb"),
    [(-17.0, -31.0, "widened"), (-17.0, -5.0, "narrowed"), (5.0, 2.0, "narrowed"), (5.0, 9.0, "widened"),
     (5.0, -9.0, "turned")],
)  # fmt: skip
def test_the_title_of_the_path_says_which_way_the_gap_went(before, now, verb):
    rows = views.year_rows(pd.DataFrame([year("2025", now), year("2024", before), year("2024", 3.0, "AU")]))
    assert rows["period"].tolist() == ["2024", "2025", "2024"]
    assert f"{verb} from {views.signed(before, 0)} log points in 2024" in views.of_years(rows)
    assert views.of_years(rows.iloc[:1]) == "The two sides of one flow, by year"


def test_a_gap_that_prints_alike_has_not_moved():
    rows = views.year_rows(pd.DataFrame([year("2024", -17.1), year("2025", -16.9)]))
    assert views.of_years(rows) == "The gap between the two US counts was −17 log points in 2024 and in 2025"


def test_no_line_is_drawn_over_a_missing_year():
    rows = views.year_rows(
        pd.DataFrame([year(f"{y}-12", 1.0) for y in (2019, 2020, 2023)] + [year("2024-12", 1, "AU")])
    )
    assert rows.groupby(["name", "segment"], sort=False).size().tolist() == [2, 1, 1]


def part(change, arrivals="same month", old=None):
    return {"reporter_code": "US", "span": "W1", "against": "year to 2024-10", "arrivals": arrivals,
            "log_gap_before_pct": -18.0, "log_gap_pct": -38.0, "difference_bn": change + 20.0,
            "unchanged_gap_bn": 20.0, "gap_change_bn": change, "gap_change_new_bn": change,
            "gap_change_old_bn": change if old is None else old}  # fmt: skip


def test_the_title_of_the_parts_says_what_the_widening_makes_by_both_datings():
    later = "a month later"
    assert "alone makes 48 billion" in views.of_parts(pd.DataFrame([part(-48.0)]))
    assert "alone makes 41 to 58 billion" in views.of_parts(pd.DataFrame([part(-41.0, old=-55), part(-58.0, later)]))
    row = views.part_rows(pd.DataFrame([part(-41.0, old=-55.0)])).iloc[0]
    assert (row["widening_part"], row["unchanged_part"]) == ("−41 to −55", "+20 to +34")
    assert views.part_rows(pd.DataFrame([part(-41.0)]))["unchanged_part"].tolist() == ["+20"]
    assert views.of_parts(pd.DataFrame([part(3.0), part(-0.2, later)])) == "The US gap did not widen in W1"
    assert views.of_parts(pd.DataFrame([part(3.0), part(-48.0, later)])).startswith("Whether the US gap widened in W1")
    assert views.of_parts(pd.DataFrame([part(NAN)])) == "The two counts of the US, window by window"


def loss(size, low=NAN, high=NAN, share=40.0, window="W1", against="a year before", count="importer"):
    return {"window_id": window, "against": against, "count": count, "first_month": "2025-04",
            "last_month": "2025-11", "loss_bn": size, "low_bn": low, "high_bn": high, "loss_over_rise_pct": share,
            "australia_cents": NAN if size < 0 else 6.0}  # fmt: skip


def test_a_loss_is_shown_as_a_fall_and_a_gain_as_a_rise():
    rows = views.loss_rows(pd.DataFrame([loss(95.0, 20.0, 170.0), loss(-3.0)]), pd.DataFrame([part(-48.0)]))
    assert rows["loss"].tolist() == ["−95.0 (−170\u00a0to\u00a0−20)", "+3.0"]
    assert rows["cents"].tolist() == ["6", "–"]


def test_what_a_loss_is_held_against_is_named_for_any_end_of_training():
    held = pd.DataFrame([loss(9.0, against="year to 2024-12"), loss(NAN)])
    rows = views.loss_rows(held, pd.DataFrame([part(-48.0)]))
    assert rows["against_text"].tolist() == ["year to December 2024", "a year before"]
    assert rows["loss"].iloc[1] == "–"


def test_what_is_left_of_the_loss_without_the_widening_stands_in_the_table_and_in_words():
    base = "year to 2024-10"
    held = pd.DataFrame([loss(118.0, against=base), loss(127.0, against=base, count="importer, a month later"),
                         loss(91.0, against=base, count="China")])  # fmt: skip
    changes = pd.DataFrame([part(-41.0, old=-55.0), part(-50.0, "a month later", old=-66.0)])
    assert views.loss_rows(held, changes)["if_recording"].tolist() == ["−63 to −77", "−61 to −77", "–"]
    told = views.recording_sentence(held, changes)
    assert "63 to 77 billion instead of 118, 61 to 77 billion instead of 127 with arrivals a month later" in told
    assert "against the year to October 2024" in told and told.endswith("these figures cannot say.")
    assert "nothing is taken off" in views.recording_sentence(
        held, pd.DataFrame([part(3.0), part(-50, "a month later")])
    )
    assert views.recording_sentence(held.iloc[2:], changes) == ""


def test_the_title_of_the_losses_is_the_range_of_all_its_rows():
    held = pd.DataFrame([loss(95.0), loss(131.0, share=59.0), loss(91.0, share=38.0, against="year to 2024-10")])
    assert views.of_losses(held) == (
        "The US loss in W1 is 91 to 131 billion by who counts and against what, 38 to 59 % of the rise elsewhere"
    )
    assert views.of_losses(pd.DataFrame([loss(NAN)])) == "Every US loss on every count"


def test_a_title_never_speaks_of_a_loss_where_a_count_has_none():
    mixed = pd.DataFrame([loss(11.0), loss(-4.0, share=NAN)])
    assert views.of_losses(mixed) == (
        "Whether the US took less in W1 depends on who counts and against what: −11 to +4 billion"
    )
    gained = pd.DataFrame([loss(-2.0, share=NAN), loss(-4.0, share=NAN)])
    assert views.of_losses(gained) == "No count shows a US loss in W1: +2 to +4 billion"
    assert views.of_losses(pd.DataFrame([loss(95.0, share=NAN)])).endswith("nothing rose elsewhere")


def test_the_title_of_the_later_windows_is_that_of_the_last_one():
    first, truce = loss(95.0), loss(23.0, window="W2")
    assert views.of_later(pd.DataFrame([first])) == "No window after W1 has begun"
    both = pd.DataFrame([first, truce, loss(50.0, window="W2")])
    assert views.of_later(both).startswith("The US loss in W2 is 23 to 50 billion by who counts")
    third = pd.DataFrame([first, truce, loss(11.0, window="W3"), loss(-4.0, window="W3")])
    assert views.of_later(third).startswith("Whether the US took less in W3 depends")


def step(arrivals, first, size=-25.0, low=-6.0, high=-18.0):
    return {"arrivals": arrivals, "first_period": first, "second_best": "2025-02", "step_pct": size,
            "periods_before": 25, "periods_after": 14, "lowest_before_pct": low, "highest_after_pct": high,
            "parcels_month": "2025-05", "reason": "3 periods held"}  # fmt: skip


@pytest.mark.parametrize(
    ("left", "came", "title"),
    [("2025-03", "2025-04", "By departure the gap falls in March, by arrival in April 2025, both before {}"),
     ("2025-03", "2025-05", "By departure the gap falls in March, before {}; by arrival in May 2025, when they did"),
     ("2025-04", "2025-04", "By departure the gap falls in April, when {}; by arrival in April 2025, before they did"),
     ("2025-04", "2025-05", "By departure the gap falls in April, by arrival in May 2025, when {}"),
     ("2024-12", "2025-07", "By departure the gap falls in December 2024, before {}; by arrival in July 2025, after "
      "they did")],
)  # fmt: skip
def test_the_title_of_the_steps_dates_arrivals_against_the_parcels(left, came, title):
    """What leaves in April arrives in May, when parcels ended: not before it."""
    rows = pd.DataFrame([step("same month", came), step("dated by departure", left)])
    assert views.of_steps(rows) == title.format("duty-free parcels ended")
    rows.loc[0, "first_period"] = None
    assert views.of_steps(rows).endswith("cannot be told")
    assert "By arrival: 3 periods held." in views.steps_sentence(rows)


def test_a_step_up_is_not_called_a_fall():
    up = [step("same month", "2025-05", 9.0), step("dated by departure", "2025-03", 9.0)]
    assert "the gap rises" in views.of_steps(pd.DataFrame(up))
    assert "the gap moves" in views.of_steps(pd.DataFrame([up[0], step("dated by departure", "2025-03")]))


def test_the_sentence_says_whether_periods_overlap():
    apart, mixed = step("dated by departure", "2025-03"), step("same month", "2025-05", high=-3.0)
    assert "no period overlaps" in views.steps_sentence(pd.DataFrame([apart]))
    assert "single periods overlap" in views.steps_sentence(pd.DataFrame([mixed]))
    assert views.step_marks(pd.DataFrame([apart, mixed])) == (
        ("2025-03", "step by departure"), ("2025-05", "step by arrival; duty-free parcels end"),
    )  # fmt: skip
    assert views.step_marks(pd.DataFrame([mixed.copy() | {"first_period": "2025-06"}])) == (
        ("2025-05", "duty-free parcels end"), ("2025-06", "step by arrival"),
    )  # fmt: skip


def candidate(name, reading):
    return {"candidate": name, "statistic": "a", "value": 1.0, "unit": "log points", "reading": reading, "why": "",
            "p_value": NAN, "least_p": NAN, "periods": None}  # fmt: skip


def test_the_title_of_the_candidates_never_names_a_cause_that_something_speaks_against():
    fits, against = candidate("values", "fits"), candidate("values", "speaks against it")
    assert views.of_candidates(pd.DataFrame([against])) == "No candidate for the widening fits these figures"
    assert views.of_candidates(pd.DataFrame([fits])).endswith("cause not shown: values")
    assert views.of_candidates(pd.DataFrame([fits, against])).startswith("No cause of the widening is shown;")


def test_a_correlation_is_shown_with_its_chance_and_a_count_without_a_sign():
    one = candidate("values", "fits") | {"value": -0.9, "unit": "correlation", "p_value": 0.0455, "least_p": 0.0455,
                                         "periods": 22}  # fmt: skip
    two = candidate("basis", "fits") | {"value": 2.0, "unit": "count"}
    three = candidate("basis", "fits") | {"value": NAN}
    told = views.candidate_rows(pd.DataFrame([one, two, three]).astype({"periods": "Int64"}))["measured"].tolist()
    assert told == ["−0.90 correlation (p\u00a00.05, least possible 0.05, 22 periods)", "2", "–"]


def test_the_table_shows_the_first_measurement_of_each_reading():
    rows = [candidate("values", "fits"), candidate("values", "fits"), candidate("values", "speaks against it"),
            candidate("basis", "fits")]  # fmt: skip
    shown = views.short_rows(views.candidate_rows(pd.DataFrame(rows)))
    assert shown["statistic"].tolist() == ["a (first of 2)", "a", "a"]
    assert shown["candidate"].tolist() == ["values", "values", "basis"]


# -- the ledger


def test_every_row_of_the_ledger_has_its_words():
    when = {"train_end": "2024-10", "month": "2026-05"}
    exporter = {code: mirror.exporter_months(ledger.cells(), ledger.preferred_growth(), code) for code in ("US", "AU")}
    importer = {code: mirror.importer_months(ledger.cells(), ledger.control_table(), code) for code in ("US", "AU")}
    gaps = mirror.gaps(exporter, importer, ledger.cells(), ledger.quarters(), month="2026-05")
    changes = mirror.changes(exporter, importer, gaps, **when)
    lost = mirror_losses.losses(exporter, importer, ledger.cells(), **when)
    found = mirror_steps.sides(exporter["US"], importer["US"], train_end="2024-10")
    events = claims.read_compiled("tariff_events_2018-2026")
    levels = mirror_steps.steps(found, events, month="2026-05")
    held = mirror_candidates.candidates(
        found, exporter, changes, ledger.cells(), claims.measured_duties(), events, month="2026-05"
    )
    rows = {
        "parts": (views.part_rows(changes), views.PARTS_COLUMNS, 6),
        "losses": (views.loss_rows(lost, changes), views.LOSS_COLUMNS, len(lost)),
        "candidates": (views.candidate_rows(held), views.CANDIDATE_COLUMNS, len(held)),
    }
    for frame, columns, length in rows.values():
        assert len(frame) == length and set(columns) <= set(frame.columns) & set(HEADINGS)
    assert set(rows["candidates"][0]["told"]) <= set(views.BADGES)
    assert set(held["unit"]) <= {*views.DIGITS, "count"}
    assert len(views.short_rows(rows["candidates"][0])) < len(held) < 30
    recorded = rows["losses"][0]["if_recording"]
    assert (recorded == "–").tolist() == (lost["count"] == "China").tolist()
    path = views.step_path(found, "2026-05")
    assert path["month"].max() == "2026-05" and set(path["code"]) == {"US", "WORLD"}
    assert views.alt_of_steps(path).startswith("US gap less its usual level")
    years = views.year_rows(gaps)
    assert years.groupby("reporter_code").size().min() >= 9
    titles = [views.of_years(years), views.of_parts(changes), views.of_losses(lost), views.of_later(lost),
              views.of_steps(levels), views.of_candidates(held)]  # fmt: skip
    assert max(map(len, titles)) <= 110 and not any("nan" in title or "–" in title for title in titles)
