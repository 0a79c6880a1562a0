"""Actor-critic learners of continuous games: ROMMEO-AC and the paper's baselines in one frame, and what is exact.

    >>> import numpy as np, rommeo_exact as rx
    >>> from rommeo_exact.actor_critic import RommeoAC, self_play_continuous, train_continuous
    >>> game = rx.games.max_of_two_quadratics()
    >>> history = train_continuous(game, [RommeoAC(), RommeoAC()], episodes=3, runs=4, rng=np.random.default_rng(0))
    >>> history.policy_mean.shape                                   # episodes, runs, numbers of a joint action
    (3, 4, 2)
    >>> round(self_play_continuous(game, alpha=1.0).solutions[0].mean, 4)           # what learners should come to
    5.0

In the order in which they build on each other: networks, densities, memory and protocol; a file for each learner;
training; the settings of the released scripts; and, apart from all that, quadrature and the exact reference.
"""

from __future__ import annotations

from .ddpg import DDPG
from .ddpg_om import DDPGOM
from .maddpg import MADDPG
from .masql import MASQL
from .networks import MLP
from .pr2_ac import PR2AC
from .protocol import ContinuousLearner, ContinuousRecipe, ContinuousTask
from .reference import (
    ContinuousSelfPlay,
    ContinuousSolution,
    Density,
    self_play_continuous,
    solve_continuous,
    squashed_normal,
    truncated_normal,
)
from .released import RELEASED, released
from .rommeo_ac import RommeoAC
from .schedules import Annealed, Steps
from .training import ContinuousHistory, Training, train_continuous

__all__ = [
    "DDPG", "DDPGOM", "MADDPG", "MASQL", "MLP", "PR2AC", "RELEASED", "Annealed", "ContinuousHistory",
    "ContinuousLearner", "ContinuousRecipe", "ContinuousSelfPlay", "ContinuousSolution", "ContinuousTask", "Density",
    "RommeoAC", "Steps", "Training", "released", "self_play_continuous", "solve_continuous", "squashed_normal",
    "train_continuous", "truncated_normal",
]  # fmt: skip
