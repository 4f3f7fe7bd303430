"""Every promise of the method tried on invented flows, stored with the hash of the code that made it.

The tests T1 to T14 of the specification that need simulated worlds: at CI size in every test run, at nightly size by
command. ``study.json`` beside it holds both; the methodology and page 05 are drawn from it.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers import counterfactual, coverage, periods, rounding, spans, stacks, trials
from helpers.counterfactual import Form
from helpers.coverage import SEED, TRAIN_END, WORLDS
from helpers.stacks import Stack
from helpers.tables import described

STORED = Path(__file__).with_name("study.json")
SIZES = {"ci": 200, "nightly": 2000}
COMMAND = ".venv/bin/diversion docs --study"
COVERED, TEXTBOOK_FAILS, FALSE_ALARM = (0.92, 0.99), 0.85, 0.08
PUSH, FORM = 0.10, Form("linear", 44)
SPLIT, ROUNDED_TO, BILLIONS = 20, 0.1, 6.0  # flows whose holiday is moved; billion; a month of Australia's imports
WORDS = {
    "T1": "95 % sets hold the truth, form chosen in each draw",
    "T2": "the textbook dummy fails where noise is autocorrelated",
    "T7": "no gap is found where there is none",
    "T8": "a pure supply push shows as excess as often as its power says, never as a US loss or in words as diversion",
    "T10": "a New Year moved from January to February moves no gap",
    "T11": "goods only brought forward are no loss net, and look like one gross",
    "T13": "rounding to a tenth of a billion stays inside its band",
    "T14": "the same seed gives the same bytes",
}
COLUMNS = ["test", "world", "quantity", "value", "standard_error", "bound_low", "bound_high", "repetitions", "passes"]
POWER_OFF = 0.05  # share found against share predicted
SAID = "destination: exposure not shown"  # the rule that speaks of a rise which products do not explain
Say = Callable[[dict[str, pd.DataFrame]], list]  # result tables to sentences: wording.summary, which lives above


def _range(low: float, high: float) -> str:
    """Return a range to three significant digits, or one number where both ends are the same."""
    ends = ["0" if abs(value) < 1e-9 else f"{value:.3g}" for value in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def code_hash() -> str:
    """Return the hash of the modules whose code decides the numbers; comments, docstrings and layout do not count."""
    modules = (counterfactual, coverage, periods, rounding, spans, stacks, trials)
    files = [*(Path(module.__file__) for module in modules), Path(__file__)]
    trees = [_without_docstrings(ast.parse(file.read_text(encoding="utf-8"))) for file in files]
    return hashlib.sha256("".join(map(ast.dump, trees)).encode()).hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return tree


def study(repetitions: int, seed: int = SEED, say: Say | None = None) -> pd.DataFrame:
    """Run every test with this many replicates a world.

    Below the nightly size bounds on shares are wider by two Monte Carlo standard errors.

    Parameters
    ----------
    repetitions, seed
        Replicates a world; seed.
    say
        :func:`helpers.wording.summary`; without it the words of T8 are not tried.

    Returns
    -------
    pandas.DataFrame
        Key ``test``, ``world``, ``quantity``: ``value``, its Monte Carlo ``standard_error`` (shares and means only),
        ``bound_low`` and ``bound_high`` (empty where none is promised), ``repetitions``, flag ``passes``.
    """
    return judged([*_tests(repetitions, seed, say), _same_bytes(seed)])


def _tests(repetitions: int, seed: int, say: Say | None) -> list[tuple]:
    slack = 2.0 if repetitions < SIZES["nightly"] else 0.0
    return [
        *_coverage(repetitions, seed, slack), *_supply_push(repetitions, seed, slack, say), _holiday(seed),
        *_front_loading(repetitions, seed), *_rounding(repetitions, seed),
    ]  # fmt: skip


def judged(rows: list[tuple]) -> pd.DataFrame:
    """Hold values against their bounds; a value that is missing passes none."""
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    low, high = table["bound_low"].fillna(-np.inf), table["bound_high"].fillna(np.inf)
    return table.assign(passes=(table["value"] >= low) & (table["value"] <= high))


def _share(value: float, low: float, high: float, repetitions: int, slack: float) -> tuple[float, float, float, float]:
    """Return a share, its standard error and its bounds, widened by ``slack`` standard errors of a share at them."""
    wide = [slack * np.sqrt(bound * (1 - bound) / repetitions) for bound in (low, high)]
    return value, _error(value, repetitions), max(low - wide[0], 0.0), min(high + wide[1], 1.0)


def _error(share: float, repetitions: int) -> float:
    return float(np.sqrt(share * (1 - share) / repetitions))


def _coverage(repetitions: int, seed: int, slack: float) -> list[tuple]:
    rows = []
    for found in coverage.coverage_table(repetitions, seed).itertuples(index=False):
        for name in ("us_gap", "au_gap", "ratio"):
            rows.append(("T1", found.world, name, *_share(getattr(found, name), *COVERED, repetitions, slack)))
        correlated = found.world != WORLDS[0].name
        name = "textbook" if correlated else "textbook, independent noise"
        rows.append(("T2", found.world, name, found.textbook, _error(found.textbook, repetitions), np.nan,
                     TEXTBOOK_FAILS if correlated else np.nan))  # fmt: skip
        rows.append(("T7", found.world, "false alarm", *_share(found.placebo_rejected, 0.0, FALSE_ALARM, repetitions,
                                                               slack)))  # fmt: skip
    return [(*row, repetitions) for row in rows]


def _flows(world: int, sd: float, repetitions: int, seed: int, test: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw flows of one world without an effect: calendar, and values of shape (T, repetitions)."""
    rows = coverage.calendar()
    return rows, np.exp(coverage.draw(WORLDS[world], sd, rows, repetitions, np.random.default_rng([seed, test, world])))


