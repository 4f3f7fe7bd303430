"""Drawings of what depends on the forecaster's choices, and of what could have been seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import GRID, QUIET, TEXT, colour, mark, new_figure
from helpers.numbers import plain, signed
from helpers.partners import name_of

BAND_POINTS = 150  # of a band of many specifications: a finer one would not look different
LEAST = -100.0  # percent: imports cannot fall by more
LIKELY = 80.0  # percent, the power that a detectable effect promises


def plot_curve(table: pd.DataFrame, window: str = "W1") -> Figure:
    """Draw every specification's gap, smallest to largest, with a calm band of their intervals, and the headline's.

    The band is the running median of the ends of neighbouring intervals, cut where a flow would be below nothing.
    """
    codes = [
        code for code in ("US", "AU") if ((table["destination_code"] == code) & (table["window_id"] == window)).any()
    ]
    fig, panels = new_figure(2.3 * len(codes) + 0.2, rows=len(codes), squeeze=False, sharex=True)
    for ax, code in zip(panels[:, 0], codes, strict=True):
        held = table[(table["destination_code"] == code) & (table["window_id"] == window)]
        held = held.sort_values(["gap_pct", "spec_id"], ignore_index=True)
        place, ink = 100 * (np.arange(len(held)) + 0.5) / len(held), colour(code)
        low, high = (calm(held[end]).clip(lower=LEAST) for end in ("low_pct", "high_pct"))
        thin = np.unique(np.r_[0 : len(held) : max(1, len(held) // BAND_POINTS), len(held) - 1])
        ax.fill_between(place[thin], low[thin], high[thin], color=GRID, linewidth=0)
        clear = held["excludes_zero"].astype(bool)
        edges = np.column_stack([place - 50 / len(held), place + 50 / len(held)])
        least, most = float(low.min()), float(max(high.max(), held["gap_pct"].max(), 0))
        floor = least - 0.08 * (most - least)
        for first, last in runs(clear.to_numpy()):
            ax.plot([edges[first, 0], edges[last, 1]], [floor, floor], color=ink, linewidth=3.5, solid_capstyle="butt")
        ax.plot(place, held["gap_pct"], color=ink, linewidth=1.8)
        mark(ax, place, held["gap_pct"], held["gap_pct"], name=name_of(code), labels=_choices(held), unit="%",
             sign=True, ends=(held["low_pct"], held["high_pct"]))  # fmt: skip
        head = held[held["is_headline"] & (held["form"] == "plain")]
        if len(head):
            ax.plot(place[head.index[0]], head["gap_pct"].iloc[0], "o", color=ink, markersize=8, markerfacecolor="none",
                    markeredgewidth=1.8)  # fmt: skip
        ax.axhline(0, color=TEXT, linewidth=0.9)
        ax.set_ylim(floor - 0.05 * (most - least), most + 0.05 * (most - least))
        ax.set_title(f"{name_of(code)}, {len(held)} specifications")
        ax.yaxis.set_major_formatter(lambda value, _: signed(value, 0))
    panels[-1, 0].xaxis.set_major_formatter(lambda value, _: f"{plain(value, 0)} %")
    panels[-1, 0].set_xlim(0, 100)
    return fig


def _choices(held: pd.DataFrame) -> list[str]:
    """Name every specification by its form and its trend."""
    return [f"{form}, {str(trend).replace('_', '-')}" for form, trend in zip(held["form"], held["trend"], strict=True)]


def calm(ends: pd.Series) -> pd.Series:
    """Return the running median of the ends of intervals over a tenth of the specifications."""
    return ends.rolling(max(1, len(ends) // 10), center=True, min_periods=1).median()


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of every unbroken run of true flags."""
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False].astype(int)))
    return [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]


def plot_power(curve: pd.DataFrame, effects: pd.DataFrame, window: str = "W1") -> Figure:
    """Draw the chance of telling a gap from zero by its size, with the gaps found marked on the lines."""
    fig, ax = new_figure(2.7)
    for code in ("US", "AU"):
        held = curve[(curve["destination_code"] == code) & (curve["window_id"] == window) & (curve["form"] == "plain")]
        found = effects[(effects["destination_code"] == code) & (effects["window_id"] == window)]
        found = found[found["form"] == "plain"]
        if held.empty:
            continue
        ink, size = colour(code), abs(float(found["gap_pct"].iloc[0]))
        ax.plot(held["effect_pct"], held["power_pct"], color=ink)
        mark(ax, held["effect_pct"], held["power_pct"], held["power_pct"], name=name_of(code), unit="%", digits=0,
             labels=[f"gap of {plain(effect, 0)} %" for effect in held["effect_pct"]])  # fmt: skip
        at = float(np.interp(size, held["effect_pct"], held["power_pct"]))
        ax.plot(size, at, "o", color=ink, markersize=8, markerfacecolor="none", markeredgewidth=1.8)
        ax.annotate(name_of(code), (size, at), (9, -9), textcoords="offset points", color=ink, fontweight=600)
    ax.axhline(LIKELY, color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    ax.annotate("four times in five", (0, LIKELY), (4, 3), textcoords="offset points", fontsize=8, color=QUIET)
    ax.set_xlim(0, float(curve["effect_pct"].max()))
    ax.set_ylim(0, 100)
    ax.xaxis.set_major_formatter(lambda value, _: f"{plain(value, 0)} %")
    ax.yaxis.set_major_formatter(lambda value, _: f"{plain(value, 0)} %")
    return fig
