"""What a pair is worth, how it improves and what it lacks: against 50 digits, dense algebra and the optimum.

Every tolerance is the bound that the answer carries, and a stated multiple of the unit roundoff times the size of the
numbers that the operation adds up, over 1 - gamma where they are summed over time.
"""

import math
from functools import partial
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import oracle
import planted
import pytest
from hypothesis import given, strategies as st
from mpmath import mp, mpf
from planted import pick, theorem

import rommeo_exact as rx
from rommeo_exact import InputError, MatrixGame, View, soft, strategies

pytestmark = pytest.mark.filterwarnings("error")

UNIT = 2.0**-53
INF = math.inf
usual = planted.share(0.3)


class Case(NamedTuple):
    """A view, a pair whose opponent model stays in the prior's support, and the rest."""

    view: View
    policy: np.ndarray
    model: np.ndarray
    prior: np.ndarray
    alpha: float
    beta: float

    @property
    def settings(self):
        return {"alpha": self.alpha, "beta": self.beta, "prior": self.prior}

    def evaluated(self, policy=None, model=None, by=rx.evaluate):
        pair = self.policy if policy is None else policy, self.model if model is None else model
        return by(self.view, *pair, **self.settings)


ALPHAS, BETAS = strategies.temperatures(), strategies.opponent_weights()


@st.composite
def cases(draw, **kinds):
    """Pairs that are drawn, or a little off the best answer to the rewards."""
    kinds = {"max_states": 3, "max_actions": 2, "max_opponent_actions": 3, **kinds}
    view = draw(strategies.views(**kinds))
    alpha, beta = draw(ALPHAS), draw(BETAS)
    prior = draw(strategies.priors(view))
    policy = draw(strategies.policies(view))
    model = prior if beta == INF else draw(strategies.opponent_models(view, prior=prior))
    part = draw(st.sampled_from((1.0, 1.0, 0.5, 1e-3)))
    policy = part * policy + (1.0 - part) * soft.soft_policy(view.rewards, alpha)
    if beta < INF:
        model = part * model + (1.0 - part) * soft.soft_opponent_model(view.rewards, prior, alpha, beta)
    return Case(view, policy, model, prior, alpha, beta)


def size(case, q=None):
    """The numbers that one step adds up: Q or the rewards, alpha times the entropy, beta times the logarithms."""
    logs = [np.log(np.where(p > 0.0, p, 1.0)) for p in (case.prior, case.model)]
    price = 0.0 if case.beta == INF else -case.beta * sum(float(x.min()) for x in logs)
    return (
        np.abs(case.view.rewards if q is None else q).max() + case.alpha * (1.0 + math.log(case.view.shape[1])) + price
    )


def rounding(case, q=None):
    """What rounding may do to a discounted sum of one-step values: 8 units for every term of a step, over 1 - gamma."""
    states, own, joint = case.view.shape
    return 8.0 * UNIT * (states + own + joint + 8.0) * size(case, q) / (1.0 - case.view.discount)


# Q and V of a pair: eq. 33 to 36


@theorem(rx.evaluate, cases(), planted.EVALUATIONS)
def test_evaluation_in_many_digits(evaluate, case):
    """Q^{pi,rho} and V^{pi,rho}; the error bound holds, up to the rounding of the expected rewards."""
    found = case.evaluated(by=evaluate)
    with mp.workdps(80):
        exact, exact_q = oracle.evaluate(
            oracle.read(case.view),
            oracle.conditional(case.policy),
            oracle.distributions(case.model),
            oracle.distributions(case.prior),
            mpf(case.alpha),
            mpf(case.beta),
        )
        error = max(abs(mpf(x) - y) for x, y in zip(found.value.tolist(), exact, strict=True))
        q_error = max(
            abs(mpf(found.q[index].item()) - exact_q[index[0]][index[1]][index[2]])
            for index in np.ndindex(*case.view.shape)
        )
    assert error <= found.error_bound + rounding(case)
    assert q_error <= found.error_bound + 2.0 * rounding(case)


