"""Which series stands for which destination: whose customs, in which currency, against which other origins.

A destination is estimated in the view that holds enough months. The EU is seen through its own customs where they hold
an unbroken past, else through China's, else through the euro area's manufactures (SITC 5 to 8); ASEAN through China's
months, else through quarters. Which it is, is said wherever it appears. Everything else is accounting only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import customs, partners
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
        US, AU, EU (a proxy where nothing better is held), NON_US (mixed), WORLD, and ASEAN where its months are held.
    """

    def converted(series_mn: pd.Series, own: str) -> tuple[pd.Series, str]:
        target = own if currency == "partner" else currency
        return money.convert(series_mn, controls, own, target) / 1e3, target

    def importer(code: str, concept: str | None, others: dict[str, pd.Series]) -> Flow:
        own = money.OWN_CURRENCY[code]
        value, target = converted(customs.series(cells, code, "CN", concept=concept), own)
        return Flow(
            code, f"importer: customs of {'the United States' if code == 'US' else partners.name_of(code)}", value,
            {name: converted(other, own)[0] for name, other in others.items()}, target,
            _grade(cells, code, "CN"), f"{code}/CN/imports/month/{value.index[0]}..{value.index[-1]}",
            float(converted(pd.Series(_half_unit(cells, code, "CN"), value.index), own)[0].max()),
        )  # fmt: skip

    us_china = customs.series(cells, "US", "CN", concept="imports_general")
    us_world = customs.series(cells, "US", partners.WORLD, concept="imports_general")
    named = [customs.series(cells, "US", code, concept="imports_general") for code in US_NAMED_ORIGINS]
    au_china, au_world = customs.series(cells, "AU", "CN"), customs.series(cells, "AU", partners.WORLD)
    found_flows = {
        "US": importer(
            "US", "imports_general",
            {
                "share": without_lumps((us_world - us_china).dropna(), found, "US"),
                "share of six origins": sum(named[1:], named[0]).dropna(),
            },
        ),
        "AU": importer("AU", None, {"share": without_lumps((au_world - au_china).dropna(), found, "AU")}),
    }  # fmt: skip
    found_flows["EU"] = _european_union(cells, converted)
    if (asean := _exports_to(cells, "ASEAN10", converted)) is not None:
        found_flows["ASEAN"] = replace(asean, code="ASEAN", view="exporter: China's customs, ten members")
    world, target = converted(_to_first_hole(customs.series(cells, "CN", partners.WORLD)), "USD")
    found_flows["WORLD"] = Flow(
        "WORLD", "exporter: China's customs", world, {}, target, _grade(cells, "CN", partners.WORLD),
        f"CN/WORLD/exports/month/{world.index[0]}..{world.index[-1]}",
        float(converted(pd.Series(_half_unit(cells, "CN", partners.WORLD), world.index), "USD")[0].max()),
    )  # fmt: skip
    rest = (world - found_flows["US"].value).dropna()
    found_flows["NON_US"] = Flow(
        "NON_US", "mixed: China's total less US customs' imports from China", rest, {}, target,
        found_flows["WORLD"].evidence_grade, f"{found_flows['WORLD'].inputs};{found_flows['US'].inputs}",
        found_flows["WORLD"].half_unit + found_flows["US"].half_unit,
    )  # fmt: skip
    return found_flows


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


def _exports_to(cells: pd.DataFrame, bloc: str, converted: Callable) -> Flow | None:
    """Return China's exports to a bloc of constant composition; nothing without an unbroken past."""
    mine = cells[(cells["partner_code"] == bloc) & (cells["product_code"] == "TOTAL")]
    value = customs.series(mine, "CN", bloc)
    if unbroken(value) < LONG:
        return None
    value, target = converted(_to_first_hole(_tail(value)), "USD")
    return Flow(
        bloc, "exporter: China's customs", value, {}, target, _grade(cells, "CN", bloc),
        f"CN/{bloc}/exports/month/{value.index[0]}..{value.index[-1]}",
        float(converted(pd.Series(_half_unit(cells, "CN", bloc), value.index), "USD")[0].max()),
    )  # fmt: skip


