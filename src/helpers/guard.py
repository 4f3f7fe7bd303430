"""Who looks at a report between its last step and its readers: what is not whole or beyond all that was seen stays out.

``diversion report`` is warned of closed gates; a run by timer is stopped by them, unless somebody gave a reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.progress import Progress
from helpers.refusals import GATE_CLOSED, Refusal

if TYPE_CHECKING:
    from helpers.gates import Finding


class GateClosed(Refusal):
    """A finished report that is not published until somebody has looked at it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Tell what closed the gates."""
        self.findings = findings
        told = "\n".join(f"  {finding.gate}: {finding.told}" for finding in findings)
        super().__init__(
            f"not published: {len(findings)} beyond all that was seen\n{told}",
            expected="figures within their own past",
            remedy="look at the figures; where they are right, `diversion report --if-new --accept 'why'`",
            exit_code=GATE_CLOSED,
        )


class Guard:
    """Lets everything pass."""

    def passed(self, step: str, outcome: str = "done", **facts: Any) -> None:
        """Hear that a step of the run has ended, and how."""

    def judge(self, report: Path, values: dict[str, Any]) -> str:
        """Look at the tables of a report before its page is drawn; return the reason for which it may pass, if any."""
        return values.get("accepted", "")

    def inspect(self, report: Path, stamp: str) -> None:
        """Look at the finished report."""

    def record(self) -> dict[str, Any]:
        """Return what the record of the run says of the gates."""
        return {}


class Gatekeeper(Guard):
    """Holds a report against the gates and against what it promises.

    Parameters
    ----------
    progress
        Hears of findings.
    closes
        Whether a finding keeps the report from its readers; otherwise it is only told.
    accept
        A reason to publish it all the same.
    """

    def __init__(self, progress: Progress, *, closes: bool = False, accept: str = "") -> None:
        self._progress, self._closes, self._accept = progress, closes, accept
        self._findings: tuple[Finding, ...] = ()

    def passed(self, step: str, outcome: str = "done", **facts: Any) -> None:
        """Tell the step where every step is told."""
        if self._closes:
            self._progress.tell("step", f"{step}: {outcome}", step=step, outcome=outcome, **facts)

    def judge(self, report: Path, values: dict[str, Any]) -> str:
        """Return the reason that the page shows; it stays as long as the month's report is made again.

        Raises
        ------
        GateClosed
            If there are findings, nobody gave a reason, and findings count.
        """
        from helpers import gates

        before = gates.last_good(values["month"])
        try:
            verdict = gates.judge(report, before, {"parameters": values})
        except Exception as error:  # a gate that cannot judge is closed, and no page is lost by a warning that fails
            verdict = gates.Verdict((gates.Finding("gates", "all", f"could not be judged: {error!r}"),))
        self._findings = verdict.findings
        for told in verdict.not_judged:
            if self._closes:
                self._progress.tell("not judged", f"  not judged: {told}", told=told)
        for finding in verdict.findings:
            self._progress.tell(
                "gate", f"  warning, {finding.gate}: {finding.told}", gate=finding.gate, about=finding.about,
                told=finding.told,
            )  # fmt: skip
        carried = _reason_of(before) if before and before.name == values["month"] else ""
        if values["accepted"]:  # part of the request: the same page wherever it is made
            return values["accepted"]
        if not verdict.findings:
            if self._accept:
                self._progress.tell("nothing to accept", "no gate is closed: there is nothing to accept")
            return carried
        if self._accept:
            return "; ".join(dict.fromkeys(reason for reason in (carried, self._accept) if reason))
        if self._closes:
            raise GateClosed(verdict.findings)
        return carried

    def inspect(self, report: Path, stamp: str) -> None:
        """Refuse a report that is not whole."""
        from helpers import finished

        finished.check(report, stamp)

    def remind(self) -> None:
        """Say at the end of a run by hand that there were findings: by timer they would have kept the report back."""
        if self._findings:
            many = "1 check" if len(self._findings) == 1 else f"{len(self._findings)} checks"
            told = f"  warning: {many} before publishing closed, as told above; a timer would not have published this"
            self._progress.tell("gates closed", told, findings=len(self._findings))

    def record(self) -> dict[str, Any]:
        """Return the findings that were accepted or only told."""
        rows = [{"gate": each.gate, "about": each.about, "told": each.told} for each in self._findings]
        return {"gates": rows} if rows else {}


def _reason_of(folder: Path) -> str:
    import json

    try:
        return str(json.loads((folder / "run.json").read_text(encoding="utf-8"))["parameters"].get("accepted", ""))
    except (OSError, ValueError, KeyError):
        return ""
