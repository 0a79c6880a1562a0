"""Independent answers to the same questions: another solver where the models coincide, closed forms, fifty digits."""

import math
from itertools import product

import numpy as np
import oracle
import planted
import pytest
from hypothesis import strategies as st
from mpmath import mp, mpf
from planted import theorem
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import strategies
from rommeo_exact.games import families

pytestmark = pytest.mark.filterwarnings("error")

INF = math.inf


def seeded(seed=1):
    return np.random.default_rng(seed)


def off(value, exact):
    """The sup norm of the difference, to fifty digits."""
    return max(abs(mpf(float(x)) - v) for x, v in zip(value, exact, strict=True))


# --- the Markov decision process over joint actions ------------------------------------------------------------------


def joint_process(markov, view, form):
    """quantecon's DiscreteDP with the joint actions (a, b) as its actions, by product or as state-action pairs."""
    states, own, joint = view.shape
    rewards, p = view.rewards.reshape(states, -1), view.transitions
    rows = p.reshape(-1, states) if isinstance(p, np.ndarray) else sparse.csr_matrix(p)
    if form == "product":
        dense = rows if isinstance(rows, np.ndarray) else rows.toarray()
        return markov.DiscreteDP(rewards, dense.reshape(states, own * joint, states), view.discount)
    pairs = np.divmod(np.arange(states * own * joint), own * joint)
    return markov.DiscreteDP(rewards.ravel(), sparse.csr_matrix(rows), view.discount, *pairs)


GAMES = {
    "dense": lambda: families.random_stochastic(15, (3, 4), discount=0.95, rng=seeded()),
    "three players": lambda: families.random_stochastic(6, (2, 3, 2), discount=0.99, rng=seeded(2)),
    "sparse": lambda: families.random_sparse_stochastic(50, (2, 3), 4, discount=0.99, rng=seeded(3)),
    "slowly mixing": lambda: families.random_slowly_mixing(12, (2, 2), modulus=0.99, discount=0.9, rng=seeded(4)),
    "grid": lambda: rx.games.meeting(size=3, discount=0.9),
    "climbing": lambda: rx.StochasticGame(rx.games.climbing().payoffs[:, None], np.ones((1, 3, 3, 1)), 0.9),
}


@pytest.mark.parametrize("form", ["product", "pairs"])
@pytest.mark.parametrize("name", GAMES)
def test_without_temperatures_it_is_the_joint_markov_decision_process(name, form):
    """alpha = beta = 0 under a full prior: the Bellman optimality operator over (a, b)."""
    markov = pytest.importorskip("quantecon.markov")
    game = GAMES[name]()
    for agent in range(game.num_players):
        view = game.view(agent)
        answer = joint_process(markov, view, form).solve(method="policy_iteration")
        prior = seeded(5).dirichlet(np.ones(view.shape[2]), size=view.shape[0])
        ours = rx.solve(game, agent=agent, alpha=0.0, beta=0.0, prior=prior)
        size = np.abs(answer.v).max() / (1.0 - view.discount)
        bound = ours.error_bound + 1e-13 * size  # theirs is a linear solve
        assert np.abs(ours.value - answer.v).max() <= bound
        own, joint = np.divmod(answer.sigma, view.shape[2])
        states = np.arange(view.shape[0])
        best = ours.q.max(axis=(1, 2))
        assert (ours.q[states, own, joint] >= best - 2.0 * bound).all()
        for weights in ((3.0, 0.0), (0.0, 3.0), (0.0, INF)):
            wrong = rx.solve(game, agent=agent, alpha=weights[0], beta=weights[1], prior=prior)
            assert np.abs(wrong.value - answer.v).max() > bound


def test_a_prior_with_zeros_leaves_joint_actions_out():
    markov = pytest.importorskip("quantecon.markov")
    view = GAMES["dense"]().view(0)
    prior = np.zeros((15, 4))
    prior[:, 1:3] = 0.5
    fewer = rx.View(view.rewards[:, :, 1:3], np.asarray(view.transitions)[:, :, 1:3], view.discount)
    theirs = joint_process(markov, fewer, "product").solve(method="policy_iteration").v
    ours = rx.solve(view, alpha=0.0, beta=0.0, prior=prior)
    assert np.abs(ours.value - theirs).max() <= ours.error_bound + 1e-11
    assert np.abs(rx.solve(view, alpha=0.0, beta=0.0).value - theirs).max() > 0.1


