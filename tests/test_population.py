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
from rommeo_exact import InputError, soft, strategies
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


def exact_gibbs(shared, alpha):
    """Logarithms of the marginals of exp(R / alpha), which are the fixed point at beta = inf under common payoff."""
    rows = [[mp.exp(mpf(x) / mpf(alpha)) for x in row] for row in shared.tolist()]
    sums = [[mp.log(mp.fsum(row)) for row in side] for side in (rows, list(zip(*rows, strict=True)))]
    return [[x - mp.log(mp.fsum(map(mp.exp, side))) for x in side] for side in sums]


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
        )


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
    priors = tuple(draw(distributions(math.prod(sizes[:i] + sizes[i + 1 :]), full_support=full)) for i in range(n))
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


LIMITS = {
    "alphas": ALPHAS | st.just(0.0) | st.sampled_from((1e-12, 1e12)),
    "betas": BETAS | st.sampled_from((1e-12, 1e12)),
}
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
    same(population_round(*given), first_round(*given), 64.0 * UNIT * match.strain)
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
    "simultaneous": "simultaneous",
    "alternating": "alternating",
    "half": 0.5,
    "a third": 1.0 / 3.0,
    "one": 1.0,
    "counting": lambda k: 1.0 / (k + 2.0),
    "slower": lambda k: (k + 1.5) ** -0.5,
}


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
        same([p[k] for p in path.priors], priors[k] if k else match.priors, tolerance)
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


# --- two players: Perron's vector ------------------------------------------------------------------------------------


def fixed_point(game, alpha, beta):
    return rx.self_play_equilibria(game, alpha, beta).points[0]


LOW = {"alphas": ALPHAS | st.sampled_from((0.01, 1e-3)), "betas": BETAS | st.sampled_from((0.01, 1e-3))}
TWO = matches(least=2, magnitude=10.0, full=True)
TWO_COLD = TWO | matches(least=2, magnitude=1e3, full=True) | matches(least=2, most=2, magnitude=10.0, full=True, **LOW)


def encloses(point, payoffs, alpha, beta):
    """Both marginals are as near to the exact ones as the bound says; where little is remembered, it says much."""
    exact = exact_point(payoffs, alpha, beta)
    if exact is None:
        return
    logs, rounds = exact
    for mine, theirs in zip(point.log_marginals, logs, strict=True):
        assert len(mine) == len(theirs)
        assert exact_distance(mine, theirs) <= point.error_bound
    strain = Match(payoffs, alpha, beta, ()).strain
    if rounds * strain < 1e7:
        assert point.error_bound <= 1e4 * UNIT * rounds * strain


@theorem(fixed_point, TWO_COLD, planted.FIXED_POINTS)
def test_two_players_come_to_the_perron_vector(point_of, match):
    """The error is at most `error_bound`, in Hilbert's metric, by 60 digits and the powers of A_2 A_1."""
    encloses(point_of(match.game, match.alpha, match.beta), match.payoffs, match.alpha, match.beta)


@pytest.mark.parametrize("alpha", [0.05, 0.07, 0.1, 0.15, 0.25, 0.4, 0.7, 1.0])
@pytest.mark.parametrize("lead", [0.0, 1e-9, 0.1])
def test_bounds_of_coordination(alpha, lead):
    """Two conventions that self-play leaves ever more rarely: the bound says how sure it is of the better one."""
    payoffs = np.array([[[1.0 + lead, 0.0], [0.0, 1.0]]] * 2)
    for beta in (alpha, 1.0, INF):
        point = fixed_point(rx.MatrixGame(payoffs), (alpha, alpha), (beta, beta))
        encloses(point, payoffs, (alpha, alpha), (beta, beta))
        if lead == 0.0 and point.error_bound < 1e-3:
            np.testing.assert_allclose(point.marginals[0], 0.5, atol=1e-3)


@pytest.mark.parametrize("beta", [0.01, 1.0, INF])
@pytest.mark.parametrize("scale", [1.0, 90.0])
def test_climbing_at_a_low_temperature(beta, scale):
    """At alpha = 0.01, and payoffs up to 1e3, the population climbs to (A, A), 60 digits say, and the bound holds."""
    payoffs = scale * rx.games.climbing().payoffs
    point = fixed_point(rx.MatrixGame(payoffs), (0.01, 0.01), (beta, beta))
    logs = exact_gibbs(payoffs[0], 0.01) if beta == INF else exact_point(payoffs, (0.01, 0.01), (beta, beta))[0]
    for mine, exact in zip(point.log_marginals, logs, strict=True):
        assert mine.argmax() == 0
        assert exact_distance(mine, exact) <= point.error_bound


def near(point, other, *, order=(0, 1), actions=None):
    """Two points are one, up to their bounds: `other` has the players in `order`, and their `actions` moved."""
    bound = point.error_bound + other.error_bound
    for i, j in enumerate(order):
        theirs = other.log_marginals[j]
        assert point.log_marginals[i].shape == theirs.shape
        if actions is not None:
            assert theirs.shape == actions[i].shape
            theirs = theirs[np.argsort(actions[i])]
        assert float(hilbert_distance(point.log_marginals[i], theirs)) <= bound


SYMMETRIC = st.tuples(matches(least=2, full=True), st.integers(0, 2**32 - 1))


def invariant(point_of, example):
    """What changes nothing: a payoff shift for each player, the unit of payoffs, names of actions and of players."""
    match, seed = example
    rng = np.random.default_rng(seed)
    payoffs, alpha, beta = np.round(match.payoffs * 64.0) / 64.0, match.alpha, match.beta
    point = point_of(rx.MatrixGame(payoffs), alpha, beta)
    shifts = rng.integers(-1000, 1000, size=(2, 1, 1)) * 1024.0
    near(point, point_of(rx.MatrixGame(payoffs + shifts), alpha, beta))
    unit = 2.0 ** rng.integers(-3, 4)
    scaled = [tuple(unit * x for x in weights) for weights in (alpha, beta)]
    near(point, point_of(rx.MatrixGame(unit * payoffs), *scaled))
    orders = [rng.permutation(size) for size in payoffs.shape[1:]]
    near(point, point_of(rx.MatrixGame(payoffs[:, orders[0]][:, :, orders[1]]), alpha, beta), actions=orders)
    turned = np.stack([payoffs[1].T, payoffs[0].T])
    near(point, point_of(rx.MatrixGame(turned), alpha[::-1], beta[::-1]), order=(1, 0))
    if INF in beta:  # the others' actions cannot be wished for: what they pay by themselves does not count
        gifts = np.zeros(payoffs.shape)
        gifts[0] = (beta[0] == INF) * rng.integers(-9, 9, size=payoffs.shape[2])
        gifts[1] = (beta[1] == INF) * rng.integers(-9, 9, size=payoffs.shape[1])[:, None]
        near(point, point_of(rx.MatrixGame(payoffs + gifts), alpha, beta))


WRONG_IN_NAMES = pick(
    planted.FIXED_POINTS,
    "players_exchanged",
    "alpha_dropped",
    "beta_dropped",
    "first_players_payoffs",
    "payoffs_transposed",
    "payoffs_clipped",
    "weights_exchanged",
    "a_little_off",
)


@theorem(fixed_point, SYMMETRIC, WRONG_IN_NAMES)
def test_names_and_units_do_not_matter(point_of, example):
    """Payoff shifts, the unit of payoffs and weights, the order of actions and of players."""
    invariant(point_of, example)


COMMON = st.tuples(payoff_arrays((3, 2), magnitude=10.0), st.sampled_from((0.2, 0.5, 1.0, 3.0, 30.0)))
WRONG_AT_COMMON = pick(
    planted.FIXED_POINTS, "transposed_matrix", "players_exchanged", "payoffs_transposed", "a_little_off"
)


