"""Answers as text, tables, records: HTML, CSV and JSON read strictly, or refused with one error."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from helpers.sources.contract import Ask, RefusedAnswer
from helpers.sources.printed import tidy

WIDEST, LONGEST = 200, 5_000


@dataclass(frozen=True)
class Page:
    """An HTML page: its title, its tables as grids of tidy text, its links, whether it shows a picture and is whole."""

    title: str
    tables: list[list[list[str]]]
    links: list[list[list[tuple[str, str]]]]
    has_picture: bool
    text: str
    options: tuple[str, ...]
    is_whole: bool


def as_text(ask: Ask, body: bytes) -> str:
    """Decode an answer; anything but UTF-8 is refused."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedAnswer(
            "encoding", f"{ask.name}: byte {error.start} is not UTF-8", expected="UTF-8 text"
        ) from error
    if "\0" in text:
        raise RefusedAnswer("encoding", f"{ask.name}: a zero byte", expected="UTF-8 text")
    return text


def looks_like_html(text: str) -> bool:
    """Tell whether an answer is a page, as a gateway gives instead of figures."""
    start = text.lstrip()[:200].lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<body")) or (
        start.startswith("<") and "<html" in text[:2000].lower()
    )


def as_rows(ask: Ask, body: bytes, needed: tuple[str, ...], *, labelled: bool = False) -> list[dict[str, str]]:
    """Read CSV by column name.

    Parameters
    ----------
    needed
        Columns that must be there, in any order. Others are attributes: they change nothing about a figure, and if one
        of them were a dimension its cells would stand twice and be refused.
    labelled
        Whether a column's code is followed by a colon and its label.

    Raises
    ------
    RefusedAnswer
        If it is a page or XML, a column is missing or named twice, or a row has another number of cells.
    """
    text = as_text(ask, body)
    if text.lstrip().startswith("<"):
        raise RefusedAnswer(
            "gateway page" if looks_like_html(text) else "format", f"{ask.name}: {text.lstrip()[:80]!r}",
            expected="CSV",
        )  # fmt: skip
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise RefusedAnswer("truncated", f"{ask.name}: CSV breaks off: {error}", expected="whole CSV") from error
    if not lines:
        raise RefusedAnswer("format", f"{ask.name}: an empty answer", expected="CSV with a header")
    header = [(name.partition(":")[0] if labelled else name).strip() for name in lines[0]]
    missing = [name for name in needed if name not in header]
    repeated = sorted({name for name in needed if header.count(name) > 1})
    if missing or repeated:
        raise RefusedAnswer(
            "columns", f"{ask.name}: columns missing: {missing or 'none'}; named twice: {repeated or 'none'}; "
            f"found: {', '.join(header)[:200]}", expected=", ".join(needed), row=1,
        )  # fmt: skip
    if header[-1] == "OBS_VALUE" and not text.endswith(("\n", "\r")):
        raise RefusedAnswer("truncated", f"{ask.name}: the last figure may be cut", expected="an end of the last line")
    for line, row in enumerate(lines[1:], start=2):
        if row and len(row) != len(header):
            raise RefusedAnswer(
                "truncated", f"{ask.name}: {len(row)} cells", expected=f"{len(header)} cells", row=line
            )  # fmt: skip
    return [dict(zip(header, row, strict=True)) for row in lines[1:] if row]


def as_json(ask: Ask, body: bytes) -> Any:
    """Read JSON; a page, or JSON that breaks off, is refused."""
    text = as_text(ask, body)
    if text.lstrip().startswith("<"):
        raise RefusedAnswer(
            "gateway page" if looks_like_html(text) else "format", f"{ask.name}: {text.lstrip()[:80]!r}",
            expected="JSON",
        )  # fmt: skip
    try:
        answer = json.loads(text, parse_constant=lambda name: None)
        if re.search(r"\\u[dD][89a-fA-F]", text):
            json.dumps(answer, ensure_ascii=False).encode()
        return answer
    except UnicodeEncodeError as error:
        raise RefusedAnswer("encoding", f"{ask.name}: half of a character", expected="UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise RefusedAnswer("truncated", f"{ask.name}: JSON breaks off: {error}", expected="whole JSON") from error


def as_page(ask: Ask, body: bytes) -> Page:
    """Read an HTML page.

    Raises
    ------
    RefusedAnswer
        If it is no page, or its tables are wider or longer than any that an office prints.
    """
    from lxml import etree, html

    text = as_text(ask, body)
    if "<" not in text:
        raise RefusedAnswer("format", f"{ask.name}: {text.strip()[:80]!r}", expected="an HTML page")
    try:
        tree = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", remove_comments=True,
                                                                               remove_pis=True))  # fmt: skip
        for junk in tree.xpath("//script|//style"):
            junk.drop_tree()
        grids = [_grid(ask, table) for table in tree.iter("table")]
        heads = tree.xpath("//title") or tree.xpath("//h1")
        return Page(
            tidy(heads[0].text_content()) if heads else "",
            [texts for texts, _ in grids],
            [links for _, links in grids],
            bool(tree.xpath("//*[contains(@class,'atcl-cnt')]//img") or tree.xpath("//body//img[not(ancestor::a)]")),
            tidy(tree.text_content()),
            tuple(tidy(option.text_content()) for option in tree.iter("option")),
            "</html" in text.lower() or text.lower().rfind("</table") > text.lower().rfind("<tr"),
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise RefusedAnswer("format", f"{ask.name}: no page: {error}", expected="an HTML page") from error


def _grid(ask: Ask, table: Any) -> tuple[list[list[str]], list[list[tuple[str, str]]]]:
    """Return the text of a table, a cell that spans several as often as it spans, and the links of each row."""
    texts: list[list[str]] = []
    links: list[list[tuple[str, str]]] = []
    open_below: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        if next(row.iterancestors("table"), None) is not table:
            continue
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            _fill(cells, open_below)
            text = tidy(cell.text_content())
            across, down = _span(cell.get("colspan")), _span(cell.get("rowspan"))
            for _ in range(across):
                if down > 1:
                    open_below[len(cells)] = (down - 1, text)
                cells.append(text)
            _check_bounds(ask, cells, texts)
        _fill(cells, open_below)
        _check_bounds(ask, cells, texts)
        texts.append(cells)
        links.append([(tidy(link.text_content()), link.get("href") or "") for link in row.iter("a")])
    return texts, links


def _check_bounds(ask: Ask, cells: list[str], texts: list[list[str]]) -> None:
    if len(cells) > WIDEST or len(texts) > LONGEST:
        raise RefusedAnswer("format", f"{ask.name}: a table beyond bounds", expected=f"{WIDEST} columns at most")


def _fill(cells: list[str], open_below: dict[int, tuple[int, str]]) -> None:
    while len(cells) in open_below and len(cells) <= WIDEST:
        left, text = open_below.pop(len(cells))
        if left > 1:
            open_below[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(text: str | None) -> int:
    return min(int(text), WIDEST) if text and text.isascii() and text.isdigit() and int(text[:4]) > 0 else 1
