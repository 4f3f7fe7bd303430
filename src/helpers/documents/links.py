"""Every document links a term of the glossary where it first uses it: set anew each time, so that a link never moves.

Code, formulas, headings, links and generated parts between marks are left alone.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from helpers import reading_aids
from helpers.documents.marks import anchor_of_heading

_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_LEFT_ALONE = re.compile(
    r"(```.*?```|<!-- ([\w-]+) -->.*?<!-- /\2 -->|<[^>\n]+>|^#[^\n]*$|!?\[[^\]\n]*\]\([^)\n]*\)|`[^`\n]*`|"
    r"\$\$.*?\$\$|\$[^$\n]+\$)",
    re.DOTALL | re.MULTILINE,
)  # a formula is left alone where both dollars stand on one line


def with_links(text: str, page: Path) -> str:
    """Return a document with every term of the glossary linked at its first use, and nowhere else.

    Parameters
    ----------
    text
        Markdown.
    page
        Where it stands: links are relative to it.
    """
    target = Path(os.path.relpath(reading_aids.GLOSSARY, page.parent)).as_posix()
    headings = {term.anchor: anchor_of_heading(term.name) for term in reading_aids.terms()}
    leads = {form: f"{target}#{headings[place]}" for form, place in reading_aids.forms("en").items()}
    leads |= {form[0].upper() + form[1:]: lead for form, lead in leads.items()}  # at the beginning of a sentence
    text = _LINK.sub(lambda found: found[1] if leads.get(found[1]) == found[2] else found[0], text)
    seen = {lead for _, lead in _LINK.findall(text)}
    longest_first = sorted(leads, key=lambda form: (-len(form), form))
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def linked(found: re.Match) -> str:
        lead = leads[found[1]]
        if lead in seen:
            return found[1]
        seen.add(lead)
        return f"[{found[1]}]({lead})"

    out, end = [], 0
    for kept in _LEFT_ALONE.finditer(text):
        out += [pattern.sub(linked, text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*out, pattern.sub(linked, text[end:])])
