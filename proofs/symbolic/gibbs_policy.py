"""Eq. 10, 38, 40, 43 and Theorem 4's first observation: the Gibbs policy maximises E_pi Q + alpha H(pi).

Generic in the number A of own actions, for one (s, b); again with a symbol for every entry for A = 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Signed, Step, Tends, derivation, present
from .divergence import excess
from .formulas import Q, a, alpha, distribution, entropy, kl_divergence, over_a, pi, soft_maximum, soft_policy, unit

Z = over_a(sp.exp(Q[a] / alpha))
L = alpha * sp.log(Z)
ONE = ((over_a(pi[a]), 1),)


def gibbs(q: Any) -> Any:
    """pi~(a) = exp(Q(a) / alpha) / Z: eq. 38."""
    return sp.exp(q / alpha) / Z


PLANTS = {
    "temperature dropped": {"improved": lambda q: sp.exp(q) / Z},
    "1/alpha outside the exponential (eq. 56 as printed)": {"improved": lambda q: sp.exp(q) / alpha / Z},
    "sign of Q": {"improved": lambda q: sp.exp(-q / alpha) / Z},
    "not normalised": {"improved": lambda q: sp.exp(q / alpha)},
}


@derivation(
    "Eq. 43: E_pi Q + alpha H(pi) = L - alpha KL(pi || pi~)",
    plants={
        **PLANTS,
        "alpha dropped before the divergence": {"price": sp.Integer(1)},
        "sign of the entropy": {"temperature": -alpha},
        "alpha dropped before the logarithm": {"level": sp.log(Z)},
    },
)
def policy_gap(improved: Any = gibbs, price: Any = alpha, temperature: Any = alpha, level: Any = L) -> Iterator[Step]:
    """What a policy lacks against the soft maximum L = alpha log sum_a exp(Q(a)/alpha) is alpha times a divergence."""
    yield Equal(
        "The definition, solved for Q: Q(a) = L + alpha log pi~(a)", Q[a], level + alpha * sp.log(improved(Q[a]))
    )
    yield Equal(
        "Hence, for each action",
        Q[a] - temperature * sp.log(pi[a]),
        level - price * sp.log(pi[a] / improved(Q[a])),
    )
    yield Equal(
        "Averaged over pi, which sums to 1: eq. 43",
        over_a(pi[a] * Q[a]) - temperature * over_a(pi[a] * sp.log(pi[a])),
        level - price * over_a(pi[a] * sp.log(pi[a] / improved(Q[a]))),
        given=ONE,
    )


@derivation("Eq. 10, 38: pi~ is a distribution, it attains L, and it is stationary", plants=PLANTS)
def policy_attains(improved: Any = gibbs) -> Iterator[Step]:
    """The right side of eq. 40, evaluated."""
    new = improved(Q[a])
    yield Equal("pi~ sums to 1", over_a(new), 1)
    yield Signed("and is positive", new, strict=True)
    yield Equal("It attains L", over_a(new * Q[a]) - alpha * over_a(new * sp.log(new)), L)
    x, q, multiplier = sp.Symbol("x", positive=True), sp.Symbol("q", real=True), sp.Symbol("lambda", real=True)
    slope = sp.diff(x * q - alpha * x * sp.log(x) - multiplier * x, x)
    yield Equal(
        "Lagrange's condition holds at pi~, with multiplier L - alpha",
        slope.subs({x: new, q: Q[a], multiplier: L - alpha}),
        0,
        name=r"\partial_{\pi(a)} \left[\sum_a \pi (Q - \alpha \log \pi - \lambda)\right]",
    )
    yield Signed("and the objective is strictly concave in pi(a)", -sp.diff(slope, x), strict=True)


@derivation(
    "Eq. 40: alpha H(pi) + E_pi Q <= alpha H(pi~) + E_pi~ Q, with equality iff pi = pi~",
    plants={**PLANTS, "sign of the entropy": {"temperature": -alpha}},
)
def policy_improves(improved: Any = gibbs, temperature: Any = alpha) -> Iterator[Step]:
    """Right side minus left side is alpha sum_a pi f(pi~/pi), with f(x) = x - 1 - log x >= 0 and 0 only at x = 1."""
    new = improved(Q[a])
    right = over_a(new * Q[a]) - temperature * over_a(new * sp.log(new))
    left = over_a(pi[a] * Q[a]) - temperature * over_a(pi[a] * sp.log(pi[a]))
    yield Equal("Right side minus left side", right - left, alpha * over_a(pi[a] * excess(new / pi[a])), given=ONE)
    f = sp.IndexedBase("f", nonnegative=True)
    yield Signed("a sum of nonnegative terms, each 0 only where pi(a) = pi~(a)", alpha * over_a(pi[a] * f[a]))


@derivation(
    "Eq. 43 for A = 2 and 3, a symbol for every entry",
    plants={
        "temperature dropped": {"improved": lambda q: soft_policy(q, sp.Integer(1))},
        "payoffs in reverse order": {"improved": lambda q: soft_policy(sp.Matrix(list(reversed(q))))},
    },
)
def policy_gap_small(improved: Any = soft_policy) -> Iterator[Step]:
    """The same identity without sums over an index."""
    for size in (2, 3):
        q = sp.Matrix([sp.Symbol(f"Q_{k + 1}", real=True) for k in range(size)])
        policy = distribution("pi", size)
        left = sum(x * y for x, y in zip(policy, q, strict=True)) + alpha * entropy(policy)
        yield Equal(
            f"A = {size}",
            left,
            soft_maximum(q)[0] - alpha * kl_divergence(policy, list(improved(q))),
            given=unit(policy),
        )


@derivation(
    "Theorem 4's assumption, for infinitely many actions: it has to bound sum_a exp(Q/alpha), not sum_a Q",
    plants={"Q falls": {"q": lambda k: -k}},
)
def policy_needs_a_partition_function(q: Any = lambda k: sp.Integer(0) * k) -> Iterator[Step]:
    """With finitely many actions a bounded Q suffices. With A = {1, 2, ...} and Q = 0 the printed assumption holds."""
    n = sp.Symbol("n", integer=True, positive=True)
    k = sp.Symbol("k", integer=True, positive=True)
    yield Equal("sum_a Q is bounded", sp.summation(q(k), (k, 1, n)), 0, name=r"\sum_{k=1}^{n} Q(k)")
    yield Tends("but the normaliser of eq. 38 is infinite", sp.summation(sp.exp(q(k)), (k, 1, n)), n, sp.oo, sp.oo, "-")


if __name__ == "__main__":
    present(globals())
