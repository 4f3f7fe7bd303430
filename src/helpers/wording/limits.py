"""What can be said against the page: one line per criticism, each answered by what the tables hold.

The sharpest criticisms of a referee. An answer is chosen like a sentence of the summary: its numbers are cells of
result tables, and "unanswered without product data" is one of the answers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.headlines import short_name
from helpers.numbers import plain, signed

ANSWERED, PARTLY, OPEN = "answered", "partly", "unanswered without product data"
NOT_ANSWERED = "unanswered"
BADGES = {ANSWERED: "good", PARTLY: "warn", OPEN: "bad", NOT_ANSWERED: "bad"}
COLUMNS = ["criticism", "answer", "status", "where"]


ESTIMATES, YARDSTICKS = "How far did trade depart from its own past?", "Would another yardstick say the same?"
CHOICES, READING = "How much depends on the forecaster's choices?", "How to read this page"
SIDES, METHODS = "Whose customs are right?", "docs/methodology.md"
PRODUCTS = "Did products that the tariffs hit harder go elsewhere more?"
REOPENING, NOWHERE = "Did the rise elsewhere ease when the door reopened?", "none"
# Criticisms whose answer is a matter of design or of missing data, whatever the figures of the month.
FIXED = {
    "common": (
        "The response common to all products is missing.",
        "What all products have in common cannot be taken apart, and no estimate here claims to.",
        OPEN, READING,
    ),
    "supply": (
        "It is supply push, deflation or a weak currency, not diversion.",
        "Each stays a candidate wherever an excess is found. Products that the tariffs left alone would decide.",
        OPEN, READING,
    ),
    "errors": (
        "One shock and a hundred months: robust errors are fiction.",
        "Intervals come from the same forecast at earlier dates. The usual tariff dummy, "
        "simulated beside them, fails.",
        ANSWERED, METHODS,
    ),
    "clusters": (
        "Few clusters, and shares as instruments.",
        "No estimate of diversion by product is run. The regression on US imports clusters by product group, with a "
        "wild bootstrap; it uses no instrument.",
        OPEN, PRODUCTS,
    ),
    "sum": (
        "What each destination gained per lost dollar does not add up to a dollar.",
        "The importers' counts are no full partition of China's exports: there is no total ratio and no net loss.",
        PARTLY, ESTIMATES,
    ),
    "transit": (
        "ASEAN is transit and inputs, not a market.",
        "Bounded only: how much of what some of its members sold the US more can have come from China, all goods as "
        "one, is far too wide.",
        OPEN, PRODUCTS,
    ),
    "calendar": (
        "The New Year moves, and figures are rounded.",
        "January and February are one period. What a moved holiday and rounding do to the gaps is simulated.",
        ANSWERED, METHODS,
    ),
    "prices": (
        "Unit values are composition, and the dollar moves.",
        "Gaps are given in three currencies. One family of goods is split into price and quantity; it stands alone.",
        PARTLY, PRODUCTS,
    ),
    "others": (
        "Other countries' tariffs moved as well.",
        "They did: those of others on China, and of the US on others, are in no forecast, and the gaps contain them.",
        NOT_ANSWERED, NOWHERE,
    ),
    "controls": (
        "China's other customers are treated too.",
        "They are never a control group. The other origins behind shares and synthetic controls met US tariffs too.",
        PARTLY, YARDSTICKS,
    ),
}  # fmt: skip


# What changes once the estimate by product stands: {sections}, {f}, {without} are its own.
BY_PRODUCT = {
    "common": (
        "The response common to all products is missing.",
        "It is: products show what depends on exposure only. Excess and the estimate by product stand side by side; "
        "what lies between them is not taken apart.",
        PARTLY, PRODUCTS,
    ),
    "supply": (
        "It is supply push, deflation or a weak currency, not diversion.",
        "What falls on all products alike cannot enter the estimate by product; the US share is among its controls.",
        ANSWERED, PRODUCTS,
    ),
    "clusters": (
        "Few clusters, and shares as instruments.",
        "Errors leave out one of {sections} sections at a time, duties are also dealt out anew, and the instrument's "
        "strength is printed (F {f}).",
        ANSWERED, PRODUCTS,
    ),
    "sum": (
        "What each destination gained per lost dollar does not add up to a dollar.",
        "By product they add up exactly over the destinations. The importers' counts of the totals are no full "
        "partition, and have no total ratio.",
        ANSWERED, PRODUCTS,
    ),
    "tariffs": (
        "Tariffs were set where trade was expected to move.",
        "Duties are compared within sections, and dealt out anew within section and tercile of the US share. Without "
        "machines and electronics the estimate is {without} cents.",
        PARTLY, PRODUCTS,
    ),
}  # fmt: skip


def limits(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the table of limits.

    Parameters
    ----------
    tables
        Result tables by name: ``excess``, ``two_sides``, ``excess_ratios``, ``specification_summary``, ``joint_tests``,
        ``reversal_easing``, ``breaks_found``, ``front_loading``, ``mirror_losses``, ``duty_elasticities``, and
        ``product_estimates``, which may be missing or empty.

    Returns
    -------
    pandas.DataFrame
        ``criticism``, ``answer``, ``status`` (answered, partly, unanswered without product data), ``where`` (page).
    """
    fixed = FIXED | {"tariffs": _where_tariffs_fell(tables["duty_elasticities"])}
    fixed |= _by_product(tables.get("product_estimates"))
    found = [
        _growth(tables["excess"], tables["two_sides"]), _broke_before(tables["breaks_found"]), fixed["common"],
        fixed["supply"], fixed["errors"], fixed["clusters"], _power(tables["excess"]),
        _ratios(tables["excess_ratios"]), fixed["sum"], _net(tables["front_loading"]), fixed["transit"],
        _sides(tables["mirror_losses"]), fixed["calendar"], fixed["prices"],
        _paths(tables["specification_summary"], tables["joint_tests"]), _easing(tables["reversal_easing"]),
        fixed["tariffs"], fixed["others"], fixed["controls"],
    ]  # fmt: skip
    return pd.DataFrame(found, columns=COLUMNS)


