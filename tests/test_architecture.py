"""The floors of ``helpers``: its docstring says who lives where, the imports show whether it is true."""

from __future__ import annotations

import ast

import pytest

from helpers.documents import picture
from helpers.documents.code import read, sentence
from helpers.documents.house import House, floor_names, floors, imports_of, wrong_imports
from helpers.refusals import Refusal

HOUSE = House()
LONGEST, LONGEST_FUNCTION = 450, 60  # lines; a docstring is not counted


def house(folder, docstring: str, **modules: str) -> House:
    """Build an invented package."""
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text(f'"""{docstring}"""\n', encoding="utf-8")
    for name, code in modules.items():
        (folder / f"{name}.py").write_text(f'"""The {name}."""\n{code}\n', encoding="utf-8")
    return House(folder)


def test_every_module_is_named_in_the_docstring_and_every_import_points_downwards_or_to_the_left():
    HOUSE.check()
    assert set(floor_names(HOUSE.text)) == {module.floor for module in HOUSE.modules}


def test_every_file_can_be_read_in_one_sitting_and_every_module_says_first_why_it_is_there():
    assert [name for name, text in HOUSE.sources.items() if len(text.splitlines()) > LONGEST] == []
    assert [name for name, text in HOUSE.sources.items() if not sentence(read(text).tree)] == []


def long_functions(text: str) -> list[str]:
    """Return the functions that are longer than a page."""
    found = []
    for node in ast.walk(read(text).tree):
        if isinstance(node, ast.FunctionDef):
            told = node.body[0] if ast.get_docstring(node) else None
            docstring = told.end_lineno - told.lineno + 1 if told else 0
            if node.end_lineno - node.lineno + 1 - docstring > LONGEST_FUNCTION:
                found.append(node.name)
    return found


def test_every_function_fits_a_page():
    assert {name: found for name, text in HOUSE.sources.items() if (found := long_functions(text))} == {}
    body = "\n".join("    x = 1" for _ in range(60))
    assert long_functions(f"def short():\n{body[:-10]}") == []
    assert long_functions(f'def long():\n    """Say."""\n{body}') == ["long"]


def test_the_rules_catch_an_invented_house_built_upside_down():
    places = floors("Floors:\n\n1  walls, windows\n0  ground\n")
    assert places == {"walls": (1, 0), "windows": (1, 1), "ground": (0, 2)}
    assert floors("1  walls,\n1  windows\n") == {"walls": (1, 0), "windows": (1, 1)}
    source = "from helpers import windows\ndef f():\n    import helpers.ground\n    from helpers.walls import stone\n"
    assert imports_of(source) == {"windows", "ground", "walls"}
    assert wrong_imports("ground", {"walls"}, places) == {"walls"}
    assert wrong_imports("walls", {"windows", "ground"}, places) == {"windows"}
    assert wrong_imports("windows", {"walls", "ground"}, places) == set()


def test_a_house_whose_docstring_and_folder_differ_is_refused(tmp_path):
    with pytest.raises(Refusal, match="cellar"):
        house(tmp_path, "0: words\n0  ground", ground="", cellar="").check()
    (tmp_path / "cellar.py").unlink()
    with pytest.raises(Refusal, match="attic"):
        house(tmp_path, "0: words\n0  ground", ground="from helpers import attic").check()


def test_a_picture_is_drawn_with_every_module_and_never_with_an_arrow_upwards(tmp_path):
    docstring = "1: above & beyond\n1  roof\n0: below\n0  ground"
    drawn = picture.draw(house(tmp_path, docstring, roof="from helpers import ground", ground=""))
    assert all(f">{word}<" in drawn for word in ("roof", "ground", "above &amp; beyond", "Floor 1"))
    assert drawn.count('<path class="a"') == 1 and drawn.count("<circle") == 1
    with pytest.raises(Refusal, match="ground imports roof"):
        picture.draw(house(tmp_path, docstring, roof="", ground="from helpers import roof"))
