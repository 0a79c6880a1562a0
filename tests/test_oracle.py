"""The reference implementation against values by hand, another arithmetic, and brute force."""

import ast
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product
from pathlib import Path

import oracle
import pytest
from hypothesis import given, settings, strategies as st
from mpmath import mp, mpf

from rommeo_exact import View, strategies

CLIMBING = [[11, -30, 0], [-30, 7, 6], [0, 0, 5]]
THIRDS = oracle.distribution([1, 1, 1])
INF = float("inf")

small = strategies.views(max_states=3, max_actions=2, max_opponent_actions=3, magnitude=100.0, max_discount=0.99)
quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def close(one, two, tolerance):
    return abs(mpf(one) - (mpf(str(two)) if isinstance(two, Decimal) else two)) <= mpf(tolerance)


def repeated(payoffs, discount):
    """The matrix game played for ever, and its uniform prior."""
    rows = [[[1]] * len(payoffs[0])] * len(payoffs)
    return oracle.problem([payoffs], [rows], discount), [oracle.distribution([1] * len(payoffs[0]))]


# Values by hand


def test_climbing_in_closed_form():
    """V = log((e^11 + 2 e^-30 + e^7 + e^6 + e^5 + 3) / 3) at alpha = beta = 1, in decimal arithmetic."""
    with localcontext(prec=60):
        e = {x: Decimal(x).exp() for row in CLIMBING for x in row}
        value = ((e[11] + 2 * e[-30] + e[7] + e[6] + e[5] + 3) / 3).ln()
        assert str(value).startswith("9.9285966121600957594")
        assert close(oracle.soft_value(CLIMBING, THIRDS, 1, 1), value, "1e-47")
        z = [e[11] + e[-30] + 1, e[-30] + e[7] + 1, 1 + e[6] + e[5]]
        policy, model = oracle.soft_policy(CLIMBING, 1), oracle.soft_opponent_model(CLIMBING, THIRDS, 1, 1)
        for b in range(3):
            assert close(model[b], z[b] / sum(z), "1e-47")
            for a in range(3):
                assert close(policy[a][b], e[CLIMBING[a][b]] / z[b], "1e-47")
        game, prior = repeated(CLIMBING, "0.9")
        assert close(oracle.solve(game, prior, 1, 1).value[0], 10 * value, "1e-30")


@pytest.mark.parametrize("beta", [0, 0.5, 1, 1e12, INF])
def test_without_rewards_only_entropy_counts(beta):
    """V = alpha log A / (1 - gamma); with a chance of 1/2 a step to end, alpha log A / (1 - gamma / 2)."""
    stay = oracle.problem([[[0, 0]] * 3] * 2, [[[[1, 0]] * 2] * 3, [[[0.5, 0.5]] * 2] * 3], 0.5)
    ends = oracle.problem([[[0, 0]] * 3] * 2, [[[[0.5, 0.5]] * 2] * 3, [[[0, 1]] * 2] * 3], 0.5, [False, True])
    prior = oracle.distributions([[1, 3], [1, 0]])
    for value in oracle.solve(stay, prior, 2, beta).value:
        assert close(value, 4 * mp.log(3), "1e-29")
    value = oracle.solve(ends, prior, 2, beta).value
    assert close(value[0], 2 * mp.log(3) / mpf("0.75"), "1e-29") and value[1] == 0


def test_one_opponent_action_is_single_agent_soft_value_iteration():
    """In decimal arithmetic: V(s) <- alpha log sum_a exp((R(s,a) + gamma sum_s' p V) / alpha), whatever beta is."""
    rewards = [[1, -2], [0, 3]]
    moves = [[[0.25, 0.75], [1, 0]], [[0.5, 0.5], [0, 1]]]
    with localcontext(prec=50):
        value = [Decimal(0)] * 2
        for _ in range(130):
            later = [[sum(Decimal(p) * v for p, v in zip(row, value, strict=True)) for row in one] for one in moves]
            q = [[rewards[s][a] + later[s][a] / 2 for a in range(2)] for s in range(2)]
            value = [2 * sum((x / 2).exp() for x in row).ln() for row in q]
    single = oracle.problem([[[x] for x in row] for row in rewards], [[[p] for p in row] for row in moves], 0.5)
    for beta in (0, 0.3, 1, INF):
        found = oracle.solve(single, [[mpf(1)], [mpf(1)]], 2, beta)
        assert all(close(x, y, "1e-29") for x, y in zip(found.value, value, strict=True))
        assert found.opponent_model == [[1], [1]]


