"""The US Census Bureau: imports by country of origin, by NAICS group and by HS6, with the duty calculated on them.

Values are whole US dollars (customs value). A key is needed. The answer mixes countries, groups of countries and the
total: countries are four digits that do not begin with two zeros, and add up to the total.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

from helpers import partners
from helpers.countries import COUNTRIES
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
from helpers.sources.documents import as_json
from helpers.sources.printed import plain

WORLD, CHINA = "-", "5700"
HALF_DOLLAR_MN = Decimal("0.0000005")
CODES = {land.census: land.code for land in COUNTRIES if land.census}
# Origins whose imports are asked for by product group: China, its larger rivals, the world.
ORIGINS = (CHINA, "2010", "1220", "5520", "5830", "5800", "5880", "5330", "5490", "4280", WORLD)
SCHEMES = {
    "census_imports_totals": ("total", ""), "census_naics3_imports": ("naics3", "NAICS"),
    "census_imports_hs6": ("hs6", "I_COMMODITY"),
}  # fmt: skip
CONCEPTS = {
    "GEN_VAL_MO": "imports_general", "CON_VAL_MO": "imports_for_consumption", "CAL_DUT_MO": "calculated_duty",
}  # fmt: skip

DATASETS = (
    Dataset(
        "census_imports_totals", "census", "US goods imports by origin, monthly", "intltrade/imports/hs, all goods",
        "US", "USD", "customs value", "General imports and imports for consumption by country of origin.", "revised",
        "Groups of countries are left out; the EU is a sum of 27 members made by the cleaning.",
    ),
    Dataset(
        "census_naics3_imports", "census", "US goods imports and duty by NAICS group and origin, monthly",
        "intltrade/imports/naics, three digits", "US", "USD", "customs value",
        "Imports for consumption and the duty calculated on them.", "revised", "NAICS revisions of 2017 and 2022.",
        schema="product_groups",
    ),
    Dataset(
        "census_imports_hs6", "census", "US goods imports from China and duty by HS6, monthly", "intltrade/imports/hs",
        "US", "USD", "customs value", "General imports, imports for consumption and the duty calculated on them.",
        "revised", "HS revisions of 2017 and 2022.", "products",
    ),
)  # fmt: skip


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for totals by country a year at a time, and for NAICS groups by origin a year at a time."""
    if "US" not in wanted.destinations:
        return []
    asks = []
    for year in range(int(wanted.first[:4]), int(wanted.last[:4]) + 1):
        first, last = max(wanted.first, f"{year}-01"), min(wanted.last, f"{year}-12")
        asks.append(_totals(first, last))
        asks += [_by_group(first, last, origin) for origin in ORIGINS]
    return asks


def _totals(first: str, last: str) -> Ask:
    names = "CTY_CODE,CTY_NAME,GEN_VAL_MO,CON_VAL_MO"
    return Ask(
        "census", f"totals-{first}-{last}",
        f"/data/timeseries/intltrade/imports/hs?get={names}&SUMMARY_LVL=DET&time=from+{first}+to+{last}", first, last,
        "json", "census_imports_totals", (names, ""), "application/json", (204,),
    )  # fmt: skip


def _by_group(first: str, last: str, origin: str) -> Ask:
    names = "CTY_NAME,NAICS,CON_VAL_MO,CAL_DUT_MO"
    shown = "world" if origin == WORLD else origin
    return Ask(
        "census", f"naics3-{shown}-{first}-{last}",
        f"/data/timeseries/intltrade/imports/naics?get={names}&COMM_LVL=NA3&CTY_CODE={origin}"
        f"&time=from+{first}+to+{last}",
        first, last, "json", "census_naics3_imports", (names + ",CTY_CODE", origin), "application/json", (204,),
    )  # fmt: skip


def plan_products(wanted: Wanted, has_key: bool) -> list[Ask]:
    """Ask for every HS6 product from China, a quarter a call."""
    if "US" not in wanted.destinations:
        return []
    quarters = [(f"{year}-{month:02d}", f"{year}-{month + 2:02d}") for month in (1, 4, 7, 10)
                for year in range(int(wanted.first[:4]), int(wanted.last[:4]) + 1)]  # fmt: skip
    return [
        _by_product(max(first, wanted.first), min(last, wanted.last))
        for first, last in sorted(quarters)
        if first <= wanted.last and last >= wanted.first
    ]


def _by_product(first: str, last: str) -> Ask:
    names, rows = "CTY_NAME,I_COMMODITY,GEN_VAL_MO,CON_VAL_MO,CAL_DUT_MO", 4_500 * (int(last[5:]) - int(first[5:]) + 1)
    return Ask(
        "census", f"hs6-{first}-{last}",
        f"/data/timeseries/intltrade/imports/hs?get={names}&COMM_LVL=HS6&SUMMARY_LVL=DET&CTY_CODE={CHINA}"
        f"&time=from+{first}+to+{last}",
        first, last, "json", "census_imports_hs6", (names + ",CTY_CODE", CHINA), "application/json", (204,), rows,
        rows * 90,
    )  # fmt: skip


