"""Bulk files as Eurostat and the United Nations shape them, with invented figures: the same seed, the same bytes.

DuckDB writes them: twenty million rows take a minute or two. Nothing in here comes from an office but the names of
columns and the form of codes.
"""

from __future__ import annotations

import bisect
import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from helpers import partners
from helpers.countries import COUNTRIES

COMEXT_HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,"
    "PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT"
)
COMTRADE_HEADER = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,"
    "partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,"
    "mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,"
    "isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,"
    "legacyEstimationFlag,isReported,isAggregate"
)
MAIN = ("CN", "US", "VN")  # partners of every product; the others share the rest
MAIN_SHARE = 0.4  # of the rows
AGAIN = 10  # every tenth cell has a second row, of another customs procedure
OTHERS = tuple(
    land.code for land in COUNTRIES
    if land.code not in (*MAIN, *partners.EU27_MEMBERS) and land.comtrade and land.census
)  # fmt: skip


def products() -> list[str]:
    """Return some 9,000 codes of eight digits; the first six are those of the HS where they can be guessed."""
    deep, codes, place = {"84": 87, "85": 48}, [], 0
    for chapter in [f"{number:02d}" for number in range(1, 98) if number != 77]:
        for heading in range(1, deep.get(chapter, 10) + 1):
            for sub in ("10", "21", "31", "39", "90"):
                place += 1
                ends = ("00",) if place % 3 == 0 else ("10", "90")
                codes += [f"{chapter}{heading:02d}{sub}{end}" for end in ends]
    return codes


def months_from(first: str, count: int) -> list[str]:
    """Return months in a row, ``"202401"`` the way the files write them."""
    start = 12 * int(first[:4]) + int(first[4:]) - 1
    return [f"{number // 12}{number % 12 + 1:02d}" for number in range(start, start + count)]


def write_comext(path: Path, rows: int, months: Sequence[str], seed: int = 1) -> Path:
    """Write a Comext bulk file: sorted as Eurostat's are, every row another cell or customs procedure.

    Parameters
    ----------
    path
        ``.csv``, ``.csv.gz``, ``.dat``, ``.zip`` or ``.7z``.
    rows
        How many, without the header. Fewer than there are cells: 100 million a month.
    months
        Such as ``"202401"``; ``"202452"`` is a year.
    seed
        Other figures and other cells for another one.
    """
    cells = _cells(rows)
    main = min(int(cells * MAIN_SHARE), _room(MAIN, months))
    query = " UNION ALL ".join(
        _comext(count, months, chosen, seed, start)
        for count, chosen, start in ((main, MAIN, 0), (cells - main, OTHERS, main)) if count
    )  # fmt: skip
    return _write(path, query, ",")


