"""The soft operators against 50 digits, their limits, and the theorems on them, each with operators that must fail it.

Every tolerance is a stated multiple of the unit roundoff times the size of the numbers that the operation adds up.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import oracle
import planted
import pytest
from hypothesis import given, strategies as st
from mpmath import mp, mpf
from planted import pick, theorem

from rommeo_exact import InputError, MatrixGame, StochasticGame, View, soft, strategies

pytestmark = pytest.mark.filterwarnings("error")

UNIT = 2.0**-53
TINY = 2.0**-1074
NORMAL = 2.0**-1022
INF = math.inf
usual = planted.share(0.4)


# Examples


class Batch(NamedTuple):
    """Games of one state, S at once: q (S, A, B), prior (S, B), alpha and beta numbers or (S,)."""

    q: np.ndarray
    prior: np.ndarray
    alpha: object
    beta: object

    def one(self, s):
        """The s-th game alone."""
        alpha, beta = (np.broadcast_to(weight, len(self.q))[s].item() for weight in (self.alpha, self.beta))
        return Batch(self.q[s], self.prior[s], alpha, beta)


class Stage(NamedTuple):
    """A view, a Q of its shape, and the rest."""

    view: View
    q: np.ndarray
    prior: np.ndarray
    alpha: float
    beta: float


EXTREMES = st.sampled_from((1e-300, 1e300, 5e-324))
ALPHAS, BETAS = strategies.temperatures(), strategies.opponent_weights()
PROPER_ALPHAS = strategies.temperatures(min_value=1e-12)
PROPER_BETAS = strategies.opponent_weights(min_value=1e-12, max_value=1e12)
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
payoffs, priors, policies = (
    cache(make) for make in (strategies.payoff_arrays, strategies.priors, strategies.policies)
)  # building a strategy costs as much as drawing from it


@st.composite
def batches(draw, *, extreme=False, proper=False, magnitude=1e6):
    """Batches of up to three games; `extreme` adds what float64 hardly holds, `proper` leaves out 0 and inf."""
    shape = draw(SHAPES)
    q = draw(payoffs(shape, magnitude=magnitude))
    if extreme:
        q = q * draw(st.sampled_from((1.0, 1.0, 1.0, 1e294, 1e-312)))
    alphas, betas = (PROPER_ALPHAS, PROPER_BETAS) if proper else (ALPHAS, BETAS)
    if extreme:
        alphas, betas = alphas | EXTREMES, betas | EXTREMES
    many = [draw(st.booleans()) for _ in range(2)]
    alpha, beta = (
        np.array([draw(weights) for _ in range(shape[0])]) if each else draw(weights)
        for weights, each in zip((alphas, betas), many, strict=True)
    )
    return Batch(q, draw(priors((shape[0], shape[2]))), alpha, beta)


@st.composite
def pairs(draw, **kinds):
    """A batch, and a policy and opponent model in the prior's support: drawn, or a little off the optimum."""
    batch = draw(batches(**kinds))
    policy, model = (
        draw(policies(batch.q.shape)),
        draw(strategies.opponent_models(batch.prior.shape, prior=batch.prior)),
    )
    part = draw(st.sampled_from((1.0, 0.5, 1e-3, 1e-6)))
    policy = part * policy + (1.0 - part) * soft.soft_policy(batch.q, batch.alpha)
    model = part * model + (1.0 - part) * soft.soft_opponent_model(*batch)
    frozen = np.isinf(np.broadcast_to(batch.beta, len(batch.q)))
    model[frozen] = batch.prior[frozen]
    return batch, policy, model


@st.composite
def stages(draw, *, magnitude=1e6):
    view = draw(VIEWS[magnitude])
    q = draw(payoffs(view.shape, magnitude=magnitude))
    return Stage(view, q, draw(strategies.priors(view)), draw(ALPHAS), draw(BETAS))


VIEWS = {
    magnitude: strategies.views(max_states=3, max_actions=2, max_opponent_actions=3, magnitude=magnitude)
    for magnitude in (10.0, 1e6)
}


# What rounding may do


def sizes(q):
    """max|q| and the spread max q - min q of every game."""
    return np.abs(q).max(axis=(-1, -2)), q.max(axis=(-1, -2)) - q.min(axis=(-1, -2))


def log_least(prior):
    """-log of the least positive probability of every game."""
    return -np.log(np.where(prior > 0.0, prior, 1.0).min(axis=-1))


def rounding(q, prior, alpha, beta):
    """A bound on the error of V: 8 units of what is added up, and what underflow takes.

    A sum of n exponentials is good to n + 8 units, and so is its logarithm; beta multiplies that, but no more than 8
    times the spread of its input, and alpha 1024 times, since wider games may lie beside this one. beta log P and
    alpha log A come as they are.
    """
    own, joint = q.shape[-2:]
    size, spread = sizes(q)
    finite = np.where(np.isinf(beta), 0.0, beta)
    terms = (joint + 2.0) * size + np.minimum(alpha, 1024.0 * spread) * (own + 8.0) + alpha * np.log(own)
    terms = terms + np.minimum(finite, 8.0 * spread) * (joint + 8.0 + log_least(prior))
    return 8.0 * UNIT * terms + 8.0 * TINY * (1.0 + alpha + finite)


def digits(batch):
    """Decimal digits in which the reference loses nothing that float64 holds."""
    numbers = [batch.alpha, batch.beta, *batch.q.ravel().tolist()]
    exponents = [abs(math.log10(abs(x))) for x in numbers if x != 0.0 and math.isfinite(x)]
    return 60 + 2 * math.ceil(max(exponents, default=0))


def games_of(batch):
    """Every game alone, with its exact prior, inside the precision that it needs."""
    for s in range(len(batch.q)):
        game = batch.one(s)
        with mp.workdps(digits(game)):
            yield s, game, oracle.numbers(game.q), oracle.distribution(game.prior)


def is_distribution(p, axis):
    """Nonnegative, and the sum is 1 up to a unit for every term."""
    return (p >= 0.0).all() and (np.abs(p.sum(axis=axis) - 1.0) <= 4.0 * UNIT * (p.shape[axis] + 4)).all()


# Against 50 digits and more


@theorem(soft.soft_value, batches(extreme=True), planted.SOFT_VALUES)
def test_value_in_many_digits(soft_value, batch):
    """eq. 9 and 58."""
    found = soft_value(*batch)
    for s, game, q, prior in games_of(batch):
        exact = oracle.soft_value(q, prior, game.alpha, game.beta)
        assert abs(mpf(found[s].item()) - exact) <= rounding(*game).item()


@theorem(
    soft.soft_maximum,
    batches(extreme=True),
    {"alpha_dropped": lambda q, alpha: soft.soft_maximum(q, np.ones(np.shape(alpha)))},
)
def test_soft_maximum_in_many_digits(soft_maximum, batch):
    """The bracket of eq. 9."""
    found = soft_maximum(batch.q, batch.alpha)
    for s, game, q, _ in games_of(batch):
        for level, exact in zip(found[s].tolist(), oracle.own_values(q, mpf(game.alpha)), strict=True):
            assert abs(mpf(level) - exact) <= rounding(*game).item()


@theorem(soft.soft_policy, batches(extreme=True), planted.SOFT_POLICIES)
def test_policy_in_many_digits(soft_policy, batch):
    """eq. 10: every probability is good to A + 8 + |log pi| units of itself, however small, until it is subnormal."""
    found = soft_policy(batch.q, batch.alpha)
    own = batch.q.shape[1]
    assert found.shape == batch.q.shape
    assert is_distribution(found, 1)
    for s, game, q, _ in games_of(batch):
        for row, exact_row in zip(found[s].tolist(), oracle.soft_policy(q, game.alpha), strict=True):
            for p, exact in zip(row, exact_row, strict=True):
                units = own + 8 + (abs(mp.log(exact)) if exact > 0 else 0)
                assert abs(mpf(p) - exact) <= 8 * UNIT * units * exact + NORMAL


