"""What the notebooks say of themselves: the function that makes each table, the raw files under each figure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from helpers import steps
from helpers.documents.house import House
from helpers.documents.references import Place, References

SHOWN, SUMMARY = "helpers.figures", "00_summary"  # the summary is run last and read first
EXHIBITS = "helpers.exhibits."
WRITE, SOURCE_LINE = Place("helpers.tables", "write"), Place("helpers.provenance", "source_line")


@dataclass
class Page:
    """One notebook: its question, the makers of its tables, the beginnings of file names under its figures."""

    name: str
    chapter: int
    title: str
    parameters: list[str]
    makers: dict[str, list[Place]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)


def modules_of(house: House) -> dict[str, str]:
    """Return the text of every module of the package by its dotted name."""
    return {
        "helpers." + file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): text
        for file, text in house.sources.items() if file != "__init__.py"
    }  # fmt: skip


def read_pages(texts: dict[str, str]) -> tuple[list[Page], References]:
    """Read the notebooks in the order of ``pipeline.yml``.

    Parameters
    ----------
    texts
        Text of every module that may be named, by its dotted name.

    Returns
    -------
    tuple
        The pages, and who names whom among notebooks and modules.
    """
    listed = steps.read_steps()
    cells = {step.notebook: steps.cells_of(step.path) for step in listed}
    code = {name: "\n".join(steps.code_of(found)) for name, found in cells.items()}
    names = References(texts | code)
    pages = []
    for place, (name, found) in enumerate(cells.items(), start=1):
        title = steps.source(found[0]).splitlines()[0].removeprefix("# ")
        page = Page(name, 0 if name == SUMMARY else place, title, list(steps.declared(name, found)))
        _Reader(page, names).visit(names.sources[name].tree)
        pages.append(page)
    return pages, names


class _Reader(ast.NodeVisitor):
    """Follows the variables of a notebook, or of an exhibit that it shows, from what fills them to table or figure."""

    def __init__(self, page: Page, names: References, module: str = "") -> None:
        self.page, self.names, self.module = page, names, module or page.name
        self.makers: dict[str, list[Place]] = {}  # of each variable
        self.stems: dict[str, set[str]] = {}

    def visit_Assign(self, node: ast.Assign) -> None:  # noqa: N802, the name that ast calls
        """Remember what fills a variable."""
        self.generic_visit(node)
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for one, value in pairs:
                for name in ast.walk(one):
                    if isinstance(name, ast.Name):
                        self.makers[name.id] = self._makers(value)
                        self.stems[name.id] = self._stems(value)

    def visit_Call(self, node: ast.Call) -> None:  # noqa: N802
        """Note a table that is written and a figure that is shown."""
        self.generic_visit(node)
        place = self._place(node.func)
        if place == WRITE:
            self.page.makers[ast.literal_eval(node.args[1])] = self._makers(node.args[0])
        elif place and place.module == SHOWN:
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            if isinstance(given.get("name"), ast.Constant) and "source" in given:
                self.page.sources[given["name"].value] = self._stems(given["source"])
        elif place and place.module.startswith(EXHIBITS):
            inside = _Reader(self.page, self.names, place.module)
            for statement in self._defined(place):
                inside.visit(statement)

    def _defined(self, place: Place) -> list[ast.stmt]:
        return self.names.sources[place.module].defined[place.name]

    def _place(self, node: ast.AST) -> Place | None:
        is_name = isinstance(node, ast.Name | ast.Attribute)
        return self.names.place_of(self.module, ast.unparse(node)) if is_name else None

    def _makers(self, node: ast.AST) -> list[Place]:
        """Return the outermost function of helpers that gives a value; of a variable, what filled it."""
        if isinstance(node, ast.Call):
            place = self._place(node.func)
            if place == WRITE:
                return self._makers(node.args[0])
            if place and place.module != self.page.name:
                return [place]
        if isinstance(node, ast.Name):
            return self.makers.get(node.id, [])
        inside = [node.body, node.orelse] if isinstance(node, ast.IfExp) else ast.iter_child_nodes(node)
        return list(dict.fromkeys(place for child in inside for place in self._makers(child)))

    def _stems(self, node: ast.AST) -> set[str]:
        """Return the beginnings of file names that a source line is made from."""
        if isinstance(node, ast.Call) and (place := self._place(node.func)):
            if place == SOURCE_LINE:
                return {ast.literal_eval(argument) for argument in node.args}
            if place.module.startswith(EXHIBITS):
                inside = _Reader(self.page, self.names, place.module)
                return set().union(*(inside._stems(statement) for statement in self._defined(place)))
        if isinstance(node, ast.Name):
            return self.stems.get(node.id, set())
        return set().union(*(self._stems(child) for child in ast.iter_child_nodes(node)))
