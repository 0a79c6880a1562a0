"""What a check runs on: one game through one agent's eyes, with a pair, another pair and two tables of numbers.

A case is made from a seed and an index alone, so that any process makes the same one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..checks import FloatArray, is_sparse
from ..evaluation import Evaluation, evaluate
from ..games import families
from ..games.models import Game, View
from ..solvers import Solution, solve

__all__ = ["Case", "case", "case_of"]

UNIT = 2.0**-53
LARGEST = 10.0
"""The largest payoff of a user's game, in the unit in which it is measured."""

MOST = 3
"""States and actions of a random case, at most: what fails on a large game fails on a small one."""


@dataclass(frozen=True, eq=False)
class Case:
    """One game and what the statements of the paper speak of besides.

    Attributes
    ----------
    view : View
        (S, A, B), dense, without terminal states.
    prior : (S, B) array
    alpha, beta : float
        alpha is the paper's temperature, on both sides of 1; the paper's KL weight is 1, and beta is another one.
    policy, other_policy : (S, A, B) arrays
    model, other_model : (S, B) arrays
        Pairs (pi, rho), inside the support of the prior.
    q, other_q : (S, A, B) arrays
        Any two tables.
    rng_seed : tuple of int
        Seeds whatever a check draws besides.
    """

    view: View
    prior: FloatArray
    alpha: float
    beta: float
    policy: FloatArray
    other_policy: FloatArray
    model: FloatArray
    other_model: FloatArray
    q: FloatArray
    other_q: FloatArray
    rng_seed: tuple[int, ...]

    @property
    def rng(self) -> np.random.Generator:
        """A generator in its first state, always the same."""
        return np.random.default_rng(self.rng_seed)

    @cached_property
    def solution(self) -> Solution:
        """Q*, pi* and rho* at the paper's weight 1, as far as rounding allows."""
        return self.solved(1.0)

    @cached_property
    def solution_beta(self) -> Solution:
        """The same at the weight `beta`."""
        return self.solved(self.beta)

    def solved(self, beta: float) -> Solution:
        return solve(self.view, alpha=self.alpha, beta=beta, prior=self.prior, tol=0.0, on_failure="return", workers=1)

    @cached_property
    def pair(self) -> Evaluation:
        """Q^{pi,rho} of the case's pair at the paper's weight 1."""
        return self.evaluated(self.policy, self.model)

    def evaluated(self, policy: FloatArray, model: FloatArray, beta: float = 1.0) -> Evaluation:
        return evaluate(self.view, policy, model, alpha=self.alpha, beta=beta, prior=self.prior)

    @property
    def size(self) -> float:
        """Bound on |Q|, |V| and each term of the objective, at any weight up to max(1, beta)."""
        one = float(np.abs(self.view.rewards).max()) + self.alpha * math.log(self.view.shape[1])
        least = float(self.prior[self.prior > 0.0].min())
        one += max(1.0, self.beta) * math.log(1.0 / least)
        tables = max(float(np.abs(self.q).max()), float(np.abs(self.other_q).max()))
        return one / (1.0 - self.view.discount) + tables + self.alpha * math.log(self.view.shape[1])

    @property
    def noise(self) -> float:
        """What rounding may do to a value or a Q: some hundred units of the largest number that enters it, which a
        linear solve may magnify by 1 / (1 - gamma)."""
        states, own, joint = self.view.shape
        return 64.0 * UNIT * (states + own + joint) * self.size / (1.0 - self.view.discount)

    def noise_of(self, temperature: float) -> float:
        """What rounding may do to a probability that is exp(Q / temperature) up to a constant."""
        return 64.0 * UNIT + 8.0 * self.noise / temperature


FAMILIES: tuple[Callable[[np.random.Generator], Game], ...] = (
    lambda rng: families.random_game((2, 3, 2), rng=rng),
    lambda rng: families.random_common_payoff((3, 3), rng=rng, distribution="integer"),
    lambda rng: families.random_zero_sum((3, 2), rng=rng),
    lambda rng: families.random_potential((2, 3), rng=rng),
    lambda rng: families.random_stochastic(3, (2, 3), rng=rng),
    lambda rng: families.random_sparse_stochastic(3, (2, 2), 2, rng=rng),
    lambda rng: families.random_slowly_mixing(4, (2, 2), modulus=0.9, rng=rng),
)
"""Members of the seeded families: any, common-payoff, zero-sum, potential, stochastic, sparse and slowly mixing."""


