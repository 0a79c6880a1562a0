"""What pictures of all figures share: curves with bands, the column of the paper's ends, episodes, legends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from .. import plots
from ..checks import FloatArray

__all__ = ["Look", "curve_band", "episode_ticks", "learners_legend", "paper_column"]

Look: TypeAlias = tuple[str, Any, str]
"""Colour, dashes and marker of a learner."""


def curve_band(ax: Any, mean: FloatArray, half: FloatArray, look: Look, first: int, **more: Any) -> None:
    """A learning curve (E,) with its confidence band where there is one; the first marker is at episode `first` + 1."""
    colour, dash, marker = look
    episodes = np.arange(1, len(mean) + 1)
    if np.isfinite(half).all():
        ax.fill_between(episodes, mean - half, mean + half, color=colour, alpha=0.18, linewidth=0)
    places = (first, max(1, len(mean) // 8))
    ax.plot(episodes, mean, linestyle=dash, color=colour, marker=marker, markersize=6.5, markevery=places, **more)


def paper_column(ax: Any, episodes: int) -> None:
    """To the right of the last episode, where the paper's ends are drawn, a line and a name."""
    ax.axvline(episodes, color=plots.COLOURS[6], linewidth=0.9, linestyle=":")
    ax.annotate(
        "paper", (1.1 * episodes, 0.0), (0, 4), xycoords=ax.get_xaxis_transform(), textcoords="offset points",
        ha="center", va="bottom", fontsize=13,
    )  # fmt: skip


def episode_ticks(ax: Any, episodes: int) -> None:
    """Round numbers of episodes, and none beyond the last."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xticks([x for x in MaxNLocator(6, integer=True).tick_values(0, episodes) if 0 <= x <= episodes])


def learners_legend(figure: Any, looks: Mapping[str, Look], fontsize: float) -> None:
    """Below everything, the learners and what a reading looks like."""
    handles = [plots.legend_line(name, dash, colour, marker) for name, (colour, dash, marker) in looks.items()]
    handles.append(plots.legend_line("read off the paper", "none", plots.INK, "x"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=3.6, fontsize=fontsize)
