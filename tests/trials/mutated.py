"""Let a thousand things go wrong with the raw ledger, and count what came of each: ``mutated.py [--quick]``.

Each must end in one clear refusal, or in tables whose stamp says that the ledger is another one and names the file.
Half of them leave the recorded fingerprint right, so that it is not what catches them. Thirty go through the whole
report. Prints what did not hold; the whole trial writes its counts to ``results/mutated.json``, and so does either
half of it with ``--only-reading`` or ``--only-reports``.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]

import mutated_kinds as kinds  # noqa: E402
import mutated_reading as reading  # noqa: E402
from mutated_reading import BROKE, HUNG, MADE, REFUSED, STOPPED, Told  # noqa: E402

from helpers import publish  # noqa: E402

RESULTS = HERE / "results" / "mutated.json"
SEED = 20261126
OF_REPORTS = 7000  # the number that seeds those on whole reports
TRIES = 1000  # half of them with a fingerprint that is right
GONE = ("file and record removed", "file and record renamed")  # nobody knows the name of what is not there
TWICE = "stands twice|one row a month"  # the second of the two is named, and the first may have been changed
MESSAGE = re.compile(r"[^\n]+\n  expected: [^\n]+\n  what to do: [^\n]+")
BY_FINGERPRINT, BY_CONTENT, BY_CHECK = "refused by fingerprint", "refused by content", "stopped by a check"
SEEN, SAME, FAILED = "other numbers under another stamp", "same numbers", "failed"
ENDS = (BY_FINGERPRINT, BY_CONTENT, BY_CHECK, SEEN, SAME, FAILED)


@dataclasses.dataclass(frozen=True)
class Try:
    """One mutation: its kind, what it is seeded with, and whether the fingerprint is renewed."""

    kind: str
    number: int
    renewed: bool

    @property
    def seed(self) -> str:
        """What decides file, row and figure."""
        return f"{SEED} {self.kind} {self.number}"


def tries(count: int = TRIES) -> list[Try]:
    """Return the mutations: one half changed under the recorded fingerprint, the other with one that is right."""
    half = count // 2
    caught = [Try(kind, number, False) for number in range(half) for kind in kinds.OF_CSV][:half]
    right = [Try(kind, number, True) for number in range(half) for kind in kinds.KINDS][: count - half]
    return caught + right


def judged(one: Try, told: Told, baseline: Told) -> tuple[str, list[str]]:
    """Return how a mutation ended, and what was wrong about that."""
    wrong = []
    if told.end in (BROKE, HUNG):
        return FAILED, [f"{told.end}: {told.message.strip()[-600:]}"]
    caught = one.kind in kinds.OF_CSV and not one.renewed
    if told.end == REFUSED:
        wrong += faults_of_message(one, told)
        end = BY_FINGERPRINT if "(sha256 " in told.message else BY_CONTENT
    elif told.end == STOPPED:
        end = BY_CHECK
    else:
        names = sorted({*told.files, *baseline.files})
        differing = [name for name in names if told.files.get(name) != baseline.files.get(name)]
        if differing != told.touched:
            wrong.append(f"changed are {told.touched}, the stamp says {differing}")
        if bool(told.touched) == (told.stamp == baseline.stamp):
            wrong.append("the stamp is that of another ledger")
        if told.tables != baseline.tables and told.stamp == baseline.stamp:
            wrong.append("silently other numbers")
        end = SAME if told.tables == baseline.tables else SEEN
    if caught and end not in (BY_FINGERPRINT, BY_CONTENT):
        wrong.append(f"changed under its fingerprint and not refused, but {end}")
    return (FAILED if wrong else end), wrong


def faults_of_message(one: Try, told: Told) -> list[str]:
    """Say what is wrong with a refusal: its exit code, its form, the place it names."""
    wrong, first = [], told.message.splitlines()[0]
    if told.exit_code != 3:
        wrong.append(f"exit code {told.exit_code}")
    if not MESSAGE.fullmatch(told.message):
        wrong.append("not a message of three lines")
    is_lacking = one.kind in GONE and re.search(r"holds no |there is no |is missing", first)
    is_named = any(re.search(rf"(?<!\w){re.escape(Path(name).stem)}(?!\w)", told.message) for name in told.touched)
    if told.touched and not is_lacking and not is_named:
        wrong.append("the file is not named")
    place = re.search(r", line (\d+)", first)
    if told.line and "(sha256 " not in first:
        if not place:
            wrong.append("no line is named")
        elif int(place[1]) != told.line and not re.search(TWICE, told.message):
            wrong.append(f"line {place[1]} is named, {told.line} was changed")
    return [f"{fault}: {told.message[:400]}" for fault in wrong]


def code() -> str:
    """Return the fingerprint of the code, which is a part of every stamp."""
    return publish.stamp_of({}, [])["code"]


class Bench:
    """The ledger as it is, in a copy that every mutation starts from, and what comes of it."""

    def __init__(self, folder: Path) -> None:
        """Read it in an empty folder."""
        self._folder, self._standing = folder, folder / "standing"
        self._pristine = reading.pristine(folder)
        self._standing.mkdir()
        self.baseline = reading.in_a_process(lambda: reading.read(self._pristine, self._standing))
        self._count = 0
        self._code = code()

    def tried(self, one: Try) -> tuple[str, Told, list[str]]:
        """Try a mutation; return how it ended, what was told, and what was wrong about it."""
        self._count += 1
        told = reading.read_mutated(
            one.kind, one.seed, self._pristine, self._folder / str(self._count), renewed=one.renewed,
            baseline=self._standing,
        )  # fmt: skip
        end, wrong = judged(one, told, self.baseline)
        place = f"{one.kind}, {one.number}, {'fingerprint right' if one.renewed else 'as recorded'}, {told.touched}"
        return end, told, [f"{place}: {fault}" for fault in wrong]

    def faults(self) -> list[str]:
        """Say what is wrong with the bench itself: a ledger that cannot be read, or that the trial has changed."""
        wrong = []
        if self.baseline.end != MADE:
            wrong.append(f"the ledger as it is: {self.baseline.end}: {self.baseline.message}")
        if not reading.is_as_it_was(self._pristine):
            wrong.append("the trial changed the ledger that it copies")
        if self._code != code():  # every stamp is another since
            wrong.append("the code changed while the trial ran")
        return wrong


def run(chosen: Sequence[Try], folder: Path, tell: bool = False) -> tuple[dict[Try, tuple[str, Told]], list[str]]:
    """Try each mutation in an empty folder; return how it ended, and what did not hold."""
    bench = Bench(folder)
    if failures := bench.faults():
        return {}, failures
    ended = {}
    for number, one in enumerate(chosen, start=1):
        end, told, wrong = bench.tried(one)
        ended[one] = end, told
        failures += wrong
        if tell and wrong:
            print(*wrong, sep="\n", flush=True)
        if tell and number % 50 == 0:
            print(f"{number} of {len(chosen)} tried, {len(failures)} failed", flush=True)
    return ended, failures + bench.faults()


def run_reports(folder: Path, chosen: Sequence[tuple[str, bool]] = (), tell: bool = False
                ) -> tuple[dict[Try, tuple[str, Told]], list[str]]:  # fmt: skip
    """Try mutations on the whole report; return how each ended, and what did not hold."""
    from mutated_reports import KINDS, Copy

    copy = Copy(folder)
    if copy.baseline.end != MADE:
        return {}, [f"the ledger as it is: {copy.baseline.end}: {copy.baseline.message}"]
    ended, failures = {}, []
    for kind, renewed in chosen or KINDS:
        one = Try(kind, OF_REPORTS, renewed)
        told, stands = copy.tried(kind, one.seed, renewed=renewed)
        end, wrong = judged(one, told, copy.baseline)
        if not stands:
            end, wrong = FAILED, [*wrong, "the last good report is not as it was"]
        ended[one] = end, told
        failures += [f"report, {kind}, {told.touched}: {fault}" for fault in wrong]
        if tell:
            print(f"report, {kind}, {told.touched}: {end}", *(f"  {fault}" for fault in wrong), sep="\n", flush=True)
    return ended, failures


def counts(ended: dict[Try, tuple[str, Told]], failures: Sequence[str]) -> dict[str, Any]:
    """Return what was counted, for the file."""
    by_kind = {
        kind: collections.Counter(e for one, (e, _) in ended.items() if one.kind == kind) for kind in kinds.KINDS
    }
    right = {one: pair for one, pair in ended.items() if one.renewed}
    of_right = collections.Counter(end for end, _ in right.values())
    caught = [end for one, (end, _) in ended.items() if not one.renewed]
    refused = [told.message.splitlines()[0] for end, told in ended.values() if end == BY_CONTENT]
    seen = [told for end, told in right.values() if end == SEEN]
    return {
        "kinds": len(kinds.KINDS),
        "checked": len(ended),
        "failed": len(failures),
        "fingerprint as recorded, file changed": len(caught),
        "refused of these": sum(end in (BY_FINGERPRINT, BY_CONTENT) for end in caught),
        "fingerprint right": len(right),
        "of these": {end: of_right[end] for end in ENDS},
        "other numbers under another stamp, and a gate would close": sum(bool(told.gates) for told in seen),
        "refusals by content": len(refused),
        "of these that name a line": sum(", line " in first for first in refused),
        "of these that name a column": sum(", column " in first for first in refused),
        "by kind": {kind: {end: ends[end] for end in ENDS if ends[end]} for kind, ends in by_kind.items() if ends},
    }


def counts_of_reports(ended: dict[Try, tuple[str, Told]], failures: Sequence[str]) -> dict[str, Any]:
    """Return what was counted of whole reports, for the file."""
    ends = collections.Counter(end for end, _ in ended.values())
    return {
        "checked": len(ended),
        "failed": len(failures),
        "ends": {end: ends[end] for end in ENDS},
        "of other numbers, with a warning of a gate": sum(bool(t.gates) for end, t in ended.values() if end == SEEN),
        "by kind": {f"{one.kind}{'' if one.renewed else ', as recorded'}": end for one, (end, _) in ended.items()},
    }


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    chosen = tries(200) if "--quick" in words else tries()
    told: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        if "--only-reports" not in words:
            ended, failures = run(chosen, Path(folder), tell=True)
            told["reading"] = counts(ended, failures)
            failed += bool(failures) or len(ended) != len(chosen)
        if "--only-reading" not in words and "--quick" not in words:
            ended, failures = run_reports(Path(folder), tell=True)
            told["whole reports"] = counts_of_reports(ended, failures)
            failed += bool(failures) or not ended
    print(json.dumps(told, indent=1))
    if "--quick" not in words:
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
