"""The baselines of Figure 2: their gradients against derivatives of losses written out here, and what they learn."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import rommeo_exact as rx
from rommeo_exact.actor_critic import (
    DDPG,
    DDPGOM,
    MADDPG,
    MASQL,
    PR2AC,
    RELEASED,
    Annealed,
    ContinuousTask,
    RommeoAC,
    Steps,
    Training,
    ddpg,
    ddpg_om,
    exploration,
    maddpg,
    masql,
    pr2_ac,
    released,
    stein,
    train_continuous,
)  # fmt: skip
from rommeo_exact.actor_critic.memory import Batch, Memory
from rommeo_exact.actor_critic.networks import MLP, Trained
from rommeo_exact.games import beauty_contest, max_of_two_quadratics, meeting_point, push

LEARNERS = [DDPG, DDPGOM, MADDPG, MASQL, PR2AC]
DETERMINISTIC = [DDPG, DDPGOM, MADDPG, PR2AC]
VARIANTS = [
    DDPG(), DDPG(process="gaussian"), DDPGOM(), DDPGOM(others="replay"), MADDPG(), MASQL(), MASQL(correction=True),
    PR2AC(), PR2AC(objective="soft"), PR2AC(answers="replay"), PR2AC(base="uniform", objective="soft"),
]  # fmt: skip
TINY: dict[str, Any] = {"hidden": (3,), "activation": "tanh", "batch": 4}
STEP = 1e-30


def label(recipe: Any) -> str:
    """The name and what differs from the defaults."""
    return " ".join([recipe.name, *(f"{k}={v}" for k, v in vars(recipe).items() if v != getattr(type(recipe), k))])


def a_game(sizes: tuple[int, ...], states: int) -> rx.ContinuousGame:
    """Rewards and states are of no consequence: the batches are made up."""
    dynamics = None
    if states:
        dynamics = rx.Dynamics(states, lambda runs, rng: np.zeros((runs, states)), lambda s, *rest: s)
    ends = [np.ones(d) for d in sizes]
    return rx.ContinuousGame(lambda *args: np.zeros(args[-1].shape[:1]), [-e for e in ends], ends, dynamics=dynamics)


def a_learner(recipe: Any, sizes: tuple[int, ...] = (2, 1), states: int = 1, player: int = 0, seed: int = 0) -> Any:
    """In two runs, with random parameters everywhere."""
    rng = np.random.default_rng(seed)
    game = a_game(sizes, states)
    learner = recipe.start(ContinuousTask(game, player, 2, 0.9, np.float64), np.random.default_rng(seed))
    for trained in learner.networks.values():
        trained.parameters += 0.4 * rng.standard_normal(trained.parameters.shape)
        if trained.target is not None:
            trained.target += 0.4 * rng.standard_normal(trained.target.shape)
    return learner


def a_batch(learner: Any, seed: int = 1, points: int = 4) -> Batch:
    rng = np.random.default_rng(seed)
    task, shape = learner.task, (2, points)
    states = task.game.state_size
    return Batch(
        rng.standard_normal((*shape, states)), rng.uniform(-0.9, 0.9, (*shape, task.own)),
        rng.uniform(-0.9, 0.9, (*shape, task.others)), rng.standard_normal(shape),
        rng.standard_normal((*shape, states)), (rng.random(shape) < 0.3).astype(float),
    )  # fmt: skip


def still(learner: Any, seed: int = 2) -> list[np.ndarray]:
    """Make a learner's draws the same every time it is asked for the same number of them; and list them."""
    drawn: list[np.ndarray] = []

    def noise(*shape: int) -> np.ndarray:
        drawn.append(np.random.default_rng(seed).standard_normal((2, *shape)))
        return drawn[-1]

    def uniform(*shape: int) -> np.ndarray:
        drawn.append(np.random.default_rng(seed + 1).uniform(-1.0, 1.0, (2, *shape)))
        return drawn[-1]

    learner.noise, learner.uniform = noise, uniform
    return drawn


def fed(net: MLP, parameters: np.ndarray, *parts: np.ndarray) -> np.ndarray:
    """Outputs (K, N, out), written out once more: a hidden layer at a time, tanh between."""
    h, start = np.concatenate(parts, axis=-1), 0
    pairs = list(pairwise(net.sizes))
    for layer, (a, b) in enumerate(pairs):
        w = parameters[:, start : start + a * b].reshape(len(parameters), a, b)
        bias = parameters[:, start + a * b : start + (a + 1) * b]
        start += (a + 1) * b
        h = np.einsum("kni,kio->kno", h, w) + bias[:, None]
        h = np.tanh(h) if layer < len(pairs) - 1 else h
    return h


