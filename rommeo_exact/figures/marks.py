"""What pictures of all figures share: the column of the paper's ends, and the legend of learners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import plots
from ..plots.training import Look

__all__ = ["learners_legend", "paper_column"]


def paper_column(ax: Any, episodes: int) -> None:
    """To the right of the last episode, where the paper's ends are drawn, a line and a name."""
    ax.axvline(episodes, color=plots.COLOURS[6], linewidth=0.9, linestyle=":")
    ax.annotate(
        "paper", (1.1 * episodes, 0.0), (0, 4), xycoords=ax.get_xaxis_transform(), textcoords="offset points",
        ha="center", va="bottom", fontsize=13,
    )  # fmt: skip


def learners_legend(figure: Any, looks: Mapping[str, Look], fontsize: float) -> None:
    """Below everything, the learners and what a reading looks like."""
    handles = [plots.legend_line(name, dash, colour, marker) for name, (colour, dash, marker) in looks.items()]
    handles.append(plots.legend_line("read off the paper", "none", plots.INK, "x"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=3.6, fontsize=fontsize)
