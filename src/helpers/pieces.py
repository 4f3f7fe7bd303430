"""What China's customs printed of one flow, piece by piece, in dollars and with the rounding of each.

A piece is a level, a year-on-year or month-on-month rate, or a quarter, of one month or of a sum of months. Identical
prints of one cell are one piece with several places; prints that differ are pieces of their own. Yuan pieces become
dollars through the World figures of the same cell.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers import partners
from helpers.customs import SOURCE_ORDER, VINTAGES
from helpers.months import month_number

FIRST = "2022-01"
MONTHS_IN = {"month": lambda at: 1, "jan_feb": lambda at: 2, "ytd": lambda at: at % 12 + 1, "year": lambda at: 12,
             "quarter": lambda at: 3}  # fmt: skip
# Where both currencies of a cell are known they differ by up to 0.15 %; see customs.usd_from_cny.
YUAN_ERROR = 0.002
KINDS = ("level", "yoy", "mom", "quarter")


class InDollars:
    """Printed figures of China's exports in dollars: yuan levels and rates through the World figure of the same cell.

    Parameters
    ----------
    levels, growth
        Preferred cells of China's exports (``customs_monthly``, ``customs_growth``), among them those of the World.
    """

    def __init__(self, levels: pd.DataFrame, growth: pd.DataFrame) -> None:
        world = levels[levels["partner_code"] == partners.WORLD]
        months = world[(world["currency"] == "USD") & (world["period_kind"] == "month")]
        self.monthly = {month_number(row.period): row.value_mn for row in months.itertuples()}
        yuan = world[world["currency"] == "CNY"]
        self.yuan = {(row.period, row.period_kind): row.value_mn for row in yuan.itertuples()}
        rates = growth[(growth["partner_code"] == partners.WORLD) & (growth["currency"] == "CNY")]
        self.yuan_rates = {(row.period, row.period_kind): 1 + row.yoy_pct / 100 for row in rates.itertuples()}

    def world(self, at: int, count: int = 1) -> float:
        """Return the World exports of ``count`` months that end in month ``at``, USD million; missing if one is."""
        return sum(self.monthly.get(month, np.nan) for month in range(at - count + 1, at + 1))

    def level(self, row) -> tuple[float, float]:
        """Return a printed level and its error, USD million; both missing where no World figure turns yuan."""
        value, error = row.value_mn, row.abs_error_mn
        if row.currency == "CNY":
            at = month_number(row.period)
            value *= self.world(at, MONTHS_IN[row.period_kind](at)) / self.yuan.get(
                (row.period, row.period_kind), np.nan
            )
            error = YUAN_ERROR * value
        return value, error

    def rate(self, row) -> tuple[float, float]:
        """Return the range of a printed year-on-year rate as a factor; a yuan rate relative to the World's."""
        low, high = (1 + (row.yoy_pct + sign * row.half_unit_pp) / 100 for sign in (-1, 1))
        if row.currency == "CNY":
            at = month_number(row.period)
            count = MONTHS_IN[row.period_kind](at)
            turned = self.world(at, count) / self.world(at - 12, count)
            turned /= self.yuan_rates.get((row.period, row.period_kind), np.nan)
            low, high = low * turned * (1 - YUAN_ERROR), high * turned * (1 + YUAN_ERROR)
        return low, high

    def quarters(self, quarters: pd.DataFrame) -> list[tuple[object, int, float, float]]:
        """Return each quarter's row, month number, value and error, USD million.

        The error adds the misfit of the workbook's total to the World figure of the quarter.
        """
        totals = quarters[quarters["partner_code"] != "ASEAN10"].groupby("period")["value_mn"].sum().to_dict()
        out = []
        for row in quarters.sort_values("period").itertuples():
            at = month_number(row.period)
            error = abs(totals[row.period] / self.world(at, 3) - 1) * row.value_mn + row.abs_error_mn
            if np.isfinite(error):
                out.append((row, at, row.value_mn, error))
        return out


