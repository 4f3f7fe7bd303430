"""Every office's answers, in its own shape, read to exactly its figures, or refused with a reason."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import shapes

from helpers.sources import OFFICES
from helpers.sources.contract import Accepted, Ask, Figure, RefusedAnswer, Wanted, accept
from helpers.sources.printed import half_unit, number, plain

WANTED = Wanted("2025-01", "2025-03")
HALF_UNIT = Decimal("0.0000005")


def ask_of(office: str, dataset: str, *, products: bool = False, has_key: bool = False, wanted: Wanted = WANTED) -> Ask:
    """The first ask of an office for a dataset."""
    plan = OFFICES[office].plan_products(wanted, has_key) if products else OFFICES[office].plan(wanted)
    return next(ask for ask in plan if ask.dataset == dataset)


def read(ask: Ask, body: bytes) -> Accepted:
    return accept(OFFICES[ask.office], ask, body)


def refused(ask: Ask, body: bytes) -> str:
    """The reason of the refusal."""
    with pytest.raises(RefusedAnswer) as caught:
        read(ask, body)
    return caught.value.reason


def shown(figure: Figure) -> tuple:
    return (figure.period, figure.partner, figure.flow, figure.concept, figure.product_scheme, figure.product,
            figure.value)  # fmt: skip


# --- IMF -------------------------------------------------------------------------------------------------------------

IMF_VALUES = [("G001", "2025-01", "1000000000"), ("USA", "2025-01", 300_000_000.5), ("DEU", "2025-01", 640_000_000),
              ("G998", "2025-01", 700_000_000), ("GX170", "2025-01", 650_000_000)]  # fmt: skip


@pytest.mark.parametrize(
    ("flow", "indicator", "concept"),
    [("exports", "XG_FOB_USD", "exports_fob"), ("imports", "MG_CIF_USD", "imports_cif")],
)
def test_the_imf_gives_dollars_and_its_groups_are_left_out(flow, indicator, concept):
    found = read(ask_of("imf", "imf_imts"), shapes.imf(indicator, IMF_VALUES))
    assert [shown(figure) for figure in found.figures] == [
        ("2025-01", "DEU", flow, concept, "total", "TOTAL", Decimal(640)),
        ("2025-01", "USA", flow, concept, "total", "TOTAL", Decimal("300.0000005")),
        ("2025-01", "World", flow, concept, "total", "TOTAL", Decimal(1000)),
    ]
    assert {figure.half_unit for figure in found.figures} == {HALF_UNIT}
    assert not found.left_out


def test_a_value_that_the_imf_does_not_give_is_no_figure():
    values = [*IMF_VALUES, ("FRA", "2025-01", ""), ("ITA", "2025-01", "NaN")]
    found = read(ask_of("imf", "imf_imts"), shapes.imf("XG_FOB_USD", values))
    assert {figure.partner for figure in found.figures} == {"USA", "DEU", "World"}


def test_countries_of_the_imf_that_exceed_the_world_or_fall_short_of_it_are_refused():
    ask = ask_of("imf", "imf_imts")
    over = [("G001", "2025-01", 1_000_000_000), ("USA", "2025-01", 1_006_000_000)]
    under = [("G001", "2025-01", 1_000_000_000), ("USA", "2025-01", 800_000_000)]
    assert refused(ask, shapes.imf("XG_FOB_USD", over)) == "sum"
    assert refused(ask, shapes.imf("XG_FOB_USD", under)) == "sum"


def test_one_answer_of_the_imf_holds_both_flows():
    exports, imports = (shapes.imf(name, IMF_VALUES) for name in ("XG_FOB_USD", "MG_CIF_USD"))
    both = read(ask_of("imf", "imf_imts"), exports + imports.partition(b"\r\n")[2]).figures
    assert [(figure.partner, figure.flow, figure.concept) for figure in both] == [
        (partner, flow, concept)
        for partner in ("DEU", "USA", "World")
        for flow, concept in (("exports", "exports_fob"), ("imports", "imports_cif"))
    ]


def test_another_indicator_another_month_and_a_quarter_of_the_imf_are_refused():
    ask = ask_of("imf", "imf_imts")
    good = shapes.imf("XG_FOB_USD", IMF_VALUES)
    assert refused(ask, shapes.imf("MG_FOB_USD", IMF_VALUES)) == "other month"
    assert refused(ask, good.replace(b"2025-M01", b"2024-M12")) == "other month"
    assert refused(ask, good.replace(b"2025-M01", b"2025-Q1")) == "other month"


# --- Eurostat --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "geo", "dataset"), [("eu27", "EU27_2020", "ext_st_eu27_2020sitc"), ("euro_area", "EA20", "ext_st_easitc")]
)
def test_eurostat_gives_millions_of_euro_for_both_areas(name, geo, dataset):
    values = [("TOTAL", "2025-01", "45123.4"), ("7", "2025-01", "23000.0"), ("8", "2025-01", "9000.25"),
              ("TOTAL", "2025-02", ":"), ("7", "2025-02", "")]  # fmt: skip
    found = read(ask_of("eurostat", f"eurostat_imports_{name}"), shapes.eurostat(dataset, geo, values))
    assert [(*shown(figure), figure.half_unit) for figure in found.figures] == [
        ("2025-01", "China (excl. HK)", "imports", "imports", "sitc1", "7", Decimal("23000.0"), Decimal("0.05")),
        ("2025-01", "China (excl. HK)", "imports", "imports", "sitc1", "8", Decimal("9000.25"), Decimal("0.005")),
        ("2025-01", "China (excl. HK)", "imports", "imports", "total", "TOTAL", Decimal("45123.4"),
         Decimal("0.05")),
    ]  # fmt: skip


def test_sections_that_exceed_the_total_and_the_other_area_are_refused():
    ask = ask_of("eurostat", "eurostat_imports_eu27")
    over = [("TOTAL", "2025-01", 100), ("7", "2025-01", 60), ("8", "2025-01", 42)]
    assert refused(ask, shapes.eurostat("ext_st_eu27_2020sitc", "EU27_2020", over)) == "sum"
    assert refused(ask, shapes.eurostat("ext_st_easitc", "EA20", [("TOTAL", "2025-01", 100)])) == "columns"


def test_comext_joins_euro_and_hundreds_of_kilograms():
    ask = ask_of("eurostat", "comext_imports_hs6", products=True)
    values = [("TOTAL", "2025-01", "45000000000", "98765432.1"), ("854143", "2025-01", 1_250_000_000, 400_000),
              ("850760", "2025-01", 2_000_000_000, None), ("85414300", "2025-01", 1_250_000_000, 400_000),
              ("8541", "2025-01", 1_300_000_000, 410_000), ("010121", "2025-02", None, 12)]  # fmt: skip
    found = {figure.product: figure for figure in read(ask, shapes.comext(values)).figures}
    assert set(found) == {"TOTAL", "854143", "850760"}
    assert [found["854143"][index] for index in (2, 3, 4, 5, 6, 7)] == [
        "China", "imports", "imports", Decimal(1250), HALF_UNIT, "hs6"
    ]  # fmt: skip
    assert (found["854143"].quantity, found["854143"].quantity_unit) == (Decimal(40), "million kg")
    assert found["TOTAL"].quantity == Decimal("9876.54321") and found["TOTAL"].product_scheme == "total"
    assert (found["850760"].quantity, found["850760"].quantity_unit) == (None, "")


def test_a_product_of_comext_that_stands_twice_and_exports_are_refused():
    ask = ask_of("eurostat", "comext_imports_hs6", products=True)
    twice = [("854143", "2025-01", 5, 1), ("854143", "2025-01", 5, 1)]
    assert refused(ask, shapes.comext(twice)) == "duplicate"
    exports = shapes.comext(twice[:1]).replace(b",854143,1,", b",854143,2,")
    assert refused(ask, exports) == "columns"


# --- ABS -------------------------------------------------------------------------------------------------------------

ABS_VALUES = [("TOT", "Total", "2025-01", "40000000"),
              ("CHIN", "China (excludes SARs and Taiwan)", "2025-01", 11_000_000),
              ("USA", "United States of America", "2025-01", "25000000.5")]  # fmt: skip


def test_the_abs_gives_thousands_of_australian_dollars():
    found = read(ask_of("abs", "abs_imports_by_origin"), shapes.abs_(ABS_VALUES))
    assert [(*shown(figure), figure.half_unit) for figure in found.figures] == [
        ("2025-01", partner, "imports", "merchandise imports", "total", "TOTAL", value, half)
        for partner, value, half in [
            ("China (excludes SARs and Taiwan)", Decimal(11000), Decimal("0.0005")),
            ("United States of America", Decimal("25000.0005"), Decimal("0.00005")),
            ("World", Decimal(40000), Decimal("0.0005")),
        ]
    ]


def test_groups_and_goods_without_an_origin_are_no_partners_of_the_abs():
    apart = [("APEC", "APEC", "2025-01", 38_000_000), ("OECD", "OECD", "2025-01", 20_000_000),
             ("ASEAN", "ASEAN", "2025-01", 9_000_000), ("EURO27", "European Union", "2025-01", 9_000_000),
             ("NCD", "No Country Details", "2025-01", 900_000), ("AUST", "Australia", "2025-01", 300_000)]  # fmt: skip
    ask = ask_of("abs", "abs_imports_by_origin")
    assert read(ask, shapes.abs_(ABS_VALUES + apart)) == read(ask, shapes.abs_(ABS_VALUES))


def test_a_yearly_row_and_other_units_of_the_abs_are_refused():
    ask, good = ask_of("abs", "abs_imports_by_origin"), shapes.abs_(ABS_VALUES)
    assert refused(ask, good.replace(b"M: Monthly", b"A: Annual")) == "columns"
    assert refused(ask, good.replace(b"3: Thousands", b"6: Millions")) == "unit"
    assert refused(ask, good.replace(b"3: Thousands", b"")) == "unit"


def test_countries_of_the_abs_that_exceed_the_total_or_fall_short_of_it_are_refused():
    ask = ask_of("abs", "abs_imports_by_origin")
    assert refused(ask, shapes.abs_([*ABS_VALUES, ("JAPN", "Japan", "2025-01", 4_300_000)])) == "sum"
    assert refused(ask, shapes.abs_(ABS_VALUES[:2])) == "sum"


# --- US Census -------------------------------------------------------------------------------------------------------

TOTALS = [("-", "TOTAL FOR ALL COUNTRIES", "2025-01", 300_000_000, 290_000_000),
          ("5700", "CHINA", "2025-01", 41_000_001, 40_000_000), ("2010", "MEXICO", "2025-01", 258_999_999, 250_000_000),
          ("0003", "EUROPEAN UNION", "2025-01", 50_000_000, 50_000_000),
          ("4XXX", "EUROPE", "2025-01", 70_000_000, 70_000_000)]  # fmt: skip


def test_the_census_gives_two_concepts_by_origin_and_its_groups_are_left_out():
    found = read(ask_of("census", "census_imports_totals"), shapes.census_totals(TOTALS))
    assert [shown(figure) for figure in found.figures] == [
        ("2025-01", partner, "imports", concept, "total", "TOTAL", Decimal(value))
        for partner, values in [("China", ("40", "41.000001")), ("Mexico", ("250", "258.999999")),
                                ("World", ("290", "300"))]
        for concept, value in zip(("imports_for_consumption", "imports_general"), values, strict=True)
    ]  # fmt: skip
    assert {figure.half_unit for figure in found.figures} == {HALF_UNIT}


def test_the_census_gives_imports_and_duty_by_naics_group():
    values = [("5700", "CHINA", "334", "2025-01", 9_000_000, 1_350_000), ("5700", "CHINA", "315", "2025-01", 0, 0)]
    found = read(ask_of("census", "census_naics3_imports"), shapes.census_groups(values))
    assert [shown(figure)[1:] for figure in found.figures] == [
        ("China", "imports", concept, "naics3", group, Decimal(value))
        for concept, values in [("calculated_duty", ("0", "1.35")), ("imports_for_consumption", ("0", "9"))]
        for group, value in zip(("315", "334"), values, strict=True)
    ]


def test_the_census_gives_three_concepts_by_hs6():
    head = ["CTY_NAME", "I_COMMODITY", "GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "COMM_LVL", "SUMMARY_LVL", "CTY_CODE",
            "time"]  # fmt: skip
    row = ["CHINA", "010121", "1500000", "1400000", "0", "HS6", "DET", "5700", "2025-01"]
    found = read(ask_of("census", "census_imports_hs6", products=True), json.dumps([head, row]).encode())
    assert [(figure.product_scheme, figure.product, figure.concept, figure.value) for figure in found.figures] == [
        ("hs6", "010121", "calculated_duty", Decimal(0)),
        ("hs6", "010121", "imports_for_consumption", Decimal("1.4")),
        ("hs6", "010121", "imports_general", Decimal("1.5")),
    ]


def test_a_column_of_the_census_may_come_twice_if_it_says_the_same_twice():
    ask = ask_of("census", "census_naics3_imports")
    head = ["CTY_NAME", "NAICS", "CON_VAL_MO", "CAL_DUT_MO", "NAICS", "COMM_LVL", "CTY_CODE", "time"]
    same = ["CHINA", "334", "9000000", "0", "334", "NA3", "5700", "2025-01"]
    other = ["CHINA", "334", "9000000", "0", "335", "NA3", "5700", "2025-01"]
    assert len(read(ask, json.dumps([head, same]).encode()).figures) == 2
    assert refused(ask, json.dumps([head, other]).encode()) == "columns"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (lambda rows: rows[:2], "sum"),
        (lambda rows: [*rows, *[("5520", "VIETNAM", "2025-01", 0, 0)] * 2], "duplicate"),
        (lambda rows: [rows[0], ("5700", "JAPAN", *rows[1][2:]), *rows[2:]], "partner"),
        (lambda rows: [(*row[:2], "2024-12", *row[3:]) for row in rows], "other month"),
        (lambda rows: [(*rows[0][:3], "1,000", rows[0][4]), *rows[1:]], "cell"),
    ],
)
def test_totals_of_the_census_that_contradict_themselves_are_refused(changed, reason):
    assert refused(ask_of("census", "census_imports_totals"), shapes.census_totals(changed(TOTALS))) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "CON_VAL_MO", "time", ["SUMMARY_LVL"]], ["1"] * 6], "columns"),
        ([["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "time"]], "columns"),
        ([["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "CON_VAL_MO", "time", "MONTH"]], "columns"),
        ([["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "CON_VAL_MO", "time"], ["5700"]], "truncated"),
        ([["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "CON_VAL_MO", "time"], ["5700", "CHINA", 1, "1", "x"]], "truncated"),
        ({"error": "unknown variable"}, "format"),
        ([], "format"),
        ([["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "CON_VAL_MO", "time"], ["5700", "\ud800", "1", "1", "x"]], "encoding"),
    ],
)
def test_what_is_no_table_of_the_census_is_refused(body, reason):
    assert refused(ask_of("census", "census_imports_totals"), json.dumps(body).encode()) == reason


def test_half_a_character_is_refused_and_a_whole_one_outside_the_plane_is_not():
    ask = ask_of("census", "census_imports_totals")
    names = [[*row] for row in TOTALS]
    names[3][1] = "\U0001f30d"  # a group's name, which nobody reads
    assert read(ask, shapes.census_totals(names)) == read(ask, shapes.census_totals(TOTALS))
    assert b"\\ud83c\\udf0d" in shapes.census_totals(names)
    names[3][1] = "\udf0d"
    assert refused(ask, shapes.census_totals(names)) == "encoding"


# --- UN Comtrade -----------------------------------------------------------------------------------------------------


def test_comtrade_gives_dollars_and_only_weights_that_were_reported():
    ask = ask_of("comtrade", "comtrade_exports_monthly", products=True)
    records = [{"partnerCode": 0, "period": "202501", "primaryValue": 300_000_000_000.0},
               {"partnerCode": 842, "period": "202501", "primaryValue": 40_123_456_789.12, "netWgt": 5_000_000.0,
                "isNetWgtEstimated": False},
               {"partnerCode": 276, "period": "202501", "primaryValue": 9e9, "netWgt": 7e6},
               {"partnerCode": 36, "period": "202501", "primaryValue": 5e9, "netWgt": 0.0, "isNetWgtEstimated": False},
               {"partnerCode": 704, "period": "202501", "primaryValue": None}]  # fmt: skip
    found = {figure.partner: figure for figure in read(ask, shapes.comtrade(records)).figures}
    assert set(found) == {"World", "United States", "Germany", "Australia"}
    assert shown(found["United States"]) == (
        "2025-01", "United States", "exports", "exports_fob", "total", "TOTAL", Decimal("40123.45678912")
    )  # fmt: skip
    assert (found["United States"].quantity, found["United States"].quantity_unit) == (Decimal(5), "million kg")
    assert all((found[name].quantity, found[name].quantity_unit) == (None, "") for name in ("Germany", "Australia"))


def test_comtrade_gives_a_year_by_hs6_with_a_key():
    ask = ask_of("comtrade", "comtrade_exports_yearly", products=True, has_key=True)
    year = ask.first[:4]
    records = [{"partnerCode": 842, "period": year, "cmdCode": "854143", "primaryValue": 2e9, "freqCode": "A"}]
    (figure,) = read(ask, shapes.comtrade(records)).figures
    assert (figure.period, figure.period_kind, figure.product_scheme, figure.product, figure.value) == (
        f"{year}-12", "year", "hs6", "854143", Decimal(2000)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"partnerCode": 643}, "partner"),
        ({"flowCode": "M"}, "duplicate"),
        ({"motCode": 1000}, "duplicate"),
        ({"period": "202412"}, "other month"),
        ({"period": "2025"}, "other month"),
        ({"cmdCode": "8541"}, "cell"),
        ({"primaryValue": "12"}, "cell"),
        ({"primaryValue": True}, "cell"),
        ({"primaryValue": -1.0}, "range"),
        ({"primaryValue": 1e17}, "range"),
    ],
)
def test_a_record_of_comtrade_that_was_not_asked_for_is_refused(record, reason):
    ask = ask_of("comtrade", "comtrade_exports_monthly", products=True)
    usual = {"partnerCode": 842, "period": "202501", "primaryValue": 1e9}
    assert refused(ask, shapes.comtrade([{**usual, **record}])) == reason


def test_an_answer_of_comtrade_as_long_as_a_call_allows_is_too_big_and_is_asked_for_in_halves():
    ask = ask_of("comtrade", "comtrade_exports_monthly", products=True)
    assert refused(ask, shapes.comtrade([{"period": "202501"}] * 500)) == "too big"
    halves = OFFICES["comtrade"].split(ask)
    joined = ",".join(half.about[2] for half in halves)
    assert len(halves) == 2 and joined == ask.about[2]


def test_no_records_of_comtrade_are_no_figures():
    assert read(ask_of("comtrade", "comtrade_exports_monthly", products=True), shapes.comtrade([])).figures == []


# --- all of them -----------------------------------------------------------------------------------------------------

PAGE = (
    b"<!DOCTYPE html><html><head><title>Missing Key</title></head><body><p>A valid key must be included</body></html>"
)
ASKS = [ask for office in OFFICES.values() for ask in (*office.plan(WANTED), *office.plan_products(WANTED, True))]
KINDS = {(ask.office, ask.dataset): ask for ask in reversed(ASKS) if ask.dataset}


@pytest.mark.parametrize("ask", KINDS.values(), ids=lambda ask: ask.dataset)
@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (PAGE, {"gateway page"}),
        (b"<?xml version='1.0'?><message:Error/>", {"format"}),
        (b"", {"format", "truncated"}),
        (b"\xff\xfe\x00", {"encoding"}),
        (b"a\0b", {"encoding"}),
        (b"error: unknown variable 'X'", {"columns", "truncated"}),
    ],
)
def test_an_answer_of_something_else_is_refused_with_its_reason(ask, body, reasons):
    assert refused(ask, body) in reasons


def test_two_spellings_of_one_partner_are_one_cell():
    ask = ask_of("abs", "abs_imports_by_origin")
    twice = [("VIET", "Vietnam", "2025-01", 100_000), ("VNAM", "Viet Nam", "2025-01", 100_000)]
    assert refused(ask, shapes.abs_(ABS_VALUES + twice)) == "duplicate"


def test_a_partner_that_nobody_knows_is_left_out_when_small_and_refused_when_not():
    ask = ask_of("abs", "abs_imports_by_origin")
    small = read(ask, shapes.abs_([*ABS_VALUES, ("XXXX", "Atlantis", "2025-01", 199_999)]))
    assert small.left_out == ("Atlantis",) and "Atlantis" not in {figure.partner for figure in small.figures}
    assert refused(ask, shapes.abs_([*ABS_VALUES, ("XXXX", "Atlantis", "2025-01", 200_001)])) == "partner"


def test_a_month_fifty_times_its_neighbours_is_refused():
    wanted = Wanted("2025-01", "2025-06")
    ask = ask_of("eurostat", "eurostat_imports_eu27", wanted=wanted)
    months = [("TOTAL", f"2025-{month:02d}", 40_000) for month in range(1, 6)]
    for value, is_refused in ((799, True), (801, False), (1_999_999, False), (2_000_001, True)):
        body = shapes.eurostat("ext_st_eu27_2020sitc", "EU27_2020", [*months, ("TOTAL", "2025-06", value)])
        if is_refused:
            assert refused(ask, body) == "jump"
        else:
            assert len(read(ask, body).figures) == 6


@pytest.mark.parametrize(
    ("printed", "value", "half"),
    [
        ("41,046.4\xa0", "41046.4", "0.05"), ("12", "12", "0.5"), ("-18.7", "-18.7", "0.05"), ("−0.3", "-0.3", "0.05"),
        ("1,234*", "1234", "0.5"), ("1 234 567.80", "1234567.80", "0.005"), ("0.0¹", "0.0", "0.05"),
    ],
)  # fmt: skip
def test_printed_numbers_are_read_with_half_their_last_digit(printed, value, half):
    assert (number(printed, "here"), half_unit(printed)) == (Decimal(value), Decimal(half))


@pytest.mark.parametrize("printed", ["-", "—", "…", "n.a.", "", " \xa0 ", ":"])
def test_a_dash_is_nothing_and_no_zero(printed):
    assert number(printed, "here") is None and plain(printed, "here") is None


@pytest.mark.parametrize("printed", ["1,23", "1.234,5", "1,2,3", "٣", "1e5", "0x10", "1..2", "12 34", "＋1", "=1+1"])  # noqa: RUF001
def test_what_is_no_printed_number_is_refused(printed):
    with pytest.raises(RefusedAnswer):
        number(printed, "here")


@pytest.mark.parametrize(("written", "half"), [("1.5e3", "50"), ("1E2", "50"), ("12", "0.5"), ("2.50e-1", "0.0005")])
def test_an_exponent_moves_the_last_digit(written, half):
    assert half_unit(written) == Decimal(half)
