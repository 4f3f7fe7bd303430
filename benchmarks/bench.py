"""Measure what people wait for, side by side with what they would do instead, and write ``RESULTS.md``.

``make bench`` takes a few minutes; ``make bench FULL=1`` repeats everything more often. Every pair is measured
alternately in one run. The exit code is 1 when a promise below is missed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from opening import opened
from processes import ROOT, Copy, Times, machine

HERE = Path(__file__).parent
LAB = ROOT / ".venv-lab" / "bin" / "python"
RESULTS = HERE / "RESULTS.md"
FULL = bool(os.environ.get("FULL"))
FEW, MANY = (7, 20) if FULL else (3, 10)
ROBUSTNESS = ("05_test_robustness", "09_try_other_yardsticks")
AUSTRALIA = "data/raw/abs/abs_imports_by_origin_2012-2026.csv"
SHOWN = ("papermill", "ipykernel", "nbclient", "pandas", "matplotlib", "statsmodels", "numpy")


class Bench:
    """The rows and the promises of one run."""

    def __init__(self, copy: Copy) -> None:
        self.copy, self.rows, self.promises, self.note = copy, [], [], ""
        self.steps = [step["step"] for step in self.plan()]

    def plan(self) -> list[dict[str, str]]:
        return json.loads(self.copy.diversion("plan", "--json")[1].stdout)

    def measure(self, times: int, **cases: Callable[[], float]) -> list[Times]:
        """Run the cases in turn, ``times`` times, and keep a row for each."""
        found = {name: Times(name.replace("_", " ")) for name in cases}
        for _ in range(times):
            for name, case in cases.items():
                found[name].seconds.append(case())
        self.keep(*found.values())
        return list(found.values())

    def keep(self, *times: Times) -> None:
        """Add rows to the table of results."""
        self.rows += times
        print("\n".join(row.row() for row in times), file=sys.stderr, flush=True)

    def promise(self, what: str, value: float, limit: float, *, least: bool = False, unit: str = "s") -> None:
        """Hold a figure against its limit."""
        kept = value >= limit if least else value <= limit
        word = "at least" if least else "at most"
        self.promises.append(
            (kept, f"| {what} | {value:.3g} {unit} | {word} {limit:g} {unit} | {'kept' if kept else 'MISSED'} |")
        )
        print(self.promises[-1][1], file=sys.stderr, flush=True)


def cold(bench: Bench) -> float:
    """Every step, the page, nothing kept from before."""
    bench.copy.forget()
    return bench.copy.diversion("report")[0]


def without_robustness(bench: Bench) -> float:
    """Every step but the chapters of doubt, which are there already: what they add is the rest of the cold report."""
    bench.copy.forget(but=ROBUSTNESS)
    seconds = bench.copy.diversion("report")[0]
    assert not set(ROBUSTNESS) & set(ran(bench)), "a chapter of doubt ran"
    return seconds


def by_command_line(bench: Bench) -> float:
    """Papermill's own command, one notebook after the other."""
    with tempfile.TemporaryDirectory() as outputs:
        total = 0.0
        for step in bench.steps:
            command = [sys.executable, "-m", "papermill", f"{step}.ipynb", f"{outputs}/{step}.ipynb"]
            total += bench.copy.run(
                ["sh", "-c", 'cd notebooks && exec "$@"', "sh", *command], DIVERSION_PROCESSED=f"{outputs}/tables"
            )[0]
        return total


def in_one_process(bench: Bench) -> float:
    """Papermill's function, all notebooks in one process."""
    with tempfile.TemporaryDirectory() as outputs:
        command = [sys.executable, str(HERE / "plain_papermill.py"), f"{outputs}/tables", outputs, *bench.steps]
        return bench.copy.run(["sh", "-c", 'cd notebooks && exec "$@"', "sh", *command])[0]


def edited(bench: Bench, file: str, change: Callable[[str, int], str]) -> Callable[[], float]:
    """Return a case that changes a file of the copy, differently each time, and makes the report."""
    path, count = bench.copy.folder / file, iter(range(1, 1000))
    before = path.read_text(encoding="utf-8")

    def case() -> float:
        path.write_text(change(before, next(count)), encoding="utf-8")
        if file.startswith("data/raw"):
            bench.copy.diversion("ledger", "record", file)
        return bench.copy.diversion("report")[0]

    return case


