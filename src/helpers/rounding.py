"""What the last printed digit does to a gap: the worst case, all figures off in the direction that hurts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import counterfactual
from helpers.counterfactual import Form


def rounding_band(calendar: pd.DataFrame, form: Form, train_end: str, first: str, last: str, half_unit: float) -> float:
    """How far a gap can be moved when every printed month may be off by half a unit.

    The months of the window count by their weights, those of the training by what each does to the forecast. Each is
    moved by itself and the sizes are added: the worst case, all of them off in the direction that hurts.

    Parameters
    ----------
    calendar
        From :func:`helpers.counterfactual.calendar_of`, plain form; holds training and window.
    half_unit
        Half the last printed digit of a month, in the unit of the values.

    Returns
    -------
    float
        Largest shift of the gap to either side, in the unit of the values.
    """
    months = calendar.index.astype(str)
    end, post = int(np.flatnonzero(months == train_end)[0]), np.flatnonzero((months >= first) & (months <= last))
    value, weight = calendar["value"].to_numpy(), calendar["weight"].to_numpy()
    seen = np.arange(end + 1 - form.needed, end + 1)
    moved = np.repeat(value[:, None], len(seen) + 1, axis=1)
    moved[seen, np.arange(1, len(seen) + 1)] += half_unit
    size = weight[post] @ np.exp(counterfactual.forecast(calendar, np.log(moved), form, end, post))
    return float(half_unit * weight[post].sum() + np.abs(size[1:] - size[0]).sum())
