"""What helps to read the page, taken from the documents: terms with their meaning, assumptions with their rating."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from helpers import paths

GLOSSARY, ASSUMPTIONS = paths.ROOT / "docs" / "glossary.md", paths.ROOT / "docs" / "assumptions.md"
FORMS = Path(__file__).parent / "locale" / "term_forms.csv"
RATINGS = {"green": "good", "amber": "warn", "red": "bad"}


class Term(NamedTuple):
    """A term of the glossary."""

    anchor: str
    name: str
    text: str


class Assumption(NamedTuple):
    """An assumption with its two ratings, each with the colour of its label."""

    anchor: str
    text: str
    quality: str
    quality_badge: str
    impact: str
    impact_badge: str


def _text(document: Path) -> str:
    """Return a document, or nothing where a checkout has none."""
    return document.read_text(encoding="utf-8") if document.exists() else ""


def anchor_of(name: str) -> str:
    """Return the place of a term on the page."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def without_links_to_terms(text: str) -> str:
    """Return a text of the documents without its links to the glossary: the page sets its own."""
    return re.sub(r"\[([^\]]+)\]\((?:[\w./-]*/)?glossary\.md#[\w-]+\)", r"\1", text)


@cache
def terms() -> list[Term]:
    """Return the terms of the glossary in its order."""
    found = re.findall(r"(?ms)^## (.+?)\n\n(.+?)(?=\n\n|\Z)", _text(GLOSSARY))
    return [Term(anchor_of(name), name, " ".join(text.split())) for name, text in found]


@cache
def assumptions() -> list[Assumption]:
    """Return the assumptions in their order."""
    text = without_links_to_terms(_text(ASSUMPTIONS))
    rated = re.findall(r"(?m)^\| \[A\d+\]\(#(a\d+)\) \| .+? \| (\w+) \| (\w+) \|$", text)
    said = dict(re.findall(r"(?ms)^## A(\d+)\n\*\*Assumption\.\*\* (.+?)\n", text))
    return [
        Assumption(f"assumption-{number}", said[number[1:]], quality, RATINGS[quality], impact, RATINGS[impact])
        for number, quality, impact in rated
    ]


@cache
def forms(language: str) -> dict[str, str]:
    """Return the words under which the terms stand in texts of a language, each with the place of its term."""
    known = {term.name: term.anchor for term in terms()}
    with FORMS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["term"] in known]
    return {form: known[row["term"]] for row in rows for form in row[language].split("|") if form}


@cache
def _pattern(language: str) -> re.Pattern:
    words = sorted(forms(language), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, words))})(?![\w-])")


def with_terms(html: str, language: str, seen: set[str]) -> str:
    """Link the first use of every term that ``seen`` does not hold yet; links, code and formulas are left alone."""
    if not forms(language):
        return html
    out, closed_by = [], ""
    for piece in re.split(r"(<[^>]+>)", html):
        if piece.startswith("<"):
            tag = re.match(r"</?(\w+)", piece)
            if closed_by and piece == closed_by:
                closed_by = ""
            elif not closed_by and tag and tag.group(1) in ("a", "code", "math") and not piece.startswith("</"):
                closed_by = f"</{tag.group(1)}>"
            out.append(piece)
            continue
        out.append(piece if closed_by else _pattern(language).sub(lambda found: _link(found, language, seen), piece))
    return "".join(out)


def _link(found: re.Match, language: str, seen: set[str]) -> str:
    place = forms(language)[found.group(1)]
    if place in seen:
        return found.group(1)
    seen.add(place)
    return f'<a class="term" href="#{place}">{found.group(1)}</a>'
