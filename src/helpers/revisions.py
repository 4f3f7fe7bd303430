"""What became of first prints: every later print of the same cell beside the earlier ones.

A print is a cell in one vintage (first print, interim, bulletin, revised) read on one day. The order of prints is that
of the cleaning: by vintage, then by day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners
from helpers.customs import CELL, SOURCE_ORDER, VINTAGES

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
    """Summarise monthly revisions by reporter, flow and partner: how many, how large, in which direction.

    Returns
    -------
    pandas.DataFrame
        ``reporter``, ``partner``, ``flow``, ``cells``, ``beyond`` (revised beyond rounding), ``mean_pct``,
        ``median_abs_pct``, ``largest_pct``; the flows with most cells first.
    """
    later = prints[(prints["print_number"] > 1) & (prints["period_kind"] == "month") & prints["revision_pct"].notna()]
    rows = []
    for (reporter, partner, flow), group in later.groupby(["reporter_code", "partner_code", "flow"]):
        change = group["revision_pct"]
        rows.append(
            {
                "reporter": partners.name_of(reporter), "partner": partners.name_of(partner), "flow": flow,
                "cells": group[["period", "concept", "currency"]].drop_duplicates().shape[0],
                "beyond": int(group["is_beyond_rounding"].sum()), "mean_pct": change.mean(),
                "median_abs_pct": change.abs().median(), "largest_pct": change.loc[change.abs().idxmax()],
            }
        )  # fmt: skip
    columns = ["reporter", "partner", "flow", "cells", "beyond", "mean_pct", "median_abs_pct", "largest_pct"]
    return pd.DataFrame(rows, columns=columns).sort_values("cells", ascending=False, kind="stable", ignore_index=True)


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
    largest = rows.loc[rows["largest_pct"].abs().idxmax()]
    return (
        f"{int(rows['beyond'].sum())} of {int(rows['cells'].sum())} months printed more than once were revised beyond "
        f"rounding, by up to {abs(largest['largest_pct']):.1f} %"
    )
