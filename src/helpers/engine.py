"""The engine behind figures by product: DuckDB on this machine, or Spark for those who have one; both speak Ibis.

What is asked is written once, as Ibis expressions. Sums are those of decimal numbers, so that neither the order of the
rows nor the number of threads nor the engine moves a digit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from helpers import systems
from helpers.refusals import Refusal

if TYPE_CHECKING:
    import ibis
    from ibis.expr.types import Column, Table

Name = Literal["duckdb", "spark"]
EXACT = "decimal(18, 9)"  # millions to a thousandth of a unit of money, up to a thousand million millions
OWN_GIB = 0.6  # what Python, pandas and a notebook hold themselves, below a ceiling for the whole process
LEAST_GIB = 1


def exact_sum(column: Column) -> Column:
    """Return the sum of a column of millions, the same in whatever order its rows come."""
    return column.cast(EXACT).sum().cast("float64")


@contextlib.contextmanager
def connect(name: Name = "duckdb", *, memory_gib: float = 2) -> Iterator[ibis.BaseBackend]:
    """Open an engine, and close it with everything it laid aside.

    Parameters
    ----------
    name
        ``duckdb`` or ``spark``. Spark runs where ``SPARK_REMOTE`` (a server of Spark Connect) or ``SPARK_MASTER`` (a
        classic cluster) says; without either in one process on this machine.
    memory_gib
        Ceiling in GiB for the whole process with DuckDB, which lays aside on disk what does not fit; for Spark, that
        of its driver; a server of Spark Connect has its own.

    Raises
    ------
    Refusal
        If Spark is asked for and it or Java is not there (exit code 4), or the ceiling is below 1 GiB (exit code 2).
    """
    if memory_gib < LEAST_GIB:
        raise Refusal(f"memory={memory_gib:g}", expected=f"at least {LEAST_GIB} GiB", exit_code=2,
                      remedy="raise the ceiling")  # fmt: skip
    # What Ibis still calls by names that DuckDB and pandas will drop is no reader's business.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="ibis")
    warnings.filterwarnings("ignore", message=".*infer_string.*")
    with tempfile.TemporaryDirectory(prefix="diversion-engine-") as aside:
        backend = _duckdb(memory_gib, aside) if name == "duckdb" else _spark(memory_gib, aside)
        try:
            yield backend
        finally:
            backend.disconnect()


def _duckdb(memory_gib: float, aside: str) -> ibis.BaseBackend:
    import ibis

    return ibis.duckdb.connect(
        memory_limit=f"{int((memory_gib - OWN_GIB) * 1024)}MiB", temp_directory=aside, preserve_insertion_order=False,
        threads=systems.processors(),
    )  # fmt: skip


def _spark(memory_gib: float, aside: str) -> ibis.BaseBackend:
    import ibis

    remote, master = os.environ.get("SPARK_REMOTE"), os.environ.get("SPARK_MASTER", "local")
    try:
        from pyspark.sql import SparkSession

        if remote:
            from pyspark.sql.connect import session  # noqa: F401  what Spark Connect needs beside
    except ImportError as error:
        raise Refusal("engine=spark: pyspark is not installed", expected="the packages of the extra scale", exit_code=4,
                      remedy="tools/set_up.sh scale, then the same again") from error  # fmt: skip
    builder = SparkSession.builder.appName("export-diversion").config("spark.sql.session.timeZone", "UTC")
    if remote:
        return ibis.pyspark.connect(builder.remote(remote).getOrCreate())
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        cure = "apt-get install openjdk-17-jre-headless, or name a server of Spark Connect in SPARK_REMOTE"
        raise Refusal("engine=spark: there is no Java", expected="Java 17 or newer", exit_code=4, remedy=cure)
    settings = {"spark.driver.memory": f"{int(memory_gib * 1024)}m"}
    if master.split("[")[0] == "local":
        master = f"local[{systems.processors()}]" if master == "local" else master
        settings |= _on_this_machine(aside)
    for setting, value in settings.items():
        builder = builder.config(setting, value)
    return ibis.pyspark.connect(builder.master(master).getOrCreate())


def _on_this_machine(aside: str) -> dict[str, str]:
    """Return settings of Spark in one process; a cluster has its own, and calls back to where it finds this one."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return {
        "spark.ui.enabled": "false", "spark.local.dir": aside, "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": str(2 * systems.processors()), "spark.sql.warehouse.dir": f"{aside}/warehouse",
    }  # fmt: skip


def parquet(backend: ibis.BaseBackend, files: Sequence[Path]) -> Table:
    """Return the rows of Parquet files as one table; nothing of them is read yet.

    Every file is opened once by Python itself, because that is how a run notes what it depends on.
    """
    for file in files:
        with file.open("rb"):
            pass
    if backend.name == "duckdb":
        return backend.read_parquet([str(file) for file in files], hive_partitioning=False)
    names = [f"file://{file.absolute()}" for file in files]  # a cluster may look elsewhere where nothing is said
    view = f"rows_{abs(hash(tuple(names))):x}"
    backend._session.read.parquet(*names).createOrReplaceTempView(view)
    return backend.table(view)
