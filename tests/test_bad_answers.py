"""Every bad answer of an office is refused with its reason; nothing of it enters the ledger, its bytes lie aside.

What goes wrong before there is an answer to read is the matter of ``test_transport.py``.
"""

from __future__ import annotations

import json
import re

import pytest
import shapes
from fetched import (
    GACC_ROWS,
    GATEWAY,
    MONTHS,
    TODAY,
    Trial,
    abs_values,
    always,
    asks_of,
    census_values,
    contents,
    eurostat_values,
    gacc_page,
    gacc_row,
    gacc_with,
    good,
    imf,
    imf_by,
    imf_values,
    refused,
    small_ledger,
)
from local_offices import Asked, Reply

from helpers import customs, paths, provenance
from helpers.fetch import account
from helpers.sources import OFFICES


@pytest.fixture
def trial(tmp_path, monkeypatch):
    ledger = small_ledger()
    trial = Trial(tmp_path, monkeypatch)
    for name, content in ledger.items():
        (paths.RAW / name).parent.mkdir(parents=True, exist_ok=True)
        (paths.RAW / name).write_bytes(content)
    return trial


def bad(body: bytes):
    return always(Reply(body))


def imf_with(values):
    """An answer of the IMF with other figures, the same for both flows."""
    return lambda asked: Reply(imf_by(asked, lambda flow: values))


def both(change):
    """A good answer of the IMF, with a change."""
    return lambda asked: Reply(change(imf(asked)))


def euro(change=lambda body: body, values=None):
    def answer(asked: Asked) -> Reply:
        geo = "EU27_2020" if "EU27_2020" in asked.path else "EA20"
        return Reply(change(shapes.eurostat("x", geo, values or eurostat_values())))

    return answer


def totals(body: bytes):
    """An answer of the Census to the question for all goods; by group there is nothing."""
    return lambda asked: Reply(body) if asked.path.endswith("/hs") else Reply(status=204)


def australia(values=None) -> bytes:
    return shapes.abs_(values or abs_values())


def america(values=None) -> bytes:
    return shapes.census_totals(values or census_values())


def rows_with(label: str, **cells: str) -> list[shapes.Row]:
    """The good rows with some cells of one row changed, by place: ``c2="…"`` is the month's exports."""
    return [
        (name, [cells.get(f"c{place}", cell) for place, cell in enumerate(row)] if name == label else row)
        for name, row in GACC_ROWS
    ]


def test_good_answers_of_five_offices_enter_the_ledger_with_their_records(trial):
    before = contents(paths.RAW)
    accounts = trial.fetch(good)
    assert [(found.office, found.status) for found in accounts] == [
        (name, "new") for name in ("gacc", "imf", "eurostat", "census", "abs")
    ]
    assert account.exit_code(accounts) == account.NEW
    after = contents(paths.RAW)
    assert {name: after[name] for name in before if name != "datapackage.json"} == {
        name: text for name, text in before.items() if name != "datapackage.json"
    }
    new = {name for name in after if name not in before}
    files = {name for name in new if name.endswith(".csv")}
    assert len(files) >= 6 and new == files | {f"{name}.source.yml" for name in files}
    assert len(provenance.check_all()) == len(files) + len([name for name in before if name.endswith(".csv")])
    assert json.loads(after["datapackage.json"])["resources"][0]["path"] in after


# --- a page where figures were due -----------------------------------------------------------------------------------


@pytest.mark.parametrize("office", ["gacc", "imf", "eurostat", "abs", "census"])
def test_a_gateway_page_with_status_200(trial, office):
    refused(trial, bad(GATEWAY), office, "gateway page")


@pytest.mark.parametrize("office", ["imf", "eurostat", "abs", "census"])
def test_xml_where_csv_or_json_was_due(trial, office):
    refused(trial, bad(b'<?xml version="1.0"?><message:Error/>'), office, "format")


@pytest.mark.parametrize("office", ["imf", "eurostat", "abs"])
def test_an_empty_body_with_status_200(trial, office):
    refused(trial, bad(b""), office, "format", nothing_arrived=True)


