"""Run one notebook, in a process of its own: papermill, the tables it made, what it read, and how it failed.

The process works in a folder that nobody else touches and leaves there ``notebook.ipynb``, ``tables/``, ``data/``
(the tables as CSV), ``notes.json`` (what was read) and ``outcome.json``. What becomes of them is the caller's affair.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers import kernels, paths, stops, systems, tracing

LAST_LINES = 20
FEW_FILES = 128  # a kernel opens about sixty
SAID = "said.txt"  # what runner and kernel print
GO = "go"  # the file whose presence says that the tables are there


@dataclass(frozen=True)
class Job:
    """What a runner is told: a notebook, its parameters, its folder, and the tables it must leave there."""

    step: str
    notebook: str
    folder: str
    parameters: dict[str, Any]
    makes: list[str]
    environment: dict[str, str]
    limit: int = stops.STEP_SECONDS  # for the whole notebook

    def as_text(self) -> str:
        """Return the job as JSON."""
        return json.dumps(asdict(self))


def run(job: Job) -> None:
    """Run the notebook and write down the outcome: ``story`` (empty when all went well) and ``exit_code``."""
    folder = Path(job.folder)
    os.environ.update(job.environment)
    os.environ.pop("MPLBACKEND", None)
    os.environ[tracing.NOTE_FILE] = str(folder / "notes.json")
    os.environ[tracing.GATE] = str(folder / GO)
    os.environ["DIVERSION_PROCESSED"] = str(folder / "tables")
    story, exit_code = _execute(job, folder)
    if not story:
        _write_csv(job, folder)
    outcome = {"story": story, "exit_code": exit_code}
    beside = folder / "outcome.part"
    beside.write_text(json.dumps(outcome), encoding="utf-8")
    beside.rename(folder / "outcome.json")


def _execute(job: Job, folder: Path) -> tuple[str, int]:
    """Run the notebook; tell a failure in a few lines, with its exit code."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    for chatty in ("papermill", "asyncio", "traitlets"):  # what goes wrong arrives as an exception
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    notebook, output = Path(job.notebook), folder / "notebook.ipynb"
    manager = {"connection_file": str(folder / "kernel.json")}
    if systems.LINUX:  # sockets without a file: nothing is left over, whoever is killed; elsewhere on 127.0.0.1
        manager |= {"transport": "ipc", "ip": f"@diversion-{os.getpid()}-{time.monotonic_ns()}"}
    if os.environ.get("JUPYTER_DEFAULT_PROVISIONER_NAME") == kernels.NAME:
        manager |= {"client_class": "helpers.provisioner.WarmClient"}
    try:
        papermill.execute_notebook(
            _as_it_is(notebook),
            _as_it_is(output),
            parameters=job.parameters,
            kernel_name="python3",
            language="python",
            cwd=notebook.parent,
            progress_bar=False,
            request_save_on_cell_execute=False,
            timeout_func=_time_left(job.limit),
            shutdown_kernel="immediate",
            extra_arguments=["--IPKernelApp.extra_extensions=helpers.tracing"],
            config=Config(KernelManager=manager),
        )
    except PapermillExecutionError as error:
        tidy(output, job.step)
        return failed_cell(job.step, error, bool(job.parameters)), 3 if error.ename == "Refusal" else 1
    except CellTimeoutError as error:
        return too_long(job.step, job.limit, str(error)), 1
    except (DeadKernelError, RuntimeError) as error:
        return f"notebooks/{job.step}.ipynb: {died(str(error))}{last_words(folder)}", 1
    tidy(output, job.step)
    for table in job.makes:
        if not (folder / "tables" / f"{table}.parquet").exists():
            return (
                f'notebooks/{job.step}.ipynb ran to its end without writing table "{table}"\n'
                "  what to do: write it there, or take it from `makes` in notebooks/pipeline.yml"
            ), 1
    return "", 0


def _as_it_is(path: Path) -> str:
    """Return a path for papermill, which takes braces in it for places to put parameters in."""
    return str(path).replace("{", "{{").replace("}", "}}")


def died(how: str = "") -> str:
    """Say that a process is gone, and the usual reason; a kernel that runs out of open files cannot say so itself."""
    import resource  # not on Windows, where no notebook is run

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    few = f", or here: too many open files, {allowed} are allowed (ulimit -n)" if 0 <= allowed < FEW_FILES else ""
    return f"its process died; the usual reason is too little memory{few}" + (f" ({how})" if how else "")


