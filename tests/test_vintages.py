"""From an empty ledger and a local server: fetch, estimate, fetch again, and look back. No office is ever reached."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ledger
import pandas as pd
import pytest
import served
from local_offices import offices

from helpers import controls, customs, destinations, excess, parameters, paths, provenance, revisions, survival, tables
from helpers.fetch import run
from helpers.fetch.transport import Patience
from helpers.progress import Progress
from helpers.refusals import Refusal

FIRST, SECOND = dt.date(2026, 11, 26), dt.date(2026, 12, 20)
REVISED = {"2025-06": 1.02, "2025-07": 0.99}
ASKED = run.Request(offices=("imf", "eurostat", "census", "abs"))
TRAIN_END, MONTH = "2024-10", "2026-05"
KEYS = ["destination_code", "form", "window_id"]
KEPT = ["gap_bn", "low_bn", "high_bn", "placebo_error_bn", "mde80_bn", "counterfactual_bn", "gap_low_bn", "gap_high_bn"]


@contextlib.contextmanager
def elsewhere(folder: Path, server: str):
    """Work on another ledger and ask another server, for the length of a ``with`` block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "RAW", folder / "raw")
        patch.setattr(paths, "ANSWERS", folder / "answers")
        patch.setenv("DIVERSION_OFFICES", server)
        patch.setenv("CENSUS_API_KEY", "a-key")
        yield


def without_customs(folder: Path) -> Path:
    """Copy the ledger without any customs file: exchange rates, events and claims do not come from these offices."""
    raw = folder / "raw"
    shutil.copytree(paths.RAW, raw)
    for record in provenance.all_records():
        if record.table_schema == "customs":
            (raw / record.file).unlink()
            (raw / f"{record.file}.source.yml").unlink()
    return raw


