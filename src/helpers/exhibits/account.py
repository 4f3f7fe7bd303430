"""What is shown of the account: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import (
    charts,
    charts_windows,
    claims,
    destination_views,
    figures,
    headlines,
    path_views,
    provenance,
    release_views,
    spans,
    surplus,
)
from helpers.exhibits.sources import gacc, importers


def show_rise_w1(rises: pd.DataFrame) -> None:
    """Show who bought the rise while the door was shut."""
    bars = destination_views.rise_rows(rises, "W1")
    figures.show(
        charts.plot_bars(bars, label="label", value="change_usd_bn", code="partner_code", digits=0),
        name="rise_w1",
        title=destination_views.of_rise(rises, "W1"),
        subtitle="Change of China's exports against the same months a year before, billion US dollars, FOB",
        alt=destination_views.alt_of_rise(bars),
        source=gacc(),
        data=rises,
        note=(
            "In brackets what the pieces held leave open, taken one after another; the table below is narrower "
            "for the EU and ASEAN, where all are taken at once. The bars outside the US add up to the whole "
            "rise there."
        ),
    )


def show_rise_so_far(rises: pd.DataFrame) -> None:
    """Show who bought the rise of the year so far."""
    bars = destination_views.rise_rows(rises, "year so far")
    figures.show(
        charts.plot_bars(bars, label="label", value="change_usd_bn", code="partner_code", digits=0),
        name="rise_so_far",
        title=destination_views.of_rise(rises, "year so far"),
        subtitle="Change of China's exports against the same months a year before, billion US dollars, FOB",
        alt=destination_views.alt_of_rise(bars),
        source=gacc(),
        data=rises,
        note=(
            "Hong Kong is a gateway: most of what it takes in goes on, and these figures do not say where to. "
            "ASEAN, too, is partly a way and not a market."
        ),
    )


def show_release_changes(bounded: pd.DataFrame, rises: pd.DataFrame) -> None:
    """Show what all pieces together leave open of the changes to the EU and ASEAN."""
    figures.show_table(
        release_views.change_rows(bounded, rises),
        name="release_changes",
        title=release_views.of_changes(bounded, "W1"),
        source=provenance.source_line("gacc", "rcep_monitor"),
        columns=release_views.CHANGE_COLUMNS,
        data=bounded,
    )


def show_change_latest(changes: pd.DataFrame) -> None:
    """Show the changes of the year so far and what each adds to the growth of the total."""
    shown = headlines.main_rows(changes, "year so far")
    figures.show_table(
        shown,
        name="change_latest",
        title=headlines.of_changes(shown),
        source=gacc(),
        columns=headlines.CHANGE_COLUMNS,
        note=(
            "Where only a level and a printed rate are published, the year before is what the rate implies; its "
            "rounding is in the CSV."
        ),
        data=changes,
    )


def show_tariff(tariff: pd.DataFrame, month: str) -> None:
    """Show the tariff by law and the duty that was paid."""
    figures.show(
        charts_windows.plot_tariffs(tariff, spans.windows(month)),
        name="tariff",
        title=path_views.of_tariffs(tariff),
        subtitle="Average US tariff on goods from China, percent. W1: door shut, W2: truce, W3: reopening",
        alt=path_views.alt_of_tariffs(tariff),
        source=provenance.source_line("census_duties", "tariff_events"),
        data=tariff,
        note=path_views.paid_sentence(tariff),
    )


def show_ceiling(ceiling: pd.DataFrame) -> None:
    """Show the loss over the rise elsewhere: the largest share that it can explain."""
    figures.show_table(
        headlines.ceiling_rows(ceiling),
        name="ceiling",
        title=headlines.of_ceiling(ceiling),
        source=f"{gacc()}; {provenance.source_line('census_imports')}",
        columns=headlines.CEILING_COLUMNS,
        data=ceiling,
        note=(
            "Rise a year earlier: China's total less what US customs counted, the same months of the two years "
            "before. Last column: the loss over what the rise exceeds that."
        ),
    )


def show_two_sides(sides: pd.DataFrame) -> None:
    """Show the two counts of every flow."""
    figures.show_table(
        headlines.side_rows(sides),
        name="two_sides",
        title=headlines.of_sides(sides),
        source=f"{gacc()}; {importers()}",
        columns=headlines.SIDE_COLUMNS,
        folded=True,
        note=(
            "Australia's valuation is to be confirmed with its statistical office. Ratio: the importer's count "
            "over China's. China's monthly levels to Australia are mostly missing; a printed rate stands in "
            "where there is one."
        ),
        data=sides,
    )


def show_mirror_ratio(cells: pd.DataFrame) -> None:
    """Show the ratio of the two counts of China's exports to the US."""
    gap = headlines.mirror_path(cells)
    fig = charts.plot_lines(
        gap, x="period", y="ratio", series="flow", code="code", verticals=spans.TARIFF_MARKS, unit="ratio"
    )
    figures.show(
        fig,
        name="mirror_ratio",
        title=headlines.of_mirror(gap),
        subtitle=(
            "US customs' imports from China over China's exports to the US, monthly, value on arrival over "
            "value on board"
        ),
        alt=headlines.alt_of_lines("Monthly ratio of the two counts.", gap, "ratio", "flow"),
        source=f"{gacc()}; {provenance.source_line('census_imports')}",
        data=gap,
        note=(
            "Goods travel for about a month; single months of the ratio mix departures and arrivals of different ships."
        ),
    )


