"""Hypothesis strategies for games, views, priors, policies and weights: for this package's tests and for yours.

They seek the corners where an implementation breaks: ties, one player, one action, one state, priors with zeros and
with entries of 1e-300, payoffs that are huge or shifted by a huge constant, terminal and absorbing states,
deterministic moves, periodic rings, states that never meet, chains that hardly move. What fails shrinks towards one
state, one action, small whole payoffs, the uniform prior, alpha = beta = 1 and no discounted future.

Arrays are drawn entry by entry, most of them equal; some then gain generic noise from a drawn seed, which shrinking
leaves away where it can.

Needs Hypothesis (MacIver, Hatfield-Dodds et al. 2019, Journal of Open Source Software 4(43), 1891), which the rest of
the package does not. Arguments out of range raise :class:`~rommeo_exact.errors.InputError` when the strategy is made.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import SearchStrategy

from .checks import BoolArray, FloatArray, distribution, integer, real_number
from .errors import InputError
from .games.models import MatrixGame, StochasticGame, View

__all__ = [
    "discounts", "distributions", "matrix_games", "opponent_models", "opponent_weights", "payoff_arrays", "policies",
    "priors", "stochastic_games", "temperatures", "views",
]  # fmt: skip

_T = TypeVar("_T")

_NEAR_ZERO = (1e-300, 1e-17)
"""Weights that vanish beside 1: the first in any sum, both in the sum's last digit."""


def matrix_games(
    *, min_players: int = 1, max_players: int = 3, max_actions: int = 3, magnitude: float = 1e6
) -> SearchStrategy[MatrixGame]:
    """Matrix games: general-sum, common-payoff, or with the players opposed in turn (zero-sum for two).

    Parameters
    ----------
    min_players, max_players : int
        Bounds on n.
    max_actions : int
        Bound on every A_i; the smallest is 1.
    magnitude : float
        Bound on the payoffs' absolute values; as in :func:`payoff_arrays`.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.matrix_games(min_players=2))
    ... def test_every_player_sees_the_same_number_of_profiles(game):
    ...     assert game.view(0).rewards.size == game.view(1).rewards.size
    >>> test_every_player_sees_the_same_number_of_profiles()
    """
    players = _sizes(max_players, "max_players", low=integer(min_players, "min_players", low=1))
    return _matrix_games(players, _sizes(max_actions, "max_actions"), _magnitude(magnitude))


def stochastic_games(
    *,
    min_players: int = 1,
    max_players: int = 3,
    max_states: int = 4,
    max_actions: int = 3,
    magnitude: float = 1e6,
    max_discount: float = 0.99999,
    sparse: bool | None = None,
) -> SearchStrategy[StochasticGame]:
    """Stochastic games, with dense or sparse transitions, some states terminal, some with a given start.

    The moves are random, deterministic, a ring, a chain with absorbing states, two parts that never meet, or a chain
    that hardly moves.

    Parameters
    ----------
    min_players, max_players, max_states, max_actions : int
        Bounds on n, S and every A_i; the smallest S and A_i are 1.
    magnitude : float
        Bound on the payoffs' absolute values; as in :func:`payoff_arrays`.
    max_discount : float
        Bound on gamma, below 1; as in :func:`discounts`.
    sparse : bool, optional
        Whether transitions are a SciPy sparse array; both by default.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.stochastic_games(sparse=False))
    ... def test_every_row_of_transitions_is_a_distribution(game):
    ...     assert abs(game.transitions.sum(axis=-1) - 1).max() < 1e-15
    >>> test_every_row_of_transitions_is_a_distribution()
    """
    return _stochastic_games(
        _sizes(max_players, "max_players", low=integer(min_players, "min_players", low=1)),
        _sizes(max_states, "max_states"),
        _sizes(max_actions, "max_actions"),
        _magnitude(magnitude),
        discounts(max_discount=max_discount),
        _kinds(sparse),
    )


