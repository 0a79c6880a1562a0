r"""Krawczyk's test of fixed points of self-play, in ball arithmetic: see :mod:`rommeo_exact.certificates.fixed_points`.

Balls are Arb's (Johansson 2017). A play is the list of the log-ratios of all marginals to each player's first action.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..checks import FloatArray, integer
from ..errors import InputError
from ..population.rounds import Population
from .balls import above, enough_bits, exponentials, flint, working

__all__ = ["Proof", "Round", "largest", "one_point", "perron_start", "precisions", "prove"]

MOST_BITS = 1 << 13
"""Precision is doubled up to so many bits: a Perron root apart from the next by a factor 1 + exp(-2800) is told."""

STEPS = 40
"""Of Newton's method, at most, at one precision."""

WIDEST = 6
"""Uniqueness is not looked for in boxes of a radius above 2^6."""


# --- a round in ball arithmetic --------------------------------------------------------------------------------------


class Round:
    """G and J of one population in balls; to be made and used while they have `precision` bits.

    Attributes
    ----------
    profiles : list of lists of tuples
        For each player the joint actions of the others that its response does not rule out (at beta = 0 some).
    log_responses : list of lists of lists
        log A_i(a, b) over these, up to a constant.
    """

    def __init__(self, population: Population, precision: int) -> None:
        self.sizes = population.sizes
        self.others = [population.others(i) for i in population.players]
        self.width = sum(self.sizes) - len(self.sizes)
        self.precision = precision
        self.library = flint()
        self.arb, self.matrix = self.library.arb, self.library.arb_mat
        self.profiles: list[list[tuple[int, ...]]] = []
        self.log_responses: list[list[list[Any]]] = []
        self._rows: list[list[tuple[Any, list[Any]]]] = []
        for i in population.players:
            every = list(itertools.product(*(range(self.sizes[j]) for j in self.others[i])))
            rewards = population.views[i].rewards[0]
            kept = _kept(rewards, population.alpha[i], precision, i) if population.beta[i] == 0.0 else range(len(every))
            self.profiles.append([every[b] for b in kept])
            logs = self._log_response(rewards[:, list(kept)], population.alpha[i], population.beta[i])
            self.log_responses.append(logs)
            rows = []
            for row in logs:
                top = row[_peak(row)].mid()
                rows.append((top, exponentials([x - top for x in row])))
            self._rows.append(rows)

    def _log_response(self, rewards: FloatArray, alpha: float, beta: float) -> list[list[Any]]:
        """log A(a, b) = (R - L) / alpha + L / beta, L(b) = alpha log sum_a exp(R / alpha): eq. 10, 11."""
        arb, highest = self.arb, self.arb(float(rewards.max()))
        columns = []
        for column in rewards.T.tolist():
            top = arb(max(column))
            shifted = [(arb(x) - top) / alpha for x in column]
            level = sum(exponentials(shifted), arb(0)).log()
            pull = (top - highest + alpha * level) / beta if 0.0 < beta < math.inf else arb(0)
            columns.append([x - level + pull for x in shifted])
        return [list(row) for row in zip(*columns, strict=True)]

    def play(self, y: list[Any]) -> list[list[Any]]:
        """The log-ratios with those of the first actions, 0."""
        parts, start = [], 0
        for size in self.sizes:
            parts.append([self.arb(0), *y[start : start + size - 1]])
            start += size - 1
        return parts

    def answer(self, y: list[Any]) -> list[Any]:
        """G(y)."""
        weights = [exponentials(x) for x in self.play(y)]
        found = []
        for i, rows in enumerate(self._rows):
            prior = self._products(i, weights)
            logs = [top + self._dot(row, prior).log() for top, row in rows]
            found += [x - logs[0] for x in logs[1:]]
        return found

    def jacobian(self, y: list[Any], radius: Any) -> Any:
        """An enclosure of J over all plays within `radius` of exact y, in every log-ratio."""
        low, high = ([exponentials([x[0], *(z + sign * radius for z in x[1:])]) for x in self.play(y)]
                     for sign in (-1, 1))  # fmt: skip
        tall = []
        for i in range(len(self.sizes)):
            least, most = self._products(i, low), self._products(i, high)
            beliefs = [self._beliefs(i, row, least, most) for _, row in self._rows[i]]
            tall += [[x - x0 for x, x0 in zip(belief, beliefs[0], strict=True)] for belief in beliefs[1:]]
        return self.matrix(self.width, self.width, [x for row in tall for x in row])

    def _beliefs(self, i: int, row: list[Any], least: list[Any], most: list[Any]) -> list[Any]:
        """Pr_i(b_j = c | a) for every coordinate (j, c), 0 for i's own: from weights of b between two bounds."""
        found = []
        terms = [(a * x, a * z) for a, x, z in zip(row, least, most, strict=True)]
        for j, size in enumerate(self.sizes):
            if j == i:
                found += [self.arb(0)] * (size - 1)
                continue
            axis = self.others[i].index(j)
            few, many = [self.arb(0)] * size, [self.arb(0)] * size
            for profile, (x, z) in zip(self.profiles[i], terms, strict=True):
                few[profile[axis]] += x
                many[profile[axis]] += z
            for c in range(1, size):
                rest_few = sum(few[:c] + few[c + 1 :], self.arb(0))
                rest_many = sum(many[:c] + many[c + 1 :], self.arb(0))
                found.append((few[c] / (few[c] + rest_many)).union(many[c] / (many[c] + rest_few)))
        return found

    def _products(self, i: int, weights: list[list[Any]]) -> list[Any]:
        """The prior over the kept b, its sum not divided out."""
        return [
            math.prod((weights[j][c] for j, c in zip(self.others[i], profile, strict=True)), start=self.arb(1))
            for profile in self.profiles[i]
        ]

    def _dot(self, left: list[Any], right: list[Any]) -> Any:
        return sum((x * z for x, z in zip(left, right, strict=True)), self.arb(0))


