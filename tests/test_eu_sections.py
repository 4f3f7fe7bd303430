"""What the EU bought by section: invented rows whose sums are known by hand, through the engine and into the tables."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from test_engine import spark_is_here

from helpers import eu_section_views, eu_sections, paths, product_panel

DAY = "2026-11-26"


def row(
    period: str, partner: str, product: str, value: float, kg: float | None, reporter: str = "DE", **others
) -> dict:
    return {
        "vintage": DAY, "period": period, "period_kind": "month", "reporter_code": reporter, "partner_code": partner,
        "flow": "imports", "concept": "imports_cif", "product_scheme": "cn8", "product_code": product,
        "value_mn": value, "half_unit_mn": 0.0, "currency": "EUR", "valuation": "CIF",
        "quantity": np.nan if kg is None else kg, "quantity_unit": "" if kg is None else "million kg",
        "producer": "invented", "source_id": "a", **others,
    }  # fmt: skip


ROWS = [
    row("2025-04", "CN", "85171300", 300.0, 10.0), row("2025-04", "CN", "84713000", 100.0, 10.0, "FR"),
    row("2025-04", "VN", "85171300", 600.0, 30.0), row("2025-04", "CN", "01012100", 1.0, None),
    row("2024-04", "CN", "85171300", 200.0, 10.0), row("2024-04", "US", "84713000", 600.0, 5.0),
    # none of these counts: inside the EU, out of it, a member that left, no chapter, a year
    row("2025-04", "FR", "85171300", 9e3, 1.0), row("2025-04", "CN", "85171300", 9e3, 1.0, flow="exports"),
    row("2025-04", "CN", "85171300", 9e3, 1.0, "GB"), row("2025-04", "CN", "99000000", 9e3, 1.0),
    row("2025-12", "CN", "85171300", 9e3, 1.0, period_kind="year"), row("2025-04", "CN", "TOTAL", 9e3, 1.0),
    row("2025-04", "CN", "851713XX", 9e3, 1.0, product_scheme="cn8_adapted"),
]  # fmt: skip


@pytest.fixture
def bulk(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path)
    file = tmp_path / product_panel.BULK / f"vintage={DAY}" / "year=2025" / "a.parquet"
    file.parent.mkdir(parents=True)
    product_panel.manifest_of(file).write_text("{}", encoding="utf-8")
    pd.DataFrame(ROWS, columns=list(product_panel.COLUMNS)).astype(product_panel.COLUMNS).to_parquet(file, index=False)
    return file


def test_sums_by_section_and_origin_are_those_by_hand(bulk):
    held = eu_sections.monthly().set_index(["period", "section", "origin"])
    assert held.loc[("2025-04", 16, "CN")].tolist() == [400.0, 20.0]
    assert held.loc[("2025-04", 16, "OTHERS")].tolist() == [600.0, 30.0]
    assert held.loc[("2025-04", 1, "CN"), "value_eur_mn"] == 1.0 and np.isnan(held.loc[("2025-04", 1, "CN"), "kg_mn"])
    assert len(held) == 5


def test_changes_are_those_by_hand_and_what_needs_a_year_before_is_empty_without_one(bulk):
    table = eu_sections.changes(eu_sections.monthly(), "2026-05").set_index("section")
    machines, whole = table.loc[16], table.loc[eu_sections.ALL]
    assert (machines["first_month"], machines["last_month"]) == ("2025-04", "2025-04")
    assert machines["value_change_pct"] == pytest.approx(100) and machines["kg_change_pct"] == pytest.approx(100)
    assert machines["per_kg_change_pct"] == pytest.approx(0) and machines["others_change_pct"] == pytest.approx(0)
    assert machines["share_pct"] == pytest.approx(40) and machines["share_before_pct"] == pytest.approx(25)
    assert whole["others_change_pct"] == pytest.approx(0)
    assert whole["china_eur_bn"] == pytest.approx(0.401) and pd.isna(table.loc[1, "value_change_pct"])
    assert eu_section_views.title(table.reset_index()).startswith(
        "April 2025: EU imports from China +100\u00a0% in euros"
    )
    assert eu_section_views.rows(table.reset_index())["section_name"].tolist() == [
        "All goods", "Machines, electronics", "Animals, meat, fish"
    ]  # fmt: skip
    later = eu_sections.monthly()
    alone = eu_sections.changes(later[later["period"] > "2025"], "2026-05")
    assert alone["value_change_pct"].isna().all() and "came from China" in eu_section_views.title(alone)


def test_without_bulk_files_or_without_their_months_there_is_no_row_and_it_is_said(tmp_path, monkeypatch, bulk):
    held = eu_sections.monthly()
    assert eu_sections.changes(held[held["period"] < "2025"], "2026-05").empty
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path / "nothing")
    assert eu_sections.monthly() is None and eu_sections.changes(None, "2026-05").empty
    assert eu_section_views.sentence(pd.DataFrame()).startswith("No bulk files")


@pytest.mark.slow
def test_spark_adds_up_the_same(bulk):
    spark_is_here()
    pd.testing.assert_frame_equal(
        eu_sections.monthly(using="spark"), eu_sections.monthly(), check_exact=True, check_dtype=False
    )


def test_the_stamp_names_the_bulk_files_and_follows_them(bulk):
    assert product_panel.used() == [product_panel.BULK] == product_panel.used(product_panel.BULK)
    assert product_panel.used("mine") == ["mine", product_panel.BULK] and product_panel.used(as_of="2026-01-01") == []
    (before,) = product_panel.manifest(*product_panel.used())
    pd.read_parquet(bulk).iloc[1:].to_parquet(bulk, index=False)
    (after,) = product_panel.manifest(*product_panel.used())
    assert before["file"] == f"data/products/{product_panel.BULK}" and before["sha256"] != after["sha256"]


def test_a_run_notes_that_it_looked_where_nothing_is_held_yet(tmp_path):
    """Else a step would be kept after the first bulk file was ingested."""
    code = (
        "import sys\nseen = []\n"
        "sys.addaudithook(lambda event, given: seen.append(str(given[0])) if event == 'os.listdir' else None)\n"
        "from helpers import product_panel\n"
        "assert product_panel.files_of(product_panel.BULK) == []\n"
        "print(any(name.endswith(product_panel.BULK) for name in seen))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "DIVERSION_PRODUCTS": str(tmp_path)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True"
