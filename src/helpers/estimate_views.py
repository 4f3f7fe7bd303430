"""The tables and titles of the estimates as readers see them: names for codes, an interval as text, what stands out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers.counterfactual import CONFIDENCE, LEAST_DEGREES
from helpers.destination_list import ORDER, codes, in_sentence
from helpers.headlines import short_name
from helpers.months import span_name
from helpers.numbers import MONEY, NOTHING, plain, signed
from helpers.periods import PERIODS_PER_YEAR
from helpers.spans import WINDOW_NAMES

FORMS = {"plain": "plain", "share": "share", "share of six origins": "share of six origins", "range": "range of forms"}
GAP_WORDS = {"gap_bn": "gap", "low_bn": "from", "high_bn": "to", "gap_low_bn": "forms from", "gap_high_bn": "forms to"}

# Columns of the tables that a page shows, in order.
LUMP_COLUMNS = [
    "reporter", "partner", "period", "value_mn", "usual_mn", "share_of_total_pct",
]  # fmt: skip
CANDIDATE_COLUMNS = [
    "trend", "training_periods", "US plain", "US share", "AU plain",
    "AU share", "mean_ratio", "US plain gap", "US share gap", "AU plain gap", "AU share gap",
]  # fmt: skip
PLACEBO_COLUMNS = [
    "destination", "form", "gap_bn", "mean_error", "gap_less_mean", "error", "without", "low", "high", "rank",
    "least_interval",
]  # fmt: skip
EXCESS_COLUMNS = [
    "series", "gap", "interval", "spread",
    "placebo_error_bn", "mde80_bn", "t_value", "degrees_of_freedom", "evidence_grade",
]  # fmt: skip


def series_name(code: str, view: str) -> str:
    """Return a destination's name, or what stands for it where its own series is not held."""
    return "Euro-area manufactures (for the EU)" if code == "EU" and "proxy" in str(view) else short_name(code)


def money_name(currency: str) -> str:
    """Return the currency's name in a subtitle."""
    return MONEY.get(currency, "of each importer's currency")


def trend_name(trend: str) -> str:
    """Return a trend's name in a table."""
    return trend.replace("_", "-")


def lump_rows(lumps: pd.DataFrame) -> pd.DataFrame:
    """Return the lumps with names."""
    return lumps.assign(
        reporter=[short_name(code) for code in lumps["reporter_code"]],
        partner=[short_name(code) for code in lumps["partner_code"]],
    )


