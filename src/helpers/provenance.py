"""Every raw file's record: what it is, who published it, where and when it was read, and its fingerprint.

A raw file ``data/raw/<producer>/<name>.csv`` stands beside ``<name>.csv.source.yml``. A file without a record, a
record without a file, or a fingerprint that differs stops every run.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pydantic
import yaml

from helpers import months, paths
from helpers.producers import short_producer
from helpers.raw_schemas import SCHEMAS
from helpers.refusals import Refusal, as_value_error

SourceKind = Literal["official", "official_copy", "press", "unidentified"]
# The loader in C reads the same YAML in a fifth of the time; PyYAML may have been built without it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 10_000  # marks of YAML that can begin a list in a list; at three times as many the loader in C dies

# Nothing else: Python reads more as a number than pandas does, and blanks are no digits of a printed rate.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Source(pydantic.BaseModel):
    """One place where figures of a file were read."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)
    read_in: str
    kind: SourceKind
    publisher: str
    vintage: Literal["first_print", "interim", "bulletin", "revised"] = "revised"


class Record(pydantic.BaseModel):
    """The record of a raw file, the content of its ``.source.yml``."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)
    file: str
    table_schema: str
    title: str
    producer: str
    dataset: str
    url: str
    date_published: str
    date_accessed: str
    licence: str
    licence_allows: str
    units: str
    currency: str
    valuation: str
    seasonal_adjustment: str
    concept: str
    coverage: str
    known_breaks: str
    reporter: str = ""
    sources: dict[str, Source]
    rows: int
    sha256: str

    @pydantic.field_validator("table_schema")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in SCHEMAS:  # nobody would read the file
            raise ValueError(f'"{value}" is none of {", ".join(SCHEMAS)}')
        return value

    @pydantic.field_validator("date_accessed")
    @classmethod
    def _is_day(cls, value: str) -> str:
        return as_value_error(months.check_day, value)

    @property
    def path(self) -> Path:
        """Where the file stands."""
        return paths.RAW / self.file

    @property
    def beside(self) -> Path:
        """Where the record itself stands."""
        return _beside(self.path)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".source.yml")


def content_of(path: Path) -> bytes:
    """Return the bytes of a raw file or record; a folder, a link to nothing or a locked file is refused."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(
            f"the file cannot be read ({error.strerror})", expected="a file", file=paths.shown(path),
            remedy="restore it with `git checkout`, or let this user read it",
        ) from error  # fmt: skip


def sha256_of(path: Path) -> str:
    """Return the fingerprint of a file."""
    return hashlib.sha256(content_of(path)).hexdigest()


def record_of(path: Path) -> Record:
    """Read the record beside a raw file.

    Raises
    ------
    Refusal
        If there is none, it is not YAML, or a field is missing or unknown.
    """
    beside = _beside(path)
    if not beside.exists():
        raise Refusal(
            "the raw file has no record",
            expected=f"{beside.name} beside it",
            remedy="write the record (copy one from a file of the same kind), or take the file away",
            file=paths.shown(path),
        )
    try:
        record = Record(**_fields(content_of(beside).decode("utf-8")))
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        raise Refusal(
            f"the record cannot be read: {' '.join(str(error).split())}", expected="YAML, one field per line",
            remedy="mend the record", file=paths.shown(beside),
        ) from error  # fmt: skip
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise Refusal(
            f"field {'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}",
            expected="the fields of the other records", remedy="mend the record", file=paths.shown(beside),
        ) from error  # fmt: skip
    if "\0" in record.file or record.path.resolve() != path.resolve():  # no record leads out of the ledger
        raise Refusal(
            f'the record is of the file "{record.file}"', expected=f"{path.parent.name}/{path.name}",
            remedy="mend `file` in the record", file=paths.shown(beside),
        )  # fmt: skip
    return record


def _fields(text: str) -> dict[str, Any]:
    """Read the fields of a record."""
    if sum(map(text.count, "[{-?")) > DEEPEST:
        raise yaml.YAMLError("too many lists in lists")
    if not isinstance(fields := yaml.load(text, Loader=LOADER), dict):
        raise yaml.YAMLError("there are no fields")
    return fields


