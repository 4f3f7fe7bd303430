"""Set text as a printer would: fine marks, Markdown with formulas, coloured Python."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Number, Operator, String

# Dollars around a formula touch it, and none stands beside a letter or before a figure: "US$5 and $10" is money.
FORMULA = r"(?<![\\\w$])\$(?=[^\s$])([^$\n]*?)(?<=\S)\$(?![\w$])"
MARK = re.compile(r"FORMULA(\d+)END")  # where a formula goes when the Markdown around it is drawn
ACTIVE = {"href", "style", "class", "id"}  # what a formula can give its parts and a page does not take from it
CHARACTER = re.compile(r"&amp;(#x[0-9A-Fa-f]{1,6};)")  # the library writes signs as references
QUOTES = {"en": "“”‘’", "de": "„“‚‘"}
COLOURED = ((Comment, "c"), (String, "s"), (Number, "m"), (Keyword, "k"), (Operator.Word, "k"))


def fine(text: str) -> str:
    """Set plain text as a printer would: curved apostrophes, no line broken in a date, a short pair or before a %."""
    text = re.sub(r"(?<=\w)'", "’", text)
    text = re.sub(r"(?<=\d) (?=%)|(?<=\d) (?== \d)|(?<=\d =) (?=\d)", "\u00a0", text)
    text = text.replace("-%-", "\u2011%\u2011")
    text = re.sub(r"\b([a-z]{2,4})-(?=[a-z]{2,4}\b)", "\\1\u2011", text)
    return re.sub(r"\b(\d{4})-(\d{2})-(\d{2})\b", "\\1\u2011\\2\u2011\\3", text)


@lru_cache(maxsize=20000)
def inline(text: str, _language: str = "en") -> Markup:
    """Set plain text; a name without blanks, such as a file's, may break after an underscore."""
    set_ = str(escape(fine(text)))
    return Markup(set_ if " " in text else set_.replace("_", "_<wbr>"))


@cache
def _markdown(language: str) -> MarkdownIt:
    options = {"html": False, "typographer": True, "quotes": QUOTES[language]}
    # a picture would be fetched from where it lies: the page shows none but its own drawings
    return MarkdownIt("commonmark", options).enable(["table", "smartquotes"]).disable("image")


def blocks(text: str) -> list[str]:
    """Cut Markdown into its paragraphs, lists and tables."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def formula(text: str) -> str | None:
    """Return a formula as MathML in which words stay words, whatever they are; None for what cannot be set."""
    from xml.etree import ElementTree

    from latex2mathml.converter import convert_to_element

    try:
        tree = convert_to_element(text)
    except Exception:  # the library has no common error for what is no formula
        return None
    for element in tree.iter():
        for name in ACTIVE.intersection(element.keys()):
            del element.attrib[name]
    return CHARACTER.sub(r"&\1", ElementTree.tostring(tree, encoding="unicode"))


def prose(text: str, language: str = "en") -> Markup:
    """Turn Markdown into HTML; raw HTML in it is shown, not obeyed; formulas become MathML."""
    formulas: list[tuple[str, str]] = []  # as drawn, and as written

    def keep(found: re.Match) -> str:
        if (drawn := formula(found.group(1))) is None:
            return found.group()
        formulas.append((drawn, str(escape(found.group()))))
        return f"FORMULA{len(formulas) - 1}END"

    def put(found: re.Match) -> str:
        if found.group(1) is None:  # a tag: in what it carries, such as an address, a formula is what was written
            return MARK.sub(lambda mark: formulas[int(mark.group(1))][1], found.group())
        return formulas[int(found.group(1))][0]

    text = re.sub(r"(?<=\d) (?=%)", "\u00a0", text).replace("-%-", "\u2011%\u2011")
    text = MARK.sub(r"FORMULA\1 END", text)  # what looks like a mark and is none
    drawn = _markdown(language).render(re.sub(FORMULA, keep, text))
    return Markup((re.sub(rf"<[^>]*>|{MARK.pattern}", put, drawn) if formulas else drawn).strip())


def without_indents(page: str) -> str:
    """Return HTML with one end of line where several, or one with blanks, stood before a tag; as fast for any text."""
    return re.sub(r"(?<!\s)\s++(?=<)", lambda found: "\n" if "\n" in found.group() else found.group(), page)


def code(text: str) -> Markup:
    """Colour Python: strings, numbers, comments and keywords, each by one letter."""
    out: list[tuple[str, str]] = []
    for token, piece in PythonLexer().get_tokens(text):
        kind = next((letter for family, letter in COLOURED if token in family), "")
        if out and (out[-1][0] == kind or not piece.strip()):
            out[-1] = (out[-1][0], out[-1][1] + piece)
        else:
            out.append((kind, piece))
    drawn = (f"<span class={kind}>{escape(piece)}</span>" if kind else str(escape(piece)) for kind, piece in out)
    return Markup("".join(drawn).rstrip())
