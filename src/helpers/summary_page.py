"""What only the summary shows: key numbers, the two sides as a dumbbell, and what each destination can bear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.destination_list import ORDER
from helpers.headlines import short_name, span_label
from helpers.months import day_name, span_name
from helpers.numbers import percent, plain
from helpers.spans import WINDOWS

COUNTS = {"exporter": "China's customs", "importer": "importer's customs"}
BEARS = {
    "interval": "accounting, excess with a 95\u00a0% interval",
    "range": "accounting, range of point gaps, no interval",
    "not informative": "accounting; the excess is not informative",
}


def dumbbell_rows(results: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the spans in which both sides of a flow hold all months: ``label``, both growth rates, ``code``."""
    sides = results["two_sides"]
    both = sides[sides["exporter_growth_pct"].notna() & sides["importer_growth_pct"].notna()]
    both = both[~both["span"].str.startswith("year")]
    both = both.sort_values(["reporter_code", "first_month", "last_month"], ascending=[False, True, True])
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


def tiles(results: dict[str, pd.DataFrame]) -> list[dict[str, str]]:
    """Return the key numbers for a reader with ten seconds."""
    sides, changes, checked = results["two_sides"], results["accounting_change"], results["claims_checked"]
    w1 = sides[(sides["span"] == "W1") & (sides["reporter_code"] == "US")].iloc[0]
    top = results["ceiling"].query("span == 'W1'")["ceiling_pct"].dropna()
    so_far = changes[changes["span"] == "year so far"].set_index("partner_code")
    shown = [
        {
            "label": f"Exports to the US, {span_name(w1['first_month'], w1['last_month'])}",
            "value": f"{percent(w1['exporter_growth_pct'], 0)} or {percent(w1['importer_growth_pct'], 0)}",
            "detail": "as China's or as US customs count",
        }
    ]
    if len(top):
        shown.append(
            {
                "label": f"The US loss over the rise elsewhere, {span_name(*WINDOWS['W1'])}",
                "value": f"{plain(top.min(), 0)} to {plain(top.max(), 0)} %",
                "detail": "against last year, by who counts; against a trend it is no bound",
            }
        )
    if {"EU", "ASEAN", "AU"} <= set(so_far.index):
        rates = so_far["growth_pct"]
        shown.append(
            {
                "label": f"{span_name(so_far['first_month'].iloc[0], so_far['last_month'].iloc[0])}, exports to the EU",
                "value": percent(rates["EU"]),
                "detail": ", ".join(f"{short_name(code)} {percent(rates[code])}" for code in ("ASEAN", "AU", "US")),
            }
        )
    counts = checked["verdict"].value_counts()
    shown.append(
        {
            "label": f"Claims of the article of {day_name(checked['article_date'].iloc[0])}",
            "value": f"{counts.get('confirmed', 0)} of {len(checked)}",
            "detail": f"confirmed; {counts.get('wrong', 0)} wrong, the others imprecise or beyond trade figures",
        }
    )
    return shown


def evidence_rows(excess: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """Return, per destination, whose customs are used, the placebo origins, the weakest grade, and what follows."""
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
    listed = pd.DataFrame(rows).astype({"origins": "Int64"})
    order = [short_name(code) for code in ORDER]
    return listed.sort_values("destination", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)
