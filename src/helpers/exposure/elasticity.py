"""The US side by product group: what the measured duty did to imports from China, and who replaced China.

A rise of other suppliers is *supplier replacement*: it is about who sells to the United States, and says nothing of
where China's goods went instead.

Shapes: N rows of origin, product group and month; G product groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers import partners
from helpers.counterfactual import CONFIDENCE, POWER
from helpers.exposure.instruments import WEBB
from helpers.product_groups import NO_GOODS

# Effects that are taken out, by name: every set of columns is one set of effects.
EFFECTS = {
    "origin by group; month": (["partner_code", "product_code"], ["period"]),
    "origin by group; group by month; origin by month": (
        ["partner_code", "product_code"], ["product_code", "period"], ["partner_code", "period"],
    ),
}  # fmt: skip
WINDOWS = {
    "2016 to 2025": ("2016-01", "2025-11"), "first tariffs, 2017 to 2019": ("2017-01", "2019-12"),
    "second tariffs, 2023 to 2025": ("2023-01", "2025-11"),
}  # fmt: skip
BEFORE_ANY = ("2016", "2017")
LATER_DUTY = (("2017-01", "2017-12"), ("2019-09", "2019-12"))
DRAWS, TOLERANCE, PASSES = 4_999, 1e-10, 500


@dataclass(frozen=True)
class Slope:
    """One coefficient with its error clustered by product group and the p-value of the wild cluster bootstrap."""

    value: float
    se: float
    low: float
    high: float
    p_value: float
    mde80: float
    rows: int
    groups: int


def goods(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of goods with imports above zero and ``duty_log``, ln(1 + duty over imports); no World."""
    rows = groups[
        ~groups["product_code"].isin(NO_GOODS) & (groups["imports_usd"] > 0)
        & (groups["partner_code"] != partners.WORLD)
    ]  # fmt: skip
    return rows.assign(
        imports_log=np.log(rows["imports_usd"]), duty_log=np.log1p(rows["duty_usd"] / rows["imports_usd"])
    )


def absorbed(columns: np.ndarray, effects: list[np.ndarray]) -> np.ndarray:
    """Take sets of effects out of columns, by turns until nothing moves.

    Parameters
    ----------
    columns
        Shape (N, K).
    effects
        Numbers of the effect of each row, one array for each set.
    """
    left = columns - columns.mean(axis=0)
    counts = [np.bincount(effect).astype(float)[:, None] for effect in effects]
    for _ in range(PASSES):
        moved = 0.0
        for effect, count in zip(effects, counts, strict=True):
            sums = np.stack([np.bincount(effect, column, len(count)) for column in left.T], axis=1)
            means = sums / np.maximum(count, 1)
            left = left - means[effect]
            moved = max(moved, float(np.abs(means).max()))
        if moved < TOLERANCE or len(effects) == 1:
            break
    return left


