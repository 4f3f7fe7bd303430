"""US imports by origin and product group: the embedded file, and what a fetch adds to it."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil

import pandas as pd
import pytest
import shapes
from fetched import PATIENCE
from local_offices import Reply, offices

from helpers import paths, product_groups, provenance
from helpers.fetch import run
from helpers.progress import Progress
from helpers.refusals import Refusal

FILE = "census/census_naics3_imports_2016-2025.csv"
ORIGINS = {"5700": "CN", "-": "WORLD", "5520": "VN"}


@pytest.fixture(scope="module")
def held():
    return product_groups.monthly()


def test_the_groups_of_china_add_up_to_its_measured_duty_in_every_month(held):
    record = provenance.record_of(paths.RAW / "census" / "census_duties_on_china_2013-2025.csv")
    raw = provenance.read(record).set_index("period")
    china = held[held["partner_code"] == "CN"].groupby("period")[["imports_usd", "duty_usd"]].sum()
    for column in ("imports_usd", "duty_usd"):
        assert (china[column] == pd.to_numeric(raw[column]).reindex(china.index)).all()
    assert len(china) == 119


def test_every_group_is_text_of_three_digits(held):
    assert held["product_code"].dtype == "str" and held["product_code"].str.fullmatch(r"\d{3}").all()


def test_duty_is_below_imports_of_goods_and_no_origin_exceeds_the_world(held):
    wide = held.pivot(index=["period", "product_code"], columns="partner_code", values="imports_usd")
    assert (wide.drop(columns="WORLD").sum(axis=1) <= wide["WORLD"] * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("change", "column"),
    [(("China,naics3,111,52388493", "China,naics3,111,-52388493"), "imports_usd"),
     (("2016-01,China,naics3,111", "2016-13,China,naics3,111"), "period"),
     (("2016-01,China,naics3,111", "2016-01,Chyna,naics3,111"), "partner"),
     (("2016-01,China,naics3,111", "2016-01,China,naics3,11"), "product")],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_its_line(tmp_path, monkeypatch, change, column):
    monkeypatch.setattr(paths, "RAW", tmp_path)
    (tmp_path / "census").mkdir()
    for name in (FILE, f"{FILE}.source.yml"):
        shutil.copy(paths.ROOT / "data" / "raw" / name, tmp_path / name)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / FILE).write_text(text.replace(change[0], change[1], 1), encoding="utf-8")
    with pytest.raises(Refusal, match=rf"line 2.*column {column}"):
        product_groups.monthly()


def answer(held: pd.DataFrame, factor: dict[str, int]):
    """A server that has the ledger's groups, some months multiplied."""

    def reply(asked):
        if not asked.path.endswith("/naics"):
            return Reply(status=204)
        first, last = re.findall(r"\d{4}-\d{2}", asked.query["time"])
        code = asked.query["CTY_CODE"]
        mine = held[(held["partner_code"] == ORIGINS.get(code, "")) & held["period"].between(first, last)]
        if mine.empty:
            return Reply(status=204)
        names = {"5700": "CHINA", "-": "TOTAL FOR ALL COUNTRIES", "5520": "VIETNAM"}
        return Reply(
            shapes.census_groups(
                (code, names[code], row.product_code, row.period, int(row.imports_usd) * factor.get(row.period, 1),
                 int(row.duty_usd))
                for row in mine.itertuples(index=False)
            )
        )  # fmt: skip

    return reply


def test_what_the_ledger_has_is_confirmed_and_a_revision_becomes_a_pair_of_its_own(held, tmp_path, monkeypatch):
    for name in ("RAW", "ANSWERS"):
        monkeypatch.setattr(paths, name, tmp_path / name.lower())
    (paths.RAW / "census").mkdir(parents=True)
    for name in (FILE, f"{FILE}.source.yml"):
        shutil.copy(paths.ROOT / "data" / "raw" / name, paths.RAW / name)
    monkeypatch.setenv("CENSUS_API_KEY", "a-key")
    request = run.Request(("census",), "2025-06")
    done = []
    for day, factor in ((dt.date(2026, 11, 26), {}), (dt.date(2026, 11, 27), {"2025-11": 2})):
        with offices(answer(held, factor)) as server:
            monkeypatch.setenv("DIVERSION_OFFICES", server.address)
            done += run.fetch(request, day, Progress(io.StringIO()), PATIENCE)
    first, second = done
    count = len(held[held["partner_code"].isin(ORIGINS.values()) & (held["period"] >= "2025-06")])
    assert (first.counts["confirmed"], first.counts["new"], first.counts["revised"]) == (2 * count, 0, 0)
    assert second.counts["revised"] > 0 and second.counts["new"] == 0
    assert {row["revision_pct"] for row in second.revisions} == {100.0}
    provenance.check_all()
    now = product_groups.monthly().set_index(product_groups.CELL)
    before = held.set_index(product_groups.CELL)
    ratio = (now["imports_usd"] / before["imports_usd"]).fillna(1)  # nothing over nothing
    fetched = ratio.index.get_level_values("partner_code").isin(ORIGINS.values())
    assert (
        ratio[fetched & (before["imports_usd"] > 0) & (ratio.index.get_level_values("period") == "2025-11")] == 2
    ).all()
    assert (ratio[ratio.index.get_level_values("period") != "2025-11"] == 1).all()
    assert (now["duty_usd"] == before["duty_usd"]).all()
    assert product_groups.monthly("2026-11-26")["imports_usd"].equals(held["imports_usd"])
