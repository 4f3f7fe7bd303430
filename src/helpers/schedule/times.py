"""When to ask, from the release calendar: days of the month and an hour, in the office's zone or in another."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from helpers import calendar_of_releases

LAST_EVERYWHERE = 28  # a day that every month has
SEASONS = (dt.date(2026, 1, 15), dt.date(2026, 7, 15))  # clocks are moved; one of the two is the earlier


@dataclass(frozen=True)
class Asking:
    """Days of every month on which to ask, from ``first`` to ``last``, at an hour of a zone; ``why`` in words."""

    why: str
    first: int
    last: int
    hour: int
    minute: int
    zone: str


def askings() -> list[Asking]:
    """Return when to ask, one entry for each release that has an hour; the day after its last day is one of them."""
    found = []
    for release in calendar_of_releases.read():
        if release.ask_at:
            hour, minute = map(int, release.ask_at.split(":"))
            last = min(release.last[1] + 1, LAST_EVERYWHERE)
            why = f"{release.name}: {release.release}"
            found.append(Asking(why, release.first[1], last, hour, minute, release.zone))
    return found


def in_zone(asking: Asking, zone: str) -> Asking:
    """Return the same moment by the clock of another zone: the later one where the two zones move their clocks apart.

    A day before the first of a month cannot be said and is left out; the days after it are enough.
    """
    minutes, days = max(_moment(asking, zone, day) for day in SEASONS), 0
    days, minutes = divmod(minutes, 24 * 60)
    first, last = max(1, asking.first + days), min(LAST_EVERYWHERE, asking.last + days)
    return Asking(asking.why, first, last, minutes // 60, minutes % 60, zone)


def _moment(asking: Asking, zone: str, day: dt.date) -> int:
    """Return minutes from midnight in another zone; negative on the day before."""
    there = dt.datetime.combine(day, dt.time(asking.hour, asking.minute), ZoneInfo(asking.zone))
    here = there.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return round((here - dt.datetime.combine(day, dt.time())).total_seconds() / 60)
