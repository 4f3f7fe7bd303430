"""German from English: recognising texts by form, and that the catalogues cover what the code can say."""

from __future__ import annotations

import json
import re

import pytest

from helpers import headings, memory, paths, wording
from helpers.refusals import Refusal
from helpers.sources import OFFICES
from helpers.translation import catalogue_files, read_entries, translator_for
from helpers.translation.catalogue import Entry
from helpers.translation.translator import Translator, normal
from helpers.typesetting import blocks

# Invented entries.
ENTRIES = [
    Entry("the EU", "die EU", "", False, "x.po", 1), Entry("the EU", "der EU", "dat", False, "x.po", 2),
    Entry("bought", "kaufte", "", False, "x.po", 3), Entry("Rest", "Rest", "", False, "x.po", 4),
    Entry("{who} sold {n} more in {t}", "{who:dat} wurden im {t} {n} mehr verkauft", "", True, "x.po", 5),
    Entry("{who} sold {list} more in {t}", "falsch", "", True, "x.po", 6),
    Entry(" and ", " und ", "join", False, "x.po", 7),
]  # fmt: skip


@pytest.fixture
def invented():
    return Translator("de", lambda: ENTRIES)


@pytest.mark.parametrize(
    ("english", "german"),
    [("1,234.5", "1.234,5"), ("−28.6 %", "−28,6 %"), ("+3", "+3"), ("2025", "2025"), ("January 2026", "Jänner 2026"),
     ("9 December 2025", "9. Dezember 2025"), ("April to November 2025", "April bis November 2025"),
     ("Dec 2025–Feb 2026", "Dez. 2025–Feb. 2026"), ("Germany", "Deutschland"), ("W1", "W1"),
     ("excess_w1.csv", "excess_w1.csv"), ("the EU", "die EU"), ("Germany and the EU", "Deutschland und die EU"),
     ("Rest 3.5", "Rest 3,5"), ("**Rest**", "**Rest**"), ("Rest (the EU)", "Rest (die EU)"),
     ("the EU sold 1.5 more in May 2026", "der EU wurden im Mai 2026 1,5 mehr verkauft")],
)  # fmt: skip
def test_texts_are_said_in_german(invented, english, german):
    assert invented.find(english) == german


@pytest.mark.parametrize("text", ["unknown", "the EU unknown", "the EU sold many more in May 2026", "Rest and unknown"])
def test_what_no_entry_covers_stays_and_is_told(invented, text):
    assert invented.say(text) == text and list(invented.missing) == [normal(text)]


def test_no_slot_reaches_across_a_sentence(invented):
    assert invented.find("the EU. Rest sold 1 more in May 2026") is not None
    assert "falsch" not in invented.find("the EU. Rest sold 1 more in May 2026")


def test_a_long_row_is_said_in_no_time(invented):
    row = ", ".join(f"the EU sold {number} more in May 2026" for number in range(200))
    assert invented.find(row).count("wurden") == 200
    assert invented.find(row + " unknown") is None


@pytest.mark.parametrize("file", catalogue_files("de"), ids=lambda file: file.name)
def test_a_catalogue_is_whole(file):
    entries = list(read_entries(file))
    assert len(entries) > 3
    for entry in entries:
        assert entry.translation.strip()
        assert entry.message.count("**") == entry.translation.count("**"), entry.message
        if not entry.slots:
            assert entry.message.count("$") == entry.translation.count("$"), entry.message


def test_no_text_is_said_in_two_ways():
    seen: dict[tuple[str, str], str] = {}
    for file in catalogue_files("de"):
        for entry in read_entries(file):
            key = (entry.context, entry.message)
            assert seen.setdefault(key, entry.translation) == entry.translation, (file.name, entry.message)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [('msgid "a"\nmsgstr ""\n', "has no translation"),
     ('#, python-brace-format\nmsgid "a {n}"\nmsgstr "b {m}"\n', "asks for m"),
     ('msgid "a\n', "cannot be read")],
)  # fmt: skip
def test_a_broken_catalogue_is_refused_with_its_file(tmp_path, monkeypatch, entry, reason):
    file = tmp_path / "de" / "LC_MESSAGES" / "x.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid ""\nmsgstr "Language: de\\n"\n\n' + entry, encoding="utf-8")
    monkeypatch.setattr("helpers.translation.catalogue.LOCALE", tmp_path)
    with pytest.raises(Refusal, match=reason) as told:
        list(read_entries(file))
    assert "x.po" in str(told.value)


