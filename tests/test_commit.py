"""What runs at every commit: local, with the tools of the environment, and it says of each fault what mends it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkout import LEFT_OUT
from conftest import ROOT

CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
HOOKS = {hook["id"]: hook for repo in CONFIG["repos"] for hook in repo["hooks"]}


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the checkout whose environment is this one and needs no setting up."""
    folder = tmp_path / "copy"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "tools" / "set_up.sh").write_text("#!/bin/sh\n")
    return folder


def run(copy: Path, hook: str) -> subprocess.CompletedProcess:
    """Run a hook's command as pre-commit does."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    words = shlex.split(HOOKS[hook]["entry"])
    return subprocess.run(words, cwd=copy, env=environment, capture_output=True, text=True)


def with_outputs(file: Path) -> bytes:
    """Give every cell of code an output and a count; return what the notebook was."""
    clean = file.read_bytes()
    notebook = json.loads(clean)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["left\n"]}]
            cell["execution_count"] = 3
    notebook["metadata"]["papermill"] = {"duration": 1.5}
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return clean


def test_every_hook_is_local_and_uses_the_tools_of_the_environment():
    assert {repo["repo"] for repo in CONFIG["repos"]} == {"local"}
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}
    assert set(HOOKS) == {"strip", "check"}


def test_each_fault_is_told_with_what_mends_it(copy):
    with_outputs(copy / "notebooks" / "01_clean_customs.ipynb")
    module = copy / "src/helpers/xml_text.py"
    module.write_text(module.read_text(encoding="utf-8") + "import os\n" + "# long\n" * 450 + "x = (1,2)\n")
    dictionary = copy / "docs/data_dictionary.md"
    dictionary.write_text(dictionary.read_text(encoding="utf-8") + "by hand\n", encoding="utf-8")
    done = run(copy, "check")
    assert done.returncode, done.stderr
    left = done.stdout
    for name, fault, remedy in (
        ("style", "F401", ".venv/bin/ruff check --fix"),
        ("layout", "xml_text.py", ".venv/bin/ruff format"),
        ("notebooks", "cell 2 holds an output or a count", "make strip"),
        ("floors", "xml_text.py", "cut what is too long"),
        ("documents", "out of date: docs/data_dictionary.md", ".venv/bin/diversion docs"),
    ):
        told, found, left = left.partition(f"check: {name} does not hold\n  what to do: ")
        assert found and fault in told and remedy in left.splitlines()[0]
    assert "check: 0 of 5 hold" in left


def test_outputs_are_stripped_and_nothing_else(copy):
    file = copy / "notebooks" / "01_clean_customs.ipynb"
    clean = with_outputs(file)
    assert file.read_bytes() != clean
    run(copy, "strip")
    assert file.read_bytes() == clean
