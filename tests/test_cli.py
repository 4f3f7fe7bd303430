"""The command ``diversion``: exit codes, messages, and what it does not import."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from invented import InstantForge, house

from helpers import cli, pipeline, provenance
from helpers.refusals import EXIT_CODES, Refusal

SOURCE = Path(cli.__file__).parent


@pytest.fixture
def root(tmp_path, monkeypatch):
    class NoForge(InstantForge):
        def submit(self, job):
            raise AssertionError("a kernel was started")

    monkeypatch.setattr(pipeline, "Forge", NoForge)
    return house(tmp_path / "house", monkeypatch)


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom helpers import cli\ntry:\n    cli.main(['--help'])\nexcept SystemExit: pass\n"
        "print('HEAVY', sorted({'pandas', 'numpy', 'pydantic', 'papermill', 'yaml', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_every_exit_code_is_documented_in_the_help():
    told = cli.build_parser().format_help()
    for code, meaning in EXIT_CODES.items():
        assert f"{code}  {meaning}" in told


def test_every_exit_code_in_the_source_is_one_of_the_table():
    used = {
        int(code)
        for file in SOURCE.rglob("*.py")
        for code in re.findall(r"exit_code(?:: int)? ?= ?(\d+)", file.read_text(encoding="utf-8"))
    }
    assert used and used <= set(EXIT_CODES)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-p", "windw=33"], 'did you mean "window"?'),
        (["-p", "window=23"], "expected: 0, 22, 33, 44, 55"),
        (["-p", "window"], "expected: name=value"),
        (["--month", "2026-13"], "YYYY-MM"),
        (["--month", "2026-05", "-p", "month=2026-04"], "given twice"),
        (["-p", "article=1999-01-01"], "there is no table of claims"),
    ],
)
def test_a_wrong_parameter_stops_before_any_kernel_with_exit_code_2(root, capsys, words, told):
    assert cli.main(["report", *words]) == 2
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error
    assert not list((root / "reports").glob("[!.]*")) and not list((root / "reports").glob(".building-*"))


@pytest.mark.parametrize("words", [[], ["repot"], ["report", "--mont", "2026-05"], ["ledger"]])
def test_a_wrong_command_line_has_exit_code_2(words, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2


def test_a_refusal_becomes_one_message_and_its_exit_code(monkeypatch, capsys):
    def refuse():
        raise Refusal("9x9", expected="a number", remedy="mend it", file="a.csv", row=3, column="value")

    monkeypatch.setattr(provenance, "check_all", refuse)
    assert cli.main(["ledger", "check"]) == 3
    assert capsys.readouterr().err == (
        "diversion: a.csv, line 3, column value: 9x9\n  expected: a number\n  what to do: mend it\n"
    )


def test_an_interrupted_run_ends_without_a_traceback(root, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(InstantForge, "submit", interrupt)
    monkeypatch.setattr(pipeline, "Forge", InstantForge)
    assert cli.main(["report"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert not list((root / "reports").glob(".building-*"))


def test_the_last_lines_on_stdout_are_the_page_and_its_finding(root, monkeypatch, capsys):
    page = root / "reports/2026-05/index.html"
    monkeypatch.setattr(pipeline, "run", lambda given, fresh, **_: pipeline.Outcome(page, f"{given} {fresh}"))
    assert cli.main(["report", "-p", "window=33"]) == 0
    assert capsys.readouterr().out == "reports/2026-05/index.html\n['window=33'] False\n"


def test_recording_a_file_that_is_not_there_is_refused(capsys):
    assert cli.main(["ledger", "record", "data/raw/nobody/nothing.csv"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_parameters_lists_every_name(capsys):
    assert cli.main(["parameters"]) == 0
    told = capsys.readouterr().out
    for name in ("month", "currency", "window", "trend", "train_end", "article"):
        assert re.search(rf"^{name}$", told, flags=re.MULTILINE)
