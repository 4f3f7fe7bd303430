"""The tariff path, errors at earlier dates, windows side by side: rows, titles, drawings. The figures are invented."""

from __future__ import annotations

import matplotlib
import pandas as pd
import pytest

matplotlib.use("agg")

from helpers import charts, charts_choices, charts_windows, claims, figures, path_views, reopening_views, spans
from helpers.months import short_span


def events(*steps):
    """Return invented changes of the modelled average: (day, before, after)."""
    rows = [{"date": day, "event": "e", "kind_of_measure": "modelled", "before_pct": str(low), "after_pct": str(high)}
            for day, low, high in steps]  # fmt: skip
    return pd.DataFrame([*rows, {"date": "2025-05-05", "event": "other", "kind_of_measure": "measured",
                                 "before_pct": "1", "after_pct": "999"}])  # fmt: skip


def paid(**rates):
    return pd.DataFrame({"period": [name[1:].replace("_", "-") for name in rates], "applied_rate_pct": rates.values()})


STEPS = events(("2025-02-04", 10.0, 30.0), ("2025-04-09", 30.0, 120.0), ("2025-11-14", 120.0, 40.0),
               ("2026-02-20", 40.0, 15.0), ("2026-07-24", 15.0, 20.0))  # fmt: skip
PAID = paid(m2023_12=1.0, m2024_01=10.0, m2024_12=12.0, m2025_05=48.0, m2025_11=32.0, m2026_06=99.0)


def test_the_path_holds_one_kind_of_measure_and_nothing_after_the_month():
    path = path_views.tariff_path(STEPS, PAID, "2026-05")
    law = path[path["series"] == "by law"]
    assert law["date"].tolist() == ["2024-01-01", "2025-02-04", "2025-04-09", "2025-11-14", "2026-02-20", "2026-05-31"]
    assert law["rate_pct"].tolist() == [10.0, 30.0, 120.0, 40.0, 15.0, 15.0]
    assert path.loc[path["series"] == "paid", "rate_pct"].tolist() == [10.0, 12.0, 48.0, 32.0]


def test_a_change_before_the_drawing_begins_gives_its_first_level():
    path = path_views.tariff_path(events(("2023-05-01", 5.0, 7.0), ("2025-02-04", 7.0, 9.0)), PAID, "2025-06")
    assert path[path["series"] == "by law"]["rate_pct"].tolist() == [7.0, 9.0, 9.0]


@pytest.mark.parametrize(
    ("month", "title"),
    [
        ("2026-05", "The US tariff on Chinese goods peaked at 120 % in April 2025; it was 40 % when W1 ended "
         "and 15 % in May 2026"),
        ("2025-11", "The US tariff on Chinese goods peaked at 120 % in April 2025; it was 40 % in November 2025"),
        ("2025-06", "The US tariff on Chinese goods has not been higher since 2024: 120 % in June 2025"),
    ],
)  # fmt: skip
def test_the_title_states_the_peak_the_end_of_w1_and_the_last(month, title):
    assert path_views.of_tariffs(path_views.tariff_path(STEPS, PAID, month)) == title


def test_the_duty_paid_is_said_and_every_step_is_in_the_alternative_text():
    path = path_views.tariff_path(STEPS, PAID, "2026-05")
    assert path_views.paid_sentence(path) == (
        "Duty paid: 11.0 % on average in 2024, 48.0 % at its highest in May 2025, 32.0 % in November 2025, the last "
        "month held."
    )
    told = path_views.alt_of_tariffs(path)
    assert "120.0 from 9 April 2025" in told and "highest 48.00 in 2025-05" in told and "99" not in told
    assert path_views.paid_sentence(path_views.tariff_path(STEPS, PAID.iloc[:0], "2026-05")) == ""


def test_the_tariff_is_drawn_as_steps_that_end_where_the_report_does():
    figures.use_house_style()
    path = path_views.tariff_path(STEPS, PAID, "2026-05")
    (ax,) = charts_windows.plot_tariffs(path, spans.windows("2026-05")).axes
    steps = ax.lines[0]
    assert steps.get_drawstyle() == "steps-post" and steps.get_ydata().tolist()[-1] == 15.0
    said = {text.get_text() for text in ax.texts}
    assert {"W1", "W2", "W3", "15 %", "by law\n120 % in Apr 2025", "duty paid\n32 % in Nov 2025"} <= said


