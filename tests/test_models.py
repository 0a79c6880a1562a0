"""The models of games: what constructors refuse, what they keep, and what an agent sees."""

from __future__ import annotations

import copy
import math
import warnings
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from rommeo_exact.errors import InputError, UnknownNameError
from rommeo_exact.games.models import MatrixGame, StochasticGame, View

SIZES = [(3,), (2, 3), (3, 1, 2), (2, 3, 1, 2)]
FORMATS = ["csr", "csc", "coo", "bsr", "dok", "lil"]


def stochastic(sizes, *, states=3, kind=None, seed=0, **options):
    """A random stochastic game; `kind` is a sparse format or None."""
    rng = np.random.default_rng(seed)
    chances = rng.random((states, *sizes, states)) * (rng.random((states, *sizes, states)) < 0.7)
    chances[..., 0] += 0.1
    chances /= chances.sum(-1, keepdims=True)
    if kind is not None:
        chances = sparse.csr_array(chances.reshape(-1, states)).asformat(kind)
    return StochasticGame(rng.normal(size=(len(sizes), states, *sizes)), chances, 0.9, **options)


def dense(transitions, shape):
    return (transitions.toarray() if sparse.issparse(transitions) else transitions).reshape(shape)


# What is refused ------------------------------------------------------------------------------------------------------

PAYOFFS = np.arange(12.0).reshape(2, 2, 3)
REWARDS = np.zeros((2, 2, 3))
CHANCES = np.full((2, 2, 3, 2), 0.5)


def edited(array, index, value):
    array = np.array(array)
    array[index] = value
    return array


def stochastic_with(**changes):
    arguments = {"payoffs": np.zeros((2, 2, 2, 3)), "transitions": CHANCES, "discount": 0.9, **changes}
    return StochasticGame(**arguments)


def view_with(**changes):
    return View(**{"rewards": REWARDS, "transitions": CHANCES, "discount": 0.9, **changes})


def rows(index=None, value=None, columns=2, kind="csr", count=12):
    matrix = np.zeros((count, columns))
    matrix[:, 0] = 1.0
    if index is not None:
        matrix[index] = value
    return sparse.csr_array(matrix).asformat(kind)


def outside(kind):
    """A compressed matrix with an index outside its shape, which SciPy builds without a word."""
    make = {"csr": sparse.csr_array, "csc": sparse.csc_array}[kind]
    major, minor = (12, 2) if kind == "csr" else (2, 12)
    return make((np.ones(major), np.full(major, minor + 5), np.arange(major + 1)), shape=(12, 2))


