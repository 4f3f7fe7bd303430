"""A published report made again: identical, equal to printed digits, or where it differs. All figures are invented."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import invented_reports as reports
import pandas as pd
import pytest
from checkout import checkout, command, processes, start, wait_until
from conftest import make_report
from invented import notebook

from helpers import (
    attribution,
    comparison,
    comparison_text,
    contents,
    corrections,
    notice,
    page_texts,
    paths,
    provenance,
    published,
    reexecution,
    signing,
    verification,
)
from helpers.columns import Column
from helpers.comparison_cells import Cell, as_text
from helpers.render import packed, unpacked
from helpers.verification import DIFFERS, IDENTICAL, PRINTED

# The table rests on every raw file that the run sees, so that one too many would show.
COUNTS = """
import os, pathlib
import pandas as pd
from helpers import provenance
rows = [(record.file, record.rows / 7) for record in provenance.all_records()]
frame = pd.DataFrame(rows, columns=["file", "sevenths"])
from helpers import tables
usual = {"text": "invented", "number": 1.0, "integer": 1, "flag": True}
row = {column.name: usual[column.kind] for column in tables.described("excess").columns}
excess = pd.DataFrame([row | {"window_id": "W1", "gap_bn": len(rows) / 10}])
excess.to_parquet(pathlib.Path(os.environ["DIVERSION_PROCESSED"], "excess.parquet"))
frame.to_parquet(pathlib.Path(os.environ["DIVERSION_PROCESSED"], "first.parquet"))
"""
SAYS = """
text = f"Invented: {frame['sevenths'].sum():.1f} sevenths in {month}."
sentences = pd.DataFrame({"text": [text]})
sentences.to_parquet(pathlib.Path(os.environ["DIVERSION_PROCESSED"], "summary_sentences.parquet"))
"""
READS = """
import os, pathlib
import pandas as pd
frame = pd.read_parquet(pathlib.Path(os.environ["DIVERSION_PROCESSED"], "first.parquet"))
"""
OLD, NEW = "2026-04", "2026-05"
LATER = "gacc/invented_later.csv"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=Invented", "-c", "user.email=invented@example.org", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A checkout with a history and two reports, the earlier an input of the later; a raw file was read after both."""
    folder = checkout(tmp_path_factory.mktemp("verification") / "copy")
    for name in ("02_other.ipynb", "first.prepared"):
        (folder / "notebooks" / name).unlink()
    notebook(folder / "notebooks" / "01_first.ipynb", COUNTS)
    notebook(folder / "notebooks" / "00_second.ipynb", READS + SAYS)
    (folder / "notebooks" / "pipeline.yml").write_text(
        "- {notebook: 01_first, makes: [first, excess]}\n"
        "- {notebook: 00_second, needs: [first], makes: [summary_sentences]}\n"
    )
    (folder / ".gitignore").write_text("__pycache__/\nreports/\ndata/processed/\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "invented")
    for month in (OLD, NEW):
        done = command(folder, "report", "--month", month)
        assert done.returncode == 0, done.stderr
    raw = folder / "data" / "raw"
    shutil.copy(first := next(raw.glob("gacc/*.csv")), raw / LATER)
    beside = first.with_name(f"{first.name}.source.yml").read_text()
    told = beside.replace(f"file: gacc/{first.name}", f"file: {LATER}")
    told = re.sub(r"date_accessed: \S+", "date_accessed: '2027-01-01'", told)
    (raw / f"{LATER}.source.yml").write_text(told)
    return folder


@pytest.fixture
def copy(made, tmp_path, monkeypatch) -> Path:
    """A copy of it, whose commands leave what is temporary in ``tmp``."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    folder = shutil.copytree(made, tmp_path / "copy", symlinks=True)
    yield folder
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    assert list((tmp_path / "tmp").glob("diversion-*")) == []


def contents_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def change(copy: Path, old: str, new: str) -> None:
    """Change the code of the first notebook."""
    assert old in COUNTS
    notebook(copy / "notebooks" / "01_first.ipynb", COUNTS.replace(old, new))


def test_a_report_comes_out_identical_though_a_raw_file_was_read_since(copy):
    before = contents_of(copy / "reports")
    done = command(copy, "verify", NEW)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == IDENTICAL and lines[0].startswith("May 2026, stamp ")
    for part in (
        "files          those of its record", "code           the same", "lock           the same",
        "as recorded; left out, the record does not name them: gacc/invented_later.csv",
        "report before  2026-04, stamp ", "page           identical", "tables         3 of 3 identical",
        "notebooks      identical",
    ):  # fmt: skip
        assert part in done.stdout
    assert contents_of(copy / "reports") == before


def test_other_code_is_named_with_the_commit_to_ask_for(copy):
    change(copy, "record.rows / 7", "record.rows * (1 + 1e-12) / 7")
    done = command(copy, "verify", NEW, "--json")
    assert done.returncode == 8, done.stdout + done.stderr
    told, commit = json.loads(done.stdout), git(copy, "rev-parse", "HEAD")
    assert (told["verdict"], told["exit_code"], told["first"]) == (PRINTED, 8, None)
    assert told["compared"]["equal_to_printed_digits"] == ["first"]
    assert told["compared"]["page"] == "it says the same"
    code = told["held"]["code"]
    assert not code["same"] and code["commit"] == commit and code["recorded"] != code["here"]
    assert (
        f"(commit {commit[:12]})" in code["told"] and f"diversion verify 2026-05 --code {commit[:12]}" in code["told"]
    )


def test_what_differs_first_is_named_with_table_row_and_column(copy):
    one, another = "gacc/gacc_trade_by_partner_cny_2024-2026.csv", "imf/imf_dots_china_2017-2022.csv"
    change(copy, "record.rows / 7", f"record.rows / 7 + (record.file == {one!r}) - (record.file == {another!r})")
    done = command(copy, "verify", str(copy / "reports" / NEW))
    assert done.returncode == 9, done.stdout + done.stderr
    frame = pd.read_csv(copy / "reports" / NEW / "data" / "first.csv")
    place = int(frame.index[frame["file"] == one][0])
    value = frame["sevenths"][place]
    assert "tables         2 of 3 identical; with cells that differ: first (2)" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        f"differs: first, line={place + 2} file={one}, sevenths: published {value:,.2f}, made again {value + 1:,.2f}"
    )


def test_a_raw_file_that_is_not_what_it_was_is_refused_by_name_and_taken_from_a_commit(copy):
    gone = next((copy / "data/raw/imf").glob("*.csv"))
    gone.unlink()
    other = next((copy / "data/raw/abs").glob("*.csv"))
    other.write_text(other.read_text() + "\n")
    change(copy, "record.rows / 7", "record.rows / 6")
    done = command(copy, "verify", NEW)
    assert done.returncode == 3 and '"event"' not in done.stderr  # nothing ran
    assert f"missing: imf/{gone.name}; not as they were then: abs/{other.name}" in done.stderr
    commit = git(copy, "rev-parse", "HEAD")
    assert f"take them from git: diversion verify 2026-05 --code {commit[:12]}" in done.stderr

    again = command(copy, "verify", NEW, "--code", commit[:12])
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.splitlines()[-1] == IDENTICAL and f"the same, of commit {commit[:12]}" in again.stdout


def test_without_the_report_before_everything_else_is_compared(copy):
    shutil.rmtree(copy / "reports" / OLD)
    done = command(copy, "verify", NEW)
    assert done.returncode == 8, done.stdout + done.stderr
    assert "is not here: what the page says of it is not compared" in done.stdout
    assert "page           it says the same, but for what it says of the report before" in done.stdout


def test_a_record_that_is_not_signed_or_leads_elsewhere_is_refused_before_anything_runs(copy, monkeypatch):
    file = copy / "reports" / NEW / "run.json"
    record = json.loads(file.read_text())
    record["data"][0]["file"] = "../../parameters.yml"
    file.write_text(json.dumps(record))
    done = command(copy, "verify", NEW)
    assert done.returncode == 3 and 'a raw file "../../parameters.yml"' in done.stderr
    monkeypatch.setenv(signing.PUBLIC, "RWQAAQIDBAUGBwOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
    done = command(copy, "verify", NEW)
    assert done.returncode == 3 and "the record is not signed" in done.stderr


def test_a_lock_or_a_commit_that_is_not_there_is_refused(copy):
    assert command(copy, "verify", NEW, "--code", "nowhere").returncode == 2
    assert command(copy, "verify", "2026-03").returncode == 2
    lock = copy / "requirements" / "runner.lock"
    lock.write_text(lock.read_text() + "\n# another\n")
    done = command(copy, "verify", NEW, "--code", "HEAD")
    assert done.returncode == 4 and "has another lock than this environment" in done.stderr


def test_a_run_that_cannot_end_is_told_and_one_that_is_stopped_leaves_nothing(copy):
    change(copy, "import os, pathlib", "1 / 0")
    done = command(copy, "verify", NEW)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr and "cannot be made again" in done.stderr
    change(copy, "import os, pathlib", f"open({str(copy / 'begun')!r}, 'w').close(); import time; time.sleep(120)")
    run = start(copy, "verify", NEW)
    wait_until((copy / "begun").exists)
    run.send_signal(signal.SIGTERM)
    _, error = run.communicate(timeout=30)
    assert run.returncode == 130 and "Traceback" not in error
    wait_until(lambda: processes(copy) == {}, 10)


def found_of(before: Path, after: Path, middle: float) -> str:
    """Return the comparison of two reports in lines, as if this had been made between them."""
    found = comparison.compare(before, after, every=True)
    cell = next(cell for cell in found.cells if cell.column.name == "gap_bn")
    name = (cell.table, as_text(cell.key), "gap_bn")
    split = attribution.Split(("code", "data"), "", {name: middle}, attribution.CODE)
    return comparison_text.as_text(found, split)


def test_a_move_is_split_into_what_the_code_and_what_the_figures_did(copy):
    before = (copy / "reports" / NEW).rename(copy / "before")
    change(copy, "len(rows) / 10", "len(rows) / 5")
    done = command(copy, "report", "--month", NEW)
    assert done.returncode == 0, done.stderr
    found = command(copy, "compare", str(before), NEW, "--attribute", "--json")
    assert found.returncode == 0, found.stderr
    assert "was made: the inputs of 2026-05 (" in found.stderr
    moved = next(row for row in json.loads(found.stdout)["moved"] if row["column"] == "gap_bn")
    files = len(list((copy / "data" / "raw").glob("*/*.csv"))) - 1
    assert (moved["before"], moved["after"]) == (files / 10, (files + 1) / 5)
    assert moved["by"] == pytest.approx({"code": files / 10, "data": 1 / 5})

    told = found_of(before, copy / "reports" / NEW, moved["before"] + moved["by"]["code"])
    head, line = (next(line for line in told.splitlines() if part in line) for part in ("by code", " gap_bn"))
    assert head.split()[-4:] == ["by", "code", "by", "data"]
    assert line.split()[-3:] == [f"+{files / 10 + 0.2:.2f}", f"+{files / 10:.2f}", "+0.20"]

    same = command(copy, "compare", NEW, NEW, "--attribute")
    assert same.returncode == 2 and "nothing differs between the two" in same.stderr
    shutil.copy(copy / "notebooks" / "00_second.ipynb", copy / "notebooks" / "01_first.ipynb")
    (copy / "data" / "raw" / LATER).unlink()
    (copy / "data" / "raw" / f"{LATER}.source.yml").unlink()
    neither = command(copy, "compare", str(before), NEW, "--attribute")
    assert neither.returncode == 4 and '"event"' not in neither.stderr
    assert "its code is not that of this checkout, and no commit holds it" in neither.stderr
    assert f"raw files are missing or changed: {LATER}" in neither.stderr


def test_parts_of_a_move_follow_the_order_in_which_it_was_taken_apart():
    column = Column("gap_bn", "number", "invented")
    cell = Cell("excess", {"window_id": "W1"}, column, "seen anew", "", "", 1.0, 7.0, (None, None))
    name = ("excess", '{"window_id": "W1"}', "gap_bn")

    def parts(first: str, middle: float | None):
        return attribution.Split(("code", "data"), "", {name: middle}, first).parts(cell)

    assert parts(attribution.CODE, 3.0) == (2.0, 4.0)
    assert parts(attribution.INPUTS, 3.0) == (4.0, 2.0)
    assert parts(attribution.CODE, None) == (None, None)


def test_a_raw_file_whose_record_says_something_else_now_is_changed(tmp_path, monkeypatch):
    file = tmp_path / "raw" / "a" / "x.csv"
    file.parent.mkdir(parents=True)
    file.write_text("invented")
    beside = file.with_name("x.csv.source.yml")
    beside.write_text("currency: USD")
    monkeypatch.setattr(paths, "RAW", tmp_path / "raw")
    entry = {"file": "a/x.csv", "sha256": provenance.sha256_of(file), "record": provenance.sha256_of(beside)}

    def taken(place: str, entry: dict) -> tuple:
        found = reexecution.take_figures(reexecution.Bench(tmp_path / place), {"data": [entry]})
        return found.missing, found.changed

    assert taken("one", entry) == ((), ())
    beside.write_text("currency: CNY")
    assert taken("two", entry) == ((), ("a/x.csv",))
    assert taken("three", {name: entry[name] for name in ("file", "sha256")}) == ((), ())  # reports that do not tell


# What was published, held against a copy of it with one thing changed: nothing runs.


@pytest.fixture
def pair(made, tmp_path):
    """Two copies of the published report; the second stands for the one made again."""
    return tuple(shutil.copytree(made / "reports" / NEW, tmp_path / name) for name in ("published", "again"))


def compared(pair):
    return verification.compare(*(published.read(folder) for folder in pair))


def test_times_in_notebooks_and_ids_of_injected_cells_do_not_count(pair):
    file = pair[1] / "steps" / "01_first.ipynb"
    content = json.loads(file.read_text())
    injected = next(c for c in content["cells"] if "injected-parameters" in c["metadata"]["tags"])
    injected["id"] = "another"
    content["metadata"]["papermill"]["duration"] = 99
    file.write_text(json.dumps(content))
    assert compared(pair).notebooks == ()
    injected["source"] = 'month = "1999-01"'
    file.write_text(json.dumps(content))
    assert compared(pair).notebooks == ("01_first.ipynb",)


def test_a_number_changed_on_the_page_alone_is_found(pair):
    page = pair[0] / "index.html"
    text = page.read_text()
    number = re.search(r"Invented: ([\d.]+) sevenths", text)[1]
    changed = pair[1] / "index.html"
    changed.write_text(text.replace(f"Invented: {number} sevenths", f"Invented: {float(number) + 1:.1f} sevenths"))
    found = compared(pair)
    assert (found.same_page, found.differing, found.page) == (False, {}, DIFFERS)
    assert found.first.table == "index.html" and number in found.first.published and number not in found.first.again
    changed.write_text(text.replace("How to check this page", "How to trust this page"))
    found = compared(pair)
    assert found.first is None and found.page == "its numbers are the same, some words are not"


def test_a_number_changed_in_the_other_language_is_found(pair):
    text = (pair[1] / "index.html").read_text()
    found = re.search(r'(?<=id="packed">)[^<]+', text)
    content = unpacked(found.group())
    place = next(n for n, said in enumerate(content["texts"]) if re.search(r"\d", said))
    content["texts"][place] = re.sub(r"\d", lambda digit: str((int(digit.group()) + 1) % 10), content["texts"][place])
    (pair[1] / "index.html").write_text(text.replace(found.group(), packed(content)))
    assert compared(pair).first.table == "index.html"


def test_a_table_that_is_missing_or_damaged_differs(pair):
    file = pair[1] / "data" / "first.csv"
    file.write_text(file.read_text() + "one,two,three\n")
    assert compared(pair).first.table == "first"
    file.unlink()
    assert compared(pair).first.again == "–"


def test_described_tables_are_compared_by_key_and_by_the_digits_of_their_column(tmp_path):
    cells = {"destination_code": "US", "form": "plain", "window_id": "W1"}

    def excess(*gaps: float) -> dict:
        rows = [{**cells, "window_id": f"W{n}", "gap_bn": gap} for n, gap in enumerate(gaps, start=1)]
        return {"excess": reports.frame("excess", *rows)}

    def held(name: str, gaps: list[float]):
        folder = reports.make(tmp_path / name, NEW, excess(*gaps))
        (folder / "index.html").write_text("<p>invented</p>")
        return published.read(folder)

    first = held("first", [-118.21, 5.0])
    equal = verification.compare(first, held("equal", [-118.24, 5.0]))
    assert (equal.printed, equal.differing, equal.first) == (("excess",), {}, None)
    other = verification.compare(first, held("other", [-118.21, 5.06]))
    assert other.differing == {"excess": 1} and other.first.place.startswith("excess, destination_code=US")
    assert "window_id=W2" in other.first.place and other.first.column == "gap_bn"
    assert (other.first.published, other.first.again) == ("+5.0", "+5.1")
    fewer = verification.compare(first, held("fewer", [-118.21]))
    assert (fewer.first.published, fewer.first.again) == ("the row", "–")


def test_the_record_names_page_and_tables_and_stays_true_under_a_notice(pair):
    folder, files = pair[1], json.loads((pair[1] / "run.json").read_text())["files"]
    assert set(files) == {
        "index.html", "data/first.csv", "data/excess.csv", "data/summary_sentences.csv", contents.PACKAGES,
    }  # fmt: skip
    assert contents.altered(folder, files) == []
    page = folder / "index.html"
    entry = corrections.Correction(NEW, "2026-12-03", "withdrawn", "Invented.", "Erfunden.", "0123456789ab")
    page.write_text(marked := notice.with_notice(page.read_text(), notice.words([entry], "", ())))
    assert notice.is_shown(marked) and contents.altered(folder, files) == []
    page.write_text(marked.replace("sevenths", "eighths"))
    (folder / "data" / "more.csv").write_text("a\n1\n")
    (folder / "data" / "first.csv").unlink()
    assert contents.altered(folder, files) == ["data/first.csv", "data/more.csv", "index.html"]


def test_a_report_whose_files_are_not_those_of_its_record_differs_though_it_comes_out_again():
    same = verification.Compared(IDENTICAL, True, 1, (), {}, (), None)
    report = published.Report(Path("invented"), reports.record(NEW))
    verdict = verification.Verdict(report, (), same, ("data/first.csv",))
    assert (verdict.word, verdict.exit_code) == (DIFFERS, 9)
    assert verification.Verdict(report, (), same, ()).exit_code == 0


def test_the_tables_inside_the_page_are_held_against_those_beside_it(pair):
    def carrying(content: bytes) -> str:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("first.csv", content)
        inside = base64.b64encode(buffer.getvalue()).decode()
        return f'<p><a href="data:application/zip;base64,{inside}">Invented</a></p>'

    beside = (pair[1] / "data" / "first.csv").read_bytes()
    (pair[1] / "index.html").write_text(carrying(beside).replace("Invented", "Erfunden"))
    (pair[0] / "index.html").write_text(carrying(beside))
    assert compared(pair).first is None
    (pair[0] / "index.html").write_text(carrying(beside.replace(b"1", b"2")))
    assert compared(pair).first.row == {"inside": "first.csv"}
    (pair[0] / "index.html").write_text(re.sub('.{40}(?=">Invented)', "", carrying(beside)))
    assert compared(pair).first.published == "a broken page (BadZipFile)"
    (pair[0] / "index.html").unlink()
    assert compared(pair).first.published == "–"


@pytest.mark.slow
def test_the_real_report_comes_out_identical(tmp_path):
    page = make_report(tmp_path, "--month", "2025-11")
    places = {"DIVERSION_REPORTS": str(tmp_path / "reports"), "DIVERSION_PROCESSED": str(tmp_path / "processed")}
    done = subprocess.run(
        [sys.executable, "-m", "helpers.cli", "verify", "2025-11"], env={**os.environ, **places}, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == IDENTICAL
    assert len(page_texts.tables_inside(page.read_text())) > 50
