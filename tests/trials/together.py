"""Let several schedulers start the same night at once, and count who did what: together.py [--quick].

However many start, one does the work and publishes; the others go away because it is at work (exit code 11), or find
nothing new after it (5). Nobody waits, nobody disturbs, nothing is left behind, and readers read meanwhile. Prints what
did not hold; the whole trial writes its counts to ``results/together.json``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]

from hostile_surfaces import Tally  # noqa: E402
from killed import fingerprints, hold_reader, left  # noqa: E402
from killed_house import AGAIN, FIRST_EVER, NEXT_MONTH, WITH_A_STEP, House, ended, house  # noqa: E402

RESULTS = HERE / "results" / "together.json"
WORKED, AT_WORK, NOTHING_NEW = 0, 11, 5
ROUNDS = {2: 8, 10: 2}  # by how many schedulers
TURNS = (WITH_A_STEP, AGAIN, NEXT_MONTH, FIRST_EVER)
HELD = 6  # things that are held in each round; one less where nobody can read yet


def at_once(place: House, many: int) -> list[tuple[int, str]]:
    """Start this many nights in one breath, as timers that are set to the same minute do; return how they ended."""
    runs = [place.start() for _ in range(many)]
    with ThreadPoolExecutor(many) as listeners:  # all at once: a run that nobody listens to would wait
        return [*listeners.map(ended, runs)]


def try_round(place: House, name: str, many: int, tally: Tally) -> int:
    """Let this many start in a situation, and look; return how often a reader read meanwhile."""
    situation = place.played[name]
    place.bring(situation)
    if name == FIRST_EVER:
        ends = at_once(place, many)
        reads = 0
    else:
        with place.read() as found:
            ends = at_once(place, many)
        hold_reader(found, fingerprints(situation), (name, many), tally)
        reads = found["reads"]
    hold_ends(ends, (name, many), tally)
    tally.hold(place.published() == situation.after, (name, many, "published", place.not_whole(situation)))
    tally.hold(place.figures() == situation.figures, (name, many, "the ledger or the tables are others"))
    tally.hold(not (strays := left(place)), (name, many, "left over", strays))
    return reads


def hold_ends(ends: list[tuple[int, str]], what: object, tally: Tally) -> None:
    """Hold that exactly one worked, and that the others went away as they should, having done nothing."""
    codes = Counter(code for code, _ in ends)
    strange = [(code, words[-200:]) for code, words in ends if code not in (WORKED, AT_WORK, NOTHING_NEW)]
    tally.hold(codes[WORKED] == 1 and not strange, (what, dict(codes), strange))
    late = [words[:200] for code, words in ends if code == AT_WORK and '"step"' in words]
    tally.hold(not late, (what, "went away after a step", late))


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    quick, tally, rounds, reads = "--quick" in words, Tally(), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="together-") as folder, house(Path(folder), TURNS) as place:
        for many, times in ({2: 1, 10: 1} if quick else ROUNDS).items():
            for turn in range(times):
                reads += try_round(place, name := TURNS[turn % len(TURNS)], many, tally)
                rounds[name] += 1
            print(f"{many} at once, {times} times: {len(tally.failures)} failed so far", flush=True)
    for failure in tally.failures[:20]:
        print(f"  {failure}")
    if not quick:
        told = {
            "rounds": {f"{many} at once": times for many, times in ROUNDS.items()},
            "situations": {name: rounds[name] for name in TURNS},
            "reads, thousands": reads // 1000,
            "checked": tally.checked,
            "failed": len(tally.failures),
        }
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