REFUSED = [
    (lambda: MatrixGame(edited(PAYOFFS, (1, 0, 2), math.nan)), r"payoffs\[player=1, a=\(0, 2\)\] is nan"),
    (lambda: MatrixGame(edited(PAYOFFS, (0, 1, 1), math.inf)), r"payoffs\[player=0, a=\(1, 1\)\] is inf"),
    (lambda: MatrixGame([[[1, 2], [3, 4]], [[1, 2], [3]]]), r"payoffs\[1, 1\] has shape \(1,\), .*\[1, 0\] has \(2,\)"),
    (lambda: MatrixGame([[1, 2], 3]), r"payoffs\[1\] has shape \(\), .*\[0\] has \(2,\)"),
    (lambda: MatrixGame([[1, 2], np.zeros(3)]), r"payoffs\[1\] has shape \(3,\), .*\[0\] has \(2,\)"),
    (lambda: MatrixGame([[[1, 2], [3, None]]] * 2), r"payoffs\[0, 1, 1\] is None, not a real number"),
    (lambda: MatrixGame([[[1, 2], [3, "4"]]] * 2), r"payoffs\[0, 1, 1\] is '4', not a real number"),
    (lambda: MatrixGame(np.array([[1, "4"]], dtype=object)), r"payoffs\[0, 1\] is '4', not a real number"),
    (lambda: MatrixGame([[1, 2j]]), r"payoffs\[0, 1\] is 2j, not a real number"),
    (lambda: MatrixGame([[1, 10**400]]), "payoffs"),
    (lambda: MatrixGame([[np.longdouble("1e300") ** 4]]), r"payoffs\[player=0, a=\(0,\)\] is inf"),
    (lambda: MatrixGame(np.ma.array(PAYOFFS, mask=PAYOFFS == 8)), r"payoffs\[1, 0, 2\] is masked"),
    (lambda: MatrixGame([[1, np.ma.masked]]), r"payoffs\[0, 1\] is masked"),
    (lambda: MatrixGame(np.zeros((2, 2, 2), dtype=complex)), "payoffs must hold real numbers, not complex128"),
    (lambda: MatrixGame(np.zeros((2, 2, 2), dtype="datetime64[s]")), "payoffs must hold real numbers, not datetime64"),
    (lambda: MatrixGame("game"), "payoffs is 'game', not a real number"),
    (lambda: MatrixGame(None), "payoffs is None, not a real number"),
    (lambda: MatrixGame(PAYOFFS[0]), r"payoffs must have shape \(n, A_1, ..., A_n\), not \(2, 3\)"),
    (lambda: MatrixGame(np.zeros((3, 2, 2))), r"not \(3, 2, 2\)"),
    (lambda: MatrixGame(np.zeros((2, 2, 0))), r"shape \(2, 2, 0\): no actions of a player"),
    (lambda: MatrixGame(np.zeros(0)), r"not \(0,\)"),
    (lambda: MatrixGame(np.zeros((1,) * 33)), "33 axes"),
    (lambda: MatrixGame(sparse.eye_array(2)), "payoffs must be a dense array"),
    (lambda: MatrixGame(PAYOFFS, players=["a"]), "players has 1 labels for 2"),
    (lambda: MatrixGame(PAYOFFS, players=["a", "a"]), "players has the label 'a' twice"),
    (lambda: MatrixGame(PAYOFFS, players="ab"), "players must be a sequence of labels"),
    (lambda: MatrixGame(PAYOFFS, actions=[["a", "b"]]), "actions has labels for 1 players, the game has 2"),
    (lambda: MatrixGame(PAYOFFS, actions=[["a", "b"], ["c"]]), r"actions\[player=1\] has 1 labels for 3"),
    (lambda: MatrixGame(PAYOFFS, actions=[["a"] * 2, ["c", "d", "e"]]), r"actions\[player=0\] has the label 'a' twice"),
    (lambda: MatrixGame(PAYOFFS, actions=2), "actions must be a sequence"),
    (lambda: MatrixGame.common_payoff(3.0), r"must have shape"),
    (lambda: MatrixGame.common_payoff(np.zeros((1,) * 64)), "axes"),
    (lambda: MatrixGame.bimatrix([[1, 2]], [[1], [2]]), r"column must have shape \(1, 2\), not \(2, 1\)"),
    (lambda: MatrixGame.bimatrix([1, 2], [1, 2]), r"row must have 2 axes, not shape \(2,\)"),
    (lambda: MatrixGame(PAYOFFS).view(2), r"agent is 2, not in \[0, 2\)"),
    (lambda: MatrixGame(PAYOFFS).view(-1), r"agent is -1"),
    (lambda: MatrixGame(PAYOFFS).view(0.0), "agent must be an integer"),
    (lambda: MatrixGame(PAYOFFS, players=["ann", "ben"]).view("bea"), "unknown player 'bea'; did you mean ben"),
    (lambda: MatrixGame(PAYOFFS).view(0, discount=1.0), r"discount is 1.0, not in \[0, 1\)"),
    (lambda: stochastic_with(payoffs=np.zeros((2, 2, 2))), r"shape \(n, S, A_1, ..., A_n\), not \(2, 2, 2\)"),
    (lambda: stochastic_with(payoffs=np.zeros((2, 0, 2, 3))), "no states"),
    (lambda: stochastic_with(payoffs=edited(np.zeros((2, 2, 2, 3)), (1, 1, 0, 2), -math.inf)),
     r"payoffs\[player=1, s=1, a=\(0, 2\)\] is -inf"),
    (lambda: stochastic_with(transitions=edited(CHANCES, (1, 0, 1, 1), 0.6)),
     r"transitions\[s=1, a=\(0, 1\)\] sums to 1.1, not to 1"),
    (lambda: stochastic_with(transitions=edited(CHANCES, (1, 0, 1), [1.5, -0.5])),
     r"transitions\[s=1, a=\(0, 1\), s'=1\] is -0.5, a negative probability"),
    (lambda: stochastic_with(transitions=edited(CHANCES, (1, 0, 1, 0), math.nan)),
     r"transitions\[s=1, a=\(0, 1\), s'=0\] is nan"),
    (lambda: stochastic_with(transitions=np.full_like(CHANCES, 1e308)), r"transitions\[s=0, a=\(0, 0\)\] sums to inf"),
    (lambda: stochastic_with(transitions=CHANCES[..., :1]), r"must have shape \(2, 2, 3, 2\), not \(2, 2, 3, 1\)"),
    (lambda: stochastic_with(transitions=[[1.0], [0.5, 0.5]]), r"transitions\[1\] has shape \(2,\)"),
    (lambda: stochastic_with(transitions=rows(columns=3)), r"transitions must have 2 columns, not shape \(12, 3\)"),
    (lambda: stochastic_with(transitions=rows(count=11)), "transitions must have 12 rows.*not 11"),
    (lambda: stochastic_with(transitions=rows((7, 1), 0.1)), r"transitions\[s=1, a=\(0, 1\)\] sums to 1.1"),
    (lambda: stochastic_with(transitions=rows(7, [1.5, -0.5], kind="coo")),
     r"transitions\[s=1, a=\(0, 1\)\] has the entry -0.5 at s'=1"),
    (lambda: stochastic_with(transitions=rows((7, 1), math.nan, kind="csc")),
     r"transitions\[s=1, a=\(0, 1\)\] has the entry nan at s'=1"),
    (lambda: stochastic_with(transitions=rows().astype(complex)), "transitions must hold real numbers, not complex128"),
    (lambda: stochastic_with(transitions=sparse.coo_array(np.ones(12))), "transitions must have 2 columns"),
    (lambda: stochastic_with(transitions=outside("csr")), "transitions is not a valid sparse matrix"),
    (lambda: stochastic_with(transitions=outside("csc")), "transitions is not a valid sparse matrix"),
    (lambda: stochastic_with(discount=1.0), r"discount is 1.0, not in \[0, 1\)"),
    (lambda: stochastic_with(discount=-0.1), "discount is -0.1"),
    (lambda: stochastic_with(discount=math.nan), "discount is nan"),
    (lambda: stochastic_with(discount="0.9"), "discount must be a number, not '0.9'"),
    (lambda: stochastic_with(discount=[0.9]), r"discount must be a number, not \[0.9\]"),
    (lambda: stochastic_with(discount=np.array([0.9])), "discount must be a number"),
    (lambda: stochastic_with(discount=np.complex128(0.9)), "discount must be a number"),
    (lambda: stochastic_with(discount=10**400), "discount must be a number"),
    (lambda: stochastic_with(terminal=[0, 2]), r"terminal\[1\] is 2, not in \[0, 2\)"),
    (lambda: stochastic_with(terminal=[-1]), r"terminal\[0\] is -1"),
    (lambda: stochastic_with(terminal=[True]), r"terminal must have shape \(2,\), not \(1,\)"),
    (lambda: stochastic_with(terminal=[0.0]), "terminal must be a bool array"),
    (lambda: stochastic_with(terminal=1), "terminal must be a bool array"),
    (lambda: stochastic_with(terminal=[[0], [0, 1]]), r"terminal\[1\] has shape \(2,\)"),
    (lambda: stochastic_with(terminal=np.ma.array([True, False], mask=[False, True])), r"terminal\[1\] is masked"),
    (lambda: stochastic_with(initial=[0.5, 0.6]), "initial sums to 1.1"),
    (lambda: stochastic_with(initial=[1.5, -0.5]), r"initial\[s=1\] is -0.5, a negative probability"),
    (lambda: stochastic_with(initial=[1.0]), r"initial must have shape \(2,\)"),
    (lambda: stochastic_with(states=["a"]), "states has 1 labels for 2"),
    (lambda: view_with(rewards=REWARDS[0]), "rewards must have 3 axes"),
    (lambda: view_with(rewards=edited(REWARDS, (1, 0, 2), math.nan)), r"rewards\[s=1, a=0, b=2\] is nan"),
    (lambda: view_with(rewards=np.zeros((2, 2, 0))), "no opponents' actions"),
    (lambda: view_with(transitions=edited(CHANCES, (1, 0, 1, 1), 0.6)), r"transitions\[s=1, a=0, b=1\] sums to 1.1"),
    (lambda: view_with(transitions=edited(CHANCES, (0, 1, 2, 0), math.inf)),
     r"transitions\[s=0, a=1, b=2, s'=0\] is inf"),
    (lambda: view_with(transitions=rows((7, 1), 0.1)), r"transitions\[s=1, a=0, b=1\] sums to 1.1"),
    (lambda: view_with(opponent_actions=["x"]), "opponent_actions has 1 labels for 3"),
    (lambda: view_with().with_discount(2), r"discount is 2.0, not in \[0, 1\]"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "message"), REFUSED)
