"""Every corner of the parameters makes a report: early months, other money, other forms, an early or late training."""

from __future__ import annotations

import pytest
from conftest import make_report

CORNERS = (
    ("--month", "2025-11"), ("--month", "2025-12"), ("--month", "2026-03"),
    ("-p", "train_end=2025-03"), ("-p", "train_end=2024-12"), ("-p", "train_end=2021-12"),
    ("-p", "currency=CNY", "-p", "window=33"), ("-p", "currency=partner", "-p", "train_end=2022-06"),
    ("-p", "trend=quadratic", "-p", "window=22"), ("-p", "trend=seasonal_drift", "-p", "train_end=2023-12"),
    ("-p", "trend=level", "-p", "window=55", "-p", "train_end=2023-06"),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("words", CORNERS, ids=lambda words: " ".join(word for word in words if word[0] != "-"))
def test_a_corner_of_the_parameters_makes_a_report(words, tmp_path):
    page = make_report(tmp_path, *words)
    assert "The answer first" in page.read_text(encoding="utf-8")
