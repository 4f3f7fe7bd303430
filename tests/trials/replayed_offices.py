"""What the offices would have answered on a day of the replay, and how they fail on the days of an outage.

Months stand in an answer from the day on which the office published them: a day drawn, from a fixed seed, between the
first and the last of its rule in ``release_calendar.yml``. Figures are those of the embedded ledger as far as it goes;
everything beyond is INVENTED: a year before, a little more or less. So are the first prints, which differ from the
later ones by less than one percent.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import served
import shapes
from fetched import GATEWAY
from local_offices import Asked, Reply

from helpers import calendar_of_releases
from helpers.periods import month_range

SEED = 20260522
FILLER = "PY"  # of whose trade the embedded ledger holds nothing, so that nothing contradicts it
SILENCE = 1.5  # seconds that a silent office says nothing; whoever asks waits for less
Series = tuple[str, str, str, str]  # reporter, flow, concept, currency
Cells = dict[tuple[str, str], dict[str, float]]  # by partner and product, then by month, in millions
EXPORTS, IMPORTS = ("CN", "exports", "exports_fob", "USD"), ("CN", "imports", "imports_cif", "USD")
TO_US, TO_US_USED = ("US", "imports", "imports_general", "USD"), ("US", "imports", "imports_for_consumption", "USD")
TO_AU, TO_EURO = ("AU", "imports", "merchandise imports", "AUD"), ("EA20", "imports", "imports", "EUR")
HELD_BY: dict[str, tuple[Series, ...]] = {
    "gacc": (EXPORTS, IMPORTS), "imf": (EXPORTS, IMPORTS), "census": (TO_US, TO_US_USED), "abs": (TO_AU,),
    "eurostat": (TO_EURO,),
}  # fmt: skip
SHARES = {"US": 0.11, "EU27": 0.15, "ASEAN": 0.17, "AU": 0.02, "JP": 0.042, "KR": 0.04}  # of China's, INVENTED
LABELS = {"WORLD": "Total", "EU27": "European Union", "US": "United States (US)", "ASEAN": "ASEAN",
          "AU": "Australia", "JP": "Japan", "KR": "Republic of Korea"}  # fmt: skip
FIRST_PRINTS = {"census": (0.004,), "abs": (0.006, 0.002), "eurostat": (0.005,), "imf": (), "gacc": ()}
LEDGER_ENDS = dict.fromkeys(HELD_BY, "2025-11")


def drawn(*about: object) -> random.Random:
    """Return a source of random numbers that depends on what they are for and on nothing else."""
    return random.Random(f"{SEED} {' '.join(map(str, about))}")


def later(month: str, by: int) -> str:
    """Return a month some months later."""
    number = 12 * int(month[:4]) + int(month[5:]) - 1 + by
    return f"{number // 12}-{number % 12 + 1:02d}"


# --- what will have been true ----------------------------------------------------------------------------------------


def true_figures(last: str, held: Callable[..., Cells] = served.held) -> dict[Series, Cells]:
    """Return the last print of every figure to a month; from where ``held`` ends on, INVENTED."""
    found: dict[Series, Cells] = {}
    for series in dict.fromkeys(one for every in HELD_BY.values() for one in every):
        cells = {key: dict(months) for key, months in held(*series).items() if key[0] != "EU28"}
        if series[0] == "CN":
            cells = {key: cells.get(key, {}) for key in ((code, "TOTAL") for code in ("WORLD", *SHARES))}
        office = next(office for office, every in HELD_BY.items() if series in every)
        for (code, product), months in cells.items():
            for month in month_range(LEDGER_ENDS[office], last)[1:]:
                usual = months.get(later(month, -12))
                if usual is None and series[0] == "CN":
                    usual = cells["WORLD", "TOTAL"][month] * SHARES[code]
                if usual is not None:  # a year before, two percent more, give or take two
                    more = 1.02 + drawn(series, code, product, month).uniform(-0.02, 0.02)
                    months.setdefault(month, round(usual * more, 3))
        found[series] = cells
    return found


class Timetable:
    """The days on which offices publish; ``late`` holds how many days after the last of its rule, by office and month.

    ``held_to`` is the last month of each office that was out before the replay.
    """

    def __init__(self, late: dict[tuple[str, str], int], held_to: dict[str, str]) -> None:
        self.late, self.held_to = late, held_to
        self.rules: dict[str, calendar_of_releases.Release] = {}
        for release in calendar_of_releases.read():
            if release.office in HELD_BY and not release.vintages:
                self.rules.setdefault(release.office, release)
        assert self.rules.keys() == HELD_BY.keys()

    def day(self, office: str, month: str) -> dt.date:
        """Return the day on which an office publishes a month."""
        first, last = self.rules[office].days(month)
        if (office, month) in self.late:
            return last + dt.timedelta(days=self.late[office, month])
        if office == "imf":
            return first + dt.timedelta(days=50)
        if office == "gacc" and month.endswith("-01"):
            month = later(month, 1)
        return first + dt.timedelta(days=drawn(office, month).randint(0, (last - first).days))

    def months(self, office: str, day: dt.date) -> list[str]:
        """Return the months that an office has published since the beginning of the replay."""
        out, month = [], later(self.held_to[office], 1)
        while self.rules[office].days(month)[0] <= day:
            out += [month] if self.day(office, month) <= day else []
            month = later(month, 1)
        return out

    def overdue(self, held: dict[str, str], day: dt.date) -> dict[str, tuple[str, ...]]:
        """Return the months that are overdue on a day, by office, where ``held`` are the last months that are there."""
        found = {}
        for office, rule in self.rules.items():
            missing, month = [], later(held[office], 1)
            while rule.days(month)[0] <= day:
                missing += [month] if rule.days(month)[1] < day else []
                month = later(month, 1)
            if missing and rule.awaited:
                found[office] = tuple(missing)
        return found


class Archive:
    """Every print of every figure, by the day on which it was out."""

    def __init__(self, true: dict[Series, Cells], timetable: Timetable) -> None:
        self.true, self.timetable = true, timetable
        self.figures = functools.lru_cache(maxsize=12)(self._figures)

    def factor(self, office: str, month: str, day: dt.date) -> float:
        """Return what the print of a day is of the last one: first prints are off, a year is revised once more."""
        if month <= self.timetable.held_to[office]:
            return 1.0
        prints = len([one for one in self.timetable.months(office, day) if one > month])
        sizes = FIRST_PRINTS[office][prints:]
        off = drawn("first print", office, month, prints).uniform(-1, 1) * sizes[0] if sizes else 0.0
        if office == "imf":
            off = drawn("first print", office, month).uniform(-0.001, 0.001)
        annual = office == "census" and self.timetable.day(office, f"{int(month[:4]) + 1}-04") <= day
        return (1 + off) * (1.001 if annual else 1.0)

    def _figures(self, office: str, day: dt.date) -> dict[Series, Cells]:
        out = set(self.timetable.months(office, day))
        times = {month: self.factor(office, month, day) for month in out}
        held_to = self.timetable.held_to[office]
        return {
            series: {
                key: {month: value * times.get(month, 1.0) for month, value in months.items()
                      if month <= held_to or month in out}
                for key, months in self.true[series].items()
            }
            for series in HELD_BY[office]
        }  # fmt: skip


# --- outages ----------------------------------------------------------------------------------------------------------

DOWN, SILENT, WAIT, CUT, TRUNCATED = "server error", "silence", "please wait", "cut in the middle", "truncated JSON"
LATE, LAST_MONTH, WRONG_TOTAL, BEYOND = "published late", "last month's page", "wrong total", "beyond all that was seen"
NO_NETWORK, CERTIFICATE = "no network", "strange certificate"
EVERY = "every office"
# The office that fails, and what its account gives as the reason; none where the answer itself is good.
OUTAGES = {
    DOWN: ("census", "server error"), SILENT: ("abs", "too slow"), WAIT: ("census", "gateway page"),
    CUT: ("abs", "truncated"), TRUNCATED: ("census", "truncated"), LATE: ("abs", ""),
    LAST_MONTH: ("gacc", "other month"),
    WRONG_TOTAL: ("census", "sum"), BEYOND: ("census", ""), NO_NETWORK: (EVERY, "connection"),
    CERTIFICATE: (EVERY, "certificate"),
}  # fmt: skip
TIMES = 3  # what stands in the place of a figure that is beyond all that was seen


@dataclass
class Offices:
    """Answers for all offices as of ``day``, with an outage or none; whoever serves it changes the two."""

    archive: Archive
    day: dt.date
    outage: str = ""

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        reply = self._good(asked)
        if not self.outage or OUTAGES[self.outage][0] != asked.office:
            return reply
        if self.outage == DOWN:
            return Reply(b"Internal Server Error", 500)
        if self.outage == SILENT:
            time.sleep(SILENCE)
        if self.outage == WAIT:
            return Reply(GATEWAY)
        if self.outage == CUT:
            return replace(reply, cut=len(reply.body) // 2)
        if self.outage == TRUNCATED:
            return replace(reply, body=reply.body[: 2 * len(reply.body) // 3])
        if self.outage == WRONG_TOTAL and asked.path.endswith("/hs"):
            return replace(reply, body=_halved_total(reply.body))
        return reply

    def figures(self, office: str) -> dict[Series, Cells]:
        """Return what an office says, whether or not it arrives."""
        found = self.archive.figures(office, self.day)
        if self.outage != BEYOND or office != "census":
            return found
        wrong = {series: {key: dict(months) for key, months in cells.items()} for series, cells in found.items()}
        china, world = wrong[TO_US]["CN", "TOTAL"], wrong[TO_US]["WORLD", "TOTAL"]
        month = max(china)
        world[month] += (TIMES - 1) * china[month]
        china[month] *= TIMES
        return wrong

    def _good(self, asked: Asked) -> Reply:
        if asked.office == "gacc":
            return self._gacc(asked.path)
        every = self.figures(asked.office) if asked.office in HELD_BY else {}
        return served.Served(figures=lambda *series: every.get(series, {}), filler=FILLER)(asked)

    def _gacc(self, path: str) -> Reply:
        """Answer with the index of a year, or the page of a month; January comes with February, nothing revised."""
        months = [month for month in self.archive.timetable.months("gacc", self.day) if not month.endswith("-01")]
        if path.startswith("/Statics/"):
            month = path.removeprefix("/Statics/m-").removesuffix(".html")
            if self.outage == LAST_MONTH and month == months[-1]:
                month = months[-2]
            return Reply(self.page(month))
        kind, year = path.removeprefix("/statics/report/").removesuffix(".html").rstrip("0123456789"), path[-9:-5]
        year = year if year.isdigit() else ""
        listed = [month for month in months if month[:4] == (year or months[-1][:4])] if months else []
        if not listed or kind != "preliminary":
            return Reply(status=404 if year else 204)
        links = [(month, "USD", f"/Statics/m-{month}.html") for month in listed]
        return Reply(shapes.gacc_index("preliminary", listed[0][:4], links))

    def page(self, month: str) -> bytes:
        """Return the preliminary release of a month in dollars; of February, with January in it."""
        combined = month.endswith("-02")
        rows = []
        for code, label in LABELS.items():
            flows = [self.archive.true[series][code, "TOTAL"] for series in (EXPORTS, IMPORTS)]
            flows.insert(0, {one: float(printed(flows[0][one]) + printed(flows[1][one])) for one in flows[0].keys()
                             & flows[1].keys()})  # fmt: skip
            cells, rates = [], []
            for flow in flows:
                so_far, before = _since_january(flow, month), _since_january(flow, later(month, -12))
                cells += [] if combined else [f"{printed(flow[month]):,}"]
                cells.append("" if so_far is None else f"{so_far:,}")
                rates.append("" if None in (so_far, before) else f"{100 * (so_far / before - 1):.1f}")
            rows.append((label, [*cells, *rates]))
        return shapes.gacc_page("preliminary", month, "USD", rows, combined=combined)


def _since_january(months: dict[str, float], month: str) -> Decimal | None:
    """Return the sum since January, as printed; None where a month of it is not held."""
    span = month_range(f"{month[:4]}-01", month)
    return sum((printed(months[one]) for one in span), Decimal(0)) if set(span) <= months.keys() else None


def printed(value: float) -> Decimal:
    """Return millions as China's customs print them."""
    return Decimal(f"{value:.1f}")


