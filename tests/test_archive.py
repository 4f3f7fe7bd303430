"""The archive of all months: the page, the feed, previews and corrections. All reports here are invented."""

from __future__ import annotations

import json
import re
from pathlib import Path

import invented_reports
import nbformat
import pandas as pd
import pytest
from lxml import etree

from helpers import (
    archive,
    archive_chart,
    cli,
    corrections,
    feed,
    notice,
    paths,
    preview,
    publish,
    render,
    shelf,
    superseded,
)
from helpers.corrections import Correction
from helpers.refusals import Refusal

ATOM = {"a": feed.ATOM}
WRONG, RIGHT = "0123456789ab", "ba9876543210"
HOSTILE = 'Sold <script>alert("1")</script> & "more" @packed@ $x$ \x07 </aside> 5 % less. The rest <b>.'
ENTRY = """- month: 2026-01
  day: 2026-03-04
  kind: corrected
  what: An invented <b>mistake</b> & [no link](x) for *you*.
  what_de: Ein erfundener Fehler.
  stamp: 0123456789ab
"""


@pytest.fixture
def reports(tmp_path, monkeypatch):
    folder = tmp_path / "reports"
    folder.mkdir()
    monkeypatch.setattr(paths, "REPORTS", folder)
    monkeypatch.setattr(paths, "CORRECTIONS_FILE", tmp_path / "corrections.yml")
    return folder


def held(gap: float = -30.0, **excess) -> dict[str, pd.DataFrame]:
    frame = invented_reports.frame
    span = {"span": "W1", "first_month": "2025-04", "last_month": "2025-11"}
    sides = {"exporter_change_usd_bn": -9.6, "exporter_growth_pct": -2.5, "importer_change_usd_bn": -12.0,
             "importer_growth_pct": -3.6}  # fmt: skip
    shares = [("exporter", 41.4), ("mixed", 60.6)]
    estimate = {"form": "plain", "window_id": "W1", "currency": "USD", **excess}
    return {
        "two_sides": frame("two_sides", {"reporter_code": "US", **span, **sides}),
        "ceiling": frame("ceiling", *({"side": side, **span, "ceiling_pct": share, "non_us_change_usd_bn": 22.4}
                                      for side, share in shares)),
        "excess": frame(
            "excess", {"destination_code": "US", "gap_bn": gap, "low_bn": gap - 20, "high_bn": gap + 15, **estimate},
            {"destination_code": "AU", "gap_bn": 2.0, "low_bn": -1.0, "high_bn": 5.0, **estimate},
        ),
    }  # fmt: skip


def make(month: str, tables: dict | None = None, **parts) -> Path:
    """Write an invented report with a real, small page."""
    folder = invented_reports.make(paths.REPORTS / month, month, held() if tables is None else tables, **parts)
    draw(folder)
    return folder


def draw(folder: Path, told: tuple[str, str] | None = None) -> Path:
    record = json.loads((folder / "run.json").read_text())
    cells = [nbformat.v4.new_markdown_cell("# Invented?\n\nA lead."), nbformat.v4.new_markdown_cell("## More\n\nText.")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "00_summary.ipynb")
    return render.render(
        [folder / "00_summary.ipynb"], stamp=record, title="Where did China's exports go? January 2026",
        out=folder / "index.html", finding=record["finding"], notice=told,
    )  # fmt: skip


def page() -> str:
    return archive.files()["index.html"].decode()


def body(text: str) -> str:
    """Return what a reader sees of a page."""
    return re.sub(r"<script.*?</script>", "", text[text.index("<body") :], flags=re.DOTALL)


def entries() -> list[etree._Element]:
    return etree.fromstring(archive.files()["feed.xml"]).findall("a:entry", ATOM)


def correct(text: str = ENTRY) -> list[str]:
    paths.CORRECTIONS_FILE.write_text(text, encoding="utf-8")
    return [file.relative_to(paths.REPORTS).as_posix() for file in publish.correct()]


# The page


def test_the_newest_month_stands_first_with_its_numbers_and_the_others_follow(reports):
    for month in ("2025-12", "2026-02", "2026-01"):
        make(month)
    told = body(page())
    places = [told.index(f'href="{month}/index.html"') for month in ("2026-02", "2026-01", "2025-12")]
    assert places == sorted(places)
    for words in ("−2 % or −4 %", "−10 or −12 billion", "+22 billion", "41 to 61 %", "−50 to −15", "3 February 2026"):
        assert words in told.replace("\u00a0", " "), words
    assert told.count(invented_reports.STAMP) == 3


