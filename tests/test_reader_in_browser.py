"""What a reader can do with the real page in headless Chromium: languages, values, data, quotations, paper, keys."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile

import pytest

from helpers.translation import translator_for
from helpers.translation.translator import normal

LANGUAGES = ("en", "de")


def open_page(browser, page, width=1440, **settings):
    """Open the page without a network; what it says is collected."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **settings)
    tab = context.new_page()
    tab.said = []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.goto(page.as_uri())
    return tab


def turn(tab, language):
    """Switch the language and wait until it stands."""
    if tab.evaluate("document.documentElement.lang") != language:
        tab.click(".language")
        tab.wait_for_function("language => document.documentElement.lang === language", arg=language)


@pytest.fixture(scope="module")
def wide(browser, report_page):
    tab = open_page(browser, report_page, accept_downloads=True)
    yield tab
    assert tab.said == []
    tab.context.close()


VISIBLE = """() => {
    const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode, host = node.parentElement;
        if (!node.textContent.trim() || host.closest('script, style, pre, code, dialog, math')) continue;
        out.push([node.textContent, host.closest('[data-t]') !== null]);
    }
    return out;
}"""


def test_the_switch_changes_every_string_that_another_language_writes_otherwise(wide):
    turn(wide, "en")
    wide.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    before, content = wide.evaluate(VISIBLE), wide.content()
    say = translator_for("de")
    stays = sorted({normal(text) for text, marked in before if not marked and re.search(r"[A-Za-z]{2}", text)})
    plain = [text.replace("’", "'") for text in stays]
    plain = [text for text in plain if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", text)]  # names of sites
    same = [text for text in plain if text in (say.find(text), say.find(text, "term"))]
    assert sorted(set(plain) - set(same) - {"Deutsch", "BibTeX"}) == []
    turn(wide, "de")
    marked = [text for text, is_marked in wide.evaluate(VISIBLE) if is_marked]
    kept = {text for text, is_marked in before if is_marked and re.search(r"[a-z]{4}", text)} & set(marked)
    assert len(kept) <= 0.02 * len(marked), sorted(kept)[:40]
    assert wide.title().startswith("Wohin gingen Chinas Exporte?")
    turn(wide, "en")
    assert wide.content() == content


@pytest.mark.parametrize("width", [320, 2560])
def test_nothing_is_wider_than_the_narrowest_and_the_widest_screen(browser, report_page, width):
    tab = open_page(browser, report_page, width)
    for language in LANGUAGES:
        turn(tab, language)
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), language
    tab.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [375, 1440])
def test_words_in_a_figure_neither_lie_on_each_other_nor_reach_beyond_its_margin(browser, report_page, width, language):
    tab = open_page(browser, report_page, width)
    turn(tab, language)
    clashes = tab.evaluate(
        """() => [...document.querySelectorAll('.plot-box svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect(), found = [];
            const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
                .filter(([words, b]) => words.trim() && b.width);
            for (const [words, b] of boxes)
                if (b.left < frame.left - 10 || b.right > frame.right + 10) found.push([words, 'leaves its frame']);
            for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
                const [a, b] = [boxes[i][1], boxes[j][1]];
                const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (x > 2 && y > 0.45 * Math.min(a.height, b.height)) found.push([boxes[i][0], boxes[j][0]]);
            }
            return found.map(pair => [svg.closest('figure').id, ...pair]);
        })"""
    )
    assert clashes == []
    tab.context.close()


