"""The words of the summary: every sentence is chosen by a rule from the result tables, every number has its row.

The rules follow the tests, never the other way round. "Diverted" is said only where a product-level estimate says so;
as long as there is none, the word is "excess". "Dumping" is never said.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners
from helpers.months import month_name, span_name
from helpers.numbers import plain
from helpers.wording.composer import Composer, Sentence
from helpers.wording.rules import RULES

# Numbers that are conventions of the method, not results.
CONVENTIONS = ("95\u00a0%", "90\u00a0%", "80\u00a0%")
MAIN_WINDOW = "W1"
CHANGE = {"span": MAIN_WINDOW, "side": "exporter"}  # the row of ``ceiling`` that the lead is made from
SMALL = 2.0  # percent: a change of trade that no word is made of unless a test finds it
GAP = "gap against a forecast"  # the basis of the formal test in ``reversal_easing``
MONEY = {"USD": "US dollars", "CNY": "yuan", "EUR": "euro", "AUD": "Australian dollars"}
HOW = {"plain": "plainly", "share": "as a share of what it bought elsewhere"}


def summary(tables: dict[str, pd.DataFrame]) -> list[Sentence]:
    """Choose the sentences of the summary from the result tables, in their order."""
    composer = Composer(tables)
    chosen = [
        _lead(composer),
        _together(_ceiling(composer), _cause(composer)),
        _together(_fall(composer), _us_gap(composer), _all_forecasts(composer), _net(composer)),
        _together(
            *_destination(composer, "AU"),
            *(_destination(composer, "EU") or [_range(composer, "EU")]),
            _range(composer, "ASEAN"),
        ),
        _together(_reopening(composer), _reopening_test(composer)),
    ]
    return [sentence for sentence in chosen if sentence and sentence.text]


def _together(*parts: Sentence | None) -> Sentence | None:
    """Join sentences that answer one question into one statement."""
    said = [part for part in parts if part]
    if not said:
        return None
    facts = [fact | {"slot": f"{fact['slot']} {n}"} for n, part in enumerate(said, start=1) for fact in part.facts]
    return Sentence("; ".join(part.rule for part in said), " ".join(part.text for part in said), facts)


def _lead_rule(c: Composer) -> str | None:
    """Which way exports to the US and to everybody else went, where a change too small for a word is none."""
    row, side = c.row("ceiling", **CHANGE), c.row("two_sides", reporter_code="US", span=MAIN_WINDOW)
    if row is None:
        return None
    loss, rise = -row["us_change_usd_bn"], row["non_us_change_usd_bn"]
    if side is not None and abs(side["exporter_growth_pct"]) < SMALL and not _clear_loss(c):
        return "lead: about as much to the US"
    if loss <= 0:
        return "lead: no loss against a rise"
    if rise <= 0:
        return "lead: a loss and no rise"
    return "lead: a loss and a larger rise" if rise > loss else "lead: a loss and a smaller rise"


def _lead(c: Composer) -> Sentence | None:
    rule = _lead_rule(c)
    if rule is None:
        return None
    us = c.number("ceiling", CHANGE, "us_change_usd_bn", size=True)
    rest = c.number("ceiling", CHANGE, "non_us_change_usd_bn", size=True)
    more = "billion more" if c.row("ceiling", **CHANGE)["non_us_change_usd_bn"] > 0 else "billion less"
    slots = {
        "span": c.span("ceiling", CHANGE),
        "us": c.signed("ceiling", CHANGE, "us_change_usd_bn"),
        "gain": us,
        "loss": us,
        "rise": rest,
        "rest": rest | {"printed": f"{rest['printed']} {more}"},
    }
    return _filled(c, rule, slots)


def _fall(c: Composer) -> Sentence | None:
    key = {"reporter_code": "US", "span": MAIN_WINDOW}
    row = c.row("two_sides", **key)
    if row is None or not (row["exporter_growth_pct"] < 0 and row["importer_growth_pct"] < 0):
        return None
    fall = f"{plain(-float(row['exporter_growth_pct']), 0)}\u00a0%"
    return c.say(
        "fall, two sides",
        ex_growth=c.fact("two_sides", key, "exporter_growth_pct", fall),
        im_loss=c.number("two_sides", key, "importer_change_usd_bn", size=True),
        im_growth=c.rate("two_sides", key, "importer_growth_pct", 0),
    )


def _excludes_zero(row: pd.Series) -> bool:
    return row["status"] == "interval" and (row["low_bn"] > 0 or row["high_bn"] < 0)


def _unit(row: pd.Series) -> dict:
    """A word slot, not a number: the money of a row."""
    return {"printed": MONEY.get(row["currency"], row["currency"])}


def _base(c: Composer, key: dict[str, str]) -> dict:
    """A slot for what the gap is measured against: a repeated year, or a trend."""
    row = c.row("excess", **key)
    until = span_name(row["train_end"], row["train_end"])
    words = "a repetition of the year to" if row["trend"] == "seasonal_naive" else "its own past, continued from"
    return c.fact("excess", key, "train_end", f"{words} {until}")


def _us_gap(c: Composer) -> Sentence | None:
    key = {form: {"destination_code": "US", "form": form, "window_id": MAIN_WINDOW} for form in ("plain", "share")}
    row = {form: c.row("excess", **key[form]) for form in key}
    if any(found is None or found["status"] != "interval" for found in row.values()):
        return None
    unit, base = _unit(row["plain"]), _base(c, key["plain"])

    def size(form: str, column: str) -> dict:
        return c.number("excess", key[form], column, size=True)

    if max(found["gap_bn"] for found in row.values()) >= 0:
        return c.say(
            "US gap: no loss", unit=unit, base=base, gap=c.number("excess", key["plain"], "gap_bn"),
            share_gap=c.number("excess", key["share"], "gap_bn"),
        )  # fmt: skip
    clear = [form for form in key if _excludes_zero(row[form])]
    if len(clear) == 2:
        return c.say(
            "US gap: both forms exclude zero", unit=unit, base=base, gap=size("plain", "gap_bn"),
            low=c.number("excess", key["plain"], "low_bn"), high=c.number("excess", key["plain"], "high_bn"),
            share_gap=size("share", "gap_bn"),
        )  # fmt: skip
    if len(clear) == 1:
        other = "plain" if clear == ["share"] else "share"
        return c.say(
            "US gap: one form excludes zero", unit=unit, base=base, gap=size(clear[0], "gap_bn"),
            low=c.number("excess", key[clear[0]], "low_bn"), high=c.number("excess", key[clear[0]], "high_bn"),
            how={"printed": HOW[clear[0]]}, other_how={"printed": HOW[other]},
            other_gap=c.number("excess", key[other], "gap_bn"), mde=c.number("excess", key[other], "mde80_bn"),
        )  # fmt: skip
    smaller, larger = sorted(key, key=lambda form: abs(row[form]["gap_bn"]))
    return c.say(
        "US gap: neither form excludes zero", unit=unit, base=base, gap=size(smaller, "gap_bn"),
        other_gap=size(larger, "gap_bn"),
        mde=c.number("excess", key["plain"], "mde80_bn"),
    )  # fmt: skip


def _clear_loss(c: Composer) -> bool:
    """Whether a US loss stands out in the plain form or the share form."""
    rows = [c.row("excess", destination_code="US", form=form, window_id=MAIN_WINDOW) for form in ("plain", "share")]
    return any(row is not None and _excludes_zero(row) and row["gap_bn"] < 0 for row in rows)


def _all_forecasts(c: Composer) -> Sentence | None:
    """How many of all sensible forecasts find the US loss."""
    key = {"destination_code": "US", "window_id": MAIN_WINDOW, "form": "all"}
    row = c.row("specification_summary", **key)
    if row is None or np.isnan(row["clear_pct"]) or not _clear_loss(c):
        return None
    rule = "all forecasts: most find a loss" if row["clear_pct"] >= 50 else "all forecasts: few find a loss"
    return c.say(
        rule, n=c.number("specification_summary", key, "specifications"),
        clear=c.share("specification_summary", key, "clear_pct"),
    )  # fmt: skip


def _net(c: Composer) -> Sentence | None:
    """The US gap net of what had been rushed in, where the gap itself stands out."""
    key = {
        form: {"destination_code": "US", "count": "importer", "form": form, "span": f"front to {MAIN_WINDOW}"}
        for form in ("plain", "share")
    }
    row = {form: c.row("front_loading", **key[form]) for form in key}
    if not _clear_loss(c) or any(found is None or found["status"] != "interval" for found in row.values()):
        return None
    clear = sum(_excludes_zero(found) for found in row.values())
    rule = ("net: neither excludes zero", "net: one excludes zero", "net: both exclude zero")[clear]

    def of(form: str, column: str) -> dict:
        return c.number("front_loading", key[form], column)

    return c.say(
        rule, span=c.span("front_loading", key["plain"] | {"span": "front"}), gap=of("plain", "gap_bn"),
        low=of("plain", "low_bn"), high=of("plain", "high_bn"), share_gap=of("share", "gap_bn"),
        share_low=of("share", "low_bn"), share_high=of("share", "high_bn"),
    )  # fmt: skip


def _products(c: Composer, code: str) -> tuple[str, dict[str, dict]]:
    """What the estimate by product says of a destination (``none``, ``zero``, ``above``, ``below``), and its slots."""
    key = {"destination_code": code}
    row = c.row("product_estimates", **key)
    if row is None or np.isnan(row["low_cents"]):
        return "none", {}
    verdict = "above" if row["low_cents"] > 0 else "below" if row["high_cents"] < 0 else "zero"
    names = {"cents": "cents", "low": "low_cents", "high": "high_cents"}
    return verdict, {slot: c.number("product_estimates", key, column) for slot, column in names.items()}


def _cause(c: Composer) -> Sentence | None:
    """Whether the tariffs caused any of the rise elsewhere: only estimates by product can say."""
    verdict, slots = _products(c, "NON_US")
    # Without an estimate the cause is asked only of a rise beside a loss.
    if verdict == "none" and _lead_rule(c) not in ("lead: a loss and a larger rise", "lead: a loss and a smaller rise"):
        return None
    rule = {
        "none": "cause: not estimated", "above": "cause: products, interval excludes zero",
        "zero": "cause: products, interval contains zero", "below": "cause: products, fell short",
    }[verdict]  # fmt: skip
    return _filled(c, rule, slots)


def _filled(c: Composer, rule: str, slots: dict[str, dict]) -> Sentence:
    """Fill a rule with those slots that it has."""
    return c.say(rule, **{slot: fact for slot, fact in slots.items() if f"{{{slot}}}" in RULES[rule]})


def _destination(c: Composer, code: str) -> list[Sentence]:
    """All that is said of a destination with an interval; nothing for one without."""
    key = {"destination_code": code, "form": "plain", "window_id": MAIN_WINDOW}
    row = c.row("excess", **key)
    if row is None or row["status"] != "interval":
        return []
    clear = _excludes_zero(row)
    rule = (
        "destination: interval contains zero" if not clear
        else "destination: interval excludes zero" if row["gap_bn"] > 0
        else "destination: fell short"
    )  # fmt: skip
    slots = {
        "name": {"printed": partners.name_of(code)},
        "unit": _unit(row),
        "direction": {"printed": "more from China" if row["gap_bn"] >= 0 else "less from China"},
        "base": _base(c, key),
        "gap": c.number("excess", key, "gap_bn", size=True),
        "low": c.number("excess", key, "low_bn"),
        "high": c.number("excess", key, "high_bn"),
        "mde": c.number("excess", key, "mde80_bn"),
    }
    said = [_filled(c, rule, slots), _where_it_stands(c, code)]
    verdict, estimated = _products(c, code)
    estimated["name"] = slots["name"]
    if verdict == "above":
        which = "the total too" if clear and row["gap_bn"] > 0 else "the total does not stand out"
        said.append(_filled(c, f"destination: products moved, {which}", estimated))
    elif clear and row["gap_bn"] > 0:
        said.append(c.say("destination: exposure not shown"))
    said += [_ratio(c, code), _price_led(c, code), _broke_before(c, code)]
    return [sentence for sentence in said if sentence]


def _where_it_stands(c: Composer, code: str) -> Sentence | None:
    """How many sensible forecasts find less than the headline, and how many a gap clear of zero."""
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
    """Excess per dollar lost, only where the loss itself stands out."""
    key = {"destination_code": code, "form": "plain", "window_id": MAIN_WINDOW}
    row, us = c.row("excess_ratios", **key), c.row("excess", **key | {"destination_code": "US"})
    if row is None or us is None or not _excludes_zero(us) or us["gap_bn"] >= 0 or np.isnan(row["ratio"]):
        return None
    if row["shape"] != "bounded":
        return c.say("ratio: not informative")
    rule = "ratio: bounded" if row["ratio"] >= 0 else "ratio: fell short as well"
    return c.say(
        rule, name={"printed": partners.name_of(code)},
        **{slot: c.number("excess_ratios", key, slot, 2) for slot in ("ratio", "low", "high")},
    )  # fmt: skip


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


def _range(c: Composer, code: str) -> Sentence | None:
    key = {"destination_code": code, "form": "range", "window_id": MAIN_WINDOW}
    row = c.row("excess", **key)
    if row is None or row["status"] != "range":
        return None
    rule = f"no calibrated interval: {code}"
    if row["gap_low_bn"] <= 0 <= row["gap_high_bn"]:
        rule += ", zero among them"
    slots = {
        "span": c.span("excess", key),
        "unit": _unit(row),
        "low": c.number("excess", key, "gap_low_bn"),
        "high": c.number("excess", key, "gap_high_bn"),
        "n": c.number("excess", key, "origins"),
    }
    return _filled(c, rule, slots)


def _ceiling(c: Composer) -> Sentence | None:
    sides = {"ceiling": "exporter", "most": "most favourable"}
    keys = {slot: {"span": MAIN_WINDOW, "side": side} for slot, side in sides.items()}
    rows = {slot: c.row("ceiling", **key) for slot, key in keys.items()}
    if any(row is None or np.isnan(row["ceiling_pct"]) for row in rows.values()):
        return None
    if max(row["ceiling_pct"] for row in rows.values()) >= 100:
        return c.say("ceiling: no bound")
    smaller = rows["most"]["us_change_usd_bn"] > rows["ceiling"]["us_change_usd_bn"]
    return c.say(
        "ceiling, US customs count less" if smaller else "ceiling",
        **{
            slot: c.fact("ceiling", key, "ceiling_pct", f"{plain(float(rows[slot]['ceiling_pct']), 0)}\u00a0%")
            for slot, key in keys.items()
        },
    )


def _others(c: Composer) -> dict[str, dict[str, str]]:
    """Keys of the three destinations in the months of the reopening where all are held, else in the year so far."""
    for span in ("W3", "year so far"):
        keys = {code: {"span": span, "partner_code": code} for code in ("EU", "ASEAN", "AU")}
        rows = [c.row("accounting_change", **key) for key in keys.values()]
        if all(row is not None and not np.isnan(row["growth_pct"]) for row in rows):
            return keys
    return {}


def _reopening(c: Composer) -> Sentence | None:
    side = {"reporter_code": "US", "span": "W3"}
    us, others = c.row("two_sides", **side), _others(c)
    if us is None or np.isnan(us["exporter_growth_pct"]) or not others:
        return None
    rows = [c.row("accounting_change", **key) for key in others.values()]
    # A door that never shut does not reopen.
    if us["exporter_growth_pct"] <= 0 or not _clear_loss(c):
        return None
    rising = [row["growth_pct"] > 0 for row in rows]
    if not any(rising):
        rule = "reopening: others ease"
    elif not all(rising):
        rule = "reopening: others move in both directions"
    elif us["importer_later_growth_pct"] > 0:
        rule = "reopening: both sides, others keep rising"
    else:
        rule = "reopening: sides disagree, others keep rising"
    slots = {
        "span": c.span("two_sides", side),
        "us_ex": c.rate("two_sides", side, "exporter_growth_pct"),
        "us_im": c.rate("two_sides", side, "importer_growth_pct"),
        "us_later": c.rate("two_sides", side, "importer_later_growth_pct"),
        "two_years": c.rate("two_sides", side, "importer_two_years_pct"),
        "still": {"printed": "still " if us["importer_two_years_pct"] < 0 else ""},
        "so_far": c.span("accounting_change", others["EU"]),
        **{
            slot: c.rate("accounting_change", others[code], "growth_pct")
            for slot, code in (("eu", "EU"), ("asean", "ASEAN"), ("au", "AU"))
        },
    }
    return _filled(c, rule, slots)


def _reopening_test(c: Composer) -> Sentence | None:
    """The formal test behind the reopening, in both forms: one reading of both, else it cannot be told."""
    if _reopening(c) is None:
        return None
    keys = [{"basis": GAP, "destination_code": "AU", "form": form} for form in ("plain", "share")]
    rows = [c.row("reversal_easing", **key) for key in keys]
    if any(row is None or np.isnan(row["mde80_pp"]) for row in rows):
        return None
    readings = {row["reading"] for row in rows}
    reading = readings.pop() if len(readings) == 1 else "cannot be told"
    slots = {"mde": c.number("reversal_easing", keys[0], "mde80_pp")}
    for slot, column in (("change", "change_pp"), ("low", "low_pp"), ("high", "high_pp")):
        slots[slot] = c.signed("reversal_easing", keys[0], column)
    return _filled(c, f"reopening test: {reading}", slots)


def as_tables(sentences: list[Sentence]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn sentences into the tables ``summary_sentences`` and ``summary_facts``."""
    texts = [{"position": n, "rule": s.rule, "text": s.text} for n, s in enumerate(sentences, start=1)]
    facts = [{"position": n, **fact} for n, s in enumerate(sentences, start=1) for fact in s.facts]
    return pd.DataFrame(texts), pd.DataFrame(facts)
