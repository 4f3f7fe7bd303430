"""Figures by product: the plan with its size, calls and days first, then part by part, to be continued any day."""

from __future__ import annotations

import datetime as dt
import math
import os

from helpers.fetch import account, product_store
from helpers.fetch.collect import collect, missing_key
from helpers.fetch.run import DESTINATIONS, Request, alone, offices_of, tell_answer, wanted_of
from helpers.fetch.transport import Patience, Transport
from helpers.progress import Progress
from helpers.sources.contract import Ask, Office, Wanted

# Two years before the tariffs' base year, so that a flat past can be shown; the product codes of 2022 begin here.
FIRST_MONTH = "2022-01"
HEADS = ("source", "dataset", "calls", "of them done", "rows, about", "MB, about", "minutes at its pace",
         "days at free limits", "key")  # fmt: skip


def planned(request: Request, today: dt.date) -> list[tuple[Office, Wanted, list[Ask], list[Ask]]]:
    """Return each office with its wish, all asks and those still to be made."""
    chosen = []
    for office in offices_of(request):
        since = Request(request.offices, request.since or FIRST_MONTH, request.destinations or DESTINATIONS)
        wanted = wanted_of(since, office, today)
        asks = office.plan_products(wanted, bool(office.key_variable and os.environ.get(office.key_variable)))
        if asks:
            chosen.append((office, wanted, asks, [a for a in asks if not product_store.is_fresh(office, a, today)]))
    return chosen


def plan(request: Request, today: dt.date) -> str:
    """Return the plan as a table: what would be asked, how much that is and how long it takes; nothing is asked."""
    rows, notes = [], []
    for office, _, asks, open_asks in planned(request, today):
        for stem in dict.fromkeys(ask.dataset for ask in asks):
            mine, left = ([ask for ask in group if ask.dataset == stem] for group in (asks, open_asks))
            days = f"{math.ceil(len(left) / office.calls_a_day)}" if office.calls_a_day else "no limit stated"
            rows.append(
                (office.name, stem, str(len(mine)), str(len(mine) - len(left)), f"{sum(ask.rows for ask in mine):,}",
                 f"{sum(ask.size for ask in mine) / 1e6:,.0f}", f"{math.ceil(len(left) * office.pace / 60)}", days,
                 _key(office))
            )  # fmt: skip
        if not all(office.dataset(ask.dataset).may_be_passed_on for ask in asks):
            notes.append(
                f"{office.name}: rows may not be passed on; they stay in data/products on this machine, and only "
                "estimates and sums reach a page"
            )
        if office.name == "comtrade" and _key(office) == "not set":
            notes.append(
                "comtrade: without a key only all goods by partner and month; products, and the whole yearly dataset, "
                "need COMTRADE_API_KEY"
            )
    widths = [max(len(row[place]) for row in (HEADS, *rows)) for place in range(len(HEADS))]
    table = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in (HEADS, *rows)]  # fmt: skip
    return "\n".join([*table, *notes])


def _key(office: Office) -> str:
    if not office.key_variable:
        return "none needed"
    return "set" if os.environ.get(office.key_variable) else "not set"


def fetch(request: Request, today: dt.date, progress: Progress, patience: Patience | None = None
          ) -> list[account.Account]:  # fmt: skip
    """Ask for every part that was not read within the last thirty days and keep it; return the accounts."""
    with alone():
        return _fetch(request, today, progress, Transport(patience))


def _fetch(request: Request, today: dt.date, progress: Progress, transport: Transport) -> list[account.Account]:
    accounts, day = [], today.isoformat()
    for office, wanted, _, asks in planned(request, today):
        if lack := missing_key(office):
            accounts.append(account.Account(office.name, failures=[lack], not_asked=len(asks)))
            continue
        kept: list[str] = []
        counted = {"rows": 0}

        def sink(ask: Ask, figures: list, office: Office = office, counted: dict = counted, kept: list = kept) -> None:
            if product_store.keep(office, ask, figures, day):
                kept.append(ask.name)
                counted["rows"] += len(figures)

        harvest = collect(
            office, asks, wanted, transport, day, tell=lambda ask, how: tell_answer(progress, ask, how), sink=sink
        )
        done = account.of_harvest(harvest, [], [])
        done.counts["new"] = counted["rows"]
        done.files = [f"data/products/{stem}" for stem in dict.fromkeys(ask.dataset for ask in asks)] if kept else []
        accounts.append(done)
    return accounts
