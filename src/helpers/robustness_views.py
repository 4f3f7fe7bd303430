"""What the page on the forecaster's choices shows: the curve drawn, counts as words, titles for every outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.estimate_views import FORMS, ORDER
from helpers.headlines import short_name
from helpers.numbers import MINUS, NOTHING, plain, signed
from helpers.robustness import detectable

CURVE_COLUMNS = [
    "series", "window", "specifications", "headline_gap_pct", "middle", "same_sign_pct", "clear_pct",
    "clear_straight_pct",
]  # fmt: skip
CHOICE_COLUMNS = ["axis_name", "choices", "us_range", "au_range"]
DATES_COLUMNS = ["series", "window", "now_pct", "earlier", "rank_p", "p_value_t", "dates_apart"]
FAMILY_COLUMNS = ["series", "window", "p_value", "p_holm", "p_westfall_young", "told"]
POWER_COLUMNS = ["series", "window", "gap_pct", "mde80_exact_pct", "chance10", "chance25", "degrees_of_freedom"]
AXIS_NAMES = {
    "trend": "Form of the forecast", "training": "Periods of training", "train_end": "End of training",
    "covid": "Dummies for early 2020", "form": "Plain or share of other origins", "currency": "Currency",
}  # fmt: skip
STUDY_COLUMNS = ["what", "quantity", "nominal_level", "measured", "simulation_error", "bounds", "kind", "told"]
PROMISE, CHECK, SHOWN = "promise", "check of the code", "shown"
NOT_NOMINAL, FALLS_SHORT = "holds; not the nominal level everywhere", "falls short"
# Tests and quantities ("" for all of a test): what is promised of chance, not of the code; the level a test or a set
# has by its name; words of a quantity.
PROMISES = {("T1", ""), ("T7", ""), ("T8", "excess found less power"), ("T8", "US loss found"),
            ("T11", "net bias (loss 0.7, rushed in 1)"), ("T13", "largest shift over the band")}  # fmt: skip
NOMINAL = {("T1", ""): 0.95, ("T2", ""): 0.95, ("T7", ""): 0.05, ("T8", "US loss found"): 0.025,
           ("T8", "excess found less power"): 0.0, ("T11", "net bias (loss 0.7, rushed in 1)"): 0.0}  # fmt: skip
QUANTITIES = {
    "us_gap": "US gap", "au_gap": "Australia's gap", "ratio": "ratio of Australia's gap to the US gap",
    "textbook": "textbook dummy, noise that lasts", "textbook, independent noise": "textbook dummy, independent noise",
    "false alarm": "gaps found where there are none, share", "excess found": "excess found, share (its power)",
    "excess found less power": "excess found, share, less what power predicts",
    "US loss found": "US loss found, share; a test of one side",
    "excess said not to be shown to depend on exposure":
        "excess found of which is said that it is not shown to depend on how hard products were hit, share",
    "draws that are said to be diversion": "draws that are said to be diversion, number",
    "largest shift over the band": "largest shift of a gap, over its printed band",
    "two runs equal": "two runs equal: 1, or 0",
}  # fmt: skip
DRAWN_COLUMNS = [
    "destination_code", "window_id", "spec_id", "form", "currency", "trend", "training", "train_end", "covid",
    "gap_pct", "low_pct", "high_pct", "degrees_of_freedom", "excludes_zero", "is_headline",
]  # fmt: skip
LEVEL = 0.05
DRAWN = ("US", "AU")
POWER_SIZES = tuple(float(size) for size in range(1, 81))  # percent of the counterfactual
POWER_SAID = (10.0, 25.0, 50.0)
# A gap that more than this share of its specifications undercut (or exceed) stands at the edge of its curve.
EDGE = 80.0


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by destination as on all pages, then by window."""
    rank = rows["destination_code"].map({code: place for place, code in enumerate(ORDER)})
    return rows.assign(_rank=rank).sort_values(["_rank", "window_id"], kind="stable").drop(columns="_rank")


def _name(code: str, form: str) -> str:
    return f"{short_name(code)}, {FORMS.get(form, form)}"


def _p(value: float, least: float | None = None) -> str:
    """Return a p-value; one that cannot be smaller says so."""
    if pd.isna(value):
        return NOTHING
    word = "at most " if least is not None and value <= least * 1.0001 else ""
    return f"{word}{plain(value, 3 if value < 0.1 else 2)}"


