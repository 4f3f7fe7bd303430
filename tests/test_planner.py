"""What runs again and what does not: decided by content, told with its reason; invented notebooks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import types

import pytest
from invented import InstantForge, house, notebook, writes

from helpers import paths, pipeline, planner, shortcut, steps, store, tracing
from helpers.progress import Progress
from helpers.refusals import Refusal


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(InstantForge, "jobs", [])
    monkeypatch.setattr(pipeline, "Forge", InstantForge)
    return house(tmp_path / "house", monkeypatch)


def ran(*assignments: str) -> list[str]:
    """Make the report and return the steps that ran."""
    InstantForge.jobs.clear()
    pipeline.run(list(assignments))
    return [job.step for job in InstantForge.jobs]


def planned(*assignments: str) -> dict[str, tuple[str, str]]:
    rows = planner.look_ahead(pipeline.plan_of(list(assignments))[0])
    return {step: (what, why) for step, what, why in rows}


BOTH = ["01_first", "00_second"]


def test_nothing_runs_twice(root):
    assert ran() == BOTH
    assert ran() == []
    assert planned() == {step: ("keep", "nothing it was made from has changed") for step in BOTH}


def test_the_first_plan_says_what_depends_on_what(root):
    assert planned() == {
        "01_first": ("run", "has not run yet"),
        "00_second": ("run if", "a table of 01_first changes"),
    }


def test_prose_and_tags_draw_the_page_and_run_nothing(root):
    ran()
    notebook(root / "notebooks/01_first.ipynb", writes("first"), prose="# Another question?\n\nAnother answer.")
    assert planned()["01_first"][0] == "keep"
    assert ran() == []
    executed = json.loads((root / "reports/2026-05/steps/01_first.ipynb").read_text())["cells"]
    assert executed[0]["source"] == ["# Another question?\n", "\n", "Another answer."]


def test_a_code_cell_runs_its_step_and_stops_where_the_tables_come_out_the_same(root):
    ran()
    notebook(root / "notebooks/01_first.ipynb", writes("first"), "1 + 1")
    assert planned() == {
        "01_first": ("run", "code cells added or taken away"),
        "00_second": ("run if", "a table of 01_first changes"),
    }
    assert ran() == ["01_first"]
    notebook(root / "notebooks/01_first.ipynb", writes("first"), "1 + 2")
    assert planned()["01_first"] == ("run", "code cell 3 changed")


def test_a_changed_table_runs_what_needs_it(root):
    import pandas as pd

    ran()
    pd.DataFrame({"text": ["another"]}).to_parquet(root / "notebooks/first.prepared")
    notebook(root / "notebooks/01_first.ipynb", writes("first"), "1 + 1")
    assert ran() == BOTH


def test_a_parameter_runs_only_the_steps_whose_form_declares_it_and_switching_back_runs_nothing(root):
    ran()
    assert planned("window=33")["00_second"] == ("run", "parameter window: 0 is now 33")
    assert ran("window=33") == ["00_second"]
    assert ran() == []


def test_a_file_that_a_step_was_seen_to_read_runs_it(root):
    ran()
    (root / "src/helpers/growth.py").write_text("INVENTED = 2\n")
    assert planned()["01_first"] == ("run", "src/helpers/growth.py changed")
    assert ran() == BOTH
    (root / "src/helpers/other.py").write_text("NOBODY = 1\n")
    assert ran() == []


@pytest.mark.parametrize("file", ["requirements/runner.lock"])
def test_the_lock_runs_everything(root, file):
    ran()
    (root / file).write_text("invented==2 --hash=sha256:0\n")
    assert planned()["01_first"] == ("run", "lock changed")
    assert ran() == BOTH


def test_dates_of_files_decide_nothing(root):
    ran()
    for file in root.rglob("*"):
        if file.is_file():
            os.utime(file, (1, 1))
    assert ran() == []


def test_a_damaged_result_is_not_used(root):
    ran()
    kept = next((root / "reports/.steps/01_first").glob("*/notebook.ipynb"))
    kept.write_text(kept.read_text()[:100])
    (root / "reports/2026-05/index.html").unlink()
    assert planned()["01_first"] == ("run", "its kept result is damaged")
    assert ran() == ["01_first"]


@pytest.mark.parametrize(
    "lost",
    ["reports/2026-05/index.html", "reports/index.html", "reports/feed.xml", "reports/latest.html",
     "data/processed/first.parquet"],
)  # fmt: skip
def test_what_was_published_and_lost_is_put_back_without_running_anything(root, lost):
    ran()
    (root / lost).unlink()
    assert ran() == []
    assert (root / lost).exists()


def test_an_edited_page_is_drawn_again(root):
    ran()
    page = root / "reports/2026-05/index.html"
    before = page.read_bytes()
    page.write_text("another page")
    assert ran() == [] and page.read_bytes() == before


def test_a_lost_memory_costs_a_check_and_no_step(root):
    ran()
    (root / "reports/.state/made.json").write_text("{")
    (root / "reports/.state/prepared.json").unlink()
    assert ran() == []


def test_only_the_last_results_of_a_step_are_kept(root):
    for window in (0, 22, 33, 44, 55):
        ran(f"window={window}")
    assert len(list((root / "reports/.steps/00_second").iterdir())) == store.ENTRIES
    assert ran("window=55") == [] and ran("window=0") == ["00_second"]


def test_a_file_that_changes_while_a_step_runs_makes_it_run_again(root, monkeypatch):
    submit = InstantForge.submit

    def and_then_saves(self, job):
        submit(self, job)
        (root / "src/helpers/growth.py").write_text("INVENTED = 3\n")

    monkeypatch.setattr(InstantForge, "submit", and_then_saves)
    assert ran() == BOTH
    monkeypatch.setattr(InstantForge, "submit", submit)
    assert ran() == ["01_first", "00_second"]


def test_a_wrong_request_is_refused_every_time(root):
    for _ in range(2):
        with pytest.raises(Refusal, match="there is no parameter"):
            pipeline.run(["windw=33"])


def test_a_notebook_cut_short_is_refused_by_name(root):
    path = root / "notebooks/01_first.ipynb"
    path.write_text(path.read_text()[:50])
    with pytest.raises(Refusal, match=r"01_first.ipynb: not a notebook"):
        pipeline.run([])


def test_todays_prose_goes_around_yesterdays_results():
    def cell(kind, text, **more):
        return {"cell_type": kind, "source": text, "metadata": {"tags": more.pop("tags", [])}, **more}

    form = cell("code", "a = 1", tags=["parameters"], outputs=[], execution_count=1)
    injected = cell("code", "a = 2", tags=["injected-parameters"], outputs=[], execution_count=2)
    result = cell("code", "a", outputs=["2"], execution_count=3)
    executed = {"cells": [cell("markdown", "old"), form, injected, result], "metadata": {"papermill": {}}}
    today = [cell("markdown", "new"), form, cell("markdown", "more"), cell("code", "a", tags=["answer"], outputs=[])]
    merged = steps.with_prose_of(today, executed)["cells"]
    assert [c["source"] for c in merged] == ["new", "a = 1", "a = 2", "more", "a"]
    assert merged[-1]["outputs"] == ["2"] and merged[-1]["metadata"]["tags"] == ["answer"]


def test_notes_hold_what_was_read_and_nothing_else(tmp_path):
    raw = tmp_path / "raw"
    (raw / "abs").mkdir(parents=True)
    (raw / "abs" / "a.csv").write_text("1")
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom helpers import tracing\n"
        "shell = type('Shell', (), {})(); shell.events = type('Events', (), {})()\n"
        "shell.events.register = lambda name, call: setattr(shell, 'call', call)\n"
        "tracing.load_ipython_extension(shell)\n"
        "from helpers import numbers\nimport json.tool\n"
        "raw = Path(os.environ['DIVERSION_RAW'])\n"
        "list(raw.glob('*/*.csv')); (raw / 'abs' / 'a.csv').read_text()\n"
        "(raw / 'new.txt').write_text('written, not read')\n"
        "open('/etc/hostname').read()\nshell.call(None)\n"
    )
    notes = tmp_path / "notes.json"
    environment = {**os.environ, "DIVERSION_RAW": str(raw), tracing.NOTE_FILE: str(notes)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    names = json.loads(notes.read_text())
    assert {"data/raw/", "data/raw/abs/", "data/raw/abs/a.csv", "src/helpers/numbers.py"} <= set(names)
    assert all(name.startswith(("src/helpers/", "data/raw/")) for name in names) and "data/raw/new.txt" not in names
    assert "src/helpers/customs.py" not in names


def test_a_new_file_in_a_listed_folder_is_seen(root, monkeypatch):
    monkeypatch.setattr(paths, "RAW", root / "raw")
    (root / "raw").mkdir()
    before = store.Snapshot().of("data/raw/")
    (root / "raw" / "new.csv").touch()
    assert store.Snapshot().of("data/raw/") != before
    assert store.Snapshot().of("data/raw/nothing.csv") == "missing"


def test_progress_without_a_terminal_is_json_one_event_a_line():
    stream = io.StringIO()
    progress = Progress(stream)
    progress.start("01_first", 1.5, "has not run yet")
    progress.tick()
    progress.end("01_first", "done", 2.0)
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert told == [
        {"event": "started", "what": "01_first", "why": "has not run yet", "expected_seconds": 1.5},
        {"event": "done", "what": "01_first", "seconds": 2.0},
    ]


def test_progress_on_a_terminal_is_words_and_one_line_that_is_taken_away():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    progress = Progress(stream)
    progress.start("01_first", 4.0)
    progress.end("01_first", "done", 2.0)
    progress.stop()
    text = stream.getvalue()
    assert "running: 01_first 0 of about 4 s" in text and text.endswith("2.0 s\n")
    assert "\r\x1b[K  01_first" in text and "{" not in text


def test_the_state_of_a_request_covers_everything_a_report_is_made_from(root, monkeypatch):
    names = {name for name, _ in shortcut.inputs(prose=True)}
    assert {"src/helpers/growth.py", "requirements/runner.lock", "notebooks/01_first.ipynb"} <= names
    before = shortcut.state_of([], prose=True)
    assert shortcut.state_of(["window=33"], prose=True) != before
    monkeypatch.setattr(shortcut, "platform", types.SimpleNamespace(python_version=lambda: "4.0"))
    assert shortcut.state_of([], prose=True) != before
