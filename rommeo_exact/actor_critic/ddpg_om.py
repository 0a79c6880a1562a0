"""DDPG-OM: DDPG with a model of the others that is trained online with supervision (He et al. 2016; Rabinowitz et al.
2018), a baseline of Section 5.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ..checks import integer
from .densities import squashed
from .exploration import DeterministicLearner, DeterministicRecipe, slope
from .memory import Batch, Memory
from .networks import Array
from .protocol import POSITIVE, ContinuousLearner, ContinuousTask, joined

__all__ = ["DDPGOM", "DDPGOMLearner", "regression_gradient"]


def regression_gradient(expected: Array, played: Array) -> Array:
    """By the outputs u of a model b = tanh(u), before the mean over points: the loss at a point is half the squared
    distance of what was expected from what was played."""
    by_outputs: Array = (expected - played) * (1.0 - expected * expected)
    return by_outputs


@dataclass(frozen=True)
class DDPGOM(DeterministicRecipe):
    """A critic Q(s,a,b), and a model b = m(s) of what the others do, by regression on what they did of late.

    Attributes
    ----------
    others : {"model", "replay"}
        Where b comes from when the actor climbs Q(s, mu(s), b): the model, or what was played in the memory's rounds.
    model_rate : float
        The model's learning rate.
    window : int
        How many of the others' last actions the model is fitted to.
    """

    others: Literal["model", "replay"] = "model"
    model_rate: float = 1e-2
    window: int = 256

    RANGES: ClassVar = {**DeterministicRecipe.RATES, "model_rate": POSITIVE}

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("others", ("model", "replay"))
        integer(self.window, "DDPGOM.window", low=1)

    @property
    def name(self) -> str:
        return "DDPG-OM"

    def start(self, task: ContinuousTask, rng: np.random.Generator) -> DDPGOMLearner:  # type: ignore[override]
        return DDPGOMLearner(self, task, rng)


class DDPGOMLearner(DeterministicLearner):
    """Networks of one player in K runs."""

    recipe: DDPGOM

    def __init__(self, recipe: DDPGOM, task: ContinuousTask, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        states = task.game.state_size
        self.value = self.network("Q", states + task.own + task.others, 1, target=True)
        self.model = self.network("m", states, task.others, 0.01)

    def imagine(self, states: Array) -> Array:
        """m(s), the same each time."""
        return np.array(squashed(self.model(states)[0]))

    def improve(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        self.fit_model(self.seen(memory, memory.recent(self.recipe.window, self.batch_size, self.rng)))
        batch = self.seen(memory, memory.drawn(self.batch_size, self.rng))
        self.fit_value(self.value, joined(batch.state, batch.own, batch.others), self.target(batch))
        self.improve_policy(batch)
        self.follow()

    def fit_model(self, batch: Batch) -> None:
        """Towards the others' actions of late."""
        outputs, tape = self.model(batch.state)
        gradient = regression_gradient(squashed(outputs), batch.others)
        self.model.descend(tape, gradient / gradient.shape[1], self.recipe.model_rate)

    def target(self, batch: Batch) -> Array:
        """y = r + gamma Q'(s', mu'(s'), m(s'))."""
        if self.task.discount == 0.0:
            return batch.reward
        after = batch.following
        value = self.value.at_target(joined(after, self.intended(after), self.imagine(after)))
        return self.backed_up(batch, value[..., 0])

    def improve_policy(self, batch: Batch) -> None:
        """Up Q(s, mu(s), b)."""
        outputs, tape = self.policy(batch.state)
        action = squashed(outputs)
        others = self.imagine(batch.state) if self.recipe.others == "model" else batch.others
        self.climb(tape, action, slope(self.value, batch.state, action, others, by=1))
