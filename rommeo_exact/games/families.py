"""Random games from families with a known property, for tests and experiments.

`num_actions` is the number of actions of each player, ``(A_1, ..., A_n)``. All randomness comes from `rng`: a
generator in the same state gives the same game, bit for bit. `distribution` says how payoffs are drawn: "normal" is the
standard normal distribution, "uniform" is uniform on [-1, 1), "integer" uniform on the integers from -10 to 10.

Every function raises :class:`~rommeo_exact.errors.InputError` for an argument out of its range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import FloatArray, generator, integer, real_number
from ..errors import InputError, UnknownNameError
from .models import MatrixGame, StochasticGame

__all__ = [
    "random_common_payoff", "random_game", "random_potential", "random_slowly_mixing", "random_sparse_stochastic",
    "random_stochastic", "random_zero_sum",
]  # fmt: skip

_DRAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], NDArray[Any]]] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "uniform": lambda rng, shape: rng.uniform(-1.0, 1.0, shape),
    "integer": lambda rng, shape: rng.integers(-10, 11, shape).astype(np.float64),
}


# Matrix games ---------------------------------------------------------------------------------------------------------


def random_game(num_actions: Sequence[int], *, rng: np.random.Generator, distribution: str = "normal") -> MatrixGame:
    """A general-sum game: every payoff of every player is drawn on its own.

    Examples
    --------
    >>> random_game((2, 3), rng=np.random.default_rng(1), distribution="integer").payoffs
    array([[[ -1.,   0.,   5.],
            [  9., -10.,  -7.]],
    <BLANKLINE>
           [[  7.,   9.,  -5.],
            [ -4.,   8.,  -2.]]])
    """
    sizes = _sizes(num_actions)
    return MatrixGame(_draw(rng, (len(sizes), *sizes), distribution), name="Random game")


def random_common_payoff(
    num_actions: Sequence[int], *, rng: np.random.Generator, distribution: str = "normal"
) -> MatrixGame:
    """A game in which all players always receive the same."""
    return MatrixGame.common_payoff(_draw(rng, _sizes(num_actions), distribution), name="Random common-payoff game")


def random_zero_sum(
    num_actions: Sequence[int], *, rng: np.random.Generator, distribution: str = "normal"
) -> MatrixGame:
    """A two-player game whose payoffs sum to 0, exactly."""
    sizes = _sizes(num_actions)
    if len(sizes) != 2:
        raise InputError(f"num_actions must be of two players, not {len(sizes)}")
    row = _draw(rng, sizes, distribution)
    return MatrixGame.bimatrix(row, -row, name="Random zero-sum game")


def random_potential(
    num_actions: Sequence[int], *, rng: np.random.Generator, distribution: str = "normal"
) -> MatrixGame:
    """A game with an exact potential: a common payoff, plus for each player a term that only the others can change.

    Every exact potential game is of this form (Monderer and Shapley 1996, Potential games, Games and Economic Behavior
    14:124-143; with the terms named as in Facchini and others 1997). All draws are rounded to multiples of 2**-20, so
    that these sums, and the differences in the cycle condition, are exact.
    """
    sizes = _sizes(num_actions)
    potential = _draw(rng, sizes, distribution)
    others = [_draw(rng, (*sizes[:i], 1, *sizes[i + 1 :]), distribution) for i in range(len(sizes))]
    payoffs = np.stack([_coarse(potential) + _coarse(term) for term in others])
    return MatrixGame(payoffs, name="Random potential game")


# Stochastic games -----------------------------------------------------------------------------------------------------


def random_stochastic(
    num_states: int, num_actions: Sequence[int], *, rng: np.random.Generator, discount: float = 0.9,
    distribution: str = "normal",
) -> StochasticGame:  # fmt: skip
    """A general-sum stochastic game with dense transitions, each row uniform on the simplex."""
    states, sizes = integer(num_states, "num_states", low=1), _sizes(num_actions)
    payoffs = _draw(rng, (len(sizes), states, *sizes), distribution)
    chances = _simplex(rng, (states, *sizes, states))
    return StochasticGame(payoffs, chances, discount, name="Random stochastic game")


def random_sparse_stochastic(
    num_states: int, num_actions: Sequence[int], successors: int, *, rng: np.random.Generator, discount: float = 0.9,
    distribution: str = "normal",
) -> StochasticGame:  # fmt: skip
    """A general-sum stochastic game with sparse transitions.

    From every state and profile exactly `successors` distinct states can follow, every set of them equally likely, with
    chances that are uniform on their simplex.
    """
    states, sizes = integer(num_states, "num_states", low=1), _sizes(num_actions)
    count = integer(successors, "successors", low=1, high=states + 1)
    payoffs = _draw(rng, (len(sizes), states, *sizes), distribution)
    rows = states * math.prod(sizes)
    transitions = _csr(_subsets(rng, rows, states, count), _simplex(rng, (rows, count)), states)
    return StochasticGame(payoffs, transitions, discount, name="Random sparse stochastic game")


def random_slowly_mixing(
    num_states: int, num_actions: Sequence[int], *, rng: np.random.Generator, modulus: float = 0.99, blocks: int = 2,
    periodic: bool = False, successors: int | None = None, discount: float = 0.9, distribution: str = "normal",
) -> StochasticGame:  # fmt: skip
    """A general-sum stochastic game that mixes slowly whatever the players do.

    The states form `blocks` blocks of equal size, in order. From every state and profile the game goes, with
    probability `modulus`, to the same block (nearly decomposable), or to the next one round the ring where `periodic`
    (nearly periodic), and else to a block drawn uniformly; within the block the successors are random.

    So under every stationary policy the Markov chain of the states can be lumped into the blocks (Kemeny and Snell
    1960, Finite Markov chains, section 6.3), and has the eigenvalue `modulus`, ``blocks - 1`` times; where `periodic`,
    it has ``modulus * exp(2 pi i k / blocks)`` for k = 1, ..., blocks - 1.

    Parameters
    ----------
    num_states : int
        A multiple of `blocks`.
    modulus : float
        In [0, 1].
    blocks : int
        At least 2.
    successors : int, optional
        How many states of each block can follow; transitions are then sparse, with ``blocks * successors`` entries in a
        row. All of them, in dense transitions, by default.
    """
    states, sizes = integer(num_states, "num_states", low=1), _sizes(num_actions)
    modulus = real_number(modulus, "modulus", low=0.0, high=1.0)
    blocks = integer(blocks, "blocks", low=2)
    if states % blocks:
        raise InputError(f"num_states is {states}, not a multiple of blocks={blocks}")
    size, rows = states // blocks, states * math.prod(sizes)
    count = size if successors is None else integer(successors, "successors", low=1, high=size + 1)

    payoffs = _draw(rng, (len(sizes), states, *sizes), distribution)
    home = np.arange(rows) // (rows // blocks)
    weights = np.full((rows, blocks), (1.0 - modulus) / blocks)
    weights[np.arange(rows), (home + bool(periodic)) % blocks] += modulus
    chances = weights[:, :, None] * _simplex(rng, (rows, blocks, count))
    transitions: Any
    if successors is None:
        transitions = chances.reshape(states, *sizes, states)
    else:
        starts = np.tile(np.arange(blocks) * size, rows)[:, None]
        targets = starts + _subsets(rng, rows * blocks, size, count)
        transitions = _csr(targets.reshape(rows, -1), chances.reshape(rows, -1), states)
    return StochasticGame(payoffs, transitions, discount, name="Random slowly mixing game")


# Draws ----------------------------------------------------------------------------------------------------------------


def _sizes(num_actions: Any) -> tuple[int, ...]:
    if isinstance(num_actions, str) or not isinstance(num_actions, Sequence) or not num_actions:
        raise InputError(f"num_actions must be a sequence with one size per player, not {num_actions!r}")
    return tuple(integer(size, f"num_actions[{i}]", low=1) for i, size in enumerate(num_actions))


def _draw(rng: np.random.Generator, shape: tuple[int, ...], distribution: str) -> FloatArray:
    generator(rng)
    if str(distribution) not in _DRAWS:
        raise UnknownNameError("distribution", distribution, _DRAWS)
    return _DRAWS[str(distribution)](rng, shape)


def _coarse(values: FloatArray) -> FloatArray:
    return np.round(values * 2.0**20) / 2.0**20


def _simplex(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Points drawn uniformly from the simplex, along the last axis."""
    weights = rng.standard_exponential(shape)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


def _subsets(rng: np.random.Generator, rows: int, among: int, count: int) -> NDArray[np.integer[Any]]:
    """In each of `rows` rows, `count` distinct integers below `among`; every set is equally likely.

    Floyd's sampling (Bentley and Floyd 1987, Programming pearls: a sample of brilliance), in all rows at once: the k-th
    draw is from among - count + k + 1 integers, and one that was drawn before gives way to the highest of them.
    """
    chosen = np.empty((rows, count), dtype=np.int32 if among < 2**31 else np.int64)
    for k in range(count):
        highest = among - count + k
        draw = rng.integers(0, highest + 1, rows)
        repeated = (chosen[:, :k] == draw[:, None]).any(axis=1)
        chosen[:, k] = np.where(repeated, highest, draw)
    return chosen


def _csr(targets: NDArray[np.integer[Any]], chances: FloatArray, states: int) -> Any:
    """The CSR matrix whose row r goes to ``targets[r, k]`` with probability ``chances[r, k]``."""
    from scipy import sparse

    rows, width = targets.shape
    pointers = np.arange(0, rows * width + 1, width, dtype=np.int32 if rows * width < 2**31 else np.int64)
    return sparse.csr_array((chances.ravel(), targets.ravel(), pointers), shape=(rows, states))
