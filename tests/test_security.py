"""What the project promises of safety: no key and no place of a machine in a report, no text that becomes code."""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import types
import zipfile
import zlib
from pathlib import Path

import invented_reports
import jsonschema
import nbformat
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import FINDING, InstantForge, house, writes
from invented import notebook as invented_notebook
from referencing import Registry, Resource
from test_bad_input import GOOD, HEADER, write_ledger

from helpers import (
    chapters,
    cli,
    corrections,
    hook,
    parameters,
    paths,
    pipeline,
    planner,
    provenance,
    published,
    runner,
    sbom,
    secrets_scan,
    shelf,
    steps,
    typesetting,
)
from helpers.bilingual import Bilingual
from helpers.csv_text import to_csv
from helpers.fetch import transport
from helpers.refusals import Refusal
from helpers.sources import OFFICES
from helpers.sources.contract import Ask, RefusedAnswer
from helpers.sources.documents import as_page
from helpers.translation import translator_for

ROOT = paths.ROOT
CODE = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tools").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
VALUE = 'k3y "&<o>_f-an office\\9'  # an invented key with everything that some file writes otherwise
SURROUNDINGS = {"CENSUS_API_KEY": VALUE, "HOME": "/home/somebody"}


# No key and no place of a machine in a report


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "report"
    for name in ("index.html", "run.json", "data/sizes.csv", "steps/01_first.ipynb", "said.log", "sbom.cdx.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("nothing to see\n")
    return folder


def refused(report: Path, surroundings=SURROUNDINGS) -> str:
    with pytest.raises(Refusal) as caught:
        secrets_scan.check(report, surroundings)
    assert caught.value.exit_code == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("said.log", VALUE),
        ("run.json", json.dumps({"finding": f"the key {VALUE}."})),
        ("steps/01_first.ipynb", json.dumps({"text": f"GET /?key={VALUE}&x"}, ensure_ascii=False)),
        ("data/sizes.csv", f'a,"{VALUE.replace(chr(34), chr(34) * 2)}"\n'),
        ("index.html", f"<p>{typesetting.inline(VALUE)}</p>"),
        ("index.html", str(typesetting.prose(VALUE.replace("<", "\\<").replace("_", "\\_").replace("\\9", "\\\\9")))),
        ("index.html", "<a href='?k=k3y%20%22%26%3Co%3E_f-an%20office%5C9'>"),
        ("said.log", "key=k3y+%22%26%3Co%3E_f-an+office%5C9"),
        ("said.log", f"{{'CENSUS_API_KEY': {VALUE!r}}}"),
    ],
)
def test_a_key_is_found_in_every_kind_of_file_and_its_value_is_told_to_nobody(report, name, written):
    secrets_scan.check(report, SURROUNDINGS)
    (report / name).write_text(written)
    message = refused(report)
    assert message.startswith(f"{name}: ") and "CENSUS_API_KEY" in message and "env -u CENSUS_API_KEY" in message
    assert not any(part in message for part in (VALUE, "k3y", "office"))


def page_with(texts: list[str], member: tuple[str, str]) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(json.dumps({"texts": texts}).encode()) + packer.flush()).decode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(*member)
    data = base64.b64encode(archive.getvalue()).decode()
    return f'<a href="data:application/zip;base64,{data}"></a><script type="text/plain" id="packed">{packed}</script>'


def test_a_key_is_found_in_what_a_page_carries_packed(report):
    page = report / "index.html"
    page.write_text(page_with(["a text"], ("t.csv", "a,b\n")))
    secrets_scan.check(report, SURROUNDINGS)
    page.write_text(page_with([f"ein {VALUE}"], ("t.csv", "a,b\n")))
    assert "index.html" in refused(report)
    page.write_text(page_with(["a text"], ("sizes.csv", f"a,{VALUE}\n")))
    assert "index.html" in refused(report)  # another content than the table of this name beside the page
    page.write_text(page_with(["a text"], ("sizes.csv", "nothing to see\n")))
    secrets_scan.check(report, SURROUNDINGS)


