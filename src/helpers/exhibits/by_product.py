"""What is shown product by product: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, charts_prices, eu_section_views, exposure_views, figures, headlines, price_views, provenance
from helpers.exhibits.sources import census


def gacc() -> str:
    """Return the source line of China's exports by country."""
    return provenance.source_line("gacc_trade_by_partner_usd", "rcep")


def solar_source() -> str:
    """Return the source line of China's exports of solar goods."""
    return provenance.source_line("ember_solar_exports")


def show_elasticities(found: pd.DataFrame) -> None:
    """Show by how much US imports fell per percent of duty."""
    figures.show_table(
        exposure_views.elasticity_rows(found),
        name="elasticities",
        title=exposure_views.of_elasticities(found),
        source=census(),
        columns=exposure_views.ELASTICITY_COLUMNS,
        note=(
            "Change of the value of imports, in percent, per percent of one plus the duty rate; a price with "
            "duty only if the price before duty did not move. Ten origins, groups of goods without returns and "
            "special provisions; each origin and group counts the same whatever its size, cells of zero are "
            "left out. Placebo: growth of 2017, China less the other origins, on the duty that came by the end "
            "of 2019. It says what the US bought less, not where it went instead."
        ),
        data=found,
    )


def show_suppliers(suppliers: pd.DataFrame) -> None:
    """Show which suppliers sold more where China lost most."""
    worst = exposure_views.supplier_rows(suppliers, "China's")
    figures.show(
        charts.plot_bars(worst, label="supplier", value="change_bn", code="partner_code", digits=0),
        name="suppliers",
        title=exposure_views.of_suppliers(worst),
        subtitle="Change of US imports in the ten product groups where China lost most, billion US dollars",
        alt=headlines.alt_of("Change by supplier, billions.", worst, "supplier", {"change_bn": "change"}),
        source=census(),
        data=suppliers,
        note=exposure_views.supplier_note(worst),
    )


def show_suppliers_all(suppliers: pd.DataFrame) -> None:
    """Show the change of every supplier over all product groups."""
    everything = exposure_views.supplier_rows(suppliers, "all")
    figures.show_table(
        everything,
        name="suppliers_all",
        title=exposure_views.of_all_suppliers(everything),
        source=census(),
        columns=exposure_views.SUPPLIER_COLUMNS,
        note=(
            "Billion US dollars. Imports for consumption in product groups without returns, April to the last "
            "month of the window; the summary counts general imports of all goods, so China's fall is another "
            "there."
        ),
        folded=True,
        stacked=True,
    )


def show_solar_unit_values(solar: pd.DataFrame, month: str) -> None:
    """Show what a kilogram of panels cost, destination by destination."""
    path = price_views.path_rows(solar, month)
    figures.show(
        charts.plot_lines(path, x="period", y="cents_per_kg", series="name", code="destination_code", from_zero=True),
        name="solar_unit_values",
        title=price_views.of_path(path),
        subtitle="US cents per kilogram of panels (code 85414300), FOB, by month, nominal",
        alt=price_views.alt_of_path(path),
        source=solar_source(),
        data=path,
        note=(
            "Begins in January 2022: until then panels and loose cells shared a code, and the two are never "
            "joined. What is inside the code may differ between destinations; the level shows no price gap. The "
            "percentages compare sums of the same months."
        ),
    )


def show_solar_prices_w1(solar_prices: pd.DataFrame) -> None:
    """Show value, quantity and price of solar goods in W1."""
    figures.show_table(
        price_views.price_rows(solar_prices),
        name="solar_prices_w1",
        title=price_views.of_prices(solar_prices),
        source=solar_source(),
        columns=price_views.PRICE_COLUMNS,
        badges={"told": price_views.BADGES},
        data=solar_prices,
        note=(
            f"{price_views.until_sentence(solar_prices)} Per kilogram. Regions and blocs do not overlap; "
            "members, Fisher indices and every other basis stand in the CSV. No price is shown to be fair or "
            "unfair by this."
        ),
    )