def split(ask: Ask) -> list[Ask]:
    """Ask for half of the months."""
    months = [f"{ask.first[:4]}-{month:02d}" for month in range(int(ask.first[5:]), int(ask.last[5:]) + 1)]
    if len(months) < 2:
        return []
    halves = months[: len(months) // 2], months[len(months) // 2 :]
    if ask.dataset == "census_imports_totals":
        return [_totals(half[0], half[-1]) for half in halves]
    if ask.dataset == "census_imports_hs6":
        return [_by_product(half[0], half[-1]) for half in halves]
    return [_by_group(half[0], half[-1], ask.about[1]) for half in halves]


def table(ask: Ask, body: bytes, names: list[str]) -> list[dict[str, str]]:
    """Read an array of arrays whose first row is the header; a column may come twice if it says the same twice."""
    if body.lstrip().startswith(b"<") and b"invalid key" in body.lower():
        raise RefusedAnswer(
            "key", f"{ask.name}: a page that says Invalid Key", expected="a valid key in CENSUS_API_KEY",
            remedy="ask the US Census Bureau for a free key and set CENSUS_API_KEY",
        )  # fmt: skip
    answer: Any = as_json(ask, body)
    whole = isinstance(answer, list) and answer and all(isinstance(row, list) for row in answer)
    if not whole:
        raise RefusedAnswer("format", f"{ask.name}: {str(answer)[:80]}", expected="an array of rows")
    header = answer[0]
    if not all(isinstance(name, str) for name in header):
        raise RefusedAnswer("columns", f"{ask.name}: header {str(header)[:80]}", expected="names of columns")
    missing = [name for name in names if name not in header]
    added = [name for name in header if name not in {*names, "COMM_LVL", "SUMMARY_LVL", "CTY_CODE", "time"}]
    if missing or added:
        raise RefusedAnswer(
            "columns", f"{ask.name}: missing: {missing or 'none'}; not asked for: {added or 'none'}"[:300],
            expected=", ".join(names),
        )  # fmt: skip
    rows = []
    for line, cells in enumerate(answer[1:], start=2):
        if len(cells) != len(header) or not all(cell is None or isinstance(cell, str) for cell in cells):
            raise RefusedAnswer("truncated", f"{ask.name}: row {line}: {str(cells)[:80]}",
                                expected=f"{len(header)} texts")  # fmt: skip
        row: dict[str, str] = {}
        for name, cell in zip(header, cells, strict=True):
            if row.setdefault(name, cell or "") != (cell or ""):
                raise RefusedAnswer("columns", f"{ask.name}: row {line}: {name} says two things", expected="one")
        rows.append(row)
    return rows


def origin_of(ask: Ask, code: str, name: str) -> str | None:
    """Return the partner of a Census code; ``None`` for groups. A name that belongs to another country is refused."""
    if code == WORLD:
        return "World"
    if not re.fullmatch(r"[1-9][0-9]{3}", code):
        return None
    known = partners.code_of(name, "2026-01") if partners.is_country(name) else None
    if code in CODES and known and known != CODES[code]:
        raise RefusedAnswer(
            "partner", f'{ask.name}: code {code} is called "{name[:60]}"', expected=partners.name_of(CODES[code])
        )
    return partners.name_of(CODES[code]) if code in CODES else name


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read totals by origin, or the NAICS groups or HS6 products of one origin."""
    names, origin = ask.about
    scheme, column = SCHEMES[ask.dataset]
    figures = []
    for row in table(ask, body, [*names.split(","), "time"]):
        if origin and row["CTY_CODE"] != origin:
            raise RefusedAnswer("partner", f"{ask.name}: origin {row['CTY_CODE'][:20]}", expected=origin)
        partner = origin_of(ask, row["CTY_CODE"], row["CTY_NAME"])
        if partner is None:
            continue
        for name, concept in CONCEPTS.items():
            value = plain(row[name], f"{ask.name}: {partner}, {row['time']}"[:200]) if name in row else None
            if value is not None:
                figures.append(
                    Figure(row["time"], "month", partner, "imports", concept, value.scaleb(-6), HALF_DOLLAR_MN, scheme,
                           row[column] if column else "TOTAL")
                )  # fmt: skip
    if not origin:
        _check_world(ask, figures)
    return figures


def _check_world(ask: Ask, figures: list[Figure]) -> None:
    check_doubles(ask, figures)
    parts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for figure in figures:
        if figure.partner != "World":
            parts[figure.period, figure.concept].append(figure.value)
    for figure in figures:
        key = (figure.period, figure.concept)
        if figure.partner == "World":
            check_sum(f"{ask.name}: {' '.join(key)}", figure.value, parts[key], figure.value / 200, whole=True)


OFFICE = Office(
    "census", "US Census Bureau", "https://api.census.gov",
    Terms("Public domain: work of the US federal government.",
          "Any use; citation of the Census Bureau is asked for."),
    DATASETS, plan, read, plan_products=plan_products, pace=0.5, key_variable="CENSUS_API_KEY", key_needed=True,
    split=split, sign=lambda key: ({"key": key}, {}),
)  # fmt: skip
