"""What is drawn is valid and within its bounds, the corners are met, and what fails shrinks to something small."""

import math
from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings, strategies as st

from rommeo_exact import MatrixGame, StochasticGame, View, strategies
from rommeo_exact.errors import InputError

DRAWS = 200
quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def tally(strategy, corners):
    """How many of `DRAWS` fixed draws meet each corner; `corners` tells them of one draw."""
    counts = Counter()

    @settings(quick, max_examples=DRAWS)
    @given(strategy, st.integers(0, 2**64))  # the integer lets a draw come twice, as it does inside a larger test
    def count(drawn, _):
        counts.update({name: int(met) for name, met in corners(drawn).items()})

    count()
    return counts


def meets_all(strategy, corners, never=()):
    """Every corner is met in `DRAWS` draws, and is a corner: it is not met every time; those in `never` are not."""
    counts = tally(strategy, corners)
    assert {name: n for name, n in counts.items() if name not in never and not 0 < n < DRAWS} == {}
    assert {name: counts[name] for name in never} == dict.fromkeys(never, 0)


def smallest(strategy, condition):
    chosen = settings(max_examples=1000, phases=(Phase.generate, Phase.shrink), database=None)
    return find(strategy, condition, settings=chosen, random=Random(0))


# What the corners are


def dense(game):
    """(S, profiles, S) transitions."""
    states = game.transitions.shape[-1]
    rows = game.transitions.toarray() if hasattr(game.transitions, "toarray") else game.transitions
    return rows.reshape(states, -1, states)


def stays(rows):
    """(S,) whether a state is never left."""
    return np.array([(rows[s, :, s] == 1.0).all() for s in range(len(rows))])


def is_ring(rows):
    """Every state of three or more has one successor whatever is played, and a tour visits all."""
    if len(rows) < 3 or not np.isin(rows, (0.0, 1.0)).all() or (rows != rows[:, :1]).any():
        return False
    state, seen = 0, set()
    while state not in seen:
        seen.add(state)
        state = int(rows[state, 0].argmax())
    return len(seen) == len(rows)


def has_separate_parts(rows):
    """Some states and the others never meet, and not all stay where they are."""
    linked = rows.any(axis=1) | rows.any(axis=1).T | np.eye(len(rows), dtype=bool)
    met = np.linalg.matrix_power(linked.astype(int), len(rows)) > 0
    return not met.all() and not stays(rows).all()


def moves(game):
    rows = dense(game)
    states, still = len(rows), stays(rows)
    own = np.array([rows[s, :, s] for s in range(states)])
    return {
        "one state": states == 1,
        "the most states": states == 4,
        "deterministic": np.isin(rows, (0.0, 1.0)).all() and (rows != rows[:, :1]).any(),
        "random": ((rows > 0.1) & (rows < 0.9)).any(),
        "full support": states > 1 and rows.min() > 1e-9,
        "ring": is_ring(rows),
        "absorbing": 0 < still.sum() < states,
        "separate parts": has_separate_parts(rows),
        "hardly moves": 0.99 < own.min() < 1.0,
        "entry near zero": ((rows > 0.0) & (rows < 1e-200)).any(),
        "some states terminal": 0 < game.terminal.sum() < states,
        "all states terminal": game.terminal.all(),
        "no state terminal": not game.terminal.any(),
        "sparse": hasattr(game.transitions, "toarray"),
        "dense": not hasattr(game.transitions, "toarray"),
        "no future": game.discount == 0.0,
        "distant future": game.discount == 0.99999,
        "typical discount": 0.5 <= game.discount <= 0.99,
    }


def payoffs_of(r):
    low, high, different = r.min(), r.max(), len(np.unique(r))
    size = max(high, -low)
    return {
        "all equal": r.size > 1 and different == 1,
        "ties": 1 < different < r.size,
        "no ties": r.size > 3 and different == r.size,
        "whole": 0 < size < 10 and (r == np.round(r)).all(),
        "fractions": size < 5 and (r != np.round(r)).any() and np.abs(30 * r - np.round(30 * r)).max() < 1e-12,
        "huge": size == 1e6 and high - low > 1e5,
        "raised": high > low > 1e6 - 100,
        "lowered": low < high < 100 - 1e6,
    }


