"""The environment ``.venv``: whether its set-up was finished, and whether it holds what the lock says."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from helpers import paths
from helpers.doctor.finding import Finding

MADE = "take .venv away and make it anew: rm -rf .venv && make report"
SHOWN = 5  # packages named in one line
_LOCKED = re.compile(r"^([a-z0-9.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", re.MULTILINE)


def folder() -> Path:
    """Return where the environment stands."""
    return paths.ROOT / ".venv"


def finished() -> Iterator[Finding]:
    """Look whether the set-up came to its end, from today's locks and in this place."""
    if not folder().exists():  # a new checkout: nothing is wrong
        yield Finding("environment", "note", "not set up yet", "make report sets it up")
        return
    if not (folder() / "bin" / "python").exists():
        yield Finding("environment", "wrong", ".venv is not there, or has no Python", "make report sets it up")
        return
    marks = {made: folder() / f".finished-{made}" for made in ("runner", "dev", "scale")}
    there = [made for made, mark in marks.items() if mark.is_file()]
    if not there:
        told = ".venv was not made by the set-up, or the set-up was interrupted"
        yield Finding("environment", "wrong", told, MADE)
    elif not any(marks[made].read_text(encoding="ascii") == fingerprint(made) for made in there):
        told = ".venv is of other locks, another place or another Python"
        yield Finding("environment", "wrong", told, "make report brings it up to date")
    else:
        yield Finding("environment", "well", f".venv is finished ({' and '.join(there)})")


def fingerprint(made: str) -> str:
    """Return what ``tools/set_up.sh`` writes when it has finished: everything the environment depends on."""
    parts = [
        f"{os.path.realpath(paths.ROOT)}\n".encode(),
        f"{os.path.realpath(folder() / 'bin' / 'python')}\n".encode(),
    ]
    for name in ("tools/set_up.sh", "pyproject.toml", "requirements/bootstrap.lock", f"requirements/{made}.lock"):
        parts.append((paths.ROOT / name).read_bytes())
    return f"{hashlib.sha256(b''.join(parts)).hexdigest()}  -\n"


def packages() -> Iterator[Finding]:
    """Look whether every package of the lock is installed at its version."""
    wanted, there = locked(), installed()
    if not folder().exists():
        return
    if not there:
        yield Finding("packages", "wrong", "none are installed in .venv", MADE)
        return
    missing = [f"{name} {version}" for name, version in wanted.items() if name not in there]
    others = [f"{name} {there[name]} for {version}" for name, version in wanted.items()
              if there.get(name, version) != version]  # fmt: skip
    for words, found in (("not installed", missing), ("of another version", others)):
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            yield Finding("packages", "wrong", f"{words}: {', '.join(found[:SHOWN])}{more}", MADE)
    if not missing and not others:
        yield Finding("packages", "well", f"{len(wanted)} at the versions of requirements/runner.lock")


def locked() -> dict[str, str]:
    """Return name and version of the packages of the lock that this machine should hold."""
    text = (paths.ROOT / "requirements" / "runner.lock").read_text(encoding="utf-8")
    return {name: version for name, version, marker in _LOCKED.findall(text) if not marker or _is_for_here(marker)}


def _is_for_here(marker: str) -> bool:
    """Tell whether a package is meant for this machine; one of which that cannot be told is not looked for."""
    try:
        from packaging.markers import Marker

        return Marker(marker.strip()).evaluate()
    except (ImportError, ValueError):
        return False


def installed() -> dict[str, str]:
    """Return name and version of what the environment holds, by the names of the folders: no file is read."""
    found = {}
    for record in folder().glob("lib/python3.*/site-packages/*.dist-info"):
        name, _, version = record.name.removesuffix(".dist-info").rpartition("-")
        found[re.sub(r"[-_.]+", "-", name).lower()] = version
    return found
