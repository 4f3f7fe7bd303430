"""Every number in the summary's sentences is walked back: to a row of a result table, and that row to raw files."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from helpers import provenance
from helpers.periods import month_range
from helpers.table_list import TABLE_LIST

CONVENTIONS = ("95\u00a0%", "90\u00a0%", "80\u00a0%")  # of the method, no results
KNOWN = {table.name: table for table in TABLE_LIST}


@pytest.fixture(scope="module")
def tables(report_page):
    """Read the tables that the report was made with."""
    folder = report_page.parents[2] / "processed"
    return {file.stem: pd.read_parquet(file) for file in folder.glob("*.parquet")}


@pytest.fixture(scope="module")
def facts(tables):
    return tables["summary_facts"].to_dict("records")


def row_of(tables, fact):
    found = tables[fact["table"]]
    for column, value in json.loads(fact["row"]).items():
        found = found[found[column] == value]
    assert len(found) == 1, fact
    return found.iloc[0]


def test_every_numeral_in_a_sentence_is_a_fact_or_a_convention(tables):
    for sentence in tables["summary_sentences"].to_dict("records"):
        left = sentence["text"]
        for convention in CONVENTIONS:
            left = left.replace(convention, " ")
        printed = tables["summary_facts"].query("position == @sentence['position']")["printed"]
        for words in sorted(printed, key=len, reverse=True):
            assert words in sentence["text"], words
            left = re.sub(rf"(?<![\d.,]){re.escape(words)}(?![\d%])", " ", left, count=1)
        assert not re.search(r"\d", left), left


def test_every_fact_is_the_value_of_its_cell_as_printed(tables, facts):
    assert len(facts) >= 20
    for fact in facts:
        value = row_of(tables, fact)[fact["column"]]
        if isinstance(value, str):
            assert value == fact["value"]
            assert value[:4] in fact["printed"]
            continue
        assert float(fact["value"]) == float(value)
        number = fact["printed"].replace("−", "-").replace(",", "").replace("\u00a0%", "").replace("+", "")
        digits = len(number.partition(".")[2])
        size = abs(float(value)) if not number.startswith("-") and "+" not in fact["printed"] else float(value)
        assert abs(float(number) - size) <= 0.5 * 10**-digits + 1e-9 or float(number) == round(float(value), digits)


def cells_of(inputs, tables):
    """Yield the clean cells that a row's inputs name; a row of another result table is followed to its own inputs."""
    for part in inputs.split(";"):
        pieces = part.split("/")
        if pieces[0] in KNOWN:
            assert pieces[0] in tables
            continue
        reporter, partner, flow, kind, span = pieces
        months = span.partition("@")[0].split("..")
        wanted = month_range(months[0], months[-1])
        table = tables["customs_growth"] if span.endswith("@yoy") else (
            tables["customs_quarterly"] if kind == "quarter" else tables["customs_monthly"]
        )  # fmt: skip
        family = {"EU": ["EU27", "EU28"], "ASEAN": ["ASEAN10", "ASEAN11"]}.get(partner, [partner])
        found = table[
            (table["reporter_code"] == reporter) & table["partner_code"].isin(family) & (table["flow"] == flow)
            & (table["period_kind"] == kind) & table["period"].isin(wanted)
        ]  # fmt: skip
        assert len(found), part
        yield part, found


def test_every_row_behind_a_fact_leads_to_raw_files_that_exist(tables, facts):
    records = {record.path.stem: record for record in provenance.check_all()}
    walked = 0
    for fact in facts:
        for _, found in cells_of(row_of(tables, fact)["inputs"], tables):
            for source in found["source_id"].unique():
                stem, _, key = source.partition("#")
                assert key in records[stem].sources, source
            walked += len(found)
    assert walked > 500


def test_every_line_number_in_the_clean_table_is_the_line_that_was_read(tables):
    raw = {record.path.stem: provenance.read(record) for record in provenance.check_all()}
    clean = tables["customs_monthly"]
    sample = clean[~clean["is_derived"]].iloc[::37]
    for row in sample.itertuples(index=False):
        line = raw[row.source_id.partition("#")[0]].set_index("line").loc[row.line]
        assert float(line["value"]) == row.value_mn
        assert line["period"] == row.period
