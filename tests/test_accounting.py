"""The accounting on the real ledger: contributions, ceiling, surplus, two sides, claims, published figures."""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import accounting, claims, customs, destinations, excess, headlines, replication, surplus

SPANS = {
    "November 2025": ("2025-11", "2025-11", "month"),
    "W1": ("2025-04", "2025-11", "months"),
    "year 2025": ("2025-01", "2025-12", "months"),
    "half year 2026": ("2026-01", "2026-06", "ytd"),
}


@pytest.fixture(scope="module")
def changes():
    return accounting.accounting_change(ledger.cells(), ledger.preferred_growth(), SPANS).set_index(
        ["span", "partner_code"]
    )


@pytest.fixture(scope="module")
def sides():
    spans = {name: span[:2] for name, span in SPANS.items()} | {"W3": ("2026-03", "2026-06")}
    return pd.concat(
        accounting.two_sides(ledger.cells(), ledger.control_table(), code, spans, ledger.preferred_growth())
        for code in ("US", "AU")
    )


def test_november_2025_by_china_and_by_the_importers(changes, sides):
    assert changes.loc[("November 2025", "US"), "growth_pct"] == pytest.approx(-28.6, abs=0.05)
    assert changes.loc[("November 2025", "AU"), "growth_pct"] == 35.8
    assert changes.loc[("November 2025", "AU"), "basis"] == "printed rate only"
    november = sides[sides["span"] == "November 2025"].set_index("reporter_code")
    assert november.loc["US", "importer_growth_pct"] == pytest.approx(-45.9, abs=0.05)
    assert november.loc["US", "ratio"] == pytest.approx(0.61, abs=0.005)
    assert november.loc["AU", "importer_own_growth_pct"] == pytest.approx(14.6, abs=0.1)


def test_the_two_sides_of_the_us_fall(sides):
    w1 = sides[(sides["span"] == "W1") & (sides["reporter_code"] == "US")].iloc[0]
    assert w1["exporter_change_usd_bn"] == pytest.approx(-95, abs=0.5)
    assert w1["importer_change_usd_bn"] == pytest.approx(-120, abs=0.5)
    assert w1["ratio"] == pytest.approx(0.68, abs=0.005)


def test_the_reversal_as_facts(changes):
    half = {code: changes.loc[("half year 2026", code), "growth_pct"] for code in ("US", "EU", "ASEAN", "AU", "WORLD")}
    assert half == {"US": 0.2, "EU": 16.8, "ASEAN": 22.9, "AU": 22.3, "WORLD": 17.6}


def test_contributions_of_the_us_and_the_rest_add_up_to_the_total(changes):
    for span in SPANS:
        parts = changes.loc[(span, "US"), "contribution_pp"] + changes.loc[(span, "NON_US"), "contribution_pp"]
        assert parts == pytest.approx(changes.loc[(span, "WORLD"), "growth_pct"], abs=1e-6)


def test_the_rise_of_the_year_before_takes_the_bound_away(changes, sides):
    """China's total less US customs: the same sum by hand, and what is left above it."""
    cells = ledger.cells()
    china, us = customs.series(cells, "CN", "WORLD"), customs.series(cells, "US", "CN", concept="imports_general")
    rest = china - us
    wanted = (rest.loc["2024-04":"2024-11"].sum() - rest.loc["2023-04":"2023-11"].sum()) / 1e3
    earlier = accounting.rise_before(cells, {"W1": ("2025-04", "2025-11"), "unheld": ("2012-04", "2012-11")})
    assert earlier["W1"] == pytest.approx(wanted) and np.isnan(earlier["unheld"])
    found = accounting.ceiling(changes.reset_index(), sides, earlier).set_index(["span", "side"])
    mixed = found.loc[("W1", "mixed")]
    left = mixed["non_us_change_usd_bn"] - wanted
    assert mixed["above_pct"] == pytest.approx(-100 * mixed["us_change_usd_bn"] / left) and mixed["above_pct"] > 100
    assert np.isnan(found.loc[("W1", "exporter"), "above_pct"])
    none = accounting.ceiling(changes.reset_index(), sides, {"W1": 1e3}).set_index(["span", "side"])
    assert np.isnan(none.loc[("W1", "mixed"), "above_pct"])