def show_currencies(currencies: pd.DataFrame) -> None:
    """Show one month's growth in three currencies."""
    figures.show_table(
        headlines.currency_rows(currencies),
        name="currencies",
        title=headlines.of_currencies(currencies),
        source=f"{gacc()}; {provenance.source_line('federal_reserve')}",
        columns=["partner", "usd_pct", "cny_pct", "own_pct", "own_currency"],
        note=(
            "The columns differ by exchange rates alone: the customs' own for the yuan, monthly averages for "
            "the others."
        ),
    )


def show_surplus(balance: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Show the surplus, since January and over twelve months, against the mark."""
    path = headlines.surplus_path(balance)
    fig = charts.plot_lines(
        path, x="period", y="value", series="measure", code="code", rule=surplus.MARK_BN, unit="USD bn"
    )
    figures.show(
        fig,
        name="surplus",
        title=headlines.of_surplus(marks),
        subtitle="China's goods surplus, USD billion, revised vintage",
        alt=headlines.alt_of_lines("Surplus, USD billion.", path, "value", "measure"),
        source=gacc(),
        data=path,
    )


def show_claims(checked: pd.DataFrame) -> None:
    """Show the article's claims beside the official figures."""
    figures.show_table(
        checked,
        name="claims",
        title=headlines.of_claims(checked),
        source="; ".join(
            [gacc(), provenance.source_line("census_imports", "abs", "federal_reserve", "tariff_events", "chip_facts")]
        ),
        columns=["claim", "claimed", "official", "verdict", "reading"],
        badges={"verdict": claims.BADGES},
        stacked=True,
        folded=True,
        data=checked,
    )


def show_published(published: pd.DataFrame) -> None:
    """Show the published figures that were computed again."""
    figures.show_table(
        published,
        name="published",
        title=headlines.of_published(published),
        source=(
            "Published figures as cited in data/raw/compiled/published_estimates.csv; computed from the clean tables"
        ),
        columns=headlines.PUBLISHED_COLUMNS,
        badges={"verdict": {"replicated": "good", "consistent": "open", "differs": "bad"}},
        folded=True,
    )


def show_quoted(quoted: pd.DataFrame) -> None:
    """Show the published figures that are quoted only."""
    figures.show_table(
        quoted,
        name="quoted",
        title=f"{len(quoted)} published figures are quoted and not replicated",
        source="As cited in data/raw/compiled/published_estimates.csv, with addresses in the CSV",
        columns=["study", "quantity", "quoted_value", "unit", "when", "where"],
        folded=True,
    )