def _european_union(cells: pd.DataFrame, converted: Callable) -> Flow:
    """Return the EU's own customs, else China's, else the euro area's manufactures: the first that has a past."""
    own = customs.series(cells, "EU27", "CN", product="TOTAL", concept="imports")
    if unbroken(own) >= LONG:
        value, target = converted(_tail(own), "EUR")
        return Flow(
            "EU", "importer: customs of the EU, China without Hong Kong", value, {}, target,
            _grade(cells, "EU27", "CN"), f"EU27/CN/imports/month/{value.index[0]}..{value.index[-1]}",
            float(converted(pd.Series(_half_unit(cells, "EU27", "CN"), value.index), "EUR")[0].max()),
        )  # fmt: skip
    if (exports := _exports_to(cells, "EU27", converted)) is not None:
        return replace(exports, code="EU", view="exporter: China's customs, 27 members")
    sections = [customs.series(cells, "EA20", "CN", product=section) for section in EURO_SECTIONS]
    euro, target = converted(sum(sections[1:], sections[0]).dropna(), "EUR")
    return Flow(
        "EU", PROXY, euro, {}, target, _grade(cells, "EA20", "CN"),
        f"EA20/CN/imports/month/{euro.index[0]}..{euro.index[-1]}",
    )  # fmt: skip


def asean_quarters(quarters: pd.DataFrame) -> pd.Series:
    """Return China's exports to ASEAN10 by quarter, USD billion, index the last month of the quarter. Assumption A5."""
    held = quarters[quarters["partner_code"] == "ASEAN10"]
    if held["period"].duplicated().any():
        raise Refusal(
            "a quarter of ASEAN stands twice", expected="one figure a quarter", remedy="take one away",
            file="table customs_quarterly",
        )  # fmt: skip
    index = pd.PeriodIndex(held["period"], freq="M", name="period")
    return pd.Series(held["value_mn"].to_numpy() / 1e3, index=index).sort_index()


def _importer_lacks(code: str, own: pd.DataFrame) -> str:
    """Say why the importer's own count does not stand in for China's."""
    if code not in own.index:
        return "no importer's series in the ledger"
    last = str(own.loc[code, "max"])
    return f"the importer's own series ({own.loc[code, 'nunique']} months) ends in {month_name(last)}"


def accounting_only(cells: pd.DataFrame, needed: int) -> pd.DataFrame:
    """List the partners that no view holds enough months for, with the reason.

    Parameters
    ----------
    needed
        Months that training and window would need.

    Returns
    -------
    pandas.DataFrame
        ``destination_code``, ``months`` (in China's customs), ``reason``.
    """
    months = cells[
        (cells["reporter_code"] == "CN") & (cells["flow"] == "exports") & (cells["period_kind"] == "month")
        & (cells["currency"] == "USD") & cells["is_preferred"]
    ]  # fmt: skip
    known = months.assign(code=months["partner_code"].map(partners.family_of)).groupby("code")["period"].nunique()
    imports = cells[
        (cells["partner_code"] == "CN") & (cells["flow"] == "imports") & (cells["period_kind"] == "month")
        & (cells["product_code"] == "TOTAL") & cells["is_preferred"]
    ]  # fmt: skip
    own = imports.groupby("reporter_code")["period"].agg(["nunique", "max"])
    known = known.drop([code for code in ("US", "AU", "EU", "ASEAN", partners.WORLD) if code in known])
    return pd.DataFrame(
        [
            {"destination_code": code, "months": int(count),
             "reason": f"accounting only: {count} of {needed} months known, and {_importer_lacks(code, own)}"}
            for code, count in known.items()
        ]
    )  # fmt: skip
