"""What can be said against the page: each answer follows its table. The tables are invented."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.wording import limits

NAN = float("nan")


def tables(**changes):
    """Return invented result tables in which every answer has its figures; ``changes`` replace single cells."""
    cell = {"predates": False, "status": "interval", "shape": "bounded", "net_low": -237.0, "dates": 75, "mde": 41.0,
            "bare": 50.0, "trend": "seasonal_naive", "low": -45.0, "net_high": 25.0, "fake_high": 1.7,
            "also": ()}  # fmt: skip
    cell |= changes
    gap = {
        "destination_code": "US",
        "form": "plain",
        "window_id": "W1",
        "status": cell["status"],
        "mde80_bn": 100.0,
        "counterfactual_bn": 250.0,
        "gap_bn": -118.0,
        "trend": cell["trend"],
        "low_bn": -200.0,
        "high_bn": -36.0,
    }
    null = gap | {"destination_code": "AU", "mde80_bn": 10.0, "counterfactual_bn": 25.0, "low_bn": cell["low"],
                  "high_bn": 55.0}  # fmt: skip
    front = [{"destination_code": "US", "count": "importer", "form": "plain", "span": span, "gap_bn": value,
              "low_bn": low, "high_bn": high}
             for span, value, low, high in (("front", 12.0, -38.0, 62.0),
                                            ("front to W1", -106.0, cell["net_low"], cell["net_high"]))]  # fmt: skip
    return {name: pd.DataFrame(rows) for name, rows in {
        "excess": [gap, null, *(null | {"destination_code": code} for code in cell["also"])],
        "duty_elasticities": [{"window": "placebo: 2017 on 2016", "low": -1.6, "high": cell["fake_high"],
                               "mde80": 2.4}],
        "two_sides": [{"reporter_code": "US", "span": "W1", "importer_change_usd_bn": -120.0}],
        "excess_ratios": [{"ratio": 0.06, "shape": cell["shape"]}, {"ratio": NAN, "shape": "none"}],
        "specification_summary": [{"destination_code": "US", "window_id": "W1", "form": "all", "specifications": 540,
                                   "clear_pct": 74.0}],
        "joint_tests": [{"destination_code": "US", "window_id": "W1", "statistic": "median gap", "p_value": 0.013,
                         "dates": cell["dates"], "dates_not_overlapping": 10, "floor_not_overlapping": 0.09}],
        "reversal_easing": [
            {"basis": "gap against a forecast", "change_pp": -4.0, "reading": "cannot be told", "mde80_pp": mde}
            for mde in (cell["mde"], cell["mde"], cell["bare"])
        ] + [{"basis": "growth against a year before", "change_pp": 9.0, "reading": "grew faster", "mde80_pp": NAN},
             {"basis": "gap against a forecast", "change_pp": NAN, "reading": "cannot be told", "mde80_pp": NAN}],
        "breaks_found": [{"destination_code": "AU", "break_month": "2023-05", "predates_tariffs": cell["predates"]}],
        "front_loading": front,
        "mirror_losses": [{"window_id": "W1", "against": "a year before", "loss_bn": size} for size in (95.0, 131.0)],
    }.items()}  # fmt: skip


def answer(starts, **changes):
    table = limits.limits(tables(**changes))
    (found,) = table.loc[table["criticism"].str.startswith(starts), "answer"]
    return found


@pytest.mark.parametrize(
    ("starts", "changes", "words"),
    [
        ("A growth rate", {}, "nearly the yearly change (−118 and −120 billion)"),
        ("A growth rate", {"trend": "level"}, "forecasts whose errors were measured"),
        ("The trend broke", {}, "no upward break is dated before"),
        ("The trend broke", {"predates": True}, "True of Australia"),
        (
            "You have no power",
            {},
            "Beside each null stands the gap that had an 80\u00a0% chance of being seen: Australia 40\u00a0%.",
        ),
        ("You have no power", {"status": "range"}, "for the EU and ASEAN, so no null is claimed there"),
        ("You have no power", {"low": 5.0}, "No interval can be calibrated for the EU and ASEAN"),
        ("You have no power", {"low": 5.0, "also": ("EU", "ASEAN")}, "There is no null"),
        (
            "Tariffs were set",
            {},
            "no earlier difference (−1.6 to +1.7\u00a0% per percent of duty), and would hardly see one below 2.4",
        ),
        ("Tariffs were set", {"fake_high": -0.2}, "shows an earlier difference (−1.6 to −0.2"),
        ("Ratios", {}, "of 2 ratios 1 are asked, 1 have an end"),
        ("Ratios", {"shape": "unbounded"}, "of 2 ratios 1 are asked, 0 have an end"),
        (
            "Buying ahead",
            {},
            "the US took +12 (−38 to +62) billion against what the past implied, which may be buying ahead; "
            "net of it the gap is −106 (−237 to +25), which holds zero.",
        ),
        ("Buying ahead", {"net_high": -9.0}, "the gap is −106 (−237 to −9)."),
        ("Buying ahead", {"net_low": NAN}, "cannot be estimated"),
        ("China's customs are one side", {}, "95 to 131 billion while the door was shut"),
        (
            "A garden",
            {},
            "74\u00a0% find the US loss clear of zero; p at most 0.013 over 75 earlier dates, which overlap: 10 lie "
            "apart, and those alone could not go below 0.09",
        ),
        (
            "Growth elsewhere",
            {},
            "Of 3 changes held against forecasts 3 cannot be told, and only changes above 41 points",
        ),
        (
            "Growth elsewhere",
            {"bare": NAN},
            "3 cannot be told (1 of them have no interval at all), and only changes above 41 points",
        ),
        ("Growth elsewhere", {"mde": NAN, "bare": NAN}, "no change can be tested yet"),
    ],
)
def test_the_answer_follows_the_table(starts, changes, words):
    assert words in answer(starts, **changes)


def test_every_criticism_has_a_status_and_the_open_ones_say_what_is_missing():
    table = limits.limits(tables())
    assert table["criticism"].is_unique and set(table["status"]) == set(limits.BADGES)
    assert (table["answer"].str.len() > 20).all()
    assert len(table) >= 15
    counts = table["status"].value_counts()
    assert f"{counts[limits.OPEN]} cannot be without product data" in limits.of_limits(table)


def test_an_estimate_by_product_changes_what_is_open():
    row = {"destination_code": "NON_US", "sections": 21, "effective_f": 480.0, "without_machines_cents": 44.0}
    with_products = tables() | {"product_estimates": pd.DataFrame([row])}
    before, after = limits.limits(tables()), limits.limits(with_products)
    assert (before["status"] == limits.OPEN).sum() == 5 and (after["status"] == limits.OPEN).sum() == 1
    told = after.set_index("criticism")["answer"]
    assert "one of 21 sections" in told["Few clusters, and shares as instruments."] and "F 480" in " ".join(told)
    assert "44 cents" in told["Tariffs were set where trade was expected to move."]
    empty = tables() | {"product_estimates": pd.DataFrame(columns=["destination_code"])}
    assert limits.limits(empty).equals(before)
