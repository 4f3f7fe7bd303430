"""How much of a gap is the forecaster's choice, and what could be seen at all: here, as it repeats the counterfactual.

The specification curve with its placebo dates (Simonsohn, Simmons and Nelson 2020), p-values for several series at
once (Westfall and Young 1993), detectable effects. All in numpy, on the forecasts of ``trials.py``.

Shapes: R series, N placebo origins, H periods of a window, J series of a family.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers import controls as money
from helpers import spans
from helpers.breaks import power_of
from helpers.counterfactual import CONFIDENCE, LEAST_DEGREES, POWER, REGRESSIONS, Form
from helpers.destinations import Flow
from helpers.excess import CALIBRATED, Results
from helpers.stacks import Stack, pairs_of, rates_of, stacks
from helpers.trials import Trials, donut_of, log_errors, needed_of, not_overlapping, too_few, verdict

TRENDS = ("seasonal_naive", "seasonal_drift", *REGRESSIONS)
TRAININGS = (22, 33, 44, 55, 0)  # periods; 0 is everything since the series begins
ENDS, BARRED_FROM = ("2024-10", "2024-12", "2025-03"), "2024-11"
CURRENCIES = ("USD", "CNY", "partner")
AXES = ("trend", "training", "train_end", "covid", "form", "currency")
MONEY = ("gap", "counterfactual", "placebo_error")
KEY = ["destination_code", "window_id"]
SERIES = ["destination_code", "form", "window_id"]
EQUAL = 1e-9
POWER_GRID = (2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 80.0)  # percent
STATISTICS = {
    "median gap": "% of the counterfactual", "median t": "t", "share clear of zero": "% of specifications",
    "share of one sign": "% of specifications",
}  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """The specification curve, and the same curve at placebo dates.

    ``placebo`` holds, per (destination, window), gaps in percent of the counterfactual: a row per ``spec_id``, a column
    per first evaluated month that all specifications share, and ``now``, the window itself.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    placebo: dict[tuple[str, str], pd.DataFrame]


