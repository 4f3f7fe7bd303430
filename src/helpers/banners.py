"""What a reader has to know before the answer, in both languages: a variant, overdue figures, an overruled check.

What is overdue and what was overruled is said from the parameters of the report: the day on which it was checked, and
the reason that was given for publishing it all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import notice, paths
from helpers.calendar_of_releases import Standing, awaited, standings
from helpers.months import day_name, span_name
from helpers.translation import translator_for

PRIVATE = "A private variant."
NOT_THEIRS = "It was made from notebooks that were changed for it, not from those of the project."


def words(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the banners of a report as Markdown in English and in German; ``values`` are its parameters."""
    say = translator_for("de").say
    told = []
    if paths.is_variant():
        told.append(tuple(f"**{head(PRIVATE)}** {head(NOT_THEIRS)}" for head in (str, say)))
    if reason := values.get("accepted"):
        told.append((_overruled(reason, str), _overruled(reason, say)))
    if (day := values.get("checked_on")) and (late := awaited(standings(day, values["as_of_vintage"]))):
        told.append((_late(day, late, str), _late(day, late, say)))
    return told


def _overruled(reason: str, say: Callable[[str], str]) -> str:
    head = say("Published although a check before publishing had closed.")
    return f"**{head}** {say('The reason given')}: {notice.as_markdown(reason)}"


def _late(day: str, late: list[Standing], say: Callable[[str], str]) -> str:
    listed = "; ".join(say(in_words(standing)) for standing in late)
    head, closing = (
        say("Some figures are older than they should be."),
        say("The page shows the latest that were there."),
    )
    return f"**{head}** {say(f'Overdue on {day_name(day)}')}: {listed}. {closing}"


def in_words(standing: Standing) -> str:
    """Name an office, the months that are missing and when the last of them was due."""
    months = span_name(standing.missing[0], standing.missing[-1])
    return f"{standing.release.name}, {months} (due by {day_name(standing.by)})"