def simplex(p):
    p = np.sort(p)
    simple = any(np.abs(p * k - np.round(p * k)).max() < 1e-15 for k in range(1, 9))
    return {
        "uniform": np.ptp(p) < 1e-15,
        "one-hot": (p == [0.0, 0.0, 1.0]).all(),
        "a zero": (p == 0.0).sum() == 1,
        "near zero": ((p > 0.0) & (p <= 1e-300)).any(),
        "lost beside one": ((p > 1e-18) & (p < 1e-16)).any(),
        "simple fractions": 1e-15 < np.ptp(p) < 1.0 and simple,
        "generic": p[0] > 1e-9 and not simple,
    }


def size_of(x):
    return {
        **{str(corner): x == corner for corner in (0.0, 1e-12, 1.0, 1e12)},
        "typical": 0.05 < x < 20 and x != 1.0,
        "small": 0 < x < 1e-3,
        "large": 1e3 < x < math.inf,
    }


# The corners are met


def test_matrix_games_meet_their_corners():
    def corners(game):
        r, sizes = game.payoffs, set(game.num_actions)
        common, total = (r == r[0]).all(), r.sum(axis=0)
        return {
            "one player": game.num_players == 1,
            "two players": game.num_players == 2,
            "three players": game.num_players == 3,
            "one action each": sizes == {1},
            "one action for some": 1 in sizes and len(sizes) > 1,
            "common payoff": game.num_players > 1 and common and np.ptp(r) > 0,
            "zero-sum": game.num_players == 2 and not total.any() and np.ptp(r[0]) > 0,
            "general-sum": game.num_players > 1 and not common and np.ptp(total) > 0,
            "tie between own actions": game.num_actions[0] > 1 and (r[0][0] == r[0][1]).any(),
            **payoffs_of(r),
        }

    meets_all(strategies.matrix_games(), corners)


def test_stochastic_games_meet_their_corners():
    def corners(game):
        live = ~game.terminal
        usual = live.any() and np.array_equal(game.initial, live / live.sum())
        return {
            "one player": game.num_players == 1,
            "three players": game.num_players == 3,
            "one action each": set(game.num_actions) == {1},
            "given start": live.any() and not usual,
            "usual start": usual,
            **moves(game),
        }

    meets_all(strategies.stochastic_games(), corners)


def test_views_meet_their_corners():
    def corners(view):
        _, own, joint = view.shape
        sizes = {"one own action": own == 1 < joint, "alone": joint == 1 < own, "largest": (own, joint) == (3, 4)}
        return {**sizes, **moves(view), **payoffs_of(view.rewards)}

    meets_all(strategies.views(), corners)


def together(**facts):
    """Strategies and what to tell of each, as one strategy and one function: fewer and larger draws are faster."""
    strategy = st.tuples(*(one for one, _ in facts.values()))

    def corners(drawn):
        told = zip(facts.items(), drawn, strict=True)
        return {f"{name}: {fact}": met for (name, (_, tell)), one in told for fact, met in tell(one).items()}

    return strategy, corners


def test_arrays_meet_their_corners():
    def rows(p):
        p = p.reshape(-1, 3)
        return {"differ": (p != p[0]).any(), **simplex(p[-1])}

    strategy, corners = together(
        payoffs=(strategies.payoff_arrays((3, 2)), payoffs_of),
        distribution=(strategies.distributions(3), simplex),
        prior=(strategies.priors((2, 3)), rows),
        model=(strategies.opponent_models((2, 3)), rows),
        policy=(strategies.policies((1, 3, 2)), lambda p: rows(np.swapaxes(p, 1, 2))),
    )
    meets_all(strategy, corners)


def test_full_support_leaves_zero_out_and_keeps_near_zero():
    strategy, corners = together(
        prior=(strategies.priors((2, 3), full_support=True), lambda p: {**simplex(p[0]), "zero": (p == 0.0).any()}),
        policy=(strategies.policies((3, 1), full_support=True), lambda p: {"zero": (p == 0.0).any()}),
    )
    zeros = {f"prior: {name}" for name in ("one-hot", "a zero", "zero")} | {"policy: zero"}
    meets_all(strategy, corners, never=zeros)


def test_weights_and_discounts_meet_their_corners():
    usual = (0.0, 0.5, 0.9, 0.99, 0.99999)
    strategy, corners = together(
        alpha=(strategies.temperatures(), size_of),
        beta=(strategies.opponent_weights(), lambda x: {"infinite": x == math.inf, **size_of(x)}),
        gamma=(strategies.discounts(), lambda x: {"other": x not in usual, **{str(y): x == y for y in usual}}),
    )
    meets_all(strategy, corners)


