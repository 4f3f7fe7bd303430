"""Bulk files into the product store: unpacked, checked and put together piece by piece, whole or not at all.

Memory stays under a ceiling, the disk is measured before, and what a kill interrupts goes on from the last piece.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from helpers import digests, paths, systems
from helpers.bulk import archives, assembly, checks, chunks, shapes, store
from helpers.progress import Progress
from helpers.refusals import AT_WORK, Refusal

UNPACK_MEMORY = 320 * 2**20  # of what is reserved, for the dictionary of an archive
# Measured: kept rows and figures take a seventh of the plain file; twice that, and what does not fit into memory.
DISK_SHARE, DISK_BESIDE = 0.4, 4 * chunks.SIZE


@dataclass(frozen=True)
class Done:
    """How one file went: what is held of it now, whether it was passed over as known, and the seconds."""

    file: str
    manifest: store.Manifest
    is_new: bool
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {"file": self.file, "status": "new" if self.is_new else "already ingested",
                "seconds": round(self.seconds, 1), **self.manifest.__dict__}  # fmt: skip

    def as_text(self) -> str:
        """Return it for a person."""
        one = self.manifest
        where = f"{one.dataset}, vintage {one.vintage}"
        if not self.is_new:
            return f"{self.file}: passed over, already ingested as {one.part} ({where})"
        counts, lines = one.counts, []
        lines.append(
            f"{self.file}: {counts['rows']:,} rows, {counts['cells']:,} figures as {one.part} ({where}), "
            f"{self.seconds:.0f} s"
        )
        if counts["breakdowns"]:
            lines.append(f"  {counts['breakdowns']:,} rows are parts of others and were passed over")
        lines += [
            f'  {found["rows"]:,} refused: {reason}, first "{found["first"].get("found", "")}" in line '
            f"{found['first'].get('line', '?')}" for reason, found in counts["refused"].items()
        ]  # fmt: skip
        return "\n".join(lines)


def ingest(files: Sequence[Path], gib: float, day: str, progress: Progress) -> list[Done]:
    """Ingest files one after the other; the first that is refused ends it, and those before it stay.

    Parameters
    ----------
    files
        Bulk files, packed or not.
    gib
        The most memory that the process takes, in GiB.
    day
        Vintage of what is begun now; what is taken up again keeps the day it was begun on.
    progress
        Hears of every piece.
    """
    if not assembly.SMALLEST <= gib * assembly.GIB <= 2**50:
        raise Refusal(f"--memory {gib:g}", expected=f"{assembly.SMALLEST / assembly.GIB:g} GiB or more", exit_code=2,
                      remedy="allow more; 2 is the default")  # fmt: skip
    for file in files:
        if not file.is_file():
            raise Refusal("there is no such file", expected="a bulk file", remedy="check the path", file=str(file),
                          exit_code=2)  # fmt: skip
    with _alone():
        return [_ingest(file, int(gib * assembly.GIB), day, progress) for file in files]


def _alone() -> contextlib.AbstractContextManager[None]:
    paths.PRODUCTS.mkdir(parents=True, exist_ok=True)
    taken = Refusal("another ingest is at work", expected="one at a time", remedy="wait until it has ended",
                    file=paths.shown(paths.PRODUCTS), exit_code=AT_WORK)  # fmt: skip
    return systems.locked(paths.PRODUCTS / ".ingest.lock", taken)


def _ingest(file: Path, memory: int, day: str, progress: Progress) -> Done:
    begun, name = time.perf_counter(), file.name
    sha256 = digests.sha256_of(file)
    if known := store.held(sha256):
        progress.tell("already ingested", f"  {name}: already ingested", file=name, sha256=sha256)
        return Done(name, known, False, time.perf_counter() - begun)
    work = store.take_up(sha256, day)
    progress.start(name, why="taken up again" if work.resumed else "new")
    try:
        manifest = _Job(file, work, memory, progress).run()
    except BaseException as error:
        progress.end(name, "failed", time.perf_counter() - begun)
        if isinstance(error, Refusal) and error.exit_code == 3:  # nothing of it will be used
            work.forget()
        raise
    work.forget()
    seconds = time.perf_counter() - begun
    progress.end(name, "done", seconds)
    return Done(name, manifest, True, seconds)


class _Beside:
    """A thread for one piece of work at a time: the next waits for the one before, and hears how that went."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._at_work: Future[None] | None = None

    def __enter__(self) -> _Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def do(self, work: Callable[..., None], *given: Any) -> None:
        """Wait for what is being done, then begin this."""
        self.wait()
        self._at_work = self._pool.submit(work, *given)

    def wait(self) -> None:
        """Wait until everything is done."""
        if self._at_work is not None:
            done, self._at_work = self._at_work, None
            done.result()


