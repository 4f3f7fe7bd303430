"""The finding in the README, with its picture: taken from the newest report, so that both say what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from helpers import parameters, paths
from helpers.chapters import FIGURE
from helpers.refusals import Refusal
from helpers.render import font_face

FINDING_FIGURE = "summary_sides"


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
