"""Electronics and chips: who supplies them to the US, what China itself buys, and what a licence fee would bring.

Here because "all depend on Chinese chips" mixes two goods and many importers. These are shares, changes and products of
printed figures; nothing is estimated. Where one origin's share falls and others rise, that is *supplier replacement*:
arithmetic of one importer's purchases, without a cause.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from helpers import claims, customs, partners, periods
from helpers.customs import half_unit
from helpers.refusals import Refusal

GROUPS = ("334", "335")  # computers and electronics; electrical equipment: what a reader may call electronics
CHINA, REST = "CN", "REST"
MONTHS = 12
# Ends of the twelve months that are compared with the latest: before the first US lists of July 2018, and before
# importers bought ahead of the tariffs of 2025.
BASES = ("2018-06", "2024-10")

CIRCUITS = {"exports": "China's exports of integrated circuits", "imports": "China's imports of integrated circuits"}
ELECTRONICS = "China's exports of electronic information products"
DESTINATIONS = {"WORLD": ELECTRONICS, "US": f"{ELECTRONICS} to the US", "ASEAN": f"{ELECTRONICS} to ASEAN"}
CASES = {
    "low": "Nvidia's China revenue if H20 sales resumed",
    "base": "Nvidia's revenue from China",
    "high": "Nvidia's own figure for the yearly opportunity in China",
    "outturn": "Nvidia's H20 revenue in China",
}
RATES = {"H20": "share of H20 revenue to the US government", "H200": "share of H200 sales to the US government"}
TOPICS = ("dependence", "chips")
FACTS = "compiled/chip_facts.csv"
DUTIES = "us_customs_duties_gross"
_QUANTITY = re.compile(r"([\d.]+) billion units \(([+-][\d.]+)\)")
_SHARE = re.compile(r"([\d.]+) percent of all imports")
_COMPONENTS = re.compile(r"~(\d+)% components")


def suppliers(imports: pd.DataFrame, month: str) -> pd.DataFrame:
    """Sums of twelve months by origin, and each origin's share of what the US bought of a group.

    Parameters
    ----------
    imports
        From :func:`helpers.product_groups.monthly`.
    month
        Last month that may be used.

    Returns
    -------
    pandas.DataFrame
        Table ``electronics_suppliers``: a row per group, last month and origin; ``REST`` is World less the origins
        held. A sum that lacks a month is empty, and so is a rest that lacks an origin.
    """
    rows = []
    for product in GROUPS:
        held = imports[(imports["product_code"] == product) & (imports["period"] <= month)]
        wide = held.pivot(index="period", columns="partner_code", values="imports_usd")
        if partners.WORLD not in wide.columns or CHINA not in wide.columns:
            continue
        wide = wide.reindex(periods.month_range(wide.index.min(), wide.index.max()))
        sums = wide.rolling(MONTHS, min_periods=MONTHS).sum().iloc[MONTHS - 1 :] / 1e9
        named = [code for code in wide.columns if partners.PARTNERS[code].kind == "country"]
        total = sums[partners.WORLD]
        origins = sums[named].assign(**{REST: total - sums[named].sum(axis=1, skipna=False)})
        for code in origins.columns:
            lacking = wide[code if code != REST else named].isna()
            lacking = (lacking if code != REST else lacking.any(axis=1)) | wide[partners.WORLD].isna()
            months = lacking.rolling(MONTHS).sum().iloc[MONTHS - 1 :]
            rows.append(
                pd.DataFrame(
                    {
                        "product_code": product, "partner_code": code, "last_month": origins.index,
                        "first_month": [_months_before(last, MONTHS - 1) for last in origins.index],
                        "value_usd_bn": origins[code].to_numpy(), "total_usd_bn": total.to_numpy(),
                        "share_pct": (100 * origins[code] / total).to_numpy(),
                        "reason": ["" if not n else f"{int(n)} of {MONTHS} months missing" for n in months],
                    }
                )
            )  # fmt: skip
    if not rows:
        raise Refusal(
            "the ledger holds no US imports of electronics from China and from all origins",
            expected=f"groups {', '.join(GROUPS)}", remedy="restore the file with `git checkout -- data/raw`",
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _months_before(month: str, count: int) -> str:
    return str(pd.Period(month, "M") - count)


def dates(held: pd.DataFrame) -> list[str]:
    """Return the last months of the twelve months that are compared: the bases, then the latest whole year held."""
    whole = held[held["partner_code"].isin([CHINA, REST])].groupby("last_month")["share_pct"]
    known = whole.apply(lambda shares: shares.notna().all())
    months = sorted(known.index[known])
    return [*(base for base in BASES if base in months and base < months[-1]), *months[-1:]]


def replacement(held: pd.DataFrame, ends: list[str]) -> pd.DataFrame:
    """Change of every origin's share and dollars from one twelve months to another.

    A share changes because the origin sold more or less, and because the total did. With origin's dollars :math:`v` and
    the total :math:`W`, ``own_pp`` is :math:`(v_1 - v_0) / W_1` and ``total_pp`` :math:`v_0 / W_1 - v_0 / W_0`, in
    points; they add up to the change.

    Parameters
    ----------
    held
        From :func:`suppliers`.
    ends
        From :func:`dates`; each is compared with the next, and the first with the last.

    Returns
    -------
    pandas.DataFrame
        Table ``supplier_replacement``.
    """
    steps = dict.fromkeys([*zip(ends[:-1], ends[1:], strict=True), *([(ends[0], ends[-1])] if len(ends) > 1 else [])])
    columns = ["product_code", "partner_code", "value_usd_bn", "total_usd_bn", "share_pct"]
    rows = []
    for before, after in steps:
        old, new = (held.loc[held["last_month"] == end, columns] for end in (before, after))
        both = new.merge(old, on=columns[:2], suffixes=("", "_before"), validate="1:1")
        own = 100 * (both["value_usd_bn"] - both["value_usd_bn_before"]) / both["total_usd_bn"]
        change = both["share_pct"] - both["share_pct_before"]
        rows.append(
            pd.DataFrame(
                {
                    "product_code": both["product_code"], "partner_code": both["partner_code"],
                    "before_last_month": before, "last_month": after,
                    "before_usd_bn": both["value_usd_bn_before"], "value_usd_bn": both["value_usd_bn"],
                    "change_usd_bn": both["value_usd_bn"] - both["value_usd_bn_before"],
                    "before_share_pct": both["share_pct_before"], "share_pct": both["share_pct"], "change_pp": change,
                    "own_pp": own, "total_pp": change - own,
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def concentration(held: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the Herfindahl-Hirschman index of suppliers (HHI, 0 to 10,000) where only some origins are known.

    The squares of the known shares are a lower bound, reached if the rest were infinitely many origins; with the square
    of the rest, as if it were one origin, they are an upper one. Any other split of the rest lies between.

    Returns
    -------
    pandas.DataFrame
        Table ``electronics_concentration``: a row per group and last month.
    """
    rows = []
    for (product, last), group in held.groupby(["product_code", "last_month"], sort=False):
        shares = group.set_index("partner_code")["share_pct"]
        named, rest = shares.drop(REST), shares[REST]
        low = float((named**2).sum()) if shares.notna().all() else np.nan
        largest = named.idxmax() if named.notna().any() else None
        rows.append(
            {
                "product_code": product, "first_month": group["first_month"].iloc[0], "last_month": last,
                "hhi_low": low, "hhi_high": low + rest**2, "rest_share_pct": rest, "china_share_pct": shares[CHINA],
                "largest_code": largest, "largest_share_pct": shares[largest] if largest else np.nan,
                "origins": int(named.notna().sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


# -- facts


def span_of(period: str) -> tuple[str, str]:
    """Return first and last month of a printed period: ``2025``, ``2025-11`` or ``2024-01..2024-04``."""
    first, _, last = period.partition("..")
    if re.fullmatch(r"\d{4}", period):
        return f"{period}-01", f"{period}-12"
    if not all(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", end) for end in (first, last or first)):
        raise Refusal(
            f'"{period}"', expected='a year, a month or two months such as "2024-01..2024-04"',
            remedy="mend the period of the fact", file=FACTS, column="period",
        )  # fmt: skip
    return first, last or first


def _fact(facts: pd.DataFrame, subject: str) -> dict:
    """Return the fact on a subject, its numbers read; without one, a row of gaps."""
    found = facts[facts["subject"] == subject]
    if found.empty:
        return {"subject": subject, "value": np.nan, "half": np.nan, "yoy_pct": np.nan, "yoy_half": np.nan,
                "period": "", "note": "", "producer": "", "read_in": "", "inputs": ""}  # fmt: skip
    return _numbers(found.iloc[0].to_dict())


def _numbers(row: dict) -> dict:
    return row | {
        "value": _number(row["value"]), "half": half_unit(row["value"]),
        "yoy_pct": _number(row["yoy_pct"]), "yoy_half": half_unit(row["yoy_pct"]), "inputs": f"{FACTS}#{row['line']}",
    }  # fmt: skip


def _number(printed: str) -> float:
    return float(printed) if printed.strip() else np.nan


def circuits(facts: pd.DataFrame) -> pd.DataFrame:
    """China's exports of integrated circuits beside its imports: same months, same unit, or not beside each other.

    Returns
    -------
    pandas.DataFrame
        Table ``chip_trade``: a row per period, measure (value, quantity, value per unit, growth) and unit. What nobody
        printed stays empty; ``imports_per_export`` and the balance exist only where both flows do, with the range that
        the roundings allow.
    """
    cells: dict[tuple[str, str, str, str], dict[str, dict]] = {}
    for flow, subject in CIRCUITS.items():
        for row in facts[facts["subject"] == subject].to_dict("records"):
            for measure, unit, printed in _printed(_numbers(row)):
                cells.setdefault((*span_of(row["period"]), measure, unit), {})[flow] = printed
    rows = []
    for (first, last, measure, unit), sides in sorted(cells.items()):
        gap = {"value": np.nan, "half": np.nan, "yoy_pct": np.nan, "read_in": "", "inputs": ""}
        out, into = (sides.get(flow, gap) for flow in CIRCUITS)
        both = not np.isnan(out["value"] + into["value"])
        missing = [flow for flow, side in zip(CIRCUITS, (out, into), strict=True) if np.isnan(side["value"])]
        balance, ratio = out["value"] - into["value"], into["value"] / out["value"] if both else np.nan
        slack, added = out["half"] + into["half"], measure in ("value", "quantity")
        rows.append(
            {
                "first_month": first, "last_month": last, "measure": measure, "unit": unit,
                "exports": out["value"], "imports": into["value"],
                "exports_yoy_pct": out["yoy_pct"], "imports_yoy_pct": into["yoy_pct"],
                "balance": balance if added else np.nan,
                "balance_low": balance - slack if added else np.nan,
                "balance_high": balance + slack if added else np.nan,
                "imports_per_export": ratio if added else np.nan,
                "reason": f"{' and '.join(missing)} not printed" if missing else "",
                "read_in": ";".join(dict.fromkeys(side["read_in"] for side in (out, into) if side["read_in"])),
                "inputs": ";".join(dict.fromkeys(side["inputs"] for side in (out, into) if side["inputs"])),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _printed(row: dict) -> list[tuple[str, str, dict]]:
    """Return what one fact prints: its value or quantity, a quantity in its note, and the value of one unit."""
    note = _QUANTITY.search(row["note"])
    if np.isnan(row["value"]):
        return [("growth", "percent", row)]
    told = [(row["measure"], row["unit"], row)]
    if note and row["measure"] == "value":
        units = row | {"value": float(note[1]), "half": half_unit(note[1]), "yoy_pct": float(note[2])}
        each = row | {"value": row["value"] / units["value"], "yoy_pct": np.nan}
        currency = row["unit"].split()[0]
        told += [("quantity", "billion units", units), ("value per unit", f"{currency} per unit", each)]
    return told


def import_share(facts: pd.DataFrame, cells: pd.DataFrame) -> dict:
    """Chips' share of all that China imports in a year, as printed and on the ledger's own total; NaN where unknown."""
    for row in map(_numbers, facts[facts["subject"] == CIRCUITS["imports"]].to_dict("records")):
        printed, (first, last) = _SHARE.search(row["note"]), span_of(row["period"])
        if printed and row["unit"] == "USD billion":
            months = customs.series(cells, "CN", partners.WORLD, flow="imports").loc[first:last]
            total = months.sum() / 1e3 if len(months) == len(periods.month_range(first, last)) else np.nan
            return {"year": row["period"], "value_usd_bn": row["value"], "printed_pct": float(printed[1]),
                    "computed_pct": float(100 * row["value"] / total)}  # fmt: skip
    return {"year": "", "value_usd_bn": np.nan, "printed_pct": np.nan, "computed_pct": np.nan}


def electronics(facts: pd.DataFrame) -> pd.DataFrame:
    """Change of China's exports of electronic information products by destination: level, printed growth, arithmetic.

    The year before is the level over one plus the growth; what both roundings allow is the range. All other
    destinations are the total less the two that are printed.

    Returns
    -------
    pandas.DataFrame
        Table ``electronics_exports``: a row per destination. A fact that is missing leaves its row empty and the
        others' row as well, with the reason.
    """
    rows = {code: _change(code, _fact(facts, subject)) for code, subject in DESTINATIONS.items()}
    columns = ("value_usd_bn", "before_usd_bn", "change_usd_bn")
    total, printed = rows["WORLD"], [rows["US"], rows["ASEAN"]]
    rest = {column: total[column] - sum(row[column] for row in printed) for column in columns}
    for end, other in (("low", "high"), ("high", "low")):
        rest[f"change_{end}_usd_bn"] = total[f"change_{end}_usd_bn"] - sum(r[f"change_{other}_usd_bn"] for r in printed)
    known = not np.isnan(rest["change_usd_bn"])
    rows["OTHERS"] = rest | {
        "destination_code": "OTHERS", "period": total["period"], "reason": "" if known else "a part is not printed",
        "growth_pct": 100 * rest["change_usd_bn"] / rest["before_usd_bn"] if known else np.nan,
        "inputs": ";".join(row["inputs"] for row in (total, *printed) if row["inputs"]),
    }  # fmt: skip
    return pd.DataFrame(rows.values())


def _change(code: str, fact: dict) -> dict:
    value, growth = fact["value"], fact["yoy_pct"]
    ends = [
        level * (1 - 1 / (1 + rate / 100))
        for level in (value - fact["half"], value + fact["half"])
        for rate in (growth - fact["yoy_half"], growth + fact["yoy_half"])
    ]
    before = value / (1 + growth / 100)
    return {
        "destination_code": code, "period": fact["period"] or None, "value_usd_bn": value, "growth_pct": growth,
        "before_usd_bn": before, "change_usd_bn": value - before,
        "change_low_usd_bn": float(np.min(ends)), "change_high_usd_bn": float(np.max(ends)),
        "reason": "" if not np.isnan(before) else "not in the ledger", "inputs": fact["inputs"],
        "read_in": fact["read_in"] or None,
    }  # fmt: skip


def components_pct(published: pd.DataFrame) -> float:
    """Return the published share of components in what ASEAN members buy from China, in percent; NaN without one."""
    found = published["where_found"].str.extract(_COMPONENTS)[0].dropna()
    return float(found.iloc[0]) if len(found) else np.nan


def fees(facts: pd.DataFrame, controls: pd.DataFrame, *, month: str, rate_pct: int) -> pd.DataFrame:
    """Return what a licence fee would bring: sales of a case times a rate. A scenario, not a forecast.

    Parameters
    ----------
    facts
        ``chip_facts``.
    controls
        ``controls_monthly``; gross customs duties of the last month held are the yardstick.
    month
        Last month that may be used.
    rate_pct
        The rate that the page speaks of, percent.

    Returns
    -------
    pandas.DataFrame
        Table ``licence_fees``: a row per case and licence. ``outturn`` is a quarter's sales of the chip that was
        licensed at the time, under its own rate only.
    """
    duties = controls[(controls["series"] == DUTIES) & (controls["period"] <= month)].sort_values("period")
    yardstick = float(duties["value"].iloc[-1]) / 1e3 if len(duties) else np.nan
    rows = []
    for case, subject in CASES.items():
        sales = _fact(facts, subject)
        for licence, named in RATES.items():
            if case == "outturn" and licence != "H20":
                continue
            rate = _fact(facts, named)
            missing = [what for what, fact in (("sales", sales), ("rate", rate)) if np.isnan(fact["value"])]
            fee = sales["value"] * rate["value"] / 100
            rows.append(
                {
                    "case": case, "licence": licence, "sales_subject": subject, "sales_period": sales["period"] or None,
                    "sales_usd_bn": sales["value"], "sales_producer": sales["producer"] or None,
                    "sales_note": sales["note"] or None,
                    "sales_read_in": sales["read_in"] or None, "rate_read_in": rate["read_in"] or None,
                    "rate_pct": rate["value"], "is_chosen": rate["value"] == rate_pct, "fee_usd_bn": fee,
                    "duties_month": duties["period"].iloc[-1] if len(duties) else None,
                    "duties_usd_bn": yardstick, "fee_share_pct": 100 * fee / yardstick,
                    "reason": f"{' and '.join(missing)} not in the ledger" if missing else "",
                    "inputs": ";".join(part for part in (sales["inputs"], rate["inputs"]) if part),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def claims_on(checked: pd.DataFrame, article: str) -> pd.DataFrame:
    """Return the verdicts on the article's claims about electronics and chips, as chapter 2 computed them."""
    topics = claims.read_compiled(f"article_claims_{article}").set_index("claim_id")["topic"]
    return checked[checked["claim_id"].map(topics).isin(TOPICS)].reset_index(drop=True)
