"""Make a release of what is committed: release.py VERSION, such as 0.2.0; needs git and no network.

What is unreleased in CHANGELOG.md becomes the version, with today's date, in pyproject.toml and CITATION.cff too. Only
when ``make check`` and ``make test`` pass is that committed and tagged; else everything is as it was. The bundle in
``dist/`` holds the files of the tag, the same bytes whenever it is made, and makes reports where there is no git.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.version import Version

from helpers import paths
from helpers.refusals import Refusal

NAME = "export-diversion"
SECTIONS = ("Methodology", "Data", "Code")
FILES = ("CHANGELOG.md", "pyproject.toml", "CITATION.cff")


def main(words: list[str]) -> int:
    """Make the release; print what is left to do. Refused, it returns 2; where a test fails, 1."""
    try:
        version, today = words[0] if words else "", dt.datetime.now(dt.UTC).date().isoformat()
        check(version)
        notes = write(version, today)
    except Refusal as refusal:
        print(f"release: {refusal}", file=sys.stderr)
        return refusal.exit_code
    for target in ("check", "test"):
        if subprocess.run(["make", target], cwd=paths.ROOT).returncode:
            git("checkout", "--quiet", "--", *FILES)
            print(f"release: make {target} failed; nothing was released, the files are as before", file=sys.stderr)
            return 1
    git("commit", "--quiet", "--no-verify", "-m", f"Release {version}", "--", *FILES)  # checked a moment ago
    git("tag", "--annotate", "--cleanup=whitespace", "-m", f"{NAME} {version}\n\n{notes}", f"v{version}")
    made = bundle(f"v{version}", version)
    print(f"{paths.shown(made)}\nto publish it: git push origin HEAD v{version}, then hand on the files in dist/")
    return 0


def check(version: str) -> None:
    """Refuse a version that is none or not newer, a tag that is taken, and a tree that is not clean."""
    current = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version) or Version(version) <= Version(current):
        raise Refusal(f'"{version}" is not a version after {current}', expected="three numbers, such as 0.2.0",
                      remedy="make release VERSION=0.2.0", exit_code=2)  # fmt: skip
    if git("tag", "--list", f"v{version}"):
        raise Refusal(f"the tag v{version} is there already", expected="a version that was never released",
                      remedy="choose the next one", exit_code=2)  # fmt: skip
    if changed := git("status", "--porcelain"):
        raise Refusal(f"the tree is not clean: {changed.split(maxsplit=1)[1].splitlines()[0]}",
                      expected="everything committed", remedy="commit it, or put it aside with git stash -u",
                      exit_code=2)  # fmt: skip


def write(version: str, today: str) -> str:
    """Write version and day into the three files; return what the changelog says of the version.

    Raises
    ------
    Refusal
        If nothing is unreleased, or it stands under another heading than the three.
    """
    changelog, package, citation = ((paths.ROOT / name).read_text(encoding="utf-8") for name in FILES)
    before, _, rest = changelog.partition("## Unreleased\n")
    unreleased, mark, older = rest.partition("\n## ")
    found = re.findall(r"^### (.+)\n+((?:(?!### ).*\n?)*)", unreleased, flags=re.MULTILINE)
    parts = [(heading, text.strip()) for heading, text in found if text.strip()]
    if not parts or not {heading for heading, _ in parts} <= set(SECTIONS):
        raise Refusal("nothing to release", expected=f"entries under {', '.join(SECTIONS)}", exit_code=2,
                      remedy='say under "Unreleased" what changed', file="CHANGELOG.md")  # fmt: skip
    notes = "\n\n".join(f"### {heading}\n\n{text}" for heading, text in parts)
    contents = (
        f"{before}## Unreleased\n\n## {version} ({today})\n\n{notes}\n{mark}{older}",
        re.sub(r'^version = ".+"$', f'version = "{version}"', package, count=1, flags=re.MULTILINE),
        re.sub(r"^date-released: .+$", f"date-released: {today}",
               re.sub(r"^version: .+$", f"version: {version}", citation, flags=re.MULTILINE), flags=re.MULTILINE),
    )  # fmt: skip
    for name, content in zip(FILES, contents, strict=True):
        (paths.ROOT / name).write_text(content, encoding="utf-8", newline="\n")
    return notes


def bundle(commit: str, version: str) -> Path:
    """Write the files of a commit as ``dist/export-diversion-<version>.tar.gz``, with SHA256SUMS beside; return it."""
    whole = f"{NAME}-{version}"
    settings = ("-c", "tar.umask=0022", "-c", "core.autocrlf=false")  # whatever this user has set
    tar = subprocess.run(["git", *settings, "archive", "--format=tar", f"--prefix={whole}/", commit], cwd=paths.ROOT,
                         check=True, capture_output=True).stdout  # fmt: skip
    made = paths.ROOT / "dist" / f"{whole}.tar.gz"
    made.parent.mkdir(exist_ok=True)
    made.write_bytes(gzip.compress(tar, mtime=0))
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    made.with_name("SHA256SUMS").write_text(f"{digest}  {made.name}\n", encoding="ascii", newline="\n")
    return made


def git(*words: str) -> str:
    """Run git in the checkout and return what it said."""
    done = subprocess.run(["git", *words], cwd=paths.ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
