"""Learners that differ from what their papers describe as those of the authors' released code (2019) do.

No script of that code runs the climbing game, but its curves explain the published ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...checks import FloatArray
from ...learners import FMQ, PR2Q, Experience, Task, WolfPHC
from ...learners.fmq import FMQLearner
from ...learners.pr2_q import PR2QLearner
from ...learners.wolf_phc import WolfPHCLearner

__all__ = ["CountedPR2Q", "GenerousFMQ", "PlayedWolfPHC"]


@dataclass(frozen=True)
class GenerousFMQ(FMQ):
    """FMQ whose greatest rewards start at 0, and whose counts of them are not reset where a greater one is met.

    An action that only failed so far is then not held back, and how often the greatest reward was met is overstated.
    """

    def start(self, task: Task, rng: np.random.Generator) -> FMQLearner:
        return _GenerousFMQ(self, task, rng)


class _GenerousFMQ(FMQLearner):
    def __init__(self, recipe: FMQ, task: Task, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.greatest[:] = 0.0

    def learn(self, seen: Experience) -> None:
        place = (seen.run, seen.state, seen.action)
        met = self.met[place] + (seen.reward >= self.greatest[place])
        super().learn(seen)
        self.met[place] = met


@dataclass(frozen=True)
class PlayedWolfPHC(WolfPHC):
    """WoLF-PHC that starts from random policies and climbs only by the action just played.

    That action gains delta where it is greedy, and loses delta / (A - 1) where it is not; then the policy is
    normalised, after its least entry is taken off all where that is negative.
    """

    def start(self, task: Task, rng: np.random.Generator) -> WolfPHCLearner:
        return _PlayedWolfPHC(self, task, rng)


class _PlayedWolfPHC(WolfPHCLearner):
    def __init__(self, recipe: WolfPHC, task: Task, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.climbing = rng.dirichlet(np.ones(task.own), size=self.q.shape[:2])
        self.mean = self.climbing.copy()

    def learn(self, seen: Experience) -> None:
        recipe, here = self.recipe, (seen.run, seen.state)
        policy = self.climbing[here]
        super().learn(seen)
        values, mean = self.q[here], self.mean[here]
        wins = (policy * values).sum(axis=1) > (mean * values).sum(axis=1)
        step = np.where(wins, recipe.at("winning", self.round), recipe.at("losing", self.round))
        greedy = seen.action == values.argmax(axis=1)
        policy = policy.copy()
        policy[np.arange(len(policy)), seen.action] += np.where(greedy, step, -step / max(1, self.task.own - 1))
        policy -= np.minimum(policy.min(axis=1, keepdims=True), 0.0)
        self.climbing[here] = policy / policy.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class CountedPR2Q(PR2Q):
    """PR2-Q whose answers of the others are counted, n(a,b) / n(a), and normalised over a as well.

    The second normalisation divides what is expected by A in the end, which is A times the temperature.
    """

    def start(self, task: Task, rng: np.random.Generator) -> PR2QLearner:
        return _CountedPR2Q(self, task, rng)


class _CountedPR2Q(PR2QLearner):
    SMALL = 0.1
    """Added to what is divided by."""

    def __init__(self, recipe: PR2Q, task: Task, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.counts = np.zeros(self.q.shape)

    def answers(self) -> FloatArray:
        shares = self.counts / (self.counts.sum(axis=-1, keepdims=True) + self.SMALL)
        return np.asarray(shares / (shares.sum(axis=(-2, -1), keepdims=True) + self.SMALL))

    def learn(self, seen: Experience) -> None:
        self.counts[seen.run, seen.state, seen.action, seen.others] += 1.0
        super().learn(seen)
