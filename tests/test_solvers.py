"""Every solver on every kind of problem: they agree within their bounds, and the bounds are bounds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import oracle
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import strategies as rxst
from rommeo_exact.errors import ConvergenceError, InputError
from rommeo_exact.games import families
from rommeo_exact.solvers.bounds import Enclosure, enclose
from rommeo_exact.solvers.methods import METHODS
from rommeo_exact.solvers.newton import Newton
from rommeo_exact.solvers.problem import Problem

Weights = tuple[float, float]
WEIGHTS: tuple[Weights, ...] = (
    (1.0, 1.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, np.inf), (0.0, np.inf), (1e-12, 1.0), (0.1, 3.0),
    (1e12, 1e12),
)  # fmt: skip


def dense_random() -> rx.View:
    return families.random_stochastic(12, (3, 4), discount=0.95, rng=np.random.default_rng(1)).view(0)


def built(rewards: Any, aims: Any, discount: float, terminal: Any = None) -> rx.View:
    """A deterministic view: in state s, (a, b) leads to aims[s, a, b]."""
    rewards, aims = np.asarray(rewards, float), np.asarray(aims)
    matrix = sparse.csr_array(
        (np.ones(aims.size), aims.ravel(), np.arange(aims.size + 1)), shape=(aims.size, len(rewards))
    )
    return rx.View(rewards, matrix, discount, terminal)


def ring(states: int = 30, discount: float = 0.99) -> rx.View:
    rng = np.random.default_rng(2)
    ahead = (np.arange(states)[:, None, None] + 1 + (rng.random((states, 2, 2)) < 0.1)) % states
    return built(rng.normal(size=(states, 2, 2)), ahead, discount)


def ties() -> rx.View:
    return built(np.zeros((4, 3, 2)), np.tile(np.arange(4)[:, None, None], (1, 3, 2)), 0.9)


def two_classes() -> rx.View:
    """Two pairs of states that never meet, one of them ten times as good."""
    aims = np.array([[[0, 1]], [[1, 0]], [[2, 3]], [[3, 2]]])
    return built(np.array([[[1.0, 0.0]], [[0.0, 2.0]], [[10.0, 0.0]], [[0.0, 20.0]]]), aims, 0.99)


def terminal(mass: float = 0.5) -> rx.View:
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(6), size=(6, 2, 3))
    p[..., 5] += mass
    return rx.View(rng.normal(size=(6, 2, 3)), p / p.sum(axis=-1, keepdims=True), 0.99, [5])


def unreachable_end() -> rx.View:
    rng = np.random.default_rng(4)
    p = np.zeros((4, 2, 2, 4))
    p[..., :3] = rng.dirichlet(np.ones(3), size=(4, 2, 2))
    return rx.View(rng.normal(size=(4, 2, 2)), p, 0.9, [3])


PROBLEMS: dict[str, Callable[[], rx.View]] = {
    "dense": dense_random,
    "sparse": lambda: families.random_sparse_stochastic(
        40, (2, 3), 3, discount=0.98, rng=np.random.default_rng(5)
    ).view(1),
    "ring": ring,
    "slow": lambda: families.random_slowly_mixing(
        12, (2, 2), modulus=0.99, discount=0.999, rng=np.random.default_rng(6)
    ).view(0),
    "meeting": lambda: rx.games.meeting(size=3).view(0),
    "meeting, absorbing": lambda: rx.games.meeting(size=3, absorbing=True).view(0),
    "one state": lambda: rx.games.climbing().view(0, discount=0.9),
    "no future": lambda: dense_random().with_discount(0.0),
    "one action": lambda: rx.View(np.arange(3.0).reshape(3, 1, 1), np.full((3, 1, 1, 3), 1 / 3), 0.9),
    "alone": lambda: rx.View(dense_random().rewards[:, :, :1], np.asarray(dense_random().transitions)[:, :, :1], 0.9),
    "ties": ties,
    "two classes": two_classes,
    "terminal": terminal,
    "nearly never terminal": lambda: terminal(1e-6),
    "unreachable end": unreachable_end,
    "all terminal": lambda: rx.View(np.ones((2, 2, 2)), np.full((2, 2, 2, 2), 0.5), 0.9, [0, 1]),
    "shifted": lambda: rx.View(dense_random().rewards + 1e6, dense_random().transitions, 0.9),
    "huge": lambda: rx.View(1e150 * dense_random().rewards, dense_random().transitions, 0.9),
    "tiny": lambda: rx.View(1e-150 * dense_random().rewards, dense_random().transitions, 0.9),
}


def turned(view: rx.View) -> rx.View:
    """The same view with dense transitions made sparse, or sparse ones dense."""
    p: Any = view.transitions
    dense = isinstance(p, np.ndarray)
    other = sparse.csr_array(p.reshape(-1, view.shape[0])) if dense else p.toarray().reshape(*view.shape, -1)
    return rx.View(view.rewards, other, view.discount, view.terminal)


def holey_prior(view: rx.View) -> np.ndarray:
    """A prior with a zero, where there is room for one."""
    states, _, joint = view.shape
    prior = np.random.default_rng(7).dirichlet(np.ones(joint), size=states)
    if joint > 1:
        prior[::2, 0] = 0.0
        prior /= prior.sum(axis=1, keepdims=True)
    return prior


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
@pytest.mark.parametrize("name", PROBLEMS)
def test_all_methods_agree_within_their_bounds(name: str, weights: Weights) -> None:
    view = PROBLEMS[name]()
    prior = holey_prior(view)
    alpha, beta = weights
    sols = [rx.solve(view, alpha=alpha, beta=beta, prior=prior, method=method) for method in METHODS]
    sols.append(rx.solve(turned(view), alpha=alpha, beta=beta, prior=prior))
    for sol in sols:
        assert sol.converged
        assert np.isfinite(sol.value).all()
        assert (sol.value[view.terminal] == 0.0).all()
        gap = np.abs(sol.value - sols[0].value).max()
        assert gap <= sol.error_bound + sols[0].error_bound


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_solution_hangs_together(name: str) -> None:
    view = PROBLEMS[name]()
    prior = holey_prior(view)
    sol = rx.solve(view, alpha=0.7, beta=2.0, prior=prior)
    scale = np.abs(view.rewards).max() / (1 - view.discount)
    live = ~view.terminal
    np.testing.assert_allclose(sol.q, rx.soft.one_step(view, sol.value), rtol=1e-13, atol=1e-13 * scale)
    np.testing.assert_allclose(sol.policy.sum(axis=1), 1.0, atol=1e-14)
    np.testing.assert_allclose(sol.opponent_model.sum(axis=1), 1.0, atol=1e-14)
    assert (sol.opponent_model[prior == 0.0] == 0.0).all()
    value = rx.soft.soft_value(sol.q, prior, 0.7, 2.0)
    np.testing.assert_allclose(value[live], sol.value[live], rtol=1e-13, atol=2 * sol.error_bound + 1e-13 * scale)
    np.testing.assert_allclose(
        sol.marginal_policy, np.einsum("sab,sb->sa", sol.policy, sol.opponent_model), atol=1e-15
    )
    for array in (sol.value, sol.q, sol.policy, sol.opponent_model, sol.marginal_policy):
        assert not array.flags.writeable


# --- the bound is a bound --------------------------------------------------------------------------------------------

SMALL: dict[str, Any] = {"max_states": 3, "max_actions": 2, "max_opponent_actions": 2, "max_discount": 0.99}


def check_bound(
    bound: Callable[[Any], Enclosure], view: rx.View, prior: np.ndarray, weights: Weights, steps: int
) -> None:
    """G h + centre is within `error` of the 50-digit V*, at each of the first iterations of value iteration."""
    problem = Problem(view, prior, *weights)
    exact = oracle.solve(oracle.read(view), oracle.distributions(prior), *weights).value
    truth = np.array([float(v) for v in exact])
    h = np.zeros(view.shape[0])
    for _ in range(steps):
        backup = problem.backup(h)
        got = bound(backup)
        error = np.abs(np.where(view.terminal, 0.0, backup.value + got.centre) - truth).max()
        assert error <= got.error + 2.0**-53 * np.abs(truth).max()
        h = problem.centred(backup.value)


@settings(max_examples=60)
@given(data=st.data())
def test_macqueen_s_bounds_enclose_the_optimum(data: st.DataObject) -> None:
    view = data.draw(rxst.views(**SMALL))
    prior = data.draw(rxst.priors(view))
    weights = data.draw(st.sampled_from(WEIGHTS))
    check_bound(enclose, view, prior, weights, 4)


def no_discount_factor(backup: Any) -> Enclosure:
    """MacQueen without gamma / (1 - gamma)."""
    low, high = float(backup.step.min()), float(backup.step.max())
    shift = backup.problem.shift / (1 - backup.problem.discount)
    return Enclosure((low + high) / 2 + shift, (high - low) / 2, 0.0, 0.0, 0.0)


def step_as_error(backup: Any) -> Enclosure:
    """The step length taken for the error."""
    good = enclose(backup)
    return Enclosure(good.centre, float(np.abs(backup.step).max()) * 1e-3, 0.0, 0.0, 0.0)


def upper_end(backup: Any) -> Enclosure:
    """The upper end of the enclosure with the half width of its middle."""
    good = enclose(backup)
    return Enclosure(good.centre + good.error, good.error / 2, 0.0, 0.0, 0.0)


def no_rounding(backup: Any) -> Enclosure:
    """The truncation error alone."""
    good = enclose(backup)
    return Enclosure(good.centre, good.error - good.rounding, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("wrong", [no_discount_factor, step_as_error, upper_end])
def test_wrong_bounds_are_caught(wrong: Callable[[Any], Enclosure]) -> None:
    with pytest.raises(AssertionError):
        check_bound(wrong, dense_random(), holey_prior(dense_random()), (1.0, 1.0), 4)


def test_a_bound_without_rounding_is_caught() -> None:
    rng = np.random.default_rng(8)
    views = [rx.View(rng.normal(size=(3, 2, 2)), rng.dirichlet(np.ones(3), size=(3, 2, 2)), 0.99) for _ in range(20)]

    def check_all() -> None:
        for view in views:  # of so many one at least rounds away from the truth
            check_bound(no_rounding, view, holey_prior(view), (1.0, 1.0), 25)

    with pytest.raises(AssertionError):
        check_all()


@settings(max_examples=40)
@given(data=st.data())
def test_the_answer_is_within_its_bound_of_fifty_digits(data: st.DataObject) -> None:
    view = data.draw(rxst.views(**SMALL))
    prior = data.draw(rxst.priors(view))
    alpha, beta = data.draw(rxst.temperatures()), data.draw(rxst.opponent_weights())
    sol = rx.solve(view, alpha=alpha, beta=beta, prior=prior, on_failure="return")
    exact = oracle.solve(oracle.read(view), oracle.distributions(prior), alpha, beta).value
    assert max(abs(v - oracle.mpf(float(x))) for v, x in zip(exact, sol.value, strict=True)) <= sol.error_bound


@pytest.mark.parametrize("method", METHODS)
def test_every_bound_of_the_history_holds(method: str) -> None:
    view = dense_random()
    prior = holey_prior(view)
    best = rx.solve(view, alpha=0.5, prior=prior, tol=1e-12)
    for k in range(1, 6):
        sol = rx.solve(view, alpha=0.5, prior=prior, method=method, max_iterations=k, on_failure="return")
        assert np.abs(sol.value - best.value).max() <= sol.error_bound + best.error_bound
        assert sol.error_bound == min(step.error_bound for step in sol.history)


# --- what the methods are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(1.0, 1.0), (0.0, 0.0), (0.3, np.inf), (2.0, 0.0)], ids=str)
@pytest.mark.parametrize("name", ["dense", "sparse", "meeting", "terminal"])
def test_a_newton_step_evaluates_the_greedy_pair(name: str, weights: Weights) -> None:
    """h + (I - gamma M)^-1 (G h - h) is the value of (pi*, rho*) of h, up to a constant."""
    view = PROBLEMS[name]()
    prior = np.full((view.shape[0], view.shape[2]), 1 / view.shape[2])
    problem = Problem(view, prior, *weights)
    h = problem.centred(np.where(view.terminal, 0.0, np.random.default_rng(9).normal(size=view.shape[0])))
    backup = problem.backup(h, merge=True)
    stepped, _ = Newton(problem, "lu").advance(backup, problem.size(backup.step), 0.0)
    q = rx.soft.one_step(view, h)
    best = rx.soft.optimum(q, prior, *weights)
    value = rx.evaluate(view, best.policy, best.opponent_model, alpha=weights[0], beta=weights[1], prior=prior).value
    apart = (stepped - value)[~view.terminal]
    if problem.shifting:
        apart -= apart.mean()
    np.testing.assert_allclose(apart, 0.0, atol=1e-9 * (1 + np.abs(value).max()))


@pytest.mark.parametrize("name", ["dense", "ring", "terminal", "two classes"])
def test_value_iteration_contracts_by_the_discount(name: str) -> None:
    view = PROBLEMS[name]()
    sol = rx.solve(view, method="value_iteration", max_iterations=40, on_failure="return")
    residuals = np.array([step.residual for step in sol.history])
    assert (residuals[1:] <= view.discount * residuals[:-1] + 1e-12).all()


def test_a_problem_keeps_nothing_of_the_size_of_q() -> None:
    view = dense_random()
    problem = Problem(view, holey_prior(view), 1.0, 1.0)
    problem.backup(np.zeros(view.shape[0]), merge=True)
    own = [v for v in vars(problem).values() if isinstance(v, np.ndarray) and not np.shares_memory(v, view.rewards)]
    assert max(v.size for v in own if v is not view.transitions) < view.rewards.size


# --- symmetries and shifts -------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(data=st.data())
def test_permuting_states_and_actions_permutes_the_answer(data: st.DataObject) -> None:
    view = dense_random()
    prior = holey_prior(view)
    weights = data.draw(st.sampled_from([(1.0, 1.0), (0.0, 0.0), (0.2, np.inf), (1.0, 0.0)]))
    s, a, b = (np.array(data.draw(st.permutations(range(n)))) for n in view.shape)
    p = np.asarray(view.transitions)[np.ix_(s, a, b, s)]
    moved = rx.View(view.rewards[np.ix_(s, a, b)], p, view.discount)
    one = rx.solve(view, alpha=weights[0], beta=weights[1], prior=prior)
    two = rx.solve(moved, alpha=weights[0], beta=weights[1], prior=prior[np.ix_(s, b)])
    assert np.abs(one.value[s] - two.value).max() <= one.error_bound + two.error_bound
    np.testing.assert_allclose(one.policy[np.ix_(s, a, b)], two.policy, atol=1e-8)
    np.testing.assert_allclose(one.opponent_model[np.ix_(s, b)], two.opponent_model, atol=1e-8)


@pytest.mark.parametrize("shift", [1e6, -1e6, 3.0])
def test_a_shift_of_the_payoffs_moves_the_value_and_nothing_else(shift: float) -> None:
    view = dense_random()
    rewards = np.round(view.rewards * 2.0**20) / 2.0**20  # so that the shifted rewards are exact
    one = rx.solve(rx.View(rewards, view.transitions, 0.95), alpha=0.5)
    two = rx.solve(rx.View(rewards + shift, view.transitions, 0.95), alpha=0.5)
    np.testing.assert_allclose(two.policy, one.policy, atol=1e-12)
    np.testing.assert_allclose(two.opponent_model, one.opponent_model, atol=1e-12)
    bound = one.error_bound + two.error_bound + 1e-15 * abs(shift) / 0.05
    assert np.abs(two.value - one.value - shift / (1 - 0.95)).max() <= bound


def test_three_players_with_an_idle_one() -> None:
    """A player whose actions change nothing leaves the value, and its prior shows through in rho."""
    rng = np.random.default_rng(10)
    pair = rng.normal(size=(2, 3, 4))
    three = rx.MatrixGame(np.stack([np.repeat(pair[0][:, :, None], 2, axis=2)] * 3))
    two = rx.MatrixGame(pair)
    prior, idle = rng.dirichlet(np.ones(4)), np.array([0.3, 0.7])
    one = rx.solve(two, alpha=0.4, prior=prior, discount=0.5)
    other = rx.solve(three, alpha=0.4, prior=np.outer(prior, idle).ravel(), discount=0.5)
    assert np.abs(one.value - other.value).max() <= one.error_bound + other.error_bound
    np.testing.assert_allclose(other.opponent_model[0].reshape(4, 2), np.outer(one.opponent_model[0], idle), atol=1e-12)


# --- failure and input -----------------------------------------------------------------------------------------------


def test_a_tolerance_below_the_rounding_says_so() -> None:
    view = dense_random()
    with pytest.raises(ConvergenceError, match="rounding allows no less") as raised:
        rx.solve(view, tol=1e-18)
    sol = raised.value.solution
    assert not sol.converged
    assert 0.0 < sol.error_bound < 1e-10
    with pytest.warns(rx.ConvergenceWarning, match="tol=1e-18 was not met"):
        rx.solve(view, tol=1e-18, on_failure="warn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rx.solve(view, tol=1e-18, on_failure="return").error_bound == sol.error_bound


def test_iterations_that_run_out_say_so() -> None:
    with pytest.raises(ConvergenceError, match="allow more max_iterations"):
        rx.solve(ring(discount=0.9999), method="value_iteration", max_iterations=3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alpha": -1.0}, "alpha is -1.0"),
        ({"alpha": np.nan}, "alpha is nan"),
        ({"alpha": np.inf}, "alpha is inf"),
        ({"alpha": [1.0, 2.0]}, "alpha must be one number"),
        ({"beta": -0.5}, "beta is -0.5"),
        ({"beta": "1"}, "beta"),
        ({"prior": [0.5, 0.4]}, "prior sums to 0.9, not to 1"),
        ({"prior": [[0.5, 0.5], [0.5, 0.5], [0.5, 0.4]]}, r"prior\[s=2\] sums to 0.9, not to 1"),
        ({"prior": [0.5, 0.25, 0.25]}, "prior must have shape"),
        ({"prior": [1.5, -0.5]}, r"prior\[b=1\] is -0.5, a negative probability"),
        ({"discount": 1.0}, "discount is 1.0, not in"),
        ({"discount": np.nan}, "discount is nan"),
        ({"tol": -1.0}, "tol is -1.0"),
        ({"max_iterations": 0}, "max_iterations is 0"),
        ({"method": "newtn"}, "did you mean newton"),
        ({"on_failure": "ignore"}, "unknown on_failure 'ignore'"),
    ],
)
def test_bad_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    view = rx.View(np.ones((3, 2, 2)), np.full((3, 2, 2, 3), 1 / 3), 0.9)
    with pytest.raises(InputError, match=message):
        rx.solve(view, **changes)
    with pytest.raises(InputError, match="game must be"):
        rx.solve(np.ones((3, 2, 2)))  # type: ignore[arg-type]


def test_inputs_are_neither_changed_nor_kept() -> None:
    rng = np.random.default_rng(11)
    rewards, p = rng.normal(size=(4, 2, 3)), rng.dirichlet(np.ones(4), size=(4, 2, 3))
    prior = rng.dirichlet(np.ones(3), size=4)
    kept = [array.copy() for array in (rewards, p, prior)]
    view = rx.View(rewards, p, 0.9)
    sol = rx.solve(view, prior=prior)
    assert all(np.array_equal(x, y) for x, y in zip((rewards, p, prior), kept, strict=True))
    rewards[:], p[:], prior[:] = 0.0, 0.25, 1 / 3
    again = rx.solve(view, prior=kept[2])
    assert np.array_equal(sol.value, again.value)
    assert np.array_equal(sol.prior, kept[2])