def _by_product(estimates: pd.DataFrame | None) -> dict[str, tuple[str, str, str, str]]:
    """Return the answers that an estimate by product gives; none where there is none."""
    if estimates is None or estimates.empty:
        return {}
    row = estimates.set_index("destination_code").loc["NON_US"]
    without = "not known" if np.isnan(row["without_machines_cents"]) else plain(row["without_machines_cents"], 0)
    told = {"sections": int(row["sections"]), "f": plain(row["effective_f"], 0), "without": without}
    return {key: (criticism, answer.format(**told), status, where)
            for key, (criticism, answer, status, where) in BY_PRODUCT.items()}  # fmt: skip


def _growth(excess: pd.DataFrame, sides: pd.DataFrame) -> tuple[str, str, str, str]:
    """Where the form repeats a year, the gap and the yearly change are nearly one number."""
    criticism = "A growth rate is not a counterfactual."
    mine = (excess["destination_code"] == "US") & (excess["form"] == "plain") & (excess["window_id"] == "W1")
    counted = sides[(sides["reporter_code"] == "US") & (sides["span"] == "W1")]["importer_change_usd_bn"]
    row = excess[mine].iloc[0]
    if row["trend"] != "seasonal_naive" or counted.empty:
        answer = "Growth is shown as growth only. The gaps are held against forecasts whose errors were measured."
        return criticism, answer, ANSWERED, ESTIMATES
    return (
        criticism,
        "On average no form erred less than repeating a year, so the US gap is nearly the yearly change "
        f"({signed(row['gap_bn'], 0)} and {signed(counted.iloc[0], 0)} billion): what is added is its error.",
        PARTLY, ESTIMATES,
    )  # fmt: skip


def _broke_before(breaks: pd.DataFrame) -> tuple[str, str, str, str]:
    early = breaks[breaks["predates_tariffs"].astype(bool)]
    tested = breaks[breaks["break_month"].notna()]["destination_code"].nunique()
    names = ", ".join(dict.fromkeys(short_name(code) for code in early["destination_code"]))
    answer = (
        f"True of {names}: the path turned upwards before November 2024." if names
        else f"Training ends before the election. Among {tested} flows tested, no upward break is dated before "
        "November 2024 with its 90\u00a0% set; a wandering trend would often hide one."
    )  # fmt: skip
    return "The trend broke before the tariffs.", answer, PARTLY, YARDSTICKS


def _power(excess: pd.DataFrame) -> tuple[str, str, str, str]:
    rows = excess[(excess["window_id"] == "W1") & (excess["form"] == "plain")]
    held = rows["status"] == "interval"
    nulls = rows[held & (rows["low_bn"] <= 0) & (rows["high_bn"] >= 0)]
    sizes = [
        f"{short_name(row.destination_code)} {plain(100 * row.mde80_bn / row.counterfactual_bn, 0)}\u00a0%"
        for row in nulls.itertuples(index=False)
    ]
    bare = [f"the {short_name('EU')}" if code == "EU" else short_name(code) for code in ("EU", "ASEAN")
            if code not in set(rows.loc[held, "destination_code"])]  # fmt: skip
    told = [f"Beside each null stands the gap that had an 80\u00a0% chance of being seen: {', '.join(sizes)}."] * bool(
        sizes
    )
    told += [f"No interval can be calibrated for {' and '.join(bare)}, so no null is claimed there."] * bool(bare)
    answer = " ".join(told) or "There is no null: every interval leaves zero out."
    return "You have no power: a null means nothing.", answer, PARTLY if bare else ANSWERED, CHOICES


def _where_tariffs_fell(found: pd.DataFrame) -> tuple[str, str, str, str]:
    criticism = "Tariffs were set where trade was expected to move."
    answer = "Only a comparison within groups of products could tell."
    fake = found[found["window"].str.startswith("placebo")]
    if fake.empty:
        return criticism, answer, OPEN, NOWHERE
    row = fake.iloc[0]
    shown = "no earlier difference" if row["low"] <= 0 <= row["high"] else "an earlier difference"
    return (
        criticism,
        f"{answer} For US imports the placebo of 2017 shows {shown} ({signed(row['low'], 1)} to "
        f"{signed(row['high'], 1)}\u00a0% per percent of duty), and would hardly see one below "
        f"{plain(row['mde80'], 1)}.",
        OPEN, PRODUCTS,
    )  # fmt: skip


