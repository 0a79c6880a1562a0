"""Continuous games: the reward over two players' actions, and densities on an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..checks import integer
from ..errors import InputError
from ..games.continuous import ContinuousGame
from .style import COLOURS, DASHES, HEAT, PAPER, styled

__all__ = ["densities", "surface"]


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


@styled
def densities(
    x: Any, curves: Mapping[str, Any], ax: Any, *, samples: Mapping[str, Any] | None = None, bins: int = 40
) -> Any:
    """Densities on an interval, and histograms of draws that should follow them.

    Parameters
    ----------
    x : (G,) array
        Where the densities are given, rising; its ends are those of the interval.
    curves : mapping from labels to (G,) arrays
    ax : matplotlib.axes.Axes
    samples : mapping from labels to (M,) arrays, optional
        Draws, as shares of all M to the unit of length; those outside of the interval are not in it. Of a label that
        `curves` has too they are in its colour.
    bins : int

    Raises
    ------
    InputError
    """
    grid = np.asarray(x, dtype=float)
    if grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0.0).all():
        raise InputError(f"x must be one axis of rising numbers, not shape {grid.shape}")
    integer(bins, "bins", low=1)
    labels = list(dict.fromkeys([*curves, *(samples or {})]))
    colours = {label: COLOURS[k % len(COLOURS)] for k, label in enumerate(labels)}
    edges = np.linspace(grid[0], grid[-1], bins + 1)
    for k, (label, draws) in enumerate((samples or {}).items()):
        drawn = np.asarray(draws, dtype=float).ravel()
        if not drawn.size:
            raise InputError(f"samples[{label!r}] is empty")
        height = np.histogram(drawn, edges)[0] / (drawn.size * np.diff(edges))
        ax.stairs(
            height, edges, fill=True, facecolor=(colours[label], 0.3), edgecolor=colours[label], linewidth=1.0,
            hatch=("", "//", "..", "xx")[k % 4], label=f"{label}, {drawn.size} draws", gid=f"samples {label}",
        )  # fmt: skip
    for k, (label, density) in enumerate(curves.items()):
        y = np.asarray(density, dtype=float)
        if y.shape != grid.shape:
            raise InputError(f"curves[{label!r}] must have shape {grid.shape}, not {y.shape}")
        ax.plot(grid, y, color=colours[label], linestyle=DASHES[k % len(DASHES)], label=label, gid=label)
    ax.set(xlabel="action", ylabel="density", xlim=(grid[0], grid[-1]))
    ax.set_ylim(bottom=0.0)
    ax.legend(loc="best", handlelength=3.4)
    return ax
