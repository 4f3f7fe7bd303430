"""Prices by destination as readers see them: value, price, quantity, and what of a price change is its own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners, prices, quantities
from helpers.headlines import alt_of, alt_of_lines, short_name
from helpers.months import month_name, span_name
from helpers.numbers import NOTHING, percent, plain, signed
from helpers.spans import WINDOWS

PRICE_COLUMNS = ["destination", "matched_pct", "value_lp", "price_lp", "quantity_lp", "common_lp", "own_lp", "told"]
OWN_COLUMNS = ["destination", "own_lp", "less_text", "panels_own_lp", "items_own_lp", "before_own_lp", "own_rank"]
BADGES = {prices.WITHIN: "open", prices.DEPENDS: "warn", prices.BEYOND: "bad", prices.NO_INDEX: "open"}
YARDSTICK = "year 2024"
LINES = {"EU": "EU", "ASEAN": "ASEAN", "AU": "Australia", "WORLD": "World"}
FIRST = ("EU", "ASEAN", "AU")
NAMES = {quantities.US_REGION: "US and Canada", partners.WORLD: "All destinations"}


def name_of(code: str) -> str:
    """Return a destination's name; the region of the United States by its members."""
    return NAMES.get(code) or short_name(code)


def main_span(table: pd.DataFrame) -> str:
    """Return the window that the page speaks of: that of the shut door."""
    return "W1" if (table["span"] == "W1").any() else YARDSTICK


def _of(table: pd.DataFrame, span: str, goods: str = "all", unit: str = "kg") -> pd.DataFrame:
    return table[(table["span"] == span) & (table["goods"] == goods) & (table["unit"] == unit)]


