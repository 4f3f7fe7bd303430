"""Prices and quantities by destination: identities on invented flows, and the ledger's solar exports by hand."""

from __future__ import annotations

import functools
import shutil

import numpy as np
import pandas as pd
import pytest

from helpers import paths, prices, quantities, tables
from helpers.refusals import Refusal

FILE = "ember/ember_solar_exports_2017-2025.csv"
WHEN = {"month": "2026-05", "train_end": "2024-10"}
PANELS, CELLS, WAFERS = "85414300", "85414200", "38180019"


@functools.cache
def solar():
    return quantities.monthly()


@functools.cache
def table():
    return tables.check(prices.by_destination(solar(), **WHEN), "solar_prices")


def line(destination, span="W1", goods="all", unit="kg"):
    rows = table()
    key = {"destination_code": destination, "span": span, "goods": goods, "unit": unit}
    for column, value in key.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def flows(seed, products=6):
    """Values and quantities of two periods, every unit value within the factor that is matched."""
    random = np.random.default_rng(seed)
    quantity = random.uniform(1, 100, size=products) * np.exp(random.uniform(-0.3, 0.3, size=(2, products)))
    unit_value = random.uniform(1, 5, size=products) * np.exp(random.uniform(-0.3, 0.3, size=(2, products)))
    return unit_value[0] * quantity[0], unit_value[1] * quantity[1], quantity[0], quantity[1]


# -- the indices


@pytest.mark.parametrize("seed", range(20))
def test_the_value_is_price_times_quantity(seed):
    """For Törnqvist by definition; for Fisher because both are computed on their own."""
    v0, v1, q0, q1 = flows(seed)
    found = prices.indices(v0, v1, q0, q1)
    worth = np.log(v1.sum() / v0.sum())
    assert found["value"] == pytest.approx(worth, abs=1e-12)
    assert found["price"] + found["quantity"] == pytest.approx(worth, abs=1e-10)
    assert found["fisher_price"] + found["fisher_quantity"] == pytest.approx(worth, abs=1e-10)
    assert abs(found["price"] - found["fisher_price"]) < 0.02
    # Törnqvist's own quantity index is not the one that the value leaves, but near it.
    own = (0.5 * (v0 / v0.sum() + v1 / v1.sum()) * np.log(q1 / q0)).sum()
    assert abs(own - found["quantity"]) < 0.02


@pytest.mark.parametrize("seed", range(5))
def test_coefficients_of_value_are_those_of_price_plus_quantity(seed):
    """On one sample, whatever the regressor."""
    random = np.random.default_rng(seed)
    found = prices.indices(*(np.stack(one, axis=1) for one in zip(*(flows(k) for k in range(30)), strict=True)))
    exposure = np.column_stack([np.ones(30), random.normal(size=30)])
    b = {name: np.linalg.lstsq(exposure, found[name], rcond=None)[0][1] for name in ("value", "price", "quantity")}
    assert b["value"] == pytest.approx(b["price"] + b["quantity"], abs=1e-10)


def test_unchanged_unit_values_give_an_index_of_one_and_a_change_of_all_is_recovered():
    v0, _, q0, q1 = flows(1)
    same = prices.indices(v0, v0 / q0 * q1, q0, q1)
    assert same["price"] == pytest.approx(0, abs=1e-12) and same["fisher_price"] == pytest.approx(0, abs=1e-12)
    assert same["quantity"] == pytest.approx(same["value"])
    cheaper = prices.indices(v0, 0.8 * v0 / q0 * q1, q0, q1)
    assert cheaper["price"] == pytest.approx(np.log(0.8)) and cheaper["fisher_price"] == pytest.approx(np.log(0.8))
    assert cheaper["quantity"] == pytest.approx(same["quantity"])
    only_more = prices.indices(v0, 1.5 * v0, q0, 1.5 * q0)
    assert only_more["quantity"] == pytest.approx(np.log(1.5))


def test_backwards_in_time_only_signs_turn_and_the_order_of_products_is_nothing():
    v0, v1, q0, q1 = flows(2)
    forth, back = prices.indices(v0, v1, q0, q1), prices.indices(v1, v0, q1, q0)
    turned = np.array([4, 0, 5, 2, 1, 3])
    mixed = prices.indices(v0[turned], v1[turned], q0[turned], q1[turned])
    for name in prices.INDICES:
        assert back[name] == pytest.approx(-forth[name], abs=1e-12)
        assert mixed[name] == pytest.approx(forth[name], abs=1e-12)


