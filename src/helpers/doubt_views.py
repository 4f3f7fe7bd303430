"""What the pages on the reopening, on 2018 and on the next month show: names for codes, ranges as text, titles."""

from __future__ import annotations

import pandas as pd

from helpers.backtest import SAME_OBJECT
from helpers.counterfactual import LEAST_DEGREES
from helpers.estimate_views import FORMS, ORDER, PROXIES
from helpers.excess import CALIBRATED
from helpers.headlines import alt_of, short_name
from helpers.months import month_name, span_name
from helpers.nowcast import ALL, BEFORE, SINCE
from helpers.numbers import MINUS, NOTHING, percent, plain, signed
from helpers.reopening import SUPPOSED

EASING_COLUMNS = ["series", "change_pp", "interval", "error_pp", "mde80_pp", "degrees_of_freedom", "told"]
SHARPENED_COLUMNS = ["destination", "basis", "compared", "then", "now", "then_own_pct", "next_own_pct", "verdict"]
PARTNER_COLUMNS = ["destination", "quarter_shut", "quarter_reopened"]
EPISODE_COLUMNS = ["series", "window", "gap", "interval", "spread", "mde80_bn", "origins", "degrees_of_freedom", "said"]
LATER_COLUMNS = ["study", "quantity", "found", "ours", "same_object"]
NOWCAST_COLUMNS = ["destination", "month", "nowcast_bn", "interval80", "interval95", "year_before_bn", "growth_pct"]
CANDIDATE_COLUMNS = ["destination", "candidate", "forecast_bn", "weight", "recent_rmse_pct"]
SCORE_COLUMNS = ["destination", "part", "hit80", "hit95", "rmse_pct", "naive_rmse_pct", "ratio_to_naive", "told"]
SCENARIO_COLUMNS = ["study", "quantity", "said_pct", "came", "miss_pp", "conditional_on"]
BACKTEST_WINDOWS = {"B1": "B1, July to December 2018", "B2": "B2, January to September 2019"}
# Growth against another window where exports still grow, and where some shrink.
THE = {"EU": "the EU"}
PACE, RATES = ("faster", "more slowly", "no faster"), ("higher", "lower", "no higher")
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


def gap_rows(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the plain gaps of the calibrated destinations, in percent under the names that the drawing takes."""
    known = gaps[(gaps["form"] == "plain") & (gaps["reason"] == "") & gaps["destination_code"].isin(CALIBRATED)]
    known = known.sort_values(
        ["destination_code", "window_id"], key=lambda c: c.map(CALIBRATED.index) if c.name == "destination_code" else c
    )
    taken = {f"{name}_pct": f"{name}_bn" for name in ("gap", "low", "high", "mde80")}
    return (
        known.rename(columns=taken)
        .assign(
            status="interval",
            label=[
                f"{short_name(row.destination_code)}, {span_name(row.first_month, row.last_month)} ({row.window_id})"
                for row in known.itertuples(index=False)
            ],
        )
        .reset_index(drop=True)
    )


def of_gaps(rows: pd.DataFrame) -> str:
    """Title of the gaps by window: one number for each window and destination."""
    told = [
        f"{short_name(code)} {', '.join(signed(gap, 0) for gap in held['gap_bn'])} %"
        for code, held in rows.groupby("destination_code", sort=False)
    ]
    windows = ", ".join(dict.fromkeys(rows["window_id"]))
    return f"Gap to the forecast in {windows}: {'; '.join(told)}" if told else "No window has an interval yet"


def alt_of_gaps(rows: pd.DataFrame) -> str:
    """Return the gaps and their intervals in words."""
    words = {"gap_bn": "gap", "low_bn": "from", "high_bn": "to"}
    return alt_of("Gaps in percent of the forecast.", rows, "label", words)


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
        f"By chance it would be as low or lower with probability {plain(row['p_value'], 2)}. Only one below "
        f"{plain(row['least'], 2)} would have been told from chance and from earlier years: a true correlation of "
        f"{plain(SUPPOSED, 1)} had a chance of {plain(row['power_pct'], 0)}\u00a0% of being seen (normal "
        f"approximation), and only one as low as {plain(row['likely_seen'], 2)} a chance of four in five. The reading: "
        f"{row['reading']}. Two neighbouring years share a quarter, which pulls the correlation below zero by itself: "
        "earlier pairs of years average "
        f"{plain(row['earlier_mean'], 2)}."
    )


def partner_rows(points: pd.DataFrame) -> pd.DataFrame:
    """Return the partners that are compared with both growth rates, the fastest while the door was shut first."""
    if points.empty:
        return pd.DataFrame(columns=PARTNER_COLUMNS)
    rows = points.sort_values("shut_pct", ascending=False, kind="stable")
    return rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]],
        quarter_shut=[_rate(r.shut_pct, r.shut_low_pct, r.shut_high_pct) for r in rows.itertuples()],
        quarter_reopened=[_rate(r.reopened_pct, r.reopened_low_pct, r.reopened_high_pct) for r in rows.itertuples()],
    ).reset_index(drop=True)


def of_partners(points: pd.DataFrame) -> str:
    """Title of the partners: how many grew more slowly once the door had reopened."""
    if points.empty:
        return "No partner is known in both quarters"
    slower = int((points["reopened_high_pct"] < points["shut_low_pct"]).sum())
    return (
        f"{slower or 'None'} of {len(points)} partners grew more slowly after the door reopened than while it was shut"
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
    return f" ({_between(low, high)})"


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
        inside = f"95\u00a0% interval {_between(row['low_bn'], row['high_bn'], 0)}"
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


def without_sentence(nowcasts: pd.DataFrame, codes: tuple[str, ...] = ("EU", "ASEAN")) -> str:
    """Say which destinations have no nowcast, and why; nothing where all have one."""
    held = nowcasts.set_index("destination_code")
    told = []
    for code in codes:
        if code not in held.index:
            told.append(f"{short_name(code)}: the ledger holds no monthly flow")
        elif pd.isna(held.loc[code, "nowcast_bn"]):
            row = held.loc[code]
            name = PROXIES.get(code, short_name(code))
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
