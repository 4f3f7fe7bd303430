"""Prices and quantities of exports by destination: matched indices, and what of a price change all destinations share.

Products are matched by customs code and unit within a destination, each month with the same month a year before. The
price index is Törnqvist's, beside it Fisher's; quantities are what the value leaves (``docs/methodology.md``, section
7). A unit value is no price: what is inside a code may change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers import partners, quantities, spans

UNITS = ("kg", "items")
PANELS = ("85414020", "85414300")  # before and after the break
# What is compared: which goods, by which unit. The first is the one that a page shows.
BASES = (("all", "kg"), ("panels", "kg"), ("all", "items"))
MOST_CHANGE = np.log(3)  # a unit value that moved by more is another good
LEAST_SHARE = 70.0  # percent of the value that has to be matched
BREAK = "2022-01"  # the codes change
PERCENTILE = 95.0
LEAST_WINDOWS = 10  # earlier windows behind a percentile
WITHIN, BEYOND, DEPENDS, NO_INDEX, WHOLE = (
    "within earlier changes", "beyond most earlier changes", "depends on the years taken", "no index", "the whole",
)  # fmt: skip
INDICES = ("price", "quantity", "fisher_price", "fisher_quantity", "value")
PARTS = ("common", "specific", "specific_low", "specific_high")


@dataclass(frozen=True)
class Panel:
    """Values and quantities as arrays (months, products, destinations); what was not printed is zero."""

    months: pd.PeriodIndex
    products: tuple[str, ...]
    destinations: tuple[str, ...]
    value: np.ndarray
    quantity: dict[str, np.ndarray]

    def only(self, codes: tuple[str, ...]) -> Panel:
        """Return the same with the named products alone."""
        places = [place for place, code in enumerate(self.products) if code in codes]
        amounts = {unit: amount[:, places] for unit, amount in self.quantity.items()}
        return replace(self, products=tuple(self.products[place] for place in places), value=self.value[:, places],
                       quantity=amounts)  # fmt: skip


def panel(monthly: pd.DataFrame) -> Panel:
    """Lay monthly figures out as arrays, with the rests of the regions.

    Parameters
    ----------
    monthly
        From :func:`helpers.quantities.monthly`.
    """
    rows = quantities.with_rests(monthly)
    months = pd.period_range(rows["period"].min(), rows["period"].max(), freq="M")
    axes = [months.astype(str), *(sorted(rows[name].unique()) for name in ("product_code", "destination_code"))]
    whole = pd.MultiIndex.from_product(axes, names=["period", "product_code", "destination_code"])
    wide = rows.set_index(whole.names)[quantities.AMOUNTS].reindex(whole).fillna(0.0)
    value, *units = (wide[amount].to_numpy().reshape([len(axis) for axis in axes]) for amount in quantities.AMOUNTS)
    return Panel(months, tuple(axes[1]), tuple(axes[2]), value, dict(zip(UNITS, units, strict=True)))


def indices(
    value_before: np.ndarray, value: np.ndarray, quantity_before: np.ndarray, quantity: np.ndarray
) -> dict[str, np.ndarray]:
    r"""Matched price and quantity indices between two periods, as log changes. Assumption A23.

    With unit values $u = v/q$ and shares $s$ in the matched value, Törnqvist's price index is
    $\sum \frac12 (s_0 + s_1)\, \Delta\ln u$ and its quantity index what the matched value leaves,
    $\Delta\ln V - \Delta\ln P$. Fisher's are the geometric means of Laspeyres and Paasche, each on its own; their
    product is the value index.

    Parameters
    ----------
    value_before, value, quantity_before, quantity
        Products along the first axis. A product enters where all four are above zero and its unit value moved by a
        factor of at most three.

    Returns
    -------
    dict
        :data:`INDICES` without the first axis, missing where no product enters; ``products`` and ``dropped`` (how many
        entered, and how many moved too far); by product ``used`` (a flag), ``dearer`` (log change of its unit value)
        and ``weight`` (its mean share, zero where it does not enter).
    """
    four = [np.asarray(one, dtype=float) for one in (value_before, value, quantity_before, quantity)]
    matched = np.logical_and.reduce([one > 0 for one in four])
    v0, v1, q0, q1 = (np.where(matched, one, 1.0) for one in four)
    more = np.log(q1 / q0)
    dearer = np.log(v1 / v0) - more
    used = matched & (np.abs(dearer) <= MOST_CHANGE)
    before, now = np.where(used, v0, 0.0).sum(axis=0), np.where(used, v1, 0.0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        s0, s1 = np.where(used, v0, 0.0) / before, np.where(used, v1, 0.0) / now
        worth = np.log(now / before)
        weight = 0.5 * (s0 + s1)
        price = (weight * dearer).sum(axis=0)
        fisher = [
            0.5 * (np.log((s0 * np.exp(change)).sum(axis=0)) - np.log((s1 * np.exp(-change)).sum(axis=0)))
            for change in (dearer, more)
        ]
    found = dict(zip(INDICES, (price, worth - price, *fisher, worth), strict=True))
    counts = {"products": used.sum(axis=0), "dropped": (matched & ~used).sum(axis=0)}
    return found | counts | {"used": used, "dearer": dearer, "weight": np.nan_to_num(weight)}


def crosses_break(first: str, last: str) -> bool:
    """Whether a month of the span and the same month a year before stand under different codes."""
    return any(str(month - 12) < BREAK <= str(month) for month in pd.period_range(first, last, freq="M"))


def changes(held: Panel, first: str, last: str, unit: str = "kg") -> pd.DataFrame:
    """Compare a span of months with the same months a year before, every destination.

    Months are summed product by product before the unit value is taken, so that a large month counts for more. A month
    of a product enters where value and quantity are known in both years.

    Returns
    -------
    pandas.DataFrame
        By destination: ``value_usd``, ``value_before_usd`` and ``all_value`` (its log change) for all products;
        ``matched_share_pct``, the smaller of the two years' shares of value that entered; ``products``, ``dropped``;
        :data:`INDICES`, ``common`` and ``specific`` (see :func:`_common`) as log changes, empty with a ``reason`` where
        less than :data:`LEAST_SHARE` is matched or the codes changed between; ``specific_low`` and ``specific_high``,
        how far the specific part moves if any one of the others is left out.
    """
    found, whole = _compared(held, first, last, unit)
    others = _others(held.destinations)
    less = [_common(found, whole, others & (np.arange(len(others)) != place)[:, None])["specific"]
            for place in np.flatnonzero(others.any(axis=1))]  # fmt: skip
    less = np.where(np.isnan(found["specific"]), np.nan, less)
    found |= {"specific_low": np.fmin.reduce(less), "specific_high": np.fmax.reduce(less)}
    reasons = np.where(found["known"], "", [f"{part:.1f} % of the value matched, {LEAST_SHARE:.0f} needed"
                                            for part in found["matched_share_pct"]]).astype(object)  # fmt: skip
    if crosses_break(first, last):
        reasons[:] = f"the codes change in {BREAK}: no comparison across it"
    columns = ["value_usd", "value_before_usd", "all_value", "matched_share_pct", "products", "dropped", *INDICES,
               "common", "specific", "specific_low", "specific_high", "common_share_pct"]  # fmt: skip
    table = pd.DataFrame({name: found[name] for name in columns}, index=held.destinations)
    return table.assign(reason=reasons).rename_axis("destination_code")


def _compared(held: Panel, first: str, last: str, unit: str) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """Return the columns of :func:`changes` as arrays over the destinations, and all value by product, then and now."""
    begin, end = held.months.get_loc(pd.Period(first, "M")), held.months.get_loc(pd.Period(last, "M")) + 1
    ago, now = slice(begin - 12, end - 12), slice(begin, end)
    four = (held.value[ago], held.value[now], held.quantity[unit][ago], held.quantity[unit][now])
    both = np.logical_and.reduce([one > 0 for one in four])
    summed = [np.where(both, one, 0.0).sum(axis=0) for one in four]
    found = indices(*summed)
    whole = [held.value[when].sum(axis=0) for when in (ago, now)]
    before, value = (one.sum(axis=0) for one in whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        matched = [np.where(found["used"], one, 0.0).sum(axis=0) / all_of
                   for one, all_of in ((summed[0], before), (summed[1], value))]  # fmt: skip
        found["all_value"] = np.where((before > 0) & (value > 0), np.log(value / before), np.nan)
    found |= {"value_usd": value, "value_before_usd": before}
    found["matched_share_pct"] = 100 * np.nan_to_num(np.minimum(*matched))
    found["known"] = (found["matched_share_pct"] >= LEAST_SHARE) & (not crosses_break(first, last))
    found |= {name: np.where(found["known"], found[name], np.nan) for name in INDICES}
    return found | _common(found, whole, _others(held.destinations)), whole


def _common(found: dict[str, np.ndarray], whole: list[np.ndarray], others: np.ndarray) -> dict[str, np.ndarray]:
    """Split price changes into what the others share, product by product, and what is the destination's own.

    For each product the common change is the mean over the other destinations outside the US, weighted by their value
    in it, both years alike; the destination's own weights add the products up. So a destination that buys other
    products than most is held against the same products elsewhere. A cut made for everybody is common: it says
    something of prices in China. ``common_share_pct`` is the part of the others' value that has an index: below
    :data:`LEAST_SHARE` there is no common part.
    """
    is_part = others.any(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = sum(np.nan_to_num(one / one[:, is_part].sum(axis=1, keepdims=True)) for one in whole)
        told = np.where(found["used"] & found["known"], shares, 0.0)
        held = told @ others
        mean = np.nan_to_num((told * found["dearer"]) @ others / held)
        covered = 100 * (found["weight"] * np.nan_to_num(held / (shares @ others))).sum(axis=0)
    enough = (covered >= LEAST_SHARE) & found["known"]
    common = np.where(enough, (found["weight"] * mean).sum(axis=0), np.nan)
    return {"common": common, "specific": found["price"] - common, "common_share_pct": covered}


def _others(destinations: tuple[str, ...]) -> np.ndarray:
    """Say for each pair whether the first is one of the others of the second: no overlap, and not the US region."""
    parts = {*quantities.named(), *quantities.rests()}
    return np.array(
        [[part in parts and code != partners.WORLD and part not in (code, quantities.MEMBERS.get(code))
          for code in destinations] for part in destinations]
    )  # fmt: skip


def earlier(held: Panel, length: int, last: str, unit: str = "kg") -> pd.DataFrame:
    """Compare every earlier span of as many months with a year before: the placebos of the specific part.

    Returns
    -------
    pandas.DataFrame
        ``destination_code``, ``first_month``, ``last_month``, ``specific`` (a log change), ``after_break``; spans that
        end by ``last`` and do not cross the break of the codes, destinations without an index left out.
    """
    found = []
    for end in held.months[(held.months >= held.months[0] + 11 + length) & (held.months <= pd.Period(last, "M"))]:
        first = str(end - length + 1)
        if crosses_break(first, str(end)):
            continue
        found.append(
            pd.DataFrame({"destination_code": held.destinations, "first_month": first, "last_month": str(end),
                          "specific": _compared(held, first, str(end), unit)[0]["specific"],
                          "after_break": first >= BREAK})
        )  # fmt: skip
    columns = ["destination_code", "first_month", "last_month", "specific", "after_break"]
    found = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return found.dropna(subset=["specific"]).reset_index(drop=True)


def apart(windows: pd.DataFrame, length: int) -> int:
    """Count the windows that share no month, the codes' two eras apart."""
    ends = windows.groupby("after_break")["last_month"].nunique() if len(windows) else pd.Series(dtype=int)
    return int(sum((number + length - 1) // length for number in ends))


def compared_spans(month: str, last_known: str) -> dict[str, tuple[str, str]]:
    """Return the windows that have begun, cut at the report's month and at the last figure, and 2024 as a yardstick."""
    until = min(month, last_known)
    return spans.windows(until) | ({"year 2024": ("2024-01", "2024-12")} if until >= "2024-12" else {})


def by_destination(monthly: pd.DataFrame, *, month: str, train_end: str) -> pd.DataFrame:
    """Take value, price and quantity of every destination and span apart; table ``solar_prices``.

    Parameters
    ----------
    monthly
        From :func:`helpers.quantities.monthly`.
    month, train_end
        Last month of the report; last month that an earlier window may hold.

    Returns
    -------
    pandas.DataFrame
        Log changes in log points. ``earlier_p95_log_pct`` is the size that 95 of 100 earlier specific parts of the
        destinations outside the US stayed within: a smaller one now would not have stood out.
    """
    held, made = panel(monthly), []
    for span, (first, last) in compared_spans(month, str(held.months[-1])).items():
        for goods, unit in BASES:
            chosen = held.only(PANELS) if goods == "panels" else held
            past = earlier(chosen, *placebo_window(first, last, train_end), unit)
            table = _judged(changes(chosen, first, last, unit), past)
            made.append(table.assign(span=span, goods=goods, unit=unit, first_month=first, last_month=last))
    if not made:
        return pd.DataFrame()
    table = pd.concat(made)
    table = table[~table.index.isin({*quantities.REGIONS, *quantities.rests()} - set(quantities.named()))]
    named = {name: f"{name}_log_pct" for name in ("all_value", *INDICES, *PARTS)}
    logs = (100 * table[list(named)]).rename(columns=named)
    return pd.concat([table.drop(columns=list(named)), logs], axis=1).reset_index()


def placebo_window(first: str, last: str, train_end: str) -> tuple[int, str]:
    """Return the length of a span and the last month that its earlier windows may hold."""
    begin, end = pd.Period(first, "M"), pd.Period(last, "M")
    return (end - begin).n + 1, min(train_end, str(begin - 1))


def _judged(table: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Hold every specific part against those of earlier windows, of all named destinations and of its own past."""
    pooled = past[past["destination_code"].isin(quantities.named())]
    length = 1 + (pd.Period(past["last_month"].iloc[0]) - pd.Period(past["first_month"].iloc[0])).n if len(past) else 1
    marks = [_percentile(pooled), _percentile(pooled[pooled["after_break"].astype(bool)])]
    own = past.groupby("destination_code")["specific"]
    sizes = {code: values.abs().to_numpy() for code, values in own}
    rows = []
    for code, row in table.iterrows():
        size, mine = abs(row["specific"]), sizes.get(code, np.array([]))
        beyond = [size > mark for mark in marks if not np.isnan(mark)]
        reading = BEYOND if all(beyond) else DEPENDS if any(beyond) else WITHIN
        if np.isnan(size) or not beyond:
            reading = NO_INDEX if np.isnan(row["price"]) else WHOLE if code == partners.WORLD else NO_INDEX
        reason = row["reason"] or ("nothing lies outside the world" if reading == WHOLE else "")
        as_large = int((mine >= size).sum()) if len(mine) and not np.isnan(size) else None
        rows.append({"reading": reading, "own_windows": len(mine), "own_as_large": as_large, "reason": reason})
    return table.drop(columns="reason").assign(
        **pd.DataFrame(rows, index=table.index), earlier_p95_log_pct=100 * marks[0],
        earlier_since_break_p95_log_pct=100 * marks[1], earlier_windows=past["last_month"].nunique(),
        windows_apart=apart(past, length),
    )  # fmt: skip


def _percentile(pooled: pd.DataFrame) -> float:
    """Return the size that most earlier specific parts stayed within; missing where there are too few windows."""
    if pooled["last_month"].nunique() < LEAST_WINDOWS:
        return np.nan
    return float(np.percentile(pooled["specific"].abs(), PERCENTILE))