def test_the_unit_of_the_quantity_is_nothing():
    v0, v1, q0, q1 = flows(3)
    kilograms, tons = prices.indices(v0, v1, q0, q1), prices.indices(v0, v1, q0 / 1000, q1 / 1000)
    assert tons["price"] == pytest.approx(kilograms["price"], abs=1e-12)


def test_what_is_not_matched_or_moved_too_far_does_not_enter():
    v0, v1, q0, q1 = flows(4)
    alone = prices.indices(v0[:4], v1[:4], q0[:4], q1[:4])
    holed = [one.copy() for one in (v0, v1, q0, q1)]
    holed[2][4] = 0.0  # no weight
    holed[1][5] = 3.01 * holed[0][5] * holed[3][5] / holed[2][5]  # more than three times as dear
    found = prices.indices(*holed)
    assert (found["products"], found["dropped"]) == (4, 1)
    assert found["price"] == pytest.approx(alone["price"]) and found["value"] == pytest.approx(alone["value"])
    holed[1][5] = 2.99 * holed[0][5] * holed[3][5] / holed[2][5]
    assert prices.indices(*holed)["products"] == 5
    assert np.isnan(prices.indices(v0, v1, 0 * q0, q1)["price"])


# -- destinations


def world(price=None, weightless=(), months=("2023-01", "2024-12")):
    """Every destination and region, panels and cells; ``price`` multiplies the unit value of 2024 by destination."""
    rows = []
    weights = {code: 10.0 + place for place, code in enumerate(quantities.named())}
    for month in pd.period_range(*months, freq="M"):
        late = month.year == 2024
        for product, base, part in ((PANELS, 2.0, 1.0), (CELLS, 25.0, 0.02)):
            cut = {code: base * (0.8 * (price or {}).get(code, 1.0) if late else 1.0) for code in [*weights, "rest"]}
            weight = {code: part * size * (1.3 if late else 1.0) for code, size in [*weights.items(), ("rest", 5)]}
            for region, inside in quantities.REGIONS.items():
                if inside:
                    whole = [*inside, "rest"]
                    value, kilograms = sum(weight[c] * cut[c] for c in whole), sum(weight[c] for c in whole)
                    rows.append((str(month), region, product, value, kilograms, kilograms))
            for code in weights:
                known = np.nan if (code, product) in weightless else weight[code]
                rows.append((str(month), code, product, weight[code] * cut[code], known, known))
    return pd.DataFrame(rows, columns=[*quantities.CELL, *quantities.AMOUNTS])


def compared(frame, **options):
    return prices.changes(prices.panel(frame), "2024-04", "2024-09", **options)


def test_a_cut_for_everybody_is_common_and_one_of_its_own_is_found():
    everybody = compared(world())
    named = everybody.loc[quantities.named()]
    np.testing.assert_allclose(named["price"], np.log(0.8))
    np.testing.assert_allclose(named["common"], np.log(0.8))
    np.testing.assert_allclose(named["specific"], 0, atol=1e-12)
    np.testing.assert_allclose(named["quantity"], np.log(1.3))
    alone = compared(world({"AU": 0.9}))
    assert alone.loc["AU", "specific"] == pytest.approx(np.log(0.9))
    assert alone.loc["AU", "common"] == pytest.approx(np.log(0.8))
    # The others see a little of Australia's cut in their common part, and none of it where it is left out.
    assert 0 < alone.loc["BR", "specific"] < 0.02
    assert alone.loc["BR", "specific_low"] == pytest.approx(0, abs=1e-12)


def test_goods_of_another_mix_are_held_against_the_same_goods():
    """Cells got dearer and panels cheaper everywhere: who buys cells alone has no change of its own."""
    frame = world()
    is_cell, late = frame["product_code"] == CELLS, frame["period"] >= "2024"
    frame.loc[is_cell & late, "value_usd"] *= 1.5
    frame.loc[is_cell & (frame["destination_code"] == "IN"), quantities.AMOUNTS] *= 20
    india = frame[is_cell & (frame["destination_code"] == "IN")].set_index("period")[quantities.AMOUNTS] * 19 / 20
    asia = is_cell & (frame["destination_code"] == "ASIA")
    frame.loc[asia, quantities.AMOUNTS] += india.loc[frame.loc[asia, "period"]].to_numpy()
    found = compared(frame)
    assert found.loc["IN", "price"] > found.loc["AU", "price"] + 0.05
    assert found.loc["IN", "specific"] == pytest.approx(0, abs=1e-9)
    assert found.loc["AU", "specific"] == pytest.approx(0, abs=1e-9)


