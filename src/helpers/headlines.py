"""Titles that state a finding and the rows a page shows, both taken from the result tables.

A figure's title says what it shows; so it has to change when the figure does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import customs, partners, surplus
from helpers.destination_list import DESTINATIONS
from helpers.months import month_name, span_name
from helpers.numbers import percent, plain, signed
from helpers.spans import WINDOW_NAMES

SIDES = {
    "exporter": "both by China", "mixed": "loss by US customs, the rest is China's total less it",
    "mixed, a month later": "the same, arrivals a month later",
    "most favourable": "the larger US count of the loss, rise by China",
}  # fmt: skip
ORDER = ("US", "EU", "ASEAN", "AU", "NON_US", "WORLD")
SHORT = {row.code: row.name for row in DESTINATIONS}

# Columns of the tables that a page shows, in order.
CHANGE_COLUMNS = [
    "partner", "value_usd_bn", "change_usd_bn", "growth_pct", "contribution_pp", "share_pct", "evidence_grade",
]  # fmt: skip
CEILING_COLUMNS = [
    "span", "side", "us_change_usd_bn", "non_us_change_usd_bn", "ceiling_pct", "rise_before_usd_bn", "above",
]  # fmt: skip
SIDE_COLUMNS = [
    "importer", "span", "exporter_change_usd_bn", "exporter_growth_pct", "importer_change_usd_bn",
    "importer_growth_pct", "importer_later_growth_pct", "importer_own_growth_pct", "ratio_before", "ratio",
]  # fmt: skip
PUBLISHED_COLUMNS = [
    "target", "published", "computed", "tolerance", "unit", "published_by", "verdict",
]  # fmt: skip


def short_name(code: str) -> str:
    """Return the short name of a destination for tables and figures."""
    return SHORT.get(code) or partners.name_of(code)


def span_label(span: str, first: str, last: str) -> str:
    """Name a span for readers: its months, and the window's name when it is one."""
    label = span_name(first, last)
    return f"{label} ({span}, {WINDOW_NAMES[span]})" if span in WINDOW_NAMES else label


def main_rows(changes: pd.DataFrame, span: str) -> pd.DataFrame:
    """Return the main partners' rows of one span, in a fixed order, with names."""
    rows = changes[(changes["span"] == span) & changes["partner_code"].isin(ORDER)]
    rows = rows.sort_values("partner_code", key=lambda codes: codes.map(ORDER.index), ignore_index=True)
    labels = [span_label(r.span, r.first_month, r.last_month) for r in rows.itertuples(index=False)]
    return rows.assign(partner=[short_name(code) for code in rows["partner_code"]], span=labels)


def _value(frame: pd.DataFrame, column: str, **key: str) -> float:
    for name, value in key.items():
        frame = frame[frame[name] == value]
    return float(frame[column].iloc[0]) if len(frame) else np.nan


def of_changes(rows: pd.DataFrame) -> str:
    """Title of the table of changes."""
    us = _value(rows, "growth_pct", partner_code="US")
    rest = _value(rows, "growth_pct", partner_code="NON_US")
    if np.isnan(us) or np.isnan(rest):
        return f"China's exports by partner, {rows['span'].iloc[0]}"
    return (
        f"Exports to the US {percent(us)}, to all others {percent(rest)}: {rows['span'].iloc[0]} against a year before"
    )


def of_ceiling(ceiling: pd.DataFrame) -> str:
    """Title of the ceiling table."""
    w1 = ceiling[(ceiling["span"] == "W1") & ceiling["ceiling_pct"].notna()]["ceiling_pct"]
    if w1.empty:
        return "Exports to the US and elsewhere did not move in opposite directions: no ceiling"
    return (
        "While the door was shut, the US loss was "
        f"{plain(w1.min(), 0)} to {plain(w1.max(), 0)} % of the rise elsewhere, both against last year"
    )


def _above(row: pd.Series) -> str:
    """The loss over what the rise elsewhere exceeds that of the year before, in words where it bounds nothing."""
    if pd.isna(row["rise_before_usd_bn"]) or row["reason"]:
        return ""
    if pd.isna(row["above_pct"]):
        return "no rise above it"
    return f"{plain(row['above_pct'], 0)} %" if row["above_pct"] < 100 else f"{plain(row['above_pct'], 0)} %: no bound"