def _peak(balls: Sequence[Any]) -> int:
    """Where the largest middle is."""
    best = 0
    for k in range(1, len(balls)):
        if balls[k].mid() > balls[best].mid():
            best = k
    return best


def _kept(rewards: FloatArray, alpha: float, precision: int, i: int) -> list[int]:
    """The columns b of the greatest L(b), all that is left at beta = 0.

    Two are equal only if they hold the same payoffs: exponentials of different rationals are linearly independent over
    the rationals (Lindemann and Weierstrass). So with bits enough it is told.
    """
    arb = flint().arb
    columns = [sorted(column, reverse=True) for column in rewards.T.tolist()]
    bits = precision
    while bits <= 2 * MOST_BITS:
        with working(bits):
            levels = [
                arb(c[0]) + alpha * sum(exponentials([(arb(x) - arb(c[0])) / alpha for x in c]), arb(0)).log()
                for c in columns
            ]
            best = _peak(levels)
            same = [b for b, column in enumerate(columns) if column == columns[best]]
            if all(levels[b] < levels[best] for b in range(len(columns)) if b not in same):
                return same
        bits *= 2
    raise InputError(f"beta[player={i}] is 0, where it is open which joint action of the others allows the most")


def precisions(population: Population, precision: int | None = None) -> list[int]:
    """Bits to try, one after the other: the caller's, or what magnitudes ask for, doubled again and again."""
    if precision is not None:
        bits = integer(precision, "precision", low=53)
        if bits > MOST_BITS:
            raise InputError(f"precision is {bits} bits, more than {MOST_BITS}")
        return [bits]
    settings = zip(population.views, population.alpha, population.beta, strict=True)
    bits = max(enough_bits(view, alpha, beta, np.zeros(1)) for view, alpha, beta in settings)
    bits = min(bits, MOST_BITS)
    return [bits, *(1 << k for k in range(MOST_BITS.bit_length()) if bits < 1 << k)]


# --- Krawczyk --------------------------------------------------------------------------------------------------------


class Proof(NamedTuple):
    """A fixed point in each log-ratio's ball of `box`, the only one within `radius` of `centre`."""

    centre: list[Any]
    box: list[Any]
    radius: Any
    stable: bool | None
    sign: int | None


