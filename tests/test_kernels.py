"""Warm kernels give what ordinary kernels give, for every notebook, output by output; a fork has nothing left over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from conftest import ROOT, make_report

from helpers import forge, kernels, steps

NOTEBOOKS = [step.notebook for step in steps.read_steps()]


@pytest.fixture(scope="module")
def ordinary_page(tmp_path_factory):
    return make_report(tmp_path_factory.mktemp("ordinary"), **{forge.ORDINARY: "1"})


def results(page, notebook: str) -> list:
    cells = json.loads((page.parent / "steps" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [(cell["source"], cell.get("execution_count"), cell.get("outputs")) for cell in cells]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_outputs_equal_those_of_ordinary_kernels(report_page, ordinary_page, notebook):
    warm, ordinary = results(report_page, notebook), results(ordinary_page, notebook)
    assert any(outputs for _, _, outputs in warm)
    assert warm == ordinary


def test_the_pages_are_the_same_bytes(report_page, ordinary_page):
    assert report_page.read_bytes() == ordinary_page.read_bytes()


def test_importing_the_libraries_leaves_one_thread_and_no_drawing_backend():
    code = (
        "import importlib, sys\nfrom helpers import kernels\n"
        "[importlib.import_module(name) for name in kernels.LIBRARIES + kernels.LATER]\n"
        "print(kernels.can_be_forked(), kernels.is_warm(), 'matplotlib_inline.backend_inline' in sys.modules)"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": str(ROOT / "src"), **forge.STEADY}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "False"]


SURROUNDINGS = """
import os, signal, sys, warnings
import matplotlib, matplotlib.pyplot as plt, numpy, pandas
print(pandas.get_option("display.max_columns"), matplotlib.get_backend(), plt.isinteractive(), sys.argv[0])
print(os.getcwd(), sys.path[0], __name__, sys.modules["__main__"].__dict__ is globals())
print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGCHLD))
ours = ("DIVERSION_P", "DIVERSION_N", "MPL", "JPY", "OPEN", "TZ")
print(sorted(name for name in os.environ if name.startswith(ours)))
print([name for name in sys.modules if name == "helpers.customs"], get_ipython().__class__.__name__)
print(numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"], pandas.Series([1.5, None]).mean())
"""


def test_a_fork_finds_the_surroundings_of_a_new_python(tmp_path):
    """Run one cell in a warm and in an ordinary kernel and compare what it prints about its process."""
    import nbformat

    notebook = tmp_path / "look.ipynb"
    cells = [nbformat.v4.new_code_cell(SURROUNDINGS), nbformat.v4.new_code_cell("numpy.random.rand()")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    printed, drawn = [], []
    for number, mode in enumerate(("", "1", "")):
        place = tmp_path / str(number)
        (place / "tables").mkdir(parents=True)
        code = (
            "import sys\nfrom pathlib import Path\nfrom helpers.forge import Forge\nfrom helpers.runner import Job\n"
            f"forge = Forge(Path({str(tmp_path / 'none')!r}))\n"
            f"forge.submit(Job('look', {str(notebook)!r}, {str(place)!r}, {{}}, [], {{}}))\n"
            "assert forge.ended(60)['exit'] == 0\nforge.close()"
        )
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": str(ROOT / "src"), forge.ORDINARY: mode}
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
        executed = json.loads((place / "notebook.ipynb").read_text())
        printed.append("".join(executed["cells"][0]["outputs"][0]["text"]))
        drawn.append("".join(executed["cells"][1]["outputs"][0]["data"]["text/plain"]))
    assert printed[0] == printed[1] == printed[2]
    assert len(set(drawn)) == 3  # seeded anew in every kernel


def test_an_interrupted_fork_ends_without_a_trace(capfd):
    def interrupted():
        raise KeyboardInterrupt

    assert kernels.Child(interrupted).wait(5) == 130
    assert "Traceback" not in capfd.readouterr().err
    assert kernels.Child(lambda: 1 / 0).wait(5) == 1
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_child_tells_how_it_ended():
    assert kernels.Child(lambda: os._exit(7)).wait(5) == 7
    stuck = kernels.Child(lambda: time.sleep(60))
    assert stuck.poll() is None
    stuck.kill()
    assert stuck.wait(5) == -9


def test_a_library_that_starts_threads_does_not_end_forking_and_can_still_be_imported(tmp_path):
    """Statsmodels imports polars where it is installed: reports would take twice as long."""
    (tmp_path / "polars.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
        encoding="utf-8",
    )
    code = (
        "import sys\n"
        "from helpers import kernels\n"
        "for name in kernels.LIBRARIES + kernels.LATER: kernels.load(name)\n"
        "assert 'polars' not in sys.modules and kernels.can_be_forked()\n"
        "import polars\n"
        "assert not kernels.can_be_forked()\n"
        "import os; os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **forge.STEADY, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