def of_exports(frame: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Return the rows of China's exports of all goods from ``first`` to ``last``."""
    return frame[
        (frame["reporter_code"] == "CN") & (frame["flow"] == "exports") & (frame["product_code"] == "TOTAL")
        & frame["period"].between(first, last)
    ]  # fmt: skip


def preferred_levels(cells: pd.DataFrame) -> pd.DataFrame:
    """Return printed levels of the preferred vintage, every bloc in the composition of its time."""
    held = cells[cells["is_preferred"].astype(bool) & ~cells["is_derived"].astype(bool)]
    return held[~partners.not_of_its_time(held["partner_code"], held["period"])]


def release_pieces(rows: pd.DataFrame, cells: pd.DataFrame, checked: pd.DataFrame, growth: pd.DataFrame,
                   quarters: pd.DataFrame, *, codes: tuple[str, ...] = ("EU", "ASEAN"), first: str = FIRST,
                   last: str) -> pd.DataFrame:  # fmt: skip
    """List every printed piece of China's exports to some partners, the strongest evidence first.

    Parameters
    ----------
    rows
        From :func:`helpers.customs.read_rows`: all printed rates, not only the preferred ones.
    cells, checked, growth, quarters
        ``customs_monthly``, ``growth_checks``, ``customs_growth``, ``customs_quarterly``. A rate that its own levels
        contradict (verdict revision or misprint) is listed there and is not a piece.
    codes
        Partners and bloc families.
    first, last
        Months; a piece that reaches beyond them is left out.

    Returns
    -------
    pandas.DataFrame
        ``partner_code``, ``piece`` (cell and what is printed of it), ``kind`` (level, yoy, mom, quarter), ``period``,
        ``period_kind``, ``currency``, ``printed``, ``half_unit``, ``unit``, ``low`` and ``high`` (USD billion, or a
        factor for a rate), ``places``, ``vintage``, ``evidence_grade``, ``source_id``, ``line``, ``strength`` (1 is the
        strongest: the later vintage, then the better grade, then levels before rates before quarters, then the earlier
        month).
    """
    levels = preferred_levels(of_exports(cells, first, last))
    turn = InDollars(levels, of_exports(growth, first, last))
    wanted = [code for name in codes for code in partners.codes_of(name)]
    found = [_level(row, turn) for row in levels[levels["partner_code"].isin(wanted)].itertuples()]
    printed = of_exports(rows, first, last)
    printed = printed[printed["partner_code"].isin(wanted) & (printed["doubtful"] != "growth")]
    printed = printed[~partners.not_of_its_time(printed["partner_code"], printed["period"])]
    refused = checked[checked["verdict"].isin(["revision", "misprint"])]
    refused = set(zip(refused["period"], refused["period_kind"], refused["currency"], refused["partner_code"],
                      refused["source_id"], strict=True))  # fmt: skip
    names = ("period", "period_kind", "currency", "partner_code", "source_id")
    for kind in ("yoy", "mom"):
        rates = printed[printed[f"{kind}_pct"].notna()]
        if kind == "yoy" and len(rates):
            rates = rates[[key not in refused for key in zip(*(rates[name] for name in names), strict=True)]]
        same = ["partner_code", "period", "period_kind", "currency", f"{kind}_pct", f"{kind}_half_unit"]
        found += [_rate(group, kind, turn) for _, group in rates.groupby(same, sort=True)]
    counted = of_exports(quarters, first, last)
    found += [_quarter(*one) for one in turn.quarters(counted) if one[0].partner_code in wanted]
    table = pd.DataFrame([one for one in found if np.isfinite(one["low"]) and np.isfinite(one["high"])])
    if table.empty:
        return table
    begins = [month_number(row.period) - MONTHS_IN[row.period_kind](month_number(row.period)) + 1
              - {"yoy": 12, "mom": 1}.get(row.kind, 0) for row in table.itertuples()]  # fmt: skip
    table = table.assign(begin=begins)[np.array(begins) >= month_number(first)]
    table = table[~_settled(table)].drop(columns="begin")
    order = pd.DataFrame({
        "partner_code": table["partner_code"], "vintage": -table["vintage"].map(VINTAGES.index),
        "grade": table["evidence_grade"], "kind": table["kind"].map(KINDS.index), "period": table["period"],
        "piece": table["piece"],
    }).sort_values(["partner_code", "vintage", "grade", "kind", "period", "piece"])  # fmt: skip
    table = table.loc[order.index].reset_index(drop=True)
    return table.assign(strength=table.groupby("partner_code").cumcount() + 1)


def _settled(table: pd.DataFrame) -> pd.Series:
    """Tell which pieces speak only of months that an office has printed again, every one, in its revised past.

    Earlier prints of such months are superseded: held against the revised ones they would contradict by revision, and
    say nothing that is not known.
    """
    known = table[(table["kind"] == "level") & (table["period_kind"] == "month") & (table["vintage"] == "revised")]
    months = {code: set(rows["period"].map(month_number)) for code, rows in known.groupby("partner_code")}
    return pd.Series(
        [
            row.Index not in known.index
            and {*range(row.begin, month_number(row.period) + 1)} <= months.get(row.partner_code, set())
            for row in table.itertuples()
        ],
        index=table.index, dtype=bool,
    )  # fmt: skip


def _level(row, turn: InDollars) -> dict:
    value, error = (number / 1e3 for number in turn.level(row))
    return _piece(row, "level", row.value_mn, row.abs_error_mn, f"{row.currency} million") | {
        "low": value - error, "high": value + error, "places": int(row.sources), "vintage": row.vintage,
        "evidence_grade": row.evidence_grade,
    }  # fmt: skip


def _rate(group: pd.DataFrame, kind: str, turn: InDollars) -> dict:
    """Make one piece of the identical prints of a rate; the best place speaks for it."""
    ranked = group.assign(rank=group["source_kind"].map(SOURCE_ORDER)).sort_values(["rank", "source_id"])
    ranked = ranked.rename(columns={f"{kind}_half_unit": "half_unit_pp"})
    best = next(ranked.itertuples())
    value = getattr(best, f"{kind}_pct")
    if kind == "yoy":
        low, high = turn.rate(best)
    else:
        low, high = (1 + (value + sign * best.half_unit_pp) / 100 for sign in (-1, 1))
    grade = "A" if best.rank == 0 else "B" if len(ranked) > 1 else "C" if best.rank == 1 else "D"
    vintage = max(ranked["vintage"], key=VINTAGES.index)
    return _piece(best, kind, value, best.half_unit_pp, "percent") | {
        "low": low, "high": high, "places": len(ranked), "vintage": vintage, "evidence_grade": grade,
    }  # fmt: skip


def _quarter(row, at: int, value: float, error: float) -> dict:
    return _piece(row, "quarter", row.value_mn, row.abs_error_mn, f"{row.currency} million") | {
        "low": (value - error) / 1e3, "high": (value + error) / 1e3, "places": 1,
        "vintage": "first_print" if row.is_preliminary else "interim", "evidence_grade": row.evidence_grade,
    }  # fmt: skip


def _piece(row, kind: str, value: float, half_unit: float, unit: str) -> dict:
    family = partners.family_of(row.partner_code)
    yuan = "_cny" if row.currency == "CNY" else ""
    digits = max(0, round(-math.log10(2 * half_unit))) if half_unit > 0 else 0
    mark = f"@{kind}{yuan}={value:.{digits}f}" if kind in ("yoy", "mom") else f"@{yuan[1:]}" if yuan else ""
    return {
        "partner_code": family, "piece": f"CN/{family}/exports/{row.period_kind}/{row.period}{mark}", "kind": kind,
        "period": row.period, "period_kind": row.period_kind, "currency": row.currency, "printed": value,
        "half_unit": half_unit, "unit": unit, "source_id": row.source_id, "line": getattr(row, "line", None),
    }  # fmt: skip
