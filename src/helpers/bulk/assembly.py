"""DuckDB at work on chunks and months: rows checked and kept as Parquet, then put together cell by cell.

Sums are exact decimals and the order of rows is fixed, so that the same file gives the same Parquet, however many
processors there are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from helpers import systems
from helpers.bulk.checks import BREAKDOWN, BY_REASON, MALFORMED, TWICE, Refused, Tally, typed_rows
from helpers.bulk.chunks import Chunk
from helpers.bulk.shapes import Header, Shape
from helpers.product_panel import COLUMNS
from helpers.refusals import Refusal

GIB = 2**30
# What the process holds beside DuckDB: Python with pandas and Arrow, a chunk twice, an unpacking library's buffers.
RESERVED, SMALLEST = 3 * GIB // 4, GIB
A_THREAD = GIB // 4
ROWS_OF_A_GROUP = 131_072  # of a Parquet file
ROWS_AT_ONCE = 1_000_000  # of a reporter's months that are put together at a time
TEXTS = ("period", "reporter", "partner", "flow", "product", "value", "quantity")
CELL = "period_kind, period, reporter_code, flow, partner_code, product_scheme, product_code"
READS = "header = false, auto_detect = false, escape = '', buffer_size = 8388608, ignore_errors = true, " \
        "store_rejects = true, rejects_table = 'unread', rejects_scan = 'scans'"  # fmt: skip


def quoted(text: str | Path) -> str:
    """Return a text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


