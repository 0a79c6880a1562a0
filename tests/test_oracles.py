"""Independent answers to the same questions: other solvers where the models coincide, closed forms, fifty digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rommeo_exact as rx
from rommeo_exact.games import families
from rommeo_exact.games.convert import view_to_discrete_dp


def games() -> list[rx.StochasticGame]:
    rng = np.random.default_rng(1)
    return [
        families.random_stochastic(20, (3, 4), discount=0.95, rng=rng),
        families.random_sparse_stochastic(50, (2, 3), 4, discount=0.99, rng=rng),
        rx.games.meeting(size=3, discount=0.9),
    ]


@pytest.mark.parametrize("k", range(3))
def test_without_temperatures_it_is_the_joint_markov_decision_process(k: int) -> None:
    """alpha = beta = 0 under a full prior: the ordinary Bellman optimality operator over joint actions."""
    pytest.importorskip("quantecon")
    view = games()[k].view(0)
    theirs = view_to_discrete_dp(view).solve(method="policy_iteration").v
    ours = rx.solve(view, alpha=0.0, beta=0.0)
    np.testing.assert_allclose(ours.value, theirs, atol=1e-9 + ours.error_bound)
    planted = rx.solve(view, alpha=0.5, beta=0.0)
    assert np.abs(planted.value - theirs).max() > 1e-6


def soft_value_iteration(rewards: Any, p: Any, discount: float, alpha: float) -> Any:
    """Single-agent soft value iteration (Haarnoja and others 2017), plainly."""
    v = np.zeros(len(rewards))
    for _ in range(2000):
        q = rewards + discount * p @ v
        top = q.max(axis=1)
        v = top + alpha * np.log(np.exp((q - top[:, None]) / alpha).sum(axis=1))
    return v


@pytest.mark.parametrize("alpha", [0.05, 1.0, 20.0])
def test_without_opponents_it_is_soft_value_iteration(alpha: float) -> None:
    rng = np.random.default_rng(2)
    rewards, p = rng.normal(size=(8, 3)), rng.dirichlet(np.ones(8), size=(8, 3))
    view = rx.View(rewards[:, :, None], p[:, :, None], 0.9)
    for beta in (0.0, 1.0, np.inf):
        sol = rx.solve(view, alpha=alpha, beta=beta)
        np.testing.assert_allclose(sol.value, soft_value_iteration(rewards, p, 0.9, alpha), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.9, 0.99999])
@pytest.mark.parametrize("weights", [(1.0, 1.0), (0.0, 0.0), (0.3, np.inf), (2.0, 0.5)], ids=str)
def test_one_state_has_a_closed_form(discount: float, weights: tuple[float, float]) -> None:
    """V = V_R / (1 - gamma): what repeats is worth its one round over and over."""
    for game in (rx.games.climbing(), rx.games.penalty(k=-30), rx.games.three_player_coordination()):
        prior = np.random.default_rng(3).dirichlet(np.ones(game.view(0).shape[2]))
        once = rx.soft.soft_value(game.view(0).rewards[0], prior, *weights)
        sol = rx.solve(game, alpha=weights[0], beta=weights[1], prior=prior, discount=discount)
        np.testing.assert_allclose(sol.value[0], once / (1 - discount), rtol=1e-12)
        np.testing.assert_allclose(sol.policy[0], rx.soft.soft_policy(game.view(0).rewards[0], weights[0]), atol=1e-12)


def test_climbing_in_closed_form() -> None:
    """alpha = beta = 1, no future: V = log(sum_ab exp(R(a, b)) / 3)."""
    game = rx.games.climbing(variant="original")
    assert rx.solve(game).value[0] == pytest.approx(np.log(np.exp(game.payoffs[0]).sum() / 3), abs=1e-13)
