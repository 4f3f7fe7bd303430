"""What must hold after a night: a new page that is right, or nothing changed and the reason told.

Whoever watches keeps his own books: what each office has said in a night in which its answer was good. They are made
from the same answers as the ledger and by nothing of the project: plain sums, the rules of the calendar counted again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import replayed_offices as world
from replayed_houses import BEGINNING, Ended, House, SmallHouse, table

from helpers.periods import month_range

DOOR_SHUT, YEAR_BEFORE = ("2025-04", "2025-11"), ("2024-04", "2024-11")
OVERDUE_WORDS = "Some figures are older than they should be."
ROUNDING = 0.06  # millions: China's customs print tenths
CHECKED = [
    (world.TO_US, "CN", "TOTAL"), (world.TO_AU, "CN", "TOTAL"), (world.EXPORTS, "US", "TOTAL"),
    (world.EXPORTS, "WORLD", "TOTAL"), *((world.TO_EURO, "CN", section) for section in "5678"),
]  # fmt: skip


@dataclass(frozen=True)
class Night:
    """A night: the month whose report is awaited, the day, the outage."""

    month: str
    day: dt.date
    outage: str = ""


@dataclass(frozen=True)
class Page:
    """A page as it was published: its month, the day, a copy of its folder."""

    month: str
    day: str
    folder: Path


@dataclass
class Tally:
    """How often one thing was checked, and how often it did not hold."""

    checked: int = 0
    failed: int = 0


class Books:
    """What the offices have said so far, night by night."""

    def __init__(self, archive: world.Archive) -> None:
        self.archive = archive
        before = dt.date.fromisoformat(BEGINNING).replace(year=2000)
        self.said = {office: archive.figures(office, before) for office in world.HELD_BY}

    def hear(self, offices: world.Offices) -> None:
        """Write down what the offices say tonight, as far as it arrives."""
        failing, reason = world.OUTAGES.get(offices.outage, ("", ""))
        for office in world.HELD_BY:
            if not reason or failing not in (office, world.EVERY):
                self.said[office] = offices.figures(office)
            elif offices.outage == world.LAST_MONTH:  # one page is bad, the others are good
                self.said[office] = _without_last(offices.figures(office))

    def value(self, series: world.Series, partner: str, product: str, month: str) -> float | None:
        """Return what the page should say: the later vintage before the first print of China's customs."""
        for office in ("imf", "gacc") if series[0] == "CN" else ("census", "abs", "eurostat"):
            value = self.said[office].get(series, {}).get((partner, product), {}).get(month)
            if value is not None:
                begun = month > self.archive.timetable.held_to[office]
                printed = office == "gacc" and begun
                if printed and month[5:] in ("01", "02"):  # one figure for both
                    continue
                return float(world.printed(value)) if printed else value
        return None

    def added(self, series: world.Series, partner: str, span: tuple[str, str]) -> float | None:
        """Return a sum over months in billions; None where one is not there."""
        values = [self.value(series, partner, "TOTAL", month) for month in month_range(*span)]
        return None if None in values else sum(values) / 1e3

    @property
    def month(self) -> str:
        """The month that a report should be about: the last that the US and Australia have both said."""
        held = self.held()
        return min(held["census"], held["abs"])

    def held(self) -> dict[str, str]:
        """Return the last month that each office has said of the flow the calendar looks at."""
        looked_at = {"gacc": (world.EXPORTS, ("US", "TOTAL")), "imf": (world.EXPORTS, ("US", "TOTAL")),
                     "census": (world.TO_US, ("CN", "TOTAL")), "abs": (world.TO_AU, ("CN", "TOTAL")),
                     "eurostat": (world.TO_EURO, ("CN", "7"))}  # fmt: skip
        last = {office: max(self.said[office][series][key]) for office, (series, key) in looked_at.items()}
        if last["gacc"].endswith("-01"):  # comes with February
            last["gacc"] = world.later(last["gacc"], -1)
        return last

    def fingerprint(self) -> str:
        """Return something that changes when anything was said that was not said before."""
        return hashlib.sha256(repr(sorted(self.said.items())).encode()).hexdigest()


def _without_last(figures: dict[world.Series, world.Cells]) -> dict[world.Series, world.Cells]:
    last = max(max(months) for cells in figures.values() for months in cells.values() if months)
    return {
        series: {key: {one: value for one, value in months.items() if one < last} for key, months in cells.items()}
        for series, cells in figures.items()
    }  # fmt: skip


