"""A real JupyterLab in a browser: an economist changes the window, runs all, saves, and the page follows; then back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from checkout import wait_until
from conftest import ROOT, missing

from helpers.chapters import FIGURE, TABLE

TOKEN = "invented-for-this-test"
NOTEBOOK = "03_estimate_excess"
FORM = ".jp-Notebook .jp-CodeCell >> nth=0"
PARTS = ("src", "notebooks", "data/raw", "requirements", "docs", "tools")
FILES = ("parameters.yml", "corrections.yml", "Makefile", "README.md")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The checkout copied, its environments lent, and ``make lab``'s command at work in it."""
    if not (ROOT / ".venv-lab/bin/jupyter-lab").exists():
        missing("JupyterLab", "tools/set_up.sh lab")
    root = tmp_path_factory.mktemp("lab") / "checkout"
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, root)
    for name in (".venv", ".venv-lab"):
        (root / name).symlink_to(ROOT / name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = root.parent / "home"
    own = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    command = [
        sys.executable, root / "tools" / "lab.py", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={TOKEN}", "--allow-root", "--log-level=ERROR",
    ]  # fmt: skip
    environment = {**os.environ, **own, "HOME": str(home), "PYTHONPATH": str(root / "src")}
    process = subprocess.Popen(command, cwd=root, env=environment, start_new_session=True)
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, 120)
        assert process.poll() is None, "JupyterLab ended"
        yield root, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def record(root: Path) -> dict:
    """The record of the report that the watch made last; empty before the first."""
    found = sorted((root / "reports").glob("20*/run.json"))
    return json.loads(found[-1].read_text()) if found else {}


def gap(root: Path) -> float:
    """The gap of the United States behind the shut door, as the report's table has it."""
    excess = pd.read_csv(next((root / "reports").glob("20*/data/excess.csv")))
    rows = excess[(excess["destination_code"] == "US") & (excess["form"] == "plain") & (excess["window_id"] == "W1")]
    return float(rows["gap_bn"].iloc[0])


def drawn(notebook: Path) -> list[dict]:
    """What the figures and tables of an executed notebook show."""
    cells = json.loads(notebook.read_text())["cells"]
    outputs = [output["data"] for cell in cells for output in cell.get("outputs", []) if "data" in output]
    return [data[mime] for data in outputs for mime in (FIGURE, TABLE) if mime in data]


def shown(root: Path) -> bytes:
    return next((root / "reports").glob("20*/index.html")).read_bytes()


def set_window(page, value: int) -> None:
    """Write another window into the parameters cell, as a person does, and save."""
    cell = page.locator(FORM)
    text = cell.locator(".cm-content").inner_text()
    lines = [f"window: int = {value}  # periods" if line.startswith("window") else line for line in text.split("\n")]
    assert sum(line.startswith("window") for line in lines) == 1
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("\n".join(lines))


def save(page) -> None:
    page.keyboard.press("Control+s")


@pytest.mark.slow  # JupyterLab and its environment, a whole report and two more
def test_an_edit_in_jupyterlab_reaches_the_page_and_goes_back(lab, browser):
    root, address = lab
    wait_until(lambda: record(root), 240)  # the watch makes the report before anything is edited
    before, page_before, gap_before = record(root), shown(root), gap(root)
    source = (root / "notebooks" / f"{NOTEBOOK}.ipynb").read_bytes()
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()

    page.goto(f"{address}/?token={TOKEN}")
    page.get_by_role("heading", name="The notebooks").wait_for(timeout=60_000)
    page.get_by_role("link", name="How far did trade depart from its own past?").click()
    page.locator(FORM).wait_for(timeout=60_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)

    set_window(page, 33)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-Notebook .jp-CodeCell").last.locator(".jp-InputPrompt")
    page.wait_for_function("node => /\\[\\d+\\]/.test(node.textContent)", arg=last.element_handle(), timeout=240_000)
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    save(page)
    wait_until(lambda: record(root).get("stamp") != before["stamp"], 240)
    after = record(root)
    assert before["parameters"]["window"] == 0 and after["parameters"]["window"] == 33
    assert gap(root) != gap_before and shown(root) != page_before and after["stamp"].encode() in shown(root)
    by_hand, by_report = (
        drawn(root / place / f"{NOTEBOOK}.ipynb")
        for place in ("notebooks", f"reports/{after['parameters']['month']}/steps")
    )
    assert len(by_hand) >= 5 and by_hand == by_report

    page.locator(FORM).locator(".cm-content").click()
    set_window(page, 0)
    save(page)
    wait_until(lambda: record(root)["parameters"]["window"] == 0, 240)
    assert gap(root) == gap_before

    (root / "notebooks" / f"{NOTEBOOK}.ipynb").write_bytes(source)
    wait_until(lambda: shown(root) == page_before, 240)
    assert record(root)["stamp"] == before["stamp"]
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    context.close()
