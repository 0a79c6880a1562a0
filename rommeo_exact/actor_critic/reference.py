r"""The exact soft optimum of a continuous game in one state, and its self-play: what learners are measured against.

Agent i picks a in an interval, the other b in another; densities are with respect to Lebesgue measure. Sums over
actions in equations 9 to 11 become integrals,

    L(b) = alpha log int exp(Q(a,b)/alpha) da,        V = beta log int P(b) exp(L(b)/beta) db,              eq. 9, 58
    pi*(a|b) = exp((Q(a,b) - L(b))/alpha),            rho*(b) = P(b) exp((L(b) - V)/beta),                  eq. 10, 11

with Q = R + gamma V, a constant more than R: pi* and rho* are those of R, and V is V_0/(1 - gamma). beta other than 1
is this project's generalisation; at beta = inf, rho* = P. What the agent plays is pi(a) = int rho*(b) pi*(a|b) db. In
self-play each agent's prior is the other's pi: a round multiplies the prior by a positive kernel and normalises, and
the only fixed point is its Perron eigenfunction; docs/continuous.md derives all that is said here.

Everything is computed by the adaptive panels of :mod:`.quadrature`, for temperatures from 1e-3 to 1e3. L is integrated
for each b by itself and kept as a polynomial in each panel, so that neither kinks of the reward nor narrow peaks have
to lie on a common grid. Errors are estimates, from halved panels: no bound is proven, for a reward is known only where
it is evaluated. In games that were held against closed forms, smooth, with kinks and with jumps, true errors of V were
below the estimates, but for jumps that cross, or turn: there they came to twenty times as much.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from ..checks import FloatArray, frozen, integer, real_array, real_number
from ..errors import ConvergenceError, InputError
from ..games.continuous import ContinuousGame
from ..soft import FAR, density, log_sum, soft_value, weight
from .quadrature import (
    EPS,
    NODES,
    NOTHING,
    ROUGHEST,
    START,
    TOGETHER,
    Integrals,
    Panels,
    Piecewise,
    Resolved,
    Told,
    integrals,
    resolved,
)

__all__ = [
    "ContinuousSelfPlay", "ContinuousSolution", "Density", "LogDensity", "self_play_continuous", "solve_continuous",
    "squashed_normal", "truncated_normal",
]  # fmt: skip

LogDensity: TypeAlias = Callable[[Any], Any]
"""Of points (...), the logarithm of a density (...), up to a constant; -inf where there is none."""

CORRECTIONS = 60
"""Rounds, each with a correction, in which a fixed point of self-play is reached on given panels."""

REFINEMENTS = 6
"""How often panels are found anew where self-play came to."""

PANEL = 2e-13
"""By what halving may change a panel's part of a whole. Fixed: a looser one leaves noise in inner integrals that outer
panels are then halved for, and costs more than it saves."""

SMOOTH = 1e-9
"""How far polynomials for L/alpha may be off anywhere, where they are integrated in turn: steps from panel to panel
cost more there than panels."""

CELLS = 50
"""Cells in which samples are counted."""

MASS = 1e-6
"""How far from 1 the integral of what is called a density may be."""


# --- priors ----------------------------------------------------------------------------------------------------------


def truncated_normal(mean: float, sd: float) -> LogDensity:
    """A Gaussian prior with this mean and standard deviation before it is cut off at the ends of the interval.

    >>> float(truncated_normal(1.0, 2.0)(5.0))           # up to a constant: solve_continuous normalises
    -2.0
    """
    mean, sd = real_number(mean, "mean"), _positive(sd, "sd")
    return lambda b: -0.5 * ((np.asarray(b, dtype=float) - mean) / sd) ** 2


def squashed_normal(mean: float, sd: float, low: float, high: float) -> LogDensity:
    """The law of (low + high)/2 + (high - low)/2 tanh(u) for Gaussian u: what squashed Gaussian networks play.

    Its density is that of u over the Jacobian, (high - low)/2 (1 - tanh^2 u).

    >>> round(float(squashed_normal(0.0, 1.0, -1.0, 1.0)(0.0)), 6)                      # -log(2 pi)/2
    -0.918939
    """
    mean, sd = real_number(mean, "mean"), _positive(sd, "sd")
    low, high = real_number(low, "low"), real_number(high, "high")
    if not low < high:
        raise InputError(f"low = {low:g} is not below high = {high:g}")
    half = (high - low) / 2.0

    def log_density(b: Any) -> Any:
        b = np.asarray(b, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            below, above = np.log((b - low) / half), np.log((high - b) / half)  # log(1 + tanh u), log(1 - tanh u)
            u = (below - above) / 2.0
            answer = -0.5 * ((u - mean) / sd) ** 2 - math.log(sd * half * math.sqrt(2.0 * math.pi)) - below - above
        return np.where((b > low) & (b < high), answer, -np.inf)

    return log_density


# --- densities -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Density:
    """A density on an interval, known at nodes and everywhere between.

    Attributes
    ----------
    low, high : float
        Of the interval.
    nodes, weights : (m,) arrays
        Gauss-Legendre nodes of all panels, in order; the weights sum to high - low.
    values : (m,) array
        The density at the nodes; ``weights @ values`` is 1.
    """

    panels: Panels = field(repr=False)
    log_at: LogDensity = field(repr=False)

    @property
    def low(self) -> float:
        return float(self.panels.edges[0])

    @property
    def high(self) -> float:
        return float(self.panels.edges[-1])

    @property
    def nodes(self) -> FloatArray:
        return frozen(self.panels.nodes)

    @property
    def weights(self) -> FloatArray:
        return frozen(self.panels.weights)

    @cached_property
    def values(self) -> FloatArray:
        return frozen(density(self.log_at(self.nodes)))

    def __call__(self, x: Any) -> Any:
        """The density at points (...); 0 outside of the interval."""
        return density(self.log(x))[()]

    def log(self, x: Any) -> Any:
        """Its logarithm at points (...); -inf outside of the interval, and below what floats hold."""
        x = real_array(x, "x", copy=False)
        inside = (x >= self.low) & (x <= self.high)
        values = np.asarray(self.log_at(np.clip(x, self.low, self.high)))
        return np.where(inside & (values > -FAR), values, -np.inf)[()]

    @cached_property
    def mean(self) -> float:
        return float(self._shares @ self.nodes)

    @cached_property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(float(self._shares @ (self.nodes - self.mean) ** 2))

    @property
    def _shares(self) -> FloatArray:
        shares: FloatArray = self.weights * self.values
        return np.asarray(shares / shares.sum())

    def mass(self, low: float, high: float) -> float:
        """The probability of [low, high]; what of it lies outside of the interval counts nothing."""
        part = _within(self.panels, *_interval(low, high))
        return 0.0 if part is None else float(part.weights @ density(self.log_at(part.nodes)))

    def total_variation(self, other: Any, *, cells: int = CELLS) -> float:
        """Half of the L1 distance to another law on the interval, in [0, 1].

        Parameters
        ----------
        other : Density, callable or (N,) array
            A density on the same interval, points (...) to values (...) whose integral is 1, or samples. Samples are
            counted in `cells` cells of equal width, as is the mass: that is a lower bound on the distance to their law,
            and N samples of the law itself are about sqrt(cells / (2 pi N)) away, or less.
        """
        if callable(other):
            return self._distance(other)
        samples = real_array(other, "other", ndim=1, copy=False)
        integer(cells, "cells", low=1)
        if not samples.size:
            raise InputError("other holds no samples")
        outside = (samples < self.low) | (samples > self.high)
        if outside.any():
            k = int(np.argmax(outside))
            raise InputError(f"other[{k}] = {samples[k]:g} is outside of [{self.low:g}, {self.high:g}]")
        edges = np.linspace(self.low, self.high, cells + 1)
        counts, _ = np.histogram(samples, edges)
        masses = np.array([self.mass(*ends) for ends in itertools.pairwise(edges)])
        return float(np.abs(counts / samples.size - masses).sum() / 2.0)

    def _distance(self, other: Any) -> float:
        edges = self.panels.edges
        if isinstance(other, Density):
            _same_interval(other, self.low, self.high, "other", "this density")
            edges = np.union1d(edges, other.panels.edges)
        uniform = 1.0 / (self.high - self.low)  # added and taken away again: the accuracy is absolute

        def given(x: FloatArray) -> FloatArray:
            values = np.asarray(other(x.copy()), dtype=float)
            if values.shape != x.shape or not np.isfinite(values).all() or (values < 0.0).any():
                raise InputError("other must return finite densities >= 0, one for each point")
            return values

        def integral(function: Callable[[FloatArray], FloatArray]) -> float:
            found = integrals(lambda _, x: np.log(function(x) + uniform), 1, edges, 1e-11)
            return float(density(found.log_value[0])) - 1.0

        mass = integral(given)
        if abs(mass - 1.0) > MASS:
            raise InputError(f"other has an integral of {mass:g} on [{self.low:g}, {self.high:g}], not 1")
        return max(0.0, integral(lambda x: np.abs(density(self.log_at(x)) - given(x))) / 2.0)


def _same_interval(law: Density, low: float, high: float, name: str, what: str) -> None:
    if (law.low, law.high) != (low, high):
        raise InputError(f"{name} is on [{law.low:g}, {law.high:g}], {what} on [{low:g}, {high:g}]")


def _interval(low: Any, high: Any, of: str = "") -> tuple[float, float]:
    low, high = real_number(low, f"{of}low"), real_number(high, f"{of}high")
    if low > high:
        raise InputError(f"{of}low = {low:g} is above {of}high = {high:g}")
    return low, high


def _within(panels: Panels, low: float, high: float) -> Panels | None:
    """The panels' parts inside [low, high]."""
    edges = panels.edges
    low, high = max(low, float(edges[0])), min(high, float(edges[-1]))
    if not low < high:
        return None
    return Panels(np.concatenate([[low], edges[(edges > low) & (edges < high)], [high]]))


