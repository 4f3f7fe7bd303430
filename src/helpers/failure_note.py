"""``reports/.failed/summary.md``: one page for whoever is called when a run by timer did not end as it should.

What failed, where, since when, what readers see meanwhile, what to do. It is there as long as something is wrong and
taken away by the first run that ends well.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from helpers import paths


def place() -> Path:
    """Return where the page stands."""
    return paths.REPORTS / ".failed" / "summary.md"


def write(told: dict[str, Any], *, details: str, remedy: str, now: str) -> str:
    """Write the page; return since when this has been so.

    Parameters
    ----------
    told
        ``outcome``, ``step``, ``sentence``, ``month`` and ``stamp`` of what is published meanwhile, ``exit_code``,
        ``failed_sources``.
    details
        What was said about it, in full.
    remedy
        What to do.
    now
        Time of this run.
    """
    # A source that fails is one trouble, whether or not the others brought enough for a page.
    same = [told["step"], told["exit_code"], told["failed_sources"]]
    known: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(_memory().read_text(encoding="utf-8"))
    since = known["since"] if known.get("same") == same else now
    times = known.get("times", 0) + 1 if known.get("same") == same else 1
    published = f"the report for {told['month']}, stamp {told['stamp']}" if told["month"] else "nothing yet"
    text = f"""\
# {told["sentence"]}

| | |
|---|---|
| what | {told["outcome"]}, exit code {told["exit_code"]} |
| where | step {told["step"]} |
| since | {since}; this is run {times} with this outcome, made {now} |
| readers see | {published} |
| what to do | {remedy} |

```
{details.replace("```", "'''")}
```
"""
    paths.put(place(), text.encode())
    paths.put(_memory(), json.dumps({"same": same, "since": since, "times": times}).encode())
    return since


def clear() -> None:
    """Take the page away."""
    for file in (place(), _memory()):
        with contextlib.suppress(OSError):  # where it cannot be taken away the next run does it
            file.unlink(missing_ok=True)


def _memory() -> Path:
    return place().with_name("since.json")
