"""Every method on every kind of problem: they agree within their bounds, and the bounds are bounds."""

import copy
import math
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import oracle
import planted
import pytest
from hypothesis import given, strategies as st
from mpmath import mp, mpf
from planted import share, theorem
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import strategies
from rommeo_exact.errors import ConvergenceError, InputError
from rommeo_exact.games import families
from rommeo_exact.solvers.bounds import enclose
from rommeo_exact.solvers.linear import Evaluator
from rommeo_exact.solvers.methods import METHODS
from rommeo_exact.solvers.modified_policy_iteration import ModifiedPolicyIteration
from rommeo_exact.solvers.newton import Newton
from rommeo_exact.solvers.problem import UNIT, Problem

pytestmark = pytest.mark.filterwarnings("error")

INF = math.inf
ALPHAS, BETAS = (0.0, 1e-12, 0.1, 1.0, 1e12), (0.0, 0.1, 1.0, 1e12, INF)
CORNERS = ((1.0, 1.0), (0.0, 0.0), (1e-12, INF), (1e12, 0.1), (0.1, 1e12))


# --- the problems ----------------------------------------------------------------------------------------------------


def seeded(seed=1):
    return np.random.default_rng(seed)


def view(rewards, transitions, terminal=None):
    return lambda discount: rx.View(rewards, transitions, discount, terminal)


def moves(aims, states):
    """Sparse transitions: every (s, a, b) leads to ``aims[s, a, b]``."""
    aims = np.asarray(aims)
    return sparse.csr_array((np.ones(aims.size), aims.ravel(), np.arange(aims.size + 1)), shape=(aims.size, states))


def generic(states=6, own=3, joint=2, seed=1):
    rng = seeded(seed)
    return rng.standard_normal((states, own, joint)), rng.dirichlet(np.ones(states), size=(states, own, joint))


def ring(leak):
    rng, states = seeded(2), 9
    aims = (np.arange(states)[:, None, None] + 1 + (rng.random((states, 2, 2)) < 0.2)) % states
    rows = (1.0 - leak) * moves(aims, states).toarray() + leak / states
    return rng.standard_normal((states, 2, 2)), rows.reshape(states, 2, 2, states)


def multichain(scale=1.0):
    """Six states in which policies decide who meets whom; equal payoffs tie, and the ways differ in length."""
    aims = np.array([[4, 1], [1, 1], [1, 1], [2, 3], [0, 5], [4, 2]])[:, :, None]
    rewards = np.zeros((6, 2, 1))
    rewards[0, 1] = scale
    return rewards, moves(aims, 6)


def ending(mass):
    """State 5 ends the game; it pays what nobody should look at."""
    rng = seeded(3)
    rows = rng.dirichlet(np.ones(6), size=(6, 2, 3))
    rows[..., 5] *= mass
    rewards = rng.standard_normal((6, 2, 3))
    rewards[5] = 1e200
    return rewards, rows / rows.sum(axis=-1, keepdims=True), [5]


def apart():
    """Two pairs of states that never meet, one of them ten times as good."""
    rewards = np.array([[[1.0, 0.0]], [[0.0, 2.0]], [[10.0, 0.0]], [[0.0, 20.0]]])
    return rewards, moves([[[0, 1]], [[1, 0]], [[2, 3]], [[3, 2]]], 4)


def unreachable_end():
    rewards, rows = generic(4, 2, 2)
    rows[..., 3] = 0.0
    return rewards, rows / rows.sum(axis=-1, keepdims=True), [3]


def absorbing():
    rewards, rows = generic(5, 2, 2)
    rows[3:] = np.eye(5)[3:, None, None]
    return rewards, rows


def sticky():
    rewards, rows = generic(5, 2, 2)
    return rewards, (1.0 - 1e-8) * np.eye(5)[:, None, None] + 1e-8 * rows


def of(game, agent=0):
    return lambda discount: game.view(agent).with_discount(discount)


REWARDS, ROWS = generic()
EXACT = np.round(REWARDS * 8.0) / 8.0  # what is added to these stays exact
PROBLEMS = {
    "dense": view(REWARDS, ROWS),
    "sparse": of(families.random_sparse_stochastic(20, (2, 3), 3, discount=0.9, rng=seeded()), 1),
    "ring": view(*ring(0.0)),
    "nearly periodic": view(*ring(1e-3)),
    "slowly mixing": of(families.random_slowly_mixing(8, (2, 2), modulus=0.999, discount=0.9, rng=seeded())),
    "grid": of(rx.games.meeting(size=2)),
    "grid, absorbing": of(rx.games.meeting(size=2, absorbing=True), 1),
    "sticky": view(*sticky()),
    "one state": of(rx.games.climbing()),
    "one action": view(REWARDS[:, :1], ROWS[:, :1]),
    "alone": view(REWARDS[:, :, :1], ROWS[:, :, :1]),
    "one of everything": view([[[3.0]]], [[[[1.0]]]]),
    "ending": view(*ending(1.0)),
    "hardly ending": view(*ending(1e-9)),
    "unreachable end": view(*unreachable_end()),
    "all terminal": view(REWARDS, ROWS, range(6)),
    "absorbing": view(*absorbing()),
    "apart": view(*apart()),
    "multichain": view(*multichain()),
    "multichain, huge": view(*multichain(1e6)),
    "ties": view(np.zeros((4, 3, 2)), moves(np.arange(24).reshape(4, 3, 2) % 4, 4)),
    "shifted": view(EXACT + 1e6, ROWS),
    "huge": view(1e150 * REWARDS, ROWS),
    "tiny": view(1e-150 * REWARDS, ROWS),
}


def holed(given, seed=5):
    """A prior with zeros, where there is room for them."""
    states, _, joint = given.shape
    prior = seeded(seed).dirichlet(np.ones(joint), size=states)
    if joint > 1:
        prior[::2, 0] = 0.0
    return prior / prior.sum(axis=1, keepdims=True)


