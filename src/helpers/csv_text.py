"""Tables as CSV: the same bytes everywhere, and no cell that a spreadsheet would obey."""

from __future__ import annotations

import pandas as pd

OBEYED = ("=", "+", "-", "@", "\t", "\r")


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV text: repr of numbers, no index, harmless in a spreadsheet."""
    return harmless(frame).to_csv(index=False, lineterminator="\n")


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which a text that a spreadsheet would take for a formula begins with an apostrophe.

    Numbers are left alone, also those written as text: nothing is computed from them.
    """
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.assign(**{name: frame[name].map(_harmless) for name in texts}) if texts else frame


def _harmless(value: object) -> object:
    if not isinstance(value, str) or not value.startswith(OBEYED):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
