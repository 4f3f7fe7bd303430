"""The command: a wish, the plan, the harvest, the ledger, the account."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

from helpers import months, partners, paths, provenance, systems
from helpers.fetch import account, answers, vintages
from helpers.fetch.collect import collect, missing_key
from helpers.fetch.transport import Patience, Transport, address_of
from helpers.progress import Progress
from helpers.refusals import Refusal, nearest
from helpers.sources import OFFICES
from helpers.sources.contract import Ask, Office, Wanted

FIRST_MONTH = "2012-01"
REVISED_MONTHS = 18  # asked again every time once an office's past is there: that far back figures are revised
DESTINATIONS = ("US", "EU", "ASEAN", "AU")


@dataclass(frozen=True)
class Request:
    """What the command line asked for; empty fields take the defaults."""

    offices: tuple[str, ...] = ()
    since: str = ""
    destinations: tuple[str, ...] = ()


def offices_of(request: Request) -> list[Office]:
    """Return the offices asked for, all when none is named; an unknown name is refused."""
    for name in request.offices:
        if name not in OFFICES:
            raise Refusal(
                f'there is no source "{name}"', expected=", ".join(OFFICES), exit_code=2,
                remedy=f"did you mean {nearest(name, OFFICES, count=1)}?",
            )  # fmt: skip
    return [office for name, office in OFFICES.items() if not request.offices or name in request.offices]


def wanted_of(request: Request, office: Office, today: dt.date) -> Wanted:
    """Return the months and destinations to ask an office for.

    Everything since 2012 the first time; later the eighteen months before the last reading, in which figures are
    revised: after a pause the months that it lasted come on top.
    """
    last = (today.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")
    since = request.since
    if since:
        months.check_month(since)
        if since > last:
            raise Refusal(
                f"--since {since}", expected=f"a month not after {last}", remedy="choose an earlier month", exit_code=2
            )  # fmt: skip
    else:
        read = max((vintages.last_read(item) for item in office.datasets if item.store == "ledger"), default="")
        day = min(today, dt.date.fromisoformat(read)) if read else today
        back = day.year * 12 + day.month - 1 - REVISED_MONTHS
        since = f"{back // 12}-{back % 12 + 1:02d}" if read else FIRST_MONTH
    destinations = request.destinations or DESTINATIONS
    for code in destinations:
        if code not in DESTINATIONS and not partners.is_country(code) and code not in partners.PARTNERS:
            raise Refusal(
                f'--destination {code}: there is no such destination', expected=f"{', '.join(DESTINATIONS)} or a "
                "country's two-letter code", remedy="write codes in capitals", exit_code=2,
            )  # fmt: skip
    return Wanted(since, last, destinations)


def dry_run(request: Request, today: dt.date) -> str:
    """Return what would be asked, an address a line; nothing is asked."""
    lines = []
    for office in offices_of(request):
        asks = office.plan(wanted_of(request, office, today))
        if not asks:
            lines.append(f"{office.name}: nothing for the ledger (see --products)")
        for ask in asks:
            more = "  (an index: leads to one page a month)" if not ask.dataset else ""
            lines.append(f"{office.name}: {address_of(office)}{ask.path}{more}")
        if missing_key(office):
            lines.append(f"{office.name}: needs a key in {office.key_variable}, which is not set")
    return "\n".join(lines)


def fetch(request: Request, today: dt.date, progress: Progress, patience: Patience | None = None
          ) -> list[account.Account]:  # fmt: skip
    """Ask every office, append what is new or revised to the ledger, and return the accounts."""
    day = today.isoformat()
    chosen = [(office, wanted_of(request, office, today)) for office in offices_of(request)]
    with alone():
        return _fetch(chosen, day, progress, Transport(patience))


def _fetch(chosen: list[tuple[Office, Wanted]], day: str, progress: Progress, transport: Transport
           ) -> list[account.Account]:  # fmt: skip
    vintages.mend()
    answers.mend()
    if any(paths.RAW.glob("*/*.csv")):
        provenance.check_all()
    accounts, levels = [], None
    for office, wanted in chosen:
        asks = office.plan(wanted)
        if not asks:
            continue
        if lack := missing_key(office):
            progress.tell(
                "refused", f"{office.name}: no key in {office.key_variable}", office=office.name, reason="key"
            )
            accounts.append(account.Account(office.name, failures=[lack], not_asked=len(asks)))
            continue
        levels = vintages.held() if levels is None else levels
        history = {item.stem: vintages.history_of(item, levels) for item in office.datasets}
        harvest = collect(
            office, asks, wanted, transport, day, history=history, tell=lambda ask, how: tell_answer(progress, ask, how)
        )
        changes = vintages.compare(harvest, levels)
        files = vintages.append(harvest, changes, day)
        accounts.append(account.of_harvest(harvest, changes, files))
        levels = None if files else levels  # read again only where the ledger has changed
    return accounts


def alone() -> contextlib.AbstractContextManager[None]:
    """Keep a second fetch out while one is at work; the lock goes with the process that holds it."""
    paths.ANSWERS.mkdir(parents=True, exist_ok=True)
    taken = Refusal(
        "another fetch is at work", expected="one at a time", remedy="wait until it has ended",
        file=paths.shown(paths.ANSWERS), exit_code=account.ALL_FAILED,
    )  # fmt: skip
    return systems.locked(paths.ANSWERS / ".lock", taken)


def tell_answer(progress: Progress, ask: Ask, how: str) -> None:
    """Tell how one request went."""
    progress.tell("answer", f"  {ask.office:<9} {ask.name:<40} {how}", office=ask.office, ask=ask.name, how=how)
