"""DDPG, deep deterministic policy gradient, of Lillicrap et al. (2015): a learner to whom others are part of the
weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .densities import squashed
from .exploration import DeterministicLearner, DeterministicRecipe, slope
from .memory import Batch, Memory
from .networks import Array
from .protocol import ContinuousLearner, ContinuousTask, joined

__all__ = ["DDPG", "DDPGLearner"]


@dataclass(frozen=True)
class DDPG(DeterministicRecipe):
    """An actor mu(s) and a critic Q(s,a) of its own action alone, with slow copies of both.

    Noise is that of the paper; its rates are larger and its networks smaller, and there is no decay of weights.
    """

    RANGES: ClassVar = DeterministicRecipe.RATES

    @property
    def name(self) -> str:
        return "DDPG"

    def start(self, task: ContinuousTask, rng: np.random.Generator) -> DDPGLearner:  # type: ignore[override]
        return DDPGLearner(self, task, rng)


class DDPGLearner(DeterministicLearner):
    """Networks of one player in K runs."""

    def __init__(self, recipe: DDPG, task: ContinuousTask, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.value = self.network("Q", task.game.state_size + task.own, 1, target=True)

    def improve(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        batch = self.seen(memory, memory.drawn(self.batch_size, self.rng))
        self.fit_value(self.value, joined(batch.state, batch.own), self.target(batch))
        self.improve_policy(batch)
        self.follow()

    def target(self, batch: Batch) -> Array:
        """y = r + gamma Q'(s', mu'(s')), equation 5."""
        if self.task.discount == 0.0:
            return batch.reward
        value = self.value.at_target(joined(batch.following, self.intended(batch.following)))
        return self.backed_up(batch, value[..., 0])

    def improve_policy(self, batch: Batch) -> None:
        """Equation 6: up Q(s, mu(s))."""
        outputs, tape = self.policy(batch.state)
        action = squashed(outputs)
        self.climb(tape, action, slope(self.value, batch.state, action, by=1))
