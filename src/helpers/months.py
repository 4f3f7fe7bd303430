"""Months as text, ``"2026-05"``: read, and named for readers; the same on every machine, and without pandas."""

from __future__ import annotations

import datetime as dt
import re

from helpers.refusals import Refusal

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def check_month(text: str) -> str:
    """Return a month such as ``"2026-05"``; anything else is refused.

    Raises
    ------
    Refusal
        If the text is not a year and a month joined by a hyphen.
    """
    if not re.fullmatch(r"(19|20)\d{2}-(0[1-9]|1[0-2])", str(text)):
        raise Refusal(
            f'"{text}" is not a month', expected='a month such as "2026-05"', remedy="write year-month", exit_code=2
        )
    return str(text)


def check_day(text: str) -> str:
    """Return a day such as ``"2026-11-22"``; anything else is refused.

    Raises
    ------
    Refusal
        If the text is not a year, a month and a day of it joined by hyphens.
    """
    try:
        written = dt.date.fromisoformat(str(text)).isoformat()
    except ValueError:
        written = ""
    if written != text:
        raise Refusal(f'"{text}" is not a day such as 2026-11-22', expected='a day such as "2026-11-22"',
                      remedy="write year-month-day", exit_code=2)  # fmt: skip
    return written


def month_number(month: str) -> int:
    """Count months from year 0."""
    return 12 * int(month[:4]) + int(month[5:7]) - 1


def month_of(number: int) -> str:
    """Return the month of a number: the inverse of :func:`month_number`."""
    return f"{number // 12}-{number % 12 + 1:02d}"


def month_name(text: str) -> str:
    """Return ``"2025-11"`` as ``"November 2025"``; independent of the machine's locale."""
    text = check_month(text)
    return f"{MONTH_NAMES[int(text[5:]) - 1]} {text[:4]}"


def day_name(text: str) -> str:
    """Return ``"2025-12-09"`` as ``"9 December 2025"``."""
    return f"{int(text[8:10])} {month_name(text[:7])}"


def span_name(first: str, last: str) -> str:
    """Return a readable span: ``"April to November 2025"``, ``"December 2025 to February 2026"``, ``"May 2026"``."""
    if first == last:
        return month_name(first)
    if first[:4] == last[:4]:
        return f"{MONTH_NAMES[int(first[5:]) - 1]} to {month_name(last)}"
    return f"{month_name(first)} to {month_name(last)}"


def short_span(first: str, last: str) -> str:
    """Return a span for a place with little room: ``"Apr–Nov 2025"``, ``"Dec 2025–Feb 2026"``, ``"May 2026"``."""
    names = [MONTH_NAMES[int(check_month(text)[5:]) - 1][:3] for text in (first, last)]
    if first == last:
        return f"{names[1]} {last[:4]}"
    return f"{names[0]}{'' if first[:4] == last[:4] else f' {first[:4]}'}–{names[1]} {last[:4]}"
