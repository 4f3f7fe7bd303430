"""Figures by product as they lie on this machine: read, added up, never shown row by row.

What ``diversion fetch --products`` brings lies under ``data/products/<dataset>``; a folder of another name may hold a
panel of one's own in the same columns. No table of a page is written from these rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from helpers import digests, engine, partners, paths
from helpers.refusals import Refusal

if TYPE_CHECKING:
    import ibis
    from ibis.expr.types import Table

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
BULK, WORLD_BULK = "comext_bulk", "comtrade_bulk"  # what `diversion ingest` leaves: of the EU's customs, of UN Comtrade
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
    """Return the files of a dataset: each part in its latest vintage up to a day.

    Of what was ingested a part counts once its manifest is there, which is written last.
    """
    with contextlib.suppress(OSError):
        list((paths.PRODUCTS / stem).iterdir())  # a run notes that it looked, also where there is nothing yet
    latest: dict[str, Path] = {}
    for file in sorted((paths.PRODUCTS / stem).glob("vintage=*/year=*/*.parquet")):
        if stem in (BULK, WORLD_BULK) and not manifest_of(file).is_file():
            continue
        if not as_of or file.parents[1].name.removeprefix("vintage=") <= as_of:
            latest[f"{file.parent.name}/{file.name}"] = file
    return list(latest.values())


def manifest_of(file: Path) -> Path:
    """Return where ``diversion ingest`` puts the manifest of a part, given a file of it: beside its vintage's years."""
    return file.parents[1] / f"{file.stem}.json"


def rows_of(backend: ibis.BaseBackend, stem: str, as_of: str = "") -> Table | None:
    """Return the rows of a dataset, each cell once, as an expression; None where nothing is held.

    Where more than one day of fetching is held, parts may overlap: the last part of a plan grows from month to month.
    A cell is then taken from the part that was read last. Ingested parts never overlap: ingest refuses a month of a
    reporter that another part holds.

    Parameters
    ----------
    backend
        From :func:`helpers.engine.connect`.
    stem
        Of the dataset: the folder's name.
    as_of
        Leave out what was read after this day; empty takes everything.

    Raises
    ------
    Refusal
        If a file lacks columns.
    """
    files = files_of(stem, as_of)
    if not files:
        return None
    held = engine.parquet(backend, files)
    if missing := [name for name in COLUMNS if name not in held.columns]:
        raise Refusal(
            f"columns missing: {', '.join(missing)}", expected=", ".join(COLUMNS), file=f"data/products/{stem}",
            remedy="write the panel in these columns, or take the folder away",
        )  # fmt: skip
    held = held.select(*COLUMNS)
    if len({file.parents[1].name for file in files}) == 1 or stem in (BULK, WORLD_BULK):
        return held
    order = held["vintage"] + held["source_id"]
    import ibis

    last = ibis.struct({name: held[name] for name in COLUMNS if name not in CELL}).argmax(order)
    return held.group_by(CELL).agg(last=last).unpack("last").select(*COLUMNS)


def used(name: str = "", *, as_of: str = "") -> list[str]:
    """Return the datasets that a report takes: those of its panel, and the EU's bulk files where they are held."""
    panel = [name] if name else _fetched(as_of)
    return list(dict.fromkeys([*panel, *([BULK] if files_of(BULK, as_of) else [])]))


def manifest(*stems: str, as_of: str = "") -> list[dict[str, str]]:
    """Return what a report states of its figures by product: a row a dataset, with the fingerprint of all its files."""
    rows = []
    for stem in stems:
        files = files_of(stem, as_of)
        whole = hashlib.sha256()
        for file in files:
            whole.update(bytes.fromhex(digests.sha256_of(file)))
        days = [file.parents[1].name.removeprefix("vintage=") for file in files]
        rows.append(
            {"title": f"Figures by product, {len(files)} parts on this machine", "producer": stem,
             "date_accessed": max(days, default=""), "file": f"data/products/{stem}", "sha256": whole.hexdigest()}
        )  # fmt: skip
    return rows


def _fetched(as_of: str) -> list[str]:
    """Return the datasets that make the panel: none unless exports and duty are both held.

    China's exports are those of UN Comtrade's bulk files where months of them were ingested, else what was fetched;
    of the two only one, since both hold the same figures. The same with the year before anything was raised.
    """
    ingested = _of_china(as_of)
    monthly, duty = WORLD_BULK if any(kind == "month" for kind, _ in ingested) else FETCHED[0], FETCHED[1]
    if not files_of(monthly, as_of) or not files_of(duty, as_of):
        return []
    yearly = WORLD_BULK if ("year", EARLY_YEAR) in ingested else YEARLY
    return list(dict.fromkeys([monthly, duty, *([yearly] if files_of(yearly, as_of) else [])]))


def _of_china(as_of: str) -> set[tuple[str, str]]:
    """Return kind and year of the periods of China that UN Comtrade's bulk files hold, as their manifests say."""
    manifests = {manifest_of(file) for file in files_of(WORLD_BULK, as_of)}
    held = (month for file in manifests for month in json.loads(file.read_text(encoding="utf-8"))["months"])
    return {(kind, period[:4]) for kind, period, reporter in held if reporter == "CN"}


