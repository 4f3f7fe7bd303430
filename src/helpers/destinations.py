"""Which series stands for which destination: whose customs, in which currency, against which other origins.

A destination is estimated in the first of the views of its row in ``destination_list.py`` that holds enough months: the
EU through its own customs where they hold an unbroken past, else through China's, else through the euro area's
manufactures (SITC 5 to 8). Which it is, is said wherever it appears. Everything else is accounting only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import customs, partners
from helpers.destination_list import BY_CODE, DESTINATIONS, ORDER, Destination, View, codes, in_sentence
from helpers.months import month_name
from helpers.refusals import Refusal

# Origins that US customs report by general imports without a break to the latest month.
US_NAMED_ORIGINS = ("CA", "EU27", "KR", "MX", "TW", "VN")
EURO_SECTIONS = ("5", "6", "7", "8")
# Unbroken months before the tariffs that make a past: training, donut, window and enough earlier trials.
LONG, BEFORE_TARIFFS = 84, "2024-10"
PROXY = "importer, proxy: euro area, SITC 5 to 8, China without Hong Kong"
LUMP_TIMES, LUMP_SHARE_PCT, LUMP_MONTHS = 2.5, 1.0, 25


@dataclass(frozen=True)
class Flow:
    """One flow to estimate.

    Parameters
    ----------
    code
        Destination.
    view
        Whose customs, and whether the series is a proxy.
    value
        Monthly (or quarterly) values, billions of ``currency``.
    others
        Forms of the denominator by name: imports from other origins, same months and currency.
    currency
        Of the values.
    evidence_grade
        Weakest grade among the months used.
    inputs
        The cells behind the series.
    half_unit
        Half the last printed digit of the coarsest month, in the unit of ``value``; missing where it is not asked for.
    """

    code: str
    view: str
    value: pd.Series
    others: dict[str, pd.Series]
    currency: str
    evidence_grade: str
    inputs: str
    half_unit: float = float("nan")


def _used(cells: pd.DataFrame, reporter: str, partner: str) -> pd.DataFrame:
    flow = "exports" if reporter == "CN" else "imports"
    return cells[
        (cells["reporter_code"] == reporter) & (cells["partner_code"] == partner) & (cells["period_kind"] == "month")
        & (cells["flow"] == flow) & cells["is_preferred"] & ~cells["currency"].eq("CNY")
    ]  # fmt: skip


def _grade(cells: pd.DataFrame, reporter: str, partner: str) -> str:
    return str(_used(cells, reporter, partner)["evidence_grade"].max())


def _half_unit(cells: pd.DataFrame, reporter: str, partner: str) -> float:
    """Half the last printed digit of the coarsest month, in millions of its currency."""
    return float(_used(cells, reporter, partner)["abs_error_mn"].max())


def lumps(cells: pd.DataFrame, reporter: str) -> pd.DataFrame:
    """Find one-off lumps: a month in which one origin delivers far more than it usually does. Assumption A14.

    A lump is a month above 2.5 times the origin's median of the 25 months around it whose excess is above 1 % of all
    imports of that month (an oil platform, an aircraft). China itself is never a lump.

    Returns
    -------
    pandas.DataFrame
        Table ``lumps``: ``reporter_code``, ``partner_code``, ``period``, ``value_mn``, ``usual_mn``,
        ``share_of_total_pct``.
    """
    concept = "imports_general" if reporter == "US" else None
    held = cells[(cells["reporter_code"] == reporter) & (cells["product_code"] == "TOTAL")]
    world = customs.series(held, reporter, partners.WORLD, concept=concept)
    found = []
    for code in sorted(set(held["partner_code"]) - {partners.WORLD, "CN"}):
        value = customs.series(held, reporter, code, concept=concept)
        usual = value.rolling(LUMP_MONTHS, center=True, min_periods=LUMP_MONTHS // 2 + 1).median()
        share = 100 * (value - usual) / world.reindex(value.index)
        for period in value.index[(value > LUMP_TIMES * usual) & (share > LUMP_SHARE_PCT)]:
            found.append(
                {
                    "reporter_code": reporter, "partner_code": code, "period": str(period),
                    "value_mn": value[period], "usual_mn": usual[period], "share_of_total_pct": share[period],
                }
            )  # fmt: skip
    columns = ["reporter_code", "partner_code", "period", "value_mn", "usual_mn", "share_of_total_pct"]
    return pd.DataFrame(found, columns=columns)


def without_lumps(other: pd.Series, found: pd.DataFrame, reporter: str) -> pd.Series:
    """Take the excess of each lump over its origin's usual month out of a total in millions. Assumption A14."""
    other = other.copy()
    for lump in found[found["reporter_code"] == reporter].itertuples(index=False):
        period = pd.Period(lump.period, "M")
        if period in other.index:
            other[period] -= lump.value_mn - lump.usual_mn
    return other


