"""Newton's method, which is soft policy iteration."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import FloatArray
from .linear import Evaluator
from .problem import Backup, FixedPoint

__all__ = ["Newton"]


class Newton:
    """Soft policy iteration: h + (I - gamma M)^-1 (G h - h), the exact value of (pi*, rho*) at h.

    The linear system is solved no more accurately than the step deserves: to 0.1 of the residual at first, then to 0.3
    (r_k / r_{k-1})^1.6 of it, as the quadratic convergence predicts (Eisenstat and Walker 1996, choice 2); but for as
    long as it has cost less than half of the backup that follows, to 1e-4.

    Exact, the iteration converges from anywhere, though its residual may rise. Inexact, it may cycle: where classes of
    states hardly meet, a small residual leaves V off by 1 / (1 - gamma) times as much, enough to choose wrongly. So
    each rise of the residual squares the 0.1.
    """

    wants_matrix = True

    def __init__(self, problem: FixedPoint, kind: str = "auto") -> None:
        self.problem = problem
        self.evaluator = Evaluator(problem, kind)
        self._previous: float | None = None
        self._coarsest = 0.1
        self._chosen: Any = None

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        rate = 1.0 if self._previous is None else residual / self._previous
        if self._previous is not None and rate >= 1.0:
            self._coarsest **= 2
        forcing = min(self._coarsest, 0.3 * min(1.0, rate) ** 1.6)
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
        # a maximum settles on its rows at a stroke, and its matrix is small: an exact solve saves a backup
        goal, floor = max(forcing * residual, least), least if self.problem.hard else max(1e-4 * residual, least)
        work = (self.problem.backup_cost + self.problem.merge_cost) / 2.0
        return backup.h + self.evaluator.correct(matrix, _signal(backup), goal, floor, work)


def _signal(backup: Backup) -> FloatArray:
    """G h - h without what may be rounding: where V is exact for some pair it is least where that pair stays.

    The solve multiplies a unit in the last place by up to 1 / (1 - gamma), which can be enough to choose wrongly, and
    so to cycle.
    """
    problem, step = backup.problem, backup.step
    level = float(step.min()) if problem.shifting else 0.0
    noise = problem.rounding(float(np.abs(backup.h).max())) / 2.0
    signal: FloatArray = np.where(np.abs(step - level) <= noise, level, step)
    return signal
