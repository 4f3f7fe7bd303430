"""The notebooks of a report as steps: what ``pipeline.yml`` says of them, their forms, their code and their prose."""

from __future__ import annotations

import ast
import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.refusals import Refusal


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

    def after(self, steps: list[Step]) -> list[Step]:
        """Return the steps that make what this one needs."""
        return [step for step in steps if set(step.makes) & set(self.needs)]


def read_steps(file: Path | None = None) -> list[Step]:
    """Read the steps in run order.

    Raises
    ------
    Refusal
        If the file is not a list of steps, a notebook is missing, or a step needs what no earlier step makes; if no
        notebook of this checkout could be written (exit code 4).
    """
    try:
        str(paths.ROOT).encode()
    except UnicodeEncodeError:
        raise Refusal(
            "the folder of the checkout has a name that is not UTF-8", expected="a name that every program can write",
            remedy="move the checkout", file=ascii(str(paths.ROOT)), exit_code=4,
        ) from None  # fmt: skip

    import yaml  # here, because a run with nothing to do gets by without it

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


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook.

    Raises
    ------
    Refusal
        If the file is not a notebook, as when a save was cut short.
    """
    try:
        return json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(
            f"not a notebook: {error}", expected="a file that JupyterLab has saved", file=paths.shown(notebook),
            remedy="open it and save it again, or take the last one with `git checkout`", exit_code=1,
        ) from error  # fmt: skip


def _is_form(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", [])


def source(cell: dict[str, Any]) -> str:
    """Return the text of a cell."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def code_of(cells: list[dict[str, Any]]) -> list[str]:
    """Return the code cells: all of a notebook that is computed."""
    return [source(cell) for cell in cells if cell["cell_type"] == "code"]


def forms() -> dict[str, dict[str, Any]]:
    """Return what the parameters cell of every notebook declares, by notebook."""
    return {step.notebook: declared(step.notebook, cells_of(step.path)) for step in read_steps()}


def declared(notebook: str, cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return names and values that the ``parameters`` cell of a notebook assigns.

    Raises
    ------
    Refusal
        If a line assigns anything but a literal to a name; exit code 2.
    """
    found = {}
    for cell in filter(_is_form, cells):
        try:
            for line in ast.parse(source(cell)).body:
                (target,) = line.targets if isinstance(line, ast.Assign) else [line.target]
                found[target.id] = ast.literal_eval(line.value)
        except (SyntaxError, ValueError, AttributeError, TypeError) as error:
            raise Refusal(
                f"the parameters cell cannot be read ({error})", expected="one literal a line: window: int = 33",
                remedy="what is computed belongs into the setup cell", file=f"notebooks/{notebook}.ipynb", exit_code=2,
            ) from error  # fmt: skip
    return found


def with_prose_of(cells: list[dict[str, Any]], executed: dict[str, Any]) -> dict[str, Any]:
    """Return an executed notebook with today's prose and tags around the results of its code; itself, if it has them.

    Parameters
    ----------
    cells
        The notebook as it stands in ``notebooks/``.
    executed
        The notebook as papermill left it, from the same code cells.
    """
    results = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    injected = [cell for cell in results if "injected-parameters" in cell["metadata"].get("tags", [])]
    results = iter(cell for cell in results if cell not in injected)
    merged = []
    for cell in copy.deepcopy(cells):
        if cell["cell_type"] == "code":
            done = next(results)
            cell["outputs"], cell["execution_count"] = done["outputs"], done["execution_count"]
            cell["metadata"] = done["metadata"] | {"tags": cell["metadata"].get("tags", [])}
        merged.append(cell)
        if _is_form(cell):
            merged += injected
    if [_shown(cell) for cell in merged] == [_shown(cell) for cell in executed["cells"]]:
        return executed
    return {**executed, "cells": merged}


def _shown(cell: dict[str, Any]) -> tuple[str, str, list[str]]:
    return cell["cell_type"], source(cell), cell["metadata"].get("tags", [])
