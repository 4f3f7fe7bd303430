"""The estimate by product where the truth is known, and against two other implementations. Most data are invented."""

from __future__ import annotations

from dataclasses import replace

import ledger
import numpy as np
import pandas as pd
import pytest
from exposure_worlds import DESTINATIONS, ELASTICITY, TRUTH, World, drawn, monthly

from helpers import exposure_views, product_groups, tables
from helpers.exposure import elasticity, estimates, events, instruments, rerouting
from helpers.exposure.design import Design, capped, long_difference, section_of
from helpers.product_panel import Panel
from helpers.refusals import Refusal

AGREE = 1e-8
pytestmark = pytest.mark.filterwarnings("ignore")  # of the other packages: deprecations, singletons, separation
REPEATS = 200


@pytest.fixture(scope="module")
def world():
    """One draw with its estimate, and the same as a frame for other packages."""
    design = drawn(World(), 5)
    products, found = instruments.headline(design)
    frame = pd.DataFrame(
        {"loss": design.loss, "z": design.instrument, "share": design.share, "section": design.cluster,
         "w": capped(design.world)} | {code: design.change[:, place] for place, code in enumerate(DESTINATIONS)}
    )  # fmt: skip
    return design, products, found, frame


def repeated(
    world: World, *, with_share: bool = True, repeats: int = REPEATS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates, whether the interval holds the truth, and whether it excludes zero: (repeats, D) each."""
    truth = TRUTH * world.diverted
    found = [instruments.headline(drawn(world, seed), with_share=with_share)[1] for seed in range(repeats)]
    low, high = (np.array([getattr(one, side) for one in found]) for side in ("low", "high"))
    return np.array([one.delta for one in found]), (low < truth) & (truth < high), (low > 0) | (high < 0)


# T3, T4, T7, T8 of the methodology: what the estimate finds where the truth is known.


@pytest.mark.parametrize("world", [World(), World(products=96, noise=0.12), World(tie=1.0), World(mixed=0.5)],
                         ids=["1200", "96", "push tied to the share", "ratios differ"])  # fmt: skip
def test_the_estimate_is_unbiased_and_its_intervals_hold(world):
    found, holds, _ = repeated(world)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - TRUTH) < 2.6 * error).all()  # four looks at once
    slack = 2 * np.sqrt(0.95 * 0.05 / REPEATS)
    assert ((holds.mean(axis=0) >= 0.90 - slack) & (holds.mean(axis=0) <= 0.98 + slack)).all()


def test_without_the_share_control_the_estimate_is_biased_and_misses():
    found, holds, _ = repeated(World(), with_share=False)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert ((found.mean(axis=0) - TRUTH) > 5 * error).all() and (holds.mean(axis=0) < 0.75).all()


def test_pure_supply_push_is_not_taken_for_diversion():
    found, holds, excludes = repeated(World(diverted=False, tie=1.0))
    assert np.abs(found.mean(axis=0)).max() < 0.02 and (excludes.mean(axis=0) <= 0.10).all()
    assert (holds.mean(axis=0) >= 0.88).all()


def test_without_tariffs_the_instrument_is_weak_and_nothing_is_claimed():
    weak = [instruments.headline(drawn(World(tariffs=False, diverted=False), seed))[1] for seed in range(60)]
    assert np.median([one.effective_f for one in weak]) < 3
    products, found = instruments.headline(drawn(World(tariffs=False, diverted=False), 1))
    assert not all(whole for *_, whole in instruments.anderson_rubin_set(products, found, seed=1, draws=399))


@pytest.mark.slow
@pytest.mark.parametrize("world", [World(products=5_000), World(products=5_000, tie=1.0)])
def test_five_thousand_products_nightly(world):
    found, holds, _ = repeated(world, repeats=500)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - TRUTH) < 2.6 * error).all()
    assert ((holds.mean(axis=0) >= 0.90) & (holds.mean(axis=0) <= 0.98)).all()


# T5: adding up, exactly.


def test_the_destinations_add_up_to_the_total(world):
    design, _, found, _ = world
    total = instruments.headline(estimates.with_total(design))[1]
    assert abs(total.delta[:-1].sum() - total.delta[-1]) < 1e-12
    np.testing.assert_allclose(total.delta[:-1], found.delta, rtol=1e-12)


# Three independent implementations.


def test_pyfixest_gives_the_same_estimate_error_and_first_stage(world):
    pf = pytest.importorskip("pyfixest")
    _, _, found, frame = world
    for place, code in enumerate(DESTINATIONS):
        fit = pf.feols(f"{code} ~ share | section | loss ~ z", data=frame, weights="w", vcov={"CRV1": "section"})
        assert abs(fit.coef()["loss"] - found.delta[place]) < AGREE
        assert abs(fit.se()["loss"] - found.se_crv1[place]) < AGREE
    first = pf.feols("loss ~ z + share | section", data=frame, weights="w", vcov={"CRV1": "section"})
    assert abs(first.coef()["z"] - found.first_stage) < AGREE and abs(first.se()["z"] - found.first_se) < AGREE
    fit.IV_Diag()
    assert fit._eff_F == pytest.approx(found.effective_f, rel=1e-8)


def test_linearmodels_gives_the_same_estimate(world):
    iv = pytest.importorskip("linearmodels.iv")
    _, _, found, frame = world
    controls = pd.concat([frame[["share"]], pd.get_dummies(frame["section"], prefix="s", dtype=float)], axis=1)
    for place, code in enumerate(DESTINATIONS):
        fit = iv.IV2SLS(frame[code], controls, frame[["loss"]], frame[["z"]], weights=frame["w"]).fit()
        assert abs(fit.params["loss"] - found.delta[place]) < AGREE


def test_the_jackknife_is_what_leaving_out_a_section_gives(world):
    design, _, found, _ = world
    left = []
    for section in range(found.sections):
        part = design.only(design.cluster != section)
        weights = np.minimum(part.world, np.quantile(design.world, 0.95))
        left.append(instruments.estimate(instruments.cross_products(part, weights)).delta)
    spread = (found.sections - 1) / found.sections * ((np.array(left) - found.delta) ** 2).sum(axis=0)
    np.testing.assert_allclose(np.sqrt(spread), found.se, rtol=1e-9)


def test_cross_products_by_section_are_all_that_is_needed(world):
    design, products, found, _ = world
    order = np.random.default_rng(1).permutation(len(design.products))
    shuffled = Design(design.products[order], design.cluster[order], design.share[order], design.shock[order],
                      design.loss[order], design.change[order], design.destinations, design.world[order])  # fmt: skip
    again = instruments.headline(shuffled)[1]
    np.testing.assert_allclose(again.delta, found.delta, rtol=1e-10)
    np.testing.assert_allclose(again.se, found.se, rtol=1e-8)


# Inference beside the interval.


def test_the_anderson_rubin_set_holds_the_truth_and_rejects_what_is_far(world):
    _, products, found, _ = world
    p_values = instruments.anderson_rubin(products, np.array([0.15, 1.2, -1.0]), seed=3, draws=1_999)
    assert p_values[0, 0] > 0.05 and (p_values[1:, 0] < 0.01).all()
    sets = instruments.anderson_rubin_set(products, found, seed=3, draws=999)
    assert all(whole and low < delta < high for (low, high, whole), delta in zip(sets, found.delta, strict=True))


def test_the_wild_bootstrap_of_anderson_and_rubin_rejects_a_true_ratio_about_as_often_as_it_says():
    worlds = [instruments.headline(drawn(World(products=400), seed))[0] for seed in range(120)]
    p_values = [instruments.anderson_rubin(one, np.array([TRUTH[0]]), seed=9, draws=399)[0, 0] for one in worlds]
    assert 0.0 <= np.mean(np.array(p_values) < 0.05) <= 0.12


def test_duties_dealt_out_anew_say_nothing_where_nothing_is_and_something_where_much_is(world):
    design, _, _, _ = world
    strong = Design(design.products, design.cluster, design.share, design.shock, design.loss,
                    design.change + 0.8 * design.loss[:, None], DESTINATIONS, design.world)  # fmt: skip
    assert (instruments.randomised(strong, capped(design.world), seed=2, draws=199) < 0.02).all()
    nothing = [instruments.randomised(drawn(World(diverted=False), seed), np.ones(1_200), seed=2, draws=99)
               for seed in range(30)]  # fmt: skip
    assert np.mean(np.array(nothing) <= 0.05) <= 0.12


# The event study.


def test_the_event_study_is_pyfixests_on_a_balanced_panel():
    pf = pytest.importorskip("pyfixest")
    random = np.random.default_rng(2)
    months = [str(p) for p in pd.period_range("2022-11", "2025-10", freq="M")]
    base, n = ("2023-11", "2024-10"), 90
    exposure, section = random.gamma(2, 0.1, n), np.arange(n) % 9
    after = np.array([month >= "2025-04" for month in months])
    logs = random.normal(3, 1, (n, 1)) + random.normal(0, 0.2, (n, 36)) - exposure[:, None] * after * 1.5
    found = events.event_study(np.exp(logs), months, exposure, section, base=base)
    long = pd.DataFrame({"y": logs.ravel(), "p": np.repeat(np.arange(n), 36), "t": np.tile(np.arange(36), n)})
    long["pm"] = long["p"] * 100 + np.tile([int(month[5:]) for month in months], n)
    long["st"] = np.repeat(section, 36) * 100 + long["t"]
    names = np.array([events.quarter_of(month) for month in months])
    for place, quarter in enumerate(found.quarters):
        long[f"q{place}"] = np.repeat(exposure, 36) * np.tile(names == quarter, n)
    inside = np.array([base[0] <= month <= base[1] for month in months])
    partly = [name for name in dict.fromkeys(names[~inside]) if name not in found.quarters]
    kept = long[np.tile(inside | np.isin(names, found.quarters), n)]
    fit = pf.feols("y ~ " + " + ".join(f"q{place}" for place in range(len(found.quarters))) + " | pm + st", data=kept)
    assert not partly or len(kept) < len(long)
    np.testing.assert_allclose(fit.coef().to_numpy(), found.slope, atol=AGREE)
    assert list(found.leads) == [quarter < "2023 Q4" for quarter in found.quarters]


def test_leads_are_flat_where_nothing_happened_and_a_drift_is_seen_where_it_is_large():
    random = np.random.default_rng(4)
    months = [str(p) for p in pd.period_range("2021-11", "2025-12", freq="M")]
    exposure, section = random.gamma(2, 0.1, 600), np.arange(600) % 15
    noise = random.normal(3, 0.1, (600, len(months)))
    flat = events.pre_trend(events.event_study(np.exp(noise), months, exposure, section, base=estimates.BASE))
    drift = noise + exposure[:, None] * 0.05 * np.arange(len(months))
    bent = events.pre_trend(events.event_study(np.exp(drift), months, exposure, section, base=estimates.BASE))
    assert flat["p_value"] > 0.05 > bent["p_value"] and bent["drift"] > flat["detectable"] > 0


def test_the_poisson_twin_is_pyfixests():
    pf = pytest.importorskip("pyfixest")
    random = np.random.default_rng(6)
    n = 300
    exposure, section = random.gamma(2, 0.1, n), np.arange(n) % 10
    before = random.gamma(1, 50, n) * (random.random(n) > 0.1)
    after = before * np.exp(0.2 - 1.3 * exposure + random.normal(0, 0.3, n)) * (random.random(n) > 0.1)
    own = events.poisson_twin(before, after, exposure, section)
    long = pd.DataFrame({"y": np.concatenate([before, after]), "p": np.tile(np.arange(n), 2),
                         "e": np.concatenate([np.zeros(n), exposure]),
                         "s": np.concatenate([section, 100 + section])})  # fmt: skip
    fit = pf.fepois("y ~ e | p + s", data=long, iwls_tol=1e-12)
    assert fit.coef()["e"] == pytest.approx(own, abs=1e-6)


# From a panel to the design.


@pytest.fixture(scope="module")
def panel():
    exports, duty = monthly(products=800, seed=8)
    return Panel(exports, duty.assign(rate=duty["duty_mn"] / duty["imports_mn"]), ("invented",))


def test_a_month_panel_gives_its_true_cents_back(panel):
    table = estimates.product_estimates(panel, "2025-04", "2025-11").set_index("destination_code")
    for code, truth in zip(("EU", "ASEAN", "AU"), TRUTH, strict=False):
        assert abs(table.loc[code, "cents"] - 100 * truth) < 3.5 * table.loc[code, "se_cents"]
    assert table["cents"].drop("NON_US").sum() == pytest.approx(table.loc["NON_US", "cents"], abs=1e-9)
    assert table.loc["NON_US", "effective_f"] > 50 and table.loc["NON_US", "products"] == 800
    assert 0.6 * ELASTICITY < table.loc["NON_US", "first_stage"] < ELASTICITY
    assert set(table["kind_of_set"]) == {"interval"}


def test_the_share_of_2017_takes_the_place_of_the_base_years(panel):
    """The same shares give the same cents; half of the products give an estimate of their own; none give none."""
    base = panel.exports[panel.exports["period"].between(*estimates.BASE)]
    sums = base.pivot_table(index="product_code", columns="partner_code", values="value_mn", aggfunc="sum")
    share = sums["US"] / sums["WORLD"]
    shown = {}
    for name, held in (("same", share), ("half", share.iloc[::2]), ("none", share.iloc[:0])):
        table = estimates.product_estimates(replace(panel, early_shares=held), "2025-04", "2025-11")
        tables.check(table, "product_estimates")
        shown[name] = table.set_index("destination_code").loc["NON_US"]
    assert shown["same"]["early_share_cents"] == pytest.approx(shown["same"]["cents"], abs=1e-9)
    assert shown["half"]["early_share_products"] == 400
    assert abs(shown["half"]["early_share_cents"] - 100 * TRUTH.sum()) < 3.5 * shown["half"]["early_share_se_cents"]
    assert np.isnan(shown["none"]["early_share_cents"]) and shown["none"]["early_share_products"] == 0
    assert (shown["none"]["cents"] == shown["same"]["cents"]) and exposure_views.estimate_rows(table)["early_share"].eq(
        "–"
    ).all()


def test_the_event_study_of_a_panel_parts_with_the_tariffs(panel):
    table = estimates.product_events(panel, "2025-04", "2025-11")
    us = table[table["destination_code"] == "US"].set_index("quarter")
    assert us.loc["2025 Q3", "high"] < -0.8 and us["pre_p_value"].iloc[0] > 0.01
    assert us["poisson_slope"].iloc[0] == pytest.approx(us.loc["2025 Q3", "slope"], rel=0.25)
    eu = table[table["destination_code"] == "EU"].set_index("quarter")
    assert eu.loc["2025 Q3", "low"] > 0


def test_a_panel_that_lacks_months_or_adds_up_to_too_much_is_refused(panel):
    short = panel.exports[panel.exports["period"] != "2024-05"]
    with pytest.raises(Refusal, match="2024-05"):
        long_difference(short, panel.duty, base=estimates.BASE, post=("2025-04", "2025-11"), destinations=("EU",))
    double = panel.exports.assign(value_mn=panel.exports["value_mn"].where(panel.exports["partner_code"] != "EU",
                                                                          10 * panel.exports["value_mn"]))  # fmt: skip
    with pytest.raises(Refusal, match="add up to"):
        long_difference(double, panel.duty, base=estimates.BASE, post=("2025-04", "2025-11"), destinations=("EU",))
    few = panel.exports[panel.exports["product_code"].str.startswith("01")]
    with pytest.raises(Refusal, match="sections"):
        long_difference(few, panel.duty, base=estimates.BASE, post=("2025-04", "2025-11"), destinations=("EU",))


def test_sections_are_those_of_the_harmonized_system():
    assert [section_of(code) for code in ("010121", "150910", "720810", "854231", "880240", "970110")] == [
        1, 3, 15, 16, 17, 21
    ]  # fmt: skip


# T9: goods that only pass through.


def test_goods_that_only_pass_through_are_within_the_bound():
    random = np.random.default_rng(3)
    passed = random.gamma(1, 5, 200) * (random.random(200) > 0.5)
    first, second = passed + random.normal(0, 2, 200), passed + random.normal(0, 2, 200)
    assert rerouting.upper_bound(first, second) > 0.6 * passed.sum()
    assert rerouting.upper_bound(passed, passed) == pytest.approx(passed.sum())
    assert rerouting.upper_bound(np.array([5.0]), np.array([-2.0])) == 0.0


def test_the_coarser_the_goods_the_wider_the_bound():
    random = np.random.default_rng(4)
    first, second = random.normal(1, 5, 400), random.normal(1, 5, 400)
    fine = rerouting.upper_bound(first, second)
    coarse = rerouting.upper_bound(first.reshape(20, 20).clip(0).sum(1), second.reshape(20, 20).clip(0).sum(1))
    assert coarse > fine > 0


# The US side on the ledger.


def test_absorbing_effects_is_pyfixests():
    pf = pytest.importorskip("pyfixest")
    rows = elasticity.goods(product_groups.monthly())
    rows = rows[rows["period"].between("2024-01", "2025-11")]
    sets = [elasticity.numbers_of(rows, list(names)) for names in elasticity.EFFECTS[list(elasticity.EFFECTS)[1]]]
    left = elasticity.absorbed(rows[["imports_log", "duty_log"]].to_numpy(), sets)
    slope = (left[:, 0] @ left[:, 1]) / (left[:, 1] @ left[:, 1])
    frame = pd.DataFrame({"y": rows["imports_log"].to_numpy(), "x": rows["duty_log"].to_numpy(),
                          "a": sets[0], "b": sets[1], "c": sets[2], "g": rows["product_code"].to_numpy()})  # fmt: skip
    fit = pf.feols("y ~ x | a + b + c", data=frame, vcov={"CRV1": "g"}, fixef_tol=1e-10, fixef_rm="none")
    assert fit.coef()["x"] == pytest.approx(slope, abs=1e-7)


def test_the_duty_lowered_imports_and_the_years_before_were_flat():
    table = elasticity.elasticities(product_groups.monthly()).set_index(["window", "effects"])
    second = table.loc["second tariffs, 2023 to 2025"]
    assert (second["high"] < 0).all() and (second["elasticity"] > -4).all() and (second["p_value"] < 0.01).all()
    placebo = table.loc["placebo: 2017 on 2016, before the tariffs of 2018"].iloc[0]
    assert placebo["low"] < 0 < placebo["high"] and abs(placebo["elasticity"]) < 0.5 and placebo["groups"] == 29


def test_what_others_sold_more_and_china_less_adds_up_to_the_world():
    table = elasticity.replacement(product_groups.monthly(), ("2025-04", "2025-11"))
    for _, mine in table.groupby("scope"):
        change = mine.set_index("partner_code")["change_bn"]
        assert change.drop("WORLD").sum() == pytest.approx(change["WORLD"])


def test_a_country_passes_on_no_more_than_either_of_its_legs_rose():
    table = rerouting.by_country(ledger.cells(), ledger.quarters(), last="2026-05")
    assert set(table["partner_code"]) == set(rerouting.US_CONCEPTS)
    held = table[table["upper_usd_bn"].notna()]
    legs = held[["first_leg_usd_bn", "second_leg_usd_bn"]]
    assert len(held) >= 3 and (held["upper_usd_bn"] == legs.min(axis=1).clip(lower=0)).all()
    assert held["share_of_second_pct"].between(0, 100).all()
    assert (table.loc[table["upper_usd_bn"].isna(), "reason"] != "").all() and (held["reason"] == "").all()
