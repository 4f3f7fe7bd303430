"""Published figures against other cells of the ledger: replicated, consistent, differs, or quoted and not replicated.

A figure is never compared with itself: each target is computed from cells that do not hold the published number.
Replicated is said only across producers; an office's figure that its own other cells give is consistent, no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import customs
from helpers.accounting import printed_growth
from helpers.periods import month_range


@dataclass(frozen=True)
class Target:
    """One published figure: where it stands in ``published_estimates`` and how the ledger gives it again."""

    name: str
    study: str
    quantity: str
    period: str
    destination: str
    tolerance: float
    unit: str
    scale: float
    compute: Callable[[Cells], float]
    inputs: str


@dataclass
class Cells:
    """The tables a target is computed from."""

    cells: pd.DataFrame
    growth: pd.DataFrame
    balance: pd.DataFrame
    measured: pd.DataFrame

    def months(self, reporter: str, partner: str, first: str, last: str, **choice: str) -> float:
        """Sum of months in billions of the series' currency."""
        held = customs.series(self.cells, reporter, partner, **choice)
        return float(held.reindex(pd.period_range(first, last, freq="M")).sum(skipna=False)) / 1e3

    def printed(self, partner: str, period: str, vintage: str, flow: str = "exports") -> float:
        """China's monthly level of one vintage in USD billion."""
        found = self.cells[
            (self.cells["reporter_code"] == "CN") & (self.cells["partner_code"] == partner)
            & (self.cells["period"] == period) & (self.cells["period_kind"] == "month")
            & (self.cells["flow"] == flow) & (self.cells["vintage"] == vintage) & (self.cells["currency"] == "USD")
        ]  # fmt: skip
        return float(found["value_mn"].iloc[0]) / 1e3 if len(found) else np.nan

    def cumulative(self, partner: str, period: str, currency: str) -> float:
        """China's printed January-to-month exports in billions."""
        return self.months("CN", partner, period, period, kind="ytd", currency=currency)

    def surplus(self, period: str, vintage: str, column: str) -> float:
        """A balance of one vintage in USD billion, the first place that holds it."""
        found = self.balance[(self.balance["period"] == period) & (self.balance["vintage"] == vintage)][column].dropna()
        return float(found.iloc[0]) if len(found) else np.nan

    def mean_rate(self, partner: str, first: str, last: str) -> float:
        """Mean of the printed monthly rates, percent."""
        rates = [printed_growth(self.growth, partner, month, "month") for month in month_range(first, last)]
        return float(np.mean([rate["yoy_pct"] if rate else np.nan for rate in rates]))


def _growth(now: float, before: float) -> float:
    return 100 * (now / before - 1)


REPLICATED, CONSISTENT, DIFFERS = "replicated", "consistent", "differs"
# Producer of the cells by the first part of their names.
PRODUCERS = {"CN": "GACC", "surplus_monthly": "GACC", "US": "US Census Bureau", "census_duties_on_china":
             "US Census Bureau"}  # fmt: skip
_PRESS = "GACC (reported by Reuters/others)"
_US = dict(concept="imports_general")