@theorem(soft.soft_opponent_model, batches(extreme=True), planted.OPPONENT_MODELS)
def test_opponent_model_in_many_digits(soft_opponent_model, batch):
    """eq. 11: good to as many units as the error of L over beta has, relative to the probability itself.

    That error counts L from the best one: adding a constant to q, if floats can, changes nothing.
    """
    found = soft_opponent_model(*batch)
    assert found.shape == batch.prior.shape
    assert is_distribution(found, 1)
    for s, game, q, prior in games_of(batch):
        exact = oracle.soft_opponent_model(q, prior, game.alpha, game.beta)
        level = oracle.own_values(q, mpf(game.alpha))
        top = max(x for x, p in zip(level, prior, strict=True) if p > 0)
        own, joint = game.q.shape
        spread = [max(column) - min(column) for column in oracle.columns(q)]
        error = [  # of alpha log sum exp, in units; of L - top; and of their sum
            min(mpf(game.alpha), 1024 * spread[b]) * (own + 8) + 4 * (top - level[b]) + mpf(game.alpha) * TINY / UNIT
            for b in range(joint)
        ]
        if game.beta == 0:
            near = [b for b in range(joint) if prior[b] > 0 and top - level[b] <= 8 * UNIT * max(error)]
            chosen = found[s] > 0.0
            assert all(b in near for b in np.flatnonzero(chosen))
            exact = oracle.distribution(np.where(chosen, game.prior, 0.0))
            error = [mpf(0)] * joint
        for b in range(joint):
            beta = mpf(game.beta) if 0 < game.beta < INF else mp.inf
            worst = [(error[b] + error[c]) / beta for c in range(joint) if prior[c] > 0 and exact[c] > UNIT]
            units = joint + 16 + max(worst, default=0) + log_least(game.prior)
            units += abs(mp.log(exact[b])) if exact[b] > 0 else 0
            bound = mp.expm1(min(8 * UNIT * units, mpf(1))) * exact[b]
            assert 8 * UNIT * units > 1 or abs(mpf(found[s, b].item()) - exact[b]) <= bound + NORMAL


@theorem(soft.expected_value, pairs(), planted.EXPECTED_VALUES)
def test_expected_value_in_many_digits(expected_value, example):
    """E_rho [E_pi Q + alpha H(pi)] - beta KL(rho || P)."""
    batch, policy, model = example
    found = expected_value(batch.q, policy, model, *batch[1:])
    for s, game, q, prior in games_of(batch):
        exact_policy, exact_model = oracle.conditional(policy[s : s + 1])[0], oracle.distribution(model[s])
        if game.beta == INF:
            exact_model = prior
        exact = oracle.objective(q, exact_policy, exact_model, prior, mpf(game.alpha), mpf(game.beta))
        assert abs(mpf(found[s].item()) - exact) <= pair_rounding(game, model[s])


def pair_rounding(game, model):
    """A bound on the error of the objective of a pair: 8 units of what is added up."""
    own, joint = game.q.shape[-2:]
    finite = np.where(np.isinf(game.beta), 0.0, game.beta)
    size = sizes(game.q)[0] + game.alpha * np.log(own) + finite * (log_least(game.prior) + log_least(model))
    return 8.0 * UNIT * (own + joint + 8.0) * (size + game.alpha)


# The limits are values


@usual
@given(batches())
def test_limits_are_exact(batch):
    """alpha = 0: the maximum, ties split evenly. beta = 0: the maximum over the support, ties split by the prior.

    beta = inf: the prior.
    """
    q, prior, alpha, _ = batch
    best = q == q.max(axis=1, keepdims=True)
    np.testing.assert_array_equal(soft.soft_maximum(q, 0.0), q.max(axis=1))
    np.testing.assert_array_equal(soft.soft_policy(q, 0.0), best / best.sum(axis=1, keepdims=True))
    hard = np.where(prior > 0.0, q.max(axis=1), -INF)
    np.testing.assert_array_equal(soft.soft_value(q, prior, 0.0, 0.0), hard.max(axis=1))
    share = np.where(hard == hard.max(axis=1, keepdims=True), prior, 0.0)
    np.testing.assert_array_equal(
        soft.soft_opponent_model(q, prior, 0.0, 0.0), share / share.sum(axis=1, keepdims=True)
    )
    total = prior.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(soft.soft_opponent_model(q, prior, alpha, INF), prior / total)
    mean = (prior * soft.soft_maximum(q, alpha)).sum(axis=1)
    assert (np.abs(soft.soft_value(q, prior, alpha, INF) - mean) <= rounding(q, prior, alpha, INF)).all()


@theorem(
    soft.soft_opponent_model,
    st.tuples(
        st.integers(1, 5).flatmap(lambda own: payoffs((own,))),
        st.integers(0, 2**32 - 1),
        ALPHAS,
    ),
    {
        "of_sums_as_they_come": lambda q, prior, alpha, beta: soft.soft_opponent_model(
            soft.soft_maximum(q, alpha)[None], prior, 0.0, beta
        )
    },
)
def test_columns_equal_up_to_order_tie(soft_opponent_model, example):
    """beta = 0: opponents' actions that offer the same payoffs in another order share by the prior, at any alpha."""
    column, seed, alpha = example
    q = np.random.default_rng(seed).permuted(np.tile(column[:, None], 4), axis=0)
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(soft_opponent_model(q, prior, alpha, 0.0), prior / prior.sum())


@usual
@given(batches(), st.sampled_from((1e-12, 1.0, 1e12)))
def test_limits_are_exact_beside_other_weights(batch, other):
    """A weight of 0 or inf means the same whatever the weights of the games beside it."""
    q, prior, *_ = batch
    twice, twice_prior = np.concatenate([q, q]), np.concatenate([prior, prior])
    here = np.repeat([0.0, other], len(q))
    np.testing.assert_array_equal(soft.soft_policy(twice, here)[: len(q)], soft.soft_policy(q, 0.0))
    for limit in (0.0, INF):
        there = np.repeat([limit, other], len(q))
        model = soft.soft_opponent_model(twice, twice_prior, here, there)[: len(q)]
        np.testing.assert_array_equal(model, soft.soft_opponent_model(q, prior, 0.0, limit))
        value = soft.soft_value(twice, twice_prior, here, there)[: len(q)]
        np.testing.assert_array_equal(value, soft.soft_value(q, prior, 0.0, limit))


@theorem(
    soft.soft_value,
    st.tuples(batches(proper=True), st.sampled_from((1.0, 1.5, 8.0, 1e6))),
    pick(
        planted.SOFT_VALUES, "mean_for_sum", "entropy_sign", "divergence_sign", "payoffs_transposed", "epsilon_outside"
    ),
)
def test_weights_move_the_value_one_way(soft_value, example):
    """V rises with alpha, by at most log A a unit, and falls with beta, from its maximum at 0 to its mean at inf.

    V_0 - V_beta <= -beta log P(b) for the best b, and V_beta - V_inf <= range(L)^2 / (8 beta) (Hoeffding).
    """
    (q, prior, alpha, beta), factor = example
    value, more = soft_value(q, prior, alpha, beta), soft_value(q, prior, factor * alpha, beta)
    slack = 2.0 * rounding(q, prior, factor * alpha, factor * beta)
    assert (more >= value - slack).all()
    assert (more <= value + (factor - 1.0) * alpha * math.log(q.shape[1]) + slack).all()
    hard = soft_value(q, prior, 0.0 * alpha, beta)
    assert (hard <= value + slack).all()
    assert (value <= hard + alpha * math.log(q.shape[1]) + slack).all()
    less, top, mean = (soft_value(q, prior, alpha, weight) for weight in (factor * beta, 0.0, INF))
    assert (less <= value + slack).all()
    assert (value <= top + slack).all()
    assert (mean <= less + slack).all()
    levels = soft.soft_maximum(q, alpha)
    best = np.where(prior > 0.0, levels, -INF).argmax(axis=1)
    supported = np.where(prior > 0.0, levels, levels[np.arange(len(q)), best][:, None])
    spread = supported.max(axis=1) - supported.min(axis=1)
    assert (top - value <= -beta * np.log(prior[np.arange(len(q)), best]) + slack).all()
    assert (value - mean <= spread**2 / (8.0 * beta) + slack).all()


