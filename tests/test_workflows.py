"""The workflows are whole, ask for no more than they need, and name only what exists here."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
import yaml
from conftest import ROOT

from helpers.cli import build_parser
from helpers.schedule import github

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yml"))}
ACTIONS = {"checkout", "setup-python", "upload-artifact", "cache", "upload-pages-artifact", "deploy-pages"}
READERS = {"contents": "read"}
KEYS = {"name", "on", "permissions", "concurrency", "defaults", "jobs"}
JOB_KEYS = {"name", "runs-on", "timeout-minutes", "strategy", "steps", "permissions", "outputs", "needs", "if",
            "environment"}  # fmt: skip
STEP_KEYS = {"name", "id", "uses", "with", "run", "env", "if", "working-directory", "continue-on-error"}
MADE = ("reports/", "difference.md", "said.txt", "pages", ".venv/")  # by the job itself


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+): ## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def commands() -> set[str]:
    """Return the commands of ``diversion``, and of ``python -m helpers.cli``."""
    return set(build_parser()._subparsers._group_actions[0].choices)


def problems(text: str) -> list[str]:
    """Return what GitHub would stumble over in a workflow, or a reviewer should not sign."""
    workflow = yaml.load(text, Loader=yaml.BaseLoader)
    found = [f"unknown key {name}" for name in workflow.keys() - KEYS]
    if workflow.get("permissions") != READERS:
        found.append(f"permissions are {workflow.get('permissions')}")
    for name, job in workflow["jobs"].items():
        found += [f"{name}: unknown key {key}" for key in job.keys() - JOB_KEYS]
        found += [f"{name}: no {key}" for key in ("runs-on", "timeout-minutes", "steps") if key not in job]
        known: set[str] = set()
        for step in job["steps"]:
            found += [f"{name}: {told}" for told in problems_of_step(step, job, known)]
            known |= {step["id"]} if "id" in step else set()
    return found


def problems_of_step(step: dict, job: dict, known: set[str]) -> list[str]:
    """Return what is wrong with a step; ``known`` are the names of the steps before it."""
    found = [f"unknown key {key}" for key in step.keys() - STEP_KEYS]
    if ("uses" in step) == ("run" in step):
        found.append("a step uses an action or runs something")
    if "uses" in step and not (
        (action := re.fullmatch(r"actions/([\w-]+)@v\d+", step["uses"])) and action[1] in ACTIONS
    ):
        found.append(f"not an action to be trusted: {step['uses']}")
    script = step.get("run", "")
    if "${{" in script:  # what strangers wrote would become a part of the script
        found.append("an expression inside a script")
    if subprocess.run(["bash", "-n", "-c", script], capture_output=True).returncode:
        found.append("bash cannot read the script")
    found += [f"no target {name}" for name in re.findall(r"\bmake ([a-z]\w*)", script) if name not in targets()]
    called = re.findall(r"(?:bin/diversion|helpers\.cli) ([a-z]\w*)", script)
    found += [f"no command {name}" for name in called if name not in commands()]
    for name in re.findall(r"(?<![\w./$-])((?:[\w.-]+/)*[\w-]+\.(?:lock|sh|md|txt|yml)|tools/\S+)", script):
        if not name.startswith(MADE) and not (ROOT / name).exists():
            found.append(f"no file {name}")
    whole = yaml.safe_dump(step)
    found += [f"no step {name}" for name in re.findall(r"\bsteps\.([\w-]+)\.", whole) if name not in known]
    axes = job.get("strategy", {}).get("matrix", {})
    found += [f"no axis {name}" for name in re.findall(r"\bmatrix\.([\w-]+)", whole) if name not in axes]
    for pattern in re.findall(r"hashFiles\('(?:head/)?([^']+)'\)", whole):
        found += [] if list(ROOT.glob(pattern)) else [f"nothing is named {pattern}"]
    return found


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_whole_and_names_only_what_exists(name):
    assert problems(WORKFLOWS[name]) == []


def test_a_workflow_that_breaks_the_rules_is_found_out():
    bad = """
on: {push: {}}
permissions: {contents: write}
secrets: all
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/checkout@v1
      - uses: actions/checkout@main
      - run: make reprot && tools/gone.sh
      - run: 'echo "${{ github.event.title }}" ; .venv/bin/diversion publish'
      - run: 'if ['
      - name: nothing
      - uses: actions/cache@v4
        with: {key: "${{ hashFiles('none/*.lock') }}-${{ steps.later.outcome }}-${{ matrix.os }}"}
"""
    assert problems(bad) == [
        "unknown key secrets", "permissions are {'contents': 'write'}", "one: no timeout-minutes",
        "one: not an action to be trusted: someone/checkout@v1",
        "one: not an action to be trusted: actions/checkout@main",
        "one: no target reprot", "one: no file tools/gone.sh", "one: an expression inside a script",
        "one: no command publish", "one: bash cannot read the script", "one: a step uses an action or runs something",
        "one: no step later", "one: no axis os", "one: nothing is named none/*.lock",
    ]  # fmt: skip


def test_the_workflow_that_timers_use_names_only_what_exists():
    assert problems(github.text()) == []


def test_every_system_of_the_readme_and_every_python_of_the_package_is_tried():
    jobs = yaml.safe_load(WORKFLOWS["ci.yml"])["jobs"].values()
    assert {job["runs-on"].partition("-")[0] for job in jobs} == {"ubuntu", "macos", "windows"}
    assert all(job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"] for job in jobs)


def test_a_pull_request_gets_the_differences_of_two_checkouts(tmp_path):
    """The script of the workflow, with a command in place of the real one."""
    steps = yaml.safe_load(WORKFLOWS["pull-request.yml"])["jobs"]["page"]["steps"]
    (step,) = [step for step in steps if step.get("name") == "What moved"]
    for side, month in (("base", "2026-04"), ("head", "2026-05")):
        (tmp_path / side / "reports" / month).mkdir(parents=True)
        (tmp_path / side / "reports" / ".steps").mkdir()
    (tmp_path / "head/.venv/bin").mkdir(parents=True)
    command = tmp_path / "head/.venv/bin/diversion"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    command.chmod(0o755)
    summary = tmp_path / "summary"
    surroundings = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    for outcome, told in (("success", ["compare", "--all", "base/reports/2026-04/", "head/reports/2026-05/"]),
                          ("failure", ["nothing to compare with"])):  # fmt: skip
        summary.write_text("")
        subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=tmp_path, env={**surroundings, "BASE": outcome}, check=True
        )
        assert all(word in summary.read_text() for word in told)
        assert summary.read_text() == (tmp_path / "difference.md").read_text()
