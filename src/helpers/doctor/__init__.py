"""Say what is missing or odd on this machine before a run finds out, each with the line that cures it.

Everything is read and nothing is changed, not even for a moment; nothing heavy is imported, so that it answers in well
under a second. What it needs itself is so little that it works where the environment is broken or not there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from helpers.doctor import checkout, environment, leftovers, machine, tools
from helpers.doctor.finding import Finding

CHECKS: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
    ("Python", machine.python),
    ("environment", environment.finished),
    ("packages", environment.packages),
    ("disk", machine.disk),
    ("folders", machine.folders),
    ("open files", machine.open_files),
    ("memory", machine.memory),
    ("text", machine.text),
    ("home", machine.home),
    ("typeface", checkout.typeface),
    ("ledger", checkout.ledger),
    ("parameters.yml", checkout.settings),
    ("corrections.yml", checkout.corrected),
    ("catalogues", checkout.catalogues),
    ("clock", checkout.clock),
    ("leftovers", leftovers.folders),
    ("notes of runs", leftovers.notes),
    ("locks", leftovers.locks),
    ("processes", leftovers.processes),
    ("programs", tools.programs),
    ("keys", tools.keys),
    ("signature", tools.signature),
)
MARKS = {"well": "well ", "note": "note ", "wrong": "WRONG"}


def examine() -> list[Finding]:
    """Look at everything; a look that fails is a finding itself."""
    found: list[Finding] = []
    for what, look in CHECKS:
        try:
            found += look()
        except Exception as error:  # whatever it is, the other looks go on
            if isinstance(error, ModuleNotFoundError) and not environment.folder().exists():
                found.append(Finding(what, "note", "not looked at before the environment is set up", "make report"))
                continue
            told = f"cannot be looked at: {type(error).__name__}: {error}"
            found.append(Finding(what, "wrong", told, "make the environment anew: make clean, then make report"))
    return found


def exit_code(found: Sequence[Finding]) -> int:
    """Return 0 if nothing needs a cure, else the code that a run would end with: the machine is met before a file."""
    codes = {finding.exit_code for finding in found if finding.state == "wrong"}
    return next((code for code in (4, 3, 2, 1) if code in codes), 0)


def as_text(found: Sequence[Finding]) -> str:
    """Return the findings for a person, the cure below each that has one."""
    width = max(len(finding.what) for finding in found)
    lines = []
    for finding in found:
        lines.append(f"{MARKS[finding.state]}  {finding.what:<{width}}  {finding.told}")
        lines += [f"{'':<{width + 9}}cure: {finding.cure}"] if finding.cure else []
    counts = {state: sum(finding.state == state for finding in found) for state in MARKS}
    return "\n".join([*lines, f"{counts['well']} well, {counts['note']} to note, {counts['wrong']} wrong"])


def as_json(found: Sequence[Finding]) -> str:
    """Return the findings for a program."""
    rows = [
        {"what": finding.what, "state": finding.state, "told": finding.told, "cure": finding.cure} for finding in found
    ]
    return json.dumps(rows, ensure_ascii=True, indent=1)
