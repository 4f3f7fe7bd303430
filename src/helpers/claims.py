"""An article's claims against official figures: every verdict is computed by the rules below, none is stored.

Verdicts
    confirmed       the official figure meets the claim within both roundings
    imprecise       it misses by no more than a tenth, or the date is off
    wrong           it misses by more
    not decidable   the ledger holds no figure that could decide it
    not testable    no trade figure could decide it

A new article is a new table ``data/raw/compiled/article_claims_<date>.csv``; no code knows a claim by its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers import accounting, months, partners, paths, provenance
from helpers.customs import half_unit
from helpers.numbers import percent, plain
from helpers.refusals import Refusal

BADGES = {
    "confirmed": "good", "imprecise": "warn", "wrong": "bad", "not decidable": "open", "not testable": "open",
}  # fmt: skip
NEAR_DAYS = 60


@dataclass
class Evidence:
    """What the ledger holds for the claims: the clean tables and the compiled facts."""

    cells: pd.DataFrame
    growth: pd.DataFrame
    controls: pd.DataFrame
    balance: pd.DataFrame
    marks: pd.DataFrame
    sides: pd.DataFrame
    tariffs: pd.DataFrame = field(default_factory=lambda: read_compiled("tariff_events_2018-2026"))
    facts: pd.DataFrame = field(default_factory=lambda: read_compiled("chip_facts"))
    published: pd.DataFrame = field(default_factory=lambda: read_compiled("published_estimates"))


@dataclass
class Finding:
    """The verdict on one claim and what it rests on."""

    verdict: str
    official: str
    reading: str
    source: str
    official_value: float = np.nan
    second_value: float = np.nan
    third_value: float = np.nan
    inputs: str = ""


def read_compiled(stem: str) -> pd.DataFrame:
    """Read a compiled table of the ledger as text, plus ``line``."""
    path = paths.RAW / "compiled" / f"{stem}.csv"
    if not path.exists():
        known = sorted(file.stem for file in (paths.RAW / "compiled").glob("*.csv"))
        raise Refusal(
            f'there is no compiled table "{stem}"', expected=f"one of {', '.join(known)}", file=paths.shown(path),
            remedy="write the table and its record, or choose another article",
        )  # fmt: skip
    return provenance.read(provenance.record_of(path))


def measured_duties() -> pd.DataFrame:
    """Read the duty actually calculated on US imports from China: ``period``, ``imports_usd``, ``applied_rate_pct``."""
    names = "census_duties_on_china_*.csv"
    if not (files := sorted((paths.RAW / "census").glob(names))):
        raise Refusal(
            "the ledger holds no measured duties", expected=f"a file census/{names}", file=paths.shown(paths.RAW),
            remedy="restore it with `git checkout -- data/raw`",
        )  # fmt: skip
    duties = provenance.read(provenance.record_of(files[0]))
    for column in ("imports_usd", "duty_usd", "applied_rate_pct"):
        duties[column] = pd.to_numeric(duties[column])
    return duties


def check(article: str, evidence: Evidence) -> pd.DataFrame:
    """Check every claim of an article.

    Parameters
    ----------
    article
        Date of the article, the end of its table's name.
    evidence
        Tables to check against.

    Returns
    -------
    pandas.DataFrame
        Table ``claims_checked``: claim, what it says, the official figure(s), verdict, reading and source.
    """
    rows = []
    for claim in read_compiled(f"article_claims_{article}").to_dict("records"):
        finding = RULES[claim["measure"]](claim, evidence) if claim["measure"] in RULES else _unknown(claim)
        claimed = _claimed(claim)
        rows.append(
            {
                "claim_id": claim["claim_id"], "article_date": claim["article_date"],
                "claim": claim["claim"][:1].upper() + claim["claim"][1:], "period": claim["period"],
                "claimed": claimed,
                "claimed_value": pd.to_numeric(claim["value"], errors="coerce") if claim["value"] else np.nan,
                "official": finding.official, "official_value": finding.official_value,
                "second_value": finding.second_value, "third_value": finding.third_value,
                "verdict": finding.verdict, "reading": finding.reading, "source": finding.source,
                "inputs": finding.inputs,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _claimed(claim: dict) -> str:
    """Say what the article printed: ``nearly 15 %``, ``more than 1,000 billion US dollars``, ``3 November 2025``."""
    if not claim["value"]:
        return "stated"
    units = {
        "percent": lambda value: f"{plain(float(value), len(value.partition('.')[2]))}\u00a0%",
        "USD billion": lambda value: f"{plain(float(value), 0)} billion US dollars",
        "date": months.day_name,
        "year": str,
    }
    words = "" if claim["comparison"] == "equals" else f"{claim['comparison']} "
    return words + units[claim["unit"]](claim["value"])


def _unknown(claim: dict) -> Finding:
    raise Refusal(
        f'measure "{claim["measure"]}" of claim {claim["claim_id"]}', expected=", ".join(RULES),
        remedy="use one of these measures, or write a rule for the new one in src/helpers/claims.py",
        column="measure", row=claim["line"],
    )  # fmt: skip


def judge(official: float, official_half: float, claimed: float, claimed_half: float, comparison: str) -> str:
    """Compare an official figure with a claimed one.

    Parameters
    ----------
    official, official_half
        The official figure and half its last printed digit.
    claimed, claimed_half
        The same of the claim.
    comparison
        ``equals``, ``about`` (rounds to it), ``nearly`` (at most one unit below it), ``more than``.

    Returns
    -------
    str
        ``confirmed``, ``imprecise`` or ``wrong``.
    """
    slack = official_half + claimed_half + 1e-9
    met = {
        "equals": abs(official - claimed) <= slack,
        "about": abs(official - claimed) <= slack,
        "nearly": claimed - 2 * claimed_half - official_half <= official <= claimed + official_half,
        "more than": official - official_half > claimed,
    }[comparison]
    if met:
        return "confirmed"
    return "imprecise" if abs(official - claimed) <= 0.1 * abs(claimed) + slack else "wrong"


def _surplus(claim: dict, evidence: Evidence) -> Finding:
    held = evidence.balance[
        (evidence.balance["period"] == claim["period"]) & evidence.balance["ytd_usd_bn"].notna()
    ].set_index("vintage")["ytd_usd_bn"]
    if held.empty:
        return Finding("not decidable", "no balance for this period", "", "")
    verdicts = {judge(value, 0.05, float(claim["value"]), 0.0, claim["comparison"]) for value in held}
    first, later = held.get("first_print", np.nan), held.get("revised", np.nan)
    return Finding(
        verdicts.pop() if len(verdicts) == 1 else "imprecise",
        f"{plain(first, 0)} bn in the first print, {plain(later, 0)} bn as revised since",
        "Both vintages pass the mark; imports were revised upwards later.",
        "China's customs (GACC), World",
        first, later, inputs=f"surplus_monthly/{claim['period']}",
    )  # fmt: skip


def _first_surplus(claim: dict, evidence: Evidence) -> Finding:
    marks = evidence.marks[evidence.marks["vintage"] == "revised"]
    calendar = marks[marks["measure"] == "calendar year"]["period"]
    rolling = marks[marks["measure"] == "twelve months"]["period"]
    first_year = calendar.min()[:4] if len(calendar) else ""
    met = first_year == claim["period"][:4]
    held_from = evidence.balance.loc[evidence.balance["vintage"] == "revised", "period"].min()
    return Finding(
        "confirmed" if met else "wrong",
        f"calendar year: passed in {months.month_name(calendar.min())}; twelve months: first in "
        f"{months.month_name(rolling.min())}" if len(calendar) and len(rolling) else "never passed",
        "True of the calendar year. Over any twelve months the mark was passed earlier. "
        f"The ledger reaches back to {months.month_name(held_from)}.",
        "China's customs (GACC), World", inputs="surplus_marks",
    )  # fmt: skip


def _exports_growth(claim: dict, evidence: Evidence) -> Finding:
    code, period = claim["partner"], claim["period"]
    rate = accounting.printed_growth(evidence.growth, code, period, "month")
    if rate is None:
        return Finding("not decidable", "no official growth rate for this month in the ledger", "", "")
    claimed = float(claim["value"])
    verdict = judge(rate["yoy_pct"], rate["half_unit_pp"], claimed, half_unit(claim["value"]), claim["comparison"])
    if not np.isnan(rate["other_pct"]):
        other = judge(rate["other_pct"], rate["half_unit_pp"], claimed, half_unit(claim["value"]), claim["comparison"])
        verdict = verdict if other == verdict else "imprecise"
    own = accounting.growth_in_currencies(
        evidence.cells, evidence.growth, evidence.controls, period, codes=(code,)
    ).iloc[0]
    side = evidence.sides[
        (evidence.sides["reporter_code"] == code)
        & (evidence.sides["first_month"] == period)
        & (evidence.sides["last_month"] == period)
    ]
    official = f"China's customs, US dollars: {percent(rate['yoy_pct'])}"
    reading, second, third = [], np.nan, np.nan
    if own["own_currency"] not in ("USD", "several"):
        second = own["own_pct"]
        reading.append(f"In {own['own_currency']} the same flow changed by {percent(second)}.")
    if len(side):
        third = side["importer_own_growth_pct"].iloc[0]
        official += f"; importer's customs, {side['own_currency'].iloc[0]}: {percent(third)}"
        reading.append(
            f"The importer's customs count arrivals, not departures: {percent(third)} in "
            f"{side['own_currency'].iloc[0]}."
        )
    if verdict == "wrong":
        reading.insert(0, f"Not China's figure ({percent(rate['yoy_pct'])}).{_what_it_is(claim, evidence)}")
    elif rate["places"] < 2:
        reading.append("The rate stands in one place only.")
    for other in _other_reports(claim, evidence, rate):
        reading.append(f"Another report prints {percent(other)}: not explained, not averaged.")
    return Finding(
        verdict, official, " ".join(reading), "China's customs (GACC); importer's customs", rate["yoy_pct"], second,
        third, f"CN/{code}/exports/month/{period}@yoy",
    )  # fmt: skip


def _other_reports(claim: dict, evidence: Evidence, rate: dict) -> list[float]:
    """Growth rates that other reports print for the same cell and that differ beyond rounding."""
    codes = {claim["partner"], *partners.codes_of(claim["partner"])}
    same = evidence.published[
        evidence.published["study"].str.startswith("GACC")
        & evidence.published["quantity"].str.contains("yoy")
        & ~evidence.published["quantity"].str.contains("CNY")
        & (evidence.published["period"] == claim["period"])
        & evidence.published["destination"].isin(codes)
    ]
    values = pd.to_numeric(same["value"], errors="coerce").dropna()
    return sorted({value for value in values if abs(value - rate["yoy_pct"]) > rate["half_unit_pp"] + 0.05 + 1e-9})


def _what_it_is(claim: dict, evidence: Evidence) -> str:
    """Look for the printed number among the tariff figures of those weeks: a number without its meaning travels."""
    sought = abs(float(claim["value"]))
    article = pd.Timestamp(claim["article_date"])
    for row in evidence.tariffs.to_dict("records"):
        when = pd.to_datetime(row["date"].split("/")[0] + ("-15" if len(row["date"]) == 7 else ""), errors="coerce")
        if pd.isna(when) or abs((when - article).days) > NEAR_DAYS:
            continue
        for column in ("after_pct", "before_pct"):
            if row[column] and abs(float(row[column]) - sought) < 1e-9:
                return f" {plain(sought, 1)} % is the {row['event']} ({row['kind_of_measure']})."
    return ""


def _diverted(claim: dict, evidence: Evidence) -> Finding:
    return Finding(
        "not decidable",
        "no official figure: which goods went elsewhere because of the tariff needs third-market figures by product",
        "A rise elsewhere is not a delivery of the goods that the US did not take. The excess and its limits are "
        "estimated in chapter 3; the loss beside the rise stands in chapter 2.",
        "none",
    )


def _dumping(claim: dict, evidence: Evidence) -> Finding:
    return Finding(
        "not testable",
        "no trade figure can show it",
        "Dumping is a legal finding: a price below normal value and an injury. Export values show neither.",
        "none",
    )


def _dependence(claim: dict, evidence: Evidence) -> Finding:
    reading = "The claim mixes electronics and chips."
    chips = evidence.facts[evidence.facts["measure"] == "value"]
    both = chips[chips["subject"] == "China's imports of integrated circuits"].merge(
        chips[chips["subject"] == "China's exports of integrated circuits"], on=["period", "unit"], validate="1:1"
    )
    if len(both):
        last = both.sort_values("period").iloc[-1]
        first, _, end = last["period"].partition("..")
        reading += (
            f" For chips proper China is itself the buyer: in {months.span_name(first, end or first)} it imported "
            f"{plain(float(last['value_x']), 0)} and exported {plain(float(last['value_y']), 0)} {last['unit']} of "
            "integrated circuits."
        )
    return Finding(
        "not decidable", "import shares by product are in the ledger for the United States only",
        reading, "chip facts, data/raw/compiled",
    )  # fmt: skip


def _event_date(claim: dict, evidence: Evidence) -> Finding:
    found = evidence.tariffs[evidence.tariffs["event"].str.contains(claim["fact_subject"], case=False, regex=False)]
    if found.empty:
        return Finding("not decidable", "no such event in the ledger", "The ledger holds no such event.", "")
    date = found["date"].iloc[0]
    modelled = evidence.tariffs[evidence.tariffs["kind_of_measure"] == "modelled"]
    after = modelled[(modelled["date"] > date) & (modelled["date"] < claim["article_date"])]
    reading = f"The date is {months.day_name(date)}."
    if len(after):
        reading += (
            " Tariffs were cut, not lifted: the modelled average went from "
            f"{plain(float(after['before_pct'].iloc[0]))} to {plain(float(after['after_pct'].iloc[-1]))} %."
        )
    return Finding(
        "confirmed" if date == claim["value"] else "wrong", date, reading, found["read_in"].iloc[0],
        inputs=f"compiled/tariff_events_2018-2026.csv#{found['line'].iloc[0]}",
    )  # fmt: skip


def _fact(claim: dict, evidence: Evidence) -> Finding:
    subject = evidence.facts["subject"].str.cat(evidence.facts["measure"], sep=" ")
    found = evidence.facts[subject.str.contains(claim["fact_subject"], case=False, regex=False)]
    found = found[found["unit"] == claim["unit"]]
    if found.empty:
        return Finding("not decidable", "no such fact in the ledger", "The ledger holds no such fact.", "")
    fact = found.iloc[0]
    value = float(fact["value"])
    verdict = judge(value, half_unit(fact["value"]), float(claim["value"]), half_unit(claim["value"]), "equals")
    reading = fact["note"][:1].upper() + fact["note"][1:] + "." if fact["note"] else ""
    if verdict == "confirmed" and fact["period"][:7] != claim["period"][:7]:
        verdict = "imprecise"
        reading = (
            f"The share is right; the source dates it to {months.month_name(fact['period'][:7])}. {reading}".strip()
        )
    return Finding(
        verdict, f"{plain(value, 0)} % ({fact['subject']})", reading, f"{fact['producer']}: {fact['read_in']}", value,
        inputs=f"compiled/chip_facts.csv#{fact['line']}",
    )  # fmt: skip


RULES = {
    "surplus_ytd": _surplus,
    "surplus_ytd_first": _first_surplus,
    "exports_growth": _exports_growth,
    "share_diverted": _diverted,
    "dumping": _dumping,
    "dependence": _dependence,
    "event_date": _event_date,
    "event_year": _event_date,
    "fact": _fact,
}
