"""Rows and titles of who bought the rise, as readers see them."""

from __future__ import annotations

import pandas as pd

from helpers import where_to
from helpers.headlines import short_name
from helpers.months import span_name
from helpers.numbers import plain, signed

NARROW_BN = 2.0  # a range narrower than this is printed as one number
REST_NAME = "Others, not held"
NAMED_IN_TITLE = 2


def named(code: str) -> str:
    """Return the name of a destination or of the rest."""
    return REST_NAME if code == where_to.REST else short_name(code)


def amount(low: float, high: float, *, sign: bool = False) -> str:
    """Print a change in whole billions: one number, or a range where the pieces leave one."""
    say = signed if sign else plain
    middle = (low + high) / 2
    return say(middle, 0) if high - low < NARROW_BN else f"{say(low, 0)}\u00a0to\u00a0{say(high, 0)}"


def rise_rows(rises: pd.DataFrame, span: str) -> pd.DataFrame:
    """Return the bars of one span, the largest rise first, the rest last: ``label``, ``change_usd_bn``, ``code``."""
    rows = rises[(rises["span"] == span) & (rises["partner_code"] != where_to.ELSEWHERE)]
    is_rest = rows["partner_code"] == where_to.REST
    rows = rows.assign(is_rest=is_rest).sort_values(
        ["is_rest", "change_usd_bn"], ascending=[True, False], ignore_index=True
    )
    wide = rows["change_high_usd_bn"] - rows["change_low_usd_bn"] >= NARROW_BN
    ranges = [
        f" ({amount(row.change_low_usd_bn, row.change_high_usd_bn)})" if is_wide else ""
        for row, is_wide in zip(rows.itertuples(index=False), wide, strict=True)
    ]
    labels = [named(code) + text for code, text in zip(rows["partner_code"], ranges, strict=True)]
    return rows.assign(label=labels).drop(columns="is_rest")


def of_rise(rises: pd.DataFrame, span: str) -> str:
    """Title of the figure: who took most of the rise, and how much no destination is known to have taken."""
    held = rises[rises["span"] == span].set_index("partner_code")
    if held.empty:
        return "Who bought more is not held for these months"
    when = span_name(held["first_month"].iloc[0], held["last_month"].iloc[0])
    total, rest = held.loc[where_to.ELSEWHERE], held.loc[where_to.REST]
    most = held.drop(["US", where_to.ELSEWHERE, where_to.REST], errors="ignore").nlargest(
        NAMED_IN_TITLE, "change_usd_bn"
    )
    parts = [
        f"{named(code)} {amount(row['change_low_usd_bn'], row['change_high_usd_bn'])}" for code, row in most.iterrows()
    ]
    parts.append(f"{amount(rest['change_low_usd_bn'], rest['change_high_usd_bn'])} not held by destination")
    whole = amount(total["change_low_usd_bn"], total["change_high_usd_bn"], sign=True)
    return f"{when}: of {whole} billion outside the US, {', '.join(parts)}"


def alt_of_rise(rows: pd.DataFrame) -> str:
    """Return the alternative text of the bars: every value with its range."""
    parts = [
        f"{named(row.partner_code)} {amount(row.change_low_usd_bn, row.change_high_usd_bn, sign=True)}"
        for row in rows.itertuples(index=False)
    ]
    return f"Change of China's exports by destination, billion US dollars. {'; '.join(parts)}."