TARGETS: tuple[Target, ...] = (
    Target("World exports, November 2025, growth", _PRESS, "exports yoy, USD", "2025-11", "World", 0.05, "%", 1,
           lambda c: _growth(c.printed("WORLD", "2025-11", "first_print"), c.printed("WORLD", "2024-11", "revised")),
           "CN/WORLD/exports/month/2025-11;CN/WORLD/exports/month/2024-11"),
    Target("World exports, November 2025, level", _PRESS, "exports level", "2025-11", "World", 0.5, "USD bn", 1,
           lambda c: c.printed("WORLD", "2025-11", "interim"), "CN/WORLD/exports/month/2025-11"),
    Target("Exports to the US, November 2025, growth", _PRESS, "exports yoy, USD", "2025-11", "US", 0.3, "%", 1,
           lambda c: _growth(c.months("CN", "US", "2025-11", "2025-11"), c.months("CN", "US", "2024-11", "2024-11")),
           "CN/US/exports/month/2025-11;CN/US/exports/month/2024-11"),
    Target("Exports to the US, November 2025, level", _PRESS, "exports level", "2025-11", "US", 0.05, "USD bn", 1,
           lambda c: c.printed("US", "2025-11", "interim"), "CN/US/exports/month/2025-11"),
    Target("Exports to the US, November 2024, level", _PRESS, "exports level", "2024-11", "US", 0.05, "USD bn", 1,
           lambda c: c.printed("US", "2024-11", "interim"), "CN/US/exports/month/2024-11"),
    Target("Exports to the EU, November 2025, growth", _PRESS, "exports yoy, USD", "2025-11", "EU27", 0.25, "%", 1,
           lambda c: _growth(c.months("CN", "EU", "2025-11", "2025-11"), c.months("CN", "EU", "2024-11", "2024-11")),
           "CN/EU/exports/month/2025-11;CN/EU/exports/month/2024-11"),
    Target("Exports to ASEAN, November 2025, growth", _PRESS, "exports yoy, USD", "2025-11", "ASEAN", 0.25, "%", 1,
           lambda c: _growth(c.months("CN", "ASEAN", "2025-11", "2025-11"),
                             c.months("CN", "ASEAN", "2024-11", "2024-11")),
           "CN/ASEAN/exports/month/2025-11;CN/ASEAN/exports/month/2024-11"),
    Target("Surplus, November 2025", _PRESS, "trade surplus", "2025-11", "World", 0.2, "USD bn", 1,
           lambda c: c.surplus("2025-11", "interim", "surplus_usd_bn"), "surplus_monthly/2025-11"),
    Target("Surplus, October 2025", _PRESS, "trade surplus", "2025-10", "World", 0.2, "USD bn", 1,
           lambda c: c.surplus("2025-10", "interim", "surplus_usd_bn"), "surplus_monthly/2025-10"),
    Target("Surplus, January to November 2025", _PRESS, "trade surplus cumulative", "2025-01..11", "World", 5,
           "USD bn", 1000, lambda c: c.surplus("2025-11", "interim", "ytd_usd_bn"), "surplus_monthly/2025-11"),
    Target("Surplus, 2025", _PRESS, "trade surplus", "2025", "World", 5, "USD bn", 1000,
           lambda c: c.surplus("2025-12", "interim", "ytd_usd_bn"), "surplus_monthly/2025-12"),
    Target("World exports, 2025, growth", _PRESS, "exports yoy, USD", "2025", "World", 0.1, "%", 1,
           lambda c: _growth(c.months("CN", "WORLD", "2025-01", "2025-12"),
                             c.months("CN", "WORLD", "2024-01", "2024-12")),
           "CN/WORLD/exports/month/2025-01..2025-12;CN/WORLD/exports/month/2024-01..2024-12"),
    Target("Exports to the US, 2025, growth", _PRESS, "exports yoy, USD", "2025", "US", 0.5, "%", 1,
           lambda c: _growth(c.months("CN", "US", "2025-01", "2025-12"), c.months("CN", "US", "2024-01", "2024-12")),
           "CN/US/exports/month/2025-01..2025-12;CN/US/exports/month/2024-01..2024-12"),
    Target("Exports to the US, 2025, level", _PRESS, "exports level", "2025", "US", 1, "USD bn", 1,
           lambda c: c.months("CN", "US", "2025-01", "2025-12"), "CN/US/exports/month/2025-01..2025-12"),
    Target("Exports to the US, 2025, change", "ECB Bulletin 1/2026 (Le Roux & Spital)", "exports change",
           "2025 vs 2024", "US", 1, "USD bn", 1,
           lambda c: c.months("CN", "US", "2025-01", "2025-12") - c.months("CN", "US", "2024-01", "2024-12"),
           "CN/US/exports/month/2025-01..2025-12;CN/US/exports/month/2024-01..2024-12"),
    Target("Exports to the US, January to November 2025, growth in yuan", _PRESS, "exports yoy, apparently CNY",
           "2025-01..11", "US", 0.1, "%", 1,
           lambda c: _growth(c.cumulative("US", "2025-11", "CNY"), c.cumulative("US", "2024-11", "CNY")),
           "CN/US/exports/ytd/2025-11;CN/US/exports/ytd/2024-11"),
    Target("Exports to the US, January to November 2025, growth in dollars", _PRESS, "exports yoy, apparently USD",
           "2025-01..11", "US", 0.1, "%", 1,
           lambda c: _growth(c.months("CN", "US", "2025-01", "2025-11"), c.months("CN", "US", "2024-01", "2024-11")),
           "CN/US/exports/month/2025-01..2025-11;CN/US/exports/month/2024-01..2024-11"),
    Target("Exports to the EU, April to December 2025, growth (mean of monthly rates)",
           "VoxEU column on EU diversion (HS6; authors not shown)", "exports, cumulative yoy", "2025-04..12", "EU27",
           1.0, "%", 1, lambda c: c.mean_rate("EU", "2025-04", "2025-12"),
           "CN/EU/exports/month/2025-04..2025-12@yoy"),
    Target("Duty paid on imports from China, October 2025", "Bruegel Global Trade Tracker",
           "EFFECTIVE US tariff on China (duties/imports)", "2025-10 (end)", "US", 0.5, "%", 1,
           lambda c: float(c.measured.loc[c.measured["period"] == "2025-10", "applied_rate_pct"].iloc[0]),
           "census_duties_on_china/2025-10"),
    Target("US imports, March 2025, growth", "Bruegel Global Trade Tracker",
           "US imports front-loading: yoy increase", "2025-03", "US (all origins)", 1, "%", 1,
           lambda c: _growth(c.months("US", "WORLD", "2025-03", "2025-03", **_US),
                             c.months("US", "WORLD", "2024-03", "2024-03", **_US)),
           "US/WORLD/imports/month/2025-03;US/WORLD/imports/month/2024-03"),
    Target("China's share of US imports, 2017", "Alfaro & Chor (2023)", "China share of US imports", "2017", "US",
           0.1, "%", 1,
           lambda c: 100 * c.months("US", "CN", "2017-01", "2017-12", **_US)
           / c.months("US", "WORLD", "2017-01", "2017-12", **_US),
           "US/CN/imports/month/2017-01..2017-12;US/WORLD/imports/month/2017-01..2017-12"),
    Target("China's share of US imports, 2022", "Alfaro & Chor (2023)", "China share of US imports", "2022", "US",
           0.1, "%", 1,
           lambda c: 100 * c.months("US", "CN", "2022-01", "2022-12", **_US)
           / c.months("US", "WORLD", "2022-01", "2022-12", **_US),
           "US/CN/imports/month/2022-01..2022-12;US/WORLD/imports/month/2022-01..2022-12"),
    Target("US imports from China, 2024 (for consumption)", "Global Trade Alert",
           "Chinese exports to US at stake", "2024", "US", 1, "USD bn", 1,
           lambda c: float(c.measured.loc[c.measured["period"].str.startswith("2024"), "imports_usd"].sum()) / 1e9,
           "census_duties_on_china/2024-01..2024-12"),
)  # fmt: skip


