"""The pages of docs/how-to carried out: every command typed, every change made, and what they promise held.

Quick, a page runs the notebook it is about, those it needs, and an invented summary; the tests marked slow run all of
them. The offices' answers, the saved page and the typed figure are invented.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import served
import shapes
import trustme
from checkout import FIRST, checkout, wait_until
from conftest import missing
from invented import notebook
from local_offices import offices
from recipes import PAGES, add_cell, blocks_of, carry_out, copy_of, house, is_said, keep_only, lend, run
from test_export import sheet
from test_sources_gacc import march

from helpers import customs, page_texts

MONTH = "2026-05"
SERVED = "/srv/www/diversion"
IN_PARTS = {"run-it-every-month", "release"}  # timers, nights and tags, which have tests of their own
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{server}
}}
"""


@pytest.fixture(scope="module")
def finished(report_page, tmp_path_factory):
    """The checkout with the whole report in it and every finished step."""
    place, made = house(tmp_path_factory.mktemp("recipes") / "checkout"), report_page.parents[2]
    shutil.copytree(made / "reports", place / "reports")
    shutil.copytree(made / "processed", place / "data" / "processed", dirs_exist_ok=True)
    return place


@pytest.fixture
def place(finished, tmp_path):
    return copy_of(finished, tmp_path / "checkout")


@pytest.fixture
def small(tmp_path):
    """The checkout with three invented notebooks."""
    return lend(checkout(tmp_path / "checkout"))


def page_of(place: Path) -> str:
    return (place / "reports" / MONTH / "index.html").read_text(encoding="utf-8")


def words_of(place: Path) -> str:
    """Return what the page says, in both languages."""
    return "\n".join(page_texts.texts(page_of(place)))


def table(place: Path, name: str, report: str = f"reports/{MONTH}") -> pd.DataFrame:
    return pd.read_csv(place / report / "data" / f"{name}.csv")


