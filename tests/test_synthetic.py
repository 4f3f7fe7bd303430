"""Synthetic control: exact weights, worlds in which the truth is known, both placebos, and what must not enter.

The panels of the invented worlds are made in this file.
"""

from __future__ import annotations

from types import SimpleNamespace

import ledger
import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from helpers import counterfactual, coverage, destinations, excess
from helpers.refusals import Refusal
from helpers.synthetic import estimates as synthetic_estimates
from helpers.synthetic import panels as synthetic
from helpers.synthetic.panels import Panel, Recipe

WHEN = {"train_end": "2024-10", "month": "2026-05"}
RECIPES = [Recipe("level", 44), Recipe("seasons", 44), Recipe("last year", 33)]
NAMES = ("CA", "DE", "FR", "GB", "IN", "IT", "JP", "KR", "MX")
NO_CELLS = pd.DataFrame({"reporter_code": ["EA20", "SG"], "partner_code": ["US", "CN"], "period": "2020-01"})


@pytest.fixture(scope="module")
def panels():
    lumps = excess.all_lumps(ledger.cells())
    return synthetic.panels(ledger.cells(), ledger.control_table(), lumps, month="2026-05")


@pytest.fixture(scope="module")
def table(panels):
    return synthetic.candidates(panels, train_end="2024-10")


@pytest.fixture(scope="module")
def results(panels, table):
    return synthetic_estimates.estimate(panels, synthetic.recipe_of(table), ledger.cells(), **WHEN)


def invented(random, *, donors=6, noise=0.0, effect=0.0, own_seasons=0.0, code="US"):
    """Return a panel to May 2026: donors of two common factors and seasons, China a mix of the first two."""
    rows = coverage.calendar(last="2026-05")
    count = len(rows)
    factors = np.cumsum(random.normal(scale=0.03, size=(count, 2)), axis=0)
    seasons = random.normal(scale=0.08, size=(11, donors))[rows["season"]]
    logs = factors @ random.uniform(0, 1, size=(2, donors)) + seasons + random.normal(size=donors)
    logs = logs + random.normal(scale=noise, size=logs.shape)
    china = 1.5 + logs[:, :2] @ [0.3, 0.7] + random.normal(scale=noise, size=count)
    china = china + effect * (rows.index >= pd.Period("2025-04", "M"))
    china = china + random.normal(scale=own_seasons, size=11)[rows["season"]] if own_seasons else china
    value = np.exp(np.column_stack([china, logs]))
    return Panel(code, rows, value, NAMES[:donors], "USD", "invented")


@pytest.mark.parametrize("seed", range(40))
def test_weights_are_the_exact_minimum_on_the_simplex(seed):
    """No direction that keeps the sum at one and no weight negative lowers the distance (Karush, Kuhn, Tucker)."""
    random = np.random.default_rng(seed)
    count, donors = int(random.integers(11, 60)), int(random.integers(2, 20))
    x = random.normal(size=(count, donors)) + random.normal(size=(count, 1))
    target = random.normal(scale=random.choice([0.1, 1, 5]), size=count) + random.choice([0.0, 3.0])
    weights = synthetic.simplex_weights(target, x)
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1, abs=1e-12)
    gradient = x.T @ (x @ weights - target)
    level = gradient[weights > 1e-10]
    assert np.ptp(level) <= 1e-7 * (1 + np.abs(gradient).max())
    assert gradient.min() >= level.min() - 1e-7 * (1 + np.abs(gradient).max())


