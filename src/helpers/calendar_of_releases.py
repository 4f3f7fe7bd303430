"""What each statistical office should have published by a day, against what the ledger holds of it.

The rules stand in ``release_calendar.yml``. There is no clock here: the day is given, by a timer or by the parameter
``checked_on`` of a report.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from helpers import partners, paths, provenance
from helpers.months import month_number, month_of
from helpers.refusals import Refusal

FILE = Path(__file__).with_name("release_calendar.yml")
NONE_DUE, DUE, OVERDUE, NOT_HELD = "none due", "due", "overdue", "not held"
MONTHLY = {"month", "jan_feb"}


@dataclass(frozen=True)
class Release:
    """One row of the calendar; ``first`` and ``last`` are months later and day."""

    office: str
    release: str
    name: str
    zone: str
    first: tuple[int, int]
    last: tuple[int, int]
    awaited: bool
    folder: str
    reporters: tuple[str, ...]
    partner: str
    source: str
    ask_at: str = ""
    january: str = ""
    vintages: tuple[str, ...] = ()

    def days(self, month: str) -> tuple[dt.date, dt.date]:
        """Return the first and the last day on which the figures of a month are due."""
        if self.january and month.endswith("-01"):
            month = f"{month[:4]}-02"
        return _day(month, self.first), _day(month, self.last)


@dataclass(frozen=True)
class Standing:
    """How a release stands on a day.

    Attributes
    ----------
    release
        The row of the calendar.
    held
        Last month that the ledger holds of it; empty if none.
    state
        ``none due``, ``due``, ``overdue`` or ``not held``: nothing of it was ever fetched.
    missing
        The months that are due, or overdue.
    by
        The day by which the last of these was due.
    """

    release: Release
    held: str
    state: str
    missing: tuple[str, ...] = ()
    by: str = ""

    @property
    def since(self) -> str:
        """The first day on which the last of the missing months was overdue; empty if none is."""
        if self.state != OVERDUE:
            return ""
        return (dt.date.fromisoformat(self.by) + dt.timedelta(days=1)).isoformat()


def read(file: Path = FILE) -> tuple[Release, ...]:
    """Return the calendar."""
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    lists = {"first", "last", "reporters", "vintages"}
    return tuple(
        Release(**{name: tuple(value) if name in lists else value for name, value in row.items()}) for row in rows
    )


def check_day(text: str) -> dt.date:
    """Return a day such as ``"2026-12-03"``; anything else is refused."""
    try:
        day = dt.date.fromisoformat(text)
        if day.isoformat() != text:
            raise ValueError
    except ValueError:
        raise Refusal(
            f'"{text}" is not a day', expected="a day such as 2026-12-03", remedy="write year-month-day", exit_code=2
        ) from None
    return day


def begun_everywhere(now: dt.datetime) -> dt.date:
    """Return the latest day that has begun in every time zone: what was due before it is overdue wherever one is."""
    return (now.astimezone(dt.UTC) - dt.timedelta(hours=12)).date()


def standings(day: str, as_of: str = "", releases: Sequence[Release] | None = None) -> list[Standing]:
    """Return how every release stands on a day, against the ledger, or what of it was read by ``as_of``."""
    releases = read() if releases is None else releases
    held = held_by(releases, provenance.all_records(as_of) if any(paths.RAW.glob("*/*.csv")) else [])
    return [standing(release, held[place], check_day(day)) for place, release in enumerate(releases)]


def standing(release: Release, held: str, day: dt.date) -> Standing:
    """Return how a release stands on a day when ``held`` is the last month of it that is there."""
    if not held:
        return Standing(release, "", NOT_HELD)
    later = [month_of(number) for number in range(month_number(held) + 1, month_number(day.isoformat()))]
    overdue = [month for month in later if release.days(month)[1] < day]
    due = [month for month in later if release.days(month)[0] <= day]
    for state, missing in ((OVERDUE, overdue), (DUE, due)):
        if missing:
            return Standing(release, held, state, tuple(missing), release.days(missing[-1])[1].isoformat())
    return Standing(release, held, NONE_DUE)


def held_by(releases: Sequence[Release], records: Iterable[provenance.Record]) -> list[str]:
    """Return the last month that the ledger holds of each release, in their order; empty where it holds none.

    January and February printed as one figure are both held.
    """
    last = [""] * len(releases)
    for record in records:
        wanted = [
            place for place, release in enumerate(releases)
            if record.table_schema == "customs" and record.reporter in release.reporters
            and release.folder == record.file.partition("/")[0]
        ]  # fmt: skip
        if not wanted:
            continue
        raw = provenance.printed(record)
        columns = ("period", "period_kind", "partner", "value", "source")
        for period, kind, partner, value, source in zip(*(raw[name] for name in columns), strict=True):
            if kind not in MONTHLY or not value or not partners.is_known(partner):
                continue
            code = partners.code_of(partner, period)
            for place in wanted:
                release = releases[place]
                vintage = record.sources[source].vintage
                if code == release.partner and (not release.vintages or vintage in release.vintages):
                    last[place] = max(last[place], period)
    return last


def awaited(found: Iterable[Standing]) -> list[Standing]:
    """Return the releases that are overdue and without which a report is older than it should be."""
    return [standing for standing in found if standing.state == OVERDUE and standing.release.awaited]


def checked_on(found: Iterable[Standing]) -> str:
    """Return the day since which nothing has changed about what is overdue; empty when nothing is.

    It takes the place of today in a report: made on any later day, the report is the same to the byte until another
    month is overdue or a figure comes in.
    """
    return max((standing.since for standing in awaited(found)), default="")


def as_text(found: Sequence[Standing]) -> list[str]:
    """Return a line for each release: how it stands, what is held, what is missing since when."""
    rows = [("office", "release", "state", "held to", "missing")]
    for one in found:
        missing = " to ".join(dict.fromkeys([one.missing[0], one.missing[-1]])) if one.missing else ""
        rows.append((one.release.office, one.release.release, one.state, one.held or "nothing",
                     f"{missing}, by {one.by}" if missing else ""))  # fmt: skip
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _day(month: str, rule: tuple[int, int]) -> dt.date:
    """Return the day of a rule: months after a month, and the day there, or the last one of a shorter month."""
    year, place = divmod(month_number(month) + rule[0], 12)
    return dt.date(year, place + 1, min(rule[1], calendar.monthrange(year, place + 1)[1]))