def specification_curve(flows: dict[str, Flow], controls: pd.DataFrame, headline: Form, *, train_end: str, month: str,
                        currencies: tuple[str, ...] = CURRENCIES,
                        calibrated: tuple[str, ...] = CALIBRATED) -> Curve:  # fmt: skip
    """Estimate every feasible specification of every flow in every window that has begun, and keep the distinct ones.

    A specification is a trend, the periods of training, an end of training, a donut (November 2024 to March 2025
    barred from training, or not), dummies for early 2020 or none, plain or share form, and a currency. With the donut
    training cannot end inside it; without it, and ending in October 2024, the numbers are those with it. Two
    specifications are the same when gap, counterfactual and placebo error agree to 1e-9. January and February are
    merged throughout; the split calendar is not run.

    Parameters
    ----------
    flows, controls
        From :func:`helpers.destinations.flows` (billions), and ``controls_monthly``.
    headline, train_end
        Form and end of training of the headline; the end joins the grid if it is not in it.
    month, currencies
        Last month of the report; some of ``USD``, ``CNY``, ``partner``.
    calibrated
        Destinations whose placebo errors may carry an interval; the others get point gaps.

    Returns
    -------
    Curve
        ``table``, key ``destination_code``, ``window_id``, ``spec_id``: the choices ``form``, ``trend``, ``training``
        (periods, ``all``, or ``last years`` where the form leaves no choice), ``train_end``, ``covid``, ``currency``;
        ``gap_bn``, ``counterfactual_bn``, ``placebo_error_bn`` in billions of ``currency``; ``gap_usd_bn`` at the
        window's mean rate; ``gap_pct``, ``placebo_error_pct``, ``low_pct``, ``high_pct`` (95 %) in percent of the
        counterfactual; ``origins``, ``degrees_of_freedom``, ``t_value``, ``p_value``; flags ``has_interval``,
        ``excludes_zero``, ``is_headline``; ``reason``. ``counts``, key ``destination_code``, ``window_id``:
        ``combinations`` of the grid, ``feasible``, ``distinct``, ``distinct_gaps`` (whatever the placebo error).
    """
    ends, begun = tuple(sorted({train_end, *ENDS})), spans.windows(month)
    groups: dict[tuple[str, str, str, str], list] = {}
    tried: dict[tuple[str, str], int] = {}
    for stack in stacks(pairs_of(flows, month), rates_of(flows, controls, currencies)):
        grid = _tried(stack, ends)
        for window, span in begun.items():
            runs = _runs(stack, grid, span)
            for column, (code, form, currency) in enumerate(stack.names):
                held = [(run, column) for run in runs if np.isfinite(run["gap"][column])]
                tried[code, window] = tried.get((code, window), 0) + len(TRENDS) * len(TRAININGS) * 4 * len(ends)
                groups.setdefault((code, window, form, currency), []).extend(held)
    rows, counts, members = [], [], {}
    for (code, window, form, currency), held in groups.items():
        numbers = [[run[name][at] for name in ("gap", "counterfactual", "error")] for run, at in held]
        numbers = np.array(numbers).reshape(len(held), 3)
        kept = first_of_equals(numbers)
        counts.append((code, window, len(held), kept.sum(), first_of_equals(numbers[:, :2]).sum()))
        for run, at in (held[place] for place in np.flatnonzero(kept)):
            name = "|".join([code, form, currency, *run["choice"].values()])
            name = hashlib.sha256(name.encode()).hexdigest()[:10]
            found = {f"{key}_bn": run[key.removeprefix("placebo_")][at] for key in MONEY}
            rows.append({"destination_code": code, "window_id": window, "spec_id": name, "form": form,
                         "currency": currency, **run["choice"], **found, "origins": len(run["placebo"]),
                         "degrees_of_freedom": run["nu"]})  # fmt: skip
            members.setdefault((code, window), []).append((name, run, at))
    table = _judged(pd.DataFrame(rows), controls, begun, calibrated)
    own = table["destination_code"].map({code: flow.currency for code, flow in flows.items()})
    choice = ("trend", "training", "train_end", "covid")
    marked = table[list(choice)] == [headline.trend, _training_of(headline), train_end, "as is"]
    table["is_headline"] = marked.all(axis=1) & (table["currency"] == own)
    counted = pd.DataFrame(counts, columns=[*KEY, "feasible", "distinct", "distinct_gaps"])
    counted = counted.groupby(KEY, sort=False).sum().reset_index()
    counted.insert(2, "combinations", [tried[key] for key in zip(*(counted[name] for name in KEY), strict=True)])
    return Curve(table, counted, {key: _shared(held) for key, held in members.items()})


def first_of_equals(numbers: np.ndarray) -> np.ndarray:
    """Mark the rows that no earlier row equals to 1e-9 of their size; shape (n, k) to (n,), NaN equals NaN."""
    labels = np.empty(numbers.shape, dtype=int)
    for column, held in enumerate(numbers.T):
        order = np.argsort(held, kind="stable")
        steps = np.diff(held[order]) > EQUAL * np.abs(held[order][1:])
        labels[order, column] = np.cumsum([0, *steps])[: len(held)]
        labels[np.isnan(held), column] = -1
    return np.isin(np.arange(len(numbers)), np.unique(labels, axis=0, return_index=True)[1])


def _training_of(form: Form) -> str:
    return "last years" if form.trend not in REGRESSIONS else str(form.window or "all")


def _tried(stack: Stack, ends: tuple[str, ...]) -> list[tuple[dict[str, str], int, Trials]]:
    """Run the grid of a stack: choices, donut and trials of every form that has its training, by end of training."""
    rows = {end: stack.row(end) for end in ends if stack.row(end) >= 0}
    errors: dict = {}
    known: dict = {}
    out = []
    for end, row in rows.items():
        donut = donut_of(end)
        for form in (Form(trend, window) for trend in TRENDS for window in TRAININGS):
            for covid in (False, True) if row >= needed_of(form) - 1 else ():
                key = (form.trend, _training_of(form), covid and form.trend in REGRESSIONS)
                if key not in errors:
                    steps = len(stack.months) - 1 - min(rows.values())
                    errors[key] = log_errors(stack, form, max(rows.values()), steps, covid=key[2])
                if (key, end) not in known:
                    known[key, end] = Trials.at(stack, form, row, errors[key])
                names = (*key[:2], end, "dummies" if key[2] else "as is")
                out.append((dict(zip(AXES[:4], names, strict=True)), donut, known[key, end]))
    return out


