"""The rows behind the four small drawings: one index for all, the average month of 2024 being 100."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.headlines import short_name
from helpers.months import month_name, short_span
from helpers.numbers import percent, signed

CODES, BASE, FIRST = ("US", "EU", "ASEAN", "AU"), "2024", "2024-01"
COLUMNS = [
    "destination_code", "destination", "period", "actual", "expected", "expected_low", "expected_high", "basis",
    "is_assumed",
]  # fmt: skip
ESTIMATED, YEAR_BEFORE = "what its past implied", "the year before"
SUBTITLE = (
    "Monthly imports from China or exports of China, average month of 2024 = 100. Solid: what came. Dashed: what its "
    "past implied, for the EU and ASEAN the year before. Dark grey: 95 % band"
)
NOTE = (
    "United States and Australia by their own customs, with the counterfactual and its band; EU and ASEAN by China's "
    "customs, with the year before and no band: their past is too short to calibrate one. The band is that of the "
    "whole window, not of a single month. Dotted: months that the ledger holds only by quarter, split by an assumed "
    "share. January and February are shown as their mean. Under the names: the gap to the counterfactual in billion US "
    "dollars; for the EU that of its proxy, the euro area's manufactures, for ASEAN of one quarter."
)
BADGES = {"A": "good", "B": "good", "C": "warn", "D": "bad"}


def panel_rows(paths: pd.DataFrame, excess: pd.DataFrame, exports: pd.DataFrame) -> pd.DataFrame:
    """Return every destination's months as an index, with what its past implied.

    Parameters
    ----------
    paths
        ``excess_paths``.
    excess
        ``excess``; its intervals make the band of a window.
    exports
        ``exports_path``, for destinations without a counterfactual: beside them stands the year before, and no band.

    Returns
    -------
    pandas.DataFrame
        ``destination_code``, ``destination``, ``period``, ``actual``, ``expected``, ``expected_low``, ``expected_high``
        (2024 = 100), ``basis`` (what stands for the past, in words) and ``is_assumed`` (a month that its quarter
        was split into by an assumed share).
    """
    parts = [_estimated(code, paths, excess) for code in CODES]
    found = [part if len(part) else _accounted(code, exports) for code, part in zip(CODES, parts, strict=True)]
    return pd.concat([part for part in found if len(part)], ignore_index=True)[COLUMNS]


def _estimated(code: str, paths: pd.DataFrame, excess: pd.DataFrame) -> pd.DataFrame:
    held = paths[(paths["destination_code"] == code) & (paths["form"] == "plain") & (paths["period"] >= FIRST)]
    base = held.loc[held["period"].str.startswith(BASE), "actual_bn"].mean() / 100
    rows = held[["destination_code", "period", "phase"]].assign(
        destination=short_name(code), actual=held["actual_bn"] / base, expected=held["counterfactual_bn"] / base,
        expected_low=np.nan, expected_high=np.nan, basis=ESTIMATED, is_assumed=False,
    )  # fmt: skip
    calibrated = excess[(excess["destination_code"] == code) & (excess["form"] == "plain")]
    for gap in calibrated[calibrated["status"] == "interval"].to_dict("records"):
        share = (gap["high_bn"] - gap["low_bn"]) / 2 / gap["counterfactual_bn"]
        inside = rows["phase"] == gap["window_id"]
        rows.loc[inside, "expected_low"] = rows.loc[inside, "expected"] * (1 - share)
        rows.loc[inside, "expected_high"] = rows.loc[inside, "expected"] * (1 + share)
    return rows


def _accounted(code: str, exports: pd.DataFrame) -> pd.DataFrame:
    held = exports[exports["partner_code"] == code].sort_values("period")
    value = held.set_index("period")["path_usd_bn"].where(~held.set_index("period")["is_open"].astype(bool))
    value = _without_new_year(value)
    base = value[value.index.str.startswith(BASE)].mean() / 100
    before = pd.Series({f"{int(month[:4]) + 1}{month[4:]}": number for month, number in value.items()})
    return pd.DataFrame(
        {
            "destination_code": code, "destination": short_name(code), "period": value.index,
            "actual": value.to_numpy() / base, "expected": before.reindex(value.index).to_numpy() / base,
            "expected_low": np.nan, "expected_high": np.nan, "basis": YEAR_BEFORE,
            "is_assumed": held["is_assumed"].astype(bool).to_numpy(),
        }
    )  # fmt: skip


def _without_new_year(value: pd.Series) -> pd.Series:
    """Put the mean of January and February in the place of both: the Chinese New Year moves between them."""
    out = value.copy()
    for year in sorted({month[:4] for month in value.index}):
        pair = [f"{year}-01", f"{year}-02"]
        if set(pair) <= set(value.index):
            out[pair] = value[pair].mean() if value[pair].notna().all() else np.nan
    return out


def limits_of(rows: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return the ends of the scale that holds all panels, and of their months as years with decimals."""
    held = rows[["actual", "expected", "expected_low", "expected_high"]]
    months = [int(month[:4]) + (int(month[5:]) - 0.5) / 12 for month in (rows["period"].min(), rows["period"].max())]
    return 10 * np.floor(held.min().min() / 10), 10 * np.ceil(held.max().max() / 10), *months


