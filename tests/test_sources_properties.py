"""Whatever bytes come, an answer gives figures that satisfy the contract, or one refusal; nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from source_cases import CASES, INDEXES, TAGS, spoiled, try_answer, try_index

SEEDS = st.integers(0, 2**48)
IDS = [case.ask.name for case in CASES]


def often(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_good_answer_is_accepted(case):
    assert try_answer(case.ask, case.body).figures


@pytest.mark.parametrize("case", INDEXES, ids=[case.ask.name for case in INDEXES])
def test_the_good_index_leads_to_pages(case):
    assert try_index(case.ask, case.body)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_spoiled_answer_satisfies_the_contract_or_is_refused(case):
    ends = {True: 0, False: 0}

    @often(1000)
    @given(SEEDS)
    def hold(seed):
        ends[try_answer(case.ask, spoiled(case, seed)) is None] += 1

    hold()
    assert ends[True] > 50 and ends[False] > 50  # both ends are reached


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_cut_answer_gives_no_figure_that_the_whole_does_not_give(case):
    whole = set(try_answer(case.ask, case.body).figures)
    whole |= {
        figure._replace(quantity=None, quantity_unit="") for figure in whole
    }  # weights stand on rows of their own
    for end in (*range(0, len(case.body), 7), *range(len(case.body) - 60, len(case.body))):
        cut = try_answer(case.ask, case.body[:end])
        assert cut is None or set(cut.figures) <= whole, case.body[:end][-60:]


@pytest.mark.parametrize("case", INDEXES, ids=[case.ask.name for case in INDEXES])
def test_a_spoiled_index_leads_to_the_office_or_is_refused(case):
    ends = {True: 0, False: 0}

    @often(500)
    @given(SEEDS)
    def hold(seed):
        ends[try_index(case.ask, spoiled(case, seed)) is None] += 1

    hold()
    assert ends[True] > 10 and ends[False] > 50


@often(1500)
@given(st.sampled_from([*CASES, *INDEXES]), st.binary(max_size=200))
def test_bytes_of_any_kind(case, body):
    (try_answer if case.ask.dataset else try_index)(case.ask, body)


@often(1500)
@given(st.sampled_from([*CASES, *INDEXES]), st.text(max_size=120))
def test_text_of_any_kind(case, text):
    (try_answer if case.ask.dataset else try_index)(case.ask, text.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=8),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4), max_leaves=12,
)  # fmt: skip


@often(1000)
@given(st.sampled_from([case for case in CASES if case.ask.expects == "json"]), JSON, st.booleans())
def test_json_of_any_kind(case, value, under_data):
    import json

    try_answer(case.ask, json.dumps({"data": value} if under_data else value).encode())


@often(1500)
@given(
    st.sampled_from([case for case in (*CASES, *INDEXES) if case.ask.expects == "html"]),
    st.lists(st.sampled_from(TAGS) | st.text(max_size=10), max_size=12),
    st.booleans(),
)
def test_tags_in_any_order(case, parts, before):
    between = "".join(parts).encode()
    body = between + case.body if before else case.body.replace(b"</tbody>", between, 1)
    (try_answer if case.ask.dataset else try_index)(case.ask, body)
