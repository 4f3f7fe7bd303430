"""The named spans of time that every page uses: windows of the tariff story, and what lies behind a report's month.

Windows: W1, April to November 2025, the door shut; W2, December 2025 to February 2026, the truce; W3, from March
2026, the reopening after the emergency tariffs ended on 20 February 2026. A window is cut at the report's month.
"""

from __future__ import annotations

import pandas as pd

# Assumption A13: the first window begins after the months of early buying.
WINDOWS = {"W1": ("2025-04", "2025-11"), "W2": ("2025-12", "2026-02"), "W3": ("2026-03", "")}
WINDOW_NAMES = {"W1": "door shut", "W2": "truce", "W3": "reopening"}
ARTICLE_MONTH = "2025-11"
# China's customs publish earlier than the importers: when these reach a month, China's next one is out.
MONTHS_AHEAD = 1

# Dated changes of the US tariff on goods from China, for the figures.
TARIFF_MARKS = (
    ("2018-07", "first tariff lists"),
    ("2025-04", "tariffs up to 125 %"),
    ("2025-11", "truce"),
    ("2026-02", "emergency tariffs end"),
)


def windows(month: str) -> dict[str, tuple[str, str]]:
    """Return the windows that have begun by ``month``, cut at it, as (first, last) months."""
    return {name: (first, min(last or month, month)) for name, (first, last) in WINDOWS.items() if first <= month}


def facts_until(month: str, last_known: str) -> str:
    """Return the last month of China's own figures in a report for ``month``: one ahead, if it is known.

    Assumption A20.
    """
    return min(str(pd.Period(month, "M") + MONTHS_AHEAD), last_known)


def comparisons(month: str, last_known: str) -> dict[str, tuple[str, str, str]]:
    """Return the spans whose exports are compared with a year before: name to (first, last, kind of figure).

    ``months`` adds up monthly figures; ``month`` and ``ytd`` take the printed cell of the last month.
    """
    until = facts_until(month, last_known)
    spans = {name: (*span, "months") for name, span in windows(month).items() if name != "W2"}
    if month >= ARTICLE_MONTH:
        spans["article month"] = (ARTICLE_MONTH, ARTICLE_MONTH, "month")
    for year in range(2025, int(until[:4])):
        spans[f"year {year}"] = (f"{year}-01", f"{year}-12", "months")
    spans["latest month"] = (until, until, "month")
    spans["year so far"] = (f"{until[:4]}-01", until, "ytd")
    return spans


def sides(month: str) -> dict[str, tuple[str, str]]:
    """Return the spans in which both sides of a flow are compared."""
    spans = {f"year {year}": (f"{year}-01", f"{year}-12") for year in range(2024, int(month[:4]))} | windows(month)
    if month >= ARTICLE_MONTH:
        spans["article month"] = (ARTICLE_MONTH, ARTICLE_MONTH)
    return spans
