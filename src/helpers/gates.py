"""What a finished report must not do before it is published without a person looking: the five gates.

A gate closes when something is beyond all that was ever seen: a sum that its parts contradict, a month that jumps, a
month that is missing where none was, a revision, a headline number that moved. What was there in the report before
passes; the limits are the series' own past. Nothing here says that a figure is wrong, only that somebody has to look.
What can only be an error of the code (shares that do not add up, a negative flow) the notebooks assert themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import paths, shelf
from helpers.months import month_name
from helpers.numbers import percent, plain
from helpers.shelf import Shelved

if TYPE_CHECKING:
    import pandas as pd

IDENTITY, JUMP, HOLE, REVISION, MOVED = "sums", "jump", "missing month", "revision", "headline"
TABLES = ("customs_monthly", "customs_revisions")
# Reporter, partner and concept of the flows that the first page speaks of.
HEADLINES = (
    ("CN", "US", "exports_fob"), ("CN", "WORLD", "exports_fob"), ("CN", "EU", "exports_fob"),
    ("CN", "ASEAN", "exports_fob"), ("CN", "AU", "exports_fob"), ("US", "CN", "imports_general"),
    ("AU", "CN", "merchandise imports"), ("EU27", "CN", "imports"),
)  # fmt: skip
SAME = ["period", "period_kind", "reporter_code", "flow", "product_scheme", "product_code", "concept", "currency",
        "source_id", "vintage"]  # fmt: skip
FLOW = ["reporter_code", "partner_code", "flow", "product_scheme", "product_code", "concept", "currency", "vintage"]
STEPS = {1: "the month before", 12: "a year before"}
SHORTEST = 24  # changes in a past that can say what is usual
FEW = 5  # revisions of a flow; where fewer are known, those of the whole reporter are the measure
UNBROKEN = 12  # months in a row that make a flow one in which none may be missing
SLACK = {"parts": 0.0, "bloc": 0.0, "months": 1.0}  # percent: sums over months may mix vintages
FIRST_REVISION = 5.0  # percent: the limit where no revision is known
SMALL_REVISION = 1.0  # percent: what a revision may always be; where few are known, the largest of them is soon beaten
SHARE = 0.1  # of a headline number, or of the width of its interval: what it may always move


@dataclass(frozen=True)
class Finding:
    """What closed a gate: which one, what it was about, and the story in one sentence."""

    gate: str
    about: str
    told: str


@dataclass(frozen=True)
class Verdict:
    """What the gates found, and what they could not judge."""

    findings: tuple[Finding, ...]
    not_judged: tuple[str, ...] = ()


def judge(report: Path, before: Path | None, record: dict) -> Verdict:
    """Hold a finished report against the one that stands.

    Parameters
    ----------
    report
        Folder of the report, its tables under ``data``.
    before
        Folder of the last good report; None if there is none.
    record
        What is known of the report: its ``parameters``.
    """
    findings: list[Finding] = []
    not_judged: list[str] = []
    if not (before and _same(report, before)):
        for judged in (_of_cells, _of_revisions):
            judged(report, before, findings, not_judged)
    _of_headlines(report, before, record, findings, not_judged)
    return Verdict(tuple(findings), tuple(not_judged))


def _same(report: Path, before: Path) -> bool:
    """Tell whether two reports rest on the same figures, byte for byte."""
    files = [f"data/{name}.csv" for name in TABLES]
    try:
        return all((report / name).read_bytes() == (before / name).read_bytes() for name in files)
    except OSError:
        return False


def _table(folder: Path | None, name: str, numbers: Sequence[str]) -> pd.DataFrame | None:
    """Return a table of a report with ``numbers`` as numbers and the rest as text; None where it is not held."""
    import pandas as pd

    file = folder / "data" / f"{name}.csv" if folder else None
    if file is None or not file.is_file():
        return None
    try:
        frame = pd.read_csv(file, dtype="str", keep_default_na=False)
        return frame.assign(**{column: pd.to_numeric(frame[column].replace("", None)) for column in numbers})
    except (ValueError, KeyError):
        return None


# --- figures ----------------------------------------------------------------------------------------------------------


def _of_cells(report: Path, before: Path | None, findings: list[Finding], not_judged: list[str]) -> None:
    now, was = (_cells(folder) for folder in (report, before))
    if now is None:
        not_judged.append("sums, jumps, missing months: the report holds no table customs_monthly")
        return
    findings += identities(now, was)
    for reporter, partner, concept in HEADLINES:
        held, known = (_series(cells, reporter, partner, concept) for cells in (now, was))
        name = _flow(reporter, partner)
        findings += holes(name, held, known, _covered(now, reporter, partner, concept))
        if len(held):
            findings += jumps(name, held, known, not_judged.append)


def _cells(folder: Path | None) -> pd.DataFrame | None:
    frame = _table(folder, "customs_monthly", ["value_mn", "abs_error_mn"])
    if frame is None or not {*SAME, *FLOW, "is_preferred", "is_sum"} <= set(frame.columns):
        return None
    return frame.assign(**{name: frame[name] == "True" for name in ("is_preferred", "is_sum")})


def _series(cells: pd.DataFrame | None, reporter: str, partner: str, concept: str) -> dict[str, float]:
    """Return a flow's preferred monthly values by month."""
    from helpers import customs
    from helpers.refusals import Refusal

    if cells is None:
        return {}
    try:
        held = customs.series(cells, reporter, partner, concept=concept)
    except Refusal:  # two figures for a month: the notebook that reads them says so
        return {}
    return dict(zip(held.index.astype(str), (float(value) for value in held), strict=True))


