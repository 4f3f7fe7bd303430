"""Recognise a text by the entries of a catalogue and say it in another language.

A text is, in this order: an entry; a number or a month; an entry with slots whose contents are texts themselves; or a
row of texts joined by a full stop, a semicolon, a colon, a comma, brackets, "and" or "to". Of two entries with slots
the one with more words of its own is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple
from functools import cache, cached_property
from pathlib import Path

from helpers import countries, months
from helpers.memory import Memory, made_by
from helpers.months import MONTH_NAMES
from helpers.translation.catalogue import SLOT, Entry, catalogue_files, read_entries
from helpers.translation.local_forms import WHOLE_NUMBER, LocalForms, local_forms

CODE = Path(__file__).parent
UNTOUCHED = re.compile(
    r"[A-Za-z]{0,3}\d[\w.]*"  # W1, A23, HS6
    r"|\S*_\S*|[\w.-]+(?:/[\w.*-]+)+|\S+\.(?:csv|yml|parquet|py|html|xlsx)|https?://\S+"  # files, columns, addresses
    r"|[0-9a-f]{10,64}|\d{4}-\d{2}(?:-\d{2})?"  # fingerprints, days and months by number
    r"|[^A-Za-z\d]+"  # dashes and marks
)
UNTOUCHED_WORD = re.compile(rf"(?<!\S)(?:{UNTOUCHED.pattern})(?![^\s,;:.)])")
WORD = re.compile(r"[^\W\d_]+")
NEXT_SENTENCE = re.compile(r"[.!?] (?=[A-Z])")  # no slot reaches across one
LONGEST = 1500  # letters of a text that is looked for: half as many again as the longest paragraph of the page
TOGETHER = 8  # parts of a row that are tried as one text
TYPED = {"n": "number", "t": "time"}
SPELLED = ["to", "and", *MONTH_NAMES, *(name[:3] for name in MONTH_NAMES)]
# What frames a text, and what joins texts to a row, the widest first; ``join`` is their context in the catalogues.
FRAMED = (
    re.compile(r"\*\*(.+?)\*\*"), re.compile(r"\((.+)\)"), re.compile(r"(.+) \(([^()]+(?:\([^()]*\)[^()]*)*)\)\.?"),
    re.compile(rf"(.+) ({WHOLE_NUMBER.pattern})"), re.compile(r"([^.]+)\."), re.compile(r"\*\*(.+?)\*\* (.+)"),
)  # fmt: skip
JOINTS = tuple(
    re.compile(joint)
    for joint in (
        r"(?<=[.!?]) |(?<=[.!?]\*\*) ",
        "; ",
        ": ",
        ", but ",
        ", ",
        " · ",
        " / ",
        " and ",
        " or ",
        " to ",
        "–",
    )
)


class Pattern:
    """An entry with slots, cut into its fixed parts and its slots."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        pieces = SLOT.split(entry.message)
        self.fixed, self.names = pieces[0::3], pieces[1::3]
        self.weight = sum(len(part) for part in self.fixed)
        self.kinds = [TYPED.get(re.sub(r"\d+$", "", name), "") for name in self.names]
        self.words = set(WORD.findall(" ".join(self.fixed)))


def _order(pattern: Pattern) -> tuple[int, int, str]:
    """Sort patterns: more words of its own first, then fewer slots that take any text."""
    return -pattern.weight, pattern.kinds.count(""), pattern.entry.message


def _by_rarest_word(patterns: list[Pattern]) -> dict[str, list[tuple[int, Pattern]]]:
    """Return the patterns by the word of theirs that the fewest others have, each with its place in the order."""
    often = Counter(word for pattern in patterns for word in pattern.words)
    out: dict[str, list[tuple[int, Pattern]]] = {}
    for place, pattern in enumerate(sorted(patterns, key=_order)):
        rarest = min(pattern.words, key=lambda word: (often[word], word), default="")
        out.setdefault(rarest, []).append((place, pattern))
    return out


