"""What a fetch brought: new, revised by how much, refused and why; as a table, as JSON, as an exit code."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.fetch.collect import Failure, Harvest
from helpers.fetch.vintages import Change
from helpers.refusals import EXIT_CODES

NEW, NOTHING_NEW, PART_FAILED, ALL_FAILED = 0, 5, 6, 7


@dataclass
class Account:
    """The account of one office."""

    office: str
    answered: int = 0
    empty: int = 0
    not_asked: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("new", "revised", "confirmed", "known"), 0))
    revisions: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """``new``, ``nothing new``, ``part failed`` or ``failed``."""
        if self.failures:
            return "part failed" if self.answered else "failed"
        written = self.counts["new"] + self.counts["revised"] + self.counts["confirmed"]
        return "new" if written else "nothing new"


def of_harvest(harvest: Harvest, changes: list[Change], files: list[Path]) -> Account:
    """Count what an office gave."""
    account = Account(
        harvest.office.name, harvest.answered, harvest.empty, harvest.not_asked, failures=harvest.failures,
        left_out=sorted(harvest.left_out), files=[paths.shown(file) for file in files],
    )  # fmt: skip
    for change in changes:
        account.counts[change.kind] += 1
        if change.kind == "revised":
            figure = change.figure
            apart = 100 * (float(figure.value) / change.before - 1) if change.before else None
            account.revisions.append(
                {
                    "dataset": change.dataset, "period": figure.period, "period_kind": figure.period_kind,
                    "partner": figure.partner, "flow": figure.flow, "product": figure.product,
                    "before_mn": round(change.before, 6), "now_mn": round(float(figure.value), 6),
                    "revision_pct": None if apart is None else round(apart, 3),
                }
            )  # fmt: skip
    account.revisions.sort(key=lambda row: -abs(row["revision_pct"] or 0))
    return account


def exit_code(accounts: list[Account]) -> int:
    """Return the code that a scheduler reads."""
    failed = [account for account in accounts if account.failures]
    if failed:
        return ALL_FAILED if all(account.status == "failed" for account in accounts) else PART_FAILED
    return NEW if any(account.status == "new" for account in accounts) else NOTHING_NEW


def as_json(accounts: list[Account], day: str) -> dict[str, Any]:
    """Return everything, for a program."""
    code = exit_code(accounts)
    return {
        "day": day, "exit_code": code, "meaning": EXIT_CODES[code],
        "offices": [
            {
                "office": account.office, "status": account.status, "answers": account.answered,
                "nothing_there": account.empty, "not_asked": account.not_asked, **account.counts,
                "revisions": account.revisions, "left_out_partners": account.left_out, "files": account.files,
                "failures": [
                    {"ask": failure.ask, "reason": failure.reason, "message": failure.message,
                     "again_in_seconds": round(failure.wait)}
                    for failure in account.failures
                ],
            }
            for account in accounts
        ],
    }  # fmt: skip


def as_text(accounts: list[Account]) -> str:
    """Return a table a line for each office, then revisions and failures in words."""
    heads = ("office", "status", "answers", "nothing there", "new", "revised", "confirmed", "known")
    rows = [
        (account.office, account.status, str(account.answered), str(account.empty),
         *(str(account.counts[name]) for name in heads[4:]))
        for account in accounts
    ]  # fmt: skip
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in (heads, *rows)]  # fmt: skip
    for account in accounts:
        shown = [row for row in account.revisions[:5] if row["revision_pct"] is not None]
        lines += [
            f"{account.office}: {row['period']} {row['partner']} {row['flow']} {row['product']} revised by "
            f"{row['revision_pct']:+.2f} %, {row['before_mn']:,.1f} to {row['now_mn']:,.1f} million"
            for row in shown
        ]
        if len(account.revisions) > len(shown):
            lines.append(f"{account.office}: {len(account.revisions) - len(shown)} further revisions, see --json")
        if account.left_out:
            lines.append(f"{account.office}: small partners without a code, left out: {', '.join(account.left_out)}")
        lines += [f"{account.office}: refused, {failure.reason}: {failure.message}" for failure in account.failures[:8]]
        if len(account.failures) > 8:
            lines.append(f"{account.office}: {len(account.failures) - 8} further failures, see --json")
        if account.not_asked:
            lines.append(f"{account.office}: {account.not_asked} requests were not made after that")
        lines += [f"{account.office}: wrote {file}" for file in account.files]
    return "\n".join(lines)