def by_parameters(loss: Callable[[np.ndarray], Any], parameters: np.ndarray) -> np.ndarray:
    """Derivatives of a loss (K,) of parameters (K, P) by complex steps: exact to rounding."""
    out = np.empty_like(parameters)
    for j in range(parameters.shape[1]):
        moved = parameters.astype(complex)
        moved[:, j] += 1j * STEP
        out[:, j] = np.imag(loss(moved)) / STEP
    return out


def steps(trained: Trained, act: Callable[[], Any]) -> np.ndarray:
    """The gradient that a network is given while something is done, in place of its step."""
    seen: list[np.ndarray] = []
    trained.step = lambda gradient, *rest: seen.append(gradient.copy())  # type: ignore[method-assign]
    try:
        act()
    finally:
        del trained.step  # type: ignore[misc]
    (gradient,) = seen
    return gradient


def same(found: np.ndarray, right: np.ndarray) -> None:
    assert found.shape == right.shape
    np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-11)
    assert np.abs(right).max() > 1e-6


def log_mean(values: Any, alpha: float) -> Any:
    """alpha log mean exp(values / alpha), of the last axis."""
    top = np.real(values).max(axis=-1, keepdims=True)
    return top[..., 0] + alpha * np.log(np.exp((values - top) / alpha).mean(axis=-1))


shapes = st.tuples(
    st.lists(st.integers(1, 2), min_size=2, max_size=3).map(tuple), st.integers(0, 2), st.integers(0, 1),
    st.integers(0, 1000),
)  # fmt: skip
few = settings(max_examples=6)


def check_actor(recipe: Any, sizes: Any = (2, 1), states: int = 1, player: int = 0, seed: int = 0) -> None:
    """The actor's gradient is the derivative of minus the mean over points of what its paper has it climb."""
    learner = a_learner(replace(recipe, **TINY), sizes, states, player, seed)
    batch = a_batch(learner, seed + 1)
    critic, draws = learner.value, still(learner)
    if isinstance(recipe, PR2AC):
        found = steps(learner.policy, lambda: learner.improve_policy(batch, 0.7))
        m, e = recipe.particles, learner.task.others
        noise = draws[-1].reshape(2, 4, m, e)
        base = [draws[0]] if recipe.base == "uniform" else []

        def worth(parameters: np.ndarray) -> Any:
            own = np.tanh(fed(learner.policy.net, parameters, batch.state, *base))
            asked = own if recipe.answers == "policy" else batch.own
            values = []
            rho = learner.sampler.trained
            for j in range(m):
                others = np.tanh(fed(rho.net, rho.parameters, batch.state, asked, noise[:, :, j]))
                values.append(fed(critic.net, critic.parameters, batch.state, own, others)[..., 0])
            q = np.stack(values, axis=-1)
            return (log_mean(q, 0.7) if recipe.objective == "soft" else q.mean(axis=-1)).mean(axis=1)
    else:
        found = steps(learner.policy, lambda: learner.improve_policy(batch))

        def worth(parameters: np.ndarray) -> Any:
            own = np.tanh(fed(learner.policy.net, parameters, batch.state))
            parts = [batch.state, own]
            if isinstance(recipe, DDPGOM) and recipe.others == "model":
                parts.append(np.tanh(fed(learner.model.net, learner.model.parameters, batch.state)))
            elif not isinstance(recipe, DDPG):
                parts.append(batch.others)
            return fed(critic.net, critic.parameters, *parts)[..., 0].mean(axis=1)

    same(found, by_parameters(lambda p: -worth(p), learner.policy.parameters))


ACTORS = [recipe for recipe in VARIANTS if not isinstance(recipe, MASQL)]


@pytest.mark.parametrize("recipe", ACTORS, ids=label)
def test_the_actor_climbs_what_its_paper_says(recipe: Any) -> None:
    @few
    @given(shapes)
    def check(drawn: Any) -> None:
        check_actor(recipe, *drawn)

    check()


