"""The typed parameters of a report: one model, its defaults, and where each value came from.

Precedence: defaults < ``parameters.yml`` < command line. A name that does not exist stops everything before a
notebook starts, with the nearest right name.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, Literal

import pydantic
import yaml

from helpers import months, paths
from helpers.refusals import Refusal, as_value_error, nearest

FIRST_MONTH = "2025-11"
OF_THE_PAGE = {"language", "site", "checked_on", "accepted"}  # what only the drawing of the page reads


class Parameters(pydantic.BaseModel):
    """What a reader may change about a report; every field is a literal in the notebooks' form cells.

    Assumption A12.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    month: str = pydantic.Field(
        "", description="last month of the report, such as 2026-05; empty takes the latest month that both "
        "the United States and Australia have published",
    )  # fmt: skip
    currency: Literal["USD", "CNY", "partner"] = pydantic.Field(
        "USD", description="currency of the estimates; partner is the importer's own currency",
    )  # fmt: skip
    window: Literal[0, 22, 33, 44, 55] = pydantic.Field(
        0, description="periods of training, 11 a year; 0 takes the window with the lowest placebo error"
    )
    trend: Literal["chosen", "linear", "level", "quadratic", "seasonal_naive", "seasonal_drift"] = pydantic.Field(
        "chosen", description="form of the counterfactual; chosen takes the one with the lowest placebo error"
    )
    train_end: str = pydantic.Field(
        "2024-10", description="last month of training; months from here to March 2025 are left out",
    )  # fmt: skip
    article: str = pydantic.Field(
        "2025-12-09", description="which table of claims is checked, data/raw/compiled/article_claims_<article>.csv",
    )  # fmt: skip
    products: str = pydantic.Field(
        "", description="folder under data/products that holds exports by product and their duty; empty takes what "
        "`diversion fetch --products` brought, if anything",
    )  # fmt: skip
    engine: Literal["duckdb", "spark"] = pydantic.Field(
        "duckdb", description="what adds up figures by product: DuckDB on this machine, or Spark (docs/scale.md); the "
        "numbers are the same",
    )  # fmt: skip
    memory_gib: int = pydantic.Field(
        2, ge=1, le=1024, description="memory that adding up figures by product may take, GiB; what does not fit is "
        "laid aside on disk, and the numbers are the same",
    )  # fmt: skip
    as_of_vintage: str = pydantic.Field(
        "", description="leave out every figure that was read after this day, such as 2026-11-22: the report as it "
        "could be made then; empty takes everything",
    )  # fmt: skip
    chip_fee_pct: Literal[15, 25] = pydantic.Field(
        25, description="licence fee on chips sold to China in the scenario of the page on chips, percent of sales: 15 "
        "as announced for the H20, 25 for the H200",
    )  # fmt: skip
    language: Literal["en", "de"] = pydantic.Field(
        "en", description="language in which the page opens; it carries both and switches between them",
    )  # fmt: skip
    site: str = pydantic.Field(
        "", description="address under which the reports folder is published, such as https://example.org/reports/; "
        "only feed and preview need it",
    )  # fmt: skip
    checked_on: str = pydantic.Field(
        "", description="day, such as 2026-12-03, on which it is checked against the release calendar whether figures "
        "are overdue; the page says which are, a run by timer sets it; empty says nothing",
    )  # fmt: skip
    accepted: str = pydantic.Field(
        "", description="why the report is published although a check before publishing had closed; the page says so; "
        "`diversion report --accept` sets it",
    )  # fmt: skip

    @pydantic.field_validator("site")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?/([A-Za-z0-9._~-]+/)*", value):
            raise ValueError(f'"{value}" is not an https address that ends in a slash')
        return value

    @pydantic.field_validator("month", "train_end")
    @classmethod
    def _is_month(cls, value: str, info: pydantic.ValidationInfo) -> str:
        if value == "" and info.field_name == "month":
            return value
        as_value_error(months.check_month, value)
        if info.field_name == "month" and value < FIRST_MONTH:
            raise ValueError(
                f"must not be before {FIRST_MONTH}, when the first window of the tariff story was complete"
            )
        if info.field_name == "train_end" and not "2021-12" <= value <= "2025-03":
            raise ValueError("must lie between 2021-12 and 2025-03, before the tariffs of April 2025")
        if info.field_name == "train_end" and value.endswith("-01"):
            raise ValueError("a January without its February is not a period: choose December or February")
        return value

    @pydantic.field_validator("products")
    @classmethod
    def _is_folder(cls, value: str) -> str:
        if value and not (re.fullmatch(r"[a-z0-9_]{1,100}", value) and (paths.PRODUCTS / value).is_dir()):
            raise ValueError("there is no such folder under data/products")
        return value

    @pydantic.field_validator("accepted")
    @classmethod
    def _is_a_paragraph(cls, value: str) -> str:
        if len(value) > 500 or not all(mark.isprintable() for mark in value):
            raise ValueError("must be one paragraph of at most 500 characters")
        return value.strip()

    @pydantic.field_validator("as_of_vintage", "checked_on")
    @classmethod
    def _is_day(cls, value: str) -> str:
        return as_value_error(months.check_day, value) if value else value

    @pydantic.field_validator("trend")
    @classmethod
    def _has_window(cls, value: str, info: pydantic.ValidationInfo) -> str:
        window = info.data.get("window", 0)
        if value.startswith("seasonal_") and window not in (0, 22) or (value, window) == ("level", 22):
            raise ValueError(f"does not go with window={window}; leave one of the two to its default")
        return value

    @pydantic.field_validator("article")
    @classmethod
    def _has_claims(cls, value: str) -> str:
        if value not in (known := articles()):
            raise ValueError(f"there is no table of claims of that date; there is {', '.join(known) or 'none'}")
        return value


