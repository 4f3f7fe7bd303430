"""Accepted figures into the ledger: a new file for each dataset and day that holds only what is new or revised.

Nothing that stands in the ledger is touched. A file and its record appear together or, after a crash between two
renames, are taken back by the next fetch (:func:`mend`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from helpers import customs, partners, paths, product_groups, provenance
from helpers.fetch import rows
from helpers.fetch.collect import Harvest, History
from helpers.sources.contract import Dataset, Figure

PREFERRED = ["reporter_code", "partner_code", "flow", "concept", "product_scheme", "product_code", "currency", "period",
             "period_kind"]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One fetched figure beside what the ledger held: ``new``, ``revised``, ``confirmed`` or ``known``."""

    dataset: str
    figure: Figure
    source: str
    kind: str
    before: float | None


def held() -> dict[tuple[str, ...], tuple[float, float]]:
    """Return the level that the ledger prefers for each cell, and half its last printed digit."""
    schemas = {record.table_schema for record in _records()}
    levels: dict[tuple[str, ...], tuple[float, float]] = {}
    if "customs" in schemas:
        cells = customs.resolve(customs.read_rows())
        cells = cells[cells["is_preferred"]]
        keys = zip(*(cells[name] for name in PREFERRED), strict=True)
        levels.update(zip(keys, zip(cells["value_mn"], cells["abs_error_mn"], strict=True), strict=True))
    if product_groups.SCHEMA in schemas:
        levels |= rows.group_levels()
    return levels


def _records() -> list[provenance.Record]:
    """Return every record; none where the ledger is empty."""
    return provenance.all_records() if any(paths.RAW.glob("*/*.csv")) else []


def history_of(dataset: Dataset, levels: dict[tuple[str, ...], tuple[float, float]]) -> History:
    """Return the ledger's monthly values by series, as the figures of a dataset name them."""
    out: History = defaultdict(dict)
    for (reporter, partner, *series, currency, period, kind), (value, _) in levels.items():
        if (reporter, currency, kind) == (dataset.reporter, dataset.currency, "month"):
            out[partners.family_of(partner), *series][period] = Decimal(str(value))
    return out


def printed_before(dataset: Dataset) -> dict[rows.Cell, rows.Said]:
    """Return what this dataset printed last for each cell: value, half unit and rate, as they stand in its files."""
    last: dict[rows.Cell, rows.Said] = {}
    for record in _records_of(dataset):
        last |= rows.printed(record)
    return last


def last_read(dataset: Dataset) -> str:
    """Return the last day on which this dataset brought a figure; empty if it never did."""
    return max((record.date_accessed for record in _records_of(dataset)), default="")


def _records_of(dataset: Dataset) -> list[provenance.Record]:
    """Return the records of what was fetched from a dataset, in the order of reading."""
    name = re.compile(rf"{re.escape(dataset.stem)}_([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:_([0-9]+))?\.csv")
    files = [
        (found[1], int(found[2] or 1), file)
        for file in (paths.RAW / dataset.folder).glob(f"{dataset.stem}_*.csv") if (found := name.fullmatch(file.name))
    ]  # fmt: skip
    return [provenance.record_of(file) for _, _, file in sorted(files)]


def compare(harvest: Harvest, levels: dict[tuple[str, ...], tuple[float, float]]) -> list[Change]:
    """Set every accepted figure beside the ledger.

    A figure is ``known`` when this dataset printed the same before, ``new`` when the ledger holds no figure of its
    cell, ``confirmed`` when it holds the same within both roundings, ``revised`` otherwise.
    """
    changes = []
    for stem, figures in harvest.figures.items():
        dataset = harvest.office.dataset(stem)
        before = printed_before(dataset)
        for cell, (figure, source) in figures.items():
            if figure.value is None:
                continue
            partner = partners.code_of(figure.partner, figure.period)
            series = (figure.flow, figure.concept, figure.product_scheme, figure.product)
            key = (dataset.reporter, partner, *series, dataset.currency, figure.period, figure.period_kind)
            value, error = levels.get(key, (None, 0.0))
            if before.get(cell) == rows.said_of(figure):
                kind = "known"
            elif value is None:
                kind = "new"
            else:
                apart = abs(float(figure.value) - value)
                near = (error + float(figure.half_unit or 0)) * (1 + 1e-9)
                kind = "confirmed" if apart <= near else "revised"
            changes.append(Change(stem, figure, source, kind, value))
    return changes


