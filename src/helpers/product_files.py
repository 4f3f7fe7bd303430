"""What reading files of product figures has in common: the later day's cell, and refusals that name the place."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers import paths, products, provenance
from helpers.refusals import Refusal


def latest(schema: str, cell: list[str], rows_of: Callable[[provenance.Record], pd.DataFrame], *, as_of: str,
           what: str, remedy: str) -> pd.DataFrame:  # fmt: skip
    """Read every file of a schema and keep, of each cell, what was read on the later day.

    Parameters
    ----------
    schema, cell
        Of the files; the columns that identify a figure.
    rows_of
        Reads one file; its frame has ``line``.
    as_of
        Leave out what was read after this day; empty takes everything.
    what, remedy
        For the message where there is none.

    Raises
    ------
    Refusal
        If the ledger holds no such file, or one is malformed.
    """
    records = [record for record in provenance.all_records(as_of) if record.table_schema == schema]
    if not records:
        raise Refusal(
            f"the ledger holds no {what}", expected=f"a file of the schema {schema}", remedy=remedy,
            file=paths.shown(paths.RAW),
        )  # fmt: skip
    records.sort(key=lambda record: (record.date_accessed, record.file))
    frame = pd.concat([rows_of(record) for record in records], ignore_index=True)
    return frame.drop_duplicates(cell, keep="last").sort_values(cell, ignore_index=True).drop(columns="line")


def refuse(wrong: pd.DataFrame, column: str, expected: str, remedy: str, name: str) -> None:
    """Refuse the first of the wrong rows, if there is one."""
    if len(wrong):
        first = wrong.iloc[0]
        raise Refusal(f'"{first[column]}"', expected=expected, remedy=remedy, file=name, row=int(first["line"]),
                      column=column)  # fmt: skip


def check_months(raw: pd.DataFrame, record: provenance.Record, name: str) -> None:
    """Refuse what is no month, or a month after the file was read."""
    month = raw["period"].str.fullmatch(r"(19|20)\d{2}-(0[1-9]|1[0-2])")
    refuse(raw[~month], "period", 'a month such as "2025-09"', "mend the cell", name)
    last = record.date_accessed[:7]
    late = raw[raw["period"] > last]
    refuse(late, "period", f"a month not after {last}, when the file was read", "mend the year", name)


def named_products(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check the codes and return the first row of each partner and product."""
    named = raw.drop_duplicates(["partner", "product_scheme", "product"])
    for row in named.itertuples(index=False):
        products.check_code(row.product, row.product_scheme, file=name, row=int(row.line))
    return named
