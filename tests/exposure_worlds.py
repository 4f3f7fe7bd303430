"""Products with a known truth. EVERY FIGURE IN HERE IS INVENTED.

A product sells ``share`` of its exports in the US and the rest elsewhere. The duty cuts the US sales; of each dollar
that it cuts, ``TRUTH`` cents turn up at each destination. Beside that everything moves: demand in the US by product,
supply push that is larger where the US share is larger, sections with their own luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.exposure.design import Design

DESTINATIONS = ("EU", "ASEAN", "AU", "ROW")
TRUTH = np.array([0.15, 0.20, 0.02, 0.10])
SIZES = np.array([0.30, 0.30, 0.05, 0.35])  # of what is not sold in the US
ELASTICITY = 1.1


@dataclass(frozen=True)
class World:
    """What may differ: products, noise, push and its tie to the US share, whether duties move, whether anything is
    diverted, whether ratios differ between products."""

    products: int = 1_200
    noise: float = 0.20
    push: float = 0.10
    tie: float = 0.5
    tariffs: bool = True
    diverted: bool = True
    mixed: float = 0.0
    sections: int = 21
    section_noise: float = 0.04


def drawn(world: World, seed: int) -> Design:
    """Draw the long difference of a world."""
    random = np.random.default_rng([seed, world.products])
    n = world.products
    cluster = np.sort(random.integers(0, world.sections, n))
    cluster = np.unique(cluster, return_inverse=True)[1]
    size = np.exp(random.normal(0, 1.6, n)) * 50
    share = np.clip(random.beta(1.4, 6.0, n), 0.0, 0.9)
    of_section = random.normal(0, 0.06, cluster.max() + 1)[cluster]
    shock = np.clip(0.22 + of_section + random.normal(0, 0.12, n), 0.0, 0.8) if world.tariffs else (
        np.clip(random.normal(0, 0.12, n), -0.3, 0.3)
    )  # fmt: skip
    true_shock = shock if world.tariffs else np.zeros(n)
    luck = random.normal(0, world.section_noise, cluster.max() + 1)[cluster]
    # Noise that is one on average: otherwise the observed loss would be larger than what the duty cut.
    demand = np.exp(random.normal(0, world.noise, n) + luck - (world.noise**2 + world.section_noise**2) / 2)
    after = share * np.exp(-ELASTICITY * true_shock) * demand
    cut = share * (1 - np.exp(-ELASTICITY * true_shock))
    push = world.push * (1 + world.tie * (share - share.mean()) / share.std())
    others = SIZES * (1 - share)[:, None]
    truth = TRUTH * world.diverted * (1 + world.mixed * random.normal(0, 1, (n, 1)))
    grown = np.exp(push[:, None] + luck[:, None] + random.normal(0, world.noise, (n, 4))) - 1
    change = truth * cut[:, None] + others * grown
    codes = np.array([f"{chapter:02d}{number:04d}" for number, chapter in enumerate(1 + cluster * 4 % 97)])
    return Design(codes, cluster, share, shock, share - after, change, DESTINATIONS, size)


def monthly(products: int = 5_000, seed: int = 3, first: str = "2021-06", last: str = "2026-05",
            truth: np.ndarray = TRUTH[:3]) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Draw a month panel: exports by product and destination, and the duty on imports from China.

    Returns
    -------
    tuple
        ``period``, ``partner_code``, ``product_code``, ``value_mn`` with US, EU, ASEAN, AU and WORLD; and ``period``,
        ``product_code``, ``imports_mn``, ``duty_mn``.
    """
    random = np.random.default_rng(seed)
    months = pd.period_range(first, last, freq="M").astype(str).to_numpy()
    shut = (months >= "2025-04").astype(float)
    chapters = np.array([c for c in range(1, 98) if c != 77])
    chapter = np.sort(random.choice(chapters, products))
    codes = np.array([f"{c:02d}{n % 10_000:04d}" for n, c in enumerate(chapter)])
    section = np.searchsorted(
        (5, 14, 15, 24, 27, 38, 40, 43, 46, 49, 63, 67, 70, 71, 83, 85, 89, 92, 93, 96, 97), chapter
    )
    size = np.exp(random.normal(0, 1.4, products)) * 4
    share = np.clip(random.beta(1.4, 6.0, products), 0.002, 0.9)
    shock = np.clip(0.25 + random.normal(0, 0.05, 21)[section] + random.normal(0, 0.12, products), 0.0, 0.8)
    season = 1 + 0.1 * np.sin(2 * np.pi * (np.arange(len(months)) % 12) / 12)
    trend = np.exp(0.003 * np.arange(len(months)))
    base = size[:, None] * season * trend
    noisy = lambda sd: np.exp(random.normal(0, sd, (products, len(months))))  # noqa: E731
    us = base * share[:, None] * np.exp(-ELASTICITY * shock[:, None] * shut) * noisy(0.10)
    cut = base * share[:, None] * (1 - np.exp(-ELASTICITY * shock[:, None] * shut))
    out = {"US": us}
    push = 1 + 0.08 * shut
    for place, code in enumerate(("EU", "ASEAN", "AU")):
        out[code] = base * SIZES[place] * (1 - share)[:, None] * push * noisy(0.10) + truth[place] * cut
    rest = base * SIZES[3] * (1 - share)[:, None] * push * noisy(0.10) + TRUTH[3] * cut
    out["WORLD"] = us + sum(out[code] for code in ("EU", "ASEAN", "AU")) + rest
    grid = pd.MultiIndex.from_product([codes, months], names=["product_code", "period"])
    exports = pd.concat(
        [pd.DataFrame({"value_mn": values.ravel(), "partner_code": code}, index=grid) for code, values in out.items()]
    ).reset_index()
    rate = np.expm1(np.log1p(0.12) + shock[:, None] * shut)
    duty = pd.DataFrame({"imports_mn": us.ravel(), "duty_mn": (us * rate).ravel()}, index=grid).reset_index()
    return exports, duty
