"""Months between their printed pieces, and the next month with its score: known answers, invented flows."""

from __future__ import annotations

import functools

import ledger
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import accounting, counterfactual, nowcast, ranges
from helpers.counterfactual import Form
from helpers.ranges import MONTH, SO_FAR, Bounds
from helpers.stacks import Stack, stacks

COLUMNS = {
    "reporter_code": "CN", "flow": "exports", "product_scheme": "all", "product_code": "TOTAL",
    "concept": "exports_fob", "currency": "USD", "is_preferred": True, "is_derived": False,
}  # fmt: skip


@functools.cache
def bounds():
    return ranges.bounds_of(ledger.cells(), ledger.preferred_growth(), ledger.quarters(), codes=("EU", "ASEAN", "AU"))


@functools.cache
def results():
    return nowcast.nowcasts(ledger.flows())


def at(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:]) - 1


def invented(seed: int) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    """Return an invented partner's true months, a World with them, and the pieces an office might print of them."""
    random = np.random.default_rng(seed)
    index = pd.period_range("2023-01", "2025-12", freq="M")
    truth = pd.Series(random.uniform(30_000, 50_000, len(index)), index=index)
    levels, rates = [], []
    for period, value in truth.items():
        so_far = truth.loc[f"{period.year}-01" : str(period)].sum()
        before = period - 12
        for kind, figure in (("month", value), ("ytd", so_far)):
            printed = {"period": str(period), "period_kind": kind, "partner_code": "IN"} | COLUMNS
            if random.random() < 0.3:
                levels.append(printed | {"value_mn": round(figure, -2), "abs_error_mn": 50.0})
            if before in truth.index and random.random() < 0.5:
                past = truth[before] if kind == "month" else truth.loc[f"{before.year}-01" : str(before)].sum()
                rates.append(printed | {"yoy_pct": round(100 * (figure / past - 1), 1), "half_unit_pp": 0.05})
        levels.append(
            {"period": str(period), "period_kind": "month", "partner_code": "WORLD", "value_mn": 3e5, "abs_error_mn": 1}
            | COLUMNS
        )
    return truth, pd.DataFrame(levels), pd.DataFrame(rates)


NO_QUARTERS = pd.DataFrame(
    columns=["reporter_code", "flow", "product_code", "period", "partner_code", "value_mn", "abs_error_mn"]
)


@pytest.mark.parametrize("seed", range(12))
def test_the_truth_always_lies_between_the_bounds(seed):
    truth, cells, rates = invented(seed)
    one = ranges.bounds_of(cells, rates, NO_QUARTERS, first="2023-01")["IN"]
    assert one.contradictions == 0
    for period, value in truth.items():
        key = (MONTH, at(str(period)))
        assert one.low[key] - 1e-6 <= value <= one.high[key] + 1e-6
    for first, last in (("2024-03", "2024-08"), ("2024-11", "2025-02"), ("2025-04", "2025-11")):
        now, before = (truth.loc[f"{int(first[:4]) - y}{first[4:]}" : f"{int(last[:4]) - y}{last[4:]}"].sum()
                       for y in (0, 1))  # fmt: skip
        low, high = one.growth(first, last)
        assert low - 1e-6 <= 100 * (now / before - 1) <= high + 1e-6


def test_the_pieces_really_narrow_what_is_not_printed():
    """A month that nobody printed follows from two cumulative figures; without them it is open."""
    row = {"partner_code": "IN", "abs_error_mn": 5.0} | COLUMNS
    cells = [row | {"period": f"2025-{month}", "period_kind": "ytd", "value_mn": value}
             for month, value in (("04", 400.0), ("05", 520.0))]  # fmt: skip
    one = ranges.bounds_of(pd.DataFrame(cells), no_rates(), NO_QUARTERS, first="2025-01")["IN"]
    assert (one.low[MONTH, at("2025-05")], one.high[MONTH, at("2025-05")]) == (110.0, 130.0)
    assert one.low[MONTH, at("2025-03")] == 0 and one.high[MONTH, at("2025-03")] == 405.0


def no_rates():
    return pd.DataFrame(columns=["reporter_code", "flow", "product_code", "period", "partner_code", "period_kind",
                                 "currency", "yoy_pct", "half_unit_pp"])  # fmt: skip


