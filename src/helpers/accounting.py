"""What happened, without a model: contributions, the arithmetic ceiling, the two sides of one flow.

No sentence from here says "diverted". A change against last year is an accounting change and nothing more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import customs, destinations, partners, periods

MAIN_PARTNERS = ("US", "EU", "ASEAN", "AU", "WORLD")


def printed_growth(growth: pd.DataFrame, partner: str, period: str, kind: str, *, flow: str = "exports",
                   currency: str = "USD") -> dict | None:  # fmt: skip
    """Return the preferred printed growth rate of China's flow with a partner, or None."""
    found = growth[
        (growth["reporter_code"] == "CN")
        & growth["partner_code"].isin(partners.codes_of(partner))
        & (growth["flow"] == flow)
        & (growth["period"] == period)
        & (growth["period_kind"] == kind)
        & (growth["currency"] == currency)
    ]
    return None if found.empty else found.iloc[0].to_dict()


def _year_before(period: str) -> str:
    return f"{int(period[:4]) - 1}{period[4:]}"


def _by_cell(table: pd.DataFrame) -> dict[tuple[str, str, str], dict]:
    """Return the rows on China's exports in dollars by partner (families under their name), kind and period."""
    held = table[(table["reporter_code"] == "CN") & (table["flow"] == "exports") & (table["currency"] == "USD")]
    held = held[~partners.not_of_its_time(held["partner_code"], held["period"])]
    found: dict[tuple[str, str, str], dict] = {}
    for row in held.to_dict("records"):
        found.setdefault((partners.family_of(row["partner_code"]), row["period_kind"], row["period"]), row)
    return found


def _sum_of_months(levels: dict, partner: str, first: str, last: str) -> tuple[float, float, str] | None:
    """Add up months: value, rounding error and weakest evidence grade; None when a month is missing."""
    held = [levels.get((partner, "month", month)) for month in periods.month_range(first, last)]
    if None in held:
        return None
    value, error = (float(np.sum([row[column] for row in held])) for column in ("value_mn", "abs_error_mn"))
    return value, error, max(row["evidence_grade"] for row in held)


def accounting_change(
    cells: pd.DataFrame, growth: pd.DataFrame, spans: dict[str, tuple[str, str, str]]
) -> pd.DataFrame:
    """Change against the same period a year before, per partner, with its contribution to the total. Assumption A19.

    Parameters
    ----------
    cells
        ``customs_monthly``.
    growth
        ``customs_growth``: one printed rate per cell.
    spans
        Name to ``(first month, last month, kind)``; kind is ``month``, ``ytd`` or ``year`` for a printed cell, or
        ``months`` for a sum of months.

    Returns
    -------
    pandas.DataFrame
        A row per span and partner: ``value_usd_bn``, ``before_usd_bn``, ``change_usd_bn``, ``growth_pct``,
        ``growth_low_pct`` and ``growth_high_pct`` (range allowed by the roundings), ``contribution_pp`` to the growth
        of the total, ``share_pct`` of the total, ``basis`` (how the year before is known), ``other_print_pct`` when
        another place prints another rate, ``evidence_grade``, ``inputs``. ``NON_US`` is the total less the US.
    """
    codes = sorted({partners.family_of(code) for code in cells.loc[cells["reporter_code"] == "CN", "partner_code"]})
    levels, rates = _by_cell(cells[cells["is_preferred"]]), _by_cell(growth)
    rows = []
    for span, (first, last, kind) in spans.items():
        known = [_change_of(levels, rates, code, first, last, kind) for code in codes]
        frame = pd.DataFrame([row for row in known if row])
        if frame.empty:
            continue
        total = frame[frame["partner_code"] == partners.WORLD]
        us = frame[frame["partner_code"] == "US"]
        if len(total) and len(us):
            frame = pd.concat([frame, _difference(total.iloc[0], us.iloc[0])], ignore_index=True)
        if len(total):
            frame["contribution_pp"] = 100 * frame["change_usd_bn"] / total["before_usd_bn"].iloc[0]
            frame["share_pct"] = 100 * frame["value_usd_bn"] / total["value_usd_bn"].iloc[0]
        rows.append(frame.assign(span=span, first_month=first, last_month=last))
    return pd.concat(rows, ignore_index=True)


