"""Raw ledgers in which something went wrong: refused, or seen in the stamp. The trial itself is in ``trials``."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "trials"))

import mutated  # noqa: E402
import mutated_kinds  # noqa: E402
import mutated_reading  # noqa: E402
import mutated_reports  # noqa: E402
from mutated import Try  # noqa: E402
from mutated_reading import Told  # noqa: E402

from helpers import provenance, publish  # noqa: E402

SEEN = ("digit changed", "record: another valuation")  # these are read to the end
REFUSED = (
    "nan", "decimal comma", "full-width digits", "blanks around", "head renamed", "partner nobody knows", "Latin-1",
    "NUL byte", "empty", "a cell too many", "record: read on no day", "record: unknown schema", "record: nested deeply",
    "record: no YAML", "record removed", "file added without record", "a folder in its place",
)  # fmt: skip
QUICK = [
    *(Try(kind, 0, False) for kind in list(mutated_kinds.OF_CSV)[::9]),
    *(Try(kind, 0, True) for kind in (*REFUSED, *SEEN, "stray file outside the folders")),
]
MESSAGE = "x.csv, line 7, column value: wrong\n  expected: right\n  what to do: mend it"
FILES = {"a/x.csv": "1", "a/y.csv": "2"}
STANDING = Told("made", stamp="s", files=FILES, tables={"t": "1"})
OTHER = dataclasses.replace(
    STANDING, stamp="r", files={**FILES, "a/x.csv": "3"}, tables={"t": "2"}, touched=["a/x.csv"]
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = mutated.Bench(tmp_path_factory.mktemp("bench"))
    yield bench
    assert bench.faults() == []


def test_a_part_of_the_mutations_is_held(bench):
    ended = {one: bench.tried(one) for one in QUICK}
    assert [fault for _, _, wrong in ended.values() for fault in wrong] == [] and len(ended) == len(QUICK) >= 25
    ends = {one: end for one, (end, _, _) in ended.items()}
    assert {ends[one] for one in QUICK if not one.renewed} <= {mutated.BY_FINGERPRINT, mutated.BY_CONTENT}
    assert {ends[Try(kind, 0, True)] for kind in REFUSED} == {mutated.BY_CONTENT}
    assert {ends[Try(kind, 0, True)] for kind in SEEN} == {mutated.SEEN}
    assert ends[Try("stray file outside the folders", 0, True)] == mutated.SAME


def test_a_fingerprint_that_nobody_looks_at_is_found(bench, monkeypatch):
    monkeypatch.setattr(provenance, "check_all", provenance.all_records)
    end, _, wrong = bench.tried(Try("digit changed", 0, False))
    assert end == mutated.FAILED and "changed under its fingerprint and not refused" in " ".join(wrong)


def test_a_stamp_that_leaves_the_records_out_is_found(tmp_path, monkeypatch):
    whole = publish.stamp_of
    monkeypatch.setattr(
        publish, "stamp_of", lambda values, data: whole(values, [entry | {"record": ""} for entry in data])
    )
    end, _, wrong = mutated.Bench(tmp_path).tried(Try("record: another valuation", 0, True))
    assert end == mutated.FAILED and "silently other numbers" in " ".join(wrong)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told("broke", "Traceback"), "broke"),
        (Told("hung"), "hung"),
        (dataclasses.replace(OTHER, stamp="s"), "silently other numbers"),
        (dataclasses.replace(OTHER, tables={"t": "1"}, stamp="s"), "the stamp is that of another ledger"),
        (dataclasses.replace(OTHER, touched=["a/y.csv"]), "the stamp says"),
        (Told("refused", MESSAGE, 1, touched=["a/x.csv"]), "exit code 1"),
        (Told("refused", MESSAGE.replace("wrong", "very\nwrong"), 3, touched=["a/x.csv"]), "three lines"),
        (Told("refused", MESSAGE.replace("x.csv", "table t"), 3, touched=["a/x.csv"]), "the file is not named"),
        (Told("refused", MESSAGE, 3, touched=["a/x.csv"], line=8), "line 7 is named"),
        (Told("refused", MESSAGE.replace(", line 7", ""), 3, touched=["a/x.csv"], line=7), "no line is named"),
    ],
)  # fmt: skip
def test_the_judge_finds(told, words):
    end, wrong = mutated.judged(Try("digit changed", 0, True), told, STANDING)
    assert end == mutated.FAILED and words in " ".join(wrong)


def test_the_judge_lets_pass_what_is_seen_or_refused_well():
    refused = Told("refused", MESSAGE, 3, touched=["a/x.csv"], line=7)
    for told, end in ((OTHER, mutated.SEEN), (refused, mutated.BY_CONTENT)):
        assert mutated.judged(Try("digit changed", 0, True), told, STANDING) == (end, [])
    assert mutated.judged(Try("digit changed", 0, False), OTHER, STANDING)[0] == mutated.FAILED


def test_a_process_that_dies_or_hangs_is_noticed(monkeypatch):
    monkeypatch.setattr(mutated_reading, "SECONDS", 0.5)

    def dies() -> Told:
        mutated_reading.os._exit(9)

    def hangs() -> Told:
        mutated_reading.signal.pause()

    assert mutated_reading.in_a_process(dies).end == "broke"
    assert mutated_reading.in_a_process(hangs).end == "hung"


@pytest.mark.parametrize(
    ("said", "code", "end"),
    [
        (f"progress\ndiversion: {MESSAGE}\n", 3, "refused"),
        ("diversion: notebooks/01.ipynb, cell 3 failed\n  | x\n  " + MESSAGE.replace("\n", "\n  "), 3, "refused"),
        ("diversion: 01 failed\n  AssertionError: no\n  the end of the traceback:\n  : Traceback (most recent", 1,
         "stopped by a check"),
        ("diversion: 01 failed\n  KeyError: 'a'\n  the end of the traceback:\n  : x", 1, "broke"),
        ("Traceback (most recent call last)\nValueError", 1, "broke"),
        ("diversion: something\n", 3, "broke"),
        ("", -11, "broke"),
    ],
)  # fmt: skip
def test_a_failed_report_is_told_apart(said, code, end):
    told = mutated_reports.failed(said, code)
    assert told.end == end
    if end == "refused":
        assert told.message == MESSAGE


def test_what_is_told_is_of_these_kinds_and_nothing_failed():
    told = json.loads(mutated.RESULTS.read_text(encoding="utf-8"))
    reading, reports = told["reading"], told["whole reports"]
    assert reading["kinds"] == len(mutated_kinds.KINDS) >= 100 and list(reading["by kind"]) == list(mutated_kinds.KINDS)
    assert reading["checked"] == len(mutated.tries()) == sum(sum(ends.values()) for ends in reading["by kind"].values())
    caught = reading["fingerprint as recorded, file changed"]
    assert caught == reading["refused of these"] and reading["fingerprint right"] == sum(reading["of these"].values())
    assert reading["failed"] == reports["failed"] == reports["ends"][mutated.FAILED] == 0
    assert reports["checked"] == sum(reports["ends"].values()) == len(mutated_reports.KINDS)


@pytest.mark.slow
def test_every_mutation_is_held_and_the_counts_are_those_that_are_told(tmp_path):
    told = json.loads(mutated.RESULTS.read_text(encoding="utf-8"))
    assert mutated.counts(*mutated.run(mutated.tries(), tmp_path)) == told["reading"]
    (tmp_path / "reports").mkdir()
    assert mutated.counts_of_reports(*mutated.run_reports(tmp_path / "reports")) == told["whole reports"]
