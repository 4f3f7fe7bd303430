"""What the doctor says of invented machines: each thing that can be wrong, its cure, and that it touches nothing."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import resource
import shutil
import subprocess
import sys
import types
from pathlib import Path

import invented_reports
import pytest
from checkout import checkout, wait_until

from helpers import cli, doctor, paths, signing
from helpers.doctor import checkout as looks
from helpers.doctor import environment, leftovers, machine, tools
from helpers.refusals import EXIT_CODES
from helpers.sources import OFFICES

ROOT = paths.ROOT
OVER = 2**22 + 1  # above every process number that Linux gives


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A copy of the checkout with invented notebooks, and paths that point to it."""
    folder = checkout(tmp_path / "copy")
    for name, place in (("ROOT", folder), ("RAW", folder / "data/raw"), ("PROCESSED", folder / "data/processed"),
                        ("REPORTS", folder / "reports"), ("ANSWERS", folder / "data/answers"),
                        ("PARAMETERS_FILE", folder / "parameters.yml"), ("CORRECTIONS_FILE", folder / "corrections.yml")
                        ):  # fmt: skip
        monkeypatch.setattr(paths, name, place)
    (folder / "reports").mkdir()
    (folder / "data/processed").mkdir()
    return folder


def states(looked) -> list[tuple[str, str]]:
    return [(finding.state, finding.told) for finding in looked]


def only(looked):
    (finding,) = looked
    return finding


def wrong(looked, *words: str):
    """Return the one finding that needs a cure; it says these words, and its cure is one line."""
    (finding,) = [finding for finding in looked if finding.state == "wrong"]
    for word in words:
        assert word in f"{finding.told} {finding.cure}", finding
    assert finding.cure and "\n" not in finding.told + finding.cure and finding.exit_code in EXIT_CODES
    return finding


# Together