def views(
    *,
    max_states: int = 4,
    max_actions: int = 3,
    max_opponent_actions: int = 4,
    magnitude: float = 1e6,
    max_discount: float = 0.99999,
    sparse: bool | None = None,
) -> SearchStrategy[View]:
    """Games through one agent's eyes: rewards (S, A, B), dense or sparse transitions, discount, terminal states.

    Parameters
    ----------
    max_states, max_actions, max_opponent_actions : int
        Bounds on S, A and B; the smallest are 1. B = 1 is an agent alone.
    magnitude, max_discount, sparse
        As in :func:`stochastic_games`.

    Examples
    --------
    Draw what belongs to a view inside the test:

    >>> import hypothesis, rommeo_exact as rx
    >>> from hypothesis import strategies as st
    >>> @hypothesis.given(rx.strategies.views(), st.data())
    ... def test_a_policy_fits_its_view(view, data):
    ...     policy = data.draw(rx.strategies.policies(view))
    ...     assert policy.shape == view.rewards.shape
    >>> test_a_policy_fits_its_view()
    """
    return _views(
        _sizes(max_states, "max_states"),
        _sizes(max_actions, "max_actions"),
        _sizes(max_opponent_actions, "max_opponent_actions"),
        _magnitude(magnitude),
        discounts(max_discount=max_discount),
        _kinds(sparse),
    )


def payoff_arrays(shape: int | Sequence[int], *, magnitude: float = 1e6) -> SearchStrategy[FloatArray]:
    """Arrays of payoffs: small whole numbers and fractions, any floats in [-10, 10], or generic normal numbers.

    Then left as they are, scaled so that the largest is about `magnitude`, or shifted by about plus or minus
    `magnitude`. Ties are frequent.

    Parameters
    ----------
    shape : int or sequence of int
        Of the array; no axis is empty.
    magnitude : float
        Bound on the absolute values, finite and at least 0.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.payoff_arrays((2, 3), magnitude=100.0))
    ... def test_payoffs_are_bounded(payoffs):
    ...     assert payoffs.shape == (2, 3) and abs(payoffs).max() <= 100.0
    >>> test_payoffs_are_bounded()
    """
    return _payoff_arrays(_shape(shape), _magnitude(magnitude))


def distributions(size: int, *, full_support: bool = False) -> SearchStrategy[FloatArray]:
    """Distributions over `size` outcomes: uniform, one-hot, simple fractions, zeros, entries near 1e-300, generic.

    They are normalised as well as floats can be: ``math.fsum`` of the entries is exactly 1.

    Parameters
    ----------
    size : int
        At least 1.
    full_support : bool
        Whether every entry is positive, were it 1e-300.

    Examples
    --------
    >>> import math
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.distributions(3))
    ... def test_entropy_is_at_most_that_of_the_uniform(p):
    ...     assert -sum(x * math.log(x) for x in p if x > 0) <= math.log(3) + 1e-15
    >>> test_entropy_is_at_most_that_of_the_uniform()
    """
    return _rows((integer(size, "size", low=1),), full_support)


def priors(view: View | Sequence[int], *, full_support: bool = False) -> SearchStrategy[FloatArray]:
    """Priors P(b|s), an (S, B) array: every row one of :func:`distributions`.

    Parameters
    ----------
    view : View or shape
        The view that the prior belongs to, or the array's own shape ``(..., B)``.
    full_support : bool
        Whether every entry is positive, were it 1e-300.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.priors((2, 3)))
    ... def test_rows_are_distributions(prior):
    ...     assert prior.shape == (2, 3) and abs(prior.sum(axis=1) - 1).max() < 1e-15
    >>> test_rows_are_distributions()
    """
    return _rows(_opponent_shape(view), full_support)


def policies(view: View | Sequence[int], *, full_support: bool = False) -> SearchStrategy[FloatArray]:
    """Conditional policies pi(a|s, b), an (S, A, B) array: along axis 1 one of :func:`distributions`.

    Parameters
    ----------
    view : View or shape
        The view that the policy belongs to, or the array's own shape ``(..., A, B)``.
    full_support : bool
        Whether every entry is positive, were it 1e-300.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> view = rx.MatrixGame.common_payoff([[1, 0, 0], [0, 1, 2]]).view(0)
    >>> @hypothesis.given(rx.strategies.policies(view))
    ... def test_a_policy_sums_to_one_over_own_actions(policy):
    ...     assert policy.shape == (1, 2, 3) and abs(policy.sum(axis=1) - 1).max() < 1e-15
    >>> test_a_policy_sums_to_one_over_own_actions()
    """
    shape = view.shape if isinstance(view, View) else _shape(view)
    if len(shape) < 2:
        raise InputError(f"view must be a View or a shape (..., A, B), not {view!r}")
    turned = _rows((*shape[:-2], shape[-1], shape[-2]), full_support)
    return turned.map(lambda rows: np.ascontiguousarray(np.swapaxes(rows, -1, -2)))


