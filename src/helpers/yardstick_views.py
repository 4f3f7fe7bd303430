"""What the page on other yardsticks shows: names for codes, ranges as text, titles for every outcome."""

from __future__ import annotations

import pandas as pd

from helpers.estimate_views import FORMS, ORDER
from helpers.headlines import alt_of_lines, short_name
from helpers.months import month_name, span_name
from helpers.numbers import NOTHING, plain, signed

PAST_COLUMNS = ["series", "gap_pct", "interval", "power_pct", "breakdown"]
BREAK_COLUMNS = ["series", "break_month", "set90", "p_value", "shift_mean_pct", "told"]
MIX_COLUMNS = ["destination", "window", "gap", "interval", "rank_text", "one_less", "told"]
FRONT_COLUMNS = ["series", "front_gap", "gross", "net", "net_told"]
MONEY_COLUMNS = ["series", "window", "usd_gap", "cny_gap", "own_gap"]
LEVEL = 0.05


def _order(rows: pd.DataFrame) -> pd.Series:
    return rows["destination_code"].map(ORDER.index)


def _series(rows: pd.DataFrame) -> list[str]:
    return [f"{short_name(row.destination_code)}, {FORMS.get(row.form, row.form)}" for row in rows.itertuples()]


def _interval(low: float, high: float, digits: int = 0) -> str:
    return NOTHING if pd.isna(low) else f"{signed(low, digits)}\u00a0to\u00a0{signed(high, digits)}"


def _with_interval(row: pd.Series, digits: int = 0) -> str:
    """Return a gap with its interval in brackets, or the gap alone."""
    if pd.isna(row["gap_bn"]):
        return NOTHING
    told = signed(row["gap_bn"], digits)
    return told if pd.isna(row["low_bn"]) else f"{told} ({_interval(row['low_bn'], row['high_bn'], digits)})"


def past_rows(tests: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """Return the year before the tariffs against its forecast, the test's power, and how much straying undoes W1."""
    rows = tests[tests["span"] == "year before"]
    first = bounds[bounds["window_id"] == "W1"].drop_duplicates(["destination_code", "form"])
    stray = first.set_index(["destination_code", "form"])[["breakdown_mbar", "low_pct", "high_pct"]]
    told = []
    for key in zip(rows["destination_code"], rows["form"], strict=True):
        mbar = stray["breakdown_mbar"].get(key, float("nan"))
        told.append(NOTHING if pd.isna(mbar) else "zero is inside already" if mbar == 0 else plain(mbar, 2))
    rows = rows.assign(
        series=_series(rows),
        interval=[_interval(r.low_pct, r.high_pct) for r in rows.itertuples()], breakdown=told,
    )  # fmt: skip
    return rows.iloc[_order(rows).argsort(kind="stable")].reset_index(drop=True)


def of_past(tests: pd.DataFrame) -> str:
    """Title of the pre-tests: what was found, and what could have been."""
    rows = tests[(tests["span"] == "year before") & tests["p_value"].notna()]
    if rows.empty:
        return "The year before the tariffs cannot be tested"
    left = rows[rows["p_value"] < LEVEL]
    if len(left):
        names = ", ".join(dict.fromkeys(short_name(code) for code in left["destination_code"]))
        return f"{names} had left the forecast in the year before the tariffs"
    return (
        "No flow had left its forecast a year before, but the test would have seen it in "
        f"{plain(rows['power_pct'].min(), 0)} to {plain(rows['power_pct'].max(), 0)} % of cases only"
    )


def break_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Return the first break of every flow tested, with what may be said of it."""
    rows = found[(found["break_number"] == 1) & found["break_month"].notna()]
    rows = rows.assign(
        series=_series(rows), set90=[span_name(r.set_first, r.set_last) for r in rows.itertuples()],
        break_month=[month_name(month) for month in rows["break_month"]],
        p_value=[plain(value, 3 if value < 0.1 else 2) for value in rows["p_value"]],
        told=[
            "acceleration predates the tariffs" if r.predates_tariffs
            else "a fall" if r.shift_mean_pct < 0 and r.shift_end_pct < 0 else "no acceleration shown"
            for r in rows.itertuples()
        ],
    )  # fmt: skip
    return rows.iloc[_order(rows).argsort(kind="stable")].reset_index(drop=True)


def of_breaks(found: pd.DataFrame) -> str:
    """Title of the breaks, by the rule of the test."""
    early = found[found["predates_tariffs"].astype(bool)]
    if early.empty:
        return "An acceleration that predates the tariffs is not shown for any flow"
    names = ", ".join(dict.fromkeys(short_name(code) for code in early["destination_code"]))
    return f"The acceleration predates the tariffs: {names}"


def mix_paths(paths: pd.DataFrame) -> pd.DataFrame:
    """Return the paths as the drawing takes them, from a year before the mix is fitted on."""
    fitted = paths.loc[paths["synthetic_bn"].notna(), "period"]
    if len(fitted):
        paths = paths[paths["period"] >= f"{int(fitted.min()[:4]) - 1}{fitted.min()[4:]}"]
    named = paths.assign(destination=[short_name(code) for code in paths["destination_code"]])
    return named.rename(columns={"synthetic_bn": "counterfactual_bn"})


def alt_of_mix(drawn: pd.DataFrame) -> str:
    """Return what a reader who cannot see the paths should know: the imports, and the mix at its ends."""
    imports = alt_of_lines("Actual imports from China, billions.", drawn, "actual_bn", "destination")
    return f"{imports} {alt_of_lines('The mix, billions.', drawn, 'counterfactual_bn', 'destination')}"


def mix_rows(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps to the mix with both placebos and the range without single donors."""
    rows = gaps[gaps["gap_bn"].notna()]
    rows = rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]], window=rows["window_id"],
        gap=[signed(gap) for gap in rows["gap_bn"]],
        interval=[_interval(r.low_bn, r.high_bn) for r in rows.itertuples()],
        rank_text=[f"{int(r.rank)} of {int(r.units)}" for r in rows.itertuples()],
        one_less=[
            f"{_interval(r.without_one_low_bn, r.without_one_high_bn)}; {signed(r.without_gainers_bn, 0)}"
            for r in rows.itertuples()
        ],
        told=[_mix_told(r) for r in rows.itertuples()],
    )  # fmt: skip
    return rows.iloc[_order(rows).argsort(kind="stable")].reset_index(drop=True)


