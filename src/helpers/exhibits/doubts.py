"""What is shown of the forecaster's choices: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts_choices, figures, provenance, robustness, robustness_views, study
from helpers.exhibits.sources import importers
from helpers.robustness import Curve


def every() -> str:
    """Return the source line of all series with an estimate."""
    return f"{importers()}; {provenance.source_line('eurostat_imports_euro', 'gacc_trade_by_partner_usd')}"


def show_specification_curve(curve: Curve, summed: pd.DataFrame) -> None:
    """Show the gap of W1 under every specification."""
    drawn = robustness_views.drawn_rows(curve.table)
    figures.show(
        charts_choices.plot_curve(drawn),
        name="specification_curve",
        title=robustness_views.of_curve(summed),
        subtitle=(
            "W1, percent of the counterfactual. Ring: the headline. Band: running median of the ends of their "
            "95 % intervals, cut at −100. Bar below: specifications clear of zero"
        ),
        alt=robustness_views.alt_of_curve(summed),
        source=importers(),
        data=drawn,
        note="Specifications share most of their data: their number is not a number of independent findings.",
    )


def show_specification_summary(summed: pd.DataFrame) -> None:
    """Show all specifications, window by window."""
    figures.show_table(
        robustness_views.curve_rows(summed),
        name="specification_summary",
        title="All specifications, window by window",
        source=every(),
        columns=robustness_views.CURVE_COLUMNS,
        data=summed,
        note=(
            "Last column: share of the 95 % intervals that are clear of zero on the headline's side. EU (its "
            "proxy), World and World without the US: point gaps only."
        ),
    )


def show_choices(curve: Curve) -> None:
    """Show what each choice moves."""
    choices = robustness_views.choice_rows(robustness.axes(curve))
    figures.show_table(
        choices,
        name="choices",
        title=robustness_views.of_choices(choices),
        source=importers(),
        columns=robustness_views.CHOICE_COLUMNS,
        data=robustness.axes(curve),
        note="Lowest and highest median gap of W1 over the options of each choice, percent of the counterfactual.",
    )


def show_earlier_dates(tests: pd.DataFrame, dates: pd.DataFrame) -> None:
    """Show the same bundle of specifications at earlier dates."""
    figures.show_table(
        robustness_views.dates_rows(tests),
        name="earlier_dates",
        title=robustness_views.of_dates(tests),
        source=importers(),
        columns=robustness_views.DATES_COLUMNS,
        data=dates,
        note=(
            "Two-sided. By rank: share of dates with a median gap as large. By t: with as many degrees of "
            "freedom as dates apart; the more careful of the two where they differ."
        ),
    )


def show_adjusted_p(family: pd.DataFrame) -> None:
    """Show p-values adjusted for looking at several series."""
    figures.show_table(
        robustness_views.family_rows(family),
        name="adjusted_p",
        title=robustness_views.of_family(family),
        source=importers(),
        columns=robustness_views.FAMILY_COLUMNS,
        data=family,
        note=(
            "At most: no placebo origin came as far out, and there are no more of them. The currency is that of "
            "the estimates."
        ),
    )


def show_power(estimates: pd.DataFrame, effects: pd.DataFrame) -> None:
    """Show the chance of seeing a gap, by its size."""
    lines = robustness_views.power_lines(estimates.excess)
    figures.show(
        charts_choices.plot_power(lines, effects),
        name="power",
        title=robustness_views.of_power(effects),
        subtitle=(
            "Chance of telling a gap in W1 from zero at 5 %, by its size in percent of the counterfactual, plain form"
        ),
        alt=robustness_views.alt_of_power(effects, lines),
        source=importers(),
        data=lines,
    )


def show_detectable(effects: pd.DataFrame, power: pd.DataFrame) -> None:
    """Show what each window could have shown."""
    figures.show_table(
        robustness_views.power_rows(effects, power),
        name="detectable",
        title="What each window could have shown",
        source=importers(),
        columns=robustness_views.POWER_COLUMNS,
        data=effects,
        note="Detectable: the gap that is seen four times in five. df: placebo errors that do not overlap.",
    )


def show_simulations(kept: dict[str, pd.DataFrame], fits: bool) -> None:
    """Show whether the intervals keep their promise on invented worlds."""
    promises = robustness_views.study_rows(study.summed(kept), kept["nightly"])
    figures.show_table(
        promises,
        name="simulations",
        title=robustness_views.of_study(promises, fits),
        source="simulated; src/helpers/study.json",
        columns=robustness_views.STUDY_COLUMNS,
        stacked=True,
        data=kept["nightly"],
        note=(
            "Ranges over the worlds, 2,000 replicates each; Monte Carlo error: the largest of them. By its "
            "name: a 95 % set should hold the truth in 0.95. The promises leave room beside it, 0.92 to 0.99 "
            "for such sets and 0.08 for tests at 0.05. Checks of the code (two runs equal, the dummy must fail, "
            "what is said in words) are not counted in the title."
        ),
    )