def _tried(rows: pd.DataFrame, value: np.ndarray) -> trials.Trials:
    return trials.trials(Stack.on(rows, value), FORM, TRAIN_END)


def _pushed(number: int, repetitions: int, seed: int) -> tuple[np.ndarray, ...]:
    """Gaps (2, R) of a US and another flow that both rose by a tenth, their placebo errors, degrees (R,), the rise."""
    rows = coverage.calendar()
    random = np.random.default_rng([seed, 8, number])
    logs = [coverage.draw(WORLDS[number], sd, rows, repetitions, random) for sd in coverage.NOISE_SD]
    months = rows.index.astype(str)
    post = np.flatnonzero(months >= spans.WINDOWS["W1"][0])
    chosen = coverage.choose(rows, logs, int(np.flatnonzero(months == TRAIN_END)[0]), post)
    gaps, errors, nu = np.empty((2, repetitions)), np.empty((2, repetitions)), np.empty(repetitions, dtype=int)
    for form in np.unique(chosen):
        mine = np.flatnonzero(chosen == form)
        for flow in (0, 1):
            value = np.exp(logs[flow][:, mine])
            value[post] *= 1 + PUSH
            held = trials.trials(Stack.on(rows, value), counterfactual.CANDIDATES[form], TRAIN_END)
            places = held.rows(*spans.WINDOWS["W1"])
            gaps[flow, mine], size, placebo = held.gap(places)
            errors[flow, mine] = np.sqrt(np.square(placebo).mean(0))
        nu[mine] = held.degrees(places, trials.donut_of(TRAIN_END))
    return gaps, errors, nu, PUSH * (rows["weight"].to_numpy()[post, None] * np.exp(logs[1][post])).sum(0)