def candidate_rows(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return a row per candidate form: placebo error over the naive's, by series, and the gap each would find."""
    keyed = candidates.assign(series=candidates["destination_code"] + " " + candidates["form"])
    keys = ["trend", "training_periods", "mean_ratio", "is_chosen"]
    wide = keyed.pivot(index=keys, columns="series", values=["ratio_to_naive", "gap_bn"])
    wide.columns = [series if what == "ratio_to_naive" else f"{series} gap" for what, series in wide.columns]
    wide = wide.reset_index().sort_values("mean_ratio", ignore_index=True)
    seen = wide["training_periods"].mask(wide["trend"] == "seasonal_naive", PERIODS_PER_YEAR)
    return wide.assign(trend=[trend_name(trend) for trend in wide["trend"]], training_periods=seen)


def of_candidates(candidates: pd.DataFrame) -> str:
    """Title of the candidate table."""
    better = candidates[(candidates["trend"] != "seasonal_naive") & (candidates["mean_ratio"] < 1)]
    if better["mean_ratio"].empty:
        return "No trend beats repeating the last year, on average over the four series"
    best = better.loc[better["mean_ratio"].idxmin()]
    return f"{trend_name(best['trend']).capitalize()} over {best['training_periods']} periods errs least"


def _interval(row: pd.Series) -> str:
    if row["status"] == "interval":
        return f"{signed(row['low_bn'])}\u00a0to\u00a0{signed(row['high_bn'])}"
    return NOTHING


def excess_rows(excess: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates in reading order with names, the interval as text and a range of as good forms."""
    rows = excess.sort_values(
        ["window_id", "destination_code", "form"],
        key=lambda c: c.map(ORDER.index) if c.name == "destination_code" else c, ignore_index=True,
    )  # fmt: skip
    spread = [
        f"{signed(low)}\u00a0to\u00a0{signed(high)}" if not np.isnan(low) else NOTHING
        for low, high, status in zip(rows["gap_low_bn"], rows["gap_high_bn"], rows["status"], strict=True)
    ]
    return rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]],
        series=[
            f"{series_name(row.destination_code, row.view)}, {FORMS[row.form]}" for row in rows.itertuples(index=False)
        ],
        window=[f"{window}, {WINDOW_NAMES[window]}" for window in rows["window_id"]],
        gap=[NOTHING if np.isnan(gap) else signed(gap) for gap in rows["gap_bn"]],
        interval=[_interval(row) for _, row in rows.iterrows()],
        spread=spread,
    )


def rounding_note(rows: pd.DataFrame, window: str = "W1") -> str:
    """Say how far roundings can move the gaps of a window: none of it is in the intervals."""
    known = rows[(rows["window_id"] == window) & rows["rounding_bn"].notna()]
    bands = ", ".join(
        f"{short_name(row.destination_code)} {plain(row.rounding_bn, 1 if row.rounding_bn >= 0.05 else 3)}"
        for row in known.itertuples(index=False)
    )
    return f"Roundings of the printed figures can move the plain gaps by at most, billion: {bands}."


def window_rows(rows: pd.DataFrame, windows: list[str]) -> pd.DataFrame:
    """Return the estimates of some windows, without the rows that hold none (:func:`why_rows` lists those)."""
    return rows[rows["window_id"].isin(windows) & (rows["status"] != "accounting only")].reset_index(drop=True)


def why_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return why a row has no interval, once per reason."""
    without = rows[rows["status"] != "interval"]
    return without.groupby(["series", "reason"], sort=False, as_index=False).agg(windows=("window_id", ", ".join))


def interval_rows(rows: pd.DataFrame, window: str = "W1") -> pd.DataFrame:
    """Return the rows of one window that hold a gap or a range and that are informative, for the interval figure."""
    shown = rows[(rows["window_id"] == window) & rows["status"].isin(["interval", "range"])]
    last = rows.loc[rows["window_id"] == window, "last_month"].max()
    labels = [
        row.series if row.last_month == last else f"{row.series} ({span_name(row.first_month, row.last_month)} only)"
        for row in shown.itertuples(index=False)
    ]
    return shown.assign(label=labels).reset_index(drop=True)


def of_excess(excess: pd.DataFrame) -> str:
    """Title of the interval figure: which gaps stand out from normal variation while the door was shut."""
    w1 = excess[(excess["window_id"] == "W1") & (excess["status"] == "interval")]
    out = w1[(w1["low_bn"] > 0) | (w1["high_bn"] < 0)]
    us, au = (w1[w1["destination_code"] == code] for code in ("US", "AU"))
    us_out, au_out = out[out["destination_code"] == "US"], out[out["destination_code"] == "AU"]
    if us.empty or au.empty:
        return "Gaps to the counterfactual"
    loss = "The American loss stands out" if len(us_out) == len(us) else (
        "The American loss stands out in some forms" if len(us_out) else "Not even the American loss stands out"
    )  # fmt: skip
    does = "so does Australia's rise" if len(us_out) else "Australia's rise does"
    rise = does if len(au_out) == len(au) else (
        "Australia's rise in some forms" if len(au_out) else "Australia's rise does not"
    )  # fmt: skip
    ranges = excess[(excess["window_id"] == "W1") & (excess["status"] == "range")]["destination_code"]
    short = [in_sentence(code) for code in ("EU", "ASEAN") if code in set(ranges)]
    told = [loss, rise, *(_stands_out(w1, code) for code in codes("long past") if code in set(w1["destination_code"]))]
    if short:
        told.append(f"{' and '.join(short)} {'have' if len(short) > 1 else 'has'} too short a past to tell")
    return "; ".join(told)


def _stands_out(w1: pd.DataFrame, code: str) -> str:
    row, name = w1[w1["destination_code"] == code].iloc[0], in_sentence(code)
    if row["low_bn"] <= 0 <= row["high_bn"]:
        return f"the gap of {name} does not"
    return f"the {'rise' if row['gap_bn'] > 0 else 'fall'} in {name} does"


def path_rows(paths: pd.DataFrame, codes: list[str], form: str = "plain") -> pd.DataFrame:
    """Return the paths of some destinations in one form, with names, from 2021 on."""
    rows = paths[paths["destination_code"].isin(codes) & (paths["form"] == form) & (paths["period"] >= "2021")]
    return rows.assign(destination=[short_name(code) for code in rows["destination_code"]]).reset_index(drop=True)


def of_paths(excess: pd.DataFrame) -> str:
    """Title of the path figure."""
    w1 = excess[(excess["window_id"] == "W1") & (excess["form"] == "plain")].set_index("destination_code")
    if not {"US", "AU"} <= set(w1.index):
        return "Imports from China and their counterfactual"
    return (
        f"While the door was shut the US took {plain(-w1.loc['US', 'gap_pct'], 0)} % less than its past implied; "
        f"Australia: {_departure(w1.loc['AU'])}"
    )


def _departure(row: pd.Series) -> str:
    if row["low_bn"] <= 0 <= row["high_bn"]:
        return "no clear departure"
    return f"{plain(abs(row['gap_pct']), 0)} % {'more' if row['gap_pct'] > 0 else 'less'}"


def _with_fewest(gap: float, errors: pd.Series) -> str:
    """Print the interval that the fewest degrees of freedom would give at which one is printed at all."""
    wide = stats.t.ppf((1 + CONFIDENCE) / 2, LEAST_DEGREES) * float(np.sqrt((errors**2).mean()))
    return f"{signed(gap - wide, 0)}\u00a0to\u00a0{signed(gap + wide, 0)}"


def placebo_rows(placebo: pd.DataFrame, excess: pd.DataFrame, window: str = "W1") -> pd.DataFrame:
    """Set every gap beside the placebo errors of the same forecast. Assumption A15."""
    rows = []
    gaps = excess[excess["window_id"] == window].set_index(["destination_code", "form"])["gap_bn"]
    for (code, form), errors in placebo[placebo["window_id"] == window].groupby(["destination_code", "form"]):
        quiet = errors[~errors["touches_2018_19_or_2020_22"]]["error_bn"]
        gap = gaps[code, form]
        rows.append(
            {
                "destination": short_name(code), "form": FORMS[form], "gap_bn": gap, "origins": len(errors),
                "mean_error": errors["error_bn"].mean(), "gap_less_mean": gap - errors["error_bn"].mean(),
                "error": float(np.sqrt((errors["error_bn"] ** 2).mean())),
                "without": float(np.sqrt((quiet**2).mean())) if len(quiet) else np.nan,
                "low": errors["error_bn"].min(), "high": errors["error_bn"].max(),
                "rank": f"{int((errors['error_bn'].abs() >= abs(gap)).sum())} of {len(errors)}",
                "least_interval": _with_fewest(gap, errors["error_bn"]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def ratio_rows(ratios: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios with names and the set as text."""
    sets = [
        f"{plain(row.low, 2)} to {plain(row.high, 2)}" if row.shape == "bounded" else NOTHING
        for row in ratios.itertuples(index=False)
    ]
    return ratios.assign(
        set=sets,
        destination=[short_name(code) for code in ratios["destination_code"]],
        window=[f"{window}, {WINDOW_NAMES[window]}" for window in ratios["window_id"]],
    )


def of_ratios(ratios: pd.DataFrame) -> str:
    """Title of the ratio table."""
    known = ratios[ratios["shape"] == "bounded"]
    if known.empty:
        return "Nowhere does the ratio of excess to loss say anything"
    if (known["low"] <= 0).all():
        low, high = 100 * known["low"].min(), 100 * known["high"].max()
        return (
            f"Per dollar lost in the US, Australia's excess lies between {plain(low, 0)} and {plain(high, 0)} cents: "
            "not known"
        )
    cents = known["ratio"] * 100
    return (
        f"Per dollar lost in the US, Australia took {plain(cents.min(), 0)} to {plain(cents.max(), 0)} cents in excess"
    )


def of_destination(code: str, excess: pd.DataFrame, rest: pd.DataFrame, window: str = "W1") -> str:
    """Say what one destination's own past allows to say of a window: a gap, a range, or why there is neither."""
    name = short_name(code)
    if code in set(rest["destination_code"]):
        return f"{name}: {rest.set_index('destination_code').at[code, 'reason']}."
    row = excess[
        (excess["destination_code"] == code) & (excess["window_id"] == window) & excess["form"].isin(["plain", "range"])
    ].iloc[0]
    if row["status"] == "interval":
        ends = f"{signed(row['low_bn'])} to {signed(row['high_bn'])}"
        said = f"a gap of {signed(row['gap_bn'])} billion in {window}, interval {ends}"
    elif row["status"] == "range":
        ends = f"{signed(row['gap_low_bn'])} to {signed(row['gap_high_bn'])}"
        said = f"point gaps of {ends} billion in {window}, no interval"
    else:
        said = f"no estimate in {window}, {row['reason']}"
    return f"{name}: {said}. Seen through: {row['view']}."


def rest_rows(rest: pd.DataFrame) -> pd.DataFrame:
    """Return the accounting-only partners with names."""
    return rest.assign(partner=[short_name(code) for code in rest["destination_code"]])