def all_records(as_of: str = "") -> list[Record]:
    """Every record under ``data/raw``, by file name; files and records must pair.

    Parameters
    ----------
    as_of
        Leave out what was read after this day, ``YYYY-MM-DD``; empty takes everything.
    """
    files = sorted(paths.RAW.glob("*/*.csv"))
    if not files:
        raise Refusal(
            "the ledger is empty", expected="raw files under data/raw/<producer>/", file=paths.shown(paths.RAW),
            remedy="restore them with `git checkout -- data/raw`",
        )  # fmt: skip
    for beside in sorted(paths.RAW.glob("*/*.source.yml")):
        if not beside.with_name(beside.name.removesuffix(".source.yml")).exists():
            raise Refusal(
                "the record's file is missing", expected=beside.name.removesuffix(".source.yml"),
                remedy="restore the file with `git checkout`, or take the record away", file=paths.shown(beside),
            )  # fmt: skip
    records = [record_of(file) for file in files]
    if not as_of:
        return records
    if not (kept := [record for record in records if record.date_accessed <= as_of]):
        raise Refusal(
            f"nothing in the ledger was read by {as_of}",
            expected=f"a day not before {min(record.date_accessed for record in records)}",
            remedy="choose a later day for as_of_vintage", exit_code=2,
        )  # fmt: skip
    return kept


def days_of_access(schema: str = "customs") -> list[str]:
    """Return the days on which files of a schema were read, in order."""
    return sorted({record.date_accessed for record in all_records() if record.table_schema == schema})


def check_all(as_of: str = "") -> list[Record]:
    """Hold every raw file against its record, fingerprint and header; return the records, to a day if one is given.

    Raises
    ------
    Refusal
        At the first file that differs; exit code 3.
    """
    for record in all_records():
        content = content_of(record.path)
        found = hashlib.sha256(content).hexdigest()
        if found != record.sha256:
            raise Refusal(
                f"the file is not the one its record describes (sha256 {found[:12]}…)",
                expected=f"sha256 {record.sha256[:12]}…",
                remedy="undo the change with `git checkout`, or, if figures were added on purpose, run "
                f"`.venv/bin/diversion ledger record {paths.shown(record.path)}`",
                file=paths.shown(record.path),
            )
        _check_header(_first_line(content, record), record)  # else a file of another schema is read by nobody
    return all_records(as_of)


def printed(record: Record) -> dict[str, tuple[str, ...]]:
    """Read a raw file as text, column by column, every cell as printed; line 2 of the file is the first of each.

    Raises
    ------
    Refusal
        If the file is empty, not UTF-8, or a column is missing, repeated or unknown, or a row has too many cells.
    """
    name = paths.shown(record.path)
    raw = content_of(record.path)
    _first_line(raw, record)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        guess = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "Latin-1 or another 8-bit encoding"
        raise Refusal(
            f"not UTF-8 (byte {error.start}; it looks like {guess})", expected="UTF-8 text",
            remedy="save the file as UTF-8", file=name, row=raw[: error.start].count(b"\n") + 1,
        ) from error  # fmt: skip
    reader = csv.reader(io.StringIO(text))
    try:
        rows = list(reader)
    except csv.Error as error:
        raise Refusal(
            f"not CSV: {error}", expected="cells in commas, those with a comma or an end of line in quotation marks",
            remedy="mend the line", file=name, row=reader.line_num,
        ) from error  # fmt: skip
    header, body = rows[0], rows[1:]
    _check_header(header, record)
    if not body:
        raise Refusal("the file has a header and no rows", expected="rows", remedy="restore the file", file=name)
    for line, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise Refusal(
                f"{len(row)} cells", expected=f"{len(header)} cells", remedy="quote cells that hold a comma",
                file=name, row=line,
            )  # fmt: skip
    cells = dict(zip(header, zip(*body, strict=True), strict=True))
    return {column: cells[column] for column, _, _ in SCHEMAS[record.table_schema]}


def _first_line(content: bytes, record: Record) -> list[str]:
    """Return the cells of a file's first line, whatever its letters are; an empty file is refused."""
    if not content.strip():
        raise Refusal(
            "the file is empty", expected="a header and rows", remedy="restore the file", file=paths.shown(record.path)
        )
    first = content.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
    try:
        return next(csv.reader([first]), [])
    except csv.Error:
        return [first]


def _check_header(header: list[str], record: Record) -> None:
    """Refuse a header that is not that of the record's schema."""
    expected = [column for column, _, _ in SCHEMAS[record.table_schema]]
    for problem, columns in (
        ("repeated", sorted({c for c in header if header.count(c) > 1})),
        ("missing", [c for c in expected if c not in header]),
        ("unknown", [c for c in header if c not in expected]),
    ):
        if columns:
            raise Refusal(
                f"{problem} column: {', '.join(columns)}", expected=", ".join(expected),
                file=paths.shown(record.path), row=1, column=columns[0], remedy="mend the header, or the record's "
                "`table_schema`",
            )  # fmt: skip


