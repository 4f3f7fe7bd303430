"""A release by its tag: refused when anything is amiss, the same bytes twice, and at work where there is no git."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import release
from checkout import LEFT_OUT, invented_steps
from conftest import ROOT, missing
from invented import FINDING

from helpers import paths

CHANGELOG = """# Changelog

## Unreleased

### Methodology

### Data

- Invented figures.

### Code

- An invented change.

## 0.1.0 (2026-11-23)

### Code

- First.
"""
AUTHOR = {"GIT_AUTHOR_NAME": "invented", "GIT_AUTHOR_EMAIL": "invented@example.org",
          "GIT_COMMITTER_NAME": "invented", "GIT_COMMITTER_EMAIL": "invented@example.org"}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **AUTHOR}, check=True, capture_output=True, text=True
    )
    return done.stdout


def committed(folder: Path) -> Path:
    """Make a repository of a folder, everything in one commit."""
    if shutil.which("git") is None:
        missing("git", "apt-get install git")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "invented")
    return folder


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A small repository of version 0.1.0 whose checks write down that they ran, and fail where a file says so."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    (folder / "pyproject.toml").write_text('[project]\nname = "invented"\nversion = "0.1.0"\nreadme = "1.0"\n')
    (folder / "CITATION.cff").write_text('cff-version: 1.2.0\nversion: 0.1.0\ndate-released: 2026-11-23\ntitle: "x"\n')
    (folder / "Makefile").write_text("check test:\n\t@echo $@ >> ran\n\t@test ! -e fails-$@\n")
    (folder / ".gitignore").write_text("ran\nfails-*\ndist/\n")
    monkeypatch.setattr(paths, "ROOT", committed(folder))
    for name, value in AUTHOR.items():
        monkeypatch.setenv(name, value)
    return folder


def test_a_release_moves_the_changelog_tags_and_bundles(repository):
    assert release.main(["0.2.0"]) == 0
    changelog = (repository / "CHANGELOG.md").read_text()
    (date,) = {line.split("(")[1].strip(")") for line in changelog.splitlines() if line.startswith("## 0.2.0")}
    body = "### Data\n\n- Invented figures.\n\n### Code\n\n- An invented change.\n"
    assert f"## Unreleased\n\n## 0.2.0 ({date})\n\n{body}\n## 0.1.0 (2026-11-23)\n" in changelog
    assert (repository / "pyproject.toml").read_text().count('version = "0.2.0"') == 1
    citation = (repository / "CITATION.cff").read_text().splitlines()
    assert citation == ["cff-version: 1.2.0", "version: 0.2.0", f"date-released: {date}", 'title: "x"']
    assert (repository / "ran").read_text().split() == ["check", "test"]
    assert (
        git(repository, "status", "--porcelain") == ""
        and git(repository, "log", "-1", "--format=%s") == "Release 0.2.0\n"
    )
    told = git(repository, "tag", "--list", "--format=%(objecttype)%0a%(contents)", "v0.2.0")
    assert told.strip() == f"tag\nexport-diversion 0.2.0\n\n{body}".strip()
    assert git(repository, "rev-parse", "v0.2.0^{commit}") == git(repository, "rev-parse", "HEAD")
    with tarfile.open(repository / "dist/export-diversion-0.2.0.tar.gz") as archive:
        inside = archive.extractfile("export-diversion-0.2.0/CHANGELOG.md").read().decode()
    assert inside == changelog


@pytest.mark.parametrize("target", ["check", "test"])
def test_nothing_is_released_when_a_test_fails(repository, target, capsys):
    (repository / f"fails-{target}").touch()
    assert release.main(["0.2.0"]) == 1
    assert f"make {target} failed" in capsys.readouterr().err
    assert (repository / "CHANGELOG.md").read_text() == CHANGELOG and git(repository, "status", "--porcelain") == ""
    assert git(repository, "tag") == "" and not (repository / "dist").exists()


@pytest.mark.parametrize("version", ["", "0.1.0", "0.0.9", "v0.2.0", "0.2", "0.2.0; x", "next", "0.02.0"])
def test_what_is_no_newer_version_is_refused(repository, version, capsys):
    assert release.main([version]) == 2
    assert "is not a version after 0.1.0" in capsys.readouterr().err and not (repository / "ran").exists()


def test_a_taken_tag_a_changed_tree_and_an_empty_changelog_are_refused(repository, capsys):
    git(repository, "tag", "v0.2.0")
    assert release.main(["0.2.0"]) == 2 and "there already" in capsys.readouterr().err
    (repository / "new.txt").write_text("not committed")
    assert release.main(["0.3.0"]) == 2 and "not clean: new.txt" in capsys.readouterr().err
    (repository / "new.txt").unlink()
    for spoilt in (CHANGELOG.replace("- Invented figures.\n", "").replace("- An invented change.\n", ""),
                   CHANGELOG.replace("### Data", "### Figures")):  # fmt: skip
        (repository / "CHANGELOG.md").write_text(spoilt)
        git(repository, "commit", "--quiet", "--all", "-m", "spoilt")
        assert release.main(["0.3.0"]) == 2 and "nothing to release" in capsys.readouterr().err
        assert (repository / "CHANGELOG.md").read_text() == spoilt
    assert not (repository / "ran").exists()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """The bundle of the checkout as it stands."""
    folder = tmp_path_factory.mktemp("release") / "whole"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "ROOT", committed(folder))
        return release.bundle("HEAD", "9.9.9")


def unpacked(bundle: Path, folder: Path) -> Path:
    with tarfile.open(bundle) as archive:
        archive.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


def report_in(folder: Path) -> Path:
    """Make a report in an unpacked bundle, by its own code, where no program can be found; return its page."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("DIVERSION_")}
    surroundings |= {"PATH": str(folder / "nothing"), "PYTHONPATH": str(folder / "src")}
    done = subprocess.run([sys.executable, "-m", "helpers.cli", "report"], cwd=folder, env=surroundings,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-2]


