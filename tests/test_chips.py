"""Electronics and chips: sums, bounds and products on invented figures, the words of each outcome, and the ledger."""

from __future__ import annotations

import itertools

import ledger
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import charts_windows, chip_views, chips, claims, parameters, product_groups, supplier_views, tables
from helpers.headings import HEADINGS
from helpers.refusals import Refusal

NAN = float("nan")
MONTHS = [str(month) for month in pd.period_range("2017-01", "2025-11", freq="M")]


def imports(monthly, world, months=MONTHS, product="334"):
    """Return invented imports: origin to dollars a month, and the World's."""
    rows = [
        {"period": month, "partner_code": code, "product_code": product, "imports_usd": 1e9 * value}
        for month in months
        for code, value in (monthly | {"WORLD": world}).items()
    ]
    return pd.DataFrame(rows)


STEADY = imports({"CN": 4.0, "VN": 2.0, "MX": 1.0}, 10.0)


# -- suppliers


def test_twelve_months_add_up_and_the_rest_is_what_is_left():
    held = tables.check(chips.suppliers(STEADY, "2025-11"), "electronics_suppliers")
    last = held[held["last_month"] == "2025-11"].set_index("partner_code")
    assert last["first_month"].unique().tolist() == ["2024-12"]
    assert last["value_usd_bn"].round(9).to_dict() == {"CN": 48.0, "MX": 12.0, "REST": 36.0, "VN": 24.0}
    assert held.groupby("last_month")["share_pct"].sum().sub(100).abs().max() < 1e-9
    assert chips.suppliers(STEADY, "2024-10")["last_month"].max() == "2024-10"


def test_a_missing_month_leaves_a_gap_and_says_so():
    hole = STEADY[~((STEADY["partner_code"] == "VN") & (STEADY["period"] == "2025-03"))]
    held = chips.suppliers(hole, "2025-11")
    last = held[held["last_month"] == "2025-11"].set_index("partner_code")
    assert last["share_pct"].isna().to_dict() == {"CN": False, "MX": False, "VN": True, "REST": True}
    assert last["reason"].to_dict() == {"CN": "", "MX": "", "VN": "1 of 12 months missing",
                                        "REST": "1 of 12 months missing"}  # fmt: skip
    assert chips.dates(held) == ["2018-06", "2024-10", "2025-02"]
    whole = chips.concentration(held).set_index("last_month")
    assert np.isnan(whole.loc["2025-11", "hhi_low"]) and whole.loc["2025-02", "hhi_low"] > 0
    tables.check(whole.reset_index(), "electronics_concentration")


def test_a_ledger_without_china_or_the_world_is_refused():
    with pytest.raises(Refusal, match="no US imports of electronics"):
        chips.suppliers(STEADY[STEADY["partner_code"] != "CN"], "2025-11")


amounts = st.floats(0.01, 100.0)


@settings(max_examples=60, deadline=None)
@given(before=st.tuples(amounts, amounts, amounts, amounts), after=st.tuples(amounts, amounts, amounts, amounts))
def test_the_two_parts_of_a_share_s_change_add_up(before, after):
    def year(sizes, months):
        *named, rest = sizes
        return imports(dict(zip(("CN", "VN", "MX"), named, strict=True)), sum(named) + rest, months)

    both = pd.concat([year(before, MONTHS[:18]), year(after, MONTHS[18:])])
    changed = chips.replacement(chips.suppliers(both, "2025-11"), ["2018-06", "2025-11"])
    assert np.allclose(changed["own_pp"] + changed["total_pp"], changed["change_pp"])
    assert np.isclose(changed["change_pp"].sum(), 0, atol=1e-6)
    china = changed.set_index("partner_code").loc["CN"]
    assert np.sign(round(china["own_pp"], 9)) == np.sign(round(china["change_usd_bn"], 9))
    tables.check(changed, "supplier_replacement")