@dataclass
class Watch:
    """Holds every night against the books, and counts."""

    house: House
    archive: world.Archive
    kept: Path
    books: Books = field(init=False)
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    outcomes: Counter = field(default_factory=Counter)
    told: Counter = field(default_factory=Counter)
    pages: list[Page] = field(default_factory=list)
    seen: list[Night] = field(default_factory=list)
    wrong_pages: int = 0
    idle_runs: int = 0
    _failures: list[str] = field(default_factory=list)
    _published: Any = None  # what the books said when the last page came out
    _before: dict[str, str] = field(default_factory=dict)
    _since: tuple[Any, str] = (None, "")

    def __post_init__(self) -> None:
        self.books = Books(self.archive)

    def note(self, what: str, is_so: bool, told: object = "") -> bool:
        """Count one thing that should be so."""
        self.tallies[what].checked += 1
        if not is_so:
            self.tallies[what].failed += 1
            self._failures.append(f"{what}: {told!r}"[:600])
        return is_so

    def hold(self, night: Night, ended: Ended, offices: world.Offices, *, accepted: str = "") -> list[str]:
        """Hold what a night left against what it should have left; return what did not hold."""
        self._failures = []
        self.seen.append(night)
        self.books.hear(offices)
        overdue = self.archive.timetable.overdue(self.books.held(), night.day)
        state = (self.books.fingerprint(), checked_on(self.archive.timetable, overdue))
        failing, reason = world.OUTAGES.get(night.outage, ("", ""))
        outcome = ended.last["outcome"]
        self.outcomes[outcome] += 1
        now = self._folders()
        changed = {name for name in {*now, *self._before} if now.get(name) != self._before.get(name)}
        ran = [row["what"] for row in ended.of("started")]

        self._hold_fetch(ended, failing, reason)
        found = {row["office"]: tuple(row["missing"]) for row in ended.of("overdue")}
        self.note("the log tells what is overdue, and nothing else", found == overdue, (found, overdue))
        if outcome == "published":
            self._hold_page(night, ended, changed, state, overdue, accepted)
            self._published = state
        else:
            self.note("nothing published has changed", not changed, changed)
            self.note("the last good report is named", ended.last["month"] == max(now, default=""), ended.last["month"])
        if outcome == "nothing new":
            self.idle_runs += bool(ran)
            self.note("a night with nothing new runs no notebook", not ran, ran)
            self.note("nothing new is said only where there is none", state == self._published, night)
        elif outcome == "gate closed":
            self.note("a gate closes on figures that nobody has published", state != self._published, night)
            self.note("what closed a gate is told", bool(ended.of("gate")), ended.last["sentence"])
        else:
            self.note("a night ends in one of three ways", outcome == "published", ended.last["sentence"])
        if night.outage == world.BEYOND:
            self.note("a figure beyond all that was seen keeps the page back", outcome == "gate closed", outcome)
        self._hold_words(night, ended, failing, reason, overdue)
        self._before = now
        return self._failures

    def _folders(self) -> dict[str, str]:
        """Return a fingerprint of every published month."""
        found = {}
        for folder in sorted(self.house.reports.glob("20*")):
            digest = hashlib.sha256()
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
            found[folder.name] = digest.hexdigest()
        return found

    def _hold_fetch(self, ended: Ended, failing: str, reason: str) -> None:
        """The log names each office that failed, with the reason, and no other."""
        (fetch,) = [row for row in ended.of("step") if row["step"] == "fetch"]
        failed = {office for office, status in fetch["offices"].items() if "failed" in status}
        should = set(world.HELD_BY) if failing == world.EVERY else {failing} if reason else set()
        self.note("the log names the offices that failed, and no others", failed == should, (failed, should))
        for office in should:
            told = [line for line in fetch["failures"] if line.startswith(f"{office}: ")]
            right = self.note("the log names the reason", told == [f"{office}: {reason}"], (told, reason))
            self.told["log"] += right
        self.note("every office answers in every night", len(fetch["offices"]) == len(world.HELD_BY), fetch)

    def _hold_page(self, night: Night, ended: Ended, changed: set[str], state: tuple[str, str], overdue: dict,
                   accepted: str) -> None:  # fmt: skip
        """The page that came out is that of the right month and says what the offices said."""
        month = self.books.month
        page, failures = self.house.reports / month, len(self._failures)
        self.note("a page comes out only where something is new", state != self._published, night)
        if self.note("the page is that of the month that is known", ended.last["month"] == month, ended.last["month"]):
            self.note("no other page changes", changed == {month}, changed)
        else:
            self.wrong_pages += 1
            return
        latest = (self.house.reports / "latest.html").read_text(encoding="utf-8")
        self.note("the newest address leads to it", f"{month}/index.html" in latest, latest[:300])
        record = json.loads((page / "run.json").read_text(encoding="utf-8"))
        values = record["parameters"]
        self.note(
            "its record says when it was checked", values["checked_on"] == state[1], (values["checked_on"], state)
        )
        self.note(
            "its record says what was accepted", values["accepted"] in ("", accepted, self._accepted(month)), values
        )
        self._hold_cells(page)
        if not isinstance(self.house, SmallHouse):
            self._hold_headline(page, record["finding"])
            text = (page / "index.html").read_text(encoding="utf-8")
            banner = OVERDUE_WORDS in text
            self.told["page"] += banner
            self.note("the page says that figures are overdue where they are", banner == bool(overdue), overdue)
        else:
            self.told["page"] += bool(values["checked_on"])
        self.wrong_pages += len(self._failures) > failures
        copy = self.kept / f"{month}-{len(self.pages)}"
        shutil.copytree(page / "data", copy / "data")
        shutil.copy(page / "run.json", copy)
        self.pages.append(Page(month, night.day.isoformat(), copy))

    def _accepted(self, month: str) -> str:
        """Return the reason that stood on the page of this month before: it stays as long as it is made again."""
        mine = [page for page in self.pages if page.month == month]
        return json.loads((mine[-1].folder / "run.json").read_text())["parameters"]["accepted"] if mine else ""

    def _hold_cells(self, page: Path) -> None:
        """Every month of the replay, and the year before it, stands in the table as the offices said it."""
        cells = table(page, "customs_monthly")
        cells = cells[(cells["is_preferred"] == "True") & (cells["period_kind"] == "month")]
        keys = zip(*(cells[name] for name in ("reporter_code", "flow", "concept", "currency", "partner_code",
                                              "product_code", "period")), strict=True)  # fmt: skip
        said = dict(zip(keys, cells["value_mn"].astype(float), strict=True))
        months = month_range("2025-01", world.later(self.books.month, 3))
        wrong, count = [], 0
        for series, partner, product in CHECKED:
            for month in months:
                here = said.get((*series, partner, product, month))
                should = self.books.value(series, partner, product, month)
                count += should is not None
                if (here is None) != (should is None) or (here is not None and abs(here - should) > ROUNDING):
                    wrong.append((series[0], partner, product, month, here, should))
        self.note("the page holds what the offices said, month by month", not wrong and count > 50, (count, wrong[:4]))

    def _hold_headline(self, page: Path, finding: str) -> None:
        """The fall of exports to the US on both counts, added up by hand, and the newest month of China's own count."""
        (row,) = table(page, "two_sides").query("reporter_code == 'US' and span == 'W1'").to_dict("records")
        for side, series, partner in (("exporter", world.EXPORTS, "US"), ("importer", world.TO_US, "CN")):
            now, before = (self.books.added(series, partner, span) for span in (DOOR_SHUT, YEAR_BEFORE))
            told = (float(row[f"{side}_usd_bn"]), float(row[f"{side}_before_usd_bn"]))
            is_so = abs(told[0] - now) < 1e-3 and abs(told[1] - before) < 1e-3
            self.note(
                "the fall while the door was shut is the sum of what the offices said", is_so, (told, now, before)
            )
            self.note("the first sentence says it", f"{before - now:.0f} billion" in finding
                      or f"count {before - now:.0f} less" in finding, (before - now, finding))  # fmt: skip
        rows = table(page, "accounting_change").query("span == 'latest month' and partner_code in ['US', 'WORLD']")
        for one in rows.to_dict("records"):
            should = self.books.value(world.EXPORTS, one["partner_code"], "TOTAL", one["last_month"])
            if should is not None and one["value_usd_bn"]:
                is_so = abs(float(one["value_usd_bn"]) - should / 1e3) < 1e-3
                self.note("the newest month is what China's customs said", is_so, (one, should))

    def _hold_words(self, night: Night, ended: Ended, failing: str, reason: str, overdue: dict) -> None:
        """Exit code, summary and hook say the same, and say it once."""
        outcome, code = ended.last["outcome"], ended.exit_code
        all_fail = failing == world.EVERY
        usual = {"published": 0, "nothing new": 5, "gate closed": 10}.get(outcome)
        should = usual if not reason or outcome == "gate closed" else 7 if all_fail else 6
        self.note("the exit code says what happened", code == should == ended.last["exit_code"], (code, should))
        summary = self.house.reports / ".failed" / "summary.md"
        bad = code not in (0, 5)
        self.note(
            "there is a summary where something is wrong, and none where all is well", summary.exists() == bad, code
        )
        if bad and summary.exists():
            text = summary.read_text(encoding="utf-8")
            names = sorted(world.HELD_BY) if all_fail else [failing] if reason else []
            is_so = ended.last["sentence"] in text and all(name in text for name in names)
            self.told["summary"] += self.note("the summary names what is wrong", is_so, text[:500])
            trouble = (failing if code in (6, 7) else "", code)
            begun = self._since[1] if self._since[0] == trouble else f"{night.day} 20:00 UTC"
            self._since = trouble, begun
            since = re.search(r"\| since \| (.{10} .{5} UTC)", text)
            self.note("the summary says since when", bool(since) and since[1] == begun, (since and since[1], begun))
        elif not bad:
            self._since = (None, "")
        calls = 0 if code == 5 else 1
        self.note(
            "the hook is called once where something is to be told", len(ended.hooked) == calls, len(ended.hooked)
        )
        for told, sentence in ended.hooked:
            is_so = told["sentence"] == sentence == ended.last["sentence"] and told["exit_code"] == code
            self.told["hook"] += self.note("the hook hears the sentence", is_so, told)
        self.told["overdue in the log"] += bool(overdue)


def checked_on(timetable: world.Timetable, overdue: dict[str, tuple[str, ...]]) -> str:
    """Return the day since which nothing has changed about what is overdue; empty if nothing is."""
    days = [timetable.rules[office].days(months[-1])[1] + dt.timedelta(days=1) for office, months in overdue.items()]
    return max(days).isoformat() if days else ""
