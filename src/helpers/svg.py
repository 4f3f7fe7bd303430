"""A drawing as inline SVG: real text, colours that follow the page, as few bytes as the eye allows.

What a reader can point at travels beside it: :func:`mark` notes points with their values while a chart is drawn, and
:func:`marks_of` gives their places on the finished drawing.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import matplotlib as mpl
import numpy as np
from lxml import etree
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from helpers.destination_list import DESTINATIONS
from helpers.xml_text import for_xml

XLINK = "http://www.w3.org/1999/xlink"
WIDTH, PHONE_WIDTH = 6.4, 3.5  # inches: the page, a phone
NAME_LENGTH, LINE_HEIGHT = 22, 0.155  # letters of a row's name on a phone; inches of one line of it
TEXT, GRID, QUIET = "#1d2530", "#d5dae0", "#6b7280"
COLOURS = {row.code: row.colours[0] if row.colours else QUIET for row in DESTINATIONS}
_VARIABLES = {TEXT: "currentColor", GRID: f"var(--grid,{GRID})", QUIET: f"var(--c-rest,{QUIET})"} | {
    colour: f"var(--c-{code.lower()},{colour})" for code, colour in COLOURS.items() if colour != QUIET
}
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_GEOMETRY = ("d", "x", "y", "width", "height", "transform", "points", "viewBox")
_marks: WeakKeyDictionary[Figure, list[tuple[Axes, dict]]] = WeakKeyDictionary()


def mark(
    ax: Axes, xs: Sequence[float], ys: Sequence[float], values: Sequence[float], *, name: str = "",
    labels: Sequence[str], unit: str = "", digits: int = 1, sign: bool = False, ends: tuple = (),
) -> None:  # fmt: skip
    """Note points of a drawing that a reader can point at.

    Parameters
    ----------
    ax
        The axes they are drawn on.
    xs, ys
        Their places, in the units of the axes.
    values
        The value of each, as it stands in the figure's table.
    name
        The series.
    labels
        What each point is: a month such as ``"2026-05"``, or words.
    unit, digits, sign
        How the value is written.
    ends
        Lower and upper ends of an interval around each value, if there is one.
    """
    points = [
        (float(x), float(y), float(value), str(label), *(float(end) for end in bounds))
        for x, y, value, label, *bounds in zip(xs, ys, values, labels, *ends, strict=True)
        if np.isfinite([x, y, value]).all()
    ]
    if points:
        noted = {"name": name, "unit": unit, "digits": digits, "sign": sign, "points": points}
        _marks.setdefault(ax.figure, []).append((ax, noted))


def marks_of(figure: Figure) -> list[dict]:
    """Return the noted series of a drawn figure, each point with its place in the units of the drawing's view box."""
    size = np.array([figure.get_figwidth(), figure.get_figheight()]) * 72
    out = []
    for ax, noted in _marks.get(figure, []):
        places = [point[:2] for point in noted["points"]]
        share = figure.transFigure.inverted().transform(ax.transData.transform(places))
        at = np.rint(np.column_stack([share[:, 0], 1 - share[:, 1]]) * size).astype(int)
        out.append(
            {key: noted[key] for key in ("name", "unit", "digits", "sign")}
            | {"at": at.tolist(), "values": [point[2] for point in noted["points"]],
               "labels": [point[3] for point in noted["points"]], "ends": [point[4:] for point in noted["points"]]}
        )  # fmt: skip
    return out