def test_the_most_favourable_count_is_the_larger_us_loss_over_chinas_rise(changes, sides):
    found = accounting.ceiling(changes.reset_index(), sides).set_index(["span", "side"])
    us = sides[(sides["span"] == "W1") & (sides["reporter_code"] == "US")].iloc[0]
    losses = [us["importer_change_usd_bn"], us["importer_later_change_usd_bn"]]
    assert found.loc[("W1", "most favourable"), "us_change_usd_bn"] == pytest.approx(min(losses))
    assert found.loc["W1"]["ceiling_pct"].idxmax() == "most favourable"
    later = found.loc[("W1", "mixed, a month later")]
    world = changes.loc[("W1", "WORLD"), "change_usd_bn"]
    assert later["us_change_usd_bn"] + later["non_us_change_usd_bn"] == pytest.approx(world)


def test_a_part_by_size_is_a_partners_share_of_all_that_was_sold_outside_the_us():
    cells = ledger.cells()
    rest = customs.series(cells, "CN", "WORLD").loc["2023"].sum() - 500_300
    found = accounting.sizes(cells).set_index("partner_code")
    assert found.loc["AU", "part_of_rest"] == pytest.approx(73_800 / rest) and "US" not in found.index
    assert accounting.sizes(cells, "2012").empty


def test_the_ceiling_is_defined_only_when_the_us_fell_and_the_rest_rose(changes, sides):
    found = accounting.ceiling(changes.reset_index(), sides).set_index(["span", "side"])
    assert found.loc[("November 2025", "exporter"), "ceiling_pct"] == pytest.approx(42, abs=1)
    assert found.loc[("year 2025", "exporter"), "ceiling_pct"] == pytest.approx(34.5, abs=1)
    assert found.loc[("W1", "mixed"), "ceiling_pct"] > found.loc[("W1", "exporter"), "ceiling_pct"]
    assert np.isnan(found.loc[("half year 2026", "exporter"), "ceiling_pct"])
    assert found.loc[("half year 2026", "exporter"), "reason"] == "exports to the US did not fall"


def test_the_surplus_passed_the_mark_in_november_by_the_calendar_and_in_january_by_twelve_months():
    marks = surplus.marks(surplus.monthly(ledger.rows()))
    revised = marks[marks["vintage"] == "revised"].set_index("measure")["period"]
    assert revised.to_dict() == {"calendar year": "2025-11", "twelve months": "2025-01"}


def test_currencies_differ_by_the_exchange_rate_alone():
    table = accounting.growth_in_currencies(
        ledger.cells(), ledger.preferred_growth(), ledger.control_table(), "2025-11"
    ).set_index("partner_code")
    assert table.loc["EU", "own_pct"] == pytest.approx(5.5, abs=0.1)
    assert table.loc["US", "own_pct"] == pytest.approx(table.loc["US", "usd_pct"])


def test_yuan_growth_is_the_growth_of_the_customs_own_yuan_levels():
    table = accounting.growth_in_currencies(
        ledger.cells(), ledger.preferred_growth(), ledger.control_table(), "2025-11"
    ).set_index("partner_code")
    for code in ("US", "EU", "ASEAN"):
        yuan = customs.series(ledger.cells(), "CN", code, currency="CNY")
        printed = 100 * (yuan.loc["2025-11"] / yuan.loc["2024-11"] - 1)
        assert table.loc[code, "cny_pct"] == pytest.approx(printed, abs=0.25)


@pytest.fixture(scope="module")
def checked(sides):
    balance = surplus.monthly(ledger.rows())
    evidence = claims.Evidence(
        ledger.cells(), ledger.preferred_growth(), ledger.control_table(), balance,
        surplus.marks(balance), sides,
    )  # fmt: skip
    return claims.check("2025-12-09", evidence).set_index("claim_id")


def test_verdicts_on_the_article_of_december_2025(checked):
    assert checked["verdict"].to_dict() == {
        "c01": "confirmed", "c02": "confirmed", "c03": "wrong", "c04": "confirmed", "c05": "confirmed",
        "c06": "confirmed", "c07": "not decidable", "c08": "not testable", "c09": "not decidable", "c10": "wrong",
        "c11": "confirmed", "c12": "imprecise", "c13": "not decidable",
    }  # fmt: skip


