"""The tabular learners that the paper compares, each in a file of its own, behind one protocol.

    >>> import numpy as np, rommeo_exact as rx
    >>> from rommeo_exact.learners import FMQ, RommeoQ, train
    >>> history = train(rx.games.climbing(), [RommeoQ(), FMQ()], episodes=50, runs=10, rng=np.random.default_rng(0))
    >>> history.rewards.shape                                       # episodes, runs, players
    (50, 10, 2)

A recipe holds the settings: `RommeoQ` (Algorithm 1; with beta = inf the ablation ROMMEO-Q-EMP), `JAL`, `WolfPHC`,
`FMQ`, `PR2Q`. :func:`train` plays episodes in many runs at once, :func:`cross_play` pairs every learner with every one.
"""

from __future__ import annotations

from .fmq import FMQ, cooling
from .joint_action import JAL
from .pr2_q import PR2Q
from .protocol import Experience, Learner, Recipe, Schedule, Task, exponential, harmonic
from .rommeo_q import RommeoQ
from .training import CrossPlay, History, cross_play, train
from .wolf_phc import WolfPHC

__all__ = [
    "FMQ", "JAL", "PR2Q", "CrossPlay", "Experience", "History", "Learner", "Recipe", "RommeoQ", "Schedule", "Task",
    "WolfPHC", "cooling", "cross_play", "exponential", "harmonic", "train",
]  # fmt: skip
