"""Partial releases: the truth stays inside, what cannot be true is named by its pieces, bounds are never wider."""

from __future__ import annotations

import functools
import itertools

import ledger
import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml

from helpers import (
    charts_releases,
    customs,
    disaggregation,
    growth,
    partners,
    paths,
    pieces,
    ranges,
    release_views,
    releases,
    tables,
    where_to,
)
from helpers.months import month_number, month_of

LAST = "2026-06"
MONTHS = [month_of(at) for at in range(month_number("2022-01"), month_number(LAST) + 1)]


def printed_row(period, kind="month", partner="IN", *, value=None, error=0.05, yoy=None, mom=None, half=0.05,
                source="a", place="press", vintage="first_print"):  # fmt: skip
    """Return one row of the ledger: a level (USD billion) or a rate. Invented."""
    return {
        "period": period, "period_kind": kind, "reporter_code": "CN", "partner_code": partner, "flow": "exports",
        "product_scheme": "total", "product_code": "TOTAL", "concept": "exports_fob", "currency": "USD",
        "value_mn": np.nan if value is None else 1e3 * value, "abs_error_mn": np.nan if value is None else 1e3 * error,
        "yoy_pct": np.nan if yoy is None else yoy, "yoy_half_unit": half if yoy is not None else np.nan,
        "mom_pct": np.nan if mom is None else mom, "mom_half_unit": half if mom is not None else np.nan,
        "valuation": "FOB", "vintage": vintage, "vintage_day": "2026-11-22", "source_kind": place, "producer": "GACC",
        "source_id": f"invented#{source}", "file": "invented.csv", "line": 2, "doubtful": "", "note": "",
    }  # fmt: skip


def world_rows():
    return [printed_row(month, partner=partners.WORLD, value=300.0, error=5e-4, vintage="revised") for month in MONTHS]


def rounded(number, digits):
    return round(number * 10**digits) / 10**digits


def truth(seed):
    """Return 54 invented months around 20 billion."""
    draw = np.random.default_rng(seed)
    return dict(zip(MONTHS, 20 * np.exp(np.cumsum(draw.normal(0, 0.04, len(MONTHS)))), strict=True))


def so_far(months, month):
    return sum(value for name, value in months.items() if name[:4] == month[:4] and name <= month)


def releases_of(months, seed):
    """Print pieces of the truth, each rounded: a third of the levels, half of the rates, some sums."""
    draw, rows = np.random.default_rng(seed + 1000), []
    for month in MONTHS:
        before = month_of(month_number(month) - 12)
        if draw.random() < 0.33:
            rows.append(printed_row(month, value=rounded(months[month], 1)))
        if before in months and draw.random() < 0.5:
            rows.append(printed_row(month, yoy=rounded(100 * (months[month] / months[before] - 1), 1), source="b"))
        if month > MONTHS[0] and draw.random() < 0.2:
            last = months[month_of(month_number(month) - 1)]
            rows.append(printed_row(month, mom=rounded(100 * (months[month] / last - 1), 1), source="c"))
        if draw.random() < 0.3 and month[5:] > "02":
            rows.append(printed_row(month, "ytd", value=rounded(so_far(months, month), 2), error=0.005, source="d"))
            if before in months and draw.random() < 0.5:
                rate = so_far(months, month) / so_far(months, before) - 1
                rows.append(printed_row(month, "ytd", yoy=rounded(100 * rate, 1), source="e"))
    return rows


def clean_tables(rows):
    """Take invented rows through the real cleaning."""
    frame = pd.DataFrame(rows)
    cells = tables.check(customs.clean(frame), "customs_monthly")
    checked = growth.check_growth(frame, cells)
    return frame, cells, checked, growth.preferred_growth(frame, checked), ledger.quarters().iloc[:0]


def judged(rows, code="IN"):
    frame, cells, checked, rates, quarters = clean_tables([*world_rows(), *rows])
    found = pieces.release_pieces(frame, cells, checked, rates, quarters, codes=(code,), last=LAST)
    world = customs.series(cells, "CN", partners.WORLD)
    return (*releases.judge(found, world, LAST), world)


def bounds(found, world):
    system = releases.system_of(found, world, last=LAST)
    low, high, _ = releases.extremes(system, np.eye(len(MONTHS)))
    return low, high, system


