"""Exact population self-play: where agents who take each other's play for their prior end, and how fast.

In the order in which they build on each other: `perron` (positive matrices and Hilbert's metric), `rounds` (one round
and its derivative), `uniqueness` (when there is one fixed point), `search` (when no theorem says so), `paths`
(:func:`self_play`) and `equilibria` (:func:`self_play_equilibria`).
"""

from __future__ import annotations

from .equilibria import Equilibrium, SelfPlayEquilibria, self_play_equilibria
from .paths import SelfPlayPath, self_play
from .perron import hilbert_distance

__all__ = [
    "Equilibrium", "SelfPlayEquilibria", "SelfPlayPath", "hilbert_distance", "self_play", "self_play_equilibria",
]  # fmt: skip
