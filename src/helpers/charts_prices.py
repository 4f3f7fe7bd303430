"""Drawings of prices by destination."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import GRID, QUIET, TEXT, colour, mark, new_figure
from helpers.numbers import signed


def plot_own_changes(rows: pd.DataFrame, earlier: pd.DataFrame, within: float) -> Figure:
    """Draw each destination's own price change among those of earlier spans, a strip per destination.

    Parameters
    ----------
    rows
        ``destination``, ``destination_code``, ``own_lp`` (filled) and ``panels_own_lp`` (hollow), in log points; in the
        order of the drawing.
    earlier
        ``destination_code``, ``own_lp``: one row for each earlier span, drawn as a stroke.
    within
        The size that most earlier changes stayed within: the grey band.
    """
    fig, ax = new_figure(0.5 * max(len(rows), 1) + 0.5, width=4.3)
    places = np.arange(len(rows))[::-1]
    ax.axvspan(-within, within, color=GRID, alpha=0.45, linewidth=0)
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        ink = colour(row["destination_code"])
        past = earlier.loc[earlier["destination_code"] == row["destination_code"], "own_lp"]
        strokes = np.repeat(past.to_numpy(), 3)  # one line with gaps: a tenth of the size of as many lines
        ax.plot(
            strokes, np.tile([place - 0.16, place + 0.16, np.nan], len(past)), color=QUIET, linewidth=0.8, alpha=0.5
        )
        ax.plot(
            row["panels_own_lp"], place, "o", color=ink, markersize=7.5, markerfacecolor="none", markeredgewidth=1.6
        )
        ax.plot(row["own_lp"], place, "o", color=ink, markersize=6)
        for what, goods in (("panels_own_lp", "panels alone"), ("own_lp", "all codes")):
            mark(ax, [row[what]], [place], [row[what]], name=goods, labels=[row["destination"]], sign=True)
        ax.text(0, place + 0.27, row["destination"], fontsize=8.5, transform=ax.get_yaxis_transform())
        if pd.notna(row["own_lp"]):
            ax.text(1, place + 0.27, signed(row["own_lp"], 0), fontsize=8.5, transform=ax.get_yaxis_transform(),
                    ha="right", color=ink, fontweight=600)  # fmt: skip
    ax.axvline(0, color=TEXT, linewidth=0.9, zorder=0)
    ax.set_yticks([])
    ax.set_ylim(-0.4, len(rows) - 0.35)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x")
    ax.xaxis.set_major_formatter(lambda value, _: signed(value, 0))
    ax.annotate("filled: all codes · hollow: panels alone · strokes: earlier spans\ngrey band: 95 of 100 of them, all "
                "destinations", (0, 0), (0, -38), xycoords="axes fraction", textcoords="offset points", fontsize=8,
                color=QUIET)  # fmt: skip
    return fig
