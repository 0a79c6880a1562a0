r"""Fixed points of exact self-play in matrix games: proven to exist, to be alone, to be stable, and to be all.

In the log-ratios y_i(a) = log m_i(a) / m_i(first a) of all marginals, a round of self-play is the map

    G_i(a) = log sum_b A_i(a,b) P_i(b) - log sum_b A_i(0,b) P_i(b),      P_i(b) proportional to exp sum_j y_j(b_j),
    J_ij(a, c) = Pr_i(b_j = c | a) - Pr_i(b_j = c | 0)

(:mod:`rommeo_exact.population.rounds`). Its payoffs, alpha and beta are the exact numbers that the floats state.

:func:`certify_point` encloses one fixed point in ball arithmetic (Arb, Johansson 2017). With Y a box around y, C any
matrix, near (I - J)^-1, and J(Y) an enclosure of all its derivatives there, Krawczyk's operator (1969)

    K(Y) = y + C (G(y) - y) + (I - C (I - J(Y))) (Y - y)

holds every fixed point of Y; where it lies in the interior of Y there is one, and only one (Moore 1977). I - J is
regular on Y then. Of two players there is one altogether, a Perron vector, whatever the game (Birkhoff 1957); the point
is computed from it, with as many bits as its matrix asks for, and the given point only measured against it.

:func:`exhaustive` proves how many there are. All lie in the box min_b <= y_i(a) <= max_b of (R_i(a,b) - R_i(0,b)) /
alpha_i. It is cut into boxes until each is empty or known to hold no other point than those certified. As G_i(a) and
Pr_i(b_j = c | a) are fractional linear in each exp y_j(c), the others fixed, they are monotone in each y_j(c), and take
their extremes over a box at its vertices: their ranges are exact. These are computed in floats, with a bound on what
rounding does to them (:func:`rommeo_exact.certificates.balls.sums`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..checks import BoolArray, FloatArray, frozen, integer, place, real_array, real_number
from ..errors import InputError
from ..population.rounds import Population
from ..population.search import newton, search
from .balls import above, below, enough_bits, exponentials, flint, sums, within, working

__all__ = ["Exhaustion", "PointCertificate", "certify_point", "exhaustive"]

MOST_BITS = 1 << 13
"""Precision is doubled up to so many bits: a Perron root apart from the next by a factor 1 + exp(-2800) is told."""

STEPS = 40
"""Of Newton's method, at most, at one precision."""

WIDEST = 6
"""Uniqueness is not looked for in boxes of a radius above 2^6."""

UNIT = 2.0**-53

TOGETHER = 1 << 19
"""Entries (box, vertex, a, b) that are computed at once."""

INFLATION = 1.0 / 32.0
"""A box is looked at with so much of its width around it, so that points on faces are inside of something."""

NARROWEST = 1e-9
"""Boxes this narrow that are neither empty nor proven to hold one point are where floats cannot tell."""

MOST_CORNERS = 1 << 12
"""Vertices of a box of what one player's answer depends on."""


