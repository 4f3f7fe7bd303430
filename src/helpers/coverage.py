"""Do the intervals hold what they promise? Simulated flows with a known gap, the whole procedure repeated on each.

Every replicate draws two flows as long as the ledger's, adds a known loss and a known excess after March 2025, chooses
the form by placebo error as the report does, and asks whether the interval covers the truth. The textbook estimator
(a dummy for the months after, with autocorrelation-robust errors) goes through the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers import counterfactual
from helpers.counterfactual import CANDIDATES, PERIODS_PER_YEAR, Form
from helpers.spans import WINDOWS

SEED = 20251209
NOISE_SD = (0.05, 0.07)  # of the two flows, logs
EFFECT = (-0.35, 0.12)  # logs, after March 2025
GROWTH = 0.05  # a year, logs
TRAIN_END = "2024-10"


@dataclass(frozen=True)
class World:
    """One kind of past: autocorrelation of the noise and wandering of the trend (sd per period)."""

    name: str
    autocorrelation: float
    wandering: float = 0.0


WORLDS = (
    World("independent noise", 0.0),
    World("autocorrelation 0.5", 0.5),
    World("autocorrelation 0.8", 0.8),
    World("0.5 and trend wandering 0.006", 0.5, 0.006),
    World("0.5 and trend wandering 0.012", 0.5, 0.012),
    World("0.5 and trend wandering 0.02", 0.5, 0.020),
)


def calendar(first: str = "2012-01", last: str = WINDOWS["W1"][1]) -> pd.DataFrame:
    """Return the eleven-period calendar of a flow as long as the ledger's, all values 1."""
    months = pd.period_range(first, last, freq="M")
    return counterfactual.calendar_of(pd.Series(1.0, index=months))


def draw(world: World, sd: float, rows: pd.DataFrame, repetitions: int, random: np.random.Generator) -> np.ndarray:
    """Draw log flows without an effect, shape (T, repetitions)."""
    steps = random.normal(size=(len(rows), repetitions))
    noise = np.empty_like(steps)
    noise[0] = steps[0]
    for row in range(1, len(rows)):
        rho = world.autocorrelation
        noise[row] = rho * noise[row - 1] + np.sqrt(1 - rho**2) * steps[row]
    seasons = random.normal(scale=0.08, size=(PERIODS_PER_YEAR, 1))[rows["season"].to_numpy()]
    wander = np.cumsum(random.normal(scale=world.wandering, size=steps.shape), axis=0) if world.wandering else 0.0
    trend = GROWTH * np.arange(len(rows))[:, None] / PERIODS_PER_YEAR
    return seasons + trend + wander + sd * noise


def coverage_of(world: World, repetitions: int, seed: int = SEED) -> dict[str, float]:
    """Repeat the procedure in one world.

    Returns
    -------
    dict
        Shares of replicates: ``us_gap``, ``au_gap`` and ``ratio`` covered by their 95 % sets; ``placebo_rejected``,
        a gap found where there is none; ``textbook``, the loss covered by the dummy with robust errors;
        ``seasonal_naive``, how often that form was chosen.
    """
    random = np.random.default_rng([seed, WORLDS.index(world)])
    rows = calendar()
    position = {str(period): row for row, period in enumerate(rows.index)}
    end, post = position[TRAIN_END], np.arange(position[WINDOWS["W1"][0]], len(rows))
    weight = rows["weight"].to_numpy()[post, None]
    flat = [draw(world, sd, rows, repetitions, random) for sd in NOISE_SD]
    truth = [(weight * np.exp(logs[post]) * np.expm1(effect)).sum(0) for logs, effect in zip(flat, EFFECT, strict=True)]
    chosen = choose(rows, flat, end, post)
    gaps, errors, nu = np.empty((2, repetitions)), {}, np.empty(repetitions, dtype=int)
    for number, form in enumerate(CANDIDATES):
        mine = np.flatnonzero(chosen == number)
        if not len(mine):
            continue
        for flow in (0, 1):
            gap, error = _gap_without_effect(rows, flat[flow][:, mine], form, end, post)
            gaps[flow, mine] = gap
            errors.setdefault(number, []).append(error)
        nu[mine] = counterfactual.degrees_of_freedom(len(errors[number][0]), len(post), 5, 4)
    critical = stats.t.ppf(0.975, nu)
    inside, ratio_inside = np.zeros((2, repetitions), bool), np.zeros(repetitions, bool)
    ratio = -truth[1] / truth[0]
    for number, (us, au) in errors.items():
        mine = np.flatnonzero(chosen == number)
        moments = {"us": (us**2).mean(0), "au": (au**2).mean(0), "both": (us * au).mean(0)}
        limit = critical[mine]
        # The estimate's error is the gap that it finds where there is none: the effect itself is added exactly.
        inside[0, mine] = np.abs(gaps[0, mine]) <= limit * np.sqrt(moments["us"])
        inside[1, mine] = np.abs(gaps[1, mine]) <= limit * np.sqrt(moments["au"])
        delta = ratio[mine]
        spread = np.sqrt(moments["au"] + 2 * delta * moments["both"] + delta**2 * moments["us"])
        ratio_inside[mine] = np.abs(gaps[1, mine] + delta * gaps[0, mine]) <= limit * spread
    naive = [form.trend for form in CANDIDATES].index("seasonal_naive")
    return {
        "us_gap": inside[0].mean(), "au_gap": inside[1].mean(), "ratio": ratio_inside.mean(),
        "placebo_rejected": 1 - inside[0].mean(), "textbook": textbook(rows, flat[0], end, post),
        "seasonal_naive": (chosen == naive).mean(),
    }  # fmt: skip


