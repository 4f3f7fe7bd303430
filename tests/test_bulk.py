"""Bulk files: what becomes a figure, what is refused, what is left when it goes wrong. Every figure is invented."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import bulk_files
import ibis
import pandas as pd
import pytest
from conftest import ROOT

from helpers import engine, paths, product_panel, shortcut
from helpers.bulk import assembly, checks, chunks, ingest, shapes
from helpers.cli import main
from helpers.progress import Progress
from helpers.refusals import Refusal

DAY = "2026-11-27"
# Two hundred and more cells of a thousand euro each: one of them is below a two-hundredth.
GOOD = [{"PRODUCT_NC": f"{number:08}"} for number in range(1010010, 1010410)]
BAD = {
    "unknown period": {"PERIOD": "202413"}, "period to come": {"PERIOD": "202612"}, "unknown reporter": {"REPORTER":
    "US"}, "unknown partner": {"PARTNER": "ZZ"}, "unknown flow": {"FLOW": "3"}, "wrong product code": {"PRODUCT_NC":
    "1012100"}, "no value": {"VALUE_EUR": ""}, "value is no number": {"VALUE_EUR": "1_000"}, "negative value":
    {"VALUE_EUR": "-5"}, "quantity is no number": {"QUANTITY_KG": "5 kg"}, "negative quantity": {"QUANTITY_KG": "-1"},
}  # fmt: skip
SHOWN = {"unknown period": "202413", "no value": "", "wrong product code": "1012100", "unknown partner": "ZZ"}


@pytest.fixture(autouse=True)
def products(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path / "products")
    return paths.PRODUCTS


def take(*files: Path, day: str = DAY, heard: io.StringIO | None = None) -> list[ingest.Done]:
    return ingest.ingest(files, 2, day, Progress(heard or io.StringIO()))


def write(file: Path, lines: list[str]) -> Path:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def comext(folder: Path, *cells: dict[str, object], name: str = "full_v2_202401.csv") -> Path:
    return write(folder / name, bulk_files.comext_lines(*cells))


def left() -> list[str]:
    """Return what lies in the store."""
    return sorted(
        file.relative_to(paths.PRODUCTS).as_posix() for file in paths.PRODUCTS.rglob("*")
        if file.is_file() and file.name != ".ingest.lock"
    )  # fmt: skip


def read(stem: str, as_of: str = "") -> pd.DataFrame:
    """Return what the store holds of a dataset, each part in its latest vintage."""
    return pd.concat([pd.read_parquet(io.BytesIO(file.read_bytes())) for file in product_panel.files_of(stem, as_of)])


def refused(file: Path) -> str:
    """Return why a file is refused, after nothing was left of it."""
    with pytest.raises(Refusal) as stop:
        take(file)
    assert left() == [] and file.name in str(stop.value)
    return str(stop.value)


def test_a_comext_file_becomes_figures_with_procedures_summed_and_codes_as_text(tmp_path):
    file = comext(
        tmp_path, {}, {"STAT_PROCEDURE": 3, "VALUE_EUR": 500, "QUANTITY_KG": 7}, {"FLOW": 2, "PARTNER": "US"},
        {"REPORTER": "AT", "PRODUCT_NC": "99RRR100"}, {"PRODUCT_NC": "TOTAL", "PARTNER": "QV"}, {"PERIOD": 202352},
    )  # fmt: skip
    (done,) = take(file)
    assert left() == [
        f"comext_bulk/vintage={DAY}/{name}"
        for name in ("full_v2_202401.json", "year=2023/full_v2_202401.parquet", "year=2024/full_v2_202401.parquet")
    ]
    frame = read("comext_bulk")
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == product_panel.COLUMNS
    horses = frame[(frame["product_code"] == "01012100") & (frame["period"] == "2024-01")].set_index("flow")
    assert horses.loc["imports", ["value_mn", "half_unit_mn", "quantity"]].tolist() == [0.0015, 1e-6, 57e-6]
    shown = ["concept", "valuation", "currency", "product_scheme", "quantity_unit", "source_id"]
    assert horses.loc["exports", shown].tolist() == [
        "exports_fob", "FOB", "EUR", "cn8", "million kg", "comext_bulk#full_v2_202401",
    ]  # fmt: skip
    assert set(frame["product_scheme"]) == {"cn8", "cn8_adapted", "total"} and "QV" in set(frame["partner_code"])
    yearly = frame[frame["period_kind"] == "year"]
    assert yearly["period"].tolist() == ["2023-12"] and done.manifest.counts["cells"] == len(frame) == 5


def test_a_comtrade_file_gives_totals_and_passes_over_their_parts(tmp_path):
    cells = [
        {}, {"motCode": "2100"}, {"partner2Code": "276"}, {"customsCode": "C01"}, {"flowCode": "RX"},
        {"partnerCode": "0", "cmdCode": "TOTAL"}, {"cmdCode": "01"}, {"cmdCode": "0101"}, {"cmdCode": "9999AA"},
        {"partnerCode": "899", "isNetWgtEstimated": "True"}, {"period": "2023", "primaryValue": "1.5E7"},
        {"partnerCode": "490", "netWgt": "0.0"}, {"flowCode": "M", "reporterCode": "842", "partnerCode": "156"},
    ]  # fmt: skip
    for name, sep in (("a.txt", "\t"), ("b.csv", ",")):
        shutil.rmtree(paths.PRODUCTS, ignore_errors=True)
        (done,) = take(write(tmp_path / name, bulk_files.comtrade_lines(*cells, sep=sep)))
        assert done.manifest.counts["breakdowns"] == 4 and not done.manifest.counts["refused"]
        frame = read("comtrade_bulk")
        assert sorted(frame["product_scheme"].unique()) == ["hs2", "hs4", "hs6", "hs6_adapted", "total"]
        assert {"US", "WORLD", "UN899", "TW", "CN"} == set(frame["partner_code"])
        assert frame.loc[frame["partner_code"].isin(["UN899", "TW"]), "quantity"].isna().all()
        assert frame.loc[frame["period_kind"] == "year", ["period", "value_mn"]].values.tolist() == [["2023-12", 15.0]]
        assert frame.loc[frame["reporter_code"] == "US", "concept"].tolist() == ["imports_cif"]


def test_older_names_byte_order_marks_and_windows_line_ends_are_read(tmp_path):
    lines = bulk_files.comext_lines({"VALUE_EUR": "20.5"})
    for new, old in (("REPORTER", "DECLARANT_ISO"), ("PARTNER", "PARTNER_ISO"), ("VALUE_EUR", "VALUE_IN_EUROS"),
                     ("QUANTITY_KG", "QUANTITY_IN_KG"), ("STAT_PROCEDURE", "STAT_REGIME")):  # fmt: skip
        lines[0] = lines[0].replace(new, old, 1)
    file = tmp_path / "full.dat"
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(["DECLARANT,PARTNER," + lines[0], "004,0720," + lines[1]]).encode())
    take(file)
    assert read("comext_bulk")["value_mn"].tolist() == [20.5e-6]


@pytest.mark.parametrize("reason", BAD)
def test_a_tiny_bad_row_is_left_out_counted_and_kept_beside(tmp_path, reason):
    file = comext(tmp_path, *GOOD, {"PRODUCT_NC": "02011000", "VALUE_EUR": 5} | BAD[reason])
    (done,) = take(file)
    (found,) = done.manifest.counts["refused"].items()
    assert found[0] == reason and found[1]["rows"] == 1 and found[1]["first"]["line"] == len(GOOD) + 2
    assert f"1 refused: {reason}" in done.as_text() and len(read("comext_bulk")) == len(GOOD)
    rows = pd.read_parquet(done.manifest.folder / "full_v2_202401.refused.parquet")
    assert rows[["reason", "line"]].values.tolist() == [[reason, len(GOOD) + 2]]


@pytest.mark.parametrize("reason", [check.reason for check in checks.CHECKS])
def test_bad_rows_that_matter_refuse_the_whole_file(tmp_path, reason):
    rows = [cell | BAD[reason] for cell in GOOD[:5]]
    if reason == "negative value":
        rows = [cell | {"VALUE_EUR": -1000} for cell in GOOD[:5]]
    told = refused(comext(tmp_path, *GOOD[5:], *rows))
    check = checks.BY_REASON[reason]
    column = {"value": "VALUE_EUR", "quantity": "QUANTITY_KG"}.get(check.column, check.column.upper())
    column = {"PRODUCT": "PRODUCT_NC"}.get(column, column)
    assert f"line {len(GOOD) - 3}, column {column}: {reason}" in told and "4 rows more" in told
    assert check.expected in told and f'"{SHOWN.get(reason, "")}' in told


def test_a_refused_row_knows_its_line_behind_lines_that_cannot_be_read(tmp_path):
    lines = bulk_files.comext_lines(*GOOD, {"PRODUCT_NC": "02011000", "PARTNER": "ZZ", "VALUE_EUR": 1})
    lines[50], lines[60] = "DE,CN,E", lines[60] + ",more"
    (done,) = take(write(tmp_path / "full_v2_202401.csv", lines))
    found = done.manifest.counts["refused"]
    assert found["unknown partner"]["first"] == {"line": len(GOOD) + 2, "found": "ZZ"}
    assert found[checks.MALFORMED]["rows"] == 2
    assert found[checks.MALFORMED]["first"] == {"line": 51, "found": "DE,CN,E"}


def test_bytes_that_are_no_text_and_lines_without_their_cells_refuse_the_file(tmp_path):
    file = tmp_path / "full_v2_202401.csv"
    lines = "\n".join(bulk_files.comext_lines(*GOOD)).encode()
    file.write_bytes(lines.replace(b"DE,CN", b"D\xff,CN", 5))
    assert checks.MALFORMED in refused(file)
    file.write_bytes(lines.replace(b",NO_SU", b"", 5))
    assert f"line 2: {checks.MALFORMED}" in refused(file)


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rest(tmp_path):
    lines = bulk_files.comtrade_lines(*({"cmdCode": f"{n:06}"} for n in range(10110, 10510)), sep=",")
    lines[10] = lines[10].replace("C,M,", 'C,"M,', 1)
    assert checks.MALFORMED in refused(write(tmp_path / "comtrade.csv", lines))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (bulk_files.COMEXT_HEADER.replace("VALUE_EUR,", ""), "columns missing: VALUE_EUR"),
        (bulk_files.COMEXT_HEADER.replace("PRODUCT_SITC", "FLOW"), 'the column "FLOW" stands twice'),
        ("month,code,worth", "the columns of Eurostat Comext, full_v2 or UN Comtrade"),
        ("", "the header"),
        (bulk_files.COMEXT_HEADER, "no row of figures"),
    ],
)
def test_a_header_that_is_not_whole_refuses_the_file(tmp_path, line, told):
    assert told in refused(write(tmp_path / "full.csv", [line]))


def test_an_empty_file_a_picture_and_a_file_of_one_line_are_refused(tmp_path):
    file = tmp_path / "full.csv"
    for content, told in ((b"", "is empty"), (b"\x89PNG\r\n\x1a\n" * 99, "no text"), (b"a," * 2**20, "a line of more")):
        file.write_bytes(content)
        assert told in refused(file)


def test_a_month_that_stands_twice_in_a_file_refuses_it_and_a_single_row_is_left_out(tmp_path):
    told = refused(comext(tmp_path, *GOOD, *GOOD))
    assert "line 2: stands twice" in told and "2024-01 DE imports CN 01010010" in told
    (done,) = take(comext(tmp_path, *GOOD, {"PRODUCT_NC": "02011000", "VALUE_EUR": 2}, {"PRODUCT_NC": "02011000",
                          "VALUE_EUR": 3}))  # fmt: skip
    assert done.manifest.counts["refused"]["stands twice"]["rows"] == 2
    assert "02011000" not in set(read("comext_bulk")["product_code"])


def test_of_a_cell_with_many_customs_procedures_only_what_stands_twice_is_left_out(tmp_path):
    many = [{"PRODUCT_NC": "02011000", "STAT_PROCEDURE": number, "VALUE_EUR": number} for number in range(1, 201)]
    again = {"PRODUCT_NC": "02012020", "STAT_PROCEDURE": 1, "VALUE_EUR": 3}
    (done,) = take(comext(tmp_path, *GOOD, *many, again, again | {"STAT_PROCEDURE": 2, "VALUE_EUR": 50}, again))
    values = read("comext_bulk").set_index("product_code")["value_mn"] * 1e6
    assert values["02011000"] == pytest.approx(200 * 201 / 2)
    assert values["02012020"] == pytest.approx(50)
    assert done.manifest.counts["refused"]["stands twice"] == {
        "rows": 2, "value": "6.000", "unknown": 0,
        "first": {"line": len(GOOD) + 202, "found": "2024-01 DE imports CN 02012020"},
    }  # fmt: skip


@pytest.mark.parametrize("processors", [1, 3])
def test_lines_are_known_across_buffers_chunks_and_processors(tmp_path, monkeypatch, processors):
    monkeypatch.setattr(assembly.systems, "processors", lambda: processors)
    monkeypatch.setattr(chunks, "SIZE", 20_000_000)  # more than two buffers of the reader in each of the chunks
    file = bulk_files.write_comext(tmp_path / "full_v2_202401.csv", 500_000, ["202401"])
    lines = file.read_text(encoding="utf-8").splitlines()
    places = [2, 7_777, 131_072, 250_001, 333_333, 499_999]
    for number, place in enumerate(places):
        cells = lines[place - 1].split(",")
        lines[place - 1] = ",".join([cells[0], f"Z{number}", *cells[2:]])
    take(write(file, lines))
    (kept,) = paths.PRODUCTS.rglob("*.refused.parquet")
    found = pd.read_parquet(io.BytesIO(kept.read_bytes()))
    assert list(found["line"]) == places
    assert list(found["partner"]) == [f"Z{number}" for number in range(len(places))]


def test_a_month_that_another_part_holds_is_refused_and_a_newer_release_takes_its_place(tmp_path):
    take(comext(tmp_path, {}))
    there = left()
    with pytest.raises(Refusal, match=r"2024-01 of DE \(month\) stands twice: also in the part \"full_v2_202401\""):
        take(comext(tmp_path, {"VALUE_EUR": 7}, name="other.csv"))
    with pytest.raises(Refusal, match="already holds 2024-01 of DE"):
        take(comext(tmp_path, {"PERIOD": "202402"}))
    assert left() == there
    (done,) = take(comext(tmp_path, {"VALUE_EUR": 7}), day="2026-12-27")
    assert done.is_new and read("comext_bulk")["value_mn"].tolist() == [7e-6]
    assert read("comext_bulk", as_of=DAY)["value_mn"].tolist() == [0.001]


def test_parts_of_several_days_are_read_as_they_lie_because_they_never_overlap(tmp_path):
    take(comext(tmp_path, {"PERIOD": "202401", "VALUE_EUR": 5}, name="full_v2_202401.csv"), day="2026-11-20")
    take(comext(tmp_path, {"PERIOD": "202402", "VALUE_EUR": 7}, name="full_v2_202402.csv"))
    with engine.connect() as backend:
        rows = product_panel.rows_of(backend, "comext_bulk")
        assert "GROUP BY" not in ibis.to_sql(rows)
        assert rows["value_mn"].sum().execute() == pytest.approx(12e-6)
    next(paths.PRODUCTS.rglob("full_v2_202401.json")).unlink()  # as after a kill before the last step
    with engine.connect() as backend:
        assert product_panel.rows_of(backend, "comext_bulk")["value_mn"].sum().execute() == pytest.approx(7e-6)


def test_chinas_bulk_files_of_comtrade_take_the_place_of_fetched_exports(tmp_path):
    usual = {"reporterCode": 156, "flowCode": "X", "cmdCode": "851713"}
    lines = [
        bulk_files.comtrade_lines(*(
            usual | {"period": f"2025{month:02}", "partnerCode": partner, "primaryValue": 10**6 * month * factor}
            for partner, factor in ((842, 1), (36, 2), (0, 9))
        )) for month in (1, 2)
    ]  # fmt: skip
    duty = [("imports_for_consumption", 4.0), ("calculated_duty", 1.0)]
    written("census_imports_hs6", *(
        {"reporter_code": "US", "partner_code": "CN", "flow": "imports", "concept": concept, "value_mn": value}
        for concept, value in duty
    ))  # fmt: skip
    exports = {"reporter_code": "CN", "partner_code": "US", "flow": "exports", "concept": "exports_fob"}
    written("comtrade_exports_monthly", exports | {"value_mn": 77.0})
    assert product_panel.load().exports["value_mn"].tolist() == [77.0]
    for month, table in enumerate(lines, start=1):
        take(write(tmp_path / f"COMTRADE-FINAL-CM1562025{month:02}.txt", table))
    panel = product_panel.load()
    assert "comtrade_exports_monthly" not in product_panel.used()
    found = panel.exports.set_index(["period", "partner_code"])["value_mn"].to_dict()
    assert found == {("2025-01", "US"): 1.0, ("2025-01", "AU"): 2.0, ("2025-01", "WORLD"): 9.0,
                     ("2025-02", "US"): 2.0, ("2025-02", "AU"): 4.0, ("2025-02", "WORLD"): 18.0}  # fmt: skip
    assert panel.duty["rate"].tolist() == [0.25]


def written(stem: str, *rows: dict[str, object]) -> None:
    """Write rows as a fetch leaves them."""
    usual = {"vintage": DAY, "period": "2025-01", "period_kind": "month", "product_scheme": "hs6", "half_unit_mn": 0.0,
             "product_code": "851713", "currency": "USD", "valuation": "", "quantity": float("nan"),
             "quantity_unit": "", "producer": "invented", "source_id": "a"}  # fmt: skip
    file = paths.PRODUCTS / stem / f"vintage={DAY}" / "year=2025" / "a.parquet"
    file.parent.mkdir(parents=True)
    frame = pd.DataFrame([usual | row for row in rows])
    frame[list(product_panel.COLUMNS)].astype(product_panel.COLUMNS).to_parquet(file, index=False)


def test_a_file_that_was_ingested_is_passed_over_whatever_its_name(tmp_path, capsys):
    file = comext(tmp_path, {})
    take(file)
    before = {name: (paths.PRODUCTS / name).stat().st_mtime_ns for name in left()}
    heard = io.StringIO()
    (again,) = take(shutil.copy(file, tmp_path / "copy.csv"), heard=heard)
    assert not again.is_new and "passed over, already ingested as full_v2_202401" in again.as_text()
    assert {name: (paths.PRODUCTS / name).stat().st_mtime_ns for name in left()} == before
    assert [json.loads(line)["event"] for line in heard.getvalue().splitlines()] == ["already ingested"]


def test_what_an_ingest_is_at_work_on_is_no_input_of_a_report(tmp_path):
    take(comext(tmp_path, {}))
    (paths.PRODUCTS / ".ingest" / "half").mkdir(parents=True)
    (paths.PRODUCTS / ".ingest" / "half" / "chunk0").write_text("half", encoding="utf-8")
    names = [name for name, _ in shortcut.inputs(prose=True) if name.startswith("data/products/")]
    assert any(name.endswith("full_v2_202401.parquet") for name in names)
    assert not any("ingest" in name for name in names)


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    with pytest.raises(Refusal, match="GB are free on the disk") as stop:
        take(comext(tmp_path, {}))
    assert stop.value.exit_code == 4 and not [name for name in left() if name.endswith(".parquet")]


def test_a_manifest_that_cannot_be_read_is_named(tmp_path):
    (done,) = take(comext(tmp_path, {}))
    (done.manifest.folder / "full_v2_202401.json").write_text("{}")
    with pytest.raises(Refusal, match="full_v2_202401.json: is no manifest of a part"):
        take(comext(tmp_path, {"PERIOD": "202402"}, name="b.csv"))


def test_the_command_prints_an_account_and_knows_its_exit_codes(tmp_path, capsys):
    file = comext(tmp_path, {})
    assert main(["ingest", str(file), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["status"] == "new" and told["counts"]["rows"] == 1 and told["dataset"] == "comext_bulk"
    assert main(["ingest", str(file)]) == 0 and "passed over" in capsys.readouterr().out
    assert main(["ingest", str(tmp_path / "none.7z")]) == 2
    assert main(["ingest", str(file), "--memory", "0.2"]) == 2
    assert main(["ingest", str(comext(tmp_path, {"PARTNER": "ZZ"}, name="b.csv"))]) == 3
    assert "b.csv, line 2, column PARTNER: unknown partner" in capsys.readouterr().err


def test_the_command_line_is_known_without_loading_duckdb():
    code = "import sys\nfrom helpers import cli\ncli.build_parser().parse_args(['ingest', 'a.7z'])\n" \
           "sys.exit('duckdb' in sys.modules or 'py7zr' in sys.modules)"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_reason_has_a_condition_and_a_column_of_both_shapes():
    assert set(BAD) == {check.reason for check in checks.CHECKS}
    for check in checks.CHECKS:
        assert all(check.column in shape.columns for shape in shapes.SHAPES)
    assert not re.search(r"comext|comtrade", json.dumps([check.condition for check in checks.CHECKS]))


def test_months_are_put_together_a_few_reporters_at_a_time(monkeypatch):
    monkeypatch.setattr(ingest.assembly, "ROWS_AT_ONCE", 10)
    months = [("month", "2024-01", "AT", 6), ("month", "2024-01", "BE", 4), ("month", "2024-01", "DE", 50),
              ("month", "2024-02", "AT", 1)]  # fmt: skip
    assert list(ingest.slices(months)) == [("month", "2024-01", ["AT", "BE"]), ("month", "2024-01", ["DE"]),
                                           ("month", "2024-02", ["AT"])]  # fmt: skip


def test_lines_are_cut_at_their_ends_wherever_blocks_end():
    text = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(500))
    for block, size in ((7, 100), (1000, 64), (10**6, 333)):
        seen, place = [], Path(ROOT / "none")
        cutter = chunks.Cutter(place, seen.append, lambda chunk: None, lambda number: False, "x", size)
        for start in range(0, len(text), block):
            cutter.take(text[start : start + block])
        assert cutter.finish() > 5 and seen == ["a,b"]
