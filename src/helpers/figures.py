"""The one door to a figure or a table on the page: style, display, data and source travel together.

A notebook shows a figure or table through :func:`show` and :func:`show_table`. JupyterLab sees HTML; the page is drawn
from the same content, carried beside it under a type of our own. The title is the finding.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import paths
from helpers.csv_text import to_csv
from helpers.headings import CARD_KEYS, heading_of
from helpers.numbers import MINUS, NOTHING
from helpers.refusals import Refusal
from helpers.svg import COLOURS, GRID, QUIET, TEXT, WIDTH, for_phone, mark, marks_of, svg_of

STYLE = Path(__file__).with_name("house.mplstyle")
SMALL_ENOUGH = 4.0  # inches: what a phone can still show
CARD_COLUMNS, CARD_WORDS = 4, 26  # a table is cards on a phone from so many columns on; letters that stay on a line
FIGURE, TABLE, TILES = (f"application/vnd.diversion.{kind}+json" for kind in ("figure", "table", "tiles"))

__all__ = [
    "GRID", "QUIET", "TEXT", "colour", "mark", "new_figure", "say", "show", "show_panels", "show_table", "show_tiles",
    "use_house_style",
]  # fmt: skip

NO_BREAK_HYPHEN = "\u2011"


def use_house_style() -> None:
    """Register the page's own typeface and apply the house style to Matplotlib."""
    for file in sorted(paths.FONTS.glob("*.ttf")):
        font_manager.fontManager.addfont(str(file))
    plt.style.use(STYLE)


def new_figure(height: float = 3.2, rows: int = 1, width: float = WIDTH, **axes: object) -> tuple[Figure, Axes]:
    """Return a figure and its axes; the style says the rest. A narrow one fits a phone without scrolling."""
    return plt.subplots(rows, 1, figsize=(width, height), **axes)


def colour(code: str) -> str:
    """Return a partner's colour, the same in every figure; grey for those without one."""
    return COLOURS.get(code, QUIET)


def _must(value: str, what: str, name: str) -> str:
    if not value.strip():
        raise Refusal(
            f'"{name}" has no {what}', expected=f"a {what} in words", exit_code=1,
            remedy=f"write the {what}: somebody reads the page who sees only that",
        )  # fmt: skip
    return value


def show(
    figure: Figure, *, name: str, title: str, subtitle: str, alt: str, source: str, data: pd.DataFrame, note: str = ""
) -> None:
    """Show a figure with everything a reader needs to trust it, and close it; a wide one is drawn for a phone as well.

    Parameters
    ----------
    figure
        The drawing, without a title of its own.
    name
        Short name, unique on the page: the name of its CSV.
    title
        The finding in one sentence, from the data.
    subtitle
        Unit, valuation and period.
    alt
        What a reader who cannot see it should know.
    source
        From the records, by :func:`helpers.provenance.source_line`; parts joined by semicolons, each shown once.
    data
        The figures behind the drawing, offered as CSV.
    note
        One line of caution.
    """
    for value, what in ((title, "title"), (alt, "alternative text"), (source, "source")):
        _must(value, what, name)
    drawings = drawn(figure, name)
    source = each_once(source)
    content = {
        "name": name, "title": title, "subtitle": subtitle, "alt": alt, "source": source, "note": note,
        **drawings, "csv": to_csv(data),
    }  # fmt: skip
    words = [html.escape(text) for text in (title, subtitle, source)]
    shown = f"<figure><b>{words[0]}</b><br>{words[1]}{drawings['svg']}<small>{words[2]}</small></figure>"
    display({FIGURE: content, "text/html": shown, "text/plain": title}, raw=True)


def show_panels(
    draw: Callable[[str, bool], Figure], panels: Sequence[dict[str, str]], *, name: str, title: str, subtitle: str,
    alt: str, source: str, data: pd.DataFrame, note: str = "",
) -> None:  # fmt: skip
    """Show small drawings beside each other, on one scale.

    Parameters
    ----------
    draw
        Takes a destination's code and whether the drawing is for a phone.
    panels
        Each with ``code``, ``name``, ``told`` (its result in words), ``grade`` and ``badge``.
    name, title, subtitle, alt, source, data, note
        As for :func:`show`.
    """
    for value, what in ((title, "title"), (alt, "alternative text"), (source, "source")):
        _must(value, what, name)
    shown = []
    for panel in panels:
        wide, narrow = draw(panel["code"], False), draw(panel["code"], True)
        own = f"{name}-{panel['code'].lower()}"
        drawings = {"svg": svg_of(wide, own, "plot"), "marks": marks_of(wide),
                    "svg_narrow": svg_of(narrow, f"{own}-narrow"), "marks_narrow": marks_of(narrow)}  # fmt: skip
        plt.close(wide)
        plt.close(narrow)
        shown.append(panel | drawings)
    content = {
        "name": name, "title": title, "subtitle": subtitle, "alt": alt, "source": each_once(source), "note": note,
        "panels": shown, "csv": to_csv(data),
    }  # fmt: skip
    page = "".join(f"<b>{html.escape(panel['name'])}</b>{panel['svg']}" for panel in shown)
    display({FIGURE: content, "text/html": f"<figure>{page}</figure>", "text/plain": title}, raw=True)


