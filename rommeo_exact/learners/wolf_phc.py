"""WoLF-PHC, policy hill-climbing that learns fast when losing, of Bowling and Veloso (2001, 2002)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import FloatArray
from ..errors import InputError
from .protocol import Experience, Learner, Recipe, Schedule, Task, explored, table

__all__ = ["WolfPHC", "WolfPHCLearner"]


@dataclass(frozen=True)
class WolfPHC(Recipe):
    """Q-learning, and a policy that climbs towards its greedy action.

    Attributes
    ----------
    learning_rate : float or schedule
    winning, losing : float or schedule
        delta_w < delta_l: how far a policy climbs in a round where it earns more than its average over time, and less.
    epsilon : float or schedule
        Uniform exploration, without which a policy that has come to a corner does not leave it.
    initial : float or pair
    """

    learning_rate: Schedule = 0.1
    winning: Schedule = 0.01
    losing: Schedule = 0.04
    epsilon: Schedule = 0.05
    initial: Any = 0.0

    RANGES = {"learning_rate": (0.0, 1.0), "winning": (0.0, 1.0), "losing": (0.0, 1.0), "epsilon": (0.0, 1.0)}  # noqa: RUF012

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.at("winning", 0) > self.at("losing", 0):
            raise InputError("WolfPHC.winning is above WolfPHC.losing: it is to learn fast when losing")

    @property
    def name(self) -> str:
        return "WoLF-PHC"

    def start(self, task: Task, rng: np.random.Generator) -> WolfPHCLearner:
        return WolfPHCLearner(self, task, rng)


class WolfPHCLearner(Learner):
    """Q, policy and mean policy (K, S, A) of one player in many runs."""

    def __init__(self, recipe: WolfPHC, task: Task, rng: np.random.Generator) -> None:
        super().__init__(task, rng)
        self.recipe = recipe
        self.q = table(task, rng, recipe.initial, task.own)
        self.climbing = np.full(self.q.shape, 1.0 / task.own)
        self.mean = self.climbing.copy()
        self.visits = np.zeros(self.q.shape[:2])

    def policy(self) -> FloatArray:
        return explored(self.climbing, self.recipe.at("epsilon", self.round))

    def learn(self, seen: Experience) -> None:
        recipe, here = self.recipe, (seen.run, seen.state)
        following = self.q.max(axis=-1)[seen.run, seen.following]
        goal = seen.reward + self.task.discount * np.where(seen.ended, 0.0, following)
        place = (*here, seen.action)
        self.q[place] += recipe.at("learning_rate", self.round) * (goal - self.q[place])
        self.visits[here] += 1.0
        policy, values = self.climbing[here], self.q[here]
        mean = self.mean[here] + (policy - self.mean[here]) / self.visits[here][:, None]
        self.mean[here] = mean
        margin = 1e-12 * np.abs(values).max(axis=1)  # what is equal to rounding does not win
        wins = (policy * values).sum(axis=1) > (mean * values).sum(axis=1) + margin
        step = np.where(wins, recipe.at("winning", self.round), recipe.at("losing", self.round))
        taken = np.minimum(policy, step[:, None] / max(1, self.task.own - 1))
        best = values.argmax(axis=1)
        each = np.arange(len(best))
        taken[each, best] = 0.0
        policy = policy - taken
        policy[each, best] += taken.sum(axis=1)
        self.climbing[here] = policy
