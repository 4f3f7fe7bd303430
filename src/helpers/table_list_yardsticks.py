"""The tables of the pages on other yardsticks and on both sides: what a row is, every column's kind, unit, meaning."""

from __future__ import annotations

from helpers.columns import Table, flag, integer, number, text
from helpers.table_list_accounts import DESTINATION, REASON

_FORM = text("form", "plain, or share of the importer's other origins")
_MONEY = "billion of currency"

YARDSTICKS: tuple[Table, ...] = (
    Table(
        "breaks_found", "the largest break of one flow from 2022 to 2024", "09_try_other_yardsticks",
        ("destination_code", "form", "break_number"),
        (
            DESTINATION, _FORM, integer("break_number", "1, or 2: given the first", "count"),
            flag("is_upward", "above the old path on average and at its end"),
            flag("predates_tariffs", "upward, significant at 10 %, 90 % set over before November 2024"),
            text("break_month", "first month after the break", optional=True),
            text("set_first", "first month of the 90 % set", optional=True),
            text("set_last", "last month of the 90 % set", optional=True),
            number("set_share_pct", "share of the candidates in the set", "percent", optional=True),
            number("f_value", "largest F over the candidates", "", optional=True),
            number("p_value", "by sieve bootstrap", "share", optional=True),
            number("level_change_pct", "jump at the break", "percent", optional=True),
            number("slope_change_pct_year", "change of slope", "percent a year", optional=True),
            number("shift_mean_pct", "new path over the old, on average", "percent", optional=True),
            number("shift_end_pct", "new path over the old, at its end", "percent", optional=True),
            number("persistence", "largest root of the residuals", "", optional=True),
            integer("periods", "periods of the sample", "periods"),
            REASON, text("inputs", "series the row is computed from"),
        ),
    ),
    Table(
        "front_loading", "one span of one count: what was rushed in, a window, or both", "09_try_other_yardsticks",
        ("destination_code", "count", "form", "span"),
        (
            DESTINATION, text("count", "whose customs: importer or exporter"), _FORM,
            text("span", "front, a window, or front to a window"),
            text("view", "whose customs, in words", optional=True),
            text("first_month", "first month", optional=True),
            text("last_month", "last month", optional=True),
            flag("is_net", "whether the span includes what was rushed in"),
            text("currency", "ISO code", optional=True),
            text("trend", "form of the forecast", optional=True),
            integer("training_periods", "periods of training", "periods", optional=True),
            number("actual_bn", "what came", _MONEY, optional=True),
            number("counterfactual_bn", "what the past implied", _MONEY, optional=True),
            number("gap_bn", "the one less the other", _MONEY, optional=True),
            number("gap_pct", "gap", "percent of the counterfactual", optional=True),
            number("placebo_error_bn", "root mean square of the same sum at earlier dates", _MONEY, optional=True),
            number("t_value", "gap over its placebo error", "", optional=True),
            number("p_value", "two-sided", "share", optional=True),
            number("low_bn", "lower end of the 95 % interval", _MONEY, optional=True),
            number("high_bn", "upper end of the 95 % interval", _MONEY, optional=True),
            number("mde80_bn", "gap that had an 80 % chance of being seen", _MONEY, optional=True),
            integer("origins", "placebo origins", "count", optional=True),
            integer("degrees_of_freedom", "placebo errors that do not overlap", "count", optional=True),
            text("status", "interval, not calibratable, accounting only"),
            REASON,
            number("error_if_independent_bn", "error if the parts were independent", _MONEY, optional=True),
            text("inputs", "series the row is computed from", optional=True),
        ),
    ),
    Table(
        "mirror_losses", "one US loss: window, what it is held against, and who counts", "10_hold_both_sides",
        ("window_id", "against", "count"),
        (
            text("window_id", "W1, W2 or W3"), text("against", "the year of training, or a year before"),
            text("count", "China; importer; importer, a month later"),
            text("first_month", "first month"), text("last_month", "last month"),
            number("loss_bn", "by how much exports fell short", "billion USD", optional=True),
            number("loss_pct", "the same", "percent", optional=True),
            number("rise_bn", "rise of exports elsewhere by China's count", "billion USD", optional=True),
            number("loss_over_rise_pct", "loss over that rise", "percent", optional=True),
            number("rise_mixed_bn", "rise of China's total less this count", "billion USD", optional=True),
            number("loss_over_rise_mixed_pct", "loss over that rise", "percent", optional=True),
            number("australia_bn", "change of Australia's imports from China, its count", "billion USD", optional=True),
            number("australia_cents", "the same per dollar lost", "cents", optional=True),
            REASON,
            number("placebo_error_bn", "root mean square of this gap at earlier dates", "billion USD", optional=True),
            number("low_bn", "lower end of the 95 % interval", "billion USD", optional=True),
            number("high_bn", "upper end of the 95 % interval", "billion USD", optional=True),
            integer("origins", "placebo origins", "count", optional=True),
            integer("degrees_of_freedom", "placebo errors that do not overlap", "count", optional=True),
        ),
    ),
)  # fmt: skip