def drawn(figure: Figure, name: str) -> dict:
    """Return a figure's drawing, the one for a phone where it is too wide for it, and the points of both; close it."""
    out = {"svg": svg_of(figure, name), "marks": marks_of(figure), "svg_narrow": "", "marks_narrow": []}
    if figure.get_figwidth() > SMALL_ENOUGH:
        out |= {"svg_narrow": svg_of(for_phone(figure), f"{name}-narrow"), "marks_narrow": marks_of(figure)}
    plt.close(figure)
    return out


def each_once(source: str) -> str:
    """Return a source line without what it names a second time."""
    return "; ".join(dict.fromkeys(source.split("; ")))


def formatted(value: object, spec: str) -> str:
    """Format one cell: a real minus sign, an en dash for what is missing."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)) or value == "":
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, (int, float)) and not hasattr(value, "dtype"):
        text = str(value)
        return text.replace("-", NO_BREAK_HYPHEN) if re.fullmatch(r"\d{4}(-\d{2}){1,2}", text) else text
    if spec.endswith("d"):
        value = int(value)
    text = format(value, spec)
    if not text.strip("+-0.,"):
        text = text.lstrip("+-")  # what rounds to nothing has no sign
    return text.replace("-", MINUS)


def show_table(
    frame: pd.DataFrame,
    *,
    name: str,
    title: str,
    source: str,
    columns: list[str],
    badges: dict[str, dict[str, str]] | None = None,
    note: str = "",
    data: pd.DataFrame | None = None,
    folded: bool = False,
    stacked: bool | None = None,
) -> None:
    """Show a table; the first column names the rows, numbers align right.

    Parameters
    ----------
    frame
        Rows to show.
    name, title, source, note
        As for :func:`show`.
    columns
        Columns in order; ``headings.py`` gives their words and formats.
    badges
        Column to {value: good, warn, bad or open}, shown as a label.
    data
        The table offered as CSV, if it is not ``frame``.
    folded
        Whether the page shows it closed, to be opened by the reader.
    stacked
        Whether a phone shows each row as a card; if not said, tables of four columns and more that
        are not folded.
    """
    for value, what in ((title, "title"), (source, "source")):
        _must(value, what, name)
    badges = badges or {}
    words = [heading_of(column) for column in columns]
    numeric = [
        bool(spec) or pd.api.types.is_numeric_dtype(frame[c]) for c, (_, spec) in zip(columns, words, strict=True)
    ]
    rows = [
        [
            {"text": formatted(row[column], spec), "badge": badges.get(column, {}).get(row[column], "")}
            for column, (_, spec) in zip(columns, words, strict=True)
        ]
        for row in frame.to_dict("records")
    ]
    if stacked is None:
        stacked = len(columns) >= CARD_COLUMNS and not folded
    key = next((c for c in CARD_KEYS if c in columns[1:] and c not in badges), "")
    head = [
        {
            "text": text, "numeric": is_number, "key": column == key,
            "long": any(len(row[place]["text"]) > CARD_WORDS for row in rows),
        }
        for place, (column, (text, _), is_number) in enumerate(zip(columns, words, numeric, strict=True))
    ]  # fmt: skip
    content = {
        "name": name, "title": title, "source": each_once(source), "note": note, "folded": folded, "stacked": stacked,
        "head": head, "rows": rows,
        "csv": to_csv(frame if data is None else data),
    }  # fmt: skip
    top = "".join(f"<th>{html.escape(cell['text'])}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c['text'])}</td>" for c in row) + "</tr>" for row in rows)
    shown = f"<b>{html.escape(title)}</b><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    display({TABLE: content, "text/html": shown, "text/plain": title}, raw=True)


def show_tiles(tiles: Sequence[dict[str, str]]) -> None:
    """Show key numbers: each tile has ``value``, ``label`` and ``detail``."""
    shown = "".join(f"<p><b>{html.escape(t['value'])}</b> {html.escape(t['label'])}</p>" for t in tiles)
    display({TILES: {"tiles": list(tiles)}, "text/html": shown, "text/plain": "key numbers"}, raw=True)


def say(text: str) -> None:
    """Show a sentence whose numbers come from tables."""
    display({"text/markdown": text, "text/plain": text}, raw=True)
