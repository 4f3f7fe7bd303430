"""What is shown of looking back and ahead: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import figures, hindsight_views
from helpers.exhibits.sources import gacc, importers
from helpers.nowcast import Nowcasts


def show_backtest(episode: pd.DataFrame) -> None:
    """Show what this page would have said in the episode of 2018 and 2019."""
    figures.show_table(
        hindsight_views.episode_rows(episode),
        name="backtest",
        title=hindsight_views.of_episode(episode),
        source=importers(),
        columns=hindsight_views.EPISODE_COLUMNS,
        data=episode,
        note=(
            "Billion US dollars. Cut at September 2019 (a publication lag of two months for both offices), on "
            "figures as revised since. B1 contains what was bought ahead of the rise announced for January "
            "2019, which would make its loss smaller and that of B2 larger: there is no donut here, unlike in "
            "the main design."
        ),
    )


def show_found_later(later: pd.DataFrame) -> None:
    """Show what studies found later, beside that."""
    figures.show_table(
        hindsight_views.later_rows(later),
        name="found_later",
        title="What studies found later, beside the gaps of that page: all goods, by US customs",
        source=f"{importers()}; studies as cited in data/raw/compiled/published_estimates.csv",
        columns=hindsight_views.LATER_COLUMNS,
        stacked=True,
        data=later,
    )


def show_nowcasts(nowcasts: Nowcasts, scores: pd.DataFrame, held: pd.DataFrame) -> None:
    """Show the next months as forecast."""
    figures.show_table(
        hindsight_views.nowcast_rows(nowcasts.table),
        name="nowcasts",
        title=hindsight_views.of_nowcasts(nowcasts.table, scores),
        source=f"{importers()}; {gacc()}",
        columns=hindsight_views.NOWCAST_COLUMNS,
        data=held,
        note=(
            "Billion a month in the currency of the report. US and Australia: imports from China. World, with "
            "and without the US: China's exports."
        ),
    )


def show_nowcast_candidates(nowcasts: Nowcasts) -> None:
    """Show the forecasts that are mixed, and their weights."""
    figures.show_table(
        hindsight_views.weight_rows(nowcasts.candidates),
        name="nowcast_candidates",
        title=hindsight_views.of_weights(nowcasts.candidates),
        source=f"{importers()}; {gacc()}",
        columns=hindsight_views.CANDIDATE_COLUMNS,
        folded=True,
        data=nowcasts.candidates,
        note="Weights are inverse to the root mean square errors of the last 22 periods. A year has eleven periods.",
    )


def show_scorecard(scores: pd.DataFrame, nowcasts: Nowcasts) -> None:
    """Show how earlier forecasts did."""
    figures.show_table(
        hindsight_views.score_rows(scores),
        name="scorecard",
        title=hindsight_views.of_scores(scores),
        source=f"{importers()}; {gacc()}",
        columns=hindsight_views.SCORE_COLUMNS,
        data=nowcasts.scored,
        note=(
            "In brackets the exact 95 % interval of the rate. Errors are root mean squares in percent. Too "
            "narrow: so few hits or fewer have a probability below 5 % if the intervals were right. Few months "
            "show little."
        ),
    )


def show_scenarios(scenarios: pd.DataFrame) -> None:
    """Show the scenarios of spring 2025 beside what came."""
    figures.show_table(
        hindsight_views.scenario_rows(scenarios),
        name="scenarios",
        title="Scenarios of spring 2025 beside what came",
        source=f"{gacc()}; scenarios as cited in data/raw/compiled/published_estimates.csv",
        columns=hindsight_views.SCENARIO_COLUMNS,
        stacked=True,
        data=scenarios,
        note=(
            "Each scenario is conditional on its tariffs, which did not last: a miss is not a failed forecast. "
            "Regions outside North America are held against the world without the US: Canada and Mexico are "
            "inside."
        ),
    )


def show_survival(survived: pd.DataFrame) -> None:
    """Show whether the headline would have survived revisions."""
    figures.show_table(
        hindsight_views.survival_rows(survived),
        name="survival",
        title=hindsight_views.of_survival(survived),
        source=f"{importers()}; {gacc()}",
        columns=hindsight_views.SURVIVAL_COLUMNS,
        data=survived,
        note="Billion US dollars, with 95 % intervals where there are any.",
    )
