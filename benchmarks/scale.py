"""Figures by product at size, side by side with what one would do instead: ``SCALE.md`` and ``scale_growth.svg``.

``make bench FULL=1`` runs it after the others, twenty minutes. Ratios stand first; medians of three runs, but of pandas
at a hundred million rows and of a year from files to the page, which run once. The exit code is 1 when a promise is
missed.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import scale_aggregates
import scale_growth
import scale_ingest
import scale_picture
import scale_report
from processes import machine

HERE = Path(__file__).parent
RESULTS = HERE / "SCALE.md"
NAMES = {"ours": "ours", "plain_duckdb": "plain DuckDB SQL", "polars": "polars, streaming", "pandas": "pandas"}
SMALL, LARGE = 20, 100  # million rows
BETWEEN, PACKED, FITTED = (10, 50), 10, "2,8,32"


def promised(rows: list[tuple[str, float, float, str]]) -> tuple[list[str], bool]:
    """Return the promises as lines of a table, and whether all are kept."""
    lines = ["| what | found | promised | |", "|---|---|---|---|"]
    for what, value, limit, unit in rows:
        kept = "kept" if value <= limit else "**missed**"
        lines.append(f"| {what} | {value:.3g} {unit} | at most {limit:g} {unit} | {kept} |")
    return lines, all(value <= limit for _, value, limit, _ in rows)


def aggregates(found: dict[int, dict]) -> list[str]:
    """Return all sizes as lines of a table."""
    return [
        f"| {millions} | {NAMES[case]} | {held['work'] / cases['ours']['work']:.2f} | {held['work']:.2f} | "
        f"{held['work_cpu']:.2f} | {held['seconds']:.1f} | {held['peak_gib']:.2f} |"
        for millions, cases in sorted(found.items()) for case, held in cases.items()
    ]  # fmt: skip


def with_rows(found: dict[int, dict], case: str) -> dict[str, object]:
    """Return how processor seconds of adding up grow with rows, as the other growths are told."""
    seconds = {millions: round(cases[case]["work_cpu"], 3) for millions, cases in sorted(found.items())}
    return {"seconds": seconds, "slope": round(scale_aggregates.slope(seconds), 2)}


def fits(found: dict) -> list[str]:
    """Return the regressions as lines of a table."""
    lines = []
    for kind, held in found["fits"].items():
        mine = held["medians"]["ours"]["clock_s"]
        for way, cost in held["medians"].items():
            apart = held["coefficients_apart"].get(way)
            lines.append(
                f"| {kind.upper()} | {way} | {cost['clock_s'] / mine:.1f} | {cost['clock_s']:.1f} | "
                f"{cost['processor_s']:.1f} | {cost['peak_gib']:.2f} | {'' if apart is None else f'{apart:.0e}'} |"
            )
    return lines


def fitted(found: dict) -> dict[str, dict]:
    """Return how processor seconds of regressions grow with rows, as the other growths are told."""
    return {
        f"million rows, {kind.upper()}": {
            "seconds": {round(point["rows"] / 1e6): round(point["processor_s"], 1) for point in held["points"]},
            "slope": round(held["slope"], 2),
        }
        for kind, held in found["growth"].items()
    }


def largest(found: dict) -> str:
    """Return what the largest regressions took."""
    last = {kind: held["points"][-1] for kind, held in found["growth"].items()}
    return " ".join(
        f"{kind.upper()} on {point['rows'] / 1e6:.0f} million rows: {point['clock_s']:.0f} s, "
        f"{point['peak_gib']:.1f} GiB." for kind, point in last.items()
    )  # fmt: skip


def ingested(found: dict[str, dict]) -> list[str]:
    """Return one file to Parquet as lines of a table."""
    mine = found["ours"]["seconds"]
    return [
        f"| {NAMES[case]} | {held['seconds'] / mine:.2f} | {held['seconds']:.1f} | {held['cpu']:.1f} | "
        f"{held['peak_gib']:.2f} | {held['mib']:.0f} |"
        for case, held in found.items()
    ]


def growth(found: dict[str, dict]) -> list[str]:
    """Return how cost grows as lines of a table."""
    return [
        f"| {what} | {', '.join(f'{size}: {value:g} s' for size, value in held['seconds'].items())} | {held['slope']} |"
        for what, held in found.items()
    ]


def main() -> int:
    """Measure everything and write the page."""
    sums = {size: scale_aggregates.measured(size) for size in (SMALL, LARGE)}
    sums |= {size: scale_aggregates.measured(size, scale_aggregates.CASES[:2]) for size in BETWEEN}
    small, large = sums[SMALL], sums[LARGE]
    words = [sys.executable, str(HERE / "scale_fits.py"), "--growth", FITTED]
    regressions = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    packed, year = scale_ingest.measured(PACKED), scale_report.main(SMALL)
    rows = {"million rows added up": with_rows(sums, "ours"), "million rows ingested": scale_ingest.grown()}
    grown = rows | fitted(regressions) | scale_growth.main()
    scale_picture.draw(grown, HERE / "scale_growth.svg")
    ols, ppml = (regressions["fits"][kind]["medians"]["ours"]["clock_s"] for kind in ("ols", "ppml"))
    apart = max(max(held["coefficients_apart"].values()) for held in regressions["fits"].values())
    lines, kept = promised([
        (f"{SMALL} million rows added up, over plain DuckDB", small["ours"]["work"] / small["plain_duckdb"]["work"],
         1.1, "x"),
        ("its peak memory", small["ours"]["peak_gib"], 0.6, "GiB"),
        (f"peak memory at {LARGE} million rows, ceiling 2", large["ours"]["peak_gib"], 2, "GiB"),
        (f"slope with rows, {min(BETWEEN)} to {LARGE} million", grown["million rows added up"]["slope"], 1.05, ""),
        ("OLS on 5 million rows, a whole process", ols, 8, "s"), ("PPML on the same", ppml, 20, "s"),
        ("largest difference of a coefficient from linearmodels and pyfixest", apart, 1e-6, ""),
    ])  # fmt: skip
    ingest, report = year["ingest"], year["report"]
    text = [
        "# Measured at size", "", f"{dt.date.today()}. {machine()}. Rows and figures are invented. Made by "
        "`benchmarks/scale.py`.", "", "## Promises", "", *lines, "",
        "## Exports by destination, month and product, from Parquet", "",
        "Adding up alone, libraries imported; then whole processes, for which Ibis takes 0.3 s to import.", "",
        "| million rows | by | times ours | s | processor s | process s | GiB |", "|---|---|---|---|---|---|---|",
        *aggregates(sums), "",
        "## Regressions, two-way fixed effects, clustered, from Parquet", "",
        f"{regressions['rows']:,} rows, whole processes.", "",
        "| | by | times ours | s | processor s | GiB | coefficients apart |", "|---|---|---|---|---|---|---|",
        *fits(regressions), "", largest(regressions), "", "## One packed file to Parquet", "",
        f"{PACKED} million rows, gzip. Ours checks every row and sums up cells; the others do not.",
        "", "| by | times ours | s | processor s | GiB | MiB of Parquet |", "|---|---|---|---|---|---|",
        *ingested(packed), "", "## A Comext-shaped year, from bulk files to the page", "",
        f"{year['rows_million']} million rows in two packed files of {year['files_mib']:.0f} MiB together.", "",
        "| command | s | GiB at most |", "|---|---|---|",
        f"| `diversion ingest` | {ingest['seconds']:.0f} | {ingest['peak_gib']:.2f} |",
        f"| `diversion report` | {report['seconds']:.0f} | {max(year['memory_mib'].values()) / 1024:.2f} |", "",
        f"The chapter by product took {year['seconds_of_chapter']:.1f} s of it and "
        f"{year['memory_mib']['04_compare_products'] / 1024:.2f} GiB; `run.json` has both for every chapter.", "",
        "## How cost grows", "", "Processor seconds: with rows those of adding up (plain DuckDB's slope: "
        f"{with_rows(sums, 'plain_duckdb')['slope']}), of ingest and of regressions as whole processes; with months, "
        "destinations and specifications those of all forecasts together.",
        "",
        "| with | seconds | slope on log axes |", "|---|---|---|", *growth(grown), "",
        "![Processor seconds by size, on log axes](scale_growth.svg)", "",
    ]  # fmt: skip
    RESULTS.write_text("\n".join(text), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
