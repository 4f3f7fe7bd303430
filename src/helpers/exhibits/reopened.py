"""What is shown of the reopening: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, charts_windows, figures, provenance, reopening_views
from helpers.exhibits.sources import gacc, importers


def show_reopening(drawn: pd.DataFrame) -> None:
    """Show growth in the three windows, for a minister."""
    shown = reopening_views.minister_rows(drawn)
    figures.show(
        charts_windows.plot_windows(shown),
        name="reopening",
        title=reopening_views.of_minister(drawn),
        subtitle="Growth against the same months a year before, percent, US dollars",
        alt=reopening_views.alt_of_minister(shown),
        source=f"{gacc()}; {importers()}",
        data=drawn,
        note=(
            "US, EU, ASEAN: China's exports. Australia: its own customs, because China's monthly figures for it "
            "are missing."
        ),
    )


def show_growth_by_window(drawn: pd.DataFrame) -> None:
    """Show the growth behind it, and what is estimated beside it."""
    figures.show_table(
        reopening_views.window_rows(drawn),
        name="growth_by_window",
        title=reopening_views.of_windows(drawn),
        source=f"{gacc()}; {importers()}",
        columns=reopening_views.WINDOW_COLUMNS,
        note="A dash: the printed pieces leave more than five points open.",
        data=drawn,
    )


def show_gaps_by_window(gaps: pd.DataFrame) -> None:
    """Show the gaps of the three windows."""
    shown = reopening_views.gap_rows(gaps)
    figures.show(
        charts.plot_intervals(shown, "pct"),
        name="gaps_by_window",
        title=reopening_views.of_gaps(shown),
        subtitle=(
            "Percent of the forecast with 95 % intervals, plain form; the later the window, the further the forecast"
        ),
        alt=reopening_views.alt_of_gaps(shown),
        source=importers(),
        data=gaps,
    )


def show_easing(easing: pd.DataFrame) -> None:
    """Show whether the gaps eased from W1 to W3."""
    figures.show_table(
        reopening_views.easing_rows(easing),
        name="easing",
        title=reopening_views.of_easing(easing),
        source=f"{importers()}; {gacc()}",
        columns=reopening_views.EASING_COLUMNS,
        data=easing,
        note=(
            "Change of the gap from W1 to W3, percentage points of the forecast. World without the US: China's "
            "total less US customs."
        ),
    )


def show_across_partners(points: pd.DataFrame) -> None:
    """Show growth before and after, partner by partner."""
    figures.show_table(
        reopening_views.partner_rows(points),
        name="across_partners",
        title=reopening_views.of_partners(points),
        source=gacc(),
        columns=reopening_views.PARTNER_COLUMNS,
        folded=True,
        data=points,
        note=(
            "China's exports against the same quarter a year before, US dollars; a range where the printed "
            "pieces leave more than a point open."
        ),
    )


def show_sharpened(firsts: pd.DataFrame) -> None:
    """Show when the flows first fell and rose again."""
    figures.show_table(
        reopening_views.sharpened_rows(firsts),
        name="sharpened",
        title=reopening_views.of_sharpened(firsts),
        source=f"{gacc()}; {importers()}; {provenance.source_line('federal_reserve')}",
        columns=reopening_views.SHARPENED_COLUMNS,
        stacked=True,
        data=firsts,
    )