@pytest.mark.parametrize("name", ["A_TOKEN", "B_SECRET", "DB_PASSWORD", "lower_key", "COMTRADE_API_KEY"])
def test_what_a_variable_is_called_makes_it_a_secret(report, name):
    (report / "said.log").write_text("x 12345678 y")
    assert name in refused(report, {name: " 12345678\n", "HOME": "/"})
    for harmless in ({name: "1234567"}, {f"{name}S": "12345678"}, {name: ""}, {name: "        "}):
        secrets_scan.check(report, harmless | {"HOME": "/"})


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("in /home/somebody/x.py", True), ("'/home/somebody'", True), ("see /home/somebody.", True),
        ("file:///home/somebody/x", True), ("file:%2Fhome%2Fsomebody%2Fx", True), ("at /home/somebody", True),
        ("/home/somebody-else", False), ("/home/somebody.old/x", False), ("x/home/somebody", False),
        ("../home/somebody", False), ("/home/some", False), (f"{ROOT}/src", True), (f"{ROOT}er", False),
    ],
)  # fmt: skip
def test_folders_of_the_machine_are_found_and_longer_names_are_not_taken_for_them(report, text, is_place):
    (report / "steps/01_first.ipynb").write_text(text)
    if is_place:
        message = refused(report, {"HOME": "/home/somebody/"})
        assert "on this machine" in message and "/home/somebody" not in message and str(ROOT) not in message
    else:
        secrets_scan.check(report, {"HOME": "/home/somebody/"})


def test_a_home_at_the_top_of_the_disk_is_named_by_every_path_and_no_secret(report):
    (report / "said.log").write_text("/usr/bin/python3 /")
    secrets_scan.check(report, {"HOME": "/"})


@pytest.fixture
def root(tmp_path, monkeypatch):
    folder = house(tmp_path / "house", monkeypatch)
    monkeypatch.setattr(pipeline, "Forge", InstantForge)
    return folder


def test_a_report_that_holds_a_key_is_not_published_and_the_last_good_one_stands(root, monkeypatch):
    page = pipeline.run([]).page
    before = {file: file.read_bytes() for file in sorted((root / "reports/2026-05").rglob("*")) if file.is_file()}
    assert page.with_name(sbom.NAME) in before
    monkeypatch.setenv("INVENTED_TOKEN", "an-invented-token")
    invented_notebook(root / "notebooks/01_first.ipynb", writes("first"), "seen = 'an-invented-token'")
    with pytest.raises(Refusal, match="steps/01_first.ipynb: holds the value of INVENTED_TOKEN"):
        pipeline.run([])
    assert before == {f: f.read_bytes() for f in sorted((root / "reports/2026-05").rglob("*")) if f.is_file()}
    monkeypatch.delenv("INVENTED_TOKEN")
    assert pipeline.run([]).finding == FINDING


# No parameter becomes code

PARAMETER_NAMES = parameters.names()


def injected(values: dict) -> dict:
    """Return what the cell says that papermill puts in, from values that went the way of a run."""
    from papermill.parameterize import parameterize_notebook

    job = runner.Job("01", "01.ipynb", "folder", values, [], {})
    heard = runner.Job(**json.loads(job.as_text())).parameters
    form = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]})
    empty = nbformat.v4.new_notebook(cells=[form], metadata={"papermill": {}})
    made = parameterize_notebook(empty, heard, kernel_name="python3", language="python")
    (cell,) = [cell for cell in made.cells if "injected-parameters" in cell.metadata.get("tags", ())]
    said = {}
    for line in ast.parse(cell.source).body:
        assert isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name)
        said[line.targets[0].id] = ast.literal_eval(line.value)
    return said


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text() | st.text(alphabet="\"'\\\n\r{}#;()=\x00 a\u2028\ud800"))
def test_whatever_is_given_for_a_parameter_is_injected_as_a_literal_of_the_same_value(text):
    values = dict.fromkeys(PARAMETER_NAMES, text)
    assert injected(values) == values


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers() | st.booleans() | st.none())
def test_the_same_for_what_is_no_text(value):
    assert injected({"window": value}) == {"window": value}


def test_a_value_cannot_change_which_file_is_run():
    from papermill.parameterize import parameterize_path

    for place in ("/a/{month}/{x.__class__}/b.ipynb", "/a/{/b", "/a/}}/{{", "/plain"):
        assert parameterize_path(runner._as_it_is(Path(place)), {"month": "../../etc"}) == place


