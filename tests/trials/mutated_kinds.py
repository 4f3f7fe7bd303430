"""What can go wrong with a raw ledger, one function a kind: with figures, with the file around them, with its record.

Each function takes a :class:`Spot` and changes the ledger there, by the spot's own chance. A kind that does not suit
the file it was given raises :class:`Unfit`, and another is tried.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from helpers import partners, provenance

RECORD = ".source.yml"
NUMBERS = {
    schema: [name for name, kind, _ in columns if kind == "number"] for schema, columns in provenance.SCHEMAS.items()
}


Kind = Callable[["Spot"], None]


class Unfit(Exception):
    """The kind finds nothing to change in this file."""


class Spot:
    """A place in a ledger where something is about to go wrong.

    Attributes
    ----------
    raw
        Folder of the ledger, a copy.
    file
        The file it is about; the record stands beside it.
    line, column
        Where a single cell or row was changed; 0 and empty otherwise.
    touched
        Names of the raw files that are not as they were, or whose records are not.
    """

    def __init__(self, raw: Path, chance: random.Random) -> None:
        self.raw, self.chance = raw, chance
        self.file = chance.choice(sorted(raw.glob("*/*.csv")))
        self.line, self.column = 0, ""
        self.touched: set[str] = set()
        self.bytes_changed = False
        self._rows: list[list[str]] | None = None

    @property
    def name(self) -> str:
        """The file as the stamp names it."""
        return self.file.relative_to(self.raw).as_posix()

    @property
    def beside(self) -> Path:
        """The record of the file."""
        return self.file.with_name(self.file.name + RECORD)

    @property
    def schema(self) -> str:
        """The schema that the record names."""
        return str(self.fields()["table_schema"])

    @property
    def rows(self) -> list[list[str]]:
        """Header and rows, as text; what is changed in them is written by :meth:`save`."""
        if self._rows is None:
            self._rows = list(csv.reader(io.StringIO(self.file.read_text(encoding="utf-8"))))
        return self._rows

    def at(self, column: str, row: int) -> str:
        """Return a cell."""
        return self.rows[row][self.rows[0].index(column)]

    def pick(self, columns: list[str], suits: Callable[[str], bool] = bool) -> str:
        """Choose a cell of one of these columns, note where it is and return it."""
        found = [name for name in columns if name in self.rows[0]]
        for _ in range(60):
            if not found or len(self.rows) < 3:
                break
            row, column = self.chance.randrange(1, len(self.rows)), self.chance.choice(found)
            if suits(self.at(column, row)):
                self.line, self.column = row + 1, column
                return self.at(column, row)
        raise Unfit

    def number(self, suits: Callable[[str], bool] = bool) -> str:
        """Choose a number."""
        return self.pick(NUMBERS[self.schema], suits)

    def put(self, text: str) -> None:
        """Put a text into the chosen cell, and write the file."""
        self.rows[self.line - 1][self.rows[0].index(self.column)] = text
        self.save()

    def save(self) -> None:
        """Write the rows."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(self.rows)
        self.write(out.getvalue().encode())

    def write(self, content: bytes) -> None:
        """Write the file anew; what is linked to it elsewhere stays as it was."""
        if content == self.file.read_bytes():
            raise Unfit
        self.file.unlink()
        self.file.write_bytes(content)
        self.touched.add(self.name)
        self.bytes_changed = True

    def fields(self) -> dict[str, Any]:
        """Return what the record says."""
        return yaml.load(self.beside.read_text(encoding="utf-8"), Loader=provenance.LOADER)

    def say(self, **changes: Any) -> None:
        """Write the record anew with other fields; one that is None is left out."""
        said = {name: value for name, value in (self.fields() | changes).items() if value is not None}
        if said == self.fields():
            raise Unfit
        self.write_record(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110).encode())

    def write_record(self, content: bytes) -> None:
        """Write the record anew."""
        if content == self.beside.read_bytes():
            raise Unfit
        self.beside.unlink()
        self.beside.write_bytes(content)
        self.touched.add(self.name)

    def renew(self) -> None:
        """Write the fingerprint of a changed file into its record, so that it is not what catches the change."""
        for name in sorted(self.touched):
            file = self.raw / name
            beside = file.with_name(file.name + RECORD)
            if file.is_file() and beside.is_file():
                known = hashlib.sha256(file.read_bytes()).hexdigest()
                text = re.sub(r"(?m)^sha256: .*$", f"sha256: {known}", beside.read_text(encoding="utf-8"))
                beside.unlink()
                beside.write_text(text, encoding="utf-8")