def test_a_fault_is_refused_and_placed(build, message):
    with pytest.raises(InputError, match=message):
        build()


def test_the_same_arguments_without_the_fault_are_accepted():
    stochastic_with(transitions=rows(7, [0.0, 1.0], kind="csc"), terminal=[1], initial=[1, 0], states=["x", "y"])
    view_with(opponent_actions=["x", "y", "z"], transitions=rows(), terminal=[False, True])
    MatrixGame(PAYOFFS, players=["Ann", "Ben"], actions=[["u", "d"], ["l", "m", "r"]])
    MatrixGame([[Fraction(1, 2), Decimal("0.25")]])


def test_an_unknown_player_is_an_unknown_name():
    with pytest.raises(UnknownNameError):
        MatrixGame(PAYOFFS).view("3")


def test_rows_may_be_off_by_rounding_only():
    stochastic_with(transitions=edited(CHANCES, (1, 0, 1, 1), 0.5 + 9e-9))
    with pytest.raises(InputError):
        stochastic_with(transitions=edited(CHANCES, (1, 0, 1, 1), 0.5 + 2e-8))


# What is kept ---------------------------------------------------------------------------------------------------------


def arrays_of(thing):
    found = {}
    for name, value in vars(thing).items():
        if isinstance(value, np.ndarray):
            found[name] = value
        elif sparse.issparse(value):
            found |= {f"{name}.{part}": getattr(value, part) for part in ("data", "indices", "indptr")}
    return found


