"""What several statements read in the same way: whether an interval is clear of zero, the money, the base."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.months import span_name
from helpers.numbers import MONEY
from helpers.wording.composer import Composer, Sentence
from helpers.wording.rules import RULES

MAIN_WINDOW = "W1"
NAIVE = "seasonal_naive"


def excludes_zero(row: pd.Series) -> bool:
    """Whether there is an interval and zero lies outside."""
    return row["status"] == "interval" and (row["low_bn"] > 0 or row["high_bn"] < 0)


def is_loss(row: pd.Series) -> bool:
    """Whether a gap is below zero with its whole interval."""
    return excludes_zero(row) and row["gap_bn"] < 0


def clear_loss(c: Composer) -> bool:
    """Whether a US loss stands out in the plain form or the share form."""
    rows = [c.row("excess", destination_code="US", form=form, window_id=MAIN_WINDOW) for form in ("plain", "share")]
    return any(row is not None and is_loss(row) for row in rows)


def unit_of(row: pd.Series) -> dict:
    """A word slot, not a number: the money of a row."""
    return {"printed": MONEY.get(row["currency"], row["currency"])}


def base_of(c: Composer, key: dict[str, str]) -> dict:
    """A slot for what the gap is measured against: a repeated year, or a trend."""
    row = c.row("excess", **key)
    until = span_name(row["train_end"], row["train_end"])
    words = "a repeat of the year to" if row["trend"] == NAIVE else "its own past continued from"
    return c.fact("excess", key, "train_end", f"{words} {until}")


def filled(c: Composer, rule: str, slots: dict[str, dict]) -> Sentence:
    """Fill a rule with those slots that it has."""
    return c.say(rule, **{slot: fact for slot, fact in slots.items() if f"{{{slot}}}" in RULES[rule]})


def forms_as_good(c: Composer, code: str) -> Sentence | None:
    """The range of a plain gap over the forms that were as good a choice."""
    key = {"destination_code": code, "form": "plain", "window_id": MAIN_WINDOW}
    row = c.row("excess", **key)
    if row is None or not row["forms_tried"] > 1:
        return None
    return c.say(
        "gap: forms as good", forms=c.number("excess", key, "forms_tried"),
        low=c.number("excess", key, "gap_low_bn"), high=c.number("excess", key, "gap_high_bn"),
    )  # fmt: skip


def more_or_less(c: Composer, table: str, key: dict[str, str], column: str) -> dict:
    """A slot for a change in words: ``109 billion more``."""
    size = c.number(table, key, column, size=True)
    return size | {"words": f" billion {'more' if c.row(table, **key)[column] > 0 else 'less'}"}


def range_of(c: Composer, table: str, key: dict[str, str], low: str, high: str) -> dict:
    """A slot of two cells, ``60 to 63``; one number where both are printed the same."""
    ends = [c.number(table, key, column) for column in (low, high)]
    if ends[0]["printed"] == ends[1]["printed"]:
        return ends[0]
    return {"printed": f"{ends[0]['printed']} to {ends[1]['printed']}", "parts": ends}


def products(c: Composer, code: str) -> tuple[str, dict[str, dict]]:
    """What the estimate by product says of a destination (``none``, ``zero``, ``above``, ``below``), and its slots."""
    key = {"destination_code": code}
    row = c.row("product_estimates", **key)
    if row is None or np.isnan(row["low_cents"]):
        return "none", {}
    verdict = "above" if row["low_cents"] > 0 else "below" if row["high_cents"] < 0 else "zero"
    names = {"cents": "cents", "low": "low_cents", "high": "high_cents"}
    return verdict, {slot: c.number("product_estimates", key, column) for slot, column in names.items()}