@functools.cache
def on_the_ledger(last=LAST, shares=True):
    checked = growth.check_growth(ledger.rows(), ledger.cells())
    found = pieces.release_pieces(
        ledger.rows(), ledger.cells(), checked, ledger.preferred_growth(), ledger.quarters(), last=last
    )
    return disaggregation.release_tables(found, ledger.cells(), ledger.quarters(), last, shares=shares)


def path_of(code, shares=True):
    path = on_the_ledger(shares=shares)["exports_path"]
    return path[path["partner_code"] == code].set_index("period")


def sets_of(code):
    held = on_the_ledger()["release_conflicts"]
    held = held[held["partner_code"] == code]
    return [set(rows["piece"]) for _, rows in held.groupby("conflict")]


@pytest.mark.parametrize("seed", range(12))
def test_the_truth_lies_inside_all_bounds_and_nothing_contradicts(seed):
    months = truth(seed)
    found, sets, world = judged(releases_of(months, seed))
    assert sets == [] and set(found["used_as"]) == {"used"}
    low, high, system = bounds(found, world)
    real = np.array([months[month] for month in MONTHS])
    assert (low <= real + 1e-6).all() and (real <= high + 1e-6).all()
    path = releases_path(system, world, low, high)
    assert (low - 1e-6 <= path).all() and (path <= high + 1e-6).all()
    assert (system.a @ path - system.b).max() < 1e-6
    for first, last in (("2025-04", "2025-11"), ("2025-07", "2025-07")):
        slow, fast = releases.growth(system, first, last)
        now, before = system.columns(first, last) @ real, system.columns(first, last, 12) @ real
        assert slow - 1e-6 <= 100 * (now / before - 1) <= fast + 1e-6


def releases_path(system, world, low, high):
    months = pd.period_range(MONTHS[0], LAST, freq="M")
    return disaggregation.smoothest(system, world.reindex(months), float((low + high).mean() / 2))


@pytest.mark.parametrize("seed", range(6))
def test_the_bounds_are_never_wider_than_those_of_ranges(seed):
    rows = [*world_rows(), *releases_of(truth(seed), seed)]
    _, cells, _, rates, quarters = clean_tables(rows)
    one = ranges.bounds_of(cells, rates, quarters, codes=("IN",), last=LAST)["IN"]
    found, _, world = judged(rows[len(world_rows()) :])
    low, high, system = bounds(found, world)
    for place, month in enumerate(MONTHS):
        key = (ranges.MONTH, month_number(month))
        assert low[place] >= one.low[key] / 1e3 - 1e-6 and high[place] <= one.high[key] / 1e3 + 1e-6
    theirs, ours = one.growth("2025-04", "2025-11"), releases.growth(system, "2025-04", "2025-11")
    assert ours[0] >= theirs[0] - 1e-6 and ours[1] <= theirs[1] + 1e-6


def test_a_planted_contradiction_is_named_by_exactly_its_pieces():
    """Invented: 2024 as a year, eleven months so far and December; 5 is missing between them."""
    months = truth(3)
    rows = releases_of(months, 3)
    rows = [row for row in rows if row["period"][:4] != "2024" or row["period_kind"] == "month"]
    eleven, twelve = so_far(months, "2024-11"), so_far(months, "2024-12")
    planted = [
        printed_row("2024-11", "ytd", value=eleven, source="p", place="official_copy"),
        printed_row("2024-12", "year", value=twelve + 5, source="q"),
        printed_row("2024-12", value=months["2024-12"], source="r", place="official_copy"),
    ]
    rows = [row for row in rows if (row["period"], row["period_kind"]) != ("2024-12", "month")]
    found, sets, world = judged([*rows, *planted])
    named = {"CN/IN/exports/ytd/2024-11", "CN/IN/exports/year/2024-12", "CN/IN/exports/month/2024-12"}
    assert [set(one) for one in sets] == [named]
    assert list(found.loc[found["used_as"] == "left out", "piece"]) == ["CN/IN/exports/year/2024-12"]
    low, high, _ = bounds(found, world)
    assert all(low[place] - 1e-6 <= months[month] <= high[place] + 1e-6 for place, month in enumerate(MONTHS))


