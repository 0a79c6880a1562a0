"""What is drawn where a game is played in many runs at once, and how what was played is numbered."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..checks import FloatArray, is_sparse
from .models import StochasticGame

__all__ = ["following_states", "joint_action", "sample"]


def sample(shares: FloatArray, rng: np.random.Generator) -> Any:
    """An index from each row of (K, A) distributions, drawn independently: (K,) int array."""
    steps = shares.cumsum(axis=1)
    picked = (rng.random((len(shares), 1)) * steps[:, -1:] >= steps).sum(axis=1)
    return picked.clip(max=shares.shape[1] - 1)


def joint_action(profiles: Any, i: int, sizes: tuple[int, ...]) -> Any:
    """The index b of what everyone but player i played, (K,), from action profiles (K, n): in C order, as in a view."""
    others = [j for j in range(len(sizes)) if j != i]
    if not others:
        return np.zeros(len(profiles), dtype=np.intp)
    return np.ravel_multi_index(tuple(profiles[:, j] for j in others), tuple(sizes[j] for j in others))


def following_states(game: StochasticGame, states: Any, profiles: Any, rng: np.random.Generator) -> Any:
    """The next states (K,), drawn after the profiles (K, n) in the states (K,)."""
    profile = np.ravel_multi_index(tuple(profiles.T), game.num_actions)
    rows = states * math.prod(game.num_actions) + profile
    p: Any = game.transitions
    chances = p[rows].toarray() if is_sparse(p) else p.reshape(-1, game.num_states)[rows]
    return sample(np.asarray(chances), rng)