@theorem(fixed_point, COMMON, WRONG_AT_COMMON | pick(planted.FIXED_POINTS, "alpha_dropped", "beta_dropped"), part=0.3)
def test_frozen_models_come_to_gibbs(point_of, example):
    """Common payoff at beta = inf: the marginals of the joint distribution that is proportional to exp(R / alpha)."""
    payoffs, alpha = example
    gibbs = np.exp((payoffs - payoffs.max()) / alpha)
    gibbs /= gibbs.sum()
    point = point_of(Equal(payoffs), (alpha, alpha), (INF, INF))
    if point.error_bound < 1e-3:
        close(point, [gibbs.sum(axis=1), gibbs.sum(axis=0)], 100.0 * np.ptp(payoffs) / alpha)


@theorem(
    fixed_point,
    COMMON,
    pick(
        planted.FIXED_POINTS,
        "players_exchanged",
        "payoffs_transposed",
        "alpha_dropped",
        "beta_dropped",
        "opponent_model_dropped",
        "a_little_off",
    ),
    part=0.3,
)
def test_equal_weights_come_to_singular_vectors(point_of, example):
    """Common payoff at alpha = beta: the leading singular vectors of exp(R / alpha)."""
    payoffs, alpha = example
    left, size, right = np.linalg.svd(np.exp((payoffs - payoffs.max()) / alpha))
    if size[1] > 0.9 * size[0] or np.ptp(payoffs) > 20.0 * alpha:
        return
    vectors = [np.abs(left[:, 0]), np.abs(right[0])]
    close(point_of(Equal(payoffs), (alpha, alpha), (alpha, alpha)), [v / v.sum() for v in vectors], 1e4)


def close(point, marginals, units):
    for logs, exact in zip(point.log_marginals, marginals, strict=True):
        mine = np.exp(logs - logs.max())
        assert mine.shape == exact.shape
        assert np.abs(mine / mine.sum() - exact).max() <= point.error_bound + (units + 100.0) * UNIT


@share(0.3)
@given(TWO)
def test_a_point_belongs_together(match):
    """Priors are the others' marginals, these the answers to them, and values those of the solver on that prior."""
    point = fixed_point(match.game, match.alpha, match.beta)
    assert point.residual <= 1e3 * UNIT * match.strain
    same(point.priors, point.marginals[::-1], 1e-14)
    same(plain_round(match.payoffs, match.alpha, match.beta, point.priors), point.marginals, 1e3 * UNIT * match.strain)
    for i in match.players:
        solution = rx.solve(match.game, i, match.alpha[i], match.beta[i], point.priors[i])
        assert abs(point.values[i] - solution.value[0]) <= 2.0 * solution.error_bound + 1e-12 * match.strain
        np.testing.assert_allclose(point.policies[i], solution.policy[0], atol=1e-13)
        np.testing.assert_allclose(point.opponent_models[i], solution.opponent_model[0], atol=1e-13)
        np.testing.assert_allclose(point.policies[i] @ point.opponent_models[i], point.marginals[i], atol=1e-10)
        for array in (point.priors[i], point.marginals[i], point.policies[i], point.opponent_models[i]):
            assert not array.flags.writeable
    np.testing.assert_allclose(point.expected_return, by_profiles(match.payoffs, point.marginals), rtol=0, atol=1e-11)
    if point.spectral_radius < 1.0 - 1e-6:  # else it may be told from two that meet only by the theorem
        assert point.index == 1 and point.stable and point.stable_averaged and point.stable_alternating


# --- convergence -----------------------------------------------------------------------------------------------------

WARM = matches(players=(2, 3), most=3, magnitude=10.0, full=True)
TWICE = WARM.flatmap(
    lambda match: st.tuples(
        st.just(match), st.tuples(*[distributions(len(p), full_support=True) for p in match.priors])
    )
)


@theorem(first_round, TWICE, pick(planted.ROUNDS, "alpha_dropped", "first_players_weights"), part=0.4)
def test_an_answer_contracts_hilberts_metric(play, example):
    """Birkhoff: answers to two priors are at most tanh(D / (4 alpha)) times as far apart, D a second difference."""
    match, others = example
    one, two = (play(match.game, match.alpha, match.beta, priors) for priors in (match.priors, others))
    for i in match.players:
        far = np.ptp(np.log(match.priors[i]) - np.log(others[i]))
        if min(one[i].min(), two[i].min()) > 1e-290 or match.alpha[i] > 1.0:
            factor = math.tanh(second_difference(table(match.payoffs, i)) / (4.0 * match.alpha[i]))
            assert np.ptp(np.log(one[i] / two[i])) <= factor * far + 256.0 * UNIT * match.strain


def played_out(game, alpha, beta, priors):
    """Where 12 rounds end, and how far that is from the fixed point at most."""
    path = rx.self_play(game, alpha, beta, priors, rounds=12, tol=1e-14)
    return path.marginals, path.error_bound


def _as_bound(bound):
    def ended(game, alpha, beta, priors):
        path = rx.self_play(game, alpha, beta, priors, rounds=12, tol=1e-14)
        return path.marginals, bound(path)

    return ended


ENDS = {
    "residual_for_a_bound": _as_bound(lambda path: path.residuals[-1] + 1e-13),
    "no_bound": _as_bound(lambda path: INF),
    "one_round": lambda game, alpha, beta, priors: (
        rx.self_play(game, alpha, beta, priors, rounds=1).marginals,
        played_out(game, alpha, beta, priors)[1],
    ),
    "players_exchanged": lambda game, alpha, beta, priors: (
        played_out(game, alpha, beta, priors)[0][::-1],
        played_out(game, alpha, beta, priors)[1],
    ),
    "opponent_model_dropped": lambda game, alpha, beta, priors: played_out(game, alpha, (INF,) * len(beta), priors),
}


@theorem(played_out, matches(least=2, magnitude=5.0), ENDS, part=0.3)
def test_self_play_comes_to_the_point_from_everywhere(ended, match):
    """Also from pure priors; the bound encloses what is left, by 60 digits, and is small where play forgets."""
    marginals, bound = ended(match.game, match.alpha, match.beta, match.priors)
    exact = exact_point(match.payoffs, match.alpha, match.beta)
    if exact is None or min(m[-1].min() for m in marginals) < 1e-290:
        return
    for mine, theirs in zip(marginals, exact[0], strict=True):
        assert mine.shape[1:] == (len(theirs),)
        assert exact_distance(np.log(mine[-1]), theirs) <= bound + 4.0 * UNIT * match.strain
    if exact[1] <= 4.0:
        assert bound <= 1e-9


def radius_of(game, alpha, beta):
    return fixed_point(game, alpha, beta).spectral_radius


RADII = {
    "of_two_rounds": lambda game, alpha, beta: radius_of(game, alpha, beta) ** 2,
    "alpha_dropped": lambda game, alpha, beta: radius_of(game, (1.0, 1.0), beta),
    "payoffs_transposed": lambda game, alpha, beta: radius_of(
        rx.MatrixGame(np.swapaxes(game.payoffs, 1, 2)), alpha, beta
    ),
    "first_players_payoffs": lambda game, alpha, beta: radius_of(
        rx.MatrixGame(np.stack([game.payoffs[0]] * 2)), alpha, beta
    ),
}


@theorem(radius_of, matches(least=2, most=2, magnitude=5.0), RADII, part=0.3)
def test_two_rounds_shrink_by_the_radius_squared(radius, match):
    """2 x 2 games near the fixed point, where the one log-ratio of a prior is multiplied by the derivative."""
    point = fixed_point(match.game, match.alpha, match.beta)
    far = []
    ratio = point.log_marginals[1][1] - point.log_marginals[1][0]
    if abs(ratio) > 20.0 or point.error_bound > 1e-6:
        return
    for h in (1e-4, -1e-4):
        odds = math.exp(ratio + h)
        prior = np.array([1.0, odds]) / (1.0 + odds)
        own = answer(table(match.payoffs, 0), prior, match.alpha[0], match.beta[0])
        other = answer(table(match.payoffs, 1), own, match.alpha[1], match.beta[1])
        far.append(math.log(other[1] / other[0]))
    assert abs(abs(far[0] - far[1]) / 2e-4 - radius(match.game, match.alpha, match.beta) ** 2) < 1e-5
    assert point.alternating_radius == pytest.approx(point.spectral_radius**2, abs=1e-9)


