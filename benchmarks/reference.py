"""A certified answer in extended precision, made without the package that is measured and without its peers.

Newton's method: the residual d = TV - V is computed in ``numpy.longdouble`` (64-bit mantissa on x86), the correction
(I - discount * P_policy)^-1 d in double. The value returned lies within ``bound`` of the true one, by MacQueen's bounds
(MacQueen, J. Math. Anal. Appl. 14, 1966) on the last residual. Where ``longdouble`` is only a double (MSVC), the bound
is wider, and says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse import linalg as sparse_linalg

Array = NDArray[np.float64]
Long = NDArray[np.longdouble]

_DIRECT_STATES = 5_000
_LAST_RESORT_STATES = 30_000
_IDLE_STEPS = 5
_NEAR = 1e-5
_BLOCK = 2**22


def reference_value(
    rewards: Array,
    transitions: Any,
    discount: float,
    alpha: float,
    beta: float,
    target: float,
    start: Array | None = None,
) -> tuple[Array, float]:
    """Optimal value (S,) under a uniform prior, and a bound on its error; `start` only saves time.

    It ends at the `target` for the bound, or when steps close to the answer no longer halve it, for rounding.
    """
    states = len(rewards)
    matrix = transitions.reshape(-1, states) if isinstance(transitions, np.ndarray) else transitions
    value = np.zeros(states, dtype=np.longdouble) if start is None else start.astype(np.longdouble)
    best, best_bound, idle = value, float("inf"), 0
    while best_bound > target and idle < _IDLE_STEPS:
        backed_up, weights = _backup(rewards, matrix, discount, alpha, beta, value)
        residual = backed_up - value
        middle = (residual.max() + residual.min()) / 2
        factor = np.longdouble(discount) / (1 - np.longdouble(discount))
        bound = float(factor * (residual.max() - residual.min()) / 2)
        # Far from the answer policy iteration need not lower the bound at each step, but it ends.
        idle = idle + 1 if best_bound / 2 < bound < _NEAR else 0
        if bound < best_bound:
            best, best_bound = backed_up + factor * middle, bound
        step = _newton_step((residual - middle).astype(float), _merged(matrix, weights), discount)
        value = value + step + middle / (1 - np.longdouble(discount))
    return best.astype(float), best_bound


def _backup(rewards: Array, matrix: Any, discount: float, alpha: float, beta: float, value: Long) -> tuple[Long, Array]:
    """TV, and the weight rho(b|s) pi(a|s,b) of each joint action, shape (S, A, B)."""
    states = len(rewards)
    backed_up = np.empty(states, dtype=np.longdouble)
    weights = np.empty(rewards.shape)
    joint = rewards[0].size
    width = states if isinstance(matrix, np.ndarray) else matrix.nnz / matrix.shape[0]
    block = max(1, int(_BLOCK / (joint * width)))
    for first in range(0, states, block):
        here = slice(first, min(first + block, states))
        rows = matrix[here.start * joint : here.stop * joint].astype(np.longdouble)
        q = rewards[here] + np.longdouble(discount) * (rows @ value).reshape(-1, *rewards.shape[1:])
        own, policy = _soft_maximum(q, alpha, axis=1)
        total, model = (
            (own.mean(axis=1), np.full(own.shape, 1 / own.shape[1]))
            if beta == np.inf
            else _soft_maximum(own, beta, axis=1)
        )
        backed_up[here] = total - (beta * np.log(np.longdouble(own.shape[1])) if 0 < beta < np.inf else 0)
        weights[here] = policy * model[:, None, :]
    return backed_up, weights


def _soft_maximum(scores: Any, temperature: float, axis: int) -> tuple[Any, Any]:
    """temperature * log sum exp(scores / temperature) and its gradient; the first maximum at temperature 0."""
    top = scores.max(axis=axis, keepdims=True)
    if temperature == 0:
        first = scores.argmax(axis=axis)
        chosen = np.zeros(scores.shape)
        np.put_along_axis(chosen, np.expand_dims(first, axis), 1.0, axis)
        return top.squeeze(axis), chosen
    weights = np.exp((scores - top) / temperature)
    total = weights.sum(axis=axis, keepdims=True)
    return (top + temperature * np.log(total)).squeeze(axis), weights / total


def _merged(matrix: Any, weights: Array) -> Any:
    """State-to-state matrix (S, S) of the policy and the opponent model together."""
    states, joint = len(weights), weights[0].size
    if isinstance(matrix, np.ndarray):
        return np.einsum("sj,sjt->st", weights.reshape(states, joint), matrix.reshape(states, joint, states))
    pointers = np.arange(0, states * joint + 1, joint, dtype=np.int32)
    columns = np.arange(states * joint, dtype=np.int32)
    mixing: Any = sparse.csr_matrix((weights.reshape(-1), columns, pointers), shape=(states, states * joint))
    mixing.eliminate_zeros()
    return mixing @ matrix


def _newton_step(residual: Array, merged: Any, discount: float) -> Array:
    """(I - discount * merged)^-1 residual, to a few digits; the caller repeats."""
    states = len(residual)
    if isinstance(merged, np.ndarray):
        return linalg.solve(np.eye(states) - discount * merged, residual, check_finite=False)
    system: Any = sparse.identity(states, format="csr") - discount * merged
    step, failed = sparse_linalg.bicgstab(system, residual, rtol=1e-6, maxiter=300)
    if failed and states > _DIRECT_STATES:
        step, failed = sparse_linalg.bicgstab(system, residual, rtol=1e-6, maxiter=3_000)
    if failed and states > _DIRECT_STATES:
        step, failed = sparse_linalg.gmres(system, residual, rtol=1e-6, restart=50, maxiter=20)
    return sparse_linalg.spsolve(system.tocsc(), residual) if failed and states <= _LAST_RESORT_STATES else step
