"""All tables of a published report for other programs: one workbook, Stata files, or Parquet files.

They stand by default in the folder of their report, so that a new report takes them away: no export is older than the
page beside it. The same report gives the same bytes, whenever and wherever.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from helpers import paths, published, stops
from helpers.export_about import About, what_rows_are
from helpers.published import Held
from helpers.refusals import Refusal


@dataclass(frozen=True)
class Exported:
    """What an export wrote: its place (a file, or a folder of files), how many tables, and which are not whole."""

    place: Path
    tables: int
    not_whole: tuple[str, ...]


def export(month: str, form: str = "xlsx", out: Path | None = None) -> Exported:
    """Write all tables of a month's report.

    Parameters
    ----------
    month
        A month that has a report.
    form
        ``xlsx``, ``stata`` or ``parquet``.
    out
        Folder to write to; without one, ``export`` in the folder of the report.

    Raises
    ------
    Refusal
        If there is no report, it cannot be read, or the folder cannot be written to.
    """
    report = published.find(month)
    about = About(report, [report.table(name) for name in report.names])
    if published.read(report.folder).record != report.record:
        raise Refusal(
            f"the report for {month} was replaced while it was read", expected="one report from first to last table",
            remedy="run the export again", exit_code=1,
        )  # fmt: skip
    place = FORMS[form](about, out or report.folder / paths.EXPORT)
    return Exported(place, len(about.tables), tuple(held.name for held in about.tables if not held.whole))


def _as_workbook(about: About, folder: Path) -> Path:
    from helpers.export_workbook import workbook

    name = f"diversion-{about.report.month}.xlsx"
    _put(folder, iter([(name, workbook(about))]))
    return folder / name


def _as_stata(about: About, folder: Path) -> Path:
    from helpers.export_stata import stata

    return _as_files(about, folder / "stata", "dta", stata)


def _as_parquet(about: About, folder: Path) -> Path:
    return _as_files(about, folder / "parquet", "parquet", parquet)


FORMS: dict[str, Callable[[About, Path], Path]] = {"xlsx": _as_workbook, "stata": _as_stata, "parquet": _as_parquet}


def parquet(held: Held, about: About) -> bytes:
    """Return a table as the bytes of a Parquet file; meanings and units are in its schema."""
    table = pa.Table.from_pandas(held.frame, preserve_index=False)
    fields = [
        table.schema.field(column.name).with_metadata({"meaning": column.meaning, "unit": column.unit})
        for column in held.columns
    ]
    said = {"row": what_rows_are(held), "title": about.title, "month": about.report.month, "stamp": about.stamp}
    content = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields, metadata=said)), content)
    return content.getvalue()


def _as_files(about: About, folder: Path, ending: str, write: Callable[[Held, About], bytes]) -> Path:
    """Write one file a table, with what goes with them beside."""

    def files() -> Iterator[tuple[str, bytes]]:
        yield "about.txt", about.as_text().encode()
        yield "columns.csv", about.columns_as_csv().encode()
        for held in about.tables:
            yield f"{held.name}.{ending}", write(held, about)

    _put(folder, files())
    return folder


def _put(folder: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Write files beside their places, then rename all of them: a failure before that leaves the old ones."""
    written: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            beside = folder / f".{name}.{os.getpid()}.part"
            written.append((beside, folder / name))
            beside.write_bytes(content)
        with stops.undisturbed():
            for beside, target in written:
                os.replace(beside, target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise Refusal(
            f"cannot write to {folder}: {error.strerror}", expected="a folder that can be written to",
            remedy="give another with --out", exit_code=2,
        ) from error  # fmt: skip
    finally:
        for beside, _ in written:
            beside.unlink(missing_ok=True)
