"""What all figures share: means over runs, what they may miss, and whether a curve is the paper's."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from ..checks import FloatArray

__all__ = ["NEAR_END", "Verdict", "Z", "end", "running", "standard_error"]

NEAR_END = 10
"""The part of the episodes, one in so many, over which the end of a curve is a mean."""

Z = 1.96
"""Standard errors in half a confidence band of 95 %."""


class Verdict(NamedTuple):
    """Whether a curve is the paper's: each reading's check, and a sentence.

    Attributes
    ----------
    outcome : {"reproduced", "not reproduced", "undecided"}
        Undecided where runs are too few, or the episodes are not the paper's.
    """

    outcome: Literal["reproduced", "not reproduced", "undecided"]
    text: str
    checks: tuple[Any, ...]

    @property
    def reproduced(self) -> bool:
        return self.outcome == "reproduced"


def standard_error(table: FloatArray) -> FloatArray:
    """Of the mean over the last axis; infinite for one run."""
    runs = table.shape[-1]
    if runs < 2:
        return np.full(table.shape[:-1], math.inf)
    return np.asarray(table.std(axis=-1, ddof=1) / math.sqrt(runs))


def running(table: FloatArray, window: int) -> FloatArray:
    """The mean of each entry and those before it, `window` at most, along the first axis."""
    sums = np.concatenate([np.zeros((1, *table.shape[1:])), np.cumsum(table, axis=0)])
    stop = np.arange(1, len(table) + 1)
    start = np.maximum(0, stop - window)
    return np.asarray((sums[stop] - sums[start]) / (stop - start).reshape(-1, *[1] * (table.ndim - 1)))


def end(table: FloatArray) -> FloatArray:
    """The mean of each run (E, K) over the last tenth of the episodes: (K,)."""
    return np.asarray(table[-max(1, len(table) // NEAR_END) :].mean(axis=0))
