"""Seeded problems for the benchmarks: plain arrays, and nothing of the package that is measured.

A generator returns ``(rewards, transitions)``: rewards of shape (S, A, B), and transitions either dense, (S, A, B, S),
or a SciPy CSR matrix of shape (S * A * B, S) with rows in C order. Every probability is a whole multiple of 2**-40, so
each row sums to exactly 1 in whatever order it is added up. Without that, an answer at discount 0.9999 would be defined
only to about 1e-8: a row sum that is off by 1e-16 moves the value by 1e-16 / (1 - discount)**2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]
Arrays = tuple[Array, Any]

_GRAIN = 2.0**40


@dataclass(frozen=True)
class Problem:
    """One solve: how to build its arrays, its discount, the two temperatures and the error that is asked for.

    `tol` is 1e-8 unless double precision cannot certify as much. A heavy one is left out of a quick run.
    """

    name: str
    build: Callable[[], Arrays]
    discount: float
    alpha: float = 0.0
    beta: float = 0.0
    tol: float = 1e-8
    heavy: bool = False


# Rows of exact probabilities -----------------------------------------------------------------------------------------


def exact_rows(weights: Array) -> Array:
    """Normalise the last axis to probabilities that are multiples of 2**-40; the largest entry takes the remainder."""
    rows = weights.reshape(-1, weights.shape[-1])
    grains = np.floor(rows * (_GRAIN / rows.sum(axis=1, keepdims=True)))
    largest = rows.argmax(axis=1)
    grains[np.arange(len(rows)), largest] += _GRAIN - grains.sum(axis=1)
    chances: Array = grains / _GRAIN
    return chances.reshape(weights.shape)


def sparse_rows(successors: NDArray[Any], weights: Array, states: int) -> Any:
    """CSR matrix whose row i goes to ``successors[i, k]`` with weight ``weights[i, k]``; repeated successors add up."""
    successors, weights = np.broadcast_arrays(successors, weights)
    width = successors.shape[-1]
    chances = exact_rows(np.ascontiguousarray(weights)).reshape(-1)
    indices = np.ascontiguousarray(successors, dtype=np.int32).reshape(-1)
    pointers = np.arange(0, indices.size + 1, width, dtype=np.int32)
    matrix = sparse.csr_matrix((chances, indices, pointers), shape=(pointers.size - 1, states))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


# The named problems ---------------------------------------------------------------------------------------------------


def dense_random(states: int, own: int = 5, others: int = 5, *, spread: float = 1.0, seed: int = 0) -> Arrays:
    """Rows from a symmetric Dirichlet(spread) distribution (1: uniform on the simplex), rewards uniform on [0, 1]."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_gamma(spread, size=(states, own, others, states))
    return rng.random((states, own, others)), exact_rows(weights)


def meeting_grid(side: int, *, slip: float = 0.2, cost: float = 0.05, seed: int = 0) -> Arrays:
    """Two agents on a side x side grid, S = side**4, A = B = 5 (stay, north, east, south, west), for ever.

    A move goes where it aims with probability 1 - slip and to one of its two perpendiculars otherwise; a stay is blown
    in one of the four directions with probability slip; walls hold an agent where it is. Standing on one cell pays both
    agents between 0.5 and 1, by the cell; each move costs ``cost``. Nothing is absorbing.
    """
    rng = np.random.default_rng(seed)
    cells = side * side
    row, column = np.divmod(np.arange(cells), side)
    aims = np.stack(
        [
            np.clip(row + down, 0, side - 1) * side + np.clip(column + right, 0, side - 1)
            for down, right in ((0, 0), (-1, 0), (0, 1), (1, 0), (0, -1))
        ]
    )
    chances = np.zeros((5, 5))
    chances[0] = [1 - slip, *[slip / 4] * 4]
    for move in range(4):
        chances[1 + move, 1 + move] = 1 - slip
        chances[1 + move, [1 + (move + 1) % 4, 1 + (move + 3) % 4]] = slip / 2
    # One agent's chances are multiples of 2**-20, so the products below are multiples of 2**-40 and still sum to 1.
    chances = np.round(chances * 2.0**20) / 2.0**20
    chances[np.arange(5), np.arange(5)] += 1 - chances.sum(axis=1)
    one = sparse_rows(np.broadcast_to(aims.T[:, None, :], (cells, 5, 5)), chances[None], cells)
    both = sparse.kron(one, one, format="csr")
    order = np.arange(both.shape[0], dtype=np.int64).reshape(cells, 5, cells, 5).transpose(0, 2, 1, 3).reshape(-1)
    transitions = both[order]
    transitions.sort_indices()
    pays = np.zeros((cells, cells))
    np.fill_diagonal(pays, 0.5 + 0.5 * rng.random(cells))
    costs = cost * (np.arange(5) > 0)
    rewards = pays.reshape(-1, 1, 1) - costs[:, None] - costs
    return rewards, _narrow(transitions)


