"""Continuous actions: the exact soft optimum and self-play of games of two on a box, by quadrature."""

from __future__ import annotations

from .reference import (
    ContinuousSelfPlay,
    ContinuousSolution,
    Density,
    self_play_continuous,
    solve_continuous,
    squashed_normal,
    truncated_normal,
)

__all__ = [
    "ContinuousSelfPlay", "ContinuousSolution", "Density", "self_play_continuous", "solve_continuous",
    "squashed_normal", "truncated_normal",
]  # fmt: skip