def turned(given):
    """The same view with dense transitions made sparse, or sparse ones dense."""
    p = given.transitions
    other = (
        sparse.csr_array(p.reshape(-1, given.shape[0]))
        if isinstance(p, np.ndarray)
        else p.toarray().reshape(*given.shape, -1)
    )
    return rx.View(given.rewards, other, given.discount, given.terminal)


def agree(solutions):
    """All values are finite, 0 in terminal states, and apart by no more than their bounds add up to."""
    best = min(solutions, key=lambda solution: solution.error_bound)
    for solution in solutions:
        assert np.isfinite(solution.value).all()
        assert (solution.value[solution.view.terminal] == 0.0).all()
        assert np.abs(solution.value - best.value).max() <= solution.error_bound + best.error_bound


# --- they agree ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("discount", [0.0, 0.9, 0.9999])
@pytest.mark.parametrize("name", PROBLEMS)
def test_all_methods_agree(name, discount):
    """Newton and auto end soon everywhere; iteration in value, where the discount lets it; dense and sparse are one."""
    dense = PROBLEMS[name](discount)
    sparse_too = turned(dense)
    for weights in product(ALPHAS, BETAS) if discount == 0.9 else CORNERS:
        given = {"alpha": weights[0], "beta": weights[1], "prior": holed(dense)}
        exact = [rx.solve(p, method=method, **given) for p in (dense, sparse_too) for method in ("auto", "newton")]
        assert all(solution.converged and solution.iterations <= 60 for solution in exact)
        others = [rx.solve(dense, method=method, max_iterations=10, on_failure="return", **given) for method in METHODS]
        if discount < 0.99:
            size = np.abs(exact[0].value).max()
            others += [rx.solve(dense, method=method, tol=1e-4 + 1e-9 * size, **given) for method in METHODS]
        agree(exact + others)


@pytest.mark.parametrize("name", ["dense", "sparse", "grid", "ending", "one state"])
def test_wrong_problems_disagree(name):
    given = PROBLEMS[name](0.9)
    right = rx.solve(given, alpha=0.5, beta=2.0, prior=holed(given))
    wrong = [
        rx.solve(given, alpha=0.5, beta=2.0),
        rx.solve(given, alpha=0.5, beta=1.0, prior=holed(given)),
        rx.solve(given, alpha=0.25, beta=2.0, prior=holed(given)),
        rx.solve(given, alpha=0.5, beta=2.0, prior=holed(given), discount=0.9 - 1e-9),
        rx.solve(rx.View(planted.misread(given.rewards), given.transitions, 0.9, given.terminal), prior=holed(given)),
    ]
    agree([right])
    for solution in wrong:
        with pytest.raises(AssertionError):
            agree([right, solution])


def test_index_types_and_explicit_zeros_do_not_matter():
    rewards, rows = generic(5, 2, 2)
    rows = np.where(rows < 0.1, 0.0, rows)
    rows /= rows.sum(axis=-1, keepdims=True)
    matrix = sparse.csr_array(rows.reshape(-1, 5))
    explicit = sparse.csr_array((rows.ravel(), np.tile(np.arange(5), 20), np.arange(0, 101, 5)), shape=(20, 5))
    wide = matrix.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    formats = [matrix, explicit, wide, matrix.tocoo(), matrix.tocsc(), sparse.csr_matrix(matrix), matrix.tolil()]
    for weights in CORNERS:
        agree([rx.solve(rx.View(rewards, p, 0.99), alpha=weights[0], beta=weights[1]) for p in (rows, *formats)])


def test_threads_change_no_bit(monkeypatch):
    """Blocks of states are solved in any order, by any number of threads."""
    threaded, pool = [], ThreadPoolExecutor
    monkeypatch.setattr(
        "rommeo_exact.solvers.problem.ThreadPoolExecutor", lambda most: threaded.append(most) or pool(most)
    )
    monkeypatch.setattr("rommeo_exact.solvers.problem.BLOCK", 24)
    for name, weights in product(("dense", "sparse", "grid, absorbing", "slowly mixing"), ((0.0, 0.0), (1.0, 1.0))):
        given = PROBLEMS[name](0.9)
        monkeypatch.setattr("rommeo_exact.solvers.problem.THREADED", INF)
        alone = rx.solve(given, alpha=weights[0], beta=weights[1], workers=2)
        assert not threaded
        monkeypatch.setattr("rommeo_exact.solvers.problem.THREADED", 0.0)
        shared = rx.solve(given, alpha=weights[0], beta=weights[1], workers=3)
        assert set(threaded) == {3}
        threaded.clear()
        assert len(shared.problem.blocks) > 1
        assert alone.history == shared.history
        for array in ("value", "q", "policy", "opponent_model"):
            np.testing.assert_array_equal(getattr(alone, array), getattr(shared, array))
    with pytest.raises(InputError, match="workers is 0"):
        rx.solve(given, workers=0)


# --- a bound is a bound ----------------------------------------------------------------------------------------------


class Given(NamedTuple):
    """A problem, an iterate for it, and V* to fifty digits."""

    problem: Problem
    h: np.ndarray
    truth: list

    @classmethod
    def of(cls, given, alpha=1.0, beta=1.0, prior=None, h=None):
        problem = Problem(given, np.array(holed(given) if prior is None else prior), alpha, beta)
        truth = oracle.solve(oracle.read(given), oracle.distributions(problem.prior), alpha, beta).value
        near = np.where(given.terminal, 0.0, [float(v - truth[0] * problem.shifting) for v in truth])
        return cls(problem, problem.centred(near if h is None else h), truth)


def off(value, truth):
    """The sup norm of the difference, to fifty digits."""
    return max(abs(mpf(float(x)) - v) for x, v in zip(value, truth, strict=True))


SMALL = strategies.views(max_states=3, max_actions=2, max_opponent_actions=3)


