"""The page from executed notebooks. The notebooks here are invented."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from html.parser import HTMLParser

import nbformat
import pytest

from helpers import chapters, render, typesetting
from helpers.refusals import Refusal

STAMP = {"stamp": "0" * 12, "sha256": "0" * 64, "code": "1" * 64, "lock": "2" * 64, "parameters": {"month": "2026-05"},
         "data": [{"title": "Invented", "producer": "Nobody", "date_accessed": "2026-01-01", "file": "x.csv",
                   "sha256": "3" * 64}]}  # fmt: skip


def notebook(folder, name, *cells):
    """Write an executed notebook of invented cells."""
    content = nbformat.v4.new_notebook(cells=list(cells))
    file = folder / f"{name}.ipynb"
    nbformat.write(content, file)
    return file


def code(source="x = 1", *outputs, tags=()):
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def shown(mime, content):
    return nbformat.v4.new_output("display_data", data={mime: content})


def table(name="t", text="a"):
    return shown(chapters.TABLE, {
        "name": name, "title": "Title", "source": "S", "note": "", "folded": False,
        "stacked": False, "csv": "a,b\n1,2\n",
        "head": [{"text": "a", "numeric": False}], "rows": [[{"text": text, "badge": ""}]],
    })  # fmt: skip


def page(folder, *cells):
    folder.mkdir(exist_ok=True, parents=True)
    lead = nbformat.v4.new_markdown_cell("# Question?\n\nLead.")
    files = [notebook(folder, "00_summary", lead, *cells)]
    out = render.render(
        files, stamp=STAMP, title="Where? May 2026", out=folder / "index.html", data_dir=folder / "data"
    )
    return out.read_text(encoding="utf-8")


def test_two_renderings_in_two_folders_are_the_same_bytes(tmp_path):
    assert page(tmp_path / "one", code("x", table())) == page(tmp_path / "another place", code("x", table()))


def test_what_papermill_adds_does_not_reach_the_page(tmp_path):
    cell = code("x", table())
    first = page(tmp_path / "a", cell)
    cell.metadata["papermill"] = {"duration": 1.23, "start_time": "2026-01-01"}
    cell["id"], cell["execution_count"] = "other", 7
    assert page(tmp_path / "b", cell) == first


def test_nothing_on_the_page_is_fetched(tmp_path):
    drawn = page(tmp_path, code("x", table()))
    assert not re.findall(r'(?:src|srcset)="(?!data:)[^"]*"', drawn)
    assert not re.findall(r"url\((?!data:|#)", drawn)
    assert "@import" not in drawn and "fetch(" not in drawn
    assert set(re.findall(r'<link rel="([^"]*)"', drawn)) == {"alternate"}  # a feed that is named, not read
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', drawn).group(1)
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy


def test_words_from_notebooks_cannot_become_markup(tmp_path):
    drawn = page(tmp_path, nbformat.v4.new_markdown_cell("<script>alert(1)</script>"), code("x", table(text="<b>&")))
    assert "<script>alert" not in drawn and "&lt;script&gt;" in drawn and "&lt;b&gt;&amp;" in drawn


def test_a_notebook_that_failed_is_not_drawn(tmp_path):
    broken = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    with pytest.raises(Refusal, match="ValueError: no"):
        page(tmp_path, code("x", broken))


def test_two_tables_of_one_name_are_refused(tmp_path):
    with pytest.raises(Refusal, match="names two"):
        page(tmp_path, code("x", table()), code("y", table()))


def test_warnings_on_stderr_stay_off_the_page_and_stdout_is_shown(tmp_path):
    quiet = nbformat.v4.new_output("stream", name="stderr", text="Warning: secret")
    loud = nbformat.v4.new_output("stream", name="stdout", text="hello")
    drawn = page(tmp_path, code("x", quiet, loud))
    assert "secret" not in drawn and "hello" in drawn


def test_parameters_and_set_up_stand_folded_at_the_end(tmp_path):
    files = [
        notebook(tmp_path, "00_summary", nbformat.v4.new_markdown_cell("# Q?")),
        notebook(tmp_path, "01_chapter", nbformat.v4.new_markdown_cell("# A?\n\n## Part"),
                 code('month = ""', tags=["parameters"]), code("y = 2", table())),
    ]  # fmt: skip
    drawn = render.render(files, stamp=STAMP, title="Where? May", out=tmp_path / "x.html").read_text(encoding="utf-8")
    assert "Parameters and set\u2011up of this chapter" in drawn
    assert drawn.index("month") > drawn.index('class="item"')


def test_the_csv_is_in_the_page_and_beside_it(tmp_path):
    drawn = page(tmp_path, code("x", table()))
    assert (tmp_path / "data" / "t.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"
    packed = re.search(r'id="all-data" href="data:application/zip;base64,([^"]*)"', drawn).group(1)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))) as archive:
        assert archive.namelist() == ["t.csv"] and archive.read("t.csv") == b"a,b\n1,2\n"
    assert '<a href="#all-data" data-csv="t"' in drawn


def test_the_source_line_links_to_the_list_of_sources_and_to_each_producer(tmp_path):
    output = table()
    output["data"][chapters.TABLE]["source"] = "Nobody; S"
    drawn = page(tmp_path, code("x", output))
    assert re.search(r'<a href="#sources"[^>]*>Source</a>: <span>Nobody</span><a class="note" href="#source-1"', drawn)
    assert re.search(r'<li id="source-1"><b[^>]*>Nobody</b>', drawn) and "; <span>S</span>" in drawn


@pytest.mark.parametrize(
    ("days", "read"),
    [(("2026-01-01",), "1 January 2026"),
     (("2026-01-03", "2025-12-30", "2026-01-01"), "30 December 2025 to 3 January 2026")],
)  # fmt: skip
def test_the_masthead_says_what_is_held_and_when_it_was_read(tmp_path, days, read):
    told = render.held(STAMP | {"data": [{"date_accessed": day} for day in days]})
    assert told == f"all sides to May 2026, read {read}"
    assert "all sides to May 2026, read 1 January 2026" in page(tmp_path, code("x", table()))


def test_a_page_that_rests_on_no_raw_file_names_no_day_of_reading():
    assert render.held(STAMP | {"data": []}) == "all sides to May 2026"


def test_columns_say_what_a_phone_does_with_them(tmp_path):
    output = table()
    output["data"][chapters.TABLE] |= {
        "stacked": True, "head": [{"text": "a", "numeric": False, "long": False},
                                  {"text": "b", "numeric": True, "key": True, "long": False}],
        "rows": [[{"text": "row", "badge": ""}, {"text": "–", "badge": ""}]],
    }  # fmt: skip
    drawn = page(tmp_path, code("x", output))
    assert '<table aria-labelledby="title-t" class="stacked t1">' in drawn
    assert '<td class="number key" data-none>–</td>' in drawn
    assert '[lang=en] .t1 td:nth-child(2)::before{content:"b"}' in drawn


def test_formulas_become_mathml(tmp_path):
    assert "<math" in page(tmp_path, nbformat.v4.new_markdown_cell("Error $\\sigma^2$."))


def test_sums_of_money_are_no_formulas(tmp_path):
    drawn = page(tmp_path, nbformat.v4.new_markdown_cell("It rose from $5 to $10, US$3 more, and $x$ is a name."))
    assert drawn.count("<math") == 1 and "from $5 to $10, US$3 more" in drawn


@pytest.mark.parametrize(
    ("text", "set_text"),
    [("China's", "China’s"), ("importers' count", "importers’ count"), ("95 % of", "95\u00a0% of"),
     ("on 2025-04-02", "on 2025‑04‑02"), ("HS 85-42", "HS 85-42"),
     ("duty-free, seasonal-naive", "duty‑free, seasonal-naive")],
)  # fmt: skip
def test_plain_text_is_set_as_a_printer_would(text, set_text):
    assert typesetting.fine(text) == set_text


def test_a_long_name_may_break_after_an_underscore_and_stays_text():
    assert typesetting.inline("a_b<c") == "a_<wbr>b&lt;c" and typesetting.inline("a_b <c>") == "a_b &lt;c&gt;"


def test_code_stands_folded_with_the_table_it_makes(tmp_path):
    drawn = page(tmp_path, code("made_here = 1", table()))
    assert drawn.index('class="item"') < drawn.index("made_here") < drawn.index("</section>")
    assert drawn.count('<details class="code">') == 1


def test_code_that_shows_nothing_waits_for_the_next_table_and_what_is_left_goes_last(tmp_path):
    said = shown("text/markdown", "said")
    part = nbformat.v4.new_markdown_cell("## Part\n\ntext")
    drawn = page(
        tmp_path, part, code("made_first = 1", said), code("made_second = 2", table()), code("made_third = 3", said)
    )
    assert drawn.count('<details class="code">') == 2
    item = drawn.index('class="item-foot"')
    made = [drawn.index(f"made_{name}") for name in ("first", "second", "third")]
    assert item < made[0] < made[1] < drawn.index("\n</div>", item) < made[2]


class Headings(HTMLParser):
    """Collect headings, ids and unclosed tags."""

    VOID = {"meta", "br", "link", "img", "input", "hr", "path", "use", "rect", "circle"}

    def __init__(self):
        super().__init__()
        self.levels, self.ids, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:])
        self.open.pop()


def test_the_page_is_well_formed_with_one_first_heading(tmp_path):
    drawn = page(tmp_path, nbformat.v4.new_markdown_cell("## Part\n\ntext"), code("x", table()))
    parser = Headings()
    parser.feed(drawn)
    assert not parser.open
    assert parser.levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(parser.levels, parser.levels[1:], strict=False))
    assert len(parser.ids) == len(set(parser.ids))