def test_hover_shows_the_value_that_stands_in_the_figures_table(wide):
    turn(wide, "en")
    names = wide.evaluate("[...document.querySelectorAll('figure.item [data-table]')].map(b => b.dataset.table)")
    assert len(names) >= 15
    checked = 0
    for name in names:
        box = wide.locator(f'[data-plot="{name}"]')
        box.scroll_into_view_if_needed()
        wide.click(f"#figure-{name} [data-table]")
        wide.wait_for_selector(f"#figure-{name} .values")
        box.evaluate("box => box.scrollIntoView({block: 'start', behavior: 'instant'})")
        place = box.bounding_box()
        wide.mouse.move(place["x"] + 0.62 * place["width"], place["y"] + 0.4 * place["height"])
        wide.mouse.move(place["x"] + 0.6 * place["width"], place["y"] + 0.4 * place["height"])
        wide.wait_for_selector("#tip:not([hidden])")
        shown = wide.locator("#tip span").inner_text().replace("−", "-").replace(",", "").replace("\u00a0", " ")
        number = float(re.match(r"[+-]?[\d.]+", shown).group())
        digits = len(re.match(r"[+-]?\d+\.?(\d*)", shown).group(1))
        held = wide.evaluate(
            "name => [...document.querySelectorAll(`#figure-${name} tr.lit td`)].map(cell => cell.dataset.value)", name
        )
        values = [float(value) for value in held if value is not None]
        assert any(abs(value - number) <= 0.5 * 10**-digits + 1e-9 for value in values), (name, shown, held)
        checked += 1
        wide.click(f"#figure-{name} [data-table]")
    assert checked >= 15


def test_every_table_of_a_figure_has_rows_and_closes_with_the_language(wide):
    turn(wide, "en")
    for name in wide.evaluate("[...document.querySelectorAll('[data-table]')].map(b => b.dataset.table)"):
        wide.evaluate("name => document.querySelector(`[data-table=${name}]`).click()", name)
        wide.wait_for_selector(f"#figure-{name} .values tbody tr", state="attached")
    assert wide.locator("[data-table]").first.text_content() == "Hide the table"
    turn(wide, "de")
    assert wide.locator(".values").count() == 0
    assert wide.locator("[data-table]").first.text_content() == "Als Tabelle zeigen"
    turn(wide, "en")
    assert {words.strip() for words in wide.locator("[data-table]").all_text_contents()} == {"Show as table"}


def test_what_the_script_says_is_german_too(wide):
    turn(wide, "de")
    wide.evaluate("document.querySelector('#table-ceiling [data-quote]').click()")
    wide.wait_for_selector("#quotation")
    assert (
        wide.locator("dialog h2").inner_text() == "Zitieren" and "Quelle: " in wide.locator("#quotation").inner_text()
    )
    wide.keyboard.press("Escape")
    turn(wide, "en")


def test_values_can_be_read_by_keys_alone(wide):
    turn(wide, "en")
    wide.focus('[data-plot="surplus"]')
    wide.keyboard.press("End")
    wide.wait_for_selector("#tip:not([hidden])")
    last = wide.locator("#tip").inner_text()
    wide.keyboard.press("ArrowLeft")
    wide.wait_for_function("last => document.querySelector('#tip').innerText !== last", arg=last)
    wide.keyboard.press("Escape")
    assert wide.locator("#tip").is_hidden()


def test_downloads_hold_the_pages_numbers(wide, report_page):
    for name in ("ceiling", "excess_w1", "mirror_ratio"):
        with wide.expect_download() as told:
            wide.evaluate("name => document.querySelector(`[data-csv=${name}]`).click()", name)
        assert told.value.suggested_filename == f"{name}.csv"
        assert told.value.path().read_bytes() == (report_page.parent / "data" / f"{name}.csv").read_bytes()
    link = wide.evaluate("document.querySelector('#all-data').href")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(link.split(",")[1]))) as archive:
        assert len(archive.namelist()) >= 80
        for name in archive.namelist():
            assert archive.read(name) == (report_page.parent / "data" / name).read_bytes(), name


def test_a_table_can_be_rebuilt_from_its_csv(wide, report_page):
    """The numbers of the ceiling on the page are those of its data, rounded."""
    turn(wide, "en")
    with (report_page.parent / "data" / "ceiling.csv").open(encoding="utf-8", newline="") as file:
        held = [float(row["ceiling_pct"]) for row in csv.DictReader(file) if row["ceiling_pct"]]
    cells = wide.locator("#table-ceiling tbody td").all_inner_texts()
    for value in held:
        assert any(f"{value:.0f}" in cell for cell in cells), value


