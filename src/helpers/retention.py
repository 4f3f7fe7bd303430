"""Which old reports may be taken away: all but the newest so many, and never one that readers were told to look at.

The last good report stays, and so does every month that was corrected or withdrawn: its page, and the pages it was
before, are the record of what was wrong.
"""

from __future__ import annotations

from helpers import corrections, latest, paths, superseded
from helpers.refusals import Refusal


def may_go(keep: int) -> list[str]:
    """Return the months that may be taken away, the oldest first.

    Parameters
    ----------
    keep
        How many of the newest months stay in any case.

    Raises
    ------
    Refusal
        If that is less than one; exit code 2.
    """
    if keep < 1:
        raise Refusal(f"--keep {keep}", expected="1 or more months", remedy="the newest report always stays",
                      exit_code=2)  # fmt: skip
    there = paths.months_there()
    told = {entry.month for entry in corrections.read()}
    stays = {*there[-keep:], latest.month(), *told}
    return [month for month in there if month not in stays and not superseded.kept_in(paths.REPORTS / month)]