def _covered(cells: pd.DataFrame, reporter: str, partner: str, concept: str) -> set[str]:
    """Return the Januaries and Februaries that are printed as one figure."""
    from helpers import partners

    both = cells[
        (cells["period_kind"].isin(["jan_feb", "ytd"])) & (cells["reporter_code"] == reporter)
        & cells["partner_code"].isin(partners.codes_of(partner)) & (cells["concept"] == concept)
        & cells["period"].str.endswith("-02")
    ]  # fmt: skip
    return {f"{period[:4]}-{month}" for period in both["period"] for month in ("01", "02")}


def _flow(reporter: str, partner: str) -> str:
    from helpers import partners

    names = [partners.name_of(code) for code in (reporter, partner)]
    return f"{names[0]}, {'exports to' if reporter == 'CN' else 'imports from'} {names[1]}"


def identities(now: pd.DataFrame, was: pd.DataFrame | None) -> Iterator[Finding]:
    """Give the sums that their parts contradict by more than in any figure of the report before."""
    for kind, relation in _RELATIONS.items():
        known = relation(was)["apart"].max() if was is not None else math.nan
        limit = max(SLACK[kind], 0.0 if math.isnan(known) else known)
        broken = relation(now)
        for row in broken[broken["apart"] > limit * (1 + 1e-9) + 1e-9].to_dict("records"):
            yield Finding(
                IDENTITY, row["about"], f"{row['about']}: the parts add up to {plain(row['parts'])}, the whole says "
                f"{plain(row['value_mn'])} million {row['currency']}",
            )  # fmt: skip


def _parts(cells: pd.DataFrame) -> pd.DataFrame:
    """Partners of one place and vintage against its total: together they are not more."""
    countries = cells[cells["partner_code"].str.fullmatch("[A-Z]{2}")]
    world = cells[cells["partner_code"] == "WORLD"]
    held = _beside(world, countries.groupby(SAME), SAME)
    return _apart(held.assign(above=held["parts"] - held["value_mn"]))


def _bloc(cells: pd.DataFrame) -> pd.DataFrame:
    """A bloc that was printed against all its members, printed in the same place and vintage."""
    import pandas as pd

    from helpers import partners

    found = []
    for bloc, members in partners.SUMS.items():
        parts = cells[cells["partner_code"].isin(members)]
        whole = parts.groupby(SAME)["partner_code"].transform("nunique") == len(members)
        groups = parts[whole].groupby(SAME)
        printed = cells[(cells["partner_code"] == bloc) & ~cells["is_sum"]]
        found.append(_beside(printed, groups, SAME))
    held = pd.concat(found)
    return _apart(held.assign(above=(held["parts"] - held["value_mn"]).abs()))


def _months(cells: pd.DataFrame) -> pd.DataFrame:
    """January and February, the year so far and the year, against their months in one vintage."""
    import pandas as pd

    months = cells[cells["period_kind"] == "month"].assign(
        year=lambda held: held["period"].str[:4], place=lambda held: held["period"].str[5:].astype(int)
    )
    months = months.sort_values("place").drop_duplicates([*FLOW, "period"])
    groups = months.groupby([*FLOW, "year"])
    months = months.assign(
        parts=groups["value_mn"].cumsum(), parts_error=groups["abs_error_mn"].cumsum(), number=groups.cumcount() + 1
    )
    whole = months[months["number"] == months["place"]][[*FLOW, "period", "parts", "parts_error"]]
    sums = cells[cells["period_kind"].isin(["jan_feb", "ytd", "year"])]
    held = pd.merge(sums, whole, on=[*FLOW, "period"], validate="m:1")
    return _apart(held.assign(above=(held["parts"] - held["value_mn"]).abs()))


