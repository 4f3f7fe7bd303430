"""What the bulk files of Eurostat and the United Nations look like, and how a row of theirs becomes a figure.

Comext: a row for each reporter, partner, code of the Combined Nomenclature, flow and customs procedure, in euro and
kilograms. Comtrade: a row for each cell and for each of its breakdowns, in dollars; totals only are taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpers import partners, products
from helpers.countries import COUNTRIES
from helpers.refusals import Refusal, nearest

SEPARATORS = (",", "\t", ";")
# Partners without a country: stores and provisions, countries not specified or kept secret, parts of a country.
COMEXT_SPECIAL = ("QP", "QQ", "QR", "QS", "QU", "QV", "QW", "QX", "QY", "QZ", "XC", "XI", "XK", "XL", "XU")
COMEXT_OTHERWISE = {"EL": "GR", "UK": "GB", "XS": "RS"}
# "Not elsewhere specified", free zones, bunkers: the numbers stand as they are, behind UN.
COMTRADE_SPECIAL = ("129", "221", "290", "471", "472", "473", "492", "527", "536", "568", "577", "636", "637", "697",
                    "837", "838", "839", "849", "879", "899")  # fmt: skip
HS = "|".join(products.PATTERNS[scheme] for scheme in ("hs6", "hs4", "hs2"))


@dataclass(frozen=True)
class Shape:
    """One kind of bulk file.

    Parameters
    ----------
    dataset
        Folder under ``data/products``.
    columns
        Our name of each column that is read, and the names that it has in files, today's last. Where two are there the
        first counts: older files have a number as PARTNER beside PARTNER_ISO.
    typed
        SQL of what a figure needs, from ``p``, the row as text under our names: ``month`` (YYYY-MM or nothing),
        ``period_kind``, ``flow_name``, ``product_scheme`` (nothing where the code is of no scheme), ``detail`` (what
        tells rows of one cell apart).
    breakdown
        SQL: this row is a part of another one and is passed over.
    reporters, partners
        Codes of the file to ours.
    quote
        What encloses text; nothing where a quotation mark is a letter as any other.
    """

    dataset: str
    what: str
    producer: str
    currency: str
    columns: dict[str, tuple[str, ...]]
    typed: dict[str, str]
    breakdown: str
    reporters: dict[str, str]
    partners: dict[str, str]
    quote: str


@dataclass(frozen=True)
class Header:
    """A header that was recognised: its shape, what separates cells, all names, and where each column of ours is."""

    shape: Shape
    separator: str
    names: tuple[str, ...]
    places: dict[str, int]

    def shown(self, column: str) -> str:
        """Return the name that a column of ours has in the file."""
        return self.names[self.places[column]] if column in self.places else column


_COUNTRY_CODES = {land.code: land.code for land in COUNTRIES}
_YEAR = "(19|20)[0-9]{2}"

COMEXT = Shape(
    "comext_bulk", "Eurostat Comext, full_v2", "Eurostat", "EUR",
    {
        "reporter": ("DECLARANT_ISO", "REPORTER"), "partner": ("PARTNER_ISO", "PARTNER"), "trade": ("TRADE_TYPE",),
        "product": ("PRODUCT_NC",), "flow": ("FLOW",), "procedure": ("STAT_REGIME", "STAT_PROCEDURE"),
        "period": ("PERIOD",), "value": ("VALUE_IN_EUROS", "VALUE_EUR"), "quantity": ("QUANTITY_IN_KG", "QUANTITY_KG"),
    },
    {
        "month": f"CASE WHEN regexp_full_match(p.period, '{_YEAR}(0[1-9]|1[0-2])') THEN p.period[1:4] || '-' || "
                 f"p.period[5:6] WHEN regexp_full_match(p.period, '{_YEAR}52') THEN p.period[1:4] || '-12' END",
        "period_kind": "CASE WHEN p.period[5:6] = '52' THEN 'year' ELSE 'month' END",
        "flow_name": "CASE p.flow WHEN '1' THEN 'imports' WHEN '2' THEN 'exports' END",
        # Letters stand where a code is secret, corrected or simplified: its chapter counts, the product is unknown.
        "product_scheme": f"CASE WHEN regexp_full_match(p.product, '{products.PATTERNS['hs8']}') THEN 'cn8' "
                          "WHEN p.product = 'TOTAL' THEN 'total' "
                          "WHEN regexp_full_match(p.product, '[0-9]{2}[0-9A-Z]{2,6}') "
                          "AND regexp_matches(p.product, '[A-Z]') THEN 'cn8_adapted' END",
        "detail": "coalesce(p.trade, '') || ' ' || coalesce(p.procedure, '')",
        "weight": "p.quantity",
    },
    "false",
    {**{code: code for code in partners.SUMS["EU28"]}, "EL": "GR", "UK": "GB", "XI": "XI"},
    {**_COUNTRY_CODES, **{code: code for code in COMEXT_SPECIAL}, **COMEXT_OTHERWISE},
    "",
)  # fmt: skip

COMTRADE = Shape(
    "comtrade_bulk", "UN Comtrade, final data", "United Nations Statistics Division (UN Comtrade)", "USD",
    {
        "period": ("period",), "reporter": ("reporterCode",), "partner": ("partnerCode",), "flow": ("flowCode",),
        "second": ("partner2Code",), "classification": ("classificationCode",), "product": ("cmdCode",),
        "customs": ("customsCode",), "transport": ("motCode",), "value": ("primaryValue",), "quantity": ("netWgt",),
        "estimated": ("isNetWgtEstimated",),
    },
    {
        "month": f"CASE WHEN regexp_full_match(p.period, '{_YEAR}(0[1-9]|1[0-2])') THEN p.period[1:4] || '-' || "
                 f"p.period[5:6] WHEN regexp_full_match(p.period, '{_YEAR}') THEN p.period || '-12' END",
        "period_kind": "CASE WHEN length(p.period) = 4 THEN 'year' ELSE 'month' END",
        "flow_name": "CASE p.flow WHEN 'M' THEN 'imports' WHEN 'X' THEN 'exports' END",
        "product_scheme": "CASE WHEN NOT regexp_full_match(p.classification, 'H[0-9S]') THEN NULL "
                          f"WHEN regexp_full_match(p.product, '{HS}') THEN 'hs' || length(p.product) "
                          "WHEN p.product = 'TOTAL' THEN 'total' "
                          "WHEN regexp_full_match(p.product, '[0-9]{4}[0-9A-Z]{2}') "
                          "AND regexp_matches(p.product, '[A-Z]') THEN 'hs6_adapted' END",
        "detail": "''",
        # Estimated weights say nothing about prices; 0 stands for "not known".
        "weight": "CASE WHEN lower(p.estimated) IN ('false', '0') AND NOT regexp_full_match(p.quantity, '0?[.]?0*') "
                  "THEN p.quantity END",
    },
    "coalesce(p.second, '0') NOT IN ('0', '') OR coalesce(p.transport, '0') NOT IN ('0', '') "
    "OR coalesce(p.customs, 'C00') NOT IN ('C00', '') "
    "OR p.flow IN ('RM', 'RX', 'DX', 'FM', 'MIP', 'MOP', 'XIP', 'XOP')",
    {land.comtrade: land.code for land in COUNTRIES if land.comtrade},
    {**{number: f"UN{number}" for number in COMTRADE_SPECIAL}, "0": partners.WORLD,
     **{land.comtrade: land.code for land in COUNTRIES if land.comtrade}},
    '"',
)  # fmt: skip

SHAPES = (COMEXT, COMTRADE)


def recognise(line: str, file: str) -> Header:
    """Return what a header says.

    Raises
    ------
    Refusal
        If the columns are of no shape, one is missing, or one stands twice.
    """
    separator = max(SEPARATORS, key=line.count)
    names = tuple(name.strip().strip('"') for name in line.lstrip("\ufeff").rstrip("\r\n").split(separator))
    shape = max(SHAPES, key=lambda one: len(_places(one, names)))
    places = _places(shape, names)
    if 2 * len(places) < len(shape.columns):
        raise Refusal(
            f'the header "{line[:80].strip()}"', expected="the columns of " + _or(one.what for one in SHAPES),
            remedy="check that this is a bulk file of one of them, unchanged", file=file, row=1,
        )  # fmt: skip
    for name in names:
        if names.count(name) > 1:
            raise Refusal(f'the column "{name}" stands twice', expected="each column once", file=file, row=1,
                          remedy="take the file as the office publishes it")  # fmt: skip
    missing = [shape.columns[column][-1] for column in shape.columns if column not in places]
    if missing:
        raise Refusal(
            f"columns missing: {', '.join(missing)}", expected=f"those of {shape.what}", file=file, row=1,
            remedy=f"take the file as the office publishes it; nearest here: {nearest(missing[0], names)}",
        )  # fmt: skip
    return Header(shape, separator, names, places)


def _places(shape: Shape, names: tuple[str, ...]) -> dict[str, int]:
    """Return where the columns of a shape stand among names: the first of its names that is there."""
    found = {column: [names.index(name) for name in known if name in names] for column, known in shape.columns.items()}
    return {column: there[0] for column, there in found.items() if there}


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
