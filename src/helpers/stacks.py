"""Series side by side, in plain and share form and in one currency or several, so that one forecast serves them all.

Shapes: T periods, R series.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import counterfactual
from helpers.destinations import Flow
from helpers.refusals import Refusal

Pair = tuple[pd.Series, pd.Series | None]
Rates = dict[str, list[tuple[str, pd.Series | float]]]


def window(months: np.ndarray, first: str, last: str) -> np.ndarray:
    """Places of a window in months as text; none if it is not held to its end. One cut at January ends with December.

    January waits for February.
    """
    places = np.flatnonzero((months >= first) & (months <= last))
    whole = str(pd.Period(last, "M") - 1) if last.endswith("-01") else last
    return places if len(places) and months[places[-1]] == whole else places[:0]


@dataclass(frozen=True)
class Stack:
    """Series that begin together, on the eleven-period calendar of the longest.

    ``names`` of the series; ``months`` (text), ``season``, ``spill`` (days) and ``weight`` (months in a period), shape
    (T,); ``value``, money per month, and ``scale``, the denominator of the share form (1 in the plain form), shape
    (T, R), NaN after a series' end.
    """

    names: list[tuple[str, ...]]
    months: np.ndarray
    season: np.ndarray
    spill: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    scale: np.ndarray

    @classmethod
    def on(cls, calendar: pd.DataFrame, value: np.ndarray, scale: np.ndarray | None = None,
           names: list[tuple[str, ...]] | None = None) -> Stack:  # fmt: skip
        """Put arrays (T, R) on a calendar from :func:`helpers.counterfactual.calendar_of`; without names, numbered."""
        fixed = (calendar[name].to_numpy() for name in ("season", "spill_days", "weight"))
        names = [(str(column), "plain") for column in range(value.shape[1])] if names is None else names
        scale = np.ones_like(value) if scale is None else scale
        return cls(names, calendar.index.astype(str).to_numpy(), *fixed, value, scale)

    def row(self, month: str) -> int:
        """Row of a period, or -1."""
        found = np.flatnonzero(self.months == month)
        return int(found[0]) if len(found) else -1

    def rows(self, first: str, last: str) -> np.ndarray:
        """Rows of a window, by :func:`window`."""
        return window(self.months, first, last)


def pairs_of(flows: dict[str, Flow], until: str | None = None) -> dict[tuple[str, str], Pair]:
    """Name every flow in its plain and share forms by (destination, form), cut at month ``until``."""
    return {
        (code, form): (flow.value.loc[:until], None if other is None else other.loc[:until])
        for code, flow in flows.items() for form, other in ({"plain": None} | flow.others).items()
    }  # fmt: skip


def rates_of(flows: dict[str, Flow], controls: pd.DataFrame, currencies: tuple[str, ...]) -> Rates:
    """Return, per destination, each currency with its units per unit of the flow's own, by month.

    ``currencies`` are codes, or ``partner`` for the importer's own; one that is asked for twice stands twice.
    """
    per_dollar = functools.cache(functools.partial(money.per_dollar, controls))
    rates: Rates = {}
    for code, flow in flows.items():
        own = money.OWN_CURRENCY.get(code, flow.currency)
        asked = [own if currency == "partner" else currency for currency in currencies]
        rates[code] = [
            (one, 1.0 if one == flow.currency else per_dollar(one) / per_dollar(flow.currency)) for one in asked
        ]
    return rates


def stacks(pairs: dict[tuple[str, ...], Pair], rates: Rates | None = None) -> list[Stack]:
    """Put series with the same first period side by side.

    Parameters
    ----------
    pairs
        Name to monthly money and, for a share form, imports from other origins.
    rates
        From :func:`rates_of`, by the first part of a name: each currency becomes a series of its own, converted month
        by month before January and February are merged, and the last part of its name. None: nothing is converted.

    Raises
    ------
    Refusal
        From :func:`helpers.counterfactual.calendar_of`: a skipped period, or one that is not above zero. If a rate is
        missing before the last months of a series.
    """
    together: dict[str, list] = {}
    for name, pair in pairs.items():
        calendar = counterfactual.calendar_of(*pair)
        held = together.setdefault(str(calendar.index[0]), [])
        if rates is None:
            held.append((name, calendar, calendar[["value", "other"]].to_numpy().T))
            continue
        for currency, rate in rates[name[0]]:
            held.append(((*name, currency), calendar, _converted(pair, calendar, currency, rate)))
    return [_beside(held) for held in together.values()]


def _converted(pair: Pair, calendar: pd.DataFrame, currency: str, rate: pd.Series | float) -> np.ndarray:
    """Value and denominator in another currency, shape (2, T); NaN at the end where no rate is published yet."""
    if not isinstance(rate, pd.Series):
        return calendar[["value", "other"]].to_numpy().T
    both = np.array([np.ones(len(calendar)) if one is None else _merged(one * rate, calendar) for one in pair])
    known = np.isfinite(both).all(axis=0)
    if not known[: known.sum()].all():
        raise Refusal(
            f"no rate of {currency} for {calendar.index[int(np.argmin(known))]}",
            expected="a rate for every month but the last ones", remedy="leave this currency out",
            file="table controls_monthly",
        )  # fmt: skip
    return np.where(known, both, np.nan)


def _merged(monthly: pd.Series, calendar: pd.DataFrame) -> np.ndarray:
    """Average of the months of each period, shape (T,)."""
    now, before = (monthly.reindex(index).to_numpy() for index in (calendar.index, calendar.index - 1))
    return np.where(calendar["weight"] == 2, (now + before) / 2, now)


def _beside(held: list[tuple[tuple[str, ...], pd.DataFrame, np.ndarray]]) -> Stack:
    longest = max((calendar for _, calendar, _ in held), key=len)
    both = np.full((2, len(longest), len(held)), np.nan)
    for column, (_, calendar, pair) in enumerate(held):
        both[:, : len(calendar), column] = pair
    return Stack.on(longest, *both, [name for name, _, _ in held])