@st.composite
def problems(draw):
    """Tiny views, with rows off 1 by what is taken for rounding, and an iterate: any, 0, or nearly V*."""
    given = draw(SMALL)
    defect = draw(st.sampled_from((0.0, 0.0, 9e-9, -9e-9)))
    given = rx.View(given.rewards, given.transitions * (1.0 + defect), given.discount, given.terminal)
    states = given.shape[0]
    h = draw(st.none() | st.just(np.zeros(states)) | strategies.payoff_arrays(states))
    if h is not None:
        h = np.where(given.terminal, 0.0, h)
    prior = draw(strategies.priors(given))
    return Given.of(given, draw(strategies.temperatures()), draw(strategies.opponent_weights()), prior, h)


def with_error(error):
    def wrong(backup):
        right = enclose(backup)
        return replace(right, error=error(backup, right))

    return wrong


def with_problem(**changes):
    """The bounds of a problem that has these attributes."""

    def wrong(backup):
        changed = copy.copy(backup.problem)
        for name, change in changes.items():
            setattr(changed, name, change(backup.problem))
        return enclose(replace(backup, problem=changed))

    return wrong


WRONG_BOUNDS = {
    "discount_factor_dropped": with_error(lambda backup, right: right.residual + right.rounding),
    "least_and_greatest_exchanged": with_error(lambda backup, right: 2.0 * right.rounding - right.error),
    "step_for_error": with_error(lambda backup, right: np.abs(backup.step).max() + right.rounding),
    "rounding_dropped": with_error(lambda backup, right: right.error - right.rounding),
    "rounding_not_accumulated": with_error(
        lambda backup, right: right.error - right.rounding + (1.0 - backup.problem.discount) * right.rounding
    ),
    "upper_end": lambda backup: replace(enclose(backup), centre=enclose(backup).centre + enclose(backup).error),
    "never_ends": with_problem(mass=lambda problem: (1.0, 1.0)),
    "mass_exchanged": with_problem(mass=lambda problem: problem.mass[::-1]),
    "rows_taken_as_normalised": with_problem(
        row_error=lambda problem: problem.row_error - problem.view.row_defect,
        mass=lambda problem: (problem.mass[0] / (1.0 - problem.row_error), problem.mass[1] / (1.0 + problem.row_error)),
    ),
}


@theorem(enclose, problems(), WRONG_BOUNDS, part=1.0)
def test_macqueens_bounds_enclose_the_optimum(bounds, example):
    """|G h + centre - V*| <= error, whatever h is: far from V*, and where only rounding is left."""
    problem, h, truth = example
    backup = problem.backup(h)
    found = bounds(backup)
    value = np.where(problem.live, backup.value + found.centre, 0.0)
    assert off(value, truth) <= mpf(found.error) + oracle.ACCURACY


@share(0.5)
@given(problems(), st.sampled_from(sorted(METHODS)))
def test_every_bound_of_the_history_holds(example, method):
    """The answer after any number of iterations is within the bound that it states, which is the least one so far."""
    problem, _, truth = example
    given = {"alpha": problem.alpha, "beta": problem.beta, "prior": problem.prior, "method": method}
    whole = rx.solve(problem.view, max_iterations=30, on_failure="return", **given)
    assert off(whole.value, truth) <= mpf(whole.error_bound) + oracle.ACCURACY
    for k in range(1, min(whole.iterations, 6)):
        part = rx.solve(problem.view, max_iterations=k, on_failure="return", **given)
        assert part.history[:-1] == whole.history[: k - 1]
        assert part.history[-1][1:] == whole.history[k - 1][1:]
        assert part.error_bound == min(step.error_bound for step in part.history)
        assert off(part.value, truth) <= mpf(part.error_bound) + oracle.ACCURACY


@pytest.mark.slow
@share(20.0)
@given(problems())
def test_newton_and_auto_end_and_keep_their_bounds(example):
    problem, _, truth = example
    for method in ("auto", "newton"):
        solution = rx.solve(problem.view, alpha=problem.alpha, beta=problem.beta, prior=problem.prior, method=method)
        assert solution.iterations <= 60
        assert off(solution.value, truth) <= mpf(solution.error_bound) + oracle.ACCURACY


def rounding_of(problem, h):
    """|fl(G h) - G h| in the sup norm, the latter to fifty digits."""
    with mp.workdps(60):
        shift = mpf(problem.centre) + mpf(problem.alpha) * mp.log(problem.own) if problem.shifting else 0
        given = oracle.read(problem.view)
        q = oracle.backup(given, oracle.numbers(h))
        exact = oracle.values(given, q, oracle.distributions(problem.prior), problem.alpha, problem.beta)
        value = [v if end else v - shift for v, end in zip(exact, given.terminal, strict=True)]
        return off(problem.backup(h).value, value)


SIZES = st.tuples(st.sampled_from((1, 2, 8)), st.sampled_from((1, 2, 8)), st.sampled_from((1, 2, 8)))


@st.composite
def hard_to_round(draw):
    """A problem and an h whose backups round much: weights near the branches of the kernels, priors near 0, ends."""
    states, own, joint = draw(SIZES)
    rng = seeded(draw(st.integers(0, 2**32)))
    rows = np.eye(states)[rng.integers(states, size=(states, own, joint))] + draw(
        st.sampled_from((0.0, 1e-3, 1.0))
    ) * rng.random((states, own, joint, states))
    rewards = rng.standard_normal((states, own, joint)) + draw(st.sampled_from((0.0, 1e3)))
    prior = rng.standard_gamma(draw(st.sampled_from((0.005, 1.0))), size=(states, joint)) + 1e-300
    terminal = [0] if states > 1 and draw(st.booleans()) else None
    weights = st.sampled_from((0.0, 1e-3, 0.03, 0.3, 1.0, 7.9, 8.1, 16.0, 100.0, 1e6))
    factor = rng.uniform(0.5, 2.0)
    given = rx.View(
        rewards, rows / rows.sum(axis=-1, keepdims=True), draw(st.sampled_from((0.0, 0.9, 0.9999))), terminal
    )
    problem = Problem(
        given, prior / prior.sum(axis=1, keepdims=True), factor * draw(weights), draw(weights | st.just(INF))
    )
    h = problem.centred(np.where(given.terminal, 0.0, rng.standard_normal(states) * 10.0 ** rng.uniform(-2.0, 3.0)))
    return problem, h


