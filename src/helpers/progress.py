"""What a person at a terminal and a log see while a report is made: lines that move, or JSON, one event a line.

Nobody loses a page because a log is full or a terminal was closed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from typing import Any, TextIO

from helpers.refusals import UNSEEN, visible


def one_line(content: dict[str, Any]) -> str:
    """Return JSON that no reader takes for two lines, and no terminal for an order."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(content, ensure_ascii=False))


def open_streams() -> None:
    """See to it that the three standard streams are there: what a program opens must not get the number of one.

    A stream that was closed leads nowhere.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line, and flush it; one that cannot be written (a full disk, a reader who left) changes no outcome."""
    stream = stream or sys.stdout
    with contextlib.suppress(ValueError):
        try:
            print(text, file=stream, flush=True)
        except OSError:
            silence(stream)


def silence(stream: TextIO) -> None:
    """Let a stream lead nowhere, with what it still holds: else the end of the program fails on it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


class Progress:
    """Tell events on stderr: as JSON lines, or, on a terminal, in words with the running steps on the last line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._running: dict[str, tuple[float, float | None]] = {}
        self._drawn = False

    def tell(self, event: str, words: str, **facts: Any) -> None:
        """Tell something that has happened: ``words`` for a person, ``event`` and ``facts`` for a program."""
        if self._terminal:
            self._clear()
            say(visible(words), self._stream)
            self.tick()
        else:
            say(one_line({"event": event, **facts}), self._stream)

    def start(self, what: str, expected: float | None = None, why: str = "") -> None:
        """Tell that something runs from now on; ``expected`` are the seconds it took the last time."""
        self._running[what] = (time.perf_counter(), expected)
        if self._terminal:
            self.tick()
        else:
            known = {} if expected is None else {"expected_seconds": expected}
            self.tell("started", "", what=what, why=why, **known)

    def end(self, what: str, how: str, seconds: float, **facts: Any) -> None:
        """Tell that something has ended: ``done`` or ``failed``; ``facts`` are for a program."""
        self._running.pop(what, None)
        self.tell(
            how,
            f"  {what:<28} {seconds:5.1f} s{_memory(facts)}{'' if how == 'done' else '  ' + how}",
            what=what,
            seconds=seconds,
            **facts,
        )

    def tick(self) -> None:
        """Draw the line of what runs, with the seconds so far and the seconds of the last time."""
        if not self._terminal or not self._running:
            return
        now = time.perf_counter()
        parts = [
            f"{what} {now - start:.0f}{f' of about {expected:.0f}' if expected else ''} s"
            for what, (start, expected) in self._running.items()
        ]
        self._clear()
        line = ("  running: " + ", ".join(parts))[: shutil.get_terminal_size().columns - 1]
        print(line, end="", file=self._stream, flush=True)
        self._drawn = True

    def stop(self) -> None:
        """Take the moving line away."""
        if self._terminal:
            self._clear()

    def _clear(self) -> None:
        if self._drawn:
            print("\r\x1b[K", end="", file=self._stream)
            self._drawn = False


def _memory(facts: dict[str, Any]) -> str:
    return f"  {facts['peak_mib']:,} MiB" if facts.get("peak_mib") else ""