@pytest.mark.parametrize("game", ["stag_hunt", "chicken", "battle_of_the_sexes"])
def test_counting_comes_there_at_its_own_pace(game):
    """With steps 1 / (k + 2) the distance falls as k to the power of the largest real eigenvalue less 1."""
    given = rx.games.get(game), 2.0, 3.0
    point = fixed_point(*given)
    path = rx.self_play(*given, [[0.9, 0.1], [0.3, 0.7]], UPDATES["counting"], 2000)
    far = [
        max(
            float(hilbert_distance(np.log(m[k]), logs))
            for m, logs in zip(path.marginals, point.log_marginals, strict=True)
        )
        for k in (200, 2000)
    ]
    assert math.log10(far[1] / far[0]) == pytest.approx(point.eigenvalues.real.max() - 1.0, abs=0.03)
    assert far[1] <= path.error_bound


def test_play_that_cycles():
    """Three who do best apart from the two others together: simultaneous play swings, in turn and averaged it rests."""
    game = apart(3.0)
    tilted = [[0.4, 0.2, 0.2, 0.2]] * 3
    path = rx.self_play(game, prior=tilted, rounds=400)
    assert not path.converged and path.period == 2 and path.error_bound == INF
    np.testing.assert_allclose(path.marginals[0][-1], path.marginals[0][-3], atol=1e-9)
    assert np.abs(path.marginals[0][-1] - path.marginals[0][-2]).max() > 0.1
    for update in (0.5, "alternating"):
        path = rx.self_play(game, prior=tilted, update=update, rounds=2000)
        assert path.converged and path.period == 1
        np.testing.assert_allclose(path.marginals[0][-1], 0.5, atol=1e-9)
    (point,) = rx.self_play_equilibria(game).points
    assert not point.stable and point.stable_averaged and point.stable_alternating and point.index == 1
    swing = 2.0 * (math.e**3 - 1.0) / (math.e**3 + 3.0)
    np.testing.assert_allclose(np.sort(point.eigenvalues.real), [-swing, swing / 2.0, swing / 2.0], rtol=1e-7)
    assert point.largest_step == pytest.approx(2.0 / (1.0 + swing))


def apart(reward):
    """Each of three earns `reward` where the two others choose alike and it does not."""
    payoffs = np.zeros((3, 2, 2, 2))
    for i, profile in product(range(3), product(range(2), repeat=3)):
        others = {a for j, a in enumerate(profile) if j != i}
        payoffs[(i, *profile)] = reward * (others == {1 - profile[i]})
    return rx.MatrixGame(payoffs)


# --- three players and more ------------------------------------------------------------------------------------------


def together(reward):
    """What three who are to choose alike come to: (points, verdict)."""
    found = rx.self_play_equilibria(rx.games.three_player_coordination(reward))
    return found.points, found.unique


FORKS = {
    "first_only": lambda reward: (together(reward)[0][:1], together(reward)[1]),
    "last_missing": lambda reward: (together(reward)[0][:-1] or together(reward)[0], together(reward)[1]),
    "other_payoffs": lambda reward: together(1.2 * reward),
    "other_temperature": lambda reward: (
        rx.self_play_equilibria(rx.games.three_player_coordination(reward), 1.1).points,
        together(reward)[1],
    ),
    "always_unique": lambda reward: (together(reward)[0], True),
}


@theorem(together, st.sampled_from((0.1, 0.5, 1.0, 1.09, 1.11, 1.4, 1.6, 1.62, 1.7, 2.0, 4.0, 10.0)), FORKS, part=0.2)
def test_three_who_choose_alike(play, reward):
    """One point up to reward = ln 5, three above; a theorem says that there is one up to ln 3."""
    points, unique = play(reward)
    t = math.exp(reward)
    assert unique == (t < 3.0)
    assert len(points) == (1 if t < 5.0 else 3)
    assert sum(point.index for point in points) == 1
    middle = [point for point in points if np.abs(point.marginals[0] - 0.5).max() < 1e-6]
    assert len(middle) == 1
    swing = (t - 1.0) / (t + 3.0)
    np.testing.assert_allclose(np.sort(middle[0].eigenvalues.real), [-swing, -swing, 2.0 * swing], rtol=1e-9)
    assert middle[0].stable == middle[0].stable_averaged == (t < 5.0)
    assert middle[0].index == (1 if t < 5.0 else -1)
    assert middle[0].expected_return[0] == pytest.approx(reward / 4.0)
    sides = sorted((point for point in points if point is not middle[0]), key=lambda point: point.marginals[0][0])
    for point in sides:
        assert point.stable and point.stable_averaged and point.stable_alternating and point.index == 1
        x = point.marginals[0][0]
        odds = (x * x * t + 1.0 - x * x) / (
            (1.0 - x) ** 2 * t + 1.0 - (1.0 - x) ** 2
        )  # of the first action, eq. 10, 11
        assert odds == pytest.approx(x / (1.0 - x), rel=1e-9)
    if sides:
        np.testing.assert_allclose(sides[0].marginals[0], sides[1].marginals[0][::-1], rtol=1e-8)
        assert points[-1] is middle[0]


def derivative(population, play):
    return population.jacobian(play)


def _other(change):
    return lambda population, play: Population.of(*change(population)).jacobian(play)


JACOBIANS = {
    "transposed": lambda population, play: np.swapaxes(population.jacobian(play), 1, 2),
    "alpha_dropped": _other(lambda p: (p.game, 1.0, p.beta)),
    "beta_dropped": _other(lambda p: (p.game, p.alpha, 1.0)),
    "opponent_model_dropped": _other(lambda p: (p.game, p.alpha, INF)),
    "first_players_payoffs": _other(
        lambda p: (rx.MatrixGame(np.stack([p.game.payoffs[0]] * len(p.sizes))), p.alpha, p.beta)
    ),
    "minus": lambda population, play: -population.jacobian(play),
    "last_player_ignored": lambda population, play: (
        population.jacobian(play)
        * (np.arange(play[0].shape[0] * population.flat(play).shape[1]) < population.flat(play).shape[1] - 1)
    ),
}


def by_differences(answers, population, y, h=1e-5):
    """The derivative of a round in log-ratios, by central differences of a second implementation."""
    columns = []
    for k in range(len(y)):
        ends = []
        for step in (h, -h):
            moved = y.copy()
            moved[k] += step
            ends.append(answers(population.play_of(moved[None])))
        columns.append((ends[0] - ends[1]) / (2.0 * h))
    return np.array(columns).T


def ratios(marginals):
    """Log-ratios to the first action, all players and states in a row."""
    return np.concatenate([(np.log(m[..., 1:]) - np.log(m[..., :1])).reshape(-1) for m in marginals])


PLACES = st.tuples(
    matches(
        players=(1, 3), least=2, magnitude=10.0, alphas=st.floats(0.5, 5.0), betas=st.floats(0.5, 5.0) | st.just(INF)
    ),
    st.integers(0, 2**32 - 1),
)


@theorem(derivative, PLACES, JACOBIANS, part=0.3)
def test_the_derivative_by_differences(jacobian, example):
    """In log-ratios, at any play; matrix games."""
    match, seed = example
    population = Population.of(match.game, match.alpha, match.beta)
    y = np.random.default_rng(seed).normal(size=population.flat(population.uniform()).shape[1])

    def answers(play):
        marginals = [np.exp(x[0, 0]) for x in play]
        priors = [joint(marginals, i) for i in match.players]
        return ratios(plain_round(match.payoffs, match.alpha, match.beta, priors))

    exact = by_differences(answers, population, y)
    mine = jacobian(population, population.play_of(y[None]))[0]
    assert mine.shape == exact.shape
    np.testing.assert_allclose(mine, exact, rtol=0.0, atol=1e-7)


SMALL_THREE = matches(
    players=(3, 3),
    least=2,
    most=2,
    magnitude=5.0,
    alphas=st.sampled_from((0.3, 1.0)),
    betas=st.sampled_from((0.5, 1.0, INF)),
)


