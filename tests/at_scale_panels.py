"""Panels for the regressions at scale, and the plainest way to estimate from them. EVERY FIGURE IN HERE IS INVENTED."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import statsmodels.api as sm

TRUTH = np.array([-0.7, 0.4])  # of tariff and demand
REGRESSORS = ["tariff", "demand"]


def alike(rows: int = 1_500, seed: int = 1) -> pd.DataFrame:
    """Rows of which many share everything but the outcome; pairs and months meet as luck has it."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"pair": random.integers(0, 30, rows), "month": random.integers(0, 12, rows),
         "threat": random.integers(0, 3, rows) / 2, "demand": random.integers(0, 2, rows) * 1.0}
    )  # fmt: skip
    frame["tariff"] = frame["threat"] + random.integers(0, 2, rows) / 4
    frame["sector"] = frame["pair"] % 11
    frame["buyer"] = [f"b{number:02d}" for number in random.integers(0, 15, rows)]
    return _with_outcomes(frame, random)


def balanced(pairs: int = 30, months: int = 10, seed: int = 2, level: float = 1.0) -> pd.DataFrame:
    """Every pair in every month, once."""
    random = np.random.default_rng(seed)
    frame = pd.MultiIndex.from_product([range(pairs), range(months)], names=["pair", "month"]).to_frame(index=False)
    frame["threat"] = random.uniform(0, 1, len(frame)) * (frame["month"] >= months // 2)
    frame["tariff"] = frame["threat"] + 0.2 * random.uniform(0, 1, len(frame))
    frame["demand"] = random.normal(0, 0.5, len(frame))
    frame["sector"] = frame["pair"] % 11
    return _with_outcomes(frame, random, level)


def _with_outcomes(frame: pd.DataFrame, random: np.random.Generator, level: float = 1.0) -> pd.DataFrame:
    index = frame[REGRESSORS].to_numpy() @ TRUTH + frame["pair"] % 7 / 3 + 0.05 * frame["month"] - 1
    shaken = np.exp(random.normal(0, 0.6, len(frame)) - 0.18)
    return frame.assign(
        ln_value=index + random.normal(0, 1, len(frame)), value=random.poisson(level * np.exp(index) * shaken) * 1.0
    )


def table(frame: pd.DataFrame) -> ibis.Table:
    """Return the rows as a table of DuckDB."""
    return ibis.memtable(frame)


def dummies(frame: pd.DataFrame, effects: list[str], names: list[str] | None = None) -> np.ndarray:
    """Return regressors and one column for each level, the first of each effect but one left out: the plain way."""
    blocks = [frame[names or REGRESSORS].to_numpy(dtype=float), np.ones((len(frame), 1))]
    blocks += [pd.get_dummies(frame[one], drop_first=True).to_numpy(dtype=float) for one in effects]
    return np.hstack(blocks)


def plain(frame: pd.DataFrame, effects: list[str], cluster: str | None, *, poisson: bool = False) -> tuple:
    """Estimate on all rows with dummies; errors without any factor for small samples."""
    columns = dummies(frame, effects)
    outcome = frame["value" if poisson else "ln_value"]
    model = sm.GLM(outcome, columns, sm.families.Poisson()) if poisson else sm.OLS(outcome, columns)
    how = {}
    if cluster is not None:
        groups = {"groups": pd.factorize(frame[cluster])[0], "use_correction": False}
        how = {"cov_type": "cluster", "cov_kwds": groups if poisson else groups | {"df_correction": False}}
    found = model.fit(tol=1e-13, **how) if poisson else model.fit(**how)
    return np.asarray(found.params)[:2], np.asarray(found.bse)[:2]


def factor(rows: int, parameters: int, clusters: int) -> float:
    """Return by what errors are larger in small samples."""
    return float(np.sqrt(clusters / (clusters - 1) * (rows - 1) / (rows - parameters)))