def opponent_models(
    view: View | Sequence[int], *, prior: Any = None, full_support: bool = False
) -> SearchStrategy[FloatArray]:
    """Opponent models rho(b|s), an (S, B) array: every row one of :func:`distributions`.

    Parameters
    ----------
    view : View or shape
        The view that the model belongs to, or the array's own shape ``(..., B)``.
    prior : array of that shape, optional
        Only models within its support are drawn: those whose KL divergence from it is finite.
    full_support : bool
        Whether every entry is positive (every entry in the prior's support, where one is given).

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.opponent_models((1, 3), prior=[[0.5, 0.5, 0.0]]))
    ... def test_the_model_stays_in_the_support(model):
    ...     assert model[0, 2] == 0.0
    >>> test_the_model_stays_in_the_support()
    """
    shape = _opponent_shape(view)
    support = None if prior is None else distribution(prior, "prior", shape=shape) > 0.0
    return _rows(shape, full_support, support)


def temperatures(*, min_value: float = 0.0, max_value: float = 1e12) -> SearchStrategy[float]:
    """Entropy weights alpha: 0, 1, typical ones in [0.05, 20], and any magnitude from 1e-12 to 1e12.

    Parameters
    ----------
    min_value, max_value : float
        Bounds, both included; a `min_value` above 0 leaves out the hard maximum.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.temperatures(min_value=1e-3))
    ... def test_alpha_has_an_inverse(alpha):
    ...     assert 1 / alpha <= 1000.0
    >>> test_alpha_has_an_inverse()
    """
    return _scales(min_value, real_number(max_value, "max_value", high=sys.float_info.max))


def opponent_weights(*, min_value: float = 0.0, max_value: float = math.inf) -> SearchStrategy[float]:
    """Weights beta of the KL divergence from the prior: 0, 1, infinity, typical ones, and from 1e-12 to 1e12.

    Parameters
    ----------
    min_value, max_value : float
        Bounds, both included; a finite `max_value` leaves out the frozen opponent model.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.opponent_weights(max_value=1e6))
    ... def test_beta_is_bounded(beta):
    ...     assert 0.0 <= beta <= 1e6
    >>> test_beta_is_bounded()
    """
    return _scales(min_value, max_value)


def discounts(*, max_discount: float = 0.99999) -> SearchStrategy[float]:
    """Discount factors gamma in [0, `max_discount`]: 0, 0.5, 0.9, 0.99, `max_discount` itself, and any between.

    Examples
    --------
    >>> import hypothesis, rommeo_exact as rx
    >>> @hypothesis.given(rx.strategies.discounts(max_discount=0.9))
    ... def test_the_horizon_is_at_most_ten(discount):
    ...     assert 1 / (1 - discount) <= 10.000001
    >>> test_the_horizon_is_at_most_ten()
    """
    top = real_number(max_discount, "max_discount", low=0.0, high=math.nextafter(1.0, 0.0))
    usual = [gamma for gamma in (0.0, 0.5, 0.9, 0.99) if gamma < top]
    return st.one_of(st.sampled_from([*usual, top]), st.floats(0.0, top))


@st.composite
def _matrix_games(
    draw: st.DrawFn, players: SearchStrategy[int], sizes: SearchStrategy[int], magnitude: float
) -> MatrixGame:
    actions = _repeated(draw, sizes, draw(players))
    return MatrixGame(_player_payoffs(draw, actions, len(actions), magnitude))


