"""Pages of China's customs saved by hand: read by the same reader, for days on which the office lets no program in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from helpers import partners, paths, provenance
from helpers.fetch import account, answers, vintages
from helpers.fetch.collect import Harvest
from helpers.fetch.run import alone
from helpers.refusals import Refusal
from helpers.sources import gacc
from helpers.sources.contract import Accepted, Ask, accept, check_jumps

SHOWN = ("WORLD", "US", "EU", "ASEAN", "AU")


def read(file: Path) -> tuple[Ask, bytes, Accepted]:
    """Read one saved page whole, or refuse it.

    Raises
    ------
    Refusal
        If the file is not there, or is no page by country; the words say what stood there.
    """
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Refusal(
            f"the page cannot be read: {error.strerror}", expected="a page saved from the browser as HTML",
            remedy="check the path", file=str(file), exit_code=2,
        ) from error  # fmt: skip
    ask = gacc.ask_of(file.name, body)
    return ask, body, accept(gacc.OFFICE, ask, body)


def told(ask: Ask, accepted: Accepted) -> str:
    """Say what a page holds: partners, figures, and the exports that everybody looks for, in millions."""
    exports = {
        (partners.family_of(partners.code_of(figure.partner, figure.period)), figure.period_kind): figure.value
        for figure in accepted.figures
        if figure.flow == "exports"
    }
    kinds = {"month": "in the month", "jan_feb": "January and February", "ytd": "since January"}
    names = {figure.partner for figure in accepted.figures}
    held = f"{len(names)} partners, {len(accepted.figures)} figures, imports among them"
    lines = [f"{ask.name}: {held}; exports, million {ask.about[2]}:"]
    for code in SHOWN:
        parts = [f"{exports[code, kind]:,.1f} {word}" for kind, word in kinds.items() if (code, kind) in exports]
        if parts:
            lines.append(f"  {partners.name_of(code)}: {', '.join(parts)}")
    return "\n".join(lines)


def take(files: list[Path], today: dt.date) -> tuple[list[str], list[account.Account]]:
    """Read saved pages and append what is new or revised to the ledger; all pages or none.

    Returns
    -------
    tuple
        What each page holds in words, and the account of the office.
    """
    day, harvest, lines = today.isoformat(), Harvest(gacc.OFFICE), []
    with alone():
        vintages.mend()
        if any(paths.RAW.glob("*/*.csv")):
            provenance.check_all()
        levels = vintages.held()
        for file in files:
            ask, body, accepted = read(file)
            check_jumps(ask.name, accepted.figures, vintages.history_of(gacc.OFFICE.dataset(ask.dataset), levels))
            harvest.figures.setdefault(ask.dataset, {}).update(
                {figure.cell: (figure, ask.name) for figure in accepted.figures}
            )
            harvest.places[ask.name] = f"{gacc.ADDRESS}, page saved by hand as {file.name}"
            harvest.left_out.update(accepted.left_out)
            harvest.answered += 1
            answers.keep(replace(ask, name=f"{ask.name}-saved"), day, body)
            lines.append(told(ask, accepted))
        changes = vintages.compare(harvest, levels)
        return lines, [account.of_harvest(harvest, changes, vintages.append(harvest, changes, day))]