def test_the_tally_tells_a_poor_strategy():
    with pytest.raises(AssertionError, match=r"bounded.*ring"):
        meets_all(
            strategies.views(max_states=2),
            lambda v: {"bounded": np.abs(v.rewards).max() <= 1e6, "ring": is_ring(dense(v)), "alone": v.shape[2] == 1},
        )


# Everything drawn is valid


sizes = st.integers(1, 4)


@quick
@given(sizes, sizes, sizes, st.sampled_from([0.0, 1.0, 1e6, 1e300]), st.sampled_from([0.0, 0.5, 0.9999]), st.data())
def test_games_and_views_keep_to_their_bounds(states, actions, players, magnitude, top, data):
    matrix = data.draw(strategies.matrix_games(max_players=players, max_actions=actions, magnitude=magnitude))
    assert isinstance(matrix, MatrixGame)
    assert matrix.num_players <= players and max(matrix.num_actions) <= actions
    assert np.abs(matrix.payoffs).max() <= magnitude
    bounds = {"max_states": states, "max_actions": actions, "magnitude": magnitude, "max_discount": top}
    game = data.draw(strategies.stochastic_games(min_players=players, max_players=players, sparse=False, **bounds))
    assert isinstance(game, StochasticGame)
    assert game.num_players == players and max(game.num_actions) <= actions and game.num_states <= states
    view = data.draw(strategies.views(max_opponent_actions=players, sparse=True, **bounds))
    assert isinstance(view, View)
    assert all(size <= bound for size, bound in zip(view.shape, (states, actions, players), strict=True))
    assert hasattr(view.transitions, "toarray") and not hasattr(game.transitions, "toarray")
    for drawn, payoffs in ((game, game.payoffs), (view, view.rewards)):
        assert np.abs(payoffs).max() <= magnitude and 0.0 <= drawn.discount <= top
        assert drawn.terminal.shape == (dense(drawn).shape[0],)
        assert all(math.fsum(row) == 1.0 for row in dense(drawn).reshape(-1, dense(drawn).shape[-1]).tolist())
    assert math.fsum(game.initial.tolist()) == 1.0


@quick
@given(strategies.views(sparse=False), st.data())
def test_rows_are_distributions_of_the_right_shape(view, data):
    states, own, joint = view.shape
    prior = data.draw(strategies.priors(view))
    policy = data.draw(strategies.policies(view))
    model = data.draw(strategies.opponent_models(view, prior=prior))
    free = data.draw(strategies.opponent_models(view))
    assert prior.shape == model.shape == free.shape == (states, joint) and policy.shape == (states, own, joint)
    for rows in (prior, model, free, np.moveaxis(policy, 1, 2)):
        assert rows.dtype == np.float64 and rows.min() >= 0.0
        assert all(math.fsum(row) == 1.0 for row in rows.reshape(-1, rows.shape[-1]).tolist())
    assert not model[prior == 0.0].any()
    inside = data.draw(strategies.opponent_models(view, prior=prior, full_support=True))
    assert ((inside > 0.0) == (prior > 0.0)).all()
    for array in (prior, policy, model):
        assert array.flags.c_contiguous and array.flags.writeable


@quick
@given(st.data(), st.floats(0.0, 1e12), st.floats(0.0, 1e12))
def test_weights_keep_to_their_bounds(data, one, two):
    low, high = sorted((one, two))
    assert low <= data.draw(strategies.temperatures(min_value=low, max_value=high)) <= high
    assert low <= data.draw(strategies.opponent_weights(min_value=low, max_value=high)) <= high
    assert low <= data.draw(strategies.opponent_weights(min_value=low))
    assert data.draw(strategies.discounts(max_discount=one / 2e12)) <= one / 2e12


