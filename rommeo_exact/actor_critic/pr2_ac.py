"""PR2-AC, probabilistic recursive reasoning with an actor and a critic, of Wen et al. (2019), at level 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ..checks import integer
from ..learners.protocol import Schedule
from ..soft import normalised
from .densities import squashed
from .exploration import DeterministicLearner, DeterministicRecipe
from .memory import Batch, Memory
from .networks import Array
from .protocol import POSITIVE, ContinuousLearner, ContinuousTask, joined
from .stein import Sampler, boltzmann_score, check_particles, repeated, sampled_value

__all__ = ["PR2AC", "PR2ACLearner", "particle_weights"]


def particle_weights(q: Array, alpha: float | None) -> Array:
    """What each of M particles with values q (..., M) counts in the derivative of the actor's objective; they sum to 1.

    The mean of q has 1/M for all; alpha log mean exp(q/alpha), where alpha is given, exp(q/alpha) normalised.
    """
    if alpha is None:
        return np.full_like(q, 1.0 / q.shape[-1])
    return normalised(q / alpha)


@dataclass(frozen=True)
class PR2AC(DeterministicRecipe):
    """A critic Q(s,a,b), and how the others are thought to answer a: rho(b|s,a) in proportion to
    exp((Q(s,a,b) - Q(s,a))/alpha), a network that samples; an actor mu(s) climbs what a is worth with such answers.

    The reading of the paper taken: the actor's objective is the mean of Q(s,a,b) over b ~ rho(.|s,a) at a = mu(s), and
    as the recursion is "how would they answer me", its derivative by a goes through the drawn b as well. A following
    state is worth alpha log of the integral of exp(Q'(s',a',b)/alpha) over b at a' = mu'(s'), by importance sampling.
    Q(s,a), which only normalises rho, is not learnt: being constant in b, it would move neither rho nor the actor.

    Attributes
    ----------
    alpha : float or schedule
        The temperature of rho; 1 is the paper.
    objective : {"expected", "soft"}
        The mean over rho's particles, or alpha log mean exp(Q/alpha) over them.
    answers : {"policy", "replay"}
        Whether b answers a = mu(s), or the action of the memory's round, so that no derivative goes through b.
    base : {"none", "uniform"}
        What else the actor sees: nothing, or an action of the others that is uniformly random at each time, the level-0
        opponent of released code, with which the actor is random as well.
    model_rate : float
        The learning rate of rho.
    particles, samples, points : int
        M, drawn from rho at each point; uniform draws of which a value is estimated; at how many of the batch's rounds
        rho and the actor learn.
    correction : bool
        As of :class:`~rommeo_exact.actor_critic.MASQL`.
    """

    alpha: Schedule = 1.0
    objective: Literal["expected", "soft"] = "expected"
    answers: Literal["policy", "replay"] = "policy"
    base: Literal["none", "uniform"] = "none"
    model_rate: float = 1e-3
    particles: int = 16
    samples: int = 16
    points: int = 8
    correction: bool = False

    RANGES: ClassVar = {**DeterministicRecipe.RATES, "alpha": (1e-6, 1e6), "model_rate": POSITIVE}

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("objective", ("expected", "soft"))
        self.check_choice("answers", ("policy", "replay"))
        self.check_choice("base", ("none", "uniform"))
        check_particles(self.particles, "PR2AC.particles")
        for name in ("samples", "points"):
            integer(getattr(self, name), f"PR2AC.{name}", low=1)

    @property
    def name(self) -> str:
        return "PR2-AC"

    def start(self, task: ContinuousTask, rng: np.random.Generator) -> PR2ACLearner:  # type: ignore[override]
        return PR2ACLearner(self, task, rng)


class PR2ACLearner(DeterministicLearner):
    """Networks of one player in K runs."""

    recipe: PR2AC

    def __init__(self, recipe: PR2AC, task: ContinuousTask, rng: np.random.Generator) -> None:
        sees = task.others if recipe.base == "uniform" else 0
        super().__init__(recipe, task, rng, sees)
        states, own, others = task.game.state_size, task.own, task.others
        self.value = self.network("Q", states + own + others, 1, target=True)
        self.sampler = Sampler(self.network("rho", states + own + others, others))

    def sight(self, states: Array) -> Array:
        """The actor's inputs."""
        if self.recipe.base == "none":
            return states
        return joined(states, self.uniform(states.shape[1], self.task.others))

    def imagine(self, states: Array) -> Array:
        """b ~ rho(.|s, mu(s))."""
        own = squashed(self.policy(self.sight(states))[0])
        return self.sampler.draw(joined(states, own), self.noise(states.shape[1], self.task.others))[0]

    def improve(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        recipe, alpha = self.recipe, self.recipe.at("alpha", self.round)
        batch = self.seen(memory, memory.drawn(self.batch_size, self.rng))
        self.fit_value(self.value, joined(batch.state, batch.own, batch.others), self.target(batch, alpha))
        some = Batch(*(part[:, : recipe.points] for part in batch))
        self.improve_sampler(some, alpha)
        self.improve_policy(some, alpha)
        self.follow()

    def target(self, batch: Batch, alpha: float) -> Array:
        """y = r + gamma V(s', mu'(s'))."""
        if self.task.discount == 0.0:
            return batch.reward
        count, samples, after = batch.reward.shape[1], self.recipe.samples, batch.following
        own = self.intended(after)
        others = self.uniform(count * samples, self.task.others)
        q = self.value.at_target(joined(repeated(after, samples), repeated(own, samples), others))
        return self.backed_up(batch, sampled_value(q.reshape(-1, count, samples), alpha, self.task.others))

    def slopes(self, given: Array, others: Array) -> tuple[Array, Array]:
        """Q (K, N, 1) and its derivatives by (s, a, b), all in one (K, N, D + d + e)."""
        q, tape = self.value(joined(given, others))
        return q, self.value.by_inputs(tape, np.ones_like(q))

    def improve_sampler(self, batch: Batch, alpha: float) -> None:
        """Amortised Stein variational gradient descent of rho at the memory's (s, a)."""
        recipe, e = self.recipe, self.task.others
        given = joined(batch.state, batch.own)
        wide = repeated(given, recipe.particles // 2)

        def score(others: Array) -> Array:
            by_others = self.slopes(wide, others)[1][..., wide.shape[-1] :]
            return boltzmann_score(by_others, others, alpha, recipe.correction)

        noise = self.noise(given.shape[1], recipe.particles, e)
        self.sampler.improve(given, noise, score, recipe.model_rate)

    def improve_policy(self, batch: Batch, alpha: float) -> None:
        """Up the worth of mu(s) with the others' answers."""
        outputs, tape = self.policy(self.sight(batch.state))
        action = squashed(outputs)
        self.climb(tape, action, self.by_action(batch, action, alpha if self.recipe.objective == "soft" else None))

    def by_action(self, batch: Batch, action: Array, alpha: float | None) -> Array:
        """The derivative of what a is worth by a, (K, N, d)."""
        recipe, (runs, count, own) = self.recipe, action.shape
        m, states, e = recipe.particles, batch.state.shape[-1], self.task.others
        given = repeated(joined(batch.state, action), m)
        answered = given if recipe.answers == "policy" else repeated(joined(batch.state, batch.own), m)
        others, tape = self.sampler.draw(answered, self.noise(count * m, e))
        q, by_inputs = self.slopes(given, others)
        weights = particle_weights(q.reshape(runs, count, m), alpha).reshape(runs, count * m, 1)
        by_action = weights * by_inputs[..., states : states + own]
        if recipe.answers == "policy":
            by_outputs = weights * by_inputs[..., states + own :] * (1.0 - others * others)
            by_action = by_action + self.sampler.trained.by_inputs(tape, by_outputs)[..., states : states + own]
        total: Array = by_action.reshape(runs, count, m, own).sum(axis=2)
        return total