def _change_of(levels: dict, rates: dict, code: str, first: str, last: str, kind: str) -> dict | None:
    base = {"partner_code": code, "other_print_pct": np.nan}
    if kind == "months":
        now = _sum_of_months(levels, code, first, last)
        before = _sum_of_months(levels, code, _year_before(first), _year_before(last))
        if now is None or before is None:
            return None
        months = f"CN/{code}/exports/month"
        inputs = f"{months}/{first}..{last};{months}/{_year_before(first)}..{_year_before(last)}"
        return base | _change(now[0], before[0], now[1], before[1]) | {
            "basis": "levels, months added", "evidence_grade": max(now[2], before[2]), "inputs": inputs,
        }  # fmt: skip
    now, before = levels.get((code, kind, last)), levels.get((code, kind, _year_before(last)))
    rate = rates.get((code, kind, last))
    if kind in ("ytd", "year") and now is None:
        # The cumulative figure is not printed: the months may add up to it.
        start = f"{last[:4]}-01"
        return _change_of(levels, rates, code, start, last, "months")
    if rate is not None:
        base["other_print_pct"] = rate["other_pct"]
    cell = f"CN/{code}/exports/{kind}/{last}"
    if now and before:
        inputs = f"{cell};CN/{code}/exports/{kind}/{_year_before(last)}"
        return base | _change(now["value_mn"], before["value_mn"], now["abs_error_mn"], before["abs_error_mn"]) | {
            "basis": "levels" if not (now["is_derived"] or before["is_derived"]) else "levels, from yuan",
            "evidence_grade": max(now["evidence_grade"], before["evidence_grade"]), "inputs": inputs,
        }  # fmt: skip
    if now and rate:
        g, half = rate["yoy_pct"] / 100, rate["half_unit_pp"] / 100
        before_value = now["value_mn"] / (1 + g)
        spread = now["value_mn"] * half / (1 + g) ** 2
        return base | _change(now["value_mn"], before_value, now["abs_error_mn"], spread) | {
            "growth_pct": rate["yoy_pct"], "growth_low_pct": 100 * (g - half), "growth_high_pct": 100 * (g + half),
            "basis": "level and printed rate", "evidence_grade": now["evidence_grade"], "inputs": f"{cell};{cell}@yoy",
        }  # fmt: skip
    if rate:
        return base | {
            "value_usd_bn": np.nan, "before_usd_bn": np.nan, "change_usd_bn": np.nan, "growth_pct": rate["yoy_pct"],
            "growth_low_pct": rate["yoy_pct"] - rate["half_unit_pp"],
            "growth_high_pct": rate["yoy_pct"] + rate["half_unit_pp"],
            "basis": "printed rate only", "evidence_grade": "B" if rate["places"] > 1 else "C", "inputs": f"{cell}@yoy",
        }  # fmt: skip
    return None


def _change(now: float, before: float, error: float, error_before: float) -> dict:
    return {
        "value_usd_bn": now / 1e3,
        "before_usd_bn": before / 1e3,
        "change_usd_bn": (now - before) / 1e3,
        "growth_pct": 100 * (now / before - 1),
        "growth_low_pct": 100 * ((now - error) / (before + error_before) - 1),
        "growth_high_pct": 100 * ((now + error) / (before - error_before) - 1),
    }


def _difference(total: pd.Series, us: pd.Series) -> pd.DataFrame:
    row = _change(
        1e3 * (total["value_usd_bn"] - us["value_usd_bn"]), 1e3 * (total["before_usd_bn"] - us["before_usd_bn"]), 0, 0
    )
    row |= {
        "partner_code": "NON_US", "basis": "total less United States", "other_print_pct": np.nan,
        "evidence_grade": max(total["evidence_grade"], us["evidence_grade"]),
        "inputs": f"{total['inputs']};{us['inputs']}",
    }  # fmt: skip
    return pd.DataFrame([row])


