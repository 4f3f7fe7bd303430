"""What the page on products shows of the EU's bulk files: sections by name, a title that states the finding."""

from __future__ import annotations

import pandas as pd

from helpers.eu_sections import ALL
from helpers.months import span_name
from helpers.numbers import percent, plain

COLUMNS = ["section_name", "china_eur_bn", "value_change_pct", "kg_change_pct", "per_kg_change_pct", "share_now_pct",
           "share_before_pct", "others_change_pct"]  # fmt: skip
SECTIONS = {
    0: "All goods", 1: "Animals, meat, fish", 2: "Plants, fruit, cereals", 3: "Fats and oils",
    4: "Food, drink, tobacco", 5: "Ores, fuels", 6: "Chemicals, medicines", 7: "Plastics, rubber",
    8: "Leather goods", 9: "Wood", 10: "Pulp, paper", 11: "Textiles, clothing", 12: "Shoes, umbrellas",
    13: "Stone, ceramics, glass", 14: "Precious metals, jewellery", 15: "Base metals and goods of them",
    16: "Machines, electronics", 17: "Vehicles, aircraft, ships", 18: "Instruments, watches", 19: "Arms",
    20: "Furniture, toys, sundries", 21: "Art, antiques",
}  # fmt: skip
COMMAND = "`diversion ingest`"


def rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the sections with their names, all goods first, then by what China sold."""
    order = table["china_eur_bn"].where(table["section"] != ALL, float("inf"))
    names = table["section"].map(SECTIONS)
    shown = table.assign(section_name=names, share_now_pct=table["share_pct"], order=order)
    return shown.sort_values("order", ascending=False, ignore_index=True, kind="stable").drop(columns="order")


def title(table: pd.DataFrame) -> str:
    """Title: how value and weight changed, or China's share where no year before is held."""
    whole = table.set_index("section").loc[ALL]
    when = span_name(whole["first_month"], whole["last_month"])
    if pd.isna(whole["value_change_pct"]):
        return f"{when}: {plain(whole['share_pct'], 0)} % of what the EU bought outside came from China"
    return (
        f"{when}: EU imports from China {percent(whole['value_change_pct'], 0)} in euros and "
        f"{percent(whole['kg_change_pct'], 0)} in kilograms on a year before"
    )


def sentence(table: pd.DataFrame) -> str:
    """Say whether bulk files are held, and what they cannot show."""
    if table.empty:
        return (
            f"No bulk files of the EU's customs are held on this machine for these months. {COMMAND} reads them; they "
            "are too large for the ledger."
        )
    return "Sections in which kilograms rose more than euros are no proof of dumping: what is inside them changes too."
