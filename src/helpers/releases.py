r"""All printed pieces of one flow at once: which cannot all be true, and what the others leave of every month.

Why: months that no office printed are bounded by what it printed of them and around them. Each piece is a pair of
linear inequalities in the unknown months $x_t$: a level, a sum of months or a quarter is $l \le \sum x_t \le h$, a
rate is $f_l x_{t-12} \le x_t \le f_h x_{t-12}$ (of sums likewise; month on month with $t-1$). Linear programs (HiGHS)
then give the lowest and the highest value of every month, sum, change and growth rate that all pieces allow together:
the exact ranges, where :mod:`helpers.ranges` carries ranges from piece to piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import block_diag, csr_array

from helpers.months import month_number, month_of
from helpers.pieces import FIRST, MONTHS_IN

# USD billion: a looser piece than this is a contradiction; what HiGHS takes for zero is a tenth of it.
EXACT = 1e-6
# USD billion: what bounds a month for which no World figure is known.
CEILING_BN = 1e4
BACK = {"yoy": 12, "mom": 1}
CODES = ("EU", "ASEAN")


@dataclass(frozen=True)
class System:
    """The pieces of one partner as inequalities ``a @ x <= b``, two rows a piece, with ``x`` the months, USD billion.

    ``names`` are the pieces, the strongest evidence first; ``top`` bounds each month by China's exports to the World.
    """

    first: int
    names: tuple[str, ...]
    a: np.ndarray
    b: np.ndarray
    top: np.ndarray

    def columns(self, first: str, last: str, back: int = 0) -> np.ndarray:
        """Return the vector that adds up the months from ``first`` to ``last``, or those ``back`` months before."""
        vector = np.zeros(self.a.shape[1])
        begin, end = (month_number(month) - back - self.first for month in (first, last))
        vector[begin : end + 1] = 1.0
        return vector

    def holds(self, first: str, back: int = 0) -> bool:
        """Tell whether the month ``back`` months before ``first`` is among the unknowns."""
        return month_number(first) - back >= self.first

    def only(self, keep: list[int]) -> System:
        """Return the system of some pieces."""
        rows = [row for piece in keep for row in (2 * piece, 2 * piece + 1)]
        return System(self.first, tuple(self.names[i] for i in keep), self.a[rows], self.b[rows], self.top)

    def joined(self, other: System) -> System:
        """Return the system of the pieces of both."""
        names = self.names + other.names
        return System(self.first, names, np.vstack([self.a, other.a]), np.r_[self.b, other.b], self.top)


def system_of(pieces: pd.DataFrame, world: pd.Series, *, first: str = FIRST, last: str) -> System:
    """Turn the pieces of one partner into inequalities; their order in the table does not matter.

    Parameters
    ----------
    pieces
        Rows of one partner, as :func:`judge` gives them; those left out do not count.
    world
        China's exports to all partners by month, USD million: no partner takes more.
    first, last
        The months that are unknown.
    """
    begin, end = month_number(first), month_number(last)
    count = end - begin + 1
    ordered = pieces[pieces["used_as"] != "left out"].sort_values(["strength", "piece"])
    a, b = np.zeros((2 * len(ordered), count)), np.zeros(2 * len(ordered))
    for number, row in enumerate(ordered.itertuples()):
        at = month_number(row.period) - begin
        now = slice(at - MONTHS_IN[row.period_kind](at + begin) + 1, at + 1)
        above, below = 2 * number, 2 * number + 1
        a[above, now], a[below, now] = 1.0, -1.0
        if row.kind in BACK:
            before = slice(now.start - BACK[row.kind], now.stop - BACK[row.kind])
            a[above, before], a[below, before] = -row.used_high, row.used_low
        else:
            b[above], b[below] = row.used_high, -row.used_low
    months = pd.period_range(first, last, freq="M")
    top = (world.reindex(months) / 1e3).fillna(CEILING_BN).to_numpy(dtype=float) * (1 + 1e-4)
    return System(begin, tuple(ordered["piece"]), a, b, top)


def _solve(cost: np.ndarray, a: np.ndarray, b: np.ndarray, top: np.ndarray, **equal):
    limits = np.column_stack([np.zeros(len(top)), top])
    return linprog(cost, A_ub=a, b_ub=b, bounds=limits, method="highs", **equal)


def is_feasible(system: System) -> bool:
    """Tell whether all pieces can be true at once."""
    return least_loosening(system)[0] <= EXACT


def least_loosening(system: System) -> tuple[float, np.ndarray]:
    """Return by how much pieces must be loosened to be true at once, USD billion, and which of them say so.

    This is the elastic program: every piece is loosened by the same amount, which is made as small as can be. The
    pieces with a price in its solution cannot all be true.
    """
    count = system.a.shape[1]
    slack = np.full((len(system.b), 1), -1.0)
    cost, top = np.r_[np.zeros(count), 1.0], np.r_[system.top, np.inf]
    found = _solve(cost, np.hstack([system.a, slack]), system.b, top)
    prices = np.abs(found.ineqlin.marginals).reshape(-1, 2).sum(axis=1)
    return float(found.fun), np.flatnonzero(prices > 1e-9)


def irreducible(system: System) -> list[int] | None:
    """Return pieces that cannot all be true and of which any one less can be: none where all can be true.

    The prices of the elastic program name candidates; then every one whose absence leaves the contradiction is deleted
    (deletion filter), the weakest evidence first.
    """
    amount, priced = least_loosening(system)
    if amount <= EXACT:
        return None
    core = list(priced)
    for piece in sorted(core, reverse=True):
        rest = [other for other in core if other != piece]
        if not is_feasible(system.only(rest)):
            core = rest
    return core


def prints_that_differ(pieces: pd.DataFrame) -> list[list[int]]:
    """Return groups of printed rates of one cell, each at odds with another of the group: row numbers.

    Two prints are at odds when no number is rounded to both. Roundings are half open: 11.5 and 11.6 are at odds.
    """
    rates, groups = pieces[pieces["kind"].isin(BACK)], []
    for _, group in rates.groupby(["period", "period_kind", "currency", "kind"], sort=True):
        low, high = ((group["printed"] + sign * group["half_unit"]).to_numpy() for sign in (-1, 1))
        at_odds = (low[:, None] >= high[None, :] - 1e-9).any(axis=1) | (high <= low.max() + 1e-9)
        if at_odds.any():
            groups.append(list(group.index[at_odds]))
    return groups


def cover(sets: list[tuple[int, ...]]) -> list[int]:
    """Return the fewest pieces that leave no set whole; of equal choices the one whose evidence is weakest."""
    members = sorted({piece for one in sets for piece in one})
    if not members:
        return []
    touches = np.array([[piece in one for piece in members] for one in sets], dtype=float)
    cost = 1.0 - 1e-5 * (1 + np.array(members))
    found = milp(cost, integrality=np.ones(len(members)), bounds=Bounds(0, 1),
                 constraints=LinearConstraint(touches, lb=1.0), options={"mip_rel_gap": 0.0})  # fmt: skip
    return [piece for piece, chosen in zip(members, found.x, strict=True) if chosen > 0.5]


def contradictions(system: System) -> tuple[list[tuple[int, ...]], list[int]]:
    """Find sets of pieces that cannot all be true, and the fewest pieces without which the rest can.

    Returns
    -------
    tuple
        Irreducible sets, and the pieces left out: numbers of pieces, 0 being the strongest evidence.
    """
    sets: list[tuple[int, ...]] = []
    while True:
        out = cover(sets)
        keep = [piece for piece in range(len(system.names)) if piece not in out]
        core = irreducible(system.only(keep))
        if core is None:
            return sets, out
        sets.append(tuple(sorted(keep[piece] for piece in core)))


def judge(pieces: pd.DataFrame, world: pd.Series, last: str) -> tuple[pd.DataFrame, list[list[str]]]:
    """Say of every piece of one partner how it is used, and name the sets that cannot all be true.

    1. Prints of one cell that differ are set aside; the rest is made possible by leaving out as few pieces as can be,
       of equal choices the weakest evidence (:func:`cover`).
    2. A print set aside that the rest makes impossible is left out. Where more than one print remains, the cell is
       loosened to the smallest range that holds them all: nothing else decides between them, and none is averaged.

    Returns
    -------
    tuple
        The table with ``used_as`` (used, loosened, left out), ``used_low`` and ``used_high`` (missing where left out);
        and the sets, each a list of names of pieces.
    """
    pieces = pieces.sort_values(["strength", "piece"], ignore_index=True)
    pieces = pieces.assign(used_as="used", used_low=pieces["low"], used_high=pieces["high"])
    groups = prints_that_differ(pieces)
    aside = [row for group in groups for row in group]
    sets = [list(pieces.loc[group, "piece"]) for group in groups]

    def settle() -> None:
        held = pieces[(pieces["used_as"] != "left out") & ~pieces.index.isin(aside)]
        system = system_of(held, world, last=last)
        found, out = contradictions(system)
        sets.extend([system.names[piece] for piece in one] for one in found)
        pieces.loc[held.index[out], ["used_as", "used_low", "used_high"]] = ["left out", np.nan, np.nan]

    settle()
    for group in groups:
        held = pieces[(pieces["used_as"] != "left out") & ~pieces.index.isin(aside)]
        alive = [row for row in group if is_feasible(system_of(pd.concat([held, pieces.loc[[row]]]), world, last=last))]
        dead = [row for row in group if row not in alive]
        pieces.loc[dead, ["used_as", "used_low", "used_high"]] = ["left out", np.nan, np.nan]
        hull = [pieces.loc[alive, "low"].min(), pieces.loc[alive, "high"].max()]
        differ = bool(prints_that_differ(pieces.loc[alive])) if alive else False
        if differ:
            pieces.loc[alive, ["used_as", "used_low", "used_high"]] = ["loosened", *hull]
        aside = [row for row in aside if row not in group]
    settle()
    return pieces, sets


def extremes(system: System, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Return the lowest and the highest value of some sums of months, and the pieces that prove them.

    All programs are solved as one, block by block.

    Parameters
    ----------
    system
        Pieces that can all be true.
    wanted
        One row per sum: its weight on every month.
    """
    cost = np.vstack([wanted, -wanted])
    copies = len(cost)
    a = block_diag([csr_array(system.a)] * copies, format="csr")
    found = _solve(cost.ravel(), a, np.tile(system.b, copies), np.tile(system.top, copies))
    values = (cost * found.x.reshape(copies, -1)).sum(axis=1)
    prices = np.abs(found.ineqlin.marginals).reshape(2, len(wanted), -1, 2).sum(axis=(0, 3))
    proofs = [list(np.flatnonzero(row > 1e-7)) for row in prices]
    return values[: len(wanted)], -values[len(wanted) :], proofs


