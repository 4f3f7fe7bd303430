"""The one door to a figure or a table on the page: style, display, data and source travel together.

A notebook shows a figure or table through :func:`show` and :func:`show_table`. JupyterLab sees HTML; the page is drawn
from the same content, carried beside it under a type of our own. The title is the finding.
"""

from __future__ import annotations

import html
import io
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from helpers.headings import CARD_KEYS, heading_of
from helpers.numbers import MINUS, NOTHING
from helpers.refusals import Refusal

FONTS = Path(__file__).with_name("fonts")
STYLE = Path(__file__).with_name("house.mplstyle")
WIDTH, SMALL_ENOUGH, PHONE_WIDTH = 6.4, 4.0, 3.5  # inches: the page, what a phone can still show, a phone
NAME_LENGTH, LINE_HEIGHT = 22, 0.155  # letters of a row's name on a phone; inches of one line of it
CARD_COLUMNS, CARD_WORDS = 4, 26  # a table is cards on a phone from so many columns on; letters that stay on a line
FIGURE, TABLE, TILES = (f"application/vnd.diversion.{kind}+json" for kind in ("figure", "table", "tiles"))

NO_BREAK_HYPHEN = "\u2011"
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
TEXT, GRID = "#1d2530", "#d5dae0"
COLOURS = {
    "US": "#b5442b", "EU": "#2b62a8", "ASEAN": "#8f6a00", "AU": "#1b7f73", "NON_US": "#6b7280", "WORLD": "#6b7280",
}  # fmt: skip
QUIET = "#6b7280"
_VARIABLES = {TEXT: "currentColor", GRID: f"var(--grid, {GRID})", QUIET: f"var(--c-rest, {QUIET})"} | {
    colour: f"var(--c-{code.lower()}, {colour})" for code, colour in COLOURS.items() if colour != QUIET
}


def use_house_style() -> None:
    """Register the page's own typeface and apply the house style to Matplotlib."""
    for file in sorted(FONTS.glob("*.ttf")):
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


def svg_of(figure: Figure, name: str) -> str:
    """Draw a figure as inline SVG: real text, colours that follow the page, ids that begin with its name."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": f"export-diversion-{name}"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    width = figure.get_figwidth()
    kind = "plot phone" if width <= PHONE_WIDTH else "plot narrow" if width < WIDTH else "plot"
    opening = rf'<svg viewBox="\1" xmlns="{SVG}" xmlns:xlink="{XLINK}" class="{kind}">'
    text = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', opening, text, count=1, flags=re.DOTALL)
    for marker, variable in _VARIABLES.items():
        text = text.replace(marker, variable)
    for pattern in (r'(\bid=")', r"(url\(#)", r'(\bhref="#)'):
        text = re.sub(pattern, rf"\g<1>{name}-", text)
    return re.sub(r"\n\s*\n", "\n", text)


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
    svg = svg_of(figure, name)
    narrow = svg_of(for_phone(figure), f"{name}-narrow") if figure.get_figwidth() > SMALL_ENOUGH else ""
    plt.close(figure)
    source = each_once(source)
    content = {
        "name": name, "title": title, "subtitle": subtitle, "alt": alt, "source": source, "note": note,
        "svg": svg, "svg_narrow": narrow, "csv": to_csv(data),
    }  # fmt: skip
    words = [html.escape(text) for text in (title, subtitle, source)]
    shown = f"<figure><b>{words[0]}</b><br>{words[1]}{svg}<small>{words[2]}</small></figure>"
    display({FIGURE: content, "text/html": shown, "text/plain": title}, raw=True)


def each_once(source: str) -> str:
    """Return a source line without what it names a second time."""
    return "; ".join(dict.fromkeys(source.split("; ")))


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV text, the same bytes everywhere; repr of numbers, no index."""
    return frame.to_csv(index=False, lineterminator="\n")


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