def found_points(game, alpha, beta):
    return rx.self_play_equilibria(game, alpha, beta).points


FOUND = {
    "last_missing": lambda game, alpha, beta: found_points(game, alpha, beta)[1:],
    "twice": lambda game, alpha, beta: found_points(game, alpha, beta) * 2,
    "alpha_dropped": lambda game, alpha, beta: found_points(game, 1.7, beta),
    "opponent_model_dropped": lambda game, alpha, beta: found_points(game, alpha, INF),
    "first_players_payoffs": lambda game, alpha, beta: found_points(
        rx.MatrixGame(np.stack([game.payoffs[0]] * len(game.payoffs))), alpha, beta
    ),
}


@theorem(found_points, SMALL_THREE, FOUND, part=0.2)
def test_indices_add_up_to_one(points_of, match):
    """Every point answers itself, by plain exponentials, no two are one, and their indices sum to 1."""
    points = points_of(match.game, match.alpha, match.beta)
    assert sum(point.index for point in points) == 1
    for k, point in enumerate(points):
        same(plain_round(match.payoffs, match.alpha, match.beta, point.priors), point.marginals, 1e-8)
        same(point.priors, [joint(point.marginals, i) for i in match.players], 1e-12)
        np.testing.assert_allclose(point.expected_return, by_profiles(match.payoffs, point.marginals), atol=1e-12)
        for other in points[:k]:
            assert max(np.abs(x - y).max() for x, y in zip(point.marginals, other.marginals, strict=True)) > 1e-7


@share(0.15)
@given(SMALL_THREE)
def test_bounds_of_three_players(match):
    """Where a theorem gives a bound, no play from anywhere ends farther away than it."""
    mild = match._replace(payoffs=match.payoffs / max(1.0, 2.0 * np.ptp(match.payoffs)))
    found = rx.self_play_equilibria(mild.game, mild.alpha, mild.beta)
    if min(mild.alpha) < 1.0:
        return
    assert found.unique and found.complete and len(found) == 1 and found.attempts == 1
    for seed in range(2):
        start = [np.random.default_rng(seed).dirichlet(np.ones(4)) for _ in range(3)]
        early, late = (rx.self_play(mild.game, mild.alpha, mild.beta, start, rounds=k, tol=0.0) for k in (3, 100))
        for point, one, two in zip(found.points[0].log_marginals, early.marginals, late.marginals, strict=True):
            exact = np.log(two[-1])
            assert float(hilbert_distance(exact, point)) <= found.points[0].error_bound + late.error_bound
            assert float(hilbert_distance(np.log(one[-1]), exact)) <= early.error_bound + late.error_bound
        assert late.error_bound < 1e-12


def stabilities(point):
    """Under simultaneous play, in turn, and by small steps; and the largest step."""
    return point.stable, point.stable_alternating, point.stable_averaged, point.largest_step


STABILITIES = {
    "simultaneous_for_averaged": lambda point: (
        point.stable,
        point.stable_alternating,
        point.stable,
        point.largest_step,
    ),
    "averaged_for_simultaneous": lambda point: (
        point.stable_averaged,
        point.stable_alternating,
        point.stable_averaged,
        point.largest_step,
    ),
    "averaged_for_alternating": lambda point: (
        point.stable,
        not point.stable_averaged,
        point.stable_averaged,
        point.largest_step,
    ),
    "every_step": lambda point: (point.stable, point.stable_alternating, point.stable_averaged, 2.0),
    "half_the_step": lambda point: (
        point.stable,
        point.stable_alternating,
        point.stable_averaged,
        0.5 * point.largest_step,
    ),
    "always": lambda point: (True, True, True, point.largest_step),
}

SETTINGS = (
    (apart(3.0), 1.0, 1.0),
    (apart(1.2), 1.0, 1.0),
    (rx.games.three_player_coordination(3.0), 1.0, 1.0),
    (rx.games.three_player_coordination(2.0), 1.0, 0.7),
    (rx.games.three_player_matching_pennies(), 1.0, 1.0),
    (rx.games.three_player_matching_pennies(), 0.5, 0.3),
    (apart(6.0), 1.0, INF),
    (families.random_game((2, 2, 2), rng=np.random.default_rng(3)), 0.2, 0.2),
)


@cache
def points_in(k):
    return found_points(*SETTINGS[k])


@theorem(stabilities, st.integers(0, len(SETTINGS) - 1), STABILITIES, part=0.1)
def test_stability_by_simulation(told, k):
    """A small push dies out, or grows, as the eigenvalues say: all at once, in turn, by small steps, by large ones."""
    game, alpha, beta = SETTINGS[k]
    for point in points_in(k):
        simultaneous, alternating, averaged, step = told(point)
        push = Pushed(game, alpha, beta, point)
        assert push.dies("simultaneous", point.spectral_radius) in (simultaneous, None)
        assert push.dies("alternating", point.alternating_radius) in (alternating, None)
        assert push.dies(0.1, radius_by(point, 0.1)) in (averaged, None)
        if 0.0 < step < 0.9:
            assert push.dies(0.93 * step, radius_by(point, 0.93 * step)) in (True, None)
            assert push.dies(1.07 * step, radius_by(point, 1.07 * step)) in (False, None)
        elif step > 1.0:
            assert push.dies("simultaneous", point.spectral_radius) in (True, None)


def radius_by(point, step):
    return float(np.abs(1.0 - step * (1.0 - point.eigenvalues)).max())


class Pushed:
    """Play from priors a little off a fixed point, by plain exponentials."""

    def __init__(self, game, alpha, beta, point):
        self.tables = [table(game.payoffs, i) for i in range(3)]
        self.weights, self.point = (alpha, beta), point
        rng = np.random.default_rng(5)
        pushed = [x + 1e-5 * rng.normal(size=len(x)) for x in point.log_marginals]
        self.start = [joint([np.exp(x) / np.exp(x).sum() for x in pushed], i) for i in range(3)]

    def dies(self, update, radius):
        """Whether it has shrunk when it should have, or grown; None where that would take long."""
        if abs(math.log(max(radius, 1e-3))) < 0.01:
            return None
        rounds = min(400, 5 + math.ceil(5.0 / abs(math.log(max(radius, 1e-3)))))
        priors = list(self.start)
        before = self.far(priors)
        play = self.play(priors)
        for _ in range(rounds):
            if update == "alternating":
                for i in range(3):
                    priors[i] = joint(play, i)
                    play[i] = answer(self.tables[i], priors[i], *self.weights)
            else:
                step = 1.0 if update == "simultaneous" else update
                priors = [(1.0 - step) * p + step * joint(play, i) for i, p in enumerate(priors)]
                play = self.play(priors)
        return self.far(priors) < before

    def play(self, priors):
        return [answer(q, prior, *self.weights) for q, prior in zip(self.tables, priors, strict=True)]

    def far(self, priors):
        return max(np.abs(p - q).max() for p, q in zip(priors, self.point.priors, strict=True))


# --- several states --------------------------------------------------------------------------------------------------


def dense(game):
    """p(s'|s, profile) as an array, and live states."""
    rows = game.transitions.toarray() if sparse.issparse(game.transitions) else game.transitions
    return rows.reshape(*game.payoffs.shape[1:], game.num_states), ~game.terminal


def plain_tables(game, i, alpha, beta, prior):
    """Q of eq. 12 by value iteration from 0, and V: the paper's Algorithm, state by state."""
    moves, live = dense(game)
    rewards = [table(game.payoffs[:, s], i) for s in range(game.num_states)]
    paths = [
        [table(np.stack([moves[s][..., t]] * game.num_players), i) for t in range(game.num_states)]
        for s in range(game.num_states)
    ]
    worth = np.zeros(game.num_states)
    for _ in range(2000):
        q = [
            live[s] * (rewards[s] + game.discount * sum(p * v for p, v in zip(paths[s], worth, strict=True)))
            for s in range(game.num_states)
        ]
        better = np.array([live[s] * value(q[s], prior[s], alpha, beta) for s in range(game.num_states)])
        if np.abs(better - worth).max() < 1e-15 * (1.0 + np.abs(better).max()):
            break
        worth = better
    return q, worth