def check_value(recipe: Any, sizes: Any = (2, 1), states: int = 1, player: int = 0, seed: int = 0) -> None:
    """The critic's gradient is that of half its mean squared distance from the target, which is held."""
    learner = a_learner(replace(recipe, **TINY), sizes, states, player, seed)
    batch, draws, task = a_batch(learner, seed + 1), still(learner), learner.task
    state, after = batch.state, batch.following
    critic, e = learner.value, task.others
    if isinstance(recipe, MASQL):
        found = steps(critic, lambda: learner.improve_value(batch, 0.7))
        uniform = draws[0].reshape(2, 4, recipe.samples, task.own + e)
        values = [fed(critic.net, critic.target, after, uniform[:, :, j])[..., 0] for j in range(recipe.samples)]
        following = log_mean(np.stack(values, axis=-1), 0.7) + 0.7 * (task.own + e) * np.log(2.0)
    elif isinstance(recipe, PR2AC):
        target = learner.target(batch, 0.7)
        found = steps(critic, lambda: learner.fit_value(critic, np.concatenate(batch[:3], axis=-1), target))
        base = [draws[0]] if recipe.base == "uniform" else []
        own = np.tanh(fed(learner.policy.net, learner.policy.target, after, *base))
        uniform = draws[-1].reshape(2, 4, recipe.samples, e)
        values = [fed(critic.net, critic.target, after, own, uniform[:, :, j])[..., 0] for j in range(recipe.samples)]
        following = log_mean(np.stack(values, axis=-1), 0.7) + 0.7 * e * np.log(2.0)
    else:
        own = np.tanh(fed(learner.policy.net, learner.policy.target, after))
        parts: list[np.ndarray] = []
        inputs = [state, batch.own, batch.others]
        if isinstance(recipe, DDPG):
            target, inputs = learner.target(batch), inputs[:2]
        elif isinstance(recipe, DDPGOM):
            target = learner.target(batch)
            parts = [np.tanh(fed(learner.model.net, learner.model.parameters, after))]
        else:
            all_of_them = [a_learner(replace(recipe, **TINY), sizes, states, i, seed + i) for i in range(len(sizes))]
            all_of_them[player] = learner
            target = learner.target(batch, all_of_them)
            others = [x.policy for i, x in enumerate(all_of_them) if i != player]
            parts = [np.tanh(fed(other.net, other.target, after)) for other in others]
        following = fed(critic.net, critic.target, after, own, *parts)[..., 0]
        found = steps(critic, lambda: learner.fit_value(critic, np.concatenate(inputs, axis=-1), target))
    y = batch.reward + 0.9 * (1.0 - batch.ended) * following
    seen = [state, batch.own] if isinstance(recipe, DDPG) else [state, batch.own, batch.others]

    def loss(parameters: np.ndarray) -> Any:
        return ((fed(critic.net, parameters, *seen)[..., 0] - y) ** 2).mean(axis=1) / 2.0

    same(found, by_parameters(loss, critic.parameters))


@pytest.mark.parametrize("recipe", VARIANTS, ids=label)
def test_the_critic_is_drawn_to_its_target(recipe: Any) -> None:
    @few
    @given(shapes)
    def check(drawn: Any) -> None:
        check_value(recipe, *drawn)

    check()


def check_model(seed: int = 0) -> None:
    learner = a_learner(DDPGOM(**TINY), (2, 1), 1, 0, seed)
    batch = a_batch(learner)
    found = steps(learner.model, lambda: learner.fit_model(batch))

    def loss(parameters: np.ndarray) -> Any:
        expected = np.tanh(fed(learner.model.net, parameters, batch.state))
        return ((expected - batch.others) ** 2).sum(axis=-1).mean(axis=1) / 2.0

    same(found, by_parameters(loss, learner.model.parameters))


def test_the_model_is_drawn_to_what_the_others_did() -> None:
    for seed in range(5):
        check_model(seed)


def doubly_looped(fixed: np.ndarray, score: np.ndarray, moved: np.ndarray, h: float) -> np.ndarray:
    """Stein's direction at one point, from the formula, with the kernel's derivative by complex steps."""
    direction = np.zeros_like(moved)
    for j, y in enumerate(moved):
        for i, x in enumerate(fixed):
            direction[j] += np.exp(-((x - y) ** 2).sum() / h) * score[i]
            for c in range(len(x)):
                nudged = x.astype(complex)
                nudged[c] += 1j * STEP
                direction[j, c] += np.imag(np.exp(-((nudged - y) ** 2).sum() / h)) / STEP
    return direction / len(fixed)


