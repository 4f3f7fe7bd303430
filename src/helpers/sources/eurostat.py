"""Eurostat: the EU's and the euro area's imports from China, monthly, all goods and manufactures by SITC section.

Values are millions of euro, unadjusted; China is without Hong Kong. Products by HS code come from Comext, in euro and
hundreds of kilograms, under another address of the same host.
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
from helpers.sources.printed import half_unit, plain

PARTNERS = {"CN_X_HK": "China (excl. HK)"}
SECTIONS = ("5", "6", "7", "8")
COLUMNS = ("freq", "stk_flow", "indic_et", "partner", "sitc06", "geo", "TIME_PERIOD", "OBS_VALUE")
REPORTERS = {"eu27": ("EU27", "EU27_2020", "ext_st_eu27_2020sitc"), "euro_area": ("EA20", "EA20", "ext_st_easitc")}

DATASETS = tuple(
    Dataset(
        f"eurostat_imports_{name}", "eurostat",
        f"Imports of the {'EU (27 members)' if name == 'eu27' else 'euro area (20 members)'} from China, monthly",
        dataset, reporter, "EUR", "CIF",
        "Imports from outside the area by country of origin, trade value, neither seasonally nor calendar adjusted; "
        "China without Hong Kong.",
        "revised", "Constant composition. Consignments below the statistical threshold are left out.",
    )
    for name, (reporter, _, dataset) in REPORTERS.items()
)  # fmt: skip


COMEXT = Dataset(
    "comext_imports_hs6", "eurostat", "Imports of the EU (27 members) from China by HS6, monthly", "Comext, DS-045409",
    "EU27", "EUR", "CIF", "Imports of the EU from China by product; longer and shorter codes are left out.", "revised",
    "HS revisions of 2017 and 2022. Suppressed products are missing.", "products",
)  # fmt: skip
COMEXT_COLUMNS = ("freq", "reporter", "partner", "product", "flow", "indicators", "TIME_PERIOD", "OBS_VALUE")
INDICATORS = ("VALUE_IN_EUROS", "QUANTITY_IN_100KG")
# An open product list costs 40,321 positions; a call may cost 500,000 cells.
MONTHS_A_CALL, HS6_A_MONTH, BYTES_A_ROW = 3, 5_000, 95


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for the whole span in one call for each area: some hundred values a year."""
    if "EU" not in wanted.destinations:
        return []
    products = "+".join(("TOTAL", *SECTIONS))
    return [
        Ask(
            "eurostat", f"{name}-{wanted.first}-{wanted.last}",
            f"/eurostat/api/dissemination/sdmx/2.1/data/{dataset}/M.IMP.TRD_VAL.{'+'.join(PARTNERS)}.{products}.{geo}"
            f"?format=SDMX-CSV&compressed=false&startPeriod={wanted.first}&endPeriod={wanted.last}",
            wanted.first, wanted.last, "csv", f"eurostat_imports_{name}", (geo,), "text/csv,*/*;q=0.1", (204,),
        )
        for name, (_, geo, dataset) in REPORTERS.items()
    ]  # fmt: skip


def plan_products(wanted: Wanted, has_key: bool) -> list[Ask]:
    """Ask Comext for every product from China, a quarter a call; no key exists."""
    if "EU" not in wanted.destinations:
        return []
    months = [f"{year}-{month:02d}" for year in range(int(wanted.first[:4]), int(wanted.last[:4]) + 1)
              for month in range(1, 13)]  # fmt: skip
    months = [month for month in months if wanted.first <= month <= wanted.last]
    return [
        _comext(part[0], part[-1], len(part))
        for part in (months[start : start + MONTHS_A_CALL] for start in range(0, len(months), MONTHS_A_CALL))
    ]


def _comext(first: str, last: str, count: int) -> Ask:
    rows = 2 * HS6_A_MONTH * count * 4  # eight-digit, four-digit and two-digit codes come along
    return Ask(
        "eurostat", f"comext-{first}-{last}",
        f"/eurostat/api/comext/dissemination/sdmx/2.1/data/DS-045409/M.EU27_2020.CN..1.{'+'.join(INDICATORS)}"
        f"?format=SDMX-CSV&compressed=false&startPeriod={first}&endPeriod={last}",
        first, last, "csv", COMEXT.stem, (), "text/csv,*/*;q=0.1", (204, 404), rows, rows * BYTES_A_ROW,
    )  # fmt: skip