def test_words_of_a_report_cannot_become_markup(reports):
    make("2026-01", finding=HOSTILE, stamp=WRONG)
    text = page()
    assert "<script>alert" not in text and "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in text
    assert "@packed@" in body(text) and text.count("<script>") == 1
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy
    assert not re.search(r'\bstyle="', body(text))


def test_a_report_without_tables_or_with_damaged_ones_is_listed_without_numbers(reports):
    make("2026-01", {})
    folder = make("2026-02")
    (folder / "data" / "excess.csv").write_bytes(b"\xff\xfe")
    (folder / "data" / "two_sides.csv").write_text("reporter_code,span,first_month\nUS,W1,never\n")
    (folder / "data" / "ceiling.csv").write_text("")
    told = body(page())
    assert "January 2026" in told and "February 2026" in told and "tile-value" not in told


def test_a_report_without_a_record_is_said_to_have_none(reports):
    make("2026-01")
    (make("2026-02") / "run.json").write_text("{")
    assert "cannot be read" in body(page())
    assert len(entries()) == 1


def test_parameters_that_are_not_the_default_are_named_and_other_money_stays_out_of_the_chart(reports):
    make("2025-12")
    make("2026-01")
    make("2026-02", held(-210.0, currency="CNY"), parameters={"month": "2026-02", "currency": "CNY", "window": 33})
    told = body(page())
    assert "currency=CNY window=33" in told and "−210 (yuan)" in told
    assert "In all 2 reports the US gap is −30 billion US dollars" in told


def test_the_title_says_how_far_the_estimate_moved(reports):
    make("2025-12", held(-30.0))
    make("2026-01", held(-34.4))
    assert "Over 2 reports the US gap lay between −34 and −30 billion US dollars" in page()


def test_one_report_alone_has_a_table_and_no_chart(reports):
    make("2026-01")
    told = body(page())
    assert "figure-estimates" not in told and "table-estimates" in told


def test_the_page_opens_in_the_language_of_the_newest_report(reports):
    make("2025-12")
    make("2026-01", parameters={"month": "2026-01", "language": "de"})
    assert '<html lang="de">' in page() and "Wohin gingen Chinas Exporte" in body(page())


def test_every_text_of_the_page_has_its_german_form(reports, monkeypatch):
    for month in ("2025-12", "2026-01"):
        make(month, finding="")
    (make("2026-02") / "run.json").write_text("{")
    paths.CORRECTIONS_FILE.write_text(ENTRY)
    translator = archive.Bilingual().translator
    monkeypatch.setattr(translator, "missing", {})
    archive.files()
    assert list(translator.missing) == []


@pytest.mark.parametrize(
    ("low", "high"), [(-206.0, 19.0), (0.0, 0.0), (-0.04, 0.01), (0.0, 3.0), (-12345.0, 1.0), (-5.0, -5.0)]
)
def test_a_scale_holds_its_values_in_few_round_steps(low, high):
    bottom, top, ticks = archive_chart.scale(low, high)
    assert bottom <= low <= high <= top and 2 <= len(ticks) <= archive_chart.TICKS + 2
    assert [bottom, top] == [ticks[0], ticks[-1]]


# The feed


