"""End runs by SIGKILL at every kind of moment, and count what held: killed.py [--quick].

Kills by the clock fall at random moments of a step; kills by call before a random call to the system, or between a
write and its end. Every call of the last step, which puts the page in place, is tried. Whenever a run is killed,
readers must find the whole old page or the whole new one, then and at every moment until the next run has ended; the
next run must publish what the killed one should have, and leave nothing behind. Meanwhile a reader reads without a
pause. Prints what did not hold; the whole trial writes its counts to ``results/killed.json``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]

from checkout import processes, wait_until  # noqa: E402
from hostile_surfaces import Tally  # noqa: E402
from killed_house import (  # noqa: E402
    AGAIN,
    FIRST_EVER,
    MONTH,
    NEXT_MONTH,
    PHASES,
    SITUATIONS,
    WITH_A_STEP,
    House,
    Played,
    ended,
    house,
)
from killed_run import EVERYBODY, GROUP, WHO  # noqa: E402

RESULTS = HERE / "results" / "killed.json"
CLOCK, CALL = "by the clock", "by call"
HOW_MANY = {
    CLOCK: {"parameters": 4, "fetch": 6, "check": 4, "run": 12, "gate": 2, "render": 14, "verify": 2, "publish": 5,
            "end": 3},
    CALL: {"fetch": 6, "render": 18, "publish": 18, "end": 6},
}  # fmt: skip
SWEPT = (AGAIN, NEXT_MONTH)
TURNS = (AGAIN, WITH_A_STEP, NEXT_MONTH, AGAIN, NEXT_MONTH, WITH_A_STEP, AGAIN, NEXT_MONTH, WITH_A_STEP, FIRST_EVER)
TRIES = 8  # a moment by the clock may come when the run has ended
SWAPS, NIGHTS = 500, 6  # that a reader watches
HELD = 8  # things that are held against each kill; one less where nobody can read yet


@dataclass(frozen=True)
class Kill:
    """One kill: the situation, the step and where in it (a share of its calls or its seconds), and who is killed."""

    situation: str
    how: str
    step: str
    share: float
    who: str


def plan(seed: int = 8) -> list[Kill]:
    """Return the kills of the whole trial; those of one step and situation are spread over its calls."""
    draw, kills = random.Random(seed), []
    for how, steps in HOW_MANY.items():
        for step, count in steps.items():
            turns = [name for name in TURNS if step != "run" or name != AGAIN]  # where no step runs, that one is empty
            names = [turns[number % len(turns)] for number in range(count)]
            for name in sorted({*names}):
                many = names.count(name)
                shares = [(number + draw.random()) / many for number in range(many)]
                kills += [Kill(name, how, step, share, WHO[(len(kills) + n) % 3]) for n, share in enumerate(shares)]
    draw.shuffle(kills)
    return kills


def kill(place: House, wanted: Kill) -> tuple[bool, str]:
    """Start a run and kill it; tell whether it died of that, and what it said."""
    situation = place.played[wanted.situation]
    if wanted.how == CALL:
        at = 1 + int(wanted.share * situation.calls[wanted.step])
        code, told = ended(place.start(KILLED_STEP=wanted.step, KILLED_AT=str(at), KILLED_WHO=wanted.who))
        return code == -signal.SIGKILL, told
    run = place.start()
    told = _kill_after(run, place, wanted, wanted.share * situation.seconds[wanted.step])
    return run.returncode == -signal.SIGKILL, told


def _kill_after(run: subprocess.Popen[str], place: House, wanted: Kill, seconds: float) -> str:
    """Wait for the step to begin, then these seconds, and kill."""
    begun, told = threading.Event(), []
    before = (None, *PHASES)[PHASES.index(wanted.step)]

    def listen() -> None:
        for line in run.stderr or ():
            told.append(line)
            if before and f'"step", "step": "{before}"' in line:
                begun.set()
        begun.set()

    listener = threading.Thread(target=listen)
    listener.start()
    if before:
        begun.wait(300)
    time.sleep(seconds)
    victims = [run.pid, *(processes(place.root) if wanted.who == EVERYBODY else ())]
    for victim in victims:
        try:
            (os.killpg if wanted.who == GROUP else os.kill)(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
    run.wait(60)
    wait_until(lambda: not listener.is_alive())
    if run.stdout:
        run.stdout.close()
    return "".join(told)


def try_kill(place: House, wanted: Kill, number: int, tally: Tally) -> int:
    """Kill one run, look, let the next one run, and look again; return how often a reader read meanwhile."""
    situation, draw = place.played[wanted.situation], random.Random(number)
    reads = wanted.situation != FIRST_EVER
    for attempt in range(TRIES):
        place.bring(situation)
        with place.read() if reads else contextlib.nullcontext({}) as found:
            died, told = kill(place, wanted)
            if died or wanted.how == CALL or attempt == TRIES - 1:
                tally.hold(died, (wanted, "did not die", told[-200:]))
                _look_and_mend(place, wanted, number, tally)
                break
        wanted = replace(wanted, share=wanted.share * draw.random())  # it had ended: an earlier moment
    if reads:
        hold_reader(found, fingerprints(situation), wanted, tally)
    return int(found.get("reads", 0))


def _look_and_mend(place: House, wanted: Kill, number: int, tally: Tally) -> None:
    situation = place.played[wanted.situation]
    faults = place.not_whole(situation)
    tally.hold(not faults, (wanted, "at once", faults))
    if number % 2:  # every other time the next run comes when everything has settled
        wait_until(lambda: not processes(place.root), 60)
    faults = place.not_whole(situation)
    tally.hold(not faults, (wanted, "before the next run", faults))
    code, told = ended(place.start())
    tally.hold(code in (0, 5), (wanted, "the next run ended with", code, told[-200:]))
    tally.hold(place.published() == situation.after, (wanted, "the next run published", place.not_whole(situation)))
    tally.hold(place.figures() == situation.figures, (wanted, "the ledger or the tables are others"))
    tally.hold(not (strays := left(place)), (wanted, "left over", strays))


def left(place: House) -> list[str]:
    """Return what is left when everything has had the time to end."""
    try:
        wait_until(lambda: not place.left_over(), 60)
    except AssertionError:
        return place.left_over()
    return []


def fingerprints(situation: Played) -> set[str]:
    """Return the fingerprints of the pages that readers may see."""
    found = (files for files in (situation.before, situation.after))
    return {hashlib.sha256(content).hexdigest() for files in found for name, content in files.items()
            if name.endswith("/index.html")}  # fmt: skip


def hold_reader(found: dict[str, Any], known: set[str], what: object, tally: Tally) -> None:
    """Hold that a reader missed nothing and saw whole pages that are known, under their own records."""
    wrong = [*found["missing"], *found["half"], *sorted({*found["pages"], *found["named"]} - known)]
    tally.hold(not wrong and found["reads"] >= 5 and bool(found["pages"]), (what, "a reader found", wrong))


def sweep(place: House, name: str, tally: Tally, which: slice = slice(None), call: str = "") -> int:
    """Kill the last step alone at every call with which it puts a report in place; return how many were killed.

    ``which`` takes some of the calls only, ``call`` those of one name.
    """
    situation = place.played[name]
    finished, noted = situation.saved / "finished", place.temporary.with_name("calls.json")
    place.bring(situation)
    assert ended(place.start("swap", str(finished), KILLED_CALLS=str(noted)))[0] == 0
    calls = json.loads(noted.read_text(encoding="utf-8"))["publish"]
    moments = [number for number, made in enumerate(calls, 1) if not call or made == call][which]
    for at in moments:
        place.bring(situation)
        with place.read() as found:
            settings = {"KILLED_STEP": "publish", "KILLED_AT": str(at), "KILLED_WHO": WHO[at % 3]}
            code, told = ended(place.start("swap", str(finished), **settings))
            tally.hold(code == -signal.SIGKILL, (at, "did not die", told[-200:]))
            faults = place.not_whole(situation)
            tally.hold(not faults, (at, "at once", faults))
            code, told = ended(place.start("swap", str(finished)))
            tally.hold(code == 0, (at, "the next ended with", code, told[-200:]))
        tally.hold(place.published() == situation.after, (at, "the next put in place", place.not_whole(situation)))
        tally.hold(not (strays := left(place)), (at, "left over", strays))
        hold_reader(found, fingerprints(situation), at, tally)
    return len(moments)


def watch(place: House, tally: Tally, swaps: int = SWAPS, nights: int = NIGHTS) -> int:
    """Publish again and again while a reader reads without a pause; return how often it read."""
    situation, reads = place.played[AGAIN], 0
    both = place.temporary.with_name("both")
    for name, folder in (("1", situation.saved / "finished"), ("2", situation.saved / "reports")):
        if not (both / name).exists():
            both.mkdir(exist_ok=True)
            (both / name).symlink_to(folder / MONTH)
    place.bring(situation)
    with place.read(0) as found:
        code, told = ended(place.start("swap", str(both), KILLED_TIMES=str(swaps)))
    tally.hold(code == 0, ("exchanging ended with", code, told[-200:]))
    hold_reader(found, fingerprints(situation), "exchanging", tally)
    tally.hold(len(found["pages"]) == 2, "the reader did not see both pages")
    reads += found["reads"]
    known = fingerprints(situation)
    with place.read(0) as found:
        for night in range(nights):
            place.level = 2000 + night
            place.forget_answers()
            code, told = ended(place.start())
            tally.hold(code == 0, ("publishing ended with", code, told[-200:]))
            known |= {hashlib.sha256((place.reports / MONTH / "index.html").read_bytes()).hexdigest()}
    if nights:
        hold_reader(found, known, "publishing", tally)
        tally.hold(len(found["pages"]) > nights, "the reader did not see every page")
        reads += found["reads"]
    return reads


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    quick = "--quick" in words
    kills = plan()[:6] if quick else plan()
    nights, alone, watched, reads = Tally(), Tally(), Tally(), 0
    with tempfile.TemporaryDirectory(prefix="killed-") as folder, house(Path(folder), SITUATIONS) as place:
        swept = {name: sweep(place, name, alone, slice(None, None, 12 if quick else 1)) for name in SWEPT}
        report(f"the last step killed at {sum(swept.values())} calls", alone)
        reads += watch(place, watched, *((50, 1) if quick else (SWAPS, NIGHTS)))
        report("watched", watched)
        for number, wanted in enumerate(kills):
            reads += try_kill(place, wanted, number, nights)
            if number % 10 == 9:
                report(f"{number + 1} nights killed", nights)
    tallies = {"the last step alone": alone, "watched": watched, "nights": nights}
    if not quick:
        RESULTS.write_text(json.dumps(counts(kills, swept, reads, tallies), indent=1) + "\n", encoding="utf-8")
    return int(any(tally.failures for tally in tallies.values()))


def report(what: str, tally: Tally) -> None:
    """Print what was counted so far and what did not hold."""
    print(
        f"{what}: {tally.checked} checked, {len(tally.failures)} failed", *tally.failures[:20], sep="\n  ", flush=True
    )


def counts(kills: list[Kill], swept: dict[str, int], reads: int, tallies: dict[str, Tally]) -> dict[str, Any]:
    """Return what was counted, for the file."""
    told = Counter(kind for each in kills for kind in ((each.how, each.step), each.who, each.situation))
    near = sum(each.step in ("render", "publish") for each in kills)
    return {
        "kills": len(kills) + sum(swept.values()),
        "of them in render or publish": near + sum(swept.values()),
        "nights": {
            "killed": len(kills),
            "moments": {how: {step: told[how, step] for step in steps} for how, steps in HOW_MANY.items()},
            "who": {who: told[who] for who in WHO},
            "situations": {name: told[name] for name in SITUATIONS},
        },
        "the last step alone, killed at every call": swept,
        "watched": {"exchanges": SWAPS, "publishing nights": NIGHTS},
        "reads, in thousands": reads // 1000,
        "parts": {name: {"checked": tally.checked, "failed": len(tally.failures)} for name, tally in tallies.items()},
        "checked": sum(tally.checked for tally in tallies.values()),
        "failed": sum(len(tally.failures) for tally in tallies.values()),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
