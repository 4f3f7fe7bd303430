"""What stands before every run: parameters checked, the ledger held against its records, the month found."""

from __future__ import annotations

from typing import Any

from helpers import customs, parameters, product_panel, provenance
from helpers.parameters import OF_THE_PAGE, Parameters, names
from helpers.refusals import Refusal, nearest


def prepare(assignments: list[str], forms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Check a request and say what it comes to.

    Parameters
    ----------
    assignments
        Texts such as ``"window=33"``, as given on the command line.
    forms
        The parameters that each notebook declares, with the values in its parameters cell.

    Returns
    -------
    dict
        ``values`` (parameters by name, with the month resolved), ``edited`` (of these, what a parameters cell says, by
        name, with the notebook) and ``data`` (title, producer, url, date_accessed, file and sha256 of each raw file,
        and the sha256 of its ``record``).

    Raises
    ------
    Refusal
        If a parameter or a raw file is wrong; exit codes 2 and 3.
    """
    values = requested(assignments, forms)
    check_forms(values, forms)
    elsewhere = parameters.merged(parameters.from_text(assignments)).model_fields_set
    records = provenance.check_all(values.as_of_vintage)
    try:
        latest = customs.latest_common_month(values.as_of_vintage)
    except Refusal:
        customs.read_rows(values.as_of_vintage)  # a row that is wrong is the likelier reason, and names itself
        raise
    if values.month > latest:
        raise Refusal(
            f"month={values.month}", expected=f"a month not after {latest}, the last that the US and Australia both "
            "publish in the ledger", remedy="choose an earlier month, or add the new figures to data/raw", exit_code=2,
        )  # fmt: skip
    by_product = product_panel.used(values.products, as_of=values.as_of_vintage)
    kept = ("title", "producer", "url", "date_accessed", "file", "sha256")
    return {
        "values": {**values.model_dump(), "month": values.month or latest},
        "edited": {name: notebook for name, (_, notebook) in edits(forms).items() if name not in elsewhere},
        "data": [
            {name: getattr(record, name) for name in kept} | {"record": provenance.sha256_of(record.beside)}
            for record in sorted(records, key=lambda record: record.file)
        ]
        + product_panel.manifest(*by_product, as_of=values.as_of_vintage),
    }


def requested(assignments: list[str], forms: dict[str, dict[str, Any]]) -> Parameters:
    """Return the parameters of a request: defaults, parameters cells, ``parameters.yml``, the command line.

    Raises
    ------
    Refusal
        If a name or a value is wrong, wherever it stands; exit code 2.
    """
    check_names(forms)
    return parameters.merged(
        parameters.from_text(assignments), {name: value for name, (value, _) in edits(forms).items()}
    )


def edits(forms: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, str]]:
    """Return the values that parameters cells have in place of the default, with their notebook.

    A value that an economist writes into one parameters cell counts for the whole report, as if it stood in
    ``parameters.yml``: one report has one window.

    Raises
    ------
    Refusal
        If two notebooks have different values in place of one default; exit code 2.
    """
    defaults, found = Parameters().model_dump(), {}
    for notebook, form in forms.items():
        for name, value in form.items():
            if value == defaults[name] or found.setdefault(name, (value, notebook))[0] == value:
                continue
            first, other = found[name]
            raise Refusal(
                f"{name} is {value!r} in this parameters cell and {first!r} in that of {other}",
                expected="one value for a report", remedy="write the same into both, or take one back to the default",
                file=f"notebooks/{notebook}.ipynb", exit_code=2,
            )  # fmt: skip
    return found


def check_names(forms: dict[str, dict[str, Any]]) -> None:
    """Hold the names in the notebooks' forms against the model.

    Raises
    ------
    Refusal
        If a form asks for a parameter that does not exist; exit code 2.
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


def check_forms(values: Parameters, forms: dict[str, dict[str, Any]]) -> None:
    """Hold the parameters somebody set against the notebooks' forms.

    Raises
    ------
    Refusal
        If no notebook asks for one that was set; exit code 2.
    """
    asked = {name for form in forms.values() for name in form}
    for name in sorted(values.model_fields_set - asked - OF_THE_PAGE - {"month"}):
        raise Refusal(
            f"parameter {name} was set and no notebook reads it",
            expected=f"one of {', '.join(sorted(asked))}",
            remedy=f'take "{name}" away, or add it to the parameters cell of the notebook it should change',
            exit_code=2,
        )