def test_every_look_is_made_and_nothing_is_changed(root, monkeypatch):
    invented_reports.make(root / "reports/2026-01", "2026-01", {})
    (root / f"reports/.building-{OVER}").mkdir()

    def tree():
        places = [root, *sorted(root.rglob("*"))]
        return {str(p): (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in places}

    temporary = root / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = tree()
    found = doctor.examine()
    assert tree() == before
    assert not [finding for finding in found if "cannot be looked at" in finding.told]
    assert len(found) >= len(doctor.CHECKS)
    assert all(finding.cure for finding in found if finding.state != "well")


def test_it_loads_nothing_heavy(root):
    code = (
        "import sys; from helpers import doctor; doctor.examine()\n"
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'requests', 'lxml', 'papermill', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_look_that_fails_is_a_finding_and_the_others_go_on(monkeypatch):
    def breaks():
        raise OSError("invented")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (("one", breaks), ("two", machine.python)))
    first, second = doctor.examine()
    assert (first.state, second.state) == ("wrong", "well") and "OSError: invented" in first.told


def test_the_exit_code_is_that_of_the_run_that_would_fail_first():
    def finding(state, code):
        return doctor.Finding("x", state, "y", "z", code)

    assert doctor.exit_code([finding("well", 4), finding("note", 2)]) == 0
    assert doctor.exit_code([finding("wrong", 2), finding("wrong", 3)]) == 3
    assert doctor.exit_code([finding("wrong", 2), finding("wrong", 4), finding("well", 1)]) == 4


def test_the_command_prints_text_and_json_and_ends_with_the_code(monkeypatch, capsys):
    found = [doctor.Finding("first", "well", "fine"), doctor.Finding("the second", "wrong", "brökén", "mend it", 3)]
    monkeypatch.setattr(doctor, "examine", lambda: found)
    monkeypatch.setattr(sys.stdout, "reconfigure", lambda **_: None, raising=False)
    assert cli.main(["doctor"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "well   first       fine" and lines[1] == "WRONG  the second  brökén"
    assert lines[2].strip() == "cure: mend it" and lines[3] == "1 well, 0 to note, 1 wrong"
    assert cli.main(["doctor", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told[1] == {"what": "the second", "state": "wrong", "told": "brökén", "cure": "mend it"}


def test_it_answers_where_text_is_not_utf8(tmp_path):
    surroundings = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "HOME": str(tmp_path / "nö")}
    command = [sys.executable, "-m", "helpers.cli", "doctor"]
    done = subprocess.run(command, env=surroundings, capture_output=True)
    assert b"UTF-8" in done.stdout and b"Traceback" not in done.stderr and done.returncode == 4


# The machine


def test_an_old_python_is_named(monkeypatch):
    assert only(machine.python()).state == "well"
    monkeypatch.setattr(machine, "sys", types.SimpleNamespace(version_info=(3, 9, 2, "final", 0)))
    wrong(machine.python(), "3.9.2", "3.11")


def full(free: int, names: int, *, files: int = 1000, flag: int = 0):
    return types.SimpleNamespace(f_bavail=free, f_frsize=1, f_files=files, f_favail=names, f_flag=flag)


def test_a_full_disk_and_one_without_free_names(root, monkeypatch):
    assert {state for state, _ in states(machine.disk())} == {"well"}
    monkeypatch.setattr(machine.os, "statvfs", lambda place: full(machine.ROOM - 1, machine.NAMES))
    wrong([f for f in machine.disk() if "reports" in f.told], "MB free", "DIVERSION_REPORTS")
    monkeypatch.setattr(machine.os, "statvfs", lambda place: full(machine.ROOM, machine.NAMES - 1))
    wrong([f for f in machine.disk() if "reports" in f.told], "df -i")
    monkeypatch.setattr(machine.os, "statvfs", lambda place: full(machine.ROOM, 0, files=0))
    assert {f.what for f in machine.disk()} == {"disk space"}


def test_folders_that_cannot_be_written_to(root, monkeypatch):
    assert {finding.state for finding in machine.folders()} == {"well"}
    monkeypatch.setattr(machine, "can_be_written", lambda place: place != root / "reports")
    wrong(machine.folders(), "cannot be written to", "chown", "reports")
    monkeypatch.setattr(machine.os, "statvfs", lambda place: full(1, 1, flag=os.ST_RDONLY))
    wrong(machine.folders(), "for reading only", "remount,rw")
    monkeypatch.setattr(machine, "can_be_written", lambda place: place != root / "data/raw")
    note = [finding for finding in machine.folders() if finding.state != "well"]
    assert only(note).state == "note" and "fetched" in note[0].told  # a report needs only to read it


def test_a_file_in_the_place_of_a_folder(root):
    shutil.rmtree(root / "reports")
    (root / "reports").write_text("in the way")
    wrong(machine.folders(), "a file has its name", "move")


def test_the_folder_for_temporary_files_is_the_first_that_can_be_used(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    assert machine.temporary() != tmp_path / "nowhere"
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert machine.temporary() == tmp_path


def test_too_few_open_files(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (machine.FILES - 1, 1000))
    wrong(machine.open_files(), "ulimit -n")
    for enough in (machine.FILES, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=enough: (soft, 1000))
        assert only(machine.open_files()).state == "well"


def test_memory_of_the_machine_and_of_the_group(tmp_path, monkeypatch):
    info, group = tmp_path / "meminfo", tmp_path / "group"
    info.write_text("MemTotal: 9 kB\nMemAvailable:    2048 kB\n")
    assert machine._free_memory(info, group) == 2 * machine.MEGABYTE
    group.mkdir()
    (group / "memory.max").write_text("max\n")
    (group / "memory.current").write_text("1\n")
    assert machine._free_memory(info, group) == 2 * machine.MEGABYTE
    (group / "memory.max").write_text("1001\n")
    assert machine._free_memory(info, group) == 1000
    assert machine._free_memory(tmp_path / "nowhere", tmp_path / "nowhere") is None
    for free, state in ((machine.MEMORY - 1, "wrong"), (machine.MEMORY, "note"), (10**12, "well"), (None, "note")):
        monkeypatch.setattr(machine, "_free_memory", lambda free=free: free)
        assert only(machine.memory()).state == state


def test_text_that_is_not_utf8(monkeypatch):
    monkeypatch.setattr(machine.locale, "getpreferredencoding", lambda _: "latin-1")
    wrong(machine.text(), "files: latin-1", "LC_ALL=C.UTF-8")
    monkeypatch.setattr(machine.locale, "getpreferredencoding", lambda _: "no such encoding")
    wrong(machine.text(), "no such encoding")


def test_a_home_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert only(machine.home()).state == "well"
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    assert "not there" in only(machine.home()).told
    monkeypatch.delenv("HOME")
    assert (only(machine.home()).state, only(machine.home()).told) == ("note", "is not set")


# The environment


@pytest.fixture
def environed(root):
    (root / "tools").mkdir()
    for name in ("tools/set_up.sh", "pyproject.toml", "requirements/bootstrap.lock"):
        shutil.copy(ROOT / name, root / name)
    (root / "requirements/runner.lock").write_text(
        "one==1.0 \\\n    --hash=sha256:0\ntwo-b==2.1 ; sys_platform == 'linux' \\\n    --hash=sha256:0\n"
        "three==3 ; sys_platform == 'nowhere' \\\n    --hash=sha256:0\n"
    )
    place = root / ".venv/lib/python3.11/site-packages"
    for name in ("one-1.0", "Two_B-2.1", "export_diversion-0.1.0"):
        (place / f"{name}.dist-info").mkdir(parents=True)
    (root / ".venv/bin").mkdir()
    (root / ".venv/bin/python").symlink_to(sys.executable)
    return root


def shells_own(root: Path) -> str:
    """Return the fingerprint as the set-up itself computes it."""
    text = (root / "tools/set_up.sh").read_text()
    function = text[text.index("fingerprint() {") : text.index("\n}\n", text.index("fingerprint() {")) + 3]
    script = f"env=.venv\n{function}\nfingerprint runner"
    return subprocess.run(["sh", "-c", script], cwd=root, capture_output=True, text=True, check=True).stdout


def test_an_environment_that_is_finished_and_one_that_is_not(environed):
    wrong(environment.finished(), "interrupted", "make report")
    (environed / ".venv/.finished-runner").write_text(shells_own(environed))
    assert only(environment.finished()).state == "well"
    with (environed / "requirements/runner.lock").open("a") as lock:
        lock.write("four==4\n")
    wrong(environment.finished(), "other locks")
    (environed / ".venv/bin/python").unlink()
    wrong(environment.finished(), "not there")


def test_packages_against_the_lock(environed):
    assert environment.locked() == {"one": "1.0", "two-b": "2.1"}
    assert only(environment.packages()).state == "well"
    place = environed / ".venv/lib/python3.11/site-packages"
    (place / "one-1.0.dist-info").rename(place / "one-1.1.dist-info")
    wrong(environment.packages(), "one 1.1 for 1.0")
    (place / "one-1.1.dist-info").rmdir()
    wrong(environment.packages(), "not installed: one 1.0")
    shutil.rmtree(place)
    wrong(environment.packages(), "none are installed")


def test_a_new_checkout_is_not_set_up_yet_and_nothing_is_wrong_with_it(environed, monkeypatch):
    shutil.rmtree(environed / ".venv")
    assert only(environment.finished()).state == "note" and list(environment.packages()) == []

    def no_packages():
        raise ModuleNotFoundError("No module named 'babel'")

    monkeypatch.setattr(doctor, "CHECKS", (("catalogues", no_packages),))
    assert [finding.state for finding in doctor.examine()] == ["note"]
    (environed / ".venv").mkdir()
    assert [finding.state for finding in doctor.examine()] == ["wrong"]


@pytest.mark.skipif(Path(sys.prefix) != ROOT / ".venv", reason="the tests run in an environment of another place")
def test_this_environment_holds_its_lock():
    assert only(environment.packages()).state == "well"


# What lies in the checkout


def test_a_font_that_is_not_whole(tmp_path, monkeypatch):
    assert only(looks.typeface()).state == "well"
    listed = {line.split()[1] for line in (paths.FONTS / "SHA256SUMS").read_text().splitlines()}
    assert listed == {file.name for file in paths.FONTS.iterdir() if file.suffix in (".ttf", ".woff2")}
    copy = shutil.copytree(paths.FONTS, tmp_path / "fonts")
    monkeypatch.setattr(paths, "FONTS", copy)
    one, two = sorted(listed)[:2]
    (copy / one).unlink()
    (copy / two).write_bytes((copy / two).read_bytes()[:-1])
    wrong(looks.typeface(), one, two)


def test_a_ledger_that_differs_from_its_records(root):
    assert only(looks.ledger()).state == "well"
    file = sorted((root / "data/raw").glob("*/*.csv"))[0]
    with file.open("a") as opened:
        opened.write("x\n")
    told = wrong(looks.ledger(), file.name, "git checkout", "ledger record")
    assert told.exit_code == 3
    record = file.with_name(f"{file.name}.source.yml")
    record.write_text("[")
    wrong(looks.ledger(), "no record that can be read")
    file.unlink()
    wrong(looks.ledger(), "has no file")
    shutil.rmtree(root / "data/raw")
    wrong(looks.ledger(), "no raw file")


def test_settings_that_a_run_would_refuse(root):
    assert only(looks.settings()).state == only(looks.corrected()).state == "well"
    (root / "parameters.yml").write_text("wndow: 33\n")
    assert wrong(looks.settings(), 'no parameter "wndow"', "did you mean").exit_code == 2
    (root / "parameters.yml").write_bytes(b"\xff")
    wrong(looks.settings(), "codec")
    (root / "corrections.yml").write_text("- month: 2026-13\n")
    wrong(looks.corrected(), "line 1")


def test_catalogues_that_cannot_be_read(tmp_path, monkeypatch):
    from helpers.translation import catalogue

    assert only(looks.catalogues()).state == "well"
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    wrong(looks.catalogues(), "there are none")
    place = tmp_path / "de/LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "x.po").write_text('msgid "a"\nmsgstr ""\n')
    assert wrong(looks.catalogues(), "no translation").exit_code == 1


def test_a_clock_behind_the_ledger_or_the_last_report(root, monkeypatch):
    last = max(known["date_accessed"] for _, known in looks._records())
    day = dt.datetime.fromisoformat(f"{last}T00:00:00+00:00")
    monkeypatch.setattr(looks, "_now", lambda: day)
    assert only(looks.clock()).state == "well"
    monkeypatch.setattr(looks, "_now", lambda: day - dt.timedelta(seconds=1))
    wrong(looks.clock(), "raw file", last, "timedatectl")
    monkeypatch.setattr(looks, "_now", lambda: day)
    report = invented_reports.make(root / "reports/2026-01", "2026-01", {}, finished=f"{last}T00:00:01Z")
    wrong(looks.clock(), "last report", "00:00:01")
    for broken in ("{", '{"finished": 1}', "[]", '{"finished": "zz"}'):
        (report / "run.json").write_text(broken)
        assert only(looks.clock()).state == "well"


# What was left behind


def test_nothing_was_left_behind(root):
    for look in (leftovers.folders, leftovers.notes, leftovers.locks, leftovers.processes):
        assert only(look()).state == "well"


def test_folders_of_runs_that_are_over(root):
    reports = root / "reports"
    for name in (f".building-{os.getpid()}", ".old-2025-12", ".old-2026-01", "2026-01", ".pruned-2025-11"):
        (reports / name).mkdir()
    (reports / f".index.html.{OVER}.part").write_text("half")
    (reports / f".feed.xml.{os.getpid()}.part").write_text("half")
    (reports / ".failed").mkdir()
    (reports / ".failed/01.ipynb").write_text("{}")
    told = list(leftovers.folders())
    hidden = wrong(told, "2025-12", "hidden", "diversion correct")
    assert hidden.exit_code == 4
    notes = " / ".join(f"{finding.told} {finding.cure}" for finding in told if finding.state == "note")
    for words in (".old-2026-01", ".pruned-2025-11", f"process {os.getpid()}", "half-written",
                  "1 notebooks of failed", f".index.html.{OVER}.part"):  # fmt: skip
        assert words in notes
    assert ".feed.xml" not in notes
    (reports / ".old-2025-12").rmdir()
    (reports / f".building-{OVER}").mkdir()
    wrong(leftovers.folders(), f".building-{OVER}", "over")


def test_the_cure_for_folders_left_behind_cures(root):
    reports = root / "reports"
    for name in (f".building-{OVER}", ".old-2025-12"):
        (reports / name).mkdir()
    (reports / f".feed.xml.{OVER}.part").write_text("half")
    assert cli.main(["correct"]) == 0
    assert only(leftovers.folders()).state == "well" and (reports / "2025-12").is_dir()


def test_damaged_notes_of_runs(root):
    step = root / "reports/.steps/01_first/abc"
    step.mkdir(parents=True)
    (step / "record.json").write_text("{}")
    (root / "reports/.state").mkdir()
    (root / "reports/.state/made.json").write_text("{}")
    assert only(leftovers.notes()).state == "well"
    (step / "record.json").write_text("")
    (root / "reports/.state/made.json").write_text("[]")
    (root / "reports/.steps/01_first/empty").mkdir()
    told = only(leftovers.notes())
    assert told.state == "note" and told.told == "3 damaged" and "rm -r" in told.cure


def test_a_lock_that_is_held_and_by_whom(root):
    file = root / "reports/.lock"
    with file.open("w") as lock:
        assert only(leftovers.locks()).state == "well"
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = only(leftovers.locks())
        assert told.state == "note" and f"process {os.getpid()}" in told.told


def test_a_lock_that_outlived_the_process_which_took_it(root):
    file = root / "reports/.lock"
    take = (
        "import fcntl, os, sys, time\n"
        "lock = open(sys.argv[1], 'w')\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "if os.fork() == 0: os.close(1); time.sleep(60)\n"
    )
    taker = subprocess.Popen([sys.executable, "-c", take, file], stdout=subprocess.PIPE)
    taker.stdout.read()
    taker.wait()
    (heir,) = leftovers._who_opened(file, leftovers.PROC)
    try:
        told = wrong(leftovers.locks(), f"outlived process {taker.pid}", f"kill {heir}")
        assert told.exit_code == 4
    finally:
        os.kill(heir, 9)


def test_a_process_of_a_run_that_is_over(root):
    for owner, expected in ((OVER, "wrong"), (os.getpid(), "well")):
        place = root / f"reports/.building-{owner}/step"
        place.mkdir(parents=True)
        stray = subprocess.Popen(["sleep", "60"], cwd=place)
        try:
            assert only(leftovers.processes()).state == expected
            if expected == "wrong":
                wrong(leftovers.processes(), f"kill {stray.pid}")
        finally:
            stray.kill()
            stray.wait()
    stray = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", f"{root}/reports/.building-{OVER}"])
    try:
        wait_until(Path(f"/proc/{stray.pid}/cmdline").read_bytes)  # empty while the program is being loaded
        wrong(leftovers.processes(), f"kill {stray.pid}")
    finally:
        stray.kill()
        stray.wait()


# Programs and keys


def test_programs_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [(f.what, f.state) for f in tools.programs()] == [("git", "note"), ("chromium", "note")]
    (tmp_path / "google-chrome").write_text("")
    (tmp_path / "google-chrome").chmod(0o755)
    assert [f.state for f in tools.programs()] == ["note", "well"]


def test_keys_are_named_and_their_values_never(monkeypatch):
    value = "an-invented-value-0123"
    names = {office.key_variable for office in OFFICES.values()} - {""}
    assert names == {"CENSUS_API_KEY", "COMTRADE_API_KEY"}
    monkeypatch.setenv("CENSUS_API_KEY", value)
    monkeypatch.setenv("COMTRADE_API_KEY", "  ")
    told = list(tools.keys())
    assert {finding.what: finding.state for finding in told} == {"CENSUS_API_KEY": "well", "COMTRADE_API_KEY": "note"}
    assert value not in doctor.as_text(told) + doctor.as_json(told)


def test_what_signing_needs(root, tmp_path, monkeypatch):
    monkeypatch.delenv(signing.KEY, raising=False)
    assert only(tools.signature()).state == "note"
    monkeypatch.setattr(tools.util, "find_spec", lambda name: object())
    key = tmp_path / "outside.key"
    monkeypatch.setenv(signing.KEY, str(key))
    assert wrong(tools.signature(), "cannot be read").exit_code == 2
    key.write_text("invented")
    key.chmod(0o644)
    wrong(tools.signature(), "others", "chmod 600")
    key.chmod(0o600)
    assert only(tools.signature()).state == "well"
    monkeypatch.setattr(tools.util, "find_spec", lambda name: None)
    wrong(tools.signature(), "not installed")
    monkeypatch.setattr(tools.util, "find_spec", lambda name: object())
    inside = root / "reports/my.key"
    shutil.copy(key, inside)
    inside.chmod(0o600)
    monkeypatch.setenv(signing.KEY, str(inside))
    wrong(tools.signature(), "could be published")