def _runs(stack: Stack, tried: list[tuple[dict[str, str], int, Trials]], span: tuple[str, str]) -> list[dict]:
    """Sum the trials up over one window; arrays (R,), ``placebo`` (N, R). Empty: the window is not all held."""
    rows, runs = stack.rows(*span), []
    for choice, donut, held in tried if len(rows) else ():
        places = rows - held.end - 1
        if places[0] < 0:
            continue
        gap, size, placebo = held.gap(places)
        squares = np.square(placebo).sum(0)
        run = {
            "gap": gap, "counterfactual": size, "placebo": placebo, "months": stack.months, "choice": choice,
            "error": np.sqrt(squares / len(placebo)) if len(placebo) else np.full(len(gap), np.nan),
            "first": rows[0] - len(held.origins), "nu": held.degrees(places, donut),
        }  # fmt: skip
        # With and without the donut the numbers are the same where training ends before it.
        runs += [run] * (2 if choice["train_end"] < BARRED_FROM else 1)
    return runs


def _judged(table: pd.DataFrame, controls: pd.DataFrame, begun: dict, calibrated: tuple[str, ...]) -> pd.DataFrame:
    """Add what follows from gap, error and degrees of freedom: percent, dollars, t, interval, flags, reason."""
    for currency, held in table.groupby("currency"):
        rate = 1.0 if currency == "USD" else money.per_dollar(controls, currency)
        mean = {window: rate if currency == "USD" else rate.loc[slice(*span)].mean() for window, span in begun.items()}
        table.loc[held.index, "gap_usd_bn"] = held["gap_bn"] / held["window_id"].map(mean)
    for name in ("gap", "placebo_error"):
        table[f"{name}_pct"] = 100 * table[f"{name}_bn"] / table["counterfactual_bn"]
    enough = table["degrees_of_freedom"] >= LEAST_DEGREES
    table["has_interval"] = enough & table["destination_code"].isin(calibrated)
    nu = table["degrees_of_freedom"].where(table["has_interval"])
    found = verdict(*(one.to_numpy(float) for one in (table["gap_pct"], table["placebo_error_pct"], nu)))
    table["t_value"], table["p_value"] = found["t_value"], found["p_value"]
    table["low_pct"], table["high_pct"] = found["low"], found["high"]
    table["excludes_zero"] = table["has_interval"] & (table["p_value"] < 1 - CONFIDENCE)
    few = [too_few(*one) for one in zip(table["origins"], table["degrees_of_freedom"], strict=True)]
    point = pd.Series(few, table.index, dtype="str").where(~enough, "point gap only: a proxy or a mixed view")
    table["reason"] = point.where(~table["has_interval"], "")
    return table


def _shared(held: list[tuple[str, dict, int]]) -> pd.DataFrame:
    """Gaps in percent at the first evaluated months that all members share, and the gap itself (``now``)."""
    begin = max(run["first"] for _, run, _ in held)
    stop = max(begin, min(run["first"] + len(run["placebo"]) for _, run, _ in held))
    percent = np.empty((len(held), stop - begin + 1))
    for place, (_, run, at) in enumerate(held):
        percent[place, :-1] = run["placebo"][begin - run["first"] : stop - run["first"], at]
        percent[place] *= 100 / run["counterfactual"][at]
        percent[place, -1] = 100 * run["gap"][at] / run["counterfactual"][at]
    return pd.DataFrame(percent, [name for name, _, _ in held], [*held[0][1]["months"][begin:stop], "now"])


