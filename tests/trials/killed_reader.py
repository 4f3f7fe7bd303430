"""A reader who never stops: from ``latest.html`` to the page and its record, again and again: killed_reader.py FOLDER.

Says ``reading`` after the first round, goes on until its standard input closes, reads once more, and then tells as JSON
how often it read, what was missing, what was half, and the fingerprints of the pages it saw and of those that the
records name. Needs nothing but Python: it looks at a folder as a web server does.
"""

from __future__ import annotations

import hashlib
import json
import re
import select
import sys
from pathlib import Path

PAUSE = 0.005  # seconds between rounds, so that the run beside it gets on
ENDS = {"index.html": b"</html>", "latest.html": b"</html>", "feed.xml": b"</feed>"}
LEADS = re.compile(rb'url=([^"]+)/index\.html"')


class Reader:
    """Reads what a visitor would, and notes what was wrong."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.reads = 0
        self.missing: list[str] = []
        self.half: list[str] = []
        self.pages: set[str] = set()
        self.named: set[str] = set()

    def round(self) -> None:
        """Read the way to the newest, the page it leads to, its record, the list of months and the feed."""
        found = LEADS.search(self._read("latest.html"))
        if found:
            month = found[1].decode()
            if page := self._read(f"{month}/index.html"):
                self.pages.add(hashlib.sha256(page).hexdigest())
            if record := self._read(f"{month}/run.json"):
                try:
                    self.named.add(json.loads(record)["files"]["index.html"])
                except (ValueError, KeyError):
                    self.half.append(f"{month}/run.json")
        for name in ("index.html", "feed.xml"):
            self._read(name)

    def _read(self, name: str) -> bytes:
        self.reads += 1
        try:
            content = (self._folder / name).read_bytes()
        except OSError as error:
            self.missing.append(f"{name}: {error.strerror}")
            return b""
        if not content.rstrip().endswith(ENDS.get(name.rpartition("/")[2], b"")):
            self.half.append(name)
        return content


def main(folder: Path, pause: float) -> None:
    """Read until nobody listens any more."""
    reader = Reader(folder)
    reader.round()
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], pause)[0]:
        reader.round()
    reader.round()
    told = {"reads": reader.reads, "missing": reader.missing[:20], "half": reader.half[:20],
            "pages": sorted(reader.pages), "named": sorted(reader.named)}  # fmt: skip
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else PAUSE)
