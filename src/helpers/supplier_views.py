"""What the page on chips shows of suppliers: China's share, who took its place, how concentrated they are, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners
from helpers.chips import CHINA, GROUPS, REST
from helpers.headlines import alt_of_lines
from helpers.months import month_name, short_span
from helpers.numbers import NOTHING, plain, signed

STEP_COLUMNS = ["origin", "first_bn", "first_pp", "second_bn", "second_pp"]
CONCENTRATION_COLUMNS = ["group", "twelve_to", "largest", "china_share_pct", "rest_share_pct", "hhi", "equal_suppliers"]
SHORT_GROUPS = {"334": "Computers and electronics (334)", "335": "Electrical equipment (335)"}
LEAST_SHARE = 3.5  # percent: an origin that has less at the last date is drawn among all others
LINES = {"334": "Electronics (334)", "335": "Electrical (335)"}  # beside the lines, where a phone has little room
CHANGED = 0.5  # points: a share that moved by less is said to have stayed
ASEAN = set(partners.ASEAN10_MEMBERS)


def name_of(code: str) -> str:
    """Return an origin's name; the rest is named as what it is."""
    return "All other origins" if code == REST else partners.name_of(code)


def share_lines(held: pd.DataFrame) -> pd.DataFrame:
    """Return China's share in each group for the drawing; a gap breaks the line."""
    rows = held[(held["partner_code"] == CHINA) & held["share_pct"].notna()].sort_values(["product_code", "last_month"])
    number = pd.PeriodIndex(rows["last_month"], freq="M").astype("int64").to_series(index=rows.index)
    return rows.assign(
        month=rows["last_month"], period=rows["last_month"], name=rows["product_code"].map(LINES),
        code=rows["product_code"].map({"334": "US", "335": "WORLD"}),
        segment=(number.groupby(rows["product_code"]).diff().fillna(1) != 1).cumsum(),
    ).reset_index(drop=True)  # fmt: skip


def alt_of_shares(lines: pd.DataFrame) -> str:
    """Return what a reader who cannot see the lines should know."""
    return alt_of_lines("China's share of US imports, percent, sums of twelve months.", lines, "share_pct", "name")


def of_shares(replaced: pd.DataFrame) -> str:
    """Title of the lines: China's share of the first group at the first and the last date."""
    rows = _whole_way(replaced)
    rows = rows[rows["partner_code"] == CHINA]
    if rows.empty or rows["change_pp"].isna().any():
        return "China's share of US imports of electronics"
    row = rows.iloc[0]
    verb = "rose" if row["change_pp"] > CHANGED else "fell" if row["change_pp"] < -CHANGED else "hardly moved"
    old, new = (
        f"{plain(row[share], 0)} % in {{}} to {month_name(row[end])}"
        for share, end in (("before_share_pct", "before_last_month"), ("share_pct", "last_month"))
    )
    return f"China's share of US electronics imports {verb}: {old.format('the year')}, {new.format('that')}"


def _whole_way(replaced: pd.DataFrame) -> pd.DataFrame:
    """Return the first group's rows from the first date to the last."""
    if replaced.empty:
        return pd.DataFrame(columns=["partner_code", "change_pp"])
    rows = replaced[replaced["product_code"] == GROUPS[0]]
    first, last = rows["before_last_month"].min(), rows["last_month"].max()
    return rows[(rows["before_last_month"] == first) & (rows["last_month"] == last)]


def share_bars(held: pd.DataFrame, ends: list[str]) -> pd.DataFrame:
    """Return the first group's shares by origin at each date, largest of now first, small origins among all others."""
    rows = held[(held["product_code"] == GROUPS[0]) & held["last_month"].isin(ends)]
    wide = rows.pivot(index="partner_code", columns="last_month", values="share_pct")
    large = wide.index[(wide[ends[-1]] >= LEAST_SHARE) & (wide.index != REST)]
    bars = wide.loc[large].sort_values(ends[-1], ascending=False)
    bars = pd.concat([bars.loc[bars.index == CHINA], bars.loc[bars.index != CHINA]])
    bars.loc["OTHERS"] = wide.drop(index=large).sum(skipna=False)
    return pd.DataFrame(
        [
            {"origin": "All others" if code == "OTHERS" else name_of(code), "partner_code": code, "last_month": end,
             "code": "ASEAN" if code in ASEAN else code, "when": f"year to {short_span(end, end)}",
             "share_pct": bars.loc[code, end]}
            for code in bars.index
            for end in ends
        ]
    )  # fmt: skip