def rise_before(cells: pd.DataFrame, spans: dict[str, tuple[str, str]]) -> dict[str, float]:
    """How much exports outside the US had risen a year earlier: China's total less what US customs count.

    Parameters
    ----------
    cells
        ``customs_monthly``.
    spans
        Name to (first month, last month).

    Returns
    -------
    dict
        Name to the rise of the same months of the year before on the year before that, USD billion; NaN where a month
        is missing.
    """
    rest = customs.series(cells, "CN", partners.WORLD) - customs.series(cells, "US", "CN", concept="imports_general")
    found = {}
    for name, (first, last) in spans.items():
        before = pd.period_range(first, last, freq="M") - 12
        found[name] = (_total(rest, before) - _total(rest, before - 12)) / 1e3
    return found


def ceiling(changes: pd.DataFrame, sides: pd.DataFrame, earlier: dict[str, float] | None = None) -> pd.DataFrame:
    """The largest share of the rise outside the US that the US loss could explain if every dollar had been diverted.

    Assumption A17.

    Defined only where exports to the US fell and the rest rose; it bounds the share of the *rise*, not of the loss,
    and compares with last year's level, not with a trend. It is given on both sides of the US flow: by China's
    customs alone; mixed, with the loss as US customs count it (arrivals in the same months, or a month later) and the
    rest as China's total less that; and most favourable, the larger US count of the loss over China's count of the
    rise. Beside the mixed count stands the rise of the year before: above it the loss can be larger than the rise, and
    then nothing is bounded.

    Parameters
    ----------
    changes
        From :func:`accounting_change`.
    sides
        From :func:`two_sides`; spans are matched by name.
    earlier
        From :func:`rise_before`.

    Returns
    -------
    pandas.DataFrame
        Per span and side (``exporter``, ``mixed``, ``mixed, a month later``, ``most favourable``):
        ``us_change_usd_bn``, ``non_us_change_usd_bn``, ``ceiling_pct`` (NaN where not defined), ``reason``;
        ``rise_before_usd_bn`` and ``above_pct``, the loss over the rise above that (``mixed`` only; NaN where it is
        not above); ``inputs``.
    """
    rows = []
    for (span, first, last), group in changes.groupby(["span", "first_month", "last_month"], sort=False):
        us, rest = group[group["partner_code"] == "US"], group[group["partner_code"] == "NON_US"]
        if us.empty or rest.empty:
            continue
        counted = float(rest["change_usd_bn"].iloc[0])
        losses = {"exporter": (-us["change_usd_bn"].iloc[0], counted, rest["inputs"].iloc[0])}
        importer = sides[(sides["reporter_code"] == "US") & (sides["span"] == span)]
        if len(importer) and not np.isnan(importer["importer_change_usd_bn"].iloc[0]):
            inputs = f"{importer['inputs'].iloc[0]};{rest['inputs'].iloc[0]}"
            total = us["change_usd_bn"].iloc[0] + counted
            same, later = (-float(importer[f"importer_{when}change_usd_bn"].iloc[0]) for when in ("", "later_"))
            losses["mixed"] = (same, total + same, inputs)
            if not np.isnan(later):
                losses["mixed, a month later"] = (later, total + later, inputs)
            losses["most favourable"] = (float(np.nanmax([same, later])), counted, inputs)
        for side, (loss, rise, inputs) in losses.items():
            defined = loss > 0 and rise > 0
            reason = (
                "" if defined else "exports to the US did not fall" if loss <= 0 else "exports elsewhere did not rise"
            )
            known = (earlier or {}).get(span, np.nan) if side == "mixed" else np.nan
            rows.append(
                {
                    "span": span, "side": side, "first_month": first, "last_month": last, "us_change_usd_bn": -loss,
                    "non_us_change_usd_bn": rise, "ceiling_pct": 100 * min(1.0, loss / rise) if defined else np.nan,
                    "reason": reason, "rise_before_usd_bn": known,
                    "above_pct": 100 * loss / (rise - known) if defined and rise > known else np.nan, "inputs": inputs,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def sizes(cells: pd.DataFrame, year: str = "2023") -> pd.DataFrame:
    """Each partner's part of what China sold outside the US in a year: what a dollar spread by size would bring it.

    Parameters
    ----------
    cells
        ``customs_monthly``.
    year
        2023 is the last whole year that is printed for every partner.

    Returns
    -------
    pandas.DataFrame
        Table ``sizes``, key ``partner_code``: ``period``, ``value_usd_bn``, ``part_of_rest`` (dollars per dollar),
        ``inputs``. Empty where the US or the World is not known.
    """
    levels, world = _by_cell(cells[cells["is_preferred"]]), f"{year}-01..{year}-12"
    total, us = (
        _sum_of_months(levels, partners.WORLD, f"{year}-01", f"{year}-12"),
        levels.get(("US", "year", f"{year}-12")),
    )
    if total is None or us is None:
        return pd.DataFrame(columns=["partner_code", "period", "value_usd_bn", "part_of_rest", "inputs"])
    rest = total[0] - us["value_mn"]
    behind = f"CN/US/exports/year/{year}-12;CN/WORLD/exports/month/{world}"
    held = {code: row for (code, kind, when), row in levels.items() if (kind, when) == ("year", f"{year}-12")}
    return pd.DataFrame(
        [
            {"partner_code": code, "period": f"{year}-12", "value_usd_bn": row["value_mn"] / 1e3,
             "part_of_rest": row["value_mn"] / rest, "inputs": f"CN/{code}/exports/year/{year}-12;{behind}"}
            for code, row in sorted(held.items()) if code != "US"
        ]
    )  # fmt: skip


def growth_in_currencies(cells, growth, controls: pd.DataFrame, period: str, kind: str = "month",
                         codes: tuple[str, ...] = MAIN_PARTNERS) -> pd.DataFrame:  # fmt: skip
    """Growth of exports to each main partner, or to ``codes``, in dollars, yuan and the partner's own currency.

    Assumption A7.

    Yuan and partner figures are the dollar growth times the change of an exchange rate, so that the three columns
    differ by it alone. For the yuan it is the customs' own rate where the ledger holds the World figure in both
    currencies, else the monthly average; for partners the monthly average.

    Returns
    -------
    pandas.DataFrame
        ``partner_code``, ``usd_pct``, ``cny_pct``, ``own_currency``, ``own_pct``, ``period``, ``inputs``.
    """
    rows = []
    own_rate = _customs_rate_change(cells, period, kind)
    for code in codes:
        rate = printed_growth(growth, code, period, kind)
        if rate is None:
            continue
        own = money.OWN_CURRENCY.get(code, "")
        factor = 1 + rate["yoy_pct"] / 100
        cny = factor * (own_rate or _appreciation(controls, "CNY", period))
        local = factor * _appreciation(controls, own, period) if own else np.nan
        rows.append(
            {
                "period": period, "partner_code": code, "usd_pct": rate["yoy_pct"], "cny_pct": 100 * (cny - 1),
                "own_currency": own or "several", "own_pct": 100 * (local - 1),
                "inputs": f"CN/{code}/exports/{kind}/{period}@yoy",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _customs_rate_change(cells: pd.DataFrame, period: str, kind: str) -> float | None:
    """Change over a year of the yuan per dollar that the customs themselves used, from the World figure; or None."""
    rates = []
    for when in (period, _year_before(period)):
        world = [
            customs.series(cells, "CN", partners.WORLD, currency=currency, kind=kind).get(pd.Period(when, "M"))
            for currency in ("CNY", "USD")
        ]
        if None in world:
            return None
        rates.append(world[0] / world[1])
    return rates[0] / rates[1]


def _appreciation(controls: pd.DataFrame, currency: str, period: str) -> float:
    rates = money.per_dollar(controls, currency)
    if isinstance(rates, float):
        return 1.0
    now, before = pd.Period(period, "M"), pd.Period(_year_before(period), "M")
    return rates[now] / rates[before] if now in rates.index and before in rates.index else np.nan


def two_sides(cells: pd.DataFrame, controls: pd.DataFrame, reporter: str, spans: dict[str, tuple[str, str]],
              growth: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """One flow as China's customs and as the importer's customs report it. Assumptions A3 and A17.

    China counts departures, FOB; the importer counts arrivals, at its own valuation. They never agree exactly; the
    change of their ratio is the finding.

    Parameters
    ----------
    cells, controls, growth
        ``customs_monthly``, ``controls_monthly``, ``customs_growth``.
    reporter
        The importer: one of :func:`helpers.destinations.counted_by_both`.
    spans
        Name to (first month, last month).

    Returns
    -------
    pandas.DataFrame
        Per span: values (USD bn) and changes of both sides, ``ratio`` importer over exporter and ``ratio_before``,
        the importer's growth in its own currency and with arrivals counted a month after departures, growth of both
        against two years before, ``inputs``. A side that lacks a month is NaN; a printed growth rate
        of a single month stands in for the exporter where levels are missing.
    """
    exporter = customs.series(cells, "CN", reporter) / 1e3
    concept = "imports_general" if reporter == "US" else None
    own = customs.series(cells, reporter, "CN", concept=concept) / 1e3
    importer = money.convert(own, controls, money.OWN_CURRENCY[reporter], "USD")
    rows = []
    for span, (first, last) in spans.items():
        now = pd.period_range(first, last, freq="M")
        later = now + 1  # a ship needs about a month
        ex, ex_before = _total(exporter, now), _total(exporter, now - 12)
        im, im_before = _total(importer, now), _total(importer, now - 12)
        rate = printed_growth(growth, reporter, last, "month") if first == last else None
        exporter_pct = 100 * (ex / ex_before - 1)
        if np.isnan(exporter_pct) and rate:
            exporter_pct = rate["yoy_pct"]
        rows.append(
            {
                "reporter_code": reporter, "span": span, "first_month": first, "last_month": last,
                "exporter_usd_bn": ex, "exporter_before_usd_bn": ex_before, "exporter_change_usd_bn": ex - ex_before,
                "exporter_growth_pct": exporter_pct, "importer_usd_bn": im, "importer_before_usd_bn": im_before,
                "importer_change_usd_bn": im - im_before, "importer_growth_pct": 100 * (im / im_before - 1),
                "importer_own_growth_pct": 100 * (_total(own, now) / _total(own, now - 12) - 1),
                "own_currency": money.OWN_CURRENCY[reporter], "ratio": im / ex, "ratio_before": im_before / ex_before,
                "importer_later_change_usd_bn": _total(importer, later) - _total(importer, later - 12),
                "importer_later_growth_pct": 100 * (_total(importer, later) / _total(importer, later - 12) - 1),
                "exporter_two_years_pct": 100 * (ex / _total(exporter, now - 24) - 1),
                "importer_two_years_pct": 100 * (im / _total(importer, now - 24) - 1),
                "inputs": f"CN/{reporter}/exports/month/{first}..{last};"
                f"{reporter}/CN/imports/month/{first}..{later[-1]}",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _total(series: pd.Series, wanted: pd.PeriodIndex) -> float:
    return float(series.reindex(wanted).sum(skipna=False))


def monthly_rates(growth: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Printed monthly growth of exports to each main partner over a span: how many, lowest, mean, highest.

    The mean is of rates, not of levels: where levels are missing it is the only summary there is, and it is not the
    growth of the sum.
    """
    rows = []
    by_cell = _by_cell(growth)
    for code in MAIN_PARTNERS:
        rates = [by_cell.get((code, "month", month)) for month in periods.month_range(first, last)]
        known = pd.Series([rate["yoy_pct"] for rate in rates if rate], dtype=float)
        rows.append(
            {
                "partner_code": code, "first_month": first, "last_month": last, "months": len(known),
                "months_missing": len(rates) - len(known), "lowest_pct": known.min(), "mean_pct": known.mean(),
                "highest_pct": known.max(), "inputs": f"CN/{code}/exports/month/{first}..{last}@yoy",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def all_sides(cells: pd.DataFrame, controls: pd.DataFrame, growth: pd.DataFrame,
              spans: dict[str, tuple[str, str]]) -> pd.DataFrame:  # fmt: skip
    """Return :func:`two_sides` for every importer whose own customs the ledger holds over a long past."""
    importers = destinations.counted_by_both(cells)
    return pd.concat([two_sides(cells, controls, code, spans, growth) for code in importers], ignore_index=True)
