"""Synthetic worlds for the summary's sentences. EVERY FIGURE AFTER OCTOBER 2024 IN HERE IS INVENTED.

True diversion: from April 2025 to February 2026 the US takes 40 % less from China, and every dollar of it goes to the
others in proportion to what they bought; from March 2026 on all are back on the old path. Pure supply push: from April
2025 on everybody but the US takes 20 % more and nothing is diverted (strong: 40 %, so that Australia's excess must
stand out). Nothing: all goes on as in the year to October 2024.

Up to October 2024 a world is the real clean ledger. Each later month is the same month of the year to October 2024,
in dollars, times the world's factor, times seeded noise of 3 % that belongs to the flow (importer's and exporter's
side move alike). Kinds of cells that could contradict that are dropped after October 2024: printed growth, cumulative
figures, yuan, other reporters. China's months by partner, mostly unprinted, are made from the printed year 2023 and
the shape of the World total; the World total is the sum of its parts. The tables are made by the functions of the
notebooks.
"""

from __future__ import annotations

import functools
import zlib

import ledger
import numpy as np
import pandas as pd

from helpers import (
    accounting,
    controls,
    customs,
    destinations,
    excess,
    front_loading,
    partners,
    reopening,
    reversal,
    robustness,
    spans,
    where_to,
    wording,
)
from helpers.mirror import sides
from helpers.periods import month_range

DIVERSION, SUPPLY_PUSH, NOTHING = "true diversion", "pure supply push", "nothing"
STRONG_PUSH = "strong supply push"
WORLDS = (DIVERSION, SUPPLY_PUSH, NOTHING)
TRAIN_END, MONTH, SHUT, REOPENED = "2024-10", "2026-05", "2025-04", "2026-03"
LAST = str(pd.Period(MONTH, "M") + spans.MONTHS_AHEAD)
LATER = month_range("2024-11", LAST)
SEED, NOISE = 20251209, 0.03
US_FALL = 0.40
PUSH = {SUPPLY_PUSH: 1.20, STRONG_PUSH: 1.40}
PARTNERS = {"EU": "EU27", "ASEAN": "ASEAN10", "AU": "AU"}
# Whose noise an importer's or a quarter's row shares: the flow out of China that it is the other side of.
LINK_OF = {"US": "US", "AU": "AU", "EA20": "EU"}


def _base_month(month: str) -> str:
    """Return the same month of the year to October 2024."""
    year = 2024 if month[5:] <= "10" else 2023
    return f"{year}{month[4:]}"


def _code(link: str, month: str) -> str:
    """Return the code under which China prints a partner in a month: a bloc in its composition of the time."""
    return partners.code_of(link, month) if link in partners.FAMILIES else link


@functools.cache
def _all_noise(seed: int, link: str) -> dict[str, float]:
    drawn = np.random.default_rng([seed, zlib.crc32(link.encode())]).normal(0.0, NOISE, len(LATER))
    return dict(zip(LATER, np.exp(drawn).tolist(), strict=True))


def _noise(seed: int, link: str, month: str) -> float:
    return _all_noise(seed, link)[month]


@functools.cache
def exports_before() -> pd.DataFrame:
    """China's exports in the year to October 2024 by month, USD million: US, EU, ASEAN, AU and the rest."""
    cells = ledger.cells()
    months = pd.PeriodIndex(month_range("2023-11", TRAIN_END), freq="M")
    world = customs.series(cells, "CN", "WORLD")
    us = customs.series(cells, "CN", "US").reindex(months)
    year = {code: customs.series(cells, "CN", code, kind="year").loc["2023-12"] for code in PARTNERS}
    frame = pd.DataFrame({code: value * world / world.loc["2023"].sum() for code, value in year.items()}).loc[months]
    frame["US"] = us.fillna(world.reindex(months) * us.sum() / world.reindex(us.dropna().index).sum())
    frame["REST"] = world.reindex(months) - frame.sum(axis=1)
    assert (frame > 0).all().all()
    return frame.set_axis(frame.index.astype(str))


