"""Figures by product as they lie on this machine: read, added up, never shown row by row.

What ``diversion fetch --products`` brings lies under ``data/products/<dataset>``; a folder of another name may hold a
panel of one's own in the same columns. No table of a page is written from these rows.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers import partners, paths
from helpers.refusals import Refusal

COLUMNS = {
    "vintage": "str", "period": "str", "period_kind": "str", "reporter_code": "str", "partner_code": "str",
    "flow": "str", "concept": "str", "product_scheme": "str", "product_code": "str", "value_mn": "float64",
    "half_unit_mn": "float64", "currency": "str", "valuation": "str", "quantity": "float64", "quantity_unit": "str",
    "producer": "str", "source_id": "str",
}  # fmt: skip
CELL = ["period", "period_kind", "reporter_code", "partner_code", "flow", "concept", "product_scheme", "product_code"]
# What a fetch leaves: China's exports by partner, and US imports from China with their duty.
FETCHED = ("comtrade_exports_monthly", "census_imports_hs6")
YEARLY, EARLY_YEAR = "comtrade_exports_yearly", "2017"  # the US share before anything was raised, where it is held
DESTINATIONS = ("EU", "ASEAN", "AU")


@dataclass(frozen=True)
class Panel:
    """Exports by month, destination and product, and the duty on them in the US.

    Parameters
    ----------
    exports
        ``period``, ``partner_code`` (EU, ASEAN, AU, US, WORLD), ``product_code``, ``value_mn``; US dollars.
    duty
        ``period``, ``product_code``, ``rate``: duty over imports from China.
    producers
        Who published them.
    early_shares
        US share in China's exports of 2017 by product, 0 to 1; empty where that year is not held. Codes are those of
        2017: a product whose code changed since has none.
    """

    exports: pd.DataFrame
    duty: pd.DataFrame
    producers: tuple[str, ...]
    early_shares: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))

    @property
    def months(self) -> list[str]:
        """Months with exports, in order."""
        return sorted(self.exports["period"].unique())


def files_of(stem: str, as_of: str = "") -> list[Path]:
    """Return the files of a dataset: each part in its latest vintage up to a day."""
    latest: dict[str, Path] = {}
    for file in sorted((paths.PRODUCTS / stem).glob("vintage=*/year=*/*.parquet")):
        if not as_of or file.parents[1].name.removeprefix("vintage=") <= as_of:
            latest[f"{file.parent.name}/{file.name}"] = file
    return list(latest.values())


def read(stem: str, *, as_of: str = "") -> pd.DataFrame:
    """Read a dataset: each part in its latest vintage up to a day, each cell once.

    Parameters
    ----------
    stem
        Of the dataset: the folder's name.
    as_of
        Leave out what was read after this day; empty takes everything.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`; empty where nothing is held.
    """
    files = files_of(stem, as_of)
    if not files:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    frame = pd.concat([pd.read_parquet(io.BytesIO(file.read_bytes())) for file in files], ignore_index=True)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise Refusal(
            f"columns missing: {', '.join(missing)}", expected=", ".join(COLUMNS), file=f"data/products/{stem}",
            remedy="write the panel in these columns, or take the folder away",
        )  # fmt: skip
    # The last part of a plan grows from month to month: what two parts hold is taken from the later.
    return frame[list(COLUMNS)].sort_values("vintage", kind="stable").drop_duplicates(CELL, keep="last",
                                                                                     ignore_index=True)  # fmt: skip


def manifest(name: str = "", *, as_of: str = "") -> list[dict[str, str]]:
    """Return what a report states of the panel it used: a row a dataset, with the fingerprint of all its files."""
    rows = []
    for stem in [name] if name else _fetched(as_of):
        files = files_of(stem, as_of)
        whole = hashlib.sha256()
        for file in files:
            whole.update(hashlib.sha256(file.read_bytes()).digest())
        days = [file.parents[1].name.removeprefix("vintage=") for file in files]
        rows.append(
            {"title": f"Figures by product, {len(files)} parts on this machine", "producer": stem,
             "date_accessed": max(days, default=""), "file": f"data/products/{stem}", "sha256": whole.hexdigest()}
        )  # fmt: skip
    return rows


def _fetched(as_of: str) -> list[str]:
    """Return the datasets that make the fetched panel: none unless exports and duty are both held."""
    if not all(files_of(stem, as_of) for stem in FETCHED):
        return []
    return [*FETCHED, *([YEARLY] if files_of(YEARLY, as_of) else [])]


def load(name: str = "", *, as_of: str = "") -> Panel | None:
    """Return the panel of a folder, or of what was fetched; nothing where nothing is held.

    Parameters
    ----------
    name
        A folder under ``data/products``; empty takes what ``diversion fetch --products`` brought.

    Raises
    ------
    Refusal
        If a folder is named that is not there or holds no exports or no duty; exit code 2.
    """
    if name and (not re.fullmatch(r"[a-z0-9_]+", name) or not files_of(name, as_of)):
        raise Refusal(
            f"products={name}: there is no such panel", expected="a folder under data/products with Parquet files",
            remedy="check the name, or leave the parameter empty", exit_code=2,
        )  # fmt: skip
    stems = [name] if name else _fetched(as_of)
    if not stems:
        return None
    rows = pd.concat([read(stem, as_of=as_of) for stem in stems], ignore_index=True)
    rows = rows[rows["product_scheme"] == "hs6"]
    early = _early_shares(rows)
    rows = rows[rows["period_kind"] == "month"]
    exports, duty = _exports(rows), _duty(rows)
    if exports.empty or duty.empty:
        if not name:
            return None
        raise Refusal(
            f"products={name}: {'no exports of China' if exports.empty else 'no US duty'} by HS6 and month",
            expected="exports of CN by partner, and US imports from CN with calculated_duty", exit_code=2,
            remedy="write both into the panel", file=f"data/products/{name}",
        )  # fmt: skip
    return Panel(exports, duty, tuple(sorted(rows["producer"].unique())), early)


def _early_shares(rows: pd.DataFrame) -> pd.Series:
    """Return the US share in China's yearly exports of :data:`EARLY_YEAR` by product."""
    mine = rows[(rows["period_kind"] == "year") & (rows["period"].str[:4] == EARLY_YEAR)]
    sums = _exports(mine).pivot_table(index="product_code", columns="partner_code", values="value_mn", aggfunc="sum")
    if partners.WORLD not in sums:
        return pd.Series(dtype=float)
    sums = sums[sums[partners.WORLD] > 0]
    return sums.get("US", pd.Series(0.0, index=sums.index)).fillna(0.0) / sums[partners.WORLD]


def _exports(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up China's exports by destination: blocs from their members unless they are printed as such."""
    mine = rows[(rows["reporter_code"] == "CN") & (rows["flow"] == "exports") & (rows["currency"] == "USD")]
    blocs = {member: bloc for bloc in ("EU", "ASEAN") for member in partners.members_of(bloc)}
    blocs |= {code: partners.family_of(code) for code in ("EU27", "ASEAN10", "ASEAN11")}
    wanted = {"US": "US", "AU": "AU", partners.WORLD: "WORLD", "EU": "EU", "ASEAN": "ASEAN", **blocs}
    known = mine.assign(partner_code=mine["partner_code"].map(wanted)).dropna(subset="partner_code")
    keys = ["period", "partner_code", "product_code"]
    return known.groupby(keys, as_index=False, sort=False)["value_mn"].sum()


def _duty(rows: pd.DataFrame) -> pd.DataFrame:
    """Return duty over imports by month and product."""
    mine = rows[(rows["reporter_code"] == "US") & (rows["partner_code"] == "CN")]
    wide = mine[mine["concept"].isin(["imports_for_consumption", "calculated_duty"])].pivot_table(
        index=["period", "product_code"], columns="concept", values="value_mn", aggfunc="sum"
    )
    if not {"imports_for_consumption", "calculated_duty"} <= set(wide.columns):
        return pd.DataFrame(columns=["period", "product_code", "rate"])
    wide = wide[wide["imports_for_consumption"] > 0]
    return (wide["calculated_duty"] / wide["imports_for_consumption"]).rename("rate").reset_index()
