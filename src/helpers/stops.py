"""What ends a run: Ctrl-C and a scheduler, obeyed once, never in the middle of a rename; and how long is too long."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator

STOPS = (signal.SIGINT, signal.SIGTERM)
STEP_SECONDS = 1800  # a notebook that takes longer is stuck
TOGETHER = 1.0  # seconds: what comes within them of a signal to stop is the same wish, told twice

_last = float("-inf")


def obey_once() -> None:
    """Let a signal to stop raise ``KeyboardInterrupt``, and ignore those that come with it.

    Ctrl-C reaches every process of a run, and the one in front asks its children again while they tidy up.
    """
    if _is_main():
        for number in STOPS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # a run in the background is not stopped by Ctrl-C
                signal.signal(number, _stop)


def _stop(*_: object) -> None:
    global _last
    before, _last = _last, time.monotonic()
    if _last - before > TOGETHER:
        raise KeyboardInterrupt


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore signals to stop; only the main thread ever gets one."""
    if not _is_main():
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPS}
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
