"""Pages that were published and are no more what is said: kept beside their successor under their stamp."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from helpers import corrections, notice, paths
from helpers.corrections import Correction


def kept_in(folder: Path) -> set[str]:
    """Return the stamps of the former pages in a report's folder."""
    before, _, after = notice.FORMER.partition("{stamp}")
    return {file.name.removeprefix(before).removesuffix(after) for file in folder.glob(f"{before}*{after}")}


def stamp_of(folder: Path) -> str:
    """Return the stamp of a published report; empty if there is none, or none that can be read."""
    try:
        return str(json.loads((folder / "run.json").read_text(encoding="utf-8"))["stamp"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def carry(old: Path, new: Path, entries: Sequence[Correction], stamp: str) -> None:
    """Take former pages along to the folder of a month's new report, and the present page if it was found wrong.

    Parameters
    ----------
    old, new
        Folder of the report that stands, and of the one that takes its place.
    entries
        The corrections of the month.
    stamp
        Stamp of the new report.
    """
    for kept in kept_in(old):
        shutil.copyfile(old / notice.FORMER.format(stamp=kept), new / notice.FORMER.format(stamp=kept))
    former = stamp_of(old)
    place = new / notice.FORMER.format(stamp=former)
    if former != stamp and former in {entry.stamp for entry in entries} and not place.exists():
        shutil.copyfile(old / "index.html", place)


def due() -> dict[Path, bytes]:
    """Return what has to be written so that every published page says what ``corrections.yml`` says of its month.

    A page comes after the copy of what it was before.
    """
    entries, out = corrections.read(), {}
    for page in sorted(paths.REPORTS.glob("[0-9]*-[0-9]*/index.html")):
        out |= _due(page, corrections.of(entries, page.parent.name))
    return out


def _due(page: Path, entries: Sequence[Correction]) -> dict[Path, bytes]:
    present = page.read_bytes().decode("utf-8")
    if not entries and not notice.is_shown(present):
        return {}
    stamp, kept = stamp_of(page.parent), kept_in(page.parent)

    def marked() -> str:
        return notice.with_notice(present, notice.words(entries, stamp, kept), paths.shown(page))

    if marked() == present:
        return {}
    out = {}
    if stamp not in kept and stamp in {entry.stamp for entry in entries}:
        out[page.with_name(notice.FORMER.format(stamp=stamp))] = present.encode()
        kept.add(stamp)
    return out | {page: marked().encode()}


def unmatched() -> list[str]:
    """Say which corrections name a page that is not known here: their month has none, or none with that stamp."""
    told = []
    for entry in corrections.read():
        folder = paths.REPORTS / entry.month
        if not (stamp := stamp_of(folder)):
            told.append(f"{entry.month}: there is no report to mark")
        elif entry.stamp not in kept_in(folder) | {stamp}:
            told.append(
                f"{entry.month}: no page with the stamp {entry.stamp} is kept; readers are told that the present one, "
                f"stamp {stamp}, is {entry.kind}"
            )
    return told
