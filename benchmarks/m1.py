"""The whole specification curve: the report's engine against a plain loop of statsmodels fits.

The engine estimates every distinct specification of every flow and window with all placebo origins. The loop is in
``tests/robustness_reference.py``; it is timed on every k-th specification, and is not charged for those that the engine
knows to be equal. Prints JSON: the median seconds of the engine, the seconds that the loop would take for all at its
pace, their ratio, and the largest difference of gap,
counterfactual and placebo error, over the counterfactual.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from helpers import customs, destinations, excess, growth, robustness, spans
from helpers.controls import read_controls

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import robustness_reference as reference  # noqa: E402

TRAIN_END, STEP = "2024-10", 20
NUMBERS = ("gap_bn", "counterfactual_bn", "placebo_error_bn")


def tables_of(flows: dict, controls, month: str) -> dict[tuple[str, str, str], object]:
    """Return the calendar of every flow, form and currency, which the loop is given ready-made."""
    found = {}
    for code, flow in flows.items():
        for form in ("plain", *flow.others):
            for currency in {"USD", "CNY", reference.money.OWN_CURRENCY.get(code, flow.currency)}:
                pair = [
                    reference.in_currency(series, controls, flow.currency, currency)
                    for series in (flow.value, flow.others.get(form))
                ]
                cut = (None if series is None else series.loc[:month] for series in pair)
                found[code, form, currency] = reference.periods_of(*cut)
    return found


def plain(tables: dict, rows, windows: dict[str, tuple[str, str]]) -> list[dict]:
    """Estimate these rows of the curve, one after the other."""
    return [
        reference.one(
            tables[row.destination_code, row.form, row.currency], row.trend,
            "22" if row.training == "last years" else row.training, row.covid == "dummies", row.train_end,
            *windows[row.window_id],
        )
        for row in rows.itertuples(index=False)
    ]  # fmt: skip


def main() -> None:
    rows = customs.read_rows()
    cells = customs.clean(rows)
    growth.check_growth(rows, cells)
    controls, month = read_controls(), customs.latest_common_month()
    flows = destinations.flows(cells, controls, "USD", excess.all_lumps(cells))
    form = excess.form_of(excess.candidates(flows, TRAIN_END), "chosen", 0)
    engine = []
    for _ in range(int(sys.argv[1])):
        start = time.perf_counter()
        curve = robustness.specification_curve(flows, controls, form, train_end=TRAIN_END, month=month)
        engine.append(time.perf_counter() - start)
    sample, tables = curve.table.iloc[::STEP], tables_of(flows, controls, month)
    start = time.perf_counter()
    found = plain(tables, sample, spans.windows(month))
    seconds = time.perf_counter() - start
    # A gap is a difference of two amounts: its own smallness is no measure of it.
    worst = max(
        abs(one[name] - getattr(row, name)) / row.counterfactual_bn
        for one, row in zip(found, sample.itertuples(index=False), strict=True)
        for name in NUMBERS
        if one[name] == one[name]
    )
    whole, middle = seconds * len(curve.table) / len(sample), statistics.median(engine)
    fits = sum(one["origins"] + 1 for one in found)
    print(json.dumps({
        "engine": middle, "loop": whole, "ratio": whole / middle, "worst": worst, "cells": len(curve.table),
        "timed": len(sample), "fits": fits, "timed_seconds": seconds,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
