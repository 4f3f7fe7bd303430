"""What must run and why: each step held against the finished ones in the store, in the order of ``pipeline.yml``."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers import shortcut, steps, store
from helpers.steps import Step
from helpers.store import Entry, Snapshot

LOCK = "requirements/runner.lock"


@dataclass
class Plan:
    """The steps of a run, what each is given, and which are settled: found finished, or finished in this run.

    ``early`` holds fingerprint and file of tables that steps have written while they go on.
    """

    steps: list[Step]
    values: dict[str, Any]
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(name for name, _ in shortcut.inputs(prose=True)))
    fresh: bool = False
    cells: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    settled: dict[str, Entry] = field(default_factory=dict)
    early: dict[str, tuple[str, Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read every notebook once: the plan speaks of one moment."""
        self.cells = self.cells or {step.notebook: steps.cells_of(step.path) for step in self.steps}

    def parameters(self, step: Step) -> dict[str, Any]:
        """Return the parameters that a step's form declares."""
        return {name: self.values[name] for name in steps.declared(step.notebook, self.cells[step.notebook])}

    def is_ready(self, step: Step) -> bool:
        """Tell whether everything a step needs is there."""
        return all(self.available(table) for table in step.needs)

    def available(self, table: str) -> tuple[str, Path] | None:
        """Return fingerprint and file of a table that a settled step made, or a running one has written; else None."""
        maker = next(step.notebook for step in self.steps if table in step.makes)
        if entry := self.settled.get(maker):
            return entry.table(table), entry.folder / "tables" / f"{table}.parquet"
        return self.early.get(table)

    def given(self, step: Step) -> dict[str, Any]:
        """Return what a step whose needs are settled is made from, as far as the run gives it."""
        return {
            "code": [store.sha256(text.encode()) for text in steps.code_of(self.cells[step.notebook])],
            "parameters": self.parameters(step),
            "tables": {table: self.available(table)[0] for table in step.needs},
            "makes": list(step.makes),
            "lock": self.snapshot.of(LOCK),
            "python": platform.python_version(),
        }

    def find(self, step: Step) -> bool:
        """Settle a step that is finished already; False when it must run."""
        entry = None if self.fresh else store.find(step.notebook, self.given(step), self.snapshot)
        if entry:
            self.settled[step.notebook] = entry
        return entry is not None

    def table_file(self, table: str) -> Path:
        """Return the file of a table that is there."""
        return self.available(table)[1]

    def why(self, step: Step) -> str:
        """Say what changed since a step ran last, in one line; for a step that :meth:`find` did not settle."""
        last = store.latest(step.notebook)
        if self.fresh:
            return "asked to run"
        if last is None:
            return "has not run yet"
        return "; ".join(_differences(last, self.given(step), self.snapshot)) or "its kept result is damaged"


def look_ahead(plan: Plan) -> list[tuple[str, str, str]]:
    """Return (step, what, why) for every step: ``keep``, ``run``, or ``run if`` when that depends on what runs before.

    Settles the steps that are finished already; nothing runs.
    """
    told = []
    for step in plan.steps:
        if not plan.is_ready(step):
            makers = [maker for maker in step.after(plan.steps) if maker.notebook not in plan.settled]
            told.append((step.notebook, "run if", f"a table of {', '.join(m.notebook for m in makers)} changes"))
        elif plan.find(step):
            told.append((step.notebook, "keep", "nothing it was made from has changed"))
        else:
            told.append((step.notebook, "run", plan.why(step)))
    return told


def _differences(last: Entry, given: dict[str, Any], snapshot: Snapshot) -> list[str]:
    """Name what differs between what a step was made from and what it would be made from now."""
    told, before = [], last.given
    if before["code"] != given["code"]:
        pairs = zip(before["code"], given["code"], strict=False)
        changed = [str(number) for number, (old, new) in enumerate(pairs, start=1) if old != new]
        same_count = len(before["code"]) == len(given["code"])
        told.append(f"code cell {', '.join(changed)} changed" if same_count else "code cells added or taken away")
    for kind, word in (("parameters", "parameter"), ("tables", "table")):
        old, new = before[kind], given[kind]
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                told.append(
                    f"{word} {name}: {old.get(name, 'unset')!r} is now {new.get(name, 'unset')!r}"
                    if kind == "parameters"
                    else f"{word} {name} changed"
                )
    told += [f"{name} changed" for name in ("makes", "lock", "python") if before[name] != given[name]]
    return told + [f"{name} changed" for name, known in sorted(last.read.items()) if snapshot.of(name) != known]