def read(record: Record) -> pd.DataFrame:
    """Read a raw file as text and check its cells.

    Returns
    -------
    pandas.DataFrame
        The columns of the record's schema, all text, empty cells as ``""``, plus ``line`` (the header is line 1).

    Raises
    ------
    Refusal
        As :func:`printed`; if a cell that must not be empty is, a number is none, or a source is not in the record.
    """
    name, cells = paths.shown(record.path), printed(record)
    for column, kind, may_be_empty in SCHEMAS[record.table_schema]:
        for line, cell in enumerate(cells[column], start=2):
            if not cell.strip():
                if not may_be_empty:
                    raise Refusal(
                        "an empty cell", expected="a value", remedy="fill it or take the row away", file=name,
                        row=line, column=column,
                    )  # fmt: skip
            elif kind == "number" and not _is_number(cell):
                raise Refusal(
                    f'"{cell}"', expected="a number with a decimal point and no thousands mark",
                    remedy="mend the cell, or leave it empty when nothing was published", file=name, row=line,
                    column=column,
                )  # fmt: skip
    for line, source in enumerate(cells.get("source", ()), start=2):
        if source not in record.sources:
            raise Refusal(
                f'source "{source}"', expected="a key of `sources` in the record", file=name, row=line,
                column="source", remedy="add the place where it was read to the record",
            )  # fmt: skip
    frame = pd.DataFrame(cells, dtype="str")
    frame["line"] = range(2, len(frame) + 2)
    return frame


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell)) and math.isfinite(float(cell))


def record(path: Path) -> Record:
    """Write the fingerprint and row count of a changed raw file into its record; everything else is kept."""
    old = record_of(path)
    new = old.model_copy(update={"sha256": sha256_of(path)})
    new = new.model_copy(update={"rows": len(read(new))})
    new.beside.write_text(as_yaml(new), encoding="utf-8")
    return new


def as_yaml(record: Record) -> str:
    """Return the text of a record's file."""
    return yaml.dump(record.model_dump(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes text so that it is read as the same text: the usual one loses some ends of line."""


def _as_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _ENDS.search(text) else None)


_ENDS = re.compile("[\x85\u2028\u2029\ufeff]")
_Dumper.add_representer(str, _as_text)


def datapackage(records: list[Record]) -> str:
    """Return the Data Package descriptor of the ledger (frictionless.io) as JSON text."""
    resources = []
    for item in records:
        resources.append(
            {
                "name": Path(item.file).stem.replace("_", "-").lower(),
                "path": item.file,
                "title": item.title,
                "description": f"{item.concept} Coverage: {item.coverage} Known breaks: {item.known_breaks}",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "hash": f"sha256:{item.sha256}",
                "sources": [{"title": s.publisher, "path": s.read_in} for s in item.sources.values()],
                "licenses": [{"name": "other", "title": f"{item.licence} {item.licence_allows}"}],
                "schema": {
                    "fields": [
                        {"name": name, "type": kind, **({} if empty else {"constraints": {"required": True}})}
                        for name, kind, empty in SCHEMAS[item.table_schema]
                    ],
                    "missingValues": [""],
                },
            }
        )
    package = {
        "name": "export-diversion-ledger",
        "title": "Official figures on China's exports and their mirror, with where each was read",
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def overview(records: list[Record]) -> pd.DataFrame:
    """List the ledger's files for the report: producer, dataset, rows, when read, licence, fingerprint."""
    return pd.DataFrame(
        {
            "producer": [record.producer for record in records],
            "title": [record.title for record in records],
            "rows": [record.rows for record in records],
            "read": [record.date_accessed for record in records],
            "licence": [record.licence for record in records],
            "file": [record.file for record in records],
            "sha256": [record.sha256[:12] for record in records],
        }
    )


def source_line(*stems: str) -> str:
    """Return the line under a figure or table: who published the files it rests on, each producer once.

    Titles and days of reading stand in the table of raw files at the end of the page, to which the line links.

    Parameters
    ----------
    stems
        Beginnings of file names, such as ``"gacc_trade_by_partner_usd"``. Where the ledger holds none of these files,
        its customs files stand behind the figure.
    """
    files = sorted(paths.RAW.glob("*/*.csv"))
    # No other record is opened: what rests on a file depends on that file alone.
    chosen = [record_of(file) for file in files if file.stem.startswith(stems)]
    chosen = chosen or [record for record in map(record_of, files) if record.table_schema == "customs"]
    return "; ".join(dict.fromkeys(short_producer(record.producer) for record in chosen))