_RELATIONS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {"parts": _parts, "bloc": _bloc, "months": _months}


def _beside(totals: pd.DataFrame, groups, keys: list[str]) -> pd.DataFrame:
    """Return totals with what their parts add up to and the roundings of these."""
    added = groups[["value_mn", "abs_error_mn"]].sum()
    added.columns = ["parts", "parts_error"]
    return totals.merge(added.reset_index(), on=keys, how="inner")


def _apart(held: pd.DataFrame) -> pd.DataFrame:
    """Return the relations broken beyond all roundings: ``about`` in words, ``apart`` in percent of the whole."""
    allowed = (held["abs_error_mn"].fillna(0) + held["parts_error"].fillna(0)) * (1 + 1e-9) + 1e-9
    broken = held[held["above"] > allowed]
    names = [
        f"{row.reporter_code}, {row.flow}, {row.partner_code}, {row.product_code}, {row.period_kind} {row.period}"
        for row in broken.itertuples(index=False)
    ]
    return broken.assign(about=names, apart=100 * broken["above"] / broken["value_mn"].where(broken["value_mn"] > 0))


def jumps(name: str, held: dict[str, float], known: dict[str, float], skipped: Callable[[str], None]
          ) -> Iterator[Finding]:  # fmt: skip
    """Give a last month that moved more than the flow ever did, if the report before did not hold it like that."""
    last = max(held)
    if last in known and math.isclose(known[last], held[last], rel_tol=1e-3):
        return
    for step, words in STEPS.items():
        past = {month: change for month in held if (change := _change(held, month, step)) is not None}
        now = past.pop(last, None)
        if now is None:
            continue
        if len(past) < SHORTEST:
            skipped(f"jump: {name}, {words}: {len(past)} changes are too few to say what is usual")
            continue
        largest = max(past, key=lambda month: abs(past[month]))
        if abs(now) > abs(past[largest]):
            yield Finding(
                JUMP, f"{name} {last}", f"{name}, {month_name(last)}: {_percent(now)} against {words}; the largest "
                f"change ever seen is {_percent(past[largest])}, {month_name(largest)}",
            )  # fmt: skip


def _change(held: dict[str, float], month: str, step: int) -> float | None:
    """Return the change against some months before in logarithms; None where one of the two is not held."""
    earlier = _shift(month, -step)
    pair = held[month], held.get(earlier, 0.0)
    return math.log(pair[0] / pair[1]) if min(pair) > 0 else None


def _percent(change: float) -> str:
    return percent(100 * (math.exp(change) - 1)).replace("\u00a0", " ")


def _shift(month: str, by: int) -> str:
    number = 12 * int(month[:4]) + int(month[5:]) - 1 + by
    return f"{number // 12}-{number % 12 + 1:02d}"


def holes(name: str, held: dict[str, float], known: dict[str, float], covered: set[str]) -> Iterator[Finding]:
    """Give the months that are missing inside the span in which the flow had all months before, and after it."""
    if not known:
        return
    first = last = max(known)
    while _shift(first, -1) in known:
        first = _shift(first, -1)
    if first > _shift(last, 1 - UNBROKEN):
        return
    month, missing = first, []
    while month <= max(last, *held):
        if month not in held and month not in covered:
            missing.append(month)
        month = _shift(month, 1)
    if missing:
        told = f"{', '.join(month_name(month) for month in missing)} missing"
        yield Finding(HOLE, f"{name} {missing[0]}", f"{name}: {told}; from {month_name(first)} to {month_name(last)} "
                      "there was every month")  # fmt: skip


# --- revisions --------------------------------------------------------------------------------------------------------


def _of_revisions(report: Path, before: Path | None, findings: list[Finding], not_judged: list[str]) -> None:
    now, was = (_table(folder, "customs_revisions", ["revision_pct"]) for folder in (report, before))
    if now is None or was is None:
        not_judged.append("revisions: one of the two reports holds no table customs_revisions")
    else:
        findings += larger_revisions(now, was)