class _Job:
    """One file on its way: cut into chunks, checked, put together by month, put in place."""

    def __init__(self, file: Path, work: store.Work, memory: int, progress: Progress) -> None:
        self._file, self._work, self._memory, self._progress = file, work, memory, progress
        self._name, self._part = file.name, store.part_of(file)
        self._tally = checks.Tally()
        self._cells = 0

    def run(self) -> store.Manifest:
        """Do what is not done yet."""
        archive = archives.Archive(self._file, self._name, UNPACK_MEMORY + max(0, self._memory - 2 * assembly.GIB) // 4)
        spare = self._room(archive.size())
        cut = self._work.marks("cut") or self._cut(archive, spare)
        header = shapes.recognise(cut["header"], self._name)
        for number in range(cut["chunks"]):
            self._tally.add(checks.Tally.of_json(self._work.marks(f"{number:05}")))
        checks.judge(self._tally, header, self._name)
        with assembly.assembly(self._memory, self._work.folder / "spill", spare) as sql:
            runs = [self._work.folder / f"{number:05}.kept.parquet" for number in range(cut["chunks"])]
            months = sql.months(runs)
            held = [[kind, period, reporter] for kind, period, reporter, _ in months]
            store.check_months(header.shape.dataset, self._part, held, self._name)
            made = self._put_together(sql, header, runs, months)
            refused = sorted(self._work.folder.glob("*.refused.parquet"))
            if refused:
                made[f"{self._part}.refused.parquet"] = self._work.folder / "all.refused"
                sql.join_refused(refused, made[f"{self._part}.refused.parquet"])
        return self._put_in_place(header.shape, made, held)

    def _room(self, size: int) -> int:
        """Return how many bytes the disk can spare for what does not fit into memory.

        Raises
        ------
        Refusal
            If the disk has less room than the file will need; exit code 4.
        """
        free, needed = shutil.disk_usage(paths.PRODUCTS).free, int(size * DISK_SHARE) + DISK_BESIDE
        if free < needed:
            raise Refusal(
                f"{free / 1e9:,.1f} GB are free on the disk", expected=f"{needed / 1e9:,.1f} GB, for a file of "
                f"{size / 1e9:,.1f} GB unpacked", remedy="make room, or let DIVERSION_PRODUCTS name a folder on a "
                "larger disk", file=self._name, exit_code=4,
            )  # fmt: skip
        return max(free - needed, DISK_BESIDE)

    def _cut(self, archive: archives.Archive, spare: int) -> dict[str, Any]:
        """Unpack, cut and check; chunks that an earlier run has checked are passed over."""
        with contextlib.ExitStack() as stack:
            known: dict[str, Any] = {}

            def begin(line: str) -> None:
                known["line"], known["header"] = line, shapes.recognise(line, self._name)
                spill = self._work.folder / "spill"
                known["sql"] = stack.enter_context(assembly.assembly(self._memory, spill, spare))
                known["beside"] = stack.enter_context(_Beside())  # a chunk is checked while the next is unpacked

            def check(chunk: chunks.Chunk) -> None:
                place = self._work.folder / f"{chunk.number:05}"
                tally = known["sql"].check(known["header"], chunk, self._work.vintage,
                                           place.with_suffix(".kept.parquet"), place.with_suffix(".refused.parquet"),
                                           )  # fmt: skip
                self._work.mark(place.name, tally.as_json())
                self._tell("checked", f"chunk {chunk.number + 1}", chunk=chunk.number, rows=tally.rows)

            cutter = chunks.Cutter(self._work.folder / "chunk", begin, lambda chunk: known["beside"].do(check, chunk),
                                   lambda number: self._work.marks(f"{number:05}") is None, self._name,
                                   chunks.SIZE)  # fmt: skip
            archive.stream(cutter.take)
            cut = {"chunks": cutter.finish(), "header": known["line"]}
            known["beside"].wait()
            cutter.clear()
            self._work.mark("cut", cut)
            return cut

    def _put_together(self, sql: assembly.Assembly, header: shapes.Header, runs: list[Path],
                      months: list[tuple[str, str, str, int]]) -> dict[str, Path]:  # fmt: skip
        """Write the figures of each year; return each file under the name that it will have."""
        from pyarrow import parquet

        made: dict[str, Path] = {}
        for year, group in groupby(sorted(months, key=lambda month: month[1][:4]), key=lambda month: month[1][:4]):
            target = self._work.folder / f"{year}.made"
            writer, before = None, self._cells
            with contextlib.ExitStack() as stack:
                for kind, period, reporters in slices(sorted(group)):
                    self._gather(sql, header, runs, (kind, period, reporters))
                    facts = {"vintage": self._work.vintage, "source_id": f"{header.shape.dataset}#{self._part}",
                             "period_kind": kind, "period": period}  # fmt: skip
                    for table in sql.cells(header.shape, facts):
                        if writer is None:
                            writer = parquet.ParquetWriter(target, table.schema, compression="zstd", store_schema=False)
                            stack.enter_context(writer)
                        writer.write_table(table)
                        self._cells += table.num_rows
            self._tell("put together", year, year=year, rows=self._cells - before)
            if writer is not None:
                made[f"year={year}/{self._part}.parquet"] = target
        return made

    def _gather(self, sql: assembly.Assembly, header: shapes.Header, runs: list[Path],
                chosen: tuple[str, str, list[str]]) -> None:  # fmt: skip
        """Put some months together; what stands there twice is refused, and the file if that is more than tiny."""
        twice = sql.gather(runs, *chosen)
        if not twice:
            return
        for scheme, found in twice:
            self._tally.kept[scheme] -= found.value
            self._tally.add(checks.Tally(refused={checks.TWICE: found}))
        checks.judge(self._tally, header, self._name)
        place = self._work.folder / f"twice-{'-'.join((*chosen[:2], *chosen[2][:1]))}.refused.parquet"
        sql.note_twice(chosen[1], place)

    def _put_in_place(self, shape: shapes.Shape, made: dict[str, Path], months: list[list[str]]) -> store.Manifest:
        """Move the files to where they are read, the manifest last."""
        tally = self._tally.as_json()
        counts = {key: tally[key] for key in ("rows", "breakdowns", "refused")} | {"cells": self._cells}
        manifest = store.Manifest(
            shape.dataset, self._part, self._work.vintage, self._name, self._work.sha256,
            {name: digests.sha256_of(place) for name, place in made.items()}, months, counts,
        )  # fmt: skip
        for name, place in made.items():
            target = manifest.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(place, target)
        manifest.save()
        return manifest

    def _tell(self, event: str, words: str, **facts: Any) -> None:
        self._progress.tell(event, f"  {self._name}: {words} {event}, {facts['rows']:,} rows", file=self._name, **facts)


def slices(months: list[tuple[str, str, str, int]]) -> Iterator[tuple[str, str, list[str]]]:
    """Return periods with as many of their reporters as are put together at a time, in order.

    Parameters
    ----------
    months
        Kind, period, reporter and number of rows, in order.
    """
    for (kind, period), group in groupby(months, key=lambda month: month[:2]):
        reporters: list[str] = []
        rows = 0
        for _, _, reporter, count in group:
            if reporters and rows + count > assembly.ROWS_AT_ONCE:
                yield kind, period, reporters
                reporters, rows = [], 0
            reporters, rows = [*reporters, reporter], rows + count
        yield kind, period, reporters
