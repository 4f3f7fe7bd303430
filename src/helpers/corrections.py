"""The corrections of published reports: which month was wrong, since when that is known, and what was wrong.

They stand in ``corrections.yml``, which is written by hand and therefore read strictly: a wrong key, a missing text or
a day that is none is refused with its line. A month is as its last entry says, corrected or withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from helpers import paths
from helpers.refusals import Refusal, nearest

EXPECTED = "entries with month, day, kind, what, what_de and stamp"
MENDED = "mend the entry; docs/how-to/correct-a-published-month.md has an example"


class Correction(NamedTuple):
    """One entry: a month, the day its error became known, what was wrong in both languages, the wrong page's stamp."""

    month: str
    day: str
    kind: str
    what: str
    what_de: str
    stamp: str


def read(file: Path | None = None) -> tuple[Correction, ...]:
    """Return all corrections, the oldest first; none if there is no such file.

    Raises
    ------
    Refusal
        If the file or an entry is wrong; exit code 2.
    """
    file = file or paths.CORRECTIONS_FILE
    if not file.exists():
        return ()
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise _refuse(file, f"not YAML: {getattr(error, 'problem', error)}", mark.line + 1 if mark else None) from error
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise _refuse(file, "not a list", node.start_mark.line + 1)
    entries: list[Correction] = []
    for item in node.value:
        entry = _entry(file, item)
        if any((entry.month, entry.kind, entry.stamp) == (old.month, old.kind, old.stamp) for old in entries):
            raise _refuse(file, f"{entry.month} is {entry.kind} twice for the same stamp", item.start_mark.line + 1)
        entries.append(entry)
    return tuple(sorted(entries, key=lambda entry: entry.day))


def of(entries: Sequence[Correction], month: str) -> tuple[Correction, ...]:
    """Return the corrections of one month, the oldest first."""
    return tuple(entry for entry in entries if entry.month == month)


def _entry(file: Path, item: yaml.Node) -> Correction:
    """Check one entry; its values are taken as the text that stands in the file."""
    line = item.start_mark.line + 1
    if not isinstance(item, yaml.MappingNode):
        raise _refuse(file, "not an entry", line)
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    for key, value in item.value:
        name, lines[str(key.value)] = str(key.value), key.start_mark.line + 1
        if name in values:
            raise _refuse(file, f"{name} is given twice in one entry", lines[name], name)
        if not isinstance(value, yaml.ScalarNode):
            raise _refuse(file, f"{name} is not a text", lines[name], name)
        values[name] = value.value
    import pydantic

    from helpers.correction_form import Form

    try:
        return Correction(**Form(**values).model_dump())
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        found = f"{name}: {first['msg'].removeprefix('Value error, ')}"
        if first["type"] == "extra_forbidden":
            found = f'there is no key "{name}"; did you mean {nearest(name, Correction._fields, count=1)}?'
        raise _refuse(file, found, lines.get(name, line), name) from error


def _refuse(file: Path, found: str, line: int | None, key: str | None = None) -> Refusal:
    return Refusal(found, expected=EXPECTED, remedy=MENDED, file=paths.shown(file), row=line, column=key, exit_code=2)