@settings(max_examples=100, deadline=None)
@given(
    named=st.lists(amounts, min_size=2, max_size=6),
    rest=st.lists(st.floats(0.001, 100.0), min_size=1, max_size=40),
)
def test_the_bounds_of_the_concentration_hold_the_truth_however_the_rest_is_split(named, rest):
    codes = ["CN", "VN", "MX", "TW", "KR", "IN"][: len(named)]
    total = sum(named) + sum(rest)
    held = chips.suppliers(imports(dict(zip(codes, named, strict=True)), total, MONTHS[:12]), "2025-11")
    bounds = chips.concentration(held).iloc[-1]
    truth = sum((100 * value / total) ** 2 for value in itertools.chain(named, rest))
    assert bounds["hhi_low"] <= truth + 1e-6 and truth <= bounds["hhi_high"] + 1e-6


def test_steps_go_from_date_to_date_and_over_all_of_them():
    held = chips.suppliers(STEADY, "2025-11")
    changed = chips.replacement(held, chips.dates(held))
    pairs = changed[["before_last_month", "last_month"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["2018-06", "2024-10"], ["2024-10", "2025-11"], ["2018-06", "2025-11"]]
    assert changed["change_pp"].abs().max() < 1e-9
    assert chips.replacement(held, ["2025-11"]).empty


# -- facts


def fact(subject, value="", yoy="", *, period="2025", unit="USD billion", measure="value", note="", line=2):
    return {"fact_id": f"f{line}", "period": period, "subject": subject, "measure": measure, "value": value,
            "unit": unit, "yoy_pct": yoy, "producer": "somebody", "read_in": "https://www.example.org/a", "note": note,
            "line": line}  # fmt: skip


OUT, INTO = chips.CIRCUITS["exports"], chips.CIRCUITS["imports"]


def test_only_the_same_months_and_unit_stand_side_by_side():
    trade = chips.circuits(pd.DataFrame([
        fact(OUT, "100", period="2024"), fact(INTO, "250", period="2024", line=3),
        fact(OUT, "90", period="2023", line=4), fact(INTO, "200", period="2022", line=5),
        fact(INTO, "1800", period="2023", unit="CNY billion", line=6), fact(OUT, "", "34.2", period="2025-11", line=7),
    ]))  # fmt: skip
    tables.check(trade, "chip_trade")
    both = trade[trade["imports_per_export"].notna()]
    assert both[["first_month", "last_month", "balance", "balance_low", "balance_high"]].to_numpy().tolist() == [
        ["2024-01", "2024-12", -150.0, -151.0, -149.0]
    ]
    alone = trade[trade["imports_per_export"].isna()]
    assert len(alone) == 4 and (alone["reason"] != "").all() and alone["balance"].isna().all()
    assert chip_views.of_circuits(trade).startswith("In 2024 China bought 2.5 times the chips it sold")
    assert chip_views.of_circuits(alone) == "China's exports and imports of integrated circuits: no period has both"


def test_a_quantity_in_a_note_gives_the_value_of_a_unit_and_never_a_balance():
    trade = chips.circuits(pd.DataFrame([fact(OUT, "300", note="60 billion units (+8.5)", unit="CNY billion")]))
    assert trade.set_index("measure")["exports"].to_dict() == {"quantity": 60, "value": 300, "value per unit": 5}
    assert trade["balance"].isna().all() and set(trade["reason"]) == {"imports not printed"}
    shown = chip_views.circuit_rows(trade)
    assert set(shown["chips_in"]) == {"–"} and set(shown["where"]) == {"example.org"}


def test_a_period_nobody_can_read_is_refused():
    assert chips.span_of("2024-01..2024-04") == ("2024-01", "2024-04")
    with pytest.raises(Refusal, match="last spring"):
        chips.span_of("last spring")


def exports(us=("69.1", "-34.8"), asean=("146.5", "36.2"), total=("758.3", "7.2")):
    names = zip(("WORLD", "US", "ASEAN"), (total, us, asean), strict=True)
    return pd.DataFrame([fact(chips.DESTINATIONS[code], *given) for code, given in names if given])


def test_destinations_add_up_and_the_roundings_span_the_change():
    changes = tables.check(chips.electronics(exports()), "electronics_exports").set_index("destination_code")
    for column in ("value_usd_bn", "before_usd_bn", "change_usd_bn"):
        assert np.isclose(changes.loc["WORLD", column], changes.loc[["US", "ASEAN", "OTHERS"], column].sum())
    assert (changes["change_low_usd_bn"] < changes["change_usd_bn"]).all()
    assert (changes["change_usd_bn"] < changes["change_high_usd_bn"]).all()
    us = changes.loc["US"]
    assert np.isclose(us["value_usd_bn"] / us["before_usd_bn"] - 1, -0.348)
    for value, rate in itertools.product((69.05, 69.15), (-34.85, -34.75)):
        change = value - value / (1 + rate / 100)
        assert us["change_low_usd_bn"] - 1e-9 <= change <= us["change_high_usd_bn"] + 1e-9


@pytest.mark.parametrize("missing", ["us", "asean", "total"])
def test_a_fact_missing_leaves_a_gap_and_says_so(missing):
    changes = chips.electronics(exports(**{missing: None}))
    tables.check(changes, "electronics_exports")
    gaps = changes[changes["change_usd_bn"].isna()]
    assert set(gaps["destination_code"]) == {{"total": "WORLD"}.get(missing, missing.upper()), "OTHERS"}
    assert (gaps["reason"] != "").all()
    title = chip_views.of_changes(changes)
    assert ("not in the ledger" in title) == (missing != "total") and "nan" not in title
    account = pd.DataFrame(columns=["span", "partner_code", "change_usd_bn", "value_usd_bn"])
    told = chip_views.changes_sentence(changes, chips.circuits(pd.DataFrame([fact(OUT, "5")])), account, NAN)
    assert "nan" not in told and "Much of what ASEAN takes are inputs: parts" in told
    assert (chip_views.change_rows(changes)["change_range"] == "–").sum() == 2


def test_a_rise_in_both_is_no_share_of_a_fall():
    title = chip_views.of_changes(chips.electronics(exports(us=("69.1", "4.0"))))
    assert "of the fall" not in title and "United States +3 billion" in title


# -- the fee


def duties(value=20000.0, period="2026-05"):
    return pd.DataFrame([{"period": period, "series": chips.DUTIES, "value": value},
                         {"period": "2026-06", "series": chips.DUTIES, "value": 1.0}])  # fmt: skip


def scenario(*missing):
    sales = {"low": "10", "base": "20", "high": "40", "outturn": "0.05"}
    rows = [fact(chips.CASES[case], value) for case, value in sales.items() if case not in missing]
    rows += [fact(chips.RATES[chip], value, measure="share", unit="percent")
             for chip, value in (("H20", "15"), ("H200", "25")) if chip not in missing]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("rate", [15, 25])
def test_a_fee_is_sales_times_rate_and_its_yardstick_is_not_from_later(rate):
    fees = tables.check(chips.fees(scenario(), duties(), month="2026-05", rate_pct=rate), "licence_fees")
    assert np.allclose(fees["fee_usd_bn"], fees["sales_usd_bn"] * fees["rate_pct"] / 100)
    assert np.allclose(fees["fee_share_pct"], 100 * fees["fee_usd_bn"] / 20.0)
    assert fees[fees["is_chosen"] & (fees["case"] != "outturn")].set_index("case")["fee_usd_bn"].to_dict() == {
        "base": 20 * rate / 100, "high": 40 * rate / 100, "low": 10 * rate / 100,
    }  # fmt: skip
    rows = chip_views.fee_rows(fees)
    assert rows[["fee_at_15", "fee_at_25"]].to_numpy().tolist() == [[1.5, 2.5], [3.0, 5.0], [6.0, 10.0]]
    assert rows["of_duties"].tolist() == [rate / 2, rate, 2 * rate]
    low, high = rate / 10, 4 * rate / 10
    assert f"a fee of {rate} % would be {low:.1f} to {high:.1f} billion" in chip_views.of_fees(fees, rate)
    assert "7.5 million" in chip_views.fees_sentence(fees, rate)


@pytest.mark.parametrize("missing", ["low", "high", "H200", "outturn"])
def test_a_missing_sale_or_rate_leaves_its_line_empty_and_says_so(missing):
    fees = chips.fees(scenario(missing), duties(), month="2026-05", rate_pct=25)
    tables.check(fees, "licence_fees")
    gaps = fees[fees["fee_usd_bn"].isna()]
    assert len(gaps) and gaps["reason"].str.endswith("not in the ledger").all()
    told = [chip_views.of_fees(fees, 25), chip_views.fees_sentence(fees, 25), chip_views.fees_note(fees, 25)]
    assert "Lines without a figure" in told[1] and not any("nan" in text for text in told)
    assert len(chip_views.fee_rows(fees)) == 3


def test_without_duties_there_is_no_yardstick():
    fees = chips.fees(scenario(), duties().iloc[:0], month="2026-05", rate_pct=25)
    tables.check(fees, "licence_fees")
    assert fees["fee_share_pct"].isna().all() and "For scale" not in chip_views.fees_sentence(fees, 25)


def test_the_rates_that_may_be_chosen_are_those_of_the_facts():
    facts = claims.read_compiled("chip_facts")
    printed = {int(facts.loc[facts["subject"] == subject, "value"].iloc[0]) for subject in chips.RATES.values()}
    assert {f"{rate}" for rate in printed} == set(parameters.allowed("chip_fee_pct").split(", "))


# -- words


def moved(before, after, code="CN"):
    return {"product_code": "334", "partner_code": code, "before_last_month": "2018-06", "last_month": "2025-11",
            "before_share_pct": before, "share_pct": after, "change_pp": after - before, "own_pp": after - before,
            "change_usd_bn": after - before, "total_pp": 0.0}  # fmt: skip


@pytest.mark.parametrize(("after", "verb"), [(10.0, "fell"), (60.0, "rose"), (46.2, "hardly moved")])
def test_the_title_says_which_way_the_share_went(after, verb):
    title = supplier_views.of_shares(pd.DataFrame([moved(46.0, after)]))
    assert title.startswith(f"China's share of US electronics imports {verb}: 46 % in the year to June 2018")
    assert supplier_views.of_shares(pd.DataFrame()) == "China's share of US imports of electronics"


def test_replacement_is_named_only_where_china_lost_and_others_gained():
    rows = pd.DataFrame(
        [moved(46, 10), moved(4, 21, "TW"), moved(3, 14, "VN"), moved(15, 20, "MX"), moved(17, 30, "REST")]
    )
    assert supplier_views.of_bars(rows) == (
        "Supplier replacement: China −36 points, Taiwan (+17), Vietnam (+11) and Mexico (+5)"
    )
    assert "was not replaced" in supplier_views.of_bars(pd.DataFrame([moved(10, 46), moved(21, 4, "TW")]))
    assert supplier_views.of_steps(rows).endswith("36 billion less from China, 46 billion more from all others")


def bound(last, low, high):
    return {"product_code": "334", "last_month": last, "hhi_low": low, "hhi_high": high}


@pytest.mark.parametrize(
    ("now", "word", "step"),
    [((1200, 1500), "less concentrated, whatever", "it fell"), ((3000, 3100), "more concentrated", "it rose"),
     ((2400, 2600), "cannot be told", "cannot be told")],
)  # fmt: skip
def test_concentration_has_moved_only_where_the_bounds_do_not_touch(now, word, step):
    ends = ["2018-06", "2025-11"]
    bounds = pd.DataFrame([bound(ends[0], 2463, 2753), bound(ends[1], *now)])
    assert word in supplier_views.of_concentration(bounds, ends)
    assert step in supplier_views.concentration_sentence(bounds, ends)


def test_claims_of_other_topics_stay_in_their_chapter():
    checked = pd.DataFrame({"claim_id": ["c01", "c09", "c11"], "verdict": ["confirmed", "not decidable", "confirmed"]})
    told = chips.claims_on(checked, "2025-12-09")
    assert told["claim_id"].tolist() == ["c09", "c11"]
    assert chip_views.of_claims(told) == "Of 2 claims on electronics and chips: 1 not decidable, 1 confirmed"
    assert chip_views.of_claims(told.iloc[:0]).startswith("The article makes no claim")


# -- the ledger


def test_the_ledger_s_page_has_its_words_and_none_that_it_may_not_use():
    facts, controls = claims.read_compiled("chip_facts"), ledger.control_table()
    held = chips.suppliers(product_groups.monthly(), "2026-05")
    ends, bounds = chips.dates(held), chips.concentration(held)
    replaced, trade, changes = chips.replacement(held, ends), chips.circuits(facts), chips.electronics(facts)
    fees = chips.fees(facts, controls, month="2026-05", rate_pct=25)
    account = pd.DataFrame(
        [{"span": "year 2025", "partner_code": "US", "change_usd_bn": -104.0, "value_usd_bn": 420.0}]
    )
    share = chips.import_share(facts, ledger.cells())
    assert abs(share["computed_pct"] - share["printed_pct"]) < 0.2
    assert ends == ["2018-06", "2024-10", "2025-11"] and (held["value_usd_bn"] > 0).all()
    china = replaced[(replaced["partner_code"] == "CN") & (replaced["product_code"] == "334")].iloc[-1]
    assert (round(china["before_share_pct"]), round(china["share_pct"])) == (46, 10)
    both = trade[trade["imports_per_export"].notna()]
    assert set(both["last_month"]) == {"2024-04"} and len(trade) == 7
    components = chips.components_pct(claims.read_compiled("published_estimates"))
    bars, lines = supplier_views.share_bars(held, ends), supplier_views.share_lines(held)
    assert bars.groupby("last_month")["share_pct"].sum().sub(100).abs().max() < 1e-6
    charts_windows.plot_shares(bars)
    titles = [
        supplier_views.of_shares(replaced), supplier_views.of_bars(replaced), supplier_views.of_steps(replaced),
        supplier_views.of_concentration(bounds, ends), chip_views.of_circuits(trade), chip_views.of_changes(changes),
        chip_views.of_levels(changes), chip_views.of_fees(fees, 25),
    ]  # fmt: skip
    words = [
        supplier_views.alt_of_shares(lines), supplier_views.alt_of_bars(bars), supplier_views.steps_note(replaced),
        supplier_views.parts_sentence(replaced), supplier_views.concentration_sentence(bounds, ends),
        chip_views.circuits_sentence(trade, share), chip_views.fees_note(fees, 25), chip_views.fees_sentence(fees, 25),
        chip_views.changes_sentence(changes, trade, account, components), chip_views.levels_note(changes),
        chip_views.alt_of_changes(chip_views.change_rows(changes)),
    ]  # fmt: skip
    assert max(map(len, titles)) <= 110 and supplier_views.steps_note(replaced).startswith(
        "First step: years to June 2018 and to October 2024; second step: years to October 2024"
    )
    for text in titles + words:
        assert not any(word in text.lower() for word in ("diver", "dumping", "nan", "{", "–"))
    tabled = {
        "steps": (supplier_views.step_rows(replaced), supplier_views.STEP_COLUMNS),
        "concentration": (supplier_views.concentration_rows(bounds, ends), supplier_views.CONCENTRATION_COLUMNS),
        "circuits": (chip_views.circuit_rows(trade), chip_views.CIRCUIT_COLUMNS),
        "changes": (chip_views.change_rows(changes), chip_views.CHANGE_COLUMNS),
        "fees": (chip_views.fee_rows(fees), chip_views.FEE_COLUMNS),
    }
    for frame, columns in tabled.values():
        assert len(frame) and set(columns) <= set(frame.columns) & set(HEADINGS)
