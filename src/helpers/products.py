"""Product codes are text: ``"0101"`` is live horses, 101 is nothing.

Schemes: ``total`` (all goods), ``sitc1`` (SITC sections), ``hs2``, ``hs4``, ``hs6``, ``hs8`` (China's own last two
digits) and ``naics3``.
"""

from __future__ import annotations

import re

from helpers.refusals import Refusal

PATTERNS = {
    "total": r"TOTAL",
    "sitc1": r"[0-9]",
    "hs2": r"(0[1-9]|[1-9][0-9])",
    "hs4": r"(0[1-9]|[1-9][0-9])[0-9]{2}",
    "hs6": r"(0[1-9]|[1-9][0-9])[0-9]{4}",
    "hs8": r"(0[1-9]|[1-9][0-9])[0-9]{6}",
    "naics3": r"[1-9][0-9]{2}",
}


def check_code(code: str, scheme: str, *, file: str | None = None, row: int | None = None) -> str:
    """Return ``code`` when it belongs to ``scheme``.

    Raises
    ------
    Refusal
        If the scheme is unknown or the code has the wrong length, as happens when a spreadsheet drops leading zeros.
    """
    if scheme not in PATTERNS:
        raise Refusal(
            f'product scheme "{scheme}"', expected=f"one of {', '.join(PATTERNS)}", remedy="mend the scheme",
            file=file, row=row, column="product_scheme",
        )  # fmt: skip
    if not re.fullmatch(PATTERNS[scheme], code):
        digits = scheme[2:] if scheme.startswith("hs") else ""
        raise Refusal(
            f'product code "{code}"',
            expected=f"a code of scheme {scheme}" + (f", {digits} digits with leading zeros" if digits else ""),
            remedy="write codes as text; a spreadsheet that read them as numbers has dropped their leading zeros",
            file=file,
            row=row,
            column="product",
        )
    return code
