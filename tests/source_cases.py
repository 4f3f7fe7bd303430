"""Asks of every kind with a good answer each, ways to spoil an answer, and a judge of what was accepted.

The judge shares no code with ``contract.checked``: it says again, in its own words, what an accepted figure must be.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
from decimal import Decimal
from typing import NamedTuple

import shapes

from helpers import partners
from helpers.sources import OFFICES, gacc
from helpers.sources.contract import Accepted, Ask, RefusedAnswer, Wanted, accept

WANTED = Wanted("2025-01", "2026-03")
MONTHS = ("2026-01", "2026-02", "2026-03")


class Case(NamedTuple):
    """A kind of ask and a good answer to it."""

    ask: Ask
    body: bytes


def _ask(office: str, dataset: str, *, key: bool | None = None, about: str = "") -> Ask:
    plan = OFFICES[office].plan(WANTED) if key is None else OFFICES[office].plan_products(WANTED, key)
    found = [ask for ask in plan if ask.dataset == dataset and (not about or about in ask.about)]
    return found[-1]


def _followed() -> dict[str, Ask]:
    """The pages that good index pages lead to, by name."""
    found = {}
    for ask in OFFICES["gacc"].plan(WANTED):
        kind, year = ask.about
        page = _index(kind, year or "2026")
        found |= {item.name: item for item in gacc.follow(ask, page, WANTED)}
    return found


def _index(kind: str, year: str) -> bytes:
    currencies = ("USD",) if kind == "bulletin" else ("CNY", "USD")
    links = [(f"{year}-{month:02d}", currency, f"/Statics/{kind[0]}-{month}.html")
             for month in range(1, 13 if year == "2025" else 5) for currency in currencies]  # fmt: skip
    return shapes.gacc_index(kind, year, links)


def _page_rows() -> list[tuple[str, list[str]]]:
    cells = ["3,000.5", "9,000.5", "2,000.5", "6,000.5", "1,000.0", "3,000.0", "1.5", "-2.5", "—"]
    small = ["30.0", "90.0", "20.0", "60.0", "10.0", "30.0", "1", "2", "3"]
    return [("Total", cells), ("European Union", small), ("of which: Germany", small), ("R. O. Korea", small),
            ("Atlantis", ["1.0", "3.0", "0.6", "2.0", "0.4", "1.0", "-", "-", "-"])]  # fmt: skip


def _pages() -> list[Case]:
    asks = _followed()
    seven = [("Total", ["9.0", "6.0", "3.0", "1", "2", "3"]), ("Japan", ["3.0", "2.0", "1.0", "-", "…", "-5.1"])]
    groups = ("Total", "Exports", "Imports")
    january = (
        ["Country （Region）", *groups, *["Percentage Change"] * 3],
        ["Country （Region）", "1", "1", "1", *groups],
    )  # noqa: RUF001
    hidden = [("TOTAL", ["9", "####", "6", "18", "3", "9", "1", "2", "3"]), ("Viet Nam", ["-"] * 9)]
    return [
        Case(asks["preliminary-2026-03-usd"], shapes.gacc_page("preliminary", "2026-03", "USD", _page_rows())),
        Case(asks["preliminary-2026-03-cny"], shapes.gacc_page("preliminary", "2026-03", "CNY", _page_rows())),
        Case(asks["preliminary-2025-02-usd"],
             shapes.gacc_page("preliminary", "2025-02", "USD", seven, combined=True)),
        Case(asks["bulletin-2026-01-usd"], shapes.gacc_page("bulletin", "2026-01", "USD", seven, head=january)),
        Case(asks["bulletin-2026-03-usd"], shapes.gacc_page("bulletin", "2026-03", "USD", hidden)),
    ]  # fmt: skip


def _cases() -> list[Case]:
    world, half = 2_000_000_000, 1_000_000_000
    imf = [
        (code, month, value)
        for month in MONTHS
        for code, value in (("G001", world), ("USA", half), ("DEU", half - 5), ("TWN", 3), ("KOS", 2), ("G998", 9))
    ]
    sections = [
        (section, month, value)
        for month in MONTHS
        for section, value in (("TOTAL", "45123.4"), ("7", "23000.0"), ("8", "9000.25"))
    ]
    products = [
        (product, month, value, "400000.5")
        for month in MONTHS
        for product, value in (("TOTAL", "45e9"), ("854143", "1250000000"), ("010121", 7), ("85414300", 5))
    ]
    australia = [
        (code, label, month, value)
        for month in MONTHS
        for code, label, value in (
            ("TOT", "Total", "40000"),
            ("CHIN", "China (excludes SARs and Taiwan)", 11000),
            ("USA", "United States of America", "28000.5"),
            ("XX", "Atlantis", 9),
        )
    ]
    totals = [
        (code, name, month, *values)
        for month in MONTHS
        for code, name, values in (
            ("-", "TOTAL FOR ALL COUNTRIES", (world, world)),
            ("5700", "CHINA", (half, half)),
            ("2010", "MEXICO", (half, half)),
            ("0003", "EUROPEAN UNION", (9, 9)),
        )
    ]
    groups = [("5700", "CHINA", group, month, 9_000_000, 1_350_000) for month in MONTHS for group in ("334", "315")]
    hs6_head = [
        "CTY_NAME",
        "I_COMMODITY",
        "GEN_VAL_MO",
        "CON_VAL_MO",
        "CAL_DUT_MO",
        "COMM_LVL",
        "SUMMARY_LVL",
        "CTY_CODE",
        "time",
    ]
    hs6 = [
        ["CHINA", product, "1500000", "1400000", "0", "HS6", "DET", "5700", month]
        for month in MONTHS
        for product in ("010121", "854143")
    ]
    records = [
        {
            "partnerCode": code,
            "period": "202603",
            "primaryValue": value,
            "netWgt": 5.5e6,
            "isNetWgtEstimated": code != 842,
        }
        for code, value in ((0, 3e11), (842, 4e10), (276, 9e9), (704, None))
    ]
    year = _ask("comtrade", "comtrade_exports_yearly", key=True)
    yearly = [
        {"partnerCode": code, "period": year.first[:4], "cmdCode": product, "primaryValue": 2e9}
        for code in year.about[2].split(",")[:2]
        for product in ("854143", "010121")
    ]
    monthly = _ask("comtrade", "comtrade_exports_monthly", key=True)
    keyed = [
        {
            "partnerCode": int(monthly.about[2].split(",")[0]),
            "period": "202603",
            "cmdCode": "854143",
            "primaryValue": 2e9,
        }
    ]
    return [
        *_pages(),
        Case(_ask("imf", "imf_imts"),
             shapes.imf("XG_FOB_USD", imf) + shapes.imf("MG_CIF_USD", imf[:6]).partition(b"\n")[2]),
        Case(_ask("eurostat", "eurostat_imports_eu27"), shapes.eurostat("ext_st_eu27_2020sitc", "EU27_2020", sections)),
        Case(_ask("eurostat", "eurostat_imports_euro_area"), shapes.eurostat("ext_st_easitc", "EA20", sections)),
        Case(_ask("eurostat", "comext_imports_hs6", key=False), shapes.comext(products)),
        Case(_ask("abs", "abs_imports_by_origin"), shapes.abs_(australia)),
        Case(_ask("census", "census_imports_totals"), shapes.census_totals(totals)),
        Case(_ask("census", "census_naics3_imports", about="5700"), shapes.census_groups(groups)),
        Case(_ask("census", "census_imports_hs6", key=True), json.dumps([hs6_head, *hs6]).encode()),
        Case(_ask("comtrade", "comtrade_exports_monthly", key=False), shapes.comtrade(records)),
        Case(monthly, shapes.comtrade(keyed)),
        Case(year, shapes.comtrade(yearly)),
    ]  # fmt: skip


CASES = _cases()
INDEXES = [Case(ask, _index(ask.about[0], ask.about[1] or "2026")) for ask in OFFICES["gacc"].plan(WANTED)]


# --- the judge -------------------------------------------------------------------------------------------------------

CODE_FORMS = {"total": "TOTAL", "sitc1": "[0-9]", "naics3": "[1-9][0-9]{2}", "hs6": "[0-9]{6}"}


def judge(ask: Ask, accepted: Accepted) -> None:
    """Fail if an accepted answer holds what the contract does not allow."""
    cells = set()
    for figure in accepted.figures:
        assert re.fullmatch("[0-9]{4}-[0-9]{2}", figure.period) and 1 <= int(figure.period[5:]) <= 12, figure
        assert ask.first <= figure.period <= ask.last, figure
        assert figure.period_kind in ("month", "jan_feb", "ytd", "year") and figure.flow in ("exports", "imports")
        for amount in (figure.value, figure.half_unit, figure.quantity):
            assert amount is None or (isinstance(amount, Decimal) and amount.is_finite() and amount >= 0), figure
        assert figure.value is not None and figure.value < 10**9 and (figure.quantity or 0) < 10**9, figure
        assert (figure.quantity is None) == (figure.quantity_unit == ""), figure
        assert partners.is_known(figure.partner), figure
        assert re.fullmatch(CODE_FORMS[figure.product_scheme], figure.product), figure
        assert figure.yoy_pct == "" or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", figure.yoy_pct), figure
        cell = (figure.period, figure.period_kind, partners.code_of(figure.partner, figure.period), figure.flow,
                figure.concept, figure.product_scheme, figure.product)  # fmt: skip
        assert cell not in cells, figure
        cells.add(cell)
    for name in accepted.left_out:
        assert not partners.is_known(name)
    json.dumps([list(map(str, figure)) for figure in accepted.figures], ensure_ascii=False).encode()
    " ".join(accepted.left_out).encode()


def judge_asks(index: Ask, asks: list[Ask]) -> None:
    """Fail if an index page leads anywhere but to pages of the office for wanted months."""
    assert len({ask.name for ask in asks}) == len(asks)
    for ask in asks:
        assert re.fullmatch(r"/[Ss]tatics/[A-Za-z0-9_-]+\.html", ask.path), ask
        assert ask.office == "gacc" and ask.about[0] == index.about[0] and WANTED.first <= ask.last <= WANTED.last, ask
        assert re.fullmatch(r"[a-z]+-[0-9]{4}-[0-9]{2}-(usd|cny)", ask.name), ask
        assert ask.dataset in [dataset.stem for dataset in OFFICES["gacc"].datasets]


def try_answer(ask: Ask, body: bytes) -> Accepted | None:
    """Hold a body against the contract: what comes out is judged, a refusal can be printed, all else is an error."""
    try:
        accepted = accept(OFFICES[ask.office], ask, body)
    except RefusedAnswer as refusal:
        str(refusal).encode()
        return None
    judge(ask, accepted)
    return accepted


def try_index(ask: Ask, body: bytes) -> list[Ask] | None:
    """The same for a page that leads to others."""
    try:
        asks = gacc.follow(ask, body, WANTED)
    except RefusedAnswer as refusal:
        str(refusal).encode()
        return None
    judge_asks(ask, asks)
    return asks


# --- spoiling --------------------------------------------------------------------------------------------------------

ODD = [
    "1e999", "-1e999", "NaN", "-NaN", "sNaN", "inf", "-0", "-0.0", "٣", "1,2,3", "1,234", "=1+1", "9" * 18, "9" * 60,
    "9" * 5000, "1" + "0" * 17, "1e99", "1e-99", "0.000000000001", "", " ", "-", "—", "####", "*REF!", ":", "null",
    "None", "\u200b", "\ufeff", "\u202e7", "½", "²", "0x1F", "1_000", "+5", "--5", "5-", "1.5.5", "1 000", "1\xa0000",
    "2026-13", "2026-00", "2026-02", "2026-M13", "2026-M02", "9999-12", "0000-00", "202613", "2025", "TOTAL", "World",
    "EU", "European Union", "G001", "TWN", "ZZZ", "GASEAN", "-5", "5700", "0", "00", "4XXX", "-\n", "a" * 3000, "'",
    '"', '""', "<b>", "<table><tr><td>1", "&#0;", "&#xd800;", "&amp;", "\\ud800", "💱", "ſep.", "Mıllıon",
    "Unit: USD1", "Jan", "Total", "1to3", "colspan", "true", "1.0E+2", "12 (1)", "7*", "7†", "1²", "\x85", "\u2028",
    "\x1c",
]  # fmt: skip
RAW_JSON = [
    "null", "true", "false", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "[]", "{}", "[[[]]]", '{"a":[]}',
    "-0", "-0.0", "1E400", "9" * 60, "9" * 5000, "1e18", "1e19", "-1", "0", "0.1", "1e-400", '"\\ud800"',
    '"\\udfff\\ud800"', '"\\u0000"', '"\\n"', '""', '"0"', '"842"', "842", "842.0", "[" * 300 + "]" * 300,
    "[" * 3000 + "]" * 3000, '{"data":[]}', '"202603"', "202603", "1.5e308", '"TOTAL"',
]  # fmt: skip
TAGS = [
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<td colspan=3>",
    "<td colspan='200' rowspan=200>", "<td rowspan=2>", "<td colspan=0>", "<td colspan=-1>", "<td colspan=٣>",
    "<td colspan=99999999999999999999>", "<tr><td>Japan</td></tr>", "<!--", "-->", "<script>", "</script>", "<style>",
    "<title>", "<select><option>2026", "<option>2025</option>", "<img src=x>", "<a href=/Statics/z.html>Mar.</a>",
    "<a href='http://[/'>Jan.</a>", "<a>Feb.", "<br>", "</html>", "<?xml version='1.0'?>", "<![CDATA[", "&nbsp;",
    "&#x0;", "<svg><title>", "<frameset>", "<p>" * 300, "<div>" * 600, "<table><tr><td>" * 80,
    "<base href='http://x/'>", "<plaintext>", "</body>", "<tbody><td>",
]  # fmt: skip


LOOKALIKES = [
    ("i", "ı"),
    ("s", "ſ"),
    ("S", "ſ"),
    ("k", "\u212a"),
    ("a", "а"),
    ("-", "\u2010"),
    ("1", "１"),
    (".", "．"),
]  # noqa: RUF001


def _bytes_spoiled(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    end = min(len(body), at + chance.choice((1, 2, 5, 20, 100)))
    match chance.randrange(6):
        case 0:
            flipped = bytearray(body)
            for _ in range(chance.randrange(1, 6)):
                if flipped:
                    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
        case 1:
            return body[:at]
        case 2:
            return body[:at] + body[end:]
        case 3:
            return body[:end] + body[at:]
        case 4:
            return body[:at] + chance.randbytes(chance.randrange(1, 8)) + body[at:]
        case _:
            return body[:at] + chance.choice(ODD).encode() + body[end:]


def _lines_spoiled(lines: list, chance: random.Random) -> None:
    if not lines:
        return
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            chance.shuffle(lines)
        case _:
            del lines[at:]


def _csv_spoiled(body: bytes, chance: random.Random) -> bytes:
    try:
        rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return _bytes_spoiled(body, chance)
    if chance.random() < 0.3:
        _lines_spoiled(rows, chance)
    elif filled := [row for row in rows if row]:
        row = chance.choice(filled)
        if chance.random() < 0.1:
            _lines_spoiled(row, chance)
        else:
            row[chance.randrange(len(row))] = chance.choice(ODD)
    text = io.StringIO()
    csv.writer(text, lineterminator=chance.choice(("\r\n", "\n"))).writerows(rows)
    return text.getvalue().encode()


def _json_spoiled(body: bytes, chance: random.Random) -> bytes:
    try:
        node = whole = json.loads(body)
    except (ValueError, RecursionError):
        return _bytes_spoiled(body, chance)
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        if isinstance(node, list) and chance.random() < 0.15:
            _lines_spoiled(node, chance)
            return json.dumps(whole).encode()
        key = chance.choice(keys)
        if isinstance(node[key], dict | list) and node[key] and chance.random() < 0.9:
            node = node[key]
            continue
        if isinstance(node, dict) and chance.random() < 0.1:
            del node[key]
            return json.dumps(whole).encode()
        node[key] = "@here@"
        put = json.dumps(chance.choice(ODD)) if chance.random() < 0.5 else chance.choice(RAW_JSON)
        return json.dumps(whole).replace('"@here@"', put).encode()
    return chance.choice(RAW_JSON).encode()


def _html_spoiled(body: bytes, chance: random.Random) -> bytes:
    parts = re.split("(<[^>]*>)", body.decode(errors="replace"))
    match chance.randrange(5):
        case 0:
            rows = body.split(b"<tr>")
            _lines_spoiled(rows, chance)
            return b"<tr>".join(rows)
        case 1:
            places = [place for place, part in enumerate(parts) if part and not part.startswith("<")]
            parts[chance.choice(places or [0])] = chance.choice(ODD)
        case 2:
            parts.insert(chance.randrange(len(parts) + 1), chance.choice(TAGS))
        case 3:
            letter, other = chance.choice(LOOKALIKES)
            place = chance.randrange(len(parts))
            parts[place] = parts[place].replace(letter, other)
        case _:
            places = [place for place, part in enumerate(parts) if part.startswith("<")]
            parts[chance.choice(places or [0])] = chance.choice(TAGS) if chance.random() < 0.7 else ""
    return "".join(parts).encode(errors="replace")


SPOILERS = {"csv": _csv_spoiled, "json": _json_spoiled, "html": _html_spoiled}


def spoiled(case: Case, seed: int) -> bytes:
    """Return the good answer with one to four things wrong; the same seed spoils it the same way."""
    chance = random.Random(seed)
    body = case.body
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        spoil = SPOILERS[case.ask.expects] if chance.random() < 0.8 else _bytes_spoiled
        body = spoil(body, chance)
    return body
