"""Let hostile texts loose on everything that reads or writes text, and count what held: hostile.py [--quick].

Prints what did not hold. The whole trial writes its counts to ``results/hostile.json``; the quick one takes every
fourth text and writes nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]

import chromium  # noqa: E402
import hostile_pages  # noqa: E402
import hostile_surfaces as surfaces  # noqa: E402
from hostile_strings import FAMILIES, STRINGS  # noqa: E402

from helpers import paths  # noqa: E402

RESULTS = HERE / "results" / "hostile.json"
QUICK = STRINGS[::4]
SURFACES: dict[str, Callable[[Sequence[str], Path, surfaces.Tally], Any]] = {
    "parameters": surfaces.parameter,
    "source of a notebook": surfaces.notebook_source,
    "names of partners": surfaces.partner_name,
    "notes and records of raw files": surfaces.note_and_source,
    "names of raw files": surfaces.name_of_raw_file,
    "names of saved pages": surfaces.name_of_saved_page,
    "names of reports and figures": surfaces.name_of_report_or_figure,
    "tables as CSV": surfaces.table_as_csv,
    "workbook": surfaces.workbook,
    "Parquet and Stata files": surfaces.parquet,
    "drawings": surfaces.drawing,
    "log and terminal": surfaces.log_line,
    "environment of the hook": surfaces.surroundings_of_hook,
    "feed": surfaces.feed_of_months,
}
IN_A_BROWSER = ("page of a month", "page of all months")


def try_surface(name: str, texts: Sequence[str], folder: Path, browser: Any = None) -> surfaces.Tally:
    """Try one surface in an empty folder."""
    tally = surfaces.Tally()
    with surfaces.elsewhere(folder):
        if name != "environment of the hook":
            paths.REPORTS.mkdir(parents=True)
        if name == "page of a month":
            drawings = surfaces.drawing(texts, folder, surfaces.Tally())
            hostile_pages.page(texts, drawings, folder / "pages", tally, browser)
        elif name == "page of all months":
            hostile_pages.months(texts, folder, tally, browser)
        else:
            SURFACES[name](texts, folder, tally)
    return tally


def counts(tallies: dict[str, surfaces.Tally]) -> dict[str, Any]:
    """Return what was counted, for the file."""
    return {
        "texts": len(STRINGS),
        "families": {name: len(texts) for name, texts in FAMILIES.items()},
        "surfaces": {
            name: {"checked": tally.checked, "failed": len(tally.failures)} for name, tally in tallies.items()
        },
        "checked": sum(tally.checked for tally in tallies.values()),
        "failed": sum(len(tally.failures) for tally in tallies.values()),
    }


def main(words: list[str]) -> int:
    """Run the trial; 0 if everything held."""
    from playwright.sync_api import sync_playwright

    texts, tallies = QUICK if "--quick" in words else STRINGS, {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=list(chromium.FLAGS))
        for name in (*SURFACES, *IN_A_BROWSER):
            with tempfile.TemporaryDirectory() as folder:
                tallies[name] = tally = try_surface(name, texts, Path(folder), browser)
            print(f"{name}: {tally.checked} checked, {len(tally.failures)} failed", flush=True)
            for failure in tally.failures[:10]:
                print(f"  {failure}")
        browser.close()
    told = counts(tallies)
    if texts is STRINGS:
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(told["failed"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