def show_solar_own_prices(
    solar: pd.DataFrame, solar_prices: pd.DataFrame, own: pd.DataFrame, mark: float, train_end: str
) -> None:
    """Show what of the change of price is a destination's own."""
    past = price_views.earlier_rows(solar, solar_prices, train_end=train_end)
    figures.show(
        charts_prices.plot_own_changes(own, past, mark),
        name="solar_own_prices",
        title=price_views.of_own(own),
        subtitle=(
            f"Own change of price per kilogram, log points, {price_views.span_words(solar_prices)} on a year before"
        ),
        alt=price_views.alt_of_own(own, mark),
        source=solar_source(),
        data=own,
        note=(
            "Above zero: dearer than the same codes elsewhere became. One destination with a large change of "
            "its own moves the common part of all others with it, and their own part the other way. No "
            "probability: strokes overlap in their months."
        ),
    )


def show_solar_own_bases(own: pd.DataFrame) -> None:
    """Show the own change of price on other bases."""
    figures.show_table(
        own,
        name="solar_own_bases",
        title=price_views.of_bases(own),
        source=solar_source(),
        columns=price_views.OWN_COLUMNS,
        folded=True,
        stacked=True,
        note=(
            "Log points. One other less: the range with any one of the other destinations left out of the "
            "common part. In 2024: against 2023, all codes per kilogram. Earlier ones as large: of the "
            "destination's own earlier spans."
        ),
    )


def show_rerouting(bounds: pd.DataFrame) -> None:
    """Show how much at most can have gone through five countries."""
    figures.show_table(
        exposure_views.rerouting_rows(bounds),
        name="rerouting",
        title=exposure_views.of_rerouting(bounds),
        source=f"{gacc()}; {provenance.source_line('census_imports')}",
        columns=exposure_views.REROUTING_COLUMNS,
        note=(
            "Half-year against a year before, billion US dollars: China's exports FOB by the quarterly "
            "workbook, US imports at customs value. Half of these months lie before April and hold the goods "
            "bought ahead. Parts for factories and goods that stay are in it as well as goods that only change "
            "ships. No bound where a country sold the US less."
        ),
        data=bounds,
    )


def show_product_estimates(by_product: pd.DataFrame, producers: list[str]) -> None:
    """Show the cents that each destination took per dollar lost, product by product."""
    figures.show_table(
        exposure_views.estimate_rows(by_product),
        name="product_estimates",
        title=exposure_views.of_estimates(by_product),
        source="; ".join(producers),
        columns=exposure_views.ESTIMATE_COLUMNS,
        note=exposure_views.estimate_note(by_product),
        data=by_product,
    )


def show_product_events(by_quarter: pd.DataFrame, producers: list[str]) -> None:
    """Show the slope of exports on exposure, quarter by quarter."""
    figures.show_table(
        exposure_views.events_rows(by_quarter),
        name="product_events",
        title=exposure_views.of_events(by_quarter),
        source="; ".join(producers),
        columns=exposure_views.EVENT_COLUMNS,
        note="Slope of log exports on exposure by quarter, products without a zero, section by quarter taken out.",
        data=by_quarter,
    )


def show_eu_sections(changes: pd.DataFrame) -> None:
    """Show what the EU bought from China by section: value, kilograms, shares."""
    figures.show_table(
        eu_section_views.rows(changes),
        name="eu_sections",
        title=eu_section_views.title(changes),
        source="Eurostat, Comext bulk files, as ingested on this machine",
        columns=eu_section_views.COLUMNS,
        data=changes,
        stacked=True,
        note=(
            "Imports of the 27 members from outside the EU, CIF, billion euros. Value per kilogram mixes cheap and "
            "dear goods of a section: it is no price. Shares are of all imports from outside."
        ),
    )