@st.composite
def _stochastic_games(
    draw: st.DrawFn,
    players: SearchStrategy[int],
    state_sizes: SearchStrategy[int],
    sizes: SearchStrategy[int],
    magnitude: float,
    factors: SearchStrategy[float],
    kinds: SearchStrategy[bool],
) -> StochasticGame:
    actions = _repeated(draw, sizes, draw(players))
    shape = (draw(state_sizes), *actions)
    payoffs = _player_payoffs(draw, shape, len(actions), magnitude)
    initial = draw(st.none() | distributions(shape[0]))
    return StochasticGame(
        payoffs, _transitions(draw, shape, draw(kinds)), draw(factors), _terminal(draw, shape[0]), initial
    )


@st.composite
def _views(
    draw: st.DrawFn,
    state_sizes: SearchStrategy[int],
    own_sizes: SearchStrategy[int],
    joint_sizes: SearchStrategy[int],
    magnitude: float,
    factors: SearchStrategy[float],
    kinds: SearchStrategy[bool],
) -> View:
    shape = (draw(state_sizes), draw(own_sizes), draw(joint_sizes))
    rewards = draw(_payoff_arrays(shape, magnitude))
    return View(rewards, _transitions(draw, shape, draw(kinds)), draw(factors), _terminal(draw, shape[0]))


def _player_payoffs(draw: st.DrawFn, shape: tuple[int, ...], players: int, magnitude: float) -> FloatArray:
    interests = draw(st.sampled_from(("own", "common", "opposed")))
    if interests == "own":
        return draw(_payoff_arrays((players, *shape), magnitude))
    signs = [1.0 if interests == "common" or i % 2 == 0 else -1.0 for i in range(players)]
    shared = draw(_payoff_arrays(shape, magnitude))
    return np.stack([sign * shared for sign in signs])


@st.composite
def _payoff_arrays(draw: st.DrawFn, shape: tuple[int, ...], magnitude: float) -> FloatArray:
    change = draw(st.sampled_from(("none", "none", "none", "scaled", "raised", "lowered")))
    entries = draw(st.sampled_from(("whole", "fractions", "floats", "generic")))
    elements: SearchStrategy[float] = st.floats(-10.0, 10.0) if entries == "floats" else st.integers(-9, 9)
    values = draw(hnp.arrays(np.float64, shape, elements=elements))
    if entries == "fractions":
        values /= draw(st.sampled_from((2.0, 3.0, 10.0)))
    elif entries == "generic":
        values += draw(_generators()).standard_normal(shape)
    limit = magnitude if change in ("none", "scaled") else magnitude / 2
    top = float(np.abs(values).max())
    if change == "scaled" or top > limit:
        values *= limit / max(top, 1.0)
    if change in ("raised", "lowered"):
        shift = magnitude - float(np.abs(values).max())
        values += shift if change == "raised" else -shift
    payoffs: FloatArray = np.clip(values, -magnitude, magnitude)
    return payoffs


@st.composite
def _rows(draw: st.DrawFn, shape: tuple[int, ...], full_support: bool, support: BoolArray | None = None) -> FloatArray:
    """Distributions along the last axis, uniform where nothing was drawn."""
    weights = _weights(draw, shape, full_support)
    allowed = np.ones(shape, dtype=bool) if support is None else support
    weights *= allowed
    return _normalised(np.where(weights.any(axis=-1, keepdims=True), weights, allowed.astype(np.float64)))


def _weights(draw: st.DrawFn, shape: tuple[int, ...], positive: bool = False) -> FloatArray:
    """Nonnegative weights, most of them whole; a row may be all zeros, unless they are to be positive."""
    kind = draw(st.sampled_from(("whole", "one-hot", "generic")))
    if kind == "one-hot":
        chosen = draw(hnp.arrays(np.int64, shape[:-1], elements=st.integers(0, shape[-1] - 1)))
        rows: FloatArray = np.eye(shape[-1])[chosen]
        return np.maximum(rows, draw(st.sampled_from(_NEAR_ZERO))) if positive else rows
    values = (1.0, 2.0, 3.0, *_NEAR_ZERO) if positive else (0.0, 1.0, 2.0, 3.0, *_NEAR_ZERO)
    weights = draw(hnp.arrays(np.float64, shape, elements=st.sampled_from(values)))
    if kind == "generic":
        weights += draw(_generators()).standard_exponential(shape) ** 3
    return weights


