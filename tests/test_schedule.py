"""Timers as they are printed and set: systemd's own check, cron's clock, GitHub's workflow; nothing here starts one."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from conftest import missing

from helpers import calendar_of_releases, paths
from helpers.cli import main
from helpers.refusals import EXIT_CODES, Refusal
from helpers.schedule import cron, github, systemd
from helpers.schedule.times import Asking, askings, in_zone

ODD = "a house 100% ours $HOME"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A checkout and a home of their own, and programs that only write down what they were asked."""
    root = tmp_path / "checkout"
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/diversion").write_text("#!/bin/sh\n")
    (root / ".venv/bin/diversion").chmod(0o755)
    monkeypatch.setattr(paths, "ROOT", root)
    for name in ("RAW", "ANSWERS", "PROCESSED", "REPORTS"):
        monkeypatch.setattr(paths, name, root / name.lower())
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return tmp_path


def program(home: Path, name: str, script: str) -> None:
    file = home / "bin" / name
    file.write_text(f'#!/bin/sh\necho "$*" >> {home}/asked\n{script}\n')
    file.chmod(0o755)


def asked(home: Path) -> list[str]:
    return (home / "asked").read_text().splitlines() if (home / "asked").exists() else []


def keys_of(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit, flags=re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


# --- when -------------------------------------------------------------------------------------------------------------


def test_every_office_that_a_report_waits_for_is_asked_on_all_days_of_its_rule_and_on_the_day_after():
    for release in calendar_of_releases.read():
        if release.awaited:
            (asking,) = [one for one in askings() if one.why == f"{release.name}: {release.release}"]
            assert asking.first <= release.first[1] and asking.last > release.last[1] and asking.zone == release.zone


@pytest.mark.parametrize(
    ("asking", "zone", "days", "hour"),
    [
        ((7, 15, 19, "Asia/Shanghai"), "UTC", (7, 15), 11),
        ((2, 11, 11, "America/New_York"), "UTC", (2, 11), 16),  # 15 in summer: the later of the two
        ((1, 13, 14, "Australia/Sydney"), "UTC", (1, 13), 4),  # 3 in their summer
        (
            (1, 13, 8, "Australia/Sydney"),
            "UTC",
            (1, 12),
            22,
        ),  # on the day before; the first of the month cannot be said
        ((13, 23, 14, "Europe/Luxembourg"), "Europe/Vienna", (13, 23), 14),
        ((2, 11, 20, "America/New_York"), "Asia/Tokyo", (3, 12), 10),
    ],
)
def test_the_clock_of_another_zone(asking, zone, days, hour):
    first, last, at, there = asking
    told = in_zone(Asking("invented", first, last, at, 30, there), zone)
    assert ((told.first, told.last), told.hour, told.minute, told.zone) == (days, hour, 30, zone)


def test_no_office_is_asked_before_it_publishes_whatever_the_season():
    for asking in askings():
        told = in_zone(asking, "UTC")
        for month in range(1, 13):
            here = dt.datetime(2026, month, 20, told.hour, told.minute, tzinfo=dt.UTC)
            there = here.astimezone(ZoneInfo(asking.zone))
            assert there.hour * 60 + there.minute >= asking.hour * 60 + asking.minute


# --- systemd ----------------------------------------------------------------------------------------------------------


def analyse(*words: str, folder: Path) -> subprocess.CompletedProcess:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze", "apt-get install systemd")
    run = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True,
                         env={**os.environ, "XDG_RUNTIME_DIR": str(folder)})  # fmt: skip
    return run


def written(folder: Path, *, system: bool) -> list[str]:
    folder.mkdir(exist_ok=True)
    for name, content in systemd.files(system=system).items():
        (folder / name).write_text(content)
    return [str(folder / name) for name in systemd.files(system=system)]


@pytest.mark.parametrize("system", [False, True])
def test_systemd_takes_both_units_without_a_word(home, system):
    units = written(home / "units", system=system)
    run = analyse("verify", *([] if system else ["--user"]), *units, folder=home)
    assert (run.returncode, run.stderr.strip()) == (0, "")


@pytest.mark.parametrize(("old", "new"), [("Type=oneshot", "Type=oneshoot"), ("OnCalendar=*-*-", "OnCalendar=*-13-"),
                                          ("report --if-new", 'report "')])  # fmt: skip
def test_the_check_of_systemd_finds_a_mistake(home, old, new):
    units = written(home / "units", system=True)
    for unit in map(Path, units):
        unit.write_text(unit.read_text().replace(old, new, 1))
    run = analyse("verify", *units, folder=home)
    assert run.returncode != 0 or run.stderr.strip()