def program(name: str, package: str) -> str:
    """Return where a program is; without it the test is skipped, and says so."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return found or missing(name, f"apt-get install {package}")


# --- an economist -----------------------------------------------------------------------------------------------------


def test_a_private_variant(place):
    keep_only(place, "03_estimate_excess")
    carry_out("try-a-private-variant.md", place)
    assert "A private variant." in (place / "mine" / "reports" / MONTH / "index.html").read_text(encoding="utf-8")
    trends = [set(table(place, "excess", report).query("status == 'interval'")["trend"])
              for report in (f"reports/{MONTH}", f"mine/reports/{MONTH}")]  # fmt: skip
    assert trends[0] != trends[1] == {"linear"}


def test_why_a_number_changed(place):
    keep_only(place, "03_estimate_excess")
    shutil.rmtree(place / "reports" / MONTH)  # that of this code, not of the whole report
    assert run(["make", "report"], place).code == 0
    carry_out("find-why-a-number-changed.md", place)


def another_article(place):
    before = table(place, "claims_checked").set_index("claim")["verdict"]
    carry_out("check-another-article.md", place)
    checked = table(place, "claims_checked")
    assert set(checked["article_date"]) == {"2026-07-01"}
    assert checked["verdict"].tolist() == before[checked["claim"]].tolist()


def test_another_article(place):
    keep_only(place, "02_account_for_change")
    another_article(place)


@pytest.mark.slow
def test_another_article_in_the_whole_report(place):
    another_article(place)
    assert "Exports to South-East Asia rose by" in page_of(place)


def another_counterfactual(place):
    carry_out("change-the-counterfactual.md", place)
    tried = table(place, "form_candidates").set_index("trend")
    assert 0 < tried.loc["seasonal_damped", "placebo_error_bn"].min()
    before, damped = (table(place, "excess", f"reports/{name}").query("status == 'interval'").set_index("spec_id")
                      for name in (".before", MONTH))  # fmt: skip
    assert set(damped["trend"]) == {"seasonal_damped"} and not set(damped["gap_bn"]) & set(before["gap_bn"])


def test_another_counterfactual(place):
    keep_only(place, "05_test_robustness")
    another_counterfactual(place)


@pytest.mark.slow
def test_another_counterfactual_in_the_whole_report(place):
    another_counterfactual(place)


def another_specification(place):
    *_, told = carry_out("add-a-specification.md", place)
    rows = [line.split() for line in told.out.splitlines()]
    before, after = ({code: (int(count), int(dates)) for code, count, dates in rows[at : at + 2]} for at in (0, 2))
    for code, (count, dates) in before.items():
        assert after[code][0] > count and after[code][1] == dates - 11, "six years leave eleven dates fewer than five"
    held = table(place, "choices").query("axis == 'training' and window_id == 'W1' and destination_code == 'US'")
    assert set(held["choice"]) == {"22", "33", "44", "55", "66", "all"}


def test_another_specification(place):
    keep_only(place, "05_test_robustness")
    another_specification(place)


@pytest.mark.slow
def test_another_specification_in_the_whole_report(place):
    another_specification(place)
    done = run([".venv/bin/python", "-m", "pytest", "-q", "tests/test_robustness.py", "-k", "plain_loop"], place)
    assert done.code == 0 and "3 passed" in done.out, done.out
    untold = run([".venv/bin/diversion", "untranslated"], place)
    assert untold.code == 0, untold.out


def another_figure(place):
    before = {name: table(place, name) for name in ("accounting_change", "rise_by_destination")}
    carry_out("add-a-figure.md", place)
    assert 'id="figure-us_share"' in page_of(place) and "Die USA nahmen 2024" in words_of(place)
    share = table(place, "us_share").set_index("period")["share_pct"]
    assert share.between(5, 25).all() and share.index.is_unique
    for name, held in before.items():
        pd.testing.assert_frame_equal(table(place, name), held)


def test_another_figure(place):
    keep_only(place, "02_account_for_change")
    another_figure(place)
    shape = run([".venv/bin/python", "-m", "pytest", "-q", "tests/test_notebooks.py", "-k", "02_account"], place)
    assert shape.code == 0, shape.out


@pytest.mark.slow
def test_another_figure_in_the_whole_report(place):
    another_figure(place)


# --- a reader ---------------------------------------------------------------------------------------------------------


def test_the_tables_elsewhere(place):
    carry_out("take-the-tables-elsewhere.md", place)
    text, folder = (PAGES / "take-the-tables-elsewhere.md").read_text(encoding="utf-8"), place / "reports" / MONTH
    shown = [block for block in blocks_of(text) if "shown" in block.about]
    assert [block.language for block in shown] == ["r", "stata"]
    columns = set(pd.read_stata(folder / "export/stata/excess.dta").columns)
    assert columns == set(pd.read_parquet(folder / "export/parquet/excess.parquet").columns)
    for block in shown:
        files = re.findall(r'"(reports/[^"]+)"', block.text)
        assert files and all((place / file).is_file() for file in files)
        assert set(re.findall(r"\b[a-z]+_(?:id|code|bn)\b|\bstatus\b|\bform\b", block.text)) <= columns
    book = zipfile.ZipFile(folder / "export" / f"diversion-{MONTH}.xlsx")
    cells, _ = sheet(book, "excess")
    assert {words for cell, words in cells.items() if re.fullmatch("[A-Z]+1", cell)} == columns
    assert sheet(book, "about")[0]


def test_a_number_cited(place):
    *_, told = carry_out("cite-a-number.md", place)
    page, text = page_of(place), (PAGES / "cite-a-number.md").read_text(encoding="utf-8")
    addresses = re.findall(r"`#([\w-]+)`", text)
    assert len(addresses) == 3 and all(f'id="{address}"' in page for address in addresses)
    stamp = json.loads((place / "reports" / MONTH / "run.json").read_text())["stamp"]
    assert f"stamp {stamp}" in told.out and re.search(rf'id="citation"[^<]*stamp {stamp}', page)
    assert 'data-quote="answer-3"' in page and 'data-copy="bibtex"' in page


# --- an auditor -------------------------------------------------------------------------------------------------------


def test_a_report_verified(small):
    assert run([".venv/bin/diversion", "report"], small).code == 0
    carry_out("verify-a-report.md", small)


# --- who keeps the ledger, who publishes ------------------------------------------------------------------------------


def test_the_ledger_by_hand(small):
    form = 'month: str = ""  # last month\nas_of_vintage: str = ""  # leave out what was read later'
    notebook(small / "notebooks" / "01_first.ipynb", FIRST, form=form)
    (small / "release.html").write_bytes(shapes.gacc_page("preliminary", "2026-03", "CNY", march()))
    old = customs.series(customs.clean(customs.read_rows()), "AU", "CN")
    month, day, value = str(old.index[-1]), dt.datetime.now(dt.UTC).date().isoformat(), f"{1.01 * old.iloc[-1]:.1f}"
    raw = {file: file.read_bytes() for file in small.glob("data/raw/*/*.csv*")}
    carry_out("update-the-ledger-by-hand.md", small, {"MONTH": month, "DAY": day, "VALUE": value})
    assert {file: file.read_bytes() for file in raw} == raw, "a file that stood in the ledger was changed"
    new = {f"gacc/gacc_preliminary_cny_{day}.csv", f"abs/abs_imports_by_origin_{day}.csv"}
    assert not new & files_of(small)
    assert run(["make", "report"], small).code == 0 and new <= files_of(small)


def files_of(place: Path) -> set[str]:
    """Return the raw files that a report was made from."""
    record = json.loads((place / "reports" / MONTH / "run.json").read_text(encoding="utf-8"))
    return {entry["file"] for entry in record["data"]}


def test_a_published_month_corrected(small):
    assert run([".venv/bin/diversion", "report"], small).code == 0
    wrong = json.loads((small / "reports" / MONTH / "run.json").read_text())["stamp"]
    carry_out("correct-a-published-month.md", small, {"0123456789ab": wrong})
    assert "Die US-Zahl für April wurde doppelt gelesen." in words_of(small)
    assert (small / "reports" / MONTH / f"index.superseded-{wrong}.html").exists()


def test_on_a_server_of_ones_own(small, tmp_path):
    program("rsync", "rsync")
    there = tmp_path / "served"
    there.mkdir()
    with offices(served.Served(revised={"2026-04": 1.001})) as server:
        filled = {SERVED: str(there), "report --if-new": "report --if-new --source abs"}
        carry_out("publish-on-your-own-server.md", small, filled, DIVERSION_OFFICES=server.address)
    ours = {file.relative_to(small / "reports") for file in (small / "reports").rglob("*") if file.is_file()}
    theirs = {file.relative_to(there): file.read_bytes() for file in there.rglob("*") if file.is_file()}
    assert set(theirs) == {name for name in ours if not any(part.startswith(".") for part in name.parts)}
    assert all((small / "reports" / name).read_bytes() == content for name, content in theirs.items())
    assert b"https://example.org/diversion/" in theirs[Path("feed.xml")]
    assert (small / "data/raw/abs").is_dir() and len(list(small.glob("data/raw/abs/*.csv"))) == 2


def test_the_server_says_what_the_page_cannot(tmp_path):
    nginx = program("nginx", "nginx")
    files = {"diversion/2026-05/index.html": "<p>Österreich</p>", "diversion/2026-05/data/a.csv": "a,b\n1,2\n",
             "diversion/.failed/summary.md": "a folder", "diversion/feed.xml": "<feed/>"}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    authority = trustme.CA()
    certificate = authority.issue_cert("example.org", "localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    (block,) = [block for block in blocks_of((PAGES / "publish-on-your-own-server.md").read_text(encoding="utf-8"))
                if block.language == "nginx"]  # fmt: skip
    port = free_port()
    conf = block.text.replace("443 ssl", f"127.0.0.1:{port} ssl").replace(SERVED, str(tmp_path / "diversion"))
    conf = re.sub(r"/etc/ssl/example\.org\.(pem|key)", str(tmp_path / "both.pem"), conf)
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, server=conf), encoding="utf-8")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with at_work([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)], port):
        for name, kind in (("2026-05/", "text/html; charset=utf-8"), ("2026-05/data/a.csv", "text/csv; charset=utf-8"),
                           ("feed.xml", "application/atom+xml; charset=utf-8")):  # fmt: skip
            with urllib.request.urlopen(f"https://localhost:{port}/diversion/{name}", context=context) as answer:
                assert answer.headers["Content-Type"] == kind
                assert answer.headers["Cache-Control"] == "no-cache"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"https://localhost:{port}/diversion/.failed/summary.md", context=context)
        assert refused.value.code == 404


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def at_work(words: list[str], port: int):
    """Have a server at work for the length of a ``with`` block."""
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: process.poll() is not None or not socket.socket().connect_ex(("127.0.0.1", port)))
        assert process.poll() is None, process.stderr.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


# --- the pages themselves ---------------------------------------------------------------------------------------------


def test_every_page_stands_in_the_list_and_is_carried_out():
    pages = {file.name for file in PAGES.glob("*.md")} - {"README.md"}
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (PAGES / "README.md").read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed)) and set(listed) == pages
    tests = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_recipe*.py"))
    assert {page.removesuffix(".md") for page in pages if f'"{page}"' not in tests} == IN_PARTS


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_a_page_is_short_and_its_changes_are_shown_whole(page):
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"\w+", re.sub(r"```.*?```", "", text, flags=re.DOTALL))) < 1500
    assert text.startswith("# ") and len(re.findall("^ *```", text, flags=re.MULTILINE)) == 2 * len(blocks_of(text))


@pytest.mark.parametrize(
    ("expected", "came", "said"),
    [("a\nb\n", "a\nb\n", True), ("a\nb\n", "a\nc\n", False), ("a\n", "a\nb\n", False), ("a\n…\n", "a\nb\nc\n", True),
     ("a\n…\n", "a\n", True), ("…\nc\n", "a\nb\n", False), ("1 … 3\n", "1 2 3\n", True), ("1 … 3\n", "1 2\n3\n", False),
     ("a.c\n", "abc\n", False)],
)  # fmt: skip
def test_what_a_page_expects_is_held_against_what_came(expected, came, said):
    assert is_said(expected, came) is said


@pytest.mark.parametrize(
    ("text", "told"),
    [("```sh\nfalse\n```", "ended with 1"), ("```sh exit=3\ntrue\n```", "ended with 0"),
     ("```sh\necho a\n```\n```text\nb\n```", "expected"), ("```sh\necho a >&2; exit 1\n```", "a\n"),
     ("```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-other\n+new\n```", "patch"), ("```ruby\nx\n```", "nobody knows")],
)  # fmt: skip
def test_a_page_that_does_not_hold_is_found(tmp_path, monkeypatch, text, told):
    (tmp_path / "x").write_text("old\n")
    (tmp_path / "page.md").write_text(text)
    monkeypatch.setattr("recipes.PAGES", tmp_path)
    with pytest.raises(AssertionError, match=told):
        carry_out("page.md", tmp_path)


def test_changes_go_where_a_page_says(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("old\n")
    (tmp_path / "page.md").write_text(
        "1. ```diff\n   --- a/x\n   +++ b/x\n   @@ -1 +1 @@\n   -old\n   +new\n   ```\n\n"
        "```yaml to=y\na: WORD\n```\n```yaml onto=y\nb: 2\n```\n```r shown\nstop()\n```\n```sh\ncat x y\n```\n"
        "```text\nnew\na: 1\nb: 2\n```\n"
    )
    monkeypatch.setattr("recipes.PAGES", tmp_path)
    (done,) = carry_out("page.md", tmp_path, {"WORD": "1"})
    assert done.code == 0 and (tmp_path / "y").read_text() == "a: 1\nb: 2\n"
    with pytest.raises(AssertionError, match="says nothing of OTHER"):
        carry_out("page.md", tmp_path, {"OTHER": "1"})


def test_a_cell_is_set_behind_the_one_that_is_named(small):
    file = small / "notebooks" / "01_first.ipynb"
    add_cell(file, "a = 1\nb = 2\n", "cell-1")
    cells = json.loads(file.read_text())["cells"]
    assert [cell["id"] for cell in cells] == ["cell-0", "cell-1", "cell-1-new", "cell-2"]
    assert cells[2]["source"] == ["a = 1\n", "b = 2"]
    with pytest.raises(ValueError, match="unpack"):
        add_cell(file, "", "nowhere")