@pytest.mark.parametrize("way_out", [1e-16, 5e-9, 1e-8, 1e-3])
def test_the_bound_holds_where_the_game_hardly_ends(way_out):
    """V = 1 / (1 - gamma + gamma w) for the chance w to end: what rounding does to 1 - gamma (1 - w) counts."""
    gamma = 0.99999
    moves = np.reshape([1.0, 0.0, way_out, 1.0 - way_out], (2, 1, 1, 2))
    view = View(np.ones((2, 1, 1)), moves, gamma, [0])
    found = rx.evaluate(view, np.ones((2, 1, 1)), np.ones((2, 1)))
    stay = mpf(1.0 - way_out) / (mpf(1.0 - way_out) + mpf(way_out))
    assert abs(mpf(found.value[1].item()) - 1 / (1 - mpf(gamma) * stay)) <= found.error_bound


@theorem(rx.evaluate, cases(), planted.EVALUATIONS)
def test_evaluation_is_the_fixed_point_of_its_operator(evaluate, case):
    """Q = R + gamma p E_{rho,pi} [Q + alpha H - beta KL], eq. 34 to 36, and V is the expectation of Q."""
    found = case.evaluated(by=evaluate)
    rest = (case.policy, case.model, case.prior, case.alpha, case.beta)
    slack = 2.0 * found.error_bound + rounding(case, found.q) * (1.0 - case.view.discount) + 2.0 * rounding(case)
    assert np.abs(soft.bellman_expectation(case.view, found.q, *rest) - found.q).max() <= slack
    value = np.where(case.view.terminal, 0.0, soft.expected_value(found.q, *rest))
    assert np.abs(value - found.value).max() <= slack
    assert (found.value[case.view.terminal] == 0.0).all()
    assert (found.q[case.view.terminal] == 0.0).all()


@theorem(
    rx.evaluate,
    cases(max_discount=0.9, magnitude=100.0),
    pick(planted.EVALUATIONS, "moves_of_the_prior", "first_reward_discounted", "entropy_dropped", "divergence_sign"),
)
def test_evaluation_is_the_sum_along_the_way(evaluate, case):
    """sum_t gamma^t E r_t over the chance of being in each state, written out; what follows is below the slack."""
    view, policy, model, prior, alpha, beta = case
    found = case.evaluated(by=evaluate)
    gains = np.zeros(view.shape[0])
    for s, a, b in np.ndindex(*view.shape):
        gains[s] += model[s, b] * policy[s, a, b] * view.rewards[s, a, b]
        if policy[s, a, b] > 0.0:
            gains[s] -= alpha * model[s, b] * policy[s, a, b] * math.log(policy[s, a, b])
        if a == 0 and model[s, b] > 0.0 and beta < INF:
            gains[s] -= beta * model[s, b] * (math.log(model[s, b]) - math.log(prior[s, b]))
    gains[view.terminal] = 0.0
    steps = np.einsum("sab,sb,sabt->st", policy, model, planted.dense(view))
    steps[view.terminal] = 0.0
    here, total, left = np.eye(len(gains)), np.zeros(len(gains)), 1.0
    while left > 1e-9:
        total += left * here @ gains
        here, left = here @ steps, left * view.discount
    tail = left / (1.0 - view.discount) * np.abs(gains).max()
    assert np.abs(found.value - total).max() <= found.error_bound + tail + 4.0 * rounding(case)


