"""What the page on other yardsticks shows: names for codes, ranges as text, titles for every outcome."""

from __future__ import annotations

import pandas as pd

from helpers import partners
from helpers.breaks import SIGNIFICANCE
from helpers.estimate_views import FORMS, ORDER
from helpers.front_loading import FRONT
from helpers.headlines import alt_of_lines, short_name
from helpers.months import month_name, span_name
from helpers.numbers import NOTHING, plain, signed
from helpers.reopening_views import between

PAST_COLUMNS = ["series", "gap_pct", "interval", "power_pct", "breakdown"]
BREAK_COLUMNS = ["series", "break_month", "set90", "p_value", "shift_mean_pct", "told"]
MIX_COLUMNS = ["destination", "window", "gap", "less_mean", "interval", "rank_text", "one_less", "told"]
MIX_CHECK_COLUMNS = ["destination", "weights", "fit_error_pct", "outside_pct", "mean_error_bn", "rank_limit"]
FRONT_COLUMNS = ["series", "front_gap", "gross", "net", "net_told"]
NET_RATIO_COLUMNS = ["form", "counted", "us_gap_bn", "au_gap_bn", "ratio", "set", "told"]
MONEY_COLUMNS = ["series", "window", "usd_gap", "cny_gap", "own_gap"]
LEVEL = 0.05
HALF = 50.0  # percent: power below it, or training outside the donors above it, is said first
USUAL_STRAYING, LITTLE_STRAYING = 1.0, 0.5  # the usual yardstick of Rambachan and Roth, and what falls far short of it
BEYOND, WITHIN, NO_INTERVAL = "beyond normal variation", "within normal variation", "no interval"
NOTHING_TO_NET = "nothing was rushed in to net"


def _order(rows: pd.DataFrame) -> pd.Series:
    return rows["destination_code"].map(ORDER.index)


def _series(rows: pd.DataFrame) -> list[str]:
    return [f"{short_name(row.destination_code)}, {FORMS.get(row.form, row.form)}" for row in rows.itertuples()]


def _with_interval(row: pd.Series, digits: int = 0) -> str:
    """Return a gap with its interval in brackets, or the gap alone."""
    if pd.isna(row["gap_bn"]):
        return NOTHING
    told = signed(row["gap_bn"], digits)
    return told if pd.isna(row["low_bn"]) else f"{told} ({between(row['low_bn'], row['high_bn'], digits)})"


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
        interval=[between(r.low_pct, r.high_pct, 0) for r in rows.itertuples()], breakdown=told,
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
    power = rows.iloc[_order(rows).argsort(kind="stable")].groupby("destination_code", sort=False)["power_pct"]
    if (rows["power_pct"] < HALF).any():
        told = sorted((held.min(), f"{_span(held, 0)} % ({short_name(code)})") for code, held in power)
        return f"The pre-test could hardly have failed: power {', '.join(words for _, words in told)}"
    return (
        "No flow had left its forecast a year before; the test would have seen it in "
        f"{_span(rows['power_pct'], 0)} % of cases"
    )


def _span(values: pd.Series, digits: int) -> str:
    """Return the range of positive numbers, one where both ends are printed alike."""
    low, high = plain(values.min(), digits), plain(values.max(), digits)
    return low if low == high else f"{low} to {high}"


def straying_sentence(bounds: pd.DataFrame) -> str:
    """Say in words how much straying undoes the gaps of W1, and how much that is."""
    first = bounds[bounds["window_id"] == "W1"].drop_duplicates(["destination_code", "form"])
    first = first[first["breakdown_mbar"].notna()]
    told = []
    for code, held in first.groupby("destination_code", sort=False)["breakdown_mbar"]:
        if (held == 0).all():
            told.append(f"{short_name(code)}: zero is inside the interval without any straying.")
            continue
        size = f"{_span(held, 2)} of the largest jump of the past year, repeated every period in the same direction"
        meant = (
            "so the gap stands by that yardstick" if held.min() >= USUAL_STRAYING
            else "so this is little" if held.max() < LITTLE_STRAYING
            else "so the gap does not clearly stand by it"
        )  # fmt: skip
        told.append(f"{short_name(code)}: {size}, undoes the gap; around 1 is the usual yardstick, {meant}.")
    return " ".join(told)


