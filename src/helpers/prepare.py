"""What stands before every run: parameters checked, the ledger held against its records, the month found."""

from __future__ import annotations

from typing import Any

from helpers import customs, parameters, product_panel, provenance
from helpers.parameters import OF_THE_PAGE, Parameters, names
from helpers.refusals import Refusal, nearest


def prepare(assignments: list[str], forms: dict[str, list[str]]) -> dict[str, Any]:
    """Check a request and say what it comes to.

    Parameters
    ----------
    assignments
        Texts such as ``"window=33"``, as given on the command line.
    forms
        The parameters that each notebook declares.

    Returns
    -------
    dict
        ``values`` (parameters by name, with the month resolved) and ``data`` (title, producer, url, date_accessed, file
        and sha256 of each raw file).

    Raises
    ------
    Refusal
        If a parameter or a raw file is wrong; exit codes 2 and 3.
    """
    values = parameters.merged(parameters.from_text(assignments))
    check_forms(values, forms)
    records = provenance.check_all(values.as_of_vintage)
    latest = customs.latest_common_month(values.as_of_vintage)
    if values.month > latest:
        raise Refusal(
            f"month={values.month}", expected=f"a month not after {latest}, the last that the US and Australia both "
            "publish in the ledger", remedy="choose an earlier month, or add the new figures to data/raw", exit_code=2,
        )  # fmt: skip
    kept = ("title", "producer", "url", "date_accessed", "file", "sha256")
    return {
        "values": {**values.model_dump(), "month": values.month or latest},
        "data": [
            {name: getattr(record, name) for name in kept} for record in sorted(records, key=lambda record: record.file)
        ]
        + product_panel.manifest(values.products, as_of=values.as_of_vintage),
    }


def check_forms(values: Parameters, forms: dict[str, list[str]]) -> None:
    """Hold the notebooks' forms against the model, and the parameters somebody set against the forms.

    Raises
    ------
    Refusal
        If a form asks for a parameter that does not exist, or no notebook asks for one that was set; exit code 2.
    """
    for notebook, form in forms.items():
        for name in form:
            if name not in names():
                raise Refusal(
                    f'the parameters cell asks for "{name}"',
                    expected=f"parameters of the report: {', '.join(names())}",
                    remedy=f"did you mean {nearest(name, names(), count=1)}? A constant belongs into the setup cell",
                    file=f"notebooks/{notebook}.ipynb",
                    exit_code=2,
                )
    asked = {name for form in forms.values() for name in form}
    for name in sorted(values.model_fields_set - asked - OF_THE_PAGE - {"month"}):
        raise Refusal(
            f"parameter {name} was set and no notebook reads it",
            expected=f"one of {', '.join(sorted(asked))}",
            remedy=f'take "{name}" away, or add it to the parameters cell of the notebook it should change',
            exit_code=2,
        )
