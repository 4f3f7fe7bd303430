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
        "us_share": (-80.0, -150.0, -10.0), "us_plain": (-90.0, -200.0, 20.0), "au": (8.0, -6.0, 22.0), "missed": 1.0,
        "trend": "level", "eu": (25.0, 35.0), "eu_all": (20.0, 60.0), "asean": (15.0, 25.0),
        "ceiling": (43.0, 54.0), "us": -95.0, "us_imports": -39.5, "rise": 222.0, "us_growth": -26.0,
        "rise_before": float("nan"),
        "above": float("nan"), "printed": (("ASEAN", 60.0, 63.0),), "clear": 74.0, "front": 12.0,
        "net": (-95.0, -190.0, 5.0), "front_share": -24.0, "forms": 4, "so_far": ("2026-01", "2026-06"),
        "ratio": (0.06, -0.03, 0.57, "bounded"), "part": 0.02, "us_exports": 3.0, "later": -131.0, "rest_w3": 109.0,
        "ceiling_w3": (float("nan"), 10.0), "w1": (9.0, 15.0, 12.0), "w2": (21.0, 22.0, 35.0), "w3": (12.0, 20.0, 21.0),
        "easing": ("cannot be told", "cannot be told"), "predates": False, "products": {}, "prices": None, "long": {},
    } | changes  # fmt: skip

    def row(code, form, gap, low, high):
        return {
            "destination_code": code, "form": form, "window_id": "W1", "train_end": "2024-10", "trend": cell["trend"],
            "placebo_error_bn": 41.0, "placebo_mean_bn": cell["missed"], "gap_bn": gap, "low_bn": low, "high_bn": high,
            "gap_low_bn": gap - 5, "gap_high_bn": gap + 5, "forms_tried": cell["forms"], "mde80_bn": 98.0,
            "status": "interval", "origins": 86, "first_month": "2025-04", "last_month": "2025-11", "currency": "USD",
        }  # fmt: skip

    def ranged(code, origins):
        low, high = cell[code.lower()]
        return row(code, "range", 0, 0, 0) | {
            "status": "range", "origins": origins, "gap_low_bn": low, "gap_high_bn": high,
        }  # fmt: skip

    excess = [
        row("US", "share", *cell["us_share"]), row("US", "plain", *cell["us_plain"]), row("AU", "plain", *cell["au"]),
        *(row(code, "plain", *cell["long"][code]) if code in cell["long"] else ranged(code, origins)
          for code, origins in (("EU", 20), ("ASEAN", 9))),
    ]  # fmt: skip
    side = {
        "reporter_code": "US", "importer_change_usd_bn": -120.0, "importer_later_change_usd_bn": cell["later"],
        "exporter_two_years_pct": -14.0, "importer_two_years_pct": -32.0, "exporter_growth_pct": cell["us_growth"],
        "importer_growth_pct": cell["us_imports"],
    }  # fmt: skip
    w1 = {"span": "W1", "first_month": "2025-04", "last_month": "2025-11"}
    w3 = {"span": "W3", "first_month": "2026-03", "last_month": "2026-05"}
    ceiling = [
        span | {"side": s, "ceiling_pct": top, "us_change_usd_bn": us, "non_us_change_usd_bn": rise,
                "rise_before_usd_bn": cell["rise_before"], "above_pct": cell["above"]}
        for span, tops, us, rise in (
            (w1, cell["ceiling"], cell["us"], cell["rise"]),
            (w3, cell["ceiling_w3"], cell["us_exports"], cell["rest_w3"]),
        )
        for s, top in zip(("exporter", "mixed"), tops, strict=True)
    ]  # fmt: skip
    so_far = dict(zip(("span", "first_month", "last_month"), ("year so far", *cell["so_far"]), strict=True))
    rises = [
        span | {"partner_code": code, "change_low_usd_bn": low, "change_high_usd_bn": high,
                "change_usd_bn": (low + high) / 2}
        for span in (w1, so_far)
        for code, low, high in (("US", -95.0, -95.0), ("JP", -1.0, 0.5), ("EU", 34.0, 34.1), *cell["printed"],
                                ("OTHERS", 120.0, 128.0), ("NON_US", 222.0, 223.0))
    ]  # fmt: skip
    sizes = [{"partner_code": "AU", "part_of_rest": cell["part"]}] if cell["part"] else []
    growth = [
        {
            "destination_code": code,
            "window_id": window,
            "growth_pct": rate,
            "last_month": "2026-05" if code == "AU" else "2026-06",
        }
        for window in ("W1", "W2", "W3")
        for code, rate in zip(("EU", "ASEAN", "AU"), cell[window.lower()], strict=True)
    ]
    now = {"importer_change_usd_bn": -11.0, "importer_later_change_usd_bn": 4.0}
    tables = {"excess": excess, "two_sides": [side | w1, side | w3 | now], "ceiling": ceiling,
              "growth_by_window": growth, "rise_by_destination": rises if cell["printed"] else rises[:1]}  # fmt: skip
    tables |= {"sizes": sizes} if sizes else {}
    return {name: pd.DataFrame(rows) for name, rows in (tables | doubts(cell)).items()}


