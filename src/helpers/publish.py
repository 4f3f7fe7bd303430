"""Put a finished report in place, whole or not at all, with the stamp that says what it was made from.

A report is built beside the others in ``reports/.building-<pid>`` and moved in by one exchange of names. Stopped at
any point, a run leaves the old report or the new one, never half of either. Where a file system cannot exchange, two
renames do it, and :func:`clean_up` restores the name when the machine stopped between them.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers import paths, shortcut, stops, systems
from helpers.exchange import exchange

BUILDING = ".building-"
ASIDE = ".old-"
PRUNED = ".pruned-"
HALVES = (".*.part", "*/.*.part", f"*/{paths.EXPORT}/.*.part", ".state/*.part", ".state/*/*.part")
UNNUMBERED = ".state/templates/*/*.tmp"  # half-written too, by jinja2
_NUMBER = re.compile(r"(?:^|\.)(\d+)\.part$")
READ, READ_FOLDER = 0o644, 0o755
PACKAGES = ("ipykernel", "matplotlib", "numpy", "pandas", "papermill", "pyarrow", "scipy", "statsmodels")


def stamp_of(
    values: dict[str, Any], data: list[dict[str, Any]], previous: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return what a report is made from, and its fingerprint.

    Parameters
    ----------
    values
        The parameters of the run, with the month resolved.
    data
        title, producer, url, date_accessed, file and sha256 of each raw file, and the sha256 of its ``record``, by
        file: currency, vintage and day of access stand there.
    previous
        ``month`` and ``stamp`` of the earlier report that the page tells changes against.

    Returns
    -------
    dict
        ``stamp`` (12 hex digits, shown to readers), ``sha256`` (all of it), ``code``, ``lock``, ``parameters``,
        ``data`` and, if there is one, ``previous``. Texts around the code, in the notebooks, the documents or the
        catalogues, are left out: mending a sentence does not change what was computed.
    """
    parts = {
        "code": _sha256(code_of()),
        "lock": _sha256([("runner.lock", (paths.ROOT / "requirements" / "runner.lock").read_bytes())]),
        "parameters": values,
        "data": data,
        **({"previous": previous} if previous else {}),
    }
    hashed = {**parts, "data": [(entry["file"], entry["sha256"], entry.get("record", "")) for entry in data]}
    digest = hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()
    return {"stamp": digest[:12], "sha256": digest, **parts}


