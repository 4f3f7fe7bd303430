"""Pages of China's customs: read whole with their own figures, in every layout seen, or refused with the reason.

The figures of March 2026 are those that the office printed; the page around them is written by us.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
import shapes

from helpers import partners
from helpers.sources import OFFICES, gacc
from helpers.sources.contract import Ask, Figure, RefusedAnswer, Wanted, accept

OFFICE = OFFICES["gacc"]
MARCH = Path(__file__).parent / "fixtures" / "gacc_2026-03_cny.csv"
ROW = ("Total", ["3.0", "30.0", "2.0", "20.0", "1.0", "10.0", "1.5", "2.5", "-3.5"])
SEVEN = [("Total", ["30.0", "20.0", "10.0", "1.5", "2.5", "-3.5"])]


def ask_for(kind: str, month: str, currency: str) -> Ask:
    return Ask(
        "gacc", f"{kind}-{month}-{currency.lower()}", "/Statics/a.html", f"{month[:4]}-01", month, "html",
        f"gacc_{kind}_{currency.lower()}", (kind, month, currency),
    )  # fmt: skip


def read(kind: str, month: str, currency: str, rows=(ROW,), **shape) -> list[Figure]:
    return accept(
        OFFICE, ask_for(kind, month, currency), shapes.gacc_page(kind, month, currency, rows, **shape)
    ).figures


def refused(kind: str, month: str, currency: str, rows=(ROW,), **shape) -> str:
    with pytest.raises(RefusedAnswer) as caught:
        read(kind, month, currency, rows, **shape)
    return caught.value.reason


def march(**changed: list[str]) -> list[tuple[str, list[str]]]:
    """The thirty rows of March 2026, some of them changed."""
    with MARCH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(label, changed.get(label, cells)) for label, *cells in rows]


def one(figures: list[Figure], partner: str, flow: str, period_kind: str) -> Figure:
    (found,) = [item for item in figures if (item.partner, item.flow, item.period_kind) == (partner, flow, period_kind)]
    return found


# --- March 2026, as printed ------------------------------------------------------------------------------------------


def test_the_page_of_march_2026_is_read_whole():
    figures = read("preliminary", "2026-03", "CNY", march())
    assert len({figure.partner for figure in figures}) == 30
    assert len(figures) == 30 * 2 * 2
    us = one(figures, "United States (US)", "exports", "month")
    assert (us.value, us.half_unit, us.concept, us.yoy_pct) == (Decimal("204500"), Decimal("5"), "exports_fob", "")
    total = one(figures, "Total", "exports", "ytd")
    assert (total.value, total.yoy_pct) == (Decimal("6846670"), "11.9")
    assert one(figures, "Hong Kong, China", "imports", "ytd").yoy_pct == "323.2"
    assert one(figures, "Germany", "imports", "month").value == Decimal("53170")


def test_every_cell_of_march_2026_lands_in_its_place():
    figures = read("preliminary", "2026-03", "CNY", march())
    places = {("exports", "month"): 2, ("exports", "ytd"): 3, ("imports", "month"): 4, ("imports", "ytd"): 5}
    for label, cells in march():
        name = label.removeprefix("of which: ")
        for (flow, kind), place in places.items():
            assert one(figures, name, flow, kind).value == Decimal(cells[place].replace(",", "")) * 100


def test_every_partner_of_march_2026_is_known_and_none_is_another():
    codes = [partners.code_of(label.removeprefix("of which: "), "2026-03") for label, _ in march()]
    assert len(set(codes)) == 30
    assert {"EU27", "ASEAN11", "DE", "VN", "KR", "TW", "HK", "RU", "GB", "LATAM", "AFRICA", "RCEP", "BRI"} <= set(codes)


def test_germany_is_a_part_of_the_eu():
    figures = read("preliminary", "2026-03", "CNY", march())
    for flow in ("exports", "imports"):
        for kind in ("month", "ytd"):
            members = [one(figures, name, flow, kind).value for name in ("Germany", "Netherlands", "France", "Italy")]
            assert one(figures, "European Union", flow, kind).value >= sum(members)


def test_a_germany_larger_than_the_eu_is_refused():
    cells = ["5,000.0", "20,000.0", "3,300.0", "12,000.0", "1,700.0", "8,000.0", "12.7", "21.2", "2.1"]
    assert refused("preliminary", "2026-03", "CNY", march(**{"of which: Germany": cells})) == "sum"


def test_partners_apart_larger_than_the_world_are_refused():
    cells = ["30,000.0", "60,000.0", "20,000.0", "40,000.0", "10,000.0", "20,000.0", "1.0", "1.0", "1.0"]
    assert refused("preliminary", "2026-03", "CNY", march(Japan=cells)) == "sum"


def test_exports_and_imports_that_do_not_make_the_total_are_refused():
    cells = ["2,921.1", "9,016.7", "2,145.0", "6,777.6", "876.1", "2,239.0", "-18.7", "-18.3", "-19.7"]
    assert refused("preliminary", "2026-03", "CNY", march(**{"United States (US)": cells})) == "sum"


def test_a_month_larger_than_the_months_since_january_is_refused():
    cells = ["133.5", "71.9", "41.2", "40.0", "92.3", "31.9", "-1.5", "11.2", "-7.8"]
    assert refused("preliminary", "2026-03", "CNY", march(**{"New Zealand": cells})) == "sum"


# --- layouts ---------------------------------------------------------------------------------------------------------


def test_january_and_february_together_have_six_figures_a_row():
    figures = read("preliminary", "2025-02", "USD", SEVEN, combined=True)
    assert [(item.period, item.period_kind, item.flow, item.value, item.yoy_pct) for item in figures] == [
        ("2025-02", "jan_feb", "exports", Decimal("20.0"), "2.5"),
        ("2025-02", "jan_feb", "imports", Decimal("10.0"), "-3.5"),
    ]


def test_february_apart_gives_a_month_and_january_to_february():
    figures = read("preliminary", "2026-02", "USD")
    assert {(item.period_kind, item.flow, item.value) for item in figures} == {
        ("month", "exports", Decimal("2.0")), ("jan_feb", "exports", Decimal("20.0")),
        ("month", "imports", Decimal("1.0")), ("jan_feb", "imports", Decimal("10.0")),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["preliminary", "bulletin"])
def test_january_alone_is_a_month_with_its_rate(kind):
    groups = ("Total", "Exports", "Imports")
    head = (["Country （Region）", *groups, *["Percentage Change"] * 3], ["Country （Region）", "1", "1", "1", *groups])  # noqa: RUF001
    figures = read(kind, "2026-01", "USD", SEVEN, head=head)
    scale = Decimal("0.001") if kind == "bulletin" else Decimal(1)
    assert [(item.period, item.period_kind, item.flow, item.value, item.yoy_pct) for item in figures] == [
        ("2026-01", "month", "exports", 20 * scale, "2.5"),
        ("2026-01", "month", "imports", 10 * scale, "-3.5"),
    ]


def test_an_empty_column_before_the_labels_changes_nothing():
    upper, lower = shapes.gacc_head("preliminary", 3)
    rows = [("", [ROW[0], *ROW[1]])]
    assert read("preliminary", "2026-03", "USD", rows, head=(["", *upper], ["", *lower])) == (
        read("preliminary", "2026-03", "USD")
    )  # fmt: skip


def thousands(*millions: float) -> list[str]:
    return [f"{value * 1000:,.0f}" for value in millions]


CONTINENTS = [
    (label, [*thousands(*values), "1.0", "2.0", "3.0"])
    for label, values in [
        ("TOTAL", (900, 5400, 600, 3600, 300, 1800)), ("Asia:", (450, 2700, 300, 1800, 150, 900)),
        ("Hong Kong, China", (90, 540, 60, 360, 30, 180)), ("Taiwan，China", (45, 270, 30, 180, 15, 90)),  # noqa: RUF001
        ("Lao", (9, 54, 6, 36, 3, 18)), ("Other Asian Territories", (0.9, 5.4, 0.6, 3.6, 0.3, 1.8)),
        ("Africa:", (90, 540, 60, 360, 30, 180)), ("Europe:", (180, 1080, 120, 720, 60, 360)),
        ("Germany", (45, 270, 30, 180, 15, 90)), ("Eswatini（Swaziland）", (0, 0, 0, 0, 0, 0)),  # noqa: RUF001
        ("Latin America:", (90, 540, 60, 360, 30, 180)), ("North America:", (45, 270, 30, 180, 15, 90)),
        ("Oceania:", (45, 270, 30, 180, 15, 90)),
        ("Countries（Territories）Unknown", (0.9, 5.4, 0.6, 3.6, 0.3, 1.8)),  # noqa: RUF001
        ("ASEAN", (45, 270, 30, 180, 15, 90)), ("EU", (90, 540, 60, 360, 30, 180)),
        ("APEC", (90, 540, 60, 360, 30, 180)),
    ]
]  # fmt: skip


def test_the_bulletin_is_thousands_of_dollars_with_continents_and_blocs():
    ask = ask_for("bulletin", "2026-06", "USD")
    found = accept(OFFICE, ask, shapes.gacc_page("bulletin", "2026-06", "USD", CONTINENTS))
    assert found.left_out == ("Countries(Territories)Unknown", "Other Asian Territories")
    world = one(found.figures, "TOTAL", "exports", "month")
    assert (world.value, world.half_unit) == (Decimal(600), Decimal("0.0005"))
    assert one(found.figures, "Asia", "imports", "ytd").value == Decimal(900)
    codes = {partners.code_of(figure.partner, figure.period) for figure in found.figures}
    assert codes == {"WORLD", "HK", "TW", "LA", "DE", "SZ", "ASEAN11", "EU27", "APEC", *partners.CONTINENTS}


def test_a_number_that_the_spreadsheet_hid_is_no_figure_and_its_neighbours_are():
    rows = [("TOTAL", ["900,000", "############", "600,000", "3,600,000", "300,000", "*REF!", "####", "2.0", "3.0"])]
    figures = read("bulletin", "2026-06", "USD", rows)
    assert [(item.period_kind, item.flow, item.value, item.yoy_pct) for item in figures] == [
        ("month", "exports", Decimal(600), ""), ("month", "imports", Decimal(300), ""),
        ("ytd", "exports", Decimal(3600), "2.0"),
    ]  # fmt: skip


def test_nothing_traded_is_no_figure_and_a_zero_is_one():
    rows = [ROW, ("Bouvet Island", ["-", "-", "-", "-", "-", "-", "-", "-", "-"]),
            ("Pitcairn", ["0", "0", "0", "0", "0", "0", "-", "2613095633.3", "-"])]  # fmt: skip
    figures = read("bulletin", "2026-06", "USD", rows)
    assert "Bouvet Island" not in {figure.partner for figure in figures}
    pitcairn = one(figures, "Pitcairn", "exports", "ytd")
    assert (pitcairn.value, pitcairn.yoy_pct) == (0, "2613095633.3")


def test_continents_that_do_not_make_the_world_are_refused():
    rows = [(label, cells) if label != "Africa:" else (label, [*thousands(180, 1080, 120, 720, 60, 360), "1", "2", "3"])
            for label, cells in CONTINENTS]  # fmt: skip
    assert refused("bulletin", "2026-06", "USD", rows) == "sum"


# --- titles and units ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "(4) China's Total Export &amp; Import Values by Country/Region, Mar 2026 (in USD)",
        "(2) China’s Total Export &amp; Import Values by Country/Region, March 2026 (in USD)",  # noqa: RUF001
        "(6)China's Total Export &amp; Import Values by Country/Region, March 2026(in USD)",
        "China's Total Value of Imports and Exports by Major Country (Region), Mar. 2026",
        "China's Total Values of Imports and Exports by Country/Region, January-March 2026 (in USD)",
        "China's Total Export &amp; Import Values by Country/Region,&nbsp;Mar&nbsp;2026 （in USD）",  # noqa: RUF001
    ],
)
def test_titles_of_a_month_in_every_spelling_seen(title):
    assert read("preliminary", "2026-03", "USD", title=title) == read("preliminary", "2026-03", "USD")


@pytest.mark.parametrize(
    "title",
    [
        "(4) China's Total Export &amp; Import Values by Country/Region, January-February 2025 (in USD)",
        "(4) China's Total Export &amp; Import Values by Country/Region, Jan-Feb 2025 (in USD)",
    ],
)
def test_titles_of_january_and_february_name_the_second_month(title):
    assert len(read("preliminary", "2025-02", "USD", SEVEN, combined=True, title=title)) == 2


def test_the_title_of_2018_says_no_currency_and_the_unit_does():
    title = "China's Total Value of Imports and Exports by Major Country (Region), Jan. 2018"
    assert read("preliminary", "2018-01", "USD", title=title)[0].value == Decimal("2.0")
    assert refused("preliminary", "2018-01", "USD", title=title, unit="Unit: CNY 100 Million") == "unit"


@pytest.mark.parametrize(
    ("kind", "currency", "unit", "millions"),
    [
        ("preliminary", "USD", "Unit: USD1 Million", "2"),
        ("preliminary", "USD", "<span>Unit: USD1 Million</span>", "2"),
        ("preliminary", "USD", "Unit:USD 1 million", "2"),
        ("preliminary", "USD", "Unit: USD 100 Million", "200"),
        ("preliminary", "USD", "Unit: USD1 Thousand", "0.002"),
        ("preliminary", "CNY", "<span>Unit: CNY 100 Million</span>", "200"),
        ("preliminary", "CNY", "Unit: RMB 100 million yuan", "200"),
        ("bulletin", "USD", "Unit:US$1,000", "0.002"),
        ("bulletin", "USD", "Unit：US$1,000", "0.002"),  # noqa: RUF001
        ("bulletin", "USD", "Unit:US$10,000", "0.02"),
    ],
)
def test_units_in_every_spelling_seen(kind, currency, unit, millions):
    found = one(read(kind, "2026-03", currency, unit=unit), "Total", "exports", "month")
    assert found.value == Decimal(millions)
    assert found.half_unit == Decimal(millions) / 40


@pytest.mark.parametrize(
    ("kind", "currency", "unit"),
    [
        ("preliminary", "USD", "Unit: CNY 100 Million"),
        ("preliminary", "CNY", "Unit: USD1 Million"),
        ("bulletin", "USD", "Unit:RMB￥10,000"),
        ("preliminary", "USD", "Million dollars"),
        ("preliminary", "USD", "Unit: USD1 Trillion"),
        ("preliminary", "USD", "Unit: USD1 Mıllıon"),
        ("preliminary", "USD", "Unit: USD 1.5 Million"),
        ("preliminary", "USD", "Unit: USD 100 Billion"),
        ("preliminary", "USD", "Unit: USD 0 Million"),
    ],
)
def test_a_unit_that_contradicts_the_title_or_is_not_understood_is_refused(kind, currency, unit):
    assert refused(kind, "2026-03", currency, unit=unit) == "unit"


def test_a_title_in_the_other_currency_is_refused():
    title = shapes.gacc_title("preliminary", "2026-03", "CNY")
    assert refused("preliminary", "2026-03", "USD", title=title, unit="Unit: USD1 Million") == "unit"


@pytest.mark.parametrize(
    ("kind", "shown"), [("preliminary", "2026-02"), ("preliminary", "2025-03"), ("bulletin", "2026-02")]
)
def test_the_page_of_another_month_is_refused(kind, shown):
    title = shapes.gacc_title(kind, shown, "USD")
    assert refused(kind, "2026-03", "USD", title=title) == "other month"


def test_the_columns_of_another_month_are_refused():
    assert refused("preliminary", "2026-03", "USD", head=shapes.gacc_head("preliminary", 4)) == "columns"


# --- pages that are none ---------------------------------------------------------------------------------------------


def test_a_table_that_is_a_picture_is_refused_as_one():
    assert refused("preliminary", "2018-01", "USD", picture=True) == "picture"


def test_a_page_of_something_in_between_is_refused():
    with pytest.raises(RefusedAnswer) as caught:
        accept(
            OFFICE, ask_for("bulletin", "2026-03", "USD"), b"<html><body><h1>504 Gateway Time-out</h1></body></html>"
        )
    assert caught.value.reason == "gateway page"


@pytest.mark.parametrize("cut", [b"<tr><td><span><b>Japan", b"Japan", b"&nbsp;", b"</b>", b"</table>"])
def test_a_page_that_ends_inside_its_table_is_refused_wherever_it_ends(cut):
    body = shapes.gacc_page("preliminary", "2026-03", "USD", [ROW, ("Japan", ["1"] * 9)])
    head, found, _ = body.rpartition(cut)
    assert found
    with pytest.raises(RefusedAnswer):
        accept(OFFICE, ask_for("preliminary", "2026-03", "USD"), head)


def test_a_row_cut_after_its_name_is_refused():
    assert refused("preliminary", "2026-03", "USD", [ROW, ("Japan", [])]) == "columns"


@pytest.mark.parametrize(
    "around", [(b"<!-- kept -->", b""), (b"", b"<!-- kept -->"), (b"<?xml version='1.0' encoding='utf-8'?>", b"\n")]
)
def test_comments_around_a_page_change_nothing(around):
    body = shapes.gacc_page("preliminary", "2026-03", "USD", [ROW])
    figures = accept(OFFICE, ask_for("preliminary", "2026-03", "USD"), around[0] + body + around[1]).figures
    assert figures == read("preliminary", "2026-03", "USD")


def test_a_table_wider_than_any_is_refused_before_it_fills_the_memory():
    wide = b"<table><tr>" + b"<td colspan=200>" * 300_000 + b"</table></html>"
    with pytest.raises(RefusedAnswer) as caught:
        accept(OFFICE, ask_for("preliminary", "2026-03", "USD"), wide)
    assert caught.value.reason == "format"


# --- index pages -----------------------------------------------------------------------------------------------------

WANTED = Wanted("2026-01", "2026-03")


def index_ask(kind: str, year: str = "", wanted: Wanted = WANTED) -> Ask:
    return next(ask for ask in OFFICE.plan(wanted) if ask.about == (kind, year))


def follow(kind: str, page_year: str, links, *, year: str = "", wanted: Wanted = WANTED) -> list[Ask]:
    return gacc.follow(index_ask(kind, year, wanted), shapes.gacc_index(kind, page_year, links), wanted)


def test_an_index_leads_to_exactly_the_wanted_months_in_both_currencies():
    links = [(f"2026-{month:02d}", currency, f"/Statics/{currency.lower()}-{month}.html")
             for month in (1, 2, 3, 4, 5) for currency in ("CNY", "USD")]  # fmt: skip
    asks = follow("preliminary", "2026", links)
    assert {(ask.name, ask.path) for ask in asks} == {
        (f"preliminary-2026-{month:02d}-{currency}", f"/Statics/{currency}-{month}.html")
        for month in (1, 2, 3) for currency in ("cny", "usd")
    }  # fmt: skip
    march = next(ask for ask in asks if ask.name == "preliminary-2026-03-usd")
    assert (march.first, march.last, march.dataset) == ("2026-01", "2026-03", "gacc_preliminary_usd")


def test_months_not_yet_published_are_no_links():
    asks = follow("bulletin", "2026", [("2026-01", "USD", "http://english.customs.gov.cn/Statics/a-1.html")])
    assert [(ask.name, ask.path, ask.dataset) for ask in asks] == [
        ("bulletin-2026-01-usd", "/Statics/a-1.html", "gacc_bulletin_usd")
    ]


def test_a_bulletin_in_yuan_has_no_place_in_the_ledger_and_is_passed_over():
    dollars = shapes.gacc_index("bulletin", "2026", [("2026-01", "USD", "/Statics/a.html")])
    both = dollars.replace(b"Destination</td>", b"Destination (in CNY)</td>")
    assert both != dollars and gacc.follow(index_ask("bulletin"), both, WANTED) == []


def test_the_year_of_the_current_index_is_the_latest_of_its_list_and_of_an_earlier_one_its_own():
    links = [("2025-11", "USD", "/Statics/a.html")]
    wanted = Wanted("2024-11", "2026-03")
    assert [ask.name for ask in follow("bulletin", "2025", links, wanted=wanted)] == ["bulletin-2025-11-usd"]
    assert [
        ask.name for ask in follow("bulletin", "2026", [("2026-11", "USD", "/Statics/a.html")], wanted=wanted)
    ] == []
    earlier = follow("bulletin", "2026", [("2026-11", "USD", "/Statics/a.html")], year="2024", wanted=wanted)
    assert [ask.name for ask in earlier] == ["bulletin-2024-11-usd"]


@pytest.mark.parametrize(
    "href",
    [
        "/Statics/a.html", "/statics/a.html", "http://english.customs.gov.cn/Statics/a.html", "\\Statics\\a.html",
        "http:\\\\english.customs.gov.cn\\Statics\\a.html", "//english.customs.gov.cn/Statics/a.html",
        "/Statics/a.html?x=1#top",
    ],
)  # fmt: skip
def test_links_of_the_office_in_every_spelling_lead_to_its_page(href):
    (ask,) = follow("bulletin", "2026", [("2026-01", "USD", href)])
    assert ask.path.lower() == "/statics/a.html"


@pytest.mark.parametrize(
    "href",
    [
        "http://example.org/Statics/a.html", "//example.org/Statics/a.html", "http://[x/Statics/a.html",
        "https:\\\\example.org\\Statics\\a.html", "/Statics/../secret.html", "/Statics/é.html", "javascript:void(0)",
        "http://english.customs.gov.cn.example.org/Statics/a.html", "http://x@example.org/Statics/a.html",
        "http://englishxcustoms.gov.cn/Statics/a.html", "file:///Statics/a.html", "/Statics/a.xls", "",
    ],
)  # fmt: skip
def test_a_link_to_anything_else_is_refused(href):
    with pytest.raises(RefusedAnswer) as caught:
        follow("bulletin", "2026", [("2026-01", "USD", href or '""')])
    assert caught.value.reason == "redirect"


def test_a_month_in_letters_that_only_look_like_it_is_no_month():
    body = shapes.gacc_index("bulletin", "2026", [("2026-01", "USD", "/Statics/a.html")])
    assert gacc.follow(index_ask("bulletin"), body.replace(b"> Jan.", "> ſep.".encode()), WANTED) == []


def test_an_index_without_the_table_by_country_and_one_that_breaks_off_are_refused():
    body = shapes.gacc_index("bulletin", "2026", [("2026-01", "USD", "/Statics/a.html")])
    for bad, reason in [
        (b"<html><body>412 Precondition Failed</body></html>", "gateway page"),
        (shapes.gacc_index("bulletin", "2026", []), "columns"),
        (body.partition(b"Feb.")[0], "truncated"),
    ]:
        with pytest.raises(RefusedAnswer) as caught:
            gacc.follow(index_ask("bulletin"), bad, WANTED)
        assert caught.value.reason == reason


def test_the_plan_asks_for_an_index_of_each_kind_and_year():
    asks = OFFICE.plan(Wanted("2024-05", "2026-03"))
    assert [(ask.path, ask.empty) for ask in asks if ask.about[0] == "bulletin"] == [
        ("/statics/report/monthly.html", ()), ("/statics/report/monthly2024.html", (404,)),
        ("/statics/report/monthly2025.html", (404,)),
    ]  # fmt: skip
