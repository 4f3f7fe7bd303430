"""A rule filled from result tables, with the cell behind every number."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd

from helpers.months import span_name
from helpers.numbers import percent, plain, signed
from helpers.wording.rules import RULES


@dataclass
class Sentence:
    """A filled rule: text, the cell behind every number, the part that sums it up, and the rest by paragraphs."""

    rule: str
    text: str = ""
    facts: list[dict] = field(default_factory=list)
    verdict: str = ""
    paragraphs: list[str] = field(default_factory=list)


def _digits(value: float, digits: int) -> int:
    """One digit for what would be printed as nothing in whole units."""
    return max(digits, 1) if abs(value) < 0.5 else digits


class Composer:
    """Fills rules from result tables and remembers where every number came from.

    Parameters
    ----------
    tables
        Result tables by name: ``two_sides``, ``excess``, ``ceiling``, ``accounting_change``; what is said of them
        besides comes from ``specification_summary``, ``excess_ratios``, ``front_loading``, ``breaks_found``,
        ``reversal_easing`` and, once there are figures by product, ``product_estimates`` and ``unit_values``.
    """

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        self.tables = tables
        self._places: dict[tuple, dict[tuple, int]] = {}

    def row(self, table: str, **key: str) -> pd.Series | None:
        """Return the one row with this key, or None."""
        if table not in self.tables:
            return None
        columns = tuple(key)
        if (table, columns) not in self._places:
            values = zip(*(self.tables[table][column] for column in columns), strict=True)
            self._places[table, columns] = {found: place for place, found in reversed(list(enumerate(values)))}
        place = self._places[table, columns].get(tuple(key.values()))
        return None if place is None else self.tables[table].iloc[place]

    def rows(self, table: str, **key: str) -> list[dict]:
        """Return every row with these values, in the order of the table."""
        if table not in self.tables:
            return []
        held = self.tables[table]
        for column, value in key.items():
            held = held[held[column] == value]
        return held.to_dict("records")

    def fact(self, table: str, key: dict[str, str], column: str, printed: str) -> dict:
        """Describe one number: as printed, and the cell it stands for."""
        value = self.row(table, **key)[column]
        text = value if isinstance(value, str) else repr(float(value))
        return {"printed": printed, "table": table, "row": json.dumps(key), "column": column, "value": text}

    def number(self, table: str, key: dict[str, str], column: str, digits: int = 0, *, size: bool = False) -> dict:
        """A number slot; ``size`` drops the sign because the sentence says the direction."""
        value = float(self.row(table, **key)[column])
        return self.fact(table, key, column, plain(abs(value) if size else value, _digits(value, digits)))

    def signed(self, table: str, key: dict[str, str], column: str) -> dict:
        """A number slot in whole units, signed."""
        value = float(self.row(table, **key)[column])
        return self.fact(table, key, column, signed(value, _digits(value, 0)))

    def rate(self, table: str, key: dict[str, str], column: str, digits: int = 1) -> dict:
        """A growth-rate slot, signed, with the percent sign."""
        return self.fact(table, key, column, percent(float(self.row(table, **key)[column]), digits))

    def size_of_rate(self, table: str, key: dict[str, str], column: str) -> dict:
        """A slot for a growth rate whose direction the sentence says, in whole percent."""
        return self.fact(table, key, column, f"{plain(abs(float(self.row(table, **key)[column])), 0)}\u00a0%")

    def share(self, table: str, key: dict[str, str], column: str) -> dict:
        """A slot for a share in whole percent."""
        return self.fact(table, key, column, f"{plain(float(self.row(table, **key)[column]), 0)}\u00a0%")

    def span(self, table: str, key: dict[str, str]) -> dict:
        """A slot for the months of a row."""
        row = self.row(table, **key)
        return self.fact(table, key, "last_month", span_name(row["first_month"], row["last_month"]))

    def say(self, rule: str, **slots: dict) -> Sentence:
        """Fill a rule; a slot prints its number and the ``words`` behind it; several ``parts`` are as many facts."""
        text = RULES[rule].format(**{slot: fact["printed"] + fact.get("words", "") for slot, fact in slots.items()})
        facts = []
        for slot, fact in slots.items():
            parts = fact.get("parts", [fact])
            facts += [
                {"slot": slot if len(parts) == 1 else f"{slot}.{place}"}
                | {key: value for key, value in part.items() if key != "words"}
                for place, part in enumerate(parts)
                if "table" in part
            ]
        return Sentence(rule, text, facts)
