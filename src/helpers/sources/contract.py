"""What an office is asked, what it answers, and the one error for an answer that is refused."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Literal, NamedTuple

from helpers import partners, products
from helpers.refusals import Refusal

# Why an answer can be refused: the word in tables and JSON, and what it means.
REASONS = {
    "certificate": "the server's certificate does not fit its name or is signed by nobody known",
    "redirect": "the answer sends us to another host",
    "connection": "no connection, or it broke",
    "too slow": "the answer did not arrive within its time",
    "too large": "the answer is larger than any answer of this kind",
    "truncated": "the answer ends before its end",
    "compression": "the compressed answer cannot be unpacked",
    "rate limit": "too many calls; the office asks to wait",
    "quota": "the day's calls are used up",
    "key": "the office wants a key, or does not accept the one it got",
    "too big": "the office says that the request is too big",
    "bad request": "the office does not understand the request",
    "not found": "there is nothing under this address",
    "forbidden": "the office, or something in between, does not let us in",
    "server error": "the office's server failed",
    "gateway page": "a page of something in between, not of the office",
    "format": "not the format that was asked for",
    "encoding": "not UTF-8 text",
    "picture": "the table is a picture: there are no numbers in it",
    "columns": "the columns are not the ones that were asked for",
    "cell": "a cell that is no number where a number is due",
    "unit": "the unit contradicts what was asked for",
    "other month": "figures for another month than asked",
    "partner": "a partner that nobody knows",
    "duplicate": "one cell stands twice",
    "sum": "the total is not the sum of its parts",
    "jump": "a figure fifty times its neighbours",
    "range": "a figure below zero or beyond any trade",
}
LARGEST_MN = Decimal(10) ** 9  # a thousand times the world's yearly trade with anybody
JUMP, JUMP_FROM_MN = 50, Decimal(100)
SMALL = 200  # a partner nobody knows is left out when it has less than this part of the largest figure


class RefusedAnswer(Refusal):
    """An answer of which nothing may enter the ledger.

    Parameters
    ----------
    reason
        One of :data:`REASONS`.
    found, expected, remedy, file, row, column
        As in :class:`~helpers.refusals.Refusal`.
    wait
        Seconds after which the office would take the same request again; 0 when it did not say.

    Attributes
    ----------
    body
        What arrived of the answer, when it was refused before anybody read it; the transport fills it in.
    """

    def __init__(self, reason: str, found: str, *, expected: str, remedy: str = "", file: str | None = None,
                 row: int | None = None, column: str | None = None, wait: float = 0.0) -> None:  # fmt: skip
        if reason not in REASONS:
            raise ValueError(f'no reason "{reason}"')
        self.reason, self.found, self.wait, self.body = reason, harmless(found), wait, b""
        super().__init__(
            self.found[:400], expected=expected, file=file, row=row, column=column,
            remedy=remedy or "nothing of this answer was used and its bytes are kept aside; look at them, then mend "
            "the office's module under src/helpers/sources or fetch again later",
        )  # fmt: skip


def harmless(text: str) -> str:
    """Return text of an answer as a terminal can print it: no control marks, no halves of characters."""
    return "".join(mark if mark.isprintable() else " " if mark.isspace() else "�" for mark in text)


class Figure(NamedTuple):
    """One official figure.

    ``value`` and ``half_unit`` (half the last printed digit) are in millions of the dataset's currency; ``partner`` is
    a name of ``partners.py``; ``yoy_pct`` is the printed rate, as text.
    """

    period: str
    period_kind: str
    partner: str
    flow: str
    concept: str
    value: Decimal | None
    half_unit: Decimal | None
    product_scheme: str = "total"
    product: str = "TOTAL"
    yoy_pct: str = ""
    quantity: Decimal | None = None
    quantity_unit: str = ""

    @property
    def cell(self) -> tuple[str, ...]:
        """What identifies the figure inside its dataset."""
        return (self.period, self.period_kind, self.partner, self.flow, self.concept, self.product_scheme,
                self.product)  # fmt: skip


@dataclass(frozen=True)
class Dataset:
    """What stands in the record of every file that is fetched from it; the fields are those of the record.

    ``store`` says where its figures land: in the ledger, or among the products, which stay on this machine; ``schema``
    is that of its files.
    """

    stem: str
    folder: str
    title: str
    dataset: str
    reporter: str
    currency: str
    valuation: str
    concept: str
    vintage: Literal["first_print", "bulletin", "revised"]
    known_breaks: str
    store: Literal["ledger", "products"] = "ledger"
    schema: Literal["customs", "product_groups"] = "customs"
    may_be_passed_on: bool = True


@dataclass(frozen=True)
class Wanted:
    """A wish: months from ``first`` to ``last``, and the destinations asked for (codes or families)."""

    first: str
    last: str
    destinations: tuple[str, ...] = ("US", "EU", "ASEAN", "AU")


@dataclass(frozen=True)
class Ask:
    """One request.

    Parameters
    ----------
    office
        Name of the office.
    name
        What is asked, unique and fit for a file name: ``"preliminary-2026-03-cny"``.
    path
        Address after the office's own, with the query, without a key.
    first, last
        Months that the answer may hold.
    expects
        ``html``, ``csv`` or ``json``.
    dataset
        Stem of the dataset that the figures belong to; empty for a page that only leads to others.
    about
        What the office's reader needs to know beyond this.
    accept
        The ``Accept`` header.
    empty
        Statuses that mean "no such figures", no failure.
    rows, size
        Rows and bytes that are expected, for the plan; 0 where nobody knows.
    """

    office: str
    name: str
    path: str
    first: str
    last: str
    expects: Literal["html", "csv", "json"]
    dataset: str = ""
    about: tuple[str, ...] = ()
    accept: str = "*/*"
    empty: tuple[int, ...] = ()
    rows: int = 0
    size: int = 0


@dataclass(frozen=True)
class Terms:
    """What may be done with an office's figures, in the words of the record."""

    licence: str
    licence_allows: str


