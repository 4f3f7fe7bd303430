"""Exchange rates and other monthly controls of the ledger, and money from one currency to another.

Exchange rates are monthly averages, units of a currency per US dollar (Federal Reserve).
"""

from __future__ import annotations

import re

import pandas as pd

from helpers import paths, provenance
from helpers.refusals import Refusal
from helpers.reporters import REPORTERS

OWN_CURRENCY = {code: reporter.currencies[0] for code, reporter in REPORTERS.items()} | {"EU": "EUR"}


def read_controls(as_of: str = "") -> pd.DataFrame:
    """Read every control series of the ledger into one long table.

    Parameters
    ----------
    as_of
        Leave out what was read after this day; empty takes everything.

    Returns
    -------
    pandas.DataFrame
        Table ``controls_monthly``: ``period``, ``series``, ``value``, ``unit``, ``seasonal_adjustment``,
        ``producer``, ``source_id``. Months that were never published are absent.

    Raises
    ------
    Refusal
        If a month is malformed, in the future of the reading date, or stands twice in a series, in one file or in two.
    """
    frames = []
    for record in provenance.all_records(as_of):
        if record.table_schema != "controls":
            continue
        name = paths.shown(record.path)
        raw = provenance.read(record)
        for row in raw.astype(object).itertuples(index=False):
            if not re.fullmatch(r"(19|20)\d{2}-(0[1-9]|1[0-2])", row.period) or row.period > record.date_accessed[:7]:
                raise Refusal(
                    f'"{row.period}"', expected=f"a month such as 2025-11, not after {record.date_accessed[:7]}",
                    remedy="mend the cell", file=name, row=row.line, column="period",
                )  # fmt: skip
        repeated = raw[raw.duplicated(["period", "series"])]
        if len(repeated):
            first = repeated.iloc[0]
            raise Refusal(
                f"{first.period} of {first.series} stands twice", expected="one value per month and series",
                remedy="take one row away", file=name, row=int(first.line), column="period",
            )  # fmt: skip
        raw["value"] = pd.to_numeric(raw["value"])
        raw["producer"] = record.producer
        raw["source_id"] = record.path.stem + "#" + raw["source"]
        _check_elsewhere(raw, frames, name)
        frames.append(raw)
    columns = ["period", "series", "value", "unit", "seasonal_adjustment", "producer", "source_id"]
    return pd.concat(frames, ignore_index=True)[columns]


def _check_elsewhere(raw: pd.DataFrame, frames: list[pd.DataFrame], name: str) -> None:
    """Refuse a month of a series that another file holds too."""
    for other in frames:
        both = raw.merge(other[["period", "series", "source_id"]], on=["period", "series"], suffixes=("", "_other"))
        if len(both):
            first = both.iloc[0]
            raise Refusal(
                f"{first.period} of {first.series} stands twice, here and in {first.source_id_other.partition('#')[0]}",
                expected="one value per month and series", remedy="take one of the two away", file=name,
                row=int(first.line), column="period",
            )  # fmt: skip


def series(controls: pd.DataFrame, name: str) -> pd.Series:
    """Return one control series by month; an unknown name is refused."""
    rows = controls[controls["series"] == name]
    if rows.empty:
        raise Refusal(
            f'no control series "{name}"', expected=", ".join(sorted(controls["series"].unique())),
            remedy="use one of these names", file="table controls_monthly",
        )  # fmt: skip
    index = pd.PeriodIndex(rows["period"], freq="M", name="period")
    return pd.Series(rows["value"].to_numpy(), index=index, name=name).sort_index()


def per_dollar(controls: pd.DataFrame, currency: str) -> pd.Series | float:
    """Return units of ``currency`` per US dollar by month; 1.0 for the dollar itself."""
    return 1.0 if currency == "USD" else series(controls, f"usd_{currency.lower()}")


def convert(money: pd.Series, controls: pd.DataFrame, source: str, target: str) -> pd.Series:
    """Convert a monthly money series from one currency to another at monthly average rates. Assumption A7.

    Months for which no rate is published drop out; nothing is carried forward.
    """
    if source == target:
        return money
    return (money / per_dollar(controls, source) * per_dollar(controls, target)).dropna().rename(money.name)
