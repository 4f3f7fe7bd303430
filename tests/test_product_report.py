"""A panel by product goes through the same notebook by one parameter, and the page says what it shows. All invented."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exposure_worlds import TRUTH, monthly

from helpers import paths, product_panel
from helpers.refusals import Refusal

VINTAGE = "vintage=2026-11-26"


def written(folder: Path, products: int, months: tuple[str, str] = ("2021-06", "2026-05")) -> None:
    """Write a panel in the columns of the contract: exports of China, and US imports with their duty."""
    exports, duty = monthly(products, first=months[0], last=months[1])
    usual = {"vintage": VINTAGE.removeprefix("vintage="), "period_kind": "month", "product_scheme": "hs6",
             "half_unit_mn": 0.0, "currency": "USD", "quantity": np.nan, "quantity_unit": "",
             "producer": "invented for a test"}  # fmt: skip
    parts = [exports.assign(reporter_code="CN", flow="exports", concept="exports_fob", valuation="FOB", source_id="a")]
    for concept, column in (("imports_for_consumption", "imports_mn"), ("calculated_duty", "duty_mn")):
        parts.append(
            duty[["period", "product_code"]].assign(
                value_mn=duty[column], partner_code="CN", reporter_code="US", flow="imports", concept=concept,
                valuation="customs value", source_id="b",
            )
        )  # fmt: skip
    frame = pd.concat([*parts, early(parts[0])], ignore_index=True).assign(**usual)
    frame["period_kind"] = np.where(frame["period"] == "2017-12", "year", "month")
    frame = frame[list(product_panel.COLUMNS)]
    target = folder / VINTAGE / "year=2021" / "all.parquet"
    target.parent.mkdir(parents=True)
    frame.to_parquet(target, index=False)


def early(exports: pd.DataFrame) -> pd.DataFrame:
    """Return invented exports of 2017 to the US and the world, of the products with an even code only."""
    first = exports[exports["period"].eq(exports["period"].min()) & exports["partner_code"].isin(["US", "WORLD"])]
    return first[first["product_code"].str[-1].isin(list("02468"))].assign(period="2017-12")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report on 5,000 products, 4 destinations and 60 months."""
    folder = tmp_path_factory.mktemp("report")
    written(folder / "products" / "generated", 5_000)
    where = {
        "DIVERSION_PRODUCTS": str(folder / "products"), "DIVERSION_PROCESSED": str(folder / "processed"),
        "DIVERSION_REPORTS": str(folder / "reports"),
    }  # fmt: skip
    command = [Path(sys.executable).with_name("diversion"), "report", "-p", "products=generated"]
    done = subprocess.run(command, env=os.environ | where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return next((folder / "reports").glob("20*/index.html")), folder


def text_of(page: Path) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))))


def test_the_page_says_diversion_with_the_right_number(report):
    page, folder = report
    table = pd.read_parquet(folder / "processed" / "product_estimates.parquet").set_index("destination_code")
    total = 100 * TRUTH.sum()
    row = table.loc["NON_US"]
    assert row["low_cents"] < total < row["high_cents"] and row["se_cents"] < 3
    for code, truth in zip(("EU", "ASEAN", "AU"), TRUTH, strict=False):
        assert abs(table.loc[code, "cents"] - 100 * truth) < 3.5 * table.loc[code, "se_cents"]
    assert (
        row["early_share_products"] == 2_500
        and abs(row["early_share_cents"] - total) < 3.5 * row["early_share_se_cents"]
    )
    assert f"{row['early_share_cents']:.1f} (error" in text_of(page)
    said = re.search(r"tariff-caused diversion of (\d+) cents per lost dollar", text_of(page))
    assert said and abs(int(said[1]) - total) < 4
    assert "is not estimated: third-market figures" not in text_of(page)


def test_the_page_states_the_panel_it_used_and_passes_no_row_on(report):
    page, folder = report
    stamp = json.loads((page.parent / "run.json").read_text(encoding="utf-8"))
    (entry,) = [row for row in stamp["data"] if row["file"] == "data/products/generated"]
    assert re.fullmatch("[0-9a-f]{64}", entry["sha256"]) and entry["date_accessed"] == "2026-11-26"
    held = pd.read_parquet(next((folder / "products").rglob("*.parquet")), columns=["product_code"])
    codes = set(held["product_code"])
    for file in (page.parent / "data").glob("*.csv"):
        frame = pd.read_csv(file, dtype=str)
        assert not any(
            frame[name].isin(codes).sum() > 40 for name in frame.columns if frame[name].str.len().eq(6).any()
        )


def test_a_panel_that_is_not_there_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path)
    for name in ("nowhere", "../raw", "a b"):
        with pytest.raises(Refusal) as refusal:
            product_panel.load(name)
        assert refusal.value.exit_code == 2
    assert product_panel.load() is None and product_panel.manifest() == []


def test_a_panel_without_duty_or_columns_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path)
    written(tmp_path / "whole", 70, ("2025-01", "2025-03"))
    file = next(tmp_path.rglob("*.parquet"))
    frame = pd.read_parquet(file)
    for name, part, words in (
        ("no_duty", frame[frame["reporter_code"] == "CN"], "no US duty"),
        ("no_exports", frame[frame["reporter_code"] == "US"], "no exports"),
        ("no_column", frame.drop(columns="value_mn"), "columns missing: value_mn"),
    ):
        target = tmp_path / name / VINTAGE / "year=2025" / "a.parquet"
        target.parent.mkdir(parents=True)
        part.to_parquet(target, index=False)
        with pytest.raises(Refusal, match=words):
            product_panel.load(name)


def test_blocs_are_added_up_from_members(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path)
    written(tmp_path / "whole", 70, ("2025-01", "2025-03"))
    file = next(tmp_path.rglob("*.parquet"))
    frame = pd.read_parquet(file)
    bloc = frame[frame["partner_code"] == "EU"]
    halves = [bloc.assign(partner_code=code, value_mn=bloc["value_mn"] / 2) for code in ("DE", "FR")]
    pd.concat([frame[frame["partner_code"] != "EU"], *halves]).to_parquet(file, index=False)
    exports = product_panel.load("whole").exports
    total = exports.loc[exports["partner_code"] == "EU", "value_mn"].sum()
    assert total == pytest.approx(bloc["value_mn"].sum()) and set(exports["partner_code"]) == {
        "EU", "ASEAN", "AU", "US", "WORLD"
    }  # fmt: skip