@functools.cache
def factor(world: str, link: str, month: str) -> float:
    """Return what the world does to a flow out of China in a month; other origins are never touched."""
    if world == NOTHING or month < SHUT:
        return 1.0
    if world in PUSH:
        return 1.0 if link == "US" else PUSH[world]
    if month >= REOPENED:
        return 1.0
    before = exports_before().loc[_base_month(month)]
    return 1 - US_FALL if link == "US" else 1 + US_FALL * before["US"] / before.drop("US").sum()


def _exports(world: str, seed: int) -> pd.DataFrame:
    """Rows of China's exports after October 2024: the main partners and the World as the sum."""
    cells = ledger.cells()
    like = cells[
        (cells["reporter_code"] == "CN") & (cells["flow"] == "exports") & (cells["currency"] == "USD")
        & (cells["period_kind"] == "month") & cells["is_preferred"] & (cells["period"] == TRAIN_END)
        & (cells["partner_code"] == "WORLD")
    ]  # fmt: skip
    rows = []
    for month in LATER:
        before = exports_before().loc[_base_month(month)]
        now = {link: value * factor(world, link, month) * _noise(seed, link, month) for link, value in before.items()}
        levels = {_code(link, month): value for link, value in now.items() if link != "REST"}
        levels["WORLD"] = sum(now.values())
        rows += [like.assign(period=month, partner_code=code, value_mn=value) for code, value in levels.items()]
    return pd.concat(rows, ignore_index=True)


def _imports(world: str, seed: int) -> pd.DataFrame:
    """Rows of the importers' customs after October 2024, in the months that the ledger holds, every origin."""
    cells = ledger.cells()
    held = cells[cells["reporter_code"].isin(list(LINK_OF)) & cells["is_preferred"] & (cells["period_kind"] == "month")]
    same = ["reporter_code", "partner_code", "flow", "product_code", "concept", "currency"]
    later = held[(held["period"] > TRAIN_END) & (held["period"] <= LAST)].assign(
        base=lambda rows: rows["period"].map(_base_month)
    )
    base = held[[*same, "period", "value_mn"]].rename(columns={"period": "base", "value_mn": "base_mn"})
    china = held.loc[held["partner_code"] == "CN", [*same, "period", "value_mn"]].drop(columns="partner_code")
    china = china.rename(columns={"period": "base", "value_mn": "china_mn"})
    later = later.merge(base, on=[*same, "base"], validate="m:1")
    later = later.merge(china, on=[*[c for c in same if c != "partner_code"], "base"], how="left", validate="m:1")
    values = []
    for row in later.itertuples(index=False):
        link = LINK_OF[row.reporter_code]
        now = factor(world, link, row.period) * _noise(seed, link, row.period)
        own = _noise(seed, f"{row.reporter_code} from {row.partner_code}", row.period)
        if row.partner_code == "CN":
            value = row.base_mn * now
        elif row.partner_code == "WORLD":
            value = row.china_mn * now + (row.base_mn - row.china_mn) * own
        else:
            value = row.base_mn * own
        values.append(value * _rate(row.currency, row.period) / _rate(row.currency, row.base))
    return later.assign(value_mn=values).drop(columns=["base", "base_mn", "china_mn"])


@functools.cache
def _rates(currency: str) -> pd.Series:
    return controls.per_dollar(ledger.control_table(), currency)


@functools.cache
def _rate(currency: str, month: str) -> float:
    """Units per dollar: the worlds are made in dollars, so that real exchange rates add nothing."""
    return 1.0 if currency == "USD" else float(_rates(currency)[pd.Period(month, "M")])


def cells(world: str, seed: int = SEED) -> pd.DataFrame:
    """The clean table of a world."""
    real = ledger.cells()
    made = [real[real["period"] <= TRAIN_END], _exports(world, seed), _imports(world, seed)]
    return pd.concat(made, ignore_index=True).astype(real.dtypes.to_dict())


