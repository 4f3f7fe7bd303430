"""A fetch as the command makes it, from a server on this machine into a small ledger in a temporary folder.

All figures are invented and agree with each other, so that every bad answer is bad in one way only.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import shapes
from local_offices import Asked, LocalOffices, Reply, offices

from helpers import paths, provenance
from helpers.fetch import account, run, vintages
from helpers.fetch.collect import Failure, Harvest, collect
from helpers.fetch.transport import Patience, Transport
from helpers.progress import Progress
from helpers.sources import OFFICES
from helpers.sources.contract import Ask, Office, Wanted

TODAY, TOMORROW = dt.date(2026, 1, 20), dt.date(2026, 1, 21)
BEFORE, MONTHS = ("2025-07", "2025-08", "2025-09"), ("2025-10", "2025-11", "2025-12")
WANTED = Wanted(MONTHS[0], MONTHS[-1])
PATIENCE = Patience(tries=2, connect=5, silence=5, whole=10, first_wait=0.0)
KEYS = {"CENSUS_API_KEY": "c0ffee00" * 5, "COMTRADE_API_KEY": "beef/cafe+0123456789=="}
BILLIONS = {"G001": 300, "USA": 40, "DEU": 10, "VNM": 15, "JPN": 15, "KOR": 60, "IND": 80, "RUS": 70}
GATEWAY = (
    b"<!DOCTYPE html><html><head><title>Please wait</title></head><body><p>Checking your browser</p></body></html>"
)

Answer = Callable[[Asked], Reply]


def imf_values(flow: str, months: Iterable[str] = MONTHS, **changed: float) -> list[tuple[str, str, object]]:
    """Dollars by partner and month; imports are six tenths of exports; ``USA_2025_11=41`` changes one."""
    share = 1.0 if flow == "XG" else 0.6
    return [
        (code, month, f"{changed.get(f'{code}_{month}'.replace('-', '_'), billions) * share * 1e9:.2f}")
        for code, billions in BILLIONS.items()
        for month in months
    ]


def imf_by(asked: Asked, values: Callable[[str], list[tuple[str, str, object]]]) -> bytes:
    """The answer about the flows that were asked for; ``values`` by flow, ``XG`` or ``MG``."""
    head, *lines = b"", b""
    for indicator in re.findall("XG_FOB_USD|MG_CIF_USD", asked.path):
        head, *more = shapes.imf(indicator, values(indicator[:2])).splitlines(keepends=True)
        lines += more
    return b"".join([head, *lines])


def imf(asked: Asked, months: Iterable[str] = MONTHS, **changed: float) -> bytes:
    """The answer of a good day, with changes as in :func:`imf_values`."""
    return imf_by(asked, lambda flow: imf_values(flow, months, **changed))


def eurostat_values(months: Iterable[str] = MONTHS) -> list[tuple[str, str, object]]:
    """Million euro by section."""
    values = {"TOTAL": "45000.5", "5": "4000.1", "6": "6000", "7": "24000.3", "8": "9000"}
    return [(section, month, value) for section, value in values.items() for month in months]


def eurostat(asked: Asked) -> bytes:
    """The answer for the EU or for the euro area."""
    geo = "EU27_2020" if "EU27_2020" in asked.path else "EA20"
    return shapes.eurostat("ext_st_eu27_2020sitc" if geo == "EU27_2020" else "ext_st_easitc", geo, eurostat_values())


def abs_values(months: Iterable[str] = MONTHS) -> list[tuple[str, str, str, object]]:
    """Thousand Australian dollars by origin."""
    values = {"TOT: Total": 40_000_000, "CHIN: China (excludes SARs and Taiwan)": 11_000_000, "USA: United States":
              5_000_000, "JAP: Japan": 12_000_000, "GERM: Germany": 10_000_000}  # fmt: skip
    return [(*name.split(": ", 1), month, value) for name, value in values.items() for month in months]


def census_values(months: Iterable[str] = MONTHS) -> list[tuple[str, str, str, object, object]]:
    """Dollars by origin; groups of countries stand among them."""
    values = {"- TOTAL FOR ALL COUNTRIES": 260, "5700 CHINA": 30, "2010 MEXICO": 90, "1220 CANADA": 80, "4280 GERMANY":
              60, "0003 EUROPEAN UNION": 60}  # fmt: skip
    return [(*name.split(" ", 1), month, value * 10**9, value * 10**9) for name, value in values.items()
            for month in months]  # fmt: skip


def gacc_row(label: str, month: float, cumulative: float) -> shapes.Row:
    """Exports; imports are six tenths of them; the total is the sum; three rates."""
    cells = [f"{value * share:,.1f}" for share in (1.6, 1.0, 0.6) for value in (month, cumulative)]
    return label, [*cells, "5.1", "6.2", "-3.4"]


GACC_ROWS = [
    gacc_row(label, month, month * 10)
    for label, month in {
        "Total": 300_000, "European Union": 50_000, "of which: Germany": 10_000, "Netherlands": 9_000,
        "United States (US)": 40_000, "ASEAN": 60_000, "of which: Vietnam": 15_000, "Japan": 15_000, "Africa": 20_000,
        "South Africa": 2_000,
    }.items()
]  # fmt: skip


def gacc_page(**changes: object) -> bytes:
    """The preliminary release of November 2025 in dollars, with a change."""
    return shapes.gacc_page(
        **{"kind": "preliminary", "month": "2025-11", "currency": "USD", "rows": GACC_ROWS} | changes
    )


def gacc_with(page: bytes) -> Answer:
    """The customs' site: an index that leads to one page, and a bulletin's index that leads nowhere."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/statics/report/preliminary.html":
            return Reply(shapes.gacc_index("preliminary", "2025", [("2025-11", "USD", "/Statics/a-1.html")]))
        if asked.path == "/statics/report/monthly.html":
            return Reply(shapes.gacc_index("bulletin", "2025", [("2025-01", "USD", "/Statics/b-1.html")]))
        return Reply(page)

    return answer


