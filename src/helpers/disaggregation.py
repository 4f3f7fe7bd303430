"""Partial releases into months: bounds of each, and the smoothest path inside them. Accounting only, never an estimate.

Two sets of bounds: from the printed pieces alone, and with one assumption, the share of a month in its quarter. The
path keeps the ratio to China's exports to all partners as even as the pieces allow (Denton 1971, in the form of Dagum
and Cholette 2006). A month that stays open by more than :data:`OPEN_PCT` has no path.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from helpers import customs, partners
from helpers.months import month_number, month_of
from helpers.pieces import FIRST
from helpers.ranges import KNOWN_WITHIN
from helpers.releases import CODES, System, extremes, is_feasible, judge, system_of, what_the_rest_allows

# The first month of the path; pieces of the two years before it count, because rates reach back.
PATH_FROM = "2024-01"
# A month whose bounds lie further than this from their middle, in percent, is open and has no path.
OPEN_PCT = 10.0
IN_CONFLICTS = ["piece", "kind", "period", "period_kind", "currency", "printed", "half_unit", "unit", "vintage",
                "evidence_grade", "source_id", "line", "used_as", "allowed_low", "allowed_high"]  # fmt: skip
# The range of the shares seen in known years is widened by this part of itself.
SHARE_WIDENING = 0.5
# Weight of the level beside the evenness of the path: it decides only where no piece does.
SLIGHT = 1e-3


def release_tables(pieces: pd.DataFrame, cells: pd.DataFrame, quarters: pd.DataFrame, last: str, *,
                   shares: bool = True) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Judge the pieces and bound every month from 2024 on.

    Parameters
    ----------
    pieces
        From :func:`helpers.pieces.release_pieces`.
    cells, quarters
        ``customs_monthly``, ``customs_quarterly``: the World's months, and the shares seen in known years.
    last
        The last month; nothing after it is used.
    shares
        Whether the share of a month in its quarter is assumed where the quarter is known and the month is open.

    Returns
    -------
    dict
        ``release_pieces`` (with what was made of each), ``release_conflicts`` (a row per piece of a set that cannot be
        true), ``exports_path`` (a row per partner and month, USD billion).
    """
    world = customs.series(cells, "CN", partners.WORLD).loc[:last]
    judged, conflicts, paths = [], [], []
    for code in CODES:
        mine = pieces[pieces["partner_code"] == code] if len(pieces) else pieces
        if mine.empty:
            continue
        mine, sets = judge(mine, world, last)
        mine = what_the_rest_allows(mine, world, last)
        judged.append(mine)
        conflicts += [
            {"partner_code": code, "conflict": number, **row}
            for number, names in enumerate(_in_order(sets, mine), start=1)
            for row in mine[mine["piece"].isin(names)].drop(columns="partner_code").to_dict("records")
        ]
        if last >= PATH_FROM:
            seen = shares_seen(cells, quarters, code, last) if shares else {}
            paths.append(exports_path(mine, world, seen, last).assign(partner_code=code))
    made = {"release_pieces": judged, "exports_path": paths}
    tables = {name: pd.concat(found, ignore_index=True) if found else pd.DataFrame() for name, found in made.items()}
    held = pd.DataFrame(conflicts, columns=["partner_code", "conflict", *IN_CONFLICTS] if conflicts else None)
    return tables | {"release_conflicts": held}


def _in_order(sets: list[list[str]], pieces: pd.DataFrame) -> list[list[str]]:
    """Order the sets by their latest month, the latest first, so that their numbers do not hang on the search."""
    when = pieces.set_index("piece")["period"]
    return sorted(sets, key=lambda names: (max(when[name] for name in names), sorted(names)), reverse=True)


def shares_seen(cells: pd.DataFrame, quarters: pd.DataFrame, code: str, last: str) -> dict[int, tuple[float, float]]:
    """Return the lowest and highest share of each calendar month in its quarter, widened: month (1 to 12) to shares.

    Assumption A24.

    Seen in every quarter whose three months are known, of the partner itself (a third month is the printed quarter less
    the two others) and of all exports: the partner alone has too few such years.
    """
    found: dict[int, list[float]] = {}
    printed = quarters[quarters["partner_code"].isin(partners.codes_of(code)) & (quarters["period"] <= last)]
    printed = {month_number(row.period): row.value_mn for row in printed.itertuples()}
    for name in (code, partners.WORLD):
        months = customs.series(cells, "CN", name).loc[:last]
        known = {month_number(str(period)): value for period, value in months.items()}
        for end in sorted({at - at % 3 + 2 for at in known}):
            three = [known.get(end - back) for back in (2, 1, 0)]
            if three.count(None) == 1 and name == code and end in printed:
                rest = printed[end] - sum(value for value in three if value is not None)
                three = [rest if value is None else value for value in three]
            if None not in three:
                for place, value in enumerate(three):
                    found.setdefault((end - 2 + place) % 12 + 1, []).append(value / sum(three))
    return {month: _widened(min(seen), max(seen)) for month, seen in sorted(found.items())}


def _widened(low: float, high: float) -> tuple[float, float]:
    more = SHARE_WIDENING / 2 * (high - low)
    return max(low - more, 0.0), min(high + more, 1.0)