def test_the_page_of_the_census_that_says_invalid_key(trial):
    page = b"<html><head><title>Invalid Key</title></head><body>A valid <em>key</em> must be included</body></html>"
    failure = refused(trial, bad(page), "census", "key")
    assert "CENSUS_API_KEY" in failure.message
    assert len(trial.seen) == 1


def test_a_page_of_the_customs_without_its_table(trial):
    refused(trial, gacc_with(GATEWAY), "gacc", "gateway page")


def test_a_page_whose_table_is_a_picture(trial):
    refused(trial, gacc_with(gacc_page(picture=True)), "gacc", "picture")


def test_an_index_that_leads_to_another_host(trial):
    index = shapes.gacc_index("preliminary", "2025", [("2025-11", "USD", "http://elsewhere.example/Statics/a.html")])
    refused(trial, lambda asked: Reply(index) if "preliminary" in asked.path else gacc_with(b"")(asked), "gacc",
            "redirect")  # fmt: skip


@pytest.mark.parametrize(
    "text", ["Zölle".encode("latin-1"), "DATAFLOW,COUNTRY".encode("utf-16"), b"DATAFLOW\0,COUNTRY"]
)
def test_text_that_is_not_utf8(trial, text):
    refused(trial, bad(text), "imf", "encoding")


@pytest.mark.parametrize("cut", [-1, -40, 25])
def test_json_that_breaks_off_although_the_server_says_it_is_whole(trial, cut):
    refused(trial, bad(america()[:cut]), "census", "truncated")


def test_csv_that_breaks_off_inside_a_row_although_the_server_says_it_is_whole(trial):
    refused(trial, both(lambda body: body[:-60]), "imf", "truncated")


# --- columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b",OBS_VALUE,", b",VALUE,", 1),
        lambda body: re.sub(rb"(?m)^([^,]*,[^,]*,[^,]*),[^,]*", rb"\1", body),
        lambda body: body.replace(b"SCALE,PRECISION", b"OBS_VALUE,PRECISION", 1),
    ],
    ids=["renamed", "gone", "named twice"],
)
def test_a_column_of_csv_that_is_not_as_asked(trial, change):
    failure = refused(trial, both(change), "imf", "columns")
    assert "line 1" in failure.message


def test_a_dimension_that_was_added_shows_as_cells_that_stand_twice(trial):
    def by_sea_and_air(body):
        head, *lines = body.splitlines()
        return b"\n".join([head + b",BY", *(line + b"," + mode for line in lines for mode in (b"SEA", b"AIR"))])

    refused(trial, both(by_sea_and_air), "imf", "duplicate")


def test_an_attribute_more_and_another_order_of_the_columns_change_nothing(trial):
    def turned(body):
        lines = [line.split(b",") for line in body.splitlines()]
        return b"\n".join(b",".join([b"note", *reversed(cells)]) for cells in lines)

    (found,) = trial.fetch(both(turned), "imf")
    assert found.status == "new" and found.counts["new"] == 2 * 8 * 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda head, rows: (head[:3] + head[4:], [row[:3] + row[4:] for row in rows]), "columns"),
        (lambda head, rows: ([*head, "TRANSPORT"], [[*row, "air"] for row in rows]), "columns"),
        (lambda head, rows: (["CODE", *head[1:]], rows), "columns"),
        (lambda head, rows: (head, [row[:-1] for row in rows]), "truncated"),
        (lambda head, rows: ([["CTY_CODE"], *head[1:]], rows), "columns"),
        (lambda head, rows: (head, [[*row[:2], 7, *row[3:]] for row in rows]), "truncated"),
    ],
    ids=["gone", "added", "renamed", "short rows", "a list", "numbers"],
)
def test_columns_of_the_census_that_are_not_as_asked(trial, change, reason):
    head, *rows = json.loads(america())
    head, rows = change(head, rows)
    refused(trial, totals(json.dumps([head, *rows]).encode()), "census", reason)


