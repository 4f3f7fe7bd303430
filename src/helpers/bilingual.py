"""Every text of the page in two languages: the one it opens in, and the other behind the switch."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from markupsafe import Markup, escape

from helpers.reading_aids import with_terms
from helpers.translation import LANGUAGES, translator_for
from helpers.typesetting import blocks, fine, inline, prose

SVG = "http://www.w3.org/2000/svg"
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")  # the script names months itself
NOT_IN_STYLE = re.compile(r'[\\"<>&\0-\x1f\x7f]')  # what would end the text, its line or the style sheet: by number
SVG_TEXT = re.compile(r"(<text\b[^>]*)>([^<]+)</text>")


class Bilingual:
    """Draws texts for the template in the language of the page and keeps the other language in page order.

    A text becomes the end of an opening tag and its content: ``<p{{ t.text(title) }}</p>``. An element whose two
    languages differ is marked ``data-t`` and its other form is the next of :attr:`others`; so the page's script finds
    every text to turn without a name on it. Attributes are marked ``data-a``.

    Parameters
    ----------
    language
        The language the page opens in.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.other = next(known for known in LANGUAGES if known != language)
        self.others: list[str] = []
        self.other_attributes: list[str] = []
        self.rules: list[str] = []  # of the style sheet for phones
        self.translator = translator_for("de")
        self._drawings = self._cards = 0
        self._seen: dict[str, set[str]] = {known: set() for known in LANGUAGES}  # terms linked in this chapter

    def _forms(self, raw: str, draw: Callable[[str, str], str]) -> tuple[str, str]:
        """Return the text in the page's language and in the other."""
        forms = {"en": str(draw(raw, "en"))}
        said = self.translator.say(raw)
        forms["de"] = forms["en"] if said == raw else str(draw(said, "de"))
        return forms[self.language], forms[self.other]

    def _opened(self, mine: str, other: str) -> Markup:
        if mine == other:
            return Markup(f">{mine}")
        self.others.append(other)
        return Markup(f" data-t>{mine}")

    def text(self, raw: str) -> Markup:
        """End an opening tag and give a plain text as its content."""
        return self._opened(*self._forms(raw, inline))

    def plain(self, raw: str) -> str:
        """Return a plain text in the page's language only, for what the switch does not reach."""
        return fine(raw if self.language == "en" else self.translator.say(raw))

    def attribute(self, name: str, raw: str) -> Markup:
        """Return an attribute that is read aloud or shown."""
        mine, other = self._forms(raw, lambda text, _: fine(text))
        marked = f' {name}="{escape(mine)}"'
        if mine != other:
            self.other_attributes.append(other)
            marked += f' data-a="{name}"'
        return Markup(marked)

    def both(self, raw: str) -> list[str]:
        """Return a plain text in English and German, as it is."""
        return [raw, self.translator.say(raw)]

    def readout(self, wide: list[dict], narrow: list[dict]) -> list[dict]:
        """Return what can be read off a drawing and its form for a phone, words in both languages.

        Parameters
        ----------
        wide, narrow
            The series of each: ``name``, ``unit``, ``labels``, and places ``at``; ``narrow`` may be empty.
        """
        places = [series["at"] for series in narrow] or [[]] * len(wide)
        return [
            series | {"name": self.both(series["name"]), "unit": self.both(series["unit"]), "narrow": at,
                      "labels": [label if DATE.fullmatch(label) else self.both(label) for label in series["labels"]]}
            for series, at in zip(wide, places, strict=True)
        ]  # fmt: skip

    def term(self, name: str) -> Markup:
        """End an opening tag and give the name of a term as its content."""
        forms = {"en": str(inline(name)), "de": str(inline(self.translator.find(name, "term") or name))}
        return self._opened(forms[self.language], forms[self.other])

    def begin(self) -> str:
        """Begin a chapter: its terms are linked anew."""
        for seen in self._seen.values():
            seen.clear()
        return ""

    def prose(self, raw: str) -> Markup:
        """End an opening tag and give Markdown as its content, translated paragraph by paragraph."""
        parts = [self._forms(part, self._linked) for part in blocks(raw)] or [("", "")]
        return self._opened(*("\n".join(form) for form in zip(*parts, strict=True)))

    def given(self, english: str, german: str) -> Markup:
        """End an opening tag and give Markdown that was written in both languages as its content."""
        forms = {"en": str(prose(english, "en")), "de": str(prose(german, "de"))}
        return self._opened(forms[self.language], forms[self.other])

    def _linked(self, text: str, language: str) -> str:
        return with_terms(prose(text, language), language, self._seen[language])

    def drawing(self, svg: str) -> Markup:
        """Return a drawing whose texts turn with the page."""

        def turn(found: re.Match) -> str:
            mine, other = self._forms(html.unescape(found.group(2)), lambda text, _: str(escape(text)))
            return f"{found.group(1)}{self._opened(mine, other)}</text>"

        self._drawings += 1
        svg = re.sub(r"( id=\"|#)[\w-]+?-(\d+)(?=[\")])", rf"\1g{self._drawings}-\2", svg)
        return Markup(SVG_TEXT.sub(turn, svg).replace(f' xmlns="{SVG}"', ""))

    def labels(self, head: list[dict]) -> str:
        """Note the heads of a table that a phone shows as cards, before each value; return the table's class for it."""
        self._cards += 1
        for place, column in enumerate(head[1:], start=2):
            for language, said in zip(LANGUAGES, self.both(column["text"]), strict=True):
                words = NOT_IN_STYLE.sub(lambda mark: f"\\{ord(mark.group()):x} ", fine(said))
                long = ": " if column["long"] else ""
                where = f"[lang={language}] .t{self._cards} td:nth-child({place})"
                self.rules.append(f'{where}::before{{content:"{words}{long}"}}')
        return f" t{self._cards}"