def summary(found: Curve) -> pd.DataFrame:
    """Sum the curve up per destination and window, over all forms and form by form.

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``window_id``, ``form`` (``all``, or one). ``specifications``; ``gap_pct`` (percent of
        the counterfactual) and ``gap_usd_bn``, each as ``median_``, ``p5_``, ``p95_``; ``headline_gap_pct`` (plain form
        in rows ``all``), ``same_sign_pct`` (share with its sign), ``lower_pct`` (share of smaller gaps),
        ``with_interval``, ``clear_pct`` (share of these whose interval excludes zero on the headline's side);
        ``straight`` and ``clear_straight_pct``, the same without quadratic trends, whose errors are the largest. In
        rows ``all`` also the ``counts`` of the curve, ``widest_axis`` and ``widest_axis_pp`` from :func:`axes`.
        ``reason``, ``inputs`` (the headline's row).
    """
    by = [*KEY, "form"]
    marked = found.table[found.table["is_headline"]]
    heads = pd.concat([marked[marked["form"] == "plain"].assign(form="all"), marked]).set_index(by)["gap_pct"]
    both = pd.concat([found.table.assign(form="all"), found.table], ignore_index=True)
    both = both.join(heads.rename("headline_gap_pct"), on=by)
    known, gap = both["headline_gap_pct"].notna(), both["gap_pct"]
    same = np.sign(gap) == np.sign(both["headline_gap_pct"])
    both["same_sign_pct"] = 100 * same.astype(float).where(known)
    both["lower_pct"] = 100 * (gap < both["headline_gap_pct"]).astype(float).where(known)
    both["clear_pct"] = 100 * (same & both["excludes_zero"]).astype(float).where(known & both["has_interval"])
    both["straight"] = both["trend"] != "quadratic"
    both["clear_straight_pct"] = both["clear_pct"].where(both["straight"])
    groups = both.groupby(by, sort=False)
    means = ["headline_gap_pct", "same_sign_pct", "lower_pct", "clear_pct", "clear_straight_pct"]
    table = (
        groups[means]
        .mean()
        .assign(
            specifications=groups.size(), with_interval=groups["has_interval"].sum(), straight=groups["straight"].sum()
        )
    )
    for name in ("gap_pct", "gap_usd_bn"):
        spread = groups[name].quantile([0.05, 0.5, 0.95]).unstack()
        table[[f"p5_{name}", f"median_{name}", f"p95_{name}"]] = spread
    wide = axes(found).sort_values("range_pp", ascending=False, kind="stable").drop_duplicates(KEY)
    wide = wide.set_index(KEY)[["axis", "range_pp"]].set_axis(["widest_axis", "widest_axis_pp"], axis=1)
    once = found.counts.join(wide, on=KEY).assign(form="all")
    table = once.merge(table.reset_index(), on=by, how="outer", sort=False).fillna({"specifications": 0})
    counts = ["combinations", "feasible", "distinct", "distinct_gaps", "specifications", "with_interval", "straight"]
    table[counts] = table[counts].astype("Int64")
    nothing, bare = (table[name].fillna(0).to_numpy(int) == 0 for name in ("specifications", "with_interval"))
    reasons = ["no specification has its training and the whole window", "point gaps only: no interval is calibrated"]
    behind = "excess/" + table["destination_code"] + "/plain/" + table["window_id"]
    return table.assign(reason=np.select([nothing, bare], reasons, ""), inputs=behind)


def axes(found: Curve) -> pd.DataFrame:
    """Medians of the gap by each choice: which of them moves it most (training and dummies without naive forms).

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``window_id``, ``axis``, ``choice``. ``specifications``, ``median_gap_pct`` (percent
        of the counterfactual), ``range_pp`` (highest less lowest median on the axis, percentage points).
    """
    tables = []
    for axis in AXES:
        held = found.table
        held = held[held["trend"].isin(REGRESSIONS)] if axis in ("training", "covid") else held
        table = held.groupby([*KEY, axis])["gap_pct"].agg(["size", "median"]).reset_index()
        table.columns = [*KEY, "choice", "specifications", "median_gap_pct"]
        groups = table.groupby(KEY)["median_gap_pct"]
        tables.append(table.assign(axis=axis, range_pp=groups.transform("max") - groups.transform("min")))
    return pd.concat(tables, ignore_index=True)


def standardised(gaps: np.ndarray) -> np.ndarray:
    """Divide each gap by the root mean square of all others in its row, so that every date is treated alike."""
    squares = np.square(gaps)
    return gaps / np.sqrt((squares.sum(-1, keepdims=True) - squares) / (gaps.shape[-1] - 1))


