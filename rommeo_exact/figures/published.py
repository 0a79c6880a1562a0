"""Figure 1 as it is printed: values read off it by eye, with what such readings may miss.

Where a curve ends is what the ledger's entries on the figure hold; when it moves is added here. How many runs the
paper's curves are means of is not stated, so that their own sampling error is not known.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..claims.paper.experiments import EPISODES, FALLEN, FIGURE_1, MODEL_AT, PART, POLICY_AT, REWARDS, START

__all__ = [
    "CURVES", "EPISODES", "LEARNERS", "ONE_RUN", "PROBABILITY_ERROR", "REWARD_ERROR", "TIME_ERROR", "Published",
    "Reading",
]  # fmt: skip

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
