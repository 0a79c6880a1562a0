"""Perron vectors in as many digits as it takes, for two players whom float64 cannot tell apart.

Where self-play remembers its first priors for more than some 10^7 rounds, what it comes to in the end hangs on digits
of M = A_2 A_1 that a float does not hold: at a low temperature the two halves of a coordination game exchange e^-100 of
their mass in a round. Decimal numbers hold them, and have no least exponent; the bound is that of :mod:`.perron`.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext

import numpy as np

from ..checks import FloatArray

__all__ = ["precise_vector"]

DIGITS = (60, 120, 240, 480, 960)
LARGEST = 12
"""Actions up to which it is tried."""

MOST = 1_000_000
"""Products of two numbers, times 60 digits, that a matrix may be squared with."""

FARTHEST = 1e5
"""Logarithms of responses up to which it is tried."""

Matrix = list[list[Decimal]]


def precise_vector(
    first: FloatArray, second: FloatArray, alpha: tuple[float, float], beta: tuple[float, float]
) -> tuple[FloatArray, float] | None:
    """log of the Perron vector of A_2 A_1, and a bound on its error in Hilbert's metric; None where it is not reached.

    Parameters
    ----------
    first, second : (A_1, A_2) and (A_2, A_1) arrays
        Payoffs, own actions first.
    alpha, beta : pairs of float
        > 0; beta may be inf.
    """
    if max(first.shape) > LARGEST or 0.0 in beta or 0.0 in alpha:
        return None
    sizes = []
    for payoffs, a, b in zip((first, second), alpha, beta, strict=True):
        spread = float(payoffs.max() / 2 - payoffs.min() / 2) * 2.0
        sizes.append(spread / a + (spread + a * math.log(len(payoffs))) / b)
    if not max(sizes) < FARTHEST:
        return None
    for digits in DIGITS:
        if min(first.shape) ** 3 * _squarings(digits) * digits / 60 > MOST:
            return None
        with localcontext(Context(prec=digits, Emax=10**17, Emin=-(10**17))):
            one, two = (_response(r, a, b) for r, a, b in zip((first, second), alpha, beta, strict=True))
            product = _times(two, one)
            vector = _limit(product, digits)
            if vector is None:
                continue
            image = [sum((m * x for m, x in zip(row, vector, strict=True)), Decimal(0)) for row in product]
            ratios = [y / x for y, x in zip(image, vector, strict=True)]
            noise = Decimal(10) ** (6 - digits) * Decimal(1.0 + max(sizes))
            residual = max(ratios) / min(ratios) - 1 + noise
            scaled = [
                [m * x / y for m, x in zip(row, vector, strict=True)] for row, y in zip(product, image, strict=True)
            ]
            rounds = _mixing(scaled, noise)
            if rounds is None or 8 * rounds * rounds * residual > 1:
                continue
            total = sum(vector, Decimal(0))
            logs = np.array([float((x / total).ln()) for x in vector])
            bound = float(4 * rounds * residual)
            return logs, bound + 2.0**-50 * (1.0 + float(np.abs(logs).max()))
    return None


def _response(payoffs: FloatArray, alpha: float, beta: float) -> Matrix:
    """A(a,b) = pi*(a|b) exp(L(b)/beta), the largest L taken as 0."""
    e, temperature = _e(), Decimal(alpha)
    columns = [[Decimal(float(r)) for r in column] for column in payoffs.T]
    tops = [max(column) for column in columns]
    powers = [[e ** ((r - top) / temperature) for r in column] for column, top in zip(columns, tops, strict=True)]
    sums = [sum(column, Decimal(0)) for column in powers]
    levels = [top + temperature * z.ln() for top, z in zip(tops, sums, strict=True)]
    most = max(levels)
    scales = [Decimal(1) if beta == math.inf else e ** ((level - most) / Decimal(beta)) for level in levels]
    return [
        [column[a] / z * scale for column, z, scale in zip(powers, sums, scales, strict=True)]
        for a in range(payoffs.shape[0])
    ]


def _e() -> Decimal:
    """Euler's number in the digits of the context: the sum of 1/k!."""
    total = term = Decimal(1)
    k = 0
    while total + term != total or k < 2:
        k += 1
        term /= k
        total += term
    return total


def _times(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[sum((x * y for x, y in zip(row, column, strict=True)), Decimal(0)) for column in columns] for row in left]


def _squarings(digits: int) -> int:
    """After m = 2^k rounds for so many k the bound 8 m^2 r <= 1 is out of reach, r being about 10^-digits."""
    return int(digits / 2.0 * math.log2(10.0)) + 16


def _limit(matrix: Matrix, digits: int) -> list[Decimal] | None:
    """A column of M^m for an m so large that all columns are parallel."""
    near = 1 + Decimal(10) ** (10 - digits)
    for _ in range(_squarings(digits)):
        matrix = _times(matrix, matrix)
        top = max(map(max, matrix))
        matrix = [[x / top for x in row] for row in matrix]
        spreads = []
        for column in zip(*matrix, strict=True):
            ratios = [x / y for x, y in zip(column, (row[0] for row in matrix), strict=True)]
            spreads.append(max(ratios) / min(ratios))
        if max(spreads) <= near:
            return [row[0] for row in matrix]
    return None


def _mixing(stochastic: Matrix, noise: Decimal) -> Decimal | None:
    """The first power of two m such that the rows of S^m share half of their mass."""
    rounds = Decimal(1)
    while True:
        shared = sum((min(column) for column in zip(*stochastic, strict=True)), Decimal(0))
        if shared >= Decimal("0.5") + rounds * noise:
            return rounds
        if rounds * noise > Decimal("0.25"):
            return None
        stochastic, rounds = _times(stochastic, stochastic), 2 * rounds
