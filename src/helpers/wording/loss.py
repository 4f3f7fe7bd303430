"""The US loss: whether it is beyond normal variation, its size, and what is left of it net of early buying."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.wording.composer import Composer, Sentence
from helpers.wording.readings import (
    MAIN_WINDOW,
    NAIVE,
    base_of,
    clear_loss,
    excludes_zero,
    forms_as_good,
    is_loss,
    unit_of,
)

HOW = {"plain": "plainly", "share": "as a share of what it bought elsewhere"}
NOT_NET = "not net of early buying"


def verdict(c: Composer) -> Sentence | None:
    """What the tests say of the US gap, before its numbers."""
    rows = [c.row("excess", destination_code="US", form=form, window_id=MAIN_WINDOW) for form in ("plain", "share")]
    if any(found is None or found["status"] != "interval" for found in rows):
        return None
    if min(found["gap_bn"] for found in rows) >= 0:
        return c.say("US verdict: no loss")
    clear = sum(is_loss(found) for found in rows)
    if clear < 2:
        return c.say("US verdict: depends on the reading" if clear else "US verdict: not clear")
    net = _net_row(c)
    if net is None:
        return c.say("US verdict: clear")
    return c.say(f"US verdict: clear, {'net of early buying as well' if excludes_zero(net) else NOT_NET}")


def gap(c: Composer) -> Sentence | None:
    """The US gap in its plain and its share form, with what would have been seen where one is not clear of zero."""
    key = {form: {"destination_code": "US", "form": form, "window_id": MAIN_WINDOW} for form in ("plain", "share")}
    row = {form: c.row("excess", **key[form]) for form in key}
    if any(found is None or found["status"] != "interval" for found in row.values()):
        return None
    common = {"span": c.span("excess", key["plain"]), "unit": unit_of(row["plain"]), "base": base_of(c, key["plain"])}

    def size(form: str, column: str) -> dict:
        return c.number("excess", key[form], column, size=True)

    clear = [form for form in key if is_loss(row[form])]
    if not clear and max(found["gap_bn"] for found in row.values()) >= 0:
        return c.say(
            "US gap: no loss", **common, gap=c.number("excess", key["plain"], "gap_bn"),
            share_gap=c.number("excess", key["share"], "gap_bn"),
        )  # fmt: skip
    if len(clear) == 2:
        return c.say(
            "US gap: both forms exclude zero", **common, gap=size("plain", "gap_bn"),
            low=c.number("excess", key["plain"], "low_bn"), high=c.number("excess", key["plain"], "high_bn"),
            share_gap=size("share", "gap_bn"),
        )  # fmt: skip
    if len(clear) == 1:
        other = "plain" if clear == ["share"] else "share"
        return c.say(
            "US gap: one form excludes zero", **common, gap=size(clear[0], "gap_bn"),
            low=c.number("excess", key[clear[0]], "low_bn"), high=c.number("excess", key[clear[0]], "high_bn"),
            how={"printed": HOW[clear[0]]}, other_how={"printed": HOW[other]},
            other_gap=c.number("excess", key[other], "gap_bn"), mde=c.number("excess", key[other], "mde80_bn"),
        )  # fmt: skip
    smaller, larger = sorted(key, key=lambda form: abs(row[form]["gap_bn"]))
    return c.say(
        "US gap: neither form excludes zero", **common, gap=size(smaller, "gap_bn"),
        other_gap=size(larger, "gap_bn"),
        mde=c.number("excess", key["plain"], "mde80_bn"),
    )  # fmt: skip


def as_good(c: Composer) -> Sentence | None:
    """The range of the US gap over the forms that were as good a choice."""
    return forms_as_good(c, "US") if clear_loss(c) else None


def yearly(c: Composer) -> Sentence | None:
    """Say that a repeated year makes of the gap little more than the yearly change."""
    row = c.row("excess", destination_code="US", form="plain", window_id=MAIN_WINDOW)
    if row is None or row["trend"] != NAIVE or not clear_loss(c):
        return None
    return c.say("gap: a yearly change with its error")


def all_forecasts(c: Composer) -> Sentence | None:
    """How many of all forecasts find the US loss, with quadratic trends and without."""
    key = {"destination_code": "US", "window_id": MAIN_WINDOW, "form": "all"}
    row = c.row("specification_summary", **key)
    if row is None or np.isnan(row["clear_pct"]) or not clear_loss(c):
        return None
    rule = "all forecasts: most find a loss" if row["clear_pct"] >= 50 else "all forecasts: few find a loss"
    return c.say(
        rule, n=c.number("specification_summary", key, "specifications"),
        clear=c.share("specification_summary", key, "clear_pct"),
        straight=c.share("specification_summary", key, "clear_straight_pct"),
    )  # fmt: skip


def _net_key(span: str) -> dict[str, str]:
    return {"destination_code": "US", "count": "importer", "form": "plain", "span": span}


def _net_row(c: Composer) -> pd.Series | None:
    """The US gap net of what had been bought early; None where nothing had been, or no interval stands behind it."""
    front, net = (c.row("front_loading", **_net_key(span)) for span in ("front", f"front to {MAIN_WINDOW}"))
    if net is None or front is None or net["status"] != "interval" or front["gap_bn"] <= 0:
        return None
    return net


def nothing_early(c: Composer) -> Sentence | None:
    """Say that by its share nothing had been bought early, so that there is nothing to net."""
    row = c.row("front_loading", **_net_key("front") | {"form": "share"})
    if row is None or not clear_loss(c) or not row["gap_bn"] <= 0:
        return None
    return c.say("net: nothing by its share")


def net(c: Composer) -> Sentence | None:
    """The US gap net of what had been bought early, where the gap itself stands out."""
    row, key = _net_row(c), _net_key(f"front to {MAIN_WINDOW}")
    if row is None or not clear_loss(c):
        return None
    return c.say(
        "net: excludes zero" if excludes_zero(row) else "net: contains zero",
        span=c.span("front_loading", _net_key("front")),
        **{slot: c.number("front_loading", key, f"{slot}_bn") for slot in ("gap", "low", "high")},
    )  # fmt: skip