def test_every_set_is_irreducible():
    world = customs.series(ledger.cells(), "CN", partners.WORLD)
    table = on_the_ledger()["release_pieces"]
    for code in releases.CODES:
        raw = table[table["partner_code"] == code]
        raw = raw.assign(used_as="used", used_low=raw["low"], used_high=raw["high"])
        for names in sets_of(code):
            system = releases.system_of(raw[raw["piece"].isin(names)], world, last=LAST)
            if len(names) > 2:  # two prints that touch at their roundings can be solved, but not be true
                assert not releases.is_feasible(system)
            for left in range(len(names)):
                assert releases.is_feasible(system.only([i for i in range(len(names)) if i != left]))


def test_asean_in_october_2025_is_named():
    cell = "CN/ASEAN/exports/month/2025-10@yoy"
    assert {f"{cell}=8.9", f"{cell}=11.0"} in sets_of("ASEAN")
    held = on_the_ledger()["release_pieces"].set_index("piece").loc[[f"{cell}=8.9", f"{cell}=11.0"]]
    assert set(held["used_as"]) == {"loosened"}
    assert (held["used_low"] == 1.0885).all() and np.allclose(held["used_high"], 1.1105)
    assert (held["allowed_low"] < 8.9).all() and (held["allowed_high"] > 11.0).all()


def test_a_print_that_the_rest_makes_impossible_is_left_out_and_the_other_kept():
    rows = [printed_row("2024-03", value=20.0), printed_row("2025-03", value=24.0, error=0.5),
            printed_row("2025-03", yoy=19.9, source="b"), printed_row("2025-03", yoy=60.0, source="c")]  # fmt: skip
    frame, cells, _, rates, quarters = clean_tables([*world_rows(), *rows])
    none = growth.check_growth(frame, cells).iloc[:0]  # the levels would already have refused it
    found = pieces.release_pieces(frame, cells, none, rates, quarters, codes=("IN",), last=LAST)
    found, sets = releases.judge(found, customs.series(cells, "CN", partners.WORLD), LAST)
    used = found.set_index("piece")["used_as"]
    assert used["CN/IN/exports/month/2025-03@yoy=60.0"] == "left out"
    assert used["CN/IN/exports/month/2025-03@yoy=19.9"] == "used"
    assert sets == [["CN/IN/exports/month/2025-03@yoy=19.9", "CN/IN/exports/month/2025-03@yoy=60.0"]]


def test_a_rate_that_its_own_levels_contradict_is_no_piece():
    rows = [printed_row("2024-03", value=20.0), printed_row("2025-03", value=24.0),
            printed_row("2025-03", yoy=60.0, source="c")]  # fmt: skip
    found, sets, _ = judged(rows)
    assert sets == [] and set(found["kind"]) == {"level"}


def test_prints_that_touch_at_their_roundings_are_at_odds_and_coarse_ones_are_not():
    rates = ((11.5, 0.05), (11.6, 0.05), (12.0, 0.5), (11.5, 0.05))
    rows = [
        printed_row("2025-03", yoy=rate, half=half, source=f"place {number}")
        for number, (rate, half) in enumerate(rates)
    ]
    found, sets, _ = judged([*rows, printed_row("2024-03", value=20.0)])
    assert sets == [["CN/IN/exports/month/2025-03@yoy=11.5", "CN/IN/exports/month/2025-03@yoy=11.6"]]
    used = found.set_index("piece")["used_as"]
    assert used["CN/IN/exports/month/2025-03@yoy=12"] == "used"
    assert found.set_index("piece").loc["CN/IN/exports/month/2025-03@yoy=11.5", "places"] == 2


def test_the_fewest_pieces_are_left_out_and_of_equals_the_weakest():
    assert releases.cover([]) == []
    assert releases.cover([(0, 3), (1, 3), (2, 3)]) == [3]
    assert releases.cover([(0, 1, 2)]) == [2]
    assert releases.cover([(0, 1), (2, 3)]) == [1, 3]


def test_a_month_known_by_a_level_is_tied_down():
    path = path_of("ASEAN")
    assert path.loc["2026-06", "low_usd_bn"] == pytest.approx(78.331124, abs=1e-5)
    assert path.loc["2026-06", "high_usd_bn"] == pytest.approx(78.331124, abs=1e-5)
    assert not path.loc["2026-06", "is_reconstructed"]
    assert path.loc["2026-06", "inputs"] == "CN/ASEAN/exports/month/2026-06"
    assert path_of("EU").loc["2025-09", ["low_usd_bn", "high_usd_bn"]].tolist() == pytest.approx([47.5, 48.5])


