"""Countries and how offices spell them: every name of the customs bulletin is known, and none is taken for another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from helpers import partners
from helpers.countries import COUNTRIES, squeezed
from helpers.partners import code_of, is_country, is_known

# Rows of the bulletin of 2026, by the continent they stand under. Names as printed, half-width commas and brackets.
BULLETIN = {
    "Asia": """
        Afghanistan; Bahrain; Bangladesh; Bhutan; Brunei; Myanmar; Cambodia; Cyprus; Democratic People's Republic of
        Korea; Hong Kong, China; India; Indonesia; Iran; Iraq; Israel; Japan; Jordan; Kuwait; Lao; Lebanon; Macao,
        China; Malaysia; Maldives; Mongolia; Nepal; Oman; Pakistan; Palestine; Philippines; Qatar; Saudi Arabia;
        Singapore; Republic of Korea; Sri Lanka; Syria; Thailand; Türkiye; United Arab Emirates; Yemen; Viet Nam;
        China; Taiwan,China; Timor-Leste; Kazakhstan; Kyrgyzstan; Tajikistan; Turkmenistan; Uzbekistan; Georgia;
        Armenia; Azerbaijan""",
    "Africa": """
        Algeria; Angola; Benin; Botswana; Burundi; Cameroon; Cabo Verde; Central African Republic; Chad; Comoros;
        Congo; Djibouti; Egypt; Equatorial Guinea; Ethiopia; Gabon; Gambia; Ghana; Guinea; Guinea-Bissau; Cote
        d'Ivoire; Kenya; Liberia; Libya; Madagascar; Malawi; Mali; Mauritania; Mauritius; Morocco; Mozambique;
        Namibia; Niger; Nigeria; Réunion; Rwanda; Sao Tome and Principe; Senegal; Seychelles; Sierra Leone; Somalia;
        South Africa; Western Sahara; Sudan; Tanzania; Togo; Tunisia; Uganda; Burkina Faso; Democratic Republic of
        Congo; Zambia; Zimbabwe; Lesotho; Eswatini(Swaziland); Eritrea; Mayotte; South Sudan; French Southern
        Territories; British Indian Ocean Territory; Saint Helena""",
    "Europe": """
        Belgium; Denmark; United Kingdom; Germany; France; Ireland; Italy; Luxembourg; Netherlands; Greece;
        Portugal; Spain; Albania; Andorra; Austria; Bulgaria; Finland; Gibraltar; Hungary; Iceland; Liechtenstein;
        Malta; Monaco; Norway; Poland; Romania; San Marino; Sweden; Switzerland; Estonia; Latvia; Lithuania;
        Belarus; Moldova; Russia; Ukraine; Slovenia; Croatia; Czechia(Czech Republic); Slovakia; North Macedonia;
        Bosnia and Herzegovina; Holy See; Faroe Islands; Serbia; Montenegro; Åland Islands; Guernsey; Isle of Man;
        Jersey; Svalbard and Jan Mayen Islands""",
    "Latin America": """
        Antigua and Barbuda; Argentina; Aruba; Bahamas; Barbados; Belize; Bolivia; Brazil; Cayman Islands; Chile;
        Colombia; Dominica; Costa Rica; Cuba; Curaçao; Dominican Republic; Ecuador; French Guiana; Grenada;
        Guadeloupe; Guatemala; Guyana; Haiti; Honduras; Jamaica; Martinique; Mexico; Montserrat; Nicaragua; Panama;
        Paraguay; Peru; Puerto Rico; Saint Lucia; Saint Martin (French Part); Saint Vincent and the Grenadines; El
        Salvador; Suriname; Trinidad and Tobago; Turks and Caicos Islands; Uruguay; Venezuela; British Virgin
        Islands; Saint Kitts and Nevis; Bonaire, Sint Eustatius and Saba; Saint Barthélemy; Bouvet Island; Falkland
        Islands (Malvinas); South Georgia and the South Sandwich Islands; Sint Maarten (Dutch part); United States
        Virgin Islands; Anguilla""",
    "North America": "Canada; United States; Greenland; Bermuda; Saint Pierre and Miquelon",
    "Oceania": """
        Australia; Cook Islands; Fiji; Nauru; New Caledonia; Vanuatu; New Zealand; Norfolk Island; Papua New Guinea;
        Solomon Islands; Tonga; Samoa; Kiribati; Tuvalu; The Federated States of Micronesia; Marshall Islands;
        Palau; French Polynesia; Wallis and Futuna; American Samoa; Cocos (Keeling) Islands; Christmas Island; Guam;
        Heard Island and McDonald Islands; Northern Mariana Islands; Niue; Pitcairn; Tokelau; United States Minor
        Outlying Islands; Antarctica""",
}  # fmt: skip
NAMES = [" ".join(name.split()) for names in BULLETIN.values() for name in names.split(";")]
GROUPS = ["TOTAL", "Asia", "Africa", "Europe", "Latin America", "North America", "Oceania", "ASEAN", "EU", "APEC",
          "RCEP", "BRI"]  # fmt: skip
NOBODY = ["Other Asian Territories", "Other African Territories", "Other European Territories", "Other Latin American "
          "Territories", "Other North American Territories", "Other Oceanian Territories", "Canary Islands", "Ceuta",
          "Melilla", "Countries(Territories)Unknown"]  # fmt: skip


def test_every_name_of_the_bulletin_is_a_country_of_its_own():
    assert len(NAMES) == 249
    assert [name for name in NAMES if not is_country(name)] == []
    codes = {name: code_of(name, "2026-06") for name in NAMES}
    assert [name for name, count in Counter(codes.values()).items() if count > 1] == []


def test_every_group_of_the_bulletin_is_known_and_no_country():
    assert all(is_known(name) and not is_country(name) for name in GROUPS)
    assert len({code_of(name, "2026-06") for name in GROUPS}) == len(GROUPS)


@pytest.mark.parametrize("name", NOBODY)
def test_territories_that_are_no_country_are_nobody(name):
    assert not is_known(name)


def test_countries_have_codes_of_their_own():
    for field in ("code", "iso3", "comtrade", "name"):
        values = [getattr(land, field) for land in COUNTRIES]
        assert "" not in values and len(set(values)) == len(values), field
    census = [land.census for land in COUNTRIES if land.census]
    assert len(set(census)) == len(census)


def test_codes_have_the_form_that_their_makers_give_them():
    for land in COUNTRIES:
        assert re.fullmatch("[A-Z]{2}", land.code) and re.fullmatch("[A-Z]{3}", land.iso3), land
        assert re.fullmatch("[1-9][0-9]{0,2}", land.comtrade) and re.fullmatch("([1-9][0-9]{3})?", land.census), land


def test_no_spelling_belongs_to_two_countries():
    owners = defaultdict(set)
    for land in COUNTRIES:
        for label in (land.name, *land.labels):
            owners[squeezed(label)].add(land.code)
    for partner in partners.PARTNERS.values():
        for label in partner.labels:
            owners[squeezed(label)].add(partner.code)
    for land in COUNTRIES:
        owners[squeezed(land.iso3)].add(land.code)
    assert {label: codes for label, codes in owners.items() if len(codes) > 1 or not label} == {}


def test_every_spelling_of_a_country_is_that_country():
    for land in COUNTRIES:
        assert code_of(land.iso3, "2025-01") == land.code
        for label in (land.name, *land.labels):
            for spelling in (label, label.upper(), f" {label} "):
                assert code_of(spelling, "2025-01") == land.code, spelling


@pytest.mark.parametrize(
    "names",
    [
        {"Republic of Korea": "KR", "Democratic People's Republic of Korea": "KP", "Korea, South": "KR",
         "R. O. Korea": "KR", "KOREA, NORTH": "KP"},
        {"Congo": "CG", "Democratic Republic of Congo": "CD", "Congo, Republic of the Congo": "CG",
         "Congo, Democratic Republic of the Congo (formerly Za": "CD"},
        {"Dominica": "DM", "Dominican Republic": "DO"},
        {"Guinea": "GN", "Guinea-Bissau": "GW", "Equatorial Guinea": "GQ", "Papua New Guinea": "PG",
         "French Guiana": "GF", "Guyana": "GY"},
        {"Niger": "NE", "Nigeria": "NG"},
        {"Samoa": "WS", "American Samoa": "AS", "Samoa (Western Samoa)": "WS"},
        {"Sudan": "SD", "South Sudan": "SS"},
        {"China": "CN", "Taiwan, China": "TW", "Hong Kong, China": "HK", "Macao, China": "MO",
         "China (excludes SARs and Taiwan)": "CN", "China, Hong Kong SAR": "HK"},
        {"Saint Martin (French part)": "MF", "Sint Maarten (Dutch part)": "SX"},
        {"British Virgin Islands": "VG", "United States Virgin Islands": "VI"},
        {"Ireland": "IE", "Iceland": "IS", "Northern Mariana Islands": "MP", "Marshall Islands": "MH"},
        {"Austria": "AT", "Australia": "AU"},
        {"Mauritius": "MU", "Mauritania": "MR"},
        {"India": "IN", "Indonesia": "ID", "British Indian Ocean Territory": "IO"},
        {"Georgia": "GE", "South Georgia and the South Sandwich Islands": "GS"},
    ],
    ids=lambda names: next(iter(names)),
)  # fmt: skip
def test_names_that_look_alike_stay_apart(names):
    assert {name: code_of(name, "2025-01") for name in names} == names


@pytest.mark.parametrize(
    "word", ["", " ", "the", "Islands", "Republic of", "Kingdom", "Saint", "Other", "Korea DP", "XX"]
)
def test_a_word_alone_is_no_partner(word):
    assert not is_known(word)
