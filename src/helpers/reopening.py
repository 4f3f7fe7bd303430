"""The reopening as counted: growth window by window, with the range that the printed pieces leave open.

No forecast stands behind it: growth against a year before in the named windows, the article's "it will sharpen", and a
comparison across partners with a permutation test. The gap against a forecast is in ``reversal.py``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers import controls as money
from helpers import ranges, spans
from helpers.destinations import Flow
from helpers.ranges import Bounds

ACCOUNTED = ("US", "EU", "ASEAN", "AU", "NON_US", "WORLD")
SHOWN = ("US", "EU", "ASEAN", "AU")
SHUT, REOPENED = "W1", "W3"
ACCOUNTING = "growth against a year before"
# Quarters wholly inside the shut and the reopened door, and the partners whose pieces suffice for both.
SHUT_QUARTER, REOPENED_QUARTER = ("2025-04", "2025-06"), ("2026-04", "2026-06")
ACROSS = ("EU", "AU", "ID", "JP", "KR", "MY", "NZ", "PH", "SG", "TH", "VN")
COMPARED = ACROSS + ACCOUNTED
PERMUTATIONS, SEED, LEAST_PARTNERS = 9_999, 20251209, 6
ONE_SIDED = 0.95
# A correlation that diversion and return might well make; the chance to have seen it decides what a null may say.
SUPPOSED, LIKELY = -0.5, 0.8


def known_months(
    cells: pd.DataFrame, growth: pd.DataFrame, quarters: pd.DataFrame, month: str
) -> tuple[dict[str, Bounds], str]:
    """Return what the printed pieces leave open of every compared partner, and the last month of China's figures."""
    until = ranges.last_exports(cells, month)
    return ranges.bounds_of(cells, growth, quarters, codes=COMPARED, last=until), until


def months_of(pair: list[tuple[str, str]]) -> dict[str, str]:
    """Return first and last month of both windows by column name."""
    names = ("shut_first", "shut_last", "reopened_first", "reopened_last")
    return dict(zip(names, (*pair[0], *pair[1]), strict=True))


def accounting_windows(bounds: dict[str, Bounds], *, month: str, until: str) -> pd.DataFrame:
    """Growth of China's exports by window against a year and two years before, with the range of the printed pieces.

    Against two years before, the reopened door is compared with the months before the tariffs; against one year, with
    the shut door.

    Parameters
    ----------
    bounds
        From :func:`helpers.ranges.bounds_of`.
    month, until
        Month of the report, and the last month of China's own figures in it (``spans.facts_until``).

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``window_id``: ``basis``, ``first_month``, ``last_month`` (of the longest beginning of
        the window that is known), ``is_whole``; percent ``growth_pct`` (middle), ``growth_low_pct``,
        ``growth_high_pct``, ``two_years_pct``, ``two_years_low_pct``, ``two_years_high_pct``; ``contradictions``
        (pieces that cannot be true together), ``reason`` (empty where one-year growth is known), ``inputs``.
    """
    rows = []
    for code in (code for code in ACCOUNTED if code in bounds):
        for window, (first, last) in spans.windows(month).items():
            whole = last = until if window == REOPENED else last
            while last > first and not bounds[code].known_growth(first, last):
                last = str(pd.Period(last, "M") - 1)
            one = bounds[code].known_growth(first, last)
            row = {
                "destination_code": code, "window_id": window, "basis": ACCOUNTING, "first_month": first,
                "last_month": last if one else whole, "is_whole": bool(one) and last == whole,
                "contradictions": bounds[code].contradictions, "reason": "",
                "inputs": bounds[code].inputs(first, whole, 2),
            }  # fmt: skip
            if one:
                row |= {"growth_pct": sum(one) / 2, "growth_low_pct": one[0], "growth_high_pct": one[1]}
                two = bounds[code].known_growth(first, last, 2)
                if two:
                    row |= {"two_years_pct": sum(two) / 2, "two_years_low_pct": two[0], "two_years_high_pct": two[1]}
            else:
                row["reason"] = "the printed pieces leave every part of the window open by more than 5 points"
            rows.append(row)
    return pd.DataFrame(rows)


