"""The estimates by product and the US side as readers see them: rows with names, titles that state what was found."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import partners
from helpers.exposure.elasticity import EFFECTS, WINDOWS
from helpers.headlines import short_name
from helpers.months import span_name
from helpers.numbers import NOTHING, plain, signed

ELASTICITY_COLUMNS = ["window", "effects", "elasticity", "interval", "p_wild", "mde80", "rows", "groups"]
SUPPLIER_COLUMNS = ["supplier", "change_bn", "before_bn", "value_bn"]
ESTIMATE_COLUMNS = [
    "destination", "cents_cut", "set", "mde80_cents", "p_randomised", "unweighted_cents", "without_machines",
    "early_share", "diverted",
]  # fmt: skip
EVENT_COLUMNS = ["destination", "leads", "pre_p_value", "pre_drift", "pre_detectable", "after", "poisson_slope",
                 "balanced_share_pct"]  # fmt: skip
REROUTING_COLUMNS = ["destination", "first_leg_usd_bn", "second_leg_usd_bn", "upper_usd_bn", "share_of_second_pct",
                     "reason"]  # fmt: skip
NAMES = {"NON_US": "All destinations", "ROW": "Everybody else", "OTHERS": "All other origins", "WORLD": "All origins"}
MAIN_EFFECTS = list(EFFECTS)[-1]
COMMAND = "`diversion fetch --products --yes`"


def name_of(code: str) -> str:
    """Return a destination's or origin's name in these tables."""
    return NAMES.get(code) or short_name(code)


def elasticity_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the elasticities with the interval as text."""
    order = {name: place for place, name in enumerate((*WINDOWS, *EFFECTS))}
    table = table.sort_values(["window", "effects"], kind="stable", ignore_index=True,
                              key=lambda column: column.map(order).fillna(len(order)))  # fmt: skip
    ends = zip(table["low"], table["high"], strict=True)
    return table.assign(
        interval=[f"{signed(low, 1)}\u00a0to\u00a0{signed(high, 1)}" for low, high in ends],
        p_wild=["below 0.001" if p < 0.0005 else plain(p, 3) for p in table["p_value"]],
        effects=table["effects"].replace("one a group", "none: one row a group"),
    )


def of_elasticities(table: pd.DataFrame) -> str:
    """Title: by how much imports moved where the duty rose more, with all effects and with fewer."""
    rows = table[table["window"].str.startswith("second")].set_index("effects")
    row = rows.loc[MAIN_EFFECTS]
    if row["low"] <= 0 <= row["high"]:
        return "That the US bought less where the duty rose more is not told from zero (2023 to 2025)"
    fewer = [f"; with fewer effects {_fall(other)}" for _, other in rows.drop(MAIN_EFFECTS).iterrows()]
    return f"Where one plus the duty rate rose by 1 %, US imports moved by {_fall(row)}{fewer[0] if fewer else ''}"


def _fall(row: pd.Series) -> str:
    size = signed(row["elasticity"], 1)
    return f"{size} % ({signed(row['low'], 1)} to {signed(row['high'], 1)})"


def sentence_of_elasticities(table: pd.DataFrame) -> str:
    """Say what the placebo shows and could have shown, and where interval and bootstrap disagree."""
    fake = table[table["window"].str.startswith("placebo")].iloc[0]
    ends = f"{signed(fake['low'], 1)} to {signed(fake['high'], 1)}"
    seen = f"it would have seen {plain(fake['mde80'], 1)} or more four times in five"
    told = (
        f"The placebo shows no earlier difference ({ends}); {seen}." if fake["low"] <= 0 <= fake["high"]
        else f"The placebo shows an earlier difference ({ends}): the groups that were hit had been on another path."
    )  # fmt: skip
    clear = ~((table["low"] <= 0) & (table["high"] >= 0))
    for row in table[clear != (table["p_value"] < 0.05)].itertuples(index=False):
        held = "leaves zero out" if not row.low <= 0 <= row.high else "holds zero"
        agrees = "does not" if row.p_value >= 0.05 else "says otherwise"
        effects = "all effects" if row.effects == MAIN_EFFECTS else "fewer effects"
        told += (
            f" {row.window[:1].upper()}{row.window[1:]}, with {effects}: the interval {held} and the bootstrap "
            f"{agrees} (p {plain(row.p_value, 3)}): not settled."
        )
    return told