@pytest.mark.parametrize("kind", [None, *FORMATS])
def test_arguments_are_neither_shared_nor_changed(kind):
    payoffs, initial, terminal = np.ones((2, 2, 2, 3)), np.array([0.25, 0.75]), np.array([False, True])
    transitions = CHANCES.copy() if kind is None else sparse.csr_array(CHANCES.reshape(12, 2)).asformat(kind)
    given = [payoffs, transitions, initial, terminal]
    before = copy.deepcopy(given)
    game = StochasticGame(payoffs, transitions, 0.5, terminal, initial)
    for now, then in zip(given, before, strict=True):
        assert type(now) is type(then)
        assert now.dtype == then.dtype
        np.testing.assert_array_equal(dense(now, now.shape), dense(then, then.shape))
        if isinstance(now, np.ndarray):
            assert now.flags.writeable
            assert not any(np.shares_memory(now, mine) for mine in arrays_of(game).values())
    payoffs[:], initial[:], terminal[:] = 7.0, 0.5, True
    if kind in (None, "csr", "csc", "bsr", "coo"):
        (transitions if kind is None else transitions.data)[...] = 7.0
    assert game == StochasticGame(before[0], before[1], 0.5, before[3], before[2])


def test_an_unsorted_sparse_argument_with_duplicates_is_left_as_it_is():
    data, indices, pointers = np.full(36, 1 / 3), np.tile([1, 0, 1], 12), np.arange(0, 37, 3)
    matrix = sparse.csr_array((data, indices, pointers), shape=(12, 2))
    game = stochastic_with(transitions=matrix)
    assert matrix.nnz == 36
    np.testing.assert_array_equal(matrix.indices, np.tile([1, 0, 1], 12))
    np.testing.assert_array_equal(game.transitions.indices, np.tile([0, 1], 12))
    np.testing.assert_allclose(game.transitions.toarray(), np.tile([1 / 3, 2 / 3], (12, 1)), rtol=1e-15)


