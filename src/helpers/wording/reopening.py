"""When the US market reopened: what was counted, growth window by window, and the test."""

from __future__ import annotations

import numpy as np

from helpers.headlines import short_name
from helpers.months import month_name
from helpers.wording.change import SIDES
from helpers.wording.composer import Composer, Sentence
from helpers.wording.readings import MAIN_WINDOW, clear_loss, filled, more_or_less

WINDOWS = (MAIN_WINDOW, "W2", "W3")
COUNTED = ("importer_change_usd_bn", "importer_later_change_usd_bn", "exporter_two_years_pct", "importer_two_years_pct")
GAP = "gap against a forecast"  # the basis of the formal test in ``reversal_easing``


def reopening(c: Composer) -> list[list[Sentence | None]]:
    """The door that was shut is open again: what was counted, growth by window, the test. Else nothing."""
    key, side = {"span": "W3", "side": "exporter"}, {"reporter_code": "US", "span": "W3"}
    row, us = c.row("ceiling", **key), c.row("two_sides", **side)
    if row is None or us is None or row["us_change_usd_bn"] <= 0 or not clear_loss(c):
        return [[]]
    slots = {
        "span": c.span("ceiling", key),
        "us": c.number("ceiling", key, "us_change_usd_bn"),
        "rest": more_or_less(c, "ceiling", key, "non_us_change_usd_bn"),
        "us_im": more_or_less(c, "two_sides", side, "importer_change_usd_bn"),
        "us_later": more_or_less(c, "two_sides", side, "importer_later_change_usd_bn"),
        "ex_two": c.rate("two_sides", side, "exporter_two_years_pct"),
        "im_two": c.rate("two_sides", side, "importer_two_years_pct"),
    }
    said = []
    if not any(np.isnan(us[name]) for name in COUNTED):
        said.append(filled(c, "reopening: what was counted", slots))
    if row["non_us_change_usd_bn"] <= 0:
        return [[c.say("reopening: no further rise")], [*said, _growth_by_window(c), _reopening_test(c)]]
    return [
        [c.say("reopening: a further rise")], [*said, *_newly_turned_away(c)],
        [_growth_by_window(c), _reopening_test(c)],
    ]  # fmt: skip


def _newly_turned_away(c: Composer) -> list[Sentence | None]:
    """How much of the further rise could be goods newly turned away, against last year and above the earlier rise."""
    rows = {side: c.row("ceiling", span="W3", side=side) for side in SIDES}
    bounds = {side: row["ceiling_pct"] for side, row in rows.items() if row is not None and row["ceiling_pct"] > 0}
    if not bounds:
        return [c.say("reopening: nothing newly turned away")]
    most = {"span": "W3", "side": max(bounds, key=bounds.get)}
    said = c.say("reopening: newly turned away", most=c.share("ceiling", most, "ceiling_pct"))
    mixed = rows["mixed"]
    if mixed is None or not mixed["above_pct"] > 0:
        return [said]
    return [
        said,
        c.say(
            "reopening: above the earlier rise", above=c.share("ceiling", {"span": "W3", "side": "mixed"}, "above_pct")
        ),
    ]


def _growth_by_window(c: Composer) -> Sentence | None:
    """Growth elsewhere since the reopening against that behind the shut door, and against the truce between."""
    codes = ("EU", "ASEAN", "AU")
    keys = {(code, window): {"destination_code": code, "window_id": window} for code in codes for window in WINDOWS}
    rows = {key: c.row("growth_by_window", **columns) for key, columns in keys.items()}
    if any(row is None or np.isnan(row["growth_pct"]) for row in rows.values()):
        return None

    def faster(window: str) -> list[bool]:
        now, then = ([rows[code, one] for code in codes] for one in ("W3", window))
        return [bool(a["growth_pct"] > b["growth_pct"]) for a, b in zip(now, then, strict=True)]

    than_shut, than_truce = faster(MAIN_WINDOW), faster("W2")
    which = "faster than behind the shut door" if all(than_shut) else "slower than behind the shut door"
    if any(than_shut) and not all(than_shut):
        which = "in both directions"
    truce = ", slower than in the truce between" if not any(than_truce) else ""
    truce = ", faster than in the truce between as well" if all(than_truce) else truce
    slots = {"truce": {"printed": truce}, "until": _until(c, codes)}
    for code in codes:
        for name, window in (("shut", MAIN_WINDOW), ("now", "W3")):
            slots[f"{code.lower()}_{name}"] = c.rate("growth_by_window", keys[code, window], "growth_pct")
    return filled(c, f"reopening: growth {which}", slots)


def _until(c: Composer, codes: tuple[str, ...]) -> dict:
    """To which month each destination's growth reaches: ``EU and ASEAN to June 2026, Australia to May 2026``."""
    lasts: dict[str, list[str]] = {}
    for code in codes:
        key = {"destination_code": code, "window_id": "W3"}
        lasts.setdefault(c.row("growth_by_window", **key)["last_month"], []).append(code)
    facts = [
        c.fact("growth_by_window", {"destination_code": held[0], "window_id": "W3"}, "last_month", month_name(last))
        for last, held in lasts.items()
    ]
    told = [
        f"{' and '.join(short_name(code) for code in held)} to {fact['printed']}"
        for held, fact in zip(lasts.values(), facts, strict=True)
    ]
    return {"printed": ", ".join(told), "parts": facts}


def _reopening_test(c: Composer) -> Sentence | None:
    """The formal test behind the reopening, in both forms: one reading of both, else it cannot be told."""
    keys = [{"basis": GAP, "destination_code": "AU", "form": form} for form in ("plain", "share")]
    rows = [c.row("reversal_easing", **key) for key in keys]
    if any(row is None or np.isnan(row["mde80_pp"]) for row in rows):
        return None
    readings = {row["reading"] for row in rows}
    reading = readings.pop() if len(readings) == 1 else "cannot be told"
    slots = {"mde": c.number("reversal_easing", keys[0], "mde80_pp")}
    for slot, column in (("change", "change_pp"), ("low", "low_pp"), ("high", "high_pp")):
        slots[slot] = c.signed("reversal_easing", keys[0], column)
    return filled(c, f"reopening test: {reading}", slots)