def test_columns_of_the_census_in_another_order_change_nothing(trial):
    turned = json.dumps([row[::-1] for row in json.loads(america())]).encode()
    (found,) = trial.fetch(totals(turned), "census")
    assert found.status == "new" and found.counts["new"] == 5 * 2 * 3


UPPER, LOWER = shapes.gacc_head("preliminary", 11)


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ((UPPER[:-1], LOWER[:-1]), [(label, cells[:-1]) for label, cells in GACC_ROWS]),
        (([*UPPER, "Share"], [*LOWER, "%"]), [(label, [*cells, "1"]) for label, cells in GACC_ROWS]),
        ((UPPER, [*LOWER[:1], "Nov.", *LOWER[2:]]), GACC_ROWS),
        ((UPPER, LOWER), [(label, cells[:-1]) for label, cells in GACC_ROWS]),
        ((UPPER, LOWER[:-1]), GACC_ROWS),
    ],
    ids=["gone", "added", "renamed", "short rows", "header rows of different width"],
)
def test_columns_of_a_page_that_are_not_as_printed_before(trial, head, rows):
    refused(trial, gacc_with(gacc_page(head=head, rows=rows)), "gacc", "columns")


def test_columns_of_a_page_in_another_order_are_read_by_name(trial):
    order = [0, 3, 4, 1, 2, 5, 6, 7, 8, 9]
    head = tuple([row[place] for place in order] for row in (UPPER, LOWER))
    rows = [(label, [[label, *cells][place] for place in order[1:]]) for label, cells in GACC_ROWS]
    trial.fetch(gacc_with(gacc_page(head=head, rows=rows)), "gacc")
    assert exports_to("US", "month") == 40_000


# --- cells -----------------------------------------------------------------------------------------------------------


def exports_to(partner: str, kind: str) -> float:
    """What the ledger now says of November 2025 in the release."""
    rows = customs.read_rows()
    rows = rows[(rows["partner_code"] == partner) & (rows["flow"] == "exports") & (rows["period_kind"] == kind)]
    return rows[(rows["period"] == "2025-11") & (rows["vintage"] == "first_print")]["value_mn"].item()


@pytest.mark.parametrize(
    "printed",
    ["40,000.0", "40000.0", "40,000.0*", "40,000.0 [1]", "&nbsp;40,000.0&nbsp;&nbsp;", "40 000.0", "40\u00a0000.0"],
)
def test_numbers_as_pages_print_them_are_read_rightly(trial, printed):
    (found,) = trial.fetch(gacc_with(gacc_page(rows=rows_with("United States (US)", c2=printed))), "gacc")
    assert found.status == "new"
    assert exports_to("US", "month") == 40_000


@pytest.mark.parametrize("printed", ["-", "—", "–", "…", "...", "", "&nbsp;", "#########", "#REF!"])
def test_a_dash_or_a_hidden_cell_means_that_nothing_was_printed(trial, printed):
    (found,) = trial.fetch(gacc_with(gacc_page(rows=rows_with("United States (US)", c2=printed))), "gacc")
    assert found.counts["new"] == len(GACC_ROWS) * 4 - 1
    assert exports_to("US", "ytd") == 400_000
    with pytest.raises(ValueError):
        exports_to("US", "month")


@pytest.mark.parametrize(
    "printed", ["1.234,5", "1,23", "40,00.0", "4O,000.0", "40.000.0", "12,345,67", "1e5", "∞", "(40,000.0)"]
)
def test_a_cell_that_is_no_number_with_a_decimal_point(trial, printed):
    failure = refused(trial, gacc_with(gacc_page(rows=rows_with("United States (US)", c2=printed))), "gacc", "cell")
    assert "United States" in failure.message and printed in failure.message


@pytest.mark.parametrize("cell", ["12,5", "1 000", "1.234,5", "about 5", "0x10", "1_000", "Infinity"])
def test_a_cell_of_csv_that_is_no_number(trial, cell):
    values = [("USA", "2025-11", cell), *imf_values("XG")[6:]]
    refused(trial, imf_with(values), "imf", "cell")


