"""Population self-play against the paper written out a second time, its theorems, and operators with one mistake each.

Fixed points of two players are compared with 60 digits and more; rounds and paths with loops; what no formula gives,
stability and the number of points, with simulation and with games that can be solved by hand.
"""

import math
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import oracle
import planted
import pytest
from hypothesis import given, strategies as st
from mpmath import mp, mpf
from planted import pick, share, theorem
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import InputError, strategies
from rommeo_exact.games import families
from rommeo_exact.population import hilbert_distance
from rommeo_exact.population.rounds import Population

pytestmark = pytest.mark.filterwarnings("error")

INF = math.inf
UNIT = 2.0**-53
Equal = rx.MatrixGame.common_payoff


# --- the paper once more ---------------------------------------------------------------------------------------------


def table(payoffs, i):
    """Player i's payoffs as [a][b], the others' joint actions in the order of the players."""
    own = payoffs[i]
    others = [range(size) for j, size in enumerate(own.shape) if j != i]
    return np.array([[own[(*b[:i], a, *b[i:])] for b in product(*others)] for a in range(own.shape[i])])


def joint(marginals, i):
    """What the others play together, independently of each other."""
    others = [m for j, m in enumerate(marginals) if j != i]
    return np.array([math.prod(m[a] for m, a in zip(others, b, strict=True)) for b in product(*map(_range, others))])


def _range(values):
    return range(len(values))


def levels(q, alpha):
    """L(b) and pi*(a|b) of q[a][b], by exponentials as they stand."""
    top = q.max(axis=0)
    if alpha == 0.0:
        best = (q == top).astype(float)
        return top, best / best.sum(axis=0)
    powers = np.exp((q - top) / alpha)
    return top + alpha * np.log(powers.sum(axis=0)), powers / powers.sum(axis=0)


def value(q, prior, alpha, beta):
    """V, eq. 9."""
    level, _ = levels(q, alpha)
    top = level[prior > 0.0].max()
    if beta == 0.0:
        return top
    return prior @ level if beta == INF else top + beta * np.log(prior @ np.exp((level - top) / beta))


def answer(q, prior, alpha, beta):
    """sum_b rho*(b) pi*(a|b), from eq. 10 and 11."""
    level, policy = levels(q, alpha)
    if beta == INF:
        model = prior
    else:
        top = level[prior > 0.0].max()
        model = prior * ((level == top) if beta == 0.0 else np.exp(np.minimum(level - top, 0.0) / beta))
    return policy @ (model / model.sum())


def plain_round(payoffs, alpha, beta, priors):
    return tuple(answer(table(payoffs, i), prior, alpha[i], beta[i]) for i, prior in enumerate(priors))


def plain_path(match, update, rounds, together):
    """Priors and marginals of every round: each a list of tuples."""
    n, sizes = len(match.priors), match.payoffs.shape[1:]
    priors, seen, played = list(match.priors), [], []
    beliefs = None if together else [separate(prior, sizes, i) for i, prior in enumerate(priors)]
    if beliefs:
        priors = [independent(each) for each in beliefs]
    for k in range(rounds + 1):
        play = list(plain_round(match.payoffs, match.alpha, match.beta, priors))
        seen.append(tuple(priors))
        played.append(tuple(play))
        if update == "alternating":
            now, priors = list(play), list(priors)
            for i in range(n):
                priors[i] = joint(now, i)
                now[i] = answer(table(match.payoffs, i), priors[i], match.alpha[i], match.beta[i])
            continue
        step = 1.0 if isinstance(update, str) else update(k) if callable(update) else update
        if together:
            priors = [(1.0 - step) * p + step * joint(play, i) for i, p in enumerate(priors)]
        else:
            for i, each in enumerate(beliefs):
                others = [m for j, m in enumerate(play) if j != i]
                beliefs[i] = [(1.0 - step) * p + step * m for p, m in zip(each, others, strict=True)]
            priors = [independent(each) for each in beliefs]
    return seen, played


