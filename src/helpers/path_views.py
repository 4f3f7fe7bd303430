"""What the figures of the tariff path and of the errors at earlier dates show: rows, titles, alternative texts."""

from __future__ import annotations

import pandas as pd

from helpers import spans
from helpers.headlines import alt_of_lines, short_name
from helpers.months import day_name, month_name
from helpers.numbers import plain, signed

FIRST = "2024-01"  # month from which the tariff is drawn
LAW, PAID = "by law", "paid"


def tariff_path(events: pd.DataFrame, measured: pd.DataFrame, month: str) -> pd.DataFrame:
    """Return the average tariff by law, day by day of its changes, and the duty paid, month by month.

    Parameters
    ----------
    events
        The compiled tariff events; only the modelled averages are taken, for measures of several kinds make no line.
    measured
        From :func:`helpers.claims.measured_duties`.
    month
        Month of the report: nothing after it is taken.

    Returns
    -------
    pandas.DataFrame
        ``series`` (``by law``, ``paid``), ``date`` (a day; of a month its first), ``rate_pct``, ``event``.
    """
    steps = events[events["kind_of_measure"] == "modelled"].sort_values("date", kind="stable")
    rates = pd.to_numeric(steps["after_pct"])
    before = steps["date"].str[:7] < FIRST
    start = rates[before].iloc[-1] if before.any() else float(steps["before_pct"].iloc[0])
    steps, rates = (part[~before & (steps["date"].str[:7] <= month)] for part in (steps, rates))
    end = f"{month}-{pd.Period(month, 'M').days_in_month}"
    law = pd.DataFrame({
        "series": LAW, "date": [f"{FIRST}-01", *steps["date"], end],
        "rate_pct": [start, *rates, rates.iloc[-1] if len(rates) else start], "event": ["", *steps["event"], ""],
    })  # fmt: skip
    held = measured[(measured["period"] >= FIRST) & (measured["period"] <= month)]
    paid = pd.DataFrame({"series": PAID, "date": held["period"] + "-01", "event": "",
                         "rate_pct": pd.to_numeric(held["applied_rate_pct"])})  # fmt: skip
    return pd.concat([law, paid], ignore_index=True)[["series", "date", "rate_pct", "event"]]


def of_tariffs(path: pd.DataFrame) -> str:
    """Title of the tariff path: the highest average by law, where it stood when W1 ended, and the last."""
    law = path[path["series"] == LAW]
    top, last = law.loc[law["rate_pct"].idxmax()], law.iloc[-1]
    told = []
    if (shut := spans.WINDOWS["W1"][1]) < last["date"][:7]:
        told.append(f"{plain(law.loc[law['date'].str[:7] <= shut, 'rate_pct'].iloc[-1], 0)} % when W1 ended")
    told.append(f"{plain(last['rate_pct'], 0)} % in {month_name(last['date'][:7])}")
    if top["rate_pct"] <= last["rate_pct"]:
        return f"The US tariff on Chinese goods has not been higher since 2024: {told[-1]}"
    return (
        f"The US tariff on Chinese goods peaked at {plain(top['rate_pct'], 0)} % in "
        f"{month_name(top['date'][:7])}; it was {' and '.join(told)}"
    )


def paid_sentence(path: pd.DataFrame) -> str:
    """Say what importers paid on goods from China: on average in 2024, at the highest, and last."""
    paid = path[path["series"] == PAID]
    if paid.empty:
        return ""
    before = paid[paid["date"].str.startswith("2024")]["rate_pct"].mean()
    top, last = paid.loc[paid["rate_pct"].idxmax()], paid.iloc[-1]
    return (
        f"Duty paid: {plain(before)} % on average in 2024, {plain(top['rate_pct'])} % at its highest in "
        f"{month_name(top['date'][:7])}, {plain(last['rate_pct'])} % in {month_name(last['date'][:7])}, the last month "
        "held."
    )


def alt_of_tariffs(path: pd.DataFrame) -> str:
    """Return every step of the tariff by law and the marks of the duty paid, for a reader who cannot see the lines."""
    law = path[path["series"] == LAW]
    steps = [f"{plain(row.rate_pct)} from {day_name(row.date)}" for row in law.iloc[:-1].itertuples(index=False)]
    paid = path[path["series"] == PAID].assign(period=path["date"].str[:7])
    told = alt_of_lines("Duty paid, percent.", paid, "rate_pct", "series") if len(paid) else ""
    return f"Average tariff by law, percent: {', '.join(steps)}. {told}".strip()


def error_rows(placebo: pd.DataFrame, excess: pd.DataFrame, *, train_end: str, window: str = "W1") -> pd.DataFrame:
    """Return the errors of the same forecast at earlier dates and the gap of now, plain form, US and Australia.

    Parameters
    ----------
    placebo, excess
        Tables ``placebo_errors`` and ``excess``.
    train_end
        Last month of training: an error is dated as far after its origin as the window's middle is after this.

    Returns
    -------
    pandas.DataFrame
        ``destination``, ``destination_code``, ``month`` (middle of the months forecast), ``origin``, ``error_bn``,
        ``is_now``, ``is_as_large`` (at least the size of the gap).
    """
    tables = []
    for code in ("US", "AU"):
        here = (excess["destination_code"] == code) & (excess["form"] == "plain") & (excess["window_id"] == window)
        mine = (placebo["destination_code"] == code) & (placebo["form"] == "plain") & (placebo["window_id"] == window)
        now, errors = excess[here & excess["gap_bn"].notna()], placebo[mine].sort_values("origin")
        if now.empty or errors.empty:
            continue
        gap = float(now["gap_bn"].iloc[0])
        first, last = (pd.Period(now[name].iloc[0], "M") for name in ("first_month", "last_month"))
        middle = first + (last - first).n // 2
        ahead = (middle - pd.Period(train_end, "M")).n
        dated = [str(pd.Period(origin, "M") + ahead) for origin in errors["origin"]]
        tables.append(pd.DataFrame({
            "destination": short_name(code), "destination_code": code, "month": [*dated, str(middle)],
            "origin": [*errors["origin"], train_end], "error_bn": [*errors["error_bn"], gap],
            "is_now": [False] * len(errors) + [True], "is_as_large": [*(errors["error_bn"].abs() >= abs(gap)), True],
        }))  # fmt: skip
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def of_errors(rows: pd.DataFrame) -> str:
    """Title of the errors: how many earlier ones were at least as large as the gap of the shut door."""
    if rows.empty:
        return "No gap of W1 stands beside earlier errors"
    told = []
    for name, held in rows.groupby("destination", sort=False):
        before = held[~held["is_now"]]
        count = int(before["is_as_large"].sum())
        told.append(f"{name} {count or 'none'} of {len(before)}")
    return f"Earlier errors at least as large as the gap of W1: {', '.join(told)}"


def alt_of_errors(rows: pd.DataFrame) -> str:
    """Return the count, the extremes and the gap, for a reader who cannot see the dots."""
    told = []
    for name, held in rows.groupby("destination", sort=False):
        before, now = held[~held["is_now"]], held[held["is_now"]].iloc[0]
        low, high = before.loc[before["error_bn"].idxmin()], before.loc[before["error_bn"].idxmax()]
        told.append(
            f"{name}: {len(before)} errors, lowest {signed(low['error_bn'])} around {low['month']}, highest "
            f"{signed(high['error_bn'])} around {high['month']}, {int(before['is_as_large'].sum())} at least as large "
            f"as the gap of {signed(now['error_bn'])}"
        )
    return f"Errors of the same forecast at earlier dates, billions. {'; '.join(told)}."
