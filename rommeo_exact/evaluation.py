"""What a pair (pi, rho) is worth, and how it improves: eq. 6, 7, 33 to 37, 54 and 55.

Everything here is a discounted sum under a fixed pair, V = r + gamma M V with M the pair's transition matrix: solved by
the same loop, with the same bounds, as the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from .checks import FloatArray, distribution, frozen, integer, place, plain
from .errors import ConvergenceError, UnknownNameError
from .games.models import MatrixGame, StochasticGame, View
from .soft import (
    expected_value,
    improve_opponent_model,
    improve_policy,
    one_step,
    opponent_gap,
    policy_gap,
    policy_place,
    soft_maximum,
)  # fmt: skip
from .solvers import Solution, agent_problem
from .solvers.bounds import enclose
from .solvers.loop import iterate
from .solvers.newton import Newton
from .solvers.problem import UNIT, Backup, FixedPoint, Problem, entries

__all__ = ["Evaluation", "Improvement", "Regret", "evaluate", "improve", "objective", "regret"]

Game = MatrixGame | StochasticGame | View


class PairSum(FixedPoint):
    """V = r + gamma M V: the discounted sum of a state reward under a fixed pair.

    Parameters
    ----------
    view : View
    policy : (S, A, B) array
    opponent_model : (S, B) array
    """

    def __init__(self, view: View, policy: FloatArray, opponent_model: FloatArray) -> None:
        super().__init__(view)
        weights = (policy * opponent_model[:, None, :]).reshape(self.states, self.width)
        self.matrix = self.stack([self.merge(weights[part], rows) for part, rows in self.blocks])
        self.backup_cost = float(entries(self.matrix))
        self.weights = weights

    def of(self, reward: FloatArray) -> tuple[FloatArray, float]:
        """The sum of gamma^t reward(s_t) from every state, (S,), and its error bound."""
        self.reward = np.where(self.live, reward, 0.0)
        self.shift = float(reward.max() / 2 + reward.min() / 2) if self.shifting else 0.0
        outcome = iterate(self, Newton(self), 0.0, 10_000)  # a linear system: as far as rounding allows
        if outcome.history[-1].action == "exhausted":
            raise ConvergenceError(f"policy evaluation reached only {outcome.error_bound:.2g}", outcome)
        return outcome.value, outcome.error_bound

    @cached_property
    def mass(self) -> tuple[float, float]:
        if self.shifting:
            return 1.0, 1.0
        kept = (self.matrix @ self.live.astype(float))[self.live]
        if not kept.size:
            return 0.0, 0.0
        least, most = float(kept.min()), float(kept.max())
        return max(0.0, least * (1.0 - self.row_error)), min(1.0, most * (1.0 + self.row_error))

    @property
    def row_error(self) -> float:
        """Bound on the relative error of M h for M of the pair with its rows, and those of p, normalised."""
        return 2.0 * (self.width + self.states + 4.0) * UNIT + self.view.row_defect

    def rounding(self, size: float) -> float:
        scale = float(np.abs(self.reward - self.shift).max()) + 2.0 * size
        return self.row_error * self.discount * size + 8.0 * UNIT * scale

    def backup(self, h: FloatArray, *, merge: bool = False) -> Backup:
        value = self.reward - self.shift + self.discount * (self.matrix @ h)
        return Backup(self, h, np.where(self.live, value, 0.0), None, self.matrix)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Q^{pi,rho} and V^{pi,rho}.

    Attributes
    ----------
    value : (S,) array
        V^{pi,rho}, the discounted form of eq. 7 from each state; 0 in terminal states.
    q : (S, A, B) array
        Q^{pi,rho}, eq. 33 to 36; 0 in terminal states.
    error_bound : float
        On `value`, in the sup norm, for the expected rewards as computed.
    """

    value: FloatArray
    error_bound: float
    view: View = field(repr=False)

    @cached_property
    def q(self) -> FloatArray:
        return frozen(one_step(self.view, self.value))