def test_the_ledgers_months_that_stay_open():
    """July and October of the EU in both years; ASEAN's second quarters, until a share is assumed."""
    eu, asean, printed = path_of("EU"), path_of("ASEAN"), path_of("ASEAN", shares=False)
    assert list(eu.index[eu["is_open"]]) == ["2024-07", "2024-10", "2025-07", "2025-10"]
    second = [f"{year}-{month:02d}" for year in (2024, 2025) for month in (4, 5, 6)] + ["2026-04", "2026-05"]
    assert not asean["is_open"].any() and list(asean.index[asean["is_assumed"]]) == second
    assert list(printed.index[printed["is_open"]]) == second and not printed["is_assumed"].any()
    for path in (eu, asean, printed):
        assert path["path_usd_bn"].isna().equals(path["is_open"])
        inside = path[~path["is_open"]]
        assert (inside["low_assumed_usd_bn"] - 1e-6 <= inside["path_usd_bn"]).all()
        assert (inside["path_usd_bn"] <= inside["high_assumed_usd_bn"] + 1e-6).all()
        assert (path["low_usd_bn"] <= path["low_assumed_usd_bn"] + 1e-6).all()
        assert (path["high_assumed_usd_bn"] <= path["high_usd_bn"] + 1e-6).all()


def test_on_the_ledger_the_bounds_lie_inside_those_of_ranges_but_where_its_pieces_contradict():
    held = ranges.bounds_of(
        ledger.cells(), ledger.preferred_growth(), ledger.quarters(), codes=releases.CODES, last=LAST
    )
    outside = {
        (code, month)
        for code in releases.CODES
        for month, row in path_of(code).iterrows()
        if row["low_usd_bn"] < held[code].low[0, month_number(month)] / 1e3 - 1e-5
        or row["high_usd_bn"] > held[code].high[0, month_number(month)] / 1e3 + 1e-5
    }
    # A rate of February 2025 that is left out here; rates of two cells of which ranges takes one of two prints.
    spring = {("EU", f"{year}-{month:02d}") for year in (2024, 2025) for month in (1, 2, 3)}
    prints = {("ASEAN", "2024-10"), ("ASEAN", "2025-10"), ("EU", "2024-12")}
    assert outside == spring | prints


def test_the_changes_lie_inside_the_bars_of_chapter_2():
    spans = {"W1": ("2025-04", "2025-11"), "year 2025": ("2025-01", "2025-12"), "year so far": ("2026-01", "2026-06")}
    held = ranges.bounds_of(
        ledger.cells(), ledger.preferred_growth(), ledger.quarters(), codes=where_to.DESTINATIONS, last=LAST
    )
    bars = where_to.rise_by_destination(held, spans).set_index(["partner_code", "span"])
    found = changes(spans | {"latest month": (LAST, LAST)})
    tables.check(found, "release_changes")
    for row in found[found["span"] != "latest month"].itertuples():
        low, high = bars.loc[(row.partner_code, row.span), ["change_low_usd_bn", "change_high_usd_bn"]]
        assert low - 1e-5 <= row.change_low_usd_bn <= row.change_high_usd_bn <= high + 1e-5
        assert row.growth_high_pct - row.growth_low_pct < 0.5
    eu = found.set_index(["partner_code", "span"]).loc[("EU", "W1")]
    assert eu["open_months"] == "2025-07;2025-10" and 92 < eu["open_low_usd_bn"] < eu["open_high_usd_bn"] < 96
    shown = release_views.change_rows(found, bars.reset_index()).set_index(["partner_code", "span"])
    june = shown.loc[("ASEAN", "June 2026")]
    assert june["growth_text"] == "not known" and june["left_open"] == "" and june["open_before_text"] == "Jun 2025"
    assert release_views.of_changes(found, "W1").startswith("Most sums are known although months are not. April")


def changes(spans):
    made, world = on_the_ledger(), customs.series(ledger.cells(), "CN", partners.WORLD)
    return releases.changes(made["release_pieces"], made["exports_path"], world, spans, LAST)


