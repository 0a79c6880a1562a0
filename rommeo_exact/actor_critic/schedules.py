"""Schedules of noise and temperature: functions of the round that are equal where their numbers are, and pickle."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from ..checks import integer, real_number
from ..errors import InputError

__all__ = ["Annealed", "Steps"]


@dataclass(frozen=True)
class Steps:
    """A schedule that is constant but for jumps: ``values[j]`` from round ``rounds[j - 1]`` on.

    Attributes
    ----------
    values : tuple of m + 1 numbers
    rounds : tuple of m increasing integers

    Raises
    ------
    InputError
        Where the two do not fit, or the rounds do not increase.

    Examples
    --------
    >>> [Steps((0.5, 0.1), (1000,))(k) for k in (0, 999, 1000)]
    [0.5, 0.5, 0.1]
    """

    values: tuple[float, ...]
    rounds: tuple[int, ...]

    def __post_init__(self) -> None:
        for name in ("values", "rounds"):
            if not isinstance(getattr(self, name), tuple):
                raise InputError(f"Steps.{name} must be a tuple, not {getattr(self, name)!r}")
        if len(self.values) != len(self.rounds) + 1:
            raise InputError(f"Steps.values has {len(self.values)} numbers for {len(self.rounds)} jumps, not one more")
        for j, value in enumerate(self.values):
            real_number(value, f"Steps.values[{j}]")
        before = 0
        for j, k in enumerate(self.rounds):
            before = integer(k, f"Steps.rounds[{j}]", low=before + 1)

    def __call__(self, k: int) -> float:
        return float(self.values[bisect_right(self.rounds, k)])


@dataclass(frozen=True)
class Annealed:
    """A schedule that waits and then falls: floor + start e^(-rate max(k - wait, 0)).

    Its defaults are the annealing of the released scripts of the paper's baselines, 500.1 at first and 0.1 from round
    130 on, to a hundredth.

    >>> [round(Annealed()(k), 3) for k in (0, 10, 110, 300)]
    [500.1, 500.1, 0.123, 0.1]
    """

    start: float = 500.0
    rate: float = 0.1
    wait: int = 10
    floor: float = 0.1

    def __post_init__(self) -> None:
        for name in ("start", "rate", "floor"):
            real_number(getattr(self, name), f"Annealed.{name}", low=0.0)
        integer(self.wait, "Annealed.wait", low=0)

    def __call__(self, k: int) -> float:
        return float(self.floor + self.start * math.pow(math.e, -self.rate * max(k - self.wait, 0)))
