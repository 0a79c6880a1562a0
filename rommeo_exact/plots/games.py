"""Tables of a game: its payoffs, and what one agent's optimum is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import FloatArray
from ..errors import InputError
from ..games.models import Game, MatrixGame
from .style import short, styled, who

__all__ = ["MOST_CELLS", "payoffs"]

MOST_CELLS = 400
"""Of a table."""


@styled
def payoffs(game: Game, ax: Any, policies: Sequence[Any] | None = None) -> Any:
    """The table of payoffs, and how often each profile is played as the darkness of its cell.

    Parameters
    ----------
    game : MatrixGame
        Rows are player 1's actions, columns the joint actions of the others.
    ax : matplotlib.axes.Axes
    policies : sequence of (A_i,) arrays, optional
        What everyone plays, independently. Without it all cells are alike.

    Raises
    ------
    InputError
    """
    if not isinstance(game, MatrixGame):
        raise InputError(f"game must be a MatrixGame, not {type(game).__name__}: each state has a table of its own")
    rows = game.num_actions[0]
    columns = math.prod(game.num_actions[1:])
    if rows * columns > MOST_CELLS:
        raise InputError(f"game has {rows * columns} profiles, more than a table of {MOST_CELLS} cells can show")
    play = np.zeros((rows, columns))
    if policies is not None:
        play = _joint(game, policies)
    tables = game.payoffs.reshape(game.num_players, rows, columns)
    shown = tables[:1] if np.array_equal(tables, np.broadcast_to(tables[:1], tables.shape)) else tables
    ax.imshow(play, cmap="Blues", vmin=0.0, vmax=1.15, aspect="auto")
    between = ", " if len(shown) < 3 else "\n"  # of many players one below the other
    numbers = [[[f"{x:.4g}".replace("-", "−") for x in cell] for cell in row] for row in shown.transpose(1, 2, 0)]
    texts = [[between.join(cell) for cell in row] for row in numbers]
    lines = [line for row in texts for text in row for line in text.split("\n")]
    place, (wide, high) = ax.get_position(), ax.figure.get_size_inches()
    room = 72.0 * wide * place.width / columns, 72.0 * high * place.height / rows  # of a cell, in points
    tall = 1.0 if len(shown) < 3 else len(shown)
    size = max(3.0, min(18.0, room[0] / (0.7 * max(map(len, lines))), 0.5 * room[1] / (0.5 + 0.5 * tall)))
    for a, b in itertools.product(range(rows), range(columns)):
        colour = "white" if play[a, b] > 0.55 else "#1a1a1a"
        ax.text(b, a, texts[a][b], ha="center", va="center", fontsize=size, color=colour)
    ax.set_xticks(range(columns), [short(", ".join(x)) for x in itertools.product(*game.actions[1:])])
    ax.set_yticks(range(rows), [short(x) for x in game.actions[0]])
    if columns > 6:
        ax.tick_params(axis="x", rotation=60)
    others = ", ".join(who(game, i) for i in range(1, game.num_players))
    ax.set(xlabel=others or "alone", ylabel=who(game, 0))
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#4a4a4a", linewidth=0.8)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(True)
    return ax


def _joint(game: MatrixGame, policies: Sequence[Any]) -> FloatArray:
    if len(policies) != game.num_players:
        raise InputError(f"policies must hold {game.num_players} distributions, one for each player")
    joint: FloatArray = np.ones((1, 1))
    for i, (policy, size) in enumerate(zip(policies, game.num_actions, strict=True)):
        if np.shape(policy) != (size,):
            raise InputError(f"policies[player={i}] must have shape ({size},), not {np.shape(policy)}")
        joint = joint[..., None] * np.asarray(policy)
    return joint.reshape(game.num_actions[0], -1)
