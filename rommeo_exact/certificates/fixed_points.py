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
from typing import Any

import numpy as np

from ..checks import BoolArray, FloatArray, frozen, integer, place, real_array, real_number
from ..errors import InputError
from ..population.rounds import Population
from ..population.search import newton, search
from .balls import above, below, exponentials, flint, within, working
from .boxes import Ranges
from .krawczyk import Proof, Round, largest, one_point, perron_start, precisions, prove

__all__ = ["Exhaustion", "PointCertificate", "certify_point", "exhaustive"]

TOGETHER = 1 << 19
"""Entries (box, vertex, a, b) that are computed at once."""

NARROWEST = 1e-9
"""Boxes this narrow, relative to the largest log-ratio, are where floats cannot tell."""



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
        Bits of the mantissas, from 53, and no more. By default at least 128, doubled up to 8192 until the proof
        succeeds.

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
    return _certified(population, given, near, precisions(population, precision), one_point(population))


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
    theorem = one_point(population)
    rng = np.random.default_rng(0) if rng is None else rng
    known = _Known(population, theorem)
    if theorem is not None:
        y = population.flat(population.uniform())
        known.add((newton(population, y)[0] if y.size else y)[0])
        complete = len(known.points) == 1
        reason = theorem if complete else "the point that a theorem says is the only one could not be enclosed"
        boxes = 0
    else:
        ranges = Ranges(population)
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
        entry = f"alpha[player={population.alpha.index(0.0)}]"
        raise InputError(f"{entry} is 0, where there may be continua of fixed points: take it small")
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


def _premise(alpha: tuple[float, ...], beta: tuple[float, ...]) -> str:
    return (
        "Each payoff, alpha and beta is the binary64 number that is written, exactly. Everyone plays the marginal of "
        "pi* and rho* (eq. 10, 11) in answer to the product of the others' marginals as its prior, with alpha = "
        f"{', '.join(map(repr, alpha))} and beta = {', '.join(map(repr, beta))}."
    )


def _certified(
    population: Population, given: list[list[float]], near: float, precisions: list[int], theorem: str | None
) -> PointCertificate:
    """The certificate of the fixed point near given log-marginals, or of the only one of two players."""
    proof, bits = None, precisions[0]
    for bits in precisions:
        with working(bits):
            a_round = Round(population, bits)
            start: list[Any] | None = [a_round.arb(x) - a_round.arb(z[0]) for z in given for x in z[1:]]
            if len(population.sizes) == 2 and a_round.width:
                start = perron_start(a_round)
            proof = None if start is None else prove(a_round, [x.mid() for x in start])
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
    a_round: Round, proof: Proof, given: list[list[float]], near: float, theorem: str | None, population: Population
) -> PointCertificate:
    """The proof in floats, rounded outwards."""
    arb = a_round.arb
    away, size, gap = arb(0), arb(0), proof.radius
    ratios, marginals = [], []
    for x, z in zip(a_round.play(proof.box), given, strict=True):
        exact = [arb(c) - arb(z[0]) for c in z]
        away = largest([away, *(p - q for p, q in zip(x, exact, strict=True))], arb)
        size = largest([size, *exact], arb)
        ratios.append(([below(p) for p in x], [above(p) for p in x]))
        marginals.append(_shares(x, arb))
    for p, c in zip(proof.box, proof.centre, strict=True):  # the box around the point, inside that around the centre
        gap = gap.min((proof.radius - (p - c).abs_upper()).lower())
    low, high, least, most = (
        _frozen(np.array(pair[k]) for pair in pairs) for pairs in (ratios, marginals) for k in (0, 1)
    )
    one = theorem is not None
    return PointCertificate(
        bool(away <= arb(near) * (1 + size)), True, math.inf if one else max(0.0, below(gap)), above(away), low, high,
        least, most, True if one else proof.stable, 1 if one else proof.sign, theorem, a_round.precision,
        population.alpha, population.beta,
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
        proof = _certified(population, given, math.inf, precisions(population, None), self.theorem)
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


def _cut(ranges: Ranges, known: _Known, most: int) -> tuple[bool, int, str]:
    """Whether all fixed points are among the known, which grow; how many boxes it took; and why."""
    if not ranges.tell:
        return False, 0, "log-ratios are too large for floats"
    low, high = ranges.low[None], ranges.high[None]
    together = max(1, TOGETHER // ranges.entries)
    looked = 0
    while len(low):
        if looked >= most:
            return False, looked, f"{most} boxes were not enough"
        count = min(together, most - looked, len(low))
        part_low, part_high, low, high = low[-count:], high[-count:], low[:-count], high[:-count]
        looked += count
        new_low, new_high, one, weight = ranges.narrowed(part_low, part_high)
        left = ~((new_low > new_high).any(axis=1) | known.cover(new_low, new_high))
        for k in np.flatnonzero(left & one):
            box = ranges.around(part_low[k : k + 1], part_high[k : k + 1])
            if not known.within(*box)[0]:
                known.add(0.5 * (new_low[k] + new_high[k]))
            left[k] = not known.within(*box)[0]
        new_low, new_high, weight = new_low[left], new_high[left], weight[left]
        if not ((new_high - new_low).max(axis=1, initial=0.0) > NARROWEST * ranges.scale).all():
            return False, looked, "floats do not tell whether there is one in a box, or more"
        rows = np.arange(len(new_low))
        axis = weight.argmax(axis=1)
        halfway = 0.5 * (new_low[rows, axis] + new_high[rows, axis])
        left_high, right_low = new_high.copy(), new_low.copy()
        left_high[rows, axis] = right_low[rows, axis] = halfway
        low, high = np.concatenate([low, new_low, right_low]), np.concatenate([high, left_high, new_high])
    if not known.apart():
        return False, looked, "two of the points are not proven to be different"
    return True, looked, f"{looked} boxes hold no other"
