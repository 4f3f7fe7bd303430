"""The summary's sentences where the truth is known: three synthetic worlds, every figure after October 2024 invented.

The rules must not follow the ledger's one story only. Noise decides some sentences; where it does, the seeds that show
it are named.
"""

from __future__ import annotations

import pytest
import worlds
from worlds import DIVERSION, NOTHING, STRONG_PUSH, SUPPLY_PUSH, WORLDS

from helpers import wording

BEYOND_NORMAL = (
    "US verdict: clear", "US gap: both", "US gap: one", "all forecasts", "net:", "ratio",
    "destination verdict: beyond", "destination verdict: fell", "destination: interval excludes",
    "destination: exposure", "destination: products", "reopening test: eased", "reopening test: did not",
)  # fmt: skip
# Diversion may be spoken of in these words only, as long as no estimate by product stands behind it.
POSSIBLE = (
    "leaves open whether all of the rise was diverted", "what diversion would look like",
    "how much of it is diverted goods these figures cannot tell", "that could be diverted goods",
)  # fmt: skip


def accounted(world, seed):
    """Return the rules chosen from the tables without forecasts, and the text."""
    said = wording.summary(worlds.accounts(world, seed))
    rules = [rule for sentence in said for rule in sentence.rule.split("; ")]
    return rules, " ".join(sentence.text for sentence in said)


def chosen(rules, *starts):
    return [rule for rule in rules if rule.startswith(starts)]


def given(condition):
    """Stop with an error unless the world shows what the test is about."""
    if not condition:
        raise RuntimeError("the world no longer shows the case")


def share_of(world, code, window="W1"):
    """Gap of a destination in percent of its counterfactual, plain form."""
    rows = worlds.tables(world)["excess"].set_index(["destination_code", "form", "window_id"])
    return rows.loc[(code, "plain", window), "gap_pct"]


def test_a_world_is_the_real_ledger_until_october_2024():
    for world in WORLDS:
        held, real = worlds.cells(world), worlds.ledger.cells()
        before = real[real["period"] <= worlds.TRAIN_END].reset_index(drop=True)
        assert held[held["period"] <= worlds.TRAIN_END].reset_index(drop=True).equals(before)
        assert not set(held.loc[held["period"] > worlds.TRAIN_END, "period_kind"]) - {"month"}


def test_a_world_is_what_it_says():
    loss, arrivals, rise = worlds.loss_and_rise(DIVERSION)
    assert loss == pytest.approx(0.4 * worlds.exports_before().loc["2024-04":, "US"].sum() / 7e3 * 8, rel=0.15)
    assert 0.6 < rise / loss < 1.4 and arrivals < loss
    assert abs(worlds.loss_and_rise(NOTHING)[0]) < 12 and abs(worlds.loss_and_rise(SUPPLY_PUSH)[0]) < 12
    assert share_of(DIVERSION, "US") == pytest.approx(-40, abs=4)
    assert share_of(SUPPLY_PUSH, "AU") == pytest.approx(20, abs=5)
    assert share_of(NOTHING, "AU") == pytest.approx(0, abs=4)


@pytest.mark.parametrize("world", [*WORLDS, STRONG_PUSH])
def test_without_products_diversion_is_a_possibility_only(world):
    assert ("cause: not estimated" in worlds.rules(world)) == (world == DIVERSION)
    text = worlds.text(world).lower()
    assert "tariff-caused" not in text and "dumping" not in text
    for words in POSSIBLE:
        text = text.replace(words, "")
    assert "diver" not in text


# Nothing happened.


def test_nothing_is_not_called_beyond_normal_variation():
    assert not chosen(worlds.rules(NOTHING), *BEYOND_NORMAL)
    assert not chosen(worlds.rules(NOTHING), "cause: products", "lead: a loss")


def test_the_cause_of_a_rise_is_not_asked_where_nothing_rose():
    given(worlds.loss_and_rise(NOTHING)[2] < 0)
    assert "lead: about as much to the US" in worlds.rules(NOTHING) or "lead: no loss" in worlds.text(NOTHING)
    assert not chosen(worlds.rules(NOTHING), "cause")


def seed_that_rises(world):
    """Return a seed whose noise lifts exports to the US in the months of the reopening."""
    for seed in range(20):
        sides = worlds.accounts(world, seed)["two_sides"].set_index(["reporter_code", "span"])
        if sides.loc[("US", "W3"), "exporter_growth_pct"] > 0:
            return seed
    raise RuntimeError("no seed shows the case")


@pytest.mark.parametrize("world", [NOTHING, SUPPLY_PUSH])
def test_a_door_that_never_shut_does_not_reopen(world):
    sides = worlds.accounts(world, seed := seed_that_rises(world))["two_sides"].set_index(["reporter_code", "span"])
    assert sides.loc[("US", "W3"), "exporter_growth_pct"] > 0
    assert not chosen(worlds.rules(world, seed), "reopening")


# A supply push.


def test_a_push_shows_no_us_loss():
    assert not chosen(worlds.rules(SUPPLY_PUSH), "US gap: both", "US gap: one", "all forecasts", "net:", "ratio")
    rows = worlds.accounts(SUPPLY_PUSH)["ceiling"]
    assert not (rows.loc[rows["span"] == "W1", "ceiling_pct"] > 5).any()


def test_a_push_that_stands_out_is_not_laid_to_the_tariffs():
    rules = worlds.rules(STRONG_PUSH)
    place = rules.index("destination: interval excludes zero")
    assert "destination: exposure not shown" in rules[place:]
    assert "Not shown to depend on tariff exposure; supply push is one candidate." in worlds.text(STRONG_PUSH)
    assert not chosen(rules, "destination: products", "ratio", "cause: products")


def test_a_push_of_a_fifth_is_below_what_australia_could_show():
    assert "destination: interval contains zero" in worlds.rules(SUPPLY_PUSH)
    assert "80\u00a0% chance of being seen" in worlds.text(SUPPLY_PUSH)


def test_a_loss_of_noise_is_no_loss():
    given(abs(worlds.loss_and_rise(SUPPLY_PUSH)[0]) < 0.5)
    assert not chosen(worlds.rules(SUPPLY_PUSH), "lead: a loss")


# True diversion.


def test_the_loss_is_found():
    assert "US gap: both forms exclude zero" in worlds.rules(DIVERSION)
    assert "all forecasts: most find a loss" in worlds.rules(DIVERSION)
    assert chosen(worlds.rules(DIVERSION), "lead: a loss")


def test_the_ceiling_leaves_room_for_all_of_the_diversion():
    assert "ceiling: no bound" in worlds.rules(DIVERSION)
    for seed in range(6):
        rows = worlds.accounts(DIVERSION, seed)["ceiling"]
        assert rows.loc[rows["span"] == "W1", "ceiling_pct"].max() > 80


def test_nothing_rises_further_when_the_door_reopens():
    assert "reopening: no further rise" in worlds.rules(DIVERSION)
    assert "That is what diversion would look like in reverse, though not it alone." in worlds.text(DIVERSION)
    assert "From March to May 2026" in worlds.summary(DIVERSION)[-1].text
    changes = worlds.accounts(DIVERSION)["accounting_change"].set_index(["span", "partner_code"])["growth_pct"]
    assert all(changes["W3", code] < 0 for code in ("EU", "ASEAN", "AU"))


def test_excess_is_not_said_to_be_no_diverted_goods():
    given(chosen(worlds.rules(DIVERSION), "ratio: "))
    assert "not diverted goods" not in worlds.text(DIVERSION)
