"""What changed: who sold less to whom, who took the rise, how much of it could be goods turned away, and why."""

from __future__ import annotations

import numpy as np

from helpers.wording.composer import Composer, Sentence
from helpers.wording.readings import MAIN_WINDOW, clear_loss, filled, more_or_less, products, range_of

CHANGE = {"span": MAIN_WINDOW, "side": "exporter"}  # the row of ``ceiling`` that the lead is made from
LOSS_AND_RISE = ("lead: a loss and a larger rise", "lead: a loss and a smaller rise")
SIDES = ("exporter", "mixed", "mixed, a month later", "most favourable")
SMALL = 2.0  # percent: a change of trade that no word is made of unless a test finds it


def lead_rule(c: Composer) -> str | None:
    """Which way exports to the US and to everybody else went, where a change too small for a word is none."""
    row, side = c.row("ceiling", **CHANGE), c.row("two_sides", reporter_code="US", span=MAIN_WINDOW)
    if row is None:
        return None
    loss, rise = -row["us_change_usd_bn"], row["non_us_change_usd_bn"]
    if side is not None and abs(side["exporter_growth_pct"]) < SMALL and not clear_loss(c):
        return "lead: about as much to the US"
    if loss <= 0:
        return "lead: no loss against a rise"
    if rise <= 0:
        return "lead: a loss and no rise"
    return "lead: a loss and a larger rise" if rise > loss else "lead: a loss and a smaller rise"


def lead(c: Composer) -> list[Sentence]:
    """Say how exports to the US and elsewhere changed, who took the rise, and that the one need not be the other."""
    rule = lead_rule(c)
    if rule is None:
        return []
    us = c.number("ceiling", CHANGE, "us_change_usd_bn", size=True)
    rest = c.number("ceiling", CHANGE, "non_us_change_usd_bn", size=True)
    slots = {
        "span": c.span("ceiling", CHANGE),
        "us": c.signed("ceiling", CHANGE, "us_change_usd_bn"),
        "gain": us,
        "loss": us,
        "rise": rest,
        "rest": more_or_less(c, "ceiling", CHANGE, "non_us_change_usd_bn"),
    }
    said = [filled(c, rule, slots)]
    return said if rule not in LOSS_AND_RISE else [*said, _by_destination(c), c.say("rise: cannot be told")]


def _by_destination(c: Composer) -> Sentence | None:
    """Who took the rise, as far as it is printed: two destinations and the rest, each as a range."""
    keys = {code: {"span": MAIN_WINDOW, "partner_code": code} for code in ("ASEAN", "EU", "OTHERS")}
    if any(c.row("rise_by_destination", **key) is None for key in keys.values()):
        return None
    names = {"ASEAN": "asean", "EU": "eu", "OTHERS": "rest"}
    return c.say(
        "rise: by destination",
        **{names[code]: range_of(c, "rise_by_destination", key, "change_low_usd_bn", "change_high_usd_bn")
           for code, key in keys.items()},
    )  # fmt: skip


def ceiling(c: Composer) -> Sentence | None:
    """The loss over the rise, lowest and highest count of both; no bound where one count reaches the whole rise."""
    keys = [{"span": MAIN_WINDOW, "side": side} for side in SIDES]
    known = [key for key in keys if (row := c.row("ceiling", **key)) is not None and row["ceiling_pct"] > 0]
    if CHANGE not in known or lead_rule(c) not in LOSS_AND_RISE:
        return None
    ordered = sorted(known, key=lambda key: c.row("ceiling", **key)["ceiling_pct"])
    if c.row("ceiling", **ordered[-1])["ceiling_pct"] >= 100:
        return c.say("ceiling: no bound")
    low, high = c.number("ceiling", ordered[0], "ceiling_pct"), c.share("ceiling", ordered[-1], "ceiling_pct")
    return c.say("ceiling", low=low, high=high)


def above(c: Composer) -> Sentence | None:
    """What is left of the bound once the rise of the year before is taken off; nothing where that was no rise."""
    key = {"span": MAIN_WINDOW, "side": "mixed"}
    row, said = c.row("ceiling", **key), ceiling(c)
    if row is None or said is None or said.rule != "ceiling" or not row["rise_before_usd_bn"] > 0:
        return None
    earlier = c.number("ceiling", key, "rise_before_usd_bn")
    if np.isnan(row["above_pct"]) or row["above_pct"] >= 100:
        return c.say("ceiling: none above the earlier rise", earlier=earlier)
    return c.say("ceiling: above the earlier rise", earlier=earlier, above=c.share("ceiling", key, "above_pct"))


def cause(c: Composer) -> Sentence | None:
    """Whether the tariffs caused any of the rise elsewhere: only estimates by product can say."""
    verdict, slots = products(c, "NON_US")
    # Without an estimate the cause is asked only of a rise beside a loss.
    if verdict == "none" and lead_rule(c) not in LOSS_AND_RISE:
        return None
    rule = {
        "none": "cause: not estimated", "above": "cause: products, interval excludes zero",
        "zero": "cause: products, interval contains zero", "below": "cause: products, fell short",
    }[verdict]  # fmt: skip
    return filled(c, rule, slots)
