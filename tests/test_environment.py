"""The environment is written down in four places; they say the same, and no place names an address."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from helpers import paths

LOCKS = ("bootstrap", "runner", "lab", "dev", "scale")
PROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EDITABLE = "--editable ."


def direct() -> dict[str, Requirement]:
    """Return every direct dependency by its name as the locks write it."""
    texts = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
    texts += [text for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra]
    return {Requirement(text).name.replace("_", "-"): Requirement(text) for text in texts}


def text_of(lock: str) -> str:
    return (paths.ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")


def locked(lock: str) -> dict[str, str]:
    """Return name and version of every package of a lock."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", text_of(lock), flags=re.MULTILINE))


def conda() -> dict[str, str]:
    """Return name and version of every package of environment.yml."""
    entries = yaml.safe_load((paths.ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = entries[-1]["pip"]
    assert pip[-1] == EDITABLE
    names = [entry for entry in entries[:-1] if entry != "pip"] + [entry.replace("==", "=") for entry in pip[:-1]]
    return dict(re.sub(r"\[.*\]", "", entry).split("=") for entry in names)


def test_environment_yml_names_every_direct_package_at_the_locked_version():
    versions = locked("runner") | locked("lab") | locked("dev") | locked("scale")
    found = conda()
    assert found.pop("python") == PROJECT["project"]["requires-python"].removeprefix(">=")
    assert found == {name: versions[name] for name in direct()}


def test_locked_versions_are_within_what_pyproject_allows():
    versions = locked("runner") | locked("lab") | locked("dev") | locked("scale")
    assert not [name for name, wanted in direct().items() if not wanted.specifier.contains(versions[name])]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_a_hash_and_no_address(lock):
    text = text_of(lock)
    assert "://" not in text and "index-url" not in text and "find-links" not in text
    packages = [block for block in re.split(r"^(?=[a-z0-9.-]+==)", text, flags=re.MULTILINE) if "==" in block]
    assert len(packages) == len(locked(lock)) > 0
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in packages)


@pytest.mark.parametrize("lock", ["lab", "dev", "scale"])
def test_lab_and_dev_hold_the_runner_at_the_same_versions(lock):
    assert locked("runner").items() <= locked(lock).items()


def test_the_runner_is_free_of_what_slows_its_start():
    assert not {"jupyterlab", "rfc3987-syntax", "ploomber-engine"} & set(locked("runner"))


def test_the_bootstrap_pins_uv_alone():
    assert list(locked("bootstrap")) == ["uv"]


def test_a_missing_python_is_named_with_its_install_line_and_exit_code_4(tmp_path):
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "set_up.sh"
    script.write_bytes((paths.ROOT / "tools" / "set_up.sh").read_bytes())
    python3 = tmp_path / "bin" / "python3"
    python3.parent.mkdir()
    python3.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2\nexit 1\n')
    python3.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", script, "runner"],
        env={"PATH": f"{python3.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 4
    assert "python3 is 3.9.2" in done.stderr and "apt-get install python3 python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()
