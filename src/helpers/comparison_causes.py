"""Why a number of one report differs from that of another: what they were made from, as far as their records tell.

The records tell which of code, packages, parameters and raw files differ. Where raw files differ, the customs figures
that a row says it rests on are held against each other: a row whose figures are all the same did not move by data.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from helpers.partners import family_of
from helpers.published import Report

PARAMETERS, DATA, NEW_MONTH, PACKAGES, CODE = "parameters", "data", "new month", "packages", "code"
LEDGER_TABLES = {"customs_monthly": "value_mn", "customs_quarterly": "value_mn", "customs_growth": "yoy_pct"}
CELL = ("reporter_code", "partner_code", "flow", "period")
KIND = ("period_kind", "product_scheme", "product_code", "concept", "currency")
_INPUT = re.compile(r"(\w+)/(\w+)/(exports|imports)/\w+/(\d{4}-\d\d)(?:\.\.(\d{4}-\d\d))?(@.*)?")


class Causes:
    """What two reports were made from, side by side."""

    def __init__(self, before: Report, after: Report) -> None:
        """Hold the two records against each other."""
        self._before, self._after = before, after
        old, new = before.record, after.record
        self.months = (before.month, after.month)
        self.code = old["code"] != new["code"]
        self.lock = old["lock"] != new["lock"]
        told = "packages" in old and "packages" in new  # a record that has not been written has a lock only
        versions = [{**side["packages"], "python": side.get("python")} if told else {} for side in (old, new)]
        self.packages = _changed(*versions)
        self.parameters = _changed(old["parameters"], new["parameters"])
        for name in ("month", "checked_on", "accepted"):  # the last two move no number
            self.parameters.pop(name, None)
        self.files = _files(old["data"], new["data"])

    def named(self) -> list[str]:
        """Return what differs, in the order in which one would look for a cause.

        A parameter that only one of the reports knows comes with its code.
        """
        assigned = any(None not in pair for pair in self.parameters.values())
        told = (
            (PARAMETERS, assigned), (DATA, self.files), (NEW_MONTH, self.months[0] != self.months[1]),
            (PACKAGES, self.lock or self.packages), (CODE, self.code),
        )  # fmt: skip
        return [name for name, differs in told if differs]

    def of(self, *inputs: str) -> str:
        """Return what can have moved a quantity both reports hold; ``inputs`` is what its rows rest on."""
        named = self.named()
        if DATA in named and len(named) > 1 and not self._rests_on_revised(";".join(inputs)):
            named.remove(DATA)
        return " or ".join(named)

    def of_new_month(self) -> str:
        """Return what brought a quantity that only one report holds, or that has another span there."""
        return NEW_MONTH if self.months[0] != self.months[1] else " or ".join(self.named())

    def figures(self) -> list[tuple[str, float, float]]:
        """Return the customs figures that both reports hold and that differ: of what, before, after."""
        found = []
        for name, unit in LEDGER_TABLES.items():
            old, new = _cells(self._before, name) or {}, _cells(self._after, name) or {}
            for key in sorted(set(old) & set(new), key=str):
                if old[key] != new[key] and not (old[key] != old[key] and new[key] != new[key]):
                    named = dict(zip(CELL + KIND, key, strict=True))
                    measure = f"million {named['currency']}" if unit == "value_mn" else "percent on a year before"
                    goods = "" if named["product_code"] == "TOTAL" else f" of {named['product_code']}"
                    way = "to" if named["flow"] == "exports" else "from"
                    flow = f"{named['reporter_code']} {named['flow']}{goods} {way} {named['partner_code']}"
                    what = f"{flow}, {named['period']} ({named['period_kind']}), {measure}"
                    found.append((what, old[key], new[key]))
        return found

    def _rests_on_revised(self, inputs: str) -> bool:
        """Tell whether figures a row rests on differ; if it does not name them well enough, they may."""
        parts = [_INPUT.fullmatch(part) for part in inputs.split(";")]
        if not inputs or not all(parts) or self._revised is None:
            return True
        return any(
            (reporter, family_of(partner), flow) == (part[1], family_of(part[2]), part[3])
            and part[4] <= period <= (part[5] or part[4])
            for reporter, partner, flow, period in self._revised
            for part in parts
        )

    @functools.cached_property
    def _revised(self) -> set[tuple[str, ...]] | None:
        """The customs cells that differ between the two; None if rates of exchange and the like do, or none is held."""
        if _cells(self._before, "controls_monthly") != _cells(self._after, "controls_monthly"):
            return None
        found: set[tuple[str, ...]] = set()
        for name in LEDGER_TABLES:
            old, new = _cells(self._before, name), _cells(self._after, name)
            if old is None or new is None:
                return None
            found |= {key[: len(CELL)] for key, value in {*old.items()} ^ {*new.items()}}
        return found


def _cells(report: Report, name: str) -> dict[tuple[str, ...], float] | None:
    """Return the preferred figures of a table of the ledger by what they are of; None if the report holds no such."""
    if name not in report.names:
        return None
    held = report.table(name)
    key, value = (CELL + KIND, LEDGER_TABLES[name]) if name in LEDGER_TABLES else (held.key, "value")
    frame = held.frame
    if not key or not {*key, value} <= set(frame.columns):
        return None
    if "is_preferred" in frame.columns:
        frame = frame[frame["is_preferred"].fillna(False).astype(bool)]
    return dict(zip(frame[list(key)].itertuples(index=False, name=None), frame[value], strict=True))


def _changed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the entries that differ, as before and after; None where there is none."""
    names = sorted({*old, *new})
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def _files(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the raw files that were added, changed or left out."""
    before, after = ({entry["file"]: entry for entry in entries} for entries in (old, new))
    rows = []
    for file in sorted({*before, *after}):
        was, now = before.get(file), after.get(file)
        if was and now and _same_file(was, now):
            continue
        entry = now or was
        rows.append({
            "file": file, "what": "changed" if was and now else "added" if now else "left out",
            "producer": entry["producer"], "title": entry["title"],
            "read_before": was["date_accessed"] if was else "", "read_after": now["date_accessed"] if now else "",
        })  # fmt: skip
    return rows


def _same_file(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Tell whether two records name the same raw file with the same record beside it, as far as both name that."""
    beside = [entry["record"] for entry in (was, now) if "record" in entry]
    return was["sha256"] == now["sha256"] and (len(beside) < 2 or beside[0] == beside[1])