def code_of() -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of everything that computes: helpers, the code cells of the notebooks, their order."""
    package = paths.ROOT / "src" / "helpers"
    for file in sorted(package.rglob("*")):
        if file.suffix in shortcut.COMPUTES:
            yield file.relative_to(package).as_posix(), file.read_bytes()
    yield "pipeline.yml", (paths.NOTEBOOKS / "pipeline.yml").read_bytes()
    for notebook in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        yield notebook.name, json.dumps(sources).encode()


def _sha256(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def run_record(stamp: dict[str, Any], *, title: str, finding: str, started: str, finished: str,
               seconds: dict[str, float], memory_mib: dict[str, int], ran: list[str], total: float,
               files: dict[str, str]) -> dict[str, Any]:  # fmt: skip
    """Return the content of ``run.json``: the stamp, what the report consists of, and what differs from run to run.

    ``files`` holds the fingerprints of what it consists of (``contents.py``); ``seconds`` and ``memory_mib`` what each
    step took when it ran; ``ran`` names those that ran this time, the others were kept.
    """
    return {
        "title": title,
        "finding": finding,
        **stamp,
        "files": files,
        **surroundings(),
        "started": started,
        "finished": finished,
        "seconds": seconds,
        "memory_mib": memory_mib,
        "ran": ran,
        "total_seconds": total,
        "exit": 0,
    }


@functools.cache
def surroundings() -> dict[str, Any]:
    """Return commit, Python, platform and versions of packages."""
    return {
        "commit": commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def commit() -> str | None:
    """Return the git commit of the checkout, ``+changes`` appended when files differ from it; None without git."""
    try:
        head, state = (
            subprocess.run(["git", "-C", str(paths.ROOT), *words], capture_output=True, text=True, check=True).stdout
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.strip() + ("+changes" if state.strip() else "")


def write_json(content: dict[str, Any], file: Path) -> None:
    """Write ``content`` readable and with its keys in order."""
    file.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def put_in_place(report: Path, tables: Path, month: str) -> Path:
    """Move a finished report and its tables to where readers look.

    Parameters
    ----------
    report
        Folder with ``index.html``, ``data/``, ``run.json`` and ``steps/``, on the same disk as ``reports/``.
    tables
        Folder with the Parquet files of the run.
    month
        Month of the report, the name of its folder.

    Returns
    -------
    pathlib.Path
        The page.
    """
    target = paths.REPORTS / month
    with _alone(), stops.undisturbed():
        _restore()
        for_readers(report)
        with _beside_the_tables(tables) as copies:  # what needs room comes before what readers see
            _change_places(report, target)
            try:
                for beside, table in copies.items():
                    os.replace(beside, table)
                _write_archive()
            except OSError:  # no room for the list of months: readers keep what goes together
                _change_places(report, target)
                with contextlib.suppress(OSError):
                    _write_archive()
                raise
    return target / "index.html"


def for_readers(folder: Path) -> None:
    """Let everybody read a report and nobody but its owner write it, whatever the umask: a web server is another user.

    Who may read it at all is said by the folder ``reports/``, whose mode is left alone.
    """
    for path in (folder, *folder.rglob("*")):
        path.chmod(READ_FOLDER if path.is_dir() else READ)


@contextlib.contextmanager
def _beside_the_tables(tables: Path) -> Iterator[dict[Path, Path]]:
    """Copy tables beside those that they will replace; what was not used in the end is taken away."""
    paths.PROCESSED.mkdir(parents=True, exist_ok=True)
    copies = {paths.PROCESSED / f"{table.stem}.{os.getpid()}.part": paths.PROCESSED / table.name
              for table in sorted(tables.glob("*.parquet"))}  # fmt: skip
    try:
        for beside, table in copies.items():
            shutil.copyfile(tables / table.name, beside)
        yield copies
    finally:
        for beside in copies:
            beside.unlink(missing_ok=True)


def _change_places(report: Path, target: Path) -> None:
    """Let a report take the place of the one that stands, if one does, which is then found where this one was."""
    if not (report.exists() and target.exists()):
        source, goal = (report, target) if report.exists() else (target, report)
        source.rename(goal)
    elif not exchange(report, target):
        _rename_by_turns(report, target)


def _rename_by_turns(report: Path, target: Path) -> None:
    """Change places where names cannot be exchanged; for a moment nothing has the name."""
    aside = _aside(target.name)
    target.rename(aside)
    try:
        report.rename(target)
        aside.rename(report)
    finally:
        _restore()


def prune(keep: int, *, only_tell: bool = False) -> list[str]:
    """Take old reports away, and out of the list of months and the feed; return their months.

    Parameters
    ----------
    keep
        How many of the newest months stay; what else stays, :mod:`helpers.retention` says.
    only_tell
        Take nothing away.
    """
    from helpers import retention

    if only_tell:
        return retention.may_go(keep)
    clean_up()
    with _alone():
        months = retention.may_go(keep)
        with stops.undisturbed():
            for month in months:
                aside = paths.REPORTS / f"{PRUNED}{month}"
                (paths.REPORTS / month).rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
            _write_archive()
    return months


def clean_up() -> None:
    """Finish what a run that was cut short left behind: restore names, drop folders and files whose run is over."""
    paths.REPORTS.mkdir(parents=True, exist_ok=True)
    with _alone():
        _restore()
        for folder in paths.REPORTS.glob(f"{PRUNED}*"):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in paths.REPORTS.glob(f"{BUILDING}*"):
        if _is_over(int(folder.name.removeprefix(BUILDING))):
            shutil.rmtree(folder, ignore_errors=True)
    for file, pid in half_written():
        if _is_over(pid):
            file.unlink(missing_ok=True)
    for file in paths.REPORTS.glob(UNNUMBERED):  # whoever is at work on one finds it gone, and does without
        file.unlink(missing_ok=True)


def half_written() -> Iterator[tuple[Path, int]]:
    """Give every file that will get its name when it is whole, with the number of the run that writes it."""
    places = [*((paths.REPORTS, pattern) for pattern in HALVES), (paths.PROCESSED, "*.part")]
    for folder, pattern in places:
        for file in sorted(folder.glob(pattern)):
            if found := _NUMBER.search(file.name):
                yield file, int(found[1])


def _aside(month: str) -> Path:
    return paths.REPORTS / f"{ASIDE}{month}"


def _restore() -> None:
    """Give an old report its name back when no new one took its place, and drop it when one did."""
    for aside in paths.REPORTS.glob(f"{ASIDE}*"):
        target = paths.REPORTS / aside.name.removeprefix(ASIDE)
        if target.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(target)


def _is_over(pid: int) -> bool:
    """Tell whether a run is over; so is an earlier one with the number of this process, as containers hand them out."""
    return pid == os.getpid() or not systems.is_running(pid)


def _alone() -> contextlib.AbstractContextManager[None]:
    """Let one run at a time rename under ``reports/``."""
    return systems.locked(paths.REPORTS / ".lock")


def correct() -> list[Path]:
    """Let published pages, their previews, the list of months and the feed say what ``corrections.yml`` says.

    Nothing is computed again, and what a page was before lies beside it.

    Returns
    -------
    list of pathlib.Path
        What was written; nothing that said so already.
    """
    from helpers import preview, superseded

    clean_up()
    with _alone():
        files = superseded.due()
        for page in [file for file in files if file.name == "index.html"]:
            files[page.with_name(preview.NAME)] = preview.published(page.parent)
        changed = [file for file, content in files.items() if not file.exists() or file.read_bytes() != content]
        with stops.undisturbed():
            for file in changed:
                paths.put(file, files[file], READ)
            return changed + _write_archive()


def _write_archive() -> list[Path]:
    """Write the list of months, the feed and, last, the way to the newest; return those that changed."""
    from helpers import archive, latest

    files = {paths.REPORTS / name: content for name, content in archive.files().items()}
    if newest := latest.content():
        files[paths.REPORTS / latest.NAME] = newest
    changed = [file for file, content in files.items() if not file.exists() or file.read_bytes() != content]
    for file in changed:
        paths.put(file, files[file], READ)
    return changed