@dataclass(frozen=True)
class _Books:
    """What every series is taken from, and the money it is asked for in."""

    cells: pd.DataFrame
    controls: pd.DataFrame
    currency: str
    lumps: pd.DataFrame

    def converted(self, series_mn: pd.Series, own: str) -> tuple[pd.Series, str]:
        """Return a series in billions of the currency asked for, and that currency."""
        target = own if self.currency == "partner" else self.currency
        return money.convert(series_mn, self.controls, own, target) / 1e3, target

    def flow(self, code: str, view: str, value_mn: pd.Series, reporter: str, partner: str, **others: pd.Series) -> Flow:
        """Return a flow of the customs of ``reporter``, with its grade, its cells and its rounding."""
        imports = reporter != "CN"
        own = money.OWN_CURRENCY[reporter] if imports else "USD"
        value, target = self.converted(value_mn, own)
        half = pd.Series(_half_unit(self.cells, reporter, partner), value.index)
        return Flow(
            code, view, value, {name: self.converted(other, own)[0] for name, other in others.items()}, target,
            _grade(self.cells, reporter, partner),
            f"{reporter}/{partner}/{'imports' if imports else 'exports'}/month/{value.index[0]}..{value.index[-1]}",
            float(self.converted(half, own)[0].max()),
        )  # fmt: skip


def flows(cells: pd.DataFrame, controls: pd.DataFrame, currency: str, found: pd.DataFrame) -> dict[str, Flow]:
    """Return the monthly flows that can be estimated, by destination. Assumptions A4 and A9.

    Parameters
    ----------
    cells, controls
        ``customs_monthly`` and ``controls_monthly``.
    currency
        ``USD``, ``CNY`` or ``partner`` (each importer's own).
    found
        From :func:`lumps`, for every importer.

    Returns
    -------
    dict
        The destinations of :mod:`helpers.destination_list`, each in the first of its views that holds a past; one
        without any is left out, and :func:`accounting_only` says why. NON_US, which rests on two others, comes last.
    """
    books = _Books(cells, controls, currency, found)
    held: dict[str, Flow] = {}
    for row in (row for row in DESTINATIONS if "difference" not in row.views):
        seen = (_VIEWS[view](row, books) for view in row.views if view in _VIEWS)
        if (flow := next((flow for flow in seen if flow is not None), None)) is not None:
            held[row.code] = flow
    world, us = held["WORLD"], held["US"]
    held["NON_US"] = Flow(
        "NON_US", "mixed: China's total less US customs' imports from China", (world.value - us.value).dropna(), {},
        world.currency, world.evidence_grade, f"{world.inputs};{us.inputs}", world.half_unit + us.half_unit,
    )  # fmt: skip
    return held


