"""Figures and tables as the notebooks show them. The figures here are invented."""

from __future__ import annotations

import io
import re

import matplotlib
import pandas as pd
import pytest

matplotlib.use("agg")

from helpers import charts, figures, svg
from helpers.refusals import Refusal

INVENTED = pd.DataFrame({"partner": ["A", "B"], "value": [1.5, -2.25], "code": ["US", "EU"]})


@pytest.fixture
def shown(monkeypatch):
    """Collect what a notebook would display."""
    bundles = []
    monkeypatch.setattr(figures, "display", lambda bundle, raw: bundles.append(bundle))
    figures.use_house_style()
    return bundles


def draw(**changes):
    words = {"name": "invented", "title": "T", "subtitle": "S", "alt": "A", "source": "Q", "data": INVENTED} | changes
    figures.show(charts.plot_bars(INVENTED, label="partner", value="value", code="code"), **words)


def test_the_same_figure_is_the_same_bytes(shown):
    draw()
    draw()
    assert shown[0] == shown[1]


def test_ids_begin_with_the_figures_name_and_every_reference_finds_its_target(shown):
    draw(name="one")
    drawing = shown[0][figures.FIGURE]["svg"]
    ids = set(re.findall(r'\bid="([^"]+)"', drawing))
    assert ids and all(name.startswith("one-") for name in ids)
    references = set(re.findall(r"url\(#([^)]+)\)", drawing)) | set(re.findall(r'href="#([^"]+)"', drawing))
    assert references <= ids


def test_a_wide_figure_is_drawn_for_a_phone_as_well_and_a_narrow_one_is_not(shown):
    figure, ax = figures.new_figure()
    ax.plot([1, 2], [3, 4])
    words = {"name": "line", "title": "T", "subtitle": "S", "alt": "A", "source": "Q", "data": INVENTED}
    figures.show(figure, **words)
    content = shown[0][figures.FIGURE]
    wide, narrow = (float(content[key].split('viewBox="0 0 ')[1].split(" ")[0]) for key in ("svg", "svg_narrow"))
    assert narrow == pytest.approx(72 * svg.PHONE_WIDTH) and narrow < wide
    ids = [set(re.findall(r'\bid="([^"]+)"', content[key])) for key in ("svg", "svg_narrow")]
    assert not ids[0] & ids[1]
    small, ax = figures.new_figure(width=figures.SMALL_ENOUGH)
    ax.plot([1, 2], [3, 4])
    figures.show(small, **words | {"name": "small"})
    assert shown[1][figures.FIGURE]["svg_narrow"] == ""


def test_bars_of_nothing_are_drawn_as_a_line_and_not_refused():
    figure = charts.plot_bars(INVENTED.iloc[:0], label="partner", value="value", code="code")
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < high


def test_long_names_of_rows_are_broken_and_get_room_on_a_phone():
    frame = INVENTED.assign(partner=["An invented country with a long name", "B"])
    figure = charts.plot_bars(frame, label="partner", value="value", code="code")
    height = figure.get_figheight()
    names = [label.get_text() for label in svg.for_phone(figure).axes[0].get_yticklabels()]
    assert names == ["An invented country\nwith a long name", "B"]
    assert figure.get_figwidth() == svg.PHONE_WIDTH and figure.get_figheight() >= height


def test_a_drawing_without_names_of_rows_keeps_its_height_on_a_phone():
    figure, ax = figures.new_figure()
    ax.set_yticks([])
    height = figure.get_figheight()
    assert svg.for_phone(figure).get_figheight() == height


@pytest.mark.parametrize(("low", "high", "side"), [(1, 2, "left"), (-2, -1, "right"), (-1, 1, "center")])
def test_labels_keep_off_the_zero_line(low, high, side):
    assert charts.away_from_zero(low, high) == side


def test_text_stays_text_in_the_pages_typeface_and_colours_follow_the_page(shown):
    draw()
    drawing = shown[0][figures.FIGURE]["svg"]
    assert "<text" in drawing and "Diversion Sans" in drawing
    assert "currentColor" in drawing and "var(--c-us" in drawing
    assert figures.TEXT not in drawing.replace(f"var(--grid,{figures.GRID})", "")


@pytest.mark.parametrize("missing", ["alt", "title", "source"])
def test_a_figure_without_its_words_is_refused(shown, missing):
    with pytest.raises(Refusal, match="has no"):
        draw(**{missing: " "})


def test_the_data_come_back_from_the_csv_as_they_went_in(shown):
    draw()
    back = pd.read_csv(io.StringIO(shown[0][figures.FIGURE]["csv"]))
    pd.testing.assert_frame_equal(back, INVENTED, check_dtype=False)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [(-2.25, "+.1f", "−2.2"), (1234.5, ",.1f", "1,234.5"), (float("nan"), ".1f", "–"), (None, ".1f", "–"),
     (pd.NA, ".0f", "–"), ("word", "", "word"), ("", "", "–"), (3, "", "3")],
)  # fmt: skip
def test_cells_look_the_same_everywhere(value, spec, text):
    assert figures.formatted(value, spec) == text


def test_a_table_knows_its_numbers_and_its_badges(shown):
    figures.show_table(
        INVENTED.rename(columns={"value": "growth_pct"}), name="t", title="T", source="Q",
        columns=["partner", "growth_pct"], badges={"partner": {"A": "good"}},
    )  # fmt: skip
    table = shown[0][figures.TABLE]
    assert [cell["numeric"] for cell in table["head"]] == [False, True]
    assert table["rows"][0][0] == {"text": "A", "badge": "good"}


def test_a_table_of_many_columns_is_cards_on_a_phone_with_the_key_figure_first(shown):
    frame = pd.DataFrame(
        {"series": ["A"], "window": ["W1"], "gap": ["+1.0"], "interval": ["from a low to a high number"]}
    )
    words = {"name": "t", "title": "T", "source": "Q; R; Q", "columns": ["series", "window", "gap", "interval"]}
    figures.show_table(frame, **words)
    figures.show_table(frame, folded=True, **words)
    figures.show_table(frame, badges={"gap": {"+1.0": "good"}}, **words)
    first, folded, badged = (bundle[figures.TABLE] for bundle in shown)
    assert first["stacked"] and not folded["stacked"]
    assert [cell["key"] for cell in first["head"]] == [False, False, True, False]
    assert [cell["long"] for cell in first["head"]] == [False, False, False, True]
    assert not any(cell["key"] for cell in badged["head"])
    assert first["source"] == "Q; R"


def test_labels_are_moved_apart_and_keep_their_order():
    placed = charts.spread_labels([1.0, 1.01, 1.02, 5.0], 0.5)
    assert all(b - a >= 0.5 - 1e-6 for a, b in zip(placed, placed[1:], strict=False))
    assert placed == sorted(placed)


def test_partners_keep_their_colours():
    assert len({figures.colour(code) for code in ("US", "EU", "ASEAN", "AU", "NON_US")}) == 5
    assert figures.colour("JP") == figures.QUIET