def split(ask: Ask) -> list[Ask]:
    """Ask Comext for a month at a time when a quarter was too many."""
    if ask.dataset != COMEXT.stem or ask.first == ask.last:
        return []
    months = [f"{ask.first[:4]}-{month:02d}" for month in range(int(ask.first[5:]), int(ask.last[5:]) + 1)]
    return [_comext(month, month, 1) for month in months]


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read an answer of either address."""
    return _read_products(ask, body) if ask.dataset == COMEXT.stem else _read_totals(ask, body)


def _read_products(ask: Ask, body: bytes) -> list[Figure]:
    """Join value and weight of each six-digit product and the total."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in as_rows(ask, body, COMEXT_COLUMNS):
        where = f"{ask.name}: {row['product']} {row['TIME_PERIOD']}"[:200]
        asked = (row["freq"], row["reporter"], row["partner"], row["flow"])
        if asked != ("M", "EU27_2020", "CN", "1") or row["indicators"] not in INDICATORS:
            raise RefusedAnswer("columns", f"{where}: {' '.join(asked)[:100]}", expected="M EU27_2020 CN 1")
        if not re.fullmatch(r"TOTAL|[0-9]{6}", row["product"]):
            continue
        cell = found[row["TIME_PERIOD"], row["product"]]
        if row["indicators"] in cell:
            raise RefusedAnswer("duplicate", f"{where}: {row['indicators']} stands twice", expected="one a cell")
        cell[row["indicators"]] = row["OBS_VALUE"]
    figures = []
    for (period, product), cell in found.items():
        value = plain(cell.get("VALUE_IN_EUROS", ""), f"{ask.name}: {product}"[:200])
        weight = plain(cell.get("QUANTITY_IN_100KG", ""), f"{ask.name}: {product}"[:200])
        if value is not None:
            figures.append(
                Figure(
                    period, "month", "China", "imports", "imports", value.scaleb(-6), Decimal("0.0000005"),
                    "total" if product == "TOTAL" else "hs6", product,
                    quantity=None if weight is None else weight * 100 / 1_000_000,
                    quantity_unit="" if weight is None else "million kg",
                )
            )  # fmt: skip
    _check_sections(ask, figures)
    return figures


def _read_totals(ask: Ask, body: bytes) -> list[Figure]:
    """Read totals and sections; a month without a value has not been published yet."""
    figures = []
    for row in as_rows(ask, body, COLUMNS):
        where = f"{ask.name}: {row['partner']} {row['sitc06']} {row['TIME_PERIOD']}"[:200]
        asked = (row["freq"], row["stk_flow"], row["indic_et"], row["geo"])
        if asked != ("M", "IMP", "TRD_VAL", *ask.about) or row["partner"] not in PARTNERS:
            raise RefusedAnswer(
                "columns", f"{where}: {' '.join(asked)[:100]}", expected=f"M IMP TRD_VAL {ask.about[0]}"
            )
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", row["TIME_PERIOD"]):
            raise RefusedAnswer("other month", f"{where}: no month", expected="a month such as 2025-11")
        value = plain(row["OBS_VALUE"], where)
        if value is None:
            continue
        total = row["sitc06"] == "TOTAL"
        figures.append(
            Figure(
                row["TIME_PERIOD"], "month", PARTNERS[row["partner"]], "imports", "imports", value,
                half_unit(row["OBS_VALUE"]), "total" if total else "sitc1", row["sitc06"],
            )
        )  # fmt: skip
    _check_sections(ask, figures)
    return figures


def _check_sections(ask: Ask, figures: list[Figure]) -> None:
    check_doubles(ask, figures)
    parts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    totals = {}
    for figure in figures:
        key = (figure.period, figure.partner)
        if figure.product == "TOTAL":
            totals[key] = figure.value
        else:
            parts[key].append(figure.value)
    for key in sorted(totals.keys() & parts.keys()):
        check_sum(f"{ask.name}: {' '.join(key)}", totals[key], parts[key], Decimal(1), whole=False)


OFFICE = Office(
    "eurostat", "Eurostat", "https://ec.europa.eu",
    Terms("Reuse authorised with acknowledgement (Commission Decision 2011/833/EU).", "Any reuse; cite Eurostat."),
    (*DATASETS, COMEXT), plan, read, plan_products=plan_products, pace=0.5, split=split,
)  # fmt: skip
