"""The notice at the top of a corrected or withdrawn page: its words in both languages, and how it gets into a page.

A page that is drawn anew carries it from the start. One that is published gets it in place, without being drawn again:
nothing else in it changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from helpers.bilingual import Bilingual
from helpers.corrections import Correction
from helpers.months import day_name
from helpers.refusals import Refusal
from helpers.render import PACKED, packed, unpacked
from helpers.translation import translator_for

FORMER = "index.superseded-{stamp}.html"  # what a page was before its notice, beside it
CLOSING = {
    "withdrawn": "The figures on this page should not be used.",
    "corrected": "This page takes the place of an earlier one.",
    "found wrong": "A corrected report is not out yet.",
}
_LANGUAGE = re.compile(r'<html lang="(\w+)">')
_TOP = re.compile(r'<section class="first" id="answer"[^>]*>\n')
_SHOWN = re.compile(r'<aside class="notice" role="note"( data-t)?>.*?</aside>', re.DOTALL)


def state_of(entry: Correction, stamp: str) -> str:
    """Say what a correction means for the page with this stamp: withdrawn, corrected, or found wrong and there."""
    return "found wrong" if entry.kind == "corrected" and entry.stamp == stamp else entry.kind


def dated(entry: Correction, stamp: str) -> str:
    """Say so with its day."""
    return f"{state_of(entry, stamp).capitalize()} on {day_name(entry.day)}"


def words(entries: Sequence[Correction], stamp: str, kept: Collection[str]) -> tuple[str, str] | None:
    """Return the notice of a page as Markdown in English and in German, the newest correction first.

    Parameters
    ----------
    entries
        The corrections of its month, the oldest first.
    stamp
        Stamp of the page that carries the notice.
    kept
        Stamps of the former pages that lie beside it.
    """
    if not entries:
        return None
    english = [_told(entry, entry.what, stamp, entry is entries[-1], kept, str) for entry in reversed(entries)]
    say = translator_for("de").say
    german = [_told(entry, entry.what_de, stamp, entry is entries[-1], kept, say) for entry in reversed(entries)]
    return "\n\n".join(english), "\n\n".join(german)


def as_markdown(text: str) -> str:
    """Return a plain text as Markdown that shows it as it stands."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>~&$-])", r"\\\1", text)


def _told(
    entry: Correction, what: str, stamp: str, is_last: bool, kept: Collection[str], turn: Callable[[str], str]
) -> str:
    """Tell one correction in one language."""
    parts = [f"**{turn(f'{dated(entry, stamp)}.')}**", as_markdown(what)]
    if is_last:
        parts.append(turn(CLOSING[state_of(entry, stamp)]))
    if entry.stamp in kept:
        parts.append(f"[{turn(f'The page as it was, stamp {entry.stamp}')}]({FORMER.format(stamp=entry.stamp)})")
    return " ".join(parts)


def is_shown(page: str) -> bool:
    """Tell whether a drawn page carries a notice."""
    return _SHOWN.search(page) is not None


def with_notice(page: str, told: tuple[str, str] | None, file: str | None = None) -> str:
    """Return a drawn page with this notice in place of the one it has, to the byte as if it had been drawn with it.

    ``file`` names the page in a refusal.

    Raises
    ------
    Refusal
        If the page was drawn before pages could take a notice.
    """
    language, found, content = _LANGUAGE.search(page), _TOP.search(page), PACKED.search(page)
    if not (language and found and content):
        raise Refusal(
            "the page cannot take a notice", expected="a page as `diversion report` draws it today",
            remedy="make the report again; it is then drawn with its notice", file=file, exit_code=1,
        )  # fmt: skip
    packets, top = unpacked(content.group()), found.end()
    # the other language of the page's texts is kept in the order in which they stand, from the title on
    place = page.count(" data-t>", 0, page.index("<style>")) + page.count(" data-t>", page.index("<body>"), top)
    if shown := _SHOWN.match(page, top):
        page = page[:top] + page[shown.end() :]
        if shown.group(1):
            del packets["texts"][place]
    if told:
        t = Bilingual(language.group(1))
        page = page[:top] + f'<aside class="notice" role="note"{t.given(*told)}</aside>' + page[top:]
        packets["texts"][place:place] = t.others
    return PACKED.sub(lambda _: packed(packets), page, count=1)
