"""The pages of the house: every notebook has the same shape, and ``pipeline.yml`` says who hands what to whom."""

from __future__ import annotations

import ast
import re
import statistics

import nbformat
import pytest
import yaml
from invented import notebook as invented_notebook

from helpers import parameters, paths, steps
from helpers.table_list import TABLE_LIST

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
EXHIBITS = paths.ROOT / "src" / "helpers" / "exhibits"
LONGEST_CELL, MEDIAN_CELL = 15, 5
CODE_LINES = range(20, 301)
WORDS_PER_LINE = 2


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def code_of(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def tagged(notebook, tag: str) -> list:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def form_of(source: str) -> dict[str, object]:
    """Return names and values of a form; anything but literals is an error."""
    return {
        (line.targets[0] if isinstance(line, ast.Assign) else line.target).id: ast.literal_eval(line.value)
        for line in ast.parse(source).body
    }


def table_calls(source: str, function: str) -> set[str]:
    """Return the names given to ``tables.read`` or ``tables.write``; a name must stand there as text."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"tables.{function}":
            found.add(ast.literal_eval(node.args[0 if function == "read" else 1]))
        if isinstance(node, ast.Call) and function == "read" and ast.unparse(node.func) == "tables.read_each":
            found |= {ast.literal_eval(one) for one in node.args}
    return found


def problems(notebook) -> list[str]:
    """Return everything about a notebook's shape that a reader would stumble over."""
    found = []
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        found.append("the first cell is not a title in markdown")
    for tag in ("parameters", "setup"):
        if len(tagged(notebook, tag)) != 1:
            found.append(f"{len(tagged(notebook, tag))} cells tagged {tag} and not one")
    for form in tagged(notebook, "parameters"):
        defaults = parameters.Parameters().model_dump()
        for name, value in form_of(form.source).items():
            if name not in defaults or defaults[name] != value:
                found.append(f"the form says {name} = {value!r}, the model {defaults.get(name, 'does not know it')!r}")
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        if cell.outputs or cell.execution_count is not None:
            found.append(f"cell {number} holds an output or a count")
        if len(lines(cell.source)) > LONGEST_CELL:
            found.append(f"cell {number} has {len(lines(cell.source))} lines")
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(cell.source))):
            found.append(f"cell {number} defines something that belongs into helpers")
    code = len(lines(code_of(notebook)))
    words = sum(len(re.findall(r"\w+", cell.source)) for cell in notebook.cells if cell.cell_type == "markdown")
    sizes = [len(lines(cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    if statistics.median(sizes) > MEDIAN_CELL:
        found.append(f"half of the cells have {statistics.median(sizes):g} lines and more")
    if code not in CODE_LINES:
        found.append(f"{code} lines of code")
    if words < WORDS_PER_LINE * code:
        found.append(f"{words} words of prose for {code} lines of code")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_has_the_shape_of_the_house(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert problems(notebook) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_pipeline_lists_what_the_notebook_reads_and_writes(path):
    code = code_of(nbformat.read(path, as_version=4))
    step = {step.notebook: step for step in steps.read_steps()}[path.stem]
    written = table_calls(code, "write")
    assert set(step.makes) == written
    assert set(step.needs) == table_calls(code, "read") - written


def test_every_notebook_is_a_step_and_every_table_is_made_by_its_notebook():
    listed = steps.read_steps()
    assert sorted(step.notebook for step in listed) == [path.stem for path in NOTEBOOKS]
    made = {table: step.notebook for step in listed for table in step.makes}
    assert made == {table.name: table.written_by for table in TABLE_LIST}


def test_every_exhibit_is_shown_by_one_notebook_and_every_notebook_has_its_own_file_of_them():
    shown = {}
    for path in NOTEBOOKS:
        tree = ast.parse(code_of(nbformat.read(path, as_version=4)))
        (module,) = [
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "helpers.exhibits"
            for alias in node.names
        ]
        called = [
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("exhibits.show_")
        ]
        assert len(called) == len(set(called)), f"{path.stem} shows something twice"
        assert module not in shown
        shown[module] = set(called)
    files = {file.stem: ast.parse(file.read_text(encoding="utf-8")) for file in EXHIBITS.glob("*.py")}
    defined = {
        module: {f.name for f in tree.body if isinstance(f, ast.FunctionDef) and f.name.startswith("show_")}
        for module, tree in files.items()
    }
    assert {module: names for module, names in defined.items() if names} == shown


def test_the_pipeline_is_written_plainly():
    entries = yaml.safe_load((paths.NOTEBOOKS / "pipeline.yml").read_text(encoding="utf-8"))
    for entry in entries:
        assert list(entry) == [name for name in ("notebook", "needs", "makes") if name in entry]


def test_the_rules_catch_an_invented_notebook_that_breaks_them_all(tmp_path):
    path = invented_notebook(
        tmp_path / "bad.ipynb",
        "def hidden():\n    return 1",
        "\n".join(f"line_{number} = {number}" for number in range(16)),
        form="window: int = 45\nwindw: int = 44",
        prose="No title",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].execution_count = 1
    notebook.cells[1].metadata.tags.append("setup")
    notebook.cells[2].metadata["tags"] = ["setup"]
    assert problems(notebook) == [
        "the first cell is not a title in markdown",
        "2 cells tagged setup and not one",
        "the form says window = 45, the model 0",
        "the form says windw = 44, the model 'does not know it'",
        "cell 3 holds an output or a count",
        "cell 3 defines something that belongs into helpers",
        "cell 4 has 16 lines",
        "2 words of prose for 20 lines of code",
    ]


def test_the_rules_catch_an_invented_notebook_of_long_cells(tmp_path):
    path = invented_notebook(
        tmp_path / "long.ipynb", *["\n".join(["one = 1"] * 6)] * 4, prose=f"# Title {'word ' * 60}"
    )
    assert "half of the cells have 6 lines and more" in problems(nbformat.read(path, as_version=4))


def test_table_calls_are_read_wherever_they_stand():
    code = 'a = tables.read("one")\nif a:\n    tables.write(f(tables.read("two")), "three")\ntables.read_each("4", "5")'
    assert table_calls(code, "read") == {"one", "two", "4", "5"}
    assert table_calls(code, "write") == {"three"}
