"""What changed: who sold less to whom, who took the rise, how much of it could be goods turned away, and why."""

from __future__ import annotations

import numpy as np

from helpers import headlines
from helpers.wording.composer import Composer, Sentence
from helpers.wording.readings import MAIN_WINDOW, clear_loss, filled, more_or_less, products, range_of

CHANGE = {"span": MAIN_WINDOW, "side": "exporter"}  # the row of ``ceiling`` that the lead is made from
LOSS_AND_RISE = ("lead: a loss and a larger rise", "lead: a loss and a smaller rise")
SIDES = ("exporter", "mixed", "mixed, a month later", "most favourable")
MOST_NAMED = 4  # destinations in a sentence
SMALL = 2.0  # percent: a change of trade that no word is made of unless a test finds it


def lead_rule(c: Composer) -> str | None:
    """Which way exports to the US and to everybody else went, where a change too small for a word is none.

    Assumption A22.
    """
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


def lead(c: Composer) -> Sentence | None:
    """Say how exports to the US and elsewhere changed."""
    rule = lead_rule(c)
    if rule is None:
        return None
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
    return filled(c, rule, slots)


def who(c: Composer) -> list[Sentence | None]:
    """Beside a loss and a rise: the other count of the loss, who took the rise, and that the one need not be other."""
    if lead_rule(c) not in LOSS_AND_RISE:
        return []
    return [_other_count(c), _by_destination(c, MAIN_WINDOW), _by_destination(c, "year so far"),
            c.say("rise: cannot be told")]  # fmt: skip


def _other_count(c: Composer) -> Sentence | None:
    key = {"reporter_code": "US", "span": MAIN_WINDOW}
    row = c.row("two_sides", **key)
    if row is None or not (row["importer_change_usd_bn"] < 0 and row["importer_later_change_usd_bn"] < 0):
        return None
    return c.say(
        "fall: the other count", same=c.number("two_sides", key, "importer_change_usd_bn", size=True),
        later=c.number("two_sides", key, "importer_later_change_usd_bn", size=True),
    )  # fmt: skip


def _by_destination(c: Composer, span: str) -> Sentence | None:
    """Who took the rise of a span, as far as it is printed: those that took most, each as a range, and the rest."""
    rows = c.rows("rise_by_destination", span=span)
    rest, shut = ({"span": name, "partner_code": "OTHERS"} for name in (span, MAIN_WINDOW))
    row, before = c.row("rise_by_destination", **rest), c.row("rise_by_destination", **shut)
    if row is None or (span != MAIN_WINDOW and (before is None or row["first_month"] <= before["last_month"])):
        return None  # nothing is known, or the span is no later one
    held = [row for row in rows if row["partner_code"] not in ("US", "NON_US", "OTHERS") and row["change_usd_bn"] > 0]
    if not held:
        return None
    held = sorted(held, key=lambda row: -row["change_usd_bn"])
    most = [
        (headlines.short_name(row["partner_code"]), _range_in(c, {"span": span, "partner_code": row["partner_code"]}))
        for row in held[:MOST_NAMED]
    ]
    named = [f"{'the EU' if name == 'EU' else name} ({found['printed']})" for name, found in most]
    whole = span == MAIN_WINDOW and len(held) <= MOST_NAMED  # nobody else took more
    known = {
        "printed": " and ".join([", ".join(named[:-1]), named[-1]]) if whole and named[1:] else ", ".join(named),
        "parts": [part for _, found in most for part in found.get("parts", [found])],
    }
    slots = {"who": known, "rest": _range_in(c, rest), "span": c.span("rise_by_destination", rest)}
    which = "" if whole else ", the largest" if span == MAIN_WINDOW else ", since"
    return filled(c, f"rise: by destination{which}", slots)


def _range_in(c: Composer, key: dict[str, str]) -> dict:
    return range_of(c, "rise_by_destination", key, "change_low_usd_bn", "change_high_usd_bn")


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
