"""Numbers as readers see them, the same on every machine: a real minus sign, thin groups, no locale."""

from __future__ import annotations

import math

MINUS = "−"
NOTHING = "–"
MONEY = {"USD": "US dollars", "CNY": "yuan", "EUR": "euro", "AUD": "Australian dollars"}


def plain(value: float, digits: int = 1) -> str:
    """Format ``1234.5`` as ``"1,234.5"`` and ``-3.2`` as ``"−3.2"``; a missing value as an en dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    text = f"{round(value, digits) + 0.0:,.{digits}f}"
    return text.replace("-", MINUS)


def signed(value: float, digits: int = 1) -> str:
    """Format with a sign always: ``"+14.8"``, ``"−28.6"``."""
    text = plain(value, digits)
    return text if text.startswith((MINUS, NOTHING)) or round(value, digits) == 0 else f"+{text}"


def percent(value: float, digits: int = 1) -> str:
    """Format a growth rate: ``"+14.8 %"``, with a no-break space."""
    return f"{signed(value, digits)}\u00a0%" if value is not None and not math.isnan(value) else NOTHING