def _ordered(rows: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Return the rows of some destinations: the EU, ASEAN and Australia, then the others by value."""
    rows = rows[rows["destination_code"].isin(codes)]
    rank = [FIRST.index(code) if code in FIRST else len(FIRST) for code in rows["destination_code"]]
    rows = rows.assign(rank=rank, size=-rows["value_usd"])
    return rows.sort_values(["rank", "size"], ignore_index=True).drop(columns=["rank", "size"])


def price_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return value, price and quantity of the destinations that never overlap, the US region and the world below."""
    held = _of(table, main_span(table))
    whole = [held[held["destination_code"] == code] for code in (quantities.US_REGION, partners.WORLD)]
    rows = pd.concat([_ordered(held, quantities.named()), *whole], ignore_index=True)
    logs = {"value_lp": "value", "price_lp": "price", "quantity_lp": "quantity", "common_lp": "common",
            "own_lp": "specific"}  # fmt: skip
    told = [reading if reading != prices.WHOLE else NOTHING for reading in rows["reading"]]
    return rows.assign(
        destination=[name_of(code) for code in rows["destination_code"]], matched_pct=rows["matched_share_pct"],
        told=told, **{name: _whole(rows[f"{column}_log_pct"]) for name, column in logs.items()},
    )  # fmt: skip


def _whole(values: pd.Series) -> pd.Series:
    """Round to whole log points, as they are printed; nothing is printed as less than nothing."""
    return values.round() + 0.0


def _own(table: pd.DataFrame, span: str, goods: str, unit: str, codes: pd.Series) -> np.ndarray:
    """Return the own price changes of some destinations on one basis."""
    held = _of(table, span, goods, unit).set_index("destination_code")["specific_log_pct"]
    return _whole(held.reindex(codes)).to_numpy(dtype=float)


def own_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return each destination's own price change on every basis, and its rank among those of its own past."""
    rows = _ordered(_of(table, main_span(table)), quantities.named())
    bases = {"panels_own_lp": ("panels", "kg"), "items_own_lp": ("all", "items")}
    own = {name: _own(table, main_span(table), *basis, rows["destination_code"]) for name, basis in bases.items()}
    less = [NOTHING if pd.isna(row.specific_low_log_pct) else
            f"{signed(row.specific_low_log_pct, 0)} to {signed(row.specific_high_log_pct, 0)}"
            for row in rows.itertuples(index=False)]  # fmt: skip
    rank = [NOTHING if pd.isna(row.own_as_large) else f"{row.own_as_large:.0f} of {row.own_windows:.0f}"
            for row in rows.itertuples(index=False)]  # fmt: skip
    return rows.assign(
        destination=[name_of(code) for code in rows["destination_code"]], less_text=less, own_rank=rank,
        own_lp=_whole(rows["specific_log_pct"]),
        before_own_lp=_own(table, YARDSTICK, "all", "kg", rows["destination_code"]), **own,
    )  # fmt: skip


def earlier_rows(monthly: pd.DataFrame, table: pd.DataFrame, *, train_end: str) -> pd.DataFrame:
    """Return the own price changes of earlier spans as long as the page's, for the drawing."""
    first, last = _of(table, main_span(table))[["first_month", "last_month"]].iloc[0]
    past = prices.earlier(prices.panel(monthly), *prices.placebo_window(first, last, train_end))
    past = past[past["destination_code"].isin(quantities.named())]
    return past.assign(own_lp=100 * past["specific"])


def mark_of(table: pd.DataFrame) -> float:
    """Return the size that 95 of 100 earlier changes of all destinations stayed within, in log points."""
    return float(_of(table, main_span(table))["earlier_p95_log_pct"].iloc[0])


def path_rows(monthly: pd.DataFrame, month: str) -> pd.DataFrame:
    """Return US cents per kilogram of panels by month since the codes changed, for the drawing."""
    rows = monthly[monthly["destination_code"].isin(LINES) & (monthly["product_code"] == prices.PANELS[-1])]
    rows = rows[(rows["period"] <= month) & (rows["quantity_kg"] > 0)]
    rank = rows["destination_code"].map(list(LINES).index)
    rows = rows.assign(rank=rank, cents_per_kg=100 * rows["value_usd"] / rows["quantity_kg"],
                       name=rows["destination_code"].map(LINES))  # fmt: skip
    return rows.sort_values(["rank", "period"], ignore_index=True).drop(columns="rank")


def of_path(rows: pd.DataFrame) -> str:
    """Title of the drawing of unit values: by how much they fell on every line, the same months of two years."""
    last = rows["period"].max()
    until = last[5:]
    months = rows[rows["period"].str[5:] <= until]
    sums = months.groupby([months["period"].str[:4], "destination_code"])[["value_usd", "quantity_kg"]].sum()
    cents = (sums["value_usd"] / sums["quantity_kg"]).unstack()
    change = 100 * (cents.loc[last[:4]] / cents.iloc[0] - 1)
    if (change < 0).all():
        least, most = plain(-change.max(), 0), plain(-change.min(), 0)
        size = f"{least} to {most} %" if least != most else f"{least} %"
        return f"A kilogram of panels was {size} cheaper in {last[:4]} than in {cents.index[0]} on every line"
    return f"Dollars per kilogram of panels, {cents.index[0]} to {last[:4]}"


def alt_of_path(rows: pd.DataFrame) -> str:
    """Return what a reader who cannot see the lines should know."""
    return alt_of_lines("US cents per kilogram of panels, by month.", rows, "cents_per_kg", "name")


def of_prices(table: pd.DataFrame) -> str:
    """Title of the table: in how many destinations prices fell, and whether a change of one's own stands out."""
    rows = _ordered(_of(table, main_span(table)), quantities.named())
    told = rows[rows["price_log_pct"].notna()]
    if told.empty:
        return "No destination has enough matched value for a price index"
    fell = int((_whole(told["price_log_pct"]) < 0).sum())
    beyond = told.loc[told["reading"] == prices.BEYOND, "destination_code"]
    depends = (told["reading"] == prices.DEPENDS).any()
    where = f"in {len(beyond)}" if len(beyond) else "clearly in none" if depends else "in none"
    return f"Per kilogram cheaper in {fell} of {len(told)} destinations; a change of its own stands out {where}"


def of_own(rows: pd.DataFrame) -> str:
    """Title of the drawing: the largest change of one's own against what was usual, in all years and in the later."""
    told = rows[rows["own_lp"].notna() & rows["earlier_p95_log_pct"].notna()]
    if told.empty:
        return "No own price change can be held against earlier ones"
    row = told.loc[told["own_lp"].abs().idxmax()]
    since = row["earlier_since_break_p95_log_pct"]
    later = "" if pd.isna(since) else f" ({plain(since, 0)} in later years)"
    return (
        f"Largest own price change: {row['destination']}, {signed(row['own_lp'], 0)} log points; 95 of 100 earlier "
        f"ones below {plain(row['earlier_p95_log_pct'], 0)}{later}"
    )


def of_bases(rows: pd.DataFrame) -> str:
    """Title of the table of bases: for how many destinations the sign is the same on all of them."""
    columns = ["own_lp", "panels_own_lp", "items_own_lp"]
    told = rows.dropna(subset=columns)
    if told.empty:
        return "Own price changes on every basis"
    same = int((np.sign(told[columns].round()).nunique(axis=1) == 1).sum())
    return f"On all three bases the own price change has one sign in {same} of {len(told)} destinations"


def alt_of_own(rows: pd.DataFrame, mark: float) -> str:
    """Return what a reader who cannot see the strips should know."""
    kind = f"Own price change in log points; 95 of 100 earlier ones lie within {plain(mark, 0)}."
    return alt_of(kind, rows, "destination", {"own_lp": "all codes", "panels_own_lp": "panels alone"})


def span_words(table: pd.DataFrame) -> str:
    """Return the months that the page's span holds, in words."""
    first, last = _of(table, main_span(table))[["first_month", "last_month"]].iloc[0]
    return span_name(first, last)


def us_sentence(table: pd.DataFrame) -> str:
    """Say how little of these goods the United States bought from China in the year before the tariffs."""
    rows = _of(table, YARDSTICK).set_index("destination_code")["value_usd"]
    if not {quantities.US_REGION, partners.WORLD} <= set(rows.index) or not rows[partners.WORLD] > 0:
        return ""
    us, world = rows[quantities.US_REGION] / 1e9, rows[partners.WORLD] / 1e9
    return (
        f"In 2024 the United States and Canada together took {plain(us, 2)} of {plain(world)} billion dollars of what "
        f"China sold of these goods, {plain(100 * us / world)} %: turned away, so little cannot have filled other "
        "markets."
    )


def unusual_sentence(table: pd.DataFrame) -> str:
    """Say what would have stood out, what did, and what the year before had been in the same place."""
    rows = _ordered(_of(table, main_span(table)), quantities.named())
    if rows.empty or pd.isna(rows["earlier_p95_log_pct"].iloc[0]):
        return "There are too few earlier spans to say what is unusual."
    row = rows.iloc[0]
    mark, since = row["earlier_p95_log_pct"], row["earlier_since_break_p95_log_pct"]
    recent = (
        "" if pd.isna(since) else f"; counting only the years since the codes changed, smaller than {plain(since, 0)}"
    )
    told = [
        f"Of earlier own changes over as many months, 95 of 100 were smaller than {plain(mark, 0)} log points{recent} "
        f"({row['earlier_windows']} spans, {row['windows_apart']} of them without a common month). A smaller one now "
        "could be there and would not be noticed. One in twenty of the earlier ones was larger; as spans overlap, that "
        "is no probability."
    ]
    before = _of(table, YARDSTICK).set_index("destination_code")["specific_log_pct"]
    for reading, words in ((prices.BEYOND, "stands out"), (prices.DEPENDS, "stands out by the later years only")):
        for place in rows[rows["reading"] == reading].itertuples(index=False):
            year = np.nan if main_span(table) == YARDSTICK else before.get(place.destination_code, np.nan)
            told.append(
                f"{name_of(place.destination_code)}: {signed(place.specific_log_pct, 0)}, {words}; of its own earlier "
                f"changes {place.own_as_large:.0f} of {place.own_windows:.0f} were as large"
                + ("." if pd.isna(year) else f", and in 2024 it had been {signed(year, 0)}.")
            )
    if len(told) == 1:
        told.append("None is larger.")
    return " ".join(told)


def led_sentence(table: pd.DataFrame) -> str:
    """Say how often a lower price went with a larger quantity, and why no sentence of the summary follows from it."""
    rows = _ordered(_of(table, main_span(table)), quantities.named())
    told = rows[rows["price_log_pct"].notna()]
    if told.empty:
        return "Without an index nothing is said of prices and quantities."
    cheaper, more = _whole(told["price_log_pct"]) < 0, _whole(told["quantity_log_pct"]) > 0
    both, fell = told[cheaper & more], int(cheaper.sum())
    alone = both[(both["specific_log_pct"] < 0) & (both["reading"] == prices.BEYOND)]
    own = ", ".join(name_of(code) for code in alone["destination_code"]) or "nowhere"
    whole = _of(table, main_span(table)).set_index("destination_code")["price_log_pct"].get(partners.WORLD, np.nan)
    common = (
        ""
        if pd.isna(whole)
        else f" Over all destinations together it changed by {percent(100 * (np.exp(whole / 100) - 1), 0)}."
    )
    return (
        f"A lower price and a larger quantity are found in {len(both)} of {len(told)} destinations, but the price fell "
        f"in {fell}.{common} Lower by a change of its own that stands out, with a larger quantity: {own}. The summary "
        "does not speak of it in any case: three codes of one family are no basis for a sentence on what China sells."
    )


def until_sentence(table: pd.DataFrame) -> str:
    """Say which months are compared, and that the window is cut where the figures end."""
    last = _of(table, main_span(table))["last_month"].iloc[0]
    cut = f": the window is longer, the figures end in {month_name(last)}" if last < WINDOWS["W1"][1] else ""
    return f"{span_words(table)} against the same months a year before{cut}."
