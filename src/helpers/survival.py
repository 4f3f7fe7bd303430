"""Would the headline of the vintage before have survived? The same estimates on the figures as read then and now.

A vintage is everything that was read by a day. The month of the report and the rules stay those of the vintage before;
only the figures change. What moves, moves because figures were revised or added.
"""

from __future__ import annotations

import pandas as pd

from helpers import accounting, controls, customs, destinations, excess, growth, provenance, spans
from helpers.months import day_name
from helpers.numbers import plain, signed
from helpers.refusals import Refusal

ACCOUNTED = ("US", "NON_US")
COLUMNS = ["what", "destination_code", "form", "window_id", "then_bn", "then_low_bn", "then_high_bn", "now_bn",
           "now_low_bn", "now_high_bn", "moved_bn", "verdict"]  # fmt: skip


def vintages(as_of: str = "") -> list[str]:
    """Return the days on which customs figures were read, up to a day."""
    return [day for day in provenance.days_of_access() if not as_of or day <= as_of]


def headlines(day: str, month: str, train_end: str) -> pd.DataFrame:
    """Return the headline numbers of a report of ``month`` on what was read by ``day``.

    Returns
    -------
    pandas.DataFrame
        ``what`` (accounting change or excess), ``destination_code``, ``form``, ``window_id``, ``value_bn``, ``low_bn``,
        ``high_bn``.
    """
    rows = customs.read_rows(day)
    cells, quarters, money = customs.clean(rows), customs.quarterly(rows), controls.read_controls(day)
    rates = growth.preferred_growth(rows, growth.check_growth(rows, cells))
    spans_wanted = {window: (*span, "months") for window, span in spans.windows(month).items()}
    change = accounting.accounting_change(cells, rates, spans_wanted)
    change = change[change["partner_code"].isin(ACCOUNTED)]
    lumps = excess.all_lumps(cells)
    flows = destinations.flows(cells, money, "USD", lumps)
    form = excess.form_of(excess.candidates(flows, train_end), "chosen", 0)
    gaps = excess.estimate_all(flows, quarters, form, [], train_end=train_end, month=month).excess
    gaps = gaps[gaps["status"] == "interval"]
    return pd.concat(
        [
            pd.DataFrame(
                {"what": "change on a year before", "destination_code": change["partner_code"], "form": "as counted",
                 "window_id": change["span"], "value_bn": change["change_usd_bn"]}
            ),
            pd.DataFrame(
                {"what": "excess", "destination_code": gaps["destination_code"], "form": gaps["form"],
                 "window_id": gaps["window_id"], "value_bn": gaps["gap_bn"], "low_bn": gaps["low_bn"],
                 "high_bn": gaps["high_bn"]}
            ),
        ],
        ignore_index=True,
    )  # fmt: skip


def compare(as_of: str = "", train_end: str = "2024-10") -> pd.DataFrame:
    """Set the headline of the vintage before beside the same numbers on the figures of today.

    Returns
    -------
    pandas.DataFrame
        Table ``headline_survival``; empty as long as one vintage makes a report. ``verdict`` is ``stands`` when
        sign and clearness of zero are the same, else what changed.
    """
    days = vintages(as_of)
    if len(days) < 2:
        return pd.DataFrame(columns=COLUMNS)
    try:
        month = customs.latest_common_month(days[-2])
    except Refusal:  # what was read by then made no report
        return pd.DataFrame(columns=COLUMNS)
    keys = ["what", "destination_code", "form", "window_id"]
    then, now = (headlines(day, month, train_end) for day in days[-2:])
    both = then.merge(now, on=keys, how="outer", suffixes=("_then", "_now"), validate="1:1")
    both = both.rename(
        columns={f"{name}_{when}": f"{when}_{name}".replace("_value", "") for name in ("value_bn", "low_bn", "high_bn")
                 for when in ("then", "now")}
    )  # fmt: skip
    both["moved_bn"] = both["now_bn"] - both["then_bn"]
    both["verdict"] = [_verdict(row) for row in both.itertuples(index=False)]
    return both[COLUMNS]


def _verdict(row) -> str:
    if pd.isna(row.then_bn) or pd.isna(row.now_bn):
        return "only now" if pd.isna(row.then_bn) else "only then"
    if (row.then_bn < 0) != (row.now_bn < 0):
        return "sign changed"
    then, now = (pd.notna(low) and not low <= 0 <= high for low, high in
                 ((row.then_low_bn, row.then_high_bn), (row.now_low_bn, row.now_high_bn)))  # fmt: skip
    return "stands" if then == now else ("now clear of zero" if now else "no longer clear of zero")


def sentence(table: pd.DataFrame, as_of: str = "") -> str:
    """Say whether the headline of the vintage before survived."""
    days = vintages(as_of)
    if len(days) < 2:
        return (
            f"All figures were read on one day, {day_name(days[-1])}. The test begins with the second day of reading; "
            "until then this section has no result."
        )
    both = table[~table["verdict"].isin(["only now", "only then"])]
    changed = both[both["verdict"] != "stands"]
    largest = both.loc[both["moved_bn"].abs().idxmax()]
    report = f"the report as it could be made on {day_name(days[-2])}"
    said = f"The headline of {report} would have survived" if changed.empty else (
        f"{len(changed)} of {len(both)} headline numbers of {report} would not have kept their verdict on"
    )  # fmt: skip
    return (
        f"{said} the figures read by {day_name(days[-1])}: of {len(both)} numbers the largest move is "
        f"{signed(largest['moved_bn'], 1)} billion; {plain(len(table) - len(both), 0)} exist on one side only."
    )
