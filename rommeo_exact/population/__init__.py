"""Exact population self-play: where agents who take each other's play for their prior end, and how fast.

In the order in which they build on each other: `perron` (positive matrices and Hilbert's metric), `rounds` (one round
and its derivative), `uniqueness` (when there is one fixed point), `search` (when no theorem says so), `paths`
(:func:`self_play`), `equilibria` (:func:`self_play_equilibria`), `branches` (along the temperature:
:func:`self_play_branches`), `basins` (from where play comes to which) and `batches` (many games of two at once).
"""

from __future__ import annotations

from .attraction import Basins, basins
from .batches import TwoPlayerPoints, two_player_points
from .branches import Branch, Event, SelfPlayBranches, self_play_branches
from .equilibria import Equilibrium, SelfPlayEquilibria, self_play_equilibria
from .paths import SelfPlayPath, self_play
from .perron import hilbert_distance
from .sampled import SampledPlay, sampled_self_play

__all__ = [
    "Basins", "Branch", "Equilibrium", "Event", "SampledPlay", "SelfPlayBranches", "SelfPlayEquilibria",
    "SelfPlayPath", "TwoPlayerPoints", "basins", "hilbert_distance", "sampled_self_play", "self_play",
    "self_play_branches", "self_play_equilibria", "two_player_points",
]  # fmt: skip
