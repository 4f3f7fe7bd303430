"""Two folders exchange their names in one step, so that whoever looks for a name finds one or the other, never nothing.

Python can only rename; Linux and macOS can exchange. Elsewhere, and on file systems that cannot, it is said so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

HERE, EXCHANGE = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
UNABLE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def exchange(one: Path, other: Path) -> bool:
    """Let two paths of one file system exchange what they name.

    Returns
    -------
    bool
        False if this system or file system cannot; nothing was done.

    Raises
    ------
    OSError
        If one is missing or must not be moved.
    """
    names = os.fsencode(one), os.fsencode(other)
    system = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    if sys.platform.startswith("linux") and hasattr(system, "renameat2"):
        failed = system.renameat2(HERE, names[0], HERE, names[1], EXCHANGE)
    elif sys.platform == "darwin" and hasattr(system, "renamex_np"):
        failed = system.renamex_np(*names, EXCHANGE)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in UNABLE:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
