"""Continuous games: the reward over two players' actions, and densities on an interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import integer
from ..errors import InputError
from ..games.continuous import ContinuousGame
from .style import COLOURS, HEAT, PAPER, styled

__all__ = ["surface"]


@styled
def surface(
    game: ContinuousGame, ax: Any, actions: Any = None, player: int = 0, levels: Sequence[float] | None = None,
    limits: Sequence[float] | None = None,
) -> Any:  # fmt: skip
    """A player's reward over the joint actions of two, as contours, and what was played, coloured by step.

    Parameters
    ----------
    game : ContinuousGame
        Of one state and two players with one number each.
    ax : matplotlib.axes.Axes
    actions : (..., 2) array, optional
        Joint actions in the order in which they were played. The first is a star, the mean of the last twentieth a
        disc.
    player : int
        Whose reward.
    levels : sequence of numbers, optional
        Of the contours; by default twelve, denser near the greatest reward.
    limits : (low, high), optional
        Of both axes; by default the box.

    Raises
    ------
    InputError
    """
    if game.sizes != (1, 1) or game.state_size:
        raise InputError(f"{game.name}: a surface needs two players with one number each, and one state")
    integer(player, "player", low=0, high=2)
    across, up = (
        (float(game.low[i][0]), float(game.high[i][0])) if limits is None else (limits[0], limits[1]) for i in (0, 1)
    )
    a, b = (np.linspace(ends[0], ends[1], 241) for ends in (across, up))
    height = game.rewards(np.stack(np.meshgrid(a, b), axis=-1))[..., player]
    top = float(height.max())
    if levels is None:
        span = top - float(height.min())
        levels = sorted({top - span * (k / 12.0) ** 2 for k in range(1, 12)})
    lines = ax.contour(a, b, height, levels=sorted(levels), colors=COLOURS[6], linewidths=1.0, linestyles="-")
    ax.clabel(lines, fontsize=10, fmt=lambda x: f"{x:.0f}".replace("-", "−"), inline_spacing=2)
    if actions is not None:
        steps = np.asarray(actions, dtype=float).reshape(-1, 2)
        dots = ax.scatter(*steps.T, c=np.arange(1, len(steps) + 1), cmap=HEAT, s=9, linewidths=0, zorder=3, gid="steps")
        ax.figure.colorbar(dots, ax=ax, shrink=0.85, pad=0.03).set_label("step")
        last = steps[-max(1, len(steps) // 20) :].mean(axis=0)
        ax.plot(*steps[0], marker="*", markersize=17, color=COLOURS[1], markeredgecolor=PAPER, zorder=5, gid="start")
        ax.plot(*last, marker="o", markersize=11, color=COLOURS[1], markeredgecolor=PAPER, zorder=5, gid="end")
    ax.set(xlabel="$a^1$", ylabel="$a^2$", xlim=across, ylim=up, aspect="equal")
    return ax
