"""What is shown of the ledger: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, charts_releases, figures, headlines, listings, provenance, release_views, revisions
from helpers.exhibits.sources import gacc


def show_ledger_files(as_of_vintage: pd.DataFrame) -> None:
    """Show the raw files, each equal to its record."""
    records = provenance.check_all(as_of_vintage)
    figures.show_table(
        provenance.overview(records),
        name="ledger_files",
        title=f"{len(records)} raw files, each equal to its record",
        source="The records beside the files, data/raw",
        columns=listings.FILE_COLUMNS,
        folded=True,
    )


def show_evidence_grades(clean: pd.DataFrame) -> None:
    """Show how many cells of each reporter have which grade."""
    grades = listings.grade_counts(clean)
    figures.show_table(
        grades,
        name="evidence_grades",
        title=headlines.of_grades(grades),
        source=provenance.source_line("gacc", "census", "abs", "eurostat"),
        columns=["reporter", "A", "B", "C", "D"],
        note=(
            "Monthly cells in the preferred vintage. China's monthly exports to the United States are mostly "
            "grade D; that those of 2026 add up to the cumulative figure of an official copy is tested."
        ),
    )


def show_coverage(clean: pd.DataFrame) -> None:
    """Show the months that the ledger holds, flow by flow."""
    coverage = listings.coverage(clean)
    fig = charts.plot_coverage(coverage)
    figures.show(
        fig,
        name="coverage",
        title="Unbroken months stand in the importers' customs; China's own figures by partner are islands",
        subtitle="Months held in the ledger, by flow",
        alt=(
            "Strip chart: the months that the ledger holds of ten flows. Imports of the US and Australia from "
            "China are unbroken; China's exports to the EU, ASEAN and Australia are single months."
        ),
        source=provenance.source_line("gacc_trade_by_partner_usd", "census_imports", "abs", "eurostat_imports_euro"),
        data=coverage,
        note=(
            "Missing months cost the report its intervals for the EU and ASEAN: no forecast can be calibrated "
            "without a past."
        ),
    )


def show_level_conflicts(conflicts: pd.DataFrame) -> None:
    """Show the levels that two places print differently."""
    figures.show_table(
        listings.conflict_rows(conflicts),
        name="level_conflicts",
        title=headlines.of_conflicts(conflicts),
        source=provenance.source_line("gacc", "singstat"),
        columns=listings.CONFLICT_COLUMNS,
        folded=True,
    )


def show_rate_conflicts(rate_conflicts: pd.DataFrame) -> None:
    """Show the growth rates that two places print differently."""
    figures.show_table(
        listings.named(rate_conflicts),
        name="rate_conflicts",
        title="Growth rates that two places print differently",
        source=gacc(),
        columns=listings.RATE_CONFLICT_COLUMNS,
        note="The conflict over ASEAN in October 2025 is the one that matters most here.",
        folded=True,
    )


def show_revisions(revised: pd.DataFrame, prints: pd.DataFrame) -> None:
    """Show by how much first prints were revised."""
    figures.show_table(
        revised,
        name="revisions",
        title=revisions.of_summary(revised),
        source=provenance.source_line("gacc", "singstat"),
        columns=revisions.SUMMARY_COLUMNS,
        note=revisions.note(prints),
        folded=True,
        stacked=True,
    )


def show_revision_triangle(exports: pd.DataFrame) -> None:
    """Show every print of China's exports, month by month."""
    figures.show_table(
        exports,
        name="revision_triangle",
        title=revisions.of_triangle(exports),
        source=provenance.source_line("gacc"),
        columns=list(exports.columns),
        note=(
            "First print: the release of the month. Interim: a figure read between that and the revision, "
            "rounded to 0.1 billion. Bulletin: the table by country. Revised: as customs restated it later."
        ),
        folded=True,
    )


def show_misprints(wrong: pd.DataFrame) -> None:
    """Show the printed growth rates that their own levels contradict."""
    figures.show_table(
        listings.named(wrong),
        name="misprints",
        title="Printed growth rates that their own levels contradict",
        source=provenance.source_line("gacc_trade_by_partner"),
        columns=listings.MISPRINT_COLUMNS,
        note=(
            "The levels are used, the rates are not. World exports of 2022 do not appear here: their levels "
            "were revised after the rates were printed."
        ),
    )


def show_refused(refused: pd.DataFrame) -> None:
    """Show how many printed figures are not used, and why."""
    figures.show_table(
        listings.refused_counts(refused),
        name="refused",
        title=f"{len(refused)} printed figures are not used, and why",
        source="data/raw; the full list is in the CSV",
        columns=["file", "what", "reason", "figures", "first"],
        data=refused,
    )


def show_release_conflicts(clashes: pd.DataFrame) -> None:
    """Show the smallest sets of printed pieces that cannot all be true."""
    figures.show_table(
        release_views.conflict_rows(clashes),
        name="release_conflicts",
        title=release_views.of_conflicts(clashes),
        source=provenance.source_line("gacc", "rcep_monitor"),
        columns=release_views.CONFLICT_COLUMNS,
        note=(
            "Each set is a smallest one: without any of its pieces the others could be true. The CSV has the "
            "line of each. Yuan pieces count through the World figure of the same cell."
        ),
        folded=True,
        stacked=True,
        data=clashes,
    )


def show_exports_path(paths: pd.DataFrame) -> None:
    """Show what all pieces held allow for months that were never read."""
    figures.show(
        charts_releases.plot_exports_path(paths),
        name="exports_path",
        title=release_views.of_paths(paths),
        subtitle="China's exports by month, billion US dollars, FOB: what all pieces held allow",
        alt=release_views.alt_of_paths(paths),
        source=provenance.source_line("gacc", "rcep_monitor"),
        data=paths,
        note=(
            "Pale: the bounds of an open month, cut at the edge. Inside them, where it is assumed, what the "
            "share of a month in its quarter leaves; the dashed path there is no more than the smoothest of "
            "many."
        ),
    )
