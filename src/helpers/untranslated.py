"""What the last report says in English only: chapter by chapter, for whoever writes the catalogues."""

from __future__ import annotations

from helpers import paths
from helpers.refusals import Refusal
from helpers.render import read_chapters
from helpers.steps import read_steps
from helpers.translation import translator_for
from helpers.translation.translator import normal


def missing(chapter: int | None = None, month: str = "") -> list[tuple[int, str, str]]:
    """Return chapter, kind of place and text of everything the catalogues do not cover.

    Parameters
    ----------
    chapter
        Only this chapter, 0 for the summary.
    month
        The report, the latest if not given.
    """
    found = sorted(paths.REPORTS.glob(f"{month or '[0-9]*-[0-9]*'}/steps"))
    if not found:
        raise Refusal("there is no report", expected="a report to read", remedy="run `diversion report`", exit_code=2)
    *executed, summary = [found[-1] / step.path.name for step in read_steps()]
    translator = translator_for("de")
    rows: dict[tuple[int, str, str], None] = {}
    for number, told in enumerate(read_chapters([summary, *executed])):
        if chapter in (None, number):
            for kind, text in told.texts():
                if text.strip() and translator.find(normal(text)) is None:
                    rows[number, kind, normal(text)] = None
    return list(rows)