@usual
@given(cases())
def test_dense_algebra_agrees(case):
    """V = (I - gamma M)^-1 r by NumPy's LU, within its condition number, and dense and sparse moves agree."""
    from scipy.sparse import csr_array

    view = case.view
    found = case.evaluated()
    reward = soft.expected_value(view.rewards, case.policy, case.model, *case[3:])
    exact = planted.discounted_sum(view, case.policy, case.model, reward)
    spread = 64.0 * UNIT * np.abs(reward).max() * view.shape[0] / (1.0 - view.discount) ** 2
    assert np.abs(found.value - exact).max() <= found.error_bound + rounding(case) + spread
    moves = planted.dense(view)
    for other in (moves, csr_array(moves.reshape(-1, view.shape[0]))):
        twin = View(view.rewards, other, view.discount, view.terminal)
        answer = case._replace(view=twin).evaluated()
        assert np.abs(answer.value - found.value).max() <= answer.error_bound + found.error_bound
        assert np.abs(answer.q - found.q).max() <= answer.error_bound + found.error_bound + 2.0 * rounding(case)


@usual
@given(strategies.matrix_games(min_players=2, magnitude=100.0), st.data())
def test_one_state_in_closed_form(game, data):
    """V = (E_rho [E_pi R + alpha H] - beta KL) / (1 - gamma), through every player's eyes."""
    agent = data.draw(st.integers(0, game.num_players - 1))
    discount, alpha, beta = data.draw(strategies.discounts()), data.draw(ALPHAS), data.draw(BETAS)
    view = game.view(agent, discount)
    prior = data.draw(strategies.priors(view))
    model = prior if beta == INF else data.draw(strategies.opponent_models(view, prior=prior))
    case = Case(view, data.draw(strategies.policies(view)), model, prior, alpha, beta)
    settings = {"agent": agent, "alpha": alpha, "beta": beta, "prior": prior[0], "discount": discount}
    found = rx.evaluate(game, case.policy[0], model[0], **settings)
    one = soft.expected_value(view.rewards[0], case.policy[0], model[0], prior[0], alpha, beta)
    assert abs(found.value[0] - one / (1.0 - discount)) <= found.error_bound + rounding(case)
    assert rx.objective(game, case.policy[0], model[0], **settings) == found.value[0]


def by_the_start(game, policy, model, initial=None, **settings):
    return rx.objective(game, policy, model, initial, **settings)


@theorem(
    by_the_start,
    st.tuples(strategies.stochastic_games(max_players=2, max_states=3, magnitude=100.0), st.integers(0, 2**32 - 1)),
    {
        "everywhere_alike": lambda game, policy, model, initial=None, **settings: rx.objective(
            game, policy, model, np.full(game.num_states, 1.0 / game.num_states), **settings
        ),
        "own_start_only": lambda game, policy, model, initial=None, **settings: rx.objective(
            game, policy, model, **settings
        ),
        "undiscounted_start": lambda game, policy, model, initial=None, **settings: (
            game.discount * rx.objective(game, policy, model, initial, **settings)
        ),
    },
)
def test_objective_is_the_value_of_the_start(objective, example):
    """Eq. 6 and 7, discounted: the game's own start, uniform over a view's states, or the one given."""
    game, seed = example
    rng = np.random.default_rng(seed)
    view = game.view(0)
    states, own, joint = view.shape
    policy = rng.dirichlet(np.ones(own), size=(states, joint)).swapaxes(1, 2)
    model, start = (rng.dirichlet(np.ones(size)) for size in (joint, states))
    value = rx.evaluate(game, policy, model, beta=0.5).value
    slack = 8.0 * states * UNIT * np.abs(value).max()
    assert abs(objective(game, policy, model, beta=0.5) - math.fsum(game.initial * value)) <= slack
    assert abs(objective(game, policy, model, start, beta=0.5) - math.fsum(start * value)) <= slack
    assert abs(rx.objective(view, policy, model, beta=0.5) - math.fsum(value) / states) <= slack


# Improvement: Theorems 4 and 5


def improvement_slack(case, before, after):
    """Rounding in both evaluations, and in the improved half, which costs a step no more than its own rounding."""
    scale = max(np.abs(before.q).max(), np.abs(after.q).max())
    return before.error_bound + after.error_bound + 4.0 * rounding(case, np.array([scale]))


