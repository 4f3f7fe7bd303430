"""Why the two counts of one flow drifted apart: what each candidate predicts, and what the ledger can say about it.

A candidate predicts a sign and a time; both are held against a statistic of the ledger. The readings are counted out,
never weighed against each other: nothing here measures how large one candidate is, and several can be at work at once.
Gap, deviation and dating are those of :mod:`helpers.mirror_steps`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import customs, periods, spans
from helpers.mirror.sides import later
from helpers.mirror.steps import DEPARTURE, LEAST_PERIODS, SAME, Sides, eleven, parcels_end
from helpers.numbers import signed
from helpers.refusals import Refusal
from helpers.trials import base_months

IMPORTER = "US"
FITS, AGAINST, SMALL, UNKNOWN = "fits", "speaks against it", "too small alone", "cannot be told from these figures"


def _row(candidate: str, sign: str, timing: str, statistic: str, value: float, unit: str, reading: str, why: str,
         **more) -> dict:  # fmt: skip
    return {"candidate": candidate, "predicts_sign": sign, "predicts_timing": timing, "statistic": statistic,
            "value": value, "unit": unit, "observed_pct": np.nan, "periods": None, "p_value": np.nan, "least_p": np.nan,
            "reading": reading, "why": why} | more  # fmt: skip


def candidates(found: Sides, exporter: dict[str, pd.DataFrame], changes: pd.DataFrame, cells: pd.DataFrame,
               duties: pd.DataFrame, events: pd.DataFrame, *, month: str) -> pd.DataFrame:  # fmt: skip
    """Hold each candidate for the widening of the US gap against the ledger.

    Parameters
    ----------
    found
        From :func:`sides`, for the United States.
    exporter, changes
        From :func:`helpers.mirror.exporter_months` and :func:`helpers.mirror.changes`.
    cells, duties, events
        ``customs_monthly``; duties calculated on US imports from China (:func:`helpers.claims.measured_duties`);
        ``compiled/tariff_events``.
    month
        Month of the report.

    Returns
    -------
    pandas.DataFrame
        Table ``mirror_candidates``, key ``candidate``, ``statistic``: ``predicts_sign`` and ``predicts_timing`` of the
        change of the gap, ``value`` (optional) in ``unit``, ``observed_pct`` (change of the gap that it is held
        against, log points, optional), ``periods`` (optional), ``p_value`` (circular shifts, optional), ``least_p``
        (the smallest that it could be, optional), ``reading`` (fits; speaks against it; too small alone; cannot be told
        from these figures), ``why``.

    Raises
    ------
    Refusal
        If no window has begun by ``month``.
    """
    mine = changes[
        (changes["reporter_code"] == IMPORTER) & (changes["against"] == f"year to {found.train_end}")
    ].set_index(["span", "arrivals"])  # fmt: skip
    if mine.empty:
        raise Refusal(
            f"no window has begun by {month}", expected=f"a month from {spans.WINDOWS['W1'][0]}",
            remedy="report a later month", exit_code=2,
        )  # fmt: skip
    rows = _transit(exporter[IMPORTER]["value_bn"], mine, found.train_end, month)
    rows += _basis(cells, mine)
    rows += _parcels(found, parcels_end(events), month)
    rows += _routing(found, mine, cells, month)
    rows += _duty(found, mine, changes, duties, events, month)
    rows += _revisions(cells, mine)
    return pd.DataFrame(rows + _both(changes)).astype({"periods": "Int64"})


def _reading(part: float, seen: float) -> str:
    """Hold what a candidate gives against what is seen: sign first, then half of the size."""
    if np.isnan(part) or np.isnan(seen):
        return UNKNOWN
    return AGAINST if part * seen < 0 else SMALL if abs(part) < abs(seen) / 2 else FITS


def _transit(ours: pd.Series, mine: pd.DataFrame, train_end: str, month: str) -> list[dict]:
    says = ("transit time", "higher while exports fall, lower while they rise", "months of change; nothing over a year")
    rows = []
    for window, (first, last) in spans.windows(month).items():
        now = pd.period_range(first, last, freq="M")
        base = base_months(now, train_end)
        sums = [ours.reindex(at).sum(skipna=False) for at in (now - 1, now, base - 1, base)]
        alone = 100 * float(np.log(sums[0] / sums[1]) - np.log(sums[2] / sums[3]))
        seen = mine["log_gap_change_pct"][window, SAME]
        rows.append(
            _row(*says, f"change of the gap in {window} if all goods arrived a month later and nothing else moved",
                 alone, "log points", _reading(alone, seen),
                 "a month at sea moves the gap by what exports moved between two months", observed_pct=seen)
        )  # fmt: skip
        left = mine["log_gap_change_pct"][window, "a month later"]
        rows.append(
            _row(*says, f"change of the gap in {window} that is left when arrivals are dated by departure", left,
                 "log points", _reading(seen - left, seen),
                 "dating by departure would take most of the change away if ships were the reason", observed_pct=seen)
        )  # fmt: skip
    return rows


def _basis(cells: pd.DataFrame, mine: pd.DataFrame) -> list[dict]:
    used = cells[
        (cells["period_kind"] == "month") & cells["is_preferred"] & (cells["product_code"] == "TOTAL")
        & (((cells["reporter_code"] == IMPORTER) & (cells["partner_code"] == "CN"))
           | ((cells["reporter_code"] == "CN") & (cells["partner_code"] == IMPORTER) & (cells["flow"] == "exports")
              & (cells["currency"] == "USD")))
    ]  # fmt: skip
    bases = len(used[["reporter_code", "concept", "valuation"]].drop_duplicates())
    first = next(iter(mine.index.get_level_values("span")))
    return [
        _row("valuation (CIF, FOB, customs value)", "none", "never: a fixed basis sets the level",
             "concepts and valuations in the two series", float(bases), "count", AGAINST if bases == 2 else UNKNOWN,
             "each side keeps one basis throughout; values declared lower within it stand under declared values",
             observed_pct=mine["log_gap_change_pct"][first, SAME])
    ]  # fmt: skip


def _parcels(found: Sides, end: str, month: str) -> list[dict]:
    says = ("end of duty-free parcels", "higher", f"arrivals from {end}")
    held = found.deviation[DEPARTURE].dropna().loc[:month]
    arrived = held.index + 1
    between = held[(held.index.astype(str) >= "2025-01") & (arrived < end)]
    after = held[arrived >= end]
    if after.empty or between.empty:
        return [_row(*says, "deviation after the end", np.nan, "log points", UNKNOWN, "the end is not reached")]
    last, since = float(between.iloc[-1]), float(after.mean())
    moved = since - last
    return [
        _row(*says, "deviation of the last departures that arrived before the end", last, "log points",
             AGAINST if len(between) >= LEAST_PERIODS and _reading(last, since) == FITS else UNKNOWN,
             "a deviation already there did not come from the rule; but the periods between are few, and goods turned "
             "away at sea would look the same", observed_pct=since, periods=len(between)),
        _row(*says, "mean deviation after the end less that of the last departures before", moved, "log points",
             FITS if moved > abs(last) / 2 else AGAINST,
             "parcels that stop, or are declared in full, bring the two counts nearer; what the end may have hidden "
             "of another cause is not seen", observed_pct=since, periods=len(after)),
    ]  # fmt: skip


def _routing(found: Sides, mine: pd.DataFrame, cells: pd.DataFrame, month: str) -> list[dict]:
    says = ("routing through third countries", "lower if China writes US and the US another origin; else higher",
            "when the tariff on China exceeds that on others")  # fmt: skip
    rows = []
    last_span = mine.index.get_level_values("span")[0]
    first, last = spans.windows(month)[last_span]
    now = pd.period_range(first, last, freq="M")
    for code, name in (("VN", "Vietnam"), ("TW", "Taiwan"), ("MX", "Mexico")):
        theirs = customs.series(cells, IMPORTER, code, concept="imports_general") / 1e3
        growth = 100 * np.log(_recent(theirs, found))
        r, p, number = _correlation(_over_a_year(found.gap[DEPARTURE]), _over_a_year(growth), month)
        why = "a true move of production to that country looks the same"
        rows.append(_row(*says, f"correlation of the year's change of the gap with that of US imports from {name}", r,
                         "correlation", UNKNOWN, why, periods=number, p_value=p, least_p=1 / number))  # fmt: skip
        rise = float(theirs.reindex(now).sum() - theirs.reindex(base_months(now, found.train_end)).sum())
        missing = -float(mine["gap_change_bn"][last_span, SAME])
        rows.append(_row(*says, f"rise of US imports from {name} in {last_span} over what the change of the gap hides",
                         100 * rise / missing, "percent", UNKNOWN, why))  # fmt: skip
    held = cells[(cells["reporter_code"] == "CN") & (cells["partner_code"] == "HK") & (cells["flow"] == "exports")
                 & (cells["period_kind"] == "month") & (cells["currency"] == "USD")]  # fmt: skip
    rows.append(_row("routing through Hong Kong", "lower as less goes through Hong Kong", "slowly",
                     "months of China's exports to Hong Kong in the ledger", float(held["period"].nunique()), "count",
                     UNKNOWN, "without those months the detour is not seen"))  # fmt: skip
    return rows


def _recent(arrivals: pd.Series, found: Sides) -> pd.Series:
    """Eleven periods of a flow of arrivals, dated by departure, from the first year of the gap."""
    return eleven(later(arrivals).loc[f"{found.gap.index[0].year}-01" :])


def _over_a_year(values: pd.Series) -> pd.Series:
    before = values.reindex(values.index - 12).to_numpy()
    return (values - before).dropna()


def _correlation(a: pd.Series, b: pd.Series, month: str) -> tuple[float, float, int]:
    """Correlation of two series where both are held, its p value among all circular shifts, and their number.

    Shifting one series against the other keeps the autocorrelation of both, which neighbouring months share.
    """
    both = pd.concat([a, b], axis=1, join="inner").dropna().loc[:month].to_numpy()
    if len(both) < 2 * LEAST_PERIODS:
        return np.nan, np.nan, len(both)
    shifted = [float(np.corrcoef(both[:, 0], np.roll(both[:, 1], k))[0, 1]) for k in range(len(both))]
    return shifted[0], float(np.mean(np.abs(shifted) >= abs(shifted[0]) - 1e-12)), len(both)


def _duty(found: Sides, mine: pd.DataFrame, changes: pd.DataFrame, duties: pd.DataFrame, events: pd.DataFrame,
          month: str) -> list[dict]:  # fmt: skip
    says = ("values declared lower under tariffs", "lower as the duty rises, higher as it falls", "with the duty")
    index = pd.PeriodIndex(duties["period"], freq="M")
    paid, base = (pd.Series(duties[name].to_numpy(), index) for name in ("duty_usd", "imports_usd"))
    rate = 100 * _recent(paid, found) / _recent(base, found)
    r, p, number = _correlation(_over_a_year(found.gap[DEPARTURE]), _over_a_year(rate), month)
    rows = [
        _row(*says, "correlation of the year's change of the gap with that of the duty paid", r, "correlation",
             FITS if r < 0 and p <= 0.05 else UNKNOWN if np.isnan(r) or r < 0 else AGAINST,
             "one rise of the duty in the months held; anything else that came with it would do the same",
             periods=number, p_value=p, least_p=1 / max(number, 1))
    ]  # fmt: skip
    years = changes[(changes["reporter_code"] == IMPORTER) & changes["span"].str.startswith("year")
                    & (changes["against"] == "2017") & (changes["arrivals"] == SAME)]  # fmt: skip
    yearly = 100 * paid.groupby(index.year).sum() / base.groupby(index.year).sum()
    gap = pd.Series(years["log_gap_pct"].to_numpy(), years["span"].str[5:].astype(int))
    if len(years):
        gap[2017] = years["log_gap_before_pct"].iloc[0]
    both = pd.concat([gap.sort_index(), yearly], axis=1, join="inner")
    slope = np.polyfit(both[1], both[0], 1)[0] if len(both) > LEAST_PERIODS else np.nan
    rows.append(
        _row(*says, "slope of the yearly gap on the duty paid, from 2017", float(slope),
             "log points per point of duty", FITS if slope < 0 else UNKNOWN if np.isnan(slope) else AGAINST,
             "two rises of the duty; between them the gap widened while the duty stood still", periods=len(both))
    )  # fmt: skip
    modelled = events[(events["kind_of_measure"] == "modelled") & (events["date"] <= f"{month}-31")]
    spans_held = list(dict.fromkeys(mine.index.get_level_values("span")))
    if len(spans_held) == len(spans.WINDOWS):
        w1, w3 = (np.mean([_rate_at(modelled, at) for at in periods.month_range(*spans.windows(month)[window])])
                  for window in ("W1", "W3"))  # fmt: skip
        for arrivals in (SAME, "a month later"):
            first, third = (float(mine["log_gap_change_pct"][window, arrivals]) for window in ("W1", "W3"))
            rows.append(
                _row(*says, f"change of the gap from W1 to W3, arrivals {arrivals}", third - first, "log points",
                     UNKNOWN if np.isnan(third - first) else FITS if third - first > abs(first) / 2 else AGAINST,
                     f"the modelled tariff moved by {signed(w3 - w1, 0)} points; declared values that follow the duty "
                     "would have come back", observed_pct=first)
            )  # fmt: skip
    return rows


def _rate_at(modelled: pd.DataFrame, month: str) -> float:
    """Modelled tariff at the end of a month."""
    known = modelled[modelled["date"] <= f"{month}-31"].sort_values("date", kind="stable")
    return float(known["after_pct"].iloc[-1])


def _revisions(cells: pd.DataFrame, mine: pd.DataFrame) -> list[dict]:
    says = ("revisions and first prints", "either", "the latest months")
    seen = float(mine["log_gap_change_pct"].iloc[0])
    rows = []
    for reporter, partner, flow, whose in (("CN", IMPORTER, "exports", "China's"), (IMPORTER, "CN", "imports", "US")):
        held = cells[
            (cells["reporter_code"] == reporter) & (cells["partner_code"] == partner) & (cells["flow"] == flow)
            & (cells["period_kind"] == "month") & (cells["product_code"] == "TOTAL") & (cells["currency"] == "USD")
        ]  # fmt: skip
        logs = np.log(held["value_mn"]).groupby([held["period"], held["concept"]]).agg(["min", "max", "size"])
        twice = logs[logs["size"] > 1]
        largest = 100 * float((twice["max"] - twice["min"]).max()) if len(twice) else np.nan
        reading = _reading(np.copysign(largest, seen), seen)
        why = "months held in one vintage only" if np.isnan(largest) else "roundings included"
        rows.append(_row(*says, f"largest difference between vintages of one of {whose} monthly figures", largest,
                         "log points", reading, why, observed_pct=seen, periods=len(twice)))  # fmt: skip
    return rows


def _both(changes: pd.DataFrame) -> list[dict]:
    """What China's count does everywhere would show in Australia's gap as well."""
    says = ("China's count of all destinations", "the same in Australia", "the same in Australia")
    held = changes[changes["arrivals"] == SAME]
    rows = []
    years = held[(held["span"] == "year 2024") & (held["against"] == "2017")].set_index("reporter_code")
    if {"US", "AU"} <= set(years.index):
        here, there = (float(years["log_gap_change_pct"][code]) for code in ("AU", "US"))
        rows.append(
            _row(*says, "change of Australia's gap from 2017 to 2024", here, "log points",
                 _reading(here, there),
                 "part of the slow fall before 2025 is not about the US alone", observed_pct=there)
        )  # fmt: skip
    quarters = held[(held["reporter_code"] == "AU") & (held["span"] >= "quarter 2025-06")
                    & held["span"].str.startswith("quarter")]  # fmt: skip
    us = float(held.loc[(held["reporter_code"] == "US") & (held["span"] == "W1"), "log_gap_change_pct"].iloc[0])
    for row in quarters.itertuples(index=False):
        here = row.log_gap_change_pct
        rows.append(
            _row(*says, f"change of Australia's gap in the {row.span} against a year before", here, "log points",
                 _reading(here, us),
                 "what China's customs do to all destinations alike would be seen here too; errors of goods bound for "
                 "the US alone (a wrong destination, parcels) would not", observed_pct=us)
        )  # fmt: skip
    return rows
