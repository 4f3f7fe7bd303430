"""The first tariff episode told with nothing that was not yet published."""

from __future__ import annotations

import functools

import ledger
import numpy as np
import pandas as pd
import pytest

from helpers import backtest, claims, counterfactual, excess, ranges
from helpers.counterfactual import Form
from helpers.stacks import pairs_of, stacks
from helpers.trials import trials


@functools.cache
def episode():
    return backtest.episode(ledger.cells(), ledger.control_table())


@functools.cache
def published():
    return claims.read_compiled("published_estimates")


def invented(effect: float, *, first="2012-01", last="2019-09", since="2018-07", sd=0.02, seed=1) -> pd.Series:
    """Return an invented flow: 3 % growth a year, seasons, little noise, and a known effect from a month on."""
    index = pd.period_range(first, last, freq="M")
    random = np.random.default_rng(seed)
    logs = 0.03 * np.arange(len(index)) / 12 + 0.1 * np.sin(index.month * np.pi / 6) + random.normal(0, sd, len(index))
    logs = logs + np.where(index >= pd.Period(since, "M"), np.log1p(effect), 0.0)
    return pd.Series(10 * np.exp(logs), index=index)


def au_others():
    return ledger.flows()["AU"].others["share"]


def test_the_choice_is_the_one_of_the_report_and_sees_nothing_later():
    held = backtest.flows_until(ledger.cells(), ledger.control_table(), backtest.AS_OF)
    series = pairs_of(held)
    (stack,) = stacks(series)
    best, near = backtest.choose(stack, backtest.TRAIN_END, backtest.B1)
    calendars = {name: counterfactual.calendar_of(*one) for name, one in series.items()}
    table = counterfactual.compare_forms(calendars, backtest.TRAIN_END, *backtest.B1)
    table = table.rename(columns={"window": "training_periods"})
    assert best == excess.form_of(table, "chosen", 0)
    assert set(near) == set(excess.near_best(table))


def corrupted(after: str, factor: float = 7.0):
    """Return the ledger with every value after a month multiplied: nonsense that nobody could have known."""
    cells, controls = ledger.cells().copy(), ledger.control_table().copy()
    cells["value_mn"] = cells["value_mn"].where(cells["period"] <= after, cells["value_mn"] * factor)
    controls["value"] = controls["value"].where(controls["period"] <= after, controls["value"] * factor)
    return cells, controls


def test_no_hindsight_nonsense_after_the_month_changes_nothing_and_nonsense_inside_does():
    pd.testing.assert_frame_equal(backtest.episode(*corrupted("2019-09"))[0], episode()[0])
    changed = backtest.episode(*corrupted("2019-08"))[0]
    # In Australia's plain form a sevenfold price of the dollar undoes a sevenfold value.
    rows = changed["destination_code"].eq("US") & changed["form"].ne("none") & changed["window_id"].eq("B2")
    assert (changed.loc[rows, "gap_bn"] - episode()[0].loc[rows, "gap_bn"]).abs().min() > 1


def test_the_flows_of_november_2019_end_with_september_and_are_those_of_the_report():
    held = backtest.flows_until(ledger.cells(), ledger.control_table(), "2019-11")
    for code, flow in held.items():
        assert str(flow.value.index[-1]) == "2019-09"
        pd.testing.assert_series_equal(flow.value, ledger.flows()[code].value.loc[:"2019-09"], check_names=False)
    same = held["AU"].others["share"].loc[:"2018-06"]
    pd.testing.assert_series_equal(same, au_others().loc[:"2018-06"], check_names=False, rtol=0.01)


def test_the_first_months_can_be_judged_and_the_first_year_cannot():
    rows = episode()[0]
    rows = rows[rows["form"] != "none"].set_index(["destination_code", "form", "window_id"])
    assert set(rows.xs("B1", level="window_id")["degrees_of_freedom"]) == {6}
    late = rows.xs("B2", level="window_id")
    assert (late["degrees_of_freedom"] == 2).all() and (late["kind"] == "not_calibratable").all()
    assert (late["origins"] == 25).all() and late["reason"].str.contains("25 origins, 2 that do not overlap").all()
    assert late[["low_bn", "high_bn", "mde80_bn", "t_value"]].isna().all().all()