def ceiling_rows(ceiling: pd.DataFrame) -> pd.DataFrame:
    """Return the ceiling with readable spans; spans without any are left to the CSV."""
    defined = ceiling.groupby("span")["ceiling_pct"].transform(lambda values: values.notna().any())
    ordered = ceiling[defined].sort_values(["first_month", "last_month", "side"], ignore_index=True)
    labels = [span_label(r.span, r.first_month, r.last_month) for r in ordered.itertuples(index=False)]
    above = [_above(row) for _, row in ordered.iterrows()]
    return ordered.assign(span=labels, side=ordered["side"].map(SIDES), above=above)


def side_rows(sides: pd.DataFrame) -> pd.DataFrame:
    """Return the two sides with readable importers and spans."""
    ordered = sides.sort_values(["reporter_code", "first_month", "last_month"], ascending=[False, True, True])
    labels = [span_label(r.span, r.first_month, r.last_month) for r in ordered.itertuples(index=False)]
    return ordered.assign(span=labels, importer=[short_name(code) for code in ordered["reporter_code"]])


def of_sides(sides: pd.DataFrame) -> str:
    """Title of the two-sides table."""
    ours = _value(sides, "exporter_change_usd_bn", reporter_code="US", span="W1")
    theirs = _value(sides, "importer_change_usd_bn", reporter_code="US", span="W1")
    if np.isnan(ours) or np.isnan(theirs):
        return "One flow, counted by both customs"
    return f"The US loss while the door was shut: {plain(-ours, 0)} bn by Chinese, {plain(-theirs, 0)} bn by US customs"


def of_side_rates(sides: pd.DataFrame) -> str:
    """Title of the dumbbell figure."""
    ours = _value(sides, "exporter_growth_pct", reporter_code="US", span="W1")
    theirs = _value(sides, "importer_growth_pct", reporter_code="US", span="W1")
    return (
        f"Exports to the US while the door was shut: {percent(ours, 0)} by Chinese, {percent(theirs, 0)} by US customs"
    )


def alt_of(kind: str, rows: pd.DataFrame, label: str, columns: dict[str, str]) -> str:
    """Return an alternative text that holds the numbers: kind of drawing, then every row's values."""
    parts = []
    for row in rows.to_dict("records"):
        values = [f"{word} {signed(row[column])}" for column, word in columns.items() if not pd.isna(row[column])]
        parts.append(f"{row[label]}: {', '.join(values)}")
    return f"{kind} {'; '.join(parts)}."


def alt_of_lines(kind: str, rows: pd.DataFrame, y: str, series: str) -> str:
    """Return an alternative text for lines: kind of drawing, then where each begins, ends, and its extremes."""
    parts = []
    for name, line in rows.dropna(subset=[y]).groupby(series, sort=False):
        low, high = line.loc[line[y].idxmin()], line.loc[line[y].idxmax()]
        marks = ((line.iloc[0], "begins at"), (low, "lowest"), (high, "highest"), (line.iloc[-1], "ends at"))
        parts.append(f"{name}: " + ", ".join(f"{word} {plain(row[y], 2)} in {row['period']}" for row, word in marks))
    return f"{kind} {'; '.join(parts)}."


def mirror_path(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the monthly ratio of US-recorded to China-recorded trade.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``flow``, ``code``, ``ratio``; months that both sides hold.
    """
    theirs = customs.series(cells, "US", "CN", concept="imports_general")
    ours = customs.series(cells, "CN", "US")
    ratio = (theirs / ours).dropna().loc["2024-01":]
    return pd.DataFrame(
        {"period": ratio.index.astype(str), "flow": "US imports over China's exports", "code": "US",
         "ratio": ratio.to_numpy()}
    )  # fmt: skip


def of_mirror(path: pd.DataFrame) -> str:
    """Title of the mirror-ratio figure."""
    base = path[path["period"].str.startswith("2024")]["ratio"].mean()
    last = path["ratio"].iloc[-3:].mean()
    return (
        f"US customs recorded {plain(100 * base, 0)} % of China's count in 2024, {plain(100 * last, 0)} % from "
        f"{span_name(path['period'].iloc[-3], path['period'].iloc[-1])}"
    )


def of_currencies(rows: pd.DataFrame) -> str:
    """Title of the currency table."""
    if rows.empty or "EU" not in set(rows["partner_code"]):
        return "No printed rate of that month to turn into other currencies"
    eu = rows[rows["partner_code"] == "EU"].iloc[0]
    return (
        f"{percent(eu['usd_pct'])} to the EU in dollars is {percent(eu['own_pct'])} in euro "
        f"({month_name(eu['period'])} against a year before)"
    )


def currency_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the currency table with names."""
    return rows.assign(partner=[short_name(code) for code in rows["partner_code"]])


def surplus_path(balance: pd.DataFrame) -> pd.DataFrame:
    """Return the surplus since January and of twelve months, revised vintage, from 2018: long, for the figure."""
    revised = balance[(balance["vintage"] == "revised") & (balance["period"] >= "2018-01")]
    measures = {"since January": ("ytd_usd_bn", "WORLD"), "twelve months": ("rolling12_usd_bn", "US")}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "period": revised["period"],
                    "measure": name,
                    "code": code,
                    "value": revised[column],
                    "segment": revised["period"].str[:4] if column == "ytd_usd_bn" else "all",
                }
            )
            for name, (column, code) in measures.items()
        ]
    ).dropna()


