"""The tables of the accounts (chapter 2): what a row is, every column's kind, unit and meaning."""

from __future__ import annotations

from helpers.columns import Table, integer, number, text

PERIOD = text("period", "last month of the period, YYYY-MM")
PARTNER = text("partner_code", "partner; src/helpers/partners.py names it")
INPUTS = text("inputs", "cells the row is computed from: reporter/partner/flow/kind/months, @yoy for a printed rate")
GRADE = text(
    "evidence_grade", "A official copy, B two places agree, C one press report, D one place that cannot be named"
)
DESTINATION = text("destination_code", "destination; src/helpers/partners.py names it")
REASON = text("reason", "why a figure is missing; empty when none is", optional=True)
_SPAN = (
    text("span", "name of the comparison"),
    text("first_month", "first month, YYYY-MM"),
    text("last_month", "last month, YYYY-MM"),
)

ACCOUNTS: tuple[Table, ...] = (
    Table(
        "accounting_change", "change of China's exports to one partner over one span", "02_account_for_change",
        ("span", "partner_code"),
        (
            *_SPAN,
            PARTNER,
            number("value_usd_bn", "exports", "USD billion", optional=True),
            number("before_usd_bn", "exports a year before", "USD billion", optional=True),
            number("change_usd_bn", "change", "USD billion", optional=True),
            number("growth_pct", "growth", "percent"),
            number("growth_low_pct", "lowest growth that the roundings allow", "percent"),
            number("growth_high_pct", "highest growth that the roundings allow", "percent"),
            number("contribution_pp", "contribution to the growth of all exports", "percentage points", optional=True),
            number("share_pct", "share of all exports", "percent", optional=True),
            number("other_print_pct", "another printed rate that differs", "percent", optional=True),
            text("basis", "how the year before is known"),
            GRADE,
            INPUTS,
        ),
    ),
    Table(
        "ceiling", "the arithmetic ceiling over one span, on one side", "02_account_for_change", ("span", "side"),
        (
            *_SPAN,
            text("side", "exporter, mixed, mixed a month later or most favourable: who counts the loss and the rise"),
            number("us_change_usd_bn", "change of exports to the US", "USD billion"),
            number("non_us_change_usd_bn", "change of exports to all others", "USD billion"),
            number("ceiling_pct", "US loss over the rise elsewhere, against a year before; no bound against a trend",
                    "percent", optional=True),
            text("reason", "why it is not defined", optional=True),
            number("rise_before_usd_bn", "rise elsewhere a year earlier", "USD billion", optional=True),
            number("above_pct", "the loss over the rise elsewhere above that", "percent", optional=True),
            INPUTS,
        ),
    ),
    Table(
        "rise_by_destination", "who bought the rise over one span, as the printed pieces bound it",
        "02_account_for_change", ("span", "partner_code"),
        (
            *_SPAN,
            PARTNER,
            number("change_usd_bn", "change against a year before, middle of the range", "USD billion"),
            number("change_low_usd_bn", "lowest change that the pieces allow", "USD billion"),
            number("change_high_usd_bn", "highest change that the pieces allow", "USD billion"),
            number("before_usd_bn", "level of the year before, middle of the range", "USD billion"),
            number("growth_pct", "growth, middle of the range", "percent", optional=True),
            number("growth_low_pct", "lowest growth", "percent", optional=True),
            number("growth_high_pct", "highest growth", "percent", optional=True),
            INPUTS,
        ),
    ),
    Table(
        "sizes", "one partner's part of what China sold outside the US in a year", "02_account_for_change",
        ("partner_code",),
        (
            PARTNER,
            PERIOD,
            number("value_usd_bn", "China's exports to it", "USD billion"),
            number("part_of_rest", "its part of a dollar sold outside the US", "dollars per dollar"),
            INPUTS,
        ),
    ),
    Table(
        "growth_in_currencies", "growth to one partner in three currencies", "02_account_for_change",
        ("period", "partner_code"),
        (
            PERIOD,
            PARTNER,
            number("usd_pct", "growth in US dollars", "percent"),
            number("cny_pct", "growth in yuan", "percent"),
            text("own_currency", "the partner's currency"),
            number("own_pct", "growth in the partner's currency", "percent", optional=True),
            INPUTS,
        ),
    ),
    Table(
        "surplus_marks", "one passing of the mark by the surplus", "02_account_for_change",
        ("measure", "vintage", "source_id", "period"),
        (
            text("measure", "calendar year or twelve months"),
            text("vintage", "vintage of the balance"),
            text("source_id", "raw file and source key"),
            PERIOD,
            number("value_usd_bn", "surplus at that month", "USD billion"),
            number("mark_usd_bn", "the mark", "USD billion"),
            INPUTS,
        ),
    ),
    Table(
        "two_sides", "one flow over one span as both customs report it", "02_account_for_change",
        ("reporter_code", "span"),
        (
            text("reporter_code", "the importer"),
            *_SPAN,
            number("exporter_usd_bn", "China's customs, FOB, departures", "USD billion", optional=True),
            number("exporter_before_usd_bn", "the same a year before", "USD billion", optional=True),
            number("exporter_change_usd_bn", "change", "USD billion", optional=True),
            number("exporter_growth_pct", "growth", "percent", optional=True),
            number("importer_usd_bn", "the importer's customs, arrivals", "USD billion", optional=True),
            number("importer_before_usd_bn", "the same a year before", "USD billion", optional=True),
            number("importer_change_usd_bn", "change", "USD billion", optional=True),
            number("importer_growth_pct", "growth in US dollars", "percent", optional=True),
            number("importer_own_growth_pct", "growth in the importer's currency", "percent", optional=True),
            text("own_currency", "the importer's currency"),
            number("ratio", "importer over exporter", "ratio", optional=True),
            number("ratio_before", "the same a year before", "ratio", optional=True),
            number("importer_later_change_usd_bn", "change of arrivals a month later", "USD billion", optional=True),
            number("importer_later_growth_pct", "growth of arrivals a month later", "percent", optional=True),
            number("exporter_two_years_pct", "departures against two years before", "percent", optional=True),
            number("importer_two_years_pct", "arrivals against two years before", "percent", optional=True),
            INPUTS,
        ),
    ),
    Table(
        "monthly_rates", "printed monthly growth to one partner over one span", "02_account_for_change",
        ("partner_code", "first_month"),
        (
            PARTNER,
            text("first_month", "first month"),
            text("last_month", "last month"),
            integer("months", "months with a printed rate", "count"),
            integer("months_missing", "months without one", "count"),
            number("lowest_pct", "lowest", "percent", optional=True),
            number("mean_pct", "mean of the rates, not the growth of the sum", "percent", optional=True),
            number("highest_pct", "highest", "percent", optional=True),
            INPUTS,
        ),
    ),
    Table(
        "claims_checked", "one claim of the article with its verdict", "02_account_for_change", ("claim_id",),
        (
            text("claim_id", "number in the article's table"),
            text("article_date", "date of the article"),
            text("claim", "the claim in our words"),
            text("period", "what period it speaks of"),
            text("claimed", "the figure claimed"),
            number("claimed_value", "the same as a number", "as claimed", optional=True),
            text("official", "official figure(s)"),
            number("official_value", "China's figure", "as claimed", optional=True),
            number("second_value", "in the partner's currency, or in the later vintage", "as claimed", optional=True),
            number("third_value", "the importer's figure", "as claimed", optional=True),
            text("verdict", "confirmed, imprecise, wrong, not decidable or not testable"),
            text("reading", "what stands behind it", optional=True),
            text("source", "where the official figure comes from", optional=True),
            text("inputs", "cells or rows it rests on", optional=True),
        ),
    ),
    Table(
        "published_checked", "one published figure against the ledger", "02_account_for_change", ("target",),
        (
            text("target", "what is compared"),
            number("published", "the published figure", "as the column unit says"),
            text("published_by", "who printed it"),
            number("computed", "the figure from other cells of the ledger", "as the column unit says", optional=True),
            number("tolerance", "how far apart they may be", "as the column unit says"),
            text("unit", "unit"),
            text("verdict", "replicated (across producers), consistent (one producer), or differs"),
            INPUTS,
        ),
    ),
)  # fmt: skip
