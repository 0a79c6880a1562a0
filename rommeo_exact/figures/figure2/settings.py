"""The settings with which Figure 2 is computed, in two families.

"own" are this package's recipes by default: algorithm and noise are those of each learner's own paper, but for MASQL's
annealing, which is the released scripts'; rates and sizes, all small, are not. "released" are those of the scripts
that were released with the paper (2019), see :mod:`~rommeo_exact.actor_critic.released`, but for their sizes: two
hidden layers of 32 for two of 100, and batches of 32 for 512, a hundred times less work.
"""

from __future__ import annotations

from typing import NamedTuple

from ...actor_critic import DDPG, DDPGOM, MADDPG, MASQL, PR2AC, Annealed, ContinuousRecipe, RommeoAC, released
from ...errors import UnknownNameError

__all__ = ["FAMILIES", "Preset", "presets"]

FAMILIES = {"own": "own settings", "released": "settings as released"}

SIZES = {"hidden": (32, 32), "batch": 32}


class Preset(NamedTuple):
    """A learner's settings, and in words what is particular to them."""

    recipe: ContinuousRecipe
    note: str


def presets(family: str) -> dict[str, Preset]:
    """The settings of a family, by the names of the figure's learners.

    Raises
    ------
    UnknownNameError
    """
    if family not in FAMILIES:
        raise UnknownNameError("settings", family, FAMILIES)
    return _own() if family == "own" else _released()


def _own() -> dict[str, Preset]:
    return {
        "ROMMEO-AC": Preset(RommeoAC(), "alpha = 1, fixed; no exploration but its own"),
        "PR2-AC": Preset(PR2AC(), "level 1, alpha = 1; Ornstein-Uhlenbeck noise"),
        "DDPG": Preset(DDPG(), "Ornstein-Uhlenbeck noise, from round 0 on"),
        "DDPG-OM": Preset(DDPGOM(), "as DDPG; the critic's gradient with the model's action"),
        "MADDPG": Preset(MADDPG(), "as DDPG"),
        "MASQL": Preset(MASQL(), "alpha = 0.1 + 500 exp(-0.1 max(k - 10, 0))"),
    }


def _released() -> dict[str, Preset]:
    notes = {
        "ROMMEO-AC": "alpha = 0.1 + 500 exp(-0.1 max(k - 10, 0)), a in equation 19 from pi",
        "PR2-AC": "answers a uniformly random action; alpha = 0.1, no noise, learning from round 1000 on",
        "DDPG": "noise 0.5, 0.1 from round 1000, 0.01 from 1667; learning from round 1000 on",
        "DDPG-OM": "as DDPG; the model's action in the critic's gradient from the replay buffer",
        "MADDPG": "as DDPG",
        "MASQL": "alpha annealed as ROMMEO-AC's; learning from round 1000 on",
    }
    changes = {"MASQL": {"alpha": Annealed()}}
    return {
        name: Preset(released(name, **SIZES, **changes.get(name, {})), note) for name, note in notes.items()
    }
