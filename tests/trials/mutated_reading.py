"""A ledger read as a report reads it, in a process of its own: checks, chapter 01, what later chapters read beside it.

The chapter is the notebook itself, cell by cell, with its checks; only drawings are left out. Of the
ledger as it is, what the chapter and the one large file came to is remembered by the bytes they were made from.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import mutated_kinds
import pandas as pd

from helpers import (
    charts,
    charts_releases,
    claims,
    csv_text,
    figures,
    gates,
    paths,
    prepare,
    product_groups,
    provenance,
    publish,
    quantities,
    steps,
    tables,
)
from helpers.refusals import Refusal, visible

CHAPTER = "01_clean_customs"
SECONDS = 60  # what takes longer hangs
MEMORY = 8 << 30
OF_CHAPTER, LARGE = ("customs", "controls"), ("product_groups",)  # schemas
MADE, REFUSED, STOPPED, BROKE, HUNG = "made", "refused", "stopped by a check", "broke", "hung"


@dataclasses.dataclass
class Told:
    """What came of a ledger.

    ``end`` is :data:`MADE`, :data:`REFUSED`, :data:`STOPPED` (a check in the notebook), :data:`BROKE` or :data:`HUNG`;
    ``files`` are the fingerprints of the raw files by which the stamp knows them; ``tables`` those of what was made;
    ``gates`` the gates that it closes; ``month`` that of a whole report. The rest is what was done to the ledger.
    """

    end: str
    message: str = ""
    exit_code: int = 0
    stamp: str = ""
    files: dict[str, str] = dataclasses.field(default_factory=dict)
    tables: dict[str, str] = dataclasses.field(default_factory=dict)
    gates: list[str] = dataclasses.field(default_factory=list)
    month: str = ""
    touched: list[str] = dataclasses.field(default_factory=list)
    bytes_changed: bool = False
    line: int = 0
    column: str = ""


def in_a_process(work: Callable[[], Told]) -> Told:
    """Do the work in a forked process and return what it tells; one that takes too long is killed."""
    reads, writes = os.pipe()
    sys.stdout.flush()
    if (child := os.fork()) == 0:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            answer = json.dumps(dataclasses.asdict(work()))
        except BaseException:
            answer = json.dumps({"end": BROKE, "message": "the trial itself: " + traceback.format_exc()})
        with os.fdopen(writes, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        if select.select([pipe], [], [], SECONDS)[0]:
            answer = pipe.read()
        else:
            os.kill(child, signal.SIGKILL)
            answer = json.dumps({"end": HUNG})
    os.waitpid(child, 0)
    return Told(**json.loads(answer)) if answer else Told(BROKE, "its process died")


def read_mutated(kind: str, seed: str, pristine: Path, folder: Path, *, renewed: bool, baseline: Path | None) -> Told:
    """Copy a ledger, let something of a kind happen to it, and read it."""

    def work() -> Told:
        raw = folder / "raw"
        shutil.copytree(pristine, raw, copy_function=os.link)
        spot = mutated_kinds.mutate(kind, raw, seed, renewed=renewed)
        told = read(raw, folder, baseline)
        told.touched, told.bytes_changed = sorted(spot.touched), spot.bytes_changed
        told.line, told.column = spot.line, spot.column
        return told

    try:
        return in_a_process(work)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read(raw: Path, folder: Path, baseline: Path | None = None) -> Told:
    """Read a ledger as a report does, and tell how it ended.

    Parameters
    ----------
    raw
        The ledger.
    folder
        An empty one; the tables that gates look at are left there, under ``data``.
    baseline
        Such a folder of the ledger as it should be, to hold the gates against.
    """
    warnings.simplefilter("ignore")
    paths.RAW = raw
    try:
        known = prepare.prepare([], FORMS)
        made = {**_chapter(known["values"]), **read_elsewhere(known["values"])}
        stamp = publish.stamp_of(known["values"], known["data"])
    except Refusal as refusal:
        return Told(REFUSED, visible(str(refusal)), refusal.exit_code)
    except AssertionError as error:
        told = traceback.extract_tb(error.__traceback__)[-1]
        is_check = told.filename == CHAPTER and str(error)
        return Told(STOPPED if is_check else BROKE, str(error) or traceback.format_exc(), 1)
    except Exception:
        return Told(BROKE, traceback.format_exc(), 1)
    fingerprints = {name: fingerprint(frame) for name, frame in made.items()}
    return Told(
        MADE, stamp=stamp["stamp"], files={entry["file"]: fingerprint_of(entry) for entry in stamp["data"]},
        tables=fingerprints, gates=_gates(made, known["values"], folder, baseline),
    )  # fmt: skip


def _gates(made: dict[str, pd.DataFrame], values: dict[str, Any], folder: Path, baseline: Path | None) -> list[str]:
    """Return the gates that would keep these figures from being published unseen."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    told = {name: fingerprint(made[name]) for name in gates.TABLES}
    beside = folder / "told.json"
    beside.write_text(json.dumps(told))
    if baseline and json.loads((baseline / beside.name).read_text()) == told:
        return []  # that is what the gates find of figures that are the same
    for name in gates.TABLES:
        (folder / "data" / f"{name}.csv").write_text(csv_text.to_csv(made[name]), encoding="utf-8")
    found = gates.judge(folder, baseline, {"parameters": values}).findings if baseline else ()
    return sorted({one.gate for one in found})