# --- one agent's view ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _View:
    """One agent's problem: its interval and the other's, and the reward in units of alpha."""

    game: ContinuousGame
    agent: int
    alpha: float
    beta: float

    @property
    def own(self) -> tuple[float, float]:
        return float(self.game.low[self.agent][0]), float(self.game.high[self.agent][0])

    @property
    def other(self) -> tuple[float, float]:
        return float(self.game.low[1 - self.agent][0]), float(self.game.high[1 - self.agent][0])

    @property
    def surplus(self) -> float:
        """alpha/beta - 1: the power of exp(L/alpha) by which a column of exp(R/alpha) is scaled."""
        return self.alpha / self.beta - 1.0

    def powers(self, own: FloatArray, other: FloatArray) -> FloatArray:
        """R(a, b)/alpha for actions (...) of both."""
        pair = [own, other] if self.agent == 0 else [other, own]
        rewards: FloatArray = self.game.rewards(np.stack(np.broadcast_arrays(*pair), axis=-1))[..., self.agent]
        return rewards / self.alpha

    def level(
        self, other: FloatArray, within: tuple[float, float] | None = None, told: Told = NOTHING
    ) -> tuple[FloatArray, FloatArray, Any]:
        """L(b)/alpha for actions (n, k) of the other, k neighbours each, and how far it may be off; of a part of the
        own interval; and what was halved for it."""
        b = other.ravel()
        found = integrals(
            lambda row, x: self.powers(x, b[row][:, None]), len(b), _edges(*(within or self.own)), PANEL,
            neighbours=other.shape[1], told=told,
        )  # fmt: skip
        return found.log_value.reshape(other.shape), found.error.reshape(other.shape), found.halved