def doubts(cell):
    """Return the invented tables of the pages that ask what could change our mind."""
    low, high = cell["eu_all"]
    curve = [
        {"destination_code": code, "window_id": "W1", "form": "all", "specifications": number, "clear_pct": share,
         "clear_straight_pct": 91.0, "lower_pct": 68.0, "headline_gap_pct": gap, "p5_gap_usd_bn": low,
         "p95_gap_usd_bn": high}
        for code, number, share, gap in
        (("US", 540, cell["clear"], -39.0), ("AU", 540, 3.0, 14.0), ("EU", 243, float("nan"), 10.0))
    ]  # fmt: skip
    gap, *ends = cell["net"]
    front = [
        {"destination_code": "US", "count": "importer", "form": form, "span": span, "status": "interval",
         "gap_bn": amount, "low_bn": ends[0], "high_bn": ends[1], "first_month": "2024-11", "last_month": "2025-03"}
        for form, span, amount in
        (("plain", "front", cell["front"]), ("plain", "front to W1", gap), ("share", "front", cell["front_share"]))
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
    tables = invented(**changes)
    said = [*wording.summary(tables), *wording.lede(tables)]
    return [rule for sentence in said for rule in sentence.rule.split("; ")]


NAN = float("nan")
LOSS = {"us_plain": (-90.0, -170.0, -9.0)}
NO_LOSS = {"us_share": (-80.0, -170.0, 9.0), "us_plain": (-90.0, -170.0, 9.0)}
GAIN = {"us_plain": (5.0, -60.0, 70.0), "us_share": (5.0, -60.0, 70.0)}
NO_FALL = {"us": 3.0, "ceiling": (NAN, NAN), "us_growth": 3.0}
NO_RISE = {"rise": -5.0, "ceiling": (NAN, NAN)}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, "lead: a loss and a larger rise"),
        ({"rise": 50.0}, "lead: a loss and a smaller rise"),
        (NO_FALL, "lead: no loss against a rise"),
        (
            {"us_plain": (-1.0, -60.0, 70.0), "us_share": (-1.0, -60.0, 70.0), "us_growth": -0.5},
            "lead: about as much to the US",
        ),
        (NO_RISE, "lead: a loss and no rise"),
        ({}, "fall: the other count"),
        ({}, "rise: by destination"),
        (
            {"printed": tuple((code, 50.0, 50.0) for code in ("ASEAN", "HK", "KR", "IN"))},
            "rise: by destination, the largest",
        ),
        ({}, "rise: by destination, since"),
        ({}, "rise: cannot be told"),
        ({}, "ceiling"),
        ({"ceiling": (80.0, 100.0)}, "ceiling: no bound"),
        ({"rise_before": 141.0, "above": 113.0}, "ceiling: none above the earlier rise"),
        ({"rise_before": 300.0}, "ceiling: none above the earlier rise"),
        ({"rise_before": 20.0, "above": 53.0}, "ceiling: above the earlier rise"),
        ({}, "cause: not estimated"),
        ({"products": {"NON_US": (15.0, 4.0, 26.0)}}, "cause: products, interval excludes zero"),
        ({"products": {"NON_US": (5.0, -4.0, 14.0)}}, "cause: products, interval contains zero"),
        ({"products": {"NON_US": (-9.0, -14.0, -4.0)}}, "cause: products, fell short"),
        ({}, "short: a fall and a rise"),
        (LOSS | {"net": (-95.0, -190.0, -5.0)}, "short: US loss clear"),
        (LOSS, "short: US loss clear, not net of early buying"),
        ({}, "short: within the usual, two too short"),
        ({"au": (20.0, 5.0, 35.0)}, "short: beyond the usual, two too short"),
        (LOSS, "US verdict: clear, not net of early buying"),
        (LOSS | {"net": (-95.0, -190.0, -5.0)}, "US verdict: clear, net of early buying as well"),
        (LOSS | {"front": -3.0}, "US verdict: clear"),
        ({}, "US verdict: depends on the reading"),
        (NO_LOSS, "US verdict: not clear"),
        (GAIN, "US verdict: no loss"),
        ({}, "US gap: one form excludes zero"),
        (LOSS, "US gap: both forms exclude zero"),
        ({"us_share": (-80.0, -170.0, 9.0)}, "US gap: neither form excludes zero"),
        ({"us_share": (-80.0, -170.0, 9.0)} | LOSS, "US gap: one form excludes zero"),
        ({"us_plain": (5.0, -60.0, 70.0)}, "US gap: one form excludes zero"),
        (GAIN, "US gap: no loss"),
        ({"us_plain": (5.0, -60.0, 70.0), "us_share": (-5.0, -70.0, 60.0)}, "US gap: no loss"),
        ({"us_plain": (5.0, -60.0, 70.0), "us_share": (-5.0, -70.0, 60.0)}, "US verdict: not clear"),
        ({}, "gap: forms as good"),
        ({"trend": "seasonal_naive"}, "gap: a yearly change with its error"),
        ({}, "all forecasts: most find a loss"),
        ({"clear": 20.0}, "all forecasts: few find a loss"),
        ({}, "net: contains zero"),
        ({"net": (-95.0, -190.0, -5.0)}, "net: excludes zero"),
        ({}, "net: nothing by its share"),
        ({}, "destination verdict: not distinguishable"),
        ({"au": (20.0, 5.0, 35.0)}, "destination verdict: beyond normal variation"),
        ({"au": (-20.0, -35.0, -5.0)}, "destination verdict: fell short"),
        ({}, "destination verdict: EU and ASEAN too short"),
        ({"long": {"ASEAN": (8.0, -6.0, 22.0)}}, "destination verdict: EU too short"),
        ({"long": {"EU": (30.0, 10.0, 50.0)}}, "destination verdict: ASEAN too short"),
        ({}, "destination: interval contains zero"),
        ({"au": (20.0, 5.0, 35.0)}, "destination: interval excludes zero"),
        ({"missed": 3.0}, "destination: such forecasts fell short before"),
        ({"missed": -3.0}, "destination: such forecasts were too high before"),
        ({}, "destination: where it stands"),
        ({"au": (20.0, 5.0, 35.0)}, "destination: exposure not shown"),
        ({"au": (20.0, 5.0, 35.0), "products": {"AU": (2.0, -1.0, 5.0)}}, "destination: exposure not shown"),
        ({"au": (20.0, 5.0, 35.0), "products": {"AU": (3.0, 1.0, 5.0)}}, "destination: products moved, the total too"),
        ({"products": {"AU": (3.0, 1.0, 5.0)}}, "destination: products moved, the total does not stand out"),
        (LOSS, "ratio: holds zero"),
        (LOSS | {"ratio": (0.06, -0.03, 0.57, "bounded"), "part": 0.7}, "ratio: holds zero and not its size"),
        (LOSS | {"ratio": (0.30, 0.05, 0.57, "bounded")}, "ratio: bounded"),
        (LOSS | {"ratio": (-0.3, -0.6, -0.1, "bounded")}, "ratio: fell short as well"),
        (LOSS | {"ratio": (0.06, NAN, NAN, "unbounded")}, "ratio: not informative"),
        ({"prices": (-8.0, 12.0, True)}, "destination: price-led"),
        ({"predates": True}, "destination: path broke before the tariffs"),
        ({}, "no calibrated interval: EU"),
        ({"eu_all": (-60.0, 90.0)}, "no calibrated interval: EU, zero among them"),
        ({"eu": (-3.0, 45.0)}, "no calibrated interval: EU, zero among them"),
        ({}, "no calibrated interval: ASEAN"),
        ({"asean": (-10.0, 4.0)}, "no calibrated interval: ASEAN, zero among them"),
        ({}, "reopening: a further rise"),
        ({}, "reopening: newly turned away"),
        ({"ceiling_w3": (NAN, NAN)}, "reopening: nothing newly turned away"),
        ({"above": 36.0}, "reopening: above the earlier rise"),
        ({"rest_w3": -20.0, "ceiling_w3": (NAN, NAN)}, "reopening: no further rise"),
        ({}, "reopening: what was counted"),
        ({}, "reopening: growth faster than behind the shut door"),
        ({"w3": (5.0, 10.0, 11.0)}, "reopening: growth slower than behind the shut door"),
        ({"w3": (16.0, -1.0, 3.0)}, "reopening: growth in both directions"),
        ({}, "reopening test: cannot be told"),
        ({"easing": ("eased", "cannot be told")}, "reopening test: cannot be told"),
        ({"easing": ("eased", "did not ease")}, "reopening test: cannot be told"),
        ({"easing": ("eased", "eased")}, "reopening test: eased"),
        ({"easing": ("did not ease", "did not ease")}, "reopening test: did not ease"),
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
        (NO_LOSS, "reopening"),  # a door that never shut
        (NO_LOSS | {"trend": "seasonal_naive"}, "gap: a yearly"),
        (GAIN, "ratio"),
        ({"front": -3.0}, "net: contains"),  # nothing had been bought early
        ({"us_exports": -4.0}, "reopening"),  # a door that is not open
        ({"rest_w3": -20.0}, "reopening: newly"),
        ({"later": 5.0}, "fall"),
        ({"so_far": ("2025-01", "2025-12")}, "rise: by destination, since"),  # not after the shut door
        ({"forms": 1}, "gap: forms"),
        ({"front_share": 3.0}, "net: nothing"),
        (NO_RISE, "cause"),  # no rise whose cause could be asked
        (NO_FALL, "cause"),
        (NO_RISE, "rise"),
        (NO_FALL, "ceiling"),
        ({"printed": ()}, "rise: by destination"),
        ({"rise_before": -20.0, "above": 43.0}, "ceiling: "),  # no earlier rise to take off
        ({"ceiling": (80.0, 100.0), "rise_before": 141.0}, "ceiling: none"),
        ({"missed": 0.5}, "destination: such"),
        (LOSS | {"part": 0.0}, "ratio"),
        ({"w2": (NAN, 22.0, 35.0)}, "reopening: growth"),
        ({"products": {"AU": (3.0, 1.0, 5.0)}}, "destination: exposure not shown"),
        ({"prices": (-8.0, 12.0, False)}, "destination: price-led"),  # prices fell everywhere
        ({"prices": (8.0, 12.0, True)}, "destination: price-led"),
    ],
)
def test_the_result_forbids_the_rule(changes, start):
    assert not [rule for rule in rules(**changes) if rule.startswith(start)]


