"""The form of an entry in ``corrections.yml``, held strictly; loaded only where there is an entry."""

from __future__ import annotations

from typing import Literal

import pydantic

from helpers import months
from helpers.refusals import as_value_error


class Form(pydantic.BaseModel):
    """One entry: a month, the day its error became known, what was wrong in both languages, the wrong page's stamp."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    month: str
    day: str
    kind: Literal["corrected", "withdrawn"]
    what: str = pydantic.Field(min_length=1)
    what_de: str = pydantic.Field(min_length=1)
    stamp: str = pydantic.Field(pattern=r"^[0-9a-f]{12}$")

    @pydantic.field_validator("month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        return as_value_error(months.check_month, value)

    @pydantic.field_validator("day")
    @classmethod
    def _is_day(cls, value: str) -> str:
        return as_value_error(months.check_day, value)

    @pydantic.field_validator("what", "what_de")
    @classmethod
    def _is_paragraph(cls, value: str) -> str:
        return " ".join(value.split())
