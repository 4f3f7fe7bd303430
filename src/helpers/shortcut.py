"""The way of nothing changed: what a report was made from and what it consists of, held against today by fingerprint.

Imports nothing but the standard library's own and ``store``, so that a run with nothing to do ends before any library
is loaded. What a request came to (its parameters checked, the ledger checked, the month found) is remembered too.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers import paths, store, tracing

# What a report is computed and drawn with; licences and notes beside it are not.
COMPUTES = {".py", ".yml", ".j2", ".css", ".js", ".json", ".mplstyle", ".ttf", ".woff2"}
TRANSLATES = {".po", ".csv"}  # texts: they draw the page anew and compute nothing
DRAWN = ("docs/glossary.md", "docs/assumptions.md", "corrections.yml")  # documents that the page shows
REMEMBERED = 20


def inputs(*, prose: bool) -> Iterable[tuple[str, Path]]:
    """Give name and path of everything that a report is made from; without the notebooks, unless ``prose``."""
    for file in sorted((paths.ROOT / "src" / "helpers").rglob("*")):
        if file.suffix in (COMPUTES | TRANSLATES if prose else {".py"}):
            yield file.relative_to(paths.ROOT).as_posix(), file
    yield "requirements/runner.lock", paths.ROOT / "requirements" / "runner.lock"
    yield "parameters.yml", paths.PARAMETERS_FILE
    yield "notebooks/pipeline.yml", paths.NOTEBOOKS / "pipeline.yml"
    if prose:
        for file in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
            yield f"notebooks/{file.name}", file
        for name in DRAWN:
            yield name, paths.ROOT / name
    for folder, prefix in ((paths.RAW, tracing.LEDGER), (paths.PRODUCTS, tracing.PRODUCTS)):
        for path in (folder, *sorted(folder.rglob("*"))):
            name = prefix + path.relative_to(folder).as_posix()
            if name.startswith(f"{tracing.PRODUCTS}."):
                continue  # what an ingest is at work on
            yield (f"{name.removesuffix('.').rstrip('/')}/" if path.is_dir() else name), path


def state_of(request: list[str], *, prose: bool, forms: Any = None) -> str:
    """Return the fingerprint of a request and of everything it is answered from, as it stands now."""
    snapshot = store.Snapshot(name for name, _ in inputs(prose=prose))
    return store.fingerprint([request, snapshot.known(), forms, platform.python_version()])


def published(page: Path) -> dict[str, str]:
    """Return the fingerprints of every file of a published report and of what stands around it.

    Around it are the records of earlier reports, the list of months, the feed, the way to the newest and the tables.
    What was exported from it is not a part of it.
    """
    exported = page.parent / paths.EXPORT
    files = [file for file in page.parent.rglob("*") if file.is_file() and exported not in file.parents]
    earlier = [file for file in paths.REPORTS.glob("20*/run.json") if file.parent.name < page.parent.name]
    files += earlier
    around = ("index.html", "feed.xml", "latest.html")
    files += [*(file for name in around if (file := paths.REPORTS / name).exists()), *paths.PROCESSED.glob("*.parquet")]
    return {os.path.relpath(file, paths.REPORTS): store.sha256(file.read_bytes()) for file in sorted(files)}


def unchanged(request: list[str]) -> dict[str, Any] | None:
    """Return ``page`` and ``finding`` of the last report, if it answers this request and nothing has changed."""
    known = _read("made").get(store.fingerprint(request))
    if not known:
        return None
    with contextlib.suppress(OSError):
        page = paths.REPORTS / known["page"]
        if known["files"] == published(page) and known["state"] == state_of(request, prose=True):
            return known
    return None


def remember_report(request: list[str], state: str, page: Path, finding: str) -> None:
    """Write down what a report answers, what it was made from (``state``, taken before the run) and what it is."""
    content = {"state": state, "files": published(page), "finding": finding}
    _remember("made", store.fingerprint(request), {**content, "page": os.path.relpath(page, paths.REPORTS)})


def compared(stamp: str) -> list[dict[str, str]] | None:
    """Return what was found when this report was compared with the one before."""
    return _read("compared").get(stamp)


def remember_compared(stamp: str, rows: list[dict[str, str]]) -> None:
    """Write down what the comparison of a report with the one before found."""
    _remember("compared", stamp, rows)


def prepared(state: str) -> dict[str, Any] | None:
    """Return what a request came to before, from the same inputs."""
    return _read("prepared").get(state)


def remember_prepared(state: str, content: dict[str, Any]) -> None:
    """Write down what a request came to."""
    _remember("prepared", state, content)


def _file(kind: str) -> Path:
    return paths.REPORTS / ".state" / f"{kind}.json"


def _read(kind: str) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        return json.loads(_file(kind).read_text(encoding="utf-8"))
    return {}


def _remember(kind: str, key: str, content: dict[str, Any]) -> None:
    """Keep the newest answers of a kind; a memory that is lost or damaged costs a second, not a report."""
    known = {**{old: value for old, value in _read(kind).items() if old != key}, key: content}
    newest = dict(list(known.items())[-REMEMBERED:])
    with contextlib.suppress(OSError):
        paths.put(_file(kind), json.dumps(newest).encode())
