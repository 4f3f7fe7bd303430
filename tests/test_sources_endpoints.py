"""The addresses that are asked are those that other people's libraries know; nothing is sent."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import comtradeapicall
import pytest
import sdmx
from comtradeapicall import PreviewGet

from helpers.sources import OFFICES
from helpers.sources.contract import Ask, Wanted

WANTED = Wanted("2025-01", "2025-03")
OLD_ABS = "https://api.data.abs.gov.au"  # until 2024-2026; github.com/khaeru/sdmx/issues/284 tells of the new one


def address(ask: Ask) -> str:
    return OFFICES[ask.office].address + ask.path


def asks_of(office: str) -> list[Ask]:
    return [*OFFICES[office].plan(WANTED), *OFFICES[office].plan_products(WANTED, True)]


def prepared(source: str, flow: str, key: str, **query: str):
    """What sdmx1 would send."""
    return sdmx.Client(source).get("data", resource_id=flow, key=key, params=query, dry_run=True)


def taken_apart(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


@pytest.mark.parametrize(
    ("source", "office", "datasets"),
    [
        ("IMF_DATA", "imf", {"imf"}),
        ("ESTAT", "eurostat", {"eurostat"}),
        ("ESTAT_COMEXT", "eurostat", {"comext"}),
    ],
)
def test_addresses_are_those_of_sdmx1(source, office, datasets):
    asks = [ask for ask in asks_of(office) if ask.dataset.partition("_")[0] in datasets]
    assert asks
    for ask in asks:
        ours, query = taken_apart(address(ask))
        flow, key = ours.split("/data/")[1].split("/")
        span = {name: query[name] for name in ("startPeriod", "endPeriod")}
        theirs, sent = taken_apart(prepared(source, flow, key, **span).url)
        assert (ours, span) == (theirs, sent)


def test_the_abs_is_asked_where_it_moved_to():
    for ask in asks_of("abs"):
        ours, _ = taken_apart(address(ask))
        flow, key = ours.split("/data/")[1].split("/")
        assert ours == f"https://data.api.abs.gov.au/rest/data/{flow}/{key}"
    for source in ("ABS", "ABS_JSON"):
        theirs = sdmx.Client(source).source.url.rstrip("/")
        assert theirs in (OLD_ABS, "https://data.api.abs.gov.au/rest")


def test_keys_have_as_many_places_as_the_dataset_has_dimensions():
    places = {"imf": 4, "eurostat": 6, "comext": 6, "abs": 4}
    for office in ("imf", "eurostat", "abs"):
        for ask in asks_of(office):
            key = urlsplit(ask.path).path.rpartition("/")[2]
            assert key.count(".") + 1 == places[ask.dataset.partition("_")[0]], key


class Pool:
    """Stands for urllib3's pool inside comtradeapicall: keeps what would be sent, answers with no records."""

    sent: list[tuple[str, dict]] = []

    def request(self, method: str, url: str, fields: dict, timeout: float):
        assert method == "GET"
        self.sent.append((url, fields))
        return type("Answer", (), {"status": 200, "data": json.dumps({"data": [], "count": 0}).encode()})


@pytest.mark.parametrize("has_key", [False, True])
def test_comtrade_is_asked_as_by_its_own_library(monkeypatch, has_key):
    monkeypatch.setattr(PreviewGet.urllib3, "PoolManager", Pool)
    monkeypatch.setattr(Pool, "sent", [])
    office = OFFICES["comtrade"]
    asks = office.plan_products(WANTED, has_key)
    assert {ask.about[0] for ask in asks} == ({"M", "A"} if has_key else {"M"})
    for ask in asks:
        ours, query = taken_apart(address(ask))
        wish = {name: query[name] for name in ("period", "reporterCode", "cmdCode", "flowCode", "partnerCode",
                                               "partner2Code", "customsCode", "motCode", "maxRecords")}  # fmt: skip
        fixed = {"typeCode": "C", "freqCode": ask.about[0], "clCode": "HS", "format_output": "JSON"}
        if has_key:
            comtradeapicall.getFinalData("a key", **fixed, **wish)
        else:
            comtradeapicall.previewFinalData(**fixed, **wish)
        url, fields = Pool.sent[-1]
        theirs = {
            name.lower(): str(value) for name, value in fields.items() if name not in ("format", "subscription-key")
        }
        assert (ours, {name.lower(): value for name, value in query.items()}) == (url, theirs)
        assert ("subscription-key" in fields) == has_key
    assert len(Pool.sent) == len(asks)


def test_a_key_travels_where_the_offices_want_it_and_never_in_an_ask():
    assert OFFICES["comtrade"].sign("k") == ({}, {"Ocp-Apim-Subscription-Key": "k"})
    assert OFFICES["census"].sign("k") == ({"key": "k"}, {})
    for office in OFFICES:
        assert not any("key" in parse_qsl(urlsplit(ask.path).query) for ask in asks_of(office))
        assert OFFICES[office].address.startswith("http://" if office == "gacc" else "https://")


def test_names_of_asks_are_unique_and_fit_for_files():
    for name, office in OFFICES.items():
        for has_key in (False, True):
            asks = [*office.plan(WANTED), *office.plan_products(WANTED, has_key)]
            assert len({ask.name for ask in asks}) == len({ask.path for ask in asks}) == len(asks), name
            assert all(re.fullmatch(r"[a-z0-9_-]{1,80}", ask.name) for ask in asks)
