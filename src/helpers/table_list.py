"""The list of tables: what a row is, every column's kind, unit and meaning (``docs/data_dictionary.md``)."""

from __future__ import annotations

from helpers.columns import Column, Table


def _text(name: str, meaning: str, *, optional: bool = False) -> Column:
    return Column(name, "text", meaning, "", optional)


def _number(name: str, meaning: str, unit: str, *, optional: bool = False) -> Column:
    return Column(name, "number", meaning, unit, optional)


def _integer(name: str, meaning: str, unit: str = "", *, optional: bool = False) -> Column:
    return Column(name, "integer", meaning, unit, optional)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "flag", meaning)


_PERIOD = _text("period", "last month of the period, YYYY-MM")
_PARTNER = _text("partner_code", "partner; src/helpers/partners.py names it")
_INPUTS = _text("inputs", "cells the row is computed from: reporter/partner/flow/kind/months, @yoy for a printed rate")
_GRADE = _text(
    "evidence_grade", "A official copy, B two places agree, C one press report, D one place that cannot be named"
)
_CELL = (
    _PERIOD,
    _text("period_kind", "month, jan_feb, ytd, quarter or year: never added across kinds"),
    _text("reporter_code", "whose customs"),
    _PARTNER,
    _text("flow", "exports or imports, from the reporter"),
    _text("product_scheme", "total, sitc1, hs2, hs4, hs6"),
    _text("product_code", "code as text, TOTAL for all goods"),
    _text("concept", "exports FOB, general imports, imports for consumption ..."),
    _text("currency", "ISO code"),
)
_CELL_KEY = tuple(column.name for column in _CELL)
_SPAN = (
    _text("span", "name of the comparison"),
    _text("first_month", "first month, YYYY-MM"),
    _text("last_month", "last month, YYYY-MM"),
)