def test_the_feed_is_atom_with_what_it_requires_and_ids_that_never_change(reports):
    for month in ("2026-01", "2025-12", "2026-02"):
        make(month)
    tree = etree.fromstring(archive.files()["feed.xml"])
    assert tree.tag == f"{{{feed.ATOM}}}feed"
    for place in (tree, *tree.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(place.findall(f"a:{name}", ATOM)) == 1 and place.findtext(f"a:{name}", None, ATOM)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", place.findtext("a:updated", None, ATOM))
        assert place.find("a:link[@rel='alternate']", ATOM) is not None
    assert tree.findtext("a:author/a:name", None, ATOM)
    assert tree.find("a:link[@rel='self']", ATOM).get("href") == "feed.xml"
    titles = [entry.findtext("a:title", None, ATOM) for entry in entries()]
    assert [title.split("? ")[1] for title in titles] == ["February 2026", "January 2026", "December 2025"]
    ids = [entry.findtext("a:id", None, ATOM) for entry in entries()]
    assert ids[1] == "urn:uuid:284466df-47cd-5054-a6e3-dbb2c819cfda" and len(set(ids)) == 3
    assert tree.findtext("a:updated", None, ATOM) == "2026-02-03T00:00:00Z"
    assert [entry.findtext("a:summary", None, ATOM) for entry in entries()] == ["Nothing was diverted."] * 3


def test_hostile_words_reach_the_feed_as_words(reports):
    make("2026-01", finding=HOSTILE)
    assert entries()[0].findtext("a:summary", None, ATOM).replace("\u00a0", " ") == HOSTILE.replace("\x07", "")


def test_links_are_absolute_where_the_site_is_known(reports):
    site = "https://example.org/reports/"
    make("2025-12")
    make("2026-01", parameters={"month": "2026-01", "site": site})
    links = [entry.find("a:link", ATOM).get("href") for entry in entries()]
    assert links == [f"{site}2026-01/index.html", "2025-12/index.html"]
    tree = etree.fromstring(archive.files()["feed.xml"])
    assert tree.find("a:link[@rel='self']", ATOM).get("href") == f"{site}feed.xml"


def test_the_same_reports_give_the_same_bytes(reports, tmp_path, monkeypatch):
    for month in ("2025-12", "2026-01"):
        make(month)
    first = archive.files()
    reports.rename(tmp_path / "another place")
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "another place")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    assert archive.files() == first


# The preview


def test_a_preview_is_the_same_bytes_and_is_drawn_once(reports, monkeypatch):
    folder = make("2026-01")
    first = preview.published(folder)
    assert first.startswith(b"\x89PNG") and (1200).to_bytes(4) + (630).to_bytes(4) == first[16:24]
    for word in (b"tEXt", b"tIME", b"iTXt", b"zTXt"):
        assert word not in first
    assert preview.drawn(preview.told(shelf.shelved(folder))) == first
    monkeypatch.setattr(preview, "drawn", None)
    assert preview.published(folder) == first


def test_a_damaged_preview_is_drawn_again(reports):
    folder = make("2026-01")
    first = preview.published(folder)
    next((reports / ".state/previews").glob("*.png")).write_bytes(first[:100])
    assert preview.published(folder) == first


def test_a_preview_takes_any_words(reports):
    folder = make("2026-01", finding=f"$\\frac$ {'long ' * 200}\x07 漢字.")
    assert preview.published(folder).startswith(b"\x89PNG")


def test_a_withdrawn_report_has_no_numbers_in_its_preview(reports):
    report = shelf.shelved(make("2026-01"), (entry(kind="withdrawn"),))
    words = preview.told(report)
    assert words.numbers == () and words.month == "January 2026 (withdrawn)"
    assert words.sentence == "Withdrawn on 4 March 2026. Wrong."


# Corrections


def entry(**changed: str) -> Correction:
    usual = {"month": "2026-01", "day": "2026-03-04", "kind": "corrected", "what": "Wrong.", "what_de": "Falsch."}
    return Correction(**{**usual, "stamp": WRONG, **changed})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("month: 2026-01", "line 1: not a list"),
        ("# none\n- yes", "line 2: not an entry"),
        (f"# one\n{ENTRY}  stmp: x\n", 'line 8, column stmp: there is no key "stmp"; did you mean "stamp"'),
        (ENTRY.replace("2026-03-04", "2026-02-30"), "line 2, column day"),
        (ENTRY.replace("month: 2026-01", "month: 2026-13"), 'line 1, column month: month: "2026-13" is not a month'),
        (ENTRY.replace("corrected", "fixed"), "line 3, column kind"),
        (ENTRY.replace("Ein erfundener Fehler.", '" "'), "line 5, column what_de"),
        (ENTRY.replace("0123456789ab", "0123"), "line 6, column stamp"),
        (re.sub("  what_de.*\n", "", ENTRY), "line 1, column what_de: what_de: Field required"),
        (ENTRY.replace("kind: corrected", "day: 2026-03-05"), "line 3, column day: day is given twice"),
        (ENTRY.replace("kind: corrected", "kind: [corrected]"), "line 3, column kind: kind is not a text"),
        (ENTRY + ENTRY, "line 7: 2026-01 is corrected twice for the same stamp"),
        ("- {", "not YAML"),
        ("- a: \x07", "not YAML"),
    ],
)
def test_a_crooked_entry_is_refused_with_its_line(reports, text, told):
    paths.CORRECTIONS_FILE.write_text(text)
    with pytest.raises(Refusal) as refusal:
        corrections.read()
    assert told in str(refusal.value) and str(refusal.value).startswith("corrections.yml")
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]\n", None])
def test_without_entries_nothing_is_corrected(reports, text):
    if text is not None:
        paths.CORRECTIONS_FILE.write_text(text)
    assert corrections.read() == ()