def case(seed: int, index: int) -> Case:
    """Case number `index` of the stream that `seed` names.

    One in two is a corner: one state, one action of a kind, equal payoffs, a prior with a zero, certain transitions, no
    discount. One in eight is a member of one of :data:`FAMILIES`.
    """
    rng = np.random.default_rng((seed, index))
    if index % 8 == 4:
        family = FAMILIES[index // 8 % len(FAMILIES)]
        return case_of(family(rng), int(rng.integers(2)), seed, index, discount=0.9)
    states, own, joint = (int(rng.integers(least, MOST + 1)) for least in (1, 2, 2))
    corner = index % 16 if index % 2 else -1
    if corner == 1:
        states = 1
    if corner == 3:
        own = 1
    if corner == 5:
        joint = 1
    scale = float(np.exp(rng.uniform(np.log(0.3), np.log(10.0))))
    rewards = scale * rng.standard_normal((states, own, joint))
    if corner == 7:
        rewards = np.rint(rewards)
    transitions = rng.dirichlet(np.ones(states), size=(states, own, joint))
    if corner == 9:
        transitions = np.eye(states)[rng.integers(states, size=(states, own, joint))]
    discount = 0.0 if corner == 11 else float(rng.choice([0.3, 0.5, 0.9, 0.99]))
    prior = rng.dirichlet(np.full(joint, 2.0), size=states)
    if corner in (13, 15) and joint > 1:
        prior[:, rng.integers(joint)] = 0.0
        prior /= prior.sum(axis=1, keepdims=True)
    alpha = float(np.exp(rng.uniform(np.log(0.2), np.log(5.0))))
    beta = float(np.exp(rng.uniform(np.log(0.2), np.log(5.0))))
    return _around(View(rewards, transitions, discount), prior, alpha, beta, scale, (seed, index, 1))


def case_of(game: Game, agent: int, seed: int, index: int, discount: float | None = None) -> Case:
    """The same for a game of the user's, through the eyes of `agent`: prior, weights, pairs and tables are drawn.

    Payoffs beyond :data:`LARGEST` are measured in a unit in which they are not. The statements hold in any unit, but
    the paper's KL weight is 1 in each: at payoffs of a thousand no float holds the probabilities of eq. 11.
    """
    rng = np.random.default_rng((seed, index, 2 + agent))
    view = game.view(agent) if discount is None else game.view(agent, discount)
    moves: Any = view.transitions
    if is_sparse(moves):
        moves = moves.toarray().reshape(*view.shape, view.shape[0])
    unit = max(1.0, float(np.abs(view.rewards).max()) / LARGEST)
    view = View(view.rewards / unit, moves, view.discount)
    prior = rng.dirichlet(np.full(view.shape[2], 2.0), size=view.shape[0])
    scale = float(np.abs(view.rewards).max()) or 1.0
    alpha, beta = (float(scale * np.exp(rng.uniform(np.log(0.05), np.log(2.0)))) for _ in range(2))
    return _around(view, prior, alpha, beta, scale, (seed, index, 3, agent))


def _around(view: View, prior: FloatArray, alpha: float, beta: float, scale: float, key: tuple[int, ...]) -> Case:
    rng = np.random.default_rng(key)
    states, own, joint = view.shape

    def policy() -> FloatArray:
        shares: FloatArray = np.moveaxis(rng.dirichlet(np.ones(own), size=(states, joint)), -1, 1)
        return shares

    def model() -> FloatArray:
        rows = rng.dirichlet(np.ones(joint), size=states) * (prior > 0.0)
        shares: FloatArray = rows / rows.sum(axis=1, keepdims=True)
        return shares

    def table() -> FloatArray:
        entries: FloatArray = scale * rng.standard_normal(view.shape)
        return entries

    return Case(view, prior, alpha, beta, policy(), policy(), model(), model(), table(), table(), key)