@dataclass(frozen=True, eq=False)
class PointCertificate:
    """What is proven of a fixed point of self-play. Tuples have one entry per player.

    Attributes
    ----------
    verified : bool
        There is a fixed point, between the bounds given here, and the point that was given is as near as asked for.
    enclosed : bool
        There is a fixed point between the bounds given here, wherever the given point is.
    unique_within : float
        Every other fixed point differs from this one by more in some log-ratio to a first action; inf where a theorem
        says that there is no other, 0 where nothing is proven.
    radius : float
        No log-ratio of the given point is farther from the fixed point's; inf where nothing is proven.
    log_ratios_lower, log_ratios_upper : tuples of (A_i,) arrays
        log m_i(a) / m_i(first a) lies between them.
    marginals_lower, marginals_upper : tuples of (A_i,) arrays
        m_i(a) lies between them.
    stable : bool or None
        The spectral radius of the derivative of a simultaneous round is proven to be below 1, or above; else None.
    index : int or None
        The sign of det(I - J), where it is proven.
    theorem : str or None
        Why there is no other fixed point.
    precision : int
        Bits of the arithmetic.
    """

    verified: bool
    enclosed: bool
    unique_within: float
    radius: float
    log_ratios_lower: tuple[FloatArray, ...] = field(repr=False)
    log_ratios_upper: tuple[FloatArray, ...] = field(repr=False)
    marginals_lower: tuple[FloatArray, ...] = field(repr=False)
    marginals_upper: tuple[FloatArray, ...] = field(repr=False)
    stable: bool | None
    index: int | None
    theorem: str | None
    precision: int
    alpha: tuple[float, ...]
    beta: tuple[float, ...]

    @property
    def width(self) -> float:
        """The largest difference of the bounds of a probability, rounded up."""
        apart = np.concatenate(self.marginals_upper) - np.concatenate(self.marginals_lower)
        return float(np.where(apart > 0.0, np.nextafter(apart, np.inf), 0.0).max())

    @property
    def statement(self) -> str:
        """What the certificate says, in words."""
        head = f"{_premise(self.alpha, self.beta)} "
        if not self.enclosed:
            return f"{head}No fixed point is proven to lie near the point given ({self.precision} bits)."
        said = [
            f"{head}There is a fixed point whose marginals and log-ratios lie between the bounds given here, entry by "
            f"entry; no log-ratio of the point given is farther from it than {self.radius!r}."
        ]
        if self.theorem is not None:
            said.append(f"There is no other fixed point: {self.theorem}.")
        else:
            said.append(f"Every other fixed point differs from it by more than {self.unique_within!r} in a log-ratio.")
        if self.stable is not None:
            said.append(f"The spectral radius of the round's derivative is {'below' if self.stable else 'above'} 1.")
        if self.index is not None:
            said.append(f"The sign of det(I - J) is {self.index:+d}.")
        return " ".join(said)


@dataclass(frozen=True, eq=False)
class Exhaustion:
    """How many fixed points a game has.

    Attributes
    ----------
    complete : bool
        Proven: the game has the fixed points `points`, and no other.
    count : int or None
        Their number; None where it is not proven that these are all. There are at least ``len(points)``.
    points : tuple of PointCertificate
        Different ones, each enclosed.
    boxes : int
        So many were looked at; 0 where a theorem answers.
    theorem : str or None
        Which.
    reason : str
        Why it ended.
    """

    complete: bool
    points: tuple[PointCertificate, ...]
    boxes: int
    theorem: str | None
    reason: str
    alpha: tuple[float, ...] = field(repr=False)
    beta: tuple[float, ...] = field(repr=False)

    @property
    def count(self) -> int | None:
        return len(self.points) if self.complete else None

    @property
    def statement(self) -> str:
        """What is proven, in words."""
        head, number = _premise(self.alpha, self.beta), len(self.points)
        if not self.complete:
            return f"{head} It has at least {number} fixed point(s); whether there are more is open: {self.reason}."
        return f"{head} It has exactly {number} fixed point(s), between the bounds of the points: {self.reason}."


def certify_point(
    game: Any,
    point: Any,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    discount: float | None = None,
    *,
    near: float = 1e-6,
    precision: int | None = None,
) -> PointCertificate:
    """Enclose the fixed point of exact self-play near `point`, and prove what can be proven of it.

    Nothing of the point is trusted: Newton's method starts from it, in many digits, and what it ends at is tested. With
    two players the only fixed point is computed afresh.

    Parameters
    ----------
    game : MatrixGame
    point : object
        Its `log_marginals` are n arrays (A_i,), up to a constant each, as those of
        :class:`rommeo_exact.population.Equilibrium`.
    alpha : float, or sequence of n
        Temperatures, > 0.
    beta : float, or sequence of n
        KL weights, from 0 to inf.
    discount : float, optional
        Checked, and otherwise of no consequence in a matrix game.
    near : float
        A point is verified if no log-ratio is farther from the fixed point's than this times 1 + the largest log-ratio.
    precision : int, optional
        Bits of the mantissas, from 53, and no more. By default at least 128, doubled up to :data:`MOST_BITS` until the
        proof succeeds.

    Returns
    -------
    PointCertificate

    Raises
    ------
    InputError
        If the game has states, alpha is 0, or the point is of another game.
    MissingPackageError
        If python-flint is not installed: ``pip install "rommeo_exact[certify]"``.

    Examples
    --------
    >>> import rommeo_exact as rx
    >>> game = rx.games.climbing()
    >>> found = rx.self_play_equilibria(game, alpha=1.0)
    >>> proof = certify_point(game, found.points[0], alpha=1.0)
    >>> proof.verified, proof.radius < 1e-12, proof.unique_within, proof.stable
    (True, True, inf, True)
    """
    population = _population(game, alpha, beta, discount)
    near = real_number(near, "near", low=0.0)
    given = _log_ratios(population, point)
    return _certified(population, given, near, _precisions(population, precision), _theorem(population))