def plain_states(game, alpha, beta, priors):
    """A round: everyone's marginals (S, A_i)."""
    played = []
    for i, prior in enumerate(priors):
        q, _ = plain_tables(game, i, alpha[i], beta[i], prior)
        played.append(np.array([answer(q[s], prior[s], alpha[i], beta[i]) for s in range(game.num_states)]))
    return played


def joint_states(marginals, i):
    return np.array([joint([m[s] for m in marginals], i) for s in range(len(marginals[0]))])


class World(NamedTuple):
    """A stochastic game with everyone's weights and prior."""

    game: rx.StochasticGame
    alpha: tuple
    beta: tuple
    priors: tuple


@st.composite
def worlds(draw, *, players=(1, 3), most=2, local=False, alphas=(0.5, 1.0, 3.0), betas=(0.4, 1.0, INF)):
    """Three states, the last at times terminal; `local`: no action decides whether play comes back to a state."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, states = draw(st.integers(*players)), 3
    sizes = tuple(draw(st.integers(2, most)) for _ in range(n))
    payoffs = rng.normal(size=(n, states, *sizes)) * draw(st.sampled_from((0.5, 2.0)))
    moves = rng.dirichlet(np.ones(states), size=(states, *sizes))
    kind = draw(st.sampled_from(("ladder", "blind", "mixed"))) if local else "any"
    if kind == "blind":
        moves[:] = moves[(slice(None), *(slice(0, 1),) * n)]
    elif kind == "ladder":  # on, or back to the same state, which nobody decides
        stay = rng.uniform(0.0, 0.7, size=states)
        ahead = np.triu(np.ones((states, states)), 1).reshape(states, *(1,) * n, states)
        moves = moves * ahead
        moves[:-1] *= (1.0 - stay)[:-1].reshape(-1, *(1,) * (n + 1)) / moves[:-1].sum(axis=-1, keepdims=True)
        for s in range(states):
            moves[s, ..., s] = stay[s] if s < states - 1 else 1.0
    elif kind == "mixed":  # states 0 and 1 lead to each other, and by choice to 2, which ends
        moves[:2, ..., :2] = rng.dirichlet(np.ones(3), size=2)[:, :2].reshape(2, *(1,) * n, 2)
        moves[:2, ..., 2] = 1.0 - moves[:2, ..., :2].sum(axis=-1)
        moves[2] = np.eye(states)[2]
    terminal = [2] if draw(st.booleans()) or (kind == "mixed" and draw(st.booleans())) else None
    initial = draw(st.none() | st.just(rng.dirichlet(np.ones(states))))
    game = rx.StochasticGame(payoffs, moves, draw(st.sampled_from((0.0, 0.3, 0.7))), terminal, initial)
    alpha, beta = (tuple(draw(st.sampled_from(weights)) for _ in range(n)) for weights in (alphas, betas))
    priors = tuple(rng.dirichlet(np.ones(math.prod(sizes) // size), size=states) for size in sizes)
    return World(game, alpha, beta, priors)


def changed(game, **parts):
    """The same stochastic game with some parts replaced."""
    kept = {"payoffs": game.payoffs, "transitions": game.transitions, "discount": game.discount}
    return rx.StochasticGame(**{**kept, "terminal": game.terminal, "initial": game.initial, **parts})


def state_round(game, alpha, beta, priors):
    path = rx.self_play(game, alpha, beta, priors, rounds=0)
    return tuple(m[0] for m in path.marginals)


def _of_changed(operator, change):
    return lambda game, *rest: operator(change(game), *rest)


MISREAD_GAMES = {
    "discount_dropped": lambda game: changed(game, discount=0.0),
    "endless": lambda game: changed(game, terminal=None),
    "first_players_payoffs": lambda game: changed(game, payoffs=np.stack([game.payoffs[0]] * game.num_players)),
    "states_in_reverse": lambda game: changed(game, payoffs=game.payoffs[:, ::-1]),
    "moves_of_the_first_profile": lambda game: changed(
        game,
        transitions=np.broadcast_to(
            dense(game)[0][(slice(None), *(slice(0, 1),) * game.num_players)], dense(game)[0].shape
        ),
    ),
}
WRONG_WORLDS = {name: _of_changed(state_round, change) for name, change in MISREAD_GAMES.items()} | {
    "alpha_dropped": lambda game, alpha, beta, priors: state_round(game, (1.0,) * len(alpha), beta, priors),
    "opponent_model_dropped": lambda game, alpha, beta, priors: state_round(game, alpha, (INF,) * len(beta), priors),
    "prior_dropped": lambda game, alpha, beta, priors: state_round(game, alpha, beta, None),
}


@theorem(state_round, worlds(), WRONG_WORLDS, part=0.2)
def test_a_round_of_a_stochastic_game(play, world):
    """What everyone plays in every state, with Q by value iteration."""
    same(play(*world), plain_states(*world), 1e-10)


@share(0.1)
@given(worlds(players=(2, 3)), st.sampled_from(("alternating", 0.5)))
def test_a_path_of_a_stochastic_game(world, update):
    """The second round of play in turn, and by half steps."""
    game, alpha, beta, priors = world
    path = rx.self_play(game, alpha, beta, priors, update, 1, tol=0.0)
    play, priors = plain_states(*world), list(priors)
    for i in range(game.num_players):
        if update == "alternating":
            priors[i] = joint_states(play, i)
            play[i] = plain_states(game, alpha, beta, priors)[i]
        else:
            priors[i] = 0.5 * priors[i] + 0.5 * joint_states(play, i)
    same([p[1] for p in path.priors], priors, 1e-9)
    same([m[1] for m in path.marginals], plain_states(game, alpha, beta, priors), 1e-9)


STATE_JACOBIANS = {
    "transposed": lambda population, play: np.swapaxes(population.jacobian(play), 1, 2),
    "values_fixed": lambda population, play: Population.of(
        population.game, population.alpha, population.beta, 0.0
    ).jacobian(play),
    "endless": _other(lambda p: (changed(p.game, terminal=None), p.alpha, p.beta)),
    "alpha_dropped": _other(lambda p: (p.game, 1.0, p.beta)),
    "beta_dropped": _other(lambda p: (p.game, p.alpha, 1.0)),
    "first_state_only": lambda population, play: (
        population.jacobian(play) * (np.arange(population.flat(play).shape[1]) % population.states == 0)
    ),
}


@theorem(derivative, worlds(players=(1, 3)), STATE_JACOBIANS, part=0.08)
def test_the_derivative_in_a_stochastic_game(jacobian, world):
    """By differences, values moving with the priors."""
    population = Population.of(*world[:3])
    y = np.random.default_rng(1).normal(size=population.flat(population.uniform()).shape[1])

    def answers(play):
        marginals = [np.exp(x[0]) for x in play]
        return ratios(plain_states(*world[:3], [joint_states(marginals, i) for i in population.players]))

    exact = by_differences(answers, population, y, 1e-4)
    mine = jacobian(population, population.play_of(y[None]))[0]
    np.testing.assert_allclose(mine, exact, rtol=0.0, atol=2e-6)


def the_only_point(game, alpha, beta):
    found = rx.self_play_equilibria(game, alpha, beta)
    assert found.unique and found.complete and len(found) == 1 and found.theorem
    return found.points[0].marginals, found.points[0].values


def backward(game, alpha, beta):
    """Two players, where no action decides whether play comes back: matrix games, from the last states to the first.

    In a class of states that lead to each other the future inside adds a number to all payoffs, which nobody heeds; the
    values then solve a linear system.
    """
    moves, live = dense(game)
    states, gamma = game.num_states, game.discount
    worth = np.zeros((2, states))
    marginals = [np.full((states, size), 1.0 / size) for size in game.num_actions]
    first = moves[:, 0, 0]
    inside = np.array([[np.ptp(moves[s][..., t]) == 0.0 for t in range(states)] for s in range(states)])
    for _ in range(states + 1):  # every pass settles what the next one builds on
        gains = np.zeros((2, states))
        for s in np.flatnonzero(live):
            ahead = sum(moves[s][..., t] * worth[:, t, None, None] for t in range(states) if not inside[s, t])
            payoffs = game.payoffs[:, s] + gamma * ahead
            point = fixed_point(rx.MatrixGame(payoffs), alpha, beta)
            for i in range(2):
                marginals[i][s] = point.marginals[i]
                gains[i, s] = value(table(payoffs, i), point.priors[i], alpha[i], beta[i])
        steady = gamma * np.where(inside, first, 0.0) * live * live[:, None]
        worth = np.linalg.solve(np.eye(states) - steady, gains.T).T
    return marginals, worth


ONLY = {
    name: _of_changed(backward, change)
    for name, change in MISREAD_GAMES.items()
    if name != "moves_of_the_first_profile"
}
ONLY |= {
    "players_exchanged": lambda *given: tuple(part[::-1] for part in the_only_point(*given)),
    "alpha_dropped": lambda game, alpha, beta: backward(game, (1.0, 1.0), beta),
    "weights_exchanged": lambda game, alpha, beta: backward(game, alpha[::-1], beta[::-1]),
}


@theorem(the_only_point, worlds(players=(2, 2), most=3, local=True), ONLY, part=0.12)
def test_no_way_back_is_backward_induction(point_of, world):
    """Where no action decides whether a state is met again there is one point: matrix games, solved from the end."""
    marginals, values = point_of(*world[:3])
    expected, worth = backward(*world[:3])
    for mine, exact in zip(marginals, expected, strict=True):
        assert np.shape(mine) == np.shape(exact)
        np.testing.assert_allclose(mine, exact, rtol=0.0, atol=1e-8)
    np.testing.assert_allclose(values, worth, rtol=0.0, atol=1e-8)


@share(0.1)
@given(matches(players=(2, 3), least=2, most=2, magnitude=3.0), st.sampled_from((0.0, 0.6)))
def test_one_state_is_a_matrix_game(match, discount):
    """As a stochastic game, and under any discount, a matrix game has the same points."""
    shape = match.payoffs.shape
    world = rx.StochasticGame(match.payoffs[:, None], np.ones((1, *shape[1:], 1)), discount)
    if len(shape) == 3 or match.alpha[0] > 0.3:
        one = rx.self_play_equilibria(match.game, match.alpha, match.beta)
        two = rx.self_play_equilibria(world, match.alpha, match.beta)
        under = rx.self_play_equilibria(match.game, match.alpha, match.beta, discount)
        if max(point.spectral_radius for point in one) > 0.999:
            return
        assert len(one) == len(two) and one.unique >= two.unique and one.index_sum == two.index_sum
        for mine, theirs, other in zip(one, two, under, strict=True):
            same([m[0] for m in theirs.marginals], mine.marginals, 1e-6)
            same(other.marginals, mine.marginals, 1e-6)
            np.testing.assert_allclose([v[0] for v in theirs.values], other.values, rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(np.abs(theirs.eigenvalues), np.abs(mine.eigenvalues), atol=1e-5)


@pytest.mark.parametrize(("seed", "sizes", "terminal"), [(1, (2, 2), None), (2, (2, 3), [0]), (3, (2, 2, 2), None)])
def test_found_points_answer_themselves(seed, sizes, terminal):
    """General stochastic games, dense and sparse: by plain value iteration, the same points, indices that sum to 1."""
    rng = np.random.default_rng(seed)
    n = len(sizes)
    game = rx.StochasticGame(
        rng.normal(size=(n, 2, *sizes)), rng.dirichlet(np.ones(2), size=(2, *sizes)), 0.6, terminal
    )
    alpha, beta = (0.5,) * n, (1.0,) * n
    thin = changed(game, transitions=sparse.csr_array(game.transitions.reshape(-1, 2)))
    one, two = (rx.self_play_equilibria(given, alpha, beta, starts=4) for given in (game, thin))
    assert one.index_sum == two.index_sum == 1 and len(one) == len(two)
    for mine, theirs in zip(one, two, strict=True):
        assert mine.residual < 1e-10
        same(plain_states(game, alpha, beta, mine.priors), mine.marginals, 1e-8)
        same(theirs.marginals, mine.marginals, 1e-8)
        for i in range(n):
            np.testing.assert_allclose(mine.priors[i], joint_states(mine.marginals, i), atol=1e-12)
            solution = rx.solve(game, i, alpha[i], beta[i], mine.priors[i])
            np.testing.assert_allclose(mine.values[i], solution.value, atol=1e-8)
            np.testing.assert_allclose(mine.policies[i], solution.policy, atol=1e-8)


def first_return(game, alpha, beta, priors):
    path = rx.self_play(game, alpha, beta, priors, rounds=0)
    return path.expected_returns[0]


RETURNS = {
    "discount_dropped": lambda game, *rest: np.array(
        [
            game.initial
            @ [
                by_profiles(game.payoffs[:, s], [m[s] for m in state_round(game, *rest)])[i]
                for s in range(game.num_states)
            ]
            for i in range(game.num_players)
        ]
    ),
    "from_anywhere": lambda game, *rest: first_return(changed(game, initial=np.full(3, 1.0 / 3.0)), *rest),
    "of_the_values": lambda game, alpha, beta, priors: np.array(
        [game.initial @ rx.solve(game, i, alpha[i], beta[i], priors[i]).value for i in range(game.num_players)]
    ),
    "players_exchanged": lambda *given: first_return(*given)[::-1],
}


@theorem(first_return, worlds(), RETURNS, part=0.1)
def test_what_independent_play_earns(returns, world):
    """The discounted mean over profiles and states, step by step."""
    game = world.game
    marginals = plain_states(*world)
    moves, live = dense(game)
    here, total, weight = np.array(game.initial), np.zeros(game.num_players), 1.0
    for _ in range(120):
        ahead = np.zeros(game.num_states)
        for s in np.flatnonzero(live):
            for profile in product(*map(range, game.num_actions)):
                chance = here[s] * math.prod(m[s][a] for m, a in zip(marginals, profile, strict=True))
                total += weight * chance * game.payoffs[(slice(None), s, *profile)]
                ahead += chance * moves[(s, *profile)]
        here, weight = ahead, weight * game.discount
        if weight < 1e-17:
            break
    np.testing.assert_allclose(returns(*world), total, rtol=0.0, atol=1e-9)


# --- limits and errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [1e-12, 1.0, 1e12, INF])
@pytest.mark.parametrize("alpha", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("shift", [0.0, 2.0**20])
def test_extremes_come_without_a_warning(alpha, beta, shift):
    """Any weights, payoffs shifted by a million: distributions, a bound that is no NaN, and the same play."""
    payoffs = rx.games.stag_hunt().payoffs
    found = rx.self_play_equilibria(rx.MatrixGame(payoffs + shift), alpha, beta)
    (point,) = found.points
    assert found.unique and point.residual <= 1e-9 and point.error_bound >= 0.0
    path = rx.self_play(rx.MatrixGame(payoffs + shift), alpha, beta, rounds=20)
    plain = rx.self_play_equilibria(rx.MatrixGame(payoffs), alpha, beta).points[0]
    for i in range(2):
        assert abs(point.marginals[i].sum() - 1.0) < 1e-15 and np.isfinite(path.marginals[i]).all()
        np.testing.assert_array_equal(point.marginals[i], plain.marginals[i])
        if alpha == 1e12 and beta >= 1.0:
            np.testing.assert_allclose(point.marginals[i], 0.5, atol=1e-11)


def test_one_player_answers_at_once():
    """Alone: the softmax of the payoffs, one point, no derivative, and play that ends after a round."""
    game = rx.MatrixGame([[1.0, 2.0, 0.0]])
    softmax = np.exp([1.0, 2.0, 0.0]) / np.exp([1.0, 2.0, 0.0]).sum()
    found = rx.self_play_equilibria(game)
    assert found.unique and found.points[0].index == 1 and found.points[0].spectral_radius == 0.0
    np.testing.assert_allclose(found.points[0].marginals[0], softmax, rtol=1e-14)
    assert found.points[0].values[0] == pytest.approx(math.log(math.e**2 + math.e + 1.0))
    path = rx.self_play(game)
    assert path.rounds == 0 and path.converged and path.period == 1
    np.testing.assert_allclose(path.marginals[0][0], softmax, rtol=1e-14)


def test_the_hard_maximum_plays():
    """alpha = 0: climbing from the belief in B stays there, from the belief in A there; the point is refused."""
    game = rx.games.climbing()
    for action in (0, 1):
        pure = np.eye(3)[action]
        path = rx.self_play(game, 0.0, 1.0, [pure, pure])
        assert path.converged and path.rounds == 0
        np.testing.assert_array_equal(path.marginals[0][0], pure)


def test_distances_by_hand():
    """Hilbert's metric on logarithms: blind to scale, infinite where supports differ."""
    x, y = np.log([0.5, 0.25, 0.25]), np.log([0.25, 0.25, 0.5])
    assert hilbert_distance(x, y) == pytest.approx(math.log(4.0))
    assert hilbert_distance(x + 7.0, x) == pytest.approx(0.0, abs=1e-15)
    assert hilbert_distance(np.array([0.0, -INF]), np.array([3.0, -INF])) == 0.0
    assert hilbert_distance(np.array([0.0, -INF]), np.array([0.0, -900.0])) == INF
    np.testing.assert_allclose(hilbert_distance(np.stack([x, y]), y), [math.log(4.0), 0.0], atol=1e-15)