@pytest.mark.parametrize("kind", [None, "csr"])
def test_arrays_are_read_only(kind):
    game = stochastic((2, 3), kind=kind)
    for thing in (game, game.view(0), game.view(1), MatrixGame(PAYOFFS), MatrixGame(PAYOFFS).view(1)):
        arrays = arrays_of(thing)
        assert arrays
        for array in arrays.values():
            assert not array.flags.writeable
    with pytest.raises(AttributeError, match="read-only"):
        game.discount = 0.5
    with pytest.raises(AttributeError):
        game.view(0).discount = 0.5


def test_wide_indices_of_a_sparse_matrix_are_narrowed():
    wide = rows()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    game = stochastic_with(transitions=wide)
    assert game.transitions.indices.dtype == game.transitions.indptr.dtype == np.int32
    assert wide.indices.dtype == np.int64


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, np.float32, np.longdouble, object])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_real_dtype_and_memory_order_gives_the_same_game(dtype, order):
    payoffs = np.array(np.arange(12).reshape(2, 2, 3) % 2, dtype=dtype, order=order)
    game = MatrixGame(payoffs)
    assert game == MatrixGame((np.arange(12.0) % 2).reshape(2, 2, 3).tolist())
    assert game.payoffs.dtype == np.float64
    assert game.payoffs.flags.c_contiguous