def joint_test(found: Curve, *, month: str, calibrated: tuple[str, ...] = CALIBRATED) -> tuple[pd.DataFrame, ...]:
    """Run the whole curve at every earlier date that its specifications share, and rank the window among these dates.

    A gap's t is taken over the same specification's gaps at all other dates, the window among them where a placebo date
    is judged: without an effect all dates are alike (Simonsohn, Simmons and Nelson 2020 permute; here time can only be
    shifted). The dates overlap, so 1 / (N + 1) promises more than the past holds: ``floor_not_overlapping`` is the
    smallest p-value that dates without overlap could give. In the worlds of ``coverage.py`` (300 replicates each) the
    ranks of the medians reject at 5 % in .04 to .08 and ``p_value_t`` in .02 to .06. Ranks of the shares would reject
    in .03 to .15: shares are described, not tested.

    Returns
    -------
    tuple of pandas.DataFrame
        Tests, key ``destination_code``, ``window_id``, ``statistic``: ``unit``, ``observed``, ``placebo_p5``,
        ``placebo_median``, ``placebo_p95``, ``p_value`` (two-sided rank; medians only), ``resolution``, ``p_value_t``
        (the median gap over its placebo error, t with the dates that do not overlap; there only), ``specifications``,
        ``dates``, ``dates_not_overlapping``, ``floor_not_overlapping``, ``reason``.
        Dates, key ``destination_code``, ``window_id``, ``first_month`` (``now`` is the window itself):
        ``median_gap_pct``, ``median_t``, ``clear_pct`` (specifications clear of zero at 5 % on the median's side),
        ``one_sign_pct`` (specifications with the median's sign).
    """
    tests, dates = [], []
    for (code, window), table in found.placebo.items():
        gaps, count = table.to_numpy(), table.shape[1] - 1
        nu = not_overlapping(count, *spans.windows(month)[window])
        common = {"destination_code": code, "window_id": window, "specifications": len(table), "dates": count,
                  "dates_not_overlapping": nu}  # fmt: skip
        if nu < LEAST_DEGREES or code not in calibrated:
            reason = f"not tested: {count} dates that all specifications share, {nu} that do not overlap"
            tests.append(common | {"statistic": "none", "unit": "", "reason": reason})
            continue
        scaled, middle = standardised(gaps), np.median(gaps, axis=0)
        same = np.sign(gaps) == np.sign(middle)
        clear = same & (np.abs(scaled) > stats.t.ppf((1 + CONFIDENCE) / 2, nu))
        found_at = [middle, np.median(scaled, axis=0), 100 * clear.mean(0), 100 * same.mean(0)]
        names = dict(zip(("median_gap_pct", "median_t", "clear_pct", "one_sign_pct"), found_at, strict=True))
        dates.append(
            pd.DataFrame({**dict(zip(KEY, (code, window), strict=True)), "first_month": table.columns, **names})
        )
        own = middle[-1] / np.sqrt(np.square(middle[:-1]).mean())
        for (name, unit), (*null, now) in zip(STATISTICS.items(), found_at, strict=True):
            tested = name.startswith("median")
            rank = (1 + (np.abs(null) >= abs(now) - EQUAL).sum()) / (count + 1)
            spread = zip(
                ("placebo_p5", "placebo_median", "placebo_p95"), np.quantile(null, [0.05, 0.5, 0.95]), strict=True
            )
            tests.append(common | dict(spread) | {
                "statistic": name, "unit": unit, "observed": now, "p_value": rank if tested else np.nan,
                "resolution": 1 / (count + 1), "floor_not_overlapping": 1 / (nu + 1),
                "p_value_t": 2 * stats.t.sf(abs(own), nu) if name == "median gap" else np.nan,
                "reason": "" if tested else "described, not tested: this rank rejects too often",
            })  # fmt: skip
    return pd.DataFrame(tests), pd.concat(dates, ignore_index=True) if dates else pd.DataFrame()


