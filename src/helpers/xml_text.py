"""Text that XML can hold: some characters have no place in it, however they are written."""

from __future__ import annotations

import re

_NEVER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def for_xml(text: str, instead: str = "\ufffd") -> str:
    """Return a text with a mark, or what else is given, in the place of every character that XML cannot hold."""
    return _NEVER.sub(instead, text)