def separate(prior, sizes, i):
    """What a prior says of each other player alone."""
    others = [size for j, size in enumerate(sizes) if j != i]
    profiles = list(product(*map(range, others)))
    return [
        np.array([sum(p for p, b in zip(prior, profiles, strict=True) if b[k] == a) for a in range(size)])
        for k, size in enumerate(others)
    ]


def independent(beliefs):
    return joint([np.ones(1), *beliefs], 0)


def exact_answer(q, prior, alpha, beta):
    """The same with 50 digits."""
    rows = oracle.numbers(q)
    policy = oracle.soft_policy(rows, alpha)
    model = oracle.soft_opponent_model(rows, oracle.distribution(prior), alpha, beta)
    return [mp.fsum(p * m for p, m in zip(row, model, strict=True)) for row in policy]


def exact_responses(payoffs, alpha, beta):
    """The matrices A_i with m_i proportional to A_i P_i."""
    matrices = []
    for i in range(2):
        rows = oracle.numbers(table(payoffs, i))
        policy, level = oracle.soft_policy(rows, alpha[i]), oracle.own_values(rows, mpf(alpha[i]))
        top = max(level)
        scale = [mpf(1) if beta[i] == INF else mp.exp((x - top) / mpf(beta[i])) for x in level]
        matrices.append([[p * s for p, s in zip(row, scale, strict=True)] for row in policy])
    return matrices