def _own_customs(row: Destination, books: _Books) -> Flow | None:
    """Return imports by the importer's own customs; those that choose the form also against other origins."""
    reporter, view = row.cells or row.code, f"importer: customs of {in_sentence(row.code)}"
    if row.standing != "calibrated":
        value = customs.series(books.cells, reporter, "CN", product="TOTAL", concept="imports")
        if unbroken(value) < LONG:
            return None
        view += ", China without Hong Kong" if row.cells else ""
        return books.flow(row.code, view, _to_first_hole(_tail(value)), reporter, "CN")
    concept = "imports_general" if row.code == "US" else None
    china, world = (customs.series(books.cells, reporter, code, concept=concept) for code in ("CN", partners.WORLD))
    others = {"share": without_lumps((world - china).dropna(), books.lumps, reporter)}
    if row.code == "US":
        named = [customs.series(books.cells, "US", code, concept=concept) for code in US_NAMED_ORIGINS]
        others["share of six origins"] = sum(named[1:], named[0]).dropna()
    return books.flow(row.code, view, china, reporter, "CN", **others)


def _chinas_months(row: Destination, books: _Books) -> Flow | None:
    """Return China's exports to a partner, a bloc in constant composition; nothing without an unbroken past."""
    partner = row.cells or row.code
    mine = books.cells[(books.cells["partner_code"] == partner) & (books.cells["product_code"] == "TOTAL")]
    value = customs.series(mine, "CN", partner)
    if row.standing != "mixed":
        if unbroken(value) < LONG:
            return None
        value = _tail(value)
    value = _to_first_hole(value)
    members = f", {row.members}" if row.members else ""
    return books.flow(row.code, f"exporter: China's customs{members}", value, "CN", partner)


def _euro_area(row: Destination, books: _Books) -> Flow:
    """Return the euro area's manufactures."""
    sections = [customs.series(books.cells, "EA20", "CN", product=section) for section in EURO_SECTIONS]
    euro = books.flow(row.code, PROXY, sum(sections[1:], sections[0]).dropna(), "EA20", "CN")
    return replace(euro, half_unit=float("nan"))  # it bears no plain gap, of which alone a rounding is asked


# Quarters are no months: helpers.excess takes them. The difference rests on two others.
_VIEWS: dict[View, Callable[[Destination, _Books], Flow | None]] = {
    "own": _own_customs, "china": _chinas_months, "proxy": _euro_area,
}  # fmt: skip


def counted_by_both(cells: pd.DataFrame) -> list[str]:
    """Return the countries that both China's customs and their own count over a long past; blocs change members."""
    found = list(codes("calibrated"))
    for row in DESTINATIONS:
        if row.standing == "long past" and "own" in row.views and not row.cells:
            own = customs.series(cells, row.code, "CN", concept="imports")
            if unbroken(own) >= LONG and len(customs.series(cells, "CN", row.code)):
                found.append(row.code)
    return found


def unbroken(value: pd.Series, last: str = BEFORE_TARIFFS) -> int:
    """Count the months without a gap that end in ``last``; 0 when that month is missing."""
    held = value.loc[:last].dropna()
    if held.empty or str(held.index[-1]) != last:
        return 0
    gaps = np.flatnonzero(np.diff(held.index.asi8) != 1)
    return len(held) - (gaps[-1] + 1 if len(gaps) else 0)


def _tail(value: pd.Series) -> pd.Series:
    """Return a series from its last gap before the tariffs on."""
    return value.iloc[len(value.loc[:BEFORE_TARIFFS]) - unbroken(value) :]


def _to_first_hole(value: pd.Series) -> pd.Series:
    """Return a series as far as it is unbroken after the past; later months wait until the hole is filled.

    China's customs print January and February as one figure; the two months come weeks after March.
    """
    late = value.index[value.index >= pd.Period(BEFORE_TARIFFS, "M")]
    holes = np.flatnonzero(np.diff(late.asi8) != 1)
    return value.loc[: late[holes[0]]] if len(holes) else value