def test_the_rest_of_the_world_is_as_open_as_both_totals_together():
    row = {"period": "2025-01", "period_kind": "month"} | COLUMNS
    printed = (("WORLD", 1000.0, 20.0), ("US", 300.0, 5.0))
    rows = [row | {"partner_code": code, "value_mn": value, "abs_error_mn": error} for code, value, error in printed]
    one = ranges.bounds_of(pd.DataFrame(rows), no_rates(), NO_QUARTERS, first="2025-01")["NON_US"]
    assert (one.low[MONTH, at("2025-01")], one.high[MONTH, at("2025-01")]) == (675.0, 725.0)


def test_pieces_that_cannot_both_be_true_are_counted_and_both_kept():
    row = {"partner_code": "IN", "abs_error_mn": 1.0} | COLUMNS
    cells = [row | {"period": "2025-01", "period_kind": kind, "value_mn": value}
             for kind, value in (("month", 100.0), ("ytd", 110.0))]  # fmt: skip
    one = ranges.bounds_of(pd.DataFrame(cells), no_rates(), NO_QUARTERS, first="2025-01")["IN"]
    assert one.contradictions > 0
    assert one.low[SO_FAR, at("2025-01")] <= 99.0 and one.high[SO_FAR, at("2025-01")] >= 111.0


def test_a_quarter_that_contradicts_the_customs_is_left_out_and_another_is_used():
    truth = {f"2024-{month:02d}": 100.0 for month in range(1, 7)}
    world = [{"period": month, "period_kind": "month", "partner_code": "WORLD", "value_mn": 1000.0, "abs_error_mn": 0.1}
             | COLUMNS for month in truth]  # fmt: skip
    half = {"period": "2024-06", "period_kind": "ytd", "partner_code": "IN", "value_mn": 600.0, "abs_error_mn": 1.0}
    quarter = {"reporter_code": "CN", "flow": "exports", "product_code": "TOTAL", "abs_error_mn": 0.5}
    for first, contradictions in ((300.0, 0), (700.0, 1)):
        quarters = pd.DataFrame(
            [quarter | {"period": "2024-03", "partner_code": code, "value_mn": value}
             for code, value in (("IN", first), ("NON_RCEP", 3000.0 - first))]
        )  # fmt: skip
        cells = pd.DataFrame([*world, half | COLUMNS])
        one = ranges.bounds_of(cells, no_rates(), quarters, first="2024-01")["IN"]
        assert one.contradictions == contradictions
        without = ranges.bounds_of(cells, no_rates(), NO_QUARTERS, first="2024-01")["IN"]
        key = SO_FAR, at("2024-03")
        if contradictions:
            assert (one.low[key], one.high[key]) == (without.low[key], without.high[key])
        else:
            assert one.high[key] - one.low[key] < 5 < without.high[key] - without.low[key]


@pytest.mark.parametrize("code", ["US", "WORLD", "NON_US"])
@pytest.mark.parametrize("span", [("2025-04", "2025-11"), ("2026-03", "2026-06")])
def test_where_all_levels_are_known_the_growth_is_the_accounting_change(code, span):
    changes = accounting.accounting_change(
        ledger.cells(), ledger.preferred_growth(), {"span": (*span, "months")}
    )  # fmt: skip
    printed = changes.set_index("partner_code").loc[code, "growth_pct"]
    low, high = bounds()[code].growth(*span)
    assert low - 0.02 <= printed <= high + 0.02
    assert high - low < 0.2


def test_the_eu_while_the_door_was_shut_follows_from_cumulative_figures_by_hand():
    """January to November less January to April plus April, over the same of 2024 by the printed rates."""
    cells = ledger.cells()

    def level(period, kind):
        row = cells[(cells["partner_code"] == "EU27") & (cells["reporter_code"] == "CN") & cells["is_preferred"]
                    & (cells["flow"] == "exports") & (cells["currency"] == "USD") & (cells["period"] == period)
                    & (cells["period_kind"] == kind)]  # fmt: skip
        return float(row["value_mn"].iloc[0])

    first_quarter = level("2025-04", "ytd") - level("2025-04", "month")
    now = level("2025-11", "ytd") - first_quarter
    low, high = bounds()["EU"].total(at("2025-04"), at("2025-11"))
    assert low - 1 <= now <= high + 1
    year_to_november = level("2025-11", "ytd") / 1.081
    quarter_before = first_quarter / np.array([1.02, 1.08])  # far outside what the pieces allow
    growth = 100 * (now / (year_to_november - quarter_before) - 1)
    low, high = bounds()["EU"].growth("2025-04", "2025-11")
    assert growth.min() - 0.3 < low < high < growth.max() + 0.3