def multiplied(left, right):
    columns = list(zip(*right, strict=True))
    rows = [[mp.fsum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in left]
    top = max(map(max, rows))
    return [[x / top for x in row] for row in rows]


SQUARINGS = 300


def exact_point(payoffs, alpha, beta):
    """Logarithms of both marginals at the fixed point, and how many rounds forget the start; None beyond 10^90."""
    with mp.workdps(60 + SQUARINGS // 3):
        one, two = exact_responses(payoffs, alpha, beta)
        power = multiplied(two, one)
        for k in range(SQUARINGS):
            power = multiplied(power, power)
            ratios = [[x / row[0] for x in row] for row in power]
            if all(max(column) <= min(column) * (1 + mpf(10) ** -50) for column in zip(*ratios, strict=True)):
                other = [row[0] for row in power]
                own = [mp.fsum(x * y for x, y in zip(row, other, strict=True)) for row in one]
                logs = [[mp.log(x / mp.fsum(m)) for x in m] for m in (own, other)]
                return logs, 2.0**k
    return None


def exact_distance(logs, exact):
    """Hilbert's, of a marginal's float logarithms from exact ones."""
    ratios = [mpf(x) - y for x, y in zip(logs.tolist(), exact, strict=True)]
    return float(max(ratios) - min(ratios))


def second_difference(q):
    """D: the largest second difference of a table, by loops over all of them."""
    own, others = range(len(q)), range(len(q[0]))
    return max(q[a][b] - q[c][b] - q[a][d] + q[c][d] for a in own for c in own for b in others for d in others)


# --- examples --------------------------------------------------------------------------------------------------------


class Match(NamedTuple):
    """A matrix game with everyone's weights and prior."""

    payoffs: np.ndarray
    alpha: tuple
    beta: tuple
    priors: tuple

    @property
    def game(self):
        return rx.MatrixGame(self.payoffs)

    @property
    def players(self):
        return range(len(self.payoffs))

    @property
    def strain(self):
        """By how much, at most, the weights multiply what rounding does to payoffs."""
        size = float(np.abs(self.payoffs).max())
        spread = float(np.ptp(self.payoffs))
        return max(
            8.0 + (size + spread) * (1.0 / (a or INF) + 1.0 / (b or INF)) + a / (b or INF)
            for a, b in zip(self.alpha, self.beta, strict=True)
        )  # fmt: skip


ALPHAS = st.sampled_from((0.05, 0.1, 0.5, 1.0, 3.0, 20.0)) | st.floats(0.05, 5.0)
BETAS = st.sampled_from((0.05, 0.3, 1.0, 3.0, INF)) | st.floats(0.05, 5.0)
payoff_arrays, distributions = cache(strategies.payoff_arrays), cache(strategies.distributions)


@st.composite
def matches(draw, *, players=(2, 2), least=1, most=3, magnitude=10.0, alphas=ALPHAS, betas=BETAS, full=False):
    """Matches of few players with few actions; `full` priors have no zeros."""
    n = draw(st.integers(*players))
    sizes = tuple(draw(st.integers(least, most)) for _ in range(n))
    payoffs = draw(payoff_arrays((n, *sizes), magnitude=magnitude))
    if draw(st.booleans()):
        payoffs = np.stack([payoffs[0]] * n)
    alpha, beta = (tuple(draw(weights) for _ in range(n)) for weights in (alphas, betas))
    priors = tuple(
        draw(distributions(math.prod(sizes[:i] + sizes[i + 1 :]), full_support=full)) for i in range(n)
    )
    return Match(payoffs, alpha, beta, priors)


def same(marginals, expected, tolerance):
    """Shapes, and entries to within `tolerance`, relative to the larger ones."""
    assert len(marginals) == len(expected)
    for one, other in zip(marginals, expected, strict=True):
        one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
        assert one.shape == other.shape
        assert (np.abs(one - other) <= tolerance * (np.abs(other) + 1e-3) + 1e-290).all()


# --- one round -------------------------------------------------------------------------------------------------------


def first_round(game, alpha, beta, priors):
    path = rx.self_play(game, alpha, beta, priors, rounds=0)
    return tuple(m[0] for m in path.marginals)


def population_round(game, alpha, beta, priors):
    """By the operator that everything else is made of."""
    population = Population.of(game, alpha, beta)
    logs = population.given(priors)
    return tuple(np.exp(population.answer(p, i)[0, 0]) for i, p in enumerate(logs))


LIMITS = {"alphas": ALPHAS | st.just(0.0) | st.sampled_from((1e-12, 1e12)), "betas": BETAS | st.sampled_from((1e-12, 1e12))}
ANY_MATCH = matches(players=(1, 3), **LIMITS)


@theorem(first_round, ANY_MATCH, planted.ROUNDS)
def test_a_round_is_eq_10_and_11(play, match):
    """What everyone plays is the sum over b of rho*(b) pi*(a|b), with 50 digits."""
    exact = [
        exact_answer(table(match.payoffs, i), prior, match.alpha[i], match.beta[i])
        for i, prior in enumerate(match.priors)
    ]
    same(play(match.game, match.alpha, match.beta, match.priors), exact, 64.0 * UNIT * match.strain)


@share(0.3)
@given(ANY_MATCH)
def test_a_round_in_three_ways(match):
    """The operator, the path and plain exponentials are one."""
    given = match.game, match.alpha, match.beta, match.priors
    same(population_round(*given), first_round(*given), 1e-13)
    same(first_round(*given), plain_round(match.payoffs, *given[1:]), 64.0 * UNIT * match.strain)


@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_beta_zero_believes_the_best(alpha):
    """At beta = 0 an agent answers the joint action that allows it the most."""
    game = rx.MatrixGame(np.arange(24.0).reshape(3, 2, 2, 2) ** 1.5 % 7.0)
    priors = [[0.1, 0.2, 0.3, 0.4]] * 3
    played = first_round(game, alpha, 0.0, priors)
    for i in range(3):
        level, policy = levels(table(game.payoffs, i), alpha)
        np.testing.assert_allclose(played[i], policy[:, level.argmax()], rtol=1e-14)


# --- paths -----------------------------------------------------------------------------------------------------------

UPDATES = {
    "simultaneous": "simultaneous", "alternating": "alternating", "half": 0.5, "a third": 1.0 / 3.0, "one": 1.0,
    "counting": lambda k: 1.0 / (k + 2.0), "slower": lambda k: (k + 1.5) ** -0.5,
}  # fmt: skip


def path_of(game, alpha, beta, prior, update, rounds, joint):
    return rx.self_play(game, alpha, beta, prior, update, rounds, joint=joint, tol=0.0)


TRIPS = st.tuples(
    matches(players=(2, 3), most=2, alphas=ALPHAS | st.just(0.0)), st.sampled_from(sorted(UPDATES)), st.booleans()
)


@theorem(path_of, TRIPS, planted.PATHS)
def test_a_path_by_loops(play, example):
    """Priors and marginals of every round, for every way in which priors follow what is played."""
    match, update, together = example
    path = play(match.game, match.alpha, match.beta, match.priors, UPDATES[update], 4, together)
    priors, marginals = plain_path(match, UPDATES[update], 4, together)
    played = len(path.priors[0])
    tolerance = 3000.0 * UNIT * match.strain  # of four rounds, each of which may double it
    for k in range(min(played, 5)):
        same([p[k] for p in path.priors], priors[k], tolerance)
        same([m[k] for m in path.marginals], marginals[k], tolerance)
    if played < 5:  # it ended at a fixed point, where the others stay
        for k in range(played, 5):
            same(marginals[k], marginals[played - 1], tolerance)


@share(0.3)
@given(matches(players=(2, 3), most=3), st.integers(0, 12))
def test_counting_makes_the_prior_a_mean(match, rounds):
    """Steps 1 / (k + 2): the prior is the mean of the first one and all that the others played since."""
    counting = UPDATES["counting"]
    path = path_of(match.game, match.alpha, match.beta, match.priors, counting, rounds, True)
    for i in match.players:
        played = [joint([m[k] for m in path.marginals], i) for k in range(path.rounds)]
        np.testing.assert_allclose(path.priors[i][-1], np.mean([match.priors[i], *played], axis=0), atol=1e-13)


@share(0.3)
@given(matches(players=(2, 3)), st.sampled_from(sorted(UPDATES)))
def test_a_path_is_a_record(match, update):
    """Shapes, the first priors, distributions, read-only arrays that share no memory, residuals by their definition."""
    given = [np.array(prior) for prior in match.priors]
    path = rx.self_play(match.game, match.alpha, match.beta, given, UPDATES[update], 5)
    sizes = match.payoffs.shape[1:]
    assert path.rounds <= 5 and path.residuals.shape == (path.rounds + 1,)
    assert path.expected_returns.shape == (path.rounds + 1, len(sizes))
    for i in match.players:
        prior, own = path.priors[i], path.marginals[i]
        assert prior.shape == (path.rounds + 1, math.prod(sizes) // sizes[i])
        assert own.shape == (path.rounds + 1, sizes[i])
        np.testing.assert_allclose(prior[0], match.priors[i], rtol=1e-12, atol=0.0)
        for array in (prior, own, path.residuals, path.expected_returns):
            assert not array.flags.writeable
            assert not any(np.shares_memory(array, mine) for mine in given)
        for rows in (prior, own):
            assert (rows >= 0.0).all()
            np.testing.assert_allclose(rows.sum(axis=-1), 1.0, rtol=1e-14)
        given[i][:] = -1.0
    for k in range(path.rounds + 1):
        far = 0.0
        for i in match.players:
            there, target = path.priors[i][k], joint([m[k] for m in path.marginals], i)
            if (there > 1e-290).all() and (target > 1e-290).all():
                ratio = np.log(there) - np.log(target)
                far = max(far, float(np.ptp(ratio)))
                assert path.residuals[k] >= float(np.ptp(ratio)) - 1e-12
        if all((p[k] > 1e-290).all() for p in path.priors):
            assert path.residuals[k] <= far + 1e-12 or far == 0.0
        np.testing.assert_allclose(
            path.expected_returns[k], by_profiles(match.payoffs, [m[k] for m in path.marginals]), rtol=0, atol=1e-11
        )
    assert path.converged == (path.residuals[-1] <= path.tol)
    assert (path.residuals[:-1] > path.tol).all()


def by_profiles(payoffs, marginals):
    """The mean payoff, profile by profile."""
    total = np.zeros(len(payoffs))
    for profile in product(*map(_range, marginals)):
        total += math.prod(m[a] for m, a in zip(marginals, profile, strict=True)) * payoffs[(slice(None), *profile)]
    return total
