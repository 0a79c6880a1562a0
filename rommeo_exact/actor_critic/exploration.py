"""How the baselines explore: a stage of uniformly random actions, and noise on a deterministic actor."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ..checks import integer
from ..learners.protocol import Schedule
from .densities import squashed
from .memory import Memory
from .networks import Array, Trained
from .protocol import NOT_NEGATIVE, POSITIVE, ContinuousLearner, ContinuousRecipe, ContinuousTask, joined

__all__ = [
    "DeterministicLearner", "DeterministicRecipe", "StagedLearner", "StagedRecipe", "actor_gradient", "slope",
    "wandered",
]  # fmt: skip


_FIRST = 3e-3
"""How far from 0 an actor's last biases begin, as in Lillicrap et al. (2015): at 0 itself a critic of rectifiers may be
flat."""


def actor_gradient(action: Array, by_action: Array) -> Array:
    """The deterministic policy gradient (Silver et al. 2014; Lillicrap et al. 2015, equation 6), by the outputs u of an
    actor a = tanh(u), before the mean over points: of the loss -Q at a point, where `by_action` is dQ/da."""
    by_outputs: Array = -by_action * (1.0 - action * action)
    return by_outputs


def wandered(place: Array, step: Array, theta: float, sigma: float) -> Array:
    """One step of the Ornstein-Uhlenbeck process (1930): x + theta (0 - x) + sigma N(0, 1)."""
    moved: Array = (1.0 - theta) * place + sigma * step
    return moved


def slope(value: Trained, *parts: Array, by: int) -> Array:
    """dQ/dx for the part x of this index of a critic's inputs (K, N, .)."""
    q, tape = value(joined(*parts))
    start = sum(part.shape[-1] for part in parts[:by])
    by_inputs: Array = value.by_inputs(tape, np.ones_like(q))[..., start : start + parts[by].shape[-1]]
    return by_inputs


@dataclass(frozen=True)
class StagedRecipe(ContinuousRecipe):
    """What all the baselines share.

    Attributes
    ----------
    value_rate, policy_rate : float
        Learning rates of the critic and of what plays.
    explore : int
        Rounds, from the first, in which it plays uniformly over the box.
    delay : int
        Rounds in which it does not learn.
    """

    value_rate: float = 1e-2
    policy_rate: float = 1e-3
    explore: int = 0
    delay: int = 0

    RATES: ClassVar[Mapping[str, tuple[float, float]]] = {
        **ContinuousRecipe.SHARED, "value_rate": POSITIVE, "policy_rate": POSITIVE
    }  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("explore", "delay"):
            integer(getattr(self, name), f"{type(self).__name__}.{name}", low=0)


class StagedLearner(ContinuousLearner):
    """Plays uniformly at first, learns after a while."""

    recipe: StagedRecipe

    def uniform(self, *shape: int) -> Array:
        """Numbers even over [-1, 1], (K, *shape)."""
        drawn: Array = self.rng.random((self.task.runs, *shape), dtype=self.task.dtype)
        return 2.0 * drawn - 1.0

    def act(self, states: Array, explore: bool = True) -> Array:
        if explore and self.round < self.recipe.explore:
            return self.uniform(states.shape[1], self.task.own)
        return self.play(states, explore)

    def learn(self, memory: Memory, others: Sequence[ContinuousLearner] = ()) -> None:
        if self.round >= self.recipe.delay:
            self.improve(memory, others)
        self.round += 1

    def fit_value(self, value: Trained, inputs: Array, target: Array) -> None:
        """A step down the mean over points of (Q - y)^2 / 2, with y (K, N)."""
        q, tape = value(inputs)
        value.descend(tape, (q - target[..., None]) / q.shape[1], self.recipe.value_rate)

    @abstractmethod
    def play(self, states: Array, explore: bool) -> Array:
        """Actions (K, N, d) after the first stage."""

    @abstractmethod
    def improve(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        """One update of everything."""


@dataclass(frozen=True)
class DeterministicRecipe(StagedRecipe):
    """An actor a = tanh(mu(s)) with noise added when it explores, kept within the box.

    Attributes
    ----------
    noise : float or schedule
        What the noise is multiplied by, in units of half a box.
    process : {"ou", "gaussian"}
        Ornstein-Uhlenbeck noise, which is not begun anew with an episode, or noise that is normal and independent from
        round to round.
    theta, sigma : float
        Of the Ornstein-Uhlenbeck process: how much of its way back to 0 it goes in a round, and its new noise. Its
        deviation in the long run is sigma / sqrt(theta (2 - theta)), 0.38 by default.
    """

    noise: Schedule = 1.0
    process: Literal["ou", "gaussian"] = "ou"
    theta: float = 0.15
    sigma: float = 0.2

    RATES: ClassVar[Mapping[str, tuple[float, float]]] = {
        **StagedRecipe.RATES, "noise": (0.0, 1e3), "theta": (0.0, 1.0), "sigma": NOT_NEGATIVE
    }  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("process", ("ou", "gaussian"))


class DeterministicLearner(StagedLearner):
    """An actor, its slow copy and its noise, in K runs; a critic is the subclass's to add."""

    recipe: DeterministicRecipe
    value: Trained

    def __init__(
        self, recipe: DeterministicRecipe, task: ContinuousTask, rng: np.random.Generator, sees: int = 0
    ) -> None:
        super().__init__(recipe, task, rng)
        self.recipe = recipe
        first = rng.uniform(-_FIRST, _FIRST, size=(task.runs, 1, task.own))
        self.policy = self.network("mu", task.game.state_size + sees, task.own, 0.01, True, first)
        self.place = np.zeros((task.runs, 1, task.own), task.dtype)

    def sight(self, states: Array) -> Array:
        """The actor's inputs: the states, and `sees` more numbers where a subclass has them."""
        return states

    def play(self, states: Array, explore: bool) -> Array:
        action = squashed(self.policy(self.sight(states))[0])
        if not explore:
            return np.array(action)
        recipe, level = self.recipe, self.recipe.at("noise", self.round)
        if recipe.process == "ou":
            self.place = wandered(self.place, self.noise(1, self.task.own), recipe.theta, recipe.sigma)
            return np.clip(action + level * self.place, -1.0, 1.0)
        return np.clip(action + level * self.noise(*action.shape[1:]), -1.0, 1.0)

    def intended(self, states: Array) -> Array:
        """Actions (K, N, d) of the slow copy of the actor, without noise."""
        return squashed(self.policy.at_target(self.sight(states)))

    def climb(self, tape: list[Array], action: Array, by_action: Array) -> None:
        """A step of the actor up the mean over points of what has the derivative `by_action`."""
        self.policy.descend(tape, actor_gradient(action, by_action) / action.shape[1], self.recipe.policy_rate)

    def follow(self) -> None:
        for trained in (self.value, self.policy):
            trained.follow(self.recipe.target_rate)

    def arrays(self) -> dict[str, Array]:
        return super().arrays() | {"place": self.place}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        super().restore(arrays)
        self.place = arrays["place"].copy()