def test_the_projects_own_list_can_be_read():
    assert isinstance(corrections.read(), tuple)


def test_a_stamp_of_digits_only_stays_text(reports):
    paths.CORRECTIONS_FILE.write_text(ENTRY.replace("0123456789ab", "012345678901"))
    assert corrections.read()[0].stamp == "012345678901"


def test_a_wrong_page_is_marked_in_place_kept_and_told_everywhere(reports):
    folder = make("2026-01")
    make("2025-12")
    before = (folder / "index.html").read_bytes()
    written = correct()
    former = f"2026-01/index.superseded-{WRONG}.html"
    shown = ["2026-01/index.html", "2026-01/preview.png"]
    assert written == [former, *shown, "index.html", "feed.xml", "latest.html"]
    assert (reports / former).read_bytes() == before
    text = (folder / "index.html").read_text()
    assert "<strong>Found wrong on 4 March 2026.</strong> An invented &lt;b&gt;mistake&lt;/b&gt; &amp;" in text
    assert "[no link](x) for *you*." in text and f'href="index.superseded-{WRONG}.html"' in text
    assert "Found wrong on 4 March 2026" in page() and "An invented &lt;b&gt;mistake&lt;/b&gt;" in page()
    first = entries()[0]
    assert first.findtext("a:updated", None, ATOM) == "2026-03-04T00:00:00Z"
    assert first.findtext("a:title", None, ATOM).endswith("January 2026 (found wrong)")
    assert first.findtext("a:summary", None, ATOM).endswith("*you*. Nothing was diverted.")
    assert correct() == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_marked_in_place_equals_one_drawn_with_its_notice_to_the_byte(reports, language):
    folder = make("2026-01", parameters={"month": "2026-01", "language": language})
    before = (folder / "index.html").read_text()
    told = notice.words([entry()], WRONG, {WRONG})
    drawn = draw(folder, told).read_text()
    assert notice.with_notice(before, told) == drawn != before
    assert notice.with_notice(drawn, None) == before
    other = notice.words([entry(what="Another.", what_de="Anderes.")], RIGHT, set())
    assert notice.with_notice(drawn, other) == draw(folder, other).read_text()


def test_an_entry_taken_out_takes_the_notice_away_to_the_byte(reports):
    folder = make("2026-01")
    before = (folder / "index.html").read_bytes()
    correct()
    correct("[]")
    assert (folder / "index.html").read_bytes() == before
    assert "Found wrong" not in page()


def test_the_right_page_takes_the_former_one_along(reports, tmp_path):
    folder = make("2026-01")
    correct()
    new = tmp_path / "new"
    new.mkdir()
    found = corrections.of(corrections.read(), "2026-01")
    superseded.carry(folder, new, found, RIGHT)
    assert [file.name for file in new.iterdir()] == [f"index.superseded-{WRONG}.html"]
    told = notice.words(found, RIGHT, superseded.kept_in(new))
    assert told[0].startswith("**Corrected on 4 March 2026.**") and "This page takes the place of" in told[0]
    assert told[1].startswith("**Korrigiert am 4. März 2026.** Ein erfundener Fehler") and "Stempel" in told[1]


def test_a_page_found_wrong_after_it_was_replaced_is_kept_by_the_next_report(reports, tmp_path):
    folder = make("2026-01")
    for number, (given, kept) in enumerate([((), []), ((entry(),), [f"index.superseded-{WRONG}.html"])]):
        new = tmp_path / str(number)
        new.mkdir()
        superseded.carry(folder, new, given, RIGHT)
        assert [file.name for file in new.iterdir()] == kept


