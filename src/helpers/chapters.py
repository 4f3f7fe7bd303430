"""Read executed notebooks into chapters: what the page shows, in reading order, still in plain words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers.bilingual import SVG_TEXT
from helpers.refusals import Refusal
from helpers.steps import source
from helpers.typesetting import blocks

FIGURE, TABLE, TILES = (f"application/vnd.diversion.{kind}+json" for kind in ("figure", "table", "tiles"))
COLUMN_KINDS = {"numeric": "number", "key": "key", "long": "long"}
SAID = {"answer", "lede"}  # sentences of the summary
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
    answer: str = ""  # what a cell tagged "finding" shows: the title of a figure or table, or a sentence

    @property
    def blocks(self) -> list[Block]:
        """All blocks in reading order."""
        return [*self.lead, *(block for section in self.sections for block in section.blocks)]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give every text a reader sees, with the kind of place it stands in."""
        yield "heading", self.title
        for section in self.sections:
            yield "heading", section.title
        for block in self.blocks:
            yield from texts_of(block)


def texts_of(block: Block) -> Iterator[tuple[str, str]]:
    """Give the texts of one block."""
    content = block.content
    if "markdown" in content:
        yield from ((block.kind, part) for part in blocks(content["markdown"]))
    for tile in content.get("tiles", ()):
        yield from (("tile", tile[part]) for part in ("label", "value", "detail"))
    for part in ("title", "subtitle", "note", "source", "alt"):
        if content.get(part):
            yield part, content[part]
    for panel in (content, *content.get("panels", ())):
        for drawing in (panel.get("svg", ""), panel.get("svg_narrow", "")):
            yield from (("drawing", html.unescape(found.group(2))) for found in SVG_TEXT.finditer(drawing))
        yield from (("drawing", noted["name"]) for noted in panel.get("marks", ()))
    yield from (("cell", panel[part]) for panel in content.get("panels", ()) for part in ("name", "told"))
    yield from (("head", column["text"]) for column in content.get("head", ()))
    yield from (("cell", cell["text"]) for row in content.get("rows", ()) for cell in row)


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
        text = source(cell)
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
                    current.append(Block("prose", {"markdown": body}))
            continue
        found = [block for output in cell.get("outputs", []) for block in _blocks(output, notebook, counters)]
        if tags & FORM_TAGS:
            chapter.setup.append(text)
            continue
        for kind in tags & SAID:
            found = [Block(kind, block.content) if block.kind == "prose" else block for block in found]
        current.extend(found)
        if found and found[-1].kind in ("figure", "table"):
            found[-1].content["code"] = text
        elif text.strip():
            current.append(Block("code", {"code": text}))
        if "finding" in tags and found:
            content = found[0].content
            chapter.answer = content.get("title") or content["markdown"].replace("**", "")
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
            usual = {"svg": "", "svg_narrow": "", "code": "", "panels": [], "marks": []}
            content = usual | data[mime] | {"number": counters[kind]}
            return [Block(kind, content | (_kinds(content) if kind == "table" else {}))]
    if TILES in data:
        return [Block("tiles", data[TILES])]
    if "text/markdown" in data:
        return [Block("prose", {"markdown": "".join(data["text/markdown"])})]
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


def code_with_items(found: list[Block]) -> list[Block]:
    """Fold code that shows nothing, or one sentence, into the code of the next figure or table; what is left goes last.

    A section then has one quiet mark for its code under each figure and table, and at most one besides.
    """
    out, waiting = [], []
    for block in found:
        if block.kind == "code":
            waiting.append(block.content["code"])
            continue
        if block.kind in ("figure", "table") and block.content["code"] and waiting:
            block = Block(block.kind, block.content | {"code": "\n\n".join([*waiting, block.content["code"]])})
            waiting = []
        out.append(block)
    return [*out, Block("code", {"code": "\n\n".join(waiting)})] if waiting else out


def check_names(chapters: list[Chapter]) -> None:
    """Refuse a page on which two figures or tables share a name, or one has a name that no file should have."""
    seen: dict[str, str] = {}
    for chapter in chapters:
        for block in chapter.blocks:
            if block.kind in ("figure", "table"):
                name = block.content["name"]
                if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):  # it becomes the name of a file
                    raise Refusal(f'"{name}" cannot name a figure or table', expected="letters, figures, _ and -",
                                  remedy="rename it", exit_code=1)  # fmt: skip
                if name in seen:
                    raise Refusal(
                        f'"{name}" names two figures or tables, in {seen[name]} and {chapter.anchor}',
                        expected="a name of its own for each", remedy="rename one", exit_code=1,
                    )  # fmt: skip
                seen[name] = chapter.anchor
