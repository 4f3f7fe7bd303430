"""UN Comtrade v1: China's exports by partner and product, monthly and yearly.

Without a key the preview answers 500 records a call: enough for all goods, a month a call. With a key 100,000 records
a call: products to six digits, some twenty partners a call. Its rows may not be passed on: they stay on this machine
among the products and leave it in aggregates only.
"""

from __future__ import annotations

import re
import zlib
from decimal import Decimal
from typing import Any

from helpers import partners
from helpers.countries import COUNTRIES
from helpers.sources.contract import Ask, Dataset, Figure, Office, RefusedAnswer, Terms, Wanted
from helpers.sources.documents import as_json

CHINA, WORLD = "156", "0"
PREVIEW, FULL = 500, 100_000
NUMBERS = {land.comtrade: land.code for land in COUNTRIES}
CODES = {code: number for number, code in NUMBERS.items()}
PARTNERS_A_CALL, HS6_A_PARTNER, BYTES_A_ROW = 20, 2_600, 950
FIRST_YEAR = 2017
NEEDED = ("period", "reporterCode", "flowCode", "partnerCode", "partner2Code", "cmdCode", "customsCode", "motCode",
          "primaryValue", "netWgt", "isNetWgtEstimated")  # fmt: skip

DATASETS = tuple(
    Dataset(
        f"comtrade_exports_{frequency}", "comtrade", f"China's exports by partner and HS6, {word}", "UN Comtrade, HS",
        "CN", "USD", "FOB", "Exports reported by China; all modes of transport, customs procedures, second partners.",
        "revised", "HS revisions of 2017 and 2022; weights are mostly estimated and are left out then.", "products",
        may_be_passed_on=False,
    )
    for frequency, word in (("monthly", "monthly"), ("yearly", "yearly"))
)  # fmt: skip


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for nothing: its rows do not enter the ledger (``plan_products``)."""
    return []


def plan_products(wanted: Wanted, has_key: bool) -> list[Ask]:
    """Ask for China's exports by partner: with a key every HS6 product, without one all goods only."""
    years = range(int(wanted.first[:4]), int(wanted.last[:4]) + 1)
    months = [f"{year}-{month:02d}" for year in years for month in range(1, 13)]
    months = [month for month in months if wanted.first <= month <= wanted.last]
    past = [f"{year}-12" for year in range(FIRST_YEAR, int(wanted.last[:4]))]
    codes = _partner_numbers(wanted)
    if not has_key:
        return [_ask("M", month, codes, "TOTAL", False) for month in months]
    parts = [codes[start : start + PARTNERS_A_CALL] for start in range(0, len(codes), PARTNERS_A_CALL)]
    asks = [_ask("M", month, part, "AG6", True) for month in months for part in parts]
    return asks + [_ask("A", year, part, "AG6", True) for year in past for part in parts]


def _partner_numbers(wanted: Wanted) -> list[str]:
    codes: list[str] = []
    for destination in wanted.destinations:
        codes += partners.members_of(destination) if destination in ("EU", "ASEAN") else [destination]
    return [WORLD, *(CODES[code] for code in dict.fromkeys(codes) if code in CODES)]


def _ask(frequency: str, period: str, numbers: list[str], products: str, has_key: bool) -> Ask:
    when = period.replace("-", "") if frequency == "M" else period[:4]
    rows = len(numbers) * (HS6_A_PARTNER if products == "AG6" else 1)
    which = f"{len(numbers)}-{zlib.crc32(','.join(numbers).encode()):08x}"
    return Ask(
        "comtrade", f"{products.lower()}-{when}-{which}",
        f"/{'data/v1/get' if has_key else 'public/v1/preview'}/C/{frequency}/HS?reporterCode={CHINA}&period={when}"
        f"&partnerCode={','.join(numbers)}&cmdCode={products}&flowCode=X&partner2Code=0&motCode=0&customsCode=C00"
        f"&maxRecords={FULL if has_key else PREVIEW}",
        period, period, "json", f"comtrade_exports_{'monthly' if frequency == 'M' else 'yearly'}",
        (frequency, products, ",".join(numbers)), "application/json", (), rows, rows * BYTES_A_ROW,
    )  # fmt: skip