def svg_of(figure: Figure, name: str, kind: str = "") -> str:
    """Draw a figure as inline SVG: real text, colours that follow the page, ids that begin with its name.

    ``kind`` is its class on the page; if not said, its width tells.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": f"export-diversion-{name}"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    width = figure.get_figwidth()
    by_width = "plot phone" if width <= PHONE_WIDTH else "plot narrow" if width < WIDTH else "plot"
    return _small(buffer.getvalue(), name, kind or by_width)


def _small(text: str, name: str, kind: str) -> str:
    """Take from an SVG what nobody sees: comments, unused names, empty groups, decimals below a tenth of a point."""
    tree = etree.fromstring(for_xml(text).encode(), etree.XMLParser(remove_comments=True, remove_blank_text=True))
    for element in tree.xpath("//*[local-name()='metadata' or local-name()='style']"):
        element.getparent().remove(element)
    for element in tree.xpath("//*[@style]"):
        element.set("style", re.sub(r"([;:]) ", r"\1", element.get("style")))
    for element in tree.xpath("//*[local-name()='path' and contains(@style, 'fill:none')]"):
        if "stroke:" not in element.get("style") and "clip-path" not in element.attrib and _is_shown(element):
            element.getparent().remove(element)
    asked = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'xlink:href="#([^"]+)"', text))
    ids = {old: f"{name}-{number}" for number, old in enumerate(sorted(asked), start=1)}
    for element in tree.iter():
        if element.attrib.get("id") not in ids:
            element.attrib.pop("id", None)
        else:
            element.set("id", ids[element.get("id")])
        if link := element.attrib.pop(f"{{{XLINK}}}href", None):
            element.set("href", f"#{ids[link[1:]]}")
        for key, value in element.attrib.items():
            if "url(#" in value:
                element.set(key, re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{ids[found.group(1)]})", value))
            elif value.startswith("rotate(-0 "):
                element.attrib.pop(key)
            elif key in _GEOMETRY:
                element.set(key, _short(value))
    for group in tree.xpath("//*[local-name()='g' and not(@*)]"):
        _unwrap(group)
    for group in tree.xpath("//*[local-name()='defs' and not(*)]"):
        group.getparent().remove(group)
    box = tree.get("viewBox")
    tree.attrib.clear()
    tree.set("viewBox", box)
    tree.set("class", kind)
    etree.cleanup_namespaces(tree)
    out = etree.tostring(tree, encoding="unicode")
    for marker, variable in _VARIABLES.items():
        out = out.replace(marker, variable)
    return out


def _is_shown(element: etree._Element) -> bool:
    return not any(parent.tag.endswith(("defs", "clipPath")) for parent in element.iterancestors())


def _short(value: str) -> str:
    """Write geometry with one decimal and without blanks that nothing needs."""
    value = _NUMBER.sub(lambda found: f"{float(found.group()):.1f}".removesuffix(".0").replace("-0.", "-.", 1), value)
    value = re.sub(r"\s+", " ", value.strip())
    return _relative(value) if value[:1] == "M" else value


def _relative(path: str) -> str:
    """Write a path of straight lines by steps from point to point, which takes fewer digits; others as they are."""
    parts = re.findall(r"([MLCQzHV])([^MLCQzHV]*)", path)
    if {command for command, _ in parts} - {"M", "L", "z"}:
        return "".join(command + numbers.strip() for command, numbers in parts)
    out, at = [], (0, 0)
    for command, numbers in parts:
        if command == "z":
            out.append("z")
            continue
        here = tuple(round(10 * float(number)) for number in numbers.split())  # tenths of a point
        step = here if command == "M" else (here[0] - at[0], here[1] - at[1])
        x, y = (_tenths(number) for number in step)
        letter = "M" if command == "M" else "l" if not out or out[-1][0] in "Mz" else ""
        out.append(f"{letter}{x if letter or x[0] == '-' else f' {x}'}{y if y[0] == '-' else f' {y}'}")
        at = here
    return "".join(out)


def _tenths(number: int) -> str:
    """Write a whole number of tenths as a decimal, without what nothing needs."""
    text = f"{number / 10:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _unwrap(group: etree._Element) -> None:
    """Put the children of a group that says nothing in its place."""
    parent, place = group.getparent(), group.getparent().index(group)
    for child in reversed(list(group)):
        parent.insert(place, child)
    parent.remove(group)


def for_phone(figure: Figure) -> Figure:
    """Make a drawing as narrow as a phone: names of rows are broken into lines, and the rows get room for them."""
    least = 0.0
    for ax in figure.axes:
        if isinstance(ax.yaxis.get_major_locator(), FixedLocator) and len(ax.get_yticks()):
            names = [textwrap.wrap(label.get_text(), NAME_LENGTH) for label in ax.get_yticklabels()]
            ax.set_yticks(ax.get_yticks(), ["\n".join(lines) for lines in names])
            least += (max(len(lines) for lines in names) + 0.5) * LINE_HEIGHT * len(names) + 0.5
    figure.set_size_inches(PHONE_WIDTH, max(figure.get_figheight(), least))
    return figure