@theorem(
    soft.improve_policy,
    cases(magnitude=10.0),
    pick(
        planted.SOFT_POLICIES,
        "alpha_dropped",
        "entropy_sign",
        "maximum_for_log_sum_exp",
        "uniform",
        "payoffs_transposed",
    ),
)
def test_theorem_4(improve, case):
    """pi~ proportional to exp(Q^{pi,rho} / alpha): Q^{pi~,rho} >= Q^{pi,rho} in every entry."""
    before = case.evaluated()
    after = case.evaluated(policy=improve(before.q, case.alpha))
    assert (after.q >= before.q - improvement_slack(case, before, after)).all()


@theorem(soft.improve_opponent_model, cases(magnitude=10.0), planted.IMPROVED_MODELS)
def test_theorem_5(improve, case):
    """rho~ proportional to P exp((E_pi Q^{pi,rho} + alpha H(pi)) / beta): Q^{pi,rho~} >= Q^{pi,rho} in every entry."""
    before = case.evaluated()
    model = improve(before.q, case.policy, *case[3:])
    assert (model[case.prior == 0.0] == 0.0).all()
    assert case.beta < INF or np.abs(model - case.prior).max() <= 8.0 * UNIT
    after = case._replace(model=model).evaluated()
    slack = improvement_slack(case, before, after) + improvement_slack(case._replace(model=model), before, after)
    assert (after.q >= before.q - slack).all()


def alternating(case, steps):
    """The iteration (54)-(55)."""
    return rx.improve(case.view, case.policy, case.model, **case.settings, steps=steps)


def joint(case, steps):
    """Both halves at once."""
    return rx.improve(case.view, case.policy, case.model, **case.settings, update="joint", steps=steps)


def path_by(improve_policy, improve_model, scale=1.0):
    """An iteration with other halves, whose bounds are `scale(gamma)` times the right ones."""

    def path(case, steps):
        values, bounds, policy, model = [], [], case.policy, case.model
        for _ in range(steps + 1):
            answer = case.evaluated(policy, model)
            gain = soft.soft_value(answer.q, *case[3:]) - answer.value
            top = max(0.0, gain[~case.view.terminal].max(initial=0.0))
            bounds.append(top if scale == 0.0 else scale * top / (1.0 - case.view.discount))
            values.append(answer.value)
            q, last = answer.q, (policy, model)
            policy = improve_policy(q, case.alpha)
            model = improve_model(case.evaluated(policy, model).q, policy, *case[3:])
        return SimpleNamespace(
            values=np.array(values), bounds=np.array(bounds), q=q, policy=last[0], opponent_model=last[1]
        )

    return path


def uniform_on_the_support(q, policy, prior, alpha, beta):
    """The improved model without the prior's weights."""
    support = prior > 0.0
    return soft.improve_opponent_model(q, policy, support / support.sum(axis=1, keepdims=True), alpha, beta)


WRONG_PATHS = {
    "policy_entropy_sign": path_by(planted.SOFT_POLICIES["entropy_sign"], soft.improve_opponent_model),
    "policy_uniform": path_by(planted.SOFT_POLICIES["uniform"], soft.improve_opponent_model),
    "policy_alpha_dropped": path_by(planted.SOFT_POLICIES["alpha_dropped"], soft.improve_opponent_model),
    "model_prior_dropped": path_by(soft.improve_policy, uniform_on_the_support),
    "model_prior_itself": path_by(soft.improve_policy, planted.IMPROVED_MODELS["prior_itself"]),
    "model_entropy_sign": path_by(soft.improve_policy, planted.IMPROVED_MODELS["entropy_sign"]),
    "bound_of_one_step": path_by(soft.improve_policy, soft.improve_opponent_model, scale=0.0),
    "half_the_bound": path_by(soft.improve_policy, soft.improve_opponent_model, scale=0.5),
}


