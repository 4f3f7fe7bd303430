"""How ``helpers`` is built: who lives on which floor, what each module says of itself, and who imports whom.

Floors and their names stand in the docstring of the package, sentences in the modules, imports in their code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import helpers
from helpers.documents.code import read, sentence
from helpers.refusals import Refusal

PACKAGE = Path(helpers.__file__).parent


def floors(text: str) -> dict[str, tuple[int, int]]:
    """Read floor and place, from left to right and line by line, of every module that a docstring names."""
    named = [
        (name.strip(), int(floor))
        for floor, names in re.findall(r"^(\d)  (.+)$", text, flags=re.MULTILINE)
        for name in names.strip(",").split(",")
    ]
    return {name: (floor, place) for place, (name, floor) in enumerate(named)}


def floor_names(text: str) -> dict[int, str]:
    """Read what each floor is for from the same docstring, the ground first."""
    return {int(floor): name for floor, name in sorted(re.findall(r"^(\d): (.+)$", text, flags=re.MULTILINE))}


def imports_of(text: str) -> set[str]:
    """Return the modules of ``helpers`` that a source imports, at its top or inside a function."""
    found = set()
    for node in read(text).imports:
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("helpers.")}
        elif not node.level and node.module == "helpers":
            found |= {alias.name for alias in node.names}
        elif not node.level and node.module and node.module.startswith("helpers."):
            found.add(node.module.split(".")[1])
    return found


def wrong_imports(importer: str, imported: set[str], places: dict[str, tuple[int, int]]) -> set[str]:
    """Return what a module may not import: a higher floor, or a neighbour named after it on its own floor."""
    return {name for name in imported - {importer} if places[name] >= places[importer]}


@dataclass(frozen=True)
class Module:
    """One module or folder of the package."""

    name: str
    floor: int
    sentence: str
    files: tuple[str, ...]  # what a folder holds besides its docstring
    imports: frozenset[str]

    @property
    def shown(self) -> str:
        """Its name as it stands in the tree."""
        return f"{self.name}/" if self.files else f"{self.name}.py"


@dataclass(frozen=True)
class House:
    """A package with floors.

    Parameters
    ----------
    package
        Its folder; ``__init__.py`` names floors and modules.
    """

    package: Path = PACKAGE

    @cached_property
    def text(self) -> str:
        """The docstring of the package."""
        return ast.get_docstring(read(self.sources["__init__.py"]).tree) or ""

    @cached_property
    def sources(self) -> dict[str, str]:
        """Every file with its text, by its path in the package."""
        return {
            file.relative_to(self.package).as_posix(): file.read_text(encoding="utf-8")
            for file in sorted(self.package.rglob("*.py"))
        }

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """All modules from the ground up, from left to right; refused where docstring and folder differ."""
        places = floors(self.text)
        there = {name.split("/")[0].removesuffix(".py") for name in self.sources} - {"__init__"}
        if there != set(places):
            raise _crooked(there ^ set(places), "every module named once in the docstring, and no other")
        return tuple(self._module(name, places[name][0]) for name in sorted(places, key=places.get))

    def _module(self, name: str, floor: int) -> Module:
        inside = sorted(file for file in self.sources if file.startswith(f"{name}/"))
        first = f"{name}/__init__.py" if inside else f"{name}.py"
        files = tuple(file.removeprefix(f"{name}/") for file in inside if file != first)
        imported = set().union(*(imports_of(self.sources[file]) for file in inside or [first])) - {name}
        return Module(name, floor, sentence(read(self.sources[first]).tree), files, frozenset(imported))

    def check(self) -> House:
        """Refuse a house in which an import points upwards, or to the right on its own floor."""
        places = floors(self.text)
        if unknown := set().union(*(module.imports for module in self.modules)) - set(places):
            raise _crooked(unknown, "imports of modules that are there")
        wrong = {
            f"{module.name} imports {name}"
            for module in self.modules
            for name in wrong_imports(module.name, set(module.imports), places)
        }
        if wrong:
            raise _crooked(wrong, "imports that point to a lower floor, or to the left on their own")
        return self

    def between_floors(self) -> dict[tuple[int, int], int]:
        """Count imports from floor to floor: (importer's, imported's) to how many pairs of modules."""
        floor_of = {module.name: module.floor for module in self.modules}
        counts: dict[tuple[int, int], int] = {}
        for module in self.modules:
            for name in module.imports:
                pair = (module.floor, floor_of[name])
                counts[pair] = counts.get(pair, 0) + 1
        return counts


def _crooked(found: Iterable[str], expected: str) -> Refusal:
    return Refusal(
        "; ".join(sorted(found)), expected=expected, remedy="see the docstring of the package", exit_code=1,
        file="src/helpers/__init__.py",
    )  # fmt: skip
