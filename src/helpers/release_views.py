"""Rows, titles and sentences of the months that the ledger does not hold, and of pieces that cannot all be true."""

from __future__ import annotations

import pandas as pd

from helpers.headlines import short_name, span_label
from helpers.months import MONTH_NAMES, month_name, span_name
from helpers.numbers import plain, signed
from helpers.revisions import PRINT_NAMES

CONFLICT_COLUMNS = ["clash", "what", "printed_text", "vintage_text", "evidence_grade", "read_at", "used_text",
                    "rest_allows"]  # fmt: skip
CHANGE_COLUMNS = ["partner", "span", "piece_by_piece", "all_at_once", "growth_text", "left_open", "open_before_text",
                  "open_sum"]  # fmt: skip
WHAT = {
    "month": "", "jan_feb": "January and February", "ytd": "since January", "year": "year", "quarter": "quarter",
}  # fmt: skip
RATES = {"yoy": "on a year before", "mom": "on the month before"}
USED = {"used": "used", "loosened": "both kept: range loosened", "left out": "left out"}
NO_LIMIT = "no limit"
# Places whose short name would say nothing to a reader.
PLACES = {
    "dashboard_growth_unidentified": "a dashboard that cannot be named",
    "rcep_workbook": "a workbook without publisher",
    "gacc_bulletin_copy": "a copy of customs' bulletin",
}  # fmt: skip
# A range of growth that goes beyond this allows anything.
ANYTHING_PCT = 50.0


def between(low: float, high: float, digits: int = 1, *, sign: bool = False) -> str:
    """Print a range: one number where both ends are the same when rounded."""
    say = signed if sign else plain
    ends = say(low, digits), say(high, digits)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]}\u00a0to\u00a0{ends[1]}"


def months_named(months: list[str], letters: int | None = None) -> str:
    """Name months in a row, the year once: ``"July and October 2025"``; by so many letters where room is short."""
    years: dict[str, list[str]] = {}
    for month in sorted(months):
        years.setdefault(month[:4], []).append(MONTH_NAMES[int(month[5:]) - 1][:letters])
    parts = [f"{', '.join(names[:-1])} and {names[-1]} {year}" if len(names) > 1 else f"{names[0]} {year}"
             for year, names in years.items()]  # fmt: skip
    return "; ".join(parts)