def further_pct(row: pd.Series) -> float:
    """Return the share of specifications that find less than the headline does, counted away from zero."""
    lower = float(row["lower_pct"])
    return lower if row["headline_gap_pct"] >= 0 else 100 - lower


def drawn_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the specifications that are drawn, W1 of the US and Australia, with what tells them apart."""
    rows = table[table["destination_code"].isin(DRAWN) & (table["window_id"] == "W1")]
    return rows[DRAWN_COLUMNS].round(4).reset_index(drop=True)


def curve_rows(summed: pd.DataFrame) -> pd.DataFrame:
    """Return the curve summed up per destination and window, those with specifications."""
    rows = _ordered(summed[(summed["form"] == "all") & (summed["specifications"] > 0)])
    return rows.assign(
        series=[short_name(code) for code in rows["destination_code"]], window=rows["window_id"],
        middle=[
            f"{signed(row.median_gap_pct)} ({signed(row.p5_gap_pct)}\u00a0to\u00a0{signed(row.p95_gap_pct)})"
            for row in rows.itertuples(index=False)
        ],
    ).reset_index(drop=True)  # fmt: skip


def of_curve(summed: pd.DataFrame) -> str:
    """Title of the curve: what all sensible choices agree on in the window of the shut door."""
    rows = summed[(summed["form"] == "all") & (summed["window_id"] == "W1")].set_index("destination_code")
    told = [_told(code, rows.loc[code]) for code in DRAWN if code in rows.index and rows.loc[code, "specifications"]]
    return "; ".join(told) if told else "No specification has its training and the whole of W1"


def _told(code: str, row: pd.Series) -> str:
    total, share = int(row["specifications"]), row["clear_pct"]
    if pd.isna(share):
        return f"{short_name(code)}: {total} specifications, point gaps only"
    which = "a loss" if row["headline_gap_pct"] < 0 else "an excess"
    told = f"{short_name(code)}: {plain(share, 0)} % of {total} forecasts find {which} clear of zero"
    if pd.isna(row["clear_straight_pct"]):
        return told
    return f"{told}, {plain(row['clear_straight_pct'], 0)} % without quadratic trends"


def alt_of_curve(summed: pd.DataFrame) -> str:
    """Return what a reader who cannot see the curve should know."""
    rows = curve_rows(summed)
    rows = rows[(rows["window_id"] == "W1") & rows["destination_code"].isin(DRAWN)]
    told = [
        f"{row.series}: median {row.middle} percent, {plain(row.clear_pct, 0)} percent clear of zero"
        for row in rows.itertuples(index=False)
    ]
    return f"Gaps of all specifications, sorted. {'; '.join(told)}."


def edge_sentence(summed: pd.DataFrame) -> str:
    """Say where the headline stands on its own curve; a headline at the edge is named as one."""
    rows = summed[(summed["form"] == "all") & summed["destination_code"].isin(DRAWN)]
    rows = _ordered(rows[rows["headline_gap_pct"].notna()])
    told = []
    for code, held in rows.groupby("destination_code", sort=False):
        shares = [further_pct(row) for _, row in held.iterrows()]
        words = " / ".join(plain(share, 0) for share in shares)
        edge = "the headline sits at the large end of what could have been chosen" if max(shares) > EDGE else (
            "the headline sits at the small end of what could have been chosen" if min(shares) < 100 - EDGE
            else "the headline sits inside its curve"
        )  # fmt: skip
        windows = ", ".join(held["window_id"])
        told.append(f"**{short_name(code)}**: {words} % of the specifications find less ({windows}); {edge}.")
    return " ".join(told)


def choice_rows(axes: pd.DataFrame, window: str = "W1") -> pd.DataFrame:
    """Return, per choice, how far the median moves with it: US and Australia beside each other."""
    held = axes[axes["window_id"] == window]
    rows = []
    for axis, name in AXIS_NAMES.items():
        row = {"axis_name": name, "choices": NOTHING, "us_range": NOTHING, "au_range": NOTHING, "width": 0.0}
        for code in DRAWN:
            one = held[(held["axis"] == axis) & (held["destination_code"] == code)]
            if len(one):
                low, high = one["median_gap_pct"].min(), one["median_gap_pct"].max()
                row[f"{code.lower()}_range"] = f"{signed(low)}\u00a0to\u00a0{signed(high)}"
                row["width"] = max(row["width"], high - low)
                row["choices"] = str(one["choice"].nunique())
        rows.append(row)
    return pd.DataFrame(rows).sort_values("width", ascending=False, kind="stable", ignore_index=True)


def of_choices(rows: pd.DataFrame) -> str:
    """Title of the choices: which one matters most."""
    return f"The choice that moves the gap most: {rows['axis_name'].iloc[0].lower()}"


def dates_rows(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the curve at earlier dates beside the window, tested series only."""
    rows = _ordered(tests[tests["statistic"] == "median gap"])
    return rows.assign(
        series=[short_name(code) for code in rows["destination_code"]], window=rows["window_id"],
        now_pct=rows["observed"],
        earlier=[
            f"{signed(row.placebo_p5)}\u00a0to\u00a0{signed(row.placebo_p95)}" for row in rows.itertuples(index=False)
        ],
        rank_p=[_p(row.p_value, row.resolution) for row in rows.itertuples(index=False)],
        p_value_t=[_p(value) for value in rows["p_value_t"]],
        dates_apart=[f"{row.dates} ({row.dates_not_overlapping})" for row in rows.itertuples(index=False)],
    ).reset_index(drop=True)  # fmt: skip