def numbers_of(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Return the number of each row's effect."""
    return rows.groupby(names, sort=False).ngroup().to_numpy()


def elasticity(groups: pd.DataFrame, window: tuple[str, str], effects: str, *, seed: int = 20251209) -> Slope:
    """Regress the log of imports on the log of one plus the duty.

    Parameters
    ----------
    groups
        From :func:`helpers.product_groups.monthly`.
    window
        First and last month.
    effects
        A key of :data:`EFFECTS`.

    Returns
    -------
    Slope
        In percent of imports per percent of price with duty; negative when a duty lowers imports.
    """
    rows = goods(groups)
    rows = rows[rows["period"].between(*window)]
    sets = [numbers_of(rows, list(names)) for names in EFFECTS[effects]]
    left = absorbed(rows[["imports_log", "duty_log"]].to_numpy(), sets)
    cluster = numbers_of(rows, ["product_code"])
    size = 1 + sum(len(np.unique(one)) for one, names in zip(sets, EFFECTS[effects], strict=True)
                                   if "product_code" not in names)  # fmt: skip
    return clustered(left[:, 0], left[:, 1], cluster, parameters=size, seed=seed)


def clustered(outcome: np.ndarray, regressor: np.ndarray, cluster: np.ndarray, *, parameters: int, seed: int) -> Slope:
    """Regress one residual on another with errors clustered, and a wild cluster bootstrap of its t (Webb weights).

    Parameters
    ----------
    parameters
        Effects that are not nested in the clusters, and the slope: for the small-sample factor.
    """
    count = int(cluster.max()) + 1
    own = np.bincount(cluster, regressor**2, count)
    cross = np.bincount(cluster, regressor * outcome, count)
    slope = cross.sum() / own.sum()
    rows = len(outcome)
    small = count / (count - 1) * (rows - 1) / (rows - parameters)
    error = float(np.sqrt(small * ((cross - slope * own) ** 2).sum()) / own.sum())
    flips = WEBB[np.random.default_rng(seed).integers(0, 6, (DRAWS, count))]
    drawn = flips * cross
    chance = drawn.sum(axis=1) / own.sum()
    spread = np.sqrt(small * ((drawn - chance[:, None] * own) ** 2).sum(axis=1)) / own.sum()
    p_value = float((np.abs(chance / spread) >= abs(slope / error)).mean())
    wide, power = (stats.t.ppf(q, count - 1) for q in ((1 + CONFIDENCE) / 2, POWER))
    return Slope(float(slope), error, slope - wide * error, slope + wide * error, p_value, (wide + power) * error, rows,
                 count)  # fmt: skip


def elasticities(groups: pd.DataFrame) -> pd.DataFrame:
    """Estimate every window with every set of effects, and the placebo before the tariffs of 2018.

    Returns
    -------
    pandas.DataFrame
        Table ``duty_elasticities``.
    """
    found = [
        (name, effects, elasticity(groups, window, effects)) for name, window in WINDOWS.items() for effects in EFFECTS
    ]
    found.append(("placebo: 2017 on 2016, before the tariffs of 2018", "one a group", placebo(groups)))
    return pd.DataFrame(
        [
            {"window": name, "effects": effects, "elasticity": one.value, "se": one.se, "low": one.low,
             "high": one.high, "p_value": one.p_value, "mde80": one.mde80, "rows": one.rows, "groups": one.groups}
            for name, effects, one in found
        ]
    )  # fmt: skip


def later_duty(groups: pd.DataFrame) -> pd.Series:
    """Return how much the duty on China rose by group from 2017 to the end of 2019, as ln(1 + duty)."""
    china = groups[(groups["partner_code"] == "CN") & ~groups["product_code"].isin(NO_GOODS)]
    rates = []
    for first, last in LATER_DUTY:
        sums = china[china["period"].between(first, last)].groupby("product_code")[["imports_usd", "duty_usd"]].sum()
        rates.append(np.log1p(sums["duty_usd"] / sums["imports_usd"]))
    return (rates[1] - rates[0]).dropna()


def placebo(groups: pd.DataFrame, *, seed: int = 20251209) -> Slope:
    """Regress the growth of imports from China in 2017, less that from others, on the duty that came later.

    Nobody had raised a tariff yet: a slope other than zero would say that the groups hit later were on other paths.
    """
    rows = groups[~groups["product_code"].isin(NO_GOODS)]
    years = rows.assign(year=rows["period"].str[:4], china=rows["partner_code"] == "CN")
    years = years[years["year"].isin(BEFORE_ANY) & (years["partner_code"] != partners.WORLD)]
    logs = np.log(years.groupby(["product_code", "china", "year"])["imports_usd"].sum().unstack("year"))
    growth = (logs[BEFORE_ANY[1]] - logs[BEFORE_ANY[0]]).unstack("china")
    both = pd.DataFrame({"growth": growth[True] - growth[False], "later": later_duty(groups)}).dropna()
    outcome, regressor = (both[name] - both[name].mean() for name in ("growth", "later"))
    return clustered(outcome.to_numpy(), regressor.to_numpy(), np.arange(len(both)), parameters=2, seed=seed)


def replacement(groups: pd.DataFrame, window: tuple[str, str], *, losers: int = 10) -> pd.DataFrame:
    """Set China's loss in the US against what other suppliers sold more, in all goods and where China lost most.

    Parameters
    ----------
    window
        First and last month; compared with the same months a year before.
    losers
        Product groups in which China lost most, in dollars.

    Returns
    -------
    pandas.DataFrame
        Table ``replacing_suppliers``: ``scope`` (all goods, China's ten largest losses), ``partner_code`` (named
        origins, ``OTHERS``, ``WORLD``), ``before_bn``, ``value_bn``, ``change_bn``.
    """
    rows = groups[~groups["product_code"].isin(NO_GOODS)]
    now = rows[rows["period"].between(*window)]
    earlier = rows[rows["period"].between(*(f"{int(month[:4]) - 1}{month[4:]}" for month in window))]
    names = {"index": "product_code", "columns": "partner_code", "values": "imports_usd", "aggfunc": "sum"}
    sums = [part.pivot_table(**names).fillna(0.0) / 1e9 for part in (earlier, now)]
    worst = (sums[1]["CN"] - sums[0]["CN"]).sort_values().index[:losers]
    out = []
    for scope, codes in (("all goods", sums[0].index), (f"China's {losers} largest losses", worst)):
        before, value = (one.reindex(codes).sum() for one in sums)
        for one in (before, value):
            one["OTHERS"] = one[partners.WORLD] - one.drop([partners.WORLD]).sum()
        out += [
            {"scope": scope, "partner_code": code, "before_bn": before[code], "value_bn": value[code],
             "change_bn": value[code] - before[code],
             "first_month": window[0], "last_month": window[1]}
            for code in before.index
        ]  # fmt: skip
    return pd.DataFrame(out)
