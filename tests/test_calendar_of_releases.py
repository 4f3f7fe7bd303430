"""What is due on which day: the rules of the calendar against an invented ledger, and the calendar as it stands."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from fetched import MONTHS, Trial, good, small_ledger

from helpers import calendar_of_releases as calendar
from helpers import paths, provenance
from helpers.calendar_of_releases import DUE, NONE_DUE, NOT_HELD, OVERDUE, Release
from helpers.cli import main
from helpers.refusals import Refusal
from helpers.sources import OFFICES

INVENTED = {
    "office": "abs", "release": "invented", "name": "Invented office", "zone": "UTC", "first": (1, 7), "last": (1, 14),
    "awaited": True, "folder": "abs", "reporters": ("AU",), "partner": "CN", "source": "invented",
}  # fmt: skip


def standing(held: str, day: str, **changed):
    return calendar.standing(Release(**INVENTED | changed), held, calendar.check_day(day))


@pytest.mark.parametrize(
    ("held", "day", "state", "missing"),
    [
        ("2026-05", "2026-07-06", NONE_DUE, ()),
        ("2026-05", "2026-07-07", DUE, ("2026-06",)),
        ("2026-05", "2026-07-14", DUE, ("2026-06",)),
        ("2026-05", "2026-07-15", OVERDUE, ("2026-06",)),
        ("2026-06", "2026-07-31", NONE_DUE, ()),
        ("2026-04", "2026-07-10", OVERDUE, ("2026-05",)),  # June is due as well; what is overdue is told first
        ("2025-10", "2026-02-15", OVERDUE, ("2025-11", "2025-12", "2026-01")),
        ("2027-01", "2026-07-15", NONE_DUE, ()),  # an office ahead of its own rule
        ("", "2026-07-15", NOT_HELD, ()),
    ],
)
def test_a_month_is_due_from_its_first_day_and_overdue_after_its_last(held, day, state, missing):
    found = standing(held, day)
    assert (found.state, found.missing) == (state, missing)


def test_january_that_comes_with_february_is_not_missed_before_march():
    assert standing("2025-12", "2026-02-20", january="with February").state == NONE_DUE
    assert standing("2025-12", "2026-03-10", january="with February").missing == ("2026-01", "2026-02")
    assert standing("2025-12", "2026-02-20").missing == ("2026-01",)


def test_a_day_that_a_month_does_not_have_is_its_last():
    found = standing("2025-12", "2026-03-01", first=(1, 30), last=(1, 31))
    assert (found.by, found.since, found.state) == ("2026-02-28", "2026-03-01", OVERDUE)


def test_the_day_of_checking_is_the_one_since_which_nothing_changed():
    days = [f"2026-07-{day:02d}" for day in range(1, 32)]
    told = {day: calendar.checked_on([standing("2026-05", day)]) for day in days}
    assert {day for day, checked in told.items() if not checked} == set(days[:14])
    assert set(told.values()) == {"", "2026-07-15"}
    again = [standing("2026-05", "2026-07-31"), standing("2026-05", "2026-07-15")]
    assert again[0] == again[1]  # as of the day of checking, what is overdue is the same as on any later day


def test_what_no_report_waits_for_is_told_and_sets_no_day():
    late = [standing("2026-05", "2026-07-31", awaited=False)]
    assert late[0].state == OVERDUE and calendar.checked_on(late) == ""


def test_a_day_has_begun_everywhere_twelve_hours_after_it_began_at_greenwich():
    assert calendar.begun_everywhere(dt.datetime(2026, 7, 15, 11, 59, tzinfo=dt.UTC)) == dt.date(2026, 7, 14)
    assert calendar.begun_everywhere(dt.datetime(2026, 7, 15, 12, 0, tzinfo=dt.UTC)) == dt.date(2026, 7, 15)
    there = dt.datetime(2026, 7, 16, 0, 30, tzinfo=ZoneInfo("Australia/Sydney"))
    assert calendar.begun_everywhere(there) == dt.date(2026, 7, 15)


def test_what_is_held_is_read_from_the_ledger(tmp_path, monkeypatch):
    for name, content in small_ledger().items():
        (tmp_path / "raw" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / name).write_bytes(content)
    trial = Trial(tmp_path, monkeypatch)
    trial.fetch(good, "gacc", "abs", "census", "eurostat")
    held = {(one.release.office, one.release.release): one.held for one in calendar.standings("2026-01-20")}
    assert held["abs", "Australian imports by origin"] == held["census", "US imports by origin"] == MONTHS[-1]
    assert held["eurostat", "EU imports from China"] == MONTHS[-1]
    assert held["gacc", "preliminary release by partner"] == "2025-11"
    assert held["gacc", "monthly bulletin"] == ""  # a first print is no bulletin
    assert held["imf", "International Trade in Goods by partner"] == "2025-09"
    before = calendar.standings("2026-01-20", as_of="2026-01-01")
    assert {one.held for one in before} == {"", "2025-09"}


def test_january_and_february_in_one_figure_are_held(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RAW", tmp_path)
    sources = {"one": provenance.Source(read_in="here", kind="official", publisher="invented")}
    record = provenance.Record.model_construct(
        file="abs/invented.csv", table_schema="customs", reporter="AU", sources=sources
    )
    raw = {"period": ("2026-02", "2026-03", "2026-12"), "period_kind": ("jan_feb", "ytd", "year"),
           "partner": ("China",) * 3, "value": ("1", "1", "1"), "source": ("one",) * 3}  # fmt: skip
    monkeypatch.setattr(provenance, "printed", lambda _: raw)
    assert calendar.held_by([Release(**INVENTED)], [record]) == ["2026-02"]


@pytest.mark.parametrize("text", ["2026-7-1", "2026-02-30", "20260701", "today", ""])
def test_a_day_that_is_none_is_refused(text):
    with pytest.raises(Refusal) as refusal:
        calendar.check_day(text)
    assert refusal.value.exit_code == 2


def test_the_calendar_names_every_office_with_a_rule_that_can_be_kept():
    releases = calendar.read()
    assert {release.office for release in releases} == set(OFFICES)
    for release in releases:
        assert ZoneInfo(release.zone) and len(release.source) > 60
        for month in ("2024-02", "2025-12", "2026-01"):
            first, last = release.days(month)
            assert dt.date(int(month[:4]), int(month[5:]), 28) < first <= last
        assert not release.ask_at or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", release.ask_at)
        if release.awaited:
            assert release.ask_at, "what a report waits for is asked for"
        folders = {dataset.folder for dataset in OFFICES[release.office].datasets if dataset.store == "ledger"}
        assert release.folder in folders or not folders
        reporters = {dataset.reporter for dataset in OFFICES[release.office].datasets}
        assert set(release.reporters) <= reporters


def test_the_command_prints_the_calendar(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "RAW", tmp_path)
    assert main(["calendar", "--day", "2026-07-15"]) == 0
    assert "abs" in capsys.readouterr().out
    assert main(["calendar", "--day", "15.7.2026"]) == 2