def test_a_step_is_given_only_what_its_form_declares(root):
    plan = planner.Plan(steps.read_steps(), {name: "x" for name in PARAMETER_NAMES} | {"_": "import os"})
    assert set(plan.parameters(plan.steps[1])) == {"month", "window"}


# What no file of the project does

FORBIDDEN_CALLS = {
    "os.system", "os.popen", "eval", "exec", "compile", "pickle.load", "pickle.loads", "pd.read_pickle",
    "marshal.loads", "marshal.load", "shelve.open", "tempfile.mktemp", "subprocess.getoutput", "joblib.load",
    "subprocess.getstatusoutput", "yaml.unsafe_load", "yaml.full_load", "yaml.unsafe_load_all", "yaml.full_load_all",
    "jinja2.Template", "__import__",
}  # fmt: skip
SAFE_LOADERS = {"yaml.SafeLoader", "yaml.CSafeLoader", "LOADER", "loader"}
# Where archives are opened and pages read: what the project itself, or git, has written. Those of others are opened by
# archives.py only, which bounds them (tests/test_bulk_archives.py).
ARCHIVES = {
    "render.py": {"zipfile.ZipFile"}, "secrets_scan.py": {"zipfile.ZipFile"}, "answers.py": {"gzip.decompress"},
    "page_texts.py": {"zipfile.ZipFile"}, "reexecution.py": {"tarfile.open"},
    "archives.py": {"zipfile.ZipFile", "gzip.open", "py7zr.SevenZipFile"},
}  # fmt: skip
OPENERS = {"zipfile.ZipFile", "tarfile.open", "gzip.open", "gzip.decompress", "bz2.open", "lzma.open",
           "shutil.unpack_archive", "zipfile.Path", "bz2.decompress", "lzma.decompress",
           "py7zr.SevenZipFile"}  # fmt: skip
XML = {"etree.fromstring", "etree.parse", "etree.XML", "etree.XMLParser", "html.fromstring", "html.parse",
       "etree.iterparse", "ET.fromstring", "ET.parse", "ElementTree.fromstring", "ElementTree.parse", "minidom.parse",
       "minidom.parseString", "pd.read_xml", "pd.read_html"}  # fmt: skip
XML_OF_OUR_OWN = {"svg.py": {"etree.fromstring", "etree.XMLParser"}, "page_texts.py": {"html.fromstring"}}


