"""Learning curves: the mean over runs, with its confidence band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from ..checks import FloatArray, integer
from ..errors import InputError
from .averages import confidence
from .style import COLOURS, SHAPES, styled

__all__ = ["Look", "curve_band", "episode_ticks", "learning"]

Look: TypeAlias = tuple[str, Any, str]
"""Colour, dashes and marker of a learner."""

CURVES: tuple[Any, ...] = (
    "-", (0, (6, 2)), (0, (5, 2, 1, 2)), (0, (1, 1.2)), (0, (3, 1.5)), (0, (6, 2, 1, 2, 1, 2)),
)  # fmt: skip
"""Dashes of learning curves."""


@styled
def learning(
    curves: Any, ax: Any, *, player: int = 0, window: int = 1, looks: Mapping[str, Look] | None = None,
    ylabel: str | None = None,
) -> Any:  # fmt: skip
    """The mean over runs, episode by episode, with its 95 % confidence band: 1.96 standard errors to each side.

    Parameters
    ----------
    curves : History, ContinuousHistory or (E, K) array, or a mapping to such from labels
        Of a history, the rewards. A mapping draws a line for each of its entries, and a legend. Of one run, K = 1,
        there is no band.
    ax : matplotlib.axes.Axes
    player : int
        Whose rewards of a history.
    window : int
        Each value is the mean of so many episodes, its own the last.
    looks : mapping from labels, optional
        Colour, dashes and marker of some of the lines.
    ylabel : str, optional
        By default what a history has, or that it is a mean of so many runs.

    Raises
    ------
    InputError
    """
    named = isinstance(curves, Mapping)
    entries: dict[str, Any] = dict(curves) if named else {"": curves}
    integer(window, "window", low=1)
    if not entries:
        raise InputError("curves is empty")
    tables = {label: _table(entry, label, player) for label, entry in entries.items()}
    longest = max(map(len, tables.values()))
    for k, (label, table) in enumerate(tables.items()):
        usual = COLOURS[k % len(COLOURS)], CURVES[k % len(CURVES)], SHAPES[k % len(SHAPES)]
        mean, half = confidence(table, window)
        first = round(longest * (0.02 + 0.015 * (k % 8))) % max(1, len(table))
        curve_band(ax, mean, half, (looks or {}).get(label, usual), first, label=str(label), gid=str(label) or "mean")
    if ylabel is None:
        kinds = [hasattr(entry, "rewards") for entry in entries.values()]
        runs = sorted({table.shape[1] for table in tables.values()})
        many = f"{runs[0]} runs" if runs[0] == runs[-1] else f"{runs[0]} to {runs[-1]} runs"
        what = f"reward of player {player + 1}, " if all(kinds) else ""
        ylabel = f"{what}mean of {many}" if runs != [1] else f"{what}one run"
    ax.set(xlabel="episode" if window == 1 else f"episode (means of {window})", ylabel=ylabel)
    ax.set_xlim(0, longest * 1.02)
    episode_ticks(ax, longest)
    if named:
        ax.legend(loc="best", handlelength=3.4)
    return ax


def _table(entry: Any, label: str, player: int) -> FloatArray:
    place = f"curves[{label!r}]" if label else "curves"
    if hasattr(entry, "rewards"):  # a history, whose class stays unknown: what trains is not imported to draw
        rewards = np.asarray(entry.rewards)
        if rewards.ndim != 3:
            raise InputError(f"{place}.rewards must have axes for episodes, runs, players, not shape {rewards.shape}")
        integer(player, "player", low=0, high=rewards.shape[2])
        return rewards[:, :, player]
    table = np.asarray(entry, dtype=float)
    if table.ndim != 2 or not table.size:
        raise InputError(f"{place} must have the axes episodes and runs, not shape {table.shape}")
    return table


def curve_band(ax: Any, mean: FloatArray, half: FloatArray, look: Look, first: int, **more: Any) -> None:
    """A learning curve (E,) with its confidence band where there is one; the first marker is at episode `first` + 1."""
    colour, dash, marker = look
    episodes = np.arange(1, len(mean) + 1)
    if np.isfinite(half).all():
        ax.fill_between(episodes, mean - half, mean + half, color=colour, alpha=0.18, linewidth=0, gid="band")
    places = (first, max(1, len(mean) // 8))
    ax.plot(episodes, mean, linestyle=dash, color=colour, marker=marker, markersize=6.5, markevery=places, **more)


def episode_ticks(ax: Any, episodes: int) -> None:
    """Round numbers of episodes, and none beyond the last."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xticks([x for x in MaxNLocator(6, integer=True).tick_values(0, episodes) if 0 <= x <= episodes])
