"""The door between notebooks: what is described is written, what is not is refused. The rows are invented."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import tables
from helpers.refusals import Refusal

ROW = {"partner_code": "AU", "period": "2023-12", "value_usd_bn": 73.8, "part_of_rest": 0.03, "inputs": "x"}
CEILING = {"span": "W1", "first_month": "2025-04", "last_month": "2025-11", "side": "exporter", "inputs": "x",
           "us_change_usd_bn": 3.0, "non_us_change_usd_bn": 5.0}  # fmt: skip


def test_an_optional_column_that_no_row_has_is_an_empty_one():
    found = tables.check(pd.DataFrame([CEILING]), "ceiling")
    assert found["ceiling_pct"].isna().all() and found["reason"].isna().all()
    assert found["ceiling_pct"].dtype == "float64"


@pytest.mark.parametrize("name", ["part_of_rest", "inputs"])
def test_a_required_column_may_not_be_missing(name):
    with pytest.raises(Refusal, match=f"columns missing: .*{name}"):
        tables.check(pd.DataFrame([ROW]).drop(columns=name), "sizes")


def test_a_column_that_nobody_described_is_refused():
    with pytest.raises(Refusal, match="nobody described: .*colour"):
        tables.check(pd.DataFrame([ROW | {"colour": "red"}]), "sizes")


def test_a_required_cell_may_not_be_empty_and_a_key_not_stand_twice():
    with pytest.raises(Refusal, match="1 empty cells"):
        tables.check(pd.DataFrame([ROW | {"part_of_rest": None}]), "sizes")
    with pytest.raises(Refusal, match="2 rows share a key"):
        tables.check(pd.DataFrame([ROW, ROW]), "sizes")