def of_bars(replaced: pd.DataFrame) -> str:
    """Title of the bars: what China lost and the three origins that gained most, as supplier replacement."""
    rows = _whole_way(replaced).dropna(subset=["change_pp"])
    gained = rows[(rows["change_pp"] > CHANGED) & ~rows["partner_code"].isin([CHINA, REST])]
    gained = gained.sort_values("change_pp", ascending=False).head(3)
    china = rows.loc[rows["partner_code"] == CHINA, "change_pp"]
    if china.empty or china.iloc[0] > -CHANGED or gained.empty:
        return "Shares of US imports of electronics by origin: China was not replaced"
    names = [f"{name_of(r.partner_code)} ({signed(r.change_pp, 0)})" for r in gained.itertuples(index=False)]
    return f"Supplier replacement: China {signed(china.iloc[0], 0)} points, {' and '.join(_listed(names))}"


def _listed(names: list[str]) -> list[str]:
    """Return names so that joined by "and" they read as a list."""
    return [", ".join(names[:-1]), names[-1]] if len(names) > 1 else names


def alt_of_bars(bars: pd.DataFrame) -> str:
    """Return what a reader who cannot see the bars should know."""
    parts = [
        f"{name} {', '.join(f'{plain(v)} in the {w}' for v, w in zip(rows['share_pct'], rows['when'], strict=True))}"
        for name, rows in bars.groupby("origin", sort=False)
    ]
    return f"Shares of US imports of computers and electronics, percent. {'; '.join(parts)}."


def step_rows(replaced: pd.DataFrame) -> pd.DataFrame:
    """Return each origin's change in the first group, step by step, the largest change of now first."""
    if replaced.empty:
        return pd.DataFrame(columns=STEP_COLUMNS)
    rows = replaced[replaced["product_code"] == GROUPS[0]]
    steps = [(b, a) for b, a in _steps(rows)][-2:]
    wide = pd.DataFrame({"partner_code": rows["partner_code"].drop_duplicates()}).set_index("partner_code")
    for name, (before, after) in zip(("first", "second")[-len(steps) :], steps, strict=True):
        step = rows[(rows["before_last_month"] == before) & (rows["last_month"] == after)].set_index("partner_code")
        wide[f"{name}_bn"], wide[f"{name}_pp"] = step["change_usd_bn"], step["change_pp"]
    wide = wide.reindex(columns=STEP_COLUMNS[1:]).sort_values("second_bn", ascending=False)
    wide = pd.concat([wide[wide.index != REST], wide[wide.index == REST]])
    return wide.assign(origin=[name_of(code) for code in wide.index]).reset_index()


