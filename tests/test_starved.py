"""Nights on machines that lack something: the quick cases, and what the product does where it is asked directly."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import FIRST, MARK, checkout, command

TRIALS = Path(__file__).parent / "trials"
sys.path.insert(0, str(TRIALS))

import starved  # noqa: E402
import starved_house  # noqa: E402
from starved_house import Case, Night, Tally  # noqa: E402

from helpers import paths, publish, runner, steps  # noqa: E402
from helpers.cli import build_parser  # noqa: E402
from helpers.refusals import EXIT_CODES, Refusal, of_machine  # noqa: E402


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """A checkout with a good page."""
    return starved_house.template(tmp_path_factory.mktemp("starved") / "template")


@pytest.mark.parametrize("case", starved.QUICK, ids=lambda case: case.name)
def test_the_page_stands_and_somebody_is_told(case, copied, tmp_path):
    tally = starved_house.try_case(case, copied, tmp_path)
    assert tally.failures == [] and tally.checked >= 10


def test_the_trial_finds_a_page_that_was_spoiled_and_a_failure_that_is_not_told(copied, tmp_path):
    spoils = (
        "import pathlib\npage = pathlib.Path('../reports/2026-05/index.html')\n"
        "_ = page.write_text(page.read_text()[:-30])\n"
        "pathlib.Path('../reports/.half.1.part').touch()\n1 / 0"
    )
    case = Case("planted", "planted", (4,), "memory", before=lambda house: house.book("01_first", FIRST, spoils))
    told = "\n".join(starved_house.try_case(case, copied, tmp_path).failures)
    for words in ("ended with 1", "nothing said of 'memory'", "ends before its end", "do not see the old page",
                  "but the page is new", ".half.1.part", "the next night ended with 1"):  # fmt: skip
        assert words in told, words


def test_the_trial_finds_a_night_that_says_nothing(tmp_path):
    tally = Tally()
    case = dataclasses.replace(starved.CASES[0], says="memory")
    night = Night(1, "", "Traceback (most recent call last):\n  invented", "")
    starved_house.check_words(case, night, tally.hold)
    assert tally.checked == len(tally.failures) == 4


def test_the_trial_finds_a_process_that_is_left(copied, tmp_path):
    house = starved_house.House(copied, tmp_path / "copy")
    stray = subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: str(house.folder)})
    try:
        assert house.left_over(wait=0.1) == ["sleep 60 "]
    finally:
        house.leave()
        stray.wait()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="small disks and folders that are read only need root")
def test_every_case_holds(tmp_path):
    done = subprocess.run([sys.executable, str(TRIALS / "starved.py")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_what_is_told_is_of_these_cases_and_nothing_failed():
    told = json.loads(starved.RESULTS.read_text(encoding="utf-8"))
    names = [case.name for case in starved.CASES]
    assert len(set(names)) == len(names) and {*told["nights"], *told["not tried"]} == set(names)
    assert told == starved.counts({}, told)
    assert told["failed"] == 0 and told["cases"] >= 50 and all(kind["cases"] for kind in told["kinds"].values())
    assert all(night["checked"] >= 9 for night in told["nights"].values())


# --- what the product says and does, asked directly ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(errno.ENOSPC, "x", "reports/x"), "the disk is full"), (MemoryError(), "too little memory"),
     (OSError(errno.EMFILE, "x"), "too many open files"), (PermissionError(errno.EACCES, "x"), "cannot be written"),
     (ImportError("libx.so: failed to map segment"), "failed to map segment"),
     (RuntimeError("can't start new thread"), "no more processes")],
)  # fmt: skip
def test_what_a_machine_lacks_is_told_as_one_refusal(error, told):
    wrapped = ValueError("invented")
    wrapped.__cause__ = error
    for each in (error, *([wrapped] if not isinstance(error, RuntimeError) else [])):
        refusal = of_machine(each, paths.shown)
        assert refusal.exit_code == 4 in EXIT_CODES
        assert told in str(refusal) and "what to do:" in str(refusal)
    assert of_machine(ValueError("invented"), paths.shown) is None


def test_a_mistake_after_a_look_in_vain_is_told_as_the_mistake_it_is():
    mistake = KeyError("invented")
    mistake.__context__ = FileNotFoundError(errno.ENOENT, "x", "y")
    assert of_machine(mistake, paths.shown) is None
    mistake.__context__ = OSError(errno.ENOSPC, "x")
    assert "the disk is full" in str(of_machine(mistake, paths.shown))


def test_a_file_without_room_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "a" / "b"
    paths.put(file, b"old", 0o640)
    assert file.read_bytes() == b"old" and file.stat().st_mode & 0o777 == 0o640
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError):
        paths.put(file, b"new")
    assert file.read_bytes() == b"old" and list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("can_exchange", [True, False])
@pytest.mark.parametrize("stood", [True, False])
def test_a_list_of_months_without_room_takes_the_report_back(tmp_path, monkeypatch, can_exchange, stood):
    reports, made, tables = tmp_path / "reports", tmp_path / "reports/.building-1/report", tmp_path / "tables"
    for folder, text in ((reports / "2026-05", "old"), (made, "new")):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(text)
    if not stood:
        (reports / "2026-05/index.html").unlink()
        (reports / "2026-05").rmdir()
    tables.mkdir()
    monkeypatch.setattr(paths, "REPORTS", reports)
    monkeypatch.setattr(paths, "PROCESSED", tmp_path / "processed")
    if not can_exchange:
        monkeypatch.setattr(publish, "exchange", lambda *_: False)

    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(publish, "_write_archive", full)
    with pytest.raises(OSError):
        publish.put_in_place(made, tables, "2026-05")
    assert (reports / "2026-05").exists() == stood
    assert not stood or (reports / "2026-05/index.html").read_text() == "old"
    assert (made / "index.html").read_text() == "new" and not list(reports.glob(".old-*"))


def test_a_notebook_that_takes_too_long_is_named_with_its_cell():
    how = "A cell timed out\n-------------------\nwhile True:\n    pass\n-------------------\n"
    told = runner.too_long("01_first", 6, how)
    assert "notebooks/01_first.ipynb took longer than 6 s" in told and "  | while True:\n  |     pass" in told
    assert "--step-limit" in told


@pytest.mark.parametrize("words", ["0", "-1", "x", "1.5", "²", ""])
def test_a_limit_that_is_none_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["report", "--step-limit", words])
    assert build_parser().parse_args(["report", "--step-limit", "60"]).step_limit == 60


def test_a_checkout_whose_name_no_notebook_can_hold_is_refused(monkeypatch):
    monkeypatch.setattr(paths, "ROOT", Path(os.fsdecode(b"/caf\xe9")))
    with pytest.raises(Refusal) as refusal:
        steps.read_steps()
    assert refusal.value.exit_code == 4 and str(refusal.value).isascii()


def test_keys_and_folders_are_looked_for_where_the_language_is_not_utf8():
    """In type, the hyphen before a number does not break: no letter of ASCII, whatever the folder is called."""
    code = (
        "from helpers.secrets_scan import places_of; print(len(places_of({'HOME': '/a-1/run-05'})['the home folder']))"
    )
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, text=True)
    assert done.returncode == 0 and int(done.stdout) >= 2, done.stderr


def test_a_plain_report_is_told_in_one_message_too(tmp_path):
    folder = checkout(tmp_path / "copy")
    (folder / "reports").write_text("a file where the folder should be")
    failed = command(folder, "report")
    assert failed.returncode == 4 and "Traceback" not in failed.stderr and "what to do:" in failed.stderr


def test_what_is_told_shows_that_the_nights_were_starved():
    """A case that takes nothing away would end well and hold all the same: so these must have ended otherwise."""
    told = json.loads(starved.RESULTS.read_text(encoding="utf-8"))["nights"]
    tried = [case for case in starved.CASES if case.name in told]
    for case in tried:
        code = int(told[case.name]["ended"].split()[0])
        assert code in case.codes and (code == 0 or code in EXIT_CODES), case.name
    ends = {kind: {told[case.name]["ended"] for case in tried if case.kind == kind} for kind in ("disk", "memory")}
    assert {"0 at publish", "4 at fetch", "4 at render"} <= ends["disk"], ends
    assert len(ends["memory"]) >= 2, ends
