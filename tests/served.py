"""What the offices would answer if they held just the figures of the embedded ledger, and more that is INVENTED.

``Served`` turns figures into answers in the offices' shapes. Where an answer must name more partners than the ledger
holds (a total has to be the sum of its parts), the rest stands under one country that no test looks at, and the EU of
the US Census is dealt out to its members. ``invented_history`` gives monthly exports of China to every member of the
EU and of ASEAN since 2015, ``invented_mexico`` one country's on both customs' books: none of it is official.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable

import ledger
import numpy as np
import shapes
from local_offices import Asked, Reply

from helpers import countries, partners
from helpers.periods import month_range

ISO3 = {land.code: land.iso3 for land in countries.COUNTRIES}
CENSUS = {land.code: land.census for land in countries.COUNTRIES}
FILLER = "BR"  # takes what the totals hold beyond the partners of the ledger
Months = dict[str, float]


@functools.cache
def held(reporter: str, flow: str, concept: str, currency: str) -> dict[tuple[str, str], Months]:
    """Monthly values of the embedded ledger in millions, by (partner, product) and month, preferred vintage."""
    cells = ledger.cells()
    mine = cells[
        (cells["reporter_code"] == reporter) & (cells["flow"] == flow) & (cells["concept"] == concept)
        & (cells["currency"] == currency) & (cells["period_kind"] == "month") & cells["is_preferred"]
        & ~cells["is_derived"]
    ]  # fmt: skip
    found: dict[tuple[str, str], Months] = defaultdict(dict)
    for row in mine.itertuples(index=False):
        found[row.partner_code, row.product_code][row.period] = row.value_mn
    return dict(found)


@functools.cache
def invented_history(seed: int = 7, rise: float = 0.30) -> dict[str, Months]:
    """INVENTED exports of China to the members of the EU and of ASEAN, million dollars, 2015-01 to 2026-06.

    A trend, a season and noise; from April 2025 on the EU's members take ``rise`` more, ASEAN's take what they took.
    """
    draw = np.random.default_rng(seed)
    months = month_range("2015-01", "2026-06")
    season = 1 + 0.08 * np.sin(2 * np.pi * np.arange(12) / 12)
    out = {}
    common = {bloc: draw.normal(0, 0.03, len(months)) for bloc in ("EU", "ASEAN")}
    for bloc in ("EU", "ASEAN"):
        for code in partners.members_of(bloc):
            level = float(draw.uniform(100, 1200))
            values = level * np.exp(0.004 * np.arange(len(months)) + common[bloc] + draw.normal(0, 0.01, len(months)))
            values = values * season[np.arange(len(months)) % 12]
            if bloc == "EU":
                values = np.where(np.array(months) >= "2025-04", values * (1 + rise), values)
            out[code] = dict(zip(months, values.tolist(), strict=True))
    return out


@functools.cache
def invented_mexico(seed: int = 11, rise: float = 0.25) -> dict[str, Months]:
    """INVENTED trade from China to Mexico on both sides' books, million dollars, 2015-01 to 2026-06.

    ``china`` is what China's customs count: a trend, a season and noise, ``rise`` more from April 2025 on; ``own`` is
    what Mexico's count: a fifth more, and a little noise.
    """
    draw, months = np.random.default_rng(seed), month_range("2015-01", "2026-06")
    place = np.arange(len(months))
    values = 4_000 * np.exp(0.005 * place + draw.normal(0, 0.02, len(months))) * (1 + 0.06 * np.sin(np.pi * place / 6))
    values = np.where(np.array(months) >= "2025-04", values * (1 + rise), values)
    counted = 1.2 * values * np.exp(draw.normal(0, 0.01, len(months)))
    return {"china": dict(zip(months, values.tolist(), strict=True)),
            "own": dict(zip(months, counted.tolist(), strict=True))}  # fmt: skip


class Served:
    """Answers of the offices; ``history`` adds partners to China's exports as the IMF has them.

    ``revised`` multiplies every figure of one month, by month; ``figures`` takes the place of the embedded ledger, and
    ``filler`` that of the country that stands for the rest.
    """

    def __init__(self, history: dict[str, Months] | None = None, revised: dict[str, float] | None = None,
                 figures: Callable[[str, str, str, str], dict[tuple[str, str], Months]] = held, filler: str = FILLER
                 ) -> None:  # fmt: skip
        self.history, self.revised, self.figures, self.filler = history or {}, revised or {}, figures, filler

    def __call__(self, asked: Asked) -> Reply:
        time = asked.query.get("time", "from 1900-01 to 2100-12")
        first, last = asked.query.get("startPeriod", time[5:12]), asked.query.get("endPeriod", time[-7:])

        def inside(months: Months) -> Months:
            return {m: v * self.revised.get(m, 1.0) for m, v in months.items() if first <= m <= last}

        if asked.office == "imf":
            exports, imports = (self._imf(flow, inside) for flow in ("exports", "imports"))
            return Reply(exports + imports.partition(b"\n")[2], packed=True)
        if asked.office == "eurostat":
            return Reply(self._eurostat(asked.path, inside), packed=True)
        if asked.office == "abs":
            return Reply(self._abs(inside))
        if asked.office == "census" and asked.path.endswith("/hs"):
            return Reply(self._census(inside))
        return Reply(status=204)

    def _imf(self, flow: str, inside: Callable[[Months], Months]) -> bytes:
        own = self.figures("CN", flow, "exports_fob" if flow == "exports" else "imports_cif", "USD")
        rows = {code: inside(own.get((code, "TOTAL"), {})) for code in ("US", "AU")}
        rows |= {code: inside(months) for code, months in self.history.items()} if flow == "exports" else {}
        world = inside(own[partners.WORLD, "TOTAL"])
        rest = {month: value - sum(months.get(month, 0) for months in rows.values()) for month, value in world.items()}
        rows[self.filler] = {month: max(value, 0.0) for month, value in rest.items()}
        values = [(ISO3[code], month, f"{value * 1e6:.0f}") for code, months in rows.items()
                  for month, value in months.items()]  # fmt: skip
        values += [("G001", month, f"{max(value, value - rest[month]) * 1e6:.0f}") for month, value in world.items()]
        return shapes.imf("XG_FOB_USD" if flow == "exports" else "MG_CIF_USD", values)

    def _eurostat(self, path: str, inside: Callable[[Months], Months]) -> bytes:
        if "EA20" not in path:
            return shapes.eurostat("ext_st_eu27_2020sitc", "EU27_2020", [])
        own = self.figures("EA20", "imports", "imports", "EUR")
        rows = [(section, month, f"{value:.6f}") for section in "5678"
                for month, value in inside(own["CN", section]).items()]  # fmt: skip
        return shapes.eurostat("ext_st_easitc", "EA20", rows)

    def _abs(self, inside: Callable[[Months], Months]) -> bytes:
        own = self.figures("AU", "imports", "merchandise imports", "AUD")
        rows = {code: inside(months) for (code, product), months in own.items() if product == "TOTAL"}
        labels = {"CN": "China (excludes SARs and Taiwan)"}
        return shapes.abs_(
            ("TOT" if code == partners.WORLD else ISO3[code], labels.get(code, partners.name_of(code)), month,
             f"{value * 1e3:.3f}")
            for code, month, value in _with_rest(rows, self.filler)
        )  # fmt: skip

    def _census(self, inside: Callable[[Months], Months]) -> bytes:
        cells: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for concept in ("imports_general", "imports_for_consumption"):
            own = self.figures("US", "imports", concept, "USD")
            rows = {code: inside(months) for (code, product), months in own.items() if product == "TOTAL"}
            union = {month: round(value * 1e6) for month, value in rows.pop("EU27", {}).items()}
            for place, code in enumerate(partners.EU27_MEMBERS):
                rows.setdefault(code, {}).update(
                    {m: (whole // 27 if place else whole - 26 * (whole // 27)) / 1e6 for m, whole in union.items()}
                )
            for code, month, value in _with_rest(rows, self.filler):
                cells[code, month][concept] = f"{value * 1e6:.0f}"
        return shapes.census_totals(
            ("-" if code == partners.WORLD else CENSUS[code],
             "TOTAL FOR ALL COUNTRIES" if code == partners.WORLD else partners.name_of(code).upper(), month,
             cell.get("imports_general", ""), cell.get("imports_for_consumption", ""))
            for (code, month), cell in cells.items()
        )  # fmt: skip


def _with_rest(rows: dict[str, Months], filler: str) -> list[tuple[str, str, float]]:
    """List the cells, with the rest of the world under the filler in months whose total is held."""
    world = rows.get(partners.WORLD, {})
    others = {code: months for code, months in rows.items() if code != partners.WORLD}
    rest = {month: value - sum(months.get(month, 0) for months in others.values()) for month, value in world.items()}
    others[filler] = {month: others.get(filler, {}).get(month, 0) + value for month, value in rest.items()}
    every = {**others, partners.WORLD: world}
    return [(code, month, value) for code, months in every.items() for month, value in months.items()]