TABLE_LIST: tuple[Table, ...] = (
    Table(
        "customs_monthly", "one customs figure of one vintage", "01_clean_customs", (*_CELL_KEY, "vintage"),
        (
            *_CELL,
            _number("value_mn", "value", "million of currency"),
            _number("abs_error_mn", "half the last printed digit", "million of currency"),
            _text("valuation", "FOB, CIF or customs value"),
            _text("vintage", "first_print, interim, bulletin or revised"),
            _flag("is_preferred", "the vintage that a reader gets by default"),
            _flag("is_preliminary", "a first print"),
            _flag("is_derived", "turned from yuan into dollars at the World ratio of the same cell"),
            _integer("sources", "places that print this figure within rounding", "count"),
            _GRADE,
            _text("producer", "who published it"),
            _text("source_id", "raw file and source key"),
            _integer("line", "line in the raw file (header is 1)"),
        ),
    ),
    Table(
        "customs_quarterly", "one quarterly export figure of China", "01_clean_customs", (*_CELL_KEY,),
        (
            *_CELL,
            _number("value_mn", "value", "million of currency"),
            _number("abs_error_mn", "half the last printed digit", "million of currency"),
            _flag("is_derived", "a sum of members"),
            _flag("is_preliminary", "a first print inside a revised series"),
            _GRADE,
            _text("source_id", "raw file and source key"),
        ),
    ),
    Table(
        "customs_growth", "the preferred printed year-on-year rate of one cell", "01_clean_customs", _CELL_KEY,
        (
            *_CELL,
            _number("yoy_pct", "printed growth on the same period a year before", "percent"),
            _number("half_unit_pp", "half the last printed digit", "percentage points"),
            _integer("places", "places that print it within rounding", "count"),
            _number("other_pct", "the printed rate farthest from it, when one differs", "percent", optional=True),
            _text("source_id", "raw file and source key"),
        ),
    ),
    Table(
        "growth_checks", "one printed rate held against levels", "01_clean_customs", (*_CELL_KEY, "source_id"),
        (
            *_CELL,
            _text("source_id", "raw file and source key"),
            _number("printed_pct", "printed rate", "percent"),
            _number("half_unit_pp", "half the last printed digit", "percentage points"),
            _number("implied_low_pct", "lowest rate that the levels allow", "percent", optional=True),
            _number("implied_high_pct", "highest rate that the levels allow", "percent", optional=True),
            _number("misfit_pp", "distance between the two", "percentage points", optional=True),
            _text("verdict", "agrees, revision, misprint or not checkable"),
            _number("value_mn", "level", "million of currency", optional=True),
            _number("value_before_mn", "level a year before", "million of currency", optional=True),
        ),
    ),
    Table(
        "customs_conflicts", "two printed levels of one cell that differ beyond rounding", "01_clean_customs",
        (*_CELL_KEY, "source_id_a", "source_id_b"),
        (
            *_CELL,
            _number("value_mn_a", "one level", "million of currency"),
            _number("value_mn_b", "the other level", "million of currency"),
            _text("source_id_a", "where the one stands"),
            _text("source_id_b", "where the other stands"),
            _text("vintage_a", "vintage of the one"),
            _text("vintage_b", "vintage of the other"),
            _number("difference_pct", "the other over the one", "percent"),
            _text("reading", "revision (vintages differ) or unexplained"),
        ),
    ),
    Table(
        "growth_conflicts", "two printed rates of one cell that differ beyond rounding", "01_clean_customs", _CELL_KEY,
        (
            *_CELL,
            _number("lowest_pct", "lowest printed rate", "percent"),
            _number("highest_pct", "highest printed rate", "percent"),
            _text("lowest_source", "where the lowest stands"),
            _text("highest_source", "where the highest stands"),
            _integer("rates", "printed rates of this cell", "count"),
        ),
    ),
    Table(
        "customs_refused", "one printed figure that is not used", "01_clean_customs", ("file", "line", "what"),
        (
            _text("file", "raw file"),
            _integer("line", "line in it (header is 1)"),
            _PERIOD,
            _PARTNER,
            _text("flow", "exports or imports"),
            _text("what", "level or growth rate"),
            _number("printed", "the figure", "as printed"),
            _text("reason", "why it is not used"),
        ),
    ),
    Table(
        "controls_monthly", "one value of one control series", "01_clean_customs", ("period", "series"),
        (
            _PERIOD,
            _text("series", "name of the series"),
            _number("value", "value", "as the column unit says"),
            _text("unit", "unit"),
            _text("seasonal_adjustment", "NSA, SA"),
            _text("producer", "who published it"),
            _text("source_id", "raw file and source key"),
        ),
    ),
    Table(
        "surplus_monthly", "China's goods balance in one month, one source, one vintage", "01_clean_customs",
        ("source_id", "vintage", "period"),
        (
            _text("source_id", "raw file and source key: both flows come from here"),
            _text("vintage", "first_print, interim, bulletin or revised"),
            _PERIOD,
            _number("exports_usd_bn", "exports", "USD billion", optional=True),
            _number("imports_usd_bn", "imports", "USD billion", optional=True),
            _number("surplus_usd_bn", "exports less imports", "USD billion", optional=True),
            _number("ytd_usd_bn", "surplus since January", "USD billion", optional=True),
            _number("rolling12_usd_bn", "surplus of twelve months", "USD billion", optional=True),
            _INPUTS,
        ),
    ),
    Table(
        "accounting_change", "change of China's exports to one partner over one span", "02_account_for_change",
        ("span", "partner_code"),
        (
            *_SPAN,
            _PARTNER,
            _number("value_usd_bn", "exports", "USD billion", optional=True),
            _number("before_usd_bn", "exports a year before", "USD billion", optional=True),
            _number("change_usd_bn", "change", "USD billion", optional=True),
            _number("growth_pct", "growth", "percent"),
            _number("growth_low_pct", "lowest growth that the roundings allow", "percent"),
            _number("growth_high_pct", "highest growth that the roundings allow", "percent"),
            _number("contribution_pp", "contribution to the growth of all exports", "percentage points", optional=True),
            _number("share_pct", "share of all exports", "percent", optional=True),
            _number("other_print_pct", "another printed rate that differs", "percent", optional=True),
            _text("basis", "how the year before is known"),
            _GRADE,
            _INPUTS,
        ),
    ),
    Table(
        "ceiling", "the arithmetic ceiling over one span, on one side", "02_account_for_change", ("span", "side"),
        (
            *_SPAN,
            _text("side", "exporter, mixed or most favourable: who counts the loss and the rise"),
            _number("us_change_usd_bn", "change of exports to the US", "USD billion"),
            _number("non_us_change_usd_bn", "change of exports to all others", "USD billion"),
            _number("ceiling_pct", "share of the rise elsewhere that the US loss could explain at most", "percent",
                    optional=True),
            _text("reason", "why it is not defined", optional=True),
            _INPUTS,
        ),
    ),
    Table(
        "growth_in_currencies", "growth to one partner in three currencies", "02_account_for_change",
        ("period", "partner_code"),
        (
            _PERIOD,
            _PARTNER,
            _number("usd_pct", "growth in US dollars", "percent"),
            _number("cny_pct", "growth in yuan", "percent"),
            _text("own_currency", "the partner's currency"),
            _number("own_pct", "growth in the partner's currency", "percent", optional=True),
            _INPUTS,
        ),
    ),
    Table(
        "surplus_marks", "one passing of the mark by the surplus", "02_account_for_change",
        ("measure", "vintage", "source_id", "period"),
        (
            _text("measure", "calendar year or twelve months"),
            _text("vintage", "vintage of the balance"),
            _text("source_id", "raw file and source key"),
            _PERIOD,
            _number("value_usd_bn", "surplus at that month", "USD billion"),
            _number("mark_usd_bn", "the mark", "USD billion"),
            _INPUTS,
        ),
    ),
    Table(
        "two_sides", "one flow over one span as both customs report it", "02_account_for_change",
        ("reporter_code", "span"),
        (
            _text("reporter_code", "the importer"),
            *_SPAN,
            _number("exporter_usd_bn", "China's customs, FOB, departures", "USD billion", optional=True),
            _number("exporter_before_usd_bn", "the same a year before", "USD billion", optional=True),
            _number("exporter_change_usd_bn", "change", "USD billion", optional=True),
            _number("exporter_growth_pct", "growth", "percent", optional=True),
            _number("importer_usd_bn", "the importer's customs, arrivals", "USD billion", optional=True),
            _number("importer_before_usd_bn", "the same a year before", "USD billion", optional=True),
            _number("importer_change_usd_bn", "change", "USD billion", optional=True),
            _number("importer_growth_pct", "growth in US dollars", "percent", optional=True),
            _number("importer_own_growth_pct", "growth in the importer's currency", "percent", optional=True),
            _text("own_currency", "the importer's currency"),
            _number("ratio", "importer over exporter", "ratio", optional=True),
            _number("ratio_before", "the same a year before", "ratio", optional=True),
            _number("importer_later_growth_pct", "growth of arrivals a month later", "percent", optional=True),
            _number("importer_two_years_pct", "the same against two years before", "percent", optional=True),
            _INPUTS,
        ),
    ),
    Table(
        "monthly_rates", "printed monthly growth to one partner over one span", "02_account_for_change",
        ("partner_code", "first_month"),
        (
            _PARTNER,
            _text("first_month", "first month"),
            _text("last_month", "last month"),
            _integer("months", "months with a printed rate", "count"),
            _integer("months_missing", "months without one", "count"),
            _number("lowest_pct", "lowest", "percent", optional=True),
            _number("mean_pct", "mean of the rates, not the growth of the sum", "percent", optional=True),
            _number("highest_pct", "highest", "percent", optional=True),
            _INPUTS,
        ),
    ),
    Table(
        "claims_checked", "one claim of the article with its verdict", "02_account_for_change", ("claim_id",),
        (
            _text("claim_id", "number in the article's table"),
            _text("article_date", "date of the article"),
            _text("claim", "the claim in our words"),
            _text("period", "what period it speaks of"),
            _text("claimed", "the figure claimed"),
            _number("claimed_value", "the same as a number", "as claimed", optional=True),
            _text("official", "official figure(s)"),
            _number("official_value", "China's figure", "as claimed", optional=True),
            _number("second_value", "in the partner's currency, or in the later vintage", "as claimed", optional=True),
            _number("third_value", "the importer's figure", "as claimed", optional=True),
            _text("verdict", "confirmed, imprecise, wrong, not decidable or not testable"),
            _text("reading", "what stands behind it", optional=True),
            _text("source", "where the official figure comes from", optional=True),
            _text("inputs", "cells or rows it rests on", optional=True),
        ),
    ),
    Table(
        "published_checked", "one published figure against the ledger", "02_account_for_change", ("target",),
        (
            _text("target", "what is compared"),
            _number("published", "the published figure", "as the column unit says"),
            _text("published_by", "who printed it"),
            _number("computed", "the figure from other cells of the ledger", "as the column unit says", optional=True),
            _number("tolerance", "how far apart they may be", "as the column unit says"),
            _text("unit", "unit"),
            _text("verdict", "replicated, differs, or quoted, not replicated"),
            _INPUTS,
        ),
    ),
    Table(
        "form_candidates", "one candidate form of the counterfactual for one series", "03_estimate_excess",
        ("destination_code", "form", "trend", "training_periods"),
        (
            _text("destination_code", "destination"),
            _text("form", "plain or share"),
            _text("trend", "form of the trend"),
            _integer("training_periods", "training window", "periods of 11 a year"),
            _integer("origins", "placebo origins that all candidates share", "count"),
            _number("placebo_error_bn", "RMS placebo error at pre-treatment weights", "billion of currency"),
            _number("ratio_to_naive", "the same over the seasonal-naive forecast", "ratio"),
            _number("mean_ratio", "mean of that over all series: the lowest is chosen", "ratio"),
            _number("gap_bn", "gap of W1 under this form, not used in the choice", "billion of currency"),
            _number("t_value", "its placebo t", "ratio", optional=True),
            _flag("is_chosen", "the form of the headline"),
        ),
    ),
    Table(
        "excess", "one destination, form and window: exports against their counterfactual", "03_estimate_excess",
        ("destination_code", "form", "window_id"),
        (
            _text("destination_code", "destination"),
            _text("view", "whose customs, and whether the series is a proxy"),
            _text("form", "plain, share or range"),
            _text("window_id", "W1 door shut, W2 truce, W3 reopening"),
            _text("first_month", "first month evaluated"),
            _text("last_month", "last month evaluated"),
            _text("train_first", "first month of training", optional=True),
            _text("train_end", "last month of training"),
            _text("trend", "form of the trend"),
            _integer("training_periods", "training window", "periods of 11 a year", optional=True),
            _integer("donut_periods", "periods left out between training and window", "periods", optional=True),
            _text("currency", "currency of the amounts"),
            _number("actual_bn", "what was imported or exported", "billion of currency", optional=True),
            _number("counterfactual_bn", "what the counterfactual says", "billion of currency", optional=True),
            _number("gap_bn", "actual less counterfactual", "billion of currency", optional=True),
            _number("gap_pct", "the same over the counterfactual", "percent", optional=True),
            _number("gap_low_bn", "lowest point gap of the forms tried", "billion of currency", optional=True),
            _number("gap_high_bn", "highest point gap of the forms tried", "billion of currency", optional=True),
            _integer("forms_tried", "forms that were as good a choice, the headline's among them", optional=True),
            _integer("forms_clear", "of these, forms whose interval excludes zero on the gap's side", optional=True),
            _number("placebo_error_bn", "root mean square placebo error", "billion of currency", optional=True),
            _integer("origins", "placebo origins", "count"),
            _integer("degrees_of_freedom", "of the placebo t", "count", optional=True),
            _number("t_value", "gap over placebo error", "ratio", optional=True),
            _number("p_value", "two-sided", "probability", optional=True),
            _number("low_bn", "95 % interval, lower end", "billion of currency", optional=True),
            _number("high_bn", "95 % interval, upper end", "billion of currency", optional=True),
            _number("mde80_bn", "effect that would have been seen with 80 % probability", "billion of currency",
                    optional=True),
            _text("status", "interval, range, not calibratable, not informative or accounting only"),
            _text("reason", "why there is no interval", optional=True),
            _text("spec_id", "fingerprint of the specification"),
            _GRADE,
            _INPUTS,
        ),
    ),
    Table(
        "excess_paths", "one period of one series against its counterfactual", "03_estimate_excess",
        ("destination_code", "form", "period"),
        (
            _text("destination_code", "destination"),
            _text("form", "plain or share"),
            _PERIOD,
            _integer("weight", "months in the period", "months"),
            _number("actual_bn", "actual, average per month", "billion of currency"),
            _number("counterfactual_bn", "counterfactual, average per month", "billion of currency", optional=True),
            _text("phase", "training, donut, W1, W2 or W3"),
        ),
    ),
    Table(
        "placebo_errors", "one placebo origin of one series", "03_estimate_excess",
        ("destination_code", "form", "window_id", "origin"),
        (
            _text("destination_code", "destination"),
            _text("form", "plain or share"),
            _text("window_id", "window that the placebo repeats"),
            _text("origin", "last month of the placebo's training"),
            _number("error_bn", "forecast error at post-period size", "billion of currency"),
            _flag("touches_2018_19_or_2020_22", "evaluated months lie in the first tariff episode or the pandemic"),
        ),
    ),
    Table(
        "excess_ratios", "excess of one destination per unit lost in the US", "03_estimate_excess",
        ("destination_code", "form", "window_id"),
        (
            _text("destination_code", "destination"),
            _text("form", "plain or share"),
            _text("window_id", "window"),
            _number("ratio", "excess over loss", "ratio", optional=True),
            _number("low", "95 % Fieller set, lower end", "ratio", optional=True),
            _number("high", "95 % Fieller set, upper end", "ratio", optional=True),
            _text("shape", "bounded, unbounded, disjoint, empty or none"),
            _text("reading", "what it says, or why there is none"),
            _INPUTS,
        ),
    ),
    Table(
        "lumps", "one month in which one origin delivered a one-off", "03_estimate_excess",
        ("reporter_code", "partner_code", "period"),
        (
            _text("reporter_code", "importer"),
            _PARTNER,
            _PERIOD,
            _number("value_mn", "imports of the month", "million of currency"),
            _number("usual_mn", "median of the 25 months around it", "million of currency"),
            _number("share_of_total_pct", "the excess over all imports", "percent"),
        ),
    ),
    Table(
        "summary_sentences", "one sentence of the summary", "00_summary", ("position",),
        (
            _integer("position", "order"),
            _text("rule", "which rule chose it"),
            _text("text", "the sentence"),
        ),
    ),
    Table(
        "summary_facts", "one number in a sentence of the summary", "00_summary", ("position", "slot"),
        (
            _integer("position", "sentence"),
            _text("slot", "place in the sentence"),
            _text("printed", "as printed"),
            _text("table", "table it comes from"),
            _text("row", "key of the row, as JSON"),
            _text("column", "column of the row"),
            _text("value", "value of the cell, unrounded"),
        ),
    ),
)  # fmt: skip