def of_dates(tests: pd.DataFrame) -> str:
    """Title of the joint test, for the window of the shut door: no earlier date, few, or many like it."""
    rows = tests[(tests["statistic"] == "median gap") & (tests["window_id"] == "W1")]
    told = []
    for row in _ordered(rows).itertuples(index=False):
        worse = round(row.p_value / row.resolution) - 1
        told.append(f"{short_name(row.destination_code)}: {worse or 'none'} of {row.dates} earlier dates")
    return "Earlier dates with a median gap as large as in W1. " + ", ".join(told) if told else "No date to compare"


def family_rows(family: pd.DataFrame) -> pd.DataFrame:
    """Return the p-values of the headline, alone and adjusted for having looked at several series."""
    rows = _ordered(family[family["p_westfall_young"].notna()])
    return rows.assign(
        series=[_name(row.destination_code, row.form) for row in rows.itertuples(index=False)],
        window=rows["window_id"],
        told=["stands out" if value < LEVEL else "does not stand out" for value in rows["p_westfall_young"]],
        p_value=[_p(value) for value in rows["p_value"]], p_holm=[_p(value) for value in rows["p_holm"]],
        p_westfall_young=[_p(row.p_westfall_young, row.resolution) for row in rows.itertuples(index=False)],
    ).reset_index(drop=True)  # fmt: skip


def of_family(family: pd.DataFrame) -> str:
    """Title of the adjusted p-values: which series still stand out after looking at all of them."""
    rows = _ordered(family[family["p_westfall_young"] < LEVEL])
    if rows.empty:
        return "After adjusting for looking at several series, none stands out"
    names = list(dict.fromkeys(rows["destination_code"].map(short_name) + " in " + rows["window_id"]))
    which = f"{names[0]} alone stands out" if len(names) == 1 else f"these stand out: {', '.join(names)}"
    return f"After adjusting for looking at several series, {which}"


def power_rows(effects: pd.DataFrame, curve: pd.DataFrame) -> pd.DataFrame:
    """Return what would have been seen: detectable effect and the chance for gaps of 10 and 25 %, plain form."""
    rows = _ordered(effects[effects["mde80_exact_pct"].notna() & (effects["form"] == "plain")])
    keys = ["destination_code", "form", "window_id"]
    chance = curve.pivot(index=keys, columns="effect_pct", values="power_pct")
    found = chance.loc[pd.MultiIndex.from_frame(rows[keys])]
    return rows.assign(
        series=[short_name(code) for code in rows["destination_code"]], window=rows["window_id"],
        chance10=found[10.0].to_numpy(), chance25=found[25.0].to_numpy(),
    ).reset_index(drop=True)  # fmt: skip


