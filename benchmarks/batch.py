"""Many one-state games: one call of the soft operators against a Python loop over NumPy calls, game by game."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Answer = tuple[Array, Array, Array]

_ALPHA, _BETA = 0.5, 1.0


def batch_rows(games: int, repeats: int) -> list[dict[str, Any]]:
    """One row for each way; the games are 3 x 3, and both ways must agree to 1e-12."""
    rng = np.random.default_rng(7)
    q = rng.standard_normal((games, 3, 3))
    prior = rng.dirichlet(np.ones(3), size=games)
    ways: dict[str, Callable[[], Answer]] = {
        "ours: one call": lambda: _one_call(q, prior),
        "NumPy, game by game": lambda: _game_by_game(q, prior),
    }
    for solve in ways.values():
        solve()
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    answers: dict[str, Answer] = {}
    for _ in range(repeats):
        for way, solve in ways.items():
            started = time.process_time()
            answers[way] = solve()
            cpu[way].append(time.process_time() - started)
    ours, loop = answers.values()
    apart = max(float(np.abs(mine - theirs).max()) for mine, theirs in zip(ours, loop, strict=True))
    medians = {way: float(np.median(times)) for way, times in cpu.items()}
    faster = medians["NumPy, game by game"] / medians["ours: one call"]
    notes = (
        f"{games / medians['ours: one call']:.3g} games a second, {faster:.0f} times the loop",
        f"the answers differ by at most {apart:.1e}" + ("" if apart <= 1e-12 else ": THEY DISAGREE"),
    )
    return [
        {"problem": f"{games} games 3 x 3", "solver": way, "cpu": cpu[way], "note": note}
        for way, note in zip(ways, notes, strict=True)
    ]


def _one_call(q: Array, prior: Array) -> Answer:
    from rommeo_exact import soft

    return soft.optimum(q, prior, _ALPHA, _BETA)


def _game_by_game(q: Array, prior: Array) -> Answer:
    """Plain NumPy for one game at a time, each quantity computed once: what a user would write without the package."""
    values, policies, models = np.empty(len(q)), np.empty_like(q), np.empty_like(prior)
    for game in range(len(q)):
        top = q[game].max(axis=0)
        weights = np.exp((q[game] - top) / _ALPHA)
        total = weights.sum(axis=0)
        own = top + _ALPHA * np.log(total)
        highest = own.max()
        tilted = prior[game] * np.exp((own - highest) / _BETA)
        mass = tilted.sum()
        values[game] = highest + _BETA * np.log(mass)
        policies[game] = weights / total
        models[game] = tilted / mass
    return values, policies, models
