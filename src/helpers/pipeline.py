"""Run the notebooks in the order of ``notebooks/pipeline.yml`` and publish what they made, if every one succeeded.

The run happens in a working folder. A step that fails leaves its notebook, as far as it ran, under
``reports/.failed/`` and everything published before as it was.
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from helpers import paths, periods, publish
from helpers.parameters import Parameters, names
from helpers.refusals import Refusal, nearest

FINDING_TABLE = "summary_sentences"
CELL_SECONDS = 900  # a cell that takes longer is stuck
STEADY = {  # what every kernel finds in its environment, so that two runs agree to the last digit
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",
}


class StepFailed(Refusal):
    """A notebook that did not run to its end: which, where, why, and where to look."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        Exception.__init__(self, message)


@dataclass(frozen=True)
class Step:
    """One notebook of the pipeline and the tables it takes and gives."""

    notebook: str
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the notebook stands."""
        return paths.NOTEBOOKS / f"{self.notebook}.ipynb"


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the page and its finding in one sentence."""

    page: Path
    finding: str


def read_steps(file: Path | None = None) -> list[Step]:
    """Read the steps in run order.

    Raises
    ------
    Refusal
        If the file is not a list of steps, a notebook is missing, or a step needs what no earlier step makes.
    """
    file = file or paths.NOTEBOOKS / "pipeline.yml"
    try:
        steps = [
            Step(entry.pop("notebook"), tuple(entry.pop("needs", ())), tuple(entry.pop("makes", ())), **entry)
            for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
        ]
    except (OSError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise _crooked(file, f"cannot be read: {error!r}") from error
    made: set[str] = set()
    for step in steps:
        if not step.path.exists():
            raise _crooked(file, f"there is no notebook {step.notebook}.ipynb")
        for table in step.needs:
            if table not in made:
                raise _crooked(file, f'{step.notebook} needs "{table}", which no step before it makes')
        for table in step.makes:
            if table in made:
                raise _crooked(file, f'"{table}" is made twice, again by {step.notebook}')
        made.update(step.makes)
    return steps


def _crooked(file: Path, found: str) -> Refusal:
    return Refusal(
        found,
        expected="a list of steps in run order, each with notebook, needs and makes",
        remedy="mend the list",
        file=paths.shown(file),
        exit_code=1,
    )


def declared(notebook: Path) -> list[str]:
    """Return the names that the notebook's ``parameters`` cell assigns."""
    found = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", []):
            for line in ast.parse("".join(cell["source"])).body:
                targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
                found += [target.id for target in targets if isinstance(target, ast.Name)]
    return found


def check_forms(values: Parameters, forms: dict[str, list[str]]) -> None:
    """Hold the notebooks' forms against the model, and the parameters somebody set against the forms.

    Raises
    ------
    Refusal
        If a form asks for a parameter that does not exist, or no notebook asks for one that was set; exit code 2.
    """
    for notebook, form in forms.items():
        for name in form:
            if name not in names():
                raise Refusal(
                    f'the parameters cell asks for "{name}"',
                    expected=f"parameters of the report: {', '.join(names())}",
                    remedy=f"did you mean {nearest(name, names(), count=1)}? A constant belongs into the setup cell",
                    file=f"notebooks/{notebook}.ipynb",
                    exit_code=2,
                )
    asked = {name for form in forms.values() for name in form}
    for name in sorted(values.model_fields_set - asked - {"month"}):
        raise Refusal(
            f"parameter {name} was set and no notebook reads it",
            expected=f"one of {', '.join(sorted(asked))}",
            remedy=f'take "{name}" away, or add it to the parameters cell of the notebook it should change',
            exit_code=2,
        )


def run(values: Parameters) -> Outcome:
    """Make the report: check the ledger, run every step, draw the page, put it in place.

    Parameters
    ----------
    values
        The parameters. An empty month becomes the latest month that can be reported.

    Raises
    ------
    Refusal
        If a parameter or a raw file is wrong; nothing was run.
    StepFailed
        If a notebook failed; the last good report is untouched.
    """
    from helpers import customs, provenance, render

    steps = read_steps()
    forms = {step.notebook: declared(step.path) for step in steps}
    check_forms(values, forms)
    records = provenance.check_all()
    latest = customs.latest_common_month()
    if values.month > latest:
        raise Refusal(
            f"month={values.month}", expected=f"a month not after {latest}, the last that the US and Australia both "
            "publish in the ledger", remedy="choose an earlier month, or add the new figures to data/raw", exit_code=2,
        )  # fmt: skip
    values = values if values.month else values.model_copy(update={"month": latest})
    stamp = publish.stamp_of(values, records)
    title = f"Where did China's exports go? {periods.month_name(values.month)}"

    publish.clean_up()
    started, seconds = _now(), {}
    with _working_folder() as folder:
        report, tables = folder / "report", folder / "tables"
        (report / "steps").mkdir(parents=True)
        tables.mkdir()
        executed = [report / "steps" / step.path.name for step in steps]
        with _environment({**STEADY, "DIVERSION_PROCESSED": str(tables), "DIVERSION_RAW": str(paths.RAW)}):
            for number, (step, output) in enumerate(zip(steps, executed, strict=True), start=1):
                given = {name: getattr(values, name) for name in forms[step.notebook]}
                with _progress(f"{number}/{len(steps)} {step.notebook}", seconds, step.notebook):
                    _run_step(step, output, given, tables)
        with _progress("drawing the page", seconds, "page"):
            publish.write_csv(tables, report / "data")
            render.render(
                sorted(executed), stamp=stamp, title=title, out=report / "index.html", data_dir=report / "data"
            )
        finding = _finding(tables)
        record = publish.run_record(
            stamp, title=title, finding=finding, started=started, finished=_now(), seconds=seconds
        )
        publish.write_json(record, report / "run.json")
        return Outcome(publish.put_in_place(report, tables, values.month), finding)


def _run_step(step: Step, output: Path, given: dict[str, Any], tables: Path) -> None:
    """Run one notebook and see that it made what it promised; tell a failure in a few lines."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        _execute(step.path, output, given)
    except PapermillExecutionError as error:
        _tidy_metadata(output)
        raise StepFailed(
            _story(step, error, bool(given), _keep_failed(output)), 3 if error.ename == "Refusal" else 1
        ) from error
    except (DeadKernelError, CellTimeoutError) as error:
        why = f"a cell took longer than {CELL_SECONDS} s" if isinstance(error, CellTimeoutError) else (
            "its process died; the usual reason is too little memory"
        )  # fmt: skip
        raise StepFailed(f"notebooks/{step.path.name}: {why}\n{UNTOUCHED}") from error
    _tidy_metadata(output)
    for table in step.makes:
        if not (tables / f"{table}.parquet").exists():
            raise StepFailed(
                f'notebooks/{step.path.name} ran to its end without writing table "{table}"\n'
                f"  what to do: write it there, or take it from `makes` in notebooks/pipeline.yml\n{UNTOUCHED}"
            )


UNTOUCHED = "  the last good report is untouched"


def _execute(notebook: Path, output: Path, given: dict[str, Any]) -> None:
    """Run a notebook in a kernel of its own, which talks through sockets in a private folder and not over ports."""
    import papermill
    from traitlets.config import Config

    for chatty in ("papermill", "asyncio"):  # what goes wrong arrives as an exception
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="diversion-") as sockets:
        papermill.execute_notebook(
            notebook,
            output,
            parameters=given,
            kernel_name="python3",
            language="python",
            cwd=notebook.parent,
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=CELL_SECONDS,
            shutdown_kernel="immediate",
            config=Config(KernelManager={"transport": "ipc", "connection_file": str(Path(sockets) / "kernel.json")}),
        )


def _tidy_metadata(notebook: Path) -> None:
    """Name files in an executed notebook by their place in the checkout, the same on every machine."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["metadata"]["papermill"]["input_path"] = f"notebooks/{notebook.name}"
    content["metadata"]["papermill"]["output_path"] = f"steps/{notebook.name}"
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _keep_failed(output: Path) -> Path:
    kept = paths.REPORTS / ".failed" / output.name
    kept.parent.mkdir(exist_ok=True)
    os.replace(output, kept)
    return kept


def _story(step: Step, error: Any, injected: bool, kept: Path) -> str:
    """Tell a failed cell: notebook, cell, its last lines, the error, and where the partial notebook is."""
    number = error.cell_index + 1 - injected  # as counted in notebooks/, without the cell that papermill puts in
    lines = [f"notebooks/{step.path.name}, cell {number} failed"]
    lines += [f"  | {line}" for line in error.source.strip().splitlines()[-3:]]
    if error.ename == "Refusal":
        lines += [f"  {line}" for line in error.evalue.splitlines()]
    else:
        trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
        places = re.findall(r"/(src/helpers/[\w/]+\.py):(\d+)", trace)
        lines += [f"  at {file}, line {line}" for file, line in places[-1:]]
        lines += [f"  {error.ename}: {error.evalue}"]
    return "\n".join([*lines, f"  the notebook as far as it ran: {paths.shown(kept)}", UNTOUCHED])


def _finding(tables: Path) -> str:
    """Return the finding in one sentence: the first row of the table of summary sentences."""
    import pandas as pd

    return str(pd.read_parquet(tables / f"{FINDING_TABLE}.parquet")["text"].iloc[0])


@contextlib.contextmanager
def _working_folder() -> Iterator[Path]:
    folder = paths.REPORTS / f"{publish.BUILDING}{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    """Change the environment that kernels inherit, for a while."""
    before = {name: os.environ.get(name) for name in [*changes, "MPLBACKEND"]}
    os.environ.pop("MPLBACKEND", None)
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _progress(what: str, seconds: dict[str, float], key: str) -> Iterator[None]:
    """Say on stderr what runs and how long it took: one line, finished in place on a terminal."""
    terminal = sys.stderr.isatty()
    if terminal:
        print(f"{what} ...", end="", file=sys.stderr, flush=True)
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        print("\r" * terminal + f"{what}: stopped", file=sys.stderr, flush=True)
        raise
    seconds[key] = round(time.perf_counter() - start, 2)
    print("\r" * terminal + f"{what}: {seconds[key]:.1f} s", file=sys.stderr, flush=True)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
