"""Short names of those who publish figures, as they stand under a figure or table."""

from __future__ import annotations

SHORT_PRODUCERS = {
    "Australian Bureau of Statistics (ABS)": "Australian Bureau of Statistics",
    "Compiled by this project from PIIE, Census and legal sources": "tariff events as compiled here",
    "Compiled by this project from the places named in each row": "facts as compiled here",
    "Ember, from the General Administration of Customs of China": "China's customs by way of Ember",
    "General Administration of Customs of China (GACC)": "China's customs (GACC)",
    "RCEP trade monitor workbook (publisher not stated)": "RCEP trade monitor",
}


def short_producer(producer: str) -> str:
    """Return the short name of a producer, or its name where there is none."""
    return SHORT_PRODUCERS.get(producer, producer)