def fingerprint_of(entry: dict[str, str]) -> str:
    """Return the fingerprints that a stamp's entry of a raw file holds, of the file and of its record."""
    return " ".join(entry.get(part, "") for part in ("sha256", "record"))


def fingerprint(frame: pd.DataFrame) -> str:
    """Return the fingerprint of a table."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
    return hashlib.sha256(repr(list(frame.columns)).encode() + rows).hexdigest()[:16]


def chapter(values: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Run the cells of chapter 01 and return the tables it hands on."""
    made: dict[str, pd.DataFrame] = {}

    def write(frame: pd.DataFrame, name: str) -> pd.DataFrame:
        made[name] = tables.check(frame, name)
        return made[name]

    cells = steps.cells_of(paths.NOTEBOOKS / f"{CHAPTER}.ipynb")
    namespace: dict[str, Any] = {}
    with _undrawn(), mock.patch.object(tables, "write", write):
        for cell in cells:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), CHAPTER, "exec"), namespace)  # noqa: S102, the notebook itself
                if "parameters" in cell["metadata"].get("tags", []):
                    namespace |= {name: values[name] for name in steps.declared(CHAPTER, cells)}
    return made


def _undrawn() -> Any:
    """Leave drawings out, and no more: titles and notes are still made."""
    nothing = dict.fromkeys(("show", "show_table", "say", "use_house_style"), lambda *_, **__: None)
    stack = mock.patch.multiple(figures, **nothing)
    for module, name in ((charts, "plot_coverage"), (charts_releases, "plot_exports_path")):
        stack = _both(stack, mock.patch.object(module, name, lambda *_: None))
    return stack


def _both(one: Any, other: Any) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def entered() -> Iterator[None]:
        with one, other:
            yield

    return entered()


def read_elsewhere(values: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Read the raw files that later chapters open themselves."""
    evidence = claims.Evidence.__dataclass_fields__
    compiled = {name: evidence[name].default_factory() for name in ("tariffs", "facts", "published")}
    return {
        **{f"read: {name}": frame for name, frame in compiled.items()},
        "read: claims": claims.read_compiled(f"article_claims_{values['article']}"),
        "read: duties": claims.measured_duties(),
        **_large(values),
        "read: quantities": quantities.monthly(values["as_of_vintage"]),
    }


def _chapter(values: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Run chapter 01, or recall what came of the same bytes: it opens no other file than these, and every record."""
    return _recalled(lambda: chapter(values), values, OF_CHAPTER, provenance.SCHEMAS)


def _large(values: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Read the large file, or recall what came of the same bytes."""
    return _recalled(lambda: {"read: product groups": product_groups.monthly(values["as_of_vintage"])}, values, LARGE)


def _recalled(make: Callable[[], dict[str, pd.DataFrame]], values: dict[str, Any], schemas: Collection[str],
              records: Collection[str] = ()) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Make tables, unless they were made of the same bytes: files of some schemas, and records of these or more."""
    digest = hashlib.sha256(json.dumps([values, list(schemas)], sort_keys=True).encode())
    for record in provenance.all_records():
        if record.table_schema in (*schemas, *records):
            digest.update(record.file.encode() + provenance.content_of(record.beside))
        if record.table_schema in schemas:
            digest.update(provenance.content_of(record.path))
    if (key := digest.hexdigest()) not in _RECALLED:
        _RECALLED[key] = make()
    return _RECALLED[key]


_RECALLED: dict[str, dict[str, pd.DataFrame]] = {}


def pristine(folder: Path) -> Path:
    """Copy the ledger of this checkout, and read it once."""
    raw = folder / "pristine"
    shutil.copytree(paths.RAW, raw)
    with mock.patch.object(paths, "RAW", raw), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = prepare.prepare([], FORMS)["values"]
        _chapter(values), _large(values)
    return raw


def is_as_it_was(raw: Path) -> bool:
    """Tell whether no mutation got into the copy that all others are made of."""
    return {p.relative_to(raw): p.read_bytes() for p in raw.rglob("*") if p.is_file()} == {
        p.relative_to(paths.RAW): p.read_bytes() for p in paths.RAW.rglob("*") if p.is_file()
    }


FORMS = steps.forms()