def test_hard_maximum_equals_the_best_deterministic_joint_policy():
    """alpha = beta = 0, in rational arithmetic: the largest of all 16 exact policy values, in both states."""
    rewards = [[[2, -1], [0, 3]], [[-4, 1], [5, 5]]]
    moves = [[[[1, 0], [0.5, 0.5]], [[0.25, 0.75], [0, 1]]], [[[0.5, 0.5], [1, 0]], [[0, 1], [0.75, 0.25]]]]
    gamma = Fraction(7, 8)
    best = [Fraction(-1000)] * 2
    for pairs in product(product(range(2), repeat=2), repeat=2):
        r = [rewards[s][a][b] for s, (a, b) in enumerate(pairs)]
        (p, q), (u, w) = ([gamma * Fraction(x) for x in moves[s][a][b]] for s, (a, b) in enumerate(pairs))
        determinant = (1 - p) * (1 - w) - q * u
        both = (r[0] * (1 - w) + q * r[1]) / determinant, (r[1] * (1 - p) + u * r[0]) / determinant
        best = [max(x, y) for x, y in zip(best, both, strict=True)]
    found = oracle.solve(oracle.problem(rewards, moves, 0.875), oracle.distributions([[1, 1], [1, 9]]), 0, 0)
    for x, y in zip(found.value, best, strict=True):
        assert close(x, mpf(y.numerator) / y.denominator, "1e-30")


def test_ties_in_the_limits():
    q = oracle.numbers([[2, 1, 2, 9], [2, 2, -1, 9], [0, 2, 2, 9]])
    prior = oracle.distribution([0.125, 0.375, 0.5, 0])
    half, third = mpf(1) / 2, mpf(1) / 3
    assert oracle.soft_policy(q, 0) == [[half, 0, half, third], [half, half, 0, third], [0, half, half, third]]
    assert oracle.soft_opponent_model(q, prior, 0, 0) == prior
    assert oracle.soft_value(q, prior, 0, 0) == oracle.soft_value(q, prior, 0, INF) == 2
    q[0][1] = mpf(3)
    assert oracle.soft_opponent_model(q, prior, 0, 0) == [0, 1, 0, 0]
    assert oracle.soft_value(q, prior, 0, 0) == 3 and oracle.soft_value(q, prior, 0, INF) == mpf(2) + mpf(3) / 8
    for alpha in (0, 1):
        permuted = [[5, 0.1, 7], [0.1, 7, 5], [7, 5, 0.1]]
        assert oracle.soft_opponent_model(permuted, [mpf(x) / 8 for x in (5, 3, 0)], alpha, 0) == [0.625, 0.375, 0]


@quick
@given(small, st.data())
def test_weights_tend_to_their_limits_at_the_known_rate(view, data):
    """V_alpha - V_0 <= alpha log A, V_0 - V_beta <= -beta log min P, V_beta - V_inf <= range^2 / 8 beta (Hoeffding)."""
    q = oracle.numbers(view.rewards[0])
    prior = oracle.distribution(data.draw(strategies.distributions(view.shape[2])))
    weight, rounding = mpf("1e-9"), mpf("1e-37")
    for other in (0, 1, INF):
        rise = oracle.soft_value(q, prior, weight, other) - oracle.soft_value(q, prior, 0, other)
        assert -rounding <= rise <= weight * mp.log(len(q)) + rounding
    for other in (0, 1):
        worth = oracle.own_values(q, other)
        fall = oracle.soft_value(q, prior, other, 0) - oracle.soft_value(q, prior, other, weight)
        assert -rounding <= fall <= -weight * mp.log(min(p for p in prior if p > 0)) + rounding
        rise = oracle.soft_value(q, prior, other, 1 / weight) - oracle.soft_value(q, prior, other, INF)
        assert -rounding <= rise <= weight * (max(worth) - min(worth)) ** 2 / 8 + rounding


# Brute force


Q = oracle.numbers([[1, -2], [0.5, 3]])
PRIOR = oracle.distribution([0.75, 0.25])
STEPS = 8