def test_a_printed_rate_of_the_whole_span_is_taken_as_printed():
    rate = accounting.printed_growth(ledger.preferred_growth(), "EU", "2026-06", "ytd")
    assert bounds()["EU"].growth("2026-01", "2026-06") == pytest.approx(
        (rate["yoy_pct"] - rate["half_unit_pp"], rate["yoy_pct"] + rate["half_unit_pp"])
    )


def test_growth_before_the_first_month_is_open_and_not_invented():
    assert bounds()["EU"].growth("2022-03", "2022-06") == (-100.0, np.inf)


def stack_of(logs: np.ndarray, first: str = "2012-01") -> Stack:
    """Return an invented stack from logs, shape (periods, R)."""
    months = round(len(logs) / 11 * 12) + 24
    calendar = counterfactual.calendar_of(pd.Series(1.0, index=pd.period_range(first, periods=months, freq="M")))
    return Stack.on(calendar.iloc[: len(logs)], np.exp(logs))


def airline(theta: float, seasonal: float, periods: int, wide: int, seed: int) -> np.ndarray:
    """Return logs of an airline process, shape (periods, wide)."""
    shocks = np.random.default_rng(seed).normal(0, 0.05, (periods, wide))
    logs = np.zeros((periods, wide))
    for row in range(12, periods):
        logs[row] = logs[row - 1] + logs[row - 11] - logs[row - 12] + shocks[row]
        logs[row] += -theta * shocks[row - 1] - seasonal * shocks[row - 11] + theta * seasonal * shocks[row - 12]
    return logs


def test_the_simple_candidates_are_the_forecasts_of_the_estimates():
    (stack,) = stacks(
        {("US", "plain"): (ledger.flows()["US"].value, None), ("AU", "plain"): (ledger.flows()["AU"].value, None)}
    )
    tried, logs = nowcast.one_step(stack), np.log(stack.value)
    calendar = counterfactual.calendar_of(ledger.flows()["US"].value)
    assert list(stack.months) == list(calendar.index.astype(str))
    for row in (60, 100, 140, len(logs) - 5):
        for candidate, form in ((0, Form("seasonal_drift", 22)), (1, nowcast.REGRESSION)):
            forecast = counterfactual.forecast(calendar, logs, form, row - 1, np.array([row]))[0]
            np.testing.assert_allclose(tried[candidate, row], forecast, atol=1e-10)


def test_the_airline_recursion_is_the_one_written_out_period_by_period():
    logs = airline(0.5, 0.6, 90, 1, 5)
    tried = nowcast.one_step(stack_of(logs))[2, :, 0]
    y, best = logs[:, 0], {}
    for theta, seasonal in nowcast.GRID:
        error, said = [0.0] * 12, {}
        for row in range(12, 91):
            said[row] = (y[row - 1] + y[row - 11] - y[row - 12] - theta * error[row - 1] - seasonal * error[row - 11]
                         + theta * seasonal * error[row - 12])  # fmt: skip
            if row < 90:
                error.append(y[row] - said[row])
        best[theta, seasonal] = (sum(e**2 for e in error), said[90])
    assert tried[-1] == pytest.approx(min(best.values())[1], abs=1e-10)


def test_on_an_airline_process_the_airline_candidate_wins_and_the_intervals_hold():
    logs = airline(0.4, 0.5, 160, 60, 11)
    tried = nowcast.one_step(stack_of(logs))
    errors = np.sqrt(np.mean((logs[None, 60:] - tried[:, 60:-1]) ** 2, axis=(1, 2)))
    assert errors.argmin() == 2 and errors[2] < 0.056
    inside = []
    for column in range(logs.shape[1]):
        said, weights, (error, count) = nowcast._combined(logs[:, column], tried[:, :, column])
        np.testing.assert_allclose(weights[:, -1].sum(), 1.0)
        rows = np.arange(len(logs) - 22, len(logs))
        reach = stats.t.ppf(0.9, count[rows]) * error[rows]
        inside.append(np.abs(logs[rows, column] - said[rows]) <= reach)
    assert 0.75 < np.mean(inside) < 0.87


