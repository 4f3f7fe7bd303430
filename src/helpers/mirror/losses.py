"""Every loss of the United States on all counts, because the two customs do not count the same loss.

China's count, the importer's, and the importer's with arrivals dated a month earlier, each against the rise elsewhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import customs, partners, spans
from helpers.counterfactual import Form
from helpers.mirror.sides import by_month, later, total
from helpers.stacks import stacks
from helpers.trials import NAIVE, Trials, base_months, by_name, donut_of, judged

COUNTS = ("China", "importer", "importer, a month later")


def losses(exporter: dict[str, pd.DataFrame], importer: dict[str, pd.Series], cells: pd.DataFrame, *, train_end: str,
           month: str) -> pd.DataFrame:  # fmt: skip
    """Return every loss of the United States on all counts, with its ratios to the rise elsewhere.

    Parameters
    ----------
    exporter, importer
        As for :func:`gaps`.
    cells
        ``customs_monthly``, for China's total.
    train_end, month
        End of training, month of the report.

    Returns
    -------
    pandas.DataFrame
        Table ``mirror_losses``, key ``window_id``, ``against``, ``count`` (China; importer; importer, a month later).
        ``loss_bn`` (positive: fell short), ``loss_pct``; against the year of training also ``placebo_error_bn``,
        ``low_bn``, ``high_bn`` (the seasonal-naive forecast of M1, importer's counts), ``origins``,
        ``degrees_of_freedom``; ``rise_bn``, exports elsewhere by China's count, and ``loss_over_rise_pct``;
        ``rise_mixed_bn``, China's total less this count, and ``loss_over_rise_mixed_pct``; ``australia_bn``, change of
        Australia's imports from China by its own count, same or next month, and ``australia_cents`` per dollar lost;
        ``reason`` for what is empty. A ratio is given only where the loss and what it is held against are positive.
    """
    world = by_month(customs.series(cells, "CN", partners.WORLD) / 1e3)
    sides = dict(zip(COUNTS, (exporter["US"]["value_bn"], importer["US"], later(importer["US"])), strict=True))
    australia = by_month(importer["AU"])
    others = dict(zip(COUNTS, (australia, australia, by_month(later(importer["AU"]))), strict=True))
    tried = by_name(stacks({(count,): (sides[count], None) for count in COUNTS[1:]}), Form(NAIVE, 22), train_end)
    counts = {count: by_month(side) for count, side in sides.items()}
    ours = counts[COUNTS[0]]
    rows = []
    for window, (first, last) in spans.windows(month).items():
        now = pd.period_range(first, last, freq="M")
        for against, base in ((f"year to {train_end}", base_months(now, train_end)), ("a year before", now - 12)):
            rise = total(world, now) - total(world, base)
            counted = rise - (total(ours, now) - total(ours, base))
            for count in COUNTS:
                before = total(counts[count], base)
                loss = before - total(counts[count], now)
                gained = total(others[count], now) - total(others[count], base)
                row = {"window_id": window, "against": against, "count": count, "first_month": first,
                       "last_month": last, "loss_bn": loss, "loss_pct": 100 * loss / before, "rise_bn": counted,
                       "loss_over_rise_pct": _ratio(loss, counted), "rise_mixed_bn": rise + loss,
                       "loss_over_rise_mixed_pct": _ratio(loss, rise + loss), "australia_bn": gained,
                       "australia_cents": 100 * gained / loss if loss > 0 else np.nan}  # fmt: skip
                rows.append(row | _error(tried.get((count,)), row, against, train_end))
    return pd.DataFrame(rows)


def _ratio(loss: float, rise: float) -> float:
    return 100 * loss / rise if loss > 0 and rise > 0 else np.nan


def _error(tried: Trials | None, row: dict, against: str, train_end: str) -> dict:
    """Placebo error of a loss; a change against a year before, or China's count, has none."""
    reasons = [] if row["loss_bn"] > 0 else ["no loss, so no ratio"]
    if np.isnan(row["loss_bn"]):
        reasons = ["the count lacks a month"]
    if against == "a year before":
        return {"reason": "; ".join([*reasons, "an accounting change has no sampling error"])}
    if tried is None:
        return {"reason": "; ".join([*reasons, "interval not calibratable: China's count leaves no placebo origin"])}
    places = tried.rows(row["first_month"], row["last_month"])
    if not len(places):
        return {"reason": "; ".join([*reasons, "the window is not held whole by this count"])}
    gap, _, placebo = tried.gap_of(places)
    verdict = judged(-gap, placebo, tried.degrees(places, donut_of(train_end)), "bn")
    kept = ("placebo_error_bn", "low_bn", "high_bn", "origins", "degrees_of_freedom")
    return {key: verdict[key] for key in kept} | {"reason": "; ".join([*reasons, verdict["reason"]]).strip("; ")}