def test_a_quotation_holds_sentence_interval_source_and_a_lasting_place(wide):
    turn(wide, "en")
    wide.click("#answer-3 [data-quote]")
    words = wide.locator("#quotation").inner_text()
    assert "95\u00a0% interval" in words and words.endswith("#answer-3") and "stamp" in words
    wide.keyboard.press("Escape")
    wide.click("#table-excess_w1 [data-quote]")
    words = wide.locator("#quotation").inner_text()
    assert "Source: " in words and "US Census Bureau" in words and words.endswith("#table-excess_w1")
    wide.keyboard.press("Escape")


def test_a_term_explains_itself(wide):
    turn(wide, "en")
    term = wide.locator("#answer-full a.term, section a.term").first
    term.click()
    assert wide.locator("dialog[open] h2").inner_text() and len(wide.locator("dialog[open]").inner_text()) > 40
    wide.keyboard.press("Escape")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_no_accessibility_violation(browser, report_page, scheme, language):
    from axe_playwright_python.sync_playwright import Axe

    tab = open_page(browser, report_page, 1440 if language == "en" else 375, color_scheme=scheme, bypass_csp=True)
    turn(tab, language)
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    results = Axe().run(tab, options={"resultTypes": ["violations"]})
    found = [(v["id"], [node["html"][:160] for node in v["nodes"]][:3]) for v in results.response["violations"]]
    assert found == []
    tab.context.close()


def test_without_scripts_everything_can_be_read_and_nothing_is_dead(browser, report_page):
    tab = open_page(browser, report_page, java_script_enabled=False)
    assert tab.locator("h1").is_visible() and tab.locator("#figure-ceiling, #table-ceiling").first.is_visible()
    assert tab.locator(".plot-box svg >> visible=true").count() >= 25
    assert not any(tab.locator("button").nth(place).is_visible() for place in range(5))
    assert tab.locator("#all-data").is_visible()
    assert tab.said == []
    tab.context.close()


def test_the_policy_lets_no_other_script_run(browser, report_page):
    tab = open_page(browser, report_page)
    tab.evaluate(
        """() => { const made = document.createElement('script');
            made.textContent = 'window.intruder = true'; document.body.append(made); }"""
    )
    assert tab.evaluate("window.intruder") is None
    assert any("Content Security Policy" in told for told in tab.said)
    tab.context.close()


def test_on_paper_no_figure_is_cut_and_nothing_is_left_out_that_a_script_would_show(browser, report_page):
    tab = open_page(browser, report_page, 680)  # the width of an A4 page between its margins, in CSS pixels
    tab.emulate_media(media="print")
    tall = tab.evaluate(
        """() => [...document.querySelectorAll('figure.item')].map(figure => [figure.id,
            figure.getBoundingClientRect().height, getComputedStyle(figure).breakInside])"""
    )
    assert len(tall) >= 20
    for name, height, breaks in tall:
        assert breaks == "avoid" and height < 990, (name, height)  # 297 mm less the margins
    assert tab.evaluate("[...document.querySelectorAll('button')].every(b => getComputedStyle(b).display === 'none')")
    tab.context.close()


def test_motion_is_left_out_where_readers_asked_for_that(browser, report_page):
    tab = open_page(browser, report_page, reduced_motion="reduce")
    assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    tab.context.close()


def test_the_page_is_light(report_page):
    assert report_page.stat().st_size <= 2_000_000


def test_the_packed_content_is_as_long_as_what_it_turns(wide):
    counts = json.loads(wide.evaluate(
        """async () => { const packed = atob(document.querySelector('#packed').textContent);
            const data = Uint8Array.from(packed, letter => letter.charCodeAt(0));
            const text = await new Response(new Blob([data]).stream()
                .pipeThrough(new DecompressionStream('deflate-raw'))).text(), held = JSON.parse(text);
            return JSON.stringify([held.texts.length, document.querySelectorAll('[data-t]').length,
                held.attributes.length, document.querySelectorAll('[data-a]').length]); }"""
    ))  # fmt: skip
    assert counts[0] == counts[1] > 2000 and counts[2] == counts[3] > 50