def fetch(today: dt.date):
    quiet = Progress(open(os.devnull, "w"))  # noqa: PTH123, SIM115
    return run.fetch(ASKED, today, quiet, Patience(tries=1, first_wait=0.0))


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A ledger that grew from nothing: everything fetched on one day, two months revised on another."""
    assert len(ledger.cells()) and len(ledger.control_table())  # read before the ledger is changed for another
    folder = tmp_path_factory.mktemp("grown")
    without_customs(folder)
    history = served.invented_history()
    with offices(served.Served(history)) as server, elsewhere(folder, server.address):
        first = fetch(FIRST)
        rows = customs.read_rows()
    with offices(served.Served(history, REVISED)) as server, elsewhere(folder, server.address):
        second = fetch(SECOND)
    return {"folder": folder, "accounts": (first, second), "rows": rows, "estimates": estimates(rows)}


@pytest.fixture
def inside(grown):
    with elsewhere(grown["folder"], "http://127.0.0.1:9"):
        yield grown


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """The excess of every destination, as chapter 3 makes it."""
    cells = tables.check(customs.clean(rows), "customs_monthly")
    lumps = excess.all_lumps(cells)
    flows = destinations.flows(cells, ledger.control_table(), "USD", lumps)
    candidates = excess.candidates(flows, TRAIN_END)
    form, near = excess.form_of(candidates, "chosen", 0), excess.near_best(candidates)
    quarters = tables.check(customs.quarterly(rows), "customs_quarterly")
    made = excess.estimate_all(flows, quarters, form, near, train_end=TRAIN_END, month=MONTH).excess
    return made.set_index(KEYS)


@functools.cache
def embedded() -> pd.DataFrame:
    """The same on the ledger as it stands in git."""
    return estimates(ledger.rows())


def test_what_was_fetched_gives_the_same_estimates_as_the_embedded_ledger(inside):
    fetched, own = inside["estimates"], embedded()
    both = fetched.index.intersection(own.index)
    assert {code for code, _, _ in both} == {"US", "AU", "NON_US", "WORLD"} and len(both) >= 20
    for column in KEPT:
        pd.testing.assert_series_equal(fetched.loc[both, column], own.loc[both, column], rtol=1e-9, atol=1e-9)
    assert (fetched.loc[both, "status"] == own.loc[both, "status"]).all()


def test_the_euro_areas_manufactures_give_the_same_range_where_no_longer_past_was_fetched(inside):
    rows = inside["rows"]
    members = {*destinations.partners.EU27_MEMBERS, *destinations.partners.members_of("ASEAN")}
    short = rows[~((rows["reporter_code"] == "CN") & rows["partner_code"].isin(members))]
    fetched = estimates(short)
    assert fetched.loc[("EU", "range", "W1"), "status"] == "range"
    for column in ("gap_low_bn", "gap_high_bn", "origins"):
        assert fetched.loc[("EU", "range", "W1"), column] == pytest.approx(
            embedded().loc[("EU", "range", "W1"), column]
        )


def test_a_long_past_gives_the_eu_and_asean_their_intervals_by_itself(inside):
    rows, long = inside["rows"], inside["estimates"]
    for code in ("EU", "ASEAN"):
        row = long.loc[(code, "plain", "W1")]
        assert row["status"] == "interval" and row["degrees_of_freedom"] >= 5
        assert row["low_bn"] < row["gap_bn"] < row["high_bn"]
    assert long.loc[("EU", "plain", "W1"), "low_bn"] > 0  # the invented EU took 30 % more
    assert long.loc[("EU", "plain", "W1"), "gap_pct"] == pytest.approx(30, abs=12)
    short = estimates(rows[(rows["reporter_code"] != "CN") | (rows["period"] >= "2019-01")])
    assert "interval" not in set(short.loc[["EU"], "status"])


def test_the_first_fetch_is_new_and_the_second_only_what_was_revised(inside):
    first, second = inside["accounts"]
    assert {account.status for account in first} == {"new"}
    assert all(account.counts["revised"] == 0 for account in first)
    for account in second:
        assert account.counts["new"] == account.counts["confirmed"] == 0 and not account.failures
        if account.office != "eurostat":
            assert account.counts["revised"] > 0
    pct = {row["revision_pct"] for account in second for row in account.revisions if row["period"] == "2025-06"}
    assert pct and max(abs(value - 2) for value in pct) < 0.01
    new = [record for record in provenance.check_all() if record.date_accessed == SECOND.isoformat()]
    assert {period for record in new for period in provenance.printed(record)["period"]} == set(REVISED)


def test_the_ledger_as_of_the_first_day_is_the_ledger_of_that_day(inside):
    pd.testing.assert_frame_equal(customs.read_rows(FIRST.isoformat()), inside["rows"])
    assert {record.date_accessed for record in provenance.all_records(FIRST.isoformat())} <= {
        "2026-11-22", FIRST.isoformat()
    }  # fmt: skip


def test_a_later_day_of_access_is_preferred_and_the_earlier_print_is_kept(inside):
    then, now = (customs.clean(customs.read_rows(day)) for day in (FIRST.isoformat(), ""))
    before, after = (customs.series(cells, "AU", "CN") for cells in (then, now))
    ratio = after / before
    assert ratio["2025-06"] == pytest.approx(1.02) and ratio["2025-07"] == pytest.approx(0.99)
    assert (ratio.drop(["2025-06", "2025-07"]) == 1).all()
    prints = tables.check(revisions.revisions(customs.read_rows()), "customs_revisions")
    mine = prints[(prints["reporter_code"] == "AU") & (prints["partner_code"] == "CN")]
    assert set(mine["period"]) == set(REVISED) and set(mine["vintage_day"]) == {FIRST.isoformat(), SECOND.isoformat()}
    later = mine[mine["print_number"] == 2].set_index("period")
    assert later.loc["2025-06", "revision_pct"] == pytest.approx(2) and later["is_beyond_rounding"].all()


def test_the_triangle_names_the_days_of_one_vintage(inside):
    wide = revisions.triangle(revisions.revisions(customs.read_rows()), "CN", "WORLD", flow="exports", currency="USD")
    assert list(wide.columns) == ["period", f"revised, read {FIRST}", f"revised, read {SECOND}"]
    assert list(wide["period"]) == ["2025-07", "2025-06"]


def test_the_headline_of_the_vintage_before_is_held_against_the_later_figures(inside):
    table = tables.check(survival.compare(), "headline_survival")
    row = table.set_index(["what", "destination_code", "form", "window_id"]).loc[("excess", "AU", "plain", "W1")]
    assert row["moved_bn"] == pytest.approx(row["now_bn"] - row["then_bn"]) and row["moved_bn"] != 0
    assert set(table["verdict"]) <= {"stands", "sign changed", "now clear of zero", "no longer clear of zero"}
    told = survival.sentence(table)
    assert "26 November 2026" in told and "20 December 2026" in told


def test_one_vintage_has_nothing_to_be_compared_with(inside):
    assert survival.compare(FIRST.isoformat()).empty
    assert "read on one day" in survival.sentence(survival.compare(FIRST.isoformat()), FIRST.isoformat())


def test_a_verdict_that_does_not_hold_is_said():
    columns = ["then_bn", "then_low_bn", "then_high_bn", "now_bn", "now_low_bn", "now_high_bn"]
    cases = {
        "stands": (5, 1, 9, 6, 2, 10), "sign changed": (5, 1, 9, -1, -3, 1),
        "no longer clear of zero": (5, 1, 9, 3, -1, 7), "now clear of zero": (3, -1, 7, 5, 1, 9),
    }  # fmt: skip
    for verdict, values in cases.items():
        row = next(pd.DataFrame([values], columns=columns).itertuples(index=False))
        assert survival._verdict(row) == verdict


@pytest.mark.parametrize("day", ["2026-13-01", "26.11.2026", "20261126", "yesterday"])
def test_a_vintage_is_a_day(day):
    with pytest.raises(Refusal) as refusal:
        parameters.check(as_of_vintage=day)
    assert refusal.value.exit_code == 2


def test_a_vintage_before_the_ledger_began_is_refused_with_its_first_day():
    with pytest.raises(Refusal, match="2026-11-22") as refusal:
        provenance.all_records("2026-01-01")
    assert refusal.value.exit_code == 2


def test_controls_know_the_vintage_too(inside):
    assert len(controls.read_controls("2026-11-22")) == len(controls.read_controls())


def test_a_report_is_made_from_what_was_fetched_and_can_be_made_again_as_it_was(grown, tmp_path):
    where = {
        "DIVERSION_RAW": str(grown["folder"] / "raw"), "DIVERSION_PROCESSED": str(tmp_path / "processed"),
        "DIVERSION_REPORTS": str(tmp_path / "reports"),
    }  # fmt: skip
    command = [Path(sys.executable).with_name("diversion"), "report", "-p", f"as_of_vintage={FIRST}"]
    done = subprocess.run(command, env=os.environ | where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    page = next((tmp_path / "reports").glob("20*/index.html"))
    text = page.read_text(encoding="utf-8")
    assert re.search("The EU.s excess is beyond normal variation", html.unescape(text))
    stamp = json.loads((page.parent / "run.json").read_text(encoding="utf-8"))
    assert SECOND.isoformat() not in json.dumps(stamp["data"])
    made = pd.read_parquet(tmp_path / "processed" / "excess.parquet").set_index(KEYS)
    expected = grown["estimates"]
    pd.testing.assert_series_equal(made["gap_bn"].sort_index(), expected["gap_bn"].sort_index(), rtol=1e-9)


def test_the_embedded_ledger_with_a_fetch_on_top_makes_a_report(tmp_path):
    assert len(ledger.cells()) and len(ledger.control_table())
    shutil.copytree(paths.RAW, tmp_path / "raw")
    with offices(served.Served(served.invented_history(), REVISED)) as server, elsewhere(tmp_path, server.address):
        accounts = fetch(FIRST)
        assert {account.status for account in accounts} == {"new"}
        assert sum(account.counts["confirmed"] for account in accounts) > 5_000
        assert sum(account.counts["revised"] for account in accounts) > 30
    where = {"DIVERSION_RAW": str(tmp_path / "raw"), "DIVERSION_PROCESSED": str(tmp_path / "processed"),
             "DIVERSION_REPORTS": str(tmp_path / "reports")}  # fmt: skip
    command = [Path(sys.executable).with_name("diversion"), "report"]
    done = subprocess.run(command, env=os.environ | where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    text = html.unescape(next((tmp_path / "reports").glob("20*/index.html")).read_text(encoding="utf-8"))
    assert "would have survived the figures read by 26 November 2026" in text
    assert "Revised 2026-11-26" in text.replace("\u2011", "-")
    table = pd.read_parquet(tmp_path / "processed" / "excess.parquet").set_index(KEYS)
    assert table.loc[("EU", "plain", "W1"), "status"] == table.loc[("ASEAN", "plain", "W1"), "status"] == "interval"
    balance = pd.read_parquet(tmp_path / "processed" / "surplus_monthly.parquet")
    assert not balance[balance["ytd_usd_bn"].notna()].duplicated(["vintage", "period"]).any()
