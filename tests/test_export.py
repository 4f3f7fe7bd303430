"""The tables of a report for other programs, on invented reports: what is in the files, and that bytes never vary."""

from __future__ import annotations

import io
import shutil
import time
import zipfile

import invented_reports
import pandas as pd
import pyarrow.parquet as pq
import pytest
from lxml import etree

from helpers import cli, export, export_stata, export_workbook, paths, published, shortcut
from helpers.columns import number, text
from helpers.export_about import About
from helpers.refusals import Refusal

MONTH = "2026-01"
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
SHEET = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
LONG = "ü" * 40_000


def held() -> dict[str, pd.DataFrame]:
    claims = [{"claim_id": f"c{n}", "claim": words} for n, words in enumerate([*DANGEROUS, "plain", LONG])]
    return {
        "claims_checked": invented_reports.frame("claims_checked", *claims),
        "sizes": invented_reports.frame(
            "sizes", {"partner_code": "AU", "value_usd_bn": 0.1 + 0.2}, {"partner_code": "NA", "value_usd_bn": -1e-9}
        ),
        "form_candidates": invented_reports.frame(
            "form_candidates", {"origins": 7, "is_chosen": True}, {"form": "other", "t_value": 2.5, "is_chosen": False}
        ),
        "excess": invented_reports.frame("excess", {"gap_bn": None, "forms_tried": 4}, {"form": "x", "gap_bn": 3.0}),
        "product_events": invented_reports.frame("product_events"),
        "ledger_files": invented_reports.LICENCES,
    }


@pytest.fixture
def reports(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    invented_reports.make(paths.REPORTS / MONTH, MONTH, held())
    return paths.REPORTS


def about() -> About:
    report = published.find(MONTH)
    return About(report, [report.table(name) for name in report.names])


def sheet(book: zipfile.ZipFile, name: str) -> tuple[dict[str, str], etree._Element]:
    """Return text by cell, and the sheet itself, read without a spreadsheet program."""
    names = [item.get("name") for item in etree.fromstring(book.read("xl/workbook.xml")).iterfind(".//s:sheet", SHEET)]
    strings = ["".join(item.itertext()) for item in etree.fromstring(book.read("xl/sharedStrings.xml"))]
    tree = etree.fromstring(book.read(f"xl/worksheets/sheet{names.index(name) + 1}.xml"))
    cells = {}
    for cell in tree.iterfind(".//s:c", SHEET):
        value = cell.findtext("s:v", namespaces=SHEET)
        cells[cell.get("r")] = strings[int(value)] if cell.get("t") == "s" else value
    return cells, tree


@pytest.mark.parametrize("form", ["xlsx", "stata", "parquet"])
def test_two_exports_are_the_same_bytes_at_another_time_and_place(reports, tmp_path, monkeypatch, form):
    def written(place):
        export.export(MONTH, form, place)
        return {file.relative_to(place): file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()}

    first = written(tmp_path / "a")
    shutil.copytree(reports, tmp_path / "elsewhere")
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "elsewhere")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        monkeypatch.setattr(time, "time", lambda: 2e9)
        assert written(tmp_path / "b") == first
    finally:
        monkeypatch.undo()
        time.tzset()
    assert first and not any(b"2033" in content for content in first.values() if form != "xlsx")


def test_a_workbook_is_dated_by_its_data_and_by_nothing_else(reports):
    book = zipfile.ZipFile(io.BytesIO(export_workbook.workbook(about())))
    assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = book.read("docProps/core.xml").decode()
    assert core.count("2026-02-03T00:00:00Z") == 2 and invented_reports.STAMP in core


def test_text_that_begins_like_a_formula_is_text_and_stays_so_when_edited(reports):
    book = zipfile.ZipFile(io.BytesIO(export_workbook.workbook(about())))
    cells, tree = sheet(book, "claims_checked")
    column = next(place[0] for place, words in cells.items() if words == "claim" and place.endswith("1"))
    styles = etree.fromstring(book.read("xl/styles.xml")).findall("s:cellXfs/s:xf", SHEET)
    kept = {cell.get("r"): styles[int(cell.get("s", 0))].get("quotePrefix") for cell in tree.iterfind(".//s:c", SHEET)}
    escaped = {"\r=1": "_x000D_=1"}  # as XML keeps it
    for row, words in enumerate(DANGEROUS, start=2):
        place = f"{column}{row}"
        assert cells[place] == escaped.get(words, words) and kept[place] == "1"
    assert cells[f"{column}{len(DANGEROUS) + 2}"] == "plain" and kept[f"{column}{len(DANGEROUS) + 2}"] is None
    for name in book.namelist():
        assert not name.startswith("xl/worksheets/") or b"<f>" not in book.read(name)


def test_a_text_longer_than_a_cell_is_cut_and_says_so(reports):
    cells, _ = sheet(zipfile.ZipFile(io.BytesIO(export_workbook.workbook(about()))), "claims_checked")
    longest = max(cells.values(), key=len)
    assert len(longest) == export_workbook.LONGEST_TEXT and longest.endswith("ü…")


