"""What a reader finds on a drawn page, text by text: in both languages, and the values that can be read off drawings.

Two pages that were drawn from the same tables say the same; what a page is drawn with (paths, styles, scripts) is left
out.
"""

from __future__ import annotations

import base64
import difflib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from helpers.render import PACKED, unpacked

READ_OUT = ("aria-label", "alt", "title", "content")  # attributes that some readers hear or see
_ARCHIVE = re.compile(r'href="data:application/zip;base64,([^"]+)"')
_NUMBER = re.compile(r"[+\-−]?\d[\d.,]*")


def texts(page: str, *, since: bool = True, code: bool = True) -> list[str]:
    """Return the texts of a page in their order.

    Parameters
    ----------
    page
        The page as it was drawn.
    since
        Whether what the page says of the report before is taken along; without it only one language is.
    code
        Whether the code that the page shows is.
    """
    from lxml import html

    left_out = "//style|//script|//meta[@http-equiv]"
    if not code:
        left_out += "|//pre[code]"
    if not since:
        left_out += "|//*[@id='since']|//*[@class='since']"
    tree = html.fromstring(page.encode())
    for part in tree.xpath(left_out):
        part.drop_tree()
    found = []
    for element in tree.iter(html.etree.Element):
        found += [element.get(name) for name in READ_OUT if element.get(name)]
        found += [element.text, *(child.tail for child in element)]
    packed = PACKED.search(page)
    if since and packed:
        found += _flat(unpacked(packed[0]))
    return [" ".join(text.split()) for text in found if text and text.strip()]


def _flat(content: Any) -> Iterator[str]:
    """Give every text in packed content, and values with the digits that are shown of them."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        values = [content.get("values", []), *content.get("ends", [])]
        yield from (f"{value:.{content['digits']}f}" for value in _numbers(values) if "digits" in content)
        yield from (text for name in sorted(content) for text in _flat(content[name]))
    elif isinstance(content, list):
        yield from (text for part in content for text in _flat(part))


def _numbers(content: Any) -> Iterator[float]:
    if isinstance(content, (int, float)):
        yield content
    elif isinstance(content, list):
        yield from (number for part in content for number in _numbers(part))


def first_number(old: Sequence[str], new: Sequence[str]) -> tuple[str, str] | None:
    """Return the first texts of two pages whose numbers differ, empty where one has none; None if only words do."""
    for step, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            continue
        before, after = " ".join(old[a:b]), " ".join(new[c:d])
        if _NUMBER.findall(before) != _NUMBER.findall(after):
            pairs = (pair for pair in zip(old[a:b], new[c:d], strict=False) if pair[0] != pair[1])
            return next(pairs, (before, after))
    return None


def tables_inside(page: str) -> dict[str, bytes]:
    """Return the tables that a page carries in itself, by the name of their file."""
    if not (found := _ARCHIVE.search(page)):
        return {}
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(found[1]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