def _steps(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the steps from one date to the next, without the one over all of them."""
    pairs = sorted({(r.before_last_month, r.last_month) for r in rows.itertuples(index=False)})
    ends = sorted({end for pair in pairs for end in pair})
    return [pair for pair in pairs if ends.index(pair[1]) == ends.index(pair[0]) + 1]


def of_steps(replaced: pd.DataFrame) -> str:
    """Title of the table: China's dollars lost in the last step beside what all others gained."""
    rows = _last_step(replaced)
    china, others = rows[rows["partner_code"] == CHINA], rows[rows["partner_code"] != CHINA]
    if china.empty or rows["change_usd_bn"].isna().any():
        return "Changes of US electronics imports by origin"
    mine, theirs = china["change_usd_bn"].iloc[0], others["change_usd_bn"].sum()
    before = month_name(china["before_last_month"].iloc[0])
    return f"Against the year to {before} the US bought {moved(mine)} from China, {moved(theirs)} from all others"


def moved(change: float) -> str:
    """Return a change in words: so many billion more or less."""
    return f"{plain(abs(change), 0)} billion {'more' if change >= 0 else 'less'}"


def _last_step(replaced: pd.DataFrame) -> pd.DataFrame:
    if replaced.empty:
        return pd.DataFrame(columns=["partner_code", "change_usd_bn"])
    rows = replaced[replaced["product_code"] == GROUPS[0]]
    before, after = _steps(rows)[-1]
    return rows[(rows["before_last_month"] == before) & (rows["last_month"] == after)]


def steps_note(replaced: pd.DataFrame) -> str:
    """Name the steps of the table, and what they do not show."""
    rows = replaced[replaced["product_code"] == GROUPS[0]] if len(replaced) else replaced
    steps = _steps(rows)[-2:] if len(rows) else []
    told = [
        f"{name} step: years to {month_name(before)} and to {month_name(after)}"
        for name, (before, after) in zip(("first", "second")[-len(steps) :], steps, strict=True)
    ]
    named = f"{told[0].capitalize()[:1]}{'; '.join(told)[1:]}. " if told else ""
    return f"{named}Billion US dollars, and points of the share. The CSV has both groups."


def parts_sentence(replaced: pd.DataFrame) -> str:
    """Say how much of China's lost share is fewer dollars from China, and how much the growth of the total."""
    rows = replaced[(replaced["product_code"] == GROUPS[0]) & (replaced["partner_code"] == CHINA)]
    rows = rows.dropna(subset=["change_pp"])
    told = []
    for before, after in _steps(rows):
        row = rows[(rows["before_last_month"] == before) & (rows["last_month"] == after)].iloc[0]
        told.append(
            f"from the year to {month_name(before)} to that to {month_name(after)} China's share moved by "
            f"{signed(row['change_pp'])} points: {signed(row['own_pp'])} by its own dollars, {signed(row['total_pp'])} "
            "because the total of US purchases changed"
        )
    if not told:
        return "China's share cannot be followed: months are missing."
    return (
        f"Not every lost point is a lost sale: {'; '.join(told)}. Goods of a kind that China never sold, bought "
        "elsewhere, lower its share and replace nothing."
    )


def concentration_rows(bounds: pd.DataFrame, ends: list[str]) -> pd.DataFrame:
    """Return the concentration of each group at the dates, as ranges."""
    rows = bounds[bounds["last_month"].isin(ends)].reset_index(drop=True)
    largest = [
        NOTHING if pd.isna(code) else f"{name_of(code)}, {plain(share, 0)} %"
        for code, share in zip(rows["largest_code"], rows["largest_share_pct"], strict=True)
    ]
    return rows.assign(
        group=rows["product_code"].map(SHORT_GROUPS), twelve_to=[month_name(end) for end in rows["last_month"]],
        largest=largest, hhi=[range_of(*pair) for pair in zip(rows["hhi_low"], rows["hhi_high"], strict=True)],
        equal_suppliers=[range_of(1e4 / high, 1e4 / low, 1)
                         for low, high in zip(rows["hhi_low"], rows["hhi_high"], strict=True)],
    )  # fmt: skip


def range_of(low: float, high: float, digits: int = 0) -> str:
    """Return two numbers as a range, one where they are printed alike, a dash where one is missing."""
    if np.isnan(low + high):
        return NOTHING
    least, most = plain(low, digits), plain(high, digits)
    return least if least == most else f"{least} to {most}"


def of_concentration(bounds: pd.DataFrame, ends: list[str]) -> str:
    """Title of the concentration: whether it fell from the first to the last date whatever the rest is."""
    rows = bounds[(bounds["product_code"] == GROUPS[0]) & bounds["last_month"].isin(ends)].sort_values("last_month")
    rows = rows.dropna(subset=["hhi_low"])
    if len(rows) < 2:
        return "How concentrated the suppliers of electronics to the US are"
    first, last = rows.iloc[0], rows.iloc[-1]
    ranges = f"{range_of(first['hhi_low'], first['hhi_high'])}, now {range_of(last['hhi_low'], last['hhi_high'])}"
    if last["hhi_high"] < first["hhi_low"]:
        return f"US electronics imports are less concentrated, whatever the rest is: HHI {ranges}"
    if last["hhi_low"] > first["hhi_high"]:
        return f"US electronics imports are more concentrated, whatever the rest is: HHI {ranges}"
    return f"Whether US electronics imports are less concentrated cannot be told: HHI {ranges}"


def concentration_sentence(bounds: pd.DataFrame, ends: list[str]) -> str:
    """Say for each group which steps of the concentration the bounds leave open."""
    told = []
    for product in GROUPS:
        rows = bounds[(bounds["product_code"] == product) & bounds["last_month"].isin(ends)].sort_values("last_month")
        rows, steps = rows.dropna(subset=["hhi_low"]).to_dict("records"), []
        for before, after in zip(rows[:-1], rows[1:], strict=True):
            way = (
                "it fell" if after["hhi_high"] < before["hhi_low"]
                else "it rose" if after["hhi_low"] > before["hhi_high"] else "cannot be told"
            )  # fmt: skip
            steps.append(f"from {month_name(before['last_month'])} to {month_name(after['last_month'])} {way}")
        told.append(f"{SHORT_GROUPS[product]}: {', '.join(steps) or 'months are missing'}")
    return f"Only where the ranges do not touch is concentration known to have moved. {'; '.join(told)}."
