"""Solvers: one loop, one stopping rule, exchangeable methods. :func:`solve` is the door."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ..checks import FloatArray, distribution, frozen, integer, place, plain, real_number
from ..errors import ConvergenceError, InputError, UnknownNameError
from ..games.models import MatrixGame, StochasticGame, View
from ..soft import marginal_policy, weight
from .loop import Step, iterate
from .methods import METHODS
from .problem import Backup, Problem

__all__ = ["ConvergenceWarning", "Solution", "Step", "solve"]


class ConvergenceWarning(UserWarning):
    """A solver stopped before its bound met the tolerance, and was asked to warn."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What :func:`solve` found, with its bound.

    Attributes
    ----------
    value : (S,) array
        V, eq. 9; 0 in terminal states.
    error_bound : float
        |value - V*| is at most this in every state: MacQueen's bounds plus the rounding of the backup. V* is the value
        of the game as its floats stand, each row of the transitions and of the prior normalised.
    tol : float
        The bound that was asked for.
    converged : bool
        error_bound <= tol.
    residual : float
        (max d - min d)/2 for d = T V - V at the last iterate, or max|d| where states are terminal: no error bound.
    iterations : int
        Backups over the whole state space.
    method : str
    history : tuple of Step
    alpha, beta : float
    prior : (S, B) array
    q, policy : (S, A, B) arrays
        Q (eq. 12), within error_bound of Q*; pi* (eq. 10). `value` is the soft value of Q (eq. 9), but where states
        are terminal: there Q is one step from `value`. Computed when first looked at, like the next two.
    opponent_model : (S, B) array
        rho*, eq. 11.
    marginal_policy : (S, A) array
        sum_b rho*(b|s) pi*(a|s,b), what the agent plays.
    """

    value: FloatArray
    error_bound: float
    tol: float
    residual: float
    history: tuple[Step, ...] = field(repr=False)
    method: str
    problem: Problem = field(repr=False)
    backup: Backup = field(repr=False)
    offset: float = field(repr=False)

    @property
    def converged(self) -> bool:
        return self.error_bound <= self.tol

    @property
    def iterations(self) -> int:
        return len(self.history)

    @property
    def view(self) -> View:
        """The view that was solved."""
        return self.problem.view

    @property
    def prior(self) -> FloatArray:
        return self.problem.prior

    @property
    def alpha(self) -> float:
        return self.problem.alpha

    @property
    def beta(self) -> float:
        return self.problem.beta

    @cached_property
    def _pair(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        q, policy, model = (frozen(array) for array in self.problem.pair(self.backup, self.offset))
        return q, policy, model

    @property
    def q(self) -> FloatArray:
        return self._pair[0]

    @property
    def policy(self) -> FloatArray:
        return self._pair[1]

    @property
    def opponent_model(self) -> FloatArray:
        return self._pair[2]

    @cached_property
    def marginal_policy(self) -> FloatArray:
        return frozen(marginal_policy(self.policy, self.opponent_model))


def solve(
    game: MatrixGame | StochasticGame | View,
    agent: int | str = 0,
    alpha: float = 1.0,
    beta: float = 1.0,
    prior: Any = None,
    discount: float | None = None,
    method: str = "auto",
    tol: float | None = None,
    max_iterations: int = 100_000,
    on_failure: Literal["raise", "warn", "return"] = "raise",
    workers: int | None = None,
) -> Solution:
    """Solve the soft Bellman equation Q = T Q of one agent (eq. 12, 60; Theorems 1 to 3), with a bound on the answer.

    Parameters
    ----------
    game : MatrixGame, StochasticGame or View
    agent : int or str
        Index from 0, or the player's name. Not looked at for a View.
    alpha : float
        Temperature of the agent's own policy, in the unit of the rewards; 0 is the hard maximum.
    beta : float
        Weight of KL(rho || prior), in the unit of the rewards; 1 is the paper, 0 the most optimistic opponent model,
        inf freezes it at the prior.
    prior : (S, B) or (B,) array, optional
        P(b|s); a (B,) array serves every state. Uniform by default.
    discount : float, optional
        In [0, 1). By default the game's own; 0 for a matrix game.
    method : {"auto", "value_iteration", "modified_policy_iteration", "newton"}
    tol : float, optional
        What `error_bound` shall be at most. By default 1e-10, or what float64 can hold where the values are so large,
        or the discount so near 1, that rounding alone exceeds that.
    max_iterations : int
    on_failure : {"raise", "warn", "return"}
        What to do where `error_bound` stays above `tol`.
    workers : int, optional
        Threads that the backups of a large game (some 10^5 states) share; as many as there are cores by default. The
        answer is the same to the last bit.

    Returns
    -------
    Solution

    Raises
    ------
    InputError
        Naming the argument at fault.
    ConvergenceError
        Where `tol` is not met and `on_failure` is "raise"; its ``solution`` is what was reached.

    Examples
    --------
    >>> import rommeo_exact as rx
    >>> game = rx.MatrixGame.common_payoff([[11, -30, 0], [-30, 7, 6], [0, 0, 5]])
    >>> sol = solve(game, alpha=1.0, discount=0.9)
    >>> sol.value.round(6), bool(sol.error_bound <= 1e-10)
    (array([99.285966]), True)
    """
    problem = agent_problem(game, agent, alpha, beta, prior, discount)
    if not isinstance(method, str) or method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    if on_failure not in ("raise", "warn", "return"):
        raise UnknownNameError("on_failure", on_failure, ("raise", "warn", "return"))
    goal = None if tol is None else real_number(tol, "tol", low=0.0)
    problem.workers = (os.cpu_count() or 1) if workers is None else integer(workers, "workers", low=1)
    outcome = iterate(problem, METHODS[method](problem), goal, integer(max_iterations, "max_iterations", low=1))
    solution = Solution(**vars(outcome), method=method, problem=problem)
    if not solution.converged and on_failure != "return":
        message = _verdict(solution)
        if on_failure == "raise":
            raise ConvergenceError(message, solution)
        warnings.warn(message, ConvergenceWarning, stacklevel=2)
    return solution


def _verdict(solution: Solution) -> str:
    reached = (
        f"tol={solution.tol:g} was not met: reached {solution.error_bound:.2g} in {solution.iterations} iterations"
    )
    if solution.history[-1].action == "exhausted":
        return f"{reached}; allow more max_iterations, or on_failure='return' for what was reached"
    size = float(np.abs(solution.value).max(initial=0.0))
    return (
        f"{reached}, and rounding allows no less (values near {size:.2g}, discount {solution.problem.discount:g}); ask "
        "for a larger tol, leave it to the default, or on_failure='return' for what was reached"
    )


def agent_problem(game: Any, agent: int | str, alpha: Any, beta: Any, prior: Any, discount: float | None) -> Problem:
    """The checked arguments that :func:`solve` and the evaluation of a pair share."""
    view = _view(game, agent, discount)
    return Problem(view, _prior(prior, view), _scalar(alpha, "alpha", finite=True), _scalar(beta, "beta"))


def _view(game: Any, agent: int | str, discount: float | None) -> View:
    if isinstance(game, View):
        return game.with_discount(discount)
    if isinstance(game, MatrixGame):
        return game.view(agent, 0.0 if discount is None else discount)
    if isinstance(game, StochasticGame):
        return game.view(agent, discount)
    raise InputError(f"game must be a MatrixGame, a StochasticGame or a View, not {type(game).__name__}")


def _prior(prior: Any, view: View) -> FloatArray:
    states, _, joint = view.shape
    if prior is None:
        return frozen(np.full((states, joint), 1.0 / joint))
    prior = plain(prior, "prior")
    if prior.ndim == 1:
        one = distribution(prior, "prior", shape=(joint,), where=place("prior", "b"))
        return frozen(np.tile(one, (states, 1)))
    return distribution(prior, "prior", shape=(states, joint), where=place("prior", "s", "b"))


def _scalar(value: Any, name: str, *, finite: bool = False) -> float:
    number = weight(value, name, finite=finite)
    if not isinstance(number, float):
        raise InputError(f"{name} must be one number; it may vary over states only in rommeo_exact.soft")
    return number
