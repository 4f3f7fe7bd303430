"""Exports by destination, month and product from millions of rows: ours beside plain DuckDB SQL, polars and pandas.

``python benchmarks/scale_aggregates.py 20`` generates twenty million invented rows in the columns of the contract, runs
every case as a process of its own, in turn, and prints medians, ratios and peak memory as JSON. pandas runs once, and
only where the machine has the memory for it.
"""

from __future__ import annotations

import importlib
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STEM, VINTAGE = "generated", "2026-01-01"
PARTNERS, PRODUCTS = 230, 5_300
CASES = ("ours", "plain_duckdb", "polars", "pandas")
PANDAS_NEEDS = 0.2  # GiB of a million rows
LIBRARIES = {
    "ours": ("ibis.backends.duckdb", "pandas"),
    "plain_duckdb": ("duckdb", "pandas"),
    "polars": ("polars",),
    "pandas": ("pandas",),
}
ROWS = """
    COPY (
        SELECT '{vintage}' AS vintage,
               strftime(DATE '2020-01-01' + INTERVAL 1 MONTH * (i // {cells})::INT, '%Y-%m') AS period,
               'month' AS period_kind, 'CN' AS reporter_code, names.code AS partner_code, 'exports' AS flow,
               'exports_fob' AS concept, 'hs6' AS product_scheme,
               lpad(((i % {products}) * 188 + 1011)::VARCHAR, 6, '0') AS product_code,
               round((hash(i) % 100000000) / 1e6, 6) AS value_mn, 0.0 AS half_unit_mn, 'USD' AS currency,
               'FOB' AS valuation, (hash(i + 1) % 1000000)::DOUBLE AS quantity, 'kg' AS quantity_unit,
               'invented for a benchmark' AS producer, 'generated#{part}' AS source_id
        FROM range({first}, {last}) numbers(i)
        JOIN (SELECT row_number() OVER () - 1 AS place, code FROM (VALUES {codes}) listed(code)) names
          ON names.place = (i // {products}) % {partners}
    ) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""
SQL = """
    SELECT period, CASE {branches} END AS partner_code, product_code,
           CAST(SUM(CAST(value_mn AS DECIMAL(18, 9))) AS DOUBLE) AS value_mn
    FROM read_parquet('{files}', hive_partitioning = false)
    WHERE reporter_code = 'CN' AND flow = 'exports' AND currency = 'USD' AND partner_code IN ({wanted})
    GROUP BY ALL ORDER BY ALL
