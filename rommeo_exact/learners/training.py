"""Learners at play: episodes of a game, in many independent runs at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..checks import FloatArray, frozen, generator, integer
from ..errors import InputError
from ..games.chance import following_states, joint_action
from ..games.models import Game, MatrixGame, StochasticGame
from .protocol import Experience, IntArray, Recipe, Task, checked_recipes

__all__ = ["CrossPlay", "History", "cross_play", "train"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class History:
    """What :func:`train` saw: E episodes, K runs, n players.

    Attributes
    ----------
    rewards : (E, K, n) array
        Mean reward of a round, per episode.
    policies : tuple of (E, K, S, A_i) arrays
        What everyone played at the start of each episode, exploration included; without S in a matrix game.
    opponent_models : tuple of (E, K, S, B_i) arrays or None
        What those expected who have a model of the others.
    actions : (E, K, n) int array
        What was played in the last round of each episode; 0 where it began in a terminal state.
    """

    rewards: FloatArray
    policies: tuple[FloatArray, ...]
    opponent_models: tuple[FloatArray | None, ...]
    actions: IntArray
    recipes: tuple[Recipe, ...]
    game: Game = field(repr=False)

    @property
    def episodes(self) -> int:
        return int(self.rewards.shape[0])

    @property
    def runs(self) -> int:
        return int(self.rewards.shape[1])

    def joint_probability(self, profile: Sequence[int]) -> FloatArray:
        """The probability that this profile is played, (E, K), in a matrix game."""
        if not isinstance(self.game, MatrixGame):
            raise InputError("joint_probability is of a matrix game: in a stochastic game it depends on the state")
        if not isinstance(profile, (Sequence, np.ndarray)) or len(profile) != len(self.policies):
            raise InputError(f"profile must hold {len(self.policies)} actions, one for each player, not {profile!r}")
        sizes = self.game.num_actions
        profile = [integer(a, f"profile[{i}]", low=0, high=sizes[i]) for i, a in enumerate(profile)]
        parts = [policy[..., a] for policy, a in zip(self.policies, profile, strict=True)]
        product: FloatArray = math.prod(parts[1:], start=parts[0])
        return product


def train(
    game: Game,
    recipes: Sequence[Recipe],
    episodes: int = 300,
    rounds: int = 1,
    runs: int = 100,
    discount: float | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> History:
    """Let learners play a game with each other, from scratch, in many independent runs.

    Parameters
    ----------
    game : MatrixGame or StochasticGame
    recipes : sequence of n Recipe
        One per player: the same for all is self-play.
    episodes, rounds : int
        An episode ends after so many rounds, or in a terminal state; nothing follows its end. With one round in a
        matrix game a learner's target is the reward alone.
    runs : int
        K, all at once.
    discount : float, optional
        By default the game's own; 0.9 for a matrix game.
    rng : numpy.random.Generator
        Each learner, and the game, draw from a child of it.
    progress : callable, optional
        Told (episodes done, of how many).

    Returns
    -------
    History

    Raises
    ------
    InputError

    Examples
    --------
    >>> from rommeo_exact.games import climbing
    >>> from rommeo_exact.learners import RommeoQ
    >>> history = train(climbing(), [RommeoQ(), RommeoQ()], runs=20, rng=np.random.default_rng(0))
    >>> bool(history.joint_probability((0, 0))[-1].min() > 0.9)
    True
    """
    world = _World(game, runs, discount, rng)
    integer(episodes, "episodes", low=1)
    integer(rounds, "rounds", low=1)
    recipes = _recipes(recipes, game.num_players)
    tasks = [world.task(i) for i in range(game.num_players)]
    children = rng.spawn(len(tasks))
    learners = [recipe.start(task, child) for recipe, task, child in zip(recipes, tasks, children, strict=True)]
    rewards = np.zeros((episodes, runs, len(tasks)))
    policies = [np.empty((episodes, runs, task.states, task.own)) for task in tasks]
    models: list[FloatArray | None] = [
        None if learner.opponent_model() is None else np.empty((episodes, runs, task.states, task.joint))
        for learner, task in zip(learners, tasks, strict=True)
    ]
    actions = np.zeros((episodes, runs, len(tasks)), dtype=np.intp)
    for episode in range(episodes):
        for i, learner in enumerate(learners):
            learner.begin(episode * rounds)
            policies[i][episode] = learner.policy()
            model = models[i]
            if model is not None:
                model[episode] = learner.opponent_model()
        run, state = world.start()
        played = np.zeros(runs)
        for k in range(rounds):
            chosen = np.stack([learner.act(state, run) for learner in learners], axis=1)
            earned, following, ended = world.step(state, chosen)
            ended = ended | (k == rounds - 1)
            rewards[episode, run] += earned
            actions[episode, run] = chosen
            played[run] += 1.0
            for i, learner in enumerate(learners):
                others = world.joint(chosen, i)
                learner.observe(Experience(run, state, chosen[:, i], others, earned[:, i], following, ended))
            run, state = run[~ended], following[~ended]
            if not len(run):
                break
        rewards[episode] /= np.maximum(played, 1.0)[:, None]
        if progress is not None:
            progress(episode + 1, episodes)
    flat = isinstance(game, MatrixGame)
    shaped = tuple(frozen(x[:, :, 0] if flat else x) for x in policies)
    kept = tuple(None if x is None else frozen(x[:, :, 0] if flat else x) for x in models)
    return History(frozen(rewards), shaped, kept, frozen(actions), recipes, game)


def _recipes(recipes: Any, players: int | None = None) -> tuple[Recipe, ...]:
    return checked_recipes(recipes, Recipe, ("RommeoQ()", "FMQ()"), "a Recipe", players)  # type: ignore[type-abstract]


class _World:
    """A game in many runs: where it starts, and what a profile brings."""

    def __init__(self, game: Game, runs: int, discount: float | None, rng: np.random.Generator) -> None:
        if not isinstance(game, (MatrixGame, StochasticGame)):
            raise InputError(f"game must be a MatrixGame or a StochasticGame, not {type(game).__name__}")
        integer(runs, "runs", low=1)
        self.game, self.runs, self.rng = game, runs, generator(rng).spawn(1)[0]
        fallback = 0.9 if isinstance(game, MatrixGame) else game.discount
        self.discount = game.view(0, fallback if discount is None else discount).discount
        payoffs: Any = game.payoffs[:, None] if isinstance(game, MatrixGame) else game.payoffs
        self.payoffs = payoffs.reshape(*payoffs.shape[:2], -1)

    def task(self, i: int) -> Task:
        sizes = self.game.num_actions
        return Task(self.runs, self.payoffs.shape[1], sizes[i], math.prod(sizes) // sizes[i], self.discount)

    def start(self) -> tuple[IntArray, IntArray]:
        """Which runs there is anything to play in, and the states in which they start."""
        run = np.arange(self.runs)
        if isinstance(self.game, MatrixGame):
            return run, np.zeros(self.runs, dtype=np.intp)
        state = self.rng.choice(self.game.num_states, size=self.runs, p=self.game.initial)
        live = ~self.game.terminal[state]
        return run[live], np.asarray(state[live], dtype=np.intp)

    def step(self, state: IntArray, chosen: IntArray) -> tuple[FloatArray, IntArray, Any]:
        profile = np.ravel_multi_index(tuple(chosen.T), self.game.num_actions)
        earned = self.payoffs[:, state, profile].T
        if isinstance(self.game, MatrixGame):
            return earned, state, np.zeros(len(state), dtype=bool)
        following = following_states(self.game, state, chosen, self.rng)
        return earned, following, self.game.terminal[following]

    def joint(self, chosen: IntArray, i: int) -> IntArray:
        """The others' joint action b, in C order."""
        return np.asarray(joint_action(chosen, i, self.game.num_actions), dtype=np.intp)