def test_the_wrong_figure_is_recognised_as_the_average_tariff_and_the_us_side_is_named(checked):
    row = checked.loc["c03"]
    assert "average US tariff" in row["reading"] and "−45.9" in row["reading"] and "−28.6" in row["reading"]
    assert (row["official_value"], round(row["third_value"], 1)) == (-28.58, -45.9)


def test_both_vintages_of_the_surplus_stand_beside_the_claim(checked):
    assert checked.loc["c01", "official"] == "1,076 bn in the first print, 1,068 bn as revised since"


def test_caveats_of_the_confirmed_rates(checked):
    assert "+5.5" in checked.loc["c04", "reading"] and "+14.3" in checked.loc["c04", "reading"]
    assert "+14.6" in checked.loc["c06", "reading"]


@pytest.mark.parametrize(
    ("official", "claimed", "comparison", "verdict"),
    [
        (-28.6, -47.5, "equals", "wrong"),
        (14.8, 15, "nearly", "confirmed"),
        (15.2, 15, "nearly", "imprecise"),
        (8.2, 8, "about", "confirmed"),
        (8.7, 8, "about", "imprecise"),
        (1068, 1000, "more than", "confirmed"),
        (990, 1000, "more than", "imprecise"),
        (500, 1000, "more than", "wrong"),
    ],
)
def test_the_rule_behind_a_verdict(official, claimed, comparison, verdict):
    assert claims.judge(official, 0.05, claimed, 0.5 if abs(claimed) < 40 else 0.05, comparison) == verdict


def test_every_published_figure_that_two_cells_can_give_is_given_again():
    balance = surplus.monthly(ledger.rows())
    cells = replication.Cells(ledger.cells(), ledger.preferred_growth(), balance, claims.measured_duties())
    found = replication.check(claims.read_compiled("published_estimates"), cells)
    assert len(found) >= 20
    own = found["published_by"].str.startswith("GACC")
    assert own.any() and not own.all()
    assert (found["verdict"] == own.map({True: "consistent", False: "replicated"})).all(), found


def test_a_figure_is_replicated_only_across_producers_and_the_title_counts_both():
    press, study = (next(t for t in replication.TARGETS if t.study.startswith(name)) for name in ("GACC", "Alfaro"))
    told = [replication.verdict(press, True), replication.verdict(study, True), replication.verdict(study, False)]
    assert told == ["consistent", "replicated", "differs"]
    title = headlines.of_published(pd.DataFrame({"verdict": told}))
    assert title == (
        "Of 3 published figures: 1 replicated across producers, 1 consistent with other cells of their own, 1 differ"
    )
    assert headlines.of_published(pd.DataFrame({"verdict": told[:2]})).endswith("of their own")


def test_a_partner_is_accounting_only_for_the_reason_it_has():
    cells, controls = ledger.cells(), ledger.control_table()
    flows = destinations.flows(cells, controls, "USD", excess.all_lumps(cells))
    rest = destinations.accounting_only(cells, flows, needed=70).set_index("destination_code")
    assert rest.loc["SG", "reason"].endswith("the importer's own series (157 months) ends in January 2025")
    assert rest.loc["JP", "reason"].endswith("no importer's series in the ledger")


def test_monthly_rates_are_counted_and_never_added():
    cell = {"reporter_code": "CN", "partner_code": "US", "flow": "exports", "currency": "USD", "period_kind": "month"}
    rates = pd.DataFrame([
        cell | {"period": "2025-04", "yoy_pct": -10.0}, cell | {"period": "2025-06", "yoy_pct": -30.0},
        cell | {"period": "2025-05", "yoy_pct": 99.0, "currency": "CNY"},
    ])  # fmt: skip
    table = accounting.monthly_rates(rates, "2025-04", "2025-06").set_index("partner_code")
    us = table.loc["US"]
    assert (us["months"], us["months_missing"]) == (2, 1)
    assert (us["lowest_pct"], us["mean_pct"], us["highest_pct"]) == (-30, -20, -10)
    assert (table.drop("US")["months"] == 0).all() and table.drop("US")["mean_pct"].isna().all()
