"""What moved between two reports, on invented reports: what is the same quantity, by how much it moved, and why."""

from __future__ import annotations

import json
import shutil

import invented_reports
import pytest

from helpers import cli, comparison, comparison_text, comparison_words, paths, since
from helpers.columns import integer, number
from helpers.comparison_cells import ANEW, NEXT, ONLY_AFTER, ONLY_BEFORE, OTHERWISE

W1 = {"span": "W1", "first_month": "2025-04", "last_month": "2025-11", "partner_code": "US"}
INPUTS = "CN/US/exports/month/2025-04..2025-11;CN/WORLD/exports/month/2025-04..2025-11"


def change(value: float, **cells) -> dict:
    return {**W1, "change_usd_bn": value, "growth_pct": -20.0, "basis": "levels", "inputs": INPUTS, **cells}


def latest(month: str, growth: float) -> dict:
    return change(1.0, span="latest month", first_month=month, last_month=month, growth_pct=growth)


def gap(value: float, **cells) -> dict:
    return {"destination_code": "US", "form": "plain", "window_id": "W1", "first_month": "2025-04", "view": "importer",
            "last_month": "2025-11", "currency": "USD", "gap_bn": value, "status": "interval", **cells}  # fmt: skip


def fact(table: str, key: dict, column: str, printed: str, **cells) -> dict:
    return {"position": 1, "slot": f"{table} {column} {printed}", "table": table, "row": json.dumps(key),
            "column": column, "printed": printed, "value": "0", **cells}  # fmt: skip


def level(value: float, partner: str = "US", period: str = "2025-05", **cells) -> dict:
    return {"period": period, "period_kind": "month", "reporter_code": "CN", "partner_code": partner, "flow": "exports",
            "product_scheme": "total", "product_code": "TOTAL", "concept": "exports_fob", "currency": "USD",
            "vintage": "revised", "value_mn": value, "is_preferred": True, **cells}  # fmt: skip


def ledger(*cells: dict, rate: float = 7.0) -> dict:
    rates = [{"period": "2025-05", "series": "x", "value": rate}]
    return {"customs_monthly": cells, "customs_quarterly": [], "customs_growth": [], "controls_monthly": rates}


