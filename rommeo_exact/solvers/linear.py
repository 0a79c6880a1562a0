"""Policy evaluation: the linear part of Newton's method.

At h, with M the transition matrix of (pi*, rho*) and d = G h - h, Newton's correction e solves (I - gamma M) e = d.
Where no state is terminal e is wanted only up to a constant, so the eigenvalue 1 of M, whose 1 - gamma makes the system
ill-conditioned, is deflated: I - gamma M + gamma 1 mu^T, mu uniform, has the same solution up to a constant and maps
constants to themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import FloatArray
from .problem import FixedPoint, entries, times

__all__ = ["Evaluator", "product_cost", "sweep"]

LU_SPEED = 8.0
"""Multiplications of a dense factorisation (blocked) that take as long as one of a product M x (streaming)."""

CALL = 2e4
"""Multiplications that take as long as what surrounds a product: the interpreter, and the vectors' updates."""

LEAST_PRODUCTS = 4
MOST_PRODUCTS = 4000
LARGEST_FACTOR = 2e8
"""Entries of a factor, at most: 1.6 GB."""


def sweep(problem: FixedPoint, matrix: Any, step: FloatArray, target: float, most: int) -> FloatArray:
    """The truncated Neumann series e = sum_k (gamma M)^k d, up to `most` terms: modified policy iteration.

    It stops where the residual of the correction, which is the last term, falls to `target`.
    """
    term = problem.centred(step)
    total = term.copy()
    for _ in range(most):
        if problem.size(term) <= target:
            break
        term = problem.centred(problem.discount * times(matrix, term))
        total += term
    return total


def product_cost(count: float, states: int) -> float:
    """What a product with so many entries costs in multiplications, the updates of a Krylov method included."""
    return count + 10.0 * states + CALL


class Evaluator:
    """Solves for Newton's correction, by BiCGSTAB until that has cost as much as a factorisation would.

    The one who rents skis until the rent comes to the price of a pair, and then buys, never pays more than twice what
    was needed: neither method has to be guessed. What LU costs is known beforehand, from S for a dense matrix and from
    the bandwidth after reverse Cuthill-McKee for a sparse one.

    Parameters
    ----------
    kind : {"auto", "krylov", "lu"}
    """

    def __init__(self, problem: FixedPoint, kind: str = "auto") -> None:
        self.problem, self.kind = problem, kind
        self._price: float | None = None
        self._bought = kind == "lu"
        self.products = 0
        self._factor: tuple[Any, Any] | None = None

    def correct(self, matrix: Any, step: FloatArray, target: float, floor: float, work: float) -> FloatArray:
        """A correction e whose residual d - (I - gamma M) e is at most `target`, or the best that was found.

        While it has cost less than `work` multiplications, it goes on beyond `target` down to `floor`.
        """
        if self._bought:
            return self._solve(matrix, step)
        price = self._lu_price(matrix) if self.kind == "auto" else np.inf
        if price <= LEAST_PRODUCTS:
            self._bought = True
            return self._solve(matrix, step)
        budget = int(min(price, MOST_PRODUCTS))
        free = int(work / product_cost(entries(matrix), self.problem.states))
        correction, residual = self._bicgstab(matrix, step, target, budget, min(floor, target), free)
        if residual <= target:
            return correction
        if price <= MOST_PRODUCTS:
            self._bought = True
            return self._solve(matrix, step)
        if residual > self.problem.size(step) / 2:
            return sweep(self.problem, matrix, step, target, budget)
        return correction

    def _lu_price(self, matrix: Any) -> float:
        """What LU costs, in products M x; inf where the factors would not fit."""
        if self._price is None:
            states = self.problem.states
            if isinstance(matrix, np.ndarray):
                work, fits = states**3 / 3.0 / LU_SPEED + 3.0 * CALL, states * states <= LARGEST_FACTOR
            else:
                width = _bandwidth(matrix)
                work = states * (width * width + 40.0 * width) + 5.0 * CALL
                fits = 2.0 * states * width <= LARGEST_FACTOR
            self._price = work / product_cost(entries(matrix), states) if fits else np.inf
        return self._price

    def _solve(self, matrix: Any, step: FloatArray) -> FloatArray:
        problem = self.problem
        d = problem.centred(step)
        if self._factor is None or self._factor[0] is not matrix:
            self._factor = (matrix, self._factorise(matrix))
        return problem.centred(self._factor[1](d))

    def _factorise(self, matrix: Any) -> Any:
        problem = self.problem
        if isinstance(matrix, np.ndarray):
            from scipy.linalg.lapack import dgetrf, dgetrs

            system = -problem.discount * matrix.T  # in Fortran's order, as LAPACK overwrites it
            if problem.shifting:
                system += problem.discount / problem.states
            system.flat[:: problem.states + 1] += 1.0
            factors, pivots, _ = dgetrf(system, overwrite_a=True)
            return lambda d: dgetrs(factors, pivots, d, trans=1)[0]
        from scipy import sparse
        from scipy.sparse.linalg import splu

        identity = sparse.eye_array(problem.states, format="csc")
        return splu((identity - problem.discount * matrix).tocsc()).solve

    def _bicgstab(
        self, matrix: Any, step: FloatArray, target: float, budget: int, floor: float, free: int
    ) -> tuple[FloatArray, float]:
        """The iterate of least residual among at most `budget` products, and that residual in the problem's seminorm.

        It stops at `target`, or within the first `free` products at `floor`.

        Written out, because SciPy's stops by the 2-norm and returns its last iterate: the residual of BiCGSTAB jumps,
        and what the outer iteration needs is the best iterate in the seminorm of the bounds (van der Vorst 1992).
        """
        problem = self.problem

        def system(x: FloatArray) -> FloatArray:
            y = times(matrix, x)
            if problem.shifting:
                y -= y.mean()
            y *= -problem.discount
            y += x
            return y

        x = np.zeros_like(step)
        unit = problem.size(step) or 1.0  # squares neither overflow nor vanish
        target, floor = target / unit, floor / unit
        residual = problem.centred(step) / unit
        shadow = residual.copy()
        direction = residual.copy()
        rho = float(shadow @ residual)
        best, best_size = x, problem.size(residual)
        products = 0
        while best_size > (floor if products < free else target) and products < budget:
            image = system(direction)
            scale = float(shadow @ image)
            if scale == 0.0:
                break
            step_length = rho / scale
            half = residual - step_length * image
            half_image = system(half)
            products += 2
            square = float(half_image @ half_image)
            omega = float(half_image @ half) / square if square > 0.0 else 0.0
            x = x + step_length * direction
            x += omega * half
            residual = half - omega * half_image
            size = problem.size(residual)
            if not size < 1e6 * best_size:
                break
            if size < best_size:
                best, best_size = x, size
            previous, rho = rho, float(shadow @ residual)
            if previous == 0.0 or omega == 0.0 or rho == 0.0:
                break
            direction -= omega * image
            direction *= (rho / previous) * (step_length / omega)
            direction += residual
        self.products = products
        return problem.centred(best) * unit, best_size * unit


def _bandwidth(matrix: Any) -> float:
    """The bandwidth of a sparse matrix after reverse Cuthill-McKee."""
    from scipy import sparse
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    order = reverse_cuthill_mckee(sparse.csr_matrix(matrix), symmetric_mode=False)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    rows = np.repeat(np.arange(len(order)), np.diff(matrix.indptr))
    return float(np.abs(place[rows] - place[matrix.indices]).max(initial=0))