def good(asked: Asked) -> Reply:
    """The answer of an office on a good day."""
    if asked.office == "gacc":
        return gacc_with(gacc_page())(asked)
    if asked.office == "census" and asked.path.endswith("/naics"):
        return Reply(status=204)
    bodies = {
        "imf": imf, "eurostat": eurostat, "abs": lambda _: shapes.abs_(abs_values()),
        "census": lambda _: shapes.census_totals(census_values()),
    }  # fmt: skip
    return Reply(bodies[asked.office](asked))


def always(*replies: Reply) -> Answer:
    """Answer with one after the other; the last one ever after."""
    left = list(replies)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*"))
            if file.is_file()}  # fmt: skip


@functools.cache
def small_ledger() -> dict[str, bytes]:
    """A ledger of one earlier fetch from the IMF: three months, both flows."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        trial = Trial(Path(folder), monkeypatch)
        trial.fetch(lambda asked: Reply(imf(asked, BEFORE)), "imf", since=BEFORE[0], today=dt.date(2025, 10, 20))
        return contents(paths.RAW)


@dataclass
class Trial:
    """A ledger, a folder of answers and two keys of its own."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    told: str = ""
    seen: tuple[Asked, ...] = ()

    def __post_init__(self) -> None:
        for name in ("RAW", "ANSWERS"):
            self.monkeypatch.setattr(paths, name, self.folder / name.lower())
        for name, key in KEYS.items():
            self.monkeypatch.setenv(name, key)

    @contextmanager
    def served(self, answer: Answer) -> Iterator[LocalOffices]:
        """Have a server stand for all offices."""
        with offices(answer) as server:
            self.monkeypatch.setenv("DIVERSION_OFFICES", server.address)
            yield server
        self.seen = tuple(server.seen)

    def fetch(self, answer: Answer, *names: str, since: str = MONTHS[0], today: dt.date = TODAY,
              patience: Patience = PATIENCE) -> list[account.Account]:  # fmt: skip
        """Fetch as the command does."""
        told = io.StringIO()
        with self.served(answer):
            accounts = run.fetch(run.Request(names, since), today, Progress(told), patience)
        self.told += told.getvalue()
        return accounts

    def collect(self, office: Office, asks: list[Ask], answer: Answer, *, patience: Patience = PATIENCE,
                sleeps: list[float] | None = None) -> Harvest:  # fmt: skip
        """Ask an office; nothing is slept, ``sleeps`` hears how long it would have been."""
        with self.served(answer):
            transport = Transport(patience, sleep=(sleeps if sleeps is not None else []).append)
            return collect(office, asks, WANTED, transport, TODAY.isoformat())


def refused(trial: Trial, answer: Answer, office: str, reason: str, *, arrived: bytes | None = None,
            nothing_arrived: bool = False, patience: Patience = PATIENCE) -> Failure:  # fmt: skip
    """Fetch from one office that gives a bad answer, hold all that a refusal promises, and return the first failure.

    ``arrived`` are the bytes that have to be kept aside, if they are not simply what the server sent.
    """
    sent = []

    def listening(asked: Asked) -> Reply:
        reply = answer(asked)
        sent.append(reply.body)
        return reply

    before = contents(paths.RAW)
    (found,) = trial.fetch(listening, office, patience=patience)
    assert contents(paths.RAW) == before
    provenance.check_all()
    reasons = {failure.reason for failure in found.failures}
    assert reasons == {reason}
    assert not found.files and account.exit_code([found]) == account.ALL_FAILED
    for failure in found.failures:
        assert failure.ask in failure.message
        assert "expected:" in failure.message and "what to do:" in failure.message
        aside = list((paths.ANSWERS / "refused" / office / TODAY.isoformat()).glob(f"{failure.ask}.[a-z]*"))
        kept = {file.name.removesuffix(".reason.json") for file in aside}
        assert len(aside) == (0 if nothing_arrived else 2) and len(kept) <= 1
        for file in aside:
            if file.name.endswith(".reason.json"):
                assert json.loads(file.read_text(encoding="utf-8"))["reason"] == reason
            elif arrived is None:
                assert file.read_bytes() in sent
            else:
                assert file.read_bytes() == arrived
    return found.failures[0]


def asks_of(name: str, first: str = MONTHS[0], last: str = MONTHS[-1], *, products: bool = False) -> list[Ask]:
    """What an office is asked for some months."""
    office, wanted = OFFICES[name], Wanted(first, last)
    return office.plan_products(wanted, True) if products else office.plan(wanted)


def appended(harvest: Harvest) -> list[Path]:
    """Bring a harvest into the ledger."""
    return vintages.append(harvest, vintages.compare(harvest, vintages.held()), TODAY.isoformat())
