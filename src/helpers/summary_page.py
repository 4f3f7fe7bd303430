"""Rows of the summary page that no other page shows: the two sides as a dumbbell, and what each destination can bear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.claims import BADGES
from helpers.headlines import short_name, span_label

__all__ = ["BADGES", "dumbbell_rows", "evidence_rows", "subtitle_of_sides"]

BEARS = {
    "interval": "accounting, excess with a 95 % interval",
    "range": "accounting, range of point gaps, no interval",
    "not informative": "accounting; the excess is not informative",
}


def dumbbell_rows(results: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the spans in which both sides of a flow hold all months: ``label``, both growth rates, ``code``."""
    sides = results["two_sides"]
    both = sides[sides["exporter_growth_pct"].notna() & sides["importer_growth_pct"].notna()]
    labels = [
        f"{short_name(r.reporter_code)}, {span_label(r.span, r.first_month, r.last_month)}"
        for r in both.itertuples(index=False)
    ]
    return pd.DataFrame(
        {
            "label": labels, "exporter": both["exporter_growth_pct"], "importer": both["importer_growth_pct"],
            "code": both["reporter_code"],
        }
    ).reset_index(drop=True)  # fmt: skip


def subtitle_of_sides(sides: pd.DataFrame) -> str:
    """Return the subtitle of the dumbbell figure."""
    return "Growth against the same months a year before, percent, US dollars: China's count and the importer's count"


def evidence_rows(excess: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """Return, per destination, whose customs are used, how many placebo origins, the weakest grade, and what follows."""
    rows = []
    first = excess[excess["window_id"] == "W1"].drop_duplicates("destination_code")
    for row in first.itertuples(index=False):
        rows.append(
            {
                "destination": short_name(row.destination_code), "view": row.view, "origins": row.origins,
                "grade": row.evidence_grade, "bears": BEARS.get(row.status, row.status),
            }
        )  # fmt: skip
    for code in ("EU", "ASEAN", "AU"):
        rates = monthly[monthly["partner_code"] == code].iloc[0]
        total = int(rates["months"] + rates["months_missing"])
        rows.append(
            {
                "destination": short_name(code), "view": "exporter: China's customs, printed growth rates",
                "origins": np.nan, "grade": "B" if rates["months"] == total else "C",
                "bears": f"accounting: {int(rates['months'])} of {total} months of W1 have a printed rate",
            }
        )  # fmt: skip
    return pd.DataFrame(rows).astype({"origins": "Int64"})
