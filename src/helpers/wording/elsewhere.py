"""Elsewhere: what the tests say of each destination, with an interval or without one."""

from __future__ import annotations

import numpy as np

from helpers.destination_list import in_sentence
from helpers.months import month_name
from helpers.wording.composer import Composer, Sentence
from helpers.wording.readings import MAIN_WINDOW, base_of, excludes_zero, filled, forms_as_good, products, unit_of

WORTH_NAMING = 0.25  # of a gap: what forecasts missed on average before


def _name(code: str, *, first: bool = False) -> str:
    """Return a destination's name in a sentence; ``first`` where it begins one."""
    name = in_sentence(code)
    return name[0].upper() + name[1:] if first else name


def verdict(c: Composer, code: str) -> Sentence | None:
    """What the test says of a destination with an interval."""
    row = c.row("excess", destination_code=code, form="plain", window_id=MAIN_WINDOW)
    if row is None or row["status"] != "interval":
        return None
    which = "not distinguishable"
    if excludes_zero(row):
        which = "beyond normal variation" if row["gap_bn"] > 0 else "fell short"
    return c.say(f"destination verdict: {which}", name={"printed": _name(code, first=True)})


def too_short(c: Composer) -> Sentence | None:
    """Say which of the EU and ASEAN have no interval."""
    rows = {
        code: c.row("excess", destination_code=code, form="range", window_id=MAIN_WINDOW) for code in ("EU", "ASEAN")
    }
    short = [code for code, row in rows.items() if row is not None and row["status"] == "range"]
    return c.say(f"destination verdict: {' and '.join(short)} too short") if short else None


def destination(c: Composer, code: str) -> list[Sentence]:
    """All that is said of a destination with an interval; nothing for one without."""
    key = {"destination_code": code, "form": "plain", "window_id": MAIN_WINDOW}
    row = c.row("excess", **key)
    if row is None or row["status"] != "interval":
        return []
    clear = excludes_zero(row)
    rule = f"destination: interval {'excludes' if clear else 'contains'} zero"
    slots = {
        "span": c.span("excess", key),
        "name": {"printed": _name(code)},
        "unit": unit_of(row),
        "direction": {"printed": "more from China" if row["gap_bn"] >= 0 else "less from China"},
        "base": base_of(c, key),
        "gap": c.number("excess", key, "gap_bn", size=True),
        "low": c.number("excess", key, "low_bn"),
        "high": c.number("excess", key, "high_bn"),
        "mde": c.number("excess", key, "mde80_bn"),
    }
    said = [filled(c, rule, slots), forms_as_good(c, code), _missed_before(c, key), _where_it_stands(c, code)]
    verdict, estimated = products(c, code)
    estimated["name"] = {"printed": _name(code)}
    if verdict == "above":
        which = "the total too" if clear and row["gap_bn"] > 0 else "the total does not stand out"
        said.append(filled(c, f"destination: products moved, {which}", estimated))
    elif clear and row["gap_bn"] > 0:
        said.append(c.say("destination: exposure not shown"))
    said += [_ratio(c, code), _price_led(c, code), _broke_before(c, code)]
    return [sentence for sentence in said if sentence]


def _missed_before(c: Composer, key: dict[str, str]) -> Sentence | None:
    """What such forecasts missed on average, where that is a part of the gap worth naming."""
    row = c.row("excess", **key)
    if not abs(row["placebo_mean_bn"]) > WORTH_NAMING * abs(row["gap_bn"]):
        return None
    which = "fell short" if row["placebo_mean_bn"] > 0 else "were too high"
    mean = c.number("excess", key, "placebo_mean_bn", size=True)
    return c.say(f"destination: such forecasts {which} before", mean=mean)


def _where_it_stands(c: Composer, code: str) -> Sentence | None:
    """How many forecasts find less than the headline, and how many a gap clear of zero."""
    key = {"destination_code": code, "window_id": MAIN_WINDOW, "form": "all"}
    row = c.row("specification_summary", **key)
    if row is None or np.isnan(row["clear_pct"]) or row["headline_gap_pct"] < 0:
        return None
    return c.say(
        "destination: where it stands", n=c.number("specification_summary", key, "specifications"),
        lower=c.share("specification_summary", key, "lower_pct"),
        clear=c.share("specification_summary", key, "clear_pct"),
    )  # fmt: skip