# Any leading axes


@usual
@given(batches(extreme=True), st.data())
def test_a_batch_is_its_games_one_by_one(batch, data):
    """Within rounding: sums may run in another order."""
    q, alpha = batch.q, batch.alpha
    value, policy, model = soft.soft_value(*batch), soft.soft_policy(q, alpha), soft.soft_opponent_model(*batch)
    for s in range(len(q)):
        game = batch.one(s)
        single = soft.soft_value(*game)
        assert isinstance(single, float)
        assert abs(value[s] - single) <= 2.0 * rounding(*game)
        alone = soft.soft_policy(game.q, game.alpha)
        logs = np.abs(np.log(np.where(alone > 0.0, alone, 1.0)))
        assert (np.abs(policy[s] - alone) <= 16.0 * UNIT * (len(alone) + 8 + logs) * alone + 2.0 * NORMAL).all()
        assert is_distribution(model[s], 0)
        np.testing.assert_allclose(model[s], soft.soft_opponent_model(*game), rtol=0, atol=model_rounding(game))


def model_rounding(game):
    """A bound on the absolute error of rho*; 1 where L is too rough for beta or, at beta = 0, to tell a tie."""
    if game.beta == INF or (game.alpha == 0.0 and game.beta == 0.0):
        return 8.0 * UNIT
    own, joint = game.q.shape
    rough = min(game.alpha, 1024.0 * sizes(game.q)[1]) * (own + 8.0) + game.alpha * TINY / UNIT
    units = joint + 16.0 + log_least(game.prior) + (float(rough) / game.beta if game.beta > 0.0 else INF)
    return min(1.0, 32.0 * UNIT * units)


@pytest.mark.parametrize("wide", [1.0, 1e6, 1e12])
def test_a_wide_game_does_not_roughen_a_narrow_one(wide):
    """Payoffs 1 apart beside payoffs `wide` apart, at alpha = 1e12: exp(Q / alpha) alone keeps four digits."""
    q = np.array([[[0.0, 0.0], [1.0, 2.0]], [[0.0, 0.0], [wide, wide]]])
    prior = np.full((2, 2), 0.5)
    for alpha in (1e12, np.array([1e12, 1e12]), np.array([1e12, 1.0])):
        model = soft.soft_opponent_model(q, prior, alpha, 1.0)[0]
        second = 1.0 / (1.0 + math.exp(-0.5))  # L differs by 1/2, the difference of the means
        np.testing.assert_allclose(model, [1.0 - second, second], rtol=1e-10)


@usual
@given(batches(), st.permutations(range(3)), st.integers(1, 3))
def test_leading_axes_broadcast(batch, order, copies):
    """q (k, 1, A, B), prior (m, B), alpha (k, 1) and beta () make k x m games."""
    q, prior, alpha, beta = batch
    alpha = np.broadcast_to(alpha, len(q))[:, None]
    beta = float(np.broadcast_to(beta, len(q))[0])
    priors = np.stack([prior[i % len(prior)] for i in range(copies)])
    value = soft.soft_value(q[:, None], priors, alpha, beta)
    policy = soft.soft_policy(q[:, None], alpha)
    model = soft.soft_opponent_model(q[:, None], priors, alpha, beta)
    improved = soft.improve_opponent_model(q[:, None], policy, priors, alpha, beta)
    worth = soft.expected_value(q[:, None], policy, priors, priors, alpha, beta)
    gap = soft.policy_gap(q[:, None], policy, alpha)
    assert value.shape == worth.shape == (len(q), copies)
    assert policy.shape == (len(q), 1, *q.shape[1:])
    assert gap.shape == (len(q), 1, q.shape[2])
    assert model.shape == improved.shape == (len(q), copies, q.shape[2])
    for s in range(len(q)):
        for k in range(copies):
            game = Batch(q[s], priors[k], alpha[s].item(), beta)
            assert abs(value[s, k] - soft.soft_value(*game)) <= 2.0 * rounding(*game)
            np.testing.assert_allclose(model[s, k], soft.soft_opponent_model(*game), rtol=0, atol=model_rounding(game))
            single = soft.expected_value(game.q, policy[s, 0], game.prior, *game[1:])
            assert abs(worth[s, k] - single) <= 2.0 * pair_rounding(game, game.prior)


def test_leading_axes_of_the_policy_count():
    """One q and three policies are three pairs."""
    q, prior = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([0.25, 0.75])
    policy = np.array([np.eye(2), 1.0 - np.eye(2), np.full((2, 2), 0.5)])
    many = soft.improve_opponent_model(q, policy, prior)
    np.testing.assert_allclose(many, [soft.improve_opponent_model(q, one, prior) for one in policy], rtol=8 * UNIT)
    worth = soft.expected_value(q, policy, prior, prior)
    np.testing.assert_allclose(worth, [soft.expected_value(q, one, prior, prior) for one in policy], rtol=8 * UNIT)
    assert soft.policy_gap(q, policy).shape == (3, 2)
    assert soft.soft_value(np.empty((0, 2, 3)), [0.2, 0.3, 0.5]).shape == (0,)


# Float extremes


@planted.share(1.0)
@given(batches(extreme=True), st.data())
def test_extremes_make_no_nan_and_change_no_input(batch, data):
    """Warnings are errors here; arrays come back as they went in, and read-only ones are as welcome."""
    policy = data.draw(policies(batch.q.shape))
    frozen = np.isinf(np.broadcast_to(batch.beta, len(batch.q)))[:, None]
    model = np.where(frozen, batch.prior, data.draw(strategies.opponent_models(batch.prior.shape, prior=batch.prior)))
    given_arrays = [np.array(x) for x in (*batch, policy, model)]
    before = [x.copy() for x in given_arrays]
    if data.draw(st.booleans()):
        for array in given_arrays:
            array.setflags(write=False)
    q, prior, alpha, beta, policy, model = given_arrays
    pi, rho = soft.soft_policy(q, alpha), soft.soft_opponent_model(q, prior, alpha, beta)
    improved = soft.improve_opponent_model(q, policy, prior, alpha, beta)
    levels = soft.soft_maximum(q, alpha)
    for values in (
        pi, rho, improved, levels, soft.soft_value(q, prior, alpha, beta), soft.policy_gap(q, policy, alpha),
        soft.expected_value(q, policy, model, prior, alpha, beta), soft.opponent_gap(levels, model, prior, beta),
        soft.entropy(policy, axis=1), soft.kl_divergence(model, prior), soft.marginal_policy(pi, rho),
    ):  # fmt: skip
        assert np.isfinite(values).all()
    assert is_distribution(pi, 1)
    assert is_distribution(rho, 1)
    assert is_distribution(improved, 1)
    assert (rho[prior == 0.0] == 0.0).all()
    assert (improved[prior == 0.0] == 0.0).all()
    for array, copy in zip(given_arrays, before, strict=True):
        assert array.tobytes() == copy.tobytes()


