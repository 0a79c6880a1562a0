"""Whole figures of a result, for the command line and for a first look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import integer
from ..errors import InputError
from ..games.models import Game, MatrixGame
from ..population import SelfPlayBranches, SelfPlayEquilibria, SelfPlayPath
from ..solvers import Solution
from .games import payoffs, solution
from .places import drawable, simplex
from .self_play import branches, changing, convergence, path
from .style import new, state_name, who

__all__ = ["of_branches", "of_play", "of_solution"]


def of_play(game: Game, found: SelfPlayEquilibria, played: SelfPlayPath, rate: float | None = None) -> Any:
    """A figure of a path, how fast it settles, and, where that can be drawn, what one round does to a play.

    Raises
    ------
    MissingPackageError
    """
    triangle = drawable(game)
    figure, axes = new(1, 3 if triangle else 2)
    path(played, axes[0, 0])
    convergence(played, axes[0, 1], rate=rate)
    if triangle:
        simplex(game, axes[0, 2], found.alpha, found.beta, paths=[played], points=found.points)
        axes[0, 2].set_title(f"what a round does to {who(game, 0)}")
    return figure


def of_branches(found: SelfPlayBranches) -> Any:
    """A figure of the first player's play along the temperature, and of what it earns.

    The action, and the state, are those in which its play differs most.

    Raises
    ------
    MissingPackageError
    """
    figure, axes = new(1, 2)
    branches(found, axes[0, 0], **changing(found))
    branches(found, axes[0, 1], quantity="expected_return")
    return figure


def of_solution(game: Game, solved: Solution, agent: int = 0, states: Sequence[int] | None = None) -> Any:
    """A figure of one agent's optimum: of a matrix game its payoffs too, with what is played as heat; of a stochastic
    game a table for each of some states, and how the solver came there.

    Parameters
    ----------
    game : MatrixGame or StochasticGame
    solved : Solution
        Of `game`, as `agent` sees it.
    agent : int
    states : sequence of int, optional
        By default the first that end nothing, two at most.

    Raises
    ------
    InputError
    MissingPackageError
    """
    integer(agent, "agent", low=0, high=game.num_players)
    if isinstance(game, MatrixGame):
        joint = solved.policy[0] * solved.opponent_model[0]
        others = [size for i, size in enumerate(game.num_actions) if i != agent]
        figure, axes = new(1, 2, width=7.0, height=5.2)
        payoffs(game, axes[0, 0], joint=np.moveaxis(joint.reshape(-1, *others), 0, agent))
        axes[0, 0].set_title("payoffs; shade: π*(a|b) ρ*(b)")
        tables = [(axes[0, 1], 0, "π*(a|b)")]
    else:
        live = np.flatnonzero(~solved.view.terminal)[:2].tolist()
        chosen = [s for s in (live if states is None else states) if not solved.view.terminal[s]]
        if not chosen:
            raise InputError("each of the states is terminal: nothing is played there")
        columns = 2 if len(chosen) == 3 else min(3, len(chosen) + 1)
        figure, axes = new(-(-(len(chosen) + 1) // columns), columns, width=7.0, height=5.2)
        tables = [(ax, s, f"π*(a|b) in {state_name(game, s)}") for ax, s in zip(axes.flat, chosen, strict=False)]
        last = axes.flat[len(chosen)]
        convergence(solved, last)
        last.set_title(f"{solved.method}, discount {solved.view.discount:g}")
        for ax in axes.flat[len(chosen) + 1 :]:
            ax.set_axis_off()
    for ax, state, title in tables:
        solution(solved, ax, state)
        ax.set_title(title)
        ax.yaxis.label.set_text(f"a, {who(game, agent)}")
        if game.num_players > 1:
            ax.xaxis.label.set_text("b, " + ", ".join(who(game, i) for i in range(game.num_players) if i != agent))
    return figure
