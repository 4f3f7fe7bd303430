"""One table of a report as a Stata file: format 118, which Stata 14 and later read, labels from the descriptions."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
from pandas.io.stata import StataParser

from helpers.columns import Column, Kind
from helpers.export_about import About, label, what_rows_are
from helpers.published import Held

VERSION = 118
LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 32, 80, 2045  # a longer text becomes a strL
LONG = 2_147_483_620  # the largest whole number of Stata's type long
RESERVED = frozenset(StataParser().RESERVED_WORDS)  # Stata's and Mata's, as pandas lists them


def variable_names(columns: list[str]) -> dict[str, str]:
    """Return column to variable name: letters, digits and underscores, at most 32, each told apart."""
    names: dict[str, str] = {}
    for column in columns:
        name = re.sub(r"[^A-Za-z0-9_]", "_", column)
        if not re.match(r"[A-Za-z_]", name) or name in RESERVED or re.fullmatch(r"str\d+", name):
            name = f"_{name}"
        base, count = name[:LONGEST_NAME], 1
        name = base
        while name in names.values():
            count += 1
            name = f"{base[: LONGEST_NAME - len(str(count)) - 1]}_{count}"
        names[column] = name
    return names


def shortened(text: str) -> str:
    """Return a label as long as Stata keeps it."""
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def stata(held: Held, about: About) -> bytes:
    """Return a table as the bytes of a ``.dta`` file, the same for the same report."""
    names = variable_names([column.name for column in held.columns])
    frame = pd.DataFrame(
        {names[column.name]: _values(held.frame[column.name], column.kind) for column in held.columns},
        index=held.frame.index,
    )
    texts = [names[column.name] for column in held.columns if column.kind == "text"]
    long = [name for name in texts if frame[name].map(lambda text: len(text.encode())).gt(LONGEST_TEXT).any()]
    content = io.BytesIO()
    frame.to_stata(
        content, write_index=False, version=VERSION, time_stamp=about.day, convert_strl=long,
        data_label=shortened(f"{about.report.month}, {about.stamp}: {what_rows_are(held)}"),
        variable_labels={names[column.name]: shortened(_label(column, names)) for column in held.columns},
    )  # fmt: skip
    return content.getvalue()


def _label(column: Column, names: dict[str, str]) -> str:
    """Return what a variable means; its unit is kept when the words are cut, and its name when that was changed."""
    text = label(column) if names[column.name] == column.name else f"{column.name}: {label(column)}"
    if len(text) > LONGEST_LABEL and column.unit:
        rest = f"… ({column.unit})"
        return f"{column.meaning[: LONGEST_LABEL - len(rest)]}{rest}"
    return text


def _values(values: pd.Series, kind: Kind) -> pd.Series:
    """Return a column in a type that Stata has: infinite numbers and what is not known are missing."""
    if kind == "text":
        return values.astype("object")
    numbers = values.astype("Float64").astype("float64").replace([np.inf, -np.inf], np.nan)
    if kind == "number" or numbers.isna().any() or (numbers.abs() > LONG).any():
        return numbers
    return numbers.astype("int8" if kind == "flag" else "int32")
