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
        "clear": 74.0, "net": ((-95.0, -190.0, 5.0), (-99.0, -190.0, -9.0)), "ratio": (0.06, -0.03, 0.57, "bounded"),
        "us_most": -120.0, "us_growth": -26.0, "easing": ("cannot be told", "cannot be told"), "predates": False,
        "products": {}, "prices": None, "eu": (25.0, 35.0), "asean": (15.0, 25.0),
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
        row("EU", "range", 30.0, 0, 0) | {"status": "range", "origins": 20}
        | dict(zip(("gap_low_bn", "gap_high_bn"), cell["eu"], strict=True)),
        row("ASEAN", "range", 20.0, 0, 0) | {"status": "range", "origins": 9}
        | dict(zip(("gap_low_bn", "gap_high_bn"), cell["asean"], strict=True)),
    ]  # fmt: skip
    side = {
        "reporter_code": "US", "exporter_change_usd_bn": -95.0, "exporter_growth_pct": -26.0,
        "importer_change_usd_bn": -120.0, "importer_growth_pct": -39.0,
        "importer_later_growth_pct": -39.0, "importer_two_years_pct": -50.0,
    }  # fmt: skip
    sides = [
        side
        | {"span": "W1", "first_month": "2025-04", "last_month": "2025-11", "exporter_growth_pct": cell["us_growth"]},
        side
        | {"span": "W3", "first_month": "2026-03", "last_month": "2026-05"}
        | {"exporter_growth_pct": cell["us_exports"], "importer_later_growth_pct": cell["us_arrivals"]},
    ]
    so_far = {"span": "year so far", "first_month": "2026-01", "last_month": "2026-06"}
    others = cell["others"] if isinstance(cell["others"], tuple) else (cell["others"],) * 3
    names = ("EU", "ASEAN", "AU")
    changes_table = [so_far | {"partner_code": c, "growth_pct": g} for c, g in zip(names, others, strict=True)]
    tops = cell["ceiling"] if isinstance(cell["ceiling"], tuple) else (cell["ceiling"],) * 2
    ceiling = [
        {"span": "W1", "side": s, "ceiling_pct": top, "us_change_usd_bn": us,
         "non_us_change_usd_bn": cell["rise"], "first_month": "2025-04", "last_month": "2025-11"}
        for s, us, top in zip(("exporter", "most favourable"), (cell["us"], cell["us_most"]), tops, strict=True)
    ]  # fmt: skip
    tables = {"excess": excess, "two_sides": sides, "ceiling": ceiling, "accounting_change": changes_table}
    return {name: pd.DataFrame(rows) for name, rows in (tables | doubts(cell)).items()}


def doubts(cell):
    """Return the invented tables of the pages that ask what could change our mind."""
    curve = [
        {"destination_code": code, "window_id": "W1", "form": "all", "specifications": 540, "clear_pct": share,
         "lower_pct": 68.0, "headline_gap_pct": gap}
        for code, share, gap in (("US", cell["clear"], -39.0), ("AU", 3.0, 14.0))
    ]  # fmt: skip
    front = [
        {"destination_code": "US", "count": "importer", "form": form, "span": span, "status": "interval",
         "gap_bn": gap, "low_bn": low, "high_bn": high, "first_month": "2024-11", "last_month": "2025-03"}
        for form, (gap, low, high) in zip(("plain", "share"), cell["net"], strict=True)
        for span in ("front", "front to W1")
    ]  # fmt: skip
    ratio, low, high, shape = cell["ratio"]
    ratios = [{"destination_code": "AU", "form": "plain", "window_id": "W1", "ratio": ratio, "low": low, "high": high,
               "shape": shape}]  # fmt: skip
    easing = [
        {"basis": "gap against a forecast", "destination_code": "AU", "form": form, "reading": reading,
         "change_pp": -15.0, "low_pp": -40.0, "high_pp": 10.0, "mde80_pp": 41.0}
        for form, reading in zip(("plain", "share"), cell["easing"], strict=True)
    ]  # fmt: skip
    breaks = [{"destination_code": "AU", "form": "plain", "break_number": 1, "predates_tariffs": cell["predates"],
               "break_month": "2023-05", "set_first": "2023-02", "set_last": "2023-10"}]  # fmt: skip
    tables = {"specification_summary": curve, "front_loading": front, "excess_ratios": ratios, "breaks_found": breaks,
              "reversal_easing": easing}  # fmt: skip
    if cell["products"]:
        tables["product_estimates"] = [
            {"destination_code": code, "cents": cents, "low_cents": low, "high_cents": high}
            for code, (cents, low, high) in cell["products"].items()
        ]
    if cell["prices"]:
        tables["unit_values"] = [dict(zip(("destination_code", "unit_value_pct", "quantity_pct", "only_here"),
                                          ("AU", *cell["prices"]), strict=True))]  # fmt: skip
    return tables


def rules(**changes):
    return [rule for sentence in wording.summary(invented(**changes)) for rule in sentence.rule.split("; ")]