def last_words(folder: Path) -> str:
    """Return the last lines that runner and kernel of a step printed, which may hold another reason."""
    try:
        lines = (folder / SAID).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"\n  : {line}" for line in lines[-LAST_LINES:])


def too_long(step: str, limit: int, how: str = "") -> str:
    """Say that a notebook took more time than it has, and in which cell that was found, if it is known."""
    cell = re.search(r"^-+\n(.*?)\n-+$", how, re.DOTALL | re.MULTILINE)
    lines = [f"notebooks/{step}.ipynb took longer than {limit} s and was ended"]
    lines += [f"  | {line}" for line in (cell[1].strip().splitlines() if cell else [])[:LAST_LINES]]
    return "\n".join([*lines, "  what to do: mend the cell that hangs, or give it more time with --step-limit"])


def _time_left(limit: int) -> Callable[[object], int]:
    """Return what tells how long the next cell may take: all cells of a notebook share its time, from the first on."""
    begun: list[float] = []

    def left(_: object) -> int:
        begun.extend([] if begun else [time.monotonic()])
        return max(1, round(begun[0] + limit - time.monotonic()))

    return left


def tidy(notebook: Path, step: str) -> None:
    """Name files in an executed notebook by their place in the checkout, the same on every machine.

    Warnings of libraries name files as well; nobody wrote them into a cell, so no cell has to be mended for them.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for output in (output for cell in content["cells"] for output in cell.get("outputs", ())):
        if output.get("name") == "stderr":
            output["text"] = [_in_the_checkout(line) for line in output["text"]]
    content["metadata"]["papermill"]["input_path"] = f"notebooks/{step}.ipynb"
    content["metadata"]["papermill"]["output_path"] = f"steps/{step}.ipynb"
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _in_the_checkout(text: str) -> str:
    """Take from the names of files in a text where the checkout, the packages and the user's folder are."""
    for folder in (str(paths.ROOT), sys.prefix, os.path.expanduser("~")):  # noqa: PTH111, which fails where is none
        if folder.strip("/"):
            text = re.sub(rf"(?<![\w.~-]){re.escape(folder)}/", "", text)
    return text


def failed_cell(step: str, error: Any, injected: bool) -> str:
    """Tell a failed cell: notebook, cell, the line in it, the line in ``helpers``, the error and its last lines."""
    number = error.cell_index + 1 - injected  # as counted in notebooks/, without the cell that papermill puts in
    source = error.source.strip().splitlines()
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    in_cell = re.findall(r"(?:Cell In\[\d+\], line |<ipython-input[^>]*>:)(\d+)", trace)
    line = int(in_cell[-1]) if in_cell else len(source)
    lines = [f"notebooks/{step}.ipynb, cell {number}, line {line} failed"]
    lines += [f"  | {text}" for text in source[max(0, line - 3) : line]]
    if error.ename == "Refusal":
        return "\n".join([*lines, *(f"  {text}" for text in error.evalue.splitlines())])
    places = re.findall(r"/(src/helpers/[\w/]+\.py):(\d+)", trace)
    lines += [f"  at {file}, line {at}" for file, at in places[-1:]]
    lines += [f"  {error.ename}: {error.evalue}"]
    return "\n".join([*lines, "  the end of the traceback:", *(f"  : {t}" for t in trace.splitlines()[-LAST_LINES:])])


def main(folder: str) -> None:
    """Run the job in a folder, as a process of its own that ends with the one that started it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run(Job(**json.loads(Path(folder, "job.json").read_text(encoding="utf-8"))))


def _end_with_parent() -> None:
    """Wait for the end of the standard input, which the parent holds open, and end; the kernel sees to itself."""
    os.read(sys.stdin.fileno(), 1)  # not through its buffer, whose lock would stop an orderly end
    os._exit(1)


def _write_csv(job: Job, folder: Path) -> None:
    """Write every table of the step as CSV beside it."""
    import pandas as pd

    from helpers.csv_text import to_csv

    (folder / "data").mkdir()
    for table in job.makes:
        frame = pd.read_parquet(folder / "tables" / f"{table}.parquet")
        (folder / "data" / f"{table}.csv").write_text(to_csv(frame), encoding="utf-8", newline="\n")
