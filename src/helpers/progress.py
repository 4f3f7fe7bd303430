"""What a person at a terminal and a log see while a report is made: lines that move, or JSON, one event a line."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import Any, TextIO

from helpers.refusals import UNSEEN, visible


def one_line(content: dict[str, Any]) -> str:
    """Return JSON that no reader takes for two lines, and no terminal for an order."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(content, ensure_ascii=False))


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
            print(visible(words), file=self._stream)
            self.tick()
        else:
            print(one_line({"event": event, **facts}), file=self._stream)
        self._stream.flush()

    def start(self, what: str, expected: float | None = None, why: str = "") -> None:
        """Tell that something runs from now on; ``expected`` are the seconds it took the last time."""
        self._running[what] = (time.perf_counter(), expected)
        if self._terminal:
            self.tick()
        else:
            self.tell("started", "", what=what, why=why, expected_seconds=expected)

    def end(self, what: str, how: str, seconds: float) -> None:
        """Tell that something has ended: ``done`` or ``failed``."""
        self._running.pop(what, None)
        self.tell(
            how, f"  {what:<28} {seconds:5.1f} s{'' if how == 'done' else '  ' + how}", what=what, seconds=seconds
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
