"""Months that nobody has printed, bounded by what was printed: ranges of flows, no excess.

Each partner's months are ranges that the printed pieces (levels, growth, cumulative figures, quarters, each with its
rounding) leave open, tightened until nothing moves (interval constraint propagation, Davis 1987).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers import customs, partners, paths, spans
from helpers.months import month_number
from helpers.pieces import FIRST, InDollars, of_exports, preferred_levels
from helpers.refusals import Refusal

MONTH, SO_FAR = 0, 1
KIND_OF = {"month": MONTH, "jan_feb": SO_FAR, "ytd": SO_FAR, "year": SO_FAR}
KNOWN_WITHIN = 1.02
# A growth rate whose pieces leave open more than this is not known.
WIDEST_PP = 5.0


def last_exports(cells: pd.DataFrame, month: str) -> str:
    """Return the last month of China's own figures in a report for ``month``, from ``customs_monthly``."""
    held = customs.series(cells, "CN", "US")
    if held.empty:
        raise Refusal(
            "the ledger holds no monthly exports of China to the US in dollars", expected="a month of them",
            remedy="restore them with `git checkout -- data/raw`", file=paths.shown(paths.RAW),
        )  # fmt: skip
    return spans.facts_until(month, str(held.index[-1]))


@dataclass
class Bounds:
    """Range of each month and of each cumulative figure of one partner; keys (kind, month number), USD million.

    ``contradictions`` counts pieces that cannot be true together with those already held (a revision, a misprint):
    levels then keep the range that holds both, quarters are left out. ``rates`` are the printed ones, as factors.
    ``pieces`` are the printed cells behind it: reporter, partner, flow and kind to periods.
    """

    low: dict[tuple[int, int], float]
    high: dict[tuple[int, int], float]
    rates: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)
    frozen: set = field(default_factory=set)
    contradictions: int = 0
    pieces: dict[str, list[str]] = field(default_factory=dict)

    def inputs(self, first: str, last: str, years: int = 1) -> str:
        """Name the printed cells from ``years`` before ``first`` to ``last``, as the column ``inputs`` of a table."""
        begin = f"{int(first[:4]) - years}{first[4:]}"
        found = {name: [one for one in periods if begin <= one <= last] for name, periods in self.pieces.items()}
        spans = {name: f"{min(periods)}..{max(periods)}" for name, periods in found.items() if periods}
        return ";".join(
            f"{name.partition('@')[0]}/{span}{'@yoy' if name.endswith('@yoy') else ''}" for name, span in spans.items()
        )

    def meet(self, key: tuple[int, int], low: float, high: float) -> bool:
        """Cut the range at ``key``; tell whether it moved. A range that would become empty is widened once."""
        if key not in self.low or key in self.frozen:
            return False
        was = self.low[key], self.high[key]
        now = max(was[0], low), min(was[1], high)
        if now[0] > now[1] * (1 + 1e-9):
            self.frozen.add(key)
            self.contradictions += 1
            now = min(was[0], low), max(was[1], high)
        self.low[key], self.high[key] = now
        return any(abs(new - old) > 1e-6 * abs(new) for new, old in zip(now, was, strict=True) if new != old)

    def total(self, first: int, last: int) -> tuple[float, float]:
        """Range of the sum of months, from the months and from the cumulative figures, whichever is narrower."""
        low = high = 0.0
        while first <= last:
            end = min(last, first - first % 12 + 11)
            months = [(MONTH, at) for at in range(first, end + 1)]
            added = sum(self.low[key] for key in months), sum(self.high[key] for key in months)
            before = (0.0, 0.0) if first % 12 == 0 else (self.low[SO_FAR, first - 1], self.high[SO_FAR, first - 1])
            apart = self.low[SO_FAR, end] - before[1], self.high[SO_FAR, end] - before[0]
            both = max(added[0], apart[0]), min(added[1], apart[1])
            both = both if both[0] <= both[1] else (min(added[0], apart[0]), max(added[1], apart[1]))
            low, high, first = low + both[0], high + both[1], end + 1
        return low, high

    def growth(self, first: str, last: str, years: int = 1) -> tuple[float, float]:
        """Range of the growth of a sum of months against ``years`` before, percent; infinite where nothing is known."""
        begin, end = month_number(first), month_number(last)
        if (MONTH, begin - 12 * years) not in self.low or (MONTH, end) not in self.low:
            return -100.0, np.inf
        now, before = self.total(begin, end), self.total(begin - 12 * years, end - 12 * years)
        low = 100 * (now[0] / before[1] - 1)
        high = 100 * (now[1] / before[0] - 1) if before[0] > 0 else np.inf
        key = (MONTH, end) if begin == end else (SO_FAR, end) if begin % 12 == 0 else None
        if years == 1 and key in self.rates:
            printed = [100 * (rate - 1) for rate in self.rates[key]]
            if max(low, printed[0]) <= min(high, printed[1]):
                low, high = max(low, printed[0]), min(high, printed[1])
        return low, high

    def known_growth(self, first: str, last: str, years: int = 1) -> tuple[float, float] | None:
        """Range of growth, or None when the pieces leave open more than :data:`WIDEST_PP`."""
        low, high = self.growth(first, last, years)
        return (low, high) if high - low <= WIDEST_PP else None


