"""What became of first prints: every later print of the same cell beside the earlier ones.

A print is a cell in one vintage (first print, interim, bulletin, revised) read on one day. The order of prints is that
of the cleaning: by vintage, then by day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners
from helpers.customs import CELL, SOURCE_ORDER, VINTAGES

FIRST, LATER = "first print", "a later one"
SUMMARY_COLUMNS = [
    "reporter", "partner", "flow", "print_before", "cells", "beyond", "mean_pct", "median_abs_pct", "largest_pct",
]  # fmt: skip
CHINA, WORLD = partners.name_of("CN"), partners.name_of(partners.WORLD)
PRINT_NAMES = {"first_print": "first print", "interim": "interim", "bulletin": "bulletin", "revised": "revised"}


def revisions(rows: pd.DataFrame) -> pd.DataFrame:
    """List every print of the cells that were printed more than once.

    Parameters
    ----------
    rows
        From :func:`helpers.customs.read_rows`; quarters are left out.

    Returns
    -------
    pandas.DataFrame
        Table ``customs_revisions``: the cell, ``vintage``, ``vintage_day``, ``print_number``, ``value_mn``,
        ``abs_error_mn``, ``revision_pct`` against the print before, ``is_beyond_rounding``, ``source_id``.
    """
    levels = rows[rows["value_mn"].notna() & rows["period_kind"].ne("quarter")].copy()
    levels["order"] = levels["vintage"].map(VINTAGES.index)
    levels["rank"] = levels["source_kind"].map(SOURCE_ORDER)
    levels = levels.sort_values([*CELL, "order", "vintage_day", "abs_error_mn", "rank", "source_id"])
    prints = levels.drop_duplicates([*CELL, "vintage", "vintage_day"])
    cells = prints.groupby(CELL, sort=False)
    prints = prints.assign(print_number=cells.cumcount() + 1, prints=cells["value_mn"].transform("size"))
    prints = prints[prints["prints"] > 1]
    cells = prints.groupby(CELL, sort=False)
    before, error = cells["value_mn"].shift(), cells["abs_error_mn"].shift()
    change = prints["value_mn"] - before
    return prints.assign(
        revision_pct=np.where(before > 0, 100 * change / before, np.nan),
        is_beyond_rounding=change.abs() > (prints["abs_error_mn"] + error) * (1 + 1e-9),
    )[[*CELL, "vintage", "vintage_day", "print_number", "value_mn", "abs_error_mn", "revision_pct",
       "is_beyond_rounding", "source_id"]].reset_index(drop=True)  # fmt: skip


def summary(prints: pd.DataFrame) -> pd.DataFrame:
    """Summarise monthly revisions by reporter, flow, partner and the print before: how many, how large, which way.

    Returns
    -------
    pandas.DataFrame
        ``reporter``, ``partner``, ``flow``, ``print_before`` (the first print, or a later one), ``cells``, ``beyond``
        (revised beyond rounding), ``mean_pct``, ``median_abs_pct``, ``largest_pct``; after first prints at the top.
    """
    before = prints.groupby(CELL, sort=False)["vintage"].shift()
    prints = prints.assign(print_before=np.where(before == VINTAGES[0], FIRST, LATER))
    later = prints[(prints["print_number"] > 1) & (prints["period_kind"] == "month") & prints["revision_pct"].notna()]
    rows = []
    for (reporter, partner, flow, print_before), group in later.groupby(
        ["reporter_code", "partner_code", "flow", "print_before"]
    ):
        change = group["revision_pct"]
        rows.append(
            {
                "reporter": partners.name_of(reporter), "partner": partners.name_of(partner), "flow": flow,
                "print_before": print_before,
                "cells": group[["period", "concept", "currency"]].drop_duplicates().shape[0],
                "beyond": int(group["is_beyond_rounding"].sum()), "mean_pct": change.mean(),
                "median_abs_pct": change.abs().median(), "largest_pct": change.loc[change.abs().idxmax()],
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=SUMMARY_COLUMNS).sort_values("cells", ascending=False, kind="stable")
    return table.sort_values("print_before", key=lambda held: held != FIRST, kind="stable", ignore_index=True)


def triangle(prints: pd.DataFrame, reporter: str, partner: str, *, flow: str, currency: str) -> pd.DataFrame:
    """Set the prints of one monthly flow side by side: a row a month, a column a print, in billions.

    A column is a vintage; days of access are named when one vintage was read on several.
    """
    mine = prints[
        (prints["reporter_code"] == reporter) & (prints["partner_code"] == partner) & (prints["flow"] == flow)
        & (prints["currency"] == currency) & (prints["period_kind"] == "month") & (prints["product_code"] == "TOTAL")
    ]  # fmt: skip
    days = mine.groupby("vintage")["vintage_day"].nunique()
    names = [
        PRINT_NAMES[vintage] + (f", read {day}" if days[vintage] > 1 else "")
        for vintage, day in zip(mine["vintage"], mine["vintage_day"], strict=True)
    ]
    order = mine.assign(name=names, place=mine["vintage"].map(VINTAGES.index)).sort_values(["place", "vintage_day"])
    wide = order.assign(value_bn=order["value_mn"] / 1e3).pivot_table(
        index="period", columns="name", values="value_bn", sort=False
    )
    return wide[list(dict.fromkeys(order["name"]))].sort_index(ascending=False).rename_axis(columns=None).reset_index()


def of_summary(rows: pd.DataFrame) -> str:
    """Title of the revision table."""
    if rows.empty:
        return "No month has been printed twice yet"
    first = rows[(rows["reporter"] == CHINA) & (rows["partner"] == WORLD) & (rows["flow"] == "exports")]
    first = first[first["print_before"] == FIRST]
    if len(first):
        row = first.iloc[0]
        way = "lower" if row["mean_pct"] < 0 else "higher"
        return (
            f"Where a first print is held ({row['cells']} months), China's exports were later {way} by "
            f"{abs(row['mean_pct']):.2f} % on average, by {abs(row['largest_pct']):.1f} % at most"
        )
    largest = rows.loc[rows["largest_pct"].abs().idxmax()]
    return (
        f"{int(rows['beyond'].sum())} of {int(rows['cells'].sum())} months printed more than once were revised beyond "
        f"rounding, by up to {abs(largest['largest_pct']):.1f} %"
    )


def note(prints: pd.DataFrame) -> str:
    """Say what a revision is measured in, and where no month runs from a first print to a revised one."""
    us = prints[
        (prints["reporter_code"] == "CN") & (prints["partner_code"] == "US") & (prints["period_kind"] == "month")
    ]
    gap = "" if (us["vintage"] == "revised").any() or us.empty else (
        " To the United States no month is held in a revised print: none of its revisions can be seen."
    )  # fmt: skip
    return (
        "Percent of the print before. Where that is a later one, most changes are its rounding to 0.1 billion. Every "
        f"print of every cell stands in data/customs_revisions.csv.{gap}"
    )


def of_triangle(wide: pd.DataFrame) -> str:
    """Title of the prints side by side: how many months, and how many of them with their first print."""
    first = int(wide[FIRST].notna().sum()) if FIRST in wide else 0
    return (
        f"China's exports, all partners: {len(wide)} months that the ledger holds in more than one print, {first} of "
        "them with the first"
    )
