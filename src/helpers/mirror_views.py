"""What the page on both sides shows: the gap's path, every loss on every count, the candidates for the widening."""

from __future__ import annotations

import pandas as pd

from helpers.headlines import alt_of_lines, short_name
from helpers.months import month_name, span_name
from helpers.numbers import NOTHING, plain, signed

PARTS_COLUMNS = ["window", "dated", "gap_before", "gap_now", "difference_bn", "unchanged_gap_bn", "gap_change_bn"]
LOSS_COLUMNS = ["window", "against_text", "count", "loss", "loss_over_rise_pct", "cents"]
STEP_COLUMNS = ["dated", "from_month", "step_points", "before_after", "lowest_highest"]
CANDIDATE_COLUMNS = ["candidate", "statistic", "measured", "told", "why"]
BADGES = {"fits": "good", "speaks against it": "bad", "too small alone": "warn",
          "cannot be told from these figures": "open"}  # fmt: skip
ARRIVALS = {"same month": "same months", "a month later": "a month later", "dated by departure": "dated by departure"}
FITS = "fits"


def year_rows(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the log gap of whole years, at the middle of each, for the drawing."""
    years = gaps[(gaps["period_kind"] == "year") & gaps["log_gap_pct"].notna()]
    years = years.sort_values(["reporter_code", "period"], ascending=[False, True], ignore_index=True)
    return years.assign(
        month=years["period"].str[:4] + "-07", name=[short_name(code) for code in years["reporter_code"]]
    ).reset_index(drop=True)


def alt_of_years(rows: pd.DataFrame) -> str:
    """Return what a reader who cannot see the paths should know."""
    named = rows.assign(period=rows["month"])
    return alt_of_lines("Importer's count over China's, log points, by year.", named, "log_gap_pct", "name")


def of_years(rows: pd.DataFrame) -> str:
    """Title of the path: the last two years of the US, and whether Australia's moved with it."""
    us = rows[rows["reporter_code"] == "US"].sort_values("period")
    if len(us) < 2:
        return "The two sides of one flow, by year"
    before, now = (float(value) for value in us["log_gap_pct"].iloc[-2:])
    first, last = us["period"].iloc[-2:].str[:4]
    verb = "widened" if now < before else "narrowed"
    return (
        f"The gap between the two US counts {verb} from {signed(before, 0)} log points in {first} to "
        f"{signed(now, 0)} in {last}"
    )


def part_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the windows of the US against the same months of the last year of training, taken apart."""
    rows = changes[(changes["reporter_code"] == "US") & changes["span"].str.startswith("W")]
    rows = rows[rows["against"].str.startswith("year to") & rows["difference_bn"].notna()]
    return rows.assign(
        window=rows["span"], dated=rows["arrivals"].map(ARRIVALS), gap_before=rows["log_gap_before_pct"],
        gap_now=rows["log_gap_pct"],
    ).reset_index(drop=True)  # fmt: skip


def of_parts(changes: pd.DataFrame) -> str:
    """Title of the parts: how much of the difference of the two losses is the widening of the gap."""
    rows = part_rows(changes)
    rows = rows[(rows["window"] == "W1") & (rows["arrivals"] == "same month")]
    if rows.empty:
        return "The two counts of the US, window by window"
    row = rows.iloc[0]
    if row["gap_change_bn"] >= 0:
        return "The US gap did not widen in W1"
    return f"In W1 the widening of the gap alone makes {plain(-row['gap_change_bn'], 0)} billion of loss on the US side"


def loss_rows(losses: pd.DataFrame, windows: tuple[str, ...] = ("W1", "W2", "W3")) -> pd.DataFrame:
    """Return every loss on every count with its interval, and its ratios; a gain is said to be one."""
    rows = losses[losses["window_id"].isin(windows)]
    told = []
    for row in rows.itertuples(index=False):
        size = signed(-row.loss_bn)
        inside = "" if pd.isna(row.low_bn) else f" ({signed(-row.high_bn, 0)}\u00a0to\u00a0{signed(-row.low_bn, 0)})"
        told.append(size + inside)
    return rows.assign(
        window=rows["window_id"], against_text=rows["against"].replace({"year to 2024-10": "year to October 2024"}),
        loss=told, cents=[NOTHING if pd.isna(value) else plain(value, 0) for value in rows["australia_cents"]],
    ).reset_index(drop=True)  # fmt: skip


def of_losses(losses: pd.DataFrame) -> str:
    """Title of the losses: their range over the counts in the window of the shut door."""
    rows = losses[(losses["window_id"] == "W1") & (losses["against"] == "a year before")]
    if rows.empty or rows["loss_bn"].isna().all():
        return "Every US loss on every count"
    low, high = rows["loss_bn"].min(), rows["loss_bn"].max()
    least, most = rows["loss_over_rise_pct"].min(), rows["loss_over_rise_pct"].max()
    return (
        f"The US loss in W1 is {plain(low, 0)} to {plain(high, 0)} billion by who counts, "
        f"{plain(least, 0)} to {plain(most, 0)} % of the rise elsewhere"
    )


def step_rows(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the month from which one lower level fits best, for both datings."""
    rows = steps[steps["first_period"].notna()]
    return rows.assign(
        dated=rows["arrivals"].map(ARRIVALS), from_month=[month_name(month) for month in rows["first_period"]],
        step_points=rows["step_pct"],
        before_after=[f"{row.periods_before} and {row.periods_after}" for row in rows.itertuples(index=False)],
        lowest_highest=[
            f"{signed(row.lowest_before_pct)} and {signed(row.highest_after_pct)}"
            for row in rows.itertuples(index=False)
        ],
    ).reset_index(drop=True)  # fmt: skip


def of_steps(steps: pd.DataFrame) -> str:
    """Title of the steps: whether the level falls before the parcels' end when dated by departure."""
    rows = steps[(steps["arrivals"] == "dated by departure") & steps["first_period"].notna()]
    if rows.empty:
        return "When the gap changed its level cannot be told"
    row = rows.iloc[0]
    when = "before" if row["first_period"] < row["parcels_month"] else "not before"
    return (
        f"Dated by departure, the gap changes its level from {month_name(row['first_period'])} on, {when} the end of "
        "duty-free parcels"
    )


def candidate_rows(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return each candidate with what was measured and what it bears."""
    told = [
        NOTHING if pd.isna(row.value) else f"{signed(row.value, 2 if abs(row.value) < 3 else 0)} {row.unit}"
        for row in candidates.itertuples(index=False)
    ]
    return candidates.assign(measured=told, told=candidates["reading"]).reset_index(drop=True)


def of_candidates(candidates: pd.DataFrame) -> str:
    """Title of the candidates: which have a measurement that fits, and whether another speaks against it."""
    fits = list(dict.fromkeys(candidates.loc[candidates["reading"] == FITS, "candidate"]))
    if not fits:
        return "No candidate for the widening fits these figures"
    against = set(candidates.loc[candidates["reading"] == "speaks against it", "candidate"])
    clean = [name for name in fits if name not in against]
    if clean:
        return f"What fits the widening and has nothing against it: {', '.join(clean)}"
    return f"No candidate explains the widening: {', '.join(fits)} fits in part, and something speaks against it"


def windows_sentence(losses: pd.DataFrame) -> str:
    """Say which months the windows hold on this page."""
    spans = losses.drop_duplicates("window_id")
    told = [f"{row.window_id}: {span_name(row.first_month, row.last_month)}" for row in spans.itertuples(index=False)]
    return f"The windows: {'; '.join(told)}."
