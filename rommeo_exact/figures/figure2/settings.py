"""The settings with which Figure 2 is computed, in two families.

"own" are this package's recipes by default, each after its learner's own paper. "released" are those of the authors'
released code (2019) as far as it has a script for them: its rates, schedules, windows and noise; its networks and
batches (two layers of 100, 512 rounds) are replaced by small ones, which learn as well and are a hundred times as fast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ...actor_critic import ContinuousRecipe, RommeoAC
from ...errors import UnknownNameError

__all__ = ["FAMILIES", "RELEASED_ALPHA", "Preset", "presets"]

FAMILIES = {"own": "own settings", "released": "settings as released"}


@dataclass(frozen=True)
class Cooling:
    """The released script's temperature, 0.1 + 500 exp(-0.1 max(k - 10, 0)) in round k."""

    def __call__(self, k: int) -> float:
        return float(0.1 + 500.0 * math.e ** (-0.1 * max(k - 10, 0)))


RELEASED_ALPHA = Cooling()


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
    return {"ROMMEO-AC": Preset(RommeoAC(), "alpha = 1, fixed; no exploration but its own")}


def _released() -> dict[str, Preset]:
    return {
        "ROMMEO-AC": Preset(
            RommeoAC(
                alpha=RELEASED_ALPHA, action="policy", spread=1.0, value_rate=1e-2, policy_rate=1e-2, model_rate=1e-2,
                prior_rate=1e-2, window=512,
            ),
            "alpha = 0.1 + 500 exp(-0.1 max(k - 10, 0)), a in equation 19 from pi",
        ),
    }  # fmt: skip
