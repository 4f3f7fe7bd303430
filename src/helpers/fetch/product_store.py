"""Figures by product, on this machine only: Parquet, a folder for each dataset, vintage and year, a file for each ask.

The columns are those of a customs figure. Nothing under ``data/products`` is in git, and no table of a page is written
from its rows: estimates and sums only leave it, because some offices do not allow rows to be passed on.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pandas as pd

from helpers import partners, paths
from helpers.product_panel import COLUMNS
from helpers.sources.contract import Ask, Dataset, Figure, Office

FRESH_DAYS = 30  # a part that was read so recently is not asked for again: a plan may take several days


def folder_of(dataset: Dataset) -> Path:
    """Return where a dataset's vintages lie."""
    return paths.PRODUCTS / dataset.stem


def is_fresh(office: Office, ask: Ask, today: dt.date) -> bool:
    """Tell whether the figures of an ask were read within the last thirty days."""
    oldest = (today - dt.timedelta(days=FRESH_DAYS)).isoformat()
    folder = folder_of(office.dataset(ask.dataset))
    return any(
        file.parents[1].name.removeprefix("vintage=") >= oldest
        for file in folder.glob(f"vintage=*/year=*/{ask.name}.parquet")
    )


def as_frame(office: Office, ask: Ask, figures: list[Figure], day: str) -> pd.DataFrame:
    """Return figures as a table of :data:`COLUMNS`, product codes as text."""
    dataset = office.dataset(ask.dataset)
    rows = [
        (day, figure.period, figure.period_kind, dataset.reporter, partners.code_of(figure.partner, figure.period),
         figure.flow, figure.concept, figure.product_scheme, figure.product, float(figure.value),
         float(figure.half_unit or 0), dataset.currency, dataset.valuation,
         None if figure.quantity is None else float(figure.quantity), figure.quantity_unit, office.producer,
         f"{dataset.stem}#{ask.name}")
        for figure in figures if figure.value is not None
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def keep(office: Office, ask: Ask, figures: list[Figure], day: str) -> Path | None:
    """Write the figures of one ask, whole or not at all; return the file, or nothing where there were no figures."""
    frame = as_frame(office, ask, figures, day)
    if frame.empty:
        return None
    folder = folder_of(office.dataset(ask.dataset)) / f"vintage={day}" / f"year={frame['period'].min()[:4]}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{ask.name}.parquet"
    beside = file.with_suffix(f".{os.getpid()}.part")
    frame.to_parquet(beside, index=False, compression="zstd")
    os.replace(beside, file)
    return file
