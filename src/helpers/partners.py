"""Partner names to codes: countries by ISO code, blocs by their composition on the date, aggregates apart.

A label is what a source printed, in English or Chinese. ``European Union`` is EU28 until January 2020 and EU27 from
February 2020, when China's customs dropped the United Kingdom. ``ASEAN`` is ASEAN10 until October 2025 and ASEAN11
from November 2025: Timor-Leste joined on 26 October 2025 (its imports from China are below 0.1 % of the bloc's).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from helpers.countries import COUNTRIES, squeezed
from helpers.refusals import Refusal, nearest

if TYPE_CHECKING:
    import pandas as pd

WORLD = "WORLD"
EU_CHANGE = "2020-02"
ASEAN_CHANGE = "2025-11"

Kind = Literal["country", "bloc", "aggregate", "world"]


@dataclass(frozen=True)
class Partner:
    """A partner of trade: code, name for readers, kind and the labels that sources print for it."""

    code: str
    name: str
    kind: Kind
    labels: tuple[str, ...] = ()


# Countries that pages name: the readers' name first, then labels in use. All others stand in ``countries.py``.
_COUNTRIES = {
    "AU": ("Australia", "澳大利亚"), "BN": ("Brunei", "文莱"), "BR": ("Brazil", "巴西"),
    "CA": ("Canada", "加拿大"), "CN": ("China", "China (excl. HK)", "China excl. HK", "中国"),
    "DE": ("Germany", "of which: Germany", "德国"), "FR": ("France", "法国"),
    "GB": ("United Kingdom", "United Kingdom (UK)", "英国"),
    "HK": ("Hong Kong", "Hong Kong, China", "中国香港", "香港"), "ID": ("Indonesia", "印度尼西亚"),
    "IN": ("India", "印度"), "IT": ("Italy", "意大利"), "JP": ("Japan", "日本"), "KH": ("Cambodia", "柬埔寨"),
    "KR": ("South Korea", "R. O. Korea", "Korea, Rep. of", "韩国"), "LA": ("Laos", "老挝"),
    "MM": ("Myanmar", "缅甸"), "MX": ("Mexico", "墨西哥"), "MY": ("Malaysia", "马来西亚"),
    "NL": ("Netherlands", "荷兰"), "NZ": ("New Zealand", "新西兰"), "PH": ("Philippines", "菲律宾"),
    "RU": ("Russia", "Russian Federation", "俄罗斯", "俄罗斯联邦"), "SG": ("Singapore", "新加坡"),
    "TH": ("Thailand", "泰国"), "TL": ("Timor-Leste", "东帝汶"), "TR": ("Turkey", "Türkiye", "土耳其"),
    "TW": ("Taiwan", "Taiwan, China", "中国台湾", "台湾"),
    "US": ("United States", "United States (US)", "美国"),
    "VN": ("Vietnam", "of which: Vietnam", "Viet Nam", "越南"), "ZA": ("South Africa", "南非"),
}  # fmt: skip

_GROUPS: tuple[Partner, ...] = (
    Partner(WORLD, "World", "world", ("World", "Total", "总值", "全球")),
    Partner("EU27", "EU (27 members)", "bloc", ("EU27", "EU27_2020", "sum of 27 members")),
    Partner("EU28", "EU (28 members, with the UK)", "bloc", ("EU28",)),
    Partner("EA20", "Euro area (20 members)", "bloc", ("Euro area (EA20)", "EA20")),
    Partner("EU27_NON_EA", "EU members outside the euro", "aggregate", ("EU27 non-euro members",)),
    Partner("EXTRA_EU27", "All countries outside the EU", "world", ("extra-EU27 total",)),
    Partner("ASEAN10", "ASEAN (10 members, without Timor-Leste)", "bloc", ("ASEAN (sum of 10)", "ASEAN10")),
    Partner("ASEAN11", "ASEAN (11 members, with Timor-Leste)", "bloc", ("ASEAN11",)),
    Partner("AFRICA", "Africa", "aggregate", ("Africa", "非洲")),
    Partner("LATAM", "Latin America", "aggregate", ("Latin America", "Latin America and Caribbean", "拉丁美洲")),
    Partner("APEC", "APEC", "aggregate", ("APEC", "亚太经济合作组织")),
    Partner("BRI", "Belt and Road countries", "aggregate", 
            ("Belt and Road countries", "Belt and Road", "一带一路", "BRI",
             "Jointly build the countries along Belt and Road Routes")),
    Partner("RCEP", "RCEP", "aggregate", ("RCEP", "Regional Comprehensive Economic Partnership")),
    Partner("NON_RCEP", "Countries outside RCEP", "aggregate", ("non-RCEP",)),
    Partner("OCEANIA", "Oceania", "aggregate", ("Oceania", "大洋洲")),
    Partner("ASIA", "Asia", "aggregate", ("Asia", "亚洲")),
    Partner("MIDDLE_EAST", "Middle East", "aggregate", ("Middle East",)),
    Partner("G7", "G7", "aggregate", ("G7",)),
    Partner("G20", "G20", "aggregate", ("G20",)),
    Partner("OECD", "OECD", "aggregate", ("OECD",)),
    Partner("EUROPE", "Europe", "aggregate", ("Europe", "欧洲")),
    Partner("NORTH_AMERICA", "North America", "aggregate", ("North America", "北美洲")),
)  # fmt: skip

PARTNERS: dict[str, Partner] = {
    **{land.code: Partner(land.code, land.name, "country", (land.name, *land.labels)) for land in COUNTRIES},
    **{code: Partner(code, names[0], "country", names) for code, names in _COUNTRIES.items()},
    **{partner.code: partner for partner in _GROUPS},
}

_BY_LABEL = {label: partner.code for partner in PARTNERS.values() for label in partner.labels}
_BY_SPELLING = {squeezed(label): land.code for land in COUNTRIES for label in (land.name, *land.labels)}
_BY_SPELLING |= {squeezed(label): code for label, code in _BY_LABEL.items()}
_BY_ISO3 = {land.iso3: land.code for land in COUNTRIES}
_EU, _ASEAN = (EU_CHANGE, "EU28", "EU27"), (ASEAN_CHANGE, "ASEAN10", "ASEAN11")
_DATED = {
    "European Union": _EU, "EU": _EU, "欧盟": _EU,
    "ASEAN": _ASEAN, "东盟": _ASEAN,
}  # fmt: skip

# The blocs a reader asks for by one name although their composition changed.
FAMILIES: dict[str, tuple[str, ...]] = {"EU": ("EU28", "EU27"), "ASEAN": ("ASEAN10", "ASEAN11")}

ASEAN10_MEMBERS = ("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN")
EU27_MEMBERS = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
                "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")  # fmt: skip
# Blocs that the cleaning adds up from their members, in every composition they had.
SUMS = {
    "EU27": EU27_MEMBERS, "EU28": (*EU27_MEMBERS, "GB"),
    "ASEAN10": ASEAN10_MEMBERS, "ASEAN11": (*ASEAN10_MEMBERS, "TL"),
}  # fmt: skip
CONTINENTS = ("AFRICA", "ASIA", "EUROPE", "LATAM", "NORTH_AMERICA", "OCEANIA")


def known_labels() -> list[str]:
    """Every label that :func:`code_of` understands."""
    return sorted({*_BY_LABEL, *_DATED})


def code_of(label: str, period: str, *, file: str | None = None, row: int | None = None) -> str:
    """Return the partner code of a printed label in a period. Assumptions A1 and A2.

    Parameters
    ----------
    label
        As printed, English or Chinese, or a country's three-letter code.
    period
        Last month of the period, ``YYYY-MM``: blocs change composition.
    file, row
        Where the label stands, for the message.

    Raises
    ------
    Refusal
        If nobody knows the label; names the nearest known ones.
    """
    if label in _DATED:
        change, before, after = _DATED[label]
        return before if period < change else after
    for names, key in ((_BY_LABEL, label), (_BY_ISO3, label), (_BY_SPELLING, squeezed(label))):
        if key in names:
            return names[key]
    raise Refusal(
        f'nobody knows the partner "{label}"',
        expected=f"a known label; the nearest are {nearest(label, known_labels())}",
        remedy="mend the label, or add it to src/helpers/partners.py with its code",
        file=file,
        row=row,
        column="partner",
    )


def is_known(label: str) -> bool:
    """Tell whether :func:`code_of` understands a label."""
    return label in _DATED or label in _BY_LABEL or label in _BY_ISO3 or squeezed(label) in _BY_SPELLING


def members_of(bloc: str) -> tuple[str, ...]:
    """Return the members of the EU or of ASEAN as they are today."""
    return {"EU": EU27_MEMBERS, "ASEAN": SUMS["ASEAN11"]}[bloc]


def is_country(label: str) -> bool:
    """Tell whether a known label is a country, not a bloc, a region or the world."""
    return is_known(label) and label not in _DATED and PARTNERS[code_of(label, EU_CHANGE)].kind == "country"


def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes behind a name a reader asks for: ``"EU"`` gives EU28 and EU27, ``"US"`` gives US.

    Assumption A2.
    """
    return FAMILIES.get(name, (name,))


def not_of_its_time(codes: pd.Series, periods: pd.Series) -> pd.Series:
    """Tell which rows are a bloc in another composition than that of the period: EU27 before February 2020, say."""
    early = {after: change for change, _, after in (_EU, _ASEAN)}
    late = {before: change for change, before, _ in (_EU, _ASEAN)}
    return (periods < codes.map(early).fillna("")) | (periods >= codes.map(late).fillna("9999"))


def name_of(code: str) -> str:
    """Return the reader's name of a partner code or family."""
    readers = {"EU": "EU", "ASEAN": "ASEAN", "NON_US": "All others (World less US)"}
    return readers.get(code) or PARTNERS[code].name


def family_of(code: str) -> str:
    """Return the family name of a bloc code, or the code itself."""
    for family, members in FAMILIES.items():
        if code in members:
            return family
    return code