def bounds_of(cells: pd.DataFrame, growth: pd.DataFrame, quarters: pd.DataFrame, *, codes: tuple[str, ...] = (),
              first: str = FIRST, last: str | None = None) -> dict[str, Bounds]:  # fmt: skip
    """Bound the months of China's exports to every partner by all printed pieces.

    Yuan pieces count through the World figures of the same cell. The quarterly workbook counts where it does not
    contradict the customs' own pieces, with the misfit of its total to the World figure as its error.

    Parameters
    ----------
    cells, growth, quarters
        ``customs_monthly``, ``customs_growth``, ``customs_quarterly``.
    codes
        Partners and bloc families wanted; all when empty. US and World are always among them.
    first, last
        Months; nothing outside is used.

    Returns
    -------
    dict
        Partner or bloc family to :class:`Bounds`, and ``NON_US``, World less US.
    """
    last = last or str(cells["period"].max())
    mine = [of_exports(frame, first, last) for frame in (cells, growth, quarters)]
    held = preferred_levels(mine[0])
    turn = InDollars(held, mine[1])
    out: dict[str, Bounds] = {}
    span = range(month_number(first), month_number(last) + 1)
    pieces: dict[str, list] = {}
    for row in held.itertuples():
        value, error = turn.level(row)
        if np.isfinite(value):
            code, key = partners.family_of(row.partner_code), (KIND_OF[row.period_kind], month_number(row.period))
            pieces.setdefault(code, []).append((key, value - error, value + error))
    rates = _rates(mine[1], turn)
    added: dict[str, list] = {}
    for row, at, value, error in turn.quarters(mine[2]):
        added.setdefault(partners.family_of(row.partner_code), []).append((at, value - error, value + error))
    for code, levels in pieces.items():
        if codes and code not in {*codes, "US", partners.WORLD}:
            continue
        keys = [(kind, at) for kind in (MONTH, SO_FAR) for at in span]
        one = Bounds(dict.fromkeys(keys, 0.0), dict.fromkeys(keys, np.inf), rates.get(code, {}))
        one.pieces = _pieces(code, held, mine[1], mine[2])
        for key, low, high in levels:
            one.meet(key, low, high)
        _tighten(one, span)
        for at, low, high in added.get(code, []):
            inside = one.total(at - 2, at)
            if low > inside[1] or high < inside[0]:
                one.contradictions += 1
                continue
            before = (0.0, 0.0) if at % 12 == 2 else (one.low[SO_FAR, at - 3], one.high[SO_FAR, at - 3])
            one.meet((SO_FAR, at), before[0] + low, before[1] + high)
            if at % 12 != 2:
                one.meet((SO_FAR, at - 3), one.low[SO_FAR, at] - high, one.high[SO_FAR, at] - low)
            _tighten(one, span)
        out[code] = one
    if "US" in out and partners.WORLD in out:
        us, total = out["US"], out[partners.WORLD]
        out["NON_US"] = Bounds(
            {key: max(0.0, low - us.high[key]) for key, low in total.low.items()},
            {key: high - us.low[key] for key, high in total.high.items()},
            pieces=us.pieces | total.pieces,
        )
    return out


def _pieces(code: str, levels: pd.DataFrame, growth: pd.DataFrame, quarters: pd.DataFrame) -> dict[str, list[str]]:
    """Return the periods of a partner's printed cells by kind; growth rates are marked ``@yoy``."""
    codes, found = partners.codes_of(code), {}
    for frame, mark in ((levels, ""), (growth, "@yoy")):
        mine = frame[frame["partner_code"].isin(codes)]
        for kind, rows in mine.groupby("period_kind", sort=True):
            found[f"CN/{code}/exports/{kind}{mark}"] = sorted(rows["period"])
    mine = quarters[quarters["partner_code"].isin(codes)]
    return found | ({f"CN/{code}/exports/quarter": sorted(mine["period"])} if len(mine) else {})


def _rates(growth: pd.DataFrame, turn: InDollars) -> dict[str, dict[tuple[int, int], tuple[float, float]]]:
    """Printed growth as ranges of a factor; yuan rates relative to the World's yuan rate of the same cell."""
    out: dict[str, dict] = {}
    # Dollars come last, so that they replace the yuan rate of the same cell.
    for row in growth.sort_values("currency", kind="stable").itertuples():
        low, high = turn.rate(row)
        if np.isfinite(low):
            key = KIND_OF[row.period_kind], month_number(row.period)
            out.setdefault(partners.family_of(row.partner_code), {})[key] = low, high
    return out


def _tighten(one: Bounds, span: range) -> None:
    """Carry every range through sums and rates until nothing moves. Rates between two known levels add nothing."""
    low, high = one.low, one.high

    def open_(key: tuple[int, int]) -> bool:
        return high[key] > KNOWN_WITHIN * low[key]

    used = [
        ((kind, at), (kind, at - 12), rate)
        for (kind, at), rate in one.rates.items()
        if (kind, at) in low and (kind, at - 12) in low and (open_((kind, at)) or open_((kind, at - 12)))
    ]
    for _ in range(20):
        moved = False
        for at in span:
            total, month, before = (SO_FAR, at), (MONTH, at), (SO_FAR, at - 1)
            if at % 12 == 0:
                moved |= one.meet(total, low[month], high[month]) | one.meet(month, low[total], high[total])
            elif before in low:
                moved |= one.meet(total, low[before] + low[month], high[before] + high[month])
                moved |= one.meet(month, low[total] - high[before], high[total] - low[before])
                moved |= one.meet(before, low[total] - high[month], high[total] - low[month])
        for now, before, (slow, fast) in used:
            moved |= one.meet(now, low[before] * slow, high[before] * fast)
            moved |= one.meet(before, low[now] / fast, high[now] / slow)
        if not moved:
            return


def growth_of(bounds: dict[str, Bounds]) -> Callable[..., tuple[float, float]]:
    """Return a function that gives the growth of a partner over a span as a range; unknown partners have none."""
    return lambda code, *span: bounds[code].growth(*span) if code in bounds else (np.nan, np.nan)
