"""Registers as Markdown, each from the one place that knows: tables, parameters, raw files, decisions, modules."""

from __future__ import annotations

import re
from pathlib import Path

from helpers import parameters, provenance
from helpers.documents.house import House, floor_names
from helpers.documents.marks import anchor_of_heading, as_table
from helpers.documents.pages import Page
from helpers.documents.references import Place, References
from helpers.refusals import Refusal
from helpers.table_list import TABLE_LIST

COMPILED = Place("helpers.claims", "read_compiled")  # opens the file that it is given by name
READERS = {
    "customs": Place("helpers.customs", "read_rows"),
    "controls": Place("helpers.controls", "read_controls"),
    "product_groups": Place("helpers.product_groups", "monthly"),
    "quantities": Place("helpers.quantities", "monthly"),
    "tariff_measured": Place("helpers.claims", "measured_duties"),
    **dict.fromkeys(("claims", "facts", "published", "tariff_events"), COMPILED),
}  # the function that opens the files of each schema
WHEN = ("period", "date", "article_date")
_MONTH = re.compile(r"\d{4}(-\d\d(?!\d))?")


def notebook_link(name: str) -> str:
    """Return a link from a page under ``docs/`` to a notebook."""
    return f"[{name}](../notebooks/{name}.ipynb)"


def data_dictionary() -> str:
    """Return ``docs/data_dictionary.md``: every table with what a row is, its key and its columns."""
    parts = [
        "# Data dictionary",
        "This file is generated from `src/helpers/table_list.py`. A report holds every table as `data/<table>.csv`; "
        "the notebooks hand them on as Parquet under `data/processed/`. Empty cells are allowed only where the last "
        "column says so. Which function makes a table of estimates stands in [methods](methods.md).",
        "\n".join(f"- [{table.name}](#{table.name}): {table.row}" for table in TABLE_LIST),
    ]
    for table in TABLE_LIST:
        rows = [
            [f"`{item.name}`", item.kind, item.unit, item.meaning, "yes" if item.optional else ""]
            for item in table.columns
        ]
        parts += [
            f"## {table.name}",
            f"A row is {table.row}. Key: {', '.join(f'`{name}`' for name in table.key)}. "
            f"Written by {notebook_link(table.written_by)}.",
            as_table(["column", "kind", "unit", "meaning", "may be empty"], rows),
        ]
    return "\n\n".join(parts) + "\n"


def parameter_reference(pages: list[Page]) -> str:
    """Return ``docs/parameters.md``: every parameter with its meaning, default, values and readers."""
    rows = []
    for name, field in parameters.Parameters.model_fields.items():
        taken = [notebook_link(page.name) for page in sorted(pages, key=lambda p: p.name) if name in page.parameters]
        by = "every notebook" if len(taken) == len(pages) else ", ".join(taken)
        default = f"`{field.default}`" if field.default != "" else "empty"
        meaning = field.description.replace("<", "&lt;")
        rows.append([f"`{name}`", meaning, default, parameters.allowed(name), by or "the drawing of the page"])
    return "\n\n".join(
        [
            "# Parameters",
            "This file is generated from `src/helpers/parameters.py` and the forms of the notebooks. Precedence: "
            "defaults, then `parameters.yml`, then the command line: `.venv/bin/diversion report -p currency=CNY -p "
            "window=33`, or `make report PARAMS=\"currency=CNY window=33\"`. A wrong name or value stops before "
            "anything runs. A notebook whose form holds a parameter runs again when its value changes; what only the "
            "drawing of the page reads runs nothing again.",
            as_table(["parameter", "meaning", "default", "allowed", "taken by"], rows),
        ]
    ) + "\n"  # fmt: skip