# --- one figure -------------------------------------------------------------------------------------------------------


def _digit(spot: Spot) -> None:
    cell = spot.number(lambda cell: any(letter.isdigit() for letter in cell))
    place = spot.chance.choice([number for number, letter in enumerate(cell) if letter.isdigit()])
    other = spot.chance.choice([digit for digit in "0123456789" if digit != cell[place]])
    spot.put(cell[:place] + other + cell[place + 1 :])


def _point(spot: Spot) -> None:
    cell = spot.number(lambda cell: len(cell.partition(".")[0]) > 1 and "." in cell)
    whole, _, parts = cell.partition(".")
    spot.put(f"{whole[:-1]}.{whole[-1]}{parts}")


def _cell(change: Callable[[str], str]) -> Kind:
    """Return a kind that changes the text of one number."""

    def kind(spot: Spot) -> None:
        spot.put(change(spot.number(lambda cell: change(cell) != cell and bool(cell))))

    return kind


def _grouped(cell: str) -> str:
    whole, point, parts = cell.partition(".")
    return f"{int(whole):,}{point}{parts}" if len(whole) > 3 and whole.isdigit() else cell


FIGURES: dict[str, Kind] = {
    "digit changed": _digit,
    "decimal point moved": _point,
    "sign flipped": _cell(lambda cell: cell.removeprefix("-") if cell.startswith("-") else f"-{cell}"),
    "value emptied": _cell(lambda cell: ""),
    "nan": _cell(lambda cell: "nan"),
    "inf": _cell(lambda cell: "inf"),
    "1e9": _cell(lambda cell: "1e9"),
    "beyond all numbers": _cell(lambda cell: "1e308"),
    "thousands separators": _cell(_grouped),
    "decimal comma": _cell(lambda cell: cell.replace(".", ",")),
    "unit written behind": _cell(lambda cell: f"{cell} bn"),
    "full-width digits": _cell(lambda cell: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in cell)),
    "Arabic digits": _cell(lambda cell: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in cell)),
    "blanks around": _cell(lambda cell: f" {cell}  "),
    "no-break space behind": _cell(lambda cell: f"{cell}\u00a0"),
    "plus sign": _cell(lambda cell: f"+{cell}" if cell[:1].isdigit() else cell),
    "typographic minus": _cell(lambda cell: cell.replace("-", "\u2212")),
    "underscore": _cell(lambda cell: f"{cell[0]}_{cell[1:]}" if len(cell) > 1 else cell),
    "hexadecimal": _cell(lambda cell: "0x10"),
    "times 1000": _cell(lambda cell: f"{float(cell) * 1000:.1f}"),
}


# --- rows and columns -------------------------------------------------------------------------------------------------


def _row(spot: Spot) -> int:
    if len(spot.rows) < 4:
        raise Unfit
    return spot.chance.randrange(1, len(spot.rows) - 1)


def _row_doubled(spot: Spot) -> None:
    row = _row(spot)
    spot.rows.insert(row, list(spot.rows[row]))
    spot.save()


def _row_deleted(spot: Spot) -> None:
    del spot.rows[_row(spot)]
    spot.save()


def _rows_swapped(spot: Spot) -> None:
    row = _row(spot)
    spot.rows[row], spot.rows[row + 1] = spot.rows[row + 1], spot.rows[row]
    spot.save()


def _rows_reversed(spot: Spot) -> None:
    spot.rows[1:] = reversed(spot.rows[1:])
    spot.save()


def _two(spot: Spot) -> tuple[int, int]:
    one, other = spot.chance.sample(range(len(spot.rows[0])), 2)
    return one, other


def _columns_swapped(spot: Spot, *, header: bool) -> None:
    one, other = _two(spot)
    for row in spot.rows[0 if header else 1 :]:
        row[one], row[other] = row[other], row[one]
    spot.save()


def _header_renamed(spot: Spot) -> None:
    spot.rows[0][spot.chance.randrange(len(spot.rows[0]))] = "renamed"
    spot.save()


