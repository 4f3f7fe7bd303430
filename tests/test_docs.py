"""The documents against what they speak of: links, names of functions and modules, versions, numbering."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
import yaml

from helpers import paths
from helpers.documents.code import read

ROOT, DOCS = paths.ROOT, paths.ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "data" / "raw" / "README.md"])


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def links_of(text: str) -> list[str]:
    """Return the relative targets of a page's links and images, code blocks left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors_of(text: str) -> set[str]:
    """Return the anchors that headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def assumptions_in(source: str) -> dict[str, list[str]]:
    """Return the assumptions that functions, classes and constants name: in the docstring, or in the line above."""
    found, lines = {}, ["", *source.splitlines()]
    for name, (node, *_) in read(source).defined.items():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            text = ast.get_docstring(node) or ""
        else:
            text = above if (above := lines[node.lineno - 1]).startswith("#") else ""
        told = re.search(r"\bAssumptions? ((?:A\d+(?:, | and )?)+)", text)
        if told:
            found[name] = re.findall(r"A\d+", told[1])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for link in links_of(text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors_of(target.read_text(encoding="utf-8")), f"{link}: no such heading"


def test_assumptions_and_functions_name_each_other():
    named = {
        (file, name, number)
        for number, entry in re.findall(r"^## (A\d+)$(.+?)(?=^## |\Z)", text_of("docs/assumptions.md"), re.M | re.S)
        for file, name in re.findall(r"`([\w/]+\.py):(\w+)`", entry.partition("**Implemented in**")[2])
    }
    found = {
        (file.relative_to(ROOT).as_posix(), name, number)
        for file in (ROOT / "src" / "helpers").rglob("*.py")
        for name, numbers in assumptions_in(file.read_text(encoding="utf-8")).items()
        for number in numbers
    }
    assert named == found
    assert {number for _, _, number in named} == set(re.findall(r"^## (A\d+)$", text_of("docs/assumptions.md"), re.M))


def test_every_assumption_stands_in_the_list_with_the_same_ratings():
    text = text_of("docs/assumptions.md")
    listed = re.findall(r"^\| \[(A\d+)\]\(#a\d+\) \| .+ \| (\w+) \| (\w+) \|$", text, flags=re.MULTILINE)
    rated = re.compile(r"^## (A\d+)$.*?\*\*Quality\*\* (\w+).*?\*\*Impact\*\* (\w+)", re.MULTILINE | re.DOTALL)
    entries = rated.findall(text)
    assert listed == entries
    assert {rating for entry in entries for rating in entry[1:]} <= {"green", "amber", "red"}
    assert [name for name, _, _ in entries] == [f"A{number}" for number in range(1, len(entries) + 1)]


def test_citation_package_and_changelog_name_one_version():
    package = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    citation = yaml.safe_load(text_of("CITATION.cff"))
    version, date = re.search(r"^## (\S+) \((.+)\)$", text_of("CHANGELOG.md"), flags=re.MULTILINE).groups()
    assert package == citation["version"] == version
    assert str(citation["date-released"]) == date


def test_decisions_are_numbered_without_gaps_and_say_what_became_of_them():
    files = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    status = {}
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith(f"# {file.name[:4]} ")
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"]
        status[file.name[:4]] = re.search(r"^Status: (.+)$", text, flags=re.MULTILINE)[1]
    for number, told in status.items():
        for replaced in re.findall(r"\b0\d{3}\b", re.sub(r".*?(?=replaces|$)", "", told, count=1)):
            assert re.search(rf"superseded.*{number}", status[replaced]), f"{replaced} does not say so of {number}"


def test_the_rules_catch_an_invented_page_that_breaks_them():
    text = "# A b: c\n[one](docs/x.md) ![two](y.svg) [three](https://example.org) [four](#a-b-c)\n```\n[no](z.md)\n```"
    assert links_of(text) == ["docs/x.md", "y.svg", "#a-b-c"]
    assert anchors_of(text) == {"a-b-c"}
    code = '# Assumption A1.\nA = 1\ndef f():\n    """Do. Assumptions A2, A3 and A4."""\nB = 2\n'
    assert assumptions_in(code) == {"A": ["A1"], "f": ["A2", "A3", "A4"]}
