"""Figure 2 as it is printed: values read off it by eye, with what such readings may miss."""

from __future__ import annotations

from typing import NamedTuple

from ..verdicts import PART

__all__ = [
    "CENTRE_ERROR", "COLOURS", "CURVES", "EPISODES", "FIRST_EPISODES", "LEARNERS", "MEANS", "OPTIMUM",
    "RETURNS", "RETURN_ERROR", "ROUNDS", "START", "SUBOPTIMUM", "TIME_ERROR", "MeanCurve", "Reading",
]  # fmt: skip

EPISODES, ROUNDS = 200, 25
"""Section 5.2."""

START, OPTIMUM, SUBOPTIMUM = (0.0, 0.0), (5.0, 5.0), (-5.0, -5.0)
"""Figure 2a: the star, the disc of the last steps, and the top of the other hill."""

RETURNS = 20.0
"""At most the length of the axis of Figure 2b."""
RETURN_ERROR = PART * RETURNS
TIME_ERROR = round(PART * EPISODES)


class Reading(NamedTuple):
    """One point of a curve of Figure 2b: the mean reward of a round, at an episode."""

    episode: int
    value: float

    @property
    def error(self) -> float:
        return RETURN_ERROR


CURVES: dict[str, tuple[Reading, ...]] = {
    "ROMMEO-AC": (Reading(EPISODES, 10.0), Reading(17, 10.0)),
    "PR2-AC": (Reading(EPISODES, 9.7), Reading(55, 5.0), Reading(125, 9.0)),
    "DDPG": (Reading(EPISODES, 0.0), Reading(55, 0.0)),
    "DDPG-OM": (Reading(EPISODES, 0.0), Reading(55, 0.0)),
    "MADDPG": (Reading(EPISODES, 0.0), Reading(55, 0.0)),
    "MASQL": (Reading(EPISODES, 0.0), Reading(100, 0.0)),
}
"""Figure 2b: by learner, the end first."""

LEARNERS = tuple(CURVES)

FIRST_EPISODES = 50
"""The axis of Figure 2c."""


class MeanCurve(NamedTuple):
    """A curve of Figure 2c.

    Attributes
    ----------
    dip : (float, float)
        Between which its lowest value lies, by episode 10.
    arrival : int
        The episode in which it is at 5.
    """

    dip: tuple[float, float]
    arrival: int


MEANS = {
    "rho^1": MeanCurve((-7.0, -3.0), 11), "rho^2": MeanCurve((-7.0, -3.0), 15),
    "pi^1": MeanCurve((-7.0, -3.0), 16), "pi^2": MeanCurve((-7.0, -3.0), 13),
}  # fmt: skip
CENTRE_ERROR = PART * 20.0
"""What a reading of a mean may miss: a twentieth of the box."""

COLOURS = {"rho": {"green", "red"}, "pi": {"blue", "orange"}}
"""Of Figure 2c, as its legend has them."""
