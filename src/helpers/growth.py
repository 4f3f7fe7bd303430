"""Printed growth rates against printed levels: what agrees, what was revised since, what is a misprint.

A rate and two levels are three printed figures of which any two give the third within their roundings. When they do
not fit, vintage and size decide. Levels of a later vintage than the rate differ from it by revision. Levels of the
rate's own vintage (first prints, or all three from one place) can differ by as much as the base year was revised; the
ledger shows how much that is where it holds two vintages of one month. A misfit beyond it is a misprint.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.customs import CELL, SOURCE_ORDER, VINTAGES, conflicts


def largest_revision_pct(rows: pd.DataFrame) -> float:
    """Return the largest change, in percent, between two vintages of one monthly level in the ledger.

    Assumption A18.
    """
    months = conflicts(rows[rows["period_kind"] == "month"])
    revised = months[(months["reading"] == "revision") & (months["reporter_code"] == "CN")]
    return float(revised["difference_pct"].abs().max())


def check_growth(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Hold every printed year-on-year rate against the levels of its cell and of the same cell a year before.

    Assumption A18.

    Parameters
    ----------
    rows
        From :func:`helpers.customs.read_rows`.
    cells
        From :func:`helpers.customs.resolve`: every vintage of every level. The earliest vintage is taken, the one
        nearest to the rate.

    Returns
    -------
    pandas.DataFrame
        A row per printed rate that is not marked doubtful: the cell, ``printed_pct``, ``half_unit_pp``,
        ``implied_low_pct``, ``implied_high_pct`` (from the levels and their roundings), ``misfit_pp`` (distance
        between the two ranges, 0 when they meet), ``verdict`` (agrees, revision, misprint, not checkable),
        ``source_id``, ``value_mn``,
        ``value_before_mn``.
    """
    printed = rows[rows["yoy_pct"].notna() & (rows["doubtful"] != "growth")].copy()
    printed["period_before"] = (pd.PeriodIndex(printed["period"], freq="M") - 12).astype(str)
    levels = cells[~cells["is_derived"]].sort_values("vintage", key=lambda v: v.map(VINTAGES.index), kind="stable")
    levels = levels.drop_duplicates(CELL)[[*CELL, "value_mn", "abs_error_mn", "vintage", "source_id"]].rename(
        columns={"source_id": "source_now"}
    )
    before = levels.rename(
        columns={
            "period": "period_before", "value_mn": "value_before_mn", "abs_error_mn": "error_before_mn",
            "vintage": "vintage_before", "source_now": "source_before",
        }
    )  # fmt: skip
    keys_before = ["period_before" if c == "period" else c for c in CELL]
    joined = (
        printed[[*CELL, "period_before", "source_id", "yoy_pct", "yoy_half_unit"]]
        .merge(levels, on=CELL, how="left", validate="m:1")
        .merge(before, on=keys_before, how="left", validate="m:1")
        .rename(columns={"yoy_pct": "printed_pct", "yoy_half_unit": "half_unit_pp"})
    )
    value, error = joined["value_mn"], joined["abs_error_mn"]
    base, base_error = joined["value_before_mn"], joined["error_before_mn"]
    joined["implied_low_pct"] = 100 * ((value - error) / (base + base_error) - 1)
    joined["implied_high_pct"] = 100 * ((value + error) / (base - base_error) - 1)
    below = joined["implied_low_pct"] - (joined["printed_pct"] + joined["half_unit_pp"])
    above = joined["printed_pct"] - joined["half_unit_pp"] - joined["implied_high_pct"]
    joined["misfit_pp"] = np.maximum(np.maximum(below, above), 0).round(9)
    own_vintage = ((joined["vintage"] == "first_print") & (joined["vintage_before"] == "first_print")) | (
        (joined["source_now"] == joined["source_id"]) & (joined["source_before"] == joined["source_id"])
    )
    possible_revision = ~own_vintage | (joined["misfit_pp"] <= largest_revision_pct(rows))
    joined["verdict"] = np.select(
        [joined["misfit_pp"].isna(), joined["misfit_pp"] == 0, possible_revision],
        ["not checkable", "agrees", "revision"],
        default="misprint",
    )
    return joined[
        [*CELL, "source_id", "printed_pct", "half_unit_pp", "implied_low_pct", "implied_high_pct", "misfit_pp",
         "verdict", "value_mn", "value_before_mn"]
    ]  # fmt: skip


