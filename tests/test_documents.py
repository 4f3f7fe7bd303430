"""The generated documents are those that code, tables, ledger, notebooks and the report make."""

from __future__ import annotations

import json
import re

import pytest
from PIL import Image

from helpers import parameters, paths, provenance, reading_aids, study, tables
from helpers.documents import finding, links, marks, pages, references, registers, rules, simulations, written
from helpers.documents.house import House
from helpers.refusals import Refusal
from helpers.sources import OFFICES


@pytest.fixture(scope="module")
def read():
    """The notebooks, and who names whom."""
    return pages.read_pages(pages.modules_of(House()))


def test_the_finding_in_the_readme_is_the_reports(report_page):
    sentences, drawing = finding.finding_of(report_page.parent)
    readme = written.README.read_text(encoding="utf-8")
    assert marks.between(readme, "finding", sentences) == readme
    assert written.FINDING.read_text(encoding="utf-8") == drawing


def test_the_page_on_sources_knows_every_office_its_key_and_its_terms():
    text = written.SOURCES.read_text(encoding="utf-8")
    for office in OFFICES.values():
        assert f"| `{office.name}` |" in text and f"## {office.name}" in text
        assert not office.key_variable or f"`{office.key_variable}`" in text
    passed_on = {office.name for office in OFFICES.values() if all(item.may_be_passed_on for item in office.datasets)}
    assert set(OFFICES) - passed_on == {"comtrade"} and "**Rows may not be passed on.**" in text


def test_the_study_stands_in_the_methodology():
    text = written.METHODOLOGY.read_text(encoding="utf-8")
    assert simulations.with_study(text) == text


def test_a_study_of_other_code_is_told_with_the_command_to_type(monkeypatch):
    assert simulations.stale_study() == ""
    monkeypatch.setattr(study, "code_hash", lambda: "another")
    assert study.COMMAND in simulations.stale_study()


def test_a_document_without_its_marks_is_not_overwritten():
    with pytest.raises(Refusal, match="marks"):
        marks.between("no marks here", "finding", "x")


def test_the_picture_in_the_readme_shows_the_present_finding(report_page):
    with Image.open(written.README.parent / "docs" / "first_screen.png") as picture:
        assert picture.width >= 900 and picture.text["finding"] == json.loads(
            (report_page.parent / "run.json").read_text(encoding="utf-8"))["finding"], "run `make picture`"  # fmt: skip


def test_without_a_report_everything_but_the_finding_is_written(tmp_path, monkeypatch):
    made = {tmp_path / "one.md": "one", tmp_path / "two.md": "two"}
    (tmp_path / "two.md").write_text("two", encoding="utf-8")
    monkeypatch.setattr(written, "of_the_checkout", lambda: made)
    monkeypatch.setattr(paths, "REPORTS", tmp_path)
    with pytest.raises(Refusal, match="no report with the default parameters"):
        written.write_all()
    assert (tmp_path / "one.md").read_text(encoding="utf-8") == "one"


def test_every_parameter_stands_in_the_reference_with_those_that_take_it(read):
    text = registers.parameter_reference(read[0])
    assert re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE) == parameters.names()
    row = next(line for line in text.splitlines() if line.startswith("| `chip_fee_pct` |"))
    assert "| `25` | 15, 25 | [06_follow_the_chips]" in row
    assert {name for page in read[0] for name in page.parameters} | parameters.OF_THE_PAGE == set(parameters.names())


def test_the_register_names_every_raw_file_and_whoever_a_run_saw_reading_it(read, report_page):
    found, names = read
    reached = {page.name: names.reached({references.Place(page.name, "")}) for page in found}
    records = {f"data/raw/{record.file}": record for record in provenance.all_records()}
    assert set(re.findall(r"`(data/raw/\S+)`", registers.source_register([*records.values()], found, names))) == set(
        records
    )
    for page in found:
        texts = names.texts(reached[page.name]) | names.sources[page.name].whole.texts
        (kept,) = (report_page.parents[1] / ".steps" / page.name).glob("*/record.json")
        seen = set(json.loads(kept.read_text(encoding="utf-8"))["read"]) & set(records)
        told = {file for file, record in records.items() if registers.is_read(record, reached[page.name], texts)}
        if page.name == "01_clean_customs":  # holds every file against its record
            assert told < seen == set(records)
        elif page.name in ("06_follow_the_chips", "08_look_back_and_ahead"):  # open some files only in other cases
            assert seen <= told
        else:
            assert seen == told


