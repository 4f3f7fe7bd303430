"""Every promise of the method tried on invented flows, stored with the hash of the code that made it.

The tests T1 to T14 of the specification that need simulated worlds: at CI size in every test run, at nightly size by
command. ``study.json`` beside it holds both; the methodology and page 05 are drawn from it.
"""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers import counterfactual, coverage, periods, spans, trials
from helpers.counterfactual import Form
from helpers.coverage import SEED, TRAIN_END, WORLDS

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
    "T8": "a pure supply push shows as excess elsewhere, never as a US loss",
    "T10": "a New Year moved from January to February moves no gap",
    "T11": "goods only brought forward are no loss net, and look like one gross",
    "T13": "rounding to a tenth of a billion stays inside its band",
    "T14": "the same seed gives the same bytes",
}
COLUMNS = ["test", "world", "quantity", "value", "low", "high", "repetitions", "passes"]


def _range(low: float, high: float) -> str:
    """Return a range to three significant digits, or one number where both ends are the same."""
    ends = ["0" if abs(value) < 1e-9 else f"{value:.3g}" for value in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def code_hash() -> str:
    """Return the hash of the modules whose code decides the numbers; comments and layout do not count."""
    files = [Path(module.__file__) for module in (counterfactual, coverage, periods, spans, trials)] + [Path(__file__)]
    trees = [ast.dump(ast.parse(file.read_text(encoding="utf-8"))) for file in files]
    return hashlib.sha256("".join(trees).encode()).hexdigest()


def study(repetitions: int, seed: int = SEED) -> pd.DataFrame:
    """Run every test with this many replicates a world.

    Below the nightly size bounds on shares are wider by two Monte Carlo standard errors.

    Returns
    -------
    pandas.DataFrame
        Key ``test``, ``world``, ``quantity``: ``value``, bounds ``low`` and ``high`` (empty where none is promised),
        ``repetitions``, flag ``passes``.
    """
    slack = 2.0 if repetitions < SIZES["nightly"] else 0.0
    rows = [
        *_coverage(repetitions, seed, slack), *_supply_push(repetitions, seed, slack), _holiday(seed),
        *_front_loading(repetitions, seed), _rounding(repetitions, seed), _same_bytes(seed),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    inside = ~(table["value"] < table["low"]) & ~(table["value"] > table["high"])
    return table.assign(passes=inside)


def _share(value: float, low: float, high: float, repetitions: int, slack: float) -> tuple[float, float, float]:
    """Return a share with its bounds, widened by ``slack`` Monte Carlo standard errors of a share at the bound."""
    wide = [slack * np.sqrt(bound * (1 - bound) / repetitions) for bound in (low, high)]
    return value, max(low - wide[0], 0.0), min(high + wide[1], 1.0)


def _coverage(repetitions: int, seed: int, slack: float) -> list[tuple]:
    rows = []
    for found in coverage.coverage_table(repetitions, seed).itertuples(index=False):
        for name in ("us_gap", "au_gap", "ratio"):
            rows.append(("T1", found.world, name, *_share(getattr(found, name), *COVERED, repetitions, slack)))
        correlated = found.world != WORLDS[0].name
        name = "textbook" if correlated else "textbook, independent noise"
        rows.append(("T2", found.world, name, found.textbook, np.nan, TEXTBOOK_FAILS if correlated else np.nan))
        rows.append(("T7", found.world, "false alarm", *_share(found.placebo_rejected, 0.0, FALSE_ALARM, repetitions,
                                                               slack)))  # fmt: skip
    return [(*row, repetitions) for row in rows]


def _flows(world: int, sd: float, repetitions: int, seed: int, test: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw flows of one world without an effect: calendar, and values of shape (T, repetitions)."""
    rows = coverage.calendar()
    return rows, np.exp(coverage.draw(WORLDS[world], sd, rows, repetitions, np.random.default_rng([seed, test, world])))


def _tried(rows: pd.DataFrame, value: np.ndarray) -> trials.Trials:
    return trials.trials(rows, value, np.ones_like(value), FORM, TRAIN_END)


def _found(rows: pd.DataFrame, value: np.ndarray) -> np.ndarray:
    """Tell gaps of W1 from zero at 5 %: -1, 0 or 1 for each flow."""
    held = _tried(rows, value)
    places = held.rows(*spans.WINDOWS["W1"])
    gap, _, placebo = held.gap(places)
    limit = stats.t.ppf(0.975, held.degrees(places, 4)) * np.sqrt(np.square(placebo).mean(0))
    return np.sign(gap) * (np.abs(gap) > limit)


def _supply_push(repetitions: int, seed: int, slack: float) -> list[tuple]:
    """A tenth more for everybody else from April 2025 on, the US as before: nothing was turned away."""
    out = []
    for number, world in enumerate(WORLDS):
        rows, value = _flows(number, coverage.NOISE_SD[0], repetitions, seed, 8)
        after = (rows.index.astype(str) >= spans.WINDOWS["W1"][0])[:, None]
        us, others = _found(rows, value), _found(rows, value * np.where(after, 1 + PUSH, 1.0))
        out.append(("T8", world.name, "excess found", (others > 0).mean(), np.nan, np.nan, repetitions))
        alarm = _share((us < 0).mean(), 0.0, FALSE_ALARM, repetitions, slack)
        out.append(("T8", world.name, "US loss found", *alarm, repetitions))
    return out


def _holiday(seed: int) -> tuple:
    """A tenth of every January moved into February; largest change of a gap, in percent of the counterfactual."""
    rows, value = _flows(1, coverage.NOISE_SD[0], SPLIT, seed, 10)
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
        largest = max(largest, 100 * abs(after.gap - before.gap) / before.counterfactual)
    return "T10", WORLDS[1].name, "largest change, % of the counterfactual", largest, np.nan, 0.5, SPLIT


def _front_loading(repetitions: int, seed: int) -> list[tuple]:
    """Goods brought forward and missing later on top of a true loss: bias in Monte Carlo standard errors."""
    rows, value = _flows(1, 0.05, repetitions, seed, 11)
    months, weight = rows.index.astype(str), rows["weight"].to_numpy()[:, None]
    front = (months >= "2024-11") & (months < spans.WINDOWS["W1"][0])
    post, early, loss = months >= spans.WINDOWS["W1"][0], 1.0, 0.7
    value[front] += early / weight[front].sum()
    value[post] -= (early + loss) / weight[post].sum()
    held = _tried(rows, value)
    out = []
    for name, places, bounds in (
        ("net bias, Monte Carlo errors", held.rows("2024-11", "2025-11"), (-3.0, 3.0)),
        ("gross bias, Monte Carlo errors", held.rows(*spans.WINDOWS["W1"]), (np.nan, -3.0)),
    ):
        off = held.gap(places)[0] + loss
        bias = off.mean() / (off.std() / np.sqrt(repetitions))
        out.append(("T11", WORLDS[1].name, name, bias, *bounds, repetitions))
    return out


def _rounding(repetitions: int, seed: int) -> tuple:
    """Largest shift of a gap of Australia's size by rounding, over half a unit a month on both sides of the gap."""
    rows, value = _flows(1, coverage.NOISE_SD[1], repetitions, seed, 13)
    value *= BILLIONS
    gaps, months = [], 0.0
    for one in (value, np.round(value / ROUNDED_TO) * ROUNDED_TO):
        held = _tried(rows, one)
        places = held.rows(*spans.WINDOWS["W1"])
        gaps.append(held.gap(places)[0])
        months = held.weight[places].sum()
    shift = np.abs(gaps[1] - gaps[0]).max() / (2 * ROUNDED_TO / 2 * months)
    return "T13", WORLDS[1].name, "largest shift over the band", shift, np.nan, 1.0, repetitions


def _same_bytes(seed: int) -> tuple:
    """Whether two runs of the coverage study are the same to the byte: 1 or 0."""
    first, second = (json.dumps(coverage.coverage_of(WORLDS[3], SPLIT, seed)) for _ in range(2))
    return "T14", WORLDS[3].name, "two runs equal", float(first == second), 1.0, np.nan, SPLIT


def run(sizes: dict[str, int] = SIZES) -> dict:
    """Run the study at every size and return what is stored."""
    return {"code": code_hash(), "seed": SEED} | {
        name: json.loads(study(size).to_json(orient="records", double_precision=15)) for name, size in sizes.items()
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
    low, high = rows["low"].max(), rows["high"].min()
    told = [f"at least {low:g}"] if low == low and low != 0 else []
    told += [f"at most {high:g}"] if high == high else []
    return ", ".join(told) or "none: shown"


def summed(held: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row per test and quantity: range over the worlds at both sizes, the bounds, and whether all hold."""
    order = ["test", "quantity"]
    out = []
    for key, rows in held["nightly"].groupby(order, sort=False):
        small = held["ci"].set_index(order).loc[[key]]
        bounded = rows[rows["low"].notna() | rows["high"].notna()]
        out.append({
            "test": key[0], "what": WORDS[key[0]], "quantity": key[1], "worlds": len(rows),
            "ci_low": small["value"].min(), "ci_high": small["value"].max(), "nightly_low": rows["value"].min(),
            "nightly_high": rows["value"].max(), "bound_low": bounded["low"].max(), "bound_high": bounded["high"].min(),
            "promised": bool(len(bounded)), "ci": _range(small["value"].min(), small["value"].max()),
            "nightly": _range(rows["value"].min(), rows["value"].max()), "bounds": _bounds(bounded),
            "holds": bool(rows["passes"].all() and small["passes"].all()),
        })  # fmt: skip
    return pd.DataFrame(out)