# --- one agent alone -------------------------------------------------------------------------------------------------


def soft_value_iteration(rewards, p, discount, alpha):
    """Soft value iteration of a single agent (Haarnoja and others 2017), V = alpha log sum_a exp(Q / alpha)."""
    value = np.zeros(len(rewards))
    for _ in range(600):
        q = rewards + discount * p @ value
        top = q.max(axis=1, keepdims=True)
        value = top[:, 0] + alpha * np.log(np.exp((q - top) / alpha).sum(axis=1))
    return value, np.exp((q - value[:, None]) / alpha)


@pytest.mark.parametrize("method", ["auto", "newton", "modified_policy_iteration", "value_iteration"])
@pytest.mark.parametrize("alpha", [0.01, 1.0, 20.0])
def test_without_opponents_it_is_soft_value_iteration(alpha, method):
    """B = 1: beta has nothing to weigh, and alpha is all there is."""
    rng = seeded(2)
    rewards, p = rng.standard_normal((8, 3)), rng.dirichlet(np.ones(8), size=(8, 3))
    value, policy = soft_value_iteration(rewards, p, 0.9, alpha)
    dense, rows = p[:, :, None], sparse.csr_array(p.reshape(-1, 8))
    for transitions, beta in product((dense, rows), (0.0, 1.0, INF)):
        view = rx.View(rewards[:, :, None], transitions, 0.9)
        ours = rx.solve(view, alpha=alpha, beta=beta, method=method)
        assert np.abs(ours.value - value).max() <= ours.error_bound + 1e-13 * np.abs(value).max()
        np.testing.assert_allclose(ours.policy[:, :, 0], policy, rtol=0, atol=4.0 * ours.error_bound / alpha)
        np.testing.assert_allclose(ours.marginal_policy, ours.policy[:, :, 0], rtol=0, atol=1e-15)
        np.testing.assert_array_equal(ours.opponent_model, np.ones((8, 1)))
    wrong, _ = soft_value_iteration(rewards, p, 0.9, 1.001 * alpha)
    assert np.abs(ours.value - wrong).max() > ours.error_bound + 1e-13 * np.abs(value).max()


# --- one state -------------------------------------------------------------------------------------------------------


ONE_STATE = (
    rx.games.climbing(), rx.games.climbing(variant="paper"), rx.games.penalty(k=-30), rx.games.prisoners_dilemma(),
    rx.games.three_player_coordination(), rx.games.three_player_matching_pennies(),
)  # fmt: skip
PAIRS = ((1.0, 1.0), (0.0, 0.0), (0.3, INF), (2.0, 0.5), (1e-12, 1.0), (1e12, 1e-12), (0.0, 3.0), (5.0, 0.0))


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.9, 0.99999])
@pytest.mark.parametrize("game", ONE_STATE, ids=lambda game: game.name)
def test_one_state_has_a_closed_form(game, discount):
    """V = V_R / (1 - gamma): what repeats is worth its one round over and over, and is played as in one round."""
    for agent, (alpha, beta) in product(range(game.num_players), PAIRS):
        rewards = game.view(agent).rewards[0]
        prior = seeded(agent).dirichlet(np.ones(rewards.shape[1]))
        round_value = oracle.soft_value(oracle.numbers(rewards), oracle.distribution(prior), alpha, beta)
        ours = rx.solve(game, agent=agent, alpha=alpha, beta=beta, prior=prior, discount=discount)
        assert off(ours.value, [round_value / (1 - mpf(discount))]) <= mpf(ours.error_bound)
        assert ours.error_bound <= max(1e-10, 1e-14 * abs(ours.value[0]) / (1.0 - discount))
        _, policy, model = rx.soft.optimum(rewards, prior, alpha, beta)
        np.testing.assert_allclose(ours.policy[0], policy, rtol=0, atol=1e-12)
        np.testing.assert_allclose(ours.opponent_model[0], model, rtol=0, atol=1e-12)
        if discount > 0.0:
            assert off(ours.value, [round_value / (1 - mpf(discount) * (1 + mpf(1e-6)))]) > mpf(ours.error_bound)
            assert off(ours.value, [discount * round_value / (1 - mpf(discount))]) > mpf(ours.error_bound)


@st.composite
def one_round(draw):
    """A matrix game, an agent, a prior of its opponents' joint actions, and weights."""
    game = draw(strategies.matrix_games())
    agent = draw(st.integers(0, game.num_players - 1))
    prior = draw(strategies.priors(game.view(agent)))[0]
    return game, agent, prior, draw(strategies.temperatures()), draw(strategies.opponent_weights())