GAME, THREE = rx.games.stag_hunt(), rx.games.three_player_coordination()
WORLD = rx.StochasticGame(np.zeros((2, 2, 2, 2)), np.full((2, 2, 2, 2), 0.5), 0.5)
NAN = math.nan


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: rx.self_play([[1.0]]), "game must be a MatrixGame or a StochasticGame, not list"),
        (lambda: rx.self_play_equilibria(GAME.view(0)), "game must be a MatrixGame or a StochasticGame, not View"),
        (lambda: rx.self_play(GAME, alpha=-1.0), "alpha is -1.0"),
        (lambda: rx.self_play(GAME, alpha=[1.0, NAN]), "alpha[1] is nan"),
        (lambda: rx.self_play(GAME, alpha=[1.0, 1.0, 1.0]), "alpha must be a number, or 2, one for each player"),
        (lambda: rx.self_play(GAME, alpha=INF), "alpha is inf, not a finite number"),
        (lambda: rx.self_play(GAME, beta=[[1.0, 1.0]]), "beta must be a number, or 2, one for each player"),
        (lambda: rx.self_play(GAME, beta="1"), "beta is '1'"),
        (lambda: rx.self_play(GAME, prior=[[0.5, 0.5]]), "prior must hold 2 distributions, one for each player"),
        (lambda: rx.self_play(GAME, prior=1.0), "prior must hold 2 distributions, one for each player"),
        (lambda: rx.self_play(GAME, prior=[[0.5, 0.5], [0.5, 0.6]]), "prior[player=1] sums to 1.1"),
        (lambda: rx.self_play(GAME, prior=[[0.5, 0.5], [1.5, -0.5]]), "prior[player=1, b=1] is -0.5"),
        (lambda: rx.self_play(GAME, prior=[[0.5, NAN], [0.5, 0.5]]), "prior[player=0, b=1] is nan"),
        (lambda: rx.self_play(GAME, prior=[[0.5, 0.5], [1.0]]), "prior[player=1] must have shape (2,), not (1,)"),
        (
            lambda: rx.self_play(THREE, prior=[[0.25] * 4, [0.5, 0.5], [0.25] * 4]),
            "prior[player=1] must have shape (4,)",
        ),
        (
            lambda: rx.self_play(THREE, prior=[[0.25] * 4, [0.25] * 4, [0.5, 0.5, 0.5, -0.5]]),
            "prior[player=2, b=3] is -0.5",
        ),
        (
            lambda: rx.self_play(WORLD, prior=[[[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.4]]]),
            "prior[player=1, s=1] sums to 0.9",
        ),
        (
            lambda: rx.self_play(WORLD, prior=[[[0.5, 0.5], [2.0, -1.0]], [[0.5, 0.5], [0.5, 0.5]]]),
            "prior[player=0, s=1, b=1] is -1.0",
        ),
        (
            lambda: rx.self_play(WORLD, prior=[np.full((3, 2), 0.5)] * 2),
            "prior[player=0] must have shape (2, 2), not (3, 2)",
        ),
        (lambda: rx.self_play(GAME, update="alternate"), "update is 'alternate', not 'simultaneous', 'alternating' or"),
        (lambda: rx.self_play(GAME, update=0.0), "update's step in round 0 is 0"),
        (lambda: rx.self_play(GAME, update=1.5), "update's step in round 0 is 1.5, not in [0, 1]"),
        (lambda: rx.self_play(GAME, update=NAN), "update's step in round 0 is nan"),
        (lambda: rx.self_play(GAME, update=None), "update's step in round 0 must be a number, not None"),
        (lambda: rx.self_play(GAME, update=lambda k: 1.0 - k), "update's step in round 1 is 0"),
        (lambda: rx.self_play(GAME, update=lambda k: "half"), "update's step in round 0 must be a number"),
        (lambda: rx.self_play(GAME, rounds=-1), "rounds is -1"),
        (lambda: rx.self_play(GAME, rounds=2.5), "rounds must be an integer"),
        (lambda: rx.self_play(GAME, tol=-1e-9), "tol is -1e-09"),
        (lambda: rx.self_play(GAME, discount=1.0), "discount is 1.0"),
        (lambda: rx.self_play_equilibria(GAME, alpha=0.0), "alpha[player=0] is 0, where there may be continua"),
        (lambda: rx.self_play_equilibria(GAME, alpha=[1.0, 0.0]), "alpha[player=1] is 0"),
        (lambda: rx.self_play_equilibria(WORLD, beta=[1.0, 0.0]), "beta[player=1] is 0, where values are not smooth"),
        (lambda: rx.self_play_equilibria(GAME, beta=-1.0), "beta is -1.0"),
        (lambda: rx.self_play_equilibria(THREE, starts=-1), "starts is -1"),
        (lambda: rx.self_play_equilibria(THREE, starts=1.0), "starts must be an integer"),
    ],
)
def test_errors_name_the_place(call, place):
    with pytest.raises(InputError) as error:
        call()
    assert place in str(error.value)


