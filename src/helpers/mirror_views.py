"""What the page on both sides shows: the gap's path, every loss on every count, the candidates for the widening."""

from __future__ import annotations

import pandas as pd

from helpers.headlines import alt_of_lines, short_name
from helpers.mirror.losses import COUNTS
from helpers.mirror.steps import Sides
from helpers.months import MONTH_NAMES, month_name, span_name
from helpers.numbers import NOTHING, plain, signed

PARTS_COLUMNS = ["window", "dated", "gap_before", "gap_now", "difference_bn", "unchanged_part", "widening_part"]
LOSS_COLUMNS = ["window", "against_text", "count", "loss", "if_recording", "loss_over_rise_pct", "cents"]
CANDIDATE_COLUMNS = ["candidate", "statistic", "measured", "told", "why"]
BADGES = {"fits": "good", "speaks against it": "bad", "too small alone": "warn",
          "cannot be told from these figures": "open"}  # fmt: skip
ARRIVALS = {"same month": "same months", "a month later": "a month later"}
COUNTED = {"same month": COUNTS[1], "a month later": COUNTS[2]}  # arrivals of the parts to counts of the losses
WEIGHTED = ["gap_change_new_bn", "gap_change_old_bn"]
PATHS = {"same month": "by arrival", "dated by departure": "by departure"}
FITS = "fits"
DIGITS = {"log points": 1, "percent": 0, "correlation": 2, "log points per point of duty": 1}
WIDENED_LEAST = 0.5  # billion: less is printed as nothing


