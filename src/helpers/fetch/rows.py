"""Fetched figures as rows of a raw file, and back: one form for customs figures, one for product groups with duty."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from helpers import product_groups, provenance
from helpers.sources.contract import Dataset, Figure

Cell = tuple[str, ...]
Said = tuple[str, str, str]  # value, half unit and rate, as a file would print them
# The columns of a product group and what each holds.
GROUP_COLUMNS = {"imports_usd": "imports_for_consumption", "duty_usd": "calculated_duty"}
HALF_DOLLAR_MN = "0.0000005"


def plain(value: Decimal) -> str:
    """Write a decimal without an exponent and without idle zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def said_of(figure: Figure) -> Said:
    """Return what a file would print for a figure."""
    return plain(figure.value), plain(figure.half_unit or Decimal(0)), figure.yoy_pct


def columns_of(dataset: Dataset) -> list[str]:
    """Return the header of a dataset's files."""
    return [name for name, _, _ in provenance.SCHEMAS[dataset.schema]]


def lines_of(dataset: Dataset, changed: Iterable[Figure], every: dict[Cell, tuple[Figure, str]], keys: dict[str, str]
             ) -> list[list[str]]:  # fmt: skip
    """Return the rows of a file: a changed figure each, or, for product groups, imports and duty of each changed pair.

    Parameters
    ----------
    every
        All figures of the dataset with their sources: a pair is written whole, also where only one of it changed.
    keys
        Source to its key in the record.
    """
    figures = sorted(changed, key=lambda figure: figure.cell)
    if dataset.schema == "customs":
        return [
            [figure.period, figure.period_kind, figure.flow, figure.partner, figure.product_scheme, figure.product,
             figure.concept, *said_of(figure), "", "", keys[every[figure.cell][1]], ""]
            for figure in figures
        ]  # fmt: skip
    pairs = dict.fromkeys((figure.period, figure.partner, figure.product_scheme, figure.product) for figure in figures)
    rows = []
    for period, partner, scheme, product in pairs:
        both = [every.get((period, "month", partner, "imports", concept, scheme, product))
                for concept in GROUP_COLUMNS.values()]  # fmt: skip
        if None not in both:
            amounts = [plain(figure.value.scaleb(6)) for figure, _ in both]
            rows.append([period, partner, scheme, product, *amounts, keys[both[0][1]]])
    return rows


def printed(record: provenance.Record) -> dict[Cell, Said]:
    """Return what a file of a dataset printed, by cell."""
    cells = provenance.printed(record)
    if record.table_schema == "customs":
        names = ("period", "period_kind", "partner", "flow", "concept", "product_scheme", "product")
        keys = zip(*(cells[name] for name in names), strict=True)
        return dict(zip(keys, zip(cells["value"], cells["abs_error"], cells["yoy_pct"], strict=True), strict=True))
    found: dict[Cell, Said] = {}
    keys = list(zip(*(cells[name] for name in ("period", "partner", "product_scheme", "product")), strict=True))
    for column, concept in GROUP_COLUMNS.items():
        for (period, partner, scheme, product), amount in zip(keys, cells[column], strict=True):
            cell = (period, "month", partner, "imports", concept, scheme, product)
            found[cell] = (plain(Decimal(amount).scaleb(-6)), HALF_DOLLAR_MN, "")
    return found


def group_levels() -> dict[Cell, tuple[float, float]]:
    """Return imports and duty by product group as the ledger holds them, keyed as customs cells are."""
    frame = product_groups.monthly()
    found = {}
    for column, concept in GROUP_COLUMNS.items():
        for period, partner, product, amount in frame[[*product_groups.CELL, column]].itertuples(index=False):
            key = ("US", partner, "imports", concept, "naics3", product, "USD", period, "month")
            found[key] = (amount / 1e6, float(HALF_DOLLAR_MN))
    return found