def attained_and_never_exceeded(value, policy, model, alpha, beta):
    """The closed forms reach the value; no policy and model on a grid passes it, and the best comes near it."""
    best = value(Q, PRIOR, alpha, beta)
    assert close(oracle.objective(Q, policy(Q, alpha), model(Q, PRIOR, alpha, beta), PRIOR, alpha, beta), best, "1e-40")
    grid = [[mpf(i) / STEPS, 1 - mpf(i) / STEPS] for i in range(STEPS + 1)]
    models = [PRIOR] if beta == INF else grid
    reached = max(
        oracle.objective(Q, [list(row) for row in zip(one, two, strict=True)], rho, PRIOR, alpha, beta)
        for one, two, rho in product(grid, grid, models)
    )
    assert best - mpf("0.05") <= reached <= best + mpf("1e-40")


WRONG = {
    "entropy's weight left out of the power": {
        "value": lambda q, p, alpha, beta: oracle.soft_value([[x / alpha for x in row] for row in q], p, 1, beta)
    },
    "mean for sum over own actions": {
        "value": lambda q, p, alpha, beta: oracle.soft_value(q, p, alpha, beta) - alpha * mp.log(len(q))
    },
    "no prior": {"value": lambda q, p, alpha, beta: oracle.soft_value(q, [mpf(1)] * 2, alpha, beta)},
    "uniform prior": {"model": lambda q, p, alpha, beta: oracle.soft_opponent_model(q, [mpf(0.5)] * 2, alpha, beta)},
    "payoffs transposed": {"policy": lambda q, alpha: oracle.soft_policy(oracle.columns(q), alpha)},
    "temperature inverted": {"policy": lambda q, alpha: oracle.soft_policy(q, 1 / mpf(alpha))},
    "sign of payoffs": {"policy": lambda q, alpha: oracle.soft_policy([[-x for x in row] for row in q], alpha)},
    "beta taken for 1": {"model": lambda q, p, alpha, beta: oracle.soft_opponent_model(q, p, alpha, 1)},
}
RIGHT = {"value": oracle.soft_value, "policy": oracle.soft_policy, "model": oracle.soft_opponent_model}


@pytest.mark.parametrize("alpha", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, INF])
def test_closed_forms_are_the_maximum(alpha, beta):
    attained_and_never_exceeded(**RIGHT, alpha=alpha, beta=beta)


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_closed_forms_are_rejected(fault):
    with pytest.raises(AssertionError):
        attained_and_never_exceeded(**{**RIGHT, **WRONG[fault]}, alpha=0.5, beta=2.0)


def best_and_regret_exact(exact, optimum, policy, model, prior, alpha, beta):
    """V^{pi,rho} <= V* in every state, and the difference is the discounted sum of what every step gives up."""
    value, _ = oracle.evaluate(exact, policy, model, prior, alpha, beta)
    lost = oracle.regret(exact, optimum, policy, model, prior, alpha, beta)
    scale = 1 + max(map(abs, (*optimum.value, *value)))
    for best, reached, difference in zip(optimum.value, value, lost, strict=True):
        assert reached <= best + 2 * optimum.error + scale * mpf("1e-40")
        assert close(best - reached, difference, scale * mpf("1e-27"))


@quick
@given(small, strategies.temperatures(), strategies.opponent_weights(), st.data())
def test_no_policy_and_model_pass_the_optimum(view, alpha, beta, data):
    start = data.draw(strategies.priors(view))
    prior, exact = oracle.distributions(start), oracle.read(view)
    model = oracle.distributions(data.draw(strategies.opponent_models(view, prior=start)))
    policy = oracle.conditional(data.draw(strategies.policies(view)))
    optimum = oracle.solve(exact, prior, alpha, beta)
    best_and_regret_exact(exact, optimum, policy, prior if beta == INF else model, prior, alpha, beta)


def gives_up_divergences(exact, optimum, policy, model, prior, alpha, beta):
    """A step gives up alpha E_rho KL(pi || pi*) + beta KL(rho || rho*): true at the optimum of these weights alone."""
    one = oracle.gaps(optimum, policy, model, prior, alpha, beta)
    two = oracle.divergences(optimum, policy, model, alpha, beta)
    scale = 1 + max(abs(x) for x in (*optimum.value, *one))
    for s in exact.states:
        assert exact.terminal[s] or close(one[s], two[s], scale * mpf("1e-27"))


@quick
@given(
    small,
    strategies.temperatures(min_value=1e-3),
    strategies.opponent_weights(min_value=1e-3, max_value=1e12),
    st.data(),
)
def test_what_a_step_gives_up_is_a_divergence(view, alpha, beta, data):
    start = data.draw(strategies.priors(view))
    prior, exact = oracle.distributions(start), oracle.read(view)
    model = oracle.distributions(data.draw(strategies.opponent_models(view, prior=start)))
    policy = oracle.conditional(data.draw(strategies.policies(view)))
    gives_up_divergences(exact, oracle.solve(exact, prior, alpha, beta), policy, model, prior, alpha, beta)