def rises_to_the_optimum(path_of, case):
    """The values never fall, gain on V* by the factor gamma every step at least, and the bounds enclose V*.

    V_{t+1} >= T V_t, for either update, as the improved pair is the best against the Q of the last one; so
    max(V* - V_{t+1}) <= gamma max(V* - V_t).
    """
    best = rx.solve(case.view, **case.settings)
    path = path_of(case, 3)
    gamma = case.view.discount
    last = Case(case.view, path.policy, path.opponent_model, *case[3:])
    slack = 8.0 * max(rounding(x, np.array([np.abs(path.q).max(), np.abs(best.q).max()])) for x in (case, last))
    slack += 4.0 * (best.error_bound + case.evaluated().error_bound + last.evaluated().error_bound)
    assert path.values.shape == (4, view_states(case))
    assert path.bounds.shape == (4,)
    assert (np.diff(path.values, axis=0) >= -slack).all()
    short = (best.value - path.values).max(axis=1)
    assert (short[1:] <= gamma * np.maximum(short[:-1], 0.0) + slack).all()
    assert (path.bounds >= 0.0).all()
    assert (short <= path.bounds + slack).all()
    np.testing.assert_allclose(last.evaluated().value, path.values[-1], rtol=0, atol=slack)
    np.testing.assert_allclose(last.evaluated().q, path.q, rtol=0, atol=slack)


def view_states(case):
    return case.view.shape[0]


@theorem(alternating, cases(magnitude=10.0, max_discount=0.99), WRONG_PATHS, part=0.3)
def test_alternating_improvement_rises_to_the_optimum(path_of, case):
    """Eq. 54 and 55."""
    rises_to_the_optimum(path_of, case)


@theorem(joint, cases(magnitude=10.0, max_discount=0.99), WRONG_PATHS, part=0.3)
def test_joint_improvement_rises_to_the_optimum(path_of, case):
    """Soft policy iteration."""
    rises_to_the_optimum(path_of, case)


@usual
@given(cases(max_discount=0.99), st.sampled_from(("alternating", "joint")))
def test_the_bound_of_an_improvement_holds_with_its_rounding(case, update):
    """V* - V_t is at most bounds[t], with no slack but the error bound of the V* at hand."""
    best = rx.solve(case.view, **case.settings)
    path = rx.improve(case.view, case.policy, case.model, **case.settings, update=update, steps=8)
    assert ((best.value - path.values).max(axis=1) <= path.bounds + best.error_bound).all()


@usual
@given(cases(magnitude=10.0, max_discount=0.99))
def test_the_optimum_stays_where_it_is(case):
    """Improvement from (pi*, rho*) gains nothing; by default it starts at the uniform policy and the prior."""
    best = rx.solve(case.view, **case.settings)
    if case.beta < INF:
        path = rx.improve(case.view, best.policy, best.opponent_model, **case.settings, steps=1)
        there = Case(case.view, path.policy, path.opponent_model, *case[3:])
        slack = 8.0 * rounding(there, best.q) + 8.0 * best.error_bound / (1.0 - case.view.discount)
        assert np.abs(path.values - best.value).max() <= slack
    start = rx.improve(case.view, **case.settings, steps=0)
    np.testing.assert_array_equal(start.policy, np.full(case.view.shape, 1.0 / case.view.shape[1]))
    np.testing.assert_allclose(start.opponent_model, case.prior, rtol=8 * UNIT)


# Regret