def check_stein(seed: int = 0, m: int = 3, left: int = 2, d: int = 2) -> None:
    rng = np.random.default_rng(seed)
    fixed, score = rng.standard_normal((2, 2, m, d))
    moved = rng.standard_normal((2, left, d))
    found = stein.stein_direction(fixed, score, moved)
    for k in range(2):
        distances = sorted(((x - y) ** 2).sum() for x in fixed[k] for y in moved[k])
        n = len(distances)
        h = max((distances[(n - 1) // 2] + distances[n // 2]) / 2.0 / np.log(m), 1e-3)
        np.testing.assert_allclose(found[k], doubly_looped(fixed[k], score[k], moved[k], h), rtol=1e-9, atol=1e-12)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 5), st.integers(1, 3))
def test_steins_direction_is_the_formula(seed: int, m: int, left: int, d: int) -> None:
    check_stein(seed, m, left, d)


def check_sampler(recipe: Any, sizes: Any = (2, 1), states: int = 1, player: int = 0, seed: int = 0) -> None:
    """The sampling network's gradient moves each drawn action along Stein's direction of the right density."""
    recipe = replace(recipe, **TINY, particles=6)
    learner = a_learner(recipe, sizes, states, player, seed)
    batch, draws, alpha = a_batch(learner, seed + 1), still(learner), 0.7
    critic, sampler = learner.value, learner.sampler.trained
    if isinstance(recipe, MASQL):
        found = steps(sampler, lambda: learner.improve_sampler(batch.state, alpha))
        given_parts = [batch.state]
    else:
        found = steps(sampler, lambda: learner.improve_sampler(batch, alpha))
        given_parts = [batch.state, batch.own]
    noise = draws[-1]

    def drawn(parameters: np.ndarray, j: int) -> np.ndarray:
        return np.tanh(fed(sampler.net, parameters, *given_parts, noise[:, :, j]))

    fixed = np.stack([drawn(sampler.parameters, j) for j in range(3)], axis=2)
    moved = np.stack([drawn(sampler.parameters, j) for j in range(3, 6)], axis=2)
    score = np.empty_like(fixed)
    for i in range(3):
        for c in range(fixed.shape[-1]):
            x = fixed[:, :, i].astype(complex)
            x[..., c] += 1j * STEP
            log_density = fed(critic.net, critic.parameters, *given_parts, x)[..., 0] / alpha
            if recipe.correction:
                log_density = log_density + np.log(1.0 - x * x + 1e-6).sum(axis=-1)
            score[:, :, i, c] = np.imag(log_density) / STEP
    pull = np.empty_like(moved)
    for k in range(2):
        for n in range(4):
            squared = ((fixed[k, n][:, None] - moved[k, n][None]) ** 2).sum(axis=-1)
            h = max(float(np.median(squared)) / np.log(3), 1e-3)
            pull[k, n] = doubly_looped(fixed[k, n], score[k, n], moved[k, n], h)

    def loss(parameters: np.ndarray) -> Any:
        return -sum((pull[:, :, j] * drawn(parameters, 3 + j)).sum(axis=(1, 2)) for j in range(3)) / 12.0

    np.testing.assert_allclose(found, by_parameters(loss, sampler.parameters), rtol=1e-5, atol=1e-9)


SAMPLERS = [MASQL(), MASQL(correction=True), PR2AC(), PR2AC(correction=True)]


@pytest.mark.parametrize("recipe", SAMPLERS, ids=label)
def test_sampling_networks_follow_steins_direction(recipe: Any) -> None:
    @settings(max_examples=4)
    @given(shapes)
    def check(drawn: Any) -> None:
        check_sampler(recipe, *drawn)

    check()


def check_integral(seed: int = 0) -> None:
    """Of exp(-c.(x - t)^2 / alpha) over a box, by points in the middle of many cells, against a fine quadrature."""
    rng = np.random.default_rng(seed)
    alpha, d = rng.uniform(0.2, 3.0), int(rng.integers(1, 3))
    centre, steep = rng.uniform(-1.0, 1.0, d), rng.uniform(0.2, 2.0, d)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    factors = [(weights * np.exp(-s * (nodes - t) ** 2 / alpha)).sum() for s, t in zip(steep, centre, strict=True)]
    right = alpha * np.log(np.prod(factors))
    cells = (np.arange(400) + 0.5) / 200.0 - 1.0
    points = np.stack(np.meshgrid(*[cells] * d), axis=-1).reshape(-1, d)
    q = -(steep * (points - centre) ** 2).sum(axis=-1)
    assert stein.sampled_value(q, alpha, d) == pytest.approx(right, abs=2e-4)


def test_the_sampled_value_is_the_integral() -> None:
    for seed in range(12):
        check_integral(seed)
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.0, 1.0, (200, 2000))
    values = stein.sampled_value(x, 0.5, 1)
    right = 0.5 * np.log(0.5 * (np.exp(2.0) - np.exp(-2.0)))
    assert abs(values.mean() - right) < 5.0 * values.std() / np.sqrt(200) + 1e-3