def test_a_schema_that_nobody_is_known_to_read_is_refused():
    record = provenance.all_records()[0].model_copy(update={"table_schema": "poems"})
    with pytest.raises(Refusal, match="poems"):
        registers.is_read(record, set(), set())


def test_the_maker_of_a_table_is_found_through_variables_and_choices(read):
    makers = {table: made for page in read[0] for table, made in page.makers.items()}
    assert set(makers) == set(tables.DESCRIBED) and all(makers.values())
    assert makers["excess_paths"] == [references.Place("helpers.excess", "estimate_all")]
    assert makers["product_events"] == [references.Place("helpers.exposure.estimates", "product_events")]


def test_every_estimate_has_a_formula_and_a_test():
    text = (written.DOCS / "methods.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(#\w+\) \| (.+?) \| (.*?) \| (.+?) \| (\d+) \|$", text, flags=re.MULTILINE)
    assert {row[0] for row in listed} == {
        table.name for table in tables.DESCRIBED.values() if table.written_by not in ("00_summary", "01_clean_customs")
    }
    assert [row[0] for row in listed if "methodology.md#" not in row[2]] == []
    assert [row[0] for row in listed if row[4] == "0"] == []


def test_a_rule_rests_on_the_cells_that_its_function_names():
    text = 'def f(c):\n    return c.say("ceiling", low=_low(c))\ndef _low(c):\n    return c.number("excess", "gap_bn")'
    assert rules.rules_by_cell({"wording/x.py": text, "other.py": text}) == {("excess", "gap_bn"): ["ceiling"]}


def test_a_term_is_linked_at_its_first_use_and_nowhere_else():
    page = written.DOCS / "how-to" / "invented.md"
    link = "[excess](../glossary.md#excess)"
    text = f"# An excess\n\n`excess` $excess$ [excess](x.md) then excess; later {link}, and Donut."
    told = f"# An excess\n\n`excess` $excess$ [excess](x.md) then {link}; later excess, and Donut."
    assert links.with_links(text, page) == told.replace("Donut", "[Donut](../glossary.md#donut)")
    assert links.with_links(told, page) == links.with_links(text, page)
    kept = "See [what is unusual](../glossary.md#excess). Excess. <!-- x -->W1<!-- /x -->"
    assert links.with_links(kept, page) == kept


def test_the_page_shows_assumptions_without_the_links_of_the_document():
    assert "](glossary.md#" in reading_aids.ASSUMPTIONS.read_text(encoding="utf-8")
    assert reading_aids.assumptions() and not any("glossary.md" in item.text for item in reading_aids.assumptions())


def test_names_are_followed_through_imports_and_stop_where_told():
    names = references.References({
        "helpers.a": "from helpers import b\ndef f(x):\n    return b.g(x)\n",
        "helpers.b": "from helpers.c import h as g\n",
        "helpers.c": "LIMIT = 'so much'\ndef h(x):\n    return x + LIMIT\n",
        "test_a": "from helpers import a\ndef world():\n    return a.f(1)\ndef test_it(world):\n    assert world\n",
    })  # fmt: skip
    place = references.Place
    reached = names.reached({place("test_a", "test_it")})
    assert {place("test_a", "world"), place("helpers.a", "f"), place("helpers.c", "LIMIT")} <= reached
    assert names.texts(reached) == {"so much"}
    assert place("helpers.c", "h") not in names.reached({place("test_a", "test_it")}, stop="helpers.")
