"""Pages of China's customs saved by hand go the same way as fetched ones."""

from __future__ import annotations

import datetime as dt

import pytest
import shapes
from test_sources_gacc import march

from helpers import customs, paths, provenance
from helpers.cli import main
from helpers.fetch import saved
from helpers.refusals import Refusal

TODAY = dt.date(2026, 11, 26)


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    for name in ("RAW", "ANSWERS"):
        monkeypatch.setattr(paths, name, tmp_path / name.lower())
    return tmp_path


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "release of march.html"
    file.write_bytes(shapes.gacc_page("preliminary", "2026-03", "CNY", march()))
    return file


def test_a_saved_page_says_what_it_holds_without_touching_the_ledger(ledger, page, capsys):
    assert main(["fetch", "--page", str(page), "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "preliminary-2026-03-cny: 30 partners, 120 figures" in printed
    assert "United States: 204,500.0 in the month" in printed and "6,846,670.0 since January" in printed
    assert not list(paths.RAW.rglob("*.csv"))


def test_a_saved_page_is_appended_with_where_it_was_read(ledger, page):
    _, (done,) = saved.take([page], TODAY)
    assert (done.counts["new"], done.status) == (120, "new")
    (record,) = provenance.check_all()
    assert record.file == "gacc/gacc_preliminary_cny_2026-11-26.csv" and record.currency == "CNY"
    assert "saved by hand as release of march.html" in next(iter(record.sources.values())).read_in
    rows = customs.read_rows()
    us = rows[(rows["partner_code"] == "US") & (rows["flow"] == "exports")].set_index("period_kind")
    assert (us.loc["month", "value_mn"], us.loc["ytd", "yoy_pct"]) == (204500.0, -18.3)
    _, (again,) = saved.take([page], TODAY)
    assert again.status == "nothing new" and len(provenance.all_records()) == 1


def test_a_page_that_is_another_or_that_is_not_there_is_refused_and_nothing_is_written(ledger, page, tmp_path):
    other = tmp_path / "index.html"
    other.write_text("<html><head><title>Statistics</title></head><body>nothing</body></html>")
    for files, code in (([page, other], 3), ([tmp_path / "nowhere.html"], 2)):
        with pytest.raises(Refusal) as refusal:
            saved.take(files, TODAY)
        assert refusal.value.exit_code == code and not list(paths.RAW.rglob("*.csv"))
