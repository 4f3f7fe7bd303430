"""One flow on two customs' books: how far the importer's count of China's goods is from China's, and since when.

The log gap is ``m = ln(importer's count / China's count)``, given in log points (100 ln). Its level mixes valuation,
transit and territory and says little; its change is the finding. Changes of money are taken apart with logarithmic
means (Vartia 1976), which leaves no remainder: the importer's change less China's change is what an unchanged ``m``
would have given, plus what the change of ``m`` gives.

A span is held against the same months of the last year of training, so that goods brought forward are not its base.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import customs, spans
from helpers.front_loading import DESTINATIONS
from helpers.trials import base_months

BASE_YEARS = (2017, 2024)
LEVEL, DERIVED = "level", "level and printed rate"
LENGTH = {"month": 1, "jan_feb": 2, "quarter": 3, "year": 12}


def exporter_months(cells: pd.DataFrame, growth: pd.DataFrame, partner: str) -> pd.DataFrame:
    """Return China's monthly exports to a partner; a level and its printed rate give the month a year before.

    Parameters
    ----------
    cells, growth
        ``customs_monthly``, ``customs_growth``.
    partner
        Code of the importer.

    Returns
    -------
    pandas.DataFrame
        Index month: ``value_bn`` (USD), ``error_bn`` (half the last printed digits), ``basis`` (level; level and
        printed rate), ``evidence_grade``. Months that nobody printed are absent.
    """
    held = cells[
        (cells["reporter_code"] == "CN") & (cells["partner_code"] == partner) & (cells["flow"] == "exports")
        & (cells["period_kind"] == "month") & (cells["currency"] == "USD") & cells["is_preferred"]
    ]  # fmt: skip
    found = {
        row.period: (row.value_mn / 1e3, row.abs_error_mn / 1e3, LEVEL, row.evidence_grade)
        for row in held.itertuples(index=False)
    }
    rates = growth[
        (growth["reporter_code"] == "CN") & (growth["partner_code"] == partner) & (growth["flow"] == "exports")
        & (growth["period_kind"] == "month") & (growth["currency"] == "USD")
    ]  # fmt: skip
    for row in rates.itertuples(index=False):
        before = f"{int(row.period[:4]) - 1}{row.period[4:]}"
        if row.period in found and before not in found:
            value, error, _, grade = found[row.period]
            factor = 1 + row.yoy_pct / 100
            error = error / factor + value * row.half_unit_pp / 100 / factor**2
            found[before] = (value / factor, error, DERIVED, grade)
    frame = pd.DataFrame.from_dict(found, orient="index", columns=["value_bn", "error_bn", "basis", "evidence_grade"])
    frame.index = pd.PeriodIndex(frame.index, freq="M", name="period")
    return frame.sort_index()


def importer_months(cells: pd.DataFrame, controls: pd.DataFrame, code: str) -> pd.Series:
    """Return an importer's monthly imports from China, billions of dollars at monthly average rates."""
    own = customs.series(cells, code, "CN", concept="imports_general" if code == "US" else None) / 1e3
    return money.convert(own, controls, money.OWN_CURRENCY[code], "USD")


def later(importer: pd.Series) -> pd.Series:
    """Count arrivals in the month before: a ship needs about a month, so this dates them by departure."""
    return pd.Series(importer.to_numpy(), index=importer.index - 1)


def by_month(series: pd.Series) -> dict[int, float]:
    """Return the values of a monthly series by the number of the month."""
    return dict(zip(series.index.astype("int64"), series.to_numpy(), strict=True))


def total(held: dict[int, float], wanted: pd.PeriodIndex) -> float:
    """Sum of the wanted months of :func:`by_month`, NaN when one of them is missing."""
    return float(sum(held.get(month, np.nan) for month in wanted.astype("int64")))


def _gap(importer: float, exporter: float) -> float:
    return 100 * float(np.log(importer / exporter))


