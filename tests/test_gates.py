"""The gates with invented figures: each closes on what it is there for, and on nothing else."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from invented_reports import frame, make

from helpers import gates, guard, latest, paths
from helpers.cli import main
from helpers.gates import HOLE, IDENTITY, JUMP, MOVED, REVISION
from helpers.progress import Progress
from helpers.refusals import EXIT_CODES

MONTHS = [f"{year}-{month:02d}" for year in range(2022, 2026) for month in range(1, 13)]
USUAL = {month: 100.0 + (place % 7) for place, month in enumerate(MONTHS)}  # changes of a few percent
PARAMETERS = {"parameters": {"month": "2026-01", "currency": "USD"}}


def cell(period: str, value: float, **changed):
    return {"period": period, "period_kind": "month", "reporter_code": "US", "partner_code": "CN", "flow": "imports",
            "product_scheme": "total", "product_code": "TOTAL", "concept": "imports_general", "currency": "USD",
            "value_mn": value, "abs_error_mn": 0.05, "vintage": "revised", "is_preferred": True, "is_sum": False,
            "is_derived": False, "is_preliminary": False, "source_id": "invented#one"} | changed  # fmt: skip


def cells(values: dict[str, float] = USUAL, *more: dict) -> pd.DataFrame:
    return frame("customs_monthly", *(cell(month, value) for month, value in values.items()), *more)


def prints(*rows: tuple[str, float, str], beyond: bool = True) -> pd.DataFrame:
    """Revisions of US imports from China: month, percent, day."""
    table = [
        {**{k: v for k, v in cell(month, 100.0).items() if k in gates.SAME or k == "partner_code"}, "vintage_day": day,
         "print_number": 2, "value_mn": 100.0, "abs_error_mn": 0.05, "revision_pct": percent,
         "is_beyond_rounding": beyond}
        for month, percent, day in rows
    ]  # fmt: skip
    return frame("customs_revisions", *table)


PAST = prints(*((month, 1.5, "2025-02-01") for month in MONTHS[:6]))


def judged(tmp_path, now: dict[str, pd.DataFrame], before: dict[str, pd.DataFrame] | None, **parameters):
    new = make(tmp_path / "building", "2026-01", now)
    old = make(tmp_path / "2025-12", "2025-12", before) if before is not None else None
    return gates.judge(new, old, {"parameters": PARAMETERS["parameters"] | parameters})


def found(verdict) -> list[str]:
    return [finding.gate for finding in verdict.findings]


@pytest.fixture(autouse=True)
def reports(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "REPORTS", tmp_path)
    monkeypatch.setattr(paths, "CORRECTIONS_FILE", tmp_path / "corrections.yml")


# --- a month that jumps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "closes"), [(100.0, 0), (101.0, 0), (98.0, 1), (60.0, 2), (170.0, 2)])
def test_a_new_month_beyond_every_change_ever_seen_closes_the_gate(tmp_path, value, closes):
    verdict = judged(tmp_path, {"customs_monthly": cells(USUAL | {"2026-01": value})}, {"customs_monthly": cells()})
    assert found(verdict).count(JUMP) == closes  # against the month before, and against the year before as well
    if closes:
        assert "January 2026" in verdict.findings[0].told and "largest" in verdict.findings[0].told


def test_a_jump_that_stood_in_the_report_before_is_no_news(tmp_path):
    jumped = {"customs_monthly": cells(USUAL | {"2026-01": 60.0})}
    more = {"customs_monthly": cells(USUAL | {"2026-01": 60.0}, cell("2026-01", 1.0, partner_code="JP"))}
    assert found(judged(tmp_path, more, jumped)) == []


def test_a_larger_change_in_the_past_makes_room(tmp_path):
    past = USUAL | {"2023-05": 40.0}
    verdict = judged(tmp_path, {"customs_monthly": cells(past | {"2026-01": 60.0})}, {"customs_monthly": cells(past)})
    assert found(verdict) == []


def test_a_short_past_is_not_judged_and_said_to_be_short(tmp_path):
    past = {month: USUAL[month] for month in MONTHS[-10:]}
    verdict = judged(tmp_path, {"customs_monthly": cells(past | {"2026-01": 10.0})}, {"customs_monthly": cells(past)})
    assert found(verdict) == [] and any("too few" in told for told in verdict.not_judged)


# --- a month that is missing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["2024-06", "2025-12"])
def test_a_month_that_vanished_closes_the_gate(tmp_path, lost):
    now = {month: value for month, value in USUAL.items() if month != lost} | {"2026-01": 104.0}
    verdict = judged(tmp_path, {"customs_monthly": cells(now)}, {"customs_monthly": cells()})
    assert HOLE in found(verdict)


def test_a_month_left_out_on_the_way_to_a_new_one_closes_the_gate(tmp_path):
    verdict = judged(tmp_path, {"customs_monthly": cells(USUAL | {"2026-02": 104.0})}, {"customs_monthly": cells()})
    assert found(verdict) == [HOLE]
    assert "January 2026 missing" in verdict.findings[0].told


def test_january_and_february_in_one_figure_leave_no_hole(tmp_path):
    both = cell("2026-02", 208.0, period_kind="jan_feb")
    now = cells(USUAL | {"2026-03": 101.0}, both)
    assert HOLE not in found(judged(tmp_path, {"customs_monthly": now}, {"customs_monthly": cells()}))


def test_a_flow_that_always_had_holes_may_have_another(tmp_path):
    gappy = {month: value for month, value in USUAL.items() if month[5:] not in ("03", "08")}
    verdict = judged(
        tmp_path, {"customs_monthly": cells(gappy | {"2026-02": 100.0})}, {"customs_monthly": cells(gappy)}
    )
    assert HOLE not in found(verdict)


# --- sums -------------------------------------------------------------------------------------------------------------


def test_parts_that_are_more_than_the_whole_close_the_gate(tmp_path):
    whole = cell("2026-01", 150.0, partner_code="WORLD")
    parts = [cell("2026-01", 100.0), cell("2026-01", 50.0, partner_code="JP")]
    fits = judged(tmp_path / "a", {"customs_monthly": cells({}, whole, *parts)}, None)
    third = cell("2026-01", 1.0, partner_code="KR")
    more = judged(tmp_path / "b", {"customs_monthly": cells({}, whole, *parts, third)}, None)
    assert found(fits) == [] and found(more) == [IDENTITY]
    assert "the parts add up to 151.0" in more.findings[0].told


def test_parts_of_another_vintage_or_place_contradict_nothing(tmp_path):
    whole = cell("2026-01", 150.0, partner_code="WORLD")
    other = [cell("2026-01", 200.0, vintage="first_print"), cell("2026-01", 200.0, source_id="invented#two")]
    assert found(judged(tmp_path, {"customs_monthly": cells({}, whole, *other)}, None)) == []


def test_a_bloc_is_the_sum_of_its_members(tmp_path):
    from helpers.partners import ASEAN10_MEMBERS

    members = [cell("2026-01", 10.0, partner_code=code) for code in ASEAN10_MEMBERS]
    for name, value, gates_closed in (("fits", 100.2, []), ("not", 101.0, [IDENTITY])):
        bloc = cell("2026-01", value, partner_code="ASEAN10")
        verdict = judged(tmp_path / name, {"customs_monthly": cells({}, bloc, *members)}, None)
        assert found(verdict) == gates_closed
    one_missing = cells({}, cell("2026-01", 50.0, partner_code="ASEAN10"), *members[1:])
    assert found(judged(tmp_path / "less", {"customs_monthly": one_missing}, None)) == []


@pytest.mark.parametrize(("kind", "period", "number"), [("jan_feb", "2024-02", 2), ("ytd", "2024-05", 5),
                                                        ("year", "2024-12", 12)])  # fmt: skip
def test_a_sum_over_months_that_its_months_contradict_closes_the_gate(tmp_path, kind, period, number):
    months = sum(value for month, value in USUAL.items() if month[:4] == "2024" and int(month[5:]) <= number)
    for name, value, gates_closed in (
        ("fits", months, []),
        ("near", months * 1.005, []),
        ("not", months * 1.02, [IDENTITY]),
    ):
        more = cell(period, value, period_kind=kind)
        before = {"customs_monthly": cells()}
        assert found(judged(tmp_path / name, {"customs_monthly": cells(USUAL, more)}, before)) == gates_closed, name


def test_a_contradiction_as_large_as_one_that_stood_before_passes(tmp_path):
    wrong = cell("2024-12", 12 * 110.0, period_kind="year")
    another = cell("2023-12", 12 * 108.0, period_kind="year")
    before = {"customs_monthly": cells(USUAL, wrong)}
    assert found(judged(tmp_path, {"customs_monthly": cells(USUAL, wrong, another)}, before)) == []


# --- revisions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("percent", "closes"), [(1.4, False), (-1.5, False), (1.6, True), (-3.0, True)])
def test_a_revision_larger_than_any_before_closes_the_gate(tmp_path, percent, closes):
    new = pd.concat([PAST, prints(("2025-11", percent, "2026-02-01"))], ignore_index=True)
    verdict = judged(tmp_path, {"customs_revisions": new, "customs_monthly": cells()},
                     {"customs_revisions": PAST, "customs_monthly": cells()})  # fmt: skip
    assert found(verdict) == ([REVISION] if closes else [])


def test_roundings_other_products_and_small_partners_close_nothing(tmp_path):
    rows = prints(("2025-10", 50.0, "2026-02-01"), beyond=False)
    product = prints(("2025-11", 50.0, "2026-02-01")).assign(product_code="8542")
    partner = prints(("2025-11", 50.0, "2026-02-01")).assign(partner_code="NZ")
    new = pd.concat([PAST, rows, product, partner], ignore_index=True)
    verdict = judged(tmp_path, {"customs_revisions": new, "customs_monthly": cells()},
                     {"customs_revisions": PAST, "customs_monthly": cells()})  # fmt: skip
    assert found(verdict) == []


def test_where_few_revisions_of_a_flow_are_known_those_of_its_reporter_are_the_measure(tmp_path):
    others = prints(*((month, 4.0, "2025-02-01") for month in MONTHS[:6])).assign(partner_code="JP")
    past = pd.concat([PAST.iloc[:2], others], ignore_index=True)
    for name, percent, gates_closed in (("in", 3.9, []), ("out", 4.1, [REVISION])):
        new = pd.concat([past, prints(("2025-11", percent, "2026-02-01"))], ignore_index=True)
        assert found(judged(tmp_path / name, {"customs_revisions": new}, {"customs_revisions": past})) == gates_closed


def test_without_any_revision_in_the_past_five_percent_are_the_limit(tmp_path):
    for name, percent, gates_closed in (("in", 4.9, []), ("out", 5.1, [REVISION])):
        verdict = judged(tmp_path / name, {"customs_revisions": prints(("2025-11", percent, "2026-02-01"))},
                         {"customs_revisions": PAST.iloc[:0]})  # fmt: skip
        assert found(verdict) == gates_closed


def test_a_small_revision_passes_though_none_that_is_known_was_as_large(tmp_path):
    """Offices revise every month: the largest of the first few is beaten again and again."""
    past = prints(*((month, 0.1, "2025-02-01") for month in MONTHS[:6]))
    for name, percent, gates_closed in (("in", -0.9, []), ("out", 1.1, [REVISION])):
        new = pd.concat([past, prints(("2025-11", percent, "2026-02-01"))], ignore_index=True)
        assert found(judged(tmp_path / name, {"customs_revisions": new}, {"customs_revisions": past})) == gates_closed


# --- headline numbers -------------------------------------------------------------------------------------------------


def summary(fall: float = -100.0, gap: float = -80.0) -> dict[str, pd.DataFrame]:
    sides = frame("two_sides", {"reporter_code": "US", "span": "W1", "first_month": "2025-04", "last_month": "2025-11",
                                "exporter_change_usd_bn": fall, "exporter_growth_pct": -26.0})  # fmt: skip
    excess = frame("excess", {"destination_code": "US", "form": "plain", "window_id": "W1", "gap_bn": gap,
                              "low_bn": -120.0, "high_bn": -40.0, "currency": "USD"})  # fmt: skip
    return {"two_sides": sides, "excess": excess}


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        ({}, []),
        ({"fall": -109.0, "gap": -87.0}, []),
        ({"fall": -111.0}, ["fall_exporter"]),
        ({"gap": -89.0}, ["gap_US"]),
    ],
)
def test_a_headline_number_that_moved_by_more_than_a_tenth_closes_the_gate(tmp_path, now, closes):
    verdict = judged(tmp_path, summary(**now), summary())
    assert [finding.about for finding in verdict.findings] == closes
    assert set(found(verdict)) <= {MOVED}


def test_what_numbers_moved_before_makes_room(tmp_path):
    for month, fall in (("2025-09", -60.0), ("2025-10", -100.0)):
        make(tmp_path / month, month, summary(fall=fall))
    assert found(judged(tmp_path, summary(fall=-139.0), summary())) == []
    shutil.rmtree(tmp_path / "2025-09")
    shutil.rmtree(tmp_path / "building")
    shutil.rmtree(tmp_path / "2025-12")
    assert found(judged(tmp_path, summary(fall=-139.0), summary())) == [MOVED]


def test_a_headline_number_that_is_gone_closes_the_gate(tmp_path):
    left = {"two_sides": summary()["two_sides"]}
    assert [finding.about for finding in judged(tmp_path, left, summary()).findings] == ["gap_US"]


def test_numbers_made_with_other_parameters_are_not_held_against_each_other(tmp_path):
    verdict = judged(tmp_path, summary(fall=-500.0), summary(), currency="CNY")
    assert found(verdict) == [] and any("other parameters" in told for told in verdict.not_judged)


# --- which report before, and who listens -----------------------------------------------------------------------------


def test_the_report_before_is_this_months_own_or_the_last_that_holds(tmp_path):
    for month in ("2025-10", "2025-11", "2025-12"):
        make(tmp_path / month, month, {}, stamp=f"{month[:4]}{month[5:]}abcdef")
    assert gates.last_good("2025-12").name == "2025-12" == gates.last_good("2026-01").name
    entry = "- {{month: {0}, day: 2026-01-05, kind: {1}, what: Invented., what_de: Erfunden., stamp: {2}}}\n"
    wrong = entry.format("2025-12", "corrected", "202512abcdef") + entry.format("2025-11", "withdrawn", "202511abcdef")
    paths.CORRECTIONS_FILE.write_text(wrong)
    assert gates.last_good("2026-01").name == "2025-10"
    assert gates.last_good("2025-09") is None


def test_the_same_figures_are_judged_by_their_bytes(tmp_path, monkeypatch):
    tables = {"customs_monthly": cells(), "customs_revisions": PAST}
    new, old = (make(tmp_path / month, month, tables) for month in ("2026-01", "2025-12"))
    monkeypatch.setattr(gates, "_cells", lambda _: pytest.fail("read a table that is the same"))
    assert gates.judge(new, old, PARAMETERS).findings == ()


def test_a_report_without_these_tables_is_said_not_to_be_judged(tmp_path):
    verdict = judged(tmp_path, {}, {})
    assert found(verdict) == [] and len(verdict.not_judged) == 3


def keeper(**settings) -> guard.Gatekeeper:
    return guard.Gatekeeper(Progress(), **settings)


@pytest.fixture
def jumped(tmp_path):
    make(tmp_path / "2025-12", "2025-12", {"customs_monthly": cells()})
    return make(tmp_path / "building", "2026-01", {"customs_monthly": cells(USUAL | {"2026-01": 60.0})})


VALUES = {"month": "2026-01", "currency": "USD", "accepted": ""}


def test_a_warning_lets_the_report_pass_and_is_told(jumped, capsys):
    watcher = keeper()
    assert watcher.judge(jumped, VALUES) == ""
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {row["event"] for row in told} == {"gate"} and len(told) == 2
    assert [row["gate"] for row in watcher.record()["gates"]] == [JUMP, JUMP]


def test_a_closed_gate_stops_it_and_a_reason_opens_it(jumped):
    with pytest.raises(guard.GateClosed) as closed:
        keeper(closes=True).judge(jumped, VALUES)
    assert closed.value.exit_code == 10 in EXIT_CODES and "60" not in str(closed.value).splitlines()[0]
    assert keeper(closes=True, accept="Confirmed by phone").judge(jumped, VALUES) == "Confirmed by phone"


def test_a_reason_stays_while_the_month_is_made_again_and_goes_with_it(tmp_path, jumped):
    same = {"customs_monthly": cells(USUAL | {"2026-01": 60.0})}
    make(tmp_path / "2026-01", "2026-01", same, parameters={"month": "2026-01", "accepted": "Confirmed"})
    assert keeper(closes=True).judge(jumped, VALUES) == "Confirmed"
    later = make(tmp_path / "later", "2026-02", {"customs_monthly": cells(USUAL | {"2026-01": 60.0, "2026-02": 61.0})})
    assert keeper(closes=True).judge(later, VALUES | {"month": "2026-02"}) == ""


def test_a_reason_for_nothing_is_not_shown(tmp_path, capsys):
    calm = make(tmp_path / "building", "2026-01", {})
    assert keeper(closes=True, accept="Just in case").judge(calm, VALUES) == ""
    assert "nothing to accept" in capsys.readouterr().err


def test_a_gate_that_cannot_judge_is_closed_for_timers_and_a_warning_otherwise(jumped, monkeypatch):
    monkeypatch.setattr(gates, "judge", lambda *_: 1 / 0)
    assert keeper().judge(jumped, VALUES) == ""
    with pytest.raises(guard.GateClosed, match="could not be judged"):
        keeper(closes=True).judge(jumped, VALUES)


# --- the newest report, and old ones ----------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path):
    for month in ("2025-08", "2025-09", "2025-10", "2025-11", "2025-12"):
        (make(tmp_path / month, month, {}, stamp=f"{month[:4]}{month[5:]}abcdef") / "index.html").write_text("invented")
    return tmp_path


def corrected(month: str, kind: str) -> None:
    entry = f"month: {month}, day: 2026-01-05, kind: {kind}, what: Invented., what_de: Erfunden., stamp: 0123456789ab"
    paths.CORRECTIONS_FILE.write_text(f"- {{{entry}}}\n")


def test_the_way_to_the_newest_passes_over_one_that_was_withdrawn(shelf):
    assert latest.month() == "2025-12" and b"url=2025-12/index.html" in latest.content()
    corrected("2025-12", "withdrawn")
    assert latest.month() == "2025-11"
    corrected("2025-12", "corrected")
    assert latest.month() == "2025-12"


def test_the_way_to_the_newest_is_written_last(shelf, monkeypatch):
    from helpers import publish

    written, write = [], paths.put
    monkeypatch.setattr(paths, "put", lambda file, *rest: (written.append(file), write(file, *rest)))
    publish._write_archive()
    assert [file.name for file in written if file.parent == paths.REPORTS] == ["index.html", "feed.xml", "latest.html"]


def there(shelf) -> list[str]:
    return sorted(path.name for path in shelf.glob("20*"))


def test_old_reports_go_and_the_list_of_months_follows(shelf, capsys):
    assert main(["prune", "--keep", "2", "--dry-run"]) == 0
    assert capsys.readouterr().out.split() == ["2025-08", "2025-09", "2025-10"] and len(there(shelf)) == 5
    assert main(["prune", "--keep", "2"]) == 0
    assert there(shelf) == ["2025-11", "2025-12"]
    assert "2025-10" not in (shelf / "index.html").read_text() and "2025-11" in (shelf / "index.html").read_text()
    assert main(["prune", "--keep", "2"]) == 0 and "none" in capsys.readouterr().out.splitlines()[-1]


def test_a_corrected_report_stays_and_so_does_one_with_a_former_page(shelf):
    corrected("2025-08", "corrected")
    (shelf / "2025-09" / "index.superseded-0123456789ab.html").write_text("invented")
    assert main(["prune", "--keep", "1"]) == 0
    assert there(shelf) == ["2025-08", "2025-09", "2025-12"]


def test_the_last_good_report_stays_when_newer_ones_were_withdrawn(shelf):
    corrected("2025-12", "withdrawn")
    assert main(["prune", "--keep", "1"]) == 0
    assert there(shelf) == ["2025-11", "2025-12"]


def test_all_reports_cannot_be_taken_away(shelf, capsys):
    assert main(["prune", "--keep", "0"]) == 2
    assert len(there(shelf)) == 5


def test_what_was_being_taken_away_when_the_machine_stopped_goes_with_the_next_run(shelf):
    from helpers import publish

    (shelf / "2025-08").rename(shelf / ".pruned-2025-08")
    publish.clean_up()
    assert not (shelf / ".pruned-2025-08").exists()