def _edges(low: float, high: float) -> FloatArray:
    return np.linspace(low, high, START + 1)


def _checked(game: Any) -> ContinuousGame:
    if not isinstance(game, ContinuousGame):
        raise InputError(f"game must be a ContinuousGame, not {type(game).__name__}")
    if game.dynamics is not None:
        raise InputError(f"{game.name} has states: make a game of the reward in one of them")
    if game.sizes != (1, 1):
        what = f"{game.num_players} players" if game.num_players != 2 else f"actions of {max(game.sizes)} numbers"
        raise InputError(
            f"{game.name} has {what}: the reference takes two players with one number each; fix the other numbers in a "
            "reward of two"
        )
    return game


def _positive(value: Any, name: str) -> float:
    number = real_number(value, name)
    if not number > 0.0 or math.isinf(number):
        raise InputError(f"{name} is {number:g}, not positive and finite")
    return number


def _temperatures(alpha: Any, beta: Any, names: tuple[str, str] = ("alpha", "beta")) -> tuple[float, float]:
    alpha, beta = weight(alpha, names[0], finite=True), weight(beta, names[1])
    for name, value in zip(names, (alpha, beta), strict=True):
        if not isinstance(value, float):
            raise InputError(f"{name} must be a number, not of shape {np.shape(value)}")
        if value == 0.0:
            raise InputError(f"{name} is 0, where the optimum has no density: take it small")
    return alpha, beta


def _asked(discount: Any, tol: Any, on_failure: Any) -> tuple[float, float]:
    """What both functions are asked for besides, checked."""
    discount = real_number(discount, "discount", low=0.0)
    if not discount < 1.0:
        raise InputError(f"discount is {discount:g}, not below 1")
    tol = _positive(tol, "tol")
    if on_failure not in ("raise", "return"):
        raise InputError(f"on_failure must be 'raise' or 'return', not {on_failure!r}")
    return discount, tol


def _log_prior(prior: Any, low: float, high: float, name: str) -> LogDensity:
    """The caller's log P, checked wherever it is asked for; -inf becomes very low."""
    if prior is None:
        return lambda b: np.full(np.shape(b), -math.log(high - low))
    if isinstance(prior, Density):
        _same_interval(prior, low, high, name, "the action")
        return prior.log_at
    if not callable(prior):
        raise InputError(f"{name} must be None, a Density or a function b -> log P(b), not {type(prior).__name__}")

    def log_density(b: FloatArray) -> FloatArray:
        try:
            values = np.asarray(prior(np.array(b)))  # it may write into its argument
            if np.iscomplexobj(values):
                raise TypeError("complex numbers")
            values = values.astype(float, copy=False)
        except (TypeError, ValueError) as error:
            raise InputError(f"{name} does not work on arrays: {error}") from None
        if values.shape != np.shape(b):
            raise InputError(f"{name} returned shape {values.shape} for points of shape {np.shape(b)}")
        bad = np.isnan(values) | (values == np.inf)
        if bad.any():
            k = int(np.argmax(bad))
            raise InputError(f"{name} is {values.flat[k]} at b = {np.asarray(b).flat[k]:g}, not a logarithm")
        return np.asarray(np.maximum(values, -FAR))

    return log_density


def _normalised(log_prior: LogDensity, low: float, high: float, name: str) -> tuple[LogDensity, float]:
    """log P less the logarithm of its integral, and the relative error of the latter."""
    found = integrals(lambda _, x: np.asarray(log_prior(x)), 1, _edges(low, high), PANEL)
    total = float(found.log_value[0])
    if total < -0.5 * FAR:
        raise InputError(f"{name} has no mass on [{low:g}, {high:g}]")
    return (lambda b: np.asarray(log_prior(b)) - total), float(found.error[0])


