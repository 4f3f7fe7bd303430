"""The promises of the method on invented flows: at CI size here, at nightly size behind the marker ``slow``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import study, wording


def held_to(size):
    """Run one size and hold it against its bounds and against what is stored."""
    found = study.study(study.SIZES[size], say=wording.summary)
    print(f"\n{found.round(3).to_string(index=False)}")
    assert found["passes"].all(), found[~found["passes"]].to_string()
    kept, fits = study.stored()
    assert fits, f"the code of the study has changed: run {study.COMMAND}"
    pd.testing.assert_frame_equal(found, kept[size], rtol=1e-6, atol=1e-9, check_dtype=False)


def test_every_promise_holds_at_the_size_of_every_test_run():
    held_to("ci")


@pytest.mark.slow
def test_every_promise_holds_at_nightly_size():
    held_to("nightly")


def test_the_stored_figures_hold_every_promise():
    kept, _ = study.stored()
    assert (kept["nightly"]["repetitions"].max(), kept["ci"]["repetitions"].max()) == (2000, 200)
    assert set(kept["nightly"]["test"]) == set(study.WORDS)
    table = study.summed(kept)
    assert table["holds"].all()


def test_a_value_that_is_missing_passes_no_bound():
    row = ("T1", "w", "ratio", np.nan, np.nan, 0.92, 0.99, 20)
    assert not study.judged([row])["passes"].any()


def test_half_a_unit_for_every_month_of_the_window_would_be_too_narrow_a_band():
    """The forecast is made of rounded figures as well."""
    rows = {row[2]: row[3] for row in study._rounding(2000, study.SEED)}
    assert rows["largest shift over half a unit a month of the window"] > 1 > rows["largest shift over the band"]


def test_words_of_diversion_are_counted():
    """A summary that says so is caught in the world where nothing was turned away."""

    def wrong(tables):
        return [wording.sentences.Sentence(study.SAID, "Tariff-caused diversion.")]

    rows = study.judged(study._supply_push(20, 1, 2.0, wrong))
    told = rows[rows["quantity"] == "draws that are said to be diversion"]
    assert (told["value"] == 20).all() and not told["passes"].any()


def test_a_share_outside_its_bounds_does_not_pass(monkeypatch):
    """The textbook dummy, called a promise of coverage, is caught."""
    monkeypatch.setattr(study, "TEXTBOOK_FAILS", 0.5)
    found = study.judged(study._coverage(20, 1, 0.0))
    textbook = found[(found["test"] == "T2") & found["bound_high"].notna()]
    assert not textbook["passes"].all()


def test_changed_code_is_noticed(tmp_path, monkeypatch):
    row = dict(zip(study.COLUMNS, ("T1", "w", "ratio", 0.95, 0.01, 0.9, 1.0, 20, True), strict=True))
    found = {"code": study.code_hash(), "seed": study.SEED, "ci": [row], "nightly": [row]}
    file = study.store(found, tmp_path / "study.json")
    assert study.stored(file)[1]
    monkeypatch.setattr(study, "code_hash", lambda: "another")
    assert not study.stored(file)[1]


def test_the_sum_takes_the_range_over_worlds_and_both_sizes():
    def row(world, value, passes=True):
        return dict(zip(study.COLUMNS, ("T1", world, "ratio", value, 0.01, 0.92, 0.99, 20, passes), strict=True))

    held = {
        "ci": pd.DataFrame([row("a", 0.90), row("b", 0.97)]),
        "nightly": pd.DataFrame([row("a", 0.93), row("b", 0.95)]),
    }
    one = study.summed(held).iloc[0]
    assert (one["ci_low"], one["ci_high"], one["nightly_low"], one["nightly_high"]) == (0.90, 0.97, 0.93, 0.95)
    assert one["holds"] and one["promised"]
    held["nightly"].loc[0, "passes"] = False
    assert not study.summed(held).iloc[0]["holds"]