def westfall_young(gaps: np.ndarray, placebo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step-down max-t p-values from placebo vectors that keep the dependence between series (Westfall and Young 1993).

    Parameters
    ----------
    gaps, placebo
        Gaps, shape (J,), and placebo gaps at origins that all series share, shape (N, J).

    Returns
    -------
    tuple of numpy.ndarray
        Rank p-values one by one, and adjusted for all J; shape (J,), never below 1 / (N + 1).
    """
    scaled = np.abs(standardised(np.vstack([placebo, gaps]).T)).T
    observed, null = scaled[-1], scaled[:-1]
    order = np.argsort(-observed, kind="stable")
    highest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    alone, steps = (1 + (n >= o - EQUAL).sum(0) for n, o in ((null, observed), (highest, observed[order])))
    adjusted = np.empty(len(gaps))
    adjusted[order] = np.maximum.accumulate(steps) / (len(null) + 1)
    return alone / (len(null) + 1), adjusted


def family(results: Results) -> pd.DataFrame:
    """Adjust the p-values of the headline for looking at several destinations and forms, window by window.

    Returns
    -------
    pandas.DataFrame
        Key ``destination_code``, ``form``, ``window_id``. ``gap_bn`` (billions of the estimate's currency),
        ``t_value``, ``p_value`` (t), ``p_holm`` (t, Holm 1979), ``p_rank``, ``p_westfall_young``, ``resolution``,
        ``family`` (series in it), ``origins`` (shared), ``origins_not_overlapping``, ``reason``.
    """
    tables = []
    for window, held in results.excess.groupby("window_id", sort=False):
        table = held[[*SERIES, "gap_bn", "t_value", "p_value", "reason"]].copy()
        errors = results.placebo[results.placebo["window_id"] == window]
        errors = errors.pivot(index="origin", columns=SERIES[:2], values="error_bn")
        names = pd.MultiIndex.from_frame(held[SERIES[:2]])
        inside = (held["status"] == "interval") & names.isin(errors.columns)
        alone = (held["status"] == "interval") & ~inside
        table.loc[alone, "reason"] = "not adjusted: its placebo errors are not kept by origin"
        matrix = errors[list(names[inside])].dropna().to_numpy()
        if len(matrix):
            p = held.loc[inside, "p_value"].sort_values(kind="stable")
            table["p_holm"] = (p * np.arange(len(p), 0, -1)).cummax().clip(upper=1)
            table.loc[inside, ["p_rank", "p_westfall_young"]] = np.transpose(
                westfall_young(held.loc[inside, "gap_bn"].to_numpy(), matrix)
            )
            table.loc[inside, ["resolution", "family", "origins", "origins_not_overlapping"]] = (
                1 / (len(matrix) + 1), len(p), len(matrix), held.loc[inside, "degrees_of_freedom"].min(),
            )  # fmt: skip
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def detectable(excess: pd.DataFrame, grid: tuple[float, ...] = POWER_GRID) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How large a gap would have had to be: the effect seen with a chance of 80 %, and the chance for a grid of them.

    Returns
    -------
    tuple of pandas.DataFrame
        Effects, key ``destination_code``, ``form``, ``window_id``; percent of the counterfactual: ``gap_pct``,
        ``placebo_error_pct``, ``mde80_pct`` (the printed sum of two t quantiles), ``mde80_exact_pct`` (noncentral t);
        ``mde80_exact_bn``, ``degrees_of_freedom``, ``reason``. Curve, the same key and ``effect_pct`` (the grid):
        ``effect_bn``, ``power_pct``.
    """
    inside = excess["status"] == "interval"
    table = excess[[*SERIES, "gap_pct", "degrees_of_freedom", "reason"]].copy()
    percent = (100 / excess["counterfactual_bn"]).where(inside)
    table["gap_pct"], table["mde80_pct"] = table["gap_pct"].where(inside), excess["mde80_bn"] * percent
    table["placebo_error_pct"] = excess["placebo_error_bn"] * percent
    nu = table["degrees_of_freedom"].astype(float)
    reach = {n: optimize.brentq(lambda x, n=n: power_of(x, n) - POWER, 1, 6, xtol=1e-12) for n in nu[inside].unique()}
    table["mde80_exact_pct"] = table["placebo_error_pct"] * nu.map(reach)
    table["mde80_exact_bn"] = table["mde80_exact_pct"] / percent
    curve = table[inside].merge(pd.DataFrame({"effect_pct": grid}), how="cross")
    size = curve["effect_pct"] / curve["placebo_error_pct"]
    curve["effect_bn"] = size * excess["placebo_error_bn"][inside].repeat(len(grid)).to_numpy()
    curve["power_pct"] = 100 * power_of(size.to_numpy(), curve["degrees_of_freedom"].to_numpy(float))
    return table, curve[[*SERIES, "effect_pct", "effect_bn", "power_pct"]]
