"""What is computed by a shorter way is, to the last digit, what the long way gives."""

from __future__ import annotations

import ledger
import numpy as np
import pandas as pd
import pytest
import yaml

from helpers import counterfactual, customs, growth, producers, provenance, publish, shortcut
from helpers.counterfactual import Form
from helpers.spans import windows

FORMS = (Form("linear", 44), Form("level", 44), Form("quadratic", 33), Form("level", 55), Form("seasonal_naive", 22))


def china_in_the_us():
    """Return US imports from China and from all other origins, in USD billion."""
    value = ledger.monthly_usd("US", "CN")
    return value, (ledger.monthly_usd("US", "WORLD") - value).dropna()


def test_regressions_shared_by_forms_and_windows_change_no_digit():
    value, other = china_in_the_us()
    calendar, fits = counterfactual.calendar_of(value, other), {}
    span = ("2024-10", *windows("2026-01")["W1"])
    own = {"US": {}}
    pd.testing.assert_frame_equal(
        counterfactual.compare_forms({"US": calendar}, *span, own),
        counterfactual.compare_forms({"US": calendar}, *span),
        check_exact=True,
    )
    for form in FORMS:
        for first, last in windows("2026-01").values():
            alone = counterfactual.estimate_gap(value, other, form, "2024-10", first, last)
            for shared in (fits, own["US"]):
                together = counterfactual.gap_of(calendar, form, "2024-10", first, last, shared)
                pd.testing.assert_series_equal(together.placebo, alone.placebo, check_exact=True)
                assert (together.gap, together.low, together.mde80) == (alone.gap, alone.low, alone.mde80)
    assert {key[:2] for key in fits} == {(False, 44), (True, 33), (False, 55)}


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_many_origins_at_once_give_the_errors_of_one_after_the_other(form):
    calendar = counterfactual.calendar_of(*china_in_the_us())
    random = np.random.default_rng(20251209)
    logs = np.log(calendar["value"].to_numpy())[:, None] + random.normal(scale=0.01, size=(len(calendar), 3))
    errors = counterfactual.placebo_errors(calendar, logs, form, 140, 5, 8)
    for number, origin in enumerate(range(form.needed - 1, 129)):
        future = np.arange(origin + 5, origin + 13)
        alone = logs[future] - counterfactual.forecast(calendar, logs, form, origin, future)
        np.testing.assert_array_equal(errors[number], alone)
    assert len(errors) == 130 - form.needed
    assert counterfactual.placebo_errors(calendar, logs, form, 20, 5, 8).shape == (0, 8, 3)


def test_the_preferred_rate_is_the_one_that_the_rule_chooses_cell_by_cell():
    rows = ledger.rows()
    checked = growth.check_growth(rows, ledger.cells())
    kinds = rows[rows["yoy_pct"].notna()].set_index([*customs.CELL, "source_id"])["source_kind"]
    chosen = ledger.preferred_growth().set_index(customs.CELL)
    several = checked[checked.duplicated(customs.CELL, keep=False)]
    assert several.groupby(customs.CELL).ngroups > 100
    for cell, rates in several.groupby(customs.CELL):
        rates = rates.to_dict("records")

        def apart(a, b):
            return abs(a["printed_pct"] - b["printed_pct"]) > a["half_unit_pp"] + b["half_unit_pp"] + 1e-9

        for rate in rates:
            rate["places"] = sum(not apart(rate, other) for other in rates)
            kind = customs.SOURCE_ORDER[kinds[(*cell, rate["source_id"])]]
            rate["order"] = (
                rate["verdict"] == "misprint", -rate["places"], rate["half_unit_pp"], kind, rate["source_id"],
            )  # fmt: skip
        rates.sort(key=lambda rate: rate["order"])
        best, found = rates[0], chosen.loc[cell]
        assert found[["yoy_pct", "half_unit_pp", "source_id", "places"]].tolist() == [
            best["printed_pct"], best["half_unit_pp"], best["source_id"], best["places"],
        ]  # fmt: skip
        farthest = max(rates, key=lambda rate: abs(rate["printed_pct"] - best["printed_pct"]))
        other = farthest["printed_pct"] if apart(farthest, best) else np.nan
        assert found["other_pct"] == other or np.isnan(found["other_pct"]) and np.isnan(other)
    assert len(chosen) == checked.groupby(customs.CELL).ngroups


def test_a_source_line_opens_the_records_it_names_and_no_other(monkeypatch):
    opened, read = [], provenance.record_of
    monkeypatch.setattr(provenance, "record_of", lambda file: opened.append(file.stem) or read(file))
    line = provenance.source_line("census_imports", "abs")
    assert opened == ["abs_imports_by_origin_2012-2026", "census_imports_by_origin_2012-2026"]
    assert line == "Australian Bureau of Statistics; US Census Bureau"


def test_a_source_line_names_each_producer_once_and_no_file():
    every = provenance.source_line("")
    assert len(every.split("; ")) == len({record.producer for record in provenance.all_records()})
    assert "(read " not in every and provenance.source_line("gacc") == "China's customs (GACC)"
    assert set(producers.SHORT_PRODUCERS) <= {record.producer for record in provenance.all_records()}


def test_both_yaml_loaders_read_the_same_records():
    for record in provenance.all_records():
        beside = record.path.with_name(record.path.name + ".source.yml")
        assert provenance.Record(**yaml.safe_load(beside.read_text(encoding="utf-8"))) == record


def test_the_latest_common_month_is_where_the_shorter_of_the_two_series_ends():
    ends = [customs.series(ledger.cells(), "US", "CN", concept="imports_general").index[-1],
            customs.series(ledger.cells(), "AU", "CN").index[-1]]  # fmt: skip
    assert customs.latest_common_month() == str(min(ends))


def test_a_flow_that_nobody_reports_is_an_empty_series():
    held = customs.series(ledger.cells(), "CN", "XX")
    assert held.empty and isinstance(held.index, pd.PeriodIndex)


def test_a_changed_translation_or_term_draws_anew_and_computes_nothing_else():
    watched = {name for name, _ in shortcut.inputs(prose=True)}
    assert {"src/helpers/locale/de/LC_MESSAGES/page.po", "src/helpers/locale/term_forms.csv"} <= watched
    assert {"src/helpers/study.json", "docs/glossary.md", "corrections.yml"} <= watched
    computes = {name for name, _ in publish.code_of()}
    assert "study.json" in computes and not [name for name in computes if name.endswith((".po", ".csv"))]
