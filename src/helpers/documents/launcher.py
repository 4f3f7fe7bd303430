"""The page on which ``make lab`` opens: what each notebook answers, where its numbers come from, what can be set.

Written into ``notebooks/README.md``, so that it also stands beside the notebooks wherever they are read.
"""

from __future__ import annotations

from typing import Any

from helpers import parameters, paths, provenance, steps
from helpers.documents.pages import Page

PAGE = paths.NOTEBOOKS / "README.md"
_HEAD = """\
# The notebooks

Each answers one question and runs from top to bottom by itself; the tables it takes from others lie in \
`data/processed` since the last report. They are listed as the report reads; `pipeline.yml` has the order in which \
they run.

1. Open one, change what you would have done differently, **Run All**, save.
2. The report is made again beside you, if `make lab` started it (`diversion report --watch`): reload its page, \
`reports/<month>/index.html`. Only what depends on your change runs.
3. `git diff` shows what you changed, `git checkout notebooks` takes it back. To try something without touching a \
notebook, see [a private variant](../docs/how-to/try-a-private-variant.md).

A value in the cell tagged `parameters` counts for the whole report. Everything that computes stands in `src/helpers` \
and is tested; where a change belongs, [CONTRIBUTING](../CONTRIBUTING.md) says. Other ways to work are under \
[how to](../docs/how-to).
"""


def page(pages: list[Page]) -> str:
    """Return the page as Markdown, from what the notebooks say of themselves."""
    read = {one.name: one for one in pages}
    listed = steps.read_steps()
    reading = [*listed[-1:], *listed[:-1]]  # the summary runs last and is read first
    parts = [_HEAD, *(_notebook(step, listed, read[step.notebook]) for step in reading), _parameters()]
    return "\n".join(parts)


def _notebook(step: steps.Step, listed: list[steps.Step], read: Page) -> str:
    cells = steps.cells_of(step.path)
    question, answer = _opening(cells)
    form = steps.declared(step.notebook, cells)
    before = ", ".join(f"[{other.notebook}]({other.notebook}.ipynb)" for other in step.after(listed))
    stems = sorted(set().union(*read.sources.values()))
    offices = sorted(provenance.source_line(*stems).split("; ")) if stems else []
    rows = [
        ("numbers from", "; ".join(offices) or "the tables of the other notebooks"),
        ("takes tables of", before or "none: it reads `data/raw`"),
        ("makes", ", ".join(f"`{table}`" for table in step.makes)),
        ("parameters", ", ".join(f"`{name}`" for name in form) or "none"),
    ]
    listing = "\n".join(f"- {name}: {value}" for name, value in rows)
    return f"## [{question}]({step.notebook}.ipynb)\n\n{answer}\n\n{listing}\n"


def _opening(cells: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the question of a notebook and its first paragraph."""
    head, *rest = [part.strip() for part in steps.source(cells[0]).split("\n\n")]
    return head.removeprefix("# "), next((part for part in rest if not part.startswith("Reads ")), "The answer.")


def _parameters() -> str:
    """Return the table of the parameters that notebooks take."""
    forms = steps.forms()
    rows = ["## The parameters", "", "| parameter | meaning | default | allowed | read by |", "|---|---|---|---|---|"]
    for name, field in parameters.Parameters.model_fields.items():
        readers = [notebook.partition("_")[0] for notebook, form in sorted(forms.items()) if name in form]
        default = f"`{field.default}`" if field.default != "" else "empty"
        meaning = str(field.description).replace("|", "\\|")
        if readers:
            rows.append(f"| `{name}` | {meaning} | {default} | {parameters.allowed(name)} | {', '.join(readers)} |")
    return "\n".join(rows) + "\n"
