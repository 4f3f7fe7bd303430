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
CELL = "reporter_code, flow, partner_code, product_scheme, product_code"  # within a period
FIGURE = {  # what is kept of a row that counts, for putting together
    "period_kind": "period_kind", "month": "period", "reporter_code": "reporter_code", "flow_name": "flow",
    "partner_code": "partner_code", "product_scheme": "product_scheme", "product": "product_code", "detail": "detail",
    "kilograms": "kilograms",
}  # fmt: skip
LINE = "before + file_row_number + 1"
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

    def check(self, header: Header, chunk: Chunk, day: str, kept: Path, refused: Path) -> Tally:
        """Check the rows of a chunk and write all of them, in order; and, if there are any, those that are refused."""
        columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.names)))
        source = (
            f"read_csv({quoted(chunk.file)}, columns = {{{columns}}}, delim = {quoted(header.separator)}, "
            f"quote = {quoted(header.shape.quote)}, {READS})"
        )
        figure = ", ".join(f"CASE WHEN reason IS NULL THEN {name} END AS {ours}" for name, ours in FIGURE.items())
        self._sql.execute("DROP TABLE IF EXISTS unread; DROP TABLE IF EXISTS scans")
        self._sql.execute(
            f"""COPY (SELECT reason, {chunk.before}::BIGINT AS before, {figure},
            CASE WHEN is_part IS NOT TRUE THEN amount END AS amount,
            CASE WHEN reason IS NOT NULL AND is_part IS NOT TRUE THEN struct_pack({", ".join(TEXTS)}) END AS told
            FROM ({typed_rows(header, source, day)})) TO {quoted(kept)} (FORMAT parquet, COMPRESSION zstd)"""
        )
        tally = self._count(chunk, kept)
        if tally.refused:
            self._note_refused(chunk, kept, refused, tally)
        return tally

    def _count(self, chunk: Chunk, kept: Path) -> Tally:
        """Count rows by reason; a quotation mark that is never closed swallows lines, which shows in their number."""
        tally = Tally()
        for reason, scheme, rows, value, unknown in self._sql.execute(
            "SELECT reason, product_scheme, count(*), coalesce(sum(abs(amount)), 0)::VARCHAR, "
            f"count(*) - count(amount) FROM {_files([kept])} GROUP BY ALL ORDER BY ALL"
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

    def _note_refused(self, chunk: Chunk, kept: Path, refused: Path, tally: Tally) -> None:
        """Write refused rows as text, with their lines; give each reason its first."""
        texts = ", ".join(f"told.{name}" for name in TEXTS)
        # A line that could not be read is no row: those behind it have moved up by one.
        self._sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE gone AS SELECT line - row_number() OVER (ORDER BY line) AS above
            FROM (SELECT DISTINCT line FROM unread);
            CREATE OR REPLACE TEMP TABLE refused AS
            SELECT {LINE} + (SELECT count(*) FROM gone WHERE gone.above <= s.file_row_number) AS line, reason, {texts},
                   NULL::VARCHAR AS text
            FROM {_files([kept])} s WHERE told IS NOT NULL
            UNION ALL
            SELECT {chunk.before} + line, '{MALFORMED}', {", ".join(["NULL"] * len(TEXTS))}, any_value(csv_line)[1:500]
            FROM unread GROUP BY line"""
        )
        self._sql.execute(f"COPY (FROM refused ORDER BY line) TO {quoted(refused)} (FORMAT parquet, COMPRESSION zstd)")
        for reason, found in tally.refused.items():
            column = BY_REASON[reason].column or "text"
            first = self._sql.execute(
                f"SELECT line, {column} FROM refused WHERE reason = ? ORDER BY line LIMIT 1", [reason]
            ).fetchone()
            if first:
                found.first = {"line": first[0], "found": (first[1] or "")[:120]}

    def _value(self, query: str) -> Any:
        return self._sql.execute(query).fetchall()[0][0]

    def months(self, runs: list[Path]) -> list[tuple[str, str, str, int]]:
        """Return kind, period and reporter of what was kept, with the number of rows, in order."""
        return self._sql.execute(
            f"SELECT period_kind, period, reporter_code, count(*) FROM {_files(runs)} WHERE reason IS NULL "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()

    def gather(self, runs: list[Path], kind: str, period: str, reporters: list[str]) -> list[tuple[str, Refused]]:
        """Put the rows of some reporters' period together; return, by scheme, what stands there twice."""
        chosen = ", ".join(quoted(code) for code in reporters)
        rows = f"FROM {_files(runs)} WHERE reason IS NULL AND period_kind = {quoted(kind)} AND " \
               f"period = {quoted(period)} AND reporter_code IN ({chosen})"  # fmt: skip
        self._sum_up(rows)
        # A bit for each customs procedure: a cell with fewer bits than rows may hold one of them twice.
        if not self._value("SELECT count(*) FROM gathered WHERE bit_count(procedures) < times"):
            return []
        self._sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE twice AS
            SELECT {CELL}, detail, count(*) AS times, sum(amount) AS amount, sum(kilograms) AS kilograms,
                   min({LINE}) AS line {rows} AND ({CELL}) IN
                   (SELECT ({CELL}) FROM gathered WHERE bit_count(procedures) < times)
            GROUP BY ALL HAVING count(*) > 1"""
        )
        found = self._sql.execute(
            f"""SELECT product_scheme, sum(times), sum(amount)::VARCHAR, min_by([line::VARCHAR, concat_ws(' ',
            {quoted(period)}, reporter_code, flow, partner_code, product_code)], line) FROM twice GROUP BY ALL
            ORDER BY ALL"""
        ).fetchall()
        if found:
            self._sum_up(f"{rows} AND ({CELL}, detail) NOT IN (SELECT ({CELL}, detail) FROM twice)")
        return [
            (scheme, Refused(int(rows), Decimal(value), 0, {"line": int(first[0]), "found": first[1]}))
            for scheme, rows, value, first in found
        ]

    def _sum_up(self, rows: str) -> None:
        self._sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE gathered AS
            SELECT {CELL}, count(*) AS times, sum(amount) AS amount, count(kilograms) AS weighed,
                   sum(kilograms) AS kilograms, bit_or(1::UBIGINT << (hash(detail) % 64)) AS procedures
            {rows} GROUP BY ALL"""
        )

    def note_twice(self, period: str, refused: Path) -> None:
        """Write the cells and customs procedures of the period gathered last that stand there twice."""
        self._sql.execute(
            f"""COPY (SELECT line, '{TWICE}' AS reason, {quoted(period)} AS period, reporter_code AS reporter,
            partner_code AS partner, flow, product_code AS product, amount::VARCHAR AS value,
            kilograms::VARCHAR AS quantity, times::VARCHAR || ' rows' AS text FROM twice ORDER BY line)
            TO {quoted(refused)} (FORMAT parquet, COMPRESSION zstd)"""
        )

    def cells(self, shape: Shape, facts: dict[str, str]) -> Iterator[Any]:
        """Return the gathered figures in the columns of the product store, as Arrow tables, in a fixed order.

        Rows of one cell are summed, whatever the customs procedure; half a unit each is the most that rounding moves
        them. A weight is left out where one of its parts is not known. What has few values comes as an enumeration,
        which Parquet writes as text.

        Parameters
        ----------
        shape
            Of the file.
        facts
            What is the same in all of them: ``vintage``, ``source_id``, ``period_kind``, ``period``.
        """
        same = facts | {"currency": shape.currency, "producer": shape.producer}
        given = {
            **{column: _one_of("1", {"1": text}) for column, text in same.items()},
            "flow": _one_of("flow", {"imports": "imports", "exports": "exports"}),
            "concept": _one_of("flow", {"imports": "imports_cif", "exports": "exports_fob"}),
            "valuation": _one_of("flow", {"imports": "CIF", "exports": "FOB"}),
            "value_mn": "amount::DOUBLE / 1e6", "half_unit_mn": "0.0000005::DOUBLE * times",
            "quantity": "CASE WHEN weighed = times THEN kilograms::DOUBLE / 1e6 END",
            "quantity_unit": _one_of("weighed = times", {"true": "million kg", "false": ""}),
        }  # fmt: skip
        shown = ", ".join(f"{given.get(name, name)} AS {name}" for name in COLUMNS)
        return _regrouped(
            self._sql.sql(f"SELECT {shown} FROM gathered ORDER BY {CELL}").to_arrow_reader(ROWS_OF_A_GROUP)
        )

    def join_refused(self, parts: list[Path], target: Path) -> None:
        """Write all refused rows of a file as one."""
        self._sql.execute(
            f"COPY (SELECT * EXCLUDE (file_row_number) FROM {_files(parts)} ORDER BY line, reason) "
            f"TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
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
    return f"read_parquet([{', '.join(quoted(part) for part in parts)}], file_row_number = true)"


def _one_of(asked: str, texts: dict[str, str]) -> str:
    """Return SQL for a text by the value of something asked, as an enumeration."""
    cases = " ".join(f"WHEN {quoted(value)} THEN {quoted(text)}" for value, text in texts.items())
    return f"(CASE {asked} {cases} END)::ENUM({', '.join(map(quoted, texts.values()))})"


@contextlib.contextmanager
def assembly(memory: int, spill: Path, disk: int) -> Iterator[Assembly]:
    """Open an assembly, and close it.

    Raises
    ------
    Refusal
        If a file does not fit into what it may take; exit code 4.
    """
    opened = Assembly(memory, spill, disk)
    try:
        yield opened
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise Refusal(
            f"it does not fit into memory and disk ({str(error).splitlines()[0][:160]})",
            expected=f"room beside the {memory / GIB:g} GiB that it may take", exit_code=4,
            remedy="allow more with --memory, or make room where data/products lies",
        ) from error  # fmt: skip
    finally:
        opened.close()
