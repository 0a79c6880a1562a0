r"""Two players in one state: self-play is a power method, and its only fixed point a Perron vector.

A round maps a prior P over the other's actions to the marginal m proportional to A P, with A = exp(log_response) > 0.
Two rounds, one of each player, multiply player 1's prior by M = A_2 A_1, a positive matrix. By Birkhoff's theorem it
contracts Hilbert's metric

    d(x, y) = max_k log(x_k / y_k) - min_k log(x_k / y_k)

so that there is one fixed point, whatever the payoffs, and self-play reaches it from everywhere.

Nothing is searched for: M is squared until its columns are as good as parallel. They hold x then, and its error is
bounded from the residual r, the span of log(M x) - log x, in two ways. With the stochastic matrix S_ij = M_ij x_j / (M
x)_i, and m rounds after which the rows of S^m have half of their mass in common,

    d(x, x*) <= 4 m r                                      where 8 m^2 r <= 1,

because x is the Perron vector of M with rows scaled, along whose scaling the vector moves by (I - S)^-1 r, and S hardly
changes. Else, from Birkhoff's factor of the power,

    d(x, x*) <= m d(x, M x) / (1 - kappa(M^m)).

Both say how long self-play remembers: a selection that takes 10^16 rounds is beyond what float64 can tell, and the
bound is infinite there.

All functions work on any leading axes: a hundred thousand games are one call.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..checks import FloatArray
from ..soft import log_product, log_sum, normalised

__all__ = ["Perron", "hilbert_distance", "log_normalised", "perron", "projective_diameter", "subdominant"]

UNIT = 2.0**-53

SQUARINGS = 60
"""M^(2^60) has columns that are parallel, or differ by what rounding made of payoffs that tie."""

PARALLEL = 1e-14
"""Columns this near in Hilbert's metric are one: another round, or two, and they are."""

TAME = 150.0
"""Matrices whose logarithms are spread by less are squared as they stand."""

SMALL = 6
"""Matrices up to this size are multiplied entry by entry, all games at once."""


def hilbert_distance(x: FloatArray, y: FloatArray) -> FloatArray:
    """d(x, y) over the last axis of logarithms, the same places being -inf in both; inf where they are not."""
    one, two = np.isneginf(x), np.isneginf(y)
    both = one & two
    ratio = np.where(both, 0.0, x) - np.where(both, 0.0, y)
    spread: FloatArray = np.max(ratio, axis=-1, where=~both, initial=-np.inf) - np.min(
        ratio, axis=-1, where=~both, initial=np.inf
    )
    return np.where((one != two).any(axis=-1), np.inf, spread)


def projective_diameter(powers: FloatArray) -> FloatArray:
    """Largest Hilbert distance of two columns of exp(powers): the largest second difference of `powers` (..., A, B).

    Columns of -inf, which stand for actions that no prior keeps, are left out; inf where single entries are -inf.
    """
    empty = np.isneginf(powers).all(axis=-2, keepdims=True)
    filled = np.where(empty, 0.0, powers)
    if np.isneginf(filled).any():
        return np.full(powers.shape[:-2], np.inf)
    widest = np.zeros(powers.shape[:-2])
    keep = ~empty
    for a in range(powers.shape[-2] - 1):
        difference = filled[..., a : a + 1, :] - filled[..., a + 1 :, :]
        high = np.max(difference, axis=-1, where=keep, initial=-np.inf)
        low = np.min(difference, axis=-1, where=keep, initial=np.inf)
        widest = np.maximum(widest, (high - low).max(axis=-1))
    return widest


class Perron(NamedTuple):
    """The fixed point of x -> M x, projectively, for positive M = exp(log_matrix); leading axes are those of M.

    Attributes
    ----------
    vector : (..., k) array
        log x*, normalised.
    error_bound : (...) array
        d(x, x*) is at most this, rounding included.
    rounds : (...) array
        After so many multiplications half of every start near x* is forgotten.
    scaled : (..., k, k) array
        The stochastic matrix M_ij x_j / (M x)_i: the derivative of a round in log-ratios, whose eigenvalues are those
        of M over the first.
    """

    vector: FloatArray
    error_bound: FloatArray
    rounds: FloatArray
    scaled: FloatArray


def perron(log_matrix: FloatArray, noise: FloatArray) -> Perron:
    """The Perron vector of exp(log_matrix), an array (..., k, k) without -inf.

    Parameters
    ----------
    log_matrix : (..., k, k) array
    noise : (...) array
        Bound on the error of each entry of `log_matrix`.
    """
    lead, size = log_matrix.shape[:-2], log_matrix.shape[-1]
    matrix = np.ascontiguousarray(np.moveaxis(log_matrix.reshape(-1, size, size), 0, -1))
    noise = np.broadcast_to(noise, lead).reshape(-1)
    vector = log_normalised(_apply(matrix, _limit(matrix)), axis=0)
    powers = matrix + vector
    image = log_sum(powers, axis=1)
    scaled = normalised(powers, axis=1)
    magnitude = _span(vector, 0) + _span(matrix, (0, 1))
    residual = _span(image - vector, 0) + 2.0 * noise + 4.0 * UNIT * (size + magnitude)
    rounds = _mixing(scaled, noise + UNIT * magnitude)
    with np.errstate(over="ignore", invalid="ignore"):
        bound = np.where(8.0 * rounds**2 * residual <= 1.0, 4.0 * rounds * residual, np.inf)
    far = np.flatnonzero(bound == np.inf)
    if far.size:
        bound[far] = _global_bound(matrix[..., far], residual[far], noise[far])
    return Perron(
        vector.T.reshape(*lead, size), bound.reshape(lead), rounds.reshape(lead),
        np.moveaxis(scaled, -1, 0).reshape(*lead, size, size),
    )  # fmt: skip