def _normalised(weights: FloatArray) -> FloatArray:
    """The rows divided by their sums; the largest entry takes what rounding leaves, so that ``math.fsum`` gives 1."""
    rows = (weights / weights.sum(axis=-1, keepdims=True)).reshape(-1, weights.shape[-1])
    for row in rows:
        row[row.argmax()] += math.fsum((1.0, *(-row).tolist()))
    normalised: FloatArray = rows.reshape(weights.shape)
    return normalised


def _transitions(draw: st.DrawFn, shape: tuple[int, ...], sparse: bool) -> Any:
    """Transitions from every (s, a...) in `shape`; a row that nothing was drawn for stays where it is."""
    states = shape[0]
    full = (*shape, states)

    def everywhere(matrix: Any) -> Any:
        return np.broadcast_to(np.reshape(matrix, (states, *(1,) * (len(shape) - 1), states)), full)

    stay = everywhere(np.eye(states))
    kind = draw(st.sampled_from(("ring", "random", "absorbing", "disconnected", "sticky")))
    if kind == "ring":
        rows = everywhere(np.roll(np.eye(states), draw(st.integers(0, states - 1)), axis=1))
    else:
        weights = _weights(draw, full)
        if kind == "absorbing":
            weights[_subset(draw, states)] = 0.0
        elif kind == "disconnected":
            side = _subset(draw, states)
            weights *= everywhere(side[:, None] == side)
        rows = _normalised(np.where(weights.any(axis=-1, keepdims=True), weights, stay))
        if kind == "sticky":
            moving = draw(st.sampled_from((1e-3, 1e-8, 1e-16)))
            rows = _normalised((1.0 - moving) * stay + moving * rows)
    if not sparse:
        return rows
    from scipy.sparse import csr_array

    return csr_array(rows.reshape(-1, states))


def _terminal(draw: st.DrawFn, states: int) -> BoolArray | None:
    return _subset(draw, states) if draw(st.booleans()) else None


def _subset(draw: st.DrawFn, size: int) -> BoolArray:
    return draw(hnp.arrays(np.bool_, size, elements=st.booleans()))


def _generators() -> SearchStrategy[np.random.Generator]:
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def _repeated(draw: st.DrawFn, strategy: SearchStrategy[_T], times: int) -> tuple[_T, ...]:
    return tuple(draw(strategy) for _ in range(times))


def _scales(min_value: float, max_value: float) -> SearchStrategy[float]:
    low = real_number(min_value, "min_value", low=0.0)
    high = real_number(max_value, "max_value", low=low)
    parts: list[SearchStrategy[float]] = []
    if corners := [x for x in (1.0, 0.0, math.inf, 1e-12, 1e12) if low <= x <= high]:
        parts.append(st.sampled_from(corners))
    for bounded, least, most in ((st.floats, 0.05, 20.0), (_log_uniform, low or 1e-12, min(high, 1e12))):
        if max(least, low) <= min(most, high):
            parts.append(bounded(max(least, low), min(most, high)))
    return st.one_of(parts or [st.floats(low, high)])


def _log_uniform(least: float, most: float) -> SearchStrategy[float]:
    exponents = st.floats(math.log10(least), math.log10(most))
    return exponents.map(lambda x: min(max(10.0**x, least), most))


def _sizes(value: int, name: str, low: int = 1) -> SearchStrategy[int]:
    return st.integers(low, integer(value, name, low=low))


def _magnitude(value: float) -> float:
    return real_number(value, "magnitude", low=0.0, high=sys.float_info.max)


def _kinds(sparse: bool | None) -> SearchStrategy[bool]:
    return st.booleans() if sparse is None else st.just(bool(sparse))


def _shape(value: int | Sequence[int]) -> tuple[int, ...]:
    axes = value if isinstance(value, Sequence) else (value,)
    return tuple(integer(size, f"shape[{i}]", low=1) for i, size in enumerate(axes))


def _opponent_shape(view: View | Sequence[int]) -> tuple[int, ...]:
    if isinstance(view, View):
        return view.shape[0], view.shape[2]
    return _shape(view)
