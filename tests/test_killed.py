"""Runs that are killed, and runs that start at once: a few of each. The trials themselves are in ``trials``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIALS = Path(__file__).parent / "trials"
sys.path.insert(0, str(TRIALS))

import killed  # noqa: E402
import killed_house  # noqa: E402
import together  # noqa: E402
from checkout import MARK  # noqa: E402
from hostile_surfaces import Tally  # noqa: E402
from killed_house import AGAIN, FIRST_EVER, MONTH  # noqa: E402
from killed_run import EVERYBODY, WHO  # noqa: E402


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with killed_house.house(tmp_path_factory.mktemp("killed"), (AGAIN,)) as built:
        yield built


@pytest.fixture
def before(place):
    """The house as it is before something is new."""
    place.bring(place.played[AGAIN])
    return place


def test_a_night_that_is_killed_while_it_publishes_leaves_a_whole_page_and_the_next_one_mends(place):
    tally = Tally()
    reads = killed.try_kill(place, killed.Kill(AGAIN, killed.CALL, "publish", 0.5, EVERYBODY), 1, tally)
    assert tally.failures == [] and tally.checked == killed.HELD and reads >= 5


def test_a_page_that_is_put_in_place_is_whole_whenever_that_is_killed(place):
    tally = Tally()
    tried = killed.sweep(place, AGAIN, tally, slice(3, None, 25))
    assert tally.failures == [] and tally.checked == 6 * tried >= 12


def test_of_two_nights_at_once_one_works_and_the_other_goes_away(place):
    tally = Tally()
    assert together.try_round(place, AGAIN, 2, tally) >= 5
    assert tally.failures == [] and tally.checked == together.HELD


def test_a_moment_without_a_page_is_found(place):
    """Planted: a file system that cannot exchange names, where two renames have to do."""
    module = place.root / "src" / "helpers" / "exchange.py"
    code = module.read_text()
    module.write_text(code + "\n\ndef exchange(one, other):\n    return False\n")
    try:
        killed.sweep(place, AGAIN, tally := Tally(), slice(2), "rename")
    finally:
        module.write_text(code)
    assert any("at once" in told and f"{MONTH} is neither" in told for told in tally.failures), tally.failures
    assert any("No such file" in told for told in tally.failures)


def half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda reports: None, ""),
        (lambda reports: half(reports / MONTH / "index.html"), "index.html ends before its end"),
        (lambda reports: (reports / MONTH / "index.html").unlink(), "index.html cannot be read"),
        (lambda reports: (reports / MONTH).rename(reports / ".old"), f"{MONTH} is neither"),
        (lambda reports: half(reports / MONTH / "run.json"), "run.json"),
        (lambda reports: half(reports / MONTH / "data/first.csv"), "altered: data/first.csv"),
        (lambda reports: half(reports / "feed.xml"), "feed.xml is neither"),
        (lambda reports: half(reports / "index.html"), "index.html is neither"),
        (lambda reports: (reports / "latest.html").unlink(), "latest.html is missing"),
        (lambda reports: (reports / MONTH / "more.html").touch(), f"{MONTH} is neither"),
    ],
)
def test_what_readers_should_not_find_is_found(before, spoil, told):
    spoil(before.reports)
    faults = before.not_whole(before.played[AGAIN])
    assert any(told in fault for fault in faults) if told else faults == []


def test_a_page_with_the_record_of_another_run_is_found(before):
    new = before.played[AGAIN].saved / "finished" / MONTH
    (before.reports / MONTH / "run.json").write_bytes((new / "run.json").read_bytes())
    faults = before.not_whole(before.played[AGAIN])
    assert any("neither" in fault for fault in faults) and any("altered: index.html" in fault for fault in faults)


def test_what_is_left_is_found(before):
    assert before.left_over() == []
    (before.reports / ".building-1").mkdir()
    for name in ("reports/.feed.xml.1.part", "data/raw/.x.source.yml.ready", "reports/.state/x.tmp"):
        (before.root / name).touch()
    stray = subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: str(before.root)})
    try:
        found = before.left_over()
    finally:
        stray.kill()
        stray.wait()
    assert len(found) == 6 and any("sleep" in told for told in found), found  # the file in reports is hidden as well


def test_the_reader_finds_what_is_missing_half_or_of_nobody(before):
    known = killed.fingerprints(before.played[AGAIN])
    assert len(known) == 2
    for spoil, words in (
        (lambda: half(before.reports / "feed.xml"), "feed.xml"),
        (lambda: (before.reports / MONTH / "run.json").unlink(), "run.json: No such file"),
        (lambda: (before.reports / MONTH / "index.html").write_text("another</html>"), "reader found"),
    ):
        with before.read() as found:
            spoil()
        killed.hold_reader(found, known, "planted", tally := Tally())
        assert len(tally.failures) == 1 and words in tally.failures[0], tally.failures
        before.bring(before.played[AGAIN])


def test_two_that_work_or_one_that_fails_are_found():
    for ends in (
        [(0, ""), (0, "")], [(11, ""), (5, "")], [(0, ""), (1, "invented")], [(0, ""), (11, '{"event": "step"}')]
    ):  # fmt: skip
        together.hold_ends(ends, "planted", tally := Tally())
        assert len(tally.failures) == 1 and tally.checked == 2
    together.hold_ends([(0, '"step"'), (11, ""), (5, '"step"')], "well", tally := Tally())
    assert tally.failures == []


def test_a_run_that_does_not_die_counts_as_a_failure(place):
    """Planted: a call that no run makes, so that nothing is killed."""
    kill = killed.Kill(AGAIN, killed.CALL, "publish", 1000.0, EVERYBODY)
    died, _ = killed.kill(place, kill)
    assert not died


def test_most_kills_fall_where_readers_would_see_them_and_what_is_told_is_of_these_kills():
    kills = killed.plan()
    assert {kill.who for kill in kills} == {*WHO} and {kill.situation for kill in kills} == {*killed_house.SITUATIONS}
    assert len({(kill.situation, kill.how, kill.step, kill.share) for kill in kills}) == len(kills)
    told = json.loads(killed.RESULTS.read_text(encoding="utf-8"))
    swept = told["the last step alone, killed at every call"]
    reads = told["reads, in thousands"] * 1000
    parts = {name: killed.Tally(part["checked"]) for name, part in told["parts"].items()}
    assert told == killed.counts(kills, swept, reads, parts)
    assert told["kills"] >= 200 and 2 * told["of them in render or publish"] >= told["kills"] and told["failed"] == 0
    first = sum(kill.situation == FIRST_EVER for kill in kills)
    assert parts["nights"].checked == killed.HELD * len(kills) - first
    assert parts["the last step alone"].checked == 6 * sum(swept.values()) and reads > 0


def test_what_is_told_of_nights_at_once_is_of_these_rounds():
    told = json.loads(together.RESULTS.read_text(encoding="utf-8"))
    assert told["rounds"] == {f"{many} at once": times for many, times in together.ROUNDS.items()}
    rounds, first = sum(together.ROUNDS.values()), told["situations"][FIRST_EVER]
    assert told["checked"] == together.HELD * rounds - first and told["failed"] == 0 and sum(
        told["situations"].values()
    ) == rounds  # fmt: skip
