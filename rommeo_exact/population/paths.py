"""Exact population self-play, round by round."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from ..checks import FloatArray, frozen, integer, real_number
from ..errors import InputError
from ..games.models import Game
from ..soft import log_sum, normalised
from .perron import log_normalised
from .rounds import Play, Population
from .uniqueness import contraction, error_bound

__all__ = ["SelfPlayPath", "Update", "self_play"]

Update: TypeAlias = Literal["simultaneous", "alternating"] | float | Callable[[int], float]

LONGEST_PERIOD = 12


@dataclass(frozen=True, eq=False)
class SelfPlayPath:
    """What :func:`self_play` went through; T rounds were played.

    All tuples have one entry per player; S is missing from the shapes in a matrix game.

    Attributes
    ----------
    priors : tuple of (T + 1, S, B_i) arrays
        The first ones are those it was given; with ``joint=False``, answers are to products of what they say of each.
    marginals : tuple of (T + 1, S, A_i) arrays
        What everyone plays in answer to these priors.
    residuals : (T + 1,) array
        How far the priors are, in Hilbert's metric, from what the others play; 0 at a fixed point. Not an error. Where
        a temperature is 0, and probabilities may fall to 0 for ever, in total variation.
    expected_returns : (T + 1, n) array
        What everyone earns where each draws from its own marginal.
    converged : bool
        The last residual is at most `tol`.
    period : int or None
        1 where it converged; 2 or more where the last rounds repeat after so many, an oscillation; else None.
    last : tuple of (1, S, A_i) arrays
        The logarithms of the last marginals.
    """

    priors: tuple[FloatArray, ...]
    marginals: tuple[FloatArray, ...]
    residuals: FloatArray
    expected_returns: FloatArray
    tol: float
    period: int | None
    population: Population = field(repr=False)
    last: Play = field(repr=False)

    @cached_property
    def error_bound(self) -> float:
        """The last marginals are within it of the only fixed point, in Hilbert's metric; inf without a theorem."""
        population = self.population
        if not population.stateless or 0.0 in population.alpha:
            return math.inf
        return error_bound(population, self.last, contraction(population, self.last))

    @property
    def rounds(self) -> int:
        return len(self.residuals) - 1

    @property
    def converged(self) -> bool:
        return bool(self.residuals[-1] <= self.tol)


def self_play(
    game: Game,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    prior: Any = None,
    update: Update = "simultaneous",
    rounds: int = 1000,
    discount: float | None = None,
    *,
    tol: float = 1e-12,
    joint: bool = True,
) -> SelfPlayPath:
    """Play until everyone's prior is what the others play, or for so many rounds: exact, nothing is sampled.

    Parameters
    ----------
    game : MatrixGame or StochasticGame
    alpha, beta : float, or sequence of n
        Temperatures and KL weights, from their limits 0 to beta = inf.
    prior : sequence of n arrays (B_i,) or (S, B_i), optional
        What each player believes of the others at first; uniform by default.
    update : {"simultaneous", "alternating"}, float or callable
        How priors follow what the others play: all at once; one player after the other, each seeing what was updated
        before it; or all at once by a step in (0, 1], prior + step (play - prior), a number or a function of the round
        from 0: ``lambda k: 1 / (k + 2)`` makes the prior the mean of all that was played, as counting does.
    rounds : int
    discount : float, optional
        By default the game's own; 0 for a matrix game, whose play it does not change.
    tol : float
        Stop at a residual of so much.
    joint : bool
        Whether a prior over several opponents is averaged as a distribution of their joint actions, as the paper counts
        them, or as the product of averaged marginals. Two players, and updates without a step, do not tell.

    Returns
    -------
    SelfPlayPath

    Raises
    ------
    InputError

    Examples
    --------
    >>> from rommeo_exact.games import climbing
    >>> path = self_play(climbing(), alpha=1.0, prior=[[0, 1, 0], [0, 1, 0]])     # both sure that the other plays B
    >>> path.marginals[0][:, 0].round(3)[[0, 1, 2, 3, 4, 5, -1]]                   # P(A) of the first player
    array([0.   , 0.   , 0.   , 0.426, 0.458, 0.999, 1.   ])
    """
    population = Population.of(game, alpha, beta, discount)
    integer(rounds, "rounds", low=0)
    tol = real_number(tol, "tol", low=0.0)
    follow = following(population, update, joint)
    given = priors = population.given(prior)
    if not joint:
        priors = tuple(_independent(population, _beliefs(population, p, i), i) for i, p in enumerate(priors))
    played, seen, residuals = [], [], []
    for k in range(rounds + 1):
        marginals = tuple(population.answer(p, i) for i, p in enumerate(priors))
        target = population.log_priors(marginals)
        residuals.append(_residual(population, priors, target))
        played.append(marginals)
        seen.append(priors if k else given)
        if residuals[-1] <= tol or k == rounds:
            break
        priors = follow(k, priors, marginals)
    kept = [[normalised(np.concatenate(x)) for x in zip(*path, strict=True)] for path in (seen, played)]
    returns = np.stack([population.expected_return([m[k] for m in kept[1]]) for k in range(len(residuals))])
    squeezed = [tuple(frozen(x[:, 0] if population.stateless else x) for x in path) for path in kept]
    period = _period(population, played, residuals[-1] <= tol)
    return SelfPlayPath(
        squeezed[0], squeezed[1], frozen(np.array(residuals)), frozen(returns), tol, period,
        population, played[-1],
    )  # fmt: skip


