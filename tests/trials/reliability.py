"""Write ``docs/reliability.md`` from the counts that the trials left: reliability.py; a test holds the page to them.

What is promised and what is not stands here in words, each promise beside the trial that could have broken it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.documents.links import with_links

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"


@dataclass(frozen=True)
class Trial:
    """One trial: the name of its script, what it does, and what of its counts says how often it was tried."""

    name: str
    title: str
    what: str
    tried: tuple[tuple[str, ...], ...]

    @property
    def counts(self) -> dict[str, Any]:
        """What the whole trial counted."""
        return json.loads((HERE / "results" / f"{self.name}.json").read_text(encoding="utf-8"))


TRIALS = (
    Trial(
        "killed", "Killed",
        "A run by timer is ended by SIGKILL at moments drawn within every step, by the clock and at single calls to "
        "the disk, the front alone or its whole group; the last step also at each of its calls, one after the other. "
        "After each the page is there and is the old one or the new one, byte for byte; the next run succeeds; "
        "nothing is left of the dead one. Beside them a reader follows `latest.html` to the page without a pause.",
        (("kills",),),
    ),
    Trial(
        "together", "At once",
        "Two and ten timers start the same night in one breath: one works, the others go away, the page is whole.",
        (("rounds", "2 at once"), ("rounds", "10 at once")),
    ),
    Trial(
        "starved", "Starved",
        "Memory, room, rights, time, files, language, home, fonts and network are taken from a run, before it or "
        "under way. It ends with the documented exit code and one message, the page stands, and the next run on a "
        "whole machine succeeds.",
        (("cases",),),
    ),
    Trial(
        "mutated", "Mutated",
        "The ledger is changed at one place: a digit, a point, a sign, a unit, a month, a partner, a row, a byte, a "
        "field of the record; in half of the tries its fingerprint is made right again. Each ends in one clear error,"
        " or in numbers under another stamp that names the changed file; none in other numbers under the same stamp.",
        (("reading", "checked"), ("whole reports", "checked")),
    ),
    Trial(
        "hostile", "Hostile texts",
        "Texts that attack whatever reads them go through every parameter, name, note, file name and field, and come "
        "out in notebook source, HTML in Chromium, drawings, CSV, workbook, feed, log and the environment of a hook.",
        (("texts",),),
    ),
    Trial(
        "same_bytes", "Same bytes",
        "The real report in two folders, three languages, three time zones, with two seeds of Python's hashes, by two"
        " users, on one and two processors.",
        (("runs",),),
    ),
    Trial(
        "replayed", "Thirty months",
        "The timer's command month after month, against offices that answer what they would have answered on that "
        "day; in a third of the months something fails; four months also with the notebooks of the report. Every "
        "page is held against figures computed another way, and "
        "against the report made later with `as_of_vintage`.",
        (("small notebooks", "nights"), ("notebooks of the report", "nights")),
    ),
)  # fmt: skip

HEAD = """\
# What was done to break it, and what held

A machine that nobody watches runs this project, and somebody relies on the page. So it was tried to break it: killed, \
starved, fed wrong figures and hostile texts, cut off from its sources. This page is written by \
`tests/trials/reliability.py` from what the trials counted. Figures and offices in them are invented or replayed, the \
code is the one that publishes.
"""

PROMISES = """\
## What is promised

- **The page is there, whole, old or new.** A report is built beside the others and takes its place by one exchange of \
names; the list of months, the feed and `latest.html` follow, in this order. ("Killed", "At once")
- **A run that fails says so and changes nothing for readers.** Exit code, one line, `reports/.failed/summary.md`, the \
hook. ("Starved", "Thirty months")
- **The next run repairs.** Nobody has to clean up after a crash. ("Killed", "Starved")
- **No number changes in silence.** Another figure is another stamp, and the stamp's list names the file. ("Mutated")
- **No text becomes code, markup or a formula.** ("Hostile texts"; [what is trusted](security.md))
- **Same inputs, same bytes** on the same lock and platform, on any day, in any folder, language and time zone. ("Same \
bytes")
- **A month can be looked back at.** `as_of_vintage` gives the tables that were published then. ("Thirty months")

## What is not promised

- **Figures that are wrong and plausible.** A digit changed in the ledger together with its fingerprint is seen in the \
stamp, not refused, unless it breaks a sum or a jump beyond all that was seen. Whoever may write to the ledger can \
change a number; git and the signature say who did.
- **The disk.** Names are exchanged in one step as the kernel tells it; after a loss of power the file system decides \
what it kept. On file systems that cannot exchange names there is a moment between two renames; the next run mends it.
- **The list of months and the feed** may be one month behind the page for as long as a killed run is not followed by \
another.
- **The live services of the offices** were not reached; their answers are replayed in the shapes they document.
- **Other platforms.** The trials ran on Linux, on a local disk, as root and as one other user.
"""


def page() -> str:
    """Return the page as Markdown."""
    rows = ["| trial | tried | held against | did not hold | by |", "|---|---|---|---|---|"]
    parts = []
    for trial in TRIALS:
        counts = trial.counts
        tried = " + ".join(_number(_at(counts, place)) for place in trial.tried)
        checked, failed = (sum(_all(counts, word)) for word in ("checked", "failed"))
        command = f"`tests/trials/{trial.name}.py`"
        rows.append(
            f"| [{trial.title}](#{_anchor(trial.title)}) | {tried} | {_number(checked)} | {failed} | {command} |"
        )
        parts.append(f"### {trial.title}\n\n{trial.what}\n\n" + "\n".join(_listed(counts)) + "\n")
    how = (
        "Each is run whole by `.venv/bin/python tests/trials/<name>.py`, which writes its counts, and in a quick form"
        " by `make test`. *Held against* counts single comparisons: a page with its files, a cell, an exit code. The "
        "counts are those of the last whole run of each trial; the code may be younger.\n"
    )
    text = "\n".join([HEAD, "## The trials\n", *rows, "", how, PROMISES, "## The counts\n", *parts]).rstrip() + "\n"
    return with_links(text, PAGE)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _at(counts: Any, place: tuple[str, ...]) -> int:
    for name in place:
        counts = counts[name]
    return counts


def _all(counts: dict[str, Any], word: str) -> list[int]:
    """Return a count of the trial, or of its parts where it has none of its own."""
    if word in counts:
        return [counts[word]]
    return [part[word] for part in counts.values() if isinstance(part, dict) and word in part]


def _listed(counts: dict[str, Any], depth: int = 0) -> list[str]:
    lines = []
    for name, value in counts.items():
        indent = "  " * depth
        if isinstance(value, dict) and set(value) == {"checked", "failed"}:
            lines.append(f"{indent}- {name}: {_number(value['checked'])} checked, {value['failed']} failed")
        elif isinstance(value, dict) and all(not isinstance(part, dict | list) for part in value.values()):
            lines.append(f"{indent}- {name}: " + ", ".join(f"{part} {_number(count)}" for part, count in value.items()))
        elif isinstance(value, dict):
            lines += [f"{indent}- {name}:", *_listed(value, depth + 1)]
        elif isinstance(value, list):
            lines.append(f"{indent}- {name}: {'; '.join(map(str, value)) or 'none'}")
        else:
            lines.append(f"{indent}- {name}: {_number(value)}")
    return lines


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