def test_the_parts_of_a_price_add_up_and_so_do_price_and_quantity():
    known = table()[table()["price_log_pct"].notna()]
    for price, quantity in (("price", "quantity"), ("fisher_price", "fisher_quantity")):
        left = known["value_log_pct"] - known[f"{price}_log_pct"] - known[f"{quantity}_log_pct"]
        assert left.abs().max() < 1e-10
    split = known.dropna(subset=["common_log_pct"])
    assert (split["price_log_pct"] - split["common_log_pct"] - split["specific_log_pct"]).abs().max() < 1e-10
    assert (split["specific_low_log_pct"] <= split["specific_log_pct"] + 1e-9).all()
    assert (split["specific_log_pct"] <= split["specific_high_log_pct"] + 1e-9).all()
    assert len(split) > 100


def test_below_seventy_percent_there_is_no_number_and_the_reason_is_said():
    found = compared(world(weightless={("AU", PANELS)}))
    assert found.loc["AU", "matched_share_pct"] < 70
    assert found.loc["AU", [*prices.INDICES, *prices.PARTS]].isna().all()
    assert "of the value matched, 70 needed" in found.loc["AU", "reason"] and found.loc["AU", "all_value"] > 0
    little = compared(world(weightless={("AU", CELLS)}))
    assert little.loc["AU", "matched_share_pct"] > 70 and little.loc["AU", "products"] == 1
    suppressed = table()[table()["matched_share_pct"] < 70]
    assert len(suppressed) and suppressed["price_log_pct"].isna().all() and (suppressed["reason"] != "").all()
    assert (suppressed["reading"] == prices.NO_INDEX).all()


def test_nothing_is_compared_across_the_break_of_the_codes():
    held = prices.panel(solar())
    found = prices.changes(held, "2021-10", "2022-03")
    assert found["price"].isna().all() and found["reason"].str.contains("no comparison across it").all()
    assert prices.crosses_break("2022-01", "2022-01") and prices.crosses_break("2021-12", "2022-12")
    assert not prices.crosses_break("2021-01", "2021-12") and not prices.crosses_break("2023-01", "2023-12")
    past = prices.earlier(held, 6, "2024-10")
    across = (past["first_month"] <= "2022-12") & (past["last_month"] >= "2022-01")
    assert not across.any() and past["last_month"].max() == "2024-10" and past["last_month"].nunique() == 60


def test_the_order_of_rows_and_a_second_run_change_nothing():
    shuffled = solar().sample(frac=1, random_state=1)
    again = tables.check(prices.by_destination(shuffled, **WHEN), "solar_prices")
    assert again.to_json() == table().to_json()


# -- the ledger


def test_a_price_of_the_ledger_is_found_by_hand():
    """Australia's panels, April to September 2025: dollars and kilograms summed, then divided."""
    rows = solar()[(solar()["destination_code"] == "AU") & (solar()["product_code"] == PANELS)]
    sums = {year: rows[rows["period"].between(f"{year}-04", f"{year}-09")] for year in (2024, 2025)}
    cents = {year: part["value_usd"].sum() / part["quantity_kg"].sum() for year, part in sums.items()}
    found = line("AU", goods="panels")
    assert found["price_log_pct"] == pytest.approx(100 * np.log(cents[2025] / cents[2024]))
    assert (found["first_month"], found["last_month"]) == ("2025-04", "2025-09")
    assert found["value_usd"] == sums[2025]["value_usd"].sum()


def test_törnqvist_and_fisher_agree_on_the_ledger():
    known = table().dropna(subset=["price_log_pct"])
    assert (known["price_log_pct"] - known["fisher_price_log_pct"]).abs().max() < 2.5
    named = known[known["destination_code"].isin(quantities.named())]
    assert (named["price_log_pct"] - named["fisher_price_log_pct"]).abs().max() < 2


