"""Sampled self-play beside the exact one: each agent counts what the others do, one action a round."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..checks import FloatArray, frozen, generator, integer, real_number
from ..games.chance import following_states, joint_action, sample
from ..games.models import Game
from ..soft import normalised
from .rounds import Population

__all__ = ["SampledPlay", "sampled_self_play"]


@dataclass(frozen=True, eq=False)
class SampledPlay:
    """What many independent runs of sampled self-play went through; T rounds were played.

    Attributes
    ----------
    marginals : tuple of (T, runs, S, A_i) arrays
        What each agent drew its action from; without S in a matrix game.
    actions : (T, runs, n) int array
        What was played.
    states : (T, runs) int array
        Where; 0 in a matrix game.
    pseudo_count : float
    """

    marginals: tuple[FloatArray, ...]
    actions: Any
    states: Any
    pseudo_count: float
    game: Game = field(repr=False)

    @property
    def rounds(self) -> int:
        return int(self.actions.shape[0])

    @property
    def runs(self) -> int:
        return int(self.actions.shape[1])

    def step(self, k: int) -> float:
        """The step of the exact path that this one follows in the mean: ``self_play(..., update=sampled.step)``."""
        return 1.0 / (self.pseudo_count + k + 1.0)


def sampled_self_play(
    game: Game,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    prior: Any = None,
    rounds: int = 1000,
    runs: int = 100,
    discount: float | None = None,
    *,
    pseudo_count: float = 1.0,
    rng: np.random.Generator,
) -> SampledPlay:
    """Agents who know the game, answer their priors exactly, and learn the priors by counting (Algorithm 1's P).

    In every round each agent draws its action from its marginal policy; the prior of each is then

        P(b|s) = (pseudo_count P_0(b|s) + count of b in s) / (pseudo_count + rounds in s).

    In a matrix game the mean of a round is that of :func:`self_play` with steps 1 / (pseudo_count + k + 1), which the
    runs follow as `pseudo_count` grows; a small one lets the first actions decide for long.

    Parameters
    ----------
    game : MatrixGame or StochasticGame
        A terminal state is left for one drawn from the game's initial distribution.
    alpha, beta, prior, discount
        As in :func:`self_play`.
    rounds, runs : int
    pseudo_count : float
        > 0: how many observations the first prior is worth.
    rng : numpy.random.Generator

    Returns
    -------
    SampledPlay

    Raises
    ------
    InputError

    Examples
    --------
    >>> from rommeo_exact.games import climbing
    >>> sampled = sampled_self_play(climbing(), rounds=200, runs=50, rng=np.random.default_rng(0))
    >>> bool(sampled.marginals[0][-1, :, 0].min() > 0.99)                     # P(A) in the worst of 50 runs
    True
    """
    population = Population.of(game, alpha, beta, discount)
    integer(rounds, "rounds", low=1)
    integer(runs, "runs", low=1)
    generator(rng)
    pseudo_count = real_number(pseudo_count, "pseudo_count", low=1e-300)
    first = [normalised(p) for p in population.given(prior)]
    counts = [np.repeat(pseudo_count * p, runs, axis=0) for p in first]
    seen = np.full((runs, population.states), pseudo_count)
    state = _initial(population, runs, rng)
    each = np.arange(runs)
    marginals: list[list[FloatArray]] = [[] for _ in population.players]
    actions = np.empty((rounds, runs, len(population.sizes)), dtype=np.intp)
    states = np.empty((rounds, runs), dtype=np.intp)
    for k in range(rounds):
        for i in population.players:
            with np.errstate(divide="ignore"):
                log_prior = np.log(counts[i] / seen[..., None])
            marginal = normalised(population.answer(log_prior, i))
            marginals[i].append(marginal)
            actions[k, :, i] = sample(marginal[each, state], rng)
        states[k] = state
        for i in population.players:
            counts[i][each, state, joint_action(actions[k], i, population.sizes)] += 1.0
        seen[each, state] += 1.0
        state = _next(population, state, actions[k], rng)
    stacked = [np.stack(part) for part in marginals]
    shaped = tuple(frozen(x[:, :, 0] if population.stateless else x) for x in stacked)
    return SampledPlay(shaped, frozen(actions), frozen(states), pseudo_count, game)


def _initial(population: Population, runs: int, rng: np.random.Generator) -> Any:
    if population.stateless:
        return np.zeros(runs, dtype=np.intp)
    return rng.choice(population.states, size=runs, p=population.game.initial)  # type: ignore[union-attr]


def _next(population: Population, state: Any, actions: Any, rng: np.random.Generator) -> Any:
    if population.stateless:
        return state
    game: Any = population.game
    following = following_states(game, state, actions, rng)
    again = game.terminal[following]
    return np.where(again, _initial(population, len(state), rng), following)
