"""Which rows of a bulk file are refused, and why: one table, in SQL; and how many may be before the file is.

A row that meets a condition is left out, counted and kept beside the figures. When such rows carry more than a
two-hundredth of the value, the file is refused whole (docs/decisions/0027-refuse-whole-leave-out-the-tiny.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from helpers.bulk.shapes import Header
from helpers.refusals import Refusal

MOST = Decimal(1) / 200  # of the value, or of the rows where the value is unknown
BREAKDOWN = "part of another row"
MALFORMED = "not as many cells as the header"
TWICE = "stands twice"


@dataclass(frozen=True)
class Check:
    """One reason to refuse a row: a condition on the typed row, the column it is about, and what is expected there."""

    reason: str
    condition: str
    column: str
    expected: str


CHECKS = (
    Check("unknown period", "month IS NULL", "period", "a month such as 202409, or a year"),
    Check("period to come", "month[1:4] > day[1:4] OR period_kind = 'month' AND month > day[1:7]", "period",
          "a period that has begun"),
    Check("unknown reporter", "reporter_code IS NULL", "reporter", "a code of src/helpers/countries.py that reports"),
    Check("unknown partner", "partner_code IS NULL", "partner", "a code of src/helpers/countries.py"),
    Check("unknown flow", "flow_name IS NULL", "flow", "imports or exports, as the office writes them"),
    Check("wrong product code", "product_scheme IS NULL", "product", "a code of the scheme, with its leading zeros"),
    Check("no value", "coalesce(trim(p.value), '') = ''", "value", "a number"),
    Check("value is no number", "amount IS NULL", "value", "a number below 1e15 with a decimal point"),
    Check("negative value", "amount < 0", "value", "0 or more"),
    Check("quantity is no number", "coalesce(trim(p.weight), '') <> '' AND kilograms IS NULL", "quantity", "a number"),
    Check("negative quantity", "kilograms < 0", "quantity", "0 or more"),
)  # fmt: skip
# Found without SQL on a typed row: by the reader of CSV, and when the rows of a month are put together.
OTHERS = (
    Check(MALFORMED, "", "", "a cell for each column of the header, in UTF-8"),
    Check(TWICE, "", "", "each cell and customs procedure once in a file"),
)
BY_REASON = {check.reason: check for check in (*CHECKS, *OTHERS)}
_NUMBER = "CASE WHEN NOT contains({0}, '_') THEN TRY_CAST({0} AS DECIMAL(18, 3)) END"


def code_of(column: str, codes: dict[str, str]) -> str:
    """Return SQL for our code of a column's text, or nothing.

    By an enumeration and not by a join: rows stay in their order whatever the planner thinks of their number.
    """
    keys, ours = (", ".join(f"'{one}'" for one in side) for side in (codes, codes.values()))
    return f"list_extract([{ours}], enum_code(TRY_CAST({column} AS ENUM({keys})))::INTEGER + 1)"


def typed_rows(header: Header, source: str, day: str) -> str:
    """Return the query of all rows as text and as typed values, each with its reason or none.

    Parameters
    ----------
    header
        Of the file.
    source
        SQL that gives the columns ``c0``, ``c1``, … of the file as text.
    day
        No period may begin after it.
    """
    shape = header.shape
    named = ", ".join(f"c{place} AS {column}" for column, place in header.places.items())
    typed = ", ".join(f"{sql} AS {name}" for name, sql in shape.typed.items())
    cases = " ".join(f"WHEN {check.condition} THEN '{check.reason}'" for check in CHECKS)
    return f"""
    WITH named AS (SELECT {named} FROM {source}),
    coded AS (SELECT p.*, {typed}, {code_of("p.reporter", shape.reporters)} AS reporter_code,
                    {code_of("p.partner", shape.partners)} AS partner_code, ({shape.breakdown}) AS is_part,
                    '{day}' AS day FROM named p),
    p AS (SELECT *, {_NUMBER.format("value")} AS amount, {_NUMBER.format("weight")} AS kilograms FROM coded)
    SELECT *, CASE WHEN is_part THEN '{BREAKDOWN}' {cases} END AS reason FROM p
    """


@dataclass
class Refused:
    """Rows of one reason: how many, their value where it is known, how many without, and the first of them."""

    rows: int = 0
    value: Decimal = Decimal(0)
    unknown: int = 0
    first: dict[str, Any] = field(default_factory=dict)

    def add(self, other: Refused) -> None:
        """Add rows of the same reason that stand later in the file."""
        self.rows, self.value, self.unknown = (
            self.rows + other.rows, self.value + other.value, self.unknown + other.unknown
        )  # fmt: skip
        self.first = self.first or other.first

    def as_json(self) -> dict[str, Any]:
        """Return what a file holds of it."""
        return {"rows": self.rows, "value": str(self.value), "unknown": self.unknown, "first": self.first}

    @classmethod
    def of_json(cls, held: dict[str, Any]) -> Refused:
        """Return what a file held."""
        return cls(held["rows"], Decimal(held["value"]), held["unknown"], held["first"])


@dataclass
class Tally:
    """What was seen of a file: rows, breakdowns passed over, value kept by scheme, and what was refused."""

    rows: int = 0
    breakdowns: int = 0
    kept: dict[str, Decimal] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add what was seen further down in the file."""
        self.rows, self.breakdowns = self.rows + other.rows, self.breakdowns + other.breakdowns
        for scheme, value in other.kept.items():
            self.kept[scheme] = self.kept.get(scheme, Decimal(0)) + value
        for reason, found in other.refused.items():
            self.refused.setdefault(reason, Refused()).add(found)

    def as_json(self) -> dict[str, Any]:
        """Return what a file holds of it."""
        return {
            "rows": self.rows, "breakdowns": self.breakdowns,
            "kept": {scheme: str(value) for scheme, value in sorted(self.kept.items())},
            "refused": {reason: found.as_json() for reason, found in sorted(self.refused.items())},
        }  # fmt: skip

    @classmethod
    def of_json(cls, held: dict[str, Any]) -> Tally:
        """Return what a file held."""
        return cls(
            held["rows"], held["breakdowns"], {scheme: Decimal(value) for scheme, value in held["kept"].items()},
            {reason: Refused.of_json(found) for reason, found in held["refused"].items()},
        )  # fmt: skip