# --- one agent's optimum ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ContinuousSolution:
    """The soft optimum of one agent in one state.

    Attributes
    ----------
    agent : int
    alpha, beta, discount : float
    value : float
        V, in the unit of the rewards.
    error_bound : float
        Estimate of the distance of `value` to V*: twice what halving all panels changes, the inner integrals' own
        estimates weighted by rho*, and rounding. No proven bound: what hides between nodes is not seen.
    tol : float
    converged : bool
        Whether error_bound is at most `tol` max(1, alpha)/(1 - discount).
    marginal : Density
        pi(a), what the agent plays.
    opponent_model : Density
        rho*(b).
    prior : callable
        log P(b), normalised, for points (...) of the interval.
    """

    agent: int
    alpha: float
    beta: float
    discount: float
    value: float
    error_bound: float
    tol: float
    marginal: Density
    opponent_model: Density
    prior: LogDensity = field(repr=False)
    view: _View = field(repr=False)
    levels: Piecewise = field(repr=False)
    log_total: float = field(repr=False)

    @property
    def converged(self) -> bool:
        return self.error_bound * (1.0 - self.discount) <= self.tol * max(1.0, self.alpha)

    @property
    def mean(self) -> float:
        """Of the agent's own action under pi(a)."""
        return self.marginal.mean

    @property
    def sd(self) -> float:
        """Standard deviation of the agent's own action under pi(a)."""
        return self.marginal.sd

    @property
    def nodes(self) -> FloatArray:
        """(A,) own actions, at which `policy` has rows; ``marginal.weights`` are their weights."""
        return self.marginal.nodes

    @property
    def opponent_nodes(self) -> FloatArray:
        """(B,) actions of the other, at which `policy` has columns; ``opponent_model.weights`` are their weights."""
        return self.opponent_model.nodes

    @cached_property
    def policy(self) -> FloatArray:
        """pi*(a|b) at the nodes, (A, B), eq. 10.

        The nodes resolve pi(a), not the pi* of each single b: columns integrate to 1 with the weights only where these
        nodes resolve them. :meth:`log_policy` knows it between.
        """
        powers = self.view.powers(self.nodes[:, None], self.opponent_nodes)
        return frozen(density(powers - self.levels(self.opponent_nodes)))

    def log_policy(self, a: Any, b: Any) -> Any:
        """log pi*(a|b), eq. 10, for points a and b that broadcast; -inf for a outside of the interval."""
        a, b = np.broadcast_arrays(real_array(a, "a", copy=False), self._opponents(b))
        inside = (a >= self.view.own[0]) & (a <= self.view.own[1])
        powers = self.view.powers(np.clip(a, *self.view.own), b)
        return np.where(inside, powers - self._level(b), -np.inf)[()]

    def log_opponent_model(self, b: Any) -> Any:
        """log rho*(b), eq. 11, for points (...) of the other's interval."""
        b = self._opponents(b)
        answer = np.asarray(self.prior(b)) - self.log_total
        if self.beta < math.inf:
            answer = answer + self.alpha / self.beta * self._level(b)
        return np.where(answer > -FAR / 2.0, answer, -np.inf)[()]

    def mass(self, low: float, high: float) -> float:
        """The probability that the agent's own action is in [low, high]."""
        return self.marginal.mass(low, high)

    def joint_mass(self, own: tuple[float, float], other: tuple[float, float]) -> float:
        """The probability that the agent gives to a in `own` and b in `other`, under rho*(b) pi*(a|b)."""
        ends = _interval(*own, "own: ")
        columns = _within(self.opponent_model.panels, *_interval(*other, "other: "))
        rows = max(ends[0], self.view.own[0]), min(ends[1], self.view.own[1])
        if columns is None or not rows[0] < rows[1]:
            return 0.0

        def log_joint(_: Any, b: FloatArray) -> FloatArray:  # panels of its own: pi*(own|b) may step where rho* is flat
            part = self.view.level(b, rows)[0]
            return np.asarray(part - self.levels(b) + self.opponent_model.log_at(b))

        return float(density(integrals(log_joint, 1, columns.edges, PANEL).log_value[0]))

    def total_variation(self, other: Any, *, cells: int = CELLS) -> float:
        """Of pi(a) and a density or samples: as :meth:`Density.total_variation`."""
        return self.marginal.total_variation(other, cells=cells)

    def _opponents(self, b: Any) -> FloatArray:
        points: FloatArray = real_array(b, "b", copy=False)
        low, high = self.view.other
        outside = (points < low) | (points > high)
        if outside.any():
            raise InputError(f"b = {points[outside].flat[0]:g} is outside of [{low:g}, {high:g}]")
        return points

    def _level(self, b: FloatArray) -> FloatArray:
        """L(b)/alpha, integrated anew."""
        if not b.size:
            return b
        points, back = np.unique(b, return_inverse=True)
        together = min(NODES, len(points))
        near = np.pad(points, (0, -len(points) % together), mode="edge").reshape(-1, together)
        return self.view.level(near)[0].ravel()[back].reshape(b.shape)