@dataclass(frozen=True)
class Office:
    """A statistical office: its address, terms and limits, and the functions that speak its language.

    Parameters
    ----------
    plan_products
        The same for figures by product.
    pace
        Seconds between two calls.
    calls_a_day
        What the office allows without payment; 0 where it states nothing.
    largest
        Bytes above which no answer is read.
    key_variable
        Environment variable that holds the key; empty when none exists.
    key_needed
        Whether it answers nothing without one.
    plan
        A wish to asks.
    read
        An ask and its answer to figures; raises :class:`RefusedAnswer`.
    follow
        A page to the asks it leads to.
    split
        An ask that was too big to smaller ones; empty when it cannot be split.
    sign
        A key to query parameters and headers.
    """

    name: str
    producer: str
    address: str
    terms: Terms
    datasets: tuple[Dataset, ...]
    plan: Callable[[Wanted], list[Ask]]
    read: Callable[[Ask, bytes], list[Figure]]
    plan_products: Callable[[Wanted, bool], list[Ask]] = field(default=lambda wanted, has_key: [])
    pace: float = 1.0
    calls_a_day: int = 0
    largest: int = 64 * 2**20
    key_variable: str = ""
    key_needed: bool = False
    follow: Callable[[Ask, bytes, Wanted], list[Ask]] | None = None
    split: Callable[[Ask], list[Ask]] = field(default=lambda ask: [])
    sign: Callable[[str], tuple[dict[str, str], dict[str, str]]] = field(default=lambda key: ({}, {}))

    def dataset(self, stem: str) -> Dataset:
        """Return one of its datasets by stem."""
        return next(item for item in self.datasets if item.stem == stem)


@dataclass(frozen=True)
class Accepted:
    """The figures of an answer that satisfy the contract, and the small partners nobody knows, which are left out."""

    figures: list[Figure]
    left_out: tuple[str, ...]


def accept(office: Office, ask: Ask, body: bytes) -> Accepted:
    """Read an answer and hold it against the contract.

    Raises
    ------
    RefusedAnswer
        And nothing else, whatever the bytes are.
    """
    return checked(ask, office.read(ask, body))


def checked(ask: Ask, figures: Sequence[Figure]) -> Accepted:
    """Hold figures against the contract and return them in the order of their cells.

    Raises
    ------
    RefusedAnswer
        At the first figure that breaks it: a month that was not asked, an unknown product, a value below zero or
        beyond any trade, a cell that stands twice, a month fifty times its neighbours, a partner nobody knows that is
        too large to be left out.
    """
    for figure in figures:
        where = f"{ask.name}: {figure.period}, {figure.partner}, {figure.flow} {figure.product}"
        if not (re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", figure.period) and ask.first <= figure.period
                <= ask.last):  # fmt: skip
            raise RefusedAnswer(
                "other month", f"{where}: outside the months asked for", expected=f"{ask.first} to {ask.last}"
            )
        try:
            products.check_code(figure.product, figure.product_scheme)
        except Refusal as refusal:
            raise RefusedAnswer(
                "cell", f"{where}: no such product code", expected=f"scheme {figure.product_scheme}"
            ) from refusal  # fmt: skip
        for amount in (figure.value, figure.quantity):
            if amount is not None and not (amount.is_finite() and 0 <= amount < LARGEST_MN):
                raise RefusedAnswer("range", f"{where}: {amount:g}", expected="0 or more, below a billion millions")
    check_doubles(ask, figures)
    known = [figure for figure in figures if partners.is_known(figure.partner)]
    check_jumps(ask.name, known)
    return Accepted(sorted(known, key=lambda figure: figure.cell), _left_out(ask, figures))