def exhaustive(
    game: Any,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    *,
    max_boxes: int = 200_000,
    starts: int = 16,
    rng: np.random.Generator | None = None,
) -> Exhaustion:
    """Prove how many fixed points of exact self-play a small matrix game has, and enclose each.

    Parameters
    ----------
    game : MatrixGame
    alpha, beta : float, or sequence of n
        As for :func:`certify_point`.
    max_boxes : int
        To look at, before it is left open.
    starts : int
        Of the search for points, besides the uniform play and pure profiles. What it misses is found later, in a box.
    rng : numpy.random.Generator, optional
        Draws them; seeded with 0 by default.

    Returns
    -------
    Exhaustion

    Raises
    ------
    InputError
        As :func:`certify_point`; or if a box has more vertices than can be looked at.
    MissingPackageError
        If python-flint is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from rommeo_exact import MatrixGame
    >>> payoffs = np.zeros((2, 2, 2))
    >>> payoffs[0, 0, 0] = payoffs[1, 1, 1] = 1.7
    >>> exhaustive(MatrixGame.common_payoff(payoffs)).count
    3
    """
    population = _population(game, alpha, beta, None)
    integer(max_boxes, "max_boxes", low=1)
    integer(starts, "starts", low=0)
    theorem = _theorem(population)
    rng = np.random.default_rng(0) if rng is None else rng
    known = _Known(population, theorem)
    if theorem is not None:
        known.add(newton(population, population.flat(population.uniform()))[0][0])
        complete = len(known.points) == 1
        reason = theorem if complete else "the point that a theorem says is the only one could not be enclosed"
        boxes = 0
    else:
        ranges = _Ranges(population)
        for y in search(population, starts, rng, np.empty((0, ranges.width)))[0]:
            known.add(y)
        complete, boxes, reason = _cut(ranges, known, max_boxes)
    order = sorted(known.points, key=lambda proof: not proof.stable)
    return Exhaustion(complete, tuple(order), boxes, theorem, reason, population.alpha, population.beta)


# --- what goes in, and what is said ----------------------------------------------------------------------------------


def _population(game: Any, alpha: Any, beta: Any, discount: float | None) -> Population:
    population = Population.of(game, alpha, beta, discount)
    if not population.stateless:
        raise InputError("game has states: only fixed points of matrix games can be certified")
    if 0.0 in population.alpha:
        place = f"alpha[player={population.alpha.index(0.0)}]"
        raise InputError(f"{place} is 0, where there may be continua of fixed points: take it small")
    flint()
    return population


def _log_ratios(population: Population, point: Any) -> list[list[float]]:
    """The point's log_marginals, checked."""
    given = getattr(point, "log_marginals", None)
    name = "point.log_marginals"
    if not isinstance(given, Sequence) or len(given) != len(population.sizes):
        raise InputError(f"{name} must be a tuple of {len(population.sizes)} arrays, one for each player")
    return [
        real_array(x, f"{name}[{i}]", shape=(size,), where=place(f"{name}[{i}]", "a")).tolist()
        for i, (x, size) in enumerate(zip(given, population.sizes, strict=True))
    ]


def _precisions(population: Population, precision: int | None) -> list[int]:
    if precision is not None:
        bits = integer(precision, "precision", low=53)
        if bits > MOST_BITS:
            raise InputError(f"precision is {bits} bits, more than {MOST_BITS}")
        return [bits]
    settings = zip(population.views, population.alpha, population.beta, strict=True)
    bits = max(enough_bits(view, alpha, beta, np.zeros(1)) for view, alpha, beta in settings)
    return [bits, *(1 << k for k in range(7, 14) if bits < 1 << k <= MOST_BITS)]


def _premise(alpha: tuple[float, ...], beta: tuple[float, ...]) -> str:
    return (
        "Each payoff, alpha and beta is the binary64 number that is written, exactly. Everyone plays the marginal of "
        "pi* and rho* (eq. 10, 11) in answer to the product of the others' marginals as its prior, with alpha = "
        f"{', '.join(map(repr, alpha))} and beta = {', '.join(map(repr, beta))}."
    )