@pytest.mark.parametrize(
    ("truce", "words"),
    [
        ((21.0, 22.0, 35.0), "slower than in the truce between"),
        ((2.0, 2.0, 5.0), "faster than in the truce between as well"),
        ((2.0, 22.0, 5.0), "Australia +21.0\u00a0% after +12.0\u00a0%)."),
    ],
)
def test_growth_is_held_against_the_truce_as_well(truce, words):
    assert words in wording.summary(invented(w2=truce))[-1].text


def test_a_change_is_more_or_less_and_a_range_is_one_number_where_its_ends_are():
    lead, *_, reopening = wording.summary(invented())
    assert "to ASEAN (60 to 63) and the EU (34); for the other 120 to 128" in lead.text
    assert "further rise went to ASEAN (60 to 63), the EU (34) and others; for 120 to 128 billion" in lead.text
    assert "11 billion less on that of US customs (4 billion more a month later)" in reopening.text


def test_a_statement_begins_with_what_sums_it_up():
    for sentence in wording.summary(invented()):
        assert sentence.text.startswith(sentence.verdict) and len(sentence.verdict.split()) < 36
        assert len(sentence.paragraphs) <= 3
        told = wording.with_verdict(sentence)
        assert told.replace("**", "").replace("\n\n", " ") == sentence.text


