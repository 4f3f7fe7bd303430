"""One question, two engines, one answer; and the answer does not depend on the order of rows (figures invented)."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import missing
from test_product_report import VINTAGE, written

from helpers import engine, paths, product_panel, systems
from helpers.refusals import Refusal

LATER = "vintage=2026-12-24"


def spark_is_here() -> None:
    """Skip, and say so, where Spark cannot run."""
    if importlib.util.find_spec("pyspark") is None:
        missing("pyspark", "tools/set_up.sh scale")
    if not shutil.which("java"):
        missing("Java", "apt-get install openjdk-17-jre-headless")


@pytest.fixture
def panel(tmp_path, monkeypatch):
    """A small invented panel with a second day of reading that revises some cells and adds others."""
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path)
    written(tmp_path / "small", 70, ("2025-01", "2025-04"))
    file = next(tmp_path.rglob("*.parquet"))
    frame = pd.read_parquet(file)
    later = frame[frame["period"] == "2025-03"].assign(vintage=LATER.removeprefix("vintage="), quantity=np.nan)
    later = pd.concat([later.assign(value_mn=2 * later["value_mn"]), later.assign(period="2025-05")])
    target = tmp_path / "small" / LATER / "year=2025" / "more.parquet"
    target.parent.mkdir(parents=True)
    later.to_parquet(target, index=False)
    return tmp_path / "small"


def whole(using: engine.Name) -> dict[str, pd.DataFrame]:
    """Everything that is asked of an engine."""
    held = product_panel.load("small", using=using)
    with engine.connect(using) as backend:
        rows = product_panel.rows_of(backend, "small").order_by(product_panel.CELL).to_pandas()
    return {
        "exports": held.exports, "duty": held.duty, "rows": rows, "producers": pd.DataFrame(held.producers),
        "early": held.early_shares.to_frame("share"),
    }  # fmt: skip


def test_a_revised_cell_is_taken_once_from_the_day_it_was_read_last(panel):
    first = pd.read_parquet(next((panel / VINTAGE).rglob("*.parquet")))
    exports = whole("duckdb")["exports"].set_index(["period", "partner_code", "product_code"])["value_mn"]
    before = first[first["flow"] == "exports"].set_index(["period", "partner_code", "product_code"])["value_mn"]
    both = exports.index.intersection(before.index)
    ratio = (exports[both] / before[both]).groupby(level="period").agg(["min", "max"])
    assert ratio.loc["2025-03"].tolist() == pytest.approx([2, 2], rel=1e-6)
    assert ratio.drop("2025-03").to_numpy() == pytest.approx(1, rel=1e-6)
    assert set(exports.index.get_level_values("period")) == {f"2025-0{month}" for month in range(1, 6)}


def test_neither_the_order_of_rows_nor_the_number_of_threads_moves_a_digit(panel, monkeypatch):
    held = whole("duckdb")
    monkeypatch.setattr(systems, "processors", lambda: 1)
    for number, file in enumerate(sorted(panel.rglob("*.parquet"))):
        pd.read_parquet(file).sample(frac=1, random_state=number).to_parquet(file, index=False)
    for name, table in whole("duckdb").items():
        pd.testing.assert_frame_equal(table, held[name], check_exact=True)


@pytest.mark.slow
def test_spark_answers_as_duckdb_does(panel):
    spark_is_here()
    duck, spark = whole("duckdb"), whole("spark")
    for name, table in duck.items():
        pd.testing.assert_frame_equal(spark[name], table, check_exact=True, check_dtype=False)


def test_what_an_engine_lays_aside_goes_with_it(panel):
    with engine.connect() as backend:
        aside = Path(backend.raw_sql("select current_setting('temp_directory')").fetchone()[0])
        assert aside.is_dir()
    assert not aside.exists()


def test_too_little_memory_and_an_engine_that_is_not_here_are_refused(monkeypatch):
    with pytest.raises(Refusal, match="at least 1 GiB"), engine.connect(memory_gib=0.5):
        pass
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(Refusal, match="pyspark is not installed") as refusal, engine.connect("spark"):
        pass
    assert refusal.value.exit_code == 4
