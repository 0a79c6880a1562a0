"""ROMMEO-AC, Algorithm 2: equations 14 to 22 with networks for Q, pi(a|s,b), rho(b|s) and the prior P(b|s).

The gradients are those that the paper prints, one function each; beta is the weight of the opponent model's KL term, 1
in the paper. Densities are of the squashed variable u (see :mod:`.densities`): the Jacobians of rho and P cancel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from ..checks import first, integer, real_array
from ..errors import InputError
from ..games.continuous import ContinuousGame
from ..learners.protocol import Schedule
from .densities import Gaussian, density, log_density, raw, squashed
from .memory import Batch, Memory
from .networks import Array
from .protocol import NOT_NEGATIVE, POSITIVE, ContinuousLearner, ContinuousRecipe, ContinuousTask, joined

__all__ = ["RommeoAC", "RommeoACLearner", "opponent_gradient", "policy_gradient", "soft_target", "value_gradient"]


def soft_target(q: Array, log_policy: Array, log_ratio: Array, alpha: float, beta: float) -> Array:
    """V bar of equation 15: Q - alpha log pi(a|s,b) - beta log(rho(b|s) / P(b|s)), one per point."""
    value: Array = q - alpha * log_policy - beta * log_ratio
    return value


def value_gradient(q: Array, target: Array) -> Array:
    """Equation 20, by the outputs of Q: the mean over N points of (Q - y)^2 / 2 has derivative (Q - y)/N."""
    by_outputs: Array = (q - target) / q.shape[1]
    return by_outputs


class Drawn(NamedTuple):
    """A reparametrised action: the noise, u, and the action tanh(u)."""

    noise: Array
    u: Array
    action: Array

    @classmethod
    def of(cls, gaussian: Gaussian, noise: Array) -> Drawn:
        u = gaussian.draw(noise)
        return cls(noise, u, squashed(u))

    @property
    def slope(self) -> Array:
        """d action / d u."""
        return 1.0 - self.action * self.action


def policy_gradient(policy: Gaussian, own: Drawn, by_own: Array, alpha: float) -> Array:
    """Equation 21, by the outputs (mu, log sigma) of pi at drawn a = f(eps; s, b), before the mean over points.

    The loss at a point is alpha log pi(a|s,b) - Q(s,a,b); `by_own` is dQ/da. Along a = tanh(mu + sigma eps) the
    exponent -eps^2/2 of log pi stays, its -log sigma and the logarithm of the slope of tanh do not.
    """
    by_u = 2.0 * alpha * own.action - by_own * own.slope
    by_outputs = policy.of_draw(own.noise, by_u)
    d = own.action.shape[-1]
    by_outputs[..., d:] -= alpha * policy.inside()
    return by_outputs


def opponent_gradient(model: Gaussian, prior: Gaussian, others: Drawn, by_others: Array, beta: float) -> Array:
    """Equation 22, by the outputs (mu, log sigma) of rho at drawn b = g(eps; s), before the mean over points.

    The loss at a point is beta log(rho(b|s)/P(b|s)) - Q(s,a,b) + alpha log pi(a|s,b); `by_others` is the derivative by
    b of its last two terms.
    """
    _, prior_slope = prior.of_log_normal(others.u)
    by_outputs = model.of_draw(others.noise, by_others * others.slope - beta * prior_slope)
    d = others.action.shape[-1]
    by_outputs[..., d:] -= beta * model.inside()
    return by_outputs


@dataclass(frozen=True)
class RommeoAC(ContinuousRecipe):
    """ROMMEO-AC.

    Attributes
    ----------
    alpha : float or schedule
        The temperature, fixed by default. Entropies are of actions in units of half a box: in the game's own units
        V has alpha times the logarithm of those halves more, which matters only where states end the episode.
    beta : float
        The weight of KL(rho || P); 1 is the paper.
    action : {"replay", "policy"}
        Where a in equation 19 comes from: the replay buffer, as printed, or pi(.|s,b), as the theorem needs.
    spread : float
        sigma of pi and rho at first, in u: 1 fills the box.
    value_rate, policy_rate, model_rate, prior_rate : float
        Learning rates of Q, pi, rho and P.
    window : int
        How many of the others' last actions the prior is fitted to, by maximum likelihood.
    delay : int
        Rounds in which only Q and the prior learn: a separate stage of exploration.
    """

    alpha: Schedule = 1.0
    beta: float = 1.0
    action: Literal["replay", "policy"] = "replay"
    spread: float = 1.0
    value_rate: float = 1e-2
    policy_rate: float = 7e-4
    model_rate: float = 1e-3
    prior_rate: float = 1e-2
    window: int = 256
    delay: int = 0

    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {
        **ContinuousRecipe.SHARED,
        "alpha": (1e-6, 1e6), "beta": NOT_NEGATIVE, "spread": (1e-2, 7.0), "value_rate": POSITIVE,
        "policy_rate": POSITIVE, "model_rate": POSITIVE, "prior_rate": POSITIVE,
    }  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("action", ("replay", "policy"))
        integer(self.window, "RommeoAC.window", low=1)
        integer(self.delay, "RommeoAC.delay", low=0)

    @property
    def name(self) -> str:
        return "ROMMEO-AC"

    def start(self, task: ContinuousTask, rng: np.random.Generator) -> RommeoACLearner:  # type: ignore[override]
        return RommeoACLearner(self, task, rng)


class RommeoACLearner(ContinuousLearner):
    """Networks of one player in K runs."""

    def __init__(self, recipe: RommeoAC, task: ContinuousTask, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.recipe = recipe
        states, own, others = task.game.state_size, task.own, task.others
        wide = {d: np.repeat([0.0, math.log(recipe.spread)], d) for d in (own, others)}
        self.value = self.network("Q", states + own + others, 1, target=True)
        self.policy = self.network("pi", states + others, 2 * own, 0.01, True, wide[own])
        self.model = self.network("rho", states, 2 * others, 0.01, bias=wide[others])
        self.prior = self.network("P", states, 2 * others, 0.01, bias=wide[others])

    def imagine(self, states: Array) -> Array:
        return Drawn.of(self.modelled(states), self.noise(states.shape[1], self.task.others)).action

    def act(self, states: Array, explore: bool = True) -> Array:
        """b ~ rho(.|s), then a ~ pi(.|s,b)."""
        policy = Gaussian.of(self.policy(joined(states, self.imagine(states)))[0])
        return Drawn.of(policy, self.noise(states.shape[1], self.task.own)).action

    def modelled(self, states: Array) -> Gaussian:
        return Gaussian.of(self.model(states)[0])

    def densities(
        self, own: Array, others: Array, states: Array | None = None, draws: int = 400
    ) -> tuple[Array, Array]:
        """What it has learnt, as densities in the game's own units.

        Parameters
        ----------
        own, others : (A, d) and (B, e) array
            Points of the box.
        states : (K, 1, D) array, optional
            Where there are states: one for each run.
        draws : int
            Of b ~ rho, over which the marginal is a mean; the same for every run.

        Returns
        -------
        marginal : (K, A) array
            pi(a|s), the mean of pi(a|s,b) over rho.
        opponent_model : (K, B) array
            rho(b|s).

        Raises
        ------
        InputError
            Where points have another shape, or lie outside.
        """
        game, player = self.task.game, self.task.player
        half, mine, theirs = game.half, game.slice(player), game.others(player)
        u, v = raw(_in_halves(game, own, "own", mine)), raw(_in_halves(game, others, "others", theirs))
        at = np.zeros((self.task.runs, 1, 0), self.task.dtype) if states is None else states
        model = self.modelled(at)
        rho = density(log_density(model, v[None], half[theirs]))
        noise = np.random.default_rng(0).standard_normal((1, draws, self.task.others))
        drawn = Drawn.of(model, noise).action.astype(self.task.dtype)
        points = np.broadcast_to(at, (*drawn.shape[:2], at.shape[-1]))
        policy = Gaussian.of(self.policy(joined(points, drawn))[0])
        given = [density(log_density(policy, point, half[mine])).mean(axis=1) for point in u]
        return np.stack(given, axis=1), rho

    def learn(self, memory: Memory, others: Sequence[ContinuousLearner] = ()) -> None:
        recipe, alpha = self.recipe, self.recipe.at("alpha", self.round)
        self.fit_prior(self.seen(memory, memory.recent(recipe.window, self.batch_size, self.rng)))
        batch = self.seen(memory, memory.drawn(self.batch_size, self.rng))
        self.improve_value(batch, alpha)
        if self.round >= recipe.delay:
            self.improve_policy(batch, alpha)
            self.improve_model(batch, alpha)
        for trained in (self.value, self.policy):
            trained.follow(recipe.target_rate)
        self.round += 1

    def fit_prior(self, batch: Batch) -> None:
        """psi: the likelihood of what the others did of late."""
        outputs, tape = self.prior(batch.state)
        by_outputs, _ = Gaussian.of(outputs).of_log_normal(raw(batch.others))
        self.prior.descend(tape, -by_outputs / by_outputs.shape[1], self.recipe.prior_rate)

    def target(self, batch: Batch, alpha: float) -> Array:
        """y = r + gamma V bar(s'), r where the episode ended: equation 15 with the target of Q and of pi."""
        if self.task.discount == 0.0:
            return batch.reward
        count, own, beta = batch.reward.shape[1], self.task.own, self.recipe.beta
        model, prior = (Gaussian.of(net(batch.following)[0]) for net in (self.model, self.prior))
        others = Drawn.of(model, self.noise(count, self.task.others))
        given = joined(batch.following, others.action)
        policy = Gaussian.of(self.policy.at_target(given))
        action = Drawn.of(policy, self.noise(count, own))
        q = self.value.at_target(joined(batch.following, action.action, others.action))[..., 0]
        log_ratio = (model.log_normal(others.u) - prior.log_normal(others.u)).sum(axis=-1)
        now = Gaussian.of(self.policy(given)[0])
        v = soft_target(q, log_density(now, action.u), log_ratio, alpha, beta)
        return self.backed_up(batch, v)

    def improve_value(self, batch: Batch, alpha: float) -> None:
        """Equation 20."""
        target = self.target(batch, alpha)
        q, tape = self.value(joined(batch.state, batch.own, batch.others))
        self.value.descend(tape, value_gradient(q[..., 0], target)[..., None], self.recipe.value_rate)

    def slopes(self, state: Array, own: Array, others: Array) -> tuple[Array, Array]:
        """dQ/da and dQ/db, (K, N, d) and (K, N, e)."""
        q, tape = self.value(joined(state, own, others))
        by_inputs = self.value.by_inputs(tape, np.ones_like(q))
        start = state.shape[-1]
        middle = start + own.shape[-1]
        return by_inputs[..., start:middle], by_inputs[..., middle:]

    def improve_policy(self, batch: Batch, alpha: float) -> None:
        """Equation 21."""
        count = batch.state.shape[1]
        others = Drawn.of(self.modelled(batch.state), self.noise(count, self.task.others)).action
        outputs, tape = self.policy(joined(batch.state, others))
        policy = Gaussian.of(outputs)
        own = Drawn.of(policy, self.noise(count, self.task.own))
        by_own, _ = self.slopes(batch.state, own.action, others)
        self.policy.descend(tape, policy_gradient(policy, own, by_own, alpha) / count, self.recipe.policy_rate)

    def improve_model(self, batch: Batch, alpha: float) -> None:
        """Equation 22, with a as the recipe says."""
        count, states = batch.state.shape[1], batch.state.shape[-1]
        outputs, tape = self.model(batch.state)
        model, prior = Gaussian.of(outputs), Gaussian.of(self.prior(batch.state)[0])
        others = Drawn.of(model, self.noise(count, self.task.others))
        given, policy_tape = self.policy(joined(batch.state, others.action))
        policy = Gaussian.of(given)
        if self.recipe.action == "replay":
            own = batch.own
            by_policy = alpha * policy.of_log_normal(raw(own))[0]
            _, by_q = self.slopes(batch.state, own, others.action)
        else:  # a = f(eps; s, b): what it depends on b through pi counts as well
            drawn = Drawn.of(policy, self.noise(count, self.task.own))
            by_own, by_q = self.slopes(batch.state, drawn.action, others.action)
            by_policy = policy_gradient(policy, drawn, by_own, alpha)
        by_others = self.policy.by_inputs(policy_tape, by_policy)[..., states:] - by_q
        gradient = opponent_gradient(model, prior, others, by_others, self.recipe.beta)
        self.model.descend(tape, gradient / count, self.recipe.model_rate)


def _in_halves(game: ContinuousGame, points: Array, name: str, where: Any) -> Array:
    """Points (M, d) of the box, or of the sides that `where` chooses, in halves of its widths from its centre."""
    given = real_array(points, name)
    half = game.half[where]
    if given.ndim != 2 or given.shape[1] != half.size:
        raise InputError(f"{name} must be points of {half.size} numbers, one in a row, not of shape {given.shape}")
    places: Array = (given - game.centre[where]) / half
    outside = np.abs(places) > 1.0 + 1e-12
    if outside.any():
        row, j = first(outside)
        raise InputError(f"{name}[{row}, {j}] is {given[row, j]:g}, outside the box")
    return places
