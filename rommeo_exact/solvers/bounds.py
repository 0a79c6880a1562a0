"""MacQueen's bounds, made to hold in floating point: what stops every solver.

For d = T V - V in the live states, with m = min d <= 0 <= M = max d or not, and w in [w_min, w_max] the probability of
not ending in one step (1 where no state is terminal),

    T V + g(m) <= V* <= T V + g(M),   g(x) = gamma w x / (1 - gamma w),  w = w_max if x moves V* away from V, else w_min

(MacQueen 1966; Puterman 1994, section 6.6). Proof of the upper one: with c = M / (1 - gamma w), T(V + c) <= T V + gamma
w c <= V + M + gamma w c = V + c, and T is monotone, so V* <= T(V + c) <= T V + gamma w c. The rounding of T, at most
`eps` in each state, moves d, hence c, by eps / (1 - gamma w), and T V by eps. w itself is rounded outwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .problem import UNIT, Backup

__all__ = ["Enclosure", "enclose"]


@dataclass(frozen=True, eq=False)
class Enclosure:
    """A backup's enclosure of V*: ``value`` within ``error``; both bounds are of the sup norm.

    Attributes
    ----------
    offset : float
        What to add to T h, so that the sum is the middle of the enclosure.
    centre : float
        What to add to the backup's G h for the same end: the constant that G leaves out comes on top.
    error : float
        Bound on |G h + centre - V*| in every state, rounding included.
    rounding : float
        The part of `error` that no further iteration removes.
    noise : float
        The part of `rounding` that is the backup's own; the rest comes with the constant, and no policy feels it.
    residual : float
        What the iteration drives to 0: (max d - min d)/2, or max|d| where states are terminal.
    """

    offset: float
    centre: float
    error: float
    rounding: float
    noise: float
    residual: float


def enclose(backup: Backup) -> Enclosure:
    """MacQueen's bounds from h and G h."""
    problem = backup.problem
    gamma = problem.discount
    step = backup.step if problem.shifting else backup.step[problem.live]
    if step.size == 0:
        return Enclosure(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    low, high = float(step.min()), float(step.max())
    least, most = problem.mass

    def reach(change: float, away: bool) -> float:
        mass = gamma * (most if away else least)
        return mass * change / (1.0 - mass)

    lower, upper = reach(low, low < 0.0), reach(high, high > 0.0)
    shift = problem.shift / (1.0 - gamma)
    offset = lower / 2 + upper / 2
    centre = offset + shift
    size = float(np.abs(backup.h).max())
    # evaluating d costs a rounding of its own, and so do the sums that put the constant back
    eps = problem.rounding(size) + UNIT * 2.0 * (size + max(abs(low), abs(high)))
    noise = eps / (1.0 - gamma * most)
    values = abs(centre) + abs(shift) + float(np.abs(backup.value).max())
    rounding = noise + UNIT * 4.0 * values + problem.shift_error / (1.0 - gamma)
    truncation = (upper - lower) / 2 * (1.0 + 8.0 * UNIT)
    residual = high / 2 - low / 2 if problem.shifting else max(abs(low), abs(high))
    return Enclosure(offset, centre, truncation + rounding, rounding, noise, residual)