def accounting_easing(windows: pd.DataFrame) -> pd.DataFrame:
    """Set growth while the door was shut against growth since it reopened: no forecast, no test, no interval.

    Parameters
    ----------
    windows
        From :func:`accounting_windows`.

    Returns
    -------
    pandas.DataFrame
        Columns of :func:`easing` that apply, ``basis`` the other one; ``range_low_pp`` to ``range_high_pp`` is what the
        roundings leave open; ``reading``: grew faster, grew slower, cannot be told.
    """
    rows = []
    for code, group in windows.groupby("destination_code", sort=False):
        shut, reopened = (group[group["window_id"] == window].to_dict("records") for window in (SHUT, REOPENED))
        row = {
            "basis": ACCOUNTING, "destination_code": code, "form": "accounting", "origins": 0, "degrees_of_freedom": 0,
            "view": "exporter: China's customs", "forms_tried": 0, "forms_same": 0, "reading": "cannot be told",
            "reason": "growth in one of the two windows is not known", "inputs": ";".join(group["inputs"]),
        }  # fmt: skip
        if shut and reopened and not shut[0]["reason"] and not reopened[0]["reason"]:
            shut, reopened = shut[0], reopened[0]
            low = reopened["growth_low_pct"] - shut["growth_high_pct"]
            high = reopened["growth_high_pct"] - shut["growth_low_pct"]
            part = "" if shut["is_whole"] and reopened["is_whole"] else "; only part of a window is known"
            row |= {
                "shut_pct": shut["growth_pct"], "reopened_pct": reopened["growth_pct"], "change_pp": (low + high) / 2,
                "range_low_pp": low, "range_high_pp": high,
                "reading": "grew faster" if low > 0 else "grew slower" if high < 0 else "cannot be told",
                "reason": f"accounting: no forecast to hold it against{part}",
            } | months_of([(one["first_month"], one["last_month"]) for one in (shut, reopened)])  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def sharpened(bounds: dict[str, Bounds], flows: dict[str, Flow], controls: pd.DataFrame, *,
              until: str) -> pd.DataFrame:  # fmt: skip
    """Check "it will sharpen next year": growth of the next half-year against growth when that was written.

    Parameters
    ----------
    bounds, flows, controls
        From :func:`helpers.ranges.bounds_of` and :func:`helpers.destinations.flows`; ``controls_monthly``.
    until
        Last month of China's own figures; the half-year is cut at it, and at the importer's last month.

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``basis``, ``against`` (article month, door shut): ``next_first``, ``next_last``,
        ``then_first``, ``then_last``; percent, US dollars: ``next_pct``, ``next_low_pct``, ``next_high_pct``,
        ``then_pct``, ``then_low_pct``, ``then_high_pct``; ``next_own_pct``, ``then_own_pct`` the same in the partner's
        currency, by mean exchange rates; ``verdict``: sharpened, eased (ranges apart), held, not known; ``reason``.
    """
    begin = f"{int(spans.ARTICLE_MONTH[:4]) + 1}-01"
    then = {"article month": (spans.ARTICLE_MONTH, spans.ARTICLE_MONTH), "door shut": spans.WINDOWS[SHUT]}
    rows = []
    for code in (code for code in ("EU", "ASEAN", "AU", "NON_US") if code in bounds):
        held = {"China's customs, departures": (lambda *span, code=code: bounds[code].known_growth(*span), until)}
        if code == "AU" and code in flows:
            last = min(until, str(flows[code].value.index[-1]))
            held["importer's customs, arrivals"] = (lambda *span, code=code: (_counted(flows[code], *span),) * 2, last)
        for basis, (growth, last) in held.items():
            after = (begin, min(last, f"{begin[:4]}-06"))
            for against, before in then.items():
                row = {"destination_code": code, "basis": basis, "against": against}
                names = ("next_first", "next_last", "then_first", "then_last")
                row |= dict(zip(names, (*after, *before), strict=True))
                row |= {"verdict": "not known", "reason": "growth in one of the two spans is not known"}
                ends = ("_pct", "_low_pct", "_high_pct", "_own_pct")
                row |= {name + end: np.nan for name in ("next", "then") for end in ends}
                found = {"next": growth(*after) if last >= begin else None, "then": growth(*before)}
                for name, pair in found.items():
                    if pair:
                        middle, span = sum(pair) / 2, (row[f"{name}_first"], row[f"{name}_last"])
                        row |= {f"{name}_pct": middle, f"{name}_low_pct": pair[0], f"{name}_high_pct": pair[1]}
                        row[f"{name}_own_pct"] = _own(middle, code, *span, controls)
                if found["next"] and found["then"]:
                    new, old = found["next"], found["then"]
                    verdict = "sharpened" if new[0] > old[1] else "eased" if new[1] < old[0] else "held"
                    row |= {"verdict": verdict, "reason": ""}
                rows.append(row)
    return pd.DataFrame(rows)


