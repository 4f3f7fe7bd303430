"""The real page in headless Chromium without a network: no request, no message, nothing wider than the screen.

What a reader can do with it is in ``test_reader_in_browser.py``.
"""

from __future__ import annotations

import pytest


@pytest.fixture(params=[(375, "light"), (768, "dark"), (1440, "light")], ids=str)
def opened(request, browser, report_page):
    """Open the page at one width and collect what it says and asks for."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda sent: page.asked.append(sent.url))
    page.goto(report_page.as_uri())
    page.evaluate("document.fonts.ready")
    yield page
    context.close()


def test_the_page_asks_for_nothing_and_says_nothing(opened):
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert opened.said == []


def test_nothing_is_wider_than_the_screen(opened):
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_typeface_is_the_one_inside_the_page(opened):
    loaded = opened.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("Diversion Sans" in family for family in loaded)


def test_every_figure_has_a_name_and_its_text_stays_inside_its_frame(opened):
    boxes = opened.evaluate(
        """() => [...document.querySelectorAll('.plot-box[role=img]')].map(box => {
            const shown = [...box.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width);
            const frame = shown[0].getBoundingClientRect();
            const out = [...shown[0].querySelectorAll('text')].filter(text => {
                const b = text.getBoundingClientRect();
                return b.width && (b.left < frame.left - 2 || b.right > frame.right + 2
                    || b.top < frame.top - 2 || b.bottom > frame.bottom + 2);
            }).map(text => text.textContent);
            return {name: box.getAttribute('aria-label'), out: out, shown: shown.length,
                    wide: box.scrollWidth > box.clientWidth};
        })"""
    )
    assert len(boxes) >= 6
    for box in boxes:
        assert len(box["name"]) > 40
        assert box["out"] == [], box
        assert box["shown"] == 1 and not box["wide"], box


def test_words_in_a_figure_do_not_lie_on_each_other(opened):
    clashes = opened.evaluate(
        """() => [...document.querySelectorAll('.plot-box svg')].flatMap(svg => {
            const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
                .filter(([words, b]) => words.trim() && b.width);
            const found = [];
            for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
                const [a, b] = [boxes[i][1], boxes[j][1]];
                const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (x > 2 && y > 0.45 * Math.min(a.height, b.height)) found.push([boxes[i][0], boxes[j][0]]);
            }
            return found;
        })"""
    )
    assert clashes == []


def test_words_in_a_figure_can_be_read_on_a_phone(opened):
    smallest = opened.evaluate(
        """() => Math.min(...[...document.querySelectorAll('.plot-box text')].map(t => t.getBoundingClientRect())
            .filter(b => b.width).map(b => b.height))"""
    )
    assert smallest >= 8.5


def test_the_key_numbers_stand_right_after_the_first_statement(opened):
    kinds = opened.evaluate("[...document.querySelector('#answer').children].map(part => part.className)")
    assert kinds[:6] == ["lede", "lede", "lede", "panels", "tiles", "since"]


def test_there_is_one_question_and_every_link_in_the_page_finds_its_place(opened):
    assert opened.evaluate("document.querySelectorAll('h1').length") == 1
    assert opened.evaluate("document.querySelectorAll('.answer').length") in (3, 4, 5)
    lost = opened.evaluate(
        """() => [...document.querySelectorAll('a[href^="#"]')].map(a => a.hash.slice(1))
            .filter(id => !document.getElementById(id))"""
    )
    assert lost == []


def test_every_mark_and_frame_that_a_drawing_asks_for_is_there(opened):
    lost = opened.evaluate(
        """() => { const uses = [...document.querySelectorAll('use')].map(use => use.getAttribute('href').slice(1));
            const clips = [...document.querySelectorAll('[clip-path]')]
                .map(e => e.getAttribute('clip-path').slice(5, -1));
            return [uses.length, [...uses, ...clips].filter(id => !document.getElementById(id))]; }"""
    )
    assert lost[0] > 200 and lost[1] == []


def test_the_first_screen_holds_the_answer_and_its_charts(opened):
    seen = opened.evaluate("document.querySelector('.lede:nth-of-type(3)').getBoundingClientRect().bottom")
    assert seen <= 900
    if opened.viewport_size["width"] > 1000:
        assert opened.evaluate("document.querySelector('.tiles').getBoundingClientRect().bottom") <= 900
