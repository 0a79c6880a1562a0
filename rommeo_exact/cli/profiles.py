"""What a population's play is held against: the best profiles, and the Nash equilibria of a matrix game."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np

from ..checks import FloatArray
from ..games.models import Game, MatrixGame, StochasticGame
from ..solvers import solve

__all__ = ["best_profiles", "best_together", "common_payoff", "is_nash", "mixed_equilibria", "pure_equilibria"]

MOST_ACTIONS = 5
"""Of either player, for the enumeration of supports."""


def common_payoff(game: Game) -> bool:
    """Whether all players earn the same."""
    return bool(np.array_equal(game.payoffs, np.broadcast_to(game.payoffs[:1], game.payoffs.shape)))


def best_profiles(game: MatrixGame) -> list[tuple[int, ...]]:
    """The profiles with the greatest sum of payoffs."""
    total = game.payoffs.sum(axis=0)
    return [tuple(map(int, profile)) for profile in np.argwhere(total == total.max())]


def best_together(game: Game) -> float:
    """The greatest sum of payoffs: of one round, or discounted from the initial states of a stochastic game."""
    if isinstance(game, MatrixGame):
        return float(game.payoffs.sum(axis=0).max())
    one = game.payoffs.sum(axis=0)
    team = StochasticGame(
        np.broadcast_to(one, game.payoffs.shape), game.transitions, game.discount, terminal=game.terminal,
        initial=game.initial,
    )  # fmt: skip
    return float(game.initial @ solve(team, 0, 0.0, 0.0).value)


def pure_equilibria(game: MatrixGame) -> list[tuple[int, ...]]:
    """All pure Nash equilibria: profiles in which each player's payoff is the best that its own action can give."""
    best = np.ones(game.num_actions, dtype=bool)
    for i, table in enumerate(game.payoffs):
        best &= table == table.max(axis=i, keepdims=True)
    return [tuple(map(int, profile)) for profile in np.argwhere(best)]


def is_nash(game: MatrixGame, profile: tuple[int, ...]) -> bool:
    """Whether a profile is a pure Nash equilibrium."""
    return profile in pure_equilibria(game)


def mixed_equilibria(game: MatrixGame) -> tuple[list[tuple[FloatArray, FloatArray]] | None, str]:
    """The Nash equilibria of two players that are not pure, and a word on what was computed.

    Supports of the same size are enumerated, in rational arithmetic, so that no tie is missed or invented: all that
    there are where no mixed action has more best answers than it has actions (von Stengel 2002). None where they were
    not computed; the word then says how to get them.
    """
    if game.num_players != 2:
        return None, "Mixed ones are listed for two players only; Gambit (rx.games.to_pygambit) computes others."
    if max(game.num_actions) > MOST_ACTIONS:
        return None, f"Mixed ones are listed up to {MOST_ACTIONS} actions; Nashpy (rx.games.to_nashpy) computes others."
    one, two = ([[Fraction(float(x)) for x in row] for row in table] for table in game.payoffs)
    answers = [list(column) for column in zip(*two, strict=True)]  # player 2's payoffs, its own actions first
    found: list[tuple[list[Fraction], list[Fraction]]] = []
    tied = False
    for size in range(1, min(game.num_actions) + 1):
        for rows in combinations(range(len(one)), size):
            for columns in combinations(range(len(answers)), size):
                second, tie = _indifferent(one, rows, columns)
                first, tie_too = _indifferent(answers, columns, rows)
                if first is None or second is None:
                    continue
                tied |= tie or tie_too
                if (first, second) not in found and (max(first) < 1 or max(second) < 1):
                    found.append((first, second))
    word = "By enumeration of supports, in rational arithmetic."
    pairs = [(np.array(first, dtype=float), np.array(second, dtype=float)) for first, second in found]
    if tied or (len(found) + len(pure_equilibria(game))) % 2 == 0:
        return pairs, f"{word} The game is degenerate: there may be more, or continua of them."
    return pairs, f"{word} There are no others, unless the game is degenerate, of which there is no sign."


def _indifferent(
    table: list[list[Fraction]], own: Sequence[int], other: Sequence[int]
) -> tuple[list[Fraction] | None, bool]:
    """The mixture over `other` that makes all of `own` best answers, if there is one; and whether any more are."""
    size = len(own)
    rows = [[table[a][b] for b in other] + [Fraction(-1), Fraction(0)] for a in own]
    rows.append([Fraction(1)] * size + [Fraction(0), Fraction(1)])
    for k in range(size + 1):  # Gauss and Jordan
        pivot = next((r for r in range(k, size + 1) if rows[r][k]), None)
        if pivot is None:
            return None, False
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for r in range(size + 1):
            if r != k and rows[r][k]:
                rows[r] = [x - rows[r][k] * y for x, y in zip(rows[r], rows[k], strict=True)]
    *weights, value = (row[-1] for row in rows)
    others = [sum(table[a][b] * w for b, w in zip(other, weights, strict=True)) for a in range(len(table))]
    if min(weights) < 0 or max(others) > value:
        return None, False
    mixture = [Fraction(0)] * len(table[0])
    for b, w in zip(other, weights, strict=True):
        mixture[b] = w
    return mixture, min(weights) == 0 or sum(x == value for x in others) > size
