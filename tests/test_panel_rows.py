"""The four small charts of the first screen: the grade beside each is that of its weakest figures (invented rows)."""

from __future__ import annotations

import pandas as pd

from helpers import panel_rows


def excess(form: str, status: str, grade: str) -> pd.DataFrame:
    row = {"destination_code": "ASEAN", "window_id": "W1", "form": form, "status": status, "evidence_grade": grade,
           "first_month": "2025-04", "last_month": "2025-06", "gap_low_bn": 17.0, "gap_high_bn": 31.0,
           "gap_bn": 24.0, "low_bn": 3.0, "high_bn": 45.0}  # fmt: skip
    return pd.DataFrame([row])


def monthly(missing: int) -> pd.DataFrame:
    return pd.DataFrame({"partner_code": ["ASEAN"], "months_missing": [missing]})


def test_the_grade_is_that_of_the_weaker_of_what_is_drawn_and_what_is_told():
    assert panel_rows.grade_of(excess("range", "range", "D"), monthly(0), "ASEAN") == "D"
    assert panel_rows.grade_of(excess("range", "range", "A"), monthly(0), "ASEAN") == "B"
    assert panel_rows.grade_of(excess("range", "range", "A"), monthly(2), "ASEAN") == "C"
    assert panel_rows.grade_of(excess("plain", "interval", "A"), monthly(2), "ASEAN") == "A"
    assert panel_rows.grade_of(excess("range", "accounting only", "D"), monthly(0), "ASEAN") == "B"
    assert panel_rows.grade_of(excess("plain", "interval", "A"), monthly(0), "EU") == ""


def test_what_is_told_has_its_interval_or_says_that_there_is_none():
    assert panel_rows.told(excess("plain", "interval", "A"), "ASEAN") == "Apr–Jun 2025: +24 bn (95 %: +3 to +45)"
    assert panel_rows.told(excess("range", "range", "D"), "ASEAN") == "Apr–Jun 2025: +17 to +31 bn, no interval"
    assert panel_rows.told(excess("range", "range", "D"), "AU") == "accounting only"
