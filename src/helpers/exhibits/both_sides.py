"""What is shown of the two counts of one flow: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, figures, mirror_views
from helpers.exhibits.sources import gacc, importers
from helpers.mirror.steps import Sides


def both() -> str:
    """Return the source line of China's customs and of the importers'."""
    return f"{gacc()}; {importers()}"


def show_mirror_years(gaps: pd.DataFrame) -> None:
    """Show the gap between the two counts, year by year."""
    shown = mirror_views.year_rows(gaps)
    figures.show(
        charts.plot_lines(shown, x="month", y="log_gap_pct", series="name", code="reporter_code", rule=0),
        name="mirror_years",
        title=mirror_views.of_years(shown),
        subtitle="Importer's count over China's, log points, whole years",
        alt=mirror_views.alt_of_years(shown),
        source=both(),
        data=gaps,
        note=("Only years that both counts hold whole; the line breaks where one is missing. Customs value over FOB."),
    )


def show_mirror_changes(changed: pd.DataFrame) -> None:
    """Show by how much the gap widened."""
    figures.show_table(
        mirror_views.part_rows(changed),
        name="mirror_changes",
        title=mirror_views.of_parts(changed),
        source=both(),
        columns=mirror_views.PARTS_COLUMNS,
        data=changed,
        note=(
            "Against the same months of the year to October 2024, billion US dollars. The smaller widening goes "
            "with the larger unchanged part; the CSV has a part between (logarithmic means), which leaves no "
            "remainder."
        ),
    )


def show_mirror_losses_w1(lost: pd.DataFrame, changed: pd.DataFrame) -> None:
    """Show the loss on each count beside the rise elsewhere."""
    figures.show_table(
        mirror_views.loss_rows(lost, changed, ("W1",)),
        name="mirror_losses_w1",
        title=mirror_views.of_losses(lost),
        source=both(),
        columns=mirror_views.LOSS_COLUMNS,
        data=lost,
        note=(
            "The rise elsewhere is China's total less its own count of the US. Australia by its own customs: a "
            "change, not a diverted amount."
        ),
    )


def show_mirror_losses_later(lost: pd.DataFrame, changed: pd.DataFrame) -> None:
    """Show the same for the later windows."""
    figures.show_table(
        mirror_views.loss_rows(lost, changed, ("W2", "W3")),
        name="mirror_losses_later",
        title=mirror_views.of_later(lost),
        source=both(),
        columns=mirror_views.LOSS_COLUMNS,
        note=mirror_views.windows_sentence(lost),
    )


def show_mirror_steps(levels: pd.DataFrame, found: Sides, month: str) -> None:
    """Show at which tariff dates the gap moved."""
    path = mirror_views.step_path(found, month)
    marks = mirror_views.step_marks(levels)
    figures.show(
        charts.plot_lines(path, x="month", y="deviation_pct", series="name", code="code", verticals=marks, rule=0),
        name="mirror_steps",
        title=mirror_views.of_steps(levels),
        subtitle="US gap less its mean in the same months of the two years of training, log points",
        alt=mirror_views.alt_of_steps(path),
        source=both(),
        data=path,
        note="January and February count as one period. The line breaks where a count is missing.",
    )


def show_mirror_candidates(held: pd.DataFrame) -> None:
    """Show what could explain the widening, and what speaks for it."""
    figures.show_table(
        mirror_views.short_rows(mirror_views.candidate_rows(held)),
        name="mirror_candidates",
        title=mirror_views.of_candidates(held),
        source=f"{both()}; duties: US Census Bureau; tariffs as compiled",
        columns=mirror_views.CANDIDATE_COLUMNS,
        badges={"told": mirror_views.BADGES},
        stacked=True,
        folded=True,
        data=held,
        note=(
            "The first measurement of each reading; the CSV has all. A p value counts shifts of one series "
            "against the other; it says nothing about what else moved with them."
        ),
    )