def by_quarter(quarters: pd.DataFrame, code: str) -> Flow:
    """Return China's exports to a destination by quarter, USD billion. Assumption A5.

    Parameters
    ----------
    quarters
        ``customs_quarterly``.
    code
        A destination whose views name the quarters.

    Returns
    -------
    Flow
        Its value's index is the last month of each quarter; a bloc in constant composition.

    Raises
    ------
    Refusal
        If the table holds no quarter of it, or one twice.
    """
    row = BY_CODE[code]
    partner = row.cells or code
    held = quarters[quarters["partner_code"] == partner]
    if held.empty or held["period"].duplicated().any():
        found = f"no quarter of {row.name} is held" if held.empty else f"a quarter of {row.name} stands twice"
        raise Refusal(
            found, expected=f"one figure a quarter; held are {', '.join(sorted(quarters['partner_code'].unique()))}",
            remedy=f'take "quarters" out of the views of {code} in src/helpers/destination_list.py' if held.empty
            else "take one away", file="table customs_quarterly", exit_code=1,
        )  # fmt: skip
    index = pd.PeriodIndex(held["period"], freq="M", name="period")
    value = pd.Series(held["value_mn"].to_numpy() / 1e3, index=index).sort_index()
    members = f"{row.members}, " if row.members else ""
    return Flow(
        code, f"exporter, quarters: {members}workbook without a publisher, 2022 as first printed", value, {}, "USD",
        str(held["evidence_grade"].max()), f"CN/{code}/exports/quarter/{value.index[0]}..{value.index[-1]}",
    )  # fmt: skip


def _importer_lacks(code: str, own: pd.DataFrame) -> str:
    """Say why the importer's own count does not stand in for China's."""
    if code not in own.index:
        return "no importer's series in the ledger"
    last = str(own.loc[code, "max"])
    return f"the importer's own series ({own.loc[code, 'nunique']} months) ends in {month_name(last)}"


def accounting_only(cells: pd.DataFrame, flows: dict[str, Flow], needed: int) -> pd.DataFrame:
    """List the partners that no view holds enough months for, with the reason.

    Parameters
    ----------
    cells
        ``customs_monthly``.
    flows
        From :func:`flows`: what is estimated is not listed, what stands in the list of destinations always is.
    needed
        Months that training and window would need.

    Returns
    -------
    pandas.DataFrame
        ``destination_code``, ``months`` (in China's customs), ``reason``.
    """
    exports = cells[
        (cells["reporter_code"] == "CN") & (cells["flow"] == "exports") & (cells["currency"] == "USD")
        & cells["is_preferred"]
    ]  # fmt: skip
    exports = exports.assign(code=exports["partner_code"].map(partners.family_of))
    months, years = (exports[exports["period_kind"] == kind] for kind in ("month", "year"))
    imports = cells[
        (cells["partner_code"] == "CN") & (cells["flow"] == "imports") & (cells["period_kind"] == "month")
        & (cells["product_code"] == "TOTAL") & cells["is_preferred"]
    ]  # fmt: skip
    own = imports.groupby("reporter_code")["period"].agg(["nunique", "max"])
    known = months.groupby("code")["period"].nunique()
    seen = {*flows, *(row.code for row in DESTINATIONS if "quarters" in row.views)}
    return pd.DataFrame(
        [
            {"destination_code": code, "months": int(known.get(code, 0)),
             "reason": f"accounting only: {_months_known(known.get(code, 0), needed, years[years['code'] == code])}, "
             f"and {_importer_lacks(code, own)}"}
            for code in sorted({*known.index, *ORDER} - seen)
        ]
    )  # fmt: skip


def _months_known(count: int, needed: int, years: pd.DataFrame) -> str:
    """Say how many months are known of those needed, or that only years are."""
    if count:
        return f"{count} of {needed} months known"
    held = sorted({int(period[:4]) for period in years["period"]})
    return f"held by year only, {held[0]} to {held[-1]}" if held else "no month known"