def test_the_tariff_of_the_ledger_is_the_one_that_the_claims_are_held_against():
    path = path_views.tariff_path(claims.read_compiled("tariff_events_2018-2026"), claims.measured_duties(), "2026-05")
    assert path["rate_pct"].between(5, 150).all() and path["date"].between("2024-01-01", "2026-05-31").all()
    assert len(path_views.of_tariffs(path)) <= 110


def errors(code, *values):
    placebo = pd.DataFrame({"destination_code": code, "form": "plain", "window_id": "W1", "error_bn": values,
                            "origin": [f"20{14 + n}-10" for n in range(len(values))]})  # fmt: skip
    gap = {"destination_code": code, "form": "plain", "window_id": "W1", "gap_bn": -10.0, "first_month": "2025-04",
           "last_month": "2025-11"}  # fmt: skip
    return placebo, pd.DataFrame([gap])


def test_an_error_is_dated_as_far_after_its_origin_as_the_gap_and_counted_by_its_size():
    placebo, excess = errors("US", 4.0, -12.0, 10.0)
    rows = path_views.error_rows(placebo, excess, train_end="2024-10")
    assert rows["month"].tolist() == ["2015-07", "2016-07", "2017-07", "2025-07"]
    assert rows["is_as_large"].tolist() == [False, True, True, True] and rows["is_now"].tolist() == [False] * 3 + [True]
    assert path_views.of_errors(rows) == "Earlier errors at least as large as the gap of W1: United States 2 of 3"
    assert "lowest −12.0 around 2016-07" in path_views.alt_of_errors(rows)
    (ax,) = charts_windows.plot_errors(rows).axes
    assert sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o") == 3
    assert "W1 −10" in {text.get_text() for text in ax.texts}


def test_no_error_as_large_is_said_and_nothing_to_show_as_well():
    rows = path_views.error_rows(*errors("AU", 4.0), train_end="2024-10")
    assert path_views.of_errors(rows).endswith("Australia none of 1")
    placebo, excess = errors("AU", 4.0)
    nothing = path_views.error_rows(placebo, excess.assign(gap_bn=float("nan")), train_end="2024-10")
    assert path_views.of_errors(nothing) == "No gap of W1 stands beside earlier errors"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [("2025-04", "2025-11", "Apr–Nov 2025"), ("2025-12", "2026-02", "Dec 2025–Feb 2026"),
     ("2026-05", "2026-05", "May 2026")],
)  # fmt: skip
def test_months_are_short_where_there_is_little_room(first, last, text):
    assert short_span(first, last) == text


def windows(**growth):
    """Return growth by window: a name such as ``EU`` to (W1, W2, W3)."""
    rows = [
        {"destination_code": code, "window_id": window, "window": spans.WINDOW_NAMES[window], "growth_pct": value,
         "first_month": spans.WINDOWS[window][0], "last_month": spans.WINDOWS[window][1] or "2026-06",
         "basis": "China's customs, US dollars, departures" if code != "AU" else "importer's customs, USD, arrivals"}
        for code, three in growth.items() for window, value in zip(spans.WINDOWS, three, strict=False)
    ]  # fmt: skip
    return pd.DataFrame(rows)


NAN, US = float("nan"), (-26.0, -18.0, 6.0)


@pytest.mark.parametrize(
    ("growth", "told"),
    [
        ({"EU": (10, 22, 12), "AU": (12, 36, 21)}, "faster than behind the shut door, more slowly than in the truce"),
        ({"EU": (10, 11, 12), "AU": (12, 13, 21)}, "faster than behind the shut door and in the truce"),
        ({"EU": (14, 22, 12), "AU": (22, 36, 21)}, "more slowly than behind the shut door and in the truce"),
        ({"EU": (10, 22, 12), "AU": (22, 36, 21)}, "faster than behind the shut door only to the EU, more slowly than "
         "in the truce"),
        ({"EU": (10, 11, 12), "AU": (22, 13, 21)}, "faster than behind the shut door only to the EU, faster than in "
         "the truce"),
        ({"EU": (12, 9, 12), "AU": (22, 36, 21)}, "no faster than behind the shut door, faster than in the truce only "
         "to the EU"),
        ({"EU": (10, NAN, 12), "AU": (12, NAN, 21)}, "faster than behind the shut door"),
    ],
)  # fmt: skip
def test_the_title_of_the_reopening_is_true_to_all_bars(growth, told):
    title = reopening_views.of_minister(windows(US=US, **growth))
    assert title == f"Since the US market reopened, exports elsewhere grow {told}"


