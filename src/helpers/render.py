"""Draw the page: executed notebooks in, one self-contained HTML file out, the same bytes for the same notebooks.

Nothing on the page is fetched: style, typeface, figures and data are inside it. Nothing depends on the day, the folder
or the machine: papermill's times and ids are not read.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers.months import day_name, month_name
from helpers.refusals import Refusal

TEMPLATES = Path(__file__).with_name("templates")
FONTS = Path(__file__).with_name("fonts")
FIGURE, TABLE, TILES = (f"application/vnd.diversion.{kind}+json" for kind in ("figure", "table", "tiles"))
# Dollars around a formula touch it, and none stands beside a letter or before a figure: "US$5 and $10" is money.
FORMULA = r"(?<![\\\w$])\$(?=[^\s$])([^$\n]*?)(?<=\S)\$(?![\w$])"
COLUMN_KINDS = {"numeric": "number", "key": "key", "long": "long"}
FORM_TAGS = {"parameters", "injected-parameters", "setup"}


@dataclass
class Block:
    """One thing on the page: prose, sentence, figure, table, tiles, text or code."""

    kind: str
    content: dict


@dataclass
class Section:
    """A heading and what stands under it."""

    anchor: str
    title: str
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Chapter:
    """One notebook: its question, its lead, its sections, and the code that sets it up."""

    anchor: str
    number: int
    title: str
    lead: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    setup: list[str] = field(default_factory=list)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"])


def fine(text: str) -> str:
    """Set plain text as a printer would: curved apostrophes, no line broken in a date, a short pair or before a %."""
    text = re.sub(r"(?<=\w)'", "’", text)
    text = re.sub(r"(?<=\d) (?=%)", "\u00a0", text)
    text = re.sub(r"\b([a-z]{2,4})-(?=[a-z]{2,4}\b)", "\\1\u2011", text)
    return re.sub(r"\b(\d{4})-(\d{2})-(\d{2})\b", "\\1\u2011\\2\u2011\\3", text)


def cell(text: str) -> Markup:
    """Set the text of a cell; a name without blanks, such as a file's, may break after an underscore."""
    return Markup(str(escape(fine(text))).replace("_", "_<wbr>")) if " " not in text else Markup(escape(fine(text)))


def prose(text: str) -> str:
    """Turn Markdown into HTML; raw HTML in it is shown, not obeyed; formulas become MathML."""
    from latex2mathml.converter import convert

    formulas: list[str] = []

    def keep(found: re.Match) -> str:
        formulas.append(convert(found.group(1)))
        return f"FORMULA{len(formulas) - 1}END"

    drawn = _markdown().render(re.sub(FORMULA, keep, re.sub(r"(?<=\d) (?=%)", "\u00a0", text)))
    for number, formula in enumerate(formulas):
        drawn = drawn.replace(f"FORMULA{number}END", formula)
    return drawn


