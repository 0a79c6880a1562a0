"""MASQL, multiagent soft Q-learning, of Wei et al. (2018): soft Q-learning (Haarnoja et al. 2017) of joint actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..checks import integer
from ..learners.protocol import Schedule
from .exploration import StagedLearner, StagedRecipe, slope
from .memory import Batch, Memory
from .networks import Array
from .protocol import ContinuousLearner, ContinuousTask, joined
from .schedules import Annealed
from .stein import Sampler, boltzmann_score, check_particles, repeated, sampled_value

__all__ = ["MASQL", "MASQLLearner"]


@dataclass(frozen=True)
class MASQL(StagedRecipe):
    """A joint Q(s,a,b), and a network that draws joint actions in proportion to exp(Q(s,a,b)/alpha), of which the
    player plays its own part.

    Attributes
    ----------
    alpha : float or schedule
        The temperature. Wei et al. anneal it from high to low; by default as the released scripts do.
    particles : int
        M, joint actions drawn at each point when the sampling network learns: even, 4 at least.
    samples : int
        Uniform joint actions of which the value of a following state is estimated.
    points : int
        At how many of the batch's rounds the sampling network learns; all, where there are no more.
    correction : bool
        Whether the sampling network aims at exp(Q/alpha) (1 - x^2), as released code has it, which keeps it from the
        ends of the box.
    """

    alpha: Schedule = Annealed()  # noqa: RUF009
    particles: int = 16
    samples: int = 16
    points: int = 8
    correction: bool = False

    RANGES: ClassVar = {**StagedRecipe.RATES, "alpha": (1e-6, 1e6)}

    def __post_init__(self) -> None:
        super().__post_init__()
        check_particles(self.particles, "MASQL.particles")
        for name in ("samples", "points"):
            integer(getattr(self, name), f"MASQL.{name}", low=1)

    @property
    def name(self) -> str:
        return "MASQL"

    def start(self, task: ContinuousTask, rng: np.random.Generator) -> MASQLLearner:  # type: ignore[override]
        return MASQLLearner(self, task, rng)


class MASQLLearner(StagedLearner):
    """Networks of one player in K runs."""

    recipe: MASQL

    def __init__(self, recipe: MASQL, task: ContinuousTask, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.recipe = recipe
        states, joint = task.game.state_size, task.own + task.others
        self.joint = joint
        self.value = self.network("Q", states + joint, 1, target=True)
        self.sampler = Sampler(self.network("pi", states + joint, joint))

    def drawn(self, states: Array) -> Array:
        """Joint actions (K, N, d + e), own numbers first, one in each state."""
        return self.sampler.draw(states, self.noise(states.shape[1], self.joint))[0]

    def play(self, states: Array, explore: bool) -> Array:
        return self.drawn(states)[..., : self.task.own]

    def imagine(self, states: Array) -> Array:
        """The others' part of a joint action."""
        return self.drawn(states)[..., self.task.own :]

    def improve(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        recipe, alpha = self.recipe, self.recipe.at("alpha", self.round)
        batch = self.seen(memory, memory.drawn(self.batch_size, self.rng))
        self.improve_value(batch, alpha)
        self.improve_sampler(batch.state[:, : recipe.points], alpha)
        self.value.follow(recipe.target_rate)

    def target(self, batch: Batch, alpha: float) -> Array:
        """y = r + gamma V(s'), with V by importance sampling."""
        if self.task.discount == 0.0:
            return batch.reward
        count, samples = batch.reward.shape[1], self.recipe.samples
        joint = self.uniform(count * samples, self.joint)
        q = self.value.at_target(joined(repeated(batch.following, samples), joint))
        return self.backed_up(batch, sampled_value(q.reshape(-1, count, samples), alpha, self.joint))

    def improve_value(self, batch: Batch, alpha: float) -> None:
        """Towards the target."""
        self.fit_value(self.value, joined(batch.state, batch.own, batch.others), self.target(batch, alpha))

    def score(self, states: Array, actions: Array, alpha: float) -> Array:
        """Derivatives by joint actions (K, N, d + e) of the log of the density that is drawn from."""
        return boltzmann_score(slope(self.value, states, actions, by=1), actions, alpha, self.recipe.correction)

    def improve_sampler(self, states: Array, alpha: float) -> None:
        """Amortised Stein variational gradient descent (Haarnoja et al. 2017, equation 14)."""
        particles = self.recipe.particles
        wide = repeated(states, particles // 2)
        noise = self.noise(states.shape[1], particles, self.joint)
        self.sampler.improve(states, noise, lambda x: self.score(wide, x, alpha), self.recipe.policy_rate)