def split(ask: Ask) -> list[Ask]:
    """Ask for half of the partners."""
    frequency, products, joined = ask.about
    numbers = joined.split(",")
    if len(numbers) < 2:
        return []
    has_key = ask.path.startswith("/data/")
    halves = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
    return [_ask(frequency, ask.first, half, products, has_key) for half in halves]


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read records; an answer as long as a call allows is cut off without saying so and is refused as too big."""
    frequency, products, numbers = ask.about
    answer: Any = as_json(ask, body)
    records = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise RefusedAnswer("format", f"{ask.name}: {str(answer)[:80]}", expected="a list of records under data")
    if len(records) >= (FULL if ask.path.startswith("/data/") else PREVIEW):
        raise RefusedAnswer("too big", f"{ask.name}: {len(records)} records, all that a call gives", expected="fewer")
    return [figure for record in records if (figure := _figure(ask, record, frequency, products, numbers))]


def _figure(ask: Ask, record: dict[str, Any], frequency: str, products: str, numbers: str) -> Figure | None:
    missing = [name for name in NEEDED if name not in record]
    if missing:
        raise RefusedAnswer("columns", f"{ask.name}: fields missing: {', '.join(missing)}", expected=", ".join(NEEDED))
    said = tuple(str(record[name]) for name in ("reporterCode", "flowCode", "partner2Code", "motCode", "customsCode"))
    if said != (CHINA, "X", "0", "0", "C00"):
        raise RefusedAnswer(
            "duplicate", f"{ask.name}: a row of {' '.join(said)[:80]}", expected=f"{CHINA} X 0 0 C00: rows multiply"
        )  # fmt: skip
    period, number, product = str(record["period"]), str(record["partnerCode"]), str(record["cmdCode"])
    if number not in numbers.split(","):
        raise RefusedAnswer("partner", f"{ask.name}: partner {number[:20]}", expected=numbers)
    if not re.fullmatch(r"[0-9]{6}" if frequency == "M" else r"[0-9]{4}", period):
        raise RefusedAnswer("other month", f"{ask.name}: period {period[:20]}", expected=ask.first)
    month = f"{period[:4]}-{period[4:]}" if frequency == "M" else f"{period}-12"
    value = _amount(ask, record["primaryValue"])
    if value is None:
        return None
    weight = None if record["isNetWgtEstimated"] is not False else _amount(ask, record["netWgt"]) or None
    return Figure(
        month, "month" if frequency == "M" else "year", "World" if number == WORLD else
        partners.name_of(NUMBERS[number]), "exports", "exports_fob", value.scaleb(-6), Decimal("0.0000005"),
        "total" if products == "TOTAL" else "hs6", product, quantity=weight and weight.scaleb(-6),
        quantity_unit="million kg" if weight else "",
    )  # fmt: skip


def _amount(ask: Ask, value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e18:
        raise RefusedAnswer("cell", f"{ask.name}: {str(value)[:40]!r}", expected="a number")
    return Decimal(str(value))


OFFICE = Office(
    "comtrade", "United Nations Statistics Division (UN Comtrade)", "https://comtradeapi.un.org",
    Terms(
        "UN Comtrade terms of use: no redistribution of the data.",
        "Use on this machine; aggregates and estimates may be published with citation, rows may not be passed on.",
    ),
    DATASETS, plan, read, plan_products=plan_products, pace=6.0, calls_a_day=500,
    largest=192 * 2**20, key_variable="COMTRADE_API_KEY",
    split=split, sign=lambda key: ({}, {"Ocp-Apim-Subscription-Key": key}),
)  # fmt: skip
