"""The IMF's International Trade in Goods by partner (IMTS): China's exports to everyone and imports, monthly.

One call brings every partner and both flows since the month asked for. Values are plain US dollars; the column SCALE
only says how they are usually shown. Groups overlap and are dropped, except the world; sums of members are made by the
cleaning.
"""

from __future__ import annotations

import re
from collections import defaultdict
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

DATASETS = (
    Dataset(
        "imf_imts", "imf", "China's trade by partner, monthly, as the IMF holds it",
        "International Trade in Goods by partner (IMTS)", "CN", "USD", "exports FOB, imports CIF",
        "Exports and imports of goods by partner, as reported by China; groups of countries are left out.",
        "revised", "Groups are sums made by this project's cleaning; Taiwan appears as partner only.",
    ),
)  # fmt: skip


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for every partner and both flows at once."""
    return [
        Ask(
            "imf", f"imts-{wanted.first}-{wanted.last}",
            f"/external/sdmx/2.1/data/IMF.STA,IMTS/CHN.{'+'.join(INDICATORS)}..M"
            f"?startPeriod={wanted.first}&endPeriod={wanted.last}",
            wanted.first, wanted.last, "csv", "imf_imts", (),
            "application/vnd.sdmx.data+csv;version=1.0.0", (204,),
        )
    ]  # fmt: skip


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read SDMX-CSV; rows without a period or value describe the dataset and are passed over."""
    figures = []
    for row in as_rows(ask, body, COLUMNS):
        period, partner = row["TIME_PERIOD"].strip(), row["COUNTERPART_COUNTRY"].strip()
        where = f"{ask.name}: {partner} {period}"
        if not period:
            continue
        if (row["COUNTRY"], row["FREQUENCY"]) != ("CHN", "M") or row["INDICATOR"] not in INDICATORS:
            raise RefusedAnswer(
                "other month", f"{where}: {row['COUNTRY']} {row['INDICATOR']} {row['FREQUENCY']}"[:200],
                expected=f"CHN {' or '.join(INDICATORS)} M",
            )  # fmt: skip
        if not re.fullmatch(r"[0-9]{4}-M(0[1-9]|1[0-2])", period):
            raise RefusedAnswer("other month", f"{where[:200]}: no month", expected="a month such as 2025-M11")
        flow, concept = INDICATORS[row["INDICATOR"]]
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
    worlds = {(figure.period, figure.flow): figure.value for figure in figures if figure.partner == "World"}
    parts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for figure in figures:
        if figure.partner != "World":
            parts[figure.period, figure.flow].append(figure.value)
    for key, world in worlds.items():
        name = f"{ask.name}: {' '.join(key)}"
        check_sum(f"{name}, world", world, parts[key], world / 200, whole=False)
        check_sum(f"{name}, countries", sum(parts[key], Decimal(0)), [world * LEAST_SHARE], Decimal(1), whole=False)


OFFICE = Office(
    "imf", "International Monetary Fund (IMF)", "https://api.imf.org",
    Terms(
        "Copyright International Monetary Fund; reuse with attribution, commercial reuse on request "
        "(imf.org/external/terms.htm).",
        "Free use with attribution; bulk redistribution is restricted.",
    ),
    DATASETS, plan, read, pace=0.6,
)  # fmt: skip
