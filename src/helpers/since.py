"""What changed since the report before: the section of the page, and the earlier report as one of its inputs.

The comparison takes longer than drawing the page, so its rows are remembered by what they are made from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers import published, shortcut
from helpers.months import month_name


def previous(month: str) -> dict[str, str] | None:
    """Return month and stamp of the last report of an earlier month, if one lies under ``reports/``."""
    folder = published.before(month)
    if folder is None:
        return None
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {"month": folder.name, "stamp": record["stamp"]}


def since(earlier: dict[str, str] | None, report: Path, stamp: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the page says of the report before.

    Parameters
    ----------
    earlier
        Its month and stamp, as in ``stamp["previous"]``.
    report
        Folder in which this report is made, its tables under ``data``.
    stamp
        The stamp of this report.

    Returns
    -------
    dict
        ``month`` in words, ``first`` (one sentence) and ``rows``; None without an earlier report.
    """
    if earlier is None:
        return None
    folder = published.before(stamp["parameters"]["month"])
    rows = shortcut.compared(stamp["sha256"])
    if rows is None:
        from helpers import comparison

        rows = comparison.since_last(folder, report, stamp)
        shortcut.remember_compared(stamp["sha256"], rows)
    first = f"{rows[0]['quantity']}: {rows[0]['before']}, now {rows[0]['after']}." if rows else "No number moved."
    return {"month": month_name(earlier["month"]), "first": first, "rows": rows}
