"""Draw the page: executed notebooks in, one self-contained HTML file out, the same bytes for the same notebooks.

Nothing on the page is fetched: style, typeface, figures and data are inside it. Nothing depends on the day, the folder
or the machine: papermill's times and ids are not read.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from helpers import paths, typesetting
from helpers.bilingual import Bilingual
from helpers.chapters import Chapter, check_names, code_with_items, read_chapter
from helpers.destination_list import DESTINATIONS
from helpers.memory import Memory, made_by
from helpers.months import day_name, month_name
from helpers.producers import short_producer
from helpers.reading_aids import assumptions, terms
from helpers.refusals import Refusal
from helpers.typesetting import code, fine, prose, without_indents

TEMPLATES = Path(__file__).with_name("templates")
CLOSING = (
    ("assumptions", "What is assumed, and how much it matters"), ("terms", "Terms"),
    ("sources", "Sources and raw files"), ("cite", "Cite this report"), ("stamp", "How to check this page"),
)  # fmt: skip


QUESTION = "Where did China's exports go when the United States shut the door?"
SCRIPT_WORDS = (
    "to", "Source", "Quote this", "Copy", "Copied", "Show as table", "Hide the table", "Series", "Of", "Value", "From",
    "To",
)  # fmt: skip


def held(stamp: dict) -> str:
    """Say the last month that all sides hold and when the figures were read, from the stamp of the run."""
    told = f"all sides to {month_name(stamp['parameters']['month'])}"
    days = sorted({file["date_accessed"] for file in stamp["data"]})
    if not days:
        return told
    read = " to ".join(day_name(day) for day in dict.fromkeys([days[0], days[-1]]))
    return f"{told}, read {read}"


def font_face(cut: str, weight: int, slope: str) -> str:
    """Return the style rule that carries one cut of the typeface inside it."""
    data = base64.b64encode((paths.FONTS / f"DiversionSans-{cut}.woff2").read_bytes()).decode("ascii")
    return (
        f"@font-face{{font-family:'Diversion Sans';font-weight:{weight};font-style:{slope};font-display:block;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


def style() -> str:
    """Return the page's style sheet with the typeface inside."""
    cuts = (("Regular", 400, "normal"), ("SemiBold", 600, "normal"), ("Italic", 400, "italic"))
    faces = [font_face(*cut) for cut in cuts]
    return "\n".join([*faces, colours(), (TEMPLATES / "page.css").read_text(encoding="utf-8")])


def colours() -> str:
    """Return the style rules that name every destination's colour, on a light and on a dark page."""
    light, dark = (
        ";".join(f"--c-{row.code.lower()}:{row.colours[place]}" for row in DESTINATIONS if row.colours)
        for place in (0, 1)
    )
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _compiled() -> jinja2.FileSystemBytecodeCache | None:
    """Return where compiled templates are kept, by their content; none where nothing can be written."""
    folder = paths.REPORTS / ".state" / "templates" / made_by(__file__, package="jinja2")[:12]  # with its settings
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return jinja2.FileSystemBytecodeCache(str(folder))


@cache
def template(name: str = "page.html.j2") -> jinja2.Template:
    """Return a template, compiled once."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, bytecode_cache=_compiled(),
    )  # fmt: skip
    environment.filters |= {"fine": fine, "host": lambda url: url.split("/")[2]}
    return environment.get_template(name)


def get_ready() -> None:
    """Do once what every page needs: compile the template, the rules of the colours and of the formulas."""
    template()
    code("def f(x: int = 1):\n    return [x, 'a', f\"{x}\"]  # b")
    prose("*a* $x^2$")


def read_chapters(notebooks: list[Path]) -> list[Chapter]:
    """Read executed notebooks in reading order, the summary first, as the page shows them."""
    counters = {"figure": 0, "table": 0}
    chapters = [read_chapter(notebook, number, counters) for number, notebook in enumerate(notebooks)]
    check_names(chapters)
    for chapter in chapters:
        chapter.lead = code_with_items(chapter.lead)
        for section in chapter.sections:
            section.blocks = code_with_items(section.blocks)
    return chapters


PACKED = re.compile(r'(?<=<script type="text/plain" id="packed">)[^<]+')  # where it stands on a page


def packed(content: object) -> str:
    """Return anything JSON can write, packed so that a browser can unpack it (raw deflate in base64)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(packer.compress(text) + packer.flush()).decode("ascii")


