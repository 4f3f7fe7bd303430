"""A service that may do nothing but make the report, and a timer that catches up on what it slept through."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from helpers import paths
from helpers.refusals import Refusal
from helpers.schedule import place
from helpers.schedule.times import askings

NAME = "export-diversion"
SYSTEM_FOLDER = Path("/etc/systemd/system")
HOMES = (Path("/home"), Path("/root"))
NAMESPACES = (
    "# What follows needs user namespaces; where they are forbidden the service fails with 217/USER or 226/NAMESPACE."
)


def files(*, system: bool = False) -> dict[str, str]:
    """Return the two units by name, for the whole machine or for the user who asks."""
    return {f"{NAME}.service": service(system=system), f"{NAME}.timer": timer()}


def text(*, system: bool = False) -> str:
    """Return both units as one text, each under its name."""
    return "\n".join(f"# {name}\n{content}" for name, content in files(system=system).items())


def timer() -> str:
    """Return the timer."""
    lines = []
    for asking in askings():
        at = f"{asking.hour:02d}:{asking.minute:02d}:00"
        lines += [f"# {asking.why}", f"OnCalendar=*-*-{asking.first:02d}..{asking.last:02d} {at} {asking.zone}"]
    return "\n".join([
        "[Unit]", "Description=Ask the statistical offices on the days on which they publish", "",
        "[Timer]", *lines, "Persistent=true", "RandomizedDelaySec=45min", "AccuracySec=5min", "",
        "[Install]", "WantedBy=timers.target", "",
    ])  # fmt: skip


def service(*, system: bool) -> str:
    """Return the service; it is never started twice at a time, and the command itself holds a lock besides."""
    sections = [
        ["[Unit]", "Description=Report on where China's exports went, if there is something new",
         *(["Wants=network-online.target", "After=network-online.target"] if system else [])],
        ["[Service]", "Type=oneshot", *_who(system), f"WorkingDirectory={_plain(paths.ROOT)}",
         f"ExecStart={_word(place.command())} report --if-new",
         "# 5: nothing new. Everything else but 0 is a failure; DIVERSION_HOOK in the file of keys calls somebody.",
         "SuccessExitStatus=5", f"EnvironmentFile=-%E/{place.KEYS}", *_environment()],
        ["# Out of the way of everything else, and never for long.", "TimeoutStartSec=2h", "TimeoutStopSec=2min",
         "Nice=15", "CPUSchedulingPolicy=batch", "CPUWeight=20", "IOSchedulingClass=idle", "IOWeight=20",
         "MemoryMax=4G", "MemorySwapMax=1G", "TasksMax=256", "LimitCORE=0", "UMask=0022"],
        ["# What it may not do.", "NoNewPrivileges=true", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
         "RestrictNamespaces=true", "RestrictRealtime=true", "RestrictSUIDSGID=true", "LockPersonality=true",
         "MemoryDenyWriteExecute=true", "SystemCallArchitectures=native", "SystemCallFilter=@system-service",
         "SystemCallFilter=~@privileged", "SystemCallErrorNumber=EPERM", "KeyringMode=private"],
        [NAMESPACES if not system else "# What it may not see.", "PrivateUsers=true", "ProtectSystem=strict",
         f"ProtectHome={_homes()}", "PrivateTmp=true", "PrivateMounts=true", "PrivateDevices=true",
         "DevicePolicy=closed", "ProtectKernelTunables=true", "ProtectKernelModules=true", "ProtectKernelLogs=true",
         "ProtectClock=true", "ProtectControlGroups=true", "ProtectHostname=true", "ProtectProc=invisible",
         "ProcSubset=pid", "CapabilityBoundingSet=", *(["AmbientCapabilities=", "RemoveIPC=true"] if system else []),
         f"CacheDirectory={NAME}", *(f"ReadWritePaths={_word(folder)}" for folder in place.written())],
    ]  # fmt: skip
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def install(*, system: bool = False) -> list[str]:
    """Write the units and start the timer; return what was done.

    Raises
    ------
    Refusal
        If the folder of the units cannot be written, or systemd does not take them; exit code 4.
    """
    folder = SYSTEM_FOLDER if system else _user_folder()
    place.make_folders()
    done = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files(system=system).items():
            beside = folder / f".{name}.{os.getpid()}.part"
            beside.write_text(content, encoding="utf-8")
            os.replace(beside, folder / name)
            done.append(f"wrote {folder / name}")
    except OSError as error:
        raise Refusal(
            f"the units cannot be written ({error})", expected="a folder that this user may write", exit_code=4,
            remedy="run it as root" if system else "give this user a home", file=str(folder),
        ) from error  # fmt: skip
    scope = [] if system else ["--user"]
    for words in (["daemon-reload"], ["enable", "--now", f"{NAME}.timer"]):
        _systemctl([*scope, *words])
        done.append(f"systemctl {' '.join([*scope, *words])}")
    if not system:
        done.append("to go on when nobody is logged in: loginctl enable-linger")
    return done


def _systemctl(words: list[str]) -> None:
    line = f"systemctl {' '.join(words)}"
    if not shutil.which("systemctl"):
        raise Refusal("systemctl is missing; the units are written", expected="a machine that runs systemd",
                      remedy="use `diversion schedule cron`", exit_code=4)  # fmt: skip
    run = subprocess.run(["systemctl", *words], capture_output=True, text=True)
    if run.returncode:
        raise Refusal(f"{line} failed: {run.stderr.strip()[:300]}", expected="a running systemd; the units are written",
                      remedy=f"mend what it says, then type `{line}`", exit_code=4)  # fmt: skip


def _user_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "systemd" / "user"


def _who(system: bool) -> list[str]:
    """Return whose service it is: the owner of the checkout."""
    return [f"User={paths.ROOT.owner()}"] if system else []


def _homes() -> str:
    """Say how much of the homes it sees: nothing, unless the checkout or its Python lies in one."""
    used = [paths.ROOT, place.command().resolve(), (place.command().parent / "python").resolve()]
    return "read-only" if any(home in path.parents for path in used for home in HOMES) else "true"


def _environment() -> list[str]:
    """Return what libraries would otherwise want to write into a home, and the folders that were named."""
    caches = {"MPLCONFIGDIR": f"%C/{NAME}", "IPYTHONDIR": f"%C/{NAME}/ipython"}
    named = {name: _percent(value) for name, value in place.settings().items()}
    return [f"Environment={_quoted(f'{name}={value}')}" for name, value in {**caches, **named}.items()]


def _plain(path: Path) -> str:
    return _percent(str(path))


def _word(path: Path) -> str:
    """Return a path as one word of a unit."""
    if odd := [mark for mark in "'\"\\" if mark in str(path)]:
        raise Refusal(f"{odd[0]} in the name of a folder", expected="a name that systemd takes for a program's",
                      remedy="move the checkout, or use cron", file=str(path), exit_code=2)  # fmt: skip
    return _quoted(_percent(str(path)))


def _percent(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if escaped != text or any(mark in text for mark in " \t'") else text
