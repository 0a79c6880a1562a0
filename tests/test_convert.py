"""Conversions: the other library sees the same payoffs, and they come back bit for bit."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from scipy import sparse

from rommeo_exact.errors import InputError
from rommeo_exact.games.convert import (
    from_nashpy,
    from_pygambit,
    from_quantecon,
    to_nashpy,
    to_pygambit,
    to_quantecon,
    view_to_discrete_dp,
)
from rommeo_exact.games.models import MatrixGame, StochasticGame, View

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def nashpy():
    return pytest.importorskip("nashpy")


@pytest.fixture(scope="module")
def game_theory():
    return pytest.importorskip("quantecon.game_theory")


@pytest.fixture(scope="module")
def markov():
    return pytest.importorskip("quantecon.markov")


@pytest.fixture(scope="module")
def gambit():
    return pytest.importorskip("pygambit")


@st.composite
def matrix_games(draw: st.DrawFn, players: st.SearchStrategy[int]) -> MatrixGame:
    sizes = draw(players.flatmap(lambda n: st.lists(st.integers(1, 3), min_size=n, max_size=n)))
    count = len(sizes) * math.prod(sizes)
    return MatrixGame(np.reshape(draw(st.lists(FLOATS, min_size=count, max_size=count)), (len(sizes), *sizes)))


def counting(*sizes):
    """A game whose payoffs are all different, so that no exchange of axes goes unseen."""
    return MatrixGame(np.arange(float(len(sizes) * math.prod(sizes))).reshape(len(sizes), *sizes))


# nashpy


@CALM
@given(game=matrix_games(st.just(2)))
def test_nashpy_round_trip(nashpy, game):
    assert from_nashpy(to_nashpy(game)) == game


def test_nashpy_sees_the_same_payoffs(nashpy):
    game = counting(2, 3)
    theirs = to_nashpy(game)
    for row, column in product(range(2), range(3)):
        utilities = theirs[np.eye(2)[row], np.eye(3)[column]]
        assert utilities.tolist() == game.payoffs[:, row, column].tolist()
    theirs.payoff_matrices[0][0, 0] = 99.0
    assert game.payoffs[0, 0, 0] == 0.0


def test_nashpy_zero_sum_games_and_integers(nashpy):
    game = from_nashpy(nashpy.Game([[0, 1, -1]]))
    assert game.payoffs.tolist() == [[[0.0, 1.0, -1.0]], [[0.0, -1.0, 1.0]]]
    assert game.payoffs.dtype == np.float64


def test_nashpy_holds_two_players(nashpy):
    with pytest.raises(InputError, match="games of two players, not of 3"):
        to_nashpy(counting(2, 2, 2))


# quantecon


@CALM
@given(game=matrix_games(st.integers(1, 3)))
def test_quantecon_round_trip(game_theory, game):
    assert from_quantecon(to_quantecon(game)) == game


def quantecon_sees(theirs, game):
    return all(
        np.array_equal(np.atleast_1d(theirs[profile if len(profile) > 1 else profile[0]]), game.payoffs[:, *profile])
        for profile in product(*map(range, game.num_actions))
    )


@pytest.mark.parametrize("sizes", [(4,), (2, 3), (2, 3, 4), (3, 1, 2, 2)])
def test_quantecon_sees_the_same_payoffs(game_theory, sizes):
    game = counting(*sizes)
    assert quantecon_sees(to_quantecon(game), game)


def test_quantecon_tells_a_wrong_order_of_axes(game_theory):
    game = counting(2, 2, 2)

    def converted(axes):
        players = [game_theory.Player(np.transpose(game.payoffs[i], axes(i))) for i in range(3)]
        return game_theory.NormalFormGame(players)

    assert quantecon_sees(converted(lambda i: [(i + k) % 3 for k in range(3)]), game)
    assert not quantecon_sees(converted(lambda i: range(3)), game)
    assert not quantecon_sees(converted(lambda i: [i, *(j for j in range(3) if j != i)]), game)


def test_quantecon_games_come_back_the_right_way_round(game_theory):
    theirs = game_theory.NormalFormGame([game_theory.Player(np.arange(24).reshape(2, 3, 4)),
                                         game_theory.Player(np.arange(24).reshape(3, 4, 2)),
                                         game_theory.Player(np.arange(24).reshape(4, 2, 3))])  # fmt: skip
    game = from_quantecon(theirs)
    assert quantecon_sees(theirs, game)
    assert game.payoffs[1, 1, 2, 3] == np.arange(24).reshape(3, 4, 2)[2, 3, 1]


# quantecon's DiscreteDP


def stochastic_view(states=4, sparse_rows=False, discount=0.9, terminal=None, agent=1, seed=0):
    rng = np.random.default_rng(seed)
    sizes = (2, 3, 2)
    rows = rng.random((states * math.prod(sizes), states)) ** 4
    rows /= rows.sum(axis=1, keepdims=True)
    payoffs = rng.normal(size=(3, states, *sizes))
    transitions = sparse.csr_array(rows) if sparse_rows else rows.reshape(states, *sizes, states)
    return StochasticGame(payoffs, transitions, discount, terminal).view(agent)


def best_joint_value(view):
    """max over a and b, by value iteration until nothing moves; terminal states are worth 0."""
    states = view.shape[0]
    dense = view.transitions.toarray() if sparse.issparse(view.transitions) else view.transitions
    rows = dense.reshape(*view.shape, states)
    value = np.zeros(states)
    for _ in range(2000):
        value = np.where(view.terminal, 0.0, (view.rewards + view.discount * rows @ value).max(axis=(1, 2)))
    return value


@pytest.mark.parametrize("sparse_rows", [False, True])
@pytest.mark.parametrize("terminal", [None, [0, 2], [0, 1, 2, 3]])
@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_discrete_dp_has_the_best_joint_value(markov, sparse_rows, terminal, discount):
    view = stochastic_view(sparse_rows=sparse_rows, terminal=terminal, discount=discount)
    process = view_to_discrete_dp(view)
    solved = process.solve(method="policy_iteration")
    assert np.abs(solved.v - best_joint_value(view)).max() < 1e-12
    own, others = np.divmod(solved.sigma, view.shape[2])
    live = ~view.terminal
    values = view.rewards[np.arange(4), own, others] + discount * (process.RQ_sigma(solved.sigma)[1] @ solved.v)
    assert np.abs(values - solved.v)[live].max(initial=0.0) < 1e-12


def test_a_dropped_discount_would_be_seen(markov):
    view = stochastic_view()
    solved = view_to_discrete_dp(view.with_discount(0.8)).solve(method="policy_iteration")
    assert np.abs(solved.v - best_joint_value(view)).max() > 0.1


def test_discrete_dp_forms(markov):
    view = stochastic_view()
    dense = view_to_discrete_dp(view)
    assert dense.R.tobytes() == view.rewards.tobytes()
    assert dense.Q.tobytes() == view.transitions.tobytes()
    assert (dense.R.shape, dense.Q.shape, dense.beta) == ((4, 12), (4, 12, 4), 0.9)
    pairs = view_to_discrete_dp(stochastic_view(sparse_rows=True))
    assert sparse.issparse(pairs.Q)
    assert pairs.Q.toarray().tobytes() == view.transitions.tobytes()
    assert pairs.R.tobytes() == view.rewards.tobytes()
    assert (pairs.s_indices * 12 + pairs.a_indices).tolist() == list(range(48))


def test_discrete_dp_terminal_rows(markov):
    for sparse_rows in (False, True):
        process = view_to_discrete_dp(stochastic_view(sparse_rows=sparse_rows, terminal=[2]))
        rows = process.Q.toarray().reshape(4, 12, 4) if sparse_rows else process.Q
        assert (rows[2] == np.eye(4)[2]).all()
        assert not process.R.reshape(4, 12)[2].any()


def test_discrete_dp_of_a_matrix_game(markov):
    game = MatrixGame.common_payoff([[11.0, -30.0], [-30.0, 7.0]])
    solved = view_to_discrete_dp(game.view(0, discount=0.5)).solve(method="policy_iteration")
    assert solved.v.tolist() == [22.0]


# pygambit


@settings(CALM, max_examples=50)
@given(game=matrix_games(st.integers(1, 3)))
def test_pygambit_round_trip(gambit, game):
    made = to_pygambit(game)
    again = from_pygambit(made)
    assert again.payoffs.tobytes() == (game.payoffs + 0.0).tobytes()  # a rational zero has no sign
    assert (again.players, again.actions, again.name) == (game.players, game.actions, game.name)
    for array, payoffs in zip(made.to_arrays(gambit.Rational), game.payoffs, strict=True):
        assert [Fraction(x) for x in array.flat] == [Fraction(x) for x in payoffs.flat]


def test_pygambit_payoffs_are_the_doubles_and_not_the_decimals(gambit):
    made = to_pygambit(MatrixGame([[0.1, 1 / 3]]))
    values = [Fraction(x) for x in made.to_arrays()[0]]
    assert values == [Fraction(0.1), Fraction(1 / 3)]
    assert values != [Fraction(1, 10), Fraction(1, 3)]


def test_pygambit_sees_the_same_payoffs(gambit):
    game = counting(2, 3, 2)
    for theirs, payoffs in zip(to_pygambit(game).to_arrays(float), game.payoffs, strict=True):
        assert theirs.tolist() == payoffs.tolist()


def test_pygambit_labels(gambit):
    names = {"players": ["Row player", 'the "column"'], "actions": [["up/left", r"\alpha"], ["{1}"]]}
    game = MatrixGame.bimatrix([[1], [2]], [[3], [4]], name='a "name"', **names)
    assert from_pygambit(to_pygambit(game)) == game


@pytest.mark.parametrize("label", ["", " ", "a  b", "\n", r"a\\b", "a\\"])
def test_pygambit_refuses_some_labels(gambit, label):
    with pytest.raises(InputError, match="pygambit cannot hold"):
        to_pygambit(MatrixGame([[1.0, 2.0]], actions=[[label, "other"]]))


def test_pygambit_trees_have_a_strategic_form(gambit):
    for name in gambit.catalog.games()["Game"]:
        theirs = gambit.catalog.load(name)
        game = from_pygambit(theirs)
        for array, payoffs in zip(theirs.to_arrays(), game.payoffs, strict=True):
            assert [float(x) for x in array.flat] == payoffs.ravel().tolist()
        assert game.actions == tuple(tuple(s.label for s in player.strategies) for player in theirs.players)


# What is missing or wrong


@pytest.mark.parametrize(
    ("convert", "value", "package"),
    [
        (to_nashpy, counting(2, 2), "nashpy"),
        (to_quantecon, counting(2, 2), "quantecon"),
        (view_to_discrete_dp, counting(2, 2).view(0), "quantecon"),
        (to_pygambit, counting(2, 2), "pygambit"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, convert, value, package):
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)

    class Nowhere:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == package:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(sys, "meta_path", [Nowhere, *sys.meta_path])
    message = f'needs {package}, which is not installed: pip install "rommeo_exact[{package}]"'
    with pytest.raises(ImportError, match=re.escape(message)):
        convert(value)


def test_a_broken_library_speaks_for_itself(monkeypatch, tmp_path):
    for name in [name for name in sys.modules if name.split(".")[0] == "nashpy"]:
        monkeypatch.delitem(sys.modules, name)
    (tmp_path / "nashpy.py").write_text("import a_module_that_is_nowhere\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_nowhere"):
        to_nashpy(counting(2, 2))


def test_libraries_are_imported_only_when_asked_for():
    code = "import sys, rommeo_exact.games.convert as c; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "rommeo_exact" in loaded
    assert not {"nashpy", "quantecon", "pygambit", "scipy", "numba", "pandas"} & set(loaded)


@pytest.mark.parametrize("convert", [from_nashpy, from_quantecon, from_pygambit])
def test_from_refuses_other_objects(convert):
    with pytest.raises(InputError, match=r"expected a .*, not a int"):
        convert(3)


@pytest.mark.parametrize("convert", [to_nashpy, to_quantecon, to_pygambit, view_to_discrete_dp])
def test_to_refuses_other_objects(convert):
    view = View(np.zeros((1, 1, 1)), np.ones((1, 1, 1, 1)), 0.5)
    with pytest.raises(InputError, match=r"(matrix game|view)"):
        convert(counting(2, 2) if convert is view_to_discrete_dp else view)