class Translator:
    """Says texts in one language; ``missing`` collects those it could not say.

    Parameters
    ----------
    language
        A language of :data:`helpers.translation.LANGUAGES`.
    entries
        Gives the entries of its catalogues; they are read when a text comes that is not remembered.
    memory
        What was said before.
    """

    def __init__(self, language: str, entries: Callable[[], list[Entry]], memory: Memory | None = None) -> None:
        self.language, self._entries, self._memory = language, entries, memory
        self.missing: dict[str, None] = {}
        self._known: dict[tuple[str, str], str | None] = {}

    @cached_property
    def forms(self) -> LocalForms:
        """Numbers, dates and country names of the language."""
        return local_forms(self.language)

    @cached_property
    def _exact(self) -> dict[tuple[str, str], str]:
        exact = {("", name): said for name, said in self.forms.countries().items()}
        return exact | {(entry.context, entry.message): entry.translation for entry in self._all if not entry.slots}

    @cached_property
    def _all(self) -> list[Entry]:
        return self._entries()

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[int, Pattern]]]:
        return _by_rarest_word([Pattern(entry) for entry in self._all if entry.slots])

    @cached_property
    def _words(self) -> set[str]:
        """Every word that an entry holds: a text with another one cannot be said."""
        fixed = [part for placed in self._patterns.values() for _, pattern in placed for part in pattern.fixed]
        return set(WORD.findall(" ".join([*fixed, *(text for _, text in self._exact), *SPELLED])))

    def say(self, text: str) -> str:
        """Return the text in this language; one that cannot be said is returned as it is and remembered."""
        plain = normal(text)
        if not plain:
            return text
        said = self._memory.recall(plain, self._found) if self._memory else self._found(plain)
        if said is None:
            self.missing[plain] = None
            return text
        return said

    def _found(self, text: str) -> str | None:
        """Look for a text of a length that can be looked for; what is nested a hundredfold is no sentence."""
        try:
            return self.find(text) if len(text) <= LONGEST else None
        except RecursionError:
            return None

    def keep(self) -> None:
        """Remember what was said for the next run."""
        if self._memory:
            self._memory.save()

    def find(self, text: str, context: str = "") -> str | None:
        """Return the text in this language, or None."""
        key = (context, text)
        if key not in self._known:
            is_known = all(word in self._words for word in WORD.findall(UNTOUCHED_WORD.sub(" ", text)))
            ways = (self._direct(text, context) or self._bracketed(text) or self._row(text)) if is_known else None
            self._known[key] = ways
        return self._known[key]

    def _direct(self, text: str, context: str = "") -> str | None:
        """Say a text that is one entry, a number, a date or a code."""
        for form in (context, "") if context else ("",):
            if (form, text) in self._exact:
                return self._exact[form, text]
        said = self.forms.number(text) or self.forms.time(text)
        if said is not None:
            return said
        if UNTOUCHED.fullmatch(text):
            return text
        words = dict.fromkeys(WORD.findall(text))
        found = [placed for word in (*words, "") for placed in self._patterns.get(word, ())]
        for _, pattern in sorted(found, key=lambda placed: placed[0]):
            if pattern.words <= words.keys() and (said := self._match(pattern, text)) is not None:
                return said
        return None

    def _bracketed(self, text: str) -> str | None:
        """Say a text with a bracket at its end, a name with a number behind it, or a text set in bold."""
        for form in FRAMED:
            if found := form.fullmatch(text):
                parts = [self.find(part) for part in found.groups()]
                if all(part is not None for part in parts):
                    out, place = [], 0
                    for number, part in enumerate(parts, start=1):
                        out += [text[place : found.start(number)], part]
                        place = found.end(number)
                    return "".join([*out, text[place:]])
        return None

    def _row(self, text: str) -> str | None:
        """Say a row of texts; parts that only together are an entry are taken together."""
        for joint in JOINTS:
            places = [(found.start(), found.end()) for found in joint.finditer(text)]
            if not places:
                continue
            starts, ends = [0, *(end for _, end in places)], [*(start for start, _ in places), len(text)]
            said: list[str | None] = [None] * len(starts) + [""]  # of the parts from here on
            for first in reversed(range(len(starts))):
                for last in range(first, min(first + TOGETHER, len(starts))):
                    if said[last + 1] is None:
                        continue
                    piece = text[starts[first] : ends[last]]
                    part = self.find(piece) if first == last else self._direct(piece)
                    if part is not None:
                        between = text[ends[last] : starts[last + 1]] if last + 1 < len(starts) else ""
                        said[first] = part + self._exact.get(("join", between), between) + said[last + 1]
                        break
            if said[0] is not None:
                return said[0]
        return None

    def _match(self, pattern: Pattern, text: str) -> str | None:
        fixed = pattern.fixed
        if not (text.startswith(fixed[0]) and text.endswith(fixed[-1]) and all(part in text for part in fixed[1:-1])):
            return None
        wanted = {name: form or "" for name, form in SLOT.findall(pattern.entry.translation)}

        tried: dict[tuple[int, int], dict[str, str] | None] = {}

        def fill(slot: int, place: int) -> dict[str, str] | None:
            if slot == len(pattern.names):
                return {} if place == len(text) else None
            if (slot, place) not in tried:
                tried[slot, place] = split(slot, place)
            return tried[slot, place]

        def split(slot: int, place: int) -> dict[str, str] | None:
            name, following = pattern.names[slot], fixed[slot + 1]
            last = slot == len(pattern.names) - 1
            end = len(text) - len(following) if last else text.find(following, place + 1)
            while end > place:
                piece, kind = text[place:end], pattern.kinds[slot]
                said = self._typed(piece, kind) if kind else ""
                if said is not None:  # the rest first: what a number or a month has to be is soon known
                    out = fill(slot + 1, end + len(following))
                    if out is not None and not kind:
                        said = None if NEXT_SENTENCE.search(piece) else self.find(piece, wanted.get(name, ""))
                    if out is not None and said is not None:
                        return out | {name: said}
                if last:
                    return None
                end = text.find(following, end + 1)
            return None

        filled = fill(0, len(fixed[0]))
        if filled is None:
            return None
        return SLOT.sub(lambda found: filled[found.group(1)], pattern.entry.translation)

    def _typed(self, piece: str, kind: str) -> str | None:
        return self.forms.number(piece) if kind == "number" else self.forms.time(piece)


def normal(text: str) -> str:
    """Return a text as the catalogues write it: plain blanks and hyphens, no blank at its ends."""
    return re.sub(r"[ \n\u00a0]+", " ", text.replace("\u2011", "-")).strip()


@cache
def translator_for(language: str) -> Translator:
    """Return the translator of a language with all its catalogues."""
    files = catalogue_files(language)
    state = made_by(*files, *sorted(CODE.glob("*.py")), countries.__file__, months.__file__, package="babel")
    read = Memory(f"catalogue-{language}", state)

    def entries() -> list[Entry]:
        held = read.recall("entries", lambda _: [astuple(entry) for file in files for entry in read_entries(file)])
        read.save()
        return [Entry(*entry) for entry in held]

    return Translator(language, entries, Memory(f"said-{language}", state))