def solve_continuous(
    game: ContinuousGame,
    agent: int = 0,
    alpha: float = 1.0,
    beta: float = 1.0,
    prior: Any = None,
    discount: float = 0.0,
    tol: float = 1e-10,
    *,
    on_failure: Literal["raise", "return"] = "raise",
) -> ContinuousSolution:
    """The soft optimum of one agent in a game of two on an interval each: eq. 9 to 11 with integrals for sums.

    Parameters
    ----------
    game : ContinuousGame
        Two players with one number each, no states. The reward may have kinks and jumps.
    agent : int
    alpha : float
        Temperature, > 0, in the unit of the rewards.
    beta : float
        KL weight, > 0, in the unit of the rewards; inf freezes rho at the prior.
    prior : None, callable or Density
        log P(b) of points (...), such as :func:`truncated_normal`, normalised here by quadrature; uniform by default.
    discount : float
        In [0, 1): the same reward for ever.
    tol : float
        What the estimated error of (1 - discount) V must be within, in the unit of the larger of 1 and alpha: V is
        alpha times a logarithm. The work is the same for every `tol`.
    on_failure : {"raise", "return"}
        What to do where the estimate is above `tol`.

    Returns
    -------
    ContinuousSolution

    Raises
    ------
    InputError
        Naming what is at fault.
    ConvergenceError
        Where the estimate of the error is above `tol`.

    Examples
    --------
    >>> from rommeo_exact.games import max_of_two_quadratics
    >>> solution = solve_continuous(max_of_two_quadratics(), alpha=1.0)
    >>> round(solution.value, 8), round(solution.mean, 4), round(solution.sd, 4)
    (8.14949051, 4.9951, 0.742)
    """
    game = _checked(game)
    agent = integer(agent, "agent", low=0, high=2)
    alpha, beta = _temperatures(alpha, beta)
    discount, tol = _asked(discount, tol, on_failure)
    view = _View(game, agent, alpha, beta)
    solution = _solution(view, _log_prior(prior, *view.other, "prior"), discount, tol)
    if on_failure == "raise" and not solution.converged:
        raise ConvergenceError(
            f"{game.name}: the error of V is estimated at {solution.error_bound:.2g}, above tol = {tol:g}", solution
        )
    return solution


def _solution(view: _View, given: LogDensity, discount: float, tol: float, name: str = "prior") -> ContinuousSolution:
    alpha, beta = view.alpha, view.beta
    log_prior, off = _normalised(given, *view.other, name)

    def level(b: FloatArray, told: Told) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
        values, error, halved = view.level(b, told=told)
        return values, log_prior(b) + alpha / beta * values, error, halved

    found = resolved(level, _edges(*view.other), PANEL, SMOOTH if view.surplus else ROUGHEST)
    panels, levels = found.panels, Piecewise(found.panels, found.values)
    value, dropped = _expectation(alpha * found.values, log_prior(panels.nodes), panels, beta)
    halved = Panels(np.sort(np.append(panels.edges, (panels.low + panels.high) / 2.0)))
    again, _ = _expectation(alpha * levels(halved.nodes), log_prior(halved.nodes), halved, beta)
    shares, log_total = _shares(found)
    size = abs(value) + alpha * float(shares @ np.abs(found.values))
    error = 2.0 * abs(value - again) + alpha * (float(shares @ found.noise) + found.miss) + 16.0 * EPS * size
    if beta < math.inf:
        error += min(beta, 1.0 + size) * (off + dropped) + beta * 16.0 * EPS * (beta < 1e3)
    model = Density(panels, lambda b: log_prior(b) + alpha / beta * levels(b) - log_total)
    own, _ = _played(view, levels, log_prior)
    return ContinuousSolution(
        view.agent, alpha, beta, discount, value / (1.0 - discount), error / (1.0 - discount), tol,
        Density(own.panels, own), model, log_prior, view, levels, log_total,
    )  # fmt: skip


def _expectation(levels: FloatArray, log_prior: FloatArray, panels: Panels, beta: float) -> tuple[float, float]:
    """beta log int P exp(L/beta) from L and log P at nodes, eq. 9: a matrix game with one own action.

    soft_value takes a distribution: what P lacks of 1 at these nodes, which need not resolve it where rho* is not, is
    put back, unless it is no more than rounding that a large beta would magnify; that is the second number.
    """
    powers = log_prior + np.log(panels.weights)
    total = float(log_sum(powers))
    value = float(soft_value(levels[None, :], density(powers - total), 0.0, beta))
    if beta == math.inf or abs(total) < 1e-11:
        return value, abs(total)
    return value + beta * total, 0.0


