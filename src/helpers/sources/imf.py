"""The IMF's International Trade in Goods by partner (IMTS): China's exports to everyone and imports, monthly.

One call brings every partner since the month asked for. Values are plain US dollars; the column SCALE only says how
they are usually shown. Groups overlap and are dropped, except the world; sums of members are made by the cleaning.
"""

from __future__ import annotations

import re
from decimal import Decimal

from helpers.sources.contract import (
    Ask,
    Dataset,
    Figure,
    Office,
    RefusedAnswer,
    Terms,
    Wanted,
    check_doubles,
    check_sum,
)
from helpers.sources.documents import as_rows
from helpers.sources.printed import plain

WORLD = "G001"
INDICATORS = {"XG_FOB_USD": ("exports", "exports_fob"), "MG_CIF_USD": ("imports", "imports_cif")}
COLUMNS = ("COUNTRY", "INDICATOR", "COUNTERPART_COUNTRY", "FREQUENCY", "TIME_PERIOD", "OBS_VALUE")
# Countries make up nearly all of the world's figure; the rest is "not specified".
LEAST_SHARE = Decimal("0.90")
HALF_CENT_MN = Decimal("0.0000005")

DATASETS = tuple(
    Dataset(
        f"imf_imts_{flow}", "imf", f"China's {flow} by partner, monthly, as the IMF holds them",
        f"International Trade in Goods by partner (IMTS), {indicator}", "CN", "USD",
        "FOB" if flow == "exports" else "CIF",
        f"{flow.capitalize()} of goods by partner, as reported by China; groups of countries are left out.",
        "revised", "Groups are sums made by this project's cleaning; Taiwan appears as partner only.",
    )
    for indicator, (flow, _) in INDICATORS.items()
)  # fmt: skip


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for every partner at once, one call for exports and one for imports."""
    return [
        Ask(
            "imf", f"imts-{flow}-{wanted.first}-{wanted.last}",
            f"/external/sdmx/2.1/data/IMF.STA,IMTS/CHN.{indicator}..M"
            f"?startPeriod={wanted.first}&endPeriod={wanted.last}",
            wanted.first, wanted.last, "csv", f"imf_imts_{flow}", (indicator,),
            "application/vnd.sdmx.data+csv;version=1.0.0", (204,),
        )
        for indicator, (flow, _) in INDICATORS.items()
    ]  # fmt: skip


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read SDMX-CSV; rows without a period or value describe the dataset and are passed over."""
    flow, concept = INDICATORS[ask.about[0]]
    figures = []
    for row in as_rows(ask, body, COLUMNS):
        period, partner = row["TIME_PERIOD"].strip(), row["COUNTERPART_COUNTRY"].strip()
        where = f"{ask.name}: {partner} {period}"
        if not period:
            continue
        if (row["COUNTRY"], row["INDICATOR"], row["FREQUENCY"]) != ("CHN", ask.about[0], "M"):
            raise RefusedAnswer(
                "other month", f"{where}: {row['COUNTRY']} {row['INDICATOR']} {row['FREQUENCY']}"[:200],
                expected=f"CHN {ask.about[0]} M",
            )  # fmt: skip
        if not re.fullmatch(r"[0-9]{4}-M(0[1-9]|1[0-2])", period):
            raise RefusedAnswer("other month", f"{where[:200]}: no month", expected="a month such as 2025-M11")
        value = plain(row["OBS_VALUE"], where)
        if value is None or not (partner == WORLD or re.fullmatch(r"(?!GAS|GSA)[A-Z]{3}", partner)):
            continue
        figures.append(
            Figure(period.replace("M", ""), "month", "World" if partner == WORLD else partner, flow, concept,
                   value.scaleb(-6), HALF_CENT_MN)
        )  # fmt: skip
    _check_world(ask, figures)
    return figures


def _check_world(ask: Ask, figures: list[Figure]) -> None:
    check_doubles(ask, figures)
    worlds = {figure.period: figure.value for figure in figures if figure.partner == "World"}
    for period, world in worlds.items():
        parts = [figure.value for figure in figures if figure.period == period and figure.partner != "World"]
        check_sum(f"{ask.name}: {period}, world", world, parts, world / 200, whole=False)
        check_sum(f"{ask.name}: {period}, countries", sum(parts, Decimal(0)), [world * LEAST_SHARE], Decimal(1),
                  whole=False)  # fmt: skip


OFFICE = Office(
    "imf", "International Monetary Fund (IMF)", "https://api.imf.org",
    Terms(
        "Copyright International Monetary Fund; reuse with attribution, commercial reuse on request "
        "(imf.org/external/terms.htm).",
        "Free use with attribution; bulk redistribution is restricted.",
    ),
    DATASETS, plan, read, pace=0.6,
)  # fmt: skip