def test_every_paragraph_and_heading_of_the_notebooks_has_its_german():
    say, missing = translator_for("de"), []
    for file in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                parts = blocks(re.sub(r"(?m)^#{1,2} (.+)$", r"\n\1\n", "".join(cell["source"])))
                missing += [(file.name, part) for part in parts if say.find(normal(part)) is None]
    assert missing == []


def test_what_a_fetch_adds_to_the_list_of_files_has_its_german():
    say = translator_for("de")
    held = [(office.terms.licence, item.title) for office in OFFICES.values() for item in office.datasets
            if item.store == "ledger"]  # fmt: skip
    told = {text for licence, title in held for text in (licence, f"{title}, read 2026-11-27")}
    assert len(told) > 10 and [text for text in sorted(told) if say.find(normal(text)) is None] == []


def test_every_head_of_a_table_has_its_german():
    say = translator_for("de")
    assert [words for words, _ in headings.HEADINGS.values() if say.find(normal(words)) is None] == []


NUMBERS = {"month": "May 2025", "last": "June 2025", "span": "April to November 2025", "first": "May 2025",
           "until": "the EU to June 2026"}  # fmt: skip
WORDS = {"unit": "US dollars", "name": "Australia", "direction": "more from China", "who": "ASEAN (60) and the EU (34)",
         "base": "a repeat of the year to October 2024", "how": "plainly",
         "other_how": "as a share of what it bought elsewhere", "rest": "109 billion more", "truce": ""}  # fmt: skip


@pytest.mark.parametrize("rule", sorted(wording.RULES))
def test_every_sentence_of_the_summary_can_be_said_in_german(rule):
    text = wording.RULES[rule]
    slots = set(re.findall(r"{(\w+)}", text))
    filled = text.format(**{slot: WORDS.get(slot, NUMBERS.get(slot, "12.5")) for slot in slots})
    if translator_for("de").find(normal(filled)) is None:  # some numbers carry their sign, their unit or their words
        for number in ("12 %", "3 billion more", "12.5 billion"):
            values = {slot: WORDS.get(slot, NUMBERS.get(slot, number)) for slot in slots}
            if translator_for("de").find(normal(text.format(**values))) is not None:
                return
        pytest.fail(f"no German for: {filled}")


def test_the_page_has_no_text_without_german(report_page):
    from helpers.render import read_chapters
    from helpers.steps import read_steps

    *executed, summary = [report_page.parent / "steps" / step.path.name for step in read_steps()]
    say = translator_for("de")
    found = {text for chapter in read_chapters([summary, *executed]) for _, text in chapter.texts()}
    assert len(found) > 1500
    assert sorted(text for text in found if text.strip() and say.find(normal(text)) is None) == []


def test_a_memory_forgets_when_what_found_its_answers_has_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "REPORTS", tmp_path)
    code, asked = tmp_path / "code.py", []

    def find(question):
        asked.append(question)
        return question.upper()

    for content in ("a = 1", "a = 1", "a = 2"):
        code.write_text(content, encoding="utf-8")
        kept = memory.Memory("invented", memory.made_by(code, package="babel"))
        assert kept.recall("x", find) == kept.recall("x", find) == "X"
        kept.save()
    assert asked == ["x", "x"]  # anew only after the code had changed
    (tmp_path / ".state" / "invented.json").write_text("{", encoding="utf-8")
    assert memory.Memory("invented", "").recall("x", find) == "X"
