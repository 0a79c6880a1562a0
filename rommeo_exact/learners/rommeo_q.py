"""ROMMEO-Q: Algorithm 1 of the paper, and its ablation ROMMEO-Q-EMP."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..checks import FloatArray, frozen, integer
from ..games.chance import sample
from ..soft import log_sum, optimum, soft_value
from .memory import Memory
from .protocol import Experience, IntArray, Learner, Recipe, Schedule, Task, explored, exponential, table

__all__ = ["RommeoQ", "RommeoQLearner"]


COOLING = exponential(500.0, 0.08, 0.5)


@dataclass(frozen=True)
class RommeoQ(Recipe):
    """Settings of Algorithm 1.

    Attributes
    ----------
    alpha : float or schedule
        Temperature; by default it falls from 500 to 1/2, by 8 % in a round.
    beta : float
        Weight of KL(rho || P): 1 is the paper, inf the ablation ROMMEO-Q-EMP, which acts on the empirical prior.
    learning_rate : float or schedule
        Q moves by this share of its distance to the target: the gradient step on (y - Q)^2, with the 2 in the rate.
    capacity : int
        M: the rounds that the replay buffer holds, from which the prior is counted too.
    batch : int
        N: gradient steps in a round, each on one round drawn from the buffer; the first of them is the round just
        played.
    samples : int
        K: draws of (a, b) for V bar, where it is sampled.
    interval : int
        C: gradient steps between copies of Q to the target.
    pseudo_count : float
        Uniform observations that the prior starts with. Without them, as printed, P of what was not seen yet is 0, rho
        can never be optimistic about it, and the first actions decide; 1 is the least that keeps all actions possible
        and is forgotten soonest.
    value : {"exact", "sampled", "printed"}
        V bar of the next state: the exact expectation (eq. 9), Algorithm 1's mean over samples with the exponents
        corrected (ledger `alg1.vbar`), or as it is printed. Samples are drawn with the current pi and rho, as it says:
        where the target differs from the current table and alpha from beta, not even the corrected mean is V of the
        target. At alpha = 0, and at beta = 0 or inf, "sampled" is "exact".
    regress_at : {"first", "printed"}
        Which state's Q is regressed: s_t, or s_{t+1} as Algorithm 1 prints (ledger `alg1.gradient`).
    epsilon : float or schedule
        Uniform exploration on top; the paper has none.
    initial : float or pair
        Q at the start, or the ends between which it is drawn: "random parameters" in the paper.
    """

    alpha: Schedule = COOLING
    beta: float = 1.0
    learning_rate: Schedule = 0.9
    capacity: int = 10_000
    batch: int = 8
    samples: int = 16
    interval: int = 16
    pseudo_count: float = 1.0
    value: Literal["exact", "sampled", "printed"] = "exact"
    regress_at: Literal["first", "printed"] = "first"
    epsilon: Schedule = 0.0
    initial: Any = 0.0

    RANGES = {  # noqa: RUF012
        "alpha": (0.0, 1e300), "beta": (0.0, math.inf), "learning_rate": (0.0, 1.0), "pseudo_count": (0.0, 1e300),
        "epsilon": (0.0, 1.0),
    }  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("capacity", "batch", "samples", "interval"):
            integer(getattr(self, name), f"RommeoQ.{name}", low=1)
        self.check_choice("value", ("exact", "sampled", "printed"))
        self.check_choice("regress_at", ("first", "printed"))

    @property
    def name(self) -> str:
        return "ROMMEO-Q-EMP" if self.beta == math.inf else "ROMMEO-Q"

    def start(self, task: Task, rng: np.random.Generator) -> RommeoQLearner:
        return RommeoQLearner(self, task, rng)


class RommeoQLearner(Learner):
    """Q, target and prior of one player in many runs."""

    def __init__(self, recipe: RommeoQ, task: Task, rng: np.random.Generator) -> None:
        super().__init__(task, rng)
        self.recipe = recipe
        self.q = table(task, rng, recipe.initial, task.own, task.joint)
        self.target = self.q.copy()
        self.memory = Memory(task, recipe.capacity, rng)
        self.prior = self.memory.prior(recipe.pseudo_count)
        self.steps = np.zeros(task.runs, dtype=np.intp)
        self._pair: tuple[FloatArray, FloatArray] | None = None

    @property
    def alpha(self) -> float:
        return self.recipe.at("alpha", self.round)

    def pair(self) -> tuple[FloatArray, FloatArray]:
        """pi(a|s,b) (K, S, A, B) and rho(b|s) (K, S, B) for the current Q: eq. 10, 11."""
        if self._pair is None:
            _, policy, model = optimum(self.q, self.prior, self.alpha, self.recipe.beta)
            self._pair = frozen(policy), frozen(model)
        return self._pair

    def policy(self) -> FloatArray:
        policy, model = self.pair()
        marginal = np.einsum("ksab,ksb->ksa", policy, model)
        return explored(marginal, self.recipe.at("epsilon", self.round))

    def opponent_model(self) -> FloatArray:
        return self.pair()[1]

    def learn(self, seen: Experience) -> None:
        recipe = self.recipe
        self.memory.add(seen)
        self.prior = self.memory.prior(recipe.pseudo_count)
        rate = recipe.at("learning_rate", self.round)
        for k in range(recipe.batch):
            one = seen if k == 0 else self.memory.sample(seen.run)
            goal = one.reward
            if self.task.discount > 0.0 and not one.ended.all():
                following = self._value(seen.run, one.following)
                goal = goal + self.task.discount * np.where(one.ended, 0.0, following)
            at = one.state if recipe.regress_at == "first" else one.following
            place = (seen.run, at, one.action, one.others)
            self.q[place] += rate * (goal - self.q[place])
            self.steps[seen.run] += 1
            full = seen.run[self.steps[seen.run] % recipe.interval == 0]
            self.target[full] = self.q[full]
        self._pair = None

    def begin(self, clock: int) -> None:
        super().begin(clock)
        self._pair = None  # the temperature may have moved

    def observe(self, seen: Experience) -> None:
        super().observe(seen)
        self._pair = None

    def _value(self, run: IntArray, state: IntArray) -> FloatArray:
        """V bar of one state in each of some runs."""
        recipe, alpha = self.recipe, self.alpha
        target, prior = self.target[run, state], self.prior[run, state]
        limit = alpha == 0.0 or recipe.beta in (0.0, math.inf)
        if recipe.value == "exact" or (recipe.value == "sampled" and limit):
            return np.asarray(soft_value(target, prior, alpha, recipe.beta))
        _, policy, model = optimum(self.q[run, state], prior, alpha, recipe.beta)
        count = recipe.samples
        rows = np.repeat(np.arange(len(run)), count)
        b = sample(model[rows], self.rng)
        a = sample(policy[rows, :, b], self.rng)
        with np.errstate(divide="ignore"):
            logs = {"P": np.log(prior[rows, b]), "rho": np.log(model[rows, b]), "pi": np.log(policy[rows, a, b])}
        values = target[rows, a, b]
        if recipe.value == "printed":
            terms, scale = logs["P"] + values - logs["pi"] - logs["rho"], 1.0
        else:
            terms = logs["P"] - logs["rho"] + (values - alpha * logs["pi"]) / recipe.beta
            scale = recipe.beta
        mean: FloatArray = scale * (log_sum(terms.reshape(-1, count)) - math.log(count))
        return mean
