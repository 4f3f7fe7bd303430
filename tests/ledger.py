"""The real ledger for tests: cleaned once per run."""

from __future__ import annotations

import functools

import pandas as pd

from helpers import controls, customs, destinations, excess, growth, tables


@functools.cache
def rows() -> pd.DataFrame:
    """Every printed figure."""
    return customs.read_rows()


@functools.cache
def cells() -> pd.DataFrame:
    """The clean table with the derived dollar cells."""
    return tables.check(customs.clean(rows()), "customs_monthly")


@functools.cache
def quarters() -> pd.DataFrame:
    """The quarterly table."""
    return tables.check(customs.quarterly(rows()), "customs_quarterly")


@functools.cache
def preferred_growth() -> pd.DataFrame:
    """One printed rate per cell."""
    return growth.preferred_growth(rows(), growth.check_growth(rows(), cells()))


@functools.cache
def control_table() -> pd.DataFrame:
    """The controls."""
    return controls.read_controls()


@functools.cache
def flows() -> dict[str, destinations.Flow]:
    """The series of every destination, in dollars, without lumps."""
    return destinations.flows(cells(), control_table(), "USD", excess.all_lumps(cells()))


def monthly_usd(reporter_code: str, partner_code: str) -> pd.Series:
    """Monthly imports in USD billion."""
    concept = "imports_general" if reporter_code == "US" else None
    own = customs.series(cells(), reporter_code, partner_code, concept=concept) / 1e3
    return controls.convert(own, control_table(), controls.OWN_CURRENCY[reporter_code], "USD")
