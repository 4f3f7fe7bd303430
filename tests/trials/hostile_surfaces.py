"""Where a hostile text can come in or go out, one function each; what it must not become is checked by counting.

Each function takes the texts, an empty folder and a :class:`Tally`. A text that is refused with one message counts as
held; an error of another kind does not.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import json
import os
import re
import sys
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import invented_reports
import nbformat
import pandas as pd
import shapes
import yaml
from lxml import etree

from helpers import (
    chapters,
    customs,
    export,
    export_workbook,
    feed,
    figures,
    hook,
    parameters,
    partners,
    paths,
    provenance,
    published,
    runner,
    shelf,
)
from helpers.bilingual import Bilingual
from helpers.csv_text import OBEYED, to_csv
from helpers.export_about import About
from helpers.fetch import saved
from helpers.progress import Progress
from helpers.refusals import Refusal, visible
from helpers.svg import svg_of
from helpers.xml_text import for_xml

HARMLESS = re.compile(r"[A-Za-z0-9:/._~-]*")  # what a parameter that is a name, a day or an address may be
HEADER = ",".join(column for column, _, _ in provenance.SCHEMAS["customs"])
SHEET = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"  # leads out of a sheet
MONTHS = [f"{year}-{month:02d}" for year in range(1990, 2090) for month in range(1, 13)]


@dataclass
class Tally:
    """How many things were checked, and what did not hold."""

    checked: int = 0
    failures: list[str] = field(default_factory=list)

    def hold(self, is_so: bool, what: object) -> None:
        """Note one thing that should be so."""
        self.checked += 1
        if not is_so:
            self.failures.append(repr(what)[:300])

    @contextlib.contextmanager
    def refusal(self, what: object) -> Iterator[None]:
        """Note that something ends well or with a refusal, and with nothing else."""
        try:
            yield
        except Refusal as refusal:
            self.hold(not re.search(r"[\0-\x08\x0b-\x1f\x7f-\x9f]", visible(str(refusal))), what)
        except Exception as error:
            self.hold(False, (type(error).__name__, str(error)[:80], what))
        else:
            self.hold(True, what)


@contextlib.contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """Let the project read and write in a folder of its own meanwhile."""
    places = {"RAW": "raw", "REPORTS": "reports", "CORRECTIONS_FILE": "corrections.yml", "ANSWERS": "answers",
              "PARAMETERS_FILE": "parameters.yml"}  # fmt: skip
    before = {name: getattr(paths, name) for name in places}
    for name, place in places.items():
        setattr(paths, name, folder / place)
    try:
        yield
    finally:
        for name, place in before.items():
            setattr(paths, name, place)


def is_name_of_file(text: str) -> bool:
    """Tell whether a disk takes a text for the name of a file."""
    return "/" not in text and "\0" not in text and text not in ("", ".", "..") and len(os.fsencode(text)) < 200


def as_lines(text: str) -> str:
    """Return a text with its ends of line as a reader of text files gives them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# In: parameters, the ledger, names


def parameter(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as every parameter, from the command line and from the file: refused, or a harmless word."""
    for text in texts:
        for name in parameters.names():
            for given in ({name: text}, None):
                with tally.refusal((name, text)):
                    taken = parameters.check(**(given or parameters.from_text([f"{name}={text}"])))
                    value = str(getattr(taken, name))
                    printable = name == "accepted" and value.isprintable() and len(value) <= 500
                    tally.hold(bool(printable or HARMLESS.fullmatch(value)), (name, text))
        with tally.refusal(text):
            paths.PARAMETERS_FILE.write_text(yaml.safe_dump({text: text}), encoding="utf-8")
            parameters.merged({})
        with tally.refusal(text):
            parameters.from_text([text])


def notebook_source(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as the value of every parameter in the cell that papermill puts in: a literal of the same value."""
    from papermill.parameterize import parameterize_notebook

    form = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]})
    for text in texts:
        job = runner.Job("01", "01.ipynb", "folder", dict.fromkeys(parameters.names(), text), [], {})
        values = runner.Job(**json.loads(job.as_text())).parameters
        empty = nbformat.v4.new_notebook(cells=[form], metadata={"papermill": {}})
        made = parameterize_notebook(empty, values, kernel_name="python3", language="python")
        written = nbformat.reads(nbformat.writes(made), as_version=4)
        for line in ast.parse(written.cells[1].source).body:
            is_literal = isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
            tally.hold(is_literal and line.value.value == text, text)