def _supply_push(repetitions: int, seed: int, slack: float, say: Say | None) -> list[tuple]:
    """A tenth more for all from April 2025 on, nothing lost or turned away: what is found, and what is said of it."""
    out = []
    for number, world in enumerate(WORLDS):
        gaps, errors, nu, added = _pushed(number, repetitions, seed)
        limit = stats.t.ppf(0.975, nu)
        lost, found = gaps[0] < -limit * errors[0], gaps[1] > limit * errors[1]
        # Noncentral t at each draw's own placebo error.
        power = stats.nct.sf(limit, nu, added / errors[1]).mean()
        wide = POWER_OFF + slack * _error(power, repetitions)
        out += [
            ("T8", world.name, "excess found", found.mean(), _error(found.mean(), repetitions), np.nan, np.nan),
            ("T8", world.name, "excess found less power", found.mean() - power, _error(found.mean(), repetitions),
             -wide, wide),
            ("T8", world.name, "US loss found", *_share(lost.mean(), 0.0, FALSE_ALARM, repetitions, slack)),
        ]  # fmt: skip
        if say:
            said, diverted = _said(say, gaps, errors, limit)
            out += [
                ("T8", world.name, "excess said not to be shown to depend on exposure", said[found].mean(), 0.0, 1.0,
                 np.nan),
                ("T8", world.name, "draws that are said to be diversion", float(diverted.sum()), np.nan, np.nan, 0.0),
            ]  # fmt: skip
    return [(*row, repetitions) for row in out]