def _answers(
    view: _View, levels: Piecewise | None, log_prior: LogDensity, own: FloatArray, *, told: Told = NOTHING,
    keep: bool = False,
) -> Integrals:  # fmt: skip
    """log of what the agent plays at points `own` (n, k), k neighbours each, up to a constant: exp(R/alpha)
    Z^(alpha/beta - 1) P, integrated over b, with log Z in `levels`, which alpha = beta does without."""
    a = own.ravel()

    def log_joint(row: Any, b: FloatArray) -> FloatArray:
        powers = view.powers(a[row][:, None], b) + log_prior(b)
        return np.asarray(powers + view.surplus * levels(b) if levels is not None and view.surplus else powers)

    return integrals(log_joint, len(a), _edges(*view.other), PANEL, neighbours=own.shape[1], told=told, keep=keep)


def _played(view: _View, levels: Piecewise | None, log_prior: LogDensity) -> tuple[Piecewise, Resolved]:
    """What the agent plays, on panels that resolve it: log pi(a), normalised."""

    def function(a: FloatArray, told: Told) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
        found = _answers(view, levels, log_prior, a, told=told)
        values = found.log_value.reshape(a.shape)
        return values, values, found.error.reshape(a.shape), found.halved

    found = resolved(function, _edges(*view.own), PANEL)
    return Piecewise(found.panels, _of_mass_one(found.values, found.panels)), found


def _of_mass_one(values: FloatArray, panels: Panels) -> FloatArray:
    return values - float(log_sum(values + np.log(panels.weights)))


# --- self-play -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ContinuousSelfPlay:
    """What two agents come to, or came to, who take each other's play for their prior.

    Attributes
    ----------
    solutions : pair of ContinuousSolution
        Each agent's optimum where its prior is what the other plays, or, of a path, the last answers.
    path : tuple of pairs of Density
        What both played, round by round, where `rounds` were asked for; else empty.
    residual : float
        By how much log-ratios of player 2's marginal changed in the last round of both, at all nodes of the panels on
        which it was iterated: Hilbert's metric. Of a path, what its last round changed, the greater of both players.
        Not an error.
    error_bound : float
        Estimate of the error of log-ratios of marginals where the mass is, from the residual, the estimates of the
        quadrature and the time that self-play remembers. No proven bound. inf of a path.
    spectral_radius : float
        By what a small distance shrinks in two rounds, in the long run; NaN of a path.
    iterations : int
        Rounds that were computed.
    """

    solutions: tuple[ContinuousSolution, ContinuousSolution]
    path: tuple[tuple[Density, Density], ...] = field(repr=False)
    residual: float
    error_bound: float
    spectral_radius: float
    iterations: int
    tol: float

    @property
    def converged(self) -> bool:
        return self.error_bound <= self.tol and all(solution.converged for solution in self.solutions)

    @property
    def marginals(self) -> tuple[Density, Density]:
        """What both play."""
        return self.solutions[0].marginal, self.solutions[1].marginal

    @property
    def values(self) -> tuple[float, float]:
        return self.solutions[0].value, self.solutions[1].value

    def mass(self, first: tuple[float, float], second: tuple[float, float]) -> float:
        """The probability that player 1 is in `first` and player 2 in `second`, each playing its own marginal."""
        return self.marginals[0].mass(*first) * self.marginals[1].mass(*second)


class _Pair:
    """Two agents, and the kernels exp(R/alpha) (int exp(R/alpha) da)^(alpha/beta - 1) with which they answer."""

    def __init__(self, views: Sequence[_View]) -> None:
        self.views = views
        self.levels: list[Piecewise | None] = []
        for view in views:
            if not view.surplus:
                self.levels.append(None)
                continue

            def level(
                b: FloatArray, told: Told, view: _View = view
            ) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
                values, error, halved = view.level(b, told=told)
                return values, np.zeros_like(values), error, halved

            found = resolved(level, _edges(*view.other), PANEL, SMOOTH)
            self.levels.append(Piecewise(found.panels, found.values))

    def answers(self, i: int, log_prior: LogDensity, own: FloatArray, *, keep: bool = False) -> Integrals:
        """log of what agent i plays at points `own`, up to a constant."""
        return _answers(self.views[i], self.levels[i], log_prior, own, keep=keep)

    def played(self, i: int, log_prior: LogDensity) -> tuple[Piecewise, Resolved]:
        """What agent i plays, on panels that resolve it: log pi(a), normalised."""
        return _played(self.views[i], self.levels[i], log_prior)


def _transition(found: Integrals, rows: int, panels: Panels) -> FloatArray:
    """The derivative of log of integrals by the logarithm of a factor, given at the nodes of `panels`: (rows, n NODES).

    Rows sum to 1: they are the laws of what is integrated over, projected on the Lagrange polynomials.
    """
    from scipy import sparse

    count = len(panels.edges) - 1
    total = np.zeros((rows * count, NODES))
    for k in range(0, len(found.row), TOGETHER):
        row, nodes, powers = found.points(slice(k, k + TOGETHER))
        panel, basis = panels.basis(nodes)
        where = row * count + panel
        shares = sparse.csr_array((density(powers), (where, np.arange(len(where)))), shape=(len(total), len(where)))
        total += shares @ basis
    return total.reshape(rows, -1)