def scaled_rounding(factor):
    return lambda problem, size: factor * problem.rounding(size)


def without_the_temperature(problem, size):
    return problem.rounding(size) - 4.0 * UNIT * (0.0 if problem.shifting else problem.level)


@theorem(
    Problem.rounding,
    hard_to_round(),
    {
        "a_third": scaled_rounding(1.0 / 3.0),
        "a_unit_in_the_last_place": lambda problem, size: UNIT * size,
        "temperature_left_out": without_the_temperature,
    },
    part=1.0,
)
def test_rounding_of_a_backup_is_bounded(rounding, example):
    """|fl(G h) - G h| <= rounding(max|h|), and not by a wide margin: a third of it would not do."""
    problem, h = example
    assert rounding_of(problem, h) <= mpf(rounding(problem, float(np.abs(h).max()))) + oracle.ACCURACY


def found(given, weights, **kwargs):
    return rx.solve(given, alpha=weights[0], beta=weights[1], **kwargs)


FAULTS = {
    # rows are taken as normalised, and so must be the probability of not ending
    "rows that end with what is over": (
        rx.View([[[1.0]], [[0.0]]], [[[[0.5, 0.5 + 9e-9]]], [[[0.0, 1.0]]]], 0.9, [1]), 1.0,
    ),
    # one unit in the last place of the probability of ending, seen through 1 / (1 - gamma w)
    "hardly ever ends": (
        rx.View([[[1.0]], [[0.0]]], [[[[1.0 - 1e-7, 1e-7]]], [[[0.0, 1.0]]]], 0.99999, [1]), 1.0,
    ),
    # the constant is a difference of two large numbers, of which log A is rounded
    "payoffs cancel the entropy": (rx.View(np.full((1, 7, 1), -1e6 * np.log(7)), np.ones((1, 7, 1, 1)), 0.999), 1e6),
    "level of a terminal game": (rx.View(np.zeros((2, 7, 1)), np.full((2, 7, 1, 2), 0.5), 0.9, [1]), 1e12),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_bounds_hold_where_they_once_failed(name):
    given, alpha = FAULTS[name]
    problem, _, truth = Given.of(given, alpha, 1.0)
    for method in ("auto", "newton"):
        solution = rx.solve(given, alpha=alpha, prior=problem.prior, method=method)
        assert off(solution.value, truth) <= mpf(solution.error_bound)
        assert solution.error_bound > 0.0


# --- what the methods are --------------------------------------------------------------------------------------------


def newton_step(problem, h):
    backup = problem.backup(h, merge=not problem.hard)
    return Newton(problem, "lu").advance(backup, problem.size(backup.step), 0.0)[0]


def newton_with(matrix):
    """A step with another matrix in the place of that of (pi*, rho*) at h."""

    def step(problem, h):
        backup = problem.backup(h, merge=True)
        return h + Evaluator(problem, "lu").correct(matrix(problem, backup.merged), backup.step, 0.0, 0.0, 0.0)

    return step


def any_pair(problem, _):
    return problem.backup(problem.centred(-3.0 * problem.view.rewards[:, 0, 0] * problem.live), merge=True).merged


@st.composite
def mild(draw):
    """Problems without ties, and an h."""
    given = draw(strategies.views(magnitude=10.0, max_discount=0.99, max_states=4))
    weights = strategies.temperatures(min_value=0.05, max_value=20.0)
    h = np.where(given.terminal, 0.0, draw(strategies.payoff_arrays(given.shape[0], magnitude=10.0)))
    problem = Problem(given, draw(strategies.priors(given)), draw(weights), draw(weights | st.just(INF)))
    return problem, problem.centred(h)


@theorem(
    newton_step,
    mild(),
    {
        "value_iteration": lambda problem, h: problem.backup(h).value,
        "modified_policy_iteration": lambda problem, h: ModifiedPolicyIteration(problem).advance(
            problem.backup(h, merge=True), 1.0, 0.0
        )[0],
        "transposed": newton_with(lambda problem, matrix: np.asarray((matrix + 0 * matrix).T.copy())
                                  if isinstance(matrix, np.ndarray) else sparse.csr_array(matrix.T)),
        "pair_of_another_value": newton_with(any_pair),
        "undiscounted_step": lambda problem, h: h + problem.discount * (newton_step(problem, h) - h),
    },
)  # fmt: skip
def test_a_newton_step_evaluates_the_best_pair(step, example):
    """h + (I - gamma M)^-1 (G h - h) is the value of (pi*, rho*) of h, up to a constant: soft policy iteration."""
    problem, h = example
    given, horizon = problem.view, 1.0 / (1.0 - problem.discount)
    _, policy, model = rx.soft.optimum(rx.soft.one_step(given, h), problem.prior, problem.alpha, problem.beta)
    exact = rx.evaluate(given, policy, model, alpha=problem.alpha, beta=problem.beta, prior=problem.prior)
    apart = (step(problem, h) - exact.value)[problem.live]
    if problem.shifting:
        apart -= apart.max() / 2 + apart.min() / 2
    noise = 4.0 * problem.rounding(float(np.abs(h).max() + np.abs(exact.value).max())) * horizon**2
    assert np.abs(apart).max(initial=0.0) <= noise + exact.error_bound


@pytest.mark.parametrize("name", ["dense", "sparse", "grid", "ending", "nearly periodic"])
def test_a_newton_step_is_policy_iteration_at_the_maximum(name):
    """alpha = beta = 0, where no payoffs tie: the value of the greedy joint action."""
    given = PROBLEMS[name](0.9)
    problem = Problem(given, np.full((given.shape[0], given.shape[2]), 1.0 / given.shape[2]), 0.0, 0.0)
    h = problem.centred(np.where(given.terminal, 0.0, seeded(7).standard_normal(given.shape[0])))
    _, policy, model = rx.soft.optimum(rx.soft.one_step(given, h), problem.prior, 0.0, 0.0)
    apart = (newton_step(problem, h) - rx.evaluate(given, policy, model, alpha=0.0, beta=0.0).value)[problem.live]
    apart -= apart.mean() if problem.shifting else 0.0
    np.testing.assert_allclose(apart, 0.0, rtol=0, atol=1e-11)


def backed_up(problem, h):
    return problem.backup(h).value


def with_another_discount(problem, h):
    other = copy.copy(problem)
    other.discount = (1.0 + problem.discount) / 2.0
    return other.backup(h).value


@theorem(
    backed_up,
    mild(),
    {
        "another_discount": with_another_discount,
        "half_a_step": lambda problem, h: (h + problem.backup(h).value) / 2.0,
        "step_overshot": lambda problem, h: 1.5 * problem.backup(h).value - 0.5 * h,
    },
)
def test_value_iteration_contracts_by_the_discount(operator, example):
    """The residual falls by gamma or more each time: half the span, or the sup norm where states are terminal."""
    problem, h = example
    once = problem.centred(operator(problem, h))
    twice = operator(problem, once)
    noise = 4.0 * problem.rounding(float(max(np.abs(h).max(), np.abs(once).max()))) + 8.0 * UNIT * np.abs(once).max()
    before = problem.size(operator(problem, h) - h)
    assert problem.size(twice - once) <= problem.discount * before + noise


def test_newton_and_auto_do_not_cycle():
    """Inexact steps, stale matrices and amplified rounding each made a cycle of policies here."""
    for seed in range(60):
        rng = seeded(seed)
        states = int(rng.integers(4, 60))
        aims = rng.integers(states, size=(states, 3, 1))
        aims = np.where(rng.random(aims.shape) < 0.5, np.arange(states)[:, None, None], aims)
        pays = rng.integers(2, size=aims.shape) * (rng.random((states, 1, 1)) < 0.1)
        given = rx.View(rng.choice([1.0, 1e6]) * pays, moves(aims, states), 0.99999)
        for method in ("auto", "newton"):
            solution = rx.solve(given, alpha=rng.choice([1e-6, 0.01, 1.0]), beta=0.01, method=method)
            assert solution.iterations <= 80


def test_a_method_that_does_not_converge_is_seen(monkeypatch):
    class Backwards(Newton):
        def advance(self, backup, residual, target):
            h, action = super().advance(backup, residual, target)
            return 2.0 * backup.h - h, action

    monkeypatch.setitem(METHODS, "backwards", Backwards)
    with pytest.raises(ConvergenceError, match="max_iterations"):
        rx.solve(PROBLEMS["dense"](0.9), method="backwards", max_iterations=100)


# --- symmetries, shifts, scales, limits ------------------------------------------------------------------------------


@st.composite
def renamed(draw):
    """A game, the same with states, players and actions renamed, an agent there and here, and both priors."""
    game = draw(
        strategies.stochastic_games(
            min_players=2, max_players=3, max_states=3, max_actions=3, magnitude=100.0, sparse=False
        )
    )
    states, players, actions = (
        draw(st.permutations(range(game.num_states))),
        draw(st.permutations(range(game.num_players))),
        [draw(st.permutations(range(size))) for size in game.num_actions],
    )
    seat = draw(st.integers(0, game.num_players - 1))  # of the renamed game
    agent = players[seat]

    def rename(array, *, last=False):
        """An array over (states, actions of all players, perhaps states)."""
        index = np.ix_(states, *actions, *[states] * last)
        axes = [0, *(1 + i for i in players), *[1 + len(players)] * last]
        return array[index].transpose(axes)

    payoffs = np.stack([rename(game.payoffs[i]) for i in players])
    there = rx.StochasticGame(payoffs, rename(game.transitions, last=True), game.discount, game.terminal[list(states)])
    prior = draw(strategies.priors(game.view(agent)))
    others = [i for i in range(game.num_players) if i != agent]
    open_prior = prior.reshape(-1, *(game.num_actions[i] for i in others))
    turned_prior = open_prior[np.ix_(states, *(actions[i] for i in others))].transpose(
        [0, *(1 + others.index(i) for i in players if i != agent)]
    )
    return SimpleNamespace(
        here=game, there=there, agent=agent, seat=seat, states=states, own=actions[agent],
        prior=prior, turned=turned_prior.reshape(len(prior), -1),
    )  # fmt: skip


@theorem(lambda game, agent: game.view(agent), renamed(), planted.VIEWS)
def test_names_do_not_matter(view_of, example):
    """States, players and actions renamed: the value and what is played are renamed with them."""
    for alpha, beta in ((1.0, 1.0), (0.0, 0.0), (0.5, INF)):
        here = rx.solve(view_of(example.here, example.agent), alpha=alpha, beta=beta, prior=example.prior)
        there = rx.solve(view_of(example.there, example.seat), alpha=alpha, beta=beta, prior=example.turned)
        bound = here.error_bound + there.error_bound
        assert np.abs(here.value[list(example.states)] - there.value).max() <= bound
        if alpha > 0.0:
            played = here.marginal_policy[np.ix_(example.states, example.own)]
            np.testing.assert_allclose(
                there.marginal_policy, played, rtol=0, atol=1e-12 + 8.0 * bound / min(alpha, beta)
            )


@pytest.mark.parametrize("discount", [0.0, 0.9, 0.99999])
@pytest.mark.parametrize("shift", [1e6, -1e6, 2.0**40])
def test_a_shift_of_the_payoffs_moves_the_value_and_nothing_else(shift, discount):
    """Exactly shifted, so that no payoff rounds: pi* and rho* stay to 1e-12 where V is near 1e17.

    Both are solved as far as rounding allows: a bound of 1e-10 on V promises no more of pi*.
    """
    for alpha, beta in ((0.5, 1.0), (1e-12, 1.0), (1.0, 0.0), (1e12, INF), (0.0, 0.0)):
        given = {"alpha": alpha, "beta": beta, "tol": 0.0, "on_failure": "return"}
        here = rx.solve(rx.View(EXACT, ROWS, discount), **given)
        there = rx.solve(rx.View(EXACT + shift, ROWS, discount), **given)
        moved = [mpf(float(x)) + mpf(shift) / (1 - mpf(discount)) for x in here.value]
        assert off(there.value, moved) <= mpf(here.error_bound) + mpf(there.error_bound)
        for name in ("policy", "opponent_model", "marginal_policy"):
            np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale", [2.0**-300, 2.0**-20, 2.0**20, 2.0**300])
def test_payoffs_and_temperatures_scale_together(scale):
    """By a power of two every number of the solver scales, so that the answers are equal bit for bit."""
    for name, (alpha, beta) in product(("dense", "grid", "ending", "multichain"), ((1.0, 2.0), (0.0, 1.0), (0.5, INF))):
        given = PROBLEMS[name](0.99)
        rewards = scale * np.where(given.terminal[:, None, None], 0.0, given.rewards)
        larger = rx.View(rewards, given.transitions, 0.99, given.terminal)
        here = rx.solve(given, alpha=alpha, beta=beta, tol=1e-9)
        there = rx.solve(larger, alpha=scale * alpha, beta=scale * beta, tol=scale * 1e-9)
        np.testing.assert_array_equal(there.value, scale * here.value)
        np.testing.assert_array_equal(there.policy, here.policy)
        np.testing.assert_array_equal(there.opponent_model, here.opponent_model)


@pytest.mark.parametrize("name", ["dense", "grid", "ending", "apart", "one state"])
def test_limits_are_met_at_their_rates(name):
    """V falls with beta and rises with alpha, and comes to each limit no later than the bounds of one round allow."""
    given = PROBLEMS[name](0.9)
    prior = holed(given)
    reward_span = np.ptp(given.rewards[~given.terminal])
    rarest = -np.log(prior[prior > 0.0].min())

    def value(alpha, beta):
        solution = rx.solve(given, alpha=alpha, beta=beta, prior=prior)
        return solution.value, solution.error_bound

    def rises(low, high, most):
        (one, one_bound), (two, two_bound) = low, high
        slack = one_bound + two_bound
        assert (two - one >= -slack).all()
        assert (two - one <= most * 10.0 * (1.0 + 1e-9) + slack).all()

    for beta in (0.0, 1.0, INF):
        rises(value(0.0, beta), value(1e-3, beta), 1e-3 * np.log(given.shape[1]))
        rises(value(1.0, beta), value(2.0, beta), np.log(given.shape[1]))
    for alpha in (0.0, 1.0):
        rises(value(alpha, 1e-3), value(alpha, 0.0), 1e-3 * rarest)
        spread = 10.0 * (reward_span + alpha * np.log(given.shape[1]))
        rises(value(alpha, INF), value(alpha, 1e4), spread**2 / 8e4)
        rises(value(alpha, 2.0), value(alpha, 1.0), rarest)


@pytest.mark.parametrize("agent", range(3))
def test_two_opponents_are_one_with_joint_actions(agent):
    """Three players: the others as a single player with the pairs of their actions, and an idle one as none."""
    game = families.random_stochastic(4, (2, 3, 2), discount=0.9, rng=seeded())
    given = game.view(agent)
    states, own, joint = given.shape
    pair = rx.StochasticGame(np.stack([given.rewards, -given.rewards]), given.transitions, 0.9)
    prior = holed(given)
    agree([rx.solve(game, agent=agent, alpha=0.3, prior=prior), rx.solve(pair, alpha=0.3, prior=prior)])
    idle = seeded(8).dirichlet(np.ones(3))
    three = rx.StochasticGame(
        np.broadcast_to(given.rewards[..., None], (3, states, own, joint, 3)),
        np.broadcast_to(np.asarray(given.transitions)[:, :, :, None], (states, own, joint, 3, states)), 0.9,
    )  # fmt: skip
    one = rx.solve(pair, alpha=0.3, beta=0.7, prior=prior)
    two = rx.solve(three, alpha=0.3, beta=0.7, prior=(prior[:, :, None] * idle).reshape(states, -1))
    agree([one, two])
    expected = (one.opponent_model[:, :, None] * idle).reshape(states, -1)
    np.testing.assert_allclose(two.opponent_model, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(two.marginal_policy, one.marginal_policy, rtol=0, atol=1e-9)


# --- the solution ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(0.7, 2.0), (1e12, 0.1), (0.0, 0.0), (1e-12, INF), (1.0, 0.0)], ids=str)
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_solution_hangs_together(name, weights):
    """V is the value of Q and Q is one step from V, pi* and rho* are those of Q, and nothing can be written to."""
    given = PROBLEMS[name](0.9)
    prior = holed(given)
    alpha, beta = weights
    solution = found(given, weights, prior=prior)
    live = ~given.terminal
    size = float(np.abs(solution.value).max()) + float(np.abs(given.rewards[live]).max(initial=0.0)) + 1e-300
    noise = 64.0 * UNIT * size
    step = rx.soft.one_step(given, solution.value)
    np.testing.assert_allclose(solution.q, step, rtol=0, atol=2.0 * solution.error_bound + noise)
    value, policy, model = rx.soft.optimum(solution.q, prior, alpha, beta)
    apart = 0.0 if live.all() else 2.0 * solution.error_bound
    np.testing.assert_allclose(value[live], solution.value[live], rtol=0, atol=apart + noise)
    if min(weights) > 1e3 * noise:
        np.testing.assert_allclose(solution.policy, policy, rtol=0, atol=4.0 * noise / alpha + 1e-15)
        np.testing.assert_allclose(solution.opponent_model, model, rtol=0, atol=4.0 * noise / beta + 1e-15)
    np.testing.assert_allclose(solution.policy.sum(axis=1), 1.0, rtol=0, atol=1e-14)
    np.testing.assert_allclose(solution.opponent_model.sum(axis=1), 1.0, rtol=0, atol=1e-14)
    assert (solution.opponent_model[prior == 0.0] == 0.0).all()
    played = rx.soft.marginal_policy(solution.policy, solution.opponent_model)
    np.testing.assert_array_equal(solution.marginal_policy, played)
    assert solution.iterations == len(solution.history)
    assert (solution.alpha, solution.beta, solution.method) == (alpha, beta, "auto")
    assert solution.view is given
    for array in ("value", "prior", "q", "policy", "opponent_model", "marginal_policy"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(solution, array)[...] = 0.0
    with pytest.raises(AttributeError):
        solution.value = None


def test_ties_are_split_as_the_operators_split_them():
    """Columns with the same payoffs in another order tie at beta = 0, whatever the order of their sums rounds to."""
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    for seed, alpha, discount in product(range(20), (0.0, 0.3, 10.0), (0.0, 0.9)):
        rng = seeded(seed)
        rewards = np.stack([rng.permutation(rng.integers(-9, 10, size=3) / 3.0)] * 4, axis=1)
        rewards = rng.permuted(rewards, axis=0)
        game = rx.MatrixGame(np.stack([rewards, rewards]))
        solution = rx.solve(game, alpha=alpha, beta=0.0, prior=prior, discount=discount)
        np.testing.assert_array_equal(solution.opponent_model[0], prior / prior.sum())
        np.testing.assert_allclose(solution.policy[0], rx.soft.soft_policy(rewards, alpha), rtol=0, atol=1e-14)


def test_inputs_are_neither_changed_nor_kept():
    rng = seeded(11)
    given = [
        rng.standard_normal((4, 2, 3)),
        rng.dirichlet(np.ones(4), size=(4, 2, 3)),
        rng.dirichlet(np.ones(3), size=4),
    ]
    terminal = np.array([False, False, False, True])
    kept = [array.copy() for array in given]
    for make in (lambda p: p, lambda p: sparse.csr_array(p.reshape(-1, 4))):
        p = make(given[1])
        before = p.copy()
        built = rx.View(given[0], p, 0.9, terminal)
        solutions = [rx.solve(built, prior=given[2], method=method) for method in METHODS]
        assert all(np.array_equal(x, y) for x, y in zip(given, kept, strict=True))
        assert abs(p - before).max() == 0.0
        agree(solutions)
        parts = [p] if isinstance(p, np.ndarray) else [p.data, p.indices, p.indptr]
        mine = [
            built.rewards,
            *((built.transitions,) if p is given[1] else (built.transitions.data,)),
            solutions[0].prior,
        ]
        assert not any(np.shares_memory(x, y) for x in (*given, *parts) for y in mine)
    given[2][:] = 1.0 / 3.0
    terminal[:] = True
    np.testing.assert_array_equal(solutions[0].prior, kept[2])
    np.testing.assert_array_equal(rx.solve(built, prior=kept[2]).value, solutions[0].value)


def arrays_of(thing, seen):
    """Every array that an object holds, through lists, tuples, dicts and sparse matrices."""
    if id(thing) in seen:
        return []
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return [thing]
    if sparse.issparse(thing):
        return [thing.data, thing.indices, thing.indptr]
    parts = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else ()
    return [array for part in parts for array in arrays_of(part, seen)]


@pytest.mark.parametrize("name", ["dense", "sparse"])
def test_a_problem_keeps_nothing_of_the_size_of_q(name):
    """Beside the view's memory: some (S, B) arrays, and where transitions are sparse the blocks' row pointers."""
    game = families.random_sparse_stochastic(3000, (6, 6), 2, discount=0.9, rng=seeded()) if name == "sparse" else (
        families.random_stochastic(30, (12, 12), discount=0.9, rng=seeded()))  # fmt: skip
    given = game.view(0)
    states, own, joint = given.shape
    problem = Problem(given, np.full((states, joint), 1.0 / joint), 1.0, 1.0)
    Newton(problem).advance(problem.backup(np.zeros(states), merge=True), 1.0, 0.0)
    seen = set()
    parts = arrays_of({key: part for key, part in vars(problem).items() if key != "view"}, seen)
    shared = [given.rewards, *arrays_of(given.transitions, set())]
    own_arrays = [array for array in parts if not any(np.shares_memory(array, other) for other in shared)]
    pointers = 4 * (states * own * joint + 64) if name == "sparse" else 0
    assert sum(array.nbytes for array in own_arrays) <= 8 * (3 * states * joint + 8 * states) + pointers
    assert max(array.size for array in own_arrays) < states * own * joint


# --- failure ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_tolerance_below_the_rounding_says_so(method):
    given = PROBLEMS["dense"](0.9)
    with pytest.raises(ConvergenceError, match=r"tol=1e-18 was not met.*rounding allows no less") as raised:
        rx.solve(given, tol=1e-18, method=method)
    reached = raised.value.solution
    assert not reached.converged
    assert (reached.tol, reached.method, reached.history[-1].action) == (1e-18, method, "rounding")
    assert 1e-18 < reached.error_bound < 1e-12
    assert off(reached.value, Given.of(given, prior=reached.prior).truth) <= reached.error_bound
    with pytest.warns(rx.ConvergenceWarning, match="rounding allows no less") as warned:
        again = rx.solve(given, tol=1e-18, method=method, on_failure="warn")
    assert warned[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        silent = rx.solve(given, tol=1e-18, method=method, on_failure="return")
    for solution in (again, silent):
        np.testing.assert_array_equal(solution.value, reached.value)


def test_values_too_large_for_the_tolerance_say_so():
    given = rx.View(1e9 * REWARDS, ROWS, 0.9999)
    with pytest.raises(ConvergenceError, match=r"values near .*e\+1[0-9]") as raised:
        rx.solve(given, tol=1e-8)
    reached = raised.value.solution
    assert off(reached.value, Given.of(given, prior=reached.prior).truth) <= reached.error_bound
    assert rx.solve(given).converged
    assert rx.solve(given, tol=1.0).error_bound <= 1.0


@pytest.mark.parametrize("discount", [0.9, 0.99999, 1.0 - 1e-9])
@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e200])
def test_the_default_tolerance_is_always_within_reach(scale, discount):
    weights = ((0.0, 0.0), (1.0, 1.0), (1e12, 1e-12))
    for name, (alpha, beta) in product(("dense", "hardly ending", "multichain"), weights):
        given = PROBLEMS[name](discount)
        rewards = scale * np.where(given.terminal[:, None, None], 0.0, given.rewards)
        solution = rx.solve(rx.View(rewards, given.transitions, discount, given.terminal), alpha=alpha, beta=beta)
        assert solution.converged
        size = np.abs(solution.value).max() + scale
        assert solution.error_bound <= max(1e-10, 1e-12 * size / (1.0 - discount))


@pytest.mark.parametrize("method", METHODS)
def test_iterations_that_run_out_say_so(method):
    given = PROBLEMS["multichain"](0.9999)
    with pytest.raises(ConvergenceError, match="in 2 iterations; allow more max_iterations") as raised:
        rx.solve(given, method=method, max_iterations=2)
    reached = raised.value.solution
    assert (reached.iterations, reached.history[-1].action, reached.converged) == (2, "exhausted", False)
    with pytest.warns(rx.ConvergenceWarning, match="allow more max_iterations"):
        rx.solve(given, method=method, max_iterations=2, on_failure="warn")


@pytest.mark.parametrize("tol", [None, 1e-6, 0.0, INF])
def test_converged_means_that_the_bound_meets_the_tolerance(tol):
    for name, build in PROBLEMS.items():
        for k in (1, 3, 100):
            solution = rx.solve(build(0.9), tol=tol, max_iterations=k, on_failure="return")
            assert solution.converged == (solution.error_bound <= solution.tol), name
            assert solution.converged or solution.history[-1].action in ("rounding", "exhausted"), name
            assert not (solution.history[-1].action == "done" and not solution.converged), name


# --- bad input -------------------------------------------------------------------------------------------------------

BAD_ARGUMENTS = [
    ({"alpha": -1.0}, r"alpha is -1\.0"),
    ({"alpha": np.nan}, "alpha is nan"),
    ({"alpha": INF}, "alpha is inf"),
    ({"alpha": [1.0, 2.0]}, "alpha must be one number"),
    ({"alpha": None}, "alpha is None"),
    ({"alpha": 1j}, "alpha is 1j"),
    ({"beta": -0.5}, r"beta is -0\.5"),
    ({"beta": np.nan}, "beta is nan"),
    ({"beta": "1"}, "beta is '1'"),
    ({"prior": [0.5, 0.4]}, "prior sums to 0.9, not to 1"),
    ({"prior": [[0.5, 0.5], [0.5, 0.5], [0.5, 0.4]]}, r"prior\[s=2\] sums to 0\.9, not to 1"),
    ({"prior": [0.5, 0.25, 0.25]}, r"prior must have shape \(2,\), not \(3,\)"),
    ({"prior": np.full((2, 2), 0.5)}, r"prior must have shape \(3, 2\), not \(2, 2\)"),
    ({"prior": [1.5, -0.5]}, r"prior\[b=1\] is -0\.5, a negative probability"),
    ({"prior": [np.nan, 1.0]}, r"prior\[b=0\] is nan"),
    ({"prior": [[0.5, 0.5], [0.5, 0.5], [INF, 0.5]]}, r"prior\[s=2, b=0\] is inf"),
    ({"prior": [[0.5, 0.5], [1.0]]}, r"prior\[1\] has shape \(1,\), but prior\[0\] has \(2,\)"),
    ({"prior": 1.0}, "prior"),
    ({"prior": "uniform"}, "prior"),
    ({"discount": 1.0}, r"discount is 1\.0, not in \[0, 1\)"),
    ({"discount": -0.1}, r"discount is -0\.1"),
    ({"discount": np.nan}, "discount is nan"),
    ({"discount": "0.9"}, "discount must be a number, not '0.9'"),
    ({"tol": -1.0}, r"tol is -1\.0"),
    ({"tol": np.nan}, "tol is nan"),
    ({"max_iterations": 0}, "max_iterations is 0, not >= 1"),
    ({"max_iterations": 1.5}, r"max_iterations must be an integer, not 1\.5"),
    ({"method": "newtn"}, "unknown method 'newtn'; did you mean newton"),
    ({"method": None}, "unknown method 'None'"),
    ({"method": ["newton"]}, "unknown method"),
    ({"on_failure": "ignore"}, "unknown on_failure 'ignore'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_ARGUMENTS, ids=lambda case: str(case)[:40])
def test_bad_arguments_are_named(changes, message):
    given = rx.View(np.ones((3, 2, 2)), np.full((3, 2, 2, 3), 1.0 / 3.0), 0.9)
    with pytest.raises(InputError, match=message):
        rx.solve(given, **changes)


@pytest.mark.parametrize(
    ("agent", "message"),
    [(2, r"agent is 2, not in \[0, 2\)"), (-1, "agent is -1"), ("3", "unknown player '3'"), (0.5, "agent must be")],
)
def test_bad_agents_are_named(agent, message):
    for game in (rx.games.climbing(), rx.games.meeting(size=2)):
        with pytest.raises(InputError, match=message):
            rx.solve(game, agent=agent)


def test_what_is_no_game_is_named():
    for thing in (None, np.ones((3, 2, 2)), "climbing"):
        with pytest.raises(InputError, match=f"game must be .*, not {type(thing).__name__}"):
            rx.solve(thing)


@pytest.mark.parametrize(("scale", "alpha", "discount"), [(1e306, 1.0, 0.0), (1e299, 0.0, 0.99999), (1.0, 1e300, 0.9)])
def test_values_beyond_float64_are_refused(scale, alpha, discount):
    given = rx.View(np.full((1, 3, 1), scale), np.ones((1, 3, 1, 1)), discount)
    with pytest.raises(InputError, match=r"make values near .*, beyond 1e\+300"):
        rx.solve(given, alpha=alpha)
    assert np.isfinite(rx.solve(given, alpha=1.0, discount=0.0).value).all() if scale < 1e300 else True