def supplier_rows(table: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Return who sold the US more and less, largest rise first; China and the total at the end."""
    rows = table[table["scope"].str.startswith(scope)]
    last = rows["partner_code"].isin(["CN", partners.WORLD])
    ordered = pd.concat([rows[~last].sort_values("change_bn", ascending=False), rows[last].sort_values("partner_code")])
    return ordered.assign(supplier=[name_of(code) for code in ordered["partner_code"]]).reset_index(drop=True)


def of_suppliers(rows: pd.DataFrame) -> str:
    """Title: how much of China's loss came from whom."""
    china = rows[rows["partner_code"] == "CN"].iloc[0]
    named = rows[~rows["partner_code"].isin(["CN", partners.WORLD, "OTHERS"])].head(2)
    if china["change_bn"] >= 0:
        return "China sold the US no less in these groups"
    who = " and ".join(
        f"{name_of(row.partner_code)} ({signed(row.change_bn, 0)})" for row in named.itertuples(index=False)
    )
    return (
        f"In the groups where China lost most it sold the US {plain(-china['change_bn'], 0)} billion less; "
        f"{who} rose most"
    )


def of_all_suppliers(rows: pd.DataFrame) -> str:
    """Title of the table over all goods: what China sold less, who sold most more, and what all others did."""
    held = rows.set_index("partner_code")["change_bn"]
    named = held.drop(["CN", partners.WORLD, "OTHERS"]).nlargest(2)
    parts = [f"{name_of(code)} {signed(value, 0)}" for code, value in named.items()]
    return (
        f"All goods: China {signed(held['CN'], 0)} billion, {', '.join(parts)}, all other origins "
        f"{signed(held['OTHERS'], 0)}"
    )


def supplier_note(table: pd.DataFrame) -> str:
    """Say which months, and what the table is not."""
    row = table.iloc[0]
    return (
        f"Imports for consumption, {span_name(row['first_month'], row['last_month'])} against a year before, billion "
        "US dollars. It does not say where China's goods went, nor that others delivered the same goods: much of a "
        "rise can have causes of its own."
    )


def estimate_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates by destination with their set as text, all destinations first."""
    order = table.assign(place=table["destination_code"] != "NON_US").sort_values("place", kind="stable")
    sets = [
        f"{plain(low, 1)}\u00a0to\u00a0{plain(high, 1)}" if np.isfinite(low) else "no bounded set"
        for low, high in zip(order["low_cents"], order["high_cents"], strict=True)
    ]
    return order.assign(
        destination=[name_of(code) for code in order["destination_code"]], set=sets, cents_cut=order["cents"],
        without_machines=_with_errors(order, "without_machines"), early_share=_with_errors(order, "early_share"),
        diverted=[f"{signed(value, 1)}" for value in order["diverted_usd_bn"]],
    ).drop(columns="place").reset_index(drop=True)  # fmt: skip


def _with_errors(rows: pd.DataFrame, name: str) -> list[str]:
    both = zip(rows[f"{name}_cents"], rows[f"{name}_se_cents"], strict=True)
    return [NOTHING if np.isnan(cents) else f"{plain(cents, 1)} (error {plain(error, 1)})" for cents, error in both]


def of_estimates(table: pd.DataFrame) -> str:
    """Title: what is diverted per dollar lost, all destinations together."""
    row = table.set_index("destination_code").loc["NON_US"]
    if not np.isfinite(row["low_cents"]):
        return "The instrument is too weak: no bounded set for the diversion of all destinations"
    if row["low_cents"] <= 0 <= row["high_cents"]:
        return (
            f"The rise elsewhere is not shown to depend on tariff exposure: {plain(row['low_cents'], 0)} to "
            f"{plain(row['high_cents'], 0)} cents per dollar lost"
        )
    return (
        f"Of each dollar that the tariffs cut, {plain(row['cents'], 0)} cents were sold elsewhere "
        f"(95 % interval {plain(row['low_cents'], 0)} to {plain(row['high_cents'], 0)})"
    )


def estimate_note(table: pd.DataFrame) -> str:
    """Say on how many products, how strong the instrument is, and what the estimate cannot see."""
    row = table.iloc[0]
    left = plain(row["early_share_products"], 0)
    early = "that of 2017 is not held" if left == "0" else f"{left} products have one of 2017 under the same code"
    return (
        f"{plain(row['products'], 0)} products in {row['sections']} sections, "
        f"{span_name(row['first_month'], row['last_month'])} against the year to October 2024; effective F "
        f"{plain(row['effective_f'], 0)}. Intervals by leaving out one section at a time. Not seen: what all products "
        "have in common. Chapters 84 and 85 are electronics in a boom and partly exempt: without them the estimate "
        f"must not be another. The US share is that of the base year; {early}."
    )


def events_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a destination: the joint test of the leads with its power, and the mean slope afterwards."""
    rows = []
    for code, mine in table.groupby("destination_code", sort=False):
        first, after = mine.iloc[0], mine[~mine["is_lead"] & (mine["quarter"] >= "2025 Q2")]["slope"]
        rows.append(
            {
                "destination": name_of(code), "leads": int(mine["is_lead"].sum()),
                **{name: first[name] for name in EVENT_COLUMNS if name.startswith(("pre_", "balanced", "poisson"))},
                "after": after.mean(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def of_events(table: pd.DataFrame) -> str:
    """Title: whether the paths had parted before."""
    rows = events_rows(table)
    early = rows[rows["pre_p_value"] < 0.05]["destination"]
    if early.empty:
        return "Before the base year no path had visibly parted by exposure; the last columns say what could be seen"
    return f"Paths had parted by exposure before the tariffs: {', '.join(early)}"


def at_hand(is_held: bool) -> str:
    """Say at the top of the page whether its question is answered."""
    if is_held:
        return "**Answered by product**: figures by product are at hand, and the last section estimates from them."
    return "**Not answered here**: figures by product and destination are not in the ledger."


def missing_sentence() -> str:
    """Say that nothing is estimated by product, why, and which command brings the figures."""
    return (
        "**Tariff-caused diversion is not estimated.** It takes exports of China by product, month and destination, "
        f"and the duty on each product; this report was made without them. {COMMAND} brings them; two free keys are "
        "needed (US Census, UN Comtrade). Until then the word on these pages is *excess*."
    )


def rerouting_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the bounds with names."""
    return table.assign(destination=[name_of(code) for code in table["partner_code"]])


def of_rerouting(table: pd.DataFrame) -> str:
    """Title: what could have gone through, at most."""
    known = table[table["upper_usd_bn"].notna()] if "upper_usd_bn" in table else table.iloc[:0]
    if known.empty:
        return "No country with both legs in the ledger sold the US more"
    total, rise = known["upper_usd_bn"].sum(), known["second_leg_usd_bn"].sum()
    when = span_name(known["first_month"].iloc[0], known["last_month"].iloc[0])
    return (
        f"{when}: of {plain(rise, 0)} billion that {len(known)} countries sold the US more, at most {plain(total, 0)} "
        "can have come from what China sold them more; nothing is the least"
    )
