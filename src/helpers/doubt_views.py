"""What the pages on the reopening, on 2018 and on the next month show: names for codes, ranges as text, titles."""

from __future__ import annotations

import pandas as pd

from helpers.estimate_views import FORMS, ORDER, PROXIES
from helpers.headlines import alt_of, short_name
from helpers.months import month_name, span_name
from helpers.numbers import NOTHING, percent, plain, signed

EASING_COLUMNS = ["series", "change_pp", "interval", "error_pp", "mde80_pp", "degrees_of_freedom", "told"]
SHARPENED_COLUMNS = ["destination", "basis", "compared", "then", "now", "then_own_pct", "next_own_pct", "verdict"]
EPISODE_COLUMNS = ["series", "window", "gap", "interval", "spread", "mde80_bn", "origins", "degrees_of_freedom", "said"]
LATER_COLUMNS = ["study", "quantity", "found", "ours", "comparison"]
NOWCAST_COLUMNS = ["destination", "month", "nowcast_bn", "interval80", "interval95", "year_before_bn", "growth_pct"]
SCORE_COLUMNS = ["destination", "scored", "hit80", "hit95", "rmse_pct", "naive_rmse_pct", "ratio_to_naive"]
SCENARIO_COLUMNS = ["study", "quantity", "said_pct", "came", "miss_pp", "conditional_on"]
BACKTEST_WINDOWS = {"B1": "B1, July to December 2018", "B2": "B2, January to September 2019"}
# Growth against another window where exports still grow, and where some shrink.
THE = {"EU": "the EU"}
PACE, RATES = ("faster", "more slowly", "no faster"), ("higher", "lower", "no higher")
# What a page would have said: the kinds of result of the wording rules.
SAID = {
    "interval_excludes_zero": "beyond normal variation",
    "null": "not distinguishable from normal variation",
    "not_calibratable": "a range of forecasts, no interval",
    "accounting_only": "growth rates only",
}


def _between(low: float, high: float, digits: int = 1) -> str:
    return NOTHING if pd.isna(low) else f"{signed(low, digits)}\u00a0to\u00a0{signed(high, digits)}"


def _rate(middle: float, low: float, high: float) -> str:
    """Return a growth rate, as a range where the printed pieces leave more than half a point open."""
    if pd.isna(middle):
        return "not known"
    return percent(middle) if high - low < 1 else f"{signed(low)} to {percent(high)}"


def minister_rows(figure: pd.DataFrame) -> pd.DataFrame:
    """Return a bar for each destination and window whose growth is known, with names and whose count it is."""
    known = figure[figure["growth_pct"].notna()]
    return known.assign(
        destination=[short_name(code) for code in known["destination_code"]],
        counted=["China's count" if basis.startswith("China") else "its own count" for basis in known["basis"]],
        label=[
            f"{short_name(row.destination_code)}, {row.window} ({span_name(row.first_month, row.last_month)})"
            for row in known.itertuples(index=False)
        ],
    ).reset_index(drop=True)


def alt_of_minister(rows: pd.DataFrame) -> str:
    """Return what a reader who cannot see the figure should know."""
    return alt_of("Growth in three windows.", rows, "label", {"growth_pct": "percent"})


def of_minister(figure: pd.DataFrame) -> str:
    """Title of the figure: growth elsewhere since the US market reopened, against the shut door and the truce."""
    wide = figure.pivot(index="destination_code", columns="window_id", values="growth_pct").round(1)
    if not {"W1", "W3"} <= set(wide.columns) or "US" not in wide.index:
        return "Growth against a year before, window by window"
    if not wide.loc["US", "W3"] > wide.loc["US", "W1"]:
        return "The US market has not reopened on China's count"
    others = wide.drop(index="US").dropna(subset=["W3"])
    rising = bool((others["W3"] > 0).all())
    paces = [
        (*_pace(others, window, PACE if rising else RATES), name)
        for window, name in (("W1", "behind the shut door"), ("W2", "in the truce"))
    ]
    told = [(pace, where, name) for pace, where, name in paces if pace]
    if not told:
        return "Growth against a year before, window by window"
    if len(told) == 2 and told[0][:2] == told[1][:2]:
        told = [(*told[0][:2], f"{told[0][2]} and {told[1][2]}")]
    start = "exports elsewhere grow" if rising else "growth of exports elsewhere is"
    compared = ", ".join(f"{pace} than {name}{where}" for pace, where, name in told)
    return f"Since the US market reopened, {start} {compared}"


def _pace(others: pd.DataFrame, window: str, words: tuple[str, str, str]) -> tuple[str, str]:
    """Compare growth since the reopening with another window: faster, slower, or faster where; empty if not known."""
    known = others.dropna(subset=[window]) if window in others else others.iloc[:0]
    if known.empty:
        return "", ""
    faster = [THE.get(code, short_name(code)) for code in known.index[known["W3"] > known[window]]]
    if faster:
        return words[0], "" if len(faster) == len(known) else f" only to {' and '.join(faster)}"
    return words[1 if (known["W3"] < known[window]).all() else 2], ""


def easing_rows(easing: pd.DataFrame) -> pd.DataFrame:
    """Return the estimated changes from W1 to W3 with their intervals, those with a change only."""
    rows = easing[easing["change_pp"].notna() & (easing["basis"] == "gap against a forecast")]
    rows = rows.sort_values("destination_code", key=lambda codes: codes.map(ORDER.index), kind="stable")
    return rows.assign(
        series=[
            f"{PROXIES.get(row.destination_code) or short_name(row.destination_code)}, {FORMS[row.form]}"
            for row in rows.itertuples(index=False)
        ],
        interval=[_between(row.low_pp, row.high_pp) for row in rows.itertuples(index=False)],
        error_pp=rows["placebo_error_pp"],
        told=rows["reading"],
    ).reset_index(drop=True)