def test_without_estimates_by_product_nothing_is_called_diversion():
    for sentence in wording.summary(invented()):
        assert "tariff-caused" not in sentence.text
    told = [sentence.text for sentence in wording.summary(invented(products={"NON_US": (15.0, 4.0, 26.0)}))]
    assert "tariff-caused diversion of 15 cents per lost dollar" in " ".join(told)


def test_every_rule_has_a_test_of_its_branch():
    """The table above names each rule of the engine at least once, so that none can be added without its branch."""
    (mark,) = [mark for mark in test_the_result_calls_for_the_rule.pytestmark if mark.name == "parametrize"]
    assert {rule for _, rule in mark.args[1]} == set(wording.RULES)


def test_forbidden_words_never_appear():
    worlds = [{}, {"au": (20.0, 5.0, 35.0)}, {"rest_w3": -5.0}]
    for world in worlds:
        for sentence in wording.summary(invented(**world)):
            assert "dumping" not in sentence.text.lower()
            assert "significant" not in sentence.text.lower()
            assert "were diverted" not in sentence.text
    assert not [text for text in wording.RULES.values() if "dumping" in text.lower()]


def test_there_are_three_to_five_statements():
    assert 3 <= len(wording.summary(invented())) <= 5


@pytest.mark.parametrize(
    "changes", [{}, LOSS, NO_LOSS, GAIN, NO_RISE, NO_FALL, {"au": (-8.0, -22.0, 6.0)}, {"us_imports": 4.0},
                {"long": {"EU": (25.0, 5.0, 45.0), "ASEAN": (15.0, -5.0, 35.0)}}],
)  # fmt: skip
def test_the_answer_is_three_sentences_whatever_the_result(changes):
    """Each is a sentence of its own, and an estimate in it stands with its interval."""
    lede = wording.lede(invented(**changes))
    assert len(lede) == 3 and all(sentence.text.endswith(".") for sentence in lede)
    for sentence in lede:
        if sentence.rule.startswith(("short: US", "short: within", "short: beyond")):
            assert "95\u00a0% interval" in sentence.text


