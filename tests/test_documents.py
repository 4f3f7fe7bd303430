"""The generated parts of the documentation are those that the report and the tables make."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from helpers import documents, study, tables
from helpers.refusals import Refusal
from helpers.sources import OFFICES


def test_the_finding_in_the_readme_is_the_reports(report_page):
    sentences, picture = documents.finding_of(report_page.parent)
    readme = documents.README.read_text(encoding="utf-8")
    assert documents.between(readme, "finding", sentences) == readme
    assert documents.PICTURE.read_text(encoding="utf-8") == picture


def test_the_dictionary_is_the_tables_own():
    assert documents.DICTIONARY.read_text(encoding="utf-8") == tables.dictionary()


def test_the_study_stands_in_the_methodology():
    text = documents.METHODOLOGY.read_text(encoding="utf-8")
    assert documents.with_study(text) == text


def test_every_reason_for_a_refusal_stands_on_the_page_on_sources():
    text = documents.SOURCES.read_text(encoding="utf-8")
    assert documents.with_reasons(text) == text


def test_the_page_on_sources_knows_every_office_its_key_and_its_terms():
    text = documents.SOURCES.read_text(encoding="utf-8")
    for office in OFFICES.values():
        assert f"| `{office.name}` |" in text and f"## {office.name}" in text
        assert not office.key_variable or f"`{office.key_variable}`" in text
    passed_on = {office.name for office in OFFICES.values() if all(item.may_be_passed_on for item in office.datasets)}
    assert set(OFFICES) - passed_on == {"comtrade"} and "**Rows may not be passed on.**" in text


def test_a_study_of_other_code_is_told_with_the_command_to_type(monkeypatch):
    assert documents.stale_study() == ""
    monkeypatch.setattr(study, "code_hash", lambda: "another")
    assert study.COMMAND in documents.stale_study()


def test_a_document_without_its_marks_is_not_overwritten():
    with pytest.raises(Refusal, match="marks"):
        documents.between("no marks here", "finding", "x")


def test_the_picture_in_the_readme_shows_the_present_finding(report_page):
    with Image.open(documents.README.parent / "docs" / "first_screen.png") as picture:
        assert picture.width >= 900 and picture.text["finding"] == json.loads(
            (report_page.parent / "run.json").read_text(encoding="utf-8"))["finding"], "run `make picture`"  # fmt: skip
