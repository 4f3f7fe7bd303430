"""The list of destinations: names, colours that can be read on both papers, and the first view that holds a past."""

from __future__ import annotations

import re

import ledger
import pandas as pd
import pytest

from helpers import destination_list, destinations, excess, render
from helpers.destination_list import DESTINATIONS, Destination
from helpers.refusals import Refusal

DRAWN = [row for row in DESTINATIONS if row.colours]


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def papers() -> tuple[str, str]:
    light, dark = re.findall(r"--paper:(#[0-9a-f]{6})", (render.TEMPLATES / "page.css").read_text(encoding="utf-8"))
    return light, dark


def test_black_on_white_is_the_largest_contrast():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)


@pytest.mark.parametrize("row", DRAWN, ids=lambda row: row.code)
def test_a_colour_can_be_read_on_a_light_and_on_a_dark_page(row):
    assert len(row.colours) == 2
    for paper, colour in zip(papers(), row.colours, strict=True):
        assert contrast(paper, colour) >= 4.5, colour
        assert f"--c-{row.code.lower()}:{colour}" in render.style()


def test_a_name_inside_a_sentence_is_the_lists_or_the_partners():
    told = [destination_list.in_sentence(code) for code in ("US", "EU", "ASEAN", "AU", "JP")]
    assert told == ["the United States", "the EU", "ASEAN", "Australia", "Japan"]


def months_of(reporter: str, partner: str, first: str, value: float) -> pd.DataFrame:
    """Invented cells, shaped like the ledger's: one value a month to June 2026."""
    cells = ledger.cells()
    one = cells[(cells["reporter_code"] == "AU") & (cells["partner_code"] == "CN") & cells["is_preferred"]].head(1)
    exports = reporter == "CN"
    periods = pd.period_range(first, "2026-06", freq="M").astype(str)
    return pd.concat([one] * len(periods), ignore_index=True).assign(
        period=periods, reporter_code=reporter, partner_code=partner, value_mn=value, currency="USD",
        flow="exports" if exports else "imports", concept="exports_fob" if exports else "imports",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "chinas", "view"),
    [("2015-01", "2015-01", "importer: customs of Mexico"), ("2022-01", "2015-01", "exporter: China's customs"),
     ("2022-01", "2022-01", None)],
)  # fmt: skip
def test_the_first_view_that_holds_a_past_is_taken(monkeypatch, own, chinas, view):
    row = Destination("MX", "Mexico", "long past", ("own", "china"))
    monkeypatch.setattr(destinations, "DESTINATIONS", (*DESTINATIONS, row))
    monkeypatch.setattr(destinations, "ORDER", (*destination_list.ORDER, "MX"))
    monkeypatch.setitem(destinations.money.OWN_CURRENCY, "MX", "USD")
    cells = ledger.cells()
    cells = pd.concat([cells, months_of("MX", "CN", own, 6.0), months_of("CN", "MX", chinas, 5.0)], ignore_index=True)
    flows = destinations.flows(cells, ledger.control_table(), "USD", excess.all_lumps(cells))
    rest = destinations.accounting_only(cells, flows, needed=70).set_index("destination_code")["reason"]
    assert (flows["MX"].view if "MX" in flows else None) == view
    assert destinations.counted_by_both(cells) == ["US", "AU", *(["MX"] if own == "2015-01" else [])]
    if view is None:
        assert rest["MX"].endswith("54 of 70 months known, and the importer's own series (54 months) ends in June 2026")
    else:
        assert "MX" not in rest


def test_a_destination_by_quarter_gets_a_range_as_asean_does_and_one_without_quarters_is_refused(monkeypatch):
    known = {
        row.code: row for row in (Destination("JP", "Japan", "long past", ("china", "quarters")),
                                  Destination("MX", "Mexico", "long past", ("quarters",)))
    }  # fmt: skip
    monkeypatch.setattr(destinations, "BY_CODE", destinations.BY_CODE | known)
    quarters = ledger.quarters()
    japan = quarters[quarters["partner_code"] == "ASEAN10"].assign(partner_code="JP")
    others = quarters[quarters["partner_code"] != "JP"]
    held = pd.concat([others, japan.assign(value_mn=2 * japan["value_mn"])], ignore_index=True)
    flow = destinations.by_quarter(held, "JP")
    assert (flow.value == 2 * destinations.by_quarter(held, "ASEAN").value).all()
    assert "members" not in flow.view and flow.inputs.startswith("CN/JP/exports/quarter/")
    with pytest.raises(Refusal, match="no quarter of Mexico is held"):
        destinations.by_quarter(held, "MX")
    with pytest.raises(Refusal, match="a quarter of Japan stands twice"):
        destinations.by_quarter(pd.concat([held, held]), "JP")