@pytest.mark.parametrize("alpha", [0.0, 5e-324, 1e-300, 1.0, 1e300])
@pytest.mark.parametrize("beta", [0.0, 5e-324, 1e-300, 1.0, 1e300, INF])
def test_the_largest_floats_still_have_a_maximum(alpha, beta):
    """Payoffs of +-1.7e308, whose differences are no floats."""
    q = np.array([[1.7e308, -1.7e308, 0.0], [-1.7e308, -1.7e308, 0.0]])
    prior = np.array([0.25, 0.5, 0.25])
    assert soft.soft_policy(q, alpha).tolist() == [[1.0, 0.5, 0.5], [0.0, 0.5, 0.5]]
    model = soft.soft_opponent_model(q, prior, alpha, beta)
    assert model.tolist() == ([0.25, 0.5, 0.25] if beta == INF else [1.0, 0.0, 0.0])
    far = np.array([0.0, 1.0, 0.0])  # the best entry lies beyond all floats above the one that counts
    assert soft.soft_opponent_model(q, far, alpha, beta).tolist() == [0.0, 1.0, 0.0]
    assert np.isfinite(soft.optimum(q, far, alpha, beta).value)
    level = max(q[0, 0], alpha)
    assert math.isclose(soft.soft_value(q, prior, alpha, beta), -0.25 * level if beta == INF else level, rel_tol=1e-6)


# Shifts, scales, permutations


@theorem(
    lambda q, prior, alpha, beta: (soft.soft_policy(q, alpha), soft.soft_opponent_model(q, prior, alpha, beta)),
    st.tuples(
        st.integers(1, 3).flatmap(
            lambda own: st.integers(1, 3).flatmap(
                lambda joint: st.tuples(
                    st.lists(st.integers(-9, 9), min_size=own * joint, max_size=own * joint).map(
                        lambda x: np.reshape(np.array(x, dtype=float), (own, joint))
                    ),
                    strategies.distributions(joint), ALPHAS, BETAS,
                )
            )
        ),
        st.sampled_from((1e6, -1e6, 2.0**40)),
    ),
    {
        "alpha_missing_inside": lambda q, prior, alpha, beta: (
            soft.soft_policy(q, alpha), planted.OPPONENT_MODELS["alpha_missing_inside"](q, prior, alpha, beta),
        ),
        "from_the_rounded_maximum": lambda q, prior, alpha, beta: (
            soft.soft_policy(q, alpha), soft.soft_opponent_model(soft.soft_maximum(q, alpha)[None], prior, 0.0, beta),
        ),
    },
)  # fmt: skip
def test_policies_do_not_see_a_constant(policies, example):
    """Whole payoffs shifted by a million have the same pi* and rho*, to the last bit, at every alpha and beta."""
    (q, prior, alpha, beta), shift = example
    for here, there in zip(policies(q, prior, alpha, beta), policies(q + shift, prior, alpha, beta), strict=True):
        np.testing.assert_array_equal(here, there)


@theorem(
    soft.soft_value,
    st.tuples(batches(), st.floats(-1e6, 1e6)),
    pick(planted.SOFT_VALUES, "epsilon_outside", "alpha_missing_inside"),
)
def test_value_of_a_shift(soft_value, example):
    """V(Q + c) = V(Q) + c."""
    (q, prior, alpha, beta), shift = example
    error = soft_value(q + shift, prior, alpha, beta) - soft_value(q, prior, alpha, beta) - shift
    assert (np.abs(error) <= rounding(q + shift, prior, alpha, beta) + rounding(q, prior, alpha, beta)).all()


@theorem(
    soft.soft_value,
    st.tuples(batches(), st.integers(-20, 20)),
    pick(planted.SOFT_VALUES, "alpha_dropped", "beta_dropped", "alpha_missing_inside", "epsilon_outside"),
)
def test_unit_of_payoffs_is_free(soft_value, example):
    """V(cQ, c alpha, c beta) = c V(Q, alpha, beta), pi* and rho* stay: to the last bit where c is a power of 2."""
    (q, prior, alpha, beta), power = example
    c = 2.0**power
    scaled = (c * q, prior, c * np.asarray(alpha), c * np.asarray(beta))
    np.testing.assert_array_equal(soft_value(*scaled), c * soft_value(q, prior, alpha, beta))
    np.testing.assert_array_equal(soft.soft_policy(scaled[0], scaled[2]), soft.soft_policy(q, alpha))
    np.testing.assert_array_equal(soft.soft_opponent_model(*scaled), soft.soft_opponent_model(q, prior, alpha, beta))


@theorem(
    soft.optimum,
    st.tuples(batches(), st.permutations(range(3)), st.permutations(range(4))),
    {
        "payoffs_transposed": lambda q, prior, alpha, beta: soft.optimum(planted.misread(q), prior, alpha, beta),
        "first_of_the_ties": lambda q, prior, alpha, beta: (
            soft.soft_value(q, prior, alpha, beta),
            np.eye(q.shape[1])[q.argmax(axis=1)].swapaxes(1, 2),
            soft.soft_opponent_model(q, prior, alpha, beta),
        ),
    },
)
def test_actions_have_no_order(operators, example):
    """Own actions and opponents' actions renamed: V stays, pi* and rho* are renamed with them.

    The three at once are the three one by one.
    """
    batch, rows, columns = example
    q, prior, alpha, beta = batch
    rows, columns = ([i for i in order if i < size] for order, size in zip((rows, columns), q.shape[1:], strict=True))
    value, policy, model = (
        soft.soft_value(*batch),
        soft.soft_policy(batch.q, batch.alpha),
        soft.soft_opponent_model(*batch),
    )
    moved = operators(q[:, rows][:, :, columns], prior[:, columns], alpha, beta)
    assert (np.abs(moved[0] - value) <= 2.0 * rounding(q, prior, alpha, beta)).all()
    np.testing.assert_allclose(moved[1], policy[:, rows][:, :, columns], rtol=0, atol=16 * UNIT * (len(rows) + 8))
    for s in range(len(q)):
        bound = model_rounding(Batch(q, prior, alpha, beta).one(s))
        np.testing.assert_allclose(moved[2][s], model[s, columns], rtol=0, atol=bound)


@st.composite
def renamed_games(draw):
    """A game, the order in which its players are listed again, and the seat of the agent in that order."""
    game = draw(
        strategies.matrix_games(min_players=3, magnitude=100.0)
        | strategies.stochastic_games(min_players=2, max_states=2, max_actions=2, magnitude=100.0, sparse=False)
    )
    order = draw(st.permutations(range(game.num_players)))
    seat = draw(st.integers(0, game.num_players - 1))
    return game, order, seat, draw(st.integers(0, 2**32 - 1))


def own_view(game, agent):
    return game.view(agent)


@theorem(own_view, renamed_games(), planted.VIEWS)
def test_players_have_no_order(view_of, example):
    """Player k of the relisted game is player order[k]: it sees the same, its opponents in their new order."""
    game, order, seat, seed = example
    lead = [0] if isinstance(game, StochasticGame) else []
    axes = [*lead, *(len(lead) + i for i in order)]
    payoffs = np.stack([np.transpose(game.payoffs[i], axes) for i in order])
    if lead:
        moves = np.transpose(game.transitions, [*axes, game.num_players + 1])
        relisted = StochasticGame(payoffs, moves, game.discount, game.terminal)
    else:
        relisted = MatrixGame(payoffs)
    view, other = view_of(game, order[seat]), view_of(relisted, seat)
    others = [i for i in range(game.num_players) if i != order[seat]]
    joint = np.arange(view.shape[2]).reshape([game.num_actions[i] for i in others])
    columns = np.transpose(joint, [others.index(i) for i in order if i != order[seat]]).ravel()
    prior = np.random.default_rng(seed).dirichlet(np.ones(view.shape[2]), size=view.shape[0])
    here = soft.bellman(view, view.rewards, prior)
    there = soft.bellman(other, other.rewards, prior[:, columns])
    slack = 4.0 * bellman_rounding(Stage(view, view.rewards, prior, 1.0, 1.0))
    assert other.shape == view.shape
    assert np.abs(there - here[:, :, columns]).max() <= slack


