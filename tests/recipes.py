"""A page of docs/how-to carried out as its reader would: its blocks in their order, in a copy of the checkout.

What happens to a block stands in its info string, of which a reader sees the first word only; the sentence before it
says the same in words.

``sh``, ``python``       run as typed, from the top of the checkout; it ends well, or as ``exit=N`` says
``text``               what the block before it printed (on stdout; where it failed, on stderr): a line ``…`` stands for
                       any lines, ``…`` in a line for anything
``diff``               applied by ``git apply``, which wants every line of context in its place
``… to=FILE``          written to the file; ``onto=FILE`` is added at its end
``… cell=FILE after=ID``  a new code cell of a notebook, after the cell of that name
``… shown``            not carried out

A block of any other kind fails: nothing on a page is left out unseen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml
from conftest import ROOT
from invented import FINDING, notebook
from markdown_it import MarkdownIt

PAGES = ROOT / "docs" / "how-to"
NOT_COPIED = (".git", ".venv*", ".*_cache", "__pycache__", "reports", "processed", "answers", "products")
LAST = (
    "import os\nimport pathlib\nimport shutil\n\n"
    '_ = shutil.copy("first.prepared", pathlib.Path(os.environ["DIVERSION_PROCESSED"], "summary_sentences.parquet"))'
)
RUN_BY = {"sh": ("sh", "-ec"), "python": (".venv/bin/python", "-c")}
WITHIN = 300  # seconds that a block may take on a busy machine


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, what its info string says, its text and the line it begins at."""

    language: str
    about: dict[str, str]
    text: str
    line: int


@dataclass(frozen=True)
class Done:
    """What a block that was run printed."""

    out: str
    error: str
    code: int


def blocks_of(text: str) -> list[Block]:
    """Return the fenced blocks of a page, also those inside lists."""
    found = []
    for token in MarkdownIt().parse(text):
        if token.type == "fence":
            language, *words = token.info.split() or [""]
            pairs = (word.partition("=") for word in words)
            found.append(Block(language, {name: value for name, _, value in pairs}, token.content, token.map[0] + 1))
    return found


def house(folder: Path) -> Path:
    """Copy the checkout without what it made; git knows what it ignores there."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / "data" / "processed").mkdir()
    return lend(folder)


def lend(folder: Path) -> Path:
    """Lend a copy the environment of the tests, so that its set-up has nothing to do, and what ``make`` needs."""
    (folder / ".venv").symlink_to(sys.prefix)
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "tools").mkdir(exist_ok=True)
    set_up = folder / "tools" / "set_up.sh"
    set_up.write_text("#!/bin/sh\n# The environment of the tests is lent to this copy.\n")
    set_up.chmod(0o755)
    return folder


def keep_only(place: Path, *names: str) -> None:
    """Leave the notebooks named and those they need, and an invented one in place of the summary."""
    folder, kept, needed = place / "notebooks", [], set()
    for step in reversed(yaml.safe_load((folder / "pipeline.yml").read_text(encoding="utf-8"))):
        if step["notebook"] in names or needed & set(step["makes"]):
            kept.insert(0, step)
            needed |= set(step["needs"])
        else:
            (folder / f"{step['notebook']}.ipynb").unlink()
    pd.DataFrame({"text": [FINDING]}).to_parquet(folder / "first.prepared")
    notebook(folder / "00_second.ipynb", LAST, prose="# Checks")  # a title that has its German
    last = {"notebook": "00_second", "needs": kept[-1]["makes"], "makes": ["summary_sentences"]}
    (folder / "pipeline.yml").write_text(yaml.safe_dump([*kept, last]), encoding="utf-8")


def copy_of(finished: Path, folder: Path) -> Path:
    """Copy a house with its reports; what no run ever changes in place is linked."""
    shutil.copytree(finished, folder, symlinks=True, ignore=shutil.ignore_patterns(".steps"))
    if (finished / "reports" / ".steps").exists():
        shutil.copytree(finished / "reports" / ".steps", folder / "reports" / ".steps", copy_function=os.link)
    return folder


def carry_out(page: str, place: Path, filled: dict[str, str] | None = None, **environment: str) -> list[Done]:
    """Carry a page out in a copy and hold what it says against what came; return what its commands printed.

    Parameters
    ----------
    page
        Its name under docs/how-to.
    place
        The copy.
    filled
        What stands for words that the page leaves to its reader.
    environment
        Variables that the reader is said to have.
    """
    done: list[Done] = []
    text = (PAGES / page).read_text(encoding="utf-8")
    for word, value in (filled or {}).items():
        assert word in text, f"{page} says nothing of {word}"
        text = text.replace(word, value)
    for block in blocks_of(text):
        where = f"{page}, line {block.line}"
        if "shown" in block.about:
            continue
        if "to" in block.about or "onto" in block.about:
            write(block, place)
        elif "cell" in block.about:
            add_cell(place / block.about["cell"], block.text, block.about["after"])
        elif block.language == "diff":
            applied = run(["git", "apply", "--whitespace=nowarn", "-"], place, given=block.text)
            assert applied.code == 0, f"{where}: {applied.error}"
        elif block.language in RUN_BY:
            done.append(run([*RUN_BY[block.language], block.text], place, **environment))
            told = f"{where}: ended with {done[-1].code}\n{done[-1].out}{done[-1].error}"
            assert done[-1].code == int(block.about.get("exit", 0)), told
        elif block.language == "text":
            came = done[-1].error if done[-1].code else done[-1].out
            assert is_said(block.text, came), f"{where}: expected\n{block.text}came\n{came}"
        else:
            raise AssertionError(f"{where}: nobody knows what to do with a block of {block.language}")
    return done


def run(words: list[str], place: Path, given: str = "", **environment: str) -> Done:
    """Run a program in a copy, with its helpers and none of the folders that the tests' surroundings may set."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("DIVERSION_", "MAKE"))}
    surroundings |= {"PYTHONPATH": str(place / "src"), "GIT_CEILING_DIRECTORIES": str(place.parent), **environment}
    ended = subprocess.run(words, cwd=place, env=surroundings, input=given, capture_output=True, text=True,
                           timeout=WITHIN)  # fmt: skip
    return Done(ended.stdout, ended.stderr, ended.returncode)


def write(block: Block, place: Path) -> None:
    """Write a block to the file it names, or add it at the end of one that is there."""
    if "onto" in block.about:
        file = place / block.about["onto"]
        file.write_text(file.read_text(encoding="utf-8") + block.text, encoding="utf-8")
    else:
        (place / block.about["to"]).write_text(block.text, encoding="utf-8")


def add_cell(file: Path, source: str, after: str) -> None:
    """Set a code cell into a notebook, as an editor would."""
    notebook = json.loads(file.read_text(encoding="utf-8"))
    (place,) = [number for number, cell in enumerate(notebook["cells"]) if cell["id"] == after]
    cell = {"cell_type": "code", "execution_count": None, "id": f"{after}-new", "metadata": {}, "outputs": [],
            "source": source.rstrip("\n").splitlines(keepends=True)}  # fmt: skip
    notebook["cells"].insert(place + 1, cell)
    file.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def is_said(expected: str, came: str) -> bool:
    """Tell whether a text came as a page prints it; ``…`` stands for anything."""
    parts = []
    for line in expected.splitlines():
        parts.append("(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + "[ ]*\n")
    return re.fullmatch("".join(parts), came if came.endswith("\n") else came + "\n") is not None