def tables(**rows) -> dict:
    return {name: invented_reports.frame(name, *given) for name, given in rows.items()}


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Write two reports and give their folders: (month, tables, parts of the record) each."""
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")

    def write(before: dict, after: dict, months=("2026-01", "2026-01"), old=None, new=None):
        places = [paths.REPORTS / months[0], (paths.REPORTS if months[0] != months[1] else tmp_path) / months[1]]
        invented_reports.make(places[0], months[0], before, **(old or {}))
        invented_reports.make(places[1], months[1], after, **(new or {}))
        return places

    return write


def moved(found) -> list[tuple]:
    return [(cell.table, cell.column.name, cell.kind, cell.before, cell.after) for cell in found.cells]


def test_a_report_does_not_differ_from_itself(pair):
    held = tables(accounting_change=[change(-95.0)], summary_sentences=[{"position": 1, "text": "One. Two."}])
    found = comparison.compare(*pair(held, held), every=True)
    assert found.cells == [] == found.sentences and found.causes.named() == [] and found.moved.empty
    told = comparison_text.as_text(found)
    assert "Inputs: the same" in told and "The summary says the same" in told and "No number moved" in told
    assert comparison.since_last(found.before.folder, found.after.folder) == []


def test_a_number_moved_when_it_differs_by_more_than_half_the_last_digit_shown(pair):
    before = tables(accounting_change=[change(-95.0), change(5.0, partner_code="NON_US")])
    after = tables(accounting_change=[change(-95.04), change(5.06, partner_code="NON_US")])
    (cell,) = comparison.compare(*pair(before, after)).cells
    assert cell.key == {"span": "W1", "partner_code": "NON_US"} and cell.kind == ANEW
    assert cell.change == pytest.approx(0.06) and cell.span_after == "2025-04..2025-11"


def test_digits_are_those_of_the_page_then_of_the_unit():
    assert comparison_words.digits(number("change_usd_bn", "x", "USD billion")) == 1
    assert comparison_words.digits(number("nobody_shows_it", "x", "probability")) == 3
    assert comparison_words.digits(number("nobody_shows_it", "x", "as printed")) == 2
    assert comparison_words.digits(integer("origins", "x")) == 0


def test_a_span_that_went_on_is_another_months_quantity(pair):
    before = tables(accounting_change=[latest("2026-01", 1.0), change(2.0, span="gone")])
    after = tables(accounting_change=[latest("2026-02", 3.0), change(4.0, span="came")])
    found = comparison.compare(*pair(before, after, ("2025-12", "2026-01")))
    assert sorted(moved(found)) == [
        ("accounting_change", "change_usd_bn", ONLY_AFTER, None, 4.0),
        ("accounting_change", "change_usd_bn", ONLY_BEFORE, 2.0, None),
        ("accounting_change", "growth_pct", NEXT, 1.0, 3.0),
    ]
    assert {found.why(cell) for cell in found.cells} == {"new month"}


@pytest.mark.parametrize(("window", "kind"), [("W1", ANEW), ("W3", NEXT)])
def test_an_open_window_goes_on_with_the_month_where_a_table_names_no_months(pair, window, kind):
    ratio = {"destination_code": "AU", "form": "plain", "window_id": window}
    places = pair(tables(excess_ratios=[{**ratio, "ratio": 0.1}]), tables(excess_ratios=[{**ratio, "ratio": 0.3}]),
                  ("2026-03", "2026-04"))  # fmt: skip
    assert [cell.kind for cell in comparison.compare(*places).cells] == [kind]


@pytest.mark.parametrize("other", [{"currency": "CNY"}, {"view": "a proxy"}])
def test_the_same_months_in_other_money_or_by_another_count_have_no_change(pair, other):
    found = comparison.compare(*pair(tables(excess=[gap(-100.0)]), tables(excess=[gap(-700.0, **other)])))
    cell = next(cell for cell in found.cells if cell.column.name == "gap_bn")
    assert cell.kind == OTHERWISE and cell.change is None and found.why(cell) == OTHERWISE
    assert cell.units[0] == "billion of currency".replace("of currency", "USD")
    assert cell.units[1].endswith(other.get("currency", "USD"))


def test_rows_that_only_one_holds_are_not_told_of_a_table_that_is_not_whole(pair):
    before, after = pair(tables(excess=[gap(-100.0)]), tables(excess=[gap(-101.0), gap(7.0, destination_code="AU")]))
    file = after / "data" / "excess.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([f"{lines[0]},shown", *(f"{line},as shown" for line in lines[1:])]) + "\n")
    assert moved(comparison.compare(before, after)) == [("excess", "gap_bn", ANEW, -100.0, -101.0)]


def test_a_table_whose_rows_cannot_be_told_apart_is_named(pair):
    held = tables(excess=[gap(-100.0)])
    before, after = pair(held, held)
    (after / "data" / "excess.csv").write_text("words,amount\na,1\n")
    found = comparison.compare(before, after)
    assert found.not_compared == ["excess"] and "cannot be told apart in both: excess" in comparison_text.as_text(found)


def test_what_the_summary_quotes_comes_first_then_its_tables_then_all_others(pair):
    key = {"window_id": "W1", "destination_code": "US", "form": "plain"}  # in another order than the table's
    facts = [fact("excess", key, "gap_bn", "100")]

    def held(shift):
        return tables(
            accounting_change=[change(-95.0 + shift)], excess=[gap(-100.0 + shift)],
            sizes=[{"partner_code": "AU", "period": "2025-11", "value_usd_bn": 5.0 + shift}], summary_facts=facts,
        )  # fmt: skip

    places = pair(held(0.0), held(1.0))
    assert [cell.table for cell in comparison.compare(*places).cells] == ["excess", "accounting_change"]
    every = comparison.compare(*places, every=True)
    assert [cell.table for cell in every.cells] == ["excess", "accounting_change", "sizes"]
    assert every.moved["quoted"].tolist() == [True, False, False]


def test_verdicts_that_changed_are_told(pair):
    claim = {"claim_id": "c01", "claim": "an invented claim", "period": "2025-11"}
    before, after = (tables(claims_checked=[{**claim, "verdict": told}]) for told in ("confirmed", "wrong"))
    places = pair(before, after)
    assert moved(comparison.compare(*places)) == [("claims_checked", "verdict", ANEW, "confirmed", "wrong")]
    (row,) = comparison.since_last(*places)
    assert row["quantity"] == "Verdict on claim c01: an invented claim, November 2025"
    assert (row["before"], row["after"]) == ("confirmed", "wrong")


def test_sentences_are_held_against_each_other_one_by_one_wherever_they_stand(pair):
    def held(*texts):
        return tables(summary_sentences=[{"position": n, "text": text} for n, text in enumerate(texts, start=1)])

    old = held("It stays. It was 3.5 billion. End.", "A statement that moved.")
    found = comparison.compare(*pair(old, held("It stays. It is 4. End.", "New.", "A statement that moved.")))
    assert found.sentences == [
        {"position": 1, "place": "statement 1", "before": ["It was 3.5 billion."], "after": ["It is 4."]},
        {"position": 2, "place": "statement 2", "before": [], "after": ["New."]},
    ]
    assert "  - It was 3.5 billion.\n  + It is 4." in comparison_text.as_text(found)


def test_inputs_that_differ_are_named(pair):
    one, other = invented_reports.FILES
    more = [one, {**other, "sha256": "c" * 64, "date_accessed": "2026-03-01"}, {**one, "file": "imf/new.csv"}]
    new = {"code": "c2", "lock": "l2", "packages": {"pandas": "4"}, "data": more,
           "parameters": {"month": "2026-01", "currency": "CNY", "language": "en"}}  # fmt: skip
    causes = comparison.compare(*pair({}, {}, new=new)).causes
    assert causes.named() == ["parameters", "data", "packages", "code"]
    assert causes.parameters == {"currency": ("USD", "CNY"), "language": (None, "en")}
    assert [(file["file"], file["what"]) for file in causes.files] == [
        ("abs/invented.csv", "changed"), ("imf/new.csv", "added"),
    ]  # fmt: skip


def test_a_raw_file_whose_record_says_something_else_has_changed_where_both_reports_tell(pair):
    def changed(old, new):
        old, new = ({"data": [{**invented_reports.FILES[0], **given}]} for given in (old, new))
        shutil.rmtree(paths.REPORTS.parent / "2026-01", ignore_errors=True)
        shutil.rmtree(paths.REPORTS, ignore_errors=True)
        causes = comparison.compare(*pair({}, {}, old=old, new=new)).causes
        return [file["what"] for file in causes.files]

    assert changed({"record": "e" * 64}, {"record": "f" * 64}) == ["changed"]
    assert changed({}, {"record": "f" * 64}) == changed({"record": "e" * 64}, {"record": "e" * 64}) == []


def test_every_input_that_differs_stands_in_the_text(pair):
    new = {
        "code": "c2",
        "lock": "l2",
        "data": invented_reports.FILES[:1],
        "parameters": {"month": "2026-01", "window": 0},
    }
    told = comparison_text.as_text(comparison.compare(*pair({}, {}, new=new)))
    for line in ("parameter currency: USD → not there", "parameter window: not there → 0", "code: c1 → c2",
                 "packages: the lock differs", "raw file left out: abs/invented.csv (Another"):  # fmt: skip
        assert line in told


def test_a_parameter_that_only_one_report_knows_is_no_cause(pair):
    new = {"code": "c2", "parameters": {"month": "2026-01", "currency": "USD", "language": "en"}}
    assert comparison.compare(*pair({}, {}, new=new)).causes.named() == ["code"]


@pytest.mark.parametrize(
    ("revised", "inputs", "why"),
    [
        (level(2.0), INPUTS, "data or code"),
        (level(2.0, period="2026-01"), INPUTS, "code"),  # outside the span the row rests on
        (level(2.0, partner="AU"), INPUTS, "code"),
        (level(2.0), "CN/US/exports/ytd/2025-11@yoy", "code"),
        (level(2.0), "excess/US/plain/W1", "data or code"),  # not said well enough to leave data out
        (level(2.0, partner="EU27"), "CN/EU/exports/month/2025-05", "data or code"),
        (level(2.0, is_preferred=False), INPUTS, "code"),
    ],
)
def test_data_is_a_cause_only_where_figures_that_the_row_rests_on_differ(pair, revised, inputs, why):
    def held(value, cells):
        return tables(accounting_change=[change(value, inputs=inputs)], **ledger(*cells))

    same = level(9.0, partner="JP")
    data = [{**invented_reports.FILES[0], "sha256": "d" * 64}]
    old = {**revised, "value_mn": 1.0}
    places = pair(held(-95.0, [same, old]), held(-94.0, [same, revised]), new={"code": "c2", "data": data})
    found = comparison.compare(*places)
    assert [found.why(cell) for cell in found.cells] == [why]


def test_when_rates_of_exchange_differ_data_is_not_left_out(pair):
    def held(value, rate):
        return tables(accounting_change=[change(value)], **ledger(level(1.0), rate=rate))

    data = [{**invented_reports.FILES[0], "sha256": "d" * 64}]
    found = comparison.compare(*pair(held(-95.0, 7.0), held(-94.0, 7.1), new={"code": "c2", "data": data}))
    assert [found.why(cell) for cell in found.cells] == ["data or code"]


def summary(value: float, printed: str, growth: float, month: str) -> dict:
    ends = {"span": "W1", "partner_code": "EU"}
    return tables(
        accounting_change=[change(value), latest(month, growth)],
        ceiling=[{"span": "W1", "side": "exporter", "first_month": "2025-04", "last_month": "2025-11",
                  "us_change_usd_bn": value}],
        rise_by_destination=[{**W1, **ends, "change_low_usd_bn": value + 125, "change_high_usd_bn": 35.0}],
        summary_facts=[
            fact("ceiling", {"span": "W1", "side": "exporter"}, "us_change_usd_bn", printed),
            fact("accounting_change", {"span": "W1", "partner_code": "US"}, "change_usd_bn", printed),
            fact("rise_by_destination", ends, "change_low_usd_bn", printed),
        ],
    )  # fmt: skip


def test_what_changed_since_the_last_report_is_short_and_tells_a_quantity_once(pair):
    places = pair(summary(-95.0, "95", -30.0, "2026-01"), summary(-93.0, "93", 5.0, "2026-02"), ("2026-01", "2026-02"))
    assert comparison.since_last(*places) == [
        {"quantity": "China's exports to the United States on a year before, April to November 2025",
         "before": "−95.0 USD billion", "after": "−93.0 USD billion", "why": "new month"},
        {"quantity": "Rise of exports to the EU, April to November 2025", "before": "30.0 to 35.0 USD billion",
         "after": "32.0 to 35.0 USD billion", "why": "new month"},
        {"quantity": "Growth of China's exports to the United States, latest month", "before": "−30.0 % (January 2026)",
         "after": "+5.0 % (February 2026)", "why": "new month"},
    ]  # fmt: skip


def test_a_move_that_no_sentence_shows_is_left_out_of_the_short_list(pair):
    places = pair(summary(-95.1, "95", 1.0, "2026-01"), summary(-94.9, "95", 1.0, "2026-01"))
    assert comparison.since_last(*places) == [] and comparison.compare(*places).cells


def test_the_short_list_has_eight_rows_at_most(pair):
    def held(shift):
        codes = ("US", "NON_US", "AU", "JP", "KR", "IN", "BR", "CA", "MX", "GB", "TR")
        return tables(
            accounting_change=[change(shift, partner_code=code) for code in codes],
            summary_facts=[fact("accounting_change", {"span": "W1", "partner_code": code}, "change_usd_bn",
                                f"{shift}", slot=code) for code in codes],
        )  # fmt: skip

    places = pair(held(1.0), held(2.0), new={"code": "c2"})
    rows = comparison.since_last(*places)
    assert len(rows) == comparison.MOST and {row["why"] for row in rows} == {"code"}


def test_a_report_without_a_record_yet_is_compared_by_its_stamp(pair):
    before, after = pair(summary(-95.0, "95", 1.0, "2026-01"), summary(-93.0, "93", 1.0, "2026-01"))
    (after / "run.json").unlink()
    stamp = {name: part for name, part in invented_reports.record("2026-01", code="c2").items() if name != "packages"}
    assert {row["why"] for row in comparison.since_last(before, after, stamp)} == {"code"}


def test_the_report_before_is_the_last_that_holds(pair):
    pair({}, {}, ("2025-11", "2026-01"))
    assert since.previous("2026-02")["month"] == "2026-01" and since.previous("2025-12")["month"] == "2025-11"
    assert since.previous("2025-11") is None
    (paths.REPORTS / "2026-01" / "run.json").write_text("{", encoding="utf-8")
    assert since.previous("2026-02")["month"] == "2025-11"


def test_the_command_tells_in_lines_or_as_json_with_exit_code_0(pair, capsys):
    before, after = pair(summary(-95.0, "95", -30.0, "2026-01"), summary(-93.0, "93", 5.0, "2026-02"),
                         ("2026-01", "2026-02"))  # fmt: skip
    assert cli.main(["compare", "2026-01", str(after)]) == 0
    told = capsys.readouterr().out
    assert "month: 2026-01 → 2026-02" in told and "The same quantity, seen anew (3)" in told
    assert "us_change_usd_bn*" in told and "−30.0 (Jan 2026)" in told and "+2.00" in told
    assert cli.main(["compare", str(before), "2026-02", "--json", "--all"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["before"] == {"month": "2026-01", "stamp": invented_reports.STAMP}
    assert {row["kind"] for row in content["moved"]} == {ANEW, NEXT}
    assert content["moved"][0]["change"] == 2.0 and content["moved"][0]["quoted"] is True


def test_a_partner_nobody_knows_keeps_its_code_and_a_table_without_words_names_itself():
    column = number("hhi", "sum of squared shares", "0 to 10,000")
    told = comparison_words.quantity(
        "electronics_concentration", column, {"product_code": "84", "last_month": "2025-11"}
    )
    assert told == "electronics concentration, 84, 2025-11: sum of squared shares"
    assert comparison_words.name_of("XX?") == "XX?"
    assert comparison_words.shown(True, column, "") == "yes" and comparison_words.shown(None, column, "x") == "–"
    assert comparison_words.shown(-0.0001, number("p", "x", "probability"), "probability") == "0.000 probability"


def test_a_sentence_of_the_first_screen_is_named_by_its_place_there(pair):
    def held(text):
        rows = [(4, "lead", "It stays."), (5, "short: a fall", "Stays."), (6, "short: a loss", text)]
        return tables(summary_sentences=[{"position": n, "rule": rule, "text": said} for n, rule, said in rows])

    (told,) = comparison.compare(*pair(held("Old."), held("New."))).sentences
    assert told == {"position": 6, "place": "first screen, sentence 2", "before": ["Old."], "after": ["New."]}


def test_an_edited_figure_is_named_among_the_inputs_with_both_values(pair):
    held = {"accounting_change": [change(-95.0)]}
    file = {"file": "gacc/x.csv", "sha256": "a", "producer": "GACC", "title": "x", "date_accessed": "2026-11-22"}
    places = pair(
        tables(**held, **ledger(level(18_899.0), level(5.0, "WORLD"))),
        tables(**held, **ledger(level(16_899.0), level(5.0, "WORLD"), level(7.0, period="2026-02"))),
        old={"data": [file]}, new={"data": [{**file, "sha256": "b"}]},
    )  # fmt: skip
    told = comparison_text.as_text(comparison.compare(*places))
    assert "raw file changed: gacc/x.csv (GACC, read 2026-11-22, the same day)" in told
    assert "figure CN exports to US, 2025-05 (month), million USD: 18,899 → 16,899\n" in told
    assert told.count("  figure ") == 1


def test_a_number_measured_otherwise_says_what_made_it_so_and_shows_its_basis_first(pair):
    def held(basis, value):
        return tables(accounting_change=[change(value, basis=basis)])

    found = comparison.compare(*pair(held("levels", -95.0), held("rates", -90.0), ("2026-01", "2026-02")))
    assert {found.why(cell) for cell in found.cells} == {f"{OTHERWISE}: new month"}
    group = comparison_text.as_text(found).split("measured otherwise (")[1].splitlines()
    assert " basis " in group[2] and " change_usd_bn " in group[3]
