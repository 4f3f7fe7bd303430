"""Spend nights on machines that lack something, and count what held: starved.py [--quick] [WORD ...].

Memory, room on the disk, rights, files, processes, a home, a language, a clock, an office that answers: each is taken
away once, in a small checkout with a good page. Prints what did not hold. The whole trial needs root (small disks,
folders that are read only, control groups), all of it in mounts of its own that end with it, and writes its counts to
``results/starved.json``; the quick one needs no rights and writes nothing. With words, only cases whose kind or name
holds one of them are tried, and their counts replace what is written of them; the others stay.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]

from starved_cases import CASES  # noqa: E402
from starved_house import Case, Tally, own_mounts, template, try_case  # noqa: E402

RESULTS = HERE / "results" / "starved.json"
QUICK = [case for case in CASES if case.quick]


def counts(tallies: dict[str, Tally], before: dict[str, Any]) -> dict[str, Any]:
    """Return what was counted, for the file; what was counted ``before`` of other cases stays."""
    known = before.get("nights", {}) | {
        name: {"checked": tally.checked, "failed": len(tally.failures), "ended": tally.ended}
        for name, tally in tallies.items()
    }
    nights = {case.name: known[case.name] for case in CASES if case.name in known}
    kinds: dict[str, dict[str, int]] = {}
    for case in CASES:
        kind = kinds.setdefault(case.kind, {"cases": 0, "checked": 0, "failed": 0})
        if case.name in nights:
            night = {"cases": 1} | nights[case.name]
            for name in kind:
                kind[name] += night[name]
    return {
        **{name: sum(kind[name] for kind in kinds.values()) for name in ("cases", "checked", "failed")},
        "not tried": [case.name for case in CASES if case.name not in known],
        "kinds": kinds,
        "nights": nights,
    }


def spend(cases: Sequence[Case], folder: Path, written: Path | None, before: dict[str, Any]) -> dict[str, Tally]:
    """Try the cases one after the other; write after each what has been counted so far."""
    copied, tallies = template(folder / "template"), {}
    for case in cases:
        tallies[case.name] = tally = try_case(case, copied, folder)
        print(f"{case.kind}: {case.name}: {tally.checked} checked, {len(tally.failures)} failed", flush=True)
        for failure in tally.failures:
            print(f"  {failure[:900]}", flush=True)
        if written:
            told = json.dumps(counts(tallies, before), indent=1, ensure_ascii=False)
            written.write_text(told + "\n", encoding="utf-8", errors="backslashreplace")
    return tallies


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    wanted = [word for word in words if not word.startswith("--")]
    cases = QUICK if "--quick" in words else CASES
    cases = [case for case in cases if not wanted or any(word in f"{case.kind}: {case.name}" for word in wanted)]
    if any(case.root for case in cases) and (os.geteuid() or not own_mounts()):
        print("the whole trial needs root and mounts of its own; --quick needs neither")
        return 2
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() and wanted else {}
    with tempfile.TemporaryDirectory(prefix="starved-") as folder:
        tallies = spend(cases, Path(folder), None if "--quick" in words else RESULTS, before)
    failed = sum(len(tally.failures) for tally in tallies.values())
    print(f"{len(tallies)} cases, {sum(tally.checked for tally in tallies.values())} checked, {failed} failed")
    return int(failed > 0 or not cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