def _halved_total(body: bytes) -> bytes:
    """Return an answer of the US Census whose world is half of the sum of its parts."""
    head, *rows = json.loads(body)
    place, code = head.index("GEN_VAL_MO"), head.index("CTY_CODE")
    for row in rows:
        if row[code] == "-":
            row[place] = str(int(row[place]) // 2)
    return json.dumps([head, *rows]).encode()


def small_history(first: str, last: str) -> Callable[..., Cells]:
    """Return an INVENTED past for a small ledger: a level, a season and a little noise, in the place of ``held``."""
    levels = {
        EXPORTS: {"WORLD": 300_000, "US": 40_000}, IMPORTS: {"WORLD": 200_000, "US": 14_000},
        TO_US: {"WORLD": 260_000, "CN": 30_000, "MX": 40_000, "EU27": 50_000},
        TO_AU: {"WORLD": 40_000, "CN": 11_000, "JP": 9_000}, TO_EURO: {},
    }  # fmt: skip

    def held(*series: str) -> Cells:
        mine = {(code, "TOTAL"): level for code, level in levels.get(series, {}).items()}
        mine |= {("CN", section): 4_000 for section in "5678"} if series == TO_EURO else {}

        def level_in(month: str, key: tuple[str, str]) -> float:
            return 1 + 0.05 * (int(month[5:]) % 4) + drawn(series, key, month).uniform(0, 0.15)

        return {
            key: {month: round(level * level_in(month, key), 3) for month in month_range(first, last)}
            for key, level in mine.items()
        }

    return held
