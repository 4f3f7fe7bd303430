"""What the EU bought by section of the Harmonized System, from its customs' bulk files: value, kilograms, shares.

Sums only leave the rows. A value per kilogram mixes cheap and dear goods: it is no price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers import engine, partners, product_panel, spans
from helpers.exposure.design import SECTION_ENDS

if TYPE_CHECKING:
    from ibis.expr.types import IntegerColumn, Table

EIGHT_DIGITS, WEIGHED = "cn8", "million kg"
CHINA, OTHERS = "CN", "OTHERS"
WINDOW = "W1"
ALL = 0  # in place of a section: all goods


def monthly(as_of: str = "", *, using: engine.Name = "duckdb", memory_gib: float = 2) -> pd.DataFrame | None:
    """Return what the 27 members bought outside the EU, by month and section; None where no bulk file was ingested.

    Parameters
    ----------
    as_of
        Leave out what was read after this day; empty takes everything.
    using, memory_gib
        As for :func:`helpers.engine.connect`.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``section`` (1 to 21), ``origin`` (``CN`` or ``OTHERS``), ``value_eur_mn``, ``kg_mn``
        (of rows that have a weight).
    """
    if not product_panel.files_of(product_panel.BULK, as_of):
        return None
    with engine.connect(using, memory_gib=memory_gib) as backend:
        sums = added_up(product_panel.rows_of(backend, product_panel.BULK, as_of))
        held = sums.order_by("period", "section", "origin").to_pandas()
    # Left out here and not in the engine, which would ask every row for its section.
    return held.dropna(subset="section").astype({"section": "int64"}).reset_index(drop=True)


def added_up(rows: Table) -> Table:
    """Add up imports from outside the EU by month, section (empty: none) and whether they come from China."""
    import ibis

    members = list(partners.EU27_MEMBERS)
    mine = rows.filter(
        (rows["flow"] == "imports") & (rows["period_kind"] == "month") & (rows["product_scheme"] == EIGHT_DIGITS)
        & rows["reporter_code"].isin(members) & ~rows["partner_code"].isin(members)
    )  # fmt: skip
    mine = mine.mutate(
        chapter=mine["product_code"].left(2),
        origin=ibis.ifelse(mine["partner_code"] == CHINA, CHINA, OTHERS),
    )
    # By chapter first: what is asked of every row stays small, and sums of exact sums are exact.
    weight = mine["quantity"].cast(engine.EXACT).sum(where=mine["quantity_unit"] == WEIGHED)
    chapters = mine.group_by("period", "chapter", "origin").agg(
        value=mine["value_mn"].cast(engine.EXACT).sum(), weight=weight
    )
    known = chapters.mutate(section=_section(chapters["chapter"].try_cast("int32")))
    return known.group_by("period", "section", "origin").agg(
        value_eur_mn=known["value"].sum().cast("float64"), kg_mn=known["weight"].sum().cast("float64"),
    )  # fmt: skip


def _section(chapter: IntegerColumn) -> IntegerColumn:
    """Return the section of a chapter of two digits; nothing for chapters that the Harmonized System does not have."""
    import ibis

    branches = [(chapter <= last, number) for number, last in enumerate(SECTION_ENDS, start=1)]
    return ibis.cases((chapter < 1, ibis.null("int8")), *branches, else_=ibis.null("int8"))


def changes(held: pd.DataFrame | None, month: str) -> pd.DataFrame:
    """Return the months of the shut door against the same months a year before, as far as they are held.

    Parameters
    ----------
    held
        From :func:`monthly`.
    month
        Last month of the report.

    Returns
    -------
    pandas.DataFrame
        ``section`` (0: all goods), ``first_month``, ``last_month`` (of the longest beginning of the window that is
        held), ``china_eur_bn``, ``china_before_eur_bn``, ``value_change_pct``, ``kg_change_pct``,
        ``per_kg_change_pct``, ``share_pct``, ``share_before_pct``, ``others_change_pct``; what needs a year before is
        empty where that is not held. No row where the window is not held at all.
    """
    months = [] if held is None else _held_months(held, month)
    if not months:
        return pd.DataFrame()
    before = [str(pd.Period(period, "M") - 12) for period in months]
    has_before = set(before) <= set(held["period"])
    now, then = _sums(held, months), _sums(held, before if has_before else [])
    rows = []
    for section in now.index:
        mine, last = now.loc[section], then.loc[section] if section in then.index else None
        rows.append({
            "section": int(section), "first_month": months[0], "last_month": months[-1],
            "china_eur_bn": mine["value", CHINA] / 1e3,
            "china_before_eur_bn": last["value", CHINA] / 1e3 if last is not None else None,
            "value_change_pct": _change(mine, last, "value", CHINA), "kg_change_pct": _change(mine, last, "kg", CHINA),
            "per_kg_change_pct": _per_kilogram(mine, last), "share_pct": _share(mine), "share_before_pct": _share(last),
            "others_change_pct": _change(mine, last, "value", OTHERS),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _held_months(held: pd.DataFrame, month: str) -> list[str]:
    """Return the months of the window from its first on, up to the first that is not held."""
    first, last = spans.WINDOWS[WINDOW]
    known, found = set(held["period"]), []
    for period in pd.period_range(first, min(last, month), freq="M").astype(str):
        if period not in known:
            break
        found.append(period)
    return found


def _sums(held: pd.DataFrame, months: list[str]) -> pd.DataFrame:
    """Return value and kilograms by section and origin, and of all goods under section 0."""
    part = held[held["period"].isin(months)]
    whole = pd.concat([part, part.assign(section=ALL)], ignore_index=True)
    sums = whole.pivot_table(index="section", columns="origin", values=["value_eur_mn", "kg_mn"], aggfunc="sum")
    wanted = pd.MultiIndex.from_product([["value_eur_mn", "kg_mn"], [CHINA, OTHERS]])
    return sums.reindex(columns=wanted).rename(columns={"value_eur_mn": "value", "kg_mn": "kg"}, level=0)


def _change(now: pd.Series, before: pd.Series | None, what: str, origin: str) -> float | None:
    if before is None or not before[what, origin] > 0:
        return None
    return 100 * (now[what, origin] / before[what, origin] - 1)


def _per_kilogram(now: pd.Series, before: pd.Series | None) -> float | None:
    value, weight = _change(now, before, "value", CHINA), _change(now, before, "kg", CHINA)
    return None if value is None or weight is None else 100 * ((100 + value) / (100 + weight) - 1)


def _share(sums: pd.Series | None) -> float | None:
    if sums is None or not sums["value"].sum() > 0:
        return None
    return 100 * sums["value", CHINA] / sums["value"].sum()
