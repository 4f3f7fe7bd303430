"""The source lines that several chapters share."""

from __future__ import annotations

from helpers import provenance


def gacc() -> str:
    """Return the source line of China's customs, by partner."""
    return provenance.source_line("gacc_trade_by_partner_usd")


def importers() -> str:
    """Return the source line of the customs of the importers that are estimated."""
    return provenance.source_line("census_imports", "abs")


def census() -> str:
    """Return the source line of US imports by product group."""
    return provenance.source_line("census_naics3")
