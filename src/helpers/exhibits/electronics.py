"""What is shown of electronics and chips: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, charts_windows, chip_views, claims, figures, provenance, spans, supplier_views
from helpers.exhibits.sources import census


def compiled() -> str:
    """Return the source line of the single facts on chips."""
    return provenance.source_line("chip_facts")


def show_electronics_share(held: pd.DataFrame, replaced: pd.DataFrame) -> None:
    """Show China's share of what the US buys."""
    lines, marks = supplier_views.share_lines(held), spans.TARIFF_MARKS[:2]
    figures.show(
        charts.plot_lines(lines, x="month", y="share_pct", series="name", code="code", verticals=marks, from_zero=True),
        name="electronics_share",
        title=supplier_views.of_shares(replaced),
        subtitle="China's share of US imports for consumption, percent, sums of twelve months",
        alt=supplier_views.alt_of_shares(lines),
        source=census(),
        data=lines,
        note=(
            "Customs value, by country of origin. The product figures end before the month of the report; the "
            "last twelve months still hold months of buying ahead. The United States only; not value added, and "
            "not chips alone. Every origin stands in data/electronics_suppliers.csv."
        ),
    )


def show_suppliers_shares(held: pd.DataFrame, ends: list[str], replaced: pd.DataFrame) -> None:
    """Show the shares of all suppliers at five dates."""
    bars = supplier_views.share_bars(held, ends)
    figures.show(
        charts_windows.plot_shares(bars),
        name="suppliers_shares",
        title=supplier_views.of_bars(replaced),
        subtitle="Shares of US imports of computers and electronics (334), percent, years ending in the month named",
        alt=supplier_views.alt_of_bars(bars),
        source=census(),
        data=bars,
        note=(
            "Origins with less than 3.5 % in the last of these years are among all others. By origin of the "
            "goods, not of their parts."
        ),
    )


def show_supplier_steps(replaced: pd.DataFrame) -> None:
    """Show whose share rose when China's fell."""
    figures.show_table(
        supplier_views.step_rows(replaced),
        name="supplier_steps",
        title=supplier_views.of_steps(replaced),
        source=census(),
        columns=supplier_views.STEP_COLUMNS,
        stacked=True,
        folded=True,
        data=replaced,
        note=supplier_views.steps_note(replaced),
    )


def show_electronics_hhi(bounds: pd.DataFrame, ends: list[str]) -> None:
    """Show how concentrated the suppliers are, as bounds."""
    figures.show_table(
        supplier_views.concentration_rows(bounds, ends),
        name="electronics_hhi",
        title=supplier_views.of_concentration(bounds, ends),
        source=census(),
        columns=supplier_views.CONCENTRATION_COLUMNS,
        data=bounds,
        note=(
            "Shares of value by country of origin, the United States only. As if equal suppliers: 10,000 over "
            "the index."
        ),
    )


def show_chip_trade(trade: pd.DataFrame) -> None:
    """Show China's trade in circuits, out and in."""
    figures.show_table(
        chip_views.circuit_rows(trade),
        name="chip_trade",
        title=chip_views.of_circuits(trade),
        source=f"China's customs, as read in the places named; {compiled()}",
        columns=chip_views.CIRCUIT_COLUMNS,
        data=trade,
        note=(
            "Grade C: one named place each. A value per unit mixes cheap and dear chips; it is not a price. The "
            "CSV has the full addresses."
        ),
    )


def show_electronics_change(known: pd.DataFrame, changes: pd.DataFrame) -> None:
    """Show where China's electronics went."""
    figures.show(
        charts.plot_bars(known, label="destination", value="change_usd_bn", code="code", digits=1),
        name="electronics_change",
        title=chip_views.of_changes(changes),
        subtitle="China's exports of electronic information products, change on a year before, billion US dollars",
        alt=chip_views.alt_of_changes(known),
        source=f"CCCME on China's customs; {compiled()}",
        data=changes,
        note=(
            "Grade C: one named place. An accounting change: which goods went where instead, and why, it does not show."
        ),
    )


def show_electronics_levels(rows: pd.DataFrame, changes: pd.DataFrame) -> None:
    """Show the levels behind it."""
    figures.show_table(
        rows,
        name="electronics_levels",
        title=chip_views.of_levels(changes),
        source=f"CCCME on China's customs; {compiled()}",
        columns=chip_views.CHANGE_COLUMNS,
        data=changes,
        note=chip_views.levels_note(changes),
    )


def show_chip_claims(told: pd.DataFrame) -> None:
    """Show the article's claims on electronics and chips."""
    figures.show_table(
        told,
        name="chip_claims",
        title=chip_views.of_claims(told),
        source=compiled(),
        columns=chip_views.CLAIM_COLUMNS,
        badges={"verdict": claims.BADGES},
        stacked=True,
        data=told,
        note="A verdict is about what the ledger holds; not decidable does not mean untrue.",
    )


def show_licence_fees(fees: pd.DataFrame, chip_fee_pct: int) -> None:
    """Show what a licence fee would bring."""
    figures.show_table(
        chip_views.fee_rows(fees),
        name="licence_fees",
        title=chip_views.of_fees(fees, chip_fee_pct),
        source=f"{compiled()}; {provenance.source_line('us_treasury_duties')}",
        columns=chip_views.FEE_COLUMNS,
        data=fees,
        note=chip_views.fees_note(fees, chip_fee_pct),
    )