def test_what_is_unusual_is_judged_by_earlier_spans_of_all_destinations():
    row = line("AU")
    past = prices.earlier(prices.panel(solar()), 6, "2024-10")
    pooled = past[past["destination_code"].isin(quantities.named())]["specific"].abs()
    assert row["earlier_p95_log_pct"] == pytest.approx(100 * np.percentile(pooled, 95))
    own = past[past["destination_code"] == "AU"]["specific"].abs()
    assert row["own_as_large"] == (100 * own >= abs(row["specific_log_pct"])).sum() and row["own_windows"] == len(own)
    assert (row["earlier_windows"], row["windows_apart"]) == (60, 8 + 3)
    year = line("AU", span="year 2024")
    assert pd.isna(year["earlier_since_break_p95_log_pct"])  # one span of twelve months since the codes changed
    assert year["earlier_windows"] == 38


@pytest.mark.parametrize(("train_end", "windows"), [("2021-12", 43), ("2023-05", 43), ("2023-06", 44)])
def test_no_earlier_span_reaches_beyond_the_training(train_end, windows):
    found = prices.by_destination(solar(), month="2026-05", train_end=train_end)
    assert set(found.loc[found["span"] == "W1", "earlier_windows"]) == {windows}


def test_spans_begin_with_their_window_and_end_with_the_figures():
    assert prices.compared_spans("2026-05", "2025-09") == {
        "W1": ("2025-04", "2025-09"), "year 2024": ("2024-01", "2024-12")
    }  # fmt: skip
    assert prices.compared_spans("2026-05", "2026-04")["W3"] == ("2026-03", "2026-04")
    assert prices.compared_spans("2024-06", "2025-09") == {}
    assert prices.by_destination(solar(), month="2024-06", train_end="2024-10").empty


def test_regions_add_up_to_the_world_and_the_parts_to_the_regions():
    rows = quantities.with_rests(solar())
    parts = [*quantities.named(), *quantities.rests(), quantities.US_REGION]
    for amount in quantities.AMOUNTS:
        wide = rows.pivot_table(index=["period", "product_code"], columns="destination_code", values=amount,
                                aggfunc="sum").fillna(0.0)  # fmt: skip
        np.testing.assert_allclose(wide[parts].sum(axis=1), wide["WORLD"], rtol=1e-6)
        regions = [*quantities.REGIONS, quantities.US_REGION]
        np.testing.assert_allclose(wide[regions].sum(axis=1), wide["WORLD"], rtol=1e-6)
        for member, bloc in quantities.MEMBERS.items():
            assert (wide[member] <= wide[bloc] + 1).all()


def test_ten_values_stand_without_a_weight_and_are_small():
    missing = solar()[solar()["quantity_kg"].isna()]
    assert len(missing) == 10 and missing["value_usd"].max() < 1300 and set(missing["product_code"]) == {WAFERS}
    assert solar()["quantity_items"].notna().all() and (solar()["quantity_kg"].dropna() > 0).all()
    assert not set(quantities.ACROSS) & set(table()["destination_code"])


@pytest.mark.parametrize(
    ("column", "cell"),
    [("value", "-1"), ("kg", "0"), ("kg", "-1"), ("items", "0"), ("partner", "ASEAM"), ("period", "2017-13"),
     ("period", "2027-01"), ("period", "2022-02"), ("product", "8541402"), ("product", "85414021"),
     ("product_scheme", "hs6")],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_its_line(tmp_path, monkeypatch, column, cell):
    """The first row is changed; as February it stands twice."""
    monkeypatch.setattr(paths, "RAW", tmp_path)
    (tmp_path / "ember").mkdir()
    for name in (FILE, f"{FILE}.source.yml"):
        shutil.copy(paths.ROOT / "data" / "raw" / name, tmp_path / name)
    head, first, *rest = (tmp_path / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    cells = first.split(",")
    cells[head.split(",").index(column)] = cell
    (tmp_path / FILE).write_text("".join([head, ",".join(cells), *rest]), encoding="utf-8")
    with pytest.raises(Refusal, match=r"line [23], column (\w+): ") as refused:
        quantities.monthly()
    found = str(refused.value).split("column ")[1].split(":")[0]
    assert found == {"2022-02": "partner", "hs6": "product"}.get(cell, column)


def test_a_ledger_without_quantities_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RAW", tmp_path)
    (tmp_path / "abs").mkdir()
    for file in (paths.ROOT / "data" / "raw" / "abs").glob("*"):
        shutil.copy(file, tmp_path / "abs" / file.name)
    with pytest.raises(Refusal, match="no exports with quantities"):
        quantities.monthly()
