"""The drawing of months that nobody printed: bounds as bars, and a path where they are close."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.charts import middles, name_years
from helpers.figures import QUIET, colour, mark, new_figure
from helpers.headlines import short_name
from helpers.numbers import plain

WIDE, NARROW = 0.062, 0.034  # of a year: the width of a bar as printed, and with the assumed share


def plot_exports_path(paths: pd.DataFrame) -> Figure:
    """Draw the bounds of every month, a panel per partner, and the path through the months that are tied down.

    Pale bars are open as printed, cut where they leave the drawing; solid bars inside them are what the assumed share
    of a month in its quarter leaves. The line breaks at months that stay open.

    Parameters
    ----------
    paths
        ``exports_path``.
    """
    names = sorted(set(paths["partner_code"]), reverse=True)  # the EU first
    fig, panels = new_figure(2.35 * len(names) + 0.1, rows=len(names), sharex=True, squeeze=False)
    for ax, code in zip(panels[:, 0], names, strict=True):
        rows, ink = paths[paths["partner_code"] == code], colour(code)
        time = middles(rows["period"])
        path, is_assumed = rows["path_usd_bn"].to_numpy(), rows["is_assumed"].to_numpy(dtype=bool)
        free = is_assumed | rows["is_open"].to_numpy(dtype=bool)
        low, high = rows["low_usd_bn"].to_numpy(), rows["high_usd_bn"].to_numpy()
        floor, ceiling = 0.6 * np.nanmin(path), 1.22 * np.nanmax(path)
        ax.bar(time[free], high[free] - low[free], WIDE, bottom=low[free], color=ink, alpha=0.25, linewidth=0)
        close = rows["high_assumed_usd_bn"].to_numpy() - rows["low_assumed_usd_bn"].to_numpy()
        ax.bar(time[is_assumed], close[is_assumed], NARROW, bottom=rows["low_assumed_usd_bn"].to_numpy()[is_assumed],
               color=ink, alpha=0.55, linewidth=0)  # fmt: skip
        ax.plot(time, np.where(free, np.nan, path), color=ink, linewidth=1.3)
        ax.plot(time, path, color=ink, linewidth=1.1, linestyle=(0, (2, 2)))
        ax.vlines(time[~free], low[~free], high[~free], color=ink, linewidth=3.2)
        ax.plot(time[~free], path[~free], "o", color=ink, markersize=3.4)
        mark(ax, time, path, path, name=short_name(code), labels=rows["period"], unit="bn",
             ends=(low, high))  # fmt: skip
        last = int(np.flatnonzero(np.isfinite(path))[-1])
        ax.annotate(plain(path[last], 0), (time[last], path[last]), (5, 0), textcoords="offset points", va="center",
                    color=ink, fontweight=600, annotation_clip=False)  # fmt: skip
        ax.set_ylim(floor, ceiling)
        ax.set_title(short_name(code), color=ink)
        if code == names[0]:
            ax.set_title("pale: open as printed · line: tied down", loc="right", fontsize=8, fontweight=400,
                         color=QUIET)  # fmt: skip
        name_years(ax, time.min() - 0.06, time.max() + 0.12)
        ax.yaxis.set_major_formatter(lambda value, _: plain(value, 0))
    return fig
