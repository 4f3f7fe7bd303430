"""Time regressions on millions of product rows beside linearmodels and pyfixest, and print JSON. ALL ROWS ARE INVENTED.

``python benchmarks/scale_fits.py`` takes some ten minutes; ``--rows 50000 --runs 1 --growth 0`` a minute. Every figure
is that of a whole child process: start of Python, imports, reading Parquet, estimate. The ways take turns. Processor
time is given beside the clock because other work on the machine moves the clock.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from processes import ROOT, machine

MONTHS = 48
EFFECTS, CLUSTER = ["pair", "month"], "pair"
WAYS = {
    "ols": ("ours", "linearmodels PanelOLS", "linearmodels AbsorbingLS", "pyfixest"),
    "iv": ("ours", "pyfixest"),
    "ppml": ("ours", "pyfixest"),
}
FEW = 2_400
PROMISES = {"ols": 8.0, "ppml": 20.0}  # seconds on two cores, five million rows

# Each pair has a size, a sector and a tariff that begins in month 30; a quarter of all rows is zero, and one pair in
# seventy is zero throughout. ``tariff`` moves with the error of ``ln_value``; ``threat`` moves it and nothing else.
PANEL = """
copy (
  with pairs as (select range as pair, (hash(range * 7 + 1) % 1000003) / 1000003.0 as size,
                        (hash(range * 7 + 2) % 1000003) / 1000003.0 as hit, hash(range * 7 + 3) % 70 = 0 as never
                 from range({pairs})),
       months as (select range as month from range({months})),
       draws as (select pair, month, size, hit, never,
                        (hash(pair * {months} + month + 10000000019) % 1000003) / 1000003.0 as a,
                        (hash(pair * {months} + month + 20000000089) % 1000003) / 1000003.0 as b,
                        (hash(pair * {months} + month + 30000000091) % 1000003) / 1000003.0 as c,
                        (hash(pair * {months} + month + 40000000003) % 1000003) / 1000003.0 as d
                 from pairs, months),
       moved as (select *, case when month >= 30 then hit * (0.5 + a) else 0 end as threat from draws),
       made as (select *, threat + 0.2 * (c - 0.5) as tariff,
                       6 * size - 0.77 * (threat + 0.2 * (c - 0.5)) + 0.3 * b + 0.01 * month + 1.5 * (c - 0.5)
                         as ln_value
               from moved)
  select pair::integer as pair, month::smallint as month, (pair % 21)::smallint as sector, tariff, b as demand, threat,
         ln_value, case when never or d < 0.25 then 0 else exp(ln_value) end as value_usd
  from made order by hash(pair * {months} + month)
) to '{file}' (format parquet)
"""


def generate(file: Path, rows: int) -> int:
    """Write the panel, in no order; return its rows."""
    import duckdb

    pairs = max(2, round(rows / MONTHS))
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")  # it would be written among the JSON
        connection.execute(PANEL.format(pairs=pairs, months=MONTHS, file=file))
    return pairs * MONTHS


# The ways: each gives coefficients of tariff and demand, their errors, and rows used.


def ours(kind: str, file: Path) -> tuple:
    from helpers.exposure import at_scale

    if kind == "iv":
        fit = at_scale.iv(file, "ln_value", ["tariff"], ["threat"], ["demand"], EFFECTS, CLUSTER)
    else:
        estimate, outcome = (at_scale.ols, "ln_value") if kind == "ols" else (at_scale.ppml, "value_usd")
        fit = estimate(file, outcome, ["tariff", "demand"], EFFECTS, CLUSTER)
    return fit.coefficients, fit.se, fit.rows, fit.told()


def linearmodels(kind: str, file: Path, absorbing: bool) -> tuple:
    import pandas as pd
    from linearmodels.iv.absorbing import AbsorbingLS
    from linearmodels.panel import PanelOLS

    names = ["tariff", "demand"]
    frame = pd.read_parquet(file, columns=[*EFFECTS, *names, "ln_value"])
    if absorbing:
        effects = frame[EFFECTS].astype("category")
        found = AbsorbingLS(frame["ln_value"], frame[names], absorb=effects).fit(
            cov_type="clustered", clusters=frame["pair"]
        )
    else:
        frame = frame.set_index(EFFECTS)
        found = PanelOLS(frame["ln_value"], frame[names], entity_effects=True, time_effects=True).fit(
            cov_type="clustered", cluster_entity=True
        )
    return found.params[names].to_numpy(), found.std_errors[names].to_numpy(), int(found.nobs), ""


def pyfixest(kind: str, file: Path) -> tuple:
    import pandas as pd
    import pyfixest as pf

    frame = pd.read_parquet(file)
    how = {"vcov": {"CRV1": CLUSTER}, "copy_data": False, "store_data": False}
    if kind == "ppml":
        found = pf.fepois("value_usd ~ tariff + demand | pair + month", frame, **how)
    elif kind == "iv":
        found = pf.feols("ln_value ~ demand | pair + month | tariff ~ threat", frame, **how)
    else:
        found = pf.feols("ln_value ~ tariff + demand | pair + month", frame, **how)
    names = ["tariff", "demand"]
    return found.coef()[names].to_numpy(), found.se()[names].to_numpy(), int(found._N), ""


def peak_kib() -> int:
    """Return the most memory this process held. Linux counts in getrusage what the parent held when it forked."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def child(way: str, kind: str, file: Path) -> None:
    """Estimate once and print what was found."""
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    estimate = {"ours": ours, "pyfixest": pyfixest}.get(way) or (
        lambda kind, file: linearmodels(kind, file, "Absorbing" in way)
    )
    coefficients, errors, rows, told = estimate(kind, file)
    inside = time.perf_counter() - start
    peak = peak_kib() / 2**20
    print(json.dumps({"coefficients": list(map(float, coefficients)), "se": list(map(float, errors)), "rows": rows,
                      "told": told, "inside_s": inside, "peak_gib": peak}))  # fmt: skip