def quarters(world: str, seed: int = SEED) -> pd.DataFrame:
    """The quarterly table: quarters that end after October 2024 repeat those of the year before, as the months do."""
    real = ledger.quarters()
    values = real.set_index(["partner_code", "period"])["value_mn"]
    found = []
    for row in real.itertuples(index=False):
        if row.period <= TRAIN_END:
            found.append(row.value_mn)
            continue
        link = {"AU": "AU", "NON_RCEP": "REST"}.get(row.partner_code, "ASEAN")
        months = [str(pd.Period(row.period, "M") - back) for back in range(3)]
        made = [
            factor(world, link, month) * _noise(seed, link, month) if month > TRAIN_END else 1.0 for month in months
        ]
        base = f"{2024 if row.period[5:] < '10' else 2023}{row.period[4:]}"
        found.append(values[row.partner_code, base] * float(np.mean(made)))
    return real.assign(value_mn=found)


@functools.cache
def accounts(world: str, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Result tables that no forecast stands behind, by the calls of notebook 02; fast enough for many seeds."""
    held = cells(world, seed)
    changes = accounting.accounting_change(held, _printed(), spans.comparisons(MONTH, LAST))
    both = accounting.all_sides(held, ledger.control_table(), _printed(), spans.sides(MONTH))
    earlier = accounting.rise_before(held, spans.sides(MONTH))
    return {"two_sides": both, "accounting_change": changes, "ceiling": accounting.ceiling(changes, both, earlier)}


def _printed() -> pd.DataFrame:
    rates = ledger.preferred_growth()
    return rates[rates["period"] <= TRAIN_END]


def loss_and_rise(world: str, seed: int = SEED) -> tuple[float, float, float]:
    """Return W1's US loss as China's and as US customs count it, and the rise elsewhere, USD billion."""
    rows = accounts(world, seed)["ceiling"]
    rows = rows[rows["span"] == "W1"].set_index("side")
    losses = -rows["us_change_usd_bn"]
    return losses["exporter"], losses["most favourable"], rows.loc["exporter", "non_us_change_usd_bn"]


@functools.cache
def tables(world: str, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Every result table of a world, each by the calls of its notebook."""
    held, by_quarter, money, rates = cells(world, seed), quarters(world, seed), ledger.control_table(), _printed()
    when = {"train_end": TRAIN_END, "month": MONTH}
    # Notebook 03.
    flows = destinations.flows(held, money, "USD", excess.all_lumps(held))
    forms = excess.candidates(flows, TRAIN_END)
    form, as_good = excess.form_of(forms, "chosen", 0), excess.near_best(forms)
    results = excess.estimate_all(flows, by_quarter, form, as_good, **when)
    # Notebook 07.
    known, until = reopening.known_months(held, rates, by_quarter, MONTH)
    accounted = reopening.accounting_windows(known, month=MONTH, until=until)
    eased = reversal.easing(flows, reversal.side_by_side_of(flows), form, as_good, **when)
    # Notebook 09.
    tried = front_loading.all_trials(flows, form, TRAIN_END)
    exporter = {code: sides.exporter_months(held, rates, code) for code in front_loading.DESTINATIONS}
    rises = where_to.rise_by_destination(known, {"W1": spans.WINDOWS["W1"]})
    return accounts(world, seed) | {
        "rise_by_destination": rises,
        "sizes": accounting.sizes(held),
        "growth_by_window": reopening.for_a_minister(accounted, flows, month=MONTH),
        "excess": results.excess,
        "excess_ratios": excess.ratios(results),
        "reversal_easing": reversal.both_readings(eased.table, reopening.accounting_easing(accounted)),
        "specification_summary": robustness.summary(robustness.specification_curve(flows, money, form, **when)),
        "front_loading": front_loading.estimates(tried, flows, exporter, form, **when),
    }


@functools.cache
def summary(world: str, seed: int = SEED) -> tuple[wording.composer.Sentence, ...]:
    """Return the statements of a world."""
    return tuple(wording.summary(tables(world, seed)))


def text(world: str, seed: int = SEED) -> str:
    """Return the whole summary of a world."""
    return "\n".join(sentence.text for sentence in summary(world, seed))


def rules(world: str, seed: int = SEED) -> list[str]:
    """Return the rules that a world's summary was made from."""
    return [rule for sentence in summary(world, seed) for rule in sentence.rule.split("; ")]