@dataclass(frozen=True, eq=False)
class Improvement:
    """The path of the improvement iteration (54)-(55).

    Attributes
    ----------
    values : (K + 1, S) array
        V^{pi_t,rho_t}, which never falls in any state (Theorems 4 and 5).
    bounds : (K + 1,) array
        V* is at most this above ``values[t]`` in every state: the upper one of MacQueen's bounds, rounding included.
    policy : (S, A, B) array
    opponent_model : (S, B) array
    q : (S, A, B) array
        Q of the last pair.
    """

    values: FloatArray
    bounds: FloatArray
    policy: FloatArray
    opponent_model: FloatArray
    q: FloatArray


@dataclass(frozen=True, eq=False)
class Regret:
    """V* - V^{pi,rho}, and what each half of the pair contributes.

    Attributes
    ----------
    total : (S,) array
        The sum of the two parts, which is V* - V^{pi,rho}.
    policy_part : (S,) array
        The discounted sum of alpha E_rho KL(pi || pi*) along (pi, rho).
    opponent_part : (S,) array
        The discounted sum of beta KL(rho || rho*).
    error_bound : float
        On `total`, in the sup norm, for the gaps as computed: those of both sums, and 2 / (1 - gamma) times that of the
        solution, whose value V is in the place of V* and has V - V^{pi,rho} = total + a discounted sum of V - T V.
    """

    policy_part: FloatArray
    opponent_part: FloatArray
    error_bound: float

    @property
    def total(self) -> FloatArray:
        return self.policy_part + self.opponent_part


def evaluate(
    game: Game,
    policy: Any,
    opponent_model: Any,
    agent: int | str = 0,
    alpha: float = 1.0,
    beta: float = 1.0,
    prior: Any = None,
    discount: float | None = None,
) -> Evaluation:
    """Q^{pi,rho} and V^{pi,rho} (eq. 33 to 36) of any pair, by a linear solve.

    Parameters
    ----------
    game, agent, alpha, beta, prior, discount
        As in :func:`~rommeo_exact.solve`.
    policy : (S, A, B) or (A, B) array
        pi(a|s,b); an (A, B) array serves every state.
    opponent_model : (S, B) or (B,) array
        rho(b|s); a (B,) array serves every state.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        For a pair of the wrong shape or off the simplex, and where rho puts mass outside the support of the prior.

    Examples
    --------
    >>> import rommeo_exact as rx
    >>> game = rx.MatrixGame.common_payoff([[1.0, 0.0], [0.0, 1.0]])
    >>> evaluate(game, [[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5], discount=0.5).value   # 1 each round, from now on
    array([2.])
    """
    problem = agent_problem(game, agent, alpha, beta, prior, discount)
    policy, model = _pair(problem, policy, opponent_model)
    return _evaluate(problem, policy, model)


def objective(game: Game, policy: Any, opponent_model: Any, initial: Any = None, **settings: Any) -> float:
    """The discounted form of the objective J(pi, rho) of eq. 6 and 7: E_{s_0} V^{pi,rho}(s_0).

    The paper's sum has no discount and a horizon; this one has gamma, as its Bellman equations have.

    Parameters
    ----------
    game, policy, opponent_model, settings
        As in :func:`evaluate`.
    initial : (S,) array, optional
        Distribution of the first state; the game's own by default, uniform for a view.
    """
    answer = evaluate(game, policy, opponent_model, **settings)
    states = len(answer.value)
    if initial is None:
        start = game.initial if isinstance(game, StochasticGame) else np.full(states, 1.0 / states)
    else:
        start = distribution(initial, "initial", shape=(states,), where=place("initial", "s"))
    return float(start @ answer.value)


