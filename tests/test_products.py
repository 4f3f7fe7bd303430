"""Figures by product: the plan, the parts, what may leave this machine. Every figure in here is invented."""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import pandas as pd
import pytest
import shapes
from fetched import PATIENCE
from local_offices import Asked, Reply, offices

from helpers import engine, paths, product_panel, provenance
from helpers.cli import main
from helpers.fetch import account, products, run
from helpers.progress import Progress
from helpers.sources import OFFICES

TODAY = dt.date(2026, 11, 26)
PRODUCTS = ("010121", "854231", "854140")
REQUEST = run.Request(since="2025-01")


def read(stem: str, as_of: str = "") -> pd.DataFrame:
    """Return the rows of a dataset, in order."""
    with engine.connect() as backend:
        return product_panel.rows_of(backend, stem, as_of).order_by(product_panel.CELL).to_pandas()


def answer(asked: Asked) -> Reply:
    """Three products a month, worth what their place says."""
    if asked.office == "eurostat":
        first, last = asked.query["startPeriod"], asked.query["endPeriod"]
        months = [str(period) for period in pd.period_range(first, last, freq="M")]
        rows = [(code, month, (place + 1) * 1e6, 50) for month in months for place, code in enumerate(PRODUCTS)]
        rows += [("TOTAL", month, 9e6, None) for month in months] + [("8542", month, 2e6, None) for month in months]
        return Reply(shapes.comext(rows), packed=True)
    if asked.office == "census":
        first, last = re.findall(r"\d{4}-\d{2}", asked.query["time"])
        months = [str(period) for period in pd.period_range(first, last, freq="M")]
        head = ["CTY_NAME", "I_COMMODITY", "GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "COMM_LVL", "SUMMARY_LVL",
                "CTY_CODE", "time"]  # fmt: skip
        rows = [["CHINA", code, str(1000 * (place + 1)), "900", "90", "HS6", "DET", "5700", month]
                for month in months for place, code in enumerate(PRODUCTS)]  # fmt: skip
        return Reply(json.dumps([head, *rows]).encode())
    period, numbers = asked.query["period"], asked.query["partnerCode"].split(",")
    codes = PRODUCTS if asked.query["cmdCode"] == "AG6" else ("TOTAL",)
    return Reply(
        shapes.comtrade(
            {"period": period, "partnerCode": int(number), "cmdCode": code, "primaryValue": 5000.0 * (place + 1),
             "freqCode": "M" if len(period) == 6 else "A"}
            for number in numbers for place, code in enumerate(codes)
        )
    )  # fmt: skip


@pytest.fixture
def machine(tmp_path, monkeypatch):
    for name in ("PRODUCTS", "ANSWERS"):
        monkeypatch.setattr(paths, name, tmp_path / name.lower())
    monkeypatch.setenv("CENSUS_API_KEY", "census-secret")
    monkeypatch.setenv("COMTRADE_API_KEY", "comtrade-secret")
    with offices(answer) as server:
        monkeypatch.setenv("DIVERSION_OFFICES", server.address)
        yield server


def fetch(request=REQUEST, today=TODAY):
    return products.fetch(request, today, Progress(io.StringIO()), PATIENCE)


def test_the_plan_says_calls_rows_size_and_days_and_asks_nothing(machine, capsys):
    assert main(["fetch", "--products", "--since", "2022-01"]) == 0
    printed = capsys.readouterr().out
    line = next(row for row in printed.splitlines() if row.startswith("comtrade  comtrade_exports_monthly"))
    calls = int(re.split(r"\s{2,}", line)[2])
    asks = OFFICES["comtrade"].plan_products(run.Wanted("2022-01", run_month(), run.DESTINATIONS), True)
    assert calls == sum(ask.dataset == "comtrade_exports_monthly" for ask in asks) > 100
    assert "days at free limits" in printed and "rows may not be passed on" in printed and not machine.seen


def run_month() -> str:
    return run.wanted_of(run.Request(since="2022-01"), OFFICES["comtrade"], dt.datetime.now(dt.UTC).date()).last


def test_without_a_key_the_plan_asks_for_all_goods_only(machine, monkeypatch, capsys):
    monkeypatch.delenv("COMTRADE_API_KEY")
    assert main(["fetch", "--products", "--source", "comtrade", "--since", "2026-01"]) == 0
    printed = capsys.readouterr().out
    assert "not set" in printed and "need COMTRADE_API_KEY" in printed
    wanted = run.Wanted("2026-01", "2026-02")
    asks = OFFICES["comtrade"].plan_products(wanted, False)
    assert all("/public/v1/preview/" in ask.path and "cmdCode=TOTAL" in ask.path for ask in asks) and len(asks) == 2