def test_the_money_of_a_sentence_is_the_money_of_its_row():
    tables = invented()
    tables["excess"]["currency"] = ["CNY", "CNY", "CNY", "CNY", "USD"]
    texts = " ".join(sentence.text for sentence in wording.summary(tables))
    assert "billion yuan less from China" in texts
    assert "give 25 to 35 billion yuan" in texts and "give 15 to 25 billion US dollars" in texts


def test_a_destination_that_got_an_interval_is_judged_like_the_others():
    told = " ".join(
        s.text for s in wording.summary(invented(long={"EU": (30.0, 10.0, 50.0), "ASEAN": (3.0, -6.0, 12.0)}))
    )
    assert "The EU's excess is beyond normal variation." in told
    assert "ASEAN's excess is not distinguishable from normal variation." in told
    assert "the EU bought 30 billion" in told and "too short" not in told and "by its proxy" not in told


def test_the_first_screen_names_a_destination_that_stands_out_and_not_australia_only():
    lede = wording.lede(invented(long={"EU": (30.0, 10.0, 50.0), "ASEAN": (3.0, -6.0, 12.0)}))
    assert lede[2].text == "The EU's excess is beyond normal variation."
    lede = wording.lede(invented(long={"ASEAN": (3.0, -6.0, 12.0)}))
    assert lede[2].text == "Australia's excess is not distinguishable from normal variation."
