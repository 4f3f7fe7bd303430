"""US imports by origin and product group (NAICS, three digits), with the duty calculated on them: the ledger's files.

Several files hold one cell when a later fetch revised it: the later day of access is taken.
"""

from __future__ import annotations

import pandas as pd

from helpers import partners, paths, product_files, provenance

SCHEMA = "product_groups"
CELL = ["period", "partner_code", "product_code"]
# Goods returned and special provisions: no group of goods.
NO_GOODS = ("980", "990")


def monthly(as_of: str = "") -> pd.DataFrame:
    """Read every file of product groups.

    Parameters
    ----------
    as_of
        Leave out what was read after this day; empty takes everything.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``partner_code`` (origin), ``product_code``, ``imports_usd``, ``duty_usd``, ``source_id``, one row a
        cell; a group without imports in a month has none.

    Raises
    ------
    Refusal
        If a month, origin or group is malformed, an amount is negative, or a cell stands twice in a file.
    """
    return product_files.latest(
        SCHEMA, CELL, _rows_of, as_of=as_of, what="imports by product group",
        remedy="run `.venv/bin/diversion fetch --source census`, or restore it with `git checkout -- data/raw`",
    )  # fmt: skip


def _rows_of(record: provenance.Record) -> pd.DataFrame:
    name, raw = paths.shown(record.path), provenance.read(record)
    product_files.check_months(raw, record, name)
    for column in ("imports_usd", "duty_usd"):
        below = raw[raw[column].str.startswith("-")]
        product_files.refuse(below, column, "an amount of 0 or more", "mend the cell", name)
    named = product_files.named_products(raw, name)
    codes = {
        row.partner: partners.code_of(row.partner, record.date_accessed[:7], file=name, row=int(row.line))
        for row in named.drop_duplicates("partner").itertuples(index=False)
    }
    frame = pd.DataFrame(
        {
            "period": raw["period"], "partner_code": raw["partner"].map(codes), "product_code": raw["product"],
            "imports_usd": pd.to_numeric(raw["imports_usd"]), "duty_usd": pd.to_numeric(raw["duty_usd"]),
            "source_id": record.path.stem + "#" + raw["source"], "line": raw["line"],
        }
    )  # fmt: skip
    repeated = raw[frame.duplicated(CELL)]
    product_files.refuse(repeated, "product", "one row a month, origin and group", "take one of the two away", name)
    return frame