def test_every_destination_and_the_world_are_asked_for(machine):
    asks = OFFICES["comtrade"].plan_products(run.Wanted("2025-01", "2025-01"), True)
    numbers = {number for ask in asks if ask.about[0] == "M" for number in ask.about[2].split(",")}
    assert len(numbers) == 1 + 1 + 27 + 11 + 1 and {"0", "842", "36", "276", "704"} <= numbers
    assert {ask.first[:4] for ask in asks if ask.about[0] == "A"} == {str(year) for year in range(2017, 2025)}


def test_parts_land_as_parquet_by_dataset_vintage_and_year_with_codes_as_text(machine):
    accounts = fetch()
    assert {found.status for found in accounts} == {"new"} and account.exit_code(accounts) == 0
    files = sorted(paths.PRODUCTS.rglob("*.parquet"))
    assert {file.parents[2].name for file in files} == {
        "comext_imports_hs6", "census_imports_hs6", "comtrade_exports_monthly", "comtrade_exports_yearly",
    }  # fmt: skip
    assert all(file.parents[1].name == "vintage=2026-11-26" for file in files)
    frame = read("comext_imports_hs6")
    assert set(frame["product_code"]) == {*PRODUCTS, "TOTAL"} and set(frame["product_scheme"]) == {"hs6", "total"}
    horse = frame[(frame["product_code"] == "010121") & (frame["period"] == "2025-03")].iloc[0]
    assert (horse["value_mn"], horse["quantity"], horse["quantity_unit"]) == (1.0, 0.005, "million kg")
    assert (horse["reporter_code"], horse["partner_code"], horse["currency"]) == ("EU27", "CN", "EUR")
    yearly = read("comtrade_exports_yearly")
    assert set(yearly["period_kind"]) == {"year"} and "WORLD" in set(yearly["partner_code"])


def test_a_part_that_was_read_is_not_asked_for_again_within_thirty_days(machine):
    fetch()
    asked = len(machine.seen)
    again = fetch(today=TODAY + dt.timedelta(days=3))
    assert len(machine.seen) == asked and {found.status for found in again} == {"nothing new"}
    fetch(today=TODAY + dt.timedelta(days=40))
    assert len(machine.seen) > 2 * asked  # two more months are out
    held = read("comext_imports_hs6")
    assert set(held["vintage"]) == {"2027-01-05"} and not held.duplicated(["period", "product_code"]).any()
    then = read("comext_imports_hs6", as_of="2026-12-01")
    assert set(then["vintage"]) == {"2026-11-26"}


def test_a_plan_that_ran_into_the_quota_goes_on_the_next_day(machine):
    whole = machine.reply
    calls = []

    def until_the_quota(asked: Asked) -> Reply:
        if asked.office == "comtrade":
            calls.append(asked)
            if len(calls) > 5:
                said = "Out of call volume quota. Quota will be replenished in 03:14:17."
                body = json.dumps({"statusCode": 403, "message": said}).encode()
                return Reply(body, 403, {"Retry-After": "11657"})
        return whole(asked)

    machine.reply = until_the_quota
    (first,) = fetch(run.Request(("comtrade",), "2025-01"))
    assert first.failures[0].reason == "quota" and first.failures[0].wait == 11657 and first.not_asked > 10
    machine.reply = whole
    (second,) = fetch(run.Request(("comtrade",), "2025-01"), TODAY + dt.timedelta(days=1))
    assert not second.failures and second.answered == first.not_asked + 1
    frame = read("comtrade_exports_monthly")
    assert not frame.duplicated(["period", "partner_code", "product_code"]).any()


def test_what_may_not_be_passed_on_never_enters_the_ledger_or_git(machine):
    before = sorted(paths.RAW.rglob("*"))
    fetch()
    assert sorted(paths.RAW.rglob("*")) == before and provenance.check_all()
    ignored = (paths.ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"data/answers/", "data/products/"} <= set(ignored)
    for office in OFFICES.values():
        for dataset in office.datasets:
            assert dataset.may_be_passed_on or dataset.store == "products"


def test_no_notebook_hands_on_a_row_of_the_product_store():
    for notebook in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
        assert "product_store" not in notebook.read_text(encoding="utf-8")


def test_keys_stand_in_no_file_and_no_message(machine, capsys):
    fetch()
    secrets = (b"census-secret", b"comtrade-secret")
    assert any("census-secret" in asked.query.get("key", "") for asked in machine.seen)
    for file in (file for folder in (paths.PRODUCTS, paths.ANSWERS) for file in folder.rglob("*") if file.is_file()):
        assert not any(secret in file.read_bytes() for secret in secrets)