def exports_path(pieces: pd.DataFrame, world: pd.Series, seen: dict[int, tuple[float, float]],
                 last: str) -> pd.DataFrame:  # fmt: skip
    """Return bounds and path of one partner's months; ``seen`` holds the shares that may be assumed. Assumption A24.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``low_usd_bn`` and ``high_usd_bn`` from the printed pieces, ``low_assumed_usd_bn`` and
        ``high_assumed_usd_bn`` with the shares, ``path_usd_bn`` (missing where open), ``half_width_pct`` (of the bounds
        with the shares), ``is_open``, ``is_assumed`` (closed by the share only), ``is_reconstructed`` (no level of this
        very month is printed), ``pieces`` and ``inputs``: the printed pieces that prove the bounds.
    """
    system = system_of(pieces, world, last=last)
    shown = np.arange(month_number(PATH_FROM) - system.first, len(system.top))
    one_each = np.eye(len(system.top))[shown]
    low, high, proofs = extremes(system, one_each)
    width = _half_width_pct(low, high)
    whole = _with_shares(system, shown[width > OPEN_PCT], seen)
    assumed = extremes(whole, one_each)[:2] if len(whole.names) > len(system.names) else (low, high)
    closed = _half_width_pct(*assumed)
    months = pd.period_range(FIRST, last, freq="M")
    path = smoothest(whole, world.reindex(months), sum(assumed).mean() / 2)[shown]
    levels = pieces[(pieces["kind"] == "level") & (pieces["period_kind"] == "month") & (pieces["used_as"] == "used")]
    frame = pd.DataFrame({
        "period": months[shown].astype(str), "low_usd_bn": low, "high_usd_bn": high,
        "low_assumed_usd_bn": assumed[0], "high_assumed_usd_bn": assumed[1], "half_width_pct": closed,
        "path_usd_bn": np.where(closed <= OPEN_PCT, path, np.nan), "is_open": closed > OPEN_PCT,
        "is_assumed": (width > OPEN_PCT) & (closed <= OPEN_PCT), "pieces": [len(proof) for proof in proofs],
        "inputs": [";".join(system.names[piece] for piece in proof) for proof in proofs],
    })  # fmt: skip
    return frame.assign(is_reconstructed=~frame["period"].isin(levels["period"]))


def _half_width_pct(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return 100 * (high - low) / np.maximum(high + low, 1e-12)


def _with_shares(system: System, open_months: np.ndarray, seen: dict[int, tuple[float, float]]) -> System:
    """Add the shares in quarters that are known although a month of theirs is open, one quarter after the other."""
    count = len(system.top)
    begins = sorted({int(at - (system.first + at) % 3) for at in open_months})
    begins = [at for at in begins if at >= 0 and at + 3 <= count and (system.first + at) % 12 + 3 in seen]
    if not begins:
        return system
    sums = np.array([[float(at <= month < at + 3) for month in range(count)] for at in begins])
    low, high, _ = extremes(system, sums)
    for at, total, is_known in zip(begins, sums, high <= KNOWN_WITHIN * low, strict=True):
        a, names = [], []
        for place in range(at, at + 3) if is_known else ():
            month = np.eye(count)[place]
            least, most = seen[(system.first + place) % 12 + 1]
            a += [month - most * total, least * total - month]
            names.append(f"share of {month_of(system.first + place)} in its quarter")
        if names:
            joined = system.joined(System(system.first, tuple(names), np.array(a), np.zeros(len(a)), system.top))
            system = joined if is_feasible(joined) else system
    return system


def smoothest(system: System, indicator: pd.Series, about: float) -> np.ndarray:
    r"""Return the path inside all pieces whose ratio to ``indicator`` changes least from month to month, USD billion.

    $\min \sum_t (x_t/w_t - x_{t-1}/w_{t-1})^2$ subject to the pieces, with $w$ the indicator. Solved as a problem of
    least distance by non-negative least squares (Lawson and Hanson 1974, chapter 23). The mean ratio is drawn with a
    small weight to that of ``about`` billion a month, so that there is one solution where no piece fixes a level.
    """
    weight = indicator.to_numpy(dtype=float) / 1e3
    weight = np.where(np.isfinite(weight), weight, np.nanmean(weight))
    count = len(weight)
    even = np.vstack([np.diff(np.eye(count), axis=0), np.full(count, SLIGHT / count)])
    goal = np.r_[np.zeros(count - 1), SLIGHT * about * np.mean(1 / weight)]
    inverse = np.linalg.inv(even)
    # G y >= h in the ratio y = x / w: the pieces, no month below zero, none above the World's.
    bounds = np.vstack([-system.a * weight, np.diag(weight), -np.diag(weight)])
    limits = np.r_[-system.b, np.zeros(count), -system.top]
    scale = np.linalg.norm(bounds @ inverse, axis=1)
    bounds, limits = bounds @ inverse / scale[:, None], limits / scale
    limits = limits - bounds @ goal
    solution, _ = nnls(np.vstack([bounds.T, limits]), np.r_[np.zeros(count), 1.0], maxiter=100 * count)
    rest = np.vstack([bounds.T, limits]) @ solution - np.r_[np.zeros(count), 1.0]
    return inverse @ (-rest[:-1] / rest[-1] + goal) * weight