# --- corners that were found by trying ------------------------------------------------------------------------------


def test_one_action_in_equilibria():
    """A player with one action."""
    point = rx.self_play_equilibria(rx.MatrixGame.bimatrix([[3, 1, 2]], [[4, 0, 1]])).points[0]
    np.testing.assert_array_equal(point.marginals[0], [1.0])
    assert rx.self_play_equilibria(rx.MatrixGame(np.zeros((3, 1, 2, 2)))).points[0].spectral_radius == 0.0
    assert rx.self_play_equilibria(rx.MatrixGame.bimatrix([[3]], [[4]])).points[0].index == 1


def test_beta_zero_where_the_prior_leaves_out_the_best():
    """The most is taken over the support of the prior."""
    game = rx.MatrixGame.bimatrix([[0, 1], [0, 2]], [[0, 1], [3, 0]])
    path = rx.self_play(game, 1.0, 0.0, [[1, 0], [1, 0]], rounds=0)
    np.testing.assert_allclose(path.marginals[0][0], rx.solve(game, 0, 1.0, 0.0, [1.0, 0.0]).marginal_policy[0])


def test_ties_at_beta_zero():
    """Columns that are permutations of each other tie to the last bit."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        column = rng.normal(size=4)
        q = np.stack([rng.permutation(column) for _ in range(3)], axis=1)
        prior = np.array([0.2, 0.3, 0.5])
        mine = np.exp(soft.log_response(q, 1.0, 0.0)) @ prior
        right = soft.marginal_policy(soft.soft_policy(q, 1.0), soft.soft_opponent_model(q, prior, 1.0, 0.0))
        np.testing.assert_allclose(mine / mine.sum(), right, atol=1e-12)


@pytest.mark.parametrize("beta", [1e-12, 1e-15])
def test_small_beta_and_a_prior_that_leaves_out_the_best(beta):
    """Levels are relative to the best in the support, so that 1/beta rounds no digits of the policy away."""
    table = [[0.0, 1.0], [0.3, 2.0]]
    game = rx.MatrixGame.bimatrix(table, table)
    path = rx.self_play(game, 1.0, beta, [[1, 0], [1, 0]], rounds=0)
    right = rx.solve(game, 0, 1.0, beta, [1.0, 0.0]).marginal_policy[0]
    np.testing.assert_allclose(path.marginals[0][0], right, atol=1e-9)
    assert abs(path.marginals[0].sum() - 1.0) < 1e-12


def test_underflow_in_perron():
    """M = (e^-499, e^-499; e^-499, 1), whose square leaves the floats."""
    game = rx.MatrixGame.bimatrix([[499, 0], [0, 499]], [[0, 0], [0, 499]])
    point = rx.self_play_equilibria(game).points[0]
    np.testing.assert_allclose(point.marginals[0], [0.0, 1.0], atol=1e-100)


def test_one_player_without_joint():
    """A product of no beliefs."""
    path = rx.self_play(rx.MatrixGame([[1.0, 2.0, 0.0]]), rounds=3, joint=False)
    assert path.converged


def test_period():
    """1 where it converged, 2 or more where it repeats, else None."""
    path = rx.self_play(rx.games.climbing(), rounds=0)
    assert not path.converged and path.period is None
    path = rx.self_play(rx.MatrixGame.bimatrix([[0, 1], [2, 0]], [[1, 0], [1, 0]]), update="alternating")
    assert path.converged and path.period == 1
    path = rx.self_play(rx.games.climbing(), update=1e-12, rounds=3)
    assert not path.converged and path.period is None


def test_rows_that_sum_to_one_only_nearly():
    """What rounding left of rows is normalised away, as in solve."""
    rng = np.random.default_rng(0)
    moves = np.round(rng.dirichlet(np.ones(3), size=(3, 2, 2)), 9)
    game = rx.StochasticGame(rng.normal(size=(2, 3, 2, 2)) + 1e6, moves, 0.9)
    mine = rx.self_play(game, rounds=0).marginals[0][0]
    np.testing.assert_allclose(mine, rx.solve(game, 0).marginal_policy, atol=1e-6)


def test_a_valley_is_one_point():
    """An eigenvalue of the derivative is 1 to 1e-12: Newton's ends lie all over a valley, and one stands for them."""
    payoffs = [
        [[[18, -5], [-1, 5]], [[-3, 0], [18, 12]]],
        [[[6, 0], [1, 16]], [[1, 6], [6, -6]]],
        [[[13, -8], [1, -24]], [[14, 6], [-5, -19]]],
    ]
    found = rx.self_play_equilibria(rx.MatrixGame(payoffs), 0.1, 1.0, starts=8)
    assert len(found) == 1 and found.index_sum == 0 and not found.complete


