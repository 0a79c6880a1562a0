"""Random families: each has the property that it is named after, and its check rejects a game that has not."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from scipy import sparse

from rommeo_exact import games
from rommeo_exact.errors import InputError, UnknownNameError
from rommeo_exact.games.models import MatrixGame, StochasticGame

SIZES = [(1,), (4,), (2, 3), (3, 1), (2, 2, 3), (2, 1, 2, 3)]
DISTRIBUTIONS = ["normal", "uniform", "integer"]


def rng(seed=0):
    return np.random.default_rng(seed)


BUILDS = {
    "random_game": lambda **how: games.random_game((3, 4), **how),
    "random_common_payoff": lambda **how: games.random_common_payoff((3, 4), **how),
    "random_zero_sum": lambda **how: games.random_zero_sum((3, 4), **how),
    "random_potential": lambda **how: games.random_potential((3, 4), **how),
    "random_stochastic": lambda **how: games.random_stochastic(6, (2, 3), **how),
    "random_sparse_stochastic": lambda **how: games.random_sparse_stochastic(6, (2, 3), 2, **how),
    "random_slowly_mixing": lambda **how: games.random_slowly_mixing(6, (2, 3), **how),
    "random_slowly_mixing, sparse": lambda **how: games.random_slowly_mixing(6, (2, 3), successors=2, **how),
}


# What holds of all ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_same_seed_gives_the_same_game_bit_for_bit(name, distribution):
    build = BUILDS[name]
    game = build(rng=rng(5), distribution=distribution)
    assert build(rng=rng(5), distribution=distribution) == game
    assert build(rng=rng(6), distribution=distribution) != game
    generator = rng(5)
    build(rng=generator, distribution=distribution)
    assert build(rng=generator, distribution=distribution) != game


@pytest.mark.parametrize("name", BUILDS)
def test_a_seed_is_no_generator(name):
    for wrong in (5, None, np.random.RandomState(5)):
        with pytest.raises(InputError, match=f"rng must be a numpy.random.Generator, not {type(wrong).__name__}"):
            BUILDS[name](rng=wrong)
    with pytest.raises(UnknownNameError, match="unknown distribution 'norml'; did you mean normal"):
        BUILDS[name](rng=rng(), distribution="norml")


def test_every_family_is_tested():
    families = {name for name in games.__all__ if name.startswith("random_")}
    assert {name.split(",")[0] for name in BUILDS} == families


@pytest.mark.parametrize("sizes", SIZES)
def test_shapes(sizes):
    for build in (games.random_game, games.random_common_payoff, games.random_potential):
        assert build(sizes, rng=rng()).num_actions == sizes
    dense = games.random_stochastic(4, sizes, rng=rng(), discount=0.5)
    few = games.random_sparse_stochastic(4, sizes, 3, rng=rng(), discount=0.5)
    slow = games.random_slowly_mixing(4, sizes, rng=rng(), discount=0.5)
    assert dense.transitions.shape == slow.transitions.shape == (4, *sizes, 4)
    assert few.transitions.shape == (4 * math.prod(sizes), 4)
    for game in (dense, few, slow):
        assert game.payoffs.shape == (len(sizes), 4, *sizes)
        assert game.discount == 0.5


def test_payoffs_follow_their_distribution():
    """Quantiles of 40,000 draws within five standard errors (of 1/400 at most); each other distribution fails."""
    # Where 1/4 and 3/4 of the mass end, for a distribution function F: F(-0.6745) and F(0.6745), and so on.
    draws = {name: games.random_game((200, 100), rng=rng(1), distribution=name).payoffs for name in DISTRIBUTIONS}
    functions = {
        "normal": lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2))),
        "uniform": lambda x: min(max((x + 1) / 2, 0), 1),
        "integer": lambda x: min(max((math.floor(x) + 11) / 21, 0), 1),
    }
    points = [-10.5, -10, -4, -1, -0.6, 0.0, 0.3, 0.9, 2, 7, 9.5, 10]
    for drawn, sample in draws.items():
        for name, function in functions.items():
            errors = [abs((sample <= point).mean() - function(point)) for point in points]
            assert (max(errors) < 5 / 400) == (drawn == name), (drawn, name)
    assert (draws["integer"] == np.round(draws["integer"])).all()
    assert draws["uniform"].max() < 1


# The property of each -------------------------------------------------------------------------------------------------


def sums_to_zero(game):
    return bool((game.payoffs.sum(0) == 0.0).all())


def is_common(game):
    return bool((game.payoffs == game.payoffs[0]).all())


def mixed_differences(values, i, j):
    return np.diff(np.diff(values, axis=i), axis=j)


def has_potential(game):
    """Exactly: for players i, j the mixed second differences of u_i and u_j along their axes agree everywhere.

    This is the condition on cycles of two players and four profiles (Monderer and Shapley 1996, corollary 2.9), which
    hold for all actions when they hold for neighbouring ones.
    """
    return all(
        (mixed_differences(game.payoffs[i], i, j) == mixed_differences(game.payoffs[j], i, j)).all()
        for i, j in combinations(range(game.num_players), 2)
    )


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_zero_sum(distribution, seed):
    game = games.random_zero_sum((3, 5), rng=rng(seed), distribution=distribution)
    assert sums_to_zero(game)
    assert game.payoffs.any()
    planted = np.array(game.payoffs)
    planted[1, 2, 3] = np.nextafter(planted[1, 2, 3], np.inf)
    assert not sums_to_zero(MatrixGame(planted))
    assert not sums_to_zero(games.random_game((3, 5), rng=rng(seed), distribution=distribution))


@pytest.mark.parametrize("sizes", [(4,), (2, 3), (2, 2, 3)])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_common_payoff(sizes, distribution):
    game = games.random_common_payoff(sizes, rng=rng(), distribution=distribution)
    assert is_common(game)
    assert len(np.unique(game.payoffs)) > 1
    if len(sizes) > 1:
        assert not is_common(games.random_game(sizes, rng=rng(), distribution=distribution))
        assert not is_common(games.random_potential(sizes, rng=rng(), distribution=distribution))


@pytest.mark.parametrize("sizes", [(4,), (3, 4), (2, 2, 3), (2, 3, 2, 2)])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_potential(sizes, distribution, seed):
    game = games.random_potential(sizes, rng=rng(seed), distribution=distribution)
    assert has_potential(game)
    if len(sizes) > 1:
        assert not is_common(game)
        planted = np.array(game.payoffs)
        planted[(0, *[1] * len(sizes))] += 2.0**-20
        assert not has_potential(MatrixGame(planted))
        assert not has_potential(games.random_game(sizes, rng=rng(seed), distribution=distribution))
        assert not has_potential(games.random_zero_sum((3, 3), rng=rng(seed), distribution=distribution))


def test_the_terms_of_a_potential_game_depend_on_all_the_others():
    """u_i - u_j is a term of all but a_i less one of all but a_j: additive in a_i and a_j, and in no other pair."""
    payoffs = games.random_potential((2, 3, 2), rng=rng(4)).payoffs
    for i, j in combinations(range(3), 2):
        gap = payoffs[i] - payoffs[j]
        for k, m in combinations(range(3), 2):
            differences = mixed_differences(gap, k, m)
            assert (differences == 0).all() if (k, m) == (i, j) else (differences != 0).all()


def test_general_sum_has_none_of_these():
    game = games.random_game((3, 3), rng=rng())
    assert not sums_to_zero(game)
    assert not is_common(game)
    assert not has_potential(game)


def test_dense_rows_are_uniform_on_the_simplex():
    """Of S uniform spacings each has mean 1/S, and exceeds x with probability (1 - x)**(S - 1)."""
    size = 5
    rows = games.random_stochastic(size, (40, 50), rng=rng(3)).transitions.reshape(-1, size)
    np.testing.assert_allclose(rows.sum(1), 1.0, rtol=1e-15)
    for x in (0.05, 0.2, 0.5, 0.8):
        error = np.abs((rows > x).mean(0) - (1 - x) ** (size - 1)).max()
        assert error < 5 * 0.5 / math.sqrt(len(rows))
        normalised = rng(3).random((10_000, size))  # another law on the simplex, which the check must reject
        normalised /= normalised.sum(1, keepdims=True)
        if x in (0.05, 0.5):
            assert np.abs((normalised > x).mean(0) - (1 - x) ** (size - 1)).max() > 0.02


def successors_are(game, count):
    """Whether every row of the sparse transitions stores exactly so many distinct states, all with a chance above 0."""
    matrix = game.transitions
    rows = np.split(matrix.indices, matrix.indptr[1:-1])
    return all(len(row) == len(set(row.tolist())) == count for row in rows) and bool((matrix.data > 0).all())


@pytest.mark.parametrize("count", [1, 2, 5, 7])
def test_sparse_successors(count):
    game = games.random_sparse_stochastic(7, (3, 2, 2), count, rng=rng(count))
    assert successors_are(game, count)
    np.testing.assert_allclose(game.transitions @ np.ones(7), 1.0, rtol=1e-15)
    merged = np.array(game.transitions.toarray())
    merged[3] = np.eye(7)[0] if count > 1 else np.full(7, 1 / 7)
    assert not successors_are(StochasticGame(game.payoffs, sparse.csr_array(merged), 0.9), count)


def test_every_set_of_successors_is_equally_likely():
    """Frequencies of the ten pairs of five states over 20,000 rows, by a chi-squared test far out in the tail."""
    states, rows = 5, 20_000
    game = games.random_sparse_stochastic(states, (rows // states,), 2, rng=rng(11))
    pairs = np.sort(game.transitions.indices.reshape(-1, 2), axis=1)
    counts = np.array([(pairs == pair).all(1).sum() for pair in combinations(range(states), 2)])
    assert counts.sum() == rows

    def statistic(counts):
        return ((counts - rows / 10) ** 2 / (rows / 10)).sum()

    assert statistic(counts) < 40  # 9 degrees of freedom: exceeded with probability 8e-6
    # A common shortcut, a first draw and a distance to the second that is not uniform, must fail.
    first = rng(1).integers(0, states, rows)
    second = (first + 1 + (rng(2).random(rows) < 0.4)) % states
    shortcut = np.sort(np.stack([first, second], 1), axis=1)
    assert statistic(np.array([(shortcut == pair).all(1).sum() for pair in combinations(range(states), 2)])) > 40


# Slow mixing ----------------------------------------------------------------------------------------------------------


def induced(game, policies):
    """The Markov chain of the states when player i plays the (S, A_i) policy."""
    sizes = game.num_actions
    given = game.transitions
    chances = (given.toarray() if sparse.issparse(given) else given).reshape(game.num_states, *sizes, -1)
    chain = np.zeros((game.num_states, game.num_states))
    for profile in product(*map(range, sizes)):
        weight = math.prod(policy[:, a] for policy, a in zip(policies, profile, strict=True))
        chain += weight[:, None] * chances[(slice(None), *profile)]
    return chain


def has_eigenvalues(game, modulus, blocks, periodic, seed=0):
    """Whether the chains of random policies, pure ones too, all have the eigenvalues that the docstring promises."""
    generator = rng(seed)
    turn = 2j * math.pi / blocks if periodic else 0.0
    promised = [modulus * np.exp(turn * k) for k in range(1, blocks)]
    for pure in (False, False, True, True):
        policies = []
        for size in game.num_actions:
            policy = generator.dirichlet(np.ones(size), game.num_states)
            policies.append(np.eye(size)[policy.argmax(1)] if pure else policy)
        values = list(np.linalg.eigvals(induced(game, policies)))
        for value in promised:  # each with its multiplicity
            nearest = min(range(len(values)), key=lambda k: abs(values[k] - value))
            if abs(values.pop(nearest) - value) > 1e-6:
                return False
    return True


def moves_between_blocks(game, blocks):
    """Mass from every row to every block: (rows, blocks)."""
    given = game.transitions
    rows = given.toarray() if sparse.issparse(given) else given.reshape(-1, game.num_states)
    return rows.reshape(len(rows), blocks, -1).sum(-1)


@pytest.mark.parametrize("successors", [None, 1, 2])
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize(("modulus", "blocks"), [(0.99, 2), (0.9, 3), (1.0, 2), (0.999, 4), (0.5, 2)])
def test_slowly_mixing(modulus, blocks, periodic, successors):
    game = games.random_slowly_mixing(
        12, (2, 3), rng=rng(1), modulus=modulus, blocks=blocks, periodic=periodic, successors=successors
    )
    assert has_eigenvalues(game, modulus, blocks, periodic)
    home = np.repeat(np.arange(blocks), len(moves_between_blocks(game, blocks)) // blocks)
    lumped = np.full((blocks, blocks), (1 - modulus) / blocks)
    lumped += modulus * np.roll(np.eye(blocks), int(periodic), axis=1)
    np.testing.assert_allclose(moves_between_blocks(game, blocks), lumped[home], atol=1e-14)
    assert sparse.issparse(game.transitions) == (successors is not None)
    if successors is not None and modulus < 1:
        assert successors_are(game, blocks * successors)


def test_the_check_of_eigenvalues_rejects_other_games():
    assert not has_eigenvalues(games.random_stochastic(12, (2, 3), rng=rng()), 0.99, 2, False)
    slow = games.random_slowly_mixing(12, (2, 3), rng=rng(), modulus=0.9, blocks=3)
    assert has_eigenvalues(slow, 0.9, 3, False)
    assert not has_eigenvalues(slow, 0.9, 3, True)
    assert not has_eigenvalues(slow, 0.91, 3, False)
    assert not has_eigenvalues(slow, 0.9, 4, False)
    spoilt = np.array(slow.transitions)
    spoilt[1] = spoilt[1][..., ::-1]  # a state of the first block takes itself to be of the last
    assert not has_eigenvalues(StochasticGame(slow.payoffs, spoilt, 0.9), 0.9, 3, False)


def test_a_slow_game_forgets_its_start_slowly():
    """After t steps the mass on the home block is still 1/2 + modulus**t / 2, whatever is played."""
    game = games.random_slowly_mixing(8, (2, 2), rng=rng(2), modulus=0.98, blocks=2)
    chain = induced(game, [rng(3).dirichlet(np.ones(2), 8) for _ in range(2)])
    mass = np.eye(8)[0]
    for step in range(1, 60):
        mass = mass @ chain
        assert mass[:4].sum() == pytest.approx(0.5 + 0.98**step / 2, abs=1e-13)


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: games.random_game((), rng=rng()), r"num_actions must be a sequence .* not \(\)"),
        (lambda: games.random_game(3, rng=rng()), "num_actions must be a sequence .* not 3"),
        (lambda: games.random_game("33", rng=rng()), "num_actions must be a sequence .* not '33'"),
        (lambda: games.random_game((2, 0), rng=rng()), r"num_actions\[1\] is 0, not >= 1"),
        (lambda: games.random_game((2, 2.0), rng=rng()), r"num_actions\[1\] must be an integer, not 2.0"),
        (lambda: games.random_zero_sum((2, 2, 2), rng=rng()), "num_actions must be of two players, not 3"),
        (lambda: games.random_stochastic(0, (2,), rng=rng()), "num_states is 0, not >= 1"),
        (lambda: games.random_stochastic(2, (2,), rng=rng(), discount=1), "discount is 1.0"),
        (lambda: games.random_sparse_stochastic(3, (2,), 4, rng=rng()), r"successors is 4, not in \[1, 4\)"),
        (lambda: games.random_sparse_stochastic(3, (2,), 0, rng=rng()), "successors is 0"),
        (lambda: games.random_slowly_mixing(5, (2,), rng=rng()), "num_states is 5, not a multiple of blocks=2"),
        (lambda: games.random_slowly_mixing(4, (2,), rng=rng(), blocks=1), "blocks is 1, not >= 2"),
        (lambda: games.random_slowly_mixing(4, (2,), rng=rng(), modulus=1.1), r"modulus is 1.1, not in \[0, 1\]"),
        (lambda: games.random_slowly_mixing(4, (2,), rng=rng(), modulus=math.nan), "modulus is nan"),
        (lambda: games.random_slowly_mixing(4, (2,), rng=rng(), successors=3), r"successors is 3, not in \[1, 3\)"),
    ],
)
def test_what_is_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()
