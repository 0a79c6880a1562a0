"""The methods: from a backup to the next iterate. Each is one class; the loop, the bounds and the stopping rule are shared.

A method says beforehand whether its next backup should bring the matrix of (pi*, rho*) along (`wants_matrix`), because
merging the transitions is cheap while they are in the cache, and returns the next h.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ..checks import FloatArray
from .linear import Evaluator, sweep
from .problem import Backup, FixedPoint

__all__ = ["METHODS", "Auto", "Method", "ModifiedPolicyIteration", "Newton", "ValueIteration"]


class Method(Protocol):
    """One iteration's decision."""

    wants_matrix: bool

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        """The next iterate from a backup, and what was done.

        `residual` is the size of G h - h in the problem's seminorm, `target` the size at which the loop will stop.
        """
        ...


class ValueIteration:
    """h <- G h: a gamma-contraction (eq. 13, Theorem 3), and as fast in span as the chain of (pi*, rho*) mixes."""

    wants_matrix = False

    def __init__(self, problem: FixedPoint) -> None:
        pass

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        return backup.value, "backup"


class ModifiedPolicyIteration:
    """Up to `sweeps` backups under a fixed (pi*, rho*) after each full one (Puterman and Shin 1978)."""

    wants_matrix = True

    def __init__(self, problem: FixedPoint, sweeps: int = 20) -> None:
        self.problem, self.sweeps = problem, sweeps

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        return backup.h + sweep(self.problem, backup.matrix, backup.step, target / 2, self.sweeps), "sweeps"


class Newton:
    """Soft policy iteration: h + (I - gamma M)^-1 (G h - h), the exact value of (pi*, rho*) at h.

    The linear system is solved no more accurately than the step deserves: to 0.1 of the residual at first, then to
    0.3 (r_k / r_{k-1})^1.6 of it, as the quadratic convergence predicts (Eisenstat and Walker 1996, choice 2); but for as
    long as it has cost less than half of the backup that follows, to 1e-4.
    """

    wants_matrix = True

    def __init__(self, problem: FixedPoint, kind: str = "auto") -> None:
        self.problem = problem
        self.evaluator = Evaluator(problem, kind)
        self._previous: float | None = None
        self._chosen: Any = None

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        forcing = 0.1 if self._previous is None else min(0.1, 0.3 * (residual / self._previous) ** 1.6)
        self._previous = residual
        if self.problem.hard:
            # once the chosen rows stay, the system is the answer's own, and is solved to the end
            if self._chosen is not None and np.array_equal(backup.chosen, self._chosen):
                forcing = 0.0
            self._chosen = backup.chosen
        return self.correct(backup.matrix, backup, residual, target, forcing), "newton"

    def correct(self, matrix: Any, backup: Backup, residual: float, target: float, forcing: float) -> FloatArray:
        """h + e with e solved to `forcing` times the residual under `matrix`."""
        least = target / 3.0
        goal, floor = max(forcing * residual, least), max(1e-4 * residual, least)
        work = (self.problem.backup_cost + self.problem.merge_cost) / 2.0
        return backup.h + self.evaluator.correct(matrix, backup.step, goal, floor, work)


class Auto(Newton):
    """Backups where they contract fast enough to finish; otherwise Newton, with its matrix kept as long as that pays.

    Everything is weighed in multiplications: a backup costs one pass over the transitions and the exponentials, a merge
    some passes more, and what is still to be gained is extrapolated from the residuals seen so far. Where alpha = beta = 0
    the matrix is a selection of rows and costs next to nothing, so Newton always takes the newest.
    """

    def __init__(self, problem: FixedPoint) -> None:
        super().__init__(problem)
        self.wants_matrix = not problem.sparse and not problem.hard
        self._matrix: Any = None
        self._last: tuple[str, float] | None = None
        self._best = math.inf
        self._stalled = 0

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        kind, before = self._last or ("start", residual)
        rate = residual / before if before > 0.0 else 0.0
        h, action = self._choose(backup, residual, target, kind, rate)
        self._last = (action, residual)
        return h, action

    def _choose(
        self, backup: Backup, residual: float, target: float, kind: str, rate: float
    ) -> tuple[FloatArray, str]:
        if self._stuck(residual):
            self.wants_matrix = True
            return backup.h + sweep(self.problem, backup.matrix, backup.step, target / 2, 50), "sweeps"
        if self.problem.hard:
            return super().advance(backup, residual, target)
        if backup.merged is not None:
            self._matrix = backup.merged
            answer = super().advance(backup, residual, target)
            self.wants_matrix = self._merge_pays(residual, target, rate if kind == "newton" else None)
            return answer
        if self._matrix is not None:
            self.wants_matrix = self._merge_pays(residual, target, rate)
            forcing = min(0.1, rate)
            return self.correct(self._matrix, backup, residual, target, forcing), "chord"
        self.wants_matrix = kind == "backup" and not self._backups_finish(residual, target, rate)
        return backup.value, "backup"

    def _stuck(self, residual: float) -> bool:
        """Whether the last eight steps have not halved the residual; sweeps, which always converge, then take over."""
        if residual < 0.5 * self._best:
            self._best, self._stalled = residual, 0
        else:
            self._stalled += 1
        return self._stalled > 8

    def _backups_finish(self, residual: float, target: float, rate: float) -> bool:
        """Whether backups at this rate end before two merges and four Newton steps would."""
        if not 0.0 < rate < 1.0:
            return rate == 0.0
        passes = math.log(residual / target) / -math.log(rate)
        return passes * self.problem.backup_cost <= 2.0 * self.problem.merge_cost + 4.0 * self.problem.backup_cost

    def _merge_pays(self, residual: float, target: float, rate: float | None) -> bool:
        """Whether to merge with the next backup: Newton's steps ahead against those of the matrix at hand.

        Before a rate is known, what tells is how hard the system was: where two or four products solved it the chain mixes
        at once, its nonlinearity is weak, and the matrix serves on.
        """
        if rate is None:
            return self.evaluator.products > 4 or self.problem.sparse
        if rate >= 1.0:
            return True
        left = math.log(max(residual, 1e-300) / target)
        gain = -math.log(max(rate, 1e-300))
        chords = math.ceil(left / gain)
        steps, factor, covered = 0, gain, 0.0
        while covered < left:
            factor *= 2.0
            covered += factor
            steps += 1
        return chords * self.problem.backup_cost > steps * (self.problem.backup_cost + self.problem.merge_cost)


METHODS: dict[str, Callable[[FixedPoint], Method]] = {
    "auto": Auto,
    "value_iteration": ValueIteration,
    "modified_policy_iteration": ModifiedPolicyIteration,
    "newton": Newton,
}
