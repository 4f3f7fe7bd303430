"""A real cluster of Spark and a real server of Spark Connect, both on this machine, answer as DuckDB does (invented).

Master, worker, executor and driver are processes of their own; nothing but files and sums passes between them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from conftest import missing
from test_engine import panel, spark_is_here  # noqa: F401  the fixture
from test_eu_sections import ROWS

from helpers import engine, paths, product_panel

pytestmark = pytest.mark.slow
ASKED = """
import json, sys
from helpers import engine, eu_sections, product_panel
using = sys.argv[1]
held = product_panel.load("small", using=using)
with engine.connect(using) as backend:
    rows = product_panel.rows_of(backend, "small").order_by(product_panel.CELL).to_pandas()
tables = {"exports": held.exports, "duty": held.duty, "rows": rows, "sections": eu_sections.monthly(using=using)}
print(json.dumps({name: table.astype(str).values.tolist() for name, table in tables.items()}))
"""


def asked(using: engine.Name, **named: str) -> dict[str, list]:
    """Return everything that is asked of an engine, from a process of its own."""
    known = {**os.environ, "DIVERSION_PRODUCTS": str(paths.PRODUCTS), "SPARK_LOCAL_IP": "127.0.0.1", **named}
    done = subprocess.run([sys.executable, "-c", ASKED, using], capture_output=True, text=True, timeout=240, env=known)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def wait_for(port: int, log: Path) -> None:
    """Wait until somebody listens."""
    for _ in range(240):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.25)
    raise AssertionError(f"nobody listens on {port}: {log.read_text(encoding='utf-8')[-2000:]}")


@contextlib.contextmanager
def running(folder: Path, port: int, *words: str) -> Iterator[None]:
    """Run a server of Spark until a port of it is open, and end it; it ends by itself after five minutes."""
    import pyspark

    home = Path(pyspark.__file__).parent
    log = folder / f"{port}.log"
    settings = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOG_DIR": str(folder)}
    with log.open("w", encoding="utf-8") as said:
        server = subprocess.Popen(
            ["timeout", "300", str(home / "bin" / words[0]), *words[1:]], cwd=folder, env=settings, stdout=said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(port, log)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 15)
        server.wait(30)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """A master and a worker: the classic way."""
    port, shown, work, seen = (free_port() for _ in range(4))
    classes = "org.apache.spark.deploy"
    master = ("spark-class", f"{classes}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port",
              str(shown))  # fmt: skip
    worker = (
        "spark-class",
        f"{classes}.worker.Worker",
        f"spark://127.0.0.1:{port}",
        "--host",
        "127.0.0.1",
        "--port",
        str(work),
        "--webui-port",
        str(seen),
        "--cores",
        "2",
        "--memory",
        "2g",
        "--work-dir",
        str(folder / "work"),
    )
    with running(folder, port, *master), running(folder, work, *worker):
        yield {"SPARK_MASTER": f"spark://127.0.0.1:{port}"}


@contextlib.contextmanager
def connect(folder: Path) -> Iterator[dict[str, str]]:
    """A server of Spark Connect."""
    port = free_port()
    given = {"spark.connect.grpc.binding.port": port, "spark.connect.grpc.binding.address": "127.0.0.1",
             "spark.ui.enabled": "false"}  # fmt: skip
    words = [word for name, value in given.items() for word in ("--conf", f"{name}={value}")]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with running(folder, port, "spark-submit", "--class", server, "--master", "local[2]", *words, "spark-internal"):
        yield {"SPARK_REMOTE": f"sc://127.0.0.1:{port}"}


@pytest.mark.parametrize("way", [cluster, connect])
def test_a_cluster_answers_as_duckdb_does(panel, tmp_path, way):  # noqa: F811
    spark_is_here()
    if not shutil.which("timeout"):
        missing("timeout", "apt-get install coreutils")
    file = tmp_path / product_panel.BULK / "vintage=2026-11-26" / "year=2025" / "a.parquet"
    file.parent.mkdir(parents=True)
    product_panel.manifest_of(file).write_text("{}", encoding="utf-8")
    pd.DataFrame(ROWS, columns=list(product_panel.COLUMNS)).astype(product_panel.COLUMNS).to_parquet(file, index=False)
    held = asked("duckdb")
    with way(tmp_path) as named:
        assert asked("spark", **named) == held
    assert all(held.values())
