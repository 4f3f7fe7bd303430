"""The destinations that the pages estimate, a row each, in reading order: name, whose customs, standing, colours.

The code takes a country from its row alone: its series are found, estimated, named and drawn from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpers import partners

# calibrated: its past chooses the form; long past: an interval as soon as its past bears one; mixed: every partner at
# once, printed only where it says something.
Standing = Literal["calibrated", "long past", "mixed"]
# Where a series is looked for, the first that has a past is taken: the importer's own customs, China's months, the
# euro area's manufactures, China's quarters (of a partner that customs_quarterly holds); difference: China's total less
# the importer's own count.
View = Literal["own", "china", "proxy", "quarters", "difference"]


@dataclass(frozen=True)
class Destination:
    """One row.

    Parameters
    ----------
    code, name
        Partner code or family, and its name in tables and figures.
    standing, views
        As above; the views in the order in which they are looked for.
    colours
        On a light and on a dark page; none is grey.
    sentence
        The name inside a sentence, where it is another.
    cells, members
        The code of constant composition that stands for a bloc in the ledger, and how many that are, in words.
    """

    code: str
    name: str
    standing: Standing
    views: tuple[View, ...]
    colours: tuple[str, ...] = ()
    sentence: str = ""
    cells: str = ""
    members: str = ""


DESTINATIONS = (
    Destination("US", "United States", "calibrated", ("own",), ("#b5442b", "#ef8a70"), sentence="the United States"),
    Destination("AU", "Australia", "calibrated", ("own",), ("#1b7f73", "#5cc7b8")),
    Destination("EU", "EU", "long past", ("own", "china", "proxy"), ("#2b62a8", "#7fb2f0"), "the EU", "EU27",
                "27 members"),
    Destination("ASEAN", "ASEAN", "long past", ("china", "quarters"), ("#8f6a00", "#dcb14c"), "", "ASEAN10",
                "ten members"),
    Destination("NON_US", "World without the US", "mixed", ("difference",)),
    Destination("WORLD", "World", "mixed", ("china",)),
)  # fmt: skip

BY_CODE = {row.code: row for row in DESTINATIONS}
ORDER = tuple(BY_CODE)


def codes(standing: Standing) -> tuple[str, ...]:
    """Return the destinations of one standing, in reading order."""
    return tuple(row.code for row in DESTINATIONS if row.standing == standing)


def in_sentence(code: str) -> str:
    """Return a destination's name inside a sentence: ``"the EU"``."""
    row = BY_CODE.get(code)
    return (row.sentence or row.name) if row else partners.name_of(code)