LOSS = {"us_plain": (-90.0, -170.0, -9.0)}
NO_LOSS = {"us_share": (-80.0, -170.0, 9.0), "us_plain": (-90.0, -170.0, 9.0)}


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
        ({"us": 3.0, "ceiling": float("nan"), "us_growth": 3.0}, "lead: no loss against a rise"),
        ({}, "reopening: both sides, others keep rising"),
        ({"us_arrivals": -5.0}, "reopening: sides disagree, others keep rising"),
        ({"others": -3.0}, "reopening: others ease"),
        ({"others": (16.0, -1.0, 3.0)}, "reopening: others move in both directions"),
        ({"ceiling": (53.0, 43.0), "us_most": -80.0}, "ceiling, US customs count less"),
        (
            {"us_plain": (-1.0, -60.0, 70.0), "us_share": (-1.0, -60.0, 70.0), "us_growth": -0.5},
            "lead: about as much to the US",
        ),
        ({"rise": -5.0, "ceiling": float("nan")}, "lead: a loss and no rise"),
        ({"eu": (-3.0, 45.0)}, "no calibrated interval: EU, zero among them"),
        ({"asean": (-10.0, 4.0)}, "no calibrated interval: ASEAN, zero among them"),
        ({}, "reopening test: cannot be told"),
        ({"easing": ("eased", "cannot be told")}, "reopening test: cannot be told"),
        ({"easing": ("eased", "did not ease")}, "reopening test: cannot be told"),
        ({"easing": ("eased", "eased")}, "reopening test: eased"),
        ({"easing": ("did not ease", "did not ease")}, "reopening test: did not ease"),
        ({"ceiling": 100.0}, "ceiling: no bound"),
        ({}, "cause: not estimated"),
        ({"products": {"NON_US": (15.0, 4.0, 26.0)}}, "cause: products, interval excludes zero"),
        ({"products": {"NON_US": (5.0, -4.0, 14.0)}}, "cause: products, interval contains zero"),
        ({"products": {"NON_US": (-9.0, -14.0, -4.0)}}, "cause: products, fell short"),
        ({}, "fall, two sides"),
        ({}, "all forecasts: most find a loss"),
        ({"clear": 20.0}, "all forecasts: few find a loss"),
        ({}, "net: one excludes zero"),
        ({"net": ((-95.0, -190.0, -5.0), (-99.0, -190.0, -9.0))}, "net: both exclude zero"),
        ({"net": ((-95.0, -190.0, 5.0), (-99.0, -190.0, 9.0))}, "net: neither excludes zero"),
        ({}, "destination: where it stands"),
        ({"au": (20.0, 5.0, 35.0)}, "destination: exposure not shown"),
        ({"au": (20.0, 5.0, 35.0), "products": {"AU": (2.0, -1.0, 5.0)}}, "destination: exposure not shown"),
        ({"au": (20.0, 5.0, 35.0), "products": {"AU": (3.0, 1.0, 5.0)}}, "destination: products moved, the total too"),
        ({"products": {"AU": (3.0, 1.0, 5.0)}}, "destination: products moved, the total does not stand out"),
        ({"prices": (-8.0, 12.0, True)}, "destination: price-led"),
        ({"predates": True}, "destination: path broke before the tariffs"),
        (LOSS, "ratio: bounded"),
        (LOSS | {"ratio": (-0.06, -0.3, 0.2, "bounded")}, "ratio: fell short as well"),
        (LOSS | {"ratio": (0.06, float("nan"), float("nan"), "unbounded")}, "ratio: not informative"),
    ],
)
def test_the_result_calls_for_the_rule(changes, rule):
    assert rule in rules(**changes)


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        (NO_LOSS, "ratio"),  # no ratio over a loss that is not told from zero
        (NO_LOSS, "net"),
        (NO_LOSS, "all forecasts"),
        ({"us_plain": (5.0, -60.0, 70.0), "us_share": (5.0, -60.0, 70.0)}, "ratio"),
        ({"us_exports": -4.0}, "reopening test"),
        ({"rise": -5.0, "ceiling": float("nan")}, "cause"),  # no rise whose cause could be asked
        ({"us": 3.0, "ceiling": float("nan"), "us_growth": 3.0}, "cause"),
        ({"products": {"AU": (3.0, 1.0, 5.0)}}, "destination: exposure not shown"),
        ({"prices": (-8.0, 12.0, False)}, "destination: price-led"),  # prices fell everywhere
        ({"prices": (8.0, 12.0, True)}, "destination: price-led"),
    ],
)
def test_the_result_forbids_the_rule(changes, start):
    assert not [rule for rule in rules(**changes) if rule.startswith(start)]


def test_without_estimates_by_product_nothing_is_called_diversion():
    for sentence in wording.summary(invented()):
        assert "tariff-caused" not in sentence.text
    told = [sentence.text for sentence in wording.summary(invented(products={"NON_US": (15.0, 4.0, 26.0)}))]
    assert "tariff-caused diversion of 15 cents per lost dollar" in " ".join(told)


def test_every_rule_has_a_test_of_its_branch():
    """The table above names each rule of the engine at least once, so that none can be added without its branch."""
    (mark,) = [mark for mark in test_the_result_calls_for_the_rule.pytestmark if mark.name == "parametrize"]
    assert {rule for _, rule in mark.args[1]} == set(wording.RULES)


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
