"""Replay thirty months by the timer's command, with outages in a third of them, and count what held: replayed.py.

A server answers as the offices would have on each day (``replayed_offices.py``). After every night either a new page is
out and right, or nothing has changed and the reason is told. All thirty months run with small notebooks; four of them,
the machine being off between some, with the notebooks of the report, which take half a minute each time. ``--quick``
replays three months with small notebooks, ``--real`` all thirty with those of the report. Only the trial without a word
writes ``results/replayed.json``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import ssl
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import replayed_offices as world  # noqa: E402
from local_offices import LocalOffices  # noqa: E402
from replayed_houses import BEGINNING, SMALL_PAST, Ended, House, RealHouse, SmallHouse  # noqa: E402
from replayed_night import Night, Watch  # noqa: E402

RESULTS = HERE / "results" / "replayed.json"
FIRST, ALL, REAL, QUICK = "2025-12", range(30), (0, 1, 3, 18), range(3)  # months, counted from 0
# Which month has which outage: eleven of thirty, each kind once.
PLAN = dict(zip((2, 4, 6, 8, 11, 13, 16, 19, 22, 25, 27), world.OUTAGES, strict=True))
REAL_PLAN = {1: world.DOWN}
QUICK_PLAN = {1: world.DOWN, 2: world.BEYOND}
REASON = "Invented: the office has confirmed its figures"
ACROSS = 5  # every so many months the report is made again by looking back
LATE_BY = 6  # days after the last of its rule


def nights_of(months: Sequence[int], plan: dict[int, str], table: world.Timetable) -> list[Night]:
    """Return the nights of a replay: of a publication and, every other month, the next; more around an outage."""
    day, found = dt.timedelta(days=1), []
    for number in months:
        month = world.later(FIRST, number)
        first, last = sorted(table.day(office, month) for office in ("census", "abs"))
        outage = plan.get(number, "")
        due = max(table.rules[office].days(month)[1] for office in ("census", "abs"))
        if not outage:
            days = [(last, ""), (last + day, "")][: 1 + (number % 2 == 0)]
        elif outage == world.LATE:  # the other office has published; then it is overdue; then it comes
            days = [(first, outage), (due + day, outage), (last, ""), (last + day, "")]
        elif outage in (world.DOWN, world.NO_NETWORK):  # for so long that figures are overdue
            days = [(last, outage), (last + day, outage), (max(due, last + day) + day, outage),
                    (max(due, last + day) + 2 * day, "")]  # fmt: skip
        else:
            days = [(last, outage), (last + day, outage), (last + 2 * day, "")]
        found += [Night(month, one, what) for one, what in days]
    assert all(one.day < other.day for one, other in zip(found, found[1:], strict=False))
    return found


@dataclass
class Replay:
    """One replay: a house, a world, its nights, and whoever watches them."""

    house: House
    nights: list[Night]
    offices: world.Offices
    watch: Watch
    tell: Any = print
    last: tuple[Night, Ended] | None = None
    accepted: int = 0
    looked_back: dict[str, int] = field(default_factory=lambda: {"pages": 0, "tables": 0, "failed": 0})

    def run(self, folder: Path) -> None:
        """Spend all nights, then look back at some of the pages."""
        for night in self.nights:
            ended = self._spend(night)
            if ended.exit_code == 10 and night.outage != world.BEYOND:  # somebody looks at it, and accepts
                self._spend(night, accept=REASON)
                self.accepted += 1
        for page in self.watch.pages[::ACROSS]:
            self._look_back(page, folder / "again" / page.folder.name)

    def _spend(self, night: Night, accept: str = "") -> Ended:
        self.offices.day, self.offices.outage = night.day, night.outage
        with served(self.offices) as address:
            ended = self.house.night(dt.datetime.combine(night.day, dt.time(20), dt.UTC), address, accept)
        self.last = night, ended
        failures = self.watch.hold(night, ended, self.offices, accepted=accept)
        self.tell(f"{night.day} {night.month} {night.outage or '-'}: {ended.exit_code}, {ended.last['sentence']}")
        for failure in failures:
            self.tell(f"  DID NOT HOLD {failure}")
        return ended

    def _look_back(self, page: Any, place: Path) -> None:
        made = self.house.look_back(page.month, page.day, place)
        names = sorted({file.name for folder in (made, page.folder / "data") for file in folder.glob("*.csv")})
        other = [name for name in names if not same(made / name, page.folder / "data" / name)]
        self.looked_back["pages"] += 1
        self.looked_back["tables"] += len(names)
        self.looked_back["failed"] += len(other)
        self.watch.note(
            "a page made again as of its night has the same tables", not other, (page.month, page.day, other)
        )
        self.tell(f"looked back at {page.month} as of {page.day}: {len(names)} tables, {len(other)} differ {other}")
        shutil.rmtree(place)

    def counts(self) -> dict[str, Any]:
        """Return what was counted, for the file."""
        watch = self.watch
        return {
            "months": len({night.month for night in self.nights}), "nights": len(watch.seen),
            "months with an outage": len({night.month for night in self.nights if night.outage}),
            "nights of an outage": dict(Counter(night.outage for night in self.nights if night.outage)),
            "outcomes": dict(sorted(watch.outcomes.items())),
            "pages published": len(watch.pages), "months published": len({page.month for page in watch.pages}),
            "wrong pages": watch.wrong_pages, "told": dict(sorted(watch.told.items())),
            "gates closed on figures without fault": self.accepted,
            "nights with nothing new that ran a notebook": watch.idle_runs, "looked back": self.looked_back,
            "checks": {name: {"checked": one.checked, "failed": one.failed} for name, one in watch.tallies.items()},
            "checked": sum(one.checked for one in watch.tallies.values()),
            "failed": sum(one.failed for one in watch.tallies.values()),
        }  # fmt: skip


def same(one: Path, other: Path) -> bool:
    """Tell whether two files are there and the same to the byte."""
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


@contextlib.contextmanager
def served(offices: world.Offices) -> Iterator[str]:
    """Serve the offices for the length of a ``with`` block; give the address, behind which nobody may be."""
    server = LocalOffices(offices)
    if offices.outage == world.CERTIFICATE:
        import trustme

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        server.address = server.address.replace("http:", "https:")
    server.start()
    if offices.outage == world.NO_NETWORK:
        server.stop()
    try:
        yield server.address
    finally:
        if offices.outage != world.NO_NETWORK:
            server.stop()


def replay(house: House, months: Sequence[int], plan: dict[int, str], folder: Path, **past: Any) -> Replay:
    """Prepare a replay of some months."""
    late = {("abs", world.later(FIRST, number)): LATE_BY for number, what in plan.items() if what == world.LATE}
    true = world.true_figures(world.later(FIRST, months[-1] + 3), **past)
    archive = world.Archive(true, world.Timetable(late, world.LEDGER_ENDS))
    nights = nights_of(months, plan, archive.timetable)
    offices = world.Offices(archive, nights[0].day)
    return Replay(house, nights, offices, Watch(house, archive, folder / "kept"))


def small(folder: Path, monkeypatch: Any, months: Sequence[int] = QUICK, plan: dict[int, str] | None = None) -> Replay:
    """Prepare a replay with the small house."""
    (folder / "house").mkdir(parents=True)
    house = SmallHouse(folder / "house", monkeypatch)
    return replay(house, months, QUICK_PLAN if plan is None else plan, folder, held=world.small_history(*SMALL_PAST))


def real(folder: Path, months: Sequence[int] = REAL) -> Replay:
    """Prepare a replay with the notebooks of the checkout."""
    (folder / "house").mkdir(parents=True)
    return replay(RealHouse(folder / "house"), months, PLAN if months == ALL else REAL_PLAN, folder)


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    import pytest

    told: dict[str, Any] = {"begins": BEGINNING}
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as monkeypatch:
        places = [Path(name) / part for part in ("small", "real")]
        if "--real" not in words:
            which = () if "--quick" in words else (ALL, PLAN)
            told["small notebooks"] = _all_nights(small(places[0], monkeypatch, *which), places[0])
        monkeypatch.undo()
        if "--quick" not in words:
            which = (ALL,) if "--real" in words else ()
            told["notebooks of the report"] = _all_nights(real(places[1], *which), places[1])
    parts = [part for part in told.values() if isinstance(part, dict)]
    told |= {"checked": sum(part["checked"] for part in parts), "failed": sum(part["failed"] for part in parts)}
    print(json.dumps(told, indent=1, ensure_ascii=False))
    if not words:
        RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(told["failed"] > 0)


def _all_nights(trial: Replay, folder: Path) -> dict[str, Any]:
    trial.tell = lambda line: print(line, flush=True)
    trial.run(folder)
    return trial.counts()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
