"""Tables of the estimates as readers see them. The rows are invented."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import estimate_views as views
from helpers.numbers import signed

NAN = float("nan")


def test_roundings_are_named_for_plain_gaps_only():
    rows = pd.DataFrame({
        "destination_code": ["US", "US", "WORLD", "AU"], "window_id": ["W1", "W1", "W1", "W2"],
        "rounding_bn": [0.0012, NAN, 0.81, 5.0],
    })  # fmt: skip
    assert views.rounding_note(rows).endswith("at most, billion: United States 0.001, World 0.8.")


def test_the_mean_error_stands_beside_the_gap_and_the_gap_less_it():
    excess = pd.DataFrame([{"destination_code": "AU", "form": "plain", "window_id": "W1", "gap_bn": 7.0}])
    errors = [-1.0, 3.0, 4.0]
    placebo = pd.DataFrame({
        "destination_code": "AU", "form": "plain", "window_id": "W1", "error_bn": errors,
        "touches_2018_19_or_2020_22": [False, False, True],
    })  # fmt: skip
    (row,) = views.placebo_rows(placebo, excess).to_dict("records")
    assert row["mean_error"] == 2.0 and row["gap_less_mean"] == 5.0
    assert row["error"] == np.sqrt(np.mean(np.square(errors))) and row["rank"] == "0 of 3"
    wide = 2.5706 * row["error"]  # t with five degrees of freedom
    assert row["least_interval"] == f"{signed(7 - wide, 0)}\u00a0to\u00a0{signed(7 + wide, 0)}"


def test_a_repeated_year_looks_at_eleven_periods():
    rows = [
        {"destination_code": code, "form": form, "trend": trend, "training_periods": 22, "mean_ratio": ratio,
         "is_chosen": trend == "seasonal_naive", "ratio_to_naive": ratio, "gap_bn": 1.0}
        for trend, ratio in (("seasonal_naive", 1.0), ("seasonal_drift", 1.3))
        for code in ("US", "AU") for form in ("plain", "share")
    ]  # fmt: skip
    shown = views.candidate_rows(pd.DataFrame(rows)).set_index("trend")["training_periods"]
    assert shown.tolist() == [11, 22]