def source_register(records: list[provenance.Record], pages: list[Page], names: References) -> str:
    """Return ``docs/source_register.md``: every raw file's record, and who uses the file."""
    opened = {page.name: names.reached({Place(page.name, "")}) for page in pages}
    texts = {name: names.texts(places) | names.sources[name].whole.texts for name, places in opened.items()}
    parts = [
        "# Source register",
        "This file is generated from the records beside the raw files, the code and the notebooks. What each office "
        "publishes, and when, stands in [sources](sources.md); how rows are added, on the "
        "[ledger's page](../data/raw/README.md). *Read by* names the notebooks whose code leads to the opening of the "
        "file; every other one gets its figures through their [tables](data_dictionary.md). *Stands under* names the "
        "figures and tables of the page whose source line names the file, chapter by chapter.",
        as_table(
            ["file", "producer", "covers", "currency", "read on"],
            [
                [f"[{_name(r)}](#{anchor_of_heading(_name(r))})", r.producer, _covers(r), r.currency, r.date_accessed]
                for r in records
            ],
        ),
    ]
    for record in records:
        readers = [page for page in pages if is_read(record, opened[page.name], texts[page.name])]
        rows = [
            ["what", f"{record.title}. {record.concept}"],
            ["published by", f"{record.producer}: {record.dataset}"],
            ["covers", f"{_covers(record)}, {record.rows} rows. {record.coverage}"],
            ["unit, currency", f"{record.units}; {record.currency}"],
            ["valuation", record.valuation],
            ["seasonal adjustment", record.seasonal_adjustment],
            ["known breaks", record.known_breaks],
            ["published, read on", f"{record.date_published}; {record.date_accessed}"],
            ["read in", _read_in(record)],
            ["licence", f"{record.licence} {record.licence_allows}"],
            ["read by", ", ".join(notebook_link(page.name) for page in readers)],
            ["stands under", _stands_under(record, pages)],
        ]  # fmt: skip
        parts += [f"## {_name(record)}", as_table(["", f"`data/raw/{record.file}`"], rows)]
    return "\n\n".join(parts) + "\n"


def is_read(record: provenance.Record, reached: set[Place], texts: set[str]) -> bool:
    """Say whether code that reaches these places and holds these texts opens a raw file."""
    if record.table_schema not in READERS:
        raise Refusal(
            f'nobody is known to read the schema "{record.table_schema}"', expected=f"one of {', '.join(READERS)}",
            remedy="name its reader in src/helpers/documents/registers.py", exit_code=1, file=record.file,
        )  # fmt: skip
    reader = READERS[record.table_schema]
    stem = Path(record.file).stem
    named = stem in texts or any(text.endswith("_") and stem.startswith(text) for text in texts)
    return reader in reached and (named or reader != COMPILED)


def _stands_under(record: provenance.Record, pages: list[Page]) -> str:
    """Return the figures and tables whose source line names a file, by chapter."""
    told = []
    for page in sorted(pages, key=lambda page: page.chapter):
        named = [f"`{shown}`" for shown, stems in page.sources.items() if _name(record).startswith(tuple(stems))]
        told += [f"{page.chapter}: {', '.join(named)}"] if named else []
    return "; ".join(told) or "nothing by name"


def _read_in(record: provenance.Record) -> str:
    """Return the places where the figures of a file were read, each once, and how official each is."""
    places = (f"{place.read_in} ({place.kind.replace('_', ' ')})" for place in record.sources.values())
    return "; ".join(dict.fromkeys(places)) or record.url


def _name(record: provenance.Record) -> str:
    return Path(record.file).stem


def _covers(record: provenance.Record) -> str:
    """Return the first and the last month that stand in a file."""
    cells = provenance.printed(record)
    months = cells[next(column for column in WHEN if column in cells)]
    held = sorted(found[0] for cell in set(months) if (found := _MONTH.match(cell)))
    return held[0] if held[0] == held[-1] else f"{held[0]} to {held[-1]}"


def decision_index(records: dict[str, str]) -> str:
    """Return ``docs/decisions/README.md``: number, title, status and the first sentence of every decision.

    Parameters
    ----------
    records
        Text of every record by the name of its file.
    """
    rows = []
    by_number = {name[:4]: name for name in records}
    for name, text in sorted(records.items()):
        title = re.match(r"# \d{4} (.+)", text)[1]
        status = re.search(r"^Status: (.+)$", text, flags=re.MULTILINE)[1].rstrip(".")
        status = re.sub(r"\b\d{4}\b", lambda found: _record(found[0], by_number), status)
        decision = " ".join(re.search(r"^## Decision\n\n(.+?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)[1].split())
        rows.append(
            [f"[{name[:4]}]({name})", title, status, re.split(r"(?<=[.:]) (?=[A-Z`])", decision)[0].rstrip(":")]
        )
    return "\n\n".join(
        [
            "# Decisions",
            "This list is generated from the records beside it. A record is never deleted: where a later one replaces "
            "it, whole or in part, its status says so and names the other.",
            as_table(["", "title", "status", "what was decided"], rows),
        ]
    ) + "\n"  # fmt: skip


def _record(number: str, by_number: dict[str, str]) -> str:
    return f"[{number}]({by_number[number]})" if number in by_number else number


def module_map(house: House) -> str:
    """Return the map of modules, floor by floor from the ground up, each with the first sentence of its docstring."""
    lines = []
    for floor, name in floor_names(house.text).items():
        lines += ["", f"**Floor {floor}: {name}**", ""]
        for module in house.modules:
            if module.floor == floor:
                inside = f" ({', '.join(f'`{file}`' for file in module.files)})" if module.files else ""
                lines.append(f"- `{module.shown}`: {module.sentence}{inside}")
    return "\n".join(lines)
