"""The tables of the pages that ask what could change our mind: what a row is, every column's kind, unit and meaning."""

from __future__ import annotations

from helpers.columns import Table, integer, number, text
from helpers.table_list_accounts import DESTINATION, REASON

_FORM = text("form", "plain, or share of the importer's other origins")
_VIEW = text("view", "whose customs", optional=True)
_CURRENCY = text("currency", "ISO code", optional=True)
_INPUTS = text("inputs", "series the row is computed from", optional=True)
_POINTS = "percentage points"
_OF_FORECAST = "percent of the counterfactual"
_WINDOW = text("window_id", "W1, W2 or W3")
_MONEY = "billion of currency"

DOUBTS: tuple[Table, ...] = (
    Table(
        "reversal_easing", "one reading of whether a flow eased when the US market reopened", "07_reopen_the_door",
        ("basis", "destination_code", "form"),
        (
            text("basis", "gap against a forecast, or growth against a year before; the two are never compared"),
            DESTINATION, _FORM, _VIEW, _CURRENCY, _INPUTS,
            text("reading", "eased, did not ease, cannot be told; for growth: grew faster, grew slower"),
            REASON,
            text("trend", "form of the forecast", optional=True),
            integer("training_periods", "periods of training", "periods", optional=True),
            text("shut_first", "first month of W1", optional=True),
            text("shut_last", "last month of W1", optional=True),
            text("reopened_first", "first month of W3", optional=True),
            text("reopened_last", "last month of W3", optional=True),
            number("shut_pct", "gap of W1, or growth in W1", "percent", optional=True),
            number("reopened_pct", "gap of W3, or growth in W3", "percent", optional=True),
            number("change_pp", "W3 less W1", _POINTS, optional=True),
            number("range_low_pp", "lowest change over forms as good, or over roundings", _POINTS, optional=True),
            number("range_high_pp", "highest change over forms as good, or over roundings", _POINTS, optional=True),
            integer("forms_tried", "forms as good a choice", "count", optional=True),
            integer("forms_same", "those with the same reading", "count", optional=True),
            number("placebo_error_pp", "root mean square of the same change at earlier dates", _POINTS, optional=True),
            number("placebo_mean_pp", "mean of the same change at earlier dates", _POINTS, optional=True),
            number("low_pp", "lower end of the 95 % interval", _POINTS, optional=True),
            number("high_pp", "upper end of the 95 % interval", _POINTS, optional=True),
            number("p_eased", "one-sided probability of such a fall without easing", "share", optional=True),
            number("mde80_pp", "change that had an 80 % chance of being seen", _POINTS, optional=True),
            number("t_value", "change over its placebo error", "", optional=True),
            integer("origins", "placebo origins", "count", optional=True),
            integer("degrees_of_freedom", "placebo errors that do not overlap", "count", optional=True),
        ),
    ),
    Table(
        "growth_by_window", "growth to one destination in one window, for a reader in a hurry", "07_reopen_the_door",
        ("destination_code", "window_id"),
        (
            DESTINATION, _WINDOW,
            text("window", "name of the window"),
            text("first_month", "first month"),
            text("last_month", "last month"),
            number("growth_pct", "growth against a year before, middle of the range", "percent", optional=True),
            number("growth_low_pct", "lowest growth that the printed pieces allow", "percent", optional=True),
            number("growth_high_pct", "highest growth that the printed pieces allow", "percent", optional=True),
            number("two_years_pct", "growth against two years before", "percent", optional=True),
            text("basis", "whose customs"),
            REASON, _INPUTS,
        ),
    ),
    Table(
        "nowcasts", "the next month of one flow", "08_look_back_and_ahead", ("destination_code",),
        (
            DESTINATION, _VIEW, _CURRENCY, _INPUTS,
            text("last_published", "last month that has been published"),
            text("first_month", "first month of the nowcast"),
            text("last_month", "last month of the nowcast"),
            text("what", "a month, or the average of January and February"),
            REASON,
            integer("errors", "own earlier errors behind the interval", "count"),
            number("nowcast_bn", "expected value, average per month", _MONEY, optional=True),
            number("low80_bn", "lower end of the 80 % interval", _MONEY, optional=True),
            number("high80_bn", "upper end of the 80 % interval", _MONEY, optional=True),
            number("low95_bn", "lower end of the 95 % interval", _MONEY, optional=True),
            number("high95_bn", "upper end of the 95 % interval", _MONEY, optional=True),
            number("year_before_bn", "the same month a year before", _MONEY, optional=True),
            number("growth_pct", "nowcast against a year before", "percent", optional=True),
        ),
    ),
    Table(
        "specification_summary", "one destination, window and form: all specifications summed up", "05_test_robustness",
        ("destination_code", "window_id", "form"),
        (
            DESTINATION, _WINDOW, text("form", "all, or one form: plain or a share of other origins"),
            integer("combinations", "combinations of the grid", "count", optional=True),
            integer("feasible", "those with their training and the whole window", "count", optional=True),
            integer("distinct", "those whose gap, counterfactual or error differ", "count", optional=True),
            integer("distinct_gaps", "those whose gap differs", "count", optional=True),
            integer("specifications", "specifications in this row", "count"),
            integer("with_interval", "those with a calibrated interval", "count", optional=True),
            number("headline_gap_pct", "gap of the headline", _OF_FORECAST, optional=True),
            number("median_gap_pct", "median gap", _OF_FORECAST, optional=True),
            number("p5_gap_pct", "5th percentile of the gaps", _OF_FORECAST, optional=True),
            number("p95_gap_pct", "95th percentile of the gaps", _OF_FORECAST, optional=True),
            number("median_gap_usd_bn", "median gap", "billion USD", optional=True),
            number("p5_gap_usd_bn", "5th percentile of the gaps", "billion USD", optional=True),
            number("p95_gap_usd_bn", "95th percentile of the gaps", "billion USD", optional=True),
            number("same_sign_pct", "share with the headline's sign", "percent", optional=True),
            number("lower_pct", "share with a lower gap than the headline", "percent", optional=True),
            number("clear_pct", "share of intervals clear of zero on its side", "percent", optional=True),
            integer("straight", "specifications without quadratic trends", "count", optional=True),
            number("clear_straight_pct", "share of theirs that are clear of zero", "percent", optional=True),
            text("widest_axis", "choice whose medians differ most", optional=True),
            number("widest_axis_pp", "by how much", _POINTS, optional=True),
            REASON, _INPUTS,
        ),
    ),
    Table(
        "joint_tests", "one statistic of the curve, against the curve at earlier dates", "05_test_robustness",
        ("destination_code", "window_id", "statistic"),
        (
            DESTINATION, _WINDOW, text("statistic", "which statistic; none where nothing is tested"),
            text("unit", "its unit", optional=True),
            integer("specifications", "specifications in the curve", "count"),
            integer("dates", "earlier dates that all specifications share", "count"),
            integer("dates_not_overlapping", "those that do not overlap", "count"),
            number("observed", "the statistic in the window", "see unit", optional=True),
            number("placebo_p5", "5th percentile at earlier dates", "see unit", optional=True),
            number("placebo_median", "median at earlier dates", "see unit", optional=True),
            number("placebo_p95", "95th percentile at earlier dates", "see unit", optional=True),
            number("p_value", "two-sided rank among the dates", "share", optional=True),
            number("resolution", "smallest p-value the dates can give", "share", optional=True),
            number("floor_not_overlapping", "smallest p-value that dates without overlap could give", "share",
                   optional=True),
            number("p_value_t", "the median gap over its placebo error, by t", "share", optional=True),
            REASON,
        ),
    ),
    Table(
        "adjusted_p", "one estimate of the headline, adjusted for looking at several", "05_test_robustness",
        ("destination_code", "form", "window_id"),
        (
            DESTINATION, _FORM, _WINDOW,
            number("gap_bn", "gap to the counterfactual", _MONEY, optional=True),
            number("t_value", "gap over its placebo error", "", optional=True),
            number("p_value", "by t, alone", "share", optional=True),
            number("p_holm", "by t, Holm's adjustment", "share", optional=True),
            number("p_rank", "rank among placebo errors, alone", "share", optional=True),
            number("p_westfall_young", "rank, adjusted for all series of the window together", "share", optional=True),
            number("resolution", "smallest p-value the origins can give", "share", optional=True),
            integer("family", "series in the family", "count", optional=True),
            integer("origins", "placebo origins that all share", "count", optional=True),
            integer("origins_not_overlapping", "those that do not overlap", "count", optional=True),
            REASON,
        ),
    ),
)  # fmt: skip