def of_surplus(marks: pd.DataFrame) -> str:
    """Title of the surplus figure."""
    first = marks[marks["vintage"] == "revised"].groupby("measure")["period"].min()
    if len(first) < 2:
        return f"China's surplus and the mark of {plain(surplus.MARK_BN, 0)} billion dollars"
    return (
        f"The surplus passed {plain(surplus.MARK_BN, 0)} billion in {month_name(first['calendar year'])} by the "
        f"calendar, in {month_name(first['twelve months'])} over twelve months"
    )


def surplus_sentence(balance: pd.DataFrame, period: str) -> str:
    """Say the surplus since January in its first print and as revised."""
    held = balance[(balance["period"] == period) & balance["ytd_usd_bn"].notna()].set_index("vintage")["ytd_usd_bn"]
    parts = [f"{plain(held[v], 0)} billion {name}" for v, name in
             (("first_print", "in the first print"), ("revised", "as revised since")) if v in held]  # fmt: skip
    return f"January to {month_name(period)}: {', '.join(parts)}." if parts else ""


def of_grades(counts: pd.DataFrame) -> str:
    """Title of the evidence-grade table."""
    china = counts[counts["reporter"] == partners.name_of("CN")]
    if china.empty:
        return "No monthly figure of China's customs is held"
    china = china.iloc[0]
    weak = int(china["C"] + china["D"])
    return f"{weak} of {int(china[list('ABCD')].sum())} monthly figures of China's customs rest on a single place"


def of_conflicts(conflicts: pd.DataFrame) -> str:
    """Title of the table of conflicting levels."""
    inside = int((conflicts["reading"] == "unexplained").sum())
    return f"{len(conflicts)} pairs of printed levels differ beyond rounding; {inside} of them inside one vintage"


def of_growth_checks(checked: pd.DataFrame, largest_revision: float) -> str:
    """Say how many printed rates agree with their levels, were revised, or are misprints."""
    counts = checked["verdict"].value_counts()
    agrees, revised, alone, wrong = (
        int(counts.get(verdict, 0)) for verdict in ("agrees", "revision", "not checkable", "misprint")
    )
    return (
        f"Of {plain(len(checked), 0)} printed rates, {agrees} agree with their levels, {revised} differ by revision "
        f"(the largest seen for a month is {plain(largest_revision)} %), {alone} have no level to be held against, and "
        f"{wrong} are misprints."
    )


def of_claims(checked: pd.DataFrame) -> str:
    """Title of the claim table: how many claims meet which verdict."""
    counts = checked["verdict"].value_counts()
    order = ("confirmed", "imprecise", "wrong", "not decidable", "not testable")
    parts = [f"{counts[verdict]} {verdict}" for verdict in order if counts.get(verdict)]
    return f"Of {len(checked)} claims: {', '.join(parts)}"


def of_published(published: pd.DataFrame) -> str:
    """Title of the replication table."""
    counts = published["verdict"].value_counts()
    words = {"replicated": "replicated across producers", "consistent": "consistent with other cells of their own",
             "differs": "differ"}  # fmt: skip
    told = [f"{counts[verdict]} {meaning}" for verdict, meaning in words.items() if verdict in counts]
    return f"Of {len(published)} published figures: {', '.join(told)}"
