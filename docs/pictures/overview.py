"""The README's picture: python docs/pictures/overview.py draws it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import rommeo_exact as rx


@rx.plots.styled
def overview() -> Any:
    """One agent's optimum, a solver's error under its bound, and fixed points of self-play along the temperature."""
    figure, ((optimum, error, branches),) = rx.plots.new(1, 3, width=6.2, height=4.6)
    climbing = rx.games.climbing()
    rx.plots.solution(rx.solve(climbing, alpha=1.0), optimum)
    optimum.set_title("what one agent plays and expects", pad=44)
    rng = np.random.default_rng(1)
    payoffs, transitions = rng.normal(size=(2, 20, 3, 3)), rng.dirichlet(np.ones(20), size=(20, 3, 3))
    game = rx.StochasticGame(payoffs, transitions, discount=0.9)
    exact = rx.solve(game, tol=1e-12).value
    slow = rx.solve(game, method="value_iteration", tol=1e-9)
    rx.plots.convergence(slow, error)
    assert np.abs(slow.value - exact).max() <= slow.error_bound
    error.set_title("a solver, and its bound on the error", pad=44)
    three = rx.games.three_player_coordination()
    rx.plots.branches(rx.self_play_branches(three, np.geomspace(0.2, 2.0, 60), beta=1.0), branches)
    branches.set_title("where three who learn together end", pad=44)
    return figure


if __name__ == "__main__":
    Path(__file__).with_name("overview.svg").write_bytes(rx.plots.written(overview(), "svg"))
