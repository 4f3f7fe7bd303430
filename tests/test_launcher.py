"""The page on which JupyterLab opens: as the code makes it, with links that lead somewhere."""

from __future__ import annotations

import re

import pytest

from helpers import parameters, steps
from helpers.documents import launcher, pages
from helpers.documents.house import House


@pytest.fixture(scope="module")
def made() -> str:
    read, _ = pages.read_pages(pages.modules_of(House()))
    return launcher.page(read)


def test_the_page_stands_as_it_is_made(made):
    assert launcher.PAGE.read_text(encoding="utf-8") == made, "run `.venv/bin/diversion docs`"


def test_every_notebook_has_its_question_its_sources_and_its_parameters(made):
    for step in steps.read_steps():
        (part,) = re.findall(rf"^## \[[^\n]+\]\({step.notebook}.ipynb\)\n(.*?)(?=^## )", made, re.M | re.S)
        for table in step.makes:
            assert f"`{table}`" in part
        for name in steps.declared(step.notebook, steps.cells_of(step.path)):
            assert f"`{name}`" in part
            assert f"| `{name}` | {parameters.Parameters.model_fields[name].description}" in made
        assert "numbers from: " in part and "\n\n" in part


def test_the_sources_of_a_notebook_are_those_its_figures_name(made):
    (part,) = re.findall(r"^## [^\n]+03_estimate_excess.*?(?=^## )", made, re.M | re.S)
    (offices,) = re.findall("numbers from: (.*)", part)
    assert offices.split("; ") == sorted(offices.split("; "))
    assert {"Eurostat", "US Census Bureau", "Australian Bureau of Statistics"} <= set(offices.split("; "))


def test_every_link_leads_to_a_file(made):
    for place in re.findall(r"\]\(([^)#]+)", made):
        assert (launcher.PAGE.parent / place).exists(), place