def test_the_kind_of_sentence_follows_from_the_interval():
    rows = episode()[0]
    clear = (rows["low_bn"] > 0) | (rows["high_bn"] < 0)
    known = rows["low_bn"].notna()
    expected = np.select([clear, known, rows["form"].ne("none")],
                         ["interval_excludes_zero", "null", "not_calibratable"], "accounting_only")  # fmt: skip
    assert rows["kind"].tolist() == expected.tolist()
    assert (rows["reason"].str.len() > 10).eq(~known).all()
    assert not rows.duplicated(["destination_code", "form", "window_id"]).any()


@pytest.mark.parametrize(("effect", "kind"), [(-0.4, "interval_excludes_zero"), (0.0, "null")])
def test_an_invented_loss_is_seen_in_the_first_months_and_none_is_not(effect, kind):
    (stack,) = stacks({("US", "plain"): (invented(effect), None)})
    form = Form("level", 33)
    said = backtest._said({form: trials(stack, form, "2018-06")}, form, 0, backtest.B1, 0)
    assert said["kind"] == kind
    assert said["gap_pct"] == pytest.approx(100 * effect, abs=5)


def test_every_published_figure_of_the_episode_stands_once_with_its_definition():
    _, stack, form = episode()
    later = backtest.found_later(published(), stack, form)
    wanted = published()[published()["period"].str.contains("2018|2019")]
    assert len(later) == len(wanted) > 20
    assert not later.duplicated(["study", "quantity", "destination", "period"]).any()
    assert later["definition"].str.endswith(".").all()
    compared = later["comparison"] == "compared"
    assert later.loc[compared, "ours_value"].notna().all() and later.loc[~compared, "ours_value"].isna().all()
    # Without an interval nobody can say whether theirs lies inside ours.
    assert later.loc[later["ours_low"].isna(), "is_inside_ours"].isna().all()
    assert not later["definition"].str.startswith("Another quantity").any()


def test_our_loss_of_early_2019_is_the_gap_of_the_estimate():
    _, stack, form = episode()
    later = backtest.found_later(published(), stack, form)
    ours = later.loc[later["quantity"] == "Chinese export loss in US", "ours_value"].iloc[0]
    value = ledger.flows()["US"].value.loc[:"2019-09"]
    gap = counterfactual.estimate_gap(value, None, form, "2018-06", "2019-01", "2019-06")
    assert ours == pytest.approx(-gap.gap, abs=1e-8)


def test_what_was_said_beforehand_stands_beside_what_came():
    bounds = ranges.bounds_of(
        ledger.cells(), ledger.preferred_growth(), ledger.quarters(), codes=("EU",)
    )  # fmt: skip
    growth = lambda code, *span: bounds[code].growth(*span)  # noqa: E731
    table = backtest.scenarios(published(), growth, until="2026-06").set_index(["study", "quantity", "destination"])
    months = ledger.cells()
    us = months[
        (months["reporter_code"] == "CN")
        & (months["partner_code"] == "US")
        & months["is_preferred"]
        & (months["period_kind"] == "month")
        & (months["currency"] == "USD")
        & (months["flow"] == "exports")
    ]
    us = us.set_index("period")["value_mn"]
    year = us.loc["2025-01":"2025-12"].sum() / us.loc["2024-01":"2024-12"].sum()
    wto = table.xs("US", level="destination").xs("Chinese exports", level="quantity").iloc[0]
    assert wto["said_pct"] == -77 and wto["came_pct"] == pytest.approx(100 * (year - 1), abs=0.02)
    assert wto["miss_pp"] == pytest.approx(wto["came_pct"] + 77)
    assert "lasted weeks" in wto["conditional_on"]
    kiel = table.loc[("Kiel KITE", "China exports to US after May 2025 pause, 1 year", "US")]
    pause = us[(us.index >= "2025-06") & (us.index <= "2026-05")].sum()
    before = us[(us.index >= "2024-06") & (us.index <= "2025-05")].sum()
    assert kiel["came_pct"] == pytest.approx(100 * (pause / before - 1), abs=0.02)
    early = backtest.scenarios(published(), growth, until="2026-04").set_index(["study", "quantity", "destination"])
    assert "2026-05" in early.loc[kiel.name, "reason"] and np.isnan(early.loc[kiel.name, "came_pct"])
    assert (table["reason"].str.len().gt(0) == table["came_pct"].isna()).all()


def test_the_same_input_gives_the_same_bytes():
    again = backtest.episode(ledger.cells(), ledger.control_table())[0]
    assert again.to_json() == episode()[0].to_json()