def _source(cell: dict) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def code(text: str) -> str:
    """Colour Python by classes."""
    return highlight(text, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()


def read_chapter(notebook: Path, number: int, counters: dict[str, int]) -> Chapter:
    """Read an executed notebook.

    Parameters
    ----------
    notebook
        The executed ``.ipynb``.
    number
        Its place on the page, 0 for the summary.
    counters
        Figures and tables so far; they are numbered through.

    Raises
    ------
    Refusal
        If a cell ended in an error, or the notebook has no title.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    chapter = Chapter(anchor=notebook.stem.partition("_")[2].replace("_", "-"), number=number, title="")
    current: list[Block] = chapter.lead
    for cell in cells:
        tags = set(cell["metadata"].get("tags", []))
        text = _source(cell)
        if cell["cell_type"] == "markdown":
            for part in re.split(r"(?m)^(?=#{1,2} )", text):
                heading = re.match(r"(#{1,2}) (.+)\n?", part)
                body = part[heading.end() :].strip() if heading else part.strip()
                if heading and heading.group(1) == "#":
                    chapter.title = heading.group(2).strip()
                elif heading:
                    title = heading.group(2).strip()
                    anchor = f"{chapter.anchor}-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}"
                    chapter.sections.append(Section(anchor, title))
                    current = chapter.sections[-1].blocks
                if body:
                    current.append(Block("prose", {"html": prose(body)}))
            continue
        blocks = [block for output in cell.get("outputs", []) for block in _blocks(output, notebook, counters)]
        if tags & FORM_TAGS:
            chapter.setup.append(code(text))
            continue
        if "answer" in tags:
            blocks = [Block("answer", block.content) if block.kind == "prose" else block for block in blocks]
        current.extend(blocks)
        if blocks and blocks[-1].kind in ("figure", "table"):
            blocks[-1].content["code"] = code(text)
        elif text.strip():
            current.append(Block("code", {"html": code(text)}))
    if not chapter.title:
        raise Refusal("the notebook has no title", expected="a first line `# A question`", remedy="give it one",
                      file=f"notebooks/{notebook.name}", exit_code=1)  # fmt: skip
    return chapter


def _blocks(output: dict, notebook: Path, counters: dict[str, int]) -> list[Block]:
    if output["output_type"] == "error":
        raise Refusal(
            f"{output['ename']}: {output['evalue']}", expected="a notebook that ran to its end",
            remedy="mend the cell", file=f"notebooks/{notebook.name}", exit_code=1,
        )  # fmt: skip
    if output["output_type"] == "stream":
        text = "".join(output["text"])
        return [Block("text", {"text": text.rstrip()})] if output["name"] == "stdout" and text.strip() else []
    data = output.get("data", {})
    for kind, mime in (("figure", FIGURE), ("table", TABLE)):
        if mime in data:
            counters[kind] += 1
            content = data[mime]
            link = base64.b64encode(content["csv"].encode("utf-8")).decode("ascii")
            added = {"number": counters[kind], "data": f"data:text/csv;base64,{link}", "code": ""}
            added |= _kinds(content) if kind == "table" else {}
            return [Block(kind, {"svg_narrow": ""} | content | added)]
    if TILES in data:
        return [Block("tiles", data[TILES])]
    if "text/markdown" in data:
        return [Block("prose", {"html": prose("".join(data["text/markdown"]))})]
    text = "".join(data.get("text/plain", ""))
    return [Block("text", {"text": text})] if text else []


def _kinds(table: dict) -> dict:
    """Return the classes of a table and of its columns: how wide it is, whether a phone shows cards, what aligns."""
    size = len(table["head"])
    kinds = {"dense": size > 8, "wide": size > 5, "middle": 3 < size <= 5, "stacked": table["stacked"],
             "flow": table["stacked"] and size > 4}  # fmt: skip
    head = [
        column | {"kinds": " ".join(word for kind, word in COLUMN_KINDS.items() if column.get(kind))}
        for column in table["head"]
    ]
    return {"kinds": " ".join(kind for kind, is_so in kinds.items() if is_so), "head": head}


def answer_first(lead: list[Block]) -> list[Block]:
    """Order the summary's lead for a reader in a hurry: first sentence, key numbers, the other words, then the code."""
    tiles = [block for block in lead if block.kind == "tiles"]
    sources = [block.content["html"] for block in lead if block.kind == "code"]
    words = [block for block in lead if block.kind not in ("tiles", "code")]
    first = next((number for number, block in enumerate(words, start=1) if block.kind == "answer"), 0)
    behind = [Block("code", {"html": "\n\n".join(sources)})] if sources else []
    return [*words[:first], *tiles, *words[first:], *behind]


def code_with_items(blocks: list[Block]) -> list[Block]:
    """Fold code that shows nothing, or one sentence, into the code of the next figure or table; what is left goes last.

    A section then has one quiet mark for its code under each figure and table, and at most one besides.
    """
    out, waiting = [], []
    for block in blocks:
        if block.kind == "code":
            waiting.append(block.content["html"])
            continue
        if block.kind in ("figure", "table") and block.content["code"] and waiting:
            block = Block(block.kind, block.content | {"code": "\n\n".join([*waiting, block.content["code"]])})
            waiting = []
        out.append(block)
    return [*out, Block("code", {"html": "\n\n".join(waiting)})] if waiting else out


def held(stamp: dict) -> str:
    """Say the last month that all sides hold and when the figures were read, from the stamp of the run."""
    told = f"all sides to {month_name(stamp['parameters']['month'])}"
    days = sorted({file["date_accessed"] for file in stamp["data"]})
    if not days:
        return told
    read = " to ".join(day_name(day) for day in dict.fromkeys([days[0], days[-1]]))
    return f"{told}, read {read}"


def check_names(chapters: list[Chapter]) -> None:
    """Refuse a page on which two figures or tables share a name: their data would overwrite each other."""
    seen: dict[str, str] = {}
    for chapter in chapters:
        for block in every_block(chapter):
            if block.kind in ("figure", "table"):
                name = block.content["name"]
                if name in seen:
                    raise Refusal(
                        f'"{name}" names two figures or tables, in {seen[name]} and {chapter.anchor}',
                        expected="a name of its own for each", remedy="rename one", exit_code=1,
                    )  # fmt: skip
                seen[name] = chapter.anchor


def every_block(chapter: Chapter) -> list[Block]:
    """Return all blocks of a chapter in reading order."""
    return [*chapter.lead, *(block for section in chapter.sections for block in section.blocks)]


def font_face(cut: str, weight: int, slope: str) -> str:
    """Return the style rule that carries one cut of the typeface inside it."""
    data = base64.b64encode((FONTS / f"DiversionSans-{cut}.woff2").read_bytes()).decode("ascii")
    return (
        f"@font-face{{font-family:'Diversion Sans';font-weight:{weight};font-style:{slope};font-display:block;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


def style() -> str:
    """Return the page's style sheet with the typeface inside."""
    cuts = (("Regular", 400, "normal"), ("SemiBold", 600, "normal"), ("Italic", 400, "italic"))
    faces = [font_face(*cut) for cut in cuts]
    return "\n".join([*faces, (TEMPLATES / "page.css").read_text(encoding="utf-8")])


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters |= {"fine": fine, "cell": cell}
    return environment.get_template("page.html.j2")


def get_ready() -> None:
    """Do once what every page needs: compile the template, the rules of the colours and of the formulas."""
    _template()
    code("def f(x: int = 1):\n    return [x, 'a', f\"{x}\"]  # b")
    prose("*a* $x^2$")


def render(notebooks: list[Path], *, stamp: dict, title: str, out: Path, data_dir: Path | None = None) -> Path:
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
    data_dir
        Folder for the CSV of every figure and table.

    Returns
    -------
    pathlib.Path
        ``out``.
    """
    counters = {"figure": 0, "table": 0}
    chapters = [read_chapter(notebook, number, counters) for number, notebook in enumerate(notebooks)]
    check_names(chapters)
    chapters[0].lead = answer_first(chapters[0].lead)
    for chapter in chapters:
        chapter.lead = code_with_items(chapter.lead)
        for section in chapter.sections:
            section.blocks = code_with_items(section.blocks)
    page = _template().render(
        title=title, question=title.partition("?")[0] + "?", held=held(stamp),
        summary=chapters[0], chapters=chapters[1:], stamp=stamp, style=style(),
    )  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(re.sub(r"[ \t]+\n", "\n", page), encoding="utf-8", newline="\n")
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
        for chapter in chapters:
            for block in every_block(chapter):
                if block.kind in ("figure", "table"):
                    file = data_dir / f"{block.content['name']}.csv"
                    file.write_text(block.content["csv"], encoding="utf-8", newline="\n")
    return out
