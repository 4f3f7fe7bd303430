"""Programs beside Python, the names of the keys that are set, and whether a report can be signed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from importlib import util
from pathlib import Path

from helpers import paths, signing
from helpers.doctor.finding import Finding, named

PROGRAMS = (
    (("git",), "the record of a report then names no commit", "apt-get install git"),
    (("chromium", "chromium-browser", "google-chrome"),
     "no PDF, no picture, and the tests in a browser are skipped", "apt-get install chromium"),
)  # fmt: skip


def programs() -> Iterator[Finding]:
    """Look for the programs that some commands call."""
    for names, without, cure in PROGRAMS:
        if any(shutil.which(name) for name in names):
            yield Finding(names[0], "well", "is there")
        else:
            yield Finding(names[0], "note", f"is missing: {without}", cure)


def keys() -> Iterator[Finding]:
    """Look which keys of statistical offices are set; their values are nobody's business."""
    from helpers.sources import OFFICES

    for office in OFFICES.values():
        if not (name := office.key_variable):
            continue
        without = "answers nothing" if office.key_needed else "answers less"
        if os.environ.get(name, "").strip():
            yield Finding(name, "well", "is set")
        else:
            yield Finding(name, "note", f"is not set: {office.producer} {without}; a report needs no key",
                          f"ask the office for a free key and export {name}=...")  # fmt: skip


def signature() -> Iterator[Finding]:
    """Look whether what signing needs is there, if reports are to be signed; the key itself is not opened."""
    if not signing.is_asked():
        yield Finding("signature", "note", f"{signing.KEY} is not set: reports are not signed",
                      f"minisign -G, then export {signing.KEY}=FILE")  # fmt: skip
        return
    well = True
    for name in (signing.KEY, signing.PASSWORD):
        if not os.environ.get(name):
            continue
        file, problem = Path(os.environ[name]).expanduser(), ""
        if not (file.is_file() and os.access(file, os.R_OK)):
            problem, cure = "names a file that cannot be read", f"export {name}=FILE, or unset it"
        elif file.resolve().is_relative_to(paths.ROOT) or file.resolve().is_relative_to(paths.REPORTS.resolve()):
            problem, cure = "names a file in the checkout, from where it could be published", "move it elsewhere"
        elif file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            problem, cure = "names a file that others on this machine may read", f"chmod 600 {named(file)}"
        if problem:
            well = False
            yield Finding(name, "wrong", problem, cure, exit_code=2)
    if util.find_spec("minisign") is None:
        well = False
        yield Finding("signature", "wrong", "the package py-minisign is not installed", "tools/set_up.sh runner")
    if well:
        yield Finding("signature", "well", "reports are signed")
