"""The rows behind the four small drawings: one index for all, the average month of 2024 being 100."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.headlines import short_name
from helpers.numbers import percent, signed

CODES, BASE, FIRST = ("US", "EU", "ASEAN", "AU"), "2024", "2024-01"
COLUMNS = ["destination_code", "destination", "period", "actual", "expected", "expected_low", "expected_high", "basis"]
ESTIMATED, YEAR_BEFORE = "what its past implied", "the year before"
SUBTITLE = (
    "Monthly imports from China or exports of China, average month of 2024 = 100. Solid: what came. Dashed: what its "
    "past implied, for the EU and ASEAN the year before. Dark grey: 95 % band"
)
NOTE = (
    "United States and Australia by their own customs, with the counterfactual and its band; EU and ASEAN by China's "
    "customs, with the year before and no band: their past is too short to calibrate one. The band is that of the "
    "whole window, not of a single month. January and February are shown as their mean. Under the names: the gap of "
    "W1 in billions."
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
        (2024 = 100) and ``basis``: what stands for the past, in words.
    """
    parts = [_estimated(code, paths, excess) for code in CODES]
    found = [part if len(part) else _accounted(code, exports) for code, part in zip(CODES, parts, strict=True)]
    return pd.concat([part for part in found if len(part)], ignore_index=True)[COLUMNS]


def _estimated(code: str, paths: pd.DataFrame, excess: pd.DataFrame) -> pd.DataFrame:
    held = paths[(paths["destination_code"] == code) & (paths["form"] == "plain") & (paths["period"] >= FIRST)]
    base = held.loc[held["period"].str.startswith(BASE), "actual_bn"].mean() / 100
    rows = held[["destination_code", "period", "phase"]].assign(
        destination=short_name(code), actual=held["actual_bn"] / base, expected=held["counterfactual_bn"] / base,
        expected_low=np.nan, expected_high=np.nan, basis=ESTIMATED,
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


def limits_of(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the scale that holds all panels."""
    held = rows[["actual", "expected", "expected_low", "expected_high"]]
    return 10 * np.floor(held.min().min() / 10), 10 * np.ceil(held.max().max() / 10)


def told(excess: pd.DataFrame, code: str, window: str = "W1") -> str:
    """Say a destination's gap with its interval, or its range and that there is none."""
    rows = excess[(excess["destination_code"] == code) & (excess["window_id"] == window)]
    plain_form = rows[rows["form"].isin(["plain", "range"])]
    row = plain_form.iloc[0] if len(plain_form) else None
    if row is not None and row["status"] == "interval":
        return f"{signed(row['gap_bn'], 0)} bn (95 %: {signed(row['low_bn'], 0)} to {signed(row['high_bn'], 0)})"
    if row is not None and row["status"] == "range":
        return f"{signed(row['gap_low_bn'], 0)} to {signed(row['gap_high_bn'], 0)} bn by form, no interval"
    return "accounting only"


def of_panels(rows: pd.DataFrame) -> str:
    """Title of the four drawings: how far each destination's last month lies from the average month of the base."""
    last = rows.dropna(subset=["actual"]).groupby("destination", sort=False)["actual"].last() - 100
    told = ", ".join(f"{name} {percent(value, 0)}" for name, value in last.items())
    return f"The last month held against the average month of {BASE}: {told}"


def grade_of(excess: pd.DataFrame, code: str, window: str = "W1") -> str:
    """Return the evidence grade of a destination's estimate."""
    rows = excess[(excess["destination_code"] == code) & (excess["window_id"] == window)]
    return str(rows["evidence_grade"].iloc[0]) if len(rows) else ""


def panels(rows: pd.DataFrame, excess: pd.DataFrame) -> list[dict[str, str]]:
    """Return the captions of the drawings: name, gap with its uncertainty, evidence grade."""
    out = []
    for code in dict.fromkeys(rows["destination_code"]):
        grade = grade_of(excess, code)
        out.append({"code": code, "name": short_name(code), "told": told(excess, code), "grade": grade,
                    "badge": BADGES.get(grade, "open")})  # fmt: skip
    return out
