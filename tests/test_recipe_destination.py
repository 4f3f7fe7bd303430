"""Two pages of docs/how-to carried out in a copy of the checkout: add a destination, add an importer's figures.

Quick, the pages' changes are made and chapter 3's tables and sentences looked at; slow, the whole of both is carried
out to its report. Mexico's months are INVENTED (``served.py``): the ledger has its years.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
import served
from local_offices import offices
from recipes import PAGES, Block, blocks_of, carry_out, house, run, write

from helpers import page_texts

DESTINATION, IMPORTER = "add-a-destination.md", "add-an-importers-figures.md"
FIGURES = "data/raw/inegi/inegi_imports_by_origin.csv"
NUMBERS = ["actual_bn", "gap_bn", "low_bn", "high_bn", "mde80_bn", "gap_low_bn", "gap_high_bn"]
# What chapter 3 makes of the ledger of a copy, without its page, and what the page would say of Mexico in German.
ESTIMATE = """
import json
from helpers import accounting, controls, customs, destinations, estimate_views, excess, growth, headlines, spans
from helpers.svg import COLOURS
from helpers.translation import translator_for
rows = customs.read_rows()
cells, money, quarters = customs.clean(rows), controls.read_controls(), customs.quarterly(rows)
lumps = excess.all_lumps(cells)
flows = destinations.flows(cells, money, "USD", lumps)
candidates = excess.candidates(flows, "2024-10")
form, near = excess.form_of(candidates, "chosen", 0), excess.near_best(candidates)
made = excess.estimate_all(flows, quarters, form, near, train_end="2024-10", month="2026-05").excess
rest = destinations.accounting_only(cells, flows, needed=excess.months_needed(form))
growths = growth.preferred_growth(rows, growth.check_growth(rows, cells))
sides = headlines.side_rows(accounting.all_sides(cells, money, growths, spans.sides("2026-05")))
shown = estimate_views.interval_rows(estimate_views.excess_rows(made))
said = estimate_views.of_destination("MX", made, rest)
texts = [said, estimate_views.of_excess(made), *shown["label"], *sides["importer"], *rest["reason"]]
print(json.dumps({
    "said": said, "title": estimate_views.of_excess(made), "labels": list(shown["label"]), "colour": COLOURS["MX"],
    "importers": sorted(set(sides["importer"])), "english": [t for t in texts if translator_for("de").find(t) is None],
    "ratio": sides[(sides["importer"] == "Mexico") & (sides["span"].str.contains("W1"))]["ratio"].tolist(),
    "german": translator_for("de").find(estimate_views.of_excess(made)),
    "excess": json.loads(made.to_json(orient="records", double_precision=15)),
}))
"""


def page_of(name: str) -> list[Block]:
    return blocks_of((PAGES / name).read_text(encoding="utf-8"))


def change(name: str, place: Path) -> int:
    """Make the changes of a page without its commands; return how many lines it changed."""
    changed = 0
    for block in page_of(name):
        if block.language == "diff":
            done = run(["git", "apply", "--whitespace=nowarn", "-"], place, block.text)
            assert done.code == 0, f"{block.text}{done.error}"
            changed += len(re.findall(r"^[+-](?![+-]{2} )", block.text, flags=re.MULTILINE))
        elif {"to", "onto"} & set(block.about):
            write(block, place)
            changed += len(block.text.splitlines())
    return changed


def type_in(name: str, word: str, place: Path, **environment: str) -> None:
    """Type those commands of a page that hold a word."""
    typed = "".join(line for block in page_of(name) if block.language == "sh" for line in block.text.splitlines(True)
                    if word in line)  # fmt: skip
    assert typed, f"{name} types nothing with {word}"
    done = run(["sh", "-e"], place, typed, **environment)
    assert done.code == 0, f"{typed}{done.out}{done.error}"


def figures_of_mexico(place: Path, months: dict[str, float]) -> None:
    """Write invented figures in the form that the page shows."""
    head, row = next(block.text.splitlines() for block in page_of(IMPORTER) if block.language == "csv")
    lines = [
        row.replace("2015-01", month).replace("<value>", f"{value:.1f}").replace("<half a digit>", "0.05")
        for month, value in months.items()
    ]
    (place / FIGURES).parent.mkdir()
    (place / FIGURES).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def estimates(place: Path) -> dict:
    done = run([sys.executable, "-c", ESTIMATE], place, "")
    assert done.code == 0, done.error
    return json.loads(done.out)


def of_others(found: dict) -> pd.DataFrame:
    """Return the numbers of all other destinations; how finely a figure was printed may change with its source."""
    rows = pd.DataFrame(found["excess"]).query("destination_code != 'MX'")
    return rows.set_index(["destination_code", "form", "window_id"])[NUMBERS].astype(float)


@pytest.fixture(scope="module")
def mexico():
    return served.invented_mexico()


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """A copy in which the first page was carried out but for its commands, and what it says with the ledger of git."""
    place = house(tmp_path_factory.mktemp("destination") / "copy")
    without = run([sys.executable, "-c", ESTIMATE.replace('COLOURS["MX"]', "None").replace(
        'estimate_views.of_destination("MX", made, rest)', '"nothing"')], place, "")  # fmt: skip
    assert without.code == 0, without.error
    changed = change(DESTINATION, place)
    return {"place": place, "changed": changed, "before": json.loads(without.out), "embedded": estimates(place)}


@pytest.fixture(scope="module")
def fetched(added, mexico, tmp_path_factory):
    """The same after the page's fetch, with invented months."""
    place = shutil.copytree(added["place"], tmp_path_factory.mktemp("fetched") / "copy", symlinks=True)
    with offices(served.Served({"MX": mexico["china"]})) as server:
        type_in(DESTINATION, " fetch ", place, DIVERSION_OFFICES=server.address)
    return {"place": place, "found": estimates(place)}


