"""What the page on 2018 and on the next month shows: what would have been said, what was found, how forecasts did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.backtest import SAME_OBJECT
from helpers.counterfactual import LEAST_DEGREES
from helpers.estimate_views import FORMS, series_name
from helpers.headlines import short_name
from helpers.months import month_name, span_name
from helpers.nowcast import ALL, BEFORE, SINCE
from helpers.numbers import MINUS, NOTHING, percent, plain, signed
from helpers.reopening_views import between
from helpers.spans import WINDOW_NAMES

EPISODE_COLUMNS = ["series", "window", "gap", "interval", "spread", "mde80_bn", "origins", "degrees_of_freedom", "said"]
LATER_COLUMNS = ["study", "quantity", "found", "ours", "same_object"]
NOWCAST_COLUMNS = ["destination", "month", "nowcast_bn", "interval80", "interval95", "year_before_bn", "growth_pct"]
CANDIDATE_COLUMNS = ["destination", "candidate", "forecast_bn", "weight", "recent_rmse_pct"]
SCORE_COLUMNS = ["destination", "part", "hit80", "hit95", "rmse_pct", "naive_rmse_pct", "ratio_to_naive", "told"]
SCENARIO_COLUMNS = ["study", "quantity", "said_pct", "came", "miss_pp", "conditional_on"]
SURVIVAL_COLUMNS = ["destination", "what", "form", "window", "as_then", "as_now", "moved_bn", "verdict"]
BACKTEST_WINDOWS = {"B1": "B1, July to December 2018", "B2": "B2, January to September 2019"}
# How a study that speaks of another object can be held against all goods, in percent and in money.
OTHER_OBJECT = {
    False: "if the other products stayed, all goods fall by less, by their share",
    True: "all goods hold their loss and whatever the others did",
}
# What a page would have said: the kinds of result of the wording rules.
SAID = {
    "interval_excludes_zero": "beyond normal variation",
    "null": "not distinguishable from normal variation",
    "not_calibratable": "a range of forecasts, no interval",
    "accounting_only": "growth rates only",
}


def episode_rows(episode: pd.DataFrame) -> pd.DataFrame:
    """Return what the page would have said of the first tariffs, for the series that had a past."""
    rows = episode[episode["kind"] != "accounting_only"]
    return rows.assign(
        series=[f"{short_name(row.destination_code)}, {FORMS.get(row.form, row.form)}" for row in rows.itertuples()],
        window=[BACKTEST_WINDOWS.get(window, window) for window in rows["window_id"]],
        gap=[signed(gap) for gap in rows["gap_bn"]],
        interval=[between(row.low_bn, row.high_bn) for row in rows.itertuples()],
        spread=[between(row.gap_low_bn, row.gap_high_bn) for row in rows.itertuples()],
        said=[SAID[kind] for kind in rows["kind"]],
    ).reset_index(drop=True)


def of_episode(episode: pd.DataFrame) -> str:
    """Title of the backtest."""
    kinds = episode.loc[episode["kind"] != "accounting_only", "kind"]
    if (kinds == "interval_excludes_zero").any():
        return "In November 2019 this page would have found some gaps beyond normal variation"
    return "In November 2019 this page could have said nothing firm about the first tariffs"


def later_rows(later: pd.DataFrame) -> pd.DataFrame:
    """Return the published findings on 2018-19 that can be set beside ours: units on both sides, a loss as a loss."""
    rows = later[later["ours_value"].notna()]
    found, ours, same = [], [], []
    for row in rows.itertuples(index=False):
        money = bool(row.is_money)
        theirs = f"{row.published_text.replace('-', MINUS)}\u00a0{row.unit}"
        found.append(f"a loss of {theirs}" if money else theirs)
        ours.append(f"{_own_size(row, money)}, {span_name(row.ours_first, row.ours_last)}{_own_interval(row, money)}")
        same.append(row.object if row.object == SAME_OBJECT else f"{row.object}; {OTHER_OBJECT[money]}")
    return rows.assign(found=found, ours=ours, same_object=same).reset_index(drop=True)


def _own_size(row: tuple, money: bool) -> str:
    if not money:
        return percent(row.ours_value)
    return f"a {'loss' if row.ours_value > 0 else 'gain'} of {plain(abs(row.ours_value))}\u00a0USD bn"


def _own_interval(row: tuple, money: bool) -> str:
    if pd.isna(row.ours_low):
        return "; no interval"
    low, high = (-row.ours_high, -row.ours_low) if money else (row.ours_low, row.ours_high)
    return f" ({between(low, high)})"


def _less_or_more(low: float, high: float) -> str:
    """Say how much less, or more, was taken: a gap, or the range of forms as good."""
    if high < 0:
        size = (
            plain(-high, 0) if plain(-high, 0) == plain(-low, 0) else f"between {plain(-high, 0)} and {plain(-low, 0)}"
        )
        return f"{size} billion US dollars less"
    if low > 0:
        size = plain(low, 0) if plain(low, 0) == plain(high, 0) else f"between {plain(low, 0)} and {plain(high, 0)}"
        return f"{size} billion US dollars more"
    return f"between {plain(-low, 0)} billion US dollars less and {plain(high, 0)} billion more"


def lesson_sentence(episode: pd.DataFrame, later: pd.DataFrame) -> str:
    """Say what the page would have said of the US in November 2019, beside what was found later of the same object."""
    rows = episode[(episode["destination_code"] == "US") & (episode["form"] == "plain")]
    row = rows[rows["window_id"] == "B2"].iloc[0]
    span = span_name(row["first_month"], row["last_month"])
    size = f"from {span} the United States took {{}} from China than its own past implied"
    gap = f"{signed(row['gap_bn'], 0)} billion"
    if row["kind"] == "not_calibratable":
        told = _less_or_more(row["gap_low_bn"], row["gap_high_bn"])
        said = f"{size.format(told)}, by forecasts as good; no interval can be given"
        meant = (
            f"The point estimate was {gap}; with {int(row['degrees_of_freedom'])} placebo errors that do not overlap, "
            f"of {LEAST_DEGREES} needed, it had no interval: even such a gap could not have been told from normal "
            "variation"
        )
    else:
        inside = f"95\u00a0% interval {between(row['low_bn'], row['high_bn'], 0)}"
        said = f"{size.format(_less_or_more(row['gap_bn'], row['gap_bn']))} ({inside})"
        if row["kind"] == "null":
            said += ", not distinguishable from normal variation"
            meant = (
                f"The point estimate was {gap}; even such a gap could not be told from normal variation, only one "
                f"above {plain(row['mde80_bn'], 0)} billion was likely to be"
            )
        else:
            said += ", beyond normal variation"
            meant = f"The point estimate was {gap}, and it could be told from normal variation"
    early = rows[rows["window_id"] == "B1"]
    if len(early) and early["kind"].iloc[0] == "null":
        first = early.iloc[0]
        meant += (
            f". {span_name(first['first_month'], first['last_month'])} had an interval, but only a gap above "
            f"{plain(first['mde80_bn'], 0)} billion had an 80\u00a0% chance of being seen"
        )
    return f"In November 2019: “{said[0].upper()}{said[1:]}.” {_found_later(later)} {meant}."


def _found_later(later: pd.DataFrame) -> str:
    """Say what studies of the same object found, with ours for the same months."""
    rows = later[later["ours_value"].notna() & (later["object"] == SAME_OBJECT)]
    if rows.empty:
        return "Found later: nothing of the same object in the ledger."
    row = rows.iloc[0]
    theirs = " and ".join(f"{text.replace('-', MINUS)}\u00a0%" for text in rows["published_text"])
    return (
        f"Found later, of the same object ({', '.join(dict.fromkeys(rows['study']))}): {theirs}; here "
        f"{percent(row['ours_value'])} for {span_name(row['ours_first'], row['ours_last'])}."
    )


def nowcast_rows(nowcasts: pd.DataFrame) -> pd.DataFrame:
    """Return the next month of each flow with its intervals, those with a nowcast only."""
    rows = nowcasts[nowcasts["nowcast_bn"].notna()]
    return rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]],
        month=[span_name(row.first_month, row.last_month) for row in rows.itertuples(index=False)],
        interval80=[
            f"{plain(row.low80_bn)}\u00a0to\u00a0{plain(row.high80_bn)}" for row in rows.itertuples(index=False)
        ],
        interval95=[
            f"{plain(row.low95_bn)}\u00a0to\u00a0{plain(row.high95_bn)}" for row in rows.itertuples(index=False)
        ],
    ).reset_index(drop=True)


def of_nowcasts(nowcasts: pd.DataFrame, scores: pd.DataFrame) -> str:
    """Title of the nowcasts, from the US row, with how often such an interval has held since the tariffs."""
    us = nowcast_rows(nowcasts).query("destination_code == 'US'")
    if us.empty:
        return "The next month"
    row = us.iloc[0]
    told = (
        f"{month_name(row['last_month'])}: US imports from China between {plain(row['low80_bn'], 0)} and "
        f"{plain(row['high80_bn'], 0)} billion, by its own reckoning four times in five"
    )
    since = scores[(scores["destination_code"] == "US") & (scores["part"] == SINCE) & (scores["scored"] > 0)]
    return (
        told
        if since.empty
        else f"{told}; since April 2025 it held {since['hits80'].iloc[0]} of {since['scored'].iloc[0]}"
    )


def without_sentence(nowcasts: pd.DataFrame, codes: tuple[str, ...] = ("EU", "ASEAN")) -> str:
    """Say which destinations have no nowcast, and why; nothing where all have one."""
    held = nowcasts.set_index("destination_code")
    told = []
    for code in codes:
        if code not in held.index:
            told.append(f"{short_name(code)}: the ledger holds no monthly flow")
        elif pd.isna(held.loc[code, "nowcast_bn"]):
            row = held.loc[code]
            name = series_name(code, row.get("view", ""))
            told.append(f"{name}: the monthly flow ends in {month_name(row['last_published'])}, {row['reason']}")
    return f"Without a nowcast: {'; '.join(told)}." if told else ""


def weight_rows(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return each candidate with its forecast, its weight and how far it was off of late."""
    return candidates.assign(destination=[short_name(code) for code in candidates["destination_code"]])


