"""Make the same report ten times in ten surroundings and hold the bytes against each other: same_bytes.py [--quick].

Folders, languages, time zones, seeds of Python's hashes, users and processors differ; what readers get must not. The
whole trial takes the real notebooks and writes its counts to ``results/same_bytes.json``; the quick one makes two
reports of a small copy with invented notebooks.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]

import whole  # noqa: E402
from checkout import TIMED, checkout  # noqa: E402

RESULTS = HERE / "results" / "same_bytes.json"
ANOTHER = 65534  # a user who owns nothing but the copy
LANGUAGES = {"C": "", "de_AT.UTF-8": "de_AT", "tr_TR.UTF-8": "tr_TR"}  # the latter two are made here by localedef
NOBODYS = "xx_XX.UTF-8"  # no machine has it


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """Where a report is made: a folder's name, language, time zone, seed of hashes, user and number of processors."""

    folder: str
    language: str
    zone: str
    hashes: str
    user: int
    processors: int


ALL = tuple(
    Surroundings(*row)
    for row in (
        ("first", "C", "UTC", "0", 0, 2),
        ("first", "de_AT.UTF-8", "Asia/Shanghai", "0", 0, 2),
        ("first", "tr_TR.UTF-8", "America/St_Johns", "4711", 0, 2),
        ("first", "C", "America/St_Johns", "4711", ANOTHER, 1),
        ("first", "tr_TR.UTF-8", "UTC", "0", ANOTHER, 2),
        ("zweiter Ordner, größer", "C", "Asia/Shanghai", "4711", 0, 1),
        ("zweiter Ordner, größer", "de_AT.UTF-8", "UTC", "4711", ANOTHER, 2),
        ("zweiter Ordner, größer", "tr_TR.UTF-8", "Asia/Shanghai", "4711", ANOTHER, 1),
        ("zweiter Ordner, größer", "de_AT.UTF-8", "America/St_Johns", "0", 0, 1),
        ("zweiter Ordner, größer", NOBODYS, "America/St_Johns", "4711", ANOTHER, 2),
    )
)
QUICK = (ALL[0], ALL[7])


def languages(folder: Path) -> list[str]:
    """Make the languages that this machine may lack; return those that are there."""
    for name, source in LANGUAGES.items():
        if source and shutil.which("localedef"):
            subprocess.run(["localedef", "-i", source, "-f", "UTF-8", str(folder / name)], capture_output=True)
    asked = "import locale, sys; locale.setlocale(locale.LC_ALL, sys.argv[1])"
    found = []
    for name in (*LANGUAGES, NOBODYS):
        tried = [sys.executable, "-c", asked, name]
        if not subprocess.run(tried, env={**os.environ, "LOCPATH": str(folder)}, capture_output=True).returncode:
            found.append(name)
    return found


def can_be_another() -> bool:
    """Tell whether a report can be made as another user: by root, who may become anybody."""
    return os.geteuid() == 0 and shutil.which("setpriv") is not None


def command(place: Surroundings) -> list[str]:
    """Return the command that makes a report there.

    The other user may read everything, since the interpreter may lie in a folder that is closed to others; writing is
    allowed in the copy only.
    """
    words = [sys.executable, "-m", "helpers.cli", "report"]
    if place.processors == 1:
        words = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), *words]
    if place.user:
        rights = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search"]
        ids = [f"--reuid={place.user}", f"--regid={place.user}", "--clear-groups"]
        words = ["setpriv", *ids, *rights, "--", *words]
    return words


def made(place: Surroundings, root: Path, copy: Callable[[Path], Path]) -> dict[str, bytes]:
    """Make a report in these surroundings; return what was published, by name."""
    folder = root / place.folder
    folder.mkdir()
    copy(folder)
    home = folder / "home"
    home.mkdir()
    if place.user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, place.user, place.user)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "XDG_"))}
    environment |= {
        "LC_ALL": place.language, "LOCPATH": str(root / "locale"), "TZ": place.zone, "PYTHONHASHSEED": place.hashes,
        "PYTHONPATH": str(folder / "src"), "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    try:
        run = subprocess.run(command(place), cwd=folder, env=environment, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(f"{place}: exit code {run.returncode}: {run.stderr[-2000:]}")
        return everything(folder)
    finally:
        shutil.rmtree(folder)


def everything(folder: Path) -> dict[str, bytes]:
    """Return what a report consists of, by name: pages, tables, pictures, packages, archive, and the record's rest."""
    files = whole.published(folder)
    month = next((folder / "reports").glob("20*"))
    record = json.loads((month / "run.json").read_text(encoding="utf-8"))
    files["record without times"] = json.dumps(
        {name: value for name, value in record.items() if name not in TIMED}, sort_keys=True
    ).encode()
    also = [file for file in month.iterdir() if file.is_file() and file.name != "run.json"]
    also += (folder / "data" / "processed").glob("*.parquet")
    return files | {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(also)}


def compare(first: dict[str, bytes], other: dict[str, bytes], where: Surroundings) -> tuple[int, list[str]]:
    """Hold two reports against each other; return how many files were compared, and which differ."""
    names = sorted({*first, *other})
    return len(names), [f"{name} differs in {where}" for name in names if first.get(name) != other.get(name)]


def run(places: Sequence[Surroundings], root: Path, copy: Callable[[Path], Path], tell: bool = False) -> dict[str, Any]:
    """Make a report in each of the surroundings; return what was counted, with ``failures`` in words."""
    (root / "locale").mkdir()
    installed = languages(root / "locale")
    first: dict[str, bytes] = {}
    checked, failures = 0, []
    for number, place in enumerate(places):
        if place.user and not can_be_another():
            failures.append(f"{place}: only root can make a report as another user")
            continue
        try:
            found = made(place, root, copy)
        except RuntimeError as error:
            failures.append(str(error))
            continue
        first = first or found
        count, differing = compare(first, found, place)
        checked, failures = checked + count * (number > 0), failures + differing
        if tell:
            print(f"{place}: {count} files, {len(differing)} differ", flush=True)
    return {
        "runs": len(places),
        "folders": len({place.folder for place in places}),
        "languages": {place.language: place.language in installed for place in places},
        "time zones": sorted({place.zone for place in places}),
        "seeds of hashes": sorted({place.hashes for place in places}),
        "users": len({place.user for place in places}),
        "processors": sorted({place.processors for place in places}),
        "files of a report": len(first),
        "checked": checked,
        "failed": len(failures),
        "failures": failures,
    }


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    quick = "--quick" in words
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o755)
        told = run(QUICK if quick else ALL, Path(root), checkout if quick else whole.copied, tell=True)
    failures = told.pop("failures")
    print(*failures, json.dumps(told, indent=1, ensure_ascii=False), sep="\n")
    if not quick:
        RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(bool(failures) or not told["checked"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
