"""Every ask of an office, one after the other: kept answers first, bad ones set aside, too big ones cut in two."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from helpers.fetch import answers
from helpers.fetch.transport import Transport, address_of
from helpers.sources.contract import Ask, Figure, Office, RefusedAnswer, Wanted, accept, check_jumps

# After one of these there is no use in asking the same office for more.
FOR_ALL = {"certificate", "key", "quota", "rate limit", "forbidden", "redirect"}
LOST, LOST_CALLS = {"connection", "too slow", "server error"}, 2  # so many in a row, and the office is left alone

History = dict[tuple[str, ...], dict[str, Decimal]]


@dataclass(frozen=True)
class Failure:
    """An ask that brought nothing, and why."""

    office: str
    ask: str
    reason: str
    message: str
    wait: float


@dataclass
class Harvest:
    """What one office gave: accepted figures by dataset with the address they were read at, and what failed.

    ``answered`` counts answers with figures; an index that only leads to others is none.
    """

    office: Office
    figures: dict[str, dict[tuple[str, ...], tuple[Figure, str]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    answered: int = 0
    empty: int = 0
    failures: list[Failure] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    not_asked: int = 0


def missing_key(office: Office) -> Failure | None:
    """Return the failure of an office that answers nothing without a key when none is set."""
    if not office.key_needed or os.environ.get(office.key_variable, "").strip():
        return None
    return Failure(
        office.name, "", "key", f"{office.producer} answers only with a key\n  expected: a key in {office.key_variable}"
        f"\n  what to do: ask the office for a free key and set {office.key_variable}", 0.0,
    )  # fmt: skip


def collect(office: Office, asks: list[Ask], wanted: Wanted, transport: Transport, day: str, *,
            history: dict[str, History] | None = None, tell: Callable[[Ask, str], None] = lambda ask, how: None,
            sink: Callable[[Ask, list[Figure]], None] | None = None) -> Harvest:  # fmt: skip
    """Work through the asks of one office.

    Parameters
    ----------
    asks
        From the office's ``plan`` or ``plan_products``.
    wanted
        The wish behind them.
    day
        Today, ``YYYY-MM-DD``: answers accepted within the hour are not asked for again.
    history
        Values by period that the ledger holds, by dataset and series: a jump against them is refused.
    tell
        Called after each ask with how it went.
    sink
        Takes the accepted figures of each ask at once, instead of keeping them in the harvest: for figures by product,
        of which there are millions. Their answers are not kept either.

    Returns
    -------
    Harvest
        Figures of refused answers are not among them.
    """
    harvest = Harvest(office)
    queue, lost = deque(asks), 0
    while queue:
        ask = queue.popleft()
        body = b""
        try:
            body = answers.kept(ask, day) if ask.dataset and not sink else None
            fresh = body is None
            if fresh:
                body = transport.bring(office, ask)
            if body is None or not (fresh or body):
                harvest.empty += 1
                if fresh and ask.dataset and not sink:
                    answers.keep(ask, day, b"")
                tell(ask, "nothing there")
                continue
            if ask.dataset and sink:
                accepted = accept(office, ask, body)
                sink(ask, accepted.figures)
                harvest.left_out.update(accepted.left_out)
                harvest.answered += 1
            elif ask.dataset:
                _take(harvest, ask, body, (history or {}).get(ask.dataset, {}))
                harvest.answered += 1
            else:
                queue.extendleft(reversed(office.follow(ask, body, wanted)))
            if fresh and ask.dataset and not sink:
                answers.keep(ask, day, body)
            lost = 0
            tell(ask, "accepted")
        except RefusedAnswer as refusal:
            smaller = office.split(ask) if refusal.reason == "too big" else []
            if smaller:
                queue.extendleft(reversed(smaller))
                tell(ask, f"too big, asked again in {len(smaller)} parts")
                continue
            if arrived := body or refusal.body:
                answers.set_aside(ask, day, arrived, refusal)
            harvest.failures.append(Failure(office.name, ask.name, refusal.reason, str(refusal), refusal.wait))
            tell(ask, f"refused: {refusal.reason}")
            lost += refusal.reason in LOST
            if refusal.reason in FOR_ALL or lost >= LOST_CALLS:
                harvest.not_asked = len(queue)
                break
    return harvest


def _take(harvest: Harvest, ask: Ask, body: bytes, history: History) -> None:
    """Read an answer and take its figures, all or none."""
    accepted = accept(harvest.office, ask, body)
    check_jumps(ask.name, accepted.figures, history)
    held = harvest.figures.setdefault(ask.dataset, {})
    for figure in accepted.figures:
        if figure.cell in held and held[figure.cell][0] != figure:
            raise RefusedAnswer(
                "duplicate", f"{ask.name}: {' '.join(figure.cell)} differs from another answer of today",
                expected="one figure a cell",
            )  # fmt: skip
    held.update({figure.cell: (figure, ask.name) for figure in accepted.figures})
    harvest.left_out.update(accepted.left_out)
    harvest.places[ask.name] = address_of(harvest.office) + ask.path
