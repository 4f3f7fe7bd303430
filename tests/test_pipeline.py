"""Running and publishing, with invented notebooks; one test starts real kernels, the others run in their place."""

from __future__ import annotations

import json
import os
import shutil
import types
from pathlib import Path

import nbformat
import pytest
from invented import FINDING, house, notebook, writes

from helpers import parameters, paths, pipeline, publish
from helpers.refusals import Refusal


@pytest.fixture
def root(tmp_path, monkeypatch):
    return house(tmp_path / "house", monkeypatch)


@pytest.fixture
def calls(root, monkeypatch):
    """Replace kernels: remember what would run, copy the notebook, write the prepared tables."""
    calls = []

    def execute(path: Path, output: Path, given: dict) -> None:
        calls.append((path.stem, given))
        content = nbformat.read(path, as_version=4)
        content.metadata["papermill"] = {}
        nbformat.write(content, output)
        for table in {"01_first": ["first"], "00_second": ["summary_sentences"]}[path.stem]:
            shutil.copy(root / f"notebooks/{table}.prepared", f"{os.environ['DIVERSION_PROCESSED']}/{table}.parquet")

    monkeypatch.setattr(pipeline, "_execute", execute)
    return calls


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_real_kernels_make_a_report_and_a_failing_step_leaves_it_untouched(root):
    outcome = pipeline.run(parameters.check(window=33))

    month = root / "reports/2026-05"
    assert (outcome.page, outcome.finding) == (month / "index.html", FINDING)
    executed = nbformat.read(month / "steps/00_second.ipynb", as_version=4)
    assert "2026-05 33" in [o.get("text", "").strip() for c in executed.cells for o in c.get("outputs", [])]
    assert str(root) not in json.dumps(executed.metadata)
    assert sorted(p.name for p in (month / "data").iterdir()) == ["first.csv", "summary_sentences.csv"]
    assert (root / "data/processed/first.parquet").exists()

    before = contents(month), contents(root / "data/processed")
    notebook(root / "notebooks/01_first.ipynb", writes("first"), "kept = 1\nkept / 0")
    with pytest.raises(pipeline.StepFailed) as failure:
        pipeline.run(parameters.check())

    message = str(failure.value)
    assert failure.value.exit_code == 1
    for part in ("notebooks/01_first.ipynb", "cell 4", "| kept / 0", "ZeroDivisionError: division by zero"):
        assert part in message
    partial = root / "reports/.failed/01_first.ipynb"
    assert str(partial.relative_to(root)) in message and "ZeroDivisionError" in partial.read_text()
    assert (contents(month), contents(root / "data/processed")) == before
    assert not list((root / "reports").glob(".building-*"))


def test_a_failure_inside_helpers_names_the_line_there(root):
    frames = [
        "File \x1b[32m~/house/src/helpers/growth.py:12\x1b[39m, in rate(x)",
        "File ~/lib/pandas/core/computation/scope.py:248, in resolve(self)",
    ]
    error = types.SimpleNamespace(cell_index=4, source="rate(1)", ename="KeyError", evalue="'b'", traceback=frames)
    story = pipeline._story(pipeline.Step("01_first"), error, True, root / "reports/.failed/01_first.ipynb")
    assert story.splitlines()[:4] == [
        "notebooks/01_first.ipynb, cell 4 failed",
        "  | rate(1)",
        "  at src/helpers/growth.py, line 12",
        "  KeyError: 'b'",
    ]


def test_a_refusal_inside_a_notebook_is_told_by_its_own_words_with_exit_code_3(root):
    code = "class Refusal(Exception): ...\nraise Refusal('line 3: 9x9\\n  expected: a number')"
    notebook(root / "notebooks/01_first.ipynb", code)
    with pytest.raises(pipeline.StepFailed) as failure:
        pipeline.run(parameters.check())
    assert failure.value.exit_code == 3
    assert "line 3: 9x9\n    expected: a number" in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_steps_run_in_the_listed_order_and_get_only_what_their_form_declares(root, calls):
    pipeline.run(parameters.check(month="2026-04", window=22))
    assert calls == [
        ("01_first", {"month": "2026-04"}),
        ("00_second", {"month": "2026-04", "window": 22}),
    ]


def test_the_page_is_drawn_with_the_summary_first(root, calls):
    page = pipeline.run(parameters.check()).page.read_text()
    assert page.startswith("Where did China's exports go? May 2026\n")
    assert "00_second.ipynb 01_first.ipynb" in page


def test_a_set_parameter_that_no_notebook_reads_stops_the_run(root, calls):
    with pytest.raises(Refusal, match="parameter trend was set and no notebook reads it") as refusal:
        pipeline.run(parameters.check(trend="level"))
    assert refusal.value.exit_code == 2 and calls == []


def test_a_form_that_asks_for_an_unknown_parameter_stops_the_run(root, calls):
    notebook(root / "notebooks/01_first.ipynb", writes("first"), form="windw: int = 44  # periods")
    with pytest.raises(Refusal, match='did you mean "window"') as refusal:
        pipeline.run(parameters.check())
    assert refusal.value.exit_code == 2 and calls == []