def load(name: str = "", *, as_of: str = "", using: engine.Name = "duckdb", memory_gib: float = 2) -> Panel | None:
    """Return the panel of a folder, or of what was fetched; nothing where nothing is held.

    Parameters
    ----------
    name
        A folder under ``data/products``; empty takes what ``diversion fetch --products`` and ``diversion ingest``
        brought.
    as_of
        Leave out what was read after this day; empty takes everything.
    using, memory_gib
        As for :func:`helpers.engine.connect`. Neither moves a number.

    Raises
    ------
    Refusal
        If a folder is named that is not there or holds no exports or no duty; exit code 2.
    """
    if name and (not re.fullmatch(r"[a-z0-9_]+", name) or not files_of(name, as_of)):
        raise Refusal(
            f"products={name}: there is no such panel", expected="small letters, digits and _, and "
            f"files data/products/{name}/vintage=<day>/year=<year>/<part>.parquet", exit_code=2,
            remedy="check name and folders, or leave the parameter empty",
        )  # fmt: skip
    stems = [name] if name else _fetched(as_of)
    if not stems:
        return None
    with engine.connect(using, memory_gib=memory_gib) as backend:
        held = [rows for stem in stems if (rows := rows_of(backend, stem, as_of)) is not None]
        rows = held[0].union(*held[1:]) if len(held) > 1 else held[0]
        panel = panel_of(rows.filter(rows["product_scheme"] == "hs6"))
    if panel.exports.empty or panel.duty.empty:
        if not name:
            return None
        raise Refusal(
            f"products={name}: {'no exports of China' if panel.exports.empty else 'no US duty'} by HS6 and month",
            expected="exports of CN by partner, and US imports from CN with calculated_duty", exit_code=2,
            remedy="write both into the panel", file=f"data/products/{name}",
        )  # fmt: skip
    return panel


def panel_of(rows: Table) -> Panel:
    """Return the panel that rows of the six-digit scheme make."""
    monthly = rows.filter(rows["period_kind"] == "month")
    early = rows.filter((rows["period_kind"] == "year") & (rows["period"].left(4) == EARLY_YEAR))
    producers = tuple(rows.select("producer").distinct().order_by("producer").to_pandas()["producer"])
    return Panel(in_order(exports(monthly)), in_order(duty(monthly)), producers, _early_shares(exports(early)))


def in_order(table: Table) -> pd.DataFrame:
    """Return a table of few rows, ordered by its first columns: all but the last."""
    return table.order_by(*table.columns[:-1]).to_pandas()


def exports(rows: Table) -> Table:
    """Add up China's exports by destination: blocs from their members unless they are printed as such.

    Returns
    -------
    ibis.Table
        ``period``, ``partner_code`` (EU, ASEAN, AU, US, WORLD), ``product_code``, ``value_mn`` in million US dollars.
    """
    blocs = {member: bloc for bloc in ("EU", "ASEAN") for member in partners.members_of(bloc)}
    blocs |= {code: partners.family_of(code) for code in ("EU27", "ASEAN10", "ASEAN11")}
    wanted = {"US": "US", "AU": "AU", partners.WORLD: "WORLD", "EU": "EU", "ASEAN": "ASEAN", **blocs}
    mine = rows.filter(
        (rows["reporter_code"] == "CN") & (rows["flow"] == "exports") & (rows["currency"] == "USD")
        & rows["partner_code"].isin(list(wanted))
    )  # fmt: skip
    known = mine.mutate(partner_code=mine["partner_code"].substitute(wanted))
    return known.group_by("period", "partner_code", "product_code").agg(value_mn=engine.exact_sum(known["value_mn"]))


def duty(rows: Table) -> Table:
    """Return duty over imports of the US from China: ``period``, ``product_code``, ``rate``."""
    mine = rows.filter((rows["reporter_code"] == "US") & (rows["partner_code"] == "CN"))
    value = mine["value_mn"].cast(engine.EXACT)
    sums = mine.group_by("period", "product_code").agg(
        duty=value.sum(where=mine["concept"] == "calculated_duty").cast("float64"),
        imports=value.sum(where=mine["concept"] == "imports_for_consumption").cast("float64"),
    )  # fmt: skip
    held = sums.filter((sums["imports"] > 0) & sums["duty"].notnull())
    return held.select("period", "product_code", rate=held["duty"] / held["imports"])


def _early_shares(yearly: Table) -> pd.Series:
    """Return the US share in China's yearly exports by product."""
    sums = in_order(yearly).pivot_table(index="product_code", columns="partner_code", values="value_mn", aggfunc="sum")
    if partners.WORLD not in sums:
        return pd.Series(dtype=float)
    sums = sums[sums[partners.WORLD] > 0]
    return sums.get("US", pd.Series(0.0, index=sums.index)).fillna(0.0) / sums[partners.WORLD]