def test_numbers_flags_and_what_is_not_known_in_a_workbook(reports):
    book = zipfile.ZipFile(io.BytesIO(export_workbook.workbook(about())))
    cells, _ = sheet(book, "sizes")
    head = {words: place[0] for place, words in cells.items() if place[1:] == "1"}
    assert float(cells[f"{head['value_usd_bn']}2"]) == pytest.approx(0.3, rel=1e-15)
    assert cells[f"{head['partner_code']}3"] == "NA"
    cells, tree = sheet(book, "form_candidates")
    head = {words: place.rstrip("1") for place, words in cells.items() if place.endswith("1") and len(place) == 2}
    assert f"{head['t_value']}2" not in cells and cells[f"{head['t_value']}3"] == "2.5"
    kinds = {cell.get("r"): cell.get("t") for cell in tree.iterfind(".//s:c", SHEET)}
    assert kinds[f"{head['is_chosen']}2"] == "b" and cells[f"{head['is_chosen']}2"] == "1"


def test_the_first_sheet_says_what_it_is_where_from_and_what_columns_mean(reports):
    cells, _ = sheet(zipfile.ZipFile(io.BytesIO(export_workbook.workbook(about()))), "about")
    told = "\n".join(cells.values())
    for words in (f"Invented report {MONTH}", MONTH, invented_reports.STAMP, "Invented licence", "Invented office",
                  "see its record in data/raw", "The export-diversion authors", "gacc/invented.csv",
                  "dollars per dollar", "its part of a dollar sold outside the US", "3 February 2026"):  # fmt: skip
        assert words in told


def test_sheet_names_fit_and_differ_whatever_the_case():
    long = "a" * 40
    names = export_workbook.sheet_names([long, long + "b", "About", "SIZES", "sizes", "history"])
    assert names[long] == "a" * 31 and names[long + "b"] == "a" * 29 + "~2"
    assert names["About"] == "About~2" and names["sizes"] == "sizes~2" and names["history"] == "history~2"
    assert len({name.lower() for name in names.values()}) == 6 and all(len(name) <= 31 for name in names.values())


def test_number_formats_follow_the_unit():
    units = ("percent", "USD billion", "billion of currency", "million of currency", "probability", "as printed")
    shown = [export_workbook.number_format(number("x", "invented", unit)) for unit in units]
    assert shown == ["0.0", "#,##0.00", "#,##0.00", "#,##0.0", "0.0000", "General"]


def test_stata_files_are_of_format_118_with_labels_and_missing_values(reports, tmp_path):
    place = export.export(MONTH, "stata", tmp_path / "out").place
    content = (place / "form_candidates.dta").read_bytes()
    assert b"<release>118</release>" in content[:100]
    with pd.read_stata(place / "form_candidates.dta", iterator=True) as reader:
        frame, labels = reader.read(), reader.variable_labels()
        assert reader.data_label.startswith(f"{MONTH}, {invented_reports.STAMP}: one candidate form")
        assert reader.time_stamp == "03 Feb 2026 00:00"
    assert labels["t_value"] == "its placebo t (ratio)"
    assert labels["placebo_error_bn"].endswith("(billion of currency)")
    assert frame["is_chosen"].tolist() == [1, 0] and frame["t_value"].isna().tolist() == [True, False]
    assert frame["origins"].tolist() == [7, 1]
    assert pd.read_stata(place / "claims_checked.dta")["claim"].tolist() == [*DANGEROUS, "plain", LONG]
    assert pd.read_stata(place / "excess.dta")["forms_tried"].isna().tolist() == [False, True]
    assert pd.read_stata(place / "product_events.dta").empty
    assert pd.read_csv(place / "columns.csv")["meaning"].notna().all()
    assert "how to cite: The export-diversion authors" in (place / "about.txt").read_text()


def test_stata_names_and_labels_fit():
    long = "x" * 40
    names = export_stata.variable_names([long, long + "y", "case", "if", "a b", "a_b", "1st", "str5", "plain"])
    assert names["plain"] == "plain" and names["case"] == "_case" and names["1st"] == "_1st"
    assert names["a b"] == "a_b" and names["a_b"] == "a_b_2" and names["str5"] == "_str5"
    assert all(len(name) <= 32 for name in names.values()) and len(set(names.values())) == len(names)
    label = export_stata._label(number("x", "w" * 90, "USD billion"), {"x": "x"})
    assert len(label) == 80 and label.endswith("… (USD billion)")
    assert export_stata._label(text("case", "invented"), {"case": "_case"}) == "case: invented"


def test_parquet_files_keep_types_units_and_meanings(reports, tmp_path):
    place = export.export(MONTH, "parquet", tmp_path / "out").place
    schema = pq.read_schema(place / "sizes.parquet")
    assert schema.metadata[b"stamp"] == invented_reports.STAMP.encode()
    assert schema.field("value_usd_bn").metadata == {b"meaning": b"China's exports to it", b"unit": b"USD billion"}
    back = pd.read_parquet(place / "sizes.parquet")
    assert back["value_usd_bn"].tolist() == [0.1 + 0.2, -1e-9] and back["partner_code"].tolist() == ["AU", "NA"]
    whole = pq.read_table(place / "form_candidates.parquet")
    assert str(whole.schema.field("origins").type) == "int64" and str(whole.schema.field("is_chosen").type) == "bool"