def test_a_step_that_does_not_write_its_table_fails(root, calls):
    file = root / "notebooks/pipeline.yml"
    file.write_text(file.read_text().replace("makes: [first]", "makes: [first, third]"))
    with pytest.raises(pipeline.StepFailed, match='without writing table "third"'):
        pipeline.run(parameters.check())
    assert not (root / "reports/2026-05").exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- {notebook: 01_first, needs: [later]}", 'needs "later"'),
        ("- {notebook: 07_nowhere}", "no notebook 07_nowhere"),
        ("- {notebook: 01_first, makes: [a]}\n- {notebook: 00_second, makes: [a]}", "made twice"),
        ("- {notebook: 01_first, need: [a]}", "cannot be read"),
        ("notebook: 01_first", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_crooked_list_of_steps_is_refused(root, text, found):
    (root / "notebooks/pipeline.yml").write_text(text)
    with pytest.raises(Refusal, match=found):
        pipeline.read_steps()


def test_a_wrong_raw_file_stops_the_run_before_any_step(root, calls, monkeypatch):
    def refuse():
        raise Refusal("differs", expected="the same", remedy="undo")

    monkeypatch.setattr("helpers.provenance.check_all", refuse)
    with pytest.raises(Refusal) as refusal:
        pipeline.run(parameters.check())
    assert refusal.value.exit_code == 3 and calls == []


def test_two_runs_agree_in_everything_but_the_times(root, calls):
    pages, records = [], []
    for _ in range(2):
        pages.append(contents(pipeline.run(parameters.check()).page.parent))
        records.append(json.loads(pages[-1].pop("run.json")))
    assert pages[0] == pages[1]
    for record in records:
        assert record.pop("started") <= record.pop("finished")
        assert set(record.pop("seconds")) == {"01_first", "00_second", "page"}
    assert records[0] == records[1]
    assert records[0]["exit"] == 0 and records[0]["finding"] == FINDING


def test_the_stamp_follows_code_lock_and_parameters_and_nothing_else(root):
    def stamp(**given):
        return publish.stamp_of(parameters.check(**given), [])["stamp"]

    first = stamp()
    assert len(first) == 12 and stamp() == first
    (root / "README.md").write_text("Another sentence.\n")
    notebook(root / "notebooks/01_first.ipynb", writes("first"), prose="# Another question?")
    assert stamp() == first
    assert stamp(window=33) != first
    for file, text in (
        ("src/helpers/growth.py", "INVENTED = 2\n"),
        ("requirements/runner.lock", "invented==2 --hash=sha256:0\n"),
        ("notebooks/pipeline.yml", "- {notebook: 01_first, makes: [first]}\n"),
    ):
        before = stamp()
        (root / file).write_text(text)
        assert stamp() != before, file
    before = stamp()
    notebook(root / "notebooks/01_first.ipynb", writes("first"), "1 + 1")
    assert stamp() != before


@pytest.mark.parametrize("renames_before_the_crash", [0, 1])
def test_a_crash_while_publishing_leaves_a_complete_report_and_the_next_run_cleans_up(
    root, calls, monkeypatch, renames_before_the_crash
):
    pipeline.run(parameters.check())
    before = contents(root / "reports/2026-05")
    rename, done = Path.rename, []

    def crash(self, target):
        if len(done) >= renames_before_the_crash:
            raise KeyboardInterrupt
        done.append(target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", crash)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(parameters.check())
    monkeypatch.setattr(Path, "rename", rename)

    publish.clean_up()
    assert contents(root / "reports/2026-05") == before
    pipeline.run(parameters.check())
    left = sorted(path.name for path in (root / "reports").iterdir())
    assert left == [".lock", "2026-05", "index.html"]


def test_a_working_folder_whose_run_is_over_is_dropped_and_a_living_one_is_kept(root):
    dead, alive = root / "reports/.building-99999999", root / f"reports/.building-{os.getppid()}"
    dead.mkdir()
    alive.mkdir()
    publish.clean_up()
    assert not dead.exists() and alive.exists()


def test_the_list_of_months_shows_the_newest_first_and_escapes_findings(root, calls, monkeypatch):
    pipeline.run(parameters.check(month="2026-04"))
    monkeypatch.setattr(pipeline, "_finding", lambda tables: "exports < imports")
    pipeline.run(parameters.check(month="2026-05"))
    page = (paths.REPORTS / "index.html").read_text()
    assert page.index("May 2026") < page.index("April 2026")
    assert "exports &lt; imports" in page and FINDING in page


def test_progress_is_one_plain_line_per_step_when_nobody_watches(root, calls, capsys):
    pipeline.run(parameters.check())
    told = capsys.readouterr()
    assert [line.rsplit(":", 1)[0] for line in told.err.splitlines()] == [
        "1/2 01_first",
        "2/2 00_second",
        "drawing the page",
    ]
    assert "\r" not in told.err and told.out == ""
