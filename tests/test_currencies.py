"""The same gap in three currencies: a constant rate changes nothing, a share knows no rate, the rest is the rate."""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import counterfactual, currencies, destinations, excess
from helpers.counterfactual import Form
from helpers.refusals import Refusal

NAIVE, LINEAR = Form("seasonal_naive", 22), Form("linear", 55)
WHEN = {"train_end": "2024-10", "month": "2026-05"}
KEY = ["destination_code", "form", "window_id", "currency"]


@pytest.fixture(scope="module")
def flows():
    return ledger.flows()


@pytest.fixture(scope="module")
def table(flows):
    return currencies.gaps(flows, ledger.control_table(), NAIVE, **WHEN).set_index(KEY)


@pytest.mark.parametrize("form", [NAIVE, LINEAR], ids=str)
@pytest.mark.parametrize("currency", ["CNY", "partner"])
def test_every_currency_is_the_whole_procedure_on_the_converted_flow(form, currency):
    cells, controls = ledger.cells(), ledger.control_table()
    lumps = excess.all_lumps(cells)
    table = currencies.gaps(destinations.flows(cells, controls, "USD", lumps), controls, form, **WHEN).set_index(KEY)
    converted = destinations.flows(cells, controls, currency, lumps)
    for code in ("US", "AU"):
        for name, other in {"plain": None, **converted[code].others}.items():
            found = table.loc[code, name, "W1", converted[code].currency]
            headline = counterfactual.estimate_gap(converted[code].value, other, form, "2024-10", "2025-04", "2025-11")
            assert found["gap_bn"] == pytest.approx(headline.gap, rel=1e-7)
            assert found["placebo_error_bn"] == pytest.approx(headline.placebo_error, rel=1e-7)
            assert found["high_pct"] == pytest.approx(100 * headline.high / headline.counterfactual, rel=1e-6)


@pytest.mark.parametrize("form", [NAIVE, LINEAR], ids=str)
def test_one_constant_rate_leaves_percentages_and_ratios_alone(flows, form):
    """T12: every series at one invented rate of 7.2."""
    controls = ledger.control_table().copy()
    controls.loc[controls["series"] == "usd_cny", "value"] = 7.2
    table = currencies.gaps(flows, controls, form, **WHEN).set_index(KEY)
    dollars, yuan = (table.xs(currency, level="currency") for currency in ("USD", "CNY"))
    for column in ("gap_pct", "low_pct", "high_pct", "placebo_error_pct", "t_value", "p_value"):
        pd.testing.assert_series_equal(yuan[column], dollars[column], rtol=1e-9)
    np.testing.assert_allclose(yuan["gap_bn"].dropna(), 7.2 * dollars["gap_bn"].dropna(), rtol=1e-9)
    np.testing.assert_allclose(yuan["rate_part_pp"].dropna(), 0, atol=1e-9)
    for window in ("W1", "W2", "W3"):
        ratios = [frame.loc["AU", "plain", window]["gap_bn"] / frame.loc["US", "plain", window]["gap_bn"]
                  for frame in (dollars, yuan)]  # fmt: skip
        assert ratios[1] == pytest.approx(ratios[0], rel=1e-9)


def test_a_share_forgets_the_rate_period_by_period(flows):
    """Both sides of a share are converted alike: whatever the rate does, each period's percentage stays."""
    controls = ledger.control_table().copy()
    rows = controls["series"] == "usd_cny"
    controls.loc[rows, "value"] *= np.exp(np.random.default_rng(3).normal(scale=0.2, size=rows.sum()))
    one = currencies.gaps({code: flows[code] for code in ("US", "AU")}, controls, NAIVE, **WHEN).set_index(KEY)
    wild, dollars = (one.loc[("US", "share of six origins", "W3", currency)] for currency in ("CNY", "USD"))
    plain = one.loc[("US", "plain", "W3", "CNY")]
    assert wild["gap_pct"] == pytest.approx(dollars["gap_pct"], abs=2.5)
    assert abs(plain["rate_part_pp"]) > 3 * abs(wild["rate_part_pp"])


def test_the_part_of_the_rate_is_the_move_of_the_rate_that_a_naive_forecast_misses(table, flows):
    """One month, by hand: the naive forecast keeps last year's rate, so the factor is the rate's own growth."""
    controls = ledger.control_table()
    rate = currencies.money.series(controls, "usd_aud")
    value = flows["AU"].value
    months = pd.period_range("2026-03", "2026-05", freq="M")
    own = (value[months] * rate[months]).sum() / (value * rate).reindex(months - 24).sum()
    dollars = value[months].sum() / value[months - 24].sum()
    found = table.loc["AU", "plain", "W3", "AUD"]
    assert found["rate_factor_pct"] == pytest.approx(100 * (own / dollars - 1), rel=1e-9)
    assert found["rate_part_pp"] == pytest.approx(100 * (own - dollars), rel=1e-9)


def test_dollars_have_no_part_of_the_rate_and_own_money_is_marked(table):
    known = table[table["gap_bn"].notna()]
    assert (known.xs("USD", level="currency")[["rate_part_pp", "rate_factor_pct"]] == 0).all().all()
    assert table["is_own"].groupby(level=["destination_code", "currency"]).first().to_dict() == {
        ("AU", "AUD"): True, ("AU", "CNY"): False, ("AU", "USD"): False, ("US", "CNY"): False, ("US", "USD"): True,
    }  # fmt: skip


def test_every_row_has_an_interval_or_a_reason(table):
    without = table["status"] != "interval"
    assert without.any() and (table.loc[without, "reason"].str.len() > 10).all()
    assert table.loc[without, "low_pct"].isna().all() and table.loc[~without, "low_pct"].notna().all()
    assert not table.index.duplicated().any()


def test_flows_that_are_not_in_dollars_are_refused():
    cells, controls = ledger.cells(), ledger.control_table()
    yuan = destinations.flows(cells, controls, "CNY", excess.all_lumps(cells))
    with pytest.raises(Refusal, match="the flow of US is in CNY"):
        currencies.gaps(yuan, controls, NAIVE, **WHEN)
