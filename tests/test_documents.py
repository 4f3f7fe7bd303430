"""The generated parts of the documentation are those that the report and the tables make."""

from __future__ import annotations

import re

import pytest

from helpers import documents, tables
from helpers.refusals import Refusal


def test_the_finding_in_the_readme_is_the_reports(report_page):
    sentences, picture = documents.finding_of(report_page.parent)
    readme = documents.README.read_text(encoding="utf-8")
    assert documents.between(readme, "finding", sentences) == readme
    assert documents.PICTURE.read_text(encoding="utf-8") == picture


def test_the_dictionary_is_the_tables_own():
    assert documents.DICTIONARY.read_text(encoding="utf-8") == tables.dictionary()


def test_the_coverage_table_stands_in_the_methodology_and_holds_its_promise():
    text = documents.METHODOLOGY.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!world|-)(.+?) \|((?: [01]\.\d{3} \|)+)$", text, flags=re.MULTILINE)
    assert len(rows) == 6
    for _, numbers in rows:
        us, second, ratio, false_alarm, _ = (float(number) for number in re.findall(r"[01]\.\d{3}", numbers))
        assert 0.92 <= min(us, second, ratio) and max(us, second, ratio) <= 0.99
        assert false_alarm <= 0.08


def test_a_document_without_its_marks_is_not_overwritten():
    with pytest.raises(Refusal, match="marks"):
        documents.between("no marks here", "finding", "x")
