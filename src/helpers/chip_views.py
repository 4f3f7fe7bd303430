"""What the page on chips shows of chips: circuits out and in, where electronics went, the licence fee, in words."""

from __future__ import annotations

from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from helpers.months import month_name, span_name
from helpers.numbers import NOTHING, percent, plain, signed
from helpers.supplier_views import moved, range_of

CIRCUIT_COLUMNS = ["period", "measured_in", "chips_out", "chips_in", "in_over_out", "out_growth", "in_growth", "where"]
CHANGE_COLUMNS = ["destination", "value_usd_bn", "growth_pct", "before_usd_bn", "change_range"]
CLAIM_COLUMNS = ["claim", "claimed", "official", "verdict", "reading"]
FEE_COLUMNS = ["fee_case", "sales_usd_bn", "fee_at_15", "fee_at_25", "of_duties"]
ELSEWHERE = {"WORLD": "All destinations", "US": "United States", "ASEAN": "ASEAN", "OTHERS": "All others"}
CASES = ("low", "base", "high")


def circuit_rows(trade: pd.DataFrame) -> pd.DataFrame:
    """Return exports beside imports by period and measure, gaps as gaps, each with the site where it was read."""
    rows = trade.reset_index(drop=True)
    digits = {"quantity": 2, "value": 2, "value per unit": 2, "growth": 1}
    numbers = {
        name: [plain(value, digits[measure]) for value, measure in zip(rows[side], rows["measure"], strict=True)]
        for name, side in (("chips_out", "exports"), ("chips_in", "imports"))
    }
    return rows.assign(
        **numbers,
        period=[span_of(r.first_month, r.last_month) for r in rows.itertuples(index=False)],
        measured_in=[NOTHING if m == "growth" else u if m != "value per unit" else f"{u} (computed)"
                     for m, u in zip(rows["measure"], rows["unit"], strict=True)],
        in_over_out=[plain(value, 2) for value in rows["imports_per_export"]],
        out_growth=[percent(value) for value in rows["exports_yoy_pct"]],
        in_growth=[percent(value) for value in rows["imports_yoy_pct"]],
        where=[", ".join(_site(address) for address in read.split(";")) for read in rows["read_in"]],
    )  # fmt: skip


def span_of(first: str, last: str) -> str:
    """Name a period: a whole year by its number, else by its months."""
    whole = first[:4] == last[:4] and (first[5:], last[5:]) == ("01", "12")
    return first[:4] if whole else span_name(first, last)


def _site(address: str) -> str:
    return urlsplit(address).netloc.removeprefix("www.")


def of_circuits(trade: pd.DataFrame) -> str:
    """Title of the circuits: what China buys for each it sells, in the last period that has both."""
    both = trade[(trade["measure"] == "value") & trade["imports_per_export"].notna()].sort_values("last_month")
    if both.empty:
        return "China's exports and imports of integrated circuits: no period has both"
    row = both.iloc[-1]
    span, ratio = span_of(row["first_month"], row["last_month"]), row["imports_per_export"]
    return f"In {span} China bought {plain(ratio)} times the chips it sold, by value; no later period has both sides"


def circuits_sentence(trade: pd.DataFrame, share: dict) -> str:
    """Say the balance and what stands without its other side, and hold one printed share against the ledger."""
    both = trade[trade["imports_per_export"].notna()]
    values = both[both["measure"] == "value"]
    told = []
    for row in values.to_dict("records"):
        span = span_of(row["first_month"], row["last_month"])
        told.append(
            f"In {span} exports of {plain(row['exports'], 2)} stand against imports of {plain(row['imports'], 2)} "
            f"{_unit(row['unit'])}, a deficit of {plain(-row['balance'], 1)}"
            if row["balance"] < 0 else
            f"In {span} exports of {plain(row['exports'], 2)} stand against imports of {plain(row['imports'], 2)} "
            f"{_unit(row['unit'])}, a surplus of {plain(row['balance'], 1)}"
        )  # fmt: skip
    periods = values.drop_duplicates(["first_month", "last_month"])
    alone = trade[(trade["measure"] != "value per unit") & trade["imports_per_export"].isna()]
    told.append(
        f"{len(periods)} period{'' if len(periods) == 1 else 's'} of the facts held {_has(len(periods))} both sides; "
        f"{len(alone)} figures stand alone and are not set against another year or another currency"
    )
    if not np.isnan(share["computed_pct"]):
        told.append(
            f"Of all that China bought abroad in {share['year']}, circuits were {plain(share['printed_pct'])} % as "
            f"printed, and {plain(share['computed_pct'])} % of the ledger's own total in its latest vintage"
        )
    return f"{'. '.join(told)}."


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _unit(unit: str) -> str:
    return {"CNY billion": "billion yuan", "USD billion": "billion US dollars"}.get(unit, unit)


