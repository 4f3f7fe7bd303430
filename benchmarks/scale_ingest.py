"""One packed Comext-shaped month to Parquet: ours, with its checks and sums, beside plain DuckDB, polars and pandas.

The others unpack, read codes as text and numbers as numbers, and write; they check nothing and put nothing together.
``python benchmarks/scale_ingest.py 10`` takes ten million invented rows. Prints JSON: medians of whole processes.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from processes import ROOT
from scale_aggregates import slope

NUMBERS = ("VALUE_EUR", "VALUE_NAC", "QUANTITY_KG", "QUANTITY_SUPPL_UNIT")
CASES = ("ours", "plain_duckdb", "polars", "pandas")
SIZES = (1, 2, 4, 8)  # million rows, for the growth
CHUNK = 1_000_000  # rows that pandas reads at a time


def ours(file: Path, folder: Path) -> None:
    os.environ["DIVERSION_PRODUCTS"] = str(folder)
    from helpers import cli

    if cli.main(["ingest", str(file)]):
        raise SystemExit("ingest failed")


def plain_duckdb(file: Path, folder: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        columns = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in NUMBERS)
        connection.execute(
            f"COPY (SELECT * EXCLUDE ({', '.join(NUMBERS)}), {columns} FROM read_csv('{file}', all_varchar = true)) "
            f"TO '{folder / 'out.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
        )


def polars(file: Path, folder: Path) -> None:
    import polars as pl

    rows = pl.scan_csv(file, infer_schema=False).with_columns(pl.col(list(NUMBERS)).cast(pl.Float64))
    rows.sink_parquet(folder / "out.parquet", compression="zstd")


def pandas(file: Path, folder: Path) -> None:
    import pandas as pd

    chunks = pd.read_csv(file, dtype="str", chunksize=CHUNK)
    for number, chunk in enumerate(chunks):
        chunk[list(NUMBERS)] = chunk[list(NUMBERS)].astype(float)
        chunk.to_parquet(folder / f"{number}.parquet", compression="zstd", index=False)


def once(case: str, file: Path, folder: Path) -> dict[str, float]:
    """Run a case as a process of its own; return its seconds, those of all processors and its peak memory in GiB."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    start = time.perf_counter()
    words = [sys.executable, __file__, "--case", case, str(file), str(folder)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    size = sum(part.stat().st_size for part in folder.rglob("*.parquet")) / 2**20
    return {"seconds": time.perf_counter() - start, **json.loads(told), "mib": size}


def measured(millions: int, cases: tuple[str, ...] = CASES, times: int = 3) -> dict[str, dict[str, float]]:
    """Generate one file and run the cases in turn; return medians by case."""
    sys.path.insert(0, str(ROOT / "tests"))
    import bulk_files

    with tempfile.TemporaryDirectory(prefix="diversion-bench-") as name:
        file = Path(name) / "full_v2_202504.csv.gz"
        bulk_files.write_comext(file, millions * 10**6, ["202504"], 1)
        runs: dict[str, list[dict[str, float]]] = {case: [] for case in cases}
        for _ in range(times):
            for case in cases:
                runs[case].append(once(case, file, Path(name) / "out"))
    return {case: {key: statistics.median(run[key] for run in held) for key in held[0]} for case, held in runs.items()}


def grown() -> dict[str, object]:
    """Return processor seconds of ours by million rows, and their slope on log axes."""
    seconds = {size: round(measured(size, ("ours",), 1)["ours"]["cpu"], 2) for size in SIZES}
    return {"seconds": seconds, "slope": round(slope(seconds), 2)}


if __name__ == "__main__":
    if sys.argv[1] == "--case":
        globals()[sys.argv[2]](Path(sys.argv[3]), Path(sys.argv[4]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"cpu": time.process_time(), "peak_gib": peak}))
    else:
        print(json.dumps(measured(int(sys.argv[1])), indent=1))
