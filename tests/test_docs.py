"""The documents against what they speak of: links, names of functions and modules, versions, numbering."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
import yaml

from helpers import paths, tables

ROOT, DOCS = paths.ROOT, paths.ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "data" / "raw" / "README.md"])
MODULES = sorted((ROOT / "src" / "helpers").glob("[!_]*.py"))


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


def names_in(source: str) -> set[str]:
    """Return functions, classes and constants at the top of a module."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def test_the_data_dictionary_is_the_one_the_tables_make():
    assert text_of("docs/data_dictionary.md") == tables.dictionary()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for link in links_of(text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors_of(target.read_text(encoding="utf-8")), f"{link}: no such heading"


def test_every_function_that_the_assumptions_name_exists():
    text = text_of("docs/assumptions.md")
    named = re.findall(r"`([\w/]+\.py):(\w+)`", text)
    for file, name in named:
        assert name in names_in(text_of(file)), f"{file} has no {name}"
    entries = re.split(r"^## A\d+$", text, flags=re.MULTILINE)[1:]
    assert all(re.search(r"\*\*Implemented in\*\* `[\w/]+\.py:\w+`", entry) for entry in entries)


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


def test_decisions_are_numbered_without_gaps():
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith(f"# {file.name[:4]} ")
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_is_on_the_map(module):
    assert f"- `{module.name}`: " in text_of("CONTRIBUTING.md")


def test_every_parameter_stands_in_the_readme():
    from helpers import parameters

    assert re.findall(r"^\| `(\w+)` \|", text_of("README.md"), flags=re.MULTILINE) == parameters.names()


def test_the_rules_catch_an_invented_page_that_breaks_them():
    text = "# A b: c\n[one](docs/x.md) ![two](y.svg) [three](https://example.org) [four](#a-b-c)\n```\n[no](z.md)\n```"
    assert links_of(text) == ["docs/x.md", "y.svg", "#a-b-c"]
    assert anchors_of(text) == {"a-b-c"}
    assert names_in("A = 1\ndef f(): pass\nclass C: pass\n") == {"A", "f", "C"}
