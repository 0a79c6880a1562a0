"""The letters, and the paper's formulas as SymPy expressions: one function per equation, named as in rommeo_exact.soft.

Two forms. *Generic*: sums over a = 1..A and b = 1..B with symbolic A and B, over the indexed symbols below.
*Tables*: q is an A x B matrix with a symbol or number for every entry, prior a list of B.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

alpha = sp.Symbol("alpha", positive=True)
beta = sp.Symbol("beta", positive=True)
gamma = sp.Symbol("gamma", positive=True)

A = sp.Symbol("A", integer=True, positive=True)
B = sp.Symbol("B", integer=True, positive=True)
a = sp.Symbol("a", integer=True, positive=True)
b = sp.Symbol("b", integer=True, positive=True)

Q = sp.IndexedBase("Q", real=True)
pi = sp.IndexedBase("pi", positive=True)
rho = sp.IndexedBase("rho", positive=True)
P = sp.IndexedBase("P", positive=True)


def over_a(summand: Any) -> Any:
    """sum_{a=1}^A."""
    return sp.Sum(summand, (a, 1, A))


def over_b(summand: Any) -> Any:
    """sum_{b=1}^B."""
    return sp.Sum(summand, (b, 1, B))


# --- tables ----------------------------------------------------------------------------------------------------------


def table(name: str, rows: int, columns: int, **signs: bool) -> Any:
    """A matrix with a symbol for every entry."""
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}_{i + 1}{j + 1}", **signs))


def distribution(name: str, size: int) -> list[Any]:
    """`size` positive symbols; that they sum to 1 is said by :func:`unit`."""
    return [sp.Symbol(f"{name}_{k + 1}", positive=True) for k in range(size)]


def unit(*distributions: Sequence[Any]) -> tuple[tuple[Any, Any], ...]:
    """What a step is given: the last symbol of each distribution is what the others leave."""
    return tuple((p[-1], 1 - sum(p[:-1])) for p in distributions)


def partition(q: Any, temperature: Any = alpha) -> list[Any]:
    """Z(b) = sum_a exp(Q(a,b) / alpha)."""
    return [sum(sp.exp(entry / temperature) for entry in q.col(j)) for j in range(q.cols)]


def soft_maximum(q: Any, temperature: Any = alpha) -> list[Any]:
    """L(b) = alpha log sum_a exp(Q(a,b) / alpha), the bracket of eq. 9."""
    return [temperature * sp.log(z) for z in partition(q, temperature)]


def soft_value(q: Any, prior: Sequence[Any], temperature: Any = alpha, weight: Any = 1) -> Any:
    """V = beta log sum_b P(b) (sum_a exp(Q(a,b) / alpha))^(alpha / beta): eq. 9, 58."""
    powers = (z ** (temperature / weight) for z in partition(q, temperature))
    return weight * sp.log(sum(p * power for p, power in zip(prior, powers, strict=True)))


def soft_policy(q: Any, temperature: Any = alpha) -> Any:
    """pi*(a|b) = exp(Q(a,b) / alpha) / Z(b): eq. 10, 38."""
    z = partition(q, temperature)
    return sp.Matrix(q.rows, q.cols, lambda i, j: sp.exp(q[i, j] / temperature) / z[j])


def soft_opponent_model(q: Any, prior: Sequence[Any], temperature: Any = alpha, weight: Any = 1) -> list[Any]:
    """rho*(b) = P(b) Z(b)^(alpha / beta) / exp(V / beta): eq. 11."""
    weights = [p * z ** (temperature / weight) for p, z in zip(prior, partition(q, temperature), strict=True)]
    return [w / sum(weights) for w in weights]


def entropy(p: Sequence[Any]) -> Any:
    """H(p) = -sum p log p; 0 log 0 = 0."""
    return -sum(x * sp.log(x) for x in p if x != 0)


def kl_divergence(p: Sequence[Any], r: Sequence[Any]) -> Any:
    """KL(p || r) = sum p log(p / r); 0 log 0 = 0."""
    return sum(x * (sp.log(x) - sp.log(y)) for x, y in zip(p, r, strict=True) if x != 0)


def levels(q: Any, policy: Any, temperature: Any = alpha) -> list[Any]:
    """M(b) = sum_a pi(a|b) Q(a,b) + alpha H(pi(.|b)), the bracket of eq. 39."""
    return [
        sum(x * y for x, y in zip(policy.col(j), q.col(j), strict=True)) + temperature * entropy(list(policy.col(j)))
        for j in range(q.cols)
    ]


def expected_value(
    q: Any, policy: Any, model: Sequence[Any], prior: Sequence[Any], temperature: Any = alpha, weight: Any = 1
) -> Any:
    """E_rho[E_pi Q + alpha H(pi)] - beta KL(rho || P): the left side of eq. 42 and 44."""
    brackets = levels(q, policy, temperature)
    return sum(r * m for r, m in zip(model, brackets, strict=True)) - weight * kl_divergence(model, prior)
