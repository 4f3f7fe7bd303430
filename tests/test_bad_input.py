"""Every malformed raw file stops the run with one message: file, row, column, found, expected, what to do.

The files here are invented: a tiny ledger of made-up figures in a temporary folder.
"""

from __future__ import annotations

import pytest

from helpers import claims, controls, customs, paths, provenance
from helpers.refusals import Refusal

HEADER = (
    "period,period_kind,flow,partner,product_scheme,product,concept,value,abs_error,yoy_pct,mom_pct,doubtful,source"
    ",note"
)
WIDE, NO_BREAK = "\uff13\uff13.\uff18", "33.8\u00a0"  # numbers for Python, none for pandas
GOOD = "2025-11,month,exports,United States,total,TOTAL,exports_fob,33.8,0.05,-28.6,,,invented,"


def write_ledger(tmp_path, monkeypatch, text, *, encoding="utf-8", **changes):
    """Write one invented customs file with its record and point the ledger at it."""
    monkeypatch.setattr(paths, "RAW", tmp_path)
    folder = tmp_path / "invented"
    folder.mkdir()
    file = folder / "invented_exports.csv"
    file.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    fields = {
        "file": "invented/invented_exports.csv", "table_schema": "customs", "title": "Invented", "producer": "Nobody",
        "dataset": "Invented", "url": "none", "date_published": "2026-01-01", "date_accessed": "2026-01-31",
        "licence": "none", "licence_allows": "tests", "units": "million", "currency": "USD", "valuation": "FOB",
        "seasonal_adjustment": "none", "concept": "invented", "coverage": "invented", "known_breaks": "none",
        "reporter": "CN", "rows": 1, "sha256": provenance.sha256_of(file),
        "sources": {"invented": {"read_in": "nowhere", "kind": "press", "publisher": "nobody"}},
    } | changes  # fmt: skip
    record = provenance.Record(**fields)
    (folder / "invented_exports.csv.source.yml").write_text(provenance.as_yaml(record), encoding="utf-8")
    return file


def refused(what):
    """Run ``what`` and return the message of its refusal."""
    with pytest.raises(Refusal) as caught:
        what()
    assert caught.value.exit_code == 3
    message = str(caught.value)
    assert "expected:" in message and "what to do:" in message
    return message


def row(**changes):
    """Return the good row with some cells changed."""
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changes
    return ",".join(cells.values())


def test_the_good_file_is_read(tmp_path, monkeypatch):
    write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    rows = customs.read_rows()
    assert rows.loc[0, "partner_code"] == "US"
    assert rows.loc[0, "value_mn"] == 33.8


def test_a_file_that_differs_from_its_fingerprint(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    file.write_text(f"{HEADER}\n{GOOD.replace('33.8', '33.9')}\n", encoding="utf-8")
    message = refused(provenance.check_all)
    assert "invented_exports.csv" in message and "sha256" in message and "ledger record" in message


def test_a_file_without_a_record(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    file.with_name(file.name + ".source.yml").unlink()
    assert "no record" in refused(provenance.check_all)


def test_a_record_without_its_file(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    file.rename(file.with_name("other.csv"))
    assert "missing" in refused(provenance.check_all)


def test_a_record_with_a_field_nobody_knows(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    record = file.with_name(file.name + ".source.yml")
    record.write_text(record.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")
    assert "colour" in refused(provenance.check_all)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("table_schema: customs", "table_schema: weather", ["field table_schema", '"weather" is none of customs']),
        ("'2026-01-31'", "yesterday", ["field date_accessed", '"yesterday" is not a day']),
        ("'2026-01-31'", "'2026-02-30'", ["field date_accessed", "is not a day"]),
        ("title: Invented", "title: !!python/name:os.system", ["cannot be read", "line 3"]),
        ("title: Invented", "title: " + "[" * 50_000, ["cannot be read", "too many lists in lists"]),
        ("title: Invented", "\t: [", ["cannot be read", "line 3"]),
    ],
)
def test_a_record_that_says_what_no_record_says(tmp_path, monkeypatch, old, new, words):
    beside = provenance.record_of(write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")).beside
    text = beside.read_text(encoding="utf-8")
    assert old in text
    beside.write_text(text.replace(old, new), encoding="utf-8")
    message = refused(provenance.check_all)
    assert message.startswith(beside.name) and message.count("\n") == 2
    for word in words:
        assert word in message


@pytest.mark.parametrize("content", ["", "- a\n- b\n"])
def test_a_record_without_fields(tmp_path, monkeypatch, content):
    beside = provenance.record_of(write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")).beside
    beside.write_text(content)
    assert "there are no fields" in refused(provenance.check_all)


def test_a_folder_in_the_place_of_a_file(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    file.unlink()
    file.mkdir()
    assert refused(provenance.check_all).startswith("invented_exports.csv: the file cannot be read (Is a directory)")


def test_a_ledger_without_measured_duties(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RAW", tmp_path)
    assert "no measured duties" in refused(claims.measured_duties)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEADER.replace(",value,", ",") + "\n" + GOOD, ["missing column: value", "line 1"]),
        (HEADER + ",value\n" + GOOD + ",1", ["repeated column: value", "line 1"]),
        (HEADER + ",colour\n" + GOOD + ",red", ["unknown column: colour", "line 1"]),
        (f"{HEADER}\n{row(value='thirty')}", ['"thirty"', "line 2", "column value", "a number"]),
        (f"{HEADER}\n{row(value='1.234,5')}", ["cells", "line 2"]),
        (f"{HEADER}\n{row(value='-33.8')}", ['"-33.8"', "line 2", "column value", "0 or more"]),
        (f"{HEADER}\n{GOOD}\n{GOOD}", ["stands twice", "line 3", "column period"]),
        (f"{HEADER}\n{row(period='2026-03')}", ["2026-03", "not after 2026-01", "column period"]),
        (f"{HEADER}\n{row(period='Nov 2025')}", ['"Nov 2025"', "column period"]),
        (f"{HEADER}\n{row(partner='Untied States')}", ["Untied States", '"United States"', "column partner"]),
        (f"{HEADER}\n{row(product_scheme='hs4', product='101')}", ['"101"', "leading zeros", "column product"]),
        (f"{HEADER}\n{row(period_kind='week')}", ['"week"', "column period_kind"]),
        (f"{HEADER}\n{row(source='rumour')}", ['"rumour"', "column source"]),
        (f"{HEADER}\n{row(flow='imports')}", ['"imports"', "exports, of which exports_fob is", "column flow"]),
        (f"{HEADER}\n{row(concept='imports')}", ['"imports"', "exports_fob or imports_cif, which CN prints"]),
        (f"{HEADER}\n{row(partner='')}", ["an empty cell", "column partner"]),
        (f"{HEADER}\n{row(value='nan')}", ['"nan"', "column value"]),
        (f"{HEADER}\n{row(value='inf')}", ['"inf"', "column value"]),
        (f"{HEADER}\n{row(value=WIDE)}", [WIDE, "line 2", "column value", "a number"]),
        (f"{HEADER}\n{row(value=NO_BREAK)}", [NO_BREAK, "line 2", "column value", "a number"]),
        (f"{HEADER}\n{row(yoy_pct=' -28.6  ')}", ['" -28.6  "', "line 2", "column yoy_pct", "a number"]),
        (f"{HEADER}\n{row(value='3_3.8')}", ['"3_3.8"', "column value"]),
        ("", ["the file is empty"]),
        (f"{HEADER}\n", ["no rows"]),
    ],
)
def test_one_message_says_where_and_what(tmp_path, monkeypatch, text, words):
    write_ledger(tmp_path, monkeypatch, text)
    message = refused(customs.read_rows)
    assert "invented_exports.csv" in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(("encoding", "guess"), [("latin-1", "Latin-1"), ("utf-16", "UTF-16")])
def test_text_that_is_not_utf8(tmp_path, monkeypatch, encoding, guess):
    write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{row(note='Zölle')}\n", encoding=encoding)
    message = refused(customs.read_rows)
    assert "not UTF-8" in message and guess in message


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"currency": "EUR"}, "EUR"), ({"units": "billion"}, "billion"), ({"reporter": "XX"}, "XX")],
)
def test_a_currency_or_unit_that_does_not_fit(tmp_path, monkeypatch, changes, word):
    write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n", **changes)
    message = refused(customs.read_rows)
    assert word in message and "source.yml" in message