def change_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the change by destination with the range that the roundings allow."""
    changes, spans = changes.sort_values("destination_code", key=lambda codes: codes.map([*ELSEWHERE].index)), []
    for row in changes.to_dict("records"):
        low, high = signed(row["change_low_usd_bn"]), signed(row["change_high_usd_bn"])
        spans.append(NOTHING if row["reason"] else low if low == high else f"{low} to {high}")
    return changes.assign(
        destination=changes["destination_code"].map(ELSEWHERE), code=changes["destination_code"], change_range=spans
    ).reset_index(drop=True)


def of_levels(changes: pd.DataFrame) -> str:
    """Title of the table: what each destination took."""
    known = change_rows(changes)
    known = known[known["value_usd_bn"].notna() & (known["code"] != "WORLD")]
    if known.empty:
        return "China's electronics exports by destination: not in the ledger"
    told = [f"{r.destination.replace('All', 'all')} {plain(r.value_usd_bn)}" for r in known.itertuples(index=False)]
    return f"China's electronics exports in {known['period'].iloc[0]}, billion US dollars: {', '.join(told)}"


def _of(changes: pd.DataFrame, code: str) -> dict:
    return changes[changes["destination_code"] == code].iloc[0].to_dict()


def of_changes(changes: pd.DataFrame) -> str:
    """Title of the change: the United States, ASEAN and all others, side by side."""
    us, asean = _of(changes, "US"), _of(changes, "ASEAN")
    if us["reason"] or asean["reason"]:
        missing = " and ".join(ELSEWHERE[c] for c, row in (("US", us), ("ASEAN", asean)) if row["reason"])
        return f"China's electronics exports by destination; not in the ledger: {missing}"
    others = _of(changes, "OTHERS")
    rest = "" if others["reason"] else f", all others {signed(others['change_usd_bn'], 0)}"
    return (
        f"Electronics exports in {us['period']} against the year before: United States "
        f"{signed(us['change_usd_bn'], 0)} billion, ASEAN {signed(asean['change_usd_bn'], 0)}{rest}"
    )


def changes_sentence(changes: pd.DataFrame, trade: pd.DataFrame, account: pd.DataFrame, components: float) -> str:
    """Say the arithmetic of the change, its part of the whole US loss, what are chips, and what ASEAN builds in."""
    us, asean, others, total = (_of(changes, code) for code in ("US", "ASEAN", "OTHERS", "WORLD"))
    told = []
    if not us["reason"] and not asean["reason"]:
        told.append(
            f"To the US {plain(us['value_usd_bn'])} billion dollars after {plain(us['before_usd_bn'])}, to ASEAN "
            f"{plain(asean['value_usd_bn'])} after {plain(asean['before_usd_bn'])}; that the one became the other is "
            "not shown"
        )
    if not others["reason"]:
        told.append(
            f"All other destinations took {moved(others['change_usd_bn'])}, so exports of electronics "
            f"{'rose' if total['change_usd_bn'] > 0 else 'fell'} by {plain(abs(total['change_usd_bn']), 0)} in all"
        )
    whole = account[(account["span"] == f"year {us['period']}") & (account["partner_code"] == "US")]
    if len(whole) and not us["reason"] and whole["change_usd_bn"].iloc[0] < 0 and us["change_usd_bn"] < 0:
        lost = whole["change_usd_bn"].iloc[0]
        told.append(
            f"Electronics are {plain(100 * us['change_usd_bn'] / lost, 0)} % of the fall of all exports to the US in "
            f"{us['period']} ({signed(lost, 0)} billion by China's count), and "
            f"{plain(100 * us['value_usd_bn'] / whole['value_usd_bn'].iloc[0], 0)} % of what was still sold there"
        )
    alike = trade[(trade["unit"] == "USD billion") & (trade["last_month"] == f"{total['period']}-12")]
    if len(alike) and alike["exports"].notna().any() and not total["reason"]:
        chips = alike["exports"].iloc[0]
        told.append(
            f"Beside {plain(total['value_usd_bn'])} billion of electronics stand {plain(chips)} of circuits, "
            f"{plain(100 * chips / total['value_usd_bn'], 0)} for every 100: the two words do not mean the same"
        )
    told.append(
        "Much of what ASEAN takes are inputs"
        + (
            ""
            if np.isnan(components)
            else f" (about {plain(components, 0)} % of all goods that six of its members buy "
            "from China, by an estimate quoted in chapter 2; for electronics no share is held)"
        )
        + ": parts for goods that are sold on, to the US among others. These figures follow no part"
    )
    return f"{'. '.join(told)}."


def alt_of_changes(rows: pd.DataFrame) -> str:
    """Return what a reader who cannot see the bars should know."""
    parts = [f"{r.destination} {signed(r.change_usd_bn)}" for r in rows.itertuples(index=False)]
    return f"Change of China's electronics exports against a year before, billion US dollars: {'; '.join(parts)}."


def of_claims(rows: pd.DataFrame) -> str:
    """Title of the claims: how many of them got which verdict."""
    if rows.empty:
        return "The article makes no claim on electronics or chips"
    counts = rows["verdict"].value_counts()
    told = [f"{counts[verdict]} {verdict}" for verdict in dict.fromkeys(rows["verdict"])]
    return f"Of {len(rows)} claims on electronics and chips: {', '.join(told)}"


def fee_rows(fees: pd.DataFrame) -> pd.DataFrame:
    """Return the three lines of the scenario with the fee under both rates."""
    told = []
    for case in CASES:
        both = fees[fees["case"] == case]
        when = both["sales_period"].fillna("not in the ledger").iloc[0]
        named = f"{case.capitalize()}: {both['sales_subject'].iloc[0]}, {when}"
        at = both.dropna(subset=["rate_pct"]).set_index("rate_pct")["fee_usd_bn"]
        told.append(
            {
                "case": case, "fee_case": named, "sales_usd_bn": both["sales_usd_bn"].iloc[0],
                "fee_at_15": at.get(15.0, np.nan), "fee_at_25": at.get(25.0, np.nan),
                "of_duties": both.loc[both["is_chosen"], "fee_share_pct"].sum(min_count=1),
            }
        )  # fmt: skip
    return pd.DataFrame(told)


def of_fees(fees: pd.DataFrame, rate_pct: int) -> str:
    """Title of the scenario: the range of the fee at the chosen rate."""
    chosen = fees[fees["case"].isin(CASES) & fees["is_chosen"] & fees["fee_usd_bn"].notna()]
    if chosen.empty:
        return f"A licence fee of {rate_pct} %: sales or rate are not in the ledger"
    low, high = chosen["fee_usd_bn"].min(), chosen["fee_usd_bn"].max()
    return f"If sales were so, a fee of {rate_pct} % would be {range_of(low, high, 1)} billion dollars a year"


def fees_sentence(fees: pd.DataFrame, rate_pct: int) -> str:
    """Set the scenario beside one month of US duties and beside what was sold of the licensed chip."""
    chosen = fees[fees["case"].isin(CASES) & fees["is_chosen"] & fees["fee_share_pct"].notna()]
    told = []
    if len(chosen):
        month, duties = chosen["duties_month"].iloc[0], chosen["duties_usd_bn"].iloc[0]
        share = range_of(chosen["fee_share_pct"].min(), chosen["fee_share_pct"].max())
        told.append(
            f"For scale: US customs duties brought {plain(duties)} billion, gross, in {month_name(month)} alone; a "
            f"year's fee at {rate_pct} % would be {share} % of that month"
        )
    sold = fees[(fees["case"] == "outturn") & fees["fee_usd_bn"].notna()]
    for row in sold.to_dict("records"):
        note = f" ({row['sales_note']})" if row["sales_note"] else ""
        fee = f"{plain(row['rate_pct'], 0)} % of it are {plain(1e3 * row['fee_usd_bn'], 1)} million"
        told.append(
            f"What was sold of the licensed {row['licence']} in {row['sales_period']} was "
            f"{plain(row['sales_usd_bn'], 2)} billion{note}; {fee}"
        )
    missing = fees[fees["reason"].fillna("") != ""]
    if len(missing):
        told.append(f"Lines without a figure: {', '.join(sorted(set(missing['case'])))}")
    return f"{'. '.join(told)}." if told else "Nothing to set beside it is in the ledger."


def fees_note(fees: pd.DataFrame, rate_pct: int) -> str:
    """Name whose figure stands in each line, where it and the rates were read, and the rate of the last column."""
    rows = fees.drop_duplicates("case").set_index("case").dropna(subset=["sales_producer"])
    told = [
        f"{case}: {rows['sales_producer'][case]} ({_site(rows['sales_read_in'][case])})"
        for case in CASES
        if case in rows.index
    ]
    rates = fees.dropna(subset=["rate_pct"]).drop_duplicates("rate_pct").sort_values("rate_pct")
    told += [f"{plain(r.rate_pct, 0)} %: {_site(r.rate_read_in)}" for r in rates.itertuples(index=False)]
    whose = f"Whose figure, read where: {'; '.join(told)}. " if told else ""
    return f"{whose}All sales in China, licensed chips or not. Last column: at {rate_pct} %. Grade C. No forecast."


def levels_note(changes: pd.DataFrame) -> str:
    """Say what all others are and where the figures were read."""
    sites = ", ".join(dict.fromkeys(_site(address) for address in changes["read_in"].dropna()))
    where = f"Read in {sites}: " if sites else ""
    return f"{where}an industry body's list of products, not a customs chapter. All others: the total less the two."