@pytest.fixture(scope="module")
def counted(fetched, mexico, tmp_path_factory):
    """The same after the second page, without its reports."""
    place = shutil.copytree(fetched["place"], tmp_path_factory.mktemp("importer") / "copy", symlinks=True)
    figures_of_mexico(place, mexico["own"])
    change(IMPORTER, place)
    type_in(IMPORTER, " ledger ", place)
    return estimates(place)


def test_a_destination_takes_eight_lines(added):
    assert added["changed"] == 8  # as the page says


def test_with_years_only_it_is_accounting_only_with_the_reason_and_nobody_elses_number_moves(added):
    found = added["embedded"]
    assert re.fullmatch(
        "Mexico: accounting only: held by year only, 2015 to 20.., and no importer's series in the ledger.",
        found["said"],
    )
    assert found["excess"] == added["before"]["excess"] and found["title"] == added["before"]["title"]
    assert found["english"] == [] and found["importers"] == ["Australia", "United States"]


def test_with_months_it_gets_an_interval_by_itself_with_a_colour_and_in_both_languages(added, fetched):
    found = fetched["found"]
    (row,) = [row for row in found["excess"] if row["destination_code"] == "MX" and row["window_id"] == "W1"]
    assert row["status"] == "interval" and row["degrees_of_freedom"] >= 5 and row["form"] == "plain"
    assert row["low_bn"] < row["gap_bn"] < row["high_bn"] and row["low_bn"] > 0  # the invented Mexico took more
    assert row["view"] == "exporter: China's customs" and "Mexico, plain" in found["labels"]
    assert found["said"].startswith("Mexico: a gap of +") and found["title"].endswith("too short a past to tell")
    assert "; the rise in Mexico does; " in found["title"] and found["english"] == []
    assert re.match("Der Verlust .*; der Anstieg in Mexiko sticht heraus; für die EU ", found["german"])
    assert found["colour"] == "#7a4b9d"
    pd.testing.assert_frame_equal(of_others(found), of_others(added["embedded"]), rtol=1e-9)


def test_the_importers_own_count_becomes_its_view_and_stands_beside_chinas(fetched, counted):
    (row,) = [row for row in counted["excess"] if row["destination_code"] == "MX" and row["window_id"] == "W1"]
    assert row["view"] == "importer: customs of Mexico" and row["status"] == "interval" and row["low_bn"] > 0
    assert counted["said"].endswith("Seen through: importer: customs of Mexico.")
    assert counted["importers"] == ["Australia", "Mexico", "United States"] and counted["english"] == []
    assert counted["ratio"] == [pytest.approx(1.2, rel=0.02)]
    pd.testing.assert_frame_equal(of_others(counted), of_others(fetched["found"]), rtol=1e-9)


def test_an_importers_count_without_a_past_is_not_its_view(added, mexico, tmp_path):
    place = shutil.copytree(added["place"], tmp_path / "copy", symlinks=True)
    figures_of_mexico(place, {month: value for month, value in mexico["own"].items() if month >= "2024-01"})
    change(IMPORTER, place)
    type_in(IMPORTER, " ledger ", place)
    found = estimates(place)
    assert found["said"].endswith("and the importer's own series (30 months) ends in June 2026.")
    assert found["importers"] == ["Australia", "United States"] and found["english"] == []


def text_of(place: Path) -> str:
    """Return what a reader finds on the newest page of a copy, in both languages."""
    page = max((place / "reports").glob("20*/index.html")).read_text(encoding="utf-8")
    return "\n".join(page_texts.texts(page)).translate({0x2011: "-", 0xA0: " ", 0x202F: " ", 0x2019: "'"})


@pytest.mark.slow
def test_both_pages_are_carried_out_to_their_reports(mexico, tmp_path):
    place = house(tmp_path / "copy")
    with offices(served.Served({"MX": mexico["china"]})) as server:
        carry_out(DESTINATION, place, DIVERSION_OFFICES=server.address)
    text = text_of(place)
    assert "Mexico: a gap of +" in text and "Mexico, plain" in text
    figures_of_mexico(place, mexico["own"])
    carry_out(IMPORTER, place)
    text = text_of(place)
    assert "Seen through: importer: customs of Mexico." in text and "Gesehen durch: Einfuhrland: Zoll Mexikos." in text
    assert "Mexico's excess is beyond normal variation." in text
    assert "Instituto Nacional de Estadística y Geografía (INEGI)" in text
    table = pd.read_parquet(place / "data/processed/two_sides.parquet")
    assert set(table["reporter_code"]) == {"US", "AU", "MX"}
