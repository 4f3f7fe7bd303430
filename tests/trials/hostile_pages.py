"""Hostile texts in every place of a page, opened in a browser: shown as text, and nothing of them obeyed.

The same page is drawn with harmless words in the same places. What the hostile one consists of (elements and their
attributes) must be what the harmless one consists of, or what Markdown may make of prose.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from hostile_strings import ELSEWHERE, HIT
from hostile_surfaces import Tally, as_lines, elsewhere, months_with

from helpers import archive, banners, chapters, corrections, notice, paths, render, shelf, typesetting

STAMP = "0123456789ab"
COLUMNS = 12  # of a table whose heads are texts
MARKDOWN = set(
    "p em strong code pre ul ol li blockquote hr br table thead tbody tr th td h1 h2 h3 h4 h5 h6 a[href] a[title] "
    "ol[start] code[class] math math[xmlns] math[display] mrow mi mi[mathvariant] mo mo[stretchy] mo[fence] mo[form] "
    "mo[minsize] mo[maxsize] mn mtext mtext[mathvariant] mfrac mfrac[linethickness] mspace mspace[linebreak] mtable "
    "mtr mtd mstyle mstyle[displaystyle] mstyle[scriptlevel] msub msup mpadded th[class] td[class] wbr".split()
)
SAFE = ("#", "../", "data:application/zip;base64,", "index.", "http:", "https:", "mailto:")  # how an address may begin

PARTS = """() => {
    const found = new Set(), addresses = [];
    for (const element of document.querySelectorAll('*')) {
        if (element.closest('#tip, dialog, .values')) continue;
        found.add(element.localName);
        for (const {name, value} of element.attributes) {
            found.add(`${element.localName}[${name}]`);
            if (['href', 'src', 'action', 'formaction', 'data', 'srcset', 'xlink:href', 'poster'].includes(name))
                addresses.push(value.slice(0, 80));
        }
    }
    return [[...found], addresses];
}"""
TEXTS = "query => [...document.querySelectorAll(query)].map(element => element.textContent)"
# What an intruder could try if a text were obeyed all the same: the policy must forbid each.
INTRUDE = f"""async () => {{
    window.probe = 0;
    window.forbidden = 0;
    document.addEventListener('securitypolicyviolation', () => window.forbidden++);
    const script = document.createElement('script');
    script.textContent = 'window.probe += 1';
    document.body.append(script);
    const from = document.createElement('script');
    from.src = '{ELSEWHERE}/a.js';
    document.body.append(from);
    const holder = document.createElement('div');
    holder.innerHTML = '<img src="x" onerror="window.probe += 10"><p style="color:red">x</p>';
    document.body.append(holder);
    const picture = new Image();
    picture.src = '{ELSEWHERE}/a.png';
    const frame = document.createElement('iframe');
    frame.src = '{ELSEWHERE}';
    document.body.append(frame);
    try {{ setTimeout('window.probe += 1000'); }} catch {{ window.forbidden++; }}
    try {{ await fetch('{ELSEWHERE}'); window.probe += 10000; }} catch {{ window.forbidden++; }}
    await new Promise(done => setTimeout(done, 200));
    return [window.probe, window.forbidden, getComputedStyle(holder.querySelector('p')).color];
}}"""


def _shown(mime: str, content: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {mime: content}}


def _cell(kind: str, text: str, *outputs: dict[str, Any], tags: Sequence[str] = ()) -> dict[str, Any]:
    return {"cell_type": kind, "source": text, "metadata": {"tags": list(tags)}, "outputs": list(outputs)}


def _notebook(file: Path, cells: Sequence[dict[str, Any]]) -> Path:
    """Write an executed notebook; its form is not checked, which would take longer than all the rest."""
    file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return file


def _item(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "title": text, "source": f"{text}; Nobody", "note": text, "folded": False, "stacked": True,
            "csv": "a,b\n1,2\n", **more}  # fmt: skip


def _cells(texts: Sequence[str], drawings: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Give the cells of an executed notebook with every text in every place that a notebook fills."""
    rows = [[{"text": text, "badge": ""}, {"text": text, "badge": "warn"}] for text in texts]
    head = [{"text": "a", "numeric": False, "long": False}, {"text": "b", "numeric": False, "long": True}]
    yield _cell("markdown", "# Invented?\n\nA lead.")
    yield _cell("markdown", "## Cells")
    yield _cell("code", "x = 1", _shown(chapters.TABLE, _item("cells", "Cells", head=head, rows=rows)))
    for start in range(0, len(texts), COLUMNS):
        part = list(texts[start : start + COLUMNS])
        heads = [{"text": text, "numeric": False, "long": place % 2 == 0} for place, text in enumerate(part)]
        row = [{"text": "x", "badge": ""}] * len(part)
        yield _cell("code", "x = 1", _shown(chapters.TABLE, _item(f"heads{start}", "Heads", head=heads, rows=[row])))
    for number, text in enumerate(texts):
        words = f'<text x="1" y="2">{html.escape(text)}</text>' if text.strip("\0 \n\r\t") else ""
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{words}</svg>'
        mark = {"name": text, "labels": [text], "values": [1.0], "ends": [[]], "at": [[1, 1]]}
        mark |= {"digits": 1, "sign": False, "unit": ""}
        more = {"subtitle": text, "alt": text, "svg": svg, "marks": [mark], "marks_narrow": []}
        yield _cell("code", "x = 1", _shown(chapters.FIGURE, _item(f"figure{number}", text, **more)))
        tile = {"label": text, "value": text, "detail": text}
        stream = {"output_type": "stream", "name": "stdout", "text": f"> {text}"}
        tiles = _shown(chapters.TILES, {"tiles": [tile]})
        yield _cell("code", f"print({text!r})", tiles, _shown("text/markdown", text), stream)
        yield _cell("code", text)
        yield _cell("markdown", text)
    for number, svg in enumerate(drawings):
        more = {"subtitle": "s", "alt": "a", "svg": svg, "marks": [], "marks_narrow": []}
        yield _cell("code", "x = 1", _shown(chapters.FIGURE, _item(f"drawing{number}", "A drawing", **more)))


