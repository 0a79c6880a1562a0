"""The settings of the scripts that were released with the paper (2019), where the recipes can express them.

All: two hidden layers of 100, batches of 512, and every round the end of an episode, so that nothing follows and the
discount does not matter: in a game of one state give it as 0. The baselines play 1000 rounds before they learn, then
learn in every round; ROMMEO-AC, in a script of its own, waits for 10 rounds, which is not expressed here. The noise of
the baselines' script is multiplied by 0.5 at first, by 0.1 from round 1000 on, and by 0.01 as soon as a sixth of all
rounds is over: with its 10000 rounds, from round 1667 on.

Not expressed either: the gradients of DDPG, DDPG-OM and MADDPG are clipped to the norm 0.5, variable by variable; the
slow copies of MASQL move in every tenth round; ROMMEO-AC's policy is regularised by 1e-3 (mu^2 + log sigma^2)/2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import InputError
from .ddpg import DDPG
from .ddpg_om import DDPGOM
from .maddpg import MADDPG
from .masql import MASQL
from .pr2_ac import PR2AC
from .protocol import ContinuousRecipe
from .rommeo_ac import RommeoAC
from .schedules import Annealed, Steps

__all__ = ["RELEASED", "released"]

_SIZES: dict[str, Any] = {"hidden": (100, 100), "batch": 512, "target_rate": 0.01}
_ACTORS: dict[str, Any] = {
    **_SIZES, "noise": Steps((0.5, 0.1, 0.01), (1000, 1667)), "process": "ou", "theta": 0.15, "sigma": 0.3,
    "value_rate": 1e-2, "policy_rate": 1e-2, "delay": 1000,
}  # fmt: skip
_PARTICLES: dict[str, Any] = {"particles": 32, "samples": 16, "points": 512, "correction": True}

RELEASED: dict[str, ContinuousRecipe] = {
    "ROMMEO-AC": RommeoAC(
        **_SIZES, alpha=Annealed(), action="policy", value_rate=1e-2, policy_rate=1e-2, model_rate=1e-2,
        prior_rate=1e-2, window=512,
    ),
    "DDPG": DDPG(**_ACTORS),
    "DDPG-OM": DDPGOM(**_ACTORS, others="replay", model_rate=1e-2, window=512),
    "MADDPG": MADDPG(**_ACTORS),
    "MASQL": MASQL(**_SIZES, **_PARTICLES, alpha=0.1, value_rate=3e-4, policy_rate=3e-4, delay=1000),
    "PR2-AC": PR2AC(
        **{**_ACTORS, "noise": 0.0}, **_PARTICLES, alpha=0.1, objective="soft", answers="replay", base="uniform",
        model_rate=1e-2,
    ),
}  # fmt: skip
"""By the learner's name."""


def released(name: str, **changes: Any) -> ContinuousRecipe:
    """The released settings of a learner, with changes.

    The script of the baselines holds the temperature at 0.1, and has the annealing of ROMMEO-AC's script commented out:
    ``released("MASQL", alpha=Annealed())``. PR2-AC at level 1 is there an actor that answers a uniformly random action
    of the others, without noise; at level 0, ``released("PR2-AC", base="none", noise=...)``, one that sees the state
    alone.

    Raises
    ------
    InputError
        Where no learner has this name.

    Examples
    --------
    >>> released("DDPG", hidden=(32, 32)).hidden
    (32, 32)
    """
    if name not in RELEASED:
        raise InputError(f"name is {name!r}, not one of {', '.join(map(repr, RELEASED))}")
    return replace(RELEASED[name], **changes)