def test_weights_agree_with_a_general_solver_on_the_real_panel(panels):
    panel = panels["AU"]
    logs, season = np.log(panel.value), panel.calendar["season"].to_numpy()
    matched, _ = synthetic.anchored(logs, season, Recipe("last year", 33), 140, np.array([141]))
    ours = synthetic.simplex_weights(matched[:, 0], matched[:, 1:])
    count = matched.shape[1] - 1
    theirs = optimize.minimize(
        lambda w: 100 * np.sum((matched[:, 0] - matched[:, 1:] @ w) ** 2), np.full(count, 1 / count), method="SLSQP",
        bounds=[(0, 1)] * count, constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"maxiter": 500, "ftol": 1e-14},
    )  # fmt: skip
    loss = [np.sum((matched[:, 0] - matched[:, 1:] @ w) ** 2) for w in (ours, theirs.x)]
    assert loss[0] <= loss[1] + 1e-10
    np.testing.assert_allclose(ours, theirs.x, atol=2e-3)


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_without_noise_weights_and_effect_are_found_exactly(recipe):
    panel = invented(np.random.default_rng(5), effect=-0.5)
    found = synthetic_estimates.estimate({"US": panel}, recipe, NO_CELLS, **WHEN)
    for window in ("W1", "W2", "W3"):
        donors = found.donors[found.donors["window_id"] == window].set_index("unit_code")
        np.testing.assert_allclose(donors["weight"].dropna(), [0.3, 0.7, 0, 0, 0, 0], atol=1e-6)
        gap = found.gaps[(found.gaps["destination_code"] == "US") & (found.gaps["window_id"] == window)].iloc[0]
        assert gap["gap_pct"] == pytest.approx(100 * np.expm1(-0.5), abs=1e-5)