def draw(texts: Sequence[str], drawings: Sequence[str], folder: Path) -> Path:
    """Draw a page with every text in every place."""
    short = [text for text in texts if len(text) < 500]
    folder.mkdir(parents=True)
    answers = [_shown("text/markdown", text) for text in short]
    lead = [_cell("markdown", "# Question?\n\nLead."), _cell("code", "x", *answers, tags=["answer"])]
    notebooks = [_notebook(folder / "00_summary.ipynb", lead)]
    notebooks.append(_notebook(folder / "01_hostile.ipynb", list(_cells(texts, drawings))))
    files = [{"title": text, "producer": text, "date_accessed": "2026-01-01", "file": "x.csv", "sha256": "3" * 64}
             for text in texts]  # fmt: skip
    settings = {"month": "2026-05", "language": "en", "site": "", **{f"p{n}": text for n, text in enumerate(texts)}}
    stamp = {
        "stamp": STAMP,
        "sha256": "0" * 64,
        "code": "1" * 64,
        "lock": "2" * 64,
        "parameters": settings,
        "data": files,
    }
    entries = []
    for text in short:
        what = re.sub("[\ufffe\uffff]", "", text).strip() or "Invented."
        entry = {"month": "2026-05", "day": "2026-05-01", "kind": "corrected", "what": what, "what_de": f"D {what}"}
        entries.append(entry | {"stamp": f"{len(entries):012x}"})
    paths.CORRECTIONS_FILE.write_text(yaml.safe_dump(entries), encoding="utf-8")
    overruled = [words for text in short for words in banners.words({"accepted": text, "as_of_vintage": ""})]
    since = {"month": "April 2026", "first": " ".join(short), "rows": [
        {"quantity": text, "before": text, "after": text, "why": text} for text in texts]}  # fmt: skip
    return render.render(
        notebooks, stamp=stamp, title=" ".join(short),
        finding=" ".join(short), out=folder / "index.html", data_dir=folder / "data", since=since,
        notice=notice.words(corrections.read(), STAMP, set()), banners=overruled,
    )  # fmt: skip


