"""Who bought the rise: every destination that the printed pieces bound, and what is left for those they do not.

Here because the ledger holds few of China's months by partner: a change is a range (:mod:`helpers.ranges`), and what
no destination is known to have taken is said beside it.
"""

from __future__ import annotations

import math

import pandas as pd

from helpers.months import month_number
from helpers.ranges import Bounds

# A partition of China's exports: the named destinations do not overlap, all others are the rest.
DESTINATIONS = ("US", "EU", "ASEAN", "HK", "AFRICA", "KR", "JP", "TW", "IN", "AU")
REST, ELSEWHERE = "OTHERS", "NON_US"


def rise_by_destination(bounds: dict[str, Bounds], spans: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return the change of exports to every destination against a year before, as a range, and the rest.

    Assumption A21.

    Parameters
    ----------
    bounds
        From :func:`helpers.ranges.bounds_of`, for :data:`DESTINATIONS` at least.
    spans
        Name to (first month, last month).

    Returns
    -------
    pandas.DataFrame
        Table ``rise_by_destination``, key ``span``, ``partner_code``: ``first_month``, ``last_month``, USD billion
        ``change_usd_bn`` (middle), ``change_low_usd_bn``, ``change_high_usd_bn``, ``before_usd_bn``; percent
        ``growth_pct``, ``growth_low_pct``, ``growth_high_pct`` (missing for the rest), ``inputs``. A destination whose
        growth is open by more than :data:`helpers.ranges.WIDEST_PP` is part of ``OTHERS``. ``NON_US`` is the sum.
    """
    rows = []
    for span, (first, last) in spans.items():
        named = {code: _change(bounds[code], first, last) for code in DESTINATIONS if code in bounds}
        named = {code: change for code, change in named.items() if change}
        total = _change(bounds[ELSEWHERE], first, last) if ELSEWHERE in bounds else None
        if not total:
            continue
        elsewhere = [change for code, change in named.items() if code != "US"]
        # What the named took at most is what the rest took at least.
        rest = {
            "change_low_usd_bn": total["change_low_usd_bn"] - sum(one["change_high_usd_bn"] for one in elsewhere),
            "change_high_usd_bn": total["change_high_usd_bn"] - sum(one["change_low_usd_bn"] for one in elsewhere),
            "before_usd_bn": total["before_usd_bn"] - sum(one["before_usd_bn"] for one in elsewhere),
        }
        behind = {REST: [ELSEWHERE, *(code for code in named if code != "US")]}
        for code, change in (named | {REST: rest, ELSEWHERE: total}).items():
            middle = (change["change_low_usd_bn"] + change["change_high_usd_bn"]) / 2
            rows.append(
                {"span": span, "partner_code": code, "first_month": first, "last_month": last, "change_usd_bn": middle}
                | change
                | {"inputs": ";".join(bounds[one].inputs(first, last) for one in behind.get(code, [code]))}
            )
    return pd.DataFrame(rows)


def _change(bounds: Bounds, first: str, last: str) -> dict[str, float] | None:
    """Change and growth of a sum of months as ranges, or None when the pieces leave too much open.

    A printed rate may be known where no level is: it bounds no change.
    """
    growth = bounds.known_growth(first, last)
    if growth is None:
        return None
    begin, end = month_number(first), month_number(last)
    now, before = ([value / 1e3 for value in bounds.total(begin - back, end - back)] for back in (0, 12))
    # A level and its growth are often narrower than two levels.
    slow, fast = ([level * (1 - 1 / (1 + rate / 100)) for level in now] for rate in growth)
    low, high = max(now[0] - before[1], min(slow)), min(now[1] - before[0], max(fast))
    if not (math.isfinite(low) and math.isfinite(high) and math.isfinite(sum(before))):
        return None
    return {
        "change_low_usd_bn": low, "change_high_usd_bn": high, "before_usd_bn": sum(before) / 2,
        "growth_pct": sum(growth) / 2, "growth_low_pct": growth[0], "growth_high_pct": growth[1],
    }  # fmt: skip