def _own(growth: float, code: str, first: str, last: str, controls: pd.DataFrame) -> float:
    own = money.OWN_CURRENCY.get(code)
    if own in (None, "USD"):
        return np.nan
    rate, now = money.per_dollar(controls, own), pd.period_range(first, last, freq="M")
    return 100 * ((1 + growth / 100) * rate.reindex(now).mean() / rate.reindex(now - 12).mean() - 1)


def across_partners(bounds: dict[str, Bounds], quarters: pd.DataFrame, *, until: str,
                    seed: int = SEED) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Ask whether the partners whose imports rose most when the door shut fell back most when it reopened.

    Growth of April to June 2025 on 2024 (the door shut) against growth of the same months of 2026 on 2025 (reopened).
    The shared quarter of 2025 pulls the correlation below zero by itself: what was high by chance falls back. That
    leans *towards* diversion, so it is shown how large it was between earlier pairs of years.

    Parameters
    ----------
    bounds, quarters
        From :func:`helpers.ranges.bounds_of`; ``customs_quarterly`` for the earlier pairs.
    until
        Last month of China's own figures.
    seed
        Of the permutations.

    Returns
    -------
    tuple
        Frame, key ``measure`` (rank, linear): ``partners``, ``correlation``, ``p_value`` (one-sided: as low by chance
        pairing), ``p_resolution`` (the smallest it can be), ``detectable`` (correlations below it
        happen by chance once in twenty), ``earlier_pairs``, ``earlier_mean``, ``earlier_low``,
        ``earlier_high``, ``earlier_as_low`` (count), ``least`` (what it has to be below to be told: the lower of
        ``detectable`` and ``earlier_low``), ``power_pct`` (chance to be below it if the true correlation were
        :data:`SUPPOSED`), ``likely_seen`` (true correlation with a chance of :data:`LIKELY`), ``reading`` (as diversion
        and return would have it; no sign of it, only where ``power_pct`` is that high; cannot be told), ``reason``.
        Then the points, key
        ``destination_code``: ``shut_pct``, ``reopened_pct`` with ``_low_pct`` and ``_high_pct``.
    """
    points = []
    for code in (code for code in ACROSS if code in bounds and until >= REOPENED_QUARTER[1]):
        shut, reopened = (bounds[code].known_growth(*span) for span in (SHUT_QUARTER, REOPENED_QUARTER))
        if shut and reopened:
            row: dict = {"destination_code": code}
            for name, found in (("shut", shut), ("reopened", reopened)):
                row |= {f"{name}_pct": sum(found) / 2, f"{name}_low_pct": found[0], f"{name}_high_pct": found[1]}
            points.append(row)
    frame = pd.DataFrame(points)
    few = f"{len(points)} partners known in both quarters, {LEAST_PARTNERS} needed"
    random, rows = np.random.default_rng(seed), []
    for measure in ("rank", "linear"):
        row = {"measure": measure, "partners": len(points), "earlier_pairs": 0, "reading": "cannot be told",
               "correlation": np.nan, "reason": few if len(points) < LEAST_PARTNERS else ""}  # fmt: skip
        if len(points) >= LEAST_PARTNERS:
            earlier = _earlier(quarters, frame["destination_code"])
            if len(earlier[0]):
                row |= _correlated(frame, earlier, measure, random)
            else:
                row["reason"] = "no earlier quarters to hold the pair against"
        rows.append(row)
    return pd.DataFrame(rows), frame


def _scores(values: np.ndarray, measure: str) -> np.ndarray:
    """Rows centred and of length one, ranked first for the rank correlation."""
    values = stats.rankdata(values, axis=-1) if measure == "rank" else np.asarray(values)
    values = values - values.mean(-1, keepdims=True)
    return values / np.sqrt((values**2).sum(-1, keepdims=True))


def _earlier(quarters: pd.DataFrame, codes: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Log growth of quarters before the shut door on a year before, and of the next year on them: (pairs, partners)."""
    wide = quarters[quarters["partner_code"].isin(codes) & (quarters["period"] < SHUT_QUARTER[0])]
    logs = np.log(wide.pivot(index="period", columns="partner_code", values="value_mn").dropna(axis=1).to_numpy())
    growth = logs[4:] - logs[:-4]
    return growth[:-4], growth[4:]


