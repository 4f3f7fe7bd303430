"""Lines for a crontab: what cron does not know (zones, delays, limits, a start that was missed) stands in the line."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from pathlib import Path

from helpers import paths
from helpers.refusals import Refusal
from helpers.schedule import place
from helpers.schedule.times import askings, in_zone

BEGIN, END = "# export diversion: begin", "# export diversion: end"
LOG = ".night.log"


def text(*, system: bool = False, zone: str | None = None) -> str:
    """Return the lines, by the clock of this machine or of ``zone``; ``system`` names the user, as /etc/cron.d wants.

    A line waits up to half an hour at random, runs behind everything else, is ended after two hours, and starts
    nothing while another run is at work. After a start of the machine it asks once, for what was missed.
    """
    zone = zone or here()
    lines = [BEGIN, f"# Hours of {zone}. What runs says so in {_reports() / LOG}, one JSON object a line."]
    user = f"{_owner()} " if system else ""
    for asking in askings():
        told = in_zone(asking, zone)
        lines += [f"# {told.why}", f"{told.minute} {told.hour} {told.first}-{told.last} * * {user}{_run()}"]
    lines += ["# what was missed while the machine was off", f"@reboot {user}sleep 300; {_run()}", END]
    return "\n".join(lines) + "\n"


def install(*, system: bool = False) -> list[str]:
    """Put the lines into the user's crontab, in place of those of an earlier time; everything else in it stays.

    Raises
    ------
    Refusal
        If there is no cron, or it refuses the table; exit code 4.
    """
    if system:
        raise Refusal("cron installs for a user only", expected="`diversion schedule cron --install`",
                      remedy="write `diversion schedule cron --system` to /etc/cron.d/export-diversion",
                      exit_code=2)  # fmt: skip
    if not shutil.which("crontab"):
        raise Refusal("crontab is missing", expected="a machine that runs cron", remedy="apt-get install cron, or "
                      "`diversion schedule systemd`", exit_code=4)  # fmt: skip
    held = subprocess.run(["crontab", "-l"], capture_output=True, text=True)
    if held.returncode and "no crontab" not in held.stderr:
        raise _failed(held.stderr)
    place.make_folders()
    table = without_ours(held.stdout if held.returncode == 0 else "") + text()
    put = subprocess.run(["crontab", "-"], input=table, capture_output=True, text=True)
    if put.returncode:
        raise _failed(put.stderr)
    return ["wrote the lines between the marks into your crontab; `crontab -l` shows it"]


def without_ours(table: str) -> str:
    """Return a crontab without the lines between our marks."""
    kept, inside = [], False
    for line in table.splitlines(keepends=True):
        inside = inside or line.rstrip("\n") == BEGIN
        if not inside:
            kept.append(line)
        inside = inside and line.rstrip("\n") != END
    left = "".join(kept)
    return left if not left or left.endswith("\n") else left + "\n"


def here() -> str:
    """Return the zone of this machine, UTC where it has no name."""
    target = Path("/etc/localtime").resolve()
    if "zoneinfo" in target.parts:
        return "/".join(target.parts[target.parts.index("zoneinfo") + 1 :])
    return "UTC" if not time.timezone else time.tzname[0]


def _run() -> str:
    settings = "".join(f"{name}={shlex.quote(value)} " for name, value in place.settings().items())
    keys = f"$HOME/.config/{place.KEYS}"
    line = (
        f"cd {shlex.quote(str(paths.ROOT))} && sleep $(shuf -i 0-1800 -n 1) && "
        f'{{ set -a; [ ! -r "{keys}" ] || . "{keys}"; set +a; }} && '
        f"{settings}nice -n 15 ionice -c 3 timeout -k 120 7200 {shlex.quote(str(place.command()))} report --if-new "
        f">>{shlex.quote(str(_reports() / LOG))} 2>&1"
    )
    return line.replace("%", r"\%")


def _reports() -> Path:
    return paths.REPORTS


def _owner() -> str:
    return paths.ROOT.owner()


def _failed(said: str) -> Refusal:
    return Refusal(f"crontab failed: {said.strip()[:300]}", expected="a crontab that can be read and written",
                   remedy="mend what it says", exit_code=4)  # fmt: skip
