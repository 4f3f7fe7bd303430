"""The estimates by product as tables: cents of diversion per dollar lost, and the event study behind them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.exposure import events, instruments
from helpers.exposure.design import Design, long_difference, section_of
from helpers.exposure.instruments import WEAK_F, Estimate
from helpers.product_panel import DESTINATIONS, Panel
from helpers.refusals import Refusal

BASE = ("2023-11", "2024-10")  # the year before the election; its US share is the exposure
TOTAL, REST = "NON_US", "ROW"
SEED = 20251209


def window_of(panel: Panel, first: str, last: str) -> tuple[str, str]:
    """Return the months of a window that the panel holds.

    Raises
    ------
    Refusal
        If it holds none.
    """
    held = [month for month in panel.months if first <= month <= last]
    if not held:
        raise Refusal(
            f"the panel ends in {panel.months[-1]}", expected=f"months from {first} on", file="data/products",
            remedy="fetch the later months with `.venv/bin/diversion fetch --products --yes`",
        )  # fmt: skip
    return held[0], held[-1]


def with_total(design: Design) -> Design:
    """Add the sum over all destinations: the estimate of a sum is the sum of the estimates, its error is its own."""
    change = np.column_stack([design.change, design.change.sum(axis=1)])
    return replace(design, change=change, destinations=(*design.destinations, TOTAL))


def product_estimates(panel: Panel, first: str, last: str, *, seed: int = SEED) -> pd.DataFrame:
    """Estimate tariff-caused diversion by destination.

    Parameters
    ----------
    panel
        From :func:`helpers.product_panel.load`.
    first, last
        The window after the tariffs; what the panel holds of it is used.

    Returns
    -------
    pandas.DataFrame
        Table ``product_estimates``: ``NON_US`` is all destinations together. Where the instrument is weak (effective F
        below ten) the ends are those of the Anderson-Rubin set, or missing when it has none.
    """
    begin, end = window_of(panel, first, last)
    design = with_total(
        long_difference(panel.exports, panel.duty, base=BASE, post=(begin, end), destinations=DESTINATIONS)
    )
    products, found = instruments.headline(design)
    free = instruments.headline(design, with_share=False)[1]
    flat = instruments.estimate(instruments.cross_products(design, np.ones(len(design.world))))
    machines, early = _or_none(design.without_machines()), _or_none(design.with_share(panel.early_shares))
    p_values = instruments.randomised(design, instruments.capped(design.world), seed=seed)
    low, high, kind = _ends(products, found, seed)
    loss = instruments.induced_loss(design, found)
    return pd.DataFrame(
        {
            "destination_code": design.destinations, "first_month": begin, "last_month": end,
            "cents": 100 * found.delta, "se_cents": 100 * found.se, "low_cents": 100 * low, "high_cents": 100 * high,
            "kind_of_set": kind,
            "mde80_cents": 100 * found.mde80, "p_randomised": p_values,
            "unweighted_cents": 100 * flat.delta,
            "without_machines_cents": np.nan if machines is None else 100 * machines.delta,
            "without_machines_se_cents": np.nan if machines is None else 100 * machines.se,
            "early_share_cents": np.nan if early is None else 100 * early.delta,
            "early_share_se_cents": np.nan if early is None else 100 * early.se,
            "early_share_products": 0 if early is None else early.rows,
            "without_share_cents": 100 * free.delta, "effective_f": found.effective_f, "first_stage": found.first_stage,
            "induced_loss_usd_bn": loss / 1e3, "diverted_usd_bn": found.delta * loss / 1e3,
            "low_usd_bn": low * loss / 1e3, "high_usd_bn": high * loss / 1e3,
            "products": found.rows, "sections": found.sections,
            "inputs": "data/products: " + "; ".join(panel.producers),
        }
    )  # fmt: skip


def _or_none(design: Design) -> Estimate | None:
    """Estimate a part of the design, where enough of it is left."""
    if len(design.products) < 40 or design.cluster.max() < 5:
        return None
    return instruments.headline(design)[1]


def _ends(products: instruments.Products, found: Estimate, seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    if found.effective_f >= WEAK_F:
        return found.low, found.high, ["interval"] * len(found.delta)
    sets = instruments.anderson_rubin_set(products, found, seed=seed)
    ends = [(low, high) if whole else (np.nan, np.nan) for low, high, whole in sets]
    kinds = ["Anderson-Rubin set" if whole else "no bounded set" for *_, whole in sets]
    low, high = (np.array(side) for side in zip(*ends, strict=True))
    return low, high, kinds


def product_events(panel: Panel, first: str, last: str) -> pd.DataFrame:
    """Estimate the event study of every destination, and its Poisson twin over a window.

    Parameters
    ----------
    first, last
        The window of the twin, which keeps products with zeros; its base are the same months of the base year.

    Returns
    -------
    pandas.DataFrame
        Table ``product_events``: slope of log exports on exposure by quarter, against the base year; per destination
        the joint test of the leads and the drift that it could see.
    """
    months = panel.months
    rates = panel.duty.assign(after=panel.duty["period"] > BASE[1], base=panel.duty["period"].between(*BASE))
    shut = rates[rates["period"] >= "2025-04"].groupby("product_code")["rate"].mean()
    year = rates[rates["base"]].groupby("product_code")["rate"].mean()
    both = panel.exports[panel.exports["period"].between(*BASE)].pivot_table(
        index="product_code", columns="partner_code", values="value_mn", aggfunc="sum", fill_value=0.0
    )
    exposure = (both["US"] / both["WORLD"] * (np.log1p(shut) - np.log1p(year))).dropna()
    exposure = exposure[np.isfinite(exposure)]
    cluster = np.unique([section_of(code) for code in exposure.index], return_inverse=True)[1]
    out = []
    for code in ("US", *DESTINATIONS):
        mine = panel.exports[panel.exports["partner_code"] == code]
        values = mine.pivot_table(index="product_code", columns="period", values="value_mn", aggfunc="sum")
        values = values.reindex(index=exposure.index, columns=months).to_numpy()
        found = events.event_study(values, months, exposure.to_numpy(), cluster, base=BASE)
        table = found.table.assign(destination_code=code, products=found.products,
                                   balanced_share_pct=100 * found.balanced_share)  # fmt: skip
        for name, value in events.pre_trend(found).items():
            table[f"pre_{name}"] = value
        table["poisson_slope"] = _twin(values, months, window_of(panel, first, last), exposure.to_numpy(), cluster)
        out.append(table)
    return pd.concat(out, ignore_index=True)


def _twin(values: np.ndarray, months: list[str], window: tuple[str, str], exposure: np.ndarray, cluster: np.ndarray
          ) -> float:  # fmt: skip
    """Return the Poisson slope of a window against the same months of the base year."""
    sold = np.nan_to_num(values)
    after = np.array([window[0] <= month <= window[1] for month in months])
    wanted = {month[5:] for month, inside in zip(months, after, strict=True) if inside}
    before = np.array([BASE[0] <= month <= BASE[1] and month[5:] in wanted for month in months])
    return events.poisson_twin(sold[:, before].sum(axis=1), sold[:, after].sum(axis=1), exposure, cluster)