@st.composite
def games_with_a_bystander(draw):
    """A game, the game with one more player whose actions do nothing, where it sits, and a prior for each."""
    game = draw(strategies.stochastic_games(max_players=2, max_states=2, magnitude=100.0, sparse=False))
    seat = draw(st.integers(0, game.num_players))
    agent = draw(st.integers(0, game.num_players - 1))
    choices = draw(st.integers(1, 3))
    axis = 1 + seat

    def widened(array, at):
        return np.repeat(np.expand_dims(array, at), choices, axis=at)

    payoffs = [widened(game.payoffs[i], axis) for i in range(game.num_players)]
    payoffs.insert(seat, draw(strategies.payoff_arrays(payoffs[0].shape, magnitude=100.0)))
    larger = StochasticGame(np.stack(payoffs), widened(game.transitions, axis), game.discount, game.terminal)
    view = game.view(agent)
    states, _, joint = view.shape
    prior = draw(strategies.priors(view))
    habits = draw(strategies.priors((states, joint, choices)))  # what the bystander does where the others play b
    others = [game.num_actions[i] for i in range(game.num_players) if i != agent]
    place = seat - (agent < seat)
    spread = (prior[..., None] * habits).reshape(states, *others, choices)
    wider = np.moveaxis(spread, -1, 1 + place).reshape(states, -1)
    return game, larger, agent, agent + (seat <= agent), prior, wider, (others, place, choices)


@theorem(own_view, games_with_a_bystander(), planted.VIEWS)
def test_bystanders_do_not_matter(view_of, example):
    """A player whose actions change nothing, however its habits go with the others' play, leaves V, pi* and rho*."""
    game, larger, agent, same, prior, wider, (others, place, choices) = example
    view, wide = view_of(game, agent), view_of(larger, same)
    states, own, _ = view.shape

    def merged(array, lead):
        """The bystander's axis last: (..., B, choices)."""
        split = array.reshape(*lead, *others[:place], choices, *others[place:])
        return np.moveaxis(split, len(lead) + place, -1).reshape(*lead, -1, choices)

    slack = 4.0 * bellman_rounding(Stage(view, view.rewards, prior, 0.5, 2.0))
    slack += 4.0 * bellman_rounding(Stage(wide, wide.rewards, wider, 0.5, 2.0))
    here = soft.bellman(view, view.rewards, prior, 0.5, 2.0)
    there = merged(soft.bellman(wide, wide.rewards, wider, 0.5, 2.0), (states, own))
    assert np.abs(there - here[..., None]).max() <= slack
    model = merged(soft.soft_opponent_model(wide.rewards, wider, 0.5, 2.0), (states,)).sum(axis=-1)
    bound = 64.0 * UNIT * (log_least(wider).max() + wider.shape[1] + 16.0)
    np.testing.assert_allclose(model, soft.soft_opponent_model(view.rewards, prior, 0.5, 2.0), rtol=0, atol=bound)


# The Bellman operator: eq. 13, 60, Theorem 3


def bellman_rounding(stage, q=None):
    """A bound on the error of T Q in every entry."""
    view, q = stage.view, stage.q if q is None else q
    error = rounding(q, stage.prior, stage.alpha, stage.beta).max()
    size = np.abs(q).max() + stage.alpha * math.log(view.shape[1])
    rows = 8.0 * UNIT * (view.shape[0] + 4.0) * (np.abs(view.rewards).max() + view.discount * size)
    return error + rows + view.row_defect * size


@theorem(soft.bellman, stages(), planted.BELLMANS)
def test_bellman_in_many_digits(bellman, stage):
    """eq. 12, 13 and 60, terminal states worth 0."""
    found = bellman(*stage)
    with mp.workdps(100):
        exact = oracle.bellman(
            oracle.read(stage.view), oracle.numbers(stage.q), oracle.distributions(stage.prior), stage.alpha, stage.beta
        )
        error = max(
            abs(mpf(x) - y)
            for rows, exact_rows in zip(found.tolist(), exact, strict=True)
            for row, exact_row in zip(rows, exact_rows, strict=True)
            for x, y in zip(row, exact_row, strict=True)
        )
    assert error <= bellman_rounding(stage)


def with_another_q(stage):
    """And a second Q, as large as the first."""
    return st.tuples(st.just(stage), payoffs(stage.view.shape, magnitude=max(10.0, np.abs(stage.q).max())))


@theorem(
    soft.bellman,
    stages().flatmap(with_another_q),
    pick(planted.BELLMANS, "epsilon_outside", "alpha_missing_inside", "undiscounted"),
)
def test_bellman_contracts(bellman, example):
    """max|T Q - T Q'| <= gamma max|Q - Q'|, for every alpha and beta: no symmetry, no single optimum, no alpha = 1."""
    stage, other = example
    view, q, *rest = stage
    distance = np.abs(bellman(view, q, *rest) - bellman(view, other, *rest)).max()
    slack = bellman_rounding(stage) + bellman_rounding(stage, other)
    assert distance <= view.discount * np.abs(q - other).max() * (1.0 + 4.0 * UNIT) + slack


@theorem(
    soft.bellman,
    st.tuples(stages(), st.floats(-1e6, 1e6)),
    pick(planted.BELLMANS, "epsilon_outside", "alpha_missing_inside", "undiscounted", "endless"),
)
def test_bellman_of_a_shift(bellman, example):
    """T(Q + c) = T Q + gamma c times the chance that the game goes on: the modulus gamma is attained."""
    stage, shift = example
    view, q, *rest = stage
    goes_on = planted.dense(view) @ (~view.terminal).astype(float)
    gain = view.discount * shift * np.where(view.terminal[:, None, None], 0.0, goes_on)
    error = bellman(view, q + shift, *rest) - bellman(view, q, *rest) - gain
    assert np.abs(error).max() <= bellman_rounding(stage) + bellman_rounding(stage, q + shift)


@theorem(
    soft.bellman,
    stages(magnitude=10.0).flatmap(with_another_q),
    {
        **pick(planted.BELLMANS, "epsilon_outside"),
        "advantages": lambda view, q, *rest: soft.bellman(view, q - q.mean(axis=1, keepdims=True), *rest),
    },
)
def test_bellman_is_monotone(bellman, example):
    """Q <= Q' entrywise gives T Q <= T Q' entrywise."""
    stage, other = example
    view, q, *rest = stage
    higher = np.maximum(q, other)
    slack = bellman_rounding(stage) + bellman_rounding(stage, higher)
    assert (bellman(view, q, *rest) <= bellman(view, higher, *rest) + slack).all()


def test_rows_that_sum_to_one_only_nearly_are_normalised():
    """Transitions whose rows are off by 5e-9, which the constructor accepts: T sees them divided by their sums."""
    moves = np.array([[[[0.5, 0.5]], [[0.25, 0.75]]], [[[1.0, 0.0]], [[0.0, 1.0]]]])
    exact = View(np.zeros((2, 2, 1)), moves, 0.5)
    near = View(np.zeros((2, 2, 1)), moves * (1.0 + 5e-9), 0.5)
    q = np.array([[[1e6], [1e6 - 1.0]], [[1e6 + 2.0], [1e6]]])
    prior = np.ones((2, 1))
    np.testing.assert_allclose(soft.bellman(near, q, prior), soft.bellman(exact, q, prior), rtol=0, atol=1e-8)


