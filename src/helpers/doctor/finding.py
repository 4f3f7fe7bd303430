"""What one look found: how it stands, in words, with its cure."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from helpers import paths


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    what
        Its name.
    state
        ``well``; ``note`` for what a report does without; ``wrong`` for what needs a cure.
    told
        What was found, in one line. Of a key or a password the name, never the value.
    cure
        What to do, in one line; empty where all is well.
    exit_code
        What a run would end with because of it, one of :data:`helpers.refusals.EXIT_CODES`.
    """

    what: str
    state: Literal["well", "note", "wrong"]
    told: str
    cure: str = ""
    exit_code: int = 4


def named(place: Path) -> str:
    """Return a place as a shell takes it: inside the checkout as seen from there, else whole."""
    return shlex.quote(place.relative_to(paths.ROOT).as_posix() if place.is_relative_to(paths.ROOT) else str(place))


def nearest(place: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    return next((folder for folder in (place, *place.parents) if folder.is_dir()), Path("/"))


def can_be_written(place: Path) -> bool:
    """Tell whether something could be put into a folder that is there, without putting anything into it."""
    return os.access(place, os.W_OK | os.X_OK)