@theorem(
    rx.soft.soft_value,
    one_round(),
    planted.pick(
        planted.SOFT_VALUES,
        "alpha_dropped",
        "beta_dropped",
        "prior_dropped",
        "maximum_for_log_sum_exp",
        "mean_for_sum",
        "payoffs_transposed",
        "sum_over_b_before_the_power",
    ),
)
def test_a_matrix_game_without_a_future_is_worth_one_round(soft_value, example):
    """gamma = 0: Q is R, so V is :func:`soft_value` of the payoffs."""
    game, agent, prior, alpha, beta = example
    ours = rx.solve(game, agent=agent, alpha=alpha, beta=beta, prior=prior)
    assert ours.iterations == 1
    rewards = game.view(agent).rewards[0]
    size = np.abs(rewards).max() + alpha * np.log(len(rewards))
    np.testing.assert_allclose(ours.q[0], rewards, rtol=0, atol=2.0**-52 * size)
    theirs = soft_value(rewards, prior, alpha, beta)
    assert abs(ours.value[0] - theirs) <= ours.error_bound + 2.0**-45 * size


# --- fifty digits ----------------------------------------------------------------------------------------------------


def test_climbing_in_closed_form():
    """alpha = beta = 1, no future: V = log((e^11 + 2 e^-30 + e^7 + e^6 + e^5 + 3) / 3)."""
    with mp.workdps(50):
        value = mp.log((mp.exp(11) + 2 * mp.exp(-30) + mp.exp(7) + mp.exp(6) + mp.exp(5) + 3) / 3)
    ours = rx.solve(rx.games.climbing())
    assert off(ours.value, [value]) <= ours.error_bound < 1e-10
    assert mp.nstr(value, 20) == "9.9285966121600957594"


@st.composite
def tiny(draw):
    """A view, a prior, weights, and the optimum of all that to fifty digits."""
    view = draw(
        strategies.views(max_states=3, max_actions=2, max_opponent_actions=3, magnitude=100.0, max_discount=0.99)
    )
    prior = draw(strategies.priors(view))
    alpha = draw(strategies.temperatures(min_value=1e-2, max_value=1e3))
    beta = draw(strategies.opponent_weights(min_value=1e-2, max_value=1e3) | st.just(INF))
    return view, prior, alpha, beta, oracle.solve(oracle.read(view), oracle.distributions(prior), alpha, beta)


def transposed(view, **given):
    return rx.solve(rx.View(planted.misread(view.rewards), view.transitions, view.discount, view.terminal), **given)


@theorem(
    rx.solve,
    tiny(),
    {
        "prior_dropped": lambda view, prior, **given: rx.solve(view, **given),
        "alpha_dropped": lambda view, alpha, **given: rx.solve(view, alpha=1.0, **given),
        "beta_dropped": lambda view, beta, **given: rx.solve(view, beta=1.0, **given),
        "terminal_forgotten": lambda view, **given: rx.solve(
            rx.View(view.rewards, view.transitions, view.discount), **given
        ),
        "discount_nearly_right": lambda view, **given: rx.solve(view, discount=0.999999 * view.discount, **given),
        "payoffs_transposed": transposed,
        "one_backup": lambda view, **given: rx.solve(view, max_iterations=1, on_failure="return", **given),
    },
)
def test_tiny_games_to_fifty_digits(solve, example):
    """V*, Q*, pi* and rho* are all within what `error_bound` says of V*, by the contraction of each."""
    view, prior, alpha, beta, exact = example
    ours = solve(view, prior=prior, alpha=alpha, beta=beta)
    bound = ours.error_bound
    assert off(ours.value, exact.value) <= bound + oracle.ACCURACY
    size = max(np.abs(ours.q).max(), np.abs(view.rewards).max()) + alpha
    near = bound + 2.0**-48 * size
    for s in np.flatnonzero(~view.terminal):
        for a, b in product(range(view.shape[1]), range(view.shape[2])):
            assert abs(exact.q[s][a][b] - ours.q[s, a, b]) <= near
            assert abs(exact.policy[s][a][b] - ours.policy[s, a, b]) <= 4.0 * near / alpha
            assert abs(exact.opponent_model[s][b] - ours.opponent_model[s, b]) <= 4.0 * near / beta + 1e-15
    assert bound <= 1e-10 + 1e-12 * size