def draw_months(texts: Sequence[str], folder: Path) -> Path:
    """Draw the page of all months."""
    months_with(texts, folder)
    out = paths.REPORTS / "index.html"
    out.write_text(archive.page(shelf.reports()), encoding="utf-8", newline="\n")
    return out


def plainly(text: str) -> str:
    """Return a text as a page shows it, whatever its blanks."""
    return " ".join(as_lines(text).replace("\0", "").split())


def seen(text: str) -> str:
    """Return a text as a page shows it where it is set as a printer would."""
    return plainly(typesetting.fine(text))


class Visit:
    """A page in the browser, and everything it did that a page should not."""

    def __init__(self, browser: Any, page: Path, tally: Tally) -> None:
        """Open it without a network."""
        self.tally, self.context = tally, browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
        self.tab = self.context.new_page()
        self.did: list[str] = []
        self.tab.on("dialog", self._dismiss)
        self.tab.on("request", lambda request: self.did.append(f"asked for {request.url[:80]}"))
        self.tab.on("pageerror", lambda error: self.did.append(f"error {error}"))
        self.tab.on("console", lambda message: self.did.append(f"said {message.text[:200]}"))
        self.tab.on("popup", lambda _: self.did.append("opened a window"))
        self.tab.goto(page.as_uri())
        self.did = [
            done for done in self.did if done != f"asked for {page.as_uri()[:80]}" and "asked for data:font" not in done
        ]

    def _dismiss(self, dialog: Any) -> None:
        self.did.append(f"asked the reader: {dialog.message[:80]}")
        dialog.dismiss()

    def parts(self) -> tuple[set[str], list[str]]:
        """Return elements with their attributes, and every address."""
        found, addresses = self.tab.evaluate(PARTS)
        return set(found), addresses

    def look(self, usual: set[str], when: str) -> None:
        """Hold what the page consists of against what it may consist of."""
        found, addresses = self.parts()
        strange = found - usual - MARKDOWN
        self.tally.hold(not strange, (when, sorted(strange)[:20]))
        for address in addresses:
            self.tally.hold(address.startswith(SAFE) or ":" not in address.partition("/")[0], (when, address))
        name = HIT.partition("=")[0]
        self.tally.hold(self.tab.evaluate(f"typeof {name}") == "undefined", (when, HIT))
        self.tally.hold(self.tab.evaluate("document.querySelectorAll('script').length") == 2, (when, "scripts"))
        self.tally.hold(self.tab.evaluate("document.querySelectorAll('style').length") == 1, (when, "styles"))
        self.tally.hold(self.tab.evaluate("document.querySelectorAll('[http-equiv]').length") == 1, (when, "policies"))

    def says(self, query: str, texts: Sequence[str], when: str, as_shown: Callable[[str], str] = seen) -> None:
        """Hold the texts of elements against what they should say, one by one."""
        found = self.tab.evaluate(TEXTS, query)
        self.tally.hold(len(found) == len(texts), (when, query, len(found), len(texts)))
        for shown, text in zip(found, texts, strict=False):
            self.tally.hold(" ".join(shown.split()) == as_shown(text), (when, query, text, shown[:80]))

    def turn(self) -> None:
        """Switch the language and wait until it stands."""
        language = self.tab.get_attribute(".language", "data-language")
        self.tab.evaluate("document.querySelector('.language').click()")
        self.tab.wait_for_function("language => document.documentElement.lang === language", arg=language)

    def leave(self, policy_is_tried: bool = True) -> None:
        """Try what the policy forbids, and hold everything that happened against nothing."""
        self.tally.hold(not self.did, self.did[:5])
        if policy_is_tried:
            probe, forbidden, colour = self.tab.evaluate(INTRUDE)
            self.tally.hold(probe == 0 and forbidden >= 7 and colour != "rgb(255, 0, 0)", (probe, forbidden, colour))
        self.context.close()