def largest(values: Any, arb: Any) -> Any:
    """The largest absolute value, an exact upper bound; not finite where one of them is not."""
    found = arb(0)
    for x in values:
        size = arb(x).abs_upper()
        if not size.is_finite():
            return arb("inf")
        found = found.max(size).upper()
    return found


def _inverse(a_round: Round, y: list[Any]) -> Any:
    """A matrix near (I - J)^-1 of exact entries; None where the bits do not tell it from singular."""
    n = a_round.width
    try:
        inverse = (_identity(a_round) - a_round.jacobian(y, a_round.arb(0))).mid().inv().mid()
    except ZeroDivisionError:
        return None
    return inverse if all(x.is_finite() for x in inverse.entries()) and n else None


def _identity(a_round: Round) -> Any:
    n = a_round.width
    return a_round.matrix(n, n, [int(i == j) for i in range(n) for j in range(n)])


def _polished(a_round: Round, y: list[Any]) -> tuple[list[Any], Any]:
    """Newton's method until the bits allow no more, and the inverse at its end; None for it where it fails."""
    arb, n = a_round.arb, a_round.width
    last = arb("inf")
    inverse = None
    for _ in range(STEPS):
        found = _inverse(a_round, y)
        if found is None:
            break
        inverse = found
        gap = [(x - z).mid() for x, z in zip(a_round.answer(y), y, strict=True)]
        step = [x.mid() for x in (inverse * a_round.matrix(n, 1, gap)).entries()]
        size = largest(step, arb)
        if not size < last / 2:
            break
        last = size
        y = [(x + z).mid() for x, z in zip(y, step, strict=True)]
    return y, inverse


def prove(a_round: Round, start: list[Any]) -> Proof | None:
    """Krawczyk's test around where Newton's method ends; None where it fails with these bits."""
    arb, n = a_round.arb, a_round.width
    if n == 0:
        return Proof([], [], arb("inf"), True, 1)
    y, inverse = _polished(a_round, start)
    if inverse is None:
        return None
    gap = [x - z for x, z in zip(a_round.answer(y), y, strict=True)]
    step = (inverse * a_round.matrix(n, 1, gap)).entries()
    size = largest(step, arb)
    if not size.is_finite():
        return None
    least = (2 * size).max(arb(2) ** -a_round.precision).upper()
    factors = _contracts(a_round, y, inverse, step, least)
    if factors is None:
        return None
    box = [x + s + arb(0, (q * least).upper()) for x, s, q in zip(y, step, factors, strict=True)]
    derivative = a_round.jacobian(y, least)
    stable = _stable(derivative, a_round)
    determinant = (_identity(a_round) - derivative).det()
    sign = 1 if determinant > 0 else -1 if determinant < 0 else None
    return Proof(y, box, _widest(a_round, y, inverse, step, least), stable, sign)


def _contracts(a_round: Round, y: list[Any], inverse: Any, step: list[Any], radius: Any) -> list[Any] | None:
    """The row sums of |I - C (I - J(Y))| if K(Y) is inside Y, the box of this radius; else None."""
    identity = _identity(a_round)
    rest = identity - inverse * (identity - a_round.jacobian(y, radius))
    factors = []
    for row, s in zip(rest.tolist(), step, strict=True):
        total = sum((x.abs_upper() for x in row), a_round.arb(0)).upper()
        if not s.abs_upper() + total * radius < radius:
            return None
        factors.append(total)
    return factors


def _widest(a_round: Round, y: list[Any], inverse: Any, step: list[Any], least: Any) -> Any:
    """The radius of a box around y, as large as can be found, in which there is one fixed point."""
    arb = a_round.arb
    low, high = math.ceil(float(least.log().mid()) / math.log(2.0)), WIDEST
    best = least
    while high - low > 1:
        middle = (low + high) // 2
        radius = arb(2) ** middle
        if _contracts(a_round, y, inverse, step, radius) is not None:
            low, best = middle, radius
        else:
            high = middle
    for part in (2, 4, 8):  # half, a quarter and an eighth more
        radius = best + arb(2) ** low / part
        if best > least and _contracts(a_round, y, inverse, step, radius) is not None:
            best = radius
    return best


