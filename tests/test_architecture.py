"""The floors of ``helpers``: its docstring says who lives where, the imports show whether it is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import helpers

PACKAGE = Path(helpers.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 450


def floors(text: str) -> dict[str, tuple[int, int]]:
    """Read floor and place, from left to right and line by line, of every module the docstring names."""
    named = [
        (name.strip(), int(floor))
        for floor, names in re.findall(r"^(\d)  (.+)$", text, flags=re.MULTILINE)
        for name in names.strip(",").split(",")
    ]
    return {name: (floor, place) for place, (name, floor) in enumerate(named)}


def module_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(source: str) -> set[str]:
    """Return the modules of ``helpers`` that a source imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("helpers.")}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            if node.module == "helpers":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("helpers."):
                found.add(node.module.split(".")[1])
    return found


def wrong_imports(importer: str, imported: set[str], house: dict[str, tuple[int, int]]) -> set[str]:
    """Return what a module may not import: a higher floor, or a neighbour named after it on its own floor."""
    return {name for name in imported - {importer} if house[name] >= house[importer]}


HOUSE = floors(helpers.__doc__)


def test_every_module_is_named_in_the_docstring_and_every_name_is_a_module():
    assert {module_of(file) for file in FILES} - {"__init__"} == set(HOUSE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_imports_point_downwards_or_to_the_left(file):
    name = module_of(file)
    imported = imports_of(file.read_text(encoding="utf-8"))
    assert imported <= set(HOUSE)
    if name != "__init__":
        assert not wrong_imports(name, imported, HOUSE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_file_can_be_read_in_one_sitting(file):
    length = len(file.read_text(encoding="utf-8").splitlines())
    assert length <= LONGEST


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_module_says_first_why_it_is_there(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


def test_the_rules_catch_an_invented_house_built_upside_down():
    house = floors("Floors:\n\n1  walls, windows\n0  ground\n")
    assert house == {"walls": (1, 0), "windows": (1, 1), "ground": (0, 2)}
    assert floors("1  walls,\n1  windows\n") == {"walls": (1, 0), "windows": (1, 1)}
    source = "from helpers import windows\ndef f():\n    import helpers.ground\n    from helpers.walls import stone\n"
    assert imports_of(source) == {"windows", "ground", "walls"}
    assert wrong_imports("ground", {"walls"}, house) == {"walls"}
    assert wrong_imports("walls", {"windows", "ground"}, house) == {"windows"}
    assert wrong_imports("windows", {"walls", "ground"}, house) == set()
