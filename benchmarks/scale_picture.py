"""How cost grows, on log axes: a panel for each thing that grows, the line of cost in proportion beside it."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib import ticker

from helpers import figures

WHITE, ACROSS = "#ffffff", 4


def draw(grown: dict[str, dict], file: Path) -> None:
    """Write the picture.

    Parameters
    ----------
    grown
        By what grows: ``seconds`` by size, and their ``slope`` on log axes.
    file
        An SVG.
    """
    figures.use_house_style()
    with plt.rc_context({"svg.fonttype": "path", "axes.facecolor": WHITE, "figure.facecolor": WHITE}):
        rows = -(-len(grown) // ACROSS)
        figure, panels = plt.subplots(rows, ACROSS, figsize=(9.6, 2.5 * rows), sharey=True)
        for axes in panels.flat[len(grown) :]:
            axes.set_visible(False)
        for axes, (what, held) in zip(panels.flat, grown.items(), strict=False):
            sizes, seconds = list(held["seconds"]), list(held["seconds"].values())
            proportion = [seconds[0] * size / sizes[0] for size in sizes]
            axes.loglog(sizes, proportion, color=figures.QUIET, linewidth=1, linestyle=(0, (3, 3)))
            axes.loglog(sizes, seconds, color=figures.colour("EU"), marker="o", markersize=4)
            axes.set_title(f"{what}: {held['slope']:.2f}")
            axes.margins(x=0.08)
            axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axes.xaxis.set_minor_locator(ticker.NullLocator())
            axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g} s"))
            axes.yaxis.set_minor_locator(ticker.NullLocator())
        figure.supxlabel(
            "the number is the slope; the broken line has slope 1: cost in proportion to size",
            fontsize=8,
            color=figures.QUIET,
        )
        figure.savefig(file, metadata={"Date": None}, facecolor=WHITE)
        plt.close(figure)
