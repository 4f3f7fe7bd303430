"""Print the page of a report to PDF through Chromium: pdf.py [MONTH]; needs chromium on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import paths
from helpers.published import months_there

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--no-pdf-header-footer",
)  # fmt: skip


def main(month: str = "") -> int:
    """Print the report of a month, the latest if not given, beside its page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    there = months_there()
    if chromium is None:
        print("pdf: chromium is missing on this machine: apt-get install chromium", file=sys.stderr)
        return 4
    if not there or month and month not in there:
        print(f"pdf: there is no report for {month or 'any month'}; run `make report`", file=sys.stderr)
        return 2
    folder = paths.REPORTS / (month or there[-1])
    with tempfile.TemporaryDirectory() as profile:
        made = Path(profile) / "report.pdf"
        command = [chromium, *FLAGS, f"--user-data-dir={profile}/chromium", f"--print-to-pdf={made}",
                   (folder / "index.html").resolve().as_uri()]  # fmt: skip
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode or not made.exists():
            print(f"pdf: chromium made none: {run.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return 1
        out = folder / paths.EXPORT / "report.pdf"
        out.parent.mkdir(exist_ok=True)
        shutil.move(made, out)
    print(paths.shown(out))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