# --- a round in ball arithmetic --------------------------------------------------------------------------------------


class _Round:
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


# --- Krawczyk --------------------------------------------------------------------------------------------------------


class _Proof(NamedTuple):
    """A fixed point in each log-ratio's ball of `box`, the only one within `radius` of `centre`."""

    centre: list[Any]
    box: list[Any]
    radius: Any
    stable: bool | None
    sign: int | None


def _largest(values: Any, arb: Any) -> Any:
    """The largest absolute value, an exact upper bound; not finite where one of them is not."""
    found = arb(0)
    for x in values:
        size = arb(x).abs_upper()
        if not size.is_finite():
            return arb("inf")
        found = found.max(size).upper()
    return found


def _inverse(a_round: _Round, y: list[Any]) -> Any:
    """A matrix near (I - J)^-1 of exact entries; None where the bits do not tell it from singular."""
    n = a_round.width
    try:
        inverse = (_identity(a_round) - a_round.jacobian(y, a_round.arb(0))).mid().inv().mid()
    except ZeroDivisionError:
        return None
    return inverse if all(x.is_finite() for x in inverse.entries()) and n else None


def _identity(a_round: _Round) -> Any:
    n = a_round.width
    return a_round.matrix(n, n, [int(i == j) for i in range(n) for j in range(n)])


def _polished(a_round: _Round, y: list[Any]) -> tuple[list[Any], Any]:
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
        size = _largest(step, arb)
        if not size < last / 2:
            break
        last = size
        y = [(x + z).mid() for x, z in zip(y, step, strict=True)]
    return y, inverse


def _prove(a_round: _Round, start: list[Any]) -> _Proof | None:
    """Krawczyk's test around where Newton's method ends; None where it fails with these bits."""
    arb, n = a_round.arb, a_round.width
    if n == 0:
        return _Proof([], [], arb("inf"), True, 1)
    y, inverse = _polished(a_round, start)
    if inverse is None:
        return None
    gap = [x - z for x, z in zip(a_round.answer(y), y, strict=True)]
    step = (inverse * a_round.matrix(n, 1, gap)).entries()
    size = _largest(step, arb)
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
    return _Proof(y, box, _widest(a_round, y, inverse, step, least), stable, sign)


def _contracts(a_round: _Round, y: list[Any], inverse: Any, step: list[Any], radius: Any) -> list[Any] | None:
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


def _widest(a_round: _Round, y: list[Any], inverse: Any, step: list[Any], least: Any) -> Any:
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


def _stable(derivative: Any, a_round: _Round) -> bool | None:
    """Whether the spectral radius of every matrix in an interval matrix is below 1, or of every one above.

    A power of a norm below 1 says the one, a power of a trace beyond N the other: N eigenvalues sum to the trace.
    """
    n, power = a_round.width, derivative
    for _ in range(a_round.precision):
        norm = _largest((sum((x.abs_upper() for x in row), a_round.arb(0)) for row in power.tolist()), a_round.arb)
        if not norm.is_finite():
            return None
        if norm < 1:
            return True
        if power.trace().abs_lower() > n:
            return False
        power = power * power
    return None


def _perron(a_round: _Round) -> list[Any] | None:
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


def _certified(
    population: Population, given: list[list[float]], near: float, precisions: list[int], theorem: str | None
) -> PointCertificate:
    """The certificate of the fixed point near given log-marginals, or of the only one of two players."""
    proof, bits = None, precisions[0]
    for bits in precisions:
        with working(bits):
            a_round = _Round(population, bits)
            start: list[Any] | None = [a_round.arb(x) - a_round.arb(z[0]) for z in given for x in z[1:]]
            if len(population.sizes) == 2 and a_round.width:
                start = _perron(a_round)
            proof = None if start is None else _prove(a_round, [x.mid() for x in start])
            if proof is not None:
                return _written(a_round, proof, given, near, theorem, population)
    nothing = [np.full(size, -np.inf) for size in population.sizes]
    everything = [np.full(size, np.inf) for size in population.sizes]
    return PointCertificate(
        False, False, 0.0, math.inf, _frozen(nothing), _frozen(everything),
        _frozen(np.zeros(size) for size in population.sizes), _frozen(np.ones(size) for size in population.sizes),
        None, None, theorem, bits, population.alpha, population.beta,
    )  # fmt: skip