def _correlated(frame: pd.DataFrame, earlier: tuple[np.ndarray, np.ndarray], measure: str, random) -> dict:
    shut, reopened = (np.log1p(frame[column].to_numpy() / 100) for column in ("shut_pct", "reopened_pct"))
    first, second = _scores(shut, measure), _scores(reopened, measure)
    found = float(first @ second)
    order = random.permuted(np.tile(np.arange(len(frame)), (PERMUTATIONS, 1)), axis=1)
    chance = second[order] @ first
    before = (_scores(earlier[0], measure) * _scores(earlier[1], measure)).sum(1)
    p_value = (1 + int((chance <= found + 1e-12).sum())) / (PERMUTATIONS + 1)
    shown = p_value <= 1 - ONE_SIDED and found < before.min()
    detectable = float(np.quantile(chance, 1 - ONE_SIDED))
    least = min(detectable, float(before.min()))
    power, seen = chance_to_see(least, len(frame), measure)
    return {
        "correlation": found, "p_value": p_value, "p_resolution": 1 / (PERMUTATIONS + 1), "earlier_pairs": len(before),
        "earlier_mean": float(before.mean()), "earlier_low": float(before.min()), "earlier_high": float(before.max()),
        "earlier_as_low": int((before <= found).sum()), "detectable": detectable, "least": least,
        "power_pct": 100 * power, "likely_seen": seen, "reading": _reading(shown, power),
    }  # fmt: skip


def chance_to_see(least: float, partners: int, measure: str) -> tuple[float, float]:
    """Return the chance to find a correlation below ``least``, and the true one that would be found likely enough.

    Fisher's normal approximation: the inverse hyperbolic tangent of a correlation has the variance ``1 / (n - 3)``, of
    a rank correlation ``1.06 / (n - 3)`` (Fieller, Hartley and Pearson 1957).

    Parameters
    ----------
    least
        What a correlation has to be below.
    partners
        Number of pairs, more than three.
    measure
        ``rank`` or ``linear``.

    Returns
    -------
    tuple
        Chance (0 to 1) if the true correlation were :data:`SUPPOSED`; true correlation with the chance :data:`LIKELY`.
    """
    error = np.sqrt((1.06 if measure == "rank" else 1.0) / (partners - 3))
    limit = np.arctanh(max(least, -1 + 1e-12))
    chance = stats.norm.cdf((limit - np.arctanh(SUPPOSED)) / error)
    return float(chance), float(np.tanh(limit - stats.norm.ppf(LIKELY) * error))


def _reading(shown: bool, power: float) -> str:
    """Read the comparison: a null says something only where the supposed correlation would likely have been seen."""
    if shown:
        return "as diversion and return would have it"
    return "no sign of it" if power >= LIKELY else "cannot be told"


def for_a_minister(windows: pd.DataFrame, flows: dict[str, Flow], *, month: str) -> pd.DataFrame:
    """Three numbers each for the US, the EU, ASEAN and Australia: growth on a year before, door shut, truce, reopening.

    China's customs where every begun window is known whole; else the importer's own count in all of them, so that a
    destination's three numbers are of one kind.

    Returns
    -------
    pandas.DataFrame
        Table ``growth_by_window``, key ``destination_code``, ``window_id``: ``window`` (its name), ``first_month``,
        ``last_month``; percent ``growth_pct``, ``growth_low_pct``, ``growth_high_pct``, ``two_years_pct``; ``basis``,
        ``reason``, ``inputs``.
    """
    rows = []
    for code in SHOWN:
        mine = windows[windows["destination_code"] == code].to_dict("records")
        if mine and all(row["is_whole"] for row in mine):
            rows += [row | {"basis": "China's customs, US dollars, departures"} for row in mine]
            continue
        for window, (first, last) in spans.windows(month).items():
            one, two = (_counted(flows.get(code), first, last, years) for years in (1, 2))
            rows.append(
                {
                    "destination_code": code, "window_id": window, "first_month": first, "last_month": last,
                    "growth_pct": one, "growth_low_pct": one, "growth_high_pct": one, "two_years_pct": two,
                    "inputs": flows[code].inputs if code in flows else "",
                    "basis": "none" if np.isnan(one) else f"{flows[code].view}, {flows[code].currency}, arrivals",
                    "reason": "no count of the whole window" if np.isnan(one) else "",
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["window"] = frame["window_id"].map(spans.WINDOW_NAMES)
    keep = ["destination_code", "window_id", "window", "first_month", "last_month", "growth_pct", "growth_low_pct",
            "growth_high_pct", "two_years_pct", "basis", "reason", "inputs"]  # fmt: skip
    return frame.reindex(columns=keep)


def _counted(flow: Flow | None, first: str, last: str, years: int = 1) -> float:
    """Growth of an importer's count of a span, percent; NaN where a month is missing."""
    if flow is None:
        return np.nan
    now = pd.period_range(first, last, freq="M")
    totals = [flow.value.reindex(span).sum(skipna=False) for span in (now, now - 12 * years)]
    return 100 * (totals[0] / totals[1] - 1)
