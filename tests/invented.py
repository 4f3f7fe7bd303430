"""A small house of invented notebooks and figures in a temporary folder, laid out like the real one."""

from __future__ import annotations

import importlib
import json
import shutil
import types
from pathlib import Path

import nbformat
import pandas as pd

import helpers
from helpers import customs, paths, provenance
from helpers.runner import Job

FINDING = "An invented sentence: nothing was diverted."


def notebook(path: Path, *code: str, form: str = 'month: str = ""  # last month', prose: str = "# Invented?") -> Path:
    """Write a notebook with a title, a form and code cells."""
    cells = [
        nbformat.v4.new_markdown_cell(prose),
        nbformat.v4.new_code_cell(form, metadata={"tags": ["parameters"]}),
        *(nbformat.v4.new_code_cell(text) for text in code),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def writes(table: str) -> str:
    """Return code that puts an invented table where the run wants tables."""
    return (
        "import os, pathlib\n"
        f'pathlib.Path(os.environ["DIVERSION_PROCESSED"], "{table}.parquet").write_bytes('
        f'pathlib.Path("{table}.prepared").read_bytes())'
    )


class InstantForge:
    """In place of the process that runs notebooks: copies each one and its prepared tables; remembers the jobs."""

    jobs: list[Job] = []

    def __init__(self, folder: Path) -> None:
        self._ended: list[str] = []

    def submit(self, job: Job) -> None:
        self.jobs.append(job)
        place = Path(job.folder)
        content = nbformat.read(job.notebook, as_version=4)
        content.metadata["papermill"] = {}
        nbformat.write(content, place / "notebook.ipynb")
        (place / "data").mkdir()
        for table in job.makes:
            prepared = Path(job.notebook).with_name(f"{table}.prepared")
            shutil.copy(prepared, place / f"tables/{table}.parquet")
            pd.read_parquet(prepared).to_csv(place / f"data/{table}.csv", index=False)
        (place / "notes.json").write_text(json.dumps(["src/helpers/growth.py"]))
        (place / "outcome.json").write_text(json.dumps({"story": "", "exit_code": 0}))
        self._ended.append(job.folder)

    def prepare(self, job: Job) -> None:
        pass

    def drop(self, job: Job) -> None:
        pass

    def ended(self, seconds: float) -> dict:
        return {"folder": self._ended.pop(0), "exit": 0}

    def dismiss(self) -> None:
        pass

    def close(self) -> None:
        pass


def house(root: Path, monkeypatch) -> Path:
    """Build the house: two steps, first and second, the second writing the finding."""
    for folder in ("notebooks", "src/helpers", "requirements", "data/processed", "reports"):
        (root / folder).mkdir(parents=True)
    (root / "src/helpers/growth.py").write_text("INVENTED = 1\n")
    (root / "requirements/runner.lock").write_text("invented==1 --hash=sha256:0\n")
    (root / "README.md").write_text("Invented.\n")
    table = pd.DataFrame({"position": [1], "rules": ["invented"], "text": [FINDING]})
    for name in ("first", "summary_sentences"):
        table.to_parquet(root / f"notebooks/{name}.prepared")
    notebook(root / "notebooks/01_first.ipynb", writes("first"))
    notebook(
        root / "notebooks/00_second.ipynb",
        "print(month, window)",
        writes("summary_sentences"),
        form='month: str = ""  # last month\nwindow: int = 0  # periods',
    )
    (root / "notebooks/pipeline.yml").write_text(
        "- {notebook: 01_first, makes: [first]}\n- {notebook: 00_second, needs: [first], makes: [summary_sentences]}\n"
    )
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr(paths, "NOTEBOOKS", root / "notebooks")
    monkeypatch.setattr(paths, "PROCESSED", root / "data/processed")
    monkeypatch.setattr(paths, "REPORTS", root / "reports")
    monkeypatch.setattr(paths, "PARAMETERS_FILE", root / "parameters.yml")
    monkeypatch.setattr(paths, "CORRECTIONS_FILE", root / "corrections.yml")
    monkeypatch.setattr(provenance, "check_all", lambda as_of="": [])
    monkeypatch.setattr(customs, "latest_common_month", lambda as_of="": "2026-05", raising=False)
    importlib.import_module("helpers.render")  # once: a first import in mid-run would put the real one back
    monkeypatch.setattr(helpers, "render", types.SimpleNamespace(render=_draw, get_ready=lambda: None))
    return root


def _draw(notebooks, *, stamp, title, out, data_dir, **_):
    names = " ".join(path.name for path in notebooks)
    out.write_text(f"{title}\n{stamp['stamp']}\n{names}\n{sorted(path.name for path in data_dir.iterdir())}\n")
    return out
