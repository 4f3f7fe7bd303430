"""The words of the summary: every sentence is chosen by a rule from the result tables, every number has its row.

The rules follow the tests, never the other way round. "Diverted" is said only where a product-level estimate says so;
as long as there is none, the word is "excess". "Dumping" is never said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers import partners
from helpers.months import span_name
from helpers.numbers import percent, plain

# What the tests say (left) and the sentence (right). Slots in braces are filled from result rows.
RULES: dict[str, str] = {
    "lead: a loss and a larger rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before and "
        "{rise} billion more to everybody else. Whether the one became the other cannot be told from these "
        "figures."
    ),
    "lead: a loss and a smaller rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before and "
        "only {rise} billion more to everybody else. Whether the one became the other cannot be told from "
        "these figures."
    ),
    "lead: no loss against a rise": (
        "From {span}, China's exports to the United States changed by {us} billion US dollars against a year "
        "before, to everybody else by {rest} billion: there is no loss that could have gone elsewhere."
    ),
    "ceiling": (
        "Even if every dollar lost in the US had been diverted, it would be at most {ceiling} of the rise "
        "elsewhere on China's own count, and {most} with the larger loss that US customs count. Whether the "
        "tariffs caused any of it is not estimated: third-market figures by product are missing."
    ),
    "fall, two sides": (
        "Exports to the US fell by {ex_growth} on China's count; US customs count {im_loss} billion less "
        "arrivals ({im_growth})."
    ),
    "US gap: both forms exclude zero": (
        "Is that beyond normal variation? Yes: against {base} the US took {gap} billion {unit} less from "
        "China (95\u00a0% interval {low} to {high}), {share_gap} billion as a share of what it bought elsewhere; "
        "such forecasts used to be off by about {error} billion. Of {tried} forecasts that do equally well, "
        "{clear} agree plainly and {share_clear} as a share, with losses of {least} to {most} and "
        "{share_least} to {share_most} billion."
    ),
    "US gap: one form excludes zero": (
        "Is that beyond normal variation? Against {base} the US took {gap} billion {unit} less from China "
        "(95\u00a0% interval {low} to {high}) when measured {how}; measured {other_how} ({other_gap} billion) it "
        "cannot be told from normal variation: only a loss above about {mde} billion had an 80\u00a0% chance of "
        "being seen."
    ),
    "US gap: neither form excludes zero": (
        "Is that beyond normal variation? Against {base} the US took {gap} to {other_gap} billion {unit} less "
        "from China, which cannot be told from normal variation: only a loss above about {mde} billion had an "
        "80\u00a0% chance of being seen."
    ),
    "US gap: no loss": (
        "Against {base} the US took no less from China: the gap is {gap} billion {unit} plainly and "
        "{share_gap} billion as a share of what it bought elsewhere."
    ),
    "destination: interval excludes zero": (
        "{name} bought {gap} billion {unit} more from China than {base} implied (95\u00a0% interval {low} to "
        "{high}); not shown to depend on tariff exposure; supply push is one candidate."
    ),
    "destination: interval contains zero": (
        "{name} bought {gap} billion {unit} {direction} than {base} implied (95\u00a0% interval {low} to {high}): "
        "not distinguishable from normal variation, and only a gap above about {mde} billion had an 80\u00a0% "
        "chance of being seen."
    ),
    "destination: fell short": (
        "{name} bought {gap} billion {unit} less from China than {base} implied (95\u00a0% interval {low} to "
        "{high})."
    ),
    "no calibrated interval: EU": (
        "For the EU (by its proxy, the euro area's manufactures) the gap lies between {low} and {high} billion "
        "{unit} over the forecasts tried; {n} earlier trials are too few for an interval."
    ),
    "no calibrated interval: ASEAN": (
        "For ASEAN it is known for {span} only, between {low} and {high} billion {unit}; {n} earlier trials, a "
        "first print among their data, make no interval."
    ),
    "reopening: both sides, others keep rising": (
        "Since the emergency tariffs ended, exports to the US recover from their low: {us_ex} against a year "
        "before on China's count ({span}), {us_later} in US arrivals a month later ({us_im} in the same "
        "months), still {two_years} against two years before. Exports to the EU ({eu}), ASEAN ({asean}) and "
        "Australia ({au}) kept rising ({so_far}): they did not return when the US market did, which speaks "
        "against diversion as the main cause."
    ),
    "reopening: sides disagree, others keep rising": (
        "Has the door reopened? China's customs count {us_ex} exports to the US ({span}), US customs "
        "{us_later} arrivals a month later. Exports to the EU ({eu}), ASEAN ({asean}) and Australia ({au}) kept "
        "rising ({so_far}); as long as the two counts disagree, that decides nothing between diversion and "
        "other causes."
    ),
    "reopening: others ease": (
        "When the US market reopened ({us_ex} by China's customs, {span}), exports elsewhere eased: the EU "
        "{eu}, ASEAN {asean}, Australia {au} ({so_far}). That is what diversion would look like in reverse."
    ),
}  # fmt: skip

# Numbers that are conventions of the method, not results.
CONVENTIONS = ("95\u00a0%", "80\u00a0%")
MAIN_WINDOW = "W1"
MONEY = {"USD": "US dollars", "CNY": "yuan", "EUR": "euro", "AUD": "Australian dollars"}
HOW = {"plain": "plainly", "share": "as a share of what it bought elsewhere"}


@dataclass
class Sentence:
    """A filled rule: the text and, for every slot, where its number comes from."""

    rule: str
    text: str = ""
    facts: list[dict] = field(default_factory=list)


class Composer:
    """Fills rules from result tables and remembers where every number came from.

    Parameters
    ----------
    tables
        Result tables by name: ``two_sides``, ``excess``, ``ceiling``, ``accounting_change``.
    """

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        self.tables = tables
        self._places: dict[tuple, dict[tuple, int]] = {}

    def row(self, table: str, **key: str) -> pd.Series | None:
        """Return the one row with this key, or None."""
        columns = tuple(key)
        if (table, columns) not in self._places:
            values = zip(*(self.tables[table][column] for column in columns), strict=True)
            self._places[table, columns] = {found: place for place, found in reversed(list(enumerate(values)))}
        place = self._places[table, columns].get(tuple(key.values()))
        return None if place is None else self.tables[table].iloc[place]

    def fact(self, table: str, key: dict[str, str], column: str, printed: str) -> dict:
        """Describe one number: as printed, and the cell it stands for."""
        value = self.row(table, **key)[column]
        text = value if isinstance(value, str) else repr(float(value))
        return {"printed": printed, "table": table, "row": json.dumps(key), "column": column, "value": text}

    def number(self, table: str, key: dict[str, str], column: str, digits: int = 0, *, size: bool = False) -> dict:
        """A number slot; ``size`` drops the sign because the sentence says the direction."""
        value = float(self.row(table, **key)[column])
        return self.fact(table, key, column, plain(abs(value) if size else value, digits))

    def rate(self, table: str, key: dict[str, str], column: str, digits: int = 1) -> dict:
        """A growth-rate slot, signed, with the percent sign."""
        return self.fact(table, key, column, percent(float(self.row(table, **key)[column]), digits))

    def span(self, table: str, key: dict[str, str]) -> dict:
        """A slot for the months of a row."""
        row = self.row(table, **key)
        return self.fact(table, key, "last_month", span_name(row["first_month"], row["last_month"]))

    def say(self, rule: str, **slots: dict) -> Sentence:
        """Fill a rule."""
        text = RULES[rule].format(**{slot: fact["printed"] for slot, fact in slots.items()})
        return Sentence(rule, text, [{"slot": slot, **fact} for slot, fact in slots.items() if "table" in fact])


def summary(tables: dict[str, pd.DataFrame]) -> list[Sentence]:
    """Choose the sentences of the summary from the result tables, in their order."""
    composer = Composer(tables)
    chosen = [
        _lead(composer),
        _ceiling(composer),
        _together(_fall(composer), _us_gap(composer)),
        _together(
            _destination(composer, "AU"),
            _destination(composer, "EU") or _range(composer, "EU"),
            _range(composer, "ASEAN"),
        ),
        _reopening(composer),
    ]
    return [sentence for sentence in chosen if sentence and sentence.text]


def _together(*parts: Sentence | None) -> Sentence | None:
    """Join sentences that answer one question into one statement."""
    said = [part for part in parts if part]
    if not said:
        return None
    facts = [fact | {"slot": f"{fact['slot']} {n}"} for n, part in enumerate(said, start=1) for fact in part.facts]
    return Sentence("; ".join(part.rule for part in said), " ".join(part.text for part in said), facts)


def _lead(c: Composer) -> Sentence | None:
    key = {"span": MAIN_WINDOW, "side": "exporter"}
    row = c.row("ceiling", **key)
    if row is None:
        return None
    span = c.span("ceiling", key)
    loss, rise = -row["us_change_usd_bn"], row["non_us_change_usd_bn"]
    if loss <= 0 or rise <= 0:
        return c.say(
            "lead: no loss against a rise", span=span, us=c.number("ceiling", key, "us_change_usd_bn"),
            rest=c.number("ceiling", key, "non_us_change_usd_bn"),
        )  # fmt: skip
    return c.say(
        "lead: a loss and a larger rise" if rise > loss else "lead: a loss and a smaller rise", span=span,
        loss=c.number("ceiling", key, "us_change_usd_bn", size=True),
        rise=c.number("ceiling", key, "non_us_change_usd_bn"),
    )  # fmt: skip


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
            error=c.number("excess", key["plain"], "placebo_error_bn"),
            low=c.number("excess", key["plain"], "low_bn"), high=c.number("excess", key["plain"], "high_bn"),
            share_gap=size("share", "gap_bn"), tried=c.number("excess", key["plain"], "forms_tried"),
            clear=c.number("excess", key["plain"], "forms_clear"),
            share_clear=c.number("excess", key["share"], "forms_clear"), least=size("plain", "gap_high_bn"),
            most=size("plain", "gap_low_bn"), share_least=size("share", "gap_high_bn"),
            share_most=size("share", "gap_low_bn"),
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


def _destination(c: Composer, code: str) -> Sentence | None:
    key = {"destination_code": code, "form": "plain", "window_id": MAIN_WINDOW}
    row = c.row("excess", **key)
    if row is None or row["status"] != "interval":
        return None
    rule = (
        "destination: interval contains zero" if not _excludes_zero(row)
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
    return c.say(rule, **{slot: fact for slot, fact in slots.items() if f"{{{slot}}}" in RULES[rule]})


def _range(c: Composer, code: str) -> Sentence | None:
    key = {"destination_code": code, "form": "range", "window_id": MAIN_WINDOW}
    row = c.row("excess", **key)
    if row is None or row["status"] != "range":
        return None
    rule = f"no calibrated interval: {code}"
    slots = {
        "span": c.span("excess", key),
        "unit": _unit(row),
        "low": c.number("excess", key, "gap_low_bn"),
        "high": c.number("excess", key, "gap_high_bn"),
        "n": c.number("excess", key, "origins"),
    }
    return c.say(rule, **{slot: fact for slot, fact in slots.items() if f"{{{slot}}}" in RULES[rule]})


def _ceiling(c: Composer) -> Sentence | None:
    sides = {"ceiling": "exporter", "most": "most favourable"}
    keys = {slot: {"span": MAIN_WINDOW, "side": side} for slot, side in sides.items()}
    rows = {slot: c.row("ceiling", **key) for slot, key in keys.items()}
    if any(row is None or np.isnan(row["ceiling_pct"]) for row in rows.values()):
        return None
    return c.say(
        "ceiling",
        **{
            slot: c.fact("ceiling", key, "ceiling_pct", f"{plain(float(rows[slot]['ceiling_pct']), 0)}\u00a0%")
            for slot, key in keys.items()
        },
    )


def _reopening(c: Composer) -> Sentence | None:
    side = {"reporter_code": "US", "span": "W3"}
    others = {code: {"span": "year so far", "partner_code": code} for code in ("EU", "ASEAN", "AU")}
    us = c.row("two_sides", **side)
    rows = [c.row("accounting_change", **key) for key in others.values()]
    if us is None or np.isnan(us["exporter_growth_pct"]) or any(row is None for row in rows):
        return None
    if us["exporter_growth_pct"] <= 0:
        return None
    rising = all(row["growth_pct"] > 0 for row in rows)
    if not rising:
        rule = "reopening: others ease"
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
        "so_far": c.span("accounting_change", others["EU"]),
        **{
            slot: c.rate("accounting_change", others[code], "growth_pct")
            for slot, code in (("eu", "EU"), ("asean", "ASEAN"), ("au", "AU"))
        },
    }
    slots = {slot: fact for slot, fact in slots.items() if f"{{{slot}}}" in RULES[rule]}
    return c.say(rule, **slots)


def as_tables(sentences: list[Sentence]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn sentences into the tables ``summary_sentences`` and ``summary_facts``."""
    texts = [{"position": n, "rule": s.rule, "text": s.text} for n, s in enumerate(sentences, start=1)]
    facts = [{"position": n, **fact} for n, s in enumerate(sentences, start=1) for fact in s.facts]
    return pd.DataFrame(texts), pd.DataFrame(facts)