def _perron(matrix: FloatArray) -> FloatArray | None:
    """The Perron vector of a matrix with mass in it everywhere, by Noda's inverse iteration (1971); None if it fails.

    Projections on polynomials may have small negative entries: it fails where they show.
    """
    vector = np.ones(len(matrix))
    gap = math.inf
    for _ in range(50):
        ratios = matrix @ vector / vector
        last, gap = gap, float(np.ptp(ratios))
        if gap <= 1e-15 * len(matrix) * abs(float(ratios.max())) or gap >= last:
            break
        shift = float(ratios.max()) * (1.0 + EPS)
        try:
            following = np.linalg.solve(shift * np.eye(len(matrix)) - matrix, vector)
        except np.linalg.LinAlgError:
            break
        if not (np.isfinite(following).all() and (following > 0.0).all()):
            return None
        vector = following / following.max()
    return vector


def _memory(matrix: FloatArray) -> tuple[float, float]:
    """After how many rounds half of every start is forgotten (a power of two, or inf), and the second eigenvalue."""
    moduli = np.sort(np.abs(np.linalg.eigvals(matrix)))
    second = float(moduli[-2]) if len(moduli) > 1 else 0.0
    power, rounds = matrix, 1.0
    while np.maximum(power.min(axis=0), 0.0).sum() < 0.5:
        power, rounds = power @ power, 2.0 * rounds
        if rounds > 2.0**40:
            return math.inf, second
    return rounds, second


def self_play_continuous(
    game: ContinuousGame,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    prior: Any = None,
    rounds: int | None = None,
    discount: float = 0.0,
    tol: float = 1e-9,
    *,
    on_failure: Literal["raise", "return"] = "raise",
) -> ContinuousSelfPlay:
    """The only fixed point of self-play of two agents on an interval each, or the path to it from given priors.

    Two rounds, one of each agent, multiply player 1's prior by a positive kernel, and normalise. Panels are found on
    which both agents' log-densities are polynomials; at their nodes the eigenfunction is found by rounds, each
    corrected by the Perron vector of the matrix that the round's kernel is on these polynomials. It stops by
    log-ratios.

    Parameters
    ----------
    game : ContinuousGame
        As of :func:`solve_continuous`; common payoff or not.
    alpha, beta : float, or pair of floats
        Of both players, as of :func:`solve_continuous`.
    prior : None or pair
        Where a path starts: each agent's first prior, as of :func:`solve_continuous`. The fixed point depends on none.
    rounds : int, optional
        Play so many rounds after the first answers, both agents at once, instead of looking for the fixed point.
    discount : float
        Moves the values only.
    tol : float
        For `error_bound`, and for the values as of :func:`solve_continuous`.
    on_failure : {"raise", "return"}
        What to do where an estimate is above `tol`.

    Returns
    -------
    ContinuousSelfPlay

    Raises
    ------
    InputError
        Naming what is at fault.
    ConvergenceError
        Where an estimate is above `tol`.

    Examples
    --------
    >>> from rommeo_exact.games import meeting_point
    >>> play = self_play_continuous(meeting_point(target=1.0), alpha=1.0)
    >>> round(play.marginals[0].mean, 6), round(play.marginals[0].sd ** 2, 6)      # 1 and 1/(2 sqrt(3))
    (1.0, 0.288675)
    """
    game = _checked(game)
    pairs = list(zip(_both(alpha, "alpha"), _both(beta, "beta"), strict=True))
    weights = [_temperatures(*pair, (f"alpha[player={i}]", f"beta[player={i}]")) for i, pair in enumerate(pairs)]
    discount, tol = _asked(discount, tol, on_failure)
    views = [_View(game, i, *pair) for i, pair in enumerate(weights)]
    if prior is not None and (not isinstance(prior, Sequence) or len(prior) != 2):
        raise InputError("prior must be a pair, one for each player")
    if rounds is not None:
        priors = [
            _log_prior(given, *view.other, f"prior[player={i}]")
            for i, (given, view) in enumerate(zip(prior or (None, None), views, strict=True))
        ]
        result = _path(views, priors, integer(rounds, "rounds", low=0), discount, tol)
    elif prior is not None:
        raise InputError("prior: the fixed point depends on none; give rounds as well for the path from it")
    else:
        result = _fixed_point(views, discount, tol)
    short = not all(solution.converged for solution in result.solutions)
    if on_failure == "raise" and (short or (rounds is None and not result.converged)):
        raise ConvergenceError(
            f"{game.name}: the error of log-ratios is estimated at {result.error_bound:.2g}, those of the values at "
            f"{result.solutions[0].error_bound:.2g} and {result.solutions[1].error_bound:.2g}: not all within "
            f"tol = {tol:g}",
            result,
        )
    return result