def test_the_order_of_the_pieces_does_not_matter():
    rows = ledger.rows().sample(frac=1.0, random_state=7)
    found = pieces.release_pieces(
        rows, ledger.cells(), growth.check_growth(ledger.rows(), ledger.cells()), ledger.preferred_growth(),
        ledger.quarters(), last=LAST,
    ).sample(frac=1.0, random_state=8)  # fmt: skip
    made = disaggregation.release_tables(found, ledger.cells(), ledger.quarters(), LAST)
    for name, table in on_the_ledger().items():
        pd.testing.assert_frame_equal(tables.check(made[name], name), tables.check(table, name), check_exact=True)


def test_nothing_after_the_last_month_is_used():
    made = on_the_ledger("2025-12")
    assert made["release_pieces"]["period"].max() == "2025-12" == made["exports_path"]["period"].max()
    rows, cells, quarters = (
        frame[frame["period"] <= "2025-12"] for frame in (ledger.rows(), ledger.cells(), ledger.quarters())
    )
    checked = growth.check_growth(rows, cells)
    found = pieces.release_pieces(
        rows, cells, checked, growth.preferred_growth(rows, checked), quarters, last="2025-12"
    )
    known = disaggregation.release_tables(found, cells, quarters, "2025-12")
    pd.testing.assert_frame_equal(made["exports_path"], known["exports_path"])
    code = nbformat.read(paths.NOTEBOOKS / "01_clean_customs.ipynb", as_version=4)
    assert "until = ranges.last_exports(clean, month)" in "\n".join(cell.source for cell in code.cells)


def test_with_a_year_alone_the_path_keeps_one_ratio_to_all_exports():
    rows = world_rows()
    for row in rows:
        row["value_mn"] *= 1 + int(row["period"][5:]) / 20
    frame, cells, checked, rates, quarters = clean_tables([*rows, printed_row("2024-12", "year", value=240.0)])
    found = pieces.release_pieces(frame, cells, checked, rates, quarters, codes=("IN",), last=LAST)
    world = customs.series(cells, "CN", partners.WORLD)
    found, _ = releases.judge(found, world, LAST)
    low, high, system = bounds(found, world)
    ratio = releases_path(system, world, low, high) / (world.to_numpy() / 1e3)
    assert np.ptp(ratio) < 1e-5
    assert system.columns("2024-01", "2024-12") @ (ratio * world.to_numpy() / 1e3) == pytest.approx(240, abs=0.06)


def test_the_share_of_a_month_comes_from_known_quarters_and_is_widened_by_a_half():
    world = customs.series(ledger.cells(), "CN", partners.WORLD)
    april = {year: world[f"{year}-04"] / world[f"{year}-04" : f"{year}-06"].sum() for year in range(2017, 2027)}
    low, high = disaggregation.shares_seen(ledger.cells(), ledger.quarters(), "ASEAN", LAST)[4]
    seen = [*april.values(), 28.9 / (28.9 + 27.9 + 30.3)]
    assert min(seen) - low == pytest.approx(0.25 * (max(seen) - min(seen)), abs=2e-3)
    assert high - low == pytest.approx(1.5 * (max(april.values()) - min(seen)), rel=0.15)
    assert disaggregation.shares_seen(ledger.cells(), ledger.quarters(), "ASEAN", "2018-12").keys() == set(range(1, 13))


def test_an_impossible_share_is_not_assumed():
    """The quarter and one month are printed, and the month is far from any share that was seen. Invented."""
    rows = [printed_row("2024-04", value=40.0), printed_row("2024-03", "ytd", value=60.0),
            printed_row("2024-06", "ytd", value=120.0)]  # fmt: skip
    found, _, world = judged(rows)
    seen = {month: (0.32, 0.35) for month in range(1, 13)}
    path = disaggregation.exports_path(found, world, seen, LAST).set_index("period")
    assert path.loc["2024-05", "is_open"] and not path.loc["2024-04":"2024-06", "is_assumed"].any()
    closed = disaggregation.exports_path(judged(rows[1:])[0], world, seen, LAST).set_index("period")
    assert closed.loc["2024-05", "is_assumed"]


def test_tables_are_described_and_the_path_feeds_accounts_only():
    for name, table in on_the_ledger().items():
        tables.check(table, name)
    made = set(on_the_ledger())
    readers = {
        step["notebook"]
        for step in yaml.safe_load((paths.NOTEBOOKS / "pipeline.yml").read_text(encoding="utf-8"))
        if made & set(step["needs"])
    }
    assert readers == {"02_account_for_change", "00_summary"}  # the summary draws the path and computes nothing


