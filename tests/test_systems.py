"""Other systems than Linux, as far as they can be played here: without what only Linux has, and as Windows imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import checkout, command, wait_until
from conftest import ROOT

from helpers import systems
from helpers.cli import NOT_ON_WINDOWS, build_parser, main
from helpers.doctor import leftovers
from helpers.refusals import Refusal

# Started with every Python of the run: what macOS lacks is gone, and no module of ours may look for it.
LIKE_MACOS = """
import ctypes, os, socket, sys
from helpers import systems

systems.LINUX = False
del os.sched_getaffinity, socket.SOCK_SEQPACKET
whole = ctypes.CDLL

class Library(whole):
    def __getattr__(self, name):
        if name in ("prctl", "renameat2"):
            raise AttributeError(name)
        return super().__getattr__(name)

ctypes.CDLL = Library

def watch(event, given):
    if event == "os.fork" or event in ("open", "os.listdir", "os.scandir") and str(given[0]).startswith("/proc"):
        frame = sys._getframe(1)
        while frame and ("pathlib" in frame.f_code.co_filename or "glob" in frame.f_code.co_filename):
            frame = frame.f_back
        if frame and "/helpers/" in frame.f_code.co_filename:
            raise RuntimeError(f"{event} {given[:1]} is for Linux only")
    if event == "socket.bind" and isinstance(given[1], (str, bytes)) and given[1][:1] in ("@", b"\\0"):
        raise RuntimeError("a socket without a file is for Linux only")

sys.addaudithook(watch)
"""
# Every module of ours is imported without what Windows lacks; the libraries, which know Windows, have been before.
LIKE_WINDOWS = """
import builtins, importlib, os, pkgutil, signal, socket, sys
import helpers

def modules():
    return sorted(found.name for found in pkgutil.walk_packages(helpers.__path__, "helpers."))

for name in modules():
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
    del sys.modules[name]
whole, ABSENT = builtins.__import__, ("fcntl", "termios", "resource", "pwd", "grp")

def without(name, globals=None, *rest):
    if name in ABSENT and (globals or {}).get("__name__", "").startswith("helpers"):
        raise ImportError(f"no module named {name}")
    return whole(name, globals, *rest)

builtins.__import__ = without
sys.platform = "win32"
for place, names in ((os, ("fork", "killpg", "setpgid", "sched_getaffinity", "statvfs", "waitpid", "WNOHANG")),
                     (signal, ("SIGKILL", "SIGCHLD", "pthread_sigmask", "set_wakeup_fd")),
                     (socket, ("AF_UNIX", "SOCK_SEQPACKET", "MSG_DONTWAIT"))):
    for name in names:
        if hasattr(place, name):
            delattr(place, name)
for name in modules():
    importlib.import_module(name)
print(len(modules()), importlib.import_module("helpers.systems").fcntl)
main = importlib.import_module("helpers.cli").main
sys.exit(main(["parameters"]) or main(["report"]))
"""


def test_a_report_is_made_without_what_only_linux_has(tmp_path):
    folder = checkout(tmp_path / "copy")
    (folder / "src" / "sitecustomize.py").write_text(LIKE_MACOS)  # beside helpers, where PYTHONPATH leads
    done = command(folder, "report")
    assert done.returncode == 0, done.stderr
    (page,) = (folder / "reports").glob("20*/index.html")
    executed = json.loads((page.parent / "steps" / "01_first.ipynb").read_text(encoding="utf-8"))
    assert all(cell["execution_count"] for cell in executed["cells"] if cell["cell_type"] == "code")
    assert not list((folder / "reports").glob(".building-*"))


def test_the_play_of_macos_finds_what_is_for_linux_only(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(LIKE_MACOS)
    (tmp_path / "helpers").symlink_to(ROOT / "src" / "helpers")
    for code, told in (
        ("from helpers import kernels; kernels.Child(print)", "os.fork"),
        ("from helpers.doctor import leftovers; list(leftovers._held(leftovers.PROC))", "/proc"),
        ("from helpers import kernels; kernels.adopt_orphans()", "prctl"),
    ):
        done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(tmp_path)},
                              capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 1 and told in done.stderr


def test_a_runner_that_is_no_fork_ends_with_the_process_that_started_it(tmp_path):
    """The runner's pipe closes, whatever became of the other end."""
    (tmp_path / "job.json").write_text("{}")
    code = "import time\nfrom helpers import runner\nrunner.run = lambda job: time.sleep(600)\n"
    code += "runner.Job = dict\nprint('at work', flush=True)\nrunner.main('.')"
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=surroundings,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    with process:
        assert process.stdout.readline() == b"at work\n" and process.poll() is None
        process.stdin.close()
        wait_until(lambda: process.poll() is not None)
    assert process.returncode == 1