def ring(states: int, own: int = 4, others: int = 4, *, slip: float = 0.01, seed: int = 0) -> Arrays:
    """Nearly periodic: every joint action goes one state on, but for at most ``slip``, which halts or skips a state.

    States differ in reward more than actions do, so that a halt or a skip is worth aiming for.
    """
    rng = np.random.default_rng(seed)
    ahead = (np.arange(states)[:, None, None, None] + np.arange(3)) % states
    slips = slip * rng.random((states, own, others, 2))
    weights = np.stack([slips[..., 0], 2.0 - slips.sum(axis=-1), slips[..., 1]], axis=-1)
    rewards = rng.random((states, 1, 1)) + slip * rng.random((states, own, others))
    return rewards, sparse_rows(np.broadcast_to(ahead, weights.shape), weights, states)


def layers(count: int, width: int, own: int = 4, others: int = 4, *, leak: float = 1e-3, seed: int = 0) -> Arrays:
    """Nearly periodic and dense: ``count`` layers, to the next by random rows but for ``leak``, spread over all."""
    rng = np.random.default_rng(seed)
    states = count * width
    weights = np.full((states, own, others, states), leak / states)
    for layer in range(count):
        here = slice(layer * width, (layer + 1) * width)
        there = (layer + 1) % count * width
        block = rng.standard_exponential((width, own, others, width))
        weights[here, :, :, there : there + width] += block / block.sum(axis=-1, keepdims=True)
    return rng.random((states, 1, 1)) + 0.2 * rng.random((states, own, others)), exact_rows(weights)


def walk(side: int, dimensions: int, *, tilt: float = 0.3, seed: int = 0) -> Arrays:
    """A reflected random walk on side**dimensions cells: A = B = dimensions, a tilts along an axis, b against one.

    The reward is a wave with several hills, so that the walk settles between them slowly, and some noise.
    """
    rng = np.random.default_rng(seed)
    shape = (side,) * dimensions
    states = side**dimensions
    place = np.stack(np.unravel_index(np.arange(states), shape))
    steps = np.concatenate([np.eye(dimensions, dtype=int), -np.eye(dimensions, dtype=int)])
    aims = [np.ravel_multi_index(tuple(np.clip(place + step[:, None], 0, side - 1)), shape) for step in steps]
    weights = np.ones((dimensions, dimensions, 2 * dimensions))
    axis = np.arange(dimensions)
    weights[axis, :, axis] += tilt
    weights[:, axis, dimensions + axis] += tilt
    successors = np.stack(aims, axis=-1)[:, None, None, :]
    transitions = sparse_rows(
        np.broadcast_to(successors, (states, dimensions, dimensions, 2 * dimensions)), weights[None], states
    )
    wave = np.cos(3 * np.pi * place / (side - 1) + rng.random((dimensions, 1))).prod(axis=0)
    rewards = 0.4 + 0.4 * wave[:, None, None] + 0.2 * rng.random((states, dimensions, dimensions))
    return rewards, transitions


def million(states: int = 1_000_000, own: int = 2, others: int = 2, *, local: bool = False, seed: int = 0) -> Arrays:
    """Three successors of each joint action: two neighbours on a line and one state anywhere, or three neighbours."""
    rng = np.random.default_rng(seed)
    shape = (states, own, others)
    state = np.arange(states, dtype=np.int32)[:, None, None]
    near = (state + rng.integers(1, 6, size=shape)) % states, (state - rng.integers(1, 6, size=shape)) % states
    third = (state + rng.integers(6, 50, size=shape)) % states if local else rng.integers(0, states, size=shape)
    weights = rng.standard_exponential((*shape, 3)) + 0.05
    return rng.random(shape), sparse_rows(np.stack([*near, third], axis=-1), weights, states)


def _narrow(matrix: Any) -> Any:
    """Give a CSR matrix 32-bit indices, which a product of matrices may have widened."""
    return sparse.csr_matrix(
        (matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)), shape=matrix.shape
    )