def _mix_told(row: tuple) -> str:
    if pd.isna(row.low_bn):
        return "no interval"
    if row.low_bn <= 0 <= row.high_bn:
        return "within normal variation"
    return "beyond normal variation, but fragile" if row.is_fragile else "beyond normal variation"


def of_mix(gaps: pd.DataFrame) -> str:
    """Title of the synthetic control, for the window of the shut door."""
    rows = mix_rows(gaps[gaps["window_id"] == "W1"])
    told = [f"{r.destination} {r.gap} billion, {r.told}" for r in rows.itertuples()]
    return f"Against a mix of other origins: {'; '.join(told)}" if told else "No mix of other origins can be made"


def front_rows(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return front-loading, the gap of W1, and both together."""
    rows = []
    for (code, form, count), held in estimates.groupby(["destination_code", "form", "count"], sort=False):
        spans = held.set_index("span")
        if not {"front", "W1", "front to W1"} <= set(spans.index) or pd.isna(spans.loc["front to W1", "gap_bn"]):
            continue
        net = spans.loc["front to W1"]
        told = (
            "no interval" if pd.isna(net["low_bn"])
            else "within normal variation" if net["low_bn"] <= 0 <= net["high_bn"] else "beyond normal variation"
        )  # fmt: skip
        whose = "" if count == "importer" else ", China's count"
        rows.append({
            "destination_code": code, "series": f"{short_name(code)}, {FORMS.get(form, form)}{whose}",
            "front_gap": _with_interval(spans.loc["front"]), "gross": _with_interval(spans.loc["W1"]),
            "net": _with_interval(net), "net_told": told,
        })  # fmt: skip
    told = pd.DataFrame(rows, columns=["destination_code", *FRONT_COLUMNS])
    return told.iloc[_order(told).argsort(kind="stable")].reset_index(drop=True)


def of_front(estimates: pd.DataFrame) -> str:
    """Title of front-loading: whether the US loss survives the goods rushed in before."""
    rows = front_rows(estimates[(estimates["destination_code"] == "US") & (estimates["count"] == "importer")])
    if rows.empty:
        return "What was rushed in before the tariffs cannot be estimated"
    beyond = int((rows["net_told"] == "beyond normal variation").sum())
    return (
        f"Net of what was rushed in before, the US loss stays beyond normal variation in {beyond or 'none'} of "
        f"{len(rows)} readings"
    )


def money_rows(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gap in percent in each currency, plain form: dollars, yuan, the importer's own."""
    rows = []
    held = gaps[(gaps["form"] == "plain") & gaps["gap_pct"].notna()]
    for (code, window), group in held.groupby(["destination_code", "window_id"], sort=False):
        by = {row.currency: row for row in group.itertuples()}
        own = next((row for row in group.itertuples() if row.is_own and row.currency != "USD"), None)
        told = {
            name: NOTHING if row is None else f"{signed(row.gap_pct, 0)} ({_interval(row.low_pct, row.high_pct)})"
            for name, row in (("usd_gap", by.get("USD")), ("cny_gap", by.get("CNY")), ("own_gap", own))
        }
        rows.append({"destination_code": code, "series": short_name(code), "window": window} | told)
    told = pd.DataFrame(rows, columns=["destination_code", *MONEY_COLUMNS])
    return told.iloc[_order(told).argsort(kind="stable")].reset_index(drop=True)


def of_money(gaps: pd.DataFrame) -> str:
    """Title of the currencies: in how many cells the verdict depends on the money."""
    held = gaps[(gaps["form"] == "plain") & gaps["low_pct"].notna()]
    clear = (held["low_pct"] > 0) | (held["high_pct"] < 0)
    counts = clear.groupby([held["destination_code"], held["window_id"]]).agg(["sum", "size"])
    mixed = [f"{short_name(code)} in {window}" for (code, window), n in counts.iterrows() if 0 < n["sum"] < n["size"]]
    if not mixed:
        return "Whether a gap stands out does not depend on the currency"
    return f"Whether the gap stands out depends on the currency: {', '.join(mixed)}"