def ran(bench: Bench) -> list[str]:
    record = next((bench.copy.folder / "reports").glob("20*/run.json"))
    return json.loads(record.read_text(encoding="utf-8"))["ran"]


def another_sentence(text: str, number: int) -> str:
    """Change the title of a notebook."""
    return text.replace('"# ', f'"# Draft {number}. ', 1)


def another_code_cell(text: str, number: int) -> str:
    return text.replace("figures.use_house_style()", f"figures.use_house_style()  # {number}", 1)


def another_figure(text: str, number: int) -> str:
    """Change the last digit of one printed figure, Australia's latest import from China."""
    lines = text.splitlines()
    cells = lines[-1].split(",")
    place = next(i for i, cell in enumerate(cells) if re.fullmatch(r"\d+(\.\d+)?", cell) and float(cell) > 100)
    cells[place] = str(float(cells[place]) + number)
    return "\n".join([*lines[:-1], ",".join(cells)]) + "\n"


def another_claim(text: str, number: int) -> str:
    """Change the words of the first claim."""
    header, first, rest = text.split("\n", 2)
    cells = first.split(",")
    cells[3] = f"{cells[3]} (draft {number})"
    return "\n".join([header, ",".join(cells), rest])


def loop(bench: Bench) -> None:
    """The edit loop: what is waited for many times a day."""
    cold(bench)
    (nothing, helping) = bench.measure(
        MANY,
        nothing_changed=lambda: bench.copy.diversion("report")[0],
        help=lambda: bench.copy.diversion("--help")[0],
    )
    bench.promise("nothing changed, a whole process", nothing.median, 0.3)
    bench.promise("`diversion --help`", helping.median, 0.15)
    last = f"notebooks/{bench.steps[-1]}.ipynb"
    (prose,) = bench.measure(FEW, prose_changed=edited(bench, last, another_sentence))
    bench.promise("prose changed", prose.median, 1.0)
    assert ran(bench) == [], "prose made a step run"
    claims = "data/raw/compiled/article_claims_2025-12-09.csv"
    cases = {
        "a code cell of the last step changed": edited(bench, last, another_code_cell),
        "a code cell of the estimates changed": edited(bench, "notebooks/03_estimate_excess.ipynb", another_code_cell),
        "a line of a helper of the summary changed": edited(
            bench, "src/helpers/wording/sentences.py", lambda text, number: f"{text}# {number}\n"
        ),
        "a claim of the article changed": edited(bench, claims, another_claim),
        "a figure of Australia's customs changed": edited(bench, AUSTRALIA, another_figure),
    }
    for name, case in cases.items():
        bench.measure(FEW, **{name: case})
        bench.rows[-1].name += f" (runs {', '.join(step[:2] for step in ran(bench))})"


