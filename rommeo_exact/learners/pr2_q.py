"""PR2-Q, probabilistic recursive reasoning, of Wen et al. (2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import FloatArray
from .protocol import Experience, Learner, Recipe, Schedule, Task, boltzmann, explored, table

__all__ = ["PR2Q", "PR2QLearner"]


@dataclass(frozen=True)
class PR2Q(Recipe):
    """Q(a,b), and how the others are thought to answer a: rho(b|a) in proportion to exp(Q(a,b) - Q(a)).

    Attributes
    ----------
    temperature : float or schedule
        Of the policy, softmax of sum_b rho(b|a) Q(a,b), and of rho.
    learning_rate : float or schedule
    epsilon : float or schedule
    initial : float or pair
    """

    temperature: Schedule = 1.0
    learning_rate: Schedule = 0.1
    epsilon: Schedule = 0.0
    initial: Any = 0.0

    RANGES = {"temperature": (0.0, 1e300), "learning_rate": (0.0, 1.0), "epsilon": (0.0, 1.0)}  # noqa: RUF012

    @property
    def name(self) -> str:
        return "PR2-Q"

    def start(self, task: Task, rng: np.random.Generator) -> PR2QLearner:
        return PR2QLearner(self, task, rng)


class PR2QLearner(Learner):
    """Q(a,b) (K, S, A, B) of one player in many runs."""

    def __init__(self, recipe: PR2Q, task: Task, rng: np.random.Generator) -> None:
        super().__init__(task, rng)
        self.recipe = recipe
        self.q = table(task, rng, recipe.initial, task.own, task.joint)

    def answers(self) -> FloatArray:
        """rho(b|s,a), (K, S, A, B): exp(Q(a,b) - Q(a)), where Q(a) is what normalises it over b."""
        return boltzmann(self.q, self.recipe.at("temperature", self.round))

    def expected(self) -> FloatArray:
        """sum_b rho(b|s,a) Q(s,a,b), (K, S, A)."""
        return np.asarray((self.answers() * self.q).sum(axis=-1))

    def policy(self) -> FloatArray:
        shares = boltzmann(self.expected(), self.recipe.at("temperature", self.round))
        return explored(shares, self.recipe.at("epsilon", self.round))

    def opponent_model(self) -> FloatArray:
        return np.asarray(np.einsum("ksa,ksab->ksb", self.policy(), self.answers()))

    def learn(self, seen: Experience) -> None:
        following = self.expected().max(axis=-1)[seen.run, seen.following]
        goal = seen.reward + self.task.discount * np.where(seen.ended, 0.0, following)
        place = (seen.run, seen.state, seen.action, seen.others)
        self.q[place] += self.recipe.at("learning_rate", self.round) * (goal - self.q[place])
