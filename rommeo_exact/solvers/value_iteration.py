"""Value iteration."""

from __future__ import annotations

from ..checks import FloatArray
from .problem import Backup, FixedPoint

__all__ = ["ValueIteration"]


class ValueIteration:
    """h <- G h: a gamma-contraction (eq. 13, Theorem 3), and as fast in span as the chain of (pi*, rho*) mixes."""

    wants_matrix = False

    def __init__(self, problem: FixedPoint) -> None:
        pass

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        return backup.value, "backup"
