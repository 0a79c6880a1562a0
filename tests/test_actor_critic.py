"""ROMMEO-AC: every derivative against complex steps and an automatic differentiation library, the frame, and a run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import rommeo_exact as rx
from rommeo_exact.actor_critic import (
    ContinuousTask,
    RommeoAC,
    Training,
    networks,
    rommeo_ac as module,
    train_continuous,
)
from rommeo_exact.actor_critic.densities import Gaussian, log_density, log_slope
from rommeo_exact.actor_critic.memory import Batch, Memory
from rommeo_exact.actor_critic.networks import MLP, Trained
from rommeo_exact.actor_critic.rommeo_ac import Drawn, RommeoACLearner
from rommeo_exact.errors import DivergenceError, InputError

STEP = 1e-30
ACTIVATIONS = st.sampled_from(["relu", "tanh"])
SEEDS = st.integers(0, 2**32 - 1)


def by_complex_steps(loss: Callable[[Any], Any], at: Any) -> Any:
    """Derivatives of an analytic loss, exact up to rounding: the imaginary part at a tiny imaginary step."""
    gradient = np.empty(at.shape)
    for index in np.ndindex(at.shape):
        moved = at.astype(complex)
        moved[index] += 1j * STEP
        gradient[index] = np.imag(loss(moved)) / STEP
    return gradient


# --- networks -------------------------------------------------------------------------------------------------------


def plain_forward(sizes: tuple[int, ...], activation: str, parameters: Any, x: Any, np: Any = anp) -> Any:
    """A perceptron written out once more, for one run."""
    h, start = x, 0
    for layer, (a, b) in enumerate(itertools.pairwise(sizes)):
        weights = parameters[start : start + a * b].reshape((a, b))
        bias = parameters[start + a * b : start + a * b + b]
        start += (a + 1) * b
        h = np.dot(h, weights) + bias
        if layer < len(sizes) - 2:
            h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0.0)
    return h


@settings(max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), ACTIVATIONS, st.integers(1, 3), st.integers(1, 4), SEEDS)
def test_products_with_the_jacobian(sizes: list[int], activation: Any, runs: int, points: int, seed: int) -> None:
    net, rng = MLP(tuple(sizes), activation), np.random.default_rng(seed)
    parameters = rng.standard_normal((runs, net.count))
    x = rng.standard_normal((runs, points, sizes[0]))
    gy = rng.standard_normal((runs, points, sizes[-1]))
    y, tape = net.forward(parameters, x)
    found, by_x = net.gradient(parameters, tape, gy), net.by_inputs(parameters, tape, gy)
    np.testing.assert_allclose(
        found, by_complex_steps(lambda p: (net.forward(p, x.astype(complex))[0] * gy).sum(), parameters), atol=1e-11
    )
    np.testing.assert_allclose(
        by_x, by_complex_steps(lambda z: (net.forward(parameters.astype(complex), z)[0] * gy).sum(), x), atol=1e-11
    )
    for k in range(runs):  # every run has parameters of its own

        def loss(p: Any, z: Any, k: int = k) -> Any:
            return anp.sum(plain_forward(net.sizes, activation, p, z) * gy[k])

        np.testing.assert_allclose(y[k], plain_forward(net.sizes, activation, parameters[k], x[k]), atol=1e-12)
        np.testing.assert_allclose(found[k], autograd.grad(loss, 0)(parameters[k], x[k]), atol=1e-11)
        np.testing.assert_allclose(by_x[k], autograd.grad(loss, 1)(parameters[k], x[k]), atol=1e-11)


def test_without_inputs_a_network_is_a_constant() -> None:
    net, rng = MLP((0, 3, 2)), np.random.default_rng(0)
    parameters = rng.standard_normal((2, net.count))
    y, tape = net.forward(parameters, np.zeros((2, 5, 0)))
    assert y.shape == (2, 5, 2)
    assert (y == y[:, :1]).all()
    gy = rng.standard_normal(y.shape)
    found = net.gradient(parameters, tape, gy)
    wanted = by_complex_steps(lambda p: (net.forward(p, np.zeros((2, 5, 0)))[0] * gy).sum(), parameters)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert net.by_inputs(parameters, tape, gy).shape == (2, 5, 0)


def test_no_product_is_large_enough_for_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products in pieces are the products, in an array that is given as well."""
    net, rng = MLP((5, 60, 70, 3)), np.random.default_rng(0)
    parameters, x = rng.standard_normal((2, net.count)), rng.standard_normal((2, 301, 5))
    gy = rng.standard_normal((2, 301, 3))

    def all_of_them() -> tuple[Any, ...]:
        y, tape = net.forward(parameters, x)
        return y, net.gradient(parameters, tape, gy), net.by_inputs(parameters, tape, gy)

    sizes, right = [], np.matmul
    monkeypatch.setattr(networks, "_AT_ONCE", 10**12)
    whole = all_of_them()
    monkeypatch.setattr(networks, "_AT_ONCE", 2**18)

    def spied(a: Any, b: Any, out: Any = None) -> Any:
        sizes.append(a.shape[1] * a.shape[2] * b.shape[2])
        return right(a, b, out=out)

    monkeypatch.setattr(np, "matmul", spied)
    for found, wanted in zip(all_of_them(), whole, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    assert len(sizes) > 8 + 4 and max(sizes) <= 2**18


def test_layers_are_views_of_the_parameters() -> None:
    net = MLP((2, 3, 1))
    parameters = np.zeros((2, net.count))
    for weights, bias in net.layers(parameters):
        weights += 1.0
        bias += 1.0
    assert (parameters == 1.0).all()


def test_adam_is_adam() -> None:
    """Against its formulas written out, step by step."""
    rng = np.random.default_rng(0)
    net = MLP((1, 1))
    trained = Trained("net", net, rng.standard_normal((3, net.count)), target=True)
    at, m, v = trained.parameters.copy(), 0.0, 0.0
    target = at.copy()
    for t in range(1, 20):
        g = rng.standard_normal(at.shape)
        trained.step(g.copy(), 0.01)
        trained.follow(0.1)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        at = at - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        target = 0.9 * target + 0.1 * at
        np.testing.assert_allclose(trained.parameters, at, rtol=1e-12)
        np.testing.assert_allclose(trained.target, target, rtol=1e-12)


# --- densities ------------------------------------------------------------------------------------------------------


@given(st.floats(-30.0, 30.0))
def test_the_slope_of_tanh(u: float) -> None:
    import mpmath

    with mpmath.workdps(60):
        wanted = mpmath.log(1 - mpmath.tanh(mpmath.mpf(u)) ** 2)
    assert math.isclose(float(log_slope(np.array(u))), float(wanted), rel_tol=1e-12, abs_tol=1e-14)


@settings(max_examples=20)
@given(st.floats(-1.5, 1.5), st.floats(-2.0, 0.5), st.floats(0.5, 20.0))
def test_densities_integrate_to_one_over_the_box(mean: float, log_deviation: float, half: float) -> None:
    gaussian = Gaussian(np.array([[mean]]), np.array([[log_deviation]]))
    u, du = np.linspace(-12.0, 12.0, 20001, retstep=True)
    p = np.exp(log_density(gaussian, u[:, None], half))
    steps = half * (1.0 - np.tanh(u) ** 2) * du
    assert abs((p * steps).sum() - 1.0) < 1e-8


def test_spreads_are_kept_within_limits_and_do_not_learn_beyond() -> None:
    gaussian = Gaussian.of(np.array([[0.0, 5.0], [0.0, -9.0], [0.0, 0.3]]))
    np.testing.assert_array_equal(gaussian.log_deviation[:, 0], [2.0, -5.0, 0.3])
    by_outputs, _ = gaussian.of_log_normal(np.full((3, 1), 0.7))
    assert (by_outputs[:2, 1] == 0.0).all()
    assert by_outputs[2, 1] != 0.0


@given(SEEDS, st.integers(1, 3))
def test_derivatives_of_log_normal(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    outputs, u = rng.normal(size=(2, 2 * d)), rng.normal(size=(2, d))
    by_outputs, by_u = Gaussian.of(outputs).of_log_normal(u)
    np.testing.assert_allclose(
        by_outputs, by_complex_steps(lambda o: Gaussian.of(o).log_normal(u).sum(), outputs), atol=1e-10
    )
    np.testing.assert_allclose(
        by_u, by_complex_steps(lambda x: Gaussian.of(outputs).log_normal(x).sum(), u), atol=1e-10
    )


# --- the equations --------------------------------------------------------------------------------------------------

ALPHA, BETA = 0.7, 1.9


class Setting:
    """A learner, a batch, and the noise that it will draw, for a game with states and several numbers an action."""

    def __init__(self, seed: int, recipe: RommeoAC, sizes: tuple[int, ...] = (2, 1), states: int = 1) -> None:
        rng = np.random.default_rng(seed)
        dynamics = rx.Dynamics(states, lambda runs, rng: rng.normal(size=(runs, states)), lambda x, *_: x)
        game = rx.ContinuousGame(
            lambda *_: 0.0, [-np.ones(d) for d in sizes], [np.ones(d) for d in sizes],
            dynamics=dynamics if states else None,
        )  # fmt: skip
        self.learner = RommeoACLearner(recipe, ContinuousTask(game, 0, 1, 0.9, np.float64), rng)
        for trained in self.learner.networks.values():
            trained.parameters += 0.5 * rng.standard_normal(trained.parameters.shape)
            if trained.target is not None:
                trained.target = trained.target + 0.3 * rng.standard_normal(trained.parameters.shape)
        n, own, others = 4, sizes[0], sum(sizes[1:])
        self.batch = Batch(
            rng.normal(size=(1, n, states)), rng.uniform(-0.9, 0.9, size=(1, n, own)),
            rng.uniform(-0.9, 0.9, size=(1, n, others)), rng.normal(size=(1, n)), rng.normal(size=(1, n, states)),
            (rng.uniform(size=(1, n)) < 0.3).astype(float),
        )  # fmt: skip
        self.noises = {size: rng.standard_normal((1, n, size)) for size in {own, others}}
        self.learner.noise = lambda *shape: self.noises[shape[-1]]  # type: ignore[method-assign]
        self.kept: dict[str, Any] = {}

    def gradient(self, name: str, update: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Any:
        """What the learner's update would hand to Adam."""
        monkeypatch.setattr(Trained, "step", lambda trained, g, rate, *_: self.kept.update({trained.name: g.copy()}))
        update()
        assert set(self.kept) == {name}
        return self.kept[name][0]

    def net(self, name: str, x: Any, parameters: Any = None, target: bool = False) -> Any:
        trained = self.learner.networks[name]
        chosen = trained.target if target else trained.parameters
        assert chosen is not None
        at = chosen[0] if parameters is None else parameters
        return plain_forward(trained.net.sizes, trained.net.activation, at, x)


def parts(outputs: Any) -> tuple[Any, Any]:
    """mu, and log sigma kept between -5 and 2."""
    d = outputs.shape[-1] // 2
    low, high = anp.where(anp.real(outputs) < -5.0, -5.0, outputs), 2.0
    return outputs[:, :d], anp.where(anp.real(low) > high, high, low)[:, d:]


def log_normal(outputs: Any, u: Any) -> Any:
    mean, log_sigma = parts(outputs)
    return anp.sum(-0.5 * ((u - mean) / anp.exp(log_sigma)) ** 2 - log_sigma - 0.5 * math.log(2 * math.pi), axis=1)


def log_tanh_normal(outputs: Any, u: Any) -> Any:
    return log_normal(outputs, u) - anp.sum(anp.log(1.0 - anp.tanh(u) ** 2), axis=1)


def draw(outputs: Any, noise: Any) -> Any:
    mean, log_sigma = parts(outputs)
    return mean + anp.exp(log_sigma) * noise


def cat(*parts: Any) -> Any:
    return anp.concatenate(parts, axis=1)


def equation_18(case: Setting, theta: Any) -> Any:
    """J_pi as printed, from its definition."""
    state = case.batch.state[0]
    own, others = case.noises[2][0], case.noises[1][0]
    b = anp.tanh(draw(case.net("rho", state), others))
    outputs = case.net("pi", cat(state, b), theta)
    u = draw(outputs, own)
    q = case.net("Q", cat(state, anp.tanh(u), b))[:, 0]
    return anp.mean(ALPHA * log_tanh_normal(outputs, u) - q)


def equation_19(case: Setting, phi: Any, action: str) -> Any:
    """J_rho as printed, with a from the replay buffer or from pi."""
    state = case.batch.state[0]
    outputs = case.net("rho", state, phi)
    v = draw(outputs, case.noises[1][0])
    b = anp.tanh(v)
    given = case.net("pi", cat(state, b))
    u = np.arctanh(case.batch.own[0]) if action == "replay" else draw(given, case.noises[2][0])
    q = case.net("Q", cat(state, anp.tanh(u), b))[:, 0]
    ratio = log_tanh_normal(outputs, v) - log_tanh_normal(case.net("P", state), v)
    return anp.mean(BETA * ratio - q + ALPHA * log_tanh_normal(given, u))


def equation_15(case: Setting) -> Any:
    state = case.batch.following[0]
    outputs = case.net("rho", state)
    v = draw(outputs, case.noises[1][0])
    b = anp.tanh(v)
    u = draw(case.net("pi", cat(state, b), target=True), case.noises[2][0])
    q = case.net("Q", cat(state, anp.tanh(u), b), target=True)[:, 0]
    rho, prior = log_tanh_normal(outputs, v), log_tanh_normal(case.net("P", state), v)
    return q - ALPHA * log_tanh_normal(case.net("pi", cat(state, b)), u) - BETA * (rho - prior)


def equation_14(case: Setting, omega: Any) -> Any:
    """J_Q, with its target held."""
    batch = case.batch
    y = batch.reward[0] + 0.9 * (1.0 - batch.ended[0]) * equation_15(case)
    q = case.net("Q", cat(batch.state[0], batch.own[0], batch.others[0]), omega)[:, 0]
    return anp.mean(0.5 * (q - y) ** 2)


def likelihood(case: Setting, psi: Any) -> Any:
    batch = case.batch
    return -anp.mean(log_tanh_normal(case.net("P", batch.state[0], psi), np.arctanh(batch.others[0])))


UPDATES: dict[str, tuple[str, Callable[..., Any], Callable[[Setting], Callable[[], None]]]] = {
    "equation 20": ("Q", equation_14, lambda c: lambda: c.learner.improve_value(c.batch, ALPHA)),
    "equation 21": ("pi", equation_18, lambda c: lambda: c.learner.improve_policy(c.batch, ALPHA)),
    "equation 22": (
        "rho", lambda c, phi: equation_19(c, phi, "replay"), lambda c: lambda: c.learner.improve_model(c.batch, ALPHA),
    ),
    "equation 22, a from pi": (
        "rho", lambda c, phi: equation_19(c, phi, "policy"), lambda c: lambda: c.learner.improve_model(c.batch, ALPHA),
    ),
    "the prior's likelihood": ("P", likelihood, lambda c: lambda: c.learner.fit_prior(c.batch)),
}  # fmt: skip


def case_of(equation: str, seed: int, activation: Any) -> Setting:
    action: Any = "policy" if "from pi" in equation else "replay"
    return Setting(seed, RommeoAC(hidden=(3, 2), activation=activation, beta=BETA, action=action, spread=0.8))


def agrees(equation: str, seed: int, activation: Any) -> bool:
    """Whether the gradient of an update is that of the loss, by automatic differentiation and by complex steps."""
    name, loss, update = UPDATES[equation]
    case = case_of(equation, seed, activation)
    with pytest.MonkeyPatch.context() as patch:
        found = case.gradient(name, update(case), patch)
    at = case.learner.networks[name].parameters[0]
    scale = 1.0 + np.abs(found).max()
    automatic = autograd.grad(lambda p: loss(case, p))(at)
    close = bool(np.abs(found - automatic).max() < 1e-9 * scale)
    if activation == "tanh":  # relu is not analytic
        stepped = by_complex_steps(lambda p: loss(case, p), at)
        close = close and bool(np.abs(found - stepped).max() < 1e-9 * scale)
    return close


@pytest.mark.parametrize("equation", UPDATES)
@settings(max_examples=10)
@given(SEEDS, ACTIVATIONS)
def test_every_update_descends_the_gradient_of_its_loss(equation: str, seed: int, activation: Any) -> None:
    assert agrees(equation, seed, activation)


def test_the_target_is_equation_15() -> None:
    case = case_of("equation 20", 3, "tanh")
    batch = case.batch
    wanted = batch.reward[0] + 0.9 * (1.0 - batch.ended[0]) * equation_15(case)
    np.testing.assert_allclose(case.learner.target(batch, ALPHA)[0], wanted, rtol=1e-10)


PLANTED: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "Q climbs": ("equation 20", "value_gradient", lambda q, y: (y - q) / q.shape[1]),
    "no factor alpha": ("equation 21", "policy_gradient", lambda p, own, dq, alpha: module_policy(p, own, dq, 1.0)),
    "sign of Q": ("equation 21", "policy_gradient", lambda p, own, dq, alpha: module_policy(p, own, -dq, alpha)),
    "no slope of tanh": (
        "equation 21", "policy_gradient",
        lambda p, own, dq, alpha: module_policy(p, own, dq / own.slope, alpha),
    ),
    "no entropy": ("equation 21", "policy_gradient", lambda p, own, dq, alpha: p.of_draw(own.noise, -dq * own.slope)),
    "no KL weight": (
        "equation 22", "opponent_gradient", lambda m, p, b, by, beta: module_opponent(m, p, b, by, 1.0),
    ),
    "no prior": ("equation 22", "opponent_gradient", lambda m, p, b, by, beta: module_opponent(m, m, b, by, beta)),
    "rho and P exchanged": (
        "equation 22", "opponent_gradient", lambda m, p, b, by, beta: module_opponent(p, m, b, by, beta),
    ),
    "pi's dependence on b dropped": (
        "equation 22, a from pi", "policy_gradient", lambda p, own, dq, alpha: np.zeros((*dq.shape[:2], 4)),
    ),
}  # fmt: skip

module_policy, module_opponent = module.policy_gradient, module.opponent_gradient


@pytest.mark.parametrize("wrong", PLANTED)
def test_planted_wrong_gradients_are_rejected(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    equation, name, planted = PLANTED[wrong]
    assert agrees(equation, 5, "tanh")
    monkeypatch.setattr(module, name, planted)
    assert not agrees(equation, 5, "tanh")


@given(SEEDS)
def test_equation_21_has_the_two_parts_that_the_paper_prints(seed: int) -> None:
    """grad_theta alpha log pi at a fixed action, plus grad_theta f times (grad_a alpha log pi - grad_a Q)."""
    rng = np.random.default_rng(seed)
    policy = Gaussian.of(rng.normal(size=(1, 3, 4)))
    own = Drawn.of(policy, rng.normal(size=(1, 3, 2)))
    by_own = rng.normal(size=(1, 3, 2))
    fixed, by_u = policy.of_log_normal(own.u)
    by_action = (by_u + 2.0 * own.action) / own.slope  # the density of a has the slope of tanh in it
    printed = ALPHA * fixed + policy.of_draw(own.noise, own.slope * (ALPHA * by_action - by_own))
    np.testing.assert_allclose(module.policy_gradient(policy, own, by_own, ALPHA), printed, atol=1e-9)


# --- the frame ------------------------------------------------------------------------------------------------------


def test_the_memory_forgets_the_oldest_and_shows_each_player_its_side() -> None:
    memory = Memory(3, 2, 0, 3, 2, np.float64)
    for k in range(5):
        memory.add(
            np.zeros((2, 0)), np.full((2, 3), k) + np.arange(3) / 10, np.full((2, 2), k), np.zeros((2, 0)), False
        )
    assert len(memory) == 3
    index = memory.recent(2, 10, np.random.default_rng(0))
    batch = memory.batch(index, 1, slice(1, 3), [0])
    np.testing.assert_allclose(batch.own[0], [[4.1, 4.2], [3.1, 3.2]])
    np.testing.assert_allclose(batch.others[0], [[4.0], [3.0]])
    drawn = memory.batch(memory.drawn(50, np.random.default_rng(0)), 0, slice(0, 1), [1, 2])
    assert set(drawn.reward.ravel()) == {2.0, 3.0, 4.0}


def test_the_same_seed_gives_the_same_history() -> None:
    game = rx.games.push()
    a, b = (train_continuous(game, [RommeoAC()] * 2, 2, 5, 3, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(a.actions, b.actions)
    np.testing.assert_array_equal(a.model_mean[1], b.model_mean[1])


@pytest.mark.parametrize("game", [rx.games.push(), rx.games.beauty_contest(3)], ids=lambda g: g.name)
def test_a_run_is_resumed_bit_for_bit(game: rx.ContinuousGame, tmp_path: Path) -> None:
    def new() -> Training:
        return Training(game, [RommeoAC()] * game.num_players, 4, 2, capacity=10, rng=np.random.default_rng(1))

    whole, part = new(), new()
    whole.advance(5)
    part.advance(2)
    part.save(tmp_path / "run.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]
    resumed = Training(game, [RommeoAC()] * game.num_players, 4, 2, capacity=10, rng=np.random.default_rng(99)).resume(
        tmp_path / "run.npz"
    )
    resumed.advance(3)
    for one, two in zip(whole.learners, resumed.learners, strict=True):
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(array, two.arrays()[name], err_msg=name)
    np.testing.assert_array_equal(whole.history().actions, resumed.history().actions)
    np.testing.assert_array_equal(whole.history().policy_mean, resumed.history().policy_mean)


def test_a_file_of_another_training_is_refused(tmp_path: Path) -> None:
    game = rx.games.meeting_point()
    training = Training(game, [RommeoAC()] * 2, 2, 2, rng=np.random.default_rng(1))
    training.save(tmp_path / "run.npz")
    other = Training(game, [RommeoAC(alpha=2.0)] * 2, 2, 2, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="saved with recipes"):
        other.resume(tmp_path / "run.npz")
    narrow = Training(rx.games.meeting_point(half_width=5.0), [RommeoAC()] * 2, 2, 2, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match=r"saved with box .*, not \[\[-5.0, -5.0\], \[5.0, 5.0\]\]"):
        narrow.resume(tmp_path / "run.npz")
    twister = Training(game, [RommeoAC()] * 2, 2, 2, rng=np.random.Generator(np.random.MT19937(1)))
    with pytest.raises(InputError, match="saved with bit generator PCG64, not MT19937"):
        twister.resume(tmp_path / "run.npz")


@pytest.mark.parametrize("lost", ["states", "memory.actions", "player 1.rho.second", "generators"])
def test_a_file_that_is_damaged_is_refused_and_changes_nothing(lost: str, tmp_path: Path) -> None:
    def new() -> Training:
        return Training(rx.games.push(), [RommeoAC()] * 2, 2, 2, rng=np.random.default_rng(1))

    training = new()
    training.advance(1)
    training.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        np.savez(tmp_path / "part.npz", **{name: array for name, array in file.items() if name != lost})
    (tmp_path / "text").write_text("no")
    np.save(tmp_path / "one.npy", np.zeros(3))
    fresh = new()
    for name in ("part.npz", "text", "one.npy", "none"):
        with pytest.raises(InputError, match=f"{name} is no saved training: " + (lost if name == "part.npz" else "")):
            fresh.resume(tmp_path / name)
    fresh.advance(1)
    np.testing.assert_array_equal(fresh.history().actions, training.history().actions)


def test_rewards_that_are_no_numbers_end_the_run_and_say_where() -> None:
    def reward(a: Any, b: Any) -> Any:
        return np.where(np.arange(len(a)) == 1, math.nan, a * b)

    with pytest.raises(InputError, match=r"round 0: reward of player 0 is nan at actions \(.*\), run 1"):
        train_continuous(rx.ContinuousGame(reward, -1, 1), [RommeoAC()] * 2, 1, runs=3, rng=np.random.default_rng(0))


def test_rewards_of_another_shape_are_refused() -> None:
    game = rx.ContinuousGame(lambda a, b: (a * b)[:1], -1, 1)
    with pytest.raises(InputError, match=r"reward of player 0 has shape \(1,\) for joint actions of shape \(3,\)"):
        train_continuous(game, [RommeoAC()] * 2, 1, runs=3, rng=np.random.default_rng(0))


def test_divergence_is_named_by_round_player_network_and_run() -> None:
    training = Training(rx.games.meeting_point(), [RommeoAC()] * 2, 5, 3, rng=np.random.default_rng(0))
    training.advance(1)
    training.learners[1].networks["Q"].parameters[2] = math.inf
    with pytest.raises(DivergenceError, match=r"round 5, player 1: the gradient of Q is not finite in run 2"):
        training.advance(1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": -1.0}, "RommeoAC.alpha"), ({"hidden": (0,)}, r"RommeoAC.hidden\[0\]"),
        ({"hidden": 3}, "layer sizes"),
        ({"batch": 0}, "RommeoAC.batch"), ({"action": "both"}, "RommeoAC.action"), ({"delay": -1}, "RommeoAC.delay"),
        ({"activation": "sine"}, "RommeoAC.activation"), ({"target_rate": 2.0}, "RommeoAC.target_rate"),
        ({"beta": math.inf}, "RommeoAC.beta is inf, not in"),
        ({"beta": lambda k: 1.0}, "not a function of the round"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        RommeoAC(**change)


def test_recipes_are_checked_against_the_game() -> None:
    game = rx.games.meeting_point()
    with pytest.raises(InputError, match="recipes has 1 entries, the game has 2 players"):
        Training(game, [RommeoAC()], rng=np.random.default_rng(0))
    with pytest.raises(InputError, match=r"recipes\[1\] must be a recipe"):
        Training(game, [RommeoAC(), "DDPG"], rng=np.random.default_rng(0))  # type: ignore[list-item]
    with pytest.raises(InputError, match="nothing was played yet"):
        Training(game, [RommeoAC()] * 2, rng=np.random.default_rng(0)).history()
    history = train_continuous(game, [RommeoAC()] * 2, 1, 1, 1, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="last is 0, not >= 1"):
        history.near((0.0, 0.0), last=0)
    with pytest.raises(InputError, match="point must have 2 numbers"):
        history.near((0.0,))


def test_without_a_discount_states_must_be_able_to_end_the_episode() -> None:
    for game in (rx.games.meeting_point(), rx.games.push()):
        with pytest.raises(InputError, match=f"discount is 1, and nothing ends {game.name}: V has no bound"):
            Training(game, [RommeoAC()] * 2, discount=1.0, rng=np.random.default_rng(0))
    states = rx.Dynamics(1, lambda runs, rng: np.zeros((runs, 1)), lambda x, *_: x + 1.0, lambda x: x[:, 0] >= 2.0)
    game = rx.ContinuousGame(lambda x, a, b: a * b, -1, 1, dynamics=states)
    training = Training(game, [RommeoAC()] * 2, 6, 2, 1.0, rng=np.random.default_rng(0))
    training.advance(2)
    np.testing.assert_array_equal(training.memory.columns["ended"][:, :12], [[0, 1] * 6] * 2)


@pytest.mark.parametrize("spread", [0.05, 0.8, 5.0])
def test_what_is_played_and_expected_at_first(spread: float) -> None:
    """Centred, with the spread that is asked for, in both numbers of an action."""
    game = rx.ContinuousGame(lambda a, b: b, [[-1.0, -1.0], 0.0], [[1.0, 1.0], 1.0])
    learner = RommeoAC(spread=spread).start(ContinuousTask(game, 1, 4, 0.0, np.float64), np.random.default_rng(0))
    for network in (learner.policy, learner.model, learner.prior):
        first = Gaussian.of(network(np.random.default_rng(1).uniform(-1.0, 1.0, (4, 50, network.net.sizes[0])))[0])
        np.testing.assert_allclose(first.mean, 0.0, atol=0.05)
        np.testing.assert_allclose(first.deviation, spread, rtol=0.05)


def test_the_policy_and_the_model_wait() -> None:
    """For as many rounds as is said; Q and the prior do not."""
    training = Training(rx.games.meeting_point(), [RommeoAC(delay=3)] * 2, 1, 2, rng=np.random.default_rng(0))
    networks = training.learners[0].networks
    for k in range(5):
        before = {name: trained.parameters.copy() for name, trained in networks.items()}
        training.advance(1)
        moved = {name for name, trained in networks.items() if (trained.parameters != before[name]).any()}
        assert moved == ({"Q", "P"} if k < 3 else {"Q", "P", "pi", "rho"})


def test_the_prior_is_of_what_the_others_did_of_late() -> None:
    game = rx.games.meeting_point()
    task = ContinuousTask(game, 0, 2, 0.0, np.float64)
    learner = RommeoAC(window=5, batch=64, hidden=()).start(task, np.random.default_rng(0))
    memory = Memory(100, 2, 0, 2, 2, np.float64)
    nothing = np.zeros((2, 0))
    for k in range(20):
        others = -0.8 if k < 15 else 0.1 * (k - 17)
        memory.add(nothing, np.full((2, 2), others), np.zeros((2, 2)), nothing, 0.0)
    for _ in range(600):
        learner.learn(memory)
    prior = Gaussian.of(learner.prior(np.zeros((2, 1, 0)))[0])
    u = np.arctanh(0.1 * (np.arange(15, 20) - 17))
    np.testing.assert_allclose(np.tanh(prior.mean), 0.0, atol=1e-3)
    np.testing.assert_allclose(prior.deviation, u.std(), rtol=1e-2)


def test_alpha_may_follow_a_schedule() -> None:
    seen = []

    def schedule(k: int) -> float:
        seen.append(k)
        return 1.0 / (1 + k)

    train_continuous(
        rx.games.meeting_point(), [RommeoAC(alpha=schedule), RommeoAC()], 1, 4, 2, rng=np.random.default_rng(0)
    )
    assert set(seen) == {0, 1, 2, 3}


@settings(max_examples=5)
@given(SEEDS)
def test_what_was_learnt_as_densities(seed: int) -> None:
    """They integrate to 1 over the box, and the marginal is that of actions drawn."""
    game = rx.ContinuousGame(lambda a, b: a * b, [-2.0, 0.0], [2.0, 3.0])
    training = Training(game, [RommeoAC(hidden=(4,))] * 2, runs=2, rng=np.random.default_rng(seed))
    learner: Any = training.learners[1]
    rng = np.random.default_rng(seed)
    for trained in learner.networks.values():
        trained.parameters += 0.3 * rng.standard_normal(trained.parameters.shape).astype(np.float32)
    u, du = np.linspace(-7.0, 7.0, 4001, retstep=True)
    x, steps = np.tanh(u), (1.0 - np.tanh(u) ** 2) * du
    own, others = 1.5 + 1.5 * x, 2.0 * x
    marginal, model = learner.densities(own[:, None], others[:, None])
    still = np.zeros((2, 20000, 0), np.float32)
    for p, at, half, drawn in (
        (marginal, own, 1.5, 1.5 + 1.5 * learner.act(still)[..., 0]),
        (model, others, 2.0, 2.0 * learner.imagine(still)[..., 0]),
    ):  # fmt: skip
        shares = p * steps * half
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-3)
        np.testing.assert_allclose(shares @ at, drawn.mean(axis=1), atol=0.06)


@pytest.mark.parametrize(
    ("own", "others", "message"),
    [
        (np.zeros(4), np.zeros((4, 1)), r"own must be points of 2 numbers, one in a row, not of shape \(4,\)"),
        (np.zeros((4, 2)), np.zeros(4), r"others must be points of 1 numbers, one in a row, not of shape \(4,\)"),
        (np.zeros((4, 2)), np.array([[0.0], [3.5]]), r"others\[1, 0\] is 3.5, outside the box"),
        (np.array([[0.0, 2.1]]), np.zeros((1, 1)), r"own\[0, 1\] is 2.1, outside the box"),
        (np.array([[0.0, np.nan]]), np.zeros((1, 1)), r"own\[0, 1\] is nan"),
    ],
)  # fmt: skip
def test_densities_are_of_points_of_the_box(own: Any, others: Any, message: str) -> None:
    game = rx.ContinuousGame(lambda a, b: b, [[-2.0, -2.0], 0.0], [[2.0, 2.0], 3.0])
    learner: Any = Training(game, [RommeoAC(hidden=(4,))] * 2, runs=2, rng=np.random.default_rng(0)).learners[0]
    assert [x.shape for x in learner.densities([[2.0, -2.0], [0.0, 0.5]], [[0.0], [1.0], [3.0]])] == [(2, 2), (2, 3)]
    with pytest.raises(InputError, match=message):
        learner.densities(own, others)


# --- a run ----------------------------------------------------------------------------------------------------------


def test_self_play_comes_to_the_optimum_from_the_other_ones_basin() -> None:
    game = rx.games.max_of_two_quadratics("released")
    history = train_continuous(game, [RommeoAC()] * 2, 120, runs=8, rng=np.random.default_rng(11))
    assert np.abs(history.actions[0, 0].mean()) < 3.0  # broad, and around (0, 0)
    assert history.near((5.0, 5.0)).sum() >= 7