def test_a_value_below_zero(trial):
    refused(trial, imf_with([("USA", "2025-11", "-5")]), "imf", "range")


# --- sums ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        rows_with("United States (US)", c0="65,000.0"),
        rows_with("European Union", c0="24,000.0", c2="15,000.0", c4="9,000.0"),
        [gacc_row("Total", 120_000, 3_000_000), *GACC_ROWS[1:]],
        rows_with("Japan", c0="160,009.0", c2="160,000.0", c4="9.0"),
    ],
    ids=["exports and imports", "the EU below its members", "the world below its partners", "a month above the year"],
)
def test_a_total_of_a_page_that_is_not_the_sum_of_its_parts(trial, rows):
    refused(trial, gacc_with(gacc_page(rows=rows)), "gacc", "sum")


@pytest.mark.parametrize("world", [150, 600], ids=["below its countries", "far above them"])
def test_a_world_that_its_countries_contradict(trial, world):
    refused(trial, lambda asked: Reply(imf(asked, G001_2025_11=world)), "imf", "sum")


@pytest.mark.parametrize("world", [200, 300])
def test_a_total_of_the_census_that_its_origins_contradict(trial, world):
    values = [(code, name, month, *((world * 10**9,) * 2 if code == "-" and month == "2025-11" else amounts))
              for code, name, month, *amounts in census_values()]  # fmt: skip
    refused(trial, totals(america(values)), "census",
            "sum")  # fmt: skip


@pytest.mark.parametrize("total", [30_000_000, 60_000_000])
def test_a_total_of_the_bureau_that_its_origins_contradict(trial, total):
    values = [(code, label, month, total if code == "TOT" and month == "2025-11" else value)
              for code, label, month, value in abs_values()]  # fmt: skip
    refused(trial, bad(australia(values)), "abs", "sum")


def test_sections_that_add_up_to_more_than_the_total(trial):
    values = [(section, month, "34000" if section == "7" else value) for section, month, value in eurostat_values()]
    refused(trial, euro(values=values), "eurostat", "sum")


# --- jumps, months, doubles, units -----------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [100, 0.01], ids=["hundredfold", "a hundredth"])
def test_a_month_that_jumps_inside_one_answer(trial, times):
    months = ("2025-10", "2025-11", "2025-12")
    values = [(code, month, f"{float(value) * (times if month == '2025-11' else 1):.2f}")
              for code, month, value in imf_values("XG", (*months, "2025-09"))]  # fmt: skip
    harvest = trial.collect(OFFICES["imf"], asks_of("imf", "2025-09")[:1], imf_with(values))
    assert [failure.reason for failure in harvest.failures] == ["jump"] and not harvest.figures
    assert "2025-11" in harvest.failures[0].message


@pytest.mark.parametrize("times", [100, 0.01])
def test_months_that_jump_against_the_history_of_the_ledger(trial, times):
    changed = {f"{code}_{month}".replace("-", "_"): times * billions for month in MONTHS
               for code, billions in {"G001": 300, "USA": 40, "DEU": 10, "VNM": 15, "JPN": 15, "KOR": 60, "IND": 80,
                                      "RUS": 70}.items()}  # fmt: skip
    refused(trial, lambda asked: Reply(imf(asked, **changed)), "imf", "jump")


def test_a_page_in_another_unit_jumps_against_the_history_of_the_ledger(trial):
    refused(trial, gacc_with(gacc_page(unit="Unit: USD100 Million")), "gacc", "jump")