def test_on_windows_every_module_can_be_imported_reading_works_and_a_report_is_refused():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", LIKE_WINDOWS], env=environment, capture_output=True, text=True)
    assert done.returncode == 4, done.stderr
    assert "does not run on Windows" in done.stderr and "wsl --install" in done.stderr
    counted, *listed = done.stdout.splitlines()
    number, fcntl = counted.split()
    assert int(number) == len([*(ROOT / "src" / "helpers").rglob("*.py")]) - 1 and fcntl == "None"
    assert any(line.startswith("month") for line in listed)


def test_on_windows_everything_that_runs_or_writes_reports_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(systems, "fcntl", None)
    lines = (["report"], ["fetch"], ["ingest", "a.7z"], ["verify", "2026-05"], ["correct"], ["doctor"],
             ["prune", "--keep", "1"], ["schedule", "cron"],
             ["compare", "2026-04", "2026-05", "--attribute"])  # fmt: skip
    for words in lines:
        assert main(words) == 4 and "WSL 2" in capsys.readouterr().err
    assert {build_parser().parse_args(words).run for words in lines[:-1]} == set(NOT_ON_WINDOWS)
    with pytest.raises(Refusal, match="Windows"):
        systems.is_running(os.getpid())


def test_a_lock_is_refused_or_waited_for(tmp_path):
    taken = Refusal("taken", expected="one at a time", remedy="wait")
    hold = (
        f"from helpers import systems\nfrom pathlib import Path\nwith systems.locked(Path({str(tmp_path / 'lock')!r})):"
    )
    holder = subprocess.Popen([sys.executable, "-c", f"{hold}\n    print('held', flush=True); input()"], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env={**os.environ, "PYTHONPATH": str(ROOT / "src")})  # fmt: skip
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Refusal, match="taken"), systems.locked(tmp_path / "lock", taken):
            pass
        holder.stdin.close()
        with systems.locked(tmp_path / "lock"):
            assert holder.wait(60) == 1  # the one before is gone
    with systems.locked(tmp_path / "lock", taken):
        pass


def test_living_processes_are_told_from_dead_ones():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert systems.is_running(os.getpid()) and not systems.is_running(ended.pid) and not systems.is_running(2**70)


def test_where_nothing_is_told_of_processes_the_doctor_says_so(tmp_path):
    for look in (leftovers.locks, leftovers.processes):
        (finding,) = look(tmp_path / "none")
        assert finding.state == "note" and "not told" in finding.told


def names() -> list[Path]:
    """Return what stands in the checkout and is no work of a run, as every system would have to hold it."""
    made = {".git", ".venv", ".venv-lab", "reports", "processed", "products", "answers", "dist"}
    found = []
    for folder, below, files in os.walk(ROOT):
        below[:] = [name for name in below if name not in made and not name.endswith(("__pycache__", "_cache"))]
        found += [Path(folder, name).relative_to(ROOT) for name in (*below, *files)]
    return found


def odd(found: list[Path]) -> list[str]:
    """Return the names that Windows or macOS cannot hold, or takes for one another."""
    reserved = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
    seen: dict[str, str] = {}
    wrong = []
    for path in found:
        name = path.as_posix()
        if (twin := seen.setdefault(name.casefold(), name)) != name:
            wrong.append(f"{name} and {twin} differ in case only")
        if set(path.name) & set('<>:"\\|?*') or path.name.endswith((".", " ")) or not path.name.isascii():
            wrong.append(f"{name} has a letter that Windows does not take")
        if path.name.split(".")[0].casefold() in reserved:
            wrong.append(f"{name} is a device on Windows")
        if len(name) > 120:  # of the 260 that Windows allows, with the place of the checkout
            wrong.append(f"{name} is too long")
    return wrong


def test_no_name_is_one_that_another_system_cannot_hold():
    found = names()
    assert len(found) > 300 and odd(found) == []


def test_odd_names_are_found():
    found = [Path(name) for name in ("a/B.csv", "A/b.csv", "x:y", "data/aux.csv", "end.", "l/" * 60 + "z", "fine.py")]
    assert len(odd(found)) == 5 and not any("fine" in told for told in odd(found))
