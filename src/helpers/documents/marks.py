"""Markdown: generated parts between two comments, tables, and the anchors that headings make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from helpers.refusals import Refusal


def between(text: str, mark: str, content: str) -> str:
    """Put ``content`` between the comments ``<!-- mark -->`` and ``<!-- /mark -->`` of a text."""
    pattern = rf"(<!-- {mark} -->)(.*?)(<!-- /{mark} -->)"
    if not re.search(pattern, text, flags=re.DOTALL):
        raise Refusal(
            f'the marks "{mark}" are missing', expected=f"<!-- {mark} --> and <!-- /{mark} -->",
            remedy="put them back where the generated part belongs", exit_code=1,
        )  # fmt: skip
    return re.sub(pattern, lambda found: f"{found[1]}\n{content.strip()}\n{found[3]}", text, flags=re.DOTALL)


def as_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Set rows as a table of Markdown."""
    body = [f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *body])


def anchor_of_heading(heading: str) -> str:
    """Return the anchor that a heading makes."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
