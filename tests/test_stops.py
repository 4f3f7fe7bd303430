"""However a run ends, nothing of it is left: no process, no socket, no folder; and the next run goes on from there."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import FIRST, OTHER, SECOND, checkout, command, parent_of, processes, sockets, start, wait_until
from invented import FINDING, notebook

SLEEPS = FIRST + "\nopen('begun', 'w').close()\nimport time; time.sleep(120)"


@pytest.fixture
def copy(tmp_path):
    folder = checkout(tmp_path / "copy")
    yield folder
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)


def left_over(folder) -> list:
    kept = {".lock", ".state", ".steps", ".failed"}
    folders = [
        path.name for path in (folder / "reports").iterdir() if path.name.startswith(".") and path.name not in kept
    ]
    dead = [name for name in sockets() if not Path("/proc", name.split("-")[1]).exists()]
    return [*processes(folder).values(), *folders, *dead]


def begun(folder):
    wait_until((folder / "notebooks" / "begun").exists)


def generations(folder, front: int) -> dict[str, list[int]]:
    """Sort the processes of a run: forge below the front, runners below the forge, kernels below the runners."""
    parents = {pid: parent_of(pid) for pid in processes(folder)}
    forge = [pid for pid, parent in parents.items() if parent == front]
    runners = [pid for pid, parent in parents.items() if parent in forge]
    return {
        "front": [front],
        "forge": forge,
        "runner": runners,
        "kernel": [p for p, q in parents.items() if q in runners],
    }


def test_nothing_is_left_after_a_report_and_nothing_runs_twice(copy):
    first = command(copy, "report")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == ["reports/2026-05/index.html", FINDING]
    wait_until(lambda: left_over(copy) == [], 10)
    again = command(copy, "report")
    assert [json.loads(line)["event"] for line in again.stderr.splitlines()] == ["unchanged"]
    assert again.stdout == first.stdout


def test_a_failure_stops_only_what_needs_it_and_the_next_run_resumes(copy):
    notebook(copy / "notebooks" / "01_first.ipynb", FIRST, "fine = 1\nfine / 0")
    failed = command(copy, "report")
    assert failed.returncode == 1
    for part in (
        "notebooks/01_first.ipynb, cell 4, line 2 failed", "| fine / 0", "ZeroDivisionError", "end of the traceback",
        "the notebook as far as it ran: reports/.failed/01_first.ipynb",
        "not run, because they need what failed: 00_second",
        "finished, and kept for the next run: 02_other", "the last good report is untouched",
    ):  # fmt: skip
        assert part in failed.stderr
    assert "ZeroDivisionError" in (copy / "reports/.failed/01_first.ipynb").read_text()
    assert not (copy / "reports/2026-05").exists() and left_over(copy) == []

    notebook(copy / "notebooks" / "01_first.ipynb", FIRST, "mended = 1")
    mended = command(copy, "report")
    assert mended.returncode == 0, mended.stderr
    assert json.loads((copy / "reports/2026-05/run.json").read_text())["ran"] == ["01_first", "00_second"]


def test_a_step_that_does_not_write_its_table_fails(copy):
    file = copy / "notebooks" / "pipeline.yml"
    file.write_text(file.read_text().replace("makes: [first]", "makes: [first, third]"))
    failed = command(copy, "report")
    assert failed.returncode == 1 and 'without writing table "third"' in failed.stderr
    assert not (copy / "reports/2026-05").exists()


def test_a_step_finds_only_the_tables_it_says_it_needs(copy):
    file = copy / "notebooks" / "pipeline.yml"
    file.write_text(file.read_text().replace("needs: [first, other]", "needs: [first]"))
    looks = "print(sorted(p.name for p in target.parent.iterdir()))"
    notebook(copy / "notebooks" / "00_second.ipynb", SECOND, looks)
    assert command(copy, "report").returncode == 0
    cells = json.loads((copy / "reports/2026-05/steps/00_second.ipynb").read_text())["cells"]
    assert cells[-1]["outputs"][0]["text"] == ["['first.parquet', 'summary_sentences.parquet']\n"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_a_run_that_is_stopped_tidies_up(copy, number, code):
    notebook(copy / "notebooks" / "01_first.ipynb", SLEEPS)
    run = start(copy, "report")
    begun(copy)
    run.send_signal(number)
    _, error = run.communicate(timeout=20)
    assert run.returncode == code and "interrupted" in error and "Traceback" not in error
    wait_until(lambda: left_over(copy) == [], 10)


@pytest.mark.parametrize("part", ["front", "forge", "runner", "kernel"])
def test_whatever_part_is_killed_the_others_end_and_tidy_up(copy, part):
    notebook(copy / "notebooks" / "01_first.ipynb", SLEEPS)
    run = start(copy, "report")
    begun(copy)
    victims = generations(copy, run.pid)[part]
    assert victims
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):  # another step's may have come to its end
            os.kill(victim, signal.SIGKILL)
    _, error = run.communicate(timeout=30)
    wait_until(lambda: left_over(copy) == [], 15)
    if part != "front":
        assert run.returncode == 1 and "its process died" in error and "Traceback" not in error
    notebook(copy / "notebooks" / "01_first.ipynb", FIRST)
    assert command(copy, "report").returncode == 0


def test_a_cell_that_starts_a_process_of_its_own_leaves_none(copy):
    code = "import subprocess; subprocess.Popen(['sleep', '300'], start_new_session=True)"
    notebook(copy / "notebooks" / "02_other.ipynb", OTHER, code)
    done = command(copy, "report")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: left_over(copy) == [], 10)


def test_the_watch_draws_again_after_a_save_and_ends_on_ctrl_c(copy):
    run = start(copy, "report", "--watch")
    page = copy / "reports/2026-05/index.html"
    wait_until(page.exists)
    notebook(copy / "notebooks" / "01_first.ipynb", FIRST, prose="# Another question?")
    wait_until(lambda: "Another question?" in page.read_text() if page.exists() else False)
    helper = copy / "src" / "helpers" / "render.py"
    helper.write_text(helper.read_text().replace("title=title, held", 'title=title + " (new)", held'))
    wait_until(lambda: "(new)</title>" in page.read_text() if page.exists() else False)
    os.killpg(run.pid, signal.SIGINT)
    _, error = run.communicate(timeout=20)
    assert run.returncode == 0 and "Traceback" not in error
    assert "changed: notebooks/01_first.ipynb" in error and "changed: src/helpers/render.py" in error
    wait_until(lambda: left_over(copy) == [], 10)


def test_two_reports_at_once_do_not_disturb_each_other(copy):
    runs = [start(copy, "report"), start(copy, "report", "-p", "month=2026-04")]
    for run in runs:
        _, error = run.communicate(timeout=60)
        assert run.returncode == 0, error
    assert sorted(path.name for path in (copy / "reports").glob("2*")) == ["2026-04", "2026-05"]
    assert left_over(copy) == []


def test_help_and_nothing_changed_import_no_library(copy):
    command(copy, "report")
    code = (
        "import sys\nfrom helpers import cli\ncode = cli.main(['report'])\n"
        "heavy = {'pandas', 'numpy', 'pydantic', 'papermill', 'yaml', 'matplotlib', 'jupyter_client', 'jinja2'}\n"
        "print(code, sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stderr


def events(told: str) -> list[tuple[str, str]]:
    return [(event["event"], event.get("what", "")) for event in map(json.loads, filter(None, told.splitlines()))]


def feeds_early(copy, last_cell: str, *, reads: str = "") -> None:
    """Let the first step write its table and go on until the last one, which needs that table only, has read it."""
    waits = 'import time\nwhile not pathlib.Path("read").exists():\n    time.sleep(0.05)'
    notebook(copy / "notebooks" / "01_first.ipynb", FIRST, waits, last_cell)
    has_read = '_ = target.with_name("first.parquet").read_bytes()\npathlib.Path("read").touch()'
    notebook(copy / "notebooks" / "00_second.ipynb", SECOND, has_read, reads or "1 + 1")
    (copy / "notebooks" / "pipeline.yml").write_text(
        "- {notebook: 01_first, makes: [first]}\n- {notebook: 00_second, needs: [first], makes: [summary_sentences]}\n"
    )
    (copy / "notebooks" / "02_other.ipynb").unlink()


def test_a_step_starts_when_its_table_is_there_though_its_maker_goes_on(copy):
    feeds_early(copy, "1 + 1")
    done = command(copy, "report")
    assert done.returncode == 0, done.stderr
    order = events(done.stderr)
    assert order.index(("started", "00_second")) < order.index(("done", "01_first"))


def test_what_was_made_from_a_step_that_fails_later_is_taken_back(copy):
    feeds_early(copy, "1 / 0")
    failed = command(copy, "report")
    assert failed.returncode == 1
    assert "01_first.ipynb, cell 5, line 1 failed" in failed.stderr
    assert "not run, because they need what failed: 00_second" in failed.stderr
    assert "finished, and kept" not in failed.stderr and not (copy / "reports/2026-05").exists()


def test_a_table_that_is_written_again_with_other_content_is_read_again(copy):
    again = "import pandas as pd; pd.DataFrame({'text': ['later']}).to_parquet(target)"
    feeds_early(copy, again, reads="import pandas as pd; pd.read_parquet(target.with_name('first.parquet'))['text'][0]")
    done = command(copy, "report")
    assert done.returncode == 0, done.stderr
    cells = json.loads((copy / "reports/2026-05/steps/00_second.ipynb").read_text())["cells"]
    assert cells[-1]["outputs"][0]["data"]["text/plain"] == ["'later'"]
    assert events(done.stderr).count(("started", "00_second")) == 2