def check_doubles(ask: Ask, figures: Iterable[Figure]) -> None:
    """Refuse a cell that stands twice, also under two names of one partner; sums are held only after that."""
    repeated = [cell for cell, count in Counter(map(_cell_by_code, figures)).items() if count > 1]
    if repeated:
        raise RefusedAnswer(
            "duplicate", f"{ask.name}: {' '.join(repeated[0])} stands twice", expected="one figure a cell"
        )


def _cell_by_code(figure: Figure) -> tuple[str, ...]:
    """Return the figure's cell whatever the spelling of its partner."""
    name = figure.partner
    code = partners.code_of(name, figure.period) if partners.is_known(name) else name
    return (*figure.cell[:2], code, *figure.cell[3:])


def _left_out(ask: Ask, figures: Sequence[Figure]) -> tuple[str, ...]:
    """Name the partners nobody knows; one with more than a two-hundredth of the largest figure is no oddity."""
    largest: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for figure in figures:
        key = (*figure.cell[:2], *figure.cell[3:])
        largest[key] = max(largest[key], figure.value or Decimal(0))
    unknown = [figure for figure in figures if not partners.is_known(figure.partner)]
    for figure in unknown:
        if (figure.value or 0) * SMALL > largest[*figure.cell[:2], *figure.cell[3:]]:
            raise RefusedAnswer(
                "partner", f'{ask.name}: nobody knows the partner "{figure.partner}"',
                expected="a name or code of src/helpers/countries.py or partners.py", column="partner",
                remedy="add the name there with its code, then fetch again",
            )  # fmt: skip
    return tuple(sorted({harmless(figure.partner) for figure in unknown}))


def check_jumps(name: str, figures: Iterable[Figure], history: dict[tuple[str, ...], dict[str, Decimal]] | None = None
                ) -> None:  # fmt: skip
    """Refuse a month that is fifty times its neighbours, or a fiftieth of them: units do not change overnight.

    Parameters
    ----------
    name
        For the message.
    figures
        The new figures.
    history
        Values by period, in millions, of each series that the ledger holds, by :func:`series_of`.

    Notes
    -----
    Judged are series of which three other months are known (the six nearest are taken), with a median of at least
    100 millions: small partners do jump.
    """
    series: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(dict)
    for figure in figures:
        if figure.value is not None and figure.period_kind == "month":
            series[series_of(figure)][figure.period] = figure.value
    for key, found in series.items():
        known = {**(history or {}).get(key, {}), **found}
        for period, value in found.items():
            others = sorted((other for other in known if other != period), key=lambda other: _distance(other, period))
            if len(others) < 3:
                continue
            usual = median(known[other] for other in others[:6])
            if usual >= JUMP_FROM_MN and not usual / JUMP < value < usual * JUMP:
                raise RefusedAnswer(
                    "jump", f"{name}: {period}, {' '.join(key)}: {value:,.1f} million",
                    expected=f"about {usual:,.0f} million, as in the months around it",
                )  # fmt: skip


def series_of(figure: Figure) -> tuple[str, ...]:
    """Return what identifies a figure's series whatever the spelling: partner (a bloc by its family), flow, concept."""
    partner = partners.family_of(partners.code_of(figure.partner, figure.period))
    return (partner, figure.flow, figure.concept, figure.product_scheme, figure.product)


def _distance(one: str, other: str) -> int:
    return abs((int(one[:4]) - int(other[:4])) * 12 + int(one[5:]) - int(other[5:]))


def check_sum(name: str, total: Decimal, parts: Sequence[Decimal], tolerance: Decimal, *, whole: bool) -> None:
    """Refuse a total that its parts contradict.

    Parameters
    ----------
    whole
        Whether the parts are all there are: then they must add up to the total, otherwise only stay below it.
    """
    added = sum(parts, Decimal(0))
    if added - total > tolerance or (whole and total - added > tolerance):
        raise RefusedAnswer(
            "sum", f"{name}: the parts add up to {added:,.1f}, the total says {total:,.1f}",
            expected=f"{'equal' if whole else 'not more'} within {tolerance:,.1f}",
        )  # fmt: skip