def of_power(effects: pd.DataFrame) -> str:
    """Title of the power curve: from which size on a gap of W1 would have been seen in four of five cases."""
    rows = effects[(effects["form"] == "plain") & (effects["window_id"] == "W1") & effects["mde80_exact_pct"].notna()]
    told = [
        f"{short_name(row.destination_code)} {plain(row.mde80_exact_pct, 0)} %" for row in _ordered(rows).itertuples()
    ]
    return f"A gap is seen four times in five only from this size on: {', '.join(told)}" if told else "Nothing testable"


def power_lines(excess: pd.DataFrame) -> pd.DataFrame:
    """Return the chance of seeing a gap by its size, W1 of the US and Australia, finely enough for a smooth line."""
    drawn = excess["destination_code"].isin(DRAWN) & (excess["form"] == "plain") & (excess["window_id"] == "W1")
    return detectable(excess[drawn].reset_index(drop=True), POWER_SIZES)[1].round(4)


def alt_of_power(effects: pd.DataFrame, lines: pd.DataFrame) -> str:
    """Return what a reader who cannot see the power curve should know."""
    told = [
        f"{short_name(code)} "
        + ", ".join(f"{plain(row.power_pct, 0)} at {plain(row.effect_pct, 0)}" for row in held.itertuples(index=False))
        for code, held in lines[lines["effect_pct"].isin(POWER_SAID)].groupby("destination_code", sort=False)
    ]
    return f"Two rising lines, chance in percent by size of the gap in percent. {'; '.join(told)}. {of_power(effects)}."


def study_rows(summed: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return what the simulations promise and what they found, over all invented worlds, with the nominal level.

    Parameters
    ----------
    summed, drawn
        From :func:`helpers.study.summed`, and the rows it sums up at the larger size, for their Monte Carlo errors.
    """
    errors = drawn.groupby(["test", "quantity"])["standard_error"].max()
    rows = []
    for row in summed.to_dict("records"):
        key = row["test"], row["quantity"]
        level, error = NOMINAL.get(key, NOMINAL.get((row["test"], ""), np.nan)), float(errors.get(key, np.nan))
        rows.append({
            "quantity": QUANTITIES.get(row["quantity"], row["quantity"].replace("_", " ")), "kind": _kind(row),
            "measured": row["nightly"].replace("-", MINUS), "bounds": row["bounds"].replace("-", MINUS),
            "nominal_level": NOTHING if pd.isna(level) else f"{level:g}",
            "simulation_error": NOTHING if pd.isna(error) else plain(error, 3), "told": _study_told(row, level, error),
        })  # fmt: skip
    return summed.assign(**pd.DataFrame(rows, index=summed.index))


def _kind(row: dict) -> str:
    if not row["promised"]:
        return SHOWN
    return PROMISE if (row["test"], row["quantity"]) in PROMISES or (row["test"], "") in PROMISES else CHECK


def _study_told(row: dict, level: float, error: float) -> str:
    """Read one row: a promise with room may hold and still fall short of its nominal level beyond simulation error."""
    if not row["promised"]:
        return SHOWN
    if not row["holds"]:
        return FALLS_SHORT
    short = {"T1": level - row["nightly_low"], "T7": row["nightly_high"] - level}.get(row["test"], np.nan)
    return NOT_NOMINAL if short > 2 * error else "holds"


def of_study(rows: pd.DataFrame, fits: bool) -> str:
    """Title of the simulations, from :func:`study_rows`: statistical promises only, checks of the code where one fails.

    A study of other code than today's says so first.
    """
    promised, checks = (rows[rows["kind"] == kind] for kind in (PROMISE, CHECK))
    short, nominal = (int((promised["told"] == words).sum()) for words in (FALLS_SHORT, NOT_NOMINAL))
    told = (
        f"{short} of {len(promised)} statistical promises of the method fall short on invented flows" if short
        else f"All {len(promised)} statistical promises of the method hold on invented flows"
    )  # fmt: skip
    told += f", {nominal} of them not at the nominal level everywhere" if nominal and not short else ""
    failed = int((checks["told"] == FALLS_SHORT).sum())
    told += f"; {failed} of {len(checks)} checks of the code {'fails' if failed == 1 else 'fail'}" if failed else ""
    return told if fits else f"Simulated with earlier code: {told[0].lower()}{told[1:]}"
