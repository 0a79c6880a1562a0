"""The one loop and the one stopping rule that every method shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from ..checks import FloatArray, frozen
from .bounds import Enclosure, enclose
from .problem import Backup, FixedPoint

__all__ = ["DEFAULT_TOLERANCE", "Method", "Outcome", "Step", "iterate"]

DEFAULT_TOLERANCE = 1e-10


class Method(Protocol):
    """What a solver adds to the loop: from a backup to the next iterate.

    `wants_matrix` says before a backup whether it should bring the matrix of (pi*, rho*) along, because merging the
    transitions is cheap while they are in the cache.
    """

    wants_matrix: bool

    def advance(self, backup: Backup, residual: float, target: float) -> tuple[FloatArray, str]:
        """The next iterate from a backup, and what was done.

        `residual` is the size of G h - h in the problem's seminorm, `target` the size at which the loop will stop.
        """
        ...


class Step(NamedTuple):
    """One iteration: the backup's residual, the bound that it gave, and what was done next.

    The last action is "done", "rounding" where no further iteration would improve the bound, or "exhausted" where the
    iterations allowed were.
    """

    action: str
    residual: float
    error_bound: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """The best enclosure that the loop saw: V* lies within `error_bound` of `value`.

    `backup` is the one that gave it, `offset` the constant that its enclosure adds to T h.
    """

    value: FloatArray
    backup: Backup
    offset: float
    error_bound: float
    tol: float
    residual: float
    history: tuple[Step, ...]


def iterate(problem: FixedPoint, method: Method, tol: float | None, max_iterations: int) -> Outcome:
    """Back up, enclose, stop or advance.

    `tol` None is :data:`DEFAULT_TOLERANCE`, or what rounding leaves and the backup's own part of it again where that is
    more. Once the truncation error is below the backup's rounding nothing more is to be had, and the loop ends whether
    or not `tol` is met.
    """
    h = np.zeros(problem.states)
    history: list[Step] = []
    best: tuple[Backup, Enclosure, float] | None = None
    action = ""
    while action not in ("done", "rounding", "exhausted"):
        backup = problem.backup(h, merge=method.wants_matrix)
        bounds = enclose(backup)
        goal = max(DEFAULT_TOLERANCE, bounds.rounding + bounds.noise) if tol is None else tol
        if best is None or bounds.error < best[1].error:
            best = backup.bare, bounds, goal
        truncation = bounds.error - bounds.rounding
        if bounds.error <= goal:
            action = "done"
        elif truncation <= bounds.noise:
            action = "rounding"
        elif len(history) + 1 >= max_iterations:
            action = "exhausted"
        else:
            # below the noise there is nothing to aim at
            room = max(goal - bounds.rounding, bounds.noise)
            target = bounds.residual * min(1.0, 0.9 * room / truncation)
            h, action = method.advance(backup, bounds.residual, target)
            h = problem.centred(h)
        history.append(Step(action, bounds.residual, bounds.error))
    assert best is not None
    backup, bounds, reached = best
    value = np.where(problem.live, backup.value + bounds.centre, 0.0)
    goal = goal if action == "done" else reached
    return Outcome(frozen(value), backup, bounds.offset, bounds.error, goal, bounds.residual, tuple(history))