def break_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Return the first break of every flow tested, with what may be said of it."""
    rows = found[(found["break_number"] == 1) & found["break_month"].notna()]
    rows = rows.assign(
        series=_series(rows), set90=[span_name(r.set_first, r.set_last) for r in rows.itertuples()],
        break_month=[month_name(month) for month in rows["break_month"]],
        p_value=[plain(value, 3 if value < 0.1 else 2) for value in rows["p_value"]],
        told=[
            "acceleration predates the tariffs" if r.predates_tariffs
            else "no break shown" if not r.p_value < SIGNIFICANCE
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
        less_mean=[signed(r.gap_bn - r.placebo_mean_bn) for r in rows.itertuples()],
        interval=[between(r.low_bn, r.high_bn, 0) for r in rows.itertuples()],
        rank_text=[f"{int(r.rank)} of {int(r.units)}" for r in rows.itertuples()],
        one_less=[
            f"{between(r.without_one_low_bn, r.without_one_high_bn, 0)}; {signed(r.without_gainers_bn, 0)}"
            for r in rows.itertuples()
        ],
        told=[_mix_told(r) for r in rows.itertuples()],
    )  # fmt: skip
    return rows.iloc[_order(rows).argsort(kind="stable")].reset_index(drop=True)


def _mix_told(row: tuple) -> str:
    if not _usable(row.outside_pct):
        return f"not usable: outside its suppliers in {plain(row.outside_pct, 0)} % of the training"
    if pd.isna(row.low_bn):
        return NO_INTERVAL
    if row.low_bn <= 0 <= row.high_bn:
        return WITHIN
    return f"{BEYOND}, but fragile" if row.is_fragile else BEYOND


def _usable(outside_pct: float) -> bool:
    """Tell whether a mix can follow the flow: it lies between its donors in half of the training at least."""
    return not outside_pct > HALF


def mix_check_rows(gaps: pd.DataFrame, donors: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each destination with a mix: weights, fit, training outside the donors, bias, limit of the rank.

    The mean placebo error is that of the first window; the others have theirs beside their gap.
    """
    rows = gaps[gaps["gap_bn"].notna()].drop_duplicates("destination_code")
    weights, limits = [], []
    for row in rows.itertuples():
        mine = donors[(donors["destination_code"] == row.destination_code) & (donors["window_id"] == row.window_id)]
        mine = mine[mine["weight"].notna()].sort_values("weight", ascending=False, kind="stable")
        used = mine[mine["weight"] >= 0.005]
        named = ", ".join(f"{partners.name_of(r.unit_code)} {plain(r.weight, 2)}" for r in used.itertuples())
        rest = len(mine) - len(used)
        weights.append(f"{named}; none on {rest} others" if rest else named)
        least = f"{plain(row.least_p, 2)} among {int(row.units)}"
        limits.append(f"{least}: decides nothing" if row.least_p > LEVEL else least)
    rows = rows.assign(
        destination=[short_name(code) for code in rows["destination_code"]], weights=weights, rank_limit=limits,
        mean_error_bn=rows["placebo_mean_bn"], fit_error_pct=rows["fit_pct"],
    )  # fmt: skip
    return rows.iloc[_order(rows).argsort(kind="stable")].reset_index(drop=True)


def of_mix_checks(gaps: pd.DataFrame) -> str:
    """Title of the diagnostics: for whom a mix can be made at all."""
    rows = gaps[gaps["gap_bn"].notna()].drop_duplicates("destination_code")
    if rows.empty:
        return "No mix of other origins can be made"
    rows = rows.iloc[_order(rows).argsort(kind="stable")]
    names: dict[bool, list[str]] = {True: [], False: []}
    for row in rows.itertuples():
        names[_usable(row.outside_pct)].append(short_name(row.destination_code))
    yes, no = (", ".join(names[can]) for can in (True, False))
    told = "Imports from China that a mix of other suppliers can follow"
    return f"{told}: {yes or 'none'}; cannot: {no}" if no else f"{told}: {yes}"


def of_mix(gaps: pd.DataFrame) -> str:
    """Title of the synthetic control, for the window of the shut door."""
    rows = mix_rows(gaps[gaps["window_id"] == "W1"])
    told = [
        f"{r.destination} {r.gap} billion, {r.told}" if _usable(r.outside_pct) else f"{r.destination} {r.told}"
        for r in rows.itertuples()
    ]
    return f"Against a mix of other origins: {'; '.join(told)}" if told else "No mix of other origins can be made"


def of_mix_table(gaps: pd.DataFrame) -> str:
    """Title of the gaps to the mix: how many of them can be used."""
    rows = gaps[gaps["gap_bn"].notna()]
    unusable = [not _usable(share) for share in rows["outside_pct"]]
    names = ", ".join(dict.fromkeys(short_name(code) for code in rows.loc[unusable, "destination_code"]))
    told = "The gap to the mix, and how much of it hangs on single suppliers"
    return f"{told}; not usable: {names}" if names else told