def test_a_withdrawn_month_keeps_its_page_and_tells_no_finding(reports):
    folder = make("2026-01", finding="Everything was diverted.")
    correct(ENTRY.replace("corrected", "withdrawn"))
    assert "The figures on this page should not be used." in (folder / "index.html").read_text()
    told = body(page())
    assert "Withdrawn on 4 March 2026" in told and "Everything was diverted" not in told and "−30" not in told
    assert "Everything" not in entries()[0].findtext("a:summary", None, ATOM)


def test_a_month_is_as_its_last_entry_says():
    gone, back = entry(kind="withdrawn", day="2026-03-01"), entry(day="2026-03-09", what="Mended.")
    assert shelf.Shelved("2026-01", corrections=(gone,)).is_withdrawn
    assert not shelf.Shelved("2026-01", corrections=(gone, back)).is_withdrawn
    told = notice.words([gone, back], RIGHT, set())[0]
    assert told.index("Corrected on 9") < told.index("Withdrawn on 1") and "should not be used" not in told


def test_the_command_says_what_it_wrote_and_what_it_does_not_know(reports, capsys):
    make("2026-01", stamp=RIGHT)
    paths.CORRECTIONS_FILE.write_text(ENTRY + ENTRY.replace("2026-01", "2025-11"))
    assert cli.main(["correct"]) == 0
    out, error = capsys.readouterr()
    assert "index.html" in out and "feed.xml" in out
    assert f"no page with the stamp {WRONG} is kept" in error and "2025-11: there is no report to mark" in error
    assert cli.main(["correct"]) == 0
    assert capsys.readouterr().out == "every page says so already\n"


def test_a_page_of_an_older_make_is_refused_and_nothing_is_written(reports):
    make("2026-02")
    folder = make("2026-01")
    (folder / "index.html").write_text("<html>an older page</html>")
    before = {file: file.read_bytes() for file in reports.rglob("*.html")}
    with pytest.raises(Refusal, match=r"index.html: the page cannot take a notice"):
        correct(ENTRY + ENTRY.replace("2026-01", "2026-02"))
    assert {file: file.read_bytes() for file in reports.rglob("*.html")} == before


# In a browser


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1440, "dark")])
def test_the_page_of_all_months_in_a_browser(reports, browser, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    for month, gap in (("2025-11", -30.0), ("2025-12", -31.0), ("2026-01", -34.0), ("2026-02", -34.0)):
        make(month, held(gap), finding=f"{HOSTILE} {'Longer and longer it gets. ' * 4}")
    correct(ENTRY + ENTRY.replace("2026-01", "2025-12").replace("corrected", "withdrawn"))
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    opened, said, asked = context.new_page(), [], []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.goto((reports / "index.html").as_uri())
    for language in ("en", "de"):
        assert opened.evaluate("document.documentElement.lang") == language
        assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        opened.focus("[data-plot]")
        opened.keyboard.press("End")
        opened.wait_for_selector("#tip:not([hidden])")
        assert "−" in opened.inner_text("#tip") or "+" in opened.inner_text("#tip")
        opened.keyboard.press("Escape")
        found = Axe().run(opened, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in found] == []
        if language == "en":
            opened.click("button.language")
            opened.wait_for_function("document.documentElement.lang === 'de'")
    assert "Alle Monatsberichte" in opened.inner_text(".brand")
    assert "Zurückgezogen am 4. März 2026" in opened.inner_text("#month-2025-12")
    assert opened.inner_text("#month-2026-01 .notice") == "Ein erfundener Fehler."
    loaded = opened.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("Diversion Sans" in family for family in loaded)
    assert [url for url in asked if not url.startswith("data:")] == [(reports / "index.html").as_uri()]
    assert said == []
    context.close()


def test_the_notice_of_a_marked_page_turns_with_its_language(reports, browser):
    folder = make("2026-01")
    correct()
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.goto((folder / "index.html").as_uri())
    title = opened.title()
    assert opened.inner_text(".notice").startswith("Found wrong on 4 March 2026.")
    for language, words in (("de", "Als falsch erkannt am 4. März 2026."), ("en", "Found wrong on 4 March 2026.")):
        opened.click("button.language")
        opened.wait_for_function(f"document.documentElement.lang === '{language}'")
        assert opened.inner_text(".notice").startswith(words)
    assert opened.title() == title
    context.close()
