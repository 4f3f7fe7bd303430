"""What changed since the report before: the section of the page, and the earlier report as one of its inputs.

The comparison takes longer than drawing the page, so its rows are remembered by what they are made from.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from helpers import corrections, paths, shortcut
from helpers.months import month_name


def previous(month: str) -> dict[str, str] | None:
    """Return month and stamp of the last report of an earlier month that lies under ``reports/`` and still holds.

    One that was withdrawn, or whose record cannot be read, is passed over.
    """
    entries = corrections.read()
    for earlier in reversed([name for name in paths.months_there() if name < month]):
        if any(entry.kind == "withdrawn" for entry in corrections.of(entries, earlier)[-1:]):
            continue
        with contextlib.suppress(OSError, ValueError, KeyError):
            record = json.loads((paths.REPORTS / earlier / "run.json").read_text(encoding="utf-8"))
            return {"month": earlier, "stamp": record["stamp"]}
    return None


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
    rows = shortcut.compared(stamp["sha256"])
    if rows is None:
        from helpers import comparison

        rows = comparison.since_last(paths.REPORTS / earlier["month"], report, stamp)
        shortcut.remember_compared(stamp["sha256"], rows)
    first = f"{rows[0]['quantity']}: {rows[0]['before']}, now {rows[0]['after']}." if rows else "No number moved."
    return {"month": month_name(earlier["month"]), "first": first, "rows": rows}
