"""A private variant: other notebooks, a page and tables of their own, and the project's stay as they are."""

from __future__ import annotations

import json
import re
import shutil

import pandas as pd
import pytest
from checkout import checkout, command

FINDING = "An invented finding of a private variant."


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = checkout(tmp_path_factory.mktemp("variant") / "copy")
    assert command(root, "report").returncode == 0
    return root


def files(folder):
    return {file.relative_to(folder): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def change(notebook):
    content = json.loads(notebook.read_text())
    content["cells"][-1]["source"] = "".join(content["cells"][-1]["source"]) + "\nanother = 1"
    notebook.write_text(json.dumps(content))


def test_a_variant_has_a_page_of_its_own_and_says_so_and_compare_tells_the_cause(copy):
    before = [files(copy / part) for part in ("notebooks", "reports/2026-05", "data/processed")]
    shutil.copytree(copy / "notebooks", copy / "mine")
    pd.DataFrame({"text": [FINDING]}).to_parquet(copy / "mine" / "first.prepared")
    change(copy / "mine" / "02_other.ipynb")
    made = command(copy, "report", "--notebooks", "mine")
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines() == ["mine/reports/2026-05/index.html", FINDING]
    pages = [(copy / part / "2026-05/index.html").read_text() for part in ("mine/reports", "reports")]
    assert ["A private variant." in page for page in pages] == [True, False]
    assert (copy / "mine/processed/first.parquet").exists()
    assert [files(copy / part) for part in ("notebooks", "reports/2026-05", "data/processed")] == before
    told = command(copy, "compare", "reports/2026-05", "mine/reports/2026-05")
    stamps = re.findall("stamp ([0-9a-f]{12})", told.stdout)
    assert told.returncode == 0 and len(set(stamps)) == 2 and "code" in told.stdout, told.stdout + told.stderr


@pytest.mark.parametrize("words", [["report"], ["plan"]])
def test_a_folder_without_notebooks_is_refused(copy, words):
    done = command(copy, *words, "--notebooks", "nowhere")
    assert done.returncode == 2 and "cp -r notebooks mine" in done.stderr and "Traceback" not in done.stderr


def test_a_timer_makes_no_variants(copy):
    done = command(copy, "report", "--if-new", "--notebooks", "mine")
    assert done.returncode == 2 and "--notebooks does not go with --if-new" in done.stderr