def page(bench: Bench) -> str:
    """Weight and drawing time of the page against nbconvert's lab template on the same executed notebooks."""
    bench.copy.diversion("report")
    report = next((bench.copy.folder / "reports").glob("20*/index.html")).parent
    own = (report / "index.html").stat().st_size
    code = (
        "import sys, json\nfrom pathlib import Path\nfrom helpers import render\n"
        "report = Path(sys.argv[1]); stamp = json.loads((report / 'run.json').read_text())\n"
        "render.render(sorted((report / 'steps').glob('*.ipynb')), stamp=stamp, title='Where? May 2026', "
        "out=Path(sys.argv[2]) / 'index.html', data_dir=Path(sys.argv[2]) / 'data')"
    )
    with tempfile.TemporaryDirectory() as out:
        notebooks = [str(file) for file in sorted((report / "steps").glob("*.ipynb"))]
        lab = [str(LAB), "-m", "nbconvert", "--to", "html", "--template", "lab", "--output-dir", out, *notebooks]
        (ours, theirs) = bench.measure(
            FEW,
            drawing_the_page=lambda: bench.copy.run([sys.executable, "-c", code, str(report), out])[0],
            drawing_with_nbconvert=lambda: bench.copy.run(lab)[0],
        )
        pages = [file.read_text(encoding="utf-8") for file in Path(out).glob("[0-9]*.html")]
    bench.promise("weight of the page", own / 1e6, 2.0, unit="MB")
    weight = sum(len(text.encode()) for text in pages)
    fetched = sum(len(re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', text)) for text in pages)
    told = ""
    if shutil.which("chromium"):
        phone, desk = (opened(report / "index.html", width, FEW) for width in (375, 1440))
        bench.promise("first contentful paint from disk", max(phone["paint"], desk["paint"]), 0.5)
        bench.promise("time in scripts while the page opens", max(phone["script"], desk["script"]), 0.1)
        told = (
            f" In Chromium from disk, at 375 and 1440 pixels: first contentful paint {phone['paint']:.2f} and "
            f"{desk['paint']:.2f} s, scripts {1000 * phone['script']:.0f} and {1000 * desk['script']:.0f} ms, the "
            f"other language after {phone['turn']:.2f} and {desk['turn']:.2f} s."
        )
    return (
        f"Page: {own / 1e6:.2f} MB in one file, nothing fetched, figures in two widths. nbconvert (lab): "
        f"{weight / 1e6:.2f} MB in {len(pages)} files, {fetched} things fetched from elsewhere. "
        f"Drawn in {ours.median:.2f} s against {theirs.median:.2f} s.{told}"
    )


def whole(bench: Bench) -> None:
    """The cold report, often, between papermill's two ways on the same notebooks."""
    ours = Times("cold report")
    lines, one = Times("papermill's command line, one by one"), Times("papermill in one process")
    for _ in range(FEW):
        for times, case in ((lines, by_command_line), (one, in_one_process)):
            ours.seconds += [cold(bench), cold(bench)]
            times.seconds.append(case(bench))
    without = Times("the same, chapters 05 and 09 kept from before")
    while len(ours.seconds) < MANY or len(without.seconds) < FEW:
        ours.seconds.append(cold(bench))
        without.seconds.append(without_robustness(bench))
    bench.keep(ours, without, lines, one)
    bench.promise("what chapters 05 and 09 add to a cold report", ours.median - without.median, 2.0)
    ratio = lines.median / ours.median
    bench.promise("papermill's command line over the cold report", ratio, 3.5, least=True, unit="x")
    bench.promise("worst cold report over the median", max(ours.seconds) / ours.median, 1.5, unit="x")
    bench.note = f"Papermill in one process took {one.median / ours.median:.1f} times as long as the cold report."


def estimates(bench: Bench) -> str:
    """M1 with everything, the specification curve with all placebo origins, against a plain loop of statsmodels."""
    _, done = bench.copy.run([sys.executable, str(HERE / "m1.py"), str(FEW)])
    found = json.loads(done.stdout)
    bench.promise("largest difference of the engine from statsmodels", found["worst"], 1e-10, unit="of the value")
    bench.promise("plain loop of statsmodels fits over the engine", found["ratio"], 50, least=True, unit="x")
    return (
        f"The specification curve, {found['cells']:,} distinct specifications with every placebo origin: "
        f"{found['engine']:.2f} s by the report's engine. A plain loop of statsmodels fits took "
        f"{found['timed_seconds']:.1f} s for {found['timed']} of them, evenly spread ({found['fits']:,} forecasts); "
        f"at that pace all would take {found['loop']:.0f} s, {found['ratio']:.0f} times as long. The largest relative "
        f"difference is {found['worst']:.0e}."
    )


def write(bench: Bench, told: list[str]) -> None:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in SHOWN)
    text = [
        "# Benchmarks",
        "Made by `make bench`; whole processes, seconds, measured alternately in one run on one machine. "
        "Promises are ratios or limits that `make bench` fails on.",
        f"{dt.date.today():%Y-%m-%d}. {machine()}. {versions}. Steps: {', '.join(bench.steps)}.",
        "## Promises",
        "\n".join(["| what | found | promised | |", "|---|---|---|---|", *(line for _, line in bench.promises)]),
        "## Seconds",
        "\n".join(["| what | median | least | most | runs |", "|---|---|---|---|---|", *(t.row() for t in bench.rows)]),
        *told,
    ]
    RESULTS.write_text("\n\n".join(text) + "\n", encoding="utf-8")


def main() -> int:
    """Run everything; 1 if a promise was missed."""
    with tempfile.TemporaryDirectory(prefix="diversion-bench-") as folder:
        bench = Bench(Copy(Path(folder)))
        whole(bench)
        loop(bench)
        told = [bench.note, page(bench), estimates(bench)]
    write(bench, told)
    print(RESULTS.relative_to(ROOT))
    missed = [line for kept, line in bench.promises if not kept]
    print("\n".join(missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
