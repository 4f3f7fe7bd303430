"""Fingerprints of files: read block by block; of large ones remembered for as long as the file is the same one.

A large file is the same one while its size, its inode and both of its times are: that of its last change is set by the
system and by nobody else. One that changed a moment ago is always read.
"""

from __future__ import annotations

import functools
import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import paths

if TYPE_CHECKING:
    from helpers.memory import Memory

LARGE = 16 * 2**20  # bytes: a hundredth of a second of reading
MOMENT = 10 * 10**9  # nanoseconds


def sha256_of(file: Path) -> str:
    """Return the sha256 of a file's bytes as they are now.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def known_sha256_of(file: Path) -> str:
    """Return the same; a large file that an earlier run has read is not read again.

    Raises
    ------
    OSError
        If it is not there or cannot be read.
    """
    now = file.stat()
    if now.st_size < LARGE or abs(time.time_ns() - now.st_ctime_ns) < MOMENT:
        return sha256_of(file)
    held = _memory(paths.REPORTS)
    question = f"{file} {now.st_size} {now.st_ino} {now.st_mtime_ns} {now.st_ctime_ns}"
    answer = held.recall(question, lambda _: sha256_of(file))
    held.save()
    return answer


@functools.lru_cache(maxsize=1)
def _memory(_: Path) -> Memory:
    from helpers.memory import Memory

    return Memory("digests", "sha256")
