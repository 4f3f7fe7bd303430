"""What the pages list of the clean tables: counts, coverage and names instead of codes."""

from __future__ import annotations

import pandas as pd

from helpers import customs, partners
from helpers.revisions import PRINT_NAMES

# The flows whose months the coverage figure shows: label, reporter, partner, choice.
COVERAGE_FLOWS = (
    ("US imports from China", "US", "CN", {"concept": "imports_general"}),
    ("US imports, all origins", "US", partners.WORLD, {"concept": "imports_general"}),
    ("Australian imports from China", "AU", "CN", {}),
    ("Euro-area imports from China, SITC 5 to 8", "EA20", "CN", {"product": "7"}),
    ("EU imports from China (press)", "EU27", "CN", {}),
    ("China's exports, total", "CN", partners.WORLD, {}),
    ("China's exports to the US", "CN", "US", {}),
    ("China's exports to the EU", "CN", "EU", {}),
    ("China's exports to ASEAN", "CN", "ASEAN", {}),
    ("China's exports to Australia", "CN", "AU", {}),
)

# Columns of the tables that a page shows, in order.
FILE_COLUMNS = [
    "producer", "title", "rows", "read", "licence", "sha256",
]  # fmt: skip
CONFLICT_COLUMNS = [
    "period", "period_kind", "partner", "flow", "value_mn_a", "value_mn_b", "vintage_a", "vintage_b",
    "difference_pct", "reading",
]  # fmt: skip
RATE_CONFLICT_COLUMNS = [
    "period", "period_kind", "partner", "flow", "lowest_pct", "highest_pct", "rates",
]  # fmt: skip
MISPRINT_COLUMNS = [
    "period", "partner", "flow", "printed_pct", "implied_low_pct", "implied_high_pct", "misfit_pp",
]  # fmt: skip


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the column ``partner``, the reader's name of ``partner_code``."""
    return frame.assign(partner=[partners.name_of(code) for code in frame["partner_code"]])


def conflict_rows(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of levels that differ, with names of partners and prints."""
    prints = {column: conflicts[column].map(PRINT_NAMES) for column in ("vintage_a", "vintage_b")}
    return named(conflicts).assign(**prints)


def grade_counts(cells: pd.DataFrame) -> pd.DataFrame:
    """Count the preferred monthly cells by reporter and evidence grade."""
    months = cells[(cells["period_kind"] == "month") & cells["is_preferred"] & ~cells["is_derived"]]
    counts = months.groupby(["reporter_code", "evidence_grade"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list("ABCD"), fill_value=0).reset_index()
    counts.insert(0, "reporter", [partners.name_of(code) for code in counts["reporter_code"]])
    return counts.drop(columns="reporter_code").rename_axis(columns=None)


def coverage(cells: pd.DataFrame) -> pd.DataFrame:
    """List the months that each of the main flows holds: ``flow``, ``period``."""
    frames = []
    for label, reporter, partner, choice in COVERAGE_FLOWS:
        held = customs.series(cells, reporter, partner, **choice)
        frames.append(pd.DataFrame({"flow": label, "period": held.index.astype(str)}))
    return pd.concat(frames, ignore_index=True)


def refused_counts(refused: pd.DataFrame) -> pd.DataFrame:
    """Group the refused figures by file, kind and reason."""
    grouped = refused.groupby(["file", "what", "reason"], as_index=False).agg(
        figures=("line", "size"), first=("period", "min")
    )
    return grouped.assign(file=grouped["file"].str.rsplit("/", n=1).str[-1])
