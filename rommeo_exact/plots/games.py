"""Tables of a game: its payoffs, and what one agent's optimum is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import FloatArray, integer
from ..errors import InputError
from ..games.models import Game, MatrixGame
from ..solvers import Solution
from .style import short, styled, who

__all__ = ["MOST_CELLS", "payoffs", "solution"]

MOST_CELLS = 400
"""Of a table."""

SHADES, DARKEST, LINES = "Blues", 1.15, "#4a4a4a"
"""Of cells: a map that darkens, the probability at its end, and what is between them."""

WHITE = 0.78
"""The probability above which white letters have more contrast than dark ones."""

GAP = 0.25
"""Between a table and its margins, in cells."""


@styled
def payoffs(game: Game, ax: Any, policies: Sequence[Any] | None = None, *, joint: Any = None) -> Any:
    """The table of payoffs, and how often each profile is played as the darkness of its cell.

    Parameters
    ----------
    game : MatrixGame
        Rows are player 1's actions, columns the joint actions of the others.
    ax : matplotlib.axes.Axes
    policies : sequence of (A_i,) arrays, optional
        What everyone plays, independently. Without it, and without `joint`, all cells are alike.
    joint : (A_1, ..., A_n) array, optional
        In place of `policies`, the probability of each profile, as one agent's pi*(a|b) rho*(b).

    Raises
    ------
    InputError
    """
    if not isinstance(game, MatrixGame):
        raise InputError(f"game must be a MatrixGame, not {type(game).__name__}: each state has a table of its own")
    rows = game.num_actions[0]
    columns = math.prod(game.num_actions[1:])
    _few(rows * columns, "game", "profiles")
    play = np.zeros((rows, columns))
    if policies is not None and joint is not None:
        raise InputError("policies and joint are two answers to one question: give one")
    if policies is not None:
        play = _joint(game, policies)
    if joint is not None:
        play = np.asarray(joint, dtype=float)
        if play.shape != game.num_actions:
            raise InputError(f"joint must have shape {game.num_actions}, not {play.shape}")
        play = play.reshape(rows, columns)
    tables = game.payoffs.reshape(game.num_players, rows, columns)
    shown = tables[:1] if np.array_equal(tables, np.broadcast_to(tables[:1], tables.shape)) else tables
    ax.imshow(play, cmap=SHADES, vmin=0.0, vmax=DARKEST, aspect="auto")
    between = ", " if len(shown) < 3 else "\n"  # of many players one below the other
    numbers = [[[f"{x:.4g}".replace("-", "−") for x in cell] for cell in row] for row in shown.transpose(1, 2, 0)]
    texts = [[between.join(cell) for cell in row] for row in numbers]
    lines = [line for row in texts for text in row for line in text.split("\n")]
    size = _letters(ax, rows, columns, max(map(len, lines)), 1 if len(shown) < 3 else len(shown))
    for a, b in itertools.product(range(rows), range(columns)):
        _cell(ax, b, a, texts[a][b], play[a, b], size)
    ax.set_xticks(range(columns), [short(", ".join(x)) for x in itertools.product(*game.actions[1:])])
    ax.set_yticks(range(rows), [short(x) for x in game.actions[0]])
    if columns > 6:
        ax.tick_params(axis="x", rotation=60)
    others = ", ".join(who(game, i) for i in range(1, game.num_players))
    ax.set_xlabel(others or "alone")
    ax.set_ylabel(who(game, 0), labelpad=8.0)
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=LINES, linewidth=0.8)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(True)
    return ax


@styled
def solution(solved: Solution, ax: Any, state: int = 0) -> Any:
    """One agent's optimum in a state: pi*(a|b) with a column for each b, and in the margins pi, rho* and the prior.

    The darkness of a cell is its probability. Columns sum to 1; so do the marginal policy, to the right, and, below,
    the opponent model and the prior.

    Parameters
    ----------
    solved : Solution
        What :func:`~rommeo_exact.solve` returns.
    ax : matplotlib.axes.Axes
    state : int

    Raises
    ------
    InputError
    """
    states, rows, columns = solved.policy.shape
    integer(state, "state", low=0, high=states)
    if solved.view.terminal[state]:
        raise InputError(f"state {state} is terminal: nothing is played there")
    _few(rows * columns, "the policy", "cells")
    pi, rho = solved.policy[state], solved.opponent_model[state]
    blocks = [("policy", pi, 0.0, 0.0)]
    if columns > 1:
        below = np.stack([rho, solved.prior[state]])
        blocks += [("marginal policy", solved.marginal_policy[state][:, None], columns + GAP, 0.0)]
        blocks += [("opponent model and prior", below, 0.0, rows + GAP)]
    texts = {name: [[_chance(p) for p in row] for row in table] for name, table, _, _ in blocks}
    longest = max(len(text) for table in texts.values() for row in table for text in row)
    more = columns > 1
    size = _letters(ax, rows + (2 + GAP) * more, columns + (1 + GAP) * more, longest, 1)
    for name, table, left, top in blocks:
        high, wide = table.shape
        ax.imshow(
            table, cmap=SHADES, vmin=0.0, vmax=DARKEST, aspect="auto", gid=name,
            extent=(left - 0.5, left + wide - 0.5, top + high - 0.5, top - 0.5),
        )  # fmt: skip
        corners = {"color": LINES, "linewidth": 0.8, "clip_on": False}
        ax.vlines(left - 0.5 + np.arange(wide + 1), top - 0.5, top + high - 0.5, **corners)
        ax.hlines(top - 0.5 + np.arange(high + 1), left - 0.5, left + wide - 0.5, **corners)
        for a, b in np.ndindex(high, wide):
            _cell(ax, left + b, top + a, texts[name][a][b], table[a, b], size)
    view = solved.view
    across, down = list(map(short, view.opponent_actions)), list(map(short, view.actions))
    if more:
        across, down = [*across, "π(a)"], [*down, "ρ*(b)", "P(b)"]
    ax.set_xticks([*range(columns), *[columns + GAP] * more], across)
    ax.set_yticks([*range(rows), *[rows + GAP, rows + GAP + 1.0] * more], down)
    if columns > 6:
        ax.tick_params(axis="x", rotation=60)
    ax.set_xlim(-0.5, columns - 0.5 + (1.0 + GAP) * more)
    ax.set_ylim(rows - 0.5 + (2.0 + GAP) * more, -0.5)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    # each name in the middle of what it names, not of the margins too
    ax.set_xlabel("b, of the others" if more else "alone", x=0.5 * columns / (columns + (1.0 + GAP) * more))
    ax.set_ylabel("a, of the agent", y=1.0 - 0.5 * rows / (rows + (2.0 + GAP) * more), labelpad=8.0)
    return ax


def _few(cells: int, what: str, things: str) -> None:
    if cells > MOST_CELLS:
        raise InputError(f"{what} has {cells} {things}, more than a table of {MOST_CELLS} cells can show")


def _letters(ax: Any, rows: float, columns: float, longest: int, lines: int) -> float:
    """Of what size letters are so that the longest text of so many lines fits into a cell."""
    place, (wide, high) = ax.get_position(), ax.figure.get_size_inches()
    room = 72.0 * wide * place.width / columns, 72.0 * high * place.height / rows  # of a cell, in points
    return float(max(3.0, min(18.0, room[0] / (0.7 * longest), 0.5 * room[1] / (0.5 + 0.5 * lines))))


def _cell(ax: Any, x: float, y: float, text: str, darkness: float, size: float) -> None:
    colour = "white" if darkness > WHITE else "#1a1a1a"
    ax.text(x, y, text, ha="center", va="center", fontsize=size, color=colour)


def _chance(p: float) -> str:
    """A probability in few letters: 0 and 1 only where it is."""
    if p in (0.0, 1.0):
        return f"{p:.0f}"
    if 0.0005 <= p < 0.9995:
        return f"{p:.3f}"
    return "≈ 1" if p > 0.5 else "< .001"


def _joint(game: MatrixGame, policies: Sequence[Any]) -> FloatArray:
    if len(policies) != game.num_players:
        raise InputError(f"policies must hold {game.num_players} distributions, one for each player")
    joint: FloatArray = np.ones((1, 1))
    for i, (policy, size) in enumerate(zip(policies, game.num_actions, strict=True)):
        if np.shape(policy) != (size,):
            raise InputError(f"policies[player={i}] must have shape ({size},), not {np.shape(policy)}")
        joint = joint[..., None] * np.asarray(policy)
    return joint.reshape(game.num_actions[0], -1)
