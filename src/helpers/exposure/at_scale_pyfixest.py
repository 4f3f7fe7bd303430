"""Two or more large effects, such as product by month and partner by month: pyfixest takes them out, on the cells.

Nothing is left out in here: cells without information are gone before. The package is in the extra ``scale`` and is
loaded only when it is needed.
"""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np
import pandas as pd

from helpers.exposure import at_scale_errors as errors
from helpers.exposure.at_scale_cells import Cells
from helpers.exposure.at_scale_fit import Estimator, Fit, of_cells
from helpers.exposure.at_scale_table import Question
from helpers.refusals import Refusal

STILL = 1e-11  # of means by effect, and of the deviance


def _package(made: Cells) -> ModuleType:
    try:
        import pyfixest
    except ImportError as error:
        levels = " and ".join(f"{int(one.max()) + 1:,}" for one in made.effects)
        raise Refusal(
            f"effects with {levels} levels: pyfixest is not installed", expected="the packages of the extra scale",
            remedy="tools/set_up.sh scale, then the same again; or at most 300 levels beside the largest effect",
            exit_code=4,
        ) from error  # fmt: skip
    return pyfixest


def _frame(made: Cells) -> pd.DataFrame:
    weight = np.ones(len(made.total)) if made.weight is None else made.weight
    columns = {"mean": made.total / weight, "total": made.total, "weight": weight.astype(int), "log": np.log(weight)}
    columns |= {f"x{j}": column for j, column in enumerate(made.columns)}
    columns |= {f"f{i}": effect for i, effect in enumerate(made.effects)}
    if made.cluster is not None:
        columns["cluster"] = made.cluster
    return pd.DataFrame(columns)


def solve(estimator: Estimator, made: Cells, question: Question, sizes: tuple[int, int], inside: list[bool]) -> Fit:
    """Return the regression of the cells' means, weighted by their rows; PPML that of their sums, rows as exposure.

    Parameters
    ----------
    sizes
        Number of endogenous and of exogenous regressors.
    inside
        Whether each effect lies within the clusters, in the order of ``made.effects``. The factor for small samples
        is ours: pyfixest 0.60 counts the levels of two effects in an order that changes from process to process.

    Raises
    ------
    Refusal
        If pyfixest is not there (exit code 4), or it drops a regressor or does not come to an end.
    """
    package = _package(made)
    endogenous, count = sizes[0], sum(sizes)
    names = [f"x{j}" for j in range(len(made.columns))]
    effects = " + ".join(f"f{i}" for i in range(len(made.effects)))
    formula = f"{' + '.join(names[endogenous:count]) or '1'} | {effects}"
    if endogenous:
        formula += f" | {' + '.join(names[:endogenous])} ~ {' + '.join(names[count:])}"
    how = {
        "vcov": {"CRV1": "cluster"} if question.cluster else "iid", "ssc": package.ssc(k_adj=False, G_adj=False),
        "fixef_rm": "none", "fixef_tol": STILL, "fixef_maxiter": 100_000, "copy_data": False,
    }  # fmt: skip
    frame = _frame(made)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if estimator == "PPML":
                found = package.fepois(f"total ~ {formula}", frame, offset="log", iwls_tol=STILL, iwls_maxiter=100,
                                       separation_check=[], **how)  # fmt: skip
            else:
                found = package.feols(f"mean ~ {formula}", frame, weights="weight", weights_type="fweights", **how)
        except (ValueError, RuntimeError, np.linalg.LinAlgError) as error:
            raise Refusal(f"pyfixest: {str(error)[:200]}", expected="an estimate", remedy="take fewer effects or "
                          "regressors") from error  # fmt: skip
    missing = [question.values[1 + j] for j, name in enumerate(names[:count]) if name not in found._coefnames]
    if missing:
        raise Refusal("absorbed by the fixed effects, or collinear with the regressors before it", column=missing[0],
                      expected="a regressor that moves within the effects", remedy="leave it out")  # fmt: skip
    order = [found._coefnames.index(name) for name in names[:count]]
    spread = found._vcov[np.ix_(order, order)]
    if not question.cluster and estimator != "PPML":  # what differs within cells is added back
        spread = spread * (1 + made.within / (found._u_hat**2).sum())
    size = errors.parameters(count, [int(one.max()) + 1 for one in made.effects], inside)
    spread = spread * errors.small_sample(made.rows, size, made.clusters)  # pyfixest divides by the rows less one
    return of_cells(estimator, question.values[1 : 1 + count], found._beta_hat.ravel()[order], spread, made, size,
                    way="pyfixest")  # fmt: skip
