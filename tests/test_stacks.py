"""Series side by side: who stands beside whom, where a series ends, and money converted before months are merged."""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import controls, counterfactual, periods, stacks
from helpers.destinations import Flow
from helpers.refusals import Refusal

MONTH = "2026-05"


def converted(chosen, money, *currencies):
    return stacks.stacks(stacks.pairs_of(chosen, MONTH), stacks.rates_of(chosen, money, currencies))


def test_a_stack_holds_the_calendar_of_each_of_its_series():
    pairs = stacks.pairs_of(ledger.flows())
    held = {name: (stack, column) for stack in stacks.stacks(pairs) for column, name in enumerate(stack.names)}
    assert set(held) == set(pairs)
    for name, (stack, column) in held.items():
        calendar = counterfactual.calendar_of(*pairs[name])
        rows = len(calendar)
        assert list(stack.months[:rows]) == list(calendar.index.astype(str))
        for array, key in ((stack.season, "season"), (stack.spill, "spill_days"), (stack.weight, "weight"),
                           (stack.value[:, column], "value"), (stack.scale[:, column], "other")):  # fmt: skip
            np.testing.assert_array_equal(array[:rows], calendar[key])
        assert np.isnan(stack.value[rows:, column]).all() and np.isnan(stack.scale[rows:, column]).all()


def test_a_denominator_that_ends_earlier_leaves_the_end_empty_and_one_that_skips_a_month_is_refused():
    value, other = ledger.flows()["AU"].value, ledger.flows()["AU"].others["share"]
    (stack,) = stacks.stacks({("AU", "plain"): (value, None), ("AU", "share"): (value, other.loc[:"2025-06"])})
    ends = [stack.months[np.isfinite(stack.value[:, column])][-1] for column in (0, 1)]
    assert ends == [str(value.index[-1]), "2025-06"]
    with pytest.raises(Refusal, match="skips a period"):
        stacks.stacks({("AU", "share"): (value, other.drop(pd.Period("2020-05", "M")))})


def test_months_are_converted_before_they_are_merged():
    (stack,) = converted({"US": ledger.flows()["US"]}, ledger.control_table(), "CNY")
    yuan = controls.convert(ledger.flows()["US"].value, ledger.control_table(), "USD", "CNY").loc[:MONTH]
    np.testing.assert_allclose(stack.value[:, 0], periods.eleven_periods(yuan)["value"], rtol=1e-14)
    assert stack.names[0] == ("US", "plain", "CNY")


def test_a_flow_in_another_currency_than_dollars_is_converted_by_both_rates_and_its_own_is_left_alone():
    money, value = ledger.control_table(), ledger.flows()["AU"].value
    aussie = Flow("AU", "", controls.convert(value, money, "USD", "AUD"), {}, "AUD", "A", "")
    (stack,) = converted({"AU": aussie}, money, "USD", "partner")
    assert stack.names == [("AU", "plain", "USD"), ("AU", "plain", "AUD")]
    plain, own = (periods.eleven_periods(one.loc[:MONTH])["value"] for one in (value, aussie.value))
    np.testing.assert_allclose(stack.value[:, 0], plain, rtol=1e-12)
    np.testing.assert_array_equal(stack.value[:, 1], own)


def test_a_currency_that_is_asked_for_twice_stands_twice():
    (stack,) = converted({"US": ledger.flows()["US"]}, ledger.control_table(), "USD", "partner")
    assert [name[2] for name in stack.names if name[1] == "plain"] == ["USD", "USD"]


@pytest.mark.parametrize(("missing", "held"), [("2026-05", "2026-04"), ("2026-02", "2025-12")])
def test_a_rate_that_is_not_published_yet_ends_the_series(missing, held):
    money = ledger.control_table()
    money = money[(money["series"] != "usd_cny") | (money["period"] < missing)]
    (stack,) = converted({"US": ledger.flows()["US"]}, money, "USD", "CNY")
    for column, (_, _, currency) in enumerate(stack.names):
        last = stack.months[np.isfinite(stack.value[:, column] / stack.scale[:, column])][-1]
        assert currency == "USD" or last <= held


def test_a_rate_that_is_missing_inside_is_refused():
    money = ledger.control_table()
    money = money[(money["series"] != "usd_cny") | (money["period"] != "2020-01")]
    with pytest.raises(Refusal, match="no rate of CNY for 2020-02"):
        converted({"US": ledger.flows()["US"]}, money, "CNY")


def test_a_window_that_is_not_held_to_its_end_has_no_rows_and_one_cut_at_january_ends_with_december():
    (stack,) = converted({"US": ledger.flows()["US"]}, ledger.control_table(), "USD")
    assert list(stack.months[stack.rows("2025-12", "2026-01")]) == ["2025-12"]
    assert list(stack.months[stack.rows("2025-12", "2026-02")]) == ["2025-12", "2026-02"]
    assert not len(stack.rows("2026-03", "2026-06"))
    assert stack.months[stack.row("2024-10")] == "2024-10" and stack.row("2025-01") == -1
