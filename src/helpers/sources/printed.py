"""Numbers and labels as offices print them: thousands marks, dashes for nothing, footnotes, odd spaces."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from helpers.sources.contract import RefusedAnswer

# What stands where nothing was published. A zero is a figure and is printed as one.
NOTHING = {"", "-", "--", "–", "—", "−", "…", "...", "..", ".", "na", "n/a", "n.a.", "nan", "null", ":"}
SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000\u200b\ufeff\t\r\n"), " ")
FOOTNOTE = re.compile(r"(?<=[0-9])\s*(\*{1,3}|[†‡§]|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,2}|\[[0-9a-z]{1,2}\]|\([0-9a-z]{1,2}\))$")
PRINTED = re.compile(r"[-−+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}( [0-9]{3})+|[0-9]{1,15})(\.[0-9]{1,9})?")
PLAIN = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{1,12})?([eE][-+]?[0-9]{1,2})?")


def tidy(text: str) -> str:
    """Return a label or cell with ordinary single spaces."""
    return re.sub(r" +", " ", text.translate(SPACES)).strip()


def number(text: str, where: str) -> Decimal | None:
    """Read a printed number; ``None`` where nothing was published.

    Parameters
    ----------
    text
        As printed: ``"41,046.4 "``, ``"-18.7"``, ``"—"``, ``"1,234*"``.
    where
        For the message.

    Raises
    ------
    RefusedAnswer
        If it is no number with a decimal point and thousands marks in their places.
    """
    cell = tidy(text)
    if cell.lower() in NOTHING:
        return None
    bare = FOOTNOTE.sub("", cell)
    if not PRINTED.fullmatch(bare):
        raise RefusedAnswer(
            "cell", f'{where}: "{cell[:60]}"', expected="a number with a decimal point, or a dash for nothing"
        )
    return Decimal(bare.replace(",", "").replace(" ", "").replace("−", "-"))


def half_unit(text: str) -> Decimal:
    """Return half the last printed digit: ``"41,046.4"`` gives 0.05, ``"12"`` 0.5, ``"1.5e3"`` 50."""
    digits, _, power = FOOTNOTE.sub("", tidy(text)).lower().partition("e")
    return Decimal(5).scaleb(int(power or 0) - len(digits.partition(".")[2]) - 1)


def plain(text: str, where: str) -> Decimal | None:
    """Read a number of a machine's answer: no thousands marks, an exponent is allowed; ``None`` where it is empty."""
    cell = text.strip()
    if cell.lower() in NOTHING:
        return None
    if not PLAIN.fullmatch(cell):
        raise RefusedAnswer("cell", f'{where}: "{cell[:60]}"', expected="a number")
    try:
        return Decimal(cell)
    except InvalidOperation as error:  # pragma: no cover - the pattern admits nothing of the kind
        raise RefusedAnswer("cell", f'{where}: "{cell[:60]}"', expected="a number") from error
