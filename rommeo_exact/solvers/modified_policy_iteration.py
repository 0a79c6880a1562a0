"""Modified policy iteration."""

from __future__ import annotations

from ..checks import FloatArray
from .linear import sweep
from .problem import Backup, FixedPoint

__all__ = ["ModifiedPolicyIteration"]


class ModifiedPolicyIteration:
    """Up to `sweeps` backups under a fixed (pi*, rho*) after each full one (Puterman and Shin 1978)."""

    wants_matrix = True

    def __init__(self, problem: FixedPoint, sweeps: int = 20) -> None:
        self.problem, self.sweeps = problem, sweeps

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        return backup.h + sweep(self.problem, backup.matrix, backup.step, target / 2, self.sweeps), "sweeps"
