"""The first tariff episode as a trial of the whole page: what it would have said, with data to a month only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import controls as money
from helpers import customs, destinations, excess, partners
from helpers.counterfactual import CANDIDATES, PERIODS_PER_YEAR, Form
from helpers.destinations import Flow
from helpers.stacks import Stack, pairs_of, stacks
from helpers.trials import Trials, donut_of, judged, trials

TRAIN_END, AS_OF = "2018-06", "2019-11"
# Months from the one reported to the one in which the office publishes it: figures of September stand in November.
PUBLICATION_LAG = {"US": 2, "AU": 2}
B1, B2_FIRST = ("2018-07", "2018-12"), "2019-01"
VINTAGE = "today's vintage; no print of 2019 is held"
JUDGED = ("placebo_error_bn", "low_bn", "high_bn", "mde80_bn", "origins", "degrees_of_freedom", "t_value", "reason")
# Destination and view of the flows that begin too late; reporter, partner and product of their cells.
WITHOUT = {
    ("US", "exporter: China's customs"): ("CN", "US", "TOTAL"),
    ("EU", "importer, proxy: euro area, SITC 5 to 8"): ("EA20", "CN", "7"),
    ("ASEAN", "exporter: China's customs"): ("CN", "ASEAN", "TOTAL"),
    ("WORLD", "exporter: China's customs"): ("CN", partners.WORLD, "TOTAL"),
    ("NON_US", "mixed: China's total less US customs' imports"): ("CN", partners.WORLD, "TOTAL"),
}
# What a study speaks of, beside all goods from China.
SAME_OBJECT, TARIFFED = "the same object", "another object: tariffed products only"
# Study, words of its quantity, our months, whether in money, sign (a loss is printed as a positive sum), object,
# definition.
COMPARED = (
    ("Jiang, Lu, Song, Zhang", "", ("2018-07", "2019-05"), False, 1, SAME_OBJECT,
     "Theirs: difference in differences on monthly Chinese customs; ours: all goods by US customs on their forecast."),
    ("Fajgelbaum et al. QJE 2020", "US imports of targeted varieties", ("2018-07", "2019-04"), False, 1, TARIFFED,
     "Theirs: tariffed varieties only; ours: all goods from China."),
    ("Nicita", "US imports of tariffed Chinese products", ("2019-01", "2019-06"), False, 1, TARIFFED,
     "Theirs: tariffed products only; ours: all goods."),
    ("Nicita", "Chinese export loss in US", ("2019-01", "2019-06"), True, -1, TARIFFED,
     "Theirs: loss on tariffed products; ours: all goods on their own forecast."),
)  # fmt: skip
# Words of study or quantity, and why it is not compared; the first that fits.
DEFINITIONS = (
    (("tariff on Chinese goods", "effective tariff"), "A tariff rate, not a flow of goods."),
    (("euro-area imports",), "Euro-area imports by origin begin in 2020 in the ledger: there is nothing of ours."),
    (("rerouting",), "Goods of Chinese origin sent through Vietnam, not China's exports to a destination."),
    (("gain in exports to US", "replaced by other", "third-country diversion"),
     "Other suppliers' gain in the US, not where China's goods went."),
    (("loss", "income", "welfare"), "A welfare figure, not a flow of goods."),
    (("pass-through", "price"), "A price response; the ledger's flows are values."),
    (("exports to China",), "Other countries' exports to China."),
)  # fmt: skip
# Who said beforehand, words of the quantity and destination; what came, over which months, and what it depended on.
_WEEKS = "tariffs of April 2025, which lasted weeks"
_PAUSE = "tariffs after the pause of May 2025, cut again in November 2025 and February 2026"
BEFOREHAND = (
    ("WTO", "Chinese exports", "US", "US", ("2025-01", "2025-12"), _WEEKS),
    ("WTO", "Chinese exports", "Europe", "EU", ("2025-01", "2025-12"), _WEEKS),
    ("WTO", "regions outside N. America", "non-N.America", "NON_US", ("2025-01", "2025-12"), _WEEKS),
    ("Kiel", "after May 2025 pause", "US", "US", ("2025-06", "2026-05"), _PAUSE),
    ("Kiel", "total Chinese exports", "World", "WORLD", ("2025-05", "2026-04"), _WEEKS),
)  # fmt: skip


def flows_until(cells: pd.DataFrame, controls: pd.DataFrame, as_of: str) -> dict[str, Flow]:
    """Return the importers' flows as a page of month ``as_of`` could have held them: no later month or lump.

    Figures are today's vintage: the ledger holds no print of 2019. A lump is judged by the months around it, so those
    are cut as well.

    Returns
    -------
    dict
        US and AU :class:`~helpers.destinations.Flow`, plain and share, billions of US dollars, ending
        :data:`PUBLICATION_LAG` months before ``as_of``.
    """
    out = {}
    for code in ("US", "AU"):
        last = str(pd.Period(as_of, "M") - PUBLICATION_LAG[code])
        held = cells[(cells["reporter_code"] == code) & (cells["product_code"] == "TOTAL") & (cells["period"] <= last)]
        held = held[held["is_preferred"].astype(bool)]
        concept = "imports_general" if code == "US" else None
        china, world = (customs.series(held, code, partner, concept=concept) for partner in ("CN", partners.WORLD))
        other = destinations.without_lumps((world - china).dropna(), destinations.lumps(held, code), code)
        value, share = (money.convert(one, controls, money.OWN_CURRENCY[code], "USD") / 1e3 for one in (china, other))
        grade = str(held.loc[held["partner_code"] == "CN", "evidence_grade"].max())
        where = f"{code}/CN/imports/month/{value.index[0]}..{value.index[-1]}"
        name = "the United States" if code == "US" else partners.name_of(code)
        out[code] = Flow(code, f"importer: customs of {name}", value, {"share": share}, "USD", grade, where)
    return out


def choose(stack: Stack, train_end: str, window: tuple[str, str]) -> tuple[Form, list[Form]]:
    """Choose the form as :func:`helpers.counterfactual.compare_forms` does, for all series of a stack at once.

    Returns
    -------
    tuple
        The form of the lowest mean placebo error relative to seasonal-naive, on the origins that all candidates share,
        and the forms within a tenth of it. Nothing after ``train_end`` is looked at.
    """
    rows, longest = stack.rows(*window), max(form.needed for form in CANDIDATES)
    places = rows - stack.row(train_end) - 1
    back = PERIODS_PER_YEAR * (places // PERIODS_PER_YEAR + 1)
    size, error = stack.weight[rows - back, None] * stack.value[rows - back], {}
    for form in CANDIDATES:
        shared = trials(stack, form, train_end).admissible(places)[longest - form.needed :]
        error[form] = np.sqrt(np.mean((size * np.expm1(shared)).sum(1) ** 2, axis=0))
    naive = error[next(form for form in CANDIDATES if form.trend == "seasonal_naive")]
    mean = {form: float((one / naive).mean()) for form, one in error.items()}
    best = min(mean, key=mean.get)
    return best, [form for form in CANDIDATES if mean[form] <= excess.NEAR_BEST * mean[best]]


def episode(cells: pd.DataFrame, controls: pd.DataFrame, *, train_end: str = TRAIN_END,
            as_of: str = AS_OF) -> tuple[pd.DataFrame, Stack, Form]:  # fmt: skip
    """Say what this page would have said of the first tariffs, with figures to the month then published.

    Training ends in June 2018 (first duties on 6 July). There is no donut: what was pulled forward in autumn 2018,
    ahead of the duties announced for January 2019, came after the first duties and lies inside B1; B2 pays it back.
    Figures are cut at the month then published, but as revised since: no print of 2019 is held.

    Parameters
    ----------
    cells, controls
        ``customs_monthly``, ``controls_monthly``; months after ``as_of`` are not looked at.

    Returns
    -------
    tuple
        Frame, key ``destination_code``, ``form``, ``window_id`` (B1 July to December 2018, B2 2019 to the last month
        held): ``view``, ``currency``, ``first_month``, ``last_month``, ``held_to``, ``trend``, ``training_periods``,
        ``actual_bn``, ``counterfactual_bn``, ``gap_bn``, ``gap_pct``, ``gap_low_bn`` to ``gap_high_bn`` (forms as good
        a choice, ``forms_tried`` of them), ``placebo_error_bn``, ``origins``, ``degrees_of_freedom``, ``t_value``,
        ``low_bn``, ``high_bn`` (95 %), ``mde80_bn``, ``kind`` (``interval_excludes_zero``, ``null``,
        ``not_calibratable``, ``accounting_only``), ``vintage``, ``reason``, ``inputs``. Then the flows side by side
        and the form, for :func:`found_later`.
    """
    flows = flows_until(cells, controls, as_of)
    (stack,) = stacks(pairs_of(flows))
    windows = {"B1": B1, "B2": (B2_FIRST, str(min(flow.value.index[-1] for flow in flows.values())))}
    best, near = choose(stack, train_end, B1)
    tried = {form: trials(stack, form, train_end) for form in (best, *near)}
    rows = []
    for window, span in windows.items():
        for column, (code, name) in enumerate(stack.names):
            rows.append(
                {
                    "destination_code": code, "form": name, "window_id": window, "view": flows[code].view,
                    "currency": "USD", "held_to": str(flows[code].value.index[-1]), "vintage": VINTAGE,
                    "inputs": flows[code].inputs, "first_month": span[0], "last_month": span[1],
                }
                | _said(tried, best, column, span, donut_of(train_end, B1[0]))
            )  # fmt: skip
    for (code, view), reason in _without(cells, train_end).items():
        for window, span in windows.items():
            rows.append(
                {
                    "destination_code": code, "form": "none", "window_id": window, "view": view, "vintage": VINTAGE,
                    "first_month": span[0], "last_month": span[1], "kind": "accounting_only", "reason": reason,
                    "origins": 0, "degrees_of_freedom": 0, "forms_tried": 0,
                }
            )  # fmt: skip
    return pd.DataFrame(rows), stack, best


def _said(tried: dict[Form, Trials], best: Form, column: int, span: tuple[str, str], donut: int) -> dict:
    """Gap, interval or reason, and the kind of sentence that the rules allow."""
    rows = tried[best].rows(*span)
    gap, expected, placebo = tried[best].gap_of(rows, column)
    found = judged(gap, placebo, tried[best].degrees(rows, donut), "bn")
    gaps = [held.gap(rows)[0][column] for held in tried.values()]
    kind = "not_calibratable"
    if not found["reason"]:
        kind = "interval_excludes_zero" if found["low_bn"] > 0 or found["high_bn"] < 0 else "null"
    return {
        "trend": best.trend, "training_periods": best.needed, "actual_bn": expected + gap,
        "counterfactual_bn": expected, "gap_bn": gap, "gap_pct": 100 * gap / expected, "gap_low_bn": min(gaps),
        "gap_high_bn": max(gaps), "forms_tried": len(gaps), "kind": kind,
    } | {key: found[key] for key in JUDGED}  # fmt: skip


def _without(cells: pd.DataFrame, train_end: str) -> dict[tuple[str, str], str]:
    """Flows that cannot be estimated before the first tariffs, by destination and view, with the reason."""
    needed, out = min(form.needed for form in CANDIDATES), {}
    for (code, view), (reporter, partner, product) in WITHOUT.items():
        months = int((customs.series(cells, reporter, partner, product=product).index <= train_end).sum())
        out[code, view] = f"months before the tariffs: {months}; periods needed: {needed}"
    return out


def found_later(published: pd.DataFrame, stack: Stack, form: Form, train_end: str = TRAIN_END) -> pd.DataFrame:
    """Put what was found later beside what the page would have said, where the definitions allow.

    Parameters
    ----------
    published
        ``published_estimates`` as read, text.
    stack, form
        From :func:`episode`.

    Returns
    -------
    pandas.DataFrame
        Key ``study``, ``quantity``, ``destination``, ``period``. ``published_text``, ``published_value``, ``unit``,
        ``source_url``; ``comparison`` (``compared`` or ``different definition``), ``definition`` (one sentence);
        where compared ``object`` (:data:`SAME_OBJECT` or :data:`TARIFFED`), ``is_money`` (a loss in billions of US
        dollars, positive; else percent), ``ours_value`` in the same unit, ``ours_low``, ``ours_high`` (95 %, empty
        without an interval), ``ours_first``, ``ours_last``, ``is_same_sign``, ``is_inside_ours``, ``reason``.
    """
    column, held = stack.names.index(("US", "plain")), trials(stack, form, train_end)
    rows = []
    for row in published[published["period"].str.contains(r"201[89]")].to_dict("records"):
        entry = {
            "study": row["study"], "quantity": row["quantity"], "destination": row["destination"],
            "period": row["period"], "published_text": row["value"], "unit": row["unit"],
            "published_value": pd.to_numeric(row["value"], errors="coerce"), "source_url": row["source_url"],
            "comparison": "different definition", "definition": _definition(row), "reason": "",
        }  # fmt: skip
        found = next((one for one in COMPARED if row["study"].startswith(one[0]) and one[1] in row["quantity"]), None)
        places = held.rows(*found[2]) if found else ()
        if len(places):
            _, _, span, in_money, sign, what, sentence = found
            gap, expected, placebo = held.gap_of(places, column)
            scale = 1.0 if in_money else 100 / expected
            ours = judged(gap, placebo, held.degrees(places, donut_of(train_end, B1[0])), "bn")
            value, *ends = (sign * scale * ours[key] for key in ("gap_bn", "low_bn", "high_bn"))
            low, high = sorted(ends) if not ours["reason"] else (np.nan, np.nan)
            entry |= {
                "comparison": "compared", "object": what, "is_money": in_money, "definition": sentence,
                "ours_value": value, "ours_low": low,
                "ours_high": high, "ours_first": span[0], "ours_last": span[1], "reason": ours["reason"],
                "is_same_sign": bool(np.sign(value) == np.sign(entry["published_value"])),
                "is_inside_ours": None if ours["reason"] else bool(low <= entry["published_value"] <= high),
            }  # fmt: skip
        rows.append(entry)
    frame = pd.DataFrame(rows)
    return frame.astype({"is_same_sign": "boolean", "is_inside_ours": "boolean", "is_money": "boolean"})


def _definition(row: dict[str, str]) -> str:
    for words, sentence in DEFINITIONS:
        if any(word in f"{row['study']} {row['quantity']}" for word in words):
            return sentence
    return "Another quantity than exports to a destination against their own forecast."


def scenarios(published: pd.DataFrame, growth: Callable[[str, str, str], tuple[float, float]], *,
              until: str) -> pd.DataFrame:  # fmt: skip
    """Put what models said beforehand beside what came; none of them is a forecast of what was then done.

    Parameters
    ----------
    published
        ``published_estimates`` as read, text.
    growth
        Destination, first and last month to the range of growth against a year before, percent, by China's customs:
        ``lambda code, *span: bounds[code].growth(*span)`` with :func:`helpers.ranges.bounds_of`.
    until
        Last month of China's own figures.

    Returns
    -------
    pandas.DataFrame
        Key ``study``, ``quantity``, ``destination``: ``said_pct``, ``unit``, ``conditional_on``, ``came_of``
        (destination whose outturn stands for it), ``first_month``, ``last_month``, ``came_pct`` (middle),
        ``came_low_pct``, ``came_high_pct``, ``miss_pp`` (came less said), ``reason`` (empty where an outturn is
        known), ``source_url``.
    """
    words = published["period"].str.cat(published["quantity"], sep=" ")
    rows = []
    for row in published[words.str.contains("scenario")].to_dict("records"):
        entry = {key: row[key] for key in ("study", "quantity", "destination", "unit", "source_url")}
        entry |= {"said_pct": float(row["value"]), "conditional_on": _WEEKS, "reason": "no outturn of this quantity"}
        for study, quantity, destination, code, span, condition in BEFOREHAND:
            if not (
                row["study"].startswith(study) and quantity in row["quantity"] and row["destination"] == destination
            ):
                continue
            entry |= {"conditional_on": condition, "came_of": code, "first_month": span[0], "last_month": span[1]}
            low, high = growth(code, *span) if span[1] <= until else (np.nan, np.nan)
            entry["reason"] = f"months up to {span[1]} are not all known"
            if np.isfinite(high - low):
                came = (low + high) / 2
                entry |= {"came_pct": came, "came_low_pct": low, "came_high_pct": high, "reason": ""}
                entry["miss_pp"] = came - entry["said_pct"]
            break
        rows.append(entry)
    return pd.DataFrame(rows)