def test_a_title_does_not_say_that_what_shrinks_grows():
    assert reopening_views.of_minister(windows(US=US, EU=(-9, 2, -3), AU=(12, 36, 21))) == (
        "Since the US market reopened, growth of exports elsewhere is higher than behind the shut door, lower than in "
        "the truce"
    )
    assert reopening_views.of_minister(windows(US=US)) == "Growth against a year before, window by window"


def test_the_title_says_where_the_us_market_has_not_reopened_or_no_window_is_over():
    closed = windows(US=(-26.0, -18.0, -26.0), EU=(1, 2, 3))
    assert reopening_views.of_minister(closed) == "The US market has not reopened on China's count"
    early = windows(US=(-26.0, -18.0), EU=(1, 2))
    assert reopening_views.of_minister(early) == "Growth against a year before, window by window"


def test_every_bar_has_its_months_and_every_destination_one_heading():
    rows = reopening_views.minister_rows(windows(US=US, AU=(12, 36, NAN)))
    (ax,) = charts_windows.plot_windows(rows).axes
    said = [text.get_text() for text in ax.texts]
    assert said.count("United States: China's count") == said.count("Australia: its own count") == 1
    assert said.count("Door shut, Apr–Nov 2025") == 2 and said.count("Reopening, Mar–Jun 2026") == 1
    assert {"−26.0 %", "+6.0 %", "+36.0 %"} <= set(said)
    assert "Australia, truce (December 2025 to February 2026): percent +36.0" in reopening_views.alt_of_minister(rows)
    assert len({bar.get_facecolor()[:3] for bar in ax.patches}) == 2
    assert [bar.get_alpha() for bar in ax.patches][:3] == list(charts_windows.TINTS.values())


def test_dates_are_named_above_the_drawing_in_rows_of_their_own():
    frame = pd.DataFrame(
        {"month": ["2024-01", "2025-01", "2026-01"], "value": [1.0, 2.0, 3.0], "name": "a", "code": "US"}
    )
    marks = (("2024-03", "early"), ("2025-11", "late"), ("2027-01", "outside"))
    (ax,) = charts.plot_lines(frame, x="month", y="value", series="name", code="code", verticals=marks).axes
    early, late = ax.texts
    assert (early.get_text(), late.get_text()) == ("early", "late")
    assert (early.get_ha(), late.get_ha()) == ("left", "right") and late.xy[1] > early.xy[1] > 1


def test_a_line_that_ends_earlier_says_when():
    frame = pd.DataFrame(
        {"month": ["2023-07", "2024-07", "2025-07"], "value": [1.0, 2.0, -3.0], "name": "a", "code": "US"}
    )
    short = frame.iloc[:2].assign(name="b", code="AU")
    (ax,) = charts.plot_lines(pd.concat([frame, short]), x="month", y="value", series="name", code="code", rule=0).axes
    assert [text.get_text() for text in ax.texts] == ["a −3", "b, 2024: +2"]


def test_the_band_of_intervals_is_calm_and_never_below_nothing():
    table = pd.DataFrame({"destination_code": "US", "window_id": "W1", "spec_id": range(100), "form": "plain",
                          "trend": "linear", "gap_pct": range(-60, 40), "is_headline": False, "excludes_zero": True,
                          "low_pct": [-300.0 if n % 2 else -80.0 for n in range(100)], "high_pct": 50.0})  # fmt: skip
    (ax,) = charts_choices.plot_curve(table).axes
    assert ax.collections[0].get_paths()[0].vertices[:, 1].min() >= charts_choices.LEAST
    assert charts_choices.calm(pd.Series([1.0, 9.0, 1.0] * 20)).between(1, 9).all()


def test_an_unbroken_run_is_found_by_its_ends():
    assert charts_choices.runs(pd.Series([True, True, False, True]).to_numpy()) == [(0, 1), (3, 3)]


def test_a_report_before_the_reopening_says_that_no_partners_are_compared():
    few = pd.DataFrame([{"measure": "rank", "reason": "0 partners known in both quarters, 8 needed"}])
    assert reopening_views.across_sentence(few).startswith("Across partners no comparison is made: 0 partners")
