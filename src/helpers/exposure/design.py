"""The long difference by product: what a regression needs, from a table of product figures.

Shapes: n products, D destinations, G sections of the Harmonized System.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.refusals import Refusal

CAP = 0.95  # weights are capped at this quantile: raw, one product would decide
MACHINES = ("84", "85")
# Last chapter of each of the 21 sections of the Harmonized System.
SECTION_ENDS = (5, 14, 15, 24, 27, 38, 40, 43, 46, 49, 63, 67, 70, 71, 83, 85, 89, 92, 93, 96, 97)
LEAST_PRODUCTS, LEAST_SECTIONS = 60, 8


@dataclass(frozen=True)
class Design:
    """The variables of the long difference, one row a product.

    Parameters
    ----------
    products
        Codes, shape (n,).
    cluster
        Section of each product, 0 to G - 1, shape (n,).
    share
        Share of the US in China's exports of the product in the base period, 0 to 1, shape (n,).
    shock
        Change of ln(1 + duty), shape (n,).
    loss
        Fall of exports to the US over the product's exports to the world in the base period, shape (n,).
    change
        Rise of exports to each destination over the same, shape (n, D).
    destinations
        Codes of the columns of ``change``; a full partition of the world without the US.
    world
        Exports to the world in the base period, USD million, shape (n,).
    """

    products: np.ndarray
    cluster: np.ndarray
    share: np.ndarray
    shock: np.ndarray
    loss: np.ndarray
    change: np.ndarray
    destinations: tuple[str, ...]
    world: np.ndarray

    @property
    def instrument(self) -> np.ndarray:
        """Exposure: the US share times the change of the duty."""
        return self.share * self.shock

    def only(self, kept: np.ndarray) -> Design:
        """Return the design of some products."""
        _, cluster = np.unique(self.cluster[kept], return_inverse=True)
        return Design(
            self.products[kept], cluster, self.share[kept], self.shock[kept], self.loss[kept], self.change[kept],
            self.destinations, self.world[kept],
        )  # fmt: skip

    def with_share(self, share: pd.Series) -> Design:
        """Return the design with another US share (index: product, 0 to 1), of the products that have one."""
        known = share.reindex(self.products)
        kept = known.notna().to_numpy()
        return replace(self.only(kept), share=known.to_numpy(dtype=float)[kept])

    def without_machines(self) -> Design:
        """Return the design without chapters 84 and 85: exempted electronics in a boom must not decide alone."""
        return self.only(~np.isin([code[:2] for code in self.products.tolist()], MACHINES))


def section_of(code: str) -> int:
    """Return the section of an HS code, 1 to 21."""
    return int(np.searchsorted(SECTION_ENDS, int(code[:2]))) + 1


def capped(weights: np.ndarray, quantile: float = CAP) -> np.ndarray:
    """Cap weights at a quantile."""
    return np.minimum(weights, np.quantile(weights, quantile))


def long_difference(exports: pd.DataFrame, duty: pd.DataFrame, *, base: tuple[str, str], post: tuple[str, str],
                    destinations: tuple[str, ...]) -> Design:  # fmt: skip
    """Make the design from exports and duties by product and month.

    Parameters
    ----------
    exports
        ``period``, ``partner_code`` (destinations, ``US``, ``WORLD``), ``product_code`` (HS6), ``value_mn`` in US
        dollars. A product and partner without a row in a month sold nothing.
    duty
        ``period``, ``product_code``, ``rate`` (duty over imports from China, a share).
    base, post
        First and last month of each period: the base is twelve months; it is compared in the calendar months of
        ``post`` only, scaled to the same number of months.
    destinations
        Codes, without the US. What they leave of the world becomes ``ROW``.

    Returns
    -------
    Design
        Products with exports to the world in the base period and a duty known in both periods.

    Raises
    ------
    Refusal
        If a month is missing, fewer than sixty products or eight sections are left, or the parts exceed the world.
    """
    months = {
        name: [str(p) for p in pd.period_range(*span, freq="M")] for name, span in (("base", base), ("post", post))
    }
    held = set(exports["period"].unique())
    missing = [month for span in months.values() for month in span if month not in held]
    if missing:
        raise Refusal(
            f"exports by product lack {missing[0]}", expected=f"{base[0]} to {base[1]} and {post[0]} to {post[1]}",
            remedy="run `.venv/bin/diversion fetch --products --yes` again", file="data/products",
        )  # fmt: skip
    same = [month for month in months["base"] if month[5:] in {other[5:] for other in months["post"]}]
    scale = {"year": 1.0, "before": len(months["post"]) / len(same), "after": 1.0}
    spans = {"year": months["base"], "before": same, "after": months["post"]}
    totals = {
        name: exports[exports["period"].isin(span)].pivot_table(
            index="product_code", columns="partner_code", values="value_mn", aggfunc="sum", fill_value=0.0
        )
        * scale[name]
        for name, span in spans.items()
    }
    rates = pd.DataFrame({name: duty[duty["period"].isin(spans[name])].groupby("product_code")["rate"].mean()
                          for name in ("year", "after")})  # fmt: skip
    world = totals["year"]["WORLD"] * len(months["post"]) / len(months["base"])
    kept = world[world > 0].index.intersection(rates.dropna().index).sort_values()
    before, after = (totals[name].reindex(index=kept, fill_value=0.0) for name in ("before", "after"))
    names = [*destinations, "US", "WORLD"]
    change = (after.reindex(columns=names, fill_value=0.0) - before.reindex(columns=names, fill_value=0.0)).divide(
        world[kept], axis=0
    )
    change["ROW"] = change["WORLD"] - change["US"] - change[list(destinations)].sum(axis=1)
    _check_partition(totals["year"].reindex(index=kept, fill_value=0.0), destinations)
    sections, cluster = np.unique([section_of(code) for code in kept], return_inverse=True)
    if len(kept) < LEAST_PRODUCTS or len(sections) < LEAST_SECTIONS:
        raise Refusal(
            f"{len(kept)} products in {len(sections)} sections", file="data/products",
            expected=f"{LEAST_PRODUCTS} products in {LEAST_SECTIONS} sections", remedy="fetch more products",
        )  # fmt: skip
    share = (totals["year"].get("US", 0.0) / totals["year"]["WORLD"]).reindex(kept).fillna(0.0)
    columns = (*destinations, "ROW")
    return Design(
        kept.to_numpy(dtype=str), cluster, share.to_numpy(dtype=float),
        np.log1p(rates.loc[kept, "after"].to_numpy()) - np.log1p(rates.loc[kept, "year"].to_numpy()),
        -change["US"].to_numpy(dtype=float), change[list(columns)].to_numpy(dtype=float), columns,
        world[kept].to_numpy(dtype=float),
    )  # fmt: skip


def _check_partition(totals: pd.DataFrame, destinations: tuple[str, ...]) -> None:
    parts = totals.reindex(columns=[*destinations, "US"], fill_value=0.0).sum(axis=1)
    over = parts > totals["WORLD"] * 1.001 + 1e-6
    if over.any():
        code = over[over].index[0]
        raise Refusal(
            f"product {code}: its destinations add up to {parts[code]:,.1f} million",
            expected=f"at most the world's {totals.loc[code, 'WORLD']:,.1f}", file="data/products",
            remedy="see where the two were read",
        )  # fmt: skip