def _cells(rows: int) -> int:
    """Return how many cells make so many rows, every tenth being two."""
    return bisect.bisect_left(range(rows + 1), rows, key=lambda cells: cells + -(-cells // AGAIN))


def _room(chosen: Sequence[str], months: Sequence[str]) -> int:
    return len(months) * len(partners.EU27_MEMBERS) * 2 * len(chosen) * len(products())


def _comext(cells: int, months: Sequence[str], chosen: Sequence[str], seed: int, start: int) -> str:
    """Return the query of so many cells, evenly spread over all there are, in their order."""
    room = _room(chosen, months)
    step = room // cells
    if not step:
        raise ValueError(f"{cells} cells, there are {room}")
    lists = {"month": months, "reporter": partners.EU27_MEMBERS, "partner": chosen, "product": products(), "flow": "12"}
    place, decoded, left = f"(i * {step} + hash(i, {seed}, 1) % {step})::BIGINT", {}, 1
    for name in ("product", "flow", "partner", "reporter", "month"):
        decoded[name] = f"{_list(lists[name])}[1 + (place // {left}) % {len(lists[name])}]"
        left *= len(lists[name])
    picked = ", ".join(f"{text} AS {name}" for name, text in decoded.items())
    return f"""
    SELECT reporter AS REPORTER, partner AS PARTNER, 'E' AS TRADE_TYPE, product AS PRODUCT_NC,
           '.....' AS PRODUCT_SITC, '....' AS PRODUCT_CPA21, '....' AS PRODUCT_CPA22, '...' AS PRODUCT_BEC,
           '......' AS PRODUCT_BEC5, product[1:2] AS PRODUCT_SECTION, flow AS FLOW, procedure AS STAT_PROCEDURE,
           'NO_SU' AS SUPPL_UNIT, month AS PERIOD, value AS VALUE_EUR, value AS VALUE_NAC,
           value // (2 + chance % 40) AS QUANTITY_KG, 0 AS QUANTITY_SUPPL_UNIT
    FROM (SELECT *, floor(exp(5 + 9 * (hash(i, {seed}, procedure) % 100000) / 100000))::BIGINT AS value FROM (
        SELECT i, {picked}, hash(i, {seed}, 2) AS chance,
               unnest(CASE WHEN i % {AGAIN} = 0 THEN [1, 3] ELSE [1] END) AS procedure
        FROM (SELECT i + {start} AS i, {place} AS place FROM range({cells}) AS drawn(i))))
    """


def write_comtrade(path: Path, rows: int, months: Sequence[str], seed: int = 1, sep: str = "\t") -> Path:
    """Write a Comtrade bulk file: China's exports by partner at six digits, and every tenth row of a mode of transport.

    Parameters
    ----------
    path, rows, months, seed
        As in :func:`write_comext`; ``"2024"`` is a year.
    sep
        Between cells.
    """
    numbers = [land.comtrade for land in COUNTRIES if land.code != "CN" and land.comtrade and land.census]
    codes = sorted({code[:6] for code in products()})
    cells = _cells(rows)
    step = len(months) * len(numbers) * len(codes) // cells
    if not step:
        raise ValueError(f"{cells} cells are too many")
    head = COMTRADE_HEADER.split(",")
    filled = {
        "typeCode": "'C'", "freqCode": "CASE length(month) WHEN 6 THEN 'M' ELSE 'A' END", "period": "month",
        "reporterCode": "'156'", "flowCode": "'X'", "partnerCode": "partner", "partner2Code": "'0'",
        "classificationCode": "'H6'", "classificationSearchCode": "'HS'", "cmdCode": "product",
        "customsCode": "'C00'", "mosCode": "'0'", "motCode": "transport", "isNetWgtEstimated": "'False'",
        "netWgt": "value / 4.0", "primaryValue": "value / 8.0", "fobvalue": "value / 8.0", "isAggregate": "'True'",
    }  # fmt: skip
    shown = ", ".join(f"{filled.get(name, 'NULL')} AS {name}" for name in head)
    place = f"(i * {step} + hash(i, {seed}, 1) % {step})::BIGINT"
    query = f"""
    SELECT {shown} FROM (SELECT *, floor(exp(7 + 9 * (hash(i, {seed}, 0) % 100000) / 100000))::BIGINT AS value FROM (
        SELECT i, {_list(codes)}[1 + place % {len(codes)}] AS product,
               {_list(numbers)}[1 + (place // {len(codes)}) % {len(numbers)}] AS partner,
               {_list(months)}[1 + place // {len(codes) * len(numbers)}] AS month,
               unnest(CASE WHEN i % {AGAIN} = 0 THEN [0, 2100] ELSE [0] END) AS transport
        FROM (SELECT i, {place} AS place FROM range({cells}) AS drawn(i))))
    """
    return _write(path, query, sep)


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"


def _write(path: Path, query: str, sep: str) -> Path:
    """Write what a query gives; archives are made around the plain file."""
    plain = path if path.suffix in (".csv", ".dat", ".txt", ".gz") else path.with_suffix(".csv")
    packed = "gzip" if path.suffix == ".gz" else "none"
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute(f"COPY ({query}) TO '{plain}' (FORMAT csv, HEADER, DELIMITER '{sep}', COMPRESSION {packed})")
    if plain != path:
        pack(path, plain)
        plain.unlink()
    return path


def pack(path: Path, *files: Path) -> Path:
    """Put files into an archive: ``.zip``, ``.7z`` or, one of them, ``.gz``."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(files[0].read_bytes(), 6, mtime=0))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
    else:
        import py7zr

        with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 1}]) as archive:
            for file in files:
                archive.write(file, file.name)
    return path


def comext_lines(*cells: dict[str, object]) -> list[str]:
    """Return lines of a Comext file, header first; cells give what differs from one good row."""
    row = "DE,CN,E,01012100,.,.,.,.,.,01,1,1,NO_SU,202401,1000,1000,50,0"
    good = dict(zip(COMEXT_HEADER.split(","), row.split(","), strict=True))
    return [COMEXT_HEADER, *(",".join(str(value) for value in (good | cell).values()) for cell in cells)]


def comtrade_lines(*cells: dict[str, object], sep: str = "\t") -> list[str]:
    """Return lines of a Comtrade file, header first; cells give what differs from one good row."""
    good = dict.fromkeys(COMTRADE_HEADER.split(","), "") | {
        "typeCode": "C", "freqCode": "M", "period": "202401", "reporterCode": "156", "flowCode": "X",
        "partnerCode": "842", "partner2Code": "0", "classificationCode": "H6", "cmdCode": "010121",
        "customsCode": "C00", "mosCode": "0", "motCode": "0", "netWgt": "10.0", "isNetWgtEstimated": "False",
        "primaryValue": "5000.0",
    }  # fmt: skip
    return [sep.join(good), *(sep.join(str(value) for value in (good | cell).values()) for cell in cells)]