WRONG = [
    ("a sign", exploration, "actor_gradient", lambda a, g: g * (1.0 - a * a), lambda: check_actor(DDPG())),
    ("no slope of tanh", exploration, "actor_gradient", lambda a, g: -g, lambda: check_actor(MADDPG())),
    ("no slope of tanh", exploration, "actor_gradient", lambda a, g: -g, lambda: check_actor(PR2AC())),
    ("the derivative by a state", exploration.slope, "by", 0, lambda: check_actor(DDPG(), (1, 1))),
    ("no slope of tanh", ddpg_om, "regression_gradient", lambda e, b: e - b, check_model),
    ("a sign", ddpg_om, "regression_gradient", lambda e, b: (b - e) * (1.0 - e * e), check_model),
    ("no temperature", masql, "boltzmann_score", lambda g, x, alpha, c: g, lambda: check_sampler(MASQL())),
    ("no temperature", pr2_ac, "boltzmann_score", lambda g, x, alpha, c: g, lambda: check_sampler(PR2AC())),
    ("no slope of tanh", stein, "actor_gradient", lambda a, g: -g, lambda: check_sampler(MASQL())),
    ("no temperature", pr2_ac, "particle_weights", lambda q, alpha: right_weights(q, alpha and 1.0),
     lambda: check_actor(PR2AC(objective="soft"))),
    ("the mean", pr2_ac, "particle_weights", lambda q, alpha: right_weights(q, None),
     lambda: check_actor(PR2AC(objective="soft"))),
    ("no repulsion", stein, "stein_direction", lambda x, s, y: right_direction(x, s, y, far(y)), check_stein),
    ("attraction", stein, "stein_direction", lambda x, s, y: -right_direction(x, -s, y), check_stein),
    ("x and y exchanged", stein, "stein_direction", lambda x, s, y: right_direction(y, s[:, : y.shape[1]], x),
     lambda: check_stein(m=2, left=2)),
    ("no volume", stein, "sampled_value", lambda q, alpha, d: right_value(q, alpha, 0), check_integral),
    ("constants without alpha", stein, "sampled_value",
     lambda q, alpha, d: log_mean(q, alpha) + (alpha - 1.0) * np.log(q.shape[-1]) + d * np.log(2.0), check_integral),
    ("no volume", masql, "sampled_value", lambda q, alpha, d: right_value(q, alpha, 0), lambda: check_value(MASQL())),
    ("no volume", pr2_ac, "sampled_value", lambda q, alpha, d: right_value(q, alpha, 0), lambda: check_value(PR2AC())),
]  # fmt: skip
right_weights, right_direction, right_value = pr2_ac.particle_weights, stein.stein_direction, stein.sampled_value


