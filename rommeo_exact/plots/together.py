"""Whole figures of a result, for the command line and for a first look."""

from __future__ import annotations

from typing import Any

from ..games.models import Game
from ..population import SelfPlayBranches, SelfPlayEquilibria, SelfPlayPath
from .places import drawable, simplex
from .self_play import branches, changing, convergence, path
from .style import new, who

__all__ = ["of_branches", "of_play"]


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
