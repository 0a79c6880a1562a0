"""Figure 1 as it is printed: values read off it by eye, with what such readings may miss.

The ledger's entries on the figure rest on them as well. How many runs the paper's curves are means of is not stated, so
that their own sampling error is not known.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..verdicts import PART

__all__ = [
    "BEHIND", "CURVES", "EPISODES", "FALLEN", "FIGURE_1", "LEARNERS", "MODEL_AT", "ONE_RUN", "POLICY_AT",
    "PROBABILITY_ERROR", "REWARDS", "REWARD_ERROR", "START", "TIME_ERROR", "End", "Published", "Reading",
]  # fmt: skip

class End(NamedTuple):
    """The end of a learner's curve in Figures 1a and 1b: its reward, and the joint probability of (A, A)."""

    reward: float
    optimum: float


EPISODES = 300
"""Where the axes of Figures 1a and 1b end."""
FIGURE_1 = {
    "ROMMEO-Q": End(10.8, 0.98), "FMQ, c = 10": End(9.0, 0.62), "PR2-Q": End(6.0, 0.22),
    "WoLF-PHC": End(-2.0, 0.17), "ROMMEO-Q-EMP": End(-8.0, 0.12), "JAL": End(-25.0, 0.0),
}  # fmt: skip
REWARDS = 41.0
"""The axis of Figure 1a, from -30 to 11."""

FALLEN = (15, 0.0)
"""Figure 1c: the episode up to which P(A) falls in all four curves, and to what."""
POLICY_AT = {50: 0.8, 300: 0.97}
"""Figure 1c: the dotted curves, pi^1 and pi^2, by episode; the model's are at 0.9 by episode 45 and at 0.99 at 300."""
MODEL_AT = {45: 0.9, 300: 0.99}
BEHIND = (17, 32)
"""Figure 1c: the episodes in which rho^1, the model of agent 2, lies below pi^2."""
START = 1.0 / 3.0
"""P(A) of a uniform play of three actions."""

REWARD_ERROR = PART * REWARDS
PROBABILITY_ERROR = PART
TIME_ERROR = round(PART * EPISODES)
"""What a reading may miss: a twentieth of the axis."""

UNIFORM = START**2
"""P(A, A) of uniform play, where all curves begin."""

LEARNERS = tuple(FIGURE_1)


class Reading(NamedTuple):
    """One point of a curve: its mean reward, or its P(A, A), at an episode."""

    quantity: Literal["reward", "optimum"]
    episode: int
    value: float

    @property
    def error(self) -> float:
        return REWARD_ERROR if self.quantity == "reward" else PROBABILITY_ERROR


class Published(NamedTuple):
    """A learner's curves in Figures 1a and 1b.

    Attributes
    ----------
    readings : tuple of Reading
        The first two are the ends.
    rising : bool
        Whether P(A, A) still rises in the second half.
    """

    readings: tuple[Reading, ...]
    rising: bool = False


def _published(learner: str, *moving: Reading, rising: bool = False) -> Published:
    reward, optimum = FIGURE_1[learner]
    ends = Reading("reward", EPISODES, reward), Reading("optimum", EPISODES, optimum)
    return Published((*ends, *moving), rising)


_FLAT = FIGURE_1["ROMMEO-Q-EMP"].optimum

CURVES: dict[str, Published] = {
    "ROMMEO-Q": _published("ROMMEO-Q", Reading("optimum", 40, UNIFORM), Reading("optimum", 65, 0.95)),
    "FMQ, c = 10": _published(
        "FMQ, c = 10", Reading("optimum", 20, UNIFORM), Reading("optimum", 50, FIGURE_1["FMQ, c = 10"].optimum)
    ),
    "PR2-Q": _published(
        "PR2-Q", Reading("reward", 20, FIGURE_1["PR2-Q"].reward), Reading("optimum", 20, FIGURE_1["PR2-Q"].optimum)
    ),
    "WoLF-PHC": _published("WoLF-PHC", Reading("optimum", 60, UNIFORM), rising=True),
    "ROMMEO-Q-EMP": _published("ROMMEO-Q-EMP", Reading("optimum", 100, _FLAT), Reading("optimum", 200, _FLAT)),
    "JAL": _published("JAL", Reading("optimum", 80, 0.0)),
}

ONE_RUN: dict[str, tuple[tuple[int, float], ...]] = {
    "rho": (FALLEN, *MODEL_AT.items()),
    "pi": (FALLEN, *POLICY_AT.items()),
}
"""Figure 1c: (episode, P(A)) of both opponent models, and of both policies."""