def test_a_control_that_stands_twice(tmp_path, monkeypatch):
    header = "period,series,value,unit,seasonal_adjustment,source,note"
    line = "2025-11,usd_cny,7.1,CNY per USD,NSA,invented,"
    write_ledger(tmp_path, monkeypatch, f"{header}\n{line}\n{line}\n", table_schema="controls", currency="none")
    assert "stands twice" in refused(controls.read_controls)


def test_a_control_that_stands_in_two_files(tmp_path, monkeypatch):
    header = "period,series,value,unit,seasonal_adjustment,source,note"
    text = f"{header}\n2025-11,usd_cny,7.1,CNY per USD,NSA,invented,\n"
    file = write_ledger(tmp_path, monkeypatch, text, table_schema="controls", currency="none")
    other = file.with_name("other.csv")
    other.write_text(f"{header}\n2025-10,usd_cny,7.2,CNY per USD,NSA,invented,\n{text.splitlines()[1]}\n")
    beside = provenance.record_of(file).beside.read_text(encoding="utf-8")
    other.with_name("other.csv.source.yml").write_text(beside.replace(file.name, other.name))
    message = refused(controls.read_controls)
    assert message.startswith(
        "other.csv, line 3, column period: 2025-11 of usd_cny stands twice, here and in invented_"
    )


@pytest.mark.parametrize("schema", ["controls", "quantities", "facts"])
def test_a_file_of_another_schema_is_refused_before_anybody_looks_for_it(tmp_path, monkeypatch, schema):
    write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n", table_schema=schema)
    message = refused(provenance.check_all)
    assert message.startswith("invented_exports.csv, line 1, column ") and "table_schema" in message


@pytest.mark.parametrize(("text", "word"), [("", "is empty"), ("a\0b\n1\n", "missing"), ("\ufeffx\n", "missing")])
def test_a_file_without_a_header_is_refused_before_anything_runs(tmp_path, monkeypatch, text, word):
    write_ledger(tmp_path, monkeypatch, text)
    assert word in refused(provenance.check_all)


def test_a_ledger_without_the_imports_that_say_which_month_it_is(tmp_path, monkeypatch):
    write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    assert "no imports from China of US" in refused(customs.latest_common_month)


def test_an_empty_ledger(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RAW", tmp_path)
    assert "the ledger is empty" in refused(provenance.all_records)


def test_recording_a_changed_file_keeps_the_rest_of_the_record(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n")
    file.write_text(f"{HEADER}\n{GOOD}\n{row(period='2025-12')}\n", encoding="utf-8")
    before = provenance.record_of(file)
    after = provenance.record(file)
    assert (after.rows, after.title) == (2, before.title)
    assert provenance.check_all() == [after]
