"""A counterfactual from other suppliers: what an importer buys from China against a weighted mix of its other origins.

Synthetic control (Abadie, Diamond and Hainmueller 2010) on the importer's side. Other destinations of China's goods
are no donors, for they may have received what the US turned away; other origins of the same importer are hit by its
demand, not by the tariff on China, though by tariffs of their own. Weights are not negative and add up to one, so that
whatever moves all logs alike (demand, an exchange rate) cancels exactly. Levels need not match (demeaned synthetic
control: Doudchenko and Imbens 2016, Ferman and Pinto 2021): an anchor is taken from each series first.

Inference: the whole procedure, weights included, at every admissible earlier origin (placebo in time), and each donor
in China's place (placebo in space), whose rank cannot be finer than one over the number of units.

Shapes: T periods, J donors, N placebo origins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from helpers import controls as money
from helpers import counterfactual, destinations, partners, spans
from helpers.counterfactual import PERIODS_PER_YEAR, WINDOW_CHOICES, Form
from helpers.refusals import Refusal
from helpers.trials import NAIVE, Trials

SELECTION = "W1"


@dataclass(frozen=True)
class Recipe:
    """How a mix is made: the anchor taken from each series, and the periods of training.

    Anchors: ``level``, the mean of training; ``seasons``, the mean of each season; ``last year``, the same season of
    the last year of training, with weights fitted to changes over a year.
    """

    anchor: str
    window: int

    @property
    def free(self) -> int:
        """Observations left to fit weights to, once the anchors are taken."""
        return self.window - (1 if self.anchor == "level" else PERIODS_PER_YEAR)


@dataclass(frozen=True)
class Panel:
    """An importer's purchases from China (first column) and from the donors, billions per month, shape (T, 1 + J)."""

    code: str
    calendar: pd.DataFrame
    value: np.ndarray
    donors: tuple[str, ...]
    currency: str
    inputs: str


def panels(cells: pd.DataFrame, controls: pd.DataFrame, found: pd.DataFrame, *, month: str,
           currency: str = "USD") -> dict[str, Panel]:  # fmt: skip
    """Return the panels of the United States and Australia on the eleven-period calendar, one-off lumps left out.

    Parameters
    ----------
    cells, controls, found
        ``customs_monthly``, ``controls_monthly``, ``lumps``.
    month
        Month of the report: an origin that changes concept or ends before it is no donor.
    currency
        ``USD``, ``CNY`` or another with a rate in the controls.

    Raises
    ------
    Refusal
        If an origin has two figures for a month, or a period inside is missing for China.
    """
    out = {}
    for code, concept in (("US", "imports_general"), ("AU", None)):
        own = money.OWN_CURRENCY[code]
        held = cells[
            (cells["reporter_code"] == code) & (cells["flow"] == "imports") & (cells["product_code"] == "TOTAL")
            & (cells["period_kind"] == "month") & cells["is_preferred"] & (cells["currency"] == own)
        ]  # fmt: skip
        held = held[held["concept"] == concept] if concept else held
        wide = _wide(held)
        wide = wide.loc[wide["CN"].first_valid_index() : month]
        donors = tuple(c for c in wide.columns[wide.notna().all()] if c not in ("CN", partners.WORLD))
        for donor in donors:
            wide[donor] = destinations.without_lumps(wide[donor], found[found["partner_code"] == donor], code)
        rate = money.convert(pd.Series(1.0, wide.index), controls, own, currency)
        monthly = wide[["CN", *donors]].mul(rate, axis=0).dropna() / 1e3
        calendar = counterfactual.calendar_of(monthly["CN"])
        here = monthly.reindex(calendar.index).to_numpy()
        before = monthly.reindex(calendar.index - 1).to_numpy()
        value = np.where((calendar["season"] == 0).to_numpy()[:, None], (here + before) / 2, here)
        inputs = f"{code}/CN,{','.join(donors)}/imports/month/{monthly.index[0]}..{monthly.index[-1]}"
        out[code] = Panel(code, calendar, value, donors, currency, inputs)
    return out


def _wide(held: pd.DataFrame) -> pd.DataFrame:
    if held.duplicated(["period", "partner_code"]).any():
        raise Refusal(
            "an origin has two figures for a month", expected="one concept per origin",
            remedy="name the concept", file="table customs_monthly",
        )  # fmt: skip
    wide = held.pivot(index="period", columns="partner_code", values="value_mn").sort_index()
    wide.index = pd.PeriodIndex(wide.index, freq="M", name="period")
    return wide