def timed(way: str, kind: str, file: Path) -> dict:
    """Run a child; return what it printed, with its seconds by the clock and of processors.

    Modules are compiled once, into the temporary folder: every way is run on few rows before it counts.
    """
    compiled = {"PYTHONPYCACHEPREFIX": str(file.parent / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--child", way, kind, str(file)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **compiled},
    )  # fmt: skip
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"scale_fits: {way} {kind} failed\n{done.stderr}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(done.stdout.splitlines()[-1]), "clock_s": seconds, "processor_s": spent}


def compared(kind: str, file: Path, runs: int) -> dict:
    """Run the ways in turn; medians, how many times longer each takes than ours, and how far it is from ours."""
    found: dict[str, list[dict]] = {way: [] for way in WAYS[kind]}
    few = file.with_name("few.parquet")
    generate(few, FEW)
    for way in found:
        timed(way, kind, few)
    for _ in range(runs):
        for way, done in found.items():
            done.append(timed(way, kind, file))
            print(f"{kind} {way}: {done[-1]['clock_s']:.2f} s, processors {done[-1]['processor_s']:.2f} s, "
                  f"{done[-1]['peak_gib']:.2f} GiB", file=sys.stderr, flush=True)  # fmt: skip
    middle = {way: {name: statistics.median(one[name] for one in done) for name in ("clock_s", "processor_s",
              "peak_gib")} for way, done in found.items()}  # fmt: skip
    mine, first = middle["ours"], found["ours"][0]
    others = [way for way in found if way != "ours"]

    def apart(way: str, name: str) -> float:
        return max(abs(a / b - 1) for a, b in zip(found[way][0][name], first[name], strict=True))

    return {
        "times_ours": {way: {name: middle[way][name] / mine[name] for name in mine} for way in others},
        "coefficients_apart": {way: apart(way, "coefficients") for way in others},
        "errors_apart": {way: apart(way, "se") for way in others},
        "same_in_every_run": all(one["coefficients"] == first["coefficients"] and one["se"] == first["se"]
                                 for one in found["ours"]),
        "medians": middle, "coefficients": first["coefficients"], "se": first["se"], "told": first["told"],
    }  # fmt: skip


def growth(kind: str, folder: Path, millions: list[float], runs: int) -> dict:
    """Time ours at several sizes, start of Python and imports included."""
    points = []
    for size in millions:
        file = folder / "growing.parquet"
        rows = generate(file, round(size * 1e6))
        done = [timed("ours", kind, file) for _ in range(runs)]
        points.append({"rows": rows} | {name: statistics.median(one[name] for one in done)
                                        for name in ("clock_s", "processor_s", "peak_gib")})  # fmt: skip
        print(f"{kind} {points[-1]}", file=sys.stderr, flush=True)
    return {"slope": slope(points), "slope_of_the_last_doubling": slope(points[-2:]), "points": points}


def slope(points: list[dict]) -> float:
    """Return the slope of the log of processor seconds on the log of rows: 1 where twice the rows cost twice."""
    x, y = ([math.log(point[name]) for point in points] for name in ("rows", "processor_s"))
    at, level = statistics.fmean(x), statistics.fmean(y)
    return sum((a - at) * (b - level) for a, b in zip(x, y, strict=True)) / sum((a - at) ** 2 for a in x)


def main() -> None:
    """Measure, and print JSON: ratios first."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=5_088_000)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--kinds", default="ols,iv,ppml")
    asked.add_argument("--growth", default="1,2,4,8", help="millions of rows, or 0 for none")
    asked.add_argument("--child", nargs=3, metavar=("WAY", "KIND", "FILE"))
    given = asked.parse_args()
    if given.child:
        child(given.child[0], given.child[1], Path(given.child[2]))
        return
    sizes = [float(size) for size in given.growth.split(",") if float(size)]
    with tempfile.TemporaryDirectory(prefix="scale-fits-") as place:
        file = Path(place) / "panel.parquet"
        rows = generate(file, given.rows)
        found = {kind: compared(kind, file, given.runs) for kind in filter(None, given.kinds.split(","))}
        grown = {kind: growth(kind, Path(place), sizes, given.runs) for kind in ("ols", "ppml") if sizes}
    kept = {kind: found[kind]["medians"]["ours"]["clock_s"] <= limit for kind, limit in PROMISES.items()
            if kind in found and rows >= 5_000_000}  # fmt: skip
    report = {
        "times_ours": {kind: one.pop("times_ours") for kind, one in found.items()}, "promises_kept": kept,
        "rows": rows, "runs": given.runs, "machine": machine(), "load": os.getloadavg()[0], "fits": found,
        "growth": grown,
    }  # fmt: skip
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