def test_more_starts_where_few_find_nothing():
    """Few starts find nothing at first."""
    payoffs = [
        [[[14, 1], [3, 11]], [[8, 6], [-4, -10]]],
        [[[4, -5], [8, 2]], [[-7, 3], [7, 2]]],
        [[[-8, 3], [4, 8]], [[7, -9], [-5, 6]]],
    ]
    assert len(rx.self_play_equilibria(rx.MatrixGame(payoffs), 0.1, math.inf, starts=2)) >= 1


def test_no_future_needs_no_search():
    """At discount 0 play is local, whatever the transitions say."""
    rng = np.random.default_rng(0)
    game = rx.StochasticGame(rng.normal(size=(2, 2, 2, 2)), rng.dirichlet(np.ones(2), size=(2, 2, 2)), 0.0)
    assert rx.self_play_equilibria(game).unique


def test_eigenvalues_are_complex():
    """Also where all are real."""
    assert rx.self_play_equilibria(rx.games.stag_hunt()).points[0].eigenvalues.dtype == complex


def test_the_first_prior_is_the_given_one():
    """Also where only its products are answered."""
    given = [[0.5, 0.0, 0.0, 0.5]] * 3
    path = rx.self_play(rx.games.three_player_coordination(), prior=given, joint=False, rounds=0)
    np.testing.assert_allclose(path.priors[0][0], given[0])


# --- beyond the digits of a float ------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.4, 0.3, 0.2, 0.1])
def test_more_digits_where_a_float_cannot_tell(alpha):
    """The penalty game has a symmetry that exchanges A and C: each is played with 1/2, whatever was forgotten."""
    point = rx.self_play_equilibria(rx.games.penalty(), alpha).points[0]
    assert point.resolved and point.error_bound < 1e-5 and point.residual < 1e-6
    np.testing.assert_allclose(point.marginals[0][[0, 2]], 0.5, rtol=1e-5)
    assert point.stable and point.stable_averaged and point.index == 1


@pytest.mark.parametrize("beta", [0.5, 1.0, INF])
def test_more_digits_and_certificates_agree(beta):
    game = rx.MatrixGame.bimatrix([[1.0, 0.0], [0.25, 1.0 + 1e-7]], [[1.0, 0.0], [0.0, 1.0]])
    plain, proven = (rx.self_play_equilibria(game, 0.02, beta, certify=certify).points[0] for certify in (False, True))
    assert plain.error_bound < 1e-6 and proven.certificate.enclosed
    for one, other in zip(plain.log_marginals, proven.log_marginals, strict=True):
        assert hilbert_distance(one, other) <= plain.error_bound + proven.error_bound


def test_what_no_digits_resolve_says_so():
    game = Equal(np.eye(13) * 1e3)
    point = rx.self_play_equilibria(game, 1.0).points[0]
    assert not point.resolved and point.error_bound > 0.1 and point.stable


def test_branches_of_two_players_attract_everything():
    (branch,) = rx.self_play_branches(rx.games.penalty(), np.geomspace(0.1, 20.0, 30)).branches
    assert branch.stable.all() and branch.stable_averaged.all() and (branch.index == 1).all()
    assert branch.error_bounds.max() < 1e-5
    np.testing.assert_allclose(branch.marginals[0][:, 0], branch.marginals[0][:, 2], rtol=1e-5)


def test_stability_on_the_unit_circle_is_not_decided():
    gain = np.nextafter(np.log(5.0), 2.0)
    payoffs = np.zeros((3, 2, 2, 2))
    for profile in product(range(2), repeat=3):
        for i in range(3):
            payoffs[(i, *profile)] = gain * (profile.count(profile[i]) == 1)
    (point,) = rx.self_play_equilibria(rx.MatrixGame(payoffs)).points
    assert point.stable is None and point.stable_averaged is True


def test_a_fold_is_between_its_bounds():
    """At alpha = beta the fold of 2.1 against 2 is at this temperature, to 14 digits."""
    payoffs = np.zeros((2, 2, 2))
    payoffs[0, 0, 0], payoffs[1, 1, 1] = 2.1, 2.0
    found = rx.self_play_branches(Equal(payoffs), np.geomspace(0.5, 2.0, 30), lambda alpha: alpha, starts=2)
    (fold,) = [event for event in found.events if event.kind == "fold"]
    assert fold.low <= 1.10993842523778330 <= fold.high and fold.high - fold.low < 1e-9


def test_a_joint_prior_may_have_an_axis_for_each_player():
    game = rx.games.three_player_coordination()
    table = np.array([[0.4, 0.1], [0.2, 0.3]])
    paths = [rx.self_play(game, prior=[prior] * 3, rounds=3) for prior in (table, table.ravel())]
    np.testing.assert_array_equal(paths[0].marginals[0], paths[1].marginals[0])
    with pytest.raises(InputError, match="update is True"):
        rx.self_play(game, update=True)