def test_no_forecast_sees_the_month_it_is_about_or_any_later_one():
    value = ledger.flows()["US"].value
    moved = value.where(value.index < pd.Period("2025-09", "M"), value * 3)
    scored = [
        nowcast.nowcasts({"US": flow}).scored.set_index("period")
        for flow in (ledger.flows()["US"], type(ledger.flows()["US"])("US", "x", moved, {}, "USD", "A", "x"))
    ]
    same = [frame.loc[:"2025-09", ["said_bn", "low80_bn", "high95_bn"]] for frame in scored]
    pd.testing.assert_frame_equal(*same)
    assert scored[0].loc["2025-10", "said_bn"] != scored[1].loc["2025-10", "said_bn"]


def test_a_month_that_is_left_out_by_the_reader_is_forecast_as_it_was_scored():
    cut = nowcast.nowcasts({"AU": ledger.flows()["AU"]}, until="2026-04")
    scored = results().scored.set_index(["destination_code", "period"]).loc[("AU", "2026-05")]
    row = cut.table.iloc[0]
    assert row["last_month"] == "2026-05"
    for column in ("low80_bn", "high80_bn", "low95_bn", "high95_bn"):
        assert row[column] == pytest.approx(scored[column])
    assert row["nowcast_bn"] == pytest.approx(scored["said_bn"])


@pytest.mark.parametrize("until", ["2025-12", "2026-01"])
def test_after_december_the_average_of_january_and_february_is_forecast(until):
    row = nowcast.nowcasts({"US": ledger.flows()["US"]}, until=until).table.iloc[0]
    assert (row["first_month"], row["last_month"]) == ("2026-01", "2026-02")
    assert row["what"] == "average of January and February"
    assert row["last_published"] == until
    average = ledger.flows()["US"].value.loc["2025-01":"2025-02"].mean()
    assert row["year_before_bn"] == pytest.approx(average)


def test_the_scorecard_counts_its_rows_and_its_binomial_ends_are_exact():
    for card in results().scorecard.itertuples():
        rows = results().scored[results().scored["destination_code"] == card.destination_code]
        assert card.scored == len(rows)
        assert card.record.startswith("none yet") and "hindsight" in card.vintage
        if not card.scored:
            continue
        assert card.scored >= 12
        for level in (80, 95):
            inside = rows["came_bn"].between(rows[f"low{level}_bn"], rows[f"high{level}_bn"])
            hits = getattr(card, f"hits{level}")
            assert inside.tolist() == rows[f"is_inside{level}"].tolist() and hits == inside.sum()
            low = stats.beta.ppf(0.025, hits, card.scored - hits + 1)
            high = stats.beta.ppf(0.975, hits + 1, card.scored - hits) if hits < card.scored else 1.0
            assert getattr(card, f"hit{level}_low_pct") == pytest.approx(100 * low)
            assert getattr(card, f"hit{level}_high_pct") == pytest.approx(100 * high)
        own, naive = (np.sqrt(np.mean(np.log(rows["came_bn"] / rows[name]) ** 2)) for name in ("said_bn", "naive_bn"))
        assert card.ratio_to_naive == pytest.approx(own / naive)
    assert (results().scored["low95_bn"] < results().scored["low80_bn"]).all()


def test_a_flow_that_is_too_short_says_so_and_gets_no_number():
    row = results().table.set_index("destination_code").loc["EU"]
    assert "too few" in row["reason"] and np.isnan(row["nowcast_bn"])
    assert results().scorecard.set_index("destination_code").loc["EU", "scored"] == 0


def test_the_same_input_gives_the_same_bytes():
    again = nowcast.nowcasts(ledger.flows())
    for name in ("table", "candidates", "scored", "scorecard"):
        assert getattr(again, name).to_json() == getattr(results(), name).to_json()


def test_a_range_that_would_be_empty_is_widened_once_and_then_left():
    one = Bounds({(MONTH, 1): 10.0}, {(MONTH, 1): 12.0})
    assert one.meet((MONTH, 1), 11.0, 20.0) and (one.low[MONTH, 1], one.high[MONTH, 1]) == (11.0, 12.0)
    assert one.meet((MONTH, 1), 15.0, 16.0) and (one.low[MONTH, 1], one.high[MONTH, 1]) == (11.0, 16.0)
    assert not one.meet((MONTH, 1), 1.0, 2.0) and one.contradictions == 1
