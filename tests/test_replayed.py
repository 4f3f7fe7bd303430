"""Months replayed by the timer's command, with outages in them. The trial itself is in ``trials``."""

from __future__ import annotations

import copy
import datetime as dt
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

TRIALS = Path(__file__).parent / "trials"
sys.path.insert(0, str(TRIALS))

import replayed  # noqa: E402
import replayed_offices as world  # noqa: E402
from replayed_houses import IMPATIENT  # noqa: E402
from replayed_night import Night  # noqa: E402

from helpers import calendar_of_releases, paths  # noqa: E402
from helpers.fetch.collect import collect  # noqa: E402
from helpers.fetch.transport import Patience, Transport  # noqa: E402
from helpers.sources import OFFICES  # noqa: E402
from helpers.sources.contract import Wanted  # noqa: E402


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Three months with small notebooks, one with an office that is down, one with a figure beyond all."""
    folder = tmp_path_factory.mktemp("replayed") / "small"
    with pytest.MonkeyPatch.context() as monkeypatch:
        trial = replayed.small(folder, monkeypatch)
        trial.tell = lambda line: None
        trial.run(folder)
        yield trial


def failed(trial) -> dict[str, int]:
    return {name: tally.failed for name, tally in trial.watch.tallies.items() if tally.failed}


def test_three_months_are_published_and_every_outage_is_told(trial):
    told = trial.counts()
    assert failed(trial) == {} and told["checked"] > 100
    assert told["months published"] == told["months"] == 3 and told["wrong pages"] == 0
    assert told["nights of an outage"] == {world.DOWN: 3, world.BEYOND: 2}
    assert told["told"] == {"hook": 8, "log": 3, "overdue in the log": 1, "page": 1, "summary": 5}
    assert told["outcomes"] == {"gate closed": 2, "nothing new": 2, "published": 5}
    assert told["nights with nothing new that ran a notebook"] == 0
    assert told["looked back"] == {"pages": 1, "tables": 2, "failed": 0}


def found(trial, tmp_path, *, ended=None, night=None, spoil=lambda reports: None, outage="") -> set[str]:
    """Hold the last night once more, changed, and return what did not hold."""
    watch = copy.copy(trial.watch)
    watch.tallies, watch.kept = copy.deepcopy(trial.watch.tallies), tmp_path / str(len(list(tmp_path.iterdir())))
    watch.pages, watch.seen, watch.outcomes, watch.told = list(watch.pages), [], Counter(), Counter()
    watch._before = dict.fromkeys(set(watch._before) - {trial.last[1].last["month"]}, "")
    watch._before |= {name: print_ for name, print_ in trial.watch._before.items() if name in watch._before}
    watch._published = None
    before = {file: file.read_bytes() for file in trial.house.reports.rglob("*") if file.is_file()}
    try:
        spoil(trial.house.reports)
        offices = replace(trial.offices, outage=outage)
        watch.hold(night or replace(trial.last[0], outage=outage), ended or trial.last[1], offices)
    finally:
        for file in [file for file in trial.house.reports.rglob("*") if file.is_file() and file not in before]:
            file.unlink()
        for file, content in before.items():
            file.write_bytes(content)
    return {name for name, tally in watch.tallies.items() if tally.failed}


def edit(name: str, old: str, new: str):
    """Return a fault: a text in a file of the newest report is another."""

    def spoil(reports: Path) -> None:
        file = max(reports.glob("20*")) / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return spoil


def newest_figure(trial) -> str:
    month = trial.watch.books.month
    return f"{trial.watch.books.value(world.TO_AU, 'CN', 'TOTAL', month):.6f}".rstrip("0")[:-2]


def test_a_night_as_it_was_holds_and_so_the_faults_below_are_what_is_found(trial, tmp_path):
    assert found(trial, tmp_path) == set()


def test_a_wrong_figure_on_a_page_is_found(trial, tmp_path):
    figure = newest_figure(trial)
    assert found(trial, tmp_path, spoil=edit("data/customs_monthly.csv", figure, f"9{figure}")) == {
        "the page holds what the offices said, month by month"
    }


def test_another_month_that_changed_is_found(trial, tmp_path):
    def spoil(reports):
        (min(reports.glob("20*")) / "run.json").write_text("{}")

    assert found(trial, tmp_path, spoil=spoil) == {"no other page changes"}


def test_a_newest_address_that_leads_elsewhere_is_found(trial, tmp_path):
    def spoil(reports):
        (reports / "latest.html").write_text("")

    assert found(trial, tmp_path, spoil=spoil) == {"the newest address leads to it"}


def test_a_summary_that_nobody_took_away_is_found(trial, tmp_path):
    def spoil(reports):
        (reports / ".failed" / "summary.md").write_text("old")

    wrong = found(trial, tmp_path, spoil=spoil)
    assert wrong == {"there is a summary where something is wrong, and none where all is well"}


def test_a_hook_that_is_not_called_or_called_twice_is_found(trial, tmp_path):
    ended = trial.last[1]
    for calls in ([], ended.hooked * 2):
        wrong = found(trial, tmp_path, ended=replace(ended, hooked=calls))
        assert wrong == {"the hook is called once where something is to be told"}
    (told, _), *_ = ended.hooked
    assert found(trial, tmp_path, ended=replace(ended, hooked=[(told, "another")])) == {"the hook hears the sentence"}


def test_an_outage_that_is_not_told_is_found(trial, tmp_path):
    wrong = found(trial, tmp_path, outage=world.DOWN)
    assert {"the log names the offices that failed, and no others", "the exit code says what happened",
            "the log names the reason"} <= wrong  # fmt: skip


def test_what_is_overdue_and_not_told_is_found(trial, tmp_path):
    late = Night(trial.last[0].month, trial.last[0].day + dt.timedelta(days=60))
    wrong = found(trial, tmp_path, night=late)
    assert {"the log tells what is overdue, and nothing else", "its record says when it was checked"} <= wrong


def test_a_night_that_ran_for_nothing_is_found(trial, tmp_path):
    ended = trial.last[1]
    nothing = {**ended.last, "outcome": "nothing new"}
    wrong = found(trial, tmp_path, ended=replace(ended, told=[*ended.told[:-1], nothing]))
    assert {"a night with nothing new runs no notebook", "nothing new is said only where there is none"} <= wrong


@pytest.mark.parametrize("outage", [what for what, (_, reason) in world.OUTAGES.items() if reason])
def test_an_outage_is_the_one_it_is_called(outage, tmp_path, monkeypatch):
    """Nothing is slept and no ledger is there: only how the answer is refused."""
    monkeypatch.setattr(paths, "ANSWERS", tmp_path)
    monkeypatch.setenv("CENSUS_API_KEY", "no-key-at-all")
    true = world.true_figures("2026-06", world.small_history("2024-11", "2025-11"))
    archive = world.Archive(true, world.Timetable({}, world.LEDGER_ENDS))
    failing, reason = world.OUTAGES[outage]
    wanted = Wanted("2025-11", "2026-03")
    with replayed.served(world.Offices(archive, dt.date(2026, 4, 20), outage)) as address:
        monkeypatch.setenv("DIVERSION_OFFICES", address)
        for name in world.HELD_BY:
            transport = Transport(Patience(**IMPATIENT))
            harvest = collect(OFFICES[name], OFFICES[name].plan(wanted), wanted, transport, "2026-04-20")
            should = {reason} if failing in (name, world.EVERY) else set()
            assert {failure.reason for failure in harvest.failures} == should, name
            assert bool(harvest.answered) == (not should or outage == world.LAST_MONTH)


def test_every_office_publishes_within_its_rule_and_only_the_late_one_after_it():
    table = world.Timetable({("abs", "2026-07"): 6}, world.LEDGER_ENDS)
    for office, rule in table.rules.items():
        for number in replayed.ALL:
            month = world.later(replayed.FIRST, number)
            first, last = rule.days(month)
            assert (first <= table.day(office, month) <= last) == ((office, month) != ("abs", "2026-07"))
    assert set(table.rules) == {release.office for release in calendar_of_releases.read()} - {"comtrade"}


def test_the_whole_trial_has_an_outage_in_a_third_of_its_months_and_each_kind_once():
    assert sorted(replayed.PLAN.values()) == sorted(world.OUTAGES) and len(replayed.PLAN) == 11
    assert set(replayed.PLAN) < set(replayed.ALL) and len(replayed.ALL) == 30


def test_what_is_told_is_of_this_plan_and_nothing_failed():
    told = json.loads(replayed.RESULTS.read_text(encoding="utf-8"))
    small, real = told["small notebooks"], told["notebooks of the report"]
    assert (small["months"], real["months"]) == (len(replayed.ALL), len(replayed.REAL))
    for part, plan in ((small, replayed.PLAN), (real, replayed.REAL_PLAN)):
        assert part["months published"] == part["months"] and part["months with an outage"] == len(plan)
        assert set(part["nights of an outage"]) == set(plan.values())
        assert (part["failed"], part["wrong pages"], part["looked back"]["failed"]) == (0, 0, 0)
        assert part["looked back"]["pages"] >= 2 and part["checked"] > 100
        assert part["checked"] == sum(one["checked"] for one in part["checks"].values())
    assert told["failed"] == 0 and told["checked"] == small["checked"] + real["checked"]


@pytest.mark.slow
def test_thirty_months_are_as_they_are_told(tmp_path, monkeypatch):
    trial = replayed.small(tmp_path / "small", monkeypatch, replayed.ALL, replayed.PLAN)
    trial.tell = lambda line: None
    trial.run(tmp_path / "small")
    assert failed(trial) == {}
    assert trial.counts() == json.loads(replayed.RESULTS.read_text(encoding="utf-8"))["small notebooks"]
