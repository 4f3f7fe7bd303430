"""Make a published report again, from what its record names and nothing else, in a folder that is thrown away.

The folder is laid out as a checkout: a copy of the code (that of this one, or of a commit), the raw files of the record
and no others, the earlier report that was an input. The report is made there by the command that made the first one.
Nothing is signed, and no notice is set: what was computed is compared, not what was said of it later.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import paths, stops, store
from helpers.months import check_month
from helpers.published import Report
from helpers.refusals import Refusal

PARTS = ("src", "notebooks", "requirements", "docs")  # what makes a report, besides figures and parameters
PREFIX = "diversion-verify-"
LOCK = "requirements/runner.lock"
PRODUCTS = "data/products/"
_INSIDE = re.compile(r"(data/products/)?(\w[\w.-]*/)*\w[\w.-]*")  # a name that leads nowhere else
NOTHING_KEPT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
# Run by the code that is held against the record: what it is, and what its parameters are when nobody sets them.
ASKED = (
    "import json\nfrom helpers import parameters, publish\nstamp = publish.stamp_of({}, [])\n"
    "usual = {name: field.default for name, field in parameters.Parameters.model_fields.items()}\n"
    "print(json.dumps({'code': stamp['code'], 'lock': stamp['lock'], 'usual': usual}))"
)


@dataclass(frozen=True)
class Figures:
    """The raw files of a record as they lie here: which are missing, which are other, which it does not name."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Bench:
    """The folder in which a report is made again."""

    root: Path

    @property
    def code(self) -> Path:
        """The checkout that makes it."""
        return self.root / "code"

    @property
    def raw(self) -> Path:
        """Where its figures stand."""
        return self.code / "data" / "raw"

    @property
    def products(self) -> Path:
        """Where its figures by product stand."""
        return self.code / "data" / "products"

    @property
    def reports(self) -> Path:
        """Where it is put."""
        return self.code / "reports"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see: the code of the bench, and no setting of this checkout."""
        seen = {name: value for name, value in os.environ.items() if not name.startswith("DIVERSION_")}
        search = [str(self.code / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        return seen | {"PYTHONPATH": os.pathsep.join(search)}


@contextlib.contextmanager
def bench() -> Iterator[Bench]:
    """Give an empty bench, and take it away in the end, however that comes."""
    root = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    try:
        yield Bench(root)
    finally:
        with stops.undisturbed():
            shutil.rmtree(root, ignore_errors=True)


def take_code(place: Bench) -> None:
    """Copy the code of this checkout onto the bench, without parameters and corrections of its own."""
    for part in PARTS:
        if (paths.ROOT / part).is_dir():
            shutil.copytree(paths.ROOT / part, place.code / part, ignore=NOTHING_KEPT)


def take_commit(place: Bench, commit: str) -> str:
    """Put a clean checkout of a commit onto the bench; return the commit's full name.

    Raises
    ------
    Refusal
        If there is no such commit here (exit code 2), or no git (4), or its lock is not that of this environment (4).
    """
    found = _git(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit.removesuffix('+changes')}^{{commit}}"
    )
    if found.returncode:
        raise Refusal(
            f'git knows no commit "{commit}" here', expected="a commit of this checkout's history",
            remedy="check its name, or bring the history with `git fetch --unshallow`", exit_code=2,
        )  # fmt: skip
    name = found.stdout.decode().strip()
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", name).stdout)) as archive:
        archive.extractall(place.code, filter="data")
    for setting in ("parameters.yml", "corrections.yml"):  # the record holds the parameters; notices are not compared
        (place.code / setting).unlink(missing_ok=True)
    if _content(place.code / LOCK) != _content(paths.ROOT / LOCK):
        raise Refusal(
            f"commit {name[:12]} has another lock than this environment",
            expected="the packages that its requirements/runner.lock names",
            remedy=f"`git worktree add ../at-{name[:12]} {name[:12]}`, `make report` there once for its environment, "
            "and verify there", exit_code=4,
        )  # fmt: skip
    return name


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _git(*words: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["git", "-C", str(paths.ROOT), *words], capture_output=True, check=False)
    except OSError as error:
        raise Refusal(
            "git is missing on this machine", expected="git, and a checkout with its history",
            remedy="apt-get install git, or verify without --code", exit_code=4,
        ) from error  # fmt: skip


def clear(place: Bench) -> None:
    """Take the code off the bench."""
    shutil.rmtree(place.code, ignore_errors=True)


def about(place: Bench) -> dict[str, Any]:
    """Return fingerprints of ``code`` and ``lock`` on the bench, and the ``usual`` values of its parameters."""
    told = subprocess.run(
        [sys.executable, "-c", ASKED], env=place.environment, cwd=place.code, capture_output=True, text=True
    )
    if told.returncode:
        last = (told.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise Refusal(
            f"the code cannot be run ({last})", expected="a commit that makes reports with this environment",
            remedy="name another commit, or verify where that report was made", exit_code=1,
        )  # fmt: skip
    return json.loads(told.stdout)


def take_figures(place: Bench, record: dict[str, Any]) -> Figures:
    """Put the raw files of a record onto the bench, each with the record beside it.

    A commit's own files go before those that lie here now.
    """
    sources, missing, changed = [paths.RAW], [], []
    if place.raw.is_dir():
        sources.insert(0, place.raw.rename(place.root / "raw of the commit"))
    place.raw.mkdir(parents=True)
    for entry in record["data"]:
        if not _INSIDE.fullmatch(entry["file"]):
            raise Refusal(
                f'the record names a raw file "{entry["file"]}"', expected="a file of the ledger, such as abs/….csv",
                remedy="do not rely on this record", file="run.json",
            )  # fmt: skip
        if entry["file"].startswith(PRODUCTS):
            state = _take_products(place, entry)
        else:
            state = _take_file(place, entry, sources)
        if state:
            (missing if state == "missing" else changed).append(entry["file"])
    named = {entry["file"] for entry in record["data"]}
    here = {file.relative_to(paths.RAW).as_posix() for file in paths.RAW.glob("*/*.csv")}
    return Figures(tuple(missing), tuple(changed), tuple(sorted(here - named)))


def _take_file(place: Bench, entry: dict[str, str], sources: Sequence[Path]) -> str:
    """Take a raw file from the first place that has it as it was; say how it fails."""
    state = "missing"
    for source in sources:
        file = source / entry["file"]
        beside = file.with_name(f"{file.name}.source.yml")
        if not file.is_file() or not beside.is_file():
            continue
        known = store.sha256(beside.read_bytes())
        if store.sha256(file.read_bytes()) != entry["sha256"] or known != entry.get("record", known):
            state = "changed"
            continue
        for part in (file, beside):
            target = place.raw / part.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(part, target)
        return ""
    return state


def _take_products(place: Bench, entry: dict[str, str]) -> str:
    """Take the figures by product that a record names as one."""
    from helpers import product_panel

    stem, day = entry["file"].removeprefix(PRODUCTS), entry["date_accessed"]
    told = next(iter(product_panel.manifest(stem, as_of=day)), {})
    files = product_panel.files_of(stem, day)
    if not files or told.get("sha256") != entry["sha256"]:
        return "changed" if files else "missing"
    manifests = {file for file in map(product_panel.manifest_of, files) if file.is_file()}
    for file in (*files, *sorted(manifests)):
        target = place.products / file.relative_to(paths.PRODUCTS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    return ""


def take_report_before(place: Bench, report: Report) -> str:
    """Lay the earlier report that was an input onto the bench; say ``none``, ``here``, ``missing`` or ``changed``.

    It is looked for beside the report, then among those of this checkout.
    """
    if not (before := report.record.get("previous")):
        return "none"
    states = []
    for shelf in dict.fromkeys([report.folder.resolve().parent, paths.REPORTS.resolve()]):
        folder = shelf / check_month(before["month"])
        states.append(_state_of(folder, before["stamp"]))
        if states[-1] == "here":
            target = place.reports / before["month"]
            shutil.copytree(folder / "data", target / "data")
            shutil.copyfile(folder / "run.json", target / "run.json")
            return "here"
    return "changed" if "changed" in states else "missing"


def _state_of(folder: Path, stamp: str) -> str:
    """Tell whether a report with this stamp is ``here``, whole as its record says, or ``missing`` or ``changed``."""
    try:
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        held = [(folder / name, known) for name, known in found.get("files", {}).items() if name.startswith("data/")]
        whole = all(store.sha256(file.read_bytes()) == known for file, known in held)
    except (OSError, ValueError, AttributeError):
        return "missing"
    return "here" if found.get("stamp") == stamp and whole else "changed"


def run(place: Bench, values: dict[str, Any], usual: dict[str, Any]) -> Report:
    """Make the report on the bench.

    Parameters
    ----------
    place
        The bench, with everything on it.
    values
        The parameters of the record.
    usual
        What they are when nobody sets them; such a value is not set.

    Raises
    ------
    Refusal
        If it cannot be made; exit code 1.
    """
    from helpers import published

    command = [sys.executable, "-m", "helpers.cli", "report"]
    for name, value in values.items():
        if name in usual and value != usual[name]:
            command += ["-p", f"{name}={value}"]
    process = subprocess.Popen(command, env=place.environment, cwd=place.code, stdout=subprocess.DEVNULL)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()  # it tidies up by itself
        process.wait()
        raise
    if code:
        raise Refusal(
            "the report cannot be made again", expected="a run to its end, as when it was published",
            remedy="the run says above what stopped it; where the code differs, try --code", exit_code=1,
        )  # fmt: skip
    return published.read(place.reports / values["month"])
