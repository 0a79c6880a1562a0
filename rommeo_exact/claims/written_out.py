"""The paper's formulas written out, with nothing of the package's own operators in them: what the checks compare with.

Shapes as everywhere: q, policy (S, A, B); prior, model (S, B); weights of the entropy and of the divergence are
arguments, so that a check can also be run with a wrong one.
"""

from __future__ import annotations

import math

import numpy as np

from ..checks import FloatArray
from ..games.models import View

__all__ = [
    "brackets", "chain", "divergence", "entropy", "gains", "next_value", "opponent_model", "policy", "series", "value",
    "worth",
]  # fmt: skip


def entropy(p: FloatArray, axis: int) -> FloatArray:
    """H(p) = -sum p log p, 0 log 0 = 0."""
    total: FloatArray = -np.where(p > 0.0, p * np.log(np.where(p > 0.0, p, 1.0)), 0.0).sum(axis=axis)
    return total


def divergence(p: FloatArray, r: FloatArray) -> FloatArray:
    """KL(p || r) over the last axis, for p inside the support of r."""
    both = (p > 0.0) & (r > 0.0)
    total: FloatArray = np.where(both, p * np.log(np.where(both, p, 1.0) / np.where(both, r, 1.0)), 0.0).sum(axis=-1)
    return total


def brackets(q: FloatArray, alpha: float) -> FloatArray:
    """log (sum_a exp(Q / alpha))^alpha, what eq. 9, 11, 57 and 58 raise to a power; (S, B)."""
    top = q.max(axis=1)
    level: FloatArray = top + alpha * np.log(np.exp((q - top[:, None]) / alpha).sum(axis=1))
    return level


def value(q: FloatArray, prior: FloatArray, alpha: float, beta: float = 1.0) -> FloatArray:
    """eq. 9 and 58: beta log sum_b P(b|s) (sum_a exp(Q / alpha))^(alpha / beta); (S,)."""
    level = brackets(q, alpha)
    top = level.max(axis=1)
    total: FloatArray = top + beta * np.log((prior * np.exp((level - top[:, None]) / beta)).sum(axis=1))
    return total


def policy(q: FloatArray, alpha: float) -> FloatArray:
    """eq. 10 and 38: exp(Q / alpha), normalised over a."""
    weights = np.exp((q - q.max(axis=1, keepdims=True)) / alpha)
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def opponent_model(level: FloatArray, prior: FloatArray, beta: float = 1.0) -> FloatArray:
    """eq. 11 and 39: P(b|s) exp(level / beta), normalised over b, for a level (S, B)."""
    weights = prior * np.exp((level - level.max(axis=1, keepdims=True)) / beta)
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def gains(pi: FloatArray, rho: FloatArray, prior: FloatArray, alpha: float, beta: float = 1.0) -> FloatArray:
    """alpha E_rho H(pi(.|s,b)) - beta KL(rho || P): what the objective adds to the reward; (S,)."""
    added: FloatArray = alpha * (rho * entropy(pi, 1)).sum(axis=1) - beta * divergence(rho, prior)
    return added


def worth(
    q: FloatArray, pi: FloatArray, rho: FloatArray, prior: FloatArray, alpha: float, beta: float = 1.0
) -> FloatArray:
    """E_rho[E_pi Q + alpha H(pi)] - beta KL(rho || P): both sides of eq. 42, the left one of 44; (S,)."""
    total: FloatArray = (rho[:, None] * pi * q).sum(axis=(1, 2)) + gains(pi, rho, prior, alpha, beta)
    return total


def chain(view: View, pi: FloatArray, rho: FloatArray) -> FloatArray:
    """The transition matrix of a pair, (S, S)."""
    matrix: FloatArray = np.einsum("sab,sabt->st", rho[:, None] * pi, _dense(view))
    return matrix


def series(
    view: View, pi: FloatArray, rho: FloatArray, prior: FloatArray, alpha: float, beta: float = 1.0, start: int = 1
) -> FloatArray:
    """r_t + E sum_{l >= start} gamma^l (r_{t+l} + alpha H - beta KL), eq. 8 and 33, cut where gamma^l < 1e-17."""
    gamma = view.discount
    moves = chain(view, pi, rho)
    term = worth(view.rewards, pi, rho, prior, alpha, beta)
    total = np.zeros_like(term)
    for power in range(start, start + (math.ceil(-40.0 / math.log(gamma)) if gamma > 0.0 else 1)):
        total = total + gamma**power * term
        term = moves @ term
    summed: FloatArray = view.rewards + _dense(view) @ total
    return summed


def next_value(view: View, v: FloatArray) -> FloatArray:
    """E_{s'} v(s') for every (s, a, b)."""
    expected: FloatArray = _dense(view) @ v
    return expected


def _dense(view: View) -> FloatArray:
    p = view.transitions
    return p if isinstance(p, np.ndarray) else p.toarray().reshape(*view.shape, -1)