def test_a_checkout_with_an_odd_name_can_be_scheduled(home, monkeypatch):
    root = home / ODD
    shutil.copytree(paths.ROOT, root)
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr(paths, "REPORTS", root / "reports")
    run = analyse("verify", *written(home / "units", system=True), folder=home)
    assert (run.returncode, run.stderr.strip()) == (0, "")
    folder = keys_of(systemd.service(system=True))["ReadWritePaths"][-1]
    assert folder == f'"{str(root / "reports").replace("%", "%%")}"'
    line = next(line for line in cron.text(zone="UTC").splitlines() if "report --if-new" in line)
    assert re.search(r"(?<!\\)%", line) is None
    words = shlex.split(line.replace(r"\%", "%"))
    assert str(root) in words and str(root / ".venv/bin/diversion") in words


@pytest.mark.parametrize("mark", ["'", '"', "\\"])
def test_a_name_that_systemd_does_not_take_is_refused_and_cron_takes_it(home, monkeypatch, mark):
    monkeypatch.setattr(paths, "ROOT", home / f"a{mark}b")
    with pytest.raises(Refusal) as refusal:
        systemd.service(system=False)
    assert refusal.value.exit_code == 2
    line = next(line for line in cron.text(zone="UTC").splitlines() if "report --if-new" in line)
    assert str(paths.ROOT) in shlex.split(line)


def test_the_service_is_exposed_to_little(home):
    run = analyse("security", "--offline=true", written(home / "units", system=True)[0], folder=home)
    score = float(re.search(r"exposure level for \S+: ([\d.]+)", run.stdout)[1])
    assert score <= 2.0


def test_the_service_may_write_where_a_run_writes_and_nowhere_else(home):
    keys = keys_of(systemd.service(system=False))
    assert keys["ProtectSystem"] == ["strict"] and keys["NoNewPrivileges"] == ["true"]
    folders = [paths.RAW, paths.ANSWERS, paths.PROCESSED, paths.REPORTS]
    assert keys["ReadWritePaths"] == [str(folder) for folder in folders]
    for name in ("TimeoutStartSec", "Nice", "IOSchedulingClass", "MemoryMax", "PrivateTmp", "RestrictAddressFamilies",
                 "SystemCallFilter"):  # fmt: skip
        assert keys[name]
    assert keys["SuccessExitStatus"] == ["5"] and "nothing new" in EXIT_CODES[5]
    assert "User" not in keys and keys_of(systemd.service(system=True))["User"]


def test_folders_that_were_named_are_told_to_the_service(home, monkeypatch):
    monkeypatch.setenv("DIVERSION_REPORTS", str(paths.REPORTS))
    assert f"DIVERSION_REPORTS={paths.REPORTS}" in keys_of(systemd.service(system=False))["Environment"]
    assert f"DIVERSION_REPORTS={paths.REPORTS} nice" in cron.text(zone="UTC")


def test_the_timer_catches_up_and_waits_at_random(home):
    keys = keys_of(systemd.timer())
    assert keys["Persistent"] == ["true"] and keys["RandomizedDelaySec"] and len(keys["OnCalendar"]) == len(askings())
    for told in keys["OnCalendar"]:
        assert analyse("calendar", told, folder=home).returncode == 0


def test_setting_it_writes_the_units_and_starts_the_timer(home, capsys):
    program(home, "systemctl", "")
    assert main(["schedule", "systemd", "--install"]) == 0
    folder = home / "home/.config/systemd/user"
    assert {file.name: file.read_text() for file in folder.iterdir()} == systemd.files(system=False)
    assert asked(home) == ["--user daemon-reload", "--user enable --now export-diversion.timer"]
    assert paths.ANSWERS.is_dir() and "enable-linger" in capsys.readouterr().out


