"""A verdict on a published report as a terminal and a program see it."""

from __future__ import annotations

import json
from dataclasses import asdict

from helpers.months import month_name
from helpers.published import Report
from helpers.verification import DIFFERS, IDENTICAL, Held, Verdict

LONGEST = 200  # characters of a text that differs
WIDTH = 13  # of the longest thing that is held against the record


def title(report: Report) -> str:
    """Name a report."""
    made = report.record.get("finished")
    return f"{month_name(report.month)}, stamp {report.record['stamp']}" + (f", made {made}" if made else "")


def line(held: Held) -> str:
    """Return one thing held against the record as a line."""
    return f"  {held.what:<{WIDTH}}  {held.told}"


def as_text(verdict: Verdict) -> str:
    """Return what came of it in lines, the verdict last."""
    found = verdict.compared
    same = found.tables - len(found.printed) - len(found.differing)
    tables = f"{same} of {found.tables} identical"
    if found.printed:
        tables += f"; equal to printed digits: {', '.join(found.printed)}"
    if found.differing:
        counted = ", ".join(f"{name} ({count})" for name, count in found.differing.items())
        tables += f"; with cells that differ: {counted}"
    told = (
        ("page", found.page), ("tables", tables),
        ("notebooks", f"other results in {', '.join(found.notebooks)}" if found.notebooks else IDENTICAL),
    )  # fmt: skip
    lines = [line(Held(what, None, words)) for what, words in told]
    return "\n".join([*lines, _last(verdict)])


def _last(verdict: Verdict) -> str:
    first = verdict.compared.first
    if verdict.word != DIFFERS:
        return verdict.word
    if first is None:
        return f"{DIFFERS}: {', '.join(verdict.altered)}, not as the record names it, though it came out again"
    return f"{DIFFERS}: {first.place}: published {_cut(first.published)}, made again {_cut(first.again)}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def as_json(verdict: Verdict) -> str:
    """Return the same as JSON."""
    found = verdict.compared
    content = {
        "month": verdict.report.month, "stamp": verdict.report.record["stamp"],
        "verdict": verdict.word, "exit_code": verdict.exit_code, "altered": list(verdict.altered),
        "held": {held.what: {"same": held.same, "told": held.told, **held.facts} for held in verdict.held},
        "compared": {
            "page": found.page, "tables": found.tables, "equal_to_printed_digits": list(found.printed),
            "differing_cells": found.differing, "notebooks": list(found.notebooks),
        },
        "first": asdict(found.first) if found.first else None,
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1)