def _residual(population: Population, priors: Play, target: Play) -> float:
    if 0.0 not in population.alpha:
        return float(population.distance(priors, target)[0])
    apart = (np.abs(normalised(x) - normalised(y)).sum(axis=-1).max() for x, y in zip(priors, target, strict=True))
    return float(max(apart)) / 2.0


def following(population: Population, update: Update, joint: bool) -> Callable[[int, Play, Play], Play]:
    """How priors follow what is played: a function of the round, the priors and the marginals; `update` is checked."""
    step_of = _steps(update)
    if update == "alternating":
        return lambda k, priors, marginals: _in_turn(population, priors, marginals)
    return lambda k, priors, marginals: _moved(population, priors, marginals, step_of(k), joint)


def _steps(update: Update) -> Callable[[int], float]:
    if isinstance(update, str):
        if update not in ("simultaneous", "alternating"):
            raise InputError(f"update is {update!r}, not 'simultaneous', 'alternating' or a step in (0, 1]")
        return lambda k: 1.0
    if isinstance(update, bool):
        raise InputError(f"update is {update!r}, not 'simultaneous', 'alternating' or a step in (0, 1]")
    given = update if callable(update) else lambda k: update

    def step(k: int) -> float:
        number = real_number(given(k), f"update's step in round {k}", low=0.0, high=1.0)
        if number == 0.0:
            raise InputError(f"update's step in round {k} is 0: nothing would move")
        return number

    if not callable(update):
        step(0)
    return step


def _in_turn(population: Population, priors: Play, marginals: Play) -> Play:
    """Each player in turn updates its prior to what the others play by now, and answers."""
    play, updated = list(marginals), list(priors)
    for i in population.players:
        updated[i] = population.log_prior(tuple(play), i)
        play[i] = population.answer(updated[i], i)
    return tuple(updated)


def _moved(population: Population, priors: Play, marginals: Play, step: float, joint: bool) -> Play:
    """prior + step (play - prior)."""
    target = population.log_priors(marginals)
    if step == 1.0:
        return target
    if joint:
        return tuple(_mixed(p, t, step) for p, t in zip(priors, target, strict=True))
    moved = []
    for i, prior in enumerate(priors):
        others = (marginals[j] for j in population.others(i))
        beliefs = (_mixed(p, m, step) for p, m in zip(_beliefs(population, prior, i), others, strict=True))
        moved.append(_independent(population, tuple(beliefs), i))
    return tuple(moved)


def _mixed(one: FloatArray, two: FloatArray, step: float) -> FloatArray:
    return np.logaddexp(one + math.log1p(-step), two + math.log(step))


def _beliefs(population: Population, prior: FloatArray, i: int) -> Play:
    """What agent i's prior (1, S, B) says of each other player alone, in their order."""
    shape = [population.sizes[j] for j in population.others(i)]
    table = prior.reshape(1, population.states, *shape)
    beliefs = [np.moveaxis(table, 2 + axis, 2).reshape(1, population.states, n, -1) for axis, n in enumerate(shape)]
    return tuple(log_normalised(log_sum(belief)) for belief in beliefs)


def _independent(population: Population, beliefs: Play, i: int) -> FloatArray:
    """The product of what agent i believes of each other player."""
    play: list[FloatArray] = list(beliefs)
    play.insert(i, np.zeros((1, population.states, 1)))
    return population.log_prior(tuple(play), i)


def _period(population: Population, played: list[Play], converged: bool) -> int | None:
    if converged:
        return 1
    for period in range(1, min(LONGEST_PERIOD, len(played) - 1) + 1):
        if population.distance(played[-1], played[-1 - period])[0] <= 1e-9:
            return period if period > 1 else None  # it hardly moves, but has not arrived
    return None
