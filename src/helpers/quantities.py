"""Exports with their weight and number, by destination and customs code: read strictly, parts of the world told apart.

A destination is a country, a bloc or a region. Regions add up to the world; what they hold beside the destinations
named here is a rest, the difference of the two. Groups that cut across regions (G7, G20, OECD) are read and not used.
"""

from __future__ import annotations

import functools

import pandas as pd

from helpers import partners, paths, product_files, provenance

SCHEMA = "quantities"
CELL = ["period", "destination_code", "product_code"]
AMOUNTS = ["value_usd", "quantity_kg", "quantity_items"]
# Ember assigns countries to blocs once: one composition throughout.
BLOCS = {"EU": "EU", "ASEAN": "ASEAN"}
ACROSS = ("G7", "G20", "OECD")
# The region that holds the United States: with Canada, without Mexico.
US_REGION = "NORTH_AMERICA"
# Every other region and the destinations named in it; one without any is a destination of its own.
REGIONS: dict[str, tuple[str, ...]] = {
    "EUROPE": ("EU", "GB"), "ASIA": ("ASEAN", "IN", "JP", "KR"), "LATAM": ("BR", "MX"), "OCEANIA": ("AU",),
    "AFRICA": (), "MIDDLE_EAST": (),
}  # fmt: skip
MEMBERS = {"DE": "EU", "ES": "EU", "NL": "EU", "ID": "ASEAN", "MY": "ASEAN", "TH": "ASEAN", "VN": "ASEAN"}
REST = "REST_OF_"
# China's codes of eight digits, in our words.
TITLES = {
    "85414020": "panels and loose cells",
    "85414300": "panels",
    "85414200": "cells",
    "38180019": "wafers",
}


def monthly(as_of: str = "") -> pd.DataFrame:
    """Read every file of values with quantities. Assumption A23.

    Parameters
    ----------
    as_of
        Leave out what was read after this day; empty takes everything.

    Returns
    -------
    pandas.DataFrame
        :data:`CELL`, ``value_usd`` (FOB), ``quantity_kg`` and ``quantity_items`` (missing where none was printed), one
        row a cell; several files that hold a cell give the later day's. A destination without exports has no row.

    Raises
    ------
    Refusal
        If a month, partner or code is malformed, an amount is below zero, a weight or number is printed as zero beside
        a value, or a cell stands twice in a file.
    """
    return product_files.latest(
        SCHEMA, CELL, _rows_of, as_of=as_of, what="exports with quantities",
        remedy="restore it with `git checkout -- data/raw`, or choose a later day for as_of_vintage",
    )  # fmt: skip


def _rows_of(record: provenance.Record) -> pd.DataFrame:
    name, raw = paths.shown(record.path), provenance.read(record)
    refuse = functools.partial(product_files.refuse, name=name)
    product_files.check_months(raw, record, name)
    numbers = raw[["value", "kg", "items"]].apply(lambda cells: pd.to_numeric(cells.replace("", None)))
    for column in numbers:
        refuse(raw[numbers[column] < 0], column, "0 or more", "a negative figure is a correction: leave it out")
    for column in ("kg", "items"):
        none = (numbers[column] == 0) & (numbers["value"] > 0)
        refuse(raw[none], column, "more than 0 beside a value", "leave the cell empty: no quantity was printed")
    named = product_files.named_products(raw, name)
    other = named[~named["product"].isin(TITLES)]
    refuse(other, "product", f"one of {', '.join(TITLES)}", "name it in TITLES")
    codes = {
        row.partner: BLOCS.get(row.partner)
        or partners.code_of(row.partner, record.date_accessed[:7], file=name, row=int(row.line))
        for row in named.drop_duplicates("partner").itertuples(index=False)
    }
    frame = pd.DataFrame({"period": raw["period"], "destination_code": raw["partner"].map(codes),
                          "product_code": raw["product"], "line": raw["line"]})  # fmt: skip
    frame[AMOUNTS] = numbers.to_numpy(dtype=float)
    refuse(raw[frame.duplicated(CELL)], "partner", "one row a month, destination and code", "take one of the two away")
    return frame


def named() -> list[str]:
    """Return the destinations outside the United States that never overlap: countries, blocs and two regions."""
    return [code for region, inside in REGIONS.items() for code in (inside or (region,))]


def rests() -> list[str]:
    """Return what the regions hold beside the destinations named in them."""
    return [f"{REST}{region}" for region, inside in REGIONS.items() if inside]


def with_rests(monthly: pd.DataFrame) -> pd.DataFrame:
    """Add the rest of each region, so that the parts outside the US region add up to the world without it.

    A quantity that one of them does not print is taken as nothing: the ten weights that are missing are those of
    wafers worth less than 1,300 dollars.

    Parameters
    ----------
    monthly
        From :func:`monthly`.

    Returns
    -------
    pandas.DataFrame
        The same rows without the groups of :data:`ACROSS`, and the rests that are above zero.
    """
    wide = monthly.pivot(index=["period", "product_code"], columns="destination_code", values=AMOUNTS)
    made = []
    for region, inside in REGIONS.items():
        if not inside or region not in monthly["destination_code"].to_numpy():
            continue
        left = pd.DataFrame(index=wide.index)
        for amount in AMOUNTS:
            held = wide[amount].reindex(columns=[region, *inside]).fillna(0.0)
            left[amount] = held[region] - held[list(inside)].sum(axis=1)
        left = left[left["value_usd"] > 0].where(lambda amounts: amounts > 0)
        made.append(left.reset_index().assign(destination_code=f"{REST}{region}"))
    kept = monthly[~monthly["destination_code"].isin(ACROSS)]
    return pd.concat([kept, *made], ignore_index=True)[[*CELL, *AMOUNTS]]
