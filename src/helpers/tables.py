"""Every table's columns, units and key, and the only door through which notebooks hand data on.

A table is described once, in ``table_list.py``. Tables are Parquet
files under ``data/processed``; product codes stay text from the first byte.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from helpers import paths
from helpers.columns import Kind, Table
from helpers.refusals import Refusal, nearest
from helpers.table_list import DESCRIBED


def described(name: str) -> Table:
    """Return the description of table ``name``; an unknown name is refused with the nearest known ones."""
    if name not in DESCRIBED:
        raise Refusal(
            f'there is no table "{name}"',
            expected="a table described in src/helpers/table_list.py",
            remedy=f"did you mean {nearest(name, DESCRIBED)}?",
        )
    return DESCRIBED[name]


def path_of(name: str) -> Path:
    """Return where table ``name`` stands."""
    return paths.PROCESSED / f"{described(name).name}.parquet"


def check(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check ``frame`` against the description of table ``name`` and return it typed and in the described order.

    Parameters
    ----------
    frame
        The table. Column order does not matter; an optional column may be missing and is then empty. A frame without
        rows and columns is a table in which nothing was found.
    name
        A table of ``table_list.py``.

    Returns
    -------
    pandas.DataFrame
        Same rows sorted by key; text as ``str``, numbers as float64, integers as Int64, flags as boolean.

    Raises
    ------
    Refusal
        If a required column is missing, one is unknown, a required cell is empty, a value has the wrong kind, or a key
        repeats.
    """
    table = described(name)
    if frame.empty and frame.columns.empty:  # nothing was found: a table without rows
        frame = pd.DataFrame(columns=table.names)
    missing = [column.name for column in table.columns if not column.optional and column.name not in frame.columns]
    unknown = [column for column in frame.columns if column not in table.names]
    if missing or unknown:
        raise Refusal(
            f"columns missing: {missing or 'none'}; columns nobody described: {unknown or 'none'}",
            expected=f"the columns {', '.join(table.names)}",
            remedy="give the table these columns, or describe the new one in src/helpers/table_list.py",
            file=f"table {name}",
        )
    frame = frame.reindex(columns=table.names).reset_index(drop=True)
    for column in table.columns:
        try:
            frame[column.name] = _typed(frame[column.name], column.kind)
        except (TypeError, ValueError) as error:
            raise Refusal(
                f"{error}", expected=f"{column.kind}", remedy="see where the value comes from",
                file=f"table {name}", column=column.name,
            ) from error  # fmt: skip
        if not column.optional and frame[column.name].isna().any():
            empty = frame.index[frame[column.name].isna()]
            raise Refusal(
                f"{len(empty)} empty cells, first in row {empty[0]}: {frame.loc[empty[0], list(table.key)].to_dict()}",
                expected="a value in every row",
                remedy="fill it where it is made, or describe the column as optional",
                file=f"table {name}",
                column=column.name,
            )
    repeated = frame.duplicated(list(table.key), keep=False)
    if repeated.any():
        first = frame.loc[repeated, list(table.key)].iloc[0].to_dict()
        raise Refusal(
            f"{int(repeated.sum())} rows share a key, first {first}",
            expected=f"one row per {', '.join(table.key)}",
            remedy="resolve the duplicates by the stated rule before writing",
            file=f"table {name}",
        )
    return frame.sort_values(list(table.key), kind="stable", ignore_index=True)


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    if kind == "text" and values.dtype == "str":
        return values
    if kind == "text":
        return values.map(lambda v: None if v is None or (not isinstance(v, str) and pd.isna(v)) else str(v)).astype(
            "str"
        )
    if kind == "number":
        return pd.to_numeric(values).astype("float64")
    if kind == "integer":
        return pd.to_numeric(values).astype("Int64")
    return values.astype("boolean")


def write(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check ``frame`` and put it in place as table ``name`` by a rename, so that no reader sees half a table."""
    frame = check(frame, name)
    target = path_of(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(f".{os.getpid()}.part")
    frame.to_parquet(beside, index=False)
    os.replace(beside, target)
    return frame


def read(name: str) -> pd.DataFrame:
    """Read table ``name``, checked; a table not made yet is refused with the notebook that makes it."""
    target = path_of(name)
    if not target.exists():
        raise Refusal(
            f'table "{name}" has not been made yet',
            expected=f"the file {paths.shown(target)}",
            remedy=f"run notebooks/{described(name).written_by}.ipynb first, or `make report`",
        )
    return check(pd.read_parquet(target), name)


def read_each(*names: str) -> dict[str, pd.DataFrame]:
    """Read several tables, by name."""
    return {name: read(name) for name in names}
