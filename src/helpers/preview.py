"""The picture that other sites show of a report: its question, the first sentence of its finding, its key numbers.

Loading what draws it takes half a second, so it is kept under ``reports/.state`` by what it is drawn from and drawn
again only when one of its words changes. The same words give the same bytes.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import archive, corrections, notice, paths, shelf, store
from helpers.corrections import Correction
from helpers.months import month_name
from helpers.shelf import Shelved
from helpers.translation import translator_for
from helpers.typesetting import fine

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME, KEPT = "preview.png", 24
WIDTH, HEIGHT, DPI, MARGIN = 1200, 630, 100, 64
PAPER, INK, SOFT, LINE, ACCENT = "#fdfcfa", "#1d2530", "#566070", "#e2ddd5", "#9a3412"
LINES = 4  # of the sentence at most


@dataclass(frozen=True)
class Told:
    """The words of a preview, in the language of its page: numbers come as pairs of label and value."""

    brand: str
    month: str
    question: str
    sentence: str
    numbers: tuple[tuple[str, str], ...]


def told(report: Shelved) -> Told:
    """Return the words of a report's preview; of a withdrawn one only that it was, and why."""
    german = report.language == "de"
    say = translator_for("de").say if german else str
    sentence, month, shown = archive.first_sentence(report.finding), month_name(report.month), archive.tiles(report)
    if last := next(reversed(report.corrections), None):
        month = f"{month} ({notice.state_of(last, report.stamp)})"
    sentence = say(sentence)
    if report.is_withdrawn:
        sentence, shown = f"{say(f'{notice.dated(last, report.stamp)}.')} {last.what_de if german else last.what}", []
    numbers = tuple((fine(say(tile["label"])), fine(say(tile["value"]))) for tile in shown[:3])
    return Told(*map(fine, (say("Export diversion"), say(month), say(archive.QUESTION), sentence)), numbers)


def of(data: Path, record: dict[str, Any], entries: tuple[Correction, ...]) -> bytes:
    """Return the preview of a report.

    Parameters
    ----------
    data
        Folder with its tables.
    record
        ``stamp``, ``parameters`` and ``finding`` of the report.
    entries
        The corrections of its month.
    """
    span, numbers = shelf.key_numbers(data)
    return _picture(told(Shelved(record["parameters"]["month"], record, span, numbers, corrections=entries)))


def published(folder: Path) -> bytes:
    """Return the preview of a published report, as its corrections have it now."""
    return _picture(told(shelf.shelved(folder, corrections.of(corrections.read(), folder.name))))


def _picture(words: Told) -> bytes:
    if known := _kept(words):
        return known
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that the typeface lacks is drawn as a box
        return _keep(words, drawn(words))


def get_ready() -> None:
    """Load the library that draws, while there is time."""
    importlib.import_module("matplotlib.backends.backend_agg")
    importlib.import_module("matplotlib.figure")


def _key(words: Told) -> str:
    files = [Path(__file__), *sorted(paths.FONTS.glob("*.ttf"))]
    made_by = [store.sha256(file.read_bytes()) for file in files]
    return store.fingerprint([asdict(words), made_by, metadata.version("matplotlib")])[:24]


def _shelf() -> Path:
    return paths.REPORTS / ".state" / "previews"


def _kept(words: Told) -> bytes | None:
    """Return the picture of these words if it was drawn before and is whole: its name holds its fingerprint."""
    for file in _shelf().glob(f"{_key(words)}-*.png"):
        content = file.read_bytes()
        if file.stem.endswith(store.sha256(content)):
            return content
    return None


def _keep(words: Told, picture: bytes) -> bytes:
    """Keep a picture, and the newest of the others."""
    with contextlib.suppress(OSError):  # without room or right to keep it, it is drawn again
        paths.put(_shelf() / f"{_key(words)}-{store.sha256(picture)}.png", picture)
    for old in sorted(_shelf().glob("*.png"), key=lambda file: -file.stat().st_mtime_ns)[KEPT:]:
        old.unlink(missing_ok=True)
    return picture


def drawn(words: Told) -> bytes:
    """Draw the picture: 1200 by 630 points of the screen, nothing in it that tells when or where."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)

    def bar(x: float, y: float, width: float, height: float, ink: str) -> None:
        place, size = (x / WIDTH, 1 - (y + height) / HEIGHT), (width / WIDTH, height / HEIGHT)
        figure.add_artist(Rectangle(place, *size, color=ink, linewidth=0, transform=figure.transFigure))

    bar(0, 0, WIDTH, 12, ACCENT)
    at = MARGIN + _write(figure, words.brand, MARGIN, 62, 25, bold=True) + 16
    _write(figure, words.month, at, 62, 25, SOFT)
    room = WIDTH - 2 * MARGIN
    y = 138.0
    for line in _wrapped(figure, words.question, room, 54, bold=True, most=2):
        _write(figure, line, MARGIN, y, 54, bold=True)
        y += 62
    y += 4
    for line in _wrapped(figure, words.sentence, room, 32, most=LINES):
        _write(figure, line, MARGIN, y, 32)
        y += 43
    column = room / max(1, len(words.numbers))
    widest = max((_width(figure, value, 44, True) for _, value in words.numbers), default=1)
    size = 44 * min(1, (column - 28) / widest)
    for number, (label, value) in enumerate(words.numbers):
        x = MARGIN + number * column
        bar(x, 462, column - 28, 2, LINE)
        for row, line in enumerate(_wrapped(figure, label, column - 28, 21, most=2)):
            _write(figure, line, x, 494 + row * 27, 21, SOFT)
        _write(figure, value, x, 584, size, bold=True)
    buffer = io.BytesIO()
    canvas.print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def _font(size: float, bold: bool) -> Any:
    from matplotlib.font_manager import FontProperties

    cut = "SemiBold" if bold else "Regular"
    return FontProperties(fname=paths.FONTS / f"DiversionSans-{cut}.ttf", size=size * 72 / DPI)


def _width(figure: Figure, text: str, size: float, bold: bool) -> float:
    return figure.canvas.get_renderer().get_text_width_height_descent(text, _font(size, bold), False)[0]


def _write(figure: Figure, text: str, x: float, y: float, size: float, ink: str = INK, *, bold: bool = False) -> float:
    """Write a line with its base at ``y`` from the top; return its width."""
    font = _font(size, bold)
    figure.text(x / WIDTH, 1 - y / HEIGHT, text, fontproperties=font, color=ink, va="baseline", parse_math=False)
    return _width(figure, text, size, bold)


def _wrapped(figure: Figure, text: str, room: float, size: float, *, bold: bool = False, most: int) -> Sequence[str]:
    """Break a text into lines that fit; what is too long ends with an ellipsis."""
    lines = list(_lines(figure, text, room, size, bold))
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1].rstrip(',;:. ')} …"]


def _lines(figure: Figure, text: str, room: float, size: float, bold: bool) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and _width(figure, longer, size, bold) > room:
            yield line
            longer = word
        line = longer
    yield line