def test_pairs_that_sum_to_one_only_nearly_are_normalised():
    """The same for policies and opponent models."""
    q, prior = np.array([[1e6, 1e6 + 1.0], [1e6, 1e6 - 2.0]]), np.array([0.5, 0.5])
    policy, model = np.full((2, 2), 0.5), np.array([0.25, 0.75])
    right = soft.expected_value(q, policy, model, prior)
    off = 1.0 + 5e-9
    for args in ((policy * off, model, prior), (policy, model * off, prior), (policy, model, prior * off)):
        assert abs(soft.expected_value(q, *args) - right) <= 64 * UNIT * 1e6
    np.testing.assert_allclose(
        soft.policy_gap(q, policy * off), soft.policy_gap(q, policy), rtol=0, atol=64 * UNIT * 1e6
    )


# The closed forms are the maximisers: eq. 40 to 44


def both(policy_of, model_of):
    """The pair that two operators give, from (q, prior, alpha, beta)."""
    return lambda q, prior, alpha, beta: (policy_of(q, alpha), model_of(q, prior, alpha, beta))


WRONG_PAIRS = {
    **{f"policy_{name}": both(policy, soft.soft_opponent_model) for name, policy in planted.SOFT_POLICIES.items()},
    **{f"model_{name}": both(soft.soft_policy, model) for name, model in planted.OPPONENT_MODELS.items()},
}


@theorem(both(soft.soft_policy, soft.soft_opponent_model), batches(proper=True), WRONG_PAIRS)
def test_closed_forms_attain_the_value(pair_of, batch):
    """The objective of (pi*, rho*) is V."""
    policy, model = pair_of(*batch)
    assert is_distribution(policy, 1)
    assert is_distribution(model, 1)
    assert (model[batch.prior == 0.0] == 0.0).all()
    worth = soft.expected_value(batch.q, policy, model, *batch[1:])
    error = np.abs(worth - soft.soft_value(*batch))
    for s in range(len(batch.q)):
        game = batch.one(s)
        assert error[s] <= rounding(*game) + pair_rounding(game, model[s])


@theorem(
    soft.soft_value,
    pairs(),
    pick(
        planted.SOFT_VALUES,
        "alpha_dropped", "alpha_missing_inside", "beta_dropped", "sum_over_b_before_the_power", "prior_dropped",
        "maximum_for_log_sum_exp", "mean_for_sum", "entropy_sign", "divergence_sign", "payoffs_transposed",
        "epsilon_outside",
    ),
)  # fmt: skip
def test_no_pair_exceeds_the_value(soft_value, example):
    """E_rho [E_pi Q + alpha H] - beta KL(rho || P) <= V for any pair."""
    batch, policy, model = example
    worth = soft.expected_value(batch.q, policy, model, *batch[1:])
    value = soft_value(*batch)
    for s in range(len(value)):
        game = batch.one(s)
        assert worth[s] <= value[s] + rounding(*game) + pair_rounding(game, model[s])


@theorem(
    soft.policy_gap,
    pairs(proper=True),
    {
        "entropy_dropped": lambda q, policy, alpha: soft.soft_maximum(q, alpha) - (policy * q).sum(axis=-2),
        "alpha_dropped": lambda q, policy, alpha: soft.policy_gap(q, policy, np.ones(np.shape(alpha))),
        "of_the_reverse": lambda q, policy, alpha: (
            np.expand_dims(alpha, -1)
            * soft.kl_divergence(soft.soft_policy(q, alpha), np.maximum(policy, 1e-300), axis=-2)
        ),
        "payoffs_transposed": lambda q, policy, alpha: soft.policy_gap(planted.misread(q), policy, alpha),
    },
)
def test_policy_gap_is_a_divergence(policy_gap, example):
    """eq. 43: L - E_pi Q - alpha H(pi) = alpha KL(pi || pi*)."""
    batch, policy, model = example
    gap = policy_gap(batch.q, policy, batch.alpha)
    best = soft.soft_policy(batch.q, batch.alpha)
    divergence = np.expand_dims(batch.alpha, -1) * soft.kl_divergence(policy, best, axis=1)
    told = ((best > 1e-290) | (policy == 0.0)).all(axis=1)  # what underflowed has no divergence in floats
    for s in range(len(gap)):
        game = batch.one(s)
        slack = rounding(*game) + pair_rounding(game, model[s])
        assert (gap[s] >= -slack).all()
        assert (np.abs(gap[s] - np.where(told[s], divergence[s], gap[s])) <= slack).all()


@theorem(
    soft.opponent_gap,
    pairs(proper=True),
    {
        "divergence_dropped": lambda values, model, prior, beta: (
            soft.soft_value(values[..., None, :], prior, 0.0, beta) - (model * values).sum(axis=-1)
        ),
        "divergence_only": lambda values, model, prior, beta: beta * soft.kl_divergence(model, prior),
        "beta_dropped": lambda values, model, prior, beta: soft.opponent_gap(
            values, model, prior, np.ones(np.shape(beta))
        ),
        "prior_dropped": lambda values, model, prior, beta: soft.opponent_gap(
            values, model, np.full(prior.shape, 1.0 / prior.shape[-1]), beta
        ),
    },
)
def test_opponent_gap_is_a_divergence(opponent_gap, example):
    """eq. 44: V - E_rho L + beta KL(rho || P) = beta KL(rho || rho*), for any numbers in the place of L."""
    batch, policy, model = example
    levels = soft.soft_maximum(batch.q, batch.alpha) if policy[0, 0, 0] > 0.5 else batch.q[:, 0]
    gap = opponent_gap(levels, model, batch.prior, batch.beta)
    best = soft.soft_opponent_model(levels[:, None], batch.prior, 0.0, batch.beta)
    divergence = batch.beta * soft.kl_divergence(model, best)
    told = ((best > 1e-290) | (model == 0.0)).all(axis=1)
    for s in range(len(gap)):
        game = Batch(levels[s : s + 1], *batch.one(s)[1:])
        slack = rounding(*game) + pair_rounding(game, model[s]) + 8.0 * UNIT * game.beta * log_least(model[s])
        assert gap[s] >= -slack
        assert not told[s] or abs(gap[s] - divergence[s]) <= slack


@pytest.mark.parametrize("weight", [2.0, 1e3, 1e9, 1e12, 1e200])
@pytest.mark.parametrize("far", [0.0, 1e-3, 1.0])
def test_gaps_keep_the_digits_of_q_at_any_weight(weight, far):
    """alpha log A swallows Q at 1e12; what a pair lacks is still told from nothing, to the digits of Q."""
    rng = np.random.default_rng(11)
    q = rng.standard_normal((3, 2))
    policy = (1.0 - far) / 3.0 + far * rng.dirichlet(np.ones(3), size=2).T
    prior = rng.dirichlet(np.ones(2))
    model = (1.0 - far) * prior + far * rng.dirichlet(np.ones(2))

    def lack(values, shares, base):
        """scale log sum base exp(v / scale) less what the shares earn, to 500 digits; shares and base normalised."""
        scale, v = mpf(weight), [mpf(x) for x in values]
        p, r = ([mpf(x) / sum(map(mpf, row)) for x in row] for row in (shares, base))
        best = scale * mp.log(sum(b * mp.exp(x / scale) for b, x in zip(r, v, strict=True)))
        return float(best - sum(a * (x - scale * mp.log(a / b)) for a, x, b in zip(p, v, r, strict=True)))

    with mp.workdps(500):
        own, theirs = [lack(q[:, b], policy[:, b], np.ones(3)) for b in range(2)], lack(q[0], model, prior)
    noise = 64.0 * UNIT * np.ptp(q)
    np.testing.assert_allclose(soft.policy_gap(q, policy, weight), own, rtol=1e-12, atol=noise)
    np.testing.assert_allclose(soft.opponent_gap(q[0], model, prior, weight), theirs, rtol=1e-12, atol=noise)