def _ratio(c: Composer, code: str) -> Sentence | None:
    """Excess per dollar lost beside the destination's part by size, only where the loss itself stands out."""
    key = {"destination_code": code, "form": "plain", "window_id": MAIN_WINDOW}
    size = {"partner_code": code}
    row, us = c.row("excess_ratios", **key), c.row("excess", **key | {"destination_code": "US"})
    if row is None or us is None or not excludes_zero(us) or us["gap_bn"] >= 0 or np.isnan(row["ratio"]):
        return None
    if row["shape"] != "bounded":
        return c.say("ratio: not informative")
    slots = {slot: c.number("excess_ratios", key, slot, 2) for slot in ("ratio", "low", "high")}
    slots["name"] = {"printed": _name(code)}
    if row["high"] < 0:
        return filled(c, "ratio: fell short as well", slots)
    sized = c.row("sizes", **size)
    if sized is None:
        return None
    slots["part"] = c.number("sizes", size, "part_of_rest", 2)
    if row["low"] > 0:
        return filled(c, "ratio: bounded", slots)
    holds = row["low"] <= sized["part_of_rest"] <= row["high"]
    return filled(c, "ratio: holds zero" if holds else "ratio: holds zero and not its size", slots)


def _price_led(c: Composer, code: str) -> Sentence | None:
    """Lower unit values and larger quantities in one destination only."""
    key = {"destination_code": code}
    row = c.row("unit_values", **key)
    if row is None or not (row["unit_value_pct"] < 0 < row["quantity_pct"] and row["only_here"]):
        return None
    return c.say(
        "destination: price-led", unit_value=c.rate("unit_values", key, "unit_value_pct"),
        quantity=c.rate("unit_values", key, "quantity_pct"),
    )  # fmt: skip


def _broke_before(c: Composer, code: str) -> Sentence | None:
    """Whether the path had turned upwards before the tariffs, by the rule of the break test."""
    key = {"destination_code": code, "form": "plain", "break_number": 1}
    row = c.row("breaks_found", **key)
    if row is None or not bool(row["predates_tariffs"]):
        return None
    names = {"month": "break_month", "first": "set_first", "last": "set_last"}
    slots = {slot: c.fact("breaks_found", key, column, month_name(row[column])) for slot, column in names.items()}
    return c.say("destination: path broke before the tariffs", **slots)


def ranges(c: Composer, code: str) -> Sentence | None:
    """The range of the EU or ASEAN without an interval, for the EU that of all forecasts too; chapter 3 has others'."""
    key = {"destination_code": code, "form": "range", "window_id": MAIN_WINDOW}
    every = {"destination_code": code, "window_id": MAIN_WINDOW, "form": "all"}
    row, curve = c.row("excess", **key), c.row("specification_summary", **every)
    if row is None or row["status"] != "range" or code not in ("EU", "ASEAN"):
        return None
    low, high = row["gap_low_bn"], row["gap_high_bn"]
    slots = {
        "span": c.span("excess", key),
        "unit": unit_of(row),
        "low": c.number("excess", key, "gap_low_bn"),
        "high": c.number("excess", key, "gap_high_bn"),
        "origins": c.number("excess", key, "origins"),
    }
    if code == "EU":
        if curve is None or np.isnan(curve["p5_gap_usd_bn"]):
            return None
        low, high = min(low, curve["p5_gap_usd_bn"]), max(high, curve["p95_gap_usd_bn"])
        for slot, column in (("n", "specifications"), ("p5", "p5_gap_usd_bn"), ("p95", "p95_gap_usd_bn")):
            slots[slot] = c.number("specification_summary", every, column)
    zero = ", zero among them" if low <= 0 <= high else ""
    return filled(c, f"no calibrated interval: {code}{zero}", slots)