def test_the_inputs_are_pieces():
    made = on_the_ledger()
    known = set(made["release_pieces"]["piece"])
    named = set(itertools.chain.from_iterable(text.split(";") for text in made["exports_path"]["inputs"] if text))
    assert named <= known


def test_without_pieces_there_are_no_tables_to_show():
    empty = disaggregation.release_tables(pd.DataFrame(), ledger.cells(), ledger.quarters(), LAST)
    assert all(table.empty for table in empty.values())
    assert release_views.of_paths(empty["exports_path"]).startswith("No month")
    assert release_views.of_conflicts(empty["release_conflicts"]).startswith("All printed pieces")
    assert release_views.conflict_rows(empty["release_conflicts"]).empty
    assert release_views.sentence_of_conflicts(empty["release_conflicts"]) == ""
    assert release_views.change_rows(pd.DataFrame(), pd.DataFrame()).empty


def test_titles_and_sentences_say_what_the_tables_say():
    made = on_the_ledger()
    title = release_views.of_paths(made["exports_path"])
    assert title.startswith("The pieces held tie down 26 of 30 months to the EU and 22 of 30 months to ASEAN")
    sentence = release_views.sentence_of_paths(made["exports_path"])
    assert "EU: July and October 2024; July and October 2025 stay open by ±18\u00a0to\u00a021 %" in sentence
    assert release_views.of_conflicts(made["release_conflicts"]).startswith("5 sets of printed figures cannot be true")
    rows = release_views.conflict_rows(made["release_conflicts"])
    october = rows[rows["piece"].str.contains("2025-10")]
    assert set(october["printed_text"]) == {"+8.9 %", "+11.0 %"}
    assert set(october["read_at"]) == {"actionforex 2", "a dashboard that cannot be named"}
    assert "ASEAN, October 2025, on a year before: +8.9 % and +11.0 % are printed" in (
        release_views.sentence_of_conflicts(made["release_conflicts"])
    )
    alt = release_views.alt_of_paths(made["exports_path"])
    assert "July 2025 37\u00a0to\u00a056" in alt and "ASEAN: 49 in January 2024 and 78 in June 2026" in alt


def test_the_drawing_has_a_panel_for_each_partner_and_breaks_at_open_months():
    figure = charts_releases.plot_exports_path(on_the_ledger()["exports_path"])
    assert [ax.get_title() for ax in figure.axes] == ["EU", "ASEAN"]
    line = figure.axes[0].lines[0].get_ydata()
    assert int(np.isnan(line).sum()) == 4


def test_where_an_office_prints_the_whole_past_again_nothing_is_left_to_bound_or_to_contradict():
    """INVENTED: revised months of the EU and ASEAN, a hundredth off what the printed pieces allow."""
    rows, cells = ledger.rows(), ledger.cells()
    noise = np.random.default_rng(1)
    mine = (rows["reporter_code"] == "CN") & (rows["partner_code"] == "WORLD") & (rows["flow"] == "exports")
    like = rows[mine & (rows["period_kind"] == "month") & (rows["currency"] == "USD")].iloc[[0]]
    until = ranges.last_exports(cells, "2026-05")
    printed = [
        like.assign(period=month, partner_code=partners.code_of(bloc, month), vintage="revised", source_kind="official",
                    value_mn=40_000 * np.exp(0.003 * place + noise.normal(0, 0.05)), abs_error_mn=0.0,
                    source_id="invented#a", yoy_pct=np.nan, mom_pct=np.nan)
        for bloc in ("EU", "ASEAN") for place, month in enumerate(MONTHS)
    ]  # fmt: skip
    full = pd.concat([rows, *printed], ignore_index=True)
    clean = tables.check(customs.clean(full), "customs_monthly")
    checked = growth.check_growth(full, clean)
    quarters = tables.check(customs.quarterly(full), "customs_quarterly")
    found = pieces.release_pieces(full, clean, checked, growth.preferred_growth(full, checked), quarters, last=until)
    assert set(found["kind"]) == {"level"} and set(found["vintage"]) == {"revised"}
    made = disaggregation.release_tables(found, clean, quarters, until)
    assert made["release_conflicts"].empty and not made["exports_path"]["is_open"].any()
