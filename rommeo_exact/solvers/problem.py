"""The fixed-point problem V = T V of one agent, compiled for repeated backups.

    (T V)(s) = beta log sum_b P(b|s) exp(L(s, b)/beta),  L = alpha log sum_a exp(Q/alpha),  Q = R + gamma p V    eq. 9,
    13

T commutes with constants, T(V + c) = T V + gamma c, where no state is terminal. So the solvers work on V up to a
constant: on h, centred, with the reward's midrange and alpha log A taken out,

    (G h)(s) = (T h)(s) - shift,    shift = midrange(R) + alpha log A,

and put the constant back at the end. h is as large as the *differences* of V: payoffs near 1e6, temperatures near 1e12
and discounts near 1 cost no digits. With terminal states, whose value is 0, the level of V matters, and G is T itself.

Nothing of size (S, A, B) is stored: a backup works on blocks of states whose Q stays in the cache.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..checks import FloatArray, is_sparse
from ..errors import InputError
from ..games.models import View
from ..soft import expectation_kernel, maximum_kernel, optimum_kernel, quiet

__all__ = ["UNIT", "Backup", "FixedPoint", "Problem", "entries", "times"]

UNIT = 2.0**-53
"""Unit roundoff of float64."""

LEAST = 2.0**-1074
"""The least positive float64: no underflow loses more."""

LARGEST_VALUE = 1e300

BLOCK = 1 << 15
"""Entries (s, a, b) of a block: Q and its temporaries stay in the second-level cache."""


CALLS = 1.5e5
"""Multiplications that take as long as the interpreter does around a backup."""

THREADED = 2e7
"""Multiplications of a backup whose blocks are worth sharing among threads: NumPy and SciPy let go of the lock."""

CACHED, UNSPLIT = 1 << 19, 9000
"""Entries of a matrix that stays in the cache, and of one that OpenBLAS does not split over threads."""


class FixedPoint:
    """V = T V on the states of a view, up to what T's own class adds: a monotone T with T(V + c) = T V + gamma c.

    Attributes
    ----------
    shifting : bool
        No state is terminal, so T commutes with constants and G leaves out `shift`.
    shift_error : float
        Bound on what rounding did to `shift`.
    hard : bool
        T is a maximum: the matrix of a backup is a selection of rows.
    backup_cost, merge_cost : float
        What a backup, and merging its matrix besides, costs in multiplications.
    """

    hard = False
    shift = shift_error = 0.0

    def __init__(self, view: View) -> None:
        self.view = view
        self.p: Any = view.transitions
        self.discount = view.discount
        self.states, self.own, self.joint = view.shape
        self.width = self.own * self.joint
        self.sparse = is_sparse(self.p)
        self.live = ~view.terminal
        self.shifting = bool(self.live.all())
        self.backup_cost = self.merge_cost = 0.0

    def centred(self, h: FloatArray) -> FloatArray:
        """h with its midrange at 0, which G does not see; h itself where states are terminal."""
        return h - (float(h.max()) / 2 + float(h.min()) / 2) if self.shifting else h

    def size(self, h: FloatArray) -> float:
        """The seminorm in which the iterates are measured: half the span, or the sup norm where states are terminal."""
        return float(h.max()) / 2 - float(h.min()) / 2 if self.shifting else float(np.abs(h).max())

    @property
    def mass(self) -> tuple[float, float]:
        """Least and greatest probability of not ending in one step from a live state, rounded outwards."""
        raise NotImplementedError

    def rounding(self, size: float) -> float:
        """Bound on |fl(G h) - G h| in every state, for max|h| <= size."""
        raise NotImplementedError

    def backup(self, h: FloatArray, *, merge: bool = False) -> Backup:
        """G h in every state, and with `merge` the transition matrix of T's derivative."""
        raise NotImplementedError

    def only_live(self, matrix: Any) -> Any:
        """`matrix` with the rows of the terminal states set to 0."""
        if self.shifting:
            return matrix
        if isinstance(matrix, np.ndarray):
            return np.where(self.live[:, None], matrix, 0.0)
        from scipy import sparse

        return (sparse.diags_array(self.live.astype(float)) @ matrix).tocsr()

    @cached_property
    def blocks(self) -> list[tuple[slice, Any]]:
        """Blocks of states with the rows of transitions that leave them, sharing the view's memory."""
        p = self.p
        size = max(1, BLOCK // self.width)
        rows = p if self.sparse else p.reshape(self.states, self.width, self.states)
        blocks = []
        for start in range(0, self.states, size):
            part = slice(start, min(start + size, self.states))
            if self.sparse:
                blocks.append((part, _csr_rows(rows, part.start * self.width, part.stop * self.width)))
            else:
                blocks.append((part, rows[part]))
        return blocks

    def merge(self, weights: FloatArray, rows: Any) -> Any:
        """Rows of sum_ab w(s,a,b) p(.|s,a,b) for a block, from its weights (n, A * B) and its rows of p."""
        n = len(weights)
        if not self.sparse:
            if rows.size <= CACHED:
                return np.matmul(weights[:, None, :], rows)[:, 0, :]
            return np.einsum("sj,sjt->st", weights, rows)  # from memory faster than a stack of small products
        from scipy import sparse

        keep = weights > 0.0
        kind = rows.indptr.dtype
        pointers = np.concatenate([[0], np.cumsum(keep.sum(axis=1))]).astype(kind)
        indices = np.flatnonzero(keep).astype(kind)
        return sparse.csr_array((weights[keep], indices, pointers), shape=(n, n * self.width)) @ rows

    def stack(self, parts: list[Any]) -> Any:
        """The S x S matrix of the blocks' merged rows."""
        if not self.sparse:
            return self.only_live(parts[0] if len(parts) == 1 else np.concatenate(parts))
        from scipy import sparse

        return self.only_live(sparse.vstack(parts, format="csr") if len(parts) > 1 else parts[0])


class Problem(FixedPoint):
    """One agent's soft Bellman equation under a prior.

    Parameters
    ----------
    view : View
    prior : (S, B) array
    alpha, beta : float

    Attributes
    ----------
    workers : int
        Threads that a large backup shares its blocks among.
    """

    workers = 1

    def __init__(self, view: View, prior: FloatArray, alpha: float, beta: float) -> None:
        super().__init__(view)
        self.prior, self.alpha, self.beta = prior, alpha, beta
        self.hard = alpha == 0.0 and beta == 0.0
        rewards = view.rewards if self.shifting else view.rewards[self.live]
        low, high = (float(rewards.min()), float(rewards.max())) if rewards.size else (0.0, 0.0)
        self.centre = low / 2 + high / 2 if self.shifting else 0.0
        self.level = alpha * math.log(self.own)
        if self.shifting:
            self.shift = self.centre + self.level
            self.shift_error = UNIT * (abs(self.shift) + 4.0 * self.level)
        largest = (max(abs(low), abs(high)) + self.level) / (1.0 - self.discount)
        if largest > LARGEST_VALUE:
            raise InputError(
                f"rewards in [{low:g}, {high:g}] and alpha {alpha:g} at discount {self.discount:g} make values near "
                f"{largest:g}, beyond {LARGEST_VALUE:g}"
            )
        self.reward_span = max(abs(high - self.centre), abs(low - self.centre))
        self._rewards = view.rewards.reshape(self.states, self.width)
        self._prior = np.ascontiguousarray(prior.T)
        product = float(entries(self.p))
        self.backup_cost = product + (4.0 if self.hard else 12.0) * self.states * self.width + CALLS
        self.merge_cost = 0.0 if self.hard else product * (8.0 if self.sparse else 1.1)

    @cached_property
    def mass(self) -> tuple[float, float]:
        """Over (s, a, b) in live states; (1, 1) where no state is terminal."""
        if self.shifting:
            return 1.0, 1.0
        live = self.live.astype(float)
        kept = [
            rows.dot(live).reshape(-1, self.width)[self.live[part]]
            for part, rows in self.blocks
            if self.live[part].any()
        ]
        if not kept:
            return 0.0, 0.0
        least, most = min(float(k.min()) for k in kept), max(float(k.max()) for k in kept)
        return max(0.0, least * (1.0 - self.row_error)), min(1.0, most * (1.0 + self.row_error))

    @cached_property
    def row_error(self) -> float:
        """Bound on |fl(p h) - p h| / max|h| for normalised rows p: rounding of the dot product and of their sums."""
        return self.view.row_defect + 2.0 * (self._longest_row + 2) * UNIT

    @cached_property
    def _longest_row(self) -> int:
        return int(np.diff(self.p.indptr).max()) if self.sparse else self.states

    def rounding(self, size: float) -> float:
        """First-order running error analysis (Higham 2002, chapter 3), each term with the constant of its operation:
        the dot product p h; Q and its differences (3 operations on numbers of size Q); alpha and beta times the
        relative error of a sum of exponentials, each good to 4 units, where a temperature above the spread of its input
        counts as that spread; log P, weighed by rho*, where it is added; alpha log A, where G has it; and underflow.

        Where a temperature t exceeds the spread s of n inputs, z = -s/t, ..., 0 and expm1(z) of |z| or less are good to
        7 units of |z|, their weighted mean m <= s/t to (2 n + 8) m, and log1p of it, whose slope is at most e there, to
        e (2 n + 13) m: t times that is s (6 n + 36).
        """
        q = self.reward_span + self.discount * size
        spread = 2.0 * q
        alpha = min(self.alpha, spread) * (6.0 * self.own + 36.0)
        weight = min(self.beta, spread) * (6.0 * self.joint + 36.0) if self.beta > 0.0 else 0.0
        log_prior = 0.0
        if 0.0 < self.beta <= spread:
            log_prior = 8.0 * min(self.beta * self._log_prior, self.beta * math.log(self.joint) + 2.0 * spread)
        extra = 0.0 if self.shifting else 4.0 * self.level
        units = 12.0 * q + 8.0 * spread + alpha + weight + log_prior + extra
        scale = 1.0 + self.alpha + (self.beta if self.beta < math.inf else 0.0)
        underflow = LEAST * scale * (self._longest_row + self.own + self.joint + 8.0)
        return self.discount * size * self.row_error + UNIT * units + underflow

    @cached_property
    def _log_prior(self) -> float:
        return abs(math.log(float(self.prior[self.prior > 0.0].min())))

    def _q(self, part: slice, rows: Any, scaled: FloatArray | None) -> FloatArray:
        """Q - centre on a block, (A, B, n), from gamma h; None for h = 0 needs no product. 0 in terminal states."""
        n = part.stop - part.start
        if scaled is None:
            q = self._rewards[part] - self.centre
        else:
            q = times(rows, scaled).reshape(n, self.width)
            q += self._rewards[part] - self.centre if self.centre else self._rewards[part]
        if not self.shifting:
            q[~self.live[part]] = 0.0
        return np.ascontiguousarray(q.T).reshape(self.own, self.joint, n)

    def backup(self, h: FloatArray, *, merge: bool = False) -> Backup:
        """G h, and with `merge` the S x S transition matrix of the pair (pi*, rho*) of h.

        Where alpha = beta = 0 that matrix is a selection of rows, so it costs nothing until it is asked for.
        """
        value = np.empty(self.states)
        chosen = np.empty(self.states, dtype=np.intp) if self.hard else None
        kept: FloatArray | None = None
        scaled = self.discount * h if self.discount and h.any() else None

        def block(part: slice, rows: Any) -> Any:
            nonlocal kept
            q = self._q(part, rows, scaled)
            if len(self.blocks) == 1:
                kept = q.copy()
            if chosen is not None:
                value[part] = self._choose(q, part, chosen)
                return None
            with quiet():
                level, policy = maximum_kernel(q, self.alpha, policy=merge)
                value[part], model = expectation_kernel(level, self._prior[:, part], self.beta, model=merge)
            if policy is None or model is None:
                return None
            policy *= model
            return self.merge(np.ascontiguousarray(policy.reshape(self.width, -1).T), rows)

        if self.workers > 1 and self.backup_cost > THREADED:
            with ThreadPoolExecutor(self.workers) as pool:
                merged = list(pool.map(block, *zip(*self.blocks, strict=True)))
        else:
            merged = [block(part, rows) for part, rows in self.blocks]
        if not self.shifting:
            value += self.level
            value[~self.live] = 0.0
        return Backup(self, h, value, chosen, self.stack(merged) if merged[0] is not None else None, kept)

    def _choose(self, q: FloatArray, part: slice, chosen: Any) -> FloatArray:
        """Hard maximum over a and over the support of the prior; `chosen` receives the row of p that attains it."""
        flat = q.reshape(self.width, -1)
        support = self._prior[:, part] > 0.0
        if not support.all():
            q[:, ~support] = -np.inf
        best = flat.argmax(axis=0)
        n = len(best)
        chosen[part] = np.arange(part.start, part.stop) * self.width + best
        top: FloatArray = flat[best, np.arange(n)]
        return top

    def pair(self, backup: Backup, offset: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Q, pi* (S, A, B) and rho* (S, B), where V = T h + `offset` is `backup`'s.

        Q = R + gamma p (h + c) with the c that makes V its soft value. h + c is the middle of what MacQueen's bounds
        say of V* before a backup, so that Q is within the bound of V. With terminal states Q = R + gamma p V.
        """
        if self.shifting:
            constant = self.centre + offset + self.discount * self.shift / (1.0 - self.discount)
        else:
            constant = 0.0
            value = np.where(self.live, backup.value + offset, 0.0)
            backup = Backup(self, value, value, None, None, None)
        scaled = self.discount * backup.h
        shape = self.states, self.own, self.joint
        whole = np.empty(shape), np.empty(shape), np.empty(self.prior.shape)
        for part, rows in self.blocks:
            q = self._q(part, rows, scaled) if backup.q is None else backup.q
            with quiet():
                _, policy, model = optimum_kernel(q.copy(), self._prior[:, part], self.alpha, self.beta)
            for array, piece in zip(whole, (q + constant, policy, model), strict=True):
                array[part] = piece.transpose(piece.ndim - 1, *range(piece.ndim - 1))
        return whole


@dataclass(frozen=True, eq=False)
class Backup:
    """G h with what came along: `q` is Q (A, B, S) up to a constant, where one block holds all states."""

    problem: FixedPoint
    h: FloatArray
    value: FloatArray
    chosen: Any
    merged: Any
    q: FloatArray | None = None

    @property
    def bare(self) -> Backup:
        """The same without the matrix."""
        return Backup(self.problem, self.h, self.value, None, None, self.q)

    @cached_property
    def step(self) -> FloatArray:
        """G h - h."""
        return self.value - self.h

    @cached_property
    def matrix(self) -> Any:
        """The S x S transition matrix of (pi*, rho*): gamma times it is the derivative of G at h."""
        if self.merged is not None:
            return self.merged
        if self.chosen is not None:
            p = self.problem.p
            rows = p if self.problem.sparse else p.reshape(-1, self.problem.states)
            return self.problem.only_live(rows[self.chosen])
        return self.problem.backup(self.h, merge=True).merged


def entries(matrix: Any) -> int:
    """The numbers that a sparse or dense matrix holds: what one product with it costs."""
    return int(matrix.size if isinstance(matrix, np.ndarray) else matrix.nnz)


def times(matrix: Any, x: FloatArray) -> FloatArray:
    """The product of a sparse matrix, a dense one, or a stack of dense ones, with x.

    A BLAS splits what it takes for large over threads, which costs products this small more than they gain. So a dense
    product is a stack of small ones where the cache holds them, and otherwise a stack of dot products.
    """
    if not isinstance(matrix, np.ndarray):
        product: FloatArray = matrix @ x
        return product
    stack = matrix if matrix.ndim == 3 else matrix[None]
    product = np.matmul(stack, x) if stack.size <= CACHED and stack[0].size <= UNSPLIT else stack.dot(x)
    return product if matrix.ndim == 3 else product[0]


def _csr_rows(matrix: Any, low: int, high: int) -> Any:
    """Rows low to high of a CSR array, sharing its memory."""
    from scipy import sparse

    begin, end = matrix.indptr[low], matrix.indptr[high]
    rows = sparse.csr_array((high - low, matrix.shape[1]))  # filled afterwards: given at once, small parts are copied
    rows.data, rows.indices = matrix.data[begin:end], matrix.indices[begin:end]
    rows.indptr = matrix.indptr[low : high + 1] - begin
    return rows