def of_weights(candidates: pd.DataFrame) -> str:
    """Title of the candidates: which one has the most weight, by its record."""
    heaviest = candidates.loc[candidates.groupby("destination_code", sort=False)["weight"].idxmax()]
    named = heaviest.groupby("candidate", sort=False)["destination_code"].agg(list)
    told = [f"{name} ({', '.join(short_name(code) for code in codes)})" for name, codes in named.items()]
    return f"Most weight, by its record of two years: {'; '.join(told)}"


def score_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return how often the intervals would have held what came, with the exact interval of that rate, part by part."""
    rows = scores[scores["scored"] > 0]

    def hits(row: tuple, level: int) -> str:
        count, low, high = (
            getattr(row, f"hit{name}") for name in (f"s{level}", f"{level}_low_pct", f"{level}_high_pct")
        )
        return f"{count} of {row.scored} ({plain(low, 0)} to {plain(high, 0)} %)"

    return rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]],
        hit80=[hits(row, 80) for row in rows.itertuples(index=False)],
        hit95=[hits(row, 95) for row in rows.itertuples(index=False)],
        part=[span_name(row.first_period, row.last_period) for row in rows.itertuples(index=False)],
        told=[
            f"95\u00a0% intervals too narrow: so few with probability {plain(row.so_few95_p, 3)}" if row.is_too_narrow
            else "not shown to be too narrow" for row in rows.itertuples(index=False)
        ],
    ).reset_index(drop=True)  # fmt: skip


def of_scores(scores: pd.DataFrame) -> str:
    """Title of the score: where the 95 % intervals held too rarely over all scored months."""
    narrow = scores[(scores["part"] == ALL) & scores["is_too_narrow"]]
    made = "scored in hindsight, on figures as revised since"
    if narrow.empty:
        return f"No 95 % interval is shown to be too narrow: {made}"
    told = [f"{short_name(row.destination_code)} ({row.hits95} of {row.scored} held)" for row in narrow.itertuples()]
    return f"95 % intervals too narrow for {', '.join(told)}: {made}"


def parts_sentence(scores: pd.DataFrame) -> str:
    """Say what the split of the score shows: whether repeating the year lost before the tariffs as well."""
    ratios = {part: scores.loc[scores["part"] == part, "ratio_to_naive"] for part in (BEFORE, SINCE)}
    if any(held.empty for held in ratios.values()):
        return ""
    told = {part: f"{plain(held.min(), 2)} to {plain(held.max(), 2)}" for part, held in ratios.items()}
    meant = (
        "Repeating the year lost before the tariffs as well, so the shorter distance tells, not the tariffs alone"
        if (ratios[BEFORE] < 1).all()
        else "Before the tariffs repeating the year was not beaten everywhere, so the tariffs tell as well"
    )
    return (
        f"The error is {told[BEFORE]} of that of repeating the year before April 2025, and {told[SINCE]} from then on. "
        f"{meant}."
    )


def scenario_rows(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return the scenarios of early 2025 beside what came."""
    rows = scenarios[scenarios["came_pct"].notna()]
    came = [
        f"{percent(row.came_pct)} ({short_name(row.came_of)}, {span_name(row.first_month, row.last_month)})"
        for row in rows.itertuples(index=False)
    ]
    return rows.assign(came=came).reset_index(drop=True)


def survival_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the headline numbers of two vintages with names, each with its interval as text."""

    def shown(value: float, low: float, high: float) -> str:
        if np.isnan(value):
            return NOTHING
        return signed(value, 1) + ("" if np.isnan(low) else f" ({signed(low, 1)}\u00a0to\u00a0{signed(high, 1)})")

    cells = {
        f"as_{when}": [
            shown(*row) for row in table[[f"{when}_bn", f"{when}_low_bn", f"{when}_high_bn"]].to_numpy(dtype=float)
        ]
        for when in ("then", "now")
    }
    return table.assign(
        destination=[short_name(code) for code in table["destination_code"]],
        window=[f"{window}, {WINDOW_NAMES[window]}" for window in table["window_id"]], **cells,
    )  # fmt: skip


def of_survival(table: pd.DataFrame) -> str:
    """Title of the table of the headline on two vintages."""
    known = table[~table["verdict"].isin(["only now", "only then"])]
    stands = int((known["verdict"] == "stands").sum())
    return f"{stands} of {len(known)} headline numbers keep their verdict on the later figures"