def test_terminal_states_by_mask_and_by_index():
    by_mask, by_index = stochastic((2, 2), terminal=[False, True, False]), stochastic((2, 2), terminal=[1, 1])
    assert by_mask == by_index
    np.testing.assert_array_equal(by_mask.initial, [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(stochastic((2, 2), terminal=[]).initial, np.full(3, 1 / 3))
    np.testing.assert_array_equal(stochastic((2, 2), terminal=[0, 1, 2]).initial, np.full(3, 1 / 3))


# What an agent sees ---------------------------------------------------------------------------------------------------


def shows(view, game, agent):
    """Whether the view is the game through the agent's eyes, entry by entry and profile by profile."""
    states = game.num_states if isinstance(game, StochasticGame) else 1
    others = [range(size) for j, size in enumerate(game.num_actions) if j != agent]
    joint = {profile: b for b, profile in enumerate(product(*others))}
    if view.shape != (states, game.num_actions[agent], len(joint)):
        return False
    payoffs = game.payoffs.reshape(len(game.num_actions), states, *game.num_actions)
    given = np.ones((1, *game.num_actions, 1)) if states == 1 else game.transitions
    chances = dense(given, (states, *game.num_actions, states))
    seen = dense(view.transitions, (*view.shape, states))
    return all(
        view.rewards[s, profile[agent], joint[profile[:agent] + profile[agent + 1 :]]] == payoffs[agent, s, *profile]
        and (seen[s, profile[agent], joint[profile[:agent] + profile[agent + 1 :]]] == chances[s, *profile]).all()
        for s in range(states)
        for profile in product(*map(range, game.num_actions))
    )


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("kind", [None, *FORMATS])
def test_views_of_stochastic_games(sizes, kind):
    game = stochastic(sizes, kind=kind, terminal=[2])
    for agent in range(len(sizes)):
        view = game.view(agent)
        assert shows(view, game, agent)
        assert sparse.issparse(view.transitions) == (kind is not None)
        assert view.discount == 0.9
        assert game.view(agent, discount=0.25).discount == 0.25
        np.testing.assert_array_equal(view.terminal, game.terminal)


@pytest.mark.parametrize("sizes", SIZES)
def test_views_of_matrix_games(sizes):
    game = MatrixGame(np.random.default_rng(1).normal(size=(len(sizes), *sizes)))
    for agent in range(len(sizes)):
        assert shows(game.view(agent), game, agent)
        assert game.view(agent).discount == 0.0
        assert game.view(agent, 0.5).discount == 0.5


def test_the_check_of_views_rejects_wrong_views():
    sizes = (2, 2, 2)
    game = stochastic(sizes)
    right = game.view(1)
    swapped = [0, 2, 1, 3]  # the opponents' profiles with the first opponent changing fastest
    planted = {
        "another agent's rewards": View(game.view(0).rewards, right.transitions, 0.9),
        "another agent's transitions": View(right.rewards, game.view(0).transitions, 0.9),
        "own and other axes transposed": View(
            right.rewards[:, :, :2].swapaxes(1, 2), right.transitions[:, :, :2].swapaxes(1, 2), 0.9
        ),
        "Fortran order": View(right.rewards[:, :, swapped], right.transitions[:, :, swapped], 0.9),
        "Fortran order of rewards alone": View(right.rewards[:, :, swapped], right.transitions, 0.9),
    }
    assert shows(right, game, 1)
    for name, view in planted.items():
        assert not shows(view, game, 1), name


def test_labels_of_views_follow_the_arrays():
    game = stochastic((2, 3, 2), actions=[["a", "b"], ["c", "d", "e"], ["f", "g"]], players=["x", "y", "z"])
    assert game.view("y").actions == ("c", "d", "e")
    assert game.view("y").opponent_actions == ("a,f", "a,g", "b,f", "b,g")
    assert game.view(1).opponent_actions == game.opponent_actions("y")
    assert stochastic((2,)).view(0).opponent_actions == ("-",)


@pytest.mark.parametrize("kind", [None, "csr"])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_permuting_players_permutes_views(order, kind):
    """Player j of the permuted game is player order[j]; what it sees is what that one saw, opponents reordered."""
    sizes = (2, 3, 4)
    game = stochastic(sizes, kind=kind)
    axes = [1 + player for player in order]
    chances = dense(game.transitions, (3, *sizes, 3)).transpose(0, *axes, 4)
    if kind is not None:
        chances = sparse.csr_array(chances.reshape(-1, 3))
    permuted = StochasticGame(game.payoffs[list(order)].transpose(0, 1, *[1 + a for a in axes]), chances, 0.9)
    for j, player in enumerate(order):
        others, theirs = [p for p in order if p != player], [p for p in range(3) if p != player]
        size = math.prod(sizes[p] for p in others)
        moved = np.arange(size).reshape([sizes[p] for p in theirs])
        moved = moved.transpose([theirs.index(p) for p in others]).ravel()
        old, new = game.view(player), permuted.view(j)
        np.testing.assert_array_equal(new.rewards, old.rewards[:, :, moved])
        np.testing.assert_array_equal(
            dense(new.transitions, (*new.shape, 3)), dense(old.transitions, (*old.shape, 3))[:, :, moved]
        )


def test_common_payoff_and_bimatrix():
    shared = np.random.default_rng(2).normal(size=(2, 3, 4))
    game = MatrixGame.common_payoff(shared, name="team")
    assert game.num_actions == (2, 3, 4)
    assert all((game.payoffs[i] == shared).all() for i in range(3))
    row, column = shared[0], shared[1]
    two = MatrixGame.bimatrix(row, column, players=["r", "c"])
    for i, j in product(range(3), range(4)):
        assert two.view("r").rewards[0, i, j] == row[i, j]
        assert two.view("c").rewards[0, j, i] == column[i, j]


def test_equality_is_of_every_field_bit_for_bit():
    game = stochastic((2, 2), terminal=[1], initial=[1, 0, 0], name="g")
    fields = {
        "payoffs": game.payoffs, "transitions": game.transitions, "discount": 0.9, "terminal": [1],
        "initial": [1, 0, 0], "name": "g",
    }  # fmt: skip
    assert StochasticGame(**fields) == game
    flipped = np.array(game.transitions[..., ::-1])
    changes = {
        "payoffs": edited(game.payoffs, (0, 0, 0, 0), np.nextafter(game.payoffs[0, 0, 0, 0], 9)), "discount": 0.8,
        "transitions": flipped, "terminal": [2], "initial": [0, 1, 0], "name": None, "players": ["x", "y"],
        "actions": [["x", "y"]] * 2, "states": ["x", "y", "z"],
    }  # fmt: skip
    for name, value in changes.items():
        assert StochasticGame(**{**fields, name: value}) != game, name
    as_rows = sparse.csr_array(np.array(game.transitions).reshape(-1, 3))
    assert StochasticGame(**{**fields, "transitions": as_rows}) != game
    assert stochastic((2, 2), kind="csr") == stochastic((2, 2), kind="coo")
    assert stochastic((2, 2), kind="csr") != stochastic((2, 2), kind="csr", seed=1)
    assert MatrixGame([[0.0, 1.0]]) != MatrixGame([[-0.0, 1.0]])
    assert MatrixGame([[0.0, 1.0]]) != "game"
    assert MatrixGame(PAYOFFS[:, None].repeat(2, 1)[:, 0]) == MatrixGame(PAYOFFS)
    with pytest.raises(TypeError):
        hash(game)


# Anything at all ------------------------------------------------------------------------------------------------------

ODD = [
    None, "", "1", b"1", 10**400, -(10**25), 1j, Fraction(1, 3), Decimal("0.5"), Decimal("sNaN"), object(), {}, {1: 2},
    set(), range(2), Ellipsis, True, np.float16(0.5), np.float32(1e38), np.longdouble("1e300") ** 4, np.complex128(1),
    np.datetime64("2020-01-01"), np.timedelta64(3, "s"), np.ma.masked, np.str_("x"), np.array(1.5), np.array([]),
    np.array([None, 1]), np.array(10**400, dtype=object), np.zeros(2, dtype=[("x", float)]), np.bool_(True), 1e308,
    np.matrix([[1.0, 2.0]]), iter([1]), math.nan, -math.inf, bytearray(b"ab"), memoryview(b"ab"), slice(1), len,
]  # fmt: skip
DTYPES = ["f2", "f4", "f8", "g", "i1", "u8", "?", "c8", "M8[s]", "m8[s]", "U2", "S2"]

leaves = st.one_of(st.sampled_from(ODD), st.integers(-2, 2), st.floats(width=32), st.floats(0, 1), st.booleans())
nests = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner), max_leaves=8)
shapes = hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=2)
arrays = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
objects = hnp.arrays(object, shapes, elements=leaves)
masked = st.builds(lambda a, hidden: np.ma.array(a, mask=hidden), hnp.arrays(float, shapes), st.booleans())