def improve(
    game: Game,
    policy: Any = None,
    opponent_model: Any = None,
    agent: int | str = 0,
    alpha: float = 1.0,
    beta: float = 1.0,
    prior: Any = None,
    discount: float | None = None,
    update: Literal["alternating", "joint"] = "alternating",
    steps: int = 10,
) -> Improvement:
    """Improve a pair step by step, as eq. 54 and 55 do, and keep the monotone history.

    Parameters
    ----------
    game, agent, alpha, beta, prior, discount
        As in :func:`~rommeo_exact.solve`.
    policy, opponent_model : arrays, optional
        The first pair, as in :func:`evaluate`; the uniform policy and the prior by default.
    update : {"alternating", "joint"}
        Alternating: pi from Q^{pi,rho} (54), then rho from Q^{pi',rho} (55), with an evaluation between. Joint: both at
        once from the same Q, which is soft policy iteration.
    steps : int
        K.

    Returns
    -------
    Improvement

    Examples
    --------
    >>> import rommeo_exact as rx
    >>> path = improve(rx.MatrixGame.common_payoff([[11, -30, 0], [-30, 7, 6], [0, 0, 5]]), discount=0.9, steps=3)
    >>> bool((np.diff(path.values, axis=0) >= -1e-9).all())
    True
    """
    problem = agent_problem(game, agent, alpha, beta, prior, discount)
    if update not in ("alternating", "joint"):
        raise UnknownNameError("update", update, ("alternating", "joint"))
    _, own, joint = problem.view.shape
    start = np.full((own, joint), 1.0 / own) if policy is None else policy
    policy, model = _pair(problem, start, problem.prior if opponent_model is None else opponent_model)
    values, bounds = [], []
    for step in range(integer(steps, "steps", low=0) + 1):
        answer = _evaluate(problem, policy, model)
        q = answer.q
        values.append(answer.value)
        bounds.append(_shortfall(problem, answer.value))
        if step == steps:
            break
        policy = improve_policy(q, problem.alpha)
        if update == "alternating":
            q = _evaluate(problem, policy, model).q
        model = improve_opponent_model(q, policy, problem.prior, problem.alpha, problem.beta)
    return Improvement(frozen(np.array(values)), frozen(np.array(bounds)), frozen(policy), frozen(model), q)


def _shortfall(problem: Problem, value: FloatArray) -> float:
    """What V* exceeds `value` by, at most."""
    backup = problem.backup(problem.centred(value))
    bounds = enclose(backup)
    above = backup.value + (bounds.centre + bounds.error) - value
    return max(0.0, float(above[problem.live].max(initial=0.0)))


def regret(solution: Solution, policy: Any, opponent_model: Any) -> Regret:
    """The exact regret of a pair: V* - V^{pi,rho} = discounted alpha E_rho KL(pi || pi*) + beta KL(rho || rho*).

    The performance difference identity of the regularised problem: V* is the value of Q*, so in each state the pair
    loses exactly the gaps of eq. 43 and 44, and goes on from where it moves. At alpha = 0 and beta = 0, where the KL
    divergences are infinite, the gaps are what stands.

    Parameters
    ----------
    solution : Solution
        Of :func:`~rommeo_exact.solve`; its prior, alpha, beta and discount hold.
    policy, opponent_model : arrays
        As in :func:`evaluate`.

    Returns
    -------
    Regret
    """
    problem = solution.problem
    policy, model = _pair(problem, policy, opponent_model)
    gap = (model * policy_gap(solution.q, policy, problem.alpha)).sum(axis=-1)
    other = opponent_gap(soft_maximum(solution.q, problem.alpha), model, problem.prior, problem.beta)
    discounted = PairSum(problem.view, policy, model)
    (own, own_error), (others, others_error) = discounted.of(gap), discounted.of(other)
    error = own_error + others_error + 2.0 * solution.error_bound / (1.0 - problem.discount)
    return Regret(own, others, error)


def _evaluate(problem: Problem, policy: FloatArray, model: FloatArray) -> Evaluation:
    view = problem.view
    reward = expected_value(view.rewards, policy, model, problem.prior, problem.alpha, problem.beta)
    return Evaluation(*PairSum(view, policy, model).of(reward), view)


def _pair(problem: Problem, policy: Any, opponent_model: Any) -> tuple[FloatArray, FloatArray]:
    states, own, joint = problem.view.shape
    policy, model = plain(policy, "policy"), plain(opponent_model, "opponent_model")
    if policy.ndim == 2:
        policy = np.broadcast_to(policy, (states, *policy.shape))
    if model.ndim == 1:
        model = np.broadcast_to(model, (states, *model.shape))
    policy = distribution(policy, "policy", axis=1, shape=(states, own, joint), where=policy_place(3))
    model = distribution(model, "opponent_model", shape=(states, joint), where=place("opponent_model", "s", "b"))
    return policy / policy.sum(axis=1, keepdims=True), model / model.sum(axis=1, keepdims=True)
