"""The picture of the architecture, ``docs/architecture.svg``, drawn from the imports: an arrow for each floor.

An arrow runs down to the floor that is imported; on its way it collects a dot from every floor above that imports it,
with the number of imports. It is never drawn upwards: a house with such an import is refused.
"""

from __future__ import annotations

import math
from html import escape

from helpers.documents.house import House, Module, floor_names

WIDTH, MARGIN = 1240, 16
LABELS, LANE = 172, 38  # width of the floors' names, and of one arrow
LETTER, LINE, GAP, PAD = 6.3, 19, 4, 9  # a box: width of a letter, height, distance, the band around the boxes
STYLE = """
svg{--paper:#fff;--band:#f1f4f7;--box:#fff;--edge:#aab4bf;--ink:#1d2530;--quiet:#5b6673;--arrow:#2b62a8}
@media(prefers-color-scheme:dark){
svg{--paper:#14181d;--band:#1e242b;--box:#2a323b;--edge:#566270;--ink:#e8ecf0;--quiet:#a3aeba;--arrow:#8ab8f0}}
text{font-family:system-ui,sans-serif;fill:var(--ink)}
.f{fill:var(--band)}.b rect{fill:var(--box);stroke:var(--edge)}.b .folder{stroke-width:2;stroke:var(--quiet)}
.b text{font:10px ui-monospace,Menlo,Consolas,monospace}
.q{font-size:11px;fill:var(--quiet)}.n{font-size:10px;fill:var(--ink)}
.a{fill:none;stroke:var(--arrow);stroke-width:1.6}.d{fill:var(--arrow)}
""".strip()


def draw(house: House | None = None) -> str:
    """Return the picture as SVG that reads on light and on dark paper.

    Raises
    ------
    Refusal
        If an import points upwards, or a module is named nowhere.
    """
    house = (house or House()).check()
    names, counts = floor_names(house.text), house.between_floors()
    numbers = sorted({module.floor for module in house.modules})
    right = WIDTH - MARGIN - LANE * (len(numbers) - 1) - 10  # where the arrows begin
    parts, middle, top = [], {}, 58.0
    for floor in reversed(numbers):
        boxes, rows = _boxes([module for module in house.modules if module.floor == floor], right - MARGIN - LABELS)
        height = max(rows * (LINE + GAP) - GAP + 2 * PAD, 52)
        middle[floor] = top + height / 2
        parts += [
            f'<rect class="f" x="{MARGIN}" y="{top:g}" width="{WIDTH - 2 * MARGIN}" height="{height:g}" rx="6"/>',
            f'<text x="{MARGIN + 10}" y="{top + 21:g}" font-size="13" font-weight="600">Floor {floor}</text>',
            *_label(names.get(floor, ""), top + 36),
            f'<g class="b" transform="translate({MARGIN + LABELS},{top + PAD:g})">{"".join(boxes)}</g>',
        ]
        top += height + 6
    parts += _arrows(numbers, counts, middle, right)
    return _page(parts, top + 8, house)


def _boxes(modules: list[Module], width: float) -> tuple[list[str], int]:
    """Return the boxes of a floor from left to right, line by line, and how many lines they take."""
    boxes, x, row = [], 0.0, 0
    for module in modules:
        name = module.shown.removesuffix(".py")
        wide = len(name) * LETTER + 10
        if x and x + wide > width:
            x, row = 0.0, row + 1
        y = row * (LINE + GAP)
        kind = ' class="folder"' if module.files else ""
        boxes.append(
            f'<rect{kind} x="{x:g}" y="{y}" width="{wide:.1f}" height="{LINE}" rx="3"/>'
            f'<text x="{x + 5:g}" y="{y + 13}">{escape(name)}</text>'
        )
        x = round(x + wide + GAP, 1)
    return boxes, row + 1


def _label(name: str, y: float) -> list[str]:
    """Set what a floor is for in lines that fit beside its boxes."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) > 24:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [
        f'<text class="q" x="{MARGIN + 10}" y="{y + 13 * place:g}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    ]


def _arrows(
    numbers: list[int], counts: dict[tuple[int, int], int], middle: dict[int, float], right: float
) -> list[str]:
    """Draw one arrow for each floor that others import, the lowest floor's outermost, so that none crosses another."""
    parts = []
    for place, floor in enumerate(reversed(numbers[:-1])):
        x = right + LANE * (place + 0.5)
        above = [number for number in numbers if number > floor and (number, floor) in counts]
        if not above:
            continue
        way = f"M{x:g} {middle[max(above)]:g}V{middle[floor]:g}H{right + 2:g}"
        parts.append(f'<path class="a" marker-end="url(#tip)" d="{way}"/>')
        for number in above:
            count, y = counts[number, floor], middle[number]
            radius = 1.8 + math.sqrt(count)
            parts.append(
                f'<circle class="d" cx="{x:g}" cy="{y:g}" r="{radius:.1f}"/>'
                f'<text class="n" x="{x + radius + 2:.1f}" y="{y + 3.5:g}">{count}</text>'
            )
    return parts


def _page(parts: list[str], height: float, house: House) -> str:
    count = sum(max(len(module.files) + 1, 1) for module in house.modules)
    told = (
        f"{len(house.modules)} modules and folders ({count} files). An import points to a lower floor, or to the left "
        "on its own. Each arrow ends at the floor that is imported; a dot counts the imports from the floor beside it."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" '
            'aria-labelledby="title told">',
            '<title id="title">The floors of src/helpers and the imports between them</title>',
            f'<desc id="told">{escape(told)}</desc>',
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
            '<path class="d" d="M0 0L8 4L0 8z"/></marker></defs>',
            f'<rect width="{WIDTH}" height="{height:g}" fill="var(--paper)"/>',
            f'<text x="{MARGIN}" y="26" font-size="17" font-weight="600">The floors of src/helpers</text>',
            f'<text class="q" x="{MARGIN}" y="45">{escape(told)}</text>',
            *parts,
            "</svg>\n",
        ]
    )
