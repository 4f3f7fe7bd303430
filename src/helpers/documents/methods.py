"""The table of methods: every estimate with its function, formula, unit, chapter, sentence rules and tests.

Nothing is listed by hand. The maker of a table is read in its notebook, the formula is the section of the methodology
that names the maker's module, a rule is one whose function names table and column, a test one that names the maker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from helpers.columns import Table
from helpers.documents.code import sentence
from helpers.documents.marks import anchor_of_heading, as_table
from helpers.documents.pages import Page
from helpers.documents.references import Place, References
from helpers.documents.rules import rules_by_cell
from helpers.table_list import TABLE_LIST

NO_ESTIMATES = {"01_clean_customs", "00_summary"}  # figures as printed, and sentences


@dataclass(frozen=True)
class Known:
    """What the table is drawn from."""

    files: dict[str, str]  # of the package, by path
    pages: list[Page]
    names: References  # of helpers, notebooks and tests
    tests: dict[str, set[Place]]  # what each test names of helpers, by file and name
    methodology: str


def tests_of(names: References, modules: Iterable[str]) -> dict[str, set[Place]]:
    """Return what every test names of helpers, also through functions of the tests.

    Parameters
    ----------
    names
        Who names whom, tests included.
    modules
        Names of the files of the tests.
    """
    return {
        f"{module}::{test}": names.reached({Place(module, test)}, stop="helpers.")
        for module in modules for test in names.sources[module].defined if test.startswith("test_")
    }  # fmt: skip


class Method(NamedTuple):
    """How one table of estimates comes about, in words of Markdown."""

    table: Table
    chapter: str
    maker: str
    told: str
    formula: str
    tests: dict[str, int]


def method_table(known: Known) -> str:
    """Return ``docs/methods.md``."""
    methods = [
        _method(table, page, known) for page in known.pages if page.name not in NO_ESTIMATES for table in TABLE_LIST
        if table.written_by == page.name
    ]  # fmt: skip
    rules = rules_by_cell(known.files)
    parts = [
        "# Methods",
        "This file is generated from the notebooks, the list of tables, the code and the tests: which function makes "
        "each estimate, where its formula stands, in which chapter it is read, which rules of the summary's sentences "
        "may rest on it (with their words in `src/helpers/wording/rules.py`), and which tests name the function. Keys "
        "and all other columns stand in the [data dictionary](data_dictionary.md).",
        as_table(
            ["table", "made by", "formula", "chapter", "tests"],
            [
                [f"[{one.table.name}](#{one.table.name})", one.maker, one.formula, one.chapter, sum(one.tests.values())]
                for one in methods
            ],
        ),
    ]
    for one in methods:
        held = ", ".join(f"`{file}` ({count})" for file, count in one.tests.items()) or "none names the function"
        rows = [
            [item.meaning, f"`{item.name}`", item.unit, "; ".join(rules.get((one.table.name, item.name), []))]
            for item in one.table.columns if item.kind in ("number", "integer") and item.name not in one.table.key
        ]  # fmt: skip
        parts += [
            f"## {one.table.name}",
            f"A row is {one.table.row}. {one.maker}: {one.told}. Tests: {held}.",
            as_table(["quantity", "column", "unit", "sentence rules"], rows),
        ]
    return "\n\n".join(parts) + "\n"


def _method(table: Table, page: Page, known: Known) -> Method:
    makers = page.makers[table.name]
    tests = [test.split("::")[0] for test, named in known.tests.items() if named & set(makers)]
    return Method(
        table, f"[{page.chapter}](../notebooks/{page.name}.ipynb)",
        ", ".join(f"`{place.module.removeprefix('helpers.')}.{place.name}`" for place in makers),
        "; ".join(sentence(known.names.sources[place.module].defined[place.name][0]) for place in makers),
        _formula(makers, known.methodology),
        {f"tests/{file}.py": tests.count(file) for file in sorted(set(tests))},
    )  # fmt: skip


def _formula(makers: list[Place], methodology: str) -> str:
    """Return links to the sections of the methodology that name the modules of these functions."""
    found = []
    for place in makers:
        file = place.module.removeprefix("helpers.").replace(".", "/")
        wanted = re.compile(rf"`(src/helpers/)?({re.escape(file)}\.py|{re.escape(file.split('/')[0])}/)`")
        found += [section for section, text in sections(methodology).items() if wanted.search(text)]
    return ", ".join(f"[{title}](methodology.md#{anchor_of_heading(title)})" for title in dict.fromkeys(found))


def sections(text: str) -> dict[str, str]:
    """Return the sections of a document by their headings, each to the next heading of any level."""
    parts = re.split(r"^##+ (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
