"""JAL, the joint action learner of Claus and Boutilier (1998)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..checks import FloatArray, integer
from .memory import Memory
from .protocol import Experience, Learner, Recipe, Schedule, Task, boltzmann, explored, exponential, table

__all__ = ["JAL", "JointActionLearner"]


COOLING = exponential(16.0, 0.1, 0.01)


@dataclass(frozen=True)
class JAL(Recipe):
    """Q of joint actions, weighed by what the others did: EV(a) = sum_b P(b) Q(a,b).

    Attributes
    ----------
    temperature : float or schedule
        Of the Boltzmann choice among the EV; by default 16 * 0.9^k, as in their experiments; 0 is greedy.
    learning_rate : float or schedule
        0.1 by default, as in theirs.
    window : int
        Rounds whose actions are counted.
    epsilon : float or schedule
        Uniform exploration on top.
    choice : {"boltzmann", "divided"}
        "divided" takes the action with the greatest EV(a) / sum EV, which is the *worst* action wherever the sum is
        negative: the mistake of the released code, with which the published curve of JAL agrees.
    initial : float or pair
    """

    temperature: Schedule = COOLING
    learning_rate: Schedule = 0.1
    window: int = 10_000
    epsilon: Schedule = 0.0
    choice: Literal["boltzmann", "divided"] = "boltzmann"
    initial: Any = 0.0

    RANGES = {"temperature": (0.0, 1e300), "learning_rate": (0.0, 1.0), "epsilon": (0.0, 1.0)}  # noqa: RUF012

    def __post_init__(self) -> None:
        super().__post_init__()
        integer(self.window, "JAL.window", low=1)
        self.check_choice("choice", ("boltzmann", "divided"))

    @property
    def name(self) -> str:
        return "JAL" if self.choice == "boltzmann" else "JAL, divided"

    def start(self, task: Task, rng: np.random.Generator) -> JointActionLearner:
        return JointActionLearner(self, task, rng)


class JointActionLearner(Learner):
    """Q (K, S, A, B) and counts of one player in many runs."""

    def __init__(self, recipe: JAL, task: Task, rng: np.random.Generator) -> None:
        super().__init__(task, rng)
        self.recipe = recipe
        self.q = table(task, rng, recipe.initial, task.own, task.joint)
        self.memory = Memory(task, recipe.window, rng)

    def expected(self) -> FloatArray:
        """EV (K, S, A)."""
        return np.asarray(np.einsum("ksab,ksb->ksa", self.q, self.opponent_model()))

    def opponent_model(self) -> FloatArray:
        return self.memory.prior(0.0)

    def policy(self) -> FloatArray:
        values, temperature = self.expected(), self.recipe.at("temperature", self.round)
        if self.recipe.choice == "divided":
            total = values.sum(axis=-1, keepdims=True)
            values, temperature = np.where(total < 0.0, -values, values), 0.0
        return explored(boltzmann(values, temperature), self.recipe.at("epsilon", self.round))

    def learn(self, seen: Experience) -> None:
        following = self.expected().max(axis=-1)[seen.run, seen.following]
        goal = seen.reward + self.task.discount * np.where(seen.ended, 0.0, following)
        place = (seen.run, seen.state, seen.action, seen.others)
        self.q[place] += self.recipe.at("learning_rate", self.round) * (goal - self.q[place])
        self.memory.add(seen)
