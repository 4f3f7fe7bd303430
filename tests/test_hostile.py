"""Texts that attack whatever reads them, on everything that reads or writes text. The trial itself is in ``trials``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

TRIALS = Path(__file__).parent / "trials"
sys.path.insert(0, str(TRIALS))

import hostile  # noqa: E402
import hostile_surfaces  # noqa: E402
from hostile_strings import FAMILIES, STRINGS  # noqa: E402


@pytest.mark.parametrize("name", hostile.SURFACES)
def test_every_fourth_text_is_held_by(name, tmp_path):
    tally = hostile.try_surface(name, hostile.QUICK, tmp_path)
    assert tally.failures == [] and tally.checked >= len(hostile.QUICK) // 2


@pytest.mark.parametrize("name", hostile.IN_A_BROWSER)
def test_every_fourth_text_is_held_in_a_browser_by(name, tmp_path, browser):
    tally = hostile.try_surface(name, hostile.QUICK, tmp_path, browser)
    assert tally.failures == [] and tally.checked >= 3 * len(hostile.QUICK)


@pytest.mark.slow
def test_every_text_is_held_and_the_counts_are_those_that_are_told(tmp_path, browser):
    tallies = {}
    for number, name in enumerate((*hostile.SURFACES, *hostile.IN_A_BROWSER)):
        (folder := tmp_path / str(number)).mkdir()
        tallies[name] = hostile.try_surface(name, STRINGS, folder, browser)
        assert tallies[name].failures == [], name
    assert hostile.counts(tallies) == json.loads(hostile.RESULTS.read_text(encoding="utf-8"))


def test_what_is_told_is_of_these_texts_and_surfaces_and_nothing_failed():
    told = json.loads(hostile.RESULTS.read_text(encoding="utf-8"))
    assert told["texts"] == len(STRINGS) >= 300 and told["families"] == {n: len(t) for n, t in FAMILIES.items()}
    assert list(told["surfaces"]) == [*hostile.SURFACES, *hostile.IN_A_BROWSER]
    assert told["failed"] == 0 and told["checked"] == sum(part["checked"] for part in told["surfaces"].values())


def test_a_quick_trial_has_a_text_of_every_family():
    for name, texts in FAMILIES.items():
        assert set(texts) & set(hostile.QUICK), name


def test_the_count_finds_what_does_not_hold(tmp_path):
    tally = hostile_surfaces.Tally()
    tally.hold(True, "well")
    tally.hold(False, "a" * 999)
    with tally.refusal("broken"):
        raise ValueError("invented")
    assert tally.checked == 3 and len(tally.failures) == 2 and all(len(told) <= 300 for told in tally.failures)


def test_the_browser_finds_a_page_that_obeys(tmp_path, browser):
    import hostile_pages

    (tmp_path / "index.html").write_text(
        "<!DOCTYPE html><html><script>window.hit=1; alert(1)</script><img src='https://hostile.invalid/x.png'>"
        "<a href='javascript:x'>a</a></html>"
    )
    tally = hostile_surfaces.Tally()
    visit = hostile_pages.Visit(browser, tmp_path / "index.html", tally)
    visit.look(set(), "x")
    visit.leave()
    told = " ".join(tally.failures)
    for words in (
        "img",
        "javascript:x",
        "window.hit=1",
        "policies",
        "asked the reader: 1",
        "hostile.invalid/x.png",
        "(1",
    ):
        assert words in told, words
