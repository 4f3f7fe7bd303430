"""The Australian Bureau of Statistics: merchandise imports by country of origin, monthly, all goods.

Values are thousands of Australian dollars (customs value, original). The answer is asked for with labels, because the
bureau's country codes are its own.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from helpers import partners
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
from helpers.sources.printed import half_unit, plain

YEARS_A_CALL = 2
WORLD = "TOT"
# Groups of countries, re-imports, goods without an origin: no partners, and some as large as the total.
NO_ORIGINS = {"APEC", "ASEAN", "AUST", "DC", "EURO", "EURO27", "JPDA", "LDC", "NCD", "OECD"}
# Countries make up nearly all of the total; the rest is re-imports, confidential goods and "no country details".
LEAST_SHARE = Decimal("0.85")
DIMENSIONS = ("COMMODITY_SITC", "COUNTRY_ORIGIN", "STATE_DEST", "FREQ", "TIME_PERIOD", "OBS_VALUE", "UNIT_MULT")

DATASETS = (
    Dataset(
        "abs_imports_by_origin", "abs", "Australian goods imports by origin, monthly", "Merchandise imports, MERCH_IMP",
        "AU", "AUD", "customs value", "Merchandise imports by country of origin, original series.", "revised",
        "Single large goods (an oil platform, aircraft) make lumps in some origins. Recent months are revised.",
    ),
)  # fmt: skip


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for all origins, all goods, two years a call: larger slices time out."""
    if "AU" not in wanted.destinations:
        return []
    asks = []
    for year in range(int(wanted.first[:4]), int(wanted.last[:4]) + 1, YEARS_A_CALL):
        first = max(wanted.first, f"{year}-01")
        last = min(wanted.last, f"{year + YEARS_A_CALL - 1}-12")
        asks.append(_ask(first, last))
    return asks


def _ask(first: str, last: str) -> Ask:
    return Ask(
        "abs", f"imports-{first}-{last}",
        f"/rest/data/ABS,MERCH_IMP,1.0.0/TOT..TOT.M?startPeriod={first}&endPeriod={last}", first, last, "csv",
        "abs_imports_by_origin", (), "application/vnd.sdmx.data+csv;labels=both", (404,),
    )  # fmt: skip


def split(ask: Ask) -> list[Ask]:
    """Ask for one year at a time when two were too many."""
    if ask.first[:4] == ask.last[:4]:
        return []
    return [_ask(ask.first, f"{ask.first[:4]}-12"), _ask(f"{ask.last[:4]}-01", ask.last)]


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read SDMX-CSV with labels, ``CHIN: China (excludes SARs and Taiwan)``."""
    figures = []
    for row in as_rows(ask, body, DIMENSIONS, labelled=True):
        cells = {name: row[name].partition(":") for name in DIMENSIONS}
        code, label = cells["COUNTRY_ORIGIN"][0].strip(), cells["COUNTRY_ORIGIN"][2].strip()
        where = f"{ask.name}: {code} {row['TIME_PERIOD']}"[:200]
        asked = tuple(cells[name][0].strip() for name in ("COMMODITY_SITC", "STATE_DEST", "FREQ"))
        if asked != ("TOT", "TOT", "M"):
            raise RefusedAnswer("columns", f"{where}: {' '.join(asked)[:100]}", expected="TOT TOT M")
        if cells["UNIT_MULT"][0].strip() != "3":
            raise RefusedAnswer("unit", f"{where}: UNIT_MULT {row['UNIT_MULT'][:40]}", expected="3, thousands")
        value = plain(row["OBS_VALUE"], where)
        if value is not None and code not in NO_ORIGINS:
            name, half = "World" if code == WORLD else label or code, half_unit(row["OBS_VALUE"])
            figures.append(
                Figure(row["TIME_PERIOD"], "month", name, "imports", "merchandise imports", value.scaleb(-3),
                       half.scaleb(-3))
            )  # fmt: skip
    _check_world(ask, figures)
    return figures


def _check_world(ask: Ask, figures: list[Figure]) -> None:
    """Hold the total against the countries."""
    check_doubles(ask, figures)
    added: dict[str, Decimal] = defaultdict(Decimal)
    for figure in figures:
        if partners.is_country(figure.partner):
            added[figure.period] += figure.value
    for figure in figures:
        if figure.partner == "World" and added[figure.period]:
            name, total = f"{ask.name}: {figure.period}", figure.value
            check_sum(f"{name}, countries", total, [added[figure.period]], total / 200, whole=False)
            check_sum(f"{name}, total", added[figure.period], [total * LEAST_SHARE], Decimal(1), whole=False)


OFFICE = Office(
    "abs", "Australian Bureau of Statistics (ABS)", "https://data.api.abs.gov.au",
    Terms("Creative Commons Attribution 4.0.", "Any use with attribution to the ABS."), DATASETS, plan, read,
    pace=1.0, split=split,
)  # fmt: skip
