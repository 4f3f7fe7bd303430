"""Gaps to a mix of other suppliers, with both placebos, the weights, and what each donor does to the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import partners, spans
from helpers.synthetic.panels import Panel, Recipe, anchored, mix, tried
from helpers.trials import Trials, donut_of, estimated, nothing

# Episodes in which China was hit alone or trade everywhere was: errors without them stand beside the others.
LOUD = (("2018-07", "2019-12"), ("2020-02", "2022-12"))
LEVEL = 0.05
CAVEAT = {
    "US": "The donors paid US tariffs too, which makes the mix too low and the loss too small; those that replaced "
    "China make it too high and the loss too large.",
    "AU": "The donors faced US tariffs too and may have sent more to Australia, which makes the mix too high and the "
    "excess too small.",
}  # fmt: skip


@dataclass(frozen=True)
class Results:
    """Three tables: the gaps, what each donor does, and the paths for the figure."""

    gaps: pd.DataFrame
    donors: pd.DataFrame
    paths: pd.DataFrame


def estimate(held: dict[str, Panel], recipe: Recipe, cells: pd.DataFrame, *, train_end: str, month: str) -> Results:
    """Estimate the gap of imports from China to the mix, in every window that has begun.

    Parameters
    ----------
    held, recipe
        From :func:`helpers.synthetic.panels` and :func:`helpers.synthetic.recipe_of`.
    cells
        ``customs_monthly``, to say why the other destinations have no mix.
    train_end, month
        End of training, month of the report.

    Returns
    -------
    Results
        ``gaps``, table ``synthetic_gaps``, key ``destination_code``, ``window_id``: ``first_month``, ``last_month``,
        ``anchor``, ``training_periods``, ``donors``, ``fit_pct`` (root mean square misfit in training, log points),
        ``outside_pct`` (training periods in which China lies outside all donors: no mix can reach it);
        the columns of :func:`helpers.trials.estimated`; ``placebo_mean_bn`` (bias); ``error_quiet_bn`` and
        ``origins_quiet``, without origins whose window touches 2018-19 or 2020-22; ``rank`` of China's ratio of errors
        after to before among ``units``, ``rank_p`` = rank / units, ``least_p`` = 1 / units, ``rank_reading``;
        ``without_one_low_bn``, ``without_one_high_bn``, the range of gaps with one donor left out;
        ``without_gainers_bn``, the gap without donors that rose above their own mix, and these as ``gainers``;
        ``is_fragile``, whether one of these is within normal variation while the gap is not; ``condition``, what of the
        method's conditions fails (empty: none); ``caveat`` that no interval holds; ``currency``, ``inputs``.

        ``donors``, table ``synthetic_donors``, key ``destination_code``, ``window_id``, ``unit_code`` (China and the
        donors): ``weight`` in China's mix, ``fit_pct``, ``post_pct`` (root mean square gap after, log points),
        ``ratio``, ``gap_bn`` and ``gap_pct`` to the unit's own mix, ``gap_without_bn`` (China's gap without it).

        ``paths``, table ``synthetic_paths``, key ``destination_code``, ``period``: ``actual_bn``, ``synthetic_bn`` per
        month (in training the fit, empty before it), ``phase``.
    """
    gaps, donors, paths = [], [], []
    for code, panel in held.items():
        found = tried(panel, recipe, train_end)
        units = _units(panel, recipe, found.end)
        for window, (first, last) in spans.windows(month).items():
            common = {"destination_code": code, "window_id": window, "first_month": first, "last_month": last,
                      "anchor": recipe.anchor, "training_periods": recipe.window, "donors": len(panel.donors),
                      "currency": panel.currency, "caveat": CAVEAT[code], "inputs": panel.inputs}  # fmt: skip
            places = found.rows(first, last)
            if not len(places):
                gaps.append(common | nothing(f"the panel ends in {panel.calendar.index[-1]}"))
                continue
            table = _donor_rows(panel, units, found, places)
            donors.append(table.assign(destination_code=code, window_id=window))
            row = _gap_row(panel, recipe, found, places, table, train_end)
            gaps.append(common | row | _condition(row, 100 * float(units["outside"].mean()), len(panel.donors)))
        paths.append(_path(panel, found, month, units["fitted"]))
    for code, reason in _others(cells).items():
        for window, (first, last) in spans.windows(month).items():
            gaps.append({"destination_code": code, "window_id": window, "first_month": first, "last_month": last}
                        | nothing(reason))  # fmt: skip
    return Results(pd.DataFrame(gaps), pd.concat(donors, ignore_index=True), pd.concat(paths, ignore_index=True))


def _units(panel: Panel, recipe: Recipe, end: int) -> dict[str, np.ndarray]:
    """Fit China's mix, the mix of each donor from the other donors, and China's mix without each donor.

    Returns
    -------
    dict
        ``own``: logs of each unit's mix after training, shape (H, 1 + J), China first; ``fit``: root mean square
        misfit, (1 + J,); ``weights`` (J,); ``outside``, training periods in which China lies outside all
        donors, so that no mix reaches it, flags; ``without``: logs of China's mix without each donor, (H, J);
        ``fitted``: China's mix in the periods of training that the weights were fitted to.
    """
    logs, season = np.log(panel.value), panel.calendar["season"].to_numpy()
    ahead = np.arange(end + 1, len(logs))
    count = logs.shape[1]
    forecast, weights, residual = mix(logs, season, recipe, end, ahead)
    own, fit, without = [forecast], [np.sqrt(np.mean(residual**2))], []
    fitted = np.exp(logs[end + 1 - len(residual) : end + 1, 0] - residual)
    for unit in range(1, count):
        others = [column for column in range(1, count) if column != unit]
        forecast, _, residual = mix(logs[:, [unit, *others]], season, recipe, end, ahead)
        own.append(forecast)
        fit.append(np.sqrt(np.mean(residual**2)))
        without.append(mix(logs[:, [0, *others]], season, recipe, end, ahead)[0])
    matched = anchored(logs, season, recipe, end, ahead)[0]
    low, high = matched[:, 1:].min(1), matched[:, 1:].max(1)
    outside = (matched[:, 0] < low) | (matched[:, 0] > high)
    return {"own": np.column_stack(own), "fit": np.array(fit), "weights": weights, "outside": outside,
            "without": np.column_stack(without), "fitted": fitted}  # fmt: skip


def _donor_rows(panel: Panel, units: dict[str, np.ndarray], found: Trials, places: np.ndarray) -> pd.DataFrame:
    """Hold every unit against its own mix in one window (placebo in space), China first."""
    weight = found.weight[places]
    value = panel.value[found.end + 1 + places]
    own = np.exp(units["own"][places])
    expected = (weight * own).sum(0)
    post = np.sqrt(np.mean((np.log(value) - units["own"][places]) ** 2, axis=0))
    ratio = np.divide(post, units["fit"], out=np.full_like(post, np.nan), where=units["fit"] > 0)  # none without error
    without = (weight * (value[:, :1] - np.exp(units["without"][places]))).sum(0)
    return pd.DataFrame(
        {
            "unit_code": ["CN", *panel.donors], "weight": [np.nan, *units["weights"]], "fit_pct": 100 * units["fit"],
            "post_pct": 100 * post, "ratio": ratio, "gap_bn": (weight * value).sum(0) - expected,
            "gap_pct": 100 * ((weight * value).sum(0) / expected - 1), "gap_without_bn": [np.nan, *without],
        }
    )  # fmt: skip


def _gap_row(panel: Panel, recipe: Recipe, found: Trials, places: np.ndarray, table: pd.DataFrame,
             train_end: str) -> dict:  # fmt: skip
    gap, expected, placebo = found.gap_of(places)
    row = estimated(gap, expected, placebo, found.degrees(places, donut_of(train_end)))
    quiet = placebo[~_loud(panel, found, places, len(placebo))]
    units, least = len(table), 1 / len(table)
    rank = int((table["ratio"] >= table["ratio"].iloc[0]).sum())
    gainers = table["unit_code"].iloc[1:][table["gap_bn"].iloc[1:] > 0].tolist()
    kept = [0, *(1 + n for n, donor in enumerate(panel.donors) if donor not in gainers)]
    without = np.nan
    if len(kept) > 1:
        season = panel.calendar["season"].to_numpy()
        logs = mix(np.log(panel.value[:, kept]), season, recipe, found.end, found.end + 1 + places)[0]
        without = float((found.weight[places] * (found.value[places] - np.exp(logs)[:, None])).sum())
    reading = f"rank {rank} of {units}"
    if least > LEVEL:
        reading += f": with {len(panel.donors)} donors it cannot fall below {least:.2f}, so it decides nothing"
    return row | {
        "fit_pct": table["fit_pct"].iloc[0], "placebo_mean_bn": float(placebo.mean()) if len(placebo) else np.nan,
        "error_quiet_bn": float(np.sqrt(np.mean(quiet**2))) if len(quiet) else np.nan, "origins_quiet": len(quiet),
        "rank": rank, "units": units, "rank_p": rank / units, "least_p": least, "rank_reading": reading,
        "without_one_low_bn": table["gap_without_bn"].min(), "without_one_high_bn": table["gap_without_bn"].max(),
        "without_gainers_bn": without, "gainers": ", ".join(partners.name_of(code) for code in gainers),
    }  # fmt: skip


def _condition(row: dict, outside: float, donors: int) -> dict:
    """Say which conditions of the method fail: donors around China, and a gap that hangs on no single donor."""
    chance = 200 / (donors + 1)
    words = []
    if outside > chance:
        words.append(f"China lies outside all donors in {outside:.0f} % of training ({chance:.0f} % would be chance)")
    tries = np.array([row["without_one_low_bn"], row["without_one_high_bn"], row["without_gainers_bn"]])
    limit = row["gap_bn"] - row["low_bn"]
    stands = bool(row["status"] == "interval" and abs(row["gap_bn"]) > limit)
    fragile = stands and bool((np.abs(tries) <= limit).any() or (np.sign(tries) != np.sign(row["gap_bn"])).any())
    if fragile:
        words.append("left without some donors the gap is within normal variation")
    return {"outside_pct": outside, "is_fragile": fragile, "condition": "; ".join(words)}


def _loud(panel: Panel, found: Trials, places: np.ndarray, count: int) -> np.ndarray:
    """Tell which origins have an evaluated period in a loud episode."""
    months = panel.calendar.index.astype(str).to_numpy()
    origins = found.end - len(found.origins) + np.arange(count)
    begin, end = months[origins + 1 + places[0]], months[origins + 1 + places[-1]]
    return np.any([(begin <= last) & (end >= first) for first, last in LOUD], axis=0)


def _path(panel: Panel, found: Trials, month: str, fitted: np.ndarray) -> pd.DataFrame:
    months = panel.calendar.index.astype(str).to_numpy()
    phase = np.where(np.arange(len(months)) <= found.end, "training", "donut").astype(object)
    for window, (first, last) in spans.windows(month).items():
        phase[(months >= first) & (months <= last)] = window
    mixed = np.concatenate([np.full(found.end + 1 - len(fitted), np.nan), fitted, found.expected[:, 0]])
    return pd.DataFrame(
        {"destination_code": panel.code, "period": months, "phase": phase.astype(str), "actual_bn": panel.value[:, 0],
         "synthetic_bn": mixed}
    )  # fmt: skip


def _others(cells: pd.DataFrame) -> dict[str, str]:
    """Say why the other destinations have no mix."""
    euro = cells[(cells["reporter_code"] == "EA20") & (cells["partner_code"] != "CN")]
    origins = euro["partner_code"].nunique()
    singapore = cells.loc[cells["reporter_code"] == "SG", "period"].max()
    return {
        "EU": f"no mix: the euro area's imports are held from {euro['period'].min()} and from {origins} other origins, "
        "the United States among them",
        "ASEAN": f"no mix: no member's imports by origin are held (Singapore: China and World only, to {singapore})",
    }