# The fixed point and the linear solve


@quick
@given(small, strategies.temperatures(), strategies.opponent_weights(), st.data())
def test_the_solution_is_a_fixed_point(view, alpha, beta, data):
    prior, exact = oracle.distributions(data.draw(strategies.priors(view))), oracle.read(view)
    optimum = oracle.solve(exact, prior, alpha, beta)
    with mp.workdps(90):
        image = oracle.bellman(exact, optimum.q, prior, alpha, beta)
        for s, a, b in product(exact.states, exact.own, exact.joint):
            assert close(image[s][a][b], optimum.q[s][a][b], "1e-30")
    for s in exact.states:
        assert close(mp.fsum(optimum.opponent_model[s]), 1, "1e-45")
        assert all(close(mp.fsum(column), 1, "1e-45") for column in oracle.columns(optimum.policy[s]))


@settings(quick, max_examples=20)
@given(
    strategies.views(max_states=3, max_discount=0.5),
    strategies.temperatures(),
    strategies.opponent_weights(),
    st.data(),
)
def test_policy_iteration_agrees_with_value_iteration(view, alpha, beta, data):
    prior, exact = oracle.distributions(data.draw(strategies.priors(view))), oracle.read(view)
    slow = oracle.value_iteration(exact, prior, alpha, beta)
    assert oracle.distance(oracle.solve(exact, prior, alpha, beta).value, slow) <= 3 * oracle.ACCURACY


def unrolled(exact, policy, model, prior, alpha, beta, horizon):
    """The objective from every state, summed over `horizon` steps with the distribution of the state moved forward."""
    totals = []
    for start in exact.states:
        reach, total = {start: mpf(1)}, mpf(0)
        for t in range(horizon):
            moved = dict.fromkeys(exact.states, mpf(0))
            for s, mass in reach.items():
                if exact.terminal[s]:
                    continue
                for b, q in enumerate(model[s]):
                    if q:
                        total -= mass * exact.discount**t * beta * q * mp.log(q / prior[s][b])
                    for a in exact.own:
                        weight = mass * q * policy[s][a][b]
                        if weight:
                            own = exact.rewards[s][a][b] - alpha * mp.log(policy[s][a][b])
                            total += exact.discount**t * weight * own
                            for later, p in exact.moves[s][a][b].items():
                                moved[later] += weight * p
            reach = moved
        totals.append(total)
    return totals


SAMPLE = oracle.problem(
    [[[1, -2, 0], [3, 1, 1]], [[0, 2, -1], [1, 0, 4]], [[9, 9, 9], [9, 9, 9]]],
    [
        [[[2, 1, 1], [1, 0, 0], [0, 3, 1]], [[1, 1, 0], [0, 1, 1], [1, 1, 2]]],
        [[[0, 1, 0], [1, 1, 0], [5, 1, 2]], [[1, 2, 1], [0, 1, 3], [1, 0, 0]]],
        [[[1, 1, 1]] * 3] * 2,
    ],
    0.5,
    [False, False, True],
)
SAMPLE_PRIOR = oracle.distributions([[1, 2, 1], [3, 0, 1], [1, 1, 1]])
SAMPLE_MODEL = oracle.distributions([[3, 0, 2], [1, 0, 1], [1, 1, 1]])
SAMPLE_POLICY = oracle.conditional([[[1, 0, 2], [3, 1, 1]], [[1, 1, 2], [1, 4, 0]], [[1, 1, 1], [1, 1, 1]]])


@pytest.mark.parametrize(
    ("alpha", "beta", "prior"),
    [(0.25, 2, [1, 2, 1]), (0.5, 1, [1, 2, 1]), (0.5, 2, [2, 1, 1])],
    ids=["wrong alpha", "wrong beta", "wrong prior"],
)
def test_wrong_optima_are_rejected(alpha, beta, prior):
    rest = SAMPLE_POLICY, SAMPLE_MODEL, SAMPLE_PRIOR, 0.5, 2
    gives_up_divergences(SAMPLE, oracle.solve(SAMPLE, SAMPLE_PRIOR, 0.5, 2), *rest)
    planted = oracle.solve(SAMPLE, [oracle.distribution(prior), *SAMPLE_PRIOR[1:]], alpha, beta)
    with pytest.raises(AssertionError):
        gives_up_divergences(SAMPLE, planted, *rest)