def _eu_first(paths: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return list(paths.groupby("partner_code", sort=True))[::-1]


def _counted(paths: pd.DataFrame) -> list[tuple[str, int, list[str], list[str]]]:
    """Return partner, months tied down by what is printed, months open for good, months closed by the share."""
    return [
        (short_name(code), int((~rows["is_open"] & ~rows["is_assumed"]).sum()),
         list(rows.loc[rows["is_open"], "period"]), list(rows.loc[rows["is_assumed"], "period"]))
        for code, rows in _eu_first(paths)
    ]  # fmt: skip


def of_paths(paths: pd.DataFrame) -> str:
    """Title of the figure: how many months what is printed ties down, by partner."""
    if paths.empty:
        return "No month of China's exports to the EU or ASEAN is held yet"
    months = paths["period"].nunique()
    parts = [f"{tied} of {months} months to {_the(name)}" for name, tied, _, _ in _counted(paths)]
    return f"The pieces held tie down {' and '.join(parts)}; the others are open by more than a tenth"


def _the(name: str) -> str:
    return f"the {name}" if name == "EU" else name


def sentence_of_paths(paths: pd.DataFrame) -> str:
    """Say which months stay open, and which only the share of a month in its quarter closes."""
    parts = []
    for name, _, free, assumed in _counted(paths):
        rows = paths[paths["partner_code"].map(short_name) == name].set_index("period")
        if free:
            wide = rows.loc[free, "half_width_pct"]
            parts.append(f"{name}: {months_named(free)} stay open by ±{between(wide.min(), wide.max(), 0)} %.")
        if assumed:
            wide = rows.loc[assumed, "half_width_pct"]
            parts.append(
                f"{name}: {months_named(assumed)} are open by the pieces alone; the assumed share of a month in its "
                f"quarter closes them to ±{between(wide.min(), wide.max(), 0)} %."
            )
        if not free and not assumed:
            parts.append(f"{name}: no month stays open.")
    return " ".join(parts)


def alt_of_paths(paths: pd.DataFrame) -> str:
    """Return the alternative text: where each path begins and ends, and the bounds of every open month."""
    parts = []
    for code, rows in _eu_first(paths):
        drawn, wide = rows.dropna(subset=["path_usd_bn"]), rows[rows["is_open"] | rows["is_assumed"]]
        ends = " and ".join(f"{plain(row.path_usd_bn, 0)} in {month_name(row.period)}" for row in drawn.iloc[[0, -1]].itertuples()) if len(drawn) else "nowhere"  # noqa: E501 # fmt: skip
        free = "; ".join(f"{month_name(row.period)} {between(row.low_usd_bn, row.high_usd_bn, 0)}" for row in wide.itertuples())  # noqa: E501 # fmt: skip
        parts.append(f"{short_name(code)}: {ends}; open by the pieces alone: {free or 'none'}.")
    return f"Bounds of China's monthly exports, billion US dollars. {' '.join(parts)}"


def conflict_rows(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Return the sets of pieces that cannot all be true, a row per piece, with where it was read."""
    if conflicts.empty:
        return pd.DataFrame(columns=[*CONFLICT_COLUMNS, "partner_code"])
    conflicts = conflicts.sort_values(["partner_code", "conflict"], ascending=[False, True], kind="stable")
    number = conflicts.groupby(["partner_code", "conflict"], sort=False).ngroup()
    rows = list(conflicts.itertuples(index=False))
    return conflicts.assign(
        clash=[f"{at + 1} {short_name(code)}" for at, code in zip(number, conflicts["partner_code"], strict=True)],
        what=[_what(row) for row in rows],
        printed_text=[_printed(row) for row in rows],
        read_at=[_place(row) for row in rows],
        vintage_text=conflicts["vintage"].map(PRINT_NAMES),
        used_text=conflicts["used_as"].map(USED),
        rest_allows=[_allowed(row) for row in rows],
    )


def _what(row) -> str:
    kind = WHAT[row.period_kind]
    when = row.period[:4] if row.period_kind == "year" else month_name(row.period)
    when = span_name(f"{row.period[:4]}-{int(row.period[5:]) - 2:02d}", row.period) if row.kind == "quarter" else when
    when = span_name(f"{row.period[:4]}-01", row.period) if row.period_kind in ("ytd", "jan_feb") else when
    return f"{when}{f', {kind}' if kind in ('year', 'quarter') else ''}{f', {RATES[row.kind]}' if row.kind in RATES else ''}"  # noqa: E501 # fmt: skip


def _printed(row) -> str:
    digits = 0 if row.half_unit >= 0.5 else 1
    if row.kind in RATES:
        return f"{signed(row.printed, digits)} %{' in yuan' if row.currency == 'CNY' else ''}"
    return f"{plain(row.printed / 1e3, 2)} bn {'yuan' if row.currency == 'CNY' else 'dollars'}"


def _place(row) -> str:
    source = row.source_id.partition("#")[2] or row.source_id
    if source.startswith("gacc_page_"):
        return f"customs' page for {month_name(source.removeprefix('gacc_page_').replace('_', '-'))}"
    return PLACES.get(source) or source.replace("_", " ")


def _allowed(row) -> str:
    if row.used_as == "used":
        return ""
    if pd.isna(row.allowed_low):
        return NO_LIMIT
    if row.kind in RATES:
        if not row.allowed_high - row.allowed_low < ANYTHING_PCT:
            return NO_LIMIT
        return f"{between(row.allowed_low, row.allowed_high, sign=True)} %"
    return f"{between(row.allowed_low, row.allowed_high, 2)} bn"


def of_conflicts(conflicts: pd.DataFrame) -> str:
    """Title of the table of contradictions: how many sets, and what is made of them."""
    if conflicts.empty:
        return "All printed pieces of exports to the EU and ASEAN can be true at once"
    sets = conflicts.groupby(["partner_code", "conflict"])["used_as"].agg(lambda used: "loosened" in set(used))
    out = conflicts.loc[conflicts["used_as"] == "left out", ["partner_code", "piece"]].drop_duplicates()
    parts = []
    if sets.any():
        parts.append(f"{int(sets.sum())} are two prints of one rate, between which nothing decides")
    if len(out):
        parts.append(f"{len(out)} pieces are left out")
    return f"{len(sets)} sets of printed figures cannot be true at once: {'; '.join(parts)}"


def sentence_of_conflicts(conflicts: pd.DataFrame) -> str:
    """Name the rates that two places print differently, and what the other pieces say about them."""
    if conflicts.empty:
        return ""
    parts = []
    for (code, *_), rows in conflicts[conflicts["used_as"] == "loosened"].groupby(["partner_code", "conflict"]):
        first, says = next(rows.itertuples()), " and ".join(_printed(row) for row in rows.itertuples())
        allowed = _allowed(first)
        rest = "say nothing of it" if allowed == NO_LIMIT else f"allow {allowed} and do not decide"
        parts.append(f"{short_name(code)}, {_what(first)}: {says} are printed; the other pieces {rest}.")
    return " ".join(parts)


def change_rows(found: pd.DataFrame, rises: pd.DataFrame) -> pd.DataFrame:
    """Return the changes that all pieces allow together, beside what they allow one after the other.

    Parameters
    ----------
    found
        ``release_changes``.
    rises
        ``rise_by_destination``: the ranges of the bars.
    """
    if found.empty:
        return pd.DataFrame(columns=CHANGE_COLUMNS)
    bars = rises.set_index(["partner_code", "span"])
    rows = found.sort_values(["partner_code", "first_month", "last_month"], ascending=[False, True, True])
    keys = list(zip(rows["partner_code"], rows["span"], strict=True))
    low, high = "change_low_usd_bn", "change_high_usd_bn"
    return rows.assign(
        partner=[short_name(code) for code in rows["partner_code"]],
        span=[span_label(row.span, row.first_month, row.last_month) for row in rows.itertuples()],
        piece_by_piece=[between(*bars.loc[key, [low, high]], sign=True) if key in bars.index else "" for key in keys],
        all_at_once=[_known(row.change_low_usd_bn, row.change_high_usd_bn, row) for row in rows.itertuples()],
        growth_text=[_known(row.growth_low_pct, row.growth_high_pct, row) for row in rows.itertuples()],
        left_open=[_months_of(row.open_months) for row in rows.itertuples()],
        open_before_text=[_months_of(row.open_before) for row in rows.itertuples()],
        open_sum=[between(*pair) if pd.notna(pair[0]) else "" for pair in
                  zip(rows["open_low_usd_bn"], rows["open_high_usd_bn"], strict=True)],
    )  # fmt: skip


def _known(low: float, high: float, row) -> str:
    """Print a range where the growth is known within :data:`ANYTHING_PCT` points."""
    is_known = row.growth_high_pct - row.growth_low_pct < ANYTHING_PCT
    return between(low, high, sign=True) if is_known else "not known"


def _months_of(listed: str | float) -> str:
    """Name the months of a list that semicolons separate; nothing for none."""
    return months_named(listed.split(";"), letters=3) if isinstance(listed, str) and listed else ""


def of_changes(found: pd.DataFrame, span: str) -> str:
    """Title of the table of changes: how closely the change of a span is known although months of it are open."""
    rows = found[found["span"] == span]
    if rows.empty:
        return "What all pieces held allow together"
    when = span_name(rows["first_month"].iloc[0], rows["last_month"].iloc[0])
    parts = [
        f"{_the(short_name(row.partner_code))} {between(row.change_low_usd_bn, row.change_high_usd_bn, 0, sign=True)} "
        f"billion with {row.months_open} of its months open"
        for row in rows.sort_values("partner_code", ascending=False).itertuples()
    ]
    unknown = found[~(found["growth_high_pct"] - found["growth_low_pct"] < ANYTHING_PCT)]
    first = "Sums are known although months are not" if unknown.empty else "Most sums are known although months are not"
    return f"{first}. {when}: {', '.join(parts)}"