def test_gaps_of_what_floats_hardly_hold_come_without_a_warning():
    """Where one of several games is wide, the others' divergences, which overflow, are computed but not chosen."""
    levels = np.array([[0.0, 0.0], [0.0, 4.0]])
    gap = soft.opponent_gap(levels, [0.5, 0.5], [0.5, 0.5], [1.0, 0.005])
    assert gap[0] == 0.0 and gap[1] == pytest.approx(2.0 - 0.005 * math.log(2.0))
    rare = soft.opponent_gap([0.0, 0.0], [0.5, 0.5], [1e-310, 1.0 - 1e-310], 1e3)
    assert rare == pytest.approx(1e3 * (0.5 * math.log(0.5) - 0.5 * math.log(2e-310)), rel=1e-12)
    q = np.array([[9e5, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(soft.policy_gap(q, np.full((2, 2), 0.5), 1e-3), [4.5e5, 0.0], rtol=1e-8, atol=1e-12)


@theorem(soft.expected_value, pairs(proper=True), planted.EXPECTED_VALUES)
def test_what_a_pair_lacks_is_two_divergences(expected_value, example):
    """V less the objective of a pair is alpha E_rho KL(pi || pi*) + beta KL(rho || rho*): eq. 43 and 44 together."""
    batch, policy, model = example
    lack = soft.soft_value(*batch) - expected_value(batch.q, policy, model, *batch[1:])
    best, best_model = soft.soft_policy(batch.q, batch.alpha), soft.soft_opponent_model(*batch)
    own = (model * soft.kl_divergence(policy, best, axis=1)).sum(axis=1) if (best > 1e-290).all() else None
    told = ((best_model > 1e-290) | (model == 0.0)).all(axis=1)
    for s in range(len(lack)):
        game = batch.one(s)
        slack = 2.0 * (rounding(*game) + pair_rounding(game, model[s]))
        assert lack[s] >= -slack
        if own is not None and told[s]:
            divergences = game.alpha * own[s] + game.beta * soft.kl_divergence(model[s], best_model[s])
            assert abs(lack[s] - divergences) <= slack


@theorem(
    both(soft.soft_policy, soft.soft_opponent_model),
    batches(magnitude=10.0).flatmap(
        lambda batch: st.tuples(st.just(batch), strategies.payoff_arrays(batch.q.shape, magnitude=10.0))
    ),
    WRONG_PAIRS,
)
def test_the_pair_is_the_derivative(pair_of, example):
    """V(Q + D) >= V(Q) + E_{rho*,pi*} D for every D: V is convex, E_{rho*,pi*} its derivative, limits included."""
    batch, direction = example
    policy, model = pair_of(*batch)
    assert is_distribution(policy, 1)
    assert is_distribution(model, 1)
    assert (model[batch.prior == 0.0] == 0.0).all()
    slope = (model[:, None] * policy * direction).sum(axis=(1, 2))
    moved = batch._replace(q=batch.q + direction)
    gain = soft.soft_value(*moved) - soft.soft_value(*batch)
    for s in range(len(gain)):
        game, there = batch.one(s), moved.one(s)
        attained = rounding(*game) + pair_rounding(game, model[s])  # how far rounding leaves the pair from V(Q)
        assert gain[s] >= slope[s] - attained - rounding(*there) - 32.0 * UNIT * np.abs(direction[s]).max()


@usual
@given(pairs(proper=True), st.integers(0, 2**32 - 1))
def test_derivative_by_differences(example, seed):
    """(V(Q + hD) - V(Q - hD)) / 2h tends to E_{rho*,pi*} D; the third derivative bounds the error by 3 h^2 / w^2."""
    batch, _, _ = example
    q, prior = batch.q % 7.0, batch.prior
    alpha, beta = (float(np.clip(np.max(x), 0.5, 50.0)) for x in batch[2:])
    direction = np.random.default_rng(seed).uniform(-1.0, 1.0, q.shape)
    h = 1e-4
    ahead, behind = (soft.soft_value(q + step * direction, prior, alpha, beta) for step in (h, -h))
    model, policy = soft.soft_opponent_model(q, prior, alpha, beta), soft.soft_policy(q, alpha)
    slope = (model[:, None] * policy * direction).sum(axis=(1, 2))
    bound = 20.0 * h**2 / min(alpha, beta) ** 2 + rounding(q, prior, alpha, beta) / h
    assert (np.abs((ahead - behind) / (2.0 * h) - slope) <= bound).all()


# Improvement in one state: eq. 39, 55


@theorem(soft.improve_opponent_model, pairs(magnitude=10.0), planted.IMPROVED_MODELS)
def test_improved_model_is_the_best_against_its_policy(improve, example):
    """No other opponent model is worth more beside the same policy: eq. 42 and 44."""
    batch, policy, model = example
    better = improve(batch.q, policy, *batch[1:])
    assert is_distribution(better, 1)
    levels = (policy * batch.q).sum(axis=1) + np.expand_dims(batch.alpha, -1) * soft.entropy(policy, axis=1)
    lead = soft.soft_value(levels[:, None], batch.prior, 0.0, batch.beta)
    assert (better[batch.prior == 0.0] == 0.0).all()
    worth = soft.expected_value(batch.q, policy, np.where(better > 0.0, better, 0.0), *batch[1:])
    before = soft.expected_value(batch.q, policy, model, *batch[1:])
    for s in range(len(worth)):
        game = batch.one(s)
        slack = rounding(*game) + pair_rounding(game, better[s]) + pair_rounding(game, model[s])
        slack += rounding(levels[s : s + 1], game.prior, 0.0, game.beta)
        assert abs(worth[s] - lead[s]) <= slack
        assert worth[s] >= before[s] - slack


@usual
@given(batches())
def test_improvement_of_the_best_policy_is_the_optimum(batch):
    """Theorem 4's map is eq. 10, and Theorem 5's with pi* in it is eq. 11."""
    q, prior, alpha, beta = batch
    policy = soft.improve_policy(q, alpha)
    np.testing.assert_array_equal(policy, soft.soft_policy(q, alpha))
    model = soft.improve_opponent_model(q, policy, prior, alpha, beta)
    best = soft.soft_opponent_model(q, prior, alpha, beta)
    for s in range(len(q)):
        game = batch.one(s)
        rough = 32.0 * UNIT * game.alpha * (4.0 + math.log(len(game.q))) * len(game.q)
        bound = min(1.0, rough / game.beta) if game.beta > 0.0 else float(game.alpha > 0.0)
        np.testing.assert_allclose(model[s], best[s], rtol=0, atol=model_rounding(game) + bound)


@usual
@given(pairs())
def test_marginal_policy_by_loops(example):
    """pi(a) = sum_b rho(b) pi(a|b)."""
    _, policy, model = example
    marginal = soft.marginal_policy(policy, model)
    for s in range(len(policy)):
        for a in range(policy.shape[1]):
            exact = math.fsum(model[s, b] * policy[s, a, b] for b in range(policy.shape[2]))
            assert abs(marginal[s, a] - exact) <= 8 * UNIT


def test_entropy_and_divergence_by_hand():
    assert soft.entropy([0.5, 0.5, 0.0]) == math.log(2.0)
    assert soft.kl_divergence([1.0, 0.0], [0.25, 0.75]) == math.log(4.0)
    assert soft.kl_divergence([0.5, 0.5], [1.0, 0.0]) == INF
    assert soft.kl_divergence([1.0, 0.0], [1.0, 0.0]) == 0.0
    np.testing.assert_array_equal(soft.entropy(np.eye(2), axis=0), [0.0, 0.0])


# Errors name the place


Q = np.zeros((2, 2, 3))
PRIOR = np.full((2, 3), 1.0 / 3.0)
POLICY = np.full((2, 2, 3), 0.5)
NAN, BAD = math.nan, np.array([[0.5, 0.5, 0.5], [0.2, 0.3, 0.5]])
VIEW = MatrixGame.common_payoff(np.zeros((2, 3))).view(0)


def changed(array, index, value):
    copy = np.array(array)
    copy[index] = value
    return copy


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: soft.soft_value(changed(Q, (1, 0, 2), NAN), PRIOR), "q[s=1, a=0, b=2] is nan"),
        (lambda: soft.soft_policy(changed(Q, (1, 0, 2), INF)), "q[s=1, a=0, b=2] is inf"),
        (lambda: soft.soft_maximum([[1.0, NAN]]), "q[a=0, b=1] is nan"),
        (lambda: soft.soft_policy([[1.0], [1.0, 2.0]]), "q[1] has shape (2,), but q[0] has (1,)"),
        (lambda: soft.soft_policy(3.0), "q must have shape (..., A, B)"),
        (lambda: soft.soft_policy([[], []]), "q must have shape (..., A, B) with A, B >= 1"),
        (lambda: soft.soft_value([["1", "2"]], [0.5, 0.5]), "q[0, 0] is '1'"),
        (lambda: soft.soft_value(Q, BAD), "prior[s=0] sums to 1.5"),
        (lambda: soft.soft_value(Q, changed(PRIOR, (1, 2), -0.5)), "prior[s=1, b=2] is -0.5"),
        (lambda: soft.soft_value(Q, [0.5, NAN, 0.5]), "prior[b=1] is nan"),
        (lambda: soft.soft_value(Q, [0.5, 0.5]), "prior has 2 joint actions, q has 3"),
        (lambda: soft.soft_value(Q, [[1.0], [0.5, 0.5]]), "prior[1] has shape (2,), but prior[0] has (1,)"),
        (lambda: soft.soft_value(Q, 1.0), "prior must be an array of probabilities"),
        (lambda: soft.soft_value(Q, np.full((5, 3), 1 / 3)), "do not broadcast: q (2,), prior (5,)"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=[1.0, 1.0, 1.0]), "do not broadcast: q (2,), prior (2,), alpha (3,)"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=-1.0), "alpha is -1.0"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=NAN), "alpha is nan"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=INF), "alpha is inf, not a finite number"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=[1.0, -2.0]), "alpha[1] is -2.0"),
        (lambda: soft.soft_value(Q, PRIOR, alpha="1"), "alpha is '1'"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=None), "alpha is None"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=1j), "alpha is 1j"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=np.array([1j, 1j])), "alpha must hold real numbers"),
        (lambda: soft.soft_value(Q, PRIOR, alpha=[[1.0], [1.0, 2.0]]), "alpha[1] has shape (2,)"),
        (lambda: soft.soft_opponent_model(Q, PRIOR, beta=-0.5), "beta is -0.5"),
        (lambda: soft.soft_opponent_model(Q, PRIOR, beta=[0.5, NAN]), "beta[1] is nan"),
        (lambda: soft.expected_value(Q, POLICY[:, :1], PRIOR, PRIOR), "policy must have shape (..., 2, 3)"),
        (lambda: soft.expected_value(Q, 2.0 * POLICY, PRIOR, PRIOR), "policy[s=0, b=0] sums to 2"),
        (lambda: soft.expected_value(Q, changed(POLICY, (1, 1, 2), -0.5), PRIOR, PRIOR), "policy[s=1, a=1, b=2] is"),
        (lambda: soft.expected_value(Q[0], 2.0 * POLICY[0], PRIOR[0], PRIOR[0]), "policy[b=0] sums to 2"),
        (lambda: soft.expected_value(Q, np.concatenate([POLICY, POLICY]), PRIOR, PRIOR), "do not broadcast"),
        (lambda: soft.expected_value(Q, POLICY, PRIOR[:, :1] * 3.0, PRIOR), "opponent_model has 1 joint actions"),
        (lambda: soft.expected_value(Q, POLICY, np.full((5, 3), 1 / 3), PRIOR), "do not broadcast"),
        (lambda: soft.expected_value(Q, POLICY, BAD, PRIOR), "opponent_model[s=0] sums to 1.5"),
        (lambda: soft.expected_value(Q, POLICY, PRIOR, [0.5, 0.0, 0.5]), "opponent_model[s=0, b=1] is 0.333"),
        (lambda: soft.expected_value(Q[0], POLICY[0], [0.5, 0.5, 0.0], [0.5, 0.0, 0.5]), "opponent_model[b=1] is 0.5"),
        (lambda: soft.expected_value(Q, POLICY, PRIOR, [0.5, 0.25, 0.25], beta=INF), "opponent_model[s=0, b=0] is"),
        (lambda: soft.expected_value(Q, POLICY, PRIOR, [PRIOR[0], [0.5, 0.25, 0.25]], beta=[1.0, INF]), "[s=1, b=0]"),
        (lambda: soft.expected_value(Q, POLICY, PRIOR, PRIOR, beta=-1.0), "beta is -1.0"),
        (lambda: soft.policy_gap(Q, POLICY[:, :, :2]), "policy must have shape (..., 2, 3)"),
        (lambda: soft.policy_gap(Q, np.concatenate([POLICY, POLICY])), "do not broadcast"),
        (lambda: soft.opponent_gap([0.0, NAN], [0.5, 0.5], [0.5, 0.5]), "values[1] is nan"),
        (lambda: soft.opponent_gap([0.0, 0.0], [0.5, 0.5], [1.0, 0.0]), "opponent_model[b=1] is 0.5"),
        (lambda: soft.improve_opponent_model(Q, np.concatenate([POLICY, POLICY]), PRIOR), "do not broadcast"),
        (lambda: soft.improve_opponent_model(Q, changed(POLICY, (0, 0, 1), 0.6), PRIOR), "policy[s=0, b=1] sums to"),
        (lambda: soft.improve_policy(Q, alpha=-1.0), "alpha is -1.0"),
        (lambda: soft.marginal_policy(POLICY[:, :, :1], PRIOR), "have shapes (2, 2, 1) and (2, 3)"),
        (lambda: soft.bellman(VIEW, np.zeros((1, 3, 2)), np.full((1, 3), 1 / 3)), "q must have the view's shape"),
        (lambda: soft.bellman(VIEW, [[[1.0]], [[1.0, 2.0]]], np.full((1, 3), 1 / 3)), "q[1] has shape (1, 2)"),
        (lambda: soft.bellman(VIEW, np.zeros((1, 2, 3)), np.full((4, 3), 1 / 3)), "axes (4,), the view has 1 states"),
        (lambda: soft.bellman(VIEW, np.zeros((1, 2, 3)), np.full((1, 3), 1 / 3), alpha=NAN), "alpha is nan"),
        (lambda: soft.bellman_expectation(VIEW, Q, POLICY, PRIOR, PRIOR), "q must have the view's shape"),
        (lambda: soft.one_step(VIEW, [1.0, 2.0]), "value must have shape (1,)"),
    ],
)  # fmt: skip
def test_errors_name_the_place(call, place):
    with pytest.raises(InputError) as error:
        call()
    assert place in str(error.value)