def equals_the_unrolled_sum(evaluate, alpha, beta):
    value, _ = evaluate(SAMPLE, SAMPLE_POLICY, SAMPLE_MODEL, SAMPLE_PRIOR, alpha, beta)
    expected = unrolled(SAMPLE, SAMPLE_POLICY, SAMPLE_MODEL, SAMPLE_PRIOR, alpha, beta, 120)
    assert oracle.distance(value, expected) <= mpf("1e-33")
    assert value[2] == 0


@pytest.mark.parametrize(("alpha", "beta"), [(0, 0), (1, 1), (0.5, 2), (3, 0)])
def test_evaluation_is_the_discounted_sum(alpha, beta):
    equals_the_unrolled_sum(oracle.evaluate, alpha, beta)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, pi, rho, p, alpha, beta: oracle.evaluate(g, pi, rho, p, -alpha, beta),
        lambda g, pi, rho, p, alpha, beta: oracle.evaluate(g, pi, rho, p, alpha, -beta),
        lambda g, pi, rho, p, alpha, beta: oracle.evaluate(g, pi, rho, p, 1, beta),
        lambda g, pi, rho, p, alpha, beta: oracle.evaluate(g, pi, p, p, alpha, beta),
        lambda g, *rest: oracle.evaluate(replace(g, terminal=[False] * 3), *rest),
        lambda g, *rest: oracle.evaluate(replace(g, discount=g.discount**2), *rest),
    ],
    ids=["sign of alpha", "sign of beta", "alpha is 1", "model is the prior", "nothing terminal", "discount squared"],
)
def test_wrong_evaluations_are_rejected(wrong):
    with pytest.raises(AssertionError):
        equals_the_unrolled_sum(wrong, 0.5, 2)


@pytest.mark.parametrize("beta", [0, 1, INF])
def test_a_forbidden_model_is_worth_minus_infinity_where_it_can_be_met(beta):
    """State 0 leads to 1, 1 stays, 2 stays: a forbidden model in state 1 spoils 0 and 1 and not 2."""
    moves = [[[[0, 1, 0]] * 2], [[[0, 1, 0]] * 2], [[[0, 0, 1]] * 2]]
    prior = oracle.distributions([[1, 1], [1, 0], [1, 3]])
    model = [prior[0], oracle.distribution([1, 1]), prior[2]]
    policy = [[[mpf(1)] * 2]] * 3
    value, q = oracle.evaluate(oracle.problem([[[1, 1]]] * 3, moves, 0.5), policy, model, prior, 1, beta)
    assert value == [-mp.inf, -mp.inf, 2]
    assert q == [[[-mp.inf] * 2], [[-mp.inf] * 2], [[2, 2]]]
    value, q = oracle.evaluate(oracle.problem([[[1, 1]]] * 3, moves, 0), policy, model, prior, 1, beta)
    assert value == [1, -mp.inf, 1] and q == [[[1, 1]]] * 3


# Reading


def test_nothing_of_the_package_is_imported():
    tree = ast.parse(Path(oracle.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) for node in imports} == {"dataclasses", "fractions", "mpmath"}


def test_rows_are_divided_by_their_exact_sums():
    row = [0.1, 0.2, 0.7000000001]
    total = sum(map(Fraction, row))
    found = oracle.distribution(row)
    for x, y in zip(found, row, strict=True):
        share = Fraction(y) / total
        assert close(x, mpf(share.numerator) / share.denominator, "1e-50")
    assert close(mp.fsum(found), 1, "1e-49") and not close(mp.fsum(map(mpf, row)), 1, "1e-11")
    assert oracle.conditional([[[1, 2], [3, 6]]]) == [[[mpf(1) / 4] * 2, [mpf(3) / 4] * 2]]


@quick
@given(strategies.views(sparse=True))
def test_dense_and_sparse_views_are_read_alike(view):
    states, own, joint = view.shape
    dense = view.transitions.toarray().reshape(states, own, joint, states)
    exact = oracle.read(View(view.rewards, dense, view.discount, view.terminal))
    assert exact == oracle.read(view)
    assert oracle.read(view, discount=0.25).discount == 0.25
    for s, a, b in product(exact.states, exact.own, exact.joint):
        assert exact.rewards[s][a][b] == view.rewards[s, a, b]
        assert {t: close(p, dense[s, a, b, t], "1e-15") for t, p in exact.moves[s][a][b].items()} == {
            t: True for t in exact.states if dense[s, a, b, t] > 0
        }
