"""The estimate as each month's report saw it, drawn as plain SVG: a point and its interval per report, on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import escape

from helpers.months import short_span
from helpers.numbers import plain
from helpers.shelf import DESTINATIONS, Gap

NAMES = {"US": "United States", "AU": "Australia"}
ASIDE = {"US": -0.2, "AU": 0.2}  # of a month's room: two intervals of one report do not lie on each other
WIDE, PHONE = (640.0, 300.0), (340.0, 290.0)
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 34.0, 30.0
LABEL_ROOM, TICKS = 70.0, 6  # width of the name of a month; lines of the scale at most

Row = tuple[str, Sequence[Gap]]


def drawing(rows: Sequence[Row], phone: bool) -> tuple[str, list[dict]]:
    """Return the drawing, and what can be read off it.

    Parameters
    ----------
    rows
        Month and gaps of every report, the oldest first.
    phone
        Whether it is for a phone.
    """
    width, height = PHONE if phone else WIDE
    ends = [end for _, gaps in rows for gap in gaps for end in (gap.gap, gap.low, gap.high) if not math.isnan(end)]
    low, high, ticks = scale(min(0.0, *ends), max(0.0, *ends))
    first, last = _count(rows[0][0]), _count(rows[-1][0])
    digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0])))
    step = (width - LEFT - RIGHT) / (last - first + 1)

    def x(month: str) -> float:
        return LEFT + (_count(month) - first + 0.5) * step

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (height - TOP - BOTTOM)

    out = [_line(LEFT, y(tick), width - RIGHT, y(tick), _grid(tick)) for tick in ticks]
    out += [_text(LEFT - 8, y(tick) + 4, plain(tick, digits), "end") for tick in ticks]
    free = math.inf
    for month, _ in reversed(rows):  # the newest is always named, the others where there is room
        place = min(x(month), width - LABEL_ROOM / 2)
        if LABEL_ROOM / 2 <= place <= free:
            out.append(_text(place, height - 9, short_span(month, month), "middle"))
            free = place - LABEL_ROOM
    aside, radius = min(step, 25.0), max(2.0, min(4.5, step / 4))
    place, marks = LEFT, []
    for code in DESTINATIONS:
        drawn = [
            (x(month) + ASIDE[code] * aside, month, gap) for month, gaps in rows for gap in gaps if gap.code == code
        ]
        ink = f"var(--c-{code.lower()})"
        out.append(f'<circle cx="{place + 5:.1f}" cy="14" r="4.5" style="fill:{ink}"/>')
        out.append(_text(place + 15, 18.5, NAMES[code], "start", f"fill:{ink};font-weight:600"))
        place += 140
        for at, _, gap in drawn:
            if not math.isnan(gap.low + gap.high):
                out.append(_line(at, y(gap.low), at, y(gap.high), f"stroke:{ink};stroke-width:2.4px;stroke-opacity:.6"))
            out.append(f'<circle cx="{at:.1f}" cy="{y(gap.gap):.1f}" r="{radius:.1f}" style="fill:{ink}"/>')
        marks.append({
            "name": NAMES[code], "unit": "", "digits": 1, "sign": True,
            "at": [[round(at), round(y(gap.gap))] for at, _, gap in drawn], "values": [gap.gap for *_, gap in drawn],
            "labels": [month for _, month, _ in drawn], "ends": [_ends(gap) for *_, gap in drawn],
        })  # fmt: skip
    kind = "plot phone" if phone else "plot"
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" class="{kind}">{"".join(out)}</svg>', marks


def scale(low: float, high: float) -> tuple[float, float, list[float]]:
    """Return the ends of a scale that holds both values, and its round steps."""
    span = max(high - low, 1e-6)
    power = 10 ** math.floor(math.log10(span / TICKS))
    step = next(size * power for size in (1, 2, 5, 10, 20) if span / (size * power) <= TICKS)
    ticks = [number * step for number in range(math.floor(low / step), math.ceil(high / step) + 1)]
    ticks = ticks if len(ticks) > 1 else [ticks[0], ticks[0] + step]
    return ticks[0], ticks[-1], ticks


def _count(month: str) -> int:
    """Return a month as a number, so that months without a report keep their place."""
    return int(month[:4]) * 12 + int(month[5:])


def _ends(gap: Gap) -> list[float]:
    return [] if math.isnan(gap.low + gap.high) else [gap.low, gap.high]


def _grid(tick: float) -> str:
    return "stroke:currentColor;stroke-width:1px" if tick == 0 else "stroke:var(--grid);stroke-width:1px"


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="{style}"/>'


def _text(x: float, y: float, words: str, anchor: str, style: str = "fill:currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="13" text-anchor="{anchor}" style="{style}">{escape(words)}</text>'
