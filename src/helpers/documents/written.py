"""Every generated document by its place, and the writing of them.

Most follow from the checkout alone; the finding in the README follows from a report, two tables from the stored study.
"""

from __future__ import annotations

from pathlib import Path

from helpers import paths, provenance
from helpers.documents import launcher, methods, pages, picture, registers
from helpers.documents.house import House
from helpers.documents.links import with_links
from helpers.documents.marks import as_table, between
from helpers.reading_aids import GLOSSARY
from helpers.sources.contract import REASONS

DOCS, TESTS = paths.ROOT / "docs", paths.ROOT / "tests"
README, CONTRIBUTING = paths.ROOT / "README.md", paths.ROOT / "CONTRIBUTING.md"
METHODOLOGY, SOURCES, FINDING = DOCS / "methodology.md", DOCS / "sources.md", DOCS / "finding.svg"
COMMAND = ".venv/bin/diversion docs"


def of_the_checkout() -> dict[Path, str]:
    """Return every generated document that follows from the checkout, as it should read."""
    house, tests = House(), {file.stem: _text(file) for file in TESTS.glob("*.py")}
    read, names = pages.read_pages(pages.modules_of(house) | tests)
    records = provenance.check_all()
    decisions = {file.name: _text(file) for file in (DOCS / "decisions").glob("[0-9]*.md")}
    known = methods.Known(house.sources, read, names, methods.tests_of(names, tests), _text(METHODOLOGY))
    made = {
        DOCS / "data_dictionary.md": registers.data_dictionary(),
        DOCS / "parameters.md": registers.parameter_reference(read),
        DOCS / "source_register.md": registers.source_register(records, read, names),
        DOCS / "methods.md": methods.method_table(known),
        DOCS / "decisions" / "README.md": registers.decision_index(decisions),
        SOURCES: between(_text(SOURCES), "reasons", as_table(["reason", "what it means"], REASONS.items())),
    }
    for page in {README, *made, *DOCS.rglob("*.md")}:
        if page != GLOSSARY:
            made[page] = with_links(made.get(page) or _text(page), page)
    return made | {
        CONTRIBUTING: between(_text(CONTRIBUTING), "map", registers.module_map(house)),
        DOCS / "architecture.svg": picture.draw(house),
        launcher.PAGE: launcher.page(read),
        paths.RAW / "datapackage.json": provenance.datapackage(records),
    }


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def write_all(anew: bool = False) -> list[Path]:
    """Write everything that is generated and return the files that changed.

    The simulation study is run anew only when asked for (ten minutes).

    Raises
    ------
    Refusal
        If there is no report to take the finding from; everything else is written by then.
    """
    from helpers import study  # here, because what follows from the checkout needs no statistics and draws no page
    from helpers.documents.finding import finding_of, latest_report
    from helpers.documents.simulations import with_study

    changed = []
    if anew:
        from helpers import wording

        study.store(study.run(wording.summary))
        changed.append(study.STORED)
    changed += _write({METHODOLOGY: with_study(_text(METHODOLOGY))})
    changed += _write(of_the_checkout())
    sentences, drawing = finding_of(latest_report())
    changed += _write({README: between(_text(README), "finding", sentences), FINDING: drawing})
    return list(dict.fromkeys(changed))


def _write(documents: dict[Path, str]) -> list[Path]:
    """Write documents that do not read so already."""
    changed = [file for file, text in documents.items() if not file.exists() or _text(file) != text]
    for file in changed:
        file.write_text(documents[file], encoding="utf-8")
    return changed