def unpacked(text: str) -> Any:
    """Return what :func:`packed` packed."""
    return json.loads(zlib.decompress(base64.b64decode(text), -15))


def archive_of(chapters: list[Chapter]) -> str:
    """Return the data of all figures and tables as one ZIP in base64, the same bytes on any day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for content in _items(chapters):
            archive.writestr(zipfile.ZipInfo(f"{content['name']}.csv"), content["csv"], zipfile.ZIP_DEFLATED, 9)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _items(chapters: list[Chapter]) -> Iterator[dict]:
    """Give the content of every figure and table of the page."""
    for chapter in chapters:
        yield from (block.content for block in chapter.blocks if block.kind in ("figure", "table"))


def _name_plots(chapters: list[Chapter], t: Bilingual) -> dict[str, list]:
    """Number the statements, name the drawings, and return what can be read off each, wide and for a phone."""
    marks: dict[str, list] = {}
    for content in _items(chapters):
        for panel in content.get("panels") or [content]:
            panel["plot"] = content["name"] if panel is content else f"{content['name']}-{panel['code'].lower()}"
            if panel.get("marks"):
                marks[panel["plot"]] = t.readout(panel["marks"], panel["marks_narrow"])
    answers = (block for chapter in chapters for block in chapter.blocks if block.kind == "answer")
    for number, block in enumerate(answers, start=1):
        block.content["number"] = number
    return marks


def sources_of(data: list[dict]) -> list[dict]:
    """Return the producers of the raw files, numbered, with how many files each and when they were read."""
    out = []
    for producer in dict.fromkeys(file["producer"] for file in data):
        files = [file for file in data if file["producer"] == producer]
        days = sorted({file["date_accessed"] for file in files})
        read = " to ".join(day_name(day) for day in dict.fromkeys([days[0], days[-1]]))
        short = short_producer(producer)
        urls = dict.fromkeys(file["url"] for file in files if file.get("url", "").startswith(("https://", "http://")))
        out.append({"producer": short[:1].upper() + short[1:], "short": short, "urls": list(urls),
                    "long": "" if producer.startswith(short) else producer,
                    "told": f"{len(files)} {'file' if len(files) == 1 else 'files'}, read {read}"})  # fmt: skip
    return [source | {"number": number} for number, source in enumerate(out, start=1)]


def cited(stamp: dict) -> tuple[str, str]:
    """Return how to cite a report, in words and as BibTeX."""
    month, days = stamp["parameters"]["month"], sorted({file["date_accessed"] for file in stamp["data"]})
    day = days[-1] if days else f"{month}-01"
    words = (
        f"The export-diversion authors ({day[:4]}): {QUESTION} Report for {month_name(month)}, figures read to "
        f"{day_name(day)}, stamp {stamp['stamp']}."
    )
    bibtex = (
        f"@techreport{{exportdiversion{month.replace('-', '')},\n  author = {{{{The export-diversion authors}}}},\n"
        f"  title = {{{QUESTION} {month_name(month)}}},\n"
        f"  year = {{{day[:4]}}},\n  note = {{figures read to {day}, stamp {stamp['stamp']}}}\n}}"
    )
    return words, bibtex


def with_classes(page: str) -> tuple[str, str]:
    """Turn the styles of single elements into classes, so that the page's policy can forbid styles it does not know."""
    known: dict[str, str] = {}

    def turn(found: re.Match) -> str:
        name = known.setdefault(found.group(1), f"s{len(known)}")
        return f' class="{name}"'

    page = re.sub(r' style="([^"]*)"', turn, page)
    return page, "".join(f".{name}{{{html.unescape(rule)}}}" for rule, name in known.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def finished(page: str, t: Bilingual, marks: dict[str, list], more_style: str = "") -> str:
    """Put style, script and packed content into a drawn page, and the policy that allows these and nothing else.

    Parameters
    ----------
    page
        The page as its template has it.
    t
        What drew its texts.
    marks
        What can be read off its drawings, by their names.
    more_style
        Rules of this page besides those of all.
    """
    page, rules = with_classes(without_indents(page))
    rules += f"@media screen and (max-width:44rem){{{''.join(t.rules)}}}{more_style}"
    words = {english: t.both(english)[1] for english in SCRIPT_WORDS}
    content = {"texts": t.others, "attributes": t.other_attributes, "marks": marks, "words": words}
    t.translator.keep()
    sheet, script = f"\n{style()}{rules}\n", (TEMPLATES / "page.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(sheet)}; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {
        'content="@policy@': policy, "<style>@style@": sheet, 'id="packed">@packed@': packed(content),
        "<script>@script@": script,
    }  # fmt: skip
    # the mark before each is none that a text can hold
    return re.sub("|".join(parts), lambda found: found.group().partition("@")[0] + parts[found.group()], page)


def _write_data(file: Path, text: str) -> None:
    """Write the data of a figure or table, unless its name is that of another table of the run."""
    if file.exists() and file.read_text(encoding="utf-8") != text:
        raise Refusal(f'"{file.stem}" names a table of the run and a figure or table with other rows',
                      expected="a name of its own for each", remedy="rename the figure", exit_code=1)  # fmt: skip
    file.write_text(text, encoding="utf-8", newline="\n")


def render(
    notebooks: list[Path], *, stamp: dict, title: str, out: Path, finding: str = "", data_dir: Path | None = None,
    since: dict | None = None, notice: tuple[str, str] | None = None, banners: Sequence[tuple[str, str]] = (),
) -> Path:  # fmt: skip
    """Draw the page.

    Parameters
    ----------
    notebooks
        Executed notebooks in reading order, the summary first.
    stamp
        ``stamp``, ``sha256``, ``code``, ``lock``, ``parameters`` and ``data`` of the run.
    title
        Title of the page, with the month.
    out
        The HTML file.
    finding
        The finding in one sentence, for those who list the page.
    data_dir
        Folder for the CSV of every figure and table.
    since
        What changed since an earlier report: ``month`` (in words), ``first`` (one sentence) and ``rows``, each with
        ``quantity``, ``before``, ``after`` and ``why``.
    notice
        Markdown of a correction in English and in German, shown above everything.
    banners
        The same for what else a reader has to know before the answer, below it.

    Returns
    -------
    pathlib.Path
        ``out``.
    """
    chapters = read_chapters(notebooks)
    coloured = Memory("coloured", made_by(typesetting.__file__, package="pygments"))
    t = Bilingual(stamp["parameters"].get("language", "en"))
    marks = _name_plots(chapters, t)
    sources = sources_of(stamp["data"])
    citation, bibtex = cited(stamp)
    page = template().render(
        t=t, code=lambda text: Markup(coloured.recall(text, code)), title=title, held=held(stamp),
        finding=finding, site=stamp["parameters"].get("site", ""),
        summary=chapters[0], chapters=chapters[1:], stamp=stamp, closing=CLOSING, since=since, notice=notice,
        banners=banners,
        assumptions=assumptions(), terms=terms(), sources_listed=sources, citation=citation, bibtex=bibtex,
        notes={source["short"]: source["number"] for source in sources}, archive=archive_of(chapters),
    )  # fmt: skip
    coloured.save()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(finished(page, t, marks), encoding="utf-8", newline="\n")
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
        for item in _items(chapters):
            _write_data(data_dir / f"{item['name']}.csv", item["csv"])
    return out
