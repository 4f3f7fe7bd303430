"""Running and publishing, with invented notebooks; one test starts real kernels, the others run in their place."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import types
from pathlib import Path

import nbformat
import pytest
from invented import FINDING, InstantForge, house, notebook, writes

from helpers import paths, pipeline, publish, runner, steps, stops, workshop
from helpers.progress import Progress
from helpers.refusals import Refusal
from helpers.runner import Job


@pytest.fixture
def root(tmp_path, monkeypatch):
    return house(tmp_path / "house", monkeypatch)


@pytest.fixture
def calls(root, monkeypatch):
    """Replace kernels: remember what would run."""
    jobs: list[Job] = []
    monkeypatch.setattr(InstantForge, "jobs", jobs)
    monkeypatch.setattr(pipeline, "Forge", InstantForge)
    return jobs


def run(*assignments: str, **settings):
    return pipeline.run(list(assignments), **settings)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_real_kernels_make_a_report_and_a_failing_step_leaves_it_untouched(root):
    outcome = run("window=33")

    month = root / "reports/2026-05"
    assert (outcome.page, outcome.finding) == (month / "index.html", FINDING)
    executed = nbformat.read(month / "steps/00_second.ipynb", as_version=4)
    assert "2026-05 33" in [o.get("text", "").strip() for c in executed.cells for o in c.get("outputs", [])]
    assert str(root) not in json.dumps(executed.metadata)
    assert sorted(p.name for p in (month / "data").iterdir()) == ["first.csv", "summary_sentences.csv"]
    assert (root / "data/processed/first.parquet").exists()

    before = contents(month), contents(root / "data/processed")
    notebook(root / "notebooks/01_first.ipynb", writes("first"), "kept = 1\nkept / 0")
    with pytest.raises(workshop.StepFailed) as failure:
        run()

    message = str(failure.value)
    assert failure.value.exit_code == 1
    told = "cell 4, line 2", "| kept / 0", "ZeroDivisionError: division by zero", "end of the traceback", "not run"
    for part in ("notebooks/01_first.ipynb", *told, "00_second"):
        assert part in message
    partial = root / "reports/.failed/01_first.ipynb"
    assert str(partial.relative_to(root)) in message and "ZeroDivisionError" in partial.read_text()
    assert (contents(month), contents(root / "data/processed")) == before
    assert not list((root / "reports").glob(".building-*"))


def test_a_failure_inside_helpers_names_the_line_there():
    frames = [
        "File \x1b[32m~/house/src/helpers/growth.py:12\x1b[39m, in rate(x)",
        "File ~/lib/pandas/core/computation/scope.py:248, in resolve(self)",
    ]
    error = types.SimpleNamespace(cell_index=4, source="rate(1)", ename="KeyError", evalue="'b'", traceback=frames)
    assert runner.failed_cell("01_first", error, True).splitlines()[:4] == [
        "notebooks/01_first.ipynb, cell 4, line 1 failed",
        "  | rate(1)",
        "  at src/helpers/growth.py, line 12",
        "  KeyError: 'b'",
    ]


def test_a_warning_names_files_by_their_place_in_the_checkout_and_what_an_author_prints_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(runner.sys, "prefix", "/opt/env")
    monkeypatch.setenv("HOME", "/home/somebody")
    root = str(paths.ROOT)
    said = [f"{root}/src/helpers/x.py:1: RuntimeWarning: odd\n", "/opt/env/lib/y.py:2: odd\n", "/home/somebody/z.py\n",
            f"beside {root}-2/a, x{root}/b\n"]  # fmt: skip
    cell = nbformat.v4.new_code_cell("x", outputs=[
        nbformat.v4.new_output("stream", name=name, text="".join(said)) for name in ("stderr", "stdout")
    ])  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {}})
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    runner.tidy(tmp_path / "notebook.ipynb", "01_first")
    error, out = json.loads((tmp_path / "notebook.ipynb").read_text())["cells"][0]["outputs"]
    assert error["text"] == ["src/helpers/x.py:1: RuntimeWarning: odd\n", "lib/y.py:2: odd\n", "z.py\n", said[3]]
    assert out["text"] == said


def test_a_refusal_inside_a_notebook_is_told_by_its_own_words_with_exit_code_3(root):
    code = "class Refusal(Exception): ...\nraise Refusal('line 3: 9x9\\n  expected: a number')"
    notebook(root / "notebooks/01_first.ipynb", code)
    with pytest.raises(workshop.StepFailed) as failure:
        run()
    assert failure.value.exit_code == 3
    assert "line 3: 9x9\n    expected: a number" in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_steps_run_in_the_listed_order_and_get_only_what_their_form_declares(root, calls):
    run("month=2026-04", "window=22")
    assert [(job.step, job.parameters) for job in calls] == [
        ("01_first", {"month": "2026-04"}),
        ("00_second", {"month": "2026-04", "window": 22}),
    ]


def test_the_page_is_drawn_with_the_summary_first(root, calls):
    page = run().page.read_text()
    assert page.startswith("Where did China's exports go? May 2026\n")
    assert "00_second.ipynb 01_first.ipynb" in page


def test_chapters_stand_in_the_listed_order_whatever_their_names(root, calls):
    """A page that comes later takes no number from the others, so "chapter 6" in a text stays chapter 6."""
    notebook(root / "notebooks/00_early.ipynb", "1 + 1")
    listed = (root / "notebooks/pipeline.yml").read_text().splitlines(keepends=True)
    (root / "notebooks/pipeline.yml").write_text("".join([listed[0], "- {notebook: 00_early}\n", *listed[1:]]))
    assert "00_second.ipynb 01_first.ipynb 00_early.ipynb" in run().page.read_text()


def test_a_set_parameter_that_no_notebook_reads_stops_the_run(root, calls):
    with pytest.raises(Refusal, match="parameter trend was set and no notebook reads it") as refusal:
        run("trend=level")
    assert refusal.value.exit_code == 2 and calls == []


def test_an_edited_parameters_cell_counts_for_the_whole_report_and_is_told(root, calls, monkeypatch):
    notebook(root / "notebooks/01_first.ipynb", writes("first"), form='month: str = ""\nwindow: int = 33')
    before = run("window=0").page.parent
    stamps = [json.loads((before / "run.json").read_text())["stamp"]]
    calls.clear()
    stream = io.StringIO()
    pipeline.run(["month=2026-05"], progress=Progress(stream))
    assert [job.parameters["window"] for job in calls] == [33, 33]
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(row["parameter"], row["value"], row["notebook"]) for row in told if row["event"] == "edited"] == [
        ("window", 33, "01_first")
    ]
    stamps.append(json.loads((before / "run.json").read_text())["stamp"])
    assert len(set(stamps)) == 2

    (root / "parameters.yml").write_text("window: 22\n")
    calls.clear()
    run("month=2026-05")
    assert {job.parameters["window"] for job in calls} == {22}


def test_two_edited_parameters_cells_that_disagree_are_refused(root, calls):
    for number, name in ((33, "01_first"), (22, "00_second")):
        notebook(root / f"notebooks/{name}.ipynb", writes("first"), form=f"window: int = {number}")
    with pytest.raises(Refusal, match="window is 22 in this parameters cell and 33 in that of 01_first") as refusal:
        run()
    assert refusal.value.exit_code == 2 and "notebooks/00_second.ipynb" in str(refusal.value) and calls == []


@pytest.mark.parametrize(
    "form", ["window: int = 3 * 11", "window = (", "print(1)", "window: int", "a.b = 1", "a = b = 1"]
)
def test_a_parameters_cell_that_holds_more_than_literals_is_refused(root, calls, form):
    notebook(root / "notebooks/01_first.ipynb", writes("first"), form=form)
    with pytest.raises(Refusal, match="the parameters cell cannot be read") as refusal:
        run()
    assert refusal.value.exit_code == 2 and "notebooks/01_first.ipynb" in str(refusal.value) and calls == []


def test_a_wrong_value_in_a_parameters_cell_is_refused_as_elsewhere(root, calls):
    notebook(root / "notebooks/01_first.ipynb", writes("first"), form="window: int = 45")
    with pytest.raises(Refusal, match="parameter window=45") as refusal:
        run()
    assert refusal.value.exit_code == 2 and calls == []


def test_a_form_that_asks_for_an_unknown_parameter_stops_the_run(root, calls):
    notebook(root / "notebooks/01_first.ipynb", writes("first"), form="windw: int = 44  # periods")
    with pytest.raises(Refusal, match='did you mean "window"') as refusal:
        run()
    assert refusal.value.exit_code == 2 and calls == []


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
        steps.read_steps()


def test_a_wrong_raw_file_stops_the_run_before_any_step(root, calls, monkeypatch):
    def refuse(as_of=""):
        raise Refusal("differs", expected="the same", remedy="undo")

    monkeypatch.setattr("helpers.provenance.check_all", refuse)
    with pytest.raises(Refusal) as refusal:
        run()
    assert refusal.value.exit_code == 3 and calls == []


def test_two_runs_agree_in_everything_but_the_times(root, calls):
    pages, records = [], []
    for _ in range(2):
        pages.append(contents(run(fresh=True).page.parent))
        records.append(json.loads(pages[-1].pop("run.json")))
    assert len(calls) == 4 and pages[0] == pages[1]
    for record in records:
        assert record.pop("started") <= record.pop("finished")
        assert record.pop("total_seconds") > 0
        assert set(record.pop("seconds")) == set(record["ran"]) == {"01_first", "00_second"}
    assert records[0] == records[1]
    assert records[0]["exit"] == 0 and records[0]["finding"] == FINDING


def test_the_stamp_follows_code_lock_and_parameters_and_nothing_else(root):
    def stamp(**given):
        return publish.stamp_of(given, [])["stamp"]

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


def test_the_stamp_follows_raw_files_and_their_records(root):
    entry = {"file": "a/x.csv", "sha256": "1", "record": "2", "title": "Invented"}
    stamp = publish.stamp_of({}, [entry])["stamp"]
    assert publish.stamp_of({}, [entry | {"title": "Other"}])["stamp"] == stamp
    for name in ("file", "sha256", "record"):
        assert publish.stamp_of({}, [entry | {name: "3"}])["stamp"] != stamp, name


@pytest.mark.parametrize("renames_before_the_crash", [0, 1])
def test_a_crash_while_publishing_leaves_a_complete_report_and_the_next_run_cleans_up(
    root, calls, monkeypatch, renames_before_the_crash
):
    run()
    before = contents(root / "reports/2026-05")
    rename, done = Path.rename, []

    def crash(self, target):
        if len(done) >= renames_before_the_crash:
            raise KeyboardInterrupt
        done.append(target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", crash)
    with pytest.raises(KeyboardInterrupt):
        run(fresh=True)
    monkeypatch.setattr(Path, "rename", rename)

    publish.clean_up()
    assert contents(root / "reports/2026-05") == before
    run()
    left = sorted(path.name for path in (root / "reports").iterdir())
    assert left == [".lock", ".state", ".steps", "2026-05", "feed.xml", "index.html", "latest.html"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_working_folder_is_dropped_leaves_nothing_of_it(root, monkeypatch, number):
    drop, dropped = shutil.rmtree, []

    def interrupted(folder, **how):
        os.kill(os.getpid(), number)
        dropped.append(folder)
        drop(folder, **how)

    before = signal.signal(number, signal.default_int_handler)
    try:
        monkeypatch.setattr(pipeline.shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt), pipeline._working_folder() as folder:
            raise KeyboardInterrupt
        assert dropped == [folder] and not folder.exists()
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("able", [True, False])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_report_is_put_in_place_leaves_one_whole_report(root, calls, monkeypatch, number, able):
    run()
    move, asked = publish.exchange, []

    def interrupted(new, old):
        asked.append(old.name)
        os.kill(os.getpid(), number)
        return able and move(new, old)

    before = signal.signal(number, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(publish, "exchange", interrupted)
            run("month=2026-05", fresh=True)
    finally:
        signal.signal(number, before)
    assert asked == ["2026-05"]
    left = sorted(path.name for path in (root / "reports").iterdir())
    assert left == [".lock", ".state", ".steps", "2026-05", "feed.xml", "index.html", "latest.html"]


def test_a_signal_to_stop_is_obeyed_once_and_a_later_one_again(monkeypatch):
    monkeypatch.setattr(stops, "_last", float("-inf"))
    before = {number: signal.getsignal(number) for number in stops.STOPS}
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stops.obey_once()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        monkeypatch.setattr(stops, "_last", stops._last - 2 * stops.TOGETHER)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_working_folder_whose_run_is_over_is_dropped_and_a_living_one_is_kept(root):
    dead, alive = root / "reports/.building-99999999", root / f"reports/.building-{os.getppid()}"
    dead.mkdir()
    alive.mkdir()
    publish.clean_up()
    assert not dead.exists() and alive.exists()


def test_a_working_folder_of_an_earlier_run_with_the_same_number_is_dropped(root, calls):
    """In a container every run may have the same number."""
    (root / f"reports/.building-{os.getpid()}/report").mkdir(parents=True)
    assert run().page.exists()


def test_half_written_files_of_runs_that_are_over_are_dropped_and_those_of_living_ones_are_kept(root, calls):
    run()
    places = ("reports/.feed.xml.{}.part", "reports/2026-05/.index.html.{}.part", "reports/.failed/.summary.md.{}.part",
              "reports/2026-05/export/.tables.xlsx.{}.part", "reports/.state/made.{}.part",
              "reports/.state/previews/{}.part", "data/processed/first.{}.part")  # fmt: skip
    for pid in (99999999, os.getpid(), os.getppid()):
        for place in places:
            (file := root / place.format(pid)).parent.mkdir(parents=True, exist_ok=True)
            file.write_text("half")
    unnumbered = root / "reports/.state/templates/invented/page.cache1.tmp"
    unnumbered.parent.mkdir(parents=True)
    unnumbered.write_text("half")
    publish.clean_up()
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix in (".part", ".tmp")}
    assert left == {place.format(os.getppid()) for place in places}


def test_the_list_of_months_shows_the_newest_first_and_escapes_findings(root, calls, monkeypatch):
    run("month=2026-04")
    monkeypatch.setattr(pipeline, "_finding", lambda data: "exports < imports")
    run("month=2026-05")
    page = (paths.REPORTS / "index.html").read_text()
    assert page.index("May 2026") < page.index("April 2026")
    assert "exports &lt; imports" in page and FINDING in page
