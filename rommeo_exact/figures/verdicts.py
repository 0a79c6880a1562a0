"""What all figures share: means over runs, what they may miss, and whether a curve is the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from ..checks import FloatArray
from ..plots.averages import running, standard_error

__all__ = ["NEAR_END", "PART", "Check", "Readable", "Verdict", "end"]

PART = 0.05
"""How exact a reading is, as a part of the axis."""

NEAR_END = 10
"""The part of the episodes, one in so many, over which the end of a curve is a mean."""


class Readable(Protocol):
    """A point read off a curve of the paper: where, its value, and what it may miss."""

    @property
    def episode(self) -> int: ...

    @property
    def value(self) -> float: ...

    @property
    def error(self) -> float: ...


class Check(NamedTuple):
    """A reading, and what was found there.

    Attributes
    ----------
    reading : Readable
    found : float
        At the end the mean of the last tenth; elsewhere the nearest value within what a reading of the episode may
        miss.
    sampling : float
        Standard error of `found`.
    """

    reading: Any
    found: float
    sampling: float

    @classmethod
    def of(cls, table: FloatArray, reading: Readable, episodes: int, miss: int, window: int = 1) -> Check:
        """Of what each run (E, K) has, as running means of so many episodes but at the end, which is that of a figure
        of so many `episodes`; the reading of an episode may `miss` so many."""
        if reading.episode == episodes:
            ends = end(table)
            return cls(reading, float(ends.mean()), float(standard_error(ends)))
        first, last = max(0, reading.episode - 1 - miss), min(len(table), reading.episode + miss)
        near = running(table, window)[first:last]
        means = near.mean(axis=1)
        nearest = int(np.argmin(np.abs(means - reading.value)))
        return cls(reading, float(means[nearest]), float(standard_error(near[nearest])))

    @property
    def gap(self) -> float:
        return abs(self.found - float(self.reading.value))

    @property
    def agrees(self) -> bool:
        """Within the reading's error and two standard errors."""
        return bool(self.gap <= self.reading.error + 2.0 * self.sampling)

    @property
    def decided(self) -> bool:
        """The standard error is no larger than what the reading may miss, or the gap is too large all the same."""
        return bool(self.sampling <= self.reading.error or not self.agrees)


class Verdict(NamedTuple):
    """Whether a curve is the paper's: each reading's check, and a sentence.

    Attributes
    ----------
    outcome : {"reproduced", "not reproduced", "undecided"}
        Undecided where runs are too few, or the episodes are not the paper's.
    """

    outcome: Literal["reproduced", "not reproduced", "undecided"]
    text: str
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, wrong: Sequence[str], checks: Sequence[Check] = (), runs: int = 0) -> Verdict:
        """From what is wrong, in words, and the checks of a curve of so many runs."""
        checks = tuple(checks)
        if wrong:
            return cls("not reproduced", f"not reproduced: {'; '.join(wrong)}", checks)
        if not all(check.decided for check in checks):
            return cls("undecided", f"undecided: {runs} runs are too few", checks)
        return cls("reproduced", "reproduced within the readings", checks)

    @classmethod
    def of_length(cls, found: int, published: int, miss: int) -> Verdict | None:
        """Undecided where a curve has another number of episodes than the figure, by more than a reading may miss."""
        if abs(found - published) <= miss:
            return None
        return cls("undecided", f"undecided: {found} episodes, the figure has {published}", ())

    @property
    def reproduced(self) -> bool:
        return self.outcome == "reproduced"


def end(table: FloatArray) -> FloatArray:
    """The mean of each run (E, K, ...) over the last tenth of the episodes: (K, ...)."""
    return np.asarray(table[-max(1, len(table) // NEAR_END) :].mean(axis=0))