def far(y: np.ndarray) -> np.ndarray:
    return np.full(y.shape[:1], 1e12)


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{name} in {what}" for name, _, what, _, _ in WRONG])
def test_wrong_gradients_are_rejected(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, place, what, planted, check = wrong
    check()
    if isinstance(place, ModuleType):
        monkeypatch.setattr(place, what, planted)
    else:  # another part than the one that is asked for
        for module in (ddpg, ddpg_om, maddpg):
            monkeypatch.setattr(module, "slope", lambda value, *parts, by: place(value, *parts, by=planted))
    with pytest.raises(AssertionError):
        check()


@pytest.mark.parametrize("cls", LEARNERS)
def test_targets_without_slow_copies_are_rejected(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trained, "at_target", lambda self, x: self(x)[0])
    with pytest.raises(AssertionError):
        check_value(cls())


def test_a_sampler_comes_to_draw_from_the_density_it_is_told() -> None:
    rng = np.random.default_rng(0)
    net = MLP((2, 32, 2))
    sampler = stein.Sampler(Trained("pi", net, net.initial(3, rng)))
    centre, deviation = np.array([0.3, -0.2]), 0.15
    for _ in range(500):
        noise = rng.standard_normal((3, 4, 16, 2))
        sampler.improve(np.zeros((3, 4, 0)), noise, lambda x: (centre - x) / deviation**2, 1e-2)
    drawn, _ = sampler.draw(np.zeros((3, 4000, 0)), rng.standard_normal((3, 4000, 2)))
    np.testing.assert_allclose(drawn.mean(axis=1), np.broadcast_to(centre, (3, 2)), atol=0.05)
    np.testing.assert_allclose(drawn.std(axis=1), deviation, atol=0.05)


def test_particles_with_alpha_are_weighted_by_their_worth() -> None:
    weights = pr2_ac.particle_weights(np.array([0.0, np.log(3.0)]), 1.0)
    np.testing.assert_allclose(weights, [0.25, 0.75])
    np.testing.assert_allclose(pr2_ac.particle_weights(np.array([1e6, -1e6]), 1e-6), [1.0, 0.0])


SHORT: dict[str, Any] = {"policy_rate": 3e-3, "noise": 0.3}


@pytest.mark.parametrize("recipe", [cls(**SHORT) for cls in DETERMINISTIC], ids=label)
def test_deterministic_learners_meet(recipe: Any) -> None:
    game = meeting_point(0.5, half_width=2.0)
    history = train_continuous(game, [recipe] * 2, 24, 25, 3, rng=np.random.default_rng(2))
    assert history.near((0.5, 0.5), 0.3, last=4).all()
    assert (history.policy_deviation == 0.0).all()
    assert history.rewards.shape == (24, 3, 2) and history.actions.shape == (24, 25, 3, 2)


def test_soft_q_learning_meets_when_it_is_cold_enough() -> None:
    recipe = MASQL(alpha=0.1, policy_rate=1e-2)
    game = meeting_point(0.5, half_width=2.0)
    history = train_continuous(game, [recipe] * 2, 12, 25, 3, rng=np.random.default_rng(1))
    assert history.near((0.5, 0.5), 0.4, last=4).all()
    warm = train_continuous(game, [replace(recipe, alpha=1e3)] * 2, 8, 25, 3, rng=np.random.default_rng(1))
    assert (warm.policy_deviation[-1] > 0.7).all()


@pytest.mark.parametrize("cls", LEARNERS)
def test_a_bandit_has_no_others(cls: Any) -> None:
    game = rx.ContinuousGame(lambda a: -((a - 0.5) ** 2), -2.0, 2.0, num_players=1)
    recipe = cls(policy_rate=1e-2, **({"alpha": 0.05} if cls is MASQL else {}))
    history = train_continuous(game, [recipe], 16, 25, 3, rng=np.random.default_rng(1))
    assert history.near((0.5,), 0.3, last=4).all()


@pytest.mark.parametrize("recipe", VARIANTS, ids=label)
def test_states_and_any_number_of_players(recipe: Any) -> None:
    for game in (push(), beauty_contest(3), a_game((2, 1, 3), 2)):
        for precision in ("single", "double"):
            rng = np.random.default_rng(0)
            training = Training(game, [recipe] * game.num_players, 3, 2, precision=precision, rng=rng)
            training.advance(2)
            history = training.history()
            assert history.rewards.shape == (2, 2, game.num_players)
            assert all(array.dtype == training.dtype for x in training.learners for array in x.arrays().values()
                       if array.ndim)  # fmt: skip
            assert (history.model_mean[0] is None) == isinstance(recipe, (DDPG, MADDPG))


@pytest.mark.parametrize("cls", [DDPG, MADDPG])
def test_they_push_a_mass_home(cls: Any) -> None:
    recipe = cls(policy_rate=3e-3, noise=0.5)
    history = train_continuous(push(), [recipe] * 2, 25, 20, 4, 0.9, rng=np.random.default_rng(3))
    assert history.rewards[-5:].mean() > -0.6 > history.rewards[:3].mean()


def check_resumed(recipe: Any, tmp_path: Any) -> None:
    def fresh(seed: int) -> Training:
        late = replace(recipe, explore=3, delay=2)
        return Training(push(), [late] * 2, rounds=4, runs=2, rng=np.random.default_rng(seed))

    whole = fresh(0)
    whole.advance(4)
    part = fresh(0)
    part.advance(2)
    part.save(tmp_path / "part.npz")
    rest = fresh(99).resume(tmp_path / "part.npz")
    rest.advance(2)
    np.testing.assert_array_equal(rest.history().actions, whole.history().actions)
    for one, other in zip(rest.learners, whole.learners, strict=True):
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name)