def check(published: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """Compute every target and compare.

    Parameters
    ----------
    published
        ``published_estimates`` as read, text.
    cells
        Tables of the ledger.

    Returns
    -------
    pandas.DataFrame
        Table ``published_checked``, without the targets whose cells the ledger does not hold. ``verdict``:
        ``replicated`` where the figure and the cells have different producers, ``consistent`` where they have one,
        else ``differs``.

    Raises
    ------
    KeyError
        If a target has no published row.
    """
    out = []
    for target in TARGETS:
        found = published[
            (published["study"] == target.study) & (published["quantity"] == target.quantity)
            & (published["period"] == target.period) & (published["destination"] == target.destination)
        ]  # fmt: skip
        values = pd.to_numeric(found["value"], errors="coerce").dropna() * target.scale
        computed = target.compute(cells)
        if values.empty:
            raise KeyError(f"published_estimates has no row for {target.name}")
        if np.isnan(computed):
            continue  # a ledger without these cells replicates nothing, and says nothing
        nearest = values.iloc[(values - computed).abs().argmin()]
        out.append(
            {
                "target": target.name, "published": nearest, "published_by": target.study, "computed": computed,
                "tolerance": target.tolerance, "unit": target.unit, "inputs": target.inputs,
                "verdict": verdict(target, abs(nearest - computed) <= target.tolerance + 1e-9),
            }
        )  # fmt: skip
    return pd.DataFrame(out)


def verdict(target: Target, is_near: bool) -> str:
    """Say what it means that a figure is given again: by whom it was produced, and by whom the cells were."""
    if not is_near:
        return DIFFERS
    producers = {PRODUCERS[part.split("/")[0]] for part in target.inputs.split(";")}
    return CONSISTENT if any(producer in target.study for producer in producers) else REPLICATED


def quoted(published: pd.DataFrame) -> pd.DataFrame:
    """List the published figures that no target computes again: quoted, not replicated.

    Returns
    -------
    pandas.DataFrame
        ``study``, ``quantity``, ``quoted_value``, ``unit``, ``when``, ``where``, ``source_url``.
    """
    keys = ["study", "quantity", "period", "destination"]
    targets = {tuple(getattr(target, key) for key in keys) for target in TARGETS}
    rest = published[[key not in targets for key in published[keys].itertuples(index=False, name=None)]]
    columns = {"value": "quoted_value", "period": "when", "destination": "where"}
    return rest.rename(columns=columns)[["study", "quantity", "quoted_value", "unit", "when", "where", "source_url"]]
