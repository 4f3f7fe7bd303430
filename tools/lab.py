"""Open JupyterLab on the notebooks, and make the report again beside it whenever something is saved: lab.py [words].

Words go to ``jupyter lab``; ``--no-watch`` leaves the report alone. JupyterLab opens on ``notebooks/README.md``, shows
Markdown as a page, and asks nobody for news. When it ends, so does the watch.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAB, RUNNER = ROOT / ".venv-lab", ROOT / ".venv"
SETTINGS = {
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"recordTiming": False},  # times of cells would be saved with them
}
SECONDS = 10.0  # for the watch to end in


def main(words: list[str]) -> int:
    """Start both, wait for JupyterLab, end the watch."""
    place = LAB / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(SETTINGS, indent=1) + "\n", encoding="utf-8")
    watched = "--no-watch" not in words
    command = [
        LAB / "bin" / "jupyter-lab", f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/notebooks/README.md", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(word for word in words if word != "--no-watch"),
    ]  # fmt: skip
    with _watch() if watched else contextlib.nullcontext():
        lab = subprocess.Popen(command)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # JupyterLab asks whether to stop, and is the one who answers
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: lab.terminate())
        return lab.wait()


@contextlib.contextmanager
def _watch() -> Iterator[None]:
    """Let the report be made again as long as this goes on."""
    watch = subprocess.Popen(
        [RUNNER / "bin" / "diversion", "report", "--watch"], cwd=ROOT, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        watch.send_signal(signal.SIGINT)
        try:
            watch.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(watch.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