def told(excess: pd.DataFrame, code: str, window: str = "W1") -> str:
    """Say a destination's gap with its months and its interval, or whose range it is and that there is no interval."""
    rows = excess[(excess["destination_code"] == code) & (excess["window_id"] == window)]
    plain_form = rows[rows["form"].isin(["plain", "range"])]
    row = plain_form.iloc[0] if len(plain_form) else None
    if row is not None and row["status"] == "interval":
        ends = f"{signed(row['low_bn'], 0)} to {signed(row['high_bn'], 0)}"
        return f"{short_span(row['first_month'], row['last_month'])}: {signed(row['gap_bn'], 0)} bn (95 %: {ends})"
    if row is not None and row["status"] == "range":
        whose = "Euro-area goods" if code == "EU" else short_span(row["first_month"], row["last_month"])
        return f"{whose}: {signed(row['gap_low_bn'], 0)} to {signed(row['gap_high_bn'], 0)} bn, no interval"
    return "accounting only"


def note_of(rows: pd.DataFrame) -> str:
    """Return the note under the drawings, with how many months of the base each destination holds."""
    base = rows[rows["period"].str.startswith(BASE) & rows["actual"].notna()]
    short = [f"{name} {n} of 12 months" for name, n in base.groupby("destination", sort=False).size().items() if n < 11]
    return NOTE + (f" The average of {BASE} rests on fewer months for {', '.join(short)}." if short else "")


def of_panels(rows: pd.DataFrame) -> str:
    """Title of the four drawings: how far each destination's last month lies from the average month of the base."""
    last = rows.dropna(subset=["actual"]).groupby("destination", sort=False).last()
    parts = [
        f"{month_name(period)}: " + ", ".join(f"{name} {percent(row.actual - 100, 0)}" for name, row in held.iterrows())
        for period, held in last.groupby("period", sort=True)
    ]
    return f"Against the average month of {BASE}. {'; '.join(parts)}"


def grade_of(excess: pd.DataFrame, monthly: pd.DataFrame, code: str, window: str = "W1") -> str:
    """Return the weaker grade of the figures drawn and of those behind the gap that is told; empty if neither is held.

    Drawn are the importer's customs where they have an estimate, else China's printed rates.
    """
    rows = excess[(excess["destination_code"] == code) & (excess["window_id"] == window)]
    grades = list(rows.loc[rows["form"].isin(["plain", "range"]) & (rows["status"] != "accounting only"),
                           "evidence_grade"])  # fmt: skip
    held = monthly[monthly["partner_code"] == code]
    if not (rows["form"] == "plain").any() and len(held):
        grades.append("C" if held["months_missing"].iloc[0] else "B")
    return max(map(str, grades), default="")


def panels(rows: pd.DataFrame, excess: pd.DataFrame, monthly: pd.DataFrame) -> list[dict[str, str]]:
    """Return the captions of the drawings: name, gap with its uncertainty, evidence grade."""
    out = []
    for code in dict.fromkeys(rows["destination_code"]):
        grade = grade_of(excess, monthly, code)
        out.append({"code": code, "name": short_name(code), "told": told(excess, code), "grade": grade,
                    "badge": BADGES.get(grade, "open")})  # fmt: skip
    return out