@pytest.mark.parametrize("recipe", VARIANTS, ids=label)
def test_a_saved_training_goes_on_bit_for_bit(recipe: Any, tmp_path: Any) -> None:
    check_resumed(recipe, tmp_path)


def test_noise_that_is_forgotten_is_noticed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    right = exploration.DeterministicLearner.arrays
    monkeypatch.setattr(
        exploration.DeterministicLearner, "arrays", lambda self: right(self) | {"place": np.zeros_like(self.place)}
    )
    with pytest.raises(AssertionError):
        check_resumed(DDPG(), tmp_path)


def test_mixed_players_and_centralised_training() -> None:
    for others in (RommeoAC(), MASQL(), PR2AC(), PR2AC(base="uniform"), DDPG()):
        train_continuous(push(), [MADDPG(), others], 1, 3, 2, rng=np.random.default_rng(0))
    learner = a_learner(MADDPG(**TINY))
    with pytest.raises(rx.InputError, match="all players' learners are at hand: 0 of 2 are"):
        learner.target(a_batch(learner), ())


def test_noise_wanders_as_far_as_is_said() -> None:
    place, rng = np.zeros((20000, 1, 1)), np.random.default_rng(0)
    for _ in range(60):
        place = exploration.wandered(place, rng.standard_normal(place.shape), 0.15, 0.2)
    assert place.std() == pytest.approx(0.2 / np.sqrt(0.15 * 1.85), rel=0.02)
    learner = a_learner(DDPG(process="gaussian", noise=0.1, **TINY), states=0)
    states = np.zeros((2, 20000, 0))
    greedy = learner.act(states, explore=False)
    assert (greedy == greedy[:, :1]).all() and (np.abs(learner.act(states)) <= 1.0).all()
    quiet = a_learner(DDPG(noise=0.0, **TINY), states=0)
    np.testing.assert_array_equal(quiet.act(states), quiet.act(states, explore=False))


@pytest.mark.parametrize("recipe", [RommeoAC(), *VARIANTS], ids=label)
def test_slow_copies_follow_in_every_round(recipe: Any) -> None:
    """All of them, tau of the way to what was learnt."""
    recipe = replace(recipe, target_rate=0.3)
    training = Training(push(), [recipe] * 2, 1, 2, precision="double", rng=np.random.default_rng(0))
    slow = [x for learner in training.learners for x in learner.networks.values() if x.target is not None]
    assert len(slow) == (2 if isinstance(recipe, MASQL) else 4)
    for _ in range(3):
        before: list[Any] = [x.target.copy() for x in slow if x.target is not None]
        training.advance(1)
        for network, old in zip(slow, before, strict=True):
            np.testing.assert_allclose(network.target, 0.7 * old + 0.3 * network.parameters, atol=1e-14)
            assert (network.target != old).any()


def test_it_explores_evenly_at_first_and_learns_late() -> None:
    recipe = DDPG(explore=50, delay=60, noise=0.0, **TINY)
    training = Training(meeting_point(), [recipe] * 2, rounds=50, runs=200, rng=np.random.default_rng(0))
    before = training.learners[0].policy.parameters.copy()
    training.advance(1)
    played = training.history().actions[0] / 10.0
    assert abs(played.mean()) < 0.02 and played.std() == pytest.approx(1.0 / np.sqrt(3.0), abs=0.01)
    np.testing.assert_array_equal(training.learners[0].policy.parameters, before)
    training.advance(1)
    assert (training.learners[0].policy.parameters != before).any()
    assert np.abs(training.history().actions[1, :10]).max() < 0.5