def _stable(derivative: Any, a_round: Round) -> bool | None:
    """Whether the spectral radius of every matrix in an interval matrix is below 1, or of every one above.

    A power of a norm below 1 says the one, a power of a trace beyond N the other: N eigenvalues sum to the trace.
    """
    n, power = a_round.width, derivative
    for _ in range(a_round.precision):
        norm = largest((sum((x.abs_upper() for x in row), a_round.arb(0)) for row in power.tolist()), a_round.arb)
        if not norm.is_finite():
            return None
        if norm < 1:
            return True
        if power.trace().abs_lower() > n:
            return False
        power = power * power
    return None


def perron_start(a_round: Round) -> list[Any] | None:
    """Near the log-ratios of the Perron vector of two players, from powers 2^k of A_1 A_2; not rigorous."""
    arb, sizes = a_round.arb, a_round.sizes
    matrices = []
    for i in range(2):
        every = [x for row in a_round.log_responses[i] for x in row]
        top = every[_peak(every)].mid()
        columns = {b: k for k, (b,) in enumerate(a_round.profiles[i])}
        entries = []
        for row in a_round.log_responses[i]:
            powers = exponentials([(x - top).mid() for x in row])
            entries += [powers[columns[b]].mid() if b in columns else arb(0) for b in range(sizes[1 - i])]
        matrices.append(a_round.matrix(sizes[i], sizes[1 - i], entries))
    power = (matrices[0] * matrices[1]).mid()
    column = a_round.profiles[1][0][0]
    parallel = arb(2) ** -(a_round.precision // 2)
    for _ in range(a_round.precision // 2):
        rows = power.tolist()
        if not all(row[column] > 0 for row in rows):
            return None
        first = [x / rows[0][column] for x in (row[column] for row in rows)]
        if all(
            abs((row[b] / (first[r] * rows[0][b]) - 1).mid()) < parallel
            for r, row in enumerate(rows)
            for (b,) in a_round.profiles[1]
        ):
            break
        power = (power * power).mid()
        power = (power / power[0, column]).mid()
    else:
        return None
    x = a_round.matrix(sizes[0], 1, [row[column] for row in power.tolist()])
    z = (matrices[1] * x).entries()
    return [(v / w[0]).log().mid() for w in (x.entries(), z) for v in w[1:]]


# --- theorems ---------------------------------------------------------------------------------------------------------


def one_point(population: Population) -> str | None:
    r"""Why there is one fixed point, and why a round's derivative has a spectral radius below 1 there; or None.

    With kappa_i = tanh(D_i / (4 alpha_i)), D_i the largest second difference of R_i, a round moves no player's
    distance in Hilbert's metric by more than K = [kappa_i where R_i depends on j] (Birkhoff 1957). A vector v > 0 with
    K v < v, in balls, makes it a contraction in the largest distance over v_i.
    """
    count = len(population.sizes)
    if count == 1:
        return "one player has no prior to move"
    if count == 2:
        return "two players: a positive matrix has one Perron vector"
    arb = flint().arb
    with working(128):
        factors = [[arb(0)] * count for _ in population.players]
        for i in population.players:
            table = population.views[i].rewards[0]
            rows = table.tolist()
            widest = arb(0)
            for one, two in itertools.combinations(rows, 2):
                differences = [arb(x) - arb(z) for x, z in zip(one, two, strict=True)]
                widest = widest.max(reduce(arb.max, differences) - reduce(arb.min, differences))
            kappa = (widest / (4 * arb(population.alpha[i]))).tanh().upper()
            shape = [population.sizes[j] for j in population.others(i)]
            for axis, j in enumerate(population.others(i)):
                if np.ptp(table.reshape(-1, *shape), axis=1 + axis).any():
                    factors[i][j] = kappa
        floats = np.array([[above(x) for x in row] for row in factors])
        try:
            v = np.linalg.solve(np.eye(count) - floats, np.ones(count))
        except np.linalg.LinAlgError:
            return None
        if not (np.isfinite(v).all() and (v > 0.0).all()):
            return None
        exact = [arb(x) for x in v.tolist()]
        moved = [sum((k * x for k, x in zip(row, exact, strict=True)), arb(0)) for row in factors]
        return "a round contracts Hilbert's metric" if all(x < z for x, z in zip(moved, exact, strict=True)) else None