def choose(rows: pd.DataFrame, flows: list[np.ndarray], end: int, post: np.ndarray) -> np.ndarray:
    """Choose the form of each replicate as the report does; shape (repetitions,), numbers into ``CANDIDATES``."""
    longest = max(form.needed for form in CANDIDATES)
    weight = rows["weight"].to_numpy()[post, None]
    back = PERIODS_PER_YEAR * ((post - end - 1) // PERIODS_PER_YEAR + 1)
    ratios = []
    for logs in flows:
        size = weight * np.exp(logs[post - back])
        error = []
        for form in CANDIDATES:
            e = counterfactual.placebo_errors(rows, logs, form, end, int(post[0]) - end, len(post), needed=longest)
            error.append(np.sqrt(((size * np.expm1(e)).sum(1) ** 2).mean(0)))
        naive = error[[form.trend for form in CANDIDATES].index("seasonal_naive")]
        ratios.append(np.array(error) / naive)
    return np.mean(ratios, axis=0).argmin(0)


def _gap_without_effect(
    rows: pd.DataFrame, logs: np.ndarray, form: Form, end: int, post: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gap found in flows without an effect, shape (R,), and placebo errors at post-period size, shape (N, R)."""
    weight = rows["weight"].to_numpy()[post, None]
    expected = weight * np.exp(counterfactual.forecast(rows, logs, form, end, post))
    errors = counterfactual.placebo_errors(rows, logs, form, end, int(post[0]) - end, len(post))
    return (weight * np.exp(logs[post])).sum(0) - expected.sum(0), (expected * np.expm1(errors)).sum(1)


def textbook(
    rows: pd.DataFrame, logs: np.ndarray, end: int, post: np.ndarray, window: int = 44, lags: int = 4
) -> float:
    """Share of replicates whose dummy with Newey-West errors covers the true log effect; it should be 0.95."""
    sample = np.r_[end + 1 - window : end + 1, post]
    seasons = np.eye(PERIODS_PER_YEAR)[rows["season"].to_numpy()[sample]]
    dummy = (sample >= post[0]).astype(float)
    design = np.column_stack([seasons, sample / PERIODS_PER_YEAR, dummy])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ logs[sample]
    residuals = logs[sample] - design @ coefficients
    influence = design @ inverse[:, -1]
    scores = influence[:, None] * residuals
    variance = (scores**2).sum(0)
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (scores[lag:] * scores[:-lag]).sum(0)
    freedom = len(sample) - design.shape[1]
    variance *= len(sample) / freedom
    limit = stats.t.ppf(0.975, freedom)
    # The dummy's estimate of a flow without an effect is its error.
    return float((np.abs(coefficients[-1]) <= limit * np.sqrt(variance)).mean())


def coverage_table(repetitions: int, seed: int = SEED) -> pd.DataFrame:
    """Return the coverage of all worlds: a row per world, shares; ``repetitions`` replicates each."""
    return pd.DataFrame([{"world": world.name, **coverage_of(world, repetitions, seed)} for world in WORLDS])