def page(texts: Sequence[str], drawings: Sequence[str], folder: Path, tally: Tally, browser: Any) -> None:
    """Every text in every place of the page of a month."""
    words = ["1,234.5", *(f"word {number}" for number in range(2 * COLUMNS))]  # the first is said otherwise in German
    plain = Visit(browser, draw(words, drawings, folder / "plain"), tally)
    usual = plain.parts()[0] | {"details[open]", "button[class]"}
    usually_made = _use(plain, [0])
    plain.leave(policy_is_tried=False)
    hostile = draw(texts, drawings, folder / "hostile")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', hostile.read_text(encoding="utf-8"))[1]
    tally.hold(policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy, policy)
    visit = Visit(browser, hostile, tally)
    made = _use(visit, range(0, len(texts), 16))
    tally.hold(made == usually_made * len(made), made)
    visit.look(usual, "used")
    visit.tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    visit.look(usual, "opened")
    _read(visit, texts, "opened")
    visit.turn()
    visit.look(usual, "turned")
    visit.turn()
    _read(visit, texts, "turned back")
    visit.leave()


def _read(visit: Visit, texts: Sequence[str], when: str) -> None:
    """Hold every place in which a text is shown as it is against the text."""
    heads = [text for start in range(0, len(texts), COLUMNS) for text in texts[start : start + COLUMNS]]
    visit.says("#table-cells tbody th", texts, when)
    visit.says("#table-cells tbody td .badge", texts, when)
    visit.says("[id^=table-heads] thead th", heads, when)
    for part in ("title", "subtitle", "note"):
        filled = [text for text in texts if text] if part == "note" else texts
        visit.says(f"[id^=figure-figure] .item-{part}", filled, when)
    for part in ("label", "value", "detail"):
        visit.says(f".tile-{part}", texts, when)
    visit.says("#since tbody tr > :first-child", texts, when)
    visit.says("#raw-files tbody th", texts, when)
    visit.says("#stamp details:first-of-type tbody tr:nth-child(n+4) td code", texts, when, plainly)
    found = visit.tab.evaluate("[...document.querySelectorAll('[id^=figure-figure] [role=img]')].map(e => e.ariaLabel)")
    for text, label in zip(texts, found, strict=True):
        visit.tally.hold(
            " ".join(label.replace("\ufffd", "").split()) == seen(text).replace("\ufffd", ""), (when, "label", text)
        )


def _use(visit: Visit, figures: Sequence[int]) -> list[int]:
    """Do what a reader does with these figures: read a value, quote it, look at its table; count what that makes."""
    use = """async number => {
        const figure = document.getElementById(`figure-figure${number}`), plot = figure.querySelector('[data-plot]');
        const pause = () => new Promise(done => setTimeout(done, 10));
        const wait = async query => {
            for (let n = 0; n < 500 && !document.querySelector(query); n++) await pause();
        };
        plot.dispatchEvent(new KeyboardEvent('keydown', {key: 'End', bubbles: true}));
        await wait('#tip:not([hidden]) span');
        figure.querySelector('button[data-table]').click();
        await wait('.values td');
        figure.querySelector('[data-quote]').click();
        await wait('#quotation');
        const said = [document.getElementById('tip').textContent, document.getElementById('quotation').textContent];
        const made = document.querySelectorAll('#tip *, #box-in *, .values *').length;
        document.querySelector('dialog .close').click();
        figure.querySelector('button[data-table]').click();
        return [...said, made];
    }"""
    counts = []
    for number in figures:
        tip, quotation, made = visit.tab.evaluate(use, number)
        visit.tally.hold("1.0" in tip and "Source: " in quotation, (number, tip, quotation))
        counts.append(made)
    return counts


def months(texts: Sequence[str], folder: Path, tally: Tally, browser: Any) -> None:
    """Every text in the page of all months."""
    words = [f"word {number}" for number in range(2 * COLUMNS)]
    with elsewhere(folder / "plain"):
        paths.REPORTS.mkdir(parents=True)
        plain = Visit(browser, draw_months(words, folder / "plain"), tally)
    usual = plain.parts()[0] | {"details[open]"}
    plain.leave(policy_is_tried=False)
    visit = Visit(browser, draw_months(texts, folder), tally)
    visit.tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    visit.look(usual, "opened")
    shown = " ".join(" ".join(visit.tab.evaluate(TEXTS, ".facts code")).split())
    for text in texts:
        tally.hold(plainly(text) in shown, text)
    visit.turn()
    visit.look(usual, "turned")
    visit.leave()
