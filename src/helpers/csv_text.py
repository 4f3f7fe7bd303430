"""Tables as CSV: the same bytes everywhere, and no cell that a spreadsheet would obey."""

from __future__ import annotations

import csv

import pandas as pd

OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV text: repr of numbers, no index, harmless in a spreadsheet."""
    safe = harmless(frame)
    # a bare return ends a line for some readers, and is quoted only where all texts are
    returns = any("\r" in name for name in map(str, safe.columns)) or any(
        isinstance(cell, str) and "\r" in cell for name in _texts(safe) for cell in safe[name]
    )
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    return safe.to_csv(index=False, lineterminator="\n", quoting=quoting)


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which a text, or a head, that a spreadsheet would take for a formula begins with an apostrophe.

    Numbers are left alone, also those written as text: nothing is computed from them. A text that begins like that
    behind apostrophes of its own gets one more, so that taking one away gives the text again.
    """
    texts = _texts(frame)
    safe = frame.assign(**{name: frame[name].map(_harmless) for name in texts}) if texts else frame
    return safe.rename(columns=_harmless) if any(_harmless(name) != name for name in frame.columns) else safe


def _texts(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]


def _harmless(value: object) -> object:
    if not isinstance(value, str) or not value.lstrip("'").startswith(OBEYED):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
