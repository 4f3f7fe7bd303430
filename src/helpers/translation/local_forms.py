"""How a language writes numbers and months, and its names of countries, from the CLDR by way of Babel."""

from __future__ import annotations

import re
from functools import cache

from helpers.countries import COUNTRIES
from helpers.months import MONTH_NAMES

REGION = {"de": "de_AT"}
NUMBER = re.compile(r"[+\-−±]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+\-−±]?\d+(?:\.\d+)?")
WHOLE_NUMBER = re.compile(rf"(?:{NUMBER.pattern})(?: ?%)?")
NAMES = "|".join((*MONTH_NAMES, *(name[:3] for name in MONTH_NAMES)))
DATE = re.compile(rf"(?:(\d{{1,2}}) )?\b({NAMES})\b(?: (\d{{4}}))?")
SPAN = re.compile(rf"{DATE.pattern}(?:(?: to |–| and |, )(?:{DATE.pattern}|\d{{4}}))*")


class LocalForms:
    """Numbers, dates and country names of one language."""

    def __init__(self, language: str) -> None:
        from babel import Locale

        self._locale = Locale.parse(REGION[language])
        symbols = self._locale.number_symbols["latn"]
        self._turn = str.maketrans({".": symbols["decimal"], ",": "."})
        self._months = dict(zip(MONTH_NAMES, self._names("wide"), strict=True))
        short = zip(MONTH_NAMES, self._names("abbreviated"), strict=True)
        self._months |= {full[:3]: name for full, name in short if len(full) > 3}
        self._words = {" to ": " bis ", " and ": " und "}

    def _names(self, width: str) -> list[str]:
        return [self._locale.months["format"][width][number] for number in range(1, 13)]

    def number(self, text: str) -> str | None:
        """Return a number in this language's form, or None if the text is none."""
        return text.translate(self._turn) if WHOLE_NUMBER.fullmatch(text) else None

    def time(self, text: str) -> str | None:
        """Return a day, a month or a span or list of them, or None if the text is none."""
        if not SPAN.fullmatch(text):
            return None
        turned = DATE.sub(self._date, text)
        for join, word in self._words.items():
            turned = turned.replace(join, word)
        return turned

    def _date(self, found: re.Match) -> str:
        day, month, year = found.groups()
        return f"{f'{day}. ' if day else ''}{self._months[month]}{f' {year}' if year else ''}"

    def countries(self) -> dict[str, str]:
        """Return the names of countries in this language, by their plain English name."""
        known = self._locale.territories
        return {country.name: known[country.code] for country in COUNTRIES if country.code in known}


@cache
def local_forms(language: str) -> LocalForms:
    """Return the forms of a language; they are made once."""
    return LocalForms(language)
