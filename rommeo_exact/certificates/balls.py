r"""The soft Bellman equation in ball arithmetic, and MacQueen's bounds in it: every number an interval that holds it.

A ball [m +- r] of Arb (Johansson 2017) encloses a real number, and each operation on balls encloses every value that
the operation takes on them, its own rounding included. The inputs are exact: a float stands for the number that it is,
and each row of the transitions and of the prior is divided by its exact sum, which is a ball like all others. So what
comes out encloses the optimum of that game, whatever V one starts from: only the width depends on V.

With d = T V - V in the live states, m <= d <= M, and w in [w_min, w_max] the probability of not ending in one step,

    T V + gamma w m / (1 - gamma w) <= V* <= T V + gamma w M / (1 - gamma w)
    V + m / (1 - gamma w)           <= V* <= V + M / (1 - gamma w)

as :mod:`rommeo_exact.solvers.bounds` proves, with w = w_max if the change moves V* away from V and w_min otherwise.
Write V* = V + c + e in the live states, c the middle of the second enclosure and |e| <= r its radius. Then

    Q*(s,a,b) = Q_V(s,a,b) + gamma w(s,a,b) c + gamma w(s,a,b) [-r, r].

pi* and rho* see only differences of Q*, so gamma c is left out of all of them: what remains of it is gamma (w - 1) c,
which is 0 where no state is terminal. They are monotone in each Q* on its own,

    pi*(a|s,b) = 1 / (1 + sum_{a' != a} exp((Q(a') - Q(a)) / alpha)),                                          eq. 10
    rho*(b|s)  = P(b) / (P(b) + sum_{b' != b} P(b') exp((L(b') - L(b)) / beta)),                               eq. 11

so their bounds are their values where Q(a) is at one end of its enclosure and the others are at the opposite end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from ..checks import FloatArray, is_sparse
from ..errors import MissingPackageError
from ..games.models import View
from ..solvers.linear import Evaluator
from ..solvers.problem import Problem

__all__ = ["Bounds", "Equation", "above", "below", "enough_bits", "exponentials", "flint", "sums", "within", "working"]

LEAST_BITS, SPARE_BITS = 128, 96
"""Bits of the mantissas, at least; and those beyond what the range of magnitudes in the game takes up."""

GOAL_BITS = 72
"""Sharpening ends where the radius of MacQueen's bounds is below this many bits of the smallest scale of the game."""

MOST_PASSES, PATIENCE = 40, 3
"""Sharpening ends after so many passes, or after so many in a row that do not halve the radius."""

BLOCK = 1 << 18
"""Entries of the transitions that are balls at a time."""


def flint() -> Any:
    """The module of python-flint.

    Raises
    ------
    MissingPackageError
        If it is not installed.
    """
    try:
        import flint as module
    except ImportError:
        raise MissingPackageError("certificates", "python-flint", "certify") from None
    return module


def below(ball: Any) -> float:
    """The largest float that is certainly no larger than any number of the ball, or next to it."""
    if not ball.is_finite():
        return -math.inf
    low = ball.lower()
    number = float(low)
    while not type(ball)(number) <= low:
        number = math.nextafter(number, -math.inf)
    return number


def above(ball: Any) -> float:
    """The least float that is certainly no less than any number of the ball, or next to it."""
    return -below(-ball) + 0.0  # never -0.0


@contextmanager
def working(precision: int) -> Iterator[None]:
    """A context in which balls have `precision` bits."""
    context = flint().ctx
    before = context.prec
    context.prec = precision
    try:
        yield
    finally:
        context.prec = before


def exponentials(values: Sequence[Any]) -> list[Any]:
    """exp of balls."""
    return [x.exp() for x in values]


