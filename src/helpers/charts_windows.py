"""Drawings that set the windows of the tariff story beside each other, or against what went before."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.charts import SHADES, begins, middles, name_years
from helpers.figures import QUIET, TEXT, colour, mark, new_figure
from helpers.months import short_span
from helpers.numbers import plain, signed

TINTS = {"W1": 0.42, "W2": 0.68, "W3": 1.0}  # the later the window, the stronger
LABELS = 0.5  # share of the width that the names of the bars take
EPISODES = (("2018-07", "2019-12", "2018-19"), ("2020-02", "2022-12", "2020-22"))


def plot_windows(frame: pd.DataFrame) -> Figure:
    """Draw growth by window, a group of bars per destination, each bar with its months.

    Parameters
    ----------
    frame
        ``destination``, ``destination_code``, ``counted`` (whose customs), ``window_id``, ``window``, ``first_month``,
        ``last_month``, ``growth_pct``; in the order of the drawing.
    """
    groups = frame.groupby("destination", sort=False)
    fig, ax = new_figure(0.245 * len(frame) + 0.42 * groups.ngroups, width=3.8)
    low, high = min(frame["growth_pct"].min(), 0), max(frame["growth_pct"].max(), 0)
    span = high - low
    left, right = low - 0.34 * span * (low < 0), high + 0.27 * span * (high > 0)
    place = 0.0
    for name, rows in groups:
        ink = colour(rows["destination_code"].iloc[0])
        ax.text(0, place, f"{name}: {rows['counted'].iloc[0]}", transform=ax.get_yaxis_transform(), color=ink,
                fontweight=600, va="center")  # fmt: skip
        for row in rows.to_dict("records"):
            place -= 1
            value, last = row["growth_pct"], row["window_id"] == rows["window_id"].iloc[-1]
            ax.barh(place, value, height=0.74, color=ink, alpha=TINTS[row["window_id"]])
            months = short_span(row["first_month"], row["last_month"])
            mark(ax, [value], [place], [value], name=str(name), labels=[months], unit="%", sign=True)
            ax.text(0, place, f"{row['window'].capitalize()}, {months}", transform=ax.get_yaxis_transform(),
                    fontsize=8.5, va="center")  # fmt: skip
            ax.annotate(f"{signed(value)} %", (value, place), (4 if value >= 0 else -4, 0), va="center",
                        textcoords="offset points", ha="left" if value >= 0 else "right",
                        fontweight=600 if last else 400)  # fmt: skip
        ax.plot([0, 0], [place - 0.5, place + len(rows) - 0.5], color=TEXT, linewidth=0.9)
        place -= 1.55
    ax.set_xlim(left - LABELS / (1 - LABELS) * (right - left), right)
    ax.set_ylim(place + 0.9, 0.6)
    ax.set_axis_off()
    return fig


def shade_windows(ax: Axes, windows: dict[str, tuple[str, str]]) -> None:
    """Shade the windows and name them at the top, a short one a line lower so that names keep apart."""
    for name, (first, last) in windows.items():
        begin, end = begins(first), begins(last) + 1 / 12
        ax.axvspan(begin, end, color=QUIET, alpha=SHADES[name], linewidth=0)
        ax.annotate(name, ((begin + end) / 2, 1), (0, -18 if name == "W2" else -9), ha="center", fontsize=8,
                    color=QUIET, xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip


def plot_tariffs(path: pd.DataFrame, windows: dict[str, tuple[str, str]]) -> Figure:
    """Draw the tariff by law as steps and the duty paid as a line, windows shaded, both named beside their lines.

    Parameters
    ----------
    path
        ``series`` (``by law``, ``paid``), ``date`` (a day), ``rate_pct``.
    windows
        Name to first and last month.
    """
    fig, ax = new_figure(3.1)
    law, paid = (path[path["series"] == name] for name in ("by law", "paid"))
    shade_windows(ax, windows)
    days = _days(law["date"])
    ax.step(days, law["rate_pct"], where="post", color=TEXT, linewidth=1.5)
    mark(ax, days, law["rate_pct"], law["rate_pct"], name="by law", labels=law["date"], unit="%")
    top = law.loc[law["rate_pct"].idxmax()]
    ax.annotate(
        f"by law\n{plain(top['rate_pct'], 0)} % in {short_span(top['date'][:7], top['date'][:7])}",
        (_days(pd.Series([top["date"]]))[0], top["rate_pct"]), (6, -5), textcoords="offset points", va="top",
        fontweight=600,
    )  # fmt: skip
    ax.annotate(f"{plain(law['rate_pct'].iloc[-1], 0)} %", (days[-1], law["rate_pct"].iloc[-1]), (4, 0), va="center",
                textcoords="offset points", fontweight=600, annotation_clip=False)  # fmt: skip
    if len(paid):
        ink, when = colour("US"), paid["date"].iloc[-1][:7]
        ax.plot(middles(paid["date"].str[:7]), paid["rate_pct"], color=ink)
        mark(ax, middles(paid["date"].str[:7]), paid["rate_pct"], paid["rate_pct"], name="duty paid",
             labels=paid["date"].str[:7], unit="%")  # fmt: skip
        end = (middles(paid["date"].str[:7])[-1], paid["rate_pct"].iloc[-1])
        ax.plot(*end, "o", color=ink, markersize=5)
        ax.annotate(f"duty paid\n{plain(end[1], 0)} % in {short_span(when, when)}", (end[0], 0), (4, 5), ha="right",
                    textcoords="offset points", color=ink, fontweight=600)  # fmt: skip
    ax.set_ylim(0, 1.22 * path["rate_pct"].max())
    name_years(ax, days[0], days[-1] + 0.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{plain(value, 0)} %")
    return fig


def _days(text: pd.Series) -> list[float]:
    """Turn days into years with decimals, months being twelve equal parts of a year."""
    return [begins(day[:7]) + (int(day[8:10]) - 1) / 31 / 12 for day in text]


def plot_errors(rows: pd.DataFrame) -> Figure:
    """Draw the error of every earlier forecast by its months, and the gap of now at the right with lines of its size.

    Parameters
    ----------
    rows
        ``destination``, ``destination_code``, ``month``, ``error_bn``, ``is_now``, ``is_as_large``.
    """
    names = list(dict.fromkeys(rows["destination"]))
    fig, panels = new_figure(1.95 * len(names) + 0.2, rows=len(names), sharex=True, squeeze=False)
    for ax, name in zip(panels[:, 0], names, strict=True):
        held = rows[rows["destination"] == name]
        ink, now = colour(held["destination_code"].iloc[0]), held[held["is_now"]].iloc[0]
        for first, last, words in EPISODES:
            ax.axvspan(begins(first), begins(last) + 1 / 12, color=QUIET, alpha=0.09, linewidth=0)
            ax.annotate(words, ((begins(first) + begins(last) + 1 / 12) / 2, 1), (0, -9), ha="center", fontsize=8,
                        color=QUIET, xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip
        for side in (-1, 1):
            ax.axhline(side * now["error_bn"], color=ink, linewidth=0.9, linestyle=(0, (4, 2)), alpha=0.7)
        for large, face in ((False, "none"), (True, ink)):
            some = held[~held["is_now"] & (held["is_as_large"] == large)]
            ax.plot(middles(some["month"]), some["error_bn"], "o", color=ink, markersize=3.6, markerfacecolor=face,
                    markeredgewidth=0.9, alpha=0.85)  # fmt: skip
        at = middles(held.loc[held["is_now"], "month"])[0]
        mark(ax, middles(held["month"]), held["error_bn"], held["error_bn"], name=str(name), labels=held["month"],
             unit="bn", sign=True)  # fmt: skip
        ax.plot(at, now["error_bn"], "D", color=ink, markersize=7)
        ax.annotate(f"W1 {signed(now['error_bn'], 0)}", (at, now["error_bn"]), (8, 0), va="center", color=ink,
                    textcoords="offset points", fontweight=600, annotation_clip=False)  # fmt: skip
        ax.axhline(0, color=TEXT, linewidth=0.9)
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        reach = 1.3 * held["error_bn"].abs().max()
        ax.set_ylim(-reach, reach)
        ax.set_title(name)
        ax.yaxis.set_major_formatter(lambda value, _: signed(value, 0))
        name_years(ax, middles(rows["month"]).min() - 0.2, middles(rows["month"]).max() + 0.3)
    return fig


def plot_shares(frame: pd.DataFrame) -> Figure:
    """Draw shares at several dates, a group of bars per origin, the later the stronger.

    Parameters
    ----------
    frame
        ``origin``, ``code``, ``when`` (words beside the bar), ``share_pct`` (a gap is said, not drawn); in the order of
        the drawing.
    """
    groups = frame.groupby("origin", sort=False)
    fig, ax = new_figure(0.175 * len(frame) + 0.3 * groups.ngroups, width=3.8)
    tints = dict(zip(dict.fromkeys(frame["when"]), (0.35, 0.62, 1.0)[-frame["when"].nunique() :], strict=True))
    place = 0.0
    for name, rows in groups:
        ink = TEXT if rows["code"].iloc[0] == "CN" else colour(rows["code"].iloc[0])
        ax.text(0, place, name, transform=ax.get_yaxis_transform(), color=ink, fontweight=600, va="center")
        for when, value in zip(rows["when"], rows["share_pct"], strict=True):
            place -= 1
            ax.barh(place, value, height=0.78, color=ink, alpha=tints[when])
            ax.text(0, place, when, transform=ax.get_yaxis_transform(), fontsize=8.5, va="center")
            mark(ax, [value], [place], [value], name=str(name), labels=[when], unit="%")
            told, at = (f"{plain(value)} %", value) if pd.notna(value) else ("not known", 0)
            ax.annotate(told, (at, place), (4, 0), va="center", textcoords="offset points")
        ax.plot([0, 0], [place - 0.5, place + len(rows) - 0.5], color=TEXT, linewidth=0.9)
        place -= 1.5
    most = frame["share_pct"].max()
    ax.set_xlim(-LABELS / (1 - LABELS) * 1.2 * most, 1.2 * most)
    ax.set_ylim(place + 0.9, 0.6)
    ax.set_axis_off()
    return fig