def partner_name(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as the name of a partner: known, or refused with its name and nothing that a terminal obeys."""
    for text in texts:
        with tally.refusal(text):
            tally.hold(partners.code_of(text, "2025-11", file="a.csv", row=2) in partners.PARTNERS, text)


def note_and_source(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as a note in a raw file and as a field of its record: read back as it was written."""
    whole = io.StringIO()
    rows = csv.writer(whole, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerow(HEADER.split(","))
    for month, text in zip(MONTHS, texts, strict=False):
        rows.writerow([month, "month", "exports", "World", "total", "TOTAL", "exports_fob", "1", "0.5", "", "", "",
                       "invented", text])  # fmt: skip
    file = _raw(paths.RAW / "invented" / "invented.csv", whole.getvalue())
    read = customs.read_rows()["note"].tolist()
    for text, note in zip(texts, read, strict=True):
        tally.hold(as_lines(text) == as_lines(note), text)
    record = provenance.record_of(file)
    beside = file.with_name(f"{file.name}.source.yml")
    fields = ("title", "producer", "dataset", "url", "licence", "concept", "coverage", "known_breaks")
    for text in texts:
        if re.search("[\ufffe\uffff]", text):
            continue  # YAML has no place for them, and refuses the file
        beside.write_text(provenance.as_yaml(record.model_copy(update=dict.fromkeys(fields, text))), encoding="utf-8")
        with tally.refusal(text):
            again = provenance.record_of(file)
            tally.hold(all(getattr(again, name) == text for name in fields), text)
        beside.write_text(provenance.as_yaml(record.model_copy(update={"file": text})), encoding="utf-8")
        try:
            tally.hold(provenance.record_of(file).path.resolve() == file.resolve(), text)
        except Refusal:
            tally.hold(True, text)


def _raw(file: Path, text: str, **changes: Any) -> Path:
    """Write an invented raw file with its record."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")
    fields = {
        "file": file.relative_to(paths.RAW).as_posix(), "table_schema": "customs", "title": "Invented",
        "producer": "Nobody", "dataset": "Invented", "url": "none", "date_published": "2026-01-01",
        "date_accessed": "2099-12-31", "licence": "none", "licence_allows": "tests", "units": "million",
        "currency": "USD", "valuation": "FOB", "seasonal_adjustment": "none", "concept": "invented",
        "coverage": "invented", "known_breaks": "none", "reporter": "CN", "rows": 1,
        "sha256": provenance.sha256_of(file),
        "sources": {"invented": {"read_in": "nowhere", "kind": "press", "publisher": "nobody"}},
    } | changes  # fmt: skip
    record = provenance.Record(**fields)
    file.with_name(f"{file.name}.source.yml").write_text(provenance.as_yaml(record), encoding="utf-8")
    return file


def name_of_raw_file(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as the name of a raw file: found with its record, and described without harm."""
    good = f"{HEADER}\n2025-11,month,exports,World,total,TOTAL,exports_fob,1,0.5,,,,invented,\n"
    for text in filter(is_name_of_file, texts):
        with tally.refusal(text), contextlib.suppress(UnicodeEncodeError):
            _raw(paths.RAW / "invented" / f"{text}.csv", good)
    there = {record.file for record in provenance.check_all()}
    for text in filter(is_name_of_file, texts):
        tally.hold(f"invented/{text}.csv" in there or text.startswith("."), text)
    described = json.loads(provenance.datapackage(provenance.all_records()))
    tally.hold({entry["path"] for entry in described["resources"]} == there, "datapackage")


def name_of_saved_page(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as the name of a page saved by hand: what is kept of it has a name of our own."""
    row = ("Total", ["3.0", "30.0", "2.0", "20.0", "1.0", "10.0", "1.5", "2.5", "-3.5"])
    body = shapes.gacc_page("preliminary", "2026-03", "CNY", [row])
    for text in filter(is_name_of_file, texts):
        with tally.refusal(text):
            (folder / f"{text}.html").write_bytes(body)
            ask, _, _ = saved.read(folder / f"{text}.html")
            tally.hold(bool(re.fullmatch("[a-z0-9-]+", ask.name)), text)


def name_of_report_or_figure(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as the month or the folder of a report, as the name of a figure: refused, or harmless."""
    invented_reports.make(paths.REPORTS / "2026-01", "2026-01", {"sizes": invented_reports.frame("sizes", {})})
    before = sorted(file for file in folder.rglob("*"))
    for text in texts:
        with tally.refusal(text):
            published.find(text)
            tally.hold(False, f"a report was found for {text!r}")
        chapter = chapters.Chapter("a", 1, "A", [chapters.Block("table", {"name": text})])
        with tally.refusal(text):
            chapters.check_names([chapter])
            tally.hold(bool(re.fullmatch("[A-Za-z0-9_-]+", text)), text)
    tally.hold(sorted(file for file in folder.rglob("*")) == before, "something was written")


# Out: tables, drawings, logs


def table_as_csv(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as a cell: one cell, never a formula, and itself again when it is read."""
    frame = pd.DataFrame({"text": texts, "number": range(len(texts)), "more": texts})
    written = to_csv(frame)
    back = [row for row in csv.reader(io.StringIO(written, newline=""), strict=True)]
    tally.hold(len(back) == len(texts) + 1, "rows")
    for text, row in zip(texts, back[1:], strict=True):
        tally.hold(len(row) == 3 and row[0] == row[2], text)
        tally.hold(not row[0].startswith(OBEYED) or _is_number(row[0]), text)
    for line in re.split(r"[\r\n]", _outside_quotes(written)):  # what a reader takes for a line that takes no quotes
        for cell in line.split(","):
            tally.hold(not cell.startswith(OBEYED) or _is_number(cell), cell)
    file = folder / "frame.csv"
    file.write_text(written, encoding="utf-8", newline="")
    for text, cell in zip(texts, published.as_text(file)["text"], strict=True):
        tally.hold(cell == text.replace("\ue00d", "\r"), text)


def _outside_quotes(written: str) -> str:
    return re.sub(r'"(?:[^"]|"")*"', "", written)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reports(texts: Sequence[str]) -> About:
    """Write an invented report whose cells and whose record are these texts, and read it."""
    claims = [{"claim_id": f"c{number}", "claim": text} for number, text in enumerate(texts)]
    short = [text for text in texts if len(text) < 500]
    data = [invented_reports.FILES[0] | {"title": text, "producer": text} for text in short]
    held = {"claims_checked": invented_reports.frame("claims_checked", *claims)}
    held["ledger_files"] = invented_reports.LICENCES
    settings = {"month": "2026-01", **{f"p{number}": text for number, text in enumerate(short)}}
    told = {"title": " ".join(short), "finding": " ".join(short), "data": data, "parameters": settings}
    folder = invented_reports.make(paths.REPORTS / "2026-01", "2026-01", held, **told)
    report = published.find("2026-01")
    assert report.folder == folder
    return About(report, [report.table(name) for name in report.names])


def workbook(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as a cell of a workbook and in what it says of itself: text, no formula, no link, well-formed."""
    book = zipfile.ZipFile(io.BytesIO(export_workbook.workbook(_reports(texts))))
    strict = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    trees = {}
    for name in book.namelist():
        with tally.refusal(name):
            trees[name] = etree.fromstring(book.read(name), strict)
        tally.hold(not name.startswith(("xl/externalLinks", "xl/macro", "xl/embeddings", "xl/activeX")), name)
    for name, tree in trees.items():
        if name.startswith("xl/worksheets/"):
            links = [link.get(f"{{{RELATION}}}id") for link in tree.iterfind(".//s:hyperlink", SHEET)]
            tally.hold(not tree.findall(".//s:f", SHEET) and not any(links), name)
    strings = ["".join(item.itertext()) for item in trees["xl/sharedStrings.xml"].iterfind("s:si", SHEET)]
    shown = {_spelled_out(text) for text in strings}
    for text in texts:
        whole = re.sub("[\ufffe\uffff]", "\ufffd", text).replace("\ue00d", "\r")
        tally.hold(whole in shown or not text, text)
    styles = trees["xl/styles.xml"].findall("s:cellXfs/s:xf", SHEET)
    for name, tree in trees.items():
        for cell in tree.iterfind(".//s:c[@t='s']", SHEET) if name.startswith("xl/worksheets/") else ():
            text = _spelled_out(strings[int(cell.findtext("s:v", namespaces=SHEET))])
            kept = styles[int(cell.get("s", 0))].get("quotePrefix") == "1"
            tally.hold(kept == text.startswith(OBEYED), text)


def _spelled_out(text: str) -> str:
    """Return a text of a workbook as a spreadsheet shows it; the reading of XML has made its returns to new lines."""
    return re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def parquet(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as a cell of the other exports: the same text again; what goes beside them is one line a thing."""
    about = _reports(texts)
    for form, ending, read in (("parquet", "parquet", pd.read_parquet), ("stata", "dta", pd.read_stata)):
        with tally.refusal(form):
            place = export.FORMS[form](about, folder / "out")
            back = read(place / f"claims_checked.{ending}").set_index("claim_id")["claim"]
            for number, text in enumerate(texts):
                wanted = text.replace("\ue00d", "\r")
                tally.hold(
                    back[f"c{number}"] == (wanted if form == "parquet" else wanted.rstrip("\0")) or "\0" in text, text
                )
    tally.hold(sorted(path.name for path in folder.iterdir()) == ["out", "reports"], "something else was written")


def drawing(texts: Sequence[str], folder: Path, tally: Tally) -> list[str]:
    """Every text as a label in a drawing: text, in an SVG that holds nothing active."""
    import matplotlib.pyplot as plt

    figures.use_house_style()
    drawn, short = [], [text for text in texts if len(text) < 500]
    for start in range(0, len(short), 40):
        part = short[start : start + 40]
        figure, axes = figures.new_figure(height=12)
        axes.set_axis_off()
        for place, text in enumerate(part):
            axes.text(0, place / 40, text)
        with warnings.catch_warnings():  # of letters that the typeface lacks
            warnings.simplefilter("ignore")
            drawn.append(svg_of(figure, f"hostile-{start}"))
        plt.close(figure)
        tree = etree.fromstring(drawn[-1].encode())
        tally.hold(_is_inert(tree), start)
        shown = " ".join("".join(tree.itertext()).split())
        for text in part:
            for line in as_lines(for_xml(text)).split("\n"):
                tally.hold(" ".join(line.split()) in shown, text)
    return drawn


def _is_inert(tree: etree._Element) -> bool:
    allowed = {"svg", "g", "path", "text", "tspan", "defs", "clipPath", "rect", "use", "circle", "line"}
    for element in tree.iter():
        if etree.QName(element).localname not in allowed:
            return False
        for name, value in element.attrib.items():
            name = etree.QName(name).localname
            if name.startswith("on") or (name == "href" and not value.startswith("#")) or "url(http" in value:
                return False
    return True


def log_line(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as a fact in the log: one line of JSON for every reader; on a terminal nothing that it obeys."""
    for text in texts:
        stream = io.StringIO()
        log = Progress(stream)
        log.tell("event", text, what=text, told=[text], held={text: text})
        log.start(text, None, text)
        log.end(text, text, 1.0)
        lines = stream.getvalue().splitlines()
        tally.hold(len(lines) == 3 and stream.getvalue().count("\n") == 3, text)
        with contextlib.suppress(ValueError):
            told = [json.loads(line) for line in lines]
            tally.hold(told[0] == {"event": "event", "what": text, "told": [text], "held": {text: text}}, text)
            tally.hold((told[1]["why"], told[2]["what"], told[2]["event"]) == (text, text, text), text)
        terminal = io.StringIO()
        terminal.isatty = lambda: True
        Progress(terminal).tell("event", text)
        tally.hold(not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", terminal.getvalue()), text)


def surroundings_of_hook(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as something told to the hook, which hands it to a shell: data there and nowhere a command."""
    script = folder / "hook.sh"
    script.write_text(
        '#!/bin/sh\ncd "$(dirname "$0")"\ncat > in.json\nprintf "%s" "$DIVERSION_T1" > one\n'
        f'"{sys.executable}" -c \'import json, os; json.dump(dict(os.environ), open("out.json", "w"))\'\n'
    )
    script.chmod(0o755)
    told = {f"t{number}": text for number, text in enumerate(texts)}
    tally.hold(hook.run([str(script)], told) == "done", "the hook")
    tally.hold(json.loads((folder / "in.json").read_text(encoding="utf-8")) == told, "what came in")
    environment = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    for number, text in enumerate(texts):
        tally.hold(environment[f"DIVERSION_T{number}"] == text.replace("\0", "")[: hook.LONGEST], text)
    for text in texts:
        with tally.refusal(text):
            tally.hold(isinstance(hook.words(text), list), text)
    tally.hold(sorted(file.name for file in folder.iterdir()) == ["hook.sh", "in.json", "one", "out.json"], "pwned")


# Out: months


def months_with(texts: Sequence[str], folder: Path) -> None:
    """Write a report a text, whose record is made of it, and the correction that says so of it."""
    entries = []
    for month, text in zip(MONTHS, texts, strict=False):
        invented_reports.make(
            paths.REPORTS / month, month, {}, title=text, finding=f"{text}. {text}", site="", platform=text,
            parameters={"month": month, "currency": text, "article": text, "language": "en"},
        )  # fmt: skip
        what = re.sub("[\ufffe\uffff]", "", text).strip() or "Invented."
        entries.append({"month": month, "day": "2090-01-01", "kind": "corrected", "what": what, "what_de": f"D {what}",
                        "stamp": invented_reports.STAMP})  # fmt: skip
    paths.CORRECTIONS_FILE.write_text(yaml.safe_dump(entries), encoding="utf-8")


def feed_of_months(texts: Sequence[str], folder: Path, tally: Tally) -> None:
    """Every text as a finding and as a correction in the feed: XML that is well-formed and says the text."""
    months_with(texts, folder)
    reports = shelf.reports()
    content = feed.feed(reports)
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    atom = {"a": feed.ATOM}
    entries = {entry.find("a:link", atom).get("href")[:7]: entry for entry in tree.findall("a:entry", atom)}
    names = {"feed", "entry", "id", "title", "updated", "link", "author", "name", "category", "summary"}
    tally.hold({etree.QName(element).localname for element in tree.iter()} <= names, "elements")
    for report in reports:
        told = feed.summary(report, Bilingual(report.language))
        tally.hold(entries[report.month].findtext("a:summary", namespaces=atom) == as_lines(for_xml(told, "")), told)
    for month, text in zip(MONTHS, texts, strict=False):
        letters, said = re.sub(r"\W", "", text), entries[month].findtext("a:summary", namespaces=atom)
        tally.hold(letters in re.sub(r"\W", "", said), text)