def gaps(exporter: dict[str, pd.DataFrame], importer: dict[str, pd.Series], cells: pd.DataFrame,
         quarters: pd.DataFrame, *, month: str) -> pd.DataFrame:  # fmt: skip
    """Return the log gap of the two counts wherever China's figure is printed or follows from a printed rate.

    Parameters
    ----------
    exporter, importer
        Importer to :func:`exporter_months` and to :func:`importer_months`.
    cells, quarters
        ``customs_monthly`` and ``customs_quarterly``: two-month, quarterly and yearly cells.
    month
        Month of the report: later periods are left out, later arrivals of it are not.

    Returns
    -------
    pandas.DataFrame
        Table ``mirror_gaps``, key ``reporter_code``, ``period_kind`` (month, jan_feb, quarter, year), ``period`` (last
        month): ``exporter_bn``, ``importer_bn``, ``importer_later_bn`` (arrivals a month later), ``ratio``,
        ``log_gap_pct``, ``log_gap_later_pct`` (log points), ``rounding_pct`` (of China's figure), ``basis``,
        ``evidence_grade``, ``inputs``; the columns of later arrivals are empty where these are not out yet.
    """
    rows = []
    for code in DESTINATIONS:
        held = by_month(importer[code])
        for (kind, period), (value, error, basis, grade) in _printed(exporter[code], cells, quarters, code).items():
            last = pd.Period(period, "M").ordinal
            span = range(last - LENGTH[kind] + 1, last + 1)
            here, after = (sum(held.get(at + shift, np.nan) for at in span) for shift in (0, 1))
            if np.isnan(here) or period > month:
                continue
            rows.append(
                {
                    "reporter_code": code, "period_kind": kind, "period": period, "exporter_bn": value,
                    "importer_bn": here, "importer_later_bn": after, "ratio": here / value,
                    "log_gap_pct": _gap(here, value), "log_gap_later_pct": _gap(after, value),
                    "rounding_pct": 100 * error / value, "basis": basis, "evidence_grade": grade,
                    "inputs": f"CN/{code}/exports/{kind}/{period};{code}/CN/imports/month/{period}",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _printed(months: pd.DataFrame, cells: pd.DataFrame, quarters: pd.DataFrame, code: str) -> dict:
    """China's figures by (kind, last month): printed cells first, sums of months where a longer cell is not printed."""
    found = {("month", str(row.Index)): tuple(row)[1:] for row in months.itertuples()}
    for frame, kinds in ((cells, ("jan_feb", "year")), (quarters, ("quarter",))):
        chosen = frame[
            (frame["reporter_code"] == "CN") & (frame["partner_code"] == code) & (frame["flow"] == "exports")
            & frame["period_kind"].isin(kinds) & (frame["currency"] == "USD")
        ]  # fmt: skip
        chosen = chosen[chosen["is_preferred"]] if "is_preferred" in chosen else chosen
        for row in chosen.itertuples(index=False):
            found[row.period_kind, row.period] = (
                row.value_mn / 1e3, row.abs_error_mn / 1e3, "printed", row.evidence_grade
            )  # fmt: skip
    _add_up(found, "jan_feb", "month", 2, "02")
    _add_up(found, "year", "month", 12, "12")
    _add_up(found, "year", "quarter", 12, "12")
    return found


def _add_up(found: dict, kind: str, part: str, length: int, end: str) -> None:
    """Add up months or quarters to a longer figure that is not printed, where all parts are held."""
    step = {"month": 1, "quarter": 3}[part]
    for period in sorted({held for other, held in found if other == part and held.endswith(end)}):
        inside = [str(pd.Period(period, "M") - back) for back in range(0, length, step)]
        if (kind, period) in found or any((part, held) not in found for held in inside):
            continue
        values, errors, bases, grades = zip(*(found[part, held] for held in inside), strict=True)
        derived = ", some from printed rates" if DERIVED in bases else ""
        found[kind, period] = (sum(values), sum(errors), f"{part}s added{derived}", max(grades))


def log_mean(now: float, before: float) -> float:
    """Logarithmic mean of two positive numbers: their difference over the difference of their logarithms (Vartia)."""
    return now if now == before else (now - before) / float(np.log(now / before))


def changes(exporter: dict[str, pd.DataFrame], importer: dict[str, pd.Series], gap_table: pd.DataFrame, *,
            train_end: str, month: str) -> pd.DataFrame:  # fmt: skip
    """Take the difference of the two counts' changes apart: what an unchanged gap gives, what its change gives.

    Parameters
    ----------
    exporter, importer, gap_table
        As for :func:`gaps`, and its result (years and, for Australia, quarters).
    train_end, month
        End of training, month of the report.

    Returns
    -------
    pandas.DataFrame
        Table ``mirror_changes``, key ``reporter_code``, ``span`` (W1 .., year 2016 .., quarter ..), ``against``
        (``year to <train_end>``: same months, windows only; ``a year before``; ``2017``, ``2024``: years), ``arrivals``
        (same month, a month later). ``first_month``, ``last_month``; ``exporter_bn``, ``exporter_before_bn``,
        ``importer_bn``, ``importer_before_bn``; ``log_gap_pct``, ``log_gap_before_pct``, ``log_gap_change_pct`` (log
        points); ``exporter_change_bn``, ``importer_change_bn``, ``difference_bn`` (importer's less China's) =
        ``unchanged_gap_bn`` + ``gap_change_bn``; ``gap_change_new_bn`` and ``gap_change_old_bn``, the same part with
        the change of the ratio weighted at China's new and old volume instead: exports that moved while the gap moved
        leave it open between the two; ``reason`` (empty unless a month is missing; money is then empty).
    """
    rows = []
    for code in DESTINATIONS:
        ours = by_month(exporter[code]["value_bn"])
        counts = {"same month": by_month(importer[code]), "a month later": by_month(later(importer[code]))}
        for arrivals, theirs in counts.items():
            for span, (first, last) in spans.windows(month).items():
                now = pd.period_range(first, last, freq="M")
                bases = {f"year to {train_end}": base_months(now, train_end), "a year before": now - 12}
                for against, base in bases.items():
                    sums = [total(side, at) for at in (now, base) for side in (ours, theirs)]
                    missing = len({*now.astype("int64"), *base.astype("int64")} - set(ours))
                    row = {"reporter_code": code, "span": span, "against": against, "arrivals": arrivals,
                           "first_month": first, "last_month": last}  # fmt: skip
                    rows.append(row | _decomposed(*sums, f"China's count lacks {missing} of the months"))
            rows += _year_rows(gap_table, code, arrivals)
    return pd.DataFrame(rows)


def _year_rows(gap_table: pd.DataFrame, code: str, arrivals: str) -> list[dict]:
    """Years and quarters against the base years and against a year before."""
    column = "importer_bn" if arrivals == "same month" else "importer_later_bn"
    rows = []
    for kind in ("year", "quarter"):
        mine = gap_table[(gap_table["reporter_code"] == code) & (gap_table["period_kind"] == kind)]
        held = mine.set_index("period")[["exporter_bn", column]].dropna()
        for period in held.index:
            year = int(period[:4])
            named = {f"{year - 1}{period[4:]}": "a year before"}
            if kind == "year":
                named |= {f"{base}-12": str(base) for base in BASE_YEARS}
            for before, against in named.items():
                if before in held.index and before < period:
                    rows.append(
                        {"reporter_code": code, "span": f"{kind} {year if kind == 'year' else period}",
                         "against": against, "arrivals": arrivals,
                         "first_month": str(pd.Period(period, "M") - LENGTH[kind] + 1), "last_month": period}
                        | _decomposed(*held.loc[period], *held.loc[before], "")
                    )  # fmt: skip
    return rows


def _decomposed(ours: float, theirs: float, ours_before: float, theirs_before: float, missing: str) -> dict:
    row = {"exporter_bn": ours, "exporter_before_bn": ours_before, "importer_bn": theirs,
           "importer_before_bn": theirs_before}  # fmt: skip
    if np.isnan([ours, theirs, ours_before, theirs_before]).any():
        return row | {"reason": missing}
    now, before = _gap(theirs, ours), _gap(theirs_before, ours_before)
    weight, moved = log_mean(theirs, theirs_before), theirs / ours - theirs_before / ours_before
    return row | {
        "log_gap_pct": now, "log_gap_before_pct": before, "log_gap_change_pct": now - before,
        "exporter_change_bn": ours - ours_before, "importer_change_bn": theirs - theirs_before,
        "difference_bn": (theirs - theirs_before) - (ours - ours_before),
        "unchanged_gap_bn": (weight - log_mean(ours, ours_before)) * float(np.log(ours / ours_before)),
        "gap_change_bn": weight * (now - before) / 100, "gap_change_new_bn": ours * moved,
        "gap_change_old_bn": ours_before * moved, "reason": "",
    }  # fmt: skip