"""


def wanted() -> dict[str, str]:
    """Return the destination of every partner that counts."""
    from helpers import partners

    blocs = {member: bloc for bloc in ("EU", "ASEAN") for member in partners.members_of(bloc)}
    return {"US": "US", "AU": "AU", partners.WORLD: "WORLD", "EU": "EU", "ASEAN": "ASEAN", **blocs}


def generate(folder: Path, millions: int) -> None:
    """Write the rows, five million a file."""
    import duckdb

    codes = [*wanted(), *(f"X{number}" for number in range(PARTNERS))][:PARTNERS]
    target = folder / STEM / f"vintage={VINTAGE}" / "year=2020"
    target.mkdir(parents=True)
    with duckdb.connect() as connection:
        for part, first in enumerate(range(0, millions * 10**6, 5 * 10**6)):
            connection.execute(ROWS.format(
                vintage=VINTAGE, cells=PARTNERS * PRODUCTS, products=PRODUCTS, partners=PARTNERS, first=first,
                last=min(first + 5 * 10**6, millions * 10**6), part=part, file=target / f"part-{part:03}.parquet",
                codes=", ".join(f"('{code}')" for code in codes),
            ))  # fmt: skip


def ours(folder: Path, memory_gib: float) -> float:
    from helpers import engine, paths, product_panel

    paths.PRODUCTS = folder
    with engine.connect(memory_gib=memory_gib) as backend:
        table = product_panel.in_order(product_panel.exports(product_panel.rows_of(backend, STEM)))
    return table["value_mn"].sum()


def plain_duckdb(folder: Path, memory_gib: float) -> float:
    import duckdb

    destinations = wanted()
    question = SQL.format(
        branches=" ".join(f"WHEN partner_code = '{code}' THEN '{bloc}'" for code, bloc in destinations.items()),
        wanted=", ".join(f"'{code}'" for code in destinations), files=folder / STEM / "*" / "*" / "*.parquet",
    )  # fmt: skip
    with duckdb.connect(config={"memory_limit": f"{int((memory_gib - 0.6) * 1024)}MiB"}) as connection:
        return connection.execute(question).df()["value_mn"].sum()


def polars(folder: Path, _: float) -> float:
    import polars as pl

    rows = pl.scan_parquet(folder / STEM / "*" / "*" / "*.parquet", hive_partitioning=False)
    mine = rows.filter(pl.col("reporter_code") == "CN", pl.col("flow") == "exports", pl.col("currency") == "USD",
                       pl.col("partner_code").is_in(list(wanted())))  # fmt: skip
    keys = ["period", "partner_code", "product_code"]
    summed = mine.with_columns(pl.col("partner_code").replace(wanted())).group_by(keys).agg(pl.col("value_mn").sum())
    return summed.sort(keys).collect(engine="streaming")["value_mn"].sum()


def pandas(folder: Path, _: float) -> float:
    import pandas as pd

    keys = ["period", "partner_code", "product_code"]
    columns = [*keys, "reporter_code", "flow", "currency", "value_mn"]
    files = sorted((folder / STEM).glob("*/*/*.parquet"))
    rows = pd.concat([pd.read_parquet(file, columns=columns, partitioning=None) for file in files])
    mine = rows[(rows["reporter_code"] == "CN") & (rows["flow"] == "exports") & (rows["currency"] == "USD")]
    known = mine.assign(partner_code=mine["partner_code"].map(wanted())).dropna(subset="partner_code")
    return known.groupby(keys, as_index=False)["value_mn"].sum()["value_mn"].sum()


def once(case: str, folder: Path, memory_gib: float) -> dict[str, float]:
    """Run a case as a process of its own: seconds, those of all processors, peak memory in GiB, the sum of values."""
    start = time.perf_counter()
    words = [sys.executable, __file__, "--case", case, str(folder), str(memory_gib)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return {"seconds": time.perf_counter() - start, **json.loads(told)}


def measured(millions: int, cases: tuple[str, ...] = CASES, times: int = 3, memory_gib: float = 2) -> dict:
    """Generate the rows and run the cases in turn; return medians by case."""
    runs: dict[str, list[dict[str, float]]] = {case: [] for case in cases if case != "pandas" or holds(millions)}
    with tempfile.TemporaryDirectory(prefix="diversion-bench-") as name:
        generate(Path(name), millions)
        for turn in range(times):
            for case in runs:
                if case != "pandas" or turn == 0:
                    runs[case].append(once(case, Path(name), memory_gib))
    sums = {round(run["sum"], 3) for held in runs.values() for run in held}
    if max(sums) - min(sums) > 1e-6 * max(sums):
        raise SystemExit(f"the cases do not agree: {sums}")
    return {
        case: {key: statistics.median(run[key] for run in held) for key in held[0] if key != "sum"}
        for case, held in runs.items()
    }  # fmt: skip


def holds(millions: int) -> bool:
    """Tell whether pandas fits into the memory that is free."""
    told = Path("/proc/meminfo").read_text(encoding="ascii").split("MemAvailable:")[1].split()[0]
    return int(told) / 2**20 > PANDAS_NEEDS * millions


def slope(seconds: dict[int, float]) -> float:
    """Return the slope of the logarithm of seconds on that of the size, by least squares."""
    points = [(math.log(size), math.log(value)) for size, value in seconds.items()]
    across, up = (statistics.mean(point[axis] for point in points) for axis in (0, 1))
    spread = sum((x - across) ** 2 for x, _ in points)
    return sum((x - across) * (y - up) for x, y in points) / spread


if __name__ == "__main__":
    if sys.argv[1] == "--case":
        for library in LIBRARIES[sys.argv[2]]:
            importlib.import_module(library)
        begin, used = time.perf_counter(), time.process_time()
        total = globals()[sys.argv[2]](Path(sys.argv[3]), float(sys.argv[4]))
        work, used = time.perf_counter() - begin, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"work": work, "work_cpu": used, "cpu": time.process_time(), "peak_gib": peak, "sum": total}))
    else:
        print(json.dumps(measured(int(sys.argv[1])), indent=1))