def _written(
    a_round: _Round, proof: _Proof, given: list[list[float]], near: float, theorem: str | None, population: Population
) -> PointCertificate:
    """The proof in floats, rounded outwards."""
    arb = a_round.arb
    away, size, gap = arb(0), arb(0), proof.radius
    ratios, marginals = [], []
    for x, z in zip(a_round.play(proof.box), given, strict=True):
        exact = [arb(c) - arb(z[0]) for c in z]
        away = _largest([away, *(p - q for p, q in zip(x, exact, strict=True))], arb)
        size = _largest([size, *exact], arb)
        ratios.append(([below(p) for p in x], [above(p) for p in x]))
        marginals.append(_shares(x, arb))
    for p, c in zip(proof.box, proof.centre, strict=True):  # the box around the point, inside that around the centre
        gap = gap.min((proof.radius - (p - c).abs_upper()).lower())
    low, high, least, most = (
        _frozen(np.array(pair[k]) for pair in pairs) for pairs in (ratios, marginals) for k in (0, 1)
    )
    one = theorem is not None
    return PointCertificate(
        bool(away <= arb(near) * (1 + size)), True, math.inf if one else max(0.0, below(gap)), above(away), low, high, least, most,
        True if one else proof.stable, 1 if one else proof.sign, theorem, a_round.precision, population.alpha,
        population.beta,
    )  # fmt: skip


def _shares(x: list[Any], arb: Any) -> tuple[list[float], list[float]]:
    """Bounds of the probabilities whose log-ratios are in the balls x."""
    few, many = exponentials([p.lower() for p in x]), exponentials([p.upper() for p in x])
    pairs = []
    for a in range(len(x)):
        others = [c for c in range(len(x)) if c != a]
        most, least = (sum((w[c] for c in others), arb(0)) for w in (many, few))
        pairs.append(within(few[a] / (few[a] + most), many[a] / (many[a] + least)))
    return [low for low, _ in pairs], [high for _, high in pairs]


def _frozen(arrays: Any) -> tuple[FloatArray, ...]:
    return tuple(frozen(array) for array in arrays)


def _theorem(population: Population) -> str | None:
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


# --- all of them -----------------------------------------------------------------------------------------------------


class _Known:
    """Fixed points that are proven, and boxes in which each is alone."""

    def __init__(self, population: Population, theorem: str | None) -> None:
        self.population, self.theorem = population, theorem
        self.points: list[PointCertificate] = []
        width = sum(population.sizes) - len(population.sizes)
        self.low, self.high = np.empty((0, width)), np.empty((0, width))  # of the points themselves
        self.inside, self.outside = np.empty((0, width)), np.empty((0, width))  # of boxes in which they are alone

    def add(self, y: FloatArray) -> bool:
        """Prove the point near y; whether it is a new one."""
        population = self.population
        given = [x[0, 0].tolist() for x in population.play_of(y[None])]
        proof = _certified(population, given, math.inf, _precisions(population, None), self.theorem)
        if not proof.enclosed:
            return False
        low, high = (np.concatenate([x[1:] for x in ends]) for ends in (proof.log_ratios_lower, proof.log_ratios_upper))
        gap = proof.unique_within
        inside, outside = np.nextafter(high - gap, np.inf), np.nextafter(low + gap, -np.inf)
        alone = (self.low >= inside).all(axis=1) & (self.high <= outside).all(axis=1)
        same = (low >= self.inside).all(axis=1) & (high <= self.outside).all(axis=1)
        if (alone | same).any():
            return False
        self.points.append(proof)
        for name, row in (("low", low), ("high", high), ("inside", inside), ("outside", outside)):
            setattr(self, name, np.concatenate([getattr(self, name), row[None]]))
        return True

    def apart(self) -> bool:
        """Whether all are proven to be different."""
        return all(
            bool(((self.low[i] > self.high[j]) | (self.high[i] < self.low[j])).any())
            for i, j in itertools.combinations(range(len(self.points)), 2)
        )

    def cover(self, low: FloatArray, high: FloatArray) -> BoolArray:
        """Which boxes (K, N) lie where a point is known to be alone."""
        inside = np.logical_and(low[:, None] > self.inside, high[:, None] < self.outside)
        return np.asarray(np.any(np.all(inside, axis=2), axis=1))

    def within(self, low: FloatArray, high: FloatArray) -> BoolArray:
        """Which boxes (K, N) hold a point that is known."""
        held = np.logical_and(low[:, None] < self.low, high[:, None] > self.high)
        return np.asarray(np.any(np.all(held, axis=2), axis=1))