def test_a_model_of_the_others_sees_the_window_only() -> None:
    learner = DDPGOM(window=5, batch=64, hidden=()).start(
        ContinuousTask(a_game((1, 1), 0), 0, 2, 0.0, np.float64), np.random.default_rng(0)
    )
    memory = Memory(100, 2, 0, 2, 2, np.float64)
    nothing = np.zeros((2, 0))
    for k in range(20):
        memory.add(nothing, np.full((2, 2), -0.8 if k < 15 else 0.5), np.zeros((2, 2)), nothing, 0.0)
    for _ in range(400):
        learner.learn(memory)
    np.testing.assert_allclose(learner.imagine(np.zeros((2, 1, 0))), 0.5, atol=1e-2)


def test_schedules() -> None:
    steps_ = Steps((0.5, 0.1, 0.01), (1000, 1667))
    assert [steps_(k) for k in (0, 999, 1000, 1666, 1667, 10**6)] == [0.5, 0.5, 0.1, 0.1, 0.01, 0.01]
    assert Annealed()(0) == pytest.approx(500.1) and Annealed()(20) == pytest.approx(0.1 + 500.0 * np.exp(-1.0))
    for schedule in (steps_, Annealed()):
        assert pickle.loads(pickle.dumps(schedule)) == schedule
    recipe = DDPG(noise=steps_)
    assert pickle.loads(pickle.dumps(recipe)) == recipe and recipe.at("noise", 1200) == 0.1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Steps((1.0,), (3,)), "Steps.values has 1 numbers for 1 jumps, not one more"),
        (lambda: Steps((1.0, 2.0, 3.0), (3, 3)), r"Steps.rounds\[1\] is 3, not >= 4"),
        (lambda: Steps([1.0], ()), r"Steps.values must be a tuple, not \[1.0\]"),
        (lambda: Annealed(rate=-1.0), "Annealed.rate is -1.0"),
        (lambda: Annealed(wait=1.5), "Annealed.wait must be an integer"),
        (lambda: DDPG(noise=-0.1), r"DDPG.noise is -0.1, not in \[0, 1000\]"),
        (lambda: DDPG(noise=lambda k: -1.0), "DDPG.noise in round 0 is -1.0"),
        (lambda: DDPG(process="pink"), "DDPG.process is 'pink', not one of 'ou', 'gaussian'"),
        (lambda: MADDPG(explore=-1), "MADDPG.explore is -1, not >= 0"),
        (lambda: MADDPG(delay=0.5), "MADDPG.delay must be an integer"),
        (lambda: MADDPG(theta=1.5), r"MADDPG.theta is 1.5, not in \[0, 1\]"),
        (lambda: DDPG(sigma=np.inf), "DDPG.sigma is inf, not in"),
        (lambda: DDPGOM(others="me"), "DDPGOM.others is 'me', not one of 'model', 'replay'"),
        (lambda: DDPGOM(window=0), "DDPGOM.window is 0, not >= 1"),
        (lambda: DDPGOM(value_rate=0.0), "DDPGOM.value_rate is 0.0"),
        (lambda: MASQL(alpha=0.0), "MASQL.alpha is 0.0"),
        (lambda: MASQL(particles=5), "MASQL.particles is 5, not even: half of them move the other half"),
        (lambda: MASQL(particles=2), "MASQL.particles is 2, not >= 4"),
        (lambda: MASQL(samples=0), "MASQL.samples is 0, not >= 1"),
        (lambda: PR2AC(objective="hard"), "PR2AC.objective is 'hard', not one of 'expected', 'soft'"),
        (lambda: PR2AC(answers="no"), "PR2AC.answers is 'no'"),
        (lambda: PR2AC(base="some"), "PR2AC.base is 'some'"),
        (lambda: PR2AC(points=0), "PR2AC.points is 0, not >= 1"),
        (lambda: PR2AC(model_rate=lambda k: 1.0), "PR2AC.model_rate must be a number, not a function of the round"),
        (lambda: released("SAC"), "name is 'SAC', not one of 'ROMMEO-AC', 'DDPG'"),
    ],
)
def test_bad_settings(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(rx.InputError, match=message):
        make()


@pytest.mark.parametrize("name", RELEASED)
def test_released_settings_run(name: str) -> None:
    recipe = released(name, hidden=(8,), batch=8, **({"delay": 2} if name != "ROMMEO-AC" else {}))
    assert recipe.name == name and RELEASED[name].hidden == (100, 100) and RELEASED[name].batch == 512
    train_continuous(max_of_two_quadratics("released"), [recipe] * 2, 1, 4, 2, rng=np.random.default_rng(0))