def append(harvest: Harvest, changes: list[Change], day: str) -> list[Path]:
    """Write the figures that this dataset has not printed before; return the files."""
    files = []
    for stem in sorted({change.dataset for change in changes}):
        written = [change for change in changes if change.dataset == stem and change.kind != "known"]
        if written:
            files.append(_write(harvest, harvest.office.dataset(stem), written, day))
    if files:
        describe()
    return files


def describe() -> None:
    """Write the ledger's descriptor anew."""
    paths.put(paths.RAW / "datapackage.json", provenance.datapackage(_records()).encode())


def _write(harvest: Harvest, dataset: Dataset, changes: list[Change], day: str) -> Path:
    folder, every = paths.RAW / dataset.folder, harvest.figures[dataset.stem]
    names = [f"{dataset.stem}_{day}.csv", *(f"{dataset.stem}_{day}_{count}.csv" for count in range(2, 1000))]
    file = next(folder / name for name in names if not (folder / name).exists())
    keys = {source: re.sub(r"[^a-z0-9]+", "_", source.lower()) for source in {change.source for change in changes}}
    lines = rows.lines_of(dataset, [change.figure for change in changes], every, keys)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([rows.columns_of(dataset), *lines])
    content = text.getvalue().encode()
    months = sorted(change.figure.period for change in changes)
    record = provenance.Record(
        file=f"{dataset.folder}/{file.name}", table_schema=dataset.schema, title=f"{dataset.title}, read {day}",
        producer=harvest.office.producer, dataset=dataset.dataset, url=harvest.office.address,
        date_published="as published on the day of access", date_accessed=day, licence=harvest.office.terms.licence,
        licence_allows=harvest.office.terms.licence_allows, currency=dataset.currency,
        units="million" if dataset.schema == "customs" else dataset.currency,
        valuation=dataset.valuation, seasonal_adjustment="none", concept=dataset.concept,
        coverage=f"{len(changes)} figures that are new or differ from what this dataset printed before, "
        f"{months[0]} to {months[-1]}.",
        known_breaks=dataset.known_breaks, reporter=dataset.reporter,
        sources={
            key: provenance.Source(
                read_in=harvest.places[source], kind="official", publisher=harvest.office.producer,
                vintage=dataset.vintage,
            )
            for source, key in sorted(keys.items())
        },
        rows=len(lines), sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(file.name + ".source.yml")
    paths.put(beside.with_name(f".{beside.name}.ready"), provenance.as_yaml(record).encode())
    paths.put(file, content)
    os.replace(beside.with_name(f".{beside.name}.ready"), beside)
    return file


def mend() -> list[Path]:
    """Finish or take back what a crash left between the two renames; return the files concerned."""
    concerned = []
    for ready in sorted(paths.RAW.glob("*/.*.source.yml.ready")):
        beside = ready.with_name(ready.name[1:].removesuffix(".ready"))
        if beside.with_name(beside.name.removesuffix(".source.yml")).exists() and not beside.exists():
            os.replace(ready, beside)
        else:
            ready.unlink()
        concerned.append(beside)
    for part in [*paths.RAW.glob("*/.*.part"), *paths.RAW.glob(".*.part")]:
        part.unlink()
        concerned.append(part)
    if concerned or not _is_described():
        describe()
    return concerned


def _is_described() -> bool:
    """Tell whether the descriptor, where there is one, names the files that are there: a crash may come before it."""
    descriptor = paths.RAW / "datapackage.json"
    try:
        named = {resource["path"] for resource in json.loads(descriptor.read_text(encoding="utf-8"))["resources"]}
    except FileNotFoundError:
        return True
    except (ValueError, KeyError, TypeError):
        return False
    return named == {file.relative_to(paths.RAW).as_posix() for file in paths.RAW.glob("*/*.csv")}