class _Ranges:
    """The ranges of G and J over boxes of log-ratios, in floats that are rounded outwards."""

    def __init__(self, population: Population) -> None:
        self.sizes = population.sizes
        self.width = sum(self.sizes) - len(self.sizes)
        self.tables: list[FloatArray] = []  # log A_i (A, B), the kept b
        self.counts: list[FloatArray] = []  # (B, N): 1 where (j, c) is in b
        self.corners: list[FloatArray] = []  # (V, N): 1 where a vertex is at the upper end
        starts = np.cumsum([0, *(size - 1 for size in self.sizes)])
        self.rows = [slice(starts[i], starts[i + 1]) for i in population.players]
        bits = _precisions(population, None)[0]
        with working(bits):
            a_round = _Round(population, bits)
            ends = []
            for i, logs in enumerate(a_round.log_responses):
                self.tables.append(np.array([[float(x.mid()) for x in row] for row in logs]))
                counts = np.zeros((len(a_round.profiles[i]), self.width))
                for b, profile in enumerate(a_round.profiles[i]):
                    for j, c in zip(a_round.others[i], profile, strict=True):
                        if c > 0:
                            counts[b, starts[j] + c - 1] = 1.0
                self.counts.append(counts)
                moving = np.flatnonzero(counts.any(axis=0))
                if 1 << len(moving) > MOST_CORNERS:
                    raise InputError(f"game is too large: a box has 2^{len(moving)} vertices for player={i}")
                corners = np.zeros((1 << len(moving), self.width))
                corners[:, moving] = list(itertools.product((0.0, 1.0), repeat=len(moving)))
                self.corners.append(corners)
                for row in logs[1:]:
                    differences = [x - z for x, z in zip(row, logs[0], strict=True)]
                    ends.append([min(map(below, differences)), max(map(above, differences))])
        self.low, self.high = np.array(ends).reshape(-1, 2).T.copy()
        magnitude = max(float(np.abs(table).max()) for table in self.tables)
        magnitude += float(np.maximum(-self.low, self.high).sum()) + 1.0
        widest = max(len(counts) for counts in self.counts)
        self.slack = 8.0 * UNIT * ((len(self.sizes) + 8.0) * magnitude + 4.0 * widest + 32.0)
        """Bound on the error of each log-ratio of G and of each entry of J, from those of :func:`sums`."""

    @property
    def entries(self) -> int:
        """Numbers that one box takes."""
        return max(table.size * len(corners) for table, corners in zip(self.tables, self.corners, strict=True))

    def over(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Bounds of G (K, N) and of J (K, N, N) over boxes from `low` to `high`."""
        count, width = low.shape
        answers, slopes = np.empty((2, count, width)), np.zeros((2, count, width, width))
        for table, counts, corners, rows in zip(self.tables, self.counts, self.corners, self.rows, strict=True):
            at = np.where(corners > 0.0, high[:, None], low[:, None]) @ counts.T
            logs, shares = sums(table + at[:, :, None])
            ratios = logs[..., 1:] - logs[..., :1]
            answers[0][:, rows], answers[1][:, rows] = ratios.min(axis=1), ratios.max(axis=1)
            beliefs = shares @ counts
            least, most = beliefs.min(axis=1), beliefs.max(axis=1)
            slopes[0][:, rows], slopes[1][:, rows] = least[:, 1:] - most[:, :1], most[:, 1:] - least[:, :1]
        for found in (answers, slopes):
            found[0] -= self.slack
            found[1] += self.slack
        return answers[0], answers[1], slopes[0], slopes[1]

    def answer(self, y: FloatArray) -> FloatArray:
        """G (K, N) to within the slack."""
        found = np.empty_like(y)
        for table, counts, rows in zip(self.tables, self.counts, self.rows, strict=True):
            logs, _ = sums(table + (y @ counts.T)[:, None])
            found[:, rows] = logs[:, 1:] - logs[:, :1]
        return found

    def narrowed(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
        """Where in boxes (K, N) fixed points can be: the intersection with G's range and with Krawczyk's operator.

        Also where that operator proves that the box, with a margin around it, holds exactly one, and by how much each
        coordinate counts (K, N), for cutting. What comes out empty has low > high.
        """
        margin = INFLATION * (high - low) + 2.0**-40 * np.abs(high - low).max(axis=1, keepdims=True)
        wide_low, wide_high = low - margin, high + margin
        g_low, g_high, j_low, j_high = self.over(wide_low, wide_high)
        middle = 0.5 * (wide_low + wide_high)
        radius = np.nextafter(np.maximum(wide_high - middle, middle - wide_low), np.inf)
        slope = 0.5 * (j_low + j_high)
        spread = np.nextafter(0.5 * (j_high - j_low), np.inf) + 4.0 * UNIT
        identity = np.eye(self.width)
        tangent = identity - slope
        inverse = _inverses(tangent)
        gap = self.answer(middle) - middle
        # K(Y) = m + C gap + (I - C (I - J)) (Y - m): each product of floats within `part` of the product of sizes
        part = 8.0 * UNIT * (self.width + 4)
        sizes = np.abs(inverse)
        rest = np.abs(identity - inverse @ tangent) + sizes @ spread
        rest += part * (identity + sizes @ np.abs(tangent) + rest)
        step = (inverse @ gap[..., None])[..., 0]
        loose = (sizes @ (self.slack + part * (np.abs(gap) + np.abs(middle)))[..., None])[..., 0]
        reach = (rest @ radius[..., None])[..., 0] + 2.0 * loose
        reach += part * (reach + np.abs(step) + np.abs(middle))
        k_low, k_high = middle + step - reach, middle + step + reach
        one = ((k_low > wide_low) & (k_high < wide_high)).all(axis=1)
        count = (high - low) * np.abs(tangent).max(axis=1)
        return np.maximum(low, np.maximum(g_low, k_low)), np.minimum(high, np.minimum(g_high, k_high)), one, count


def _inverses(matrices: FloatArray) -> FloatArray:
    """Inverses, or of what is singular to rounding anything finite: every matrix does for Krawczyk's operator."""
    try:
        inverses = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        inverses = np.linalg.pinv(matrices)
    return np.where(np.isfinite(inverses).all(axis=(1, 2), keepdims=True), inverses, np.eye(matrices.shape[-1]))


def _cut(ranges: _Ranges, known: _Known, most: int) -> tuple[bool, int, str]:
    """Whether all fixed points are among the known, which grow; how many boxes it took; and why."""
    low, high = ranges.low[None], ranges.high[None]
    together = max(1, TOGETHER // max(1, ranges.entries))
    narrow = NARROWEST * (1.0 + float(np.maximum(-ranges.low, ranges.high).max()))
    looked = 0
    while len(low):
        if looked >= most:
            return False, looked, f"{most} boxes were not enough"
        count = min(together, most - looked, len(low))
        part_low, part_high, low, high = low[-count:], high[-count:], low[:-count], high[:-count]
        looked += count
        new_low, new_high, one, weight = ranges.narrowed(part_low, part_high)
        open_boxes = (new_low <= new_high).all(axis=1)
        open_boxes &= ~known.cover(new_low, new_high)
        margin = INFLATION * (part_high - part_low)
        for k in np.flatnonzero(open_boxes & one):
            box = (part_low - margin)[k : k + 1], (part_high + margin)[k : k + 1]
            if known.within(*box)[0] or (known.add(0.5 * (new_low[k] + new_high[k])) and known.within(*box)[0]):
                open_boxes[k] = False
        new_low, new_high, weight = new_low[open_boxes], new_high[open_boxes], weight[open_boxes]
        if not ((new_high - new_low).max(axis=1, initial=0.0) >= narrow).all():
            return False, looked, "floats do not tell whether there is one in a box, or more"
        rows = np.arange(len(new_low))
        axis = (weight * (new_high - new_low > 0.0)).argmax(axis=1)
        halfway = 0.5 * (new_low[rows, axis] + new_high[rows, axis])
        left_high, right_low = new_high.copy(), new_low.copy()
        left_high[rows, axis] = right_low[rows, axis] = halfway
        low, high = np.concatenate([low, new_low, right_low]), np.concatenate([high, left_high, new_high])
    if not known.apart():
        return False, looked, "two of the points are not proven to be different"
    return True, looked, f"{looked} boxes hold no other"
