"""What the page on the reopening shows: growth and gaps window by window, partners, and what was said of next year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.estimate_views import FORMS, ORDER, series_name
from helpers.excess import CALIBRATED
from helpers.headlines import alt_of, short_name
from helpers.months import span_name
from helpers.numbers import NOTHING, percent, plain, signed
from helpers.reopening import SHOWN, SUPPOSED

EASING_COLUMNS = ["series", "change_pp", "interval", "error_pp", "mde80_pp", "degrees_of_freedom", "told"]
SHARPENED_COLUMNS = ["destination", "basis", "compared", "then", "now", "then_own_pct", "next_own_pct", "verdict"]
WINDOW_COLUMNS = ["destination", "window", "growth_pct", "two_years_pct"]
PARTNER_COLUMNS = ["destination", "quarter_shut", "quarter_reopened"]
# Growth against another window where exports still grow, and where some shrink.
THE = {"EU": "the EU"}
PACE, RATES = ("faster", "more slowly", "no faster"), ("higher", "lower", "no higher")


def between(low: float, high: float, digits: int = 1) -> str:
    """Print both ends of a range, signed; a dash where it is not known."""
    return NOTHING if pd.isna(low) else f"{signed(low, digits)}\u00a0to\u00a0{signed(high, digits)}"


def _rate(middle: float, low: float, high: float) -> str:
    """Return a growth rate, as a range where the printed pieces leave more than half a point open."""
    if pd.isna(middle):
        return "not known"
    return percent(middle) if high - low < 1 else f"{signed(low)} to {percent(high)}"


def in_order(figure: pd.DataFrame) -> pd.DataFrame:
    """Return the windows in reading order: the United States first, each destination's windows as they came."""
    place = figure["destination_code"].map(SHOWN.index)
    return figure.iloc[np.lexsort((figure["window_id"], place))].reset_index(drop=True)


def minister_rows(figure: pd.DataFrame) -> pd.DataFrame:
    """Return a bar for each destination and window whose growth is known, with names and whose count it is."""
    known = in_order(figure[figure["growth_pct"].notna()])
    return known.assign(
        destination=[short_name(code) for code in known["destination_code"]],
        counted=["China's count" if basis.startswith("China") else "its own count" for basis in known["basis"]],
        label=[
            f"{short_name(row.destination_code)}, {row.window} ({span_name(row.first_month, row.last_month)})"
            for row in known.itertuples(index=False)
        ],
    ).reset_index(drop=True)


def window_rows(figure: pd.DataFrame) -> pd.DataFrame:
    """Return growth against a year and against two years before, a row for each destination and window."""
    figure = in_order(figure)
    return figure.assign(
        destination=[short_name(code) for code in figure["destination_code"]],
        window=[
            f"{span_name(row.first_month, row.last_month)} ({row.window})" for row in figure.itertuples(index=False)
        ],
    )


def of_windows(figure: pd.DataFrame) -> str:
    """Title of that table: what two years say of the reopening, where the base lies before the tariffs."""
    held = in_order(figure[(figure["window_id"] == "W3") & figure["two_years_pct"].notna()])
    told = [f"{short_name(row.destination_code)} {percent(row.two_years_pct)}" for row in held.itertuples()]
    return f"Since the reopening, against two years before: {', '.join(told)}" if told else "Growth by window"


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
    """Return the plain gaps of the calibrated destinations, window by window."""
    known = gaps[(gaps["form"] == "plain") & (gaps["reason"] == "") & gaps["destination_code"].isin(CALIBRATED)]
    known = known.sort_values(
        ["destination_code", "window_id"], key=lambda c: c.map(CALIBRATED.index) if c.name == "destination_code" else c
    )
    return known.assign(
        status="interval",
        label=[
            f"{short_name(row.destination_code)}, {span_name(row.first_month, row.last_month)} ({row.window_id})"
            for row in known.itertuples(index=False)
        ],
    ).reset_index(drop=True)


def of_gaps(rows: pd.DataFrame) -> str:
    """Title of the gaps by window: one number for each window and destination."""
    told = [
        f"{short_name(code)} {', '.join(signed(gap, 0) for gap in held['gap_pct'])} %"
        for code, held in rows.groupby("destination_code", sort=False)
    ]
    windows = ", ".join(dict.fromkeys(rows["window_id"]))
    return f"Gap to the forecast in {windows}: {'; '.join(told)}" if told else "No window has an interval yet"


def alt_of_gaps(rows: pd.DataFrame) -> str:
    """Return the gaps and their intervals in words."""
    words = {"gap_pct": "gap", "low_pct": "from", "high_pct": "to"}
    return alt_of("Gaps in percent of the forecast.", rows, "label", words)


def easing_rows(easing: pd.DataFrame) -> pd.DataFrame:
    """Return the estimated changes from W1 to W3 with their intervals, those with a change only."""
    rows = easing[easing["change_pp"].notna() & (easing["basis"] == "gap against a forecast")]
    rows = rows.sort_values("destination_code", key=lambda codes: codes.map(ORDER.index), kind="stable")
    return rows.assign(
        series=[
            f"{series_name(row.destination_code, row.view)}, {FORMS[row.form]}" for row in rows.itertuples(index=False)
        ],
        interval=[between(row.low_pp, row.high_pp) for row in rows.itertuples(index=False)],
        error_pp=rows["placebo_error_pp"],
        told=rows["reading"],
    ).reset_index(drop=True)


def of_easing(easing: pd.DataFrame) -> str:
    """Title of the table of changes."""
    rows = easing_rows(easing)
    told = rows.loc[rows["degrees_of_freedom"] > 0, "reading"].value_counts()
    if set(told.index) == {"cannot be told"}:
        least = rows["mde80_pp"].min()
        if pd.isna(least):
            return "Whether the gaps eased cannot be told"
        return (
            f"Whether the gaps eased cannot be told: only a change above {plain(least, 0)} points was likely to be seen"
        )
    if told.empty:
        return "No gap of the reopening can be held against that behind the shut door"
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
    faster = int((points["reopened_low_pct"] > points["shut_high_pct"]).sum())
    open_ = len(points) - slower - faster
    told = f", of {open_} it cannot be told" if open_ else ""
    return (
        f"{slower or 'None'} of {len(points)} partners grew more slowly from April to June 2026 than a year before, "
        f"{faster} faster{told}"
    )
