"""Print the page of a report to PDF: pdf.py [MONTH]; needs Chromium on this machine."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import chromium

from helpers import paths


def main(month: str = "") -> None:
    """Print the report of a month, the latest if not given, into the exports beside its page."""
    folder = chromium.report_folder(month)
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "report.pdf"
        chromium.run(folder / "index.html", made, "--no-pdf-header-footer", f"--print-to-pdf={made}")
        out = folder / paths.EXPORT / "report.pdf"
        out.parent.mkdir(exist_ok=True)
        shutil.move(made, out)
    print(paths.shown(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
