"""Whether a published report comes out again from what its record names: identical, equal to printed digits, or not.

First the record is held against what lies here: signature, files, code, packages, parameters, raw files, the report
before. Then the report is made again (``reexecution.py``) and held against the published one: page, tables, notebooks.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers import contents, page_texts, printed_digits, publish, published, reexecution, signing
from helpers.numbers import NOTHING
from helpers.printed_digits import Difference
from helpers.published import Report
from helpers.reexecution import Bench, Figures
from helpers.refusals import Refusal

IDENTICAL, PRINTED, DIFFERS = "identical", "equal to printed digits", "differs"
CODES = {IDENTICAL: 0, PRINTED: 8, DIFFERS: 9}
SHOWN = 12  # digits of a fingerprint
MOST = 5  # names in a line
HASHES = ("sha256", "code", "lock", "stamp")  # those that the page shows


@dataclass(frozen=True)
class Held:
    """One thing the record says, held against here: what, whether it is the same (None: cannot be told), and words."""

    what: str
    same: bool | None
    told: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """The published report and the one made again, side by side.

    ``page`` tells in words how the pages compare; ``printed`` are the tables that are equal to printed digits only,
    ``differing`` those that are not, with how many cells; ``notebooks`` those with other results. ``first`` is what
    differs first.
    """

    page: str
    same_page: bool
    tables: int
    printed: tuple[str, ...]
    differing: dict[str, int]
    notebooks: tuple[str, ...]
    first: Difference | None


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    report: Report
    held: tuple[Held, ...]
    compared: Compared
    altered: tuple[str, ...]

    @property
    def word(self) -> str:
        """One of :data:`IDENTICAL`, :data:`PRINTED`, :data:`DIFFERS`."""
        found = self.compared
        if found.first or self.altered:
            return DIFFERS
        return IDENTICAL if found.same_page and not found.printed and not found.notebooks else PRINTED

    @property
    def exit_code(self) -> int:
        """The exit code that says so."""
        return CODES[self.word]


def verify(place: str, commit: str = "", tell: Callable[[Held], None] = lambda held: None) -> Verdict:
    """Make a published report again and hold the two against each other.

    Parameters
    ----------
    place
        Its month, or its folder.
    commit
        The git commit whose code makes it again; empty takes that of this checkout.
    tell
        Called with each thing that was held against the record, before the report is made again.

    Raises
    ------
    Refusal
        If there is no such report or commit (exit code 2), its record, its signature or its raw files are not those
        that were published (3), something is missing here (4), or it cannot be made again (1).
    """
    report, held = published.find(place), []

    def note(*found: Held) -> None:
        for one in found:
            held.append(one)
            tell(one)

    note(_signature(report))
    altered = _altered(report)
    note(_files(report, altered))
    with reexecution.bench() as bench:
        if commit:
            commit = reexecution.take_commit(bench, commit)
        else:
            reexecution.take_code(bench)
        about = reexecution.about(bench)
        note(_code(report, about["code"], commit), _lock(report, about["lock"]), *_surroundings(report))
        note(_parameters(report, about["usual"]))
        figures = reexecution.take_figures(bench, report.record)
        _refuse_without(figures, report, commit)
        note(_raw_files(report, figures), before := _report_before(bench, report))
        made = reexecution.run(bench, report.record["parameters"], about["usual"])
        compared = compare(report, made, since=before.same is not False)
    return Verdict(report, tuple(held), compared, tuple(altered or ()))


def _signature(report: Report) -> Held:
    found = signing.check(report.folder / "run.json")
    told = {
        "good": f'good: "{found.comment}"',
        "not checked": f"not checked, {signing.PUBLIC} names no public key",
        "none": "none",
    }[found.state]
    return Held("signature", True if found.state == "good" else None, told, {"comment": found.comment})


def _altered(report: Report) -> list[str] | None:
    """Return the files that are not those of the record; None if it names none."""
    return contents.altered(report.folder, report.record["files"]) if "files" in report.record else None


def _files(report: Report, altered: list[str] | None) -> Held:
    if altered is None:
        return Held("files", None, "its record names none: it was made before records did")
    told = f"not those of its record: {_some(altered)}" if altered else "those of its record"
    return Held("files", not altered, told, {"altered": altered})


def _code(report: Report, here: str, commit: str) -> Held:
    made, known = report.record["code"], str(report.record.get("commit") or "")
    facts = {"recorded": made, "here": here, "commit": known}
    if made == here:
        return Held("code", True, f"the same, of commit {commit[:SHOWN]}" if commit else "the same", facts)
    name, _, changes = known.partition("+")
    told = f"made with {made[:SHOWN]}" + (
        f" (commit {name[:SHOWN]}{' and changes that are not in it' if changes else ''})" if name else ""
    )
    where = f"commit {commit[:SHOWN]} has" if commit else "here it is"
    offer = f"; to run that commit's: diversion verify {report.month} --code {name[:SHOWN]}"
    told = f"differs: {told}, {where} {here[:SHOWN]}{offer if name and not commit else ''}"
    return Held("code", False, told, facts)


def _lock(report: Report, here: str) -> Held:
    made = report.record["lock"]
    told = "the same" if made == here else f"differs: made with {made[:SHOWN]}, here it is {here[:SHOWN]}"
    return Held("lock", made == here, told, {"recorded": made, "here": here})


def _surroundings(report: Report) -> list[Held]:
    """Hold versions and platform against the record, as far as it names them."""
    here = publish.surroundings()
    made = {"Python": report.record.get("python"), **report.record.get("packages", {})}
    now = {"Python": here["python"], **here["packages"]}
    other = {name: [was, now.get(name)] for name, was in made.items() if was and was != now.get(name)}
    told = ", ".join(f"{name} {was}, here {is_now or 'none'}" for name, (was, is_now) in other.items())
    found = [Held("packages", not other, f"differ: {told}" if other else "the same", {"other": other})]
    was = report.record.get("platform")
    if was and was != here["platform"]:
        found.append(Held("platform", False, f"made on {was}, here {platform.platform()}; last digits may differ"))
    return found


def _parameters(report: Report, usual: dict[str, Any]) -> Held:
    values = report.record["parameters"]
    gone = sorted(values.keys() - usual.keys())
    new = {name: usual[name] for name in sorted(usual.keys() - values.keys())}
    told = [f"not known to the code: {', '.join(gone)}"] if gone else []
    told += [f"not in the record, as usual: {name}={value!r}" for name, value in new.items()]
    return Held("parameters", not told, "; ".join(told) or "the same", {"unknown": gone, "added": new})


def _refuse_without(figures: Figures, report: Report, commit: str) -> None:
    """Refuse to go on without the figures that the report was made from."""
    told = [f"missing: {', '.join(figures.missing)}"] if figures.missing else []
    told += [f"not as they were then: {', '.join(figures.changed)}"] if figures.changed else []
    if not told:
        return
    name = str(report.record.get("commit") or "").partition("+")[0][:SHOWN]
    git = f"; or take them from git: diversion verify {report.month} --code {name}" if name and not commit else ""
    raise Refusal(
        f"raw files of the record are {'; '.join(told)}",
        expected="every raw file whose sha256 the record names, with its .source.yml beside it",
        remedy=f"bring them back into data/raw{git}", file=f"{report.folder.name}/run.json",
    )  # fmt: skip


def _raw_files(report: Report, figures: Figures) -> Held:
    told = f"{len(report.record['data'])} as recorded"
    if figures.left_out:
        told += f"; left out, the record does not name them: {_some(figures.left_out)}"
    return Held("raw files", True, told, {"left_out": list(figures.left_out)})


def _report_before(bench: Bench, report: Report) -> Held:
    before, state = report.record.get("previous") or {}, reexecution.take_report_before(bench, report)
    name = f"{before.get('month')}, stamp {before.get('stamp')}"
    told = {
        "none": "none was an input",
        "here": f"{name}, is here",
        "missing": f"{name}, is not here: what the page says of it is not compared",
        "changed": f"{name}, was made anew or altered since: what the page says of it is not compared",
    }[state]
    return Held("report before", state in ("none", "here"), told, {"state": state})


def compare(report: Report, made: Report, *, since: bool = True) -> Compared:
    """Hold a published report against the one that was made again.

    Parameters
    ----------
    report, made
        The two.
    since
        Whether the report before was the same for both, so that what the pages say of it can be compared.
    """
    order = [*published.DESCRIBED]
    old, new = ({file.stem: file for file in (side.folder / "data").glob("*.csv")} for side in (report, made))
    names = sorted({*old, *new}, key=lambda name: (order.index(name) if name in order else len(order), name))
    printed, differing, first = [], {}, None
    for name in names:
        if found := list(_differences(name, old.get(name), new.get(name))):
            differing[name], first = len(found), first or found[0]
        elif old[name].read_bytes() != new[name].read_bytes():
            printed.append(name)
    same_page, page, on_page = _pages(report, made, since)
    return Compared(
        page, same_page, len(names), tuple(printed), differing, tuple(_notebooks(report.folder, made.folder)),
        first or on_page,
    )  # fmt: skip


def _differences(name: str, old: Path | None, new: Path | None) -> list[Difference]:
    if old is None or new is None:
        return [Difference(name, {}, "", *(("a table", NOTHING) if old else (NOTHING, "a table")))]
    if old.read_bytes() == new.read_bytes():
        return []
    try:
        return list(printed_digits.differences(name, old, new))
    except Refusal as refusal:
        return [Difference(name, {}, "", str(refusal).splitlines()[0], "a table")]


def _pages(report: Report, made: Report, since: bool) -> tuple[bool, str, Difference | None]:
    """Tell whether the pages are the same to the byte, how they compare, and what differs in them first."""
    if not (report.folder / contents.PAGE).is_file():
        return False, DIFFERS, Difference(contents.PAGE, {}, "", NOTHING, "a page")
    old, new = (contents.page_of(side.folder) for side in (report, made))
    if old == new:
        return True, IDENTICAL, None
    try:
        return False, *_in_words(report, made, (old.decode("utf-8"), new.decode("utf-8")), since)
    except Exception as error:  # a page that somebody changed may break anywhere
        return False, DIFFERS, Difference(contents.PAGE, {}, "", f"a broken page ({type(error).__name__})", "a page")


def _in_words(report: Report, made: Report, pages: tuple[str, str], since: bool) -> tuple[str, Difference | None]:
    """Compare what two pages say and carry; their fingerprints may differ as those of the records do."""
    for name, content in page_texts.tables_inside(pages[0]).items():
        file = report.folder / "data" / name
        if not file.is_file() or file.read_bytes() != content:
            return DIFFERS, Difference(contents.PAGE, {"inside": name}, "", "other data", f"those of data/{name}")
    same_code = report.record["code"] == made.record["code"]
    was, now = (page_texts.texts(page, since=since, code=same_code) for page in pages)
    for name in HASHES:
        known, mine = report.record.get(name), made.record[name]
        was = [text.replace(known, mine) for text in was] if known else was
    if pair := page_texts.first_number(was, now):
        return DIFFERS, Difference(contents.PAGE, {}, "", *(text or NOTHING for text in pair))
    same = "its numbers are the same, some words are not" if was != now else "it says the same"
    return same if since else f"{same}, but for what it says of the report before", None


def _notebooks(old: Path, new: Path) -> list[str]:
    """Return the executed notebooks whose results differ in more than their times."""
    was, now = (
        {file.name: contents.notebook_of(file) for file in (side / "steps").glob("*.ipynb")} for side in (old, new)
    )
    return [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]


def _some(names: list[str] | tuple[str, ...]) -> str:
    left = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {left} more" if left > 0 else "")