def sins(source: str, name: str = "x.py") -> list[str]:
    """Return the calls in a source that could make data into code, reach a shell, or read more than was asked."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        short = ".".join(called.split(".")[-2:])
        if called in FORBIDDEN_CALLS or short in FORBIDDEN_CALLS:
            found.append(called)
        if given.get("shell", "False") != "False":
            found.append(f"{called} in a shell")
        if given.get("verify", "True") in ("False", "0"):
            found.append(f"{called} without a certificate")
        if called in ("yaml.load", "yaml.load_all", "yaml.compose", "yaml.parse", "yaml.compose_all"):
            loader = given.get("Loader") or (ast.unparse(node.args[1]) if len(node.args) > 1 else "")
            found += [] if loader in SAFE_LOADERS else [f"{called} by {loader or 'the usual loader'}"]
        if called.endswith((".extractall", "archive.extract")) and given.get("filter") != "'data'":
            found.append(f"{called} to anywhere")
        if called.endswith("jinja2.Environment") and given.get("autoescape") != "True":
            found.append("jinja2.Environment without escaping")
        if short in OPENERS - ARCHIVES.get(name, set()) or short in XML - XML_OF_OUR_OWN.get(name, set()):
            found.append(called)
    return found


@pytest.mark.parametrize("file", CODE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_file_calls_what_makes_data_into_code(file):
    assert sins(file.read_text(encoding="utf-8"), file.name) == []


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda file: file.stem)
def test_no_notebook_does_either(notebook):
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            assert sins(steps.source(cell)) == []


def test_the_names_that_stand_for_a_loader_are_safe_ones():
    assert provenance.LOADER in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", None))
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith(("LOADER", "loader")):
                assert "SafeLoader" in ast.unparse(node.value), file


@pytest.mark.parametrize(
    "source",
    ["import os\nos.system('x')", "subprocess.run('x', shell=True)", "yaml.load(x)", "yaml.load(x, yaml.FullLoader)",
     "yaml.load(x, Loader=yaml.Loader)", "eval('1')", "pd.read_pickle(f)", "jinja2.Environment(loader=x)",
     "archive.extractall(x)", "etree.parse(x)", "run(x, shell=y)",
     "zipfile.ZipFile(x)", "requests.get(u, verify=False)", "lxml.etree.fromstring(x)"],
)  # fmt: skip
def test_the_rule_finds_each_of_them(source):
    assert len(sins(source)) == 1


# What comes from elsewhere

ATTACK = "!!python/object/apply:os.system ['touch pwned']"


def test_yaml_makes_no_object_and_calls_nothing(tmp_path, monkeypatch, root):
    monkeypatch.chdir(tmp_path)
    (root / "parameters.yml").write_text(f"month: {ATTACK}\n")
    (root / "corrections.yml").write_text(f"- {ATTACK}\n")
    for read in (lambda: parameters.merged({}), corrections.read):
        with pytest.raises(Refusal) as refusal:
            read()
        assert refusal.value.exit_code == 2
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    file = write_ledger(ledger, monkeypatch, f"{HEADER}\n{GOOD}\n")
    beside = file.with_name(f"{file.name}.source.yml")
    beside.write_text(beside.read_text().replace("title: Invented", f"title: {ATTACK}"))
    (root / "notebooks/pipeline.yml").write_text(f"- {ATTACK}\n")
    for read in (provenance.all_records, steps.read_steps):
        with pytest.raises(Refusal):
            read()
    assert not list(tmp_path.rglob("pwned"))


def test_yaml_that_refers_to_itself_a_million_times_is_refused_at_once(root):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (root / "parameters.yml").write_text("\n".join(lines) + "\n")
    with pytest.raises(Refusal, match="no parameter"):
        parameters.merged({})


def test_a_page_of_an_office_cannot_name_a_file_of_this_machine(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("what nobody should read")
    declared = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % y SYSTEM "{secret.as_uri()}"> %y;]>'
    body = f"{declared}<html><head><title>&x;</title></head><body><table><tr><td>&x;</td></tr></table></body></html>"
    ask = Ask("gacc", "page", "", "2026-01", "2026-02", "html")
    for start in ("", '<?xml version="1.0"?>'):
        page = as_page(ask, (start + body).encode())
        assert "nobody" not in f"{page.title} {page.text} {page.tables}"


def test_an_entity_that_grows_is_not_grown():
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE html [<!ENTITY e0 "x">{declared}]><html><body><p>&e11;</p></body></html>'
    page = as_page(Ask("gacc", "page", "", "2026-01", "2026-02", "html"), body.encode())
    assert len(page.text) < 10_000


def test_an_answer_that_is_small_packed_and_large_unpacked_is_refused():
    office = next(iter(OFFICES.values()))
    ask = Ask(office.name, "large", "", "2026-01", "2026-02", "csv")
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(1 << 20)
    bomb = b"".join(packer.compress(chunk) for _ in range((office.largest >> 20) + 2)) + packer.flush()
    assert len(bomb) < office.largest // 100
    with pytest.raises(RefusedAnswer, match="more than"):
        transport._unpacked(office, ask, bomb, "gzip")


# No text becomes markup, an order to a terminal, or a traceback


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (r"$\text{<img/src=x/onerror=alert(1)>}$", "<mtext>&lt;img/src=x/onerror=alert(1)&gt;</mtext>"),
        (r"$\href{javascript:alert(1)}{x}$", "<mi>x</mi>"),
        (r"$\style{x}{y}$", "<mi>y</mi>"),
        (r"$\frac{$", r"$\frac{$"),
        ('[x]($y"onclick=alert$)', 'href="$y&#34;onclick=alert$"'),
        ("FORMULA0END $x$ FORMULA7END", "FORMULA0 END <math"),
        ("![x](https://example.org/x.png)", '!<a href="https://example.org/x.png">x</a>'),
    ],
)
def test_words_in_a_formula_and_around_it_stay_words(text, drawn):
    out = str(typesetting.prose(text))
    assert drawn in out and not any(active in out for active in ("<img", "javascript", "style=", '"onclick'))


def test_the_head_of_a_column_cannot_leave_the_style_sheet():
    page = Bilingual()
    page.labels([{}, {"text": 'a"\\</style>\n}body{x', "long": False}])
    for rule in page.rules:
        assert not any(mark in rule for mark in ("</", "\n", '\\"')) and rule.count('"') == 2


def test_what_a_terminal_would_obey_is_spelled_in_messages(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["diversion"])
    assert cli.main(["export", "\x1b[2J\u202e\x9b"]) == 2
    told = capsys.readouterr().err
    assert r'"\x1b[2J\u202e\x9b" is not a month' in told and "\x1b" not in told


def test_half_a_character_is_refused_as_any_wrong_value_and_told_to_the_hook(tmp_path):
    for name in ("site", "article", "accepted"):
        with pytest.raises(Refusal) as refusal:
            parameters.check(**{name: "a\udcff"})
        assert refusal.value.exit_code == 2
    out = tmp_path / "out"
    assert hook.run(["sh", "-c", f"cat > {out}"], {"sentence": "a\udcff"}) == "done"
    assert json.loads(out.read_text()) == {"sentence": "a\udcff"}


def test_a_bare_return_in_a_raw_file_is_refused_with_its_line(tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}a\rb\n")
    with pytest.raises(Refusal, match="line 2: not CSV"):
        provenance.printed(provenance.record_of(file))


@pytest.mark.parametrize("text", ["a\x85b", "\u2028", "\ufeffa", "\0", "'", "\r\n", " a ", "null", "2026-01-01", "- a"])
def test_a_record_is_read_as_it_was_written(text, tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n", title=text, known_breaks=f"x {text} y")
    assert (provenance.record_of(file).title, provenance.record_of(file).known_breaks) == (text, f"x {text} y")


def test_a_cell_with_a_bare_return_is_one_cell_for_every_reader_and_reads_back(tmp_path):
    texts = ["x\r=1+1", "'=1", "''-", "=1", "\n=1", "＝1", "-5", "it's"]
    file = tmp_path / "t.csv"
    file.write_text(to_csv(pd.DataFrame({"a": texts})), encoding="utf-8", newline="")
    assert published.as_text(file)["a"].tolist() == texts
    assert '"x\r=1+1"' in file.read_bytes().decode()


def test_long_and_deep_texts_are_shown_and_not_translated():
    say = translator_for("de").say
    for text in ("Overdue: " + "../" * 3000 + ".", "(" * 700 + ")" * 700, "x" * 10_000):
        assert say(text) == text


# No path leaves its folder

ESCAPES = ["../../etc/passwd", "/etc/passwd", "..", ".", "a/../../b", "2026-05/../../x", "~root", "x\0y", "..\\x",
           "%2e%2e%2f", "compiled/x", "2026-05\n", "2026-05/", "//x", " ", "2026-05;x", "$(x)", "con",
           "\u2024\u2024/x"]  # fmt: skip


@pytest.mark.parametrize("text", ESCAPES)
@pytest.mark.parametrize("name", ["month", "train_end", "products", "article", "as_of_vintage", "site", "language"])
def test_no_parameter_names_a_path(text, name, root):
    from_file = root / "settings.yml"
    from_file.write_text(yaml.safe_dump({name: text}))
    for read in (lambda: parameters.check(**{name: text}), lambda: parameters.merged({}, file=from_file)):
        with pytest.raises(Refusal) as refusal:
            read()
        assert refusal.value.exit_code == 2


@pytest.mark.parametrize("text", [text for text in ESCAPES if text not in ("..", ".")])
def test_no_word_of_the_command_line_leads_to_a_report_that_is_none(text, root, capsys):
    for words in (["export", text], ["compare", text, text], ["verify", text], ["report", "--month", text],
                  ["plan", "--month", text]):  # fmt: skip
        if words[0] in ("report", "plan") and text.strip() in ("", "2026-05"):
            continue  # blanks around a word are taken away
        assert cli.main(words) in (2, 3), words
    assert "Traceback" not in capsys.readouterr().err


def test_only_folders_named_like_a_month_are_reports(root):
    for name in ("2026-01", "2026-13", "2026-01-copy", "2026-01;x", "0-0", "1999-12 ", "2026-1"):
        invented_reports.make(paths.REPORTS / name, "2026-01", {})
    assert paths.months_there() == [report.month for report in reversed(shelf.reports())] == ["2026-01"]


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "invented/../invented/other.csv", "x\0", "", "a"]
)
def test_no_record_leads_out_of_the_ledger_or_to_another_file(name, tmp_path, monkeypatch):
    file = write_ledger(tmp_path, monkeypatch, f"{HEADER}\n{GOOD}\n", file=name)
    for read in (provenance.all_records, provenance.check_all, lambda: provenance.record_of(file)):
        with pytest.raises(Refusal, match="the record is of the file"):
            read()
    assert cli.main(["ledger", "record", str(file)]) == 3


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", "", "a.b", "x\n", "ä", "x" * 101, 'x"><script>'])
def test_no_figure_or_table_is_named_like_a_path(name):
    chapter = chapters.Chapter("a", 1, "A")
    chapter.lead.append(chapters.Block("table", {"name": name}))
    with pytest.raises(Refusal, match="cannot name"):
        chapters.check_names([chapter])
    chapter.lead[0].content["name"] = "sizes-us_2"
    chapters.check_names([chapter])


def test_a_record_that_names_another_month_than_its_folder_changes_no_other_place(root):
    folder = invented_reports.make(root / "reports/2026-01", "2026-01", {})
    record = json.loads((folder / "run.json").read_text())
    for month in ("../../x", "2026-13", "2026-05\n", "/x"):
        (folder / "run.json").write_text(json.dumps(record | {"parameters": {"month": month}}))
        with pytest.raises(Refusal, match="the record cannot be used"):
            published.find("2026-01")


# make

STUB = "#!/bin/sh\nprintf '%s\\0' \"$@\"\n"  # says every word it was given
WORDS = [
    "2026-05", "a'b", "'; touch pwned; '", '"; touch pwned; "', "`touch pwned`", "$(touch pwned)", "a$$b", "*", "%",
    "$(shell touch pwned)", "${shell touch pwned}", "#x", "a;touch pwned", "a|touch pwned", "&touch pwned&", "-x", "\\",
]  # fmt: skip


@pytest.fixture
def makefile(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("tools/set_up.sh", ".venv/bin/diversion", ".venv/bin/python"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(STUB if name.endswith(("diversion", "python")) else "#!/bin/sh\n")
        file.chmod(0o755)
    return tmp_path


def made(folder: Path, target: str, *words: str, **surroundings: str) -> list[str]:
    """Return the words that the command was given by ``make``."""
    command = ["make", "--silent", target, *words]
    clean = {name: value for name, value in os.environ.items() if name not in ("MONTH", "PARAMS", "MAKEFLAGS")}
    done = subprocess.run(command, cwd=folder, env=clean | surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not list(folder.rglob("pwned")), words or surroundings
    return done.stdout.split("\0")[:-1]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is missing: apt-get install make")
def test_neither_make_nor_the_shell_obeys_what_was_given(makefile):
    for text in WORDS:
        for given_to in ({"MONTH": text}, {"words": f"MONTH={text}"}):
            more = [given_to.pop("words")] if "words" in given_to else []
            assert made(makefile, "report", *more, **given_to) == ["report", "--month", text]
        split = [part for word in f"currency={text}".split() for part in ("-p", word)]
        assert made(makefile, "report", PARAMS=f"currency={text}") == ["report", *split]
        assert made(makefile, "report", f"PARAMS=currency={text}") == ["report", *split]
        assert made(makefile, "pdf", MONTH=text) == ["tools/pdf.py", text]
        assert made(makefile, "release", f"VERSION={text}") == ["tools/release.py", text]
    assert made(makefile, "report") == ["report"]
    usual = ["report", "--month", "2026-05", "-p", "currency=CNY", "-p", "window=33"]
    assert made(makefile, "report", "MONTH=2026-05", "PARAMS=currency=CNY window=33") == usual


# Packages


def test_the_list_of_packages_is_the_lock_and_the_same_on_any_day(monkeypatch):
    lock = (ROOT / "requirements/runner.lock").read_text(encoding="utf-8")
    first = sbom.of(lock, "0.1.0")
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert sbom.of(lock, "0.1.0") == first != sbom.of(lock, "0.1.1")
    told = json.loads(first)
    names = {f"{part['name']}=={part['version']}" for part in told["components"]}
    assert names == {line.split()[0] for line in lock.splitlines() if "==" in line.split(" ;")[0] and line[0].isalnum()}
    needed = {entry["ref"]: entry["dependsOn"] for entry in told["dependencies"]}
    assert set(needed) == {part["bom-ref"] for part in told["components"]} | {"export-diversion@0.1.0"}
    direct = {address.partition("/")[2].partition("@")[0] for address in needed["export-diversion@0.1.0"]}
    project = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    words = [word for part in project for word in (part["pip"] if isinstance(part, dict) else [part])]
    assert {"pandas", "papermill", "lxml"} <= direct <= {re.split(r"[=\[]", word)[0] for word in words}
    everything = {"export-diversion@0.1.0"}
    while more := {user for ref in everything for user in needed[ref]} - everything:
        everything |= more
    assert everything == set(needed)  # each is there for something
    assert b"timestamp" not in first and told["serialNumber"].startswith("urn:uuid:")


def test_another_lock_has_another_number_and_markers_are_kept():
    lock = "a==1 \\\n    --hash=sha256:0\n    # via export-diversion (pyproject.toml)\n"
    more = lock + "b-c==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:0\n    # via a\n"
    one, two = json.loads(sbom.of(lock, "1")), json.loads(sbom.of(more, "1"))
    assert one["serialNumber"] != two["serialNumber"]
    optional = two["components"][1]
    assert (optional["scope"], optional["properties"][0]["value"]) == ("optional", "sys_platform == 'win32'")
    assert two["dependencies"][1] == {"ref": "pkg:pypi/a@1", "dependsOn": ["pkg:pypi/b-c@2.0"]}


def test_the_list_of_packages_is_valid_cyclonedx():
    schemas = pytest.importorskip("cyclonedx.schema", reason="cyclonedx-python-lib is missing")
    folder = Path(schemas.__file__).parent / "_res"
    read = {name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text("utf-8"))
            for name in ("bom-1.6", "spdx", "jsf-0.82")}  # fmt: skip
    known = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", Resource.from_contents(schema))
        for name, schema in read.items()
    )
    validator = jsonschema.Draft7Validator(read["bom-1.6"], registry=known)
    made = json.loads(sbom.of((ROOT / "requirements/runner.lock").read_text(encoding="utf-8"), "0.1.0"))
    assert list(validator.iter_errors(made)) == []
    made["components"][0]["type"] = "nothing"
    assert [error.instance for error in validator.iter_errors(made)] == ["nothing"]


@pytest.fixture
def audit():
    source = (ROOT / "tools/audit.py").read_text(encoding="utf-8")
    module = types.ModuleType("audit")
    exec(source, module.__dict__)
    return module


def test_what_the_audit_says_of_an_answer(audit):
    well = {"name": "a", "version": "1", "vulns": []}
    bad = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["2.1"]}, {"id": "X-2"}]}
    lines, code = audit.told(json.dumps({"dependencies": [well]}), "")
    assert code == 0 and lines == ["1 packages of 5 locks: 0 vulnerabilities known, 0 unanswered"]
    unasked = {"name": "c", "skip_reason": "not there"}
    assert audit.told(json.dumps({"dependencies": [well, unasked]}), "")[1] == 4
    lines, code = audit.told(json.dumps({"dependencies": [well, bad, unasked]}), "")
    assert code == 1 and lines[:2] == ["b 2: X-1, mended in 2.1", "b 2: X-2, mended in no version yet"]
    assert lines[2].startswith("no answer about c: ") and lines[3].endswith("2 vulnerabilities known, 1 unanswered")
    for out, error in (("", "x\nrequests.exceptions.ProxyError: no"), ("{", "ServiceError: no"), ("[]", "Timeout"),
                       ("", ""), ('{"dependencies": []}', "")):  # fmt: skip
        assert audit.told(out, error)[1] == 4


def test_without_a_network_the_audit_says_so_and_fails():
    pytest.importorskip("pip_audit", reason="pip-audit is missing")
    nowhere = {name: "http://127.0.0.1:9" for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")}
    nowhere |= {"NO_PROXY": "", "no_proxy": ""}
    command = [sys.executable, ROOT / "tools/audit.py", "--timeout=2", "--cache-dir=/nonexistent/never"]
    done = subprocess.run(command, env={**os.environ, **nowhere}, capture_output=True, text=True)
    assert done.returncode == 4 and "could not be reached" in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