@dataclass(frozen=True, eq=False)
class CrossPlay:
    """What :func:`cross_play` saw: entry (i, j) with recipe i as the first player and j as the second.

    Attributes
    ----------
    rewards : (N, N, K, 2) array
        Mean rewards of the last tenth of the episodes.
    recipes : tuple of Recipe
    """

    rewards: FloatArray
    recipes: tuple[Recipe, ...]

    @property
    def mean(self) -> FloatArray:
        """The first player's, over runs: (N, N)."""
        return np.asarray(self.rewards[..., 0].mean(axis=2))


def cross_play(
    game: Game,
    recipes: Sequence[Recipe],
    episodes: int = 300,
    rounds: int = 1,
    runs: int = 100,
    discount: float | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> CrossPlay:
    """Every learner with every learner, as first and as second player of a game of two; arguments as :func:`train`."""
    if not isinstance(game, (MatrixGame, StochasticGame)) or game.num_players != 2:
        raise InputError("cross-play is of a MatrixGame or StochasticGame of two players")
    recipes = _recipes(recipes)
    integer(runs, "runs", low=1)
    integer(episodes, "episodes", low=1)
    count = len(recipes)
    rewards = np.empty((count, count, runs, 2))
    for done, (i, j) in enumerate(itertools.product(range(count), repeat=2), start=1):
        history = train(game, [recipes[i], recipes[j]], episodes, rounds, runs, discount, rng=rng)
        rewards[i, j] = history.rewards[-max(1, episodes // 10) :].mean(axis=0)
        if progress is not None:
            progress(done, count * count)
    return CrossPlay(frozen(rewards), recipes)