def growth(system: System, first: str, last: str, back: int = 12) -> tuple[float, float]:
    """Return the lowest and highest growth of a sum of months on ``back`` months before, percent.

    A ratio of sums becomes linear when all months are counted in units of the sum before (Charnes and Cooper 1962).
    """
    now, before = system.columns(first, last), system.columns(first, last, back)
    count = len(now)
    a = np.vstack([
        np.hstack([system.a, -system.b[:, None]]), np.hstack([np.eye(count), -system.top[:, None]]),
    ])  # fmt: skip
    ends = []
    for sign in (1, -1):
        found = _solve(np.r_[sign * now, 0.0], a, np.zeros(len(a)), np.full(count + 1, np.inf),
                       A_eq=np.r_[before, 0.0][None], b_eq=[1.0])  # fmt: skip
        ends.append(100 * (sign * found.fun - 1) if found.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


def what_the_rest_allows(pieces: pd.DataFrame, world: pd.Series, last: str) -> pd.DataFrame:
    """Add to every piece that is loosened or left out what pieces of other cells allow of the same quantity.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``allowed_low`` and ``allowed_high``: USD billion for a level or a quarter, percent of growth
        in dollars for a rate; missing for pieces used as printed, and where the others allow anything.
    """
    pieces = pieces.assign(allowed_low=np.nan, allowed_high=np.nan)
    for row in pieces[pieces["used_as"] != "used"].itertuples():
        same = (
            (pieces["period"] == row.period) & (pieces["period_kind"] == row.period_kind) & (pieces["kind"] == row.kind)
        )
        rest = system_of(pieces[~same], world, last=last)
        at = month_number(row.period)
        span = month_of(at - MONTHS_IN[row.period_kind](at) + 1), row.period
        if row.kind in BACK:
            found = growth(rest, *span, BACK[row.kind])
        else:
            low, high, _ = extremes(rest, rest.columns(*span)[None])
            found = low[0], high[0]
        if np.isfinite(found).all():
            pieces.loc[row.Index, ["allowed_low", "allowed_high"]] = found
    return pieces


def changes(pieces: pd.DataFrame, paths: pd.DataFrame, world: pd.Series, spans: dict[str, tuple[str, str]],
            last: str) -> pd.DataFrame:  # fmt: skip
    """Return the change of sums of months against a year before as all pieces together bound it.

    Why: a sum can be known although months in it are open. Only what is printed counts, no share is assumed.

    Parameters
    ----------
    pieces, paths
        ``release_pieces`` and ``exports_path``.
    world
        China's exports to all partners by month, USD million.
    spans
        Name to (first month, last month).
    last
        The last month of the pieces.

    Returns
    -------
    pandas.DataFrame
        Table ``release_changes``, key ``partner_code``, ``span``: ``first_month``, ``last_month``, USD billion
        ``change_low_usd_bn``, ``change_high_usd_bn``, percent ``growth_low_pct``, ``growth_high_pct``,
        ``months_open`` (of the span, as printed), ``open_months`` (their names), ``open_before`` (those of the year
        before), ``open_low_usd_bn`` and ``open_high_usd_bn`` (what all open months of the span come to together),
        ``inputs``.
    """
    rows = []
    for code, mine in pieces.groupby("partner_code", sort=True):
        system = system_of(mine, world, last=last)
        held = paths[(paths["partner_code"] == code) & (paths["is_open"] | paths["is_assumed"])]["period"]
        for span, (first, end) in spans.items():
            if not system.holds(first, 12) or end > last:
                continue
            change = system.columns(first, end) - system.columns(first, end, 12)
            free = [month for month in held if first <= month <= end]
            before = [month for month in held if first <= month_of(month_number(month) + 12) <= end]
            together = sum((system.columns(month, month) for month in free), np.zeros(len(change)))
            low, high, proofs = extremes(system, np.vstack([change, together]))
            slow, fast = (rate if np.isfinite(rate) else np.nan for rate in growth(system, first, end))
            rows.append({
                "partner_code": code, "span": span, "first_month": first, "last_month": end,
                "change_low_usd_bn": low[0], "change_high_usd_bn": high[0], "growth_low_pct": slow,
                "growth_high_pct": fast, "months_open": len(free), "open_months": ";".join(free),
                "open_before": ";".join(before),
                "open_low_usd_bn": low[1] if free else np.nan, "open_high_usd_bn": high[1] if free else np.nan,
                "inputs": ";".join(system.names[piece] for piece in proofs[0]),
            })  # fmt: skip
    return pd.DataFrame(rows)