def subdominant(stochastic: FloatArray) -> FloatArray:
    """The second largest modulus of an eigenvalue of stochastic matrices (..., k, k)."""
    size = stochastic.shape[-1]
    if size == 1:
        return np.zeros(stochastic.shape[:-2])
    rest = np.trace(stochastic, axis1=-2, axis2=-1) - 1.0  # the sum of the others
    if size == 2:
        return np.asarray(np.abs(rest))
    if size == 3:
        product = np.linalg.det(stochastic)
        root = np.sqrt((rest * rest / 4.0 - product).astype(complex))
        return np.asarray(np.maximum(np.abs(rest / 2.0 + root), np.abs(rest / 2.0 - root)))
    moduli = np.sort(np.abs(np.linalg.eigvals(stochastic)), axis=-1)
    return np.asarray(moduli[..., -2])


# Within, the games are the last axis: (k, k, n).


def _limit(matrix: FloatArray) -> FloatArray:
    """A column of log M^m for an m so large that all columns are parallel."""
    vector = np.empty(matrix.shape[1:])
    tame = _span(matrix, (0, 1)) < TAME
    for some, plainly in ((tame, True), (~tame, False)):
        active = np.flatnonzero(some)
        power = matrix[..., active]
        if plainly and active.size:
            size, _, count = power.shape
            power = normalised(power.reshape(-1, count), axis=0).reshape(size, size, count)
        for _ in range(SQUARINGS if active.size else 0):
            power = _times(power, power) if plainly else _log_times(power, power)
            if plainly:
                power /= power.max(axis=(0, 1))
                apart = power / power[:, :1]
                vector[:, active] = power[:, 0]
                going = (apart.max(axis=0) > apart.min(axis=0) * (1.0 + PARALLEL)).any(axis=0)
            else:
                power -= power.max(axis=(0, 1))
                vector[:, active] = power[:, 0]
                going = _span(power - power[:, :1], 0).max(axis=0) > PARALLEL
            active, power = active[going], power[..., going]
            if not active.size:
                break
        if plainly:
            vector[:, some] = np.log(vector[:, some])
    return vector


def _mixing(stochastic: FloatArray, noise: FloatArray) -> FloatArray:
    """The first power of two m such that the rows of S^m share half of their mass (Doeblin's condition); or inf."""
    rounds = np.full(stochastic.shape[-1], np.inf)
    active, power, scale = np.arange(stochastic.shape[-1]), stochastic, 1.0
    for _ in range(SQUARINGS):
        done = power.min(axis=0).sum(axis=0) >= 0.5 + scale * (8.0 * UNIT * len(power) + 2.0 * noise[active])
        rounds[active[done]] = scale
        active, power, scale = active[~done], power[..., ~done], 2.0 * scale
        if not active.size:
            break
        power = _times(power, power)
    return rounds


def _global_bound(matrix: FloatArray, residual: FloatArray, noise: FloatArray) -> FloatArray:
    """The least of m residual / (1 - kappa(M^m)) over powers of two."""
    bound, scale = np.full(matrix.shape[-1], np.inf), 1.0
    for _ in range(SQUARINGS):
        diameter = 2.0 * _span(matrix - matrix[:, :1], 0).max(axis=0) + 4.0 * scale * (noise + 8.0 * UNIT)
        left = 1.0 - np.tanh(diameter / 4.0) - UNIT
        with np.errstate(divide="ignore", over="ignore"):
            bound = np.where(left > 0.0, np.minimum(bound, scale * residual / np.maximum(left, UNIT)), bound)
        if (scale * residual > bound).all():
            break
        matrix, scale = _log_times(matrix, matrix), 2.0 * scale
        matrix -= matrix.max(axis=(0, 1))
    return bound


def _span(array: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    spread: FloatArray = array.max(axis=axis) - array.min(axis=axis)
    return spread


def _times(left: FloatArray, right: FloatArray) -> FloatArray:
    if len(left) > SMALL:
        return np.moveaxis(np.moveaxis(left, -1, 0) @ np.moveaxis(right, -1, 0), 0, -1)
    total: FloatArray = left[:, :1] * right[:1]
    for k in range(1, len(left)):
        total += left[:, k : k + 1] * right[k : k + 1]
    return total


def _log_times(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.moveaxis(log_product(np.moveaxis(left, -1, 0), np.moveaxis(right, -1, 0)), 0, -1)


def _apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    return log_sum(matrix + vector, axis=1)


def log_normalised(vector: FloatArray, axis: int = -1) -> FloatArray:
    """The logarithms of the distribution proportional to exp(vector)."""
    return vector - np.expand_dims(log_sum(vector, axis), axis)
