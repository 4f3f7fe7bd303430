"""The archive of all months: ``reports/index.html`` in the look of a report, and the feed beside it.

Both are made from what the published reports left behind, so the same reports give the same bytes on any day. The page
says which month was corrected or withdrawn, and how the estimate looked to each month's report.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from helpers import archive_chart, feed, notice, shelf
from helpers.bilingual import Bilingual
from helpers.months import day_name, month_name, span_name
from helpers.numbers import MONEY, NOTHING, plain, signed
from helpers.render import QUESTION, TEMPLATES, finished, template
from helpers.shelf import Gap, Shelved

BADGES = {"withdrawn": "bad", "found wrong": "bad", "corrected": "warn"}
HEADS = ("Report", "US: gap", "US: 95 % interval", "Australia: gap", "Australia: 95 % interval", "Figures read to")
MANY = 12  # rows of the table that are shown without being asked for
_SENTENCE_END = re.compile(r"(?<=[a-z)\]%\d][.!?]) (?=[A-Z])")


def files() -> dict[str, bytes]:
    """Return the files of the archive by their name under ``reports``."""
    reports = shelf.reports()
    return {"index.html": page(reports).encode(), feed.NAME: feed.feed(reports)}


def page(reports: Sequence[Shelved]) -> str:
    """Draw the page of all months, the newest first."""
    t = Bilingual(next((report.language for report in reports), "en"))
    estimates = [(report, {code: report.gap(code) for code in shelf.DESTINATIONS}) for report in reports]
    told = [(report, gaps) for report, gaps in estimates if not report.is_withdrawn and any(gaps.values())]
    chart, marks = _chart(told)
    drawn = template("archive.html.j2").render(
        t=t, question=QUESTION, reports=[_shown(report) for report in reports], chart=chart, feed=feed.NAME,
        many=MANY, heads=HEADS, cards=t.labels([{"text": head, "long": False} for head in HEADS]),
        title=_title([gaps["US"] for _, gaps in told]), span=next((r.span for r in reports if r.span), None),
        span_name=span_name, estimates=[_estimate(report, gaps) for report, gaps in estimates],
    )  # fmt: skip
    both = {name: t.readout(*pair) for name, pair in marks.items()}
    return finished(drawn, t, both, (TEMPLATES / "archive.css").read_text(encoding="utf-8"))


def _shown(report: Shelved) -> dict[str, Any]:
    """Return what the page says of one report."""
    first, told = first_sentence(report.finding), reversed(report.corrections)
    withheld = report.is_withdrawn or not report.record
    return {
        "month": report.month, "name": month_name(report.month), "stamp": report.stamp, "known": bool(report.record),
        "first": "" if withheld else first, "rest": "" if withheld else report.finding[len(first) :].strip(),
        "tiles": [] if withheld else tiles(report),
        "read": f"Figures read to {day_name(report.read)}" if report.read else "", "made_with": made_with(report),
        "marks": marks_of(report),
        "notices": [(notice.as_markdown(entry.what), notice.as_markdown(entry.what_de)) for entry in told],
    }  # fmt: skip


def first_sentence(text: str) -> str:
    """Return the first sentence of a finding."""
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def marks_of(report: Shelved) -> list[dict[str, str]]:
    """Return the labels of a report that was corrected or withdrawn, the newest first: state, with its day, colour."""
    states = [(entry, notice.state_of(entry, report.stamp)) for entry in reversed(report.corrections)]
    return [
        {"state": state, "dated": notice.dated(entry, report.stamp), "badge": BADGES[state]} for entry, state in states
    ]


def made_with(report: Shelved) -> str:
    """Return the parameters that differ from the default, as one would type them."""
    return " ".join(f"{name}={value}" for name, value in report.changed.items())


def tiles(report: Shelved) -> list[dict[str, str]]:
    """Return the key numbers of a report, as far as it holds them."""
    held, out = report.numbers, []
    if {"fall_exporter", "fall_importer", "fall_exporter_pct", "fall_importer_pct"} <= set(held) and report.span:
        by_count = [f"{signed(held[f'fall_{side}_pct'], 0)} %" for side in ("exporter", "importer")]
        dollars = [signed(held[f"fall_{side}"], 0) for side in ("exporter", "importer")]
        out.append({
            "label": f"Exports to the US, {span_name(*report.span)}", "value": f"{by_count[0]} or {by_count[1]}",
            "detail": f"as China's or as US customs count: {dollars[0]} or {dollars[1]} billion US dollars",
        })  # fmt: skip
    if "rise" in held:
        value = f"{signed(held['rise'], 0)} billion"
        out.append({"label": "Exports to all others", "value": value, "detail": "US dollars, against a year before"})
    if "ceiling_low" in held:
        value = f"{plain(held['ceiling_low'], 0)} to {plain(held['ceiling_high'], 0)} %"
        detail = "ceiling against last year, by who counts; against a trend it is no bound"
        out.append({"label": "The US loss over the rise elsewhere", "value": value, "detail": detail})
    if gap := report.gap("US"):
        detail = f"95 % interval {_interval(gap)}" if _interval(gap) != NOTHING else "without an interval"
        label = f"US gap against its own past, billion {MONEY.get(gap.currency, gap.currency)}"
        out.append({"label": label, "value": signed(gap.gap, 0), "detail": detail})
    return out


def _interval(gap: Gap | None) -> str:
    if gap is None or math.isnan(gap.low + gap.high):
        return NOTHING
    return f"{signed(gap.low, 0)} to {signed(gap.high, 0)}"


def _estimate(report: Shelved, gaps: dict[str, Gap | None]) -> dict[str, Any]:
    """Return a row of the table: what one report held of the gaps, or that it was withdrawn."""
    cells = []
    for gap in gaps.values():
        shown = None if report.is_withdrawn else gap
        money = "" if shown is None or shown.currency == "USD" else f" ({MONEY.get(shown.currency, shown.currency)})"
        cells += [f"{signed(shown.gap, 0)}{money}" if shown else NOTHING, _interval(shown)]
    return {"month": report.month, "name": month_name(report.month), "cells": cells, "marks": marks_of(report)[:1],
            "read": report.read, "made_with": made_with(report)}  # fmt: skip


def _chart(told: Sequence[tuple[Shelved, dict[str, Gap | None]]]) -> tuple[tuple[str, str] | None, dict[str, list]]:
    """Draw the estimates of all reports in dollars, wide and for a phone; one report alone is no comparison."""
    rows = [(report.month, [gap for gap in gaps.values() if gap and gap.currency == "USD"]) for report, gaps in told]
    rows = [row for row in reversed(rows) if row[1]]
    if len(rows) < 2:
        return None, {}
    drawings, marks = zip(*(archive_chart.drawing(rows, phone) for phone in (False, True)), strict=True)
    return drawings, {"estimates": list(marks)}


def _title(gaps: Sequence[Gap | None]) -> str:
    """Say in one sentence how the US gap moved from report to report."""
    held = [round(gap.gap) for gap in gaps if gap and gap.currency == "USD"]
    if len(held) < 2:
        return "The estimate as each month saw it"
    if min(held) == max(held):
        return f"In all {len(held)} reports the US gap is {plain(held[0], 0)} billion US dollars"
    ends = f"between {plain(min(held), 0)} and {plain(max(held), 0)} billion US dollars"
    return f"Over {len(held)} reports the US gap lay {ends}"
