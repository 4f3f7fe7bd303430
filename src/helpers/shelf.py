"""The published reports as the archive tells them, the newest first: finding, day of reading, key numbers, corrections.

Everything is read from what a report left behind (``run.json`` and ``data``). What a report does not hold is not told;
a report whose record cannot be read is listed as such, because readers may still open its page.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers import corrections, paths, published
from helpers.corrections import Correction
from helpers.months import check_month
from helpers.parameters import OF_THE_PAGE, Parameters
from helpers.refusals import Refusal

WINDOW = "W1"
DESTINATIONS = ("US", "AU")  # those with an interval
NAN = float("nan")


@dataclass(frozen=True)
class Gap:
    """An estimate as one report held it: the gap of a destination in W1, its 95 % interval, in billions."""

    code: str
    gap: float
    low: float
    high: float
    currency: str


@dataclass(frozen=True)
class Shelved:
    """A published report; without a record only its month is known."""

    month: str
    record: dict[str, Any] = field(default_factory=dict)
    span: tuple[str, str] | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def is_withdrawn(self) -> bool:
        """Whether nobody should use it."""
        return bool(self.corrections) and self.corrections[-1].kind == "withdrawn"

    @property
    def stamp(self) -> str:
        """Its stamp."""
        return self.record.get("stamp", "")

    @property
    def finding(self) -> str:
        """Its finding."""
        return str(self.record.get("finding", ""))

    @property
    def language(self) -> str:
        """The language its page opens in."""
        return self.setting("language") or "en"

    @property
    def site(self) -> str:
        """The address under which it is published; empty if it has none."""
        return self.setting("site")

    @property
    def read(self) -> str:
        """The last day on which one of its figures was read; empty if it has none."""
        return max((file.get("date_accessed", "") for file in self.record.get("data", ())), default="")

    @property
    def changed(self) -> dict[str, Any]:
        """The parameters it was made with that are not the default."""
        usual = {name: known.default for name, known in Parameters.model_fields.items()}
        used = self.record.get("parameters", {}).items()
        return {name: value for name, value in used if name not in OF_THE_PAGE | {"month"} and value != usual.get(name)}

    def setting(self, name: str) -> str:
        """Return a parameter that is a text; empty if it was not known then."""
        return str(self.record.get("parameters", {}).get(name, ""))

    def gap(self, code: str) -> Gap | None:
        """Return the estimate for a destination, if the report holds one."""
        return next((gap for gap in self.gaps if gap.code == code), None)


def reports() -> list[Shelved]:
    """Return every published report, the newest month first."""
    entries = corrections.read()
    there = [month for month in reversed(paths.months_there()) if _is_month(month)]
    return [shelved(paths.REPORTS / month, corrections.of(entries, month)) for month in there]


def _is_month(text: str) -> bool:
    try:
        return bool(check_month(text))
    except Refusal:
        return False


def shelved(folder: Path, entries: tuple[Correction, ...] = ()) -> Shelved:
    """Read one report; ``entries`` are the corrections of its month."""
    try:
        record = published.read(folder).record
    except Refusal:
        return Shelved(folder.name, corrections=entries)
    span, numbers = key_numbers(folder / "data")
    return Shelved(folder.name, record, span, numbers, gaps(folder / "data"), entries)


def key_numbers(data: Path) -> tuple[tuple[str, str] | None, dict[str, float]]:
    """Return first and last month of W1, and the US fall by both counts, the rise elsewhere and the ceiling in it."""
    sides = _row(rows(data / "two_sides.csv"), reporter_code="US", span=WINDOW)
    ceiling = [row for row in rows(data / "ceiling.csv") if row.get("span") == WINDOW]
    rise = _row(ceiling, side="exporter")
    shares = [share for row in ceiling if not math.isnan(share := number(row.get("ceiling_pct")))]
    found = {
        "fall_exporter": number(sides.get("exporter_change_usd_bn")),
        "fall_exporter_pct": number(sides.get("exporter_growth_pct")),
        "fall_importer": number(sides.get("importer_change_usd_bn")),
        "fall_importer_pct": number(sides.get("importer_growth_pct")),
        "rise": number(rise.get("non_us_change_usd_bn")),
        "ceiling_low": min(shares, default=NAN),
        "ceiling_high": max(shares, default=NAN),
    }
    told = sides or rise
    span = told.get("first_month", ""), told.get("last_month", "")
    held = {key: value for key, value in found.items() if not math.isnan(value)}
    return span if all(map(_is_month, span)) else None, held


def gaps(data: Path) -> tuple[Gap, ...]:
    """Return the gaps of W1 with their intervals."""
    held = rows(data / "excess.csv")
    found = [_row(held, destination_code=code, form="plain", window_id=WINDOW) for code in DESTINATIONS]
    read = [
        Gap(row.get("destination_code", ""), *(number(row.get(name)) for name in ("gap_bn", "low_bn", "high_bn")),
            row.get("currency", ""))
        for row in found
    ]  # fmt: skip
    return tuple(gap for gap in read if not math.isnan(gap.gap))


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a table as text; none if the report holds no such table or a damaged one."""
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))
    except (OSError, ValueError, csv.Error):
        return []


def _row(held: list[dict[str, str]], **key: str) -> dict[str, str]:
    """Return the row with this key; an empty one if there is none."""
    return next((row for row in held if all(row.get(name) == value for name, value in key.items())), {})


def number(text: str | None) -> float:
    """Return a cell as a number; NaN if it is empty or none."""
    try:
        value = float(text or "nan")
    except ValueError:
        return NAN
    return value if math.isfinite(value) else NAN