def test_the_bundle_is_the_same_bytes_from_another_clone_and_its_sum_stands_beside(bundle, tmp_path, monkeypatch):
    git(tmp_path, "clone", "--quiet", str(bundle.parents[1]), "clone")
    monkeypatch.setattr(paths, "ROOT", tmp_path / "clone")
    again = release.bundle("HEAD", "9.9.9")
    assert again.read_bytes() == bundle.read_bytes()
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    assert bundle.with_name("SHA256SUMS").read_text() == f"{digest}  export-diversion-9.9.9.tar.gz\n"


def test_the_bundle_holds_what_is_in_git_and_no_git(bundle):
    with tarfile.open(bundle) as archive:
        members = archive.getmembers()
    names = [Path(member.name) for member in members]
    assert {name.parts[0] for name in names} == {"export-diversion-9.9.9"}
    assert not [name for name in names if {".git", ".venv", "__pycache__", "dist"} & set(name.parts)]
    inside = {name.relative_to(name.parts[0]).as_posix() for name in names}
    assert {"Makefile", "tools/set_up.sh", "src/helpers/cli.py", "requirements/runner.lock"} <= inside
    assert {
        f"data/raw/{file.relative_to(ROOT / 'data/raw').as_posix()}" for file in (ROOT / "data/raw").rglob("*.csv")
    } <= inside
    assert next(member.mode for member in members if member.name.endswith("set_up.sh")) == 0o755


def test_a_small_report_is_made_from_the_bundle_without_git(bundle, tmp_path):
    folder = unpacked(bundle, tmp_path)
    for notebook in (folder / "notebooks").glob("*.ipynb"):
        notebook.unlink()
    invented_steps(folder)
    page = report_in(folder)
    record = json.loads(page.with_name("run.json").read_text(encoding="utf-8"))
    assert record["commit"] is None and record["finding"] == FINDING and FINDING in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_report_of_the_bundle_is_that_of_the_checkout(bundle, report_page, tmp_path):
    assert report_in(unpacked(bundle, tmp_path)).read_bytes() == report_page.read_bytes()
