"""What in the documentation is generated: the ledger's descriptor, the dictionary, the finding, the study, reasons.

``diversion docs`` writes them; tests hold them against what they are made from.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from helpers import launcher, parameters, paths, provenance, study, tables
from helpers.chapters import FIGURE
from helpers.refusals import Refusal
from helpers.render import font_face
from helpers.sources.contract import REASONS

README, METHODOLOGY = paths.ROOT / "README.md", paths.ROOT / "docs" / "methodology.md"
SOURCES = paths.ROOT / "docs" / "sources.md"
DICTIONARY, PICTURE = paths.ROOT / "docs" / "data_dictionary.md", paths.ROOT / "docs" / "finding.svg"
FINDING_FIGURE = "summary_sides"


def between(text: str, mark: str, content: str) -> str:
    """Put ``content`` between the comments ``<!-- mark -->`` and ``<!-- /mark -->`` of a text."""
    pattern = rf"(<!-- {mark} -->)(.*?)(<!-- /{mark} -->)"
    if not re.search(pattern, text, flags=re.DOTALL):
        raise Refusal(
            f'the marks "{mark}" are missing', expected=f"<!-- {mark} --> and <!-- /{mark} -->",
            remedy="put them back where the generated part belongs", exit_code=1,
        )  # fmt: skip
    return re.sub(pattern, lambda found: f"{found[1]}\n{content.strip()}\n{found[3]}", text, flags=re.DOTALL)


def finding_of(report: Path) -> tuple[str, str]:
    """Return the answer of a report in three sentences as Markdown, and a figure as a picture that stands alone.

    Parameters
    ----------
    report
        Folder of a published report.
    """
    cells = json.loads((report / "steps" / "00_summary.ipynb").read_text(encoding="utf-8"))["cells"]
    sentences, picture = [], ""
    for cell in cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "lede" in cell["metadata"].get("tags", []) and "text/markdown" in data:
                sentences.append("- " + " ".join("".join(data["text/markdown"]).split("\n\n")))
            if data.get(FIGURE, {}).get("name") == FINDING_FIGURE:
                picture = data[FIGURE]["svg"]
    paper = f'<style>{font_face("Regular", 400, "normal")}</style><rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join(sentences), re.sub(r"(<svg[^>]*>)", rf"\1{paper}", picture, count=1) + "\n"


def latest_report() -> Path:
    """Return the folder of the newest report that was made with the default parameters."""
    for page in sorted(paths.REPORTS.glob("20*/index.html"), reverse=True):
        used = json.loads((page.parent / "run.json").read_text(encoding="utf-8"))["parameters"]
        if parameters.check(**used | {"month": ""}) == parameters.Parameters():
            return page.parent
    raise Refusal(
        "there is no report with the default parameters", expected="a folder under reports/",
        remedy="run `make report` first", exit_code=1,
    )  # fmt: skip


def write_all(anew: bool = False) -> list[Path]:
    """Write everything that is generated; the simulation study is run anew only when asked for (two minutes)."""
    (paths.RAW / "datapackage.json").write_text(provenance.datapackage(provenance.check_all()), encoding="utf-8")
    DICTIONARY.write_text(tables.dictionary(), encoding="utf-8")
    launcher.PAGE.write_text(launcher.page(), encoding="utf-8")
    sentences, picture = finding_of(latest_report())
    README.write_text(between(README.read_text(encoding="utf-8"), "finding", sentences), encoding="utf-8")
    PICTURE.write_text(picture, encoding="utf-8")
    SOURCES.write_text(with_reasons(SOURCES.read_text(encoding="utf-8")), encoding="utf-8")
    if anew:
        from helpers import wording

        study.store(study.run(wording.summary))
    METHODOLOGY.write_text(with_study(METHODOLOGY.read_text(encoding="utf-8")), encoding="utf-8")
    written = [paths.RAW / "datapackage.json", DICTIONARY, launcher.PAGE, README, PICTURE, SOURCES, METHODOLOGY]
    return [*written, *([study.STORED] if anew else [])]


def with_reasons(text: str) -> str:
    """Return the page on sources with the reasons for which an answer is refused."""
    rows = [f"| {reason} | {meaning} |" for reason, meaning in REASONS.items()]
    return between(text, "reasons", "\n".join(["| reason | what it means |", "|---|---|", *rows]))


def with_study(text: str) -> str:
    """Return the methodology with both tables of the stored study."""
    held, _ = study.stored()
    return between(between(text, "coverage-table", _coverage(held["nightly"])), "study-table", _study(held))


def stale_study() -> str:
    """Return what to say when the stored study was made by other code than today's; empty when it fits."""
    return "" if study.stored()[1] else f"the study was made with earlier code: run {study.COMMAND}"


def _coverage(rows: pd.DataFrame) -> str:
    rows = rows[rows["test"].isin(["T1", "T2", "T7"])]
    rows = rows.assign(quantity=rows["quantity"].str.partition(",")[0])
    wide = rows.pivot(index="world", columns="quantity", values="value")
    heads = {"us_gap": "US gap", "au_gap": "second gap", "ratio": "ratio", "false alarm": "false alarm",
             "textbook": "textbook dummy"}  # fmt: skip
    lines = [f"| {' | '.join(['world', *heads.values()])} |", "|" + "---|" * (len(heads) + 1)]
    for world in dict.fromkeys(rows.loc[rows["test"] == "T1", "world"]):
        lines.append(f"| {' | '.join([world, *(f'{wide.loc[world, name]:.3f}' for name in heads)])} |")
    return "\n".join([*lines, "", f"{rows['repetitions'].max():,} replicates each, seed {study.SEED}; nominal 0.95."])


def _study(held: dict[str, pd.DataFrame]) -> str:
    sizes = " | ".join(f"{size:,} replicates" for size in study.SIZES.values())
    lines = [f"| test | what must hold | measured | {sizes} | bounds | holds |", "|" + "---|" * 7]
    for row in study.summed(held).itertuples(index=False):
        told = [row.test, row.what, row.quantity.replace("_", " "), row.ci, row.nightly, row.bounds]
        lines.append(f"| {' | '.join(told)} | {'yes' if row.holds else '**no**'} |")
    return "\n".join(lines)