def of_easing(easing: pd.DataFrame) -> str:
    """Title of the table of changes."""
    rows = easing_rows(easing)
    told = rows.loc[rows["degrees_of_freedom"] > 0, "reading"].value_counts()
    if set(told.index) == {"cannot be told"}:
        least = rows["mde80_pp"].min()
        return (
            f"Whether the gaps eased cannot be told: only a change above {plain(least, 0)} points was likely to be seen"
        )
    return "Gaps against the forecast, reopening less shut: " + ", ".join(f"{n} {words}" for words, n in told.items())


def sharpened_rows(checked: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons of the first half of 2026 with November 2025 and with the shut door."""
    return checked.assign(
        destination=[short_name(code) for code in checked["destination_code"]],
        compared=[span_name(row.then_first, row.then_last) for row in checked.itertuples(index=False)],
        then=[_rate(row.then_pct, row.then_low_pct, row.then_high_pct) for row in checked.itertuples(index=False)],
        now=[_rate(row.next_pct, row.next_low_pct, row.next_high_pct) for row in checked.itertuples(index=False)],
    )


def of_sharpened(checked: pd.DataFrame) -> str:
    """Title of that table, from China's own count against the months of the shut door."""
    rows = checked[(checked["against"] == "door shut") & checked["destination_code"].isin(["EU", "ASEAN"])]
    return f"Growth in the first half of 2026: {_verdicts(rows)}" if len(rows) else "Growth in the first half of 2026"


def _verdicts(rows: pd.DataFrame) -> str:
    told = [f"{short_name(row.destination_code)} {row.verdict}" for row in rows.itertuples(index=False)]
    return ", ".join(told)


def across_sentence(across: pd.DataFrame) -> str:
    """Say whether partners that rose most when the door shut fell most when it reopened."""
    row = across[across["measure"] == "rank"].iloc[0]
    if pd.isna(row.get("correlation")):
        return f"Across partners no comparison is made: {row['reason']}."
    return (
        f"Across {int(row['partners'])} partners, growth while the door was shut and growth after it reopened have a "
        f"rank correlation of {plain(row['correlation'], 2)}; goods that had been turned away would make it negative. "
        f"By chance it would be as low or lower with probability {plain(row['p_value'], 2)}, and only one below "
        f"{plain(row['detectable'], 2)} would have been told from chance: {row['reading']}. Two neighbouring years "
        f"share a quarter, which pulls the correlation below zero by itself: earlier pairs of years average "
        f"{plain(row['earlier_mean'], 2)}."
    )


def episode_rows(episode: pd.DataFrame) -> pd.DataFrame:
    """Return what the page would have said of the first tariffs, for the series that had a past."""
    rows = episode[episode["kind"] != "accounting_only"]
    return rows.assign(
        series=[f"{short_name(row.destination_code)}, {FORMS.get(row.form, row.form)}" for row in rows.itertuples()],
        window=[BACKTEST_WINDOWS.get(window, window) for window in rows["window_id"]],
        gap=[signed(gap) for gap in rows["gap_bn"]],
        interval=[_between(row.low_bn, row.high_bn) for row in rows.itertuples()],
        spread=[_between(row.gap_low_bn, row.gap_high_bn) for row in rows.itertuples()],
        said=[SAID[kind] for kind in rows["kind"]],
    ).reset_index(drop=True)


def of_episode(episode: pd.DataFrame) -> str:
    """Title of the backtest."""
    kinds = episode.loc[episode["kind"] != "accounting_only", "kind"]
    if (kinds == "interval_excludes_zero").any():
        return "In November 2019 this page would have found some gaps beyond normal variation"
    return "In November 2019 this page could have said nothing firm about the first tariffs"


def later_rows(later: pd.DataFrame) -> pd.DataFrame:
    """Return the published findings on 2018-19 that can be set beside ours."""
    rows = later[later["ours_value"].notna()]
    return rows.assign(
        found=rows["published_text"] + "\u00a0" + rows["unit"],
        ours=[
            f"{signed(row.ours_value)}, {span_name(row.ours_first, row.ours_last)}"
            for row in rows.itertuples(index=False)
        ],
    ).reset_index(drop=True)


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


def of_nowcasts(nowcasts: pd.DataFrame) -> str:
    """Title of the nowcasts, from the US row."""
    us = nowcast_rows(nowcasts).query("destination_code == 'US'")
    if us.empty:
        return "The next month"
    row = us.iloc[0]
    return (
        f"{month_name(row['last_month'])}: US imports from China between {plain(row['low80_bn'], 0)} and "
        f"{plain(row['high80_bn'], 0)} billion with a chance of four in five"
    )


def score_rows(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Return how often the intervals would have held what came, with the exact interval of that rate."""
    rows = scorecard[scorecard["scored"] > 0]

    def hits(row: tuple, level: int) -> str:
        count, low, high = (
            getattr(row, f"hit{name}") for name in (f"s{level}", f"{level}_low_pct", f"{level}_high_pct")
        )
        return f"{count} of {row.scored} ({plain(low, 0)} to {plain(high, 0)} %)"

    return rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]],
        hit80=[hits(row, 80) for row in rows.itertuples(index=False)],
        hit95=[hits(row, 95) for row in rows.itertuples(index=False)],
    ).reset_index(drop=True)


def scenario_rows(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return the scenarios of early 2025 beside what came."""
    rows = scenarios[scenarios["came_pct"].notna()]
    came = [
        f"{percent(row.came_pct)} ({short_name(row.came_of)}, {span_name(row.first_month, row.last_month)})"
        for row in rows.itertuples(index=False)
    ]
    return rows.assign(came=came).reset_index(drop=True)
