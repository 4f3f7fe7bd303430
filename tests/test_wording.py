"""The words follow the tests: each rule is reached by the result that calls for it, and each number has its row.

The result tables of the branch tests are invented; the walk at the end is on the real ledger.
"""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import wording


def invented(**changes):
    """Return invented result tables: a clear US loss, a null elsewhere; ``changes`` alter single cells."""
    cell = {
        "us_share": (-80.0, -150.0, -10.0), "us_plain": (-90.0, -200.0, 20.0), "au": (8.0, -6.0, 22.0),
        "ceiling": 43.0, "us": -95.0, "rise": 222.0, "us_exports": 6.0, "us_arrivals": 5.0, "others": 16.0,
    } | changes  # fmt: skip

    def row(code, form, gap, low, high):
        return {
            "destination_code": code, "form": form, "window_id": "W1", "train_end": "2024-10",
            "trend": "seasonal_naive",
            "placebo_error_bn": 41.0, "gap_bn": gap, "low_bn": low, "high_bn": high,
            "gap_low_bn": gap - 5, "forms_tried": 4,
            "forms_clear": 3, "gap_high_bn": gap + 5, "mde80_bn": 98.0, "status": "interval", "origins": 86,
            "first_month": "2025-04", "last_month": "2025-11", "currency": "USD",
        }  # fmt: skip

    excess = [
        row("US", "share", *cell["us_share"]), row("US", "plain", *cell["us_plain"]), row("AU", "plain", *cell["au"]),
        row("EU", "range", 30.0, 0, 0) | {"status": "range", "origins": 20},
        row("ASEAN", "range", 20.0, 0, 0) | {"status": "range", "origins": 9},
    ]  # fmt: skip
    side = {
        "reporter_code": "US", "exporter_change_usd_bn": -95.0, "exporter_growth_pct": -26.0,
        "importer_change_usd_bn": -120.0, "importer_growth_pct": -39.0,
        "importer_later_growth_pct": -39.0, "importer_two_years_pct": -50.0,
    }  # fmt: skip
    sides = [
        side | {"span": "W1", "first_month": "2025-04", "last_month": "2025-11"},
        side
        | {"span": "W3", "first_month": "2026-03", "last_month": "2026-05"}
        | {"exporter_growth_pct": cell["us_exports"], "importer_later_growth_pct": cell["us_arrivals"]},
    ]
    so_far = {"span": "year so far", "first_month": "2026-01", "last_month": "2026-06"}
    changes_table = [so_far | {"partner_code": c, "growth_pct": cell["others"]} for c in ("EU", "ASEAN", "AU")]
    ceiling = [
        {"span": "W1", "side": s, "ceiling_pct": cell["ceiling"], "us_change_usd_bn": cell["us"],
         "non_us_change_usd_bn": cell["rise"], "first_month": "2025-04", "last_month": "2025-11"}
        for s in ("exporter", "most favourable")
    ]  # fmt: skip
    tables = {"excess": excess, "two_sides": sides, "ceiling": ceiling, "accounting_change": changes_table}
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


def rules(**changes):
    return [rule for sentence in wording.summary(invented(**changes)) for rule in sentence.rule.split("; ")]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, "US gap: one form excludes zero"),
        ({"us_plain": (-90.0, -170.0, -9.0)}, "US gap: both forms exclude zero"),
        ({"us_share": (-80.0, -170.0, 9.0)}, "US gap: neither form excludes zero"),
        (
            {"us_share": (-80.0, -170.0, 9.0), "us_plain": (-90.0, -170.0, -9.0)},
            "US gap: one form excludes zero",
        ),
        ({"us_plain": (5.0, -60.0, 70.0)}, "US gap: no loss"),
        ({}, "destination: interval contains zero"),
        ({"au": (20.0, 5.0, 35.0)}, "destination: interval excludes zero"),
        ({"au": (-20.0, -35.0, -5.0)}, "destination: fell short"),
        ({}, "no calibrated interval: EU"),
        ({}, "no calibrated interval: ASEAN"),
        ({}, "ceiling"),
        ({}, "lead: a loss and a larger rise"),
        ({"rise": 50.0}, "lead: a loss and a smaller rise"),
        ({"us": 3.0, "ceiling": float("nan")}, "lead: no loss against a rise"),
        ({}, "reopening: both sides, others keep rising"),
        ({"us_arrivals": -5.0}, "reopening: sides disagree, others keep rising"),
        ({"others": -3.0}, "reopening: others ease"),
    ],
)
def test_the_result_calls_for_the_rule(changes, rule):
    assert rule in rules(**changes)


def test_every_rule_is_reached_by_some_result():
    worlds = [
        {}, {"us_plain": (-90.0, -170.0, -9.0)}, {"us_share": (-80.0, -170.0, 9.0)}, {"au": (20.0, 5.0, 35.0)},
        {"au": (-20.0, -35.0, -5.0)}, {"us_plain": (5.0, -60.0, 70.0)}, {"rise": 50.0},
        {"us": 3.0, "ceiling": float("nan")},
        {"us_arrivals": -5.0}, {"others": -3.0},
    ]  # fmt: skip
    assert {rule for world in worlds for rule in rules(**world)} == set(wording.RULES)


def test_a_door_that_did_not_reopen_is_not_spoken_of():
    assert not [rule for rule in rules(us_exports=-4.0) if rule.startswith("reopening")]


def test_forbidden_words_never_appear():
    worlds = [{}, {"au": (20.0, 5.0, 35.0)}, {"us_arrivals": -5.0}]
    for world in worlds:
        for sentence in wording.summary(invented(**world)):
            assert "dumping" not in sentence.text.lower()
            assert "significant" not in sentence.text.lower()
            assert "were diverted" not in sentence.text
    assert not [text for text in wording.RULES.values() if "dumping" in text.lower()]


def test_there_are_three_to_five_statements():
    assert 3 <= len(wording.summary(invented())) <= 5


def test_the_money_of_a_sentence_is_the_money_of_its_row():
    tables = invented()
    tables["excess"]["currency"] = ["CNY", "CNY", "CNY", "CNY", "USD"]
    texts = " ".join(sentence.text for sentence in wording.summary(tables))
    assert "billion yuan less from China" in texts
    assert "between 25 and 35 billion yuan" in texts and "between 15 and 25 billion US dollars" in texts
