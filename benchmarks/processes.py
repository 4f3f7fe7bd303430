"""Whole commands timed from outside, the way somebody waits for them, in a copy of the checkout."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("src", "notebooks", "data", "docs", "requirements", "parameters.yml", "corrections.yml")


@dataclass
class Times:
    """Seconds of one command, run after run."""

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def row(self) -> str:
        return (
            f"| {self.name} | {self.median:.2f} | {min(self.seconds):.2f} | {max(self.seconds):.2f} "
            f"| {len(self.seconds)} |"
        )


class Copy:
    """A copy of the checkout, so that a benchmark touches neither reports nor notebooks of the real one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.parquet"))
            else:
                shutil.copy(ROOT / part, folder / part)
        self.environment = {**os.environ, "PYTHONPATH": str(folder / "src")}

    def forget(self, but: tuple[str, ...] = ()) -> None:
        """Take away reports, kept steps (all ``but`` these) and tables: the next report is a cold one."""
        for held in (self.folder / "reports").glob("*"):
            if but and held.name == ".steps":
                for step in held.iterdir():
                    if step.name not in but:
                        shutil.rmtree(step)
            elif held.is_dir():
                shutil.rmtree(held)
            else:
                held.unlink()
        for table in (self.folder / "data" / "processed").glob("*.parquet"):
            table.unlink()

    def diversion(self, *words: str) -> tuple[float, subprocess.CompletedProcess]:
        """Run the command and return its seconds."""
        return self.run([sys.executable, "-m", "helpers.cli", *words])

    def run(self, command: list[str], **more: str) -> tuple[float, subprocess.CompletedProcess]:
        """Run any command in the copy and return its seconds; stop if it fails."""
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=self.folder, env={**self.environment, **more}, capture_output=True, text=True
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"bench: {' '.join(command)} failed\n{done.stderr}")
        return seconds, done


def machine() -> str:
    """Return processor, cores, memory, system and Python in one line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{next(iter(models), 'processor unknown')}, {cores} cores, {memory:.0f} GB, {system}"
