"""Who names whom: functions, classes and constants of helpers, notebooks and tests, followed through their imports.

A name that a local variable hides counts as named, so that too much is followed rather than too little.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from helpers.documents.code import imported, read


class Place(NamedTuple):
    """A name at the top of a module; without a name, everything in it."""

    module: str
    name: str


class References:
    """The names of several modules, and what each refers to.

    Parameters
    ----------
    texts
        Text of every module by its dotted name, ``helpers.excess``; a package is its ``__init__.py``.
    """

    def __init__(self, texts: dict[str, str]) -> None:
        self.sources = {module: read(text) for module, text in texts.items()}
        self._imported = {module: imported(source) for module, source in self.sources.items()}
        self.place_of = cache(self._place_of)
        self.named_by = cache(self._named_by)

    def _place_of(self, module: str, dotted: str) -> Place | None:
        """Return where a name that stands in a module leads, such as ``tables.write``; None if to no module known."""
        first, *rest = dotted.split(".")
        if first in self.sources[module].defined:
            return Place(module, first)
        if first not in self._imported[module]:
            return None
        parts = [*self._imported[module][first].split("."), *rest]
        for length in range(len(parts), 0, -1):
            if (found := ".".join(parts[:length])) in self.sources:
                return self.place_of(found, ".".join(parts[length:])) if parts[length:] else Place(found, "")
        return None

    def _named_by(self, place: Place) -> frozenset[Place]:
        """Return every place that the code at a place names; an argument may name a fixture of its module."""
        source = self.sources[place.module]
        said = source.each[place.name] if place.name else source.whole
        return frozenset(found for name in said.names if (found := self.place_of(place.module, name))) - {place}

    def reached(self, start: Iterable[Place], stop: str | None = None) -> set[Place]:
        """Return all places that these lead to, themselves among them.

        Parameters
        ----------
        start
            Where to begin.
        stop
            Modules whose name begins so are reached and not left.
        """
        seen, left = set(), list(start)
        while left:
            place = left.pop()
            if place not in seen:
                seen.add(place)
                inside = place.name or place.module in {begin.module for begin in start}
                if inside and not (stop is not None and place.module.startswith(stop)):
                    left += self.named_by(place)
        return seen

    def texts(self, places: Iterable[Place]) -> set[str]:
        """Return the texts that stand in the code of these places."""
        return set().union(*(self.sources[place.module].each[place.name].texts for place in places if place.name))