@theorem(rx.regret, cases(magnitude=10.0, max_discount=0.99), planted.REGRETS)
def test_regret_is_what_a_pair_lacks(regret, case):
    """V* - V^{pi,rho} is the discounted sum of alpha E_rho KL(pi || pi*) and beta KL(rho || rho*), neither negative.

    Each part by itself is the sum of its divergence, written out where floats hold pi* and rho*.
    """
    best = rx.solve(case.view, **case.settings)
    found = regret(best, case.policy, case.model)
    pair = case.evaluated()
    slack = found.error_bound + best.error_bound + pair.error_bound + 8.0 * rounding(case, best.q)
    assert (found.policy_part >= -slack).all()
    assert (found.opponent_part >= -slack).all()
    np.testing.assert_array_equal(found.total, found.policy_part + found.opponent_part)
    assert np.abs(found.total - (best.value - pair.value)).max() <= slack
    if case.alpha == 0.0 or not 0.0 < case.beta < INF:
        return
    for part, weight, p, r in (
        (found.policy_part, case.alpha, case.policy, best.policy),
        (found.opponent_part, case.beta, case.model, best.opponent_model),
    ):
        if (r[p > 0.0] > 1e-290).all():
            gaps = weight * soft.kl_divergence(p, r, axis=1)
            gaps = (case.model * gaps).sum(axis=1) if gaps.ndim == 2 else gaps
            sums = planted.discounted_sum(case.view, case.policy, case.model, gaps)
            spread = 64.0 * UNIT * np.abs(gaps).max() * len(gaps) / (1.0 - case.view.discount) ** 2
            # pi* and rho* are those of Q within gamma error_bound of Q*, which their divergences feel twice
            off = 4.0 * best.error_bound / (1.0 - case.view.discount)
            assert np.abs(part - sums).max() <= slack + off + spread


@usual
@given(cases(magnitude=10.0, max_discount=0.9))
def test_the_optimum_has_no_regret(case):
    best = rx.solve(case.view, **case.settings)
    found = rx.regret(best, best.policy, best.opponent_model)
    there = Case(case.view, best.policy, best.opponent_model, *case[3:])
    assert np.abs(found.total).max() <= found.error_bound + 8.0 * rounding(there, best.q)


# Inputs


def test_rows_that_sum_to_one_only_nearly_are_normalised():
    """Pairs and moves that are off by 5e-9 are worth what they are worth when divided by their sums."""
    rng = np.random.default_rng(3)
    moves = rng.dirichlet(np.ones(3), size=(3, 2, 2))
    rewards = 1e4 * rng.standard_normal((3, 2, 2))
    policy, model = rng.dirichlet(np.ones(2), size=(3, 2)).swapaxes(1, 2), rng.dirichlet(np.ones(2), size=3)
    view = View(rewards, moves, 0.9)
    right = rx.evaluate(view, policy, model, prior=model)
    off = 1.0 + 5e-9
    for args in ((policy * off, model, model), (policy, model * off, model), (policy, model, model * off)):
        found = rx.evaluate(view, *args[:2], prior=args[2])
        assert np.abs(found.value - right.value).max() <= 1e-7
    near = View(rewards, moves * off, 0.9)
    found = rx.evaluate(near, policy, model, prior=model)
    assert np.abs(found.value - right.value).max() <= found.error_bound + right.error_bound
    assert np.abs(found.q - right.q).max() <= found.error_bound + right.error_bound + 1e-7


@usual
@given(cases())
def test_inputs_are_left_as_they_are(case):
    arrays = [np.array(x) for x in (case.policy, case.model, case.prior)]
    before = [x.copy() for x in arrays]
    policy, model, prior = arrays
    settings = {"alpha": case.alpha, "beta": case.beta, "prior": prior}
    answer = rx.evaluate(case.view, policy, model, **settings)
    path = rx.improve(case.view, policy, model, **settings, steps=1)
    for array, copy in zip(arrays, before, strict=True):
        assert array.tobytes() == copy.tobytes()
        assert array.flags.writeable
    for result in (answer.value, answer.q, path.values, path.bounds, path.policy, path.opponent_model, path.q):
        assert np.isfinite(result).all()
        assert not result.flags.writeable