class Assembly:
    """A DuckDB of its own, in memory, that spills to a folder.

    Parameters
    ----------
    memory
        Bytes that the whole process may take.
    spill
        Folder for what does not fit.
    disk
        Bytes that it may take there.
    """

    def __init__(self, memory: int, spill: Path, disk: int) -> None:
        limit = memory - RESERVED
        self._sql = duckdb.connect(
            config={
                "memory_limit": f"{limit // 2**20} MiB", "temp_directory": str(spill),
                "max_temp_directory_size": f"{disk // 2**20} MiB",
                "threads": max(1, min(systems.processors(), limit // A_THREAD)), "preserve_insertion_order": True,
                "autoinstall_known_extensions": False, "autoload_known_extensions": False,
            }
        )  # fmt: skip

    def close(self) -> None:
        """End it; what it spilled is gone."""
        self._sql.close()

    def learn(self, shape: Shape) -> None:
        """Hold the codes of a shape, for joining."""
        for table, codes in (("reporters", shape.reporters), ("partners", shape.partners)):
            self._sql.execute(f"CREATE OR REPLACE TEMP TABLE {table} (key VARCHAR, code VARCHAR)")
            rows = ", ".join(f"({quoted(key)}, {quoted(code)})" for key, code in codes.items())
            self._sql.execute(f"INSERT INTO {table} VALUES {rows}")

    def check(self, header: Header, chunk: Chunk, day: str, kept: Path, refused: Path) -> Tally:
        """Check the rows of a chunk; write those that count, and, if there are any, those that are refused."""
        columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.names)))
        source = (
            f"(SELECT row_number() OVER () AS line, * FROM read_csv({quoted(chunk.file)}, columns = {{{columns}}}, "
            f"delim = {quoted(header.separator)}, quote = {quoted(header.shape.quote)}, {READS}))"
        )
        self._sql.execute("DROP TABLE IF EXISTS unread; DROP TABLE IF EXISTS scans")
        self._sql.execute(f"CREATE OR REPLACE TEMP TABLE seen AS {typed_rows(header, source, day)}")
        tally = self._count(chunk)
        if tally.refused:
            self._note_refused(chunk, refused, tally)
        self._sql.execute(
            f"""COPY (SELECT line + {chunk.before} AS line, period_kind, month AS period, reporter_code,
            flow_name AS flow, partner_code, product_scheme, product AS product_code, detail, amount, kilograms
            FROM seen WHERE reason IS NULL) TO {quoted(kept)} (FORMAT parquet, COMPRESSION zstd)"""
        )
        return tally

    def _count(self, chunk: Chunk) -> Tally:
        """Count rows by reason; a quotation mark that is never closed swallows lines, which shows in their number."""
        tally = Tally()
        for reason, scheme, rows, value, unknown in self._sql.execute(
            "SELECT reason, CASE WHEN reason IS NULL THEN product_scheme END, count(*), "
            "coalesce(sum(abs(amount)), 0)::VARCHAR, count(*) - count(amount) FROM seen GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            tally.rows += rows
            if reason is None:
                tally.kept[scheme] = Decimal(value)
            elif reason == BREAKDOWN:
                tally.breakdowns += rows
            else:
                tally.refused[reason] = Refused(rows, Decimal(value), unknown)
        unread = self._value("SELECT count(DISTINCT line) FROM unread")
        if unread:
            tally.refused[MALFORMED] = Refused(unread, Decimal(0), unread)
        swallowed = chunk.lines - tally.rows - unread
        tally.rows += unread
        if swallowed > 0:
            found = tally.refused.setdefault(MALFORMED, Refused())
            found.rows, found.unknown, tally.rows = found.rows + swallowed, found.unknown + swallowed, (
                tally.rows + swallowed)  # fmt: skip
        return tally

    def _note_refused(self, chunk: Chunk, refused: Path, tally: Tally) -> None:
        """Write refused rows as text, with their lines; give each reason its first."""
        texts = ", ".join(TEXTS)
        # A line that could not be read is no row: those behind it have moved up by one.
        self._sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE refused AS
            SELECT {chunk.before} + line + (SELECT count(*) FROM gone WHERE gone.above < s.line) AS line, reason,
                   {texts}, NULL::VARCHAR AS text
            FROM seen s WHERE reason IS NOT NULL AND reason <> '{BREAKDOWN}'
            UNION ALL
            SELECT {chunk.before} + line, '{MALFORMED}', {", ".join(["NULL"] * len(TEXTS))}, any_value(csv_line)[1:500]
            FROM unread GROUP BY line"""
            if self._gone() else f"""CREATE OR REPLACE TEMP TABLE refused AS
            SELECT {chunk.before} + line AS line, reason, {texts}, NULL::VARCHAR AS text
            FROM seen WHERE reason IS NOT NULL AND reason <> '{BREAKDOWN}'"""
        )  # fmt: skip
        self._sql.execute(f"COPY (FROM refused ORDER BY line) TO {quoted(refused)} (FORMAT parquet, COMPRESSION zstd)")
        for reason, found in tally.refused.items():
            column = BY_REASON[reason].column or "text"
            first = self._sql.execute(
                f"SELECT line, {column} FROM refused WHERE reason = ? ORDER BY line LIMIT 1", [reason]
            ).fetchone()
            if first:
                found.first = {"line": first[0], "found": (first[1] or "")[:120]}

    def _gone(self) -> bool:
        """Hold, for each line that could not be read, how many rows stand above it; tell whether there are any."""
        self._sql.execute(
            "CREATE OR REPLACE TEMP TABLE gone AS SELECT line - row_number() OVER (ORDER BY line) AS above "
            "FROM (SELECT DISTINCT line FROM unread)"
        )
        return bool(self._value("SELECT count(*) FROM gone"))

    def _value(self, query: str) -> Any:
        return self._sql.execute(query).fetchone()[0]

    def months(self, runs: list[Path]) -> list[tuple[str, str, str, int]]:
        """Return kind, period and reporter of what was kept, with the number of rows, in order."""
        return self._sql.execute(
            f"SELECT period_kind, period, reporter_code, count(*) FROM {_files(runs)} GROUP BY ALL ORDER BY ALL"
        ).fetchall()

    def gather(self, runs: list[Path], kind: str, period: str, reporters: list[str]) -> list[tuple[str, Refused]]:
        """Put the rows of some reporters' period together; return, by scheme, what stands there twice."""
        chosen = ", ".join(quoted(code) for code in reporters)
        self._sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE gathered AS
            SELECT {CELL}, detail, count(*) AS times, sum(amount) AS amount, count(kilograms) AS weighed,
                   sum(kilograms) AS kilograms, min(line) AS line
            FROM {_files(runs)} WHERE period_kind = {quoted(kind)} AND period = {quoted(period)}
            AND reporter_code IN ({chosen}) GROUP BY ALL"""
        )
        twice = self._sql.execute(
            "SELECT product_scheme, sum(times), sum(amount)::VARCHAR, min_by([line::VARCHAR, concat_ws(' ', period, "
            "reporter_code, flow, partner_code, product_code)], line) FROM gathered WHERE times > 1 GROUP BY ALL "
            "ORDER BY ALL"
        ).fetchall()
        return [
            (scheme, Refused(int(rows), Decimal(value), 0, {"line": int(first[0]), "found": first[1]}))
            for scheme, rows, value, first in twice
        ]

    def note_twice(self, refused: Path) -> None:
        """Write the rows of gathered cells that stand there twice."""
        self._sql.execute(
            f"""COPY (SELECT line, '{TWICE}' AS reason, period, reporter_code AS reporter, partner_code AS partner,
            flow, product_code AS product, amount::VARCHAR AS value, kilograms::VARCHAR AS quantity,
            times::VARCHAR || ' rows' AS text FROM gathered WHERE times > 1 ORDER BY line)
            TO {quoted(refused)} (FORMAT parquet, COMPRESSION zstd)"""
        )

    def cells(self, shape: Shape, vintage: str, source: str) -> Iterator[Any]:
        """Return the gathered figures in the columns of the product store, as Arrow tables, in a fixed order.

        Rows of one cell are summed, whatever the customs procedure; half a unit each is the most that rounding moves
        them. A weight is left out where one of its parts is not known.
        """
        given = {
            "vintage": quoted(vintage), "flow": "flow", "value_mn": "sum(amount)::DOUBLE / 1e6",
            "concept": "CASE flow WHEN 'imports' THEN 'imports_cif' ELSE 'exports_fob' END",
            "half_unit_mn": "0.0000005::DOUBLE * count(*)", "currency": quoted(shape.currency),
            "valuation": "CASE flow WHEN 'imports' THEN 'CIF' ELSE 'FOB' END",
            "quantity": "CASE WHEN sum(weighed) = count(*) THEN sum(kilograms)::DOUBLE / 1e6 END",
            "quantity_unit": "CASE WHEN sum(weighed) = count(*) THEN 'million kg' ELSE '' END",
            "producer": quoted(shape.producer), "source_id": quoted(source),
        }  # fmt: skip
        shown = ", ".join(f"{given.get(name, name)} AS {name}" for name in COLUMNS)
        query = f"SELECT {shown} FROM gathered WHERE times = 1 GROUP BY {CELL} ORDER BY {CELL}"
        return _regrouped(self._sql.sql(query).to_arrow_reader(ROWS_OF_A_GROUP))

    def join_refused(self, parts: list[Path], target: Path) -> None:
        """Write all refused rows of a file as one."""
        self._sql.execute(
            f"COPY (FROM {_files(parts)} ORDER BY line, reason) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
        )


def _regrouped(batches: Iterable[Any]) -> Iterator[Any]:
    """Return tables of a fixed number of rows, however many each batch has: row groups show in the bytes."""
    import pyarrow as pa

    held: list[Any] = []
    for batch in batches:
        held.append(batch)
        while sum(one.num_rows for one in held) >= ROWS_OF_A_GROUP:
            table = pa.Table.from_batches(held)
            yield table.slice(0, ROWS_OF_A_GROUP).combine_chunks()
            held = table.slice(ROWS_OF_A_GROUP).to_batches()
    if any(one.num_rows for one in held):
        yield pa.Table.from_batches(held).combine_chunks()


def _files(parts: list[Path]) -> str:
    return f"read_parquet([{', '.join(quoted(part) for part in parts)}])"


@contextlib.contextmanager
def assembly(memory: int, spill: Path, disk: int, shape: Shape) -> Iterator[Assembly]:
    """Return an assembly that knows the codes of a shape.

    Raises
    ------
    Refusal
        If a file does not fit into what it may take; exit code 4.
    """
    opened = Assembly(memory, spill, disk)
    try:
        opened.learn(shape)
        yield opened
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise Refusal(
            f"it does not fit into memory and disk ({str(error).splitlines()[0][:160]})",
            expected=f"room beside the {memory / GIB:g} GiB that it may take", exit_code=4,
            remedy="allow more with --memory, or make room where data/products lies",
        ) from error  # fmt: skip
    finally:
        opened.close()
