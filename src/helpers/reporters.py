"""The customs whose figures the ledger may hold: the money in which each of them counts, and what it calls a flow.

An office that is added is a row here.
"""

from __future__ import annotations

from typing import NamedTuple


class Reporter(NamedTuple):
    """One row: ``currencies``, its own first (the parameter ``currency`` means it by ``partner``), and ``concepts``."""

    currencies: tuple[str, ...]
    concepts: tuple[str, ...]


REPORTERS = {
    "CN": Reporter(("CNY", "USD"), ("exports_fob", "imports_cif")),
    "US": Reporter(("USD",), ("imports_general", "imports_for_consumption")),
    "AU": Reporter(("AUD",), ("merchandise imports",)),
    "EA20": Reporter(("EUR",), ("imports",)),
    "EU27": Reporter(("EUR",), ("imports",)),
    "SG": Reporter(("SGD",), ("imports",)),
}