def front_rows(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return front-loading, the gap of W1, and both together."""
    rows = []
    for (code, form, count), held in estimates.groupby(["destination_code", "form", "count"], sort=False):
        spans = held.set_index("span")
        if not {"front", "W1", "front to W1"} <= set(spans.index) or pd.isna(spans.loc["front to W1", "gap_bn"]):
            continue
        net = spans.loc["front to W1"]
        told = (
            NOTHING_TO_NET if spans.loc[FRONT, "gap_bn"] < 0
            else NO_INTERVAL if pd.isna(net["low_bn"])
            else WITHIN if net["low_bn"] <= 0 <= net["high_bn"] else BEYOND
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
    counts = rows["net_told"].value_counts()
    without, beyond, within = (int(counts.get(words, 0)) for words in (NOTHING_TO_NET, BEYOND, WITHIN))
    if without == len(rows):
        return "Nothing was rushed in to net: no reading says what the US loss is net of it"
    told = "Net of what was rushed in before, the US loss "
    if not beyond + within:
        told += "has no interval"
    elif beyond + within == 1:
        told += f"is {BEYOND if beyond else WITHIN} in the one reading that can tell"
    else:
        told += f"is {BEYOND} in {beyond or 'none'} of {beyond + within} readings"
    return f"{told}; in {without} {'other' if without == 1 else 'others'} {NOTHING_TO_NET}" if without else told


def rushed_sentence(estimates: pd.DataFrame) -> str:
    """Say whether anything was rushed in beyond normal variation, over all readings with an interval."""
    rows = estimates[(estimates["span"] == FRONT) & estimates["low_bn"].notna()]
    if rows.empty:
        return ""
    clear = rows[(rows["low_bn"] > 0) | (rows["high_bn"] < 0)]
    if clear.empty:
        least = rows.loc[rows["destination_code"] == "US", "mde80_bn"].min()
        seen = "" if pd.isna(least) else f"; for the US only one above {plain(least, 0)} billion was likely to be seen"
        return f"The gap before the tariffs is itself within normal variation in all {len(rows)} readings{seen}."
    names = ", ".join(dict.fromkeys(_series(clear)))
    return f"The gap before the tariffs is beyond normal variation for {names}."


def net_ratio_rows(ratios: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return Australia's excess per dollar of the US loss of W1, gross and net of the payback."""
    front = estimates[(estimates["destination_code"] == "US") & (estimates["count"] == "importer")]
    front = front[front["span"] == FRONT].set_index("form")["gap_bn"]
    rows = ratios[ratios["span"].isin(["W1", f"{FRONT} to W1"])]
    rows = rows.iloc[rows["form"].map(list(FORMS).index).argsort(kind="stable")].reset_index(drop=True)
    unnetted = [bool(row.is_net and front.get(row.form, 0.0) < 0) for row in rows.itertuples()]
    sets = [
        NOTHING if pd.isna(row.low) or pd.isna(row.high) else f"{signed(row.low, 2)}\u00a0to\u00a0{signed(row.high, 2)}"
        for row in rows.itertuples()
    ]
    told = [
        f"{NOTHING_TO_NET}; {row.reading}" if bare else row.reading
        for row, bare in zip(rows.itertuples(), unnetted, strict=True)
    ]
    return rows.assign(counted=["net" if net else "gross" for net in rows["is_net"]], set=sets, told=told,
                       is_unnetted=unnetted)  # fmt: skip


def of_net_ratios(rows: pd.DataFrame) -> str:
    """Title of the ratios, from :func:`net_ratio_rows`: their range gross, and whether one can be asked net."""
    told, net = [], rows["is_net"].astype(bool)
    for words, mine in (("gross", rows[~net]), ("net of a payback", rows[net])):
        asked = mine.loc[mine["ratio"].notna() & ~mine["is_unnetted"], "ratio"]
        told.append(f"{'no ratio' if asked.empty else _signed_span(asked)} {words}")
    return f"Australia's excess per dollar of the US loss: {', '.join(told)}"


def _signed_span(values: pd.Series) -> str:
    low, high = signed(values.min(), 2), signed(values.max(), 2)
    return low if low == high else f"{low} to {high}"


def money_rows(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gap in percent in each currency, plain form: dollars, yuan, the importer's own."""
    rows = []
    held = gaps[(gaps["form"] == "plain") & gaps["gap_pct"].notna()]
    for (code, window), group in held.groupby(["destination_code", "window_id"], sort=False):
        by = {row.currency: row for row in group.itertuples()}
        own = next((row for row in group.itertuples() if row.is_own and row.currency != "USD"), None)
        told = {
            name: NOTHING if row is None else f"{signed(row.gap_pct, 0)} ({between(row.low_pct, row.high_pct, 0)})"
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