def _header_in_capitals(spot: Spot) -> None:
    spot.rows[0][:] = [name.upper() for name in spot.rows[0]]
    spot.save()


def _column_removed(spot: Spot) -> None:
    place = spot.chance.randrange(len(spot.rows[0]))
    for row in spot.rows:
        del row[place]
    spot.save()


def _column_added(spot: Spot) -> None:
    for number, row in enumerate(spot.rows):
        row.append("colour" if number == 0 else "red")
    spot.save()


def _column_times_1000(spot: Spot) -> None:
    column = spot.chance.choice(NUMBERS[spot.schema] or ["none"])
    if column not in spot.rows[0]:
        raise Unfit
    place = spot.rows[0].index(column)
    for row in spot.rows[1:]:
        row[place] = f"{float(row[place]) * 1000:.3f}" if re.fullmatch(r"-?[\d.]+", row[place]) else row[place]
    spot.save()


def _month(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}", text))


def _month_shifted(spot: Spot) -> None:
    year, month = map(int, spot.pick(["period"], _month).split("-"))
    number = year * 12 + month - 1 + spot.chance.choice([-1, 1])
    spot.put(f"{number // 12}-{number % 12 + 1:02d}")


def _months_shifted(spot: Spot) -> None:
    if "period" not in spot.rows[0]:
        raise Unfit
    place = spot.rows[0].index("period")
    for row in spot.rows[1:]:
        if _month(row[place]):
            number = int(row[place][:4]) * 12 + int(row[place][5:]) - 2
            row[place] = f"{number // 12}-{number % 12 + 1:02d}"
    spot.save()


def _other(spot: Spot, column: str, cell: str) -> str:
    known = sorted({row[spot.rows[0].index(column)] for row in spot.rows[1:]} - {cell, ""})
    if not known:
        raise Unfit
    return spot.chance.choice(known)


def _swapped_for(column: str) -> Kind:
    """Return a kind that puts another value of the same column into one row."""

    def kind(spot: Spot) -> None:
        spot.put(_other(spot, column, spot.pick([column])))

    return kind


def _put(column: str, text: str) -> Kind:
    """Return a kind that puts a text into one row of a column."""

    def kind(spot: Spot) -> None:
        spot.pick([column])
        spot.put(text)

    return kind


def _partner_known(spot: Spot) -> None:
    cell = spot.pick(["partner"])
    spot.put(spot.chance.choice([label for label in partners.known_labels() if label != cell]))


def _homoglyph(spot: Spot) -> None:
    cell = spot.pick(["partner"], lambda cell: any(letter in "aeo" for letter in cell))
    spot.put(cell.translate(str.maketrans("aeo", "\u0430\u0435\u043e")))


def _leading_zero(spot: Spot) -> None:
    spot.put(spot.pick(["product"], str.isdigit).lstrip("0")[:-1] or "0")


def _blank_line(spot: Spot) -> None:
    lines = spot.file.read_bytes().split(b"\n")
    lines.insert(spot.chance.randrange(1, len(lines) - 1), b"")
    spot.write(b"\n".join(lines))


def _too_many_cells(spot: Spot) -> None:
    spot.rows[_row(spot)].append("more")
    spot.save()


ROWS: dict[str, Kind] = {
    "row doubled": _row_doubled,
    "row deleted": _row_deleted,
    "rows swapped": _rows_swapped,
    "rows in reverse": _rows_reversed,
    "columns swapped under their heads": lambda spot: _columns_swapped(spot, header=False),
    "columns swapped with their heads": lambda spot: _columns_swapped(spot, header=True),
    "head renamed": _header_renamed,
    "heads in capitals": _header_in_capitals,
    "column removed": _column_removed,
    "column added": _column_added,
    "column times 1000": _column_times_1000,
    "month shifted": _month_shifted,
    "all months shifted": _months_shifted,
    "month duplicated": _swapped_for("period"),
    "month in the future": _put("period", "2031-05"),
    "month that is none": _put("period", "2025-13"),
    "partner changed": _partner_known,
    "partner of another row": _swapped_for("partner"),
    "partner nobody knows": _put("partner", "Atlantis"),
    "partner in look-alike letters": _homoglyph,
    "flow changed": _swapped_for("flow"),
    "kind of period changed": _put("period_kind", "quarter"),
    "concept nobody knows": _put("concept", "exports_dream"),
    "source of another row": _swapped_for("source"),
    "source nobody knows": _put("source", "rumour"),
    "product code cut": _leading_zero,
    "series of another row": _swapped_for("series"),
    "series nobody knows": _put("series", "usd_moon"),
    "unit of another row": _put("unit", "furlong"),
    "blank line": _blank_line,
    "a cell too many": _too_many_cells,
}