@st.composite
def near(draw, array):
    """The array, or with one entry, one axis or its type spoilt."""
    array = np.array(array)
    how = draw(st.sampled_from(["whole"] * 6 + ["entry", "axis", "dtype", "list", "order"]))
    if how == "entry":
        array = array.astype(object)
        array[draw(st.sampled_from(list(np.ndindex(array.shape))))] = draw(leaves)
    elif how == "axis":
        array = np.delete(array, 0, draw(st.integers(0, array.ndim - 1)))
    elif how == "dtype":
        array = array.astype(draw(st.sampled_from(DTYPES)))
    elif how == "order":
        array = np.asfortranarray(array)
    return array.tolist() if how == "list" else array


@st.composite
def sparse_matrices(draw):
    dtype = draw(st.sampled_from(["f8", "f4", "i4", "?", "g", "c16"]))
    matrix = np.zeros(draw(st.sampled_from([(8, 2)] * 6 + [(8, 3), (7, 2), (0, 2), (8, 0)])))
    matrix[:, :1] = draw(st.sampled_from([1.0] * 6 + [0.5, -1.0, math.nan, 1e308]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array = sparse.coo_array(matrix.astype(dtype)).asformat(draw(st.sampled_from([*FORMATS, "dia"])))
    if array.format in ("csr", "csc") and array.nnz and draw(st.integers(0, 9)) == 0:
        array.indices[-1] = draw(st.sampled_from([-1, 10**6]))
    return array


def mostly(usual, *others):
    """`usual`, except in about one draw of eight."""
    return st.integers(0, 7).flatmap(lambda die: st.one_of(nests, *others) if die == 0 else usual)


names = mostly(st.none() | st.just(["x", "y"]), st.just(["x", "x"]))
labelled = mostly(st.none() | st.just([["x", "y"]] * 2), st.sampled_from([[["x", "y"], ["z"]], "xy"]))
discounts = mostly(st.sampled_from([0, 0.5, -0.0, np.float32(0.5), Fraction(1, 2), np.array(0.5)]), st.floats(-1, 2))
ends = mostly(
    st.none() | st.sampled_from([[0], [True, False], [], (1, 1), np.array([1], "u8")]), st.sampled_from([[2], [[0]]])
)
starts = mostly(st.none() | near([0.25, 0.75]))
anything = [arrays, objects, masked, nests]
dense_or_sparse = [near(np.full((2, 2, 2, 2), 0.5)), sparse_matrices()]

CALLS = {
    "matrix": (MatrixGame, {
        "payoffs": mostly(near(np.ones((2, 2, 2))), *anything, sparse_matrices()), "players": names,
        "actions": labelled, "name": nests,
    }),
    "common": (lambda payoffs, **names: MatrixGame.common_payoff(payoffs, **names), {
        "payoffs": mostly(near(np.ones((2, 2))), *anything), "players": names, "actions": labelled,
    }),
    "bimatrix": (lambda row, column: MatrixGame.bimatrix(row, column), {
        "row": mostly(near(np.eye(2)), *anything), "column": mostly(near(np.eye(2)), *anything),
    }),
    "stochastic": (StochasticGame, {
        "payoffs": mostly(near(np.ones((2, 2, 2, 2))), *anything), "discount": discounts, "terminal": ends,
        "transitions": mostly(st.one_of(dense_or_sparse), *anything), "initial": starts, "players": names,
        "actions": labelled, "states": names,
    }),
    "view": (View, {
        "rewards": mostly(near(np.ones((2, 2, 2))), *anything), "discount": discounts, "terminal": ends,
        "transitions": mostly(st.one_of(dense_or_sparse), *anything), "actions": names, "opponent_actions": names,
    }),
}  # fmt: skip


def sound(thing):
    """Whether every promise of the models holds."""
    arrays = arrays_of(thing)
    floats = [array for array in arrays.values() if array.dtype.kind == "f"]
    fine = all(not array.flags.writeable for array in arrays.values())
    fine &= all(array.dtype == np.float64 and np.isfinite(array).all() for array in floats)
    if isinstance(thing, MatrixGame):
        return fine and thing.payoffs.shape == (thing.num_players, *thing.num_actions) == (
            len(thing.players), *map(len, thing.actions),
        )  # fmt: skip
    shape = thing.rewards.shape if isinstance(thing, View) else thing.payoffs.shape[1:]
    chances = dense(thing.transitions, (*shape, shape[0]))
    fine &= thing.terminal.shape == shape[:1] and thing.terminal.dtype == bool
    fine &= bool((chances >= 0).all()) and bool((abs(chances.sum(-1) - 1) < 1e-7).all())
    return fine and 0 <= thing.discount < 1


@pytest.mark.parametrize("name", CALLS)
def test_anything_ends_in_a_sound_game_or_in_an_input_error(name):
    build, arguments = CALLS[name]
    ends = Counter()

    @settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.fixed_dictionaries(arguments))
    def feed(arguments):
        before = repr(arguments)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                thing = build(**arguments)
            except InputError:
                ends["refused"] += 1
            else:
                assert sound(thing)
                ends["accepted"] += 1
        assert repr(arguments) == before

    feed()
    assert ends["refused"] > 30, ends
    assert ends["accepted"] > 30, ends
