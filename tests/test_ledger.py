"""The ledger as it stands: records, descriptor, and the traps that are known to lie in it."""

from __future__ import annotations

import json

import ledger
import pandas as pd
import pytest

from helpers import customs, growth, partners, paths, provenance, surplus


@pytest.fixture(scope="module")
def records():
    return provenance.check_all()


def test_every_file_equals_its_record_and_has_its_rows(records):
    for record in records:
        assert len(provenance.read(record)) == record.rows, record.file


def test_the_descriptor_is_the_one_the_records_make(records):
    written = (paths.RAW / "datapackage.json").read_text(encoding="utf-8")
    assert written == provenance.datapackage(records)
    listed = {resource["path"] for resource in json.loads(written)["resources"]}
    assert listed == {file.relative_to(paths.RAW).as_posix() for file in paths.RAW.glob("*/*.csv")}


def test_every_record_names_licence_coverage_and_breaks(records):
    for record in records:
        for field in ("licence", "licence_allows", "coverage", "known_breaks", "concept", "url"):
            assert getattr(record, field).strip(), (record.file, field)


def test_world_exists_once_per_source_and_not_among_the_controls():
    series = set(ledger.control_table()["series"])
    assert not {name for name in series if name.startswith(("china_exports", "china_imports"))}
    world = ledger.cells().query("reporter_code == 'CN' and partner_code == 'WORLD' and period_kind == 'month'")
    assert not world.duplicated(["period", "flow", "currency", "vintage"]).any()


def test_the_known_misprints_are_found_and_no_world_revision_is_called_one():
    checked = growth.check_growth(ledger.rows(), ledger.cells())
    wrong = checked[checked["verdict"] == "misprint"]
    found = set(wrong[["period", "partner_code", "flow"]].itertuples(index=False, name=None))
    assert {
        ("2019-09", "US", "exports"),
        ("2019-09", "US", "imports"),
        ("2019-11", "US", "imports"),
        ("2021-04", "US", "imports"),
    } <= found
    assert not (wrong["partner_code"] == "WORLD").any()
    revised = checked[(checked["verdict"] == "revision") & (checked["partner_code"] == "WORLD")]
    assert (revised["period"].str.startswith("2022")).sum() >= 12


def test_asean_october_2025_is_shown_as_a_conflict_and_never_averaged():
    conflicts = growth.growth_conflicts(ledger.rows())
    row = conflicts.query("period == '2025-10' and partner_code == 'ASEAN10' and flow == 'exports'").iloc[0]
    assert (row["lowest_pct"], row["highest_pct"]) == (8.9, 11.0)
    chosen = ledger.preferred_growth().query("period == '2025-10' and partner_code == 'ASEAN10' and flow == 'exports'")
    assert chosen["yoy_pct"].iloc[0] in (8.9, 11.0)


def test_a_balance_never_mixes_vintages_or_places():
    balance = surplus.monthly(ledger.rows())
    november = balance[balance["period"] == "2025-11"].set_index("source_id")["ytd_usd_bn"].dropna()
    assert november.filter(like="eastmoney").iloc[0] == pytest.approx(1068.2, abs=0.05)
    assert november.filter(like="sql_table").iloc[0] == pytest.approx(1075.8, abs=0.05)
    assert not balance.duplicated(["source_id", "vintage", "period"]).any()


def test_singapore_keeps_the_later_vintage_and_counts_the_earlier():
    kept = customs.series(ledger.cells(), "SG", "CN")
    assert str(kept.index.max()) == "2025-01"
    refused = customs.refused_rows(ledger.rows())
    assert (refused["reason"].str.contains("later vintage")).sum() == 266


def test_the_eu_changes_composition_in_february_2020():
    assert partners.code_of("European Union", "2020-01") == "EU28"
    assert partners.code_of("欧盟", "2020-02") == "EU27"
    assert partners.code_of("ASEAN", "2025-10") == "ASEAN10"
    assert partners.code_of("东盟", "2025-11") == "ASEAN11"
    assert partners.code_of("China (excl. HK)", "2025-11") == "CN"


def test_concepts_never_share_a_line():
    us_world = ledger.cells().query("reporter_code == 'US' and partner_code == 'WORLD'")
    general = customs.series(ledger.cells(), "US", "WORLD", concept="imports_general")
    assert str(general.index.max()) == "2026-01"
    assert us_world["concept"].nunique() == 2


def test_a_missing_month_stays_missing():
    eu = customs.series(ledger.cells(), "CN", "EU")
    assert pd.Period("2025-05", "M") not in eu.index


def test_the_finer_print_is_taken_inside_a_vintage_and_the_later_vintage_before_it():
    cells = ledger.cells()
    november = cells.query(
        "reporter_code == 'CN' and partner_code == 'WORLD' and flow == 'exports' and period == '2025-11' "
        "and period_kind == 'month' and currency == 'USD'"
    ).set_index("vintage")
    assert november.loc["revised", "value_mn"] == 330000
    assert november.loc["interim", "value_mn"] == 330163
    assert november["is_preferred"].to_dict() == {"first_print": False, "interim": False, "revised": True}


def test_cells_that_rest_on_one_unnamed_place_are_graded_so():
    us = (
        ledger.cells()
        .query(
            "reporter_code == 'CN' and partner_code == 'US' and flow == 'exports' and period_kind == 'month' "
            "and is_preferred and currency == 'USD'"
        )
        .set_index("period")["evidence_grade"]
    )
    assert us["2024-07"] == "D"
    assert us["2025-11"] == "B"
    assert us["2026-06"] == "A"


def test_the_six_months_of_2026_add_up_to_the_printed_half_year():
    """Five months from a place that cannot be named add up, with June, to the bulletin's cumulative figure."""
    months = customs.series(ledger.cells(), "CN", "US").loc["2026-01":"2026-06"]
    printed = customs.series(ledger.cells(), "CN", "US", kind="ytd").loc["2026-06"]
    assert months.sum() == pytest.approx(printed, rel=0.001)


def test_january_and_february_printed_as_one_come_before_the_sum_of_the_two():
    """China's customs print one figure in dollars, the IMF two months later the two months: both are held then."""
    cells = customs.resolve(customs.with_sums(ledger.rows()))
    world = cells[(cells["partner_code"] == "WORLD") & (cells["flow"] == "exports") & cells["is_preferred"]]
    (yuan,) = world[
        (world["currency"] == "CNY") & (world["period"] == "2025-02") & (world["period_kind"] == "jan_feb")
    ]["value_mn"]
    month = world[(world["currency"] == "USD") & (world["period"] == "2025-02") & (world["period_kind"] == "month")]
    printed = month.assign(period_kind="jan_feb", value_mn=yuan / 7)
    made = customs.usd_from_cny(pd.concat([cells, printed], ignore_index=True))
    both = made[(made["period"] == "2025-02") & (made["period_kind"] == "jan_feb") & (made["flow"] == "exports")]
    before = cells.merge(both[customs.CELL].assign(currency="CNY"), on=customs.CELL)
    before = before[before["is_preferred"]].set_index("partner_code")["value_mn"]
    assert len(both) > 3 and "WORLD" not in set(both["partner_code"])
    assert both.set_index("partner_code")["value_mn"].to_dict() == pytest.approx((before / 7).to_dict())
