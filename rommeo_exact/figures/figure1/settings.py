"""The settings with which Figure 1 is computed: two families, and the second without its learners' mistakes.

"own" are those of each learner's own paper, as this package's recipes have them by default; where a schedule is tied to
the number of rounds it is fitted to the number of episodes. "released" are those of the authors' released code (2019):
one round per episode, learning rate 10000 / (10000 + k), tables that start uniform in [0, 1), an exploration of 0.1,
and priors from the last 50 rounds. "repaired" is "released" where a learner does what its paper says.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from ...errors import UnknownNameError
from ...learners import FMQ, JAL, PR2Q, Recipe, RommeoQ, WolfPHC, cooling, exponential, harmonic
from .published import EPISODES
from .released import CountedPR2Q, GenerousFMQ, PlayedWolfPHC

__all__ = ["FAMILIES", "RELEASED_ROMMEO_Q", "Preset", "presets"]

FAMILIES = {"own": "settings of their own papers", "released": "settings as released", "repaired": "released, repaired"}


class Preset(NamedTuple):
    """A learner's settings, and in words what is particular to them."""

    recipe: Recipe
    note: str


_RATE = harmonic(1.0, 10_000.0)
_START = (0.0, 1.0)
_COOLED = exponential(500.0, 1.0 - math.e**-0.1, 0.1)
RELEASED_ROMMEO_Q = RommeoQ(alpha=_COOLED, learning_rate=_RATE, capacity=50, batch=1, pseudo_count=0.0, initial=_START)
_FMQ = FMQ(temperature=exponential(500.0, 1.0 - math.e**-0.1, 1.0), initial=_START)
_PR2 = PR2Q(learning_rate=_RATE, initial=_START)
_WOLF = WolfPHC(learning_rate=_RATE, winning=0.0025, losing=0.005, epsilon=0.1, initial=_START)
_JAL = JAL(temperature=0.0, learning_rate=_RATE, window=50, epsilon=harmonic(0.1, 10_000.0), initial=_START)
_FMQ_ROUNDS = 1000
"""Rounds of a repetition for which FMQ's paper gives 0.006 as the rate of cooling."""


def presets(family: str, episodes: int = EPISODES) -> dict[str, Preset]:
    """The settings of a family, by the names of the figure's learners; "repaired" has only those with a mistake.

    Raises
    ------
    UnknownNameError
    """
    if family not in FAMILIES:
        raise UnknownNameError("settings", family, FAMILIES)
    return {"own": _own, "released": _released, "repaired": _repaired}[family](episodes)


def _own(episodes: int) -> dict[str, Preset]:
    rate = 0.006 * _FMQ_ROUNDS / episodes
    return {
        "ROMMEO-Q": Preset(RommeoQ(), "alpha from 500 to 1/2, by 8 % a round; 8 gradient steps a round"),
        "FMQ, c = 10": Preset(FMQ(temperature=cooling(499.0, rate)), f"temperature 1 + 499 exp(-{rate:.3g} k)"),
        "PR2-Q": Preset(PR2Q(), "temperature 1, learning rate 0.1"),
        "WoLF-PHC": Preset(WolfPHC(), "delta 0.01 and 0.04, learning rate 0.1, exploration 0.05"),
        "ROMMEO-Q-EMP": Preset(RommeoQ(beta=math.inf), "as ROMMEO-Q, beta = inf"),
        "JAL": Preset(JAL(), "temperature 16 * 0.9^k, learning rate 0.1"),
    }


def _released(episodes: int) -> dict[str, Preset]:
    return {
        "ROMMEO-Q": Preset(RELEASED_ROMMEO_Q, "alpha = 500 exp(-0.1 k) + 0.1, no exploration"),
        "FMQ, c = 10": Preset(
            GenerousFMQ(temperature=_FMQ.temperature, initial=_START),
            "temperature 500 exp(-0.1 k) + 1; greatest rewards start at 0, and their counts are not reset",
        ),
        "PR2-Q": Preset(
            CountedPR2Q(learning_rate=_RATE, initial=_START),
            "temperature 1; the others' answers are counted, and normalised twice",
        ),
        "WoLF-PHC": Preset(
            PlayedWolfPHC(_RATE, _WOLF.winning, _WOLF.losing, _WOLF.epsilon, _START),
            "delta 0.0025 and 0.005; random first policies, which climb only by the action just played",
        ),
        "ROMMEO-Q-EMP": Preset(replace(RELEASED_ROMMEO_Q, beta=math.inf), "as ROMMEO-Q, rho replaced by the prior"),
        "JAL": Preset(
            replace(_JAL, choice="divided"),
            "the greatest EV(a) / sum EV: the WORST action wherever the sum is negative",
        ),
    }


def _repaired(episodes: int) -> dict[str, Preset]:
    return {
        "FMQ, c = 10": Preset(_FMQ, "greatest rewards as in FMQ's paper"),
        "PR2-Q": Preset(_PR2, "answers in proportion to exp(Q(a,b) - Q(a))"),
        "WoLF-PHC": Preset(_WOLF, "uniform first policies, which climb in every round"),
        "JAL": Preset(_JAL, "the greatest EV(a)"),
    }
