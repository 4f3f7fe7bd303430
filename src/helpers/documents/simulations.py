"""The tables of the methodology that the stored simulation study gives."""

from __future__ import annotations

import pandas as pd

from helpers import study
from helpers.documents.marks import as_table, between


def with_study(text: str) -> str:
    """Return the methodology with both tables of the stored study."""
    held, _ = study.stored()
    return between(between(text, "coverage-table", _coverage(held["nightly"])), "study-table", _study(held))


def stale_study() -> str:
    """Return what to say when the stored study was made by other code than today's; empty when it fits."""
    return "" if study.stored()[1] else f"the study was made with earlier code: run {study.COMMAND}"


def _coverage(rows: pd.DataFrame) -> str:
    rows = rows[rows["test"].isin(["T1", "T2", "T7"])]
    rows = rows.assign(quantity=rows["quantity"].str.partition(",")[0])
    wide = rows.pivot(index="world", columns="quantity", values="value")
    heads = {"us_gap": "US gap", "au_gap": "second gap", "ratio": "ratio", "false alarm": "false alarm",
             "textbook": "textbook dummy"}  # fmt: skip
    shown = [
        [world, *(f"{wide.loc[world, name]:.3f}" for name in heads)]
        for world in dict.fromkeys(rows.loc[rows["test"] == "T1", "world"])
    ]
    told = f"{rows['repetitions'].max():,} replicates each, seed {study.SEED}; nominal 0.95."
    return f"{as_table(['world', *heads.values()], shown)}\n\n{told}"


def _study(held: dict[str, pd.DataFrame]) -> str:
    sizes = [f"{size:,} replicates" for size in study.SIZES.values()]
    rows = [
        [row.test, row.what, row.quantity.replace("_", " "), row.ci, row.nightly, row.bounds,
         "yes" if row.holds else "**no**"]
        for row in study.summed(held).itertuples(index=False)
    ]  # fmt: skip
    return as_table(["test", "what must hold", "measured", *sizes, "bounds", "holds"], rows)