@pytest.mark.parametrize(
    ("answer", "office"),
    [
        (lambda asked: Reply(imf(asked, ("2025-09", *MONTHS))), "imf"),
        (lambda asked: Reply(imf(asked, ("2026-01",))), "imf"),
        (both(lambda body: body.replace(b"2025-M11", b"2025-Q4")), "imf"),
        (both(lambda body: body.replace(b",M,2025", b",A,2025")), "imf"),
        (euro(values=[("TOTAL", "2024-11", "45000")]), "eurostat"),
        (euro(values=[("TOTAL", "2025-13", "45000")]), "eurostat"),
        (bad(australia(abs_values(("2024-11",)))), "abs"),
        (totals(america(census_values(("2024-11",)))), "census"),
    ],
)
def test_figures_of_another_month_than_asked(trial, answer, office):
    refused(trial, answer, office, "other month")


@pytest.mark.parametrize("month", ["2025-10", "2024-11"])
def test_a_page_of_another_month_than_the_index_said(trial, month):
    refused(trial, gacc_with(gacc_page(title=shapes.gacc_title("preliminary", month, "USD"))), "gacc", "other month")


@pytest.mark.parametrize(
    ("answer", "office"),
    [
        (both(lambda body: body + body.splitlines(keepends=True)[-1]), "imf"),
        (euro(lambda body: body + body.splitlines(keepends=True)[-1]), "eurostat"),
        (bad(australia([*abs_values(), abs_values()[-1]])), "abs"),
        (totals(america([*census_values(), census_values()[0]])), "census"),
        (gacc_with(gacc_page(rows=[*GACC_ROWS, GACC_ROWS[-1]])), "gacc"),
        (gacc_with(gacc_page(rows=[*GACC_ROWS, gacc_row("United States", 1_000, 10_000)])), "gacc"),
    ],
    ids=["imf", "eurostat", "abs", "census", "gacc", "one country under two names"],
)
def test_a_row_that_stands_twice(trial, answer, office):
    refused(trial, answer, office, "duplicate")


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "Unit: CNY 100 Million"},
        {"title": shapes.gacc_title("preliminary", "2025-11", "CNY")},
        {"unit": "Unit:"},
        {"unit": "Unit: USD1 Trillion"},
    ],
)
def test_a_unit_that_contradicts_the_title_or_is_none(trial, changes):
    refused(trial, gacc_with(gacc_page(**changes)), "gacc", "unit")


def test_a_bureau_that_suddenly_counts_in_millions(trial):
    refused(trial, bad(australia().replace(b"3: Thousands", b"6: Millions")), "abs", "unit")


def test_labels_with_a_comma_in_the_header_are_read_by_their_code(trial):
    body = australia().replace(b"COMMODITY_SITC: Commodity by SITC", b'"COMMODITY_SITC: Commodity, by SITC"', 1)
    (found,) = trial.fetch(bad(body), "abs")
    assert found.status == "new"


def test_a_large_partner_that_nobody_knows(trial):
    rows = [*GACC_ROWS, gacc_row("Atlantis", 30_000, 300_000)]
    assert "Atlantis" in refused(trial, gacc_with(gacc_page(rows=rows)), "gacc", "partner").message


def test_a_small_partner_that_nobody_knows_is_left_out_and_told(trial):
    (found,) = trial.fetch(gacc_with(gacc_page(rows=[*GACC_ROWS, gacc_row("Atlantis", 1, 10)])), "gacc")
    assert found.status == "new" and found.left_out == ["Atlantis"]
    assert "Atlantis" in account.as_text([found])


def test_a_message_carries_no_control_marks_of_an_answer_to_the_terminal(trial):
    failure = refused(trial, imf_with([("USA", "2025-11", "\x1b[2J\u202e12")]), "imf", "cell")
    assert all(mark.isprintable() or mark == "\n" for mark in failure.message)


def test_one_bad_answer_of_two_keeps_the_good_one(trial):
    def answer(asked):
        return Reply(GATEWAY) if "EA20" in asked.path else good(asked)

    (found,) = trial.fetch(answer, "eurostat")
    assert (found.status, found.counts["new"]) == ("part failed", 5 * 3)
    assert account.exit_code([found]) == account.PART_FAILED
    assert len(found.files) == 1 and "eu27" in found.files[0]
    assert (paths.ANSWERS / "refused" / "eurostat" / TODAY.isoformat()).is_dir()
