"""Means over runs and over episodes, and what they may miss."""

from __future__ import annotations

import math

import numpy as np

from ..checks import FloatArray

__all__ = ["Z", "confidence", "running", "standard_error"]

Z = 1.96
"""Standard errors in half a confidence band of 95 %."""


def confidence(table: FloatArray, window: int = 1) -> tuple[FloatArray, FloatArray]:
    """The mean over runs of (E, K) values, as running means of so many episodes, and half its 95 % confidence band:
    (E,) each; the latter is infinite for one run."""
    table = running(table, window) if window > 1 else table
    return np.asarray(table.mean(axis=1)), Z * standard_error(table)


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