def simplex_weights(target: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Return the weights, not negative and adding up to one, with the least squared distance to the target; exact.

    With weights that add up to one the distance is that of a convex combination of ``donors - target`` from the
    origin. Dividing the non-negative least squares solution of that system with a row of ones by its sum gives it
    without iteration to a tolerance (Lawson and Hanson 1974, active set; the same step as in their least-distance
    problem).

    Parameters
    ----------
    target
        Shape (n,).
    donors
        Shape (n, J).

    Returns
    -------
    numpy.ndarray
        Shape (J,).
    """
    apart = donors - target[:, None]
    apart = apart / max(float(np.sqrt(np.mean(apart**2))), 1e-12)
    system = np.vstack([apart, np.ones(donors.shape[1])])
    solution = nnls(system, np.append(np.zeros(len(target)), 1.0))[0]
    return solution / solution.sum()


def anchored(logs: np.ndarray, season: np.ndarray, recipe: Recipe, origin: int,
             future: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Take the anchors from every series: what the weights are fitted to, shape (n, 1 + J), and anchors (H, 1 + J)."""
    train = np.arange(origin + 1 - recipe.window, origin + 1)
    if recipe.anchor == "last year":
        matched = logs[train[PERIODS_PER_YEAR:]] - logs[train[:-PERIODS_PER_YEAR]]
        return matched, logs[future - PERIODS_PER_YEAR * ((future - origin - 1) // PERIODS_PER_YEAR + 1)]
    if recipe.anchor == "seasons":
        # The training is a whole number of years: season k stands in rows k, k + 11, ..
        means = logs[train].reshape(-1, PERIODS_PER_YEAR, logs.shape[1]).mean(0)
        place = (season - season[train[0]]) % PERIODS_PER_YEAR
        return logs[train] - means[place[train]], means[place[future]]
    means = logs[train].mean(0)
    return logs[train] - means, np.broadcast_to(means, (len(future), logs.shape[1]))


def mix(logs: np.ndarray, season: np.ndarray, recipe: Recipe, origin: int,
        future: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Forecast the first column from the others, with weights fitted to the periods up to an origin.

    Parameters
    ----------
    logs
        Shape (T, 1 + J).
    season
        Season of each period, shape (T,).
    recipe, origin, future
        Anchor and window; row of the last training period; rows to forecast, shape (H,).

    Returns
    -------
    tuple
        Logs of the mix (H,), weights (J,), residuals of what the weights were fitted to.
    """
    matched, anchors = anchored(logs, season, recipe, origin, future)
    weights = simplex_weights(matched[:, 0], matched[:, 1:])
    forecast = anchors[:, 0] + (logs[future, 1:] - anchors[:, 1:]) @ weights
    return forecast, weights, matched[:, 0] - matched[:, 1:] @ weights


def tried(panel: Panel, recipe: Recipe, train_end: str, *, needed: int = 0) -> Trials:
    """Return the mix after the end of training and its errors at every earlier origin, weights refitted at each.

    Parameters
    ----------
    needed
        Training periods that decide which origins count, where more than the recipe's own.

    Raises
    ------
    Refusal
        If the panel does not hold the training and what follows.
    """
    months = panel.calendar.index.astype(str)
    end = int(np.flatnonzero(months == train_end)[0]) if train_end in set(months) else -1
    if end + 1 < recipe.window or end + 1 >= len(months):
        raise Refusal(
            f"the panel of {panel.code} runs from {months[0]} to {months[-1]}",
            expected=f"{recipe.window} periods up to {train_end} (not a January), and periods after it",
            remedy="choose another end of training",
        )
    logs, season = np.log(panel.value), panel.calendar["season"].to_numpy()
    ahead = np.arange(end + 1, len(logs))
    expected = np.exp(mix(logs, season, recipe, end, ahead)[0])[:, None]
    first = max(needed, recipe.window) - 1
    errors = np.full((max(0, end - first), len(ahead), 1), np.nan)
    for number, origin in enumerate(range(first, end)):
        future = np.arange(origin + 1, min(origin + len(ahead), end) + 1)
        errors[number, : len(future), 0] = logs[future, 0] - mix(logs, season, recipe, origin, future)[0]
    weight = panel.calendar["weight"].to_numpy()[ahead, None]
    months = months.to_numpy()
    return Trials(end, months[first:end], months[ahead], expected, panel.value[ahead, :1], weight, errors)


def candidates(held: dict[str, Panel], *, train_end: str) -> pd.DataFrame:
    """Compare the recipes by placebo error on the origins that all share, with the seasonal-naive forecast as measure.

    A recipe counts only where training leaves more observations than the larger panel has donors. Errors count at the
    size of trade before the tariffs, so that nothing after ``train_end`` enters the choice.

    Returns
    -------
    pandas.DataFrame
        Table ``synthetic_candidates``, key ``destination_code``, ``anchor``, ``training_periods``: ``origins``,
        ``placebo_error_bn``, ``placebo_mean_bn`` (its bias), ``ratio_to_naive``, ``mean_ratio`` over the importers,
        ``is_chosen``.
    """
    most = max(len(panel.donors) for panel in held.values())
    recipes = [Recipe(anchor, window) for anchor in ("level", "seasons", "last year") for window in WINDOW_CHOICES]
    longest, rows = max(WINDOW_CHOICES), []
    for code, panel in held.items():
        least = np.nan
        for recipe in (recipe for recipe in recipes if recipe.free > most):
            found = tried(panel, recipe, train_end, needed=longest)
            places = found.rows(*spans.WINDOWS[SELECTION])
            post = places + found.end + 1
            back = PERIODS_PER_YEAR * ((post - found.end - 1) // PERIODS_PER_YEAR + 1)
            size = (panel.calendar["weight"].to_numpy() * panel.value[:, 0])[post - back]
            error = (size * np.expm1(found.admissible(places)[:, :, 0])).sum(1)
            if np.isnan(least):
                naive = counterfactual.placebo_errors(
                    panel.calendar, np.log(panel.value[:, :1]), Form(NAIVE, 22), found.end, int(places[0]) + 1,
                    len(places), needed=longest,
                )[:, :, 0]  # fmt: skip
                least = _root((size * np.expm1(naive)).sum(1))
            root = _root(error)
            rows.append((code, recipe.anchor, recipe.window, len(error), root, error.mean(), root / least))
    columns = ["destination_code", "anchor", "training_periods", "origins", "placebo_error_bn", "placebo_mean_bn",
               "ratio_to_naive"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["mean_ratio"] = table.groupby(["anchor", "training_periods"])["ratio_to_naive"].transform("mean")
    return table.assign(is_chosen=table["mean_ratio"] == table["mean_ratio"].min())


def _root(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def recipe_of(table: pd.DataFrame) -> Recipe:
    """Return the recipe with the lowest mean ratio of :func:`candidates`."""
    best = table.loc[table["mean_ratio"].idxmin()]
    return Recipe(str(best["anchor"]), int(best["training_periods"]))