def test_bounds_may_meet():
    for alone in (0.0, 1e-300, 3.0, 1e300):
        assert smallest(strategies.temperatures(min_value=alone, max_value=alone), lambda x: True) == alone
    assert smallest(strategies.opponent_weights(min_value=math.inf), lambda x: True) == math.inf
    assert smallest(strategies.discounts(max_discount=0.0), lambda x: True) == 0.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: strategies.matrix_games(max_players=0), "max_players is 0"),
        (lambda: strategies.matrix_games(min_players=3, max_players=2), "max_players is 2, not >= 3"),
        (lambda: strategies.matrix_games(max_actions=1.5), "max_actions must be an integer"),
        (lambda: strategies.stochastic_games(max_states=-1), "max_states is -1"),
        (lambda: strategies.stochastic_games(max_discount=1.0), "max_discount is 1.0"),
        (lambda: strategies.views(max_opponent_actions=0), "max_opponent_actions is 0"),
        (lambda: strategies.views(magnitude=math.inf), "magnitude is inf"),
        (lambda: strategies.payoff_arrays((2, 2), magnitude=math.nan), "magnitude is nan"),
        (lambda: strategies.payoff_arrays((2, 0)), r"shape\[1\] is 0"),
        (lambda: strategies.distributions(0), "size is 0"),
        (lambda: strategies.priors(None), r"shape\[0\] must be an integer, not None"),
        (lambda: strategies.policies((3,)), r"must be a View or a shape \(..., A, B\)"),
        (lambda: strategies.opponent_models((1, 2), prior=[[1.0, 0.0, 0.0]]), r"prior must have shape \(1, 2\)"),
        (lambda: strategies.opponent_models((1, 2), prior=[[0.7, 0.7]]), "prior.*sums to 1.4"),
        (lambda: strategies.temperatures(min_value=-1.0), "min_value is -1.0"),
        (lambda: strategies.temperatures(max_value=math.inf), "max_value is inf"),
        (lambda: strategies.opponent_weights(min_value=2.0, max_value=1.0), "max_value is 1.0"),
        (lambda: strategies.discounts(max_discount=math.nan), "max_discount is nan"),
    ],
)
def test_bad_arguments_are_named_at_once(make, message):
    with pytest.raises(InputError, match=message):
        make()


# What fails shrinks


def test_games_shrink_to_one_of_everything():
    assert smallest(strategies.matrix_games(), lambda g: True) == MatrixGame([[0.0]])
    assert smallest(strategies.stochastic_games(), lambda g: True) == StochasticGame([[[0.0]]], [[[1.0]]], 0.0)


def test_games_shrink_to_what_matters():
    game = smallest(strategies.matrix_games(), lambda g: g.num_players == 2 and (g.payoffs[0] != g.payoffs[1]).any())
    assert game.num_actions == (1, 1) and sorted(np.abs(game.payoffs).ravel()) in ([0.0, 1.0], [1.0, 1.0])

    view = smallest(strategies.views(), lambda v: v.shape[2] > 1 and np.ptp(v.rewards[0], axis=1).max() > 3)
    assert view.shape == (1, 1, 2) and sorted(np.abs(view.rewards).ravel()) in ([0.0, 4.0], [0.0, 1e6])

    view = smallest(strategies.views(), lambda v: not stays(dense(v)).all())
    assert view.shape == (2, 1, 1) and set(np.unique(dense(view))) <= {0.0, 0.5, 1.0}
    assert not view.rewards.any() and view.discount == 0.0 and not view.terminal.any()

    game = smallest(strategies.stochastic_games(), lambda g: g.discount > 0.1 and g.terminal.any())
    assert game.payoffs.shape == (1, 1, 1) and game.discount == 0.5


def test_arrays_and_weights_shrink_to_simple_numbers():
    assert (smallest(strategies.distributions(4), lambda p: True) == 0.25).all()
    assert sorted(smallest(strategies.distributions(2), lambda p: p.min() == 0.0)) == [0.0, 1.0]
    assert set(smallest(strategies.distributions(3), lambda p: (p == 0.0).any())) <= {0.0, 0.5, 1.0}
    assert set(smallest(strategies.priors((2, 2)), lambda p: p.max() > 0.6).ravel()) == {0.0, 1.0}
    assert not smallest(strategies.payoff_arrays((2, 2)), lambda r: True).any()
    assert smallest(strategies.temperatures(), lambda x: True) == 1.0
    assert smallest(strategies.opponent_weights(), lambda x: x != 1.0) in (0.0, 0.5, 2.0)
    assert smallest(strategies.opponent_weights(), lambda x: x > 1e13) == math.inf
    assert smallest(strategies.discounts(), lambda x: x > 0.0) == 0.5
