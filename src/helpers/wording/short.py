"""The answer in three sentences: what happened, whether it is more than noise, and whether it went elsewhere."""

from __future__ import annotations

from helpers.destination_list import codes
from helpers.wording import change, elsewhere, loss
from helpers.wording.composer import Composer, Sentence
from helpers.wording.readings import MAIN_WINDOW, excludes_zero, filled, unit_of

BEYOND = "US verdict: clear"


def short(c: Composer) -> list[Sentence]:
    """Return the answer in at most three sentences; where no short form fits, a statement's own first words stand."""
    chosen = [
        _fall_and_rise(c) or change.lead(c),
        _us_loss(c) or loss.verdict(c),
        _another(c) or _elsewhere(c) or elsewhere.verdict(c, "AU") or elsewhere.too_short(c),
    ]
    return [sentence for sentence in chosen if sentence]


def _fall_and_rise(c: Composer) -> Sentence | None:
    key = {"reporter_code": "US", "span": MAIN_WINDOW}
    row = c.row("two_sides", **key)
    if change.lead_rule(c) not in change.LOSS_AND_RISE or row is None or not row["importer_growth_pct"] < 0:
        return None
    return c.say(
        "short: a fall and a rise", span=c.span("ceiling", change.CHANGE),
        exporter=c.size_of_rate("two_sides", key, "exporter_growth_pct"),
        importer=c.size_of_rate("two_sides", key, "importer_growth_pct"),
        rise=c.number("ceiling", change.CHANGE, "non_us_change_usd_bn", size=True),
    )  # fmt: skip


def _us_loss(c: Composer) -> Sentence | None:
    told = loss.verdict(c)
    if told is None or not told.rule.startswith(BEYOND):
        return None
    key = {"destination_code": "US", "form": "plain", "window_id": MAIN_WINDOW}
    not_net = ", not net of early buying" if told.rule.endswith(loss.NOT_NET) else ""
    return c.say(
        f"short: US loss clear{not_net}", unit=unit_of(c.row("excess", **key)),
        gap=c.number("excess", key, "gap_bn", size=True), low=c.number("excess", key, "high_bn", size=True),
        high=c.number("excess", key, "low_bn", size=True),
    )  # fmt: skip


def _another(c: Composer) -> Sentence | None:
    """Say which destination with a long past bought more than its past implied, the largest gap first."""
    key = {"form": "plain", "window_id": MAIN_WINDOW, "status": "interval"}
    known = [row for row in c.rows("excess", **key) if row["destination_code"] in codes("long past")]
    clear = [row for row in known if row["gap_bn"] > 0 and excludes_zero(row)]
    if not clear:
        return None
    return elsewhere.verdict(c, max(clear, key=lambda row: row["gap_bn"])["destination_code"])


def _elsewhere(c: Composer) -> Sentence | None:
    key = {"destination_code": "AU", "form": "plain", "window_id": MAIN_WINDOW}
    row, short_past = c.row("excess", **key), elsewhere.too_short(c)
    if row is None or row["status"] != "interval" or row["gap_bn"] <= 0:
        return None
    if short_past is None or not short_past.rule.endswith("EU and ASEAN too short"):
        return None
    rule = "beyond the usual" if excludes_zero(row) else "within the usual"
    return filled(c, f"short: {rule}, two too short", {
        "name": {"printed": "Australia"}, "unit": unit_of(row), "gap": c.number("excess", key, "gap_bn"),
        "low": c.number("excess", key, "low_bn"), "high": c.number("excess", key, "high_bn"),
        "mde": c.number("excess", key, "mde80_bn"),
    })  # fmt: skip
