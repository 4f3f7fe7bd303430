"""Four small drawings on one scale: each destination against what its past implied."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from helpers.charts import SHADES, begins, middles
from helpers.figures import GRID, QUIET, TEXT, colour, mark, new_figure
from helpers.numbers import plain

WIDE, PHONE = (2.6, 1.75), (1.8, 1.5)  # inches


def plot_panel(
    rows: pd.DataFrame, windows: dict[str, tuple[str, str]], limits: tuple[float, float, float, float], phone: bool
) -> Figure:
    """Draw one destination: what came (solid), what its past implied (dashed), the band where one is calibrated.

    Parameters
    ----------
    rows
        ``destination``, ``destination_code``, ``period``; as an index of the same scale in all panels ``actual``,
        ``expected``, ``expected_low`` and ``expected_high``, empty where there is none;
        ``is_assumed``, drawn as dots.
    windows
        Name to first and last month.
    limits
        Ends of the common scale, and the first and last month as years with decimals.
    phone
        Whether the drawing is for a phone.
    """
    size = PHONE if phone else WIDE
    fig, ax = new_figure(size[1], width=size[0])
    name, ink, time = rows["destination"].iloc[0], colour(rows["destination_code"].iloc[0]), middles(rows["period"])
    for window, (first, last) in windows.items():
        begin, end = begins(first), begins(last) + 1 / 12
        ax.axvspan(begin, end, color=QUIET, alpha=SHADES[window], linewidth=0)
        if end - begin > 0.3:
            ax.annotate("door shut", ((begin + end) / 2, 1), (0, -8), ha="center", fontsize=7.5, color=QUIET,
                        xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip
    ax.fill_between(time, rows["expected_low"], rows["expected_high"], color=QUIET, alpha=0.28, linewidth=0)
    ax.plot(time, rows["expected"], color=TEXT, linewidth=1.1, linestyle=(0, (3, 2)))
    tied = rows["actual"].where(~rows["is_assumed"].astype(bool))
    ax.plot(time, rows["actual"], color=ink, linewidth=1.5, linestyle=(0, (1, 1.2)))
    ax.plot(time, tied, color=ink, linewidth=2)
    held = rows["actual"].notna().to_numpy()
    end = ax.annotate(plain(rows["actual"][held].iloc[-1], 0), (time[held][-1], rows["actual"][held].iloc[-1]), (4, 0),
                      textcoords="offset points", va="center", color=ink, fontweight=600)  # fmt: skip
    end.set_in_layout(False)  # the same frame in every panel, so that a month stands at one place
    mark(ax, time, rows["actual"], rows["actual"], name=name, labels=rows["period"], digits=0)
    mark(ax, time, rows["expected"], rows["expected"], name=rows["basis"].iloc[0], labels=rows["period"], digits=0)
    ax.axhline(100, color=GRID, linewidth=0.8, zorder=0)
    first, last = limits[2:]
    ax.set_xlim(first - 0.05, last + 0.13 * (last - first) * WIDE[0] / size[0])
    ax.set_ylim(*limits[:2])
    ax.set_xticks(sorted({int(when) for when in time}))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.set_yticks([50, 100, 150])
    return fig