def larger_revisions(now: pd.DataFrame, was: pd.DataFrame) -> Iterator[Finding]:
    """Give the new revisions of headline flows that are larger than any before."""
    from helpers import customs, partners

    now, was = (
        frame[
            frame["is_beyond_rounding"].eq("True")
            & frame["period_kind"].eq("month")
            & frame["product_code"].eq("TOTAL")
            & frame["revision_pct"].notna()
        ]
        for frame in (now, was)
    )
    key = [*customs.CELL, "vintage", "vintage_day", "source_id"]
    known = set(was[key].itertuples(index=False, name=None))
    for row in now.to_dict("records"):
        reporter, partner = row["reporter_code"], partners.family_of(row["partner_code"])
        if tuple(row[name] for name in key) in known or (reporter, partner, row["concept"]) not in HEADLINES:
            continue
        own = was[was["reporter_code"].eq(reporter)]
        flow = own[own["partner_code"].isin(partners.codes_of(partner)) & own["flow"].eq(row["flow"])]
        past = flow if len(flow) >= FEW else own
        largest = float(past["revision_pct"].abs().max()) if len(past) else FIRST_REVISION
        if abs(row["revision_pct"]) > max(largest, SMALL_REVISION):
            name = _flow(reporter, partner)
            seen = "the largest ever seen is" if len(past) else "none was ever seen; the limit is"
            told = f"revised by {_plain_percent(row['revision_pct'])}; {seen} {plain(largest, 2)} %"
            yield Finding(REVISION, f"{name} {row['period']}", f"{name}, {month_name(row['period'])}: {told}")


def _plain_percent(value: float) -> str:
    return percent(value, 2).replace("\u00a0", " ")


# --- headline numbers -------------------------------------------------------------------------------------------------


def _of_headlines(report: Path, before: Path | None, record: dict, findings: list[Finding], not_judged: list[str]
                  ) -> None:  # fmt: skip
    if before is None:
        not_judged.append("headline numbers: there is no report to hold them against")
        return
    was = shelf.shelved(before)
    asked = Shelved("", record).changed
    if was.changed != asked:
        not_judged.append(f"headline numbers: the report for {month_name(was.month)} was made with other parameters")
        return
    if not (old := numbers_of(was)):
        not_judged.append("headline numbers: the report before holds none")
    span, held = shelf.key_numbers(report / "data")
    new = numbers_of(Shelved("", {}, span, held, shelf.gaps(report / "data")))
    former = [one for one in reversed(shelf.reports()) if one.record and one.changed == asked]
    findings += moved(old, new, [numbers_of(one) for one in former])


def numbers_of(report: Shelved) -> dict[str, tuple[float, float]]:
    """Return the headline numbers of a report, all about the same months, each with what it may always move."""
    found = {name: (value, SHARE * abs(value)) for name, value in report.numbers.items()}
    for gap in report.gaps:
        width = 0.0 if math.isnan(gap.high - gap.low) else gap.high - gap.low
        found[f"gap_{gap.code}"] = gap.gap, SHARE * max(abs(gap.gap), width)
    return found


def moved(old: dict[str, tuple[float, float]], new: dict[str, tuple[float, float]],
          former: Sequence[dict[str, tuple[float, float]]]) -> Iterator[Finding]:  # fmt: skip
    """Give the headline numbers that are gone, or moved more than ever between two reports and more than a tenth."""
    for name, (was, slack) in old.items():
        if name not in new:
            yield Finding(MOVED, name, f"{NAMES.get(name, name)}: {plain(was)} in the report before, now there is none")
            continue
        now, past = new[name][0], [one[name][0] for one in former if name in one]
        largest = max((abs(b - a) for a, b in zip(past, past[1:], strict=False)), default=0.0)
        if abs(now - was) > max(slack, largest) * (1 + 1e-9):
            seen = f"the largest move between two reports is {plain(largest)}" if len(past) > 1 else "no move was seen"
            yield Finding(MOVED, name, f"{NAMES.get(name, name)}: {plain(was)} in the report before, now {plain(now)}; "
                          f"{seen}, and {plain(slack)} may always be")  # fmt: skip


NAMES = {
    "fall_exporter": "Fall of exports to the US while the door was shut, China's count, billion dollars",
    "fall_exporter_pct": "The same in percent", "fall_importer": "The same fall as US customs count it",
    "fall_importer_pct": "The same in percent, as US customs count it", "rise": "Rise of exports to all others",
    "ceiling_low": "Lower ceiling, percent", "ceiling_high": "Upper ceiling, percent",
    "gap_US": "Gap of the US against its own past", "gap_AU": "Gap of Australia against its own past",
}  # fmt: skip


# --- the report before ------------------------------------------------------------------------------------------------


def last_good(month: str) -> Path | None:
    """Return the folder of the report that a report of ``month`` is held against: its own, or the last one before.

    One that was withdrawn or found wrong is passed over: what takes its place is meant to differ.
    """
    from helpers import corrections, superseded

    entries = corrections.read()
    for earlier in reversed([name for name in paths.months_there() if name <= month]):
        told, folder = corrections.of(entries, earlier), paths.REPORTS / earlier
        stamp = superseded.stamp_of(folder)
        if stamp and not (told and told[-1].kind == "withdrawn") and stamp not in {entry.stamp for entry in told}:
            return folder
    return None
