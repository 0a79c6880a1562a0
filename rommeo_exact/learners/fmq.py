"""FMQ, the frequency maximum Q heuristic of Kapetanakis and Kudenko (2002)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import FloatArray, real_number
from .protocol import Experience, Exponential, Learner, Recipe, Schedule, Task, boltzmann, explored, table

__all__ = ["FMQ", "FMQLearner", "cooling"]


def cooling(highest: float = 499.0, rate: float = 0.006) -> Exponential:
    """Their temperature, 1 + highest exp(-rate k): from 500 to 1, at 0.006 for repetitions of a thousand rounds."""
    highest, rate = real_number(highest, "highest", low=0.0), real_number(rate, "rate", low=0.0)
    return Exponential(highest, math.e**-rate, 1.0)


COOLING = cooling()


@dataclass(frozen=True)
class FMQ(Recipe):
    """Q-learning whose choice adds c times how often an action earned its greatest reward, times that reward.

    Attributes
    ----------
    c : float
        Weight of the heuristic; 10 in their paper and in this one, 0 is Q-learning.
    temperature : float or schedule
        Of the Boltzmann choice.
    learning_rate : float or schedule
        0.9, as in theirs.
    epsilon : float or schedule
    initial : float or pair
    """

    c: float = 10.0
    temperature: Schedule = COOLING
    learning_rate: Schedule = 0.9
    epsilon: Schedule = 0.0
    initial: Any = 0.0

    RANGES = {"c": (0.0, 1e300), "temperature": (0.0, 1e300), "learning_rate": (0.0, 1.0), "epsilon": (0.0, 1.0)}  # noqa: RUF012

    @property
    def name(self) -> str:
        return f"FMQ, c = {self.c:g}"

    def start(self, task: Task, rng: np.random.Generator) -> FMQLearner:
        return FMQLearner(self, task, rng)


class FMQLearner(Learner):
    """Q, greatest rewards and their counts (K, S, A) of one player in many runs."""

    def __init__(self, recipe: FMQ, task: Task, rng: np.random.Generator) -> None:
        super().__init__(task, rng)
        self.recipe = recipe
        self.q = table(task, rng, recipe.initial, task.own)
        self.greatest = np.full(self.q.shape, -np.inf)
        self.met = np.zeros(self.q.shape)
        self.tried = np.zeros(self.q.shape)

    def evaluation(self) -> FloatArray:
        """EV(a) = Q(a) + c freq(max R(a)) max R(a); Q(a) where a was not tried."""
        tried = self.tried > 0.0
        often = self.met / np.where(tried, self.tried, 1.0)
        return np.asarray(self.q + self.recipe.c * often * np.where(tried, self.greatest, 0.0))

    def policy(self) -> FloatArray:
        shares = boltzmann(self.evaluation(), self.recipe.at("temperature", self.round))
        return explored(shares, self.recipe.at("epsilon", self.round))

    def learn(self, seen: Experience) -> None:
        place = (seen.run, seen.state, seen.action)
        self.tried[place] += 1.0
        before = self.greatest[place]
        self.met[place] = np.where(seen.reward > before, 1.0, self.met[place] + (seen.reward == before))
        self.greatest[place] = np.maximum(before, seen.reward)
        following = self.q.max(axis=-1)[seen.run, seen.following]
        goal = seen.reward + self.task.discount * np.where(seen.ended, 0.0, following)
        self.q[place] += self.recipe.at("learning_rate", self.round) * (goal - self.q[place])
