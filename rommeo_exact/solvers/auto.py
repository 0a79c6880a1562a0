"""The method that picks and switches by what it measures."""

from __future__ import annotations

import math
from typing import Any

from ..checks import FloatArray
from .linear import product_cost
from .newton import Newton
from .problem import Backup, FixedPoint, entries

__all__ = ["Auto"]

EASY = 12.0
"""Products that solve the system of a chain which mixes so fast that backups might do."""


class Auto(Newton):
    """Backups where they contract fast enough to finish; otherwise Newton, with its matrix kept as long as that pays.

    Everything is weighed in multiplications: a backup costs one pass over the transitions and the exponentials, a merge
    some passes more, and what is still to be gained is extrapolated from the residuals seen so far. Where alpha = beta
    = 0 the matrix is a selection of rows and costs next to nothing, so Newton always takes the newest.
    """

    def __init__(self, problem: FixedPoint) -> None:
        super().__init__(problem)
        self.wants_matrix = not problem.sparse and not problem.hard
        self._matrix: Any = None
        self._chords = True
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
        if kind == "chord" and rate >= 1.0:
            self._chords = False
        if self._stuck(residual):
            self._chords, self._coarsest = False, 0.0
            if self._stalled % 32 >= 16:  # backups damp the rounding that a solve amplifies
                return backup.value, "backup"
        if self.problem.hard:
            return super().advance(backup, residual, target)
        if backup.merged is not None or not self._chords:
            self._matrix = backup.matrix
            answer = super().advance(backup, residual, target)
            known = rate if kind == "newton" else None
            self.wants_matrix = not self._chords or self._merge_pays(residual, target, known)
            return answer
        if self._matrix is not None:
            self.wants_matrix = self._merge_pays(residual, target, rate)
            forcing = min(0.1, rate)
            return self.correct(self._matrix, backup, residual, target, forcing), "chord"
        self.wants_matrix = kind == "backup" and not self._backups_finish(residual, target, rate)
        return backup.value, "backup"

    def _stuck(self, residual: float) -> bool:
        """Whether the last eight steps have not halved the residual; exact Newton steps then take over."""
        if residual < 0.5 * self._best:
            self._best, self._stalled = residual, 0
        else:
            self._stalled += 1
        return self._stalled > 8

    def _backups_finish(self, residual: float, target: float, rate: float) -> bool:
        """Whether backups at this rate end before two merges, their solves and four Newton steps would."""
        if not 0.0 < rate < 1.0:
            return rate == 0.0
        problem = self.problem
        passes = math.log(residual / target) / -math.log(rate)
        solve = EASY * product_cost(min(entries(problem.p), problem.states**2), problem.states)
        return passes * problem.backup_cost <= 2.0 * (problem.merge_cost + solve) + 4.0 * problem.backup_cost

    def _merge_pays(self, residual: float, target: float, rate: float | None) -> bool:
        """Whether to merge with the next backup: Newton's steps ahead against those of the matrix at hand.

        Before a rate is known, what tells is how hard the system was: where two or four products solved it the chain
        mixes at once, its nonlinearity is weak, and the matrix serves on.
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