def test_by_default_an_export_stands_with_its_report_and_is_no_part_of_it(reports):
    page = reports / MONTH / "index.html"
    page.write_text("an invented page")
    (reports / "feed.xml").write_text("<feed/>")
    before = shortcut.published(page).keys() if (reports / "index.html").write_text("months") else set()
    done = export.export(MONTH)
    assert done.place == reports / MONTH / "export" / f"diversion-{MONTH}.xlsx" and done.tables == 5
    assert shortcut.published(page).keys() == before


def test_a_table_that_is_not_as_described_is_exported_as_it_stands_and_said_so(reports, capsys):
    data = reports / MONTH / "data"
    shown = pd.DataFrame({"partner_code": ["01", "AU"], "words": ["=x", ""], "amount": ["1", "2.5"]})
    (data / "sizes.csv").write_text(shown.to_csv(index=False))
    more = held()["excess"].assign(shown="as the page shows it")
    (data / "excess.csv").write_text(more.to_csv(index=False))
    assert cli.main(["export", MONTH]) == 0
    told = capsys.readouterr()
    assert "not whole: sizes, excess" in told.err or "not whole: excess, sizes" in told.err
    table = published.find(MONTH).table("sizes")
    assert [column.kind for column in table.columns] == ["text", "text", "number"]
    assert "shown" not in published.find(MONTH).table("excess").frame


def test_a_cell_of_another_kind_than_today_leaves_its_column_as_text(reports):
    file = reports / MONTH / "data" / "form_candidates.csv"
    file.write_text(file.read_text().replace(",7,", ",7.5,").replace("True", "maybe"))
    table = published.find(MONTH).table("form_candidates")
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds["origins"] == "text" and kinds["is_chosen"] == "text" and not table.whole


@pytest.mark.parametrize(
    "words", [["export", "2025-12"], ["compare", "2025-12", MONTH], ["compare", MONTH, "/nowhere"]]
)
def test_a_month_without_report_is_refused_with_the_months_there_are(reports, capsys, words):
    assert cli.main(words) == 2
    told = capsys.readouterr().err
    assert "there is no report" in told and f"a month that has one: {MONTH}" in told


def test_what_is_no_month_is_refused(reports, capsys):
    assert cli.main(["export", "2026-13"]) == 2
    assert '"2026-13" is not a month' in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["{", "[]", "{}", '{"parameters": {"month": "x"}, "data": []}'])
def test_a_damaged_record_is_refused(reports, broken):
    (reports / MONTH / "run.json").write_text(broken)
    with pytest.raises(Refusal, match="the record cannot be used") as refusal:
        export.export(MONTH)
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize(
    ("broken", "told"), [("", "cannot be read"), ("a,b\n1\n", "line 2"), ('a\n"1', "cannot be read")]
)
def test_a_damaged_table_is_refused_with_its_place(reports, broken, told):
    (reports / MONTH / "data" / "sizes.csv").write_text(broken)
    with pytest.raises(Refusal, match=told) as refusal:
        export.export(MONTH)
    assert f"{MONTH}/data/sizes.csv" in str(refusal.value)


def test_a_folder_that_cannot_be_written_to_is_refused(reports, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert cli.main(["export", MONTH, "--out", str(place)]) == 2
        assert "give another with --out" in capsys.readouterr().err


def test_an_export_that_fails_leaves_the_old_files_and_nothing_else(reports, tmp_path, monkeypatch):
    place = export.export(MONTH, "parquet", tmp_path / "out").place
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    (reports / MONTH / "run.json").write_text(
        (reports / MONTH / "run.json").read_text().replace("0123456789ab", "other")
    )
    rest = iter(range(3))

    def fail(table, told, write=export.parquet):
        next(rest)
        return write(table, told)

    monkeypatch.setattr(export, "parquet", fail)
    with pytest.raises((StopIteration, RuntimeError)):
        export._as_files(about(), tmp_path / "out" / "parquet", "parquet", fail)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before


def test_a_report_replaced_while_it_is_read_is_refused(reports, monkeypatch):
    real = published.Report.table

    def replaced(self, name):
        file = self.folder / "run.json"
        file.write_text(file.read_text().replace("0123456789ab", "another"))
        return real(self, name)

    monkeypatch.setattr(published.Report, "table", replaced)
    with pytest.raises(Refusal, match="was replaced"):
        export.export(MONTH)
    assert not (reports / MONTH / "export").exists()


def test_the_command_prints_where_the_tables_stand(reports, tmp_path, capsys):
    assert cli.main(["export", MONTH, "--format", "stata", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.splitlines() == ["5 tables", str(tmp_path / "out" / "stata")]
    assert not list((tmp_path / "out" / "stata").glob(".*"))