def test_a_systemd_that_does_not_answer_is_told_with_the_line_to_type(home, capsys):
    program(home, "systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
    assert main(["schedule", "systemd", "--install"]) == 4
    told = capsys.readouterr().err
    assert "Failed to connect to bus" in told and "type `systemctl --user daemon-reload`" in told


def test_units_for_the_whole_machine_need_a_folder_that_can_be_written(home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setattr(systemd, "SYSTEM_FOLDER", home / "file" / "system")
    with pytest.raises(Refusal) as refusal:
        systemd.install(system=True)
    assert refusal.value.exit_code == 4 and asked(home) == []


def test_printing_changes_nothing(home, capsys):
    for kind in ("systemd", "cron", "github"):
        before = sorted(home.rglob("*"))
        assert main(["schedule", kind]) == 0 and capsys.readouterr().out.strip()
        assert sorted(home.rglob("*")) == before


# --- cron -------------------------------------------------------------------------------------------------------------


def test_every_line_is_one_that_cron_and_the_shell_understand(home):
    lines = [line for line in cron.text(zone="UTC").splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(askings()) + 1 and lines[-1].startswith("@reboot ")
    for line in lines:
        found = re.fullmatch(r"(?:([\d]+) ([\d]+) (\d+)-(\d+) \* \* |@reboot )(.+)", line)
        assert found, line
        check = subprocess.run(["sh", "-n", "-c", found[5].replace(r"\%", "%")], capture_output=True, text=True)
        assert check.returncode == 0, check.stderr
    assert "timeout" in lines[0] and "nice" in lines[0] and "ionice -c 3" in lines[0]


def test_a_line_does_what_it_says(home):
    """The command of a line, run by a shell with a command in place of the real one."""
    program(home, "shuf", "echo 0")
    paths.REPORTS.mkdir()
    (home / "home/.config").mkdir(parents=True)
    (home / "home/.config/export-diversion.env").write_text("CENSUS_API_KEY=invented\n")
    command = paths.ROOT / ".venv/bin/diversion"
    command.write_text('#!/bin/sh\necho "$PWD $* $CENSUS_API_KEY"\n')
    line = next(line for line in cron.text(zone="UTC").splitlines() if not line.startswith("#"))
    run = subprocess.run(["sh", "-c", line.split(" ", 5)[5]], capture_output=True, text=True, cwd="/")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert (paths.REPORTS / ".night.log").read_text() == f"{paths.ROOT} report --if-new invented\n"


def test_the_lines_are_put_in_place_of_older_ones_and_nothing_else_is_touched(home):
    program(home, "crontab", f'if [ "$1" = -l ]; then cat {home}/table 2>/dev/null || {{ echo "no crontab for x" >&2; '
            f"exit 1; }}; else cat > {home}/new; mv {home}/new {home}/table; fi")  # fmt: skip
    assert main(["schedule", "cron", "--install"]) == 0
    ours = cron.text()
    assert (home / "table").read_text() == ours
    (home / "table").write_text(f"MAILTO=me\n{ours.replace('report --if-new', 'older')}0 1 * * * mine")
    assert main(["schedule", "cron", "--install"]) == 0
    assert (home / "table").read_text() == f"MAILTO=me\n0 1 * * * mine\n{ours}"


def test_a_crontab_that_cannot_be_read_is_not_overwritten(home):
    program(home, "crontab", "echo 'you are not allowed' >&2; exit 1")
    assert main(["schedule", "cron", "--install"]) == 4
    assert asked(home) == ["-l"]


def test_a_machine_without_cron_is_told_what_to_do(home, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(home / "bin"))
    assert main(["schedule", "cron", "--install"]) == 4
    assert "apt-get install cron" in capsys.readouterr().err


# --- GitHub -----------------------------------------------------------------------------------------------------------


def test_the_workflow_is_whole():
    workflow = yaml.load(github.text(), Loader=yaml.BaseLoader)
    assert len(workflow["on"]["schedule"]) == len(askings())
    for told in workflow["on"]["schedule"]:
        assert re.fullmatch(r"\d+ \d+ \d+-\d+ \* \*", told["cron"])
    assert workflow["concurrency"]["cancel-in-progress"] == "false" and workflow["permissions"] == {"contents": "read"}
    jobs = workflow["jobs"]
    assert (
        jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
        and jobs["publish"]["needs"] == "report"
    )
    for job in jobs.values():
        assert job["timeout-minutes"]
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
            else:  # what people or offices wrote comes as a variable, never as a part of the script
                assert "${{" not in step["run"]
                script = subprocess.run(["bash", "-n", "-c", step["run"]], capture_output=True, text=True)
                assert script.returncode == 0, script.stderr


def test_the_workflow_publishes_on_the_codes_that_leave_a_good_page():
    found = {code for told in re.findall(r"fromJSON\('(\[.*?\])'\)", github.text()) for code in yaml.safe_load(told)}
    assert found == {"0", "6", "7"} and {int(code) for code in found} <= set(EXIT_CODES)


def test_the_step_that_runs_the_report_keeps_its_code_and_hands_on_the_reason(home):
    steps = yaml.safe_load(github.text())["jobs"]["report"]["steps"]
    script = next(step["run"] for step in steps if step.get("id") == "run")
    (paths.ROOT / ".venv/bin/diversion").write_text('#!/bin/sh\nprintf "%s|" "$@" > words; exit 10\n')
    (paths.ROOT / "reports/.failed").mkdir(parents=True)
    (paths.ROOT / "reports/.failed/summary.md").write_text("# invented\n")
    program(home, "sleep", "")
    surroundings = {"PATH": os.environ["PATH"], "ACCEPT": "$(touch owned) all 'well'",
                    "GITHUB_OUTPUT": str(home / "output"), "GITHUB_STEP_SUMMARY": str(home / "page")}  # fmt: skip
    subprocess.run(["bash", "-e", "-c", script], cwd=paths.ROOT, env=surroundings, check=True)
    assert (home / "output").read_text() == "code=10\n" and (home / "page").read_text() == "# invented\n"
    assert (paths.ROOT / "words").read_text() == "report|--if-new|--accept|$(touch owned) all 'well'|"
    assert not (paths.ROOT / "owned").exists()


def test_a_workflow_is_not_written_into_a_repository_unseen(home):
    assert main(["schedule", "github", "--install"]) == 2