def growth_conflicts(rows: pd.DataFrame) -> pd.DataFrame:
    """List the cells for which two places print growth rates that differ by more than both roundings.

    Returns
    -------
    pandas.DataFrame
        Cell columns, ``lowest_pct`` and ``highest_pct`` with their sources, and ``rates``: how many were printed.
        The rates are shown, never averaged.
    """
    printed = rows[rows["yoy_pct"].notna() & (rows["doubtful"] != "growth")]
    rates = printed.groupby(CELL)["yoy_pct"]
    low, high = (printed.loc[found].reset_index(drop=True) for found in (rates.idxmin(), rates.idxmax()))
    differ = high["yoy_pct"] - low["yoy_pct"] > low["yoy_half_unit"] + high["yoy_half_unit"] + 1e-9
    extremes = low[CELL].assign(
        lowest_pct=low["yoy_pct"], highest_pct=high["yoy_pct"], lowest_source=low["source_id"],
        highest_source=high["source_id"], rates=rates.size().to_numpy(),
    )  # fmt: skip
    return extremes[differ].reset_index(drop=True)


def preferred_growth(rows: pd.DataFrame, checked: pd.DataFrame) -> pd.DataFrame:
    """Choose one printed year-on-year rate per cell.

    A rate that the levels contradict (misprint) is passed over where another was printed; then the finer print,
    then the rate printed in most places, then the official copy before the press before an unidentified place.

    Returns
    -------
    pandas.DataFrame
        Cell columns, ``yoy_pct``, ``half_unit_pp``, ``source_id``, ``places`` that print a rate within rounding of it
        and ``other_pct``, the printed rate farthest from it when one differs by more than both roundings.
    """
    printed = checked.merge(
        rows[[*CELL, "source_id", "source_kind"]], on=[*CELL, "source_id"], how="left", validate="m:1"
    )
    printed["wrong"] = printed["verdict"] == "misprint"
    printed["rank"] = printed["source_kind"].map(SOURCE_ORDER)
    printed["cell"] = printed.groupby(CELL).ngroup()
    rates = printed[["cell", "printed_pct", "half_unit_pp"]]
    pairs = rates.reset_index(names="row").merge(rates, on="cell", suffixes=("", "_other"))
    printed["places"] = (~_differ(pairs)).groupby(pairs["row"]).sum()
    printed = printed.sort_values(
        ["cell", "wrong", "places", "half_unit_pp", "rank", "source_id"],
        ascending=[True, True, False, True, True, True],
    )
    best = printed.drop_duplicates("cell")
    pairs = best.merge(printed[rates.columns], on="cell", suffixes=("", "_other"))
    away = (pairs["printed_pct_other"] - pairs["printed_pct"]).abs()
    farthest = pairs.loc[away.groupby(pairs["cell"]).idxmax()]
    farthest["other_pct"] = farthest["printed_pct_other"].where(_differ(farthest))
    columns = [*CELL, "yoy_pct", "half_unit_pp", "source_id", "places", "other_pct"]
    return farthest.rename(columns={"printed_pct": "yoy_pct"})[columns].reset_index(drop=True)


def _differ(pairs: pd.DataFrame) -> pd.Series:
    """Tell which pairs of printed rates differ by more than both roundings."""
    apart = (pairs["printed_pct"] - pairs["printed_pct_other"]).abs()
    return apart > pairs["half_unit_pp"] + pairs["half_unit_pp_other"] + 1e-9