@pytest.mark.filterwarnings("error")
def test_a_donor_that_the_others_match_exactly_has_no_ratio_and_is_no_warning():
    panel = invented(np.random.default_rng(5), donors=2)
    places = np.arange(3)
    logs = np.log(panel.value[101:104])
    units = {"own": logs, "fit": np.array([0.1, 0.0, 0.2]), "weights": np.ones(2), "without": logs[:, 1:]}
    rows = synthetic_estimates._donor_rows(panel, units, SimpleNamespace(weight=np.ones((3, 1)), end=100), places)
    assert rows["ratio"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("recipe", RECIPES[1:], ids=str)
def test_seasons_of_chinas_own_are_taken_with_the_anchor(recipe):
    panel = invented(np.random.default_rng(6), effect=-0.5, own_seasons=0.3)
    found = synthetic.tried(panel, recipe, "2024-10")
    np.testing.assert_allclose(found.value / found.expected, np.exp(-0.5 * (found.months >= "2025-04"))[:, None])
    np.testing.assert_allclose(found.errors[~np.isnan(found.errors)], 0, atol=1e-9)


def test_a_donor_that_took_what_china_lost_is_named_and_the_gap_given_without_it():
    """Invented: the donor with weight 0.7 doubles when China halves; the mix with it is too high."""
    panel = invented(np.random.default_rng(5), effect=-0.5, noise=0.001)
    panel.value[panel.calendar.index >= pd.Period("2025-04", "M"), 2] *= 2
    found = synthetic_estimates.estimate({"US": panel}, RECIPES[0], NO_CELLS, **WHEN)
    gap, donors = found.gaps.iloc[0], found.donors.set_index(["window_id", "unit_code"])
    assert "Germany" in gap["gainers"]
    truth = gap["actual_bn"] * (1 - np.exp(0.5))
    assert gap["gap_bn"] < 1.5 * truth < donors.loc["W1", "DE"]["gap_without_bn"]
    kept = [0, *(1 + n for n, name in enumerate(NAMES[:6]) if not donors.loc["W1", name]["gap_bn"] > 0)]
    fewer = Panel("US", panel.calendar, panel.value[:, kept], NAMES[: len(kept) - 1], "USD", "invented")
    tried = synthetic.tried(fewer, RECIPES[0], "2024-10")
    assert gap["without_gainers_bn"] == pytest.approx(tried.gap(tried.rows("2025-04", "2025-11"))[0][0])


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_what_moves_all_origins_alike_cancels(panels, recipe):
    """An invented common path, of demand or of an exchange rate, changes no weight and no percentage of any period."""
    panel = panels["US"]
    common = np.exp(np.cumsum(np.random.default_rng(2).normal(scale=0.1, size=len(panel.value))))[:, None]
    moved = Panel(panel.code, panel.calendar, panel.value * common, panel.donors, "USD", "invented")
    one, other = (synthetic.tried(p, recipe, "2024-10") for p in (panel, moved))
    np.testing.assert_allclose(other.value / other.expected, one.value / one.expected, rtol=1e-9)
    np.testing.assert_allclose(other.errors, one.errors, atol=1e-9)


def test_its_intervals_cover_what_they_promise_and_a_common_fall_is_no_gap():
    """120 invented worlds without an effect, China a noisy mix of donors that share two wandering factors."""
    inside = []
    for seed in range(120):
        panel = invented(np.random.default_rng([9, seed]), noise=0.04)
        found = synthetic.tried(panel, Recipe("last year", 33), "2024-10")
        places = found.rows("2025-04", "2025-11")
        gap, _, placebo = found.gap(places)
        limit = counterfactual.stats.t.ppf(0.975, found.degrees(places, 4)) * np.sqrt((placebo**2).mean())
        inside.append(abs(gap[0]) <= limit)
    assert 0.88 <= np.mean(inside) <= 1.0
    panel.value[panel.calendar.index >= pd.Period("2025-04", "M")] *= 0.6
    assert synthetic.tried(panel, Recipe("last year", 33), "2024-10").gap(places)[0][0] == pytest.approx(0.6 * gap[0])


def test_a_large_effect_ranks_first_among_the_donors_and_none_ranks_anywhere():
    ranks = {effect: [] for effect in (0.0, -0.9)}
    for effect, seen in ranks.items():
        for seed in range(30):
            panel = invented(np.random.default_rng([4, seed]), donors=9, noise=0.03, effect=effect)
            found = synthetic_estimates.estimate({"US": panel}, RECIPES[0], NO_CELLS, **WHEN)
            seen.append(found.gaps.iloc[0]["rank"])
    assert max(ranks[-0.9]) == 1
    assert 3 < np.mean(ranks[0.0]) < 8 and found.gaps.iloc[0]["units"] == 10


def test_no_placebo_and_no_choice_sees_a_month_after_the_end_of_training(panels, table):
    late = {}
    for code, panel in panels.items():
        value = panel.value.copy()
        value[panel.calendar.index > pd.Period("2024-10", "M"), 0] *= 3
        late[code] = Panel(code, panel.calendar, value, panel.donors, "USD", "invented")
    pd.testing.assert_frame_equal(synthetic.candidates(late, train_end="2024-10"), table)
    one, other = (synthetic.tried(p["US"], RECIPES[2], "2024-10") for p in (panels, late))
    np.testing.assert_array_equal(one.errors, other.errors)
    np.testing.assert_array_equal(one.expected, other.expected)


def test_donors_have_one_concept_to_the_end_and_no_lumps(panels):
    assert panels["US"].donors == tuple(sorted(destinations.US_NAMED_ORIGINS))
    assert {"PH", "TH", "MY"}.isdisjoint(panels["US"].donors) and len(panels["AU"].donors) == 19
    column = 1 + panels["AU"].donors.index("KR")
    july = panels["AU"].value[panels["AU"].calendar.index == pd.Period("2017-07", "M"), column]
    assert july < 1.5 < ledger.monthly_usd("AU", "KR")[pd.Period("2017-07", "M")]


def test_an_origin_that_ends_before_the_report_is_no_donor():
    cells = ledger.cells()
    cut = cells[~((cells["reporter_code"] == "US") & (cells["partner_code"] == "VN") & (cells["period"] > "2026-03"))]
    lumps = excess.all_lumps(cells)
    found = synthetic.panels(cut, ledger.control_table(), lumps, month="2026-05")
    assert found["US"].donors == ("CA", "EU27", "KR", "MX", "TW")
    earlier = synthetic.panels(cut, ledger.control_table(), lumps, month="2026-03")
    assert "VN" in earlier["US"].donors and str(earlier["US"].calendar.index[-1]) == "2026-03"


def test_an_origin_with_two_figures_for_a_month_is_refused():
    cells = ledger.cells()
    one = cells[(cells["reporter_code"] == "AU") & (cells["partner_code"] == "JP") & (cells["period"] == "2020-05")]
    with pytest.raises(Refusal, match="two figures for a month"):
        synthetic.panels(pd.concat([cells, one]), ledger.control_table(), excess.all_lumps(cells), month="2026-05")


@pytest.mark.parametrize("end", ["2025-01", "2013-06", "2026-12"])
def test_a_training_that_the_panel_does_not_hold_is_refused(panels, end):
    with pytest.raises(Refusal, match="the panel of US runs from 2012-02 to 2026-05"):
        synthetic.tried(panels["US"], Recipe("level", 44), end)


def test_the_recipe_has_the_lowest_error_and_leaves_more_observations_than_donors(panels, table):
    recipe = synthetic.recipe_of(table)
    chosen = table[table["is_chosen"]]
    assert set(zip(chosen["anchor"], chosen["training_periods"], strict=True)) == {(recipe.anchor, recipe.window)}
    assert recipe.free > max(len(panel.donors) for panel in panels.values())
    assert table.groupby("destination_code")["origins"].nunique().tolist() == [1, 1]
    assert ("seasons", 22) not in set(zip(table["anchor"], table["training_periods"], strict=True))


def test_the_tables_agree_with_each_other(results, panels):
    gaps = results.gaps.set_index(["destination_code", "window_id"])
    for (code, window), donors in results.donors.groupby(["destination_code", "window_id"]):
        gap, china = gaps.loc[code, window], donors[donors["unit_code"] == "CN"].iloc[0]
        assert donors["weight"].sum() == pytest.approx(1)
        assert china["gap_bn"] == pytest.approx(gap["gap_bn"]) and china["gap_pct"] == pytest.approx(gap["gap_pct"])
        unused = donors[donors["weight"] == 0]
        np.testing.assert_allclose(unused["gap_without_bn"], gap["gap_bn"])
        assert gap["without_one_low_bn"] <= gap["gap_bn"] + 1e-9 and gap["gap_bn"] <= gap["without_one_high_bn"] + 1e-9
        assert gap["rank_p"] == gap["rank"] / (1 + len(panels[code].donors)) >= gap["least_p"]
        path = results.paths[(results.paths["destination_code"] == code) & (results.paths["phase"] == window)]
        weight = np.where(path["period"].str.endswith("-02"), 2, 1)
        assert (weight * (path["actual_bn"] - path["synthetic_bn"])).sum() == pytest.approx(gap["gap_bn"])


def test_what_the_method_lacks_is_said_in_words(results):
    gaps = results.gaps.set_index(["destination_code", "window_id"])
    us = gaps.loc["US", "W1"]
    assert "it cannot fall below 0.14, so it decides nothing" in us["rank_reading"]
    assert us["is_fragile"] == ("within normal variation" in us["condition"])
    assert "cannot" not in gaps.loc["AU", "W1"]["rank_reading"]
    assert (gaps.loc[gaps["status"] != "interval", "reason"].str.len() > 10).all()
    assert gaps.loc["EU"]["reason"].str.contains("the United States among them").all()
    assert gaps.loc["ASEAN"]["gap_bn"].isna().all()


def test_too_few_origins_give_no_interval():
    panel = invented(np.random.default_rng(1), noise=0.03)
    short = Panel("US", panel.calendar.iloc[66:], panel.value[66:], panel.donors, "USD", "invented")
    gap = synthetic_estimates.estimate({"US": short}, RECIPES[0], NO_CELLS, **WHEN).gaps.iloc[0]
    assert gap["status"] == "not calibratable" and np.isnan(gap["low_bn"]) and not gap["is_fragile"]
    assert gap["reason"] == "interval not calibratable: 20 origins, 3 that do not overlap"


def test_the_same_input_gives_the_same_bytes(panels, table, results):
    again = synthetic_estimates.estimate(panels, synthetic.recipe_of(table), ledger.cells(), **WHEN)
    for name in ("gaps", "donors", "paths"):
        assert getattr(again, name).to_json() == getattr(results, name).to_json()
