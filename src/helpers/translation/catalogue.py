"""The gettext catalogues: one ``.po`` file a chapter, and the names that the CLDR knows.

An entry whose message holds ``{slots}`` and carries the flag ``python-brace-format`` stands for every text of that
form. The context (``msgctxt``) is a grammatical form: ``{partner:dat}`` in a translation asks for the entry of the
slot's text in the context ``dat``, and for the entry without a context where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.refusals import Refusal

LOCALE = Path(__file__).parents[1] / "locale"
LANGUAGES = ("en", "de")
SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Entry:
    """A message, its translation and where it stands; ``slots`` tells whether it holds any."""

    message: str
    translation: str
    context: str
    slots: bool
    file: str
    line: int


def catalogue_files(language: str) -> list[Path]:
    """Return the catalogue files of a language, in order."""
    return sorted((LOCALE / language / "LC_MESSAGES").glob("*.po"))


def read_entries(file: Path) -> Iterator[Entry]:
    """Read a catalogue.

    Raises
    ------
    Refusal
        If the file is no catalogue, an entry has no translation, or one asks for a slot that its message lacks.
    """
    from babel.messages.pofile import PoFileError, read_po

    def refuse(what: str, line: int | None) -> Refusal:
        where = f"src/helpers/locale/{file.relative_to(LOCALE).as_posix()}"
        return Refusal(what, expected="a gettext catalogue whose entries are all translated",
                       remedy="mend the entry", file=where, row=line, exit_code=1)  # fmt: skip

    try:
        with file.open("rb") as opened:
            catalogue = read_po(opened, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise refuse(f"the file cannot be read: {error}", None) from None
    for message in catalogue:
        if not message.id:
            continue
        if not message.string:
            raise refuse(f'"{message.id}" has no translation', message.lineno)
        slots = "python-brace-format" in message.flags and "$" not in message.id  # braces of a formula are no slots
        if slots:
            asked = {found.group(1) for found in SLOT.finditer(message.string)}
            if lost := asked - {found.group(1) for found in SLOT.finditer(message.id)}:
                raise refuse(f'the translation of "{message.id}" asks for {", ".join(sorted(lost))}', message.lineno)
        yield Entry(message.id, message.string, message.context or "", slots, file.name, message.lineno or 0)