# --- the bytes of a file ----------------------------------------------------------------------------------------------


def _bytes(change: Callable[[bytes, random.Random], bytes]) -> Kind:
    """Return a kind that changes the bytes of a file."""

    def kind(spot: Spot) -> None:
        spot.write(change(spot.file.read_bytes(), spot.chance))

    return kind


def _latin(spot: Spot) -> None:
    spot.pick(["note", "partner", "event", "claim", "study", "subject", "series"])
    spot.rows[spot.line - 1][spot.rows[0].index(spot.column)] += "\u00e4"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(spot.rows)
    spot.write(out.getvalue().encode("latin-1", "replace"))


BYTES: dict[str, Kind] = {
    "byte order mark": _bytes(lambda raw, chance: b"\xef\xbb\xbf" + raw),
    "CRLF": _bytes(lambda raw, chance: raw.replace(b"\n", b"\r\n")),
    "CR": _bytes(lambda raw, chance: raw.replace(b"\n", b"\r")),
    "Latin-1": _latin,
    "UTF-16": _bytes(lambda raw, chance: raw.decode().encode("utf-16")),
    "cut in the middle of a row": _bytes(
        lambda raw, chance: raw[: raw.index(b",", chance.randrange(len(raw) // 2, len(raw) - 90)) + 1]
    ),
    "cut at the end of a row": _bytes(
        lambda raw, chance: (
            raw[: raw.index(b"\n", chance.randrange(len(raw) // 2, len(raw) - 1)) + 1]
            if raw.index(b"\n", len(raw) // 2) < len(raw) - 1
            else raw
        )
    ),
    "last end of line missing": _bytes(lambda raw, chance: raw.removesuffix(b"\n")),
    "NUL byte": _bytes(
        lambda raw, chance: raw[: (place := chance.randrange(len(raw) // 3, len(raw)))] + b"\0" + raw[place:]
    ),
    "a bit tipped": _bytes(
        lambda raw, chance: (
            raw[: (place := chance.randrange(len(raw)))]
            + bytes([raw[place] ^ (1 << chance.randrange(8))])
            + raw[place + 1 :]
        )
    ),
    "zeros in place of a block": _bytes(
        lambda raw, chance: raw[: (place := len(raw) // 2)] + bytes(512) + raw[place + 512 :]
    ),
    "empty": _bytes(lambda raw, chance: b""),
    "header and no rows": _bytes(lambda raw, chance: raw[: raw.index(b"\n") + 1]),
    "an open quotation mark": _bytes(
        lambda raw, chance: raw[: (place := raw.index(b"\n", len(raw) // 2) + 1)] + b'"' + raw[place:]
    ),
    "a cell of a million letters": _bytes(lambda raw, chance: raw.removesuffix(b"\n") + b"x" * 1_000_000 + b"\n"),
    "an error page in its place": _bytes(lambda raw, chance: b"<!DOCTYPE html><html><body>503</body></html>\n"),
    "twice over": _bytes(lambda raw, chance: raw + raw[raw.index(b"\n") + 1 :]),
}


# --- records ----------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def _says(**changes: Any) -> Kind:
    """Return a kind that writes other fields into a record; None leaves a field out."""
    return lambda spot: spot.say(**changes)


def _record(change: Callable[[str], str | bytes]) -> Kind:
    """Return a kind that changes the text of a record."""

    def kind(spot: Spot) -> None:
        text = change(spot.beside.read_text(encoding="utf-8"))
        spot.write_record(text if isinstance(text, bytes) else text.encode())

    return kind


def _of_sources(name: str, values: tuple[str, ...]) -> Kind:
    """Return a kind that says something else of one place where figures were read."""

    def kind(spot: Spot) -> None:
        sources = spot.fields()["sources"]
        key = spot.chance.choice(sorted(sources))
        others = [value for value in values if value != sources[key].get(name, "revised")]
        spot.say(sources=sources | {key: sources[key] | {name: spot.chance.choice(others)}})

    return kind


def _of_file(change: Callable[[dict[str, Any], random.Random], dict[str, Any]], *schemas: str) -> Kind:
    """Return a kind that changes fields by what they are, in files of some schemas."""

    def kind(spot: Spot) -> None:
        if schemas and spot.schema not in schemas:
            raise Unfit
        spot.say(**change(spot.fields(), spot.chance))

    return kind


def _source_removed(spot: Spot) -> None:
    sources = spot.fields()["sources"]
    spot.say(sources={key: value for key, value in sources.items() if key != min(sources)})


def _of_another(spot: Spot) -> None:
    others = [file for file in sorted(spot.raw.glob(f"*/*{RECORD}")) if file != spot.beside]
    spot.write_record(spot.chance.choice(others).read_bytes())


RECORDS: dict[str, Kind] = {
    "record: address left out": _says(url=None),
    "record: licence left out": _says(licence=None),
    "record: sources left out": _says(sources=None),
    "record: fingerprint left out": _says(sha256=None),
    "record: fingerprint cut": _of_file(lambda fields, chance: {"sha256": fields["sha256"][:63]}),
    "record: fingerprint in capitals": _of_file(lambda fields, chance: {"sha256": fields["sha256"].upper()}),
    "record: read in the future": _says(date_accessed="2099-01-01"),
    "record: read on no day": _says(date_accessed="yesterday"),
    "record: read long ago": _says(date_accessed="2011-01-01"),
    "record: read a month earlier": _of_file(
        lambda fields, chance: {"date_accessed": f"{int(fields['date_accessed'][:4]) - 1}{fields['date_accessed'][4:]}"}
    ),
    "record: unknown key": _says(colour="red"),
    "record: another schema": _of_file(
        lambda fields, chance: {
            "table_schema": chance.choice([name for name in provenance.SCHEMAS if name != fields["table_schema"]])
        }
    ),
    "record: unknown schema": _says(table_schema="weather"),
    "record: another file": _says(file="abs/other.csv"),
    "record: a file outside": _says(file="../../../etc/passwd"),
    "record: aliases upon aliases": _record(lambda text: text + BOMB),
    "record: nested deeply": _record(lambda text: text + "deep: " + "[" * 100_000),
    "record: an alias of itself": _record(lambda text: re.sub(r"(?m)^title: .*$", "title: &t [*t]", text)),
    "record: a tag for Python": _record(
        lambda text: re.sub(r"(?m)^title: .*$", "title: !!python/object/apply:os.getcwd []", text)
    ),
    "record: a key twice": _record(lambda text: text + "currency: EUR\n"),
    "record: no YAML": _record(lambda text: text + "\t: [\n"),
    "record: two documents": _record(lambda text: text + "---\n" + text),
    "record: empty": _record(lambda text: ""),
    "record: a list": _record(lambda text: "- one\n- two\n"),
    "record: NUL": _record(lambda text: text.replace("title: ", "title: \0", 1)),
    "record: Latin-1": _record(lambda text: text.replace("title: ", "title: \u00e4", 1).encode("latin-1", "replace")),
    "record: cut": _record(lambda text: text[: len(text) // 2]),
    "record: another currency": _of_file(
        lambda fields, chance: {"currency": chance.choice(sorted({"USD", "CNY", "EUR"} - {fields["currency"]}))},
        "customs",
    ),
    "record: another unit": _of_file(lambda fields, chance: {"units": "thousand"}, "customs"),
    "record: another reporter": _of_file(
        lambda fields, chance: {"reporter": chance.choice(sorted({"CN", "US", "AU"} - {fields["reporter"]}))},
        "customs",
    ),
    "record: another valuation": _says(valuation="CIF, invented"),
    "record: another producer": _says(producer="Invented Office"),
    "record: another title": _says(title="An invented title"),
    "record: another count of rows": _of_file(lambda fields, chance: {"rows": fields["rows"] + 1}),
    "record: rows in words": _says(rows="many"),
    "record: a source left out": _source_removed,
    "record: another kind of source": _of_sources("kind", ("official", "official_copy", "press", "unidentified")),
    "record: no kind of source": _of_sources("kind", ("gossip",)),
    "record: another vintage": _of_sources("vintage", provenance.Source.model_fields["vintage"].annotation.__args__),
    "record: no vintage": _of_sources("vintage", ("next_year",)),
    "record: that of another file": _of_another,
}


# --- files ------------------------------------------------------------------------------------------------------------


def _gone(spot: Spot, *, file: bool, record: bool) -> None:
    spot.touched.add(spot.name)
    spot.bytes_changed = spot.bytes_changed or (file and not record)
    for path, goes in ((spot.file, file), (spot.beside, record)):
        if goes:
            path.unlink()


def _added(spot: Spot, *, file: bool, record: bool) -> None:
    new = spot.file.with_name("added_" + spot.file.name)
    fields = spot.fields() | {"file": new.relative_to(spot.raw).as_posix()}
    if file:
        shutil.copyfile(spot.file, new)
    if record:
        new.with_name(new.name + RECORD).write_text(yaml.safe_dump(fields, sort_keys=False), encoding="utf-8")
    spot.file = new
    spot.touched.add(spot.name)


def _renamed(spot: Spot) -> None:
    _added(spot, file=True, record=True)
    new, spot.file = spot.file, spot.file.with_name(spot.file.name.removeprefix("added_"))
    _gone(spot, file=True, record=True)
    spot.file = new


def _exchanged(spot: Spot) -> None:
    one, mine = spot.file, spot.file.read_bytes()
    others = []
    for file in sorted(spot.raw.glob("*/*.csv")):
        spot.file = file
        if file != one and spot.schema == yaml.safe_load(one.with_name(one.name + RECORD).read_text())["table_schema"]:
            others.append(file)
    spot.file = one
    if not others:
        raise Unfit
    other = spot.chance.choice(others)
    theirs = other.read_bytes()
    spot.write(theirs)
    spot.file = other
    spot.write(mine)
    spot.file = one


def _folder(spot: Spot) -> None:
    spot.file.unlink()
    spot.file.mkdir()
    spot.touched.add(spot.name)


def _link(spot: Spot, *, to: str) -> None:
    kept = spot.raw.parent / to
    if to == "kept":
        shutil.copyfile(spot.file, kept)
    else:
        spot.touched.add(spot.name)
    spot.file.unlink()
    spot.file.symlink_to(kept)


def _capitals(spot: Spot) -> None:
    spot.file.rename(spot.file.with_suffix(".CSV"))
    spot.touched.add(spot.name)


def _stray(spot: Spot) -> None:
    (spot.raw / "stray.csv").write_text("a,b\n1,2\n")


FILES: dict[str, Kind] = {
    "file removed": lambda spot: _gone(spot, file=True, record=False),
    "record removed": lambda spot: _gone(spot, file=False, record=True),
    "file and record removed": lambda spot: _gone(spot, file=True, record=True),
    "file added without record": lambda spot: _added(spot, file=True, record=False),
    "record added without file": lambda spot: _added(spot, file=False, record=True),
    "file added twice with its record": lambda spot: _added(spot, file=True, record=True),
    "file and record renamed": _renamed,
    "two files exchanged": _exchanged,
    "a folder in its place": _folder,
    "a link to a copy elsewhere": lambda spot: _link(spot, to="kept"),
    "a link to nothing": lambda spot: _link(spot, to="nothing"),
    "name in capitals": _capitals,
    "stray file outside the folders": _stray,
}

OF_CSV = FIGURES | ROWS | BYTES  # what a fingerprint catches unless it is renewed
OF_LEDGER = RECORDS | FILES  # what no fingerprint covers
KINDS = OF_CSV | OF_LEDGER


def mutate(kind: str, raw: Path, seed: str, *, renewed: bool) -> Spot:
    """Let something of a kind happen to a ledger; which file, row and figure the seed says."""
    chance = random.Random(seed)
    for _ in range(300):
        spot = Spot(raw, chance)
        try:
            KINDS[kind](spot)
        except (Unfit, ValueError):
            continue
        if renewed and kind not in RECORDS:
            spot.renew()
        return spot
    raise LookupError(f"no file suits {kind}")
