"""What a reader has to know before the answer, in both languages: a variant, settings, late figures, a closed check.

What is overdue and what was overruled is said from the parameters of the report: the day on which it was checked, and
the reason that was given for publishing it all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import notice, paths
from helpers.calendar_of_releases import Standing, awaited, standings
from helpers.months import day_name, span_name
from helpers.parameters import Parameters
from helpers.translation import translator_for

PRIVATE = "A private variant."
MOVE_NOTHING = ("month", "engine", "memory_gib", "language", "site", "checked_on", "accepted")
NOT_THEIRS = "It was made from notebooks that were changed for it, not from those of the project."


def words(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the banners of a report as Markdown in English and in German; ``values`` are its parameters."""
    say = translator_for("de").say
    told = []
    if paths.is_variant():
        told.append(tuple(f"**{head(PRIVATE)}** {head(NOT_THEIRS)}" for head in (str, say)))
    if other := _other_settings(values):
        told.append((_settings(other, str), _settings(other, say)))
    if reason := values.get("accepted"):
        told.append((_overruled(reason, str), _overruled(reason, say)))
    if (day := values.get("checked_on")) and (late := awaited(standings(day, values["as_of_vintage"]))):
        told.append((_late(day, late, str), _late(day, late, say)))
    return told


def _other_settings(values: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the parameters that move numbers and are not as usual: value and usual value."""
    usual = {name: field.default for name, field in Parameters.model_fields.items() if name not in MOVE_NOTHING}
    return {
        name: (str(values[name]), str(default))
        for name, default in usual.items() if name in values and values[name] != default
    }  # fmt: skip


def _settings(other: dict[str, tuple[str, str]], say: Callable[[str], str]) -> str:
    told = "; ".join(
        f"{notice.as_markdown(name)}: {notice.as_markdown(value)} ({say('usual')}: {default or say('empty')})"
        for name, (value, default) in other.items()
    )
    return f"**{say('Made with other settings than usual.')}** {told}. {say('Numbers differ from the usual page.')}"


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