def _both(value: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(value, (list, tuple)) and np.ndim(value) == 0:
        return value, value
    if len(value) != 2:
        raise InputError(f"{name} must be a number or a pair, one for each player, not {len(value)} numbers")
    return value[0], value[1]


def _solved(views: Sequence[_View], priors: Sequence[LogDensity], discount: float, tol: float) -> Any:
    return tuple(
        _solution(view, log_prior, discount, tol, f"prior[player={view.agent}]")
        for view, log_prior in zip(views, priors, strict=True)
    )


def _path(
    views: Sequence[_View], priors: Sequence[LogDensity], rounds: int, discount: float, tol: float
) -> ContinuousSelfPlay:
    pair = _Pair(views)
    path: list[tuple[Density, Density]] = []
    for i, view in enumerate(views):
        _normalised(priors[i], *view.other, f"prior[player={i}]")
    for _ in range(rounds + 1):
        played = [pair.played(i, log_prior)[0] for i, log_prior in enumerate(priors)]
        path.append((Density(played[0].panels, played[0]), Density(played[1].panels, played[1])))
        answered, priors = priors, (played[1], played[0])
    apart = [
        float(np.ptp(now.values - np.asarray(before(now.panels.nodes))))
        for now, before in zip(played, reversed(answered), strict=True)
    ]
    solutions = _solved(views, answered, discount, tol)
    return ContinuousSelfPlay(solutions, tuple(path), max(apart), math.inf, math.nan, rounds, tol)


def _fixed_point(views: Sequence[_View], discount: float, tol: float) -> ContinuousSelfPlay:
    pair = _Pair(views)
    opening, _ = pair.played(0, lambda b: np.zeros(np.shape(b)))
    log_prior = _answer_to_a_point(views[1], opening)
    iterations, residual, moved = 0, math.inf, math.inf
    matrix: FloatArray = np.eye(1)
    for attempt in range(REFINEMENTS + 1):  # panels for what is played, then the fixed point on these panels
        first, found = pair.played(0, log_prior)
        second, answer = pair.played(1, first)
        iterations += 1
        if attempt:  # what panels that were found anew change
            shares, step = _shares(answer)[0], second.values - np.asarray(log_prior(second.panels.nodes))
            moved = float(shares @ np.abs(step - shares @ step))
            if moved <= 10.0 * PANEL or attempt == REFINEMENTS:
                break
        panels = first.panels, second.panels
        values, last = second.values, math.inf
        for _ in range(CORRECTIONS):
            values, residual, matrix = _corrected(pair, panels, values)
            iterations += 1
            if residual <= _rounding(values, answer.noise) or (last < 1e-6 and residual >= 0.5 * last):
                break
            if residual > 0.9 * last and residual > 2.0:  # what is improbable falls, round by round: see there
                values = _answer_to_a_point(views[1], first)(panels[1].nodes)
            last = residual
        log_prior = Piecewise(panels[1], values)
    remembered, eigenvalue = _memory(matrix)
    off = residual + moved + sum(2.0 * part.miss + float(_shares(part)[0] @ part.noise) for part in (found, answer))
    solutions = _solved(views, (second, first), discount, tol)
    return ContinuousSelfPlay(solutions, (), residual, 4.0 * remembered * off, eigenvalue, iterations, tol)


def _answer_to_a_point(view: _View, played: Piecewise) -> LogDensity:
    """log of what the agent answers to one who plays where `played` is greatest.

    From a uniform prior the better of two hills gains the same factor on the other in each round, so that at low
    temperatures the worse one falls for hundreds of rounds before its logarithm is right. From the top of the better
    hill all others are at once as improbable as one round makes them.
    """
    top = played.panels.nodes[int(np.argmax(played.values))]
    return lambda b: view.powers(np.asarray(b), np.full(np.shape(b), top))


def _rounding(values: FloatArray, noise: FloatArray) -> float:
    return 64.0 * EPS * (1.0 + float(np.abs(values).max())) + 4.0 * float(noise.max())


def _shares(found: Resolved) -> tuple[FloatArray, float]:
    """The masses of the nodes, of 1 in all, and the logarithm of what they are the parts of."""
    powers = found.weights + np.log(found.panels.weights)
    total = float(log_sum(powers))
    return density(powers - total), total


def _corrected(
    pair: _Pair, panels: tuple[Panels, Panels], values: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    """A round of both agents at fixed nodes, from log P_1 there, and its correction.

    With S the product of the two derivatives and c what the round changed in logarithms, the kernel takes exp(values)
    times u to exp(values + c) S u for any u: the Perron vector of exp(c) S is the eigenfunction over exp(values). Where
    that is not positive, or c still varies by more than a polynomial follows, the round stands as it is.

    Returns
    -------
    values, the residual span(c), S
    """
    one, two = (len(part.nodes) for part in panels)
    prior = Piecewise(panels[1], values)
    there = pair.answers(0, prior, panels[0].nodes.reshape(-1, NODES), keep=True)
    first = Piecewise(panels[0], there.log_value)
    back = pair.answers(1, first, panels[1].nodes.reshape(-1, NODES), keep=True)
    matrix = _transition(back, two, panels[0]) @ _transition(there, one, panels[1])
    step = back.log_value - values
    residual = float(np.ptp(step))
    answer = _of_mass_one(back.log_value, panels[1])
    if residual < 2.0:
        vector = _perron(density(step - step.max())[:, None] * matrix)
        if vector is not None:
            answer = _of_mass_one(values + np.log(vector), panels[1])
    return answer, residual, matrix
