"""What is shown of other yardsticks: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, figures, provenance, yardstick_views
from helpers.exhibits.sources import gacc, importers
from helpers.synthetic.estimates import Results


def show_pre_trends(tests: pd.DataFrame, bounds: pd.DataFrame) -> None:
    """Show whether the flows strayed before the tariffs."""
    figures.show_table(
        yardstick_views.past_rows(tests, bounds),
        name="pre_trends",
        title=yardstick_views.of_past(tests),
        source=importers(),
        columns=yardstick_views.PAST_COLUMNS,
        data=tests.merge(bounds, on=["destination_code", "form"], suffixes=("", "_w1")),
        note=(
            "The twelve months before the end of training, percent of the forecast; 95 % intervals. Straying "
            "counts monthly noise as a change, always in one direction: a hard test."
        ),
    )


def show_breaks(broken: pd.DataFrame) -> None:
    """Show the breaks that the trend had."""
    figures.show_table(
        yardstick_views.break_rows(broken),
        name="breaks",
        title=yardstick_views.of_breaks(broken),
        source=f"{importers()}; {gacc()}",
        columns=yardstick_views.BREAK_COLUMNS,
        data=broken,
        note=(
            "A trend that wanders is called a break too often (19 to 29 % of simulated cases at a 10 % test). "
            "The EU proxy is too short."
        ),
    )


def show_synthetic(mixed: Results) -> None:
    """Show imports against a mix of other suppliers."""
    drawn = yardstick_views.mix_paths(mixed.paths)
    figures.show(
        charts.plot_paths(drawn),
        name="synthetic",
        title=yardstick_views.of_mix(mixed.gaps),
        subtitle=(
            "Imports from China against the mix of other suppliers (thin: as fitted in training), billion US "
            "dollars a month"
        ),
        alt=yardstick_views.alt_of_mix(drawn),
        source=importers(),
        data=mixed.paths,
    )


def show_synthetic_gaps(mixed: Results) -> None:
    """Show the gaps to that mix, and what moves them."""
    figures.show_table(
        yardstick_views.mix_rows(mixed.gaps),
        name="synthetic_gaps",
        title=yardstick_views.of_mix_table(mixed.gaps),
        source=importers(),
        columns=yardstick_views.MIX_COLUMNS,
        data=mixed.gaps,
        note=(
            "Billion US dollars. Last but one: range of gaps with one donor left out; then without donors that "
            "rose above their own mix. Fragile: within normal variation in one of these. Not usable: outside "
            "all donors in more than half of the training; its interval promises nothing."
        ),
    )


def show_synthetic_checks(mixed: Results) -> None:
    """Show how well the mix fits, and its donors."""
    figures.show_table(
        yardstick_views.mix_check_rows(mixed.gaps, mixed.donors),
        name="synthetic_checks",
        title=yardstick_views.of_mix_checks(mixed.gaps),
        source=importers(),
        columns=yardstick_views.MIX_CHECK_COLUMNS,
        stacked=True,
        data=mixed.donors,
        note=(
            "Fit: root mean square misfit in training. Outside: training periods in which China, measured as "
            "the mix measures it, is above or below every donor. The rank cannot give a smaller p than one over "
            "the number of origins."
        ),
    )


def show_front_loading(front: pd.DataFrame) -> None:
    """Show what was bought early, and the gaps net of it."""
    figures.show_table(
        yardstick_views.front_rows(front),
        name="front_loading",
        title=yardstick_views.of_front(front),
        source=f"{importers()}; {gacc()}",
        columns=yardstick_views.FRONT_COLUMNS,
        data=front,
        note=(
            "Billion US dollars, 95 % intervals; November 2024 to March 2025, then April to November 2025. "
            "China's count is too short for an interval."
        ),
    )


def show_front_loading_ratios(ratios: pd.DataFrame, front: pd.DataFrame) -> None:
    """Show the excess per unit lost, net of what was bought early."""
    netted = yardstick_views.net_ratio_rows(ratios, front)
    figures.show_table(
        netted,
        name="front_loading_ratios",
        title=yardstick_views.of_net_ratios(netted),
        source=importers(),
        columns=yardstick_views.NET_RATIO_COLUMNS,
        data=netted,
        note=(
            "Gaps of April to November 2025, net with November 2024 to March 2025. Set: Fieller's 95 % set. A "
            "ratio is asked only where the US loss is beyond normal variation."
        ),
    )


def show_currency_gaps(money: pd.DataFrame) -> None:
    """Show the gaps in other currencies."""
    figures.show_table(
        yardstick_views.money_rows(money),
        name="currency_gaps",
        title=yardstick_views.of_money(money),
        source=f"{importers()}; {provenance.source_line('federal_reserve')}",
        columns=yardstick_views.MONEY_COLUMNS,
        data=money,
        note=(
            "Gap in percent of the counterfactual, 95 % interval, plain form. The US importer's own currency is "
            "the dollar."
        ),
    )