def _said(say: Say, gaps: np.ndarray, errors: np.ndarray, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each draw's summary says that exposure is not shown, and whether it speaks of diversion, shapes (R,)."""
    said, diverted, months = [], [], spans.WINDOWS["W1"]
    for gap, wide in zip(gaps.T, (limit * errors).T, strict=True):
        rows = [
            {"destination_code": code, "form": form, "window_id": "W1", "first_month": months[0],
             "last_month": months[1], "train_end": TRAIN_END, "trend": FORM.trend, "status": "interval",
             "currency": "USD", "gap_bn": gap[flow], "low_bn": gap[flow] - wide[flow],
             "high_bn": gap[flow] + wide[flow], "mde80_bn": wide[flow]}
            for code, form, flow in (("US", "plain", 0), ("US", "share", 0), ("AU", "plain", 1))
        ]  # fmt: skip
        sentences = say({"excess": pd.DataFrame(rows).reindex(columns=described("excess").names)})
        said.append(any(SAID in sentence.rule for sentence in sentences))
        diverted.append(any("diver" in sentence.text.lower() for sentence in sentences))
    return np.array(said), np.array(diverted)


def _holiday(seed: int) -> tuple:
    """A tenth of every January moved into February; largest change of a gap, in percent of the gap."""
    rows, value = _flows(1, coverage.NOISE_SD[0], SPLIT, seed, 10)
    value[rows.index.astype(str) >= spans.WINDOWS["W1"][0]] *= np.exp(coverage.EFFECT[0])
    largest = 0.0
    for one in value.T:
        months = pd.Series(one, index=rows.index)
        january = pd.Series({p - 1: v for p, v in months.items() if p.month == 2})
        whole = pd.concat([months, january]).sort_index()
        moved = whole.copy()
        for month in january.index:
            moved[month], moved[month + 1] = 0.9 * whole[month], whole[month + 1] + 0.1 * whole[month]
        span = (TRAIN_END, *spans.WINDOWS["W1"])
        before, after = (counterfactual.estimate_gap(series, None, FORM, *span) for series in (whole, moved))
        largest = max(largest, 100 * abs(after.gap / before.gap - 1))
    return "T10", WORLDS[1].name, "largest change, % of the gap", largest, np.nan, np.nan, 0.5, SPLIT


def _front_loading(repetitions: int, seed: int) -> list[tuple]:
    """Goods brought forward and missing later on top of a true loss: bias, held to three standard errors."""
    rows, value = _flows(1, 0.05, repetitions, seed, 11)
    months, weight = rows.index.astype(str), rows["weight"].to_numpy()[:, None]
    front = (months >= "2024-11") & (months < spans.WINDOWS["W1"][0])
    post, early, loss = months >= spans.WINDOWS["W1"][0], 1.0, 0.7
    value[front] += early / weight[front].sum()
    value[post] -= (early + loss) / weight[post].sum()
    held = _tried(rows, value)
    out = []
    for name, places, bounds in (
        ("net bias (loss 0.7, rushed in 1)", held.rows("2024-11", spans.WINDOWS["W1"][1]), (-3.0, 3.0)),
        ("gross bias (loss 0.7, rushed in 1)", held.rows(*spans.WINDOWS["W1"]), (np.nan, -3.0)),
    ):
        off = held.gap(places)[0] + loss
        error = off.std() / np.sqrt(repetitions)
        low, high = (error * bound for bound in bounds)
        out.append(("T11", WORLDS[1].name, name, off.mean(), error, low, high, repetitions))
    return out


def _rounding(repetitions: int, seed: int) -> list[tuple]:
    """Shift of a gap of Australia's size by rounding, over the band that is printed for the rounded figures."""
    rows, value = _flows(1, coverage.NOISE_SD[1], repetitions, seed, 13)
    value *= BILLIONS
    printed = np.round(value / ROUNDED_TO) * ROUNDED_TO
    gaps = []
    for one in (value, printed):
        held = _tried(rows, one)
        places = held.rows(*spans.WINDOWS["W1"])
        gaps.append(held.gap(places)[0])
    span = (TRAIN_END, *spans.WINDOWS["W1"], ROUNDED_TO / 2)
    bands = [rounding.rounding_band(rows.assign(value=one), FORM, *span) for one in printed.T]
    shift = np.abs(gaps[1] - gaps[0])
    window = ROUNDED_TO / 2 * held.weight[places].sum()
    told = {
        "largest shift over the band": ((shift / bands).max(), np.nan, np.nan, 1.0),
        "largest shift over half a unit a month of the window": ((shift / window).max(), np.nan, np.nan, np.nan),
    }
    return [("T13", WORLDS[1].name, name, *values, repetitions) for name, values in told.items()]


def _same_bytes(seed: int) -> tuple:
    """Whether two runs of everything else are the same to the byte: 1 or 0."""
    first, second = (judged(_tests(SPLIT, seed, None)).to_json(double_precision=15) for _ in range(2))
    return "T14", "all", "two runs equal", float(first == second), np.nan, 1.0, np.nan, SPLIT


def run(say: Say | None = None, sizes: dict[str, int] = SIZES) -> dict:
    """Run the study at every size and return what is stored."""
    return {"code": code_hash(), "seed": SEED} | {
        name: json.loads(study(size, SEED, say).to_json(orient="records", double_precision=15))
        for name, size in sizes.items()
    }


def store(found: dict, file: Path = STORED) -> Path:
    """Write the study, one row to a line."""
    parts = [f'"{name}": [\n{",".join(chr(10) + json.dumps(row) for row in found[name])[1:]}\n]' for name in SIZES]
    head = f'{{"code": "{found["code"]}", "seed": {found["seed"]},\n'
    file.write_text(head + ",\n".join(parts) + "}\n", encoding="utf-8")
    return file


def stored(file: Path = STORED) -> tuple[dict[str, pd.DataFrame], bool]:
    """Return the stored rows by size, and whether the code is still the one that made them."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return {name: pd.DataFrame(found[name], columns=COLUMNS) for name in SIZES}, found["code"] == code_hash()


def _bounds(rows: pd.DataFrame) -> str:
    """Return the bounds of nightly size in words."""
    low, high = rows["bound_low"].max(), rows["bound_high"].min()
    told = [f"at least {low:.3g}"] if low == low and low != 0 else []
    told += [f"at most {high:.3g}"] if high == high else []
    return ", ".join(told) or "none: shown"


def summed(held: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row per test and quantity: range over the worlds at both sizes, the bounds, and whether all hold."""
    order = ["test", "quantity"]
    out = []
    for key, rows in held["nightly"].groupby(order, sort=False):
        small = held["ci"].set_index(order).loc[[key]]
        bounded = rows[rows["bound_low"].notna() | rows["bound_high"].notna()]
        out.append({
            "test": key[0], "what": WORDS[key[0]], "quantity": key[1], "worlds": len(rows),
            "ci_low": small["value"].min(), "ci_high": small["value"].max(), "nightly_low": rows["value"].min(),
            "nightly_high": rows["value"].max(), "bound_low": bounded["bound_low"].max(),
            "bound_high": bounded["bound_high"].min(), "promised": bool(len(bounded)), "bounds": _bounds(bounded),
            "ci": _range(small["value"].min(), small["value"].max()),
            "nightly": _range(rows["value"].min(), rows["value"].max()),
            "holds": bool(rows["passes"].all() and small["passes"].all()),
        })  # fmt: skip
    return pd.DataFrame(out)