def sums(powers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """log sum exp over the last axis of floats, and the terms over their sum; -inf has no part in either.

    Taken that NumPy's exp and log are within 4 units in the last place, as its releases test them to be, and that
    `powers` of magnitude m are within d, both come out within 2 d + 2^-53 (6 m + 3 B + 32), B the length of the axis,
    as long as this is well below 1: the shifted powers are within 2 d + 2^-53 2 m, the exponentials within 2^-53 8 of
    themselves besides, and the sum is at least 1. What underflows is below 1e-300.
    """
    top = powers.max(axis=-1, keepdims=True)
    with np.errstate(under="ignore"):
        shares: FloatArray = np.exp(powers - top)
        total = shares.sum(axis=-1, keepdims=True)
        shares /= total
    return (top + np.log(total))[..., 0], shares


@dataclass(frozen=True, eq=False)
class Bounds:
    """An enclosure of the optimum, rounded outwards to floats.

    `low` and `high` are the bounds of V* as exact numbers, before that rounding: balls of radius 0.
    """

    value_lower: FloatArray
    value_upper: FloatArray
    q_lower: FloatArray
    q_upper: FloatArray
    policy_lower: FloatArray
    policy_upper: FloatArray
    opponent_model_lower: FloatArray
    opponent_model_upper: FloatArray
    low: list[Any]
    high: list[Any]


@dataclass(frozen=True, eq=False)
class Backup:
    """T V in the live states, d = T V - V there, Q_V and the probabilities of not ending, each (A * B) in a live state.

    `weights` (S, A * B) are the floats next to rho* pi*, 0 in terminal states; empty unless asked for.
    """

    value: list[Any]
    step: list[Any]
    q: list[list[Any]]
    mass: list[list[Any]]
    weights: FloatArray


def scales(view: View, alpha: float, beta: float) -> tuple[float, float]:
    """The binary logarithms of the greatest and of the least magnitude among values, alpha, beta and rewards."""
    rewards = view.rewards[~view.terminal]
    largest = float(np.abs(rewards).max(initial=0.0))
    given = [x for x in (largest, alpha, beta) if 0.0 < x < math.inf]
    if not given:
        return 0.0, 0.0
    entropy = math.log2(1.0 + math.log(view.shape[1]))
    greatest = max(math.log2(x) for x in given) + entropy - math.log2(1.0 - view.discount)
    return greatest, min(math.log2(x) for x in given)


def enough_bits(view: View, alpha: float, beta: float, value: FloatArray) -> int:
    """How many bits keep the rounding of balls far below what a float can tell, in V*, in V*/alpha and in V*/beta.

    `value` is where one starts from, which may be larger than V*.
    """
    greatest, least = scales(view, alpha, beta)
    start = float(np.abs(value).max())
    if start > 0.0:
        greatest = max(greatest, math.log2(start))
    return max(LEAST_BITS, math.ceil(SPARE_BITS + greatest - least))


class Equation:
    """One agent's soft Bellman equation, its numbers exact and its operations on balls.

    Parameters
    ----------
    view : View
    prior : (S, B) array
    alpha, beta : float
    precision : int
        Bits of the mantissas.
    """

    def __init__(self, view: View, prior: FloatArray, alpha: float, beta: float, precision: int) -> None:
        self.library = flint()
        self.view, self.prior, self.alpha, self.beta, self.precision = view, prior, alpha, beta, precision
        self.states, self.own, self.joint = view.shape
        self.live: list[int] = np.flatnonzero(~view.terminal).tolist()
        self.shifting = len(self.live) == self.states
        self.arb = self.library.arb
        self.discount = self.arb(view.discount)
        self.zero, self.one = self.arb(0), self.arb(1)

    @contextmanager
    def working(self) -> Iterator[None]:
        """A context in which balls have `precision` bits."""
        with working(self.precision):
            yield

    def exact(self, value: FloatArray) -> list[Any]:
        """Balls of radius 0 from floats, 0 in terminal states."""
        return [self.arb(0.0 if end else x) for x, end in zip(value.tolist(), self.view.terminal.tolist(), strict=True)]

    # T V

    def expectations(self, value: list[Any]) -> Iterator[tuple[int, list[tuple[Any, Any]]]]:
        """For every live state the pairs (p V, p 1_live), rows of p divided by their sums; lists over (a, b)."""
        if self.view.discount == 0.0:
            for s in self.live:
                yield s, [(self.zero, self.zero)] * (self.own * self.joint)
            return
        alive = [self.zero if end else self.one for end in self.view.terminal.tolist()]
        sums = self._sparse_sums if is_sparse(self.view.transitions) else self._dense_sums
        for s, triples in sums(value, alive):
            if self.shifting:
                yield s, [(product / total, self.one) for product, _, total in triples]
            else:
                yield s, [(product / total, kept / total) for product, kept, total in triples]

    def _dense_sums(self, value: list[Any], alive: list[Any]) -> Iterator[tuple[int, list[tuple[Any, Any, Any]]]]:
        """p V, p 1_live and p 1 before any division."""
        matrix, width = self.library.arb_mat, self.own * self.joint
        right = matrix(self.states, 3, [x for v, w in zip(value, alive, strict=True) for x in (v, w, self.one)])
        transitions: Any = self.view.transitions
        rows = transitions.reshape(self.states, width * self.states)
        together = max(1, BLOCK // (width * self.states))
        for start in range(0, len(self.live), together):
            part = self.live[start : start + together]
            left = matrix(len(part) * width, self.states, rows[part].reshape(-1).tolist())
            found = (left * right).entries()
            for k, s in enumerate(part):
                first = 3 * width * k
                yield s, [tuple(found[i : i + 3]) for i in range(first, first + 3 * width, 3)]

    def _sparse_sums(self, value: list[Any], alive: list[Any]) -> Iterator[tuple[int, list[tuple[Any, Any, Any]]]]:
        rows: Any = self.view.transitions
        width, arb = self.own * self.joint, self.arb
        pointers = rows.indptr.tolist()
        for s in self.live:
            triples = []
            for row in range(s * width, (s + 1) * width):
                part = slice(pointers[row], pointers[row + 1])
                product = kept = total = self.zero
                for t, number in zip(rows.indices[part].tolist(), rows.data[part].tolist(), strict=True):
                    chance = arb(number)
                    product += chance * value[t]
                    total += chance
                    if not self.shifting:
                        kept += chance * alive[t]
                triples.append((product, kept, total))
            yield s, triples

    def backup(self, value: list[Any], *, weights: bool = False) -> Backup:
        """T V, d = T V - V and what they are made of, eq. 9 and 13."""
        backed, step, values_q, masses = [], [], [], []
        kept = np.zeros((self.states, self.own * self.joint)) if weights else np.empty((0, 0))
        for s, pairs in self.expectations(value):
            rewards = self.view.rewards[s].ravel().tolist()
            q = [reward + self.discount * product for reward, (product, _) in zip(rewards, pairs, strict=True)]
            worth, weight = self._soft_value(s, q, weights)
            backed.append(worth)
            step.append(worth - value[s])
            values_q.append(q)
            masses.append([mass for _, mass in pairs])
            if weights:
                kept[s] = weight
        return Backup(backed, step, values_q, masses, kept)

    def _soft_value(self, s: int, q: list[Any], weights: bool) -> tuple[Any, Any]:
        """V(s), eq. 9; and with `weights` the floats next to rho*(b) pi*(a|b), flat over (a, b)."""
        chances = self.chances(s)
        policies = np.zeros((self.own, self.joint))
        levels = []
        for b, _ in chances:
            level, terms = self._level(q[b :: self.joint])
            levels.append(level)
            if weights:
                policies[:, b] = self._floats(terms)
        worth, terms = self._mean(levels, [chance for _, chance in chances])
        if weights:
            for (b, _), share in zip(chances, self._floats(terms), strict=True):
                policies[:, b] *= share
        return worth, policies.ravel()

    def chances(self, s: int) -> list[tuple[int, Any]]:
        """The support of P(.|s) and its numbers, their sum not yet divided out."""
        return [(b, self.arb(p)) for b, p in enumerate(self.prior[s].tolist()) if p > 0.0]

    def _level(self, column: list[Any]) -> tuple[Any, list[Any]]:
        """L(s, b) of Q(s, ., b), and numbers in proportion to pi*."""
        return self._peak(column, [self.one] * len(column), self.alpha)

    def _mean(self, levels: list[Any], chances: list[Any]) -> tuple[Any, list[Any]]:
        """V(s) of L(s, .) over the support of the prior, and numbers in proportion to rho*."""
        total = sum(chances, self.zero)
        if len(levels) == 1:
            return levels[0], chances
        if self.beta == 0.0:
            return self._peak(levels, chances, 0.0)
        if self.beta == math.inf:
            worth, terms = sum((p * x for p, x in zip(chances, levels, strict=True)), self.zero) / total, chances
        else:
            worth, terms = self._peak(levels, chances, self.beta)
            worth -= self.beta * total.log()
        # a mean of whatever kind lies among what it is a mean of: all that is known where these agree to the last bit
        hull = reduce(self.arb.min, levels).union(reduce(self.arb.max, levels))
        return (hull if hull.rad() < worth.rad() else worth), terms

    def _peak(self, values: list[Any], weights: list[Any], temperature: float) -> tuple[Any, list[Any]]:
        """t log sum_i w_i exp(x_i / t) at temperature t, the maximum at 0; and numbers proportional to its gradient."""
        mids = [x.mid() for x in values]
        best = 0
        for i in range(1, len(mids)):
            if mids[i] > mids[best]:
                best = i
        alone = [self.one if i == best else self.zero for i in range(len(values))]
        if temperature == 0.0:
            return reduce(self.arb.max, values), alone
        top = values[best]
        terms = [
            w if i == best else w * ((x - top) / temperature).exp()
            for i, (x, w) in enumerate(zip(values, weights, strict=True))
        ]
        total = terms[0] if len(terms) == 1 else sum(terms, self.zero)
        if total.is_finite():
            return top + temperature * total.log(), terms
        # balls so wide that the exponentials overflow: the sum is at least each term, and at most as if all were equal
        least = reduce(self.arb.max, [x + temperature * w.log() for x, w in zip(values, weights, strict=True)])
        most = reduce(self.arb.max, values) + temperature * sum(weights, self.zero).log()
        return least.union(most), alone

    def _floats(self, terms: list[Any]) -> FloatArray:
        """The floats next to terms divided by their sum."""
        total = sum(terms, self.zero)
        return np.array([float((x / total).mid()) for x in terms])

    # the bounds

    def changes(self, backup: Backup) -> tuple[Any, Any]:
        """m and M: exact numbers between which d lies in every live state."""
        low = reduce(self.arb.min, [d.lower() for d in backup.step])
        return low, reduce(self.arb.max, [d.upper() for d in backup.step])

    def _factors(self, backup: Backup, change: Any, away: bool) -> Any:
        """gamma w for a change of V in every live state."""
        if self.shifting:
            return self.discount
        ends = [w.upper() if away else w.lower() for row in backup.mass for w in row]
        extreme = reduce(self.arb.max if away else self.arb.min, ends)
        return self.discount * (self.one.min(extreme) if away else self.zero.max(extreme))

    def bounds(self, value: list[Any]) -> Bounds:
        """The enclosure that V gives; to be called in :meth:`working`.

        Parameters
        ----------
        value : list of S exact balls
            V, 0 in terminal states.
        """
        shape = self.states, self.own, self.joint
        sizes = {"value": shape[:1], "q": shape, "policy": shape, "opponent_model": shape[::2]}
        ends = {name: (np.zeros(size), np.zeros(size)) for name, size in sizes.items()}
        low = [self.zero] * self.states
        high = [self.zero] * self.states
        flat = self.own * self.joint
        nothing = [self.zero] * flat
        if self.live:
            backup = self.backup(value)
            least, most = self.changes(backup)
            under = self._factors(backup, least, bool(least < 0))
            over = self._factors(backup, most, bool(most > 0))
            for s, worth in zip(self.live, backup.value, strict=True):
                low[s] = (worth + under * least / (1 - under)).lower()
                high[s] = (worth + over * most / (1 - over)).upper()
                ends["value"][0][s], ends["value"][1][s] = below(low[s]), above(high[s])
            change = (least / (1 - under)).lower(), (most / (1 - over)).upper()
            middle = ((change[0] + change[1]) / 2).mid()
            radius = (change[1] - middle).max(middle - change[0]).upper()
            one_state = self.shifting and self.states == 1
            for s, q, mass in zip(self.live, backup.q, backup.mass, strict=True):
                pulls = [self.discount * w for w in mass]
                bottom = [below(x + pull * change[0]) for x, pull in zip(q, pulls, strict=True)]
                top = [above(x + pull * change[1]) for x, pull in zip(q, pulls, strict=True)]
                ends["q"][0][s].flat, ends["q"][1][s].flat = bottom, top
                if one_state or self.view.discount == 0.0:  # Q* is R but for a constant
                    q = [self.arb(x) for x in self.view.rewards[s].ravel().tolist()]
                    self._pair(s, q, q, ends)
                    continue
                if not self.shifting:
                    q = [x + (pull - self.discount) * middle for x, pull in zip(q, pulls, strict=True)]
                lower = [(x - pull * radius).lower() for x, pull in zip(q, pulls, strict=True)]
                upper = [(x + pull * radius).upper() for x, pull in zip(q, pulls, strict=True)]
                self._pair(s, lower, upper, ends)
        for s in np.flatnonzero(self.view.terminal).tolist():  # Q is written as 0 there, as everywhere in the package
            self._pair(s, nothing, nothing, ends)
        arrays = {f"{name}_lower": pair[0] for name, pair in ends.items()}
        arrays |= {f"{name}_upper": pair[1] for name, pair in ends.items()}
        return Bounds(low=low, high=high, **arrays)

    def _pair(self, s: int, lower: list[Any], upper: list[Any], ends: dict[str, tuple[FloatArray, FloatArray]]) -> None:
        """Writes the bounds of pi* and rho* in state s, from exact bounds of Q*(s, ., .) up to a common constant."""
        policy, model = ends["policy"], ends["opponent_model"]
        for b in range(self.joint):
            columns = lower[b :: self.joint], upper[b :: self.joint]
            shares = self.shares(*columns, [self.one] * self.own, self.alpha)
            for a, (least, most) in enumerate(shares):
                policy[0][s, a, b], policy[1][s, a, b] = least, most
        chances = self.chances(s)
        weights = [chance for _, chance in chances]
        if self.beta == math.inf:
            total = sum(weights, self.zero)
            shares = [within(p / total, p / total) for p in weights] if len(weights) > 1 else [(1.0, 1.0)]
        else:
            floors = [self._level(lower[b :: self.joint])[0].lower() for b, _ in chances]
            tops = [self._level(upper[b :: self.joint])[0].upper() for b, _ in chances]
            shares = self.shares(floors, tops, weights, self.beta)
        for (b, _), (least, most) in zip(chances, shares, strict=True):
            model[0][s, b], model[1][s, b] = least, most

    def shares(
        self, lower: Sequence[Any], upper: Sequence[Any], weights: Sequence[Any], temperature: float
    ) -> list[tuple[float, float]]:
        """Bounds of w_i exp(x_i/t) / sum_j w_j exp(x_j/t) for x between exact bounds; t >= 0 is finite.

        At temperature 0 the largest x takes all. Where the bounds leave open which is the largest, those that may be
        are between 0 and 1; those that are equal, and known to be, share in proportion to their weights.
        """
        if len(lower) == 1:
            return [(1.0, 1.0)]
        if temperature == 0.0:
            bar = reduce(self.arb.max, lower)
            tied = [i for i, x in enumerate(upper) if not x < bar]
            shares = [(0.0, 0.0)] * len(lower)
            known = len(tied) == 1 or all(lower[i] == bar and upper[i] == bar for i in tied)
            total = sum((weights[i] for i in tied), self.zero)
            for i in tied:
                share = weights[i] / total if len(tied) > 1 else self.one
                shares[i] = within(share, share) if known else (0.0, 1.0)
            return shares
        peak = reduce(self.arb.max, upper)
        small = [w * ((x - peak) / temperature).exp() for x, w in zip(lower, weights, strict=True)]
        large = [w * ((x - peak) / temperature).exp() for x, w in zip(upper, weights, strict=True)]
        all_small, all_large = sum(small, self.zero), sum(large, self.zero)
        return [
            within(few / (few + (all_large - many)), many / (many + (all_small - few)))
            for few, many in zip(small, large, strict=True)
        ]

    def distance(self, bounds: Bounds, value: FloatArray) -> float:
        """How far `value` is from V* in the sup norm, at most: from the farther end of its enclosure, rounded up."""
        return max(
            max(above(high - self.arb(x)), above(self.arb(x) - low))
            for x, low, high in zip(value.tolist(), bounds.low, bounds.high, strict=True)
        )

    # a better V

    def sharpen(self, value: list[Any]) -> list[Any]:
        """Newton's method from V, its residuals in balls and its linear systems in floats: iterative refinement.

        Each pass solves (I - gamma M) e = d with M the transitions of (pi*, rho*) at V; T is convex, so the method
        converges from everywhere, and the digits of a pass are those of the linear solver. Nothing here needs to be
        rigorous: the bounds hold for the V that comes out as for any other.
        """
        if not self.live or self.view.discount == 0.0:
            return value
        problem = Problem(self.view, self.prior, self.alpha, self.beta)
        evaluator = Evaluator(problem)
        goal = self.arb(2) ** math.floor(scales(self.view, self.alpha, self.beta)[1] - GOAL_BITS)
        best, best_radius, stalled = value, self.arb("inf"), 0
        for _ in range(MOST_PASSES):
            backup = self.backup(value, weights=True)
            low, high = self.changes(backup)
            spread = high - low if self.shifting else high.max(self.zero) - low.min(self.zero)
            radius = (self.discount * spread / (1 - self.discount)).mid()
            if not radius.is_finite():
                break
            stalled = 0 if radius < best_radius / 2 else stalled + 1
            if radius < best_radius:
                best, best_radius = value, radius
            if radius <= goal or stalled >= PATIENCE:
                break
            centre = ((low + high) / 2).mid() if self.shifting else self.zero
            step = np.zeros(self.states)
            step[self.live] = [float((d - centre).mid()) for d in backup.step]
            correction = self._correction(problem, evaluator, backup.weights, step)
            if correction is None:
                break
            shift = centre / (1 - self.discount)
            value = list(value)
            for s in self.live:
                value[s] = (value[s] + shift + self.arb(float(correction[s]))).mid()
        return best

    @staticmethod
    def _correction(problem: Problem, evaluator: Evaluator, weights: FloatArray, step: FloatArray) -> Any:
        """e of (I - gamma M) e = d, up to a constant where no state is terminal; None where floats cannot tell."""
        size = problem.size(step)
        if size == 0.0:
            return step
        if not size < math.inf:
            return None
        with np.errstate(all="ignore"):
            matrix = problem.stack([problem.merge(weights[part], rows) for part, rows in problem.blocks])
            correction = evaluator.correct(matrix, step / size, 1e-12, 1e-12, 0.0) * size
        return correction if np.isfinite(correction).all() else None


def within(low: Any, high: Any) -> tuple[float, float]:
    """Bounds of a probability from balls of its least and its greatest value."""
    least, most = below(low), above(high)
    return max(0.0, least), min(1.0, most)
