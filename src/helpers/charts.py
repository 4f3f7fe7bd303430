"""The drawings: each takes a tidy table and returns the figure; the page sets title, source and alternative text."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.figures import GRID, QUIET, TEXT, colour, mark, new_figure
from helpers.numbers import plain, signed

SHADES = {"W1": 0.10, "W2": 0.05, "W3": 0.10}


def middles(text: pd.Series) -> np.ndarray:
    """Turn months into years with decimals, the middle of each, so that axes carry plain numbers."""
    return text.str[:4].astype(int).to_numpy() + (text.str[5:].astype(int).to_numpy() - 0.5) / 12


def begins(month: str) -> float:
    """Return the first day of a month as a year with decimals."""
    return int(month[:4]) + (int(month[5:]) - 1) / 12


def name_years(ax: Axes, first: float, last: float) -> None:
    """Name as many years as fit the width of the drawing."""
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.set_xlim(first, last)


def spread_labels(positions: list[float], least: float) -> list[float]:
    """Move label positions apart until neighbours are at least ``least`` away; order and centre are kept."""
    order = np.argsort(positions)
    placed = np.array(positions, dtype=float)[order]
    for _ in range(200):
        gaps = np.diff(placed)
        close = gaps < least - 1e-9
        if not close.any():
            break
        push = np.where(close, (least - gaps) / 2, 0)
        placed[:-1] -= push
        placed[1:] += push
    out = np.empty(len(placed))
    out[order] = placed
    return out.tolist()


def plot_lines(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    series: str,
    code: str,
    verticals: tuple[tuple[str, str], ...] = (),
    rule: float | None = None,
    unit: str = "",
    from_zero: bool = False,
) -> Figure:
    """Draw lines over months, named at their ends; verticals are dated events, a rule is a mark on the y axis."""
    fig, ax = new_figure(3.1)
    ends, names = [], list(dict.fromkeys(frame[series]))
    last, number = middles(frame[x]).max(), signed if rule == 0 else plain
    for name in names:
        rows = frame[frame[series] == name]
        pieces = rows.groupby("segment", sort=False) if "segment" in rows else [("", rows)]
        for _, piece in pieces:
            ax.plot(middles(piece[x]), piece[y], color=colour(rows[code].iloc[0]))
        mark(ax, middles(rows[x]), rows[y], rows[y], name=str(name), labels=rows["when" if "when" in rows else x],
             sign=rule == 0, digits=2 if rows[y].abs().max() < 5 else 1)  # fmt: skip
        ends.append((float(middles(rows[x])[-1]), float(rows[y].iloc[-1])))
    if from_zero:
        ax.set_ylim(bottom=0)
    low, high = ax.get_ylim()
    if rule is not None:
        ax.axhline(rule, color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    if len(names) > 1:
        places = spread_labels([end for _, end in ends], (high - low) / 14)
        aside = 0.1 + 0.012 * (last - middles(frame[x]).min())
        for name, (when, end), place in zip(names, ends, places, strict=True):
            ink = colour(frame.loc[frame[series] == name, code].iloc[0])
            year = "" if when == last else f", {int(when)}:"  # a line that ends earlier says when
            ax.annotate(
                f"{name}{year} {number(end, 0)}", (when, end), (when + aside, place), color=ink, va="center",
                annotation_clip=False, fontweight=600,
            )  # fmt: skip
    first = middles(frame[x]).min()
    mark_dates(ax, [(begins(month), label) for month, label in verticals if first < begins(month) < last], last)
    name_years(ax, first - 0.05, last + (0.05 if len(names) == 1 else 0.1))
    ax.set_title(unit, fontsize=8, fontweight=400, color=QUIET)
    ax.yaxis.set_major_formatter(lambda value, _: plain(value, 0 if high - low > 5 else 1))
    return fig


def mark_dates(ax: Axes, dates: list[tuple[float, str]], last: float) -> None:
    """Mark dates by dotted lines, each named in a row of its own above the drawing, to the left where room is short."""
    first = ax.get_xlim()[0]
    for row, (when, label) in enumerate(dates):
        height, late = 1.02 + 0.058 * row, when > first + 0.6 * (last - first)
        ax.plot([when, when], [0, height + 0.045], transform=ax.get_xaxis_transform(), clip_on=False, color=QUIET,
                linewidth=0.8, linestyle=(0, (2, 2)))  # fmt: skip
        ax.annotate(
            label, (when, height), xycoords=("data", "axes fraction"), xytext=(-3 if late else 3, 0), fontsize=7.5,
            textcoords="offset points", color=QUIET, ha="right" if late else "left", annotation_clip=False,
        )  # fmt: skip


def plot_bars(frame: pd.DataFrame, *, label: str, value: str, code: str, digits: int = 2) -> Figure:
    """Draw horizontal bars with their values, a zero line, and partners in their colours; of nothing, a line."""
    fig, ax = new_figure(0.38 * len(frame) + 0.3, width=4.1)
    places = np.arange(len(frame))[::-1]
    ax.barh(places, frame[value], height=0.62, color=[colour(c) for c in frame[code]])
    mark(ax, frame[value], places, frame[value], labels=frame[label], unit="bn", sign=True)
    ax.axvline(0, color=TEXT, linewidth=0.8)
    low, high = min([0, *frame[value]]), max([0, *frame[value]])
    span = high - low or 1
    for place, number in zip(places, frame[value], strict=True):
        side = 1 if number >= 0 else -1
        ax.text(
            number + side * 0.012 * span, place, signed(number, digits), va="center", ha="left" if side > 0 else "right"
        )
    ax.set_yticks(places, frame[label])
    ax.set_xlim(low - (0.2 if low < 0 else 0.01) * span, high + (0.2 if high > 0 else 0.01) * span)
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.grid(False)
    return fig


def away_from_zero(low: float, high: float) -> str:
    """Return the alignment that keeps the label of a span from crossing the zero line, where one does."""
    return "left" if low >= 0 else "right" if high <= 0 else "center"


def plot_intervals(rows: pd.DataFrame, unit: str = "bn") -> Figure:
    """Draw gaps with their 95 % intervals, ranges as brackets without a dot, and the detectable effect as a band.

    Parameters
    ----------
    rows
        ``label``, ``destination_code``, ``status``, and in the unit ``gap_bn``, ``low_bn``, ``high_bn``, ``mde80_bn``,
        ``gap_low_bn``, ``gap_high_bn``.
    unit
        How the names of the numbers end: ``bn`` or ``pct``.
    """
    fig, ax = new_figure(0.6 * len(rows) + 0.75, width=4.3)
    places = np.arange(len(rows))[::-1]
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        ink = colour(row["destination_code"])
        if row["status"] == "interval":
            ax.barh(place, 2 * row[f"mde80_{unit}"], left=-row[f"mde80_{unit}"], height=0.5, color=GRID, alpha=0.6)
            ax.plot([row[f"low_{unit}"], row[f"high_{unit}"]], [place, place], color=ink, linewidth=2.2)
            ax.plot(row[f"gap_{unit}"], place, "o", color=ink, markersize=6.5)
            low = high = row[f"gap_{unit}"]
            mark(ax, [low], [place], [low], labels=[row["label"]], unit="%" if unit == "pct" else unit, sign=True,
                 ends=([row[f"low_{unit}"]], [row[f"high_{unit}"]]))  # fmt: skip
            ax.annotate(signed(low, 0), (low, place), (0, 6), textcoords="offset points", ha=away_from_zero(low, high),
                        color=ink, fontweight=600)  # fmt: skip
        else:
            low, high = row[f"gap_low_{unit}"], row[f"gap_high_{unit}"]
            ax.plot([low, low, high, high], [place - 0.12, place, place, place - 0.12], color=ink, linewidth=1.2)
            side = away_from_zero(low, high)
            inner = {"left": low, "right": high, "center": (low + high) / 2}[side]
            ax.annotate(f"{signed(low, 0)} to {signed(high, 0)}", (inner, place), (0, 4), ha=side, color=ink,
                        textcoords="offset points")  # fmt: skip
    ax.axvline(0, color=TEXT, linewidth=0.9, zorder=0)
    ax.set_yticks([])
    ax.set_ylim(-0.5, len(rows) - 0.2)
    for place, label in zip(places, rows["label"], strict=True):
        ax.text(0, place + 0.38, label, fontsize=8.5, transform=ax.get_yaxis_transform())
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(lambda value, _: signed(value, 0))
    ax.annotate("grey band: gaps missed more than one time in five", (0, 0), (0, -27), xycoords="axes fraction",
                textcoords="offset points", fontsize=8, color=QUIET)  # fmt: skip
    return fig


def plot_paths(rows: pd.DataFrame) -> Figure:
    """Draw actual flows against their counterfactual, one panel per destination, windows shaded."""
    names = list(dict.fromkeys(rows["destination"]))
    fig, panels = new_figure(2.2 * len(names) + 0.1, rows=len(names), sharex=True, squeeze=False)
    for ax, name in zip(panels[:, 0], names, strict=True):
        path = rows[rows["destination"] == name]
        time, ink = middles(path["period"]), colour(path["destination_code"].iloc[0])
        for phase, group in path.groupby("phase"):
            if phase in SHADES:
                inside = middles(group["period"])
                ax.axvspan(inside.min() - 1 / 24, inside.max() + 1 / 24, color=QUIET, alpha=SHADES[phase])
                middle = (inside.min() + inside.max()) / 2
                ax.annotate(phase, (middle, 1), (0, -18 if phase == "W2" else -9), ha="center", fontsize=8, color=QUIET,
                            xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip
        ahead = path["counterfactual_bn"].notna().to_numpy() & (path["phase"] != "training").to_numpy()
        ax.fill_between(time, path["actual_bn"], path["counterfactual_bn"], where=ahead, color=ink, alpha=0.18)
        fit = ~ahead & path["counterfactual_bn"].notna().to_numpy()
        ax.plot(time[fit], path["counterfactual_bn"][fit], color=TEXT, linestyle=(0, (3, 1.5)), linewidth=0.8)
        ax.plot(time[ahead], path["counterfactual_bn"][ahead], color=QUIET, linestyle=(0, (4, 2)), linewidth=1.4)
        ax.plot(time, path["actual_bn"], color=ink)
        mark(ax, time, path["actual_bn"], path["actual_bn"], name=f"{name}: actual", labels=path["period"],
             unit="bn")  # fmt: skip
        mark(ax, time, path["counterfactual_bn"], path["counterfactual_bn"], name=f"{name}: counterfactual",
             labels=path["period"], unit="bn")  # fmt: skip
        ax.set_title(name)
        if name == names[0]:
            ax.set_title("solid: actual · dashed: counterfactual", loc="right", fontsize=8, fontweight=400, color=QUIET)
        ax.set_ylim(0, 1.2 * path[["actual_bn", "counterfactual_bn"]].max().max())
        name_years(ax, time.min() - 0.05, time.max() + 0.1)
    return fig


def plot_dumbbell(rows: pd.DataFrame) -> Figure:
    """Draw two counts of one flow as a pair of marks: China's customs (hollow) and the importer's (filled)."""
    fig, ax = new_figure(0.6 * len(rows) + 0.5, width=4.1)
    places = np.arange(len(rows))[::-1]
    low, high = rows[["exporter", "importer"]].min().min(), rows[["exporter", "importer"]].max().max()
    left, right = min(low, 0) * 1.28, max(high, 0) * 1.45
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        ink = colour(row["code"])
        ax.text(left, place + 0.36, row["label"], fontsize=8.5)
        ax.plot([0, 0], [place - 0.22, place + 0.22], color=TEXT, linewidth=0.9)
        ax.plot([row["exporter"], row["importer"]], [place, place], color=ink, linewidth=1.6, alpha=0.5)
        ax.plot(row["exporter"], place, "o", color=ink, markersize=7.5, markerfacecolor="none", markeredgewidth=1.8)
        ax.plot(row["importer"], place, "o", color=ink, markersize=7.5)
        for what, who in (("exporter", "China's customs"), ("importer", "importer's customs")):
            mark(ax, [row[what]], [place], [row[what]], name=who, labels=[row["label"]], unit="%", sign=True)
        low_first = row["exporter"] <= row["importer"]
        for what, is_low in (("exporter", low_first), ("importer", not low_first)):
            reach = row[what] + (-0.2 if is_low else 0.2) * (right - left)  # where its words would end
            inside = row[what] * reach < 0  # they would cross the zero line
            offset, align = ((0, 7), "center") if inside else ((-8, -3), "right") if is_low else ((8, -3), "left")
            ax.annotate(
                f"{signed(row[what])} %", (row[what], place), offset, textcoords="offset points", ha=align, color=ink
            )
    ax.set_xlim(left, right)
    ax.set_ylim(-1.15, len(rows) - 0.35)
    ax.text(left, -1.1, "hollow: China's customs, departures\nfilled: importer's customs, arrivals", color=QUIET)
    ax.set_axis_off()
    return fig


def plot_coverage(frame: pd.DataFrame) -> Figure:
    """Draw the months held of every flow as a strip of marks."""
    names = list(dict.fromkeys(frame["flow"]))
    fig, ax = new_figure(0.27 * len(names) + 0.5)
    for place, name in zip(range(len(names))[::-1], names, strict=True):
        months = middles(frame.loc[frame["flow"] == name, "period"])
        ink = colour("EU") if name.startswith(("US", "Aus", "Eur", "EU")) else colour("US")
        breaks = np.flatnonzero(np.diff(months) > 1.5 / 12) + 1
        for run in np.split(months, breaks):
            ax.barh(place, run[-1] - run[0] + 1 / 12, left=run[0] - 1 / 24, height=0.55, color=ink)
    ax.set_yticks(range(len(names))[::-1], names)
    first, last = middles(frame["period"]).min(), middles(frame["period"]).max()
    name_years(ax, first - 0.1, last + 0.1)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x")
    return fig