def articles() -> list[str]:
    """Dates of the articles whose claims can be checked."""
    return sorted(path.stem.removeprefix("article_claims_") for path in paths.RAW.glob("compiled/article_claims_*.csv"))


def names() -> list[str]:
    """Names of all parameters, in the order of the model."""
    return list(Parameters.model_fields)


def allowed(name: str) -> str:
    """Say in words which values parameter ``name`` takes."""
    field = Parameters.model_fields[name]
    values = getattr(field.annotation, "__args__", None)
    if values:
        return ", ".join(str(value) for value in values)
    if name == "article":
        return ", ".join(articles())
    return {
        "month": f"YYYY-MM, {FIRST_MONTH} or later, or empty",
        "train_end": "2021-12 to 2025-03",
        "as_of_vintage": "YYYY-MM-DD, or empty",
        "checked_on": "YYYY-MM-DD, or empty",
        "products": "the name of a folder, or empty",
        "memory_gib": "1 to 1024",
        "site": "an https address that ends in a slash, or empty",
        "accepted": "one paragraph of at most 500 characters, or empty",
    }[name]


def describe() -> str:
    """Return the table that ``diversion parameters`` prints: name, meaning, type, default, allowed values."""
    lines = []
    for name, field in Parameters.model_fields.items():
        kind = type(field.default).__name__
        default = repr(field.default) if field.default != "" else "empty"
        lines.append(f"{name}\n    {field.description}\n    type {kind}; default {default}; allowed: {allowed(name)}")
    return "\n".join(lines)


def check(**given: Any) -> Parameters:
    """Validate parameter values by name.

    Raises
    ------
    Refusal
        If a name does not exist or a value is out of range; exit code 2.
    """
    for name in given:
        if name not in Parameters.model_fields:
            raise Refusal(
                f'there is no parameter "{name}"',
                expected=f"one of {', '.join(names())}",
                remedy=f"did you mean {nearest(name, names(), count=1)}? `diversion parameters` lists them",
                exit_code=2,
            )
    try:
        return Parameters(**given)
    except UnicodeEncodeError as error:
        raise Refusal(
            "a parameter holds a sign that is no character", expected="text in UTF-8", exit_code=2,
            remedy="type it again, or save parameters.yml as UTF-8",
        ) from error  # fmt: skip
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise Refusal(
            f"parameter {name}={first['input']!r}: {first['msg'].removeprefix('Value error, ')}",
            expected=allowed(name),
            remedy="`diversion parameters` lists names, meanings and allowed values",
            exit_code=2,
        ) from error


def from_text(assignments: list[str]) -> dict[str, Any]:
    """Read ``["currency=CNY", "window=33"]`` into values; integers become integers.

    Raises
    ------
    Refusal
        If a text is not an assignment, or one name is given two values; exit code 2.
    """
    values: dict[str, Any] = {}
    for text in assignments:
        name, mark, value = text.partition("=")
        if not mark or not name:
            raise Refusal(
                f'"{text}" is not an assignment', expected="name=value", exit_code=2,
                remedy='for example PARAMS="currency=CNY window=33"',
            )  # fmt: skip
        name, value = name.strip(), value.strip()
        read = int(value) if re.fullmatch(r"-?[0-9]+", value) else value
        if values.setdefault(name, read) != read:
            raise Refusal(
                f"parameter {name} is given twice, as {values[name]!r} and {read!r}", expected="one value",
                remedy="take one of them away", exit_code=2,
            )  # fmt: skip
    return values


def merged(command_line: dict[str, Any], edited: dict[str, Any] | None = None, file: Path | None = None) -> Parameters:
    """Return the parameters of a run: defaults, then parameters cells, ``parameters.yml``, the command line."""
    file = file or paths.PARAMETERS_FILE
    from_file: Any = {}
    if file.exists():
        try:
            from_file = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise Refusal(
                f"not YAML: {error}", expected="name: value, one per line", remedy="mend the file",
                file=paths.shown(file), exit_code=2,
            ) from error  # fmt: skip
    if not isinstance(from_file, dict):
        raise Refusal(
            "not names and values", expected="name: value, one per line", remedy="mend the file",
            file=paths.shown(file), exit_code=2,
        )  # fmt: skip
    # YAML reads 2025-12-09 as a date; a parameter is the text that stands in the file.
    from_file = {str(name): str(value) if isinstance(value, dt.date) else value for name, value in from_file.items()}
    return check(**{**(edited or {}), **from_file, **command_line})