def _ratios(ratios: pd.DataFrame) -> tuple[str, str, str, str]:
    asked = ratios[ratios["ratio"].notna()]
    bounded = int((asked["shape"] == "bounded").sum())
    return (
        "Ratios of two uncertain numbers explode.",
        f"The sets allow for that (by Fieller's method): of {len(ratios)} ratios {len(asked)} are asked, "
        f"{bounded} have an end. The others are said to be not informative, or the loss does not stand out.",
        ANSWERED, ESTIMATES,
    )  # fmt: skip


def _net(front: pd.DataFrame) -> tuple[str, str, str, str]:
    rows = front[(front["destination_code"] == "US") & (front["count"] == "importer") & (front["form"] == "plain")]
    rows = rows.set_index("span")
    criticism, where = "Buying ahead inflates the loss.", YARDSTICKS
    if not {"front", "front to W1"} <= set(rows.index) or np.isnan(rows.loc["front to W1", "low_bn"]):
        return criticism, "The gap before the tariffs cannot be estimated.", PARTLY, where
    early, net = rows.loc["front"], rows.loc["front to W1"]
    wide = net["low_bn"] <= 0 <= net["high_bn"]
    return (
        criticism,
        f"Given both ways: before the tariffs the US took {_with_ends(early)} billion against what the past implied, "
        f"which may be buying ahead; net of it the gap is {_with_ends(net)}{', which holds zero' if wide else ''}.",
        PARTLY if wide else ANSWERED, where,
    )  # fmt: skip


def _with_ends(row: pd.Series) -> str:
    ends = "" if np.isnan(row["low_bn"]) else f" ({signed(row['low_bn'], 0)} to {signed(row['high_bn'], 0)})"
    return f"{signed(row['gap_bn'], 0)}{ends}"


def _sides(losses: pd.DataFrame) -> tuple[str, str, str, str]:
    rows = losses[(losses["window_id"] == "W1") & (losses["against"] == "a year before")]
    low, high = rows["loss_bn"].min(), rows["loss_bn"].max()
    return (
        "China's customs are one side only.",
        f"Every US loss is given on both sides: {plain(low, 0)} to {plain(high, 0)} billion while the door was "
        "shut, against a year before. Hong Kong, Rotterdam and under-invoicing stay unknown.",
        PARTLY, SIDES,
    )  # fmt: skip


def _paths(summed: pd.DataFrame, joint: pd.DataFrame) -> tuple[str, str, str, str]:
    key = (summed["window_id"] == "W1") & (summed["form"] == "all") & (summed["destination_code"] == "US")
    row = summed[key].iloc[0]
    tested = joint[(joint["window_id"] == "W1") & (joint["destination_code"] == "US")]
    tested = tested[tested["statistic"] == "median gap"]
    told = ""
    if len(tested):
        one = tested.iloc[0]
        told = (
            f"; p at most {plain(one['p_value'], 3)} over {one['dates']:.0f} earlier dates, which overlap: "
            f"{one['dates_not_overlapping']:.0f} lie apart, and those alone could not go below "
            f"{plain(one['floor_not_overlapping'], 2)}"
        )
    return (
        "A garden of forking paths.",
        f"All {int(row['specifications'])} distinct specifications are run: {plain(row['clear_pct'], 0)}\u00a0% find "
        f"the US loss clear of zero{told}. The form is chosen by a rule that sees nothing after October 2024.",
        PARTLY if told else ANSWERED, CHOICES,
    )  # fmt: skip


def _easing(easing: pd.DataFrame) -> tuple[str, str, str, str]:
    rows = easing[easing["change_pp"].notna() & (easing["basis"] == "gap against a forecast")]
    readings = ", ".join(f"{n} {reading}" for reading, n in rows["reading"].value_counts().items())
    tested = rows[rows["mde80_pp"].notna()]
    bare = f" ({len(rows) - len(tested)} of them have no interval at all)" if len(rows) > len(tested) else ""
    told = (
        f"Growth is no test. Of {len(rows)} changes held against forecasts {readings}{bare}, and only changes above "
        f"{plain(tested['mde80_pp'].min(), 0)} points were likely to be seen." if len(tested)
        else "Growth is no test, and held against forecasts no change can be tested yet."
    )  # fmt: skip
    return "Growth elsewhere has not eased, so nothing was diverted.", told, PARTLY, REOPENING


def of_limits(table: pd.DataFrame) -> str:
    """Title of the table: how many criticisms are answered."""
    counts = table["status"].value_counts()
    none = counts.get(NOT_ANSWERED, 0)
    return (
        f"Of {len(table)} criticisms {counts.get(ANSWERED, 0)} are answered, {counts.get(PARTLY, 0)} in part, "
        f"{counts.get(OPEN, 0)} cannot be without product data{f', {none} is not' if none == 1 else ''}"
        f"{f', {none} are not' if none > 1 else ''}"
    )
