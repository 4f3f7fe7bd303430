"""A Comext-shaped year from bulk files to the page by the two documented commands, with their time and memory.

``python benchmarks/scale_report.py 20`` writes two packed files, the eight months of the shut door and the same months
a year before, of as many million invented rows together; then ``diversion ingest`` and ``diversion report`` run in a
copy of the checkout, as somebody would type them. Prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from processes import Copy

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import bulk_files  # noqa: E402

YEARS = ("2024", "2025")
MONTHS = tuple(f"{month:02}" for month in range(4, 12))


def typed(copy: Copy, *words: str) -> dict[str, object]:
    """Run a command in the copy; return its seconds, the peak memory of its largest process, and what it printed."""
    start = time.perf_counter()
    command = [
        sys.executable, "-c",
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
        "sys.exit(done.returncode)",
        sys.executable, "-m", "helpers.cli", *words,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=copy.folder, env=copy.environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed\n{done.stderr}")
    peak = int(done.stderr.strip().splitlines()[-1]) / 2**20
    return {"seconds": time.perf_counter() - start, "peak_gib": peak, "said": done.stdout.strip().splitlines()}


def main(millions: int, packing: str = "7z") -> dict[str, object]:
    """Generate, ingest, make the page."""
    with tempfile.TemporaryDirectory(prefix="diversion-bench-") as name:
        folder = Path(name)
        copy = Copy(folder / "copy")
        copy.environment["DIVERSION_PRODUCTS"] = str(folder / "products")
        files, rows = [], millions * 10**6 // len(YEARS)
        for year in YEARS:
            file = folder / f"full_v2_{year}.{packing}"
            bulk_files.write_comext(file, rows, [f"{year}{month}" for month in MONTHS], int(year))
            files.append(str(file))
        size = sum(Path(file).stat().st_size for file in files) / 2**20
        ingest = typed(copy, "ingest", *files)
        report = typed(copy, "report")
        run = json.loads(next((copy.folder / "reports").glob("20*/run.json")).read_text(encoding="utf-8"))
        page = next((copy.folder / "reports").glob("20*/index.html")).read_text(encoding="utf-8")
        table = next((copy.folder / "reports").glob("20*/data/eu_imports_by_section.csv")).read_text(encoding="utf-8")
    return {
        "rows_million": millions, "files_mib": size, "ingest": ingest, "report": report | {"said": report["said"][:1]},
        "on_the_page": "table-eu_sections" in page,
        "rows_of_the_table": table.count("\n") - 1,
        "seconds_of_chapter": run["seconds"]["04_compare_products"], "memory_mib": run["memory_mib"],
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), *sys.argv[2:3]), indent=1))