def judge(tally: Tally, header: Header, file: str) -> None:
    """Refuse a file whose refused rows are more than tiny.

    The value that counts as the whole is that of the scheme with the largest sum: a file may hold all goods, chapters
    and products, each adding up to the same.

    Raises
    ------
    Refusal
        With the reason that carries most, its first line and what stands there.
    """
    if not tally.rows - tally.breakdowns:
        raise Refusal("no row of figures", expected="one or more", remedy="fetch the file anew", file=file)
    value = sum((found.value for found in tally.refused.values()), Decimal(0))
    whole = max(tally.kept.values(), default=Decimal(0)) + value
    unknown = sum(found.unknown for found in tally.refused.values())
    rows = tally.rows - tally.breakdowns
    if value <= whole * MOST and unknown <= rows * MOST:
        return
    by_value = value > whole * MOST
    reason, worst = max(_of(tally.refused.items()), key=lambda item: item[1].value if by_value else item[1].unknown)
    check, first = BY_REASON[reason], worst.first
    share = f"{value / whole:.1%} of the value" if by_value else f"{unknown / rows:.1%} of the rows"
    raise Refusal(
        f'{reason}: "{first.get("found", "")}", and {worst.rows - 1:,} rows more; refused rows are {share}',
        expected=f"{check.expected}; refused rows of at most 0.5% (a two-hundredth)",
        remedy="compare the line with the office's description; nothing of the file was kept", file=file,
        row=first.get("line"), column=header.shown(check.column) or None,
    )  # fmt: skip


def _of(items: Iterable[tuple[str, Refused]]) -> list[tuple[str, Refused]]:
    """Return reasons in a fixed order, so that of two equal ones the same is named every time."""
    return sorted(items)
