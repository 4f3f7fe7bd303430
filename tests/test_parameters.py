"""The typed parameters: precedence, ranges, and the words of their refusals."""

from __future__ import annotations

import pytest

from helpers import parameters, paths
from helpers.refusals import Refusal


@pytest.fixture
def file(tmp_path):
    return tmp_path / "parameters.yml"


def test_command_line_goes_before_file_before_defaults(file):
    file.write_text("window: 33\ncurrency: CNY\n")
    values = parameters.merged({"window": 22}, file=file)
    assert (values.window, values.currency, values.trend) == (22, "CNY", "chosen")


def test_without_a_file_the_defaults_hold(file):
    assert parameters.merged({}, file=file) == parameters.Parameters()


def test_an_empty_file_changes_nothing(file):
    file.write_text("# nothing is overridden\n")
    assert parameters.merged({}, file=file) == parameters.Parameters()


def test_a_date_in_the_file_is_read_as_it_stands(file):
    file.write_text("article: 2025-12-09\n")
    assert parameters.merged({}, file=file).article == "2025-12-09"


@pytest.mark.parametrize("text", ["- window\n", "window: [\n", "windw: 33\n", "window: 23\n", "1: 2\n"])
def test_a_wrong_file_is_refused_with_exit_code_2(file, text):
    file.write_text(text)
    with pytest.raises(Refusal) as refusal:
        parameters.merged({}, file=file)
    assert refusal.value.exit_code == 2


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(Refusal, match='did you mean "train_end"'):
        parameters.check(trainend="2024-10")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window", 45),
        ("window", "44"),
        ("currency", "EUR"),
        ("trend", ""),
        ("month", "2026-5"),
        ("month", "2026-00"),
        ("train_end", ""),
        ("train_end", "2025-04"),
        ("train_end", "2021-11"),
        ("train_end", "2025-01"),
        ("article", "../elsewhere"),
        ("chip_fee_pct", 20),
        ("chip_fee_pct", "25"),
        ("chip_fee_pct", 0.25),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(name, value):
    with pytest.raises(Refusal, match="expected:") as refusal:
        parameters.check(**{name: value})
    assert refusal.value.exit_code == 2 and f"parameter {name}=" in str(refusal.value)


@pytest.mark.parametrize("value", ["2021-12", "2025-03"])
def test_the_ends_of_the_training_range_are_allowed(value):
    assert parameters.check(train_end=value).train_end == value


def test_assignments_become_typed_values():
    assert parameters.from_text(["window=33", " currency = CNY", "month="]) == {
        "window": 33,
        "currency": "CNY",
        "month": "",
    }


@pytest.mark.parametrize("texts", [["window"], ["=33"], ["window=33", "window=44"]])
def test_what_is_no_assignment_or_a_contradiction_is_refused(texts):
    with pytest.raises(Refusal) as refusal:
        parameters.from_text(texts)
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("value", ["--5", "²", "1e3", "3.0"])
def test_what_looks_like_a_number_and_is_none_stays_text(value):
    assert parameters.from_text([f"window={value}"]) == {"window": value}


def test_every_parameter_is_described_with_what_it_takes():
    told = parameters.describe()
    for name in parameters.names():
        assert f"{name}\n    {parameters.Parameters.model_fields[name].description}" in told
        assert parameters.allowed(name) in told


def test_the_defaults_are_themselves_allowed():
    defaults = parameters.Parameters().model_dump()
    assert parameters.check(**defaults) == parameters.Parameters()
    assert (paths.RAW / f"compiled/article_claims_{defaults['article']}.csv").exists()


@pytest.mark.parametrize(("trend", "window"), [("seasonal_naive", 44), ("level", 22)])
def test_a_trend_that_does_not_go_with_the_window_stops_before_anything_runs(trend, window):
    with pytest.raises(Refusal, match="does not go with window") as refusal:
        parameters.check(trend=trend, window=window)
    assert refusal.value.exit_code == 2