_DISCOUNTS_DENSE = (0.9, 0.99, 0.999)
_DISCOUNTS_SPARSE = (0.99, 0.999, 0.9999)

DENSE = tuple(
    Problem(f"dense {states}", partial(dense_random, states, seed=states), discount, heavy=states > 500)
    for states in (100, 500, 1000)
    for discount in _DISCOUNTS_DENSE
)
SPARSE = tuple(
    Problem(f"grid {side**4}", partial(meeting_grid, side, seed=side), discount, heavy=side > 10)
    for side in (10, 18)
    for discount in _DISCOUNTS_SPARSE
)
RINGS = (
    Problem("ring 1000", partial(ring, 1000, seed=1), 0.9999),
    Problem("ring 5000", partial(ring, 5000, slip=0.1, seed=2), 0.9999),
    Problem("layers 10 x 40", partial(layers, 10, 40, seed=3), 0.9999),
    Problem("walk 3-D 27000", partial(walk, 30, 3, seed=4), 0.9999, heavy=True),
)
LARGE = (
    Problem("million, far", partial(million, seed=5), 0.99, heavy=True),
    Problem("million, far", partial(million, seed=5), 0.999, heavy=True),
    Problem("million, near", partial(million, local=True, seed=6), 0.999, heavy=True),
)


# The tuning suite: `auto` may be tuned on these -----------------------------------------------------------------------


def sparse_random(
    states: int, own: int, others: int, *, successors: int = 5, stay: float = 0.0, seed: int = 0
) -> Arrays:
    """Each joint action goes to ``successors`` states drawn anywhere, and stays with probability ``stay``."""
    rng = np.random.default_rng(seed)
    shape = (states, own, others)
    aims = rng.integers(0, states, size=(*shape, successors))
    weights = rng.standard_exponential((*shape, successors)) + 0.05
    weights *= (1 - stay) / weights.sum(axis=-1, keepdims=True)
    here = np.broadcast_to(np.arange(states)[:, None, None, None], (*shape, 1))
    return rng.random(shape), sparse_rows(
        np.concatenate([aims, here], axis=-1), np.concatenate([weights, np.full((*shape, 1), stay)], axis=-1), states
    )


TUNING = (
    Problem("dense 60", partial(dense_random, 60, seed=11), 0.9, 1.0, 1.0),
    Problem("dense 300", partial(dense_random, 300, 4, 4, seed=12), 0.999, 0.0, 0.0),
    Problem("dense 300 peaked", partial(dense_random, 300, 4, 4, spread=0.05, seed=13), 0.9999, 1.0, 1.0),
    Problem("dense 600", partial(dense_random, 600, 3, 3, seed=14), 0.99, 0.1, 1.0),
    Problem("sparse random 4000", partial(sparse_random, 4000, 3, 3, seed=15), 0.99, 1.0, 1.0),
    Problem("sparse random 4000", partial(sparse_random, 4000, 3, 3, seed=16), 0.9999, 0.0, 0.0),
    Problem("grid 1296", partial(meeting_grid, 6, seed=17), 0.999, 0.0, 0.0),
    Problem("grid 4096", partial(meeting_grid, 8, seed=18), 0.9999, 1.0, 1.0),
    Problem("grid 4096", partial(meeting_grid, 8, seed=19), 0.99, 0.0, 0.0),
    Problem("ring 600", partial(ring, 600, 3, 3, seed=20), 0.9999, 1.0, 1.0),
    Problem("ring 2500", partial(ring, 2500, 3, 3, slip=0.2, seed=21), 0.999, 0.0, 0.0),
    Problem("layers 6 x 50", partial(layers, 6, 50, seed=22), 0.9999, 0.1, 0.1),
    Problem("walk 1-D 2000", partial(walk, 2000, 1, seed=23), 0.9999, 1.0, 1.0, 1e-6),
    Problem("walk 2-D 4900", partial(walk, 70, 2, seed=24), 0.9999, 1.0, 1.0),
    Problem("walk 3-D 5832", partial(walk, 18, 3, seed=25), 0.999, 0.0, 0.0),
    Problem("walk 3-D 5832", partial(walk, 18, 3, seed=26), 0.99999, 0.5, 2.0, 1e-6),
)


SUITES: dict[str, tuple[Problem, ...]] = {
    "dense": DENSE,
    "sparse": SPARSE,
    "rings": RINGS,
    "large": LARGE,
    "tuning": TUNING,
}
