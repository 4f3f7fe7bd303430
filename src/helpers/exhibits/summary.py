"""What is shown in the summary: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import (
    charts,
    charts_panels,
    claims,
    figures,
    headlines,
    panel_rows,
    provenance,
    spans,
    summary_page,
    wording,
)
from helpers.exhibits.sources import gacc, importers


def show_panels(results: dict[str, pd.DataFrame], month: str) -> None:
    """Show the four small drawings: imports from China before and after the tariffs."""
    rows = panel_rows.panel_rows(results["excess_paths"], results["excess"], results["exports_path"])
    windows, limits = spans.windows(month), panel_rows.limits_of(rows)
    figures.show_panels(
        lambda code, phone: charts_panels.plot_panel(rows[rows["destination_code"] == code], windows, limits, phone),
        panel_rows.panels(rows, results["excess"], results["monthly_rates"]),
        name="panels",
        title=panel_rows.of_panels(rows),
        subtitle=panel_rows.SUBTITLE,
        alt=headlines.alt_of_lines("Imports from China, index.", rows, "actual", "destination"),
        source=f"{importers()}; {gacc()}; {provenance.source_line('rcep_monitor')}",
        data=rows,
        note=panel_rows.note_of(rows),
    )


def show_summary_sides(results: dict[str, pd.DataFrame]) -> None:
    """Show growth on China's count beside growth on the importer's."""
    sides = summary_page.dumbbell_rows(results)
    figures.show(
        charts.plot_dumbbell(sides),
        name="summary_sides",
        title=headlines.of_side_rates(results["two_sides"]),
        subtitle="Growth against the same months a year before, percent, US dollars",
        alt=headlines.alt_of("Two counts of one flow, growth in percent.", sides, "label", summary_page.COUNTS),
        source=f"{gacc()}; {importers()}",
        data=sides,
    )


def show_summary_claims(checked: pd.DataFrame) -> None:
    """Show the newspaper's claims with their verdicts."""
    figures.show_table(
        checked,
        name="summary_claims",
        title=headlines.of_claims(checked),
        source=f"{gacc()}; {importers()}",
        columns=["claim", "claimed", "verdict", "reading"],
        badges={"verdict": claims.BADGES},
        stacked=True,
    )


def show_limits(against: pd.DataFrame) -> None:
    """Show what can be said against the page, and what it has to answer."""
    figures.show_table(
        against,
        name="limits",
        title=wording.limits.of_limits(against),
        source=f"{gacc()}; {importers()}",
        columns=wording.limits.COLUMNS,
        note="The status is our own judgement, given by rule.",
        badges={"status": wording.limits.BADGES},
        stacked=True,
        folded=True,
    )


def show_evidence(results: dict[str, pd.DataFrame]) -> None:
    """Show what each destination can bear, with the grade of its figures."""
    rows = summary_page.evidence_rows(results["excess"], results["monthly_rates"])
    figures.show_table(
        rows,
        name="evidence",
        title="What each destination can bear",
        source=f"{gacc()}; {importers()}",
        columns=["destination", "view", "origins", "grade", "bears"],
        badges={"grade": {"A": "good", "B": "good", "C": "warn", "D": "bad"}},
    )