def year_rows(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the log gap of whole years, at the middle of each, for the drawing."""
    years = gaps[(gaps["period_kind"] == "year") & gaps["log_gap_pct"].notna()]
    years = years.sort_values(["reporter_code", "period"], ascending=[False, True], ignore_index=True)
    number = years["period"].str[:4].astype(int)
    return years.assign(
        month=years["period"].str[:4] + "-07", when=years["period"].str[:4],
        name=[short_name(code) for code in years["reporter_code"]],
        segment=_unbroken(number, 1),
    ).reset_index(drop=True)  # fmt: skip


def _unbroken(place: pd.Series, most: int) -> pd.Series:
    """Number the stretches without a hole, so that no line is drawn over what is missing."""
    return (~place.diff().between(0, most)).cumsum()


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
    if signed(before, 0) == signed(now, 0):
        return f"The gap between the two US counts was {signed(now, 0)} log points in {first} and in {last}"
    verb = "turned" if before * now < 0 else "widened" if abs(now) > abs(before) else "narrowed"
    return (
        f"The gap between the two US counts {verb} from {signed(before, 0)} log points in {first} to "
        f"{signed(now, 0)} in {last}"
    )


def part_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the windows of the US against the same months of the last year of training, taken apart."""
    rows = changes[(changes["reporter_code"] == "US") & changes["span"].str.startswith("W")]
    rows = rows[rows["against"].str.startswith("year to") & rows["difference_bn"].notna()]
    ends = [(rows[WEIGHTED].max(axis=1), rows[WEIGHTED].min(axis=1))]
    ends.append((rows["difference_bn"] - ends[0][1], rows["difference_bn"] - ends[0][0]))
    widening, unchanged = ([_signed_span(*pair) for pair in zip(*both, strict=True)] for both in ends)
    return rows.assign(
        window=rows["span"], dated=rows["arrivals"].map(ARRIVALS), gap_before=rows["log_gap_before_pct"],
        gap_now=rows["log_gap_pct"], unchanged_part=unchanged, widening_part=widening,
    ).reset_index(drop=True)  # fmt: skip


def of_parts(changes: pd.DataFrame) -> str:
    """Title of the parts: how much of the difference of the two losses is the widening of the gap."""
    rows = part_rows(changes)
    rows = rows[rows["window"] == "W1"]
    if rows.empty:
        return "The two counts of the US, window by window"
    made = -rows[WEIGHTED]
    if (made < WIDENED_LEAST).all(axis=None):
        return "The US gap did not widen in W1"
    if (made < WIDENED_LEAST).any(axis=None):
        return "Whether the US gap widened in W1 depends on how arrivals are dated"
    size = _span(made.min(axis=None), made.max(axis=None))
    return f"In W1 the widening alone makes {size} billion of the loss on the US count, by weights and dating"


def _signed_span(near: float, far: float) -> str:
    """Return two sizes with their signs, the one nearer to zero first, or one where they are printed alike."""
    first, second = sorted((near, far), key=abs)
    told = signed(first, 0), signed(second, 0)
    return told[0] if told[0] == told[1] else f"{told[0]} to {told[1]}"


def _if_recording(losses: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Return each loss with its ends had the gap stayed: ``least_bn`` and ``most_bn``, empty for China's own count."""
    mine = changes[(changes["reporter_code"] == "US") & changes["span"].isin(losses["window_id"].unique())]
    mine = mine.assign(count=mine["arrivals"].map(COUNTED), window_id=mine["span"])
    held = losses.merge(mine[["window_id", "against", "count", *WEIGHTED]], how="left",
                        on=["window_id", "against", "count"])  # fmt: skip
    return held.assign(least_bn=held["loss_bn"] + held[WEIGHTED].min(axis=1),
                       most_bn=held["loss_bn"] + held[WEIGHTED].max(axis=1))  # fmt: skip


def recording_sentence(losses: pd.DataFrame, changes: pd.DataFrame) -> str:
    """Say what the US count would show for W1 if the widening of the gap were a matter of recording alone."""
    rows = _if_recording(losses[losses["window_id"] == "W1"], changes)
    rows = rows[rows["against"].str.startswith("year to") & rows["least_bn"].notna()]
    if rows.empty:
        return ""
    if not (-rows[WEIGHTED] >= WIDENED_LEAST).all(axis=None):
        return "The gap did not widen on every dating, so nothing is taken off the loss on the US count."
    told = [
        f"{_span(row['least_bn'], row['most_bn'])} billion instead of {plain(row['loss_bn'], 0)}"
        + (" with arrivals a month later" if row["count"] == COUNTS[2] else "")
        for row in rows.to_dict("records")
    ]
    return (
        f"If the widening were only a matter of recording, the US count would show a loss in W1 of {', '.join(told)}, "
        f"against the {_named(rows['against'].iloc[0])}. Whether it is, these figures cannot say."
    )


def _span(low: float, high: float) -> str:
    """Return two sizes as a span of whole numbers, one where they are printed alike."""
    least, most = plain(low, 0), plain(high, 0)
    return least if least == most else f"{least} to {most}"


def loss_rows(losses: pd.DataFrame, changes: pd.DataFrame,
              windows: tuple[str, ...] = ("W1", "W2", "W3")) -> pd.DataFrame:  # fmt: skip
    """Return every loss on every count with its interval, what is left without the widening, and its ratios."""
    rows = _if_recording(losses[losses["window_id"].isin(windows)], changes)
    told, left = [], []
    for row in rows.to_dict("records"):
        size = signed(-row["loss_bn"])  # a dash where the count lacks a month
        ends = [signed(-row[end], 0) for end in ("high_bn", "low_bn")]
        told.append(size if pd.isna(row["low_bn"]) else f"{size} ({ends[0]}\u00a0to\u00a0{ends[1]})")
        left.append(NOTHING if pd.isna(row["least_bn"]) else _signed_span(-row["least_bn"], -row["most_bn"]))
    return rows.assign(
        window=rows["window_id"], against_text=[_named(against) for against in rows["against"]],
        loss=told, if_recording=left,
        cents=[NOTHING if pd.isna(value) else plain(value, 0) for value in rows["australia_cents"]],
    ).reset_index(drop=True)  # fmt: skip


def _named(against: str) -> str:
    """Return what a loss is held against with its month in words."""
    return f"year to {month_name(against[-7:])}" if against.startswith("year to ") else against


def of_losses(losses: pd.DataFrame) -> str:
    """Title of the losses: their range over all rows of the window of the shut door."""
    return _loss_title(losses, "W1") or "Every US loss on every count"


def of_later(losses: pd.DataFrame) -> str:
    """Title of the later windows: the range over all rows of the last of them."""
    window = losses["window_id"].iloc[-1] if len(losses) else "W1"
    return ("" if window == "W1" else _loss_title(losses, window)) or "No window after W1 has begun"


def _loss_title(losses: pd.DataFrame, window: str) -> str:
    """Title for the rows of one window: a loss on all counts, on some or on none; empty where none is known."""
    rows = losses[(losses["window_id"] == window) & losses["loss_bn"].notna()]
    if rows.empty:
        return ""
    low, high = rows["loss_bn"].min(), rows["loss_bn"].max()
    if low <= 0:
        size = f"{signed(-high, 0)} to {signed(-low, 0)} billion"
        if high > 0:
            return f"Whether the US took less in {window} depends on who counts and against what: {size}"
        return f"No count shows a US loss in {window}: {size}"
    told = f"The US loss in {window} is {_span(low, high)} billion by who counts and against what"
    ratios = rows["loss_over_rise_pct"]
    if ratios.isna().any():
        return f"{told}; nothing rose elsewhere"
    return f"{told}, {_span(ratios.min(), ratios.max())} % of the rise elsewhere"


def step_path(found: Sides, month: str) -> pd.DataFrame:
    """Return the deviation of the US gap by period, for both datings, up to the month of the report."""
    lines = []
    for arrivals, code in (("dated by departure", "US"), ("same month", "WORLD")):
        held = found.deviation[arrivals].dropna().loc[:month]
        number = pd.Series(held.index.astype("int64"))
        lines.append(
            pd.DataFrame({"month": held.index.astype(str), "deviation_pct": held.to_numpy(), "arrivals": arrivals,
                          "name": PATHS[arrivals], "code": code, "segment": _unbroken(number, 2)})
        )  # fmt: skip
    return pd.concat(lines, ignore_index=True)


def alt_of_steps(path: pd.DataFrame) -> str:
    """Return what a reader who cannot see the two lines should know."""
    named = path.assign(period=path["month"])
    return alt_of_lines("US gap less its usual level, log points, by period.", named, "deviation_pct", "name")


def step_marks(steps: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return the dated marks of the drawing: both steps and the end of duty-free parcels, one mark per month."""
    held = steps[steps["first_period"].notna()]
    marks: dict[str, list[str]] = {}
    for row in held.sort_values("first_period", kind="stable").itertuples():
        marks.setdefault(row.first_period, []).append(f"step {PATHS[row.arrivals]}")
    for month in held["parcels_month"].head(1):
        marks.setdefault(month, []).append("duty-free parcels end")
    return tuple((month, "; ".join(words)) for month, words in sorted(marks.items()))


def of_steps(steps: pd.DataFrame) -> str:
    """Title of the steps: when the level changes by each dating, and whether goods then arrived before parcels ended.

    What leaves in a month arrives in the next one, so a step by departure is a month earlier than its arrivals.
    """
    held = steps[steps["first_period"].notna()].set_index("arrivals")
    if not {"same month", "dated by departure"} <= set(held.index):
        return "When the gap changed its level cannot be told"
    left, came = (held["first_period"][name] for name in ("dated by departure", "same month"))
    end = held["parcels_month"].iloc[0]
    verb = "falls" if (held["step_pct"] < 0).all() else "rises" if (held["step_pct"] > 0).all() else "moves"
    arrived = (str(pd.Period(left, "M") + 1), came)
    when = [("before", "when", "after")[(month >= end) + (month > end)] for month in arrived]
    first = MONTH_NAMES[int(left[5:]) - 1] if left[:4] == came[:4] else month_name(left)
    if when[0] == when[1]:
        both = "both " if when[0] != "when" else ""
        return (
            f"By departure the gap {verb} in {first}, by arrival in {month_name(came)}, {both}{when[0]} duty-free "
            "parcels ended"
        )
    return (
        f"By departure the gap {verb} in {first}, {when[0]} duty-free parcels ended; by arrival in "
        f"{month_name(came)}, {when[1]} they did"
    )


def steps_sentence(steps: pd.DataFrame) -> str:
    """Say how clear each step is, from the extremes on its two sides, and why there is no test."""
    told = []
    for row in steps.itertuples(index=False):
        if pd.isna(row.first_period):
            told.append(f"{PATHS[row.arrivals].capitalize()}: {row.reason}.")
            continue
        low, high = (row.lowest_before_pct, row.highest_after_pct)
        apart = low > high if row.step_pct < 0 else None
        clear = "" if apart is None else ", so no period overlaps" if apart else ", so single periods overlap"
        told.append(
            f"{PATHS[row.arrivals].capitalize()}: a step of {signed(row.step_pct, 0)} log points from "
            f"{month_name(row.first_period)} (next best {month_name(row.second_best)}), {row.periods_before} periods "
            f"before and {row.periods_after} since; lowest before {signed(low)}, highest since {signed(high)}{clear}."
        )
    return " ".join([*told, "The month was picked because it fits best, so no probability is given for it."])


def candidate_rows(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return each candidate with what was measured and what it bears."""
    told = []
    for row in candidates.itertuples(index=False):
        if pd.isna(row.value):
            told.append(NOTHING)
        elif row.unit == "count":
            told.append(plain(row.value, 0))
        else:
            told.append(f"{signed(row.value, DIGITS.get(row.unit, 1))} {row.unit}{_chance(row)}")
    return candidates.assign(measured=told, told=candidates["reading"]).reset_index(drop=True)


def short_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the first measurement of each reading of a candidate, and how many there are, from its full rows."""
    groups = rows.groupby(["candidate", "told"], sort=False)
    first = groups.head(1)
    sizes = groups["statistic"].transform("size").loc[first.index]
    counted = ["" if size == 1 else f" (first of {size})" for size in sizes]
    return first.assign(statistic=first["statistic"] + counted).reset_index(drop=True)


def _chance(row: tuple) -> str:
    """Return the p value of a correlation with the smallest that its number of shifts allows."""
    if pd.isna(row.p_value):
        return ""
    return f" (p\u00a0{plain(row.p_value, 2)}, least possible {plain(row.least_p, 2)}, {row.periods} periods)"


def of_candidates(candidates: pd.DataFrame) -> str:
    """Title of the candidates: which have a measurement that fits, and whether another speaks against it."""
    fits = list(dict.fromkeys(candidates.loc[candidates["reading"] == FITS, "candidate"]))
    if not fits:
        return "No candidate for the widening fits these figures"
    against = set(candidates.loc[candidates["reading"] == "speaks against it", "candidate"])
    clean = [name for name in fits if name not in against]
    if clean:
        return f"Fits the widening, with nothing here against it, cause not shown: {', '.join(clean)}"
    return f"No cause of the widening is shown; with figures for and against: {', '.join(fits)}"


def windows_sentence(losses: pd.DataFrame) -> str:
    """Say which months the windows hold on this page."""
    spans = losses.drop_duplicates("window_id")
    told = [f"{row.window_id}: {span_name(row.first_month, row.last_month)}" for row in spans.itertuples(index=False)]
    return f"The windows: {'; '.join(told)}."