GAME = MatrixGame.common_payoff(np.arange(6.0).reshape(2, 3))
POLICY, MODEL = np.full((2, 3), 0.5), np.full(3, 1.0 / 3.0)
HALVES = [0.5, 0.5, 0.0]
value_of = partial(rx.evaluate, GAME)
SOLUTION = rx.solve(GAME)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: value_of(POLICY[:1], MODEL), "policy must have shape (1, 2, 3)"),
        (lambda: value_of(POLICY[None, None], MODEL), "policy must have shape (1, 2, 3)"),
        (lambda: value_of([[0.5], [0.5, 0.5, 0.5]], MODEL), "policy[1] has shape (3,)"),
        (lambda: value_of(2.0 * POLICY, MODEL), "policy[s=0, b=0] sums to 2"),
        (lambda: value_of([[1.5, 0.5, 0.5], [-0.5, 0.5, 0.5]], MODEL), "policy[s=0, a=1, b=0] is -0.5"),
        (lambda: value_of([[math.nan, 0.5, 0.5], [1.0, 0.5, 0.5]], MODEL), "policy[s=0, a=0, b=0] is nan"),
        (lambda: value_of(POLICY, MODEL[:2]), "opponent_model must have shape (1, 3)"),
        (lambda: value_of(POLICY, 2.0 * MODEL), "opponent_model[s=0] sums to 2"),
        (lambda: value_of(POLICY, [1.5, -0.5, 0.0]), "opponent_model[s=0, b=1] is -0.5"),
        (lambda: value_of(POLICY, [[1.0], [0.5, 0.5]]), "opponent_model[1] has shape (2,)"),
        (lambda: value_of(POLICY, MODEL, prior=HALVES), "opponent_model[s=0, b=2] is 0.333333 where the prior is 0"),
        (lambda: value_of(POLICY, HALVES, beta=INF), "opponent_model[s=0, b=0] is 0.5 where the prior is 0.333333"),
        (lambda: value_of(POLICY, MODEL, prior=[0.5, 0.6, 0.5]), "prior sums to 1.6"),
        (lambda: value_of(POLICY, MODEL, alpha=-1.0), "alpha is -1.0"),
        (lambda: value_of(POLICY, MODEL, alpha=math.nan), "alpha is nan"),
        (lambda: value_of(POLICY, MODEL, alpha=[1.0, 2.0]), "alpha must be one number"),
        (lambda: value_of(POLICY, MODEL, beta=-1.0), "beta is -1.0"),
        (lambda: value_of(POLICY, MODEL, discount=1.0), "discount is 1.0"),
        (lambda: value_of(POLICY, MODEL, agent=2), "agent is 2"),
        (lambda: value_of(POLICY, MODEL, agent="nobody"), "unknown player 'nobody'"),
        (lambda: rx.evaluate("climbing", POLICY, MODEL), "game must be a MatrixGame"),
        (lambda: rx.objective(GAME, POLICY, MODEL, initial=[0.5, 0.5]), "initial must have shape (1,)"),
        (lambda: rx.objective(GAME, POLICY, MODEL, initial=[0.9]), "initial sums to 0.9"),
        (lambda: rx.improve(GAME, update="both"), "unknown update 'both'"),
        (lambda: rx.improve(GAME, steps=-1), "steps is -1"),
        (lambda: rx.improve(GAME, steps=1.5), "steps must be an integer"),
        (lambda: rx.improve(GAME, POLICY, HALVES, beta=INF), "opponent_model[s=0, b=0] is 0.5"),
        (lambda: rx.regret(SOLUTION, POLICY[:1], MODEL), "policy must have shape (1, 2, 3)"),
        (lambda: rx.regret(SOLUTION, POLICY, 2.0 * MODEL), "opponent_model[s=0] sums to 2"),
        (lambda: rx.regret(rx.solve(GAME, prior=HALVES), POLICY, MODEL), "opponent_model[s=0, b=2] is 0.333"),
    ],
)
def test_errors_name_the_place(call, place):
    with pytest.raises(InputError) as error:
        call()
    assert place in str(error.value)
